/* WebSocket streams over real sockets, against a server that does as it likes. */
#include "net/websocket.h"
#include "raw_server.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <setjmp.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { HEARD_SIZE = 8192 };

/* What the owner of the streams was told, as text: "opened 1; message 1 abc; closed 1 why; ". */
struct fixture {
    uv_loop_t loop;
    struct keel_multi *multi;
    struct keel_websockets *streams;
    char heard[HEARD_SIZE];
    size_t message_size; /* of the last one */
    size_t sizes[2];     /* of the first ones */
    int message_count;
    bool close_on_opened; /* what the owner does */
    bool close_on_message;
};

__attribute__((format(printf, 2, 3))) static void hear(struct fixture *fixture, const char *format,
                                                       ...)
{
    size_t used = strlen(fixture->heard);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fixture->heard + used, HEARD_SIZE - used, format, arguments);
    va_end(arguments);
}

static void on_opened(void *user, uint32_t number)
{
    struct fixture *fixture = user;
    hear(fixture, "opened %u; ", number);
    if (fixture->close_on_opened)
        keel_websockets_close(fixture->streams, number);
}

static void on_message(void *user, uint32_t number, keel_str bytes)
{
    struct fixture *fixture = user;
    fixture->message_size = bytes.size;
    if (fixture->message_count < 2)
        fixture->sizes[fixture->message_count++] = bytes.size;
    hear(fixture, "message %u %.*s; ", number, bytes.size > 40 ? 40 : (int)bytes.size, bytes.data);
    if (fixture->close_on_message)
        keel_websockets_close(fixture->streams, number);
}

static void on_alive(void *user, uint32_t number)
{
    hear(user, "alive %u; ", number);
}

static void on_closed(void *user, uint32_t number, const char *reason)
{
    hear(user, "closed %u %s; ", number, reason);
}

static void count_up(void *bytes, size_t size)
{
    static unsigned char next;
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)bytes)[i] = next++;
}

static void set_up_at(struct fixture *fixture, const char *path)
{
    memset(fixture, 0, sizeof(*fixture));
    uv_loop_init(&fixture->loop);
    fixture->multi = keel_multi_new(&fixture->loop);
    struct keel_websockets_config config = {
        .multi = fixture->multi,
        .loop = &fixture->loop,
        .path = path,
        .user = fixture,
        .on_opened = on_opened,
        .on_message = on_message,
        .on_alive = on_alive,
        .on_closed = on_closed,
        .random = count_up,
    };
    fixture->streams = keel_websockets_new(&config);
    assert_non_null(fixture->streams);
}

static void set_up(struct fixture *fixture)
{
    set_up_at(fixture, NULL);
}

static void tear_down(struct fixture *fixture)
{
    keel_websockets_free(fixture->streams);
    keel_multi_free(fixture->multi);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static void open_stream(struct fixture *fixture, uint32_t number, int port, const char *path,
                        const char *frames)
{
    char text[64];
    struct keel_url url;
    static struct keel_stream_request request;
    snprintf(text, sizeof(text), "ws://127.0.0.1:%d/private", port);
    assert_int_equal(keel_url_parse(keel_str_from(text), &url, NULL), KEEL_OK);
    strcpy(request.path, path);
    strcpy(request.frames, frames);
    strcpy(request.headers, "X-Size: 1\n");
    keel_websockets_open(fixture->streams, number, &url, &request);
}

static void wait_for(struct fixture *fixture, const char *text)
{
    for (int turn = 0; turn < 10000 && !strstr(fixture->heard, text); turn++)
        uv_run(&fixture->loop, UV_RUN_ONCE);
    assert_non_null(strstr(fixture->heard, text));
}

/* The server's side. */

static void make_accept(const char *request, char accept[64])
{
    const char *key = strstr(request, "\r\nSec-WebSocket-Key: ") + 21;
    char text[128];
    unsigned char digest[SHA_DIGEST_LENGTH];
    int size = snprintf(text, sizeof(text), "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    SHA1((unsigned char *)text, (size_t)size, digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof(digest));
}

static char last_request[RAW_REQUEST_SIZE];
static pthread_mutex_t last_request_lock = PTHREAD_MUTEX_INITIALIZER;

static bool read_upgrade(struct raw_connection *connection, char head[RAW_REQUEST_SIZE])
{
    if (!raw_read_head(connection, head))
        return false;
    pthread_mutex_lock(&last_request_lock);
    strcpy(last_request, head);
    pthread_mutex_unlock(&last_request_lock);
    return true;
}

/* Extra headers end with \r\n; rest are bytes that come in the same packet. */
static bool agree(struct raw_connection *connection, const char *extra, const char *rest,
                  size_t rest_size)
{
    char head[RAW_REQUEST_SIZE], accept[64], reply[2048];
    if (!read_upgrade(connection, head))
        return false;
    make_accept(head, accept);
    int size = snprintf(reply, sizeof(reply),
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
                        "connection: keep-alive, Upgrade\r\n%sSec-WebSocket-Accept: %s\r\n\r\n",
                        extra, accept);
    memcpy(reply + size, rest, rest_size);
    return raw_send(connection->fd, reply, (size_t)size + rest_size);
}

/* A frame of the server: not masked. */
static bool send_frame(int fd, bool fin, int opcode, const char *data, size_t size)
{
    unsigned char head[10] = {(unsigned char)((fin ? 0x80 : 0) | opcode)};
    size_t head_size = 2;
    if (size < 126) {
        head[1] = (unsigned char)size;
    } else if (size < 65536) {
        head[1] = 126;
        head[2] = (unsigned char)(size >> 8);
        head[3] = (unsigned char)size;
        head_size = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)(size >> (8 * (7 - i)));
        head_size = 10;
    }
    return raw_send(fd, (char *)head, head_size) && raw_send(fd, data, size);
}

struct frame {
    int opcode;
    bool masked;
    size_t size;
    char data[KEEL_STREAM_FRAMES_SIZE];
};

/* A frame of the client. */
static bool read_frame(int fd, struct frame *frame)
{
    unsigned char head[4], mask[4];
    memset(frame, 0, sizeof(*frame));
    if (!raw_read(fd, (char *)head, 2))
        return false;
    frame->opcode = head[0] & 0x0f;
    frame->masked = head[1] & 0x80;
    frame->size = head[1] & 0x7f;
    if (frame->size == 126) {
        if (!raw_read(fd, (char *)head, 2))
            return false;
        frame->size = (size_t)(head[0] << 8 | head[1]);
    }
    if (frame->size >= sizeof(frame->data) || !raw_read(fd, (char *)mask, 4) ||
        !raw_read(fd, frame->data, frame->size))
        return false;
    for (size_t i = 0; i < frame->size; i++)
        frame->data[i] = (char)(frame->data[i] ^ mask[i % 4]);
    return true;
}

static struct frame last_frame;
static atomic_int frames_read;

static void read_frames(int fd)
{
    struct frame frame;
    while (read_frame(fd, &frame)) {
        last_frame = frame;
        atomic_fetch_add(&frames_read, 1);
    }
}

static void run_against(raw_serve serve, struct fixture *fixture, const char *until)
{
    struct raw_server server;
    atomic_store(&frames_read, 0);
    raw_server_start(&server, serve, NULL);
    set_up(fixture);
    open_stream(fixture, 1, server.port, "/ws/the-listen-key", "");
    wait_for(fixture, until);
    tear_down(fixture);
    raw_server_stop(&server);
}

static void serve_hello(struct raw_connection *connection)
{
    if (agree(connection, "", "\x81\x05hello\x81\x05w", 10))
        raw_send(connection->fd, "orld", 4);
    read_frames(connection->fd);
}

static void text_comes_whole_from_the_first_byte_after_the_upgrade(void **state)
{
    (void)state;
    struct fixture fixture;
    run_against(serve_hello, &fixture, "world");
    assert_string_equal(fixture.heard, "opened 1; message 1 hello; message 1 world; ");
    assert_ptr_equal(strstr(last_request, "GET /private/ws/the-listen-key HTTP/1.1\r\n"),
                     last_request);
    assert_non_null(strstr(last_request, "\r\nSec-WebSocket-Version: 13\r\n"));
    assert_non_null(strstr(last_request, "\r\nHost: 127.0.0.1:"));
}

static void hosts_may_have_a_path_of_their_own_for_every_stream(void **state)
{
    (void)state;
    struct fixture fixture;
    struct raw_server server;
    raw_server_start(&server, serve_hello, NULL);
    set_up_at(&fixture, "/demo/ws");
    open_stream(&fixture, 1, server.port, "/ws", "");
    wait_for(&fixture, "world");
    tear_down(&fixture);
    raw_server_stop(&server);
    assert_ptr_equal(strstr(last_request, "GET /private/demo/ws HTTP/1.1\r\n"), last_request);
}

static void serve_in_drops(struct raw_connection *connection)
{
    char head[RAW_REQUEST_SIZE], accept[64], reply[512];
    if (!read_upgrade(connection, head))
        return;
    make_accept(head, accept);
    int size = snprintf(reply, sizeof(reply),
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
                        "\x81\x05hello\x89\x01p\x81\x05world",
                        accept);
    for (int i = 0; i < size; i++) {
        raw_send(connection->fd, reply + i, 1);
        usleep(200);
    }
    read_frames(connection->fd);
}

static void bytes_may_come_one_at_a_time(void **state)
{
    (void)state;
    struct fixture fixture;
    run_against(serve_in_drops, &fixture, "world");
    assert_string_equal(fixture.heard, "opened 1; message 1 hello; alive 1; message 1 world; ");
}

static void serve_wrong_accept(struct raw_connection *connection)
{
    char head[RAW_REQUEST_SIZE];
    read_upgrade(connection, head);
    raw_send_text(connection->fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                  "Connection: Upgrade\r\n"
                                  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
                                  "\x81\x05hello");
    read_frames(connection->fd);
}

static void serve_no_accept(struct raw_connection *connection)
{
    char head[RAW_REQUEST_SIZE];
    read_upgrade(connection, head);
    raw_send_text(connection->fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                  "Connection: Upgrade\r\n\r\n");
    read_frames(connection->fd);
}

static void serve_extension(struct raw_connection *connection)
{
    agree(connection, "Sec-WebSocket-Extensions: permessage-deflate\r\n", "", 0);
    read_frames(connection->fd);
}

static void serve_forbidden(struct raw_connection *connection)
{
    char head[RAW_REQUEST_SIZE];
    read_upgrade(connection, head);
    raw_send_text(connection->fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    read_frames(connection->fd);
}

static void serve_noise(struct raw_connection *connection)
{
    char head[RAW_REQUEST_SIZE];
    read_upgrade(connection, head);
    raw_send_text(connection->fd, "SSH-2.0-OpenSSH_9.2\r\n");
    read_frames(connection->fd);
}

static void serve_end(struct raw_connection *connection)
{
    char head[RAW_REQUEST_SIZE];
    read_upgrade(connection, head);
    raw_send_text(connection->fd, "HTTP/1.1 101 Switching Protocols\r\nUpgra");
}

static void an_upgrade_that_is_not_ours_is_refused(void **state)
{
    (void)state;
    static const struct {
        raw_serve serve;
        const char *heard;
    } cases[] = {
        {serve_wrong_accept, "closed 1 the reply to the upgrade does not prove a WebSocket; "},
        {serve_no_accept,    "closed 1 the reply to the upgrade does not prove a WebSocket; "},
        {serve_extension,    "closed 1 the reply to the upgrade does not prove a WebSocket; "},
        {serve_forbidden,    "closed 1 the venue answered 403 to the upgrade; "              },
        {serve_noise,        "closed 1 the reply to the upgrade is no HTTP; "                },
        {serve_end,          "closed 1 the venue ended the connection; "                     },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture fixture;
        run_against(cases[i].serve, &fixture, "closed");
        assert_string_equal(fixture.heard, cases[i].heard);
    }
}

static void a_refused_connection_closes_the_stream(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    open_stream(&fixture, 4, raw_dead_port(), "/ws/key", "");
    assert_string_equal(fixture.heard, ""); /* never from inside the call */
    wait_for(&fixture, "closed 4 Failed to connect");
    tear_down(&fixture);
}

static void serve_fragments(struct raw_connection *connection)
{
    int fd = connection->fd;
    agree(connection, "", "", 0);
    send_frame(fd, false, 1, "{\"a\":", 5);
    send_frame(fd, true, 9, "are you there", 13); /* a control frame may come in between */
    send_frame(fd, false, 0, "12", 2);
    send_frame(fd, true, 0, "3}", 2);
    read_frames(fd);
}

static void a_fragmented_message_comes_whole(void **state)
{
    (void)state;
    struct fixture fixture;
    run_against(serve_fragments, &fixture, "message");
    assert_string_equal(fixture.heard, "opened 1; alive 1; message 1 {\"a\":123}; ");
}

static void serve_ping(struct raw_connection *connection)
{
    struct frame frame;
    agree(connection, "", "", 0);
    send_frame(connection->fd, true, 9, "1700000000000", 13);
    if (!read_frame(connection->fd, &frame))
        return;
    last_frame = frame;
    send_frame(connection->fd, true, 1, "pong seen", 9);
    read_frames(connection->fd);
}

static void a_ping_is_answered_with_its_own_payload(void **state)
{
    (void)state;
    struct fixture fixture;
    struct raw_server server;
    raw_server_start(&server, serve_ping, NULL);
    set_up(&fixture);
    open_stream(&fixture, 1, server.port, "/ws/key", "");
    wait_for(&fixture, "pong seen");
    assert_int_equal(last_frame.opcode, 10);
    assert_true(last_frame.masked);
    assert_string_equal(last_frame.data, "1700000000000");
    assert_string_equal(fixture.heard, "opened 1; alive 1; message 1 pong seen; ");
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void serve_echo(struct raw_connection *connection)
{
    struct frame frame;
    agree(connection, "", "", 0);
    while (read_frame(connection->fd, &frame))
        send_frame(connection->fd, true, frame.opcode == 9 ? 10 : frame.opcode, frame.data,
                   frame.size);
}

static void our_ping_and_our_text_leave_on_an_open_stream_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    keel_websockets_ping(fixture.streams, 1);
    assert_false(keel_websockets_send(fixture.streams, 1, KEEL_STR("too early")));

    struct raw_server server;
    raw_server_start(&server, serve_echo, NULL);
    open_stream(&fixture, 1, server.port, "/ws", "");
    assert_false(keel_websockets_send(fixture.streams, 1, KEEL_STR("not open yet")));
    wait_for(&fixture, "opened 1");
    keel_websockets_ping(fixture.streams, 1);
    wait_for(&fixture, "alive 1");
    assert_true(keel_websockets_send(fixture.streams, 1, KEEL_STR("an order")));
    wait_for(&fixture, "message 1 an order");
    keel_websockets_close(fixture.streams, 1);
    assert_false(keel_websockets_send(fixture.streams, 1, KEEL_STR("too late")));
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void serve_first_frame(struct raw_connection *connection)
{
    struct frame frame;
    agree(connection, "", "", 0);
    while (read_frame(connection->fd, &frame) && frame.opcode == 1)
        send_frame(connection->fd, true, frame.opcode, frame.data, frame.size);
    read_frames(connection->fd);
}

static void the_first_frames_leave_when_the_stream_is_open(void **state)
{
    (void)state;
    static char path[KEEL_STREAM_PATH_SIZE], frame[KEEL_STREAM_FRAMES_SIZE];
    memset(path, 'p', sizeof(path) - 1);
    memset(frame, 'f', sizeof(frame) - 1);
    frame[sizeof(frame) / 2] = frame[sizeof(frame) - 2] = '\n'; /* two frames */
    path[0] = '/';
    struct fixture fixture;
    struct raw_server server;
    raw_server_start(&server, serve_first_frame, NULL);
    set_up(&fixture);
    open_stream(&fixture, 1, server.port, path, frame);
    while (fixture.message_count < 2) /* both may come in one turn */
        uv_run(&fixture.loop, UV_RUN_ONCE);
    assert_int_equal(fixture.sizes[0], sizeof(frame) / 2);
    assert_int_equal(fixture.sizes[1], sizeof(frame) / 2 - 3);
    assert_non_null(strstr(last_request, path));
    assert_non_null(strstr(last_request, "\r\nX-Size: 1\r\n"));
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void serve_close(struct raw_connection *connection)
{
    agree(connection, "", "\x81\x05hello", 7);
    send_frame(connection->fd, true, 8, "\x03\xe9going away", 12);
    read_frames(connection->fd);
}

static void the_venues_close_is_answered_and_told(void **state)
{
    (void)state;
    struct fixture fixture;
    struct raw_server server;
    atomic_store(&frames_read, 0);
    raw_server_start(&server, serve_close, NULL);
    set_up(&fixture);
    open_stream(&fixture, 1, server.port, "/ws/key", "");
    wait_for(&fixture, "closed");
    assert_string_equal(
        fixture.heard,
        "opened 1; message 1 hello; closed 1 the venue closed the stream: 1001 going away; ");
    tear_down(&fixture);
    raw_server_stop(&server);
    assert_int_equal(frames_read, 1);
    assert_int_equal(last_frame.opcode, 8);
}

static void serve_cut(struct raw_connection *connection)
{
    agree(connection, "", "\x81\x05hel", 5);
}

static void a_frame_that_is_cut_is_not_delivered(void **state)
{
    (void)state;
    struct fixture fixture;
    run_against(serve_cut, &fixture, "closed");
    assert_string_equal(fixture.heard, "opened 1; closed 1 the venue ended the connection; ");
}

static void serve_masked(struct raw_connection *connection)
{
    agree(connection, "", "\x81\x81\x01\x02\x03\x04\x05", 7);
    read_frames(connection->fd);
}

static void serve_bad_utf8(struct raw_connection *connection)
{
    agree(connection, "", "\x81\x02\xc3\x28", 4);
    read_frames(connection->fd);
}

static void serve_large(struct raw_connection *connection)
{
    static char data[KEEL_MESSAGE_SIZE_MAX + 1];
    memset(data, 'x', sizeof(data));
    agree(connection, "", "", 0);
    send_frame(connection->fd, true, 1, data, sizeof(data) - 1);
    send_frame(connection->fd, true, 1, data, sizeof(data));
    read_frames(connection->fd);
}

static void bytes_out_of_order_close_the_stream(void **state)
{
    (void)state;
    struct fixture fixture;
    run_against(serve_masked, &fixture, "closed");
    assert_string_equal(fixture.heard, "opened 1; closed 1 what came is no WebSocket frame; ");
    run_against(serve_bad_utf8, &fixture, "closed");
    assert_string_equal(fixture.heard, "opened 1; closed 1 a message is not UTF-8; ");
}

static void a_message_of_a_mebibyte_comes_and_a_larger_one_closes_the_stream(void **state)
{
    (void)state;
    struct fixture fixture;
    run_against(serve_large, &fixture, "closed");
    assert_int_equal(fixture.message_size, KEEL_MESSAGE_SIZE_MAX);
    assert_non_null(strstr(fixture.heard, "; closed 1 a message is larger than 1048576 bytes; "));
}

static void serve_many(struct raw_connection *connection)
{
    agree(connection, "",
          "\x81\x01"
          "a\x81\x01"
          "b\x81\x01"
          "c",
          9);
    read_frames(connection->fd);
}

static void nothing_is_told_after_the_owner_closed(void **state)
{
    (void)state;
    struct fixture fixture;
    struct raw_server server;
    for (int when = 0; when < 2; when++) {
        atomic_store(&frames_read, 0);
        raw_server_start(&server, serve_many, NULL);
        set_up(&fixture);
        fixture.close_on_opened = when == 0;
        fixture.close_on_message = when == 1;
        open_stream(&fixture, 1, server.port, "/ws/key", "");
        wait_for(&fixture, "opened");
        while (frames_read == 0)
            uv_run(&fixture.loop, UV_RUN_NOWAIT);
        uv_run(&fixture.loop, UV_RUN_NOWAIT);
        assert_string_equal(fixture.heard, when == 0 ? "opened 1; " : "opened 1; message 1 a; ");
        assert_int_equal(last_frame.opcode, 8); /* and the venue was told */
        tear_down(&fixture);
        raw_server_stop(&server);
    }
}

static void a_stream_closed_before_it_is_open_is_never_heard_of(void **state)
{
    (void)state;
    struct fixture fixture;
    struct raw_server server;
    raw_server_start(&server, serve_hello, NULL);
    set_up(&fixture);
    open_stream(&fixture, 1, server.port, "/ws/key", "");
    keel_websockets_close(fixture.streams, 1);
    keel_websockets_close(fixture.streams, 1);
    keel_websockets_close(fixture.streams, 99);
    open_stream(&fixture, 2, server.port, "/ws/key", "");
    wait_for(&fixture, "message 2 world");
    assert_null(strstr(fixture.heard, " 1 "));
    assert_null(strstr(fixture.heard, "opened 1"));
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void serve_reset(struct raw_connection *connection)
{
    struct linger linger = {.l_onoff = 1};
    agree(connection, "", "", 0);
    struct frame frame;
    (void)read_frame(connection->fd, &frame);
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    int spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup3(spare, connection->fd, O_CLOEXEC); /* closes the socket with a reset, keeps the number */
    close(spare);
}

static void a_reset_closes_the_stream_and_raises_no_signal(void **state)
{
    (void)state;
    struct fixture fixture;
    struct raw_server server;
    raw_server_start(&server, serve_reset, NULL);
    set_up(&fixture);
    open_stream(&fixture, 1, server.port, "/ws/key", "subscribe\n");
    wait_for(&fixture, "closed 1");
    assert_ptr_equal(strstr(fixture.heard, "opened 1; closed 1 "), fixture.heard);
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void two_streams_and_a_later_one_keep_their_numbers(void **state)
{
    (void)state;
    struct fixture fixture;
    struct raw_server server;
    raw_server_start(&server, serve_many, NULL);
    set_up(&fixture);
    open_stream(&fixture, 1, server.port, "/ws/key", "");
    open_stream(&fixture, 2, server.port, "/ws/key", "");
    wait_for(&fixture, "message 1 c");
    wait_for(&fixture, "message 2 c");
    keel_websockets_close(fixture.streams, 1);
    open_stream(&fixture, 3, server.port, "/ws/key", "");
    wait_for(&fixture, "message 3 c");
    assert_null(strstr(fixture.heard, "closed"));
    tear_down(&fixture);
    raw_server_stop(&server);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_comes_whole_from_the_first_byte_after_the_upgrade),
        cmocka_unit_test(hosts_may_have_a_path_of_their_own_for_every_stream),
        cmocka_unit_test(bytes_may_come_one_at_a_time),
        cmocka_unit_test(an_upgrade_that_is_not_ours_is_refused),
        cmocka_unit_test(a_refused_connection_closes_the_stream),
        cmocka_unit_test(a_fragmented_message_comes_whole),
        cmocka_unit_test(a_ping_is_answered_with_its_own_payload),
        cmocka_unit_test(our_ping_and_our_text_leave_on_an_open_stream_alone),
        cmocka_unit_test(the_first_frames_leave_when_the_stream_is_open),
        cmocka_unit_test(the_venues_close_is_answered_and_told),
        cmocka_unit_test(a_frame_that_is_cut_is_not_delivered),
        cmocka_unit_test(bytes_out_of_order_close_the_stream),
        cmocka_unit_test(a_message_of_a_mebibyte_comes_and_a_larger_one_closes_the_stream),
        cmocka_unit_test(nothing_is_told_after_the_owner_closed),
        cmocka_unit_test(a_stream_closed_before_it_is_open_is_never_heard_of),
        cmocka_unit_test(a_reset_closes_the_stream_and_raises_no_signal),
        cmocka_unit_test(two_streams_and_a_later_one_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

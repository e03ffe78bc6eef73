#include "net/websocket.h"

#include <http_parser.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <wslay/wslay.h>

enum {
    KEEL_UPGRADE_SIZE =
        KEEL_STREAM_PATH_SIZE + KEEL_URL_ORIGIN_SIZE + 2 * KEEL_REQUEST_HEADERS_SIZE + 512,
    KEEL_STREAM_INPUT_SIZE = 16384,
    KEEL_WEBSOCKET_KEY_SIZE = 25,    /* 16 bytes in base64, and a zero */
    KEEL_WEBSOCKET_ACCEPT_SIZE = 29, /* 20 bytes in base64, and a zero */
};

enum state {
    CONNECTING,
    UPGRADING,
    OPEN,
    CLOSING,
};

/* The reply to the upgrade, as far as it was read. */
struct upgrade {
    http_parser parser;
    char accept[KEEL_WEBSOCKET_ACCEPT_SIZE]; /* what the venue must answer */
    bool value_began;                        /* of the header that is being read */
    size_t name_size, value_size;
    char name[32];
    char value[128];
    bool upgrade_agreed, connection_agreed, accept_agreed, unasked;
    bool whole;
};

struct stream {
    struct keel_transfer transfer; /* first, so both have one address */
    struct keel_websockets *streams;
    struct stream *next;
    uint32_t number;
    enum state state;
    bool reading;       /* inside wslay: not to be freed now */
    bool polling, more; /* the poll handle exists; bytes were left for the next turn */
    uv_poll_t poll;
    uv_timer_t timer;
    int handles; /* of libuv, that still need their close */

    struct upgrade upgrade;
    size_t output_size, output_sent;
    char output[KEEL_UPGRADE_SIZE]; /* the upgrade request */
    size_t input_begin, input_end;
    char input[KEEL_STREAM_INPUT_SIZE]; /* read, and not yet used */
    size_t turn_size;                   /* bytes read in this turn */

    wslay_event_context_ptr frames;
    char first_frames[KEEL_STREAM_FRAMES_SIZE]; /* lines */
    char origin[KEEL_URL_ORIGIN_SIZE];
    char error[CURL_ERROR_SIZE];
    char reason[128]; /* why it ends; "" while it does not */
};

struct keel_websockets {
    struct keel_websockets_config config;
    struct stream *first;
};

static void unlink_stream(struct stream *stream)
{
    struct stream **link = &stream->streams->first;
    while (*link != stream)
        link = &(*link)->next;
    *link = stream->next;
}

static void free_stream(uv_handle_t *handle)
{
    struct stream *stream = handle->data;
    if (--stream->handles == 0)
        free(stream);
}

/* The descriptor is watched no more before libcurl closes it. */
static void end_stream(struct stream *stream)
{
    KEEL_ASSERT(!stream->reading);
    unlink_stream(stream);
    if (stream->polling)
        uv_poll_stop(&stream->poll);
    keel_multi_remove(stream->streams->config.multi, &stream->transfer);
    curl_easy_cleanup(stream->transfer.easy);
    wslay_event_context_free(stream->frames);
    stream->frames = NULL;
    uv_timer_stop(&stream->timer);
    if (stream->polling)
        uv_close((uv_handle_t *)&stream->poll, free_stream);
    uv_close((uv_handle_t *)&stream->timer, free_stream);
}

KEEL_PRINTF(2, 3) static void set_reason(struct stream *stream, const char *format, ...)
{
    if (stream->reason[0]) /* the first is the cause */
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(stream->reason, sizeof(stream->reason), format, arguments);
    va_end(arguments);
}

/* Told last: the owner may open the next stream from there. */
static void end_and_tell(struct stream *stream)
{
    const struct keel_websockets_config *config = &stream->streams->config;
    bool heard = stream->state != CLOSING;
    uint32_t number = stream->number;
    char reason[sizeof(stream->reason)];
    memcpy(reason, stream->reason, sizeof(reason));
    end_stream(stream);
    if (heard)
        config->on_closed(config->user, number, reason);
}

/* What libcurl has, up to the turn's bound. 0 for the end, -1 for nothing now. */
static ssize_t receive(struct stream *stream, void *buffer, size_t size)
{
    if (stream->turn_size >= KEEL_STREAM_TURN_SIZE_MAX) {
        stream->more = true; /* TLS may hold bytes that no poll announces */
        return -1;
    }
    size_t got = 0;
    CURLcode code = curl_easy_recv(stream->transfer.easy, buffer, size, &got);
    if (code == CURLE_AGAIN)
        return -1;
    if (code != CURLE_OK || got == 0) {
        set_reason(stream, code == CURLE_OK ? "the venue ended the connection" : "%s",
                   curl_easy_strerror(code));
        return 0;
    }
    stream->turn_size += got;
    return (ssize_t)got;
}

static ssize_t receive_frames(wslay_event_context_ptr context, uint8_t *buffer, size_t size,
                              int flags, void *user)
{
    (void)flags;
    struct stream *stream = user;
    size_t kept = stream->input_end - stream->input_begin;
    if (kept > 0) {
        size_t used = kept < size ? kept : size;
        memcpy(buffer, stream->input + stream->input_begin, used);
        stream->input_begin += used;
        return (ssize_t)used;
    }
    ssize_t got = receive(stream, buffer, size);
    if (got > 0)
        return got;
    wslay_event_set_error(context, got < 0 ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t send_frames(wslay_event_context_ptr context, const uint8_t *data, size_t size,
                           int flags, void *user)
{
    (void)flags;
    struct stream *stream = user;
    size_t sent = 0;
    CURLcode code = curl_easy_send(stream->transfer.easy, data, size, &sent);
    if (code == CURLE_OK && sent > 0)
        return (ssize_t)sent;
    bool again = code == CURLE_OK || code == CURLE_AGAIN;
    if (!again)
        set_reason(stream, "%s", curl_easy_strerror(code));
    wslay_event_set_error(context, again ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static int make_mask(wslay_event_context_ptr context, uint8_t *buffer, size_t size, void *user)
{
    (void)context;
    struct stream *stream = user;
    stream->streams->config.random(buffer, size);
    return 0;
}

/* Words of the venue in a message of ours: printable ones. */
static void set_close_reason(struct stream *stream, const struct wslay_event_on_msg_recv_arg *close)
{
    char words[64] = "";
    size_t size = 0;
    for (size_t i = 2; i < close->msg_length && size < sizeof(words) - 1; i++) {
        if (close->msg[i] >= ' ' && close->msg[i] < 0x7f)
            words[size++] = (char)close->msg[i];
    }
    set_reason(stream, "the venue closed the stream: %u%s%s", close->status_code, size ? " " : "",
               words);
}

static void receive_message(wslay_event_context_ptr context,
                            const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    (void)context;
    struct stream *stream = user;
    const struct keel_websockets_config *config = &stream->streams->config;
    if (stream->state != OPEN)
        return;

    switch (message->opcode) {
    case WSLAY_TEXT_FRAME:
    case WSLAY_BINARY_FRAME:
        config->on_message(config->user, stream->number,
                           (keel_str){(const char *)message->msg, message->msg_length});
        break;
    case WSLAY_PING: /* wslay has queued the pong, with the same payload */
    case WSLAY_PONG: config->on_alive(config->user, stream->number); break;
    case WSLAY_CONNECTION_CLOSE: set_close_reason(stream, message); break;
    }
}

static bool wants_to_send(const struct stream *stream)
{
    if (stream->frames)
        return wslay_event_want_write(stream->frames);
    return stream->output_sent < stream->output_size;
}

static void on_poll(uv_poll_t *poll, int status, int events);
static void on_timer(uv_timer_t *timer);

static void watch(struct stream *stream)
{
    int events = UV_READABLE | (wants_to_send(stream) ? UV_WRITABLE : 0);
    uv_poll_start(&stream->poll, events, on_poll);
}

/* What wslay found wrong by itself: it has closed its reading side and queued a close frame. */
static void set_protocol_reason(struct stream *stream)
{
    switch (wslay_event_get_status_code_sent(stream->frames)) {
    case WSLAY_CODE_MESSAGE_TOO_BIG:
        set_reason(stream, "a message is larger than %d bytes", KEEL_MESSAGE_SIZE_MAX);
        break;
    case WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA: set_reason(stream, "a message is not UTF-8"); break;
    default: set_reason(stream, "what came is no WebSocket frame"); break;
    }
}

/* One turn of an open or closing stream. May end it. */
static void turn_frames(struct stream *stream)
{
    stream->turn_size = 0;
    stream->more = false;
    stream->reading = true;
    bool failed = wslay_event_recv(stream->frames) != 0;
    stream->reading = false;
    failed |= wslay_event_send(stream->frames) != 0;

    bool closed = wslay_event_get_close_received(stream->frames);
    if (!failed && !closed && !wslay_event_want_read(stream->frames))
        set_protocol_reason(stream);
    if (failed || closed || !wslay_event_want_read(stream->frames)) {
        set_reason(stream, failed ? "out of memory for a message" : "the venue closed the stream");
        end_and_tell(stream);
        return;
    }
    if (stream->more && stream->state == OPEN)
        uv_timer_start(&stream->timer, on_timer, 0, 0);
    watch(stream);
}

static void append(char *buffer, size_t buffer_size, size_t *used, const char *at, size_t size)
{
    if (size > buffer_size - *used)
        size = buffer_size - *used; /* too long for any header that we look for */
    memcpy(buffer + *used, at, size);
    *used += size;
}

static bool header_is(const struct upgrade *upgrade, const char *name)
{
    return upgrade->name_size == strlen(name) &&
           strncasecmp(upgrade->name, name, upgrade->name_size) == 0;
}

static void judge_header(struct upgrade *upgrade)
{
    keel_str value = {upgrade->value, upgrade->value_size};
    char text[sizeof(upgrade->value) + 1];
    (void)keel_str_copy(value, text, sizeof(text));
    if (header_is(upgrade, "upgrade"))
        upgrade->upgrade_agreed = strcasecmp(text, "websocket") == 0;
    else if (header_is(upgrade, "connection"))
        upgrade->connection_agreed = strcasestr(text, "upgrade") != NULL;
    else if (header_is(upgrade, "sec-websocket-accept"))
        upgrade->accept_agreed = strcmp(text, upgrade->accept) == 0;
    else if (header_is(upgrade, "sec-websocket-extensions") ||
             header_is(upgrade, "sec-websocket-protocol"))
        upgrade->unasked = true; /* we asked for none: what follows could not be read */
}

static void finish_header(struct upgrade *upgrade)
{
    if (upgrade->value_began)
        judge_header(upgrade);
    upgrade->value_began = false;
    upgrade->name_size = upgrade->value_size = 0;
}

/* A name or a value may come in pieces. */
static int keep_name(http_parser *parser, const char *at, size_t size)
{
    struct upgrade *upgrade = parser->data;
    if (upgrade->value_began)
        finish_header(upgrade);
    append(upgrade->name, sizeof(upgrade->name), &upgrade->name_size, at, size);
    return 0;
}

static int keep_value(http_parser *parser, const char *at, size_t size)
{
    struct upgrade *upgrade = parser->data;
    upgrade->value_began = true;
    append(upgrade->value, sizeof(upgrade->value), &upgrade->value_size, at, size);
    return 0;
}

/* After a 101 the parser stops behind the headers by itself: what follows are frames. */
static int finish_headers(http_parser *parser)
{
    struct upgrade *upgrade = parser->data;
    finish_header(upgrade);
    upgrade->whole = true;
    return 0;
}

static bool is_agreed(const struct upgrade *upgrade)
{
    return upgrade->parser.status_code == 101 && upgrade->upgrade_agreed &&
           upgrade->connection_agreed && upgrade->accept_agreed && !upgrade->unasked;
}

/* Base64 of the SHA-1 of the key with the protocol's own text (RFC 6455, 4.2.2). */
static void expect_accept(struct upgrade *upgrade, const char *key)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[KEEL_WEBSOCKET_KEY_SIZE + sizeof(guid)];
    int size = snprintf(text, sizeof(text), "%s%s", key, guid);
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1((const unsigned char *)text, (size_t)size, digest);
    EVP_EncodeBlock((unsigned char *)upgrade->accept, digest, sizeof(digest));
}

/* The lines of a request's headers as they go on the wire. */
static void write_headers(char *output, const char *lines)
{
    size_t size = 0;
    for (; *lines; lines++) {
        if (*lines == '\n')
            output[size++] = '\r';
        output[size++] = *lines;
    }
    output[size] = '\0';
}

static void write_upgrade(struct stream *stream, const struct keel_url *url,
                          const struct keel_stream_request *request)
{
    unsigned char nonce[16];
    char key[KEEL_WEBSOCKET_KEY_SIZE], authority[KEEL_URL_AUTHORITY_SIZE];
    char headers[2 * KEEL_REQUEST_HEADERS_SIZE];
    const char *path = stream->streams->config.path;
    write_headers(headers, request->headers);
    stream->streams->config.random(nonce, sizeof(nonce));
    EVP_EncodeBlock((unsigned char *)key, nonce, sizeof(nonce));
    expect_accept(&stream->upgrade, key);
    keel_url_format_authority(url, authority);
    int size = snprintf(stream->output, sizeof(stream->output),
                        "GET %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: keel\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n%s\r\n",
                        url->prefix, path ? path : request->path, authority, key, headers);
    stream->output_size = (size_t)size;
}

static bool queue_frame(struct stream *stream, uint8_t opcode, keel_str payload)
{
    struct wslay_event_msg frame = {
        .opcode = opcode,
        .msg = (const uint8_t *)payload.data,
        .msg_length = payload.size,
    };
    return wslay_event_queue_msg(stream->frames, &frame) == 0;
}

/* Queues each line as a frame. */
static bool queue_lines(struct stream *stream, const char *lines)
{
    const char *end;
    for (; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
        if (!queue_frame(stream, WSLAY_TEXT_FRAME, (keel_str){lines, (size_t)(end - lines)}))
            return false;
    }
    return true;
}

static bool begin_frames(struct stream *stream)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = receive_frames,
        .send_callback = send_frames,
        .genmask_callback = make_mask,
        .on_msg_recv_callback = receive_message,
    };
    if (wslay_event_context_client_init(&stream->frames, &callbacks, stream) != 0)
        return false;
    wslay_event_config_set_max_recv_msg_length(stream->frames, KEEL_MESSAGE_SIZE_MAX);

    return queue_lines(stream, stream->first_frames);
}

static void enter_open(struct stream *stream)
{
    const struct keel_websockets_config *config = &stream->streams->config;
    if (!begin_frames(stream)) {
        set_reason(stream, "out of memory for a stream");
        end_and_tell(stream);
        return;
    }
    stream->state = OPEN;
    uv_timer_stop(&stream->timer);
    stream->reading = true; /* closed from inside the call, it must live on until its end */
    config->on_opened(config->user, stream->number);
    stream->reading = false;
    turn_frames(stream); /* frames may have come with the reply */
}

static void refuse_upgrade(struct stream *stream)
{
    unsigned status = stream->upgrade.parser.status_code;
    if (!stream->upgrade.whole)
        set_reason(stream, "the reply to the upgrade is no HTTP");
    else if (status != 101)
        set_reason(stream, "the venue answered %u to the upgrade", status);
    else
        set_reason(stream, "the reply to the upgrade does not prove a WebSocket");
    end_and_tell(stream);
}

/* Feeds what came to the parser. True when the headers are whole; what is left over stays. */
static bool parse_upgrade(struct stream *stream, size_t size)
{
    static const http_parser_settings settings = {
        .on_header_field = keep_name,
        .on_header_value = keep_value,
        .on_headers_complete = finish_headers,
    };
    size_t used = http_parser_execute(&stream->upgrade.parser, &settings, stream->input, size);
    if (!stream->upgrade.whole)
        return false;
    stream->input_begin = used;
    stream->input_end = size;
    return true;
}

/* One turn of a stream that is not open yet. May end it. */
static void read_upgrade(struct stream *stream)
{
    stream->turn_size = 0;
    for (;;) {
        ssize_t got = receive(stream, stream->input, sizeof(stream->input));
        if (got < 0)
            return;
        if (got == 0) {
            end_and_tell(stream);
            return;
        }
        bool whole = parse_upgrade(stream, (size_t)got);
        if (whole && is_agreed(&stream->upgrade)) {
            enter_open(stream);
            return;
        }
        if (whole || HTTP_PARSER_ERRNO(&stream->upgrade.parser) != HPE_OK) {
            refuse_upgrade(stream);
            return;
        }
    }
}

/* False when the stream has ended. */
static bool send_upgrade(struct stream *stream)
{
    while (stream->output_sent < stream->output_size) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(stream->transfer.easy, stream->output + stream->output_sent,
                                       stream->output_size - stream->output_sent, &sent);
        if (code == CURLE_AGAIN)
            break;
        if (code != CURLE_OK) {
            set_reason(stream, "%s", curl_easy_strerror(code));
            end_and_tell(stream);
            return false;
        }
        stream->output_sent += sent;
    }
    watch(stream);
    return true;
}

static void turn(struct stream *stream)
{
    switch (stream->state) {
    case CONNECTING: break; /* libcurl's */
    case UPGRADING:
        if (send_upgrade(stream))
            read_upgrade(stream);
        break;
    case OPEN:
    case CLOSING: turn_frames(stream); break;
    }
}

/* A status below zero is an error of the socket: reading tells which. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    turn(poll->data);
}

static void on_timer(uv_timer_t *timer)
{
    struct stream *stream = timer->data;
    switch (stream->state) {
    case CONNECTING: set_reason(stream, "no connection in time"); break;
    case UPGRADING: set_reason(stream, "no answer to the upgrade in time"); break;
    case OPEN: turn_frames(stream); return; /* what the last turn left */
    case CLOSING: break;
    }
    end_and_tell(stream);
}

static void on_connected(struct keel_transfer *transfer, CURLcode code)
{
    struct stream *stream = (struct stream *)transfer;
    if (code != CURLE_OK) {
        set_reason(stream, "%s", stream->error[0] ? stream->error : curl_easy_strerror(code));
        end_and_tell(stream);
        return;
    }

    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD ||
        uv_poll_init_socket(stream->streams->config.loop, &stream->poll, fd) != 0) {
        set_reason(stream, "the socket cannot be watched");
        end_and_tell(stream);
        return;
    }
    stream->poll.data = stream;
    stream->polling = true;
    stream->handles++;
    stream->state = UPGRADING;
    turn(stream);
}

static void set_up_connection(struct stream *stream, const struct keel_url *url)
{
    CURL *easy = stream->transfer.easy;
    const struct keel_websockets_config *config = &stream->streams->config;
    curl_easy_setopt(easy, CURLOPT_URL, stream->origin);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)KEEL_HANDSHAKE_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L); /* a proxy must not read frames */
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, stream->error);
    if (config->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
    if (keel_url_is_loopback(url))
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
}

static struct stream *new_stream(struct keel_websockets *streams, uint32_t number)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    KEEL_ASSERT(stream != NULL);
    stream->transfer = (struct keel_transfer){.easy = curl_easy_init(), .on_done = on_connected};
    KEEL_ASSERT(stream->transfer.easy != NULL);
    stream->streams = streams;
    stream->number = number;
    stream->next = streams->first;
    streams->first = stream;
    uv_timer_init(streams->config.loop, &stream->timer);
    stream->timer.data = stream;
    stream->handles = 1;
    http_parser_init(&stream->upgrade.parser, HTTP_RESPONSE);
    stream->upgrade.parser.data = &stream->upgrade;
    return stream;
}

struct keel_websockets *keel_websockets_new(const struct keel_websockets_config *config)
{
    struct keel_websockets *streams = calloc(1, sizeof(*streams));
    if (streams)
        streams->config = *config;
    return streams;
}

void keel_websockets_free(struct keel_websockets *streams)
{
    if (!streams)
        return;
    while (streams->first) {
        struct stream *stream = streams->first;
        if (stream->state == OPEN) {
            (void)wslay_event_queue_close(stream->frames, WSLAY_CODE_GOING_AWAY, NULL, 0);
            (void)wslay_event_send(stream->frames); /* a courtesy: nobody waits for it */
        }
        end_stream(stream);
    }
    free(streams);
}

void keel_websockets_open(struct keel_websockets *streams, uint32_t number,
                          const struct keel_url *url, const struct keel_stream_request *request)
{
    struct stream *stream = new_stream(streams, number);
    keel_url_format_origin(url, stream->origin);
    write_upgrade(stream, url, request);
    memcpy(stream->first_frames, request->frames, sizeof(stream->first_frames));
    set_up_connection(stream, url);
    uv_update_time(streams->config.loop);
    bool added = keel_multi_add(streams->config.multi, &stream->transfer) == KEEL_OK;
    uv_timer_start(&stream->timer, on_timer, added ? KEEL_HANDSHAKE_TIMEOUT_MS : 0, 0);
}

/* What is queued leaves now; what the socket will not take, and whatever is wrong with it, is the
 * next turn's. */
static void flush(struct stream *stream)
{
    if (stream->reading)
        return; /* the turn that we are in sends it */
    if (wslay_event_send(stream->frames) != 0)
        uv_timer_start(&stream->timer, on_timer, 0, 0);
    else
        watch(stream);
}

static struct stream *find_open(struct keel_websockets *streams, uint32_t number)
{
    struct stream *stream = streams->first;
    while (stream && (stream->number != number || stream->state != OPEN))
        stream = stream->next;
    return stream;
}

void keel_websockets_ping(struct keel_websockets *streams, uint32_t number)
{
    struct stream *stream = find_open(streams, number);
    if (stream && queue_frame(stream, WSLAY_PING, KEEL_STR("keel")))
        flush(stream);
}

bool keel_websockets_send(struct keel_websockets *streams, uint32_t number, keel_str text)
{
    struct stream *stream = find_open(streams, number);
    if (!stream || !queue_frame(stream, WSLAY_TEXT_FRAME, text))
        return false;
    flush(stream);
    return true;
}

static void close_frames(struct stream *stream)
{
    stream->state = CLOSING;
    uv_timer_start(&stream->timer, on_timer, KEEL_CLOSE_TIMEOUT_MS, 0);
    bool failed = wslay_event_queue_close(stream->frames, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0) != 0;
    if (stream->reading)
        return; /* the turn that we are in sends it */
    failed |= wslay_event_send(stream->frames) != 0;
    if (failed)
        end_stream(stream);
    else
        watch(stream);
}

void keel_websockets_close(struct keel_websockets *streams, uint32_t number)
{
    struct stream *stream = streams->first;
    while (stream && (stream->number != number || stream->state == CLOSING))
        stream = stream->next;
    if (!stream)
        return;
    if (stream->state == OPEN)
        close_frames(stream);
    else
        end_stream(stream);
}

#include "paper/server.h"

#include <errno.h>
#include <http_parser.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <uv.h>
#include <wslay/wslay.h>

enum {
    READ_SIZE = 64 << 10,
    BACKLOG = 128,
    ACCEPT_KEY_SIZE = 24,  /* base64 of 16 bytes */
    ACCEPT_TEXT_SIZE = 32, /* base64 of a SHA-1, and a zero byte */
    SHA1_SIZE = 20,
    ADDRESS_SIZE = 64,
    LINGER_MS = 1000,
};

/* A run of the request's text; an offset, for the text moves when it grows. */
struct span {
    size_t begin, size;
};

/* A request while it is being read: all its bytes in one buffer. */
struct inbox {
    char *text;
    size_t size, capacity;
    struct span url, body;
    struct span names[PAPER_HEADERS_MAX], values[PAPER_HEADERS_MAX];
    int header_count;
    bool in_value;
    int refusal; /* an HTTP status: the request is answered with it, and the connection ends */
};

struct connection {
    uv_tcp_t tcp; /* first: a handle is its connection */
    struct paper_server *server;
    struct connection *previous, *next;
    char address[ADDRESS_SIZE];
    http_parser parser;
    struct inbox inbox;
    struct paper_stream *stream; /* NULL before the upgrade */
    wslay_event_context_ptr frames;
    keel_str input; /* what wslay has not read yet */
    char *out;      /* what the socket has not taken yet */
    size_t out_size, out_sent, out_capacity;
    int64_t held_until_ms;   /* a fault: nothing is sent before */
    bool cutting;            /* a fault: closed without a word once all is sent */
    int64_t cut_body_at;     /* a fault: cut when so much of the request's body is there; -1: no */
    bool ending;             /* no more is read; to be closed once all is sent */
    int64_t linger_until_ms; /* all is sent: the client's end is waited for until then */
    bool doomed;             /* to be closed now */
};

struct paper_server {
    uv_tcp_t tcp; /* first */
    struct paper_venue *venue;
    struct connection *connections;
    int connection_count;
    int handle_count; /* that the loop still knows */
    char authority[ADDRESS_SIZE];
    char date[40]; /* of the second below */
    time_t date_second;
    uv_loop_t *loop;
    struct sockaddr_storage address; /* bound, with the port that was picked */
    bool listening;                  /* the handle is the loop's, and not on its way out */
    bool gone;                       /* the loop has let go of it */
    bool closing;                    /* the whole server */
    struct paper_response response;
    char read_buffer[READ_SIZE];
    void (*closed)(void *user);
    void *user;
};

int64_t paper_server_now_ms(void)
{
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    return now.tv_sec * 1000 + now.tv_usec / 1000;
}

const char *paper_server_authority(const struct paper_server *server)
{
    return server->authority;
}

/* --- Bytes out ---------------------------------------------------------------------------------
 */

static bool make_room(struct connection *connection, size_t size)
{
    if (connection->out_sent > 0 && connection->out_sent == connection->out_size)
        connection->out_sent = connection->out_size = 0;
    size_t needed = connection->out_size + size;
    if (needed <= connection->out_capacity)
        return true;
    if (needed - connection->out_sent > PAPER_UNSENT_MAX)
        return false;
    size_t capacity = connection->out_capacity > 0 ? connection->out_capacity : 4096;
    while (capacity < needed)
        capacity *= 2;
    char *out = realloc(connection->out, capacity);
    if (!out)
        return false;
    connection->out = out;
    connection->out_capacity = capacity;
    return true;
}

static void put(struct connection *connection, keel_str text)
{
    if (connection->doomed || connection->cutting)
        return;
    if (!make_room(connection, text.size)) {
        connection->doomed = true;
        return;
    }
    if (text.size > 0)
        memcpy(connection->out + connection->out_size, text.data, text.size);
    connection->out_size += text.size;
}

/* Of what was put since so much was unsent, only the first bytes leave, and then the connection
 * ends. */
static void cut_after(struct connection *connection, size_t unsent, size_t bytes)
{
    if (bytes == PAPER_UNCUT)
        return;
    if (connection->out_size - connection->out_sent > unsent + bytes)
        connection->out_size = connection->out_sent + unsent + bytes;
    connection->cutting = true;
}

static size_t unsent_of(const struct connection *connection)
{
    return connection->out_size - connection->out_sent;
}

/* Closing at once, with bytes of the client unread, would make the kernel throw our answer away. */
static void linger(struct connection *connection, uv_os_fd_t fd)
{
    int64_t now_ms = paper_server_now_ms();
    if (connection->linger_until_ms == 0) {
        connection->linger_until_ms = now_ms + LINGER_MS;
        shutdown(fd, SHUT_WR);
    }
    connection->doomed = now_ms >= connection->linger_until_ms;
}

/* MSG_NOSIGNAL is why this does not go through libuv: its writes raise SIGPIPE in a process that we
 * do not own. */
static void flush(struct connection *connection)
{
    uv_os_fd_t fd;
    if (connection->doomed || uv_fileno((uv_handle_t *)&connection->tcp, &fd) != 0)
        return;
    if (connection->held_until_ms != 0 && paper_server_now_ms() < connection->held_until_ms)
        return;
    while (connection->out_sent < connection->out_size) {
        ssize_t sent = send(fd, connection->out + connection->out_sent,
                            connection->out_size - connection->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            connection->doomed = errno != EAGAIN && errno != EWOULDBLOCK;
            return;
        }
        connection->out_sent += (size_t)sent;
    }
    connection->out_sent = connection->out_size = 0;
    if (connection->cutting)
        connection->doomed = true;
    else if (connection->ending)
        linger(connection, fd);
}

/* --- The life of a connection ------------------------------------------------------------------
 */

static void finish_if_last(struct paper_server *server)
{
    if (server->handle_count > 0 || !server->closing)
        return;
    void (*closed)(void *user) = server->closed;
    void *user = server->user;
    free(server->response.headers.data);
    free(server->response.body.data);
    free(server);
    if (closed)
        closed(user);
}

static void on_connection_closed(uv_handle_t *handle)
{
    struct connection *connection = (struct connection *)handle;
    struct paper_server *server = connection->server;
    free(connection->inbox.text);
    free(connection->out);
    free(connection);
    server->handle_count--;
    finish_if_last(server);
}

static void close_connection(struct connection *connection)
{
    struct paper_server *server = connection->server;
    if (uv_is_closing((uv_handle_t *)&connection->tcp))
        return;
    if (connection->stream)
        paper_venue_close_stream(server->venue, connection->stream);
    connection->stream = NULL;
    if (connection->frames)
        wslay_event_context_free(connection->frames);
    connection->frames = NULL;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    server->connection_count--;
    uv_close((uv_handle_t *)&connection->tcp, on_connection_closed);
}

/* --- Frames ------------------------------------------------------------------------------------
 */

/* RFC 6455 5.2: whole, unmasked, of a text or a ping. wslay is not asked: it would copy it. */
static void put_frame(struct connection *connection, int opcode, keel_str payload)
{
    unsigned char head[10] = {(unsigned char)(0x80 | opcode)};
    size_t size = 2;
    if (payload.size < 126) {
        head[1] = (unsigned char)payload.size;
    } else if (payload.size < 65536) {
        head[1] = 126;
        head[2] = (unsigned char)(payload.size >> 8);
        head[3] = (unsigned char)payload.size;
        size = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)((uint64_t)payload.size >> (56 - 8 * i));
        size = 10;
    }
    put(connection, (keel_str){(const char *)head, size});
    put(connection, payload);
}

static void put_close(struct connection *connection, int code)
{
    if (wslay_event_queue_close(connection->frames, (uint16_t)code, NULL, 0) != 0 ||
        wslay_event_send(connection->frames) != 0)
        connection->doomed = true;
    connection->ending = true;
}

/* Where every frame leaves. */
static void send_frame(struct connection *connection, const struct paper_frame *frame)
{
    size_t unsent = unsent_of(connection);
    switch (frame->kind) {
    case PAPER_FRAME_TEXT: put_frame(connection, WSLAY_TEXT_FRAME, frame->payload); break;
    case PAPER_FRAME_PING: put_frame(connection, WSLAY_PING, frame->payload); break;
    case PAPER_FRAME_PONG: put_frame(connection, WSLAY_PONG, frame->payload); break;
    case PAPER_FRAME_CLOSE: put_close(connection, frame->close_code); break;
    }
    cut_after(connection, unsent, frame->cut);
}

static ssize_t take_input(wslay_event_context_ptr context, uint8_t *buffer, size_t size, int flags,
                          void *user)
{
    struct connection *connection = user;
    (void)flags;
    size_t taken = size < connection->input.size ? size : connection->input.size;
    if (taken == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(buffer, connection->input.data, taken);
    connection->input.data += taken;
    connection->input.size -= taken;
    return (ssize_t)taken;
}

static ssize_t put_output(wslay_event_context_ptr context, const uint8_t *data, size_t size,
                          int flags, void *user)
{
    struct connection *connection = user;
    (void)flags;
    if (!paper_venue_mutes(connection->server->venue, connection->stream, paper_server_now_ms()))
        put(connection, (keel_str){(const char *)data, size});
    if (!connection->doomed)
        return (ssize_t)size;
    wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void on_message(wslay_event_context_ptr context,
                       const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    struct connection *connection = user;
    struct paper_frame frame = {
        .payload = {(const char *)message->msg, message->msg_length}
    };
    (void)context;
    switch (message->opcode) {
    case WSLAY_PING: frame.kind = PAPER_FRAME_PING; break; /* wslay has queued the pong */
    case WSLAY_PONG: frame.kind = PAPER_FRAME_PONG; break;
    case WSLAY_CONNECTION_CLOSE: frame.kind = PAPER_FRAME_CLOSE; break;
    case WSLAY_TEXT_FRAME:
    case WSLAY_BINARY_FRAME: frame.kind = PAPER_FRAME_TEXT; break;
    default: return; /* an opcode that wslay refuses by itself */
    }
    paper_venue_receive(connection->server->venue, connection->stream, &frame,
                        paper_server_now_ms());
}

static void read_frames(struct connection *connection, keel_str bytes)
{
    connection->input = bytes;
    if (wslay_event_recv(connection->frames) != 0 || wslay_event_send(connection->frames) != 0)
        connection->doomed = true;
    if (!wslay_event_want_read(connection->frames) && !wslay_event_want_write(connection->frames))
        connection->ending = true;
}

/* --- Responses ---------------------------------------------------------------------------------
 */

static const char *reason_of(int status)
{
    switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Payload Too Large";
    case 418: return "I'm a teapot";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    }
    return "Status";
}

static const char *date_of_now(struct paper_server *server)
{
    time_t second = (time_t)(paper_server_now_ms() / 1000);
    struct tm parts;
    if (second != server->date_second && gmtime_r(&second, &parts)) {
        strftime(server->date, sizeof(server->date), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        server->date_second = second;
    }
    return server->date;
}

/* Where every response leaves. */
static void send_response(struct connection *connection, const struct paper_response *response,
                          bool keep_alive, bool without_body)
{
    char head[512];
    struct keel_writer writer;
    size_t unsent = unsent_of(connection);

    keel_writer_init(&writer, head, sizeof(head));
    keel_write_format(&writer,
                      "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                      "Connection: %s\r\n",
                      response->status, reason_of(response->status),
                      date_of_now(connection->server), response->content_type, response->body.size,
                      keep_alive ? "keep-alive" : "close");
    put(connection, keel_writer_text(&writer));
    put(connection, keel_writer_text(&response->headers));
    put(connection, KEEL_STR("\r\n"));
    if (!without_body)
        put(connection, keel_writer_text(&response->body));
    cut_after(connection, unsent, response->cut);
    if (response->delay_ms > 0)
        connection->held_until_ms = paper_server_now_ms() + response->delay_ms;
    if (!keep_alive)
        connection->ending = true;
}

static void send_refusal(struct connection *connection, int status)
{
    struct paper_response *response = &connection->server->response;
    paper_response_clear(response);
    response->status = status;
    keel_write(&response->body, keel_str_from(reason_of(status)));
    response->content_type = "text/plain";
    send_response(connection, response, false, false);
}

/* --- Requests ----------------------------------------------------------------------------------
 */

static keel_str text_of(const struct inbox *inbox, struct span span)
{
    return span.size > 0 ? (keel_str){inbox->text + span.begin, span.size} : (keel_str){"", 0};
}

/* Appends to the request's text. A request that is too large is remembered, and no more of it. */
static bool append(struct connection *connection, const char *bytes, size_t size, size_t bound,
                   int refusal)
{
    struct inbox *inbox = &connection->inbox;
    if (inbox->refusal != 0)
        return false;
    if (inbox->size + size > bound) {
        inbox->refusal = refusal;
        return false;
    }
    if (inbox->size + size > inbox->capacity) {
        size_t capacity = inbox->capacity > 0 ? inbox->capacity : 2048;
        while (capacity < inbox->size + size)
            capacity *= 2;
        char *text = realloc(inbox->text, capacity);
        if (!text) {
            inbox->refusal = 503;
            return false;
        }
        inbox->text = text;
        inbox->capacity = capacity;
    }
    memcpy(inbox->text + inbox->size, bytes, size);
    inbox->size += size;
    return true;
}

static int on_message_begin(http_parser *parser)
{
    struct connection *connection = parser->data;
    struct inbox *inbox = &connection->inbox;
    char *text = inbox->text;
    size_t capacity = inbox->capacity;
    *inbox = (struct inbox){.text = text, .capacity = capacity};
    return 0;
}

static int on_url(http_parser *parser, const char *at, size_t size)
{
    struct connection *connection = parser->data;
    if (append(connection, at, size, PAPER_HEAD_SIZE_MAX, 431))
        connection->inbox.url.size += size;
    return 0;
}

static int on_header_field(http_parser *parser, const char *at, size_t size)
{
    struct connection *connection = parser->data;
    struct inbox *inbox = &connection->inbox;
    if (inbox->header_count == 0 || inbox->in_value) {
        if (inbox->header_count == PAPER_HEADERS_MAX) {
            inbox->refusal = 431;
            return 0;
        }
        inbox->names[inbox->header_count] = (struct span){inbox->size, 0};
        inbox->values[inbox->header_count++] = (struct span){0};
        inbox->in_value = false;
    }
    if (append(connection, at, size, PAPER_HEAD_SIZE_MAX, 431))
        inbox->names[inbox->header_count - 1].size += size;
    return 0;
}

static int on_header_value(http_parser *parser, const char *at, size_t size)
{
    struct connection *connection = parser->data;
    struct inbox *inbox = &connection->inbox;
    if (inbox->refusal != 0 || inbox->header_count == 0)
        return 0;
    struct span *value = &inbox->values[inbox->header_count - 1];
    if (!inbox->in_value)
        *value = (struct span){inbox->size, 0};
    inbox->in_value = true;
    if (append(connection, at, size, PAPER_HEAD_SIZE_MAX, 431))
        value->size += size;
    return 0;
}

/* What a venue's dialect sees; good until the request's text changes. */
static void describe_request(struct connection *connection, struct paper_header *headers,
                             struct paper_http_request *request)
{
    const struct inbox *inbox = &connection->inbox;
    keel_str url = text_of(inbox, inbox->url);
    const char *mark = url.size > 0 ? memchr(url.data, '?', url.size) : NULL;

    for (int i = 0; i < inbox->header_count; i++)
        headers[i] = (struct paper_header){text_of(inbox, inbox->names[i]),
                                           text_of(inbox, inbox->values[i])};
    *request = (struct paper_http_request){
        .method = keel_str_from(http_method_str((enum http_method)connection->parser.method)),
        .path = {url.data, mark ? (size_t)(mark - url.data) : url.size},
        .body = text_of(inbox, inbox->body),
        .address = keel_str_from(connection->address),
        .headers = headers,
        .header_count = inbox->header_count,
    };
    if (mark)
        request->query = (keel_str){mark + 1, url.size - (size_t)(mark + 1 - url.data)};
}

static bool header_says(const struct paper_http_request *request, const char *name,
                        const char *word)
{
    keel_str value = paper_request_header(request, name);
    size_t size = strlen(word);
    for (size_t i = 0; i + size <= value.size; i++) {
        if (strncasecmp(value.data + i, word, size) == 0)
            return true;
    }
    return false;
}

/* A fault cuts the connection inside the request, so the client sees no orderly end. */
static int cut_request(struct connection *connection)
{
    uv_os_fd_t fd;
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (uv_fileno((uv_handle_t *)&connection->tcp, &fd) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    connection->doomed = true;
    return -1;
}

/* What of the head is past the cut has been read already: it cannot be unread. */
static int look_for_cut(struct connection *connection, const struct paper_http_request *request)
{
    int64_t byte, head = (int64_t)connection->parser.nread;
    connection->cut_body_at = -1;
    if (!paper_venue_cuts_request(connection->server->venue, request, paper_server_now_ms(), &byte))
        return 0;
    if (byte <= head)
        return cut_request(connection);
    connection->cut_body_at = byte - head;
    return 0;
}

/* Only an upgrade to WebSocket is one: clients that offer HTTP/2 get HTTP/1.1. */
static int on_headers_complete(http_parser *parser)
{
    struct connection *connection = parser->data;
    struct paper_header headers[PAPER_HEADERS_MAX];
    struct paper_http_request request;

    connection->inbox.body.begin = connection->inbox.size;
    describe_request(connection, headers, &request);
    if (!header_says(&request, "upgrade", "websocket"))
        parser->upgrade = 0;
    if (header_says(&request, "expect", "100-continue") && connection->inbox.refusal == 0)
        put(connection, KEEL_STR("HTTP/1.1 100 Continue\r\n\r\n"));
    return look_for_cut(connection, &request);
}

static int on_body(http_parser *parser, const char *at, size_t size)
{
    struct connection *connection = parser->data;
    size_t bound = connection->inbox.body.begin + PAPER_BODY_SIZE_MAX;
    if (append(connection, at, size, bound, 413))
        connection->inbox.body.size += size;
    if (connection->cut_body_at >= 0 &&
        (int64_t)connection->inbox.body.size >= connection->cut_body_at)
        return cut_request(connection);
    return 0;
}

static void answer_options(struct connection *connection, bool keep_alive)
{
    struct paper_response *response = &connection->server->response;
    paper_response_clear(response);
    keel_write(&response->headers, KEEL_STR("Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n"));
    send_response(connection, response, keep_alive, false);
}

static void answer(struct connection *connection, struct paper_http_request *request,
                   bool keep_alive)
{
    struct paper_server *server = connection->server;
    bool head = keel_str_equals(request->method, KEEL_STR("HEAD"));

    if (keel_str_equals(request->method, KEEL_STR("OPTIONS"))) {
        answer_options(connection, keep_alive);
        return;
    }
    if (head)
        request->method = KEEL_STR("GET");
    paper_venue_handle(server->venue, request, paper_server_now_ms(), &server->response);
    send_response(connection, &server->response, keep_alive, head);
}

/* --- The upgrade -------------------------------------------------------------------------------
 */

/* RFC 6455 4.2.2: base64 of the SHA-1 of the key and a fixed text. */
static bool make_accept(keel_str key, char accept[ACCEPT_TEXT_SIZE])
{
    static const char fixed[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[ACCEPT_KEY_SIZE + sizeof(fixed)];
    unsigned char digest[SHA1_SIZE];
    unsigned int size = 0;

    memcpy(text, key.data, ACCEPT_KEY_SIZE);
    memcpy(text + ACCEPT_KEY_SIZE, fixed, sizeof(fixed));
    if (EVP_Digest(text, ACCEPT_KEY_SIZE + sizeof(fixed) - 1, digest, &size, EVP_sha1(), NULL) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)accept, digest, (int)size);
    return true;
}

static bool begin_frames(struct connection *connection)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = take_input,
        .send_callback = put_output,
        .on_msg_recv_callback = on_message,
    };
    if (wslay_event_context_server_init(&connection->frames, &callbacks, connection) != 0)
        return false;
    wslay_event_config_set_max_recv_msg_length(connection->frames, PAPER_MESSAGE_SIZE_MAX);
    return true;
}

static void upgrade(struct connection *connection, const struct paper_http_request *request)
{
    struct paper_server *server = connection->server;
    keel_str key = paper_request_header(request, "sec-websocket-key");
    keel_str version = paper_request_header(request, "sec-websocket-version");
    char accept[ACCEPT_TEXT_SIZE];

    if (key.size != ACCEPT_KEY_SIZE || !keel_str_equals(request->method, KEEL_STR("GET")) ||
        !make_accept(key, accept)) {
        send_refusal(connection, 400);
        return;
    }
    if (!keel_str_equals(version, KEEL_STR("13"))) {
        paper_response_clear(&server->response);
        server->response.status = 426;
        keel_write(&server->response.headers, KEEL_STR("Sec-WebSocket-Version: 13\r\n"));
        send_response(connection, &server->response, false, false);
        return;
    }
    connection->stream =
        paper_venue_open_stream(server->venue, request, paper_server_now_ms(), &server->response);
    if (!connection->stream) {
        send_response(connection, &server->response, false, false);
        return;
    }
    connection->stream->owner = connection;
    if (!begin_frames(connection)) {
        connection->doomed = true;
        return;
    }
    put(connection, KEEL_STR("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Accept: "));
    put(connection, keel_str_from(accept));
    put(connection, KEEL_STR("\r\n\r\n"));
}

static int on_message_complete(http_parser *parser)
{
    struct connection *connection = parser->data;
    struct paper_header headers[PAPER_HEADERS_MAX];
    struct paper_http_request request;

    if (connection->inbox.refusal != 0) {
        send_refusal(connection, connection->inbox.refusal);
        return -1;
    }
    if (connection->cut_body_at >= 0)
        return cut_request(connection);
    describe_request(connection, headers, &request);
    if (parser->upgrade)
        upgrade(connection, &request);
    else
        answer(connection, &request, http_should_keep_alive(parser) != 0);
    return connection->ending || connection->cutting ? -1 : 0;
}

static const http_parser_settings parser_settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

static int refusal_of(const struct connection *connection)
{
    if (connection->inbox.refusal != 0)
        return connection->inbox.refusal;
    return HTTP_PARSER_ERRNO(&connection->parser) == HPE_HEADER_OVERFLOW ? 431 : 400;
}

static void read_requests(struct connection *connection, keel_str bytes)
{
    size_t parsed =
        http_parser_execute(&connection->parser, &parser_settings, bytes.data, bytes.size);
    if (connection->ending || connection->doomed || connection->cutting)
        return;
    if (connection->stream) {
        read_frames(connection, (keel_str){bytes.data + parsed, bytes.size - parsed});
        return;
    }
    /* A body that is too large is not read to its end. */
    if (parsed != bytes.size || connection->inbox.refusal != 0)
        send_refusal(connection, refusal_of(connection));
}

/* --- The socket --------------------------------------------------------------------------------
 */

static void listen_or_not(struct paper_server *server, int64_t now_ms);

void paper_server_flush(struct paper_server *server)
{
    struct paper_stream *stream;
    struct paper_frame frame;
    int64_t now_ms = paper_server_now_ms();

    listen_or_not(server, now_ms);
    while ((stream = paper_venue_next_ready(server->venue))) {
        struct connection *connection = stream->owner;
        while (connection && paper_venue_next_frame(server->venue, stream, now_ms, &frame))
            send_frame(connection, &frame);
        if (connection && stream->closed)
            connection->ending = true;
    }
    struct connection *next;
    for (struct connection *connection = server->connections; connection; connection = next) {
        next = connection->next;
        if (connection->out_sent < connection->out_size || connection->ending ||
            connection->cutting)
            flush(connection);
        if (connection->doomed)
            close_connection(connection);
    }
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *connection = (struct connection *)handle;
    (void)suggested;
    *buffer = uv_buf_init(connection->server->read_buffer, READ_SIZE);
}

static void on_read(uv_stream_t *handle, ssize_t size, const uv_buf_t *buffer)
{
    struct connection *connection = (struct connection *)handle;
    struct paper_server *server = connection->server;

    if (size < 0) {
        close_connection(connection);
        return;
    }
    if (size == 0 || connection->ending || connection->cutting)
        return;
    keel_str bytes = {buffer->base, (size_t)size};
    if (connection->stream)
        read_frames(connection, bytes);
    else
        read_requests(connection, bytes);
    paper_server_flush(server);
}

static void read_address(struct connection *connection)
{
    struct sockaddr_storage peer;
    int size = sizeof(peer);
    (void)keel_str_copy(KEEL_STR("?"), connection->address, sizeof(connection->address));
    if (uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&peer, &size) != 0)
        return;
    if (peer.ss_family == AF_INET6)
        uv_ip6_name((struct sockaddr_in6 *)&peer, connection->address, sizeof(connection->address));
    else
        uv_ip4_name((struct sockaddr_in *)&peer, connection->address, sizeof(connection->address));
}

static void link_connection(struct paper_server *server, struct connection *connection)
{
    connection->next = server->connections;
    if (server->connections)
        server->connections->previous = connection;
    server->connections = connection;
    server->connection_count++;
}

static void on_connection(uv_stream_t *handle, int status)
{
    struct paper_server *server = (struct paper_server *)handle;
    struct connection *connection = status == 0 ? calloc(1, sizeof(*connection)) : NULL;
    if (!connection)
        return;
    connection->server = server;
    if (uv_tcp_init(handle->loop, &connection->tcp) != 0) {
        free(connection);
        return;
    }
    server->handle_count++;
    link_connection(server, connection);
    http_parser_init(&connection->parser, HTTP_REQUEST);
    connection->parser.data = connection;
    if (uv_accept(handle, (uv_stream_t *)&connection->tcp) != 0 ||
        server->connection_count > PAPER_CONNECTIONS_MAX) {
        close_connection(connection);
        return;
    }
    read_address(connection);
    uv_tcp_nodelay(&connection->tcp, 1);
    if (uv_read_start((uv_stream_t *)&connection->tcp, on_allocate, on_read) != 0)
        close_connection(connection);
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

/* "127.0.0.1:0", "[::1]:0" */
static enum keel_status read_listen(const char *listen, struct sockaddr_storage *address,
                                    struct keel_error *error)
{
    char host[ADDRESS_SIZE];
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    long port = colon ? strtol(colon + 1, &end, 10) : -1;
    keel_str name = {listen, colon ? (size_t)(colon - listen) : 0};

    if (!colon || colon[1] == '\0' || *end != '\0' || port < 0 || port > 65535)
        return keel_fail(error, KEEL_CONFIG, "listen: '%s' is not ADDRESS:PORT", listen);
    if (name.size >= 2 && name.data[0] == '[' && name.data[name.size - 1] == ']')
        name = (keel_str){name.data + 1, name.size - 2};
    if (keel_str_equals(name, KEEL_STR("localhost")))
        name = KEEL_STR("127.0.0.1");
    if (!keel_str_copy(name, host, sizeof(host)) ||
        (uv_ip4_addr(host, (int)port, (struct sockaddr_in *)address) != 0 &&
         uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)address) != 0))
        return keel_fail(error, KEEL_CONFIG, "listen: '%s' is no address of this machine", listen);
    return KEEL_OK;
}

static void write_authority(struct paper_server *server)
{
    struct sockaddr_storage *bound = &server->address;
    char host[ADDRESS_SIZE - 16] = "";
    int size = sizeof(*bound);

    if (uv_tcp_getsockname(&server->tcp, (struct sockaddr *)bound, &size) != 0)
        return;
    if (bound->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)bound;
        uv_ip6_name(in6, host, sizeof(host));
        snprintf(server->authority, sizeof(server->authority), "[%s]:%u", host,
                 (unsigned)ntohs(in6->sin6_port));
        return;
    }
    const struct sockaddr_in *in = (const struct sockaddr_in *)bound;
    uv_ip4_name(in, host, sizeof(host));
    snprintf(server->authority, sizeof(server->authority), "%s:%u", host,
             (unsigned)ntohs(in->sin_port));
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct paper_server *server = (struct paper_server *)handle;
    server->gone = true;
    server->handle_count--;
    finish_if_last(server);
}

static void stop_listening(struct paper_server *server)
{
    server->listening = false;
    uv_close((uv_handle_t *)&server->tcp, on_listener_closed);
}

/* An error of libuv's; the handle is then still to be closed if server->listening. */
static int begin_listening(struct paper_server *server)
{
    int result = uv_tcp_init(server->loop, &server->tcp);
    if (result != 0)
        return result;
    server->handle_count++;
    server->listening = true;
    server->gone = false;
    result = uv_tcp_bind(&server->tcp, (struct sockaddr *)&server->address, 0);
    return result == 0 ? uv_listen((uv_stream_t *)&server->tcp, BACKLOG, on_connection) : result;
}

/* A refused connection needs a port on which nobody listens. Should another process take it
 * meanwhile, the next turn tries again. */
static void listen_or_not(struct paper_server *server, int64_t now_ms)
{
    bool refuses = paper_venue_refuses(server->venue, now_ms);
    if (server->closing)
        return;
    bool failed = !refuses && server->gone && begin_listening(server) != 0;
    if ((refuses || failed) && server->listening)
        stop_listening(server);
}

static bool take_memory(struct paper_server *server)
{
    char *headers = malloc(PAPER_RESPONSE_HEADERS_SIZE);
    char *body = malloc(PAPER_RESPONSE_SIZE);
    if (!headers || !body) {
        free(headers);
        free(body);
        return false;
    }
    keel_writer_init(&server->response.headers, headers, PAPER_RESPONSE_HEADERS_SIZE);
    keel_writer_init(&server->response.body, body, PAPER_RESPONSE_SIZE);
    return true;
}

static enum keel_status start(struct paper_server *server, const char *listen,
                              struct keel_error *error)
{
    enum keel_status status = read_listen(listen, &server->address, error);
    if (status != KEEL_OK)
        return status;
    int result = begin_listening(server);
    if (result != 0)
        return keel_fail(error, KEEL_IO, "listen: %s: %s", listen, uv_strerror(result));
    write_authority(server);
    return KEEL_OK;
}

struct paper_server *paper_server_open(struct uv_loop_s *loop, struct paper_venue *venue,
                                       const char *listen, struct keel_error *error)
{
    struct paper_server *server = calloc(1, sizeof(*server));
    if (!server || !take_memory(server)) {
        free(server);
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    server->venue = venue;
    server->loop = loop;
    if (start(server, listen, error) == KEEL_OK)
        return server;
    paper_server_close(server, NULL, NULL);
    return NULL;
}

void paper_server_close(struct paper_server *server, void (*closed)(void *user), void *user)
{
    server->closing = true;
    server->closed = closed;
    server->user = user;
    while (server->connections)
        close_connection(server->connections);
    if (server->listening)
        stop_listening(server);
    else
        finish_if_last(server);
}

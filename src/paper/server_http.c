#include "paper/server_state.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

enum {
    ACCEPT_KEY_SIZE = 24,  /* base64 of 16 bytes */
    ACCEPT_TEXT_SIZE = 32, /* base64 of a SHA-1, and a zero byte */
    SHA1_SIZE = 20,
};

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
static void send_response(struct paper_connection *connection,
                          const struct paper_response *response, bool keep_alive, bool without_body)
{
    char head[512];
    struct keel_writer writer;
    size_t unsent = paper_connection_unsent(connection);

    keel_writer_init(&writer, head, sizeof(head));
    keel_write_format(&writer,
                      "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                      "Connection: %s\r\n",
                      response->status, reason_of(response->status),
                      date_of_now(connection->server), response->content_type, response->body.size,
                      keep_alive ? "keep-alive" : "close");
    paper_connection_put(connection, keel_writer_text(&writer));
    paper_connection_put(connection, keel_writer_text(&response->headers));
    paper_connection_put(connection, KEEL_STR("\r\n"));
    if (!without_body)
        paper_connection_put(connection, keel_writer_text(&response->body));
    paper_connection_cut_after(connection, unsent, response->cut);
    if (response->delay_ms > 0)
        connection->held_until_ms = paper_server_now_ms() + response->delay_ms;
    if (!keep_alive)
        connection->ending = true;
}

static void send_refusal(struct paper_connection *connection, int status)
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
static bool append(struct paper_connection *connection, const char *bytes, size_t size,
                   size_t bound, int refusal)
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
    struct paper_connection *connection = parser->data;
    struct inbox *inbox = &connection->inbox;
    char *text = inbox->text;
    size_t capacity = inbox->capacity;
    *inbox = (struct inbox){.text = text, .capacity = capacity};
    return 0;
}

static int on_url(http_parser *parser, const char *at, size_t size)
{
    struct paper_connection *connection = parser->data;
    if (append(connection, at, size, PAPER_HEAD_SIZE_MAX, 431))
        connection->inbox.url.size += size;
    return 0;
}

static int on_header_field(http_parser *parser, const char *at, size_t size)
{
    struct paper_connection *connection = parser->data;
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
    struct paper_connection *connection = parser->data;
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
static void describe_request(struct paper_connection *connection, struct paper_header *headers,
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
static int cut_request(struct paper_connection *connection)
{
    uv_os_fd_t fd;
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (uv_fileno((uv_handle_t *)&connection->tcp, &fd) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    connection->doomed = true;
    return -1;
}

/* What of the head is past the cut has been read already: it cannot be unread. */
static int look_for_cut(struct paper_connection *connection,
                        const struct paper_http_request *request)
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
    struct paper_connection *connection = parser->data;
    struct paper_header headers[PAPER_HEADERS_MAX];
    struct paper_http_request request;

    connection->inbox.body.begin = connection->inbox.size;
    describe_request(connection, headers, &request);
    if (!header_says(&request, "upgrade", "websocket"))
        parser->upgrade = 0;
    if (header_says(&request, "expect", "100-continue") && connection->inbox.refusal == 0)
        paper_connection_put(connection, KEEL_STR("HTTP/1.1 100 Continue\r\n\r\n"));
    return look_for_cut(connection, &request);
}

static int on_body(http_parser *parser, const char *at, size_t size)
{
    struct paper_connection *connection = parser->data;
    size_t bound = connection->inbox.body.begin + PAPER_BODY_SIZE_MAX;
    if (append(connection, at, size, bound, 413))
        connection->inbox.body.size += size;
    if (connection->cut_body_at >= 0 &&
        (int64_t)connection->inbox.body.size >= connection->cut_body_at)
        return cut_request(connection);
    return 0;
}

static void answer_options(struct paper_connection *connection, bool keep_alive)
{
    struct paper_response *response = &connection->server->response;
    paper_response_clear(response);
    keel_write(&response->headers, KEEL_STR("Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n"));
    send_response(connection, response, keep_alive, false);
}

static void answer(struct paper_connection *connection, struct paper_http_request *request,
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

static void upgrade(struct paper_connection *connection, const struct paper_http_request *request)
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
    if (!paper_connection_begin_frames(connection)) {
        connection->doomed = true;
        return;
    }
    paper_connection_put(connection,
                         KEEL_STR("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                  "Connection: Upgrade\r\nSec-WebSocket-Accept: "));
    paper_connection_put(connection, keel_str_from(accept));
    paper_connection_put(connection, KEEL_STR("\r\n\r\n"));
}

static int on_message_complete(http_parser *parser)
{
    struct paper_connection *connection = parser->data;
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

void paper_connection_begin_requests(struct paper_connection *connection)
{
    http_parser_init(&connection->parser, HTTP_REQUEST);
    connection->parser.data = connection;
}

static int refusal_of(const struct paper_connection *connection)
{
    if (connection->inbox.refusal != 0)
        return connection->inbox.refusal;
    return HTTP_PARSER_ERRNO(&connection->parser) == HPE_HEADER_OVERFLOW ? 431 : 400;
}

void paper_connection_read_requests(struct paper_connection *connection, keel_str bytes)
{
    size_t parsed =
        http_parser_execute(&connection->parser, &parser_settings, bytes.data, bytes.size);
    if (connection->ending || connection->doomed || connection->cutting)
        return;
    if (connection->stream) {
        paper_connection_read_frames(connection,
                                     (keel_str){bytes.data + parsed, bytes.size - parsed});
        return;
    }
    /* A body that is too large is not read to its end. */
    if (parsed != bytes.size || connection->inbox.refusal != 0)
        send_refusal(connection, refusal_of(connection));
}

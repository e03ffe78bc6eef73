#include "net/http.h"

#include "base/hmac.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum {
    KEEL_HTTP_URL_SIZE = KEEL_URL_ORIGIN_SIZE + KEEL_REQUEST_PATH_SIZE + KEEL_REQUEST_TEXT_SIZE + 2,
    KEEL_UPLOAD_BUFFER_SIZE = 16384, /* libcurl's least; our bodies are smaller */
    KEEL_REQUEST_LINES_MAX = 8,
};

/* One request on its way. Kept for the next one when it is answered. */
struct call {
    struct keel_transfer transfer; /* first, so both have one address */
    struct keel_http *http;
    struct call *next; /* in the list of free ones or of those that failed at once */

    uint64_t id;
    const struct keel_request *request;
    int64_t timeout_ms;
    size_t body_sent;
    bool began;         /* libcurl was let send: bytes may have left */
    bool headers_whole; /* of the final reply */
    bool too_large;

    char *body; /* of the reply */
    size_t body_size, body_capacity;
    size_t headers_size;
    char headers[KEEL_REPLY_HEADERS_SIZE]; /* of the reply */
    struct curl_slist
        lines[KEEL_REQUEST_LINES_MAX]; /* the request's own headers; not on the heap */
    char line_text[KEEL_REQUEST_HEADERS_SIZE];
    char error[CURL_ERROR_SIZE];
};

struct keel_http {
    struct keel_http_config config;
    char origin[KEEL_URL_ORIGIN_SIZE];
    struct curl_slist *headers;   /* of every request */
    struct curl_slist key_header; /* the key's, in front of the others; not on the heap */
    struct call calls[KEEL_CALLS_MAX];
    struct call *free_calls;
    struct call *failed_calls; /* could not begin; to be answered from the loop */
    uv_timer_t failed_timer;
};

static const char *const methods[] = {
    [KEEL_HTTP_GET] = "GET",       [KEEL_HTTP_POST] = "POST",   [KEEL_HTTP_PUT] = "PUT",
    [KEEL_HTTP_DELETE] = "DELETE", [KEEL_HTTP_PATCH] = "PATCH",
};

static void forget_reply(struct call *call)
{
    call->headers_whole = false;
    call->body_size = 0;
    call->headers_size = 0;
}

static keel_str trim(keel_str text)
{
    while (text.size > 0 && isspace((unsigned char)text.data[text.size - 1]))
        text.size--;
    while (text.size > 0 && isspace((unsigned char)text.data[0]))
        text = (keel_str){text.data + 1, text.size - 1};
    return text;
}

/* Called for the status line, each header and the empty line at the end; all of it again after an
 * interim reply (100, 103). */
static size_t read_header(char *data, size_t size, size_t count, void *user)
{
    struct call *call = user;
    keel_str line = {data, size * count};
    if (keel_str_starts_with(line, KEEL_STR("HTTP/"))) {
        forget_reply(call);
        return line.size;
    }
    if (trim(line).size == 0) {
        call->headers_whole = true;
        return line.size;
    }
    /* A header that does not fit is as if it were absent: what keel reads is among the first. */
    if (line.size <= sizeof(call->headers) - call->headers_size) {
        memcpy(call->headers + call->headers_size, line.data, line.size);
        call->headers_size += line.size;
    }
    return line.size;
}

static bool reserve(struct call *call, size_t size)
{
    if (size <= call->body_capacity)
        return true;
    size_t capacity = call->body_capacity ? call->body_capacity : 4096;
    while (capacity < size)
        capacity *= 2;
    char *body = realloc(call->body, capacity);
    if (!body)
        return false;
    call->body = body;
    call->body_capacity = capacity;
    return true;
}

/* Anything but the full size makes libcurl give up: the reply is then lost. */
static size_t read_reply(char *data, size_t size, size_t count, void *user)
{
    struct call *call = user;
    size_t bytes = size * count;
    if (bytes > KEEL_REPLY_SIZE_MAX - call->body_size) {
        call->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    if (!reserve(call, call->body_size + bytes))
        return CURL_WRITEFUNC_ERROR;
    memcpy(call->body + call->body_size, data, bytes);
    call->body_size += bytes;
    return bytes;
}

static size_t write_body(char *buffer, size_t size, size_t count, void *user)
{
    struct call *call = user;
    size_t left = call->request->body_size - call->body_sent;
    size_t bytes = size * count < left ? size * count : left;
    memcpy(buffer, call->request->body + call->body_sent, bytes);
    call->body_sent += bytes;
    return bytes;
}

/* libcurl resends a request whose kept-alive connection dies before the reply begins, POST too.
 * For an order that is two orders. A body that cannot be rewound makes it stop instead, with
 * CURLE_SEND_FAIL_REWIND, which is an unknown outcome. */
static int rewind_body(void *user, curl_off_t offset, int origin)
{
    struct call *call = user;
    if (!call->request->idempotent || offset != 0 || origin != SEEK_SET)
        return CURL_SEEKFUNC_FAIL;
    call->body_sent = 0;
    return CURL_SEEKFUNC_OK;
}

/* Asked when a connection is there and the request is about to go out on it: also each time that
 * libcurl wants to send it again. */
static int allow_sending(void *user, char *remote_address, char *local_address, int remote_port,
                         int local_port)
{
    (void)remote_address, (void)local_address, (void)remote_port, (void)local_port;
    struct call *call = user;
    if (call->began && !call->request->idempotent)
        return CURL_PREREQFUNC_ABORT;
    call->began = true;
    return CURL_PREREQFUNC_OK;
}

/* What stays the same from one request of the handle to the next. */
static void set_up_handle(struct call *call)
{
    CURL *easy = call->transfer.easy;
    const struct keel_http_config *config = &call->http->config;
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)KEEL_UPLOAD_BUFFER_SIZE);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "keel");
    if (config->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
    if (keel_url_is_loopback(&config->url))
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");

    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, read_reply);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, write_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, call);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_body);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, call);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, allow_sending);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
}

static bool set_url(struct call *call)
{
    char url[KEEL_HTTP_URL_SIZE];
    const struct keel_request *request = call->request;
    snprintf(url, sizeof(url), "%s%s%s%s", call->http->origin, request->path,
             request->query_size > 0 ? "?" : "", request->query);
    CURLcode code = curl_easy_setopt(call->transfer.easy, CURLOPT_URL, url);
    keel_wipe(url, sizeof(url)); /* it carries a signature */
    return code == CURLE_OK;
}

/* A body never goes by CURLOPT_POSTFIELDS: libcurl could send that twice. */
static bool set_method(struct call *call)
{
    CURL *easy = call->transfer.easy;
    const struct keel_request *request = call->request;
    bool upload = request->body_size > 0 || request->method == KEEL_HTTP_POST ||
                  request->method == KEEL_HTTP_PUT || request->method == KEEL_HTTP_PATCH;
    curl_easy_setopt(easy, upload ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, methods[request->method]) == CURLE_OK;
}

static void set_limits(struct call *call)
{
    CURL *easy = call->transfer.easy;
    const struct keel_request *request = call->request;
    bool fresh = request->fresh_connection || (!request->idempotent && request->body_size == 0);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, fresh ? 1L : 0L);

    int64_t connect_ms =
        call->timeout_ms < KEEL_CONNECT_TIMEOUT_MS ? call->timeout_ms : KEEL_CONNECT_TIMEOUT_MS;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
}

/* The request's own headers in front of those that every request has. */
static struct curl_slist *list_headers(struct call *call)
{
    static char json[] = "Content-Type: application/json";
    static char form[] = "Content-Type: application/x-www-form-urlencoded";
    struct keel_http *http = call->http;
    bool with_key = call->request->needs_key && http->config.key_header_line;
    struct curl_slist *list = with_key ? &http->key_header : http->headers;

    call->lines[0] = (struct curl_slist){.data = call->request->json ? json : form, .next = list};
    list = &call->lines[0];
    memcpy(call->line_text, call->request->headers, sizeof(call->line_text));
    char *rest = call->line_text, *end;
    for (int i = 1; (end = strchr(rest, '\n')) != NULL; i++, rest = end + 1) {
        KEEL_ASSERT(i < KEEL_REQUEST_LINES_MAX);
        *end = '\0';
        call->lines[i] = (struct curl_slist){.data = rest, .next = list};
        list = &call->lines[i];
    }
    return list;
}

static bool begin_transfer(struct call *call)
{
    struct keel_http *http = call->http;
    curl_easy_setopt(call->transfer.easy, CURLOPT_HTTPHEADER, list_headers(call));
    set_limits(call);
    return set_url(call) && set_method(call) &&
           keel_multi_add(http->config.multi, &call->transfer) == KEEL_OK;
}

static void release(struct call *call)
{
    if (call->body_capacity > KEEL_REPLY_SIZE_KEPT) {
        free(call->body);
        call->body = NULL;
        call->body_capacity = 0;
    }
    call->request = NULL;
    call->next = call->http->free_calls;
    call->http->free_calls = call;
}

static void describe_failure(const struct call *call, CURLcode code,
                             struct keel_transport *transport)
{
    const char *reason = call->error[0] ? call->error : curl_easy_strerror(code);
    if (call->too_large)
        reason = "the reply is larger than 16 MiB";
    else if (code == CURLE_OK || code == CURLE_SEND_FAIL_REWIND || code == CURLE_GOT_NOTHING ||
             (call->began && code == CURLE_ABORTED_BY_CALLBACK))
        reason = "the connection was lost before the reply";
    transport->kind = call->began ? KEEL_TRANSPORT_LOST : KEEL_TRANSPORT_NOT_SENT;
    snprintf(transport->reason, sizeof(transport->reason), "%.*s",
             (int)sizeof(transport->reason) - 1, reason);
}

/* A reply cut inside its headers is CURLE_OK to libcurl; to us it is lost. */
static void describe(struct call *call, CURLcode code, struct keel_transport *transport)
{
    long status = 0;
    curl_easy_getinfo(call->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || !call->headers_whole || status < 200) {
        describe_failure(call, code, transport);
        return;
    }
    transport->kind = KEEL_TRANSPORT_REPLIED;
    transport->reply = (struct keel_reply){
        .http_status = (int32_t)status,
        .body = KEEL_STR(""),
        .headers = {call->headers, call->headers_size},
    };
    if (call->body_size > 0)
        transport->reply.body = (keel_str){call->body, call->body_size};
}

static void on_done(struct keel_transfer *transfer, CURLcode code)
{
    struct call *call = (struct call *)transfer;
    struct keel_http *http = call->http;
    struct keel_transport transport = {0};
    describe(call, code, &transport);
    keel_multi_remove(http->config.multi, transfer);
    http->config.on_transport(http->config.user, call->id, &transport);
    release(call);
}

/* The handle comes with the call's first use, so that a quiet client holds few. */
static bool have_handle(struct call *call)
{
    if (call->transfer.easy)
        return true;
    call->transfer = (struct keel_transfer){.easy = curl_easy_init(), .on_done = on_done};
    if (!call->transfer.easy)
        return false;
    set_up_handle(call);
    return true;
}

static struct call *take_call(struct keel_http *http)
{
    struct call *call = http->free_calls;
    KEEL_ASSERT(call != NULL); /* a session has fewer in flight */
    http->free_calls = call->next;
    return call;
}

static void answer_failed(uv_timer_t *timer)
{
    struct keel_http *http = timer->data;
    while (http->failed_calls) {
        struct call *call = http->failed_calls;
        http->failed_calls = call->next;
        struct keel_transport transport = {.kind = KEEL_TRANSPORT_NOT_SENT,
                                           .reason = "out of memory for the request"};
        http->config.on_transport(http->config.user, call->id, &transport);
        release(call);
    }
}

static bool build_headers(struct keel_http *http)
{
    static const char *const lines[] = {
        "Accept: application/json",
        "Expect:", /* none: a request is one message, not a question and a message */
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct curl_slist *list = curl_slist_append(http->headers, lines[i]);
        if (!list)
            return false;
        http->headers = list;
    }
    /* libcurl only reads the list; its type is older than const. */
    union {
        const char *line;
        char *data;
    } key = {http->config.key_header_line};
    http->key_header = (struct curl_slist){.data = key.data, .next = http->headers};
    return true;
}

struct keel_http *keel_http_new(const struct keel_http_config *config)
{
    struct keel_http *http = calloc(1, sizeof(*http));
    if (!http)
        return NULL;
    http->config = *config;
    keel_url_format_origin(&config->url, http->origin);
    if (!build_headers(http)) {
        curl_slist_free_all(http->headers);
        free(http);
        return NULL;
    }
    for (size_t i = KEEL_CALLS_MAX; i-- > 0;) {
        http->calls[i].http = http;
        release(&http->calls[i]);
    }
    uv_timer_init(config->loop, &http->failed_timer);
    http->failed_timer.data = http;
    return http;
}

static void free_http(uv_handle_t *handle)
{
    free(handle->data);
}

void keel_http_free(struct keel_http *http)
{
    if (!http)
        return;
    for (size_t i = 0; i < KEEL_CALLS_MAX; i++) {
        struct call *call = &http->calls[i];
        if (!call->transfer.easy)
            continue;
        keel_multi_remove(http->config.multi, &call->transfer); /* no harm when it is not added */
        curl_easy_cleanup(call->transfer.easy);
        free(call->body);
    }
    curl_slist_free_all(http->headers);
    uv_timer_stop(&http->failed_timer);
    uv_close((uv_handle_t *)&http->failed_timer, free_http);
}

void keel_http_send(struct keel_http *http, uint64_t id, const struct keel_request *request,
                    int64_t timeout_ms)
{
    struct call *call = take_call(http);
    call->id = id;
    call->request = request;
    call->timeout_ms = timeout_ms;
    call->body_sent = 0;
    call->began = call->too_large = false;
    call->error[0] = '\0';
    forget_reply(call);
    if (have_handle(call) && begin_transfer(call))
        return;

    call->next = http->failed_calls;
    http->failed_calls = call;
    uv_timer_start(&http->failed_timer, answer_failed, 0, 0);
}

/* Requests over real sockets: what is answered, and how often a request leaves. */
#include "net/http.h"
#include "raw_server.h"

#include <setjmp.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct fixture {
    uv_loop_t loop;
    struct keel_multi *multi;
    struct keel_http *http;
    int answers;
    uint64_t id;
    struct keel_transport transport;
    char body[4096];
    size_t body_size;
    char headers[1024];
};

static void keep_answer(void *user, uint64_t id, const struct keel_transport *transport)
{
    struct fixture *fixture = user;
    fixture->answers++;
    fixture->id = id;
    fixture->transport = *transport;
    fixture->body_size = transport->reply.body.size;
    (void)keel_str_copy(transport->reply.body, fixture->body, sizeof(fixture->body));
    (void)keel_str_copy(transport->reply.headers, fixture->headers, sizeof(fixture->headers));
    fixture->transport.reply.headers = keel_str_from(fixture->headers);
}

static void set_up_at(struct fixture *fixture, int port, const char *prefix)
{
    char url[128];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, prefix);
    memset(fixture, 0, sizeof(*fixture));
    uv_loop_init(&fixture->loop);
    fixture->multi = keel_multi_new(&fixture->loop);
    struct keel_http_config config = {
        .multi = fixture->multi,
        .loop = &fixture->loop,
        .key_header_line = "X-MBX-APIKEY: the-key",
        .user = fixture,
        .on_transport = keep_answer,
    };
    assert_int_equal(keel_url_parse(keel_str_from(url), &config.url, NULL), KEEL_OK);
    fixture->http = keel_http_new(&config);
    assert_non_null(fixture->http);
}

static void set_up(struct fixture *fixture, int port)
{
    set_up_at(fixture, port, "");
}

static void tear_down(struct fixture *fixture)
{
    keel_http_free(fixture->http);
    keel_multi_free(fixture->multi);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static struct keel_request make_request(enum keel_http_method method, const char *query,
                                        const char *body)
{
    struct keel_request request = {
        .method = method,
        .idempotent = method == KEEL_HTTP_GET,
        .needs_key = true,
        .path = "/fapi/v1/order",
        .query_size = (uint32_t)strlen(query),
        .body_size = (uint32_t)strlen(body),
    };
    strcpy(request.query, query);
    strcpy(request.body, body);
    return request;
}

static void send_for(struct fixture *fixture, const struct keel_request *request,
                     int64_t timeout_ms)
{
    int before = fixture->answers;
    keel_http_send(fixture->http, 7, request, timeout_ms);
    assert_int_equal(fixture->answers, before);
    while (fixture->answers == before)
        uv_run(&fixture->loop, UV_RUN_ONCE);
    for (int turn = 0; turn < 3; turn++)
        uv_run(&fixture->loop, UV_RUN_NOWAIT);
    assert_int_equal(fixture->answers, before + 1);
    assert_int_equal(fixture->id, 7);
}

static void send_request(struct fixture *fixture, const struct keel_request *request)
{
    send_for(fixture, request, 5000);
}

/* What came of the last request. */
static char last_request[RAW_REQUEST_SIZE];
static pthread_mutex_t last_request_lock = PTHREAD_MUTEX_INITIALIZER;

static void serve_echo(struct raw_connection *connection)
{
    char text[RAW_REQUEST_SIZE];
    while (raw_read_request(connection, text)) {
        pthread_mutex_lock(&last_request_lock);
        strcpy(last_request, text);
        pthread_mutex_unlock(&last_request_lock);
        raw_reply(connection->fd, "{\"connection\":%d}", connection->number);
    }
}

static void a_request_leaves_as_it_was_encoded(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve_echo, NULL);
    struct fixture fixture;
    set_up_at(&fixture, server.port, "/venue/");

    struct keel_request request = make_request(KEEL_HTTP_POST, "", "symbol=BTCUSDT&signature=ab");
    strcpy(request.headers, "Timestamp: 17\nSIGN: 0f\n");
    send_request(&fixture, &request);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_int_equal(fixture.transport.reply.http_status, 200);
    assert_string_equal(fixture.body, "{\"connection\":1}");
    assert_ptr_equal(strstr(last_request, "POST /venue/fapi/v1/order HTTP/1.1\r\n"), last_request);
    assert_non_null(strstr(last_request, "\r\nX-MBX-APIKEY: the-key\r\n"));
    assert_non_null(strstr(last_request, "\r\nTimestamp: 17\r\n"));
    assert_non_null(strstr(last_request, "\r\nSIGN: 0f\r\n"));
    assert_non_null(
        strstr(last_request, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    assert_non_null(strstr(last_request, "\r\nContent-Length: 27\r\n"));
    assert_non_null(
        strstr(last_request, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    assert_non_null(strstr(last_request, "\r\n\r\nsymbol=BTCUSDT&signature=ab"));
    assert_null(strcasestr(last_request, "\r\nExpect"));

    request = make_request(KEEL_HTTP_GET, "list=%5B%22a%22%5D&b=..%2F&c=1+2", "");
    request.needs_key = false;
    send_request(&fixture, &request);
    assert_ptr_equal(
        strstr(last_request,
               "GET /venue/fapi/v1/order?list=%5B%22a%22%5D&b=..%2F&c=1+2 HTTP/1.1\r\n"),
        last_request);
    assert_null(strstr(last_request, "the-key"));
    assert_string_equal(fixture.body, "{\"connection\":1}"); /* the connection was kept */

    tear_down(&fixture);
    raw_server_stop(&server);
}

static void each_method_carries_its_name_and_its_body(void **state)
{
    (void)state;
    static const struct {
        enum keel_http_method method;
        const char *body, *begins;
    } cases[] = {
        {KEEL_HTTP_GET,    "",    "GET "   },
        {KEEL_HTTP_POST,   "",    "POST "  },
        {KEEL_HTTP_POST,   "a=1", "POST "  },
        {KEEL_HTTP_PUT,    "",    "PUT "   },
        {KEEL_HTTP_PUT,    "a=1", "PUT "   },
        {KEEL_HTTP_DELETE, "",    "DELETE "},
        {KEEL_HTTP_DELETE, "a=1", "DELETE "},
        {KEEL_HTTP_PATCH,  "a=1", "PATCH " },
        {KEEL_HTTP_GET,    "",    "GET "   },
    };
    struct raw_server server;
    raw_server_start(&server, serve_echo, NULL);
    struct fixture fixture;
    set_up(&fixture, server.port);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_request request = make_request(cases[i].method, "q=1", cases[i].body);
        send_request(&fixture, &request);
        assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
        assert_ptr_equal(strstr(last_request, cases[i].begins), last_request);
        assert_string_equal(strstr(last_request, "\r\n\r\n") + 4, cases[i].body);
    }
    assert_int_equal(server.requests, sizeof(cases) / sizeof(cases[0]));
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void serve_limited(struct raw_connection *connection)
{
    char text[RAW_REQUEST_SIZE];
    while (raw_read_request(connection, text))
        raw_send_text(connection->fd, "HTTP/1.1 100 Continue\r\nRetry-After: 99\r\n\r\n"
                                      "HTTP/1.1 429 Too Many Requests\r\nRETRY-AFTER:  12 \r\n"
                                      "x-mbx-used-weight-1m: 2399\r\nX-MBX-ORDER-COUNT-10S: 5\r\n"
                                      "X-MBX-ORDER-COUNT-1M: many\r\nContent-Length: 2\r\n\r\n{}");
}

static void the_headers_that_count_are_read(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve_limited, NULL);
    struct fixture fixture;
    set_up(&fixture, server.port);
    struct keel_request request = make_request(KEEL_HTTP_GET, "", "");
    send_request(&fixture, &request);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_int_equal(fixture.transport.reply.http_status, 429);
    const struct keel_reply *reply = &fixture.transport.reply;
    assert_true(keel_str_equals(keel_reply_header(reply, "Retry-After"), KEEL_STR("12")));
    assert_int_equal(keel_reply_count(reply, "X-MBX-USED-WEIGHT-1M"), 2399);
    assert_int_equal(keel_reply_count(reply, "X-MBX-ORDER-COUNT-10S"), 5);
    assert_int_equal(keel_reply_count(reply, "X-MBX-ORDER-COUNT-1M"), -1); /* not a number */
    assert_int_equal(keel_reply_count(reply, "X-MBX-ORDER-COUNT"), -1);    /* not told */
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void serve_redirect(struct raw_connection *connection)
{
    char text[RAW_REQUEST_SIZE];
    while (raw_read_request(connection, text))
        raw_send_text(connection->fd, "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\n"
                                      "Content-Length: 0\r\n\r\n");
}

static void a_redirect_is_a_reply_and_is_not_followed(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve_redirect, NULL);
    struct fixture fixture;
    set_up(&fixture, server.port);
    struct keel_request request = make_request(KEEL_HTTP_POST, "", "a=1");
    send_request(&fixture, &request);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_int_equal(fixture.transport.reply.http_status, 307);
    assert_int_equal(server.requests, 1);
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void a_refused_connection_means_not_sent(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, raw_dead_port());
    struct keel_request request = make_request(KEEL_HTTP_POST, "", "a=1");
    send_request(&fixture, &request);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_NOT_SENT);
    assert_non_null(strstr(fixture.transport.reason, "Failed to connect"));
    tear_down(&fixture);
}

static void a_name_that_does_not_resolve_means_not_sent(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    uv_loop_init(&fixture.loop);
    fixture.multi = keel_multi_new(&fixture.loop);
    struct keel_http_config config = {.multi = fixture.multi,
                                      .loop = &fixture.loop,
                                      .user = &fixture,
                                      .on_transport = keep_answer};
    unsetenv("http_proxy");
    assert_int_equal(keel_url_parse(KEEL_STR("http://no.such.host.invalid"), &config.url, NULL),
                     KEEL_OK);
    fixture.http = keel_http_new(&config);
    struct keel_request request = make_request(KEEL_HTTP_POST, "", "a=1");
    send_request(&fixture, &request);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_NOT_SENT);
    tear_down(&fixture);
}

static void serve_nothing(struct raw_connection *connection)
{
    char text[RAW_REQUEST_SIZE];
    while (raw_read_request(connection, text)) {
    }
}

static void a_venue_that_does_not_answer_in_time_means_lost(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve_nothing, NULL);
    struct fixture fixture;
    set_up(&fixture, server.port);
    struct keel_request request = make_request(KEEL_HTTP_POST, "", "a=1");
    send_for(&fixture, &request, 150);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_LOST);
    assert_non_null(strstr(fixture.transport.reason, "timed out"));
    assert_int_equal(server.requests, 1);
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void serve_flood(struct raw_connection *connection)
{
    static const char block[65536];
    char text[RAW_REQUEST_SIZE];
    while (raw_read_request(connection, text)) {
        size_t size = *(size_t *)connection->server->user;
        snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
        raw_send_text(connection->fd, text);
        for (size_t sent = 0; sent < size; sent += sizeof(block)) {
            size_t left = size - sent;
            if (!raw_send(connection->fd, block, left < sizeof(block) ? left : sizeof(block)))
                return;
        }
    }
}

static void a_reply_of_sixteen_mebibytes_is_whole_and_a_larger_one_is_lost(void **state)
{
    (void)state;
    size_t size = KEEL_REPLY_SIZE_MAX;
    struct raw_server server;
    raw_server_start(&server, serve_flood, &size);
    struct fixture fixture;
    set_up(&fixture, server.port);
    struct keel_request request = make_request(KEEL_HTTP_GET, "", "");
    send_request(&fixture, &request);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_int_equal(fixture.body_size, KEEL_REPLY_SIZE_MAX);
    size++;
    send_request(&fixture, &request);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_LOST);
    assert_string_equal(fixture.transport.reason, "the reply is larger than 16 MiB");
    tear_down(&fixture);
    raw_server_stop(&server);
}

/* Where the server dies, in the life of the request under test. */
enum death {
    BEFORE_REQUEST,
    INSIDE_HEADERS,
    AFTER_HEADERS,
    INSIDE_BODY,
    AFTER_REQUEST,
    INSIDE_REPLY_HEADERS,
    INSIDE_REPLY_BODY,
    DEATHS,
};

struct dying {
    enum death death;
    bool warm_up;          /* a request before it is served, so that a connection is kept */
    atomic_bool dead;      /* it has died: from now on everything is served */
    atomic_int after_head; /* whole requests and whole heads since the warm-up */
    atomic_int after_request;
};

static void read_some(int fd, size_t size)
{
    char buffer[RAW_REQUEST_SIZE];
    (void)raw_read(fd, buffer, size);
}

static void die_in_request(struct raw_connection *connection, struct dying *dying)
{
    char text[RAW_REQUEST_SIZE];
    switch (dying->death) {
    case BEFORE_REQUEST: return;
    case INSIDE_HEADERS: read_some(connection->fd, 20); return;
    case AFTER_HEADERS:
    case INSIDE_BODY:
        if (raw_read_head(connection, text))
            atomic_fetch_add(&dying->after_head, 1);
        if (dying->death == INSIDE_BODY && strcasestr(text, "Content-Length: 27"))
            read_some(connection->fd, 5);
        return;
    case AFTER_REQUEST:
    case INSIDE_REPLY_HEADERS:
    case INSIDE_REPLY_BODY:
    case DEATHS: break;
    }
    if (!raw_read_request(connection, text))
        return;
    atomic_fetch_add(&dying->after_head, 1);
    atomic_fetch_add(&dying->after_request, 1);
    if (dying->death == INSIDE_REPLY_HEADERS)
        raw_send_text(connection->fd, "HTTP/1.1 200 OK\r\nContent-Le");
    if (dying->death == INSIDE_REPLY_BODY)
        raw_send_text(connection->fd, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"half\":");
}

static void serve_until_death(struct raw_connection *connection)
{
    struct dying *dying = connection->server->user;
    char text[RAW_REQUEST_SIZE];
    if (dying->warm_up && connection->number == 1) {
        if (!raw_read_request(connection, text))
            return;
        raw_reply(connection->fd, "{}");
    }
    /* Whichever connection the request under test comes on: the kept one, or one of its own. */
    char first;
    if (dying->death != BEFORE_REQUEST && recv(connection->fd, &first, 1, MSG_PEEK) != 1)
        return;
    if (!atomic_exchange(&dying->dead, true)) {
        die_in_request(connection, dying);
        return;
    }
    while (raw_read_request(connection, text)) {
        atomic_fetch_add(&dying->after_head, 1);
        atomic_fetch_add(&dying->after_request, 1);
        raw_reply(connection->fd, "{}");
    }
}

static const struct {
    const char *name;
    enum keel_http_method method;
    const char *query, *body;
} writes[] = {
    {"post with a body",      KEEL_HTTP_POST,   "",           "symbol=BTCUSDT&quantity=0.5"},
    {"put with a body",       KEEL_HTTP_PUT,    "",           "symbol=BTCUSDT&quantity=0.5"},
    {"delete with a body",    KEEL_HTTP_DELETE, "",           "symbol=BTCUSDT&quantity=0.5"},
    {"delete without a body", KEEL_HTTP_DELETE, "orderId=12", ""                           },
    {"post without a body",   KEEL_HTTP_POST,   "orderId=12", ""                           },
};

static void send_to_the_dying(struct dying *dying, const struct keel_request *request,
                              struct fixture *fixture)
{
    struct raw_server server;
    raw_server_start(&server, serve_until_death, dying);
    set_up(fixture, server.port);
    if (dying->warm_up) {
        struct keel_request warm_up = make_request(KEEL_HTTP_GET, "", "");
        send_request(fixture, &warm_up);
        assert_int_equal(fixture->transport.kind, KEEL_TRANSPORT_REPLIED);
    }
    send_request(fixture, request);
    tear_down(fixture);
    raw_server_stop(&server);
}

static void check_write(size_t write, enum death death, bool warm_up)
{
    struct dying dying = {.death = death, .warm_up = warm_up};
    struct keel_request request =
        make_request(writes[write].method, writes[write].query, writes[write].body);
    struct fixture fixture;
    send_to_the_dying(&dying, &request, &fixture);
    if (dying.after_head > 1 || dying.after_request > 1)
        fail_msg("%s, death %d, warm %d: %d heads, %d requests at the server", writes[write].name,
                 death, warm_up, dying.after_head, dying.after_request);

    enum keel_transport_kind kind = fixture.transport.kind;
    if (kind == KEEL_TRANSPORT_REPLIED)
        assert_int_equal(dying.after_request, 1); /* went where nothing died: on a new connection */
    if (kind == KEEL_TRANSPORT_NOT_SENT)
        assert_int_equal(dying.after_head, 0);
    if (death >= AFTER_REQUEST) {
        assert_int_equal(dying.after_request, 1);
        assert_int_equal(kind, KEEL_TRANSPORT_LOST);
    }
}

static void a_write_leaves_at_most_once_wherever_the_venue_dies(void **state)
{
    (void)state;
    for (size_t write = 0; write < sizeof(writes) / sizeof(writes[0]); write++) {
        for (enum death death = BEFORE_REQUEST; death < DEATHS; death++) {
            check_write(write, death, false);
            check_write(write, death, true);
        }
    }
}

/* The reason for all of it: libcurl's own repetition is real, and this server would show it. */
static void a_read_may_be_repeated_by_libcurl(void **state)
{
    (void)state;
    struct dying dying = {.death = AFTER_REQUEST, .warm_up = true};
    struct keel_request request = make_request(KEEL_HTTP_GET, "a=1", "");
    struct fixture fixture;
    send_to_the_dying(&dying, &request, &fixture);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_int_equal(dying.after_request, 2);
}

static void an_idempotent_body_may_be_repeated_by_libcurl(void **state)
{
    (void)state;
    struct dying dying = {.death = AFTER_REQUEST, .warm_up = true};
    struct keel_request request = make_request(KEEL_HTTP_PUT, "", "a=1");
    request.idempotent = true;
    struct fixture fixture;
    send_to_the_dying(&dying, &request, &fixture);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_int_equal(dying.after_request, 2);
}

static void a_write_without_a_body_takes_a_connection_of_its_own(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve_echo, NULL);
    struct fixture fixture;
    set_up(&fixture, server.port);
    struct keel_request read = make_request(KEEL_HTTP_GET, "", "");
    struct keel_request cancel = make_request(KEEL_HTTP_DELETE, "orderId=1", "");
    send_request(&fixture, &read);
    assert_string_equal(fixture.body, "{\"connection\":1}");
    send_request(&fixture, &cancel);
    assert_string_equal(fixture.body, "{\"connection\":2}");
    send_request(&fixture, &cancel);
    assert_string_equal(fixture.body, "{\"connection\":3}");
    send_request(&fixture, &read);
    assert_string_equal(fixture.body, "{\"connection\":1}");
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void this_machine_is_never_reached_through_a_proxy(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve_echo, NULL);
    struct fixture fixture;
    char proxy[64];
    snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", raw_dead_port());
    setenv("http_proxy", proxy, 1);
    set_up(&fixture, server.port);
    struct keel_request request = make_request(KEEL_HTTP_GET, "", "");
    send_request(&fixture, &request);
    unsetenv("http_proxy");
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void many_requests_at_once_are_each_answered_once(void **state)
{
    (void)state;
    enum { REQUESTS = 24 };
    struct raw_server server;
    raw_server_start(&server, serve_echo, NULL);
    struct fixture fixture;
    set_up(&fixture, server.port);
    struct keel_request request = make_request(KEEL_HTTP_GET, "", "");
    for (uint64_t id = 0; id < REQUESTS; id++)
        keel_http_send(fixture.http, id, &request, 5000);
    while (fixture.answers < REQUESTS)
        uv_run(&fixture.loop, UV_RUN_ONCE);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_int_equal(server.requests, REQUESTS);
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void freeing_with_requests_in_flight_answers_none_of_them(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve_nothing, NULL);
    struct fixture fixture;
    set_up(&fixture, server.port);
    struct keel_request request = make_request(KEEL_HTTP_POST, "", "a=1");
    keel_http_send(fixture.http, 1, &request, 5000);
    while (server.requests == 0)
        uv_run(&fixture.loop, UV_RUN_NOWAIT);
    tear_down(&fixture);
    assert_int_equal(fixture.answers, 0);
    raw_server_stop(&server);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_leaves_as_it_was_encoded),
        cmocka_unit_test(each_method_carries_its_name_and_its_body),
        cmocka_unit_test(the_headers_that_count_are_read),
        cmocka_unit_test(a_redirect_is_a_reply_and_is_not_followed),
        cmocka_unit_test(a_refused_connection_means_not_sent),
        cmocka_unit_test(a_name_that_does_not_resolve_means_not_sent),
        cmocka_unit_test(a_venue_that_does_not_answer_in_time_means_lost),
        cmocka_unit_test(a_reply_of_sixteen_mebibytes_is_whole_and_a_larger_one_is_lost),
        cmocka_unit_test(a_write_leaves_at_most_once_wherever_the_venue_dies),
        cmocka_unit_test(a_read_may_be_repeated_by_libcurl),
        cmocka_unit_test(an_idempotent_body_may_be_repeated_by_libcurl),
        cmocka_unit_test(a_write_without_a_body_takes_a_connection_of_its_own),
        cmocka_unit_test(this_machine_is_never_reached_through_a_proxy),
        cmocka_unit_test(many_requests_at_once_are_each_answered_once),
        cmocka_unit_test(freeing_with_requests_in_flight_answers_none_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The client's life around an exchange that follows a script: time, effects, waiting, ending.
 *
 * The exchange's functions are the test's own; what they answer and what they saw is in `script`.
 */
#include "../net/raw_server.h"
#include "exchange/exchange.h"
#include "keel/client.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <setjmp.h>
#include <signal.h>
#include <uv.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct keel_private {
    int unused;
};

struct keel_futures {
    struct keel_private base;
};

static struct keel_futures exchange;

static struct {
    struct keel_connection connection;
    struct keel_exchange_config config; /* as keel_futures_new had it */
    struct keel_error refusal;          /* of keel_futures_new */
    struct keel_effect effects[8];      /* to be pulled */
    size_t effect_count;
    int64_t deadline_ns;
    int64_t now_ns, wall_ms; /* as told */
    bool time_is_new;        /* told since the last input */
    int inputs_without_time; /* none may be */
    bool order_on_transport; /* the handler of the first reply places an order */
    int ticks, transports, opened, messages, pings, closed, starts, stops, frees;
    struct keel_transport transport;
    char message[64];
    char key[KEEL_API_KEY_SIZE], secret[128];
} script;

static struct keel_request ping = {
    .method = KEEL_HTTP_GET, .idempotent = true, .needs_key = true, .path = "/ping"};
static struct keel_request order = {
    .method = KEEL_HTTP_POST, .path = "/order", .body_size = 3, .body = "a=1"};
static struct keel_stream_request stream = {.path = "/ws", .frames = "subscribe\n"};

static void queue_request(uint64_t id, const struct keel_request *request)
{
    script.effects[script.effect_count++] = (struct keel_effect){
        .kind = KEEL_EFFECT_REQUEST,
        .request = {.id = id, .request = request, .timeout_ms = 5000},
    };
}

static void queue_stream(enum keel_effect_kind kind)
{
    script.effects[script.effect_count++] = (struct keel_effect){
        .kind = kind,
        .stream = {.number = 1, .kind = KEEL_STREAM_USER, .request = &stream},
    };
}

static void take_input(void)
{
    script.inputs_without_time += !script.time_is_new;
    script.time_is_new = false;
}

struct keel_exchange_config keel_exchange_config_init(void)
{
    return (struct keel_exchange_config){.receive_window_ms = 2000, .request_timeout_ms = 10000};
}

struct keel_futures *keel_futures_new(const struct keel_exchange_config *config,
                                      struct keel_error *error)
{
    script.config = *config;
    (void)keel_str_copy(config->api_key, script.key, sizeof(script.key));
    (void)keel_str_copy(config->secret, script.secret, sizeof(script.secret));
    if (script.refusal.status == KEEL_OK)
        return &exchange;
    *error = script.refusal;
    return NULL;
}

void keel_futures_free(struct keel_futures *futures)
{
    script.frees += futures != NULL;
}

/* No venue of these tests trades spot. */
struct keel_private *keel_private_new(const struct keel_exchange_config *config,
                                      struct keel_error *error)
{
    (void)config;
    (void)keel_fail(error, KEEL_CONFIG, "no spot here");
    return NULL;
}

void keel_private_free(struct keel_private *private)
{
    (void)private;
}

/* Nothing is kept here, and so nothing fails to be. */
void keel_private_halt(struct keel_private *private, const struct keel_error *error)
{
    (void)private;
    fail_msg("%s", error->message);
}

struct keel_private *keel_futures_base(struct keel_futures *futures)
{
    return &futures->base;
}

void keel_private_connection(const struct keel_private *private, struct keel_connection *connection)
{
    (void)private;
    *connection = script.connection;
}

void keel_private_set_time(struct keel_private *private, int64_t now_ns, int64_t wall_ms)
{
    (void)private;
    assert_true(now_ns >= script.now_ns);
    script.now_ns = now_ns;
    script.wall_ms = wall_ms;
    script.time_is_new = true;
}

enum keel_status keel_private_start(struct keel_private *private, struct keel_error *error)
{
    (void)private;
    take_input();
    if (script.starts++ > 0)
        return keel_fail(error, KEEL_CONFIG, "already started");
    script.connection.state = KEEL_CONNECTION_LOADING;
    queue_request(1, &ping);
    return KEEL_OK;
}

void keel_private_stop(struct keel_private *private)
{
    (void)private;
    take_input();
    script.stops++;
    script.connection.state = KEEL_CONNECTION_CLOSED;
    script.deadline_ns = INT64_MAX;
    queue_request(99, &order); /* must not leave */
}

void keel_private_on_transport(struct keel_private *private, uint64_t id,
                               const struct keel_transport *transport)
{
    (void)private;
    take_input();
    script.transports++;
    script.transport = *transport;
    if (transport->kind != KEEL_TRANSPORT_REPLIED) {
        script.connection.state = KEEL_CONNECTION_CLOSED;
        (void)keel_fail(&script.connection.last_error, KEEL_FAILED, "time: %s", transport->reason);
        return;
    }
    if (script.order_on_transport && id == 1)
        queue_request(2, &order);
    if (id == 1)
        queue_stream(KEEL_EFFECT_OPEN_STREAM);
}

void keel_private_on_stream_opened(struct keel_private *private, uint32_t number)
{
    (void)private, (void)number;
    take_input();
    script.opened++;
    script.connection.state = KEEL_CONNECTION_LIVE;
}

void keel_private_on_stream_message(struct keel_private *private, uint32_t number, keel_str bytes)
{
    (void)private, (void)number;
    take_input();
    script.messages++;
    (void)keel_str_copy(bytes, script.message, sizeof(script.message));
}

void keel_private_on_stream_ping(struct keel_private *private, uint32_t number)
{
    (void)private, (void)number;
    take_input();
    script.pings++;
}

void keel_private_on_stream_closed(struct keel_private *private, uint32_t number,
                                   const char *reason)
{
    (void)private, (void)number, (void)reason;
    take_input();
    script.closed++;
    script.connection.state = KEEL_CONNECTION_CLOSED;
}

bool keel_private_next_effect(struct keel_private *private, struct keel_effect *effect)
{
    (void)private;
    if (script.effect_count == 0)
        return false;
    *effect = script.effects[0];
    script.effect_count--;
    memmove(script.effects, script.effects + 1, script.effect_count * sizeof(script.effects[0]));
    return true;
}

int64_t keel_private_deadline_ns(const struct keel_private *private)
{
    (void)private;
    return script.deadline_ns;
}

void keel_private_tick(struct keel_private *private)
{
    (void)private;
    take_input();
    if (script.now_ns < script.deadline_ns)
        return;
    script.ticks++;
    script.deadline_ns = INT64_MAX;
}

int64_t keel_private_venue_time_ms(const struct keel_private *private)
{
    (void)private;
    return script.wall_ms + 500;
}

/* The venue: answers requests, and opens a stream that speaks, pings and echoes. */

static void serve_stream(struct raw_connection *connection, const char *request)
{
    char text[128], accept[64], reply[512];
    unsigned char digest[SHA_DIGEST_LENGTH];
    int size = snprintf(text, sizeof(text), "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                        strstr(request, "Sec-WebSocket-Key: ") + 19);
    SHA1((unsigned char *)text, (size_t)size, digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof(digest));
    snprintf(reply, sizeof(reply),
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\n\r\n\x89\x02hi\x81\x05hello",
             accept);
    raw_send_text(connection->fd, reply);
    char byte;
    while (raw_read(connection->fd, &byte, 1)) {
    }
}

static void serve(struct raw_connection *connection)
{
    char text[RAW_REQUEST_SIZE];
    while (raw_read_request(connection, text)) {
        if (strstr(text, "Upgrade: websocket")) {
            serve_stream(connection, text);
            return;
        }
        bool with_key = strstr(text, "X-MBX-APIKEY: the-key\r\n") != NULL;
        raw_reply(connection->fd, "{\"key\":%s}", with_key ? "true" : "false");
    }
}

static struct keel_config make_config(int port)
{
    static char url[64];
    memset(&script, 0, sizeof(script));
    script.deadline_ns = INT64_MAX;
    struct keel_config config = keel_config_init();
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
    config.venue = "binance";
    config.url = url;
    config.api_key = "the-key";
    config.api_secret = "the-secret";
    return config;
}

static struct keel_client *new_client(const struct keel_config *config)
{
    struct keel_error error = {0};
    struct keel_client *client = keel_client_new(config, &error);
    if (!client)
        fail_msg("%s", error.message);
    return client;
}

static void wait_until(struct keel_client *client, const int *counter, int value)
{
    for (int turn = 0; turn < 1000 && *counter < value; turn++)
        assert_int_equal(keel_client_run(client, NULL, 5), KEEL_UNKNOWN);
    assert_true(*counter >= value);
}

static void start_waits_until_the_exchange_is_live(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve, NULL);
    struct keel_config config = make_config(server.port);
    struct keel_client *client = new_client(&config);
    struct keel_error error;
    assert_int_equal(keel_client_start(client, &error), KEEL_OK);
    assert_int_equal(script.connection.state, KEEL_CONNECTION_LIVE);
    assert_int_equal(script.transports, 1);
    wait_until(client, &script.messages, 1);
    assert_int_equal(script.pings, 1);
    assert_string_equal(script.message, "hello");
    assert_int_equal(script.inputs_without_time, 0);
    assert_int_equal(keel_client_start(client, &error), KEEL_CONFIG);

    int requests = server.requests;
    keel_client_free(client);
    assert_int_equal(script.stops, 1);
    assert_int_equal(script.frees, 1);
    assert_int_equal(script.closed, 0); /* nothing is told after the stop */
    raw_server_stop(&server);
    assert_int_equal(server.requests, requests); /* nor asked */
}

static void a_failed_start_says_why(void **state)
{
    (void)state;
    struct keel_config config = make_config(raw_dead_port());
    struct keel_client *client = new_client(&config);
    struct keel_error error;
    assert_int_equal(keel_client_start(client, &error), KEEL_FAILED);
    assert_ptr_equal(strstr(error.message, "time: Failed to connect"), error.message);
    assert_int_equal(script.transport.kind, KEEL_TRANSPORT_NOT_SENT);
    keel_client_free(client);
}

static void what_an_input_leads_to_leaves_at_once(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve, NULL);
    struct keel_config config = make_config(server.port);
    script.order_on_transport = true;
    struct keel_client *client = new_client(&config);
    assert_int_equal(keel_client_start(client, NULL), KEEL_OK);
    wait_until(client, &script.transports, 2);
    assert_int_equal(server.requests, 3);
    keel_client_free(client);
    raw_server_stop(&server);
}

static void what_a_command_queues_leaves_before_the_loop_sleeps(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve, NULL);
    struct keel_config config = make_config(server.port);
    struct keel_client *client = new_client(&config);
    assert_int_equal(keel_client_start(client, NULL), KEEL_OK);
    int64_t before_ns = script.now_ns;
    usleep(2000);
    assert_ptr_equal(keel_client_futures(client), &exchange);
    assert_true(script.now_ns >= before_ns + 2000000); /* its clock is set to now */
    queue_request(5, &order);
    wait_until(client, &script.transports, 2);
    assert_int_equal(script.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_int_equal(script.transport.reply.body.size, 13);
    keel_client_free(client);
    raw_server_stop(&server);
}

static void a_deadline_is_kept_and_never_early(void **state)
{
    (void)state;
    struct keel_config config = make_config(1);
    struct keel_client *client = new_client(&config);
    (void)keel_client_futures(client);
    script.deadline_ns = script.now_ns + 20 * 1000000;
    int64_t deadline_ns = script.deadline_ns;
    script.connection.state = KEEL_CONNECTION_LIVE;
    wait_until(client, &script.ticks, 1);
    assert_true(script.now_ns >= deadline_ns);
    assert_true(script.now_ns < deadline_ns + 1000000000);
    keel_client_free(client);
}

static void run_ends_when_done_when_time_is_over_or_when_interrupted(void **state)
{
    (void)state;
    struct keel_config config = make_config(1);
    struct keel_client *client = new_client(&config);
    bool done = true, not_done = false;
    assert_int_equal(keel_client_run(client, &done, 0), KEEL_OK);
    assert_int_equal(keel_client_run(client, &not_done, 0), KEEL_UNKNOWN);
    assert_int_equal(keel_client_run(client, &not_done, 20), KEEL_UNKNOWN);
    assert_int_equal(keel_client_run(client, NULL, 1), KEEL_UNKNOWN);
    keel_client_interrupt(client);
    assert_int_equal(keel_client_run(client, &not_done, -1), KEEL_FAILED);
    assert_int_equal(keel_client_run(client, &not_done, 5), KEEL_UNKNOWN); /* it counts once */
    keel_client_free(client);
}

static struct keel_client *interrupted;

static void interrupt_from_signal(int number)
{
    (void)number;
    keel_client_interrupt(interrupted);
}

static void *signal_later(void *thread)
{
    usleep(20000);
    pthread_kill(*(pthread_t *)thread, SIGUSR1);
    return NULL;
}

static void a_signal_interrupts_a_wait_without_end_and_a_start(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve, NULL);
    struct keel_config config = make_config(server.port);
    struct keel_client *client = new_client(&config);
    struct keel_error error;
    pthread_t self = pthread_self(), thread;
    bool never = false;
    interrupted = client;
    signal(SIGUSR1, interrupt_from_signal);
    pthread_create(&thread, NULL, signal_later, &self);
    assert_int_equal(keel_client_run(client, &never, -1), KEEL_FAILED);
    pthread_join(thread, NULL);

    keel_client_interrupt(client);
    assert_int_equal(keel_client_start(client, &error), KEEL_FAILED);
    assert_string_equal(error.message, "interrupted while it was starting");
    keel_client_free(client);
    raw_server_stop(&server);
}

static void a_client_lives_on_its_callers_loop(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, serve, NULL);
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct keel_config config = make_config(server.port);
    config.loop = &loop;
    struct keel_client *client = new_client(&config);
    assert_ptr_equal(keel_client_loop(client), &loop);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0); /* idle, it holds nobody up */
    assert_int_equal(keel_client_begin(client, NULL), KEEL_OK);
    while (script.messages == 0)
        assert_int_not_equal(uv_run(&loop, UV_RUN_ONCE), 0);
    int64_t venue_time_ms = keel_client_venue_time_ms(client);
    assert_int_equal(venue_time_ms, script.wall_ms + 500);
    keel_client_free(client);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    raw_server_stop(&server);
}

static void client_ids_begin_where_no_earlier_client_was(void **state)
{
    (void)state;
    struct keel_config config = make_config(1);
    struct keel_client *client = new_client(&config);
    uint64_t first = script.config.client_id_first;
    (void)keel_client_futures(client);
    assert_true(first > 0 && first <= (uint64_t)script.wall_ms * 1000);
    assert_true(first > ((uint64_t)script.wall_ms - 60000) * 1000);
    keel_client_free(client);
    usleep(2000);
    client = new_client(&config);
    assert_true(script.config.client_id_first > first);
    keel_client_free(client);
    config.client_id_first = 77;
    client = new_client(&config);
    assert_int_equal(script.config.client_id_first, 77);
    keel_client_free(client);
}

static void a_configuration_that_cannot_be_right_is_refused(void **state)
{
    (void)state;
    static char long_key[200];
    memset(long_key, 'k', sizeof(long_key) - 1);
    const struct {
        const char *venue, *url, *key, *secret;
        bool demo;
        const char *says;
    } cases[] = {
        {NULL,      NULL,          NULL,       NULL, false, "no venue is called"},
        {"nowhere", NULL,          NULL,       NULL, false, "\"nowhere\""       },
        {"binance", "ftp://x",     NULL,       NULL, false, "is not a base URL" },
        {"binance", "http://here", NULL,       NULL, true,  "choose one"        },
        {"binance", "http://here", "key",      NULL, false, "without its secret"},
        {"binance", "http://here", NULL,       "s",  false, "without its key"   },
        {"binance", "http://here", "k\r\nX:y", "s",  false, "that no key has"   },
        {"binance", "http://here", long_key,   "s",  false, "199 characters"    },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_config config = make_config(1);
        struct keel_error error = {0};
        config.venue = cases[i].venue;
        config.url = cases[i].url;
        config.api_key = cases[i].key;
        config.api_secret = cases[i].secret;
        config.demo_venue = cases[i].demo;
        assert_null(keel_client_new(&config, &error));
        assert_int_equal(error.status, KEEL_CONFIG);
        if (!strstr(error.message, cases[i].says))
            fail_msg("%s", error.message);
    }
    struct keel_config config = make_config(1);
    struct keel_error error = {0};
    (void)keel_fail(&script.refusal, KEEL_CONFIG, "a bound");
    assert_null(keel_client_new(&config, &error));
    assert_string_equal(error.message, "a bound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_waits_until_the_exchange_is_live),
        cmocka_unit_test(a_failed_start_says_why),
        cmocka_unit_test(what_an_input_leads_to_leaves_at_once),
        cmocka_unit_test(what_a_command_queues_leaves_before_the_loop_sleeps),
        cmocka_unit_test(a_deadline_is_kept_and_never_early),
        cmocka_unit_test(run_ends_when_done_when_time_is_over_or_when_interrupted),
        cmocka_unit_test(a_signal_interrupts_a_wait_without_end_and_a_start),
        cmocka_unit_test(a_client_lives_on_its_callers_loop),
        cmocka_unit_test(client_ids_begin_where_no_earlier_client_was),
        cmocka_unit_test(a_configuration_that_cannot_be_right_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

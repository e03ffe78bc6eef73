/* gateio_helper.h - the Gate.io dialect over an engine of its own, spoken to in signed requests. */
#ifndef TEST_GATEIO_HELPER_H
#define TEST_GATEIO_HELPER_H

#include "paper/gateio/gateio_internal.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

enum {
    GATE_BODY_SIZE = 1 << 20,
    GATE_HEADERS_MAX = 8,
};

#define GATE_START_MS INT64_C(1700000000000)

struct gate {
    struct paper_engine *engine;
    struct paper_spot *spot;
    struct paper_keys keys;
    struct paper_outbox outbox;
    struct paper_dialect *dialect;
    struct paper_response response;
    int64_t now_ms;
    bool decimal_sizes;
};

static inline void gate_drain(struct gate *gate)
{
    struct paper_event event;
    struct paper_spot_event spot_event;
    while (paper_engine_next_event(gate->engine, &event))
        gate->dialect->ops->publish(gate->dialect, &event, gate->now_ms);
    while (paper_spot_next_event(gate->spot, &spot_event))
        gate->dialect->ops->publish_spot(gate->dialect, &spot_event, gate->now_ms);
}

static inline struct gate *gate_open_with(const struct paper_instruments *instruments)
{
    struct gate *gate = calloc(1, sizeof(*gate));
    struct paper_config config = paper_gateio_rules((struct paper_config){
        .seed = 7,
        .accounts = 3,
        .deposit = keel_decimal_from_int(100000),
        .insurance = keel_decimal_from_int(1000),
        .manual = true,
        .market_time_ms = GATE_START_MS,
    });
    if (instruments)
        config.rules.instruments = instruments;
    gate->now_ms = GATE_START_MS;
    gate->engine = paper_engine_new(&config, gate->now_ms);
    assert_non_null(gate->engine);
    const struct paper_spot_config coins = {
        .seed = 7,
        .accounts = 3,
        .quote_balance = keel_decimal_from_int(10000),
        .manual = true,
        .market_time_ms = gate->now_ms,
        .instruments = paper_gateio_pairs(),
        .futures = gate->engine,
    };
    gate->spot = paper_spot_new(&coins, gate->now_ms);
    assert_non_null(gate->spot);
    assert_true(paper_keys_init(&gate->keys, 7, 3));
    const struct paper_gateio_config dialect = {
        .engine = gate->engine, .spot = gate->spot, .keys = &gate->keys, .outbox = &gate->outbox};
    gate->dialect = paper_gateio_new(&dialect, gate->now_ms);
    assert_non_null(gate->dialect);
    keel_writer_init(&gate->response.headers, malloc(PAPER_RESPONSE_HEADERS_SIZE),
                     PAPER_RESPONSE_HEADERS_SIZE);
    keel_writer_init(&gate->response.body, malloc(GATE_BODY_SIZE), GATE_BODY_SIZE);
    return gate;
}

static inline int gate_set_up(void **state)
{
    *state = gate_open_with(NULL);
    return 0;
}

static inline void gate_close(struct gate *gate)
{
    struct paper_audit audit;
    paper_engine_audit(gate->engine, &audit);
    if (!audit.conserved)
        fail_msg("money was made or lost: %s", audit.broken);
    gate->dialect->ops->free(gate->dialect);
    paper_spot_free(gate->spot);
    paper_engine_free(gate->engine);
    paper_keys_deinit(&gate->keys);
    free(gate->response.headers.data);
    free(gate->response.body.data);
    free(gate);
}

static inline int gate_tear_down(void **state)
{
    gate_close(*state);
    return 0;
}

/* --- Requests ----------------------------------------------------------------------------------
 */

static inline void gate_handle(struct gate *gate, const struct paper_http_request *request)
{
    paper_response_clear(&gate->response);
    gate->dialect->ops->handle(gate->dialect, request, gate->now_ms, &gate->response);
    gate_drain(gate);
}

static inline struct paper_http_request gate_request(const char *method, const char *path,
                                                     const char *query, const char *body)
{
    return (struct paper_http_request){
        .method = keel_str_from(method),
        .path = keel_str_from(path),
        .query = keel_str_from(query),
        .body = keel_str_from(body),
        .address = KEEL_STR("127.0.0.1"),
    };
}

/* Signed by the account; path is behind /api/v4. Returns the status. */
static inline int gate_send_as(struct gate *gate, int account, const char *method, const char *rest,
                               const char *query, const char *body)
{
    const struct paper_key *key = &gate->keys.at[account - 1];
    struct keel_hmac secret;
    char path[300], timestamp[32], sign[2 * KEEL_SHA512_SIZE + 1];
    (void)snprintf(path, sizeof(path), "/api/v4%s", rest);
    (void)snprintf(timestamp, sizeof(timestamp), "%lld", (long long)gate->now_ms / 1000);
    struct paper_http_request request = gate_request(method, path, query, body);
    keel_hmac_sha512_init(&secret, keel_str_from(key->api_secret));
    gateio_sign(&secret, &request, request.query, keel_str_from(timestamp), sign);
    const struct paper_header headers[] = {
        {KEEL_STR("KEY"),                 keel_str_from(key->api_key)                   },
        {KEEL_STR("Timestamp"),           keel_str_from(timestamp)                      },
        {KEEL_STR("SIGN"),                keel_str_from(sign)                           },
        {KEEL_STR("X-Gate-Size-Decimal"), keel_str_from(gate->decimal_sizes ? "1" : "0")},
        {KEEL_STR("X-Gate-Channel-Id"),   KEEL_STR("keel")                              },
    };
    request.headers = headers;
    request.header_count = sizeof(headers) / sizeof(headers[0]);
    gate_handle(gate, &request);
    return gate->response.status;
}

static inline int gate_send(struct gate *gate, const char *method, const char *rest,
                            const char *query, const char *body)
{
    return gate_send_as(gate, 1, method, rest, query, body);
}

static inline int gate_get(struct gate *gate, const char *rest, const char *query)
{
    return gate_send(gate, "GET", rest, query, "");
}

static inline int gate_post(struct gate *gate, const char *rest, const char *body)
{
    return gate_send(gate, "POST", rest, "", body);
}

static inline int gate_order(struct gate *gate, const char *body)
{
    return gate_post(gate, "/futures/usdt/orders", body);
}

/* --- Answers -----------------------------------------------------------------------------------
 */

static inline const char *gate_body(const struct gate *gate)
{
    return gate->response.body.data;
}

static inline bool gate_has(const struct gate *gate, const char *text)
{
    return strstr(gate_body(gate), text) != NULL;
}

#define assert_has(gate, text)                                                                     \
    do {                                                                                           \
        if (!gate_has(gate, text))                                                                 \
            fail_msg("no %s in %d %s", text, (gate)->response.status, gate_body(gate));            \
    } while (0)

#define assert_lacks(gate, text)                                                                   \
    do {                                                                                           \
        if (gate_has(gate, text))                                                                  \
            fail_msg("%s in %s", text, gate_body(gate));                                           \
    } while (0)

#define assert_status(gate, status_, call)                                                         \
    do {                                                                                           \
        int status = (call);                                                                       \
        if (status != (status_))                                                                   \
            fail_msg("%d, not %d: %s", status, status_, gate_body(gate));                          \
    } while (0)

#define assert_refused(gate, label, call)                                                          \
    do {                                                                                           \
        (void)(call);                                                                              \
        assert_has(gate, "{\"label\":\"" label "\"");                                              \
    } while (0)

/* The value of the first member of this name, without quotes. */
static inline const char *gate_value(const struct gate *gate, const char *name)
{
    static char value[256];
    char mark[64];
    (void)snprintf(mark, sizeof(mark), "\"%s\":", name);
    const char *at = strstr(gate_body(gate), mark);
    if (!at)
        fail_msg("no %s in %s", name, gate_body(gate));
    at += strlen(mark);
    at += *at == '"';
    size_t size = strcspn(at, "\",}]");
    assert_true(size < sizeof(value));
    memcpy(value, at, size);
    value[size] = '\0';
    return value;
}

#define assert_value(gate, name, expected) assert_string_equal(gate_value(gate, name), expected)

static inline void gate_set_price(struct gate *gate, const char *contract, const char *price)
{
    keel_market_id market = gateio_contract_find(keel_str_from(contract));
    assert_int_equal(
        paper_engine_set_price(gate->engine, gate->now_ms, market, keel_decimal_from_text(price)),
        PAPER_OK);
    gate_drain(gate);
}

static inline void gate_wait(struct gate *gate, int64_t ms)
{
    gate->now_ms += ms;
    paper_engine_tick(gate->engine, gate->now_ms);
    paper_spot_tick(gate->spot, gate->now_ms);
    gate_drain(gate);
    gate->dialect->ops->tick(gate->dialect, gate->now_ms);
}

#endif

/* gateio_streams_helper.h - Gate.io's dialect over an engine of its own, spoken to without sockets.
 *
 * Two accounts: "key" with "secret" is user 20011, "key2" with "secret2" is 20012. The clock stands
 * at 1700000000 s, so that what other clients signed then is good here. */
#ifndef TEST_PAPER_GATEIO_STREAMS_HELPER_H
#define TEST_PAPER_GATEIO_STREAMS_HELPER_H

#include "paper/gateio/dialect.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    GATE_NOW = 1700000000, /* seconds */
    GATE_TEXTS_MAX = 512,
    GATE_TEXT_SIZE = 8192,
};

struct gate {
    struct paper_engine *engine;
    struct paper_spot *spot;
    struct paper_key rows[2];
    struct paper_keys keys;
    struct paper_outbox outbox;
    struct paper_dialect *dialect;
    int64_t now_ms;
    char texts[GATE_TEXTS_MAX][GATE_TEXT_SIZE]; /* that left a stream, oldest first */
    int text_count, ping_count, close_code;
};

static inline int set_up_gate(void **state)
{
    static const char *const names[][2] = {
        {"key",  "secret" },
        {"key2", "secret2"}
    };
    struct gate *gate = calloc(1, sizeof(*gate));
    const struct paper_config config = {
        .seed = 7,
        .accounts = 2,
        .deposit = keel_decimal_from_int(10000),
        .insurance = keel_decimal_from_int(1000),
        .manual = true,
        .market_time_ms = INT64_C(1000) * GATE_NOW,
    };
    const struct paper_config rules = paper_gateio_rules(config);
    gate->now_ms = INT64_C(1000) * GATE_NOW;
    for (int i = 0; i < 2; i++) {
        gate->rows[i].account = i + 1;
        (void)keel_str_copy(keel_str_from(names[i][0]), gate->rows[i].api_key, PAPER_KEY_SIZE);
        (void)keel_str_copy(keel_str_from(names[i][1]), gate->rows[i].api_secret, PAPER_KEY_SIZE);
        keel_hmac_sha256_init(&gate->rows[i].hmac, keel_str_from(names[i][1]));
    }
    gate->keys = (struct paper_keys){.at = gate->rows, .count = 2};
    gate->engine = paper_engine_new(&rules, gate->now_ms);
    assert_non_null(gate->engine);
    const struct paper_spot_config coins = {
        .seed = 7,
        .accounts = 2,
        .quote_balance = keel_decimal_from_int(10000),
        .manual = true,
        .market_time_ms = gate->now_ms,
        .instruments = paper_gateio_pairs(),
        .futures = gate->engine,
    };
    gate->spot = paper_spot_new(&coins, gate->now_ms);
    assert_non_null(gate->spot);
    const struct paper_gateio_config dialect = {
        .engine = gate->engine,
        .spot = gate->spot,
        .keys = &gate->keys,
        .outbox = &gate->outbox,
        .speed = 1,
    };
    gate->dialect = paper_gateio_new(&dialect, gate->now_ms);
    assert_non_null(gate->dialect);
    *state = gate;
    return 0;
}

static inline int tear_down_gate(void **state)
{
    struct gate *gate = *state;
    gate->dialect->ops->free(gate->dialect);
    paper_spot_free(gate->spot);
    paper_engine_free(gate->engine);
    free(gate);
    return 0;
}

/* --- Streams -----------------------------------------------------------------------------------
 */

static inline struct paper_stream *gate_open_at(struct gate *gate, const char *path,
                                                bool decimal_sizes)
{
    const struct paper_header header = {KEEL_STR("X-Gate-Size-Decimal"), KEEL_STR("1")};
    const struct paper_http_request request = {
        .method = KEEL_STR("GET"),
        .path = keel_str_from(path),
        .address = KEEL_STR("10.0.0.1"),
        .headers = &header,
        .header_count = decimal_sizes,
    };
    struct paper_response refusal = {0};
    struct paper_stream *stream =
        gate->dialect->ops->open_stream(gate->dialect, &request, gate->now_ms, &refusal);
    assert_non_null(stream);
    return stream;
}

static inline struct paper_stream *gate_open(struct gate *gate, bool decimal_sizes)
{
    return gate_open_at(gate, "/v4/ws/usdt", decimal_sizes);
}

static inline void gate_drain(struct gate *gate)
{
    struct paper_event event;
    struct paper_spot_event spot_event;
    while (paper_engine_next_event(gate->engine, &event))
        gate->dialect->ops->publish(gate->dialect, &event, gate->now_ms);
    while (paper_spot_next_event(gate->spot, &spot_event))
        gate->dialect->ops->publish_spot(gate->dialect, &spot_event, gate->now_ms);
}

static inline void gate_keep(struct gate *gate, keel_str text)
{
    struct keel_json json;
    assert_true(gate->text_count < GATE_TEXTS_MAX);
    assert_true(keel_str_copy(text, gate->texts[gate->text_count++], GATE_TEXT_SIZE));
    keel_json_init(&json, text);
    keel_json_skip(&json);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
}

/* What leaves the stream now joins texts. */
static inline void gate_take(struct gate *gate, struct paper_stream *stream)
{
    struct paper_frame frame;
    while (paper_stream_next_frame(stream, &frame)) {
        gate->ping_count += frame.kind == PAPER_FRAME_PING;
        if (frame.kind == PAPER_FRAME_CLOSE)
            gate->close_code = frame.close_code;
        if (frame.kind == PAPER_FRAME_TEXT)
            gate_keep(gate, frame.payload);
    }
}

/* What has left the stream since the last time is in texts, and nothing else. */
static inline void gate_collect(struct gate *gate, struct paper_stream *stream)
{
    gate->text_count = gate->ping_count = gate->close_code = 0;
    gate_take(gate, stream);
}

static inline void gate_say(struct gate *gate, struct paper_stream *stream, const char *text)
{
    const struct paper_frame frame = {.payload = keel_str_from(text)};
    gate->dialect->ops->receive(gate->dialect, stream, &frame, gate->now_ms);
    gate_drain(gate);
    gate_collect(gate, stream);
}

/* With the answer, should it leave late. */
static inline void gate_ask(struct gate *gate, struct paper_stream *stream, const char *text)
{
    gate_say(gate, stream, text);
    gate->dialect->ops->tick(gate->dialect, gate->now_ms);
    gate_take(gate, stream);
}

static inline void gate_pass(struct gate *gate, struct paper_stream *stream, int64_t ms)
{
    gate->now_ms += ms;
    paper_engine_tick(gate->engine, gate->now_ms);
    paper_spot_tick(gate->spot, gate->now_ms);
    gate_drain(gate);
    gate->dialect->ops->tick(gate->dialect, gate->now_ms);
    gate_collect(gate, stream);
}

static inline void gate_set_price(struct gate *gate, keel_market_id market, const char *price)
{
    assert_int_equal(
        paper_engine_set_price(gate->engine, gate->now_ms, market, keel_decimal_from_text(price)),
        PAPER_OK);
    gate_drain(gate);
}

/* --- Signed messages ---------------------------------------------------------------------------
 */

static inline void gate_sign(const char *secret, const char *text, char hex[129])
{
    struct keel_hmac hmac;
    unsigned char digest[KEEL_SHA512_SIZE];
    struct keel_writer writer;
    keel_str part = keel_str_from(text);
    keel_hmac_sha512_init(&hmac, keel_str_from(secret));
    keel_hmac_sha512_sign(&hmac, &part, 1, digest);
    keel_writer_init(&writer, hex, 129);
    keel_write_hex(&writer, digest, sizeof(digest));
}

static inline void gate_subscribe_as(struct gate *gate, struct paper_stream *stream, int account,
                                     const char *event, const char *channel, const char *payload)
{
    char text[2048], signature[129];
    long long time_s = gate->now_ms / 1000;
    snprintf(text, sizeof(text), "channel=%s&event=%s&time=%lld", channel, event, time_s);
    gate_sign(gate->rows[account - 1].api_secret, text, signature);
    snprintf(text, sizeof(text),
             "{\"time\":%lld,\"channel\":\"%s\",\"event\":\"%s\",\"payload\":%s,"
             "\"auth\":{\"method\":\"api_key\",\"KEY\":\"%s\",\"SIGN\":\"%s\"}}",
             time_s, channel, event, payload, gate->rows[account - 1].api_key, signature);
    gate_say(gate, stream, text);
}

/* Every row of the account on these channels. */
static inline void gate_follow(struct gate *gate, struct paper_stream *stream, int account,
                               const char *channel)
{
    char payload[64];
    bool alone = strcmp(channel, "futures.balances") == 0;
    snprintf(payload, sizeof(payload), "[\"%d\"%s]", 20010 + account, alone ? "" : ",\"!all\"");
    gate_subscribe_as(gate, stream, account, "subscribe", channel, payload);
    assert_int_equal(gate->text_count, 1);
    assert_non_null(strstr(gate->texts[0], "\"error\":null"));
}

static inline void gate_log_in(struct gate *gate, struct paper_stream *stream, int account)
{
    char text[1024], signature[129];
    long long time_s = gate->now_ms / 1000;
    snprintf(text, sizeof(text), "api\nfutures.login\n\n%lld", time_s);
    gate_sign(gate->rows[account - 1].api_secret, text, signature);
    snprintf(
        text, sizeof(text),
        "{\"time\":%lld,\"channel\":\"futures.login\",\"event\":\"api\",\"payload\":{"
        "\"req_id\":\"login\",\"api_key\":\"%s\",\"signature\":\"%s\",\"timestamp\":\"%lld\"}}",
        time_s, gate->rows[account - 1].api_key, signature, time_s);
    gate_say(gate, stream, text);
    assert_int_equal(gate->text_count, 1);
    assert_non_null(strstr(gate->texts[0], "\"status\":\"200\""));
}

/* After a login: `channel` without "futures.". */
static inline void gate_call(struct gate *gate, struct paper_stream *stream, const char *channel,
                             const char *param)
{
    char text[4096];
    snprintf(text, sizeof(text),
             "{\"time\":%lld,\"channel\":\"futures.%s\",\"event\":\"api\","
             "\"payload\":{\"req_id\":\"r-1\",\"req_param\":%s}}",
             (long long)(gate->now_ms / 1000), channel, param);
    gate_ask(gate, stream, text);
}

/* --- Looking at texts --------------------------------------------------------------------------
 */

/* How many texts contain both. */
static inline int gate_count(const struct gate *gate, const char *a, const char *b)
{
    int count = 0;
    for (int i = 0; i < gate->text_count; i++)
        count += strstr(gate->texts[i], a) && strstr(gate->texts[i], b);
    return count;
}

/* The place of the first text with both; -1 without one. */
static inline int gate_find(const struct gate *gate, const char *a, const char *b)
{
    for (int i = 0; i < gate->text_count; i++) {
        if (strstr(gate->texts[i], a) && strstr(gate->texts[i], b))
            return i;
    }
    return -1;
}

static inline const char *gate_text(const struct gate *gate, const char *a, const char *b)
{
    int at = gate_find(gate, a, b);
    if (at < 0) {
        for (int i = 0; i < gate->text_count; i++)
            print_message("%d: %s\n", i, gate->texts[i]);
        fail_msg("no text with %s and %s", a, b ? b : "nothing else");
        return "";
    }
    return gate->texts[at];
}

static inline void assert_has(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("%s\nhas no %s", text ? text : "nothing", part);
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (text && strstr(text, part))
        fail_msg("%s\nhas %s", text, part);
}

/* The value behind "name": as it is written, up to a comma or a closing bracket. */
static inline void gate_member(const char *text, const char *name, char value[128])
{
    char key[64];
    snprintf(key, sizeof(key), "\"%s\":", name);
    const char *at = strstr(text, key);
    if (!at)
        fail_msg("%s\nhas no %s", text, name);
    at += strlen(key);
    size_t size = strcspn(at, ",}]");
    assert_true(size < 128);
    memcpy(value, at, size);
    value[size] = '\0';
}

#endif

/* binance_spot_helper.h - the whole paper venue in one process, called as Binance spot. */
#ifndef TEST_PAPER_BINANCE_SPOT_HELPER_H
#define TEST_PAPER_BINANCE_SPOT_HELPER_H

#include "paper/venue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    BODY_SIZE = 1 << 20,
    HEARD_SIZE = 1 << 18,
    START = 1700000000,
};

static const int64_t start_ms = INT64_C(1000) * START;

struct fixture {
    struct paper_venue *venue;
    struct paper_response response;
    int64_t now_ms;
};

static inline const struct paper_key *key_of(struct fixture *fixture, int account)
{
    return &paper_venue_keys(fixture->venue)->at[account - 1];
}

static inline void send_raw(struct fixture *fixture, const char *method, const char *path,
                            const char *query, const char *body, const char *api_key)
{
    const struct paper_header headers[] = {
        {KEEL_STR("X-Mbx-ApiKey"), keel_str_from(api_key ? api_key : "")        },
        {KEEL_STR("Content-Type"), KEEL_STR("application/x-www-form-urlencoded")},
    };
    const struct paper_http_request request = {
        .method = keel_str_from(method),
        .path = keel_str_from(path),
        .query = keel_str_from(query),
        .body = keel_str_from(body),
        .address = KEEL_STR("10.0.0.1"),
        .headers = api_key ? headers : headers + 1,
        .header_count = api_key ? 2 : 1,
    };
    paper_venue_handle(fixture->venue, &request, fixture->now_ms, &fixture->response);
}

static inline void sign(const struct paper_key *key, const char *text, char hex[65])
{
    unsigned char digest[KEEL_SHA256_SIZE];
    struct keel_writer writer;
    const keel_str part = keel_str_from(text);
    keel_hmac_sha256_sign(&key->hmac, &part, 1, digest);
    keel_writer_init(&writer, hex, 65);
    keel_write_hex(&writer, digest, sizeof(digest));
}

/* Signs and sends as an account; the parameters travel in the query, or in the body of a POST. */
static inline void call_as(struct fixture *fixture, int account, const char *method,
                           const char *path, const char *params)
{
    char text[2048], full[2560], hex[65];
    bool in_body = strcmp(method, "POST") == 0;
    snprintf(text, sizeof(text), "%s%stimestamp=%lld", params, *params ? "&" : "",
             (long long)fixture->now_ms);
    sign(key_of(fixture, account), text, hex);
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
    send_raw(fixture, method, path, in_body ? "" : full, in_body ? full : "",
             key_of(fixture, account)->api_key);
}

static inline void call(struct fixture *fixture, const char *method, const char *path,
                        const char *params)
{
    call_as(fixture, 1, method, path, params);
}

static inline void assert_contains(const char *text, const char *part)
{
    assert_non_null(text);
    if (text && !strstr(text, part))
        fail_msg("'%s' is not in: %.900s", part, text);
}

static inline void expect_body(struct fixture *fixture, int status, const char *part)
{
    assert_contains(fixture->response.body.data, part);
    assert_int_equal(fixture->response.status, status);
}

static inline void expect_error(struct fixture *fixture, int status, int code, const char *message)
{
    char text[256];
    snprintf(text, sizeof(text), "{\"code\":%d,\"msg\":\"%s", code, message);
    expect_body(fixture, status, text);
}

/* The text of a member of the response, unquoted. */
static inline void take_member(const char *text, const char *name, char *value, size_t value_size)
{
    char mark[64];
    snprintf(mark, sizeof(mark), "\"%s\":", name);
    const char *at = strstr(text, mark);
    assert_non_null(at);
    if (!at)
        return;
    at += strlen(mark);
    at += *at == '"';
    size_t size = strcspn(at, "\",}]");
    assert_true(keel_str_copy((keel_str){at, size}, value, value_size));
}

static inline void pass(struct fixture *fixture, int64_t ms)
{
    fixture->now_ms += ms;
    paper_venue_tick(fixture->venue, fixture->now_ms);
}

static inline void control(struct fixture *fixture, const char *path, const char *body)
{
    send_raw(fixture, "POST", path, "", body, NULL);
    if (fixture->response.status != 200)
        fail_msg("%s: %s", path, fixture->response.body.data);
}

static inline void deposit(struct fixture *fixture, int account, const char *asset,
                           const char *amount)
{
    char body[128];
    snprintf(body, sizeof(body), "{\"account\":%d,\"asset\":\"%s\",\"amount\":\"%s\"}", account,
             asset, amount);
    control(fixture, "/paper/deposit", body);
    pass(fixture, PAPER_WALLET_STEP_MS);
}

static inline int set_up(void **state)
{
    static const char *const venues[] = {"binance", NULL};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct paper_venue_config config = {
        .engine = {.seed = 7,
                   .accounts = 2,
                   .deposit = keel_decimal_from_int(10000),
                   .insurance = keel_decimal_from_int(1000),
                   .manual = true,
                   .market_time_ms = start_ms},
        .venues = venues,
    };
    fixture->now_ms = start_ms;
    fixture->venue = paper_venue_new(&config, fixture->now_ms);
    keel_writer_init(&fixture->response.headers, malloc(PAPER_RESPONSE_HEADERS_SIZE),
                     PAPER_RESPONSE_HEADERS_SIZE);
    keel_writer_init(&fixture->response.body, malloc(BODY_SIZE), BODY_SIZE);
    assert_non_null(fixture->venue);
    control(fixture, "/paper/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"20000\"}");
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    assert_true(paper_venue_is_conserved(fixture->venue));
    paper_venue_free(fixture->venue);
    free(fixture->response.headers.data);
    free(fixture->response.body.data);
    free(fixture);
    return 0;
}

/* --- Streams -----------------------------------------------------------------------------------
 */

static inline struct paper_stream *open_stream(struct fixture *fixture, const char *path,
                                               const char *query)
{
    const struct paper_http_request request = {
        .method = KEEL_STR("GET"),
        .path = keel_str_from(path),
        .query = keel_str_from(query),
        .address = KEEL_STR("10.0.0.1"),
    };
    return paper_venue_open_stream(fixture->venue, &request, fixture->now_ms, &fixture->response);
}

static inline void say(struct fixture *fixture, struct paper_stream *stream, const char *text)
{
    const struct paper_frame frame = {.payload = keel_str_from(text)};
    paper_venue_receive(fixture->venue, stream, &frame, fixture->now_ms);
}

/* All frames that wait, a line each. */
static inline char *hear(struct paper_stream *stream)
{
    static char heard[HEARD_SIZE];
    struct keel_writer writer;
    struct paper_frame frame;
    keel_writer_init(&writer, heard, sizeof(heard));
    while (paper_stream_next_frame(stream, &frame)) {
        switch (frame.kind) {
        case PAPER_FRAME_TEXT: keel_write(&writer, frame.payload); break;
        case PAPER_FRAME_PING: keel_write(&writer, KEEL_STR("PING")); break;
        case PAPER_FRAME_PONG: keel_write(&writer, KEEL_STR("PONG")); break;
        case PAPER_FRAME_CLOSE: keel_write_format(&writer, "CLOSE %d", frame.close_code); break;
        }
        keel_write_char(&writer, '\n');
    }
    return heard;
}

/* A signed request of the WebSocket API. `params` is the inside of a JSON object of strings whose
 * names come before "apiKey" or between it and "timestamp" in the alphabet are for the caller to
 * sort: `signed_text` is what is signed. */
static inline char *ask(struct fixture *fixture, struct paper_stream *stream, const char *method,
                        const char *params, const char *signed_before, const char *signed_after)
{
    char text[2048], full[3072], hex[65];
    const char *key = key_of(fixture, 1)->api_key;
    snprintf(text, sizeof(text), "apiKey=%s%s&timestamp=%lld%s", key, signed_before,
             (long long)fixture->now_ms, signed_after);
    sign(key_of(fixture, 1), text, hex);
    snprintf(full, sizeof(full),
             "{\"id\":\"7\",\"method\":\"%s\",\"params\":{%s%s\"apiKey\":\"%s\",\"timestamp\":%lld,"
             "\"signature\":\"%s\"}}",
             method, params, *params ? "," : "", key, (long long)fixture->now_ms, hex);
    say(fixture, stream, full);
    return hear(stream);
}

#endif

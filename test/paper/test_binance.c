/* The whole paper venue in one process under a clock of the test's own: what depends on time, on
 * limits and on the exact bytes that were signed. */
#include "base/json.h"
#include "paper/venue.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

enum {
    BODY_SIZE = 1 << 20,
    START = 1700000000,
};

static const int64_t start_ms = INT64_C(1000) * START;

struct fixture {
    struct paper_venue *venue;
    struct paper_response response;
    int64_t now_ms;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct paper_venue_config config = {
        .engine = {.seed = 7,
                   .accounts = 2,
                   .deposit = keel_decimal_from_int(10000),
                   .insurance = keel_decimal_from_int(1000),
                   .manual = true,
                   .market_time_ms = start_ms},
    };
    fixture->now_ms = start_ms;
    fixture->venue = paper_venue_new(&config, fixture->now_ms);
    keel_writer_init(&fixture->response.headers, malloc(PAPER_RESPONSE_HEADERS_SIZE),
                     PAPER_RESPONSE_HEADERS_SIZE);
    keel_writer_init(&fixture->response.body, malloc(BODY_SIZE), BODY_SIZE);
    assert_non_null(fixture->venue);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    paper_venue_free(fixture->venue);
    free(fixture->response.headers.data);
    free(fixture->response.body.data);
    free(fixture);
    return 0;
}

/* --- Requests ----------------------------------------------------------------------------------
 */

static const struct paper_key *key_of(struct fixture *fixture, int account)
{
    return &paper_venue_keys(fixture->venue)->at[account - 1];
}

static void send_raw(struct fixture *fixture, const char *method, const char *path,
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

static void sign(const struct paper_key *key, const char *first, const char *second, char hex[65])
{
    unsigned char digest[KEEL_SHA256_SIZE];
    struct keel_writer writer;
    const keel_str parts[] = {keel_str_from(first), keel_str_from(second)};
    keel_hmac_sha256_sign(&key->hmac, parts, 2, digest);
    keel_writer_init(&writer, hex, 65);
    keel_write_hex(&writer, digest, sizeof(digest));
}

/* Signs and sends; the parameters travel in the query, or in the body of a POST or PUT. */
static void call(struct fixture *fixture, const char *method, const char *path, const char *params)
{
    char text[2048], full[2560], hex[65];
    bool in_body = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;

    snprintf(text, sizeof(text), "%s%stimestamp=%lld", params, *params ? "&" : "",
             (long long)fixture->now_ms);
    sign(key_of(fixture, 1), text, "", hex);
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
    send_raw(fixture, method, path, in_body ? "" : full, in_body ? full : "",
             key_of(fixture, 1)->api_key);
}

static void assert_contains(const char *text, const char *part)
{
    assert_non_null(text);
    if (text && !strstr(text, part))
        fail_msg("'%s' is not in: %.600s", part, text);
}

static void expect_body(struct fixture *fixture, int status, const char *part)
{
    assert_contains(fixture->response.body.data, part);
    assert_int_equal(fixture->response.status, status);
}

static void expect_code(struct fixture *fixture, int status, int code)
{
    char text[32];
    snprintf(text, sizeof(text), "{\"code\":%d,", code);
    expect_body(fixture, status, text);
}

/* The text of a member of the response, unquoted. */
static void take_member(struct fixture *fixture, const char *name, char *value, size_t value_size)
{
    char mark[64];
    snprintf(mark, sizeof(mark), "\"%s\":", name);
    const char *at = strstr(fixture->response.body.data, mark);
    assert_non_null(at);
    at += strlen(mark);
    at += *at == '"';
    size_t size = strcspn(at, "\",}]");
    assert_true(keel_str_copy((keel_str){at, size}, value, value_size));
}

/* --- Streams -----------------------------------------------------------------------------------
 */

static struct paper_stream *open_stream(struct fixture *fixture, const char *path,
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

static void say(struct fixture *fixture, struct paper_stream *stream, const char *text)
{
    const struct paper_frame frame = {.payload = keel_str_from(text)};
    paper_venue_receive(fixture->venue, stream, &frame, fixture->now_ms);
}

/* All text frames that wait, a line each. */
static char *hear(struct paper_stream *stream)
{
    static char heard[1 << 18];
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

static void pass(struct fixture *fixture, int64_t ms)
{
    fixture->now_ms += ms;
    paper_venue_tick(fixture->venue, fixture->now_ms);
}

static void take_listen_key(struct fixture *fixture, char key[PAPER_KEY_SIZE])
{
    send_raw(fixture, "POST", "/fapi/v1/listenKey", "", "", key_of(fixture, 1)->api_key);
    assert_int_equal(fixture->response.status, 200);
    take_member(fixture, "listenKey", key, PAPER_KEY_SIZE);
}

/* --- Authentication ----------------------------------------------------------------------------
 */

static void a_call_without_a_key_is_told_so(void **state)
{
    struct fixture *fixture = *state;
    send_raw(fixture, "GET", "/fapi/v3/account", "timestamp=1&signature=0", "", NULL);
    expect_code(fixture, 401, -2014);
    send_raw(fixture, "GET", "/fapi/v3/account", "timestamp=1&signature=0", "", "too-short");
    expect_code(fixture, 401, -2014);
    send_raw(fixture, "GET", "/fapi/v3/account", "timestamp=1&signature=0", "",
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    expect_body(fixture, 401,
                "{\"code\":-2015,\"msg\":\"Invalid API-key, IP, or permissions for action.\"}");
}

static void send_at(struct fixture *fixture, int64_t timestamp_ms, const char *window)
{
    char text[256], full[400], hex[65];
    snprintf(text, sizeof(text), "timestamp=%lld%s", (long long)timestamp_ms, window);
    sign(key_of(fixture, 1), text, "", hex);
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
    send_raw(fixture, "GET", "/fapi/v3/balance", full, "", key_of(fixture, 1)->api_key);
}

static void a_timestamp_is_accepted_inside_its_window_alone(void **state)
{
    struct fixture *fixture = *state;
    static const char late[] = "Timestamp for this request is outside of the recvWindow.";
    static const char early[] = "Timestamp for this request was 1000ms ahead of the server's time.";

    send_at(fixture, fixture->now_ms - 5000, "");
    assert_int_equal(fixture->response.status, 200);
    send_at(fixture, fixture->now_ms - 5001, "");
    expect_code(fixture, 400, -1021);
    assert_contains(fixture->response.body.data, late);
    send_at(fixture, fixture->now_ms - 60000, "&recvWindow=60000");
    assert_int_equal(fixture->response.status, 200);
    send_at(fixture, fixture->now_ms + 999, "");
    assert_int_equal(fixture->response.status, 200);
    send_at(fixture, fixture->now_ms + 1000, "&recvWindow=60000");
    expect_body(fixture, 400, early);
    send_at(fixture, fixture->now_ms, "&recvWindow=60001");
    expect_code(fixture, 400, -1131);
}

static void a_changed_byte_anywhere_spoils_the_signature(void **state)
{
    struct fixture *fixture = *state;
    char text[256], full[400], hex[65];
    const char *key = key_of(fixture, 1)->api_key;

    snprintf(text, sizeof(text), "symbol=BTCUSDT&leverage=10&timestamp=%lld",
             (long long)fixture->now_ms);
    sign(key_of(fixture, 1), text, "", hex);
    for (size_t i = 0; i < strlen(text) + 1; i++) {
        snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
        if (i < strlen(text) && strchr("&=", full[i]))
            continue; /* another parameter then, and another refusal */
        size_t at = i < strlen(text) ? i : strlen(full) - 1;
        full[at] = full[at] == 'a' ? 'b' : 'a';
        send_raw(fixture, "POST", "/fapi/v1/leverage", "", full, key);
        assert_int_not_equal(fixture->response.status, 200);
    }
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
    full[7] = 'X';
    send_raw(fixture, "POST", "/fapi/v1/leverage", "", full, key);
    expect_body(fixture, 400,
                "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}");
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
    send_raw(fixture, "POST", "/fapi/v1/leverage", "", full, key);
    assert_int_equal(fixture->response.status, 200);
}

static void another_accounts_secret_does_not_sign(void **state)
{
    struct fixture *fixture = *state;
    char text[256], full[400], hex[65];
    snprintf(text, sizeof(text), "timestamp=%lld", (long long)fixture->now_ms);
    sign(key_of(fixture, 2), text, "", hex);
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
    send_raw(fixture, "GET", "/fapi/v3/account", full, "", key_of(fixture, 1)->api_key);
    expect_code(fixture, 400, -1022);
}

static void what_is_missing_is_named(void **state)
{
    struct fixture *fixture = *state;
    const char *key = key_of(fixture, 1)->api_key;
    char text[64];

    send_raw(fixture, "GET", "/fapi/v3/account", "signature=00", "", key);
    expect_body(fixture, 400,
                "{\"code\":-1102,\"msg\":\"Mandatory parameter 'timestamp' was not sent, was "
                "empty/null, or malformed.\"}");
    snprintf(text, sizeof(text), "timestamp=%lld", (long long)fixture->now_ms);
    send_raw(fixture, "GET", "/fapi/v3/account", text, "", key);
    expect_body(fixture, 400, "'signature'");
    call(fixture, "POST", "/fapi/v1/leverage", "leverage=5");
    expect_body(fixture, 400, "'symbol'");
    call(fixture, "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=");
    expect_body(fixture, 400, "{\"code\":-1105,\"msg\":\"Parameter 'leverage' was empty.\"}");
    call(fixture, "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=x");
    expect_code(fixture, 400, -1102);
    call(fixture, "POST", "/fapi/v1/leverage", "symbol=NOTHING&leverage=5");
    expect_body(fixture, 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
}

static void query_and_body_are_signed_one_after_the_other_and_the_query_wins(void **state)
{
    struct fixture *fixture = *state;
    char body[256], full[400], hex[65];
    static const char query[] = "symbol=BTCUSDT&leverage=7";

    snprintf(body, sizeof(body), "leverage=9&timestamp=%lld", (long long)fixture->now_ms);
    sign(key_of(fixture, 1), query, body, hex);
    snprintf(full, sizeof(full), "%s&signature=%s", body, hex);
    send_raw(fixture, "POST", "/fapi/v1/leverage", query, full, key_of(fixture, 1)->api_key);
    expect_body(fixture, 200, "\"leverage\":7");

    sign(key_of(fixture, 1), query, body, hex);
    for (char *c = hex; *c; c++)
        *c = *c >= 'a' ? (char)(*c - 'a' + 'A') : *c;
    snprintf(full, sizeof(full), "%s&signature=%s", body, hex);
    send_raw(fixture, "POST", "/fapi/v1/leverage", query, full, key_of(fixture, 1)->api_key);
    expect_body(fixture, 200, "\"leverage\":7");
}

static void a_parameter_sent_twice_is_refused(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=5&leverage=6");
    expect_body(fixture, 400,
                "{\"code\":-1101,\"msg\":\"Duplicate values for a parameter detected.\"}");
}

static void escapes_are_decoded_only_after_the_signature(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", "/fapi/v1/batchOrders",
         "batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22type%22%3A"
         "%22LIMIT%22%2C%22quantity%22%3A%220.01%22%2C%22price%22%3A%2259000%22%2C%22timeInForce"
         "%22%3A%22GTC%22%7D%5D");
    expect_body(fixture, 200, "\"origQty\":\"0.010\"");
    call(fixture, "POST", "/fapi/v1/batchOrders",
         "batchOrders=[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":"
         "\"0.01\",\"price\":\"59000\",\"timeInForce\":\"GTC\"}]");
    expect_body(fixture, 200, "\"origQty\":\"0.010\"");
}

/* --- Paths and limits --------------------------------------------------------------------------
 */

static void a_path_or_method_that_is_none_is_answered_as_the_venue_does(void **state)
{
    struct fixture *fixture = *state;
    send_raw(fixture, "GET", "/fapi/v1/nothing", "", "", NULL);
    expect_body(fixture, 404,
                "{\"code\":-5000,\"msg\":\"Path /fapi/v1/nothing, Method GET is invalid\"}");
    send_raw(fixture, "DELETE", "/fapi/v1/ping", "", "", NULL);
    expect_code(fixture, 404, -5000);
    send_raw(fixture, "GET", "/elsewhere", "", "", NULL);
    expect_body(fixture, 404, "<html>");
}

static void weight_is_counted_by_the_minute_and_enforced(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 60; i++)
        send_raw(fixture, "GET", "/fapi/v1/ticker/24hr", "", "", NULL);
    assert_int_equal(fixture->response.status, 200);
    assert_contains(fixture->response.headers.data, "X-MBX-USED-WEIGHT-1M: 2400\r\n");
    send_raw(fixture, "GET", "/fapi/v1/ping", "", "", NULL);
    expect_code(fixture, 429, -1003);
    assert_contains(fixture->response.headers.data, "Retry-After: ");
    fixture->now_ms += 60000;
    send_raw(fixture, "GET", "/fapi/v1/ping", "", "", NULL);
    assert_int_equal(fixture->response.status, 200);
    assert_contains(fixture->response.headers.data, "X-MBX-USED-WEIGHT-1M: 1\r\n");
}

static void who_ignores_the_limit_is_banned_for_two_minutes(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 60 + 70; i++)
        send_raw(fixture, "GET", "/fapi/v1/ticker/24hr", "", "", NULL);
    expect_body(fixture, 418, "banned until 1700000120000");
    assert_contains(fixture->response.headers.data, "Retry-After: 120\r\n");
    fixture->now_ms += 119999;
    send_raw(fixture, "GET", "/fapi/v1/ping", "", "", NULL);
    assert_int_equal(fixture->response.status, 418);
    fixture->now_ms += 1;
    send_raw(fixture, "GET", "/fapi/v1/ping", "", "", NULL);
    assert_int_equal(fixture->response.status, 200);
}

static void accepted_orders_are_counted_and_bounded(void **state)
{
    struct fixture *fixture = *state;
    static const char order[] =
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.01&price=59000";
    call(fixture, "POST", "/fapi/v1/order", order);
    assert_contains(fixture->response.headers.data,
                    "X-MBX-ORDER-COUNT-10S: 1\r\nX-MBX-ORDER-COUNT-1M: 1\r\n");
    call(fixture, "POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=LIMIT");
    assert_null(strstr(fixture->response.headers.data, "ORDER-COUNT"));
    for (int i = 1; i < 300; i++)
        call(fixture, "POST", "/fapi/v1/order", order);
    assert_int_equal(fixture->response.status, 200);
    call(fixture, "POST", "/fapi/v1/order", order);
    expect_code(fixture, 429, -1015);
    fixture->now_ms += 10000;
    call(fixture, "POST", "/fapi/v1/order", order);
    assert_int_equal(fixture->response.status, 200);
}

/* --- Orders ------------------------------------------------------------------------------------
 */

static const struct {
    const char *name, *params;
    int code;
} refusals[] = {
    {"side",              "symbol=BTCUSDT&side=UP&type=LIMIT",                                               -1117},
    {"type",              "symbol=BTCUSDT&side=BUY&type=LIMITS",                                             -1116},
    {"time in force",     "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=G&quantity=1&price=1",             -1115},
    {"position side",     "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&positionSide=UP",                  -4060},
    {"hedge",             "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&positionSide=LONG",             -4061},
    {"conditional",       "symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=1&stopPrice=1",                 -4120},
    {"no price",          "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1",                   -1102},
    {"no time",           "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=59000",                       -1102},
    {"market with time",  "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timeInForce=GTC",                  -1106},
    {"market with price", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=59000",                      -1106},
    {"letters",           "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=one",                                -1100},
    {"exponent",          "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e-3",                               -1100},
    {"boolean",           "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&reduceOnly=1",                     -1130},
    {"response type",     "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newOrderRespType=X",               -1136},
    {"price match",       "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&priceMatch=X",
     -5037                                                                                                        },
    {"zero quantity",     "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0",                                  -4003},
    {"precision",         "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0001",                             -1111},
    {"above",             "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=100000",                             -4005},
    {"notional",          "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=59000",
     -4164                                                                                                        },
    {"tick",              "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000.05",
     -4014                                                                                                        },
    {"band",              "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90000",    -4016},
    {"client id",         "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=a%20b",
     -4015                                                                                                        },
    {"reduce only",       "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&reduceOnly=true",               -2022},
    {"margin",            "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=60",                                 -2019},
    {"post only",         "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=61000",
     -5022                                                                                                        },
    {"fill or kill",      "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.01&price=59000",
     -5021                                                                                                        },
};

static void each_wrong_order_has_its_code(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        char text[32];
        call(fixture, "POST", "/fapi/v1/order", refusals[i].params);
        snprintf(text, sizeof(text), "{\"code\":%d,", refusals[i].code);
        if (!strstr(fixture->response.body.data, text))
            fail_msg("%s: %d is not in %.300s", refusals[i].name, refusals[i].code,
                     fixture->response.body.data);
    }
}

static void the_stream_and_the_answers_tell_one_story(void **state)
{
    struct fixture *fixture = *state;
    char key[PAPER_KEY_SIZE], id[32];
    take_listen_key(fixture, key);
    char path[128];
    snprintf(path, sizeof(path), "/private/ws/%s", key);
    struct paper_stream *stream = open_stream(fixture, path, "");
    assert_non_null(stream);

    call(fixture, "POST", "/fapi/v1/order",
         "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000"
         "&newClientOrderId=mine");
    expect_body(fixture, 200, "\"status\":\"NEW\",\"clientOrderId\":\"mine\"");
    take_member(fixture, "orderId", id, sizeof(id));
    char *heard = hear(stream);
    assert_contains(heard, "\"e\":\"ORDER_TRADE_UPDATE\"");
    assert_contains(heard, "\"x\":\"NEW\",\"X\":\"NEW\"");
    assert_contains(heard, id);
    assert_null(strstr(heard, "ACCOUNT_UPDATE"));

    char params[160];
    snprintf(params, sizeof(params), "symbol=BTCUSDT&side=BUY&orderId=%s&quantity=0.02&price=58000",
             id);
    call(fixture, "PUT", "/fapi/v1/order", params);
    expect_body(fixture, 200, "\"price\":\"58000.00\"");
    assert_contains(hear(stream), "\"x\":\"AMENDMENT\",\"X\":\"NEW\"");

    call(fixture, "DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=mine");
    expect_body(fixture, 200, "\"status\":\"CANCELED\"");
    assert_contains(hear(stream), "\"x\":\"CANCELED\",\"X\":\"CANCELED\"");
    call(fixture, "DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=mine");
    expect_body(fixture, 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
    call(fixture, "GET", "/fapi/v1/openOrder", "symbol=BTCUSDT&origClientOrderId=mine");
    expect_body(fixture, 400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}");

    call(fixture, "POST", "/fapi/v1/order",
         "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newOrderRespType=RESULT");
    expect_body(fixture, 200, "\"status\":\"FILLED\"");
    heard = hear(stream);
    assert_contains(heard, "\"e\":\"TRADE_LITE\"");
    assert_contains(heard, "\"x\":\"TRADE\",\"X\":\"FILLED\"");
    assert_contains(heard, "\"e\":\"ACCOUNT_UPDATE\"");
    assert_contains(heard, "\"pa\":\"0.010\"");
    call(fixture, "GET", "/fapi/v3/positionRisk", "");
    expect_body(fixture, 200, "\"positionAmt\":\"0.010\"");
    paper_venue_close_stream(fixture->venue, stream);
}

static void a_conditional_order_lives_at_its_own_endpoint(void **state)
{
    struct fixture *fixture = *state;
    char key[PAPER_KEY_SIZE], query[128], id[32], params[64];
    take_listen_key(fixture, key);
    snprintf(query, sizeof(query), "listenKey=%s", key);
    struct paper_stream *stream = open_stream(fixture, "/private/stream", query);

    call(fixture, "POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01");
    call(fixture, "POST", "/fapi/v1/algoOrder",
         "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=59000"
         "&closePosition=true&clientAlgoId=stop");
    expect_body(fixture, 200, "\"clientAlgoId\":\"stop\"");
    take_member(fixture, "algoId", id, sizeof(id));
    snprintf(params, sizeof(params), "symbol=BTCUSDT&orderId=%s", id);
    call(fixture, "DELETE", "/fapi/v1/order", params);
    expect_code(fixture, 400, -2011);
    hear(stream);

    send_raw(fixture, "POST", "/paper/price", "", "{\"symbol\":\"BTCUSDT\",\"price\":\"58900\"}",
             NULL);
    assert_int_equal(fixture->response.status, 200);
    char *heard = hear(stream);
    assert_contains(heard, "\"X\":\"TRIGGERING\"");
    assert_contains(heard, "\"X\":\"FINISHED\"");
    assert_contains(heard, "{\"stream\":\"");
    assert_contains(heard, key);
    call(fixture, "GET", "/fapi/v1/algoOrder", "clientAlgoId=stop");
    expect_body(fixture, 200, "\"algoStatus\":\"FINISHED\"");
    call(fixture, "GET", "/fapi/v3/positionRisk", "");
    expect_body(fixture, 200, "[]");

    call(fixture, "POST", "/fapi/v1/algoOrder",
         "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=50000"
         "&quantity=0.01");
    take_member(fixture, "algoId", id, sizeof(id));
    snprintf(params, sizeof(params), "algoId=%s&symbol=BTCUSDT", id);
    call(fixture, "DELETE", "/fapi/v1/algoOrder", params);
    expect_body(fixture, 200, "\"code\":\"200\",\"msg\":\"success\"}");
    paper_venue_close_stream(fixture->venue, stream);
}

static void a_batch_answers_each_item_in_its_order(void **state)
{
    struct fixture *fixture = *state;
    static const char good[] =
        "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":\"0.01\","
        "\"price\":\"59000\",\"timeInForce\":\"GTC\",\"newClientOrderId\":\"b1\"}";
    char params[2048];
    snprintf(params, sizeof(params), "batchOrders=[%s,{\"symbol\":\"BTCUSDT\"}]", good);
    call(fixture, "POST", "/fapi/v1/batchOrders", params);
    expect_body(fixture, 200, "\"clientOrderId\":\"b1\"");
    assert_contains(fixture->response.body.data, "},{\"code\":-1102,");
    call(fixture, "POST", "/fapi/v1/batchOrders", "batchOrders=[{'symbol':'BTCUSDT'}]");
    expect_code(fixture, 400, -1130);
    call(fixture, "POST", "/fapi/v1/batchOrders", "batchOrders=[{},{},{},{},{},{}]");
    expect_code(fixture, 400, -4082);
    call(fixture, "DELETE", "/fapi/v1/batchOrders",
         "symbol=BTCUSDT&origclientorderidlist=[\"b1\",\"b2\"]");
    expect_body(fixture, 200, "\"status\":\"CANCELED\"");
    assert_contains(fixture->response.body.data, "{\"code\":-2011,");
}

static void the_countdown_clears_resting_orders(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", "/fapi/v1/order",
         "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000");
    call(fixture, "POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=1000");
    expect_body(fixture, 200, "\"countdownTime\":\"1000\"");
    pass(fixture, 999);
    call(fixture, "GET", "/fapi/v1/openOrders", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"status\":\"NEW\"");
    pass(fixture, 20);
    call(fixture, "GET", "/fapi/v1/openOrders", "symbol=BTCUSDT");
    assert_string_equal(fixture->response.body.data, "[]");
}

/* --- Modes and shapes --------------------------------------------------------------------------
 */

static void modes_answer_as_documented(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "GET", "/fapi/v1/positionSide/dual", "");
    assert_string_equal(fixture->response.body.data, "{\"dualSidePosition\":false}");
    call(fixture, "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false");
    expect_body(fixture, 400, "{\"code\":-4059,\"msg\":\"No need to change position side.\"}");
    call(fixture, "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=true");
    expect_body(fixture, 200, "{\"code\":200,\"msg\":\"success\"}");
    call(fixture, "POST", "/fapi/v1/order",
         "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&positionSide=SHORT");
    expect_body(fixture, 200, "\"positionSide\":\"SHORT\"");
    call(fixture, "GET", "/fapi/v3/positionRisk", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"positionSide\":\"SHORT\",\"positionAmt\":\"-0.010\"");
    call(fixture, "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false");
    expect_body(fixture, 400, "\"code\":-4068");
    call(fixture, "POST", "/fapi/v1/order",
         "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&positionSide=SHORT");
    expect_body(fixture, 200, "\"reduceOnly\":true");
    call(fixture, "POST", "/fapi/v1/order",
         "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&positionSide=LONG&reduceOnly=true");
    expect_body(fixture, 400, "\"code\":-1106");
    call(fixture, "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false");
    expect_body(fixture, 200, "success");
    call(fixture, "POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED");
    expect_body(fixture, 400, "{\"code\":-4046,\"msg\":\"No need to change margin type.\"}");
    call(fixture, "POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED");
    expect_body(fixture, 200, "{\"code\":200,\"msg\":\"success\"}");
    call(fixture, "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=126");
    expect_body(fixture, 400, "{\"code\":-4028,\"msg\":\"Leverage 126 is not valid\"}");
    call(fixture, "GET", "/fapi/v2/positionRisk", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"leverage\":\"20\"");
    assert_contains(fixture->response.body.data, "\"marginType\":\"isolated\"");
    assert_contains(fixture->response.body.data, "\"isAutoAddMargin\":\"false\"");
    call(fixture, "GET", "/fapi/v1/symbolConfig", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"leverage\":20,");
    call(fixture, "GET", "/fapi/v1/leverageBracket", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"maintMarginRatio\":0.00");
}

static void a_change_of_margin_names_its_leg(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=true");
    call(fixture, "POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED");
    call(fixture, "POST", "/fapi/v1/order",
         "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&positionSide=SHORT");
    call(fixture, "POST", "/fapi/v1/positionMargin",
         "symbol=BTCUSDT&amount=5&type=1&positionSide=SHORT");
    call(fixture, "GET", "/fapi/v1/positionMargin/history", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"deltaType\":\"USER_ADJUST\"");
    assert_contains(fixture->response.body.data, "\"positionSide\":\"SHORT\"");
    assert_null(strstr(fixture->response.body.data, "\"positionSide\":\"BOTH\""));
}

/* --- Listen keys and streams -------------------------------------------------------------------
 */

static void a_listen_key_lives_an_hour_from_its_last_call(void **state)
{
    struct fixture *fixture = *state;
    char key[PAPER_KEY_SIZE], again[PAPER_KEY_SIZE], path[128];
    const char *api_key = key_of(fixture, 1)->api_key;
    const struct paper_frame pong = {.kind = PAPER_FRAME_PONG};

    send_raw(fixture, "PUT", "/fapi/v1/listenKey", "", "", api_key);
    expect_body(fixture, 400, "{\"code\":-1125,\"msg\":\"This listenKey does not exist.\"}");
    take_listen_key(fixture, key);
    snprintf(path, sizeof(path), "/private/ws/%s", key);
    struct paper_stream *stream = open_stream(fixture, path, "");
    pass(fixture, 59 * 60000);
    paper_venue_receive(fixture->venue, stream, &pong, fixture->now_ms);
    send_raw(fixture, "PUT", "/fapi/v1/listenKey", "", "", api_key);
    assert_int_equal(fixture->response.status, 200);
    pass(fixture, 59 * 60000);
    paper_venue_receive(fixture->venue, stream, &pong, fixture->now_ms);
    take_listen_key(fixture, again);
    assert_string_equal(key, again);
    hear(stream);

    pass(fixture, 60 * 60000);
    assert_contains(hear(stream), "\"e\":\"listenKeyExpired\"");
    call(fixture, "POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01");
    assert_null(strstr(hear(stream), "ORDER_TRADE_UPDATE"));
    take_listen_key(fixture, again);
    assert_string_not_equal(key, again);
    paper_venue_close_stream(fixture->venue, stream);
}

static void every_way_of_opening_the_private_stream_works(void **state)
{
    struct fixture *fixture = *state;
    char key[PAPER_KEY_SIZE], path[128], query[128], text[160];
    take_listen_key(fixture, key);

    snprintf(path, sizeof(path), "/private/ws/%s", key);
    snprintf(query, sizeof(query), "listenKey=%s", key);
    struct paper_stream *streams[] = {
        open_stream(fixture, path, ""),
        open_stream(fixture, "/private/ws", query),
        open_stream(fixture, "/private/stream", query),
        open_stream(fixture, "/private/stream", "streams="),
        open_stream(fixture, path + 8, ""),
        open_stream(fixture, "/market/ws", query),
    };
    snprintf(text, sizeof(text),
             "{\"method\":\"SUBSCRIBE\",\"params\":[\"%s\"],\"id\":\"0123456789abcdef\"}", key);
    say(fixture, streams[3], text);
    assert_string_equal(hear(streams[3]), "{\"result\":null,\"id\":\"0123456789abcdef\"}\n");

    call(fixture, "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=5");
    for (int i = 0; i < 5; i++) {
        char *heard = hear(streams[i]);
        assert_contains(heard, "\"e\":\"ACCOUNT_CONFIG_UPDATE\"");
        assert_contains(heard, "\"ac\":{\"s\":\"BTCUSDT\",\"l\":5}");
        snprintf(text, sizeof(text), "{\"stream\":\"%s\",\"data\":{", key);
        assert_int_equal(strstr(heard, text) != NULL, i == 2 || i == 3);
    }
    assert_string_equal(hear(streams[5]), "");
    for (int i = 0; i < 6; i++)
        paper_venue_close_stream(fixture->venue, streams[i]);
}

static void market_streams_go_to_their_subscribers_alone(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *marks = open_stream(fixture, "/market/ws/btcusdt@markPrice@1s", "");
    struct paper_stream *books =
        open_stream(fixture, "/public/stream", "streams=btcusdt@bookTicker/ethusdt@bookTicker");
    struct paper_stream *wrong = open_stream(fixture, "/public/ws/btcusdt@markPrice@1s", "");

    pass(fixture, 1000);
    assert_contains(hear(marks), "\"e\":\"markPriceUpdate\"");
    send_raw(fixture, "POST", "/paper/price", "", "{\"symbol\":\"BTCUSDT\",\"price\":\"61000\"}",
             NULL);
    assert_contains(hear(books),
                    "{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"e\":\"bookTicker\"");
    pass(fixture, 1000);
    assert_contains(hear(marks), "\"p\":\"61000.00000000\"");
    assert_string_equal(hear(wrong), "");

    say(fixture, books, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":3}");
    assert_string_equal(hear(books),
                        "{\"result\":[\"btcusdt@bookTicker\",\"ethusdt@bookTicker\"],\"id\":3}\n");
    say(fixture, books,
        "{\"method\":\"UNSUBSCRIBE\",\"params\":[\"btcusdt@bookTicker\"],\"id\":4}");
    assert_string_equal(hear(books), "{\"result\":null,\"id\":4}\n");
    send_raw(fixture, "POST", "/paper/price", "", "{\"symbol\":\"BTCUSDT\",\"price\":\"60000\"}",
             NULL);
    assert_string_equal(hear(books), "");
    say(fixture, books, "{nonsense");
    assert_contains(hear(books), "{\"error\":{\"code\":3,");
    paper_venue_close_stream(fixture->venue, marks);
    paper_venue_close_stream(fixture->venue, books);
    paper_venue_close_stream(fixture->venue, wrong);
}

static void a_local_book_can_be_kept_from_the_differences(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(fixture, "/public/ws/btcusdt@depth@100ms", "");
    char last[32], text[64];

    send_raw(fixture, "GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000", "", NULL);
    take_member(fixture, "lastUpdateId", last, sizeof(last));
    call(fixture, "POST", "/fapi/v1/order",
         "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.777&price=58123.4");
    pass(fixture, 100);
    char *heard = hear(stream);
    snprintf(text, sizeof(text), "\"U\":%s,", last);
    assert_contains(heard, text);
    assert_contains(heard, "[\"58123.40\",\"0.777\"]");
    call(fixture, "DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT");
    pass(fixture, 100);
    assert_contains(hear(stream), "[\"58123.40\",\"0.000\"]");
    paper_venue_close_stream(fixture->venue, stream);
}

static void a_connection_is_pinged_and_ends_after_a_day(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *mute = open_stream(fixture, "/market/ws", "");
    struct paper_stream *alive = open_stream(fixture, "/market/ws", "");
    const struct paper_frame pong = {.kind = PAPER_FRAME_PONG};

    pass(fixture, 3 * 60000 - 1);
    assert_string_equal(hear(alive), "");
    for (int minute = 3; minute < 24 * 60; minute += 3) {
        pass(fixture, minute == 3 ? 1 : 3 * 60000);
        assert_string_equal(hear(alive), "PING\n");
        paper_venue_receive(fixture->venue, alive, &pong, fixture->now_ms);
        if (minute == 15)
            assert_contains(hear(mute), "CLOSE 1001");
    }
    pass(fixture, 3 * 60000);
    assert_string_equal(hear(alive), "CLOSE 1001\n");
    paper_venue_close_stream(fixture->venue, mute);
    paper_venue_close_stream(fixture->venue, alive);
}

static void more_than_ten_messages_a_second_end_the_connection(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(fixture, "/market/ws", "");
    for (int i = 0; i < 10; i++)
        say(fixture, stream, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
    assert_null(strstr(hear(stream), "CLOSE"));
    say(fixture, stream, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
    assert_string_equal(hear(stream), "CLOSE 1008\n");
    paper_venue_close_stream(fixture->venue, stream);
}

/* --- The WebSocket API -------------------------------------------------------------------------
 */

static void the_websocket_api_runs_the_same_endpoints(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(fixture, "/ws-fapi/v1", "");
    const char *api_key = key_of(fixture, 1)->api_key;
    char payload[512], text[1024], hex[65];

    snprintf(payload, sizeof(payload),
             "apiKey=%s&price=59000&quantity=0.01&side=BUY&symbol=BTCUSDT&timeInForce=GTC&"
             "timestamp=%lld&type=LIMIT",
             api_key, (long long)fixture->now_ms);
    sign(key_of(fixture, 1), payload, "", hex);
    snprintf(text, sizeof(text),
             "{\"id\":\"a-1\",\"method\":\"order.place\",\"params\":{\"symbol\":\"BTCUSDT\","
             "\"side\":\"BUY\",\"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"0.01\","
             "\"price\":\"59000\",\"apiKey\":\"%s\",\"timestamp\":%lld,\"signature\":\"%s\"}}",
             api_key, (long long)fixture->now_ms, hex);
    say(fixture, stream, text);
    char *heard = hear(stream);
    assert_contains(heard, "{\"id\":\"a-1\",\"status\":200,\"result\":{\"orderId\":");
    assert_contains(heard, "\"rateLimits\":[{\"rateLimitType\":\"ORDERS\"");
    text[strlen(text) - 10] ^= 1;
    say(fixture, stream, text);
    assert_contains(hear(stream), "\"status\":400,\"error\":{\"code\":-1022,");

    snprintf(payload, sizeof(payload), "apiKey=%s&timestamp=%lld", api_key,
             (long long)fixture->now_ms);
    sign(key_of(fixture, 1), payload, "", hex);
    snprintf(
        text, sizeof(text),
        "{\"id\":7,\"method\":\"session.logon\",\"params\":{\"apiKey\":\"%s\",\"timestamp\":%lld,"
        "\"signature\":\"%s\"}}",
        api_key, (long long)fixture->now_ms, hex);
    say(fixture, stream, text);
    assert_contains(hear(stream), "{\"id\":7,\"status\":400,\"error\":{\"code\":-4056,");
    say(fixture, stream,
        "{\"id\":null,\"method\":\"ticker.price\",\"params\":{\"symbol\":\"BTCUSDT\","
        "\"returnRateLimits\":false}}");
    heard = hear(stream);
    assert_contains(heard, "{\"id\":null,\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\"");
    assert_null(strstr(heard, "rateLimits"));
    say(fixture, stream, "not json");
    assert_contains(hear(stream), "\"status\":400");
    paper_venue_close_stream(fixture->venue, stream);
}

/* --- Control -----------------------------------------------------------------------------------
 */

static void control_says_what_is_wrong(void **state)
{
    struct fixture *fixture = *state;
    send_raw(fixture, "POST", "/paper/price", "", "{\"symbol\":\"X\",\"price\":\"1\"}", NULL);
    expect_body(fixture, 400, "{\"error\":\"symbol: there is no 'X'\"}");
    send_raw(fixture, "POST", "/paper/price", "", "{\"symbol\":\"BTCUSDT\",\"price\":-1}", NULL);
    expect_body(fixture, 400, "price");
    send_raw(fixture, "POST", "/paper/price", "", "{", NULL);
    expect_body(fixture, 400, "JSON");
    send_raw(fixture, "POST", "/paper/advance", "", "{}", NULL);
    expect_body(fixture, 400, "ms");
    send_raw(fixture, "POST", "/paper/nothing", "", "{}", NULL);
    assert_int_equal(fixture->response.status, 404);
    send_raw(fixture, "POST", "/paper/audit", "", "{}", NULL);
    assert_int_equal(fixture->response.status, 405);
}

static void funding_is_paid_when_market_time_is_advanced(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1");
    send_raw(fixture, "POST", "/paper/advance", "", "{\"ms\":28800000}", NULL);
    assert_int_equal(fixture->response.status, 200);
    call(fixture, "GET", "/fapi/v1/income", "incomeType=FUNDING_FEE");
    expect_body(fixture, 200, "\"incomeType\":\"FUNDING_FEE\"");
    send_raw(fixture, "GET", "/fapi/v1/fundingRate", "symbol=BTCUSDT", "", NULL);
    expect_body(fixture, 200, "\"fundingRate\":\"0.00010000\"");
    send_raw(fixture, "GET", "/paper/audit", "", "", NULL);
    expect_body(fixture, 200, "{\"conserved\":true,");
    send_raw(fixture, "POST", "/paper/reset", "", "", NULL);
    call(fixture, "GET", "/fapi/v3/positionRisk", "");
    assert_string_equal(fixture->response.body.data, "[]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_without_a_key_is_told_so),
        TEST(a_timestamp_is_accepted_inside_its_window_alone),
        TEST(a_changed_byte_anywhere_spoils_the_signature),
        TEST(another_accounts_secret_does_not_sign),
        TEST(what_is_missing_is_named),
        TEST(query_and_body_are_signed_one_after_the_other_and_the_query_wins),
        TEST(a_parameter_sent_twice_is_refused),
        TEST(escapes_are_decoded_only_after_the_signature),
        TEST(a_path_or_method_that_is_none_is_answered_as_the_venue_does),
        TEST(weight_is_counted_by_the_minute_and_enforced),
        TEST(who_ignores_the_limit_is_banned_for_two_minutes),
        TEST(accepted_orders_are_counted_and_bounded),
        TEST(each_wrong_order_has_its_code),
        TEST(the_stream_and_the_answers_tell_one_story),
        TEST(a_conditional_order_lives_at_its_own_endpoint),
        TEST(a_batch_answers_each_item_in_its_order),
        TEST(the_countdown_clears_resting_orders),
        TEST(modes_answer_as_documented),
        TEST(a_change_of_margin_names_its_leg),
        TEST(a_listen_key_lives_an_hour_from_its_last_call),
        TEST(every_way_of_opening_the_private_stream_works),
        TEST(market_streams_go_to_their_subscribers_alone),
        TEST(a_local_book_can_be_kept_from_the_differences),
        TEST(a_connection_is_pinged_and_ends_after_a_day),
        TEST(more_than_ten_messages_a_second_end_the_connection),
        TEST(the_websocket_api_runs_the_same_endpoints),
        TEST(control_says_what_is_wrong),
        TEST(funding_is_paid_when_market_time_is_advanced),
    };
    return cmocka_run_group_tests_name("paper/binance", tests, NULL, NULL);
}

/* What the venue checks before it reads a request: headers, time, key, signature, limits. */
#include "gateio_helper.h"

static const char order_path[] = "/api/v4/futures/usdt/orders";

static void expect_sign(const char *method, const char *path, const char *query, const char *body,
                        const char *timestamp, const char *expected)
{
    struct keel_hmac secret;
    char sign[2 * KEEL_SHA512_SIZE + 1];
    struct paper_http_request request = gate_request(method, path, query, body);
    keel_hmac_sha512_init(&secret, KEEL_STR("secret"));
    gateio_sign(&secret, &request, request.query, keel_str_from(timestamp), sign);
    assert_string_equal(sign, expected);
}

/* The first two are the venue's documented examples. */
static void a_request_is_signed_as_documented(void **state)
{
    (void)state;
    expect_sign("GET", "/api/v4/futures/orders", "contract=BTC_USD&status=finished&limit=50", "",
                "1541993715",
                "55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6fb3faf24deff16790d"
                "726b66ac9f74526668b13bd01029199cc4fcc522418b8a");
    expect_sign("POST", "/api/v4/futures/orders", "",
                "{\"contract\":\"BTC_USD\",\"type\":\"limit\",\"size\":100,\"price\":6800,\"time_"
                "in_force\":\"gtc\"}",
                "1541993715",
                "eae42da914a590ddf727473aff25fc87d50b64783941061f47a3fdb92742541fc4c2c14017581b4199"
                "a1418d54471c269c03a38d788d802e2c306c37636389f0");
    expect_sign("POST", "/api/v4/futures/usdt/positions/BTC_USDT/leverage", "leverage=10", "",
                "1700000000",
                "df127117568fdaede6a915a01cefbaf731cd1f38be382b923ef9c6dfe5986b964c070efec57004d77d"
                "0e25388779b9b134e76a5c04e7563c7eb1aacab1eb3715");
    expect_sign("POST", order_path, "",
                "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"50000\",\"tif\":\"gtc\","
                "\"text\":\"t-1\"}",
                "1700000000",
                "5ef61530d9dfd9894e04a490235d69e92f57178834c38acd16291850409f3b6736d6b6456b44dcdc72"
                "c4f086df8dee61da65f20cd86e2d5e2aa46b6add62db0d");
}

/* A request of which each header can be another. NULL: as it should be; "": left out. */
static int send_odd(struct gate *gate, const char *key, const char *timestamp, const char *signed_,
                    const char *query)
{
    static const char path[] = "/api/v4/futures/usdt/orders";
    const struct paper_key *own = &gate->keys.at[0];
    struct keel_hmac secret;
    char right_time[32], sign[2 * KEEL_SHA512_SIZE + 1];
    (void)snprintf(right_time, sizeof(right_time), "%lld", (long long)gate->now_ms / 1000);
    struct paper_http_request request = gate_request("GET", path, query, "");
    keel_hmac_sha512_init(&secret, keel_str_from(own->api_secret));
    const char *time = timestamp ? timestamp : right_time;
    gateio_sign(&secret, &request, keel_str_from(signed_ ? signed_ : query), keel_str_from(time),
                sign);
    const struct paper_header headers[] = {
        {KEEL_STR("KEY"),       keel_str_from(key ? key : own->api_key)},
        {KEEL_STR("Timestamp"), keel_str_from(time)                    },
        {KEEL_STR("SIGN"),      keel_str_from(sign)                    },
    };
    request.headers = headers;
    request.header_count = 3;
    gate_handle(gate, &request);
    return gate->response.status;
}

static void what_is_wrong_with_a_signature_is_told_in_the_venue_s_order(void **state)
{
    struct gate *gate = *state;
    const char *query = "status=open";
    assert_status(gate, 200, send_odd(gate, NULL, NULL, NULL, query));
    assert_status(gate, 400, send_odd(gate, NULL, "", NULL, query));
    assert_has(gate,
               "{\"label\":\"MISSING_REQUIRED_HEADER\",\"message\":\"Missing required header: "
               "Timestamp\"}");
    /* Before the key is looked up. */
    assert_status(gate, 403, send_odd(gate, "nobody", "1699999939", NULL, query));
    assert_has(gate, "{\"label\":\"REQUEST_EXPIRED\",\"message\":\"gap between request Timestamp "
                     "and server time exceeds 60\"}");
    assert_status(gate, 401, send_odd(gate, "nobody", NULL, NULL, query));
    assert_has(gate, "{\"label\":\"INVALID_KEY\",\"message\":\"Invalid key provided\"}");
    assert_status(gate, 401, send_odd(gate, NULL, NULL, "status=finished", query));
    assert_has(gate, "{\"label\":\"INVALID_SIGNATURE\",\"message\":\"Signature mismatch\"}");
}

static void a_timestamp_holds_for_a_minute_either_way(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, send_odd(gate, NULL, "1700000060", NULL, "status=open"));
    assert_status(gate, 403, send_odd(gate, NULL, "1700000061", NULL, "status=open"));
    assert_status(gate, 200, send_odd(gate, NULL, "1699999940", NULL, "status=open"));
    assert_status(gate, 403, send_odd(gate, NULL, "1699999939.9", NULL, "status=open"));
}

static void a_timestamp_may_have_a_fraction_and_is_signed_as_written(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, send_odd(gate, NULL, "1700000000.37", NULL, "status=open"));
}

static void the_query_may_be_signed_decoded_or_as_sent(void **state)
{
    struct gate *gate = *state;
    const char *query = "status=open&note=a%2Cb";
    assert_status(gate, 200, send_odd(gate, NULL, NULL, "status=open&note=a,b", query));
    assert_status(gate, 200, send_odd(gate, NULL, NULL, query, query));
    assert_status(gate, 401, send_odd(gate, NULL, NULL, "note=a,b&status=open", query));
}

static void the_clock_needs_no_key(void **state)
{
    struct gate *gate = *state;
    struct paper_http_request request = gate_request("GET", "/api/v4/spot/time", "", "");
    gate_handle(gate, &request);
    assert_string_equal(gate_body(gate), "{\"server_time\":1700000000000}");
}

static void a_path_of_nobody_and_a_wrong_method_are_told_apart(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 404, gate_get(gate, "/futures/usdt/orderz", ""));
    assert_status(gate, 405, gate_send(gate, "PATCH", "/futures/usdt/orders", "", ""));
    assert_has(gate, "METHOD_NOT_ALLOWED");
}

static void the_settle_currency_s_case_does_not_matter(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200,
                  gate_post(gate, "/futures/USDT/batch_cancel_orders", "[\"495649711905\"]"));
    assert_has(gate, "\"succeeded\":false,\"message\":\"ORDER_NOT_FOUND\"");
    assert_refused(gate, "INVALID_PARAM_VALUE", gate_get(gate, "/futures/btc/accounts", ""));
}

static void limits_are_told_in_headers_and_kept(void **state)
{
    struct gate *gate = *state;
    for (int i = 0; i < GATEIO_CALLS_PER_10_S; i++)
        assert_int_equal(gate_get(gate, "/futures/usdt/accounts", ""), 200);
    assert_non_null(strstr(gate->response.headers.data, "X-Gate-RateLimit-Requests-Remain: 0\r\n"));
    assert_non_null(strstr(gate->response.headers.data, "X-Gate-RateLimit-Limit: 200\r\n"));
    assert_non_null(
        strstr(gate->response.headers.data, "X-Gate-RateLimit-Reset-Timestamp: 1700000000\r\n"));
    assert_status(gate, 429, gate_get(gate, "/futures/usdt/accounts", ""));
    assert_has(gate, "TOO_MANY_REQUESTS");
    assert_non_null(
        strstr(gate->response.headers.data, "X-Gate-RateLimit-Reset-Timestamp: 1700000010\r\n"));
    /* Each endpoint, and each account, has its own. */
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/fee", ""));
    assert_status(gate, 200, gate_send_as(gate, 2, "GET", "/futures/usdt/accounts", "", ""));
    gate_wait(gate, 10000);
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/accounts", ""));
}

static void each_order_of_a_batch_counts(void **state)
{
    struct gate *gate = *state;
    char body[2048] = "[";
    for (int i = 0; i < 10; i++) {
        size_t size = strlen(body);
        (void)snprintf(body + size, sizeof(body) - size,
                       "%s{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59%03d\"}",
                       i > 0 ? "," : "", i);
    }
    strcat(body, "]");
    for (int i = 0; i < 10; i++)
        assert_status(gate, 200, gate_post(gate, "/futures/usdt/batch_orders", body));
    assert_status(gate, 429, gate_post(gate, "/futures/usdt/batch_orders", body));
    gate_wait(gate, 1000);
    assert_status(gate, 200, gate_post(gate, "/futures/usdt/batch_orders", body));
    assert_has(gate, "TOO_MANY_ORDERS");
}

static void a_venue_that_fails_answers_in_its_own_words(void **state)
{
    static const struct {
        enum paper_fault_action action;
        int status;
        const char *text;
    } cases[] = {
        {PAPER_FAULT_UNKNOWN,     502, "<title>502 Bad Gateway</title>"},
        {PAPER_FAULT_TIMEOUT,     504, "SERVER_TIMEOUT"                },
        {PAPER_FAULT_UNAVAILABLE, 503, "<html>"                        },
        {PAPER_FAULT_INTERNAL,    500, "\"label\":\"INTERNAL\""        },
        {PAPER_FAULT_THROTTLED,   503, "TOO_BUSY"                      },
        {PAPER_FAULT_LIMITED,     429, "TOO_MANY_REQUESTS"             },
        {PAPER_FAULT_BANNED,      403, "IP_FORBIDDEN"                  },
    };
    struct gate *gate = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct paper_fault_rule rule = {.action = cases[i].action, .retry_after_s = 7};
        paper_response_clear(&gate->response);
        (gate->dialect->ops->fail)(gate->dialect, &rule, gate->now_ms, &gate->response);
        assert_int_equal(gate->response.status, cases[i].status);
        assert_has(gate, cases[i].text);
    }
}

static void a_key_names_its_account(void **state)
{
    struct gate *gate = *state;
    const struct paper_header header = {KEEL_STR("key"), keel_str_from(gate->keys.at[1].api_key)};
    struct paper_http_request request = gate_request("GET", order_path, "", "");
    assert_int_equal(gate->dialect->ops->account_of(gate->dialect, &request), 0);
    request.headers = &header;
    request.header_count = 1;
    assert_int_equal(gate->dialect->ops->account_of(gate->dialect, &request), 2);
}

#define gate_test(test) cmocka_unit_test_setup_teardown(test, gate_set_up, gate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_signed_as_documented),
        gate_test(what_is_wrong_with_a_signature_is_told_in_the_venue_s_order),
        gate_test(a_timestamp_holds_for_a_minute_either_way),
        gate_test(a_timestamp_may_have_a_fraction_and_is_signed_as_written),
        gate_test(the_query_may_be_signed_decoded_or_as_sent),
        gate_test(the_clock_needs_no_key),
        gate_test(a_path_of_nobody_and_a_wrong_method_are_told_apart),
        gate_test(the_settle_currency_s_case_does_not_matter),
        gate_test(limits_are_told_in_headers_and_kept),
        gate_test(each_order_of_a_batch_counts),
        gate_test(a_venue_that_fails_answers_in_its_own_words),
        gate_test(a_key_names_its_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Commands become requests in the venue's own form, signed as its documentation signs its examples;
 * what is off the grid, or what the venue cannot do, is refused. */
#include "gateio_fixtures.h"

#include "base/writer.h"
#include "venue/gateio/sign.h"

static const int64_t now_ms = 1700000000000;

static struct {
    struct keel_markets *markets;
    struct keel_keys keys;
    struct keel_modes modes;
    struct keel_command command;
    struct keel_request request;
    struct keel_error error;
} fixture;

static enum keel_status encode_command(void)
{
    return keel_venue_gateio.encode(&fixture.command, fixture.markets, &fixture.modes,
                                    &fixture.keys, now_ms, 2000, &fixture.request, &fixture.error);
}

/* A command in keel's own words, in one-way mode or in hedge mode. */
static enum keel_status encode_text(const char *text, bool hedge)
{
    fixture.modes.hedge = hedge ? KEEL_ON : KEEL_OFF;
    fixture.error.message[0] = '\0';
    enum keel_status status = keel_venue_parse_command(
        &keel_venue_gateio, keel_str_from(text), fixture.markets, &fixture.command, &fixture.error);
    return status == KEEL_OK ? encode_command() : status;
}

static void expect(const char *text, const char *method, const char *path, const char *query,
                   const char *body)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    if (encode_text(text, false) != KEEL_OK)
        fail_msg("%s: %s", text, fixture.error.message);
    assert_string_equal(methods[fixture.request.method], method);
    assert_string_equal(fixture.request.path, path);
    assert_string_equal(fixture.request.query, query);
    assert_string_equal(fixture.request.body, body);
    assert_int_equal(fixture.request.query_size, strlen(query));
    assert_int_equal(fixture.request.body_size, strlen(body));
}

static void expect_refusal(const char *text, bool hedge, enum keel_status status, const char *words)
{
    if (encode_text(text, hedge) != status || !strstr(fixture.error.message, words))
        fail_msg("%s: %s (%s)", text, fixture.error.message, words);
}

/* The value of a header line; "" without it. */
static const char *find_header(const char *name)
{
    static char value[160];
    const char *at = strstr(fixture.request.headers, name);
    value[0] = '\0';
    if (at && at[strlen(name)] == ':') {
        at += strlen(name) + 2;
        size_t size = strcspn(at, "\n");
        keel_str_copy((keel_str){at, size}, value, sizeof(value));
    }
    return value;
}

/* clang-format off */
static const struct {
    enum keel_http_method method;
    const char *path, *query, *body;
    int64_t time_s;
    const char *signature;
} signatures[] = {
    {KEEL_HTTP_GET, "/api/v4/futures/orders", "contract=BTC_USD&status=finished&limit=50", "", 1541993715,
     "55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6fb3faf24deff16790d726b66ac9f74526668b13bd01029199cc4fcc522418b8a"},
    {KEEL_HTTP_POST, "/api/v4/futures/orders", "",
     "{\"contract\":\"BTC_USD\",\"type\":\"limit\",\"size\":100,\"price\":6800,\"time_in_force\":\"gtc\"}", 1541993715,
     "eae42da914a590ddf727473aff25fc87d50b64783941061f47a3fdb92742541fc4c2c14017581b4199a1418d54471c269c03a38d788d802e2c306c37636389f0"},
    {KEEL_HTTP_POST, "/api/v4/futures/usdt/positions/BTC_USDT/leverage", "leverage=10", "", 1700000000,
     "df127117568fdaede6a915a01cefbaf731cd1f38be382b923ef9c6dfe5986b964c070efec57004d77d0e25388779b9b134e76a5c04e7563c7eb1aacab1eb3715"},
    {KEEL_HTTP_POST, "/api/v4/futures/usdt/orders", "",
     "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"50000\",\"tif\":\"gtc\",\"text\":\"t-1\"}", 1700000000,
     "5ef61530d9dfd9894e04a490235d69e92f57178834c38acd16291850409f3b6736d6b6456b44dcdc72c4f086df8dee61da65f20cd86e2d5e2aa46b6add62db0d"},
};
/* clang-format on */

static void requests_are_signed_as_the_venue_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        struct keel_request *request = &fixture.request;
        struct keel_writer writer;
        request->method = signatures[i].method;
        strcpy(request->path, signatures[i].path);
        strcpy(request->query, signatures[i].query);
        strcpy(request->body, signatures[i].body);
        request->query_size = (uint32_t)strlen(request->query);
        request->body_size = (uint32_t)strlen(request->body);
        keel_writer_init(&writer, request->headers, sizeof(request->headers));
        keel_gateio_sign_request(&fixture.keys, request, signatures[i].time_s * 1000 + 999,
                                 &writer);
        assert_string_equal(find_header("SIGN"), signatures[i].signature);
        assert_int_equal(strtoll(find_header("Timestamp"), NULL, 10), signatures[i].time_s);
    }
}

static void an_order_is_these_bytes_and_expires(void **state)
{
    (void)state;
    expect("{\"command\":\"place_order\",\"symbol\":\"BTC/USDT:USDT\",\"side\":\"sell\",\"type\":"
           "\"limit\",\"quantity\":\"0.0022\",\"price\":\"30000.5\",\"client_order_id\":\"t-k7\"}",
           "POST", "/api/v4/futures/usdt/orders", "",
           "{\"contract\":\"BTC_USDT\",\"size\":\"-22\",\"price\":\"30000.5\",\"tif\":\"gtc\","
           "\"text\":\"t-k7\"}");
    assert_string_equal(find_header("X-Gate-Size-Decimal"), "1");
    assert_string_equal(find_header("x-gate-exptime"), "1700000002000");
    assert_int_equal(strlen(find_header("SIGN")), 128);
    assert_true(fixture.request.json && fixture.request.needs_key);
    assert_false(fixture.request.idempotent || fixture.request.fresh_connection);
    assert_int_equal(fixture.request.order_count, 1);
    assert_int_equal(fixture.request.weight, 0);
}

static void reads_are_public_or_signed_and_never_expire(void **state)
{
    (void)state;
    expect("{\"command\":\"load_markets\"}", "GET", "/api/v4/futures/usdt/contracts", "", "");
    assert_false(fixture.request.needs_key);
    assert_string_equal(fixture.request.headers, "X-Gate-Size-Decimal: 1\n");
    expect("{\"command\":\"load_balances\"}", "GET", "/api/v4/futures/usdt/accounts", "", "");
    assert_true(fixture.request.needs_key && fixture.request.idempotent);
    assert_string_equal(find_header("x-gate-exptime"), "");
    assert_int_equal(strlen(find_header("SIGN")), 128);
}

static void a_write_without_a_body_wants_a_fresh_connection(void **state)
{
    (void)state;
    assert_int_equal(encode_text("{\"command\":\"set_leverage\",\"symbol\":\"BTC_USDT\","
                                 "\"leverage\":5}",
                                 false),
                     KEEL_OK);
    assert_string_equal(fixture.request.query, "leverage=5");
    assert_true(fixture.request.fresh_connection);
    assert_int_equal(encode_text("{\"command\":\"cancel_order\",\"symbol\":\"BTC_USDT\","
                                 "\"client_order_id\":\"t-k7\"}",
                                 false),
                     KEEL_OK);
    assert_string_equal(fixture.request.path, "/api/v4/futures/usdt/orders/t-k7");
    assert_true(fixture.request.fresh_connection);
}

static void without_credentials_nothing_is_signed(void **state)
{
    (void)state;
    struct keel_keys keys;
    keel_venue_gateio.set_keys(&keys, KEEL_STR(""), KEEL_STR(""));
    fixture.command = (struct keel_command){.kind = KEEL_LOAD_BALANCES};
    assert_int_equal(keel_venue_gateio.encode(&fixture.command, fixture.markets, &fixture.modes,
                                              &keys, now_ms, 0, &fixture.request, &fixture.error),
                     KEEL_OK);
    assert_string_equal(fixture.request.headers, "X-Gate-Size-Decimal: 1\n");
}

static void quantities_off_the_grid_are_refused_with_the_two_that_fit(void **state)
{
    (void)state;
    expect_refusal("{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"buy\",\"type\":"
                   "\"limit\",\"quantity\":\"0.00025\",\"price\":\"50000\"}",
                   false, KEEL_INVALID, "0.00025");
    assert_non_null(strstr(fixture.error.message, "0.0002 and 0.0003"));
    expect_refusal("{\"command\":\"amend_order\",\"symbol\":\"XRP_USDT\",\"order_id\":\"1\","
                   "\"side\":\"buy\",\"quantity\":\"15\",\"price\":\"0.5\"}",
                   false, KEEL_INVALID, "10 and 20");
    expect_refusal("{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"buy\",\"type\":"
                   "\"limit\",\"quantity\":\"0.0002\",\"price\":\"50000.05\"}",
                   false, KEEL_INVALID, "50000.05");
}

static void parts_of_a_contract_are_sent_as_they_are(void **state)
{
    (void)state;
    expect("{\"command\":\"place_order\",\"symbol\":\"ETH_USDT\",\"side\":\"buy\",\"type\":"
           "\"market\",\"quantity\":\"0.125\"}",
           "POST", "/api/v4/futures/usdt/orders", "",
           "{\"contract\":\"ETH_USDT\",\"size\":\"12.5\",\"price\":\"0\",\"tif\":\"ioc\"}");
    expect("{\"command\":\"place_order\",\"symbol\":\"ETH_USDT\",\"side\":\"sell\",\"type\":"
           "\"take_profit_limit\",\"quantity\":\"0.125\",\"price\":\"1900\",\"trigger_price\":"
           "\"1890.5\",\"client_order_id\":\"t-k8\"}",
           "POST", "/api/v4/futures/usdt/price_orders", "",
           "{\"initial\":{\"contract\":\"ETH_USDT\",\"amount\":\"-12.5\",\"price\":\"1900\","
           "\"tif\":\"gtc\",\"text\":\"t-k8\"},\"trigger\":{\"price_type\":0,\"price\":\"1890.5\","
           "\"rule\":1}}");
}

static void triggers_wait_on_the_side_that_their_type_says(void **state)
{
    (void)state;
    static const struct {
        const char *side, *type, *rule;
    } cases[] = {
        {"buy",  "stop_market",        "\"rule\":1"},
        {"sell", "stop_market",        "\"rule\":2"},
        {"buy",  "take_profit_market", "\"rule\":2"},
        {"sell", "take_profit_market", "\"rule\":1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text),
                 "{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"%s\",\"type\":"
                 "\"%s\",\"trigger_price\":\"50000\",\"close_position\":true}",
                 cases[i].side, cases[i].type);
        assert_int_equal(encode_text(text, false), KEEL_OK);
        assert_non_null(strstr(fixture.request.body, cases[i].rule));
        assert_non_null(strstr(fixture.request.body, "\"size\":0,"));
        assert_non_null(strstr(fixture.request.body, "\"close\":true"));
        bool sells = strcmp(cases[i].side, "sell") == 0;
        assert_non_null(strstr(fixture.request.body,
                               sells ? "\"close-long-position\"" : "\"close-short-position\""));
    }
}

static void hedge_mode_says_by_reduce_only_which_leg_is_meant(void **state)
{
    (void)state;
    static const struct {
        const char *side, *leg;
        bool reduces;
    } cases[] = {
        {"buy",  "long",  false},
        {"sell", "long",  true },
        {"sell", "short", false},
        {"buy",  "short", true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text),
                 "{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"%s\","
                 "\"position_side\":\"%s\",\"type\":\"market\",\"quantity\":\"0.0001\"}",
                 cases[i].side, cases[i].leg);
        assert_int_equal(encode_text(text, true), KEEL_OK);
        assert_int_equal(strstr(fixture.request.body, "\"reduce_only\":true") != NULL,
                         cases[i].reduces);
    }
    expect_refusal("{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"buy\",\"type\":"
                   "\"market\",\"quantity\":\"0.0001\"}",
                   true, KEEL_INVALID, "long or short");
    expect_refusal("{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"buy\","
                   "\"position_side\":\"long\",\"type\":\"market\",\"quantity\":\"0.0001\","
                   "\"reduce_only\":true}",
                   true, KEEL_INVALID, "does not reduce");
}

static void what_the_venue_cannot_do_is_unsupported(void **state)
{
    (void)state;
    expect_refusal("{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"sell\","
                   "\"type\":\"trailing_stop\",\"quantity\":\"0.0001\",\"callback_percent\":1}",
                   false, KEEL_UNSUPPORTED, "trailing");
    expect_refusal("{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"sell\","
                   "\"type\":\"limit\",\"quantity\":\"0.0001\",\"price\":\"5\",\"price_match\":"
                   "\"queue\"}",
                   false, KEEL_UNSUPPORTED, "book");
    expect_refusal("{\"command\":\"query_order\",\"symbol\":\"BTC_USDT\",\"family\":"
                   "\"conditional\",\"client_order_id\":\"t-k8\"}",
                   false, KEEL_UNSUPPORTED, "t-k8");
    expect_refusal("{\"command\":\"set_multi_asset\",\"enable\":true}", false, KEEL_UNSUPPORTED,
                   "margin mode");
    expect_refusal("{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"sell\","
                   "\"type\":\"limit\",\"quantity\":\"0.0001\",\"price\":\"5\",\"client_order_id\":"
                   "\"mine\"}",
                   false, KEEL_INVALID, "mine");
    fixture.command = (struct keel_command){.kind = KEEL_WITHDRAW};
    assert_int_equal(encode_command(), KEEL_UNSUPPORTED);
    assert_non_null(strstr(fixture.error.message, "gateio-spot"));
}

static void leverage_of_a_contract_never_touched_is_isolated(void **state)
{
    (void)state;
    fixture.command = (struct keel_command){.kind = KEEL_SET_LEVERAGE};
    fixture.command.leverage.market = keel_markets_find(fixture.markets, KEEL_STR("BTC_USDT"));
    fixture.command.leverage.leverage = 5;
    assert_int_equal(encode_command(), KEEL_OK);
    assert_string_equal(fixture.request.query, "leverage=5");
    fixture.command.leverage.mode = KEEL_CROSS;
    assert_int_equal(encode_command(), KEEL_OK);
    assert_string_equal(fixture.request.query, "leverage=0&cross_leverage_limit=5");
    expect_refusal("{\"command\":\"set_margin_mode\",\"symbol\":\"BTC_USDT\",\"margin_mode\":"
                   "\"cross\"}",
                   false, KEEL_INVALID, "leverage 0");
    expect("{\"command\":\"set_hedge_mode\",\"enable\":true}", "POST",
           "/api/v4/futures/usdt/set_position_mode", "position_mode=dual", "");
}

static void pages_of_history_are_bounded_outwards(void **state)
{
    (void)state;
    expect("{\"command\":\"load_executions\",\"symbol\":\"BTC_USDT\",\"start_time_ms\":"
           "1700000000999,\"end_time_ms\":1700000001001,\"limit\":100}",
           "GET", "/api/v4/futures/usdt/my_trades_timerange",
           "contract=BTC_USDT&from=1700000000&to=1700000002&limit=100", "");
    expect("{\"command\":\"load_executions\",\"symbol\":\"BTC_USDT\",\"from_id\":\"77\"}", "GET",
           "/api/v4/futures/usdt/my_trades", "contract=BTC_USDT&last_id=77", "");
    expect("{\"command\":\"load_income\",\"page\":3,\"limit\":50}", "GET",
           "/api/v4/futures/usdt/account_book", "limit=50&offset=100", "");
}

static void all_positions_are_asked_for_and_not_the_first_hundred(void **state)
{
    (void)state;
    expect("{\"command\":\"load_positions\"}", "GET", "/api/v4/futures/usdt/positions",
           "limit=1000", "");
    expect("{\"command\":\"load_leverage\"}", "GET", "/api/v4/futures/usdt/positions", "limit=1000",
           "");
}

static void a_countdown_is_of_one_market_or_of_all(void **state)
{
    (void)state;
    expect("{\"command\":\"set_countdown\",\"timeout\":30}", "POST",
           "/api/v4/futures/usdt/countdown_cancel_all", "", "{\"timeout\":30}");
    assert_true(fixture.request.idempotent);
    expect("{\"command\":\"set_countdown\",\"symbol\":\"BTC_USDT\",\"timeout\":0}", "POST",
           "/api/v4/futures/usdt/countdown_cancel_all", "",
           "{\"timeout\":0,\"contract\":\"BTC_USDT\"}");
    expect_refusal("{\"command\":\"set_countdown\",\"timeout\":3}", false, KEEL_INVALID, "3 s");
}

static void names_beyond_ascii_are_signed_plain_and_sent_encoded(void **state)
{
    (void)state;
    expect("{\"command\":\"load_marks\",\"symbol\":\"人生K线_USDT\"}", "GET",
           "/api/v4/futures/usdt/tickers", "contract=%E4%BA%BA%E7%94%9FK%E7%BA%BF_USDT", "");
    expect("{\"command\":\"set_leverage\",\"symbol\":\"人生K线_USDT\",\"leverage\":3}", "POST",
           "/api/v4/futures/usdt/positions/%E4%BA%BA%E7%94%9FK%E7%BA%BF_USDT/leverage",
           "leverage=3", "");
    char sent[160];
    strcpy(sent, find_header("SIGN"));
    struct keel_writer writer;
    strcpy(fixture.request.path, "/api/v4/futures/usdt/positions/人生K线_USDT/leverage");
    keel_writer_init(&writer, fixture.request.headers, sizeof(fixture.request.headers));
    keel_gateio_sign_request(&fixture.keys, &fixture.request, now_ms, &writer);
    assert_string_equal(find_header("SIGN"), sent);
}

static void client_ids_have_the_form_of_the_venue(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",      "t-",     "keel-1",
                                        "t-a b", "t-\xe5", "t-12345678901234567890123456789"};
    char id[KEEL_CLIENT_ID_SIZE];
    keel_venue_gateio.make_client_id(36, id);
    assert_string_equal(id, "t-k10");
    keel_venue_gateio.make_client_id(UINT64_MAX, id);
    assert_string_equal(id, "t-k3w5e11264sgsf");
    assert_true(keel_venue_gateio.client_id_is_valid(keel_str_from(id)));
    assert_true(keel_venue_gateio.client_id_is_valid(KEEL_STR("t-0aZ_.-8901234567890123456789")));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(keel_venue_gateio.client_id_is_valid(keel_str_from(wrong[i])));
}

static int set_up(void **state)
{
    (void)state;
    fixture.markets = make_gate_markets();
    fixture.modes = (struct keel_modes){KEEL_OFF, KEEL_OFF, KEEL_ON};
    keel_venue_gateio.set_keys(&fixture.keys, KEEL_STR("key"), KEEL_STR("secret"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(fixture.markets);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_signed_as_the_venue_documents),
        cmocka_unit_test(an_order_is_these_bytes_and_expires),
        cmocka_unit_test(reads_are_public_or_signed_and_never_expire),
        cmocka_unit_test(a_write_without_a_body_wants_a_fresh_connection),
        cmocka_unit_test(without_credentials_nothing_is_signed),
        cmocka_unit_test(quantities_off_the_grid_are_refused_with_the_two_that_fit),
        cmocka_unit_test(parts_of_a_contract_are_sent_as_they_are),
        cmocka_unit_test(triggers_wait_on_the_side_that_their_type_says),
        cmocka_unit_test(hedge_mode_says_by_reduce_only_which_leg_is_meant),
        cmocka_unit_test(what_the_venue_cannot_do_is_unsupported),
        cmocka_unit_test(leverage_of_a_contract_never_touched_is_isolated),
        cmocka_unit_test(pages_of_history_are_bounded_outwards),
        cmocka_unit_test(all_positions_are_asked_for_and_not_the_first_hundred),
        cmocka_unit_test(a_countdown_is_of_one_market_or_of_all),
        cmocka_unit_test(names_beyond_ascii_are_signed_plain_and_sent_encoded),
        cmocka_unit_test(client_ids_have_the_form_of_the_venue),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* Trigger orders, the account, the ledger and public data over REST. */
#include "gateio_helper.h"

#define TRIGGERS "/futures/usdt/price_orders"

static void expect_label(struct gate *gate, const char *label, const char *body)
{
    char mark[96];
    (void)gate_post(gate, TRIGGERS, body);
    (void)snprintf(mark, sizeof(mark), "{\"label\":\"%s\"", label);
    assert_has(gate, mark);
}

static void a_trigger_order_waits_and_becomes_an_order(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_post(gate, TRIGGERS,
                            "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":2,\"price\":\"0\","
                            "\"tif\":\"ioc\",\"text\":\"t-x\"},\"trigger\":{\"price_type\":1,"
                            "\"price\":\"82\",\"rule\":1,\"expiration\":3600}}"));
    assert_string_equal(gate_body(gate), "{\"id\":2007048638370418601,"
                                         "\"id_string\":\"2007048638370418601\"}");
    assert_status(gate, 200, gate_get(gate, TRIGGERS "/2007048638370418601", ""));
    assert_has(gate, "\"trigger\":{\"strategy_type\":0,\"price_type\":1,\"price\":\"82\","
                     "\"rule\":1,\"expiration\":3600}");
    assert_has(gate, "\"initial\":{\"contract\":\"LTC_USDT\",\"size\":2,\"amount\":\"2\","
                     "\"price\":\"0\",\"tif\":\"ioc\",\"text\":\"t-x\",");
    assert_value(gate, "status", "open");
    assert_value(gate, "create_time", "1700000000000000");
    assert_has(gate, "\"trade_id\":0,\"trade_id_string\":\"\",\"me_order_id\":0,"
                     "\"me_order_id_string\":\"\",\"is_stop_order\":false,\"stop_trigger\":{"
                     "\"rule\":0,\"trigger_price\":\"\",\"order_price\":\"\"}");
    gate_set_price(gate, "LTC_USDT", "82");
    assert_status(gate, 200, gate_get(gate, TRIGGERS, "status=finished"));
    assert_value(gate, "finish_as", "succeeded");
    assert_value(gate, "trade_id", "58828270140012001");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/orders/t-x", ""));
    assert_value(gate, "finish_as", "filled");
}

static void a_trigger_that_is_met_already_is_refused(void **state)
{
    struct gate *gate = *state;
    expect_label(gate, "AUTO_TRIGGER_PRICE_LESS_LAST",
                 "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":-2,\"price\":\"0\",\"tif\":"
                 "\"ioc\"},\"trigger\":{\"price\":\"81\",\"rule\":2}}");
    assert_has(gate, "\"message\":\"invalid argument: Trigger.Price must < last_price\"");
    expect_label(gate, "AUTO_TRIGGER_PRICE_GREATE_LAST",
                 "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":-2,\"price\":\"0\",\"tif\":"
                 "\"ioc\"},\"trigger\":{\"price\":\"79\",\"rule\":1}}");
    expect_label(gate, "MISSING_REQUIRED_PARAM",
                 "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":-2,\"price\":\"0\"}}");
    expect_label(gate, "INVALID_PARAM_VALUE",
                 "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":-2,\"price\":\"0\",\"tif\":"
                 "\"ioc\"},\"trigger\":{\"price\":\"79\",\"rule\":3}}");
    expect_label(gate, "POSITION_EMPTY",
                 "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":0,\"price\":\"0\",\"close\":true"
                 "},\"trigger\":{\"price\":\"79\",\"rule\":2}}");
}

static void prices_of_a_trigger_order_are_on_the_grid(void **state)
{
    struct gate *gate = *state;
    expect_label(gate, "AUTO_INVALID_PARAM_PRICE",
                 "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":-2,\"price\":\"78.005\"},"
                 "\"trigger\":{\"price\":\"79\",\"rule\":2}}");
    assert_has(gate, "initial.price price is not an integer multiple of a price unit");
    expect_label(gate, "INVALID_PARAM_VALUE",
                 "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":-2,\"price\":\"78\"},"
                 "\"trigger\":{\"price\":\"79.005\",\"rule\":2}}");
}

static void a_closing_trigger_order_closes_what_is_there(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":7,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_status(gate, 201,
                  gate_post(gate, TRIGGERS,
                            "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":0,\"price\":\"0\","
                            "\"close\":true,\"tif\":\"ioc\"},\"trigger\":{\"price\":\"78\","
                            "\"rule\":2},\"order_type\":\"close-long-position\"}"));
    assert_status(gate, 200, gate_get(gate, TRIGGERS, "status=open&contract=LTC_USDT"));
    assert_value(gate, "is_close", "true");
    assert_value(gate, "order_type", "close-long-position");
    gate_set_price(gate, "LTC_USDT", "77.9");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/positions/LTC_USDT", ""));
    assert_value(gate, "size", "0");
    assert_value(gate, "realised_pnl", "0");
    assert_value(gate, "last_close_pnl", "-1.539265"); /* 0.7 * (77.89 - 80.01), less fees */
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/position_close", "side=long"));
    assert_has(gate, "\"contract\":\"LTC_USDT\"");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/position_close", "side=short"));
    assert_string_equal(gate_body(gate), "[]");
}

#define CLOSE(initial, order_type)                                                                 \
    "{\"initial\":{\"contract\":\"LTC_USDT\",\"price\":\"0\"," initial                             \
    "},\"trigger\":{\"price\":\"78\",\"rule\":2}" order_type "}"

static void what_closes_says_so_in_the_words_of_the_account_s_mode(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":7,\"price\":\"0\",\"tif\":\"ioc\"}");
    expect_label(gate, "INVALID_ARGUMENT", /* the type alone does not close */
                 CLOSE("\"size\":0,\"tif\":\"ioc\"", ",\"order_type\":\"close-long-position\""));
    expect_label(gate, "INVALID_PARAM_VALUE", /* the market takes ioc alone */
                 CLOSE("\"size\":0,\"close\":true", ""));
    expect_label(
        gate, "INVALID_PARAM_VALUE", /* told, but not taken */
        CLOSE("\"size\":0,\"close\":true,\"tif\":\"ioc\"", ",\"order_type\":\"close-long-order\""));
    expect_label(gate, "INVALID_PARAM_VALUE", /* a part of a long is sold */
                 CLOSE("\"size\":2,\"reduce_only\":true,\"tif\":\"ioc\"",
                       ",\"order_type\":\"plan-close-long-position\""));
    assert_status(gate, 201,
                  gate_post(gate, TRIGGERS,
                            CLOSE("\"size\":-2,\"reduce_only\":true,\"tif\":\"ioc\"",
                                  ",\"order_type\":\"plan-close-long-position\"")));
    gate_send(gate, "DELETE", TRIGGERS, "contract=LTC_USDT", "");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":0,\"close\":true,\"price\":\"0\","
                     "\"tif\":\"ioc\"}");
    assert_status(gate, 200,
                  gate_send(gate, "POST", "/futures/usdt/dual_mode", "dual_mode=true", ""));
    expect_label(gate, "POSITION_DUAL_MODE",
                 CLOSE("\"size\":0,\"close\":true,\"tif\":\"ioc\"",
                       ",\"order_type\":\"close-long-position\""));
    assert_status(gate, 201,
                  gate_post(gate, TRIGGERS,
                            CLOSE("\"size\":0,\"auto_size\":\"close_long\",\"tif\":\"ioc\","
                                  "\"reduce_only\":true",
                                  "")));
}

static void a_trigger_order_is_amended_cancelled_and_expires(void **state)
{
    struct gate *gate = *state;
    const char *body = "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"70\"},"
                       "\"trigger\":{\"price\":\"90\",\"rule\":1,\"expiration\":60}}";
    assert_status(gate, 201, gate_post(gate, TRIGGERS, body));
    assert_status(gate, 200,
                  gate_send(gate, "PUT", TRIGGERS "/amend", "",
                            "{\"order_id\":2007048638370418601,\"size\":3,\"price\":\"71\","
                            "\"trigger_price\":\"91\"}"));
    assert_status(gate, 200, gate_get(gate, TRIGGERS "/2007048638370418601", ""));
    assert_value(gate, "price", "91");
    assert_has(gate, "\"size\":3,\"amount\":\"3\",\"price\":\"71\"");
    assert_refused(gate, "AUTO_TRIGGER_PRICE_GREATE_LAST",
                   gate_send(gate, "PUT", TRIGGERS "/amend/2007048638370418601", "",
                             "{\"trigger_price\":\"70\"}"));
    assert_status(gate, 200, gate_send(gate, "DELETE", TRIGGERS "/2007048638370418601", "", ""));
    assert_value(gate, "finish_as", "cancelled");
    assert_refused(gate, "ORDER_FINISHED",
                   gate_send(gate, "DELETE", TRIGGERS "/2007048638370418601", "", ""));
    assert_status(gate, 201, gate_post(gate, TRIGGERS, body));
    gate_wait(gate, 60000);
    assert_status(gate, 200, gate_get(gate, TRIGGERS "/2007048638370418602", ""));
    assert_value(gate, "finish_as", "expired");
    assert_status(gate, 201, gate_post(gate, TRIGGERS, body));
    assert_status(gate, 200, gate_send(gate, "DELETE", TRIGGERS, "contract=LTC_USDT", ""));
    assert_has(gate, "2007048638370418603");
}

static void a_trigger_order_that_cannot_be_placed_has_failed(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_post(gate, TRIGGERS,
                            "{\"initial\":{\"contract\":\"LTC_USDT\",\"size\":-2,\"price\":\"0\","
                            "\"tif\":\"ioc\",\"reduce_only\":true},\"trigger\":{\"price\":\"78\","
                            "\"rule\":2}}"));
    gate_set_price(gate, "LTC_USDT", "78");
    assert_status(gate, 200, gate_get(gate, TRIGGERS, "status=finished"));
    assert_value(gate, "finish_as", "failed");
    assert_value(gate, "reason", "INCREASE_POSITION");
}

/* --- The account -------------------------------------------------------------------------------
 */

static void the_account_adds_up(void **state)
{
    struct gate *gate = *state;
    gate_set_price(gate, "BTC_USDT", "49999.9");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":100,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":100,\"price\":\"49000\"}");
    gate_set_price(gate, "BTC_USDT", "50100");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/accounts", ""));
    assert_value(gate, "user", "20011");
    assert_value(gate, "total", "99999.75");
    assert_value(gate, "unrealised_pnl", "1");
    assert_value(gate, "position_initial_margin", "50.375");
    assert_value(gate, "cross_initial_margin", "50.375");
    assert_value(gate, "order_margin", "49.3675"); /* 490 * (1/10 + 0.00075) */
    assert_value(gate, "available", "99901.0075");
    assert_value(gate, "cross_margin_balance", "100000.75");
    assert_value(gate, "position_mode", "single");
    assert_has(gate, "\"history\":{\"dnw\":\"100000\",\"pnl\":\"0\",\"fee\":\"-0.25\"");
}

static void the_ledger_is_newest_first_with_its_balances(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":-1,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/account_book", "limit=2"));
    assert_has(gate, "[{\"time\":1700000000,\"change\":\"-0.0039995\",\"balance\":\"99999.99"
                     "\",\"type\":\"fee\",\"text\":\"LTC_USDT:");
    assert_has(gate, "\"change\":\"-0.002\",\"balance\":\"99999.9939995\",\"type\":\"pnl\"");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/account_book", "type=dnw"));
    assert_has(gate, "\"change\":\"100000\",\"balance\":\"100000\",\"type\":\"dnw\",\"text\":\"-\","
                     "\"contract\":\"\"");
    /* Some clients give the time in milliseconds. */
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/account_book", "from=1700000000001"));
    assert_string_equal(gate_body(gate), "[]");
}

static void what_clients_ask_before_they_begin_is_answered(void **state)
{
    static const char *const paths[] = {"/margin/currency_pairs", "/futures/btc/contracts",
                                        "/delivery/usdt/contracts", "/options/underlyings"};
    struct gate *gate = *state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_status(gate, 200, gate_get(gate, paths[i], ""));
        assert_string_equal(gate_body(gate), "[]");
    }
    assert_status(gate, 200, gate_get(gate, "/account/detail", ""));
    assert_has(gate, "\"key\":{\"mode\":1}");
    assert_status(gate, 200, gate_get(gate, "/wallet/fee", "currency_pair=BTC_USDT"));
    assert_value(gate, "futures_taker_fee", "0.0005");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/fee", "contract=BTC_USDT"));
    assert_string_equal(gate_body(gate),
                        "{\"BTC_USDT\":{\"taker_fee\":\"0.0005\",\"maker_fee\":\"0.0002\"}}");
}

/* --- Public data -------------------------------------------------------------------------------
 */

static void the_book_has_levels_in_contracts(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":7,\"price\":\"60000\"}");
    assert_status(
        gate, 200,
        gate_get(gate, "/futures/usdt/order_book", "contract=BTC_USDT&limit=1&with_id=true"));
    assert_has(gate, "\"current\":1700000000,\"update\":1700000000,\"asks\":[{\"s\":");
    assert_has(gate, "\"p\":\"60000.1\"}],\"bids\":[{\"s\":7,\"p\":\"60000\"}]}");
    assert_has(gate, "{\"id\":");
    assert_refused(gate, "CONTRACT_NOT_FOUND",
                   gate_get(gate, "/futures/usdt/order_book", "contract=BTCUSDT"));
}

static void trades_candles_and_tickers_follow_the_price(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-3,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/trades", "contract=BTC_USDT&limit=1"));
    assert_value(gate, "size", "-3");
    assert_value(gate, "price", "59999.9");
    gate_set_price(gate, "BTC_USDT", "61000");
    assert_status(gate, 200,
                  gate_get(gate, "/futures/usdt/candlesticks", "contract=BTC_USDT&interval=1m"));
    assert_value(gate, "t", "1699999980");
    assert_value(gate, "c", "61000");
    assert_value(gate, "l", "59999.9");
    assert_status(
        gate, 200,
        gate_get(gate, "/futures/usdt/candlesticks", "contract=mark_BTC_USDT&interval=7d"));
    assert_lacks(gate, "\"v\":");
    assert_refused(gate, "INVALID_PARAM_VALUE",
                   gate_get(gate, "/futures/usdt/candlesticks",
                            "contract=BTC_USDT&interval=1m&limit=5&from=1699999980"));
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/tickers", "contract=BTC_USDT"));
    assert_value(gate, "last", "61000");
    assert_value(gate, "high_24h", "61000");
    assert_value(gate, "lowest_ask", "61000.1");
    assert_value(gate, "mark_price", "61000");
}

static void a_contract_tells_its_own_unit(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/contracts/BTC_USDT", ""));
    assert_value(gate, "quanto_multiplier", "0.0001");
    assert_value(gate, "order_size_min", "1");
    assert_value(gate, "order_price_round", "0.1");
    assert_value(gate, "order_price_deviate", "0.5");
    assert_value(gate, "taker_fee_rate", "0.00075");
    assert_value(gate, "leverage_max", "200");
    assert_value(gate, "funding_interval", "28800");
    assert_status(gate, 400, gate_get(gate, "/futures/usdt/contracts/NO_USDT", ""));
    assert_has(gate, "CONTRACT_NOT_FOUND");
}

#define gate_test(test) cmocka_unit_test_setup_teardown(test, gate_set_up, gate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gate_test(a_trigger_order_waits_and_becomes_an_order),
        gate_test(a_trigger_that_is_met_already_is_refused),
        gate_test(prices_of_a_trigger_order_are_on_the_grid),
        gate_test(a_closing_trigger_order_closes_what_is_there),
        gate_test(what_closes_says_so_in_the_words_of_the_account_s_mode),
        gate_test(a_trigger_order_is_amended_cancelled_and_expires),
        gate_test(a_trigger_order_that_cannot_be_placed_has_failed),
        gate_test(the_account_adds_up),
        gate_test(the_ledger_is_newest_first_with_its_balances),
        gate_test(what_clients_ask_before_they_begin_is_answered),
        gate_test(the_book_has_levels_in_contracts),
        gate_test(trades_candles_and_tickers_follow_the_price),
        gate_test(a_contract_tells_its_own_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

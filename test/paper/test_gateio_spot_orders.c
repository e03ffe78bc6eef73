/* Gate.io's spot orders over REST: what is answered and refused, and how long it can be found. */
#include "gateio_spot_helper.h"

#define PAIR "currency_pair=BTC_USDT"

static const char *order_path(const char *id)
{
    static char path[96];
    (void)snprintf(path, sizeof(path), "/spot/orders/%s", id);
    return path;
}

static void a_resting_order_is_answered_with_201_and_all_its_fields(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\","
                                   "\"account\":\"spot\",\"side\":\"buy\",\"amount\":\"0.01\","
                                   "\"price\":\"19000\",\"time_in_force\":\"gtc\","
                                   "\"text\":\"t-1\"}"));
    assert_string_equal(
        gate_body(gate),
        "{\"id\":\"28000000001\",\"text\":\"t-1\",\"amend_text\":\"-\","
        "\"create_time\":\"1700000000\",\"update_time\":\"1700000000\","
        "\"create_time_ms\":1700000000000,\"update_time_ms\":1700000000000,\"status\":\"open\","
        "\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\",\"account\":\"spot\",\"side\":\"buy\","
        "\"amount\":\"0.01\",\"price\":\"19000\",\"time_in_force\":\"gtc\",\"iceberg\":\"0\","
        "\"left\":\"0.01\",\"filled_amount\":\"0\",\"fill_price\":\"0\",\"filled_total\":\"0\","
        "\"avg_deal_price\":\"0\",\"fee\":\"0\",\"fee_currency\":\"BTC\",\"point_fee\":\"0\","
        "\"gt_fee\":\"0\",\"gt_maker_fee\":\"0\",\"gt_taker_fee\":\"0\",\"gt_discount\":false,"
        "\"rebated_fee\":\"0\",\"rebated_fee_currency\":\"USDT\",\"stp_id\":0,\"stp_act\":\"-\","
        "\"finish_as\":\"open\"}");
    assert_balance(gate, "USDT", "9810", "190");
}

static void a_market_order_to_buy_says_how_much_it_spends(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"type\":\"market\","
                                   "\"side\":\"buy\",\"amount\":\"100\","
                                   "\"time_in_force\":\"ioc\"}"));
    assert_value(gate, "status", "closed");
    assert_value(gate, "finish_as", "filled");
    assert_value(gate, "amount", "100");
    assert_value(gate, "price", "0");
    assert_value(gate, "text", "apiv4");
    keel_decimal left = keel_decimal_from_text(gate_value(gate, "left"));
    keel_decimal total = keel_decimal_from_text(gate_value(gate, "fill_price"));
    assert_true(keel_decimal_equals(keel_decimal_add(left, total), keel_decimal_from_int(100)));
    assert_true(keel_decimal_compare(left, keel_decimal_from_text("0.03")) < 0);
}

static void a_fee_is_taken_from_what_is_received(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\","
                                   "\"amount\":\"0.1\",\"price\":\"20100\"}"));
    assert_value(gate, "finish_as", "filled");
    assert_value(gate, "fee", "0.0002");
    assert_value(gate, "fee_currency", "BTC");
    assert_balance(gate, "BTC", "0.0998", "0");
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"side\":\"sell\","
                                   "\"type\":\"market\",\"amount\":\"0.05\"}"));
    assert_value(gate, "fee_currency", "USDT");
    keel_decimal total = keel_decimal_from_text(gate_value(gate, "filled_total"));
    keel_decimal fee = keel_decimal_from_text(gate_value(gate, "fee"));
    assert_true(keel_decimal_equals(
        fee, keel_decimal_mul(total, keel_decimal_from_text("0.002"), KEEL_ROUND_DOWN)));
    assert_status(gate, 200, gate_get(gate, "/spot/my_trades", PAIR));
    assert_value(gate, "fee_currency", "USDT");
    assert_value(gate, "role", "taker");
}

static void trades_are_told_of_a_week_or_of_a_month_that_is_named(void **state)
{
    static const struct {
        const char *query;
        bool found;
    } cases[] = {
        {"from=1699990000&to=1702500000", true }, /* the trade is of 1700000000 */
        {"from=1699990000",               true }, /* the week behind it */
        {"from=1699300000",               false},
        {"to=1700500000",                 true }, /* the week before it */
        {"to=1700700000",                 false},
        {"",                              false}, /* the last one */
    };
    struct gate *gate = *state;
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\","
                                   "\"amount\":\"0.1\",\"price\":\"20100\"}"));
    assert_status(gate, 200, gate_get(gate, "/spot/my_trades", PAIR));
    assert_has(gate, "\"order_id\"");
    gate->now_ms += INT64_C(29) * 24 * 3600 * 1000;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char query[128];
        (void)snprintf(query, sizeof(query), PAIR "&%s", cases[i].query);
        assert_status(gate, 200, gate_get(gate, "/spot/my_trades", query));
        assert_int_equal(gate_has(gate, "\"order_id\""), cases[i].found);
    }
    assert_refused(gate, "INVALID_PARAM_VALUE",
                   gate_get(gate, "/spot/my_trades", PAIR "&from=1699900000&to=1702600000"));
    assert_refused(gate, "INVALID_PARAM_VALUE",
                   gate_get(gate, "/spot/account_book", "from=1699900000"));
}

static void what_is_wrong_has_its_label(void **state)
{
    static const struct {
        const char *label, *body;
    } cases[] = {
        {"MISSING_REQUIRED_PARAM",   "{\"side\":\"buy\",\"amount\":\"1\",\"price\":\"1\"}"       },
        {"INVALID_CURRENCY_PAIR",
         "{\"currency_pair\":\"NO_USDT\",\"side\":\"buy\",\"amount\":\"1\",\"price\":\"1\"}"     },
        {"INVALID_PARAM_VALUE",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"up\",\"amount\":\"1\",\"price\":\"1\"}"     },
        {"MISSING_REQUIRED_PARAM",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"1\"}"                    },
        {"MISSING_REQUIRED_PARAM",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"price\":\"19000\"}"                 },
        {"INVALID_PRECISION",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
         "\"price\":\"19000.01\"}"                                                               },
        {"INVALID_PRECISION",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.0100001\","
         "\"price\":\"19000\"}"                                                                  },
        {"INVALID_PARAM_VALUE",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.0001\","
         "\"price\":\"19000\"}"                                                                  },
        {"PRICE_THRESHOLD_EXCEEDED",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"1\",\"price\":\"100\"}"  },
        {"BALANCE_NOT_ENOUGH",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"1\",\"price\":\"19000\"}"},
        {"POC_FILL_IMMEDIATELY",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
         "\"price\":\"20100\",\"time_in_force\":\"poc\"}"                                        },
        {"FOK_NOT_FILL",             "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
                         "\"price\":\"19000\",\"time_in_force\":\"fok\"}"},
        {"INVALID_PARAM_VALUE",
         "{\"currency_pair\":\"BTC_USDT\",\"type\":\"market\",\"side\":\"buy\","
         "\"amount\":\"10\",\"time_in_force\":\"gtc\"}"                                          },
        {"INVALID_PARAM_VALUE",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
         "\"price\":\"19000\",\"text\":\"mine\"}"                                                },
        {"INVALID_CLIENT_ORDER_ID",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
         "\"price\":\"19000\",\"text\":\"t-0123456789012345678901234567x\"}"                     },
        {"INVALID_PARAM_VALUE",
         "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
         "\"price\":\"19000\",\"account\":\"margin\"}"                                           },
    };
    struct gate *gate = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char mark[96];
        gate->now_ms += 1000;
        (void)spot_order(gate, cases[i].body);
        (void)snprintf(mark, sizeof(mark), "{\"label\":\"%s\"", cases[i].label);
        assert_has(gate, mark);
    }
    assert_status(gate, 200, gate_get(gate, "/spot/open_orders", ""));
    assert_string_equal(gate_body(gate), "[]");
    assert_balance(gate, "USDT", "10000", "0");
}

static void an_open_order_s_text_is_taken(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-a", id);
    assert_refused(gate, "REPEATED_CREATION",
                   spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\","
                                    "\"amount\":\"0.01\",\"price\":\"19000\",\"text\":\"t-a\"}"));
    assert_status(gate, 200, gate_send(gate, "DELETE", "/spot/orders/t-a", PAIR, ""));
    assert_value(gate, "status", "cancelled");
    spot_rest(gate, "t-a", id);
}

static void a_single_order_is_named_with_its_pair(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-a", id);
    assert_refused(gate, "MISSING_REQUIRED_PARAM", gate_get(gate, order_path(id), ""));
    assert_refused(gate, "ORDER_NOT_FOUND",
                   gate_get(gate, order_path(id), "currency_pair=ETH_USDT"));
    assert_status(gate, 200, gate_get(gate, order_path(id), PAIR));
    assert_value(gate, "text", "t-a");
}

static void a_finished_order_is_found_by_its_text_for_a_minute(void **state)
{
    struct gate *gate = *state;
    char id[32];
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\","
                                   "\"amount\":\"0.01\",\"price\":\"20100\",\"text\":\"t-f\"}"));
    assert_true(keel_str_copy(keel_str_from(gate_value(gate, "id")), id, sizeof(id)));
    gate_wait(gate, 60 * 1000);
    assert_status(gate, 200, gate_get(gate, "/spot/orders/t-f", PAIR));
    gate_wait(gate, 1);
    assert_refused(gate, "CLIENT_ID_NOT_FOUND", gate_get(gate, "/spot/orders/t-f", PAIR));
    assert_status(gate, 200, gate_get(gate, order_path(id), PAIR));
    gate_wait(gate, 3600 * 1000);
    assert_status(gate, 200, gate_get(gate, order_path(id), PAIR));
    assert_status(gate, 200, gate_get(gate, "/spot/orders", PAIR "&status=finished"));
    assert_has(gate, "t-f");
}

static void a_cancelled_order_without_a_fill_is_gone_after_ten_minutes(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-g", id);
    assert_status(gate, 200, gate_send(gate, "DELETE", order_path(id), PAIR, ""));
    gate_wait(gate, 60 * 1000 + 1);
    assert_refused(gate, "CLIENT_ID_NOT_FOUND", gate_get(gate, "/spot/orders/t-g", PAIR));
    assert_status(gate, 200, gate_get(gate, order_path(id), PAIR));
    gate_wait(gate, 9 * 60 * 1000);
    assert_refused(gate, "ORDER_NOT_FOUND", gate_get(gate, order_path(id), PAIR));
    assert_status(gate, 200, gate_get(gate, "/spot/orders", PAIR "&status=finished"));
    assert_string_equal(gate_body(gate), "[]");
}

static void an_open_order_is_found_by_its_text_for_ever(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-o", id);
    gate_wait(gate, 3600 * 1000);
    assert_status(gate, 200, gate_get(gate, "/spot/orders/t-o", PAIR));
    assert_value(gate, "id", id);
}

static void what_has_ended_says_so_when_it_is_cancelled(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-c", id);
    assert_status(gate, 200, gate_send(gate, "DELETE", order_path(id), PAIR, ""));
    assert_refused(gate, "ORDER_CANCELLED", gate_send(gate, "DELETE", order_path(id), PAIR, ""));
    assert_refused(gate, "ORDER_CANCELLED",
                   gate_send(gate, "PATCH", order_path(id), PAIR, "{\"price\":\"18000\"}"));
    spot_rest(gate, "t-d", id);
    spot_set_price(gate, "BTC_USDT", "18900");
    assert_refused(gate, "ORDER_CLOSED", gate_send(gate, "DELETE", order_path(id), PAIR, ""));
}

static void an_amendment_comes_in_the_query_and_the_body(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-m", id);
    assert_status(gate, 200,
                  gate_send(gate, "PATCH", order_path(id), PAIR "&amount=0.02&price=18000",
                            "{\"currency_pair\":\"BTC_USDT\",\"amount\":\"0.02\","
                            "\"price\":\"18000\",\"amend_text\":\"second\"}"));
    assert_value(gate, "id", id);
    assert_value(gate, "amount", "0.02");
    assert_value(gate, "price", "18000");
    assert_value(gate, "amend_text", "second");
    assert_balance(gate, "USDT", "9640", "360");
    assert_refused(gate, "INVALID_PARAM_VALUE",
                   gate_send(gate, "PATCH", order_path(id), PAIR, "{}"));
}

static void open_orders_are_listed_by_pair(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-1", id);
    spot_rest(gate, "t-2", id);
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"ETH_USDT\",\"side\":\"buy\","
                                   "\"amount\":\"0.1\",\"price\":\"1900\"}"));
    assert_status(gate, 200, gate_get(gate, "/spot/open_orders", ""));
    assert_has(gate, "[{\"currency_pair\":\"BTC_USDT\",\"total\":2,\"orders\":[{\"id\":");
    assert_has(gate, ",{\"currency_pair\":\"ETH_USDT\",\"total\":1,\"orders\":[{\"id\":");
    assert_status(gate, 200, gate_get(gate, "/spot/orders", PAIR "&status=open&limit=1&page=2"));
    assert_value(gate, "text", "t-1");
    assert_lacks(gate, "t-2");
}

static void cancelling_all_is_of_a_pair_or_a_side(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-1", id);
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"ETH_USDT\",\"side\":\"buy\","
                                   "\"amount\":\"0.1\",\"price\":\"1900\",\"text\":\"t-2\"}"));
    assert_status(gate, 200, gate_send(gate, "DELETE", "/spot/orders", "side=sell", ""));
    assert_string_equal(gate_body(gate), "[]");
    assert_status(gate, 200, gate_send(gate, "DELETE", "/spot/orders", PAIR, ""));
    assert_has(gate, "t-1");
    assert_lacks(gate, "t-2");
    assert_status(gate, 200, gate_send(gate, "DELETE", "/spot/orders", "", ""));
    assert_has(gate, "t-2");
    assert_balance(gate, "USDT", "10000", "0");
}

static void a_batch_answers_each_of_its_orders(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200,
                  gate_post(gate, "/spot/batch_orders",
                            "[{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\","
                            "\"amount\":\"0.01\",\"price\":\"19000\",\"text\":\"t-1\"},"
                            "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"9\","
                            "\"price\":\"19000\",\"text\":\"t-2\"}]"));
    assert_has(gate, "[{\"order_id\":\"28000000001\",");
    assert_has(gate, "\"succeeded\":true,\"label\":\"\",\"message\":\"\"}");
    assert_has(gate, "{\"text\":\"t-2\",\"succeeded\":false,\"label\":\"BALANCE_NOT_ENOUGH\",");
    assert_refused(gate, "MISSING_REQUIRED_PARAM",
                   gate_post(gate, "/spot/batch_orders",
                             "[{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\","
                             "\"amount\":\"0.01\",\"price\":\"19000\"}]"));
    assert_status(gate, 200,
                  gate_post(gate, "/spot/amend_batch_orders",
                            "[{\"order_id\":\"28000000001\",\"currency_pair\":\"BTC_USDT\","
                            "\"price\":\"18000\"}]"));
    assert_has(gate, "\"price\":\"18000\"");
    assert_status(gate, 200,
                  gate_post(gate, "/spot/cancel_batch_orders",
                            "[{\"currency_pair\":\"BTC_USDT\",\"id\":\"28000000001\"},"
                            "{\"currency_pair\":\"BTC_USDT\",\"id\":\"7\"}]"));
    assert_has(gate, "{\"currency_pair\":\"BTC_USDT\",\"id\":\"28000000001\",\"succeeded\":true,"
                     "\"label\":\"\",\"message\":\"\",\"account\":\"spot\"}");
    assert_has(gate, "\"id\":\"7\",\"succeeded\":false,\"label\":\"ORDER_NOT_FOUND\"");
}

static void a_pair_takes_ten_orders_a_second(void **state)
{
    struct gate *gate = *state;
    char id[32];
    for (int i = 0; i < 10; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "t-%d", i);
        spot_rest(gate, text, id);
    }
    const char *eleventh = "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
                           "\"price\":\"19000\"}";
    assert_int_equal(spot_order(gate, eleventh), 429);
    assert_refused(gate, "TOO_MANY_REQUESTS", 0);
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"ETH_USDT\",\"side\":\"buy\","
                                   "\"amount\":\"0.1\",\"price\":\"1900\"}"));
    gate->now_ms += 1000;
    assert_status(gate, 201, spot_order(gate, eleventh));
}

static void a_countdown_cancels_what_rests(void **state)
{
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-1", id);
    assert_refused(gate, "INVALID_PARAM_VALUE",
                   gate_post(gate, "/spot/countdown_cancel_all", "{\"timeout\":4}"));
    assert_status(gate, 200, gate_post(gate, "/spot/countdown_cancel_all", "{\"timeout\":30}"));
    assert_string_equal(gate_body(gate), "{\"triggerTime\":\"1700000030000\"}");
    gate_wait(gate, 29 * 1000);
    assert_balance(gate, "USDT", "9810", "190");
    gate_wait(gate, 1000);
    assert_balance(gate, "USDT", "10000", "0");
    spot_rest(gate, "t-2", id);
    assert_status(gate, 200, gate_post(gate, "/spot/countdown_cancel_all", "{\"timeout\":30}"));
    assert_status(gate, 200, gate_post(gate, "/spot/countdown_cancel_all", "{\"timeout\":0}"));
    gate_wait(gate, 60 * 1000);
    assert_balance(gate, "USDT", "9810", "190");
}

/* --- Trigger orders ----------------------------------------------------------------------------
 */

#define TRIGGERS "/spot/price_orders"

static int place_trigger(struct gate *gate, const char *price, const char *rule, const char *put)
{
    char body[512];
    (void)snprintf(body, sizeof(body),
                   "{\"market\":\"BTC_USDT\",\"trigger\":{\"price\":\"%s\",\"rule\":\"%s\","
                   "\"expiration\":3600},\"put\":%s}",
                   price, rule, put);
    return gate_post(gate, TRIGGERS, body);
}

#define PUT_BUY                                                                                    \
    "{\"type\":\"limit\",\"side\":\"buy\",\"price\":\"21100\",\"amount\":\"0.01\","                \
    "\"account\":\"normal\",\"time_in_force\":\"gtc\",\"text\":\"t-stop\"}"

#define PUT_SELL "{\"type\":\"limit\",\"side\":\"sell\",\"price\":\"21100\",\"amount\":\"0.01\"}"

static void a_trigger_order_is_no_order_and_locks_nothing(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201, place_trigger(gate, "21000", ">=", PUT_BUY));
    assert_string_equal(gate_body(gate), "{\"id\":1000000001}");
    assert_balance(gate, "USDT", "10000", "0");
    assert_status(gate, 200, gate_get(gate, "/spot/open_orders", ""));
    assert_string_equal(gate_body(gate), "[]");
    assert_refused(gate, "CLIENT_ID_NOT_FOUND", gate_get(gate, "/spot/orders/t-stop", PAIR));
    assert_status(gate, 200, gate_send(gate, "DELETE", "/spot/orders", "", ""));
    assert_string_equal(gate_body(gate), "[]");
    assert_status(gate, 200, gate_get(gate, TRIGGERS, "status=open"));
    assert_string_equal(
        gate_body(gate),
        "[{\"market\":\"BTC_USDT\",\"user\":20011,\"trigger\":{\"price\":\"21000\","
        "\"rule\":\">=\",\"expiration\":3600},\"put\":{\"type\":\"limit\",\"side\":\"buy\","
        "\"price\":\"21100\",\"amount\":\"0.01\",\"account\":\"normal\",\"time_in_force\":\"gtc\","
        "\"auto_borrow\":false,\"auto_repay\":false,\"text\":\"t-stop\"},\"id\":1000000001,"
        "\"ctime\":1700000000,\"fired_order_id\":0,\"status\":\"open\",\"reason\":\"\"}]");
}

static void a_trigger_order_that_fires_becomes_an_order(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201, place_trigger(gate, "21000", ">=", PUT_BUY));
    spot_set_price(gate, "BTC_USDT", "21000");
    assert_status(gate, 200, gate_get(gate, TRIGGERS "/1000000001", ""));
    assert_value(gate, "status", "finish");
    assert_value(gate, "fired_order_id", "28000000001");
    assert_status(gate, 200, gate_get(gate, "/spot/orders/28000000001", PAIR));
    assert_value(gate, "finish_as", "filled");
    assert_value(gate, "text", "t-stop");
    assert_refused(gate, "ORDER_CLOSED", gate_send(gate, "DELETE", TRIGGERS "/1000000001", "", ""));
}

static void a_trigger_order_may_wait_downwards_and_spend_a_sum(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  place_trigger(gate, "19000", "<=",
                                "{\"type\":\"market\",\"side\":\"buy\",\"price\":\"0\","
                                "\"amount\":\"500\",\"time_in_force\":\"ioc\"}"));
    spot_set_price(gate, "BTC_USDT", "19000");
    assert_status(gate, 200, gate_get(gate, "/spot/orders/28000000001", PAIR));
    assert_value(gate, "type", "market");
    assert_value(gate, "amount", "500");
    assert_value(gate, "finish_as", "filled");
}

static void a_trigger_order_fails_without_money_and_expires(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  place_trigger(gate, "21000", ">=",
                                "{\"type\":\"limit\",\"side\":\"buy\",\"price\":\"21100\","
                                "\"amount\":\"9\"}"));
    assert_status(gate, 201, place_trigger(gate, "15000", "<=", PUT_BUY));
    spot_set_price(gate, "BTC_USDT", "21000");
    assert_status(gate, 200, gate_get(gate, TRIGGERS "/1000000001", ""));
    assert_value(gate, "status", "failed");
    assert_value(gate, "reason", "BALANCE_NOT_ENOUGH");
    assert_value(gate, "fired_order_id", "0");
    gate_wait(gate, 3600 * 1000);
    assert_status(gate, 200, gate_get(gate, TRIGGERS, "status=finished&market=BTC_USDT"));
    assert_has(gate, "\"status\":\"expired\"");
    assert_status(gate, 200, gate_get(gate, TRIGGERS, "status=open"));
    assert_string_equal(gate_body(gate), "[]");
}

static void trigger_orders_are_cancelled_alone_and_together(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201, place_trigger(gate, "21000", ">=", PUT_BUY));
    assert_refused(gate, "INVALID_PARAM_VALUE", place_trigger(gate, "19000", ">=", PUT_SELL));
    assert_status(gate, 200, gate_send(gate, "DELETE", TRIGGERS "/1000000001", "", ""));
    assert_value(gate, "status", "cancelled");
    assert_status(gate, 201, place_trigger(gate, "22000", ">=", PUT_BUY));
    assert_status(gate, 200, gate_send(gate, "DELETE", TRIGGERS, "market=ETH_USDT", ""));
    assert_string_equal(gate_body(gate), "[]");
    assert_status(gate, 200, gate_send(gate, "DELETE", TRIGGERS, "market=BTC_USDT", ""));
    assert_has(gate, "\"status\":\"cancelled\"");
    assert_refused(gate, "ORDER_NOT_FOUND", gate_get(gate, TRIGGERS "/7", ""));
}

/* Another account's orders are none of the plain one's. */
static void an_account_that_is_not_kept_is_refused_wherever_it_is_named(void **state)
{
    static const struct {
        const char *method, *path, *query, *body;
    } calls[] = {
        {"GET",    "/spot/open_orders",  "account=unified",                        ""                                             },
        {"GET",    "/spot/orders",       PAIR "&status=open&account=cross_margin", ""                                             },
        {"GET",    "/spot/orders",       "status=finished&account=margin",         ""                                             },
        {"GET",    "/spot/my_trades",    PAIR "&account=unified",                  ""                                             },
        {"GET",    "/spot/orders/t-1",   PAIR "&account=unified",                  ""                                             },
        {"PATCH",  "/spot/orders/t-1",   PAIR,                                     "{\"account\":\"unified\",\"amount\":\"0.02\"}"},
        {"DELETE", "/spot/orders/t-1",   PAIR "&account=unified",                  ""                                             },
        {"DELETE", "/spot/orders",       PAIR "&account=unified",                  ""                                             },
        {"GET",    "/spot/price_orders", "status=open&account=unified",            ""                                             },
        {"DELETE", "/spot/price_orders", "market=BTC_USDT&account=margin",         ""                                             },
    };
    struct gate *gate = *state;
    char id[32];
    spot_rest(gate, "t-1", id);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        assert_refused(
            gate, "INVALID_PARAM_VALUE",
            gate_send(gate, calls[i].method, calls[i].path, calls[i].query, calls[i].body));
    assert_status(gate, 200,
                  gate_post(gate, "/spot/cancel_batch_orders",
                            "[{\"currency_pair\":\"BTC_USDT\",\"id\":\"t-1\","
                            "\"account\":\"unified\"}]"));
    assert_has(gate, "\"succeeded\":false,\"label\":\"INVALID_PARAM_VALUE\"");
    assert_value(gate, "account", "unified");
    assert_status(gate, 200, gate_get(gate, order_path(id), PAIR "&account=spot"));
    assert_value(gate, "status", "open");
    assert_value(gate, "amount", "0.01");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, spot_set_up, spot_tear_down)
    const struct CMUnitTest tests[] = {
        T(a_resting_order_is_answered_with_201_and_all_its_fields),
        T(a_market_order_to_buy_says_how_much_it_spends),
        T(a_fee_is_taken_from_what_is_received),
        T(trades_are_told_of_a_week_or_of_a_month_that_is_named),
        T(what_is_wrong_has_its_label),
        T(an_account_that_is_not_kept_is_refused_wherever_it_is_named),
        T(an_open_order_s_text_is_taken),
        T(a_single_order_is_named_with_its_pair),
        T(a_finished_order_is_found_by_its_text_for_a_minute),
        T(a_cancelled_order_without_a_fill_is_gone_after_ten_minutes),
        T(an_open_order_is_found_by_its_text_for_ever),
        T(what_has_ended_says_so_when_it_is_cancelled),
        T(an_amendment_comes_in_the_query_and_the_body),
        T(open_orders_are_listed_by_pair),
        T(cancelling_all_is_of_a_pair_or_a_side),
        T(a_batch_answers_each_of_its_orders),
        T(a_pair_takes_ten_orders_a_second),
        T(a_countdown_cancels_what_rests),
        T(a_trigger_order_is_no_order_and_locks_nothing),
        T(a_trigger_order_that_fires_becomes_an_order),
        T(a_trigger_order_may_wait_downwards_and_spend_a_sum),
        T(a_trigger_order_fails_without_money_and_expires),
        T(trigger_orders_are_cancelled_alone_and_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Orders over REST: what is refused and why, what is answered, how long it can be found. */
#include "gateio_helper.h"

#define ORDERS "/futures/usdt/orders"

static void expect_label(struct gate *gate, const char *label, const char *body)
{
    char mark[96];
    (void)gate_order(gate, body);
    (void)snprintf(mark, sizeof(mark), "{\"label\":\"%s\"", label);
    assert_has(gate, mark);
}

static void a_resting_order_is_answered_with_201_and_all_its_fields(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-3,\"price\":\"60500\","
                                   "\"tif\":\"gtc\",\"text\":\"t-1\",\"iceberg\":1}"));
    assert_string_equal(
        gate_body(gate),
        "{\"id\":58828270140012001,\"user\":20011,\"contract\":\"BTC_USDT\","
        "\"create_time\":1700000000,\"update_time\":1700000000,\"status\":\"open\",\"size\":-3,"
        "\"left\":-3,\"iceberg\":1,\"price\":\"60500\",\"fill_price\":\"0\",\"tif\":\"gtc\","
        "\"tkfr\":\"0.0005\",\"mkfr\":\"0.0002\",\"refu\":0,\"refr\":\"0\","
        "\"is_reduce_only\":false,\"is_close\":false,\"is_liq\":false,\"text\":\"t-1\","
        "\"stp_id\":0,\"stp_act\":\"-\",\"amend_text\":\"-\",\"biz_info\":\"ch:keel\","
        "\"update_id\":1}");
}

static void a_market_order_has_price_0_and_ends_at_once(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":2,\"price\":\"0\","
                                   "\"tif\":\"ioc\"}"));
    assert_value(gate, "status", "finished");
    assert_value(gate, "finish_as", "filled");
    assert_value(gate, "price", "0");
    assert_value(gate, "left", "0");
    assert_value(gate, "fill_price", "60000.1");
    assert_value(gate, "tif", "ioc");
    assert_value(gate, "text", "api");
}

static void a_market_order_may_have_to_fill_whole(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0\","
                                   "\"tif\":\"fok\"}"));
    assert_value(gate, "finish_as", "filled");
    assert_value(gate, "price", "0");
    assert_value(gate, "tif", "fok");
}

static void what_is_wrong_has_its_label(void **state)
{
    static const struct {
        const char *label, *body;
    } cases[] = {
        {"MISSING_REQUIRED_PARAM", "{\"size\":1,\"price\":\"59000\"}"                                          },
        {"CONTRACT_NOT_FOUND",     "{\"contract\":\"NO_USDT\",\"size\":1,\"price\":\"59000\"}"                 },
        {"INVALID_ARGUMENT",       "{\"contract\":\"BTC_USDT\",\"size\":1}"                                    },
        {"INVALID_ARGUMENT",       "{\"contract\":\"BTC_USDT\",\"size\":0,\"price\":\"59000\"}"                },
        {"INVALID_ARGUMENT",       "{\"contract\":\"BTC_USDT\",\"price\":\"59000\"}"                           },
        {"INVALID_PARAM_VALUE",    "{\"contract\":\"BTC_USDT\",\"size\":\"x\",\"price\":\"59000\"}"            },
        {"INVALID_PARAM_VALUE",
         "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0\",\"tif\":\"gtc\"}"                              },
        {"INVALID_PARAM_VALUE",    "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0\"}"                    },
        {"INVALID_PARAM_VALUE",
         "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0\",\"tif\":\"poc\"}"                              },
        {"INVALID_PARAM_VALUE",
         "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"1\",\"tif\":\"gtx\"}"                              },
        {"INVALID_PARAM_VALUE",    "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0.04\"}"                 },
        {"INVALID_PARAM_VALUE",
         "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"9\",\"stp_act\":\"cn\"}"                           },
        {"PRICE_TOO_DEVIATED",     "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"29999.9\"}"              },
        {"PRICE_TOO_DEVIATED",     "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"90000.1\"}"              },
        {"PRICE_TOO_DEVIATED",     "{\"contract\":\"BTC_USDT\",\"size\":-1,\"price\":\"90000.1\"}"             },
        {"ORDER_POC_IMMEDIATE",
         "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"60001\",\"tif\":\"poc\"}"                          },
        {"ORDER_FOK",              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\",\"tif\":\"fok\"}"},
        {"SIZE_TOO_LARGE",         "{\"contract\":\"BTC_USDT\",\"size\":12000001,\"price\":\"59000\"}"         },
        {"POSITION_EMPTY",
         "{\"contract\":\"BTC_USDT\",\"size\":0,\"close\":true,\"price\":\"0\",\"tif\":\"ioc\"}"               },
        {"INCREASE_POSITION",
         "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\",\"reduce_only\":true}"                     },
        {"INSUFFICIENT_AVAILABLE",
         "{\"contract\":\"BTC_USDT\",\"size\":300000,\"price\":\"60000\"}"                                     },
        {"INVALID_PARAM_VALUE",
         "{\"contract\":\"BTC_USDT\",\"size\":0,\"auto_size\":\"close_long\",\"price\":\"0\","
         "\"tif\":\"ioc\",\"reduce_only\":true}"                                                               },
        {"INVALID_REQUEST_BODY",   "{\"contract\":\"BTC_USDT\",\"size\":1"                                     },
    };
    struct gate *gate = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_label(gate, cases[i].label, cases[i].body);
    /* And nothing was placed. */
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=open"));
    assert_string_equal(gate_body(gate), "[]");
}

/* As the venue's own examples have it. */
static void a_price_off_the_grid_is_taken_for_the_nearest_on_it(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"text\":\"t-a\","
                                   "\"price\":\"59003.280000\"}"));
    assert_value(gate, "price", "59003.3");
    assert_status(gate, 200,
                  gate_send(gate, "PUT", ORDERS "/t-a", "", "{\"price\":\"59003.180000\"}"));
    assert_value(gate, "price", "59003.2");
    assert_status(gate, 200, gate_send(gate, "PUT", ORDERS "/t-a", "", "{\"price\":59003.12}"));
    assert_value(gate, "price", "59003.1");
}

static void a_text_begins_with_t_and_has_28_more_at_most(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"t-1",                             true },
        {"t-0123456789abcdefghijklmnop_-",  true },
        {"t-0123456789abcdefghijklmnop_-.", false},
        {"t-",                              false},
        {"trade1",                          false},
        {"api",                             false},
        {"t-a b",                           false},
        {"t-\\u00e4",                       false},
    };
    struct gate *gate = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char body[160];
        (void)snprintf(body, sizeof(body),
                       "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\",\"text\":\"%s\"}",
                       cases[i].text);
        int status = gate_order(gate, body);
        if (status != (cases[i].valid ? 201 : 400))
            fail_msg("%s: %d %s", cases[i].text, status, gate_body(gate));
    }
}

static void an_open_order_s_text_is_taken(void **state)
{
    struct gate *gate = *state;
    const char *body =
        "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\",\"text\":\"t-a\"}";
    assert_status(gate, 201, gate_order(gate, body));
    expect_label(gate, "ORDER_EXISTS", body);
    assert_status(gate, 200, gate_send(gate, "DELETE", ORDERS "/t-a", "", ""));
    assert_status(gate, 201, gate_order(gate, body));
}

static void numbers_may_be_text_and_text_numbers(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":\"2\",\"price\":59000.5,"
                                   "\"settle\":\"usdt\",\"textIsRequired\":true,"
                                   "\"reduce_only\":\"false\"}"));
    assert_value(gate, "size", "2");
    assert_value(gate, "price", "59000.5");
}

static void fractions_of_a_contract_are_dropped_unless_they_are_asked_for(void **state)
{
    struct gate *gate = *state;
    const char *btc = "{\"contract\":\"BTC_USDT\",\"size\":1.7,\"price\":\"59000\"}";
    const char *eth = "{\"contract\":\"ETH_USDT\",\"size\":\"1.7\",\"price\":\"2990\"}";
    assert_status(gate, 201, gate_order(gate, btc));
    assert_has(gate, "\"size\":1,");
    assert_status(gate, 201, gate_order(gate, eth));
    assert_has(gate, "\"size\":1,");
    expect_label(gate, "INVALID_ARGUMENT",
                 "{\"contract\":\"ETH_USDT\",\"size\":0.7,\"price\":\"2990\"}");

    gate->decimal_sizes = true;
    expect_label(gate, "INVALID_PARAM_VALUE", btc);
    assert_status(gate, 201, gate_order(gate, eth));
    assert_has(gate, "\"size\":\"1.7\",\"left\":\"1.7\"");
    expect_label(gate, "INVALID_PARAM_VALUE",
                 "{\"contract\":\"ETH_USDT\",\"size\":\"1.75\",\"price\":\"2990\"}");
}

static void least_sizes_print_as_the_client_asks(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/contracts/ETH_USDT", ""));
    assert_has(gate, "\"order_size_min\":0,");
    assert_has(gate, "\"enable_decimal\":true");
    gate->decimal_sizes = true;
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/contracts/ETH_USDT", ""));
    assert_has(gate, "\"order_size_min\":\"0.1\"");
}

static void an_order_is_found_by_its_id_and_by_its_text(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\","
                                   "\"text\":\"t-a\"}"));
    assert_status(gate, 200, gate_get(gate, ORDERS "/58828270140012001", "contract=BTC_USDT"));
    assert_status(gate, 200, gate_get(gate, ORDERS "/t-a", ""));
    assert_value(gate, "id", "58828270140012001");
    assert_status(gate, 404, gate_get(gate, ORDERS "/58828270140012000", ""));
    assert_status(gate, 404, gate_get(gate, ORDERS "/t-b", ""));
    assert_has(gate, "ORDER_NOT_FOUND");
    assert_status(gate, 404, gate_send_as(gate, 2, "GET", ORDERS "/t-a", "", ""));
    assert_status(gate, 404,
                  gate_send(gate, "DELETE", ORDERS "/d82cc6af-b131-4398-b269-ddbafa760a19",
                            "contract=BTC_USDT", ""));
}

static void a_cancelled_order_without_a_fill_is_gone_by_its_text_after_a_minute(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\","
                                   "\"text\":\"t-a\"}"));
    gate_wait(gate, 100000);
    assert_status(gate, 200, gate_get(gate, ORDERS "/t-a", ""));
    assert_status(gate, 200, gate_send(gate, "DELETE", ORDERS "/t-a", "", ""));
    assert_value(gate, "status", "finished");
    assert_value(gate, "finish_as", "cancelled");
    assert_value(gate, "finish_time", "1700000100");
    assert_value(gate, "update_id", "2");
    gate_wait(gate, 60000);
    assert_status(gate, 200, gate_get(gate, ORDERS "/t-a", ""));
    gate_wait(gate, 1000);
    assert_status(gate, 404, gate_get(gate, ORDERS "/t-a", ""));
    assert_status(gate, 200, gate_get(gate, ORDERS "/58828270140012001", ""));
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=finished"));
    assert_has(gate, "58828270140012001");
    gate_wait(gate, 9 * 60000);
    assert_status(gate, 404, gate_get(gate, ORDERS "/58828270140012001", ""));
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=finished"));
    assert_string_equal(gate_body(gate), "[]");
}

static void a_filled_order_stays(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0\","
                                   "\"tif\":\"ioc\",\"text\":\"t-a\"}"));
    gate_wait(gate, 3600000);
    assert_status(gate, 200, gate_get(gate, ORDERS "/t-a", ""));
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=finished&contract=BTC_USDT"));
    assert_has(gate, "\"text\":\"t-a\"");
}

static void an_order_that_is_over_cannot_be_changed(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0\","
                                   "\"tif\":\"ioc\",\"text\":\"t-a\"}"));
    assert_refused(gate, "ORDER_FINISHED", gate_send(gate, "DELETE", ORDERS "/t-a", "", ""));
    assert_refused(gate, "ORDER_FINISHED",
                   gate_send(gate, "PUT", ORDERS "/t-a", "", "{\"size\":2}"));
}

static void an_amendment_gives_the_new_total(void **state)
{
    struct gate *gate = *state;
    const char *path = ORDERS "/t-a";
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-5,\"price\":\"60500\","
                                   "\"text\":\"t-a\"}"));
    assert_status(gate, 200,
                  gate_send(gate, "PUT", path, "",
                            "{\"currency_pair\":\"BTC_USDT\",\"account\":\"futures\",\"size\":-3,"
                            "\"price\":\"60600\",\"amend_text\":\"lower\"}"));
    assert_value(gate, "size", "-3");
    assert_value(gate, "price", "60600");
    assert_value(gate, "amend_text", "lower");
    assert_value(gate, "update_id", "2");
    assert_refused(gate, "NO_CHANGE", gate_send(gate, "PUT", path, "", "{\"size\":-3}"));
    assert_refused(gate, "INVALID_PARAM_VALUE", gate_send(gate, "PUT", path, "", "{\"size\":3}"));
    assert_refused(gate, "PRICE_TOO_DEVIATED",
                   gate_send(gate, "PUT", path, "", "{\"price\":\"95000\"}"));
    assert_status(gate, 200, gate_get(gate, path, ""));
    assert_value(gate, "size", "-3");
}

static void a_post_only_order_is_not_amended_into_the_other_side(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\","
                                   "\"tif\":\"poc\",\"text\":\"t-a\"}"));
    assert_refused(gate, "ORDER_POC_IMMEDIATE",
                   gate_send(gate, "PUT", ORDERS "/t-a", "", "{\"price\":\"60100\"}"));
    assert_status(gate, 200, gate_get(gate, ORDERS "/t-a", ""));
    assert_value(gate, "price", "59000");
}

/* Two of account 1 stand before one of account 2 at the same price; a fill of one contract takes
 * the first in line. */
static const char *first_in_line(struct gate *gate, const char *amendment)
{
    const char *ask = "{\"contract\":\"LTC_USDT\",\"size\":-4,\"price\":\"80\",\"text\":\"t-a\"}";
    gate_set_price(gate, "LTC_USDT", "79");
    assert_int_equal(gate_order(gate, ask), 201);
    assert_int_equal(gate_send_as(gate, 2, "POST", ORDERS, "", ask), 201);
    assert_int_equal(gate_send(gate, "PUT", ORDERS "/t-a", "", amendment), 200);
    gate_set_price(gate, "LTC_USDT", "79.99");
    assert_int_equal(gate_send_as(gate, 3, "POST", ORDERS, "",
                                  "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"80\","
                                  "\"tif\":\"ioc\"}"),
                     201);
    assert_int_equal(gate_get(gate, ORDERS "/t-a", ""), 200);
    return gate_value(gate, "fill_price");
}

static void a_smaller_order_keeps_its_place_in_the_queue(void **state)
{
    assert_string_equal(first_in_line(*state, "{\"size\":-3}"), "80");
}

static void a_larger_order_loses_it(void **state)
{
    assert_string_equal(first_in_line(*state, "{\"size\":-5}"), "0");
}

static void an_immediate_order_drops_its_rest(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":3,\"price\":\"59000\","
                                   "\"tif\":\"ioc\"}"));
    assert_value(gate, "status", "finished");
    assert_value(gate, "finish_as", "ioc");
    assert_value(gate, "left", "3");
}

static void all_of_a_contract_s_orders_are_cancelled_by_side(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\",\"text\":\"t-b\"}");
    gate_order(gate,
               "{\"contract\":\"BTC_USDT\",\"size\":-1,\"price\":\"61000\",\"text\":\"t-s\"}");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"79\",\"text\":\"t-l\"}");
    assert_status(gate, 200, gate_send(gate, "DELETE", ORDERS, "contract=BTC_USDT&side=bid", ""));
    assert_has(gate, "t-b");
    assert_lacks(gate, "t-s");
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=open"));
    assert_has(gate, "t-s");
    assert_has(gate, "t-l");
    assert_non_null(strstr(gate->response.headers.data, "X-Pagination-Total: 2\r\n"));
    assert_status(gate, 200, gate_send(gate, "DELETE", ORDERS, "", ""));
    assert_has(gate, "t-s");
    assert_has(gate, "t-l");
}

static void a_batch_answers_item_by_item(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200,
                  gate_post(gate, "/futures/usdt/batch_orders",
                            "[{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"20000\",\"tif\":"
                            "\"gtc\",\"text\":\"t-a\"},{\"contract\":\"BTC_USDT\",\"size\":-1,"
                            "\"price\":\"61000\",\"tif\":\"poc\",\"text\":\"t-b\"}]"));
    assert_has(gate, "[{\"succeeded\":false,\"label\":\"PRICE_TOO_DEVIATED\",\"detail\":");
    assert_has(gate, "{\"succeeded\":true,\"id\":58828270140012001,");
    assert_refused(gate, "INVALID_REQUEST_BODY",
                   gate_post(gate, "/futures/usdt/batch_orders",
                             "[{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"},7]"));
    static const char *const misshapen[] = {
        "{\"size\":1,\"price\":\"59000\"}",
        "{\"contract\":\"BTC_USDT\",\"size\":1}",
        "{\"contract\":\"BTC_USDT\",\"size\":\"one\",\"price\":\"59000\"}",
        "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\",\"tif\":\"gtx\"}",
        "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\",\"text\":\"mine\"}",
    };
    for (size_t i = 0; i < sizeof(misshapen) / sizeof(misshapen[0]); i++) {
        char body[256];
        (void)snprintf(body, sizeof(body),
                       "[{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"},%s]",
                       misshapen[i]);
        assert_status(gate, 400, gate_post(gate, "/futures/usdt/batch_orders", body));
    }
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/orders", "status=open"));
    assert_lacks(gate, "\"price\":\"59000\""); /* none of a misshapen batch was placed */
    assert_status(gate, 200,
                  gate_post(gate, "/futures/usdt/batch_amend_orders",
                            "[{\"text\":\"t-b\",\"price\":\"61100\"},{\"order_id\":1}]"));
    assert_has(gate, "\"price\":\"61100\"");
    assert_has(gate, "{\"succeeded\":false,\"label\":\"ORDER_NOT_FOUND\"");
    assert_status(
        gate, 200,
        gate_post(gate, "/futures/usdt/batch_cancel_orders", "[\"58828270140012001\",17]"));
    assert_string_equal(gate_body(gate),
                        "[{\"user_id\":20011,\"id\":\"58828270140012001\",\"succeeded\":true,"
                        "\"message\":\"\"},{\"user_id\":20011,\"id\":\"17\",\"succeeded\":false,"
                        "\"message\":\"ORDER_NOT_FOUND\",\"label\":\"ORDER_NOT_FOUND\"}]");
}

static void closing_ends_the_position_whatever_its_size(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-7,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":0,\"price\":\"0\","
                                   "\"tif\":\"ioc\",\"close\":true}"));
    assert_value(gate, "size", "7");
    assert_value(gate, "is_close", "true");
    assert_value(gate, "is_reduce_only", "true");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/positions/BTC_USDT", ""));
    assert_value(gate, "size", "0");
}

static void a_reduce_only_order_may_not_exceed_what_is_left(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":5,\"price\":\"0\",\"tif\":\"ioc\"}");
    expect_label(
        gate, "REDUCE_EXCEEDED",
        "{\"contract\":\"BTC_USDT\",\"size\":-6,\"price\":\"61000\",\"reduce_only\":true}");
    expect_label(gate, "INCREASE_POSITION",
                 "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\",\"reduce_only\":true}");
    assert_status(gate, 201,
                  gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-5,\"price\":\"61000\","
                                   "\"reduce_only\":true,\"text\":\"t-r\"}"));
    expect_label(
        gate, "REDUCE_EXCEEDED",
        "{\"contract\":\"BTC_USDT\",\"size\":-1,\"price\":\"61000\",\"reduce_only\":true}");
    /* The position goes away under it. */
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":0,\"price\":\"0\",\"tif\":\"ioc\","
                     "\"close\":true}");
    assert_status(gate, 200, gate_get(gate, ORDERS "/t-r", ""));
    assert_value(gate, "finish_as", "position_closed");
}

static void fills_are_told_with_what_they_closed(void **state)
{
    struct gate *gate = *state;
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":3,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":-5,\"price\":\"0\",\"tif\":\"ioc\","
                     "\"text\":\"t-x\"}");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/my_trades", "contract=LTC_USDT"));
    assert_has(gate, "\"size\":-5,\"close_size\":-3,\"price\":\"79.99\",\"role\":\"taker\","
                     "\"text\":\"t-x\",\"fee\":\"0.0199975\",\"point_fee\":\"0\","
                     "\"trade_value\":\"39.995\"}");
    assert_has(gate, "\"size\":3,\"close_size\":0,");
    assert_status(gate, 200,
                  gate_get(gate, "/futures/usdt/my_trades_timerange", "limit=1&role=taker"));
    assert_has(gate, "[{\"trade_id\":\"");
    assert_has(gate, "\"order_id\":\"58828270140012002\"");
    assert_lacks(gate, "58828270140012001");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/my_trades", "order=58828270140012001"));
    assert_lacks(gate, "58828270140012002");
}

static void lists_are_newest_first_and_paged(void **state)
{
    struct gate *gate = *state;
    for (int i = 0; i < 5; i++) {
        char body[128];
        (void)snprintf(body, sizeof(body),
                       "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"5900%d\"}", i);
        assert_int_equal(gate_order(gate, body), 201);
    }
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=open&limit=2&offset=1"));
    assert_has(gate, "[{\"id\":58828270140012004,");
    assert_has(gate, ",{\"id\":58828270140012003,");
    assert_lacks(gate, "58828270140012005");
    assert_lacks(gate, "58828270140012002");
    assert_non_null(
        strstr(gate->response.headers.data, "X-Pagination-Limit: 2\r\nX-Pagination-Offset: 1\r\n"));
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=open&last_id=58828270140012002"));
    assert_has(gate, "[{\"id\":58828270140012001,");
    assert_refused(gate, "INVALID_PARAM_VALUE", gate_get(gate, ORDERS, "status=open&limit=1001"));
    assert_refused(gate, "MISSING_REQUIRED_PARAM", gate_get(gate, ORDERS, ""));
}

static void the_countdown_cancels_when_it_is_not_renewed(void **state)
{
    struct gate *gate = *state;
    const char *path = "/futures/usdt/countdown_cancel_all";
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}");
    assert_refused(gate, "INVALID_PARAM_VALUE", gate_post(gate, path, "{\"timeout\":4}"));
    assert_status(gate, 200, gate_post(gate, path, "{\"timeout\":5}"));
    assert_string_equal(gate_body(gate), "{\"triggerTime\":\"1700000005000\"}");
    gate_wait(gate, 4000);
    assert_status(gate, 200, gate_post(gate, path, "{\"timeout\":5,\"contract\":\"BTC_USDT\"}"));
    gate_wait(gate, 4000);
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=open"));
    assert_has(gate, "58828270140012001");
    gate_wait(gate, 1000);
    assert_status(gate, 200, gate_get(gate, ORDERS, "status=open"));
    assert_string_equal(gate_body(gate), "[]");
}

static void a_request_past_its_time_is_refused(void **state)
{
    struct gate *gate = *state;
    const struct paper_key *key = &gate->keys.at[0];
    const char *body = "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}";
    struct paper_http_request request = gate_request("POST", "/api/v4" ORDERS, "", body);
    struct keel_hmac secret;
    char sign[2 * KEEL_SHA512_SIZE + 1];
    keel_hmac_sha512_init(&secret, keel_str_from(key->api_secret));
    gateio_sign(&secret, &request, request.query, KEEL_STR("1700000000"), sign);
    struct paper_header headers[] = {
        {KEEL_STR("KEY"),            keel_str_from(key->api_key)},
        {KEEL_STR("Timestamp"),      KEEL_STR("1700000000")     },
        {KEEL_STR("SIGN"),           keel_str_from(sign)        },
        {KEEL_STR("x-gate-exptime"), KEEL_STR("1699999999999")  },
    };
    request.headers = headers;
    request.header_count = 4;
    gate_handle(gate, &request);
    assert_has(gate, "REQUEST_EXPIRED");
    headers[3].value = KEEL_STR("1700000000000");
    gate_handle(gate, &request);
    assert_int_equal(gate->response.status, 201);
}

#define gate_test(test) cmocka_unit_test_setup_teardown(test, gate_set_up, gate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gate_test(a_resting_order_is_answered_with_201_and_all_its_fields),
        gate_test(a_market_order_has_price_0_and_ends_at_once),
        gate_test(a_market_order_may_have_to_fill_whole),
        gate_test(what_is_wrong_has_its_label),
        gate_test(a_price_off_the_grid_is_taken_for_the_nearest_on_it),
        gate_test(a_text_begins_with_t_and_has_28_more_at_most),
        gate_test(an_open_order_s_text_is_taken),
        gate_test(numbers_may_be_text_and_text_numbers),
        gate_test(fractions_of_a_contract_are_dropped_unless_they_are_asked_for),
        gate_test(least_sizes_print_as_the_client_asks),
        gate_test(an_order_is_found_by_its_id_and_by_its_text),
        gate_test(a_cancelled_order_without_a_fill_is_gone_by_its_text_after_a_minute),
        gate_test(a_filled_order_stays),
        gate_test(an_order_that_is_over_cannot_be_changed),
        gate_test(an_amendment_gives_the_new_total),
        gate_test(a_post_only_order_is_not_amended_into_the_other_side),
        gate_test(a_smaller_order_keeps_its_place_in_the_queue),
        gate_test(a_larger_order_loses_it),
        gate_test(an_immediate_order_drops_its_rest),
        gate_test(all_of_a_contract_s_orders_are_cancelled_by_side),
        gate_test(a_batch_answers_item_by_item),
        gate_test(closing_ends_the_position_whatever_its_size),
        gate_test(a_reduce_only_order_may_not_exceed_what_is_left),
        gate_test(fills_are_told_with_what_they_closed),
        gate_test(lists_are_newest_first_and_paged),
        gate_test(the_countdown_cancels_when_it_is_not_renewed),
        gate_test(a_request_past_its_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Binance spot by REST: signatures, each order type, texts of refusals, wallets. */
#include "binance_spot_helper.h"

#define ORDER "/api/v3/order"
#define LIMIT "symbol=BTCUSDT&type=LIMIT&timeInForce=GTC"

/* --- Who is calling ----------------------------------------------------------------------------
 */

static void a_signature_is_checked_over_the_bytes_that_came(void **state)
{
    struct fixture *fixture = *state;
    char text[128], full[256], hex[65];
    const char *key = key_of(fixture, 1)->api_key;
    send_raw(fixture, "GET", "/api/v3/account", "timestamp=1&signature=00", "", NULL);
    expect_error(fixture, 401, -2014, "API-key format invalid.");
    send_raw(fixture, "GET", "/api/v3/account", "signature=00", "", key);
    expect_error(fixture, 400, -1102, "Mandatory parameter 'timestamp'");
    snprintf(text, sizeof(text), "timestamp=%lld", (long long)fixture->now_ms);
    send_raw(fixture, "GET", "/api/v3/account", text, "", key);
    expect_error(fixture, 400, -1102, "Mandatory parameter 'signature'");
    snprintf(full, sizeof(full), "%s&signature=00", text);
    send_raw(fixture, "GET", "/api/v3/account", full, "", key);
    expect_error(fixture, 400, -1022, "Signature for this request is not valid.");
    sign(key_of(fixture, 1), text, hex);
    for (char *c = hex; *c; c++) /* hex in either case is the same */
        if (*c >= 'a' && *c <= 'f')
            *c = (char)(*c - 'a' + 'A');
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
    send_raw(fixture, "GET", "/api/v3/account", full, "", key);
    expect_body(fixture, 200, "\"accountType\":\"SPOT\"");
}

static void what_is_signed_before_it_is_encoded_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char text[256], full[384], hex[65];
    snprintf(text, sizeof(text), "symbols=[\"BTCUSDT\"]&timestamp=%lld",
             (long long)fixture->now_ms);
    sign(key_of(fixture, 1), text, hex);
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
    send_raw(fixture, "GET", "/api/v3/account", full, "", key_of(fixture, 1)->api_key);
    expect_error(fixture, 400, -1022, "Signature for this request is not valid.");
    call(fixture, "GET", "/api/v3/account", "symbols=%5B%22BTCUSDT%22%5D");
    assert_int_equal(fixture->response.status, 200);
}

static void a_timestamp_may_count_microseconds(void **state)
{
    struct fixture *fixture = *state;
    char text[128], full[256], hex[65];
    static const struct {
        int64_t offset_us;
        const char *window;
        int status;
    } cases[] = {
        {0,        "",                      200},
        {-5000000, "",                      200},
        {-5001000, "",                      400},
        {1000000,  "",                      400},
        {-5001000, "&recvWindow=5001.5",    200},
        {0,        "&recvWindow=5001.5555", 400},
        {0,        "&recvWindow=60001",     400},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), "timestamp=%lld%s",
                 (long long)(fixture->now_ms * 1000 + cases[i].offset_us), cases[i].window);
        sign(key_of(fixture, 1), text, hex);
        snprintf(full, sizeof(full), "%s&signature=%s", text, hex);
        send_raw(fixture, "GET", "/api/v3/account", full, "", key_of(fixture, 1)->api_key);
        assert_int_equal(fixture->response.status, cases[i].status);
    }
}

/* --- Orders ------------------------------------------------------------------------------------
 */

static void a_limit_order_is_answered_in_full(void **state)
{
    struct fixture *fixture = *state;
    deposit(fixture, 2, "BTC", "1");
    call_as(fixture, 2, "POST", ORDER, LIMIT "&side=SELL&quantity=0.1&price=20000");
    expect_body(fixture, 200, "\"status\":\"NEW\"");
    call(fixture, "POST", ORDER,
         LIMIT "&side=BUY&quantity=0.1&price=20000&newClientOrderId=mine-1");
    expect_body(fixture, 200, "\"clientOrderId\":\"mine-1\"");
    expect_body(fixture, 200, "\"status\":\"FILLED\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\"");
    expect_body(fixture, 200, "\"origQty\":\"0.10000000\",\"executedQty\":\"0.10000000\"");
    expect_body(fixture, 200, "\"cummulativeQuoteQty\":\"2000.00000000\"");
    expect_body(fixture, 200,
                "\"fills\":[{\"price\":\"20000.00000000\",\"qty\":\"0.10000000\","
                "\"commission\":\"0.00010000\",\"commissionAsset\":\"BTC\",\"tradeId\":");
    call(fixture, "GET", "/api/v3/account", "omitZeroBalances=true");
    expect_body(
        fixture, 200,
        "\"balances\":[{\"asset\":\"USDT\",\"free\":\"8000.00000000\",\"locked\":\"0."
        "00000000\"},{\"asset\":\"BTC\",\"free\":\"0.09990000\",\"locked\":\"0.00000000\"}]");
    call_as(fixture, 2, "GET", "/api/v3/myTrades", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"commission\":\"2.00000000\",\"commissionAsset\":\"USDT\"");
    expect_body(fixture, 200, "\"isBuyer\":false,\"isMaker\":true,\"isBestMatch\":true");
}

static void each_type_has_its_terms(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *params, *part;
    } cases[] = {
        {"type=LIMIT_MAKER&side=BUY&quantity=0.01&price=19000",                                     "{\"symbol\":\"BTCUSDT\""     },
        {"type=MARKET&side=BUY&quantity=0.01",                                                      "\"status\":\"FILLED\""       },
        {"type=MARKET&side=BUY&quoteOrderQty=100",                                                  "\"origQuoteOrderQty\":\"100."},
        {"type=MARKET&side=SELL&quoteOrderQty=100",                                                 "\"status\":\"FILLED\""       },
        {"type=STOP_LOSS&side=SELL&quantity=0.01&stopPrice=19000&newOrderRespType=RESULT",
         "\"type\":\"STOP_LOSS\",\"side\":\"SELL\",\"stopPrice\":\"19000.00000000\""                                              },
        {"type=STOP_LOSS_LIMIT&side=BUY&quantity=0.01&stopPrice=21000&price=21000&timeInForce=GTC",
         "\"orderListId\":-1"                                                                                                     },
        {"type=TAKE_PROFIT&side=SELL&quantity=0.01&stopPrice=21000",                                "\"orderListId\":-1"          },
        {"type=TAKE_PROFIT_LIMIT&side=SELL&quantity=0.01&stopPrice=21000&price=21000&timeInForce="
         "GTC",                                                                            "\"orderListId\":-1"          },
        {"type=LIMIT&side=BUY&quantity=0.01&price=19000&timeInForce=IOC",
         "\"status\":\"EXPIRED\",\"timeInForce\":\"IOC\""                                                                         },
        {"type=LIMIT&side=BUY&quantity=0.01&price=19000&timeInForce=FOK",
         "\"status\":\"EXPIRED\",\"timeInForce\":\"FOK\""                                                                         },
    };
    deposit(fixture, 1, "BTC", "1");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char params[256];
        snprintf(params, sizeof(params), "symbol=BTCUSDT&%s", cases[i].params);
        call(fixture, "POST", ORDER, params);
        expect_body(fixture, 200, cases[i].part);
    }
    call(fixture, "GET", "/api/v3/openOrders", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"type\":\"LIMIT_MAKER\"");
    expect_body(fixture, 200, "\"isWorking\":false");
    call(fixture, "GET", "/api/v3/allOrders", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"expiryReason\":\"UNFILLED_FOK_ORDER_EXPIRED\"");
    expect_body(fixture, 200, "\"expiryReason\":\"UNFILLED_IOC_QUANTITY_EXPIRED\"");
}

static void a_refusal_says_which_filter_or_rule_it_was(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *params;
        int code;
        const char *message;
    } cases[] = {
        {LIMIT "&side=BUY&quantity=0.01&price=20000.001",                             -1013, "Filter failure: PRICE_FILTER"},
        {LIMIT "&side=BUY&quantity=0.01&price=200000",                                -1013,
         "Filter failure: PERCENT_PRICE_BY_SIDE"                                                                           },
        {LIMIT "&side=BUY&quantity=0.010001&price=20000",                             -1013, "Filter failure: LOT_SIZE"    },
        {LIMIT "&side=BUY&quantity=0.0001&price=20000",                               -1013, "Filter failure: NOTIONAL"    },
        {"symbol=BTCUSDT&type=MARKET&side=SELL&quantity=121",                         -1013,
         "Filter failure: MARKET_LOT_SIZE"                                                                                 },
        {LIMIT "&side=BUY&quantity=1&price=20000",                                    -2010,
         "Account has insufficient balance for requested action."                                                          },
        {"symbol=BTCUSDT&type=LIMIT_MAKER&side=BUY&quantity=0.01&price=20001",        -2010,
         "Order would immediately match and take."                                                                         },
        {"symbol=BTCUSDT&type=STOP_LOSS&side=BUY&quantity=0.01&stopPrice=19000",      -2010,
         "Order would trigger immediately."                                                                                },
        {"symbol=BTCXXX&type=MARKET&side=BUY&quantity=1",                             -1121, "Invalid symbol."             },
        {"symbol=BTCUSDT&type=STOP&side=BUY&quantity=1",                              -1116, "Invalid orderType."          },
        {"symbol=BTCUSDT&type=MARKET&side=LONG&quantity=1",                           -1117, "Invalid side."               },
        {"symbol=BTCUSDT&type=LIMIT&side=BUY&quantity=1&price=20000&timeInForce=GTX", -1115,
         "Invalid timeInForce."                                                                                            },
        {"symbol=BTCUSDT&type=LIMIT&side=BUY&quantity=1&price=20000",                 -1102,
         "Mandatory parameter 'timeInForce'"                                                                               },
        {LIMIT "&side=BUY&quantity=0.01",                                             -1102, "Mandatory parameter 'price'" },
        {LIMIT "&side=BUY&quantity=0.01&price=20000&stopPrice=1",                     -1106,
         "Parameter 'stopPrice' sent when not required."                                                                   },
        {LIMIT "&side=BUY&quantity=0.010000001&price=20000",                          -1111,
         "Parameter 'quantity' has too much precision."                                                                    },
        {"symbol=BTCUSDT&type=MARKET&side=BUY&quantity=1&quoteOrderQty=5",            -1128,
         "Combination of optional parameters invalid."                                                                     },
        {LIMIT "&side=BUY&quantity=0.01&price=20000&newClientOrderId=a.b",            -1100,
         "Illegal characters found in parameter 'newClientOrderId'"                                                        },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        call(fixture, "POST", ORDER, cases[i].params);
        expect_error(fixture, 400, cases[i].code, cases[i].message);
        call(fixture, "POST", "/api/v3/order/test", cases[i].params);
        expect_error(fixture, 400, cases[i].code, cases[i].message);
    }
    call(fixture, "GET", "/api/v3/openOrders", "");
    expect_body(fixture, 200, "[]");
}

static void a_client_id_is_free_again_after_the_fill(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=19000&newClientOrderId=x");
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=19000&newClientOrderId=x");
    expect_error(fixture, 400, -2010, "Duplicate order sent.");
    control(fixture, "/paper/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"18000\"}");
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=17000&newClientOrderId=x");
    expect_body(fixture, 200, "\"status\":\"NEW\"");
}

static void a_cancellation_has_its_own_name(void **state)
{
    struct fixture *fixture = *state;
    char id[32], params[128];
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=19000&newClientOrderId=x");
    take_member(fixture->response.body.data, "orderId", id, sizeof(id));
    call(fixture, "DELETE", ORDER, "symbol=BTCUSDT&origClientOrderId=y");
    expect_error(fixture, 400, -2011, "Unknown order sent.");
    call(fixture, "DELETE", ORDER,
         "symbol=BTCUSDT&origClientOrderId=x&cancelRestrictions=ONLY_PARTIALLY_FILLED");
    expect_error(fixture, 400, -2011, "Order was not canceled due to cancel restrictions.");
    snprintf(params, sizeof(params), "symbol=BTCUSDT&orderId=%s&newClientOrderId=away", id);
    call(fixture, "DELETE", ORDER, params);
    expect_body(fixture, 200, "\"origClientOrderId\":\"x\"");
    expect_body(fixture, 200, "\"clientOrderId\":\"away\"");
    expect_body(fixture, 200, "\"status\":\"CANCELED\"");
    call(fixture, "GET", ORDER, "symbol=BTCUSDT&origClientOrderId=x");
    expect_body(fixture, 200, "\"clientOrderId\":\"x\"");
    snprintf(params, sizeof(params), "symbol=BTCUSDT&orderId=%s&origClientOrderId=y", id);
    call(fixture, "GET", ORDER, params);
    expect_error(fixture, 400, -2039, "Client order ID is not correct for this order ID");
    call(fixture, "GET", ORDER, "symbol=BTCUSDT&orderId=1");
    expect_error(fixture, 400, -2013, "Order does not exist.");
    call(fixture, "DELETE", "/api/v3/openOrders", "symbol=BTCUSDT");
    expect_error(fixture, 400, -2011, "Unknown order sent.");
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=19000&newClientOrderId=z");
    call(fixture, "DELETE", "/api/v3/openOrders", "symbol=BTCUSDT");
    expect_body(fixture, 200, "[{\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"z\"");
}

static void cancel_and_replace_tell_each_half(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=19000&newClientOrderId=a");
    call(fixture, "POST", "/api/v3/order/cancelReplace",
         LIMIT "&side=BUY&quantity=0.02&price=19000&cancelReplaceMode=STOP_ON_FAILURE"
               "&cancelOrigClientOrderId=a&newClientOrderId=b");
    expect_body(
        fixture, 200,
        "{\"cancelResult\":\"SUCCESS\",\"newOrderResult\":\"SUCCESS\",\"cancelResponse\":{");
    call(fixture, "POST", "/api/v3/order/cancelReplace",
         LIMIT "&side=BUY&quantity=0.02&price=19000&cancelReplaceMode=STOP_ON_FAILURE"
               "&cancelOrigClientOrderId=a&newClientOrderId=c");
    expect_error(fixture, 400, -2022, "Order cancel-replace failed.");
    expect_body(fixture, 400, "\"newOrderResult\":\"NOT_ATTEMPTED\"");
    expect_body(fixture, 400,
                "\"cancelResponse\":{\"code\":-2011,\"msg\":\"Unknown order sent.\"},"
                "\"newOrderResponse\":null");
    call(fixture, "POST", "/api/v3/order/cancelReplace",
         LIMIT "&side=BUY&quantity=2&price=19000&cancelReplaceMode=STOP_ON_FAILURE"
               "&cancelOrigClientOrderId=b");
    expect_error(fixture, 409, -2021, "Order cancel-replace partially failed.");
    expect_body(fixture, 409, "\"cancelResult\":\"SUCCESS\",\"newOrderResult\":\"FAILURE\"");
    call(fixture, "POST", "/api/v3/order/cancelReplace",
         LIMIT "&side=BUY&quantity=0.02&price=19000&cancelReplaceMode=ALLOW_FAILURE"
               "&cancelOrigClientOrderId=b&newClientOrderId=d");
    expect_error(fixture, 409, -2021, "Order cancel-replace partially failed.");
    call(fixture, "GET", "/api/v3/openOrders", "symbol=BTCUSDT");
    expect_body(fixture, 200, "\"clientOrderId\":\"d\"");
}

static void an_amendment_makes_an_order_smaller_and_renames_it(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.02&price=19000&newClientOrderId=a");
    call(fixture, "PUT", "/api/v3/order/amend/keepPriority",
         "symbol=BTCUSDT&origClientOrderId=a&newQty=0.03");
    expect_error(fixture, 400, -2038, "The requested action would change no state; rejecting.");
    call(fixture, "PUT", "/api/v3/order/amend/keepPriority",
         "symbol=BTCUSDT&origClientOrderId=a&newQty=0.01&newClientOrderId=b");
    expect_body(fixture, 200, "\"origClientOrderId\":\"a\",\"clientOrderId\":\"b\"");
    expect_body(fixture, 200, "\"qty\":\"0.01000000\"");
    call(fixture, "GET", "/api/v3/account", "omitZeroBalances=true");
    expect_body(fixture, 200, "\"free\":\"9810.00000000\",\"locked\":\"190.00000000\"");
}

/* --- Limits ------------------------------------------------------------------------------------
 */

static void an_order_weighs_nothing_when_it_succeeds_and_counts_until_it_trades(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=19000");
    assert_contains(fixture->response.headers.data, "X-MBX-USED-WEIGHT-1M: 0\r\n");
    assert_contains(fixture->response.headers.data, "X-MBX-ORDER-COUNT-10S: 1\r\n");
    assert_contains(fixture->response.headers.data, "X-MBX-ORDER-COUNT-1D: 1\r\n");
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.0001&price=19000");
    assert_contains(fixture->response.headers.data, "X-MBX-USED-WEIGHT-1M: 1\r\n");
    call(fixture, "POST", ORDER, "symbol=BTCUSDT&type=MARKET&side=BUY&quantity=0.01");
    call(fixture, "GET", "/api/v3/rateLimit/order", "");
    expect_body(fixture, 200,
                "\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":100,\"count\":1}");
    for (int i = 0; i < 99; i++)
        call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.0004&price=19000");
    expect_body(fixture, 200, "\"status\":\"NEW\"");
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.0004&price=19000");
    expect_error(fixture, 429, -1015,
                 "Too many new orders; current limit is 100 orders per 10 SECOND.");
}

static void weights_add_up_to_a_limit_and_a_wait(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 75; i++)
        call(fixture, "GET", "/api/v3/openOrders", "");
    assert_int_equal(fixture->response.status, 200);
    assert_contains(fixture->response.headers.data, "X-MBX-USED-WEIGHT-1M: 6000\r\n");
    call(fixture, "GET", "/api/v3/openOrders", "");
    expect_error(fixture, 429, -1003, "Too much request weight used; current limit is 6000");
    assert_contains(fixture->response.headers.data, "Retry-After: ");
    call(fixture, "GET", "/sapi/v1/asset/tradeFee", ""); /* counted by itself */
    assert_contains(fixture->response.headers.data, "X-SAPI-USED-IP-WEIGHT-1M: 1\r\n");
    expect_body(fixture, 200, "{\"symbol\":\"BTCUSDT\",\"makerCommission\":\"0.001\"");
}

static void listen_keys_are_gone(void **state)
{
    struct fixture *fixture = *state;
    send_raw(fixture, "POST", "/api/v3/userDataStream", "", "", key_of(fixture, 1)->api_key);
    assert_int_equal(fixture->response.status, 410);
    send_raw(fixture, "GET", "/api/v3/nowhere", "", "", NULL);
    assert_int_equal(fixture->response.status, 404);
}

/* --- Market data -------------------------------------------------------------------------------
 */

static void anybody_may_ask_for_the_market(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *path, *query, *part;
    } cases[] = {
        {"/api/v3/ping",              "",                            "{}"                                           },
        {"/api/v3/time",              "",                            "{\"serverTime\":1700000000000}"               },
        {"/api/v3/exchangeInfo",      "",                            "\"symbol\":\"SOLUSDT\",\"status\":\"TRADING\""},
        {"/api/v3/exchangeInfo",      "symbol=BTCUSDT",
         "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.01000000\",\"maxPrice\":\"1000000."
         "00000000\","
         "\"tickSize\":\"0.01000000\"}"                                                                             },
        {"/api/v3/exchangeInfo",      "symbol=BTCUSDT",              "\"minNotional\":\"5.00000000\""               },
        {"/api/v3/exchangeInfo",      "symbols=%5B%22ETHUSDT%22%5D", "\"baseAsset\":\"ETH\""                        },
        {"/api/v3/depth",             "symbol=BTCUSDT&limit=5",      "\"bids\":[[\"19999.99000000\",\""             },
        {"/api/v3/ticker/bookTicker", "symbol=BTCUSDT",              "\"askPrice\":\"20000.01000000\""              },
        {"/api/v3/ticker/price",      "",                            "[{\"symbol\":\"BTCUSDT\",\"price\":\"20000."  },
        {"/api/v3/ticker/24hr",       "symbol=BTCUSDT",              "\"lastPrice\":\"20000.00000000\""             },
        {"/api/v3/avgPrice",          "symbol=BTCUSDT",              "\"price\":\"20000.00000000\""                 },
        {"/api/v3/trades",            "symbol=BTCUSDT",              "\"price\":\"20000.00000000\""                 },
        {"/api/v3/aggTrades",         "symbol=BTCUSDT",              "\"p\":\"20000.00000000\""                     },
        {"/api/v3/klines",            "symbol=BTCUSDT&interval=1m",  "\"20000.00000000\""                           },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        send_raw(fixture, "GET", cases[i].path, cases[i].query, "", NULL);
        expect_body(fixture, 200, cases[i].part);
    }
}

/* A candle's low fills what rests above it, on both sides of the house. */
static void a_price_file_moves_the_coins_too(void **state)
{
    struct fixture *fixture = *state;
    static const char csv[] = "open_time_ms,open,high,low,close\n"
                              "1700000000000,20000,20500,19500,20100\n"
                              "1700000060000,20100,20200,18000,18100\n";
    struct keel_error error;
    assert_int_equal(
        paper_venue_load_candles(fixture->venue, KEEL_STR("BTCUSDT"), keel_str_from(csv), &error),
        KEEL_OK);
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=19600&newClientOrderId=a");
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.01&price=19000&newClientOrderId=b");
    control(fixture, "/paper/advance", "{\"ms\":60000}");
    call(fixture, "GET", ORDER, "symbol=BTCUSDT&origClientOrderId=a");
    expect_body(fixture, 200, "\"status\":\"FILLED\"");
    call(fixture, "GET", ORDER, "symbol=BTCUSDT&origClientOrderId=b");
    expect_body(fixture, 200, "\"status\":\"NEW\"");
    send_raw(fixture, "GET", "/api/v3/ticker/price", "symbol=BTCUSDT", "", NULL);
    expect_body(fixture, 200, "\"price\":\"20100.00000000\"");
    send_raw(fixture, "GET", "/fapi/v1/ticker/price", "symbol=BTCUSDT", "", NULL);
    expect_body(fixture, 200, "\"price\":\"20100.00\"");
}

static void a_reset_gives_the_first_balance_back(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", ORDER, LIMIT "&side=BUY&quantity=0.1&price=19000");
    call(fixture, "POST", "/sapi/v1/asset/transfer", "type=MAIN_UMFUTURE&asset=USDT&amount=100");
    control(fixture, "/paper/reset", "");
    call(fixture, "GET", "/api/v3/account", "omitZeroBalances=true");
    expect_body(fixture, 200,
                "\"balances\":[{\"asset\":\"USDT\",\"free\":\"10000.00000000\",\"locked\":\"0."
                "00000000\"}]");
    call(fixture, "GET", "/fapi/v3/balance", "");
    expect_body(fixture, 200, "\"balance\":\"10000.00000000\"");
}

/* Coins whose futures trade thousands of them have a price of their own size. */
static void a_coin_costs_a_thousandth_of_its_contract(void **state)
{
    struct fixture *fixture = *state;
    control(fixture, "/paper/price", "{\"symbol\":\"1000PEPEUSDT\",\"price\":\"0.0125\"}");
    send_raw(fixture, "GET", "/api/v3/ticker/price", "symbol=PEPEUSDT", "", NULL);
    expect_body(fixture, 200, "\"price\":\"0.00001250\"");
}

/* --- Wallets -----------------------------------------------------------------------------------
 */

#define ADDRESS "TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh"

static void a_withdrawal_is_found_by_its_reference_in_each_state(void **state)
{
    struct fixture *fixture = *state;
    static const int statuses[] = {0, 2, 4, 6};
    call(fixture, "POST", "/sapi/v1/capital/withdraw/apply",
         "coin=USDT&network=TRX&amount=100&withdrawOrderId=w1&address=" ADDRESS);
    expect_body(fixture, 200, "{\"id\":\"w71");
    assert_contains(fixture->response.headers.data, "X-SAPI-USED-UID-WEIGHT-1M: 600\r\n");
    call(fixture, "POST", "/sapi/v1/capital/withdraw/apply",
         "coin=USDT&network=TRX&amount=100&withdrawOrderId=w1&address=" ADDRESS);
    expect_error(fixture, 400, -1130, "Data sent for parameter 'withdrawOrderId' is not valid.");
    for (int i = 0; i < 4; i++) {
        char part[64];
        call(fixture, "GET", "/sapi/v1/capital/withdraw/history", "withdrawOrderId=w1");
        snprintf(part, sizeof(part), "\"coin\":\"USDT\",\"status\":%d,", statuses[i]);
        expect_body(fixture, 200, part);
        expect_body(fixture, 200, "\"applyTime\":\"2023-11-14 22:13:20\"");
        expect_body(fixture, 200, "\"amount\":\"99\",\"transactionFee\":\"1\"");
        pass(fixture, PAPER_WALLET_STEP_MS);
    }
    call(fixture, "GET", "/sapi/v1/capital/withdraw/history", "coin=BTC");
    expect_body(fixture, 200, "[]");
    call(fixture, "GET", "/api/v3/account", "omitZeroBalances=true");
    expect_body(fixture, 200, "\"free\":\"9900.00000000\"");
}

static void a_withdrawal_can_be_made_to_fail(void **state)
{
    struct fixture *fixture = *state;
    char id[32], body[96];
    call(fixture, "POST", "/sapi/v1/capital/withdraw/apply",
         "coin=USDT&network=TRX&amount=100&address=" ADDRESS);
    take_member(fixture->response.body.data, "id", id, sizeof(id));
    call(fixture, "GET", "/sapi/v1/capital/config/getall", "");
    expect_body(fixture, 200,
                "\"free\":\"9900\",\"locked\":\"0\",\"freeze\":\"0\",\"withdrawing\":\"100\"");
    snprintf(body, sizeof(body), "{\"id\":\"%s\",\"status\":\"failed\"}", id);
    control(fixture, "/paper/withdrawal", body);
    call(fixture, "GET", "/sapi/v1/capital/withdraw/history", "");
    expect_body(fixture, 200, "\"status\":5");
    call(fixture, "GET", "/sapi/v1/capital/config/getall", "");
    expect_body(fixture, 200,
                "\"free\":\"10000\",\"locked\":\"0\",\"freeze\":\"0\",\"withdrawing\":\"0\"");
    send_raw(fixture, "POST", "/paper/withdrawal", "", body, NULL);
    expect_body(fixture, 400, "the withdrawal is over");
}

static void a_withdrawal_to_nowhere_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *params;
        int code;
    } cases[] = {
        {"coin=XXX&amount=100&address=" ADDRESS,                           -4018},
        {"coin=USDT&network=BTC&amount=100&address=" ADDRESS,              -4019},
        {"coin=USDT&network=ETH&amount=100&address=" ADDRESS,              -4007},
        {"coin=USDT&network=TRX&amount=100&addressTag=1&address=" ADDRESS, -4008},
        {"coin=USDT&network=TRX&amount=1&address=" ADDRESS,                -4022},
        {"coin=USDT&network=TRX&amount=20000&address=" ADDRESS,            -4026},
        {"coin=USDT&network=TRX&amount=100",                               -1102},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        call(fixture, "POST", "/sapi/v1/capital/withdraw/apply", cases[i].params);
        expect_error(fixture, 400, cases[i].code, "");
    }
}

static void a_deposit_comes_in_by_the_address_that_is_told(void **state)
{
    struct fixture *fixture = *state;
    char address[PAPER_ADDRESS_SIZE], part[PAPER_ADDRESS_SIZE + 32];
    call(fixture, "GET", "/sapi/v1/capital/deposit/address", "coin=BTC");
    take_member(fixture->response.body.data, "address", address, sizeof(address));
    control(fixture, "/paper/deposit", "{\"account\":1,\"asset\":\"BTC\",\"amount\":\"0.5\"}");
    call(fixture, "GET", "/sapi/v1/capital/deposit/hisrec", "coin=BTC");
    expect_body(fixture, 200, "\"status\":0");
    snprintf(part, sizeof(part), "\"address\":\"%s\"", address);
    expect_body(fixture, 200, part);
    pass(fixture, PAPER_WALLET_STEP_MS);
    call(fixture, "GET", "/sapi/v1/capital/deposit/hisrec", "coin=BTC&status=1");
    expect_body(fixture, 200,
                "\"amount\":\"0.5\",\"coin\":\"BTC\",\"network\":\"BTC\",\"status\":1");
    send_raw(fixture, "POST", "/paper/deposit", "", "{\"account\":9,\"asset\":\"BTC\"}", NULL);
    expect_body(fixture, 400, "account: a number from 1 to 2 is needed");
}

static void a_transfer_reaches_the_futures_wallet(void **state)
{
    struct fixture *fixture = *state;
    call(fixture, "POST", "/sapi/v1/asset/transfer", "type=MAIN_UMFUTURE&asset=USDT&amount=250.5");
    expect_body(fixture, 200, "{\"tranId\":");
    call(fixture, "GET", "/fapi/v3/balance", "");
    expect_body(fixture, 200, "\"balance\":\"10250.50000000\"");
    call(fixture, "GET", "/sapi/v1/asset/transfer", "type=MAIN_UMFUTURE");
    expect_body(fixture, 200,
                "{\"total\":1,\"rows\":[{\"asset\":\"USDT\",\"amount\":\"250.5\",\"type\":\"MAIN_"
                "UMFUTURE\","
                "\"status\":\"CONFIRMED\",\"tranId\":");
    call(fixture, "GET", "/sapi/v1/asset/transfer", "type=UMFUTURE_MAIN");
    expect_body(fixture, 200, "{\"total\":0,\"rows\":[]}");
    call(fixture, "POST", "/sapi/v1/asset/transfer", "type=UMFUTURE_FUNDING&asset=USDT&amount=50");
    call(fixture, "POST", "/sapi/v1/asset/get-funding-asset", "asset=USDT");
    expect_body(fixture, 200, "[{\"asset\":\"USDT\",\"free\":\"50\"");
    call(fixture, "POST", "/sapi/v1/asset/transfer", "type=UMFUTURE_MAIN&asset=USDT&amount=10201");
    expect_error(fixture, 400, -5013, "Asset transfer failed: insufficient balance");
    call(fixture, "POST", "/sapi/v1/asset/transfer", "type=MAIN_MARGIN&asset=USDT&amount=1");
    expect_error(fixture, 400, -1130, "Data sent for parameter 'type' is not valid.");
    send_raw(fixture, "GET", "/paper/audit", "", "", NULL);
    expect_body(fixture, 200, "{\"conserved\":true");
    expect_body(fixture, 200, "\"USDT\":{\"accounts\":\"19799.5\"");
    expect_body(fixture, 200, "\"futures\":\"200.5\"");
}

#define t(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        t(a_signature_is_checked_over_the_bytes_that_came),
        t(what_is_signed_before_it_is_encoded_is_refused),
        t(a_timestamp_may_count_microseconds),
        t(a_limit_order_is_answered_in_full),
        t(each_type_has_its_terms),
        t(a_refusal_says_which_filter_or_rule_it_was),
        t(a_client_id_is_free_again_after_the_fill),
        t(a_cancellation_has_its_own_name),
        t(cancel_and_replace_tell_each_half),
        t(an_amendment_makes_an_order_smaller_and_renames_it),
        t(an_order_weighs_nothing_when_it_succeeds_and_counts_until_it_trades),
        t(weights_add_up_to_a_limit_and_a_wait),
        t(listen_keys_are_gone),
        t(anybody_may_ask_for_the_market),
        t(a_price_file_moves_the_coins_too),
        t(a_reset_gives_the_first_balance_back),
        t(a_coin_costs_a_thousandth_of_its_contract),
        t(a_withdrawal_is_found_by_its_reference_in_each_state),
        t(a_withdrawal_can_be_made_to_fail),
        t(a_withdrawal_to_nowhere_is_refused),
        t(a_deposit_comes_in_by_the_address_that_is_told),
        t(a_transfer_reaches_the_futures_wallet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

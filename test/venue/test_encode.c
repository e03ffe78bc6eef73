/* Commands become the requests that another client of the venue makes for the same wish
 * (fixture/binance/requests.json), signed as the venue's documentation signs its examples. */
#include "fixtures.h"

#include "base/json.h"
#include "venue/binance/sign.h"

#define SECRET  "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
#define API_KEY "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"

static const int64_t now_ms = 1761900000000;

static struct {
    struct keel_markets *markets;
    struct keel_keys keys;
    struct keel_modes modes;
    struct keel_request request;
    struct keel_error error;
} fixture;

static enum keel_status encode(const struct keel_command *command)
{
    return keel_venue_binance.encode(command, fixture.markets, &fixture.modes, &fixture.keys,
                                     now_ms, 2000, &fixture.request, &fixture.error);
}

static keel_str get_parameters(void)
{
    const struct keel_request *request = &fixture.request;
    return request->body_size > 0 ? (keel_str){request->body, request->body_size}
                                  : (keel_str){request->query, request->query_size};
}

static keel_market_id find_market(const char *name)
{
    keel_market_id id = keel_markets_find(fixture.markets, keel_str_from(name));
    assert_int_not_equal(id, KEEL_NO_MARKET);
    return id;
}

static keel_decimal parse_or_absent(const char *text)
{
    return text ? keel_decimal_from_text(text) : KEEL_DECIMAL_ABSENT;
}

static keel_decimal round_to(const char *text, keel_decimal step)
{
    return text ? keel_decimal_round_to_step(keel_decimal_from_text(text), step, KEEL_ROUND_DOWN)
                : KEEL_DECIMAL_ABSENT;
}

/* The wishes of requests.json as commands. */
static const struct order_case {
    const char *name, *symbol;
    enum keel_side side;
    enum keel_order_type type;
    const char *quantity, *price, *trigger, *callback;
    enum keel_price_match match;
    bool reduce_only;
    enum keel_position_side leg;
} order_cases[] = {
    {"request/createOrder/Exchange rate underlying swap createOrder",                "USDBRL/USDT:USDT", KEEL_BUY,
     KEEL_LIMIT,                                                                                                                            "1",           "5",            NULL,  NULL, KEEL_PRICE_MATCH_NONE, false, KEEL_NET },
    {"request/createOrder/Swap limit buy order",                                     "LTC/USDT:USDT",    KEEL_BUY,  KEEL_LIMIT,             "0.1",         "55",
     NULL,                                                                                                                                                                        NULL, KEEL_PRICE_MATCH_NONE, false, KEEL_NET },
    {"request/createOrder/Swap limit buy with reduce only (closing short position)",
     "LTC/USDT:USDT",                                                                                    KEEL_BUY,  KEEL_LIMIT,             "0.2",         "60",           NULL,  NULL, KEEL_PRICE_MATCH_NONE, true,
     KEEL_NET                                                                                                                                                                                                                  },
    {"request/createOrder/Swap limit sell",                                          "LTC/USDT:USDT",    KEEL_SELL, KEEL_LIMIT,             "0.2",         "100",
     NULL,                                                                                                                                                                        NULL, KEEL_PRICE_MATCH_NONE, false, KEEL_NET },
    {"request/createOrder/Swap limit sell with takeProfitPrice (type 2)",            "LTC/USDT:USDT",
     KEEL_SELL,                                                                                                     KEEL_TAKE_PROFIT_LIMIT, "0.21",        "104",          "108", NULL, KEEL_PRICE_MATCH_NONE, false,
     KEEL_NET                                                                                                                                                                                                                  },
    {"request/createOrder/Swap trailingPercent order",                               "BTC/USDT:USDT",    KEEL_SELL,
     KEEL_TRAILING_STOP,                                                                                                                    "0.11",        NULL,           NULL,  "5",  KEEL_PRICE_MATCH_NONE, true,  KEEL_NET },
    {"request/createOrder/swap hedged reduceOnly market sell order",                 "BTC/USDT:USDT",    KEEL_SELL,
     KEEL_MARKET,                                                                                                                           "0.01",        NULL,           NULL,  NULL, KEEL_PRICE_MATCH_NONE, true,  KEEL_LONG},
    {"request/createOrder/swap limit buy with weird price/amount",                   "LTC/USDT:USDT",    KEEL_BUY,
     KEEL_LIMIT,                                                                                                                            "0.132434234", "50.234234234", NULL,  NULL, KEEL_PRICE_MATCH_NONE, false, KEEL_NET },
    {"request/createOrder/swap trigger bbo order",                                   "LTC/USDT:USDT",    KEEL_BUY,  KEEL_STOP_LIMIT,
     "0.11",                                                                                                                                               NULL,           "101", NULL, KEEL_MATCH_OPPONENT,   false, KEEL_NET },
};

static const struct command_case {
    const char *name, *symbol;
    enum keel_command_kind kind;
    enum keel_order_family family;
    const char *order_id, *client_id, *amount;
    int64_t number;
} command_cases[] = {
    {"request/addMargin/add margin",                                          "XRPUSDT",    KEEL_ADJUST_MARGIN,    0,                   NULL,      NULL,      "5.243432", 0                  },
    {"request/reduceMargin/reduce margin",                                    "XRPUSDT",    KEEL_ADJUST_MARGIN,    0,                   NULL,      NULL,
     "-5.243432",                                                                                                                                                         0                  },
    {"request/cancelAllOrders/Linear swap trigger cancel all orders",         "BTCUSDT",    KEEL_CANCEL_ALL,
     KEEL_FAMILY_CONDITIONAL,                                                                                                           NULL,      NULL,      NULL,       0                  },
    {"request/cancelAllOrders/Swap cancelAllOrders",                          "LTCUSDT",    KEEL_CANCEL_ALL,
     KEEL_FAMILY_REGULAR,                                                                                                               NULL,      NULL,      NULL,       0                  },
    {"request/cancelOrder/cancel swap order with clientOrderId",              "BTCUSDT",    KEEL_CANCEL_ORDER,
     KEEL_FAMILY_REGULAR,                                                                                                               NULL,      "myswap",  NULL,       0                  },
    {"request/cancelOrderWithClientOrderId/cancel order with clientOrderId",  "LTCUSDT",
     KEEL_CANCEL_ORDER,                                                                                            KEEL_FAMILY_REGULAR, NULL,      "myid123", NULL,       0                  },
    {"request/editOrderWithClientOrderId/edit  order with clientOrderId",     "LTCUSDT",
     KEEL_AMEND_ORDER,                                                                                             KEEL_FAMILY_REGULAR, NULL,      "myid123", NULL,       0                  },
    {"request/fetchFundingHistory/Fetch Funding History - linear",            "BTCUSDT",    KEEL_LOAD_INCOME,      0,
     NULL,                                                                                                                                         NULL,      NULL,       KEEL_INCOME_FUNDING},
    {"request/fetchFundingRate/fundingRate",                                  "BTCUSDT",    KEEL_LOAD_MARKS,       0,                   NULL,      NULL,      NULL,       0                  },
    {"request/fetchMarkPrice/fetchMarkPrice",                                 "ETHUSDT",    KEEL_LOAD_MARKS,       0,                   NULL,      NULL,      NULL,       0                  },
    {"request/fetchLedger/Fetch swap ledger",                                 NULL,         KEEL_LOAD_INCOME,      0,                   NULL,      NULL,      NULL,       0                  },
    {"request/fetchLeverageTiers/Fetch Leverage Tiers - linear",              NULL,         KEEL_LOAD_BRACKETS,    0,                   NULL,
     NULL,                                                                                                                                                    NULL,       0                  },
    {"request/fetchMarginMode/linear swap fetch margin mode",                 "BTCUSDT",    KEEL_LOAD_LEVERAGE,    0,
     NULL,                                                                                                                                         NULL,      NULL,       0                  },
    {"request/fetchMyTrades/Swap fetchMyTrades",                              "LTCUSDT",    KEEL_LOAD_EXECUTIONS,  0,                   NULL,      NULL,
     NULL,                                                                                                                                                                0                  },
    {"request/fetchOpenOrders/Exchange rate underlying swap fetchOpenOrders", "USDBRLUSDT",
     KEEL_LOAD_OPEN_ORDERS,                                                                                        0,                   NULL,      NULL,      NULL,       0                  },
    {"request/fetchOpenOrders/Swap open orders",                              "LTCUSDT",    KEEL_LOAD_OPEN_ORDERS, 0,                   NULL,      NULL,
     NULL,                                                                                                                                                                0                  },
    {"request/fetchOrder/Exchange rate underlying swap fetchOrder",           "USDBRLUSDT", KEEL_QUERY_ORDER,
     KEEL_FAMILY_REGULAR,                                                                                                               "1245734", NULL,      NULL,       0                  },
    {"request/fetchOrder/Swap fetchOrder",                                    "LTCUSDT",    KEEL_QUERY_ORDER,      KEEL_FAMILY_REGULAR,
     "652124757",                                                                                                                                  NULL,      NULL,       0                  },
    {"request/fetchOrderWithClientOrderId/fetch order with clientOrderId",    "LTCUSDT",
     KEEL_QUERY_ORDER,                                                                                             KEEL_FAMILY_REGULAR, NULL,      "myid123", NULL,       0                  },
    {"request/fetchOrders/linear swap conditional fetchOrders",               "BTCUSDT",    KEEL_LOAD_ORDERS,
     KEEL_FAMILY_CONDITIONAL,                                                                                                           NULL,      NULL,      NULL,       0                  },
    {"request/fetchTradingFee/Linear swap fetch trading fee",                 "BTCUSDT",    KEEL_LOAD_FEES,        0,                   NULL,
     NULL,                                                                                                                                                    NULL,       0                  },
    {"request/fetchTradingFees/Fetch Trading Fees - linear",                  NULL,         KEEL_LOAD_MODES,       0,                   NULL,      NULL,
     NULL,                                                                                                                                                                0                  },
    {"request/setLeverage/Swap linear setLeverage",                           "LTCUSDT",    KEEL_SET_LEVERAGE,     0,                   NULL,      NULL,
     NULL,                                                                                                                                                                5                  },
    {"request/setPositionMode/Swap linear setPositionMode",                   NULL,         KEEL_SET_HEDGE_MODE,   0,                   NULL,
     NULL,                                                                                                                                                    NULL,       1                  },
};

/* What keel has no command for, or asks of another endpoint. */
static const char *const other_ways[] = {
    "request/cancelOrders/cancelOrders with clientOrderIds", /* keel cancels one by one */
    "request/fetchADLRank/linear swap fetchADLRank",         /* in positionRisk v3 */
    "request/fetchAccountPositions/Fetch Account Positions - linear useV2", /* v3 positionRisk */
    "request/fetchBalance/Swap fetchBalance",                               /* v3 balance */
    "request/fetchMarginAdjustmentHistory/Fetch margin adjustment history", /* the stream */
    "request/fetchMyLiquidations/fetch swap liquidations", /* executions have the cause */
    "request/fetchOpenOrder/Exchange rate underlying swap fetchOpenOrder", /* /order finds both */
    "request/fetchOrderBook/swap linear orderbook", /* the stream of book tops */
    "request/fetchPositionMode/Fetch Position Mode for linear markets", /* accountConfig */
    "request/fetchPositions/fetch account positions",                   /* v3 positionRisk */
    "request/fetchPositions/fetchPositions using v2 endpoint",          /* v3 positionRisk */
};

static struct keel_command make_order(const struct order_case *order)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};
    struct keel_order_request *place = &command.place;
    *place = keel_order_request_init();
    place->market = find_market(order->symbol);
    const struct keel_market *market = keel_markets_get(fixture.markets, place->market);
    place->side = order->side;
    place->type = order->type;
    place->position_side = order->leg;
    place->quantity = round_to(order->quantity, market->quantity_step);
    place->price = round_to(order->price, market->price_tick);
    place->trigger_price = round_to(order->trigger, market->price_tick);
    place->callback_percent = parse_or_absent(order->callback);
    place->price_match = order->match;
    place->reduce_only = order->reduce_only;
    keel_venue_binance.make_client_id(7, place->client_id);
    return command;
}

static void name_order(const struct command_case *wanted, struct keel_order_ref *order)
{
    order->market = find_market(wanted->symbol);
    order->family = wanted->family;
    if (wanted->order_id)
        keel_str_copy(keel_str_from(wanted->order_id), order->order_id, sizeof(order->order_id));
    if (wanted->client_id)
        keel_str_copy(keel_str_from(wanted->client_id), order->client_id, sizeof(order->client_id));
}

static struct keel_command make_command(const struct command_case *wanted)
{
    struct keel_command command = {.kind = wanted->kind};
    keel_market_id market = wanted->symbol ? find_market(wanted->symbol) : KEEL_NO_MARKET;
    if (wanted->kind == KEEL_CANCEL_ALL || wanted->kind == KEEL_CANCEL_ORDER ||
        wanted->kind == KEEL_QUERY_ORDER) {
        name_order(wanted, &command.order);
    } else if (wanted->kind == KEEL_AMEND_ORDER) {
        name_order(wanted, &command.amend.order);
        command.amend.side = KEEL_BUY;
        command.amend.quantity = keel_decimal_from_text("0.2");
        command.amend.price = keel_decimal_from_text("55");
    } else if (wanted->kind == KEEL_ADJUST_MARGIN) {
        command.margin.market = market;
        command.margin.amount = round_to(wanted->amount, keel_decimal_from_text("0.1"));
    } else if (wanted->kind == KEEL_SET_LEVERAGE) {
        command.leverage.market = market;
        command.leverage.leverage = (int32_t)wanted->number;
    } else if (wanted->kind == KEEL_SET_HEDGE_MODE) {
        command.enable = wanted->number != 0;
    } else if (wanted->kind == KEEL_LOAD_INCOME || wanted->kind == KEEL_LOAD_ORDERS ||
               wanted->kind == KEEL_LOAD_EXECUTIONS) {
        command.page.market = market;
        command.page.family = wanted->family;
        command.page.income_kind = (enum keel_income_kind)wanted->number;
    } else {
        command.market = market;
    }
    return command;
}

static bool find_command(keel_str name, struct keel_command *command)
{
    for (size_t i = 0; i < sizeof(order_cases) / sizeof(order_cases[0]); i++) {
        if (!keel_str_equals(name, keel_str_from(order_cases[i].name)))
            continue;
        *command = make_order(&order_cases[i]);
        return true;
    }
    for (size_t i = 0; i < sizeof(command_cases) / sizeof(command_cases[0]); i++) {
        if (!keel_str_equals(name, keel_str_from(command_cases[i].name)))
            continue;
        *command = make_command(&command_cases[i]);
        return true;
    }
    return false;
}

static bool goes_another_way(keel_str name)
{
    for (size_t i = 0; i < sizeof(other_ways) / sizeof(other_ways[0]); i++) {
        if (keel_str_equals(name, keel_str_from(other_ways[i])))
            return true;
    }
    return false;
}

/* The value of a parameter as it stands in the request; a NULL slice if it is not there. */
static keel_str find_parameter(keel_str name)
{
    keel_str rest = get_parameters();
    while (rest.size > 0) {
        const char *end = memchr(rest.data, '&', rest.size);
        keel_str one = {rest.data, end ? (size_t)(end - rest.data) : rest.size};
        if (one.size > name.size && one.data[name.size] == '=' &&
            memcmp(one.data, name.data, name.size) == 0)
            return (keel_str){one.data + name.size + 1, one.size - name.size - 1};
        size_t taken = one.size + (end ? 1 : 0);
        rest = (keel_str){rest.data + taken, rest.size - taken};
    }
    return (keel_str){0};
}

static int count_parameters(void)
{
    keel_str text = get_parameters();
    int count = text.size > 0 ? 1 : 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '&';
    return count;
}

static bool is_set_apart(keel_str name)
{
    static const char *const names[] = {"timestamp", "recvWindow", "signature", "newClientOrderId",
                                        "clientAlgoId"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (keel_str_equals(name, keel_str_from(names[i])))
            return true;
    }
    return false;
}

static int count_set_apart(void)
{
    static const char *const names[] = {"timestamp", "recvWindow", "signature", "newClientOrderId",
                                        "clientAlgoId"};
    int count = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        count += find_parameter(keel_str_from(names[i])).data != NULL;
    return count;
}

/* ccxt writes an empty orderId beside the client id, and the client id a second time: both are
 * nothing that the venue reads. */
static bool is_noise(keel_str name, keel_str value)
{
    return value.size == 0 || keel_str_equals(name, KEEL_STR("clientOrderId"));
}

static int check_parameters(struct keel_json *json, keel_str case_name)
{
    int count = 0;
    keel_str name, value;
    if (keel_json_peek(json) == KEEL_JSON_NULL) {
        keel_json_skip(json);
        return 0;
    }
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &name)) {
        keel_json_read_string(json, NULL, &value);
        if (is_noise(name, value))
            continue;
        keel_str sent = find_parameter(name);
        if (!keel_str_equals(sent, value))
            fail_msg("%.*s: %.*s is %.*s and should be %.*s", KEEL_STR_ARGS(case_name),
                     KEEL_STR_ARGS(name), KEEL_STR_ARGS(sent), KEEL_STR_ARGS(value));
        assert_false(is_set_apart(name));
        count++;
    }
    return count;
}

static const char *get_method(void)
{
    static const char *const names[] = {"GET", "POST", "PUT", "DELETE"};
    return names[fixture.request.method];
}

static void check_request(keel_str case_name, keel_str http)
{
    struct keel_json json;
    keel_str key, text;
    int count = 0;
    keel_json_init(&json, http);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("query")) || keel_str_equals(key, KEEL_STR("body"))) {
            count += check_parameters(&json, case_name);
            continue;
        }
        keel_json_read_string(&json, NULL, &text);
        bool is_method = keel_str_equals(key, KEEL_STR("method"));
        keel_str sent = keel_str_from(is_method ? get_method() : fixture.request.path);
        if (!keel_str_equals(sent, text))
            fail_msg("%.*s: %.*s instead of %.*s", KEEL_STR_ARGS(case_name), KEEL_STR_ARGS(sent),
                     KEEL_STR_ARGS(text));
    }
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    if (count_parameters() - count_set_apart() != count)
        fail_msg("%.*s: %.*s", KEEL_STR_ARGS(case_name), KEEL_STR_ARGS(get_parameters()));
}

static void check_case(struct keel_json *json, int *checked, int *passed_over)
{
    struct keel_command command;
    keel_str key, name = {0}, http = {0};
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (keel_str_equals(key, KEEL_STR("name")))
            keel_json_read_string(json, NULL, &name);
        else if (keel_str_equals(key, KEEL_STR("http")))
            keel_json_raw(json, &http);
        else
            keel_json_skip(json);
    }
    if (goes_another_way(name)) {
        ++*passed_over;
        return;
    }
    if (!find_command(name, &command))
        fail_msg("no command for %.*s", KEEL_STR_ARGS(name));
    if (encode(&command) != KEEL_OK)
        fail_msg("%.*s: %s", KEEL_STR_ARGS(name), fixture.error.message);
    check_request(name, http);
    ++*checked;
}

static void requests_are_those_of_another_client(void **state)
{
    (void)state;
    int checked = 0, passed_over = 0;
    keel_str text = read_fixture(KEEL_TEST_FIXTURES "/binance/requests.json");
    struct keel_json json;
    keel_json_init(&json, text);
    keel_json_enter_array(&json);
    while (keel_json_next_element(&json))
        check_case(&json, &checked, &passed_over);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    free_fixture(text);
    assert_int_equal(checked, 33);
    assert_int_equal(passed_over, 11);
}

static const struct {
    const char *query, *body, *signature;
} signatures[] = {
    {"",
     "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
     "timestamp=1499827319559",                                                                    "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"},
    {"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
     "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",                               "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"},
    {"",
     "timestamp=1499827319559&batchOrders=[{\"symbol\":\"LTCUSDT\",\"side\":\"BUY\",\"type\":"
     "\"LIMIT\",\"quantity\":\"0.1\",\"price\":\"60\",\"timeInForce\":\"GTC\"}]&recvWindow=10000", "5ac5692417da9f86b80c3bdd23f27e5e6cfb7b707cfd5e8a66bce8bb82cfdfdd"},
};

static void query_and_body_are_signed_as_the_venue_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        char buffer[512];
        struct keel_writer writer;
        keel_writer_init(&writer, buffer, sizeof(buffer));
        keel_write(&writer, keel_str_from(signatures[i].body));
        keel_binance_sign(&fixture.keys, keel_str_from(signatures[i].query), &writer);
        const char *signature = strstr(buffer, "&signature=");
        assert_non_null(signature);
        assert_string_equal(signature + strlen("&signature="), signatures[i].signature);
    }
}

/* The signature is over all that stands before it, exactly as sent. */
static void a_request_carries_the_signature_of_its_own_bytes(void **state)
{
    (void)state;
    struct keel_command command = make_order(&order_cases[1]);
    assert_int_equal(encode(&command), KEEL_OK);
    keel_str sent = get_parameters();
    const char *signature = strstr(sent.data, "&signature=");
    assert_non_null(signature);

    char buffer[1024];
    struct keel_writer writer;
    keel_writer_init(&writer, buffer, sizeof(buffer));
    keel_write(&writer, (keel_str){sent.data, (size_t)(signature - sent.data)});
    keel_binance_sign(&fixture.keys, KEEL_STR(""), &writer);
    assert_true(keel_str_equals(keel_writer_text(&writer), sent));
    assert_string_equal(fixture.request.query, "");
}

static void a_limit_order_is_these_bytes(void **state)
{
    (void)state;
    struct keel_command command = make_order(&order_cases[1]);
    keel_str head =
        KEEL_STR("symbol=LTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=55&"
                 "newClientOrderId=keel-7&newOrderRespType=RESULT&recvWindow=2000&"
                 "timestamp=1761900000000&signature=");
    assert_int_equal(encode(&command), KEEL_OK);
    assert_true(keel_str_starts_with(get_parameters(), head));
    assert_int_equal(get_parameters().size, head.size + 64);
    assert_string_equal(fixture.request.path, "/fapi/v1/order");
    assert_int_equal(fixture.request.order_count, 1);
    assert_int_equal(fixture.request.weight, 0);
}

static void
a_write_with_a_body_is_never_empty_and_one_without_wants_a_fresh_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(command_cases) / sizeof(command_cases[0]); i++) {
        struct keel_command command = make_command(&command_cases[i]);
        const struct keel_request *request = &fixture.request;
        assert_int_equal(encode(&command), KEEL_OK);
        bool is_write = keel_command_is_write(command.kind);
        assert_int_equal(request->idempotent, !is_write);
        assert_int_equal(request->fresh_connection, is_write && request->body_size == 0);
        assert_true(!is_write || request->body_size > 0 || request->method == KEEL_HTTP_DELETE);
    }
}

static void without_credentials_nothing_is_signed(void **state)
{
    (void)state;
    struct keel_keys keys;
    struct keel_command command = make_order(&order_cases[1]);
    keel_venue_binance.set_keys(&keys, KEEL_STR(""), KEEL_STR(""));
    assert_int_equal(keel_venue_binance.encode(&command, fixture.markets, &fixture.modes, &keys,
                                               now_ms, 0, &fixture.request, &fixture.error),
                     KEEL_OK);
    assert_null(find_parameter(KEEL_STR("signature")).data);
    assert_null(find_parameter(KEEL_STR("recvWindow")).data);
    assert_true(fixture.request.needs_key);
}

static void a_public_load_carries_neither_key_nor_time(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_LOAD_MARKETS};
    assert_int_equal(encode(&command), KEEL_OK);
    assert_false(fixture.request.needs_key);
    assert_string_equal(fixture.request.query, "");
    assert_string_equal(fixture.request.path, "/fapi/v1/exchangeInfo");
}

static void the_listen_key_is_asked_for_without_a_signature(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_RENEW_STREAM_KEY};
    assert_int_equal(encode(&command), KEEL_OK);
    assert_int_equal(fixture.request.method, KEEL_HTTP_PUT);
    assert_true(fixture.request.needs_key);
    assert_true(fixture.request.idempotent);
    assert_string_equal(fixture.request.path, "/fapi/v1/listenKey");
    assert_int_equal(get_parameters().size, 0);
}

static void a_stop_closes_the_position_by_the_names_of_the_algo_service(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};
    command.place = keel_order_request_init();
    command.place.market = find_market("BTCUSDT");
    command.place.side = KEEL_SELL;
    command.place.type = KEEL_STOP_MARKET;
    command.place.close_position = true;
    command.place.reduce_only = true;
    command.place.trigger_price = keel_decimal_from_text("55000.5");
    command.place.trigger_source = KEEL_TRIGGER_MARK;
    keel_venue_binance.make_client_id(35, command.place.client_id);
    assert_int_equal(encode(&command), KEEL_OK);
    keel_str head = KEEL_STR("symbol=BTCUSDT&algoType=CONDITIONAL&side=SELL&type=STOP_MARKET&"
                             "workingType=MARK_PRICE&closePosition=true&triggerPrice=55000.5&"
                             "clientAlgoId=keel-z&newOrderRespType=RESULT&recvWindow=2000&");
    assert_string_equal(fixture.request.path, "/fapi/v1/algoOrder");
    assert_true(keel_str_starts_with(get_parameters(), head));
}

static void conditional_orders_are_named_by_their_own_ids(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_CANCEL_ORDER};
    command.order.family = KEEL_FAMILY_CONDITIONAL;
    strcpy(command.order.order_id, "4000000000000123");
    assert_int_equal(encode(&command), KEEL_OK);
    assert_string_equal(fixture.request.path, "/fapi/v1/algoOrder");
    assert_true(keel_str_starts_with(get_parameters(), KEEL_STR("algoId=4000000000000123&")));

    command.order.order_id[0] = '\0';
    command.kind = KEEL_QUERY_ORDER;
    strcpy(command.order.client_id, "keel-2a");
    assert_int_equal(encode(&command), KEEL_OK);
    assert_int_equal(fixture.request.method, KEEL_HTTP_GET);
    assert_true(keel_str_starts_with(get_parameters(), KEEL_STR("clientAlgoId=keel-2a&")));
}

static void hedge_mode_names_the_leg_and_leaves_reduce_only_out(void **state)
{
    (void)state;
    struct keel_command command = make_order(&order_cases[2]);
    fixture.modes.hedge = KEEL_ON;
    assert_int_equal(encode(&command), KEEL_INVALID); /* net is no leg */
    command.place.position_side = KEEL_SHORT;
    assert_int_equal(encode(&command), KEEL_OK);
    fixture.modes.hedge = KEEL_OFF;
    assert_true(keel_str_equals(find_parameter(KEEL_STR("positionSide")), KEEL_STR("SHORT")));
    assert_null(find_parameter(KEEL_STR("reduceOnly")).data);
}

static void margin_mode_and_multi_asset_use_the_words_of_requests(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_SET_MARGIN_MODE};
    command.margin_mode.market = find_market("SOLUSDT");
    command.margin_mode.mode = KEEL_CROSS;
    assert_int_equal(encode(&command), KEEL_OK);
    assert_true(
        keel_str_starts_with(get_parameters(), KEEL_STR("symbol=SOLUSDT&marginType=CROSSED&")));

    command = (struct keel_command){.kind = KEEL_SET_MULTI_ASSET, .enable = true};
    assert_int_equal(encode(&command), KEEL_OK);
    assert_string_equal(fixture.request.path, "/fapi/v1/multiAssetsMargin");
    assert_true(keel_str_starts_with(get_parameters(), KEEL_STR("multiAssetsMargin=true&")));
}

static void a_countdown_is_of_one_market_and_in_milliseconds(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_SET_COUNTDOWN};
    command.countdown.market = find_market("BTCUSDT");
    command.countdown.timeout_s = 30;
    assert_int_equal(encode(&command), KEEL_OK);
    assert_string_equal(fixture.request.path, "/fapi/v1/countdownCancelAll");
    assert_true(fixture.request.idempotent);
    assert_true(
        keel_str_starts_with(get_parameters(), KEEL_STR("symbol=BTCUSDT&countdownTime=30000&")));
    command.countdown.timeout_s = 0;
    assert_int_equal(encode(&command), KEEL_OK);
    assert_true(
        keel_str_starts_with(get_parameters(), KEEL_STR("symbol=BTCUSDT&countdownTime=0&")));
    command.countdown.market = KEEL_NO_MARKET;
    assert_int_equal(encode(&command), KEEL_INVALID);
}

static void a_page_of_history_is_bounded_by_id_and_time(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_LOAD_EXECUTIONS};
    command.page.market = find_market("BTCUSDT");
    strcpy(command.page.from_id, "700100200");
    command.page.limit = 1000;
    assert_int_equal(encode(&command), KEEL_OK);
    assert_true(keel_str_starts_with(get_parameters(),
                                     KEEL_STR("symbol=BTCUSDT&fromId=700100200&limit=1000&")));

    command = (struct keel_command){.kind = KEEL_LOAD_INCOME};
    command.page.start_time_ms = 5;
    command.page.end_time_ms = 9;
    command.page.page = 2;
    assert_int_equal(encode(&command), KEEL_OK);
    assert_true(keel_str_starts_with(get_parameters(), KEEL_STR("startTime=5&endTime=9&page=2&")));
}

static void what_is_off_the_grid_is_refused_and_never_cut(void **state)
{
    (void)state;
    struct keel_command command = make_order(&order_cases[1]);
    command.place.price = keel_decimal_from_text("55.001");
    assert_int_equal(encode(&command), KEEL_INVALID);
    assert_non_null(strstr(fixture.error.message, "price is 55.001"));
    command.place.price = keel_decimal_from_text("55.00");
    assert_int_equal(encode(&command), KEEL_OK);
    command.place.quantity = keel_decimal_from_text("0.0001");
    assert_int_equal(encode(&command), KEEL_INVALID);
}

static void orders_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    struct keel_command command = make_order(&order_cases[1]);
    command.place.price = KEEL_DECIMAL_ABSENT;
    assert_int_equal(encode(&command), KEEL_INVALID);

    command = make_order(&order_cases[1]);
    command.place.close_position = true;
    assert_int_equal(encode(&command), KEEL_INVALID);

    command = make_order(&order_cases[1]);
    command.place.market = KEEL_NO_MARKET;
    assert_int_equal(encode(&command), KEEL_INVALID);

    command = make_order(&order_cases[1]);
    strcpy(command.place.client_id, "no spaces");
    assert_int_equal(encode(&command), KEEL_INVALID);

    command = make_order(&order_cases[4]);
    command.place.trigger_price = KEEL_DECIMAL_ABSENT;
    assert_int_equal(encode(&command), KEEL_INVALID);
}

static void a_conditional_order_cannot_be_amended(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_AMEND_ORDER};
    command.amend.order.family = KEEL_FAMILY_CONDITIONAL;
    assert_int_equal(encode(&command), KEEL_UNSUPPORTED);
}

static void names_beyond_ascii_are_percent_encoded(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_LOAD_MARKS};
    command.market = put_test_market(fixture.markets, "币USDT", "0.1", "1");
    assert_int_equal(encode(&command), KEEL_OK);
    assert_string_equal(fixture.request.query, "symbol=%E5%B8%81USDT");
}

static void client_ids_are_unique_for_each_number_and_valid(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        const char *id;
    } cases[] = {
        {0,          "keel-0"            },
        {35,         "keel-z"            },
        {36,         "keel-10"           },
        {UINT64_MAX, "keel-3w5e11264sgsf"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char id[KEEL_CLIENT_ID_SIZE];
        keel_venue_binance.make_client_id(cases[i].number, id);
        assert_string_equal(id, cases[i].id);
        assert_true(keel_venue_binance.client_id_is_valid(keel_str_from(id)));
    }
    assert_true(keel_venue_binance.client_id_is_valid(KEEL_STR("a.B:c/9_-")));
    assert_false(keel_venue_binance.client_id_is_valid(KEEL_STR("")));
    assert_false(keel_venue_binance.client_id_is_valid(KEEL_STR("a b")));
    assert_false(
        keel_venue_binance.client_id_is_valid(KEEL_STR("0123456789012345678901234567890123456")));
}

static int set_up(void **state)
{
    (void)state;
    fixture.markets = make_test_markets();
    fixture.modes = (struct keel_modes){KEEL_OFF, KEEL_OFF, KEEL_ON};
    keel_venue_binance.set_keys(&fixture.keys, KEEL_STR(API_KEY), KEEL_STR(SECRET));
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
        cmocka_unit_test(requests_are_those_of_another_client),
        cmocka_unit_test(query_and_body_are_signed_as_the_venue_documents),
        cmocka_unit_test(a_request_carries_the_signature_of_its_own_bytes),
        cmocka_unit_test(a_limit_order_is_these_bytes),
        cmocka_unit_test(
            a_write_with_a_body_is_never_empty_and_one_without_wants_a_fresh_connection),
        cmocka_unit_test(without_credentials_nothing_is_signed),
        cmocka_unit_test(a_public_load_carries_neither_key_nor_time),
        cmocka_unit_test(the_listen_key_is_asked_for_without_a_signature),
        cmocka_unit_test(a_stop_closes_the_position_by_the_names_of_the_algo_service),
        cmocka_unit_test(conditional_orders_are_named_by_their_own_ids),
        cmocka_unit_test(hedge_mode_names_the_leg_and_leaves_reduce_only_out),
        cmocka_unit_test(margin_mode_and_multi_asset_use_the_words_of_requests),
        cmocka_unit_test(a_countdown_is_of_one_market_and_in_milliseconds),
        cmocka_unit_test(a_page_of_history_is_bounded_by_id_and_time),
        cmocka_unit_test(what_is_off_the_grid_is_refused_and_never_cut),
        cmocka_unit_test(orders_that_contradict_themselves_are_refused),
        cmocka_unit_test(a_conditional_order_cannot_be_amended),
        cmocka_unit_test(names_beyond_ascii_are_percent_encoded),
        cmocka_unit_test(client_ids_are_unique_for_each_number_and_valid),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

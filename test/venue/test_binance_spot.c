/* Binance spot and its wallet: requests, replies, the user stream over the WebSocket API. */
#include "event_text.h"
#include "fixtures.h"

static const struct keel_venue *const venue = &keel_venue_binance_spot;
static struct keel_markets *markets;
static struct keel_keys keys;
static struct keel_modes modes;
static struct keel_request request;
static struct keel_error error;

static keel_market_id find(const char *name)
{
    return keel_markets_find(markets, keel_str_from(name));
}

static keel_decimal decimal(const char *text)
{
    return keel_decimal_from_text(text);
}

static enum keel_status encode(const struct keel_command *command)
{
    return venue->encode(command, markets, &modes, &keys, INT64_C(1761900000000), 5000, &request,
                         &error);
}

static struct keel_command make_order(enum keel_side side, enum keel_order_type type)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};
    command.place = keel_order_request_init();
    command.place.market = find("BTC/USDT");
    command.place.side = side;
    command.place.type = type;
    return command;
}

/* The parameters without what is the same in all. */
static void check_place(const struct keel_command *command, const char *expected)
{
    static const char tail[] =
        "&newOrderRespType=RESULT&recvWindow=5000&timestamp=1761900000000&signature=";
    assert_int_equal(encode(command), KEEL_OK);
    assert_int_equal(request.method, KEEL_HTTP_POST);
    assert_string_equal(request.path, "/api/v3/order");
    assert_int_equal(request.order_count, 1);
    char *end = strstr(request.body, tail);
    assert_non_null(end);
    assert_int_equal(strlen(end), strlen(tail) + 64);
    *end = '\0';
    assert_string_equal(request.body, expected);
}

static void each_type_of_order_is_written_in_the_words_of_spot(void **state)
{
    (void)state;
    struct keel_command order = make_order(KEEL_BUY, KEEL_LIMIT);
    order.place.quantity = decimal("0.002");
    order.place.price = decimal("20000");
    memcpy(order.place.client_id, "keel-1", 7);
    check_place(&order, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002&"
                        "price=20000&newClientOrderId=keel-1");
    order.place.time_in_force = KEEL_IOC;
    order.place.client_id[0] = '\0';
    check_place(&order, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.002&"
                        "price=20000");
    order.place.time_in_force = KEEL_GTX; /* post only */
    check_place(&order, "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.002&price=20000");

    order = make_order(KEEL_SELL, KEEL_MARKET);
    order.place.quantity = decimal("0.002");
    check_place(&order, "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002");
    order = make_order(KEEL_BUY, KEEL_MARKET);
    order.place.quote_quantity = decimal("150.5");
    check_place(&order, "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=150.5");

    order = make_order(KEEL_SELL, KEEL_STOP_LIMIT);
    order.place.quantity = decimal("0.002");
    order.place.price = decimal("19000");
    order.place.trigger_price = decimal("19100");
    check_place(&order, "symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&"
                        "quantity=0.002&price=19000&stopPrice=19100");
    order.place.type = KEEL_TAKE_PROFIT_MARKET;
    order.place.price = KEEL_DECIMAL_ABSENT;
    check_place(&order, "symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&quantity=0.002&stopPrice=19100");
}

static void check_refused(const struct keel_command *command, enum keel_status status,
                          const char *words)
{
    assert_int_equal(encode(command), status);
    assert_non_null(strstr(error.message, words));
}

/* "legal range is '^[a-zA-Z0-9-_]{1,36}$'", says the venue. */
static void a_client_id_has_fewer_letters_than_that_of_futures(void **state)
{
    (void)state;
    static const char *const refused[] = {"",    "a.b", "a:b",
                                          "a/b", "a b", "1234567890123456789012345678901234567"};
    assert_true(venue->client_id_is_valid(KEEL_STR("Keel-1_b")));
    assert_true(keel_venue_binance.client_id_is_valid(KEEL_STR("a.b:c/d")));
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_false(venue->client_id_is_valid(keel_str_from(refused[i])));
    struct keel_command order = make_order(KEEL_BUY, KEEL_LIMIT);
    order.place.quantity = decimal("0.002");
    order.place.price = decimal("20000");
    memcpy(order.place.client_id, "a.b", 4);
    check_refused(&order, KEEL_INVALID, "a.b");
}

static void what_only_futures_have_is_refused(void **state)
{
    (void)state;
    struct keel_command order = make_order(KEEL_SELL, KEEL_LIMIT);
    order.place.quantity = decimal("0.002");
    order.place.price = decimal("20000");
    order.place.reduce_only = true;
    check_refused(&order, KEEL_UNSUPPORTED, "no positions");
    order.place.reduce_only = false;
    order.place.position_side = KEEL_LONG;
    check_refused(&order, KEEL_UNSUPPORTED, "long");
    order.place.position_side = KEEL_NET;
    order.place.quote_quantity = decimal("40");
    check_refused(&order, KEEL_INVALID, "limit");
    order = make_order(KEEL_SELL, KEEL_TRAILING_STOP);
    order.place.quantity = decimal("0.002");
    check_refused(&order, KEEL_UNSUPPORTED, "trailing stop");
    struct keel_command leverage = {.kind = KEEL_SET_LEVERAGE};
    check_refused(&leverage, KEEL_UNSUPPORTED, "set_leverage");
}

static void an_amendment_makes_an_order_smaller_and_nothing_else(void **state)
{
    (void)state;
    struct keel_command amend = {
        .kind = KEEL_AMEND_ORDER,
        .amend = {.order = {.market = find("BTC/USDT"), .order_id = "77"},
                  .side = KEEL_BUY,
                  .quantity = decimal("0.001"),
                  .price = decimal("20000")}
    };
    check_refused(&amend, KEEL_UNSUPPORTED, "price");
    amend.amend.same_price = true;
    assert_int_equal(encode(&amend), KEEL_OK);
    assert_int_equal(request.method, KEEL_HTTP_PUT);
    assert_string_equal(request.path, "/api/v3/order/amend/keepPriority");
    assert_ptr_equal(strstr(request.body, "symbol=BTCUSDT&orderId=77&newQty=0.001&recvWindow"),
                     request.body);
}

static void an_amended_order_keeps_its_name(void **state)
{
    (void)state;
    struct keel_command amend = {
        .kind = KEEL_AMEND_ORDER,
        .amend = {.order = {.market = find("BTC/USDT"), .order_id = "77", .client_id = "k-1"},
                  .side = KEEL_BUY,
                  .quantity = decimal("0.001"),
                  .price = decimal("20000"),
                  .same_price = true}
    };
    assert_int_equal(encode(&amend), KEEL_OK);
    assert_non_null(strstr(request.body, "&orderId=77&newClientOrderId=k-1&newQty=0.001&"));
}

static void money_moves_between_wallets_and_out(void **state)
{
    (void)state;
    struct keel_command transfer = {
        .kind = KEEL_TRANSFER,
        .transfer = {KEEL_WALLET_SPOT, KEEL_WALLET_FUTURES, "USDT", decimal("12.5")}
    };
    assert_int_equal(encode(&transfer), KEEL_OK);
    assert_string_equal(request.path, "/sapi/v1/asset/transfer");
    assert_ptr_equal(strstr(request.body, "type=MAIN_UMFUTURE&asset=USDT&amount=12.5&recvWindow"),
                     request.body);
    assert_false(request.idempotent);
    transfer.transfer.to = KEEL_WALLET_SPOT;
    check_refused(&transfer, KEEL_INVALID, "spot");

    struct keel_command withdrawal = {
        .kind = KEEL_WITHDRAW,
        .withdrawal = {"USDT", "TRX", "T address", "memo&1", decimal("20"), "keel-9"}
    };
    assert_int_equal(encode(&withdrawal), KEEL_OK);
    assert_string_equal(request.path, "/sapi/v1/capital/withdraw/apply");
    assert_ptr_equal(strstr(request.body, "coin=USDT&network=TRX&address=T%20address&"
                                          "addressTag=memo%261&withdrawOrderId=keel-9&amount=20&"),
                     request.body);

    struct keel_command list = {.kind = KEEL_LOAD_WITHDRAWALS, .page = {.client_id = "keel-9"}};
    assert_int_equal(encode(&list), KEEL_OK);
    assert_ptr_equal(strstr(request.query, "withdrawOrderId=keel-9&recvWindow"), request.query);
}

static struct keel_events events;
static struct keel_outcome outcome;
static char *text;

enum { EVENTS_MAX = 64, TEXT_SIZE = 1 << 14 };

static void lists_come_without_what_nobody_reads(void **state)
{
    (void)state;
    const struct keel_command pairs = {.kind = KEEL_LOAD_MARKETS};
    const struct keel_command balances = {.kind = KEEL_LOAD_BALANCES};
    assert_int_equal(encode(&pairs), KEEL_OK);
    assert_string_equal(request.path, "/api/v3/exchangeInfo");
    assert_string_equal(request.query, "showPermissionSets=false");
    assert_int_equal(encode(&balances), KEEL_OK);
    assert_ptr_equal(strstr(request.query, "omitZeroBalances=true&"), request.query);
}

static void begin_events(void)
{
    static struct keel_event memory[EVENTS_MAX];
    events = (struct keel_events){memory, 0, EVENTS_MAX};
}

static const char *get_events(void)
{
    struct keel_writer writer;
    keel_writer_init(&writer, text, TEXT_SIZE);
    write_events(&writer, &events, markets);
    assert_false(writer.full);
    return text;
}

static char arena_memory[1 << 14];

static enum keel_status decode_reply(const struct keel_command *command, int status,
                                     const char *body)
{
    struct keel_arena arena;
    struct keel_reply reply = {
        .http_status = status,
        .body = keel_str_from(body),
        .headers = KEEL_STR("x-mbx-used-weight-1m: 41\r\nX-MBX-ORDER-COUNT-10S: 2\r\n"),
    };
    keel_arena_init(&arena, arena_memory, sizeof(arena_memory));
    begin_events();
    return venue->decode_reply(command, &reply, markets, &arena, &events, &outcome);
}

static void check_reply(enum keel_command_kind kind, const char *body, const char *expected)
{
    struct keel_command command = {.kind = kind};
    assert_int_equal(decode_reply(&command, 200, body), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_string_equal(get_events(), expected);
}

static void an_order_is_read_from_each_reply_that_tells_it(void **state)
{
    (void)state;
    check_reply(KEEL_PLACE_ORDER,
                "{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"orderListId\":-1,"
                "\"clientOrderId\":\"keel-1\",\"transactTime\":1761900000123,"
                "\"price\":\"0.00000000\",\"origQty\":\"0.00500000\","
                "\"executedQty\":\"0.00500000\",\"origQuoteOrderQty\":\"100.00000000\","
                "\"cummulativeQuoteQty\":\"99.95000000\",\"status\":\"FILLED\","
                "\"timeInForce\":\"GTC\",\"type\":\"MARKET\",\"side\":\"BUY\"}",
                "order at=1761900000123 market=BTC/USDT id=28 client_id=keel-1 family=regular "
                "side=buy type=market time_in_force=gtc status=filled average_price=19990 "
                "quantity=0.005 quote_quantity=100 filled=0.005 update_time=1761900000123\n");
    check_reply(KEEL_CANCEL_ORDER,
                "{\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"keel-2\",\"orderId\":4,"
                "\"clientOrderId\":\"cancelMyOrder1\",\"transactTime\":1761900000200,"
                "\"price\":\"20000.00\",\"origQty\":\"1.00\",\"executedQty\":\"0\","
                "\"cummulativeQuoteQty\":\"0\",\"status\":\"CANCELED\",\"timeInForce\":\"GTC\","
                "\"type\":\"LIMIT_MAKER\",\"side\":\"SELL\"}",
                "order at=1761900000200 market=BTC/USDT id=4 client_id=keel-2 family=regular "
                "side=sell type=limit time_in_force=gtx status=canceled price=20000 quantity=1 "
                "filled=0 update_time=1761900000200\n");
    check_reply(KEEL_AMEND_ORDER,
                "{\"transactTime\":1761900000300,\"executionId\":7,\"amendedOrder\":{\"symbol\":"
                "\"BTCUSDT\","
                "\"orderId\":9,\"origClientOrderId\":\"keel-3\",\"clientOrderId\":\"x\","
                "\"price\":\"20000\",\"qty\":\"0.5\",\"executedQty\":\"0.1\","
                "\"cumulativeQuoteQty\":\"2000\",\"status\":\"PARTIALLY_FILLED\","
                "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"SELL\"}}",
                "order at=1761900000300 market=BTC/USDT id=9 client_id=keel-3 family=regular "
                "side=sell type=limit time_in_force=gtc status=partially_filled price=20000 "
                "quantity=0.5 filled=0.1 update_time=1761900000300\n");
}

static void the_account_is_a_snapshot_of_its_balances(void **state)
{
    (void)state;
    check_reply(KEEL_LOAD_BALANCES,
                "{\"canTrade\":true,\"updateTime\":123456789,\"balances\":[{\"asset\":\"BTC\","
                "\"free\":\"4723846.89208129\",\"locked\":\"0.00000001\"}]}",
                "snapshot_begin of=balances\n"
                "balance at=123456789 asset=BTC wallet=4723846.8920813 "
                "available=4723846.89208129 locked=0.00000001 update_time=123456789\n"
                "snapshot_end of=balances\n"
                "modes can_trade=on\n");
}

static void trades_fees_and_the_wallets_lists_are_read(void **state)
{
    (void)state;
    check_reply(KEEL_LOAD_EXECUTIONS,
                "[{\"symbol\":\"BTCUSDT\",\"id\":28457,\"orderId\":100234,\"price\":\"20010\","
                "\"qty\":\"0.012\",\"quoteQty\":\"240.12\",\"commission\":\"0.000012\","
                "\"commissionAsset\":\"BTC\",\"time\":1499865549590,\"isBuyer\":true,"
                "\"isMaker\":false,\"isBestMatch\":true}]",
                "execution at=1499865549590 market=BTC/USDT trade_id=28457 order_id=100234 "
                "side=buy price=20010 quantity=0.012 fee=0.000012 fee_asset=BTC "
                "time=1499865549590\n");
    check_reply(KEEL_LOAD_FEES,
                "{\"symbol\":\"BTCUSDT\",\"standardCommission\":{\"maker\":\"0.001\","
                "\"taker\":\"0.002\",\"buyer\":\"0\",\"seller\":\"0\"},\"specialCommission\":"
                "{\"maker\":\"0.0001\",\"taker\":\"0\"},\"taxCommission\":{\"maker\":\"0.00003\","
                "\"taker\":\"0.00004\"},\"discount\":{\"enabledForAccount\":true}}",
                "fees market=BTC/USDT maker=0.00113 taker=0.00204\n");
    check_reply(KEEL_LOAD_WITHDRAWALS,
                "[{\"id\":\"b6ae22b3aa84\",\"amount\":\"8.91\",\"transactionFee\":\"0.004\","
                "\"coin\":\"USDT\",\"status\":6,\"address\":\"0x94df8b\",\"txId\":\"0xb5ef\","
                "\"applyTime\":\"2019-10-12 11:12:02\",\"network\":\"ETH\","
                "\"withdrawOrderId\":\"keel-9\",\"completeTime\":\"2019-10-12 11:13:02\"}]",
                "withdrawal id=b6ae22b3aa84 client_id=keel-9 status=done word=completed "
                "asset=USDT network=ETH address=0x94df8b txid=0xb5ef amount=8.91 fee=0.004 "
                "time=1570878722000 done=1570878782000\n");
    check_reply(KEEL_LOAD_WITHDRAWALS,
                "[{\"id\":\"b6\",\"amount\":\"8\",\"coin\":\"USDT\",\"status\":9}]",
                "withdrawal id=b6 word=9 asset=USDT amount=8\n"
                "unknown kind=word word=9\n");
    check_reply(KEEL_LOAD_DEPOSITS,
                "[{\"id\":\"769800519366885376\",\"amount\":\"0.001\",\"coin\":\"BNB\","
                "\"network\":\"BNB\",\"status\":1,\"address\":\"bnb136\",\"txId\":\"98A3\","
                "\"insertTime\":1661493146000}]",
                "deposit at=1661493146000 id=769800519366885376 credited=yes word=1 asset=BNB "
                "network=BNB address=bnb136 txid=98A3 amount=0.001 time=1661493146000\n");
}

static void an_answer_of_the_wallet_says_what_became_of_the_command(void **state)
{
    (void)state;
    struct keel_command transfer = {
        .kind = KEEL_TRANSFER,
        .transfer = {KEEL_WALLET_FUTURES, KEEL_WALLET_SPOT, "USDT", decimal("5")}
    };
    assert_int_equal(decode_reply(&transfer, 200, "{\"tranId\":13526853623}"), KEEL_OK);
    assert_string_equal(get_events(), "transfer id=13526853623 from=futures to=spot asset=USDT "
                                      "amount=5 done=yes\n");
    struct keel_command withdrawal = {
        .kind = KEEL_WITHDRAW,
        .withdrawal = {"USDT", "TRX", "Taddress", "", decimal("20"), "keel-9"}
    };
    assert_int_equal(decode_reply(&withdrawal, 200, "{\"id\":\"7213fea8\"}"), KEEL_OK);
    assert_string_equal(get_events(), "withdrawal id=7213fea8 client_id=keel-9 status=pending "
                                      "asset=USDT network=TRX address=Taddress amount=20\n");
    assert_int_equal(decode_reply(&withdrawal, 200, "{}"), KEEL_MALFORMED);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(decode_reply(&withdrawal, 500, "oops"), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(decode_reply(&withdrawal, 400, "{\"code\":-4026,\"msg\":\"no balance\"}"),
                     KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
}

static void the_networks_of_one_asset_are_picked_out(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_LOAD_NETWORKS, .page = {.asset = "XLM"}};
    assert_int_equal(
        decode_reply(&command, 200,
                     "[{\"coin\":\"BTC\",\"free\":\"1\",\"networkList\":[{\"network\":\"BTC\","
                     "\"coin\":\"BTC\",\"withdrawFee\":\"0.0004\"}]},{\"coin\":\"XLM\","
                     "\"networkList\":[{\"network\":\"XLM\",\"coin\":\"XLM\",\"withdrawFee\":"
                     "\"0.02\",\"withdrawMin\":\"10\",\"withdrawMax\":\"1000\","
                     "\"withdrawIntegerMultiple\":\"0.0000001\",\"depositEnable\":true,"
                     "\"withdrawEnable\":false,\"memoRegex\":\"^.{1,28}$\"}]}]"),
        KEEL_OK);
    assert_string_equal(get_events(), "network asset=XLM network=XLM can_deposit=yes "
                                      "needs_memo=yes fee=0.02 min=10 max=1000 "
                                      "step=0.0000001\n");
}

static void refusals_say_what_became_of_the_order(void **state)
{
    (void)state;
    struct keel_command place = {.kind = KEEL_PLACE_ORDER};
    assert_int_equal(
        decode_reply(&place, 400, "{\"code\":-2010,\"msg\":\"Duplicate order sent.\"}"), KEEL_OK);
    assert_true(outcome.duplicate);
    assert_int_equal(outcome.usage_count, 2);
    assert_int_equal(outcome.usage[0].used, 41);
    assert_int_equal(decode_reply(&place, 400,
                                  "{\"code\":-2010,\"msg\":\"Account has insufficient balance for "
                                  "requested action.\"}"),
                     KEEL_OK);
    assert_false(outcome.duplicate);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    struct keel_command all = {.kind = KEEL_CANCEL_ALL};
    assert_int_equal(decode_reply(&all, 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}"),
                     KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED); /* there was nothing to cancel */
}

static void check_frame(const char *frame, const char *expected)
{
    struct keel_arena arena;
    keel_arena_init(&arena, arena_memory, sizeof(arena_memory));
    begin_events();
    assert_int_equal(venue->decode_stream(keel_str_from(frame), markets, &arena, &events, &error),
                     KEEL_OK);
    assert_string_equal(get_events(), expected);
}

/* The order of members is free, and the prices of all markets come in one list. */
static void a_type_need_not_stand_first_nor_an_event_alone(void **state)
{
    (void)state;
    static const char report[] =
        "\"s\":\"BTCUSDT\",\"c\":\"k-1\",\"S\":\"BUY\",\"o\":\"LIMIT\","
        "\"f\":\"GTC\",\"q\":\"1\",\"p\":\"2\",\"x\":\"NEW\",\"X\":\"NEW\","
        "\"i\":7,\"z\":\"0\",\"T\":6,\"a\":\"9\",\"e\":\"executionReport\"";
    static const char order[] = "order at=6 market=BTC/USDT id=7 client_id=k-1 family=regular "
                                "side=buy type=limit time_in_force=gtc status=new price=2 "
                                "quantity=1 filled=0 update_time=6\n";
    char frame[512];
    snprintf(frame, sizeof(frame), "{\"event\":{%s},\"subscriptionId\":0}", report);
    check_frame(frame, order);
    snprintf(frame, sizeof(frame), "{%s}", report);
    check_frame(frame, order);
    check_frame("{\"stream\":\"!miniTicker@arr\",\"data\":[{\"e\":\"24hrMiniTicker\",\"E\":3,"
                "\"s\":\"BTCUSDT\",\"c\":\"5\"},{\"e\":\"24hrMiniTicker\",\"E\":4,"
                "\"s\":\"BTCUSDT\",\"c\":\"6\"}]}",
                "mark at=3 market=BTC/USDT mark_price=5 time=3\n"
                "mark at=4 market=BTC/USDT mark_price=6 time=4\n");
    check_frame("{\"data\":{\"e\":5,\"s\":\"BTCUSDT\"}}", "unknown kind=message\n");
}

static void the_user_stream_tells_orders_executions_and_balances(void **state)
{
    (void)state;
    check_frame("{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":5,"
                "\"s\":\"BTCUSDT\",\"c\":\"keel-1\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"GTC\","
                "\"q\":\"1.0\",\"p\":\"20000\",\"P\":\"0\",\"F\":\"0\",\"g\":-1,\"C\":\"\","
                "\"x\":\"TRADE\",\"X\":\"PARTIALLY_FILLED\",\"r\":\"NONE\",\"i\":4293153,"
                "\"l\":\"0.4\",\"z\":\"0.4\",\"L\":\"19999\",\"n\":\"0.0004\",\"N\":\"BTC\","
                "\"T\":1499405658657,\"t\":77,\"v\":3,\"I\":8641984,\"w\":true,\"m\":false,"
                "\"M\":false,\"O\":1499405658000,\"Z\":\"7999.6\",\"Y\":\"7999.6\",\"Q\":\"0\"}}",
                "order at=1499405658657 market=BTC/USDT id=4293153 client_id=keel-1 "
                "family=regular side=buy type=limit time_in_force=gtc status=partially_filled "
                "price=20000 average_price=19999 quantity=1 filled=0.4 create_time=1499405658000 "
                "update_time=1499405658657\n"
                "execution at=1499405658657 market=BTC/USDT trade_id=77 order_id=4293153 "
                "client_id=keel-1 side=buy price=19999 quantity=0.4 fee=0.0004 fee_asset=BTC "
                "time=1499405658657\n");
    /* Of a cancellation, whose own id stands in c. */
    check_frame("{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"s\":\"BTCUSDT\","
                "\"c\":\"web_1\",\"C\":\"keel-2\",\"S\":\"SELL\",\"o\":\"LIMIT\",\"f\":\"GTC\","
                "\"q\":\"1\",\"p\":\"3\",\"x\":\"CANCELED\",\"X\":\"CANCELED\",\"i\":1,"
                "\"l\":\"0\",\"z\":\"0\",\"L\":\"0\",\"n\":\"0\",\"N\":null,\"T\":9,\"t\":-1}}",
                "order at=9 market=BTC/USDT id=1 client_id=keel-2 family=regular side=sell "
                "type=limit time_in_force=gtc status=canceled price=3 quantity=1 filled=0 "
                "update_time=9\n");
    check_frame("{\"subscriptionId\":0,\"event\":{\"e\":\"outboundAccountPosition\",\"E\":7,"
                "\"u\":6,\"B\":[{\"a\":\"ETH\",\"f\":\"10000.5\",\"l\":\"0.25\"}]}}",
                "balance at=6 asset=ETH wallet=10000.75 available=10000.5 locked=0.25 "
                "update_time=6\n");
    check_frame("{\"subscriptionId\":0,\"event\":{\"e\":\"balanceUpdate\",\"E\":7,\"a\":\"USDT\","
                "\"d\":\"-100.5\",\"T\":8}}",
                "income at=8 kind=transfer name=balanceUpdate asset=USDT amount=-100.5 time=8\n");
    check_frame("{\"subscriptionId\":0,\"event\":{\"e\":\"eventStreamTerminated\",\"E\":1}}",
                "stream_expired\n");
    check_frame("{\"stream\":\"btcusdt@miniTicker\",\"data\":{\"e\":\"24hrMiniTicker\",\"E\":3,"
                "\"s\":\"BTCUSDT\",\"c\":\"20001.5\",\"o\":\"1\"}}",
                "mark at=3 market=BTC/USDT mark_price=20001.5 time=3\n");
    check_frame("{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":4,\"s\":\"BTCUSDT\","
                "\"b\":\"1\",\"B\":\"2\",\"a\":\"3\",\"A\":\"4\"}}",
                "book_top market=BTC/USDT bid_price=1 bid_quantity=2 ask_price=3 "
                "ask_quantity=4\n");
}

static void a_subscription_is_signed_and_answered(void **state)
{
    (void)state;
    static struct keel_stream_request stream;
    const struct keel_stream_wish wish = {
        .kind = KEEL_STREAM_USER,
        .keys = &keys,
        .time_ms = INT64_C(1747385641636),
        .markets = markets,
    };
    assert_int_equal(venue->open_stream(&wish, &stream, &error), KEEL_OK);
    assert_string_equal(stream.path, "/ws-api/v3");
    assert_int_equal(stream.acks, 1);
    /* HMAC-SHA256("the-secret", "apiKey=the-key&timestamp=1747385641636") */
    assert_string_equal(
        stream.frames,
        "{\"id\":\"user\",\"method\":\"userDataStream.subscribe.signature\",\"params\":"
        "{\"apiKey\":\"the-key\",\"timestamp\":1747385641636,\"signature\":"
        "\"00ef9b619bf55c11dfb338128ab8f325c579f74f45ba23c4290496fea9ec9c8f\"}}\n");
    check_frame("{\"id\":\"user\",\"status\":200,\"result\":{\"subscriptionId\":3}}",
                "subscribed id=3\n");
    check_frame("{\"id\":\"user\",\"status\":400,\"error\":{\"code\":-2015,"
                "\"msg\":\"Invalid API-key.\"}}",
                "refused words=Invalid API-key.\n");
}

static void a_frame_cut_anywhere_is_refused_and_adds_nothing(void **state)
{
    (void)state;
    static const char frame[] =
        "{\"subscriptionId\":0,\"event\":{\"e\":\"outboundAccountPosition\",\"E\":7,\"u\":6,"
        "\"B\":[{\"a\":\"ETH\",\"f\":\"10000.5\",\"l\":\"0.25\"}]}}";
    for (size_t size = 0; size < sizeof(frame) - 1; size++) {
        struct keel_arena arena;
        keel_arena_init(&arena, arena_memory, sizeof(arena_memory));
        begin_events();
        char *copy = malloc(size + 1); /* of that size: a byte beyond it is noticed */
        memcpy(copy, frame, size);
        assert_int_not_equal(
            venue->decode_stream((keel_str){copy, size}, markets, &arena, &events, &error),
            KEEL_OK);
        assert_int_equal(events.count, 0);
        free(copy);
    }
}

static void the_rules_of_a_pair_are_read_from_its_filters(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_LOAD_MARKETS};
    assert_int_equal(
        decode_reply(
            &command, 200,
            "{\"serverTime\":1,\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\","
            "\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000}],\"symbols\":[{"
            "\"symbol\":\"ETHBTC\",\"status\":\"TRADING\",\"baseAsset\":\"ETH\","
            "\"quoteAsset\":\"BTC\",\"filters\":[{\"filterType\":\"PRICE_FILTER\","
            "\"minPrice\":\"0.00001\",\"maxPrice\":\"1000\",\"tickSize\":\"0.00001\"},{"
            "\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.0001\",\"maxQty\":\"9000\","
            "\"stepSize\":\"0.0001\"},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"0.0001\"},"
            "{\"filterType\":\"PERCENT_PRICE_BY_SIDE\",\"bidMultiplierUp\":\"5\","
            "\"bidMultiplierDown\":\"0.2\",\"askMultiplierUp\":\"6\","
            "\"askMultiplierDown\":\"0.3\"},{\"filterType\":\"MAX_NUM_ORDERS\","
            "\"maxNumOrders\":200}]}]}"),
        KEEL_OK);
    assert_int_equal(events.count, 3);
    const struct keel_market *market = events.at[1].market;
    assert_string_equal(market->symbol, "ETH/BTC");
    assert_int_equal(market->product, KEEL_PRODUCT_SPOT);
    assert_true(keel_decimal_equals(market->quantity_step, decimal("0.0001")));
    assert_true(keel_decimal_equals(market->notional_min, decimal("0.0001")));
    assert_true(keel_decimal_equals(market->price_up_ratio, decimal("5")));
    assert_true(keel_decimal_equals(market->price_down_ratio, decimal("0.3")));
    assert_int_equal(market->open_orders_max, 200);
}

static int set_up(void **state)
{
    (void)state;
    struct keel_market market;
    keel_market_id id;
    markets = keel_markets_new();
    text = malloc(TEXT_SIZE);
    assert_true(venue->name_market(KEEL_STR("BTCUSDT"), &market));
    assert_string_equal(market.symbol, "BTC/USDT");
    market.price_tick = decimal("0.01");
    market.quantity_step = decimal("0.00001");
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_OK);
    venue->set_keys(&keys, KEEL_STR("the-key"), KEEL_STR("the-secret"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(markets);
    free(text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_of_order_is_written_in_the_words_of_spot),
        cmocka_unit_test(a_client_id_has_fewer_letters_than_that_of_futures),
        cmocka_unit_test(what_only_futures_have_is_refused),
        cmocka_unit_test(an_amendment_makes_an_order_smaller_and_nothing_else),
        cmocka_unit_test(an_amended_order_keeps_its_name),
        cmocka_unit_test(money_moves_between_wallets_and_out),
        cmocka_unit_test(lists_come_without_what_nobody_reads),
        cmocka_unit_test(an_order_is_read_from_each_reply_that_tells_it),
        cmocka_unit_test(the_account_is_a_snapshot_of_its_balances),
        cmocka_unit_test(trades_fees_and_the_wallets_lists_are_read),
        cmocka_unit_test(a_type_need_not_stand_first_nor_an_event_alone),
        cmocka_unit_test(an_answer_of_the_wallet_says_what_became_of_the_command),
        cmocka_unit_test(the_networks_of_one_asset_are_picked_out),
        cmocka_unit_test(refusals_say_what_became_of_the_order),
        cmocka_unit_test(the_user_stream_tells_orders_executions_and_balances),
        cmocka_unit_test(a_subscription_is_signed_and_answered),
        cmocka_unit_test(a_frame_cut_anywhere_is_refused_and_adds_nothing),
        cmocka_unit_test(the_rules_of_a_pair_are_read_from_its_filters),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

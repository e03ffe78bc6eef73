/* Gate.io spot and its wallet: requests, replies, channels. */
#include "event_text.h"
#include "fixtures.h"
#include "venue/gateio/sign.h"

static const struct keel_venue *const venue = &keel_venue_gateio_spot;
static struct keel_markets *markets;
static struct keel_keys keys;
static struct keel_modes modes;
static struct keel_request request;
static struct keel_error error;

static const int64_t now_ms = INT64_C(1700000000123);

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
    return venue->encode(command, markets, &modes, &keys, now_ms, 2000, &request, &error);
}

/* As the venue checks it: method, path, query, digest of the body, time. */
static void check_signature(const char *method)
{
    unsigned char digest[KEEL_SHA512_SIZE], signature[KEEL_SHA512_SIZE];
    char text[4096], expected[512];
    struct keel_hmac hmac;
    struct keel_writer writer;
    keel_sha512((keel_str){request.body, request.body_size}, digest);
    keel_writer_init(&writer, text, sizeof(text));
    keel_write_format(&writer, "%s\n%s\n%s\n", method, request.path, request.query);
    keel_write_hex(&writer, digest, sizeof(digest));
    keel_write(&writer, KEEL_STR("\n1700000000"));
    keel_str all = keel_writer_text(&writer);
    keel_hmac_sha512_init(&hmac, KEEL_STR("secret"));
    keel_hmac_sha512_sign(&hmac, &all, 1, signature);
    keel_writer_init(&writer, expected, sizeof(expected));
    keel_write(&writer, KEEL_STR("Timestamp: 1700000000\nSIGN: "));
    keel_write_hex(&writer, signature, sizeof(signature));
    keel_write_char(&writer, '\n');
    assert_non_null(strstr(request.headers, expected));
}

static void check_request(const struct keel_command *command, const char *method, const char *path,
                          const char *query, const char *body)
{
    if (encode(command) != KEEL_OK)
        fail_msg("%s", error.message);
    assert_string_equal(request.path, path);
    assert_string_equal(request.query, query);
    assert_string_equal(request.body, body);
    assert_int_equal(request.query_size, strlen(query));
    assert_int_equal(request.body_size, strlen(body));
    assert_int_equal(request.idempotent, strcmp(method, "GET") == 0);
    if (request.needs_key)
        check_signature(method);
    assert_int_equal(strstr(request.headers, "x-gate-exptime: 1700000002123\n") != NULL,
                     keel_command_is_write(command->kind));
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

static void each_type_of_order_is_written_as_gate_has_it(void **state)
{
    (void)state;
    struct keel_command order = make_order(KEEL_BUY, KEEL_LIMIT);
    order.place.quantity = decimal("0.002");
    order.place.price = decimal("20000.5");
    memcpy(order.place.client_id, "t-k1", 5);
    check_request(&order, "POST", "/api/v4/spot/orders", "",
                  "{\"text\":\"t-k1\",\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\","
                  "\"side\":\"buy\",\"amount\":\"0.002\",\"price\":\"20000.5\","
                  "\"time_in_force\":\"gtc\"}");
    assert_int_equal(request.order_count, 1);
    order.place.time_in_force = KEEL_GTX;
    order.place.client_id[0] = '\0';
    check_request(&order, "POST", "/api/v4/spot/orders", "",
                  "{\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\",\"side\":\"buy\","
                  "\"amount\":\"0.002\",\"price\":\"20000.5\",\"time_in_force\":\"poc\"}");
    order = make_order(KEEL_SELL, KEEL_MARKET);
    order.place.quantity = decimal("0.002");
    check_request(&order, "POST", "/api/v4/spot/orders", "",
                  "{\"currency_pair\":\"BTC_USDT\",\"type\":\"market\",\"side\":\"sell\","
                  "\"amount\":\"0.002\",\"time_in_force\":\"ioc\"}");
    order = make_order(KEEL_BUY, KEEL_MARKET);
    order.place.quote_quantity = decimal("150");
    check_request(&order, "POST", "/api/v4/spot/orders", "",
                  "{\"currency_pair\":\"BTC_USDT\",\"type\":\"market\",\"side\":\"buy\","
                  "\"amount\":\"150\",\"time_in_force\":\"ioc\"}");
}

static void a_stop_is_a_price_order_whose_rule_follows_from_the_side(void **state)
{
    (void)state;
    static const struct {
        enum keel_side side;
        enum keel_order_type type;
        const char *rule;
    } cases[] = {
        {KEEL_SELL, KEEL_STOP_LIMIT,        "<="},
        {KEEL_BUY,  KEEL_STOP_LIMIT,        ">="},
        {KEEL_SELL, KEEL_TAKE_PROFIT_LIMIT, ">="},
        {KEEL_BUY,  KEEL_TAKE_PROFIT_LIMIT, "<="},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char body[512];
        struct keel_command order = make_order(cases[i].side, cases[i].type);
        order.place.quantity = decimal("0.002");
        order.place.price = decimal("19000");
        order.place.trigger_price = decimal("19100");
        memcpy(order.place.client_id, "t-k2", 5);
        snprintf(body, sizeof(body),
                 "{\"trigger\":{\"price\":\"19100\",\"rule\":\"%s\",\"expiration\":2592000},"
                 "\"put\":{\"type\":\"limit\",\"side\":\"%s\",\"amount\":\"0.002\","
                 "\"price\":\"19000\",\"time_in_force\":\"gtc\",\"account\":\"normal\","
                 "\"text\":\"t-k2\"},\"market\":\"BTC_USDT\"}",
                 cases[i].rule, keel_side_name(cases[i].side));
        check_request(&order, "POST", "/api/v4/spot/price_orders", "", body);
    }
}

static void check_refused(const struct keel_command *command, enum keel_status status,
                          const char *words)
{
    assert_int_equal(encode(command), status);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" is not in \"%s\"", words, error.message);
}

static void what_gate_spot_does_not_have_is_refused(void **state)
{
    (void)state;
    struct keel_command order = make_order(KEEL_BUY, KEEL_MARKET);
    order.place.quantity = decimal("0.002"); /* would buy for 0.002 USDT */
    check_refused(&order, KEEL_UNSUPPORTED, "by quote quantity");
    order = make_order(KEEL_SELL, KEEL_MARKET);
    order.place.quote_quantity = decimal("10");
    check_refused(&order, KEEL_UNSUPPORTED, "by quantity");
    order = make_order(KEEL_SELL, KEEL_LIMIT);
    order.place.quantity = decimal("0.0000001");
    order.place.price = decimal("19000");
    check_refused(&order, KEEL_INVALID, "0.0000001");
    order.place.reduce_only = true;
    check_refused(&order, KEEL_UNSUPPORTED, "no positions");
    struct keel_command query = {
        .kind = KEEL_QUERY_ORDER,
        .order = {find("BTC/USDT"), KEEL_FAMILY_CONDITIONAL, "", "t-k2"},
    };
    check_refused(&query, KEEL_UNSUPPORTED, "t-k2");
    struct keel_command futures = {.kind = KEEL_LOAD_MODES};
    check_refused(&futures, KEEL_UNSUPPORTED, "load_modes");
}

static void orders_are_named_in_the_path(void **state)
{
    (void)state;
    struct keel_command command = {
        .kind = KEEL_CANCEL_ORDER,
        .order = {find("BTC/USDT"), KEEL_FAMILY_REGULAR, "", "t-k2"},
    };
    check_request(&command, "DELETE", "/api/v4/spot/orders/t-k2", "currency_pair=BTC_USDT", "");
    assert_true(request.fresh_connection);
    memcpy(command.order.order_id, "123", 4);
    command.kind = KEEL_QUERY_ORDER;
    check_request(&command, "GET", "/api/v4/spot/orders/123", "currency_pair=BTC_USDT", "");
    command.order.family = KEEL_FAMILY_CONDITIONAL;
    check_request(&command, "GET", "/api/v4/spot/price_orders/123", "", "");

    struct keel_command amend = {
        .kind = KEEL_AMEND_ORDER,
        .amend = {.order = {find("BTC/USDT"), KEEL_FAMILY_REGULAR, "123", ""},
                  .quantity = decimal("0.5"),
                  .price = decimal("19000")}
    };
    check_request(&amend, "PATCH", "/api/v4/spot/orders/123", "currency_pair=BTC_USDT",
                  "{\"amount\":\"0.5\",\"price\":\"19000\"}");
    amend.amend.same_price = true;
    check_request(&amend, "PATCH", "/api/v4/spot/orders/123", "currency_pair=BTC_USDT",
                  "{\"amount\":\"0.5\"}");
}

static void a_countdown_is_of_one_pair_or_of_all_and_may_be_told_again(void **state)
{
    (void)state;
    struct keel_command countdown = {
        .kind = KEEL_SET_COUNTDOWN, .countdown = {find("BTC/USDT"), 30}
    };
    assert_int_equal(encode(&countdown), KEEL_OK);
    assert_int_equal(request.method, KEEL_HTTP_POST);
    assert_string_equal(request.path, "/api/v4/spot/countdown_cancel_all");
    assert_string_equal(request.body, "{\"timeout\":30,\"currency_pair\":\"BTC_USDT\"}");
    assert_true(request.idempotent);
    check_signature("POST");
    countdown.countdown.market = KEEL_NO_MARKET;
    countdown.countdown.timeout_s = 0;
    assert_int_equal(encode(&countdown), KEEL_OK);
    assert_string_equal(request.body, "{\"timeout\":0}");
    countdown.countdown.timeout_s = 4;
    check_refused(&countdown, KEEL_INVALID, "4 s: it is 5 at least");
    countdown.countdown.timeout_s = 30;
    countdown.countdown.market = 99; /* not all of them */
    check_refused(&countdown, KEEL_INVALID, "99");
}

static void money_moves_between_wallets_and_out(void **state)
{
    (void)state;
    struct keel_command transfer = {
        .kind = KEEL_TRANSFER,
        .transfer = {KEEL_WALLET_SPOT, KEEL_WALLET_FUTURES, "USDT", decimal("12.5")}
    };
    check_request(&transfer, "POST", "/api/v4/wallet/transfers", "",
                  "{\"currency\":\"USDT\",\"from\":\"spot\",\"to\":\"futures\","
                  "\"amount\":\"12.5\",\"settle\":\"usdt\"}");
    struct keel_command withdrawal = {
        .kind = KEEL_WITHDRAW, .withdrawal = {"USDT", "TRX", "Taddress", "7", decimal("20"), "k9"}
    };
    check_request(&withdrawal, "POST", "/api/v4/withdrawals", "",
                  "{\"withdraw_order_id\":\"k9\",\"currency\":\"USDT\","
                  "\"address\":\"Taddress\",\"memo\":\"7\",\"chain\":\"TRX\","
                  "\"amount\":\"20\"}");
    struct keel_command list = {
        .kind = KEEL_LOAD_WITHDRAWALS,
        .page = {.client_id = "k9", .start_time_ms = INT64_C(1699999999999)}
    };
    check_request(&list, "GET", "/api/v4/wallet/withdrawals",
                  "withdraw_order_id=k9&from=1699999999", "");
    struct keel_command stops = {
        .kind = KEEL_LOAD_ORDERS,
        .page = {.market = find("BTC/USDT"),
                 .family = KEEL_FAMILY_CONDITIONAL,
                 .page = 3,
                 .limit = 100}
    };
    check_request(&stops, "GET", "/api/v4/spot/price_orders",
                  "status=finished&limit=100&offset=200&market=BTC_USDT", "");
    struct keel_command book = {
        .kind = KEEL_LOAD_TRANSFERS,
        .page = {.from = KEEL_WALLET_SPOT,
                 .to = KEEL_WALLET_FUTURES,
                 .asset = "USDT",
                 .start_time_ms = INT64_C(1699999999999),
                 .end_time_ms = INT64_C(1700000120001)}
    };
    check_request(&book, "GET", "/api/v4/spot/account_book",
                  "currency=USDT&from=1699999999&to=1700000121&limit=1000", "");
}

enum { EVENTS_MAX = 128, TEXT_SIZE = 1 << 14 };

static struct keel_events events;
static struct keel_outcome outcome;
static char text[TEXT_SIZE], arena_memory[TEXT_SIZE];

static void begin_events(struct keel_arena *arena)
{
    static struct keel_event memory[EVENTS_MAX];
    keel_arena_init(arena, arena_memory, sizeof(arena_memory));
    events = (struct keel_events){memory, 0, EVENTS_MAX};
}

static const char *get_events(void)
{
    struct keel_writer writer;
    keel_writer_init(&writer, text, sizeof(text));
    write_events(&writer, &events, markets);
    assert_false(writer.full);
    return text;
}

static enum keel_status decode_reply(const struct keel_command *command, int status,
                                     const char *body)
{
    struct keel_arena arena;
    struct keel_reply reply = {
        .http_status = status, .body = keel_str_from(body), .headers = KEEL_STR("")};
    begin_events(&arena);
    return venue->decode_reply(command, &reply, markets, &arena, &events, &outcome);
}

static void check_reply(const struct keel_command *command, const char *body, const char *expected)
{
    assert_int_equal(decode_reply(command, 200, body), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_string_equal(get_events(), expected);
}

static void an_order_is_read_in_the_units_that_it_counts_in(void **state)
{
    (void)state;
    const struct keel_command place = make_order(KEEL_BUY, KEEL_LIMIT);
    check_reply(&place,
                "{\"id\":\"1852454420\",\"text\":\"t-abc123\",\"amend_text\":\"-\","
                "\"create_time\":\"1710488334\",\"update_time\":\"1710488334\","
                "\"create_time_ms\":1710488334073,\"update_time_ms\":1710488334074,"
                "\"status\":\"open\",\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\","
                "\"account\":\"spot\",\"side\":\"buy\",\"amount\":\"0.001\","
                "\"price\":\"65000\",\"time_in_force\":\"gtc\",\"iceberg\":\"0\","
                "\"left\":\"0.0004\",\"filled_amount\":\"0.0006\",\"fill_price\":\"39\","
                "\"filled_total\":\"39\",\"avg_deal_price\":\"65000\",\"finish_as\":\"open\"}",
                "order at=1710488334074 market=BTC/USDT id=1852454420 client_id=t-abc123 "
                "family=regular side=buy type=limit time_in_force=gtc status=partially_filled "
                "price=65000 average_price=65000 quantity=0.001 filled=0.0006 "
                "create_time=1710488334073 update_time=1710488334074\n");
    check_reply(&place,
                "{\"id\":\"7\",\"text\":\"apiv4\",\"create_time\":\"1710488334\","
                "\"update_time\":\"1710488335\",\"status\":\"closed\","
                "\"currency_pair\":\"BTC_USDT\",\"type\":\"market\",\"side\":\"buy\","
                "\"amount\":\"100\",\"price\":\"0\",\"time_in_force\":\"ioc\","
                "\"left\":\"0.01\",\"filled_amount\":\"0.0049\",\"filled_total\":\"99.99\","
                "\"avg_deal_price\":\"20406.12\",\"finish_as\":\"filled\"}",
                "order at=1710488335000 market=BTC/USDT id=7 family=regular side=buy type=market "
                "time_in_force=ioc status=filled average_price=20406.12 quantity=0.0049 "
                "quote_quantity=100 filled=0.0049 create_time=1710488334000 "
                "update_time=1710488335000\n");
    const struct keel_command cancel = {.kind = KEEL_CANCEL_ORDER};
    check_reply(&cancel,
                "{\"id\":\"8\",\"text\":\"t-a\",\"status\":\"cancelled\","
                "\"finish_as\":\"cancelled\",\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\","
                "\"side\":\"sell\",\"amount\":\"2\",\"price\":\"3\",\"left\":\"1.5\","
                "\"time_in_force\":\"gtc\",\"update_time_ms\":1710488334074}",
                "order at=1710488334074 market=BTC/USDT id=8 client_id=t-a family=regular "
                "side=sell type=limit time_in_force=gtc status=canceled price=3 quantity=2 "
                "filled=0.5 update_time=1710488334074\n");
}

static void open_orders_come_by_pair_and_are_a_snapshot(void **state)
{
    (void)state;
    const struct keel_command command = {.kind = KEEL_LOAD_OPEN_ORDERS};
    check_reply(&command,
                "[{\"currency_pair\":\"BTC_USDT\",\"total\":1,\"orders\":[{\"id\":\"8\","
                "\"text\":\"t-a\",\"status\":\"open\",\"currency_pair\":\"BTC_USDT\","
                "\"type\":\"limit\",\"side\":\"sell\",\"amount\":\"2\",\"price\":\"3\","
                "\"left\":\"2\",\"time_in_force\":\"poc\",\"update_time_ms\":1710488334074}]}]",
                "snapshot_begin of=orders\n"
                "order at=1710488334074 market=BTC/USDT id=8 client_id=t-a family=regular "
                "side=sell type=limit time_in_force=gtx status=new price=3 quantity=2 filled=0 "
                "update_time=1710488334074\n"
                "snapshot_end of=orders\n");
}

/* Orders and trades have pages, conditional orders rows to leave out. */
static void the_next_page_of_each_history_is_another(void **state)
{
    (void)state;
    struct keel_command list = {
        .kind = KEEL_LOAD_EXECUTIONS, .page = {.market = find("BTC/USDT"), .page = 3, .limit = 50}
    };
    check_request(&list, "GET", "/api/v4/spot/my_trades", "currency_pair=BTC_USDT&page=3&limit=50",
                  "");
    list.kind = KEEL_LOAD_ORDERS;
    list.page.family = KEEL_FAMILY_CONDITIONAL;
    check_request(&list, "GET", "/api/v4/spot/price_orders",
                  "status=finished&limit=50&offset=100&market=BTC_USDT", "");
}

/* The page is of each pair's orders; their number stands beside it. */
static void open_orders_that_are_not_all_listed_are_an_error(void **state)
{
    (void)state;
    static const char row[] =
        "{\"id\":\"8\",\"status\":\"open\",\"currency_pair\":\"BTC_USDT\","
        "\"type\":\"limit\",\"side\":\"sell\",\"amount\":\"2\",\"left\":\"2\"}";
    static char list[101 * sizeof(row)];
    struct keel_command command = {.kind = KEEL_LOAD_OPEN_ORDERS};
    snprintf(list, sizeof(list), "[{\"currency_pair\":\"BTC_USDT\",\"total\":2,\"orders\":[%s]}]",
             row);
    assert_int_equal(decode_reply(&command, 200, list), KEEL_MALFORMED);
    assert_non_null(strstr(outcome.error.message, "more open orders"));

    command.market = find("BTC/USDT");
    for (int rows = 99; rows <= 100; rows++) {
        size_t size = 0;
        for (int i = 0; i < rows; i++)
            size +=
                (size_t)snprintf(list + size, sizeof(list) - size, "%c%s", i > 0 ? ',' : '[', row);
        snprintf(list + size, sizeof(list) - size, "]");
        assert_int_equal(decode_reply(&command, 200, list), rows < 100 ? KEEL_OK : KEEL_MALFORMED);
    }
}

/* Of these the venue lists a thousand, where it is asked for them. */
static void conditional_orders_beyond_a_hundred_are_listed(void **state)
{
    (void)state;
    static const char row[] =
        "{\"market\":\"BTC_USDT\",\"trigger\":{\"price\":\"9\",\"rule\":\"<=\"},"
        "\"put\":{\"type\":\"limit\",\"side\":\"buy\",\"price\":\"9\","
        "\"amount\":\"1\"},\"id\":7,\"status\":\"open\"}";
    static char list[1001 * sizeof(row)];
    struct keel_command command = {.kind = KEEL_LOAD_CONDITIONAL_ORDERS};
    check_request(&command, "GET", "/api/v4/spot/price_orders", "status=open&limit=1000", "");
    for (int rows = 101; rows <= 1000; rows += 899) {
        size_t size = 0;
        for (int i = 0; i < rows; i++)
            size +=
                (size_t)snprintf(list + size, sizeof(list) - size, "%c%s", i > 0 ? ',' : '[', row);
        snprintf(list + size, sizeof(list) - size, "]");
        assert_int_equal(decode_reply(&command, 200, list), rows < 1000 ? KEEL_OK : KEEL_MALFORMED);
    }
}

static void a_conditional_order_is_read_with_its_condition(void **state)
{
    (void)state;
    const struct keel_command command = {.kind = KEEL_LOAD_CONDITIONAL_ORDERS,
                                         .market = find("BTC/USDT")};
    check_reply(&command,
                "[{\"market\":\"BTC_USDT\",\"user\":1,\"trigger\":{\"price\":\"19100\","
                "\"rule\":\"<=\",\"expiration\":3600},\"put\":{\"type\":\"limit\","
                "\"side\":\"sell\",\"price\":\"19000\",\"amount\":\"0.5\","
                "\"account\":\"normal\",\"time_in_force\":\"gtc\",\"text\":\"t-k2\"},"
                "\"id\":1283293,\"ctime\":1616397800,\"ftime\":0,\"fired_order_id\":0,"
                "\"status\":\"open\",\"reason\":\"\"}]",
                "snapshot_begin of=conditional_orders market=BTC/USDT\n"
                "order at=1616397800000 market=BTC/USDT id=1283293 client_id=t-k2 "
                "family=conditional side=sell type=stop_limit time_in_force=gtc status=new "
                "price=19000 trigger_price=19100 trigger_source=last quantity=0.5 filled=0 "
                "create_time=1616397800000 update_time=1616397800000\n"
                "snapshot_end of=conditional_orders market=BTC/USDT\n");
    struct keel_command place = make_order(KEEL_SELL, KEEL_STOP_LIMIT);
    place.place.quantity = decimal("0.5");
    place.place.price = decimal("19000");
    place.place.trigger_price = decimal("19100");
    memcpy(place.place.client_id, "t-k2", 5);
    check_reply(&place, "{\"id\":1432329}",
                "order market=BTC/USDT id=1432329 client_id=t-k2 family=conditional side=sell "
                "type=stop_limit status=new price=19000 trigger_price=19100 trigger_source=last "
                "quantity=0.5 filled=0\n");
}

static void executions_balances_and_the_wallets_lists_are_read(void **state)
{
    (void)state;
    const struct keel_command countdown = {.kind = KEEL_SET_COUNTDOWN};
    check_reply(&countdown, "{\"triggerTime\":\"1700000030000\"}", "");
    const struct keel_command trades = {.kind = KEEL_LOAD_EXECUTIONS};
    check_reply(&trades,
                "[{\"id\":\"2876130500\",\"create_time\":\"1645464610\","
                "\"create_time_ms\":\"1645464610777.399200\",\"currency_pair\":\"BTC_USDT\","
                "\"side\":\"sell\",\"role\":\"taker\",\"amount\":\"10.97\",\"price\":\"3.5\","
                "\"order_id\":\"125924049993\",\"fee\":\"0.0301420496\","
                "\"fee_currency\":\"USDT\",\"point_fee\":\"0\",\"gt_fee\":\"0\"}]",
                "execution at=1645464610777 market=BTC/USDT trade_id=2876130500 "
                "order_id=125924049993 side=sell price=3.5 quantity=10.97 fee=0.0301420496 "
                "fee_asset=USDT time=1645464610777\n");
    check_reply(&trades,
                "[{\"id\":\"1\",\"create_time_ms\":\"1645464610777.3992\","
                "\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"1\","
                "\"price\":\"3\",\"fee\":\"0\",\"fee_currency\":\"BTC\",\"point_fee\":\"0\","
                "\"gt_fee\":\"0.0021\"}]",
                "execution at=1645464610777 market=BTC/USDT trade_id=1 side=buy price=3 "
                "quantity=1 fee=0.0021 fee_asset=GT time=1645464610777\n");
    const struct keel_command balances = {.kind = KEEL_LOAD_BALANCES};
    check_reply(&balances,
                "[{\"currency\":\"ETH\",\"available\":\"968.8\",\"locked\":\"0.2\","
                "\"update_id\":98}]",
                "snapshot_begin of=balances\n"
                "balance asset=ETH wallet=969 available=968.8 locked=0.2\n"
                "snapshot_end of=balances\n");
    const struct keel_command withdrawals = {.kind = KEEL_LOAD_WITHDRAWALS};
    check_reply(&withdrawals,
                "[{\"id\":\"w210496\",\"timestamp\":\"1542000000\","
                "\"withdraw_order_id\":\"k9\",\"currency\":\"USDT\",\"address\":\"1Hkx\","
                "\"txid\":\"128988\",\"amount\":\"222.61\",\"fee\":\"0.5\",\"memo\":\"\","
                "\"status\":\"EXTPEND\",\"chain\":\"TRX\"}]",
                "withdrawal at=1542000000000 id=w210496 client_id=k9 status=pending "
                "word=EXTPEND asset=USDT network=TRX address=1Hkx txid=128988 amount=222.11 "
                "fee=0.5 time=1542000000000\n");
    const struct keel_command networks = {.kind = KEEL_LOAD_NETWORKS};
    check_reply(&networks,
                "[{\"currency\":\"GT\",\"name\":\"GateToken\",\"deposit\":\"0\","
                "\"withdraw_percent\":\"0%\",\"withdraw_fix\":\"0.01\","
                "\"withdraw_day_limit\":\"20000\",\"withdraw_amount_mini\":\"0.11\","
                "\"withdraw_eachtime_limit\":\"20000\",\"withdraw_fix_on_chains\":"
                "{\"GTEVM\":\"0.01\",\"ETH\":\"0.2\"}}]",
                "network asset=GT network=GTEVM can_deposit=yes can_withdraw=yes fee=0.01 "
                "min=0.11 max=20000\n"
                "network asset=GT network=ETH can_deposit=yes can_withdraw=yes fee=0.2 min=0.11 "
                "max=20000\n");
    const struct keel_command transfer = {
        .kind = KEEL_TRANSFER,
        .transfer = {KEEL_WALLET_SPOT, KEEL_WALLET_FUTURES, "USDT", decimal("5")}
    };
    check_reply(&transfer, "", "transfer from=spot to=futures asset=USDT amount=5 done=yes\n");
}

/* Recorded of the venue: 9 USDT left, 2 were the fee, 7 arrived. */
static void a_withdrawal_s_amount_is_what_arrives(void **state)
{
    static const struct {
        const char *word, *status;
    } words[] = {
        {"DONE",       "done"    },
        {"CANCEL",     "canceled"},
        {"REJECT",     "rejected"},
        {"CANCELPEND", "pending" },
        {"FVERIFY",    "pending" },
        {"LOCKED",     "pending" },
    };
    const struct keel_command withdrawals = {.kind = KEEL_LOAD_WITHDRAWALS};
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char body[256], expected[256];
        (void)snprintf(body, sizeof(body),
                       "[{\"id\":\"w33486592\",\"timestamp\":\"1678116812\",\"currency\":\"USDT\","
                       "\"amount\":\"9\",\"fee\":\"2\",\"status\":\"%s\",\"chain\":\"TRX\"}]",
                       words[i].word);
        (void)snprintf(expected, sizeof(expected),
                       "withdrawal at=1678116812000 id=w33486592 status=%s word=%s asset=USDT "
                       "network=TRX amount=7 fee=2 time=1678116812000\n",
                       words[i].status, words[i].word);
        check_reply(&withdrawals, body, expected);
    }
}

#define ENTRY(id, change, words)                                                                   \
    "{\"id\":\"" id "\",\"time\":1547633726123,\"currency\":\"USDT\",\"change\":\"" change         \
    "\",\"balance\":\"100\"," words ",\"text\":\"\"}"
#define TYPE(type) "\"type\":\"" type "\""
#define CODE(code) "\"code\":\"" code "\""
#define TO_FUTURES(id)                                                                             \
    "transfer at=1547633726123 id=" id " from=spot to=futures asset=USDT amount=5 "                \
    "done=yes time=1547633726123\n"
#define TO_SPOT(id)                                                                                \
    "transfer at=1547633726123 id=" id " from=futures to=spot asset=USDT amount=5 "                \
    "done=yes time=1547633726123\n"

static void a_transfer_is_an_entry_of_the_book_whose_sign_tells_its_way(void **state)
{
    (void)state;
    struct keel_command book = {.kind = KEEL_LOAD_TRANSFERS};
    static const char entries[] = "[" ENTRY("1", "-5", TYPE("perp_in") "," CODE("701")) "," ENTRY(
        "2", "5", TYPE("perp_out") "," CODE("702")) ","
        /* the code is newer than the type */
        ENTRY("3", "-5", CODE("701")) "," ENTRY("4", "-5", TYPE("unknown") "," CODE("701")) ","
        /* and without one the type tells */
        ENTRY("5", "5", TYPE("futures_out")) "," ENTRY("6", "-5", TYPE("perp_in") "," CODE("")) ","
        /* what else changes an account */
        ENTRY("7", "-5", TYPE("new_order") "," CODE("101")) "," ENTRY(
            "8", "-5", TYPE("withdraw") "," CODE("4")) "]";
    check_reply(&book, entries,
                TO_FUTURES("1") TO_SPOT("2") TO_FUTURES("3") TO_FUTURES("4") TO_SPOT("5")
                    TO_FUTURES("6"));
    assert_false(outcome.partial);
    book.page.from = KEEL_WALLET_FUTURES;
    check_reply(&book, entries, TO_SPOT("2") TO_SPOT("5"));
}

static void an_entry_that_may_be_a_transfer_is_shown(void **state)
{
    (void)state;
    const struct keel_command book = {.kind = KEEL_LOAD_TRANSFERS};
    check_reply(&book, "[" ENTRY("1", "-5", TYPE("moon_in") "," CODE("9999")) "]",
                "unknown at=1547633726123 kind=word word=moon_in\n");
    check_reply(&book, "[" ENTRY("1", "-5", CODE("9999")) "]",
                "unknown at=1547633726123 kind=word word=9999\n");
    assert_int_equal(decode_reply(&book, 200, "[{\"id\":\"1\",\"currency\":\"USDT\"}]"),
                     KEEL_MALFORMED);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
}

static void a_page_of_the_book_that_is_full_may_lack_a_transfer(void **state)
{
    (void)state;
    struct keel_command book = {.kind = KEEL_LOAD_TRANSFERS, .page = {.limit = 2}};
    check_reply(
        &book, "[" ENTRY("1", "-5", TYPE("order_fill")) "," ENTRY("2", "5", TYPE("order_fill")) "]",
        "");
    assert_true(outcome.partial);
    book.page.limit = 3;
    check_reply(
        &book, "[" ENTRY("1", "-5", TYPE("order_fill")) "," ENTRY("2", "5", TYPE("order_fill")) "]",
        "");
    assert_false(outcome.partial);
}

static void labels_say_what_became_of_the_command(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum keel_fate fate;
        bool not_found, duplicate;
    } cases[] = {
        {400, "{\"label\":\"BALANCE_NOT_ENOUGH\",\"message\":\"x\"}",  KEEL_FATE_REJECTED, false,
         false                                                                                         },
        {400, "{\"label\":\"POC_FILL_IMMEDIATELY\",\"message\":\"\"}", KEEL_FATE_REJECTED, false,
         false                                                                                         },
        {404, "{\"label\":\"ORDER_NOT_FOUND\",\"message\":\"\"}",      KEEL_FATE_REJECTED, true,  false},
        {400, "{\"label\":\"ORDER_CLOSED\",\"message\":\"\"}",         KEEL_FATE_REJECTED, true,  false},
        {400, "{\"label\":\"REPEATED_CREATION\",\"message\":\"\"}",    KEEL_FATE_REJECTED, false,
         true                                                                                          },
        {429, "{\"label\":\"TOO_MANY_REQUESTS\",\"message\":\"\"}",    KEEL_FATE_FAILED,   false, false},
        {500, "{\"label\":\"SERVER_ERROR\",\"message\":\"\"}",         KEEL_FATE_UNKNOWN,  false, false},
        {502, "<html>bad gateway</html>",                              KEEL_FATE_UNKNOWN,  false, false},
    };
    const struct keel_command place = make_order(KEEL_BUY, KEEL_LIMIT);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(decode_reply(&place, cases[i].status, cases[i].body), KEEL_OK);
        assert_int_equal(outcome.fate, cases[i].fate);
        assert_int_equal(outcome.not_found, cases[i].not_found);
        assert_int_equal(outcome.duplicate, cases[i].duplicate);
    }
    assert_int_equal(decode_reply(&place, 201, "{\"id\":\"5\"}"), KEEL_MALFORMED);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
}

static void check_frame(const char *frame, const char *expected)
{
    struct keel_arena arena;
    begin_events(&arena);
    assert_int_equal(venue->decode_stream(keel_str_from(frame), markets, &arena, &events, &error),
                     KEEL_OK);
    assert_string_equal(get_events(), expected);
}

static void the_channels_tell_orders_executions_and_balances(void **state)
{
    (void)state;
    check_frame("{\"time\":1694655225,\"time_ms\":1694655225315,\"channel\":\"spot.orders\","
                "\"event\":\"update\",\"result\":[{\"id\":\"399123456\",\"text\":\"t-testtext\","
                "\"create_time\":\"1694655225\",\"update_time\":\"1694655225\","
                "\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\",\"account\":\"spot\","
                "\"side\":\"sell\",\"amount\":\"0.0001\",\"price\":\"26253.3\","
                "\"time_in_force\":\"gtc\",\"left\":\"0.0001\",\"filled_total\":\"0\","
                "\"avg_deal_price\":\"0\",\"fee\":\"0\",\"fee_currency\":\"USDT\","
                "\"create_time_ms\":\"1694655225315\",\"update_time_ms\":\"1694655225315\","
                "\"user\":3497082,\"event\":\"put\",\"finish_as\":\"open\"}]}",
                "order at=1694655225315 market=BTC/USDT id=399123456 client_id=t-testtext "
                "family=regular side=sell type=limit time_in_force=gtc status=new price=26253.3 "
                "quantity=0.0001 filled=0 create_time=1694655225315 "
                "update_time=1694655225315\n");
    check_frame("{\"result\":[{\"id\":\"3\",\"text\":\"t-b\",\"currency_pair\":\"BTC_USDT\","
                "\"type\":\"limit\",\"side\":\"buy\",\"amount\":\"1\",\"price\":\"2\","
                "\"time_in_force\":\"ioc\",\"left\":\"0.4\",\"filled_amount\":\"0.6\","
                "\"avg_deal_price\":\"2\",\"update_time_ms\":\"1694655225315\","
                "\"event\":\"finish\",\"finish_as\":\"ioc\"}],\"channel\":\"spot.orders\","
                "\"event\":\"update\"}",
                "order at=1694655225315 market=BTC/USDT id=3 client_id=t-b family=regular "
                "side=buy type=limit time_in_force=ioc status=expired price=2 average_price=2 "
                "quantity=1 filled=0.6 reason=ioc update_time=1694655225315\n");
    check_frame("{\"time\":1605176741,\"channel\":\"spot.usertrades\",\"event\":\"update\","
                "\"result\":[{\"id\":5736713,\"user_id\":1000001,\"order_id\":\"30784428\","
                "\"currency_pair\":\"BTC_USDT\",\"create_time\":1605176741,"
                "\"create_time_ms\":\"1605176741123.456\",\"side\":\"buy\","
                "\"amount\":\"1.00000000\",\"role\":\"maker\",\"price\":\"10000.00000000\","
                "\"fee\":\"0.00200000\",\"fee_currency\":\"BTC\",\"text\":\"t-c\"}]}",
                "execution at=1605176741123 market=BTC/USDT trade_id=5736713 order_id=30784428 "
                "client_id=t-c side=buy maker=yes price=10000 quantity=1 fee=0.002 fee_asset=BTC "
                "time=1605176741123\n");
    check_frame("{\"channel\":\"spot.balances\",\"event\":\"update\",\"result\":[{"
                "\"timestamp\":\"1667556323\",\"timestamp_ms\":\"1667556323730\",\"user\":\"1\","
                "\"currency\":\"USDT\",\"change\":\"-5\",\"total\":\"222.25\","
                "\"available\":\"222.2\",\"freeze\":\"0.05\",\"freeze_change\":\"0\","
                "\"change_type\":\"withdraw\"}]}",
                "balance at=1667556323730 asset=USDT wallet=222.25 available=222.2 locked=0.05 "
                "update_time=1667556323730\n"
                "income at=1667556323730 kind=transfer name=withdraw asset=USDT amount=-5 "
                "time=1667556323730\n");
    check_frame("{\"time_ms\":5000000000000,\"channel\":\"spot.tickers\",\"event\":\"update\","
                "\"result\":{\"currency_pair\":\"BTC_USDT\",\"last\":\"15743.4\"}}",
                "mark at=5000000000000 market=BTC/USDT mark_price=15743.4 time=5000000000000\n");
}

static void a_frame_tells_the_same_in_whichever_order_its_members_stand(void **state)
{
    (void)state;
    static const char mark[] =
        "mark at=1605176741123 market=BTC/USDT mark_price=15743.4 time=1605176741123\n";
    check_frame("{\"time\":1605176741,\"time_ms\":1605176741123,\"channel\":\"spot.tickers\","
                "\"event\":\"update\",\"result\":{\"currency_pair\":\"BTC_USDT\","
                "\"last\":\"15743.4\"}}",
                mark);
    check_frame("{\"time\":1605176741,\"channel\":\"spot.tickers\",\"event\":\"update\","
                "\"result\":{\"currency_pair\":\"BTC_USDT\",\"last\":\"15743.4\"},"
                "\"time_ms\":1605176741123}",
                mark);
    check_frame("{\"time_ms\":1605176741123,\"result\":{\"currency_pair\":\"BTC_USDT\","
                "\"last\":\"15743.4\"},\"event\":\"update\",\"channel\":\"spot.tickers\"}",
                mark);
}

static void a_refused_frame_tells_no_rows(void **state)
{
    (void)state;
    check_frame("{\"time_ms\":5,\"channel\":\"spot.tickers\",\"event\":\"update\",\"result\":{"
                "\"currency_pair\":\"BTC_USDT\",\"last\":\"15743.4\"},\"error\":{\"code\":4,"
                "\"message\":\"INVALID_KEY\"}}",
                "refused words=INVALID_KEY\n");
    check_frame(
        "{\"time\":1700000000,\"channel\":\"spot.orders\",\"event\":\"subscribe\",\"error\":"
        "{\"code\":4,\"message\":\"{\\\"label\\\":\\\"INVALID_KEY\\\",\\\"message\\\":"
        "\\\"Invalid key provided\\\"}\\n\"},\"result\":null}",
        "refused words=INVALID_KEY: Invalid key provided\n");
    check_frame("{\"time_ms\":5,\"channel\":\"spot.tickers\",\"event\":\"update\",\"error\":{"
                "\"code\":4,\"message\":\"INVALID_KEY\"},\"result\":{\"currency_pair\":"
                "\"BTC_USDT\",\"last\":\"15743.4\"}}",
                "refused words=INVALID_KEY\n");
}

static void each_private_channel_is_signed_and_answered(void **state)
{
    (void)state;
    static struct keel_stream_request stream;
    const struct keel_stream_wish wish = {
        .kind = KEEL_STREAM_USER, .keys = &keys, .time_ms = now_ms, .markets = markets};
    assert_int_equal(venue->open_stream(&wish, &stream, &error), KEEL_OK);
    assert_string_equal(stream.path, "/ws/v4/");
    assert_int_equal(stream.acks, 4);
    char signature[KEEL_GATEIO_SIGNATURE_SIZE + 1], expected[1024];
    struct keel_writer writer;
    keel_writer_init(&writer, signature, sizeof(signature));
    keel_gateio_sign_channel(&keys, KEEL_STR("spot.orders"), KEEL_STR("subscribe"), 1700000000,
                             &writer);
    snprintf(expected, sizeof(expected),
             "{\"time\":1700000000,\"channel\":\"spot.orders\",\"event\":\"subscribe\","
             "\"payload\":[\"!all\"],\"auth\":{\"method\":\"api_key\",\"KEY\":\"key\","
             "\"SIGN\":\"%s\"}}\n",
             signature);
    assert_ptr_equal(strstr(stream.frames, expected), stream.frames);
    int lines = 0;
    for (const char *at = stream.frames; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 4);

    check_frame("{\"time\":1,\"channel\":\"spot.orders\",\"event\":\"subscribe\",\"error\":null,"
                "\"result\":{\"status\":\"success\"}}",
                "subscribed\n");
    check_frame("{\"time\":1,\"channel\":\"spot.orders\",\"event\":\"subscribe\",\"error\":"
                "{\"code\":4,\"message\":\"INVALID_KEY\"},\"result\":null}",
                "refused words=INVALID_KEY\n");
    check_frame("{\"time\":1,\"channel\":\"spot.pong\",\"event\":\"\",\"result\":null}", "");
}

static void a_frame_cut_anywhere_is_refused_and_adds_nothing(void **state)
{
    (void)state;
    static const char frame[] =
        "{\"channel\":\"spot.balances\",\"event\":\"update\",\"result\":[{\"currency\":\"USDT\","
        "\"total\":\"222.25\",\"available\":\"222.2\",\"freeze\":\"0.05\"}]}";
    for (size_t size = 0; size < sizeof(frame) - 1; size++) {
        struct keel_arena arena;
        begin_events(&arena);
        char *copy = malloc(size + 1);
        memcpy(copy, frame, size);
        assert_int_not_equal(
            venue->decode_stream((keel_str){copy, size}, markets, &arena, &events, &error),
            KEEL_OK);
        assert_int_equal(events.count, 0);
        free(copy);
    }
}

static void the_rules_of_a_pair_are_read(void **state)
{
    (void)state;
    const struct keel_command command = {.kind = KEEL_LOAD_MARKETS};
    assert_int_equal(
        decode_reply(&command, 200,
                     "[{\"id\":\"ETH_USDT\",\"base\":\"ETH\",\"quote\":\"USDT\",\"fee\":\"0.2\","
                     "\"min_base_amount\":\"0.001\",\"min_quote_amount\":\"3\","
                     "\"amount_precision\":4,\"precision\":2,\"trade_status\":\"tradable\"}]"),
        KEEL_OK);
    assert_int_equal(events.count, 3);
    const struct keel_market *market = events.at[2].market;
    assert_string_equal(market->symbol, "ETH/USDT");
    assert_int_equal(market->product, KEEL_PRODUCT_SPOT);
    assert_int_equal(market->status, KEEL_MARKET_TRADING);
    assert_true(keel_decimal_equals(market->quantity_step, decimal("0.0001")));
    assert_true(keel_decimal_equals(market->price_tick, decimal("0.01")));
    assert_true(keel_decimal_equals(market->notional_min, decimal("3")));
}

static int set_up(void **state)
{
    (void)state;
    struct keel_market market;
    keel_market_id id;
    markets = keel_markets_new();
    assert_true(venue->name_market(KEEL_STR("BTC_USDT"), &market));
    assert_string_equal(market.symbol, "BTC/USDT");
    market.price_tick = decimal("0.1");
    market.quantity_step = decimal("0.00001");
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_OK);
    venue->set_keys(&keys, KEEL_STR("key"), KEEL_STR("secret"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(markets);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_of_order_is_written_as_gate_has_it),
        cmocka_unit_test(a_stop_is_a_price_order_whose_rule_follows_from_the_side),
        cmocka_unit_test(what_gate_spot_does_not_have_is_refused),
        cmocka_unit_test(orders_are_named_in_the_path),
        cmocka_unit_test(a_countdown_is_of_one_pair_or_of_all_and_may_be_told_again),
        cmocka_unit_test(money_moves_between_wallets_and_out),
        cmocka_unit_test(an_order_is_read_in_the_units_that_it_counts_in),
        cmocka_unit_test(open_orders_come_by_pair_and_are_a_snapshot),
        cmocka_unit_test(the_next_page_of_each_history_is_another),
        cmocka_unit_test(open_orders_that_are_not_all_listed_are_an_error),
        cmocka_unit_test(conditional_orders_beyond_a_hundred_are_listed),
        cmocka_unit_test(a_conditional_order_is_read_with_its_condition),
        cmocka_unit_test(executions_balances_and_the_wallets_lists_are_read),
        cmocka_unit_test(a_withdrawal_s_amount_is_what_arrives),
        cmocka_unit_test(a_transfer_is_an_entry_of_the_book_whose_sign_tells_its_way),
        cmocka_unit_test(an_entry_that_may_be_a_transfer_is_shown),
        cmocka_unit_test(a_page_of_the_book_that_is_full_may_lack_a_transfer),
        cmocka_unit_test(labels_say_what_became_of_the_command),
        cmocka_unit_test(the_channels_tell_orders_executions_and_balances),
        cmocka_unit_test(a_frame_tells_the_same_in_whichever_order_its_members_stand),
        cmocka_unit_test(a_refused_frame_tells_no_rows),
        cmocka_unit_test(each_private_channel_is_signed_and_answered),
        cmocka_unit_test(a_frame_cut_anywhere_is_refused_and_adds_nothing),
        cmocka_unit_test(the_rules_of_a_pair_are_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

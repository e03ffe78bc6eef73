/* How Gate's streams are opened, and what a frame must not do; the events of frames are in
 * fixture/gateio/stream. */
#include "gateio_fixtures.h"

#include "base/json.h"

static struct keel_markets *markets;
static struct keel_keys keys;
static struct keel_stream_request request;

static enum keel_status open_stream(enum keel_stream_kind kind, const char *user,
                                    const keel_market_id *active, size_t count)
{
    const struct keel_stream_wish wish = {
        .kind = kind,
        .stream_key = keel_str_from(user),
        .keys = &keys,
        .time_ms = 1700000000400,
        .markets = markets,
        .active = active,
        .active_count = count,
    };
    return keel_venue_gateio.open_stream(&wish, &request, NULL);
}

static int count_lines(const char *text)
{
    int count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

static void each_private_channel_is_signed_and_acknowledged(void **state)
{
    (void)state;
    assert_int_equal(open_stream(KEEL_STREAM_USER, "20011", NULL, 0), KEEL_OK);
    assert_string_equal(request.path, "/v4/ws/usdt");
    assert_string_equal(request.headers, "X-Gate-Size-Decimal: 1\n");
    assert_int_equal(request.acks, 9);
    assert_int_equal(count_lines(request.frames), 9);
    keel_str first = KEEL_STR(
        "{\"id\":1,\"time\":1700000000,\"channel\":\"futures.orders\",\"event\":\"subscribe\","
        "\"payload\":[\"20011\",\"!all\"],\"auth\":{\"method\":\"api_key\",\"KEY\":\"key\","
        "\"SIGN\":"
        "\"e40a0260c1d090a7b5f60f6171dfc3d9ca6a1b1dd6abfd8e92347bad5e134af77fb03930eff122f7f72cdcb3"
        "c41898a16dbf1ee7089615f540c11b12c19b6d04\"}}\n");
    assert_true(keel_str_starts_with(keel_str_from(request.frames), first));
    assert_non_null(strstr(request.frames, "\"channel\":\"futures.balances\",\"event\":"
                                           "\"subscribe\",\"payload\":[\"20011\"],"));
    assert_non_null(strstr(request.frames, "40c7e973a099fa4e728b2f0a70355fe25f20e95fa766ce0b763f25e"
                                           "9e11a60469565992386cb4d34b637f797a46bfd0140154c1f9c06d0"
                                           "eaa8a03fd1932509be")); /* futures.autoorders */
    assert_int_equal(open_stream(KEEL_STREAM_USER, "", NULL, 0), KEEL_INVALID);
}

static void order_entry_begins_with_a_login(void **state)
{
    (void)state;
    assert_int_equal(open_stream(KEEL_STREAM_ORDERS, "20011", NULL, 0), KEEL_OK);
    assert_int_equal(request.acks, 1);
    assert_string_equal(
        request.frames,
        "{\"time\":1700000000,\"channel\":\"futures.login\",\"event\":\"api\",\"payload\":{"
        "\"req_id\":\"login\",\"timestamp\":\"1700000000\",\"api_key\":\"key\",\"signature\":"
        "\"f39035057b3528fc2c5aff4b9cfa9f43673c88d3ff823c55468608173205809999a8b45d7ed898ebf49c15a4"
        "f6e5131de175ded143be5eeb58431f600e1d4085\"}}\n");
}

static void markets_are_subscribed_to_by_name_in_one_frame(void **state)
{
    (void)state;
    keel_market_id active[] = {1, 2};
    assert_int_equal(open_stream(KEEL_STREAM_MARKET, "", active, 2), KEEL_OK);
    assert_string_equal(request.frames,
                        "{\"id\":1,\"time\":1700000000,\"channel\":\"futures.tickers\",\"event\":"
                        "\"subscribe\",\"payload\":[\"BTC_USDT\",\"ETH_USDT\"]}\n");
    assert_int_equal(request.acks, 1);
    assert_int_equal(open_stream(KEEL_STREAM_BOOK, "", active, 1), KEEL_OK);
    assert_non_null(strstr(request.frames, "futures.book_ticker"));
    assert_int_equal(open_stream(KEEL_STREAM_MARKET, "", active, 0), KEEL_OK);
    assert_string_equal(request.frames, "");
    assert_int_equal(request.acks, 0);
}

static void more_markets_than_fit_are_refused(void **state)
{
    (void)state;
    static keel_market_id active[4000];
    for (size_t i = 0; i < sizeof(active) / sizeof(active[0]); i++)
        active[i] = 1;
    assert_int_equal(open_stream(KEEL_STREAM_MARKET, "", active, 4000), KEEL_FULL);
}

static enum keel_status decode(const char *text, struct keel_events *events)
{
    static char memory[1024];
    struct keel_arena arena;
    keel_arena_init(&arena, memory, sizeof(memory));
    return keel_venue_gateio.decode_stream(keel_str_from(text), markets, &arena, events, NULL);
}

#define PUSH(channel, row)                                                                         \
    "{\"channel\":\"futures." channel "\",\"event\":\"update\",\"result\":[" row "]}"

static void frames_that_are_not_what_the_venue_documents_are_malformed(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "",
        "null",
        "[1]",
        "\"text\"",
        "{\"channel\":\"futures.orders\",\"event\":\"update\"}",
        PUSH("orders", "5"),
        PUSH("orders", "{}"),
        PUSH("orders", "{\"contract\":\"BTC_USDT\",\"id\":1,\"status\":\"open\"}"),
        PUSH("orders", "{\"contract\":\"BTC_USDT\",\"id\":1,\"status\":\"open\",\"size\":01}"),
        PUSH("orders", "{\"contract\":\"BTC_USDT\",\"id\":1,\"status\":\"open\",\"size\":1e99}"),
        PUSH("usertrades", "{\"contract\":\"BTC_USDT\",\"id\":\"1\",\"size\":0,\"price\":\"5\"}"),
        PUSH("usertrades", "{\"contract\":\"BTC_USDT\",\"id\":\"1\",\"size\":1,\"price\":\"0\"}"),
        PUSH("positions", "{\"contract\":\"BTC_USDT\"}"),
        PUSH("positions", "{\"contract\":\"BTC_USDT\",\"size\":1,\"leverage\":-1}"),
        PUSH("balances", "{\"change\":1,\"type\":\"dnw\"}"),
        PUSH("balances", "{\"balance\":1,\"change\":1}"),
        PUSH("autoorders", "{\"id\":1,\"status\":\"open\"}"),
        PUSH("liquidates", "{\"order_id\":1}"),
        PUSH("tickers", "{\"mark_price\":\"1\"}"),
        "{\"channel\":\"futures.book_ticker\",\"event\":\"update\",\"result\":{\"b\":\"1\"}}",
        PUSH("tickers", "{\"contract\":\"BTC_USDT\",\"mark_price\":\"1\"}") " trailing",
    };
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct keel_event memory[4];
        struct keel_events events = {memory, 0, 4};
        if (decode(frames[i], &events) != KEEL_MALFORMED)
            fail_msg("%s", frames[i]);
        assert_int_equal(events.count, 0);
    }
}

static void a_list_that_is_full_takes_nothing_of_a_frame(void **state)
{
    (void)state;
    struct keel_event memory[2];
    struct keel_events events = {memory, 1, 2};
    const char *row = "{\"contract\":\"BTC_USDT\",\"mark_price\":\"5\"}";
    char text[512];
    snprintf(text, sizeof(text),
             "{\"channel\":\"futures.tickers\",\"event\":\"update\",\"result\":[%s,%s]}", row, row);
    assert_int_equal(decode(text, &events), KEEL_FULL);
    assert_int_equal(events.count, 1);
}

static void numbers_with_exponents_and_long_ids_are_exact(void **state)
{
    (void)state;
    struct keel_event memory[4];
    struct keel_events events = {memory, 0, 4};
    assert_int_equal(decode(PUSH("orders", "{\"contract\":\"BTC_USDT\",\"id\":9223372036854775807,"
                                           "\"status\":\"open\",\"size\":-1.5e2,\"left\":-1e0,"
                                           "\"price\":4.00004e4,\"fill_price\":1.25e-8}"),
                            &events),
                     KEEL_OK);
    const struct keel_order *order = &memory[0].order;
    assert_string_equal(order->order_id, "9223372036854775807");
    assert_true(keel_decimal_equals(order->quantity, keel_decimal_from_text("0.015")));
    assert_true(keel_decimal_equals(order->filled_quantity, keel_decimal_from_text("0.0149")));
    assert_true(keel_decimal_equals(order->price, keel_decimal_from_text("40000.4")));
    assert_true(keel_decimal_equals(order->average_price, keel_decimal_from_text("0.0000000125")));
    assert_int_equal(order->side, KEEL_SELL);
}

static void the_table_of_the_venue_is_whole(void **state)
{
    (void)state;
    const struct keel_venue *venue = &keel_venue_gateio;
    struct keel_market market;
    assert_ptr_equal(keel_venue_find(KEEL_STR("gateio")), venue);
    assert_int_equal(venue->loads[0].command, KEEL_LOAD_TIME);
    assert_int_equal(venue->loads[1].command, KEEL_LOAD_MARKETS);
    assert_int_equal(venue->loads[KEEL_LOADS_MAX - 1].command, KEEL_COMMAND_NONE);
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        assert_non_null(venue->live.stream[kind]);
        assert_non_null(venue->demo.stream[kind]);
    }
    assert_int_equal(venue->client_id_life_ms, 60000);
    assert_true(venue->name_market(KEEL_STR("BTC_USDT"), &market));
    assert_string_equal(market.symbol, "BTC/USDT:USDT");
    assert_false(venue->name_market(KEEL_STR("BTCUSDT"), &market));
    assert_false(venue->name_market(KEEL_STR("BTC_USDT_20231229"), &market));
    assert_false(venue->name_market(KEEL_STR("BTC_USD"), &market));
}

static int set_up(void **state)
{
    (void)state;
    markets = make_gate_markets();
    keel_venue_gateio.set_keys(&keys, KEEL_STR("key"), KEEL_STR("secret"));
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
        cmocka_unit_test(each_private_channel_is_signed_and_acknowledged),
        cmocka_unit_test(order_entry_begins_with_a_login),
        cmocka_unit_test(markets_are_subscribed_to_by_name_in_one_frame),
        cmocka_unit_test(more_markets_than_fit_are_refused),
        cmocka_unit_test(frames_that_are_not_what_the_venue_documents_are_malformed),
        cmocka_unit_test(a_list_that_is_full_takes_nothing_of_a_frame),
        cmocka_unit_test(numbers_with_exponents_and_long_ids_are_exact),
        cmocka_unit_test(the_table_of_the_venue_is_whole),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

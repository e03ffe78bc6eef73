/* How streams are opened, and what a frame must not do; the events of frames are in
 * fixture/binance/stream. */
#include "fixtures.h"

static struct keel_markets *markets;
static struct keel_stream_request request;

static enum keel_status open_stream(enum keel_stream_kind kind, const char *key,
                                    const keel_market_id *active, size_t count)
{
    const struct keel_stream_wish wish = {
        .kind = kind,
        .stream_key = keel_str_from(key),
        .markets = markets,
        .active = active,
        .active_count = count,
    };
    return keel_venue_binance.open_stream(&wish, &request, NULL);
}

static keel_market_id find(const char *name)
{
    return keel_markets_find(markets, keel_str_from(name));
}

static void each_stream_is_opened_below_its_own_prefix(void **state)
{
    (void)state;
    keel_market_id active[] = {find("BTCUSDT"), find("ETHUSDT")};
    assert_int_equal(open_stream(KEEL_STREAM_USER, "abc", active, 2), KEEL_OK);
    assert_string_equal(request.path, "/private/ws?listenKey=abc");
    assert_string_equal(request.frames, "");
    assert_int_equal(request.acks, 0);
    assert_int_equal(open_stream(KEEL_STREAM_MARKET, "", active, 2), KEEL_OK);
    assert_string_equal(request.path,
                        "/market/stream?streams=btcusdt@markPrice@1s/ethusdt@markPrice@1s");
    assert_int_equal(open_stream(KEEL_STREAM_BOOK, "", active, 1), KEEL_OK);
    assert_string_equal(request.path, "/public/stream?streams=btcusdt@bookTicker");
}

static void too_many_markets_for_one_connection_take_the_stream_of_all(void **state)
{
    (void)state;
    keel_market_id active[300];
    for (size_t i = 0; i < 300; i++)
        active[i] = find("BTCUSDT");
    assert_int_equal(open_stream(KEEL_STREAM_MARKET, "", active, 201), KEEL_OK);
    assert_string_equal(request.path, "/market/stream?streams=!markPrice@arr@1s");
    assert_int_equal(open_stream(KEEL_STREAM_BOOK, "", active, 0), KEEL_OK);
    assert_string_equal(request.path, "/public/stream?streams=!bookTicker");
}

static void the_user_stream_needs_a_key(void **state)
{
    (void)state;
    assert_int_equal(open_stream(KEEL_STREAM_USER, "", NULL, 0), KEEL_INVALID);
}

static enum keel_status decode(const char *text, struct keel_events *events, char *memory,
                               size_t memory_size)
{
    struct keel_arena arena;
    keel_arena_init(&arena, memory, memory_size);
    return keel_venue_binance.decode_stream(keel_str_from(text), markets, &arena, events, NULL);
}

static const char mark[] = "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"p\":\"5\"}";

static void events_that_were_in_the_list_stay(void **state)
{
    (void)state;
    struct keel_event memory[4];
    char arena[256];
    struct keel_events events = {memory, 0, 4};
    assert_int_equal(decode(mark, &events, arena, sizeof(arena)), KEEL_OK);
    assert_int_equal(events.count, 1);
    assert_int_equal(
        decode("{\"e\":\"markPriceUpdate\",\"s\":\"BTCUSDT\"}", &events, arena, sizeof(arena)),
        KEEL_MALFORMED);
    assert_int_equal(events.count, 1);
    assert_int_equal(decode(mark, &events, arena, sizeof(arena)), KEEL_OK);
    assert_int_equal(events.count, 2);
}

static void a_list_that_is_full_takes_nothing_of_a_frame(void **state)
{
    (void)state;
    struct keel_event memory[2];
    char arena[256], text[512];
    struct keel_events events = {memory, 1, 2};
    snprintf(text, sizeof(text), "[%s,%s]", mark, mark);
    assert_int_equal(decode(text, &events, arena, sizeof(arena)), KEEL_FULL);
    assert_int_equal(events.count, 1);
}

static void frames_that_are_not_what_the_venue_documents_are_malformed(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "",
        "null",
        "5",
        "\"text\"",
        "[1]",
        "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":1}",
        "{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\"}}",
        "{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":[]}",
        "{\"e\":\"ALGO_UPDATE\",\"T\":1}",
        "{\"e\":\"ACCOUNT_UPDATE\",\"T\":1}",
        "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"T\":1}",
        "{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"B\":[{\"wb\":\"1\"}]}}",
        "{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":[{\"s\":\"BTCUSDT\"}]}}",
        "{\"e\":\"markPriceUpdate\",\"s\":\"BTCUSDT\",\"p\":\"-1\"}",
        "{\"e\":\"markPriceUpdate\",\"s\":\"BTCUSDT\",\"p\":\"1e400\"}",
        "{\"stream\":\"x\",\"data\":{\"e\":\"bookTicker\"}}",
        "{\"e\":\"TRADE_LITE\"} trailing",
    };
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct keel_event memory[4];
        char arena[256];
        struct keel_events events = {memory, 0, 4};
        if (decode(frames[i], &events, arena, sizeof(arena)) != KEEL_MALFORMED)
            fail_msg("%s", frames[i]);
        assert_int_equal(events.count, 0);
    }
}

static void the_table_of_the_venue_is_whole(void **state)
{
    (void)state;
    const struct keel_venue *venue = &keel_venue_binance;
    assert_int_equal(venue->loads[0].command, KEEL_LOAD_TIME);
    assert_int_equal(venue->loads[1].command, KEEL_LOAD_MARKETS);
    assert_int_equal(venue->loads[KEEL_LOADS_MAX - 1].command, KEEL_COMMAND_NONE);
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        assert_non_null(venue->live.stream[kind]);
        assert_non_null(venue->demo.stream[kind]);
    }
    assert_true(venue->stream_key_renew_ms <= 30 * 60 * 1000);
    assert_true(venue->stream_life_ms <= 24 * 60 * 60 * 1000);
    assert_string_equal(venue->key_header, "X-MBX-APIKEY");
}

static int set_up(void **state)
{
    (void)state;
    markets = make_test_markets();
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
        cmocka_unit_test(each_stream_is_opened_below_its_own_prefix),
        cmocka_unit_test(too_many_markets_for_one_connection_take_the_stream_of_all),
        cmocka_unit_test(the_user_stream_needs_a_key),
        cmocka_unit_test(events_that_were_in_the_list_stay),
        cmocka_unit_test(a_list_that_is_full_takes_nothing_of_a_frame),
        cmocka_unit_test(frames_that_are_not_what_the_venue_documents_are_malformed),
        cmocka_unit_test(the_table_of_the_venue_is_whole),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

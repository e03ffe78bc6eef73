/* What must never happen again: a test a behaviour, named after its number. */
#include "../exchange/scripted_venue.h"

static void send_first_fill(struct venue *venue)
{
    static const struct fill fill = {.symbol = "BTCUSDT",
                                     .client_id = "by-hand",
                                     .order_id = 5,
                                     .trade_id = 77,
                                     .side = "BUY",
                                     .type = "MARKET",
                                     .status = "FILLED",
                                     .quantity = "0.1",
                                     .price = "0",
                                     .last = "0.1",
                                     .at = "20000",
                                     .filled = "0.1",
                                     .fee = "1",
                                     .pnl = "0"};
    send_fill(venue, &fill);
    send_account(venue, "9999", "BTCUSDT", "0.1", "20000");
}

/* The offset is known to half a round trip: an odd one puts our idea of the venue's clock ahead of
 * it, and what happened right after the load looks as if it were part of it. */
static void a_fill_in_the_millisecond_of_the_load_is_booked(void **state)
{
    (void)state;
    struct venue *venue = new_venue();
    struct keel_books_summary books;
    struct keel_error error;

    add_rule(venue, "GET", "/time", RULE_HOLD, 0, NULL, 1);
    assert_int_equal(keel_private_start(venue->base, &error), KEEL_OK);
    drain(venue);
    set_time(venue, venue->now_ns + 1000000);
    answer_held(venue, 200, NULL);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(keel_private_venue_time_ms(venue->base), venue->wall_ms + 1);
    send_first_fill(venue);
    keel_futures_books(venue->futures, &books);
    assert_int_equal(books.executions, 1);
    assert_decimal(books.wallet, "9999");
    free_venue(venue);
}

static const char new_market[] =
    "{\"timezone\":\"UTC\",\"serverTime\":1,\"rateLimits\":[],\"exchangeFilters\":[],"
    "\"assets\":[],\"symbols\":[{\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\","
    "\"baseAsset\":\"BTC\"," BTC_RULES "},{\"symbol\":\"NEWUSDT\",\"pair\":\"NEWUSDT\","
    "\"baseAsset\":\"NEW\"," BTC_RULES "}]}";

static void send_fill_of(struct venue *venue, const char *symbol, long long trade_id)
{
    struct fill fill = {.symbol = symbol,
                        .client_id = "by-hand",
                        .order_id = 5 + trade_id,
                        .trade_id = trade_id,
                        .side = "BUY",
                        .type = "MARKET",
                        .status = "FILLED",
                        .quantity = "0.1",
                        .price = "0",
                        .last = "0.1",
                        .at = "20",
                        .filled = "0.1",
                        .fee = "1",
                        .pnl = "0"};
    send_fill(venue, &fill);
}

static void b08_an_event_of_an_unknown_market_waits_until_the_market_is_loaded(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    add_rule(venue, "GET", "/exchangeInfo", RULE_HOLD, 0, NULL, 1);
    send_fill_of(venue, "NEWUSDT", 77);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    send_fill_of(venue, "BTCUSDT", 78); /* later, so it is not to come first */
    settle(venue);
    assert_int_equal(venue->execution_count, 0);
    answer_held(venue, 200, new_market);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->execution_count, 2);
    assert_string_equal(venue->executions[0].trade_id, "77");
    assert_int_equal(venue->executions[0].market, market_of(venue, "NEWUSDT"));
    assert_string_equal(venue->executions[1].trade_id, "78");
    assert_int_equal(venue->unknown_count, 0);
    free_venue(venue);
}

static void b08_a_market_that_the_venue_does_not_list_is_told_and_not_looked_for_again(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    int before = count_seen(venue, "GET", "/exchangeInfo");

    send_fill_of(venue, "NEWUSDT", 77);
    settle(venue);
    send_fill_of(venue, "NEWUSDT", 78);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->unknown_count, 2);
    assert_int_equal(count_seen(venue, "GET", "/exchangeInfo"), before + 1);
    free_venue(venue);
}

static void b08_a_snapshot_of_an_unknown_market_is_taken_again_when_it_is_loaded(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_position position;

    add_rule(venue, "GET", "/exchangeInfo", RULE_REPLY, 200, new_market, 1);
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200,
             "[{\"symbol\":\"NEWUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"-2\","
             "\"entryPrice\":\"1000\",\"breakEvenPrice\":\"1000\",\"markPrice\":\"1000\","
             "\"unRealizedProfit\":\"0\",\"liquidationPrice\":\"0\",\"isolatedMargin\":\"0\","
             "\"notional\":\"-2000\",\"marginAsset\":\"USDT\",\"isolatedWallet\":\"0\","
             "\"initialMargin\":\"100\",\"maintMargin\":\"8\",\"positionInitialMargin\":\"100\","
             "\"openOrderInitialMargin\":\"0\",\"adl\":1,\"bidNotional\":\"0\","
             "\"askNotional\":\"0\",\"updateTime\":1700000000000}]",
             0);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 2000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(keel_futures_position(venue->futures, market_of(venue, "NEWUSDT"), KEEL_NET,
                                           false, &position, NULL),
                     KEEL_OK);
    assert_decimal(position.quantity, "-2");
    assert_int_equal(venue->unknown_count, 0);
    free_venue(venue);
}

/* Commands share their memory: what one kind keeps there is no switch of another. */
static void a_setting_of_a_market_says_nothing_of_the_modes(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;

    assert_int_equal(keel_futures_set_leverage(venue->futures, market_of(venue, "ETHUSDT"), 7,
                                               note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(keel_futures_set_margin_mode(venue->futures, market_of(venue, "ETHUSDT"),
                                                  KEEL_CROSS, note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    struct keel_order_request request = limit_order(venue, "ETHUSDT", KEEL_BUY, "0.1", "1000");
    assert_int_equal(keel_futures_place_order(venue->futures, &request, NULL, NULL, &error),
                     KEEL_OK);
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fill_in_the_millisecond_of_the_load_is_booked),
        cmocka_unit_test(b08_an_event_of_an_unknown_market_waits_until_the_market_is_loaded),
        cmocka_unit_test(
            b08_a_market_that_the_venue_does_not_list_is_told_and_not_looked_for_again),
        cmocka_unit_test(b08_a_snapshot_of_an_unknown_market_is_taken_again_when_it_is_loaded),
        cmocka_unit_test(a_setting_of_a_market_says_nothing_of_the_modes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Whether the stream tells what the venue states, and what follows when it does not. */
#include "scripted_venue.h"

#define PERIOD_MS 60000

static struct venue *new_watched_venue(void)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    config.check_period_ms = PERIOD_MS;
    venue = new_venue_with(&config, venue);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    send_mark(venue, "BTCUSDT", "20000.0");
    return venue;
}

static const char *position_row(int64_t time_ms)
{
    static char text[1024];
    snprintf(text, sizeof(text),
             "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"0.1\","
             "\"entryPrice\":\"20000\",\"breakEvenPrice\":\"20010\",\"markPrice\":\"20000\","
             "\"unRealizedProfit\":\"0\",\"liquidationPrice\":\"0\",\"isolatedMargin\":\"0\","
             "\"notional\":\"2000\",\"marginAsset\":\"USDT\",\"isolatedWallet\":\"0\","
             "\"initialMargin\":\"100\",\"maintMargin\":\"8\",\"positionInitialMargin\":\"100\","
             "\"openOrderInitialMargin\":\"0\",\"adl\":1,\"bidNotional\":\"0\","
             "\"askNotional\":\"0\",\"updateTime\":%lld}]",
             (long long)time_ms);
    return text;
}

static const char *trade_row(int64_t time_ms)
{
    static char text[512];
    snprintf(text, sizeof(text),
             "[{\"symbol\":\"BTCUSDT\",\"id\":77,\"orderId\":5,\"side\":\"BUY\",\"price\":"
             "\"20000\",\"qty\":\"0.1\",\"realizedPnl\":\"0\",\"quoteQty\":\"2000\","
             "\"commission\":\"0\",\"commissionAsset\":\"USDT\",\"time\":%lld,\"buyer\":true,"
             "\"maker\":false,\"positionSide\":\"BOTH\"}]",
             (long long)time_ms);
    return text;
}

static const char *order_row(int64_t time_ms, const char *quantity, const char *price)
{
    static char text[1024];
    snprintf(text, sizeof(text),
             "{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":"
             "\"by-hand\",\"price\":\"%s\",\"avgPrice\":\"0.00\",\"origQty\":\"%s\","
             "\"executedQty\":\"0\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"reduceOnly\":"
             "false,\"closePosition\":false,\"side\":\"BUY\",\"positionSide\":\"BOTH\","
             "\"stopPrice\":\"0\",\"workingType\":\"CONTRACT_PRICE\",\"origType\":\"LIMIT\","
             "\"time\":%lld,\"updateTime\":%lld}",
             price, quantity, (long long)time_ms, (long long)time_ms);
    return text;
}

static void show_position(struct venue *venue)
{
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200, position_row(venue->wall_ms), 0);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, "[]", 0);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, trade_row(venue->wall_ms), 0);
}

static void a_look_a_minute_reads_four_lists_and_disturbs_nothing(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();
    int before = venue->seen_count;

    advance(venue, 10 * PERIOD_MS);
    assert_in_range(count_seen(venue, "GET", "/openOrders"), 10, 12);
    assert_in_range(venue->seen_count - before, 4 * 9, 4 * 11 + 3); /* and the clock, twice */
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->difference_count, 0);
    free_venue(venue);
}

static void a_mute_stream_is_found_out_and_what_it_did_not_tell_is_told_once(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();
    uint32_t mute = venue->streams[KEEL_STREAM_USER];
    int keys = count_seen(venue, "POST", "/listenKey");

    advance(venue, 1000);
    show_position(venue);
    advance(venue, 90000);
    assert_true(has_log(venue, "the user stream does not tell what the venue states"));
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], mute);
    assert_int_equal(count_seen(venue, "POST", "/listenKey"), keys + 1);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->difference_count, 1);
    assert_int_equal(venue->differences[0].kind, KEEL_DIFFERENCE_EXECUTION);
    advance(venue, 10 * PERIOD_MS);
    assert_int_equal(venue->difference_count, 1);
    free_venue(venue);
}

static void the_account_is_stale_from_the_second_look_on(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();
    struct keel_balance balance;
    struct keel_error error;

    advance(venue, 1000);
    show_position(venue);
    venue->streams_held = true;
    advance(venue, 90000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, &error),
                     KEEL_STALE);
    free_venue(venue);
}

/* Until the next look has been asked for. */
static void advance_to_a_look(struct venue *venue)
{
    int before = count_seen(venue, "GET", "/v3/positionRisk");
    for (int i = 0; i < 200 && count_seen(venue, "GET", "/v3/positionRisk") == before; i++)
        advance(venue, 500);
    assert_int_equal(count_seen(venue, "GET", "/v3/positionRisk"), before + 1);
}

static void a_frame_that_is_only_late_is_no_alarm(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();
    static const struct fill fill = {"BTCUSDT", "by-hand", 5,     77,  "BUY",
                                     "MARKET",  "FILLED",  "0.1", "0", "0.1",
                                     "20000",   "0.1",     "0",   "0", false};
    uint32_t user = venue->streams[KEEL_STREAM_USER];
    char frame[1024];

    advance(venue, 1000);
    show_position(venue);
    snprintf(frame, sizeof(frame), "%s",
             account_text(venue, "10000", "BTCUSDT", "0.1", "20000", "cross", "0"));
    advance_to_a_look(venue);
    advance(venue, 4000);
    send_fill(venue, &fill);
    send_frame(venue, KEEL_STREAM_USER, frame);
    advance(venue, 5 * PERIOD_MS);
    assert_int_equal(venue->streams[KEEL_STREAM_USER], user);
    assert_int_equal(venue->difference_count, 0);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void an_order_that_the_stream_does_not_tell_of_is_a_difference(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();
    enum keel_status status;
    char rows[1200];

    advance(venue, 1000);
    snprintf(rows, sizeof(rows), "[%s]", order_row(venue->wall_ms, "0.01", "19000"));
    add_rule(venue, "GET", "/openOrders", RULE_REPLY, 200, rows, 0);
    advance(venue, 90000);
    assert_int_equal(venue->difference_count, 1);
    assert_int_equal(venue->differences[0].kind, KEEL_DIFFERENCE_ORDER);
    assert_string_equal(venue->differences[0].id, "77");
    assert_decimal(venue->differences[0].ours, "0");
    assert_decimal(venue->differences[0].venues, "0.01");
    assert_int_equal(keel_private_open_orders(venue->base, 0, false, NULL, 0, &status), 1);
    advance(venue, 5 * PERIOD_MS);
    assert_int_equal(venue->difference_count, 1);
    free_venue(venue);
}

static void an_amendment_that_the_stream_does_not_tell_of_is_a_difference(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();
    struct keel_order order;
    enum keel_status status;
    char rows[1200];

    advance(venue, 1000);
    snprintf(rows, sizeof(rows), "[%s]", order_row(venue->wall_ms, "0.01", "19000"));
    add_rule(venue, "GET", "/openOrders", RULE_REPLY, 200, rows, 0);
    advance(venue, 90000);
    snprintf(rows, sizeof(rows), "[%s]", order_row(venue->wall_ms, "0.004", "19000"));
    drop_rules(venue);
    add_rule(venue, "GET", "/openOrders", RULE_REPLY, 200, rows, 0);
    advance(venue, 5 * PERIOD_MS);
    assert_int_equal(venue->difference_count, 2);
    assert_int_equal(venue->differences[1].kind, KEEL_DIFFERENCE_ORDER);
    assert_decimal(venue->differences[1].ours, "0.01");
    assert_decimal(venue->differences[1].venues, "0.004");
    assert_int_equal(keel_private_open_orders(venue->base, 0, false, &order, 1, &status), 1);
    assert_decimal(order.quantity, "0.004");
    free_venue(venue);
}

static void a_price_that_the_stream_does_not_tell_of_is_a_difference(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();
    struct keel_order order;
    enum keel_status status;
    char rows[1200];

    advance(venue, 1000);
    snprintf(rows, sizeof(rows), "[%s]", order_row(venue->wall_ms, "0.01", "19000"));
    add_rule(venue, "GET", "/openOrders", RULE_REPLY, 200, rows, 0);
    advance(venue, 90000);
    snprintf(rows, sizeof(rows), "[%s]", order_row(venue->wall_ms, "0.01", "18500"));
    advance(venue, 5 * PERIOD_MS);
    assert_int_equal(venue->difference_count, 2);
    assert_int_equal(venue->differences[1].kind, KEEL_DIFFERENCE_ORDER);
    assert_string_equal(venue->differences[1].id, "77");
    assert_decimal(venue->differences[1].ours, "19000");
    assert_decimal(venue->differences[1].venues, "18500");
    assert_int_equal(keel_private_open_orders(venue->base, 0, false, &order, 1, &status), 1);
    assert_decimal(order.price, "18500");
    advance(venue, 5 * PERIOD_MS);
    assert_int_equal(venue->difference_count, 2);
    free_venue(venue);
}

static void alarms_that_change_nothing_become_rare(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();

    advance(venue, 1000);
    add_rule(venue, "GET", "/v3/balance", RULE_REPLY, 200,
             "[{\"accountAlias\":\"a\",\"asset\":\"BNB\",\"balance\":\"1\",\"crossWalletBalance\":"
             "\"1\",\"crossUnPnl\":\"0\",\"availableBalance\":\"1\",\"maxWithdrawAmount\":\"1\","
             "\"marginAvailable\":true,\"updateTime\":9999999999999}]",
             0);
    for (int i = 0; i < 60; i++) {
        send_account(venue, "10000", "BTCUSDT", "0", "0");
        advance(venue, PERIOD_MS);
    }
    assert_in_range(count_seen(venue, "POST", "/listenKey"), 1, 8);
    free_venue(venue);
}

static void nothing_is_read_while_the_venue_wants_silence(void **state)
{
    (void)state;
    struct venue *venue = new_watched_venue();
    struct outcome outcome = {0};
    struct keel_error error;

    add_rule(venue, "POST", "/order", RULE_REPLY, 429,
             "{\"code\":-1003,\"msg\":\"Too many requests.\"}", 1);
    venue->rules[venue->rule_count - 1].headers = "Retry-After: 300\r\n";
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error), KEEL_OK);
    settle(venue);
    int before = venue->seen_count;
    advance(venue, 250000);
    assert_int_equal(venue->seen_count, before);
    advance(venue, 120000);
    assert_true(venue->seen_count > before);
    free_venue(venue);
}

static void a_reconcile_compares_open_orders_and_asks_for_what_differs(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome placed = {0}, outcome = {0};
    struct keel_error error;
    enum keel_status status;
    char row[1024], rows[1200];

    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.02", "18000");
    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_result, &placed, &error), KEEL_OK);
    advance(venue, 60000);
    snprintf(row, sizeof(row), "%s", order_row(venue->wall_ms, "0.01", "19000"));
    snprintf(rows, sizeof(rows), "[%s]", row);
    add_rule(venue, "GET", "/openOrders", RULE_REPLY, 200, rows, 0);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400,
             "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", 1);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 200, row, 1);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 20000);
    assert_int_equal(outcome.calls, 1);
    assert_string_equal(outcome.error.message, "2 differences");
    assert_int_equal(venue->differences[0].kind, KEEL_DIFFERENCE_ORDER);
    assert_int_equal(venue->differences[1].kind, KEEL_DIFFERENCE_ORDER);
    assert_int_equal(keel_private_open_orders(venue->base, 0, false, NULL, 0, &status), 1);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 20000);
    assert_string_equal(outcome.error.message, "0 differences");
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_a_minute_reads_four_lists_and_disturbs_nothing),
        cmocka_unit_test(a_mute_stream_is_found_out_and_what_it_did_not_tell_is_told_once),
        cmocka_unit_test(the_account_is_stale_from_the_second_look_on),
        cmocka_unit_test(a_frame_that_is_only_late_is_no_alarm),
        cmocka_unit_test(an_order_that_the_stream_does_not_tell_of_is_a_difference),
        cmocka_unit_test(an_amendment_that_the_stream_does_not_tell_of_is_a_difference),
        cmocka_unit_test(a_price_that_the_stream_does_not_tell_of_is_a_difference),
        cmocka_unit_test(alarms_that_change_nothing_become_rare),
        cmocka_unit_test(nothing_is_read_while_the_venue_wants_silence),
        cmocka_unit_test(a_reconcile_compares_open_orders_and_asks_for_what_differs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is lost, stale, reloaded and compared when a connection breaks. */
#include "scripted_venue.h"

static const struct fill missed = {.symbol = "BTCUSDT",
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

/* What the venue lists of that fill, as of a time. */
static const char *missed_row(int64_t time_ms)
{
    static char text[512];
    snprintf(
        text, sizeof(text),
        "[{\"symbol\":\"BTCUSDT\",\"id\":77,\"orderId\":5,\"side\":\"BUY\",\"price\":\"20000\","
        "\"qty\":\"0.1\",\"realizedPnl\":\"0\",\"quoteQty\":\"2000\",\"commission\":\"1\","
        "\"commissionAsset\":\"USDT\",\"time\":%lld,\"buyer\":true,\"maker\":false,"
        "\"positionSide\":\"BOTH\"}]",
        (long long)time_ms);
    return text;
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

static const char *balance_row(const char *wallet, int64_t time_ms)
{
    static char text[512];
    snprintf(text, sizeof(text),
             "[{\"accountAlias\":\"a\",\"asset\":\"USDT\",\"balance\":\"%s\","
             "\"crossWalletBalance\":\"%s\",\"crossUnPnl\":\"0\",\"availableBalance\":\"%s\","
             "\"maxWithdrawAmount\":\"%s\",\"marginAvailable\":true,\"updateTime\":%lld}]",
             wallet, wallet, wallet, wallet, (long long)time_ms);
    return text;
}

static void show_missed_fill(struct venue *venue)
{
    int64_t time_ms = venue->wall_ms;
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, "[]", 0);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, missed_row(time_ms), 0);
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200, position_row(time_ms), 0);
    add_rule(venue, "GET", "/v3/balance", RULE_REPLY, 200, balance_row("9999", time_ms), 0);
}

static void reads_are_stale_as_soon_as_a_stream_is_lost(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_balance balance;
    struct keel_error error;

    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, &error),
                     KEEL_STALE);
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), true, &balance, &error),
                     KEEL_OK);
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    assert_int_equal(keel_futures_place_order(venue->futures, &request, NULL, NULL, &error),
                     KEEL_STALE);
    advance(venue, 1000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, &error),
                     KEEL_OK);
    assert_int_equal(venue->difference_count, 0);
    free_venue(venue);
}

static void b26_a_snapshot_is_taken_after_the_new_stream_is_live(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    venue->streams_held = true;
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    int before = count_seen(venue, "GET", "/v3/positionRisk");
    advance(venue, 1000);
    assert_int_equal(count_seen(venue, "GET", "/v3/positionRisk"), before);
    venue->streams[KEEL_STREAM_USER] = venue->opening[KEEL_STREAM_USER];
    keel_private_on_stream_opened(venue->base, venue->opening[KEEL_STREAM_USER]);
    settle(venue);
    assert_true(count_seen(venue, "GET", "/v3/positionRisk") > before);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void a_fill_missed_while_away_is_one_difference_and_one_only(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_books_summary books;

    advance(venue, 60000);
    show_missed_fill(venue);
    advance(venue, 10000);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 20000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->difference_count, 1);
    assert_int_equal(venue->differences[0].kind, KEEL_DIFFERENCE_EXECUTION);
    assert_string_equal(venue->differences[0].id, "77");
    keel_futures_books(venue->futures, &books);
    assert_int_equal(books.executions, 1);
    assert_decimal(books.wallet, "9999");

    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 20000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->difference_count, 1);
    free_venue(venue);
}

static void a_frame_kept_while_reconciling_is_no_difference(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    advance(venue, 60000);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    add_rule(venue, "GET", "/v3/balance", RULE_HOLD, 0, NULL, 1);
    advance(venue, 1000);
    assert_int_equal(venue->held_count, 1);
    send_fill(venue, &missed);
    send_account(venue, "9999", "BTCUSDT", "0.1", "20000");
    show_missed_fill(venue);
    settle(venue);
    assert_int_equal(venue->execution_count, 0);
    answer_held(venue, 200, NULL);
    advance(venue, 20000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->execution_count, 1);
    assert_int_equal(venue->difference_count, 0);
    free_venue(venue);
}

static void a_reconcile_finds_a_dropped_fill_once(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;

    advance(venue, 60000);
    show_missed_fill(venue);
    send_account(venue, "9999", "BTCUSDT", "0.1", "20000");
    advance(venue, 5000);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_FULL);
    assert_int_equal(outcome.calls, 0);
    advance(venue, 20000);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_string_equal(outcome.error.message, "1 differences");
    assert_int_equal(venue->difference_count, 1);
    assert_int_equal(venue->differences[0].kind, KEEL_DIFFERENCE_EXECUTION);

    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 20000);
    assert_int_equal(outcome.calls, 2);
    assert_string_equal(outcome.error.message, "0 differences");
    free_venue(venue);
}

static void what_nothing_listed_explains_is_reported_and_taken_over(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;

    advance(venue, 60000);
    add_rule(venue, "GET", "/v3/balance", RULE_REPLY, 200, balance_row("9000", venue->wall_ms), 0);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.calls, 0);
    assert_int_equal(venue->difference_count, 0);
    advance(venue, 20000);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(venue->difference_count, 1);
    assert_int_equal(venue->differences[0].kind, KEEL_DIFFERENCE_WALLET);
    assert_decimal(venue->differences[0].ours, "10000");
    assert_decimal(venue->differences[0].venues, "9000");
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 20000);
    assert_string_equal(outcome.error.message, "0 differences");
    free_venue(venue);
}

static void histories_are_listed_page_by_page(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    size_t size = 1000 * 320;
    char *page = malloc(size);
    assert_non_null(page);
    size_t used = (size_t)snprintf(page, size, "[");

    advance(venue, 60000);
    for (int i = 0; i < 1000; i++)
        used += (size_t)snprintf(
            page + used, size - used,
            "%s{\"symbol\":\"BTCUSDT\",\"id\":%d,\"orderId\":5,\"side\":\"%s\",\"price\":\"20000\","
            "\"qty\":\"0.1\",\"realizedPnl\":\"0\",\"quoteQty\":\"2000\",\"commission\":\"0\","
            "\"commissionAsset\":\"USDT\",\"time\":1690000000000,\"buyer\":true,\"maker\":false,"
            "\"positionSide\":\"BOTH\"}",
            i == 0 ? "" : ",", 1000 + i, i % 2 == 0 ? "BUY" : "SELL");
    snprintf(page + used, size - used, "]");
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, "[]", 0);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, page, 1);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(count_seen(venue, "GET", "/userTrades"), 3);
    assert_string_equal(param(last_seen(venue, "GET", "/userTrades"), "fromId"), "1999");
    free_venue(venue);
    free(page);
}

static void b12_b03_an_order_missing_from_the_snapshot_is_asked_for(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    enum keel_status status;

    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 60000);
    add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 1000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(keel_private_open_orders(venue->base, 0, false, NULL, 0, &status), 1);
    assert_int_equal(venue->held_count, 1);
    venue->next_order_id = 1001;
    answer_held(venue, 200,
                order_reply(venue, last_seen(venue, "POST", "/order"), "FILLED", "0.01", "19000"));
    settle(venue);
    assert_int_equal(keel_private_open_orders(venue->base, 0, false, NULL, 0, &status), 0);
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_FILLED);
    free_venue(venue);
}

static void b09_an_expired_key_brings_a_new_key_and_a_new_stream_before_the_old_closes(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    uint32_t old = venue->streams[KEEL_STREAM_USER];
    const char *expired =
        "{\"e\":\"listenKeyExpired\",\"E\":1700000000000,\"listenKey\":\"key-one\"}";

    add_rule(venue, "POST", "/listenKey", RULE_REPLY, 200, "{\"listenKey\":\"key-two\"}", 0);
    send_frame(venue, KEEL_STREAM_USER, expired);
    send_frame(venue, KEEL_STREAM_USER, expired); /* it may come twice */
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    venue->closed_count = 0;
    int keys = count_seen(venue, "POST", "/listenKey");
    advance(venue, 1000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(count_seen(venue, "POST", "/listenKey"), keys + 1);
    assert_int_equal(venue->closed_count, 1);
    assert_int_equal(venue->closed[0], old);
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], old);
    free_venue(venue);
}

static void the_key_is_renewed_in_time_and_a_refused_renewal_brings_a_new_one(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    for (int i = 0; i < 26; i++) {
        advance(venue, 60000);
        keel_private_on_stream_ping(venue->base, venue->streams[KEEL_STREAM_USER]);
    }
    assert_int_equal(count_seen(venue, "PUT", "/listenKey"), 1);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);

    add_rule(venue, "PUT", "/listenKey", RULE_REPLY, 400,
             "{\"code\":-1125,\"msg\":\"This listenKey does not exist.\"}", 1);
    venue->state_count = 0;
    for (int i = 0; i < 26; i++) {
        advance(venue, 60000);
        keel_private_on_stream_ping(venue->base, venue->streams[KEEL_STREAM_USER]);
    }
    assert_int_equal(venue->state_count, 2);
    assert_int_equal(venue->states[0], KEEL_CONNECTION_RECONCILING);
    assert_int_equal(venue->states[1], KEEL_CONNECTION_LIVE);
    assert_true(has_log(venue, "This listenKey does not exist."));
    free_venue(venue);
}

static void b10_a_renewal_that_is_lost_is_seen_and_tried_again(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    add_rule(venue, "PUT", "/listenKey", RULE_LOST, 0, NULL, 2);
    for (int i = 0; i < 28; i++) {
        advance(venue, 60000);
        keel_private_on_stream_ping(venue->base, venue->streams[KEEL_STREAM_USER]);
    }
    assert_true(has_log(venue, "renew_stream_key: no answer: timed out"));
    assert_int_equal(count_seen(venue, "PUT", "/listenKey"), 3);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void a_silent_stream_is_replaced(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    uint32_t old = venue->streams[KEEL_STREAM_MARKET];

    set_time(venue, venue->now_ns + INT64_C(10001) * 1000000);
    keel_private_tick(venue->base);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    advance(venue, 1000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_not_equal(venue->streams[KEEL_STREAM_MARKET], old);
    free_venue(venue);
}

static void a_quiet_user_stream_that_answers_pings_stays(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    uint32_t user = venue->streams[KEEL_STREAM_USER];

    advance(venue, 20 * 60 * 1000);
    assert_in_range(venue->ping_count, 60, 80);
    assert_int_equal(venue->streams[KEEL_STREAM_USER], user);
    assert_false(has_log(venue, "the user stream is silent"));
    free_venue(venue);
}

static void a_dead_path_is_noticed_in_twenty_five_seconds(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    uint32_t user = venue->streams[KEEL_STREAM_USER];

    advance(venue, 60 * 1000);
    send_account(venue, "10000", "BTCUSDT", "0", "0");
    venue->deaf = true;
    advance(venue, 24900);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    advance(venue, 200);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    assert_true(has_log(venue, "the user stream is silent"));
    venue->deaf = false;
    advance(venue, 2000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], user);
    free_venue(venue);
}

static void a_stream_is_replaced_before_the_venue_closes_it_without_a_gap(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    uint32_t old = venue->streams[KEEL_STREAM_USER];

    venue->seen_count = 0;
    venue->state_count = 0;
    for (int i = 0; i < 23 * 62; i++) {
        set_time(venue, venue->now_ns + INT64_C(5000) * 1000000);
        for (int j = 0; j < 12; j++) {
            set_time(venue, venue->now_ns + INT64_C(4500) * 1000000);
            send_mark(venue, "BTCUSDT", "20000");
            keel_private_on_stream_ping(venue->base, venue->streams[KEEL_STREAM_USER]);
            keel_private_tick(venue->base);
            settle(venue);
            venue->seen_count = 0;
        }
    }
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], old);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->state_count, 0);
    free_venue(venue);
}

static void b25_reconnecting_has_an_upper_rate(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    venue->streams_refused = true;
    venue->opened_count = 0;
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    close_stream(venue, KEEL_STREAM_MARKET, "reset by peer");
    advance(venue, 5 * 60 * 1000);
    assert_in_range(venue->opened_count, 10, 80); /* the venue allows 300 */
    venue->streams_refused = false;
    advance(venue, 31000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void a_reload_that_is_refused_is_tried_again(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 400,
             "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}", 2);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 400);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    advance(venue, 10000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_true(has_log(venue, "positions: -1022"));
    free_venue(venue);
}

static void frames_that_do_not_fit_are_a_gap(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    char *big = malloc(300001);
    assert_non_null(big);

    memset(big, ' ', 300000);
    big[300000] = '\0';
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    add_rule(venue, "GET", "/v3/balance", RULE_HOLD, 0, NULL, 1);
    advance(venue, 1000);
    assert_int_equal(venue->held_count, 1);
    int before = count_seen(venue, "GET", "/v3/positionRisk");
    for (int i = 0; i < 4; i++)
        send_frame(venue, KEEL_STREAM_USER, big);
    settle(venue);
    assert_int_equal(count_seen(venue, "GET", "/v3/positionRisk"), before + 2);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
    free(big);
}

static void a_clock_that_is_wrong_is_measured_again(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    int before = count_seen(venue, "GET", "/time");

    venue->clock_ahead_ms = -30000;
    add_rule(venue, "POST", "/order", RULE_REPLY, 400,
             "{\"code\":-1021,\"msg\":\"Timestamp for this request was 1000ms ahead of the "
             "server's time.\"}",
             1);
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    assert_int_equal(count_seen(venue, "GET", "/time"), before + 1);
    assert_int_equal(keel_private_venue_time_ms(venue->base), venue->wall_ms - 30000);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    advance(venue, 10 * 60 * 1000);
    assert_true(count_seen(venue, "GET", "/time") >= before + 2);
    free_venue(venue);
}

static void when_the_venues_clock_goes_back_what_it_states_still_counts(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_position position;
    struct keel_error error;

    advance(venue, 60000);
    send_mark(venue, "BTCUSDT", "20000.0");
    send_account(venue, "10000", "BTCUSDT", "0.3", "20000");
    venue->clock_ahead_ms = -120000;
    send_account(venue, "10000", "BTCUSDT", "0.1", "20000"); /* seems older than what is known */
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200,
             position_row(venue->wall_ms + venue->clock_ahead_ms), 0);
    advance(venue, 300000);
    assert_true(has_log(venue, "the venue's clock went back"));
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(keel_futures_position(venue->futures, market_of(venue, "BTCUSDT"), KEEL_NET,
                                           false, &position, &error),
                     KEEL_OK);
    assert_decimal(position.quantity, "0.1");
    send_account(venue, "10000", "BTCUSDT", "0.2", "20000");
    assert_int_equal(keel_futures_position(venue->futures, market_of(venue, "BTCUSDT"), KEEL_NET,
                                           false, &position, &error),
                     KEEL_OK);
    assert_decimal(position.quantity, "0.2");
    free_venue(venue);
}

static void an_event_that_seems_old_has_the_clock_measured_at_once(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_position position;
    struct keel_error error;

    advance(venue, 60000);
    send_mark(venue, "BTCUSDT", "20000.0");
    send_account(venue, "10000", "BTCUSDT", "0.3", "20000");
    int before = count_seen(venue, "GET", "/time");
    send_account(venue, "10000", "BTCUSDT", "0.4", "20000");
    settle(venue);
    assert_int_equal(count_seen(venue, "GET", "/time"), before); /* it is of now */

    venue->clock_ahead_ms = -30000;
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200,
             position_row(venue->wall_ms + venue->clock_ahead_ms), 0);
    send_account(venue, "10000", "BTCUSDT", "0.1", "20000");
    settle(venue);
    assert_int_equal(count_seen(venue, "GET", "/time"), before + 1);
    assert_true(has_log(venue, "the venue's clock went back"));
    advance(venue, 2000);
    assert_int_equal(keel_futures_position(venue->futures, market_of(venue, "BTCUSDT"), KEEL_NET,
                                           false, &position, &error),
                     KEEL_OK);
    assert_decimal(position.quantity, "0.1");
    free_venue(venue);
}

/* It was changed before the clock went back, and this client began after that. */
static void a_listed_row_from_a_time_to_come_does_not_hide_what_follows(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_position position;
    struct keel_error error;

    send_mark(venue, "BTCUSDT", "20000.0");
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200,
             position_row(venue->wall_ms + 30000), 0);
    close_stream(venue, KEEL_STREAM_USER, "gone");
    advance(venue, 2000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    send_account(venue, "10000", "BTCUSDT", "0.2", "20000");
    assert_int_equal(keel_futures_position(venue->futures, market_of(venue, "BTCUSDT"), KEEL_NET,
                                           false, &position, &error),
                     KEEL_OK);
    assert_decimal(position.quantity, "0.2");
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_are_stale_as_soon_as_a_stream_is_lost),
        cmocka_unit_test(b26_a_snapshot_is_taken_after_the_new_stream_is_live),
        cmocka_unit_test(a_fill_missed_while_away_is_one_difference_and_one_only),
        cmocka_unit_test(a_frame_kept_while_reconciling_is_no_difference),
        cmocka_unit_test(a_reconcile_finds_a_dropped_fill_once),
        cmocka_unit_test(what_nothing_listed_explains_is_reported_and_taken_over),
        cmocka_unit_test(histories_are_listed_page_by_page),
        cmocka_unit_test(b12_b03_an_order_missing_from_the_snapshot_is_asked_for),
        cmocka_unit_test(
            b09_an_expired_key_brings_a_new_key_and_a_new_stream_before_the_old_closes),
        cmocka_unit_test(the_key_is_renewed_in_time_and_a_refused_renewal_brings_a_new_one),
        cmocka_unit_test(b10_a_renewal_that_is_lost_is_seen_and_tried_again),
        cmocka_unit_test(a_silent_stream_is_replaced),
        cmocka_unit_test(a_quiet_user_stream_that_answers_pings_stays),
        cmocka_unit_test(a_dead_path_is_noticed_in_twenty_five_seconds),
        cmocka_unit_test(a_stream_is_replaced_before_the_venue_closes_it_without_a_gap),
        cmocka_unit_test(b25_reconnecting_has_an_upper_rate),
        cmocka_unit_test(a_reload_that_is_refused_is_tried_again),
        cmocka_unit_test(frames_that_do_not_fit_are_a_gap),
        cmocka_unit_test(a_clock_that_is_wrong_is_measured_again),
        cmocka_unit_test(when_the_venues_clock_goes_back_what_it_states_still_counts),
        cmocka_unit_test(an_event_that_seems_old_has_the_clock_measured_at_once),
        cmocka_unit_test(a_listed_row_from_a_time_to_come_does_not_hide_what_follows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

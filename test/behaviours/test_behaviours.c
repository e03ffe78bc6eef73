/* What must never happen again: a test a behaviour, named after its number. */
#include "../exchange/scripted_venue.h"
#include "exchange/private_internal.h"

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

struct closed {
    int calls;
    enum keel_fate fate;
    struct keel_error error;
    size_t order_count;
    keel_decimal remaining;
};

static void note_close(void *user, const struct keel_close_result *result)
{
    struct closed *closed = user;
    closed->calls++;
    closed->fate = result->fate;
    closed->error = result->error;
    closed->order_count = result->order_count;
    closed->remaining = result->remaining;
}

static struct keel_close_request close_all(const struct venue *venue, const char *symbol)
{
    return (struct keel_close_request){
        .market = market_of(venue, symbol),
        .all = true,
        .quantity = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
    };
}

static void begin_close(struct venue *venue, const struct keel_close_request *request,
                        struct closed *closed)
{
    struct keel_error error = {0};
    enum keel_status status =
        keel_futures_close_position(venue->futures, request, note_close, closed, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
}

/* A long of 0.5 with a reduce-only limit order of that size resting above it. */
static void rest_take_profit(struct venue *venue, const char *quantity)
{
    struct keel_error error = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_SELL, quantity, "20500");
    request.reduce_only = true;
    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    if (keel_futures_place_order(venue->futures, &request, NULL, NULL, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
}

static const char *canceled_reply(struct venue *venue, const struct seen *placed, long long id)
{
    venue->next_order_id = id;
    return order_reply(venue, placed, "CANCELED", "0", "0");
}

static const char *position_reply(const struct venue *venue, const char *quantity)
{
    static char text[1024];
    snprintf(text, sizeof(text),
             "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"%s\","
             "\"entryPrice\":\"20000\",\"breakEvenPrice\":\"20000\",\"markPrice\":\"20000\","
             "\"unRealizedProfit\":\"0\",\"liquidationPrice\":\"0\",\"isolatedMargin\":\"0\","
             "\"notional\":\"10000\",\"marginAsset\":\"USDT\",\"isolatedWallet\":\"0\","
             "\"initialMargin\":\"500\",\"maintMargin\":\"8\",\"positionInitialMargin\":\"500\","
             "\"openOrderInitialMargin\":\"0\",\"adl\":1,\"bidNotional\":\"0\","
             "\"askNotional\":\"0\",\"updateTime\":%lld}]",
             quantity, (long long)venue->wall_ms);
    return text;
}

static void b16_a_resting_take_profit_is_canceled_before_the_position_is_closed(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};

    rest_take_profit(venue, "0.5");
    struct seen placed = *last_seen(venue, "POST", "/order");
    add_rule(venue, "DELETE", "/v1/order", RULE_HOLD, 0, NULL, 0);
    struct keel_close_request request = close_all(venue, "BTCUSDT");
    begin_close(venue, &request, &closed);
    assert_int_equal(count_seen(venue, "DELETE", "/v1/order"), 1);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    answer_held(venue, 200, canceled_reply(venue, &placed, 1001));
    settle(venue);
    assert_int_equal(count_seen(venue, "POST", "/order"), 2);
    const struct seen *order = last_seen(venue, "POST", "/order");
    assert_string_equal(param(order, "type"), "MARKET");
    assert_string_equal(param(order, "quantity"), "0.5");
    char client_id[48];
    copy_param(order, "newClientOrderId", client_id, sizeof(client_id));
    send_fill(venue, &(struct fill){"BTCUSDT", client_id, 1002, 8, "SELL", "MARKET", "FILLED",
                                    "0.5", "0", "0.5", "20000", "0.5", "5", "0", true});
    send_account(venue, "9995", "BTCUSDT", "0", "0");
    settle(venue);
    assert_int_equal(closed.calls, 1);
    assert_int_equal(closed.fate, KEEL_ACCEPTED);
    assert_int_equal(closed.error.status, KEEL_OK);
    assert_decimal(closed.remaining, "0");
    free_venue(venue);
}

static void b16_what_was_in_the_way_of_a_partial_close_is_put_back(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};

    rest_take_profit(venue, "0.5");
    struct seen placed = *last_seen(venue, "POST", "/order");
    add_rule(venue, "DELETE", "/v1/order", RULE_HOLD, 0, NULL, 0);
    struct keel_close_request request = close_all(venue, "BTCUSDT");
    request.all = false;
    request.quantity = dec("0.2");
    begin_close(venue, &request, &closed);
    answer_held(venue, 200, canceled_reply(venue, &placed, 1001));
    settle(venue);
    const struct seen *order = last_seen(venue, "POST", "/order");
    char client_id[48];
    copy_param(order, "newClientOrderId", client_id, sizeof(client_id));
    send_fill(venue, &(struct fill){"BTCUSDT", client_id, 1002, 8, "SELL", "MARKET", "FILLED",
                                    "0.2", "0", "0.2", "20000", "0.2", "5", "0", true});
    send_account(venue, "9995", "BTCUSDT", "0.3", "20000");
    settle(venue);
    assert_int_equal(closed.calls, 1);
    assert_decimal(closed.remaining, "0.3");
    const struct seen *again = last_seen(venue, "POST", "/order");
    assert_string_equal(param(again, "type"), "LIMIT");
    assert_string_equal(param(again, "price"), "20500");
    assert_string_equal(param(again, "quantity"), "0.3");
    assert_string_equal(param(again, "reduceOnly"), "true");
    free_venue(venue);
}

static void b17_a_position_below_the_least_notional_is_closed_to_nothing(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};

    advance(venue, 1000);
    send_mark(venue, "ETHUSDT", "1000");
    send_account(venue, "10000", "ETHUSDT", "0.004", "1000"); /* 4, and 5 is the least */
    struct keel_close_request request = close_all(venue, "ETHUSDT");
    begin_close(venue, &request, &closed);
    const struct seen *order = last_seen(venue, "POST", "/order");
    assert_string_equal(param(order, "quantity"), "0.004");
    free_venue(venue);
}

static void b18_a_refused_close_looks_at_the_position_and_is_not_repeated_for_ever(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};
    struct keel_error error;

    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    add_rule(venue, "POST", "/order", RULE_REPLY, 400,
             "{\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"}", 0);
    add_rule(venue, "GET", "/v3/positionRisk", RULE_HOLD, 0, NULL, 0);
    advance(venue, 1000);
    struct keel_close_request request = close_all(venue, "BTCUSDT");
    begin_close(venue, &request, &closed);
    assert_int_equal(keel_futures_close_position(venue->futures, &request, NULL, NULL, &error),
                     KEEL_CLOSE); /* one a position at a time */
    answer_held(venue, 200, position_reply(venue, "0.5"));
    advance(venue, 60000);
    assert_int_equal(closed.calls, 1);
    assert_int_equal(closed.fate, KEEL_FATE_REJECTED);
    assert_int_equal(closed.error.venue_code, -2022);
    assert_decimal(closed.remaining, "0.5");
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    free_venue(venue);
}

static void b18_a_refused_close_of_a_position_that_is_flat_by_now_has_done_its_work(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};

    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    add_rule(venue, "POST", "/order", RULE_REPLY, 400,
             "{\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"}", 0);
    advance(venue, 1000);
    struct keel_close_request request = close_all(venue, "BTCUSDT");
    begin_close(venue, &request, &closed);
    assert_int_equal(closed.calls, 1);
    assert_int_equal(closed.error.status, KEEL_OK);
    assert_decimal(closed.remaining, "0");
    free_venue(venue);
}

static void b18_a_close_that_fills_in_part_goes_on_until_flat(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};
    char client_id[48];

    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    advance(venue, 1000);
    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 0);
    struct keel_close_request request = close_all(venue, "BTCUSDT");
    begin_close(venue, &request, &closed);
    struct seen first = *last_seen(venue, "POST", "/order");
    copy_param(&first, "newClientOrderId", client_id, sizeof(client_id));
    answer_held(venue, 200, order_reply(venue, &first, "EXPIRED", "0.3", "20000"));
    send_fill(venue, &(struct fill){"BTCUSDT", client_id, 1001, 8, "SELL", "MARKET", "EXPIRED",
                                    "0.5", "0", "0.3", "20000", "0.3", "5", "0", true});
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200, position_reply(venue, "0.2"), 0);
    send_account(venue, "9995", "BTCUSDT", "0.2", "20000");
    settle(venue);
    assert_int_equal(closed.calls, 0);
    assert_int_equal(count_seen(venue, "POST", "/order"), 2);
    struct seen second = *last_seen(venue, "POST", "/order");
    assert_string_equal(param(&second, "quantity"), "0.2");
    copy_param(&second, "newClientOrderId", client_id, sizeof(client_id));
    answer_held(venue, 200, order_reply(venue, &second, "FILLED", "0.2", "20000"));
    send_fill(venue, &(struct fill){"BTCUSDT", client_id, 1002, 9, "SELL", "MARKET", "FILLED",
                                    "0.2", "0", "0.2", "20000", "0.2", "5", "0", true});
    send_account(venue, "9990", "BTCUSDT", "0", "0");
    settle(venue);
    assert_int_equal(closed.calls, 1);
    assert_int_equal(closed.fate, KEEL_ACCEPTED);
    assert_int_equal(closed.order_count, 2);
    assert_decimal(closed.remaining, "0");
    free_venue(venue);
}

static enum keel_status read_balance(const struct venue *venue)
{
    struct keel_balance balance;

    return keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, NULL);
}

/* As after a sleep: the first thing that happens is a read, or a frame that came meanwhile. */
static void what_is_read_after_a_silence_is_stale_before_anything_else_has_happened(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    assert_int_equal(read_balance(venue), KEEL_OK);
    set_time(venue, venue->now_ns + INT64_C(10001) * 1000000);
    assert_int_equal(read_balance(venue), KEEL_STALE);
    send_mark(venue, "BTCUSDT", "20000");
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    advance(venue, 1000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(read_balance(venue), KEEL_OK);
    free_venue(venue);
}

/* Within the bounds of silence, and yet: something was due long ago, and nobody came for it. */
static void a_suspended_process_reconciles(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_error error;
    int before = count_seen(venue, "GET", "/v3/positionRisk");
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "POST", "/order", RULE_LOST, 0, NULL, 1);
    add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
    assert_int_equal(keel_futures_place_order(venue->futures, &request, NULL, NULL, &error),
                     KEEL_OK);
    settle(venue); /* to be asked about within a quarter of a second */
    set_time(venue, venue->now_ns + INT64_C(9000) * 1000000);
    assert_int_equal(read_balance(venue), KEEL_STALE);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_true(count_seen(venue, "GET", "/v3/positionRisk") > before);
    assert_true(has_log(venue, "the process was suspended"));
    free_venue(venue);
}

/* By a wall clock that has jumped. */
static void come_back(struct venue *venue, int ms)
{
    for (int i = 0; i < ms / 100 && state_of(venue) != KEEL_CONNECTION_LIVE; i++) {
        keel_private_set_time(venue->base, venue->now_ns += 100000000, venue->wall_ms += 100);
        keel_private_tick(venue->base);
        settle(venue);
    }
}

static void a_clock_that_jumps_is_measured_before_anything_is_signed(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    uint32_t old = venue->streams[KEEL_STREAM_USER];
    int keys = count_seen(venue, "POST", "/listenKey");

    add_rule(venue, "GET", "/time", RULE_HOLD, 0, NULL, 1);
    venue->clock_ahead_ms = -3600000;
    keel_private_set_time(venue->base, venue->now_ns, venue->wall_ms + 3600000);
    venue->wall_ms += 3600000;
    assert_int_equal(read_balance(venue), KEEL_STALE);
    struct keel_order_ref ref = {.market = market_of(venue, "BTCUSDT"), .client_id = "mine"};
    assert_int_equal(keel_private_cancel_order(venue->base, &ref, note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(venue->held_count, 1);
    assert_int_equal(count_seen(venue, "DELETE", "/v1/order"), 0);
    add_rule(venue, "DELETE", "/v1/order", RULE_HOLD, 0, NULL, 1);
    answer_held(venue, 200, NULL);
    settle(venue);
    assert_int_equal(count_seen(venue, "DELETE", "/v1/order"), 1);
    char time[32];
    copy_param(last_seen(venue, "DELETE", "/v1/order"), "timestamp", time, sizeof(time));
    assert_int_equal(strtoll(time, NULL, 10), venue->wall_ms - 3600000);
    come_back(venue, 2000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_true(count_seen(venue, "POST", "/listenKey") > keys);
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], old);
    free_venue(venue);
}

static void a_measurement_of_the_clock_that_is_refused_is_made_again(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    add_rule(venue, "GET", "/time", RULE_REPLY, 400,
             "{\"code\":-1101,\"msg\":\"Too many parameters\"}", 1);
    venue->clock_ahead_ms = -6000;
    keel_private_set_time(venue->base, venue->now_ns, venue->wall_ms + 6000);
    venue->wall_ms += 6000;
    assert_int_equal(read_balance(venue), KEEL_STALE);
    come_back(venue, 5000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(read_balance(venue), KEEL_OK);
    free_venue(venue);
}

static void a_refused_timestamp_is_healed_once_and_then_named(void **state)
{
    (void)state;
    const char *refused = "{\"code\":-1021,\"msg\":\"Timestamp for this request is outside of the "
                          "recvWindow.\"}";
    struct venue *venue = new_venue();

    add_rule(venue, "GET", "/v3/balance", RULE_REPLY, 400, refused, 1);
    start(venue);
    advance(venue, 2000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);

    venue = new_venue();
    add_rule(venue, "GET", "/v3/balance", RULE_REPLY, 400, refused, 0);
    start(venue);
    advance(venue, 5000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);
    struct keel_connection connection;
    keel_private_connection(venue->base, &connection);
    assert_int_equal(connection.last_error.venue_code, -1021);
    assert_int_equal(count_seen(venue, "GET", "/v3/balance"), 2);
    free_venue(venue);
}

static const char not_found[] = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";

static void place_lost(struct venue *venue, struct outcome *outcome)
{
    struct keel_error error = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "POST", "/order", RULE_LOST, 0, NULL, 1);
    if (keel_futures_place_order(venue->futures, &request, note_result, outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    assert_int_equal(outcome->fate, KEEL_FATE_UNKNOWN);
}

static void b01_an_order_that_the_stream_shows_was_accepted_whatever_the_query_says(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    char client_id[48];

    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    place_lost(venue, &outcome);
    copy_param(last_seen(venue, "POST", "/order"), "newClientOrderId", client_id,
               sizeof(client_id));
    send_fill(venue,
              &(struct fill){"BTCUSDT", client_id, 1001, 8, "BUY", "LIMIT", "PARTIALLY_FILLED",
                             "0.01", "19000", "0.004", "19000", "0.004", "0", "0", false});
    advance(venue, 60000);
    assert_true(has_log(venue, "place_order, unknown before, is accepted"));
    assert_false(has_log(venue, "is failed"));
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    free_venue(venue);
}

static void b01_what_the_stream_shows_outweighs_an_answer_that_was_on_its_way(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    char client_id[48];

    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    place_lost(venue, &outcome);
    copy_param(last_seen(venue, "POST", "/order"), "newClientOrderId", client_id,
               sizeof(client_id));
    int asked = count_seen(venue, "GET", "/v1/order");
    add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 1);
    for (int i = 0; i < 200 && venue->held_count == 0; i++)
        advance(venue, 100);
    assert_int_equal(venue->held_count, 1);
    assert_int_equal(count_seen(venue, "GET", "/v1/order"), asked + 1);
    send_fill(venue,
              &(struct fill){"BTCUSDT", client_id, 1001, 8, "BUY", "LIMIT", "PARTIALLY_FILLED",
                             "0.01", "19000", "0.004", "19000", "0.004", "0", "0", false});
    answer_held(venue, 400, not_found);
    settle(venue);
    assert_true(has_log(venue, "place_order, unknown before, is accepted"));
    assert_int_equal(count_seen(venue, "GET", "/v1/order"), asked + 1);
    free_venue(venue);
}

static void b23_what_the_venue_closes_is_told_with_its_own_cause(void **state)
{
    (void)state;
    static const struct {
        const char *client_id;
        enum keel_cause cause;
        enum keel_risk_event_kind kind;
    } cases[] = {
        {"autoclose-1700000000500",            KEEL_CAUSE_LIQUIDATION,  KEEL_RISK_LIQUIDATED },
        {"adl_autoclose",                      KEEL_CAUSE_DELEVERAGING, KEEL_RISK_DELEVERAGED},
        {"settlement_autoclose-1700000000500", KEEL_CAUSE_SETTLEMENT,   KEEL_RISK_SETTLED    },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct venue *venue = new_live_venue();
        send_account(venue, "10000", "BTCUSDT", "0.2", "20000");
        advance(venue, 1000);
        venue->risk_count = 0;
        send_fill(venue,
                  &(struct fill){"BTCUSDT", cases[i].client_id, 9, 50, "SELL", "LIMIT", "FILLED",
                                 "0.2", "19000", "0.2", "19000", "0.2", "1", "-200", false});
        assert_int_equal(venue->risk_count, 1);
        assert_int_equal(venue->risks[0].kind, cases[i].kind);
        assert_int_equal(venue->executions[0].cause, cases[i].cause);
        send_account(venue, "9799", "BTCUSDT", "0", "0");
        assert_int_equal(keel_futures_position(venue->futures, market_of(venue, "BTCUSDT"),
                                               KEEL_NET, false, &(struct keel_position){0}, NULL),
                         KEEL_NO_POSITION);
        free_venue(venue);
    }
}

static void b23_a_liquidation_while_away_is_told_by_what_it_cost(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    char income[512];

    advance(venue, 60000);
    snprintf(income, sizeof(income),
             "[{\"symbol\":\"BTCUSDT\",\"incomeType\":\"INSURANCE_CLEAR\",\"income\":\"-12\","
             "\"asset\":\"USDT\",\"info\":\"\",\"time\":%lld,\"tranId\":7,\"tradeId\":\"\"}]",
             (long long)venue->wall_ms);
    advance(venue, 10000);
    add_rule(venue, "GET", "/income", RULE_REPLY, 200, income, 0);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 20000);
    assert_int_equal(venue->risk_count, 1);
    assert_int_equal(venue->risks[0].kind, KEEL_RISK_LIQUIDATED);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 20000);
    assert_int_equal(venue->risk_count, 1);
    free_venue(venue);
}

/* Asked for a little before, told a little after: the rows say themselves how new they are. */
static void what_the_first_statement_has_already_is_not_booked_again(void **state)
{
    (void)state;
    struct venue *venue = new_venue();
    struct keel_books_summary books;
    struct outcome outcome = {0};
    struct keel_error error;
    char balance[512], income[512];

    snprintf(balance, sizeof(balance),
             "[{\"accountAlias\":\"a\",\"asset\":\"USDT\",\"balance\":\"10000\","
             "\"crossWalletBalance\":\"10000\",\"crossUnPnl\":\"0\",\"availableBalance\":"
             "\"10000\",\"maxWithdrawAmount\":\"10000\",\"marginAvailable\":true,"
             "\"updateTime\":%lld}]",
             (long long)venue->wall_ms + 20);
    snprintf(income, sizeof(income),
             "[{\"symbol\":\"\",\"incomeType\":\"TRANSFER\",\"income\":\"10000\","
             "\"asset\":\"USDT\",\"info\":\"\",\"time\":%lld,\"tranId\":7,\"tradeId\":\"\"}]",
             (long long)venue->wall_ms + 20);
    add_rule(venue, "GET", "/v3/balance", RULE_REPLY, 200, balance, 0);
    add_rule(venue, "GET", "/income", RULE_REPLY, 200, income, 0);
    start(venue);
    advance(venue, 5000);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 20000);
    assert_string_equal(outcome.error.message, "0 differences");
    keel_futures_books(venue->futures, &books);
    assert_decimal(books.wallet, "10000");
    free_venue(venue);
}

static keel_decimal expected_quantity(const struct venue *venue, const char *symbol)
{
    return keel_account_expected_quantity(venue->base->account, market_of(venue, symbol), KEEL_NET);
}

static const struct keel_order *only_open_order(const struct venue *venue)
{
    return keel_account_next_open_order(venue->base->account, KEEL_NO_MARKET, NULL);
}

static void place_stop(struct venue *venue, struct outcome *outcome)
{
    struct keel_error error = {0};
    struct keel_order_request request = market_order(venue, "BTCUSDT", KEEL_BUY, "0.01");

    request.type = KEEL_STOP_MARKET;
    request.trigger_price = dec("21000");
    add_rule(venue, "POST", "/algoOrder", RULE_LOST, 0, NULL, 1);
    if (keel_futures_place_order(venue->futures, &request, note_result, outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
}

static void b02_a_stop_is_looked_for_only_where_stops_are(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};

    add_rule(venue, "GET", "/algoOrder", RULE_NOT_SENT, 0, NULL, 0);
    place_stop(venue, &outcome);
    advance(venue, 60000);
    assert_true(count_seen(venue, "GET", "/algoOrder") > 5);
    assert_int_equal(count_seen(venue, "GET", "/v1/order"), 0);
    assert_int_equal(only_open_order(venue)->status, KEEL_ORDER_PENDING);
    free_venue(venue);
}

static void b06_a_lost_order_is_sent_once_whatever_becomes_of_the_questions(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};

    add_rule(venue, "GET", "/v1/order", RULE_LOST, 0, NULL, 0);
    place_lost(venue, &outcome);
    advance(venue, 10 * 60 * 1000);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    assert_int_equal(outcome.calls, 1);
    free_venue(venue);
}

static void b07_a_fill_after_the_cancel_still_counts(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    char client_id[48];

    add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
    place_lost(venue, &outcome);
    advance(venue, 300);
    struct seen placed = *last_seen(venue, "POST", "/order");
    copy_param(&placed, "newClientOrderId", client_id, sizeof(client_id));
    answer_held(venue, 200, canceled_reply(venue, &placed, 1001));
    settle(venue);
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_CANCELED);
    send_fill(venue,
              &(struct fill){"BTCUSDT", client_id, 1001, 8, "BUY", "LIMIT", "PARTIALLY_FILLED",
                             "0.01", "19000", "0.004", "19000", "0.004", "0", "0", false});
    assert_int_equal(venue->execution_count, 1);
    assert_decimal(venue->orders[venue->order_count - 1].filled_quantity, "0.004");
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_CANCELED);
    assert_decimal(expected_quantity(venue, "BTCUSDT"), "0.004");
    free_venue(venue);
}

static void b11_updates_of_one_millisecond_are_as_many_states(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    send_account(venue, "10000", "BTCUSDT", "0.1", "20000");
    send_account(venue, "10000", "BTCUSDT", "0.2", "20000");
    send_account(venue, "10000", "BTCUSDT", "0.3", "20000");
    assert_int_equal(venue->position_count, 3);
    assert_decimal(venue->positions[1].quantity, "0.2");
    assert_decimal(venue->positions[2].quantity, "0.3");
    free_venue(venue);
}

static void b13_what_a_stream_leaves_out_is_computed(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_risk risk;

    send_account(venue, "10000", "BTCUSDT", "2", "20000");
    send_mark(venue, "BTCUSDT", "21000");
    assert_int_equal(keel_futures_risk(venue->futures, market_of(venue, "BTCUSDT"), KEEL_NET, false,
                                       &risk, NULL),
                     KEEL_OK);
    assert_decimal(risk.notional, "42000");
    assert_decimal(risk.unrealized_pnl, "2000");
    assert_true(keel_decimal_is_positive(risk.liquidation_price));
    free_venue(venue);
}

static void b14_a_reduce_only_fill_never_turns_a_position_over(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    const struct keel_book_position *booked;

    send_fill_of(venue, "BTCUSDT", 70);
    send_fill(venue, &(struct fill){"BTCUSDT", "by-hand", 80, 71, "SELL", "MARKET", "FILLED", "0.3",
                                    "0", "0.3", "20", "0.3", "0", "0", true});
    booked = keel_books_find_position(venue->base->books, market_of(venue, "BTCUSDT"), KEEL_NET);
    assert_non_null(booked);
    assert_false(keel_decimal_is_negative(booked->quantity));
    free_venue(venue);
}

static void b15_the_venue_may_shrink_an_order(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    rest_take_profit(venue, "0.5");
    char client_id[48];
    copy_param(last_seen(venue, "POST", "/order"), "newClientOrderId", client_id,
               sizeof(client_id));
    advance(venue, 1000);
    send_fill(venue,
              &(struct fill){"BTCUSDT", client_id, 1001, 8, "SELL", "LIMIT", "PARTIALLY_FILLED",
                             "0.3", "20500", "0.1", "20500", "0.1", "0", "0", true});
    assert_decimal(only_open_order(venue)->quantity, "0.3");
    free_venue(venue);
}

static void b22_a_liquidation_price_of_nothing_is_no_price(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_risk risk;

    advance(venue, 1000);
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200, position_reply(venue, "0.001"), 0);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 5000);
    send_mark(venue, "BTCUSDT", "20000");
    assert_int_equal(keel_futures_risk(venue->futures, market_of(venue, "BTCUSDT"), KEEL_NET, false,
                                       &risk, NULL),
                     KEEL_OK);
    /* A wallet of 10000 under a position of 20 cannot be liquidated by any price. */
    assert_false(keel_decimal_is_valid(risk.liquidation_price));
    assert_false(keel_decimal_is_valid(risk.liquidation_distance));
    free_venue(venue);
}

static void b27_a_page_that_is_lost_is_asked_for_again(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    char trades[512];

    advance(venue, 60000);
    snprintf(trades, sizeof(trades),
             "[{\"symbol\":\"BTCUSDT\",\"id\":77,\"orderId\":5,\"side\":\"BUY\",\"price\":"
             "\"20000\",\"qty\":\"0.1\",\"realizedPnl\":\"0\",\"quoteQty\":\"2000\","
             "\"commission\":\"1\",\"commissionAsset\":\"USDT\",\"time\":%lld,\"buyer\":true,"
             "\"maker\":false,\"positionSide\":\"BOTH\"}]",
             (long long)venue->wall_ms);
    advance(venue, 10000);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, "[]", 0);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, trades, 1);
    add_rule(venue, "GET", "/userTrades", RULE_LOST, 0, NULL, 2);
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200, position_reply(venue, "0.1"), 0);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    for (int i = 0; i < 200 && state_of(venue) != KEEL_CONNECTION_LIVE; i++)
        advance(venue, 100);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->execution_count, 1); /* nobody here placed it */
    free_venue(venue);
}

static void b28_what_a_fill_does_follows_from_the_position_before_it(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    const struct keel_book_position *booked;

    send_fill_of(venue, "BTCUSDT", 70);
    send_fill(venue, &(struct fill){"BTCUSDT", "by-hand", 80, 71, "SELL", "MARKET", "FILLED", "0.3",
                                    "0", "0.3", "20", "0.3", "0", "0", false});
    booked = keel_books_find_position(venue->base->books, market_of(venue, "BTCUSDT"), KEEL_NET);
    assert_non_null(booked);
    assert_decimal(booked->quantity, "-0.2");
    assert_decimal(booked->cost, "-4");
    free_venue(venue);
}

static void b25_when_the_budget_runs_out_cancels_and_reductions_still_leave(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_error error;
    struct keel_order_request entry = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.001", "19000");
    struct keel_order_request exit = market_order(venue, "BTCUSDT", KEEL_SELL, "0.001");

    exit.reduce_only = true;
    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    add_rule(venue, "POST", "/order", RULE_NOT_SENT, 0, NULL, 0);
    add_rule(venue, "DELETE", "/v1/order", RULE_HOLD, 0, NULL, 0);
    for (int i = 0; i < 290; i++) { /* of 300 in ten seconds */
        assert_int_equal(keel_futures_place_order(venue->futures, &entry, NULL, NULL, &error),
                         KEEL_OK);
        settle(venue);
    }
    assert_int_equal(count_seen(venue, "POST", "/order"), 285);
    assert_int_equal(keel_futures_place_order(venue->futures, &exit, NULL, NULL, &error), KEEL_OK);
    struct keel_order_ref ref = {.market = market_of(venue, "BTCUSDT"), .client_id = "mine"};
    assert_int_equal(keel_private_cancel_order(venue->base, &ref, NULL, NULL, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(count_seen(venue, "POST", "/order"), 286);
    assert_string_equal(param(last_seen(venue, "POST", "/order"), "reduceOnly"), "true");
    assert_int_equal(count_seen(venue, "DELETE", "/v1/order"), 1);
    advance(venue, 10000);
    assert_int_equal(count_seen(venue, "POST", "/order"), 291);
    free_venue(venue);
}

static void b25_an_order_that_may_not_leave_in_time_never_leaves(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    struct keel_order_ref ref = {.market = market_of(venue, "BTCUSDT"), .client_id = "mine"};

    add_rule(venue, "DELETE", "/v1/order", RULE_REPLY, 418,
             "{\"code\":-1003,\"msg\":\"Way too many requests; IP banned until "
             "1700000060000.\"}",
             1);
    assert_int_equal(keel_private_cancel_order(venue->base, &ref, NULL, NULL, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 9900);
    assert_int_equal(outcome.calls, 0);
    advance(venue, 200);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    advance(venue, 60000);
    assert_int_equal(count_seen(venue, "POST", "/order"), 0);
    free_venue(venue);
}

static void b25_a_cancel_that_may_not_leave_in_time_never_leaves(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    struct keel_order_ref ref = {.market = market_of(venue, "BTCUSDT"), .client_id = "mine"};

    add_rule(venue, "DELETE", "/v1/order", RULE_REPLY, 418,
             "{\"code\":-1003,\"msg\":\"Way too many requests; IP banned until "
             "1700000060000.\"}",
             1);
    assert_int_equal(keel_private_cancel_order(venue->base, &ref, NULL, NULL, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(keel_private_cancel_order(venue->base, &ref, note_result, &outcome, &error),
                     KEEL_OK);
    advance(venue, 9900);
    assert_int_equal(outcome.calls, 0);
    advance(venue, 200);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    advance(venue, 60000);
    assert_int_equal(count_seen(venue, "DELETE", "/v1/order"), 1);
    free_venue(venue);
}

static void the_fate_of_an_order_is_told_by_every_answer_and_by_none(void **state)
{
    (void)state;
    static const struct {
        enum rule_kind kind;
        int status;
        const char *body;
        enum keel_fate fate;
    } cases[] = {
        {RULE_NOT_SENT, 0,   NULL,                                                           KEEL_FATE_FAILED  },
        {RULE_LOST,     0,   NULL,                                                           KEEL_FATE_UNKNOWN },
        {RULE_REPLY,    200, "{\"orderId\":12",                                              KEEL_FATE_UNKNOWN }, /* cut inside the reply */
        {RULE_REPLY,    200, "",                                                             KEEL_FATE_UNKNOWN },
        {RULE_REPLY,    408, "",                                                             KEEL_FATE_UNKNOWN },
        {RULE_REPLY,    400, "{\"code\":-1000,\"msg\":\"x\"}",                               KEEL_FATE_UNKNOWN },
        {RULE_REPLY,    400, "{\"code\":-1006,\"msg\":\"x\"}",                               KEEL_FATE_UNKNOWN },
        {RULE_REPLY,    400, "{\"code\":-1007,\"msg\":\"x\"}",                               KEEL_FATE_UNKNOWN },
        {RULE_REPLY,    400, "{\"code\":-2019,\"msg\":\"x\"}",                               KEEL_FATE_REJECTED},
        {RULE_REPLY,    400, "{\"code\":-1021,\"msg\":\"x\"}",                               KEEL_FATE_REJECTED},
        {RULE_REPLY,    503, "Unknown error, please check your request or try again later.",
         KEEL_FATE_UNKNOWN                                                                                     },
        {RULE_REPLY,    503, "Service Unavailable.",                                         KEEL_FATE_FAILED  },
        {RULE_REPLY,    503,
         "{\"code\":-1001,\"msg\":\"Internal error; unable to process your "
         "request. Please try again.\"}",                                                    KEEL_FATE_FAILED  },
        {RULE_REPLY,    503, "{\"code\":-1008,\"msg\":\"x\"}",                               KEEL_FATE_FAILED  },
        {RULE_REPLY,    502, "<html>",                                                       KEEL_FATE_UNKNOWN },
        {RULE_REPLY,    429, "{\"code\":-1003,\"msg\":\"x\"}",                               KEEL_FATE_FAILED  },
        {RULE_REPLY,    418, "{\"code\":-1003,\"msg\":\"x\"}",                               KEEL_FATE_FAILED  },
        {RULE_REPLY,    403, "<html>",                                                       KEEL_FATE_FAILED  },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct venue *venue = new_live_venue();
        struct outcome outcome = {0};
        struct keel_error error;
        struct keel_statistics statistics;
        struct keel_order_request request =
            limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
        bool unknown = cases[i].fate == KEEL_FATE_UNKNOWN;

        add_rule(venue, "POST", "/order", cases[i].kind, cases[i].status, cases[i].body, 0);
        add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
        assert_int_equal(
            keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error),
            KEEL_OK);
        advance(venue, 5000);
        if (outcome.fate != cases[i].fate)
            fail_msg("case %d: %s", (int)i, keel_fate_name(outcome.fate));
        assert_int_equal(outcome.calls, 1);
        assert_int_equal(count_seen(venue, "POST", "/order"), 1);
        keel_private_statistics(venue->base, &statistics);
        assert_int_equal(statistics.unsettled, unknown ? 1 : 0);
        assert_int_equal(statistics.open_orders, unknown ? 1 : 0); /* its margin is held */
        free_venue(venue);
    }
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
        cmocka_unit_test(b16_a_resting_take_profit_is_canceled_before_the_position_is_closed),
        cmocka_unit_test(b16_what_was_in_the_way_of_a_partial_close_is_put_back),
        cmocka_unit_test(b17_a_position_below_the_least_notional_is_closed_to_nothing),
        cmocka_unit_test(b18_a_refused_close_looks_at_the_position_and_is_not_repeated_for_ever),
        cmocka_unit_test(b18_a_refused_close_of_a_position_that_is_flat_by_now_has_done_its_work),
        cmocka_unit_test(b18_a_close_that_fills_in_part_goes_on_until_flat),
        cmocka_unit_test(what_is_read_after_a_silence_is_stale_before_anything_else_has_happened),
        cmocka_unit_test(a_suspended_process_reconciles),
        cmocka_unit_test(a_clock_that_jumps_is_measured_before_anything_is_signed),
        cmocka_unit_test(a_measurement_of_the_clock_that_is_refused_is_made_again),
        cmocka_unit_test(a_refused_timestamp_is_healed_once_and_then_named),
        cmocka_unit_test(b01_an_order_that_the_stream_shows_was_accepted_whatever_the_query_says),
        cmocka_unit_test(b01_what_the_stream_shows_outweighs_an_answer_that_was_on_its_way),
        cmocka_unit_test(b23_what_the_venue_closes_is_told_with_its_own_cause),
        cmocka_unit_test(b23_a_liquidation_while_away_is_told_by_what_it_cost),
        cmocka_unit_test(what_the_first_statement_has_already_is_not_booked_again),
        cmocka_unit_test(b02_a_stop_is_looked_for_only_where_stops_are),
        cmocka_unit_test(b06_a_lost_order_is_sent_once_whatever_becomes_of_the_questions),
        cmocka_unit_test(b07_a_fill_after_the_cancel_still_counts),
        cmocka_unit_test(b11_updates_of_one_millisecond_are_as_many_states),
        cmocka_unit_test(b13_what_a_stream_leaves_out_is_computed),
        cmocka_unit_test(b14_a_reduce_only_fill_never_turns_a_position_over),
        cmocka_unit_test(b15_the_venue_may_shrink_an_order),
        cmocka_unit_test(b22_a_liquidation_price_of_nothing_is_no_price),
        cmocka_unit_test(b27_a_page_that_is_lost_is_asked_for_again),
        cmocka_unit_test(b28_what_a_fill_does_follows_from_the_position_before_it),
        cmocka_unit_test(b25_when_the_budget_runs_out_cancels_and_reductions_still_leave),
        cmocka_unit_test(b25_an_order_that_may_not_leave_in_time_never_leaves),
        cmocka_unit_test(b25_a_cancel_that_may_not_leave_in_time_never_leaves),
        cmocka_unit_test(the_fate_of_an_order_is_told_by_every_answer_and_by_none),
        cmocka_unit_test(a_setting_of_a_market_says_nothing_of_the_modes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

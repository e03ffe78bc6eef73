/* How an exchange comes to life, and how it does not. */
#include "scripted_venue.h"

static int place_of(const struct venue *venue, const char *method, const char *path)
{
    for (int i = 0; i < venue->seen_count; i++) {
        size_t size = strlen(venue->seen[i].path), end = strlen(path);
        if (strcmp(venue->seen[i].method, method) == 0 && size >= end &&
            strcmp(venue->seen[i].path + size - end, path) == 0)
            return i;
    }
    fail_msg("%s %s was never sent", method, path);
    return -1;
}

static struct keel_connection connection_of(const struct venue *venue)
{
    struct keel_connection connection;
    keel_private_connection(venue->base, &connection);
    return connection;
}

static void an_exchange_loads_all_and_goes_live(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_statistics statistics;

    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.balances, 1);
    assert_true(statistics.has_credentials);
    assert_true(statistics.connection.user_stream);
    assert_true(statistics.connection.market_stream);
    assert_true(has_log(venue, "initialised: balances 1, open orders 0, positions 0"));
    assert_int_equal(venue->states[0], KEEL_CONNECTION_LOADING);
    assert_int_equal(venue->states[1], KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->state_count, 2);
    free_venue(venue);
}

static void the_clock_and_the_markets_come_first_and_the_snapshot_after_the_streams(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    venue->streams_held = true;
    start(venue);
    assert_true(place_of(venue, "GET", "/time") < place_of(venue, "POST", "/listenKey"));
    assert_true(place_of(venue, "GET", "/exchangeInfo") < place_of(venue, "POST", "/listenKey"));
    assert_int_equal(count_seen(venue, "GET", "/v3/balance"), 0);

    keel_private_on_stream_opened(venue->base, venue->opening[KEEL_STREAM_MARKET]);
    settle(venue);
    assert_int_equal(count_seen(venue, "GET", "/v3/balance"), 0);
    keel_private_on_stream_opened(venue->base, venue->opening[KEEL_STREAM_USER]);
    settle(venue);
    assert_int_equal(count_seen(venue, "GET", "/v3/balance"), 1);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void rules_that_the_caller_has_are_not_loaded_again(void **state)
{
    (void)state;
    struct venue *donor = new_live_venue();
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    struct keel_error error = {0};
    const struct keel_markets *markets = keel_private_markets(donor->base);

    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    struct keel_market rules[2] = {*keel_markets_get(markets, 1), *keel_markets_get(markets, 2)};
    config.markets = rules;
    config.market_count = 2;
    new_venue_with(&config, venue);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(count_seen(venue, "GET", "/exchangeInfo"), 0);
    assert_int_equal(count_seen(venue, "GET", "/commissionRate"), 2);

    config.market_count = 1;
    assert_null(keel_futures_new(&config, &error));
    assert_int_equal(error.status, KEEL_CONFIG);
    free_venue(venue);
    free_venue(donor);
}

static void timestamps_are_the_venues_time_by_the_measured_offset(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    venue->clock_ahead_ms = 5000;
    add_rule(venue, "GET", "/time", RULE_HOLD, 0, NULL, 1);
    start(venue);
    set_time(venue, venue->now_ns + 200 * INT64_C(1000000));
    answer_held(venue, 200, "{\"serverTime\":1700000005100}");
    settle(venue);
    assert_int_equal(connection_of(venue).clock_offset_ms, 5000);
    assert_string_equal(param(last_seen(venue, "GET", "/v3/balance"), "timestamp"),
                        "1700000005200");
    free_venue(venue);
}

static void a_failed_start_names_each_load_that_failed(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 400,
             "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}", 0);
    add_rule(venue, "GET", "/leverageBracket", RULE_REPLY, 400,
             "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}", 0);
    add_rule(venue, "GET", "/commissionRate", RULE_REPLY, 400,
             "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", 1);
    start(venue);

    struct keel_connection connection = connection_of(venue);
    assert_int_equal(connection.state, KEEL_CONNECTION_CLOSED);
    assert_string_equal(connection.last_error.message,
                        "positions, brackets: -1022 Signature for this request is not valid.; "
                        "fees of BTC/USDT:USDT: -1121 Invalid symbol.");
    assert_int_equal(connection.last_error.status, KEEL_REJECTED);
    assert_int_equal(connection.last_error.venue_code, -1022);
    assert_int_equal(keel_private_deadline_ns(venue->base), INT64_MAX);

    enum keel_status status;
    assert_int_equal(keel_private_balances(venue->base, false, NULL, 0, &status), 0);
    assert_int_equal(status, KEEL_STALE);
    free_venue(venue);
}

static void a_symbol_that_does_not_exist_fails_the_start(void **state)
{
    (void)state;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    const char *symbols[] = {"BTCUSDT", "NOPEUSDT"};

    config.symbols = symbols;
    config.symbol_count = 2;
    new_venue_with(&config, venue);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);
    assert_string_equal(connection_of(venue).last_error.message,
                        "symbols: no market is called NOPEUSDT");
    assert_int_equal(connection_of(venue).last_error.status, KEEL_SYMBOL_UNKNOWN);
    free_venue(venue);
}

static void a_refused_stream_key_fails_the_start(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    add_rule(venue, "POST", "/listenKey", RULE_REPLY, 401,
             "{\"code\":-2015,\"msg\":\"Invalid API-key, IP, or permissions for action.\"}", 0);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);
    assert_non_null(strstr(connection_of(venue).last_error.message,
                           "stream key: -2015 Invalid API-key, IP, or permissions for action."));
    free_venue(venue);
}

static void lost_and_busy_loads_are_repeated(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    add_rule(venue, "GET", "/time", RULE_NOT_SENT, 0, NULL, 2);
    add_rule(venue, "GET", "/v3/positionRisk", RULE_LOST, 0, NULL, 1);
    add_rule(venue, "GET", "/v3/balance", RULE_REPLY, 429,
             "{\"code\":-1003,\"msg\":\"Too many requests.\"}", 1);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    advance(venue, 5000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(count_seen(venue, "GET", "/v3/positionRisk"), 2);
    assert_int_equal(count_seen(venue, "GET", "/v3/balance"), 2);
    free_venue(venue);
}

static void nothing_leaves_while_the_venue_wants_silence(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    add_rule(venue, "GET", "/exchangeInfo", RULE_REPLY, 418,
             "{\"code\":-1003,\"msg\":\"Way too many requests; IP banned until 1700000007000.\"}",
             1);
    start(venue);
    int before = venue->seen_count;
    advance(venue, 6900);
    assert_int_equal(venue->seen_count, before);
    advance(venue, 200);
    assert_true(venue->seen_count > before);
    free_venue(venue);
}

static void a_start_that_takes_too_long_names_what_is_missing(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    venue->streams_refused = true;
    start(venue);
    advance(venue, 29000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    advance(venue, 2000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);
    assert_non_null(strstr(connection_of(venue).last_error.message,
                           "user stream, market stream: connection refused"));

    struct venue *slow = new_venue();
    add_rule(slow, "GET", "/v3/positionRisk", RULE_LOST, 0, NULL, 0);
    start(slow);
    advance(slow, 31000);
    assert_int_equal(state_of(slow), KEEL_CONNECTION_CLOSED);
    assert_non_null(
        strstr(connection_of(slow).last_error.message, "positions: no answer: timed out"));
    free_venue(slow);
    free_venue(venue);
}

static void a_start_that_the_venues_limit_holds_back_says_for_how_long(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    add_rule(venue, "POST", "/listenKey", RULE_REPLY, 200, "{\"listenKey\":\"k\"}", 0);
    venue->rules[venue->rule_count - 1].headers = "X-MBX-USED-WEIGHT-1M: 2399\r\n";
    start(venue);
    advance(venue, 31000);
    assert_int_equal(count_seen(venue, "GET", "/v3/balance"), 0);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);
    assert_non_null(strstr(connection_of(venue).last_error.message,
                           "limit of requests is used up for 10 more s"));
    free_venue(venue);
}

static void a_venue_that_cannot_be_reached_fails_the_start_soon(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    add_rule(venue, "GET", "/time", RULE_NOT_SENT, 0, NULL, 0);
    add_rule(venue, "GET", "/exchangeInfo", RULE_NOT_SENT, 0, NULL, 0);
    start(venue);
    advance(venue, 300);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    advance(venue, 1700);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);
    assert_int_equal(count_seen(venue, "GET", "/time"), 4);
    assert_int_equal(connection_of(venue).last_error.status, KEEL_FAILED);
    assert_string_equal(connection_of(venue).last_error.message,
                        "time, markets: not sent: connection refused");
    free_venue(venue);
}

static void a_failed_start_may_be_tried_again(void **state)
{
    (void)state;
    struct venue *venue = new_venue();
    struct keel_error error;

    add_rule(venue, "GET", "/v3/balance", RULE_REPLY, 400,
             "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}", 1);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(keel_private_start(venue->base, &error), KEEL_CONFIG);
    free_venue(venue);
}

static void frames_that_come_during_the_load_are_applied_after_it_in_order(void **state)
{
    (void)state;
    struct venue *venue = new_venue();
    struct keel_balance balance;

    add_rule(venue, "GET", "/v3/balance", RULE_HOLD, 0, NULL, 1);
    start(venue);
    assert_int_equal(venue->held_count, 1);
    send_account(venue, "9000", "BTCUSDT", "0.5", "20000");
    send_account(venue, "9001", "BTCUSDT", "0.6", "20000");
    settle(venue);
    assert_int_equal(venue->position_count, 0);
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, NULL),
                     KEEL_STALE);

    answer_held(venue, 200, NULL);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(venue->position_count, 2);
    assert_decimal(venue->positions[0].quantity, "0.5");
    assert_decimal(venue->positions[1].quantity, "0.6");
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, NULL),
                     KEEL_OK);
    assert_decimal(balance.wallet, "9001");
    free_venue(venue);
}

static void a_stream_lost_during_the_load_makes_it_load_again(void **state)
{
    (void)state;
    struct venue *venue = new_venue();

    add_rule(venue, "GET", "/v3/balance", RULE_HOLD, 0, NULL, 1);
    start(venue);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    answer_held(venue, 200, NULL); /* of the load that is over: it says nothing */
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    advance(venue, 1000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(count_seen(venue, "GET", "/v3/balance"), 2);
    assert_int_equal(count_seen(venue, "POST", "/listenKey"), 2);
    free_venue(venue);
}

static void without_symbols_those_with_positions_are_active(void **state)
{
    (void)state;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);

    new_venue_with(&config, venue);
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200,
             "[{\"symbol\":\"ETHUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"-2\","
             "\"entryPrice\":\"1000\",\"breakEvenPrice\":\"1000\",\"markPrice\":\"1000\","
             "\"unRealizedProfit\":\"0\",\"liquidationPrice\":\"0\",\"isolatedMargin\":\"0\","
             "\"notional\":\"-2000\",\"marginAsset\":\"USDT\",\"isolatedWallet\":\"0\","
             "\"initialMargin\":\"200\",\"maintMargin\":\"8\",\"positionInitialMargin\":\"200\","
             "\"openOrderInitialMargin\":\"0\",\"adl\":1,\"bidNotional\":\"0\","
             "\"askNotional\":\"0\",\"updateTime\":1690000000000}]",
             0);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(count_seen(venue, "GET", "/commissionRate"), 1);
    assert_string_equal(param(last_seen(venue, "GET", "/commissionRate"), "symbol"), "ETHUSDT");
    assert_non_null(strstr(venue->market_path, "ethusdt@markPrice"));
    assert_int_equal(venue->position_count, 1);
    free_venue(venue);
}

static void without_credentials_only_marks_are_known(void **state)
{
    (void)state;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    struct keel_error error;
    struct keel_balance balance;
    struct keel_statistics statistics;

    config.api_key = config.secret = KEEL_STR("");
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    new_venue_with(&config, venue);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(count_seen(venue, "POST", "/listenKey"), 0);
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), true, &balance, &error),
                     KEEL_NOT_LOADED);
    assert_non_null(strstr(error.message, "no credentials"));
    keel_private_statistics(venue->base, &statistics);
    assert_false(statistics.has_credentials);

    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "1", "20000");
    assert_int_equal(keel_futures_place_order(venue->futures, &request, NULL, NULL, &error),
                     KEEL_NOT_LOADED);
    venue->mark_count = 0;
    send_mark(venue, "BTCUSDT", "20100");
    assert_int_equal(venue->mark_count, 1);
    free_venue(venue);
}

static void a_stop_closes_the_streams_and_answers_every_call(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome sent = {0}, queued = {0};
    struct keel_error error;

    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 0);
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    assert_int_equal(keel_futures_place_order(venue->futures, &request, note_result, &sent, &error),
                     KEEL_OK);
    drain(venue);
    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_result, &queued, &error), KEEL_OK);
    keel_private_stop(venue->base);
    assert_int_equal(sent.calls, 1);
    assert_int_equal(sent.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(queued.calls, 1);
    assert_int_equal(queued.fate, KEEL_FATE_FAILED);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);
    venue->closed_count = 0;
    drain(venue);
    assert_int_equal(venue->closed_count, 2);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    answer_held(venue, 200, "{}");
    assert_int_equal(sent.calls, 1);
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exchange_loads_all_and_goes_live),
        cmocka_unit_test(the_clock_and_the_markets_come_first_and_the_snapshot_after_the_streams),
        cmocka_unit_test(rules_that_the_caller_has_are_not_loaded_again),
        cmocka_unit_test(timestamps_are_the_venues_time_by_the_measured_offset),
        cmocka_unit_test(a_failed_start_names_each_load_that_failed),
        cmocka_unit_test(a_symbol_that_does_not_exist_fails_the_start),
        cmocka_unit_test(a_refused_stream_key_fails_the_start),
        cmocka_unit_test(lost_and_busy_loads_are_repeated),
        cmocka_unit_test(nothing_leaves_while_the_venue_wants_silence),
        cmocka_unit_test(a_start_that_takes_too_long_names_what_is_missing),
        cmocka_unit_test(a_start_that_the_venues_limit_holds_back_says_for_how_long),
        cmocka_unit_test(a_venue_that_cannot_be_reached_fails_the_start_soon),
        cmocka_unit_test(a_failed_start_may_be_tried_again),
        cmocka_unit_test(frames_that_come_during_the_load_are_applied_after_it_in_order),
        cmocka_unit_test(a_stream_lost_during_the_load_makes_it_load_again),
        cmocka_unit_test(without_symbols_those_with_positions_are_active),
        cmocka_unit_test(without_credentials_only_marks_are_known),
        cmocka_unit_test(a_stop_closes_the_streams_and_answers_every_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

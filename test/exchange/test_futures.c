/* The life of a futures position, by name: position lifecycle, leverage change, reduce-only orders,
 * margin levels, risk calculations; and closing. */
#include "scripted_venue.h"

static struct keel_position position_of(const struct venue *venue, const char *symbol)
{
    struct keel_position position;
    struct keel_error error = {0};
    if (keel_futures_position(venue->futures, market_of(venue, symbol), KEEL_NET, false, &position,
                              &error) != KEEL_OK)
        fail_msg("%s", error.message);
    return position;
}

static struct keel_risk risk_of(const struct venue *venue, const char *symbol)
{
    struct keel_risk risk;
    struct keel_error error = {0};
    if (keel_futures_risk(venue->futures, market_of(venue, symbol), KEEL_NET, false, &risk,
                          &error) != KEEL_OK)
        fail_msg("%s", error.message);
    return risk;
}

static enum keel_status place(struct venue *venue, const struct keel_order_request *request,
                              struct outcome *outcome, struct keel_error *error)
{
    return keel_futures_place_order(venue->futures, request, note_result, outcome, error);
}

static void position_lifecycle(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_position position;
    struct keel_error error;
    struct keel_books_summary books;
    keel_market_id market = market_of(venue, "BTCUSDT");

    assert_int_equal(
        keel_futures_position(venue->futures, market, KEEL_NET, false, &position, &error),
        KEEL_NO_POSITION);

    /* opened, */
    advance(venue, 1000);
    send_fill(venue, &(struct fill){"BTCUSDT", "a", 1, 1, "BUY", "MARKET", "FILLED", "0.5", "0",
                                    "0.5", "20000", "0.5", "5", "0", false});
    send_account(venue, "9995", "BTCUSDT", "0.5", "20000");
    position = position_of(venue, "BTCUSDT");
    assert_decimal(position.quantity, "0.5");
    assert_true(has_log(venue, "position updated: BTC/USDT:USDT long size 0.5"));

    /* grown, */
    advance(venue, 1000);
    send_fill(venue, &(struct fill){"BTCUSDT", "b", 2, 2, "BUY", "MARKET", "FILLED", "0.5", "0",
                                    "0.5", "21000", "0.5", "5.25", "0", false});
    send_account(venue, "9989.75", "BTCUSDT", "1", "20500");
    position = position_of(venue, "BTCUSDT");
    assert_decimal(position.entry_price, "20500");

    /* shrunk with a profit, */
    advance(venue, 1000);
    send_fill(venue, &(struct fill){"BTCUSDT", "c", 3, 3, "SELL", "MARKET", "FILLED", "0.4", "0",
                                    "0.4", "21500", "0.4", "4.3", "400", true});
    send_account(venue, "10385.45", "BTCUSDT", "0.6", "20500");

    /* turned, */
    advance(venue, 1000);
    send_fill(venue, &(struct fill){"BTCUSDT", "d", 4, 4, "SELL", "MARKET", "FILLED", "1", "0", "1",
                                    "20000", "1", "10", "-300", false});
    send_account(venue, "10075.45", "BTCUSDT", "-0.4", "20000");
    position = position_of(venue, "BTCUSDT");
    assert_decimal(position.quantity, "-0.4");
    assert_string_equal(keel_position_direction(&position), "short");

    /* and flat: absent. */
    advance(venue, 1000);
    send_fill(venue, &(struct fill){"BTCUSDT", "e", 5, 5, "BUY", "MARKET", "FILLED", "0.4", "0",
                                    "0.4", "19000", "0.4", "3.8", "400", true});
    send_account(venue, "10471.65", "BTCUSDT", "0", "0");
    assert_int_equal(
        keel_futures_position(venue->futures, market, KEEL_NET, false, &position, &error),
        KEEL_NO_POSITION);
    assert_decimal(venue->positions[venue->position_count - 1].quantity, "0");
    assert_int_equal(venue->position_count, 5);
    assert_int_equal(venue->execution_count, 5);

    keel_futures_books(venue->futures, &books);
    assert_int_equal(books.executions, 5);
    assert_decimal(books.fees, "28.35");
    assert_decimal(books.realized_pnl, "500");
    assert_decimal(books.wallet, "10471.65");
    assert_int_equal(venue->difference_count, 0);
    free_venue(venue);
}

static void leverage_change(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_leverage leverage;
    struct outcome outcome = {0};
    struct keel_error error;
    keel_market_id market = market_of(venue, "BTCUSDT");

    assert_int_equal(keel_futures_leverage(venue->futures, market, &leverage, &error), KEEL_OK);
    assert_int_equal(leverage.leverage, 20);
    assert_int_equal(leverage.leverage_max, 125);
    assert_int_equal(leverage.margin_mode, KEEL_CROSS);

    /* Nothing changes here before the venue has answered, */
    add_rule(venue, "POST", "/leverage", RULE_HOLD, 0, NULL, 1);
    assert_int_equal(
        keel_futures_set_leverage(venue->futures, market, 50, note_result, &outcome, &error),
        KEEL_OK);
    settle(venue);
    assert_int_equal(keel_futures_leverage(venue->futures, market, &leverage, &error), KEEL_OK);
    assert_int_equal(leverage.leverage, 20);

    /* then its number counts, and the maximum and the mode are kept. */
    answer_held(venue, 200, NULL);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_true(outcome.has_leverage);
    assert_int_equal(outcome.leverage.leverage, 50);
    assert_int_equal(outcome.leverage.leverage_max, 125);
    assert_int_equal(outcome.leverage.margin_mode, KEEL_CROSS);

    /* Refused by the gate, by the venue, */
    assert_int_equal(
        keel_futures_set_leverage(venue->futures, market, 126, note_result, &outcome, &error),
        KEEL_LEVERAGE);
    add_rule(venue, "POST", "/leverage", RULE_REPLY, 400,
             "{\"code\":-4028,\"msg\":\"Leverage 60 is not valid\"}", 1);
    assert_int_equal(
        keel_futures_set_leverage(venue->futures, market, 60, note_result, &outcome, &error),
        KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    assert_int_equal(keel_futures_leverage(venue->futures, market, &leverage, &error), KEEL_OK);
    assert_int_equal(leverage.leverage, 50);

    /* and unknown: the settings are loaded to learn the truth. */
    int before = count_seen(venue, "GET", "/symbolConfig");
    add_rule(venue, "POST", "/leverage", RULE_LOST, 0, NULL, 1);
    add_rule(venue, "GET", "/symbolConfig", RULE_REPLY, 200,
             "[{\"symbol\":\"BTCUSDT\",\"marginType\":\"CROSSED\",\"isAutoAddMargin\":false,"
             "\"leverage\":70,\"maxNotionalValue\":\"600000\"}]",
             0);
    assert_int_equal(
        keel_futures_set_leverage(venue->futures, market, 70, note_result, &outcome, &error),
        KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    advance(venue, 1000);
    assert_int_equal(count_seen(venue, "GET", "/symbolConfig"), before + 1);
    assert_int_equal(keel_futures_leverage(venue->futures, market, &leverage, &error), KEEL_OK);
    assert_int_equal(leverage.leverage, 70);
    assert_true(has_log(venue, "set_leverage, unknown before, is accepted"));
    free_venue(venue);
}

static void a_late_answer_on_a_setting_does_not_undo_what_the_stream_has_told_since(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_leverage leverage;
    struct outcome outcome = {0};
    struct keel_error error;
    char text[160];
    keel_market_id market = market_of(venue, "BTCUSDT");

    add_rule(venue, "POST", "/leverage", RULE_HOLD, 0, NULL, 1);
    assert_int_equal(
        keel_futures_set_leverage(venue->futures, market, 50, note_result, &outcome, &error),
        KEEL_OK);
    settle(venue);
    advance(venue, 100);
    snprintf(text, sizeof(text),
             "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":%lld,\"T\":%lld,"
             "\"ac\":{\"s\":\"BTCUSDT\",\"l\":30}}",
             (long long)venue->wall_ms, (long long)venue->wall_ms);
    send_frame(venue, KEEL_STREAM_USER, text);
    answer_held(venue, 200, NULL);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(keel_futures_leverage(venue->futures, market, &leverage, &error), KEEL_OK);
    assert_int_equal(leverage.leverage, 30);
    free_venue(venue);
}

static void a_leverage_that_was_never_loaded_is_unknown(void **state)
{
    (void)state;
    struct venue *venue = new_venue();
    struct keel_leverage leverage;
    struct keel_error error;

    add_rule(venue, "GET", "/symbolConfig", RULE_REPLY, 200, "[]", 0);
    start(venue);
    assert_int_equal(
        keel_futures_leverage(venue->futures, market_of(venue, "BTCUSDT"), &leverage, &error),
        KEEL_NOT_LOADED);
    free_venue(venue);
}

static void margin_mode_change(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;

    assert_int_equal(keel_futures_set_margin_mode(venue->futures, market_of(venue, "BTCUSDT"),
                                                  KEEL_ISOLATED, note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(outcome.leverage.margin_mode, KEEL_ISOLATED);
    assert_int_equal(outcome.leverage.leverage, 20);

    add_rule(venue, "POST", "/marginType", RULE_REPLY, 400,
             "{\"code\":-4046,\"msg\":\"No need to change margin type.\"}", 1);
    assert_int_equal(keel_futures_set_margin_mode(venue->futures, market_of(venue, "BTCUSDT"),
                                                  KEEL_ISOLATED, note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    free_venue(venue);
}

static void reduce_only_orders(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error = {0};
    struct keel_order_request request = market_order(venue, "BTCUSDT", KEEL_SELL, "0.2");

    request.reduce_only = true;
    assert_int_equal(place(venue, &request, &outcome, &error), KEEL_REDUCE_ONLY);
    send_account(venue, "9995", "BTCUSDT", "0.5", "20000");

    /* of the wrong side, or larger than what there is: refused with both numbers; */
    request.side = KEEL_BUY;
    assert_int_equal(place(venue, &request, &outcome, &error), KEEL_REDUCE_ONLY);
    request.side = KEEL_SELL;
    request.quantity = dec("0.6");
    assert_int_equal(place(venue, &request, &outcome, &error), KEEL_REDUCE_ONLY);
    assert_non_null(strstr(error.message, "0.6"));
    assert_non_null(strstr(error.message, "0.5"));

    /* else it goes out, marked. */
    request.quantity = dec("0.2");
    assert_int_equal(place(venue, &request, &outcome, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_string_equal(param(last_seen(venue, "POST", "/order"), "reduceOnly"), "true");

    /* A close-position order takes no quantity. */
    struct keel_order_request stop = market_order(venue, "BTCUSDT", KEEL_SELL, "0.2");
    stop.type = KEEL_STOP_MARKET;
    stop.trigger_price = dec("19000");
    stop.close_position = true;
    assert_int_equal(place(venue, &stop, &outcome, &error), KEEL_ORDER_SHAPE);

    /* While the account is stale only a forced exit passes. */
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    request.quantity = dec("0.1");
    assert_int_equal(place(venue, &request, &outcome, &error), KEEL_STALE);
    request.forced = true;
    assert_int_equal(place(venue, &request, &outcome, &error), KEEL_OK);
    drain(venue);
    assert_int_equal(count_seen(venue, "POST", "/order"), 2);
    free_venue(venue);
}

static void margin_levels(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_margin_info info;
    struct keel_error error;
    keel_market_id market = market_of(venue, "BTCUSDT");

    assert_int_equal(keel_futures_margin(venue->futures, KEEL_NO_MARKET, false, &info, &error),
                     KEEL_OK);
    assert_decimal(info.wallet, "10000");
    assert_decimal(info.available, "10000");
    assert_decimal(info.maintenance_margin, "0");

    /* 2 at 20000, leverage 20: 2000 initial, 40000 * 0.004 = 160 maintained. */
    send_account(venue, "10000", "BTCUSDT", "2", "20000");
    assert_int_equal(keel_futures_margin(venue->futures, KEEL_NO_MARKET, false, &info, &error),
                     KEEL_OK);
    assert_decimal(info.initial_margin, "2000");
    assert_decimal(info.maintenance_margin, "160");
    assert_decimal(info.available, "8000");
    assert_decimal(info.margin_ratio, "0.016");

    /* A fall of 1000 takes 2000 of unrealised profit. */
    send_mark(venue, "BTCUSDT", "19000.0");
    assert_int_equal(keel_futures_margin(venue->futures, KEEL_NO_MARKET, false, &info, &error),
                     KEEL_OK);
    assert_decimal(info.unrealized_pnl, "-2000");
    assert_decimal(info.margin_balance, "8000");
    assert_decimal(info.maintenance_margin, "152");

    assert_int_equal(keel_futures_margin(venue->futures, market, false, &info, &error), KEEL_OK);
    assert_non_null(info.brackets);
    assert_int_equal(info.brackets->count, 3);
    free_venue(venue);
}

static void risk_calculations(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_futures_statistics statistics;
    struct keel_risk risk;
    struct keel_error error;

    send_account(venue, "10000", "BTCUSDT", "2", "20000");
    send_mark(venue, "BTCUSDT", "21000.0");
    risk = risk_of(venue, "BTCUSDT");
    assert_decimal(risk.unrealized_pnl, "2000");
    assert_decimal(risk.notional, "42000");
    assert_decimal(risk.initial_margin, "2100");
    assert_decimal(risk.margin, "2100");
    assert_decimal(risk.maintenance_margin, "168");
    assert_decimal(risk.margin_ratio, "0.014");
    assert_int_equal(risk.leverage, 20);
    assert_false(risk.high_risk);
    assert_false(risk.stale);
    assert_true(keel_decimal_is_positive(risk.liquidation_price));
    assert_true(keel_decimal_is_positive(risk.liquidation_distance));

    keel_futures_statistics(venue->futures, &statistics);
    assert_int_equal(statistics.positions, 1);
    assert_int_equal(statistics.high_risk_positions, 0);
    assert_decimal(statistics.unrealized_pnl, "2000");
    assert_decimal(statistics.margin_used, "2100");
    assert_int_equal(statistics.base.balances, 1);
    assert_false(statistics.stale);

    /* The caller's mark wins when it is newer; an old one makes the read stale. */
    set_time(venue, venue->now_ns + INT64_C(1000000));
    assert_int_equal(
        keel_futures_set_mark(venue->futures, market_of(venue, "BTCUSDT"), dec("20500"), &error),
        KEEL_OK);
    risk = risk_of(venue, "BTCUSDT");
    assert_decimal(risk.unrealized_pnl, "1000");
    assert_int_equal(risk.mark_source, KEEL_SOURCE_CALLER);
    advance(venue, 11000);
    assert_int_equal(keel_futures_risk(venue->futures, market_of(venue, "BTCUSDT"), KEEL_NET, false,
                                       &risk, &error),
                     KEEL_STALE);
    assert_int_equal(keel_futures_risk(venue->futures, market_of(venue, "BTCUSDT"), KEEL_NET, true,
                                       &risk, &error),
                     KEEL_OK);
    assert_true(risk.stale);
    assert_int_equal(keel_futures_risk(venue->futures, market_of(venue, "ETHUSDT"), KEEL_NET, false,
                                       &risk, &error),
                     KEEL_NO_POSITION);
    free_venue(venue);
}

static void a_total_with_a_missing_input_names_the_symbol(void **state)
{
    (void)state;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    struct keel_futures_statistics statistics;
    const char *symbols[] = {"BTCUSDT"};

    config.symbols = symbols;
    config.symbol_count = 1;
    new_venue_with(&config, venue);
    start(venue);
    add_rule(venue, "GET", "/premiumIndex", RULE_HOLD, 0, NULL, 0);
    send_account(venue, "10000", "ETHUSDT", "3", "1000");
    keel_futures_statistics(venue->futures, &statistics);
    assert_int_equal(statistics.positions, 1);
    assert_false(keel_decimal_is_valid(statistics.unrealized_pnl));
    assert_string_equal(statistics.missing_symbol, "ETH/USDT:USDT");

    /* The market is active from now on: its mark is loaded and the stream replaced. */
    settle(venue);
    assert_int_equal(venue->held_count, 1);
    assert_non_null(strstr(venue->market_path, "ethusdt@markPrice"));
    answer_held(venue, 200, NULL);
    keel_futures_statistics(venue->futures, &statistics);
    assert_decimal(statistics.unrealized_pnl, "57000");
    free_venue(venue);
}

static void one_crossing_is_one_warning(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    send_mark(venue, "BTCUSDT", "21000.0");
    send_account(venue, "2000", "BTCUSDT", "2", "20000");
    settle(venue);
    assert_int_equal(venue->risk_count, 0);

    /* Balance 2000 - 1840 = 160 against 152.64 maintained. */
    send_mark(venue, "BTCUSDT", "19080.0");
    assert_int_equal(venue->risk_count, 0); /* once a turn */
    settle(venue);
    int warned = venue->risk_count;
    assert_in_range(warned, 1, 2);
    bool ratio = false;
    for (int i = 0; i < warned; i++) {
        ratio = ratio || venue->risks[i].kind == KEEL_RISK_MARGIN_RATIO;
        assert_true(keel_decimal_is_valid(venue->risks[i].liquidation_price));
    }
    assert_true(ratio);
    assert_decimal(venue->risks[0].margin_ratio, "0.954");

    /* Trembling there says nothing more, going back beyond the hysteresis does. */
    send_mark(venue, "BTCUSDT", "19081.0");
    settle(venue);
    send_mark(venue, "BTCUSDT", "19080.0");
    settle(venue);
    assert_int_equal(venue->risk_count, warned);
    send_mark(venue, "BTCUSDT", "21000.0");
    settle(venue);
    assert_int_equal(venue->risk_count, warned + 1);
    assert_int_equal(venue->risks[warned].kind, KEEL_RISK_CLEARED);

    /* And the next crossing warns again. */
    send_mark(venue, "BTCUSDT", "19080.0");
    settle(venue);
    assert_int_equal(venue->risk_count, 2 * warned + 1);
    free_venue(venue);
}

static void the_venues_own_warning_and_its_liquidation_are_told(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();

    send_account(venue, "2000", "BTCUSDT", "2", "20000");
    settle(venue);
    venue->risk_count = 0;
    send_frame(venue, KEEL_STREAM_USER,
               "{\"e\":\"MARGIN_CALL\",\"E\":1700000000500,\"cw\":\"160\",\"p\":[{"
               "\"s\":\"BTCUSDT\",\"ps\":\"BOTH\",\"pa\":\"2\",\"mt\":\"CROSSED\",\"iw\":\"0\","
               "\"mp\":\"19080\",\"up\":\"-1840\",\"mm\":\"152.64\"}]}");
    assert_int_equal(venue->risk_count, 1);
    assert_int_equal(venue->risks[0].kind, KEEL_RISK_VENUE_MARGIN_CALL);

    struct fill fill = {"BTCUSDT",
                        "autoclose-1700000000500",
                        9,
                        50,
                        "SELL",
                        "LIMIT",
                        "PARTIALLY_FILLED",
                        "2",
                        "19000",
                        "1",
                        "19000",
                        "1",
                        "9.5",
                        "-1000",
                        false};
    send_fill(venue, &fill);
    fill.trade_id = 51;
    fill.status = "FILLED";
    fill.filled = "2";
    send_fill(venue, &fill);
    assert_int_equal(venue->risk_count, 2);
    assert_int_equal(venue->risks[1].kind, KEEL_RISK_LIQUIDATED);
    assert_int_equal(venue->executions[1].cause, KEEL_CAUSE_LIQUIDATION);
    free_venue(venue);
}

static void funding_is_told_once(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_books_summary books;

    send_account(venue, "10000", "BTCUSDT", "2", "20000");
    advance(venue, 1000);
    char text[512];
    snprintf(text, sizeof(text),
             "{\"e\":\"ACCOUNT_UPDATE\",\"E\":%lld,\"T\":%lld,\"a\":{\"m\":\"FUNDING_FEE\",\"B\":[{"
             "\"a\":\"USDT\",\"wb\":\"9996\",\"cw\":\"9996\",\"bc\":\"-4\"}],\"P\":[],"
             "\"S\":\"BTCUSDT\"}}",
             (long long)venue->wall_ms, (long long)venue->wall_ms);
    send_frame(venue, KEEL_STREAM_USER, text);
    assert_int_equal(venue->funding_count, 1);
    assert_decimal(venue->fundings[0].amount, "-4");
    keel_futures_books(venue->futures, &books);
    assert_int_equal(books.fundings, 1);
    assert_decimal(books.funding, "-4");
    assert_decimal(books.wallet, "9996");
    free_venue(venue);
}

/* Closing. */

struct closed {
    int calls;
    enum keel_fate fate;
    struct keel_error error;
    size_t order_count;
    struct keel_order orders[KEEL_CLOSE_ORDERS_MAX];
    keel_decimal remaining;
};

static void note_close(void *user, const struct keel_close_result *result)
{
    struct closed *closed = user;
    closed->calls++;
    closed->fate = result->fate;
    closed->error = result->error;
    closed->order_count = result->order_count;
    memcpy(closed->orders, result->orders, result->order_count * sizeof(*result->orders));
    closed->remaining = result->remaining;
}

static struct keel_close_request close_of(const struct venue *venue, const char *symbol)
{
    return (struct keel_close_request){
        .market = market_of(venue, symbol),
        .quantity = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
    };
}

static void a_close_that_cannot_be_right_is_refused(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};
    struct keel_error error;
    struct keel_close_request request = close_of(venue, "BTCUSDT");

    request.all = true;
    assert_int_equal(
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error),
        KEEL_NO_POSITION);
    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    request.quantity = dec("0.1");
    assert_int_equal(
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error),
        KEEL_INVALID);
    request.all = false;
    request.quantity = dec("0");
    assert_int_equal(
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error),
        KEEL_INVALID);
    request.quantity = dec("0.7");
    assert_int_equal(
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error),
        KEEL_CLOSE);
    assert_non_null(strstr(error.message, "0.7"));
    assert_non_null(strstr(error.message, "0.5"));
    assert_int_equal(closed.calls, 0);
    assert_int_equal(count_seen(venue, "POST", "/order"), 0);
    free_venue(venue);
}

static void a_whole_close_ends_flat(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};
    struct keel_error error = {0};
    struct keel_close_request request = close_of(venue, "BTCUSDT");

    send_account(venue, "10000", "BTCUSDT", "-0.5", "20000");
    advance(venue, 1000);
    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 0);
    request.all = true;
    enum keel_status status =
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    const struct seen *seen = last_seen(venue, "POST", "/order");
    assert_string_equal(param(seen, "side"), "BUY");
    assert_string_equal(param(seen, "quantity"), "0.5");
    assert_string_equal(param(seen, "reduceOnly"), "true");
    assert_int_equal(
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error),
        KEEL_CLOSE);

    /* The verdict alone does not say how it ended: the fill and the position do. */
    char client_id[48];
    copy_param(seen, "newClientOrderId", client_id, sizeof(client_id));
    answer_held(venue, 200, order_reply(venue, seen, "FILLED", "0.5", "20000"));
    settle(venue);
    assert_int_equal(closed.calls, 0);
    send_fill(venue, &(struct fill){"BTCUSDT", client_id, 1001, 8, "BUY", "MARKET", "FILLED", "0.5",
                                    "0", "0.5", "20000", "0.5", "5", "0", true});
    send_account(venue, "9995", "BTCUSDT", "0", "0");
    settle(venue);
    assert_int_equal(closed.calls, 1);
    assert_int_equal(closed.fate, KEEL_ACCEPTED);
    assert_int_equal(closed.order_count, 1);
    assert_int_equal(closed.orders[0].status, KEEL_ORDER_FILLED);
    assert_decimal(closed.remaining, "0");
    free_venue(venue);
}

static void a_close_larger_than_one_order_is_split(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};
    struct keel_error error = {0};
    struct keel_close_request request = close_of(venue, "BTCUSDT");

    send_account(venue, "200000", "BTCUSDT", "5", "20000");
    request.quantity = dec("4.5");
    enum keel_status status =
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    assert_int_equal(count_seen(venue, "POST", "/order"), 3);
    assert_string_equal(param(last_seen(venue, "POST", "/order"), "quantity"), "0.5");
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200,
             "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"5\","
             "\"entryPrice\":\"20000\",\"breakEvenPrice\":\"20000\",\"markPrice\":\"20000\","
             "\"unRealizedProfit\":\"0\",\"liquidationPrice\":\"0\",\"isolatedMargin\":\"0\","
             "\"notional\":\"100000\",\"marginAsset\":\"USDT\",\"isolatedWallet\":\"0\","
             "\"initialMargin\":\"5000\",\"maintMargin\":\"8\",\"positionInitialMargin\":\"5000\","
             "\"openOrderInitialMargin\":\"0\",\"adl\":1,\"bidNotional\":\"0\","
             "\"askNotional\":\"0\",\"updateTime\":1700000000000}]",
             0);
    advance(venue, 10000);
    assert_int_equal(closed.calls, 1);
    assert_int_equal(closed.error.status, KEEL_CLOSE);
    assert_int_equal(closed.order_count, 3);
    assert_decimal(closed.orders[0].quantity, "2");
    assert_decimal(closed.remaining, "5");
    free_venue(venue);
}

static void a_close_whose_order_is_rejected_says_so(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};
    struct keel_error error = {0};
    struct keel_close_request request = close_of(venue, "BTCUSDT");

    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    add_rule(venue, "POST", "/order", RULE_REPLY, 400,
             "{\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"}", 0);
    request.all = true;
    assert_int_equal(
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error),
        KEEL_OK);
    advance(venue, 6000);
    assert_int_equal(closed.calls, 1);
    assert_int_equal(closed.fate, KEEL_FATE_REJECTED);
    assert_int_equal(closed.error.venue_code, -2022);
    assert_decimal(closed.remaining, "0.5");
    free_venue(venue);
}

static void a_close_at_a_price_is_done_when_its_order_rests(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct closed closed = {0};
    struct keel_error error = {0};
    struct keel_close_request request = close_of(venue, "BTCUSDT");

    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    request.all = true;
    request.price = dec("20500");
    enum keel_status status =
        keel_futures_close_position(venue->futures, &request, note_close, &closed, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    const struct seen *seen = last_seen(venue, "POST", "/order");
    assert_string_equal(param(seen, "type"), "LIMIT");
    assert_string_equal(param(seen, "timeInForce"), "GTC");
    assert_int_equal(closed.calls, 1);
    assert_int_equal(closed.fate, KEEL_ACCEPTED);
    assert_int_equal(closed.orders[0].status, KEEL_ORDER_NEW);
    assert_decimal(closed.remaining, "0.5");
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(position_lifecycle),
        cmocka_unit_test(leverage_change),
        cmocka_unit_test(a_late_answer_on_a_setting_does_not_undo_what_the_stream_has_told_since),
        cmocka_unit_test(a_leverage_that_was_never_loaded_is_unknown),
        cmocka_unit_test(margin_mode_change),
        cmocka_unit_test(reduce_only_orders),
        cmocka_unit_test(margin_levels),
        cmocka_unit_test(risk_calculations),
        cmocka_unit_test(a_total_with_a_missing_input_names_the_symbol),
        cmocka_unit_test(one_crossing_is_one_warning),
        cmocka_unit_test(the_venues_own_warning_and_its_liquidation_are_told),
        cmocka_unit_test(funding_is_told_once),
        cmocka_unit_test(a_close_that_cannot_be_right_is_refused),
        cmocka_unit_test(a_whole_close_ends_flat),
        cmocka_unit_test(a_close_larger_than_one_order_is_split),
        cmocka_unit_test(a_close_whose_order_is_rejected_says_so),
        cmocka_unit_test(a_close_at_a_price_is_done_when_its_order_rests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Each refusal at its exact boundary: one step inside passes. */
#include "scenario.h"

static enum keel_status check(struct scenario *scenario, const struct keel_command *command)
{
    scenario->error = (struct keel_error){0};
    return keel_gate_check(scenario->account, command, NOW, &scenario->error);
}

static enum keel_status place(struct scenario *scenario, const struct keel_order_request *request)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER, .place = *request};
    return check(scenario, &command);
}

static enum keel_status limit(struct scenario *scenario, enum keel_side side, const char *quantity,
                              const char *price)
{
    struct keel_order_request request = limit_request(scenario, side, quantity, price);
    return place(scenario, &request);
}

static struct keel_order_request market_request(struct scenario *scenario, enum keel_side side,
                                                const char *quantity)
{
    struct keel_order_request request = limit_request(scenario, side, quantity, "1");
    request.type = KEEL_MARKET;
    request.price = KEEL_DECIMAL_ABSENT;
    return request;
}

static struct keel_order_request stop_request(struct scenario *scenario, enum keel_side side,
                                              const char *quantity, const char *trigger)
{
    struct keel_order_request request = market_request(scenario, side, quantity);
    request.type = KEEL_STOP_MARKET;
    request.trigger_price = D(trigger);
    return request;
}

static void assert_says(const struct scenario *scenario, const char *message)
{
    assert_string_equal(scenario->error.message, message);
}

static void rest_reduce_only(struct scenario *scenario, const char *quantity)
{
    struct keel_event event = order_event(scenario, "900", "tp", KEEL_ORDER_NEW);
    event.order.side = KEEL_SELL;
    event.order.reduce_only = true;
    event.order.quantity = D(quantity);
    event.order.price = D("21000");
    apply_ok(scenario, event);
}

/* Grids and limits --------------------------------------------------------------------------- */

static void a_price_off_the_grid_names_the_two_nearest(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "19999.9"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "19999.95"), KEEL_PRICE_TICK);
    assert_says(&s, "BTC/USDT:USDT: price 19999.95 is not on the grid of 0.1; nearest 19999.9 and "
                    "20000");
    end_scenario(&s);
}

static void a_price_outside_the_limits_is_refused(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_mark(&s, s.btc, "10");
    assert_int_equal(limit(&s, KEEL_BUY, "1", "10"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "1", "9.9"), KEEL_PRICE_RANGE);
    assert_says(&s, "BTC/USDT:USDT: price 9.9 is below the minimum 10");
    tell_wallet(&s, "10000000");
    tell_mark(&s, s.btc, "1000000");
    assert_int_equal(limit(&s, KEEL_BUY, "1", "1000000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "1", "1000000.1"), KEEL_PRICE_RANGE);
    end_scenario(&s);
}

static void the_price_band_is_a_buys_roof_and_a_sells_floor(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "21000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "21000.1"), KEEL_PRICE_BAND);
    assert_says(&s, "BTC/USDT:USDT: buying at 21000.1 is above 21000, the band's end around 20000");
    assert_int_equal(limit(&s, KEEL_SELL, "0.1", "19000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_SELL, "0.1", "18999.9"), KEEL_PRICE_BAND);
    assert_int_equal(limit(&s, KEEL_SELL, "0.1", "30000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "10000"), KEEL_OK);
    end_scenario(&s);
}

static void b20_a_quantity_off_the_grid_names_the_two_nearest(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_int_equal(limit(&s, KEEL_BUY, "0.012", "20000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "0.0125", "20000"), KEEL_QUANTITY_STEP);
    assert_says(&s, "BTC/USDT:USDT: quantity 0.0125 is not on the grid of 0.001; nearest 0.012 and "
                    "0.013");
    end_scenario(&s);
}

static void limit_and_market_orders_have_lots_of_their_own(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_wallet(&s, "10000000");
    struct keel_order_request market = market_request(&s, KEEL_BUY, "120");
    assert_int_equal(place(&s, &market), KEEL_OK);
    market.quantity = D("120.001");
    assert_int_equal(place(&s, &market), KEEL_QUANTITY_RANGE);
    assert_says(&s, "BTC/USDT:USDT: quantity 120.001 is above the maximum 120");
    assert_int_equal(limit(&s, KEEL_BUY, "120.001", "20000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "0.0009", "20000"), KEEL_QUANTITY_RANGE);
    end_scenario(&s);
}

static void the_minimum_notional_is_inclusive(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_int_equal(limit(&s, KEEL_BUY, "0.001", "5000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "0.001", "4999.9"), KEEL_NOTIONAL_MIN);
    assert_says(&s, "BTC/USDT:USDT: 0.001 at 4999.9 is a notional of 4.9999, below the minimum 5");
    tell_mark(&s, s.btc, "4999");
    struct keel_order_request market = market_request(&s, KEEL_BUY, "0.001");
    assert_int_equal(place(&s, &market), KEEL_NOTIONAL_MIN);
    end_scenario(&s);
}

static void b17_dust_can_be_closed(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_mark(&s, s.btc, "1000");
    tell_position(&s, s.btc, "0.001", "1000"); /* worth 1, the minimum is 5 */
    struct keel_order_request close = market_request(&s, KEEL_SELL, "0.001");
    assert_int_equal(place(&s, &close), KEEL_NOTIONAL_MIN);
    close.reduce_only = true;
    assert_int_equal(place(&s, &close), KEEL_OK);
    end_scenario(&s);
}

static void nearest_values_are_the_value_itself_on_the_grid(void **state)
{
    (void)state;
    keel_decimal below, above;
    keel_gate_nearest(D("0.3"), KEEL_DECIMAL_ABSENT, D("0.1"), &below, &above);
    assert_decimal(below, "0.3");
    assert_decimal(above, "0.3");
    keel_gate_nearest(D("1.07"), D("0.05"), D("0.1"), &below, &above);
    assert_decimal(below, "1.05");
    assert_decimal(above, "1.15");
}

/* Shape -------------------------------------------------------------------------------------- */

static void prices_belong_to_the_types_that_have_them(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = limit_request(&s, KEEL_BUY, "0.1", "20000");
    request.price = KEEL_DECIMAL_ABSENT;
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    assert_says(&s, "BTC/USDT:USDT: a limit order needs a price above 0");
    request = market_request(&s, KEEL_BUY, "0.1");
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.price = D("20000");
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = limit_request(&s, KEEL_BUY, "0.1", "20000");
    request.trigger_price = D("20000");
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = stop_request(&s, KEEL_BUY, "0.1", "21000");
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.trigger_price = KEEL_DECIMAL_ABSENT;
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    end_scenario(&s);
}

static void an_order_needs_a_side_a_type_and_a_quantity(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = limit_request(&s, KEEL_BUY, "0.1", "20000");
    request.side = KEEL_SIDE_NONE;
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = limit_request(&s, KEEL_BUY, "0.1", "20000");
    request.type = KEEL_ORDER_TYPE_NONE;
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = limit_request(&s, KEEL_BUY, "0", "20000"); /* 0 never means all */
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = market_request(&s, KEEL_BUY, "0.1");
    request.time_in_force = KEEL_IOC;
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = limit_request(&s, KEEL_BUY, "0.1", "20000");
    request.time_in_force = KEEL_GTD;
    assert_int_equal(place(&s, &request), KEEL_UNSUPPORTED);
    end_scenario(&s);
}

static struct keel_order_request trailing_request(struct scenario *scenario, enum keel_side side,
                                                  const char *percent)
{
    struct keel_order_request request = market_request(scenario, side, "0.1");
    request.type = KEEL_TRAILING_STOP;
    request.callback_percent = D(percent);
    return request;
}

static void a_trailing_stop_needs_a_callback_in_its_range(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = trailing_request(&s, KEEL_BUY, "0.1");
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.callback_percent = D("20");
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.callback_percent = D("0.09");
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    assert_says(&s, "BTC/USDT:USDT: callback percent 0.09 is below the minimum 0.1");
    request.callback_percent = D("20.1");
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request.callback_percent = KEEL_DECIMAL_ABSENT;
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = limit_request(&s, KEEL_BUY, "0.1", "20000");
    request.callback_percent = D("1");
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    assert_says(&s, "BTC/USDT:USDT: a limit order has no callback");
    end_scenario(&s);
}

static void a_trailing_stop_becomes_active_on_the_far_side_of_the_price(void **state)
{
    (void)state;
    struct scenario s = ready_scenario(); /* the mark is 20000 */
    struct keel_order_request request = trailing_request(&s, KEEL_SELL, "1");
    request.trigger_price = D("20100");
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.trigger_price = D("19900");
    assert_int_equal(place(&s, &request), KEEL_TRIGGER_PRICE);
    request.trigger_price = D("20100.05");
    assert_int_equal(place(&s, &request), KEEL_TRIGGER_PRICE);
    request.trigger_price = D("0");
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = trailing_request(&s, KEEL_BUY, "1");
    request.trigger_price = D("19900");
    assert_int_equal(place(&s, &request), KEEL_OK);
    end_scenario(&s);
}

static struct keel_order_request close_request(struct scenario *scenario, enum keel_side side)
{
    struct keel_order_request request =
        stop_request(scenario, side, "1", side == KEEL_SELL ? "19000" : "21000");
    request.close_position = true;
    request.quantity = KEEL_DECIMAL_ABSENT;
    return request;
}

static void close_position_has_no_quantity_and_no_other_type(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    struct keel_order_request request = close_request(&s, KEEL_SELL);
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.quantity = D("1");
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    assert_says(&s, "BTC/USDT:USDT: close_position closes all there is, yet a quantity of 1 is "
                    "given");
    request = close_request(&s, KEEL_SELL);
    request.reduce_only = true;
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = market_request(&s, KEEL_SELL, "1");
    request.close_position = true;
    request.quantity = KEEL_DECIMAL_ABSENT;
    assert_int_equal(place(&s, &request), KEEL_ORDER_SHAPE);
    request = close_request(&s, KEEL_SELL);
    request.type = KEEL_TAKE_PROFIT_MARKET;
    request.trigger_price = D("21000");
    assert_int_equal(place(&s, &request), KEEL_OK);
    end_scenario(&s);
}

static void close_position_closes_something_and_from_the_right_side(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = close_request(&s, KEEL_SELL);
    assert_int_equal(place(&s, &request), KEEL_CLOSE);
    assert_says(&s, "BTC/USDT:USDT: nothing to close: the position is flat");
    tell_position(&s, s.btc, "-0.5", "20000");
    assert_int_equal(place(&s, &request), KEEL_CLOSE);
    assert_says(&s, "BTC/USDT:USDT: a sell does not close a short of 0.5");
    request = close_request(&s, KEEL_BUY);
    assert_int_equal(place(&s, &request), KEEL_OK);
    end_scenario(&s);
}

/* Modes, markets, ids ------------------------------------------------------------------------ */

static void b19_position_sides_follow_the_accounts_mode(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = limit_request(&s, KEEL_BUY, "0.1", "20000");
    request.position_side = KEEL_NET;
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.position_side = KEEL_LONG;
    assert_int_equal(place(&s, &request), KEEL_POSITION_SIDE);
    assert_says(&s, "BTC/USDT:USDT: position side long, but the account is in one-way mode");
    tell_modes(&s, KEEL_ON);
    keel_account_accept(s.account, KEEL_NO_MARKET);
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.reduce_only = true; /* a reduce-only order that opens */
    assert_int_equal(place(&s, &request), KEEL_REDUCE_ONLY);
    request.reduce_only = false;
    request.position_side = KEEL_POSITION_SIDE_NONE;
    assert_int_equal(place(&s, &request), KEEL_POSITION_SIDE);
    end_scenario(&s);
}

static void b19_modes_changed_from_outside_stop_entries_and_no_exits(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    tell_leverage(&s, s.btc, 10, KEEL_MARGIN_MODE_NONE);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_MODE_CHANGED);
    struct keel_order_request exit = limit_request(&s, KEEL_SELL, "1", "20000");
    exit.reduce_only = true;
    assert_int_equal(place(&s, &exit), KEEL_OK);
    keel_account_accept(s.account, s.btc);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OK);
    end_scenario(&s);
}

static struct keel_command leverage_command(const struct scenario *s, int32_t leverage)
{
    return (struct keel_command){
        .kind = KEEL_SET_LEVERAGE, .leverage = {.market = s->btc, .leverage = leverage}
    };
}

/* The venue says yes, and tells another leverage than it was asked for. */
static void b24_a_leverage_that_is_not_what_was_asked_for_stops_entries_until_accepted(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    struct keel_command command = leverage_command(&s, 50);
    assert_int_equal(keel_account_hold(s.account, &command, &s.error), KEEL_OK);
    tell_leverage(&s, s.btc, 20, KEEL_MARGIN_MODE_NONE); /* it was 20 before */
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OK);
    keel_account_note_accepted(s.account, &command);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_MODE_CHANGED);
    assert_says(&s, "BTC/USDT:USDT: leverage 20 is not the 50 that was asked for");
    struct keel_order_request exit = limit_request(&s, KEEL_SELL, "1", "20000");
    exit.reduce_only = true;
    assert_int_equal(place(&s, &exit), KEEL_OK);
    keel_account_accept(s.account, s.btc);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OK);
    end_scenario(&s);
}

static void b24_a_leverage_that_is_what_was_asked_for_stops_nothing(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = leverage_command(&s, 50);
    assert_int_equal(keel_account_hold(s.account, &command, &s.error), KEEL_OK);
    tell_leverage(&s, s.btc, 50, KEEL_MARGIN_MODE_NONE);
    keel_account_note_accepted(s.account, &command);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OK);
    end_scenario(&s);
}

static void an_unknown_market_is_refused(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = limit_request(&s, KEEL_BUY, "0.1", "20000");
    request.market = 3;
    assert_int_equal(place(&s, &request), KEEL_SYMBOL_UNKNOWN);
    request.market = KEEL_NO_MARKET;
    assert_int_equal(place(&s, &request), KEEL_SYMBOL_UNKNOWN);
    end_scenario(&s);
}

static void set_market_status(struct scenario *scenario, enum keel_market_status status)
{
    struct keel_market market = make_market("BTC");
    market.status = status;
    apply_ok(scenario, (struct keel_event){.kind = KEEL_EVENT_MARKET, .market = &market});
}

static void a_closed_market_takes_nothing_and_a_reducing_one_exits(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    struct keel_order_request exit = limit_request(&s, KEEL_SELL, "1", "20000");
    exit.reduce_only = true;
    set_market_status(&s, KEEL_MARKET_REDUCE_ONLY);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_MARKET_CLOSED);
    assert_int_equal(place(&s, &exit), KEEL_OK);
    set_market_status(&s, KEEL_MARKET_HALTED);
    assert_int_equal(place(&s, &exit), KEEL_MARKET_CLOSED);
    set_market_status(&s, KEEL_MARKET_TRADING);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OK);
    end_scenario(&s);
}

static void a_client_id_is_free_again_only_when_its_order_is_done(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = {.kind = KEEL_PLACE_ORDER,
                                   .place = limit_request(&s, KEEL_BUY, "0.1", "20000")};
    snprintf(command.place.client_id, sizeof(command.place.client_id), "mine");
    assert_int_equal(check(&s, &command), KEEL_OK);
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_int_equal(check(&s, &command), KEEL_CLIENT_ID);
    assert_true(keel_account_release(s.account, &command, ++s.time_ms));
    assert_int_equal(check(&s, &command), KEEL_OK);
    snprintf(command.place.client_id, sizeof(command.place.client_id), "no spaces");
    assert_int_equal(check(&s, &command), KEEL_CLIENT_ID);
    end_scenario(&s);
}

static void open_orders_are_bounded_by_the_venue_and_by_keel(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_market market = make_market("BTC");
    market.open_orders_max = 2;
    apply_ok(&s, (struct keel_event){.kind = KEEL_EVENT_MARKET, .market = &market});
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OK);
    apply_ok(&s, order_event(&s, "2", "b", KEEL_ORDER_NEW));
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OPEN_ORDERS);
    assert_says(&s, "BTC/USDT:USDT: 2 orders are open, the venue's bound is 2");
    struct keel_order_request stop = stop_request(&s, KEEL_BUY, "0.1", "21000");
    assert_int_equal(place(&s, &stop), KEEL_OK); /* another family */
    end_scenario(&s);

    s = bare_scenario((struct keel_account_config){.open_orders_max = 1});
    tell_modes(&s, KEEL_OFF);
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OPEN_ORDERS);
    end_scenario(&s);
}

static void reducing_passes_exits_and_halted_nothing(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    struct keel_order_request exit = limit_request(&s, KEEL_SELL, "1", "20000");
    exit.reduce_only = true;
    struct keel_command cancel = {
        .kind = KEEL_CANCEL_ORDER, .order = {.market = s.btc, .order_id = "1"}
    };
    struct keel_command load = {.kind = KEEL_LOAD_BALANCES};
    keel_account_set_state(s.account, KEEL_ACCOUNT_STATE_REDUCING);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_ACCOUNT_REDUCING);
    assert_int_equal(limit(&s, KEEL_SELL, "1", "20000"), KEEL_ACCOUNT_REDUCING);
    assert_int_equal(place(&s, &exit), KEEL_OK);
    keel_account_set_state(s.account, KEEL_ACCOUNT_STATE_HALTED);
    assert_int_equal(place(&s, &exit), KEEL_ACCOUNT_HALTED);
    assert_int_equal(check(&s, &cancel), KEEL_ACCOUNT_HALTED);
    assert_int_equal(check(&s, &load), KEEL_OK);
    keel_account_set_state(s.account, KEEL_ACCOUNT_ACTIVE);
    assert_int_equal(check(&s, &cancel), KEEL_OK);
    end_scenario(&s);
}

static void b12_a_stale_account_takes_no_entries_and_exits_by_force(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    keel_account_set_fresh(s.account, false, NOW);
    struct keel_order_request entry = limit_request(&s, KEEL_BUY, "0.1", "20000");
    entry.forced = true;
    assert_int_equal(place(&s, &entry), KEEL_STALE);
    struct keel_order_request exit = limit_request(&s, KEEL_SELL, "1", "20000");
    exit.reduce_only = true;
    assert_int_equal(place(&s, &exit), KEEL_STALE);
    exit.forced = true;
    assert_int_equal(place(&s, &exit), KEEL_OK);
    end_scenario(&s);
}

/* Triggers ----------------------------------------------------------------------------------- */

static void a_trigger_price_has_the_grid_and_limits_of_prices(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = stop_request(&s, KEEL_BUY, "0.1", "21000.05");
    assert_int_equal(place(&s, &request), KEEL_TRIGGER_PRICE);
    request.trigger_price = D("1000000.1");
    assert_int_equal(place(&s, &request), KEEL_TRIGGER_PRICE);
    end_scenario(&s);
}

static void an_order_that_would_trigger_at_once_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum keel_order_type type;
        enum keel_side side;
        const char *waits, *at_once;
    } cases[] = {
        {KEEL_STOP_MARKET,        KEEL_BUY,  "20000.1", "20000"},
        {KEEL_STOP_MARKET,        KEEL_SELL, "19999.9", "20000"},
        {KEEL_TAKE_PROFIT_MARKET, KEEL_BUY,  "19999.9", "20000"},
        {KEEL_TAKE_PROFIT_MARKET, KEEL_SELL, "20000.1", "20000"},
    };
    struct scenario s = ready_scenario();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_order_request request = stop_request(&s, cases[i].side, "0.1", cases[i].waits);
        request.type = cases[i].type;
        request.trigger_source = KEEL_TRIGGER_MARK;
        assert_int_equal(place(&s, &request), KEEL_OK);
        request.trigger_price = D(cases[i].at_once);
        assert_int_equal(place(&s, &request), KEEL_TRIGGER_PRICE);
    }
    assert_says(&s, "BTC/USDT:USDT: a take_profit_market sell at 20000 would trigger at once: the "
                    "price is 20000");
    end_scenario(&s);
}

static void the_last_price_is_judged_by_the_book(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = stop_request(&s, KEEL_BUY, "0.1", "20005");
    tell_book(&s, s.btc, "20004.9", "20010");
    assert_int_equal(place(&s, &request), KEEL_OK);
    tell_book(&s, s.btc, "20005", "20010");
    assert_int_equal(place(&s, &request), KEEL_TRIGGER_PRICE);
    end_scenario(&s);
}

/* Margin and leverage ------------------------------------------------------------------------ */

static void what_an_entry_needs_must_have_been_loaded(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){0});
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_NOT_LOADED);
    tell_modes(&s, KEEL_OFF);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_NOT_LOADED);
    assert_says(&s, "BTC/USDT:USDT: its leverage was never loaded: set it first");
    tell_leverage(&s, s.btc, 20, KEEL_CROSS);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_NOT_LOADED);
    assert_says(&s, "BTC/USDT:USDT: its bracket table was never loaded");
    tell_brackets(&s, s.btc, make_brackets());
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_NOT_LOADED);
    tell_fees(&s, s.btc, "0.0005");
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_NOT_LOADED);
    assert_says(&s, "BTC/USDT:USDT: no mark price was told yet");
    tell_mark(&s, s.btc, "20000");
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_NOT_LOADED);
    tell_wallet(&s, "10000");
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_OK);
    end_scenario(&s);
}

static void an_entry_needs_a_young_mark_price(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = {.kind = KEEL_PLACE_ORDER,
                                   .place = limit_request(&s, KEEL_BUY, "0.1", "20000")};
    int64_t bound = NOW + 10 * (int64_t)SECOND;
    assert_int_equal(keel_gate_check(s.account, &command, bound, NULL), KEEL_OK);
    assert_int_equal(keel_gate_check(s.account, &command, bound + 1000000, NULL), KEEL_STALE);
    end_scenario(&s);
}

static void margin_covers_the_initial_margin_and_the_takers_fee(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_wallet(&s, "1010"); /* 20000 / 20 + 20000 * 0.0005 */
    assert_int_equal(limit(&s, KEEL_BUY, "1", "20000"), KEEL_OK);
    tell_wallet(&s, "1009.99999999");
    assert_int_equal(limit(&s, KEEL_BUY, "1", "20000"), KEEL_MARGIN);
    assert_says(&s, "BTC/USDT:USDT: a margin of 1010 is needed, 1009.99999999 is available");
    end_scenario(&s);
}

static void margin_covers_what_a_short_loses_at_once(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_market market = make_market("BTC");
    market.price_tick = D("0.01");
    apply_ok(&s, (struct keel_event){.kind = KEEL_EVENT_MARKET, .market = &market});
    tell_mark(&s, s.btc, "9259.84");
    tell_book(&s, s.btc, "9258.99", "9259"); /* the bid stands for the last price */
    tell_fees(&s, s.btc, "0");
    tell_wallet(&s, "470.18392425");
    assert_int_equal(limit(&s, KEEL_SELL, "1", "9253.30"), KEEL_OK);
    tell_wallet(&s, "470.18392424");
    assert_int_equal(limit(&s, KEEL_SELL, "1", "9253.30"), KEEL_MARGIN);
    tell_wallet(&s, "462.665");
    assert_int_equal(limit(&s, KEEL_BUY, "1", "9253.30"), KEEL_OK);
    tell_wallet(&s, "462.66");
    assert_int_equal(limit(&s, KEEL_BUY, "1", "9253.30"), KEEL_MARGIN);
    end_scenario(&s);
}

static void held_orders_count_against_the_margin(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_wallet(&s, "2010");
    struct keel_command command = {.kind = KEEL_PLACE_ORDER,
                                   .place = limit_request(&s, KEEL_BUY, "1", "20000")};
    snprintf(command.place.client_id, sizeof(command.place.client_id), "first");
    assert_int_equal(check(&s, &command), KEEL_OK);
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "1", "20000"), KEEL_OK);
    snprintf(command.place.client_id, sizeof(command.place.client_id), "second");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "0.01", "20000"), KEEL_MARGIN);
    end_scenario(&s);
}

static void the_other_side_of_a_position_needs_only_the_fee(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    tell_wallet(&s, "1011"); /* 11 are free */
    assert_int_equal(limit(&s, KEEL_SELL, "1", "20000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "1", "20000"), KEEL_MARGIN);
    end_scenario(&s);
}

static void the_notional_that_would_result_is_capped_by_the_leverage(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_wallet(&s, "1000000");
    tell_leverage(&s, s.btc, 125, KEEL_MARGIN_MODE_NONE); /* allows 50000 */
    keel_account_accept(s.account, s.btc);
    tell_position(&s, s.btc, "1.5", "20000");
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW)); /* 30000 + 20000 */
    struct keel_event shrunk = order_event(&s, "1", "a", KEEL_ORDER_NEW);
    shrunk.order.quantity = D("0.5");
    apply_ok(&s, shrunk);
    assert_int_equal(limit(&s, KEEL_BUY, "0.5", "20000"), KEEL_OK);
    assert_int_equal(limit(&s, KEEL_BUY, "0.501", "20000"), KEEL_NOTIONAL_CAP);
    assert_says(&s, "BTC/USDT:USDT: a notional of 50020 would result, leverage 125 allows 50000");
    assert_int_equal(limit(&s, KEEL_SELL, "3", "20000"), KEEL_OK); /* ends at 30000 short */
    end_scenario(&s);
}

static void a_leverage_above_all_brackets_is_refused(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_leverage(&s, s.btc, 126, KEEL_MARGIN_MODE_NONE);
    keel_account_accept(s.account, s.btc);
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_LEVERAGE);
    end_scenario(&s);
}

static void b08_a_total_without_one_mark_price_is_not_summed_around(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){0});
    tell_modes(&s, KEEL_OFF);
    tell_leverage(&s, s.btc, 20, KEEL_CROSS);
    tell_brackets(&s, s.btc, make_brackets());
    tell_fees(&s, s.btc, "0");
    tell_mark(&s, s.btc, "20000");
    tell_wallet(&s, "10000");
    tell_position(&s, s.eth, "1", "1500"); /* no mark, no leverage */
    assert_int_equal(limit(&s, KEEL_BUY, "0.1", "20000"), KEEL_NOT_LOADED);
    assert_non_null(strstr(s.error.message, "ETH/USDT:USDT"));
    end_scenario(&s);
}

/* Reduce-only -------------------------------------------------------------------------------- */

static void a_reduce_only_order_is_no_larger_than_its_position(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_order_request request = limit_request(&s, KEEL_SELL, "1", "20000");
    request.reduce_only = true;
    assert_int_equal(place(&s, &request), KEEL_REDUCE_ONLY);
    assert_says(&s, "BTC/USDT:USDT: a reduce-only sell of 1, but the position is flat");
    tell_position(&s, s.btc, "-1", "20000");
    assert_int_equal(place(&s, &request), KEEL_REDUCE_ONLY);
    tell_position(&s, s.btc, "1", "20000");
    rest_reduce_only(&s, "0.25");
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.quantity = D("1.001");
    assert_int_equal(place(&s, &request), KEEL_REDUCE_ONLY);
    assert_says(&s, "BTC/USDT:USDT: a reduce-only sell of 1.001 is more than the position of 1, of "
                    "which resting orders claim 0.25");
    end_scenario(&s);
}

static void b18_a_fill_that_the_position_does_not_show_yet_counts(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    struct keel_order_request request = limit_request(&s, KEEL_SELL, "1", "20000");
    request.reduce_only = true;
    assert_int_equal(place(&s, &request), KEEL_OK);
    apply_ok(&s, execution_event(&s, "t1", "1", KEEL_SELL, "1", "20000"));
    assert_int_equal(place(&s, &request), KEEL_REDUCE_ONLY);
    end_scenario(&s);
}

static void an_exit_is_not_held_up_by_what_only_entries_need(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){0});
    tell_position(&s, s.btc, "1", "20000"); /* no leverage, brackets, fees, mark, wallet, modes */
    struct keel_order_request request = limit_request(&s, KEEL_SELL, "1", "20000");
    request.reduce_only = true;
    assert_int_equal(place(&s, &request), KEEL_OK);
    end_scenario(&s);
}

static void the_closing_side_of_a_leg_is_an_exit(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_modes(&s, KEEL_ON); /* from outside: entries stop */
    tell_leg(&s, s.btc, KEEL_SHORT, "-1", "20000");
    struct keel_order_request request = limit_request(&s, KEEL_BUY, "1", "20000");
    request.position_side = KEEL_SHORT;
    assert_true(keel_gate_is_exit(&request));
    assert_int_equal(place(&s, &request), KEEL_OK);
    request.quantity = D("1.001");
    assert_int_equal(place(&s, &request), KEEL_REDUCE_ONLY);
    request.position_side = KEEL_LONG;
    assert_int_equal(place(&s, &request), KEEL_MODE_CHANGED);
    end_scenario(&s);
}

/* Amending ----------------------------------------------------------------------------------- */

static struct keel_command amend_command(struct scenario *scenario, const char *order_id,
                                         const char *quantity, const char *price)
{
    struct keel_command command = {
        .kind = KEEL_AMEND_ORDER,
        .amend = {.order = {.market = scenario->btc},
                  .side = KEEL_BUY,
                  .quantity = D(quantity),
                  .price = D(price)}
    };
    snprintf(command.amend.order.order_id, sizeof(command.amend.order.order_id), "%s", order_id);
    return command;
}

static enum keel_status amend(struct scenario *scenario, const char *order_id, const char *quantity,
                              const char *price)
{
    struct keel_command command = amend_command(scenario, order_id, quantity, price);
    return check(scenario, &command);
}

static void only_an_open_limit_order_is_amended(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_int_equal(amend(&s, "1", "1", "19000"), KEEL_NOT_FOUND);
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    assert_int_equal(amend(&s, "1", "1", "19000"), KEEL_OK);
    assert_int_equal(amend(&s, "1", "1", "19000.05"), KEEL_PRICE_TICK);
    assert_int_equal(amend(&s, "1", "1.0005", "19000"), KEEL_QUANTITY_STEP);
    assert_int_equal(amend(&s, "1", "1", "21000.1"), KEEL_PRICE_BAND);
    struct keel_command command = amend_command(&s, "1", "1", "19000");
    command.amend.side = KEEL_SELL;
    assert_int_equal(check(&s, &command), KEEL_ORDER_SHAPE);
    command = amend_command(&s, "1", "1", "19000");
    command.amend.price = KEEL_DECIMAL_ABSENT;
    assert_int_equal(check(&s, &command), KEEL_ORDER_SHAPE);
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    assert_int_equal(amend(&s, "1", "1", "19000"), KEEL_NOT_FOUND);
    end_scenario(&s);
}

static void an_amended_total_is_above_what_is_filled(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = order_event(&s, "1", "a", KEEL_ORDER_PARTIALLY_FILLED);
    event.order.filled_quantity = D("0.4");
    apply_ok(&s, event);
    assert_int_equal(amend(&s, "1", "0.401", "20000"), KEEL_OK);
    assert_int_equal(amend(&s, "1", "0.4", "20000"), KEEL_QUANTITY_RANGE);
    assert_says(&s, "BTC/USDT:USDT: a total of 0.4 is not above the 0.4 already filled; cancel "
                    "instead");
    end_scenario(&s);
}

static void an_amendment_needs_margin_only_for_what_it_adds(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_fees(&s, s.btc, "0");
    tell_wallet(&s, "1100");
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW)); /* takes 1000 */
    assert_int_equal(amend(&s, "1", "1.1", "20000"), KEEL_OK);
    assert_int_equal(amend(&s, "1", "1.101", "20000"), KEEL_MARGIN);
    end_scenario(&s);
}

static void hold_amendment(struct scenario *scenario, const char *quantity, const char *price)
{
    struct keel_command command = amend_command(scenario, "1", quantity, price);
    assert_int_equal(check(scenario, &command), KEEL_OK);
    assert_int_equal(keel_account_hold(scenario->account, &command, NULL), KEEL_OK);
}

static void an_amendment_on_its_way_holds_what_it_adds(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_fees(&s, s.btc, "0");
    tell_wallet(&s, "1100");
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW)); /* takes 1000 */
    struct keel_order_request request = limit_request(&s, KEEL_BUY, "0.06", "20000"); /* 60 */
    assert_int_equal(place(&s, &request), KEEL_OK);
    hold_amendment(&s, "1.05", "20000"); /* takes 50 more */
    assert_int_equal(keel_account_audit(s.account, NULL), KEEL_OK);
    assert_int_equal(place(&s, &request), KEEL_MARGIN);
    struct keel_command command = amend_command(&s, "1", "1.05", "20000");
    assert_true(keel_account_release(s.account, &command, 0)); /* it was refused */
    assert_int_equal(place(&s, &request), KEEL_OK);

    hold_amendment(&s, "1.05", "20000");
    struct keel_event fill = order_event(&s, "1", "a", KEEL_ORDER_PARTIALLY_FILLED);
    fill.order.filled_quantity = D("0.1"); /* the stream has not heard of it yet */
    apply_ok(&s, fill);
    assert_int_equal(place(&s, &request), KEEL_OK); /* 900 and 50 are held */
    request.quantity = D("0.16");
    assert_int_equal(place(&s, &request), KEEL_MARGIN);
    end_scenario(&s);
}

static void a_confirmed_amendment_holds_what_the_order_takes(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_fees(&s, s.btc, "0");
    tell_wallet(&s, "1100");
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    hold_amendment(&s, "1.05", "20000");
    struct keel_event event = order_event(&s, "1", "a", KEEL_ORDER_NEW);
    event.order.quantity = D("1.05");
    apply_ok(&s, event);
    event = order_event(&s, "1", "a", KEEL_ORDER_NEW); /* the venue shrank it later */
    event.order.quantity = D("0.5");
    apply_ok(&s, event);
    struct keel_order_request request = limit_request(&s, KEEL_BUY, "0.6", "20000");
    assert_int_equal(place(&s, &request), KEEL_OK);
    end_scenario(&s);
}

/* Settings ----------------------------------------------------------------------------------- */

static enum keel_status set_leverage(struct scenario *scenario, int leverage)
{
    struct keel_command command = {
        .kind = KEEL_SET_LEVERAGE, .leverage = {.market = scenario->btc, .leverage = leverage}
    };
    return check(scenario, &command);
}

static void leverage_is_between_one_and_the_brackets_maximum(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_int_equal(set_leverage(&s, 1), KEEL_OK);
    assert_int_equal(set_leverage(&s, 0), KEEL_LEVERAGE);
    assert_int_equal(set_leverage(&s, 125), KEEL_OK);
    assert_int_equal(set_leverage(&s, 126), KEEL_LEVERAGE);
    assert_says(&s, "BTC/USDT:USDT: leverage 126 is not between 1 and 125");
    end_scenario(&s);
}

static void leverage_fits_the_bracket_of_the_present_notional(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_wallet(&s, "1000000");
    tell_position(&s, s.btc, "2.5", "20000");
    assert_int_equal(set_leverage(&s, 125), KEEL_OK); /* 50000: on the cap */
    tell_mark(&s, s.btc, "20000.1");
    assert_int_equal(set_leverage(&s, 125), KEEL_LEVERAGE);
    assert_says(&s, "BTC/USDT:USDT: leverage 125 allows a notional of 50000, there is 50000.25");
    assert_int_equal(set_leverage(&s, 100), KEEL_OK);
    end_scenario(&s);
}

static void lower_leverage_needs_its_margin(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    tell_wallet(&s, "2000"); /* 1000 taken at 20x; 2000 at 10x */
    assert_int_equal(set_leverage(&s, 10), KEEL_OK);
    assert_int_equal(set_leverage(&s, 9), KEEL_MARGIN);
    tell_isolated(&s, s.btc, "1", "20000", "1000");
    assert_int_equal(set_leverage(&s, 19), KEEL_LEVERAGE);
    assert_int_equal(set_leverage(&s, 21), KEEL_OK);
    end_scenario(&s);
}

static enum keel_status set_margin_mode(struct scenario *scenario, enum keel_margin_mode mode)
{
    struct keel_command command = {
        .kind = KEEL_SET_MARGIN_MODE, .margin_mode = {.market = scenario->btc, .mode = mode}
    };
    return check(scenario, &command);
}

static void the_margin_mode_changes_only_while_nothing_is_there(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_int_equal(set_margin_mode(&s, KEEL_ISOLATED), KEEL_OK);
    assert_int_equal(set_margin_mode(&s, KEEL_MARGIN_MODE_NONE), KEEL_INVALID);
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    assert_int_equal(set_margin_mode(&s, KEEL_ISOLATED), KEEL_MARGIN_MODE);
    assert_int_equal(set_margin_mode(&s, KEEL_CROSS), KEEL_OK); /* as it is */
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    tell_position(&s, s.btc, "1", "20000");
    assert_int_equal(set_margin_mode(&s, KEEL_ISOLATED), KEEL_MARGIN_MODE);
    end_scenario(&s);
}

static enum keel_status adjust_margin(struct scenario *scenario, const char *amount)
{
    struct keel_command command = {
        .kind = KEEL_ADJUST_MARGIN, .margin = {.market = scenario->btc, .amount = D(amount)}
    };
    return check(scenario, &command);
}

static void isolated_margin_moves_within_what_is_there(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_int_equal(adjust_margin(&s, "1"), KEEL_POSITION_MARGIN);
    tell_position(&s, s.btc, "1", "20000");
    assert_int_equal(adjust_margin(&s, "1"), KEEL_POSITION_MARGIN); /* cross */
    tell_isolated(&s, s.btc, "1", "20000", "1500");
    apply_ok(&s, balance_event("2000", "500", ++s.time_ms));
    assert_int_equal(adjust_margin(&s, "0"), KEEL_POSITION_MARGIN);
    assert_int_equal(adjust_margin(&s, "500"), KEEL_OK);
    assert_int_equal(adjust_margin(&s, "500.01"), KEEL_POSITION_MARGIN);
    assert_says(&s, "BTC/USDT:USDT: adding a margin of 500.01, but 500 is possible");
    assert_int_equal(adjust_margin(&s, "-500"), KEEL_OK); /* 1500 - 20000 / 20 */
    assert_int_equal(adjust_margin(&s, "-500.01"), KEEL_POSITION_MARGIN);
    end_scenario(&s);
}

static void account_modes_change_only_while_nothing_is_there(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command hedge = {.kind = KEEL_SET_HEDGE_MODE, .enable = true};
    struct keel_command multi = {.kind = KEEL_SET_MULTI_ASSET, .enable = true};
    assert_int_equal(check(&s, &hedge), KEEL_OK);
    assert_int_equal(check(&s, &multi), KEEL_OK);
    tell_position(&s, s.btc, "1", "20000");
    assert_int_equal(check(&s, &hedge), KEEL_POSITION_SIDE);
    assert_int_equal(check(&s, &multi), KEEL_MARGIN_MODE);
    hedge.enable = false;
    assert_int_equal(check(&s, &hedge), KEEL_OK); /* as it is */
    end_scenario(&s);
}

static void a_cancel_names_its_order(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command cancel = {.kind = KEEL_CANCEL_ORDER, .order = {.market = s.btc}};
    assert_int_equal(check(&s, &cancel), KEEL_INVALID);
    cancel.kind = KEEL_CANCEL_ALL;
    assert_int_equal(check(&s, &cancel), KEEL_OK);
    cancel.order.market = KEEL_NO_MARKET;
    assert_int_equal(check(&s, &cancel), KEEL_SYMBOL_UNKNOWN);
    end_scenario(&s);
}

/* Each kind of refusal, and the two values that disagree ----------------------------------------
 */

static void prepare_nothing(struct scenario *s)
{
    (void)s;
}

static void prepare_leverage_above(struct scenario *s)
{
    tell_leverage(s, s->btc, 126, KEEL_MARGIN_MODE_NONE);
    keel_account_accept(s->account, s->btc);
}

/* At 100 times 250,000 are allowed. */
static void prepare_leverage_of_bracket(struct scenario *s)
{
    tell_wallet(s, "1000000");
    tell_leverage(s, s->btc, 100, KEEL_MARGIN_MODE_NONE);
    keel_account_accept(s->account, s->btc);
}

/* The band is about 5,000 then. */
static void prepare_low_price(struct scenario *s)
{
    tell_mark(s, s->btc, "5000");
}

static void prepare_long(struct scenario *s)
{
    tell_position(s, s->btc, "1", "20000");
}

static void prepare_short(struct scenario *s)
{
    tell_position(s, s->btc, "-1", "20000");
}

static void prepare_hedge(struct scenario *s)
{
    tell_modes(s, KEEL_ON);
    keel_account_accept(s->account, KEEL_NO_MARKET);
    tell_leg(s, s->btc, KEEL_LONG, "1", "20000");
    tell_leg(s, s->btc, KEEL_SHORT, "-0.4", "20000");
}

static void prepare_stale(struct scenario *s)
{
    prepare_long(s);
    keel_account_set_fresh(s->account, false, NOW - 3 * (int64_t)SECOND);
}

/* Its bytes left and no answer came: 9,000 of the 10,000 are held. */
static void prepare_unknown(struct scenario *s)
{
    struct keel_order_request request = limit_request(s, KEEL_BUY, "9", "20000");
    snprintf(request.client_id, sizeof(request.client_id), "unknown");
    const struct keel_command command = {.kind = KEEL_PLACE_ORDER, .place = request};
    assert_int_equal(keel_account_hold(s->account, &command, &s->error), KEEL_OK);
}

static const struct {
    const char *name;
    void (*prepare)(struct scenario *s);
    enum keel_position_side leg;
    enum keel_side side;
    const char *quantity, *price; /* "": at market */
    bool reduce_only, close;
    enum keel_status refusal;
    const char *message;
} refusals[] = {
    {"a leverage above every bracket",                                      prepare_leverage_above,      KEEL_NET,   KEEL_BUY,  "0.1",      "20000",
     false,                                                                                                                                                   false, KEEL_LEVERAGE,       "leverage 126 is above the limit 125"                                },
    {"a notional above what the bracket allows",                            prepare_leverage_of_bracket, KEEL_NET,   KEEL_BUY,
     "12.501",                                                                                                                              "20000",   false, false, KEEL_NOTIONAL_CAP,
     "a notional of 250020 would result, leverage 100 allows 250000"                                                                                                                                                                                           },
    {"less than the least quantity",                                        prepare_nothing,             KEEL_NET,   KEEL_BUY,  "0.0001",   "20000",   false,
     false,                                                                                                                                                          KEEL_QUANTITY_RANGE, "quantity 0.0001 is below the minimum 0.001"                         },
    {"more than the greatest quantity",                                     prepare_nothing,             KEEL_NET,   KEEL_BUY,  "1000.001", "20000",
     false,                                                                                                                                                   false, KEEL_QUANTITY_RANGE, "quantity 1000.001 is above the maximum 1000"                        },
    {"more than an order at market may",                                    prepare_nothing,             KEEL_NET,   KEEL_BUY,  "120.001",  "",        false,
     false,                                                                                                                                                          KEEL_QUANTITY_RANGE, "quantity 120.001 is above the maximum 120"                          },
    {"less than the least notional",                                        prepare_low_price,           KEEL_NET,   KEEL_BUY,  "0.001",    "4999.9",
     false,                                                                                                                                                   false, KEEL_NOTIONAL_MIN,
     "0.001 at 4999.9 is a notional of 4.9999, below the minimum 5"                                                                                                                                                                                            },
    {"a price above the band",                                              prepare_nothing,             KEEL_NET,   KEEL_BUY,  "0.1",      "21000.1", false, false,
     KEEL_PRICE_BAND,                                                                                                                                                                     "buying at 21000.1 is above 21000, the band's end around 20000"      },
    {"a price below the band",                                              prepare_nothing,             KEEL_NET,   KEEL_SELL, "0.1",      "18999.9", false, false,
     KEEL_PRICE_BAND,                                                                                                                                                                     "selling at 18999.9 is below 19000, the band's end around 20000"     },
    {"a reduce-only order that would increase a long",                      prepare_long,                KEEL_NET,   KEEL_BUY,  "0.1",
     "20000",                                                                                                                                          true,  false, KEEL_REDUCE_ONLY,    "a reduce-only buy of 0.1, but the position is long"                 },
    {"a reduce-only order that would increase a short",                     prepare_short,               KEEL_NET,   KEEL_SELL, "0.1",
     "20000",                                                                                                                                          true,  false, KEEL_REDUCE_ONLY,
     "a reduce-only sell of 0.1, but the position is short"                                                                                                                                                                                                    },
    {"a reduce-only order of nothing",                                      prepare_nothing,             KEEL_NET,   KEEL_SELL, "0.1",      "20000",   true,
     false,                                                                                                                                                          KEEL_REDUCE_ONLY,    "a reduce-only sell of 0.1, but the position is flat"                },
    {"a reduce-only order larger than its position",                        prepare_long,                KEEL_NET,   KEEL_SELL, "1.001",
     "20000",                                                                                                                                          true,  false, KEEL_REDUCE_ONLY,
     "a reduce-only sell of 1.001 is more than the position of 1, of which resting orders claim 0"                                                                                                                                                             },
    {"a reduce-only order that opens a leg",                                prepare_hedge,               KEEL_LONG,  KEEL_BUY,  "0.1",      "20000",
     true,                                                                                                                                                    false, KEEL_REDUCE_ONLY,    "a reduce-only buy opens the long leg"                               },
    {"a reduce-only order larger than its leg, which is not the other one", prepare_hedge,
     KEEL_SHORT,                                                                                                     KEEL_BUY,  "0.5",      "20000",   true,  false, KEEL_REDUCE_ONLY,
     "a reduce-only buy of 0.5 is more than the position of 0.4, of which resting orders claim 0"                                                                                                                                                              },
    {"the closing side of a leg is no larger than it",                      prepare_hedge,               KEEL_SHORT, KEEL_BUY,  "0.5",
     "20000",                                                                                                                                          false, false, KEEL_REDUCE_ONLY,
     "a reduce-only buy of 0.5 is more than the position of 0.4, of which resting orders claim 0"                                                                                                                                                              },
    {"a close of nothing",                                                  prepare_nothing,             KEEL_NET,   KEEL_SELL, "",         "",        false, true,  KEEL_CLOSE,
     "nothing to close: the position is flat"                                                                                                                                                                                                                  },
    {"a close by the wrong side",                                           prepare_long,                KEEL_NET,   KEEL_BUY,  "",         "",        false, true,  KEEL_CLOSE,
     "a buy does not close a long of 1"                                                                                                                                                                                                                        },
    {"more than the margin",                                                prepare_nothing,             KEEL_NET,   KEEL_BUY,  "10",       "20000",   false, false,
     KEEL_MARGIN,                                                                                                                                                                         "a margin of 10100 is needed, 10000 is available"                    },
    {"what an unknown order holds is not available",                        prepare_unknown,             KEEL_NET,   KEEL_BUY,  "1",
     "20000",                                                                                                                                          false, false, KEEL_MARGIN,         "a margin of 1010 is needed, 1000 is available"                      },
    {"an entry while the account is stale",                                 prepare_stale,               KEEL_NET,   KEEL_BUY,  "0.1",      "20000",
     false,                                                                                                                                                   false, KEEL_STALE,
     "what is known of the account is 3000 ms old: it is being reconciled"                                                                                                                                                                                     },
    {"an exit while the account is stale",                                  prepare_stale,               KEEL_NET,   KEEL_SELL, "0.1",      "20000",   true,
     false,                                                                                                                                                          KEEL_STALE,          "what is known of the account is 3000 ms old: it is being reconciled"},
};

static struct keel_order_request make_refused(struct scenario *s, size_t i)
{
    struct keel_order_request request = limit_request(s, refusals[i].side, "1", "20000");
    request.position_side = refusals[i].leg;
    request.reduce_only = refusals[i].reduce_only;
    request.close_position = refusals[i].close;
    request.quantity = refusals[i].close ? KEEL_DECIMAL_ABSENT : D(refusals[i].quantity);
    request.price = refusals[i].price[0] != '\0' ? D(refusals[i].price) : KEEL_DECIMAL_ABSENT;
    if (refusals[i].close) {
        request.type = KEEL_STOP_MARKET;
        request.trigger_price = refusals[i].side == KEEL_SELL ? D("19000") : D("21000");
    } else if (refusals[i].price[0] == '\0') {
        request.type = KEEL_MARKET;
    }
    return request;
}

static void each_refusal_names_what_disagrees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct scenario s = ready_scenario();
        char message[256];
        refusals[i].prepare(&s);
        struct keel_order_request request = make_refused(&s, i);
        enum keel_status status = place(&s, &request);
        snprintf(message, sizeof(message), "BTC/USDT:USDT: %s", refusals[i].message);
        if (status != refusals[i].refusal || strcmp(s.error.message, message) != 0)
            fail_msg("%s: %s, \"%s\"", refusals[i].name, keel_status_name(status), s.error.message);
        end_scenario(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_price_off_the_grid_names_the_two_nearest),
        cmocka_unit_test(a_price_outside_the_limits_is_refused),
        cmocka_unit_test(the_price_band_is_a_buys_roof_and_a_sells_floor),
        cmocka_unit_test(b20_a_quantity_off_the_grid_names_the_two_nearest),
        cmocka_unit_test(limit_and_market_orders_have_lots_of_their_own),
        cmocka_unit_test(the_minimum_notional_is_inclusive),
        cmocka_unit_test(b17_dust_can_be_closed),
        cmocka_unit_test(nearest_values_are_the_value_itself_on_the_grid),
        cmocka_unit_test(prices_belong_to_the_types_that_have_them),
        cmocka_unit_test(an_order_needs_a_side_a_type_and_a_quantity),
        cmocka_unit_test(a_trailing_stop_needs_a_callback_in_its_range),
        cmocka_unit_test(a_trailing_stop_becomes_active_on_the_far_side_of_the_price),
        cmocka_unit_test(close_position_has_no_quantity_and_no_other_type),
        cmocka_unit_test(close_position_closes_something_and_from_the_right_side),
        cmocka_unit_test(b19_position_sides_follow_the_accounts_mode),
        cmocka_unit_test(b19_modes_changed_from_outside_stop_entries_and_no_exits),
        cmocka_unit_test(
            b24_a_leverage_that_is_not_what_was_asked_for_stops_entries_until_accepted),
        cmocka_unit_test(b24_a_leverage_that_is_what_was_asked_for_stops_nothing),
        cmocka_unit_test(an_unknown_market_is_refused),
        cmocka_unit_test(a_closed_market_takes_nothing_and_a_reducing_one_exits),
        cmocka_unit_test(a_client_id_is_free_again_only_when_its_order_is_done),
        cmocka_unit_test(open_orders_are_bounded_by_the_venue_and_by_keel),
        cmocka_unit_test(reducing_passes_exits_and_halted_nothing),
        cmocka_unit_test(b12_a_stale_account_takes_no_entries_and_exits_by_force),
        cmocka_unit_test(a_trigger_price_has_the_grid_and_limits_of_prices),
        cmocka_unit_test(an_order_that_would_trigger_at_once_is_refused),
        cmocka_unit_test(the_last_price_is_judged_by_the_book),
        cmocka_unit_test(what_an_entry_needs_must_have_been_loaded),
        cmocka_unit_test(an_entry_needs_a_young_mark_price),
        cmocka_unit_test(margin_covers_the_initial_margin_and_the_takers_fee),
        cmocka_unit_test(margin_covers_what_a_short_loses_at_once),
        cmocka_unit_test(held_orders_count_against_the_margin),
        cmocka_unit_test(the_other_side_of_a_position_needs_only_the_fee),
        cmocka_unit_test(the_notional_that_would_result_is_capped_by_the_leverage),
        cmocka_unit_test(a_leverage_above_all_brackets_is_refused),
        cmocka_unit_test(b08_a_total_without_one_mark_price_is_not_summed_around),
        cmocka_unit_test(a_reduce_only_order_is_no_larger_than_its_position),
        cmocka_unit_test(b18_a_fill_that_the_position_does_not_show_yet_counts),
        cmocka_unit_test(an_exit_is_not_held_up_by_what_only_entries_need),
        cmocka_unit_test(the_closing_side_of_a_leg_is_an_exit),
        cmocka_unit_test(only_an_open_limit_order_is_amended),
        cmocka_unit_test(an_amended_total_is_above_what_is_filled),
        cmocka_unit_test(an_amendment_needs_margin_only_for_what_it_adds),
        cmocka_unit_test(an_amendment_on_its_way_holds_what_it_adds),
        cmocka_unit_test(a_confirmed_amendment_holds_what_the_order_takes),
        cmocka_unit_test(leverage_is_between_one_and_the_brackets_maximum),
        cmocka_unit_test(leverage_fits_the_bracket_of_the_present_notional),
        cmocka_unit_test(lower_leverage_needs_its_margin),
        cmocka_unit_test(the_margin_mode_changes_only_while_nothing_is_there),
        cmocka_unit_test(isolated_margin_moves_within_what_is_there),
        cmocka_unit_test(account_modes_change_only_while_nothing_is_there),
        cmocka_unit_test(a_cancel_names_its_order),
        cmocka_unit_test(each_refusal_names_what_disagrees),
    };
    return cmocka_run_group_tests_name("core/gate", tests, NULL, NULL);
}

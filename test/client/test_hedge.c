/* Hedge mode, over real sockets, before the paper venue of each exchange: two legs of one market,
 * and each order's leg found whether the venue names it or not. */
#include "legs.h"

static keel_decimal price_at(struct fixture *fixture, const char *ratio)
{
    const struct trader *trader = &fixture->own;
    for (int i = 0; i < TURNS && keel_decimal_is_zero(mark_of(trader, trader->market)); i++)
        turn(fixture);
    keel_decimal mark = mark_of(trader, trader->market);
    if (keel_decimal_is_zero(mark))
        fail_msg("no mark price was heard of");
    keel_decimal price = keel_decimal_mul(mark, keel_decimal_from_text(ratio), KEEL_ROUND_DOWN);
    const struct keel_market *market = rules_of(trader, trader->market);
    return keel_decimal_round_to_step(price, market->price_tick, KEEL_ROUND_DOWN);
}

static void await_executions(struct fixture *fixture, int count)
{
    for (int i = 0; i < TURNS && fixture->own.executions < count; i++)
        turn(fixture);
    assert_true(fixture->own.executions >= count); /* an order may have several */
}

static void close_leg(struct trader *trader, enum keel_position_side leg, const char *quantity)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    struct keel_close_request close = {.market = trader->market,
                                       .side = leg,
                                       .all = quantity == NULL,
                                       .quantity = quantity ? keel_decimal_from_text(quantity)
                                                            : KEEL_DECIMAL_ABSENT,
                                       .price = KEEL_DECIMAL_ABSENT};
    enum keel_status status =
        keel_futures_close_position(futures_of(trader), &close, on_close, &outcome, &error);
    await(trader, status, &error, &outcome);
    if (outcome.error.status != KEEL_OK)
        fail_msg("%s", outcome.error.message);
}

static size_t read_open(const struct trader *trader, struct keel_order open[8])
{
    enum keel_status status;
    (void)futures_of(trader);
    return keel_private_open_orders(trader->exchange, trader->market, true, open, 8, &status);
}

static int count_open(struct fixture *fixture, enum keel_position_side leg)
{
    struct keel_order open[8];
    size_t count = read_open(&fixture->own, open);
    int found = 0;
    for (size_t i = 0; i < count; i++)
        found += open[i].position_side == leg;
    return found;
}

/* The books agree with what the venue says of each leg, when all of it is looked at again. */
static void reconnect(struct fixture *fixture, const char *venue)
{
    keel_client_free(fixture->own.client);
    fixture->own.client = NULL;
    start_trader(fixture, &fixture->own, venue);
}

static void check_two_legs(const char *venue)
{
    struct fixture fixture;
    set_up(&fixture, venue);
    struct trader *own = &fixture.own;
    hedge(own);
    trade(own, KEEL_BUY, KEEL_LONG, "0.05");
    trade(own, KEEL_SELL, KEEL_SHORT, "0.03");
    await_legs(&fixture, "0.05", "-0.03");
    trade(own, KEEL_SELL, KEEL_LONG, "0.01");
    trade(own, KEEL_BUY, KEEL_SHORT, "0.01");
    await_legs(&fixture, "0.04", "-0.02");

    close_leg(own, KEEL_LONG, "0.02");
    await_legs(&fixture, "0.02", "-0.02");
    close_leg(own, KEEL_SHORT, NULL);
    await_legs(&fixture, "0.02", "0");
    reconnect(&fixture, venue);
    await_legs(&fixture, "0.02", "0");
    close_leg(own, KEEL_LONG, NULL);
    await_legs(&fixture, "0", "0");
    set_hedge_mode(own, false);
    set_leverage(own, LEVERAGE);
    trade(own, KEEL_BUY, KEEL_NET, "0.01");
    tear_down(&fixture);
}

static void two_legs_open_and_close_on_binance(void **state)
{
    (void)state;
    check_two_legs("binance");
}

static void two_legs_open_and_close_on_gateio(void **state)
{
    (void)state;
    check_two_legs("gateio");
}

static void check_claims(const char *venue)
{
    struct fixture fixture;
    set_up(&fixture, venue);
    struct trader *own = &fixture.own;
    hedge(own);
    trade(own, KEEL_BUY, KEEL_LONG, "0.05");
    trade(own, KEEL_SELL, KEEL_SHORT, "0.05");
    struct keel_order_request profit = make_order(own, KEEL_SELL, KEEL_LONG, "0.05");
    profit.type = KEEL_LIMIT;
    profit.price = price_at(&fixture, "1.02");
    place(own, &profit);
    profit = make_order(own, KEEL_BUY, KEEL_SHORT, "0.05");
    profit.type = KEEL_LIMIT;
    profit.price = price_at(&fixture, "0.98");
    place(own, &profit);
    struct keel_order_request stop = make_order(own, KEEL_SELL, KEEL_LONG, "0.05");
    stop.type = KEEL_STOP_MARKET;
    stop.trigger_price = price_at(&fixture, "0.97");
    place(own, &stop);
    await_legs(&fixture, "0.05", "-0.05");

    close_leg(own, KEEL_LONG, "0.02");
    await_legs(&fixture, "0.03", "-0.05");
    assert_int_equal(count_open(&fixture, KEEL_SHORT), 1); /* no claim on the other leg */
    close_leg(own, KEEL_LONG, NULL);
    await_legs(&fixture, "0", "-0.05");
    assert_int_equal(count_open(&fixture, KEEL_SHORT), 1);
    close_leg(own, KEEL_SHORT, NULL);
    await_legs(&fixture, "0", "0");
    tear_down(&fixture);
}

static void b16_a_leg_closes_with_its_orders_resting_on_binance(void **state)
{
    (void)state;
    check_claims("binance");
}

static void b16_a_leg_closes_with_its_orders_resting_on_gateio(void **state)
{
    (void)state;
    check_claims("gateio");
}

static void check_risk(struct fixture *fixture, enum keel_position_side leg, int32_t leverage)
{
    struct keel_error error = {0};
    struct keel_risk risk;
    struct keel_position position;
    struct trader *own = &fixture->own;
    enum keel_status status =
        keel_futures_risk(futures_of(own), own->market, leg, false, &risk, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    assert_int_equal(
        keel_futures_position(futures_of(own), own->market, leg, false, &position, &error),
        KEEL_OK);
    struct keel_leverage known;
    assert_int_equal(keel_futures_leverage(futures_of(own), own->market, &known, &error), KEEL_OK);
    assert_int_equal(known.leverage, leverage);
    assert_true(keel_decimal_is_positive(risk.maintenance_margin));
}

static void check_margins(const char *venue)
{
    struct fixture fixture;
    set_up(&fixture, venue);
    struct trader *own = &fixture.own;
    hedge(own);
    (void)price_at(&fixture, "1");
    trade(own, KEEL_BUY, KEEL_LONG, "0.05");
    trade(own, KEEL_SELL, KEEL_SHORT, "0.03");
    await_legs(&fixture, "0.05", "-0.03");
    check_risk(&fixture, KEEL_LONG, LEVERAGE);
    check_risk(&fixture, KEEL_SHORT, LEVERAGE);
    tear_down(&fixture);
}

static void each_leg_has_its_margin_and_both_their_leverage_on_binance(void **state)
{
    (void)state;
    check_margins("binance");
}

static void each_leg_has_its_margin_and_both_their_leverage_on_gateio(void **state)
{
    (void)state;
    check_margins("gateio");
}

/* Orders of another client of the account: of these only the venue tells. */
static void check_foreign_orders(const char *venue)
{
    struct fixture fixture;
    set_up(&fixture, venue);
    hedge(&fixture.own);
    start_trader(&fixture, &fixture.foreign, venue);
    struct trader *foreign = &fixture.foreign;
    trade(foreign, KEEL_BUY, KEEL_LONG, "0.05");
    trade(foreign, KEEL_SELL, KEEL_SHORT, "0.03");
    await_legs(&fixture, "0.05", "-0.03");
    trade(foreign, KEEL_SELL, KEEL_LONG, "0.05");
    trade(foreign, KEEL_BUY, KEEL_SHORT, "0.02");
    await_legs(&fixture, "0", "-0.01");
    await_executions(&fixture, 4);

    struct keel_order_request rest = make_order(foreign, KEEL_BUY, KEEL_SHORT, "0.01");
    rest.type = KEEL_LIMIT;
    rest.price = price_at(&fixture, "0.98");
    place(foreign, &rest);
    for (int i = 0; i < TURNS && count_open(&fixture, KEEL_SHORT) < 1; i++)
        turn(&fixture);
    assert_int_equal(count_open(&fixture, KEEL_SHORT), 1);
    tear_down(&fixture);
}

static void the_legs_of_foreign_orders_are_known_on_binance(void **state)
{
    (void)state;
    check_foreign_orders("binance");
}

static void the_legs_of_foreign_orders_are_known_on_gateio(void **state)
{
    (void)state;
    check_foreign_orders("gateio");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_legs_open_and_close_on_binance),
        cmocka_unit_test(two_legs_open_and_close_on_gateio),
        cmocka_unit_test(b16_a_leg_closes_with_its_orders_resting_on_binance),
        cmocka_unit_test(b16_a_leg_closes_with_its_orders_resting_on_gateio),
        cmocka_unit_test(each_leg_has_its_margin_and_both_their_leverage_on_binance),
        cmocka_unit_test(each_leg_has_its_margin_and_both_their_leverage_on_gateio),
        cmocka_unit_test(the_legs_of_foreign_orders_are_known_on_binance),
        cmocka_unit_test(the_legs_of_foreign_orders_are_known_on_gateio),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

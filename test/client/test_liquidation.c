/* The liquidation price that keel tells is where the venue liquidates, and not one tick before:
 * over real sockets, before the paper venue of each exchange, whose margin arithmetic is a second
 * reading of the documentation. Marks are moved by hand, one tick to the safe side of the price
 * first. */
#include "legs.h"

struct pair {
    keel_decimal safe, fatal; /* a tick apart, with the liquidation price between them */
};

static struct keel_risk read_risk(const struct trader *trader, keel_market_id market,
                                  enum keel_position_side side)
{
    struct keel_risk risk;
    struct keel_error error = {0};
    if (keel_futures_risk(futures_of(trader), market, side, false, &risk, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    return risk;
}

static void set_mode(struct trader *trader, keel_market_id market, enum keel_margin_mode mode)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    enum keel_status status =
        keel_futures_set_margin_mode(futures_of(trader), market, mode, on_result, &outcome, &error);
    await(trader, status, &error, &outcome);
}

static void open_in(struct trader *trader, keel_market_id market, enum keel_side side,
                    enum keel_position_side leg, const char *quantity)
{
    struct keel_order_request request = make_order(trader, side, leg, quantity);
    request.market = market;
    place(trader, &request);
}

static void await_held(struct fixture *fixture, keel_market_id market, enum keel_position_side leg,
                       const char *quantity)
{
    keel_decimal wanted = keel_decimal_from_text(quantity);
    char text[KEEL_DECIMAL_TEXT_SIZE];
    for (int i = 0; i < TURNS; i++) {
        if (keel_decimal_equals(held_of(&fixture->own, market, leg), wanted))
            return;
        turn(fixture);
    }
    keel_decimal_format(held_of(&fixture->own, market, leg), text);
    fail_msg("%s is held, expected %s", text, quantity);
}

/* The mark is heard of before anything is read from it. */
static void prepare(struct fixture *fixture, const char *btc, const char *eth)
{
    set_price(fixture, fixture->own.market, keel_decimal_from_text(btc));
    set_price(fixture, fixture->own.other, keel_decimal_from_text(eth));
}

static struct pair around(const struct trader *trader, keel_market_id market, bool falling,
                          keel_decimal price)
{
    keel_decimal tick = rules_of(trader, market)->price_tick;
    keel_decimal below = keel_decimal_round_to_step(price, tick, KEEL_ROUND_FLOOR);
    keel_decimal above = keel_decimal_add(below, tick);
    return falling ? (struct pair){above, below} : (struct pair){below, above};
}

static void assert_within(keel_decimal ours, keel_decimal theirs, keel_decimal tolerance)
{
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(ours, theirs));
    char texts[2][KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(ours, texts[0]);
    keel_decimal_format(theirs, texts[1]);
    if (!keel_decimal_is_valid(gap) || keel_decimal_compare(gap, tolerance) > 0)
        fail_msg("%s here, %s at the venue", texts[0], texts[1]);
}

/* What the venue itself states of the position when it is asked. */
static struct keel_position load_statement(struct trader *trader, keel_market_id market,
                                           enum keel_position_side side)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    struct keel_position position;
    const struct keel_command command = {.kind = KEEL_LOAD_POSITIONS};
    enum keel_status status =
        keel_private_load(trader->exchange, &command, on_result, &outcome, &error);
    await(trader, status, &error, &outcome);
    status = keel_futures_position(futures_of(trader), market, side, false, &position, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    return position;
}

static bool was_liquidated(const struct trader *trader, keel_market_id market,
                           enum keel_position_side side)
{
    for (int i = 0; i < trader->risk_count && i < KEPT_MAX; i++) {
        const struct keel_risk_event *risk = &trader->risks[i];
        if (risk->kind == KEEL_RISK_LIQUIDATED && risk->market == market && risk->side == side)
            return true;
    }
    return false;
}

static bool has_fill_of(const struct trader *trader, keel_market_id market,
                        enum keel_position_side side, enum keel_cause cause)
{
    for (int i = 0; i < trader->executions && i < KEPT_MAX; i++) {
        const struct keel_execution *fill = &trader->fills[i];
        if (fill->market == market && fill->position_side == side && fill->cause == cause)
            return true;
    }
    return false;
}

/* At the safe price nothing happens, however long one waits; a tick further it is gone. */
static void drive(struct fixture *fixture, keel_market_id market, enum keel_position_side leg)
{
    struct trader *own = &fixture->own;
    struct keel_risk risk = read_risk(own, market, leg);
    keel_decimal quantity = risk.position.quantity;
    bool falling = keel_decimal_compare(risk.liquidation_price, risk.mark_price) < 0;
    struct pair prices = around(own, market, falling, risk.liquidation_price);
    assert_true(keel_decimal_is_positive(risk.liquidation_price));

    keel_decimal stated = load_statement(own, market, leg).venue_liquidation_price;
    assert_within(risk.liquidation_price, stated, rules_of(own, market)->price_tick);
    set_price(fixture, market, prices.safe);
    assert_true(keel_decimal_equals(load_statement(own, market, leg).quantity, quantity));
    risk = read_risk(own, market, leg);
    assert_true(keel_decimal_compare(risk.margin_ratio, KEEL_DECIMAL_ONE) < 0);
    assert_true(keel_decimal_compare(risk.margin_ratio, keel_decimal_from_text("0.99")) > 0);
    assert_false(was_liquidated(own, market, leg));

    set_price(fixture, market, prices.fatal);
    await_held(fixture, market, leg, "0");
    for (int i = 0; i < TURNS && !was_liquidated(own, market, leg); i++)
        turn(fixture);
    assert_true(was_liquidated(own, market, leg));
    assert_true(has_fill_of(own, market, leg, KEEL_CAUSE_LIQUIDATION));
}

/* Isolated legs: each has its own price, and one goes without the other. */
static void check_isolated_legs(const char *venue, enum keel_position_side driven)
{
    struct fixture fixture;
    set_up(&fixture, venue);
    struct trader *own = &fixture.own;
    enum keel_position_side other = driven == KEEL_LONG ? KEEL_SHORT : KEEL_LONG;
    set_hedge_mode(own, true);
    set_leverage(own, 20);
    set_mode(own, own->market, KEEL_ISOLATED);
    prepare(&fixture, "60000", "3000");
    open_in(own, own->market, KEEL_BUY, KEEL_LONG, "0.5");
    open_in(own, own->market, KEEL_SELL, KEEL_SHORT, "0.3");
    await_legs(&fixture, "0.5", "-0.3");
    assert_false(keel_decimal_equals(read_risk(own, own->market, KEEL_LONG).liquidation_price,
                                     read_risk(own, own->market, KEEL_SHORT).liquidation_price));

    keel_decimal kept = held(own, other);
    drive(&fixture, own->market, driven);
    assert_true(keel_decimal_equals(held(own, other), kept));
    assert_false(was_liquidated(own, own->market, other));
    assert_false(has_fill_of(own, own->market, other, KEEL_CAUSE_LIQUIDATION));
    tear_down(&fixture);
}

/* Legs in cross margin share one price; with the account gone both go. */
static void check_cross_legs(const char *venue, const char *in_long, const char *in_short)
{
    struct fixture fixture;
    set_up(&fixture, venue);
    struct trader *own = &fixture.own;
    set_hedge_mode(own, true);
    set_leverage(own, 20);
    set_leverage_of(own, own->other, 20);
    set_mode(own, own->market, KEEL_CROSS);
    set_mode(own, own->other, KEEL_CROSS);
    prepare(&fixture, "60000", "3000");
    open_in(own, own->market, KEEL_BUY, KEEL_LONG, in_long);
    open_in(own, own->market, KEEL_SELL, KEEL_SHORT, in_short);
    open_in(own, own->other, KEEL_BUY, KEEL_LONG, "5");
    await_held(&fixture, own->market, KEEL_LONG, in_long);
    char text[32];
    snprintf(text, sizeof(text), "-%s", in_short);
    await_held(&fixture, own->market, KEEL_SHORT, text);
    await_held(&fixture, own->other, KEEL_LONG, "5");
    struct keel_risk one = read_risk(own, own->market, KEEL_LONG);
    struct keel_risk two = read_risk(own, own->market, KEEL_SHORT);
    assert_true(keel_decimal_equals(one.liquidation_price, two.liquidation_price));
    assert_true(keel_decimal_equals(one.margin_ratio, two.margin_ratio));

    bool falling = keel_decimal_compare(one.liquidation_price, one.mark_price) < 0;
    drive(&fixture, own->market, falling ? KEEL_LONG : KEEL_SHORT);
    tear_down(&fixture);
}

/* One-way: several positions behind one wallet, another one at a loss and one at a profit. */
static void check_cross_positions(const char *venue, const char *eth_quantity, const char *eth_now)
{
    struct fixture fixture;
    set_up(&fixture, venue);
    struct trader *own = &fixture.own;
    bool shorts = eth_quantity[0] == '-';
    set_leverage(own, 20);
    set_leverage_of(own, own->other, 20);
    set_mode(own, own->market, KEEL_CROSS);
    set_mode(own, own->other, KEEL_CROSS);
    prepare(&fixture, "60000", "3000");
    open_in(own, own->market, KEEL_BUY, KEEL_NET, "1.5");
    open_in(own, own->other, shorts ? KEEL_SELL : KEEL_BUY, KEEL_NET, eth_quantity + shorts);
    await_held(&fixture, own->market, KEEL_NET, "1.5");
    await_held(&fixture, own->other, KEEL_NET, eth_quantity);
    set_price(&fixture, own->other, keel_decimal_from_text(eth_now));
    drive(&fixture, own->market, KEEL_NET);
    tear_down(&fixture);
}

static void check_isolated_position(const char *venue, enum keel_side side, const char *quantity)
{
    struct fixture fixture;
    set_up(&fixture, venue);
    struct trader *own = &fixture.own;
    set_leverage(own, 20);
    set_mode(own, own->market, KEEL_ISOLATED);
    prepare(&fixture, "60000", "3000");
    open_in(own, own->market, side, KEEL_NET, quantity);
    char held_text[32];
    snprintf(held_text, sizeof(held_text), "%s%s", side == KEEL_SELL ? "-" : "", quantity);
    await_held(&fixture, own->market, KEEL_NET, held_text);
    drive(&fixture, own->market, KEEL_NET);
    tear_down(&fixture);
}

/* What comes next on the account's user stream ends it, before a byte of it is told; what follows
 * happens while nobody listens, for the own client does not run. */
static void go_away(const struct fixture *fixture, int streams)
{
    char body[160];
    snprintf(body, sizeof(body),
             "{\"action\":\"cut\",\"of\":\"frame\",\"stream\":\"user\",\"byte\":0,"
             "\"account\":1,\"times\":%d}",
             streams);
    control(fixture, "fault", body);
}

static void await_risk(struct fixture *fixture, enum keel_risk_event_kind kind,
                       enum keel_position_side side)
{
    struct trader *own = &fixture->own;
    for (int i = 0; i < 2 * TURNS; i++) {
        for (int at = 0; at < own->risk_count && at < KEPT_MAX; at++) {
            if (own->risks[at].kind == kind && own->risks[at].side == side)
                return;
        }
        turn(fixture);
    }
    fail_msg("%s of %s was not told", keel_risk_event_kind_name(kind),
             keel_position_side_name(side));
}

static int count_risks(const struct trader *trader, enum keel_risk_event_kind kind)
{
    int count = 0;
    for (int i = 0; i < trader->risk_count && i < KEPT_MAX; i++)
        count += trader->risks[i].kind == kind;
    return count;
}

/* As the account has it now: a list of fills may not say who made them, and their order does. */
static bool is_booked_with(const struct trader *trader, enum keel_position_side side,
                           enum keel_cause cause)
{
    static struct keel_execution fills[KEPT_MAX];
    size_t count = keel_private_executions(keel_futures_base(futures_of(trader)), trader->market,
                                           fills, KEPT_MAX);
    for (size_t i = 0; i < count && i < KEPT_MAX; i++) {
        if (fills[i].position_side == side && fills[i].cause == cause)
            return true;
    }
    return false;
}

static void set_price_unheard(const struct fixture *fixture, const char *price)
{
    char body[128];
    snprintf(body, sizeof(body), "{\"symbol\":\"BTCUSDT\",\"price\":\"%s\"}", price);
    control(fixture, "price", body);
}

/* Of that leg alone, nothing here, and so much at the venue. */
static keel_decimal sum_differences(const struct trader *own, enum keel_position_side side)
{
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (int i = 0; i < own->differences && i < KEPT_MAX; i++) {
        const struct keel_difference *difference = &own->different[i];
        if (difference->kind != KEEL_DIFFERENCE_EXECUTION)
            continue;
        assert_int_equal(difference->side, side);
        assert_true(keel_decimal_is_zero(difference->ours));
        sum = keel_decimal_add(sum, keel_decimal_abs(difference->venues));
    }
    return sum;
}

/* Each fill that the list alone told of is a difference, once. What is young is waited for. */
static void await_differences(struct fixture *fixture, enum keel_position_side side,
                              const char *quantity)
{
    struct trader *own = &fixture->own;
    keel_decimal wanted = keel_decimal_from_text(quantity);
    for (int i = 0; i < 3 * TURNS && !keel_decimal_equals(sum_differences(own, side), wanted); i++)
        turn(fixture);
    assert_true(keel_decimal_equals(sum_differences(own, side), wanted));
    fixture->differences = own->differences;
    for (int i = 0; i < TURNS / 10; i++)
        turn(fixture);
}

static void open_isolated_legs(struct fixture *fixture, const char *venue)
{
    struct trader *own = &fixture->own;
    set_up(fixture, venue);
    set_hedge_mode(own, true);
    set_leverage(own, 20);
    set_mode(own, own->market, KEEL_ISOLATED);
    prepare(fixture, "60000", "3000");
    open_in(own, own->market, KEEL_BUY, KEEL_LONG, "0.5");
    open_in(own, own->market, KEEL_SELL, KEEL_SHORT, "0.3");
    await_legs(fixture, "0.5", "-0.3");
}

/* 57,000 is beyond the long leg's price, and the short one's profit. */
static void check_liquidation_while_away(const char *venue)
{
    struct fixture fixture;
    open_isolated_legs(&fixture, venue);
    struct trader *own = &fixture.own;
    go_away(&fixture, 1);
    set_price_unheard(&fixture, "56000");
    await_legs(&fixture, "0", "-0.3");
    await_risk(&fixture, KEEL_RISK_LIQUIDATED, KEEL_LONG);
    assert_int_equal(count_risks(own, KEEL_RISK_LIQUIDATED), 1);
    assert_true(is_booked_with(own, KEEL_LONG, KEEL_CAUSE_LIQUIDATION));
    assert_false(is_booked_with(own, KEEL_SHORT, KEEL_CAUSE_LIQUIDATION));
    await_differences(&fixture, KEEL_LONG, "0.5");
    tear_down(&fixture);
}

/* The other account shorts so much that its loss is more than the venue's fund: our long leg is in
 * profit, and the first in the queue. */
static void open_against(struct fixture *fixture, const char *venue)
{
    struct trader *own = &fixture->own, *other = &fixture->foreign;
    set_up_with(fixture, venue, "200000");
    set_hedge_mode(own, true);
    set_leverage(own, 20);
    set_mode(own, own->market, KEEL_CROSS);
    prepare(fixture, "60000", "3000");
    open_in(own, own->market, KEEL_BUY, KEEL_LONG, "0.5");
    open_in(own, own->market, KEEL_SELL, KEEL_SHORT, "0.1");
    await_legs(fixture, "0.5", "-0.1");
    start_trader_of(fixture, other, venue, 1);
    set_leverage(other, 20);
    set_mode(other, other->market, KEEL_ISOLATED);
    for (int i = 0; i < 4; i++) {
        open_in(other, other->market, KEEL_SELL, KEEL_NET, "6");
        for (int wait = 0; wait < 10; wait++)
            turn(fixture);
    }
}

static void check_deleveraging(const char *venue, bool away)
{
    struct fixture fixture;
    open_against(&fixture, venue);
    struct trader *own = &fixture.own;
    if (away)
        go_away(&fixture, 1);
    set_price_unheard(&fixture, "125000");
    await_legs(&fixture, "0", "-0.1");
    await_risk(&fixture, KEEL_RISK_DELEVERAGED, KEEL_LONG);
    assert_int_equal(count_risks(own, KEEL_RISK_DELEVERAGED), 1);
    assert_int_equal(count_risks(own, KEEL_RISK_LIQUIDATED), 0);
    assert_true(is_booked_with(own, KEEL_LONG, KEEL_CAUSE_DELEVERAGING));
    assert_false(is_booked_with(own, KEEL_SHORT, KEEL_CAUSE_DELEVERAGING));
    if (away)
        await_differences(&fixture, KEEL_LONG, "0.5");
    tear_down(&fixture);
}

/* Another client of the account trades one leg while this one is away. */
static void check_change_while_away(const char *venue)
{
    struct fixture fixture;
    open_isolated_legs(&fixture, venue);
    struct trader *foreign = &fixture.foreign;
    start_trader(&fixture, foreign, venue);
    go_away(&fixture, 100); /* its own stream is struck, too */
    open_in(foreign, foreign->market, KEEL_BUY, KEEL_SHORT, "0.1");
    for (int i = 0; i < 50; i++)
        assert_int_equal(keel_client_run(foreign->client, NULL, TURN_MS), KEEL_UNKNOWN);
    control_by(&fixture, "DELETE", "fault", "");
    await_legs(&fixture, "0.5", "-0.2");
    await_differences(&fixture, KEEL_SHORT, "0.1");
    assert_int_equal(count_risks(&fixture.own, KEEL_RISK_LIQUIDATED), 0);
    tear_down(&fixture);
}

#define TEST(name, call)                                                                           \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        call;                                                                                      \
    }

TEST(b22_an_isolated_long_leg_goes_at_its_price_on_binance,
     check_isolated_legs("binance", KEEL_LONG))
TEST(b22_an_isolated_long_leg_goes_at_its_price_on_gateio, check_isolated_legs("gateio", KEEL_LONG))
TEST(b22_an_isolated_short_leg_goes_at_its_price_on_binance,
     check_isolated_legs("binance", KEEL_SHORT))
TEST(b22_an_isolated_short_leg_goes_at_its_price_on_gateio,
     check_isolated_legs("gateio", KEEL_SHORT))
TEST(b22_cross_legs_go_at_their_one_price_on_binance, check_cross_legs("binance", "1.5", "0.2"))
TEST(b22_cross_legs_go_at_their_one_price_on_gateio, check_cross_legs("gateio", "1.5", "0.2"))
TEST(b22_more_short_than_long_goes_when_the_price_rises_on_binance,
     check_cross_legs("binance", "0.2", "1.5"))
TEST(b22_more_short_than_long_goes_when_the_price_rises_on_gateio,
     check_cross_legs("gateio", "0.2", "1.5"))
TEST(b22_several_losing_cross_positions_share_the_wallet_on_binance,
     check_cross_positions("binance", "10", "2900"))
TEST(b22_several_losing_cross_positions_share_the_wallet_on_gateio,
     check_cross_positions("gateio", "10", "2900"))
TEST(b22_the_profit_of_another_cross_position_counts_on_binance,
     check_cross_positions("binance", "-10", "2900"))
TEST(b22_the_profit_of_another_cross_position_counts_on_gateio,
     check_cross_positions("gateio", "-10", "2900"))
TEST(b22_an_isolated_long_goes_at_its_price_on_binance,
     check_isolated_position("binance", KEEL_BUY, "0.84"))
TEST(b22_an_isolated_long_goes_at_its_price_on_gateio,
     check_isolated_position("gateio", KEEL_BUY, "0.84"))
TEST(b22_an_isolated_short_goes_at_its_price_on_binance,
     check_isolated_position("binance", KEEL_SELL, "0.82"))
TEST(b22_an_isolated_short_goes_at_its_price_on_gateio,
     check_isolated_position("gateio", KEEL_SELL, "0.82"))

TEST(b23_a_leg_liquidated_while_away_is_told_by_its_cause_on_binance,
     check_liquidation_while_away("binance"))
TEST(b23_a_leg_liquidated_while_away_is_told_by_its_cause_on_gateio,
     check_liquidation_while_away("gateio"))
TEST(b23_a_leg_deleveraged_is_told_and_the_other_stays_on_binance,
     check_deleveraging("binance", false))
TEST(b23_a_leg_deleveraged_is_told_and_the_other_stays_on_gateio,
     check_deleveraging("gateio", false))
TEST(b23_a_leg_deleveraged_while_away_is_told_by_its_cause_on_binance,
     check_deleveraging("binance", true))
TEST(b23_a_leg_deleveraged_while_away_is_told_by_its_cause_on_gateio,
     check_deleveraging("gateio", true))
TEST(a_leg_that_changed_while_away_is_found_and_told_once_on_binance,
     check_change_while_away("binance"))
TEST(a_leg_that_changed_while_away_is_found_and_told_once_on_gateio,
     check_change_while_away("gateio"))

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(b22_an_isolated_long_leg_goes_at_its_price_on_binance),
        cmocka_unit_test(b22_an_isolated_long_leg_goes_at_its_price_on_gateio),
        cmocka_unit_test(b22_an_isolated_short_leg_goes_at_its_price_on_binance),
        cmocka_unit_test(b22_an_isolated_short_leg_goes_at_its_price_on_gateio),
        cmocka_unit_test(b22_cross_legs_go_at_their_one_price_on_binance),
        cmocka_unit_test(b22_cross_legs_go_at_their_one_price_on_gateio),
        cmocka_unit_test(b22_more_short_than_long_goes_when_the_price_rises_on_binance),
        cmocka_unit_test(b22_more_short_than_long_goes_when_the_price_rises_on_gateio),
        cmocka_unit_test(b22_several_losing_cross_positions_share_the_wallet_on_binance),
        cmocka_unit_test(b22_several_losing_cross_positions_share_the_wallet_on_gateio),
        cmocka_unit_test(b22_the_profit_of_another_cross_position_counts_on_binance),
        cmocka_unit_test(b22_the_profit_of_another_cross_position_counts_on_gateio),
        cmocka_unit_test(b22_an_isolated_long_goes_at_its_price_on_binance),
        cmocka_unit_test(b22_an_isolated_long_goes_at_its_price_on_gateio),
        cmocka_unit_test(b22_an_isolated_short_goes_at_its_price_on_binance),
        cmocka_unit_test(b22_an_isolated_short_goes_at_its_price_on_gateio),
        cmocka_unit_test(b23_a_leg_liquidated_while_away_is_told_by_its_cause_on_binance),
        cmocka_unit_test(b23_a_leg_liquidated_while_away_is_told_by_its_cause_on_gateio),
        cmocka_unit_test(b23_a_leg_deleveraged_is_told_and_the_other_stays_on_binance),
        cmocka_unit_test(b23_a_leg_deleveraged_is_told_and_the_other_stays_on_gateio),
        cmocka_unit_test(b23_a_leg_deleveraged_while_away_is_told_by_its_cause_on_binance),
        cmocka_unit_test(b23_a_leg_deleveraged_while_away_is_told_by_its_cause_on_gateio),
        cmocka_unit_test(a_leg_that_changed_while_away_is_found_and_told_once_on_binance),
        cmocka_unit_test(a_leg_that_changed_while_away_is_found_and_told_once_on_gateio),
    };
    return cmocka_run_group_tests_name("client/liquidation", tests, NULL, NULL);
}

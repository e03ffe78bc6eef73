/* Hedge mode, over real sockets, before the paper venue of each exchange: two legs of one market,
 * and each order's leg found whether the venue names it or not. */
#include "keel/keel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum {
    TURNS = 1000,
    TURN_MS = 10,
    WAIT_MS = 10000,
    LEVERAGE = 7,
};

struct outcome {
    bool done;
    enum keel_fate fate;
    struct keel_error error;
    struct keel_order order;
    keel_decimal remaining;
};

struct trader {
    struct keel_client *client;
    struct keel_private *exchange;
    keel_market_id market;
    keel_decimal mark;
    int executions, differences;
};

struct fixture {
    struct keel_paper *paper;
    struct trader own, foreign; /* two clients of one account */
};

static void on_execution(void *user, const struct keel_execution *execution)
{
    (void)execution;
    ((struct trader *)user)->executions++;
}

static void on_difference(void *user, const struct keel_difference *difference)
{
    char ours[KEEL_DECIMAL_TEXT_SIZE], venues[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(difference->ours, ours);
    keel_decimal_format(difference->venues, venues);
    print_message("difference of %s %s: %s, %s\n", keel_difference_kind_name(difference->kind),
                  difference->id, ours, venues);
    ((struct trader *)user)->differences++;
}

static void on_mark(void *user, const struct keel_mark *mark)
{
    ((struct trader *)user)->mark = mark->mark_price;
}

static void on_result(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->done = true;
    outcome->fate = result->fate;
    outcome->error = result->error;
    if (result->order)
        outcome->order = *result->order;
}

static void on_close(void *user, const struct keel_close_result *result)
{
    struct outcome *outcome = user;
    outcome->done = true;
    outcome->fate = result->fate;
    outcome->error = result->error;
    outcome->remaining = result->remaining;
}

static struct keel_futures *futures_of(const struct trader *trader)
{
    return keel_client_futures(trader->client);
}

static void start_trader(struct fixture *fixture, struct trader *trader, const char *venue)
{
    static const char *const symbols[] = {"BTC/USDT:USDT"};
    struct keel_error error = {0};
    struct keel_config config = keel_config_init();
    config.venue = venue;
    config.url = keel_paper_url(fixture->paper);
    config.api_key = keel_paper_api_key(fixture->paper, 0);
    config.api_secret = keel_paper_api_secret(fixture->paper, 0);
    config.symbols = symbols;
    config.symbol_count = 1;
    config.start_timeout_ms = WAIT_MS;
    config.handlers = (struct keel_handlers){.user = trader,
                                             .on_execution = on_execution,
                                             .on_difference = on_difference,
                                             .on_mark = on_mark};
    trader->client = keel_client_new(&config, &error);
    if (!trader->client || keel_client_start(trader->client, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    trader->exchange = keel_futures_base(futures_of(trader));
    trader->market =
        keel_markets_find(keel_private_markets(trader->exchange), KEEL_STR("BTC/USDT:USDT"));
}

static void set_up(struct fixture *fixture, const char *venue)
{
    struct keel_error error = {0};
    struct keel_paper_config config = keel_paper_config_init();
    config.listen = "127.0.0.1:0";
    config.speed = KEEL_PAPER_SPEED_MANUAL;
    config.seed = 7;
    memset(fixture, 0, sizeof(*fixture));
    fixture->paper = keel_paper_open(&config, &error);
    if (!fixture->paper)
        fail_msg("%s", error.message);
    start_trader(fixture, &fixture->own, venue);
}

static void tear_down(struct fixture *fixture)
{
    assert_int_equal(fixture->own.differences, 0);
    keel_client_free(fixture->own.client);
    keel_client_free(fixture->foreign.client);
    assert_true(keel_paper_is_conserved(fixture->paper));
    keel_paper_close(fixture->paper);
}

static void turn(struct fixture *fixture)
{
    assert_int_equal(keel_client_run(fixture->own.client, NULL, TURN_MS), KEEL_UNKNOWN);
    if (fixture->foreign.client)
        assert_int_equal(keel_client_run(fixture->foreign.client, NULL, TURN_MS), KEEL_UNKNOWN);
}

static void await(struct trader *trader, enum keel_status status, const struct keel_error *error,
                  const struct outcome *outcome)
{
    if (status != KEEL_OK)
        fail_msg("%s", error->message);
    assert_int_equal(keel_client_run(trader->client, &outcome->done, WAIT_MS), KEEL_OK);
    if (outcome->fate != KEEL_ACCEPTED)
        fail_msg("%s: %s", keel_fate_name(outcome->fate), outcome->error.message);
}

static void set_hedge_mode(struct trader *trader, bool enable)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    enum keel_status status =
        keel_futures_set_hedge_mode(futures_of(trader), enable, on_result, &outcome, &error);
    await(trader, status, &error, &outcome);
}

static void set_leverage(struct trader *trader, int32_t leverage)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    enum keel_status status = keel_futures_set_leverage(futures_of(trader), trader->market,
                                                        leverage, on_result, &outcome, &error);
    await(trader, status, &error, &outcome);
}

/* Leverage that was never set may be unknown: then nothing opens. */
static void hedge(struct trader *trader)
{
    set_hedge_mode(trader, true);
    set_leverage(trader, LEVERAGE);
}

static struct keel_order_request make_order(const struct trader *trader, enum keel_side side,
                                            enum keel_position_side leg, const char *quantity)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = trader->market;
    request.side = side;
    request.position_side = leg;
    request.type = KEEL_MARKET;
    request.quantity = keel_decimal_from_text(quantity);
    return request;
}

static void place(struct trader *trader, const struct keel_order_request *request)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    enum keel_status status =
        keel_futures_place_order(futures_of(trader), request, on_result, &outcome, &error);
    await(trader, status, &error, &outcome);
}

static void trade(struct trader *trader, enum keel_side side, enum keel_position_side leg,
                  const char *quantity)
{
    struct keel_order_request request = make_order(trader, side, leg, quantity);
    place(trader, &request);
}

static keel_decimal price_at(struct fixture *fixture, const char *ratio)
{
    struct trader *trader = &fixture->own;
    for (int i = 0; i < TURNS && !keel_decimal_is_positive(trader->mark); i++)
        turn(fixture);
    const struct keel_market *market =
        keel_markets_get(keel_private_markets(trader->exchange), trader->market);
    keel_decimal price =
        keel_decimal_mul(trader->mark, keel_decimal_from_text(ratio), KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(price, market->price_tick, KEEL_ROUND_DOWN);
}

static keel_decimal held(const struct trader *trader, enum keel_position_side leg)
{
    struct keel_position position;
    enum keel_status status =
        keel_futures_position(futures_of(trader), trader->market, leg, true, &position, NULL);
    return status == KEEL_OK ? position.quantity : KEEL_DECIMAL_ZERO;
}

static void await_legs(struct fixture *fixture, const char *in_long, const char *in_short)
{
    const struct trader *trader = &fixture->own;
    keel_decimal wanted[] = {keel_decimal_from_text(in_long), keel_decimal_from_text(in_short)};
    for (int i = 0; i < TURNS; i++) {
        if (keel_decimal_equals(held(trader, KEEL_LONG), wanted[0]) &&
            keel_decimal_equals(held(trader, KEEL_SHORT), wanted[1]))
            return;
        turn(fixture);
    }
    char legs[2][KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(held(trader, KEEL_LONG), legs[0]);
    keel_decimal_format(held(trader, KEEL_SHORT), legs[1]);
    fail_msg("long %s, short %s", legs[0], legs[1]);
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

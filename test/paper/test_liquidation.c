#include "engine_helper.h"

static struct paper_engine *new_isolated(const char *insurance)
{
    struct paper_engine *engine = new_engine(2, "50000", insurance);
    assert_int_equal(paper_engine_set_margin_mode(engine, NOW_MS, 1, BTC, KEEL_ISOLATED), PAPER_OK);
    trade_at(engine, BTC, KEEL_BUY, "1", "60000");
    drain(engine);
    return engine;
}

static keel_decimal income_of(struct paper_engine *engine, int account, enum keel_income_kind kind)
{
    struct paper_query query = {.account = account};
    const struct paper_income *income = NULL;
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    while ((income = paper_engine_next_income(engine, &query, income)) != NULL)
        if (income->kind == kind)
            sum = keel_decimal_add(sum, income->amount);
    return sum;
}

static void an_isolated_position_is_liquidated_at_its_price_and_not_before(void **state)
{
    (void)state;
    struct paper_engine *engine = new_isolated("10000");
    const struct paper_order *resting = place_limit(engine, 1, BTC, KEEL_BUY, "0.1", "50000");
    const struct paper_order *elsewhere = place_limit(engine, 1, ETH, KEEL_BUY, "1", "2900");
    set_price(engine, BTC, "57236.2");
    assert_decimal(position_of(engine, 1, BTC).quantity, "1");
    drain(engine);
    set_price(engine, BTC, "57236.1");
    assert_decimal(position_of(engine, 1, BTC).quantity, "0");
    assert_int_equal(resting->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(resting->expiry, PAPER_EXPIRY_LIQUIDATION);
    assert_int_equal(elsewhere->status, PAPER_ORDER_NEW);

    assert_int_equal(next_order_event(engine, 1).order.expiry, PAPER_EXPIRY_LIQUIDATION);
    struct paper_order_event opened = next_order_event(engine, 1);
    assert_int_equal(opened.kind, PAPER_EXECUTION_NEW);
    assert_int_equal(opened.order.cause, KEEL_CAUSE_LIQUIDATION);
    assert_decimal(opened.order.price, "57000");
    assert_true(
        keel_str_starts_with(keel_str_from(opened.order.client_id), KEEL_STR("autoclose-")));
    struct paper_order_event fill = next_order_event(engine, 1);
    assert_int_equal(fill.kind, PAPER_EXECUTION_CALCULATED);
    assert_decimal(fill.trade.fee, "0");
    /* Everything that backed it is gone: the loss, and the fee up to what was left. */
    assert_decimal(account_of(engine, 1).wallet, "46970");
    keel_decimal lost = keel_decimal_add(income_of(engine, 1, KEEL_INCOME_REALIZED_PNL),
                                         income_of(engine, 1, KEEL_INCOME_INSURANCE_CLEAR));
    assert_decimal(lost, "-3000");
    end(engine);
}

static void what_the_book_does_not_take_goes_to_the_fund_at_the_bankruptcy_price(void **state)
{
    (void)state;
    struct paper_engine *engine = new_isolated("10000");
    set_price(engine, BTC, "56000");
    struct paper_order_event event = next_order_event(engine, 1);
    while (!event.filled)
        event = next_order_event(engine, 1);
    assert_true(event.insurance);
    assert_decimal(event.trade.price, "57000");
    assert_int_equal(event.order.status, PAPER_ORDER_FILLED);
    assert_decimal(account_of(engine, 1).wallet, "46970");
    struct paper_audit audit;
    paper_engine_audit(engine, &audit);
    assert_decimal(audit.insurance, "9000");
    /* Then the fund sells it into the book, a little below the mark. */
    set_price(engine, BTC, "56100");
    paper_engine_audit(engine, &audit);
    keel_decimal sold = audit.insurance;
    set_price(engine, BTC, "70000");
    paper_engine_audit(engine, &audit);
    assert_true(keel_decimal_equals(audit.insurance, sold));
    assert_true(keel_decimal_compare(sold, dec("9000")) > 0);
    end(engine);
}

static void a_fund_that_cannot_bear_the_loss_deleverages_the_other_side(void **state)
{
    (void)state;
    struct paper_engine *engine = new_isolated("500");
    set_price(engine, BTC, "56000");
    assert_decimal(position_of(engine, 1, BTC).quantity, "0");
    assert_decimal(position_of(engine, 2, BTC).quantity, "0");
    struct paper_order_event event = next_order_event(engine, 2);
    assert_int_equal(event.order.cause, KEEL_CAUSE_DELEVERAGING);
    assert_true(
        keel_str_starts_with(keel_str_from(event.order.client_id), KEEL_STR("adl_autoclose")));
    event = next_order_event(engine, 2);
    assert_decimal(event.trade.price, "57000");
    assert_decimal(event.trade.realized_pnl, "3000");
    struct paper_audit audit;
    paper_engine_audit(engine, &audit);
    assert_decimal(audit.insurance, "500");
    end(engine);
}

/* Both short the same; the one with less wallet has the higher score. */
static void the_best_ranked_account_is_deleveraged_first(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(3, "50000", "0");
    assert_int_equal(paper_engine_set_margin_mode(engine, NOW_MS, 1, BTC, KEEL_ISOLATED), PAPER_OK);
    place_limit(engine, 2, BTC, KEEL_SELL, "0.2", "60000");
    place_limit(engine, 3, BTC, KEEL_SELL, "0.8", "60000");
    place_limit(engine, 1, BTC, KEEL_BUY, "1", "60000");
    set_price(engine, BTC, "59000");
    assert_int_equal(position_of(engine, 3, BTC).adl_rank, 4);
    assert_int_equal(position_of(engine, 2, BTC).adl_rank, 1);
    assert_int_equal(position_of(engine, 1, BTC).adl_rank, 0);
    drain(engine);
    set_price(engine, BTC, "55000");
    struct paper_event event;
    int first = 0;
    while (first == 0 && paper_engine_next_event(engine, &event))
        if (event.kind == PAPER_EVENT_ORDER &&
            event.as.order.order.cause == KEEL_CAUSE_DELEVERAGING)
            first = event.account;
    assert_int_equal(first, 3);
    assert_decimal(position_of(engine, 2, BTC).quantity, "0");
    end(engine);
}

static void a_cross_account_is_liquidated_as_a_whole(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "10000", "10000");
    place_market(engine, 1, BTC, KEEL_BUY, "1");
    place_market(engine, 1, ETH, KEEL_BUY, "10");
    const struct paper_order *order = place_limit(engine, 1, ETH, KEEL_BUY, "1", "2900");
    keel_decimal price = position_of(engine, 1, BTC).liquidation_price;
    keel_decimal tick = dec("0.1");
    keel_decimal above = keel_decimal_round_to_step(price, tick, KEEL_ROUND_CEILING);
    assert_int_equal(paper_engine_set_price(engine, NOW_MS, BTC, above), PAPER_OK);
    assert_decimal(position_of(engine, 1, BTC).quantity, "1");
    assert_int_equal(paper_engine_set_price(engine, NOW_MS, BTC, keel_decimal_sub(above, tick)),
                     PAPER_OK);
    assert_decimal(position_of(engine, 1, BTC).quantity, "0");
    assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
    assert_false(keel_decimal_is_negative(account_of(engine, 1).wallet));
    end(engine);
}

static void a_margin_call_comes_once_before_the_liquidation(void **state)
{
    (void)state;
    struct paper_engine *engine = new_isolated("10000");
    int calls = 0;
    for (int price = 58000; price > 57240; price -= 10) {
        assert_int_equal(paper_engine_set_price(engine, NOW_MS, BTC, keel_decimal_from_int(price)),
                         PAPER_OK);
        struct paper_event event;
        while (paper_engine_next_event(engine, &event)) {
            if (event.kind != PAPER_EVENT_MARGIN_CALL)
                continue;
            calls++;
            assert_int_equal(event.account, 1);
            assert_false(keel_decimal_is_valid(event.as.margin_call.cross_wallet));
            struct paper_position called = event.as.margin_call.positions[0];
            keel_decimal bound =
                keel_decimal_mul(called.isolated_margin, dec("0.8"), KEEL_ROUND_DOWN);
            assert_true(keel_decimal_compare(called.maintenance_margin, bound) > 0);
        }
    }
    assert_int_equal(calls, 1);
    assert_decimal(position_of(engine, 1, BTC).quantity, "1");
    end(engine);
}

static void a_short_is_liquidated_by_a_rise(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "50000", "10000");
    assert_int_equal(paper_engine_set_margin_mode(engine, NOW_MS, 1, BTC, KEEL_ISOLATED), PAPER_OK);
    trade_at(engine, BTC, KEEL_SELL, "1", "60000");
    set_price(engine, BTC, "62736.3");
    assert_decimal(position_of(engine, 1, BTC).quantity, "-1");
    set_price(engine, BTC, "62736.4");
    assert_decimal(position_of(engine, 1, BTC).quantity, "0");
    assert_decimal(account_of(engine, 1).wallet, "46970");
    end(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_isolated_position_is_liquidated_at_its_price_and_not_before),
        cmocka_unit_test(what_the_book_does_not_take_goes_to_the_fund_at_the_bankruptcy_price),
        cmocka_unit_test(a_fund_that_cannot_bear_the_loss_deleverages_the_other_side),
        cmocka_unit_test(the_best_ranked_account_is_deleveraged_first),
        cmocka_unit_test(a_cross_account_is_liquidated_as_a_whole),
        cmocka_unit_test(a_margin_call_comes_once_before_the_liquidation),
        cmocka_unit_test(a_short_is_liquidated_by_a_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

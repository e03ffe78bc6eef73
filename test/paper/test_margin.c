#include "engine_helper.h"

/* The worked examples of the venue's support pages, recomputed with decimal arithmetic. */

static void isolate(struct paper_engine *engine, keel_market_id market, int leverage)
{
    for (int account = 1; account <= 2; account++) {
        assert_int_equal(
            paper_engine_set_margin_mode(engine, NOW_MS, account, market, KEEL_ISOLATED), PAPER_OK);
        assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, account, market, leverage),
                         PAPER_OK);
    }
}

static void maintenance_comes_from_the_bracket_that_holds_the_notional(void **state)
{
    (void)state;
    static const struct {
        const char *notional, *maintenance;
    } cases[] = {
        {"0",        "0"     },
        {"50000",    "200"   },
        {"50000.01", "200"   },
        {"600000",   "2950"  },
        {"3000000",  "18550" },
        {"12000000", "108550"},
    };
    const struct paper_instrument *instrument = paper_instrument_get(BTC);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_decimal(keel_decimal_round_to_digits(
                           paper_instrument_maintenance(instrument, dec(cases[i].notional)), 4,
                           KEEL_ROUND_DOWN),
                       cases[i].maintenance);
    assert_decimal(paper_instrument_notional_max(instrument, 125), "50000");
    assert_decimal(paper_instrument_notional_max(instrument, 100), "600000");
    assert_decimal(paper_instrument_notional_max(instrument, 101), "50000");
    assert_decimal(paper_instrument_notional_max(instrument, 20), "100000000");
    assert_decimal(paper_instrument_notional_max(instrument, 1), "1800000000");
}

/* cum of each bracket = cum before + floor * (ratio - ratio before). */
static void every_brackets_amount_makes_maintenance_continuous(void **state)
{
    (void)state;
    assert_true(paper_instrument_count() >= 20);
    const keel_market_id count = (keel_market_id)paper_instrument_count();
    for (keel_market_id id = 1; id <= count; id++) {
        const struct keel_brackets *brackets = &paper_instrument_get(id)->brackets;
        assert_int_equal(paper_instrument_find(keel_str_from(paper_instrument_get(id)->symbol)),
                         id);
        for (int32_t i = 1; i < brackets->count; i++) {
            const struct keel_bracket *low = &brackets->at[i - 1], *high = &brackets->at[i];
            keel_decimal step = keel_decimal_sub(high->maintenance_ratio, low->maintenance_ratio);
            keel_decimal cum =
                keel_decimal_add(low->maintenance_amount,
                                 keel_decimal_mul(high->notional_floor, step, KEEL_ROUND_DOWN));
            assert_true(keel_decimal_equals(low->notional_cap, high->notional_floor));
            assert_true(keel_decimal_equals(cum, high->maintenance_amount));
            assert_true(low->leverage_max > high->leverage_max);
        }
    }
}

static void an_isolated_position_is_liquidated_where_the_formula_says(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "50000", "0");
    isolate(engine, BTC, 20);
    trade_at(engine, BTC, KEEL_BUY, "1", "60000");
    struct paper_position held = position_of(engine, 1, BTC);
    assert_decimal(held.isolated_wallet, "3000");
    assert_decimal(held.position_margin, "3000");
    assert_decimal(held.maintenance_margin, "250");
    assert_decimal(cut8(held.liquidation_price), "57236.18090452");
    assert_decimal(cut8(position_of(engine, 2, BTC).liquidation_price), "62736.31840796");
    set_price(engine, BTC, "60100");
    assert_decimal(position_of(engine, 1, BTC).isolated_margin, "3100");
    assert_decimal(position_of(engine, 1, BTC).isolated_wallet, "3000");
    end(engine);
}

/* The rate and amount are those of the bracket at the liquidation price, not at the mark. */
static void the_liquidation_price_uses_the_bracket_at_that_price(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "50000", "0");
    isolate(engine, BTC, 5);
    trade_at(engine, BTC, KEEL_BUY, "1", "60000");
    assert_decimal(position_of(engine, 1, BTC).isolated_wallet, "12000");
    assert_decimal(cut8(position_of(engine, 1, BTC).liquidation_price), "48192.77108433");
    end(engine);
}

/* 0.009 BTC, wallet 25.72647982 after the maker's fee of 0.12140262. The venue served
 * 64846.78939917: its wallet had digits beyond the eighth, worth at most a millionth here. */
static void a_cross_position_is_liquidated_where_the_formula_says(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "25.84788244", "0");
    for (int account = 1; account <= 2; account++)
        assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, account, BTC, 80), PAPER_OK);
    set_price(engine, BTC, "67445.9");
    place_limit(engine, 1, BTC, KEEL_BUY, "0.009", "67445.9");
    place_limit(engine, 2, BTC, KEEL_SELL, "0.009", "67445.9");
    assert_decimal(account_of(engine, 1).wallet, "25.72647982");
    set_price(engine, BTC, "67582.2");
    struct paper_position held = position_of(engine, 1, BTC);
    assert_decimal(cut8(held.liquidation_price), "64846.78939982");
    assert_decimal(held.unrealized_pnl, "1.2267");
    assert_decimal(held.notional, "608.2398");
    assert_decimal(held.maintenance_margin, "2.4329592");
    assert_decimal(held.initial_margin, "7.6029975");
    struct paper_account view = account_of(engine, 1);
    assert_decimal(view.margin_balance, "26.95317982");
    assert_decimal(view.available, "19.35018232");
    assert_decimal(view.withdrawable, "18.12348232");
    end(engine);
}

/* (10000 - 116 - 1000 - 30000) / (0.5 * 0.004 - 0.5): the other position's loss and maintenance
 * bring this one's price nearer. */
static void other_cross_positions_count_in_a_liquidation_price(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "10012", "0");
    set_price(engine, BTC, "60000");
    place_limit(engine, 1, BTC, KEEL_BUY, "0.5", "60000");
    place_limit(engine, 2, BTC, KEEL_SELL, "0.5", "60000");
    set_price(engine, ETH, "3000");
    place_limit(engine, 1, ETH, KEEL_BUY, "10", "3000");
    place_limit(engine, 2, ETH, KEEL_SELL, "10", "3000");
    set_price(engine, ETH, "2900");
    assert_decimal(account_of(engine, 1).wallet, "10000");
    assert_decimal(cut8(position_of(engine, 1, BTC).liquidation_price), "42401.60642570");
    set_price(engine, BTC, "59000");
    struct paper_account view = account_of(engine, 1);
    assert_decimal(view.margin_balance, "8500");
    assert_decimal(view.maintenance_margin, "234");
    end(engine);
}

/* The support page's order: mark 9259.84, price 9253.30, leverage 20, one coin. */
static void the_cost_of_an_order_is_its_margin_and_its_open_loss(void **state)
{
    (void)state;
    static const struct {
        enum keel_side side;
        const char *deposit;
        enum paper_error error;
    } cases[] = {
        {KEEL_BUY,  "462.665",      PAPER_OK          },
        {KEEL_BUY,  "462.66499999", PAPER_ERROR_MARGIN},
 /* max(9259.8 * 1.0015, 9259.84, 9253.3) / 20 + (9259.84 - 9253.3) */
        {KEEL_SELL, "470.224485",   PAPER_OK          },
        {KEEL_SELL, "470.22448499", PAPER_ERROR_MARGIN},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper_engine *engine = new_engine(1, cases[i].deposit, "0");
        set_price(engine, BTC, "9259.84");
        struct paper_order_request request = limit_request(BTC, cases[i].side, "1", "9253.3");
        assert_int_equal(paper_engine_place_order(engine, NOW_MS, 1, &request, true, NULL),
                         cases[i].error);
        end(engine);
    }
}

static void open_orders_take_margin_on_the_larger_side_beyond_the_position(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    place_limit(engine, 1, BTC, KEEL_BUY, "1", "59000");
    place_limit(engine, 1, BTC, KEEL_SELL, "0.5", "61000");
    struct paper_position held = position_of(engine, 1, BTC);
    assert_decimal(held.bid_notional, "59000");
    assert_decimal(held.ask_notional, "30500");
    assert_decimal(held.order_margin, "2950");
    assert_int_equal(held.open_orders, 2);
    assert_decimal(account_of(engine, 1).available, "97050");
    (void)paper_engine_cancel_all(engine, NOW_MS, 1, BTC);
    trade_at(engine, BTC, KEEL_BUY, "1", "60000");
    place_limit(engine, 1, BTC, KEEL_SELL, "1", "61000");
    assert_decimal(position_of(engine, 1, BTC).order_margin, "0");
    place_limit(engine, 1, BTC, KEEL_SELL, "2", "61000");
    /* |60000 - 183000| - 60000 = 63000 */
    assert_decimal(position_of(engine, 1, BTC).order_margin, "3150");
    end(engine);
}

static void leverage_changes_only_as_far_as_margin_and_brackets_allow(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "10000", "0");
    trade_at(engine, BTC, KEEL_BUY, "1", "60000");
    drain(engine);
    assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, 1, BTC, 126),
                     PAPER_ERROR_LEVERAGE_RANGE);
    assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, 1, BTC, 0),
                     PAPER_ERROR_LEVERAGE_RANGE);
    assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, 1, BTC, 125),
                     PAPER_ERROR_NOTIONAL_CAP);
    assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, 1, BTC, 5),
                     PAPER_ERROR_LEVERAGE_MARGIN);
    assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, 1, BTC, 20), PAPER_OK);
    struct paper_event event;
    assert_false(paper_engine_next_event(engine, &event));
    assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, 1, BTC, 10), PAPER_OK);
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.kind, PAPER_EVENT_LEVERAGE);
    assert_int_equal(event.as.leverage, 10);
    assert_decimal(position_of(engine, 1, BTC).notional_max, "230000000");
    end(engine);
}

static void the_margin_mode_changes_only_on_a_clean_symbol(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "10000", "0");
    assert_int_equal(paper_engine_set_margin_mode(engine, NOW_MS, 1, BTC, KEEL_CROSS),
                     PAPER_ERROR_MARGIN_MODE_SAME);
    place_limit(engine, 1, BTC, KEEL_BUY, "0.1", "59000");
    assert_int_equal(paper_engine_set_margin_mode(engine, NOW_MS, 1, BTC, KEEL_ISOLATED),
                     PAPER_ERROR_MARGIN_MODE_ORDERS);
    (void)paper_engine_cancel_all(engine, NOW_MS, 1, 0);
    trade_at(engine, BTC, KEEL_BUY, "0.1", "60000");
    assert_int_equal(paper_engine_set_margin_mode(engine, NOW_MS, 1, BTC, KEEL_ISOLATED),
                     PAPER_ERROR_MARGIN_MODE_POSITION);
    drain(engine);
    assert_int_equal(paper_engine_set_margin_mode(engine, NOW_MS, 1, ETH, KEEL_ISOLATED), PAPER_OK);
    struct paper_event event;
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.as.update.reason, PAPER_REASON_MARGIN_MODE);
    assert_int_equal(event.as.update.positions[0].margin_mode, KEEL_ISOLATED);
    end(engine);
}

static enum paper_error move(struct paper_engine *engine, const char *amount)
{
    return paper_engine_move_margin(engine, NOW_MS, 1, BTC, dec(amount));
}

static void isolated_margin_moves_within_what_is_free(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "10000", "0");
    assert_int_equal(move(engine, "10"), PAPER_ERROR_POSITION_MARGIN_CROSS);
    isolate(engine, BTC, 20);
    assert_int_equal(move(engine, "10"), PAPER_ERROR_POSITION_MARGIN_NONE);
    trade_at(engine, BTC, KEEL_BUY, "1", "60000");
    assert_int_equal(move(engine, "0"), PAPER_ERROR_POSITION_MARGIN_AMOUNT);
    assert_int_equal(move(engine, "6970.00000001"), PAPER_ERROR_POSITION_MARGIN_FUNDS);
    assert_int_equal(move(engine, "-1"), PAPER_ERROR_POSITION_MARGIN_EXCESS);
    assert_int_equal(move(engine, "500"), PAPER_OK);
    assert_decimal(position_of(engine, 1, BTC).isolated_wallet, "3500");
    assert_decimal(account_of(engine, 1).cross_wallet, "6470");
    assert_decimal(account_of(engine, 1).wallet, "9970");
    assert_int_equal(move(engine, "-500"), PAPER_OK);
    assert_int_equal(move(engine, "-0.00000001"), PAPER_ERROR_POSITION_MARGIN_EXCESS);
    struct paper_query query = {.account = 1};
    const struct paper_margin_change *row = paper_engine_next_margin_change(engine, &query, NULL);
    assert_false(row->by_user);
    assert_decimal(row->amount, "3000");
    row = paper_engine_next_margin_change(engine, &query, row);
    assert_true(row->by_user);
    assert_decimal(row->amount, "500");
    end(engine);
}

static void closing_part_of_an_isolated_position_releases_its_share(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "10000", "0");
    isolate(engine, BTC, 20);
    trade_at(engine, BTC, KEEL_BUY, "1", "60000");
    trade_at(engine, BTC, KEEL_SELL, "0.25", "61000");
    assert_decimal(position_of(engine, 1, BTC).isolated_wallet, "2250");
    /* 10000 - 3000 - 30 + 750 + 250 - 7.625 */
    assert_decimal(account_of(engine, 1).cross_wallet, "7962.375");
    end(engine);
}

static void multi_assets_mode_cannot_be_switched_on(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "10000", "0");
    assert_int_equal(paper_engine_set_multi_assets(engine, 1, true), PAPER_ERROR_MULTI_ASSETS_MODE);
    end(engine);
}

static struct paper_position leg_of(const struct paper_engine *engine, enum keel_position_side side)
{
    struct paper_position position;
    paper_engine_get_leg(engine, 1, BTC, side, &position);
    return position;
}

static void hedge_mode_holds_a_long_and_a_short_at_once(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "10000", "0");
    struct paper_order_request request = market_request(BTC, KEEL_BUY, "0.1");
    request.position_side = KEEL_LONG;
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_POSITION_SIDE);
    assert_int_equal(paper_engine_set_hedge_mode(engine, 1, false), PAPER_ERROR_POSITION_MODE_SAME);
    assert_int_equal(paper_engine_set_hedge_mode(engine, 1, true), PAPER_OK);
    assert_int_equal(refusal(engine, 1, &request), PAPER_OK);
    request = market_request(BTC, KEEL_SELL, "0.04");
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_POSITION_SIDE);
    request.position_side = KEEL_SHORT;
    assert_int_equal(refusal(engine, 1, &request), PAPER_OK);
    assert_true(
        keel_decimal_equals(leg_of(engine, KEEL_LONG).quantity, keel_decimal_from_text("0.1")));
    assert_true(
        keel_decimal_equals(leg_of(engine, KEEL_SHORT).quantity, keel_decimal_from_text("-0.04")));
    assert_true(keel_decimal_is_zero(leg_of(engine, KEEL_NET).quantity));
    assert_int_equal(paper_engine_set_hedge_mode(engine, 1, false),
                     PAPER_ERROR_POSITION_MODE_POSITION);
    end(engine);
}

static void a_leg_is_only_reduced_by_its_other_side(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "10000", "0");
    assert_int_equal(paper_engine_set_hedge_mode(engine, 1, true), PAPER_OK);
    struct paper_order_request sell = market_request(BTC, KEEL_SELL, "0.1");
    sell.position_side = KEEL_LONG;
    assert_int_equal(refusal(engine, 1, &sell), PAPER_ERROR_REDUCE_ONLY);
    struct paper_order_request buy = market_request(BTC, KEEL_BUY, "0.06");
    buy.position_side = KEEL_LONG;
    assert_int_equal(refusal(engine, 1, &buy), PAPER_OK);
    /* More than there is: the leg is closed and does not turn. */
    assert_int_equal(refusal(engine, 1, &sell), PAPER_OK);
    assert_true(keel_decimal_is_zero(leg_of(engine, KEEL_LONG).quantity));
    end(engine);
}

/* What one leg loses the other wins: the price of liquidation is that of what is open between them.
 */
static void legs_in_cross_margin_back_each_other(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "2000", "10000");
    assert_int_equal(paper_engine_set_hedge_mode(engine, 1, true), PAPER_OK);
    struct paper_order_request buy = market_request(BTC, KEEL_BUY, "0.1");
    buy.position_side = KEEL_LONG;
    assert_int_equal(refusal(engine, 1, &buy), PAPER_OK);
    keel_decimal alone = leg_of(engine, KEEL_LONG).liquidation_price;
    struct paper_order_request sell = market_request(BTC, KEEL_SELL, "0.05");
    sell.position_side = KEEL_SHORT;
    assert_int_equal(refusal(engine, 1, &sell), PAPER_OK);
    keel_decimal hedged = leg_of(engine, KEEL_LONG).liquidation_price;
    assert_true(keel_decimal_compare(hedged, alone) < 0);
    assert_true(keel_decimal_equals(hedged, leg_of(engine, KEEL_SHORT).liquidation_price));
    set_price(engine, BTC, "18000");
    assert_true(keel_decimal_is_zero(leg_of(engine, KEEL_LONG).quantity));
    end(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maintenance_comes_from_the_bracket_that_holds_the_notional),
        cmocka_unit_test(every_brackets_amount_makes_maintenance_continuous),
        cmocka_unit_test(an_isolated_position_is_liquidated_where_the_formula_says),
        cmocka_unit_test(the_liquidation_price_uses_the_bracket_at_that_price),
        cmocka_unit_test(a_cross_position_is_liquidated_where_the_formula_says),
        cmocka_unit_test(other_cross_positions_count_in_a_liquidation_price),
        cmocka_unit_test(the_cost_of_an_order_is_its_margin_and_its_open_loss),
        cmocka_unit_test(open_orders_take_margin_on_the_larger_side_beyond_the_position),
        cmocka_unit_test(leverage_changes_only_as_far_as_margin_and_brackets_allow),
        cmocka_unit_test(the_margin_mode_changes_only_on_a_clean_symbol),
        cmocka_unit_test(isolated_margin_moves_within_what_is_free),
        cmocka_unit_test(closing_part_of_an_isolated_position_releases_its_share),
        cmocka_unit_test(multi_assets_mode_cannot_be_switched_on),
        cmocka_unit_test(hedge_mode_holds_a_long_and_a_short_at_once),
        cmocka_unit_test(a_leg_is_only_reduced_by_its_other_side),
        cmocka_unit_test(legs_in_cross_margin_back_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

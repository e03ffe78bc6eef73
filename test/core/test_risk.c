#include "scenario.h"

static struct keel_risk read_leg(const struct scenario *scenario, keel_market_id market,
                                 enum keel_position_side side)
{
    struct keel_risk risk;
    struct keel_error error = {0};
    if (keel_account_read_risk(scenario->account, market, side, NOW, false, &risk, &error))
        fail_msg("%s", error.message);
    return risk;
}

static struct keel_risk read_risk(const struct scenario *scenario, keel_market_id market)
{
    return read_leg(scenario, market, KEEL_NET);
}

static struct keel_margin_info read_margin(const struct scenario *scenario, keel_market_id market)
{
    struct keel_margin_info info;
    assert_int_equal(keel_account_read_margin(scenario->account, market, NOW, false, &info, NULL),
                     KEEL_OK);
    return info;
}

static void all_figures_of_a_cross_position_follow_from_the_mark(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_leverage(&s, s.btc, 80, KEEL_MARGIN_MODE_NONE);
    tell_position(&s, s.btc, "0.009", "67445.9");
    tell_wallet(&s, "25.72647982");
    tell_mark(&s, s.btc, "67582.2");
    struct keel_risk risk = read_risk(&s, s.btc);
    assert_decimal(risk.notional, "608.2398");
    assert_decimal(risk.unrealized_pnl, "1.2267");
    assert_decimal(risk.initial_margin, "7.6029975");
    assert_decimal(risk.margin, "7.6029975");
    assert_decimal(risk.maintenance_margin, "2.4329592");
    assert_close(risk.roe_percent, "16.1344");
    assert_close(risk.liquidation_price, "64846.789399");
    assert_close(risk.margin_ratio, "0.0902661"); /* 2.4329592 / 26.95317982 */
    assert_close(risk.liquidation_distance, "0.04047");
    assert_int_equal(risk.leverage, 80);
    assert_int_equal(risk.mark_source, KEEL_SOURCE_STREAM);
    assert_false(risk.stale || risk.high_risk);
    end_scenario(&s);
}

static void the_cross_ratio_is_that_of_the_account(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_brackets eth = {.at = {make_bracket("0", "10000000", "0.005", "0", 75)},
                                .count = 1};
    tell_brackets(&s, s.eth, eth);
    tell_leg(&s, s.btc, KEEL_LONG, "0.5", "60000");
    tell_leg(&s, s.btc, KEEL_SHORT, "-0.2", "61000");
    tell_position(&s, s.eth, "10", "3000");
    tell_mark(&s, s.btc, "59000");
    tell_mark(&s, s.eth, "2900");
    struct keel_risk leg = read_leg(&s, s.btc, KEEL_LONG);
    struct keel_risk other = read_leg(&s, s.btc, KEEL_SHORT);
    assert_close(leg.margin_ratio, "0.034854"); /* 310.2 / 8900 */
    assert_true(keel_decimal_equals(leg.margin_ratio, other.margin_ratio));
    assert_true(keel_decimal_equals(leg.margin_ratio, read_risk(&s, s.eth).margin_ratio));
    assert_close(leg.liquidation_price, "30097.577389");
    assert_true(keel_decimal_equals(leg.liquidation_price, other.liquidation_price));
    assert_decimal(leg.unrealized_pnl, "-500");
    assert_decimal(other.unrealized_pnl, "400");
    end_scenario(&s);
}

static void an_isolated_position_stands_alone(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_isolated(&s, s.btc, "1", "60000", "3000");
    tell_position(&s, s.eth, "10", "3000");
    tell_mark(&s, s.btc, "59000");
    struct keel_risk risk = read_risk(&s, s.btc);
    assert_decimal(risk.margin, "2000");
    assert_decimal(risk.maintenance_margin, "245"); /* 59000 * 0.005 - 50 */
    assert_decimal(risk.margin_ratio, "0.1225");
    assert_close(risk.liquidation_price, "57236.1809045");
    end_scenario(&s);
}

static void nothing_is_cached_between_reads(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    assert_decimal(read_risk(&s, s.btc).unrealized_pnl, "0");
    tell_mark(&s, s.btc, "20100");
    assert_decimal(read_risk(&s, s.btc).unrealized_pnl, "100");
    keel_decimal before = read_risk(&s, s.btc).liquidation_price;
    tell_wallet(&s, "11000");
    assert_true(keel_decimal_compare(read_risk(&s, s.btc).liquidation_price, before) < 0);
    end_scenario(&s);
}

static void without_a_mark_price_nothing_is_divided_by_it(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){0});
    tell_leverage(&s, s.btc, 20, KEEL_CROSS);
    tell_brackets(&s, s.btc, make_brackets());
    tell_wallet(&s, "1000");
    tell_position(&s, s.btc, "1", "20000");
    struct keel_risk risk = read_risk(&s, s.btc);
    assert_false(keel_decimal_is_valid(risk.mark_price));
    assert_false(keel_decimal_is_valid(risk.notional));
    assert_false(keel_decimal_is_valid(risk.margin_ratio));
    assert_false(keel_decimal_is_valid(risk.liquidation_price));
    assert_false(keel_decimal_is_valid(risk.liquidation_distance));
    assert_false(risk.high_risk);
    end_scenario(&s);
}

static void a_leverage_never_loaded_is_not_one(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){0});
    tell_position(&s, s.btc, "1", "20000");
    tell_mark(&s, s.btc, "20000");
    struct keel_risk risk = read_risk(&s, s.btc);
    assert_int_equal(risk.leverage, 0);
    assert_false(keel_decimal_is_valid(risk.initial_margin));
    assert_false(keel_decimal_is_valid(risk.roe_percent));
    assert_decimal(risk.notional, "20000");
    end_scenario(&s);
}

static void a_total_with_one_input_missing_names_the_symbol(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){0});
    tell_leverage(&s, s.btc, 20, KEEL_CROSS);
    tell_leverage(&s, s.eth, 20, KEEL_CROSS);
    tell_brackets(&s, s.btc, make_brackets());
    tell_brackets(&s, s.eth, make_brackets());
    tell_wallet(&s, "1000");
    tell_position(&s, s.btc, "0.1", "20000");
    tell_position(&s, s.eth, "1", "1500");
    tell_mark(&s, s.btc, "20000");
    struct keel_margin_info info = read_margin(&s, KEEL_NO_MARKET);
    assert_string_equal(info.missing_symbol, "ETH/USDT:USDT");
    assert_false(keel_decimal_is_valid(info.unrealized_pnl));
    assert_false(keel_decimal_is_valid(info.available));
    assert_false(keel_decimal_is_valid(info.margin_ratio));
    assert_decimal(info.wallet, "1000");
    assert_false(keel_decimal_is_valid(read_risk(&s, s.btc).margin_ratio));
    assert_decimal(read_risk(&s, s.btc).notional, "2000");

    tell_mark(&s, s.eth, "1500");
    info = read_margin(&s, KEEL_NO_MARKET);
    assert_string_equal(info.missing_symbol, "");
    assert_decimal(info.initial_margin, "175");
    assert_decimal(info.available, "825");
    end_scenario(&s);
}

static void an_old_mark_makes_risk_stale_at_its_exact_bound(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_risk risk;
    tell_position(&s, s.btc, "1", "20000");
    int64_t bound = NOW + 10 * (int64_t)SECOND;
    struct keel_account *a = s.account;
    assert_int_equal(keel_account_read_risk(a, s.btc, KEEL_NET, bound, false, &risk, NULL),
                     KEEL_OK);
    assert_int_equal(risk.age_ms, 10000);
    bound += 1000000;
    assert_int_equal(keel_account_read_risk(a, s.btc, KEEL_NET, bound, false, &risk, &s.error),
                     KEEL_STALE);
    assert_string_equal(s.error.message,
                        "BTC/USDT:USDT: its mark price is 10001 ms old, the bound is 10000 ms");
    assert_int_equal(keel_account_read_risk(a, s.btc, KEEL_NET, bound, true, &risk, NULL), KEEL_OK);
    assert_true(risk.stale);
    end_scenario(&s);
}

static void another_old_mark_makes_a_cross_ratio_stale(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_risk risk;
    tell_position(&s, s.btc, "1", "20000");
    tell_position(&s, s.eth, "1", "1500");
    int64_t later = NOW + 11 * (int64_t)SECOND;
    struct keel_event event = {
        .kind = KEEL_EVENT_MARK, .mark = {.market = s.btc, .mark_price = D("20000")}
    };
    assert_int_equal(
        keel_account_apply(s.account, &event, KEEL_SOURCE_STREAM, later, &s.applied, NULL),
        KEEL_OK);
    assert_int_equal(
        keel_account_read_risk(s.account, s.btc, KEEL_NET, later, false, &risk, &s.error),
        KEEL_STALE);
    assert_non_null(strstr(s.error.message, "ETH/USDT:USDT"));
    end_scenario(&s);
}

static void an_account_that_is_not_fresh_has_stale_risk(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_risk risk;
    struct keel_margin_info info;
    tell_position(&s, s.btc, "1", "20000");
    keel_account_set_fresh(s.account, false, NOW - 3 * (int64_t)SECOND);
    struct keel_account *a = s.account;
    assert_int_equal(keel_account_read_risk(a, s.btc, KEEL_NET, NOW, false, &risk, NULL),
                     KEEL_STALE);
    assert_int_equal(keel_account_read_margin(a, KEEL_NO_MARKET, NOW, false, &info, NULL),
                     KEEL_STALE);
    assert_int_equal(keel_account_read_risk(a, s.btc, KEEL_NET, NOW, true, &risk, NULL), KEEL_OK);
    assert_true(risk.stale);
    assert_int_equal(risk.age_ms, 3000);
    end_scenario(&s);
}

static void a_flat_symbol_has_no_risk(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_risk risk;
    assert_int_equal(
        keel_account_read_risk(s.account, s.btc, KEEL_NET, NOW, false, &risk, &s.error),
        KEEL_NO_POSITION);
    assert_int_equal(keel_account_read_risk(s.account, 77, KEEL_NET, NOW, false, &risk, NULL),
                     KEEL_SYMBOL_UNKNOWN);
    end_scenario(&s);
}

static void high_risk_begins_above_its_bound(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_brackets brackets = {.at = {make_bracket("0", "10000000", "0.01", "0", 50)},
                                     .count = 1};
    tell_brackets(&s, s.btc, brackets);
    tell_isolated(&s, s.btc, "1", "20000", "250");
    struct keel_risk risk = read_risk(&s, s.btc);
    assert_decimal(risk.margin_ratio, "0.8");
    assert_true(risk.high_risk);
    tell_isolated(&s, s.btc, "7", "1000", "100"); /* 70 / 100 at a mark of 1000 */
    tell_mark(&s, s.btc, "1000");
    risk = read_risk(&s, s.btc);
    assert_decimal(risk.margin_ratio, "0.7");
    assert_false(risk.high_risk);
    end_scenario(&s);
}

static void an_account_under_water_has_the_greatest_ratio(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    tell_mark(&s, s.btc, "9000");
    struct keel_risk risk = read_risk(&s, s.btc);
    assert_decimal(risk.margin_ratio, "1000");
    assert_true(risk.high_risk);
    end_scenario(&s);
}

static void multi_asset_mode_leaves_the_cross_ratio_to_the_venue(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    apply_ok(&s, (struct keel_event){
                     .kind = KEEL_EVENT_MODES, .modes = {KEEL_OFF, KEEL_ON, KEEL_ON}
    });
    assert_false(keel_decimal_is_valid(read_risk(&s, s.btc).margin_ratio));
    assert_decimal(read_risk(&s, s.btc).initial_margin, "1000");
    end_scenario(&s);
}

/* Margin levels ------------------------------------------------------------------------------ */

static void available_is_wallet_and_profit_less_what_is_taken(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "10000");
    tell_position(&s, s.btc, "1", "20000");
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "9000");
    tell_mark(&s, s.btc, "20200"); /* 10000 + 200 - 1010 */
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "9190");
    tell_mark(&s, s.btc, "10000"); /* 10000 - 10000 - 500: never below 0 */
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "0");
    end_scenario(&s);
}

static void open_orders_take_the_margin_of_their_larger_side(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "buy", KEEL_ORDER_NEW));
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "9000");
    struct keel_event sell = order_event(&s, "2", "sell", KEEL_ORDER_NEW);
    sell.order.side = KEEL_SELL;
    apply_ok(&s, sell); /* as large: it is the other side */
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "9000");
    tell_position(&s, s.btc, "-1", "20000"); /* the buy now closes; the sell adds */
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "8000");
    assert_decimal(read_margin(&s, s.btc).initial_margin, "2000");
    end_scenario(&s);
}

static void a_resting_sell_is_valued_at_no_less_than_the_mark(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event sell = order_event(&s, "2", "sell", KEEL_ORDER_NEW);
    sell.order.side = KEEL_SELL;
    apply_ok(&s, sell);
    tell_mark(&s, s.btc, "22000");
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "8900");
    end_scenario(&s);
}

static void reduce_only_and_conditional_orders_take_none(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    struct keel_event sell = order_event(&s, "2", "sell", KEEL_ORDER_NEW);
    sell.order.side = KEEL_SELL;
    sell.order.reduce_only = true;
    sell.order.quantity = D("5");
    apply_ok(&s, sell);
    struct keel_event stop = order_event(&s, "3", "stop", KEEL_ORDER_NEW);
    stop.order.family = KEEL_FAMILY_CONDITIONAL;
    stop.order.type = KEEL_STOP_LIMIT;
    stop.order.trigger_price = D("21000");
    apply_ok(&s, stop);
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "9000");
    end_scenario(&s);
}

static void the_closing_side_of_a_leg_takes_none(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_leg(&s, s.btc, KEEL_LONG, "1", "20000");
    struct keel_event sell = order_event(&s, "2", "sell", KEEL_ORDER_NEW);
    sell.order.side = KEEL_SELL;
    sell.order.position_side = KEEL_LONG;
    apply_ok(&s, sell);
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "9000");
    assert_decimal(keel_account_resting_reduce_only(s.account, s.btc, KEEL_LONG, KEEL_SELL), "1");
    struct keel_event buy = order_event(&s, "3", "buy", KEEL_ORDER_NEW);
    buy.order.position_side = KEEL_LONG;
    apply_ok(&s, buy);
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "8000");
    end_scenario(&s);
}

static void isolated_margin_is_outside_of_what_is_available(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_isolated(&s, s.btc, "1", "20000", "1500");
    apply_ok(&s, balance_event("10000", "8500", ++s.time_ms));
    tell_mark(&s, s.btc, "19000");
    struct keel_margin_info info = read_margin(&s, KEEL_NO_MARKET);
    assert_decimal(info.available, "8500");
    assert_decimal(info.unrealized_pnl, "-1000");
    assert_decimal(info.margin_balance, "9000");
    info = read_margin(&s, s.btc);
    assert_decimal(info.margin_balance, "500");
    assert_decimal(info.maintenance_margin, "76");
    assert_decimal(info.margin_ratio, "0.152");
    assert_non_null(info.brackets);
    end_scenario(&s);
}

static void a_cross_wallet_that_is_not_told_is_the_wallet_less_the_isolated_ones(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_isolated(&s, s.btc, "1", "20000", "1500");
    struct keel_event event = balance_event("10000", "0", ++s.time_ms);
    event.balance.cross_wallet = KEEL_DECIMAL_ABSENT;
    apply_ok(&s, event);
    assert_decimal(read_margin(&s, KEEL_NO_MARKET).available, "8500");
    end_scenario(&s);
}

static void a_market_that_is_flat_has_margin_info_too(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_margin_info info = read_margin(&s, s.eth);
    assert_decimal(info.initial_margin, "0");
    assert_decimal(info.available, "10000");
    assert_int_equal(info.brackets->count, 5);
    assert_int_equal(info.age_ms, 0);
    end_scenario(&s);
}

static void a_position_is_valued_with_the_newest_of_its_inputs(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){0});
    struct keel_risk risk;
    tell_leverage(&s, s.btc, 20, KEEL_CROSS);
    tell_wallet(&s, "10000");
    tell_mark(&s, s.btc, "20000");
    tell_position(&s, s.btc, "1", "20000");
    assert_int_equal(keel_account_read_risk(s.account, s.btc, KEEL_NET, NOW, false, &risk, NULL),
                     KEEL_OK);
    assert_decimal(risk.notional, "20000");
    assert_decimal(risk.maintenance_margin, "absent");
    tell_brackets(&s, s.btc, make_brackets()); /* after the position */
    tell_mark(&s, s.btc, "21000");
    assert_int_equal(keel_account_audit(s.account, NULL), KEEL_OK);
    tell_position(&s, s.btc, "3", "20000");
    assert_int_equal(keel_account_read_risk(s.account, s.btc, KEEL_NET, NOW, false, &risk, NULL),
                     KEEL_OK);
    assert_decimal(risk.notional, "63000");
    assert_decimal(risk.maintenance_margin, "265"); /* 0.5 % less 50 */
    struct keel_brackets brackets = make_brackets();
    brackets.at[1].maintenance_ratio = D("0.006");
    tell_brackets(&s, s.btc, brackets);
    assert_int_equal(keel_account_read_risk(s.account, s.btc, KEEL_NET, NOW, false, &risk, NULL),
                     KEEL_OK);
    assert_decimal(risk.maintenance_margin, "328");
    end_scenario(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_is_valued_with_the_newest_of_its_inputs),
        cmocka_unit_test(all_figures_of_a_cross_position_follow_from_the_mark),
        cmocka_unit_test(the_cross_ratio_is_that_of_the_account),
        cmocka_unit_test(an_isolated_position_stands_alone),
        cmocka_unit_test(nothing_is_cached_between_reads),
        cmocka_unit_test(without_a_mark_price_nothing_is_divided_by_it),
        cmocka_unit_test(a_leverage_never_loaded_is_not_one),
        cmocka_unit_test(a_total_with_one_input_missing_names_the_symbol),
        cmocka_unit_test(an_old_mark_makes_risk_stale_at_its_exact_bound),
        cmocka_unit_test(another_old_mark_makes_a_cross_ratio_stale),
        cmocka_unit_test(an_account_that_is_not_fresh_has_stale_risk),
        cmocka_unit_test(a_flat_symbol_has_no_risk),
        cmocka_unit_test(high_risk_begins_above_its_bound),
        cmocka_unit_test(an_account_under_water_has_the_greatest_ratio),
        cmocka_unit_test(multi_asset_mode_leaves_the_cross_ratio_to_the_venue),
        cmocka_unit_test(available_is_wallet_and_profit_less_what_is_taken),
        cmocka_unit_test(open_orders_take_the_margin_of_their_larger_side),
        cmocka_unit_test(a_resting_sell_is_valued_at_no_less_than_the_mark),
        cmocka_unit_test(reduce_only_and_conditional_orders_take_none),
        cmocka_unit_test(the_closing_side_of_a_leg_takes_none),
        cmocka_unit_test(isolated_margin_is_outside_of_what_is_available),
        cmocka_unit_test(a_cross_wallet_that_is_not_told_is_the_wallet_less_the_isolated_ones),
        cmocka_unit_test(a_market_that_is_flat_has_margin_info_too),
    };
    return cmocka_run_group_tests_name("core/risk", tests, NULL, NULL);
}

/* The worked examples of docs/margin.md. */
#include "core/margin.h"

#include "scenario.h"

static keel_decimal pnl(const char *quantity, const char *entry, keel_decimal mark)
{
    return keel_margin_pnl(keel_margin_value(D(quantity), mark),
                           keel_margin_cost(D(quantity), D(entry)));
}

static struct keel_liquidation_row make_row(const char *quantity, const char *entry,
                                            const char *mark)
{
    return (struct keel_liquidation_row){D(quantity), keel_margin_cost(D(quantity), D(entry)),
                                         keel_margin_notional(D(quantity), D(mark))};
}

static void profit_is_the_quantity_times_the_way_from_the_entry(void **state)
{
    (void)state;
    assert_decimal(pnl("0.009", "67445.9", D("67582.2")), "1.2267");
    assert_decimal(pnl("-0.009", "67445.9", D("67582.2")), "-1.2267");
}

static void return_on_equity_is_the_profit_in_percent_of_the_initial_margin(void **state)
{
    (void)state;
    assert_close(keel_margin_roe_percent(D("1.2267"), D("7.60299749")), "16.1344");
    assert_false(keel_decimal_is_valid(keel_margin_roe_percent(D("1"), KEEL_DECIMAL_ZERO)));
}

static void initial_margin_is_the_notional_by_the_leverage(void **state)
{
    (void)state;
    keel_decimal notional = keel_margin_notional(D("0.009"), D("67582.2"));
    assert_decimal(notional, "608.2398");
    assert_close(keel_margin_initial(notional, 80), "7.60299749");
    assert_decimal(keel_margin_initial(D("12.314277"), 20), "0.61571385");
}

static void a_leverage_never_loaded_gives_no_margin(void **state)
{
    (void)state;
    assert_false(keel_decimal_is_valid(keel_margin_initial(D("600"), 0)));
}

static void maintenance_is_the_brackets_ratio_less_its_amount(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    struct keel_brackets single = {.at = {make_bracket("0", "50000", "0.0065", "0", 20)},
                                   .count = 1};
    assert_decimal(keel_margin_maintenance(D("600000"), &brackets), "4700");
    assert_decimal(keel_margin_maintenance(D("608.2398"), &brackets), "2.4329592");
    assert_decimal(keel_margin_maintenance(D("12.314277"), &single), "0.0800428005");
}

static void a_notional_on_a_cap_is_in_the_bracket_below(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    assert_ptr_equal(keel_brackets_find(&brackets, D("50000")), &brackets.at[0]);
    assert_ptr_equal(keel_brackets_find(&brackets, D("50000.000000000000000001")), &brackets.at[1]);
    assert_ptr_equal(keel_brackets_find(&brackets, D("90000000")), &brackets.at[4]);
    brackets.count = 0;
    assert_null(keel_brackets_find(&brackets, D("1")));
}

static void amounts_make_maintenance_continuous(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    for (int i = 1; i < brackets.count; i++) {
        keel_decimal floor = brackets.at[i].notional_floor;
        keel_decimal above = keel_decimal_sub(
            keel_decimal_mul(floor, brackets.at[i].maintenance_ratio, KEEL_ROUND_UP),
            brackets.at[i].maintenance_amount);
        assert_true(keel_decimal_equals(keel_margin_maintenance(floor, &brackets), above));
    }
}

static void a_leverage_allows_the_cap_of_the_last_bracket_that_allows_it(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    assert_decimal(keel_brackets_notional_max(&brackets, 125), "50000");
    assert_decimal(keel_brackets_notional_max(&brackets, 101), "50000");
    assert_decimal(keel_brackets_notional_max(&brackets, 100), "250000");
    assert_decimal(keel_brackets_notional_max(&brackets, 20), "20000000");
    assert_decimal(keel_brackets_notional_max(&brackets, 1), "40000000");
    assert_false(keel_decimal_is_valid(keel_brackets_notional_max(&brackets, 126)));
    assert_int_equal(keel_brackets_leverage_max(&brackets), 125);
}

static void opening_a_long_costs_its_margin(void **state)
{
    (void)state;
    keel_decimal price =
        keel_margin_order_price(KEEL_BUY, D("9253.30"), D("9259.84"), D("9258.99"));
    assert_decimal(keel_margin_initial(price, 20), "462.665");
    assert_decimal(keel_margin_open_loss(KEEL_BUY, D("1"), D("9253.30"), D("9259.84")), "0");
}

static void opening_a_short_costs_its_margin_and_what_it_loses_at_once(void **state)
{
    (void)state;
    keel_decimal price =
        keel_margin_order_price(KEEL_SELL, D("9253.30"), D("9259.84"), D("9258.99"));
    keel_decimal loss = keel_margin_open_loss(KEEL_SELL, D("1"), D("9253.30"), D("9259.84"));
    assert_decimal(price, "9272.878485");
    assert_decimal(loss, "6.54");
    assert_decimal(keel_decimal_add(keel_margin_initial(price, 20), loss), "470.18392425");
}

static keel_decimal liquidation(const char *quantity, const char *entry, const char *wallet,
                                const char *mark, const struct keel_brackets *brackets)
{
    struct keel_liquidation_row row = make_row(quantity, entry, mark);
    return keel_margin_liquidation_price(&row, 1, D(wallet), D(mark), brackets, KEEL_DECIMAL_ZERO);
}

static struct keel_brackets flat_brackets(const char *ratio, const char *amount)
{
    return (struct keel_brackets){.at = {make_bracket("0", "100000000", ratio, amount, 125)},
                                  .count = 1};
}

static void b22_isolated_liquidation_prices_agree_with_the_venues(void **state)
{
    (void)state;
    struct keel_brackets brackets = flat_brackets("0.005", "50");
    assert_close(liquidation("20", "6563.665", "13200.70726908", "6679.5", &brackets),
                 "5930.783554");
    assert_close(liquidation("-10", "6563.86", "6570.42511771", "6679.5", &brackets),
                 "7189.952748");
}

static void at_the_isolated_liquidation_price_equity_is_maintenance(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    keel_decimal down = liquidation("1", "60000", "3000", "60000", &brackets);
    assert_close(down, "57236.1809045");
    keel_decimal equity = keel_decimal_add(D("3000"), pnl("1", "60000", down));
    assert_close(equity, "236.1809045");
    assert_close(keel_margin_maintenance(down, &brackets), "236.1809045");
    assert_close(liquidation("-1", "60000", "3000", "60000", &brackets), "62736.3184080");
}

static void b22_the_bracket_is_that_of_the_liquidation_price(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    assert_close(liquidation("1", "60000", "12000", "60000", &brackets), "48192.7710843");
}

static void b22_a_price_that_cannot_be_reached_is_none(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    assert_false(keel_decimal_is_valid(liquidation("1", "60000", "60000", "60000", &brackets)));
    assert_false(keel_decimal_is_valid(liquidation("1", "60000", "90000", "60000", &brackets)));
    brackets.count = 0;
    assert_false(keel_decimal_is_valid(liquidation("1", "60000", "100", "60000", &brackets)));
}

static void b22_a_full_hedge_has_no_liquidation_price(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    struct keel_liquidation_row rows[] = {make_row("0.5", "60000", "60000"),
                                          make_row("-0.5", "61000", "60000")};
    assert_false(keel_decimal_is_valid(keel_margin_liquidation_price(
        rows, 2, D("1000"), D("60000"), &brackets, KEEL_DECIMAL_ZERO)));
}

static void b22_one_way_cross_liquidation_agrees_with_the_venues(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    assert_close(liquidation("0.009", "67445.9", "25.72647982", "67582.2", &brackets),
                 "64846.789399");
}

static void a_hedged_cross_contract_has_one_price_for_both_legs(void **state)
{
    (void)state;
    struct keel_brackets brackets = make_brackets();
    struct keel_liquidation_row rows[] = {make_row("0.5", "60000", "59000"),
                                          make_row("-0.2", "61000", "59000")};
    keel_decimal balance = D("8855"); /* 10000 - 145 - 1000: the other contract */
    keel_decimal price =
        keel_margin_liquidation_price(rows, 2, balance, D("59000"), &brackets, KEEL_DECIMAL_ZERO);
    assert_close(price, "30097.577389");
}

static void bankruptcy_is_the_same_equation_without_maintenance(void **state)
{
    (void)state;
    struct keel_brackets none = flat_brackets("0", "0");
    assert_decimal(liquidation("1", "60000", "3000", "60000", &none), "57000");
    assert_decimal(liquidation("-1", "60000", "3000", "60000", &none), "63000");
}

static void a_table_that_contradicts_itself_ends_with_the_nearer_price(void **state)
{
    (void)state;
    /* Each bracket's solution lies in the other one. */
    struct keel_brackets brackets = {
        .at = {make_bracket("0", "50000", "0.004", "4000", 100),
               make_bracket("50000", "250000", "0.005", "0", 50)},
        .count = 2
    };
    keel_decimal price = liquidation("1", "60000", "11000", "60000", &brackets);
    assert_true(keel_decimal_is_positive(price));
}

static void the_ratio_of_a_balance_that_is_gone_is_the_greatest(void **state)
{
    (void)state;
    assert_decimal(keel_margin_ratio(D("310.2"), D("8900")), "0.034853932584269663");
    assert_decimal(keel_margin_ratio(D("1"), KEEL_DECIMAL_ZERO), "1000");
    assert_decimal(keel_margin_ratio(D("1"), D("-5")), "1000");
    assert_decimal(keel_margin_ratio(D("20000"), D("1")), "1000");
    assert_decimal(keel_margin_ratio(KEEL_DECIMAL_ZERO, D("5")), "0");
    assert_false(keel_decimal_is_valid(keel_margin_ratio(KEEL_DECIMAL_ZERO, KEEL_DECIMAL_ZERO)));
    assert_false(keel_decimal_is_valid(keel_margin_ratio(KEEL_DECIMAL_ABSENT, D("1"))));
}

static void distance_is_a_fraction_of_the_mark_and_absent_without_a_price(void **state)
{
    (void)state;
    assert_decimal(keel_margin_distance(D("60000"), D("57000")), "0.05");
    assert_decimal(keel_margin_distance(D("60000"), D("63000")), "0.05");
    assert_false(keel_decimal_is_valid(keel_margin_distance(D("60000"), KEEL_DECIMAL_ABSENT)));
}

/* A venue that counts the fee of closing: initial and maintenance margin, and the liquidation
 * price.
 */
static void the_fee_of_closing_is_part_of_both_margins(void **state)
{
    (void)state;
    const keel_decimal fee = D("0.00075");
    keel_decimal notional = keel_margin_notional(D("0.1"), D("74.35"));
    keel_decimal initial =
        keel_decimal_add(keel_margin_initial(notional, 5), keel_margin_closing_fee(notional, fee));
    assert_decimal(initial, "1.49257625");
    assert_decimal(keel_margin_closing_fee(notional, KEEL_DECIMAL_ZERO), "0");

    struct keel_brackets tiers = {
        .count = 3,
        .at = {{D("0"), D("20000"), D("0.01"), D("0"), 100},
               {D("20000"), D("30000"), D("0.013"), D("60"), 75},
               {D("30000"), D("50000"), D("0.015"), D("120"), 50}},
    };
    assert_decimal(keel_margin_maintenance(D("45000"), &tiers), "555");
    assert_decimal(keel_margin_closing_fee(D("45000"), fee), "33.75");
}

static void the_fee_of_closing_moves_the_liquidation_price(void **state)
{
    (void)state;
    static const struct {
        const char *quantity, *entry, *wallet, *ratio, *amount, *price;
    } cases[] = {
        {"0.1",     "74.35",     "1.49257625",       "0.01",  "0",   "60.0700"   },
        {"-0.0022", "42022.975", "449.975587609984", "0.005", "0",   "245147.73" },
        {"0.01",    "50000",     "50.375",           "0.004", "0",   "45177.0912"},
        {"-0.01",   "50000",     "50.375",           "0.004", "0",   "54777.3078"},
        {"4500000", "0.01",      "1833.75",          "0.015", "120", "0.00971891"},
        {"0.01",    "50000",     "100",              "0.004", "0",   "40190.9068"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_brackets brackets = {
            .count = 1,
            .at = {{D("0"), D("1000000"), D(cases[i].ratio), D(cases[i].amount), 100}},
        };
        keel_decimal quantity = D(cases[i].quantity), entry = D(cases[i].entry);
        struct keel_liquidation_row row = {quantity, keel_margin_cost(quantity, entry),
                                           keel_margin_notional(quantity, entry)};
        assert_close(keel_margin_liquidation_price(&row, 1, D(cases[i].wallet), entry, &brackets,
                                                   D("0.00075")),
                     cases[i].price);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profit_is_the_quantity_times_the_way_from_the_entry),
        cmocka_unit_test(return_on_equity_is_the_profit_in_percent_of_the_initial_margin),
        cmocka_unit_test(initial_margin_is_the_notional_by_the_leverage),
        cmocka_unit_test(a_leverage_never_loaded_gives_no_margin),
        cmocka_unit_test(maintenance_is_the_brackets_ratio_less_its_amount),
        cmocka_unit_test(a_notional_on_a_cap_is_in_the_bracket_below),
        cmocka_unit_test(amounts_make_maintenance_continuous),
        cmocka_unit_test(a_leverage_allows_the_cap_of_the_last_bracket_that_allows_it),
        cmocka_unit_test(opening_a_long_costs_its_margin),
        cmocka_unit_test(opening_a_short_costs_its_margin_and_what_it_loses_at_once),
        cmocka_unit_test(b22_isolated_liquidation_prices_agree_with_the_venues),
        cmocka_unit_test(at_the_isolated_liquidation_price_equity_is_maintenance),
        cmocka_unit_test(b22_the_bracket_is_that_of_the_liquidation_price),
        cmocka_unit_test(b22_a_price_that_cannot_be_reached_is_none),
        cmocka_unit_test(b22_a_full_hedge_has_no_liquidation_price),
        cmocka_unit_test(b22_one_way_cross_liquidation_agrees_with_the_venues),
        cmocka_unit_test(a_hedged_cross_contract_has_one_price_for_both_legs),
        cmocka_unit_test(bankruptcy_is_the_same_equation_without_maintenance),
        cmocka_unit_test(a_table_that_contradicts_itself_ends_with_the_nearer_price),
        cmocka_unit_test(the_ratio_of_a_balance_that_is_gone_is_the_greatest),
        cmocka_unit_test(distance_is_a_fraction_of_the_mark_and_absent_without_a_price),
        cmocka_unit_test(the_fee_of_closing_is_part_of_both_margins),
        cmocka_unit_test(the_fee_of_closing_moves_the_liquidation_price),
    };
    return cmocka_run_group_tests_name("core/margin", tests, NULL, NULL);
}

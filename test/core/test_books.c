#include "scenario.h"

struct books_scenario {
    struct keel_markets *markets;
    struct keel_books *books;
    keel_market_id btc, eth;
    struct keel_booked booked; /* of the newest fact */
    struct keel_error error;
    int64_t time_ms;
    int trade; /* the newest trade's number */
};

/* Books that began flat, with 10,000. */
static struct books_scenario begin_with(struct keel_books_config config)
{
    struct books_scenario scenario = {.markets = keel_markets_new(), .time_ms = 1000000};
    scenario.btc = add_market(scenario.markets, "BTC");
    scenario.eth = add_market(scenario.markets, "ETH");
    config.markets = scenario.markets;
    scenario.books = keel_books_new(&config);
    assert_non_null(scenario.books);
    struct keel_event row = balance_event("10000", "10000", 1);
    struct keel_events events = {&row, 1, 1};
    assert_int_equal(keel_books_start(scenario.books, &events, scenario.time_ms, NULL), KEEL_OK);
    return scenario;
}

static struct books_scenario begin(void)
{
    return begin_with((struct keel_books_config){0});
}

static void end(struct books_scenario *scenario)
{
    struct keel_error error;
    if (keel_books_audit(scenario->books, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    keel_books_free(scenario->books);
    keel_markets_free(scenario->markets);
}

static struct keel_execution make_fill(struct books_scenario *scenario, enum keel_side side,
                                       const char *quantity, const char *price)
{
    struct keel_execution fill = {.market = scenario->btc,
                                  .side = side,
                                  .position_side = KEEL_NET,
                                  .price = D(price),
                                  .quantity = D(quantity),
                                  .fee = KEEL_DECIMAL_ABSENT,
                                  .realized_pnl = KEEL_DECIMAL_ABSENT,
                                  .time_ms = ++scenario->time_ms};
    snprintf(fill.trade_id, sizeof(fill.trade_id), "%d", ++scenario->trade);
    return fill;
}

static void book(struct books_scenario *scenario, struct keel_execution fill, bool reduce_only)
{
    if (keel_books_apply_execution(scenario->books, &fill, reduce_only, &scenario->booked,
                                   &scenario->error) != KEEL_OK)
        fail_msg("%s", scenario->error.message);
}

static void list(struct books_scenario *scenario, struct keel_execution fill)
{
    if (keel_books_list_execution(scenario->books, &fill, false, &scenario->booked,
                                  &scenario->error) != KEEL_OK)
        fail_msg("%s", scenario->error.message);
}

static void trade(struct books_scenario *scenario, enum keel_side side, const char *quantity,
                  const char *price)
{
    book(scenario, make_fill(scenario, side, quantity, price), false);
}

static const struct keel_book_position *position_of(const struct books_scenario *scenario)
{
    return keel_books_find_position(scenario->books, scenario->btc, KEEL_NET);
}

static const struct keel_book_wallet *wallet_of(const struct books_scenario *scenario)
{
    return keel_books_find_wallet(scenario->books, KEEL_STR("USDT"));
}

/* Fills -------------------------------------------------------------------------------------- */

static void b28_what_a_fill_does_follows_from_the_position_before_it(void **state)
{
    (void)state;
    static const struct {
        const char *name, *fills, *quantity, *entry_price, *realized_pnl;
    } cases[] = {
        {"opening sets the entry price",            "+2@100",                  "2",  "100",    "0"  },
        {"adding averages it",                      "+1@100 +3@104",           "4",  "103",    "0"  },
        {"reducing leaves it",                      "+4@103 -1@113",           "3",  "103",    "10" },
        {"closing leaves nothing",                  "+4@103 -4@100",           "0",  "absent", "-12"},
        {"crossing zero starts afresh",             "+1@100 -3@110",           "-2", "110",    "10" },
        {"a short gains as it falls",               "-2@100 +1@90",            "-1", "100",    "10" },
        {"adding to a short averages it",           "-1@100 -1@110",           "-2", "105",    "0"  },
        {"crossing zero from a short",              "-2@100 +3@110",           "1",  "110",    "-20"},
        {"an untold profit is cut as by the venue", "+1@10 +2@11 -1@12 -2@12", "0",  "absent",
         "3.99999999"                                                                               },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct books_scenario s = begin();
        const char *at = cases[i].fills;
        char sign, quantity[16], price[16];
        int used;
        while (sscanf(at, " %c%15[0-9.]@%15[0-9.]%n", &sign, quantity, price, &used) == 3) {
            trade(&s, sign == '+' ? KEEL_BUY : KEEL_SELL, quantity, price);
            at += used;
        }
        const struct keel_book_position *position = position_of(&s);
        assert_decimal(position->quantity, cases[i].quantity);
        assert_decimal(keel_book_position_entry_price(position), cases[i].entry_price);
        assert_decimal(position->realized_pnl, cases[i].realized_pnl);
        end(&s);
    }
}

static void cost_is_kept_and_not_a_rounded_average(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "1", "10");
    trade(&s, KEEL_BUY, "2", "11");
    assert_decimal(position_of(&s)->cost, "32");
    assert_decimal(keel_book_position_entry_price(position_of(&s)), "10.666666666666666667");
    trade(&s, KEEL_SELL, "3", "10");
    assert_decimal(position_of(&s)->cost, "0");
    assert_decimal(wallet_of(&s)->wallet, "9998");
    end(&s);
}

static void told_profits_and_fees_make_the_wallet_exact(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "3", "10");
    struct keel_execution fill = make_fill(&s, KEEL_SELL, "1", "10.333333333");
    fill.realized_pnl = D("0.33333333");
    fill.fee = D("0.00413333");
    snprintf(fill.fee_asset, sizeof(fill.fee_asset), "USDT");
    book(&s, fill, false);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_NONE);
    assert_decimal(wallet_of(&s)->wallet, "10000.3292");
    assert_decimal(wallet_of(&s)->fees, "0.00413333");
    assert_decimal(wallet_of(&s)->realized_pnl, "0.33333333");
    end(&s);
}

static void a_fee_in_another_asset_leaves_that_assets_wallet(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_execution fill = make_fill(&s, KEEL_BUY, "1", "10");
    fill.fee = D("0.002");
    snprintf(fill.fee_asset, sizeof(fill.fee_asset), "BNB");
    book(&s, fill, false);
    assert_decimal(keel_books_find_wallet(s.books, KEEL_STR("BNB"))->wallet, "-0.002");
    assert_decimal(wallet_of(&s)->wallet, "10000");
    end(&s);
}

static void a_told_profit_that_does_not_follow_is_reported_and_booked(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "1", "100");
    struct keel_execution fill = make_fill(&s, KEEL_SELL, "0.5", "110");
    fill.realized_pnl = D("5.00000001"); /* one unit off: where the venue cuts */
    book(&s, fill, false);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_NONE);
    fill = make_fill(&s, KEEL_SELL, "0.5", "110");
    fill.realized_pnl = D("5.00000002");
    book(&s, fill, false);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_PNL);
    assert_decimal(s.booked.difference.ours, "5");
    assert_decimal(s.booked.difference.venues, "5.00000002");
    assert_decimal(wallet_of(&s)->wallet, "10010.00000003");
    end(&s);
}

static void a_repeated_fill_is_booked_once(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_execution fill = make_fill(&s, KEEL_BUY, "1", "100");
    book(&s, fill, false);
    assert_true(s.booked.changed);
    book(&s, fill, false);
    assert_false(s.booked.changed);
    list(&s, fill);
    assert_false(s.booked.changed);
    assert_decimal(position_of(&s)->quantity, "1");
    assert_int_equal(keel_books_counters(s.books).executions, 1);
    end(&s);
}

static void a_thin_fill_is_completed_by_the_full_one(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "3", "10");
    struct keel_execution fill = make_fill(&s, KEEL_SELL, "1", "11");
    book(&s, fill, false);
    assert_decimal(wallet_of(&s)->wallet, "10001");
    fill.realized_pnl = D("1.00000001");
    fill.fee = D("0.5");
    snprintf(fill.fee_asset, sizeof(fill.fee_asset), "USDT");
    book(&s, fill, false);
    assert_true(s.booked.changed);
    assert_decimal(wallet_of(&s)->wallet, "10000.50000001");
    book(&s, fill, false);
    assert_false(s.booked.changed);
    end(&s);
}

static void a_profit_that_is_told_later_and_does_not_follow_is_reported_and_booked(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "3", "10");
    struct keel_execution fill = make_fill(&s, KEEL_SELL, "1", "11");
    book(&s, fill, false);
    fill.realized_pnl = D("0.75");
    book(&s, fill, false);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_PNL);
    assert_decimal(s.booked.difference.ours, "1");
    assert_decimal(s.booked.difference.venues, "0.75");
    assert_decimal(wallet_of(&s)->wallet, "10000.75");
    assert_int_equal(keel_books_counters(s.books).differences, 1);
    fill.realized_pnl = D("0.5"); /* the first word is the one that counts */
    book(&s, fill, false);
    assert_false(s.booked.changed);
    assert_decimal(wallet_of(&s)->wallet, "10000.75");
    end(&s);
}

static void a_fill_without_a_position_side_is_the_one_positions(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_execution fill = make_fill(&s, KEEL_BUY, "2", "10");
    fill.position_side = KEEL_POSITION_SIDE_NONE;
    book(&s, fill, false);
    assert_decimal(position_of(&s)->quantity, "2");
    end(&s);
}

static void b14_a_reduce_only_fill_never_opens_the_other_side(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "1", "100");
    struct keel_execution fill = make_fill(&s, KEEL_SELL, "3", "110");
    book(&s, fill, true);
    assert_decimal(position_of(&s)->quantity, "0");
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_POSITION);
    assert_decimal(s.booked.difference.ours, "1");
    assert_decimal(s.booked.difference.venues, "3");
    book(&s, make_fill(&s, KEEL_SELL, "1", "110"), true);
    assert_decimal(position_of(&s)->quantity, "0");
    trade(&s, KEEL_BUY, "1", "100");
    book(&s, make_fill(&s, KEEL_BUY, "1", "100"), true); /* on the same side: closes nothing */
    assert_decimal(position_of(&s)->quantity, "1");
    end(&s);
}

static void b14_a_leg_never_changes_its_side(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_execution fill = make_fill(&s, KEEL_SELL, "1", "100");
    fill.position_side = KEEL_LONG;
    book(&s, fill, false);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_POSITION);
    assert_decimal(keel_books_find_position(s.books, s.btc, KEEL_LONG)->quantity, "0");
    fill = make_fill(&s, KEEL_SELL, "1", "100");
    fill.position_side = KEEL_SHORT;
    book(&s, fill, false);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_NONE);
    assert_decimal(keel_books_find_position(s.books, s.btc, KEEL_SHORT)->quantity, "-1");
    end(&s);
}

/* For all interleavings of random fills: |position| never grows by a reduce-only fill. */
static void b14_reduce_only_fills_only_shrink(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    uint32_t seed = 7;
    for (int i = 0; i < 5000; i++) {
        seed = seed * 1664525 + 1013904223;
        char quantity[16];
        snprintf(quantity, sizeof(quantity), "0.%03u", 1 + (seed >> 8) % 900);
        bool reduce_only = (seed >> 20) % 2;
        keel_decimal before =
            position_of(&s) ? keel_decimal_abs(position_of(&s)->quantity) : KEEL_DECIMAL_ZERO;
        enum keel_side side = (seed >> 21) % 2 ? KEEL_BUY : KEEL_SELL;
        book(&s, make_fill(&s, side, quantity, "100.1"), reduce_only);
        keel_decimal after = keel_decimal_abs(position_of(&s)->quantity);
        if (reduce_only)
            assert_true(keel_decimal_compare(after, before) <= 0);
    }
    end(&s);
}

static void what_the_first_snapshot_contains_is_not_booked_again(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_execution fill = make_fill(&s, KEEL_BUY, "1", "100");
    fill.time_ms = 1000000;
    book(&s, fill, false);
    assert_false(s.booked.changed);
    list(&s, fill);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_NONE);
    end(&s);
}

static void a_position_that_the_books_began_with_goes_on(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_event rows[] = {position_event(s.btc, KEEL_NET, "2", "100", 1000500)};
    struct keel_events events = {rows, 1, 1};
    assert_int_equal(keel_books_start(s.books, &events, 1000400, NULL), KEEL_OK);
    struct keel_execution fill = make_fill(&s, KEEL_SELL, "1", "110");
    fill.time_ms = 1000500; /* in the row */
    book(&s, fill, false);
    assert_false(s.booked.changed);
    fill = make_fill(&s, KEEL_SELL, "1", "110");
    fill.time_ms = 1000501;
    fill.realized_pnl = D("10.00000002"); /* the row's entry price was rounded */
    book(&s, fill, false);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_NONE);
    assert_decimal(position_of(&s)->quantity, "1");
    end(&s);
}

static void before_the_first_snapshot_nothing_is_booked(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_books_config config = {.markets = s.markets};
    struct keel_books *fresh = keel_books_new(&config);
    struct keel_execution fill = make_fill(&s, KEEL_BUY, "1", "100");
    struct keel_booked booked;
    assert_false(keel_books_started(fresh));
    assert_int_equal(keel_books_apply_execution(fresh, &fill, false, &booked, NULL), KEEL_OK);
    assert_false(booked.changed);
    keel_books_free(fresh);
    end(&s);
}

static void a_fill_without_a_trade_id_is_malformed(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_execution fill = make_fill(&s, KEEL_BUY, "1", "100");
    fill.trade_id[0] = '\0';
    assert_int_equal(keel_books_apply_execution(s.books, &fill, false, &s.booked, NULL),
                     KEEL_MALFORMED);
    end(&s);
}

/* Incomes ------------------------------------------------------------------------------------ */

static struct keel_income make_income(struct books_scenario *scenario, enum keel_income_kind kind,
                                      const char *amount, const char *id)
{
    struct keel_income income = {.market = scenario->btc,
                                 .kind = kind,
                                 .asset = "USDT",
                                 .amount = D(amount),
                                 .time_ms = ++scenario->time_ms};
    snprintf(income.id, sizeof(income.id), "%s", id);
    return income;
}

static void pay(struct books_scenario *scenario, struct keel_income income)
{
    assert_int_equal(keel_books_apply_income(scenario->books, &income, &scenario->booked, NULL),
                     KEEL_OK);
}

static void list_payment(struct books_scenario *scenario, struct keel_income income)
{
    assert_int_equal(keel_books_list_income(scenario->books, &income, &scenario->booked, NULL),
                     KEEL_OK);
}

static void funding_and_transfers_move_the_wallet_and_trade_rows_do_not(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "0.5", "59000");
    pay(&s, make_income(&s, KEEL_INCOME_FUNDING, "-2.95", ""));
    pay(&s, make_income(&s, KEEL_INCOME_TRANSFER, "100", ""));
    pay(&s, make_income(&s, KEEL_INCOME_INSURANCE_CLEAR, "-1", ""));
    pay(&s, make_income(&s, KEEL_INCOME_COMMISSION, "-5", "9"));
    pay(&s, make_income(&s, KEEL_INCOME_REALIZED_PNL, "7", "10"));
    assert_decimal(wallet_of(&s)->wallet, "10096.05");
    assert_decimal(wallet_of(&s)->funding, "-2.95");
    assert_decimal(wallet_of(&s)->transfers, "100");
    assert_decimal(wallet_of(&s)->other, "-1");
    assert_decimal(position_of(&s)->funding, "-2.95");
    end(&s);
}

static void a_payment_told_by_stream_and_list_is_one(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_income streamed = make_income(&s, KEEL_INCOME_FUNDING, "-2.95", "");
    streamed.market = KEEL_NO_MARKET; /* a cross account's stream does not name it */
    struct keel_income listed = make_income(&s, KEEL_INCOME_FUNDING, "-2.95", "777");
    listed.time_ms += 900;
    pay(&s, streamed);
    pay(&s, streamed); /* two connections */
    list_payment(&s, listed);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_NONE);
    list_payment(&s, listed);
    assert_decimal(wallet_of(&s)->wallet, "9997.05");
    end(&s);
}

static void equal_payments_are_paired_one_to_one(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    pay(&s, make_income(&s, KEEL_INCOME_FUNDING, "-1", ""));
    list_payment(&s, make_income(&s, KEEL_INCOME_FUNDING, "-1", "1"));
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_NONE);
    list_payment(&s, make_income(&s, KEEL_INCOME_FUNDING, "-1", "2")); /* a second one */
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_INCOME);
    assert_decimal(s.booked.difference.venues, "-1");
    assert_string_equal(s.booked.difference.id, "2");
    assert_decimal(wallet_of(&s)->wallet, "9998");
    pay(&s, make_income(&s, KEEL_INCOME_FUNDING, "-1", "")); /* the late stream */
    assert_decimal(wallet_of(&s)->wallet, "9998");
    end(&s);
}

static void payments_far_apart_are_two(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    pay(&s, make_income(&s, KEEL_INCOME_FUNDING, "-1", ""));
    struct keel_income next = make_income(&s, KEEL_INCOME_FUNDING, "-1", "1");
    next.time_ms += 8 * 3600 * 1000;
    list_payment(&s, next);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_INCOME);
    end(&s);
}

static void payments_of_different_amounts_are_two(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    pay(&s, make_income(&s, KEEL_INCOME_FUNDING, "-1", ""));
    list_payment(&s, make_income(&s, KEEL_INCOME_FUNDING, "-1.01", "1"));
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_INCOME);
    assert_decimal(wallet_of(&s)->wallet, "9997.99");
    end(&s);
}

/* Comparing ---------------------------------------------------------------------------------- */

static struct keel_differences compare(struct books_scenario *scenario, const char *quantity,
                                       const char *wallet)
{
    int64_t now_ms = ++scenario->time_ms;
    struct keel_event events[] = {
        snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_POSITIONS, now_ms),
        position_event(scenario->btc, KEEL_NET, quantity, "100", now_ms),
        snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_POSITIONS, 0),
        snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_BALANCES, now_ms),
        balance_event(wallet, wallet, now_ms),
        snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_BALANCES, 0),
    };
    struct keel_events all = {events, 6, 6};
    struct keel_differences differences;
    keel_books_compare(scenario->books, &all, &differences);
    return differences;
}

static void books_that_agree_have_no_difference(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "2", "100");
    trade(&s, KEEL_SELL, "1", "110");
    assert_int_equal(compare(&s, "1", "10010").count, 0);
    assert_int_equal(compare(&s, "1", "10010.00000001").count, 1); /* no tolerance */
    end(&s);
}

static void one_lost_fill_is_one_difference(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "2", "100");
    struct keel_execution lost = make_fill(&s, KEEL_SELL, "1", "110");
    lost.realized_pnl = D("10");
    trade(&s, KEEL_BUY, "1", "100");

    assert_int_equal(compare(&s, "2", "10010").count, 2); /* its two traces */
    assert_false(keel_books_know_execution(s.books, &lost));
    list(&s, lost);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_EXECUTION);
    assert_string_equal(s.booked.difference.id, lost.trade_id);
    assert_decimal(s.booked.difference.venues, "1");
    assert_int_equal(compare(&s, "2", "10010").count, 0);
    assert_int_equal(keel_books_counters(s.books).differences, 1);
    list(&s, lost);
    assert_int_equal(s.booked.difference.kind, KEEL_DIFFERENCE_NONE);
    end(&s);
}

static void what_nothing_explains_is_reported_once_and_healed(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "2", "100");
    struct keel_differences differences = compare(&s, "3", "9990");
    assert_int_equal(differences.count, 2);
    assert_int_equal(differences.at[0].kind, KEEL_DIFFERENCE_POSITION);
    assert_decimal(differences.at[0].ours, "2");
    assert_decimal(differences.at[0].venues, "3");
    assert_int_equal(differences.at[1].kind, KEEL_DIFFERENCE_WALLET);
    assert_decimal(differences.at[1].ours, "10000");
    assert_decimal(differences.at[1].venues, "9990");
    for (int i = 0; i < 2; i++)
        assert_int_equal(keel_books_heal(s.books, &differences.at[i], D("101"), NULL), KEEL_OK);
    assert_int_equal(compare(&s, "3", "9990").count, 0);
    assert_decimal(position_of(&s)->cost, "303");
    assert_int_equal(keel_books_counters(s.books).differences, 2);
    end(&s);
}

static void a_position_healed_without_an_entry_price_keeps_its_average(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "2", "100");
    trade(&s, KEEL_BUY, "1", "130");
    struct keel_differences differences = compare(&s, "1", "10000");
    assert_int_equal(differences.count, 1);
    assert_int_equal(keel_books_heal(s.books, &differences.at[0], KEEL_DECIMAL_ABSENT, NULL),
                     KEEL_OK);
    assert_decimal(position_of(&s)->quantity, "1");
    assert_decimal(position_of(&s)->cost, "110");
    differences = compare(&s, "-1", "10000"); /* of the other side nothing is known */
    assert_int_equal(keel_books_heal(s.books, &differences.at[0], KEEL_DECIMAL_ABSENT, NULL),
                     KEEL_INVALID);
    assert_decimal(position_of(&s)->quantity, "1");
    end(&s);
}

static void a_position_left_out_is_flat_there(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "2", "100");
    struct keel_event events[] = {
        snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_POSITIONS, s.time_ms + 1),
        snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_POSITIONS, 0),
    };
    struct keel_events all = {events, 2, 2};
    struct keel_differences differences;
    keel_books_compare(s.books, &all, &differences);
    assert_int_equal(differences.count, 1);
    assert_decimal(differences.at[0].venues, "0");
    assert_int_equal(keel_books_heal(s.books, &differences.at[0], KEEL_DECIMAL_ABSENT, NULL),
                     KEEL_OK);
    keel_books_compare(s.books, &all, &differences);
    assert_int_equal(differences.count, 0);
    end(&s);
}

/* 32 for 3: the thirds that are sold cost 10.666..., and a venue may round them up or down. */
static void what_the_venue_may_round_otherwise_is_no_difference(void **state)
{
    (void)state;
    struct books_scenario s = begin_with((struct keel_books_config){.money_digits = 12});
    trade(&s, KEEL_BUY, "1", "10");
    trade(&s, KEEL_BUY, "2", "11");
    trade(&s, KEEL_SELL, "1", "12");
    assert_decimal(wallet_of(&s)->wallet, "10001.333333333333");
    /* A unit of the twelfth decimal for the profit, and one for the contract's entry price. */
    assert_int_equal(compare(&s, "2", "10001.333333333336").count, 1);
    assert_int_equal(compare(&s, "2", "10001.333333333335").count, 0);
    assert_decimal(wallet_of(&s)->wallet, "10001.333333333335");
    assert_decimal(wallet_of(&s)->realized_pnl, "1.333333333335");
    /* It is settled: there is nothing left to round. */
    assert_int_equal(compare(&s, "2", "10001.333333333334").count, 1);
    end(&s);
}

static void a_profit_that_comes_out_even_has_no_tolerance(void **state)
{
    (void)state;
    struct books_scenario s = begin_with((struct keel_books_config){.money_digits = 12});
    trade(&s, KEEL_BUY, "2", "10");
    trade(&s, KEEL_SELL, "1", "12");
    assert_int_equal(compare(&s, "1", "10002.000000000001").count, 1);
    /* Nor has one that the venue tells, even if it came without it at first. */
    trade(&s, KEEL_BUY, "2", "11");
    struct keel_execution fill = make_fill(&s, KEEL_SELL, "1", "12");
    book(&s, fill, false);
    fill.realized_pnl = D("1.333333333334");
    book(&s, fill, false);
    assert_int_equal(compare(&s, "2", "10003.333333333334").count, 0);
    assert_int_equal(compare(&s, "2", "10003.333333333333").count, 1);
    end(&s);
}

static void a_statement_older_than_our_newest_fill_says_nothing(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    trade(&s, KEEL_BUY, "2", "100");
    struct keel_event events[] = {
        snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_POSITIONS, s.time_ms - 1),
        position_event(s.btc, KEEL_NET, "1", "100", s.time_ms - 1),
        snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_POSITIONS, 0),
    };
    struct keel_events all = {events, 3, 3};
    struct keel_differences differences;
    keel_books_compare(s.books, &all, &differences);
    assert_int_equal(differences.count, 0);
    events[1].position.update_time_ms = s.time_ms;
    keel_books_compare(s.books, &all, &differences);
    assert_int_equal(differences.count, 1);
    end(&s);
}

static void a_position_out_of_nothing_needs_its_entry_price(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_difference difference = {.kind = KEEL_DIFFERENCE_POSITION,
                                         .market = s.btc,
                                         .side = KEEL_NET,
                                         .ours = KEEL_DECIMAL_ZERO,
                                         .venues = D("2")};
    assert_int_equal(keel_books_heal(s.books, &difference, KEEL_DECIMAL_ABSENT, NULL),
                     KEEL_INVALID);
    assert_int_equal(keel_books_heal(s.books, &difference, D("100"), NULL), KEEL_OK);
    difference.kind = KEEL_DIFFERENCE_EXECUTION;
    assert_int_equal(keel_books_heal(s.books, &difference, D("100"), NULL), KEEL_INVALID);
    end(&s);
}

static void fills_that_the_books_forgot_are_not_booked_again(void **state)
{
    (void)state;
    struct books_scenario s = begin_with((struct keel_books_config){.trades_max = 4});
    struct keel_execution first = make_fill(&s, KEEL_BUY, "1", "100");
    book(&s, first, false);
    for (int i = 0; i < 4; i++)
        trade(&s, KEEL_BUY, "1", "100");
    list(&s, first);
    assert_false(s.booked.changed);
    assert_decimal(position_of(&s)->quantity, "5");
    end(&s);
}

static void differences_beyond_the_bound_are_counted(void **state)
{
    (void)state;
    struct books_scenario s = begin();
    struct keel_event events[KEEL_DIFFERENCES_MAX + 3];
    int count = 0;
    events[count++] = snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_BALANCES, 0);
    for (int i = 0; i < KEEL_DIFFERENCES_MAX + 1; i++) {
        events[count] = balance_event("1", "1", 0);
        snprintf(events[count].balance.asset, sizeof(events[count].balance.asset), "A%d", i);
        count++;
    }
    events[count++] = snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_BALANCES, 0);
    struct keel_events all = {events, count, count};
    struct keel_differences differences;
    keel_books_compare(s.books, &all, &differences);
    assert_int_equal(differences.count, KEEL_DIFFERENCES_MAX);
    assert_int_equal(differences.more, 2); /* USDT, left out, is the second */
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(b28_what_a_fill_does_follows_from_the_position_before_it),
        cmocka_unit_test(cost_is_kept_and_not_a_rounded_average),
        cmocka_unit_test(told_profits_and_fees_make_the_wallet_exact),
        cmocka_unit_test(a_fee_in_another_asset_leaves_that_assets_wallet),
        cmocka_unit_test(a_told_profit_that_does_not_follow_is_reported_and_booked),
        cmocka_unit_test(a_repeated_fill_is_booked_once),
        cmocka_unit_test(a_thin_fill_is_completed_by_the_full_one),
        cmocka_unit_test(a_profit_that_is_told_later_and_does_not_follow_is_reported_and_booked),
        cmocka_unit_test(a_fill_without_a_position_side_is_the_one_positions),
        cmocka_unit_test(b14_a_reduce_only_fill_never_opens_the_other_side),
        cmocka_unit_test(b14_a_leg_never_changes_its_side),
        cmocka_unit_test(b14_reduce_only_fills_only_shrink),
        cmocka_unit_test(what_the_first_snapshot_contains_is_not_booked_again),
        cmocka_unit_test(a_position_that_the_books_began_with_goes_on),
        cmocka_unit_test(before_the_first_snapshot_nothing_is_booked),
        cmocka_unit_test(a_fill_without_a_trade_id_is_malformed),
        cmocka_unit_test(funding_and_transfers_move_the_wallet_and_trade_rows_do_not),
        cmocka_unit_test(a_payment_told_by_stream_and_list_is_one),
        cmocka_unit_test(equal_payments_are_paired_one_to_one),
        cmocka_unit_test(payments_far_apart_are_two),
        cmocka_unit_test(payments_of_different_amounts_are_two),
        cmocka_unit_test(books_that_agree_have_no_difference),
        cmocka_unit_test(one_lost_fill_is_one_difference),
        cmocka_unit_test(what_nothing_explains_is_reported_once_and_healed),
        cmocka_unit_test(a_position_healed_without_an_entry_price_keeps_its_average),
        cmocka_unit_test(a_position_left_out_is_flat_there),
        cmocka_unit_test(what_the_venue_may_round_otherwise_is_no_difference),
        cmocka_unit_test(a_profit_that_comes_out_even_has_no_tolerance),
        cmocka_unit_test(a_statement_older_than_our_newest_fill_says_nothing),
        cmocka_unit_test(a_position_out_of_nothing_needs_its_entry_price),
        cmocka_unit_test(fills_that_the_books_forgot_are_not_booked_again),
        cmocka_unit_test(differences_beyond_the_bound_are_counted),
    };
    return cmocka_run_group_tests_name("core/books", tests, NULL, NULL);
}

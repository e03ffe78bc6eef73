/* What positions are warned of, from the venue's messages to the handler: each warning by its name,
 * once a crossing, with the figure that crossed and its bound; each leg for itself. */
#include "scripted_venue.h"

#define PERIOD_MS 60000

struct row {
    const char *side, *quantity, *liquidation_price;
    int adl;
};

static const char *position_rows(const struct venue *venue, const struct row *rows, int count)
{
    static char text[2048];
    int size = snprintf(text, sizeof(text), "[");
    for (int i = 0; i < count; i++)
        size += snprintf(text + size, sizeof(text) - (size_t)size,
                         "%s{\"symbol\":\"BTCUSDT\",\"positionSide\":\"%s\",\"positionAmt\":\"%s\","
                         "\"entryPrice\":\"20000\",\"breakEvenPrice\":\"20010\","
                         "\"markPrice\":\"20000\",\"unRealizedProfit\":\"0\","
                         "\"liquidationPrice\":\"%s\",\"isolatedMargin\":\"0\","
                         "\"isolatedWallet\":\"0\",\"adl\":%d,\"updateTime\":%lld}",
                         i == 0 ? "" : ",", rows[i].side, rows[i].quantity,
                         rows[i].liquidation_price, rows[i].adl, (long long)venue->wall_ms);
    snprintf(text + size, sizeof(text) - (size_t)size, "]");
    return text;
}

static struct venue *start_with(const struct row *rows, int count, bool hedge)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    config.check_period_ms = PERIOD_MS;
    config.adl_rank_warning = 3;
    venue = new_venue_with(&config, venue);
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200, position_rows(venue, rows, count),
             0);
    if (hedge)
        add_rule(venue, "GET", "/accountConfig", RULE_REPLY, 200,
                 "{\"canTrade\":true,\"dualSidePosition\":true,\"multiAssetsMargin\":false}", 0);
    start(venue);
    if (state_of(venue) != KEEL_CONNECTION_LIVE)
        fail_msg("%s", venue->logs[venue->log_count - 1]);
    return venue;
}

/* The market stream lives, and brings nothing of BTC but what the test sends. */
static void pass(struct venue *venue, int64_t ms, const char *price)
{
    for (int64_t left = ms; left > 0; left -= 1000) {
        if (price)
            send_mark(venue, "BTCUSDT", price);
        advance(venue, left < 1000 ? left : 1000);
    }
}

static const struct keel_risk_event *
find_risk(const struct venue *venue, enum keel_risk_event_kind kind, enum keel_position_side side)
{
    const struct keel_risk_event *found = NULL;
    for (int i = 0; i < venue->risk_count; i++) {
        const struct keel_risk_event *risk = &venue->risks[i];
        if (risk->kind != kind || risk->side != side)
            continue;
        if (found)
            fail_msg("%s came twice", keel_risk_event_kind_name(kind));
        found = risk;
    }
    return found;
}

static void expect_only(const struct venue *venue, enum keel_risk_event_kind kind,
                        enum keel_position_side side, const char *figure, const char *bound)
{
    const struct keel_risk_event *risk = find_risk(venue, kind, side);
    if (!risk || venue->risk_count != 1)
        fail_msg("%d warnings, the first is %s, expected %s alone", venue->risk_count,
                 venue->risk_count > 0 ? keel_risk_event_kind_name(venue->risks[0].kind) : "none",
                 keel_risk_event_kind_name(kind));
    assert_decimal(risk->figure, figure);
    assert_decimal(risk->bound, bound);
}

static void data_grows_stale_without_any_message(void **state)
{
    (void)state;
    struct venue *venue = start_with(&(struct row){"BOTH", "0.1", "0", 1}, 1, false);
    pass(venue, 5000, "20000.0");
    assert_int_equal(venue->risk_count, 0);
    pass(venue, 20000, NULL);
    expect_only(venue, KEEL_RISK_STALE, KEEL_NET, "10001", "10000");

    venue->risk_count = 0;
    pass(venue, 5000, "20000.0");
    assert_int_equal(venue->risk_count, 0); /* it may be gone again at once */
    pass(venue, 8000, "20000.0");
    assert_int_equal(venue->risk_count, 1);
    assert_int_equal(venue->risks[0].kind, KEEL_RISK_CLEARED);
    assert_int_equal(venue->risks[0].cleared, KEEL_RISK_STALE);
    free_venue(venue);
}

/* What the totals of all positions, and the figures of a warning, are made of has its age. */
static void totals_and_warnings_tell_how_old_their_inputs_are(void **state)
{
    (void)state;
    struct venue *venue = start_with(&(struct row){"BOTH", "0.1", "0", 1}, 1, false);
    struct keel_futures_statistics statistics;
    pass(venue, 1000, "20000.0");
    pass(venue, 4000, NULL);
    keel_futures_statistics(venue->futures, &statistics);
    assert_int_equal(statistics.age_ms, 5000);
    assert_false(statistics.stale);
    pass(venue, 6000, NULL);
    keel_futures_statistics(venue->futures, &statistics);
    assert_true(statistics.stale);
    const struct keel_risk_event *risk = find_risk(venue, KEEL_RISK_STALE, KEEL_NET);
    assert_non_null(risk);
    assert_int_equal(risk->age_ms, 10001);
    free_venue(venue);
}

static void an_account_that_is_not_live_for_long_is_stale(void **state)
{
    (void)state;
    struct venue *venue = start_with(&(struct row){"BOTH", "0.1", "0", 1}, 1, false);
    pass(venue, 2000, "20000.0");
    venue->streams_held = true;
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    pass(venue, 9000, "20000.0");
    assert_int_equal(venue->risk_count, 0);
    pass(venue, 3000, "20000.0");
    assert_non_null(find_risk(venue, KEEL_RISK_STALE, KEEL_NET));
    free_venue(venue);
}

static void send_funding(struct venue *venue, const char *rate, int64_t in_ms)
{
    char text[512];
    snprintf(text, sizeof(text),
             "{\"stream\":\"x@markPrice@1s\",\"data\":{\"e\":\"markPriceUpdate\",\"E\":%lld,"
             "\"s\":\"BTCUSDT\",\"p\":\"20000.0\",\"i\":\"20000.0\",\"P\":\"20000.0\",\"r\":\"%s\","
             "\"T\":%lld}}",
             (long long)venue->wall_ms, rate, (long long)(venue->wall_ms + in_ms));
    send_frame(venue, KEEL_STREAM_MARKET, text);
}

/* The long leg pays, the short one is paid: one is warned, as the time comes, and not before. */
static void a_payment_that_comes_near_is_told_to_the_leg_that_makes_it(void **state)
{
    (void)state;
    const struct row legs[] = {
        {"LONG",  "0.1",  "0", 1},
        {"SHORT", "-0.1", "0", 1}
    };
    struct venue *venue = start_with(legs, 2, true);
    send_funding(venue, "0.0001", 304000);
    advance(venue, 3999);
    assert_int_equal(venue->risk_count, 0);
    advance(venue, 1);
    expect_only(venue, KEEL_RISK_FUNDING_NEAR, KEEL_LONG, "300000", "300000");

    send_funding(venue, "-0.0001", 300000); /* now the short one pays, too */
    settle(venue);
    assert_int_equal(venue->risk_count, 2);
    assert_int_equal(venue->risks[1].side, KEEL_SHORT);
    send_funding(venue, "0.0001", 28800000);
    settle(venue);
    assert_int_equal(venue->risk_count, 4);
    assert_int_equal(venue->risks[2].kind, KEEL_RISK_CLEARED);
    assert_int_equal(venue->risks[3].kind, KEEL_RISK_CLEARED);
    free_venue(venue);
}

/* No stream tells the rank: the look a minute does, though it merges nothing else. */
static void a_rank_that_rises_is_found_by_the_look_a_minute(void **state)
{
    (void)state;
    struct venue *venue = start_with(&(struct row){"BOTH", "0.1", "0", 1}, 1, false);
    pass(venue, 2000, "20000.0");
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200,
             position_rows(venue, &(struct row){"BOTH", "0.1", "0", 3}, 1), 0);
    pass(venue, 2 * PERIOD_MS, "20000.0");
    expect_only(venue, KEEL_RISK_ADL_RANK, KEEL_NET, "3", "3");
    assert_int_equal(venue->difference_count, 0);

    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200,
             position_rows(venue, &(struct row){"BOTH", "0.1", "0", 1}, 1), 0);
    pass(venue, 2 * PERIOD_MS, "20000.0");
    assert_int_equal(venue->risk_count, 2);
    assert_int_equal(venue->risks[1].kind, KEEL_RISK_CLEARED);
    assert_int_equal(venue->risks[1].cleared, KEEL_RISK_ADL_RANK);
    free_venue(venue);
}

/* 20 times leverage: the brackets allow 600,000 at 100, and 30,000,000 at 50. */
static void a_notional_above_what_its_leverage_allows_is_told(void **state)
{
    (void)state;
    struct venue *venue = start_with(&(struct row){"BOTH", "0.1", "0", 1}, 1, false);
    send_frame(venue, KEEL_STREAM_USER,
               "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1700000001000,\"T\":1700000001000,"
               "\"ac\":{\"s\":\"BTCUSDT\",\"l\":125}}");
    pass(venue, 2000, "20000.0");
    assert_int_equal(venue->risk_count, 0);
    send_account(venue, "10000", "BTCUSDT", "3", "20000"); /* 60,000: 100 at most */
    send_mark(venue, "BTCUSDT", "20000.0");
    settle(venue);
    const struct keel_risk_event *risk = find_risk(venue, KEEL_RISK_LEVERAGE, KEEL_NET);
    assert_non_null(risk);
    assert_decimal(risk->figure, "125");
    assert_decimal(risk->bound, "100");
    free_venue(venue);
}

/* 10,000 behind 0.1 BTC: no price of ours, nor of the venue's; 30 BTC go at 19,742. */
static void b22_a_venue_that_states_another_liquidation_price_is_told_of(void **state)
{
    (void)state;
    struct venue *venue = start_with(&(struct row){"BOTH", "30", "18000", 1}, 1, false);
    pass(venue, 2000, "20000.0");
    const struct keel_risk_event *risk = find_risk(venue, KEEL_RISK_LIQUIDATION_PRICE, KEEL_NET);
    assert_non_null(risk);
    assert_decimal(risk->figure, "18000");
    assert_decimal(risk->bound, "0.01");
    assert_true(keel_decimal_compare(risk->liquidation_price, dec("19000")) > 0);
    free_venue(venue);

    venue = start_with(&(struct row){"BOTH", "30", "19743", 1}, 1, false);
    pass(venue, 2000, "20000.0");
    assert_null(find_risk(venue, KEEL_RISK_LIQUIDATION_PRICE, KEEL_NET));
    free_venue(venue);
}

/* The venue accepts the change and answers with the leverage that was: entries wait for the caller.
 */
static void b24_a_leverage_read_back_as_another_stops_entries_until_accepted(void **state)
{
    (void)state;
    struct venue *venue = start_with(&(struct row){"BOTH", "0.1", "0", 1}, 1, false);
    struct outcome outcome = {0};
    struct keel_error error = {0};
    pass(venue, 2000, "20000.0");
    add_rule(venue, "POST", "/leverage", RULE_REPLY, 200,
             "{\"leverage\":20,\"maxNotionalValue\":\"30000000\",\"symbol\":\"BTCUSDT\"}", 1);
    keel_market_id btc = market_of(venue, "BTCUSDT");
    assert_int_equal(
        keel_futures_set_leverage(venue->futures, btc, 50, note_result, &outcome, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(outcome.leverage.leverage, 20);
    struct keel_order_request entry = market_order(venue, "BTCUSDT", KEEL_BUY, "0.01");
    assert_int_equal(keel_futures_place_order(venue->futures, &entry, NULL, NULL, &error),
                     KEEL_MODE_CHANGED);
    assert_string_equal(error.message,
                        "BTC/USDT:USDT: leverage 20 is not the 50 that was asked for");
    keel_futures_accept_modes(venue->futures, btc);
    assert_int_equal(keel_futures_place_order(venue->futures, &entry, NULL, NULL, &error), KEEL_OK);
    free_venue(venue);
}

static void each_warning_has_its_name(void **state)
{
    (void)state;
    static const struct {
        enum keel_risk_event_kind kind;
        const char *name;
    } names[] = {
        {KEEL_RISK_MARGIN_RATIO,         "margin_ratio"        },
        {KEEL_RISK_LIQUIDATION_DISTANCE, "liquidation_distance"},
        {KEEL_RISK_CLEARED,              "cleared"             },
        {KEEL_RISK_VENUE_MARGIN_CALL,    "venue_margin_call"   },
        {KEEL_RISK_LIQUIDATED,           "liquidated"          },
        {KEEL_RISK_DELEVERAGED,          "deleveraged"         },
        {KEEL_RISK_SETTLED,              "settled"             },
        {KEEL_RISK_TAKEN_OVER,           "taken_over"          },
        {KEEL_RISK_ADL_RANK,             "adl_rank"            },
        {KEEL_RISK_FUNDING_NEAR,         "funding_near"        },
        {KEEL_RISK_STALE,                "stale"               },
        {KEEL_RISK_LEVERAGE,             "leverage"            },
        {KEEL_RISK_LIQUIDATION_PRICE,    "liquidation_price"   },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_string_equal(keel_risk_event_kind_name(names[i].kind), names[i].name);
}

static void bounds_that_cannot_be_right_are_refused(void **state)
{
    (void)state;
    struct venue venue = {0};
    struct keel_error error;
    struct keel_exchange_config config = scripted_config(&venue);
    config.adl_rank_warning = 5;
    assert_null(keel_futures_new(&config, &error));
    assert_int_equal(error.status, KEEL_CONFIG);
    assert_string_equal(error.message, "a rank of 5 is not one of 0 to 4");
    config = scripted_config(&venue);
    config.funding_warning_ms = -1;
    assert_null(keel_futures_new(&config, &error));
    assert_int_equal(error.status, KEEL_CONFIG);
    config = scripted_config(&venue);
    config.liquidation_price_warning = dec("-0.1");
    assert_null(keel_futures_new(&config, &error));
    assert_int_equal(error.status, KEEL_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_grows_stale_without_any_message),
        cmocka_unit_test(totals_and_warnings_tell_how_old_their_inputs_are),
        cmocka_unit_test(an_account_that_is_not_live_for_long_is_stale),
        cmocka_unit_test(a_payment_that_comes_near_is_told_to_the_leg_that_makes_it),
        cmocka_unit_test(a_rank_that_rises_is_found_by_the_look_a_minute),
        cmocka_unit_test(a_notional_above_what_its_leverage_allows_is_told),
        cmocka_unit_test(b22_a_venue_that_states_another_liquidation_price_is_told_of),
        cmocka_unit_test(b24_a_leverage_read_back_as_another_stops_entries_until_accepted),
        cmocka_unit_test(each_warning_has_its_name),
        cmocka_unit_test(bounds_that_cannot_be_right_are_refused),
    };
    return cmocka_run_group_tests_name("exchange/watch", tests, NULL, NULL);
}

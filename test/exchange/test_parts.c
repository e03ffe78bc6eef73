/* The parts of an exchange: warnings, the split of a close, the pool of calls. */
#include "exchange/calls.h"
#include "exchange/closing.h"
#include "exchange/warning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static keel_decimal figure(const char *text)
{
    return text[0] != '\0' ? keel_decimal_from_text(text) : KEEL_DECIMAL_ABSENT;
}

static struct keel_warning_figures unknown_figures(void)
{
    return (struct keel_warning_figures){.margin_ratio = KEEL_DECIMAL_ABSENT,
                                         .liquidation_distance = KEEL_DECIMAL_ABSENT,
                                         .notional = KEEL_DECIMAL_ABSENT,
                                         .notional_cap = KEEL_DECIMAL_ABSENT,
                                         .adl_rank = -1,
                                         .funding_ms = -1,
                                         .now_ms = 1000000};
}

/* C cleared, R ratio, D distance, L leverage, Q rank, F funding, S stale, P price. */
static void write_steps(const struct keel_warning_step *warned, int32_t count,
                        char text[KEEL_WARNING_STEPS_MAX + 1])
{
    static const char letters[] = {
        [KEEL_RISK_MARGIN_RATIO] = 'R',      [KEEL_RISK_LIQUIDATION_DISTANCE] = 'D',
        [KEEL_RISK_CLEARED] = 'C',           [KEEL_RISK_LEVERAGE] = 'L',
        [KEEL_RISK_ADL_RANK] = 'Q',          [KEEL_RISK_FUNDING_NEAR] = 'F',
        [KEEL_RISK_LIQUIDATION_PRICE] = 'P', [KEEL_RISK_STALE] = 'S',
    };
    for (int32_t i = 0; i < count; i++)
        text[i] = letters[warned[i].kind];
    text[count] = '\0';
}

static struct keel_warning_bounds make_bounds(void)
{
    return (struct keel_warning_bounds){.margin_ratio = figure("0.8"),
                                        .liquidation_distance = figure("0.05"),
                                        .hysteresis = figure("0.02"),
                                        .liquidation_price = figure("0.01"),
                                        .adl_rank = 3,
                                        .funding_ms = 1000,
                                        .age_ms = 500};
}

static void expect_kinds(const char *name, struct keel_warning *warning,
                         struct keel_warning_figures figures, const char *expected)
{
    const struct keel_warning_bounds bounds = make_bounds();
    struct keel_warning_step warned[KEEL_WARNING_STEPS_MAX];
    char text[KEEL_WARNING_STEPS_MAX + 1];
    write_steps(warned, keel_warning_update(warning, &bounds, &figures, warned), text);
    if (strcmp(text, expected) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\"", name, text, expected);
}

static const struct {
    const char *name, *ratio, *distance, *events;
} steps[] = {
    {"calm says nothing",                   "0.5",  "0.3",  ""  },
    {"on the bound is not above it",        "0.8",  "0.05", ""  },
    {"above the ratio warns",               "0.81", "0.3",  "R" },
    {"higher warns no more",                "0.95", "0.3",  ""  },
    {"inside the hysteresis is not back",   "0.79", "0.3",  ""  },
    {"and up again is the same crossing",   "0.85", "0.3",  ""  },
    {"the distance warns by itself",        "0.85", "0.04", "D" },
    {"one of two back clears nothing",      "0.5",  "0.04", ""  },
    {"both back clear",                     "0.5",  "0.08", "C" },
    {"both at once warn of both",           "0.9",  "0.01", "RD"},
    {"an unknown figure changes nothing",   "",     "",     ""  },
    {"no liquidation price is no distance", "0.9",  "",     ""  },
    {"and then the ratio alone clears",     "0.1",  "",     "C" },
};

static void one_crossing_is_one_warning(void **state)
{
    (void)state;
    struct keel_warning warning = {0};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct keel_warning_figures figures = unknown_figures();
        figures.margin_ratio = figure(steps[i].ratio);
        figures.liquidation_distance = figure(steps[i].distance);
        expect_kinds(steps[i].name, &warning, figures, steps[i].events);
    }
}

static const struct {
    const char *name;
    int32_t rank;
    const char *events;
} rank_steps[] = {
    {"low says nothing",            1,  "" },
    {"at the bound warns",          3,  "Q"},
    {"higher warns no more",        4,  "" },
    {"one below is not back",       2,  "" },
    {"and up is the same crossing", 3,  "" },
    {"not told changes nothing",    -1, "" },
    {"two below is back",           1,  "C"},
    {"and warns again",             4,  "Q"},
};

static void a_rank_that_trembles_warns_once(void **state)
{
    (void)state;
    struct keel_warning warning = {0};

    for (size_t i = 0; i < sizeof(rank_steps) / sizeof(rank_steps[0]); i++) {
        struct keel_warning_figures figures = unknown_figures();
        figures.adl_rank = rank_steps[i].rank;
        expect_kinds(rank_steps[i].name, &warning, figures, rank_steps[i].events);
    }
}

static const struct {
    const char *name;
    int64_t in_ms;
    bool paid;
    const char *events;
} funding_steps[] = {
    {"far away says nothing",                  1001,  true,  "" },
    {"one that we receive is no warning",      1000,  false, "" },
    {"one that we pay warns",                  999,   true,  "F"},
    {"the rate may change its sign and back",  600,   false, "" },
    {"and is the same payment",                500,   true,  "" },
    {"when it is over, so is the warning",     -1,    true,  "C"},
    {"the next one is far away",               28000, true,  "" },
    {"and warns in its turn",                  1,     true,  "F"},
    {"the next one told clears like no other", 28000, true,  "C"},
};

static void a_payment_warns_once_before_it_is_due(void **state)
{
    (void)state;
    struct keel_warning warning = {0};

    for (size_t i = 0; i < sizeof(funding_steps) / sizeof(funding_steps[0]); i++) {
        struct keel_warning_figures figures = unknown_figures();
        figures.funding_ms = funding_steps[i].in_ms;
        figures.funding_paid = funding_steps[i].paid;
        expect_kinds(funding_steps[i].name, &warning, figures, funding_steps[i].events);
    }
}

static const struct {
    const char *name;
    int64_t now_ms, age_ms;
    const char *events;
} age_steps[] = {
    {"at the bound is not stale",             10000, 500, "" },
    {"above it is",                           10001, 501, "S"},
    {"older warns no more",                   11000, 999, "" },
    {"fresh for a moment is not back",        11100, 0,   "" },
    {"for it may be stale again at once",     11400, 501, "" },
    {"fresh for as long as it may be old is", 11900, 100, "C"},
    {"and it warns again",                    12500, 600, "S"},
};

static void data_that_stutters_is_stale_once(void **state)
{
    (void)state;
    struct keel_warning warning = {0};

    for (size_t i = 0; i < sizeof(age_steps) / sizeof(age_steps[0]); i++) {
        struct keel_warning_figures figures = unknown_figures();
        figures.age_ms = age_steps[i].age_ms;
        figures.now_ms = age_steps[i].now_ms;
        expect_kinds(age_steps[i].name, &warning, figures, age_steps[i].events);
    }
}

static const struct {
    const char *name, *notional, *events;
} leverage_steps[] = {
    {"on the cap is inside",               "50000", "" },
    {"above it warns",                     "50001", "L"},
    {"a little below is not back",         "49500", "" },
    {"and above is the same crossing",     "60000", "" },
    {"an unknown notional changes naught", "",      "" },
    {"below the hysteresis is back",       "48999", "C"},
};

static void a_notional_that_outgrows_its_leverage_warns_once(void **state)
{
    (void)state;
    struct keel_warning warning = {0};

    for (size_t i = 0; i < sizeof(leverage_steps) / sizeof(leverage_steps[0]); i++) {
        struct keel_warning_figures figures = unknown_figures();
        figures.notional = figure(leverage_steps[i].notional);
        figures.notional_cap = figure("50000");
        expect_kinds(leverage_steps[i].name, &warning, figures, leverage_steps[i].events);
    }
}

static const struct {
    const char *name, *ours, *theirs, *events;
} price_steps[] = {
    {"the same says nothing",          "18000", "18000", "" },
    {"apart by the bound is as good",  "18000", "18200", "" },
    {"further apart warns",            "18000", "18201", "P"},
    {"and once",                       "18000", "17000", "" },
    {"half the bound is not back",     "18000", "18100", "" },
    {"what one side lacks is unknown", "",      "18000", "" },
    {"nearer is",                      "18000", "18099", "C"},
};

static void b22_a_liquidation_price_that_disagrees_with_the_venues_warns_once(void **state)
{
    (void)state;
    const struct keel_warning_bounds bounds = make_bounds();
    struct keel_warning warning = {0};

    for (size_t i = 0; i < sizeof(price_steps) / sizeof(price_steps[0]); i++) {
        struct keel_warning_step warned[KEEL_WARNING_STEPS_MAX];
        char text[KEEL_WARNING_STEPS_MAX + 1];
        int32_t count =
            keel_warning_compare(&warning, &bounds, figure(price_steps[i].ours),
                                 figure(price_steps[i].theirs), figure("20000"), warned);
        write_steps(warned, count, text);
        if (strcmp(text, price_steps[i].events) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", price_steps[i].name, text,
                     price_steps[i].events);
    }
}

static void each_warning_is_over_for_itself(void **state)
{
    (void)state;
    const struct keel_warning_bounds bounds = make_bounds();
    struct keel_warning warning = {0};
    struct keel_warning_figures figures = unknown_figures();
    struct keel_warning_step warned[KEEL_WARNING_STEPS_MAX];

    figures.margin_ratio = figure("0.9");
    figures.adl_rank = 4;
    figures.age_ms = 501;
    assert_int_equal(keel_warning_update(&warning, &bounds, &figures, warned), 3);
    figures.margin_ratio = figure("0.1");
    assert_int_equal(keel_warning_update(&warning, &bounds, &figures, warned), 1);
    assert_int_equal(warned[0].kind, KEEL_RISK_CLEARED);
    assert_int_equal(warned[0].cleared, KEEL_RISK_MARGIN_RATIO);
    assert_int_equal(keel_warning_end(&warning, warned), 2);
    assert_int_equal(warned[0].cleared, KEEL_RISK_ADL_RANK);
    assert_int_equal(warned[1].cleared, KEEL_RISK_STALE);
    assert_int_equal(keel_warning_end(&warning, warned), 0);
}

static void a_bound_that_is_none_never_warns(void **state)
{
    (void)state;
    struct keel_warning_bounds bounds = make_bounds();
    struct keel_warning warning = {0};
    struct keel_warning_figures figures = unknown_figures();
    struct keel_warning_step warned[KEEL_WARNING_STEPS_MAX];

    figures.adl_rank = 4;
    figures.funding_ms = 1;
    figures.funding_paid = true;
    bounds.adl_rank = 0;
    bounds.funding_ms = 0;
    bounds.liquidation_price = KEEL_DECIMAL_ZERO;
    assert_int_equal(keel_warning_update(&warning, &bounds, &figures, warned), 0);
    assert_int_equal(
        keel_warning_compare(&warning, &bounds, figure("1"), figure("9"), figure("5"), warned), 0);
}

static const struct {
    const char *name, *quantity;
    bool at_market;
    const char *parts; /* "" : refused */
} splits[] = {
    {"what fits is one order",                     "2",      true,  "2"       },
    {"more is split",                              "4.5",    true,  "2 2 0.5" },
    {"a limit order may be larger",                "4.5",    false, "4.5"     },
    {"a rest too small for an order is filled up", "2.05",   true,  "1.95 0.1"},
    {"off the grid goes whole",                    "0.0005", true,  "0.0005"  },
    {"too many orders are refused",                "16.1",   true,  ""        },
};

static void a_close_is_split_into_orders_that_the_venue_takes(void **state)
{
    (void)state;
    struct keel_market market = {.quantity_step = figure("0.001"),
                                 .quantity_min = figure("0.001"),
                                 .quantity_max = figure("1000"),
                                 .market_quantity_step = figure("0.001"),
                                 .market_quantity_min = figure("0.1"),
                                 .market_quantity_max = figure("2.0004")}; /* off its own grid */

    for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
        keel_decimal parts[KEEL_CLOSE_ORDERS_MAX];
        struct keel_error error;
        char text[256] = "";
        int32_t count = 0;
        enum keel_status status =
            keel_closing_split(&market, splits[i].at_market,
                               keel_decimal_from_text(splits[i].quantity), parts, &count, &error);
        if (status != KEEL_OK) {
            assert_int_equal(status, KEEL_QUANTITY_RANGE);
            count = 0;
        }
        for (int32_t j = 0; j < count; j++) {
            char part[KEEL_DECIMAL_TEXT_SIZE];
            keel_decimal_format(parts[j], part);
            strcat(strcat(text, j > 0 ? " " : ""), part);
        }
        if (strcmp(text, splits[i].parts) != 0)
            fail_msg("%s: '%s' instead of '%s'", splits[i].name, text, splits[i].parts);
    }
}

static void a_token_of_a_call_that_is_over_finds_nothing(void **state)
{
    (void)state;
    struct keel_calls *calls = malloc(sizeof(*calls));
    assert_non_null(calls);

    keel_calls_init(calls);
    struct keel_call *call = keel_calls_take(calls, KEEL_CALL_COMMAND, NULL, NULL);
    uint64_t token = keel_calls_token(calls, call);
    assert_ptr_equal(keel_calls_find(calls, token), call);
    keel_calls_release(calls, call);
    assert_null(keel_calls_find(calls, token));
    assert_ptr_equal(keel_calls_take(calls, KEEL_CALL_COMMAND, NULL, NULL), call);
    assert_null(keel_calls_find(calls, token));

    int taken = 1;
    while (keel_calls_take(calls, KEEL_CALL_COMMAND, NULL, NULL) != NULL)
        taken++;
    assert_int_equal(taken, KEEL_CALLS_MAX);
    free(calls);
}

static void an_unknown_fate_is_worse_than_any_other(void **state)
{
    (void)state;
    assert_int_equal(keel_fate_worse(KEEL_ACCEPTED, KEEL_FATE_REJECTED), KEEL_FATE_REJECTED);
    assert_int_equal(keel_fate_worse(KEEL_FATE_UNKNOWN, KEEL_FATE_FAILED), KEEL_FATE_UNKNOWN);
    assert_int_equal(keel_fate_worse(KEEL_ACCEPTED, KEEL_ACCEPTED), KEEL_ACCEPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_crossing_is_one_warning),
        cmocka_unit_test(a_rank_that_trembles_warns_once),
        cmocka_unit_test(a_payment_warns_once_before_it_is_due),
        cmocka_unit_test(data_that_stutters_is_stale_once),
        cmocka_unit_test(a_notional_that_outgrows_its_leverage_warns_once),
        cmocka_unit_test(b22_a_liquidation_price_that_disagrees_with_the_venues_warns_once),
        cmocka_unit_test(each_warning_is_over_for_itself),
        cmocka_unit_test(a_bound_that_is_none_never_warns),
        cmocka_unit_test(a_close_is_split_into_orders_that_the_venue_takes),
        cmocka_unit_test(a_token_of_a_call_that_is_over_finds_nothing),
        cmocka_unit_test(an_unknown_fate_is_worse_than_any_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

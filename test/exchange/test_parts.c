/* The parts of an exchange: warnings, the split of a close, the pool of calls. */
#include "exchange/calls.h"
#include "exchange/closing.h"
#include "exchange/warning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
    const char *name, *ratio, *distance;
    const char *events; /* R ratio, D distance, C cleared */
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

static keel_decimal figure(const char *text)
{
    return text[0] != '\0' ? keel_decimal_from_text(text) : KEEL_DECIMAL_ABSENT;
}

static void one_crossing_is_one_warning(void **state)
{
    (void)state;
    static const char letters[] = {[KEEL_RISK_MARGIN_RATIO] = 'R',
                                   [KEEL_RISK_LIQUIDATION_DISTANCE] = 'D',
                                   [KEEL_RISK_CLEARED] = 'C'};
    struct keel_warning warning = {0};
    struct keel_warning_bounds bounds = {figure("0.8"), figure("0.05"), figure("0.02")};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        enum keel_risk_event_kind kinds[KEEL_WARNING_EVENTS_MAX];
        char text[KEEL_WARNING_EVENTS_MAX + 1] = "";
        int32_t count = keel_warning_update(&warning, &bounds, figure(steps[i].ratio),
                                            figure(steps[i].distance), kinds);
        for (int32_t j = 0; j < count; j++)
            text[j] = letters[kinds[j]];
        if (strcmp(text, steps[i].events) != 0)
            fail_msg("%s: %s instead of %s", steps[i].name, text, steps[i].events);
    }
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
                                 .market_quantity_max = figure("2")};

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
        cmocka_unit_test(a_close_is_split_into_orders_that_the_venue_takes),
        cmocka_unit_test(a_token_of_a_call_that_is_over_finds_nothing),
        cmocka_unit_test(an_unknown_fate_is_worse_than_any_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

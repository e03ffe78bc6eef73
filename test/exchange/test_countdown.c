/* The countdown that the venue runs: told by the caller, repeated when the line was cut. */
#include "scripted_venue.h"

static const char counted[] = "{\"symbol\":\"BTCUSDT\",\"countdownTime\":\"30000\"}";

static void a_countdown_is_told_to_the_venue(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    add_rule(venue, "POST", "/countdownCancelAll", RULE_REPLY, 200, counted, 0);
    assert_int_equal(keel_private_set_countdown(venue->base, market_of(venue, "BTCUSDT"), 30,
                                                note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_string_equal(param(last_seen(venue, "POST", "/countdownCancelAll"), "countdownTime"),
                        "30000");
    assert_int_equal(keel_private_set_countdown(venue->base, market_of(venue, "BTCUSDT"), -1, NULL,
                                                NULL, &error),
                     KEEL_INVALID);
    free_venue(venue);
}

static void a_countdown_that_was_lost_is_told_again(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    add_rule(venue, "POST", "/countdownCancelAll", RULE_REPLY, 200, counted, 0);
    add_rule(venue, "POST", "/countdownCancelAll", RULE_LOST, 0, NULL, 1);
    assert_int_equal(keel_private_set_countdown(venue->base, market_of(venue, "BTCUSDT"), 30,
                                                note_result, &outcome, &error),
                     KEEL_OK);
    advance(venue, 20000);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(count_seen(venue, "POST", "/countdownCancelAll"), 2);
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_countdown_is_told_to_the_venue),
        cmocka_unit_test(a_countdown_that_was_lost_is_told_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

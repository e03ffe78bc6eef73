#include "keel/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static jmp_buf escape;
static int failed_line;

static void escape_assertion(const char *condition, const char *file, int line)
{
    assert_string_equal(condition, "1 == 2");
    assert_non_null(strstr(file, "test_error.c"));
    failed_line = line;
    longjmp(escape, 1);
}

static void every_status_has_a_word_of_its_own(void **state)
{
    (void)state;
    const char *names[KEEL_REFUSALS_END];
    size_t count = 0;
    for (int status = 0; status < KEEL_REFUSALS_END; status++) {
        if (status > KEEL_IO && status < KEEL_REFUSALS_BEGIN)
            continue;
        names[count] = keel_status_name((enum keel_status)status);
        assert_string_not_equal(names[count], "no_such_status");
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(names[i], names[count]);
        count++;
    }
    assert_string_equal(keel_status_name(KEEL_OK), "ok");
    assert_string_equal(keel_status_name(KEEL_PRICE_TICK), "price_tick");
    assert_string_equal(keel_status_name((enum keel_status)77), "no_such_status");
    assert_string_equal(keel_status_name(KEEL_REFUSALS_END), "no_such_status");
}

static void only_the_gates_codes_are_refusals(void **state)
{
    (void)state;
    assert_false(keel_status_is_refusal(KEEL_OK));
    assert_false(keel_status_is_refusal(KEEL_IO));
    assert_true(keel_status_is_refusal(KEEL_SYMBOL_UNKNOWN));
    assert_true(keel_status_is_refusal(KEEL_POSITION_MARGIN));
    assert_false(keel_status_is_refusal(KEEL_REFUSALS_END));
}

static void failing_fills_the_error_and_returns_the_status(void **state)
{
    (void)state;
    struct keel_error error = {.venue_code = -1021};
    assert_int_equal(keel_fail(&error, KEEL_LEVERAGE, "%d is above %d", 30, 20), KEEL_LEVERAGE);
    assert_int_equal(error.status, KEEL_LEVERAGE);
    assert_int_equal(error.venue_code, 0);
    assert_string_equal(error.message, "30 is above 20");
}

static void failing_without_an_error_returns_the_status(void **state)
{
    (void)state;
    assert_int_equal(keel_fail(NULL, KEEL_STALE, "nobody reads %s", "this"), KEEL_STALE);
}

static void a_long_message_is_cut_at_the_end(void **state)
{
    (void)state;
    struct keel_error error;
    (void)keel_fail(&error, KEEL_IO, "begin%0500d", 0);
    assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
    assert_memory_equal(error.message, "begin000", 8);
}

static void a_message_may_be_made_from_itself(void **state)
{
    (void)state;
    struct keel_error error;
    (void)keel_fail(&error, KEEL_IO, "disk full");
    (void)keel_fail(&error, KEEL_FAILED, "journal: %s", error.message);
    assert_string_equal(error.message, "journal: disk full");
}

static void a_failed_assertion_calls_the_handler(void **state)
{
    (void)state;
    keel_set_assertion_handler(escape_assertion);
    if (setjmp(escape) == 0) {
        KEEL_ASSERT(1 == 2);
        fail();
    }
    keel_set_assertion_handler(NULL);
    assert_true(failed_line > 0);
}

static void an_assertion_that_holds_is_silent(void **state)
{
    (void)state;
    KEEL_ASSERT(1 + 1 == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_word_of_its_own),
        cmocka_unit_test(only_the_gates_codes_are_refusals),
        cmocka_unit_test(failing_fills_the_error_and_returns_the_status),
        cmocka_unit_test(failing_without_an_error_returns_the_status),
        cmocka_unit_test(a_long_message_is_cut_at_the_end),
        cmocka_unit_test(a_message_may_be_made_from_itself),
        cmocka_unit_test(a_failed_assertion_calls_the_handler),
        cmocka_unit_test(an_assertion_that_holds_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

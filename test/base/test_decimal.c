/* By hand what matters most; decimal_oracle.py compares a million random operations. */
#include "keel/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GREATEST "170141183460469231731.687303715884105727"
#define LEAST    "-170141183460469231731.687303715884105727"

static const enum keel_round rounds[] = {KEEL_ROUND_DOWN, KEEL_ROUND_UP, KEEL_ROUND_FLOOR,
                                         KEEL_ROUND_CEILING, KEEL_ROUND_HALF_EVEN};

static keel_decimal parse(const char *text)
{
    return strcmp(text, "absent") == 0 ? KEEL_DECIMAL_ABSENT : keel_decimal_from_text(text);
}

static void assert_decimal(keel_decimal value, const char *expected)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    size_t size = keel_decimal_format(value, text);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
}

static void each_direction_rounds_as_named_on_both_sides_of_zero(void **state)
{
    (void)state;
    static const struct {
        const char *value, *rounded[5]; /* down, up, floor, ceiling, half even */
    } cases[] = {
        {"2.5",   {"2", "3", "2", "3", "2"}     },
        {"3.5",   {"3", "4", "3", "4", "4"}     },
        {"-2.5",  {"-2", "-3", "-3", "-2", "-2"}},
        {"-3.5",  {"-3", "-4", "-4", "-3", "-4"}},
        {"2.51",  {"2", "3", "2", "3", "3"}     },
        {"-2.51", {"-2", "-3", "-3", "-2", "-3"}},
        {"-0.4",  {"0", "-1", "-1", "0", "0"}   },
        {"7",     {"7", "7", "7", "7", "7"}     },
        {"-7",    {"-7", "-7", "-7", "-7", "-7"}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        keel_decimal value = parse(cases[i].value);
        for (size_t j = 0; j < 5; j++) {
            assert_decimal(keel_decimal_round_to_digits(value, 0, rounds[j]), cases[i].rounded[j]);
            assert_decimal(keel_decimal_round_to_step(value, KEEL_DECIMAL_ONE, rounds[j]),
                           cases[i].rounded[j]);
        }
    }
}

static void a_product_rounds_in_its_nineteenth_decimal(void **state)
{
    (void)state;
    keel_decimal tiny = parse("0.000000000000000003"), half = parse("0.5");
    keel_decimal minus = keel_decimal_neg(tiny);
    assert_decimal(keel_decimal_mul(tiny, half, KEEL_ROUND_DOWN), "0.000000000000000001");
    assert_decimal(keel_decimal_mul(tiny, half, KEEL_ROUND_UP), "0.000000000000000002");
    assert_decimal(keel_decimal_mul(tiny, half, KEEL_ROUND_HALF_EVEN), "0.000000000000000002");
    assert_decimal(keel_decimal_mul(minus, half, KEEL_ROUND_FLOOR), "-0.000000000000000002");
    assert_decimal(keel_decimal_mul(minus, half, KEEL_ROUND_CEILING), "-0.000000000000000001");
}

static void sums_products_and_quotients_are_what_they_should_be(void **state)
{
    (void)state;
    keel_decimal price = parse("50123.45"), quantity = parse("-0.123");
    assert_decimal(keel_decimal_add(price, quantity), "50123.327");
    assert_decimal(keel_decimal_sub(quantity, price), "-50123.573");
    assert_decimal(keel_decimal_mul(price, quantity, KEEL_ROUND_DOWN), "-6165.18435");
    assert_decimal(keel_decimal_div(price, parse("20"), KEEL_ROUND_UP), "2506.1725");
    assert_decimal(keel_decimal_div(parse("1"), parse("3"), KEEL_ROUND_DOWN),
                   "0.333333333333333333");
    assert_decimal(keel_decimal_div(parse("-2"), parse("3"), KEEL_ROUND_HALF_EVEN),
                   "-0.666666666666666667");
    assert_decimal(keel_decimal_mul_div(parse("1"), parse("3"), parse("3"), KEEL_ROUND_DOWN), "1");
    assert_decimal(keel_decimal_abs(quantity), "0.123");
    assert_decimal(keel_decimal_min(price, quantity), "-0.123");
    assert_decimal(keel_decimal_max(price, quantity), "50123.45");
    assert_decimal(keel_decimal_from_int(INT64_MIN), "-9223372036854775808");
}

static void what_does_not_fit_is_absent(void **state)
{
    (void)state;
    keel_decimal greatest = parse(GREATEST), least = parse(LEAST);
    keel_decimal ulp = parse("0.000000000000000001");
    assert_decimal(keel_decimal_add(greatest, ulp), "absent");
    assert_decimal(keel_decimal_sub(least, ulp), "absent");
    assert_decimal(keel_decimal_mul(greatest, parse("1.1"), KEEL_ROUND_DOWN), "absent");
    assert_decimal(keel_decimal_mul(greatest, greatest, KEEL_ROUND_DOWN), "absent");
    assert_decimal(keel_decimal_div(greatest, parse("0.9"), KEEL_ROUND_DOWN), "absent");
    assert_decimal(keel_decimal_div(greatest, ulp, KEEL_ROUND_DOWN), "absent");
    assert_decimal(keel_decimal_div(ulp, KEEL_DECIMAL_ZERO, KEEL_ROUND_DOWN), "absent");
    assert_decimal(keel_decimal_div(KEEL_DECIMAL_ZERO, KEEL_DECIMAL_ZERO, KEEL_ROUND_UP), "absent");
    assert_decimal(keel_decimal_round_to_digits(greatest, 0, KEEL_ROUND_UP), "absent");
    assert_decimal(keel_decimal_round_to_digits(greatest, 0, KEEL_ROUND_DOWN),
                   "170141183460469231731");
    assert_decimal(keel_decimal_mul_div(greatest, greatest, greatest, KEEL_ROUND_UP), GREATEST);
    assert_decimal(keel_decimal_mul(least, KEEL_DECIMAL_ONE, KEEL_ROUND_UP), LEAST);
    assert_decimal(keel_decimal_neg(greatest), LEAST);
}

static void the_absent_spreads_through_every_step(void **state)
{
    (void)state;
    keel_decimal absent = KEEL_DECIMAL_ABSENT, one = KEEL_DECIMAL_ONE;
    keel_decimal results[] = {
        keel_decimal_add(absent, one),
        keel_decimal_add(one, absent),
        keel_decimal_sub(one, absent),
        keel_decimal_neg(absent),
        keel_decimal_abs(absent),
        keel_decimal_mul(absent, KEEL_DECIMAL_ZERO, KEEL_ROUND_DOWN),
        keel_decimal_mul(KEEL_DECIMAL_ZERO, absent, KEEL_ROUND_DOWN),
        keel_decimal_div(absent, one, KEEL_ROUND_DOWN),
        keel_decimal_div(one, absent, KEEL_ROUND_DOWN),
        keel_decimal_mul_div(absent, one, one, KEEL_ROUND_DOWN),
        keel_decimal_mul_div(one, absent, one, KEEL_ROUND_DOWN),
        keel_decimal_mul_div(one, one, absent, KEEL_ROUND_DOWN),
        keel_decimal_round_to_step(absent, one, KEEL_ROUND_DOWN),
        keel_decimal_round_to_step(one, absent, KEEL_ROUND_DOWN),
        keel_decimal_round_to_step(one, KEEL_DECIMAL_ZERO, KEEL_ROUND_DOWN),
        keel_decimal_round_to_step(one, keel_decimal_neg(one), KEEL_ROUND_DOWN),
        keel_decimal_round_to_digits(absent, 2, KEEL_ROUND_DOWN),
    };
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        assert_false(keel_decimal_is_valid(results[i]));
    assert_false(keel_decimal_is_negative(absent));
    assert_false(keel_decimal_is_positive(absent));
    assert_false(keel_decimal_is_zero(absent));
    assert_false(keel_decimal_is_multiple(absent, one));
    assert_true(keel_decimal_equals(absent, absent));
    assert_int_equal(keel_decimal_digits(absent), 0);
}

static void comparing_follows_the_number_line(void **state)
{
    (void)state;
    static const char *const line[] = {
        LEAST, "-20", "-0.000000000000000001", "0", "0.000000000000000001", "18.5", "19", GREATEST};
    for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
        for (size_t j = 0; j < sizeof(line) / sizeof(line[0]); j++) {
            int order = keel_decimal_compare(parse(line[i]), parse(line[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(keel_decimal_equals(parse(line[i]), parse(line[j])), i == j);
        }
    }
}

static void a_step_rounds_and_tells_its_multiples(void **state)
{
    (void)state;
    assert_decimal(keel_decimal_round_to_step(parse("7100.37"), parse("0.25"), KEEL_ROUND_DOWN),
                   "7100.25");
    assert_decimal(keel_decimal_round_to_step(parse("-7100.37"), parse("0.25"), KEEL_ROUND_UP),
                   "-7100.5");
    assert_decimal(keel_decimal_round_to_step(parse("130"), parse("100"), KEEL_ROUND_UP), "200");
    assert_decimal(keel_decimal_round_to_step(parse("150"), parse("100"), KEEL_ROUND_HALF_EVEN),
                   "200");
    assert_decimal(keel_decimal_round_to_step(parse("250"), parse("100"), KEEL_ROUND_HALF_EVEN),
                   "200");
    assert_true(keel_decimal_is_multiple(parse("0.3"), parse("0.1")));
    assert_true(keel_decimal_is_multiple(parse("-300"), parse("100")));
    assert_true(keel_decimal_is_multiple(KEEL_DECIMAL_ZERO, parse("100")));
    assert_false(keel_decimal_is_multiple(parse("0.35"), parse("0.1")));
    assert_false(keel_decimal_is_multiple(parse("50"), parse("100")));
    assert_false(keel_decimal_is_multiple(parse("1"), KEEL_DECIMAL_ZERO));
}

static const struct {
    const char *text;
    enum keel_status status;
    const char *value;
    bool inexact;
} texts[] = {
    {"0",                                           KEEL_OK,        "0",                     false},
    {"-0",                                          KEEL_OK,        "0",                     false},
    {"-0.000",                                      KEEL_OK,        "0",                     false},
    {"007",                                         KEEL_OK,        "7",                     false},
    {"0.10",                                        KEEL_OK,        "0.1",                   false},
    {"12345678",                                    KEEL_OK,        "12345678",              false},
    {"1234567890123456789",                         KEEL_OK,        "1234567890123456789",   false},
    {"12345678901234567890",                        KEEL_OK,        "12345678901234567890",  false},
    {"99999999999999.99999",                        KEEL_OK,        "99999999999999.99999",  false},
    {"1e-8",                                        KEEL_OK,        "0.00000001",            false},
    {"1.5E+3",                                      KEEL_OK,        "1500",                  false},
    {"15e2",                                        KEEL_OK,        "1500",                  false},
    {"0e999999999999999999999999",                  KEEL_OK,        "0",                     false},
    {"0.0000001e7",                                 KEEL_OK,        "1",                     false},
    {"1e20",                                        KEEL_OK,        "100000000000000000000", false},
    {"1e-18",                                       KEEL_OK,        "0.000000000000000001",  false},
    {"1e-19",                                       KEEL_OK,        "0",                     true },
    {"-1e-19",                                      KEEL_OK,        "0",                     true },
    {"1e-999999999999999999999999",                 KEEL_OK,        "0",                     true },
    {"0.1234567890123456789",                       KEEL_OK,        "0.123456789012345678",  true },
    {"0.1234567890123456780000",                    KEEL_OK,        "0.123456789012345678",  false},
    {GREATEST,                                      KEEL_OK,        GREATEST,                false},
    {LEAST,                                         KEEL_OK,        LEAST,                   false},
    {GREATEST "9",                                  KEEL_OK,        GREATEST,                true },
    {"170141183460469231731.687303715884105728",    KEEL_OVERFLOW,  "absent",                false},
    {"-170141183460469231731.687303715884105728",   KEEL_OVERFLOW,  "absent",                false},
    {"1e21",                                        KEEL_OVERFLOW,  "absent",                false},
    {"1e999999999999999999999999",                  KEEL_OVERFLOW,  "absent",                false},
    {"1000000000000000000000000000000000000000000", KEEL_OVERFLOW,  "absent",                false},
    {"",                                            KEEL_MALFORMED, "absent",                false},
    {"-",                                           KEEL_MALFORMED, "absent",                false},
    {".",                                           KEEL_MALFORMED, "absent",                false},
    {".5",                                          KEEL_MALFORMED, "absent",                false},
    {"-.5",                                         KEEL_MALFORMED, "absent",                false},
    {"5.",                                          KEEL_MALFORMED, "absent",                false},
    {"5.e1",                                        KEEL_MALFORMED, "absent",                false},
    {"+1",                                          KEEL_MALFORMED, "absent",                false},
    {"--1",                                         KEEL_MALFORMED, "absent",                false},
    {" 1",                                          KEEL_MALFORMED, "absent",                false},
    {"1 ",                                          KEEL_MALFORMED, "absent",                false},
    {"1.2.3",                                       KEEL_MALFORMED, "absent",                false},
    {"1,5",                                         KEEL_MALFORMED, "absent",                false},
    {"0x1",                                         KEEL_MALFORMED, "absent",                false},
    {"1e",                                          KEEL_MALFORMED, "absent",                false},
    {"1e+",                                         KEEL_MALFORMED, "absent",                false},
    {"1e1.5",                                       KEEL_MALFORMED, "absent",                false},
    {"e1",                                          KEEL_MALFORMED, "absent",                false},
    {"1e999999999x",                                KEEL_MALFORMED, "absent",                false},
    {"NaN",                                         KEEL_MALFORMED, "absent",                false},
    {"inf",                                         KEEL_MALFORMED, "absent",                false},
    {"Infinity",                                    KEEL_MALFORMED, "absent",                false},
};

static void texts_are_numbers_or_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t size = strlen(texts[i].text);
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, texts[i].text, size);
        copy[size] = '9'; /* belongs to somebody else */
        keel_decimal value;
        bool inexact;
        enum keel_status status =
            keel_decimal_parse((keel_str){copy, size}, KEEL_ROUND_DOWN, &value, &inexact);
        if (status != texts[i].status)
            fail_msg("%s: %s", texts[i].text, keel_status_name(status));
        assert_decimal(value, texts[i].value);
        assert_int_equal(inexact, texts[i].inexact);
        free(copy);
    }
}

static void a_digit_beyond_the_eighteenth_rounds_as_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *rounded[5];
    } cases[] = {
        {"1.0000000000000000005",     {"1", "1.000000000000000001", "1", "1.000000000000000001", "1"}},
        {"1.00000000000000000050001",
         {"1", "1.000000000000000001", "1", "1.000000000000000001", "1.000000000000000001"}          },
        {"-1.0000000000000000015",
         {"-1.000000000000000001", "-1.000000000000000002", "-1.000000000000000002",
          "-1.000000000000000001", "-1.000000000000000002"}                                          },
        {"1e-30",                     {"0", "0.000000000000000001", "0", "0.000000000000000001", "0"}},
        {GREATEST "1",                {GREATEST, "absent", GREATEST, "absent", GREATEST}             },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t j = 0; j < 5; j++) {
            keel_decimal value;
            enum keel_status status =
                keel_decimal_parse(keel_str_from(cases[i].text), rounds[j], &value, NULL);
            assert_int_equal(status, keel_decimal_is_valid(value) ? KEEL_OK : KEEL_OVERFLOW);
            assert_decimal(value, cases[i].rounded[j]);
        }
    }
}

static void fixed_digits_are_exactly_so_many(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int digits;
        const char *text;
    } cases[] = {
        {"0.5",                  2,  "0.50"                     },
        {"0.5",                  0,  "0"                        },
        {"-0.5",                 0,  "0"                        },
        {"-0.004",               2,  "0.00"                     },
        {"-0.004",               3,  "-0.004"                   },
        {"-1.999",               1,  "-1.9"                     },
        {"7100",                 2,  "7100.00"                  },
        {"absent",               2,  "absent"                   },
        {"0.000000000000000001", 18, "0.000000000000000001"     },
        {GREATEST,               3,  "170141183460469231731.687"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[KEEL_DECIMAL_TEXT_SIZE];
        size_t size = keel_decimal_format_fixed(parse(cases[i].value), cases[i].digits, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(size, strlen(text));
    }
}

static void the_fewest_digits_are_counted(void **state)
{
    (void)state;
    assert_int_equal(keel_decimal_digits(parse("0")), 0);
    assert_int_equal(keel_decimal_digits(parse("100")), 0);
    assert_int_equal(keel_decimal_digits(parse("-0.15")), 2);
    assert_int_equal(keel_decimal_digits(parse("12.34567000")), 5);
    assert_int_equal(keel_decimal_digits(parse("0.000000000000000001")), 18);
    assert_int_equal(keel_decimal_digits(parse("0.1")), 1);
}

static void an_exact_quotient_is_exact_or_absent(void **state)
{
    (void)state;
    assert_decimal(keel_decimal_div_exact(parse("0.005"), parse("0.0001")), "50");
    assert_decimal(keel_decimal_div_exact(parse("-1"), parse("8")), "-0.125");
    assert_decimal(keel_decimal_div_exact(parse("1"), parse("-3")), "absent");
    assert_decimal(keel_decimal_div_exact(parse("1"), KEEL_DECIMAL_ZERO), "absent");
    assert_decimal(keel_decimal_div_exact(parse(GREATEST), parse("0.5")), "absent");
    assert_decimal(keel_decimal_div_exact(KEEL_DECIMAL_ABSENT, parse("2")), "absent");
}

static void so_many_digits_are_enough_or_are_not(void **state)
{
    (void)state;
    assert_true(keel_decimal_fits_digits(parse("100"), 0));
    assert_false(keel_decimal_fits_digits(parse("100.5"), 0));
    assert_true(keel_decimal_fits_digits(parse("-0.15"), 2));
    assert_false(keel_decimal_fits_digits(parse("-0.155"), 2));
    assert_true(keel_decimal_fits_digits(parse("0.000000000000000001"), 18));
    assert_false(keel_decimal_fits_digits(parse("0.000000000000000001"), 17));
    assert_true(keel_decimal_fits_digits(parse("0.000000000000000001"), 30));
    assert_false(keel_decimal_fits_digits(KEEL_DECIMAL_ABSENT, 18));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_direction_rounds_as_named_on_both_sides_of_zero),
        cmocka_unit_test(a_product_rounds_in_its_nineteenth_decimal),
        cmocka_unit_test(sums_products_and_quotients_are_what_they_should_be),
        cmocka_unit_test(what_does_not_fit_is_absent),
        cmocka_unit_test(the_absent_spreads_through_every_step),
        cmocka_unit_test(comparing_follows_the_number_line),
        cmocka_unit_test(a_step_rounds_and_tells_its_multiples),
        cmocka_unit_test(texts_are_numbers_or_are_refused),
        cmocka_unit_test(a_digit_beyond_the_eighteenth_rounds_as_told),
        cmocka_unit_test(fixed_digits_are_exactly_so_many),
        cmocka_unit_test(the_fewest_digits_are_counted),
        cmocka_unit_test(an_exact_quotient_is_exact_or_absent),
        cmocka_unit_test(so_many_digits_are_enough_or_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

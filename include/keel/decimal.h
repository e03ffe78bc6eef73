/* decimal.h - money: a signed 128-bit integer scaled by 10^18.
 *
 * Pure. Sums are exact; a product or quotient rounds in the direction that the caller names. A
 * result that does not fit is *invalid* and stays so through later steps, so a formula reads
 * straight down and is checked once, where it is stored. Invalid also stands for "absent": a figure
 * that is not known is never zero. The range is about +-1.7 * 10^20 with 18 decimals.
 *
 * A struct of two words, so that `a * b` does not compile. */
#ifndef KEEL_DECIMAL_H
#define KEEL_DECIMAL_H

#include "keel/error.h"
#include "keel/str.h"

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 keel_int128;
__extension__ typedef unsigned __int128 keel_uint128;

typedef struct keel_decimal {
    uint64_t low; /* two's complement over both words; the scale is 10^18 */
    int64_t high;
} keel_decimal;

enum {
    KEEL_DECIMAL_DIGITS = 18,    /* decimals kept */
    KEEL_DECIMAL_TEXT_SIZE = 48, /* sign, 21 digits, point, 18 decimals, zero byte, and room */
};

enum keel_round {
    KEEL_ROUND_DOWN,      /* towards zero */
    KEEL_ROUND_UP,        /* away from zero */
    KEEL_ROUND_FLOOR,     /* towards minus infinity */
    KEEL_ROUND_CEILING,   /* towards plus infinity */
    KEEL_ROUND_HALF_EVEN, /* to nearest, ties to even */
};

#define KEEL_DECIMAL_ZERO   KEEL_VALUE(keel_decimal, 0, 0)
#define KEEL_DECIMAL_ABSENT KEEL_VALUE(keel_decimal, 0, INT64_MIN)
#define KEEL_DECIMAL_ONE    KEEL_VALUE(keel_decimal, UINT64_C(1000000000000000000), 0)

static inline keel_int128 keel_decimal_raw(keel_decimal value)
{
    return (keel_int128)(((keel_uint128)(uint64_t)value.high << 64) | value.low);
}

/* From units of 10^-18. */
static inline keel_decimal keel_decimal_from_raw(keel_int128 raw)
{
    return KEEL_VALUE(keel_decimal, (uint64_t)(keel_uint128)raw, (int64_t)(raw >> 64));
}

static inline bool keel_decimal_is_valid(keel_decimal value)
{
    return value.high != INT64_MIN || value.low != 0;
}

static inline bool keel_decimal_is_zero(keel_decimal value)
{
    return value.high == 0 && value.low == 0;
}

/* An invalid value is neither negative nor positive nor zero. */
static inline bool keel_decimal_is_negative(keel_decimal value)
{
    return value.high < 0 && keel_decimal_is_valid(value);
}

static inline bool keel_decimal_is_positive(keel_decimal value)
{
    return value.high >= 0 && !keel_decimal_is_zero(value);
}

static inline keel_decimal keel_decimal_from_int(int64_t value)
{
    return keel_decimal_from_raw((keel_int128)value * 1000000000000000000);
}

static inline keel_decimal keel_decimal_add(keel_decimal a, keel_decimal b)
{
    keel_int128 sum;
    if (!keel_decimal_is_valid(a) || !keel_decimal_is_valid(b) ||
        __builtin_add_overflow(keel_decimal_raw(a), keel_decimal_raw(b), &sum))
        return KEEL_DECIMAL_ABSENT;
    return keel_decimal_from_raw(sum);
}

static inline keel_decimal keel_decimal_neg(keel_decimal value)
{
    /* The one value without a negative is the invalid one, and it stays what it is: as two's
     * complement wraps. */
    return keel_decimal_from_raw((keel_int128) - (keel_uint128)keel_decimal_raw(value));
}

static inline keel_decimal keel_decimal_sub(keel_decimal a, keel_decimal b)
{
    keel_int128 difference;
    if (!keel_decimal_is_valid(a) || !keel_decimal_is_valid(b) ||
        __builtin_sub_overflow(keel_decimal_raw(a), keel_decimal_raw(b), &difference))
        return KEEL_DECIMAL_ABSENT;
    return keel_decimal_from_raw(difference);
}

static inline keel_decimal keel_decimal_abs(keel_decimal value)
{
    return value.high < 0 ? keel_decimal_neg(value) : value;
}

/* Less than, equal to or greater than zero, as a is to b. Both must be valid: comparing with what
 * is not known is a programming error. */
static inline int keel_decimal_compare(keel_decimal a, keel_decimal b)
{
    KEEL_ASSERT(keel_decimal_is_valid(a) && keel_decimal_is_valid(b));
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low == b.low ? 0 : a.low < b.low ? -1 : 1;
}

/* The same number, or both absent. */
static inline bool keel_decimal_equals(keel_decimal a, keel_decimal b)
{
    return a.high == b.high && a.low == b.low;
}

static inline keel_decimal keel_decimal_min(keel_decimal a, keel_decimal b)
{
    return keel_decimal_compare(a, b) <= 0 ? a : b;
}

static inline keel_decimal keel_decimal_max(keel_decimal a, keel_decimal b)
{
    return keel_decimal_compare(a, b) >= 0 ? a : b;
}

/* Invalid if an operand is, if the result does not fit, or if the divisor is zero. */
KEEL_API keel_decimal keel_decimal_mul(keel_decimal a, keel_decimal b, enum keel_round round);
KEEL_API keel_decimal keel_decimal_div(keel_decimal a, keel_decimal b, enum keel_round round);

/* a / b where it has no more than eighteen decimals; else invalid. */
KEEL_API keel_decimal keel_decimal_div_exact(keel_decimal a, keel_decimal b);

/* a * b / c rounded once: the product in between may be wider than a decimal. */
KEEL_API keel_decimal keel_decimal_mul_div(keel_decimal a, keel_decimal b, keel_decimal c,
                                           enum keel_round round);

/* To a whole number of steps. Invalid if step is not positive. */
KEEL_API keel_decimal keel_decimal_round_to_step(keel_decimal value, keel_decimal step,
                                                 enum keel_round round);
KEEL_API bool keel_decimal_is_multiple(keel_decimal value, keel_decimal step);

/* To so many decimals (0 to 18). */
KEEL_API keel_decimal keel_decimal_round_to_digits(keel_decimal value, int digits,
                                                   enum keel_round round);

/* The fewest decimals that write value exactly: 2 for 0.10 + 0.05, 0 for 100 and for what is
 * absent. */
KEEL_API int keel_decimal_digits(keel_decimal value);

/* Are so many decimals (0 or more) enough to write value exactly? False for what is absent. */
KEEL_API bool keel_decimal_fits_digits(keel_decimal value, int digits);

/* Reads a JSON number or the same inside a string: optional sign, digits, optional fraction,
 * optional exponent; the whole of text. Digits beyond the eighteenth decimal are rounded as told,
 * and *inexact (which may be NULL) tells whether any was not zero. KEEL_MALFORMED for anything
 * else, KEEL_OVERFLOW if it does not fit; *value is then absent. */
KEEL_API KEEL_MUST_USE enum keel_status keel_decimal_parse(keel_str text, enum keel_round round,
                                                           keel_decimal *value, bool *inexact);

/* For literals in tests and tables: asserts that text is an exact number. */
KEEL_API keel_decimal keel_decimal_from_text(const char *text);

/* Writes value without exponent and without superfluous zeros ("0.5", "-3", "0"); "absent" when it
 * is not valid. Returns the length, without the closing zero byte. */
KEEL_API size_t keel_decimal_format(keel_decimal value, char buffer[KEEL_DECIMAL_TEXT_SIZE]);

/* With exactly so many decimals (0 to 18): what a venue's grid wants ("0.50"). A value with more is
 * cut towards zero, and never becomes "-0". */
KEEL_API size_t keel_decimal_format_fixed(keel_decimal value, int digits,
                                          char buffer[KEEL_DECIMAL_TEXT_SIZE]);

#endif

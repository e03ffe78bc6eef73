/* number.h - reads the digits of a number, eight at a time.
 *
 * Pure. What the decimal parser and the JSON reader share: nearly every number of a venue has at
 * most nineteen digits and no exponent, and is read here; keel_decimal_parse reads the others. */
#ifndef KEEL_NUMBER_H
#define KEEL_NUMBER_H

#include "keel/decimal.h"

/* 10^0 to 10^19: all that fit. */
static const uint64_t keel_powers_of_ten[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

enum {
    KEEL_NUMBER_DIGITS_MAX = 19, /* so many always fit 64 bits */
};

static inline bool keel_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Of ASCII. */
static inline bool keel_is_letter(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

/* Eight bytes of text, the first in the lowest place whatever the machine. */
static inline uint64_t keel_load_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The number that eight digits write; each byte is a digit's value, the first lowest. Neighbours
 * are joined to pairs, then pairs to fours and fours to eight in one multiplication each. */
static inline uint64_t keel_number_join(uint64_t digits)
{
    uint64_t pairs = digits * 10 + (digits >> 8);
    uint64_t odd = (pairs & UINT64_C(0x000000ff000000ff)) * (100 + (UINT64_C(1000000) << 32));
    uint64_t even = (pairs >> 16 & UINT64_C(0x000000ff000000ff)) * (1 + (UINT64_C(10000) << 32));
    return (odd + even) >> 32;
}

/* Appends the digits that begin at `at` to *number and returns where they end. *number wraps beyond
 * KEEL_NUMBER_DIGITS_MAX digits: the caller counts. */
static inline const char *keel_number_scan_digits(const char *at, const char *end, uint64_t *number)
{
    while (end - at >= 8) {
        uint64_t word = keel_load_word(at) ^ UINT64_C(0x3030303030303030);
        uint64_t low_bits = word & UINT64_C(0x7f7f7f7f7f7f7f7f);
        uint64_t others =
            ((low_bits + UINT64_C(0x7676767676767676)) | word) & UINT64_C(0x8080808080808080);
        if (others == 0) {
            *number = *number * 100000000 + keel_number_join(word);
            at += 8;
            continue;
        }
        break;
    }
    for (; at < end && keel_is_digit(*at); at++)
        *number = *number * 10 + (uint64_t)(*at - '0');
    return at;
}

/* Reads a number without exponent. Returns where it stopped, which the caller checks to be the end,
 * or NULL when this is not such a number, or one for the slow path. */
static inline const char *keel_number_scan(const char *at, const char *end, keel_decimal *value)
{
    bool negative = at < end && *at == '-';
    uint64_t number = 0;

    const char *whole = at + (negative ? 1 : 0);
    at = keel_number_scan_digits(whole, end, &number);
    if (at == whole)
        return NULL;

    ptrdiff_t digit_count = at - whole;
    ptrdiff_t decimals = 0;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = keel_number_scan_digits(fraction, end, &number);
        decimals = at - fraction;
        digit_count += decimals;
        if (decimals == 0 || decimals > KEEL_DECIMAL_DIGITS)
            return NULL;
    }
    if (digit_count > KEEL_NUMBER_DIGITS_MAX)
        return NULL;

    keel_uint128 magnitude =
        (keel_uint128)number * keel_powers_of_ten[KEEL_DECIMAL_DIGITS - decimals];
    *value = keel_decimal_from_raw(negative ? -(keel_int128)magnitude : (keel_int128)magnitude);
    return at;
}

#endif

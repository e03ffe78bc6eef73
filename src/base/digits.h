/* digits.h - writes the digits of a number, eight at a time.
 *
 * Pure. What decimals and plain integers share; number.h reads them again. Each writer stores whole
 * words, so eight bytes past the digits that are wanted must be there. */
#ifndef KEEL_DIGITS_H
#define KEEL_DIGITS_H

#include <stdint.h>
#include <string.h>

#define KEEL_EIGHT_DIGITS UINT64_C(100000000)

/* Eight digits, one a byte, the first in the lowest. Each step halves all the groups at once; the
 * divisions by 100 and 10 are multiplications that are exact in the groups' range. */
static inline uint64_t keel_digits_spread(uint64_t number)
{
    uint64_t fours = number / 10000 | number % 10000 << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
    uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000f000f000f000f);
    return tens | (pairs - tens * 10) << 8;
}

/* Eight bytes of text, the lowest first whatever the machine: keel_load_word reads them. */
static inline void keel_store_word(char *at, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(at, &word, sizeof(word));
}

/* Writes eight bytes; those past the digits that are wanted are written over later. */
static inline void keel_digits_store(char *at, uint64_t digits)
{
    keel_store_word(at, digits | UINT64_C(0x3030303030303030));
}

static inline char *keel_digits_write_eight(char *at, uint64_t number)
{
    keel_digits_store(at, keel_digits_spread(number));
    return at + 8;
}

/* A number below 10^8, without leading zeros. */
static inline char *keel_digits_write_short(char *at, uint64_t number)
{
    uint64_t digits = keel_digits_spread(number);
    int zeros = digits != 0 ? __builtin_ctzll(digits) >> 3 : 7;
    keel_digits_store(at, digits >> (8 * zeros));
    return at + 8 - zeros;
}

/* Digits and lower-case letters: the shortest text that ids may have. Sixteen bytes are written. */
static inline char *keel_digits_write_base36(char *at, uint64_t number)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint64_t first = 0, second = 0; /* eight characters each, the first in the lowest place */
    int size = 0;
    do {
        second = second << 8 | first >> 56;
        first = first << 8 | (unsigned char)digits[number % 36];
        number /= 36;
        size++;
    } while (number > 0);
    keel_store_word(at, first);
    keel_store_word(at + 8, second);
    return at + size;
}

/* Any number, without leading zeros. */
static inline char *keel_digits_write(char *at, uint64_t number)
{
    if (number < KEEL_EIGHT_DIGITS)
        return keel_digits_write_short(at, number);
    if (number < KEEL_EIGHT_DIGITS * KEEL_EIGHT_DIGITS) {
        at = keel_digits_write_short(at, number / KEEL_EIGHT_DIGITS);
        return keel_digits_write_eight(at, number % KEEL_EIGHT_DIGITS);
    }
    at = keel_digits_write_short(at, number / (KEEL_EIGHT_DIGITS * KEEL_EIGHT_DIGITS));
    at = keel_digits_write_eight(at, number / KEEL_EIGHT_DIGITS % KEEL_EIGHT_DIGITS);
    return keel_digits_write_eight(at, number % KEEL_EIGHT_DIGITS);
}

#endif

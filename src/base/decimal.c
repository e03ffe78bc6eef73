#include "keel/decimal.h"

#include "base/digits.h"
#include "base/number.h"

/* Sign and magnitude apart: division and rounding are written once, for what is not negative. */

#define UNIT UINT64_C(1000000000000000000)

/* The greatest magnitude; the one beyond it, of the negative side, is the absent value. */
#define MAGNITUDE_MAX ((keel_uint128)-1 >> 1)

/* Division by 10^18 multiplies by a reciprocal instead (Moller and Granlund, "Improved Division by
 * Invariant Integers", algorithm 4): the divisor shifted up to fill its word, and
 * floor((2^128 - 1) / divisor) - 2^64. */
#define UNIT_SHIFT      4
#define UNIT_SHIFTED    (UNIT << UNIT_SHIFT)
#define UNIT_RECIPROCAL UINT64_C(0x2725dd1d243aba0e)

static keel_uint128 get_magnitude(keel_decimal value)
{
    keel_int128 raw = keel_decimal_raw(value);
    return raw < 0 ? -(keel_uint128)raw : (keel_uint128)raw;
}

static keel_decimal make_decimal(keel_uint128 magnitude, bool negative)
{
    if (magnitude > MAGNITUDE_MAX)
        return KEEL_DECIMAL_ABSENT;
    return keel_decimal_from_raw(negative ? -(keel_int128)magnitude : (keel_int128)magnitude);
}

static keel_uint128 join_limbs(uint64_t high, uint64_t low)
{
    return (keel_uint128)high << 64 | low;
}

/* The whole product, 256 bits. */
static void multiply(keel_uint128 a, keel_uint128 b, keel_uint128 *high, keel_uint128 *low)
{
    uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
    uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    keel_uint128 bottom = (keel_uint128)a0 * b0;
    keel_uint128 cross = (keel_uint128)a1 * b0 + (bottom >> 64); /* cannot wrap: 2^128 - 2^64 */
    keel_uint128 other = (keel_uint128)a0 * b1 + (uint64_t)cross;
    *low = join_limbs((uint64_t)other, (uint64_t)bottom);
    *high = (keel_uint128)a1 * b1 + (cross >> 64) + (other >> 64);
}

/* (high, low) / divisor, with high < divisor so that the quotient is one limb. */
static uint64_t divide_limbs(uint64_t high, uint64_t low, uint64_t divisor, uint64_t *remainder)
{
#if defined(__x86_64__)
    /* The machine divides 128 bits by 64; compilers only call a routine for 128 by 128. */
    uint64_t quotient;
    __asm__("divq %4"
            : "=a"(quotient), "=d"(*remainder)
            : "a"(low), "d"(high), "r"(divisor)
            : "cc");
    return quotient;
#else
    keel_uint128 dividend = join_limbs(high, low);
    *remainder = (uint64_t)(dividend % divisor);
    return (uint64_t)(dividend / divisor);
#endif
}

/* (rest, next) / UNIT_SHIFTED, with rest < UNIT_SHIFTED. */
static uint64_t divide_limbs_by_unit(uint64_t *rest, uint64_t next)
{
    keel_uint128 estimate = (keel_uint128)UNIT_RECIPROCAL * *rest + join_limbs(*rest, next);
    uint64_t quotient = (uint64_t)(estimate >> 64) + 1;
    uint64_t remainder = next - quotient * UNIT_SHIFTED;
    if (remainder > (uint64_t)estimate) {
        quotient--;
        remainder += UNIT_SHIFTED;
    }
    if (__builtin_expect(remainder >= UNIT_SHIFTED, 0)) {
        quotient++;
        remainder -= UNIT_SHIFTED;
    }
    *rest = remainder;
    return quotient;
}

/* (high, low) / 10^18, with high < 10^18. */
static inline keel_uint128 divide_by_unit(uint64_t high, keel_uint128 low, uint64_t *remainder)
{
    uint64_t rest = high << UNIT_SHIFT | (uint64_t)(low >> (128 - UNIT_SHIFT));
    low <<= UNIT_SHIFT;
    uint64_t top = divide_limbs_by_unit(&rest, (uint64_t)(low >> 64));
    uint64_t bottom = divide_limbs_by_unit(&rest, (uint64_t)low);
    *remainder = rest >> UNIT_SHIFT;
    return join_limbs(top, bottom);
}

/* One digit, of 64 bits, of a long division (Knuth, 4.3.1, algorithm D): (*rest, next) / divisor,
 * with *rest < divisor and the divisor's top bit set. The estimate from the top limbs is at most
 * two too large. */
static uint64_t divide_digit(keel_uint128 *rest, uint64_t next, keel_uint128 divisor)
{
    uint64_t top = (uint64_t)(divisor >> 64), bottom = (uint64_t)divisor;
    uint64_t rest_top = (uint64_t)(*rest >> 64), rest_bottom = (uint64_t)*rest;
    uint64_t quotient = UINT64_MAX, remainder;
    bool exceeds = false; /* the remainder is past 64 bits: no estimate is too large then */

    if (rest_top < top)
        quotient = divide_limbs(rest_top, rest_bottom, top, &remainder);
    else
        exceeds = __builtin_add_overflow(rest_bottom, top, &remainder);

    while (!exceeds && (keel_uint128)quotient * bottom > join_limbs(remainder, next)) {
        quotient--;
        exceeds = __builtin_add_overflow(remainder, top, &remainder);
    }
    *rest = join_limbs(remainder, next) - (keel_uint128)quotient * bottom;
    return quotient;
}

/* (high, low) / divisor, with high < divisor so that the quotient fits. */
static keel_uint128 divide(keel_uint128 high, keel_uint128 low, keel_uint128 divisor,
                           keel_uint128 *remainder)
{
    uint64_t low_top = (uint64_t)(low >> 64), low_bottom = (uint64_t)low;

    if (divisor >> 64 == 0) {
        uint64_t limb = (uint64_t)divisor, rest = low_top, top = 0;
        if (high > 0 || low_top >= limb)
            top = divide_limbs((uint64_t)high, low_top, limb, &rest);
        uint64_t bottom = divide_limbs(rest, low_bottom, limb, &rest);
        *remainder = rest;
        return join_limbs(top, bottom);
    }
    if (high == 0 && low < divisor) {
        *remainder = low;
        return 0;
    }

    int shift = __builtin_clzll((uint64_t)(divisor >> 64));
    if (shift > 0) {
        divisor <<= shift;
        high = high << shift | low >> (128 - shift);
        low <<= shift;
    }
    uint64_t top = divide_digit(&high, (uint64_t)(low >> 64), divisor);
    uint64_t bottom = divide_digit(&high, (uint64_t)low, divisor);
    *remainder = high >> shift;
    return join_limbs(top, bottom);
}

/* Whether a magnitude with something left over goes to the next one. */
static inline bool rounds_away(enum keel_round round, bool negative, bool odd,
                               keel_uint128 remainder, keel_uint128 divisor)
{
    switch (round) {
    case KEEL_ROUND_DOWN: return false;
    case KEEL_ROUND_UP: return true;
    case KEEL_ROUND_FLOOR: return negative;
    case KEEL_ROUND_CEILING: return !negative;
    case KEEL_ROUND_HALF_EVEN:
        return remainder > divisor - remainder || (odd && remainder == divisor - remainder);
    }
    return false;
}

static inline keel_decimal make_rounded(keel_uint128 quotient, keel_uint128 remainder,
                                        keel_uint128 divisor, bool negative, enum keel_round round)
{
    /* The quotient may use all 128 bits; one that becomes 2^128 would look like zero. */
    if (quotient > MAGNITUDE_MAX)
        return KEEL_DECIMAL_ABSENT;
    if (remainder > 0 && rounds_away(round, negative, (quotient & 1) != 0, remainder, divisor))
        quotient++;
    return make_decimal(quotient, negative);
}

keel_decimal keel_decimal_mul(keel_decimal a, keel_decimal b, enum keel_round round)
{
    if (!keel_decimal_is_valid(a) || !keel_decimal_is_valid(b))
        return KEEL_DECIMAL_ABSENT;

    keel_uint128 high, low;
    multiply(get_magnitude(a), get_magnitude(b), &high, &low);
    if (high >= UNIT)
        return KEEL_DECIMAL_ABSENT;

    uint64_t remainder;
    keel_uint128 quotient = divide_by_unit((uint64_t)high, low, &remainder);
    return make_rounded(quotient, remainder, UNIT, (a.high < 0) != (b.high < 0), round);
}

keel_decimal keel_decimal_div(keel_decimal a, keel_decimal b, enum keel_round round)
{
    return keel_decimal_mul_div(a, KEEL_DECIMAL_ONE, b, round);
}

keel_decimal keel_decimal_div_exact(keel_decimal a, keel_decimal b)
{
    if (!keel_decimal_is_valid(a) || !keel_decimal_is_valid(b))
        return KEEL_DECIMAL_ABSENT;

    keel_uint128 divisor = get_magnitude(b);
    keel_uint128 high, low, remainder;
    multiply(get_magnitude(a), UNIT, &high, &low);
    if (high >= divisor)
        return KEEL_DECIMAL_ABSENT;

    keel_uint128 quotient = divide(high, low, divisor, &remainder);
    return remainder == 0 ? make_decimal(quotient, (a.high < 0) != (b.high < 0))
                          : KEEL_DECIMAL_ABSENT;
}

keel_decimal keel_decimal_mul_div(keel_decimal a, keel_decimal b, keel_decimal c,
                                  enum keel_round round)
{
    if (!keel_decimal_is_valid(a) || !keel_decimal_is_valid(b) || !keel_decimal_is_valid(c))
        return KEEL_DECIMAL_ABSENT;

    keel_uint128 divisor = get_magnitude(c);
    keel_uint128 high, low, remainder;
    multiply(get_magnitude(a), get_magnitude(b), &high, &low);
    if (high >= divisor) /* the quotient is past 128 bits, or the divisor is zero */
        return KEEL_DECIMAL_ABSENT;

    keel_uint128 quotient = divide(high, low, divisor, &remainder);
    bool negative = ((a.high < 0) != (b.high < 0)) != (c.high < 0);
    return make_rounded(quotient, remainder, divisor, negative, round);
}

keel_decimal keel_decimal_round_to_step(keel_decimal value, keel_decimal step,
                                        enum keel_round round)
{
    if (!keel_decimal_is_valid(value) || !keel_decimal_is_positive(step))
        return KEEL_DECIMAL_ABSENT;

    bool negative = value.high < 0;
    keel_uint128 magnitude = get_magnitude(value), width = get_magnitude(step), remainder;
    keel_uint128 quotient = divide(0, magnitude, width, &remainder);
    if (remainder == 0)
        return value;
    magnitude -= remainder;
    if (rounds_away(round, negative, (quotient & 1) != 0, remainder, width))
        magnitude += width;
    return make_decimal(magnitude, negative);
}

bool keel_decimal_is_multiple(keel_decimal value, keel_decimal step)
{
    if (!keel_decimal_is_valid(value) || !keel_decimal_is_positive(step))
        return false;
    keel_uint128 remainder;
    divide(0, get_magnitude(value), get_magnitude(step), &remainder);
    return remainder == 0;
}

keel_decimal keel_decimal_round_to_digits(keel_decimal value, int digits, enum keel_round round)
{
    KEEL_ASSERT(digits >= 0 && digits <= KEEL_DECIMAL_DIGITS);
    keel_decimal step = {keel_powers_of_ten[KEEL_DECIMAL_DIGITS - digits], 0};
    return keel_decimal_round_to_step(value, step, round);
}

/* value as its whole part, returned, and its decimals as an integer of 18 digits. */
static keel_uint128 split(keel_decimal value, uint64_t *fraction)
{
    return divide_by_unit(0, get_magnitude(value), fraction);
}

int keel_decimal_digits(keel_decimal value)
{
    if (!keel_decimal_is_valid(value))
        return 0;

    uint64_t fraction;
    split(value, &fraction);
    if (fraction == 0)
        return 0;
    int digits = KEEL_DECIMAL_DIGITS;
    for (int step = 16; step > 0; step /= 2) {
        if (fraction % keel_powers_of_ten[step] != 0)
            continue;
        fraction /= keel_powers_of_ten[step];
        digits -= step;
    }
    return digits;
}

bool keel_decimal_fits_digits(keel_decimal value, int digits)
{
    KEEL_ASSERT(digits >= 0);
    int lacking = digits < KEEL_DECIMAL_DIGITS ? KEEL_DECIMAL_DIGITS - digits : 0;
    return keel_decimal_is_multiple(value, (keel_decimal){keel_powers_of_ten[lacking], 0});
}

/* What the text of a number is made of; its digits are read again once this is known. */
struct number_text {
    const char *digits, *end; /* from the first digit to after the last, with the point */
    int64_t whole_count;      /* digits before the point */
    int64_t exponent;
    bool negative;
};

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && keel_is_digit(*at))
        at++;
    return at;
}

/* Reads what follows the "e". An exponent past any that could matter is held at a bound: far beyond
 * the length of a text, far within what the sum with that length can take. */
static bool scan_exponent(const char *at, const char *end, int64_t *exponent)
{
    const int64_t bound = INT64_MAX / 4;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end || skip_digits(at, end) != end)
        return false;

    int64_t value = 0;
    for (; at < end; at++)
        value = value < bound / 10 ? value * 10 + (*at - '0') : bound;
    *exponent = negative ? -value : value;
    return true;
}

static bool scan_number_text(keel_str text, struct number_text *number)
{
    const char *at = text.data, *end = text.data + text.size;
    *number = (struct number_text){0};
    if (at < end && *at == '-') {
        number->negative = true;
        at++;
    }

    number->digits = at;
    at = skip_digits(at, end);
    number->whole_count = at - number->digits;
    if (number->whole_count == 0)
        return false;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        if (at == fraction)
            return false;
    }
    number->end = at;
    return at == end ||
           ((*at == 'e' || *at == 'E') && scan_exponent(at + 1, end, &number->exponent));
}

/* The digits down to the eighteenth decimal, scaled, and of those below it the first and whether
 * another is not zero. False if it does not fit. */
static bool sum_digits(const struct number_text *number, keel_uint128 *magnitude,
                       unsigned *first_lost, bool *more_lost)
{
    int64_t place = number->whole_count + number->exponent + KEEL_DECIMAL_DIGITS;
    for (const char *at = number->digits; at < number->end; at++) {
        if (*at == '.')
            continue;
        unsigned digit = (unsigned)(*at - '0');
        place--;
        if (place >= 0) {
            if (*magnitude > MAGNITUDE_MAX / 10)
                return false;
            *magnitude = *magnitude * 10 + digit;
        } else if (place == -1) {
            *first_lost = digit;
        } else if (digit != 0) {
            *more_lost = true;
        }
    }
    for (; place > 0 && *magnitude > 0; place--) {
        if (*magnitude > MAGNITUDE_MAX / 10)
            return false;
        *magnitude *= 10;
    }
    return *magnitude <= MAGNITUDE_MAX;
}

static enum keel_status parse_slowly(keel_str text, enum keel_round round, keel_decimal *value,
                                     bool *inexact)
{
    struct number_text number;
    keel_uint128 magnitude = 0;
    unsigned first_lost = 0;
    bool more_lost = false;

    if (!scan_number_text(text, &number))
        return KEEL_MALFORMED;
    if (!sum_digits(&number, &magnitude, &first_lost, &more_lost))
        return KEEL_OVERFLOW;

    /* What was lost, in twentieths of the last place: twice the first digit, and one for the rest,
     * so that more than ten is more than half. */
    keel_uint128 lost = (keel_uint128)first_lost * 2 + (more_lost ? 1 : 0);
    *value = make_rounded(magnitude, lost, 20, number.negative, round);
    *inexact = lost > 0;
    return keel_decimal_is_valid(*value) ? KEEL_OK : KEEL_OVERFLOW;
}

enum keel_status keel_decimal_parse(keel_str text, enum keel_round round, keel_decimal *value,
                                    bool *inexact)
{
    bool lost = false;
    enum keel_status status = KEEL_OK;
    const char *end = text.data + text.size;

    if (text.size == 0)
        status = KEEL_MALFORMED;
    else if (keel_number_scan(text.data, end, value) != end)
        status = parse_slowly(text, round, value, &lost);

    if (status != KEEL_OK)
        *value = KEEL_DECIMAL_ABSENT;
    if (inexact)
        *inexact = lost;
    return status;
}

keel_decimal keel_decimal_from_text(const char *text)
{
    keel_decimal value;
    bool inexact;
    enum keel_status status =
        keel_decimal_parse(keel_str_from(text), KEEL_ROUND_DOWN, &value, &inexact);
    KEEL_ASSERT(status == KEEL_OK && !inexact);
    return value;
}

/* Eighteen digits. */
static char *write_fraction(char *at, uint64_t number)
{
    uint64_t first = number / (KEEL_EIGHT_DIGITS * KEEL_EIGHT_DIGITS);
    *at++ = (char)('0' + first / 10);
    *at++ = (char)('0' + first % 10);
    at = keel_digits_write_eight(at, number / KEEL_EIGHT_DIGITS % KEEL_EIGHT_DIGITS);
    return keel_digits_write_eight(at, number % KEEL_EIGHT_DIGITS);
}

/* Eighteen digits without the zeros at their end; number is not zero. */
static char *write_trimmed_fraction(char *at, uint64_t number)
{
    const uint64_t ten_digits = KEEL_EIGHT_DIGITS * 100;
    if (number % ten_digits == 0) { /* few have more than eight decimals */
        uint64_t digits = keel_digits_spread(number / ten_digits);
        keel_digits_store(at, digits);
        return at + 8 - (__builtin_clzll(digits) >> 3);
    }
    char *end = write_fraction(at, number);
    while (end[-1] == '0')
        end--;
    return end;
}

static char *write_whole(char *at, keel_uint128 number)
{
    if (number < UNIT)
        return keel_digits_write(at, (uint64_t)number);
    uint64_t rest;
    uint64_t top = (uint64_t)divide_by_unit(0, number, &rest);
    return write_fraction(keel_digits_write(at, top), rest);
}

static size_t finish_text(const char *buffer, char *end)
{
    *end = '\0';
    return (size_t)(end - buffer);
}

static size_t format_absent(char *buffer)
{
    static const char text[] = "absent";
    memcpy(buffer, text, sizeof(text));
    return sizeof(text) - 1;
}

size_t keel_decimal_format(keel_decimal value, char buffer[KEEL_DECIMAL_TEXT_SIZE])
{
    if (!keel_decimal_is_valid(value))
        return format_absent(buffer);

    uint64_t fraction;
    keel_uint128 whole = split(value, &fraction);
    char *at = buffer;
    if (value.high < 0)
        *at++ = '-';
    at = write_whole(at, whole);
    if (fraction == 0)
        return finish_text(buffer, at);

    *at++ = '.';
    return finish_text(buffer, write_trimmed_fraction(at, fraction));
}

size_t keel_decimal_format_fixed(keel_decimal value, int digits,
                                 char buffer[KEEL_DECIMAL_TEXT_SIZE])
{
    KEEL_ASSERT(digits >= 0 && digits <= KEEL_DECIMAL_DIGITS);
    if (!keel_decimal_is_valid(value))
        return format_absent(buffer);

    uint64_t fraction;
    keel_uint128 whole = split(value, &fraction);
    bool vanishes = whole == 0 && fraction < keel_powers_of_ten[KEEL_DECIMAL_DIGITS - digits];
    char *at = buffer;
    if (value.high < 0 && !vanishes) /* venues refuse "-0.00" */
        *at++ = '-';
    at = write_whole(at, whole);
    if (digits == 0)
        return finish_text(buffer, at);

    *at++ = '.';
    write_fraction(at, fraction);
    return finish_text(buffer, at + digits);
}

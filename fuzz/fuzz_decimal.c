/* Whatever the bytes are: a text that is read is written and read back as the same number, and what
 * is computed from two of them keeps its promises. */
#include "keel/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(keel_decimal value)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal again;
    bool inexact;
    size_t size = keel_decimal_format(value, text);
    enum keel_status status =
        keel_decimal_parse((keel_str){text, size}, KEEL_ROUND_DOWN, &again, &inexact);
    KEEL_ASSERT(status == KEEL_OK && !inexact && keel_decimal_equals(value, again));

    size = keel_decimal_format_fixed(value, keel_decimal_digits(value), text);
    status = keel_decimal_parse((keel_str){text, size}, KEEL_ROUND_DOWN, &again, &inexact);
    KEEL_ASSERT(status == KEEL_OK && !inexact && keel_decimal_equals(value, again));
}

/* Rounded down and up, the results are equal or one unit apart, and the others lie between. */
static void check_directions(keel_decimal floor, keel_decimal ceiling, keel_decimal even)
{
    if (!keel_decimal_is_valid(floor) || !keel_decimal_is_valid(ceiling))
        return;
    keel_int128 gap = keel_decimal_raw(ceiling) - keel_decimal_raw(floor);
    KEEL_ASSERT(gap == 0 || gap == 1);
    KEEL_ASSERT(keel_decimal_equals(even, floor) || keel_decimal_equals(even, ceiling));
}

static void check_pair(keel_decimal a, keel_decimal b)
{
    check_directions(keel_decimal_mul(a, b, KEEL_ROUND_FLOOR),
                     keel_decimal_mul(a, b, KEEL_ROUND_CEILING),
                     keel_decimal_mul(a, b, KEEL_ROUND_HALF_EVEN));
    check_directions(keel_decimal_div(a, b, KEEL_ROUND_FLOOR),
                     keel_decimal_div(a, b, KEEL_ROUND_CEILING),
                     keel_decimal_div(a, b, KEEL_ROUND_HALF_EVEN));
    if (!keel_decimal_is_zero(b))
        KEEL_ASSERT(keel_decimal_equals(keel_decimal_mul_div(a, b, b, KEEL_ROUND_UP), a));

    keel_decimal step = keel_decimal_abs(b);
    keel_decimal rounded = keel_decimal_round_to_step(a, step, KEEL_ROUND_DOWN);
    if (keel_decimal_is_positive(step))
        KEEL_ASSERT(keel_decimal_is_multiple(rounded, step));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    keel_str text = {(const char *)data, size};
    size_t middle = 0;
    while (middle < size && data[middle] != ' ')
        middle++;

    keel_decimal a, b;
    keel_str first = {text.data, middle};
    keel_str second = {text.data + middle + 1, middle < size ? size - middle - 1 : 0};
    if (keel_decimal_parse(first, KEEL_ROUND_HALF_EVEN, &a, NULL) != KEEL_OK)
        return 0;
    check_round_trip(a);
    if (keel_decimal_parse(second, KEEL_ROUND_UP, &b, NULL) == KEEL_OK)
        check_pair(a, b);
    return 0;
}

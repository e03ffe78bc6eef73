#include "paper/walk.h"

#include "paper/random.h"

enum {
    SPAN = 5,     /* a step is at most so many ten-thousandths of the price */
    GRAIN = 1000, /* and one of so many on each side */
};

static uint64_t number_of(const char *name)
{
    uint64_t number = 0;
    for (; *name != '\0'; name++)
        number = number * 131 + (unsigned char)*name;
    return number;
}

keel_decimal paper_walk(uint64_t seed, int64_t minute, const char *name, keel_decimal from)
{
    uint64_t chance = paper_random_hash(seed, (uint64_t)minute, number_of(name));
    int64_t step = (int64_t)(chance % (2 * GRAIN + 1)) - GRAIN;
    keel_decimal part =
        keel_decimal_mul_div(from, keel_decimal_from_int(step * SPAN),
                             keel_decimal_from_int((int64_t)GRAIN * 10000), KEEL_ROUND_HALF_EVEN);
    return keel_decimal_round_to_digits(keel_decimal_add(from, part), 8, KEEL_ROUND_HALF_EVEN);
}

#include "paper/random.h"

uint64_t paper_random_next(struct paper_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t paper_random_below(struct paper_random *random, uint64_t bound)
{
    return paper_random_next(random) % bound;
}

uint64_t paper_random_hash(uint64_t seed, uint64_t a, uint64_t b)
{
    struct paper_random random = {seed};
    random.state = paper_random_next(&random) + a;
    random.state = paper_random_next(&random) + b;
    return paper_random_next(&random);
}

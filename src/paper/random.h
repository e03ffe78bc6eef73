/* random.h - a small seeded generator (splitmix64): the paper venue's only source of chance.
 *
 * Pure. The same seed gives the same numbers on every machine. */
#ifndef PAPER_RANDOM_H
#define PAPER_RANDOM_H

#include <stdint.h>

struct paper_random {
    uint64_t state;
};

uint64_t paper_random_next(struct paper_random *random);

/* 0 to bound - 1; bound is positive and small, so that the bias of a remainder does not show. */
uint64_t paper_random_below(struct paper_random *random, uint64_t bound);

/* A number that depends on its arguments alone: chance that can be asked for again. */
uint64_t paper_random_hash(uint64_t seed, uint64_t a, uint64_t b);

#endif

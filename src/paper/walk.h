/* walk.h - the price of a market without a price file: a walk by chance, a step each minute.
 *
 * Pure. A step follows from the seed, the minute and the market's name alone: the same market of
 * another venue, futures or spot, walks the same way. */
#ifndef PAPER_WALK_H
#define PAPER_WALK_H

#include "keel/decimal.h"

enum {
    PAPER_WALK_MS = 60 * 1000, /* market time between two steps */
};

/* Where the step of that minute leads, at most five ten-thousandths either way; on a grid of eight
 * decimals, finer than any market's, so that markets with other grids stay together. */
keel_decimal paper_walk(uint64_t seed, int64_t minute, const char *name, keel_decimal from);

#endif

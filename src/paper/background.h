/* background.h - the liquidity that is always there: levels around the mark that follow it.
 *
 * Pure. The levels are a function of the seed, the market and the book's number, so they need no
 * memory but how far takers have eaten into each side. The best bid and ask stand one tick from the
 * centre. At a price where an account's order rests too, the account is first: the background's
 * quotes are made anew with each price, so they are the younger ones. */
#ifndef PAPER_BACKGROUND_H
#define PAPER_BACKGROUND_H

#include "paper/engine.h"

struct paper_background {
    uint64_t seed;
    keel_market_id market; /* by which the chance of one market is not that of another */
    keel_decimal price_tick, quantity_step, quantity_min;
    keel_decimal centre;      /* the mark on the grid */
    int64_t book_number;      /* of the present levels */
    int level[2];             /* the first level not consumed; [0] bids */
    keel_decimal consumed[2]; /* of that level */
};

/* New levels around the mark's nearest tick. */
void paper_background_move(struct paper_background *background, keel_decimal mark);

/* What takers consumed is there again. True if anything was. */
bool paper_background_refill(struct paper_background *background);

/* What is left of level `index` (0: the best not consumed) of a side: BUY is the bids. False past
 * the last. */
bool paper_background_level(const struct paper_background *background, enum keel_side side,
                            int index, struct paper_level *level);

/* Takes from the best level, no more than it has. */
void paper_background_take(struct paper_background *background, enum keel_side side,
                           keel_decimal quantity);

#endif

/* background.h - the liquidity that is always there: levels around the mark that follow it.
 *
 * Pure. The levels are a function of the seed, the market and the book's number, so they need no
 * memory but how far takers have eaten into each side. The best bid and ask stand one tick from the
 * centre. At a price where an account's order rests too, the account is first: the background's
 * quotes are made anew with each price, so they are the younger ones. */
#ifndef PAPER_BACKGROUND_H
#define PAPER_BACKGROUND_H

#include "paper/state.h"

/* New levels around the mark's nearest tick. */
void paper_background_move(struct paper_market *market);

/* What takers consumed is there again. True if anything was. */
bool paper_background_refill(struct paper_market *market);

/* What is left of level `index` (0: the best not consumed) of a side: BUY is the bids. False past
 * the last. */
bool paper_background_level(const struct paper_engine *engine, const struct paper_market *market,
                            enum keel_side side, int index, struct paper_level *level);

/* Takes from the best level, no more than it has. */
void paper_background_take(const struct paper_engine *engine, struct paper_market *market,
                           enum keel_side side, keel_decimal quantity);

#endif

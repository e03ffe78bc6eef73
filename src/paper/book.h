/* book.h - the resting orders of accounts on one market, by price, then by time.
 *
 * Pure. The background's levels are not in it; what a taker meets is both. */
#ifndef PAPER_BOOK_H
#define PAPER_BOOK_H

#include "paper/state.h"

/* Behind all of the same price. */
void paper_book_insert(struct paper_engine *engine, struct paper_order *order);

/* Nothing happens if it does not rest. */
void paper_book_remove(struct paper_engine *engine, struct paper_order *order);

/* The best resting order of a side, or NULL. */
struct paper_order *paper_book_first(const struct paper_market *market, enum keel_side side);

/* Is a as good for the other side as b, or better? Of two bids the higher, of two asks the lower.
 */
bool paper_book_price_reaches(enum keel_side side, keel_decimal a, keel_decimal b);

/* The best price that a taker of this side would meet; absent if the other side is empty. */
keel_decimal paper_book_best_opposite(const struct paper_market *market, enum keel_side side);

int paper_book_depth(const struct paper_market *market, enum keel_side side,
                     struct paper_level *levels, int level_max);

#endif

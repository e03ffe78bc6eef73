/* book.h - the resting orders of accounts on one market, by price, then by time.
 *
 * Pure. The background's levels are not in it; what a taker meets is both. */
#ifndef PAPER_SPOT_BOOK_H
#define PAPER_SPOT_BOOK_H

#include "paper/spot/state.h"

/* Behind all of the same price. */
void paper_spot_book_insert(struct paper_spot *spot, struct paper_spot_order *order);

/* Nothing happens if it does not rest. */
void paper_spot_book_remove(struct paper_spot *spot, struct paper_spot_order *order);

/* The best resting order of a side, or NULL. */
struct paper_spot_order *paper_spot_book_first(const struct paper_spot_market *market,
                                               enum keel_side side);

/* Is a as good for the other side as b, or better? Of two bids the higher, of two asks the lower.
 */
bool paper_spot_price_reaches(enum keel_side side, keel_decimal a, keel_decimal b);

/* What stands in front of a side: an order (then *maker is it) or a level of the background. False
 * when nothing does. */
bool paper_spot_book_best(const struct paper_spot_market *market, enum keel_side side,
                          struct paper_spot_order **maker, struct paper_level *level);

int paper_spot_book_depth(const struct paper_spot_market *market, enum keel_side side,
                          struct paper_level *levels, int level_max);

#endif

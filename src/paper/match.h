/* match.h - price-time matching, and the booking of each fill.
 *
 * Pure. A side of a fill without an order is the background. */
#ifndef PAPER_MATCH_H
#define PAPER_MATCH_H

#include "paper/state.h"

struct paper_fill {
    struct paper_market *market;
    struct paper_order *taker, *maker; /* NULL: the background */
    enum keel_side side;               /* the taker's */
    keel_decimal price, quantity;
    bool off_book; /* a takeover or deleveraging: no public trade, the last price stays */
};

/* Books a fill on both sides and tells everyone. */
void paper_match_fill(struct paper_engine *engine, const struct paper_fill *fill);

/* Takes what the order may take: up to its price, or for a market order up to the market's take
 * bound from the mark. Self-trade prevention may end the order or those that it meets. */
void paper_match_take(struct paper_engine *engine, struct paper_order *order);

/* Could the order be filled whole at once? */
bool paper_match_can_fill(const struct paper_engine *engine, const struct paper_order *order);

/* Would the order take anything at all? */
bool paper_match_would_take(const struct paper_engine *engine, const struct paper_order *order);

/* The price moved: the background fills the resting orders that its new quotes cross, whole and at
 * their own prices. */
void paper_match_sweep(struct paper_engine *engine, struct paper_market *market);

/* What a reduce-only order may still close; its remaining quantity for any other. */
keel_decimal paper_match_quantity_bound(const struct paper_engine *engine,
                                        const struct paper_order *order);

#endif

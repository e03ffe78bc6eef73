/* match.h - what a taker meets, and what a trade does to both sides.
 *
 * Pure. Price-time: the best price first, at one price the order that came first, and the
 * background last. Trades are at the maker's price. */
#ifndef PAPER_SPOT_MATCH_H
#define PAPER_SPOT_MATCH_H

#include "paper/spot/state.h"

/* What a taker would get now, self-trade prevention considered. */
struct paper_spot_estimate {
    keel_decimal quantity, quote;
    bool full; /* all that it wants */
};

struct paper_spot_estimate paper_spot_match_estimate(const struct paper_spot *spot,
                                                     const struct paper_spot_order *order);

bool paper_spot_match_would_take(const struct paper_spot *spot,
                                 const struct paper_spot_order *order);

/* Trades until the order is filled, ended by self-trade prevention, or meets nothing within its
 * limit. */
void paper_spot_match_take(struct paper_spot *spot, struct paper_spot_order *order);

/* The background trades with the resting orders that its quotes reach. */
void paper_spot_match_sweep(struct paper_spot *spot, struct paper_spot_market *market);

#endif

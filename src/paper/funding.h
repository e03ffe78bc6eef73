/* funding.h - what longs pay to shorts, or the reverse, every eight hours of market time.
 *
 * Pure. */
#ifndef PAPER_FUNDING_H
#define PAPER_FUNDING_H

#include "paper/state.h"

/* The rate of a settlement at that market time: the price file's, else 0.0001. */
keel_decimal paper_funding_rate(const struct paper_market *market, int64_t market_time_ms);

/* The next settlement after, not at, that market time. */
int64_t paper_funding_next_ms(int64_t market_time_ms);

/* Settles all positions at the present marks. */
void paper_funding_settle(struct paper_engine *engine);

#endif

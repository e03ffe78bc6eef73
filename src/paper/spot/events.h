/* events.h - what the spot side has to tell, in order, until it is asked.
 *
 * Pure. Each event is a snapshot: what happens later does not change it. */
#ifndef PAPER_SPOT_EVENTS_H
#define PAPER_SPOT_EVENTS_H

#include "paper/spot/state.h"

void paper_spot_events_clear(struct paper_spot_events *events);
bool paper_spot_events_pop(struct paper_spot_events *events, struct paper_spot_event *event);

/* An event whose member of `as` is all zeroes, stamped with the call's time. */
struct paper_spot_event *paper_spot_events_push(struct paper_spot *spot,
                                                enum paper_spot_event_kind kind, int account,
                                                keel_market_id market);

/* trade is NULL without a fill. */
void paper_spot_events_push_order(struct paper_spot *spot, enum paper_spot_execution kind,
                                  const struct paper_spot_order *order,
                                  const struct paper_spot_trade *trade);

/* Books what moved in the account's spot wallet since the last time, and tells it. */
void paper_spot_events_flush(struct paper_spot *spot, int account, enum paper_spot_reason reason,
                             int64_t source);
void paper_spot_events_flush_tickers(struct paper_spot *spot);

#endif

/* events.h - what the engine has to tell, in order, until it is asked.
 *
 * Pure. Each event is a snapshot: what happens later does not change it. */
#ifndef PAPER_EVENTS_H
#define PAPER_EVENTS_H

#include "paper/state.h"

void paper_events_clear(struct paper_events *events);
bool paper_events_pop(struct paper_events *events, struct paper_event *event);

/* An event whose member of `as` is all zeroes, stamped with the call's time. */
struct paper_event *paper_events_push(struct paper_engine *engine, enum paper_event_kind kind,
                                      int account, keel_market_id market);

/* trade is NULL without a fill. */
void paper_events_push_order(struct paper_engine *engine, enum paper_execution_kind kind,
                             const struct paper_order *order, const struct paper_trade *trade,
                             bool insurance);
void paper_events_push_conditional(struct paper_engine *engine,
                                   const struct paper_conditional *conditional);

/* One account event, or several, for what changed in this account since the last; none if nothing
 * did. */
void paper_events_flush_account(struct paper_engine *engine, struct paper_trader *trader);
void paper_events_flush_accounts(struct paper_engine *engine);

/* A ticker event for each market that changed. */
void paper_events_flush_tickers(struct paper_engine *engine);

/* The account's next event tells this market's row (0: the balance alone). */
void paper_events_note(struct paper_engine *engine, struct paper_trader *trader,
                       enum paper_account_reason reason, keel_market_id market);

#endif

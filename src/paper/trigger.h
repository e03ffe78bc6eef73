/* trigger.h - conditional orders: stops, take-profits, trailing stops, and what they become.
 *
 * Pure. The parent stays a conditional order; its child is a regular order with its own id and the
 * parent's client id. */
#ifndef PAPER_TRIGGER_H
#define PAPER_TRIGGER_H

#include "paper/state.h"

enum paper_error paper_trigger_place(struct paper_engine *engine, int account,
                                     const struct paper_order_request *request,
                                     const struct paper_conditional **conditional);

/* Its price, trigger and quantity become the request's; market and side must be its own. Only while
 * NEW, and not for trailing stops. */
enum paper_error paper_trigger_amend(struct paper_engine *engine,
                                     struct paper_conditional *conditional,
                                     const struct paper_order_request *request);

/* CANCELED or EXPIRED; only while NEW. */
void paper_trigger_end(struct paper_engine *engine, struct paper_conditional *conditional,
                       enum paper_conditional_status status);
int paper_trigger_end_all(struct paper_engine *engine, int account, keel_market_id market,
                          enum paper_conditional_status status);

/* Fires what the market's present prices trigger, one after the other. True if any fired. */
bool paper_trigger_run(struct paper_engine *engine, struct paper_market *market);

/* GTD orders whose date has come. */
void paper_trigger_expire(struct paper_engine *engine);

/* By its id or, where that is 0, the newest of this client id. NULL: the account has none. */
struct paper_conditional *paper_trigger_find(const struct paper_engine *engine, int account,
                                             int64_t id, keel_str client_id);

#endif

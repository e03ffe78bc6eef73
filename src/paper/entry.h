/* entry.h - what the venue checks before it takes an order, and how it takes it.
 *
 * Pure. The order of the checks is that of enum paper_error. */
#ifndef PAPER_ENTRY_H
#define PAPER_ENTRY_H

#include "paper/state.h"

/* The parts of the checks that conditional orders share. */
enum paper_error paper_entry_check_price(const struct paper_market *market, keel_decimal price);
enum paper_error paper_entry_check_quantity(const struct paper_market *market,
                                            keel_decimal quantity, bool market_order);
enum paper_error paper_entry_check_client_id(keel_str client_id);
enum paper_error paper_entry_check_good_till(const struct paper_engine *engine,
                                             enum keel_time_in_force time_in_force,
                                             int64_t good_till_ms);

/* NET where the request names no leg. */
enum keel_position_side paper_entry_leg(const struct paper_order_request *request);

/* The price that a match resolves to now; absent without depth at that level. */
keel_decimal paper_entry_match_price(const struct paper_market *market, enum keel_side side,
                                     enum paper_price_match match);

/* The checks that depend on the state: reduce-only, leverage cap, margin, post-only, fill or kill.
 * A triggered conditional order passes them too. */
enum paper_error paper_entry_check_state(const struct paper_engine *engine,
                                         const struct paper_order *draft,
                                         const struct paper_order *instead);

/* Takes an accepted order to the book: matches it, rests or ends what is left. */
void paper_entry_work(struct paper_engine *engine, struct paper_order *order);

/* All checks of a regular order; *draft is what would be accepted. */
enum paper_error paper_entry_check(struct paper_engine *engine, int account,
                                   const struct paper_order_request *request,
                                   struct paper_order *draft);

enum paper_error paper_entry_amend(struct paper_engine *engine,
                                   const struct paper_amend_request *request,
                                   struct paper_order *order);

#endif

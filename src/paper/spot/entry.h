/* entry.h - whether an order may be, and its first steps.
 *
 * Pure. */
#ifndef PAPER_SPOT_ENTRY_H
#define PAPER_SPOT_ENTRY_H

#include "paper/spot/state.h"

/* *draft is the order that would be accepted, *lock what it locks. */
enum paper_spot_error paper_spot_entry_check(struct paper_spot *spot, int account,
                                             const struct paper_spot_request *request,
                                             struct paper_spot_order *draft, keel_decimal *lock);

/* An accepted order that waits for nothing: it takes, and rests or ends. */
void paper_spot_entry_work(struct paper_spot *spot, struct paper_spot_order *order);

/* Whether a price and a quantity (absent: none) are on the market's grid and within its limits. */
enum paper_spot_error paper_spot_entry_check_price(const struct paper_spot_market *market,
                                                   keel_decimal price);
enum paper_spot_error paper_spot_entry_check_quantity(const struct paper_spot_market *market,
                                                      keel_decimal quantity);

/* Of a limit order, at its price. */
enum paper_spot_error paper_spot_entry_check_notional(const struct paper_spot_market *market,
                                                      keel_decimal notional);

/* Fires what the market's last price triggers. True if anything did. */
bool paper_spot_entry_trigger(struct paper_spot *spot, struct paper_spot_market *market);

/* Waiting orders whose date has come. */
void paper_spot_entry_expire(struct paper_spot *spot);

#endif

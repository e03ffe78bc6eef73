/* orders.h - the life of an order between acceptance and end, and what it locks.
 *
 * Pure. */
#ifndef PAPER_SPOT_ORDERS_H
#define PAPER_SPOT_ORDERS_H

#include "paper/spot/state.h"

/* Where an order is while it waits for its price: a list of its market, oldest first. */
void paper_spot_orders_wait(struct paper_spot *spot, struct paper_spot_order *order);
void paper_spot_orders_stop_waiting(struct paper_spot *spot, struct paper_spot_order *order);

/* Keeps the draft with an id and, if it has none, a client id; it is then open, and told. `lock`
 * is what it locks from the free balance, which has it. */
struct paper_spot_order *paper_spot_orders_accept(struct paper_spot *spot,
                                                  const struct paper_spot_order *draft,
                                                  keel_decimal lock);

/* So much of what the order pays with is locked from now on; the rest is free again. */
void paper_spot_orders_relock(struct paper_spot *spot, struct paper_spot_order *order,
                              keel_decimal lock);

/* Ends an open order, frees what it locked, and tells it. */
void paper_spot_orders_end(struct paper_spot *spot, struct paper_spot_order *order,
                           enum paper_order_status status, enum paper_spot_end end);

/* Takes a filled order out of the open ones; its fill is told by who filled it. */
void paper_spot_orders_close(struct paper_spot *spot, struct paper_spot_order *order);

/* What an order of this kind locks when it rests or waits. */
keel_decimal paper_spot_orders_lock(const struct paper_spot_order *order);

struct paper_spot_order *paper_spot_orders_find(const struct paper_spot *spot, int account,
                                                keel_market_id market, int64_t id,
                                                keel_str client_id);

/* Of the open ones alone. */
struct paper_spot_order *paper_spot_orders_find_open(const struct paper_spot *spot, int account,
                                                     keel_market_id market, int64_t id,
                                                     keel_str client_id);

#endif

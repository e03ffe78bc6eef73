/* orders.h - the life of a regular order: made, accepted, cut, ended.
 *
 * Pure. Whoever ends an order ends it here, so the book, the account's list, the parent and the
 * events always agree. */
#ifndef PAPER_ORDERS_H
#define PAPER_ORDERS_H

#include "paper/state.h"

/* Gives the draft an id (and a client id, if it has none), keeps it and tells that it is NEW. */
struct paper_order *paper_orders_accept(struct paper_engine *engine,
                                        const struct paper_order *draft);

/* Its fill was booked: filled quantity, status; a filled order leaves the book. Tells nothing. */
void paper_orders_add_fill(struct paper_engine *engine, struct paper_order *order,
                           keel_decimal price, keel_decimal quantity);

/* After a fill was told: an order that is done ends its conditional parent. */
void paper_orders_settle_parent(struct paper_engine *engine, const struct paper_order *order);

/* CANCELED, EXPIRED or EXPIRED_IN_MATCH. */
void paper_orders_end(struct paper_engine *engine, struct paper_order *order,
                      enum paper_order_status status, enum paper_expiry expiry);

/* All open ones of an account on a market (0: on all). Returns how many. */
int paper_orders_end_all(struct paper_engine *engine, int account, keel_market_id market,
                         enum paper_order_status status, enum paper_expiry expiry);

/* Of the account, market and leg of an order: reduce-only orders may together close the position
 * and no more: the best priced keep their quantity, what is beyond is cut or expires. `fresh` (or
 * NULL) was just placed: it keeps the quantity that was asked for as long as there is anything for
 * it to close. */
void paper_orders_trim(struct paper_engine *engine, const struct paper_order *of,
                       const struct paper_order *fresh);

/* By its id or, where that is 0, the newest of this client id; of any market for KEEL_NO_MARKET.
 * NULL: the account has none. */
struct paper_order *paper_orders_find(const struct paper_engine *engine, int account,
                                      keel_market_id market, int64_t id, keel_str client_id);

/* The open order of this client id, or NULL. */
struct paper_order *paper_orders_find_open(const struct paper_engine *engine, int account,
                                           keel_str client_id);

/* 22 letters and digits. */
void paper_orders_make_client_id(struct paper_engine *engine, char buffer[KEEL_CLIENT_ID_SIZE]);

#endif

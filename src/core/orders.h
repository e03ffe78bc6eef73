/* orders.h - the account's orders: open ones until they are done, then the newest completed ones.
 *
 * Pure; no allocation after init. An order keeps one slot for its life, so that a late fact about a
 * completed order finds it, by the venue's id or by ours. Beside the orders stand, for each leg of
 * each market, the sums that margin needs of what is open, kept exact: an order takes out what it
 * put in.
 *
 * An order only moves forward. Of two facts the later by the venue's time counts, and of two with
 * one time the later to arrive; a fact with a smaller filled quantity was formed earlier, whatever
 * its time says. Being done is the end of every order's life, so a fact that says it is never old.
 * Where a done order's quantity and its executions disagree, the executions win. */
#ifndef KEEL_CORE_ORDERS_H
#define KEEL_CORE_ORDERS_H

#include "core/index.h"
#include "keel/command.h"

enum {
    KEEL_LEGS = 4, /* indexed by enum keel_position_side */
};

/* What is open on one side of a leg: of regular orders that may open, price * remaining, and
 * remaining; of those that may only close, what they claim. */
struct keel_side_sums {
    keel_decimal notional, quantity, claim;
};

struct keel_resting {
    struct keel_side_sums buys, sells;
};

struct keel_order_slot {
    struct keel_order order; /* first: an order's address is its slot's */

    keel_decimal reserve_price;
    struct keel_side_sums sums; /* what this order has in those of its side and leg */

    /* Asked for and not confirmed yet: the sums hold the larger of both. Absent: nothing. */
    keel_decimal amended_price, amended_quantity;

    keel_decimal executed_quantity, executed_cost; /* of the executions that we know */
    int64_t received_ns;                           /* when it was told of last; 0: never */
    uint32_t generation;                           /* the snapshot that mentioned it last */
    bool unconfirmed;                              /* a snapshot left it out; to be queried */
    uint32_t next_all, previous_all;               /* in the list of its state */
    uint32_t next_in_market, previous_in_market;   /* and in that of its market */
};

struct keel_order_list {
    uint32_t first, last;
    int32_t count;
};

struct keel_market_orders {
    struct keel_resting resting[KEEL_LEGS];
    struct keel_order_list open, completed;
    int32_t regular_open; /* of the open ones */
    int64_t forgotten_ms; /* the newest time of a completed order that made room; 0: none did */
};

struct keel_orders {
    struct keel_order_slot *at; /* slots 1 to open_max + completed_max + 1: one is always free */
    struct keel_market_orders *markets;
    struct keel_order_list open, completed;
    int32_t open_max, completed_max, completed_market_max;
    uint32_t free; /* a chain through next_all */
    struct keel_index by_order_id, by_client_id;
};

/* What a fact did to an order. */
struct keel_order_change {
    struct keel_order_slot *slot;
    bool changed, created, ended;
    bool older; /* nothing changed because more is known already */
    bool first; /* it was pending: the venue's first word on it */

    /* It is open and was not known, and is so old that it may have been completed and have made
     * room since. */
    bool doubtful;
};

bool keel_orders_init(struct keel_orders *orders, int32_t open_max, int32_t completed_max,
                      int32_t completed_market_max);
void keel_orders_deinit(struct keel_orders *orders);

/* By the venue's id, else by ours; an open order before a completed one. An empty id finds nothing;
 * NULL: neither does. */
struct keel_order_slot *keel_orders_find(const struct keel_orders *orders, keel_market_id market,
                                         enum keel_order_family family, const char *order_id,
                                         const char *client_id);

/* Has an open or pending order of either family that id? */
bool keel_orders_client_id_is_open(const struct keel_orders *orders, keel_market_id market,
                                   const char *client_id);

/* A fact about an order, known or not. Absent decimals, empty ids and zero values mean "as it was".
 * reserve_price values a new order in the sums, and a known one that has no price of its own (a
 * market order) stays valued as it was; absent: not valued. KEEL_FULL, KEEL_OVERFLOW: nothing
 * changed. */
KEEL_MUST_USE enum keel_status keel_orders_merge(struct keel_orders *orders,
                                                 const struct keel_order *update,
                                                 keel_decimal reserve_price,
                                                 struct keel_order_change *change,
                                                 struct keel_error *error);

/* Fetches the slot that the next order will take, which was last touched many orders ago, while
 * there is something else to do: 30 ns that the order need not wait for. */
static inline void keel_orders_prefetch(const struct keel_orders *orders)
{
    const char *slot = (const char *)&orders->at[orders->free];
    for (size_t at = 0; at < sizeof(struct keel_order_slot); at += 64)
        __builtin_prefetch(slot + at, 1);
}

/* An order whose client id is free: a new slot, whatever completed order had that id before. */
KEEL_MUST_USE enum keel_status keel_orders_create(struct keel_orders *orders,
                                                  const struct keel_order *order,
                                                  keel_decimal reserve_price,
                                                  struct keel_order_change *change,
                                                  struct keel_error *error);

/* The venue's id, where it was not known yet. */
void keel_orders_name(struct keel_orders *orders, struct keel_order_slot *slot,
                      const char order_id[KEEL_ORDER_ID_SIZE]);

/* An execution of a known order, counted for the first time. */
KEEL_MUST_USE enum keel_status
keel_orders_add_fill(struct keel_orders *orders, struct keel_order_slot *slot,
                     keel_decimal quantity, keel_decimal price, int64_t time_ms,
                     struct keel_order_change *change, struct keel_error *error);

/* An amendment of an open order is about to leave: until the order is told to be as it asks, or it
 * came to nothing, the sums hold the more that it may take. KEEL_OVERFLOW. */
KEEL_MUST_USE enum keel_status keel_orders_hold_amendment(struct keel_orders *orders,
                                                          struct keel_order_slot *slot,
                                                          keel_decimal price, keel_decimal quantity,
                                                          struct keel_error *error);
void keel_orders_release_amendment(struct keel_orders *orders, struct keel_order_slot *slot,
                                   keel_decimal price, keel_decimal quantity);

/* Ends an open order that the venue does not have. */
void keel_orders_end(struct keel_orders *orders, struct keel_order_slot *slot,
                     enum keel_order_status status, int64_t time_ms);

/* One after the other: NULL starts, NULL ends. KEEL_NO_MARKET: of all markets. */
const struct keel_order_slot *keel_orders_next_open(const struct keel_orders *orders,
                                                    keel_market_id market,
                                                    const struct keel_order_slot *after);
const struct keel_order_slot *keel_orders_next_completed(const struct keel_orders *orders,
                                                         keel_market_id market,
                                                         const struct keel_order_slot *after);

/* Does this order belong to the closing side of its leg, whatever its flags? */
static inline bool keel_order_only_closes(bool reduce_only, bool close_position,
                                          enum keel_position_side leg, enum keel_side side)
{
    return reduce_only || close_position || (leg == KEEL_LONG && side == KEEL_SELL) ||
           (leg == KEEL_SHORT && side == KEEL_BUY);
}

/* In hedge mode, the leg of an order that names none: one that only closes has the other side than
 * its leg. NONE without a side. */
enum keel_position_side keel_order_leg_of(enum keel_side side, bool only_closes);

/* The sums are those of the open orders, and the indexes find each of them. KEEL_BROKEN. */
KEEL_MUST_USE enum keel_status keel_orders_audit(const struct keel_orders *orders,
                                                 struct keel_error *error);

#endif

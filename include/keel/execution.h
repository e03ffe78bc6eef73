/* execution.h - one fill of one order: the only thing that changes a position.
 *
 * A value. An account counts each once, by market, trade id and side: of a
 * trade with oneself both halves are ours. */
#ifndef KEEL_EXECUTION_H
#define KEEL_EXECUTION_H

#include "keel/order.h"

struct keel_execution {
    keel_market_id market;
    bool maker;
    enum keel_side side;
    enum keel_position_side position_side; /* none: the message did not say (one-way: net) */
    enum keel_switch closes; /* whether it closes a position; none: the message did not say */
    enum keel_cause cause;
    enum keel_source source; /* who told of it first */
    char trade_id[KEEL_ORDER_ID_SIZE];
    char order_id[KEEL_ORDER_ID_SIZE];
    char client_id[KEEL_CLIENT_ID_SIZE]; /* "" where the venue does not repeat it */
    keel_decimal price, quantity;
    keel_decimal quote_quantity; /* spot: what changed hands in quote; absent: price * quantity */
    keel_decimal fee;            /* positive is paid; absent if not told */
    char fee_asset[KEEL_ASSET_SIZE]; /* "" without a fee */
    keel_decimal realized_pnl;       /* before fees; absent if not told */
    int64_t time_ms;
    int64_t age_ms; /* filled when read: since it was told */
};

#endif

/* limits.h - the venue's rate limits, and how much of them is used.
 *
 * Pure. Rules: docs of the venue, "Rate limit rule". Windows are fixed, and begin with the first
 * call in them. */
#ifndef PAPER_GATEIO_LIMITS_H
#define PAPER_GATEIO_LIMITS_H

#include "keel/str.h"

#include <stdint.h>

enum {
    GATEIO_ADDRESSES_MAX = 64,    /* beyond it the quietest makes room */
    GATEIO_ENDPOINTS_MAX = 128,   /* that are counted apart */
    GATEIO_ORDERS_PER_S = 100,    /* placed and amended, REST */
    GATEIO_WS_ORDERS_PER_S = 100, /* placed, amended and cancelled by WebSocket */
    GATEIO_CANCELS_PER_S = 200,
    GATEIO_CALLS_PER_10_S = 200,   /* an endpoint */
    GATEIO_PAIR_ORDERS_PER_S = 10, /* spot orders placed and amended on a pair, REST */
    GATEIO_SPOT_CANCELS_PER_S = 200,
    GATEIO_SPOT_WS_PER_S = 10,
    GATEIO_WITHDRAWAL_GAP_MS = 3000,
};

/* Counted over all endpoints of an account. */
enum gateio_limit_kind {
    GATEIO_LIMIT_ORDERS,
    GATEIO_LIMIT_CANCELS,
    GATEIO_LIMIT_WS,
    GATEIO_LIMIT_SPOT_CANCELS,
    GATEIO_LIMIT_SPOT_WS,
    GATEIO_LIMIT_WITHDRAWALS,
    GATEIO_LIMIT_COUNT,
};

struct gateio_limit {
    int64_t begin_ms;
    int32_t used;
};

struct gateio_caller {
    char address[48];
    int64_t last_ms;
    struct gateio_limit endpoints[GATEIO_ENDPOINTS_MAX];
};

struct gateio_limits {
    int32_t factor;
    struct gateio_caller *callers; /* by address, GATEIO_ADDRESSES_MAX of them */
    int caller_count;
    struct gateio_limit *private_calls; /* by account and endpoint */
};

/* What the three headers tell. */
struct gateio_allowance {
    int32_t limit, remain;
    int64_t reset_ms; /* the present moment unless the limit is exceeded */
    bool exceeded;
};

/* False: out of memory. */
bool gateio_limits_init(struct gateio_limits *limits, int accounts, int32_t factor);
void gateio_limits_deinit(struct gateio_limits *limits);
void gateio_limits_clear(struct gateio_limits *limits, int accounts);

/* Counts `count` more in a window of so many milliseconds; a call beyond the limit is not counted.
 */
struct gateio_allowance gateio_limit_charge(struct gateio_limit *limit, int32_t limit_max,
                                            int64_t window_ms, int32_t count, int64_t now_ms);

struct gateio_allowance gateio_limits_charge_public(struct gateio_limits *limits, keel_str address,
                                                    int endpoint, int64_t now_ms);
struct gateio_allowance gateio_limits_charge_private(struct gateio_limits *limits, int account,
                                                     int endpoint, int64_t now_ms);

#endif

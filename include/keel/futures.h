/* futures.h - a private futures exchange: a private exchange with positions.
 *
 * Extends private.h by leverage, margin, positions with live risk, reduce-only and closing orders.
 * Everything there holds here. */
#ifndef KEEL_FUTURES_H
#define KEEL_FUTURES_H

#include "keel/private.h"

struct keel_futures;

enum {
    KEEL_CLOSE_ORDERS_MAX = 8, /* orders that one close may need */
};

struct keel_futures_statistics {
    struct keel_statistics base;
    int32_t positions, high_risk_positions;
    keel_decimal unrealized_pnl, margin_used; /* absent when an input is missing */
    char missing_symbol[KEEL_SYMBOL_SIZE];    /* and whose; "" when nothing is */
    int64_t age_ms;                           /* of the oldest input of any position */
    bool stale;
};

/* What keel's own books hold, fed by executions and funding alone. */
struct keel_books_summary {
    int32_t executions, fundings;
    keel_decimal fees, funding, realized_pnl, wallet; /* of the settlement asset */
};

/* The parent. Its pointer is good as long as the futures exchange. */
KEEL_API struct keel_private *keel_futures_base(struct keel_futures *futures);

/* KEEL_NO_POSITION when flat, KEEL_STALE (values only if stale_ok). */
KEEL_API KEEL_MUST_USE enum keel_status
keel_futures_position(const struct keel_futures *futures, keel_market_id market,
                      enum keel_position_side side, bool stale_ok, struct keel_position *position,
                      struct keel_error *error);
KEEL_API size_t keel_futures_positions(const struct keel_futures *futures, bool stale_ok,
                                       struct keel_position *positions, size_t max,
                                       enum keel_status *status);

/* Computed now, from the newest position, mark and wallet. */
KEEL_API KEEL_MUST_USE enum keel_status keel_futures_risk(const struct keel_futures *futures,
                                                          keel_market_id market,
                                                          enum keel_position_side side,
                                                          bool stale_ok, struct keel_risk *risk,
                                                          struct keel_error *error);

/* KEEL_NOT_LOADED when the venue never told: never 1x. */
KEEL_API KEEL_MUST_USE enum keel_status keel_futures_leverage(const struct keel_futures *futures,
                                                              keel_market_id market,
                                                              struct keel_leverage *leverage,
                                                              struct keel_error *error);
/* market KEEL_NO_MARKET: the account's. */
KEEL_API KEEL_MUST_USE enum keel_status keel_futures_margin(const struct keel_futures *futures,
                                                            keel_market_id market, bool stale_ok,
                                                            struct keel_margin_info *info,
                                                            struct keel_error *error);
KEEL_API void keel_futures_statistics(const struct keel_futures *futures,
                                      struct keel_futures_statistics *statistics);
KEEL_API void keel_futures_books(const struct keel_futures *futures,
                                 struct keel_books_summary *summary);

/* A mark price from the caller, for where the venue's stream is not used. Newer marks win. Warnings
 * that follow come in the next turn, not inside the call. */
KEEL_API KEEL_MUST_USE enum keel_status keel_futures_set_mark(struct keel_futures *futures,
                                                              keel_market_id market,
                                                              keel_decimal mark_price,
                                                              struct keel_error *error);

/* The local setting changes only by what the venue answers. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_futures_set_leverage(struct keel_futures *futures, keel_market_id market, int32_t leverage,
                          keel_on_result on_result, void *user, struct keel_error *error);
KEEL_API KEEL_MUST_USE enum keel_status
keel_futures_set_margin_mode(struct keel_futures *futures, keel_market_id market,
                             enum keel_margin_mode mode, keel_on_result on_result, void *user,
                             struct keel_error *error);
/* Of the whole account. In hedge mode each market has two positions, a long and a short one, and an
 * order names the one it means; else one, NET. The venue refuses it while there are positions or
 * open orders. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_futures_set_hedge_mode(struct keel_futures *futures, bool enable, keel_on_result on_result,
                            void *user, struct keel_error *error);
/* The caller has seen what changed from outside, or is another leverage than was asked for:
 * entries, refused with KEEL_MODE_CHANGED until then, go on. Of one market; with KEEL_NO_MARKET of
 * all, and of the account's modes. */
KEEL_API void keel_futures_accept_modes(struct keel_futures *futures, keel_market_id market);
KEEL_API KEEL_MUST_USE enum keel_status
keel_futures_adjust_margin(struct keel_futures *futures, keel_market_id market,
                           enum keel_position_side side, keel_decimal amount,
                           keel_on_result on_result, void *user, struct keel_error *error);

/* Reduce-only and close-position orders are checked against the position. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_futures_place_order(struct keel_futures *futures, const struct keel_order_request *request,
                         keel_on_result on_result, void *user, struct keel_error *error);

/* How a close ended. */
struct keel_close_result {
    enum keel_fate fate;     /* the worst of its last attempt's orders */
    struct keel_error error; /* status KEEL_OK: closed as asked, or resting; else why not */
    const struct keel_order *orders;
    size_t order_count;
    keel_decimal remaining; /* what is still open of the position; 0 is flat; absent: unknown */
};

typedef void (*keel_on_close)(void *user, const struct keel_close_result *result);

struct keel_close_request {
    keel_market_id market;
    enum keel_position_side side; /* none: NET */
    bool all;                     /* the whole position; quantity must then be absent */
    bool forced;                  /* although the account is stale */
    keel_decimal quantity;        /* positive base units; never 0 for "all" */
    keel_decimal price;           /* absent: at market; else a limit order */
};

/* Closes a position, or part of it, with reduce-only orders whose quantities are explicit, as many
 * as the market's largest order makes necessary. Resting reduce-only orders that claim what is to
 * be closed are canceled first, and put back with what is left for them. At market it ends when
 * the position is as asked: a refused or unfilled order is followed by a look at the venue's own
 * position and, if that is news, by another attempt, of which there are few. At a price it ends
 * when the orders rest. One close a position at a time; more than the position is refused with both
 * numbers. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_futures_close_position(struct keel_futures *futures, const struct keel_close_request *request,
                            keel_on_close on_close, void *user, struct keel_error *error);

#endif

/* state.h - the spot side's memory, shared by its modules and by nobody else. */
#ifndef PAPER_SPOT_STATE_H
#define PAPER_SPOT_STATE_H

#include "paper/background.h"
#include "paper/path.h"
#include "paper/random.h"
#include "paper/spot/spot.h"
#include "paper/table.h"

/* Like the live venues' in size, and exact in a double, which is what many clients read them into.
 */
#define PAPER_SPOT_ORDER_ID_FIRST      INT64_C(28000000001)
#define PAPER_SPOT_WITHDRAWAL_ID_FIRST INT64_C(7100000001)
#define PAPER_SPOT_DEPOSIT_ID_FIRST    INT64_C(4300000001)
#define PAPER_SPOT_TRANSFER_ID_FIRST   INT64_C(13500000001)

enum {
    PAPER_SPOT_MARKETS_MAX = 32,
    PAPER_SPOT_BACKGROUND = 0, /* the account of the background liquidity */
};

/* What an account has of an asset, by where it is. */
enum paper_spot_part {
    PAPER_PART_FREE,
    PAPER_PART_LOCKED,
    PAPER_PART_WITHDRAWING,
    PAPER_PART_FUNDING,
    PAPER_PART_COUNT,
};

/* Those who are no account. */
enum paper_spot_pool {
    PAPER_POOL_BACKGROUND,
    PAPER_POOL_FEES,
    PAPER_POOL_FUTURES,
    PAPER_POOL_OUTSIDE,
    PAPER_POOL_COUNT,
};

struct paper_spot_trader {
    int number;
    keel_decimal parts[PAPER_ASSETS_MAX + 1][PAPER_PART_COUNT];
    struct paper_spot_order *open_first, *open_last; /* oldest first */
    int64_t update_time_ms;

    /* What the next balances event must tell: the assets that moved, and what they were before. */
    uint64_t moved;
    keel_decimal before[PAPER_ASSETS_MAX + 1][PAPER_PART_COUNT];
};

struct paper_spot_market {
    keel_market_id id;
    const struct paper_spot_instrument *instrument;
    struct paper_path path;
    keel_decimal walked; /* the price of a walk before it is rounded, in the path's units */
    keel_decimal last;
    struct paper_background background;
    struct paper_spot_order *bids, *asks; /* of accounts, best first */
    struct paper_spot_order *waiting_first, *waiting_last;
    int64_t trade_id, update_id, change_time_ms;
    bool changed;     /* a ticker event is due */
    bool printed;     /* the background traded with itself: a public trade is due */
    bool price_moved; /* triggers are to be looked at */
};

struct paper_spot_events {
    struct paper_spot_event *at; /* a ring */
    int64_t first, count, capacity;
};

struct paper_spot {
    struct paper_spot_config config;
    struct paper_random random; /* of names */
    int64_t now_ms;             /* of the call under way */
    int64_t market_time_ms;
    int64_t next_order_id, next_withdrawal_id, next_deposit_id, next_transfer_id;
    struct paper_spot_market markets[PAPER_SPOT_MARKETS_MAX + 1];
    int market_count;
    struct paper_spot_trader *traders; /* accounts + 1; [0] is unused */
    keel_decimal pools[PAPER_ASSETS_MAX + 1][PAPER_POOL_COUNT];
    struct paper_table orders, trades, amendments, changes, withdrawals, deposits, transfers;
    int64_t withdrawals_open_row, deposits_open_row; /* all rows before are over */
    struct paper_spot_events events;

    uint64_t money_moved; /* assets since the last check */
    bool conserved;
    char broken[160];
    int64_t checks;
};

static inline struct paper_spot_market *paper_spot_market_at(struct paper_spot *spot,
                                                             keel_market_id id)
{
    return &spot->markets[id];
}

static inline struct paper_spot_trader *paper_spot_trader_at(const struct paper_spot *spot,
                                                             int account)
{
    return &spot->traders[account];
}

/* The wallet's grid. */
static inline keel_decimal paper_spot_cut(keel_decimal amount)
{
    return keel_decimal_round_to_digits(amount, 8, KEEL_ROUND_DOWN);
}

static inline keel_decimal paper_spot_times(keel_decimal a, keel_decimal b)
{
    return keel_decimal_mul(a, b, KEEL_ROUND_DOWN);
}

static inline enum keel_side paper_spot_opposite(enum keel_side side)
{
    return side == KEEL_BUY ? KEEL_SELL : KEEL_BUY;
}

static inline bool paper_spot_is_open(const struct paper_spot_order *order)
{
    return order->status == PAPER_ORDER_NEW || order->status == PAPER_ORDER_PARTIALLY_FILLED;
}

static inline bool paper_spot_is_by_quote(const struct paper_spot_order *order)
{
    return keel_decimal_is_valid(order->quote_quantity);
}

static inline keel_decimal paper_spot_remaining(const struct paper_spot_order *order)
{
    return keel_decimal_sub(order->quantity, order->filled_quantity);
}

static inline bool paper_spot_is_conditional(enum keel_order_type type)
{
    return type == KEEL_STOP_LIMIT || type == KEEL_STOP_MARKET || type == KEEL_TAKE_PROFIT_LIMIT ||
           type == KEEL_TAKE_PROFIT_MARKET;
}

static inline bool paper_spot_is_limit(enum keel_order_type type)
{
    return type == KEEL_LIMIT || type == KEEL_STOP_LIMIT || type == KEEL_TAKE_PROFIT_LIMIT;
}

/* What an order of this side pays with, and what it receives. */
static inline paper_asset_id paper_spot_paid(const struct paper_spot_instrument *instrument,
                                             enum keel_side side)
{
    return side == KEEL_BUY ? instrument->quote : instrument->base;
}

static inline paper_asset_id paper_spot_received(const struct paper_spot_instrument *instrument,
                                                 enum keel_side side)
{
    return side == KEEL_BUY ? instrument->base : instrument->quote;
}

#endif

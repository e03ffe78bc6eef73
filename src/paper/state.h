/* state.h - the engine's memory, shared by its modules and by nobody else. */
#ifndef PAPER_STATE_H
#define PAPER_STATE_H

#include "paper/background.h"
#include "paper/engine.h"
#include "paper/path.h"
#include "paper/random.h"
#include "paper/table.h"

enum {
    PAPER_MARKETS_MAX = 32,
    PAPER_SIDES = KEEL_SHORT - KEEL_NET + 1, /* rows a market: NET, LONG, SHORT */
    PAPER_BACKGROUND = 0,                    /* the account of the background liquidity */
    PAPER_FUND = -1,                         /* the insurance fund's, as a side of a trade */
};

/* What somebody holds of one market on one side. Cost is what was paid for it: positive for a long,
 * negative for a short, exact; the entry price is cost / quantity. */
struct paper_holding {
    keel_decimal quantity, cost;
    keel_decimal isolated_wallet;
    keel_decimal realized, fees, funding; /* since it was opened */
    int64_t update_time_ms;
    bool called; /* a margin call was sent; it is sent again only after the ratio recovered */
};

struct paper_setting {
    int leverage;
    enum keel_margin_mode margin_mode;
    int64_t countdown_ms; /* when open orders are to be cancelled; 0: never */
    int open_orders;
};

struct paper_trader {
    int number;
    bool hedge_mode; /* rows LONG and SHORT instead of NET */
    keel_decimal cross_wallet;
    struct paper_holding holdings[PAPER_MARKETS_MAX + 1][PAPER_SIDES];
    struct paper_setting settings[PAPER_MARKETS_MAX + 1];
    struct paper_order *open_first, *open_last; /* open regular orders, oldest first */
    int open_conditionals;
    keel_decimal income_sum; /* of all income rows: the wallet */
    bool called;
    int64_t update_time_ms;

    /* What the next account event must tell. */
    bool changed;
    enum paper_account_reason reason;
    keel_market_id reason_market;
    keel_decimal balance_change;
    uint64_t changed_markets;
};

/* Cash and positions of those who are no account: the background and the fund. Their money is
 * cash + the positions' worth at the mark. */
struct paper_purse {
    keel_decimal cash;
    keel_decimal quantity[PAPER_MARKETS_MAX + 1];
};

struct paper_market {
    keel_market_id id;
    const struct paper_instrument *instrument;
    struct paper_path path;
    keel_decimal mark, last;
    keel_decimal walked;             /* the mark of a walk before it is rounded */
    struct paper_order *bids, *asks; /* resting orders of accounts, best first */
    struct paper_conditional *conditionals_first, *conditionals_last;
    struct paper_background background;
    int64_t trade_id, update_id;
    int64_t change_time_ms;
    bool changed;     /* a ticker event is due */
    bool printed;     /* the background traded with itself along the path: a public trade is due */
    bool price_moved; /* triggers are to be looked at */
};

struct paper_events {
    struct paper_event *at; /* a ring */
    int64_t first, count, capacity;
};

struct paper_engine {
    struct paper_config config;
    struct paper_random random;
    int64_t now_ms; /* of the call under way */
    int64_t market_time_ms, market_end_ms;
    int64_t next_order_id, next_conditional_id, next_income_id, next_priority;
    int64_t first_order_id, first_conditional_id;
    keel_market_id market_count;
    struct paper_market markets[PAPER_MARKETS_MAX + 1];
    struct paper_trader *traders; /* accounts + 1; [0] is unused */

    struct paper_purse background, fund;
    keel_decimal deposits, fees, funding, rounding;

    struct paper_table orders, conditionals, trades, incomes, amendments, margin_changes;
    struct paper_events events;

    bool money_moved; /* since the last check */
    bool conserved;
    char broken[160];
    int64_t checks;
};

static inline struct paper_market *paper_market_of(struct paper_engine *engine, keel_market_id id)
{
    return &engine->markets[id];
}

static inline struct paper_trader *paper_trader_of(const struct paper_engine *engine, int account)
{
    return &engine->traders[account];
}

/* Does this side of the book reduce the leg? Never so in one-way mode: there it depends. */
static inline bool paper_leg_reduces(enum keel_position_side leg, enum keel_side side)
{
    return (leg == KEEL_LONG && side == KEEL_SELL) || (leg == KEEL_SHORT && side == KEEL_BUY);
}

static inline struct paper_holding *
paper_holding_of(struct paper_trader *trader, keel_market_id market, enum keel_position_side side)
{
    return &trader->holdings[market][side - KEEL_NET];
}

/* The wallet's grid. */
static inline keel_decimal paper_cut(const struct paper_engine *engine, keel_decimal amount)
{
    return keel_decimal_round_to_digits(amount, engine->config.rules.money_digits, KEEL_ROUND_DOWN);
}

static inline keel_decimal paper_times(keel_decimal a, keel_decimal b)
{
    return keel_decimal_mul(a, b, KEEL_ROUND_DOWN);
}

/* quantity for a buy, -quantity for a sell. */
static inline keel_decimal paper_signed(enum keel_side side, keel_decimal quantity)
{
    return side == KEEL_BUY ? quantity : keel_decimal_neg(quantity);
}

static inline enum keel_side paper_opposite(enum keel_side side)
{
    return side == KEEL_BUY ? KEEL_SELL : KEEL_BUY;
}

static inline bool paper_order_is_open(const struct paper_order *order)
{
    return order->status == PAPER_ORDER_NEW || order->status == PAPER_ORDER_PARTIALLY_FILLED;
}

static inline keel_decimal paper_order_remaining(const struct paper_order *order)
{
    return keel_decimal_sub(order->quantity, order->filled_quantity);
}

#endif

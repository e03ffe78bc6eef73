/* position.h - one futures position as the venue last told it, and the risk that follows.
 *
 * Values. What depends on the mark price is not stored here: keel_risk is computed when it is read,
 * from the newest position, mark and wallet. Rules: docs/margin.md. */
#ifndef KEEL_POSITION_H
#define KEEL_POSITION_H

#include "keel/order.h"

enum keel_margin_mode {
    KEEL_MARGIN_MODE_NONE, /* not loaded */
    KEEL_CROSS,
    KEEL_ISOLATED,
};

/* A position is keyed by market and side. A flat one is absent. */
struct keel_position {
    keel_market_id market;
    enum keel_position_side side; /* NET, LONG or SHORT */
    enum keel_margin_mode margin_mode;
    keel_decimal quantity;                /* base units; negative is short, on every leg */
    keel_decimal entry_price;             /* quote per base */
    keel_decimal break_even_price;        /* absent if not told */
    keel_decimal realized_pnl;            /* since it was opened, before fees; absent if not told */
    keel_decimal isolated_wallet;         /* without unrealised profit; 0 when cross */
    keel_decimal venue_liquidation_price; /* as the venue last told; absent: none, or not told */
    int32_t adl_rank;                     /* 0 to 4, 4 goes first; -1 if not told */
    int64_t update_time_ms;
    enum keel_source source; /* who told of it last */
    int64_t age_ms;          /* filled when read: since then */
};

/* What the venue says of a position at the instant of its message: for showing a message, and for
 * checking our own figures against. keel never serves these as its own. Absent, and 0: not told. */
struct keel_position_told {
    keel_decimal mark_price, notional, unrealized_pnl;
    keel_decimal isolated_margin, initial_margin, maintenance_margin;
    int32_t leverage;
};

struct keel_mark {
    keel_market_id market;
    keel_decimal mark_price;
    keel_decimal index_price;  /* absent if not told */
    keel_decimal funding_rate; /* of the coming settlement; absent if not told */
    int64_t funding_time_ms;   /* of the coming settlement; 0 if not told */
    int64_t time_ms;
};

struct keel_book_top {
    keel_market_id market;
    keel_decimal bid_price, bid_quantity, ask_price, ask_quantity;
    int64_t time_ms;
};

/* Settings of one market. What was never loaded is unknown, never 1x. */
struct keel_leverage {
    keel_market_id market;
    int32_t leverage;     /* 0: never loaded */
    int32_t leverage_max; /* of the lowest bracket; 0: brackets never loaded */
    enum keel_margin_mode margin_mode;
    keel_decimal notional_max; /* the cap at this leverage; absent if not told */
    int64_t age_ms;            /* filled when read: since the venue last confirmed it */
};

/* All that follows from a position, its mark price and the wallet, at one instant. An absent figure
 * is one whose inputs are unknown or that does not exist (a liquidation price that no price can
 * reach). Figures are defined once:
 *   unrealized_pnl       quantity * (mark - entry)
 *   notional             |quantity| * mark
 *   initial_margin       notional / leverage
 *   margin               isolated wallet + unrealised PnL if isolated, else initial_margin
 *   maintenance_margin   notional * ratio - amount of the notional's bracket
 *   margin_ratio         maintenance margin / margin balance; of the position if isolated, of the
 *                        account if cross; absent when the balance is not positive and nothing is
 *                        maintained, above 1 when it is under water
 *   roe_percent          100 * unrealised PnL / initial margin
 *   liquidation_distance |mark - liquidation| / mark */
struct keel_risk {
    struct keel_position position;
    int32_t leverage; /* 0: never loaded */
    keel_decimal mark_price, notional, unrealized_pnl, margin, initial_margin, maintenance_margin;
    keel_decimal margin_ratio, roe_percent;
    keel_decimal liquidation_price, liquidation_distance;
    enum keel_source mark_source;
    int64_t age_ms; /* of the oldest input */
    bool stale;     /* only ever true when the caller asked for stale values */
    bool high_risk; /* margin_ratio above the configured bound */
};

/* An account's or a market's margin. */
struct keel_margin_info {
    keel_decimal wallet, available, initial_margin, maintenance_margin, unrealized_pnl;
    keel_decimal margin_balance; /* wallet + unrealised PnL */
    keel_decimal margin_ratio;
    const struct keel_brackets *brackets;  /* of the market asked for; NULL for the account */
    char missing_symbol[KEEL_SYMBOL_SIZE]; /* whose input is missing, when totals are absent */
    int64_t age_ms;
    bool stale;
};

KEEL_API const char *keel_margin_mode_name(enum keel_margin_mode mode);
KEEL_API enum keel_margin_mode keel_margin_mode_parse(keel_str word);

/* "long" or "short" by the quantity's sign; "flat" when it is zero. */
KEEL_API const char *keel_position_direction(const struct keel_position *position);

#endif

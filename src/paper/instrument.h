/* instrument.h - what the paper venue trades: grids, limits, fees and notional brackets.
 *
 * Pure, static facts. The brackets are those of the live venue (see data/README.md); the filters
 * are those that it served for the same symbols. */
#ifndef PAPER_INSTRUMENT_H
#define PAPER_INSTRUMENT_H

#include "keel/market.h"

struct paper_instrument {
    char symbol[KEEL_SYMBOL_SIZE]; /* "BTCUSDT" */
    char base[KEEL_ASSET_SIZE], quote[KEEL_ASSET_SIZE];
    int price_digits, quantity_digits;       /* decimals of the grids below */
    int price_precision, quantity_precision; /* most decimals a request may have; not the grid */
    int64_t onboard_time_ms;
    keel_decimal price_tick, price_min, price_max;
    keel_decimal quantity_step, quantity_min, quantity_max; /* limit orders */
    keel_decimal market_quantity_max;              /* market orders, same step and minimum */
    keel_decimal notional_min;                     /* reduce-only orders are exempt */
    keel_decimal price_up_ratio, price_down_ratio; /* buy <= mark * up; sell >= mark * down */
    keel_decimal trigger_protect;   /* price-protected orders wait while |mark/last - 1| is above */
    keel_decimal market_take_bound; /* a market order fills at most so far from the mark */
    keel_decimal liquidation_fee;   /* of the notional, to the insurance fund */
    keel_decimal closing_fee;       /* what closing costs, as margins count it; 0: they do not */
    keel_decimal maker_fee, taker_fee;
    keel_decimal start_price; /* where a symbol without a price file begins */
    int open_orders_max;      /* an account's open regular orders on this symbol */
    int conditional_max;      /* an account's open conditional orders over all symbols */
    struct keel_brackets brackets;
};

/* What one venue trades. Ids run from 1 to the count. */
struct paper_instruments {
    const struct paper_instrument *at;
    int count;
};

/* The table of USD-M futures, and the same as a set. Ids run from 1 to the count, as in market.h.
 * The first call parses it; the values never change afterwards. */
const struct paper_instruments *paper_instruments_usdm(void);
int paper_instrument_count(void);

/* NULL for KEEL_NO_MARKET and ids beyond the count. */
const struct paper_instrument *paper_instrument_get(keel_market_id market);

/* KEEL_NO_MARKET if there is no such symbol; upper case only. */
keel_market_id paper_instrument_find(keel_str symbol);

/* The bracket with notional_floor < notional <= notional_cap; the first for zero, the last for
 * anything above its cap. */
const struct keel_bracket *paper_instrument_bracket(const struct paper_instrument *instrument,
                                                    keel_decimal notional);

/* The largest notional that may be held with this leverage: the cap of the last bracket that still
 * allows it. */
keel_decimal paper_instrument_notional_max(const struct paper_instrument *instrument, int leverage);

/* notional * ratio - amount of the notional's bracket, exactly. */
keel_decimal paper_instrument_maintenance(const struct paper_instrument *instrument,
                                          keel_decimal notional);

#endif

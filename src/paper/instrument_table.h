/* instrument_table.h - the text that instrument.c reads. */
#ifndef PAPER_INSTRUMENT_TABLE_H
#define PAPER_INSTRUMENT_TABLE_H

#include "keel/market.h"

enum {
    PAPER_INSTRUMENTS = 20,
};

struct paper_bracket_text {
    const char *notional_floor; /* NULL past the last */
    const char *notional_cap, *maintenance_ratio, *maintenance_amount;
    int leverage_max;
};

struct paper_instrument_text {
    const char *symbol, *base;
    int price_precision, quantity_precision;
    int64_t onboard_time_ms;
    const char *price_tick, *price_min, *price_max;
    const char *quantity_step, *quantity_max, *market_quantity_max; /* the minimum is one step */
    const char *notional_min, *price_up_ratio, *price_down_ratio;
    const char *trigger_protect, *market_take_bound, *liquidation_fee, *start_price;
    struct paper_bracket_text brackets[KEEL_BRACKETS_MAX];
};

extern const struct paper_instrument_text paper_instrument_table[PAPER_INSTRUMENTS];

#endif

/* instrument.h - what the spot side of a paper venue trades: grids, limits and fees.
 *
 * Pure. The table here is Binance's; a venue with other grids hands in its own. */
#ifndef PAPER_SPOT_INSTRUMENT_H
#define PAPER_SPOT_INSTRUMENT_H

#include "paper/spot/asset.h"

struct paper_spot_instrument {
    char symbol[KEEL_SYMBOL_SIZE]; /* "BTCUSDT" */
    paper_asset_id base, quote;
    keel_decimal price_tick, price_min, price_max;
    keel_decimal quantity_step, quantity_min, quantity_max;
    keel_decimal market_quantity_max;
    keel_decimal notional_min, notional_max;
    keel_decimal price_up_ratio, price_down_ratio; /* last * down <= price <= last * up */
    keel_decimal maker_fee, taker_fee;             /* of what is received */
    keel_decimal start_price;                      /* without a price file */
    int unit; /* base units in one of the recorded prices: 1000 where futures trade thousands */
    int price_digits, quantity_digits;
    int open_orders_max;   /* an account's on this market, waiting ones too */
    int waiting_max;       /* and of these, those that wait for their price */
    const char *walk_name; /* by which its price walks: that of the futures' base */
};

struct paper_spot_instruments {
    const struct paper_spot_instrument *at; /* markets are numbered from 1 */
    int count;
};

struct paper_spot_instruments paper_spot_instruments(void);

#endif

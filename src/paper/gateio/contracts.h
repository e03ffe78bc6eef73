/* contracts.h - what the venue trades, in its own unit: contracts of so many base units.
 *
 * Pure, static facts. The engine counts base units: quantities are turned at the dialect's edge,
 * exactly, since a contract is a whole number of the engine's steps. Market ids are the engine's.
 */
#ifndef PAPER_GATEIO_CONTRACTS_H
#define PAPER_GATEIO_CONTRACTS_H

#include "paper/instrument.h"

enum {
    GATEIO_CONTRACTS = 12,
    GATEIO_ORDERS_LIMIT = 100, /* open orders of a user on a contract */
};

struct gateio_contract {
    keel_market_id market;
    keel_str name;          /* "BTC_USDT": the instrument's symbol */
    keel_decimal quanto;    /* base units a contract */
    keel_decimal size_step; /* contracts: 1, or a part where fractions are allowed */
    keel_decimal size_min, size_max, market_size_max;
    bool enable_decimal;
    keel_decimal price_round, mark_round, price_deviate, slip_ratio;
    keel_decimal maker_fee, taker_fee; /* of the base tier; what a user pays is the instrument's */
    keel_decimal leverage_max;
    int64_t create_time_s;
};

/* The engine's table of them. */
const struct paper_instruments *gateio_instruments(void);

/* NULL for no market. */
const struct gateio_contract *gateio_contract_get(keel_market_id market);

/* KEEL_NO_MARKET if there is none; the name's case matters. */
keel_market_id gateio_contract_find(keel_str name);

/* Exact both ways. */
keel_decimal gateio_contracts_of(keel_market_id market, keel_decimal quantity);
keel_decimal gateio_quantity_of(keel_market_id market, keel_decimal contracts);

/* The risk limit at this leverage, and the tier that a value lies in (from 0). */
keel_decimal gateio_risk_limit(keel_market_id market, int leverage);
int gateio_tier_of(keel_market_id market, keel_decimal value);

/* The risk-limit table's name, for positions and GET risk_limit_table. */
void gateio_table_name(keel_market_id market, char buffer[KEEL_SYMBOL_SIZE]);

#endif

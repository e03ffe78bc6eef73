/* market.h - the instruments: what may be traded, on which grid, inside which limits.
 *
 * Pure; no allocation after init. Rules are static facts of the venue: loaded at start, or handed
 * in by a caller who has them, and kept. */
#ifndef KEEL_MARKET_H
#define KEEL_MARKET_H

#include "keel/decimal.h"

enum {
    KEEL_SYMBOL_SIZE = 32,   /* "BTC/USDT:USDT" and its zero byte */
    KEEL_ASSET_SIZE = 16,    /* "USDT" */
    KEEL_MARKETS_MAX = 4096, /* further instruments: KEEL_FULL */
    KEEL_BRACKETS_MAX = 16,  /* notional brackets a market */
};

/* A market's place in the table. Zero is no market, so forgotten memory never trades. */
typedef uint16_t keel_market_id;
#define KEEL_NO_MARKET ((keel_market_id)0)

/* What is traded: coins, or contracts on them that are margined. */
enum keel_product {
    KEEL_PRODUCT_FUTURES,
    KEEL_PRODUCT_SPOT,
};

enum keel_market_status {
    KEEL_MARKET_NONE,
    KEEL_MARKET_TRADING,
    KEEL_MARKET_REDUCE_ONLY, /* positions may only shrink */
    KEEL_MARKET_HALTED,      /* no orders now; open ones stay */
    KEEL_MARKET_DELISTED,    /* never again */
};

struct keel_market {
    char symbol[KEEL_SYMBOL_SIZE];       /* ours: "BTC/USDT:USDT" */
    char venue_symbol[KEEL_SYMBOL_SIZE]; /* the venue's: "BTCUSDT" */
    char base[KEEL_ASSET_SIZE], quote[KEEL_ASSET_SIZE], settle[KEEL_ASSET_SIZE];
    enum keel_market_status status;
    enum keel_product product; /* on spot settle is empty, and the symbol "BTC/USDT" */
    bool perpetual;

    /* A limit that the venue does not have is absent. Prices in quote, quantities in base units. */
    keel_decimal price_tick, price_min, price_max;
    keel_decimal quantity_step, quantity_min, quantity_max;                      /* limit orders */
    keel_decimal market_quantity_step, market_quantity_min, market_quantity_max; /* market orders */
    keel_decimal notional_min;                     /* reduce-only orders are exempt */
    keel_decimal price_up_ratio, price_down_ratio; /* buy <= mark * up; sell >= mark * down */
    keel_decimal contract_size;                    /* base units a contract; 1 where coins trade */
    keel_decimal liquidation_fee_ratio;
    /* The taker's fee of closing, as the venue counts it in initial and maintenance margin; 0: it
     * does not. */
    keel_decimal closing_fee_ratio;
    int32_t open_orders_max; /* 0: unknown */
    int8_t price_digits;     /* decimals of price_tick and of quantity_step; set by the table */
    int8_t quantity_digits;
};

/* One notional bracket. maintenance margin = notional * maintenance_ratio - maintenance_amount for
 * the bracket with notional_floor < notional <= notional_cap. */
struct keel_bracket {
    keel_decimal notional_floor, notional_cap;
    keel_decimal maintenance_ratio, maintenance_amount;
    int32_t leverage_max;
};

struct keel_brackets {
    struct keel_bracket at[KEEL_BRACKETS_MAX]; /* ascending */
    int32_t count;                             /* 0: not loaded */
};

/* The table of markets. Values are copied in; a market keeps its id for the table's life. */
struct keel_markets;

KEEL_API struct keel_markets *keel_markets_new(void); /* NULL: out of memory */
KEEL_API void keel_markets_free(struct keel_markets *markets);

/* Adds a market, or replaces the one with that venue symbol. KEEL_FULL, KEEL_INVALID (a grid that
 * is not positive, a name that is empty). */
KEEL_API KEEL_MUST_USE enum keel_status keel_markets_put(struct keel_markets *markets,
                                                         const struct keel_market *market,
                                                         keel_market_id *id,
                                                         struct keel_error *error);
KEEL_API int32_t keel_markets_count(const struct keel_markets *markets);

/* NULL for KEEL_NO_MARKET and ids never given. Ids run from 1 to the count. */
KEEL_API const struct keel_market *keel_markets_get(const struct keel_markets *markets,
                                                    keel_market_id id);

/* By the venue's name: one hash of a short string, for the codec. KEEL_NO_MARKET if unknown. */
KEEL_API keel_market_id keel_markets_find_venue_symbol(const struct keel_markets *markets,
                                                       keel_str venue_symbol);

/* As people write it: "BTC/USDT:USDT", "BTC/USDT" or the venue's "BTCUSDT". */
KEEL_API keel_market_id keel_markets_find(const struct keel_markets *markets, keel_str name);

#endif

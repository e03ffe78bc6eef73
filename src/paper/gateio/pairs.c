#include "paper/gateio/pairs.h"

#include <stdio.h>
#include <threads.h>

/* In the order of paper_spot_instruments, which has the coins, their first prices and bounds. */
static const struct {
    const char *base, *tick, *step;
} grids[GATEIO_PAIRS] = {
    {"BTC",  "0.1",        "0.000001"},
    {"ETH",  "0.01",       "0.0001"  },
    {"BNB",  "0.1",        "0.001"   },
    {"SOL",  "0.01",       "0.001"   },
    {"XRP",  "0.0001",     "0.01"    },
    {"DOGE", "0.00001",    "0.1"     },
    {"ADA",  "0.0001",     "0.01"    },
    {"LTC",  "0.01",       "0.001"   },
    {"LINK", "0.001",      "0.01"    },
    {"AVAX", "0.001",      "0.01"    },
    {"PEPE", "0.00000001", "1"       },
    {"SHIB", "0.00000001", "1"       },
    {"TRX",  "0.00001",    "0.1"     },
    {"DOT",  "0.001",      "0.01"    },
    {"BCH",  "0.01",       "0.0001"  },
    {"UNI",  "0.001",      "0.001"   },
    {"ARB",  "0.0001",     "0.01"    },
    {"OP",   "0.0001",     "0.01"    },
    {"SUI",  "0.0001",     "0.01"    },
    {"WLD",  "0.0001",     "0.01"    },
};

static const struct {
    const char *network, *chain;
} chains[] = {
    {"ARBITRUM", "ARBEVM"},
    {"OPTIMISM", "OPETH" },
};

static struct paper_spot_instrument pairs[GATEIO_PAIRS];
static once_flag read_once = ONCE_FLAG_INIT;

static void read_pair(int i, const struct paper_spot_instrument *coin)
{
    struct paper_spot_instrument *pair = &pairs[i];
    KEEL_ASSERT(coin->base == paper_asset_find(keel_str_from(grids[i].base)));
    *pair = *coin;
    (void)snprintf(pair->symbol, sizeof(pair->symbol), "%s_USDT", grids[i].base);
    pair->price_tick = pair->price_min = keel_decimal_from_text(grids[i].tick);
    pair->quantity_step = pair->quantity_min = keel_decimal_from_text(grids[i].step);
    pair->price_digits = keel_decimal_digits(pair->price_tick);
    pair->quantity_digits = keel_decimal_digits(pair->quantity_step);
    pair->notional_min = keel_decimal_from_int(3);
    pair->notional_max = keel_decimal_from_int(5000000);
    pair->maker_fee = pair->taker_fee = keel_decimal_from_text("0.002");
    pair->open_orders_max = GATEIO_PAIR_ORDERS_MAX + GATEIO_PAIR_TRIGGERS_MAX;
    pair->waiting_max = GATEIO_PAIR_TRIGGERS_MAX;
    pair->unit = 1; /* the venue's futures name their coins as they are */
    pair->walk_name = grids[i].base;
}

static void read_all(void)
{
    struct paper_spot_instruments coins = paper_spot_instruments();
    KEEL_ASSERT(coins.count == GATEIO_PAIRS);
    for (int i = 0; i < GATEIO_PAIRS; i++)
        read_pair(i, &coins.at[i]);
}

struct paper_spot_instruments gateio_pairs(void)
{
    call_once(&read_once, read_all);
    return (struct paper_spot_instruments){pairs, GATEIO_PAIRS};
}

const char *gateio_chain_of(const struct paper_network *network)
{
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
        if (strcmp(network->name, chains[i].network) == 0)
            return chains[i].chain;
    }
    return network->name;
}

keel_str gateio_network_of(keel_str chain)
{
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
        if (keel_str_equals(chain, keel_str_from(chains[i].chain)))
            return keel_str_from(chains[i].network);
    }
    return chain;
}

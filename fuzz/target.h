/* target.h - the venue of a target, and its markets.
 *
 * One source serves all venues: the build names the venue that it is compiled for. */
#ifndef KEEL_FUZZ_TARGET_H
#define KEEL_FUZZ_TARGET_H

#include "venue/venue.h"

static const struct keel_venue *const venue = &KEEL_FUZZ_VENUE;

/* Some as each venue names them. */
static inline struct keel_markets *make_markets(void)
{
    static const char *const names[] = {"BTCUSDT",  "ETHUSDT",  "SOLUSDT",  "BNBUSDT",
                                        "BTC_USDT", "ETH_USDT", "XRP_USDT", "DOGE_USDT"};
    struct keel_markets *markets = keel_markets_new();
    KEEL_ASSERT(markets);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct keel_market market;
        keel_market_id id;
        if (venue->name_market(keel_str_from(names[i]), &market))
            KEEL_ASSERT(keel_markets_put(markets, &market, &id, NULL) == KEEL_OK);
    }
    KEEL_ASSERT(keel_markets_get(markets, 1));
    return markets;
}

#endif

/* markets.h - exchangeInfo of Binance spot: the rules of the pairs.
 *
 * Pure. */
#ifndef KEEL_VENUE_BINANCE_SPOT_MARKETS_H
#define KEEL_VENUE_BINANCE_SPOT_MARKETS_H

#include "venue/binance/decoder.h"

/* A market event for each symbol, the venue's limits, and its time. */
void keel_binance_spot_decode_exchange_info(struct keel_binance_decoder *decoder,
                                            struct keel_json *json);

/* As keel_venue.name_market promises: "BTCUSDT" is "BTC/USDT". */
bool keel_binance_spot_name_market(keel_str venue_symbol, struct keel_market *market);

#endif

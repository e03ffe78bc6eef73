/* markets.h - exchangeInfo and leverageBracket: the rules of the instruments (4.1, 5).
 *
 * Pure. */
#ifndef KEEL_VENUE_BINANCE_MARKETS_H
#define KEEL_VENUE_BINANCE_MARKETS_H

#include "venue/binance/decoder.h"

/* A market event for each symbol, and the server's time and limits. */
void keel_binance_decode_exchange_info(struct keel_binance_decoder *decoder,
                                       struct keel_json *json);

/* The same of any product: decode_one reads a symbol. */
void keel_binance_decode_listing(struct keel_binance_decoder *decoder, struct keel_json *json,
                                 void (*decode_one)(struct keel_binance_decoder *decoder,
                                                    struct keel_json *json));

/* No limits yet; a unit is a coin. */
struct keel_market keel_binance_make_market(void);

/* One symbol's brackets. */
void keel_binance_decode_brackets(struct keel_binance_decoder *decoder, struct keel_json *json);

/* As keel_venue.name_market promises: "BTCUSDT" is "BTC/USDT:USDT". */
bool keel_binance_name_market(keel_str venue_symbol, struct keel_market *market);

#endif

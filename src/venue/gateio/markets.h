/* markets.h - contracts and risk-limit tiers: the rules of the instruments (4, 9.4a).
 *
 * Pure. */
#ifndef KEEL_VENUE_GATEIO_MARKETS_H
#define KEEL_VENUE_GATEIO_MARKETS_H

#include "venue/gateio/decoder.h"

/* What an endpoint and user may ask for, as the venue documents it (8.1): each endpoint has its own
 * 200, of which all take one here. */
enum {
    KEEL_GATEIO_REQUESTS_MAX = 200,
    KEEL_GATEIO_REQUESTS_MS = 10000,
    KEEL_GATEIO_ORDERS_MAX = 100,
    KEEL_GATEIO_ORDERS_MS = 1000,
};

/* A market event for each contract, and the venue's limits. */
void keel_gateio_decode_contracts(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* Brackets by contract; rows that name none are of `asked`. */
void keel_gateio_decode_tiers(struct keel_gateio_decoder *decoder, struct keel_json *json,
                              keel_market_id asked);

/* As keel_venue.name_market promises: "BTC_USDT" is "BTC/USDT:USDT". How many coins a contract has
 * its name does not tell: it counts as one. */
bool keel_gateio_name_market(keel_str venue_symbol, struct keel_market *market);

#endif

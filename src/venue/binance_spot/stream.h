/* stream.h - the user stream of Binance spot, which comes over its WebSocket API, and the market
 * streams.
 *
 * Pure. Listen keys are gone from spot: a signed request subscribes (reference: 5). */
#ifndef KEEL_VENUE_BINANCE_SPOT_STREAM_H
#define KEEL_VENUE_BINANCE_SPOT_STREAM_H

#include "venue/venue.h"

/* As keel_venue.decode_stream and keel_venue.open_stream promise. */
enum keel_status keel_binance_spot_decode_stream(keel_str bytes, const struct keel_markets *markets,
                                                 struct keel_arena *arena,
                                                 struct keel_events *events,
                                                 struct keel_error *error);
enum keel_status keel_binance_spot_open_stream(const struct keel_stream_wish *wish,
                                               struct keel_stream_request *request,
                                               struct keel_error *error);

#endif

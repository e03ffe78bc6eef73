/* stream.h - frames of the user stream and of the market streams into events.
 *
 * Pure. Frames come raw, or wrapped as {"stream":…,"data":…}, with members in any order. */
#ifndef KEEL_VENUE_BINANCE_STREAM_H
#define KEEL_VENUE_BINANCE_STREAM_H

#include "venue/venue.h"

/* As keel_venue.decode_stream promises. TRADE_LITE yields nothing: the ORDER_TRADE_UPDATE of the
 * same trade always follows and alone has the fee, the profit and the position side; whichever came
 * first would be the one that counts. */
enum keel_status keel_binance_decode_stream(keel_str bytes, const struct keel_markets *markets,
                                            struct keel_arena *arena, struct keel_events *events,
                                            struct keel_error *error);

/* As keel_venue.open_stream promises. */
enum keel_status keel_binance_open_stream(const struct keel_stream_wish *wish,
                                          struct keel_stream_request *request,
                                          struct keel_error *error);

/* The path of a market stream: one stream a market, and the stream of all markets, `all`, when
 * there are more than streams_max. */
void keel_binance_write_streams(struct keel_stream_request *request, keel_str prefix,
                                keel_str suffix, keel_str all, size_t streams_max,
                                const struct keel_stream_wish *wish);

#endif

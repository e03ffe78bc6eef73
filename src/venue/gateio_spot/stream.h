/* stream.h - the channels of Gate spot: orders, trades, balances, conditional orders, prices (2).
 *
 * Pure. */
#ifndef KEEL_VENUE_GATEIO_SPOT_STREAM_H
#define KEEL_VENUE_GATEIO_SPOT_STREAM_H

#include "venue/venue.h"

/* As keel_venue.decode_stream and keel_venue.open_stream promise. */
enum keel_status keel_gateio_spot_decode_stream(keel_str bytes, const struct keel_markets *markets,
                                                struct keel_arena *arena,
                                                struct keel_events *events,
                                                struct keel_error *error);
enum keel_status keel_gateio_spot_open_stream(const struct keel_stream_wish *wish,
                                              struct keel_stream_request *request,
                                              struct keel_error *error);

#endif

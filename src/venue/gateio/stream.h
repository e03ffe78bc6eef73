/* stream.h - how the streams are opened, and their frames into events (reference: 6).
 *
 * Pure. Members come in any order; rows are read where their channel is known and looked at a
 * second time where it stands behind them. */
#ifndef KEEL_VENUE_GATEIO_STREAM_H
#define KEEL_VENUE_GATEIO_STREAM_H

#include "venue/venue.h"

/* As keel_venue.decode_stream promises. Deleveraging and closed positions yield nothing: the
 * orders, trades and positions that they speak of come by channels of their own. */
enum keel_status keel_gateio_decode_stream(keel_str bytes, const struct keel_markets *markets,
                                           struct keel_arena *arena, struct keel_events *events,
                                           struct keel_error *error);

/* As keel_venue.open_stream promises. */
enum keel_status keel_gateio_open_stream(const struct keel_stream_wish *wish,
                                         struct keel_stream_request *request,
                                         struct keel_error *error);

#endif

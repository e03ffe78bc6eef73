/* reply.h - replies of Binance spot and of its wallet into events and an outcome.
 *
 * Pure. */
#ifndef KEEL_VENUE_BINANCE_SPOT_REPLY_H
#define KEEL_VENUE_BINANCE_SPOT_REPLY_H

#include "venue/venue.h"

/* As keel_venue.decode_reply promises. */
enum keel_status
keel_binance_spot_decode_reply(const struct keel_command *command, const struct keel_reply *reply,
                               const struct keel_markets *markets, struct keel_arena *arena,
                               struct keel_events *events, struct keel_outcome *outcome);

#endif

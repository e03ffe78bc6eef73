/* reply.h - replies of Gate spot and of its wallet into events and an outcome.
 *
 * Pure. */
#ifndef KEEL_VENUE_GATEIO_SPOT_REPLY_H
#define KEEL_VENUE_GATEIO_SPOT_REPLY_H

#include "venue/venue.h"

/* As keel_venue.decode_reply promises. */
enum keel_status keel_gateio_spot_decode_reply(const struct keel_command *command,
                                               const struct keel_reply *reply,
                                               const struct keel_markets *markets,
                                               struct keel_arena *arena, struct keel_events *events,
                                               struct keel_outcome *outcome);

/* As keel_venue.name_market promises: "BTC_USDT" is "BTC/USDT". */
bool keel_gateio_spot_name_market(keel_str venue_symbol, struct keel_market *market);

#endif

/* reply.h - replies of the REST endpoints into events and an outcome.
 *
 * Pure. What an order-entry stream answers is read here, too: its results are bodies of replies. */
#ifndef KEEL_VENUE_GATEIO_REPLY_H
#define KEEL_VENUE_GATEIO_REPLY_H

#include "venue/venue.h"

/* As keel_venue.decode_reply promises. */
enum keel_status keel_gateio_decode_reply(const struct keel_command *command,
                                          const struct keel_reply *reply,
                                          const struct keel_markets *markets,
                                          struct keel_arena *arena, struct keel_events *events,
                                          struct keel_outcome *outcome);

#endif

/* entry.h - orders as frames of the WebSocket API, and its answers (reference: 11).
 *
 * Pure, no allocation. A frame's parameters are those of the request, signed in the order of their
 * names; the answer's result or error is the request's. */
#ifndef KEEL_VENUE_BINANCE_ENTRY_H
#define KEEL_VENUE_BINANCE_ENTRY_H

#include "venue/venue.h"

/* As the slots of keel_venue promise. */
enum keel_status keel_binance_encode_frame(const struct keel_command *command,
                                           const struct keel_markets *markets,
                                           const struct keel_modes *modes,
                                           const struct keel_keys *keys, int64_t time_ms,
                                           int64_t receive_window_ms, uint64_t id,
                                           struct keel_frame *frame, struct keel_error *error);
bool keel_binance_read_answer(keel_str bytes, struct keel_answer *answer);

#endif

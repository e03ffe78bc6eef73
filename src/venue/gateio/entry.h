/* entry.h - order entry on a stream: frames, and what answers them (reference: 7).
 *
 * Pure, no allocation. The stream is logged in by its first frame, and needs no signature after it.
 * An order is answered twice: that it came, then what became of it. */
#ifndef KEEL_VENUE_GATEIO_ENTRY_H
#define KEEL_VENUE_GATEIO_ENTRY_H

#include "venue/venue.h"

/* As keel_venue.encode_frame promises. */
enum keel_status keel_gateio_encode_frame(const struct keel_command *command,
                                          const struct keel_markets *markets,
                                          const struct keel_modes *modes,
                                          const struct keel_keys *keys, int64_t time_ms,
                                          int64_t receive_window_ms, uint64_t id,
                                          struct keel_frame *frame, struct keel_error *error);

/* As keel_venue.read_answer promises. */
bool keel_gateio_read_answer(keel_str bytes, struct keel_answer *answer);

#endif

/* encode.h - commands into signed requests (reference: 4, 5).
 *
 * Pure, no allocation. Orders go as JSON; settings of positions have their parameters in the query
 * of a POST without a body, as the venue documents them. */
#ifndef KEEL_VENUE_GATEIO_ENCODE_H
#define KEEL_VENUE_GATEIO_ENCODE_H

#include "venue/venue.h"

/* As keel_venue.encode promises. A write expires at the venue with its receive window, which bounds
 * how long its fate can be unknown. */
enum keel_status keel_gateio_encode(const struct keel_command *command,
                                    const struct keel_markets *markets,
                                    const struct keel_modes *modes, const struct keel_keys *keys,
                                    int64_t time_ms, int64_t receive_window_ms,
                                    struct keel_request *request, struct keel_error *error);

#endif

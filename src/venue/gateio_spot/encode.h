/* encode.h - commands into signed requests of Gate spot and of its wallet (reference: 1).
 *
 * Pure, no allocation. Amounts are base units but for a market buy, which names what it spends. */
#ifndef KEEL_VENUE_GATEIO_SPOT_ENCODE_H
#define KEEL_VENUE_GATEIO_SPOT_ENCODE_H

#include "base/writer.h"
#include "venue/venue.h"

enum {
    KEEL_GATEIO_SPOT_PAGE_LIMIT = 1000, /* rows, where the command names no number */
};

/* As keel_venue.encode promises. */
enum keel_status keel_gateio_spot_encode(const struct keel_command *command,
                                         const struct keel_markets *markets,
                                         const struct keel_modes *modes,
                                         const struct keel_keys *keys, int64_t time_ms,
                                         int64_t receive_window_ms, struct keel_request *request,
                                         struct keel_error *error);

/* The members of a regular order, for a request and for the order-entry stream alike. */
enum keel_status keel_gateio_spot_write_order(const struct keel_order_request *place,
                                              const struct keel_markets *markets,
                                              struct keel_writer *json, struct keel_error *error);

#endif

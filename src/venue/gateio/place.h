/* place.h - orders as Gate takes them, by request and on a stream alike (5.3.1, 5.4).
 *
 * Pure, no allocation. Each function writes one JSON object. */
#ifndef KEEL_VENUE_GATEIO_PLACE_H
#define KEEL_VENUE_GATEIO_PLACE_H

#include "base/writer.h"
#include "venue/venue.h"

/* What every writer of parameters needs. */
struct keel_gateio_encoder {
    const struct keel_markets *markets;
    const struct keel_modes *modes;
    struct keel_writer writer;
    struct keel_error *error;
};

/* KEEL_INVALID for an id that is not in the table. */
KEEL_MUST_USE enum keel_status keel_gateio_get_market(struct keel_gateio_encoder *encoder,
                                                      keel_market_id id,
                                                      const struct keel_market **market);

KEEL_MUST_USE enum keel_status keel_gateio_write_order(struct keel_gateio_encoder *encoder,
                                                       const struct keel_order_request *place);
KEEL_MUST_USE enum keel_status keel_gateio_write_trigger(struct keel_gateio_encoder *encoder,
                                                         const struct keel_order_request *place);

/* with_id: the order's own id is a member; else it is in the path. */
KEEL_MUST_USE enum keel_status keel_gateio_write_amend(struct keel_gateio_encoder *encoder,
                                                       const struct keel_amend *amend,
                                                       bool with_id);

/* The venue's id where it is known, else the client's; KEEL_INVALID without either. */
KEEL_MUST_USE enum keel_status keel_gateio_find_id(struct keel_gateio_encoder *encoder,
                                                   const struct keel_order_ref *order,
                                                   keel_str *id);

#endif

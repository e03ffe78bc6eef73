/* rows.h - orders, conditional orders and trades of Gate spot into events (1, 2).
 *
 * Pure. Replies and streams have the same rows but for the types of some members, and both are read
 * here: so a fact is understood in one way, whichever way it came. */
#ifndef KEEL_VENUE_GATEIO_SPOT_ROWS_H
#define KEEL_VENUE_GATEIO_SPOT_ROWS_H

#include "keel/command.h"
#include "venue/gateio/decoder.h"

void keel_gateio_spot_decode_order(struct keel_gateio_decoder *decoder, struct keel_json *json);
void keel_gateio_spot_decode_trigger_order(struct keel_gateio_decoder *decoder,
                                           struct keel_json *json);

/* A push has members of its own, and no status among them: what it says for certain is that the
 * order has fired, or why it is over. What says neither is passed over. */
void keel_gateio_spot_decode_trigger_push(struct keel_gateio_decoder *decoder,
                                          struct keel_json *json);
void keel_gateio_spot_decode_trade(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* The answer to a conditional order is its id alone: the rest is as it was asked for. */
void keel_gateio_spot_decode_placed_trigger(struct keel_gateio_decoder *decoder,
                                            struct keel_json *json,
                                            const struct keel_order_request *place);

#endif

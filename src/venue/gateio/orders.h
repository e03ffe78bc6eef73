/* orders.h - orders, conditional orders, trades and liquidations into events (5.3, 5.4, 6.1).
 *
 * Pure. Replies and streams have the same rows but for the types of some members, and both are read
 * here: so a fact is understood in one way, whichever way it came. Sizes are contracts on the wire
 * and base units in events. */
#ifndef KEEL_VENUE_GATEIO_ORDERS_H
#define KEEL_VENUE_GATEIO_ORDERS_H

#include "keel/command.h"
#include "venue/gateio/decoder.h"

void keel_gateio_decode_order(struct keel_gateio_decoder *decoder, struct keel_json *json);
void keel_gateio_decode_trigger_order(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* Of either family, by its members. */
void keel_gateio_decode_any_order(struct keel_gateio_decoder *decoder, struct keel_json *json);
void keel_gateio_decode_trade(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* The order by which the venue closed a position. */
void keel_gateio_decode_liquidation(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* The answer to a conditional order is its id alone: the rest is as it was asked for. */
void keel_gateio_decode_placed_trigger(struct keel_gateio_decoder *decoder, struct keel_json *json,
                                       const struct keel_order_request *place);

#endif

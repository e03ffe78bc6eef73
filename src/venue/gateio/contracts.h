/* contracts.h - contracts on the wire, base units everywhere else: exactly, or not at all (3, 9.1).
 *
 * Pure. A contract is contract_size base units. What is no whole number of the smallest orders is
 * refused with the two nearest quantities that are; nothing is ever cut. */
#ifndef KEEL_VENUE_GATEIO_CONTRACTS_H
#define KEEL_VENUE_GATEIO_CONTRACTS_H

#include "venue/gateio/decoder.h"

/* Exact: the venue's sizes and multipliers have fewer digits together than a decimal keeps. */
static inline keel_decimal keel_gateio_to_base(keel_decimal contracts,
                                               const struct keel_market *market)
{
    if (keel_decimal_equals(market->contract_size, KEEL_DECIMAL_ONE))
        return contracts;
    return keel_decimal_mul(contracts, market->contract_size, KEEL_ROUND_DOWN);
}

/* KEEL_INVALID, naming the two nearest quantities, for one that is off the market's grid. */
KEEL_MUST_USE enum keel_status keel_gateio_to_contracts(keel_decimal quantity,
                                                        const struct keel_market *market,
                                                        keel_decimal *contracts,
                                                        struct keel_error *error);

/* By its sign; NONE for zero and for what is absent. */
static inline enum keel_side keel_gateio_side_of(keel_decimal size)
{
    if (!keel_decimal_is_valid(size) || keel_decimal_is_zero(size))
        return KEEL_SIDE_NONE;
    return keel_decimal_is_negative(size) ? KEEL_SELL : KEEL_BUY;
}

/* Which leg "close_long" and "close_short" close; NONE without such a word. */
enum keel_position_side keel_gateio_leg_of(keel_str auto_size);

/* Texts other than a client's name where the order was made, and are no id: "". */
void keel_gateio_copy_client_id(struct keel_gateio_decoder *decoder, keel_str text,
                                char client_id[static KEEL_CLIENT_ID_SIZE]);

/* The venue's word for why it ended an order; one that is too long is cut. */
void keel_gateio_copy_reason(keel_str word, char reason[static KEEL_REASON_SIZE]);

/* "t-" and 1 to 28 bytes of [0-9A-Za-z_.-] (3.3). */
bool keel_gateio_client_id_is_valid(keel_str client_id);

/* "t-k" and the number to base 36: unique for as long as the number is. */
void keel_gateio_make_client_id(uint64_t number, char client_id[KEEL_CLIENT_ID_SIZE]);

#endif

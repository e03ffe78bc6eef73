/* positions.h - positions with their settings, accounts, ledger rows and prices into events (5.1,
 * 5.2, 6).
 *
 * Pure. */
#ifndef KEEL_VENUE_GATEIO_POSITIONS_H
#define KEEL_VENUE_GATEIO_POSITIONS_H

#include "venue/gateio/decoder.h"

/* The settings of its market, and the position. A flat one comes with the streams alone, where it
 * tells that it was closed. */
void keel_gateio_decode_position(struct keel_gateio_decoder *decoder, struct keel_json *json);
void keel_gateio_decode_pushed_position(struct keel_gateio_decoder *decoder,
                                        struct keel_json *json);

/* The settings alone, of every row. */
void keel_gateio_decode_leverage(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* A step down in risk limits: the venue's own warning. */
void keel_gateio_decode_risk_reduction(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* One answer for all that is the account's: its wallet, its modes, or the id of its user. */
void keel_gateio_decode_balance(struct keel_gateio_decoder *decoder, struct keel_json *json);
void keel_gateio_decode_modes(struct keel_gateio_decoder *decoder, struct keel_json *json);
void keel_gateio_decode_user(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* A row of the ledger: of the list, as an income; of the stream, as the wallet after it, and as an
 * income when no trade explains it. */
void keel_gateio_decode_income(struct keel_gateio_decoder *decoder, struct keel_json *json);
void keel_gateio_decode_pushed_balance(struct keel_gateio_decoder *decoder, struct keel_json *json);

void keel_gateio_decode_ticker(struct keel_gateio_decoder *decoder, struct keel_json *json);
void keel_gateio_decode_book_top(struct keel_gateio_decoder *decoder, struct keel_json *json);

/* The map of a user's fees by contract. */
void keel_gateio_decode_fees(struct keel_gateio_decoder *decoder, struct keel_json *json);

#endif

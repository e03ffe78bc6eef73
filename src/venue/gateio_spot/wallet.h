/* wallet.h - what the wallet of Gate answers: networks, withdrawals, deposits, transfers.
 *
 * Pure. */
#ifndef KEEL_VENUE_GATEIO_SPOT_WALLET_H
#define KEEL_VENUE_GATEIO_SPOT_WALLET_H

#include "keel/command.h"
#include "venue/gateio/decoder.h"

/* Reads the whole reply to a command of the wallet; false if it is not one. */
bool keel_gateio_spot_decode_wallet(struct keel_gateio_decoder *decoder, struct keel_json *json,
                                    const struct keel_command *command);

#endif

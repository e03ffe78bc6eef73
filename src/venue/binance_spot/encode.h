/* encode.h - commands into signed requests of Binance spot and of its wallet (reference: 3, 4).
 *
 * Pure, no allocation. */
#ifndef KEEL_VENUE_BINANCE_SPOT_ENCODE_H
#define KEEL_VENUE_BINANCE_SPOT_ENCODE_H

#include "venue/venue.h"

/* As keel_venue.encode promises. An amendment can only make an order smaller, at its own price. */
enum keel_status keel_binance_spot_encode(const struct keel_command *command,
                                          const struct keel_markets *markets,
                                          const struct keel_modes *modes,
                                          const struct keel_keys *keys, int64_t time_ms,
                                          int64_t receive_window_ms, struct keel_request *request,
                                          struct keel_error *error);

/* Rows in a page of transfers: 100 at most, where other histories have 1,000. */
int32_t keel_binance_spot_transfers_limit(const struct keel_page *page);

/* "MAIN_UMFUTURE"; empty for a pair of wallets between which nothing moves. */
keel_str keel_binance_spot_transfer_word(enum keel_wallet from, enum keel_wallet to);

bool keel_binance_spot_client_id_is_valid(keel_str client_id);

#endif

/* encode.h - commands into signed requests (reference: 5 to 8).
 *
 * Pure, no allocation. A POST or PUT carries its parameters in the body, so that it is never empty;
 * a GET or DELETE in the query. */
#ifndef KEEL_VENUE_BINANCE_ENCODE_H
#define KEEL_VENUE_BINANCE_ENCODE_H

#include "venue/venue.h"

/* As keel_venue.encode promises. */
enum keel_status keel_binance_encode(const struct keel_command *command,
                                     const struct keel_markets *markets,
                                     const struct keel_modes *modes, const struct keel_keys *keys,
                                     int64_t time_ms, int64_t receive_window_ms,
                                     struct keel_request *request, struct keel_error *error);

void keel_binance_make_client_id(uint64_t number, char client_id[KEEL_CLIENT_ID_SIZE]);
bool keel_binance_client_id_is_valid(keel_str client_id);

#endif

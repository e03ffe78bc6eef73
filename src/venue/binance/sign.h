/* sign.h - the signature of a request (2.1): HMAC-SHA256 over the query and the body as sent.
 *
 * Pure, no allocation. */
#ifndef KEEL_VENUE_BINANCE_SIGN_H
#define KEEL_VENUE_BINANCE_SIGN_H

#include "base/writer.h"
#include "venue/venue.h"

void keel_binance_set_keys(struct keel_keys *keys, keel_str api_key, keel_str secret);

/* Appends "&signature=…" to the parameters, which are signed after `before` (a query when they are
 * a body; else empty), with nothing in between. Without a key nothing is appended. */
void keel_binance_sign(const struct keel_keys *keys, keel_str before,
                       struct keel_writer *parameters);

#endif

/* sign.h - the three signatures of Gate's API v4 (2.1 to 2.3): HMAC-SHA512 over lines of text.
 *
 * Pure, no allocation. Spot and futures sign alike. */
#ifndef KEEL_VENUE_GATEIO_SIGN_H
#define KEEL_VENUE_GATEIO_SIGN_H

#include "base/writer.h"
#include "venue/venue.h"

enum {
    KEEL_GATEIO_SIGNATURE_SIZE = 2 * KEEL_SHA512_SIZE, /* in hexadecimal digits */
};

void keel_gateio_set_keys(struct keel_keys *keys, keel_str api_key, keel_str secret);

/* Writes the headers Timestamp and SIGN of a request whose method, path, query and body are final.
 * Path and query are signed as they are before percent-encoding. Without a key nothing is written.
 */
void keel_gateio_sign_request(const struct keel_keys *keys, const struct keel_request *request,
                              int64_t time_ms, struct keel_writer *headers);

/* Writes the signature of a subscription: over the channel, the event and the time in seconds. */
void keel_gateio_sign_channel(const struct keel_keys *keys, keel_str channel, keel_str event,
                              int64_t time_s, struct keel_writer *writer);

/* Writes that of a request on a stream: over the channel, its parameters as sent and the time. */
void keel_gateio_sign_call(const struct keel_keys *keys, keel_str channel, keel_str parameters,
                           int64_t time_s, struct keel_writer *writer);

#endif

/* venue.h - the venues that keel speaks, and their codecs by hand.
 *
 * Pure. For tools and tests: a client calls these itself. A venue here is a const table; it holds
 * no state. */
#ifndef KEEL_VENUE_H
#define KEEL_VENUE_H

#include "keel/command.h"

struct keel_venue;

/* "binance". NULL for a name that is not in the table. */
KEEL_API const struct keel_venue *keel_venue_find(keel_str name);
KEEL_API const char *keel_venue_name(const struct keel_venue *venue);

/* What is traded there: a futures account or a spot account. */
KEEL_API enum keel_product keel_venue_product(const struct keel_venue *venue);

/* The environment variables that hold its credentials: "BINANCE_API_KEY", "BINANCE_API_SECRET". */
KEEL_API const char *keel_venue_key_variable(const struct keel_venue *venue);
KEEL_API const char *keel_venue_secret_variable(const struct keel_venue *venue);

/* The venue at a place in the table, from 0; NULL past its end. */
KEEL_API const struct keel_venue *keel_venue_at(size_t index);

enum keel_decode_kind {
    KEEL_DECODE_NONE,
    KEEL_DECODE_STREAM,
    KEEL_DECODE_ORDERS,
    KEEL_DECODE_EXECUTIONS,
    KEEL_DECODE_BALANCES,
    KEEL_DECODE_POSITIONS,
    KEEL_DECODE_LEVERAGE,
    KEEL_DECODE_BRACKETS,
    KEEL_DECODE_SYMBOLS,
    KEEL_DECODE_INCOME,
    KEEL_DECODE_ERROR,
};

KEEL_API enum keel_decode_kind keel_decode_kind_parse(keel_str word);

/* Decodes a payload outside of any account. Markets that the payload names and the table lacks are
 * added first (symbols are all that is known of them), so nothing is parked. The events, and what
 * they point to, are in one block that keel_decoded_free releases. */
struct keel_decoded {
    struct keel_events events;
    struct keel_error venue_error; /* KEEL_DECODE_ERROR: what the venue's error means */
    enum keel_fate fate;           /* and what it means for an order */
    void *memory;
};

KEEL_API KEEL_MUST_USE enum keel_status
keel_venue_decode(const struct keel_venue *venue, enum keel_decode_kind kind, keel_str bytes,
                  int http_status, struct keel_markets *markets, struct keel_decoded *decoded,
                  struct keel_error *error);
KEEL_API void keel_decoded_free(struct keel_decoded *decoded);

/* Reads a command in JSON, in keel's own words:
 *     {"command":"place_order","symbol":"BTC/USDT:USDT","side":"buy","type":"limit",
 *      "quantity":"0.01","price":"20000"}
 * Names are those of the command line and of its JSON. A member that the command does not have,
 * needs and lacks, or has twice is KEEL_INVALID and named. A market that the table lacks is added
 * as the venue names it, on the finest grid that the venue has. */
KEEL_API KEEL_MUST_USE enum keel_status keel_venue_parse_command(const struct keel_venue *venue,
                                                                 keel_str json,
                                                                 struct keel_markets *markets,
                                                                 struct keel_command *command,
                                                                 struct keel_error *error);

/* A request as it would go on the wire. */
struct keel_encoded {
    const char *method; /* "POST" */
    char path[128];
    char query[2048]; /* signed and ready, but for the signature of keys that were not given */
    char body[2048];
    char headers[512]; /* lines "Name: value", besides the key's and those of any request */
};

/* Without credentials (empty key and secret) the request is encoded but not signed. time_ms is the
 * venue's wall clock; a receive window of 0 is left out. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_venue_encode(const struct keel_venue *venue, const struct keel_command *command,
                  const struct keel_markets *markets, const struct keel_modes *modes,
                  keel_str api_key, keel_str secret, int64_t time_ms, int64_t receive_window_ms,
                  struct keel_encoded *encoded, struct keel_error *error);

#endif

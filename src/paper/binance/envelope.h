/* envelope.h - what a request and an answer of the WebSocket API have around them, on futures and
 * on spot.
 *
 * Pure. Rules: docs of the venue, "WebSocket API: Request format, Response format". */
#ifndef PAPER_BINANCE_ENVELOPE_H
#define PAPER_BINANCE_ENVELOPE_H

#include "base/writer.h"
#include "paper/binance/params.h"

struct binance_api_request {
    keel_str id; /* as it was written; "null" without one */
    keel_str method;
    struct binance_params params;
};

/* False: not JSON, or parameters that are not an object, or too many; the id may be known then. */
bool binance_read_api_request(keel_str text, struct keel_arena *arena,
                              struct binance_api_request *request);

/* A row of "rateLimits". */
void binance_put_limit(struct keel_writer *json, const char *type, const char *interval,
                       int interval_count, int limit, int count);

#endif

/* dialect.h - the paper venue as Binance spot and its wallets: paths, words, errors and events.
 *
 * Pure; see paper/dialect.h for the calls. A second, independent reading of the venue's
 * documentation: it shares no code with the client side's codec. Rules: docs of the venue, "Spot
 * Trading": REST API, WebSocket API, User Data Streams, Filters, Errors; "Wallet".
 *
 * Every path of the venue's is also served behind "/spot", and its market streams only there: on
 * one port the plain paths of those are the futures'. */
#ifndef PAPER_BINANCE_SPOT_DIALECT_H
#define PAPER_BINANCE_SPOT_DIALECT_H

#include "paper/dialect.h"
#include "paper/keys.h"

struct paper_binance_spot_config {
    struct paper_spot *spot;
    const struct paper_keys *keys;
    struct paper_outbox *outbox;
    int32_t limit_factor; /* the rate limits times this; 0 is 1 */
};

/* Everything in *config outlives it. NULL: out of memory. */
struct paper_dialect *paper_binance_spot_new(const struct paper_binance_spot_config *config,
                                             int64_t now_ms);

#endif

/* dialect.h - the paper venue as Binance USD-M futures: its paths, words, errors and events.
 *
 * Pure; see paper/dialect.h for the calls. A second, independent reading of the venue's
 * documentation: it shares no code with the client side's codec. Rules: docs of the venue,
 * "USDS-Margined Futures": General Info, Account, Trade, Market Data, User Data Streams, WebSocket
 * API, Error Codes. */
#ifndef PAPER_BINANCE_DIALECT_H
#define PAPER_BINANCE_DIALECT_H

#include "paper/dialect.h"
#include "paper/keys.h"

struct paper_binance_config {
    struct paper_engine *engine;
    const struct paper_keys *keys;
    struct paper_outbox *outbox;
    uint64_t seed;        /* of the listen keys */
    int64_t speed;        /* market time a wall time: when funding falls due on the wall clock */
    int32_t limit_factor; /* the rate limits times this; 0 is 1 */
};

/* Everything in *config outlives it. NULL: out of memory. */
struct paper_dialect *paper_binance_new(const struct paper_binance_config *config, int64_t now_ms);

#endif

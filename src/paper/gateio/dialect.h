/* dialect.h - the paper venue as Gate.io, API v4: spot, its wallets and USDT futures.
 *
 * Pure; see paper/dialect.h for the calls. A second, independent reading of the venue's
 * documentation: it shares no code with the client side's codec. Rules: docs of the venue, "Gate
 * API v4": Futures, Authentication, Errors; "Futures WebSocket v4".
 *
 * The venue has an engine of its own, with its contracts and its rules of margin:
 *
 *     struct paper_config rules = paper_gateio_rules(config);
 *     engine = paper_engine_new(&rules, now_ms);
 *     dialect = paper_gateio_new(&(struct paper_gateio_config){.engine = engine, ...}, now_ms); */
#ifndef PAPER_GATEIO_DIALECT_H
#define PAPER_GATEIO_DIALECT_H

#include "paper/dialect.h"
#include "paper/keys.h"

struct paper_gateio_config {
    struct paper_engine *engine; /* made with paper_gateio_rules */
    struct paper_spot *spot;     /* made with paper_gateio_pairs */
    const struct paper_keys *keys;
    struct paper_outbox *outbox;
    int64_t speed;        /* market time a wall time: when funding falls due on the wall clock */
    int32_t limit_factor; /* the rate limits times this; 0 is 1 */
};

/* The same seed, accounts, deposits and clock; the venue's contracts, ids and rules of margin. */
struct paper_config paper_gateio_rules(struct paper_config config);

/* What the spot side trades. */
struct paper_spot_instruments paper_gateio_pairs(void);

/* Everything in *config outlives it. NULL: out of memory. */
struct paper_dialect *paper_gateio_new(const struct paper_gateio_config *config, int64_t now_ms);

#endif

/* canned.h - a futures exchange on Gate.io that went live over canned replies: the real exchange
 * and the real codec, and no venue behind them. */
#ifndef BENCH_CANNED_H
#define BENCH_CANNED_H

#include "exchange/exchange.h"

struct canned {
    struct keel_futures *futures;
    struct keel_private *base;
    uint32_t user_stream, market_stream;
    int64_t now_ns;
};

/* Our wall clock and the venue's. */
int64_t canned_wall_ms(const struct canned *canned);

/* False, and what is missing in *error, if it does not go live. */
bool canned_begin(struct canned *canned, struct keel_error *error);
void canned_end(struct canned *canned);

/* Answers all that the exchange asks for now. */
void canned_settle(struct canned *canned);

#endif

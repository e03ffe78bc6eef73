/* executions.h - the newest executions, each once.
 *
 * Pure; no allocation after init. A ring: the oldest makes room. Within its span a repeat is
 * recognised exactly, by market, trade id and side: who trades with himself has both sides. */
#ifndef KEEL_CORE_EXECUTIONS_H
#define KEEL_CORE_EXECUTIONS_H

#include "core/index.h"
#include "keel/execution.h"

struct keel_executions {
    struct keel_execution *at; /* slots 1 to max */
    int64_t *received_ns;      /* when each was told first */
    int32_t max, count;
    int32_t newest; /* slot; 0 before the first */
    struct keel_index by_trade;
};

bool keel_executions_init(struct keel_executions *executions, int32_t max);
void keel_executions_deinit(struct keel_executions *executions);

/* The same fill, told before. NULL: not in the ring. *hash is then what keel_executions_add wants
 * to know. */
struct keel_execution *keel_executions_find(const struct keel_executions *executions,
                                            const struct keel_execution *told, uint32_t *hash);

/* It must not be in the ring. */
struct keel_execution *keel_executions_add(struct keel_executions *executions,
                                           const struct keel_execution *execution, uint32_t hash,
                                           int64_t now_ns);

/* Fills in what an earlier, thinner statement of the same fill lacked (a fast notice has no fee and
 * no profit). True if there was something. */
bool keel_execution_complete(struct keel_execution *known, const struct keel_execution *repeat);

/* Newest first: NULL starts, NULL ends. */
const struct keel_execution *keel_executions_next(const struct keel_executions *executions,
                                                  keel_market_id market,
                                                  const struct keel_execution *after);

#endif

/* statement.h - what the venue states, held against what the account knows, before it is merged.
 *
 * Pure. Snapshots of balances, positions and open orders are compared; nothing changes. What the
 * account was told of at the same time or later is no discrepancy, and neither is what is on its
 * way: an order without a verdict, a fill whose position has not been told yet. */
#ifndef KEEL_EXCHANGE_STATEMENT_H
#define KEEL_EXCHANGE_STATEMENT_H

#include "core/account.h"
#include "keel/difference.h"

enum {
    KEEL_DISCREPANCIES_MAX = 64, /* in one comparison; more are found by the next */
};

struct keel_discrepancy {
    struct keel_difference difference;
    struct keel_order_ref order; /* of an order: to ask the venue by */
};

struct keel_discrepancies {
    struct keel_discrepancy at[KEEL_DISCREPANCIES_MAX];
    int32_t count;
};

/* Adds what differs. asked_ms: the venue's time when it was asked. */
void keel_statement_compare(const struct keel_account *account, const struct keel_events *events,
                            int64_t asked_ms, struct keel_discrepancies *found);

/* Keeps of those found now the ones that were found before, with our figure unchanged since. */
void keel_discrepancies_confirm(struct keel_discrepancies *now,
                                const struct keel_discrepancies *before);

#endif

/* ledger.h - the only place where coins move, and the proof that none is lost.
 *
 * Pure. Every movement has two ends, so the sum over all purses of an asset never changes from
 * zero. */
#ifndef PAPER_SPOT_LEDGER_H
#define PAPER_SPOT_LEDGER_H

#include "paper/spot/state.h"

/* One place where coins are. */
struct paper_purse_key {
    int account; /* 0: a pool */
    enum paper_spot_part part;
    enum paper_spot_pool pool;
};

static inline struct paper_purse_key paper_part_of(int account, enum paper_spot_part part)
{
    return (struct paper_purse_key){.account = account, .part = part};
}

static inline struct paper_purse_key paper_pool_of(enum paper_spot_pool pool)
{
    return (struct paper_purse_key){.pool = pool};
}

/* The caller has seen that it is there: an account's part never goes below zero. */
void paper_spot_ledger_move(struct paper_spot *spot, paper_asset_id asset, keel_decimal amount,
                            struct paper_purse_key from, struct paper_purse_key to);

/* If coins moved since the last check: do the sums still hold? A failure sticks. */
void paper_spot_ledger_check(struct paper_spot *spot);
void paper_spot_ledger_audit(const struct paper_spot *spot, struct paper_spot_audit *audit);

#endif

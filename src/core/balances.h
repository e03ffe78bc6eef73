/* balances.h - what the account holds of each asset, and the assets as small numbers.
 *
 * Pure; no allocation after init. An asset keeps its number for life, so that positions are added
 * up by settle asset without comparing names. */
#ifndef KEEL_CORE_BALANCES_H
#define KEEL_CORE_BALANCES_H

#include "keel/balance.h"

struct keel_balance_slot {
    struct keel_balance balance; /* first: a balance's address is its slot's */
    bool told;                   /* false: known by name alone, or gone */
    uint32_t changes;            /* statements that said anything new */
    uint32_t generation;         /* the snapshot that mentioned it last */
    int64_t received_ns;         /* when it was told of last */
};

struct keel_balances {
    struct keel_balance_slot *at; /* 1 to count, by asset number */
    int32_t max, count;
};

bool keel_balances_init(struct keel_balances *balances, int32_t max);
void keel_balances_deinit(struct keel_balances *balances);

/* The asset's number, given now if it is new; 0: full. */
int32_t keel_balances_intern(struct keel_balances *balances, const char *asset);

/* 0: no such asset. */
int32_t keel_balances_find(const struct keel_balances *balances, keel_str asset);

/* KEEL_FULL. *older: more is known already, nothing changed; else *changed tells. */
KEEL_MUST_USE enum keel_status keel_balances_merge(struct keel_balances *balances,
                                                   const struct keel_balance *update,
                                                   uint32_t generation, int32_t *asset,
                                                   bool *changed, bool *older,
                                                   struct keel_error *error);

#endif

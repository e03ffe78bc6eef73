/* index.h - finds the slot of an order or an execution by its market and id.
 *
 * Pure; no allocation after init. Open addressing, at most half full, so that a probe ends soon.
 * The index holds hashes and slots alone: the owner compares the ids, and slots with one hash, or
 * even one id, may be several. Slot 0 is none. */
#ifndef KEEL_CORE_INDEX_H
#define KEEL_CORE_INDEX_H

#include "keel/market.h"

struct keel_index_entry {
    uint32_t hash;
    uint32_t slot; /* 0: empty */
};

struct keel_index {
    struct keel_index_entry *at;
    uint32_t mask;
};

/* For up to capacity entries. False: out of memory. */
bool keel_index_init(struct keel_index *index, int32_t capacity);
void keel_index_deinit(struct keel_index *index);

/* The family keeps apart ids that two kinds of things of one market share. */
uint32_t keel_index_hash(keel_market_id market, unsigned family, const char *id);

/* The slots with that hash, one a call, 0 after the last. *cursor begins at 0. */
uint32_t keel_index_next(const struct keel_index *index, uint32_t hash, uint32_t *cursor);

/* The caller keeps to the capacity. */
void keel_index_add(struct keel_index *index, uint32_t hash, uint32_t slot);

/* The entry must be there. */
void keel_index_remove(struct keel_index *index, uint32_t hash, uint32_t slot);

#endif

#include "core/index.h"

#include "base/memory.h"
#include "base/number.h"

#include <stdlib.h>

bool keel_index_init(struct keel_index *index, int32_t capacity)
{
    uint32_t count = 16;
    while (count < 2 * (uint32_t)capacity)
        count *= 2;
    index->at = keel_new_array(count, sizeof(*index->at));
    index->mask = count - 1;
    return index->at != NULL;
}

void keel_index_deinit(struct keel_index *index)
{
    free(index->at);
    index->at = NULL;
}

/* Fewer than eight characters. The two halves overlap: a copy of so many bytes would be stored
 * piece by piece, and loading all of them at once has to wait for the last. */
static uint64_t load_rest(const char *at, size_t size)
{
    uint32_t first, last;
    if (size >= sizeof(first)) {
        memcpy(&first, at, sizeof(first));
        memcpy(&last, at + size - sizeof(last), sizeof(last));
        return (uint64_t)last << 32 | first;
    }
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word = word << 8 | (unsigned char)at[i];
    return word;
}

/* The last character is left for the end: ids that count up, as our own and those of trades do,
 * then have places side by side, in memory that was just touched. */
uint32_t keel_index_hash(keel_market_id market, unsigned family, const char *id)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    size_t size = strlen(id);
    uint64_t hash = ((uint64_t)market << 8 | family) * factor + size;
    uint32_t last = size > 0 ? (unsigned char)id[--size] : 0;
    for (; size >= 8; size -= 8, id += 8)
        hash = ((hash << 23 | hash >> 41) ^ keel_load_word(id)) * factor;
    hash = ((hash << 23 | hash >> 41) ^ load_rest(id, size)) * factor;
    return (uint32_t)((hash ^ hash >> 29) * factor >> 32) + last;
}

uint32_t keel_index_next(const struct keel_index *index, uint32_t hash, uint32_t *cursor)
{
    for (;; ++*cursor) {
        const struct keel_index_entry *entry = &index->at[(hash + *cursor) & index->mask];
        if (entry->slot == 0)
            return 0;
        if (entry->hash == hash) {
            ++*cursor;
            return entry->slot;
        }
    }
}

void keel_index_add(struct keel_index *index, uint32_t hash, uint32_t slot)
{
    uint32_t at = hash & index->mask;
    while (index->at[at].slot != 0)
        at = (at + 1) & index->mask;
    index->at[at] = (struct keel_index_entry){hash, slot};
}

/* Entries behind the hole move up to it, unless that would put them before their own place. */
static void close_hole(struct keel_index *index, uint32_t hole)
{
    for (uint32_t at = (hole + 1) & index->mask; index->at[at].slot != 0;
         at = (at + 1) & index->mask) {
        uint32_t from_home = (at - index->at[at].hash) & index->mask;
        if (from_home < ((at - hole) & index->mask))
            continue;
        index->at[hole] = index->at[at];
        hole = at;
    }
    index->at[hole].slot = 0;
}

void keel_index_remove(struct keel_index *index, uint32_t hash, uint32_t slot)
{
    uint32_t at = hash & index->mask;
    while (index->at[at].slot != slot || index->at[at].hash != hash) {
        KEEL_ASSERT(index->at[at].slot != 0);
        at = (at + 1) & index->mask;
    }
    close_hole(index, at);
}

/* arena.h - memory for one message: handed out in order, given back all at once.
 *
 * Pure; never calls malloc after init. One owner. What comes from it is good until the next reset.
 */
#ifndef KEEL_ARENA_H
#define KEEL_ARENA_H

#include "keel/error.h"
#include "keel/str.h"

struct keel_arena {
    unsigned char *memory; /* the caller's */
    size_t size;
    size_t used;
    size_t used_max; /* since init: tells whether the bound is well chosen */
};

void keel_arena_init(struct keel_arena *arena, void *memory, size_t size);
void keel_arena_reset(struct keel_arena *arena);

/* Zeroed and aligned for any type; NULL when full (the caller answers KEEL_FULL). */
void *keel_arena_take(struct keel_arena *arena, size_t size);

/* A copy with a closing zero byte outside its size; data is NULL when full. */
keel_str keel_arena_copy(struct keel_arena *arena, keel_str text);

#endif

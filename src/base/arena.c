#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>

void keel_arena_init(struct keel_arena *arena, void *memory, size_t size)
{
    *arena = (struct keel_arena){.memory = memory, .size = size};
}

void keel_arena_reset(struct keel_arena *arena)
{
    arena->used = 0;
}

void *keel_arena_take(struct keel_arena *arena, size_t size)
{
    /* The address is what must be aligned: the caller's memory may begin anywhere. */
    uintptr_t next = (uintptr_t)arena->memory + arena->used;
    size_t padding = (size_t)(-next & (alignof(max_align_t) - 1));
    size_t left = arena->size - arena->used;
    if (padding > left || size > left - padding)
        return NULL;

    void *taken = arena->memory + arena->used + padding;
    arena->used += padding + size;
    if (arena->used > arena->used_max)
        arena->used_max = arena->used;
    return memset(taken, 0, size);
}

keel_str keel_arena_copy(struct keel_arena *arena, keel_str text)
{
    char *copy = text.size < SIZE_MAX ? keel_arena_take(arena, text.size + 1) : NULL;
    if (!copy)
        return (keel_str){NULL, 0};
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    return (keel_str){copy, text.size};
}

#include "allocations.h"

#include <stddef.h>

/* glibc's own names: ours stand in front of them for the whole process, libraries included. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t size);

static int64_t total;

int64_t bench_allocations(void)
{
    return __atomic_load_n(&total, __ATOMIC_RELAXED);
}

static void count_one(void)
{
    __atomic_fetch_add(&total, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    count_one();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    count_one();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    count_one();
    return __libc_realloc(memory, size);
}

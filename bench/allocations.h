/* allocations.h - counts every call of the heap in this process. */
#ifndef BENCH_ALLOCATIONS_H
#define BENCH_ALLOCATIONS_H

#include <stdint.h>

int64_t bench_allocations(void);

#endif

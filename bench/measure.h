/* measure.h - times operations in batches, and tells of each the median and what it took from the
 * heap. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BATCHES = 301,
    WARM_UP = 50, /* batches that are not counted: they fill caches and teach the branch predictor,
                     as a day of trading has by its second minute */
    ROUNDS = WARM_UP + BATCHES,
    BATCH = 32, /* operations in a batch; as many requests fit in flight */
};

int64_t bench_now_ns(void);

/* Of ROUNDS batches. Ends the program if they took anything from the heap. */
void bench_tell_batches(const char *name, int64_t *times, int64_t allocations);

/* Of count measurements, each of `per` operations; allocations are those of one operation. */
void bench_tell(const char *name, int64_t *times, int count, int64_t per, int64_t allocations);

/* Each median as a multiple of the last that was told. */
void bench_tell_ratios(void);

/* Is the operation among the names of the command line, or are there none? */
bool bench_is_wanted(int count, char **names, const char *name);

/* Writes a number over the digits behind the last `before` in text. */
void bench_patch(char *text, const char *before, uint64_t number);

_Noreturn void bench_give_up(const char *what);

#endif

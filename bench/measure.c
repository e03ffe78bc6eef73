#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    RESULTS_MAX = 32,
};

struct result {
    const char *name;
    int64_t median_ns;
};

static struct result results[RESULTS_MAX];
static int result_count;

int64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare_times(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

void bench_tell(const char *name, int64_t *times, int count, int64_t per, int64_t allocations)
{
    if (result_count == RESULTS_MAX)
        bench_give_up("there are more operations than results have room for");
    qsort(times, (size_t)count, sizeof(*times), compare_times);
    struct result result = {.name = name, .median_ns = times[count / 2] / per};
    printf("%s %lld %lld\n", name, (long long)result.median_ns, (long long)allocations);
    fflush(stdout);
    results[result_count++] = result;
}

void bench_tell_batches(const char *name, int64_t *times, int64_t allocations)
{
    if (allocations != 0) {
        fprintf(stderr, "keel-bench: %d of %s took %lld allocations, expected none\n",
                ROUNDS * BATCH, name, (long long)allocations);
        exit(1);
    }
    bench_tell(name, times + WARM_UP, BATCHES, BATCH, 0);
}

void bench_tell_ratios(void)
{
    const struct result *reference = &results[result_count - 1];
    for (int i = 0; i < result_count - 1 && reference->median_ns > 0; i++) {
        int64_t hundredths = results[i].median_ns * 100 / reference->median_ns;
        printf("# %s is %lld.%02lld of %s\n", results[i].name, (long long)(hundredths / 100),
               (long long)(hundredths % 100), reference->name);
    }
}

bool bench_is_wanted(int count, char **names, const char *name)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return count == 1;
}

void bench_patch(char *text, const char *before, uint64_t number)
{
    char *at = text;
    for (char *next = at; (next = strstr(next, before)) != NULL; next++)
        at = next;
    at += strlen(before);
    size_t size = strspn(at, "0123456789");
    for (size_t i = size; i > 0; i--, number /= 10)
        at[i - 1] = (char)('0' + number % 10);
}

void bench_give_up(const char *what)
{
    fprintf(stderr, "keel-bench: %s\n", what);
    exit(1);
}

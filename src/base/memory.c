#include "base/memory.h"

#include <stdlib.h>

enum {
    PAGE_SIZE_MIN = 4096,
};

void *keel_new_array(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    volatile char *bytes = memory; /* or the compiler, which knows that they are zero, skips it */
    for (size_t at = 0; memory && at < count * size; at += PAGE_SIZE_MIN)
        bytes[at] = 0;
    return memory;
}

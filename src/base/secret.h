/* secret.h - a place for keys: never swapped out, not in a core dump, wiped when it goes. */
#ifndef KEEL_SECRET_H
#define KEEL_SECRET_H

#include "keel/error.h"

#include <stddef.h>

/* Zeroed; NULL when there is no memory. *locked tells whether the system keeps it out of the swap:
 * not every account may lock memory (RLIMIT_MEMLOCK). */
void *keel_secret_new(size_t size, bool *locked);

/* Wipes. NULL is fine. */
void keel_secret_free(void *secret, size_t size);

#endif

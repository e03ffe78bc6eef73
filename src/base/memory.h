/* memory.h - the memory that is taken at the start and kept.
 *
 * The system gives a page its memory when it is first written to, which takes a microsecond or
 * more: in a ring that fills as the day goes on, in the middle of trading. So all of it is written
 * to while there is time. */
#ifndef KEEL_MEMORY_H
#define KEEL_MEMORY_H

#include <stddef.h>

/* Zeroed, with every page of it there. NULL: out of memory. To be freed with free(). */
void *keel_new_array(size_t count, size_t size);

#endif

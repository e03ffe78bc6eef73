/* multi.h - libcurl's transfers on a libuv loop.
 *
 * One for a client: requests and streams share it, and so its connections. Calls back from the
 * loop alone, never from inside a function of this header. */
#ifndef KEEL_MULTI_H
#define KEEL_MULTI_H

#include "keel/error.h"

#include <curl/curl.h>
#include <uv.h>

struct keel_multi;

/* Embedded in what owns the easy handle. */
struct keel_transfer {
    CURL *easy;
    /* Once for each add. The transfer is still added; it may be removed and freed from here. */
    void (*on_done)(struct keel_transfer *transfer, CURLcode code);
};

/* NULL when there is no memory or no descriptor. */
struct keel_multi *keel_multi_new(uv_loop_t *loop);

/* After every transfer was removed. The memory goes when the loop has run once more. */
void keel_multi_free(struct keel_multi *multi);

KEEL_MUST_USE enum keel_status keel_multi_add(struct keel_multi *multi,
                                              struct keel_transfer *transfer);
/* Ends it if it runs: on_done is not called any more. */
void keel_multi_remove(struct keel_multi *multi, struct keel_transfer *transfer);

#endif

/* failures.h - what went wrong, as one sentence: the names of all that failed in the same words.
 *
 * Pure; fixed bounds; one owner. Of many loads that fail for one reason all names fit, and the
 * reason is said once. */
#ifndef KEEL_SESSION_FAILURES_H
#define KEEL_SESSION_FAILURES_H

#include "keel/error.h"

#include <stdint.h>

enum {
    KEEL_FAILURES_MAX = 4, /* reasons; further ones are counted in the sentence */
    KEEL_FAILURE_NAMES_SIZE = 128,
};

struct keel_failures {
    struct {
        char names[KEEL_FAILURE_NAMES_SIZE]; /* "balances, positions" */
        struct keel_error error;
    } at[KEEL_FAILURES_MAX];
    int32_t count;
    int32_t more;
};

/* symbol: "" if it is not of one market. */
void keel_failures_add(struct keel_failures *failures, const char *name, const char *symbol,
                       const struct keel_error *error);

/* With the first failure's status and venue code; status KEEL_OK if there was none. A failure to
 * hear of is KEEL_FAILED: what only reads has no unknown outcome. */
void keel_failures_sum(const struct keel_failures *failures, struct keel_error *error);

#endif

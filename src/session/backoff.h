/* backoff.h - how long to wait before trying again.
 *
 * Pure. Doubles from a quarter of a second to half a minute; half of each pause is drawn from a
 * seeded generator, so that many clients of one venue do not come back together. The first pause is
 * never zero, and only a success that lasted resets it: that bounds the rate of connections. */
#ifndef KEEL_SESSION_BACKOFF_H
#define KEEL_SESSION_BACKOFF_H

#include <stdint.h>

#define KEEL_BACKOFF_MIN_NS (INT64_C(250) * 1000 * 1000)
#define KEEL_BACKOFF_MAX_NS (INT64_C(30) * 1000 * 1000 * 1000)

/* The next number of a generator whose whole state is *random (SplitMix64). */
uint64_t keel_random_next(uint64_t *random);

/* The pause before the next attempt, when so many have failed before this one (from 0). */
int64_t keel_backoff_ns(int32_t failures, uint64_t *random);

#endif

/* governor.h - how fast requests may leave: the limits that the venue states, and its silences.
 *
 * Pure. Counts what leaves in each of the venue's windows and believes the venue where it tells a
 * higher count (another process may share the address). Cancels and reductions may use all of a
 * limit, entries nearly all, questions about an order's fate less, loads least: what saves an
 * account goes first.
 * Times are the venue's wall clock. Some venues align their windows to it. With others a window
 * begins when its first request comes there: ours then lasts longer than theirs by what two
 * requests may differ on their way. */
#ifndef KEEL_SESSION_GOVERNOR_H
#define KEEL_SESSION_GOVERNOR_H

#include "venue/venue.h"

enum {
    KEEL_GOVERNOR_LIMITS_MAX = 8,
    KEEL_GOVERNOR_SLACK_MS = 250, /* between the ways of two requests */
};

/* In the order in which they leave. */
enum keel_urgency {
    KEEL_URGENCY_WRITE, /* cancels, orders that shrink a position, settings */
    KEEL_URGENCY_ENTRY, /* orders that may make a position grow */
    KEEL_URGENCY_QUERY, /* what a caller or an unknown order waits for */
    KEEL_URGENCY_LOAD,
    KEEL_URGENCIES,
};

struct keel_governor_limit {
    enum keel_rate_limit_kind kind;
    int64_t interval_ms, limit;
    int64_t used, ends_ms; /* in the window that ends then */
    bool of_first_call;
};

struct keel_governor {
    struct keel_governor_limit limits[KEEL_GOVERNOR_LIMITS_MAX];
    int32_t limit_count;
    int64_t silent_until_ms; /* 0: not silent */
};

/* A limit that the venue states; one of the same kind and interval is replaced. More than
 * KEEL_GOVERNOR_LIMITS_MAX are not kept: the venue then says itself when it is too much. */
void keel_governor_apply_limit(struct keel_governor *governor, const struct keel_rate_limit *limit);

/* What a reply tells of its limits. */
void keel_governor_observe(struct keel_governor *governor, const struct keel_usage *usage,
                           int32_t count, int64_t time_ms);

/* The venue wants silence until then. A shorter one never replaces a longer one. */
void keel_governor_silence(struct keel_governor *governor, int64_t until_ms);

/* The venue's clock went back by so much: its windows, and its silence, end as much earlier on it.
 */
void keel_governor_step_back(struct keel_governor *governor, int64_t by_ms);

/* May a request of this urgency leave now? If not, *retry_at_ms says when to ask again. */
bool keel_governor_allows(const struct keel_governor *governor, enum keel_urgency urgency,
                          bool is_order, int64_t time_ms, int64_t *retry_at_ms);

/* It leaves. */
void keel_governor_charge(struct keel_governor *governor, int32_t weight, int32_t order_count,
                          int64_t time_ms);

#endif

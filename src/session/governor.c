#include "session/governor.h"

/* Parts of a limit, in percent, that each urgency may use up. */
static const int64_t shares[KEEL_URGENCIES] = {
    [KEEL_URGENCY_WRITE] = 100,
    [KEEL_URGENCY_ENTRY] = 95,
    [KEEL_URGENCY_QUERY] = 90,
    [KEEL_URGENCY_LOAD] = 75,
};

static int64_t window_ms(const struct keel_governor_limit *limit)
{
    return limit->interval_ms + (limit->of_first_call ? KEEL_GOVERNOR_SLACK_MS : 0);
}

static bool is_over(const struct keel_governor_limit *limit, int64_t time_ms)
{
    return time_ms >= limit->ends_ms || time_ms < limit->ends_ms - window_ms(limit);
}

static void roll_window(struct keel_governor_limit *limit, int64_t time_ms)
{
    if (!is_over(limit, time_ms))
        return;
    limit->ends_ms = limit->of_first_call ? time_ms + window_ms(limit)
                                          : (time_ms / limit->interval_ms + 1) * limit->interval_ms;
    limit->used = 0;
}

void keel_governor_apply_limit(struct keel_governor *governor, const struct keel_rate_limit *limit)
{
    struct keel_governor_limit *at = governor->limits;
    struct keel_governor_limit *end = at + governor->limit_count;

    if (limit->interval_ms <= 0 || limit->limit <= 0)
        return;
    while (at < end && (at->kind != limit->kind || at->interval_ms != limit->interval_ms))
        at++;
    if (at == end) {
        if (governor->limit_count == KEEL_GOVERNOR_LIMITS_MAX)
            return;
        governor->limit_count++;
        *at = (struct keel_governor_limit){.kind = limit->kind, .interval_ms = limit->interval_ms};
    }
    at->limit = limit->limit;
    at->of_first_call = limit->of_first_call;
}

void keel_governor_observe(struct keel_governor *governor, const struct keel_usage *usage,
                           int32_t count, int64_t time_ms)
{
    for (int32_t i = 0; i < governor->limit_count; i++) {
        struct keel_governor_limit *limit = &governor->limits[i];
        for (int32_t told = 0; told < count; told++) {
            if (usage[told].kind != limit->kind || usage[told].interval_ms != limit->interval_ms)
                continue;
            roll_window(limit, time_ms);
            if (usage[told].used > limit->used)
                limit->used = usage[told].used;
        }
    }
}

void keel_governor_silence(struct keel_governor *governor, int64_t until_ms)
{
    if (until_ms > governor->silent_until_ms)
        governor->silent_until_ms = until_ms;
}

void keel_governor_step_back(struct keel_governor *governor, int64_t by_ms)
{
    for (int32_t i = 0; i < governor->limit_count; i++)
        governor->limits[i].ends_ms -= by_ms;
    governor->silent_until_ms -= by_ms;
}

bool keel_governor_allows(const struct keel_governor *governor, enum keel_urgency urgency,
                          bool is_order, int64_t time_ms, int64_t *retry_at_ms)
{
    *retry_at_ms = governor->silent_until_ms;
    if (time_ms < governor->silent_until_ms)
        return false;

    for (int32_t i = 0; i < governor->limit_count; i++) {
        const struct keel_governor_limit *limit = &governor->limits[i];
        if (limit->kind == KEEL_LIMIT_ORDERS && !is_order)
            continue;
        if (is_over(limit, time_ms) || limit->used * 100 < limit->limit * shares[urgency])
            continue;
        *retry_at_ms = limit->ends_ms;
        return false;
    }
    return true;
}

void keel_governor_charge(struct keel_governor *governor, int32_t weight, int32_t order_count,
                          int64_t time_ms)
{
    for (int32_t i = 0; i < governor->limit_count; i++) {
        struct keel_governor_limit *limit = &governor->limits[i];
        int32_t count = limit->kind == KEEL_LIMIT_WEIGHT ? weight : order_count;
        if (count == 0)
            continue;
        roll_window(limit, time_ms);
        limit->used += count;
    }
}

#include "paper/gateio/limits.h"

#include <stdlib.h>
#include <string.h>

enum {
    CALLS_WINDOW_MS = 10 * 1000,
};

bool gateio_limits_init(struct gateio_limits *limits, int accounts, int32_t factor)
{
    *limits = (struct gateio_limits){.factor = factor > 0 ? factor : 1};
    limits->callers = calloc(GATEIO_ADDRESSES_MAX, sizeof(*limits->callers));
    limits->private_calls =
        calloc(((size_t)accounts + 1) * GATEIO_ENDPOINTS_MAX, sizeof(*limits->private_calls));
    return limits->callers && limits->private_calls;
}

void gateio_limits_deinit(struct gateio_limits *limits)
{
    free(limits->callers);
    free(limits->private_calls);
}

void gateio_limits_clear(struct gateio_limits *limits, int accounts)
{
    limits->caller_count = 0;
    memset(limits->private_calls, 0,
           ((size_t)accounts + 1) * GATEIO_ENDPOINTS_MAX * sizeof(*limits->private_calls));
}

struct gateio_allowance gateio_limit_charge(struct gateio_limit *limit, int32_t limit_max,
                                            int64_t window_ms, int32_t count, int64_t now_ms)
{
    if (now_ms >= limit->begin_ms + window_ms || now_ms < limit->begin_ms)
        *limit = (struct gateio_limit){.begin_ms = now_ms};
    struct gateio_allowance allowance = {.limit = limit_max, .reset_ms = now_ms};
    allowance.exceeded = limit->used + count > limit_max;
    if (allowance.exceeded)
        allowance.reset_ms = limit->begin_ms + window_ms;
    else
        limit->used += count;
    allowance.remain = limit_max - limit->used;
    return allowance;
}

static struct gateio_caller *quietest(struct gateio_limits *limits)
{
    struct gateio_caller *found = &limits->callers[0];
    for (int i = 1; i < limits->caller_count; i++) {
        if (limits->callers[i].last_ms < found->last_ms)
            found = &limits->callers[i];
    }
    return found;
}

static struct gateio_caller *find_caller(struct gateio_limits *limits, keel_str address)
{
    for (int i = 0; i < limits->caller_count; i++) {
        if (keel_str_equals(address, keel_str_from(limits->callers[i].address)))
            return &limits->callers[i];
    }
    struct gateio_caller *caller = limits->caller_count < GATEIO_ADDRESSES_MAX
                                       ? &limits->callers[limits->caller_count++]
                                       : quietest(limits);
    memset(caller, 0, sizeof(*caller));
    if (!keel_str_copy(address, caller->address, sizeof(caller->address)))
        (void)keel_str_copy(KEEL_STR("?"), caller->address, sizeof(caller->address));
    return caller;
}

struct gateio_allowance gateio_limits_charge_public(struct gateio_limits *limits, keel_str address,
                                                    int endpoint, int64_t now_ms)
{
    struct gateio_caller *caller = find_caller(limits, address);
    caller->last_ms = now_ms;
    return gateio_limit_charge(&caller->endpoints[endpoint], GATEIO_CALLS_PER_10_S * limits->factor,
                               CALLS_WINDOW_MS, 1, now_ms);
}

struct gateio_allowance gateio_limits_charge_private(struct gateio_limits *limits, int account,
                                                     int endpoint, int64_t now_ms)
{
    struct gateio_limit *limit =
        &limits->private_calls[(size_t)account * GATEIO_ENDPOINTS_MAX + (size_t)endpoint];
    return gateio_limit_charge(limit, GATEIO_CALLS_PER_10_S * limits->factor, CALLS_WINDOW_MS, 1,
                               now_ms);
}

#include "session/backoff.h"

uint64_t keel_random_next(uint64_t *random)
{
    uint64_t mixed = *random += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

int64_t keel_backoff_ns(int32_t failures, uint64_t *random)
{
    int64_t pause_ns = KEEL_BACKOFF_MIN_NS;

    for (int32_t i = 0; i < failures && pause_ns < KEEL_BACKOFF_MAX_NS; i++)
        pause_ns *= 2;
    if (pause_ns > KEEL_BACKOFF_MAX_NS)
        pause_ns = KEEL_BACKOFF_MAX_NS;

    int64_t half_ns = pause_ns / 2;
    return half_ns + (int64_t)(keel_random_next(random) % (uint64_t)half_ns);
}

#include "paper/random.h"
#include "world_internal.h"

uint64_t world_random(struct world *world, uint64_t below)
{
    return paper_random_below(&world->random, below);
}

/* A chance in a million; no number is drawn for what cannot be. */
static bool happens(struct world *world, int chance)
{
    return chance > 0 && world_random(world, WORLD_ALWAYS) < (uint64_t)chance;
}

bool world_strikes(struct world *world, int chance, enum world_fault kind)
{
    bool struck = happens(world, chance);
    world->struck[kind] += struck;
    return struck;
}

int64_t world_delay_ns(struct world *world)
{
    if (world->config.delay_max_ns == 0)
        return 0;
    return (int64_t)world_random(world, (uint64_t)world->config.delay_max_ns);
}

int64_t world_arrival_ns(struct world *world, int64_t *last_ns)
{
    int64_t at_ns = world->now_ns + world_delay_ns(world);
    if (at_ns < *last_ns)
        at_ns = *last_ns;
    return *last_ns = at_ns;
}

/* A late frame holds up those behind it, as TCP does. */
int64_t world_late_ns(struct world *world)
{
    if (world->faults.late_ms == 0 || world_random(world, 100) != 0)
        return 0;
    world->struck[WORLD_LATE]++;
    return 1000000 * (int64_t)world_random(world, (uint64_t)world->faults.late_ms);
}

#include "core/executions.h"

#include "base/memory.h"

#include <stdlib.h>

bool keel_executions_init(struct keel_executions *executions, int32_t max)
{
    *executions = (struct keel_executions){.max = max};
    executions->at = keel_new_array((size_t)max + 1, sizeof(*executions->at));
    executions->received_ns = keel_new_array((size_t)max + 1, sizeof(*executions->received_ns));
    return executions->at && executions->received_ns && keel_index_init(&executions->by_trade, max);
}

void keel_executions_deinit(struct keel_executions *executions)
{
    free(executions->at);
    free(executions->received_ns);
    keel_index_deinit(&executions->by_trade);
}

static uint32_t hash_trade(const struct keel_execution *execution)
{
    return keel_index_hash(execution->market, execution->side, execution->trade_id);
}

struct keel_execution *keel_executions_find(const struct keel_executions *executions,
                                            const struct keel_execution *told, uint32_t *hash)
{
    uint32_t cursor = 0, slot;
    *hash = hash_trade(told);
    while ((slot = keel_index_next(&executions->by_trade, *hash, &cursor)) != 0) {
        struct keel_execution *execution = &executions->at[slot];
        if (execution->market == told->market && execution->side == told->side &&
            strcmp(execution->trade_id, told->trade_id) == 0)
            return execution;
    }
    return NULL;
}

struct keel_execution *keel_executions_add(struct keel_executions *executions,
                                           const struct keel_execution *execution, uint32_t hash,
                                           int64_t now_ns)
{
    int32_t slot = executions->newest == executions->max ? 1 : executions->newest + 1;
    struct keel_execution *place = &executions->at[slot];
    if (executions->count == executions->max)
        keel_index_remove(&executions->by_trade, hash_trade(place), (uint32_t)slot);
    else
        executions->count++;

    *place = *execution;
    executions->received_ns[slot] = now_ns;
    executions->newest = slot;
    keel_index_add(&executions->by_trade, hash, (uint32_t)slot);
    return place;
}

static bool complete_decimal(keel_decimal *known, keel_decimal told)
{
    if (keel_decimal_is_valid(*known) || !keel_decimal_is_valid(told))
        return false;
    *known = told;
    return true;
}

static bool complete_text(char *known, const char *told, size_t size)
{
    if (known[0] != '\0' || told[0] == '\0')
        return false;
    memcpy(known, told, size);
    return true;
}

bool keel_execution_complete(struct keel_execution *known, const struct keel_execution *repeat)
{
    bool changed = complete_decimal(&known->fee, repeat->fee);
    changed |= complete_decimal(&known->realized_pnl, repeat->realized_pnl);
    changed |= complete_text(known->fee_asset, repeat->fee_asset, sizeof(known->fee_asset));
    changed |= complete_text(known->client_id, repeat->client_id, sizeof(known->client_id));
    if (known->position_side == KEEL_POSITION_SIDE_NONE &&
        repeat->position_side != KEEL_POSITION_SIDE_NONE) {
        known->position_side = repeat->position_side;
        changed = true;
    }
    if (known->cause == KEEL_CAUSE_USER && repeat->cause != KEEL_CAUSE_USER) {
        known->cause = repeat->cause;
        changed = true;
    }
    return changed;
}

const struct keel_execution *keel_executions_next(const struct keel_executions *executions,
                                                  keel_market_id market,
                                                  const struct keel_execution *after)
{
    int32_t passed = 0, slot = executions->newest;
    if (after) {
        int32_t at = (int32_t)(after - executions->at);
        passed = (executions->newest - at + executions->max) % executions->max + 1;
        slot = at == 1 ? executions->max : at - 1;
    }
    for (; passed < executions->count; passed++) {
        const struct keel_execution *execution = &executions->at[slot];
        if (market == KEEL_NO_MARKET || execution->market == market)
            return execution;
        slot = slot == 1 ? executions->max : slot - 1;
    }
    return NULL;
}

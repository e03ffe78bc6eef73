#include "core/balances.h"

#include <stdlib.h>

bool keel_balances_init(struct keel_balances *balances, int32_t max)
{
    *balances = (struct keel_balances){.max = max};
    balances->at = calloc((size_t)max + 1, sizeof(*balances->at));
    return balances->at != NULL;
}

void keel_balances_deinit(struct keel_balances *balances)
{
    free(balances->at);
}

int32_t keel_balances_find(const struct keel_balances *balances, keel_str asset)
{
    for (int32_t number = 1; number <= balances->count; number++) {
        const char *known = balances->at[number].balance.asset;
        if (strncmp(known, asset.data, asset.size) == 0 && known[asset.size] == '\0')
            return number;
    }
    return 0;
}

int32_t keel_balances_intern(struct keel_balances *balances, const char *asset)
{
    int32_t number = keel_balances_find(balances, keel_str_from(asset));
    if (number != 0 || balances->count == balances->max)
        return number;
    struct keel_balance_slot *slot = &balances->at[++balances->count];
    *slot = (struct keel_balance_slot){
        .balance = {.wallet = KEEL_DECIMAL_ABSENT,
                    .cross_wallet = KEEL_DECIMAL_ABSENT,
                    .available = KEEL_DECIMAL_ABSENT,
                    .locked = KEEL_DECIMAL_ABSENT}
    };
    memcpy(slot->balance.asset, asset, strlen(asset) + 1);
    return balances->count;
}

static bool balances_equal(const struct keel_balance *a, const struct keel_balance *b)
{
    return keel_decimal_equals(a->wallet, b->wallet) &&
           keel_decimal_equals(a->cross_wallet, b->cross_wallet) &&
           keel_decimal_equals(a->available, b->available) &&
           keel_decimal_equals(a->locked, b->locked) && a->update_time_ms == b->update_time_ms;
}

enum keel_status keel_balances_merge(struct keel_balances *balances,
                                     const struct keel_balance *update, uint32_t generation,
                                     int32_t *asset, bool *changed, bool *older,
                                     struct keel_error *error)
{
    *asset = keel_balances_intern(balances, update->asset);
    if (*asset == 0)
        return keel_fail(error, KEEL_FULL, "%s: %d assets are known, the bound is %d",
                         update->asset, balances->count, balances->max);
    struct keel_balance_slot *slot = &balances->at[*asset];
    struct keel_balance *balance = &slot->balance;
    slot->generation = generation;
    *older = update->update_time_ms != 0 && update->update_time_ms < balance->update_time_ms;
    *changed = !*older && (!slot->told || !balances_equal(balance, update));
    if (*older || !*changed)
        return KEEL_OK;

    int64_t time_ms = balance->update_time_ms;
    *balance = *update;
    if (balance->update_time_ms < time_ms)
        balance->update_time_ms = time_ms;
    slot->told = true;
    slot->changes++;
    return KEEL_OK;
}

#include "paper/spot/ledger.h"

#include <stdio.h>

/* What a balances event tells is measured from the first movement on. */
static void note(struct paper_spot *spot, int account, paper_asset_id asset)
{
    struct paper_spot_trader *trader = paper_spot_trader_at(spot, account);
    if ((trader->moved >> asset & 1) == 0)
        memcpy(trader->before[asset], trader->parts[asset], sizeof(trader->before[asset]));
    trader->moved |= UINT64_C(1) << asset;
    trader->update_time_ms = spot->now_ms;
}

static keel_decimal *purse_of(struct paper_spot *spot, paper_asset_id asset,
                              struct paper_purse_key key)
{
    if (key.account == 0)
        return &spot->pools[asset][key.pool];
    note(spot, key.account, asset);
    return &paper_spot_trader_at(spot, key.account)->parts[asset][key.part];
}

static void break_books(struct paper_spot *spot, const char *what, paper_asset_id asset,
                        keel_decimal amount)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    if (!spot->conserved)
        return;
    spot->conserved = false;
    (void)keel_decimal_format(amount, text);
    (void)snprintf(spot->broken, sizeof(spot->broken), "%s %s: %s", what,
                   paper_asset_get(asset)->code, text);
}

void paper_spot_ledger_move(struct paper_spot *spot, paper_asset_id asset, keel_decimal amount,
                            struct paper_purse_key from, struct paper_purse_key to)
{
    if (keel_decimal_is_zero(amount))
        return;
    keel_decimal *source = purse_of(spot, asset, from);
    keel_decimal *target = purse_of(spot, asset, to);
    *source = keel_decimal_sub(*source, amount);
    *target = keel_decimal_add(*target, amount);
    spot->money_moved |= UINT64_C(1) << asset;
    if (from.account != 0 && keel_decimal_is_negative(*source))
        break_books(spot, "below zero in a wallet of", asset, *source);
}

static void add_to(keel_decimal *sum, keel_decimal amount)
{
    *sum = keel_decimal_add(*sum, amount);
}

static struct paper_spot_sums sum(const struct paper_spot *spot, paper_asset_id asset)
{
    struct paper_spot_sums sums = {
        .fees = spot->pools[asset][PAPER_POOL_FEES],
        .background = spot->pools[asset][PAPER_POOL_BACKGROUND],
        .futures = spot->pools[asset][PAPER_POOL_FUTURES],
        .outside = spot->pools[asset][PAPER_POOL_OUTSIDE],
    };
    for (int i = 1; i <= spot->config.accounts; i++)
        for (int part = 0; part < PAPER_PART_COUNT; part++)
            add_to(&sums.accounts, spot->traders[i].parts[asset][part]);
    sums.difference = sums.accounts;
    add_to(&sums.difference, sums.fees);
    add_to(&sums.difference, sums.background);
    add_to(&sums.difference, sums.futures);
    add_to(&sums.difference, sums.outside);
    return sums;
}

/* What the open orders of an account lock is what its wallet says. */
static void check_locks(struct paper_spot *spot, const struct paper_spot_trader *trader,
                        paper_asset_id asset)
{
    keel_decimal locked = KEEL_DECIMAL_ZERO;
    for (const struct paper_spot_order *order = trader->open_first; order != NULL;
         order = order->open_next)
        if (paper_spot_paid(spot->markets[order->market].instrument, order->side) == asset)
            add_to(&locked, order->locked);
    keel_decimal difference = keel_decimal_sub(trader->parts[asset][PAPER_PART_LOCKED], locked);
    if (!keel_decimal_is_zero(difference))
        break_books(spot, "locked without an order,", asset, difference);
}

void paper_spot_ledger_check(struct paper_spot *spot)
{
    uint64_t moved = spot->money_moved;
    if (moved == 0)
        return;
    spot->money_moved = 0;
    spot->checks++;
    for (int id = 1; id <= paper_asset_count(); id++) {
        if ((moved >> id & 1) == 0)
            continue;
        keel_decimal difference = sum(spot, (paper_asset_id)id).difference;
        if (!keel_decimal_is_zero(difference))
            break_books(spot, "the sum of", (paper_asset_id)id, difference);
        for (int i = 1; i <= spot->config.accounts; i++)
            check_locks(spot, &spot->traders[i], (paper_asset_id)id);
    }
}

void paper_spot_ledger_audit(const struct paper_spot *spot, struct paper_spot_audit *audit)
{
    *audit = (struct paper_spot_audit){
        .conserved = spot->conserved,
        .checks = spot->checks,
        .asset_count = paper_asset_count(),
    };
    for (int id = 1; id <= audit->asset_count; id++) {
        audit->assets[id] = sum(spot, (paper_asset_id)id);
        if (!keel_decimal_is_zero(audit->assets[id].difference))
            audit->conserved = false;
    }
    (void)keel_str_copy(keel_str_from(spot->broken), audit->broken, sizeof(audit->broken));
}

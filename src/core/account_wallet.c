#include "core/account_state.h"

static const char *asset_of(const struct keel_command *command)
{
    return command->kind == KEEL_WITHDRAW ? command->withdrawal.asset : command->transfer.asset;
}

static keel_decimal amount_of(const struct keel_command *command)
{
    return command->kind == KEEL_WITHDRAW ? command->withdrawal.amount : command->transfer.amount;
}

/* A withdrawal is known by its id; transfers have none, and are equal or not. */
static bool is_same(const struct keel_command *a, const struct keel_command *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == KEEL_WITHDRAW)
        return strcmp(a->withdrawal.client_id, b->withdrawal.client_id) == 0;
    return a->transfer.from == b->transfer.from && a->transfer.to == b->transfer.to &&
           strcmp(a->transfer.asset, b->transfer.asset) == 0 &&
           keel_decimal_equals(a->transfer.amount, b->transfer.amount);
}

/* -1: nothing is held for it, or it was accepted. */
static int32_t find_hold(const struct keel_account *account, const struct keel_command *command)
{
    for (int32_t i = 0; i < account->wallet_hold_count; i++) {
        const struct keel_wallet_hold *hold = &account->wallet_holds[i];
        if (!hold->accepted && is_same(&hold->command, command))
            return i;
    }
    return -1;
}

static void drop(struct keel_account *account, int32_t at)
{
    account->wallet_holds[at] = account->wallet_holds[--account->wallet_hold_count];
}

bool keel_account_holds_wallet(const struct keel_account *account,
                               const struct keel_command *command)
{
    return find_hold(account, command) >= 0;
}

static bool leaves_this_wallet(const struct keel_account *account,
                               const struct keel_command *command)
{
    enum keel_wallet own =
        account->config.product == KEEL_PRODUCT_SPOT ? KEEL_WALLET_SPOT : KEEL_WALLET_FUTURES;
    return command->kind == KEEL_WITHDRAW || command->transfer.from == own;
}

/* What an earlier life has left is held when that is taken up: twice is once. */
enum keel_status keel_account_hold_wallet(struct keel_account *account,
                                          const struct keel_command *command,
                                          struct keel_error *error)
{
    if (keel_account_holds_wallet(account, command))
        return KEEL_OK;
    if (account->wallet_hold_count == KEEL_WALLET_HOLDS_MAX)
        return keel_fail(error, KEEL_FULL,
                         "%d transfers and withdrawals are under way, the most there are",
                         account->wallet_hold_count);
    int32_t asset = keel_balances_intern(&account->balances, asset_of(command));
    if (asset == 0)
        return keel_fail(error, KEEL_FULL, "%d assets are known, the bound is %d",
                         account->balances.count, account->balances.max);
    bool leaves = leaves_this_wallet(account, command);
    account->wallet_holds[account->wallet_hold_count++] =
        (struct keel_wallet_hold){.command = *command,
                                  .asset = asset,
                                  .amount = leaves ? amount_of(command) : KEEL_DECIMAL_ZERO,
                                  .changes = account->balances.at[asset].changes};
    return KEEL_OK;
}

void keel_account_release_wallet(struct keel_account *account, const struct keel_command *command)
{
    int32_t at = find_hold(account, command);
    if (at >= 0)
        drop(account, at);
}

/* The venue took it and tells another one all the same: entries wait until the caller has seen it.
 */
static void check_leverage_set(struct keel_account *account, keel_market_id market)
{
    struct keel_terms *terms = &account->terms[market];
    if (terms->leverage_expected != 0 && terms->leverage != 0 &&
        terms->leverage != terms->leverage_expected)
        terms->changed_outside = true;
}

/* A balance that came since the request counts it, if any does; else the next one will. */
void keel_account_note_accepted(struct keel_account *account, const struct keel_command *command)
{
    if (command->kind == KEEL_SET_LEVERAGE)
        check_leverage_set(account, command->leverage.market);
    if (command->kind != KEEL_TRANSFER && command->kind != KEEL_WITHDRAW)
        return;
    int32_t at = find_hold(account, command);
    if (at < 0)
        return;
    struct keel_wallet_hold *hold = &account->wallet_holds[at];
    hold->accepted = true;
    if (hold->changes != account->balances.at[hold->asset].changes)
        drop(account, at);
}

void keel_account_drop_counted_holds(struct keel_account *account, int32_t asset)
{
    for (int32_t i = account->wallet_hold_count - 1; i >= 0; i--) {
        if (account->wallet_holds[i].accepted && account->wallet_holds[i].asset == asset)
            drop(account, i);
    }
}

keel_decimal keel_account_wallet_held(const struct keel_account *account, int32_t asset)
{
    keel_decimal held = KEEL_DECIMAL_ZERO;
    for (int32_t i = 0; i < account->wallet_hold_count; i++) {
        if (account->wallet_holds[i].asset == asset)
            held = keel_decimal_add(held, account->wallet_holds[i].amount);
    }
    return held;
}

#include "core/gate_check.h"

enum keel_status keel_refuse_on_futures(const struct keel_command *command,
                                        struct keel_error *error)
{
    switch ((int)command->kind) {
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
        return keel_fail(
            error, KEEL_UNSUPPORTED,
            "a futures account does not withdraw: transfer to the spot wallet from the "
            "spot account, and withdraw there");
    case KEEL_TRANSFER:
        return keel_fail(error, KEEL_UNSUPPORTED,
                         "a futures account does not transfer: the spot account does, from futures "
                         "to spot and back");
    }
    return KEEL_OK;
}

static enum keel_status check_amount(const struct keel_account *account, const char *asset,
                                     keel_decimal amount, bool leaves, struct keel_error *error)
{
    keel_decimal rest = keel_account_spendable(
        account, keel_balances_find(&account->balances, keel_str_from(asset)));
    if (asset[0] == '\0')
        return keel_fail(error, KEEL_INVALID, "money is moved in an asset: none is named");
    if (!keel_decimal_is_positive(amount))
        return keel_fail(error, KEEL_INVALID, "an amount of %s %s cannot be moved",
                         keel_text_of(amount).at, asset);
    if (!account->fresh)
        return keel_fail(error, KEEL_STALE,
                         "what is known of the account may be old: it is being reconciled");
    if (!leaves)
        return KEEL_OK;
    if (!keel_decimal_is_valid(rest))
        return keel_fail(error, KEEL_NOT_LOADED, "the free balance of %s was never told", asset);
    if (keel_decimal_compare(amount, rest) > 0)
        return keel_fail(error, KEEL_BALANCE, "%s %s are to leave, %s are free",
                         keel_text_of(amount).at, asset, keel_text_of(rest).at);
    return KEEL_OK;
}

static enum keel_status check_transfer(const struct keel_account *account,
                                       const struct keel_command *command, struct keel_error *error)
{
    const struct keel_transfer_request *transfer = &command->transfer;
    if (transfer->from == KEEL_WALLET_NONE || transfer->to == KEEL_WALLET_NONE ||
        transfer->from == transfer->to)
        return keel_fail(error, KEEL_TRANSFER_ENDS,
                         "a transfer goes from one wallet to another, not from %s to %s",
                         keel_wallet_name(transfer->from), keel_wallet_name(transfer->to));
    enum keel_status status = check_amount(account, transfer->asset, transfer->amount,
                                           transfer->from == KEEL_WALLET_SPOT, error);
    if (status != KEEL_OK)
        return status;
    /* A list could not tell the two apart, should the fate of one become unknown. */
    if (keel_account_holds_wallet(account, command))
        return keel_fail(error, KEEL_TRANSFER_ENDS,
                         "a transfer of %s %s from %s to %s is under way: wait for its end",
                         keel_text_of(transfer->amount).at, transfer->asset,
                         keel_wallet_name(transfer->from), keel_wallet_name(transfer->to));
    return KEEL_OK;
}

static enum keel_status check_withdrawal(const struct keel_account *account,
                                         const struct keel_command *command,
                                         struct keel_error *error)
{
    const struct keel_withdrawal_request *withdrawal = &command->withdrawal;
    if (withdrawal->network[0] == '\0' || withdrawal->address[0] == '\0')
        return keel_fail(error, KEEL_INVALID, "a withdrawal of %s names a network and an address",
                         withdrawal->asset);
    if (keel_account_holds_wallet(account, command))
        return keel_fail(error, KEEL_CLIENT_ID, "withdrawal id %s is that of one under way",
                         withdrawal->client_id);
    return check_amount(account, withdrawal->asset, withdrawal->amount, true, error);
}

enum keel_status keel_check_wallet(const struct keel_account *account,
                                   const struct keel_command *command, struct keel_error *error)
{
    if (command->kind == KEEL_TRANSFER)
        return check_transfer(account, command, error);
    if (command->kind == KEEL_WITHDRAW)
        return check_withdrawal(account, command, error);
    if (command->withdrawal_id[0] == '\0')
        return keel_fail(error, KEEL_INVALID, "a withdrawal is canceled by the venue's id of it");
    return KEEL_OK;
}

#include "core/gate_check.h"

/* The gate ----------------------------------------------------------------------------------- */

static enum keel_status check_in_market(const struct keel_check *check,
                                        const struct keel_command *command)
{
    bool spot = check->account->config.product == KEEL_PRODUCT_SPOT;
    if (command->kind == KEEL_PLACE_ORDER)
        return spot ? keel_check_spot_place(check, &command->place)
                    : keel_check_futures_place(check, &command->place);
    if (command->kind == KEEL_AMEND_ORDER)
        return spot ? keel_check_spot_amend(check, &command->amend)
                    : keel_check_futures_amend(check, &command->amend);
    if (command->kind == KEEL_SET_COUNTDOWN)
        return KEEL_OK; /* it takes orders away and adds none */
    if (command->kind == KEEL_SET_LEVERAGE || command->kind == KEEL_SET_MARGIN_MODE ||
        command->kind == KEEL_ADJUST_MARGIN)
        return keel_check_setting(check, command);
    return keel_check_ref(&command->order, command->kind == KEEL_CANCEL_ORDER, check->error);
}

enum keel_status keel_gate_check(const struct keel_account *account,
                                 const struct keel_command *command, int64_t now_ns,
                                 struct keel_error *error)
{
    if (!keel_command_is_write(command->kind))
        return KEEL_OK;
    if (account->state == KEEL_ACCOUNT_STATE_HALTED)
        return keel_fail(error, KEEL_ACCOUNT_HALTED, "the account is halted: no command leaves");
    enum keel_status refusal = account->config.product == KEEL_PRODUCT_SPOT
                                   ? keel_refuse_on_spot(command, error)
                                   : keel_refuse_on_futures(command, error);
    if (refusal != KEEL_OK)
        return refusal;
    if (command->kind == KEEL_SET_HEDGE_MODE || command->kind == KEEL_SET_MULTI_ASSET)
        return keel_check_modes(account, command, error);
    if (command->kind == KEEL_TRANSFER || command->kind == KEEL_WITHDRAW ||
        command->kind == KEEL_CANCEL_WITHDRAWAL)
        return keel_check_wallet(account, command, error);

    keel_market_id market = keel_command_market(command);
    if (command->kind == KEEL_SET_COUNTDOWN && market == KEEL_NO_MARKET)
        return KEEL_OK; /* of all markets */
    if (!keel_account_knows_market(account, market))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no market %d among the %d known", market,
                         keel_markets_count(account->config.markets));
    const struct keel_check check = {.account = account,
                                     .rules = keel_markets_get(account->config.markets, market),
                                     .terms = &account->terms[market],
                                     .market = market,
                                     .now_ns = now_ns,
                                     .error = error};
    return check_in_market(&check, command);
}

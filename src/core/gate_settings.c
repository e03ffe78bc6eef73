#include "core/gate_check.h"

/* Settings ----------------------------------------------------------------------------------- */

/* The most notional that this market's legs hold or may come to hold; absent without a mark. */
static keel_decimal whole_exposure(const struct keel_check *check)
{
    keel_decimal whole = KEEL_DECIMAL_ZERO;
    for (enum keel_position_side leg = KEEL_NET; leg <= KEEL_SHORT; leg++) {
        struct keel_exposure exposure = keel_account_exposure(check->account, check->market, leg);
        whole = keel_decimal_add(whole, exposure.worst);
    }
    return whole;
}

static bool has_isolated_position(const struct keel_check *check)
{
    for (enum keel_position_side leg = KEEL_NET; leg <= KEEL_SHORT; leg++) {
        const struct keel_position *position =
            keel_account_find_position(check->account, check->market, leg);
        if (position && position->margin_mode == KEEL_ISOLATED)
            return true;
    }
    return false;
}

/* Lower leverage takes more margin for what is there. */
static enum keel_status check_leverage_margin(const struct keel_check *check, int32_t leverage,
                                              keel_decimal exposure)
{
    int32_t present = check->terms->leverage;
    if (present == 0 || leverage >= present || keel_decimal_is_zero(exposure))
        return KEEL_OK;
    if (has_isolated_position(check))
        return keel_fail(check->error, KEEL_LEVERAGE,
                         "%s: with an isolated position leverage %d cannot go down to %d",
                         keel_check_symbol(check), present, leverage);
    keel_decimal more = keel_decimal_sub(keel_margin_initial(exposure, leverage),
                                         keel_margin_initial(exposure, present));
    return keel_check_available(check, more);
}

static enum keel_status check_set_leverage(const struct keel_check *check, int32_t leverage)
{
    const struct keel_brackets *brackets = &check->terms->brackets;
    if (!check->account->fresh)
        return keel_refuse_not_fresh(check);
    if (brackets->count == 0)
        return keel_fail(check->error, KEEL_NOT_LOADED, "%s: its bracket table was never loaded",
                         keel_check_symbol(check));
    int32_t max = check->terms->leverage_max;
    if (leverage < 1 || leverage > max)
        return keel_fail(check->error, KEEL_LEVERAGE, "%s: leverage %d is not between 1 and %d",
                         keel_check_symbol(check), leverage, max);

    keel_decimal exposure = whole_exposure(check);
    keel_decimal cap = keel_brackets_notional_max(brackets, leverage);
    if (!keel_decimal_is_valid(exposure))
        return keel_fail(check->error, KEEL_NOT_LOADED,
                         "%s: no mark price to value the present notional",
                         keel_check_symbol(check));
    if (keel_decimal_compare(exposure, cap) > 0)
        return keel_fail(
            check->error, KEEL_LEVERAGE, "%s: leverage %d allows a notional of %s, there is %s",
            keel_check_symbol(check), leverage, keel_text_of(cap).at, keel_text_of(exposure).at);
    return check_leverage_margin(check, leverage, exposure);
}

static int32_t position_count(const struct keel_check *check)
{
    int32_t count = 0;
    for (enum keel_position_side leg = KEEL_NET; leg <= KEEL_SHORT; leg++)
        count += keel_account_find_position(check->account, check->market, leg) != NULL;
    return count;
}

static enum keel_status check_set_margin_mode(const struct keel_check *check,
                                              enum keel_margin_mode mode)
{
    const struct keel_account *account = check->account;
    int32_t orders = account->orders.markets[check->market].open.count;
    if (mode == KEEL_MARGIN_MODE_NONE)
        return keel_fail(check->error, KEEL_INVALID, "%s: a margin mode is cross or isolated",
                         keel_check_symbol(check));
    if (!account->fresh)
        return keel_refuse_not_fresh(check);
    if (mode == check->terms->margin_mode)
        return KEEL_OK;
    if (mode == KEEL_ISOLATED && account->modes.multi_asset == KEEL_ON)
        return keel_fail(check->error, KEEL_MARGIN_MODE,
                         "%s: isolated margin is not possible in multi-asset mode",
                         keel_check_symbol(check));
    if (position_count(check) > 0 || orders > 0)
        return keel_fail(check->error, KEEL_MARGIN_MODE,
                         "%s: %d positions and %d open orders keep the margin mode as it is",
                         keel_check_symbol(check), position_count(check), orders);
    return KEEL_OK;
}

/* What may be taken out: the wallet above the initial margin, its loss counted and its profit not.
 */
static keel_decimal removable_margin(const struct keel_check *check,
                                     const struct keel_position_slot *slot)
{
    keel_decimal initial = keel_terms_initial_margin(check->terms, keel_decimal_abs(slot->value));
    keel_decimal pnl = keel_margin_pnl(slot->value, slot->cost);
    if (keel_decimal_is_positive(pnl))
        pnl = KEEL_DECIMAL_ZERO;
    keel_decimal wallet = slot->position.isolated_wallet;
    keel_decimal rest = keel_decimal_sub(keel_decimal_add(wallet, pnl), initial);
    return keel_decimal_is_negative(rest) ? KEEL_DECIMAL_ZERO : rest;
}

static enum keel_status refuse_amount(const struct keel_check *check, const char *what,
                                      keel_decimal amount, keel_decimal bound)
{
    return keel_fail(check->error, KEEL_POSITION_MARGIN,
                     "%s: %s a margin of %s, but %s is possible", keel_check_symbol(check), what,
                     keel_text_of(amount).at, keel_text_of(bound).at);
}

static enum keel_status check_adjust_margin(const struct keel_check *check,
                                            const struct keel_margin_adjustment *adjustment)
{
    enum keel_position_side leg =
        adjustment->side == KEEL_POSITION_SIDE_NONE ? KEEL_NET : adjustment->side;
    const struct keel_position_slot *slot =
        keel_positions_find(&check->account->positions, check->market, leg);
    keel_decimal amount = adjustment->amount;
    keel_market_id missing;
    if (!check->account->fresh)
        return keel_refuse_not_fresh(check);
    if (!slot || slot->position.margin_mode != KEEL_ISOLATED)
        return keel_fail(check->error, KEEL_POSITION_MARGIN, "%s: there is no isolated position",
                         keel_check_symbol(check));
    if (!keel_decimal_is_valid(amount) || keel_decimal_is_zero(amount))
        return keel_fail(check->error, KEEL_POSITION_MARGIN, "%s: a margin of %s cannot be moved",
                         keel_check_symbol(check), keel_text_of(amount).at);

    bool adds = keel_decimal_is_positive(amount);
    keel_decimal bound = adds
                             ? keel_account_available(check->account, check->terms->asset, &missing)
                             : removable_margin(check, slot);
    if (!keel_decimal_is_valid(bound))
        return keel_fail(check->error, KEEL_NOT_LOADED,
                         "%s: how much margin can be moved is not known: a mark price, leverage or "
                         "wallet is missing",
                         keel_check_symbol(check));
    if (keel_decimal_compare(keel_decimal_abs(amount), bound) > 0)
        return refuse_amount(check, adds ? "adding" : "taking out", keel_decimal_abs(amount),
                             bound);
    return KEEL_OK;
}

/* Account-wide modes change only while nothing is there that depends on them. */
static enum keel_status check_mode_change(const struct keel_account *account,
                                          enum keel_status refusal, const char *mode,
                                          enum keel_switch known, bool enable,
                                          struct keel_error *error)
{
    if (!account->fresh)
        return keel_fail(error, KEEL_STALE,
                         "what is known of the account may be old: it is being reconciled");
    if (known == (enable ? KEEL_ON : KEEL_OFF))
        return KEEL_OK;
    if (account->positions.count > 0 || account->orders.open.count > 0)
        return keel_fail(error, refusal,
                         "%s mode changes without any position (%d) or open order (%d)", mode,
                         account->positions.count, account->orders.open.count);
    return KEEL_OK;
}

enum keel_status keel_check_modes(const struct keel_account *account,
                                  const struct keel_command *command, struct keel_error *error)
{
    if (command->kind == KEEL_SET_HEDGE_MODE)
        return check_mode_change(account, KEEL_POSITION_SIDE, "hedge", account->modes.hedge,
                                 command->enable, error);
    return check_mode_change(account, KEEL_MARGIN_MODE, "multi-asset", account->modes.multi_asset,
                             command->enable, error);
}

enum keel_status keel_check_setting(const struct keel_check *check,
                                    const struct keel_command *command)
{
    if (command->kind == KEEL_SET_LEVERAGE)
        return check_set_leverage(check, command->leverage.leverage);
    if (command->kind == KEEL_SET_MARGIN_MODE)
        return check_set_margin_mode(check, command->margin_mode.mode);
    return check_adjust_margin(check, &command->margin);
}

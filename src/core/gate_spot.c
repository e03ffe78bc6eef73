#include "core/gate_check.h"

/* What spot does not have -------------------------------------------------------------------- */

enum keel_status keel_refuse_on_spot(const struct keel_command *command, struct keel_error *error)
{
    switch ((int)command->kind) {
    case KEEL_SET_LEVERAGE:
        return keel_fail(error, KEEL_LEVERAGE, "a spot account has no leverage");
    case KEEL_SET_MARGIN_MODE:
        return keel_fail(error, KEEL_MARGIN_MODE, "a spot account has no margin mode");
    case KEEL_ADJUST_MARGIN:
        return keel_fail(error, KEEL_POSITION_MARGIN,
                         "a spot account has no positions, and so no margin to move");
    case KEEL_SET_HEDGE_MODE:
        return keel_fail(error, KEEL_POSITION_SIDE,
                         "a spot account has no positions, and so no hedge mode");
    case KEEL_SET_MULTI_ASSET:
        return keel_fail(error, KEEL_MARGIN_MODE, "a spot account has no multi-asset mode");
    }
    return KEEL_OK;
}

static enum keel_status refuse_position(const struct keel_check *check,
                                        const struct keel_order_request *request)
{
    const char *symbol = keel_check_symbol(check);
    if (request->reduce_only)
        return keel_fail(check->error, KEEL_REDUCE_ONLY,
                         "%s: spot has no positions that a reduce-only order could reduce", symbol);
    if (request->close_position)
        return keel_fail(check->error, KEEL_CLOSE,
                         "%s: spot has no position to close: sell what "
                         "is free",
                         symbol);
    if (request->position_side == KEEL_LONG || request->position_side == KEEL_SHORT)
        return keel_fail(check->error, KEEL_POSITION_SIDE,
                         "%s: position side %s, but spot has no positions", symbol,
                         keel_position_side_name(request->position_side));
    return KEEL_OK;
}

/* Account ------------------------------------------------------------------------------------ */

/* Selling what is held is how a spot account shrinks. */
static enum keel_status check_allowed(const struct keel_check *check, enum keel_side side)
{
    const struct keel_account *account = check->account;
    if (account->state == KEEL_ACCOUNT_STATE_REDUCING && side == KEEL_BUY)
        return keel_fail(check->error, KEEL_ACCOUNT_REDUCING,
                         "%s: the account is reducing: nothing is bought",
                         keel_check_symbol(check));
    if (account->modes.can_trade == KEEL_OFF)
        return keel_fail(check->error, KEEL_ACCOUNT_REDUCING,
                         "%s: the venue says that the account may not trade",
                         keel_check_symbol(check));
    if (check->terms->changed_outside)
        return keel_fail(check->error, KEEL_MODE_CHANGED,
                         "%s: the size of its units changed from outside",
                         keel_check_symbol(check));
    if (!account->fresh)
        return keel_refuse_not_fresh(check);
    return KEEL_OK;
}

/* Balance ------------------------------------------------------------------------------------ */

static enum keel_status check_free(const struct keel_check *check, enum keel_side side,
                                   keel_decimal needed)
{
    bool buys = side == KEEL_BUY;
    int32_t asset = buys ? check->terms->asset : check->terms->base_asset;
    const char *name = buys ? check->rules->quote : check->rules->base;
    if (asset ==
        0) /* no fact about the market came yet: its number is not given, its name may be */
        asset = keel_balances_find(&check->account->balances, keel_str_from(name));
    keel_decimal rest = keel_account_spendable(check->account, asset);
    if (!keel_decimal_is_valid(rest))
        return keel_fail(check->error, KEEL_NOT_LOADED, "%s: the free balance of %s was never told",
                         keel_check_symbol(check), name);
    if (keel_decimal_compare(needed, rest) <= 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_BALANCE, "%s: %s %s are needed, %s are free",
                     keel_check_symbol(check), keel_text_of(needed).at, name,
                     keel_text_of(rest).at);
}

/* What an order takes from the free balance: a sell its base; a buy price * quantity, its quote
 * amount, or at market an estimate from the newest price. Absent: no price is known, and the venue
 * decides. The venue takes the fee of a buy from what arrives. */
static keel_decimal needed_by(const struct keel_check *check,
                              const struct keel_order_request *request)
{
    bool in_quote = keel_decimal_is_valid(request->quote_quantity);
    keel_decimal own =
        keel_decimal_is_valid(request->price) ? request->price : request->trigger_price;
    keel_decimal price =
        keel_account_reserve_price(check->account, check->market, request->side, own);
    if (request->side == KEEL_BUY)
        return in_quote ? request->quote_quantity : keel_margin_notional(request->quantity, price);
    return in_quote ? keel_decimal_div(request->quote_quantity, price, KEEL_ROUND_DOWN)
                    : request->quantity;
}

/* A venue that takes a conditional order's money when it triggers checks it then, too. */
static enum keel_status check_paid(const struct keel_check *check,
                                   const struct keel_order_request *request)
{
    if (keel_account_family(check->account, request->type) == KEEL_FAMILY_CONDITIONAL)
        return KEEL_OK;
    keel_decimal needed = needed_by(check, request);
    return keel_decimal_is_valid(needed) ? check_free(check, request->side, needed) : KEEL_OK;
}

/* Orders ------------------------------------------------------------------------------------- */

static enum keel_status check_post_only(const struct keel_check *check,
                                        const struct keel_order_request *request)
{
    if (request->time_in_force == KEEL_GTX && request->type != KEEL_LIMIT)
        return keel_refuse_shape(check, request->type, "cannot be post-only: a limit order can");
    if (request->price_match != KEEL_PRICE_MATCH_NONE)
        return keel_fail(check->error, KEEL_UNSUPPORTED,
                         "%s: a price that the venue takes from its book is not for spot",
                         keel_check_symbol(check));
    return KEEL_OK;
}

static enum keel_status check_notional(const struct keel_check *check,
                                       const struct keel_order_request *request)
{
    keel_decimal min = check->rules->notional_min;
    if (!keel_decimal_is_valid(request->quote_quantity)) {
        keel_decimal price = keel_check_notional_price(check, request);
        return keel_check_notional_min(check, request->quantity, price,
                                       keel_margin_notional(request->quantity, price));
    }
    if (!keel_decimal_is_positive(min) || keel_decimal_compare(request->quote_quantity, min) >= 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_NOTIONAL_MIN,
                     "%s: a quote quantity of %s is below the minimum %s", keel_check_symbol(check),
                     keel_text_of(request->quote_quantity).at, keel_text_of(min).at);
}

enum keel_status keel_check_spot_place(const struct keel_check *check,
                                       const struct keel_order_request *request)
{
    bool conditional =
        keel_account_family(check->account, request->type) == KEEL_FAMILY_CONDITIONAL;
    enum keel_status status = refuse_position(check, request);
    if (status == KEEL_OK)
        status = keel_check_shape(check, request);
    if (status == KEEL_OK)
        status = check_post_only(check, request);
    if (status == KEEL_OK)
        status = keel_check_market_status(check, false);
    if (status == KEEL_OK)
        status = check_allowed(check, request->side);
    if (status == KEEL_OK)
        status = keel_check_client_id(check, request->client_id);
    if (status == KEEL_OK)
        status = keel_check_open_orders(check, conditional);
    if (status == KEEL_OK)
        status = keel_check_values(check, request);
    if (status == KEEL_OK)
        status = check_notional(check, request);
    if (status == KEEL_OK)
        status = check_paid(check, request);
    return status;
}

/* The more that the order would hold must be free. */
static enum keel_status check_amended_hold(const struct keel_check *check,
                                           const struct keel_amend *amend,
                                           const struct keel_order_slot *slot)
{
    keel_decimal rest = keel_decimal_sub(amend->quantity, slot->order.filled_quantity);
    bool buys = slot->order.side == KEEL_BUY;
    keel_decimal held = buys ? slot->sums.notional : slot->sums.quantity;
    keel_decimal needed = buys ? keel_margin_notional(rest, amend->price) : rest;
    keel_decimal more = keel_decimal_sub(needed, held);
    return keel_decimal_is_positive(more) ? check_free(check, slot->order.side, more) : KEEL_OK;
}

enum keel_status keel_check_spot_amend(const struct keel_check *check,
                                       const struct keel_amend *amend)
{
    const struct keel_order_slot *slot = keel_check_find_order(check, &amend->order);
    enum keel_status status = keel_check_amendable(check, amend, slot);
    if (status == KEEL_OK)
        status = keel_check_market_status(check, false);
    if (status == KEEL_OK)
        status = check_allowed(check, slot->order.side);
    if (status == KEEL_OK)
        status = keel_check_price(check, amend->price);
    if (status == KEEL_OK)
        status = keel_check_band(check, amend->side, amend->price, keel_check_mark_price(check));
    if (status == KEEL_OK)
        status = keel_check_amended_quantity(check, amend, &slot->order);
    if (status == KEEL_OK)
        status = keel_check_notional_min(check, amend->quantity, amend->price,
                                         keel_margin_notional(amend->quantity, amend->price));
    if (status == KEEL_OK)
        status = check_amended_hold(check, amend, slot);
    return status;
}

#include "core/gate_check.h"

/* Account, modes, market --------------------------------------------------------------------- */

static enum keel_status check_position_side(const struct keel_check *check,
                                            const struct keel_order_request *request)
{
    bool leg = request->position_side == KEEL_LONG || request->position_side == KEEL_SHORT;
    switch (check->account->modes.hedge) {
    case KEEL_SWITCH_NONE: return KEEL_OK; /* an exit; an entry is refused for it */
    case KEEL_OFF:
        if (leg)
            return keel_fail(check->error, KEEL_POSITION_SIDE,
                             "%s: position side %s, but the account is in one-way mode",
                             keel_check_symbol(check),
                             keel_position_side_name(request->position_side));
        return KEEL_OK;
    case KEEL_ON:
        if (!leg)
            return keel_fail(
                check->error, KEEL_POSITION_SIDE,
                "%s: position side %s, but the account is in hedge mode: long or short",
                keel_check_symbol(check), keel_position_side_name(request->position_side));
        if (request->reduce_only &&
            !keel_order_only_closes(false, false, request->position_side, request->side))
            return keel_fail(check->error, KEEL_REDUCE_ONLY,
                             "%s: a reduce-only %s opens the %s leg", keel_check_symbol(check),
                             keel_side_name(request->side),
                             keel_position_side_name(request->position_side));
        return KEEL_OK;
    }
    return KEEL_OK;
}

static enum keel_status check_entry_allowed(const struct keel_check *check)
{
    const struct keel_account *account = check->account;
    if (account->state == KEEL_ACCOUNT_STATE_REDUCING)
        return keel_fail(check->error, KEEL_ACCOUNT_REDUCING,
                         "%s: the account is reducing, and this order does not only shrink a "
                         "position",
                         keel_check_symbol(check));
    if (account->modes.can_trade == KEEL_OFF)
        return keel_fail(check->error, KEEL_ACCOUNT_REDUCING,
                         "%s: the venue says that the account may not trade",
                         keel_check_symbol(check));
    if (account->modes_changed)
        return keel_fail(check->error, KEEL_MODE_CHANGED,
                         "%s: the account's modes were changed from outside",
                         keel_check_symbol(check));
    if (check->terms->changed_outside && check->terms->leverage_expected != 0)
        return keel_fail(
            check->error, KEEL_MODE_CHANGED, "%s: leverage %d is not the %d that was asked for",
            keel_check_symbol(check), check->terms->leverage, check->terms->leverage_expected);
    if (check->terms->changed_outside)
        return keel_fail(check->error, KEEL_MODE_CHANGED,
                         "%s: leverage %d or margin mode %s is not what was set here",
                         keel_check_symbol(check), check->terms->leverage,
                         keel_margin_mode_name(check->terms->margin_mode));
    if (!account->fresh)
        return keel_refuse_not_fresh(check);
    if (account->modes.hedge == KEEL_SWITCH_NONE)
        return keel_fail(check->error, KEEL_NOT_LOADED,
                         "%s: whether the account is in hedge mode was never loaded",
                         keel_check_symbol(check));
    return KEEL_OK;
}

bool keel_gate_is_exit(const struct keel_order_request *request)
{
    return keel_order_only_closes(request->reduce_only, request->close_position,
                                  request->position_side, request->side);
}

/* Exits -------------------------------------------------------------------------------------- */

static enum keel_position_side leg_of(const struct keel_order_request *request)
{
    return request->position_side == KEEL_POSITION_SIDE_NONE ? KEEL_NET : request->position_side;
}

static const char *direction_of(keel_decimal quantity)
{
    return keel_decimal_is_zero(quantity)       ? "flat"
           : keel_decimal_is_negative(quantity) ? "short"
                                                : "long";
}

static bool shrinks(enum keel_side side, keel_decimal quantity)
{
    return side == KEEL_BUY ? keel_decimal_is_negative(quantity)
                            : keel_decimal_is_positive(quantity);
}

static enum keel_status check_close(const struct keel_check *check,
                                    const struct keel_order_request *request, keel_decimal quantity)
{
    if (keel_decimal_is_zero(quantity))
        return keel_fail(check->error, KEEL_CLOSE, "%s: nothing to close: the position is flat",
                         keel_check_symbol(check));
    if (!shrinks(request->side, quantity))
        return keel_fail(check->error, KEEL_CLOSE, "%s: a %s does not close a %s of %s",
                         keel_check_symbol(check), keel_side_name(request->side),
                         direction_of(quantity), keel_text_of(keel_decimal_abs(quantity)).at);
    return KEEL_OK;
}

static enum keel_status check_reduce_only(const struct keel_check *check,
                                          const struct keel_order_request *request,
                                          keel_decimal quantity)
{
    if (!shrinks(request->side, quantity))
        return keel_fail(check->error, KEEL_REDUCE_ONLY,
                         "%s: a reduce-only %s of %s, but the position is %s",
                         keel_check_symbol(check), keel_side_name(request->side),
                         keel_text_of(request->quantity).at, direction_of(quantity));
    keel_decimal size = keel_decimal_abs(quantity);
    if (keel_decimal_compare(request->quantity, size) <= 0)
        return KEEL_OK;
    keel_decimal claimed = keel_account_resting_reduce_only(check->account, check->market,
                                                            leg_of(request), request->side);
    return keel_fail(check->error, KEEL_REDUCE_ONLY,
                     "%s: a reduce-only %s of %s is more than the position of %s, of which resting "
                     "orders claim %s",
                     keel_check_symbol(check), keel_side_name(request->side),
                     keel_text_of(request->quantity).at, keel_text_of(size).at,
                     keel_text_of(claimed).at);
}

static enum keel_status check_exit(const struct keel_check *check,
                                   const struct keel_order_request *request)
{
    if (!check->account->fresh)
        return request->forced ? KEEL_OK : keel_refuse_not_fresh(check);
    keel_decimal quantity =
        keel_account_expected_quantity(check->account, check->market, leg_of(request));
    if (request->close_position)
        return check_close(check, request, quantity);
    return check_reduce_only(check, request, quantity);
}

/* Entries ------------------------------------------------------------------------------------ */

static enum keel_status check_mark(const struct keel_check *check)
{
    const struct keel_terms *terms = check->terms;
    int64_t bound_ms = check->account->config.mark_age_max_ms;
    int64_t age_ms = (check->now_ns - terms->mark_received_ns) / 1000000;
    if (!keel_terms_have_mark(terms))
        return keel_fail(check->error, KEEL_NOT_LOADED, "%s: no mark price was told yet",
                         keel_check_symbol(check));
    if (age_ms > bound_ms)
        return keel_fail(check->error, KEEL_STALE,
                         "%s: its mark price is %lld ms old, the bound is %lld ms",
                         keel_check_symbol(check), (long long)age_ms, (long long)bound_ms);
    return KEEL_OK;
}

static enum keel_status check_terms_loaded(const struct keel_check *check)
{
    const struct keel_terms *terms = check->terms;
    const char *lacking = terms->leverage == 0         ? "leverage"
                          : terms->brackets.count == 0 ? "bracket table"
                          : !terms->fees_told          ? "taker fee"
                                                       : NULL;
    if (lacking)
        return keel_fail(check->error, KEEL_NOT_LOADED, "%s: its %s was never loaded%s",
                         keel_check_symbol(check), lacking,
                         terms->leverage == 0 ? ": set it first" : "");
    if (terms->leverage > terms->leverage_max)
        return keel_fail(check->error, KEEL_LEVERAGE, "%s: leverage %d is above the limit %d",
                         keel_check_symbol(check), terms->leverage, terms->leverage_max);
    return KEEL_OK;
}

/* The told cap where it is told, else that of the brackets. */
static keel_decimal notional_cap_of(const struct keel_terms *terms)
{
    return terms->notional_max_told ? terms->notional_max
                                    : keel_brackets_notional_max(&terms->brackets, terms->leverage);
}

static enum keel_status check_notional_cap(const struct keel_check *check, keel_decimal before,
                                           keel_decimal after)
{
    keel_decimal cap = notional_cap_of(check->terms);
    if (!keel_decimal_is_valid(cap) || keel_decimal_compare(after, cap) <= 0 ||
        keel_decimal_compare(after, before) <= 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_NOTIONAL_CAP,
                     "%s: a notional of %s would result, leverage %d allows %s",
                     keel_check_symbol(check), keel_text_of(after).at, check->terms->leverage,
                     keel_text_of(cap).at);
}

enum keel_status keel_check_available(const struct keel_check *check, keel_decimal needed)
{
    keel_market_id missing;
    if (check->account->modes.multi_asset == KEEL_ON)
        return KEEL_OK; /* other assets count, by rates that are the venue's: it decides */
    keel_decimal available = keel_account_available(check->account, check->terms->asset, &missing);
    if (!keel_decimal_is_valid(available))
        return keel_fail(check->error, KEEL_NOT_LOADED,
                         "%s: the available margin cannot be told: %s lacks a mark price, leverage "
                         "or wallet",
                         keel_check_symbol(check),
                         missing == KEEL_NO_MARKET ? check->rules->settle
                                                   : keel_account_symbol(check->account, missing));
    if (keel_decimal_compare(needed, available) <= 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_MARGIN, "%s: a margin of %s is needed, %s is available",
                     keel_check_symbol(check), keel_text_of(needed).at, keel_text_of(available).at);
}

/* Margin for what grows, what the order loses at once, and the fee of taking. */
static keel_decimal cost_of(const struct keel_check *check, keel_decimal growth,
                            keel_decimal open_loss, keel_decimal notional)
{
    if (keel_decimal_is_negative(growth))
        growth = KEEL_DECIMAL_ZERO;
    keel_decimal margin = keel_terms_initial_margin(check->terms, growth);
    keel_decimal fee = keel_decimal_mul(notional, check->terms->fees.taker, KEEL_ROUND_UP);
    return keel_decimal_add(keel_decimal_add(margin, open_loss), fee);
}

/* What an order that may open wants to add. */
struct growth {
    enum keel_position_side leg;
    enum keel_side side;
    keel_decimal quantity, price; /* price absent: at market */
    keel_decimal notional;        /* at that price */
    keel_decimal reserved;        /* for the order already */
};

/* At the price that margin is taken at: a limit buy's is its own. */
static keel_decimal margin_notional(const struct keel_check *check, const struct growth *growth)
{
    keel_decimal price =
        keel_account_reserve_price(check->account, check->market, growth->side, growth->price);
    if (keel_decimal_is_valid(price) && keel_decimal_equals(price, growth->price))
        return growth->notional;
    return keel_margin_notional(growth->quantity, price);
}

static enum keel_status check_growth(const struct keel_check *check, const struct growth *growth)
{
    keel_decimal notional = margin_notional(check, growth);
    struct keel_exposure exposure =
        keel_account_exposure(check->account, check->market, growth->leg);
    keel_decimal after = keel_exposure_worst_with(&exposure, growth->leg, growth->side,
                                                  keel_decimal_sub(notional, growth->reserved));
    keel_decimal loss = KEEL_DECIMAL_ZERO;
    if (keel_decimal_is_valid(growth->price))
        loss = keel_margin_open_loss(growth->side, growth->quantity, growth->price,
                                     check->terms->mark.mark_price);
    keel_decimal needed = cost_of(check, keel_decimal_sub(after, exposure.worst), loss, notional);
    if (!keel_decimal_is_valid(needed))
        return keel_fail(check->error, KEEL_OVERFLOW, "%s: the notional of %s does not fit",
                         keel_check_symbol(check), keel_text_of(growth->quantity).at);

    enum keel_status status = check_notional_cap(check, exposure.worst, after);
    if (status != KEEL_OK)
        return status;
    return keel_check_available(check, needed);
}

static enum keel_status check_entry(const struct keel_check *check,
                                    const struct keel_order_request *request)
{
    enum keel_status status = check_terms_loaded(check);
    if (status == KEEL_OK)
        status = check_mark(check);
    if (status != KEEL_OK)
        return status;
    keel_decimal price = keel_check_notional_price(check, request);
    struct growth growth = {.leg = leg_of(request),
                            .side = request->side,
                            .quantity = request->quantity,
                            .price = request->price,
                            .notional = keel_margin_notional(request->quantity, price),
                            .reserved = KEEL_DECIMAL_ZERO};
    status = keel_check_notional_min(check, request->quantity, price, growth.notional);
    if (status != KEEL_OK || keel_order_type_is_conditional(request->type))
        return status; /* the venue takes a conditional order's margin when it triggers */
    return check_growth(check, &growth);
}

/* Orders ------------------------------------------------------------------------------------- */

enum keel_status keel_check_futures_place(const struct keel_check *check,
                                          const struct keel_order_request *request)
{
    bool exit = keel_gate_is_exit(request);
    keel_orders_prefetch(&check->account->orders);
    enum keel_status status = keel_check_shape(check, request);
    if (status == KEEL_OK)
        status = check_position_side(check, request);
    if (status == KEEL_OK)
        status = keel_check_market_status(check, exit);
    if (status == KEEL_OK && !exit)
        status = check_entry_allowed(check);
    if (status == KEEL_OK)
        status = keel_check_client_id(check, request->client_id);
    if (status == KEEL_OK)
        status = keel_check_open_orders(check, keel_order_type_is_conditional(request->type));
    if (status == KEEL_OK)
        status = keel_check_values(check, request);
    if (status != KEEL_OK)
        return status;
    return exit ? check_exit(check, request) : check_entry(check, request);
}

static enum keel_status check_amended_growth(const struct keel_check *check,
                                             const struct keel_amend *amend,
                                             const struct keel_order_slot *slot)
{
    const struct keel_order *order = &slot->order;
    if (keel_order_only_closes(order->reduce_only, order->close_position, order->position_side,
                               order->side))
        return KEEL_OK;
    enum keel_status status = check_entry_allowed(check);
    if (status == KEEL_OK)
        status = check_terms_loaded(check);
    if (status == KEEL_OK)
        status = check_mark(check);
    if (status == KEEL_OK)
        status = keel_check_notional_min(check, amend->quantity, amend->price,
                                         keel_margin_notional(amend->quantity, amend->price));
    if (status != KEEL_OK)
        return status;
    keel_decimal rest = keel_decimal_sub(amend->quantity, order->filled_quantity);
    struct growth growth = {.leg = order->position_side,
                            .side = order->side,
                            .quantity = rest,
                            .price = amend->price,
                            .notional = keel_margin_notional(rest, amend->price),
                            .reserved = slot->sums.notional};
    return check_growth(check, &growth);
}

enum keel_status keel_check_futures_amend(const struct keel_check *check,
                                          const struct keel_amend *amend)
{
    const struct keel_order_slot *slot = keel_check_find_order(check, &amend->order);
    enum keel_status status = keel_check_amendable(check, amend, slot);
    if (status == KEEL_OK)
        status = keel_check_market_status(check, slot->order.reduce_only);
    if (status == KEEL_OK)
        status = keel_check_price(check, amend->price);
    if (status == KEEL_OK)
        status = keel_check_band(check, amend->side, amend->price, keel_check_mark_price(check));
    if (status == KEEL_OK)
        status = keel_check_amended_quantity(check, amend, &slot->order);
    if (status == KEEL_OK)
        status = check_amended_growth(check, amend, slot);
    return status;
}

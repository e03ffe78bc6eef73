#include "core/gate.h"

#include "core/account_state.h"
#include "core/margin.h"

/* A number as text, for a message: it lives as long as the call it is written into. */
struct text {
    char at[KEEL_DECIMAL_TEXT_SIZE];
};

static struct text text_of(keel_decimal value)
{
    struct text text;
    keel_decimal_format(value, text.at);
    return text;
}

/* What the checks of one command share. */
struct check {
    const struct keel_account *account;
    const struct keel_market *rules;
    const struct keel_terms *terms;
    keel_market_id market;
    int64_t now_ns;
    struct keel_error *error;
};

static const char *symbol_of(const struct check *check)
{
    return check->rules->symbol;
}

/* Grids -------------------------------------------------------------------------------------- */

void keel_gate_nearest(keel_decimal value, keel_decimal origin, keel_decimal step,
                       keel_decimal *below, keel_decimal *above)
{
    if (!keel_decimal_is_valid(origin))
        origin = KEEL_DECIMAL_ZERO;
    keel_decimal offset = keel_decimal_sub(value, origin);
    *below = keel_decimal_add(origin, keel_decimal_round_to_step(offset, step, KEEL_ROUND_FLOOR));
    *above = keel_decimal_add(origin, keel_decimal_round_to_step(offset, step, KEEL_ROUND_CEILING));
}

static bool is_on_grid(keel_decimal value, keel_decimal origin, keel_decimal step)
{
    if (!keel_decimal_is_positive(step))
        return true;
    if (keel_decimal_is_positive(origin))
        value = keel_decimal_sub(value, origin);
    return keel_decimal_is_multiple(value, step);
}

static enum keel_status refuse_off_grid(const struct check *check, enum keel_status status,
                                        const char *what, keel_decimal value, keel_decimal origin,
                                        keel_decimal step)
{
    keel_decimal below, above;
    keel_gate_nearest(value, origin, step, &below, &above);
    return keel_fail(check->error, status, "%s: %s %s is not on the grid of %s; nearest %s and %s",
                     symbol_of(check), what, text_of(value).at, text_of(step).at, text_of(below).at,
                     text_of(above).at);
}

/* A limit that the venue does not have, absent or 0, holds nothing. */
static enum keel_status check_range(const struct check *check, enum keel_status status,
                                    const char *what, keel_decimal value, keel_decimal min,
                                    keel_decimal max)
{
    if (keel_decimal_is_positive(min) && keel_decimal_compare(value, min) < 0)
        return keel_fail(check->error, status, "%s: %s %s is below the minimum %s",
                         symbol_of(check), what, text_of(value).at, text_of(min).at);
    if (keel_decimal_is_positive(max) && keel_decimal_compare(value, max) > 0)
        return keel_fail(check->error, status, "%s: %s %s is above the maximum %s",
                         symbol_of(check), what, text_of(value).at, text_of(max).at);
    return KEEL_OK;
}

static enum keel_status check_price(const struct check *check, keel_decimal price)
{
    const struct keel_market *rules = check->rules;
    enum keel_status status =
        check_range(check, KEEL_PRICE_RANGE, "price", price, rules->price_min, rules->price_max);
    if (status != KEEL_OK)
        return status;
    if (!is_on_grid(price, rules->price_min, rules->price_tick))
        return refuse_off_grid(check, KEEL_PRICE_TICK, "price", price, rules->price_min,
                               rules->price_tick);
    return KEEL_OK;
}

static enum keel_status check_trigger_grid(const struct check *check, keel_decimal trigger)
{
    const struct keel_market *rules = check->rules;
    enum keel_status status = check_range(check, KEEL_TRIGGER_PRICE, "trigger price", trigger,
                                          rules->price_min, rules->price_max);
    if (status != KEEL_OK)
        return status;
    if (!is_on_grid(trigger, rules->price_min, rules->price_tick))
        return refuse_off_grid(check, KEEL_TRIGGER_PRICE, "trigger price", trigger,
                               rules->price_min, rules->price_tick);
    return KEEL_OK;
}

static enum keel_status check_quantity(const struct check *check, keel_decimal quantity,
                                       bool as_limit)
{
    const struct keel_market *rules = check->rules;
    keel_decimal step = rules->quantity_step, min = rules->quantity_min, max = rules->quantity_max;
    if (!as_limit && keel_decimal_is_positive(rules->market_quantity_step)) {
        step = rules->market_quantity_step;
        min = rules->market_quantity_min;
        max = rules->market_quantity_max;
    }
    enum keel_status status =
        check_range(check, KEEL_QUANTITY_RANGE, "quantity", quantity, min, max);
    if (status != KEEL_OK)
        return status;
    if (!is_on_grid(quantity, min, step))
        return refuse_off_grid(check, KEEL_QUANTITY_STEP, "quantity", quantity, min, step);
    return KEEL_OK;
}

/* The band around the mark price; around the trigger price for an order that waits for one. A band
 * without a price to stand on holds nothing: the venue decides. */
static enum keel_status check_band(const struct check *check, enum keel_side side,
                                   keel_decimal price, keel_decimal reference)
{
    keel_decimal ratio =
        side == KEEL_BUY ? check->rules->price_up_ratio : check->rules->price_down_ratio;
    if (!keel_decimal_is_positive(ratio) || !keel_decimal_is_positive(reference))
        return KEEL_OK;
    keel_decimal bound =
        keel_decimal_mul(reference, ratio, side == KEEL_BUY ? KEEL_ROUND_DOWN : KEEL_ROUND_UP);
    if (!keel_decimal_is_valid(bound))
        return KEEL_OK;
    int order = keel_decimal_compare(price, bound);
    if (side == KEEL_BUY && order > 0)
        return keel_fail(check->error, KEEL_PRICE_BAND,
                         "%s: buying at %s is above %s, the band's end around %s", symbol_of(check),
                         text_of(price).at, text_of(bound).at, text_of(reference).at);
    if (side == KEEL_SELL && order < 0)
        return keel_fail(check->error, KEEL_PRICE_BAND,
                         "%s: selling at %s is below %s, the band's end around %s",
                         symbol_of(check), text_of(price).at, text_of(bound).at,
                         text_of(reference).at);
    return KEEL_OK;
}

/* Shape -------------------------------------------------------------------------------------- */

static enum keel_status refuse_shape(const struct check *check, const char *type, const char *why)
{
    return keel_fail(check->error, KEEL_ORDER_SHAPE, "%s: a %s order %s", symbol_of(check), type,
                     why);
}

/* Does the position close by an order of that type, whatever its size? */
static bool type_may_close_all(enum keel_order_type type)
{
    return type == KEEL_STOP_MARKET || type == KEEL_TAKE_PROFIT_MARKET;
}

static enum keel_status check_type(const struct check *check,
                                   const struct keel_order_request *request)
{
    const char *type = keel_order_type_name(request->type);
    if (request->type == KEEL_ORDER_TYPE_NONE || request->type == KEEL_LIQUIDATION)
        return refuse_shape(check, type, "cannot be placed");
    if (request->side == KEEL_SIDE_NONE)
        return refuse_shape(check, type, "needs a side");
    if (request->time_in_force == KEEL_GTD)
        return keel_fail(check->error, KEEL_UNSUPPORTED,
                         "%s: good till date needs a date, which a request has not",
                         symbol_of(check));
    if (!keel_order_type_has_price(request->type) && request->time_in_force != 0 &&
        request->type == KEEL_MARKET)
        return refuse_shape(check, type, "has no time in force");
    return KEEL_OK;
}

static enum keel_status check_prices_given(const struct check *check,
                                           const struct keel_order_request *request)
{
    const char *type = keel_order_type_name(request->type);
    bool price = keel_decimal_is_valid(request->price);
    bool trigger = keel_decimal_is_valid(request->trigger_price);
    bool trails = request->type == KEEL_TRAILING_STOP; /* may be active at once: no trigger */
    if (keel_order_type_has_price(request->type) && !keel_decimal_is_positive(request->price))
        return refuse_shape(check, type, "needs a price above 0");
    if (!keel_order_type_has_price(request->type) && price)
        return refuse_shape(check, type, "has no price");
    if (keel_order_type_is_conditional(request->type) &&
        !keel_decimal_is_positive(request->trigger_price) && (trigger || !trails))
        return refuse_shape(check, type, "needs a trigger price above 0");
    if (!keel_order_type_is_conditional(request->type) && trigger)
        return refuse_shape(check, type, "has no trigger price");
    return KEEL_OK;
}

/* Venues take a distance of 0.1 to 20 percent at most; less of it is theirs to refuse. */
static enum keel_status check_callback(const struct check *check,
                                       const struct keel_order_request *request)
{
    const keel_decimal min = keel_decimal_from_raw((keel_int128)100000000000000000);
    const keel_decimal max = keel_decimal_from_int(20);
    const char *type = keel_order_type_name(request->type);
    keel_decimal callback = request->callback_percent;
    if (request->type != KEEL_TRAILING_STOP) {
        if (keel_decimal_is_valid(callback))
            return refuse_shape(check, type, "has no callback");
        return KEEL_OK;
    }
    if (!keel_decimal_is_valid(callback))
        return refuse_shape(check, type, "needs a callback: the distance that triggers it");
    return check_range(check, KEEL_ORDER_SHAPE, "callback percent", callback, min, max);
}

static enum keel_status check_quantity_given(const struct check *check,
                                             const struct keel_order_request *request)
{
    const char *type = keel_order_type_name(request->type);
    if (!request->close_position) {
        if (!keel_decimal_is_positive(request->quantity))
            return refuse_shape(check, type, "needs a quantity above 0");
        return KEEL_OK;
    }
    if (!type_may_close_all(request->type))
        return refuse_shape(check, type,
                            "cannot close a whole position: stop_market and "
                            "take_profit_market can");
    if (keel_decimal_is_valid(request->quantity))
        return keel_fail(check->error, KEEL_ORDER_SHAPE,
                         "%s: close_position closes all there is, yet a quantity of %s is given",
                         symbol_of(check), text_of(request->quantity).at);
    if (request->reduce_only)
        return refuse_shape(check, type, "with close_position is reduce-only already");
    return KEEL_OK;
}

static enum keel_status check_shape(const struct check *check,
                                    const struct keel_order_request *request)
{
    enum keel_status status = check_type(check, request);
    if (status == KEEL_OK)
        status = check_prices_given(check, request);
    if (status == KEEL_OK)
        status = check_callback(check, request);
    if (status == KEEL_OK)
        status = check_quantity_given(check, request);
    return status;
}

/* Account, modes, market --------------------------------------------------------------------- */

bool keel_gate_is_exit(const struct keel_order_request *request)
{
    return keel_order_only_closes(request->reduce_only, request->close_position,
                                  request->position_side, request->side);
}

static enum keel_status check_position_side(const struct check *check,
                                            const struct keel_order_request *request)
{
    bool leg = request->position_side == KEEL_LONG || request->position_side == KEEL_SHORT;
    switch (check->account->modes.hedge) {
    case KEEL_SWITCH_NONE: return KEEL_OK; /* an exit; an entry is refused for it */
    case KEEL_OFF:
        if (leg)
            return keel_fail(check->error, KEEL_POSITION_SIDE,
                             "%s: position side %s, but the account is in one-way mode",
                             symbol_of(check), keel_position_side_name(request->position_side));
        return KEEL_OK;
    case KEEL_ON:
        if (!leg)
            return keel_fail(
                check->error, KEEL_POSITION_SIDE,
                "%s: position side %s, but the account is in hedge mode: long or short",
                symbol_of(check), keel_position_side_name(request->position_side));
        if (request->reduce_only &&
            !keel_order_only_closes(false, false, request->position_side, request->side))
            return keel_fail(check->error, KEEL_REDUCE_ONLY,
                             "%s: a reduce-only %s opens the %s leg", symbol_of(check),
                             keel_side_name(request->side),
                             keel_position_side_name(request->position_side));
        return KEEL_OK;
    }
    return KEEL_OK;
}

static enum keel_status check_market_status(const struct check *check, bool exit)
{
    switch (check->rules->status) {
    case KEEL_MARKET_TRADING: return KEEL_OK;
    case KEEL_MARKET_REDUCE_ONLY:
        if (exit)
            return KEEL_OK;
        return keel_fail(check->error, KEEL_MARKET_CLOSED,
                         "%s: the market takes only orders that reduce", symbol_of(check));
    case KEEL_MARKET_NONE:
    case KEEL_MARKET_HALTED:
    case KEEL_MARKET_DELISTED: break;
    }
    return keel_fail(check->error, KEEL_MARKET_CLOSED, "%s: the market takes no orders now",
                     symbol_of(check));
}

static bool is_id_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == ':' || c == '/' || c == '_' || c == '-';
}

static enum keel_status check_client_id(const struct check *check, const char *client_id)
{
    for (const char *c = client_id; *c != '\0'; c++) {
        if (!is_id_character(*c))
            return keel_fail(check->error, KEEL_CLIENT_ID,
                             "%s: client id \"%s\" has a character other than letters, digits "
                             "and . : / _ -",
                             symbol_of(check), client_id);
    }
    if (client_id[0] != '\0' &&
        keel_account_client_id_is_taken(check->account, check->market, client_id))
        return keel_fail(check->error, KEEL_CLIENT_ID,
                         "%s: client id %s is that of an order still open or unsettled",
                         symbol_of(check), client_id);
    return KEEL_OK;
}

static enum keel_status check_open_orders(const struct check *check, bool conditional)
{
    const struct keel_orders *orders = &check->account->orders;
    int32_t in_market = orders->markets[check->market].regular_open;
    int32_t max = check->rules->open_orders_max;
    if (orders->open.count >= orders->open_max)
        return keel_fail(check->error, KEEL_OPEN_ORDERS, "%d orders are open, keel's bound is %d",
                         orders->open.count, orders->open_max);
    if (!conditional && max > 0 && in_market >= max)
        return keel_fail(check->error, KEEL_OPEN_ORDERS,
                         "%s: %d orders are open, the venue's bound is %d", symbol_of(check),
                         in_market, max);
    return KEEL_OK;
}

static enum keel_status refuse_not_fresh(const struct check *check)
{
    return keel_fail(check->error, KEEL_STALE,
                     "%s: what is known of the account may be old: it is being reconciled",
                     symbol_of(check));
}

static enum keel_status check_entry_allowed(const struct check *check)
{
    const struct keel_account *account = check->account;
    if (account->state == KEEL_ACCOUNT_STATE_REDUCING)
        return keel_fail(check->error, KEEL_ACCOUNT_REDUCING,
                         "%s: the account is reducing, and this order does not only shrink a "
                         "position",
                         symbol_of(check));
    if (account->modes.can_trade == KEEL_OFF)
        return keel_fail(check->error, KEEL_ACCOUNT_REDUCING,
                         "%s: the venue says that the account may not trade", symbol_of(check));
    if (account->modes_changed)
        return keel_fail(check->error, KEEL_MODE_CHANGED,
                         "%s: the account's modes were changed from outside", symbol_of(check));
    if (check->terms->changed_outside)
        return keel_fail(check->error, KEEL_MODE_CHANGED,
                         "%s: leverage %d or margin mode %s is not what was set here",
                         symbol_of(check), check->terms->leverage,
                         keel_margin_mode_name(check->terms->margin_mode));
    if (!account->fresh)
        return refuse_not_fresh(check);
    if (account->modes.hedge == KEEL_SWITCH_NONE)
        return keel_fail(check->error, KEEL_NOT_LOADED,
                         "%s: whether the account is in hedge mode was never loaded",
                         symbol_of(check));
    return KEEL_OK;
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

static enum keel_status check_close(const struct check *check,
                                    const struct keel_order_request *request, keel_decimal quantity)
{
    if (keel_decimal_is_zero(quantity))
        return keel_fail(check->error, KEEL_CLOSE, "%s: nothing to close: the position is flat",
                         symbol_of(check));
    if (!shrinks(request->side, quantity))
        return keel_fail(check->error, KEEL_CLOSE, "%s: a %s does not close a %s of %s",
                         symbol_of(check), keel_side_name(request->side), direction_of(quantity),
                         text_of(keel_decimal_abs(quantity)).at);
    return KEEL_OK;
}

static enum keel_status check_reduce_only(const struct check *check,
                                          const struct keel_order_request *request,
                                          keel_decimal quantity)
{
    if (!shrinks(request->side, quantity))
        return keel_fail(check->error, KEEL_REDUCE_ONLY,
                         "%s: a reduce-only %s of %s, but the position is %s", symbol_of(check),
                         keel_side_name(request->side), text_of(request->quantity).at,
                         direction_of(quantity));
    keel_decimal size = keel_decimal_abs(quantity);
    if (keel_decimal_compare(request->quantity, size) <= 0)
        return KEEL_OK;
    keel_decimal claimed = keel_account_resting_reduce_only(check->account, check->market,
                                                            leg_of(request), request->side);
    return keel_fail(check->error, KEEL_REDUCE_ONLY,
                     "%s: a reduce-only %s of %s is more than the position of %s, of which resting "
                     "orders claim %s",
                     symbol_of(check), keel_side_name(request->side), text_of(request->quantity).at,
                     text_of(size).at, text_of(claimed).at);
}

static enum keel_status check_exit(const struct check *check,
                                   const struct keel_order_request *request)
{
    if (!check->account->fresh)
        return request->forced ? KEEL_OK : refuse_not_fresh(check);
    keel_decimal quantity =
        keel_account_expected_quantity(check->account, check->market, leg_of(request));
    if (request->close_position)
        return check_close(check, request, quantity);
    return check_reduce_only(check, request, quantity);
}

/* Entries ------------------------------------------------------------------------------------ */

static enum keel_status check_mark(const struct check *check)
{
    const struct keel_terms *terms = check->terms;
    int64_t bound_ms = check->account->config.mark_age_max_ms;
    int64_t age_ms = (check->now_ns - terms->mark_received_ns) / 1000000;
    if (!keel_terms_have_mark(terms))
        return keel_fail(check->error, KEEL_NOT_LOADED, "%s: no mark price was told yet",
                         symbol_of(check));
    if (age_ms > bound_ms)
        return keel_fail(check->error, KEEL_STALE,
                         "%s: its mark price is %lld ms old, the bound is %lld ms",
                         symbol_of(check), (long long)age_ms, (long long)bound_ms);
    return KEEL_OK;
}

static enum keel_status check_terms_loaded(const struct check *check)
{
    const struct keel_terms *terms = check->terms;
    const char *lacking = terms->leverage == 0         ? "leverage"
                          : terms->brackets.count == 0 ? "bracket table"
                          : !terms->fees_told          ? "taker fee"
                                                       : NULL;
    if (lacking)
        return keel_fail(check->error, KEEL_NOT_LOADED, "%s: its %s was never loaded",
                         symbol_of(check), lacking);
    int32_t max = keel_brackets_leverage_max(&terms->brackets);
    if (terms->leverage > max)
        return keel_fail(check->error, KEEL_LEVERAGE, "%s: leverage %d is above the limit %d",
                         symbol_of(check), terms->leverage, max);
    return KEEL_OK;
}

/* The told cap where it is told, else that of the brackets. */
static keel_decimal notional_cap_of(const struct keel_terms *terms)
{
    return terms->notional_max_told ? terms->notional_max
                                    : keel_brackets_notional_max(&terms->brackets, terms->leverage);
}

static enum keel_status check_notional_min(const struct check *check, keel_decimal quantity,
                                           keel_decimal price, keel_decimal notional)
{
    keel_decimal min = check->rules->notional_min;
    if (!keel_decimal_is_positive(min) || !keel_decimal_is_valid(notional) ||
        keel_decimal_compare(notional, min) >= 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_NOTIONAL_MIN,
                     "%s: %s at %s is a notional of %s, below the minimum %s", symbol_of(check),
                     text_of(quantity).at, text_of(price).at, text_of(notional).at,
                     text_of(min).at);
}

static enum keel_status check_notional_cap(const struct check *check, keel_decimal before,
                                           keel_decimal after)
{
    keel_decimal cap = notional_cap_of(check->terms);
    if (!keel_decimal_is_valid(cap) || keel_decimal_compare(after, cap) <= 0 ||
        keel_decimal_compare(after, before) <= 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_NOTIONAL_CAP,
                     "%s: a notional of %s would result, leverage %d allows %s", symbol_of(check),
                     text_of(after).at, check->terms->leverage, text_of(cap).at);
}

static enum keel_status check_available(const struct check *check, keel_decimal needed)
{
    keel_market_id missing;
    if (check->account->modes.multi_asset == KEEL_ON)
        return KEEL_OK; /* other assets count, by rates that are the venue's: it decides */
    keel_decimal available = keel_account_available(check->account, check->terms->asset, &missing);
    if (!keel_decimal_is_valid(available))
        return keel_fail(check->error, KEEL_NOT_LOADED,
                         "%s: the available margin cannot be told: %s lacks a mark price, leverage "
                         "or wallet",
                         symbol_of(check),
                         missing == KEEL_NO_MARKET ? check->rules->settle
                                                   : keel_account_symbol(check->account, missing));
    if (keel_decimal_compare(needed, available) <= 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_MARGIN, "%s: a margin of %s is needed, %s is available",
                     symbol_of(check), text_of(needed).at, text_of(available).at);
}

/* Margin for what grows, what the order loses at once, and the fee of taking. */
static keel_decimal cost_of(const struct check *check, keel_decimal growth, keel_decimal open_loss,
                            keel_decimal notional)
{
    if (keel_decimal_is_negative(growth))
        growth = KEEL_DECIMAL_ZERO;
    keel_decimal margin = keel_margin_initial(growth, check->terms->leverage);
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
static keel_decimal margin_notional(const struct check *check, const struct growth *growth)
{
    keel_decimal price =
        keel_account_reserve_price(check->account, check->market, growth->side, growth->price);
    if (keel_decimal_is_valid(price) && keel_decimal_equals(price, growth->price))
        return growth->notional;
    return keel_margin_notional(growth->quantity, price);
}

static enum keel_status check_growth(const struct check *check, const struct growth *growth)
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
                         symbol_of(check), text_of(growth->quantity).at);

    enum keel_status status = check_notional_cap(check, exposure.worst, after);
    if (status != KEEL_OK)
        return status;
    return check_available(check, needed);
}

static keel_decimal mark_of(const struct check *check)
{
    return keel_terms_have_mark(check->terms) ? check->terms->mark.mark_price : KEEL_DECIMAL_ABSENT;
}

/* What the notional's minimum is measured at: a market order has only the mark price. */
static keel_decimal notional_price(const struct check *check,
                                   const struct keel_order_request *request)
{
    if (keel_decimal_is_valid(request->price))
        return request->price;
    return keel_decimal_is_valid(request->trigger_price) ? request->trigger_price : mark_of(check);
}

static enum keel_status check_entry(const struct check *check,
                                    const struct keel_order_request *request)
{
    enum keel_status status = check_terms_loaded(check);
    if (status == KEEL_OK)
        status = check_mark(check);
    if (status != KEEL_OK)
        return status;
    keel_decimal price = notional_price(check, request);
    struct growth growth = {.leg = leg_of(request),
                            .side = request->side,
                            .quantity = request->quantity,
                            .price = request->price,
                            .notional = keel_margin_notional(request->quantity, price),
                            .reserved = KEEL_DECIMAL_ZERO};
    status = check_notional_min(check, request->quantity, price, growth.notional);
    if (status != KEEL_OK || keel_order_type_is_conditional(request->type))
        return status; /* the venue takes a conditional order's margin when it triggers */
    return check_growth(check, &growth);
}

/* Triggers ----------------------------------------------------------------------------------- */

/* An order that waits for a rise triggers at once if the price is already there. Of the last price
 * nothing is known but that it lies about the best bid and ask: the one that it must have passed is
 * looked at, and the mark price where there is no book. */
static keel_decimal watched_price(const struct check *check,
                                  const struct keel_order_request *request, bool rising)
{
    const struct keel_book_top *book_top = &check->terms->book_top;
    if (request->trigger_source == KEEL_TRIGGER_MARK || !check->terms->book_told)
        return mark_of(check);
    return rising ? book_top->bid_price : book_top->ask_price;
}

/* A trailing stop's trigger is where it becomes active: where a take-profit would trigger. */
static bool waits_for_rise(const struct keel_order_request *request)
{
    bool stop = request->type == KEEL_STOP_LIMIT || request->type == KEEL_STOP_MARKET;
    return stop == (request->side == KEEL_BUY);
}

static enum keel_status check_trigger(const struct check *check,
                                      const struct keel_order_request *request)
{
    if (!keel_decimal_is_valid(request->trigger_price))
        return KEEL_OK;
    enum keel_status status = check_trigger_grid(check, request->trigger_price);
    if (status != KEEL_OK)
        return status;
    bool rising = waits_for_rise(request);
    keel_decimal price = watched_price(check, request, rising);
    if (!keel_decimal_is_positive(price))
        return KEEL_OK;
    int order = keel_decimal_compare(price, request->trigger_price);
    if (rising ? order < 0 : order > 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_TRIGGER_PRICE,
                     "%s: a %s %s at %s would trigger at once: the price is %s", symbol_of(check),
                     keel_order_type_name(request->type), keel_side_name(request->side),
                     text_of(request->trigger_price).at, text_of(price).at);
}

/* Orders ------------------------------------------------------------------------------------- */

static enum keel_status check_order_price(const struct check *check,
                                          const struct keel_order_request *request)
{
    if (!keel_order_type_has_price(request->type))
        return KEEL_OK;
    enum keel_status status = check_price(check, request->price);
    if (status != KEEL_OK)
        return status;
    keel_decimal reference =
        keel_order_type_is_conditional(request->type) ? request->trigger_price : mark_of(check);
    return check_band(check, request->side, request->price, reference);
}

static enum keel_status check_values(const struct check *check,
                                     const struct keel_order_request *request)
{
    enum keel_status status = check_order_price(check, request);
    if (status == KEEL_OK && !request->close_position)
        status = check_quantity(check, request->quantity, keel_order_type_has_price(request->type));
    if (status == KEEL_OK)
        status = check_trigger(check, request);
    return status;
}

static enum keel_status check_place(const struct check *check,
                                    const struct keel_order_request *request)
{
    bool exit = keel_gate_is_exit(request);
    keel_orders_prefetch(&check->account->orders);
    enum keel_status status = check_shape(check, request);
    if (status == KEEL_OK)
        status = check_position_side(check, request);
    if (status == KEEL_OK)
        status = check_market_status(check, exit);
    if (status == KEEL_OK && !exit)
        status = check_entry_allowed(check);
    if (status == KEEL_OK)
        status = check_client_id(check, request->client_id);
    if (status == KEEL_OK)
        status = check_open_orders(check, keel_order_type_is_conditional(request->type));
    if (status == KEEL_OK)
        status = check_values(check, request);
    if (status != KEEL_OK)
        return status;
    return exit ? check_exit(check, request) : check_entry(check, request);
}

static const struct keel_order_slot *find_order(const struct check *check,
                                                const struct keel_order_ref *ref)
{
    return keel_orders_find(&check->account->orders, ref->market, KEEL_FAMILY_REGULAR,
                            ref->order_id, ref->client_id);
}

static enum keel_status check_amendable(const struct check *check, const struct keel_amend *amend,
                                        const struct keel_order_slot *slot)
{
    const char *id =
        amend->order.order_id[0] != '\0' ? amend->order.order_id : amend->order.client_id;
    if (!slot || !keel_order_is_open(&slot->order))
        return keel_fail(check->error, KEEL_NOT_FOUND, "%s: no open order %s", symbol_of(check),
                         id);
    if (slot->order.status == KEEL_ORDER_PENDING)
        return keel_fail(check->error, KEEL_NOT_FOUND, "%s: order %s is not confirmed yet",
                         symbol_of(check), id);
    if (slot->order.type != KEEL_LIMIT)
        return keel_fail(check->error, KEEL_ORDER_SHAPE,
                         "%s: order %s is %s; only limit orders "
                         "are amended",
                         symbol_of(check), id, keel_order_type_name(slot->order.type));
    if (amend->side != slot->order.side)
        return keel_fail(check->error, KEEL_ORDER_SHAPE, "%s: order %s is a %s, the amendment a %s",
                         symbol_of(check), id, keel_side_name(slot->order.side),
                         keel_side_name(amend->side));
    if (!keel_decimal_is_positive(amend->price) || !keel_decimal_is_positive(amend->quantity))
        return keel_fail(check->error, KEEL_ORDER_SHAPE,
                         "%s: amending needs a price and a total quantity above 0",
                         symbol_of(check));
    return KEEL_OK;
}

/* The venue cancels an order whose new total is not more than what is filled. */
static enum keel_status check_amended_quantity(const struct check *check,
                                               const struct keel_amend *amend,
                                               const struct keel_order *order)
{
    if (keel_decimal_compare(amend->quantity, order->filled_quantity) <= 0)
        return keel_fail(check->error, KEEL_QUANTITY_RANGE,
                         "%s: a total of %s is not above the %s already filled; cancel instead",
                         symbol_of(check), text_of(amend->quantity).at,
                         text_of(order->filled_quantity).at);
    return check_quantity(check, amend->quantity, true);
}

static enum keel_status check_amended_growth(const struct check *check,
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
        status = check_notional_min(check, amend->quantity, amend->price,
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

static enum keel_status check_amend(const struct check *check, const struct keel_amend *amend)
{
    const struct keel_order_slot *slot = find_order(check, &amend->order);
    enum keel_status status = check_amendable(check, amend, slot);
    if (status == KEEL_OK)
        status = check_market_status(check, slot->order.reduce_only);
    if (status == KEEL_OK)
        status = check_price(check, amend->price);
    if (status == KEEL_OK)
        status = check_band(check, amend->side, amend->price, mark_of(check));
    if (status == KEEL_OK)
        status = check_amended_quantity(check, amend, &slot->order);
    if (status == KEEL_OK)
        status = check_amended_growth(check, amend, slot);
    return status;
}

static enum keel_status check_ref(const struct keel_order_ref *ref, bool needs_id,
                                  struct keel_error *error)
{
    if (needs_id && ref->order_id[0] == '\0' && ref->client_id[0] == '\0')
        return keel_fail(error, KEEL_INVALID, "an order is named by its id or its client id");
    return KEEL_OK;
}

/* Settings ----------------------------------------------------------------------------------- */

/* The most notional that this market's legs hold or may come to hold; absent without a mark. */
static keel_decimal whole_exposure(const struct check *check)
{
    keel_decimal whole = KEEL_DECIMAL_ZERO;
    for (enum keel_position_side leg = KEEL_NET; leg <= KEEL_SHORT; leg++) {
        struct keel_exposure exposure = keel_account_exposure(check->account, check->market, leg);
        whole = keel_decimal_add(whole, exposure.worst);
    }
    return whole;
}

static bool has_isolated_position(const struct check *check)
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
static enum keel_status check_leverage_margin(const struct check *check, int32_t leverage,
                                              keel_decimal exposure)
{
    int32_t present = check->terms->leverage;
    if (present == 0 || leverage >= present || keel_decimal_is_zero(exposure))
        return KEEL_OK;
    if (has_isolated_position(check))
        return keel_fail(check->error, KEEL_LEVERAGE,
                         "%s: with an isolated position leverage %d cannot go down to %d",
                         symbol_of(check), present, leverage);
    keel_decimal more = keel_decimal_sub(keel_margin_initial(exposure, leverage),
                                         keel_margin_initial(exposure, present));
    return check_available(check, more);
}

static enum keel_status check_set_leverage(const struct check *check, int32_t leverage)
{
    const struct keel_brackets *brackets = &check->terms->brackets;
    if (!check->account->fresh)
        return refuse_not_fresh(check);
    if (brackets->count == 0)
        return keel_fail(check->error, KEEL_NOT_LOADED, "%s: its bracket table was never loaded",
                         symbol_of(check));
    int32_t max = keel_brackets_leverage_max(brackets);
    if (leverage < 1 || leverage > max)
        return keel_fail(check->error, KEEL_LEVERAGE, "%s: leverage %d is not between 1 and %d",
                         symbol_of(check), leverage, max);

    keel_decimal exposure = whole_exposure(check);
    keel_decimal cap = keel_brackets_notional_max(brackets, leverage);
    if (!keel_decimal_is_valid(exposure))
        return keel_fail(check->error, KEEL_NOT_LOADED,
                         "%s: no mark price to value the present notional", symbol_of(check));
    if (keel_decimal_compare(exposure, cap) > 0)
        return keel_fail(check->error, KEEL_LEVERAGE,
                         "%s: leverage %d allows a notional of %s, there is %s", symbol_of(check),
                         leverage, text_of(cap).at, text_of(exposure).at);
    return check_leverage_margin(check, leverage, exposure);
}

static int32_t position_count(const struct check *check)
{
    int32_t count = 0;
    for (enum keel_position_side leg = KEEL_NET; leg <= KEEL_SHORT; leg++)
        count += keel_account_find_position(check->account, check->market, leg) != NULL;
    return count;
}

static enum keel_status check_set_margin_mode(const struct check *check, enum keel_margin_mode mode)
{
    const struct keel_account *account = check->account;
    int32_t orders = account->orders.markets[check->market].open.count;
    if (mode == KEEL_MARGIN_MODE_NONE)
        return keel_fail(check->error, KEEL_INVALID, "%s: a margin mode is cross or isolated",
                         symbol_of(check));
    if (!account->fresh)
        return refuse_not_fresh(check);
    if (mode == check->terms->margin_mode)
        return KEEL_OK;
    if (mode == KEEL_ISOLATED && account->modes.multi_asset == KEEL_ON)
        return keel_fail(check->error, KEEL_MARGIN_MODE,
                         "%s: isolated margin is not possible in multi-asset mode",
                         symbol_of(check));
    if (position_count(check) > 0 || orders > 0)
        return keel_fail(check->error, KEEL_MARGIN_MODE,
                         "%s: %d positions and %d open orders keep the margin mode as it is",
                         symbol_of(check), position_count(check), orders);
    return KEEL_OK;
}

/* What may be taken out: the wallet above the initial margin, its loss counted and its profit not.
 */
static keel_decimal removable_margin(const struct check *check,
                                     const struct keel_position_slot *slot)
{
    keel_decimal initial =
        keel_margin_initial(keel_decimal_abs(slot->value), check->terms->leverage);
    keel_decimal pnl = keel_margin_pnl(slot->value, slot->cost);
    if (keel_decimal_is_positive(pnl))
        pnl = KEEL_DECIMAL_ZERO;
    keel_decimal wallet = slot->position.isolated_wallet;
    keel_decimal rest = keel_decimal_sub(keel_decimal_add(wallet, pnl), initial);
    return keel_decimal_is_negative(rest) ? KEEL_DECIMAL_ZERO : rest;
}

static enum keel_status refuse_amount(const struct check *check, const char *what,
                                      keel_decimal amount, keel_decimal bound)
{
    return keel_fail(check->error, KEEL_POSITION_MARGIN,
                     "%s: %s a margin of %s, but %s is possible", symbol_of(check), what,
                     text_of(amount).at, text_of(bound).at);
}

static enum keel_status check_adjust_margin(const struct check *check,
                                            const struct keel_margin_adjustment *adjustment)
{
    enum keel_position_side leg =
        adjustment->side == KEEL_POSITION_SIDE_NONE ? KEEL_NET : adjustment->side;
    const struct keel_position_slot *slot =
        keel_positions_find(&check->account->positions, check->market, leg);
    keel_decimal amount = adjustment->amount;
    keel_market_id missing;
    if (!check->account->fresh)
        return refuse_not_fresh(check);
    if (!slot || slot->position.margin_mode != KEEL_ISOLATED)
        return keel_fail(check->error, KEEL_POSITION_MARGIN, "%s: there is no isolated position",
                         symbol_of(check));
    if (!keel_decimal_is_valid(amount) || keel_decimal_is_zero(amount))
        return keel_fail(check->error, KEEL_POSITION_MARGIN, "%s: a margin of %s cannot be moved",
                         symbol_of(check), text_of(amount).at);

    bool adds = keel_decimal_is_positive(amount);
    keel_decimal bound = adds
                             ? keel_account_available(check->account, check->terms->asset, &missing)
                             : removable_margin(check, slot);
    if (!keel_decimal_is_valid(bound))
        return keel_fail(check->error, KEEL_NOT_LOADED,
                         "%s: how much margin can be moved is not known: a mark price, leverage or "
                         "wallet is missing",
                         symbol_of(check));
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
                         "%s mode: %d positions and %d open orders keep it as it is", mode,
                         account->positions.count, account->orders.open.count);
    return KEEL_OK;
}

/* The gate ----------------------------------------------------------------------------------- */

/* The market of a write that has one. */
static keel_market_id market_of(const struct keel_command *command)
{
    switch (command->kind) {
    case KEEL_PLACE_ORDER: return command->place.market;
    case KEEL_AMEND_ORDER: return command->amend.order.market;
    case KEEL_CANCEL_ORDER:
    case KEEL_CANCEL_ALL: return command->order.market;
    case KEEL_SET_LEVERAGE: return command->leverage.market;
    case KEEL_SET_MARGIN_MODE: return command->margin_mode.market;
    case KEEL_ADJUST_MARGIN: return command->margin.market;
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
    case KEEL_COMMAND_NONE:
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET:
    case KEEL_QUERY_ORDER:
    case KEEL_LOAD_TIME:
    case KEEL_LOAD_MARKETS:
    case KEEL_LOAD_MODES:
    case KEEL_LOAD_BALANCES:
    case KEEL_LOAD_POSITIONS:
    case KEEL_LOAD_LEVERAGE:
    case KEEL_LOAD_BRACKETS:
    case KEEL_LOAD_FEES:
    case KEEL_LOAD_MARKS:
    case KEEL_LOAD_OPEN_ORDERS:
    case KEEL_LOAD_CONDITIONAL_ORDERS:
    case KEEL_LOAD_ORDERS:
    case KEEL_LOAD_EXECUTIONS:
    case KEEL_LOAD_INCOME:
    case KEEL_OPEN_STREAM_KEY:
    case KEEL_RENEW_STREAM_KEY:
    case KEEL_CLOSE_STREAM_KEY:
    case KEEL_COMMAND_KINDS: return KEEL_NO_MARKET;
    }
    return KEEL_NO_MARKET;
}

static enum keel_status check_account_wide(const struct keel_account *account,
                                           const struct keel_command *command,
                                           struct keel_error *error)
{
    if (command->kind == KEEL_SET_HEDGE_MODE)
        return check_mode_change(account, KEEL_POSITION_SIDE, "hedge", account->modes.hedge,
                                 command->enable, error);
    return check_mode_change(account, KEEL_MARGIN_MODE, "multi-asset", account->modes.multi_asset,
                             command->enable, error);
}

static enum keel_status check_in_market(const struct check *check,
                                        const struct keel_command *command)
{
    if (command->kind == KEEL_PLACE_ORDER)
        return check_place(check, &command->place);
    if (command->kind == KEEL_AMEND_ORDER)
        return check_amend(check, &command->amend);
    if (command->kind == KEEL_SET_LEVERAGE)
        return check_set_leverage(check, command->leverage.leverage);
    if (command->kind == KEEL_SET_MARGIN_MODE)
        return check_set_margin_mode(check, command->margin_mode.mode);
    if (command->kind == KEEL_ADJUST_MARGIN)
        return check_adjust_margin(check, &command->margin);
    return check_ref(&command->order, command->kind == KEEL_CANCEL_ORDER, check->error);
}

enum keel_status keel_gate_check(const struct keel_account *account,
                                 const struct keel_command *command, int64_t now_ns,
                                 struct keel_error *error)
{
    if (!keel_command_is_write(command->kind))
        return KEEL_OK;
    if (account->state == KEEL_ACCOUNT_STATE_HALTED)
        return keel_fail(error, KEEL_ACCOUNT_HALTED, "the account is halted: no command leaves");
    if (command->kind == KEEL_SET_HEDGE_MODE || command->kind == KEEL_SET_MULTI_ASSET)
        return check_account_wide(account, command, error);

    keel_market_id market = market_of(command);
    if (!keel_account_knows_market(account, market))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no market %d among the %d known", market,
                         keel_markets_count(account->config.markets));
    const struct check check = {.account = account,
                                .rules = keel_markets_get(account->config.markets, market),
                                .terms = &account->terms[market],
                                .market = market,
                                .now_ns = now_ns,
                                .error = error};
    return check_in_market(&check, command);
}

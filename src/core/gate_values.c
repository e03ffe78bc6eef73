#include "core/gate_check.h"

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

static enum keel_status refuse_off_grid(const struct keel_check *check, enum keel_status status,
                                        const char *what, keel_decimal value, keel_decimal origin,
                                        keel_decimal step)
{
    keel_decimal below, above;
    keel_gate_nearest(value, origin, step, &below, &above);
    return keel_fail(check->error, status, "%s: %s %s is not on the grid of %s; nearest %s and %s",
                     keel_check_symbol(check), what, keel_text_of(value).at, keel_text_of(step).at,
                     keel_text_of(below).at, keel_text_of(above).at);
}

enum keel_status keel_refuse_range(const struct keel_check *check, enum keel_status status,
                                   const char *what, keel_decimal value, keel_decimal min,
                                   keel_decimal max)
{
    bool low = keel_decimal_is_positive(min) && keel_decimal_compare(value, min) < 0;
    return keel_fail(check->error, status, "%s: %s %s is %s %s", keel_check_symbol(check), what,
                     keel_text_of(value).at, low ? "below the minimum" : "above the maximum",
                     keel_text_of(low ? min : max).at);
}

enum keel_status keel_check_price(const struct keel_check *check, keel_decimal price)
{
    const struct keel_market *rules = check->rules;
    enum keel_status status = keel_check_range(check, KEEL_PRICE_RANGE, "price", price,
                                               rules->price_min, rules->price_max);
    if (status != KEEL_OK)
        return status;
    if (!is_on_grid(price, rules->price_min, rules->price_tick))
        return refuse_off_grid(check, KEEL_PRICE_TICK, "price", price, rules->price_min,
                               rules->price_tick);
    return KEEL_OK;
}

static enum keel_status check_trigger_grid(const struct keel_check *check, keel_decimal trigger)
{
    const struct keel_market *rules = check->rules;
    enum keel_status status = keel_check_range(check, KEEL_TRIGGER_PRICE, "trigger price", trigger,
                                               rules->price_min, rules->price_max);
    if (status != KEEL_OK)
        return status;
    if (!is_on_grid(trigger, rules->price_min, rules->price_tick))
        return refuse_off_grid(check, KEEL_TRIGGER_PRICE, "trigger price", trigger,
                               rules->price_min, rules->price_tick);
    return KEEL_OK;
}

enum keel_status keel_check_quantity(const struct keel_check *check, keel_decimal quantity,
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
        keel_check_range(check, KEEL_QUANTITY_RANGE, "quantity", quantity, min, max);
    if (status != KEEL_OK)
        return status;
    if (!is_on_grid(quantity, min, step))
        return refuse_off_grid(check, KEEL_QUANTITY_STEP, "quantity", quantity, min, step);
    return KEEL_OK;
}

/* The band around the mark price; around the trigger price for an order that waits for one. A band
 * without a price to stand on holds nothing: the venue decides. */
enum keel_status keel_check_band(const struct keel_check *check, enum keel_side side,
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
                         "%s: buying at %s is above %s, the band's end around %s",
                         keel_check_symbol(check), keel_text_of(price).at, keel_text_of(bound).at,
                         keel_text_of(reference).at);
    if (side == KEEL_SELL && order < 0)
        return keel_fail(check->error, KEEL_PRICE_BAND,
                         "%s: selling at %s is below %s, the band's end around %s",
                         keel_check_symbol(check), keel_text_of(price).at, keel_text_of(bound).at,
                         keel_text_of(reference).at);
    return KEEL_OK;
}

/* Triggers ----------------------------------------------------------------------------------- */

/* An order that waits for a rise triggers at once if the price is already there. Of the last price
 * nothing is known but that it lies about the best bid and ask: the one that it must have passed is
 * looked at, and the mark price where there is no book. */
static keel_decimal watched_price(const struct keel_check *check,
                                  const struct keel_order_request *request, bool rising)
{
    const struct keel_book_top *book_top = &check->terms->book_top;
    if (request->trigger_source == KEEL_TRIGGER_MARK || !check->terms->book_told)
        return keel_check_mark_price(check);
    return rising ? book_top->bid_price : book_top->ask_price;
}

/* A trailing stop's trigger is where it becomes active: where a take-profit would trigger. */
static bool waits_for_rise(const struct keel_order_request *request)
{
    bool stop = request->type == KEEL_STOP_LIMIT || request->type == KEEL_STOP_MARKET;
    return stop == (request->side == KEEL_BUY);
}

enum keel_status keel_check_trigger(const struct keel_check *check,
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
                     "%s: a %s %s at %s would trigger at once: the price is %s",
                     keel_check_symbol(check), keel_order_type_name(request->type),
                     keel_side_name(request->side), keel_text_of(request->trigger_price).at,
                     keel_text_of(price).at);
}

/* Orders ------------------------------------------------------------------------------------- */

static enum keel_status check_order_price(const struct keel_check *check,
                                          const struct keel_order_request *request)
{
    if (!keel_order_type_has_price(request->type))
        return KEEL_OK;
    enum keel_status status = keel_check_price(check, request->price);
    if (status != KEEL_OK)
        return status;
    keel_decimal reference = keel_order_type_is_conditional(request->type)
                                 ? request->trigger_price
                                 : keel_check_mark_price(check);
    return keel_check_band(check, request->side, request->price, reference);
}

enum keel_status keel_check_values(const struct keel_check *check,
                                   const struct keel_order_request *request)
{
    enum keel_status status = check_order_price(check, request);
    if (status == KEEL_OK && keel_decimal_is_valid(request->quantity))
        status =
            keel_check_quantity(check, request->quantity, keel_order_type_has_price(request->type));
    if (status == KEEL_OK)
        status = keel_check_trigger(check, request);
    return status;
}

/* What the notional's minimum is measured at: a market order has only the mark price. */
keel_decimal keel_check_notional_price(const struct keel_check *check,
                                       const struct keel_order_request *request)
{
    if (keel_decimal_is_valid(request->price))
        return request->price;
    return keel_decimal_is_valid(request->trigger_price) ? request->trigger_price
                                                         : keel_check_mark_price(check);
}

enum keel_status keel_check_notional_min(const struct keel_check *check, keel_decimal quantity,
                                         keel_decimal price, keel_decimal notional)
{
    keel_decimal min = check->rules->notional_min;
    if (!keel_decimal_is_positive(min) || !keel_decimal_is_valid(notional) ||
        keel_decimal_compare(notional, min) >= 0)
        return KEEL_OK;
    return keel_fail(check->error, KEEL_NOTIONAL_MIN,
                     "%s: %s at %s is a notional of %s, below the minimum %s",
                     keel_check_symbol(check), keel_text_of(quantity).at, keel_text_of(price).at,
                     keel_text_of(notional).at, keel_text_of(min).at);
}

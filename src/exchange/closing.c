#include "exchange/closing.h"

static keel_decimal bound_or(keel_decimal bound, keel_decimal otherwise)
{
    return keel_decimal_is_positive(bound) ? bound : otherwise;
}

/* What the next order takes, so that the rest is nothing or enough for another. */
static keel_decimal take_part(keel_decimal rest, keel_decimal max, keel_decimal min,
                              keel_decimal step)
{
    keel_decimal part = keel_decimal_min(rest, max);
    keel_decimal left = keel_decimal_sub(rest, part);

    if (keel_decimal_is_zero(left) || keel_decimal_compare(left, min) >= 0)
        return part;
    keel_decimal missing =
        keel_decimal_round_to_step(keel_decimal_sub(min, left), step, KEEL_ROUND_UP);
    return keel_decimal_sub(part, missing);
}

enum keel_status keel_closing_split(const struct keel_market *market, bool at_market,
                                    keel_decimal quantity,
                                    keel_decimal parts[KEEL_CLOSE_ORDERS_MAX], int32_t *count,
                                    struct keel_error *error)
{
    keel_decimal limit_max = bound_or(market->quantity_max, quantity);
    keel_decimal max = at_market ? bound_or(market->market_quantity_max, limit_max) : limit_max;
    keel_decimal min = bound_or(at_market ? market->market_quantity_min : market->quantity_min,
                                market->quantity_step);
    keel_decimal step = at_market ? bound_or(market->market_quantity_step, market->quantity_step)
                                  : market->quantity_step;
    keel_decimal rest = quantity;

    max = keel_decimal_round_to_step(max, step, KEEL_ROUND_DOWN);
    for (*count = 0; keel_decimal_is_positive(rest); ++*count) {
        if (*count == KEEL_CLOSE_ORDERS_MAX) {
            char text[KEEL_DECIMAL_TEXT_SIZE], max_text[KEEL_DECIMAL_TEXT_SIZE];
            keel_decimal_format(quantity, text);
            keel_decimal_format(max, max_text);
            return keel_fail(error, KEEL_QUANTITY_RANGE,
                             "%s: closing %s needs more than %d orders of at most %s",
                             market->symbol, text, KEEL_CLOSE_ORDERS_MAX, max_text);
        }
        /* A quantity off the grid goes whole: the gate names it and its neighbours. */
        parts[*count] =
            keel_decimal_compare(rest, max) <= 0 ? rest : take_part(rest, max, min, step);
        rest = keel_decimal_sub(rest, parts[*count]);
    }
    return KEEL_OK;
}

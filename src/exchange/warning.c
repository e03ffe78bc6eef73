#include "exchange/warning.h"

/* True when the flag rose. */
static bool update_ratio(bool *warned, const struct keel_warning_bounds *bounds, keel_decimal ratio)
{
    keel_decimal calm = keel_decimal_sub(bounds->margin_ratio, bounds->hysteresis);

    if (!keel_decimal_is_valid(ratio))
        return false;
    if (*warned) {
        *warned = keel_decimal_compare(ratio, calm) >= 0;
        return false;
    }
    *warned = keel_decimal_compare(ratio, bounds->margin_ratio) > 0;
    return *warned;
}

static bool update_distance(bool *warned, const struct keel_warning_bounds *bounds,
                            keel_decimal distance, bool none)
{
    keel_decimal calm = keel_decimal_add(bounds->liquidation_distance, bounds->hysteresis);

    if (none)
        *warned = false;
    if (!keel_decimal_is_valid(distance))
        return false;
    if (*warned) {
        *warned = keel_decimal_compare(distance, calm) <= 0;
        return false;
    }
    *warned = keel_decimal_compare(distance, bounds->liquidation_distance) < 0;
    return *warned;
}

int32_t keel_warning_update(struct keel_warning *warning, const struct keel_warning_bounds *bounds,
                            keel_decimal margin_ratio, keel_decimal liquidation_distance,
                            enum keel_risk_event_kind kinds[KEEL_WARNING_EVENTS_MAX])
{
    bool was_warned = warning->margin_ratio || warning->liquidation_distance;
    bool none = keel_decimal_is_valid(margin_ratio) && !keel_decimal_is_valid(liquidation_distance);
    int32_t count = 0;

    if (update_ratio(&warning->margin_ratio, bounds, margin_ratio))
        kinds[count++] = KEEL_RISK_MARGIN_RATIO;
    if (update_distance(&warning->liquidation_distance, bounds, liquidation_distance, none))
        kinds[count++] = KEEL_RISK_LIQUIDATION_DISTANCE;
    if (was_warned && !warning->margin_ratio && !warning->liquidation_distance)
        kinds[count++] = KEEL_RISK_CLEARED;
    return count;
}

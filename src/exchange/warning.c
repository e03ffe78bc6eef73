#include "exchange/warning.h"

/* Where a figure stands to its bound. Between is what hysteresis is for: nothing changes there. */
enum place {
    PLACE_UNKNOWN,
    PLACE_CALM,
    PLACE_BETWEEN,
    PLACE_BEYOND,
};

static uint32_t bit_of(enum keel_risk_event_kind kind)
{
    return UINT32_C(1) << kind;
}

/* True when the warning begins. */
static bool move(struct keel_warning *warning, enum keel_risk_event_kind kind, enum place place)
{
    bool warned = (warning->kinds & bit_of(kind)) != 0;

    switch (place) {
    case PLACE_UNKNOWN:
    case PLACE_BETWEEN: return false;
    case PLACE_CALM: warning->kinds &= ~bit_of(kind); return false;
    case PLACE_BEYOND: warning->kinds |= bit_of(kind); return !warned;
    }
    return false;
}

/* Above the bound, and calm again below the other one. */
static enum place place_above(keel_decimal figure, keel_decimal bound, keel_decimal calm)
{
    if (!keel_decimal_is_valid(figure) || !keel_decimal_is_valid(bound))
        return PLACE_UNKNOWN;
    if (keel_decimal_compare(figure, bound) > 0)
        return PLACE_BEYOND;
    return keel_decimal_compare(figure, calm) < 0 ? PLACE_CALM : PLACE_BETWEEN;
}

static enum place place_ratio(const struct keel_warning_bounds *bounds, keel_decimal ratio)
{
    return place_above(ratio, bounds->margin_ratio,
                       keel_decimal_sub(bounds->margin_ratio, bounds->hysteresis));
}

static enum place place_distance(const struct keel_warning_bounds *bounds,
                                 const struct keel_warning_figures *figures)
{
    keel_decimal bound = bounds->liquidation_distance;
    keel_decimal distance = figures->liquidation_distance;

    if (!keel_decimal_is_valid(distance))
        return keel_decimal_is_valid(figures->margin_ratio) ? PLACE_CALM : PLACE_UNKNOWN;
    if (keel_decimal_compare(distance, bound) < 0)
        return PLACE_BEYOND;
    keel_decimal calm = keel_decimal_add(bound, bounds->hysteresis);
    return keel_decimal_compare(distance, calm) > 0 ? PLACE_CALM : PLACE_BETWEEN;
}

static enum place place_leverage(const struct keel_warning_bounds *bounds,
                                 const struct keel_warning_figures *figures)
{
    keel_decimal cap = figures->notional_cap;
    keel_decimal slack = keel_decimal_mul(cap, bounds->hysteresis, KEEL_ROUND_UP);

    return place_above(figures->notional, cap, keel_decimal_sub(cap, slack));
}

/* Ranks are few: two below, or none at all. */
static enum place place_rank(const struct keel_warning_bounds *bounds, int32_t rank)
{
    if (bounds->adl_rank <= 0 || rank < 0)
        return PLACE_UNKNOWN;
    if (rank >= bounds->adl_rank)
        return PLACE_BEYOND;
    return rank == 0 || rank <= bounds->adl_rank - 2 ? PLACE_CALM : PLACE_BETWEEN;
}

/* A rate that trembles about zero says each time anew whose the payment is: once warned of, it is
 * over with its time. */
static enum place place_funding(const struct keel_warning_bounds *bounds,
                                const struct keel_warning_figures *figures)
{
    if (bounds->funding_ms <= 0 || figures->funding_ms <= 0 ||
        figures->funding_ms > bounds->funding_ms)
        return PLACE_CALM;
    return figures->funding_paid ? PLACE_BEYOND : PLACE_BETWEEN;
}

/* It is fresh again when it has been so as long as it had to be old. */
static enum place place_age(struct keel_warning *warning, const struct keel_warning_bounds *bounds,
                            const struct keel_warning_figures *figures)
{
    if (figures->age_ms > bounds->age_ms) {
        warning->stale_ms = figures->now_ms;
        return PLACE_BEYOND;
    }
    return figures->now_ms - warning->stale_ms >= bounds->age_ms ? PLACE_CALM : PLACE_BETWEEN;
}

/* Ratio and distance are two looks at one danger: that is over when both are back inside. */
static int32_t clear(uint32_t before, uint32_t after, int32_t count,
                     struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX])
{
    static const enum keel_risk_event_kind kinds[] = {
        KEEL_RISK_MARGIN_RATIO, KEEL_RISK_LEVERAGE, KEEL_RISK_ADL_RANK,
        KEEL_RISK_FUNDING_NEAR, KEEL_RISK_STALE,    KEEL_RISK_LIQUIDATION_PRICE,
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        uint32_t bits = bit_of(kinds[i]);
        if (kinds[i] == KEEL_RISK_MARGIN_RATIO)
            bits |= bit_of(KEEL_RISK_LIQUIDATION_DISTANCE);
        if ((before & bits) != 0 && (after & bits) == 0)
            steps[count++] = (struct keel_warning_step){KEEL_RISK_CLEARED, kinds[i]};
    }
    return count;
}

static int32_t warn(struct keel_warning *warning, enum keel_risk_event_kind kind, enum place place,
                    struct keel_warning_step *next)
{
    if (!move(warning, kind, place))
        return 0;
    *next = (struct keel_warning_step){.kind = kind};
    return 1;
}

int32_t keel_warning_update(struct keel_warning *warning, const struct keel_warning_bounds *bounds,
                            const struct keel_warning_figures *figures,
                            struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX])
{
    enum place ratio = place_ratio(bounds, figures->margin_ratio);
    enum place distance = place_distance(bounds, figures);
    enum place leverage = place_leverage(bounds, figures);
    enum place rank = place_rank(bounds, figures->adl_rank);
    enum place funding = place_funding(bounds, figures);
    enum place age = place_age(warning, bounds, figures);
    uint32_t before = warning->kinds;
    int32_t count = 0;

    count += warn(warning, KEEL_RISK_MARGIN_RATIO, ratio, &steps[count]);
    count += warn(warning, KEEL_RISK_LIQUIDATION_DISTANCE, distance, &steps[count]);
    count += warn(warning, KEEL_RISK_LEVERAGE, leverage, &steps[count]);
    count += warn(warning, KEEL_RISK_ADL_RANK, rank, &steps[count]);
    count += warn(warning, KEEL_RISK_FUNDING_NEAR, funding, &steps[count]);
    count += warn(warning, KEEL_RISK_STALE, age, &steps[count]);
    return clear(before, warning->kinds, count, steps);
}

int32_t keel_warning_compare(struct keel_warning *warning, const struct keel_warning_bounds *bounds,
                             keel_decimal ours, keel_decimal theirs, keel_decimal mark_price,
                             struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX])
{
    const keel_decimal two = keel_decimal_from_int(2);
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(ours, theirs));
    keel_decimal apart = keel_decimal_div(gap, mark_price, KEEL_ROUND_DOWN);
    keel_decimal half = keel_decimal_div(bounds->liquidation_price, two, KEEL_ROUND_DOWN);
    uint32_t before = warning->kinds;

    if (!keel_decimal_is_positive(bounds->liquidation_price))
        return 0;
    enum place place = place_above(apart, bounds->liquidation_price, half);
    int32_t count = warn(warning, KEEL_RISK_LIQUIDATION_PRICE, place, steps);
    return clear(before, warning->kinds, count, steps);
}

int32_t keel_warning_end(struct keel_warning *warning,
                         struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX])
{
    uint32_t before = warning->kinds;

    *warning = (struct keel_warning){0};
    return clear(before, 0, 0, steps);
}

const char *keel_risk_event_kind_name(enum keel_risk_event_kind kind)
{
    switch (kind) {
    case KEEL_RISK_MARGIN_RATIO: return "margin_ratio";
    case KEEL_RISK_LIQUIDATION_DISTANCE: return "liquidation_distance";
    case KEEL_RISK_CLEARED: return "cleared";
    case KEEL_RISK_VENUE_MARGIN_CALL: return "venue_margin_call";
    case KEEL_RISK_LIQUIDATED: return "liquidated";
    case KEEL_RISK_DELEVERAGED: return "deleveraged";
    case KEEL_RISK_SETTLED: return "settled";
    case KEEL_RISK_TAKEN_OVER: return "taken_over";
    case KEEL_RISK_ADL_RANK: return "adl_rank";
    case KEEL_RISK_FUNDING_NEAR: return "funding_near";
    case KEEL_RISK_STALE: return "stale";
    case KEEL_RISK_LEVERAGE: return "leverage";
    case KEEL_RISK_LIQUIDATION_PRICE: return "liquidation_price";
    }
    return "";
}

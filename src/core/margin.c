#include "core/margin.h"

const struct keel_bracket *keel_brackets_find(const struct keel_brackets *brackets,
                                              keel_decimal notional)
{
    if (brackets->count == 0 || !keel_decimal_is_valid(notional))
        return NULL;
    int32_t last = brackets->count - 1, at = 0;
    while (at < last && keel_decimal_compare(notional, brackets->at[at].notional_cap) > 0)
        at++;
    return &brackets->at[at];
}

int32_t keel_brackets_leverage_max(const struct keel_brackets *brackets)
{
    int32_t max = 0;
    for (int32_t i = 0; i < brackets->count; i++)
        max = brackets->at[i].leverage_max > max ? brackets->at[i].leverage_max : max;
    return max;
}

keel_decimal keel_brackets_notional_max(const struct keel_brackets *brackets, int32_t leverage)
{
    const struct keel_bracket *best = NULL;
    for (int32_t i = 0; i < brackets->count; i++) {
        const struct keel_bracket *bracket = &brackets->at[i];
        if (bracket->leverage_max >= leverage &&
            (!best || bracket->leverage_max <= best->leverage_max))
            best = bracket;
    }
    return best ? best->notional_cap : KEEL_DECIMAL_ABSENT;
}

keel_decimal keel_margin_notional(keel_decimal quantity, keel_decimal price)
{
    return keel_decimal_mul(keel_decimal_abs(quantity), price, KEEL_ROUND_UP);
}

keel_decimal keel_margin_value(keel_decimal quantity, keel_decimal mark_price)
{
    return keel_decimal_mul(quantity, mark_price, KEEL_ROUND_FLOOR);
}

keel_decimal keel_margin_cost(keel_decimal quantity, keel_decimal entry_price)
{
    return keel_decimal_mul(quantity, entry_price, KEEL_ROUND_CEILING);
}

/* By a whole number: the quotient of the units is exact, and cheaper than that of two decimals. */
keel_decimal keel_margin_initial(keel_decimal notional, int32_t leverage)
{
    if (leverage <= 0 || !keel_decimal_is_valid(notional))
        return KEEL_DECIMAL_ABSENT;
    bool negative = keel_decimal_is_negative(notional);
    keel_uint128 units = (keel_uint128)keel_decimal_raw(keel_decimal_abs(notional));
    keel_int128 margin = (keel_int128)((units + (unsigned)leverage - 1) / (unsigned)leverage);
    return keel_decimal_from_raw(negative ? -margin : margin);
}

keel_decimal keel_margin_maintenance(keel_decimal notional, const struct keel_brackets *brackets)
{
    const struct keel_bracket *bracket = keel_brackets_find(brackets, notional);
    if (!bracket)
        return KEEL_DECIMAL_ABSENT;
    keel_decimal share = keel_decimal_mul(notional, bracket->maintenance_ratio, KEEL_ROUND_UP);
    return keel_decimal_sub(share, bracket->maintenance_amount);
}

keel_decimal keel_margin_ratio(keel_decimal maintenance, keel_decimal balance)
{
    if (!keel_decimal_is_valid(maintenance) || !keel_decimal_is_valid(balance))
        return KEEL_DECIMAL_ABSENT;
    if (!keel_decimal_is_positive(balance))
        return keel_decimal_is_positive(maintenance) ? KEEL_MARGIN_RATIO_MAX : KEEL_DECIMAL_ABSENT;
    keel_decimal ratio = keel_decimal_div(maintenance, balance, KEEL_ROUND_UP);
    if (!keel_decimal_is_valid(ratio)) /* so small a balance that the quotient does not fit */
        return KEEL_MARGIN_RATIO_MAX;
    return keel_decimal_min(ratio, KEEL_MARGIN_RATIO_MAX);
}

keel_decimal keel_margin_roe_percent(keel_decimal pnl, keel_decimal initial_margin)
{
    keel_int128 hundredfold;
    if (!keel_decimal_is_valid(pnl) ||
        __builtin_mul_overflow(keel_decimal_raw(pnl), (keel_int128)100, &hundredfold))
        return KEEL_DECIMAL_ABSENT;
    return keel_decimal_div(keel_decimal_from_raw(hundredfold), initial_margin, KEEL_ROUND_FLOOR);
}

keel_decimal keel_margin_distance(keel_decimal mark_price, keel_decimal liquidation_price)
{
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(mark_price, liquidation_price));
    return keel_decimal_div(gap, mark_price, KEEL_ROUND_DOWN);
}

keel_decimal keel_margin_order_price(enum keel_side side, keel_decimal price,
                                     keel_decimal mark_price, keel_decimal last_price)
{
    if (side == KEEL_BUY || !keel_decimal_is_valid(price))
        return price;
    const keel_decimal factor = keel_decimal_from_raw((keel_int128)1001500000000000000);
    keel_decimal best = price;
    if (keel_decimal_is_valid(mark_price))
        best = keel_decimal_max(best, mark_price);
    keel_decimal raised = keel_decimal_mul(last_price, factor, KEEL_ROUND_UP);
    return keel_decimal_is_valid(raised) ? keel_decimal_max(best, raised) : best;
}

keel_decimal keel_margin_open_loss(enum keel_side side, keel_decimal quantity, keel_decimal price,
                                   keel_decimal mark_price)
{
    keel_decimal gain = keel_decimal_sub(mark_price, price);
    if (side == KEEL_SELL)
        gain = keel_decimal_neg(gain);
    if (keel_decimal_is_valid(gain) && !keel_decimal_is_negative(gain))
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_mul(quantity, keel_decimal_neg(gain), KEEL_ROUND_UP);
}

enum {
    ROWS_MAX = 3, /* net, long, short */
};

/* The terms of the equation
 * balance + sum(q * (p - entry)) = sum(|q| * p * (ratio + closing fee) - amount). */
struct equation {
    const struct keel_liquidation_row *rows;
    int32_t row_count;
    const struct keel_brackets *brackets;
    keel_decimal balance, cost, quantity; /* cost and quantity: sums over the rows, signed */
    keel_decimal closing_fee_ratio;
};

/* The brackets in which the rows are at a price. */
static bool find_brackets(const struct equation *equation, keel_decimal price,
                          const struct keel_bracket *found[ROWS_MAX])
{
    for (int32_t i = 0; i < equation->row_count; i++) {
        keel_decimal notional = keel_margin_notional(equation->rows[i].quantity, price);
        found[i] = keel_brackets_find(equation->brackets, notional);
        if (!found[i])
            return false;
    }
    return true;
}

static bool find_first_brackets(const struct equation *equation,
                                const struct keel_bracket *found[ROWS_MAX])
{
    for (int32_t i = 0; i < equation->row_count; i++) {
        found[i] = keel_brackets_find(equation->brackets, equation->rows[i].notional);
        if (!found[i])
            return false;
    }
    return true;
}

/* The price that solves the equation if the rows are in those brackets:
 * (balance + amounts - cost) / (maintained - quantity). */
static keel_decimal solve(const struct equation *equation,
                          const struct keel_bracket *const brackets[ROWS_MAX])
{
    keel_decimal over = keel_decimal_sub(equation->balance, equation->cost);
    keel_decimal under = keel_decimal_neg(equation->quantity);
    for (int32_t i = 0; i < equation->row_count; i++) {
        keel_decimal size = keel_decimal_abs(equation->rows[i].quantity);
        over = keel_decimal_add(over, brackets[i]->maintenance_amount);
        keel_decimal ratio =
            keel_decimal_add(brackets[i]->maintenance_ratio, equation->closing_fee_ratio);
        under = keel_decimal_add(under, keel_decimal_mul(size, ratio, KEEL_ROUND_UP));
    }
    /* Negative: equity falls with the price, and the mark is above. */
    enum keel_round round = keel_decimal_is_negative(under) ? KEEL_ROUND_CEILING : KEEL_ROUND_FLOOR;
    keel_decimal price = keel_decimal_div(over, under, round);
    return keel_decimal_is_positive(price) ? price : KEEL_DECIMAL_ABSENT;
}

static struct equation set_up(const struct keel_liquidation_row *rows, int32_t row_count,
                              keel_decimal balance, const struct keel_brackets *brackets,
                              keel_decimal closing_fee_ratio)
{
    struct equation equation = {.rows = rows,
                                .row_count = row_count,
                                .brackets = brackets,
                                .balance = balance,
                                .closing_fee_ratio = keel_decimal_is_positive(closing_fee_ratio)
                                                         ? closing_fee_ratio
                                                         : KEEL_DECIMAL_ZERO,
                                .cost = KEEL_DECIMAL_ZERO,
                                .quantity = KEEL_DECIMAL_ZERO};
    for (int32_t i = 0; i < row_count; i++) {
        equation.cost = keel_decimal_add(equation.cost, rows[i].cost);
        equation.quantity = keel_decimal_add(equation.quantity, rows[i].quantity);
    }
    return equation;
}

static keel_decimal nearer(keel_decimal price, keel_decimal than, keel_decimal mark_price)
{
    if (!keel_decimal_is_valid(than))
        return price;
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(price, mark_price));
    keel_decimal other = keel_decimal_abs(keel_decimal_sub(than, mark_price));
    return keel_decimal_compare(gap, other) < 0 ? price : than;
}

/* False if they are the same already. */
static bool take_other_brackets(const struct keel_bracket **used,
                                const struct keel_bracket *const *found, int32_t count)
{
    bool other = false;
    for (int32_t i = 0; i < count; i++) {
        other = other || used[i] != found[i];
        used[i] = found[i];
    }
    return other;
}

keel_decimal keel_margin_liquidation_price(const struct keel_liquidation_row *rows,
                                           int32_t row_count, keel_decimal balance,
                                           keel_decimal mark_price,
                                           const struct keel_brackets *brackets,
                                           keel_decimal closing_fee_ratio)
{
    KEEL_ASSERT(row_count > 0 && row_count <= ROWS_MAX);
    struct equation equation = set_up(rows, row_count, balance, brackets, closing_fee_ratio);
    const struct keel_bracket *used[ROWS_MAX], *found[ROWS_MAX];
    keel_decimal nearest = KEEL_DECIMAL_ABSENT;
    if (keel_decimal_is_zero(equation.quantity) || !find_first_brackets(&equation, used))
        return KEEL_DECIMAL_ABSENT;

    /* A table whose amounts do not fit its ratios could make this go round; then the price nearest
     * to the mark is the one to fear. */
    for (int round = 0; round < 2 * KEEL_BRACKETS_MAX; round++) {
        keel_decimal price = solve(&equation, (const struct keel_bracket *const *)used);
        if (!keel_decimal_is_valid(price) || !find_brackets(&equation, price, found))
            return KEEL_DECIMAL_ABSENT;
        if (!take_other_brackets(used, found, row_count))
            return price;
        nearest = nearer(price, nearest, mark_price);
    }
    return nearest;
}

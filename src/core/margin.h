/* margin.h - the formulas of margin and liquidation.
 *
 * Pure functions of numbers. Quantities are signed: negative is short. Each rounds in the direction
 * in which keel believes in less free margin than the venue, never in more; an absent input gives
 * an absent result, and so does a number that does not fit. Rules, sources, worked examples:
 * docs/margin.md. */
#ifndef KEEL_CORE_MARGIN_H
#define KEEL_CORE_MARGIN_H

#include "keel/position.h"

/* Stands for the ratio of something maintained to a balance that is not positive, which has no
 * bound; and no ratio is shown above it. */
#define KEEL_MARGIN_RATIO_MAX keel_decimal_from_int(1000)

/* The bracket with notional_floor < notional <= notional_cap; the last one above all caps. NULL:
 * brackets never loaded, or the notional is absent. */
const struct keel_bracket *keel_brackets_find(const struct keel_brackets *brackets,
                                              keel_decimal notional);

/* The largest leverage of any bracket; 0: never loaded. */
int32_t keel_brackets_leverage_max(const struct keel_brackets *brackets);

/* The notional that a leverage allows: the cap of the bracket with the smallest leverage_max that
 * is not below it. Absent if no bracket allows it. */
keel_decimal keel_brackets_notional_max(const struct keel_brackets *brackets, int32_t leverage);

/* |quantity| * price, up. */
keel_decimal keel_margin_notional(keel_decimal quantity, keel_decimal price);

/* quantity * mark, signed. Exact where both are on a venue's grid: sixteen decimals at most. */
keel_decimal keel_margin_value(keel_decimal quantity, keel_decimal mark_price);

/* quantity * entry, signed, up: what was paid for a long, less than what a short brought. */
keel_decimal keel_margin_cost(keel_decimal quantity, keel_decimal entry_price);

/* value - cost, which is quantity * (mark - entry), down to the smaller. */
static inline keel_decimal keel_margin_pnl(keel_decimal value, keel_decimal cost)
{
    return keel_decimal_sub(value, cost);
}

/* notional / leverage, up; absent if the leverage is 0. */
keel_decimal keel_margin_initial(keel_decimal notional, int32_t leverage);

/* What closing costs where the venue counts it in initial and maintenance margin: notional * ratio,
 * up; 0 where the ratio is 0 or absent. */
static inline keel_decimal keel_margin_closing_fee(keel_decimal notional, keel_decimal ratio)
{
    return keel_decimal_is_positive(ratio) ? keel_decimal_mul(notional, ratio, KEEL_ROUND_UP)
                                           : KEEL_DECIMAL_ZERO;
}

/* notional * ratio - amount of the notional's bracket, up. */
keel_decimal keel_margin_maintenance(keel_decimal notional, const struct keel_brackets *brackets);

/* maintenance / balance, up. Absent when nothing is maintained and there is no balance. */
keel_decimal keel_margin_ratio(keel_decimal maintenance, keel_decimal balance);

/* 100 * pnl / initial margin, down to the smaller. */
keel_decimal keel_margin_roe_percent(keel_decimal pnl, keel_decimal initial_margin);

/* |mark - liquidation| / mark, down. */
keel_decimal keel_margin_distance(keel_decimal mark_price, keel_decimal liquidation_price);

/* The price that the venue takes margin at. A buy: its own. A sell: the greatest of its own, the
 * mark price and last * 1.0015. A market order has none of its own: absent. */
keel_decimal keel_margin_order_price(enum keel_side side, keel_decimal price,
                                     keel_decimal mark_price, keel_decimal last_price);

/* What an order loses at once against the mark: quantity * |min(0, side * (mark - price))|, up. */
keel_decimal keel_margin_open_loss(enum keel_side side, keel_decimal quantity, keel_decimal price,
                                   keel_decimal mark_price);

/* One row of a contract: the net position, or one leg of a hedge. */
struct keel_liquidation_row {
    keel_decimal quantity, cost;
    keel_decimal notional; /* at the mark price: where the search begins */
};

/* The mark price at which balance plus profit equals maintenance and the closing fee. balance: the
 * isolated wallet; or, for a cross contract, the cross wallet less the maintenance and plus the
 * profit of all other cross contracts. All cross rows of the contract share one price; an isolated
 * row has its own.
 *
 * Ratio and amount belong to the bracket of the notional *at that price*, so this iterates from
 * the mark price until the brackets are stable. Rounded towards the mark. Absent: no price reaches
 * it (not positive, or the legs cancel out). */
keel_decimal keel_margin_liquidation_price(const struct keel_liquidation_row *rows,
                                           int32_t row_count, keel_decimal balance,
                                           keel_decimal mark_price,
                                           const struct keel_brackets *brackets,
                                           keel_decimal closing_fee_ratio);

#endif

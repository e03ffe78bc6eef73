/* terms.h - on which terms the account trades a market, and the market's newest prices.
 *
 * Values. Zeroed memory means that nothing was told: leverage 0 is unknown, never 1x, and a mark
 * price of 0 is no price. */
#ifndef KEEL_CORE_TERMS_H
#define KEEL_CORE_TERMS_H

#include "core/margin.h"
#include "keel/event.h"

struct keel_terms {
    struct keel_mark mark; /* mark_price 0: never told */
    int64_t mark_received_ns;
    enum keel_source mark_source;

    int32_t asset;      /* the settle asset's number, on spot the quote's; 0: not asked for yet */
    int32_t base_asset; /* on spot; else 0 */
    int32_t leverage;
    enum keel_margin_mode margin_mode;
    bool notional_max_told;
    bool fees_told;
    bool book_told;
    bool changed_outside;
    keel_decimal notional_max;
    int64_t confirmed_ns;                /* when leverage or margin mode were last told */
    int64_t leverage_ms, margin_mode_ms; /* the venue's, of each */

    /* What we have asked the venue for; 0 and NONE: nothing. */
    int32_t leverage_expected;
    enum keel_margin_mode margin_mode_expected;

    keel_decimal closing_fee_ratio; /* of the market's rules */
    struct keel_fees fees;
    struct keel_book_top book_top;
    struct keel_brackets brackets;
    int32_t leverage_max; /* of the brackets */
};

static inline bool keel_terms_have_mark(const struct keel_terms *terms)
{
    return !keel_decimal_is_zero(terms->mark.mark_price);
}

/* Absent if none was told. */
static inline keel_decimal keel_terms_mark_price(const struct keel_terms *terms)
{
    return keel_terms_have_mark(terms) ? terms->mark.mark_price : KEEL_DECIMAL_ABSENT;
}

/* What a notional takes of margin at the market's leverage, the fee of closing included where the
 * venue counts it; absent while the leverage is not known. */
static inline keel_decimal keel_terms_initial_margin(const struct keel_terms *terms,
                                                     keel_decimal notional)
{
    keel_decimal margin = keel_margin_initial(notional, terms->leverage);
    if (keel_decimal_is_zero(terms->closing_fee_ratio))
        return margin;
    return keel_decimal_add(margin, keel_margin_closing_fee(notional, terms->closing_fee_ratio));
}

/* False: older than what is known. KEEL_MALFORMED for a price that is not positive is the
 * caller's. */
bool keel_terms_set_mark(struct keel_terms *terms, const struct keel_mark *mark,
                         enum keel_source source, int64_t now_ns);
bool keel_terms_set_book_top(struct keel_terms *terms, const struct keel_book_top *book_top);

struct keel_terms_change {
    bool changed, older;
    bool outside; /* and we had not asked for it */
};

/* Leverage, margin mode and notional cap: 0, NONE and absent are not told. */
struct keel_terms_change keel_terms_set_leverage(struct keel_terms *terms,
                                                 const struct keel_leverage *leverage,
                                                 int64_t time_ms, int64_t now_ns);

/* KEEL_MALFORMED: brackets that do not ascend without a gap, or ratios that make no sense. */
KEEL_MUST_USE enum keel_status keel_terms_set_brackets(struct keel_terms *terms,
                                                       const struct keel_brackets *brackets,
                                                       const char *symbol,
                                                       struct keel_error *error);

#endif

#include "core/terms.h"

bool keel_terms_set_mark(struct keel_terms *terms, const struct keel_mark *mark,
                         enum keel_source source, int64_t now_ns)
{
    if (mark->time_ms != 0 && mark->time_ms < terms->mark.time_ms)
        return false;
    terms->mark = *mark;
    terms->mark_source = source;
    terms->mark_received_ns = now_ns;
    return true;
}

bool keel_terms_set_book_top(struct keel_terms *terms, const struct keel_book_top *book_top)
{
    if (terms->book_told && book_top->time_ms != 0 && book_top->time_ms < terms->book_top.time_ms)
        return false;
    terms->book_top = *book_top;
    terms->book_told = true;
    return true;
}

static bool is_older(int64_t time_ms, int64_t *known_ms, bool *older)
{
    if (time_ms == 0)
        return false;
    if (time_ms < *known_ms) {
        *older = true;
        return true;
    }
    *known_ms = time_ms;
    return false;
}

/* Known before, different now, and not what we asked for: someone else changed it. Or it is not
 * what we asked for although it is what the venue answers. */
static bool set_leverage(struct keel_terms *terms, int32_t told, int64_t time_ms,
                         struct keel_terms_change *change)
{
    int32_t expected = terms->leverage_expected, known = terms->leverage;
    if (told == 0 || is_older(time_ms, &terms->leverage_ms, &change->older))
        return false;
    change->changed |= told != known;
    terms->leverage = told;
    if (told == expected) {
        terms->leverage_expected = 0;
        return false;
    }
    return known != 0 && told != known;
}

static bool set_margin_mode(struct keel_terms *terms, enum keel_margin_mode told, int64_t time_ms,
                            struct keel_terms_change *change)
{
    enum keel_margin_mode expected = terms->margin_mode_expected, known = terms->margin_mode;
    if (told == KEEL_MARGIN_MODE_NONE || is_older(time_ms, &terms->margin_mode_ms, &change->older))
        return false;
    change->changed |= told != known;
    terms->margin_mode = told;
    if (told == expected) {
        terms->margin_mode_expected = KEEL_MARGIN_MODE_NONE;
        return false;
    }
    return known != KEEL_MARGIN_MODE_NONE && told != known;
}

static void set_notional_max(struct keel_terms *terms, keel_decimal told, bool leverage_changed,
                             bool *changed)
{
    if (keel_decimal_is_positive(told)) {
        *changed |= !terms->notional_max_told || !keel_decimal_equals(told, terms->notional_max);
        terms->notional_max = told;
        terms->notional_max_told = true;
    } else if (leverage_changed) {
        terms->notional_max_told = false; /* it was that of another leverage */
    }
}

struct keel_terms_change keel_terms_set_leverage(struct keel_terms *terms,
                                                 const struct keel_leverage *leverage,
                                                 int64_t time_ms, int64_t now_ns)
{
    struct keel_terms_change change = {0};
    int32_t before = terms->leverage;
    change.outside = set_leverage(terms, leverage->leverage, time_ms, &change);
    change.outside |= set_margin_mode(terms, leverage->margin_mode, time_ms, &change);
    terms->changed_outside |= change.outside;
    if (change.older)
        return change;
    set_notional_max(terms, leverage->notional_max, terms->leverage != before, &change.changed);
    terms->confirmed_ns = now_ns;
    return change;
}

static bool bracket_is_sane(const struct keel_bracket *bracket)
{
    return keel_decimal_is_valid(bracket->notional_floor) &&
           keel_decimal_is_positive(bracket->notional_cap) &&
           !keel_decimal_is_negative(bracket->notional_floor) &&
           keel_decimal_compare(bracket->notional_floor, bracket->notional_cap) < 0 &&
           keel_decimal_is_valid(bracket->maintenance_ratio) &&
           !keel_decimal_is_negative(bracket->maintenance_ratio) &&
           keel_decimal_compare(bracket->maintenance_ratio, KEEL_DECIMAL_ONE) <= 0 &&
           keel_decimal_is_valid(bracket->maintenance_amount) && bracket->leverage_max > 0;
}

enum keel_status keel_terms_set_brackets(struct keel_terms *terms,
                                         const struct keel_brackets *brackets, const char *symbol,
                                         struct keel_error *error)
{
    if (brackets->count < 1 || brackets->count > KEEL_BRACKETS_MAX)
        return keel_fail(error, KEEL_MALFORMED, "%s: %d brackets, expected 1 to %d", symbol,
                         brackets->count, KEEL_BRACKETS_MAX);
    for (int32_t i = 0; i < brackets->count; i++) {
        const struct keel_bracket *bracket = &brackets->at[i];
        bool ascends = i == 0 || (keel_decimal_is_valid(bracket->notional_floor) &&
                                  keel_decimal_compare(bracket[-1].notional_cap,
                                                       bracket->notional_floor) <= 0);
        if (!bracket_is_sane(bracket) || !ascends)
            return keel_fail(error, KEEL_MALFORMED, "%s: bracket %d of %d makes no sense", symbol,
                             i + 1, brackets->count);
    }
    terms->brackets = *brackets;
    terms->leverage_max = keel_brackets_leverage_max(brackets);
    return KEEL_OK;
}

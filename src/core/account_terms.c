#include "core/account_apply.h"

enum keel_status keel_account_apply_mark(struct keel_account *account,
                                         const struct keel_event *event, enum keel_source source,
                                         int64_t now_ns, struct keel_applied *applied,
                                         struct keel_error *error)
{
    const struct keel_mark *mark = &event->mark;
    if (!keel_decimal_is_positive(mark->mark_price)) {
        char price[KEEL_DECIMAL_TEXT_SIZE];
        keel_decimal_format(mark->mark_price, price);
        return keel_fail(error, KEEL_MALFORMED, "%s: a mark price of %s",
                         keel_account_symbol(account, mark->market), price);
    }
    applied->changed = keel_terms_set_mark(&account->terms[mark->market], mark, source, now_ns);
    account->counters.older += !applied->changed;
    if (applied->changed && account->live_at[mark->market] != 0)
        keel_account_value_positions(account, mark->market);
    return KEEL_OK;
}

void keel_account_apply_book_top(struct keel_account *account, const struct keel_event *event,
                                 struct keel_applied *applied)
{
    const struct keel_book_top *book_top = &event->book_top;
    applied->changed = keel_terms_set_book_top(&account->terms[book_top->market], book_top);
    account->counters.older += !applied->changed;
}

void keel_account_apply_leverage(struct keel_account *account, const struct keel_event *event,
                                 int64_t now_ns, struct keel_applied *applied)
{
    struct keel_terms_change change = keel_terms_set_leverage(
        &account->terms[event->leverage.market], &event->leverage, event->time_ms, now_ns);
    applied->changed = change.changed;
    applied->changed_outside = change.outside;
    account->counters.older += change.older;
}

void keel_account_apply_fees(struct keel_account *account, const struct keel_event *event,
                             struct keel_applied *applied)
{
    struct keel_terms *terms = &account->terms[event->fees.market];
    applied->changed = !terms->fees_told ||
                       !keel_decimal_equals(terms->fees.maker, event->fees.maker) ||
                       !keel_decimal_equals(terms->fees.taker, event->fees.taker);
    terms->fees = event->fees;
    terms->fees_told = true;
}

static bool apply_switch(enum keel_switch *known, enum keel_switch *expected, enum keel_switch told,
                         bool *outside)
{
    enum keel_switch before = *known;
    if (told == KEEL_SWITCH_NONE)
        return false;
    *known = told;
    if (told == *expected)
        *expected = KEEL_SWITCH_NONE;
    else
        *outside |= before != KEEL_SWITCH_NONE && before != told;
    return before != told;
}

void keel_account_apply_modes(struct keel_account *account, const struct keel_event *event,
                              struct keel_applied *applied)
{
    const struct keel_modes *told = &event->modes;
    struct keel_modes *known = &account->modes, *expected = &account->modes_expected;
    bool *outside = &applied->changed_outside;
    applied->changed = apply_switch(&known->hedge, &expected->hedge, told->hedge, outside);
    applied->changed |=
        apply_switch(&known->multi_asset, &expected->multi_asset, told->multi_asset, outside);
    applied->changed |=
        apply_switch(&known->can_trade, &expected->can_trade, told->can_trade, outside);
    account->modes_changed |= applied->changed_outside;
}

/* A contract size that changes turns every quantity into another one: entries wait until the
 * caller has seen it. */
enum keel_status keel_account_apply_market(struct keel_account *account,
                                           const struct keel_event *event,
                                           struct keel_applied *applied, struct keel_error *error)
{
    struct keel_markets *markets = account->config.markets;
    keel_market_id market =
        keel_markets_find_venue_symbol(markets, keel_str_from(event->market->venue_symbol));
    const struct keel_market *known = keel_markets_get(markets, market);
    bool resized = known && keel_decimal_is_positive(known->contract_size) &&
                   !keel_decimal_equals(known->contract_size, event->market->contract_size);
    enum keel_status status = keel_markets_put(markets, event->market, &applied->market, error);
    if (status != KEEL_OK)
        return status;
    applied->changed = true;
    applied->created = market == KEEL_NO_MARKET;
    applied->changed_outside = resized;
    account->terms[applied->market].changed_outside |= resized;
    account->terms[applied->market].closing_fee_ratio = event->market->closing_fee_ratio;
    return KEEL_OK;
}

enum keel_status keel_account_apply_brackets(struct keel_account *account,
                                             const struct keel_event *event,
                                             struct keel_applied *applied, struct keel_error *error)
{
    keel_market_id market = event->brackets.market;
    enum keel_status status =
        keel_terms_set_brackets(&account->terms[market], event->brackets.table,
                                keel_account_symbol(account, market), error);
    applied->changed = status == KEEL_OK;
    keel_account_value_positions(account, market);
    return status;
}

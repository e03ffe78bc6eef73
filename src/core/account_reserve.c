#include "core/account_state.h"
#include "core/margin.h"

/* A market order is valued as the venue takes its margin: a buy at the best ask, a sell at the best
 * bid and never below the mark price, with a slip. Absent without any price. */
static keel_decimal market_order_price(const struct keel_terms *terms, enum keel_side side)
{
    keel_decimal mark = keel_terms_have_mark(terms) ? terms->mark.mark_price : KEEL_DECIMAL_ABSENT;
    keel_decimal best = KEEL_DECIMAL_ABSENT;
    if (terms->book_told)
        best = side == KEEL_BUY ? terms->book_top.ask_price : terms->book_top.bid_price;
    if (!keel_decimal_is_positive(best))
        best = mark;
    if (side == KEEL_SELL)
        return keel_margin_order_price(side, best, mark, best);
    const keel_decimal slip = keel_decimal_from_raw((keel_int128)1000500000000000000);
    return keel_decimal_mul(best, slip, KEEL_ROUND_UP);
}

keel_decimal keel_account_reserve_price(const struct keel_account *account, keel_market_id market,
                                        enum keel_side side, keel_decimal price)
{
    const struct keel_terms *terms = &account->terms[market];
    if (!keel_decimal_is_positive(price))
        return market_order_price(terms, side);
    keel_decimal mark = keel_terms_have_mark(terms) ? terms->mark.mark_price : KEEL_DECIMAL_ABSENT;
    keel_decimal last = terms->book_told ? terms->book_top.bid_price : mark;
    return keel_margin_order_price(side, price, mark, last);
}

/* What an open order holds of an asset: a buy quote, a sell base. */
static keel_decimal held_by(const struct keel_account *account, const struct keel_order_slot *slot,
                            int32_t asset)
{
    const struct keel_terms *terms = &account->terms[slot->order.market];
    if (slot->order.side == KEEL_BUY)
        return terms->asset == asset ? slot->sums.notional : KEEL_DECIMAL_ZERO;
    return terms->base_asset == asset ? slot->sums.quantity : KEEL_DECIMAL_ZERO;
}

keel_decimal keel_account_spendable(const struct keel_account *account, int32_t asset)
{
    const struct keel_balance_slot *balance = &account->balances.at[asset];
    if (asset == 0 || !balance->told)
        return KEEL_DECIMAL_ZERO;
    keel_decimal untold = keel_account_wallet_held(account, asset), told = KEEL_DECIMAL_ZERO;
    const struct keel_order_slot *slot = NULL;
    while ((slot = keel_orders_next_open(&account->orders, KEEL_NO_MARKET, slot)) != NULL) {
        bool pending = slot->order.status == KEEL_ORDER_PENDING;
        keel_decimal *sum = pending ? &untold : &told;
        *sum = keel_decimal_add(*sum, held_by(account, slot, asset));
    }
    keel_decimal locked = balance->balance.locked;
    keel_decimal uncovered =
        keel_decimal_is_valid(locked) ? keel_decimal_sub(told, locked) : KEEL_DECIMAL_ZERO;
    if (keel_decimal_is_positive(uncovered))
        untold = keel_decimal_add(untold, uncovered);
    keel_decimal rest = keel_decimal_sub(balance->balance.available, untold);
    return keel_decimal_is_negative(rest) ? KEEL_DECIMAL_ZERO : rest;
}

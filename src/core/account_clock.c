#include "core/account_state.h"

static void forget_leg(struct keel_leg *leg)
{
    leg->time_ms = 0;
    leg->cause_time_ms = 0;
    for (int32_t i = 0; i < leg->unsettled_count; i++)
        leg->unsettled[i].time_ms = 0; /* the next statement contains it */
}

static void forget_market(struct keel_account *account, keel_market_id market)
{
    struct keel_terms *terms = &account->terms[market];

    for (int side = 0; side <= KEEL_SHORT; side++)
        forget_leg(&account->positions.legs[market][side]);
    terms->leverage_ms = 0;
    terms->margin_mode_ms = 0;
    terms->mark.time_ms = 0;
    terms->book_top.time_ms = 0;
}

void keel_account_forget_times(struct keel_account *account)
{
    int32_t market_count = keel_markets_count(account->config.markets);

    for (int32_t market = 1; market <= market_count; market++)
        forget_market(account, (keel_market_id)market);
    for (int32_t i = 1; i <= account->positions.count; i++)
        account->positions.at[i].position.update_time_ms = 0;
    for (int32_t i = 1; i <= account->balances.count; i++)
        account->balances.at[i].balance.update_time_ms = 0;
    for (uint32_t i = account->orders.open.first; i != 0; i = account->orders.at[i].next_all)
        account->orders.at[i].order.update_time_ms = 0;
    for (int family = 0; family <= KEEL_FAMILY_CONDITIONAL; family++)
        account->listed_ms[family] = 0;
}

#include "core/account_state.h"
#include "core/margin.h"

struct keel_order_slot *keel_account_find_slot(const struct keel_account *account,
                                               const struct keel_order_ref *ref)
{
    if (!keel_account_knows_market(account, ref->market))
        return NULL;
    const struct keel_orders *orders = &account->orders;
    if (ref->family != KEEL_FAMILY_NONE)
        return keel_orders_find(orders, ref->market, ref->family, ref->order_id, ref->client_id);
    struct keel_order_slot *slot =
        keel_orders_find(orders, ref->market, KEEL_FAMILY_REGULAR, ref->order_id, ref->client_id);
    return slot ? slot
                : keel_orders_find(orders, ref->market, KEEL_FAMILY_CONDITIONAL, ref->order_id,
                                   ref->client_id);
}

struct keel_modes keel_account_modes(const struct keel_account *account)
{
    return account->modes;
}

bool keel_account_modes_changed(const struct keel_account *account, keel_market_id market)
{
    return account->modes_changed ||
           (keel_account_knows_market(account, market) && account->terms[market].changed_outside);
}

struct keel_account_counters keel_account_counters(const struct keel_account *account)
{
    return account->counters;
}

struct keel_markets *keel_account_markets(const struct keel_account *account)
{
    return account->config.markets;
}

static int64_t age_ms(int64_t received_ns, int64_t now_ns)
{
    return received_ns > 0 && now_ns > received_ns ? (now_ns - received_ns) / 1000000 : 0;
}

void keel_account_read_order(const struct keel_order *known, int64_t now_ns,
                             struct keel_order *order)
{
    const struct keel_order_slot *slot = (const struct keel_order_slot *)known;
    *order = *known;
    order->age_ms = age_ms(slot->received_ns, now_ns);
}

void keel_account_read_position(const struct keel_position *known, int64_t now_ns,
                                struct keel_position *position)
{
    const struct keel_position_slot *slot = (const struct keel_position_slot *)known;
    *position = *known;
    position->age_ms = age_ms(slot->received_ns, now_ns);
}

/* On spot, what keel holds and the venue has not counted yet is locked already. */
void keel_account_read_balance(const struct keel_account *account, const struct keel_balance *known,
                               int64_t now_ns, struct keel_balance *balance)
{
    const struct keel_balance_slot *slot = (const struct keel_balance_slot *)known;
    *balance = *known;
    balance->age_ms = age_ms(slot->received_ns, now_ns);
    if (account->config.product != KEEL_PRODUCT_SPOT)
        return;
    balance->available = keel_account_spendable(account, (int32_t)(slot - account->balances.at));
    balance->locked = keel_decimal_sub(balance->wallet, balance->available);
}

void keel_account_read_execution(const struct keel_account *account,
                                 const struct keel_execution *known, int64_t now_ns,
                                 struct keel_execution *execution)
{
    const struct keel_executions *executions = &account->executions;
    *execution = *known;
    execution->age_ms = age_ms(executions->received_ns[known - executions->at], now_ns);
}

static bool may_read(const struct keel_account *account, bool stale_too)
{
    return account->fresh || stale_too;
}

enum keel_status keel_account_get_order(const struct keel_account *account,
                                        const struct keel_order_ref *ref, int64_t now_ns,
                                        bool stale_too, struct keel_order *order)
{
    if (!may_read(account, stale_too))
        return KEEL_STALE;
    const struct keel_order *known = keel_account_find_order(account, ref);
    if (!known)
        return KEEL_NOT_FOUND;
    keel_account_read_order(known, now_ns, order);
    return KEEL_OK;
}

enum keel_status keel_account_get_position(const struct keel_account *account,
                                           keel_market_id market, enum keel_position_side side,
                                           int64_t now_ns, bool stale_too,
                                           struct keel_position *position)
{
    if (!may_read(account, stale_too))
        return KEEL_STALE;
    const struct keel_position *known = keel_account_find_position(account, market, side);
    if (!known)
        return KEEL_NO_POSITION;
    keel_account_read_position(known, now_ns, position);
    return KEEL_OK;
}

enum keel_status keel_account_get_balance(const struct keel_account *account, keel_str asset,
                                          int64_t now_ns, bool stale_too,
                                          struct keel_balance *balance)
{
    if (!may_read(account, stale_too))
        return KEEL_STALE;
    const struct keel_balance *known = keel_account_find_balance(account, asset);
    if (!known)
        return KEEL_NOT_FOUND;
    keel_account_read_balance(account, known, now_ns, balance);
    return KEEL_OK;
}

enum keel_status keel_account_get_leverage(const struct keel_account *account,
                                           keel_market_id market, int64_t now_ns,
                                           struct keel_leverage *leverage)
{
    if (!keel_account_knows_market(account, market))
        return KEEL_SYMBOL_UNKNOWN;
    const struct keel_terms *terms = &account->terms[market];
    if (terms->leverage == 0 && terms->margin_mode == KEEL_MARGIN_MODE_NONE)
        return KEEL_NOT_LOADED;
    *leverage = (struct keel_leverage){
        .market = market,
        .leverage = terms->leverage,
        .leverage_max = terms->leverage_max,
        .margin_mode = terms->margin_mode,
        .notional_max = terms->notional_max_told
                            ? terms->notional_max
                            : keel_brackets_notional_max(&terms->brackets, terms->leverage),
        .age_ms = (now_ns - terms->confirmed_ns) / 1000000,
    };
    return KEEL_OK;
}

void keel_account_get_wishes(const struct keel_account *account, keel_market_id market,
                             int32_t *leverage, enum keel_margin_mode *mode)
{
    *leverage = 0;
    *mode = KEEL_MARGIN_MODE_NONE;
    if (!keel_account_knows_market(account, market))
        return;
    const struct keel_terms *terms = &account->terms[market];
    *leverage = terms->leverage_expected != 0 ? terms->leverage_expected : terms->leverage;
    *mode = terms->margin_mode_expected != KEEL_MARGIN_MODE_NONE ? terms->margin_mode_expected
                                                                 : terms->margin_mode;
}

const struct keel_order *keel_account_find_order(const struct keel_account *account,
                                                 const struct keel_order_ref *ref)
{
    const struct keel_order_slot *slot = keel_account_find_slot(account, ref);
    return slot ? &slot->order : NULL;
}

const struct keel_position *keel_account_find_position(const struct keel_account *account,
                                                       keel_market_id market,
                                                       enum keel_position_side side)
{
    if (!keel_account_knows_market(account, market))
        return NULL;
    const struct keel_position_slot *slot = keel_positions_find(&account->positions, market, side);
    return slot ? &slot->position : NULL;
}

const struct keel_balance *keel_account_find_balance(const struct keel_account *account,
                                                     keel_str asset)
{
    int32_t number = keel_balances_find(&account->balances, asset);
    const struct keel_balance_slot *slot = &account->balances.at[number];
    return number != 0 && slot->told ? &slot->balance : NULL;
}

const struct keel_mark *keel_account_find_mark(const struct keel_account *account,
                                               keel_market_id market, int64_t *received_ns)
{
    if (!keel_account_knows_market(account, market) ||
        !keel_terms_have_mark(&account->terms[market]))
        return NULL;
    if (received_ns)
        *received_ns = account->terms[market].mark_received_ns;
    return &account->terms[market].mark;
}

const struct keel_book_top *keel_account_find_book_top(const struct keel_account *account,
                                                       keel_market_id market)
{
    if (!keel_account_knows_market(account, market) || !account->terms[market].book_told)
        return NULL;
    return &account->terms[market].book_top;
}

const struct keel_brackets *keel_account_find_brackets(const struct keel_account *account,
                                                       keel_market_id market)
{
    if (!keel_account_knows_market(account, market) || account->terms[market].brackets.count == 0)
        return NULL;
    return &account->terms[market].brackets;
}

const struct keel_fees *keel_account_find_fees(const struct keel_account *account,
                                               keel_market_id market)
{
    if (!keel_account_knows_market(account, market) || !account->terms[market].fees_told)
        return NULL;
    return &account->terms[market].fees;
}

/* An order that the account handed out is the first member of its slot. */
static const struct keel_order_slot *slot_of(const struct keel_order *order)
{
    return (const struct keel_order_slot *)order;
}

bool keel_account_order_is_unconfirmed(const struct keel_account *account,
                                       const struct keel_order *order)
{
    struct keel_order_ref ref = keel_order_ref_of(order);
    const struct keel_order_slot *slot = keel_account_find_slot(account, &ref);
    return slot && slot->unconfirmed && keel_order_is_open(&slot->order);
}

const struct keel_order *keel_account_next_open_order(const struct keel_account *account,
                                                      keel_market_id market,
                                                      const struct keel_order *after)
{
    const struct keel_order_slot *slot =
        keel_orders_next_open(&account->orders, market, slot_of(after));
    return slot ? &slot->order : NULL;
}

const struct keel_order *keel_account_next_completed_order(const struct keel_account *account,
                                                           keel_market_id market,
                                                           const struct keel_order *after)
{
    const struct keel_order_slot *slot =
        keel_orders_next_completed(&account->orders, market, slot_of(after));
    return slot ? &slot->order : NULL;
}

const struct keel_execution *keel_account_next_execution(const struct keel_account *account,
                                                         keel_market_id market,
                                                         const struct keel_execution *after)
{
    return keel_executions_next(&account->executions, market, after);
}

const struct keel_position *keel_account_next_position(const struct keel_account *account,
                                                       const struct keel_position *after)
{
    const struct keel_positions *positions = &account->positions;
    ptrdiff_t number = 1;
    if (after)
        number = (const struct keel_position_slot *)after - positions->at + 1;
    return number <= positions->count ? &positions->at[number].position : NULL;
}

const struct keel_balance *keel_account_next_balance(const struct keel_account *account,
                                                     const struct keel_balance *after)
{
    const struct keel_balances *balances = &account->balances;
    ptrdiff_t number = 1;
    if (after)
        number = (const struct keel_balance_slot *)after - balances->at + 1;
    while (number <= balances->count && !balances->at[number].told)
        number++;
    return number <= balances->count ? &balances->at[number].balance : NULL;
}

int32_t keel_account_open_order_count(const struct keel_account *account)
{
    return account->orders.open.count;
}

int32_t keel_account_completed_order_count(const struct keel_account *account)
{
    return account->orders.completed.count;
}

int32_t keel_account_position_count(const struct keel_account *account)
{
    return account->positions.count;
}

keel_decimal keel_account_resting_reduce_only(const struct keel_account *account,
                                              keel_market_id market, enum keel_position_side leg,
                                              enum keel_side side)
{
    if (!keel_account_knows_market(account, market))
        return KEEL_DECIMAL_ZERO;
    const struct keel_resting *resting = &account->orders.markets[market].resting[leg];
    return side == KEEL_BUY ? resting->buys.claim : resting->sells.claim;
}

keel_decimal keel_account_expected_quantity(const struct keel_account *account,
                                            keel_market_id market, enum keel_position_side leg)
{
    const struct keel_position *position = keel_account_find_position(account, market, leg);
    keel_decimal quantity = position ? position->quantity : KEEL_DECIMAL_ZERO;
    if (!keel_account_knows_market(account, market))
        return quantity;
    return keel_decimal_add(
        quantity, keel_leg_unsettled(keel_positions_leg(&account->positions, market, leg)));
}

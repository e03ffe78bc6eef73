#include "exchange/statement.h"

/* What the account was told of so shortly before the venue was asked may be missing there. */
#define YOUNG_MS 5000

static struct keel_difference *add(struct keel_discrepancies *found, enum keel_difference_kind kind,
                                   keel_decimal ours, keel_decimal venues, int64_t time_ms)
{
    if (found->count == KEEL_DISCREPANCIES_MAX)
        return NULL;
    struct keel_discrepancy *discrepancy = &found->at[found->count++];
    *discrepancy = (struct keel_discrepancy){
        .difference = {.kind = kind, .ours = ours, .venues = venues, .time_ms = time_ms}
    };
    return &discrepancy->difference;
}

/* Is a row without a time, or of a later time than the account knows, news? */
static bool is_news(int64_t row_ms, int64_t known_ms, int64_t asked_ms)
{
    return row_ms == 0 ? known_ms < asked_ms - YOUNG_MS : row_ms > known_ms;
}

static void compare_balance(const struct keel_account *account, const struct keel_balance *row,
                            int64_t asked_ms, struct keel_discrepancies *found)
{
    const struct keel_balance *known =
        keel_account_find_balance(account, keel_str_from(row->asset));
    keel_decimal ours = known != NULL ? known->wallet : KEEL_DECIMAL_ZERO;
    int64_t known_ms = known != NULL ? known->update_time_ms : 0;

    if (!keel_decimal_is_valid(row->wallet) || keel_decimal_equals(ours, row->wallet) ||
        !is_news(row->update_time_ms, known_ms, asked_ms))
        return;
    struct keel_difference *difference =
        add(found, KEEL_DIFFERENCE_WALLET, ours, row->wallet, row->update_time_ms);
    if (difference != NULL)
        memcpy(difference->asset, row->asset, sizeof(difference->asset));
}

static void add_position(struct keel_discrepancies *found, const struct keel_position *position,
                         keel_decimal ours, keel_decimal venues)
{
    struct keel_difference *difference =
        add(found, KEEL_DIFFERENCE_POSITION, ours, venues, position->update_time_ms);

    if (difference == NULL)
        return;
    difference->market = position->market;
    difference->side = position->side;
}

static void compare_position(const struct keel_account *account, const struct keel_position *row,
                             int64_t asked_ms, struct keel_discrepancies *found)
{
    const struct keel_position *known = keel_account_find_position(account, row->market, row->side);
    keel_decimal ours = known != NULL ? known->quantity : KEEL_DECIMAL_ZERO;
    keel_decimal expected = keel_account_expected_quantity(account, row->market, row->side);
    int64_t known_ms = known != NULL ? known->update_time_ms : 0;

    if (keel_decimal_equals(ours, row->quantity) || keel_decimal_equals(expected, row->quantity) ||
        !is_news(row->update_time_ms, known_ms, asked_ms))
        return;
    add_position(found, row, ours, row->quantity);
}

static const struct keel_position *find_row(const struct keel_events *events,
                                            const struct keel_position *position)
{
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_position *row = &events->at[i].position;
        if (events->at[i].kind == KEEL_EVENT_POSITION && row->market == position->market &&
            row->side == position->side)
            return row;
    }
    return NULL;
}

/* A complete list leaves out what is flat. */
static void compare_flat(const struct keel_account *account, const struct keel_events *events,
                         keel_market_id market, int64_t asked_ms, struct keel_discrepancies *found)
{
    for (const struct keel_position *at = NULL;
         (at = keel_account_next_position(account, at)) != NULL;) {
        keel_decimal expected = keel_account_expected_quantity(account, at->market, at->side);
        if ((market == KEEL_NO_MARKET || at->market == market) && !keel_decimal_is_zero(expected) &&
            at->update_time_ms < asked_ms - YOUNG_MS && find_row(events, at) == NULL)
            add_position(found, at, at->quantity, KEEL_DECIMAL_ZERO);
    }
}

static void refer(const struct keel_order *order, struct keel_order_ref *ref)
{
    *ref = (struct keel_order_ref){.market = order->market, .family = order->family};
    memcpy(ref->order_id, order->order_id, sizeof(ref->order_id));
    memcpy(ref->client_id, order->client_id, sizeof(ref->client_id));
}

static void add_order(struct keel_discrepancies *found, const struct keel_order *order,
                      keel_decimal ours, keel_decimal venues)
{
    struct keel_difference *difference =
        add(found, KEEL_DIFFERENCE_ORDER, ours, venues, order->update_time_ms);

    if (difference == NULL)
        return;
    difference->market = order->market;
    memcpy(difference->id, order->order_id, sizeof(difference->id));
    refer(order, &found->at[found->count - 1].order);
}

static bool are_told_apart(keel_decimal ours, keel_decimal venues)
{
    return keel_decimal_is_positive(ours) && keel_decimal_is_positive(venues) &&
           !keel_decimal_equals(ours, venues);
}

static bool is_filled_further(const struct keel_order *known, const struct keel_order *row)
{
    return keel_decimal_is_valid(row->filled_quantity) &&
           keel_decimal_is_valid(known->filled_quantity) &&
           keel_decimal_compare(row->filled_quantity, known->filled_quantity) > 0;
}

/* An amendment may be of the same millisecond as what is known: if it lasts until the second look,
 * it is one. */
static bool may_be_amended(const struct keel_order *known, const struct keel_order *row,
                           int64_t asked_ms)
{
    return row->update_time_ms == known->update_time_ms ||
           is_news(row->update_time_ms, known->update_time_ms, asked_ms);
}

static void compare_order(const struct keel_account *account, const struct keel_order *row,
                          int64_t asked_ms, struct keel_discrepancies *found)
{
    struct keel_order_ref ref;

    refer(row, &ref);
    const struct keel_order *known = keel_account_find_order(account, &ref);
    if (known == NULL) {
        add_order(found, row, KEEL_DECIMAL_ZERO, keel_order_remaining(row));
        return;
    }
    if (known->status == KEEL_ORDER_PENDING || !keel_order_is_open(known))
        return;
    bool amended = may_be_amended(known, row, asked_ms);
    if (is_filled_further(known, row) ||
        (amended && are_told_apart(known->quantity, row->quantity)))
        add_order(found, row, keel_order_remaining(known), keel_order_remaining(row));
    else if (amended && are_told_apart(known->price, row->price))
        add_order(found, row, known->price, row->price);
}

static bool is_same(const struct keel_order *one, const struct keel_order *other)
{
    return one->market == other->market &&
           (one->order_id[0] != '\0' ? strcmp(one->order_id, other->order_id) == 0
                                     : strcmp(one->client_id, other->client_id) == 0);
}

static bool is_listed(const struct keel_events *events, const struct keel_order *order)
{
    for (int32_t i = 0; i < events->count; i++) {
        if (events->at[i].kind == KEEL_EVENT_ORDER && is_same(order, &events->at[i].order))
            return true;
    }
    return false;
}

static void compare_open(const struct keel_account *account, const struct keel_events *events,
                         const struct keel_snapshot *snapshot, int64_t asked_ms,
                         struct keel_discrepancies *found)
{
    enum keel_order_family family = snapshot->kind == KEEL_SNAPSHOT_CONDITIONAL_ORDERS
                                        ? KEEL_FAMILY_CONDITIONAL
                                        : KEEL_FAMILY_REGULAR;

    for (const struct keel_order *at = NULL;
         (at = keel_account_next_open_order(account, snapshot->market, at)) != NULL;) {
        if (at->family == family && at->status != KEEL_ORDER_PENDING &&
            !keel_account_order_is_unconfirmed(account, at) &&
            at->update_time_ms < asked_ms - YOUNG_MS && !is_listed(events, at))
            add_order(found, at, keel_order_remaining(at), KEEL_DECIMAL_ZERO);
    }
}

static void compare_rest(const struct keel_account *account, const struct keel_events *events,
                         const struct keel_snapshot *snapshot, int64_t asked_ms,
                         struct keel_discrepancies *found)
{
    switch (snapshot->kind) {
    case KEEL_SNAPSHOT_POSITIONS:
        compare_flat(account, events, snapshot->market, asked_ms, found);
        return;
    case KEEL_SNAPSHOT_ORDERS:
    case KEEL_SNAPSHOT_CONDITIONAL_ORDERS:
        compare_open(account, events, snapshot, asked_ms, found);
        return;
    case KEEL_SNAPSHOT_NONE:
    case KEEL_SNAPSHOT_BALANCES: return; /* venues leave out what is zero, or never was */
    }
}

void keel_statement_compare(const struct keel_account *account, const struct keel_events *events,
                            int64_t asked_ms, struct keel_discrepancies *found)
{
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        if (event->kind == KEEL_EVENT_BALANCE)
            compare_balance(account, &event->balance, asked_ms, found);
        else if (event->kind == KEEL_EVENT_POSITION)
            compare_position(account, &event->position, asked_ms, found);
        else if (event->kind == KEEL_EVENT_ORDER)
            compare_order(account, &event->order, asked_ms, found);
        else if (event->kind == KEEL_EVENT_SNAPSHOT_BEGIN)
            compare_rest(account, events, &event->snapshot, asked_ms, found);
    }
}

static bool was_found(const struct keel_discrepancies *before,
                      const struct keel_difference *difference)
{
    for (int32_t i = 0; i < before->count; i++) {
        const struct keel_difference *at = &before->at[i].difference;
        if (at->kind == difference->kind && at->market == difference->market &&
            at->side == difference->side && strcmp(at->asset, difference->asset) == 0 &&
            strcmp(at->id, difference->id) == 0 && keel_decimal_equals(at->ours, difference->ours))
            return true;
    }
    return false;
}

void keel_discrepancies_confirm(struct keel_discrepancies *now,
                                const struct keel_discrepancies *before)
{
    int32_t count = 0;

    for (int32_t i = 0; i < now->count; i++) {
        if (was_found(before, &now->at[i].difference))
            now->at[count++] = now->at[i];
    }
    now->count = count;
}

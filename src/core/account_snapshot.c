#include "core/account_apply.h"

void keel_account_begin_snapshot(struct keel_account *account, const struct keel_event *event)
{
    account->snapshot = event->snapshot;
    account->snapshot_time_ms = event->time_ms;
    account->generation++;
}

static bool is_covered(const struct keel_account *account, keel_market_id market)
{
    return account->snapshot.market == KEEL_NO_MARKET || account->snapshot.market == market;
}

/* What the stream told after the snapshot was asked for may well be missing from it. */
static bool is_newer_than_snapshot(const struct keel_account *account, int64_t time_ms)
{
    return account->snapshot_time_ms != 0 && time_ms > account->snapshot_time_ms;
}

static void remove_unmentioned_positions(struct keel_account *account)
{
    account->gone_count = 0;
    for (int32_t number = account->positions.count; number >= 1; number--) {
        struct keel_position_slot *slot = &account->positions.at[number];
        struct keel_position *position = &slot->position;
        keel_market_id market = position->market;
        if (slot->generation == account->generation || !is_covered(account, market) ||
            is_newer_than_snapshot(account, position->update_time_ms))
            continue;
        position->quantity = KEEL_DECIMAL_ZERO;
        account->gone[account->gone_count++] = *position;
        keel_positions_remove(&account->positions, slot);
        keel_account_update_live(account, market);
    }
}

/* Fills that happened before a complete snapshot was asked for are in it, flat legs too. */
static void settle_fills(struct keel_account *account)
{
    for (int32_t i = account->live_count - 1; i >= 0; i--) {
        keel_market_id market = account->live[i];
        if (!is_covered(account, market))
            continue;
        for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++)
            keel_positions_settle(keel_positions_leg(&account->positions, market, side),
                                  account->snapshot_time_ms);
        keel_account_update_live(account, market);
    }
}

static void remove_unmentioned_balances(struct keel_account *account)
{
    for (int32_t number = 1; number <= account->balances.count; number++) {
        struct keel_balance_slot *slot = &account->balances.at[number];
        if (slot->generation == account->generation ||
            is_newer_than_snapshot(account, slot->balance.update_time_ms))
            continue;
        slot->told = false;
        slot->balance.wallet = slot->balance.cross_wallet = KEEL_DECIMAL_ABSENT;
        slot->balance.available = slot->balance.locked = KEEL_DECIMAL_ABSENT;
    }
}

static void note_listing(struct keel_account *account)
{
    enum keel_order_family family = account->snapshot.kind == KEEL_SNAPSHOT_ORDERS
                                        ? KEEL_FAMILY_REGULAR
                                        : KEEL_FAMILY_CONDITIONAL;
    if (account->snapshot.market == KEEL_NO_MARKET)
        account->listed_ms[family] = account->snapshot_time_ms;
}

/* A pending order is none that the venue has told of: its own reply, or the query that follows an
 * unknown outcome, settles it. */
static void list_missing_orders(struct keel_account *account)
{
    struct keel_order_slot *slots = account->orders.at;
    for (uint32_t number = account->orders.open.first; number != 0;
         number = slots[number].next_all) {
        struct keel_order_slot *slot = &slots[number];
        const struct keel_order *order = &slot->order;
        if (slot->generation == account->generation || !is_covered(account, order->market) ||
            !keel_account_reads_snapshot(account, keel_orders_snapshot_kind(order->family)) ||
            order->status == KEEL_ORDER_PENDING ||
            is_newer_than_snapshot(account, order->update_time_ms))
            continue;
        slot->unconfirmed = true;
        account->missing[account->missing_count++] = keel_order_ref_of(order);
    }
}

enum keel_status keel_account_end_snapshot(struct keel_account *account,
                                           const struct keel_event *event,
                                           struct keel_applied *applied, struct keel_error *error)
{
    enum keel_snapshot_kind kind = account->snapshot.kind;
    if (kind == KEEL_SNAPSHOT_NONE || kind != event->snapshot.kind)
        return keel_fail(error, KEEL_MALFORMED, "a snapshot of kind %d ends, of kind %d began",
                         event->snapshot.kind, kind);
    account->gone_count = account->missing_count = 0;
    switch (kind) {
    case KEEL_SNAPSHOT_NONE: break;
    case KEEL_SNAPSHOT_BALANCES: remove_unmentioned_balances(account); break;
    case KEEL_SNAPSHOT_POSITIONS:
        remove_unmentioned_positions(account);
        settle_fills(account);
        break;
    case KEEL_SNAPSHOT_ORDERS:
    case KEEL_SNAPSHOT_CONDITIONAL_ORDERS:
        list_missing_orders(account);
        note_listing(account);
        break;
    }
    account->snapshot.kind = KEEL_SNAPSHOT_NONE;
    applied->gone = account->gone;
    applied->gone_count = account->gone_count;
    applied->missing = account->missing;
    applied->missing_count = account->missing_count;
    applied->changed = account->gone_count > 0;
    return KEEL_OK;
}

#include "paper/spot/events.h"

#include <stdlib.h>

enum {
    FIRST_CAPACITY = 64,
};

static void grow(struct paper_spot_events *events)
{
    int64_t capacity = events->capacity == 0 ? FIRST_CAPACITY : events->capacity * 2;
    struct paper_spot_event *at = malloc((size_t)capacity * sizeof(*at));
    KEEL_ASSERT(at != NULL);
    for (int64_t i = 0; i < events->count; i++)
        at[i] = events->at[(events->first + i) % events->capacity];
    free(events->at);
    events->at = at;
    events->first = 0;
    events->capacity = capacity;
}

void paper_spot_events_clear(struct paper_spot_events *events)
{
    free(events->at);
    *events = (struct paper_spot_events){0};
}

bool paper_spot_events_pop(struct paper_spot_events *events, struct paper_spot_event *event)
{
    if (events->count == 0)
        return false;
    *event = events->at[events->first];
    events->first = (events->first + 1) % events->capacity;
    events->count--;
    return true;
}

struct paper_spot_event *paper_spot_events_push(struct paper_spot *spot,
                                                enum paper_spot_event_kind kind, int account,
                                                keel_market_id market)
{
    struct paper_spot_events *events = &spot->events;
    if (events->count == events->capacity)
        grow(events);
    struct paper_spot_event *event =
        &events->at[(events->first + events->count++) % events->capacity];
    *event = (struct paper_spot_event){
        .kind = kind, .account = account, .market = market, .time_ms = spot->now_ms};
    return event;
}

void paper_spot_events_push_order(struct paper_spot *spot, enum paper_spot_execution kind,
                                  const struct paper_spot_order *order,
                                  const struct paper_spot_trade *trade)
{
    struct paper_spot_event *event =
        paper_spot_events_push(spot, PAPER_SPOT_EVENT_ORDER, order->account, order->market);
    event->as.order.kind = kind;
    event->as.order.order = *order;
    event->as.order.order.book_previous = event->as.order.order.book_next = NULL;
    event->as.order.order.open_previous = event->as.order.order.open_next = NULL;
    if (trade != NULL)
        event->as.order.trade = *trade;
}

static struct paper_spot_change *add_change(struct paper_spot *spot,
                                            const struct paper_spot_trader *trader,
                                            paper_asset_id asset, enum paper_spot_reason reason,
                                            int64_t source)
{
    const keel_decimal *now = trader->parts[asset], *before = trader->before[asset];
    struct paper_spot_change *change = paper_table_add(&spot->changes, sizeof(*change));
    *change = (struct paper_spot_change){
        .row = spot->changes.count,
        .account = trader->number,
        .asset = asset,
        .reason = reason,
        .source = source,
        .free = now[PAPER_PART_FREE],
        .locked = now[PAPER_PART_LOCKED],
        .withdrawing = now[PAPER_PART_WITHDRAWING],
        .free_change = keel_decimal_sub(now[PAPER_PART_FREE], before[PAPER_PART_FREE]),
        .locked_change = keel_decimal_sub(now[PAPER_PART_LOCKED], before[PAPER_PART_LOCKED]),
        .withdrawing_change =
            keel_decimal_sub(now[PAPER_PART_WITHDRAWING], before[PAPER_PART_WITHDRAWING]),
        .time_ms = spot->now_ms,
    };
    return change;
}

/* The funding wallet moves without a word. */
static bool has_changed(const struct paper_spot_trader *trader, paper_asset_id asset)
{
    for (int part = 0; part < PAPER_PART_FUNDING; part++)
        if (!keel_decimal_equals(trader->parts[asset][part], trader->before[asset][part]))
            return true;
    return false;
}

void paper_spot_events_flush(struct paper_spot *spot, int account, enum paper_spot_reason reason,
                             int64_t source)
{
    struct paper_spot_trader *trader = paper_spot_trader_at(spot, account);
    struct paper_spot_event *event = NULL;
    for (int id = 1; trader->moved != 0 && id <= paper_asset_count(); id++) {
        paper_asset_id asset = (paper_asset_id)id;
        if ((trader->moved >> asset & 1) == 0 || !has_changed(trader, asset))
            continue;
        if (event == NULL || event->as.balances.count == PAPER_SPOT_EVENT_ROWS) {
            event =
                paper_spot_events_push(spot, PAPER_SPOT_EVENT_BALANCES, account, KEEL_NO_MARKET);
            event->as.balances.reason = reason;
        }
        event->as.balances.rows[event->as.balances.count++] =
            *add_change(spot, trader, asset, reason, source);
    }
    trader->moved = 0;
}

void paper_spot_events_flush_tickers(struct paper_spot *spot)
{
    for (int id = 1; id <= spot->market_count; id++) {
        struct paper_spot_market *market = &spot->markets[id];
        if (!market->changed)
            continue;
        market->changed = false;
        market->update_id++;
        market->change_time_ms = spot->now_ms;
        struct paper_spot_event *event =
            paper_spot_events_push(spot, PAPER_SPOT_EVENT_TICKER, 0, market->id);
        paper_spot_get_ticker(spot, market->id, &event->as.ticker);
    }
}

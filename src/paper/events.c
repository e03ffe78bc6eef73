#include "paper/events.h"

#include "paper/margin.h"

#include <stdlib.h>

enum {
    FIRST_CAPACITY = 256,
};

static void grow(struct paper_events *events)
{
    int64_t capacity = events->capacity == 0 ? FIRST_CAPACITY : events->capacity * 2;
    struct paper_event *at = calloc((size_t)capacity, sizeof(*at));
    KEEL_ASSERT(at != NULL);
    for (int64_t i = 0; i < events->count; i++)
        at[i] = events->at[(events->first + i) % events->capacity];
    free(events->at);
    events->at = at;
    events->first = 0;
    events->capacity = capacity;
}

void paper_events_clear(struct paper_events *events)
{
    free(events->at);
    *events = (struct paper_events){0};
}

bool paper_events_pop(struct paper_events *events, struct paper_event *event)
{
    if (events->count == 0)
        return false;
    *event = events->at[events->first];
    events->first = (events->first + 1) % events->capacity;
    events->count--;
    return true;
}

struct paper_event *paper_events_push(struct paper_engine *engine, enum paper_event_kind kind,
                                      int account, keel_market_id market)
{
    struct paper_events *events = &engine->events;
    if (events->count == events->capacity)
        grow(events);
    struct paper_event *event = &events->at[(events->first + events->count++) % events->capacity];
    *event = (struct paper_event){
        .kind = kind, .account = account, .market = market, .time_ms = engine->now_ms};
    return event;
}

static void fill_order_event(struct paper_engine *engine, struct paper_order_event *event,
                             enum paper_execution_kind kind, const struct paper_order *order)
{
    *event = (struct paper_order_event){.kind = kind, .order = *order};
    event->order.book_previous = event->order.book_next = NULL;
    event->order.open_previous = event->order.open_next = NULL;
    paper_margin_open_notional(engine, order->account, order->market, &event->bid_notional,
                               &event->ask_notional);
}

void paper_events_push_order(struct paper_engine *engine, enum paper_execution_kind kind,
                             const struct paper_order *order, const struct paper_trade *trade,
                             bool insurance)
{
    if (order->account <= PAPER_BACKGROUND)
        return;
    struct paper_event *event =
        paper_events_push(engine, PAPER_EVENT_ORDER, order->account, order->market);
    fill_order_event(engine, &event->as.order, kind, order);
    event->as.order.insurance = insurance;
    event->as.order.filled = trade != NULL;
    if (trade != NULL)
        event->as.order.trade = *trade;
}

void paper_events_push_conditional(struct paper_engine *engine,
                                   const struct paper_conditional *conditional)
{
    struct paper_event *event = paper_events_push(engine, PAPER_EVENT_CONDITIONAL,
                                                  conditional->account, conditional->market);
    event->as.conditional = *conditional;
    event->as.conditional.open_previous = event->as.conditional.open_next = NULL;
}

static struct paper_account_event *push_account(struct paper_engine *engine,
                                                const struct paper_trader *trader)
{
    struct paper_event *event =
        paper_events_push(engine, PAPER_EVENT_ACCOUNT, trader->number, trader->reason_market);
    struct paper_account_event *update = &event->as.update;
    update->reason = trader->reason;
    update->market = trader->reason_market;
    update->has_balance = true;
    update->wallet = paper_margin_wallet(engine, trader->number);
    update->cross_wallet = trader->cross_wallet;
    update->balance_change = trader->balance_change;
    return update;
}

/* One more row, of an event of its own where this one is full. */
static struct paper_account_event *add_row(struct paper_engine *engine,
                                           const struct paper_trader *trader,
                                           struct paper_account_event *update,
                                           keel_market_id market, enum keel_position_side side)
{
    if (update->position_count == PAPER_EVENT_POSITIONS) {
        update = push_account(engine, trader);
        update->balance_change = KEEL_DECIMAL_ZERO;
    }
    paper_margin_view_position(engine, trader->number, market, side,
                               &update->positions[update->position_count++]);
    return update;
}

void paper_events_flush_account(struct paper_engine *engine, struct paper_trader *trader)
{
    if (!trader->changed)
        return;
    struct paper_account_event *update = push_account(engine, trader);
    for (int id = 1; id <= engine->market_count; id++) {
        if ((trader->changed_markets >> id & 1) == 0)
            continue;
        static const enum keel_position_side legs[] = {KEEL_LONG, KEEL_SHORT};
        if (!trader->hedge_mode)
            update = add_row(engine, trader, update, (keel_market_id)id, KEEL_NET);
        for (int i = 0; trader->hedge_mode && i < 2; i++)
            update = add_row(engine, trader, update, (keel_market_id)id, legs[i]);
    }
    trader->changed = false;
    trader->changed_markets = 0;
    trader->reason_market = KEEL_NO_MARKET;
    trader->balance_change = KEEL_DECIMAL_ZERO;
}

void paper_events_flush_accounts(struct paper_engine *engine)
{
    for (int i = 1; i <= engine->config.accounts; i++)
        paper_events_flush_account(engine, &engine->traders[i]);
}

void paper_events_flush_tickers(struct paper_engine *engine)
{
    for (int id = 1; id <= engine->market_count; id++) {
        struct paper_market *market = &engine->markets[id];
        if (!market->changed)
            continue;
        market->changed = false;
        market->update_id++;
        market->change_time_ms = engine->now_ms;
        struct paper_event *event =
            paper_events_push(engine, PAPER_EVENT_TICKER, 0, (keel_market_id)id);
        paper_engine_get_ticker(engine, (keel_market_id)id, &event->as.ticker);
    }
}

void paper_events_note(struct paper_engine *engine, struct paper_trader *trader,
                       enum paper_account_reason reason, keel_market_id market)
{
    /* Two reasons are two events. */
    if (trader->changed && trader->reason != reason)
        paper_events_flush_account(engine, trader);
    trader->changed = true;
    trader->reason = reason;
    trader->update_time_ms = engine->now_ms;
    if (market != KEEL_NO_MARKET)
        trader->changed_markets |= UINT64_C(1) << market;
}

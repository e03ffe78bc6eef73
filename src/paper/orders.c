#include "paper/orders.h"

#include "paper/book.h"
#include "paper/events.h"

enum {
    CLIENT_ID_LENGTH = 22,
};

void paper_orders_make_client_id(struct paper_engine *engine, char buffer[KEEL_CLIENT_ID_SIZE])
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int i = 0; i < CLIENT_ID_LENGTH; i++)
        buffer[i] = letters[paper_random_below(&engine->random, sizeof(letters) - 1)];
    buffer[CLIENT_ID_LENGTH] = '\0';
}

static void link_open(struct paper_engine *engine, struct paper_order *order)
{
    if (order->account <= PAPER_BACKGROUND)
        return;
    struct paper_trader *trader = paper_trader_of(engine, order->account);
    order->open_previous = trader->open_last;
    if (trader->open_last != NULL)
        trader->open_last->open_next = order;
    else
        trader->open_first = order;
    trader->open_last = order;
    trader->settings[order->market].open_orders++;
}

static void unlink_open(struct paper_engine *engine, struct paper_order *order)
{
    struct paper_trader *trader = paper_trader_of(engine, order->account);
    if (order->open_previous != NULL)
        order->open_previous->open_next = order->open_next;
    else
        trader->open_first = order->open_next;
    if (order->open_next != NULL)
        order->open_next->open_previous = order->open_previous;
    else
        trader->open_last = order->open_previous;
    order->open_previous = order->open_next = NULL;
    trader->settings[order->market].open_orders--;
}

static void leave(struct paper_engine *engine, struct paper_order *order)
{
    paper_book_remove(engine, order);
    unlink_open(engine, order);
}

struct paper_order *paper_orders_accept(struct paper_engine *engine,
                                        const struct paper_order *draft)
{
    struct paper_order *order = paper_table_add(&engine->orders, sizeof(struct paper_order));
    *order = *draft;
    order->id = engine->next_order_id++;
    order->status = PAPER_ORDER_NEW;
    order->create_time_ms = order->update_time_ms = engine->now_ms;
    if (order->client_id[0] == '\0')
        paper_orders_make_client_id(engine, order->client_id);
    link_open(engine, order);
    paper_events_push_order(engine, PAPER_EXECUTION_NEW, order, NULL, false);
    return order;
}

void paper_orders_add_fill(struct paper_engine *engine, struct paper_order *order,
                           keel_decimal price, keel_decimal quantity)
{
    order->filled_quantity = keel_decimal_add(order->filled_quantity, quantity);
    order->filled_quote = keel_decimal_add(order->filled_quote, paper_times(price, quantity));
    order->fills++;
    order->update_time_ms = engine->now_ms;
    bool done = keel_decimal_is_zero(paper_order_remaining(order));
    order->status = done ? PAPER_ORDER_FILLED : PAPER_ORDER_PARTIALLY_FILLED;
    if (done && order->account > PAPER_BACKGROUND)
        leave(engine, order);
}

void paper_orders_settle_parent(struct paper_engine *engine, const struct paper_order *order)
{
    if (order->conditional_id == 0 || paper_order_is_open(order))
        return;
    struct paper_conditional *parent =
        engine->conditionals.rows[order->conditional_id - engine->first_conditional_id];
    parent->status = PAPER_CONDITIONAL_FINISHED;
    parent->child_filled_quantity = order->filled_quantity;
    parent->child_filled_quote = order->filled_quote;
    parent->update_time_ms = engine->now_ms;
    paper_events_push_conditional(engine, parent);
}

void paper_orders_end(struct paper_engine *engine, struct paper_order *order,
                      enum paper_order_status status, enum paper_expiry expiry)
{
    order->status = status;
    order->expiry = expiry;
    order->update_time_ms = engine->now_ms;
    leave(engine, order);
    paper_events_push_order(
        engine, status == PAPER_ORDER_CANCELED ? PAPER_EXECUTION_CANCELED : PAPER_EXECUTION_EXPIRED,
        order, NULL, false);
    paper_orders_settle_parent(engine, order);
}

int paper_orders_end_all(struct paper_engine *engine, int account, keel_market_id market,
                         enum paper_order_status status, enum paper_expiry expiry)
{
    int count = 0;
    struct paper_order *order = paper_trader_of(engine, account)->open_first;
    while (order != NULL) {
        struct paper_order *next = order->open_next;
        if (market == KEEL_NO_MARKET || order->market == market) {
            paper_orders_end(engine, order, status, expiry);
            count++;
        }
        order = next;
    }
    return count;
}

static void cut_order(struct paper_engine *engine, struct paper_order *order, keel_decimal room)
{
    order->quantity = keel_decimal_add(order->filled_quantity, room);
    order->update_time_ms = engine->now_ms;
    paper_market_of(engine, order->market)->changed = true;
    paper_events_push_order(engine, PAPER_EXECUTION_AMENDMENT, order, NULL, false);
}

static void trim_side(struct paper_engine *engine, const struct paper_order *of,
                      struct paper_market *market, enum keel_side side, keel_decimal room,
                      const struct paper_order *fresh)
{
    bool gone = !keel_decimal_is_positive(room);
    int account = of->account;
    enum keel_position_side leg = of->position_side;
    struct paper_order *order = paper_book_first(market, side);
    while (order != NULL) {
        struct paper_order *next = order->book_next;
        if (order->account == account && order->reduce_only && order->position_side == leg) {
            keel_decimal remaining = paper_order_remaining(order);
            if (!keel_decimal_is_positive(room)) {
                order->position_gone = gone;
                paper_orders_end(engine, order, PAPER_ORDER_EXPIRED, PAPER_EXPIRY_REDUCE_ONLY);
            } else if (order != fresh && !engine->config.rules.reduce_only_is_whole &&
                       keel_decimal_compare(remaining, room) > 0)
                cut_order(engine, order, room);
            room = keel_decimal_sub(room, remaining);
        }
        order = next;
    }
}

void paper_orders_trim(struct paper_engine *engine, const struct paper_order *of,
                       const struct paper_order *fresh)
{
    if (of->account <= PAPER_BACKGROUND)
        return;
    /* What is trimmed may be the order itself. */
    const struct paper_order like = *of;
    struct paper_market *at = paper_market_of(engine, like.market);
    keel_decimal held =
        paper_holding_of(paper_trader_of(engine, like.account), like.market, like.position_side)
            ->quantity;
    trim_side(engine, &like, at, KEEL_SELL, held, fresh);
    trim_side(engine, &like, at, KEEL_BUY, keel_decimal_neg(held), fresh);
}

struct paper_order *paper_orders_find(const struct paper_engine *engine, int account,
                                      keel_market_id market, int64_t id, keel_str client_id)
{
    for (int64_t i = engine->orders.count - 1; i >= 0; i--) {
        if (id != 0)
            i = id - engine->first_order_id;
        if (i < 0 || i >= engine->orders.count)
            return NULL;
        struct paper_order *order = engine->orders.rows[i];
        if (order->account == account && (market == KEEL_NO_MARKET || order->market == market) &&
            (id != 0 || keel_str_equals(keel_str_from(order->client_id), client_id)))
            return order;
        if (id != 0)
            return NULL;
    }
    return NULL;
}

struct paper_order *paper_orders_find_open(const struct paper_engine *engine, int account,
                                           keel_str client_id)
{
    struct paper_order *order = paper_trader_of(engine, account)->open_first;
    while (order != NULL && !keel_str_equals(keel_str_from(order->client_id), client_id))
        order = order->open_next;
    return order;
}

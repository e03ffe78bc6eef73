#include "paper/spot/orders.h"

#include "paper/keys.h"
#include "paper/spot/book.h"
#include "paper/spot/events.h"
#include "paper/spot/ledger.h"

enum {
    MADE_ID_SIZE = 23, /* of letters and digits, with its zero byte */
};

/* --- Lists -------------------------------------------------------------------------------------
 */

static void link_open(struct paper_spot *spot, struct paper_spot_order *order)
{
    struct paper_spot_trader *trader = paper_spot_trader_at(spot, order->account);
    order->open_previous = trader->open_last;
    if (trader->open_last != NULL)
        trader->open_last->open_next = order;
    else
        trader->open_first = order;
    trader->open_last = order;
}

static void unlink_open(struct paper_spot *spot, struct paper_spot_order *order)
{
    struct paper_spot_trader *trader = paper_spot_trader_at(spot, order->account);
    if (order->open_previous != NULL)
        order->open_previous->open_next = order->open_next;
    else
        trader->open_first = order->open_next;
    if (order->open_next != NULL)
        order->open_next->open_previous = order->open_previous;
    else
        trader->open_last = order->open_previous;
    order->open_previous = order->open_next = NULL;
}

void paper_spot_orders_wait(struct paper_spot *spot, struct paper_spot_order *order)
{
    struct paper_spot_market *market = paper_spot_market_at(spot, order->market);
    order->waiting = true;
    order->book_previous = market->waiting_last;
    order->book_next = NULL;
    if (market->waiting_last != NULL)
        market->waiting_last->book_next = order;
    else
        market->waiting_first = order;
    market->waiting_last = order;
}

void paper_spot_orders_stop_waiting(struct paper_spot *spot, struct paper_spot_order *order)
{
    struct paper_spot_market *market = paper_spot_market_at(spot, order->market);
    if (!order->waiting)
        return;
    if (order->book_previous != NULL)
        order->book_previous->book_next = order->book_next;
    else
        market->waiting_first = order->book_next;
    if (order->book_next != NULL)
        order->book_next->book_previous = order->book_previous;
    else
        market->waiting_last = order->book_previous;
    order->book_previous = order->book_next = NULL;
    order->waiting = false;
}

/* --- Locks -------------------------------------------------------------------------------------
 */

keel_decimal paper_spot_orders_lock(const struct paper_spot_order *order)
{
    if (paper_spot_is_by_quote(order) && order->side == KEEL_BUY)
        return keel_decimal_sub(order->quote_quantity, order->filled_quote);
    if (order->side == KEEL_SELL)
        return paper_spot_remaining(order);
    keel_decimal price = paper_spot_is_limit(order->type) ? order->price : order->trigger_price;
    return keel_decimal_is_valid(price) ? paper_spot_times(price, paper_spot_remaining(order))
                                        : KEEL_DECIMAL_ZERO;
}

void paper_spot_orders_relock(struct paper_spot *spot, struct paper_spot_order *order,
                              keel_decimal lock)
{
    const struct paper_spot_instrument *instrument = spot->markets[order->market].instrument;
    paper_asset_id asset = paper_spot_paid(instrument, order->side);
    keel_decimal more = keel_decimal_sub(lock, order->locked);
    paper_spot_ledger_move(spot, asset, more, paper_part_of(order->account, PAPER_PART_FREE),
                           paper_part_of(order->account, PAPER_PART_LOCKED));
    order->locked = lock;
}

/* --- Life --------------------------------------------------------------------------------------
 */

struct paper_spot_order *paper_spot_orders_accept(struct paper_spot *spot,
                                                  const struct paper_spot_order *draft,
                                                  keel_decimal lock)
{
    struct paper_spot_order *order = paper_table_add(&spot->orders, sizeof(*order));
    *order = *draft;
    order->id = spot->next_order_id++;
    order->status = PAPER_ORDER_NEW;
    order->waiting =
        paper_spot_is_conditional(order->type); /* so it is told, before it is listed */
    order->create_time_ms = order->update_time_ms = spot->now_ms;
    order->locked = KEEL_DECIMAL_ZERO;
    if (order->client_id[0] == '\0')
        paper_random_name(&spot->random, order->client_id, MADE_ID_SIZE);
    link_open(spot, order);
    paper_spot_orders_relock(spot, order, lock);
    paper_spot_ledger_check(spot);
    paper_spot_events_push_order(spot, PAPER_SPOT_ACCEPTED, order, NULL);
    paper_spot_events_flush(spot, order->account, PAPER_SPOT_REASON_ORDER_PLACED, order->id);
    return order;
}

void paper_spot_orders_close(struct paper_spot *spot, struct paper_spot_order *order)
{
    paper_spot_book_remove(spot, order);
    paper_spot_orders_stop_waiting(spot, order);
    paper_spot_orders_relock(spot, order, KEEL_DECIMAL_ZERO);
    unlink_open(spot, order);
}

void paper_spot_orders_end(struct paper_spot *spot, struct paper_spot_order *order,
                           enum paper_order_status status, enum paper_spot_end end)
{
    bool canceled = status == PAPER_ORDER_CANCELED;
    paper_spot_orders_close(spot, order);
    order->status = status;
    order->end = end;
    order->update_time_ms = spot->now_ms;
    paper_spot_ledger_check(spot);
    paper_spot_events_push_order(spot, canceled ? PAPER_SPOT_CANCELED : PAPER_SPOT_EXPIRED, order,
                                 NULL);
    paper_spot_events_flush(spot, order->account, PAPER_SPOT_REASON_ORDER_ENDED, order->id);
}

/* --- Finding -----------------------------------------------------------------------------------
 */

static bool is_meant(const struct paper_spot_order *order, int account, keel_market_id market,
                     int64_t id, keel_str client_id)
{
    if (order->account != account || (market != KEEL_NO_MARKET && order->market != market))
        return false;
    return id != 0 ? order->id == id : keel_str_equals(client_id, keel_str_from(order->client_id));
}

struct paper_spot_order *paper_spot_orders_find(const struct paper_spot *spot, int account,
                                                keel_market_id market, int64_t id,
                                                keel_str client_id)
{
    for (int64_t i = spot->orders.count - 1; i >= 0; i--)
        if (is_meant(spot->orders.rows[i], account, market, id, client_id))
            return spot->orders.rows[i];
    return NULL;
}

struct paper_spot_order *paper_spot_orders_find_open(const struct paper_spot *spot, int account,
                                                     keel_market_id market, int64_t id,
                                                     keel_str client_id)
{
    struct paper_spot_order *order = paper_spot_trader_at(spot, account)->open_first;
    while (order != NULL && !is_meant(order, account, market, id, client_id))
        order = order->open_next;
    return order;
}

#include "paper/binance/endpoints.h"
#include "paper/binance/render.h"

static const int64_t minute_ms = INT64_C(60) * 1000;
static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

enum {
    FORGET_CANCELED_DAYS = 3, /* never filled, and cancelled or expired */
    FORGET_DAYS = 90,
    ROWS_MAX = 1000,
};

static bool is_open(const struct paper_order *order)
{
    return order->status == PAPER_ORDER_NEW || order->status == PAPER_ORDER_PARTIALLY_FILLED;
}

/* What the venue's history no longer shows. */
static bool is_forgotten(const struct paper_order *order, int64_t now_ms)
{
    if (is_open(order))
        return false;
    bool filled = keel_decimal_is_positive(order->filled_quantity);
    int64_t age_ms = now_ms - order->create_time_ms;
    return age_ms > (filled ? FORGET_DAYS : FORGET_CANCELED_DAYS) * day_ms + minute_ms;
}

static const struct paper_order *find_order(struct binance_call *call)
{
    int64_t id;
    keel_str client_id;
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    binance_read_order_key(call, "orderId", "origClientOrderId", &id, &client_id);
    if (binance_refused(call))
        return NULL;
    const struct paper_order *order =
        paper_engine_find_order(call->engine, call->account, market, id, client_id);
    if (order && !is_forgotten(order, call->now_ms))
        return order;
    binance_refuse(call, -2013, "Order does not exist.");
    return NULL;
}

void binance_get_order(struct binance_call *call)
{
    const struct paper_order *order = find_order(call);
    if (order)
        binance_put_order(call->out, NULL, order, BINANCE_ORDER_QUERIED);
}

void binance_get_open_order(struct binance_call *call)
{
    const struct paper_order *order = find_order(call);
    if (!order)
        return;
    if (is_open(order))
        binance_put_order(call->out, NULL, order, BINANCE_ORDER_QUERIED);
    else
        binance_refuse(call, -2013, "Order does not exist.");
}

void binance_get_open_orders(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    if (binance_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (const struct paper_order *order = NULL;
         (order = paper_engine_next_open_order(call->engine, call->account, market, order));)
        binance_put_order(call->out, NULL, order, BINANCE_ORDER_QUERIED);
    keel_json_close_array(call->out);
}

/* The rows that match, oldest first: from a given beginning the first `limit`, else the newest. A
 * row is kept in a ring of pointers, so the history is walked once. */
static void put_rows(struct binance_call *call, const struct paper_query *query, int limit,
                     bool from_beginning,
                     const void *(*next)(struct binance_call *call, const struct paper_query *query,
                                         const void *after),
                     void (*put)(struct keel_writer *json, const void *row))
{
    const void *ring[ROWS_MAX];
    int64_t count = 0;
    for (const void *row = NULL; (row = next(call, query, row));) {
        ring[count++ % limit] = row;
        if (from_beginning && count == limit)
            break;
    }
    keel_json_open_array(call->out, NULL);
    for (int64_t i = count > limit ? count - limit : 0; i < count; i++)
        put(call->out, ring[i % limit]);
    keel_json_close_array(call->out);
}

static const void *next_order(struct binance_call *call, const struct paper_query *query,
                              const void *after)
{
    const struct paper_order *order = after;
    do
        order = paper_engine_next_order(call->engine, query, order);
    while (order && is_forgotten(order, call->now_ms));
    return order;
}

static void put_order_row(struct keel_writer *json, const void *row)
{
    binance_put_order(json, NULL, row, BINANCE_ORDER_QUERIED);
}

void binance_get_all_orders(struct binance_call *call)
{
    struct paper_query query = {.account = call->account};
    query.market = binance_read_market(call, BINANCE_OPTIONAL);
    query.from_id = binance_read_int(call, "orderId", BINANCE_OPTIONAL);
    binance_read_times(call, &query, 7);
    int limit = binance_read_limit(call, 500, ROWS_MAX);
    if (binance_refused(call))
        return;
    bool asked = query.from_id > 0 || binance_params_find(call->params, "startTime");
    put_rows(call, &query, limit, asked, next_order, put_order_row);
}

static const void *next_trade(struct binance_call *call, const struct paper_query *query,
                              const void *after)
{
    return paper_engine_next_trade(call->engine, query, after);
}

static void put_trade_row(struct keel_writer *json, const void *row)
{
    binance_put_trade(json, row);
}

void binance_get_user_trades(struct binance_call *call)
{
    struct paper_query query = {.account = call->account};
    query.market = binance_read_market(call, BINANCE_MANDATORY);
    query.order_id = binance_read_int(call, "orderId", BINANCE_OPTIONAL);
    query.from_id = binance_read_int(call, "fromId", BINANCE_OPTIONAL);
    bool from = binance_params_find(call->params, "fromId");
    bool timed = binance_params_find(call->params, "startTime") ||
                 binance_params_find(call->params, "endTime");
    if (from && timed)
        binance_refuse(call, -1128, "Combination of optional parameters invalid.");
    if (!from || timed)
        binance_read_times(call, &query, 7);
    int limit = binance_read_limit(call, 500, ROWS_MAX);
    if (!binance_refused(call))
        put_rows(call, &query, limit, from || binance_params_find(call->params, "startTime"),
                 next_trade, put_trade_row);
}

static const void *next_amendment(struct binance_call *call, const struct paper_query *query,
                                  const void *after)
{
    return paper_engine_next_amendment(call->engine, query, after);
}

static void put_change(struct keel_writer *json, const char *key, keel_decimal before,
                       keel_decimal after)
{
    keel_json_open_object(json, key);
    binance_put_short(json, "before", before);
    binance_put_short(json, "after", after);
    keel_json_close_object(json);
}

static void put_amendment(struct binance_call *call, const struct paper_amendment *row)
{
    struct keel_writer *json = call->out;
    const char *symbol = paper_instrument_get(row->market)->symbol;
    const struct paper_order *order = paper_engine_find_order(
        call->engine, row->account, row->market, row->order_id, (keel_str){0});

    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "amendmentId", row->row);
    keel_json_put_text(json, "symbol", symbol);
    keel_json_put_text(json, "pair", symbol);
    keel_json_put_int(json, "orderId", row->order_id);
    keel_json_put_text(json, "clientOrderId", order ? order->client_id : "");
    keel_json_put_int(json, "time", row->time_ms);
    keel_json_open_object(json, "amendment");
    put_change(json, "price", row->price_before, row->price_after);
    put_change(json, "origQty", row->quantity_before, row->quantity_after);
    keel_json_put_int(json, "count", row->count);
    if (row->modify_id != 0)
        keel_json_put_int(json, "modifyId", row->modify_id);
    keel_json_close_object(json);
    keel_json_close_object(json);
}

/* The id may be missing: then all of the symbol's. Newest first, as the venue lists these alone. */
void binance_get_amendments(struct binance_call *call)
{
    enum { AMENDMENTS_MAX = 100 };
    struct paper_query query = {.account = call->account};
    const struct paper_amendment *ring[AMENDMENTS_MAX];
    int64_t count = 0;

    query.market = binance_read_market(call, BINANCE_MANDATORY);
    query.order_id = binance_read_int(call, "orderId", BINANCE_OPTIONAL);
    keel_str client_id = binance_read_text(call, "origClientOrderId", BINANCE_OPTIONAL);
    binance_read_times(call, &query, 0);
    int limit = binance_read_limit(call, 50, AMENDMENTS_MAX);
    if (binance_refused(call))
        return;
    if (query.order_id == 0 && client_id.size > 0) {
        const struct paper_order *order =
            paper_engine_find_order(call->engine, call->account, query.market, 0, client_id);
        query.order_id = order ? order->id : -1;
    }
    for (const void *row = NULL; (row = next_amendment(call, &query, row));)
        ring[count++ % limit] = row;
    keel_json_open_array(call->out, NULL);
    for (int64_t i = count - 1; i >= 0 && i >= count - limit; i--)
        put_amendment(call, ring[i % limit]);
    keel_json_close_array(call->out);
}

static bool is_forced(const struct paper_order *order, bool liquidations, bool deleveragings)
{
    return (liquidations && order->cause == KEEL_CAUSE_LIQUIDATION) ||
           (deleveragings && order->cause == KEEL_CAUSE_DELEVERAGING);
}

void binance_get_force_orders(struct binance_call *call)
{
    enum { FORCE_ORDERS_MAX = 100 };
    struct paper_query query = {.account = call->account};
    query.market = binance_read_market(call, BINANCE_OPTIONAL);
    keel_str type = binance_read_text(call, "autoCloseType", BINANCE_OPTIONAL);
    bool liquidations = type.size == 0 || keel_str_equals(type, KEEL_STR("LIQUIDATION"));
    bool deleveragings = type.size == 0 || keel_str_equals(type, KEEL_STR("ADL"));
    if (!liquidations && !deleveragings)
        binance_refuse(call, -1130, "Data sent for parameter 'autoCloseType' is not valid.");
    binance_read_times(call, &query, 7);
    int limit = binance_read_limit(call, 50, FORCE_ORDERS_MAX);
    if (binance_refused(call))
        return;

    int count = 0;
    keel_json_open_array(call->out, NULL);
    for (const struct paper_order *order = NULL;
         count < limit && (order = paper_engine_next_order(call->engine, &query, order));) {
        if (!is_forced(order, liquidations, deleveragings))
            continue;
        binance_put_order(call->out, NULL, order, BINANCE_ORDER_QUERIED);
        count++;
    }
    keel_json_close_array(call->out);
}

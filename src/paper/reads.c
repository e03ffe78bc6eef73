/* reads.c - what the engine's books tell: markets and prices, orders, trades, incomes, accounts. */
#include "paper/book.h"
#include "paper/engine.h"
#include "paper/funding.h"
#include "paper/margin.h"
#include "paper/orders.h"
#include "paper/trigger.h"

int64_t paper_engine_market_time_ms(const struct paper_engine *engine)
{
    return engine->market_time_ms;
}

int64_t paper_engine_market_end_ms(const struct paper_engine *engine)
{
    return engine->market_end_ms;
}

int paper_engine_market_count(const struct paper_engine *engine)
{
    return engine->market_count;
}

const struct paper_instrument *paper_engine_instrument(const struct paper_engine *engine,
                                                       keel_market_id market)
{
    if (market == KEEL_NO_MARKET || market > engine->market_count)
        return NULL;
    return engine->markets[market].instrument;
}

keel_market_id paper_engine_find_market(const struct paper_engine *engine, keel_str symbol)
{
    for (keel_market_id id = 1; id <= engine->market_count; id++)
        if (keel_str_equals(symbol, keel_str_from(engine->markets[id].instrument->symbol)))
            return id;
    return KEEL_NO_MARKET;
}

static bool matches(const struct paper_query *query, int account, keel_market_id market,
                    int64_t time_ms)
{
    return (query->account == 0 || query->account == account) &&
           (query->market == KEEL_NO_MARKET || query->market == market) &&
           time_ms >= query->start_ms && (query->end_ms == 0 || time_ms <= query->end_ms);
}

/* The first index to look at of rows whose ids are in sequence. */
static int64_t first_index(int64_t from_id, int64_t first_id)
{
    return from_id > first_id ? from_id - first_id : 0;
}

const struct paper_order *paper_engine_next_order(const struct paper_engine *engine,
                                                  const struct paper_query *query,
                                                  const struct paper_order *after)
{
    int64_t i = after != NULL ? after->id - engine->first_order_id + 1
                              : first_index(query->from_id, engine->first_order_id);
    for (; i < engine->orders.count; i++) {
        const struct paper_order *order = engine->orders.rows[i];
        if (matches(query, order->account, order->market, order->create_time_ms))
            return order;
    }
    return NULL;
}

const struct paper_conditional *paper_engine_next_conditional(const struct paper_engine *engine,
                                                              const struct paper_query *query,
                                                              const struct paper_conditional *after)
{
    int64_t i = after != NULL ? after->id - engine->first_conditional_id + 1
                              : first_index(query->from_id, engine->first_conditional_id);
    for (; i < engine->conditionals.count; i++) {
        const struct paper_conditional *at = engine->conditionals.rows[i];
        if (matches(query, at->account, at->market, at->create_time_ms))
            return at;
    }
    return NULL;
}

const struct paper_trade *paper_engine_next_trade(const struct paper_engine *engine,
                                                  const struct paper_query *query,
                                                  const struct paper_trade *after)
{
    for (int64_t i = after == NULL ? 0 : after->row; i < engine->trades.count; i++) {
        const struct paper_trade *trade = engine->trades.rows[i];
        if (trade->id >= query->from_id &&
            (query->order_id == 0 || trade->order_id == query->order_id) &&
            matches(query, trade->account, trade->market, trade->time_ms))
            return trade;
    }
    return NULL;
}

const struct paper_income *paper_engine_next_income(const struct paper_engine *engine,
                                                    const struct paper_query *query,
                                                    const struct paper_income *after)
{
    int64_t i = after != NULL ? after->row : first_index(query->from_id, 1);
    for (; i < engine->incomes.count; i++) {
        const struct paper_income *income = engine->incomes.rows[i];
        if (matches(query, income->account, income->market, income->time_ms))
            return income;
    }
    return NULL;
}

const struct paper_amendment *paper_engine_next_amendment(const struct paper_engine *engine,
                                                          const struct paper_query *query,
                                                          const struct paper_amendment *after)
{
    int64_t i = after != NULL ? after->row : first_index(query->from_id, 1);
    for (; i < engine->amendments.count; i++) {
        const struct paper_amendment *amendment = engine->amendments.rows[i];
        if ((query->order_id == 0 || amendment->order_id == query->order_id) &&
            matches(query, amendment->account, amendment->market, amendment->time_ms))
            return amendment;
    }
    return NULL;
}

const struct paper_margin_change *
paper_engine_next_margin_change(const struct paper_engine *engine, const struct paper_query *query,
                                const struct paper_margin_change *after)
{
    int64_t i = after != NULL ? after->row : first_index(query->from_id, 1);
    for (; i < engine->margin_changes.count; i++) {
        const struct paper_margin_change *change = engine->margin_changes.rows[i];
        if (matches(query, change->account, change->market, change->time_ms))
            return change;
    }
    return NULL;
}

const struct paper_order *paper_engine_next_open_order(const struct paper_engine *engine,
                                                       int account, keel_market_id market,
                                                       const struct paper_order *after)
{
    const struct paper_order *order =
        after != NULL ? after->open_next : paper_trader_of(engine, account)->open_first;
    while (order != NULL && market != KEEL_NO_MARKET && order->market != market)
        order = order->open_next;
    return order;
}

const struct paper_conditional *
paper_engine_next_open_conditional(const struct paper_engine *engine, int account,
                                   keel_market_id market, const struct paper_conditional *after)
{
    struct paper_query query = {.account = account, .market = market};
    const struct paper_conditional *at = after;
    do
        at = paper_engine_next_conditional(engine, &query, at);
    while (at != NULL && at->status != PAPER_CONDITIONAL_NEW);
    return at;
}

const struct paper_order *paper_engine_find_order(const struct paper_engine *engine, int account,
                                                  keel_market_id market, int64_t id,
                                                  keel_str client_id)
{
    return paper_orders_find(engine, account, market, id, client_id);
}

const struct paper_conditional *paper_engine_find_conditional(const struct paper_engine *engine,
                                                              int account, int64_t id,
                                                              keel_str client_id)
{
    return paper_trigger_find(engine, account, id, client_id);
}

void paper_engine_get_position(const struct paper_engine *engine, int account,
                               keel_market_id market, struct paper_position *position)
{
    paper_margin_view_position(engine, account, market, KEEL_NET, position);
}

void paper_engine_get_leg(const struct paper_engine *engine, int account, keel_market_id market,
                          enum keel_position_side side, struct paper_position *position)
{
    paper_margin_view_position(engine, account, market, side, position);
}

void paper_engine_get_account(const struct paper_engine *engine, int account,
                              struct paper_account *view)
{
    paper_margin_view_account(engine, account, view);
}

void paper_engine_get_ticker(const struct paper_engine *engine, keel_market_id market,
                             struct paper_ticker *ticker)
{
    const struct paper_market *at = &engine->markets[market];
    int64_t next = paper_funding_next_ms(engine->market_time_ms);
    struct paper_level bid = {0}, ask = {0};
    (void)paper_book_depth(at, KEEL_BUY, &bid, 1);
    (void)paper_book_depth(at, KEEL_SELL, &ask, 1);
    *ticker = (struct paper_ticker){
        .market = market,
        .mark_price = at->mark,
        .last_price = at->last,
        .bid_price = bid.price,
        .bid_quantity = bid.quantity,
        .ask_price = ask.price,
        .ask_quantity = ask.quantity,
        .funding_rate = paper_funding_rate(at, next),
        .funding_ms = next - engine->market_time_ms,
        .update_id = at->update_id,
        .last_trade_id = at->trade_id,
        .time_ms = at->change_time_ms,
    };
}

int paper_engine_get_depth(const struct paper_engine *engine, keel_market_id market,
                           enum keel_side side, struct paper_level *levels, int level_max)
{
    return paper_book_depth(&engine->markets[market], side, levels, level_max);
}

int paper_engine_account_count(const struct paper_engine *engine)
{
    return engine->config.accounts;
}

/* reads.c - what the spot books tell: markets and prices, orders, trades, wallets. */
#include "paper/spot/book.h"
#include "paper/spot/orders.h"
#include "paper/spot/spot.h"
#include "paper/spot/wallet.h"

/* --- Markets -----------------------------------------------------------------------------------
 */

int paper_spot_market_count(const struct paper_spot *spot)
{
    return spot->market_count;
}

const struct paper_spot_instrument *paper_spot_market(const struct paper_spot *spot,
                                                      keel_market_id market)
{
    if (market == KEEL_NO_MARKET || market > spot->market_count)
        return NULL;
    return spot->markets[market].instrument;
}

keel_market_id paper_spot_find_market(const struct paper_spot *spot, keel_str symbol)
{
    for (int id = 1; id <= spot->market_count; id++)
        if (keel_str_equals(symbol, keel_str_from(spot->markets[id].instrument->symbol)))
            return (keel_market_id)id;
    return KEEL_NO_MARKET;
}

keel_market_id paper_spot_find_walk(const struct paper_spot *spot, keel_str walk_name)
{
    for (int id = 1; id <= spot->market_count; id++)
        if (keel_str_equals(walk_name, keel_str_from(spot->markets[id].instrument->walk_name)))
            return (keel_market_id)id;
    return KEEL_NO_MARKET;
}

static void get_top(const struct paper_spot_market *market, enum keel_side side,
                    keel_decimal *price, keel_decimal *quantity)
{
    struct paper_level level = {KEEL_DECIMAL_ZERO, KEEL_DECIMAL_ZERO};
    (void)paper_spot_book_depth(market, side, &level, 1);
    *price = level.price;
    *quantity = level.quantity;
}

void paper_spot_get_ticker(const struct paper_spot *spot, keel_market_id market,
                           struct paper_ticker *ticker)
{
    const struct paper_spot_market *at = &spot->markets[market];
    *ticker = (struct paper_ticker){.market = market,
                                    .mark_price = at->background.centre,
                                    .last_price = at->last,
                                    .funding_rate = KEEL_DECIMAL_ABSENT,
                                    .update_id = at->update_id,
                                    .last_trade_id = at->trade_id,
                                    .time_ms = at->change_time_ms};
    get_top(at, KEEL_BUY, &ticker->bid_price, &ticker->bid_quantity);
    get_top(at, KEEL_SELL, &ticker->ask_price, &ticker->ask_quantity);
}

int paper_spot_get_depth(const struct paper_spot *spot, keel_market_id market, enum keel_side side,
                         struct paper_level *levels, int level_max)
{
    return paper_spot_book_depth(&spot->markets[market], side, levels, level_max);
}

keel_decimal paper_spot_maker_fee(const struct paper_spot *spot, keel_market_id market)
{
    return keel_decimal_is_positive(spot->config.maker_fee)
               ? spot->config.maker_fee
               : spot->markets[market].instrument->maker_fee;
}

keel_decimal paper_spot_taker_fee(const struct paper_spot *spot, keel_market_id market)
{
    return keel_decimal_is_positive(spot->config.taker_fee)
               ? spot->config.taker_fee
               : spot->markets[market].instrument->taker_fee;
}

/* --- Accounts -----------------------------------------------------------------------------------
 */

/* What of a row a query looks at. */
struct facts {
    int account;
    keel_market_id market;
    paper_asset_id asset;
    int64_t id, order_id, time_ms;
};

static bool matches(const struct paper_spot_query *query, const struct facts *facts)
{
    return (query->account == 0 || facts->account == query->account) &&
           (query->market == KEEL_NO_MARKET || facts->market == query->market) &&
           (query->asset == PAPER_NO_ASSET || facts->asset == query->asset) &&
           facts->id >= query->from_id &&
           (query->order_id == 0 || facts->order_id == query->order_id) &&
           facts->time_ms >= query->start_ms &&
           (query->end_ms == 0 || facts->time_ms <= query->end_ms);
}

const struct paper_spot_order *paper_spot_next_order(const struct paper_spot *spot,
                                                     const struct paper_spot_query *query,
                                                     const struct paper_spot_order *after)
{
    for (int64_t i = after == NULL ? 0 : after->id - PAPER_SPOT_ORDER_ID_FIRST + 1;
         i < spot->orders.count; i++) {
        const struct paper_spot_order *row = spot->orders.rows[i];
        const struct facts facts = {row->account, row->market, PAPER_NO_ASSET,
                                    row->id,      row->id,     row->create_time_ms};
        if (matches(query, &facts))
            return row;
    }
    return NULL;
}

const struct paper_spot_trade *paper_spot_next_trade(const struct paper_spot *spot,
                                                     const struct paper_spot_query *query,
                                                     const struct paper_spot_trade *after)
{
    for (int64_t i = after == NULL ? 0 : after->row; i < spot->trades.count; i++) {
        const struct paper_spot_trade *row = spot->trades.rows[i];
        const struct facts facts = {row->account, row->market,   PAPER_NO_ASSET,
                                    row->id,      row->order_id, row->time_ms};
        if (matches(query, &facts))
            return row;
    }
    return NULL;
}

const struct paper_spot_amendment *
paper_spot_next_amendment(const struct paper_spot *spot, const struct paper_spot_query *query,
                          const struct paper_spot_amendment *after)
{
    for (int64_t i = after == NULL ? 0 : after->row; i < spot->amendments.count; i++) {
        const struct paper_spot_amendment *row = spot->amendments.rows[i];
        const struct facts facts = {row->account, row->market,   PAPER_NO_ASSET,
                                    row->row,     row->order_id, row->time_ms};
        if (matches(query, &facts))
            return row;
    }
    return NULL;
}

const struct paper_spot_change *paper_spot_next_change(const struct paper_spot *spot,
                                                       const struct paper_spot_query *query,
                                                       const struct paper_spot_change *after)
{
    for (int64_t i = after == NULL ? 0 : after->row; i < spot->changes.count; i++) {
        const struct paper_spot_change *row = spot->changes.rows[i];
        const struct facts facts = {row->account, KEEL_NO_MARKET, row->asset,
                                    row->row,     row->source,    row->time_ms};
        if (matches(query, &facts))
            return row;
    }
    return NULL;
}

const struct paper_withdrawal *paper_spot_next_withdrawal(const struct paper_spot *spot,
                                                          const struct paper_spot_query *query,
                                                          const struct paper_withdrawal *after)
{
    int64_t first = after == NULL ? 0 : after->id - PAPER_SPOT_WITHDRAWAL_ID_FIRST + 1;
    for (int64_t i = first; i < spot->withdrawals.count; i++) {
        const struct paper_withdrawal *row = spot->withdrawals.rows[i];
        const struct facts facts = {row->account,       KEEL_NO_MARKET, row->asset, row->id, 0,
                                    row->create_time_ms};
        if (matches(query, &facts))
            return row;
    }
    return NULL;
}

const struct paper_deposit *paper_spot_next_deposit(const struct paper_spot *spot,
                                                    const struct paper_spot_query *query,
                                                    const struct paper_deposit *after)
{
    int64_t first = after == NULL ? 0 : after->id - PAPER_SPOT_DEPOSIT_ID_FIRST + 1;
    for (int64_t i = first; i < spot->deposits.count; i++) {
        const struct paper_deposit *row = spot->deposits.rows[i];
        const struct facts facts = {row->account,       KEEL_NO_MARKET, row->asset, row->id, 0,
                                    row->create_time_ms};
        if (matches(query, &facts))
            return row;
    }
    return NULL;
}

const struct paper_transfer *paper_spot_next_transfer(const struct paper_spot *spot,
                                                      const struct paper_spot_query *query,
                                                      const struct paper_transfer *after)
{
    int64_t first = after == NULL ? 0 : after->id - PAPER_SPOT_TRANSFER_ID_FIRST + 1;
    for (int64_t i = first; i < spot->transfers.count; i++) {
        const struct paper_transfer *row = spot->transfers.rows[i];
        const struct facts facts = {row->account, KEEL_NO_MARKET, row->asset, row->id, 0,
                                    row->time_ms};
        if (matches(query, &facts))
            return row;
    }
    return NULL;
}

const struct paper_spot_order *paper_spot_next_open_order(const struct paper_spot *spot,
                                                          int account, keel_market_id market,
                                                          const struct paper_spot_order *after)
{
    const struct paper_spot_order *order =
        after == NULL ? paper_spot_trader_at(spot, account)->open_first : after->open_next;
    while (order != NULL && market != KEEL_NO_MARKET && order->market != market)
        order = order->open_next;
    return order;
}

const struct paper_spot_order *paper_spot_find_order(const struct paper_spot *spot, int account,
                                                     keel_market_id market, int64_t id,
                                                     keel_str client_id)
{
    return paper_spot_orders_find(spot, account, market, id, client_id);
}

const struct paper_withdrawal *paper_spot_find_withdrawal(const struct paper_spot *spot,
                                                          int account, int64_t id,
                                                          keel_str reference)
{
    return paper_spot_wallet_find(spot, account, id, reference);
}

void paper_spot_get_balance(const struct paper_spot *spot, int account, paper_asset_id asset,
                            struct paper_spot_balance *balance)
{
    const keel_decimal *parts = paper_spot_trader_at(spot, account)->parts[asset];
    *balance = (struct paper_spot_balance){.free = parts[PAPER_PART_FREE],
                                           .locked = parts[PAPER_PART_LOCKED],
                                           .withdrawing = parts[PAPER_PART_WITHDRAWING],
                                           .funding = parts[PAPER_PART_FUNDING]};
}

int64_t paper_spot_update_time_ms(const struct paper_spot *spot, int account)
{
    return paper_spot_trader_at(spot, account)->update_time_ms;
}

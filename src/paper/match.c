#include "paper/match.h"

#include "paper/background.h"
#include "paper/book.h"
#include "paper/events.h"
#include "paper/ledger.h"
#include "paper/orders.h"

static bool is_users(const struct paper_order *order)
{
    return order != NULL && order->account > PAPER_BACKGROUND;
}

static keel_decimal fee_rate(const struct paper_market *market, const struct paper_order *order,
                             bool maker)
{
    if (order == NULL || !is_users(order))
        return KEEL_DECIMAL_ZERO;
    /* A liquidated account pays the liquidation fee instead, unless its margin held the closing
     * fee; a deleveraged one nothing. */
    if (order->cause == KEEL_CAUSE_LIQUIDATION)
        return market->instrument->closing_fee;
    if (order->cause != KEEL_CAUSE_USER)
        return KEEL_DECIMAL_ZERO;
    return maker ? market->instrument->maker_fee : market->instrument->taker_fee;
}

static const struct paper_trade *add_trade(struct paper_engine *engine,
                                           const struct paper_fill *fill,
                                           const struct paper_order *order, bool maker,
                                           const struct paper_outcome *outcome)
{
    struct paper_trade *trade = paper_table_add(&engine->trades, sizeof(struct paper_trade));
    *trade = (struct paper_trade){
        .row = engine->trades.count,
        .id = fill->market->trade_id,
        .order_id = order->id,
        .account = order->account,
        .market = order->market,
        .side = order->side,
        .position_side = order->position_side,
        .cause = order->cause,
        .maker = maker,
        .price = fill->price,
        .quantity = fill->quantity,
        .quote = paper_times(fill->price, fill->quantity),
        .fee = outcome->fee,
        .realized_pnl = outcome->realized,
        .closed_quantity = outcome->closed_quantity,
        .time_ms = engine->now_ms,
    };
    (void)keel_str_copy(keel_str_from(order->client_id), trade->client_id, KEEL_CLIENT_ID_SIZE);
    return trade;
}

static void add_incomes(struct paper_engine *engine, const struct paper_trade *trade,
                        const struct paper_outcome *outcome)
{
    if (outcome->closed)
        (void)paper_ledger_add_income(engine, trade->account, trade->market,
                                      KEEL_INCOME_REALIZED_PNL, outcome->realized, trade->id);
    if (!keel_decimal_is_zero(outcome->fee))
        (void)paper_ledger_add_income(engine, trade->account, trade->market, KEEL_INCOME_COMMISSION,
                                      keel_decimal_neg(outcome->fee), trade->id);
}

static void tell_fill(struct paper_engine *engine, const struct paper_fill *fill,
                      const struct paper_order *order, const struct paper_trade *trade)
{
    bool users = order->cause == KEEL_CAUSE_USER;
    const struct paper_order *other = order == fill->taker ? fill->maker : fill->taker;
    bool insurance = !users && other != NULL && other->account == PAPER_FUND;
    paper_events_push_order(engine, users ? PAPER_EXECUTION_TRADE : PAPER_EXECUTION_CALCULATED,
                            order, trade, insurance);
    paper_events_note(engine, paper_trader_of(engine, order->account), PAPER_REASON_ORDER,
                      order->market);
    paper_orders_settle_parent(engine, order);
}

/* Books one side; NULL for who is no user: there is nothing to tell. */
static const struct paper_trade *book_side(struct paper_engine *engine,
                                           const struct paper_fill *fill, struct paper_order *order,
                                           enum keel_side side, bool maker)
{
    int account = order == NULL ? PAPER_BACKGROUND : order->account;
    struct paper_outcome outcome = paper_ledger_fill(
        engine, account, fill->market, order == NULL ? KEEL_NET : order->position_side, side,
        fill->price, fill->quantity, fee_rate(fill->market, order, maker));
    if (order != NULL)
        paper_orders_add_fill(engine, order, fill->price, fill->quantity);
    if (!is_users(order))
        return NULL;
    const struct paper_trade *trade = add_trade(engine, fill, order, maker, &outcome);
    add_incomes(engine, trade, &outcome);
    return trade;
}

static void tell_public(struct paper_engine *engine, const struct paper_fill *fill)
{
    struct paper_market *market = fill->market;
    market->changed = true;
    if (fill->off_book)
        return;
    market->last = fill->price;
    market->price_moved = true;
    struct paper_event *event = paper_events_push(engine, PAPER_EVENT_TRADE, 0, market->id);
    event->as.trade = (struct paper_public_trade){.id = market->trade_id,
                                                  .price = fill->price,
                                                  .quantity = fill->quantity,
                                                  .buyer_is_maker = fill->side == KEEL_SELL};
}

void paper_match_fill(struct paper_engine *engine, const struct paper_fill *fill)
{
    KEEL_ASSERT(keel_decimal_is_positive(fill->quantity));
    fill->market->trade_id++;
    const struct paper_trade *maker =
        book_side(engine, fill, fill->maker, paper_opposite(fill->side), true);
    const struct paper_trade *taker = book_side(engine, fill, fill->taker, fill->side, false);
    paper_ledger_check(engine);
    tell_public(engine, fill);
    if (maker != NULL)
        tell_fill(engine, fill, fill->maker, maker);
    if (taker != NULL)
        tell_fill(engine, fill, fill->taker, taker);
    if (maker != NULL)
        paper_orders_trim(engine, fill->maker, NULL);
    if (taker != NULL)
        paper_orders_trim(engine, fill->taker, NULL);
}

keel_decimal paper_match_quantity_bound(const struct paper_engine *engine,
                                        const struct paper_order *order)
{
    keel_decimal remaining = paper_order_remaining(order);
    if (!order->reduce_only)
        return remaining;
    keel_decimal held = paper_holding_of(paper_trader_of(engine, order->account), order->market,
                                         order->position_side)
                            ->quantity;
    keel_decimal room = order->side == KEEL_BUY ? keel_decimal_neg(held) : held;
    return keel_decimal_max(KEEL_DECIMAL_ZERO, keel_decimal_min(remaining, room));
}

/* The worst price that the order accepts. */
static keel_decimal limit_of(const struct paper_market *market, const struct paper_order *order)
{
    if (keel_decimal_is_valid(order->price))
        return order->price;
    keel_decimal away = paper_times(market->mark, market->instrument->market_take_bound);
    return order->side == KEEL_BUY ? keel_decimal_add(market->mark, away)
                                   : keel_decimal_sub(market->mark, away);
}

/* What the order would meet next: a resting order, else (NULL, with the level) the background.
 * False when nothing is within its limit. */
static bool next_maker(const struct paper_engine *engine, const struct paper_market *market,
                       const struct paper_order *order, struct paper_order **maker,
                       struct paper_level *level)
{
    enum keel_side other = paper_opposite(order->side);
    struct paper_order *first = paper_book_first(market, other);
    bool background = paper_background_level(&market->background, other, 0, level);
    *maker = NULL;
    if (first != NULL &&
        (!background || paper_book_price_reaches(other, first->price, level->price))) {
        *maker = first;
        *level = (struct paper_level){first->price, paper_match_quantity_bound(engine, first)};
    } else if (!background) {
        return false;
    }
    return paper_book_price_reaches(other, level->price, limit_of(market, order));
}

static bool prevents(const struct paper_order *taker, const struct paper_order *maker)
{
    return maker != NULL && maker->account == taker->account &&
           taker->self_trade != PAPER_SELF_TRADE_NONE;
}

/* True if the taker may go on. */
static bool prevent_self_trade(struct paper_engine *engine, struct paper_order *taker,
                               struct paper_order *maker)
{
    enum paper_self_trade mode = taker->self_trade;
    if (mode == PAPER_SELF_TRADE_EXPIRE_MAKER || mode == PAPER_SELF_TRADE_EXPIRE_BOTH)
        paper_orders_end(engine, maker, PAPER_ORDER_EXPIRED_IN_MATCH, PAPER_EXPIRY_SELF_TRADE);
    if (mode == PAPER_SELF_TRADE_EXPIRE_MAKER)
        return true;
    paper_orders_end(engine, taker, PAPER_ORDER_EXPIRED_IN_MATCH,
                     taker->time_in_force == KEEL_IOC ? PAPER_EXPIRY_IOC_SELF_TRADE
                                                      : PAPER_EXPIRY_SELF_TRADE);
    return false;
}

static void take_level(struct paper_engine *engine, struct paper_market *market,
                       struct paper_order *order, struct paper_order *maker,
                       const struct paper_level *level, keel_decimal bound)
{
    keel_decimal quantity = keel_decimal_min(bound, level->quantity);
    if (maker == NULL)
        paper_background_take(&market->background, paper_opposite(order->side), quantity);
    struct paper_fill fill = {.market = market,
                              .taker = order,
                              .maker = maker,
                              .side = order->side,
                              .price = level->price,
                              .quantity = quantity};
    paper_match_fill(engine, &fill);
}

void paper_match_take(struct paper_engine *engine, struct paper_order *order)
{
    struct paper_market *market = paper_market_of(engine, order->market);
    struct paper_order *maker;
    struct paper_level level;
    while (paper_order_is_open(order) && next_maker(engine, market, order, &maker, &level)) {
        keel_decimal bound = paper_match_quantity_bound(engine, order);
        if (!keel_decimal_is_positive(bound))
            return;
        if (prevents(order, maker)) {
            if (!prevent_self_trade(engine, order, maker))
                return;
            continue;
        }
        take_level(engine, market, order, maker, &level, bound);
    }
}

bool paper_match_can_fill(const struct paper_engine *engine, const struct paper_order *order)
{
    const struct paper_market *market = &engine->markets[order->market];
    enum keel_side other = paper_opposite(order->side);
    keel_decimal limit = limit_of(market, order);
    keel_decimal found = KEEL_DECIMAL_ZERO;
    const struct paper_order *maker = paper_book_first(market, other);
    for (; maker != NULL && paper_book_price_reaches(other, maker->price, limit);
         maker = maker->book_next)
        if (!prevents(order, maker))
            found = keel_decimal_add(found, paper_match_quantity_bound(engine, maker));
    struct paper_level level;
    for (int i = 0; paper_background_level(&market->background, other, i, &level) &&
                    paper_book_price_reaches(other, level.price, limit);
         i++)
        found = keel_decimal_add(found, level.quantity);
    return keel_decimal_compare(found, paper_match_quantity_bound(engine, order)) >= 0;
}

bool paper_match_would_take(const struct paper_engine *engine, const struct paper_order *order)
{
    const struct paper_market *market = &engine->markets[order->market];
    keel_decimal best = paper_book_best_opposite(market, order->side);
    return keel_decimal_is_valid(best) &&
           paper_book_price_reaches(paper_opposite(order->side), best, limit_of(market, order));
}

/* Of one side of accounts' orders: those that the background's best quote of the other side
 * reaches. */
static void sweep_side(struct paper_engine *engine, struct paper_market *market,
                       enum keel_side side)
{
    struct paper_level quote;
    struct paper_order *order;
    if (!paper_background_level(&market->background, paper_opposite(side), 0, &quote))
        return;
    while ((order = paper_book_first(market, side)) != NULL &&
           paper_book_price_reaches(side, order->price, quote.price)) {
        struct paper_fill fill = {.market = market,
                                  .maker = order,
                                  .side = paper_opposite(side),
                                  .price = order->price,
                                  .quantity = paper_match_quantity_bound(engine, order)};
        paper_match_fill(engine, &fill);
    }
}

void paper_match_sweep(struct paper_engine *engine, struct paper_market *market)
{
    sweep_side(engine, market, KEEL_BUY);
    sweep_side(engine, market, KEEL_SELL);
}

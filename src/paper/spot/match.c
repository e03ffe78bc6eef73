#include "paper/spot/match.h"

#include "paper/spot/book.h"
#include "paper/spot/events.h"
#include "paper/spot/ledger.h"
#include "paper/spot/orders.h"

struct fill {
    struct paper_spot_market *market;
    struct paper_spot_order *taker, *maker; /* NULL: the background */
    enum keel_side side;                    /* the taker's */
    keel_decimal price, quantity;
};

/* --- What a taker wants ------------------------------------------------------------------------
 */

/* How much more at this price, of an order that got so much already. */
static keel_decimal wanted(const struct paper_spot_instrument *instrument,
                           const struct paper_spot_order *order, keel_decimal quantity,
                           keel_decimal quote, keel_decimal price)
{
    if (!paper_spot_is_by_quote(order))
        return keel_decimal_sub(order->quantity, quantity);
    keel_decimal left = keel_decimal_sub(order->quote_quantity, quote);
    return keel_decimal_round_to_step(keel_decimal_div(left, price, KEEL_ROUND_DOWN),
                                      instrument->quantity_step, KEEL_ROUND_DOWN);
}

static bool is_within_limit(const struct paper_spot_order *order, keel_decimal price)
{
    return !paper_spot_is_limit(order->type) ||
           paper_spot_price_reaches(paper_spot_opposite(order->side), price, order->price);
}

static bool prevents(const struct paper_spot_order *taker, const struct paper_spot_order *maker)
{
    return maker != NULL && maker->account == taker->account &&
           taker->self_trade != PAPER_SELF_TRADE_NONE;
}

/* A walk along one side of the book, orders and background merged. */
struct cursor {
    const struct paper_spot_market *market;
    enum keel_side side;
    const struct paper_spot_order *order;
    int index;
};

static bool next_level(struct cursor *cursor, const struct paper_spot_order **maker,
                       struct paper_level *level)
{
    bool background =
        paper_background_level(&cursor->market->background, cursor->side, cursor->index, level);
    *maker = NULL;
    if (cursor->order != NULL &&
        (!background ||
         paper_spot_price_reaches(cursor->side, cursor->order->price, level->price))) {
        *maker = cursor->order;
        *level = (struct paper_level){cursor->order->price, paper_spot_remaining(cursor->order)};
        cursor->order = cursor->order->book_next;
        return true;
    }
    cursor->index++;
    return background;
}

struct paper_spot_estimate paper_spot_match_estimate(const struct paper_spot *spot,
                                                     const struct paper_spot_order *order)
{
    const struct paper_spot_market *market = &spot->markets[order->market];
    enum keel_side other = paper_spot_opposite(order->side);
    struct cursor cursor = {market, other, paper_spot_book_first(market, other), 0};
    struct paper_spot_estimate estimate = {order->filled_quantity, order->filled_quote, false};
    const struct paper_spot_order *maker;
    struct paper_level level;
    while (next_level(&cursor, &maker, &level) && is_within_limit(order, level.price)) {
        if (prevents(order, maker) && order->self_trade == PAPER_SELF_TRADE_EXPIRE_MAKER)
            continue;
        keel_decimal want =
            wanted(market->instrument, order, estimate.quantity, estimate.quote, level.price);
        keel_decimal take = keel_decimal_min(want, level.quantity);
        estimate.full = prevents(order, maker) || keel_decimal_compare(want, level.quantity) <= 0;
        if (prevents(order, maker) || keel_decimal_is_zero(want))
            break;
        estimate.quantity = keel_decimal_add(estimate.quantity, take);
        estimate.quote = keel_decimal_add(estimate.quote, paper_spot_times(take, level.price));
        if (estimate.full)
            break;
    }
    estimate.quantity = keel_decimal_sub(estimate.quantity, order->filled_quantity);
    estimate.quote = keel_decimal_sub(estimate.quote, order->filled_quote);
    return estimate;
}

bool paper_spot_match_would_take(const struct paper_spot *spot,
                                 const struct paper_spot_order *order)
{
    struct paper_spot_order *maker;
    struct paper_level level;
    return paper_spot_book_best(&spot->markets[order->market], paper_spot_opposite(order->side),
                                &maker, &level) &&
           is_within_limit(order, level.price);
}

/* --- A trade -----------------------------------------------------------------------------------
 */

static struct paper_purse_key purse(const struct paper_spot_order *order, enum paper_spot_part part)
{
    return order == NULL ? paper_pool_of(PAPER_POOL_BACKGROUND)
                         : paper_part_of(order->account, part);
}

static keel_decimal charge(struct paper_spot *spot, const struct fill *fill,
                           struct paper_spot_order *order, bool maker)
{
    if (order == NULL)
        return KEEL_DECIMAL_ZERO;
    paper_asset_id asset = paper_spot_received(fill->market->instrument, order->side);
    keel_decimal received =
        order->side == KEEL_BUY ? fill->quantity : paper_spot_times(fill->price, fill->quantity);
    keel_decimal rate = maker ? paper_spot_maker_fee(spot, fill->market->id)
                              : paper_spot_taker_fee(spot, fill->market->id);
    keel_decimal fee = paper_spot_cut(paper_spot_times(received, rate));
    paper_spot_ledger_move(spot, asset, fee, paper_part_of(order->account, PAPER_PART_FREE),
                           paper_pool_of(PAPER_POOL_FEES));
    order->fee = keel_decimal_add(order->fee, fee);
    return fee;
}

/* By quote it is done when what is left does not buy another step at this price. */
static bool is_filled(const struct paper_spot_instrument *instrument,
                      const struct paper_spot_order *order, keel_decimal price)
{
    return keel_decimal_is_zero(
        wanted(instrument, order, order->filled_quantity, order->filled_quote, price));
}

static void pay(struct paper_spot_order *order, keel_decimal amount)
{
    if (order != NULL)
        order->locked = keel_decimal_sub(order->locked, amount);
}

static void add_fill(struct paper_spot *spot, const struct fill *fill,
                     struct paper_spot_order *order)
{
    if (order == NULL)
        return;
    order->filled_quantity = keel_decimal_add(order->filled_quantity, fill->quantity);
    order->filled_quote =
        keel_decimal_add(order->filled_quote, paper_spot_times(fill->price, fill->quantity));
    if (paper_spot_is_by_quote(order))
        order->quantity = order->filled_quantity;
    order->update_time_ms = spot->now_ms;
    bool filled = is_filled(fill->market->instrument, order, fill->price);
    order->status = filled ? PAPER_ORDER_FILLED : PAPER_ORDER_PARTIALLY_FILLED;
    if (filled)
        paper_spot_orders_close(spot, order);
    else if (paper_spot_is_limit(order->type))
        paper_spot_orders_relock(spot, order, paper_spot_orders_lock(order));
}

static void exchange(struct paper_spot *spot, const struct fill *fill,
                     struct paper_spot_order *buyer, struct paper_spot_order *seller)
{
    const struct paper_spot_instrument *instrument = fill->market->instrument;
    keel_decimal quote = paper_spot_times(fill->price, fill->quantity);
    paper_spot_ledger_move(spot, instrument->quote, quote, purse(buyer, PAPER_PART_LOCKED),
                           purse(seller, PAPER_PART_FREE));
    paper_spot_ledger_move(spot, instrument->base, fill->quantity, purse(seller, PAPER_PART_LOCKED),
                           purse(buyer, PAPER_PART_FREE));
    pay(buyer, quote);
    pay(seller, fill->quantity);
}

static const struct paper_spot_trade *add_trade(struct paper_spot *spot, const struct fill *fill,
                                                const struct paper_spot_order *order, bool maker,
                                                keel_decimal fee)
{
    if (order == NULL)
        return NULL;
    struct paper_spot_trade *trade = paper_table_add(&spot->trades, sizeof(*trade));
    *trade = (struct paper_spot_trade){
        .row = spot->trades.count,
        .id = fill->market->trade_id,
        .order_id = order->id,
        .account = order->account,
        .market = order->market,
        .side = order->side,
        .maker = maker,
        .price = fill->price,
        .quantity = fill->quantity,
        .quote = paper_spot_times(fill->price, fill->quantity),
        .fee = fee,
        .fee_asset = paper_spot_received(fill->market->instrument, order->side),
        .time_ms = spot->now_ms,
    };
    (void)keel_str_copy(keel_str_from(order->client_id), trade->client_id, KEEL_CLIENT_ID_SIZE);
    return trade;
}

static void tell(struct paper_spot *spot, const struct paper_spot_order *order,
                 const struct paper_spot_trade *trade)
{
    if (order == NULL)
        return;
    paper_spot_events_push_order(spot, PAPER_SPOT_TRADED, order, trade);
    paper_spot_events_flush(spot, order->account, PAPER_SPOT_REASON_FILL, order->id);
}

static void tell_public(struct paper_spot *spot, const struct fill *fill)
{
    struct paper_spot_market *market = fill->market;
    market->changed = market->price_moved = true;
    market->last = fill->price;
    struct paper_spot_event *event =
        paper_spot_events_push(spot, PAPER_SPOT_EVENT_TRADE, 0, market->id);
    event->as.trade = (struct paper_public_trade){.id = market->trade_id,
                                                  .price = fill->price,
                                                  .quantity = fill->quantity,
                                                  .buyer_is_maker = fill->side == KEEL_SELL};
}

static void book(struct paper_spot *spot, const struct fill *fill)
{
    struct paper_spot_order *maker = fill->maker, *taker = fill->taker;
    KEEL_ASSERT(keel_decimal_is_positive(fill->quantity));
    fill->market->trade_id++;
    exchange(spot, fill, fill->side == KEEL_BUY ? taker : maker,
             fill->side == KEEL_BUY ? maker : taker);
    keel_decimal maker_fee = charge(spot, fill, maker, true);
    keel_decimal taker_fee = charge(spot, fill, taker, false);
    add_fill(spot, fill, maker);
    add_fill(spot, fill, taker);
    paper_spot_ledger_check(spot);
    const struct paper_spot_trade *maker_trade = add_trade(spot, fill, maker, true, maker_fee);
    const struct paper_spot_trade *taker_trade = add_trade(spot, fill, taker, false, taker_fee);
    tell_public(spot, fill);
    tell(spot, maker, maker_trade);
    tell(spot, taker, taker_trade);
}

/* --- Taking ------------------------------------------------------------------------------------
 */

static void end_prevented(struct paper_spot *spot, struct paper_spot_order *order,
                          keel_decimal quantity)
{
    order->prevented = keel_decimal_add(order->prevented, quantity);
    paper_spot_orders_end(spot, order, PAPER_ORDER_EXPIRED_IN_MATCH, PAPER_SPOT_END_SELF_TRADE);
}

static void prevent_self_trade(struct paper_spot *spot, struct paper_spot_order *taker,
                               struct paper_spot_order *maker, keel_decimal quantity)
{
    enum paper_self_trade mode = taker->self_trade;
    if (mode == PAPER_SELF_TRADE_EXPIRE_MAKER || mode == PAPER_SELF_TRADE_EXPIRE_BOTH)
        end_prevented(spot, maker, quantity);
    if (mode != PAPER_SELF_TRADE_EXPIRE_MAKER)
        end_prevented(spot, taker, quantity);
}

/* Its lock may pay for less than it wants: what is bought by base at the market's price was
 * estimated before. */
static keel_decimal affordable(const struct paper_spot_instrument *instrument,
                               const struct paper_spot_order *order, keel_decimal price,
                               keel_decimal quantity)
{
    if (order->side == KEEL_SELL)
        return keel_decimal_min(quantity, order->locked);
    keel_decimal most =
        keel_decimal_round_to_step(keel_decimal_div(order->locked, price, KEEL_ROUND_DOWN),
                                   instrument->quantity_step, KEEL_ROUND_DOWN);
    return keel_decimal_min(quantity, most);
}

static bool take_once(struct paper_spot *spot, struct paper_spot_market *market,
                      struct paper_spot_order *order)
{
    enum keel_side other = paper_spot_opposite(order->side);
    struct paper_spot_order *maker;
    struct paper_level level;
    if (!paper_spot_book_best(market, other, &maker, &level) ||
        !is_within_limit(order, level.price))
        return false;
    keel_decimal want =
        wanted(market->instrument, order, order->filled_quantity, order->filled_quote, level.price);
    keel_decimal quantity =
        affordable(market->instrument, order, level.price, keel_decimal_min(want, level.quantity));
    if (!keel_decimal_is_positive(quantity))
        return false;
    if (prevents(order, maker)) {
        prevent_self_trade(spot, order, maker, quantity);
        return true;
    }
    if (maker == NULL)
        paper_background_take(&market->background, other, quantity);
    struct fill fill = {market, order, maker, order->side, level.price, quantity};
    book(spot, &fill);
    return true;
}

void paper_spot_match_take(struct paper_spot *spot, struct paper_spot_order *order)
{
    struct paper_spot_market *market = paper_spot_market_at(spot, order->market);
    while (paper_spot_is_open(order) && take_once(spot, market, order))
        continue;
}

static void sweep_side(struct paper_spot *spot, struct paper_spot_market *market,
                       enum keel_side side)
{
    struct paper_level quote;
    struct paper_spot_order *order;
    if (!paper_background_level(&market->background, paper_spot_opposite(side), 0, &quote))
        return;
    while ((order = paper_spot_book_first(market, side)) != NULL &&
           paper_spot_price_reaches(side, order->price, quote.price)) {
        struct fill fill = {market,       NULL,
                            order,        paper_spot_opposite(side),
                            order->price, paper_spot_remaining(order)};
        book(spot, &fill);
    }
}

void paper_spot_match_sweep(struct paper_spot *spot, struct paper_spot_market *market)
{
    sweep_side(spot, market, KEEL_BUY);
    sweep_side(spot, market, KEEL_SELL);
}

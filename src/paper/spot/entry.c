#include "paper/spot/entry.h"

#include "paper/spot/book.h"
#include "paper/spot/events.h"
#include "paper/spot/match.h"
#include "paper/spot/orders.h"

/* --- Grids and limits --------------------------------------------------------------------------
 */

static bool is_outside(keel_decimal value, keel_decimal least, keel_decimal greatest)
{
    return !keel_decimal_is_positive(value) || keel_decimal_compare(value, least) < 0 ||
           keel_decimal_compare(value, greatest) > 0;
}

enum paper_spot_error paper_spot_entry_check_price(const struct paper_spot_market *market,
                                                   keel_decimal price)
{
    const struct paper_spot_instrument *instrument = market->instrument;
    if (is_outside(price, instrument->price_min, instrument->price_max))
        return PAPER_SPOT_ERROR_PRICE_RANGE;
    if (!keel_decimal_is_multiple(price, instrument->price_tick))
        return PAPER_SPOT_ERROR_PRICE_TICK;
    if (is_outside(price, paper_spot_times(market->last, instrument->price_down_ratio),
                   paper_spot_times(market->last, instrument->price_up_ratio)))
        return PAPER_SPOT_ERROR_PRICE_BAND;
    return PAPER_SPOT_OK;
}

enum paper_spot_error paper_spot_entry_check_quantity(const struct paper_spot_market *market,
                                                      keel_decimal quantity)
{
    const struct paper_spot_instrument *instrument = market->instrument;
    if (is_outside(quantity, instrument->quantity_min, instrument->quantity_max))
        return PAPER_SPOT_ERROR_QUANTITY_RANGE;
    if (!keel_decimal_is_multiple(quantity, instrument->quantity_step))
        return PAPER_SPOT_ERROR_QUANTITY_STEP;
    return PAPER_SPOT_OK;
}

enum paper_spot_error paper_spot_entry_check_notional(const struct paper_spot_market *market,
                                                      keel_decimal notional)
{
    return is_outside(notional, market->instrument->notional_min, market->instrument->notional_max)
               ? PAPER_SPOT_ERROR_NOTIONAL
               : PAPER_SPOT_OK;
}

static enum paper_spot_error check_prices(const struct paper_spot_market *market,
                                          const struct paper_spot_request *request)
{
    enum paper_spot_error error = PAPER_SPOT_OK;
    if (paper_spot_is_limit(request->type)) {
        if (!keel_decimal_is_valid(request->price))
            return PAPER_SPOT_ERROR_PRICE_REQUIRED;
        error = paper_spot_entry_check_price(market, request->price);
    }
    if (error != PAPER_SPOT_OK || !paper_spot_is_conditional(request->type))
        return error;
    if (!keel_decimal_is_valid(request->trigger_price))
        return PAPER_SPOT_ERROR_TRIGGER_REQUIRED;
    return is_outside(request->trigger_price, market->instrument->price_min,
                      market->instrument->price_max) ||
                   !keel_decimal_is_multiple(request->trigger_price, market->instrument->price_tick)
               ? PAPER_SPOT_ERROR_TRIGGER_PRICE
               : PAPER_SPOT_OK;
}

/* By quote: market orders, and those that become one and lock nothing before. */
static enum paper_spot_error check_quantities(const struct paper_spot_market *market,
                                              const struct paper_spot_request *request)
{
    bool by_quote = keel_decimal_is_valid(request->quote_quantity);
    bool by_base = keel_decimal_is_valid(request->quantity);
    bool takes_quote =
        request->type == KEEL_MARKET || (request->unfunded && !paper_spot_is_limit(request->type));
    if (by_quote && (by_base || !takes_quote))
        return PAPER_SPOT_ERROR_QUANTITY_BOTH;
    if (by_quote)
        return !keel_decimal_is_positive(request->quote_quantity) ? PAPER_SPOT_ERROR_QUANTITY_RANGE
               : keel_decimal_digits(request->quote_quantity) > 8 ? PAPER_SPOT_ERROR_QUOTE_PRECISION
                                                                  : PAPER_SPOT_OK;
    if (!by_base)
        return PAPER_SPOT_ERROR_QUANTITY_REQUIRED;
    enum paper_spot_error error = paper_spot_entry_check_quantity(market, request->quantity);
    if (error == PAPER_SPOT_OK && !paper_spot_is_limit(request->type) &&
        keel_decimal_compare(request->quantity, market->instrument->market_quantity_max) > 0)
        return PAPER_SPOT_ERROR_MARKET_QUANTITY;
    return error;
}

/* What it would come to: at its own price, else at the trigger's or the last. */
static keel_decimal notional_of(const struct paper_spot_market *market,
                                const struct paper_spot_request *request)
{
    if (keel_decimal_is_valid(request->quote_quantity))
        return request->quote_quantity;
    keel_decimal price = paper_spot_is_limit(request->type)         ? request->price
                         : paper_spot_is_conditional(request->type) ? request->trigger_price
                                                                    : market->last;
    return paper_spot_times(price, request->quantity);
}

/* --- The account's bounds ----------------------------------------------------------------------
 */

static enum paper_spot_error check_counts(const struct paper_spot *spot, int account,
                                          const struct paper_spot_market *market,
                                          const struct paper_spot_request *request)
{
    int open = 0, waiting = 0;
    const struct paper_spot_order *order = NULL;
    while ((order = paper_spot_next_open_order(spot, account, market->id, order)) != NULL) {
        open++;
        waiting += order->waiting;
    }
    if (open >= market->instrument->open_orders_max)
        return PAPER_SPOT_ERROR_OPEN_ORDERS_MAX;
    if (paper_spot_is_conditional(request->type) && waiting >= market->instrument->waiting_max)
        return PAPER_SPOT_ERROR_WAITING_MAX;
    if (request->client_id.size > 0 &&
        paper_spot_orders_find_open(spot, account, KEEL_NO_MARKET, 0, request->client_id) != NULL)
        return PAPER_SPOT_ERROR_CLIENT_ID_DUPLICATE;
    return PAPER_SPOT_OK;
}

/* --- Triggers ----------------------------------------------------------------------------------
 */

static bool is_reached(const struct paper_spot_order *order, keel_decimal last)
{
    bool stop = order->type == KEEL_STOP_LIMIT || order->type == KEEL_STOP_MARKET;
    bool rising = (order->side == KEEL_BUY) == stop;
    int where = keel_decimal_compare(last, order->trigger_price);
    return rising ? where >= 0 : where <= 0;
}

/* --- The check ---------------------------------------------------------------------------------
 */

static enum paper_spot_error check_words(const struct paper_spot_request *request)
{
    bool limit = paper_spot_is_limit(request->type);
    enum keel_time_in_force time = request->time_in_force;
    if (request->side != KEEL_BUY && request->side != KEEL_SELL)
        return PAPER_SPOT_ERROR_SIDE;
    if (!limit && request->type != KEEL_MARKET && !paper_spot_is_conditional(request->type))
        return PAPER_SPOT_ERROR_TYPE;
    bool at_once = time == KEEL_IOC || time == KEEL_FOK;
    bool known = limit ? at_once || time == KEEL_GTC || time == KEEL_GTX
                       : at_once || time == KEEL_TIME_IN_FORCE_NONE;
    if (!known)
        return PAPER_SPOT_ERROR_TIME_IN_FORCE;
    return request->client_id.size >= KEEL_CLIENT_ID_SIZE ? PAPER_SPOT_ERROR_CLIENT_ID
                                                          : PAPER_SPOT_OK;
}

static void fill_draft(const struct paper_spot_request *request, int account,
                       struct paper_spot_order *draft)
{
    bool by_quote = keel_decimal_is_valid(request->quote_quantity);
    *draft = (struct paper_spot_order){
        .account = account,
        .market = request->market,
        .side = request->side,
        .type = request->type,
        .time_in_force = request->time_in_force,
        .status = PAPER_ORDER_NEW,
        .self_trade = request->self_trade == PAPER_SELF_TRADE_DEFAULT ? PAPER_SELF_TRADE_NONE
                                                                      : request->self_trade,
        .unfunded = request->unfunded && paper_spot_is_conditional(request->type),
        .price = paper_spot_is_limit(request->type) ? request->price : KEEL_DECIMAL_ABSENT,
        .trigger_price =
            paper_spot_is_conditional(request->type) ? request->trigger_price : KEEL_DECIMAL_ABSENT,
        .quantity = by_quote ? KEEL_DECIMAL_ZERO : request->quantity,
        .quote_quantity = request->quote_quantity,
        .expire_ms = request->expire_ms,
    };
    memcpy(draft->marks, request->marks, sizeof(draft->marks));
    (void)keel_str_copy(request->client_id, draft->client_id, sizeof(draft->client_id));
}

/* What it needs when it begins to work. A market order's need follows from the book. */
static keel_decimal need_of(const struct paper_spot *spot, const struct paper_spot_order *order)
{
    bool by_quote = paper_spot_is_by_quote(order);
    if (paper_spot_is_limit(order->type) || by_quote == (order->side == KEEL_BUY))
        return paper_spot_orders_lock(order);
    struct paper_spot_estimate estimate = paper_spot_match_estimate(spot, order);
    return order->side == KEEL_BUY ? estimate.quote : estimate.quantity;
}

static bool has(const struct paper_spot *spot, const struct paper_spot_order *order,
                keel_decimal lock)
{
    paper_asset_id asset = paper_spot_paid(spot->markets[order->market].instrument, order->side);
    keel_decimal free = paper_spot_trader_at(spot, order->account)->parts[asset][PAPER_PART_FREE];
    return keel_decimal_compare(keel_decimal_add(free, order->locked), lock) >= 0;
}

static enum paper_spot_error check_market(const struct paper_spot *spot,
                                          const struct paper_spot_market *market,
                                          const struct paper_spot_request *request,
                                          const struct paper_spot_order *draft)
{
    if (paper_spot_is_conditional(draft->type))
        return is_reached(draft, market->last) ? PAPER_SPOT_ERROR_TRIGGERS_AT_ONCE : PAPER_SPOT_OK;
    if (draft->time_in_force == KEEL_GTX && paper_spot_match_would_take(spot, draft))
        return PAPER_SPOT_ERROR_POST_ONLY;
    if (draft->time_in_force == KEEL_FOK && request->strict &&
        !paper_spot_match_estimate(spot, draft).full)
        return PAPER_SPOT_ERROR_FILL_OR_KILL;
    if (paper_spot_is_by_quote(draft) &&
        keel_decimal_is_zero(paper_spot_match_estimate(spot, draft).quantity))
        return PAPER_SPOT_ERROR_QUANTITY_RANGE;
    return PAPER_SPOT_OK;
}

enum paper_spot_error paper_spot_entry_check(struct paper_spot *spot, int account,
                                             const struct paper_spot_request *request,
                                             struct paper_spot_order *draft, keel_decimal *lock)
{
    if (request->market == KEEL_NO_MARKET || request->market > spot->market_count)
        return PAPER_SPOT_ERROR_MARKET;
    const struct paper_spot_market *market = &spot->markets[request->market];
    enum paper_spot_error error = check_words(request);
    if (error == PAPER_SPOT_OK)
        error = check_prices(market, request);
    if (error == PAPER_SPOT_OK)
        error = check_quantities(market, request);
    if (error == PAPER_SPOT_OK)
        error = paper_spot_entry_check_notional(market, notional_of(market, request));
    if (error == PAPER_SPOT_OK)
        error = check_counts(spot, account, market, request);
    if (error != PAPER_SPOT_OK)
        return error;
    fill_draft(request, account, draft);
    error = check_market(spot, market, request, draft);
    if (error != PAPER_SPOT_OK)
        return error;
    *lock = draft->unfunded                          ? KEEL_DECIMAL_ZERO
            : paper_spot_is_conditional(draft->type) ? paper_spot_orders_lock(draft)
                                                     : need_of(spot, draft);
    return has(spot, draft, *lock) ? PAPER_SPOT_OK : PAPER_SPOT_ERROR_BALANCE;
}

/* --- Work --------------------------------------------------------------------------------------
 */

static void end_rest(struct paper_spot *spot, struct paper_spot_order *order)
{
    if (!paper_spot_is_limit(order->type))
        paper_spot_orders_end(spot, order, PAPER_ORDER_EXPIRED, PAPER_SPOT_END_LIQUIDITY);
    else if (order->time_in_force == KEEL_IOC || order->time_in_force == KEEL_FOK)
        paper_spot_orders_end(spot, order, PAPER_ORDER_EXPIRED, PAPER_SPOT_END_IOC);
    else
        paper_spot_book_insert(spot, order);
}

void paper_spot_entry_work(struct paper_spot *spot, struct paper_spot_order *order)
{
    order->working_time_ms = spot->now_ms;
    if (order->time_in_force == KEEL_FOK && !paper_spot_match_estimate(spot, order).full) {
        paper_spot_orders_end(spot, order, PAPER_ORDER_EXPIRED, PAPER_SPOT_END_FOK);
        return;
    }
    paper_spot_match_take(spot, order);
    if (paper_spot_is_open(order))
        end_rest(spot, order);
}

/* --- What waits --------------------------------------------------------------------------------
 */

static void fire(struct paper_spot *spot, struct paper_spot_order *order)
{
    paper_spot_orders_stop_waiting(spot, order);
    keel_decimal need = need_of(spot, order);
    if (!has(spot, order, need)) {
        paper_spot_orders_end(spot, order, PAPER_ORDER_EXPIRED, PAPER_SPOT_END_BALANCE);
        return;
    }
    if (order->time_in_force == KEEL_GTX && paper_spot_match_would_take(spot, order)) {
        paper_spot_orders_end(spot, order, PAPER_ORDER_EXPIRED, PAPER_SPOT_END_POST_ONLY);
        return;
    }
    paper_spot_orders_relock(spot, order, need);
    order->update_time_ms = order->working_time_ms = spot->now_ms;
    paper_spot_events_push_order(spot, PAPER_SPOT_TRIGGERED, order, NULL);
    paper_spot_events_flush(spot, order->account, PAPER_SPOT_REASON_ORDER_PLACED, order->id);
    paper_spot_entry_work(spot, order);
}

static struct paper_spot_order *first_reached(const struct paper_spot_market *market)
{
    struct paper_spot_order *order = market->waiting_first;
    while (order != NULL && !is_reached(order, market->last))
        order = order->book_next;
    return order;
}

bool paper_spot_entry_trigger(struct paper_spot *spot, struct paper_spot_market *market)
{
    struct paper_spot_order *order;
    bool fired = false;
    while ((order = first_reached(market)) != NULL) {
        fire(spot, order);
        fired = true;
    }
    return fired;
}

void paper_spot_entry_expire(struct paper_spot *spot)
{
    for (int id = 1; id <= spot->market_count; id++) {
        struct paper_spot_order *order = spot->markets[id].waiting_first;
        while (order != NULL) {
            struct paper_spot_order *next = order->book_next;
            if (order->expire_ms != 0 && spot->now_ms >= order->expire_ms)
                paper_spot_orders_end(spot, order, PAPER_ORDER_EXPIRED, PAPER_SPOT_END_DATE);
            order = next;
        }
    }
}

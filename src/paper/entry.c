#include "paper/entry.h"

#include "paper/book.h"
#include "paper/events.h"
#include "paper/margin.h"
#include "paper/match.h"
#include "paper/orders.h"

enum {
    CLIENT_ID_MAX = 36,
    MATCH_LEVELS_MAX = 20,
};

/* The last date that the venue takes. */
#define GOOD_TILL_MAX_MS INT64_C(253402300799000)

enum paper_error paper_entry_check_price(const struct paper_market *market, keel_decimal price)
{
    const struct paper_instrument *instrument = market->instrument;
    if (!keel_decimal_is_valid(price))
        return PAPER_ERROR_PRICE_REQUIRED;
    if (!keel_decimal_is_positive(price))
        return PAPER_ERROR_PRICE_NOT_POSITIVE;
    if (keel_decimal_digits(price) > instrument->price_precision)
        return PAPER_ERROR_PRICE_PRECISION;
    if (keel_decimal_compare(price, instrument->price_max) > 0)
        return PAPER_ERROR_PRICE_MAX;
    if (keel_decimal_compare(price, instrument->price_min) < 0)
        return PAPER_ERROR_PRICE_MIN;
    return keel_decimal_is_multiple(price, instrument->price_tick) ? PAPER_OK
                                                                   : PAPER_ERROR_PRICE_TICK;
}

enum paper_error paper_entry_check_quantity(const struct paper_market *market,
                                            keel_decimal quantity, bool market_order)
{
    const struct paper_instrument *instrument = market->instrument;
    keel_decimal maximum =
        market_order ? instrument->market_quantity_max : instrument->quantity_max;
    if (!keel_decimal_is_valid(quantity))
        return PAPER_ERROR_QUANTITY_REQUIRED;
    if (!keel_decimal_is_positive(quantity))
        return PAPER_ERROR_QUANTITY_NOT_POSITIVE;
    if (keel_decimal_digits(quantity) > instrument->quantity_precision)
        return PAPER_ERROR_QUANTITY_PRECISION;
    if (keel_decimal_compare(quantity, instrument->quantity_min) < 0)
        return PAPER_ERROR_QUANTITY_MIN;
    if (keel_decimal_compare(quantity, maximum) > 0)
        return PAPER_ERROR_QUANTITY_MAX;
    return keel_decimal_is_multiple(quantity, instrument->quantity_step)
               ? PAPER_OK
               : PAPER_ERROR_QUANTITY_STEP;
}

static bool is_client_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == ':' || c == '/' || c == '_' || c == '-';
}

enum paper_error paper_entry_check_client_id(keel_str client_id)
{
    if (client_id.size > CLIENT_ID_MAX)
        return PAPER_ERROR_CLIENT_ID;
    for (size_t i = 0; i < client_id.size; i++)
        if (!is_client_id_char(client_id.data[i]))
            return PAPER_ERROR_CLIENT_ID;
    return PAPER_OK;
}

enum paper_error paper_entry_check_good_till(const struct paper_engine *engine,
                                             enum keel_time_in_force time_in_force,
                                             int64_t good_till_ms)
{
    if (time_in_force != KEEL_GTD)
        return PAPER_OK;
    if (good_till_ms <= engine->now_ms + PAPER_GOOD_TILL_MIN_MS || good_till_ms > GOOD_TILL_MAX_MS)
        return PAPER_ERROR_GOOD_TILL;
    return PAPER_OK;
}

static int match_level(enum paper_price_match match)
{
    switch (match) {
    case PAPER_PRICE_MATCH_OPPONENT_5:
    case PAPER_PRICE_MATCH_QUEUE_5: return 5;
    case PAPER_PRICE_MATCH_OPPONENT_10:
    case PAPER_PRICE_MATCH_QUEUE_10: return 10;
    case PAPER_PRICE_MATCH_OPPONENT_20:
    case PAPER_PRICE_MATCH_QUEUE_20: return 20;
    case PAPER_PRICE_MATCH_NONE:
    case PAPER_PRICE_MATCH_OPPONENT:
    case PAPER_PRICE_MATCH_QUEUE: break;
    }
    return 1;
}

keel_decimal paper_entry_match_price(const struct paper_market *market, enum keel_side side,
                                     enum paper_price_match match)
{
    struct paper_level levels[MATCH_LEVELS_MAX];
    int wanted = match_level(match);
    enum keel_side of = match < PAPER_PRICE_MATCH_QUEUE ? paper_opposite(side) : side;
    int found = paper_book_depth(market, of, levels, wanted);
    return found < wanted ? KEEL_DECIMAL_ABSENT : levels[wanted - 1].price;
}

static enum paper_error check_band(const struct paper_engine *engine,
                                   const struct paper_market *market, enum keel_side side,
                                   keel_decimal price)
{
    bool both = engine->config.rules.price_band_both;
    const struct paper_instrument *instrument = market->instrument;
    if ((side == KEEL_BUY || both) &&
        keel_decimal_compare(price, paper_times(market->mark, instrument->price_up_ratio)) > 0)
        return PAPER_ERROR_PRICE_ABOVE_BAND;
    if ((side == KEEL_SELL || both) &&
        keel_decimal_compare(price, paper_times(market->mark, instrument->price_down_ratio)) < 0)
        return PAPER_ERROR_PRICE_BELOW_BAND;
    return PAPER_OK;
}

static enum paper_error check_shape(const struct paper_order_request *request, bool hedge_mode)
{
    bool limit = request->type == KEEL_LIMIT;
    if (request->side != KEEL_BUY && request->side != KEEL_SELL)
        return PAPER_ERROR_SIDE;
    if (!limit && request->type != KEEL_MARKET)
        return PAPER_ERROR_ORDER_TYPE;
    if (limit == (request->time_in_force == KEEL_TIME_IN_FORCE_NONE) ||
        request->time_in_force == KEEL_RPI)
        return PAPER_ERROR_TIME_IN_FORCE;
    if (hedge_mode != (request->position_side == KEEL_LONG || request->position_side == KEEL_SHORT))
        return PAPER_ERROR_POSITION_SIDE;
    if (request->price_match != PAPER_PRICE_MATCH_NONE && !limit)
        return PAPER_ERROR_PRICE_MATCH_TYPE;
    if (keel_decimal_is_valid(request->price) &&
        (!limit || request->price_match != PAPER_PRICE_MATCH_NONE))
        return PAPER_ERROR_PRICE_NOT_WANTED;
    return PAPER_OK;
}

enum keel_position_side paper_entry_leg(const struct paper_order_request *request)
{
    return request->position_side == KEEL_POSITION_SIDE_NONE ? KEEL_NET : request->position_side;
}

static struct paper_order draft_of(const struct paper_engine *engine, int account,
                                   const struct paper_order_request *request)
{
    struct paper_order draft = {
        .account = account,
        .market = request->market,
        .side = request->side,
        .position_side = paper_entry_leg(request),
        .type = request->type,
        .original_type = request->type,
        .time_in_force = request->type == KEEL_MARKET ? KEEL_GTC : request->time_in_force,
        .trigger_source = KEEL_TRIGGER_LAST,
        .self_trade = request->self_trade,
        .price_match = request->price_match,
        /* The other side of a leg can do nothing but reduce it. */
        .reduce_only =
            request->reduce_only || paper_leg_reduces(request->position_side, request->side),
        .price = request->price,
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .quantity = request->quantity,
    };
    if (draft.self_trade == PAPER_SELF_TRADE_DEFAULT)
        draft.self_trade = engine->config.rules.self_trade_allowed ? PAPER_SELF_TRADE_NONE
                                                                   : PAPER_SELF_TRADE_EXPIRE_MAKER;
    if (draft.time_in_force == KEEL_GTD)
        draft.good_till_ms = request->good_till_ms / 1000 * 1000;
    (void)keel_str_copy(request->client_id, draft.client_id, KEEL_CLIENT_ID_SIZE);
    return draft;
}

static enum paper_error check_limit_price(const struct paper_engine *engine,
                                          const struct paper_market *market,
                                          struct paper_order *draft)
{
    if (draft->price_match != PAPER_PRICE_MATCH_NONE) {
        draft->price = paper_entry_match_price(market, draft->side, draft->price_match);
        if (!keel_decimal_is_valid(draft->price))
            return PAPER_ERROR_PRICE_MATCH_DEPTH;
    }
    enum paper_error error = paper_entry_check_price(market, draft->price);
    return error != PAPER_OK ? error : check_band(engine, market, draft->side, draft->price);
}

static enum paper_error check_counter_price(const struct paper_engine *engine,
                                            const struct paper_market *market, enum keel_side side)
{
    keel_decimal best = paper_book_best_opposite(market, side);
    if (!keel_decimal_is_valid(best) || check_band(engine, market, side, best) == PAPER_OK)
        return PAPER_OK;
    return PAPER_ERROR_COUNTER_PRICE_BAND;
}

static enum paper_error check_filters(const struct paper_engine *engine, struct paper_order *draft)
{
    const struct paper_market *market = &engine->markets[draft->market];
    bool is_market = draft->type == KEEL_MARKET;
    enum paper_error error = is_market ? PAPER_OK : check_limit_price(engine, market, draft);
    if (error != PAPER_OK)
        return error;
    error = paper_entry_check_quantity(market, draft->quantity, is_market);
    if (error != PAPER_OK)
        return error;
    keel_decimal price = is_market ? market->mark : draft->price;
    if (!draft->reduce_only && keel_decimal_compare(paper_times(price, draft->quantity),
                                                    market->instrument->notional_min) < 0)
        return PAPER_ERROR_NOTIONAL_MIN;
    return is_market ? check_counter_price(engine, market, draft->side) : PAPER_OK;
}

static enum paper_error check_reduce_only(const struct paper_engine *engine,
                                          const struct paper_order *draft,
                                          const struct paper_order *instead)
{
    if (!draft->reduce_only)
        return PAPER_OK;
    keel_decimal room = paper_holding_of(paper_trader_of(engine, draft->account), draft->market,
                                         draft->position_side)
                            ->quantity;
    if (draft->side == KEEL_BUY)
        room = keel_decimal_neg(room);
    if (!keel_decimal_is_positive(room))
        return PAPER_ERROR_REDUCE_ONLY;
    const struct paper_order *other =
        paper_book_first(&engine->markets[draft->market], draft->side);
    for (; other != NULL; other = other->book_next)
        if (other->account == draft->account && other->position_side == draft->position_side &&
            other->reduce_only && other != instead && keel_decimal_is_valid(draft->price) &&
            paper_book_price_reaches(draft->side, other->price, draft->price))
            room = keel_decimal_sub(room, paper_order_remaining(other));
    if (engine->config.rules.reduce_only_is_whole &&
        keel_decimal_compare(paper_order_remaining(draft), room) > 0)
        return PAPER_ERROR_REDUCE_ONLY_EXCEEDS;
    return keel_decimal_is_positive(room) ? PAPER_OK : PAPER_ERROR_REDUCE_ONLY_CROWDED;
}

enum paper_error paper_entry_check_state(const struct paper_engine *engine,
                                         const struct paper_order *draft,
                                         const struct paper_order *instead)
{
    enum paper_error error = check_reduce_only(engine, draft, instead);
    if (error == PAPER_OK)
        error = paper_margin_check_order(engine, draft, instead);
    if (error != PAPER_OK)
        return error;
    bool refuses_taking = instead == NULL || engine->config.rules.taking_amendment_fails;
    if (draft->time_in_force == KEEL_GTX && refuses_taking && paper_match_would_take(engine, draft))
        return PAPER_ERROR_POST_ONLY;
    if (draft->time_in_force == KEEL_FOK && !paper_match_can_fill(engine, draft))
        return PAPER_ERROR_FILL_OR_KILL;
    return PAPER_OK;
}

static enum paper_error check_client_id(const struct paper_engine *engine, int account,
                                        keel_str client_id)
{
    enum paper_error error = paper_entry_check_client_id(client_id);
    if (error != PAPER_OK || client_id.size == 0 || engine->config.rules.client_id_may_repeat)
        return error;
    return paper_orders_find_open(engine, account, client_id) == NULL
               ? PAPER_OK
               : PAPER_ERROR_CLIENT_ID_DUPLICATE;
}

enum paper_error paper_entry_check(struct paper_engine *engine, int account,
                                   const struct paper_order_request *request,
                                   struct paper_order *draft)
{
    if (request->market == KEEL_NO_MARKET || request->market > engine->market_count)
        return PAPER_ERROR_SYMBOL;
    enum paper_error error = check_shape(request, paper_trader_of(engine, account)->hedge_mode);
    if (error != PAPER_OK)
        return error;
    *draft = draft_of(engine, account, request);
    error = paper_entry_check_good_till(engine, request->time_in_force, request->good_till_ms);
    if (error == PAPER_OK)
        error = check_filters(engine, draft);
    if (error != PAPER_OK)
        return error;
    const struct paper_trader *trader = paper_trader_of(engine, account);
    if (trader->settings[draft->market].open_orders >=
        engine->markets[draft->market].instrument->open_orders_max)
        return PAPER_ERROR_OPEN_ORDERS_MAX;
    error = check_client_id(engine, account, request->client_id);
    return error == PAPER_OK ? paper_entry_check_state(engine, draft, NULL) : error;
}

/* What an order that may not rest ends with. */
static enum paper_expiry expiry_of(const struct paper_engine *engine,
                                   const struct paper_order *order)
{
    if (order->reduce_only && !keel_decimal_is_positive(paper_match_quantity_bound(engine, order)))
        return PAPER_EXPIRY_REDUCE_ONLY;
    if (order->type == KEEL_MARKET)
        return PAPER_EXPIRY_MARKET;
    bool at_once = order->time_in_force == KEEL_IOC || order->time_in_force == KEEL_FOK;
    return at_once ? PAPER_EXPIRY_IOC : PAPER_EXPIRY_NONE;
}

void paper_entry_work(struct paper_engine *engine, struct paper_order *order)
{
    paper_match_take(engine, order);
    if (!paper_order_is_open(order))
        return;
    enum paper_expiry expiry = expiry_of(engine, order);
    if (expiry != PAPER_EXPIRY_NONE) {
        paper_orders_end(engine, order, PAPER_ORDER_EXPIRED, expiry);
        return;
    }
    paper_book_insert(engine, order);
    if (order->reduce_only)
        paper_orders_trim(engine, order, order);
}

static void add_amendment(struct paper_engine *engine, const struct paper_order *before,
                          const struct paper_order *after)
{
    struct paper_amendment *row =
        paper_table_add(&engine->amendments, sizeof(struct paper_amendment));
    *row = (struct paper_amendment){.row = engine->amendments.count,
                                    .order_id = after->id,
                                    .account = after->account,
                                    .market = after->market,
                                    .price_before = before->price,
                                    .price_after = after->price,
                                    .quantity_before = before->quantity,
                                    .quantity_after = after->quantity,
                                    .count = after->amendments,
                                    .modify_id = after->modify_id,
                                    .time_ms = engine->now_ms};
}

/* The venue cancels rather than leave an order without a remainder, or a post-only one that takes.
 */
static bool amendment_cancels(const struct paper_engine *engine, const struct paper_order *draft)
{
    if (keel_decimal_compare(draft->quantity, draft->filled_quantity) <= 0)
        return true;
    return draft->time_in_force == KEEL_GTX && paper_match_would_take(engine, draft);
}

static void amend(struct paper_engine *engine, struct paper_order *order,
                  const struct paper_order *draft, int64_t modify_id)
{
    struct paper_order before = *order;
    if (amendment_cancels(engine, draft)) {
        paper_orders_end(engine, order, PAPER_ORDER_CANCELED, PAPER_EXPIRY_NONE);
        return;
    }
    bool keeps_place = engine->config.rules.shrinking_keeps_place &&
                       keel_decimal_equals(draft->price, order->price) &&
                       keel_decimal_compare(draft->quantity, order->quantity) < 0;
    if (!keeps_place)
        paper_book_remove(engine, order);
    order->price = draft->price;
    order->price_match = draft->price_match;
    order->quantity = draft->quantity;
    order->modify_id = modify_id;
    order->amendments++;
    order->update_time_ms = engine->now_ms;
    add_amendment(engine, &before, order);
    paper_events_push_order(engine, PAPER_EXECUTION_AMENDMENT, order, NULL, false);
    if (keeps_place)
        paper_market_of(engine, order->market)->changed = true;
    else
        paper_entry_work(engine, order);
}

static enum paper_error check_amendment(const struct paper_order *order,
                                        const struct paper_amend_request *request)
{
    if (order->type != KEEL_LIMIT)
        return PAPER_ERROR_AMEND_TYPE;
    if (request->side != order->side)
        return PAPER_ERROR_AMEND_SIDE;
    if (request->reduce_only && !order->reduce_only)
        return PAPER_ERROR_AMEND_REDUCE_ONLY;
    if (order->amendments >= PAPER_AMENDMENTS_MAX)
        return PAPER_ERROR_AMEND_COUNT;
    if (request->price_match != PAPER_PRICE_MATCH_NONE && keel_decimal_is_valid(request->price))
        return PAPER_ERROR_PRICE_NOT_WANTED;
    return PAPER_OK;
}

enum paper_error paper_entry_amend(struct paper_engine *engine,
                                   const struct paper_amend_request *request,
                                   struct paper_order *order)
{
    enum paper_error error = check_amendment(order, request);
    if (error != PAPER_OK)
        return error;
    struct paper_order draft = *order;
    draft.price = request->price;
    draft.price_match = request->price_match;
    draft.quantity = request->quantity;
    error = check_filters(engine, &draft);
    if (error != PAPER_OK)
        return error;
    if (keel_decimal_equals(draft.price, order->price) &&
        keel_decimal_equals(draft.quantity, order->quantity))
        return PAPER_ERROR_AMEND_NOTHING;
    if (keel_decimal_compare(draft.quantity, draft.filled_quantity) > 0) {
        error = paper_entry_check_state(engine, &draft, order);
        if (error != PAPER_OK)
            return error;
    }
    amend(engine, order, &draft, request->modify_id);
    return PAPER_OK;
}

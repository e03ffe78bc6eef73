#include "paper/trigger.h"

#include "paper/entry.h"
#include "paper/events.h"
#include "paper/orders.h"

static bool is_market_type(enum keel_order_type type)
{
    return type == KEEL_STOP_MARKET || type == KEEL_TAKE_PROFIT_MARKET ||
           type == KEEL_TRAILING_STOP;
}

static bool is_stop(enum keel_order_type type)
{
    return type == KEEL_STOP_LIMIT || type == KEEL_STOP_MARKET;
}

static bool is_take_profit(enum keel_order_type type)
{
    return type == KEEL_TAKE_PROFIT_LIMIT || type == KEEL_TAKE_PROFIT_MARKET;
}

static bool is_close_type(enum keel_order_type type)
{
    return type == KEEL_STOP_MARKET || type == KEEL_TAKE_PROFIT_MARKET;
}

static keel_decimal watched_price(const struct paper_market *market,
                                  enum keel_trigger_source source)
{
    return source == KEEL_TRIGGER_MARK ? market->mark : market->last;
}

/* A stop waits for the price to go with its side, a take-profit against it. */
static bool price_triggers(enum keel_order_type type, enum keel_side side, keel_decimal price,
                           keel_decimal trigger)
{
    int order = keel_decimal_compare(price, trigger);
    bool upwards = is_stop(type) == (side == KEEL_BUY);
    return upwards ? order >= 0 : order <= 0;
}

static enum paper_error check_shape(const struct paper_order_request *request, bool hedge_mode)
{
    if (request->side != KEEL_BUY && request->side != KEEL_SELL)
        return PAPER_ERROR_SIDE;
    if (!is_stop(request->type) && !is_take_profit(request->type) &&
        request->type != KEEL_TRAILING_STOP)
        return PAPER_ERROR_ORDER_TYPE;
    if (request->time_in_force == KEEL_RPI)
        return PAPER_ERROR_TIME_IN_FORCE;
    if (hedge_mode != (request->position_side == KEEL_LONG || request->position_side == KEEL_SHORT))
        return PAPER_ERROR_POSITION_SIDE;
    if (request->price_match != PAPER_PRICE_MATCH_NONE && is_market_type(request->type))
        return PAPER_ERROR_PRICE_MATCH_TYPE;
    if (keel_decimal_is_valid(request->price) &&
        (is_market_type(request->type) || request->price_match != PAPER_PRICE_MATCH_NONE))
        return PAPER_ERROR_PRICE_NOT_WANTED;
    return PAPER_OK;
}

static enum paper_error check_close(const struct paper_order_request *request)
{
    if (!request->close_position)
        return PAPER_OK;
    if (!is_close_type(request->type))
        return PAPER_ERROR_CLOSE_TYPE;
    if (keel_decimal_is_valid(request->quantity) && !keel_decimal_is_zero(request->quantity))
        return PAPER_ERROR_CLOSE_QUANTITY;
    return request->reduce_only ? PAPER_ERROR_CLOSE_REDUCE_ONLY : PAPER_OK;
}

static enum paper_error check_trailing(const struct paper_market *market,
                                       const struct paper_order_request *request)
{
    const keel_decimal least = keel_decimal_from_text("0.1"), most = keel_decimal_from_int(20);
    if (!keel_decimal_is_valid(request->callback_rate) ||
        keel_decimal_compare(request->callback_rate, least) < 0 ||
        keel_decimal_compare(request->callback_rate, most) > 0)
        return PAPER_ERROR_CALLBACK_RATE;
    if (!keel_decimal_is_valid(request->activation_price))
        return PAPER_OK;
    if (paper_entry_check_price(market, request->activation_price) != PAPER_OK)
        return PAPER_ERROR_ACTIVATION_PRICE;
    int order = keel_decimal_compare(request->activation_price,
                                     watched_price(market, request->trigger_source));
    bool ahead = request->side == KEEL_BUY ? order < 0 : order > 0;
    return ahead ? PAPER_OK : PAPER_ERROR_TRIGGERS_AT_ONCE;
}

static enum paper_error check_trigger_grid(const struct paper_market *market,
                                           keel_decimal trigger_price)
{
    if (!keel_decimal_is_positive(trigger_price))
        return PAPER_ERROR_TRIGGER_PRICE;
    return paper_entry_check_price(market, trigger_price);
}

static enum paper_error check_present_price(const struct paper_market *market,
                                            const struct paper_order_request *request)
{
    if (request->type == KEEL_TRAILING_STOP)
        return check_trailing(market, request);
    bool at_once =
        price_triggers(request->type, request->side, watched_price(market, request->trigger_source),
                       request->trigger_price);
    return at_once ? PAPER_ERROR_TRIGGERS_AT_ONCE : PAPER_OK;
}

static enum paper_error check_notional(const struct paper_market *market,
                                       const struct paper_order_request *request)
{
    keel_decimal price = request->price;
    if (request->reduce_only || request->close_position)
        return PAPER_OK;
    if (!keel_decimal_is_valid(price))
        price = request->type == KEEL_TRAILING_STOP ? market->mark : request->trigger_price;
    return keel_decimal_compare(paper_times(price, request->quantity),
                                market->instrument->notional_min) < 0
               ? PAPER_ERROR_NOTIONAL_MIN
               : PAPER_OK;
}

static enum paper_error check_filters(const struct paper_market *market,
                                      const struct paper_order_request *request)
{
    bool market_type = is_market_type(request->type);
    enum paper_error error = PAPER_OK;
    if (!market_type && request->price_match == PAPER_PRICE_MATCH_NONE)
        error = paper_entry_check_price(market, request->price);
    if (error == PAPER_OK && !request->close_position)
        error = paper_entry_check_quantity(market, request->quantity, market_type);
    if (error == PAPER_OK && request->type != KEEL_TRAILING_STOP)
        error = check_trigger_grid(market, request->trigger_price);
    return error == PAPER_OK ? check_notional(market, request) : error;
}

static struct paper_conditional *find_open(const struct paper_engine *engine, int account,
                                           keel_str client_id)
{
    for (int id = 1; id <= engine->market_count; id++) {
        struct paper_conditional *at = engine->markets[id].conditionals_first;
        for (; at != NULL; at = at->open_next)
            if (at->account == account && keel_str_equals(keel_str_from(at->client_id), client_id))
                return at;
    }
    return NULL;
}

static bool has_close(const struct paper_market *market, int account,
                      const struct paper_order_request *request,
                      const struct paper_conditional *instead)
{
    const struct paper_conditional *at = market->conditionals_first;
    for (; at != NULL; at = at->open_next)
        if (at != instead && at->account == account && at->close_position &&
            at->side == request->side && at->type == request->type &&
            at->position_side == paper_entry_leg(request))
            return true;
    return false;
}

static enum paper_error check_state(const struct paper_engine *engine,
                                    const struct paper_market *market, int account,
                                    const struct paper_order_request *request,
                                    const struct paper_conditional *instead)
{
    if (instead == NULL &&
        paper_trader_of(engine, account)->open_conditionals >= market->instrument->conditional_max)
        return PAPER_ERROR_CONDITIONAL_MAX;
    enum paper_error error = paper_entry_check_client_id(request->client_id);
    if (error != PAPER_OK)
        return error;
    if (request->client_id.size > 0 && !engine->config.rules.client_id_may_repeat &&
        find_open(engine, account, request->client_id) != NULL)
        return PAPER_ERROR_CLIENT_ID_DUPLICATE;
    if (request->close_position && has_close(market, account, request, instead))
        return PAPER_ERROR_CLOSE_DUPLICATE;
    return check_present_price(market, request);
}

/* `instead` is the order that is changed; NULL for a new one. */
static enum paper_error check(const struct paper_engine *engine, int account,
                              const struct paper_order_request *request,
                              const struct paper_conditional *instead)
{
    if (request->market == KEEL_NO_MARKET || request->market > engine->market_count)
        return PAPER_ERROR_SYMBOL;
    const struct paper_market *market = &engine->markets[request->market];
    enum paper_error error = check_shape(request, paper_trader_of(engine, account)->hedge_mode);
    if (error == PAPER_OK)
        error = check_close(request);
    if (error == PAPER_OK)
        error = paper_entry_check_good_till(engine, request->time_in_force, request->good_till_ms);
    if (error == PAPER_OK)
        error = check_filters(market, request);
    return error == PAPER_OK ? check_state(engine, market, account, request, instead) : error;
}

static void link_open(struct paper_engine *engine, struct paper_conditional *conditional)
{
    struct paper_market *market = paper_market_of(engine, conditional->market);
    conditional->open_previous = market->conditionals_last;
    if (market->conditionals_last != NULL)
        market->conditionals_last->open_next = conditional;
    else
        market->conditionals_first = conditional;
    market->conditionals_last = conditional;
    paper_trader_of(engine, conditional->account)->open_conditionals++;
}

static void unlink_open(struct paper_engine *engine, struct paper_conditional *conditional)
{
    struct paper_market *market = paper_market_of(engine, conditional->market);
    if (conditional->open_previous != NULL)
        conditional->open_previous->open_next = conditional->open_next;
    else
        market->conditionals_first = conditional->open_next;
    if (conditional->open_next != NULL)
        conditional->open_next->open_previous = conditional->open_previous;
    else
        market->conditionals_last = conditional->open_previous;
    conditional->open_previous = conditional->open_next = NULL;
    paper_trader_of(engine, conditional->account)->open_conditionals--;
}

static void fill_in(struct paper_conditional *conditional, int account,
                    const struct paper_order_request *request)
{
    conditional->account = account;
    conditional->market = request->market;
    conditional->side = request->side;
    conditional->position_side = paper_entry_leg(request);
    conditional->type = request->type;
    conditional->time_in_force = request->time_in_force;
    conditional->trigger_source = request->trigger_source;
    conditional->self_trade = request->self_trade;
    conditional->price_match = request->price_match;
    conditional->reduce_only = request->reduce_only;
    conditional->close_position = request->close_position;
    conditional->price_protect = request->price_protect;
    conditional->quantity = request->close_position ? KEEL_DECIMAL_ZERO : request->quantity;
    conditional->price = request->price;
    conditional->trigger_price = request->trigger_price;
    conditional->activation_price = request->activation_price;
    conditional->callback_rate = request->callback_rate;
    conditional->extreme = KEEL_DECIMAL_ABSENT;
    conditional->expires_ms = request->expires_ms;
    if (conditional->time_in_force == KEEL_TIME_IN_FORCE_NONE)
        conditional->time_in_force = KEEL_GTC;
    if (conditional->trigger_source == KEEL_TRIGGER_SOURCE_NONE)
        conditional->trigger_source = KEEL_TRIGGER_LAST;
    if (conditional->time_in_force == KEEL_GTD)
        conditional->good_till_ms = request->good_till_ms / 1000 * 1000;
}

static void activate(const struct paper_market *market, struct paper_conditional *conditional)
{
    conditional->activated = true;
    conditional->extreme = watched_price(market, conditional->trigger_source);
}

enum paper_error paper_trigger_place(struct paper_engine *engine, int account,
                                     const struct paper_order_request *request,
                                     const struct paper_conditional **result)
{
    enum paper_error error = check(engine, account, request, NULL);
    if (error != PAPER_OK)
        return error;
    struct paper_conditional *conditional =
        paper_table_add(&engine->conditionals, sizeof(struct paper_conditional));
    fill_in(conditional, account, request);
    if (conditional->self_trade == PAPER_SELF_TRADE_DEFAULT)
        conditional->self_trade = engine->config.rules.self_trade_allowed
                                      ? PAPER_SELF_TRADE_NONE
                                      : PAPER_SELF_TRADE_EXPIRE_MAKER;
    conditional->id = engine->next_conditional_id++;
    conditional->status = PAPER_CONDITIONAL_NEW;
    conditional->create_time_ms = conditional->update_time_ms = engine->now_ms;
    if (request->client_id.size == 0)
        paper_orders_make_client_id(engine, conditional->client_id);
    else
        (void)keel_str_copy(request->client_id, conditional->client_id, KEEL_CLIENT_ID_SIZE);
    if (conditional->type == KEEL_TRAILING_STOP &&
        !keel_decimal_is_valid(conditional->activation_price))
        activate(paper_market_of(engine, conditional->market), conditional);
    link_open(engine, conditional);
    paper_events_push_conditional(engine, conditional);
    *result = conditional;
    return PAPER_OK;
}

enum paper_error paper_trigger_amend(struct paper_engine *engine,
                                     struct paper_conditional *conditional,
                                     const struct paper_order_request *request)
{
    enum paper_error error = check(engine, conditional->account, request, conditional);
    if (error != PAPER_OK)
        return error;
    enum paper_self_trade self_trade = conditional->self_trade;
    fill_in(conditional, conditional->account, request);
    conditional->self_trade = self_trade;
    conditional->update_time_ms = engine->now_ms;
    paper_events_push_conditional(engine, conditional);
    return PAPER_OK;
}

void paper_trigger_end(struct paper_engine *engine, struct paper_conditional *conditional,
                       enum paper_conditional_status status)
{
    unlink_open(engine, conditional);
    conditional->status = status;
    conditional->update_time_ms = engine->now_ms;
    paper_events_push_conditional(engine, conditional);
}

static int end_market(struct paper_engine *engine, struct paper_market *market, int account,
                      enum paper_conditional_status status)
{
    int count = 0;
    struct paper_conditional *at = market->conditionals_first;
    while (at != NULL) {
        struct paper_conditional *next = at->open_next;
        if (at->account == account) {
            paper_trigger_end(engine, at, status);
            count++;
        }
        at = next;
    }
    return count;
}

int paper_trigger_end_all(struct paper_engine *engine, int account, keel_market_id market,
                          enum paper_conditional_status status)
{
    int count = 0;
    for (int id = 1; id <= engine->market_count; id++)
        if (market == KEEL_NO_MARKET || market == id)
            count += end_market(engine, &engine->markets[id], account, status);
    return count;
}

void paper_trigger_expire(struct paper_engine *engine)
{
    for (int id = 1; id <= engine->market_count; id++) {
        struct paper_conditional *at = engine->markets[id].conditionals_first;
        while (at != NULL) {
            struct paper_conditional *next = at->open_next;
            int64_t end_ms = at->good_till_ms != 0 ? at->good_till_ms : at->expires_ms;
            if (end_ms != 0 && engine->now_ms >= end_ms)
                paper_trigger_end(engine, at, PAPER_CONDITIONAL_EXPIRED);
            at = next;
        }
    }
}

/* Follows the price; true when it has come back from its extreme by the callback rate. */
static bool trail(struct paper_engine *engine, const struct paper_market *market,
                  struct paper_conditional *conditional, keel_decimal price)
{
    enum keel_side side = conditional->side;
    if (!conditional->activated) {
        int order = keel_decimal_compare(price, conditional->activation_price);
        if (side == KEEL_BUY ? order > 0 : order < 0)
            return false;
        activate(market, conditional);
        conditional->update_time_ms = engine->now_ms;
        paper_events_push_conditional(engine, conditional);
    }
    conditional->extreme = side == KEEL_BUY ? keel_decimal_min(conditional->extreme, price)
                                            : keel_decimal_max(conditional->extreme, price);
    keel_decimal back = keel_decimal_mul_div(conditional->extreme, conditional->callback_rate,
                                             keel_decimal_from_int(100), KEEL_ROUND_HALF_EVEN);
    if (side == KEEL_BUY)
        return keel_decimal_compare(price, keel_decimal_add(conditional->extreme, back)) >= 0;
    return keel_decimal_compare(price, keel_decimal_sub(conditional->extreme, back)) <= 0;
}

static bool is_protected(const struct paper_market *market,
                         const struct paper_conditional *conditional)
{
    if (!conditional->price_protect)
        return false;
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(market->mark, market->last));
    return keel_decimal_compare(gap,
                                paper_times(market->last, market->instrument->trigger_protect)) > 0;
}

static bool fires(struct paper_engine *engine, const struct paper_market *market,
                  struct paper_conditional *conditional)
{
    keel_decimal price = watched_price(market, conditional->trigger_source);
    bool met = conditional->type == KEEL_TRAILING_STOP
                   ? trail(engine, market, conditional, price)
                   : price_triggers(conditional->type, conditional->side, price,
                                    conditional->trigger_price);
    return met && !is_protected(market, conditional);
}

static struct paper_order child_of(const struct paper_conditional *parent)
{
    bool market_type = is_market_type(parent->type);
    struct paper_order draft = {
        .conditional_id = parent->id,
        .account = parent->account,
        .market = parent->market,
        .side = parent->side,
        .position_side = parent->position_side,
        .type = market_type ? KEEL_MARKET : KEEL_LIMIT,
        .original_type = parent->type,
        .time_in_force = market_type ? KEEL_GTC : parent->time_in_force,
        .trigger_source = parent->trigger_source,
        .self_trade = parent->self_trade,
        .price_match = parent->price_match,
        /* What closes a position never opens one: the engine treats it as reduce-only. */
        .reduce_only = parent->reduce_only || parent->close_position ||
                       paper_leg_reduces(parent->position_side, parent->side),
        .close_position = parent->close_position,
        .price_protect = parent->price_protect,
        .price = parent->price,
        .trigger_price = parent->trigger_price,
        .quantity = parent->quantity,
        .good_till_ms = parent->good_till_ms,
    };
    (void)keel_str_copy(keel_str_from(parent->client_id), draft.client_id, KEEL_CLIENT_ID_SIZE);
    return draft;
}

static void reject(struct paper_engine *engine, struct paper_conditional *parent,
                   enum paper_error error)
{
    parent->status = PAPER_CONDITIONAL_REJECTED;
    parent->reject = error;
    paper_events_push_conditional(engine, parent);
}

/* What a close-position order closes; not positive when there is nothing left for it. */
static keel_decimal closable(const struct paper_engine *engine, const struct paper_order *draft)
{
    keel_decimal held = paper_holding_of(paper_trader_of(engine, draft->account), draft->market,
                                         draft->position_side)
                            ->quantity;
    return draft->side == KEEL_BUY ? keel_decimal_neg(held) : held;
}

static enum paper_error check_child(const struct paper_engine *engine, struct paper_order *draft)
{
    if (draft->price_match != PAPER_PRICE_MATCH_NONE) {
        draft->price = paper_entry_match_price(&engine->markets[draft->market], draft->side,
                                               draft->price_match);
        if (!keel_decimal_is_valid(draft->price))
            return PAPER_ERROR_PRICE_MATCH_DEPTH;
    }
    return paper_entry_check_state(engine, draft, NULL);
}

static void fire(struct paper_engine *engine, struct paper_conditional *parent)
{
    unlink_open(engine, parent);
    parent->status = PAPER_CONDITIONAL_TRIGGERING;
    parent->trigger_time_ms = parent->update_time_ms = engine->now_ms;
    paper_events_push_conditional(engine, parent);

    struct paper_order draft = child_of(parent);
    if (parent->close_position) {
        draft.quantity = closable(engine, &draft);
        if (!keel_decimal_is_positive(draft.quantity)) {
            parent->status = PAPER_CONDITIONAL_EXPIRED;
            paper_events_push_conditional(engine, parent);
            return;
        }
    }
    enum paper_error error = check_child(engine, &draft);
    if (error != PAPER_OK) {
        reject(engine, parent, error);
        return;
    }
    struct paper_order *child = paper_orders_accept(engine, &draft);
    parent->child_id = child->id;
    parent->status = PAPER_CONDITIONAL_TRIGGERED;
    paper_events_push_conditional(engine, parent);
    paper_entry_work(engine, child);
}

bool paper_trigger_run(struct paper_engine *engine, struct paper_market *market)
{
    bool any = false;
    struct paper_conditional *at = market->conditionals_first;
    while (at != NULL) {
        if (!fires(engine, market, at)) {
            at = at->open_next;
            continue;
        }
        fire(engine, at);
        any = true;
        /* Its fill may have moved the last price, ended others, or both. */
        at = market->conditionals_first;
    }
    return any;
}

struct paper_conditional *paper_trigger_find(const struct paper_engine *engine, int account,
                                             int64_t id, keel_str client_id)
{
    for (int64_t i = engine->conditionals.count - 1; i >= 0; i--) {
        if (id != 0)
            i = id - engine->first_conditional_id;
        if (i < 0 || i >= engine->conditionals.count)
            return NULL;
        struct paper_conditional *at = engine->conditionals.rows[i];
        if (at->account == account &&
            (id != 0 || keel_str_equals(keel_str_from(at->client_id), client_id)))
            return at;
        if (id != 0)
            return NULL;
    }
    return NULL;
}

#include "paper/binance/endpoints.h"
#include "paper/binance/render.h"
#include "paper/binance/words.h"

enum {
    BATCH_ORDERS_MAX = 5,
    BATCH_CANCELS_MAX = 10,
};

/* --- One order ---------------------------------------------------------------------------------
 */

static void refuse_word(struct binance_call *call, int code, const char *text)
{
    binance_refuse(call, code, "%s", text);
}

static enum keel_side read_side(struct binance_call *call)
{
    keel_str word = binance_read_text(call, "side", BINANCE_MANDATORY);
    enum keel_side side = binance_read_side(word);
    if (word.size > 0 && side == KEEL_SIDE_NONE)
        refuse_word(call, -1117, "Invalid side.");
    return side;
}

static enum keel_order_type read_type(struct binance_call *call)
{
    keel_str word = binance_read_text(call, "type", BINANCE_MANDATORY);
    enum keel_order_type type = binance_read_order_type(word);
    if (word.size > 0 && type == KEEL_ORDER_TYPE_NONE)
        refuse_word(call, -1116, "Invalid orderType.");
    return type;
}

static enum keel_position_side read_position_side(struct binance_call *call)
{
    keel_str word = binance_read_text(call, "positionSide", BINANCE_OPTIONAL);
    if (word.size == 0)
        return KEEL_NET;
    enum keel_position_side side = binance_read_position_side(word);
    if (side == KEEL_POSITION_SIDE_NONE)
        refuse_word(call, -4060, "Invalid position side.");
    return side;
}

static enum keel_time_in_force read_time_in_force(struct binance_call *call, enum binance_need need)
{
    keel_str word = binance_read_text(call, "timeInForce", need);
    enum keel_time_in_force time = binance_read_time_in_force(word);
    if (word.size > 0 && time == KEEL_TIME_IN_FORCE_NONE)
        refuse_word(call, -1115, "Invalid timeInForce.");
    return time;
}

static enum paper_price_match read_price_match(struct binance_call *call)
{
    keel_str word = binance_read_text(call, "priceMatch", BINANCE_OPTIONAL);
    int match = word.size > 0 ? binance_read_price_match(word) : PAPER_PRICE_MATCH_NONE;
    if (match < 0)
        refuse_word(call, -5037, "Invalid price match");
    return match < 0 ? PAPER_PRICE_MATCH_NONE : (enum paper_price_match)match;
}

static enum paper_self_trade read_self_trade(struct binance_call *call)
{
    keel_str word = binance_read_text(call, "selfTradePreventionMode", BINANCE_OPTIONAL);
    enum paper_self_trade mode = binance_read_self_trade(word);
    if (word.size > 0 && mode == PAPER_SELF_TRADE_DEFAULT)
        refuse_word(call, -5039, "Invalid self trade prevention mode");
    return mode;
}

static enum keel_trigger_source read_working_type(struct binance_call *call)
{
    keel_str word = binance_read_text(call, "workingType", BINANCE_OPTIONAL);
    enum keel_trigger_source source = binance_read_working_type(word);
    if (word.size > 0 && source == KEEL_TRIGGER_SOURCE_NONE)
        binance_refuse(call, -4031, "Invalid parameter working type: %.*s", KEEL_STR_ARGS(word));
    return source;
}

/* ACK shows the order as it was accepted, RESULT as it stands. */
static bool read_wants_result(struct binance_call *call)
{
    keel_str word = binance_read_text(call, "newOrderRespType", BINANCE_OPTIONAL);
    bool result = keel_str_equals(word, KEEL_STR("RESULT"));
    if (word.size > 0 && !result && !keel_str_equals(word, KEEL_STR("ACK")))
        refuse_word(call, -1136, "Invalid newOrderRespType.");
    return result;
}

void binance_read_order_request(struct binance_call *call, struct paper_order_request *request)
{
    *request = paper_order_request_init();
    request->market = binance_read_market(call, BINANCE_MANDATORY);
    request->side = read_side(call);
    request->type = read_type(call);
    request->position_side = read_position_side(call);
    request->trigger_source = read_working_type(call);
    request->self_trade = read_self_trade(call);
    request->price_match = read_price_match(call);
    request->reduce_only = binance_read_bool(call, "reduceOnly", BINANCE_OPTIONAL);
    request->close_position = binance_read_bool(call, "closePosition", BINANCE_OPTIONAL);
    request->price_protect = binance_read_bool(call, "priceProtect", BINANCE_OPTIONAL);
    request->good_till_ms = binance_read_int(call, "goodTillDate", BINANCE_OPTIONAL);
    request->quantity = binance_read_decimal(call, "quantity", BINANCE_OPTIONAL);
    request->price = binance_read_decimal(call, "price", BINANCE_OPTIONAL);
    request->time_in_force = read_time_in_force(call, BINANCE_OPTIONAL);
}

static void need(struct binance_call *call, const char *name)
{
    binance_read_text(call, name, BINANCE_MANDATORY);
}

static void must_not_have(struct binance_call *call, const char *name)
{
    const keel_str *value = binance_params_find(call->params, name);
    if (value && value->size > 0)
        binance_refuse(call, -1106, "Parameter '%s' sent when not required.", name);
}

static void check_limit_shape(struct binance_call *call, const struct paper_order_request *request)
{
    need(call, "timeInForce");
    need(call, "quantity");
    if (request->price_match == PAPER_PRICE_MATCH_NONE)
        need(call, "price");
    else
        must_not_have(call, "price");
    if (request->time_in_force == KEEL_GTD)
        need(call, "goodTillDate");
}

static void check_market_shape(struct binance_call *call)
{
    need(call, "quantity");
    must_not_have(call, "timeInForce");
    must_not_have(call, "price");
}

/* What each type must and must not have; conditional types have an endpoint of their own. */
static void check_shape(struct binance_call *call, const struct paper_order_request *request)
{
    if (binance_refused(call))
        return;
    if (request->type != KEEL_LIMIT && request->type != KEEL_MARKET) {
        binance_refuse(call, -4120,
                       "Order type not supported for this endpoint. Please use the Algo Order API "
                       "endpoints instead.");
        return;
    }
    if (request->type == KEEL_LIMIT)
        check_limit_shape(call, request);
    else
        check_market_shape(call);
    struct paper_account account;
    paper_engine_get_account(call->engine, call->account, &account);
    if (account.hedge_mode)
        must_not_have(call, "reduceOnly");
    must_not_have(call, "stopPrice");
    must_not_have(call, "activationPrice");
    must_not_have(call, "callbackRate");
}

static bool ends_at_once(const struct paper_order *order)
{
    return order->type == KEEL_MARKET || order->time_in_force == KEEL_IOC ||
           order->time_in_force == KEEL_FOK;
}

static void put_placed(struct binance_call *call, const struct paper_order *order, bool result)
{
    struct paper_order accepted = paper_order_as_accepted(order);
    bool final = result && ends_at_once(order);
    binance_put_order(call->out, NULL, final ? order : &accepted, BINANCE_ORDER_PLACED);
}

/* An order that is only tested is shown as if it had been accepted. */
static void put_tested(struct binance_call *call, const struct paper_order_request *request)
{
    struct paper_order order = {
        .market = request->market,
        .side = request->side,
        .position_side = request->position_side,
        .type = request->type,
        .original_type = request->type,
        .time_in_force = request->time_in_force,
        .status = PAPER_ORDER_NEW,
        .trigger_source = request->trigger_source,
        .self_trade = request->self_trade,
        .price_match = request->price_match,
        .reduce_only = request->reduce_only,
        .price = request->price,
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .quantity = request->quantity,
        .good_till_ms = request->good_till_ms,
        .update_time_ms = call->now_ms,
    };
    (void)keel_str_copy(request->client_id, order.client_id, sizeof(order.client_id));
    binance_put_order(call->out, NULL, &order, BINANCE_ORDER_PLACED);
}

static void place(struct binance_call *call, bool test)
{
    struct paper_order_request request;
    const struct paper_order *order = NULL;

    binance_read_order_request(call, &request);
    request.client_id = binance_read_text(call, "newClientOrderId", BINANCE_OPTIONAL);
    bool result = read_wants_result(call);
    check_shape(call, &request);
    if (binance_refused(call))
        return;
    enum paper_error error =
        paper_engine_place_order(call->engine, call->now_ms, call->account, &request, test, &order);
    binance_refuse_engine(call, error, request.market, 0);
    if (binance_refused(call))
        return;
    if (test)
        put_tested(call, &request);
    else
        put_placed(call, order, result);
}

void binance_place_order(struct binance_call *call)
{
    place(call, false);
}

void binance_test_order(struct binance_call *call)
{
    place(call, true);
}

void binance_modify_order(struct binance_call *call)
{
    struct paper_amend_request request = {.price = KEEL_DECIMAL_ABSENT};
    const struct paper_order *order = NULL;

    request.market = binance_read_market(call, BINANCE_MANDATORY);
    request.side = read_side(call);
    binance_read_order_key(call, "orderId", "origClientOrderId", &request.order_id,
                           &request.client_id);
    request.quantity = binance_read_decimal(call, "quantity", BINANCE_MANDATORY);
    request.price_match = read_price_match(call);
    if (request.price_match == PAPER_PRICE_MATCH_NONE)
        request.price = binance_read_decimal(call, "price", BINANCE_MANDATORY);
    else
        must_not_have(call, "price");
    request.reduce_only = binance_read_bool(call, "reduceOnly", BINANCE_OPTIONAL);
    request.modify_id = binance_read_int(call, "modifyId", BINANCE_OPTIONAL);
    if (binance_refused(call))
        return;

    enum paper_error error =
        paper_engine_amend_order(call->engine, call->now_ms, call->account, &request, &order);
    binance_refuse_engine(call, error, request.market, -2013);
    if (!binance_refused(call))
        binance_put_order(call->out, NULL, order, BINANCE_ORDER_PLACED);
}

static void cancel(struct binance_call *call, keel_market_id market, int64_t id, keel_str client_id)
{
    const struct paper_order *order = NULL;
    enum paper_error error = paper_engine_cancel_order(call->engine, call->now_ms, call->account,
                                                       market, id, client_id, &order);
    binance_refuse_engine(call, error, market, -2011);
    if (!binance_refused(call))
        binance_put_order(call->out, NULL, order, BINANCE_ORDER_CANCELED);
}

void binance_cancel_order(struct binance_call *call)
{
    int64_t id;
    keel_str client_id;
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    binance_read_order_key(call, "orderId", "origClientOrderId", &id, &client_id);
    if (!binance_refused(call))
        cancel(call, market, id, client_id);
}

void binance_cancel_all_orders(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    if (binance_refused(call))
        return;
    paper_engine_cancel_all(call->engine, call->now_ms, call->account, market);
    binance_put_success(call->out, "The operation of cancel all open order is done.");
}

void binance_set_countdown(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    int64_t countdown_ms = binance_read_int(call, "countdownTime", BINANCE_MANDATORY);
    if (binance_refused(call))
        return;
    paper_engine_set_countdown(call->engine, call->now_ms, call->account, market, countdown_ms);
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "symbol", paper_instrument_get(market)->symbol);
    binance_put_int_text(call->out, "countdownTime", countdown_ms);
    keel_json_close_object(call->out);
}

/* --- Batches -----------------------------------------------------------------------------------
 */

/* One item of a batch: a call of its own, whose refusal is its result. */
static void run_item(struct binance_call *call, const struct binance_params *params,
                     void (*run)(struct binance_call *item))
{
    struct binance_call item = *call;
    item.params = params;
    run(&item);
    if (binance_refused(&item))
        binance_put_error(call->out, NULL, item.code, item.message);
}

static int count_elements(keel_str text)
{
    struct keel_json json;
    int count = 0;
    keel_json_init(&json, text);
    keel_json_enter_array(&json);
    while (keel_json_next_element(&json)) {
        keel_json_skip(&json);
        count++;
    }
    return keel_json_finish(&json, NULL) == KEEL_OK ? count : -1;
}

static void refuse_batch_size(struct binance_call *call, int count)
{
    if (count < 0)
        binance_refuse(call, -1130, "Data sent for parameter 'batchOrders' is not valid.");
    else
        binance_refuse(call, -4082, "Invalid number of batch place orders.");
}

/* The whole text is read and checked before its first item runs. */
static void run_batch(struct binance_call *call, void (*run)(struct binance_call *item))
{
    static const size_t size = sizeof(struct binance_params) * BATCH_ORDERS_MAX;
    keel_str text = binance_read_text(call, "batchOrders", BINANCE_MANDATORY);
    if (binance_refused(call))
        return;
    int count = count_elements(text);
    struct binance_params *items = keel_arena_take(&call->binance->arena, size);
    if (count < 1 || count > BATCH_ORDERS_MAX || !items) {
        refuse_batch_size(call, count);
        return;
    }
    struct keel_json json;
    keel_json_init(&json, text);
    keel_json_enter_array(&json);
    for (int i = 0; i < count && keel_json_next_element(&json); i++) {
        if (binance_params_read_object(&items[i], &json, &call->binance->arena) !=
            BINANCE_PARAMS_FINE) {
            refuse_batch_size(call, -1);
            return;
        }
    }
    keel_json_open_array(call->out, NULL);
    for (int i = 0; i < count; i++)
        run_item(call, &items[i], run);
    keel_json_close_array(call->out);
}

void binance_place_batch(struct binance_call *call)
{
    run_batch(call, binance_place_order);
}

void binance_modify_batch(struct binance_call *call)
{
    run_batch(call, binance_modify_order);
}

/* These two names are matched without case: clients write them both ways. */
static const keel_str *find_list(const struct binance_call *call, const char *name,
                                 const char *lower_name)
{
    const keel_str *list = binance_params_find(call->params, name);
    if (!list)
        list = binance_params_find(call->params, lower_name);
    return list && list->size > 0 ? list : NULL;
}

static void cancel_item(struct binance_call *call, keel_market_id market, int64_t id,
                        keel_str client_id)
{
    struct binance_call item = *call;
    cancel(&item, market, id, client_id);
    if (binance_refused(&item))
        binance_put_error(call->out, NULL, item.code, item.message);
}

static void cancel_list(struct binance_call *call, keel_market_id market, keel_str text, bool ids)
{
    int64_t id_list[BATCH_CANCELS_MAX] = {0};
    keel_str client_ids[BATCH_CANCELS_MAX] = {{0}};
    const char *name = ids ? "orderIdList" : "origClientOrderIdList";
    int count = count_elements(text);
    struct keel_json json;

    if (count > BATCH_CANCELS_MAX)
        binance_refuse(call, -4032, "Exceed maximum cancel order size.");
    keel_json_init(&json, text);
    keel_json_enter_array(&json);
    for (int i = 0; i < count && i < BATCH_CANCELS_MAX && keel_json_next_element(&json); i++) {
        if (ids)
            keel_json_read_int(&json, &id_list[i]);
        else
            keel_json_read_string(&json, &call->binance->arena, &client_ids[i]);
    }
    if (count < 1 || json.mistake)
        binance_refuse(call, -1130, "Data sent for parameter '%s' is not valid.", name);
    if (binance_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (int i = 0; i < count; i++)
        cancel_item(call, market, id_list[i], client_ids[i]);
    keel_json_close_array(call->out);
}

void binance_cancel_batch(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    const keel_str *ids = find_list(call, "orderIdList", "orderidlist");
    const keel_str *names = find_list(call, "origClientOrderIdList", "origclientorderidlist");
    if (!ids && !names)
        binance_refuse(call, -1102,
                       "Param 'origClientOrderIdList' or 'orderIdList' must be sent, but both were "
                       "empty/null!");
    if (!binance_refused(call))
        cancel_list(call, market, ids ? *ids : *names, ids);
}

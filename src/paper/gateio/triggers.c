#include "paper/gateio/render.h"

/* --- What a trigger order may be ---------------------------------------------------------------
 */

/* The venue attaches others to orders of its own pages: "close-long-order" is only told. */
static const struct {
    const char *word;
    enum keel_side side; /* of the order that closes */
} order_types[] = {
    {"close-long-position",       KEEL_SELL},
    {"close-short-position",      KEEL_BUY },
    {"plan-close-long-position",  KEEL_SELL},
    {"plan-close-short-position", KEEL_BUY },
};

struct plan {
    struct paper_order_request request;
    keel_decimal size; /* contracts, signed */
    int rule;          /* 1 upwards, 2 downwards */
    bool close;
    enum keel_side closes; /* the side that closes, where it was told */
    struct gateio_trigger_note note;
};

static keel_str read_order_type(struct gateio_call *call, struct plan *plan)
{
    keel_str word = gateio_read_text(call, "order_type", GATEIO_OPTIONAL);
    for (size_t i = 0; i < sizeof(order_types) / sizeof(order_types[0]); i++) {
        if (keel_str_equals(word, keel_str_from(order_types[i].word))) {
            plan->closes = order_types[i].side;
            (void)keel_str_copy(word, plan->note.order_type, sizeof(plan->note.order_type));
            return word;
        }
    }
    if (word.size > 0)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid order_type: %.*s", KEEL_STR_ARGS(word));
    return word;
}

static void read_auto_size(struct gateio_call *call, struct plan *plan)
{
    keel_str word = gateio_read_text(call, "auto_size", GATEIO_OPTIONAL);
    if (word.size == 0)
        return;
    if (keel_str_equals(word, KEEL_STR("close_long")))
        plan->closes = KEEL_SELL;
    else if (keel_str_equals(word, KEEL_STR("close_short")))
        plan->closes = KEEL_BUY;
    else
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid auto_size: %.*s", KEEL_STR_ARGS(word));
    (void)keel_str_copy(word, plan->note.auto_size, sizeof(plan->note.auto_size));
}

/* What a sub-object's readers refused is the call's refusal. */
static void adopt(struct gateio_call *call, const struct gateio_call *part)
{
    if (gateio_refused(part) && !gateio_refused(call))
        gateio_refuse(call, part->label, "%s", part->message);
}

/* A call whose parameters are the members of one of its objects. */
static struct gateio_call part_of(struct gateio_call *call, const char *name,
                                  struct gateio_params *params)
{
    struct gateio_call part = *call;
    params->count = 0;
    part.params = params;
    keel_str text = gateio_read_text(call, name, GATEIO_MANDATORY);
    if (!gateio_refused(call) && !gateio_params_add_object(params, text, &call->gateio->arena))
        gateio_refuse(call, "INVALID_REQUEST_BODY", "%s is not an object", name);
    adopt(&part, call);
    return part;
}

static void read_tif(struct gateio_call *call, struct plan *plan)
{
    keel_str tif = gateio_read_text(call, "tif", GATEIO_OPTIONAL);
    bool at_once = keel_str_equals(tif, KEEL_STR("ioc"));
    if (tif.size > 0 && !at_once && !keel_str_equals(tif, KEEL_STR("gtc")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid tif: %.*s", KEEL_STR_ARGS(tif));
    plan->request.time_in_force = at_once ? KEEL_IOC : KEEL_GTC;
}

/* `amount` is the size as text, and wins. */
static void read_initial(struct gateio_call *call, struct plan *plan)
{
    struct gateio_params params;
    struct gateio_call part = part_of(call, "initial", &params);
    plan->request.market = gateio_read_contract(&part, GATEIO_MANDATORY);
    plan->size = gateio_read_size(&part, "size", plan->request.market);
    if (gateio_params_find(&params, "amount")) {
        part.decimal_sizes = true;
        plan->size = gateio_read_size(&part, "amount", plan->request.market);
    }
    plan->request.price = gateio_read_decimal(&part, "price", GATEIO_OPTIONAL);
    read_tif(&part, plan);
    keel_str text = gateio_read_text(&part, "text", GATEIO_OPTIONAL);
    plan->request.client_id = gateio_text_is_valid(text) ? text : (keel_str){"", 0};
    plan->request.reduce_only = gateio_read_bool(&part, "reduce_only", GATEIO_OPTIONAL);
    plan->close = gateio_read_bool(&part, "close", GATEIO_OPTIONAL);
    read_auto_size(&part, plan);
    adopt(call, &part);
}

static void read_watch(struct gateio_call *call, struct plan *plan)
{
    int64_t source = gateio_read_int(call, "price_type", GATEIO_OPTIONAL);
    if (source < 0 || source > 2)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid price_type");
    plan->request.trigger_source = source == 0 ? KEEL_TRIGGER_LAST : KEEL_TRIGGER_MARK;
    plan->note.by_index = source == 2;
}

static void read_trigger(struct gateio_call *call, struct plan *plan)
{
    struct gateio_params params;
    struct gateio_call part = part_of(call, "trigger", &params);
    int64_t strategy = gateio_read_int(&part, "strategy_type", GATEIO_OPTIONAL);
    plan->request.trigger_price = gateio_read_decimal(&part, "price", GATEIO_MANDATORY);
    int64_t rule = gateio_read_int(&part, "rule", GATEIO_MANDATORY);
    int64_t expiration = gateio_read_int(&part, "expiration", GATEIO_OPTIONAL);
    read_watch(&part, plan);
    if (strategy != 0)
        gateio_refuse(&part, "INVALID_PARAM_VALUE", "strategy_type is not offered");
    if (rule != 1 && rule != 2)
        gateio_refuse(&part, "INVALID_PARAM_VALUE", "invalid rule");
    if (expiration < 0 || expiration > INT32_MAX)
        gateio_refuse(&part, "INVALID_PARAM_VALUE", "invalid expiration");
    plan->rule = (int)rule;
    if (expiration > 0)
        plan->request.expires_ms = call->now_ms + expiration * 1000;
    adopt(call, &part);
}

/* Closing all of a position: its side follows from what was told, else from the position. */
static void complete_close(struct gateio_call *call, struct plan *plan)
{
    struct paper_position position;
    bool dual = gateio_is_dual(call);
    paper_engine_get_position(call->engine, call->account, plan->request.market, &position);
    if (dual && plan->note.auto_size[0] == '\0')
        gateio_refuse(call, "POSITION_DUAL_MODE", "auto_size is needed in dual mode");
    else if (!dual && !plan->close)
        gateio_refuse(call, "INVALID_ARGUMENT", "close is needed to close the whole position");
    else if (plan->closes == KEEL_SIDE_NONE && keel_decimal_is_zero(position.quantity))
        gateio_refuse(call, "POSITION_EMPTY", "position is empty");
    if (gateio_refused(call))
        return;
    bool is_short = keel_decimal_is_negative(position.quantity);
    plan->request.side = plan->closes;
    if (plan->closes == KEEL_SIDE_NONE)
        plan->request.side = is_short ? KEEL_BUY : KEEL_SELL;
    if (dual)
        plan->request.position_side = plan->request.side == KEEL_SELL ? KEEL_LONG : KEEL_SHORT;
    plan->request.close_position = true;
    plan->request.reduce_only = false;
    plan->request.quantity = KEEL_DECIMAL_ABSENT;
    if (!keel_decimal_is_zero(plan->request.price))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "a position is closed at price 0");
}

static void complete_size(struct gateio_call *call, struct plan *plan)
{
    bool none = !keel_decimal_is_valid(plan->size) || keel_decimal_is_zero(plan->size);
    if (none && (plan->close || plan->closes != KEEL_SIDE_NONE)) {
        complete_close(call, plan);
        return;
    }
    if (none) {
        gateio_refuse(call, "INVALID_ARGUMENT", "invalid size");
        return;
    }
    plan->request.side = keel_decimal_is_negative(plan->size) ? KEEL_SELL : KEEL_BUY;
    bool buys = plan->request.side == KEEL_BUY;
    if (plan->closes != KEEL_SIDE_NONE && plan->closes != plan->request.side)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "a size of that sign does not close");
    if (gateio_is_dual(call))
        plan->request.position_side = buys != plan->request.reduce_only ? KEEL_LONG : KEEL_SHORT;
    plan->request.quantity = gateio_quantity_of(plan->request.market, keel_decimal_abs(plan->size));
}

/* A stop waits for the price to go with its side, a take-profit against it. */
static void complete_type(struct gateio_call *call, struct plan *plan)
{
    struct paper_order_request *request = &plan->request;
    bool stop = (plan->rule == 1) == (request->side == KEEL_BUY);
    if (gateio_refused(call))
        return;
    if (!keel_decimal_is_zero(request->price)) {
        request->type = stop ? KEEL_STOP_LIMIT : KEEL_TAKE_PROFIT_LIMIT;
        return;
    }
    if (request->time_in_force != KEEL_IOC)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "price 0 is only for tif ioc");
    request->type = stop ? KEEL_STOP_MARKET : KEEL_TAKE_PROFIT_MARKET;
    request->time_in_force = KEEL_GTC;
    request->price = KEEL_DECIMAL_ABSENT;
}

static void complete(struct gateio_call *call, struct plan *plan)
{
    if (gateio_refused(call))
        return;
    if (!keel_decimal_is_valid(plan->request.price)) {
        gateio_refuse(call, "INVALID_ARGUMENT", "invalid argument: #4");
        return;
    }
    complete_size(call, plan);
    complete_type(call, plan);
}

/* What waits is not put on the grid, as an order is. */
static bool is_off_grid(const struct plan *plan)
{
    keel_decimal price = plan->request.price;
    return keel_decimal_is_valid(price) &&
           !keel_decimal_is_multiple(price, gateio_contract_get(plan->request.market)->price_round);
}

static void refuse_trigger(struct gateio_call *call, enum paper_error error,
                           const struct plan *plan)
{
    if (error == PAPER_ERROR_TRIGGERS_AT_ONCE)
        gateio_refuse(
            call,
            plan->rule == 1 ? "AUTO_TRIGGER_PRICE_GREATE_LAST" : "AUTO_TRIGGER_PRICE_LESS_LAST",
            "invalid argument: Trigger.Price must %s last_price", plan->rule == 1 ? ">" : "<");
    if (error == PAPER_ERROR_PRICE_TICK && is_off_grid(plan))
        gateio_refuse(
            call, "AUTO_INVALID_PARAM_PRICE",
            "invalid argument: initial.price price is not an integer multiple of a price unit");
    gateio_refuse_engine(call, error, plan->request.market);
}

/* --- Calls -------------------------------------------------------------------------------------
 */

static void put_id(struct gateio_call *call, int64_t id)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "id", id);
    gateio_put_int_text(call->out, "id_string", id);
    keel_json_close_object(call->out);
}

static void note_plan(struct gateio_call *call, int64_t id, const struct plan *plan)
{
    struct gateio_trigger_note *note = gateio_record_add_trigger_note(&call->gateio->record, id);
    *note = plan->note;
    note->id = id;
}

void gateio_place_trigger(struct gateio_call *call)
{
    const struct paper_conditional *placed = NULL;
    struct plan plan = {.request = paper_order_request_init()};
    (void)read_order_type(call, &plan);
    read_initial(call, &plan);
    read_trigger(call, &plan);
    complete(call, &plan);
    if (gateio_refused(call))
        return;
    enum paper_error error = paper_engine_place_conditional(call->engine, call->now_ms,
                                                            call->account, &plan.request, &placed);
    refuse_trigger(call, error, &plan);
    if (gateio_refused(call))
        return;
    note_plan(call, placed->id, &plan);
    call->status = 201;
    put_id(call, placed->id);
}

static const struct paper_conditional *find_trigger(struct gateio_call *call, keel_str key)
{
    keel_decimal number;
    const struct paper_conditional *found = NULL;
    if (gateio_refused(call))
        return NULL;
    if (keel_decimal_parse(key, KEEL_ROUND_DOWN, &number, NULL) == KEEL_OK &&
        keel_decimal_is_positive(number) && keel_decimal_digits(number) == 0)
        found = paper_engine_find_conditional(
            call->engine, call->account,
            (int64_t)(keel_decimal_raw(number) / keel_decimal_raw(KEEL_DECIMAL_ONE)),
            (keel_str){0});
    if (!found)
        gateio_refuse(call, "ORDER_NOT_FOUND", "Order not found");
    return found;
}

static void put_trigger(struct gateio_call *call, const struct paper_conditional *conditional)
{
    gateio_put_trigger(call->out, NULL, call->gateio, conditional, gateio_form_of(call));
}

void gateio_get_trigger(struct gateio_call *call)
{
    const struct paper_conditional *found = find_trigger(call, call->subject);
    if (found)
        put_trigger(call, found);
}

static const struct paper_conditional *find_waiting(struct gateio_call *call, keel_str key)
{
    const struct paper_conditional *found = find_trigger(call, key);
    if (!found || found->status == PAPER_CONDITIONAL_NEW)
        return found;
    gateio_refuse(call, "ORDER_FINISHED", "Order is finished");
    return NULL;
}

void gateio_cancel_trigger(struct gateio_call *call)
{
    const struct paper_conditional *found = find_waiting(call, call->subject);
    if (!found)
        return;
    enum paper_error error = paper_engine_cancel_conditional(
        call->engine, call->now_ms, call->account, found->id, (keel_str){0}, NULL);
    gateio_refuse_engine(call, error, found->market);
    if (!gateio_refused(call))
        put_trigger(call, found);
}

void gateio_cancel_triggers(struct gateio_call *call)
{
    keel_market_id market = gateio_read_contract(call, GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    const struct paper_conditional *at =
        paper_engine_next_open_conditional(call->engine, call->account, market, NULL);
    keel_json_open_array(call->out, NULL);
    while (at) {
        if (paper_engine_cancel_conditional(call->engine, call->now_ms, call->account, at->id,
                                            (keel_str){0}, NULL) == PAPER_OK)
            put_trigger(call, at);
        at = paper_engine_next_open_conditional(call->engine, call->account, market, at);
    }
    keel_json_close_array(call->out);
}

void gateio_list_triggers(struct gateio_call *call)
{
    struct gateio_list list;
    keel_str status = gateio_read_text(call, "status", GATEIO_MANDATORY);
    struct paper_query query = {.account = call->account};
    query.market = gateio_read_contract(call, GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    bool open = keel_str_equals(status, KEEL_STR("open"));
    if (!open && !keel_str_equals(status, KEEL_STR("finished")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid status: %.*s", KEEL_STR_ARGS(status));
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        const struct paper_conditional *at = NULL;
        while ((at = paper_engine_next_conditional(call->engine, &query, at))) {
            if ((at->status == PAPER_CONDITIONAL_NEW) == open)
                gateio_list_visit(&list, at);
        }
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        put_trigger(call, list.at[i]);
    keel_json_close_array(call->out);
}

/* --- Amending ----------------------------------------------------------------------------------
 */

/* The plan of an order as it is. */
static struct plan plan_of(struct gateio_call *call, const struct paper_conditional *order)
{
    struct plan plan = {.request = paper_order_request_init()};
    bool stop = order->type == KEEL_STOP_LIMIT || order->type == KEEL_STOP_MARKET;
    plan.request.market = order->market;
    plan.request.reduce_only = order->reduce_only;
    plan.request.trigger_source = order->trigger_source;
    plan.request.trigger_price = order->trigger_price;
    plan.request.expires_ms = order->expires_ms;
    plan.request.time_in_force = order->time_in_force;
    plan.request.price = keel_decimal_is_valid(order->price) ? order->price : KEEL_DECIMAL_ZERO;
    plan.rule = stop == (order->side == KEEL_BUY) ? 1 : 2;
    plan.close = order->close_position;
    plan.note = *gateio_record_trigger_note(&call->gateio->record, order->id);
    if (order->close_position)
        plan.closes = order->side;
    plan.size = gateio_contracts_of(order->market, order->quantity);
    if (order->side == KEEL_SELL)
        plan.size = keel_decimal_neg(plan.size);
    return plan;
}

static void read_changes(struct gateio_call *call, struct plan *plan)
{
    keel_decimal size = gateio_read_size(call, "size", plan->request.market);
    keel_decimal amount = gateio_read_decimal(call, "amount", GATEIO_OPTIONAL);
    keel_decimal price = gateio_read_decimal(call, "price", GATEIO_OPTIONAL);
    keel_decimal trigger_price = gateio_read_decimal(call, "trigger_price", GATEIO_OPTIONAL);
    if (keel_decimal_is_valid(size))
        plan->size = size;
    if (keel_decimal_is_valid(amount))
        plan->size = amount;
    if (keel_decimal_is_valid(price))
        plan->request.price = price;
    if (keel_decimal_is_valid(trigger_price))
        plan->request.trigger_price = trigger_price;
    if (gateio_params_find(call->params, "price_type"))
        read_watch(call, plan);
    read_auto_size(call, plan);
    plan->close |= gateio_read_bool(call, "close", GATEIO_OPTIONAL);
    if (keel_decimal_is_zero(plan->request.price))
        plan->request.time_in_force = KEEL_IOC;
}

void gateio_amend_trigger(struct gateio_call *call)
{
    keel_str key = call->subject;
    if (key.size == 0)
        key = gateio_read_text(call, "order_id", GATEIO_MANDATORY);
    const struct paper_conditional *order = find_waiting(call, key);
    if (!order)
        return;
    struct plan plan = plan_of(call, order);
    read_changes(call, &plan);
    complete(call, &plan);
    if (gateio_refused(call))
        return;
    if (plan.request.side != order->side)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "order side cannot be changed");
    if (gateio_refused(call))
        return;
    enum paper_error error = paper_engine_amend_conditional(
        call->engine, call->now_ms, call->account, order->id, &plan.request);
    refuse_trigger(call, error, &plan);
    if (gateio_refused(call))
        return;
    note_plan(call, order->id, &plan);
    put_id(call, order->id);
}

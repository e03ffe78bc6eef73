#include "paper/gateio/spot.h"

/* --- Placing -----------------------------------------------------------------------------------
 */

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
    params->count = 0;
    keel_str text = gateio_read_text(call, name, GATEIO_MANDATORY);
    if (!gateio_refused(call) && !gateio_params_add_object(params, text, &call->gateio->arena))
        gateio_refuse(call, "INVALID_REQUEST_BODY", "%s is not an object", name);
    struct gateio_call part = *call;
    part.params = params;
    return part;
}

static bool read_is_market(struct gateio_call *part)
{
    keel_str type = gateio_read_text(part, "type", GATEIO_OPTIONAL);
    if (keel_str_equals(type, KEEL_STR("market")))
        return true;
    if (type.size > 0 && !keel_str_equals(type, KEEL_STR("limit")))
        gateio_refuse(part, "INVALID_PARAM_VALUE", "invalid put.type: %.*s", KEEL_STR_ARGS(type));
    return false;
}

static enum keel_time_in_force read_time_in_force(struct gateio_call *part, bool market)
{
    keel_str word = gateio_read_text(part, "time_in_force", GATEIO_OPTIONAL);
    if (keel_str_equals(word, KEEL_STR("ioc")) || (market && word.size == 0))
        return KEEL_IOC;
    if (!market && (word.size == 0 || keel_str_equals(word, KEEL_STR("gtc"))))
        return KEEL_GTC;
    gateio_refuse(part, "INVALID_PARAM_VALUE", "invalid put.time_in_force: %.*s",
                  KEEL_STR_ARGS(word));
    return KEEL_GTC;
}

/* The order that is placed in the end. One to buy at the market says how much it spends. */
static bool read_put(struct gateio_call *call, struct paper_spot_request *request)
{
    struct gateio_params params;
    struct gateio_call part = part_of(call, "put", &params);
    bool market = read_is_market(&part);
    request->side = gateio_read_side(&part, GATEIO_MANDATORY);
    request->time_in_force = read_time_in_force(&part, market);
    keel_decimal amount = gateio_read_decimal(&part, "amount", GATEIO_MANDATORY);
    keel_str text = gateio_read_text(&part, "text", GATEIO_OPTIONAL);
    gateio_check_account(&part, "normal");
    if (gateio_text_is_valid(text))
        request->client_id = text;
    if (market && request->side == KEEL_BUY)
        request->quote_quantity = amount;
    else
        request->quantity = amount;
    if (!market)
        request->price = gateio_read_decimal(&part, "price", GATEIO_MANDATORY);
    adopt(call, &part);
    return market;
}

/* A stop waits for the price to come from the worse side, a take-profit from the better. */
static enum keel_order_type type_of(enum keel_side side, bool rising, bool market)
{
    if ((side == KEEL_BUY) == rising)
        return market ? KEEL_STOP_MARKET : KEEL_STOP_LIMIT;
    return market ? KEEL_TAKE_PROFIT_MARKET : KEEL_TAKE_PROFIT_LIMIT;
}

static void read_trigger(struct gateio_call *call, struct paper_spot_request *request, bool market)
{
    struct gateio_params params;
    struct gateio_call part = part_of(call, "trigger", &params);
    request->trigger_price = gateio_read_decimal(&part, "price", GATEIO_MANDATORY);
    keel_str rule = gateio_read_text(&part, "rule", GATEIO_MANDATORY);
    int64_t expiration = gateio_read_int(&part, "expiration", GATEIO_OPTIONAL);
    bool rising = keel_str_equals(rule, KEEL_STR(">="));
    if (!rising && !keel_str_equals(rule, KEEL_STR("<=")))
        gateio_refuse(&part, "INVALID_PARAM_VALUE", "invalid trigger.rule: %.*s",
                      KEEL_STR_ARGS(rule));
    if (expiration < 0 || expiration > INT32_MAX)
        gateio_refuse(&part, "INVALID_PARAM_VALUE", "invalid trigger.expiration");
    request->type = type_of(request->side, rising, market);
    if (expiration > 0)
        request->expire_ms = call->now_ms + expiration * 1000;
    adopt(call, &part);
}

void gateio_spot_place_trigger(struct gateio_call *call)
{
    const struct paper_spot_order *order = NULL;
    struct paper_spot_request request = paper_spot_request_init();
    request.market = gateio_read_pair(call, "market", GATEIO_MANDATORY);
    bool market = read_put(call, &request);
    read_trigger(call, &request, market);
    request.unfunded = true;
    request.marks[0] = call->origin;
    gateio_charge_pair(call, request.market, 1);
    if (gateio_refused(call))
        return;
    gateio_refuse_spot(call, paper_spot_place_order(call->spot, call->now_ms, call->account,
                                                    &request, false, &order));
    if (gateio_refused(call))
        return;
    call->status = 201;
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "id", gateio_spot_trigger_id(order));
    keel_json_close_object(call->out);
}

/* --- Reading and cancelling --------------------------------------------------------------------
 */

static const struct paper_spot_order *read_one(struct gateio_call *call)
{
    keel_decimal number;
    const struct paper_spot_order *order = NULL;
    if (keel_decimal_parse(call->subject, KEEL_ROUND_DOWN, &number, NULL) == KEEL_OK &&
        keel_decimal_is_positive(number) && keel_decimal_digits(number) == 0) {
        keel_int128 id = keel_decimal_raw(number) / keel_decimal_raw(KEEL_DECIMAL_ONE);
        if (id < INT64_MAX / 2)
            order = paper_spot_find_order(call->spot, call->account, KEEL_NO_MARKET,
                                          gateio_spot_trigger_order_id((int64_t)id), (keel_str){0});
    }
    if (order && gateio_is_trigger(order))
        return order;
    gateio_refuse(call, "ORDER_NOT_FOUND", "Price order not found");
    return NULL;
}

void gateio_spot_get_trigger(struct gateio_call *call)
{
    const struct paper_spot_order *order = read_one(call);
    if (order)
        gateio_put_spot_trigger(call->out, call->gateio, order);
}

static bool cancel(struct gateio_call *call, const struct paper_spot_order **order)
{
    return paper_spot_cancel_order(call->spot, call->now_ms, call->account, (*order)->market,
                                   (*order)->id, (keel_str){0}, (keel_str){0},
                                   order) == PAPER_SPOT_OK;
}

void gateio_spot_cancel_trigger(struct gateio_call *call)
{
    const struct paper_spot_order *order = read_one(call);
    if (!order)
        return;
    if (!order->waiting)
        gateio_refuse(call, "ORDER_CLOSED", "Price order is finished");
    else if (cancel(call, &order))
        gateio_put_spot_trigger(call->out, call->gateio, order);
}

void gateio_spot_cancel_triggers(struct gateio_call *call)
{
    keel_market_id pair = gateio_read_pair(call, "market", GATEIO_OPTIONAL);
    gateio_check_account(call, "normal");
    if (gateio_refused(call))
        return;
    const struct paper_spot_order *next =
        paper_spot_next_open_order(call->spot, call->account, pair, NULL);
    keel_json_open_array(call->out, NULL);
    while (next) {
        const struct paper_spot_order *order = next;
        next = paper_spot_next_open_order(call->spot, call->account, pair, order);
        if (order->waiting && cancel(call, &order))
            gateio_put_spot_trigger(call->out, call->gateio, order);
    }
    keel_json_close_array(call->out);
}

void gateio_spot_list_triggers(struct gateio_call *call)
{
    struct gateio_list list;
    struct paper_spot_query query = {.account = call->account};
    keel_str status = gateio_read_text(call, "status", GATEIO_MANDATORY);
    bool open = keel_str_equals(status, KEEL_STR("open"));
    if (!open && !keel_str_equals(status, KEEL_STR("finished")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid status: %.*s", KEEL_STR_ARGS(status));
    query.market = gateio_read_pair(call, "market", GATEIO_OPTIONAL);
    gateio_check_account(call, "normal");
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        const struct paper_spot_order *order = NULL;
        while ((order = paper_spot_next_order(call->spot, &query, order))) {
            if (gateio_is_trigger(order) && order->waiting == open)
                gateio_list_visit(&list, order);
        }
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        gateio_put_spot_trigger(call->out, call->gateio, list.at[i]);
    keel_json_close_array(call->out);
}

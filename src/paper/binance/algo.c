#include "paper/binance/endpoints.h"
#include "paper/binance/render.h"

enum {
    ROWS_MAX = 1000,
    FORGET_UNFILLED_DAYS = 3,
    FORGET_DAYS = 90,
};

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static const struct paper_order *child_of(struct binance_call *call,
                                          const struct paper_conditional *conditional)
{
    if (conditional->child_id == 0)
        return NULL;
    return paper_engine_find_order(call->engine, conditional->account, conditional->market,
                                   conditional->child_id, (keel_str){0});
}

static void read_algo_type(struct binance_call *call)
{
    keel_str type = binance_read_text(call, "algoType", BINANCE_MANDATORY);
    if (type.size > 0 && !keel_str_equals(type, KEEL_STR("CONDITIONAL")))
        binance_refuse(call, -1130, "Data sent for parameter 'algoType' is not valid.");
}

static void need(struct binance_call *call, const char *name)
{
    binance_read_text(call, name, BINANCE_MANDATORY);
}

static bool has_price(enum keel_order_type type)
{
    return type == KEEL_STOP_LIMIT || type == KEEL_TAKE_PROFIT_LIMIT;
}

/* What each type must have. */
static void check_shape(struct binance_call *call, const struct paper_order_request *request)
{
    if (binance_refused(call))
        return;
    if (request->type == KEEL_LIMIT || request->type == KEEL_MARKET) {
        binance_refuse(call, -1116, "Invalid orderType.");
        return;
    }
    if (request->type == KEEL_TRAILING_STOP)
        need(call, "callbackRate");
    else
        need(call, "triggerPrice");
    if (!request->close_position)
        need(call, "quantity");
    if (has_price(request->type) && request->price_match == PAPER_PRICE_MATCH_NONE)
        need(call, "price");
    if (request->time_in_force == KEEL_GTD)
        need(call, "goodTillDate");
}

void binance_place_algo(struct binance_call *call)
{
    struct paper_order_request request;
    const struct paper_conditional *conditional = NULL;

    read_algo_type(call);
    binance_read_order_request(call, &request);
    request.trigger_price = binance_read_decimal(call, "triggerPrice", BINANCE_OPTIONAL);
    request.activation_price = binance_read_decimal(call, "activatePrice", BINANCE_OPTIONAL);
    request.callback_rate = binance_read_decimal(call, "callbackRate", BINANCE_OPTIONAL);
    request.client_id = binance_read_text(call, "clientAlgoId", BINANCE_OPTIONAL);
    check_shape(call, &request);
    if (binance_refused(call))
        return;

    enum paper_error error = paper_engine_place_conditional(call->engine, call->now_ms,
                                                            call->account, &request, &conditional);
    binance_refuse_engine(call, error, request.market, 0);
    if (!binance_refused(call))
        binance_put_algo(call->out, conditional, NULL, false);
}

void binance_cancel_algo(struct binance_call *call)
{
    int64_t id;
    keel_str client_id;
    const struct paper_conditional *conditional = NULL;

    binance_read_order_key(call, "algoId", "clientAlgoId", &id, &client_id);
    if (binance_refused(call))
        return;
    enum paper_error error = paper_engine_cancel_conditional(
        call->engine, call->now_ms, call->account, id, client_id, &conditional);
    binance_refuse_engine(call, error, KEEL_NO_MARKET, -2011);
    if (binance_refused(call))
        return;
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "algoId", conditional->id);
    keel_json_put_text(call->out, "clientAlgoId", conditional->client_id);
    keel_json_put_text(call->out, "code", "200"); /* a string, here alone */
    keel_json_put_text(call->out, "msg", "success");
    keel_json_close_object(call->out);
}

void binance_cancel_all_algos(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    if (binance_refused(call))
        return;
    paper_engine_cancel_all_conditionals(call->engine, call->now_ms, call->account, market);
    binance_put_success(call->out, "The operation of cancel all open order is done.");
}

static bool is_forgotten(struct binance_call *call, const struct paper_conditional *conditional)
{
    const struct paper_order *child = child_of(call, conditional);
    bool filled = child && keel_decimal_is_positive(child->filled_quantity);
    int64_t age_ms = call->now_ms - conditional->create_time_ms;

    switch (conditional->status) {
    case PAPER_CONDITIONAL_NONE:
    case PAPER_CONDITIONAL_NEW:
    case PAPER_CONDITIONAL_TRIGGERING:
    case PAPER_CONDITIONAL_TRIGGERED: return false;
    case PAPER_CONDITIONAL_FINISHED:
    case PAPER_CONDITIONAL_CANCELED:
    case PAPER_CONDITIONAL_REJECTED:
    case PAPER_CONDITIONAL_EXPIRED: break;
    }
    return age_ms > (filled ? FORGET_DAYS : FORGET_UNFILLED_DAYS) * day_ms;
}

void binance_get_algo(struct binance_call *call)
{
    int64_t id;
    keel_str client_id;
    binance_read_order_key(call, "algoId", "clientAlgoId", &id, &client_id);
    if (binance_refused(call))
        return;
    const struct paper_conditional *conditional =
        paper_engine_find_conditional(call->engine, call->account, id, client_id);
    if (!conditional || is_forgotten(call, conditional)) {
        binance_refuse(call, -2013, "Order does not exist.");
        return;
    }
    binance_put_algo(call->out, conditional, child_of(call, conditional), true);
}

void binance_get_open_algos(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    int64_t id = binance_read_int(call, "algoId", BINANCE_OPTIONAL);
    if (binance_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (const struct paper_conditional *row = NULL;
         (row = paper_engine_next_open_conditional(call->engine, call->account, market, row));) {
        if (id == 0 || row->id == id)
            binance_put_algo(call->out, row, child_of(call, row), true);
    }
    keel_json_close_array(call->out);
}

void binance_get_all_algos(struct binance_call *call)
{
    struct paper_query query = {.account = call->account};
    const struct paper_conditional *ring[ROWS_MAX];
    int64_t count = 0;

    query.market = binance_read_market(call, BINANCE_MANDATORY);
    query.from_id = binance_read_int(call, "algoId", BINANCE_OPTIONAL);
    binance_read_times(call, &query, 7);
    int limit = binance_read_limit(call, 500, ROWS_MAX);
    if (binance_refused(call))
        return;
    bool asked = query.from_id > 0 || binance_params_find(call->params, "startTime");
    for (const struct paper_conditional *row = NULL;
         !(asked && count == limit) &&
         (row = paper_engine_next_conditional(call->engine, &query, row));) {
        if (!is_forgotten(call, row))
            ring[count++ % limit] = row;
    }
    keel_json_open_array(call->out, NULL);
    for (int64_t i = count > limit ? count - limit : 0; i < count; i++)
        binance_put_algo(call->out, ring[i % limit], child_of(call, ring[i % limit]), true);
    keel_json_close_array(call->out);
}

#include "paper/binance/words.h"
#include "paper/binance_spot/endpoints.h"
#include "paper/binance_spot/render.h"

/* --- One order ---------------------------------------------------------------------------------
 */

static enum keel_side read_side(struct binance_spot_call *call)
{
    keel_str word = binance_read_text(&call->base, "side", BINANCE_MANDATORY);
    enum keel_side side = binance_read_side(word);
    if (word.size > 0 && side == KEEL_SIDE_NONE)
        binance_refuse(&call->base, -1117, "Invalid side.");
    return side;
}

static const struct {
    const char *word;
    enum keel_order_type type;
    bool limit, conditional, full; /* full: FULL is its usual answer */
} types[] = {
    {"LIMIT",             KEEL_LIMIT,              true,  false, true },
    {"LIMIT_MAKER",       KEEL_LIMIT,              true,  false, false},
    {"MARKET",            KEEL_MARKET,             false, false, true },
    {"STOP_LOSS",         KEEL_STOP_MARKET,        false, true,  false},
    {"STOP_LOSS_LIMIT",   KEEL_STOP_LIMIT,         true,  true,  false},
    {"TAKE_PROFIT",       KEEL_TAKE_PROFIT_MARKET, false, true,  false},
    {"TAKE_PROFIT_LIMIT", KEEL_TAKE_PROFIT_LIMIT,  true,  true,  false},
};

/* Its place in the table; 0 and a refusal if there is no such type. */
static size_t read_type(struct binance_spot_call *call)
{
    keel_str word = binance_read_text(&call->base, "type", BINANCE_MANDATORY);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (keel_str_equals(word, keel_str_from(types[i].word)))
            return i;
    if (word.size > 0)
        binance_refuse(&call->base, -1116, "Invalid orderType.");
    return 0;
}

static enum keel_time_in_force read_time_in_force(struct binance_spot_call *call)
{
    keel_str word = binance_read_text(&call->base, "timeInForce", BINANCE_MANDATORY);
    enum keel_time_in_force time = binance_read_time_in_force(word);
    if (word.size > 0 && time != KEEL_GTC && time != KEEL_IOC && time != KEEL_FOK)
        binance_refuse(&call->base, -1115, "Invalid timeInForce.");
    return time;
}

/* EXPIRE_MAKER is the default of every symbol. */
static enum paper_self_trade read_self_trade(struct binance_spot_call *call)
{
    keel_str word = binance_read_text(&call->base, "selfTradePreventionMode", BINANCE_OPTIONAL);
    if (word.size == 0)
        return PAPER_SELF_TRADE_EXPIRE_MAKER;
    enum paper_self_trade mode = binance_read_self_trade(word);
    if (keel_str_equals(word, KEEL_STR("DECREMENT")) || keel_str_equals(word, KEEL_STR("TRANSFER")))
        binance_refuse(&call->base, -1013,
                       "This symbol does not allow the specified self-trade prevention mode.");
    else if (mode == PAPER_SELF_TRADE_DEFAULT)
        binance_refuse(&call->base, -1100,
                       "Illegal characters found in parameter 'selfTradePreventionMode'.");
    return mode;
}

static enum binance_spot_shape read_shape(struct binance_spot_call *call, bool full)
{
    keel_str word = binance_read_text(&call->base, "newOrderRespType", BINANCE_OPTIONAL);
    if (word.size == 0)
        return full ? BINANCE_SPOT_FULL : BINANCE_SPOT_ACK;
    if (keel_str_equals(word, KEEL_STR("FULL")))
        return BINANCE_SPOT_FULL;
    if (keel_str_equals(word, KEEL_STR("RESULT")))
        return BINANCE_SPOT_RESULT;
    if (!keel_str_equals(word, KEEL_STR("ACK")))
        binance_refuse(&call->base, -1136, "Invalid newOrderRespType.");
    return BINANCE_SPOT_ACK;
}

static void must_not_have(struct binance_spot_call *call, const char *name)
{
    const keel_str *value = binance_params_find(call->base.params, name);
    if (value && value->size > 0)
        binance_refuse(&call->base, -1106, "Parameter '%s' sent when not required.", name);
}

/* What each type must and must not have. */
static void read_terms(struct binance_spot_call *call, size_t type,
                       struct paper_spot_request *request)
{
    bool maker = request->time_in_force == KEEL_GTX;
    if (types[type].limit && !maker)
        request->time_in_force = read_time_in_force(call);
    else
        must_not_have(call, "timeInForce");
    if (types[type].limit)
        request->price = binance_spot_read_amount(call, "price", BINANCE_MANDATORY);
    else
        must_not_have(call, "price");
    if (types[type].conditional)
        request->trigger_price = binance_spot_read_amount(call, "stopPrice", BINANCE_MANDATORY);
    else
        must_not_have(call, "stopPrice");
    if (request->type == KEEL_MARKET)
        request->quote_quantity = binance_spot_read_amount(call, "quoteOrderQty", BINANCE_OPTIONAL);
    else
        must_not_have(call, "quoteOrderQty");
    bool by_quote = keel_decimal_is_valid(request->quote_quantity);
    request->quantity =
        binance_spot_read_amount(call, "quantity", by_quote ? BINANCE_OPTIONAL : BINANCE_MANDATORY);
}

/* Trailing stops, icebergs and pegged prices are known, and not allowed on any symbol here. */
static void check_allowed(struct binance_spot_call *call)
{
    static const struct {
        const char *name, *text;
    } parts[] = {
        {"trailingDelta", "Trailing stop orders are not supported for this symbol."      },
        {"icebergQty",    "Iceberg orders are not supported for this symbol."            },
        {"pegPriceType",  "Order pegging instructions are not supported for this symbol."},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const keel_str *value = binance_params_find(call->base.params, parts[i].name);
        if (value && value->size > 0)
            binance_refuse(&call->base, -2010, "%s", parts[i].text);
    }
}

static void read_request(struct binance_spot_call *call, struct paper_spot_request *request,
                         enum binance_spot_shape *shape)
{
    *request = paper_spot_request_init();
    request->market = binance_spot_read_market(call, BINANCE_MANDATORY);
    request->side = read_side(call);
    size_t type = read_type(call);
    request->type = types[type].type;
    if (strcmp(types[type].word, "LIMIT_MAKER") == 0)
        request->time_in_force = KEEL_GTX;
    if (!binance_refused(&call->base))
        read_terms(call, type, request);
    request->client_id = binance_spot_read_client_id(call, "newClientOrderId");
    request->self_trade = read_self_trade(call);
    request->marks[0] = binance_read_int(&call->base, "strategyId", BINANCE_OPTIONAL);
    request->marks[1] = binance_read_int(&call->base, "strategyType", BINANCE_OPTIONAL);
    *shape = read_shape(call, types[type].full);
    check_allowed(call);
}

/* It counts among the unfilled until it trades. */
static void count_placed(struct binance_spot_call *call)
{
    struct binance_spot_counts *counts =
        binance_spot_counts_of(call->dialect, call->base.account, call->base.now_ms);
    counts->in_ten_seconds++;
    counts->in_day++;
    call->order_placed = true;
}

void binance_spot_place_order(struct binance_spot_call *call)
{
    struct paper_spot_request request;
    enum binance_spot_shape shape;
    const struct paper_spot_order *order = NULL;
    read_request(call, &request, &shape);
    if (binance_refused(&call->base))
        return;
    enum paper_spot_error error = paper_spot_place_order(
        call->spot, call->base.now_ms, call->base.account, &request, false, &order);
    binance_spot_refuse_engine(call, error, -2013);
    if (binance_refused(&call->base))
        return;
    count_placed(call);
    binance_spot_put_placed(call->spot, call->base.out, NULL, order, shape);
}

static void put_test_rates(struct binance_spot_call *call, keel_market_id market)
{
    static const char *const groups[] = {"standardCommissionForOrder", "taxCommissionForOrder"};
    struct keel_writer *json = call->base.out;
    for (int i = 0; i < 2; i++) {
        keel_json_open_object(json, groups[i]);
        keel_json_put_fixed(json, "maker",
                            i == 0 ? paper_spot_maker_fee(call->spot, market) : KEEL_DECIMAL_ZERO,
                            8);
        keel_json_put_fixed(json, "taker",
                            i == 0 ? paper_spot_taker_fee(call->spot, market) : KEEL_DECIMAL_ZERO,
                            8);
        keel_json_close_object(json);
    }
}

void binance_spot_test_order(struct binance_spot_call *call)
{
    struct paper_spot_request request;
    enum binance_spot_shape shape;
    bool rates = binance_read_bool(&call->base, "computeCommissionRates", BINANCE_OPTIONAL);
    read_request(call, &request, &shape);
    if (binance_refused(&call->base))
        return;
    enum paper_spot_error error = paper_spot_place_order(call->spot, call->base.now_ms,
                                                         call->base.account, &request, true, NULL);
    binance_spot_refuse_engine(call, error, -2013);
    if (binance_refused(&call->base))
        return;
    keel_json_open_object(call->base.out, NULL);
    if (rates)
        put_test_rates(call, request.market);
    keel_json_close_object(call->base.out);
}

/* --- Cancelling --------------------------------------------------------------------------------
 */

/* A cancellation without a name of its own gets one. */
static keel_str name_of_cancel(struct binance_spot_call *call, keel_str given)
{
    struct keel_writer writer;
    char *text = keel_arena_take(&call->dialect->arena, KEEL_CLIENT_ID_SIZE);
    if (given.size > 0 || !text)
        return given;
    keel_writer_init(&writer, text, KEEL_CLIENT_ID_SIZE);
    keel_write_format(&writer, "c%lld-%lld", (long long)call->base.now_ms,
                      (long long)++call->dialect->execution_id);
    return keel_writer_text(&writer);
}

struct cancel {
    keel_market_id market;
    int64_t id;
    keel_str client_id, cancel_id;
    bool only_new, only_partial;
};

static void read_restriction(struct binance_spot_call *call, struct cancel *cancel)
{
    keel_str word = binance_read_text(&call->base, "cancelRestrictions", BINANCE_OPTIONAL);
    cancel->only_new = keel_str_equals(word, KEEL_STR("ONLY_NEW"));
    cancel->only_partial = keel_str_equals(word, KEEL_STR("ONLY_PARTIALLY_FILLED"));
    if (word.size > 0 && !cancel->only_new && !cancel->only_partial)
        binance_refuse(&call->base, -1145, "Invalid cancelRestrictions");
}

static struct cancel read_cancel(struct binance_spot_call *call, const char *id_name,
                                 const char *client_id_name)
{
    struct cancel cancel = {.market = binance_spot_read_market(call, BINANCE_MANDATORY)};
    cancel.id = binance_read_int(&call->base, id_name, BINANCE_OPTIONAL);
    cancel.client_id = binance_read_text(&call->base, client_id_name, BINANCE_OPTIONAL);
    if (cancel.id == 0 && cancel.client_id.size == 0)
        binance_refuse(&call->base, -1102,
                       "Param '%s' or '%s' must be sent, but both were empty/null!", client_id_name,
                       id_name);
    read_restriction(call, &cancel);
    return cancel;
}

static const struct paper_spot_order *run_cancel(struct binance_spot_call *call,
                                                 const struct cancel *cancel)
{
    const struct paper_spot_order *order = paper_spot_find_order(
        call->spot, call->base.account, cancel->market, cancel->id, cancel->client_id);
    if (order && cancel->id != 0 && cancel->client_id.size > 0 &&
        !keel_str_equals(cancel->client_id, keel_str_from(order->client_id)))
        binance_refuse(&call->base, -2011, "Unknown order sent.");
    bool partial = order && order->status == PAPER_ORDER_PARTIALLY_FILLED;
    bool new = order && order->status == PAPER_ORDER_NEW;
    if ((cancel->only_new && partial) || (cancel->only_partial && new))
        binance_refuse(&call->base, -2011, "Order was not canceled due to cancel restrictions.");
    if (binance_refused(&call->base))
        return NULL;
    enum paper_spot_error error = paper_spot_cancel_order(
        call->spot, call->base.now_ms, call->base.account, cancel->market, cancel->id,
        cancel->client_id, name_of_cancel(call, cancel->cancel_id), &order);
    binance_spot_refuse_engine(call, error, -2011);
    return binance_refused(&call->base) ? NULL : order;
}

void binance_spot_cancel_order(struct binance_spot_call *call)
{
    struct cancel cancel = read_cancel(call, "orderId", "origClientOrderId");
    cancel.cancel_id = binance_spot_read_client_id(call, "newClientOrderId");
    const struct paper_spot_order *order =
        binance_refused(&call->base) ? NULL : run_cancel(call, &cancel);
    if (order)
        binance_spot_put_canceled(call->spot, call->base.out, NULL, order);
}

void binance_spot_cancel_open_orders(struct binance_spot_call *call)
{
    keel_market_id market = binance_spot_read_market(call, BINANCE_MANDATORY);
    if (binance_refused(&call->base))
        return;
    const struct paper_spot_order *order =
        paper_spot_next_open_order(call->spot, call->base.account, market, NULL);
    if (!order)
        binance_refuse(&call->base, -2011, "Unknown order sent.");
    else
        keel_json_open_array(call->base.out, NULL);
    while (order) {
        const struct paper_spot_order *next =
            paper_spot_next_open_order(call->spot, call->base.account, market, order);
        const struct cancel cancel = {.market = market, .id = order->id};
        order = run_cancel(call, &cancel);
        if (order)
            binance_spot_put_canceled(call->spot, call->base.out, NULL, order);
        order = next;
    }
    if (!binance_refused(&call->base))
        keel_json_close_array(call->base.out);
}

/* --- Cancel and replace ------------------------------------------------------------------------
 */

/* A half of the call: its result or its refusal, as JSON. */
struct half {
    bool done, tried;
    struct keel_writer json;
};

static bool begin_half(struct binance_spot_call *call, struct half *half)
{
    static const size_t size = 1 << 19; /* a great order with all its fills */
    char *text = keel_arena_take(&call->dialect->arena, size);
    *half = (struct half){.tried = true};
    if (!text)
        return false;
    keel_writer_init(&half->json, text, size);
    return true;
}

static void end_half(struct half *half, const struct binance_spot_call *call)
{
    half->done = !binance_refused(&call->base);
    if (!half->done)
        binance_put_error(&half->json, NULL, call->base.code, call->base.message);
}

static struct half cancel_half(const struct binance_spot_call *call, const struct cancel *cancel)
{
    struct half half;
    struct binance_spot_call part = *call;
    if (!begin_half(&part, &half))
        return half;
    const struct paper_spot_order *order = run_cancel(&part, cancel);
    if (order)
        binance_spot_put_canceled(call->spot, &half.json, NULL, order);
    end_half(&half, &part);
    return half;
}

static struct half place_half(struct binance_spot_call *call,
                              const struct paper_spot_request *request,
                              enum binance_spot_shape shape)
{
    struct half half;
    struct binance_spot_call part = *call;
    const struct paper_spot_order *order = NULL;
    if (!begin_half(&part, &half))
        return half;
    enum paper_spot_error error = paper_spot_place_order(
        call->spot, call->base.now_ms, call->base.account, request, false, &order);
    binance_spot_refuse_engine(&part, error, -2013);
    if (order)
        binance_spot_put_placed(call->spot, &half.json, NULL, order, shape);
    end_half(&half, &part);
    if (half.done)
        count_placed(call);
    return half;
}

static const char *word_of(const struct half *half)
{
    return !half->tried ? "NOT_ATTEMPTED" : half->done ? "SUCCESS" : "FAILURE";
}

static void put_halves(struct keel_writer *json, const struct half *cancel,
                       const struct half *place)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "cancelResult", word_of(cancel));
    keel_json_put_text(json, "newOrderResult", word_of(place));
    keel_json_put_raw(json, "cancelResponse", keel_writer_text(&cancel->json));
    if (place->tried)
        keel_json_put_raw(json, "newOrderResponse", keel_writer_text(&place->json));
    else
        keel_json_put_null(json, "newOrderResponse");
    keel_json_close_object(json);
}

static void tell_halves(struct binance_spot_call *call, const struct half *cancel,
                        const struct half *place)
{
    struct half data;
    if (cancel->done && place->done) {
        put_halves(call->base.out, cancel, place);
        return;
    }
    if (!begin_half(call, &data))
        return;
    put_halves(&data.json, cancel, place);
    call->data = keel_writer_text(&data.json);
    if (cancel->done || place->done)
        binance_refuse(&call->base, -2021, "Order cancel-replace partially failed.");
    else
        binance_refuse(&call->base, -2022, "Order cancel-replace failed.");
}

void binance_spot_cancel_replace(struct binance_spot_call *call)
{
    struct paper_spot_request request;
    enum binance_spot_shape shape;
    keel_str mode = binance_read_text(&call->base, "cancelReplaceMode", BINANCE_MANDATORY);
    bool stops = keel_str_equals(mode, KEEL_STR("STOP_ON_FAILURE"));
    if (mode.size > 0 && !stops && !keel_str_equals(mode, KEEL_STR("ALLOW_FAILURE")))
        binance_refuse(&call->base, -1100,
                       "Illegal characters found in parameter 'cancelReplaceMode'.");
    struct cancel cancel = read_cancel(call, "cancelOrderId", "cancelOrigClientOrderId");
    cancel.cancel_id = binance_spot_read_client_id(call, "cancelNewClientOrderId");
    read_request(call, &request, &shape);
    if (binance_refused(&call->base))
        return;
    struct half first = cancel_half(call, &cancel);
    struct half second = {.tried = false};
    if (first.done || !stops)
        second = place_half(call, &request, shape);
    tell_halves(call, &first, &second);
}

/* --- Amending ----------------------------------------------------------------------------------
 */

void binance_spot_amend_order(struct binance_spot_call *call)
{
    struct paper_spot_amend amend = {.price = KEEL_DECIMAL_ABSENT};
    const struct paper_spot_order *order;
    amend.market = binance_spot_read_market(call, BINANCE_MANDATORY);
    binance_read_order_key(&call->base, "orderId", "origClientOrderId", &amend.order_id,
                           &amend.client_id);
    amend.quantity = binance_spot_read_amount(call, "newQty", BINANCE_MANDATORY);
    amend.new_client_id = binance_spot_read_client_id(call, "newClientOrderId");
    if (binance_refused(&call->base))
        return;
    amend.new_client_id = name_of_cancel(call, amend.new_client_id);
    order = paper_spot_find_order(call->spot, call->base.account, amend.market, amend.order_id,
                                  amend.client_id);
    if (order && keel_decimal_compare(amend.quantity, order->quantity) >= 0) {
        binance_refuse(&call->base, -2038,
                       "The requested action would change no state; rejecting.");
        return;
    }
    enum paper_spot_error error =
        paper_spot_amend_order(call->spot, call->base.now_ms, call->base.account, &amend, &order);
    binance_spot_refuse_engine(call, error, -2013);
    if (!binance_refused(&call->base))
        binance_spot_put_amended(call->spot, call->base.out, order, ++call->dialect->execution_id);
}

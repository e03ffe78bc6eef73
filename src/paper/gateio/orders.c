#include "paper/gateio/render.h"

#include <stdlib.h>

enum {
    TEXT_MAX = 28, /* after "t-" */
};

/* --- What an order may be ----------------------------------------------------------------------
 */

static bool is_text_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-' || c == '.';
}

bool gateio_text_is_valid(keel_str text)
{
    if (!keel_str_starts_with(text, KEEL_STR("t-")) || text.size == 2 || text.size > 2 + TEXT_MAX)
        return false;
    for (size_t i = 2; i < text.size; i++) {
        if (!is_text_char(text.data[i]))
            return false;
    }
    return true;
}

keel_str gateio_read_client_text(struct gateio_call *call)
{
    keel_str text = gateio_read_text(call, "text", GATEIO_OPTIONAL);
    if (text.size > 0 && !gateio_text_is_valid(text))
        gateio_refuse(call, "INVALID_PARAM_VALUE",
                      "text must begin with t- and have at most 28 more of 0-9A-Za-z_-. : %.*s",
                      KEEL_STR_ARGS(text));
    return text;
}

/* Without the header, and where a contract has no fractions, what is behind the point is dropped
 * without a word; with the header it is refused. */
keel_decimal gateio_read_size(struct gateio_call *call, const char *name, keel_market_id market)
{
    keel_decimal size = gateio_read_decimal(call, name, GATEIO_OPTIONAL);
    const struct gateio_contract *contract = gateio_contract_get(market);
    if (!contract || !keel_decimal_is_valid(size))
        return size;
    keel_decimal whole = keel_decimal_round_to_digits(size, 0, KEEL_ROUND_DOWN);
    if (!call->decimal_sizes)
        return whole;
    if (!contract->enable_decimal && !keel_decimal_equals(whole, size))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "%s of %.*s must be a whole number", name,
                      KEEL_STR_ARGS(contract->name));
    return size;
}

static enum keel_time_in_force read_tif(struct gateio_call *call)
{
    keel_str tif = gateio_read_text(call, "tif", GATEIO_OPTIONAL);
    if (tif.size == 0 || keel_str_equals(tif, KEEL_STR("gtc")))
        return KEEL_GTC;
    if (keel_str_equals(tif, KEEL_STR("ioc")))
        return KEEL_IOC;
    if (keel_str_equals(tif, KEEL_STR("fok")))
        return KEEL_FOK;
    if (keel_str_equals(tif, KEEL_STR("poc")))
        return KEEL_GTX;
    gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid tif: %.*s", KEEL_STR_ARGS(tif));
    return KEEL_GTC;
}

/* --- Placing -----------------------------------------------------------------------------------
 */

struct intent {
    struct paper_order_request request;
    keel_decimal size; /* contracts, signed */
    keel_str auto_size;
    bool close, at_market;
    keel_decimal iceberg;
};

static keel_decimal position_quantity(const struct gateio_call *call, keel_market_id market,
                                      enum keel_position_side side)
{
    struct paper_position position;
    paper_engine_get_leg(call->engine, call->account, market, side, &position);
    return position.quantity;
}

/* In dual mode a position is closed by auto_size and reduce_only, in single mode by close. */
static enum keel_position_side read_closed_side(struct gateio_call *call, struct intent *intent)
{
    bool names_long = keel_str_equals(intent->auto_size, KEEL_STR("close_long"));
    bool names_short = keel_str_equals(intent->auto_size, KEEL_STR("close_short"));
    if (gateio_refused(call))
        return KEEL_NET;
    if (!gateio_is_dual(call)) {
        if (intent->auto_size.size > 0)
            gateio_refuse(call, "INVALID_PARAM_VALUE", "auto_size is for dual mode");
        return KEEL_NET;
    }
    if (!names_long && !names_short)
        gateio_refuse(call, "POSITION_DUAL_MODE", "auto_size is needed in dual mode");
    else if (!intent->request.reduce_only)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "auto_size needs reduce_only");
    return names_long ? KEEL_LONG : KEEL_SHORT;
}

/* All of the position, whatever the size. */
static void read_close(struct gateio_call *call, struct intent *intent)
{
    enum keel_position_side side = read_closed_side(call, intent);
    if (keel_decimal_is_valid(intent->size) && !keel_decimal_is_zero(intent->size))
        gateio_refuse(call, "INVALID_ARGUMENT", "size must be 0 to close");
    if (gateio_refused(call))
        return;
    keel_decimal held = position_quantity(call, intent->request.market, side);
    if (keel_decimal_is_zero(held))
        gateio_refuse(call, "POSITION_EMPTY", "position is empty");
    intent->close = true;
    intent->request.position_side = side;
    intent->request.side = keel_decimal_is_negative(held) ? KEEL_BUY : KEEL_SELL;
    intent->request.quantity = keel_decimal_abs(held);
    intent->request.reduce_only = true;
}

/* In dual mode the position that is meant follows from the sign and reduce_only. */
static enum keel_position_side meant_side(const struct gateio_call *call, enum keel_side side,
                                          bool reduce_only)
{
    if (!gateio_is_dual(call))
        return KEEL_NET;
    return (side == KEEL_BUY) != reduce_only ? KEEL_LONG : KEEL_SHORT;
}

static void read_open(struct gateio_call *call, struct intent *intent)
{
    if (gateio_refused(call))
        return;
    if (!keel_decimal_is_valid(intent->size) || keel_decimal_is_zero(intent->size)) {
        gateio_refuse(call, "INVALID_ARGUMENT", "invalid size");
        return;
    }
    intent->request.side = keel_decimal_is_negative(intent->size) ? KEEL_SELL : KEEL_BUY;
    intent->request.position_side =
        meant_side(call, intent->request.side, intent->request.reduce_only);
    intent->request.quantity =
        gateio_quantity_of(intent->request.market, keel_decimal_abs(intent->size));
}

/* A market order that must fill whole is a limit order at the furthest price that it may take. */
static void bound_price(struct gateio_call *call, struct intent *intent)
{
    const struct gateio_contract *contract = gateio_contract_get(intent->request.market);
    struct paper_ticker ticker;
    paper_engine_get_ticker(call->engine, intent->request.market, &ticker);
    bool buys = intent->request.side == KEEL_BUY;
    keel_decimal away = keel_decimal_mul(ticker.mark_price, contract->slip_ratio, KEEL_ROUND_DOWN);
    keel_decimal bound = buys ? keel_decimal_add(ticker.mark_price, away)
                              : keel_decimal_sub(ticker.mark_price, away);
    intent->request.price = keel_decimal_round_to_step(
        bound, contract->price_round, buys ? KEEL_ROUND_FLOOR : KEEL_ROUND_CEILING);
}

/* The venue takes a price off the grid for the nearest that is on it: in its documentation an order
 * at 31503.28 is answered with 31503.3. */
static keel_decimal put_on_grid(keel_market_id market, keel_decimal price)
{
    return keel_decimal_round_to_step(price, gateio_contract_get(market)->price_round,
                                      KEEL_ROUND_HALF_EVEN);
}

static void read_price(struct gateio_call *call, struct intent *intent)
{
    struct paper_order_request *request = &intent->request;
    keel_decimal price = gateio_read_decimal(call, "price", GATEIO_OPTIONAL);
    enum keel_time_in_force tif = read_tif(call);
    if (gateio_refused(call))
        return;
    if (!keel_decimal_is_valid(price)) {
        gateio_refuse(call, "INVALID_ARGUMENT", "invalid argument: #4");
        return;
    }
    request->type = KEEL_LIMIT;
    request->time_in_force = tif;
    request->price = put_on_grid(request->market, price);
    intent->at_market = keel_decimal_is_zero(price);
    if (!intent->at_market)
        return;
    if (tif != KEEL_IOC && tif != KEEL_FOK)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "price 0 is only for tif ioc and fok");
    if (tif == KEEL_FOK) {
        bound_price(call, intent);
        return;
    }
    request->type = KEEL_MARKET;
    request->time_in_force = KEEL_TIME_IN_FORCE_NONE;
    request->price = KEEL_DECIMAL_ABSENT;
}

static void check_self_trade(struct gateio_call *call)
{
    keel_str act = gateio_read_text(call, "stp_act", GATEIO_OPTIONAL);
    if (act.size > 0 && !keel_str_equals(act, KEEL_STR("-")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "stp_act is for users of an STP group");
}

static void check_counterpart(struct gateio_call *call, const struct intent *intent)
{
    struct paper_ticker ticker;
    if (gateio_refused(call) || !intent->at_market)
        return;
    paper_engine_get_ticker(call->engine, intent->request.market, &ticker);
    keel_decimal there =
        intent->request.side == KEEL_BUY ? ticker.ask_quantity : ticker.bid_quantity;
    if (!keel_decimal_is_positive(there))
        gateio_refuse(call, "CONTRACT_NO_COUNTER", "no counterpart in the order book");
}

static void read_intent(struct gateio_call *call, struct intent *intent)
{
    *intent = (struct intent){.request = paper_order_request_init()};
    intent->request.market = gateio_read_contract(call, GATEIO_MANDATORY);
    intent->size = gateio_read_size(call, "size", intent->request.market);
    intent->close = gateio_read_bool(call, "close", GATEIO_OPTIONAL);
    intent->auto_size = gateio_read_text(call, "auto_size", GATEIO_OPTIONAL);
    intent->request.reduce_only = gateio_read_bool(call, "reduce_only", GATEIO_OPTIONAL);
    intent->request.client_id = gateio_read_client_text(call);
    intent->iceberg = gateio_read_size(call, "iceberg", intent->request.market);
    if (keel_decimal_is_negative(intent->iceberg))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid iceberg");
    check_self_trade(call);
    if (intent->close || intent->auto_size.size > 0)
        read_close(call, intent);
    else
        read_open(call, intent);
    read_price(call, intent);
    check_counterpart(call, intent);
}

static void note_order(struct gateio_call *call, const struct paper_order *order,
                       const struct intent *intent)
{
    struct gateio_order_note *note = gateio_record_add_note(&call->gateio->record, order->id);
    note->is_close = intent->close;
    note->at_market = intent->at_market;
    note->by_stream = call->origin == GATEIO_ORIGIN_WS;
    note->iceberg = intent->iceberg;
    (void)keel_str_copy(call->channel_id, note->channel_id, sizeof(note->channel_id));
}

/* NULL when it was refused. */
static const struct paper_order *place(struct gateio_call *call)
{
    const struct paper_order *order = NULL;
    struct intent intent;
    read_intent(call, &intent);
    if (gateio_refused(call))
        return NULL;
    enum paper_error error = paper_engine_place_order(call->engine, call->now_ms, call->account,
                                                      &intent.request, false, &order);
    gateio_refuse_engine(call, error, intent.request.market);
    if (gateio_refused(call))
        return NULL;
    note_order(call, order, &intent);
    return order;
}

void gateio_place_order(struct gateio_call *call)
{
    const struct paper_order *order = place(call);
    if (!order)
        return;
    call->status = 201;
    gateio_put_order(call->out, NULL, call->gateio, order, gateio_form_of(call));
}

/* --- Finding -----------------------------------------------------------------------------------
 */

static bool is_open(const struct paper_order *order)
{
    return order->status == PAPER_ORDER_NEW || order->status == PAPER_ORDER_PARTIALLY_FILLED;
}

/* A cancelled order without a fill is soon gone: by its text after a minute, and for good after
 * ten.
 */
static bool is_visible(const struct paper_order *order, bool by_text, int64_t now_ms)
{
    if (is_open(order) || keel_decimal_is_positive(order->filled_quantity))
        return true;
    int64_t age_ms = now_ms - order->update_time_ms;
    return age_ms <= (by_text ? GATEIO_TEXT_VISIBLE_MS : GATEIO_VISIBLE_MS);
}

static bool read_number(keel_str text, int64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.size; i++) {
        int digit = text.data[i] - '0';
        if (digit < 0 || digit > 9 || *number > (INT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return text.size > 0;
}

static const struct paper_order *find_order(struct gateio_call *call, keel_str key)
{
    int64_t id = 0;
    if (gateio_refused(call))
        return NULL;
    bool by_text = keel_str_starts_with(key, KEEL_STR("t-"));
    const struct paper_order *order = NULL;
    if (by_text || (read_number(key, &id) && id != 0))
        order = paper_engine_find_order(call->engine, call->account, KEEL_NO_MARKET, id, key);
    if (order && is_visible(order, by_text, call->now_ms))
        return order;
    gateio_refuse(call, "ORDER_NOT_FOUND", "Order not found");
    return NULL;
}

static keel_str read_order_key(struct gateio_call *call)
{
    if (call->subject.size > 0)
        return call->subject;
    if (gateio_params_find(call->params, "order_id"))
        return gateio_read_text(call, "order_id", GATEIO_MANDATORY);
    if (gateio_params_find(call->params, "text"))
        return gateio_read_text(call, "text", GATEIO_MANDATORY);
    return gateio_read_text(call, "order_id", GATEIO_MANDATORY);
}

/* For what needs an order that can still change. */
static const struct paper_order *find_open_order(struct gateio_call *call, keel_str key)
{
    const struct paper_order *order = find_order(call, key);
    if (!order || is_open(order))
        return order;
    gateio_refuse(call, "ORDER_FINISHED", "Order is finished");
    return NULL;
}

void gateio_get_order(struct gateio_call *call)
{
    const struct paper_order *order = find_order(call, read_order_key(call));
    if (order)
        gateio_put_order(call->out, NULL, call->gateio, order, gateio_form_of(call));
}

/* --- Amending and cancelling -------------------------------------------------------------------
 */

static void read_new_size(struct gateio_call *call, const struct paper_order *order,
                          struct paper_amend_request *request)
{
    keel_decimal size = gateio_read_size(call, "size", order->market);
    if (gateio_refused(call) || !keel_decimal_is_valid(size))
        return;
    bool is_close = gateio_record_note(&call->gateio->record, order->id)->is_close;
    if (is_close && keel_decimal_is_zero(size))
        return; /* it keeps its own */
    if (is_close)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "size of a close order cannot be changed");
    if (!keel_decimal_is_zero(size) && keel_decimal_is_negative(size) != (order->side == KEEL_SELL))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "order side cannot be changed");
    if (keel_decimal_is_zero(size))
        gateio_refuse(call, "INVALID_ARGUMENT", "invalid size");
    request->quantity = gateio_quantity_of(order->market, keel_decimal_abs(size));
}

static void read_new_price(struct gateio_call *call, struct paper_amend_request *request)
{
    keel_decimal price = gateio_read_decimal(call, "price", GATEIO_OPTIONAL);
    if (gateio_refused(call) || !keel_decimal_is_valid(price))
        return;
    if (!keel_decimal_is_positive(price))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid price");
    request->price = put_on_grid(request->market, price);
}

static const struct paper_order *amend(struct gateio_call *call, keel_str key)
{
    const struct paper_order *order = find_open_order(call, key);
    if (!order)
        return NULL;
    struct paper_amend_request request = {
        .market = order->market,
        .order_id = order->id,
        .side = order->side,
        .quantity = order->quantity,
        .price = order->price,
    };
    read_new_size(call, order, &request);
    read_new_price(call, &request);
    keel_str amend_text = gateio_read_text(call, "amend_text", GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return NULL;
    enum paper_error error =
        paper_engine_amend_order(call->engine, call->now_ms, call->account, &request, NULL);
    gateio_refuse_engine(call, error, order->market);
    if (gateio_refused(call))
        return NULL;
    struct gateio_order_note *note = gateio_record_note(&call->gateio->record, order->id);
    (void)keel_str_copy(amend_text, note->amend_text, sizeof(note->amend_text));
    return order;
}

void gateio_amend_order(struct gateio_call *call)
{
    const struct paper_order *order = amend(call, read_order_key(call));
    if (order)
        gateio_put_order(call->out, NULL, call->gateio, order, gateio_form_of(call));
}

static const struct paper_order *cancel(struct gateio_call *call, keel_str key)
{
    const struct paper_order *order = find_open_order(call, key);
    if (!order)
        return NULL;
    enum paper_error error = paper_engine_cancel_order(
        call->engine, call->now_ms, call->account, order->market, order->id, (keel_str){0}, NULL);
    gateio_refuse_engine(call, error, order->market);
    return gateio_refused(call) ? NULL : order;
}

void gateio_cancel_order(struct gateio_call *call)
{
    const struct paper_order *order = cancel(call, read_order_key(call));
    if (order)
        gateio_put_order(call->out, NULL, call->gateio, order, gateio_form_of(call));
}

static enum keel_side read_book_side(struct gateio_call *call)
{
    keel_str side = gateio_read_text(call, "side", GATEIO_OPTIONAL);
    if (keel_str_equals(side, KEEL_STR("bid")))
        return KEEL_BUY;
    if (keel_str_equals(side, KEEL_STR("ask")))
        return KEEL_SELL;
    if (side.size > 0)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid side: %.*s", KEEL_STR_ARGS(side));
    return KEEL_SIDE_NONE;
}

void gateio_cancel_orders(struct gateio_call *call)
{
    keel_market_id market = gateio_read_contract(call, GATEIO_OPTIONAL);
    enum keel_side side = read_book_side(call);
    bool keep_reducing = gateio_read_bool(call, "exclude_reduce_only", GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    const struct paper_order *order =
        paper_engine_next_open_order(call->engine, call->account, market, NULL);
    keel_json_open_array(call->out, NULL);
    while (order) {
        const struct paper_order *at = order;
        order = paper_engine_next_open_order(call->engine, call->account, market, at);
        if ((side != KEEL_SIDE_NONE && at->side != side) || (keep_reducing && at->reduce_only))
            continue;
        if (paper_engine_cancel_order(call->engine, call->now_ms, call->account, at->market, at->id,
                                      (keel_str){0}, NULL) == PAPER_OK)
            gateio_put_order(call->out, NULL, call->gateio, at, gateio_form_of(call));
    }
    keel_json_close_array(call->out);
}

/* --- Batches -----------------------------------------------------------------------------------
 */

int gateio_count_batch(keel_str body)
{
    struct keel_json json;
    int count = 0;
    keel_json_init(&json, body);
    if (keel_json_peek(&json) != KEEL_JSON_ARRAY || !keel_json_enter_array(&json))
        return 1;
    while (keel_json_next_element(&json)) {
        keel_json_skip(&json);
        count++;
    }
    return count > 0 ? count : 1;
}

/* One malformed item spoils the whole call, before any is carried out. */
static bool check_batch(struct gateio_call *call, int count_max, bool objects)
{
    struct keel_json json;
    int count = 0;
    keel_json_init(&json, call->body);
    keel_json_enter_array(&json);
    while (keel_json_next_element(&json)) {
        enum keel_json_type type = keel_json_peek(&json);
        bool fits = objects ? type == KEEL_JSON_OBJECT
                            : type == KEEL_JSON_STRING || type == KEEL_JSON_NUMBER;
        if (!fits)
            keel_json_fail(&json, "another kind of element is expected");
        keel_json_skip(&json);
        count++;
    }
    if (keel_json_finish(&json, NULL) != KEEL_OK)
        gateio_refuse(call, "INVALID_REQUEST_BODY", "Invalid request body");
    else if (count == 0 || count > count_max)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "between 1 and %d items are expected",
                      count_max);
    return !gateio_refused(call);
}

static void put_item(struct gateio_call *call, const struct gateio_call *item,
                     const struct paper_order *order)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_bool(call->out, "succeeded", order != NULL);
    if (order) {
        gateio_put_order_members(call->out, call->gateio, order, gateio_form_of(call));
    } else {
        keel_json_put_text(call->out, "label", item->label);
        keel_json_put_text(call->out, "detail", item->message);
    }
    keel_json_close_object(call->out);
}

/* Each element of the body as a call of its own. */
static void each_item(struct gateio_call *call,
                      void (*run)(struct gateio_call *call, struct gateio_call *item))
{
    struct keel_json json;
    keel_json_init(&json, call->body);
    keel_json_enter_array(&json);
    while (keel_json_next_element(&json)) {
        struct gateio_params params = {.count = 0};
        struct gateio_call item = *call;
        keel_str text = {0};
        keel_json_raw(&json, &text);
        item.params = &params;
        item.subject = (keel_str){0};
        if (!gateio_params_add_object(&params, text, &call->gateio->arena))
            gateio_refuse(&item, "INVALID_REQUEST_BODY", "Invalid request body");
        run(call, &item);
    }
}

/* What an order lacks, or what cannot be read in it, spoils the whole call, too; what the venue
 * would not do is the order's own. */
static void check_form(struct gateio_call *call, struct gateio_call *item)
{
    (void)gateio_read_text(item, "contract", GATEIO_MANDATORY);
    (void)gateio_read_decimal(item, "size", GATEIO_OPTIONAL);
    (void)gateio_read_decimal(item, "price", GATEIO_MANDATORY);
    (void)gateio_read_bool(item, "close", GATEIO_OPTIONAL);
    (void)gateio_read_bool(item, "reduce_only", GATEIO_OPTIONAL);
    (void)gateio_read_client_text(item);
    (void)read_tif(item);
    if (gateio_refused(item))
        gateio_refuse(call, item->label, "%s", item->message);
}

static void place_item(struct gateio_call *call, struct gateio_call *item)
{
    put_item(call, item, place(item));
}

void gateio_place_batch(struct gateio_call *call)
{
    if (!check_batch(call, GATEIO_BATCH_ORDERS_MAX, true))
        return;
    each_item(call, check_form);
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    each_item(call, place_item);
    keel_json_close_array(call->out);
}

static void amend_item(struct gateio_call *call, struct gateio_call *item)
{
    put_item(call, item, gateio_refused(item) ? NULL : amend(item, read_order_key(item)));
}

void gateio_amend_batch(struct gateio_call *call)
{
    if (!check_batch(call, GATEIO_BATCH_ORDERS_MAX, true))
        return;
    keel_json_open_array(call->out, NULL);
    each_item(call, amend_item);
    keel_json_close_array(call->out);
}

/* Over the WebSocket a failed item has a message and no "succeeded". */
static void cancel_item(struct gateio_call *call, keel_str id)
{
    struct gateio_call item = *call;
    bool done = cancel(&item, id) != NULL;
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "user_id", gateio_user_id(call->account));
    keel_json_put_string(call->out, "id", id);
    if (done || call->origin == GATEIO_ORIGIN_REST)
        keel_json_put_bool(call->out, "succeeded", done);
    if (done || call->origin == GATEIO_ORIGIN_REST || item.label)
        keel_json_put_text(call->out, "message", done ? "" : item.label);
    if (!done && call->origin == GATEIO_ORIGIN_REST)
        keel_json_put_text(call->out, "label", item.label);
    keel_json_close_object(call->out);
}

void gateio_cancel_batch(struct gateio_call *call)
{
    struct keel_json json;
    if (!check_batch(call, GATEIO_BATCH_CANCELS_MAX, false))
        return;
    keel_json_init(&json, call->body);
    keel_json_enter_array(&json);
    keel_json_open_array(call->out, NULL);
    while (keel_json_next_element(&json)) {
        keel_str id = {0};
        if (keel_json_peek(&json) == KEEL_JSON_STRING)
            keel_json_read_string(&json, &call->gateio->arena, &id);
        else
            keel_json_raw(&json, &id);
        cancel_item(call, id);
    }
    keel_json_close_array(call->out);
}

/* --- Lists -------------------------------------------------------------------------------------
 */

static void put_orders(struct gateio_call *call, const struct gateio_list *list)
{
    call->list_total = list->total;
    keel_json_open_array(call->out, NULL);
    for (int i = list->count - 1; i >= 0; i--)
        gateio_put_order(call->out, NULL, call->gateio, list->at[i], gateio_form_of(call));
    keel_json_close_array(call->out);
}

static void list_open(struct gateio_call *call, keel_market_id market, int64_t last_id)
{
    struct gateio_list list;
    gateio_list_begin(&list);
    do {
        const struct paper_order *order = NULL;
        while ((order = paper_engine_next_open_order(call->engine, call->account, market, order))) {
            if (last_id == 0 || order->id < last_id)
                gateio_list_visit(&list, order);
        }
    } while (gateio_list_turn(&list, call));
    put_orders(call, &list);
}

static void list_finished(struct gateio_call *call, const struct paper_query *query,
                          int64_t last_id)
{
    struct gateio_list list;
    gateio_list_begin(&list);
    do {
        const struct paper_order *order = NULL;
        while ((order = paper_engine_next_order(call->engine, query, order))) {
            if (!is_open(order) && is_visible(order, false, call->now_ms) &&
                (last_id == 0 || order->id < last_id))
                gateio_list_visit(&list, order);
        }
    } while (gateio_list_turn(&list, call));
    put_orders(call, &list);
}

void gateio_list_orders(struct gateio_call *call)
{
    keel_str status = gateio_read_text(call, "status", GATEIO_MANDATORY);
    keel_market_id market = gateio_read_contract(call, GATEIO_OPTIONAL);
    int64_t last_id = gateio_read_int(call, "last_id", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    bool open = keel_str_equals(status, KEEL_STR("open"));
    if (!open && !keel_str_equals(status, KEEL_STR("finished")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid status: %.*s", KEEL_STR_ARGS(status));
    if (gateio_refused(call))
        return;
    const struct paper_query query = {.account = call->account, .market = market};
    if (open)
        list_open(call, market, last_id);
    else
        list_finished(call, &query, last_id);
}

void gateio_list_orders_of_span(struct gateio_call *call)
{
    struct paper_query query = {.account = call->account};
    query.market = gateio_read_contract(call, GATEIO_OPTIONAL);
    gateio_read_span(call, &query.start_ms, &query.end_ms);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (!gateio_refused(call))
        list_finished(call, &query, 0);
}

static void list_trades(struct gateio_call *call, const struct paper_query *query, int64_t last_id,
                        keel_str role, bool by_range)
{
    struct gateio_list list;
    gateio_list_begin(&list);
    do {
        const struct paper_trade *trade = NULL;
        while ((trade = paper_engine_next_trade(call->engine, query, trade))) {
            bool fits = role.size == 0 ||
                        keel_str_equals(role, trade->maker ? KEEL_STR("maker") : KEEL_STR("taker"));
            if (fits && (last_id == 0 || trade->id < last_id))
                gateio_list_visit(&list, trade);
        }
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        gateio_put_trade(call->out, call->gateio, list.at[i], by_range, gateio_form_of(call));
    keel_json_close_array(call->out);
}

void gateio_list_my_trades(struct gateio_call *call)
{
    struct paper_query query = {.account = call->account};
    query.market = gateio_read_contract(call, GATEIO_OPTIONAL);
    query.order_id = gateio_read_int(call, "order", GATEIO_OPTIONAL);
    int64_t last_id = gateio_read_int(call, "last_id", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (!gateio_refused(call))
        list_trades(call, &query, last_id, (keel_str){0}, false);
}

void gateio_list_my_trades_of_span(struct gateio_call *call)
{
    struct paper_query query = {.account = call->account};
    query.market = gateio_read_contract(call, GATEIO_OPTIONAL);
    gateio_read_span(call, &query.start_ms, &query.end_ms);
    keel_str role = gateio_read_text(call, "role", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (!gateio_refused(call))
        list_trades(call, &query, 0, role, true);
}

/* --- The countdown -----------------------------------------------------------------------------
 */

void gateio_set_countdown(struct gateio_call *call)
{
    int64_t timeout = gateio_read_int(call, "timeout", GATEIO_MANDATORY);
    keel_market_id only = gateio_read_contract(call, GATEIO_OPTIONAL);
    if (timeout != 0 && (timeout < 5 || timeout > INT32_MAX))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "timeout must be 0, or 5 and more");
    if (gateio_refused(call))
        return;
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_CONTRACTS; id++) {
        if (only == KEEL_NO_MARKET || only == id)
            paper_engine_set_countdown(call->engine, call->now_ms, call->account, id,
                                       timeout * 1000);
    }
    keel_json_open_object(call->out, NULL);
    gateio_put_int_text(call->out, "triggerTime", timeout == 0 ? 0 : call->now_ms + timeout * 1000);
    keel_json_close_object(call->out);
}

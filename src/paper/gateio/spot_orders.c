#include "paper/gateio/spot.h"

enum {
    PAIRS_OF_A_BATCH = 4,
    ORDERS_OF_A_BATCH = 10, /* a pair */
    AMENDMENTS_MAX = 5,
    OPEN_LIMIT_MAX = 100,
    TIMEOUT_MIN_S = 5,
};

/* --- Placing -----------------------------------------------------------------------------------
 */

static bool read_is_market(struct gateio_call *call)
{
    keel_str type = gateio_read_text(call, "type", GATEIO_OPTIONAL);
    if (keel_str_equals(type, KEEL_STR("market")))
        return true;
    if (type.size > 0 && !keel_str_equals(type, KEEL_STR("limit")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid type: %.*s", KEEL_STR_ARGS(type));
    return false;
}

/* A market order never rests. */
static enum keel_time_in_force read_time_in_force(struct gateio_call *call, bool market)
{
    keel_str word = gateio_read_text(call, "time_in_force", GATEIO_OPTIONAL);
    if (keel_str_equals(word, KEEL_STR("ioc")) || (market && word.size == 0))
        return KEEL_IOC;
    if (keel_str_equals(word, KEEL_STR("fok")))
        return KEEL_FOK;
    if (!market && (word.size == 0 || keel_str_equals(word, KEEL_STR("gtc"))))
        return KEEL_GTC;
    if (!market && keel_str_equals(word, KEEL_STR("poc")))
        return KEEL_GTX;
    gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid time_in_force: %.*s", KEEL_STR_ARGS(word));
    return KEEL_GTC;
}

/* What is kept of all that the venue offers: plain spot orders of users without an STP group. */
static void check_options(struct gateio_call *call)
{
    keel_str act = gateio_read_text(call, "stp_act", GATEIO_OPTIONAL);
    keel_decimal iceberg = gateio_read_decimal(call, "iceberg", GATEIO_OPTIONAL);
    gateio_check_account(call, "spot");
    if (act.size > 0 && !keel_str_equals(act, KEEL_STR("-")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "stp_act is for users of an STP group");
    if (keel_decimal_is_valid(iceberg) && !keel_decimal_is_zero(iceberg))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "iceberg is not offered");
}

static keel_str read_text(struct gateio_call *call)
{
    keel_str text = gateio_read_text(call, "text", GATEIO_OPTIONAL);
    if (keel_str_starts_with(text, KEEL_STR("t-")) && !gateio_text_is_valid(text))
        gateio_refuse(call, "INVALID_CLIENT_ORDER_ID", "invalid text: %.*s", KEEL_STR_ARGS(text));
    else if (text.size > 0 && !gateio_text_is_valid(text))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "text must begin with t-: %.*s",
                      KEEL_STR_ARGS(text));
    return text;
}

/* A market order to buy says how much it spends. */
static void read_amount(struct gateio_call *call, struct paper_spot_request *request)
{
    keel_decimal amount = gateio_read_decimal(call, "amount", GATEIO_MANDATORY);
    if (request->type == KEEL_MARKET && request->side == KEEL_BUY)
        request->quote_quantity = amount;
    else
        request->quantity = amount;
}

static struct paper_spot_request read_request(struct gateio_call *call)
{
    struct paper_spot_request request = paper_spot_request_init();
    request.market = gateio_read_pair(call, "currency_pair", GATEIO_MANDATORY);
    request.side = gateio_read_side(call, GATEIO_MANDATORY);
    bool market = read_is_market(call);
    request.type = market ? KEEL_MARKET : KEEL_LIMIT;
    request.time_in_force = read_time_in_force(call, market);
    request.strict = request.time_in_force == KEEL_FOK;
    read_amount(call, &request);
    if (!market)
        request.price = gateio_read_decimal(call, "price", GATEIO_MANDATORY);
    request.client_id = read_text(call);
    request.marks[0] = call->origin;
    check_options(call);
    return request;
}

/* NULL when it was refused. Over the WebSocket all orders are counted before. */
static const struct paper_spot_order *place(struct gateio_call *call)
{
    const struct paper_spot_order *order = NULL;
    struct paper_spot_request request = read_request(call);
    if (call->origin == GATEIO_ORIGIN_REST)
        gateio_charge_pair(call, request.market, 1);
    if (gateio_refused(call))
        return NULL;
    gateio_refuse_spot(call, paper_spot_place_order(call->spot, call->now_ms, call->account,
                                                    &request, false, &order));
    return gateio_refused(call) ? NULL : order;
}

static bool is_list(keel_str body)
{
    struct keel_json json;
    keel_json_init(&json, body);
    return keel_json_peek(&json) == KEEL_JSON_ARRAY;
}

void gateio_spot_place(struct gateio_call *call)
{
    if (call->origin == GATEIO_ORIGIN_WS && is_list(call->body)) {
        gateio_spot_place_batch(call);
        return;
    }
    const struct paper_spot_order *order = place(call);
    if (!order)
        return;
    call->status = 201;
    gateio_put_spot_order(call->out, call->gateio, order);
}

/* --- Finding -----------------------------------------------------------------------------------
 */

/* A finished order's text is forgotten after a minute, and an order without a fill altogether after
 * ten. */
static bool is_visible(const struct paper_spot_order *order, bool by_text, int64_t now_ms)
{
    int64_t age_ms = now_ms - order->update_time_ms;
    if (gateio_spot_is_open(order))
        return true;
    if (by_text && age_ms > GATEIO_TEXT_VISIBLE_MS)
        return false;
    return keel_decimal_is_positive(order->filled_quantity) || age_ms <= GATEIO_VISIBLE_MS;
}

/* A trigger order is no order before it is fired. */
static bool is_order(const struct paper_spot_order *order)
{
    return !gateio_is_trigger(order) || order->working_time_ms != 0;
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

static const struct paper_spot_order *find_order(struct gateio_call *call, keel_market_id pair,
                                                 keel_str key)
{
    const struct paper_spot_order *order = NULL;
    int64_t id = 0;
    if (gateio_refused(call))
        return NULL;
    bool by_text = keel_str_starts_with(key, KEEL_STR("t-"));
    if (by_text || (read_number(key, &id) && id != 0))
        order = paper_spot_find_order(call->spot, call->account, pair, id, key);
    if (order && is_order(order) && is_visible(order, by_text, call->now_ms))
        return order;
    gateio_refuse(call, by_text ? "CLIENT_ID_NOT_FOUND" : "ORDER_NOT_FOUND",
                  by_text ? "Order with text %.*s not found" : "Order with ID %.*s not found",
                  KEEL_STR_ARGS(key));
    return NULL;
}

/* Of the path, or as whoever calls names it. */
static keel_str read_key(struct gateio_call *call)
{
    if (call->subject.size > 0)
        return call->subject;
    if (gateio_params_find(call->params, "id"))
        return gateio_read_text(call, "id", GATEIO_MANDATORY);
    return gateio_read_text(call, "order_id", GATEIO_MANDATORY);
}

static const struct paper_spot_order *read_order(struct gateio_call *call)
{
    keel_market_id pair = gateio_read_pair(call, "currency_pair", GATEIO_MANDATORY);
    keel_str key = read_key(call);
    gateio_check_account(call, "spot");
    return find_order(call, pair, key);
}

static const struct paper_spot_order *read_open_order(struct gateio_call *call)
{
    const struct paper_spot_order *order = read_order(call);
    if (!order || gateio_spot_is_open(order))
        return order;
    if (order->status == PAPER_ORDER_FILLED)
        gateio_refuse(call, "ORDER_CLOSED", "Order with ID %lld is closed", (long long)order->id);
    else
        gateio_refuse(call, "ORDER_CANCELLED", "Order with ID %lld is cancelled",
                      (long long)order->id);
    return NULL;
}

void gateio_spot_get(struct gateio_call *call)
{
    const struct paper_spot_order *order = read_order(call);
    if (order)
        gateio_put_spot_order(call->out, call->gateio, order);
}

/* --- Amending and cancelling -------------------------------------------------------------------
 */

static const struct paper_spot_order *amend(struct gateio_call *call)
{
    const struct paper_spot_order *order = read_open_order(call);
    if (!order)
        return NULL;
    struct paper_spot_amend request = {
        .market = order->market,
        .order_id = order->id,
        .quantity = gateio_read_decimal(call, "amount", GATEIO_OPTIONAL),
        .price = gateio_read_decimal(call, "price", GATEIO_OPTIONAL),
    };
    keel_str text = gateio_read_text(call, "amend_text", GATEIO_OPTIONAL);
    if (call->origin == GATEIO_ORIGIN_REST)
        gateio_charge_pair(call, order->market, 1);
    if (!keel_decimal_is_valid(request.quantity) && !keel_decimal_is_valid(request.price))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "amount or price is needed");
    if (gateio_refused(call))
        return NULL;
    enum paper_spot_error error =
        paper_spot_amend_order(call->spot, call->now_ms, call->account, &request, &order);
    gateio_refuse_spot(call, error);
    if (gateio_refused(call))
        return NULL;
    gateio_spot_note_amendment(call->gateio, order->id, text);
    return order;
}

void gateio_spot_amend(struct gateio_call *call)
{
    const struct paper_spot_order *order = amend(call);
    if (order)
        gateio_put_spot_order(call->out, call->gateio, order);
}

static const struct paper_spot_order *cancel(struct gateio_call *call)
{
    const struct paper_spot_order *order = read_open_order(call);
    if (!order)
        return NULL;
    gateio_refuse_spot(call, paper_spot_cancel_order(call->spot, call->now_ms, call->account,
                                                     order->market, order->id, (keel_str){0},
                                                     (keel_str){0}, &order));
    return gateio_refused(call) ? NULL : order;
}

void gateio_spot_cancel(struct gateio_call *call)
{
    const struct paper_spot_order *order = cancel(call);
    if (order)
        gateio_put_spot_order(call->out, call->gateio, order);
}

/* All that is open, but no trigger order. `out` may be NULL. */
static void cancel_open(struct paper_gateio *gateio, int account, keel_market_id pair,
                        enum keel_side side, int64_t now_ms, struct keel_writer *out)
{
    const struct paper_spot_order *next =
        paper_spot_next_open_order(gateio->spot, account, pair, NULL);
    while (next) {
        const struct paper_spot_order *order = next;
        next = paper_spot_next_open_order(gateio->spot, account, pair, order);
        if (!is_order(order) || (side != KEEL_SIDE_NONE && order->side != side))
            continue;
        if (paper_spot_cancel_order(gateio->spot, now_ms, account, order->market, order->id,
                                    (keel_str){0}, (keel_str){0}, &order) == PAPER_SPOT_OK &&
            out)
            gateio_put_spot_order(out, gateio, order);
    }
}

void gateio_spot_cancel_all(struct gateio_call *call)
{
    keel_market_id pair = gateio_read_pair(call, "currency_pair", GATEIO_OPTIONAL);
    enum keel_side side = gateio_read_side(call, GATEIO_OPTIONAL);
    gateio_check_account(call, "spot");
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    cancel_open(call->gateio, call->account, pair, side, call->now_ms, call->out);
    keel_json_close_array(call->out);
}

/* --- Batches -----------------------------------------------------------------------------------
 */

/* One element that is no object spoils the whole call, before any is carried out. */
static bool check_batch(struct gateio_call *call, int count_max)
{
    struct keel_json json;
    int count = 0;
    keel_json_init(&json, call->body);
    keel_json_enter_array(&json);
    while (keel_json_next_element(&json)) {
        if (keel_json_peek(&json) != KEEL_JSON_OBJECT)
            keel_json_fail(&json, "an object is expected");
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

/* Runs each element of the body as a call of its own. */
static void each_item(struct gateio_call *call, void *context,
                      void (*run)(struct gateio_call *call, struct gateio_call *item,
                                  void *context))
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
        run(call, &item, context);
    }
}

static void put_item(struct gateio_call *call, const struct gateio_call *item,
                     const struct paper_spot_order *order)
{
    keel_json_open_object(call->out, NULL);
    if (order) {
        gateio_put_int_text(call->out, "order_id", order->id);
        gateio_put_spot_order_members(call->out, call->gateio, order, (struct gateio_form){0});
    } else {
        const keel_str *text = gateio_params_find(item->params, "text");
        if (text)
            keel_json_put_string(call->out, "text", *text);
    }
    keel_json_put_bool(call->out, "succeeded", order != NULL);
    keel_json_put_text(call->out, "label", order ? "" : item->label);
    keel_json_put_text(call->out, "message", order ? "" : item->message);
    keel_json_close_object(call->out);
}

/* Each order of a batch has a text, and there are bounds on pairs and on the orders of each. */
struct census {
    int pairs, counts[GATEIO_PAIRS + 1];
};

static void count_item(struct gateio_call *call, struct gateio_call *item, void *context)
{
    struct census *census = context;
    keel_market_id pair = gateio_read_pair(item, "currency_pair", GATEIO_MANDATORY);
    keel_str text = gateio_read_text(item, "text", GATEIO_MANDATORY);
    census->pairs += census->counts[pair]++ == 0;
    if (text.size == 0)
        gateio_refuse(call, "MISSING_REQUIRED_PARAM", "Missing required parameter: text");
    if (census->pairs > PAIRS_OF_A_BATCH)
        gateio_refuse(call, "TOO_MANY_CURRENCY_PAIRS", "at most %d pairs", PAIRS_OF_A_BATCH);
    if (census->counts[pair] > ORDERS_OF_A_BATCH)
        gateio_refuse(call, "TOO_MANY_ORDERS", "at most %d orders a pair", ORDERS_OF_A_BATCH);
}

static void place_item(struct gateio_call *call, struct gateio_call *item, void *context)
{
    (void)context;
    const struct paper_spot_order *order = gateio_refused(item) ? NULL : place(item);
    put_item(call, item, order);
}

void gateio_spot_place_batch(struct gateio_call *call)
{
    struct census census = {0};
    if (!check_batch(call, PAIRS_OF_A_BATCH * ORDERS_OF_A_BATCH))
        return;
    each_item(call, &census, count_item);
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    each_item(call, NULL, place_item);
    keel_json_close_array(call->out);
}

static void amend_item(struct gateio_call *call, struct gateio_call *item, void *context)
{
    (void)context;
    const struct paper_spot_order *order = gateio_refused(item) ? NULL : amend(item);
    put_item(call, item, order);
}

void gateio_spot_amend_batch(struct gateio_call *call)
{
    if (!check_batch(call, AMENDMENTS_MAX))
        return;
    keel_json_open_array(call->out, NULL);
    each_item(call, NULL, amend_item);
    keel_json_close_array(call->out);
}

static void cancel_item(struct gateio_call *call, struct gateio_call *item, void *context)
{
    (void)context;
    keel_str pair = gateio_read_text(item, "currency_pair", GATEIO_MANDATORY);
    keel_str id = gateio_read_text(item, "id", GATEIO_MANDATORY);
    keel_str account = gateio_read_text(item, "account", GATEIO_OPTIONAL);
    const struct paper_spot_order *order = gateio_refused(item) ? NULL : cancel(item);
    keel_json_open_object(call->out, NULL);
    keel_json_put_string(call->out, "currency_pair", pair);
    keel_json_put_string(call->out, "id", id);
    keel_json_put_bool(call->out, "succeeded", order != NULL);
    keel_json_put_text(call->out, "label", order ? "" : item->label);
    keel_json_put_text(call->out, "message", order ? "" : item->message);
    keel_json_put_string(call->out, "account", account.size > 0 ? account : KEEL_STR("spot"));
    keel_json_close_object(call->out);
}

void gateio_spot_cancel_batch(struct gateio_call *call)
{
    if (!check_batch(call, GATEIO_BATCH_CANCELS_MAX))
        return;
    keel_json_open_array(call->out, NULL);
    each_item(call, NULL, cancel_item);
    keel_json_close_array(call->out);
}

/* --- Lists -------------------------------------------------------------------------------------
 */

static void put_orders(struct gateio_call *call, const struct gateio_list *list)
{
    keel_json_open_array(call->out, NULL);
    for (int i = list->count - 1; i >= 0; i--)
        gateio_put_spot_order(call->out, call->gateio, list->at[i]);
    keel_json_close_array(call->out);
}

static void list_open(struct gateio_call *call, keel_market_id pair, enum keel_side side,
                      struct gateio_list *list)
{
    gateio_list_begin(list);
    do {
        const struct paper_spot_order *order = NULL;
        while ((order = paper_spot_next_open_order(call->spot, call->account, pair, order))) {
            if (is_order(order) && (side == KEEL_SIDE_NONE || order->side == side))
                gateio_list_visit(list, order);
        }
    } while (gateio_list_turn(list, call));
}

/* By when they ended. */
static void list_finished(struct gateio_call *call, const struct paper_spot_query *query,
                          enum keel_side side, struct gateio_list *list)
{
    const struct paper_spot_query all = {.account = query->account, .market = query->market};
    gateio_list_begin(list);
    do {
        const struct paper_spot_order *order = NULL;
        while ((order = paper_spot_next_order(call->spot, &all, order))) {
            if (is_order(order) && !gateio_spot_is_open(order) &&
                (side == KEEL_SIDE_NONE || order->side == side) &&
                order->update_time_ms >= query->start_ms &&
                (query->end_ms == 0 || order->update_time_ms <= query->end_ms) &&
                is_visible(order, false, call->now_ms))
                gateio_list_visit(list, order);
        }
    } while (gateio_list_turn(list, call));
}

void gateio_spot_list(struct gateio_call *call)
{
    struct gateio_list list;
    struct paper_spot_query query = {.account = call->account};
    keel_str status = gateio_read_text(call, "status", GATEIO_MANDATORY);
    bool open = keel_str_equals(status, KEEL_STR("open"));
    if (!open && !keel_str_equals(status, KEEL_STR("finished")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid status: %.*s", KEEL_STR_ARGS(status));
    query.market =
        gateio_read_pair(call, "currency_pair", open ? GATEIO_MANDATORY : GATEIO_OPTIONAL);
    enum keel_side side = gateio_read_side(call, GATEIO_OPTIONAL);
    gateio_check_account(call, "spot");
    gateio_read_span(call, &query.start_ms, &query.end_ms);
    gateio_read_pages(call, open ? OPEN_LIMIT_MAX : GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    if (open)
        list_open(call, query.market, side, &list);
    else
        list_finished(call, &query, side, &list);
    call->list_total = list.total;
    put_orders(call, &list);
}

/* Every pair that has some; the page is of each pair's orders. */
void gateio_spot_list_open(struct gateio_call *call)
{
    gateio_check_account(call, "spot");
    gateio_read_pages(call, OPEN_LIMIT_MAX);
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (keel_market_id pair = 1; pair <= (keel_market_id)GATEIO_PAIRS; pair++) {
        struct gateio_list list;
        list_open(call, pair, KEEL_SIDE_NONE, &list);
        if (list.total == 0)
            continue;
        keel_json_open_object(call->out, NULL);
        keel_json_put_text(call->out, "currency_pair", paper_spot_market(call->spot, pair)->symbol);
        keel_json_put_int(call->out, "total", list.total);
        keel_json_open_array(call->out, "orders");
        for (int i = list.count - 1; i >= 0; i--)
            gateio_put_spot_order(call->out, call->gateio, list.at[i]);
        keel_json_close_array(call->out);
        keel_json_close_object(call->out);
    }
    keel_json_close_array(call->out);
    call->list_limit = 0;
}

void gateio_spot_list_trades(struct gateio_call *call)
{
    struct gateio_list list;
    struct paper_spot_query query = {.account = call->account};
    query.order_id = gateio_read_int(call, "order_id", GATEIO_OPTIONAL);
    query.market = gateio_read_pair(call, "currency_pair",
                                    query.order_id != 0 ? GATEIO_MANDATORY : GATEIO_OPTIONAL);
    gateio_check_account(call, "spot");
    gateio_read_week_or_month(call, &query);
    gateio_read_pages(call, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        const struct paper_spot_trade *trade = NULL;
        while ((trade = paper_spot_next_trade(call->spot, &query, trade)))
            gateio_list_visit(&list, trade);
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        gateio_put_spot_trade(call->out, call->gateio, list.at[i]);
    keel_json_close_array(call->out);
}

/* --- The countdown -----------------------------------------------------------------------------
 */

void gateio_spot_set_countdown(struct gateio_call *call)
{
    int64_t timeout = gateio_read_int(call, "timeout", GATEIO_MANDATORY);
    keel_market_id pair = gateio_read_pair(call, "currency_pair", GATEIO_OPTIONAL);
    if (timeout != 0 && (timeout < TIMEOUT_MIN_S || timeout > INT32_MAX))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "timeout must be 0, or %d and more",
                      TIMEOUT_MIN_S);
    if (gateio_refused(call))
        return;
    int64_t fires_ms = timeout == 0 ? 0 : call->now_ms + timeout * 1000;
    call->gateio->accounts[call->account].pair_countdown_ms[pair] = fires_ms;
    keel_json_open_object(call->out, NULL);
    gateio_put_int_text(call->out, "triggerTime", fires_ms);
    keel_json_close_object(call->out);
}

void gateio_spot_count_down(struct paper_gateio *gateio, int64_t now_ms)
{
    for (int account = 1; account <= gateio->keys->count; account++) {
        int64_t *countdowns = gateio->accounts[account].pair_countdown_ms;
        for (int pair = 0; pair <= GATEIO_PAIRS; pair++) {
            if (countdowns[pair] == 0 || now_ms < countdowns[pair])
                continue;
            countdowns[pair] = 0;
            cancel_open(gateio, account, (keel_market_id)pair, KEEL_SIDE_NONE, now_ms, NULL);
        }
    }
}

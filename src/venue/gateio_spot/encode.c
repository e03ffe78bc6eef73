#include "venue/gateio_spot/encode.h"

#include "venue/gateio/sign.h"
#include "venue/gateio_spot/words.h"

#include <inttypes.h>
#include <stdio.h>

#define ORDERS   "/api/v4/spot/orders"
#define TRIGGERS "/api/v4/spot/price_orders"

enum {
    MS_IN_S = 1000,
    TRIGGER_LIFE_S = 30 * 24 * 3600, /* the longest that Gate keeps a conditional order */
    COUNTDOWN_MIN_S = 5,
};

/* What a request is made of; its texts are written as the command asks. */
struct encoder {
    const struct keel_markets *markets;
    struct keel_request *request;
    struct keel_writer query, body;
    struct keel_error *error;
};

static void begin(struct encoder *encoder, enum keel_http_method method, const char *path)
{
    struct keel_request *request = encoder->request;
    request->method = method;
    request->idempotent = method == KEEL_HTTP_GET;
    request->fresh_connection = method == KEEL_HTTP_DELETE;
    request->needs_key = true;
    request->json = true;
    request->weight = 1;
    request->order_count = 0;
    (void)keel_str_copy(keel_str_from(path), request->path, sizeof(request->path));
}

static void write_query(struct encoder *encoder, const char *name, keel_str value)
{
    if (value.size == 0)
        return;
    if (encoder->query.size > 0)
        keel_write_char(&encoder->query, '&');
    keel_write(&encoder->query, keel_str_from(name));
    keel_write_char(&encoder->query, '=');
    keel_write(&encoder->query, value);
}

static void write_query_int(struct encoder *encoder, const char *name, int64_t value)
{
    char text[24];
    if (value == 0)
        return;
    int size = snprintf(text, sizeof(text), "%" PRId64, value);
    write_query(encoder, name, (keel_str){text, (size_t)size});
}

static enum keel_status write_pair(struct encoder *encoder, const char *name, keel_market_id id)
{
    const struct keel_market *market = keel_markets_get(encoder->markets, id);
    if (!market)
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no market (%d)", (int)id);
    write_query(encoder, name, keel_str_from(market->venue_symbol));
    return KEEL_OK;
}

static enum keel_status write_pair_if_any(struct encoder *encoder, const char *name,
                                          keel_market_id id)
{
    return id == KEEL_NO_MARKET ? KEEL_OK : write_pair(encoder, name, id);
}

static enum keel_status check_digits(const char *name, keel_decimal value, int digits,
                                     struct keel_error *error)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    if (!keel_decimal_is_valid(value) || keel_decimal_fits_digits(value, digits))
        return KEEL_OK;
    keel_decimal_format(value, text);
    return keel_fail(error, KEEL_INVALID, "%s is %s, and the market has %d decimals", name, text,
                     digits);
}

static enum keel_status check_kind(const struct keel_order_request *place, struct keel_error *error)
{
    if (place->reduce_only || place->close_position)
        return keel_fail(error, KEEL_UNSUPPORTED,
                         "spot has no positions that an order could reduce or close");
    if (place->position_side == KEEL_LONG || place->position_side == KEEL_SHORT)
        return keel_fail(error, KEEL_UNSUPPORTED, "spot has no %s side",
                         keel_position_side_name(place->position_side));
    if (place->price_match != KEEL_PRICE_MATCH_NONE || place->time_in_force == KEEL_GTD ||
        place->time_in_force == KEEL_RPI)
        return keel_fail(error, KEEL_UNSUPPORTED, "Gate spot has no price match, end date or RPI");
    if (place->type == KEEL_TRAILING_STOP)
        return keel_fail(error, KEEL_UNSUPPORTED, "Gate spot has no trailing stops");
    if (place->side == KEEL_SIDE_NONE || place->type == KEEL_ORDER_TYPE_NONE ||
        place->type == KEEL_LIQUIDATION)
        return keel_fail(error, KEEL_INVALID, "an order needs a side and a type: %s, %s",
                         keel_side_name(place->side), keel_order_type_name(place->type));
    return KEEL_OK;
}

/* Gate counts a market buy in what it spends, and everything else in what it trades. */
static enum keel_status check_amount(const struct keel_order_request *place,
                                     struct keel_error *error)
{
    bool by_quote = keel_decimal_is_valid(place->quote_quantity);
    bool at_market = !keel_order_type_has_price(place->type);
    if (by_quote == keel_decimal_is_valid(place->quantity))
        return keel_fail(error, KEEL_INVALID,
                         "an order has a quantity, or a quote quantity in its place");
    if (by_quote && !(at_market && place->side == KEEL_BUY))
        return keel_fail(error, KEEL_UNSUPPORTED,
                         "a %s %s is by quantity on Gate spot, not by quote quantity",
                         keel_order_type_name(place->type), keel_side_name(place->side));
    if (!by_quote && at_market && place->side == KEEL_BUY)
        return keel_fail(error, KEEL_UNSUPPORTED,
                         "a market buy is by quote quantity on Gate spot: it says what it spends");
    if (!at_market && !keel_decimal_is_positive(place->price))
        return keel_fail(error, KEEL_INVALID, "a %s order needs a price",
                         keel_order_type_name(place->type));
    if (keel_order_type_is_conditional(place->type) &&
        !keel_decimal_is_positive(place->trigger_price))
        return keel_fail(error, KEEL_INVALID, "a %s order needs a trigger price",
                         keel_order_type_name(place->type));
    return KEEL_OK;
}

static enum keel_status check_grid(const struct keel_order_request *place,
                                   const struct keel_market *market, struct keel_error *error)
{
    enum keel_status status =
        check_digits("quantity", place->quantity, market->quantity_digits, error);
    if (status == KEEL_OK)
        status = check_digits("price", place->price, market->price_digits, error);
    if (status == KEEL_OK)
        status = check_digits("trigger price", place->trigger_price, market->price_digits, error);
    return status;
}

static enum keel_status check_place(const struct keel_order_request *place,
                                    const struct keel_market *market, struct keel_error *error)
{
    enum keel_status status = check_kind(place, error);
    if (status == KEEL_OK)
        status = check_amount(place, error);
    return status == KEEL_OK ? check_grid(place, market, error) : status;
}

static const char *get_time_in_force(const struct keel_order_request *place)
{
    switch (place->time_in_force) {
    case KEEL_IOC: return "ioc";
    case KEEL_FOK: return "fok";
    case KEEL_GTX: return "poc"; /* pending or cancelled: post only */
    case KEEL_GTC:
    case KEEL_GTD:
    case KEEL_RPI:
    case KEEL_TIME_IN_FORCE_NONE: break;
    }
    return keel_order_type_has_price(place->type) ? "gtc" : "ioc";
}

static void write_terms(struct keel_writer *json, const struct keel_order_request *place)
{
    bool at_market = !keel_order_type_has_price(place->type);
    keel_json_put_text(json, "type", at_market ? "market" : "limit");
    keel_json_put_text(json, "side", keel_side_name(place->side));
    keel_json_put_decimal(json, "amount",
                          keel_decimal_is_valid(place->quote_quantity) ? place->quote_quantity
                                                                       : place->quantity);
    if (!at_market)
        keel_json_put_decimal(json, "price", place->price);
    keel_json_put_text(json, "time_in_force", get_time_in_force(place));
}

enum keel_status keel_gateio_spot_write_order(const struct keel_order_request *place,
                                              const struct keel_markets *markets,
                                              struct keel_writer *json, struct keel_error *error)
{
    const struct keel_market *market = keel_markets_get(markets, place->market);
    if (!market)
        return keel_fail(error, KEEL_INVALID, "the command names no market (%d)",
                         (int)place->market);
    enum keel_status status = check_place(place, market, error);
    if (status != KEEL_OK)
        return status;
    if (place->client_id[0] != '\0')
        keel_json_put_text(json, "text", place->client_id);
    keel_json_put_text(json, "currency_pair", market->venue_symbol);
    write_terms(json, place);
    return KEEL_OK;
}

/* A stop waits for the price to go against it, a take-profit for it to come; which way that is
 * follows from the side. */
static const char *find_rule(const struct keel_order_request *place)
{
    bool profit = place->type == KEEL_TAKE_PROFIT_LIMIT || place->type == KEEL_TAKE_PROFIT_MARKET;
    return (place->side == KEEL_BUY) != profit ? ">=" : "<=";
}

static enum keel_status write_trigger(struct encoder *encoder,
                                      const struct keel_order_request *place)
{
    const struct keel_market *market = keel_markets_get(encoder->markets, place->market);
    struct keel_writer *json = &encoder->body;
    if (!market)
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no market (%d)",
                         (int)place->market);
    enum keel_status status = check_place(place, market, encoder->error);
    if (status != KEEL_OK)
        return status;

    keel_json_open_object(json, "trigger");
    keel_json_put_decimal(json, "price", place->trigger_price);
    keel_json_put_text(json, "rule", find_rule(place));
    keel_json_put_int(json, "expiration", TRIGGER_LIFE_S);
    keel_json_close_object(json);
    keel_json_open_object(json, "put");
    write_terms(json, place);
    keel_json_put_text(json, "account", "normal");
    if (place->client_id[0] != '\0')
        keel_json_put_text(json, "text", place->client_id);
    keel_json_close_object(json);
    keel_json_put_text(json, "market", market->venue_symbol);
    return KEEL_OK;
}

static enum keel_status encode_place(struct encoder *encoder,
                                     const struct keel_order_request *place)
{
    bool conditional = keel_order_type_is_conditional(place->type);
    begin(encoder, KEEL_HTTP_POST, conditional ? TRIGGERS : ORDERS);
    encoder->request->order_count = 1;
    keel_json_open_object(&encoder->body, NULL);
    enum keel_status status =
        conditional
            ? write_trigger(encoder, place)
            : keel_gateio_spot_write_order(place, encoder->markets, &encoder->body, encoder->error);
    keel_json_close_object(&encoder->body);
    return status;
}

/* The order stands in the path: by the venue's id where it is known, else by the client's. */
static enum keel_status begin_order(struct encoder *encoder, enum keel_http_method method,
                                    const struct keel_order_ref *order)
{
    bool conditional = order->family == KEEL_FAMILY_CONDITIONAL;
    const char *id = order->order_id[0] != '\0' ? order->order_id : order->client_id;
    char path[KEEL_REQUEST_PATH_SIZE];
    if (id[0] == '\0')
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no order");
    if (conditional && order->order_id[0] == '\0')
        return keel_fail(encoder->error, KEEL_UNSUPPORTED,
                         "Gate finds a conditional order by its own id alone, not by %s", id);
    (void)snprintf(path, sizeof(path), "%s/%s", conditional ? TRIGGERS : ORDERS, id);
    begin(encoder, method, path);
    return conditional ? KEEL_OK : write_pair(encoder, "currency_pair", order->market);
}

static enum keel_status encode_amend(struct encoder *encoder, const struct keel_amend *amend)
{
    const struct keel_market *market = keel_markets_get(encoder->markets, amend->order.market);
    if (amend->order.family == KEEL_FAMILY_CONDITIONAL)
        return keel_fail(encoder->error, KEEL_UNSUPPORTED,
                         "Gate does not amend conditional orders: cancel and place again");
    enum keel_status status = begin_order(encoder, KEEL_HTTP_PATCH, &amend->order);
    if (status == KEEL_OK)
        status = check_digits("quantity", amend->quantity, market->quantity_digits, encoder->error);
    if (status == KEEL_OK)
        status = check_digits("price", amend->price, market->price_digits, encoder->error);
    keel_json_open_object(&encoder->body, NULL);
    keel_json_put_decimal(&encoder->body, "amount", amend->quantity);
    if (!amend->same_price)
        keel_json_put_decimal(&encoder->body, "price", amend->price);
    keel_json_close_object(&encoder->body);
    encoder->request->order_count = 1;
    return status;
}

static enum keel_status encode_cancel_all(struct encoder *encoder,
                                          const struct keel_order_ref *order)
{
    bool conditional = order->family == KEEL_FAMILY_CONDITIONAL;
    begin(encoder, KEEL_HTTP_DELETE, conditional ? TRIGGERS : ORDERS);
    return write_pair(encoder, conditional ? "market" : "currency_pair", order->market);
}

static void write_page(struct encoder *encoder, const struct keel_page *page)
{
    write_query_int(encoder, "from", page->start_time_ms / MS_IN_S);
    write_query_int(encoder, "to",
                    page->end_time_ms == 0 ? 0 : (page->end_time_ms + MS_IN_S - 1) / MS_IN_S);
    write_query_int(encoder, "page", page->page);
    write_query_int(encoder, "limit", page->limit > 0 ? page->limit : KEEL_GATEIO_SPOT_PAGE_LIMIT);
}

static enum keel_status encode_orders(struct encoder *encoder, const struct keel_page *page)
{
    bool conditional = page->family == KEEL_FAMILY_CONDITIONAL;
    begin(encoder, KEEL_HTTP_GET, conditional ? TRIGGERS : ORDERS);
    write_query(encoder, "status", KEEL_STR("finished"));
    if (conditional) {
        write_query_int(encoder, "limit", page->limit);
        if (page->page > 1) /* these lists have no pages by number */
            write_query_int(encoder, "offset", (int64_t)(page->page - 1) * page->limit);
        return write_pair_if_any(encoder, "market", page->market);
    }
    enum keel_status status = write_pair(encoder, "currency_pair", page->market);
    write_page(encoder, page);
    return status;
}

static enum keel_status encode_executions(struct encoder *encoder, const struct keel_page *page)
{
    begin(encoder, KEEL_HTTP_GET, "/api/v4/spot/my_trades");
    enum keel_status status = write_pair(encoder, "currency_pair", page->market);
    write_page(encoder, page);
    return status;
}

static enum keel_status encode_open_orders(struct encoder *encoder, keel_market_id market)
{
    if (market == KEEL_NO_MARKET) {
        begin(encoder, KEEL_HTTP_GET, "/api/v4/spot/open_orders");
        write_query_int(encoder, "limit", 100);
        return KEEL_OK;
    }
    begin(encoder, KEEL_HTTP_GET, ORDERS);
    write_query(encoder, "status", KEEL_STR("open"));
    return write_pair(encoder, "currency_pair", market);
}

static enum keel_status encode_conditional_orders(struct encoder *encoder, keel_market_id market)
{
    begin(encoder, KEEL_HTTP_GET, TRIGGERS);
    write_query(encoder, "status", KEEL_STR("open"));
    write_query_int(encoder, "limit", KEEL_GATEIO_SPOT_PAGE_LIMIT);
    return write_pair_if_any(encoder, "market", market);
}

/* Told again it is the same: what it counts begins anew. */
static enum keel_status encode_countdown(struct encoder *encoder, keel_market_id id,
                                         int32_t timeout_s)
{
    const struct keel_market *market = keel_markets_get(encoder->markets, id);
    if (timeout_s != 0 && timeout_s < COUNTDOWN_MIN_S)
        return keel_fail(encoder->error, KEEL_INVALID,
                         "a countdown of %d s: it is %d at least, or 0 for none", (int)timeout_s,
                         (int)COUNTDOWN_MIN_S);
    if (id != KEEL_NO_MARKET && !market)
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no market (%d)", (int)id);
    begin(encoder, KEEL_HTTP_POST, "/api/v4/spot/countdown_cancel_all");
    encoder->request->idempotent = true;
    keel_json_open_object(&encoder->body, NULL);
    keel_json_put_int(&encoder->body, "timeout", timeout_s);
    if (market)
        keel_json_put_text(&encoder->body, "currency_pair", market->venue_symbol);
    keel_json_close_object(&encoder->body);
    return KEEL_OK;
}

static enum keel_status encode_transfer(struct encoder *encoder,
                                        const struct keel_transfer_request *transfer)
{
    keel_str from = keel_gateio_spot_wallet_word(transfer->from);
    keel_str to = keel_gateio_spot_wallet_word(transfer->to);
    struct keel_writer *json = &encoder->body;
    if (from.size == 0 || to.size == 0 || transfer->from == transfer->to)
        return keel_fail(encoder->error, KEEL_INVALID, "nothing moves from the %s to the %s wallet",
                         keel_wallet_name(transfer->from), keel_wallet_name(transfer->to));
    if (transfer->asset[0] == '\0' || !keel_decimal_is_positive(transfer->amount))
        return keel_fail(encoder->error, KEEL_INVALID, "a transfer has an asset and an amount");
    begin(encoder, KEEL_HTTP_POST, "/api/v4/wallet/transfers");
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "currency", transfer->asset);
    keel_json_put_string(json, "from", from);
    keel_json_put_string(json, "to", to);
    keel_json_put_decimal(json, "amount", transfer->amount);
    keel_json_put_text(json, "settle", "usdt");
    keel_json_close_object(json);
    return KEEL_OK;
}

static enum keel_status encode_withdrawal(struct encoder *encoder,
                                          const struct keel_withdrawal_request *withdrawal)
{
    struct keel_writer *json = &encoder->body;
    if (withdrawal->asset[0] == '\0' || withdrawal->address[0] == '\0' ||
        !keel_decimal_is_positive(withdrawal->amount))
        return keel_fail(encoder->error, KEEL_INVALID,
                         "a withdrawal has an asset, an address and an amount");
    begin(encoder, KEEL_HTTP_POST, "/api/v4/withdrawals");
    keel_json_open_object(json, NULL);
    if (withdrawal->client_id[0] != '\0')
        keel_json_put_text(json, "withdraw_order_id", withdrawal->client_id);
    keel_json_put_text(json, "currency", withdrawal->asset);
    keel_json_put_text(json, "address", withdrawal->address);
    if (withdrawal->memo[0] != '\0')
        keel_json_put_text(json, "memo", withdrawal->memo);
    keel_json_put_text(json, "chain", withdrawal->network);
    keel_json_put_decimal(json, "amount", withdrawal->amount);
    keel_json_close_object(json);
    return KEEL_OK;
}

static enum keel_status encode_cancel_withdrawal(struct encoder *encoder, const char *id)
{
    char path[KEEL_REQUEST_PATH_SIZE];
    if (id[0] == '\0')
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no withdrawal");
    (void)snprintf(path, sizeof(path), "/api/v4/withdrawals/%s", id);
    begin(encoder, KEEL_HTTP_DELETE, path);
    return KEEL_OK;
}

static enum keel_status encode_wallet_page(struct encoder *encoder, const char *path,
                                           const struct keel_page *page)
{
    begin(encoder, KEEL_HTTP_GET, path);
    write_query(encoder, "currency", keel_str_from(page->asset));
    write_query(encoder, "withdraw_order_id", keel_str_from(page->client_id));
    write_query_int(encoder, "from", page->start_time_ms / MS_IN_S);
    write_query_int(encoder, "to", page->end_time_ms / MS_IN_S);
    write_query_int(encoder, "limit", page->limit);
    return KEEL_OK;
}

/* All of the account's book: a list of one type or code would be empty, too, if Gate named what is
 * looked for in another way. */
static enum keel_status encode_transfers(struct encoder *encoder, const struct keel_page *page)
{
    begin(encoder, KEEL_HTTP_GET, "/api/v4/spot/account_book");
    write_query(encoder, "currency", keel_str_from(page->asset));
    write_page(encoder, page);
    return KEEL_OK;
}

static enum keel_status encode_load(struct encoder *encoder, const char *path, bool is_public)
{
    begin(encoder, KEEL_HTTP_GET, path);
    encoder->request->needs_key = !is_public;
    return KEEL_OK;
}

static enum keel_status encode_of_market(struct encoder *encoder, const char *path,
                                         keel_market_id market, bool is_public)
{
    (void)encode_load(encoder, path, is_public);
    return write_pair_if_any(encoder, "currency_pair", market);
}

static enum keel_status write_command(struct encoder *encoder, const struct keel_command *command)
{
    const struct keel_page *page = &command->page;
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER: return encode_place(encoder, &command->place);
    case KEEL_AMEND_ORDER: return encode_amend(encoder, &command->amend);
    case KEEL_CANCEL_ORDER: return begin_order(encoder, KEEL_HTTP_DELETE, &command->order);
    case KEEL_QUERY_ORDER: return begin_order(encoder, KEEL_HTTP_GET, &command->order);
    case KEEL_CANCEL_ALL: return encode_cancel_all(encoder, &command->order);
    case KEEL_LOAD_TIME: return encode_load(encoder, "/api/v4/spot/time", true);
    case KEEL_LOAD_MARKETS: return encode_load(encoder, "/api/v4/spot/currency_pairs", true);
    case KEEL_LOAD_BALANCES: return encode_load(encoder, "/api/v4/spot/accounts", false);
    case KEEL_LOAD_FEES:
        return encode_of_market(encoder, "/api/v4/wallet/fee", command->market, false);
    case KEEL_LOAD_MARKS:
        return encode_of_market(encoder, "/api/v4/spot/tickers", command->market, true);
    case KEEL_LOAD_OPEN_ORDERS: return encode_open_orders(encoder, command->market);
    case KEEL_LOAD_CONDITIONAL_ORDERS: return encode_conditional_orders(encoder, command->market);
    case KEEL_LOAD_ORDERS: return encode_orders(encoder, page);
    case KEEL_LOAD_EXECUTIONS: return encode_executions(encoder, page);
    case KEEL_SET_COUNTDOWN:
        return encode_countdown(encoder, command->countdown.market, command->countdown.timeout_s);
    case KEEL_TRANSFER: return encode_transfer(encoder, &command->transfer);
    case KEEL_WITHDRAW: return encode_withdrawal(encoder, &command->withdrawal);
    case KEEL_CANCEL_WITHDRAWAL: return encode_cancel_withdrawal(encoder, command->withdrawal_id);
    case KEEL_LOAD_NETWORKS:
        return encode_wallet_page(encoder, "/api/v4/wallet/withdraw_status", page);
    case KEEL_LOAD_WITHDRAWALS:
        return encode_wallet_page(encoder, "/api/v4/wallet/withdrawals", page);
    case KEEL_LOAD_DEPOSITS: return encode_wallet_page(encoder, "/api/v4/wallet/deposits", page);
    case KEEL_LOAD_TRANSFERS: return encode_transfers(encoder, page);
    }
    return keel_fail(encoder->error, KEEL_UNSUPPORTED, "Gate spot has no %s",
                     keel_command_kind_name(command->kind));
}

enum keel_status keel_gateio_spot_encode(const struct keel_command *command,
                                         const struct keel_markets *markets,
                                         const struct keel_modes *modes,
                                         const struct keel_keys *keys, int64_t time_ms,
                                         int64_t receive_window_ms, struct keel_request *request,
                                         struct keel_error *error)
{
    struct encoder encoder = {.markets = markets, .request = request, .error = error};
    struct keel_writer headers;
    (void)modes;
    keel_writer_init(&encoder.query, request->query, sizeof(request->query));
    keel_writer_init(&encoder.body, request->body, sizeof(request->body));
    keel_writer_init(&headers, request->headers, sizeof(request->headers));
    enum keel_status status = write_command(&encoder, command);
    if (status != KEEL_OK)
        return status;

    request->query_size = (uint32_t)encoder.query.size;
    request->body_size = (uint32_t)encoder.body.size;
    /* From then on the gateway refuses what is still on its way: an unknown has an end. */
    if (keel_command_is_write(command->kind))
        keel_write_format(&headers, "x-gate-exptime: %" PRId64 "\n", time_ms + receive_window_ms);
    if (request->needs_key)
        keel_gateio_sign_request(keys, request, time_ms, &headers);
    if (encoder.query.full || encoder.body.full || headers.full)
        return keel_fail(error, KEEL_FULL, "the request's parameters do not fit");
    return KEEL_OK;
}

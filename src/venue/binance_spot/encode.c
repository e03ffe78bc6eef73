#include "venue/binance_spot/encode.h"

#include "venue/binance/encode.h"
#include "venue/binance/parameters.h"
#include "venue/binance/sign.h"
#include "venue/binance_spot/rows.h"

enum {
    TRANSFERS_MAX = 100,
};

enum security {
    PUBLIC,
    SIGNED,
};

struct endpoint {
    enum keel_http_method method;
    enum security security;
    bool idempotent;
    int16_t weight, order_count;
    char path[KEEL_REQUEST_PATH_SIZE];
};

/* clang-format off */
enum endpoint_name {
    NONE, PLACE, AMEND, CANCEL, CANCEL_ALL, QUERY, LOAD_TIME, LOAD_MARKETS, LOAD_BALANCES,
    LOAD_FEES, LOAD_PRICE, LOAD_OPEN, LOAD_ALL_OPEN, LOAD_ORDERS, LOAD_TRADES, TRANSFER, WITHDRAW,
    LOAD_NETWORKS, LOAD_WITHDRAWALS, LOAD_DEPOSITS, LOAD_TRANSFERS,
};

/* Weights as the venue's reference states them; those of the wallet count apart. */
static const struct endpoint endpoints[] = {
    [PLACE]            = {KEEL_HTTP_POST,   SIGNED, false,  1, 1, "/api/v3/order"},
    [AMEND]            = {KEEL_HTTP_PUT,    SIGNED, false,  4, 0, "/api/v3/order/amend/keepPriority"},
    [CANCEL]           = {KEEL_HTTP_DELETE, SIGNED, false,  1, 0, "/api/v3/order"},
    [CANCEL_ALL]       = {KEEL_HTTP_DELETE, SIGNED, false,  1, 0, "/api/v3/openOrders"},
    [QUERY]            = {KEEL_HTTP_GET,    SIGNED, true,   4, 0, "/api/v3/order"},
    [LOAD_TIME]        = {KEEL_HTTP_GET,    PUBLIC, true,   1, 0, "/api/v3/time"},
    [LOAD_MARKETS]     = {KEEL_HTTP_GET,    PUBLIC, true,  20, 0, "/api/v3/exchangeInfo"},
    [LOAD_BALANCES]    = {KEEL_HTTP_GET,    SIGNED, true,  20, 0, "/api/v3/account"},
    [LOAD_FEES]        = {KEEL_HTTP_GET,    SIGNED, true,  20, 0, "/api/v3/account/commission"},
    [LOAD_PRICE]       = {KEEL_HTTP_GET,    PUBLIC, true,   2, 0, "/api/v3/ticker/price"},
    [LOAD_OPEN]        = {KEEL_HTTP_GET,    SIGNED, true,   6, 0, "/api/v3/openOrders"},
    [LOAD_ALL_OPEN]    = {KEEL_HTTP_GET,    SIGNED, true,  80, 0, "/api/v3/openOrders"},
    [LOAD_ORDERS]      = {KEEL_HTTP_GET,    SIGNED, true,  20, 0, "/api/v3/allOrders"},
    [LOAD_TRADES]      = {KEEL_HTTP_GET,    SIGNED, true,  20, 0, "/api/v3/myTrades"},
    [TRANSFER]         = {KEEL_HTTP_POST,   SIGNED, false,  1, 0, "/sapi/v1/asset/transfer"},
    [WITHDRAW]         = {KEEL_HTTP_POST,   SIGNED, false,  1, 0, "/sapi/v1/capital/withdraw/apply"},
    [LOAD_NETWORKS]    = {KEEL_HTTP_GET,    SIGNED, true,   1, 0, "/sapi/v1/capital/config/getall"},
    [LOAD_WITHDRAWALS] = {KEEL_HTTP_GET,    SIGNED, true,   1, 0, "/sapi/v1/capital/withdraw/history"},
    [LOAD_DEPOSITS]    = {KEEL_HTTP_GET,    SIGNED, true,   1, 0, "/sapi/v1/capital/deposit/hisrec"},
    [LOAD_TRANSFERS]   = {KEEL_HTTP_GET,    SIGNED, true,   1, 0, "/sapi/v1/asset/transfer"},
};

static const enum endpoint_name names[KEEL_COMMAND_KINDS] = {
    [KEEL_PLACE_ORDER] = PLACE,           [KEEL_AMEND_ORDER] = AMEND,
    [KEEL_CANCEL_ORDER] = CANCEL,         [KEEL_CANCEL_ALL] = CANCEL_ALL,
    [KEEL_QUERY_ORDER] = QUERY,           [KEEL_LOAD_TIME] = LOAD_TIME,
    [KEEL_LOAD_MARKETS] = LOAD_MARKETS,   [KEEL_LOAD_BALANCES] = LOAD_BALANCES,
    [KEEL_LOAD_FEES] = LOAD_FEES,         [KEEL_LOAD_MARKS] = LOAD_PRICE,
    [KEEL_LOAD_OPEN_ORDERS] = LOAD_OPEN,  [KEEL_LOAD_ORDERS] = LOAD_ORDERS,
    [KEEL_LOAD_EXECUTIONS] = LOAD_TRADES, [KEEL_TRANSFER] = TRANSFER,
    [KEEL_WITHDRAW] = WITHDRAW,           [KEEL_LOAD_NETWORKS] = LOAD_NETWORKS,
    [KEEL_LOAD_DEPOSITS] = LOAD_DEPOSITS, [KEEL_LOAD_WITHDRAWALS] = LOAD_WITHDRAWALS,
    [KEEL_LOAD_TRANSFERS] = LOAD_TRANSFERS,
};
/* clang-format on */

static enum endpoint_name find_endpoint(const struct keel_command *command)
{
    if (command->kind == KEEL_LOAD_OPEN_ORDERS && command->market == KEEL_NO_MARKET)
        return LOAD_ALL_OPEN;
    return names[command->kind];
}

static enum keel_status check_futures_only(const struct keel_order_request *place,
                                           struct keel_error *error)
{
    if (place->reduce_only || place->close_position)
        return keel_fail(error, KEEL_UNSUPPORTED,
                         "spot has no positions that an order could reduce or close");
    if (place->position_side == KEEL_LONG || place->position_side == KEEL_SHORT)
        return keel_fail(error, KEEL_UNSUPPORTED, "spot has no %s side",
                         keel_position_side_name(place->position_side));
    if (place->price_match != KEEL_PRICE_MATCH_NONE || place->time_in_force == KEEL_GTD ||
        place->time_in_force == KEEL_RPI)
        return keel_fail(error, KEEL_UNSUPPORTED,
                         "Binance spot has no price match, end date or RPI");
    if (place->type == KEEL_TRAILING_STOP)
        return keel_fail(error, KEEL_UNSUPPORTED, "keel places no trailing stops on Binance spot");
    return KEEL_OK;
}

static enum keel_status check_place(const struct keel_order_request *place,
                                    struct keel_error *error)
{
    bool by_quote = keel_decimal_is_valid(place->quote_quantity);
    enum keel_status status = check_futures_only(place, error);
    if (status != KEEL_OK)
        return status;
    if (place->side == KEEL_SIDE_NONE ||
        keel_binance_spot_order_type_word(place->type, place->time_in_force).size == 0)
        return keel_fail(error, KEEL_INVALID, "an order needs a side and a type: %s, %s",
                         keel_side_name(place->side), keel_order_type_name(place->type));
    if (by_quote && place->type != KEEL_MARKET)
        return keel_fail(error, KEEL_INVALID, "a %s order is by quantity, not by quote quantity",
                         keel_order_type_name(place->type));
    if (by_quote == keel_decimal_is_valid(place->quantity))
        return keel_fail(error, KEEL_INVALID,
                         "an order has a quantity, or a quote quantity in its place");
    if (keel_order_type_has_price(place->type) && !keel_decimal_is_positive(place->price))
        return keel_fail(error, KEEL_INVALID, "a %s order needs a price",
                         keel_order_type_name(place->type));
    if (keel_order_type_is_conditional(place->type) &&
        !keel_decimal_is_positive(place->trigger_price))
        return keel_fail(error, KEEL_INVALID, "a %s order needs a trigger price",
                         keel_order_type_name(place->type));
    if (place->client_id[0] != '\0' &&
        !keel_binance_spot_client_id_is_valid(keel_str_from(place->client_id)))
        return keel_fail(error, KEEL_INVALID, "client id %s is not one that Binance spot takes",
                         place->client_id);
    return KEEL_OK;
}

/* Post-only is a type, and orders at market have no time in force. */
static keel_str find_time_in_force(const struct keel_order_request *place)
{
    if (!keel_order_type_has_price(place->type) || place->time_in_force == KEEL_GTX)
        return KEEL_STR("");
    if (place->time_in_force == KEEL_TIME_IN_FORCE_NONE)
        return KEEL_STR("GTC");
    return keel_binance_time_in_force_word(place->time_in_force);
}

static enum keel_status encode_place(struct keel_binance_encoder *encoder,
                                     const struct keel_order_request *place)
{
    const struct keel_market *market;
    enum keel_status status = check_place(place, encoder->error);
    if (status == KEEL_OK)
        status = keel_binance_write_market(encoder, place->market, &market);
    if (status != KEEL_OK)
        return status;

    keel_binance_write_word(encoder, KEEL_STR("side="), keel_binance_side_word(place->side));
    keel_binance_write_word(encoder, KEEL_STR("type="),
                            keel_binance_spot_order_type_word(place->type, place->time_in_force));
    keel_binance_write_word(encoder, KEEL_STR("timeInForce="), find_time_in_force(place));
    status = keel_binance_write_decimal(encoder, KEEL_STR("quantity="), place->quantity,
                                        market->quantity_digits);
    if (status == KEEL_OK)
        status = keel_binance_write_decimal(encoder, KEEL_STR("quoteOrderQty="),
                                            place->quote_quantity, market->price_digits);
    if (status == KEEL_OK && keel_order_type_has_price(place->type))
        status = keel_binance_write_decimal(encoder, KEEL_STR("price="), place->price,
                                            market->price_digits);
    if (status == KEEL_OK && keel_order_type_is_conditional(place->type))
        status = keel_binance_write_decimal(encoder, KEEL_STR("stopPrice="), place->trigger_price,
                                            market->price_digits);
    keel_binance_write_text(encoder, KEEL_STR("newClientOrderId="),
                            keel_str_from(place->client_id));
    /* The fills come on the stream, with what the answer lacks. */
    keel_binance_write_word(encoder, KEEL_STR("newOrderRespType="), KEEL_STR("RESULT"));
    return status;
}

/* The venue's id where it is known, else the client's. */
static enum keel_status encode_order_ref(struct keel_binance_encoder *encoder,
                                         const struct keel_order_ref *order)
{
    enum keel_status status = keel_binance_write_symbol(encoder, order->market);
    if (order->order_id[0] == '\0' && order->client_id[0] == '\0')
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no order");
    if (order->order_id[0] != '\0')
        keel_binance_write_text(encoder, KEEL_STR("orderId="), keel_str_from(order->order_id));
    else
        keel_binance_write_text(encoder, KEEL_STR("origClientOrderId="),
                                keel_str_from(order->client_id));
    return status;
}

static enum keel_status encode_amend(struct keel_binance_encoder *encoder,
                                     const struct keel_amend *amend)
{
    if (!amend->same_price)
        return keel_fail(encoder->error, KEEL_UNSUPPORTED,
                         "Binance spot amends no price: cancel and place again");
    const struct keel_market *market = keel_markets_get(encoder->markets, amend->order.market);
    enum keel_status status = encode_order_ref(encoder, &amend->order);
    if (status != KEEL_OK)
        return status;
    /* Else the venue makes up a name for what is then the order. */
    if (amend->order.client_id[0] != '\0')
        keel_binance_write_text(encoder, KEEL_STR("newClientOrderId="),
                                keel_str_from(amend->order.client_id));
    return keel_binance_write_decimal(encoder, KEEL_STR("newQty="), amend->quantity,
                                      market->quantity_digits);
}

keel_str keel_binance_spot_transfer_word(enum keel_wallet from, enum keel_wallet to)
{
    if (from == KEEL_WALLET_SPOT && to == KEEL_WALLET_FUTURES)
        return KEEL_STR("MAIN_UMFUTURE");
    if (from == KEEL_WALLET_FUTURES && to == KEEL_WALLET_SPOT)
        return KEEL_STR("UMFUTURE_MAIN");
    if (from == KEEL_WALLET_SPOT && to == KEEL_WALLET_FUNDING)
        return KEEL_STR("MAIN_FUNDING");
    if (from == KEEL_WALLET_FUNDING && to == KEEL_WALLET_SPOT)
        return KEEL_STR("FUNDING_MAIN");
    if (from == KEEL_WALLET_FUNDING && to == KEEL_WALLET_FUTURES)
        return KEEL_STR("FUNDING_UMFUTURE");
    if (from == KEEL_WALLET_FUTURES && to == KEEL_WALLET_FUNDING)
        return KEEL_STR("UMFUTURE_FUNDING");
    return KEEL_STR("");
}

static enum keel_status write_ends(struct keel_binance_encoder *encoder, enum keel_wallet from,
                                   enum keel_wallet to)
{
    keel_str word = keel_binance_spot_transfer_word(from, to);
    if (word.size == 0)
        return keel_fail(encoder->error, KEEL_INVALID, "nothing moves from the %s to the %s wallet",
                         keel_wallet_name(from), keel_wallet_name(to));
    keel_binance_write_word(encoder, KEEL_STR("type="), word);
    return KEEL_OK;
}

static enum keel_status write_amount(struct keel_binance_encoder *encoder, keel_decimal amount)
{
    if (!keel_decimal_is_positive(amount))
        return keel_fail(encoder->error, KEEL_INVALID, "there is no amount to move");
    return keel_binance_write_decimal(encoder, KEEL_STR("amount="), amount, KEEL_DECIMAL_DIGITS);
}

static enum keel_status encode_transfer(struct keel_binance_encoder *encoder,
                                        const struct keel_transfer_request *transfer)
{
    enum keel_status status = write_ends(encoder, transfer->from, transfer->to);
    if (transfer->asset[0] == '\0')
        return keel_fail(encoder->error, KEEL_INVALID, "a transfer names an asset");
    keel_binance_write_text(encoder, KEEL_STR("asset="), keel_str_from(transfer->asset));
    return status == KEEL_OK ? write_amount(encoder, transfer->amount) : status;
}

static enum keel_status encode_withdrawal(struct keel_binance_encoder *encoder,
                                          const struct keel_withdrawal_request *withdrawal)
{
    if (withdrawal->asset[0] == '\0' || withdrawal->address[0] == '\0')
        return keel_fail(encoder->error, KEEL_INVALID,
                         "a withdrawal names an asset and an address");
    keel_binance_write_text(encoder, KEEL_STR("coin="), keel_str_from(withdrawal->asset));
    keel_binance_write_text(encoder, KEEL_STR("network="), keel_str_from(withdrawal->network));
    keel_binance_write_text(encoder, KEEL_STR("address="), keel_str_from(withdrawal->address));
    keel_binance_write_text(encoder, KEEL_STR("addressTag="), keel_str_from(withdrawal->memo));
    keel_binance_write_text(encoder, KEEL_STR("withdrawOrderId="),
                            keel_str_from(withdrawal->client_id));
    return write_amount(encoder, withdrawal->amount);
}

static void write_times(struct keel_binance_encoder *encoder, const struct keel_page *page)
{
    keel_binance_write_int(encoder, KEEL_STR("startTime="), page->start_time_ms);
    keel_binance_write_int(encoder, KEEL_STR("endTime="), page->end_time_ms);
}

static enum keel_status encode_market_page(struct keel_binance_encoder *encoder,
                                           const struct keel_page *page, keel_str from_name)
{
    enum keel_status status = keel_binance_write_symbol(encoder, page->market);
    keel_binance_write_text(encoder, from_name, keel_str_from(page->from_id));
    write_times(encoder, page);
    keel_binance_write_int(encoder, KEEL_STR("limit="), page->limit);
    return status;
}

static enum keel_status encode_wallet_page(struct keel_binance_encoder *encoder,
                                           const struct keel_page *page)
{
    keel_binance_write_text(encoder, KEEL_STR("coin="), keel_str_from(page->asset));
    keel_binance_write_text(encoder, KEEL_STR("withdrawOrderId="), keel_str_from(page->client_id));
    write_times(encoder, page);
    keel_binance_write_int(encoder, KEEL_STR("limit="), page->limit);
    return KEEL_OK;
}

int32_t keel_binance_spot_transfers_limit(const struct keel_page *page)
{
    return page->limit > 0 && page->limit < TRANSFERS_MAX ? page->limit : TRANSFERS_MAX;
}

static enum keel_status encode_transfers(struct keel_binance_encoder *encoder,
                                         const struct keel_page *page)
{
    enum keel_status status = write_ends(encoder, page->from, page->to);
    write_times(encoder, page);
    keel_binance_write_int(encoder, KEEL_STR("current="), page->page);
    keel_binance_write_int(encoder, KEEL_STR("size="), keel_binance_spot_transfers_limit(page));
    return status;
}

static enum keel_status write_parameters(struct keel_binance_encoder *encoder,
                                         const struct keel_command *command)
{
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER: return encode_place(encoder, &command->place);
    case KEEL_AMEND_ORDER: return encode_amend(encoder, &command->amend);
    case KEEL_CANCEL_ORDER:
    case KEEL_QUERY_ORDER: return encode_order_ref(encoder, &command->order);
    case KEEL_CANCEL_ALL: return keel_binance_write_symbol(encoder, command->order.market);
    case KEEL_LOAD_MARKETS: /* what most of the megabytes of its thousands of symbols are */
        keel_binance_write_flag(encoder, KEEL_STR("showPermissionSets="), false);
        return KEEL_OK;
    case KEEL_LOAD_BALANCES:
        keel_binance_write_flag(encoder, KEEL_STR("omitZeroBalances="), true);
        return KEEL_OK;
    case KEEL_LOAD_FEES: return keel_binance_write_symbol(encoder, command->market);
    case KEEL_LOAD_MARKS:
    case KEEL_LOAD_OPEN_ORDERS: return keel_binance_write_symbol_if_any(encoder, command->market);
    case KEEL_LOAD_ORDERS: return encode_market_page(encoder, &command->page, KEEL_STR("orderId="));
    case KEEL_LOAD_EXECUTIONS:
        return encode_market_page(encoder, &command->page, KEEL_STR("fromId="));
    case KEEL_TRANSFER: return encode_transfer(encoder, &command->transfer);
    case KEEL_WITHDRAW: return encode_withdrawal(encoder, &command->withdrawal);
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS: return encode_wallet_page(encoder, &command->page);
    case KEEL_LOAD_TRANSFERS: return encode_transfers(encoder, &command->page);
    }
    return KEEL_OK;
}

static void begin_request(struct keel_request *request, const struct endpoint *endpoint)
{
    request->method = endpoint->method;
    request->idempotent = endpoint->idempotent;
    request->fresh_connection = !endpoint->idempotent && endpoint->method == KEEL_HTTP_DELETE;
    request->needs_key = endpoint->security != PUBLIC;
    request->json = false;
    request->weight = endpoint->weight;
    request->order_count = endpoint->order_count;
    memcpy(request->path, endpoint->path, sizeof(request->path));
    request->query_size = request->body_size = 0;
    request->headers[0] = request->query[0] = request->body[0] = '\0';
}

enum keel_status keel_binance_spot_encode(const struct keel_command *command,
                                          const struct keel_markets *markets,
                                          const struct keel_modes *modes,
                                          const struct keel_keys *keys, int64_t time_ms,
                                          int64_t receive_window_ms, struct keel_request *request,
                                          struct keel_error *error)
{
    enum endpoint_name name = find_endpoint(command);
    const struct endpoint *endpoint = &endpoints[name];
    bool in_body = endpoint->method == KEEL_HTTP_POST || endpoint->method == KEEL_HTTP_PUT;
    struct keel_binance_encoder encoder = {.markets = markets, .modes = modes, .error = error};

    if (name == NONE)
        return keel_fail(error, KEEL_UNSUPPORTED, "Binance spot has no %s",
                         keel_command_kind_name(command->kind));
    begin_request(request, endpoint);
    keel_writer_init(&encoder.writer, in_body ? request->body : request->query,
                     KEEL_REQUEST_TEXT_SIZE);
    enum keel_status status = write_parameters(&encoder, command);
    if (status != KEEL_OK)
        return status;

    if (endpoint->security == SIGNED) {
        keel_binance_write_int(&encoder, KEEL_STR("recvWindow="), receive_window_ms);
        keel_binance_write_int(&encoder, KEEL_STR("timestamp="), time_ms);
    }
    keel_binance_finish_parameters(&encoder.writer);
    if (endpoint->security == SIGNED)
        keel_binance_sign(keys, KEEL_STR(""), &encoder.writer);
    if (encoder.writer.full)
        return keel_fail(error, KEEL_FULL, "the request's parameters do not fit");
    *(in_body ? &request->body_size : &request->query_size) = (uint32_t)encoder.writer.size;
    return KEEL_OK;
}

/* ^[a-zA-Z0-9-_]{1,36}$: fewer than futures take */
bool keel_binance_spot_client_id_is_valid(keel_str client_id)
{
    return keel_binance_client_id_is_valid(client_id) &&
           !memchr(client_id.data, '.', client_id.size) &&
           !memchr(client_id.data, ':', client_id.size) &&
           !memchr(client_id.data, '/', client_id.size);
}

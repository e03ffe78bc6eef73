#include "venue/binance/encode.h"

#include "base/digits.h"
#include "venue/binance/parameters.h"
#include "venue/binance/sign.h"

enum {
    CLIENT_ID_SIZE_MAX = 36,
    AMENDMENTS_MAX = 100, /* in one answer */
};

enum security {
    PUBLIC,   /* nothing */
    KEY_ONLY, /* the key's header */
    SIGNED,   /* and a signature */
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
    PLACE, PLACE_ALGO, AMEND, CANCEL, CANCEL_ALGO, CANCEL_ALL, CANCEL_ALL_ALGO, SET_LEVERAGE,
    SET_MARGIN_MODE, ADJUST_MARGIN, SET_HEDGE, SET_MULTI_ASSET, QUERY, QUERY_ALGO, LOAD_TIME,
    LOAD_MARKETS, LOAD_MODES, LOAD_BALANCES, LOAD_POSITIONS, LOAD_LEVERAGE, LOAD_BRACKETS,
    LOAD_FEES, LOAD_MARK, LOAD_MARKS, LOAD_OPEN, LOAD_ALL_OPEN, LOAD_OPEN_ALGO, LOAD_ALL_OPEN_ALGO,
    LOAD_ORDERS, LOAD_ALGO_ORDERS, LOAD_TRADES, LOAD_INCOME, LOAD_AMENDMENTS,
    LOAD_MARGIN_CHANGES, OPEN_KEY, RENEW_KEY, CLOSE_KEY, SET_COUNTDOWN,
};

/* Weights as the venue's reference states them; orders count apart and have no weight. */
static const struct endpoint endpoints[] = {
    [PLACE]              = {KEEL_HTTP_POST,   SIGNED,   false,  0, 1, "/fapi/v1/order"},
    [PLACE_ALGO]         = {KEEL_HTTP_POST,   SIGNED,   false,  0, 1, "/fapi/v1/algoOrder"},
    [AMEND]              = {KEEL_HTTP_PUT,    SIGNED,   false,  0, 1, "/fapi/v1/order"},
    [CANCEL]             = {KEEL_HTTP_DELETE, SIGNED,   false,  1, 0, "/fapi/v1/order"},
    [CANCEL_ALGO]        = {KEEL_HTTP_DELETE, SIGNED,   false,  1, 0, "/fapi/v1/algoOrder"},
    [CANCEL_ALL]         = {KEEL_HTTP_DELETE, SIGNED,   false,  1, 0, "/fapi/v1/allOpenOrders"},
    [CANCEL_ALL_ALGO]    = {KEEL_HTTP_DELETE, SIGNED,   false,  1, 0, "/fapi/v1/algoOpenOrders"},
    [SET_LEVERAGE]       = {KEEL_HTTP_POST,   SIGNED,   false,  1, 0, "/fapi/v1/leverage"},
    [SET_MARGIN_MODE]    = {KEEL_HTTP_POST,   SIGNED,   false,  1, 0, "/fapi/v1/marginType"},
    [ADJUST_MARGIN]      = {KEEL_HTTP_POST,   SIGNED,   false,  1, 0, "/fapi/v1/positionMargin"},
    [SET_HEDGE]          = {KEEL_HTTP_POST,   SIGNED,   false,  1, 0, "/fapi/v1/positionSide/dual"},
    [SET_MULTI_ASSET]    = {KEEL_HTTP_POST,   SIGNED,   false,  1, 0, "/fapi/v1/multiAssetsMargin"},
    [QUERY]              = {KEEL_HTTP_GET,    SIGNED,   true,   1, 0, "/fapi/v1/order"},
    [QUERY_ALGO]         = {KEEL_HTTP_GET,    SIGNED,   true,   1, 0, "/fapi/v1/algoOrder"},
    [LOAD_TIME]          = {KEEL_HTTP_GET,    PUBLIC,   true,   1, 0, "/fapi/v1/time"},
    [LOAD_MARKETS]       = {KEEL_HTTP_GET,    PUBLIC,   true,   1, 0, "/fapi/v1/exchangeInfo"},
    [LOAD_MODES]         = {KEEL_HTTP_GET,    SIGNED,   true,   5, 0, "/fapi/v1/accountConfig"},
    [LOAD_BALANCES]      = {KEEL_HTTP_GET,    SIGNED,   true,   5, 0, "/fapi/v3/balance"},
    [LOAD_POSITIONS]     = {KEEL_HTTP_GET,    SIGNED,   true,   5, 0, "/fapi/v3/positionRisk"},
    [LOAD_LEVERAGE]      = {KEEL_HTTP_GET,    SIGNED,   true,   5, 0, "/fapi/v1/symbolConfig"},
    [LOAD_BRACKETS]      = {KEEL_HTTP_GET,    SIGNED,   true,   1, 0, "/fapi/v1/leverageBracket"},
    [LOAD_FEES]          = {KEEL_HTTP_GET,    SIGNED,   true,  20, 0, "/fapi/v1/commissionRate"},
    [LOAD_MARK]          = {KEEL_HTTP_GET,    PUBLIC,   true,   1, 0, "/fapi/v1/premiumIndex"},
    [LOAD_MARKS]         = {KEEL_HTTP_GET,    PUBLIC,   true,  10, 0, "/fapi/v1/premiumIndex"},
    [LOAD_OPEN]          = {KEEL_HTTP_GET,    SIGNED,   true,   1, 0, "/fapi/v1/openOrders"},
    [LOAD_ALL_OPEN]      = {KEEL_HTTP_GET,    SIGNED,   true,  40, 0, "/fapi/v1/openOrders"},
    [LOAD_OPEN_ALGO]     = {KEEL_HTTP_GET,    SIGNED,   true,   1, 0, "/fapi/v1/openAlgoOrders"},
    [LOAD_ALL_OPEN_ALGO] = {KEEL_HTTP_GET,    SIGNED,   true,  40, 0, "/fapi/v1/openAlgoOrders"},
    [LOAD_ORDERS]        = {KEEL_HTTP_GET,    SIGNED,   true,   5, 0, "/fapi/v1/allOrders"},
    [LOAD_ALGO_ORDERS]   = {KEEL_HTTP_GET,    SIGNED,   true,   5, 0, "/fapi/v1/allAlgoOrders"},
    [LOAD_TRADES]        = {KEEL_HTTP_GET,    SIGNED,   true,   5, 0, "/fapi/v1/userTrades"},
    [LOAD_INCOME]        = {KEEL_HTTP_GET,    SIGNED,   true,  30, 0, "/fapi/v1/income"},
    [LOAD_AMENDMENTS]    = {KEEL_HTTP_GET,    SIGNED,   true,   1, 0, "/fapi/v1/orderAmendment"},
    [LOAD_MARGIN_CHANGES] = {KEEL_HTTP_GET,   SIGNED,   true,   1, 0,
                             "/fapi/v1/positionMargin/history"},
    [OPEN_KEY]           = {KEEL_HTTP_POST,   KEY_ONLY, true,   1, 0, "/fapi/v1/listenKey"},
    [RENEW_KEY]          = {KEEL_HTTP_PUT,    KEY_ONLY, true,   1, 0, "/fapi/v1/listenKey"},
    [CLOSE_KEY]          = {KEEL_HTTP_DELETE, KEY_ONLY, true,   1, 0, "/fapi/v1/listenKey"},
    [SET_COUNTDOWN]      = {KEEL_HTTP_POST,   SIGNED,   true,  10, 0, "/fapi/v1/countdownCancelAll"},
};
/* clang-format on */

/* The leg is named in hedge mode alone; without it the venue takes BOTH. */
static enum keel_status write_leg(struct keel_binance_encoder *encoder,
                                  enum keel_position_side side)
{
    bool leg = side == KEEL_LONG || side == KEEL_SHORT;
    if (leg)
        keel_binance_write_word(encoder, KEEL_STR("positionSide="),
                                keel_binance_position_side_word(side));
    if (!leg && encoder->modes->hedge == KEEL_ON)
        return keel_fail(encoder->error, KEEL_INVALID,
                         "in hedge mode the command must name long or short, not %s",
                         keel_position_side_name(side));
    return KEEL_OK;
}

static enum keel_status check_place(const struct keel_order_request *place,
                                    struct keel_error *error)
{
    bool needs_price = keel_order_type_has_price(place->type);
    if (place->side == KEEL_SIDE_NONE || keel_binance_order_type_word(place->type).size == 0)
        return keel_fail(error, KEEL_INVALID, "an order needs a side and a type: %s, %s",
                         keel_side_name(place->side), keel_order_type_name(place->type));
    if (needs_price && place->price_match == KEEL_PRICE_MATCH_NONE &&
        !keel_decimal_is_positive(place->price))
        return keel_fail(error, KEEL_INVALID, "a %s order needs a price",
                         keel_order_type_name(place->type));
    if (place->close_position == keel_decimal_is_valid(place->quantity))
        return keel_fail(error, KEEL_INVALID, "an order has a quantity or closes the position");
    if (keel_order_type_is_conditional(place->type) && place->type != KEEL_TRAILING_STOP &&
        !keel_decimal_is_positive(place->trigger_price))
        return keel_fail(error, KEEL_INVALID, "a %s order needs a trigger price",
                         keel_order_type_name(place->type));
    if (place->type == KEEL_TRAILING_STOP && !keel_decimal_is_positive(place->callback_percent))
        return keel_fail(error, KEEL_INVALID, "a trailing stop needs a callback");
    if (place->time_in_force == KEEL_GTD)
        return keel_fail(error, KEEL_UNSUPPORTED,
                         "good till date needs a date, which a request has not");
    if (place->client_id[0] != '\0' &&
        !keel_binance_client_id_is_valid(keel_str_from(place->client_id)))
        return keel_fail(error, KEEL_INVALID, "client id %s is not one that Binance takes",
                         place->client_id);
    return KEEL_OK;
}

/* The names that only a conditional order has (7.1). */
static enum keel_status write_condition(struct keel_binance_encoder *encoder,
                                        const struct keel_order_request *place, int price_digits)
{
    keel_binance_write_word(encoder, KEEL_STR("workingType="),
                            keel_binance_working_type_word(place->trigger_source));
    if (place->close_position)
        keel_binance_write_word(encoder, KEEL_STR("closePosition="), KEEL_STR("true"));
    if (place->type != KEEL_TRAILING_STOP)
        return keel_binance_write_decimal(encoder, KEEL_STR("triggerPrice="), place->trigger_price,
                                          price_digits);

    enum keel_status status = keel_binance_write_decimal(
        encoder, KEEL_STR("callbackRate="), place->callback_percent, KEEL_DECIMAL_DIGITS);
    if (status == KEEL_OK)
        status = keel_binance_write_decimal(encoder, KEEL_STR("activatePrice="),
                                            place->trigger_price, price_digits);
    return status;
}

/* What ends every order: in hedge mode side and leg say what reduceOnly would, and the venue
 * refuses it (-1106), as it does beside closePosition. */
static enum keel_status write_place_end(struct keel_binance_encoder *encoder,
                                        const struct keel_order_request *place, keel_str id_name)
{
    enum keel_status status = write_leg(encoder, place->position_side);
    bool leg = place->position_side == KEEL_LONG || place->position_side == KEEL_SHORT;
    if (place->reduce_only && !place->close_position && !leg)
        keel_binance_write_word(encoder, KEEL_STR("reduceOnly="), KEEL_STR("true"));
    keel_binance_write_text(encoder, id_name, keel_str_from(place->client_id));
    keel_binance_write_word(encoder, KEEL_STR("newOrderRespType="), KEEL_STR("RESULT"));
    return status;
}

static enum keel_status encode_place(struct keel_binance_encoder *encoder,
                                     const struct keel_order_request *place)
{
    const struct keel_market *market;
    bool conditional = keel_order_type_is_conditional(place->type);
    enum keel_status status = check_place(place, encoder->error);
    if (status == KEEL_OK)
        status = keel_binance_write_market(encoder, place->market, &market);
    if (status != KEEL_OK)
        return status;

    /* A limit order must say how long it lasts; a conditional one lasts till cancelled (7.1). */
    enum keel_time_in_force time_in_force = place->time_in_force;
    if (time_in_force == KEEL_TIME_IN_FORCE_NONE && place->type == KEEL_LIMIT)
        time_in_force = KEEL_GTC;

    if (conditional)
        keel_binance_write_word(encoder, KEEL_STR("algoType="), KEEL_STR("CONDITIONAL"));
    keel_binance_write_word(encoder, KEEL_STR("side="), keel_binance_side_word(place->side));
    keel_binance_write_word(encoder, KEEL_STR("type="), keel_binance_order_type_word(place->type));
    keel_binance_write_word(encoder, KEEL_STR("timeInForce="),
                            keel_binance_time_in_force_word(time_in_force));
    keel_binance_write_word(encoder, KEEL_STR("priceMatch="),
                            keel_binance_price_match_word(place->price_match));
    status = keel_binance_write_decimal(encoder, KEEL_STR("quantity="), place->quantity,
                                        market->quantity_digits);
    if (status == KEEL_OK && keel_order_type_has_price(place->type))
        status = keel_binance_write_decimal(encoder, KEEL_STR("price="), place->price,
                                            market->price_digits);
    if (status == KEEL_OK && conditional)
        status = write_condition(encoder, place, market->price_digits);
    if (status != KEEL_OK)
        return status;
    return write_place_end(encoder, place,
                           conditional ? KEEL_STR("clientAlgoId=") : KEEL_STR("newClientOrderId="));
}

/* The venue's id where it is known, else the client's. */
static enum keel_status write_order_ids(struct keel_binance_encoder *encoder,
                                        const struct keel_order_ref *order)
{
    bool conditional = order->family == KEEL_FAMILY_CONDITIONAL;
    if (order->order_id[0] == '\0' && order->client_id[0] == '\0')
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no order");
    if (order->order_id[0] != '\0')
        keel_binance_write_text(encoder, conditional ? KEEL_STR("algoId=") : KEEL_STR("orderId="),
                                keel_str_from(order->order_id));
    else
        keel_binance_write_text(
            encoder, conditional ? KEEL_STR("clientAlgoId=") : KEEL_STR("origClientOrderId="),
            keel_str_from(order->client_id));
    return KEEL_OK;
}

/* Conditional orders are known by their ids alone. */
static enum keel_status encode_order_ref(struct keel_binance_encoder *encoder,
                                         const struct keel_order_ref *order)
{
    enum keel_status status = KEEL_OK;
    if (order->family != KEEL_FAMILY_CONDITIONAL)
        status = keel_binance_write_symbol(encoder, order->market);
    return status == KEEL_OK ? write_order_ids(encoder, order) : status;
}

static enum keel_status encode_amend(struct keel_binance_encoder *encoder,
                                     const struct keel_amend *amend)
{
    const struct keel_market *market;
    if (amend->order.family == KEEL_FAMILY_CONDITIONAL)
        return keel_fail(encoder->error, KEEL_UNSUPPORTED,
                         "Binance does not amend conditional orders: cancel and place again");
    if (amend->side == KEEL_SIDE_NONE || !keel_decimal_is_positive(amend->quantity) ||
        !keel_decimal_is_positive(amend->price))
        return keel_fail(encoder->error, KEEL_INVALID,
                         "an amendment needs the order's side, a quantity and a price");

    enum keel_status status = keel_binance_write_market(encoder, amend->order.market, &market);
    if (status == KEEL_OK)
        status = write_order_ids(encoder, &amend->order);
    if (status != KEEL_OK)
        return status;
    keel_binance_write_word(encoder, KEEL_STR("side="), keel_binance_side_word(amend->side));
    status = keel_binance_write_decimal(encoder, KEEL_STR("quantity="), amend->quantity,
                                        market->quantity_digits);
    if (status == KEEL_OK)
        status = keel_binance_write_decimal(encoder, KEEL_STR("price="), amend->price,
                                            market->price_digits);
    return status;
}

static enum keel_status encode_leverage(struct keel_binance_encoder *encoder,
                                        const struct keel_command *command)
{
    if (command->leverage.leverage < 1)
        return keel_fail(encoder->error, KEEL_INVALID, "leverage %d is below 1",
                         (int)command->leverage.leverage);
    enum keel_status status = keel_binance_write_symbol(encoder, command->leverage.market);
    keel_binance_write_int(encoder, KEEL_STR("leverage="), command->leverage.leverage);
    return status;
}

static enum keel_status encode_margin_mode(struct keel_binance_encoder *encoder,
                                           const struct keel_command *command)
{
    keel_str word = keel_binance_margin_mode_word(command->margin_mode.mode);
    if (word.size == 0)
        return keel_fail(encoder->error, KEEL_INVALID, "the margin mode is cross or isolated");
    enum keel_status status = keel_binance_write_symbol(encoder, command->margin_mode.market);
    keel_binance_write_word(encoder, KEEL_STR("marginType="), word);
    return status;
}

static enum keel_status encode_margin(struct keel_binance_encoder *encoder,
                                      const struct keel_margin_adjustment *margin)
{
    if (!keel_decimal_is_valid(margin->amount) || keel_decimal_is_zero(margin->amount))
        return keel_fail(encoder->error, KEEL_INVALID, "no margin to add or to take");
    enum keel_status status = keel_binance_write_symbol(encoder, margin->market);
    if (status == KEEL_OK)
        status = keel_binance_write_decimal(encoder, KEEL_STR("amount="),
                                            keel_decimal_abs(margin->amount), 8);
    if (status == KEEL_OK)
        status = write_leg(encoder, margin->side);
    keel_binance_write_int(encoder, KEEL_STR("type="),
                           keel_decimal_is_negative(margin->amount) ? 2 : 1);
    return status;
}

static enum keel_status encode_page(struct keel_binance_encoder *encoder,
                                    const struct keel_page *page, keel_str from_name)
{
    enum keel_status status = keel_binance_write_symbol_if_any(encoder, page->market);
    keel_binance_write_text(encoder, from_name, keel_str_from(page->from_id));
    keel_binance_write_int(encoder, KEEL_STR("startTime="), page->start_time_ms);
    keel_binance_write_int(encoder, KEEL_STR("endTime="), page->end_time_ms);
    keel_binance_write_int(encoder, KEEL_STR("page="), page->page);
    keel_binance_write_int(encoder, KEEL_STR("limit="), page->limit);
    return status;
}

static enum keel_status encode_income(struct keel_binance_encoder *encoder,
                                      const struct keel_page *page)
{
    keel_binance_write_word(encoder, KEEL_STR("incomeType="),
                            keel_binance_income_word(page->income_kind));
    struct keel_page rest = *page;
    rest.from_id[0] = '\0'; /* the history of incomes has no ids to start from */
    return encode_page(encoder, &rest, KEEL_STR(""));
}

/* The newest, as many as the venue gives. */
static enum keel_status encode_amendments(struct keel_binance_encoder *encoder,
                                          const struct keel_order_ref *order)
{
    if (order->family == KEEL_FAMILY_CONDITIONAL)
        return keel_fail(encoder->error, KEEL_UNSUPPORTED,
                         "Binance does not amend conditional orders");
    enum keel_status status = encode_order_ref(encoder, order);
    keel_binance_write_int(encoder, KEEL_STR("limit="), AMENDMENTS_MAX);
    return status;
}

/* In milliseconds, and the zero that ends it is written, too. */
static enum keel_status encode_countdown(struct keel_binance_encoder *encoder,
                                         const struct keel_command *command)
{
    enum keel_status status = keel_binance_write_symbol(encoder, command->countdown.market);
    if (command->countdown.timeout_s == 0)
        keel_binance_write_word(encoder, KEEL_STR("countdownTime="), KEEL_STR("0"));
    keel_binance_write_int(encoder, KEEL_STR("countdownTime="),
                           (int64_t)command->countdown.timeout_s * 1000);
    return status;
}

static enum endpoint_name choose(bool first, enum endpoint_name a, enum endpoint_name b)
{
    return first ? a : b;
}

/* Each family of orders has its own endpoints; some weights depend on whether a market is named. */
static enum endpoint_name find_endpoint(const struct keel_command *command)
{
    bool one = command->market != KEEL_NO_MARKET;
    bool algo = command->order.family == KEEL_FAMILY_CONDITIONAL;
    switch (command->kind) {
    case KEEL_PLACE_ORDER:
        return choose(keel_order_type_is_conditional(command->place.type), PLACE_ALGO, PLACE);
    case KEEL_AMEND_ORDER: return AMEND;
    case KEEL_CANCEL_ORDER: return choose(algo, CANCEL_ALGO, CANCEL);
    case KEEL_CANCEL_ALL: return choose(algo, CANCEL_ALL_ALGO, CANCEL_ALL);
    case KEEL_SET_LEVERAGE: return SET_LEVERAGE;
    case KEEL_SET_MARGIN_MODE: return SET_MARGIN_MODE;
    case KEEL_ADJUST_MARGIN: return ADJUST_MARGIN;
    case KEEL_SET_HEDGE_MODE: return SET_HEDGE;
    case KEEL_SET_MULTI_ASSET: return SET_MULTI_ASSET;
    case KEEL_QUERY_ORDER: return choose(algo, QUERY_ALGO, QUERY);
    case KEEL_LOAD_MARKETS: return LOAD_MARKETS;
    case KEEL_LOAD_MODES: return LOAD_MODES;
    case KEEL_LOAD_BALANCES: return LOAD_BALANCES;
    case KEEL_LOAD_POSITIONS: return LOAD_POSITIONS;
    case KEEL_LOAD_LEVERAGE: return LOAD_LEVERAGE;
    case KEEL_LOAD_BRACKETS: return LOAD_BRACKETS;
    case KEEL_LOAD_FEES: return LOAD_FEES;
    case KEEL_LOAD_MARKS: return choose(one, LOAD_MARK, LOAD_MARKS);
    case KEEL_LOAD_OPEN_ORDERS: return choose(one, LOAD_OPEN, LOAD_ALL_OPEN);
    case KEEL_LOAD_CONDITIONAL_ORDERS: return choose(one, LOAD_OPEN_ALGO, LOAD_ALL_OPEN_ALGO);
    case KEEL_LOAD_ORDERS:
        return choose(command->page.family == KEEL_FAMILY_CONDITIONAL, LOAD_ALGO_ORDERS,
                      LOAD_ORDERS);
    case KEEL_LOAD_EXECUTIONS: return LOAD_TRADES;
    case KEEL_LOAD_INCOME: return LOAD_INCOME;
    case KEEL_LOAD_AMENDMENTS: return LOAD_AMENDMENTS;
    case KEEL_LOAD_MARGIN_CHANGES: return LOAD_MARGIN_CHANGES;
    case KEEL_OPEN_STREAM_KEY: return OPEN_KEY;
    case KEEL_RENEW_STREAM_KEY: return RENEW_KEY;
    case KEEL_CLOSE_STREAM_KEY: return CLOSE_KEY;
    case KEEL_SET_COUNTDOWN: return SET_COUNTDOWN;
    case KEEL_LOAD_TIME:
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
    case KEEL_COMMAND_NONE:
    case KEEL_COMMAND_KINDS: break;
    }
    return LOAD_TIME;
}

static enum keel_status write_parameters(struct keel_binance_encoder *encoder,
                                         const struct keel_command *command)
{
    switch (command->kind) {
    case KEEL_PLACE_ORDER: return encode_place(encoder, &command->place);
    case KEEL_AMEND_ORDER: return encode_amend(encoder, &command->amend);
    case KEEL_CANCEL_ORDER:
    case KEEL_QUERY_ORDER: return encode_order_ref(encoder, &command->order);
    case KEEL_CANCEL_ALL: return keel_binance_write_symbol(encoder, command->order.market);
    case KEEL_SET_LEVERAGE: return encode_leverage(encoder, command);
    case KEEL_SET_MARGIN_MODE: return encode_margin_mode(encoder, command);
    case KEEL_ADJUST_MARGIN: return encode_margin(encoder, &command->margin);
    case KEEL_SET_HEDGE_MODE:
        keel_binance_write_flag(encoder, KEEL_STR("dualSidePosition="), command->enable);
        return KEEL_OK;
    case KEEL_SET_MULTI_ASSET:
        keel_binance_write_flag(encoder, KEEL_STR("multiAssetsMargin="), command->enable);
        return KEEL_OK;
    case KEEL_LOAD_FEES: return keel_binance_write_symbol(encoder, command->market);
    case KEEL_LOAD_POSITIONS:
    case KEEL_LOAD_LEVERAGE:
    case KEEL_LOAD_BRACKETS:
    case KEEL_LOAD_MARKS:
    case KEEL_LOAD_OPEN_ORDERS:
    case KEEL_LOAD_CONDITIONAL_ORDERS:
        return keel_binance_write_symbol_if_any(encoder, command->market);
    case KEEL_LOAD_ORDERS:
        return encode_page(encoder, &command->page,
                           command->page.family == KEEL_FAMILY_CONDITIONAL ? KEEL_STR("algoId=")
                                                                           : KEEL_STR("orderId="));
    case KEEL_LOAD_EXECUTIONS: return encode_page(encoder, &command->page, KEEL_STR("fromId="));
    case KEEL_LOAD_INCOME: return encode_income(encoder, &command->page);
    case KEEL_LOAD_AMENDMENTS: return encode_amendments(encoder, &command->order);
    case KEEL_LOAD_MARGIN_CHANGES: return encode_page(encoder, &command->page, KEEL_STR(""));
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
        return keel_fail(encoder->error, KEEL_UNSUPPORTED,
                         "a futures account moves no money: transfer to or from the spot wallet "
                         "with a binance-spot account");
    case KEEL_LOAD_TIME:
    case KEEL_LOAD_MARKETS:
    case KEEL_LOAD_MODES:
    case KEEL_LOAD_BALANCES:
    case KEEL_OPEN_STREAM_KEY:
    case KEEL_RENEW_STREAM_KEY:
    case KEEL_CLOSE_STREAM_KEY: return KEEL_OK;
    case KEEL_SET_COUNTDOWN: return encode_countdown(encoder, command);
    case KEEL_COMMAND_NONE:
    case KEEL_COMMAND_KINDS: break;
    }
    return keel_fail(encoder->error, KEEL_INVALID, "no such command");
}

/* Only what a request always has is written; its buffers are large, and stay as they were. */
static void begin_request(struct keel_request *request, const struct endpoint *endpoint)
{
    request->method = endpoint->method;
    request->idempotent = endpoint->idempotent;
    request->fresh_connection = !endpoint->idempotent && endpoint->method == KEEL_HTTP_DELETE;
    request->needs_key = endpoint->security != PUBLIC;
    request->weight = endpoint->weight;
    request->order_count = endpoint->order_count;
    memcpy(request->path, endpoint->path, sizeof(request->path));
    request->query_size = request->body_size = 0;
    request->headers[0] = request->query[0] = request->body[0] = '\0';
    request->json = false;
}

enum keel_status keel_binance_encode(const struct keel_command *command,
                                     const struct keel_markets *markets,
                                     const struct keel_modes *modes, const struct keel_keys *keys,
                                     int64_t time_ms, int64_t receive_window_ms,
                                     struct keel_request *request, struct keel_error *error)
{
    const struct endpoint *endpoint = &endpoints[find_endpoint(command)];
    bool in_body = endpoint->method == KEEL_HTTP_POST || endpoint->method == KEEL_HTTP_PUT;
    struct keel_binance_encoder encoder = {.markets = markets, .modes = modes, .error = error};

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

/* "keel-" and the number to base 36: unique for as long as the number is. */
void keel_binance_make_client_id(uint64_t number, char client_id[KEEL_CLIENT_ID_SIZE])
{
    memcpy(client_id, "keel-", 5);
    *keel_digits_write_base36(client_id + 5, number) = '\0';
}

/* ^[\.A-Z\:/a-z0-9_-]{1,36}$ (3) */
bool keel_binance_client_id_is_valid(keel_str client_id)
{
    if (client_id.size == 0 || client_id.size > CLIENT_ID_SIZE_MAX)
        return false;
    bool valid = true;
    for (size_t i = 0; i < client_id.size; i++) {
        char c = client_id.data[i];
        valid &= keel_binance_plain[(unsigned char)c] || c == ':' || c == '/';
    }
    return valid;
}

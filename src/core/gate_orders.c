#include "base/number.h"
#include "core/gate_check.h"

/* Shape -------------------------------------------------------------------------------------- */

enum keel_status keel_refuse_shape(const struct keel_check *check, enum keel_order_type type,
                                   const char *why)
{
    return keel_fail(check->error, KEEL_ORDER_SHAPE, "%s: a %s order %s", keel_check_symbol(check),
                     keel_order_type_name(type), why);
}

/* Does the position close by an order of that type, whatever its size? */
static bool type_may_close_all(enum keel_order_type type)
{
    return type == KEEL_STOP_MARKET || type == KEEL_TAKE_PROFIT_MARKET;
}

static enum keel_status check_type(const struct keel_check *check,
                                   const struct keel_order_request *request)
{
    enum keel_order_type type = request->type;
    if (type == KEEL_ORDER_TYPE_NONE || type == KEEL_LIQUIDATION)
        return keel_refuse_shape(check, type, "cannot be placed");
    if (request->side == KEEL_SIDE_NONE)
        return keel_refuse_shape(check, type, "needs a side");
    if (request->time_in_force == KEEL_GTD)
        return keel_fail(check->error, KEEL_UNSUPPORTED,
                         "%s: good till date needs a date, which a request has not",
                         keel_check_symbol(check));
    if (!keel_order_type_has_price(type) && request->time_in_force != 0 && type == KEEL_MARKET)
        return keel_refuse_shape(check, type, "has no time in force");
    return KEEL_OK;
}

static enum keel_status check_prices_given(const struct keel_check *check,
                                           const struct keel_order_request *request)
{
    enum keel_order_type type = request->type;
    bool price = keel_decimal_is_valid(request->price);
    bool trigger = keel_decimal_is_valid(request->trigger_price);
    bool trails = type == KEEL_TRAILING_STOP; /* may be active at once: no trigger */
    if (keel_order_type_has_price(type) && !keel_decimal_is_positive(request->price))
        return keel_refuse_shape(check, type, "needs a price above 0");
    if (!keel_order_type_has_price(type) && price)
        return keel_refuse_shape(check, type, "has no price");
    if (keel_order_type_is_conditional(type) && !keel_decimal_is_positive(request->trigger_price) &&
        (trigger || !trails))
        return keel_refuse_shape(check, type, "needs a trigger price above 0");
    if (!keel_order_type_is_conditional(type) && trigger)
        return keel_refuse_shape(check, type, "has no trigger price");
    return KEEL_OK;
}

/* Venues take a distance of 0.1 to 20 percent at most; less of it is theirs to refuse. */
static enum keel_status check_callback(const struct keel_check *check,
                                       const struct keel_order_request *request)
{
    const keel_decimal min = keel_decimal_from_raw((keel_int128)100000000000000000);
    const keel_decimal max = keel_decimal_from_int(20);
    enum keel_order_type type = request->type;
    keel_decimal callback = request->callback_percent;
    if (type != KEEL_TRAILING_STOP) {
        if (keel_decimal_is_valid(callback))
            return keel_refuse_shape(check, type, "has no callback");
        return KEEL_OK;
    }
    if (!keel_decimal_is_valid(callback))
        return keel_refuse_shape(check, type, "needs a callback: the distance that triggers it");
    return keel_check_range(check, KEEL_ORDER_SHAPE, "callback percent", callback, min, max);
}

static enum keel_status check_quote_quantity(const struct keel_check *check,
                                             const struct keel_order_request *request)
{
    enum keel_order_type type = request->type;
    if (check->account->config.product != KEEL_PRODUCT_SPOT)
        return keel_refuse_shape(check, type, "on futures has its quantity in base units");
    if (type != KEEL_MARKET)
        return keel_refuse_shape(check, type, "has no quote quantity: market orders alone have");
    if (keel_decimal_is_valid(request->quantity))
        return keel_fail(check->error, KEEL_ORDER_SHAPE,
                         "%s: a quantity of %s or a quote quantity of %s, not both",
                         keel_check_symbol(check), keel_text_of(request->quantity).at,
                         keel_text_of(request->quote_quantity).at);
    if (!keel_decimal_is_positive(request->quote_quantity))
        return keel_refuse_shape(check, type, "needs a quote quantity above 0");
    return KEEL_OK;
}

static enum keel_status check_quantity_given(const struct keel_check *check,
                                             const struct keel_order_request *request)
{
    enum keel_order_type type = request->type;
    if (keel_decimal_is_valid(request->quote_quantity))
        return check_quote_quantity(check, request);
    if (!request->close_position) {
        if (!keel_decimal_is_positive(request->quantity))
            return keel_refuse_shape(check, type, "needs a quantity above 0");
        return KEEL_OK;
    }
    if (!type_may_close_all(type))
        return keel_refuse_shape(check, type,
                                 "cannot close a whole position: stop_market and "
                                 "take_profit_market can");
    if (keel_decimal_is_valid(request->quantity))
        return keel_fail(check->error, KEEL_ORDER_SHAPE,
                         "%s: close_position closes all there is, yet a quantity of %s is given",
                         keel_check_symbol(check), keel_text_of(request->quantity).at);
    if (request->reduce_only)
        return keel_refuse_shape(check, type, "with close_position is reduce-only already");
    return KEEL_OK;
}

enum keel_status keel_check_shape(const struct keel_check *check,
                                  const struct keel_order_request *request)
{
    enum keel_status status = check_type(check, request);
    if (status == KEEL_OK)
        status = check_prices_given(check, request);
    if (status == KEEL_OK)
        status = check_callback(check, request);
    if (status == KEEL_OK)
        status = check_quantity_given(check, request);
    return status;
}

/* Account, market ----------------------------------------------------------------------------- */

enum keel_status keel_check_market_status(const struct keel_check *check, bool exit)
{
    switch (check->rules->status) {
    case KEEL_MARKET_TRADING: return KEEL_OK;
    case KEEL_MARKET_REDUCE_ONLY:
        if (exit)
            return KEEL_OK;
        return keel_fail(check->error, KEEL_MARKET_CLOSED,
                         "%s: the market takes only orders that reduce", keel_check_symbol(check));
    case KEEL_MARKET_NONE:
    case KEEL_MARKET_HALTED:
    case KEEL_MARKET_DELISTED: break;
    }
    return keel_fail(check->error, KEEL_MARKET_CLOSED, "%s: the market takes no orders now",
                     keel_check_symbol(check));
}

static bool is_id_character(char c)
{
    return keel_is_letter(c) || keel_is_digit(c) || c == '.' || c == ':' || c == '/' || c == '_' ||
           c == '-';
}

enum keel_status keel_check_client_id(const struct keel_check *check, const char *client_id)
{
    for (const char *c = client_id; *c != '\0'; c++) {
        if (!is_id_character(*c))
            return keel_fail(check->error, KEEL_CLIENT_ID,
                             "%s: client id \"%s\" has a character other than letters, digits "
                             "and . : / _ -",
                             keel_check_symbol(check), client_id);
    }
    if (client_id[0] != '\0' &&
        keel_account_client_id_is_taken(check->account, check->market, client_id))
        return keel_fail(check->error, KEEL_CLIENT_ID,
                         "%s: client id %s is that of an order still open or unsettled",
                         keel_check_symbol(check), client_id);
    return KEEL_OK;
}

enum keel_status keel_check_open_orders(const struct keel_check *check, bool conditional)
{
    const struct keel_orders *orders = &check->account->orders;
    int32_t in_market = orders->markets[check->market].regular_open;
    int32_t max = check->rules->open_orders_max;
    if (orders->open.count >= orders->open_max)
        return keel_fail(check->error, KEEL_OPEN_ORDERS, "%d orders are open, keel's bound is %d",
                         orders->open.count, orders->open_max);
    if (!conditional && max > 0 && in_market >= max)
        return keel_fail(check->error, KEEL_OPEN_ORDERS,
                         "%s: %d orders are open, the venue's bound is %d",
                         keel_check_symbol(check), in_market, max);
    return KEEL_OK;
}

enum keel_status keel_refuse_not_fresh(const struct keel_check *check)
{
    int64_t since_ns = check->account->stale_since_ns;
    if (since_ns == INT64_MAX)
        return keel_fail(check->error, KEEL_STALE, "%s: the account was never loaded whole",
                         keel_check_symbol(check));
    return keel_fail(check->error, KEEL_STALE,
                     "%s: what is known of the account is %lld ms old: it is being reconciled",
                     keel_check_symbol(check), (long long)((check->now_ns - since_ns) / 1000000));
}

/* Orders that there are ----------------------------------------------------------------------- */

const struct keel_order_slot *keel_check_find_order(const struct keel_check *check,
                                                    const struct keel_order_ref *ref)
{
    return keel_orders_find(&check->account->orders, ref->market, KEEL_FAMILY_REGULAR,
                            ref->order_id, ref->client_id);
}

enum keel_status keel_check_amendable(const struct keel_check *check,
                                      const struct keel_amend *amend,
                                      const struct keel_order_slot *slot)
{
    const char *id =
        amend->order.order_id[0] != '\0' ? amend->order.order_id : amend->order.client_id;
    if (!slot || !keel_order_is_open(&slot->order))
        return keel_fail(check->error, KEEL_NOT_FOUND, "%s: no open order %s",
                         keel_check_symbol(check), id);
    if (slot->order.status == KEEL_ORDER_PENDING)
        return keel_fail(check->error, KEEL_NOT_FOUND, "%s: order %s is not confirmed yet",
                         keel_check_symbol(check), id);
    if (slot->order.type != KEEL_LIMIT)
        return keel_fail(check->error, KEEL_ORDER_SHAPE,
                         "%s: order %s is %s; only limit orders "
                         "are amended",
                         keel_check_symbol(check), id, keel_order_type_name(slot->order.type));
    if (amend->side != slot->order.side)
        return keel_fail(check->error, KEEL_ORDER_SHAPE, "%s: order %s is a %s, the amendment a %s",
                         keel_check_symbol(check), id, keel_side_name(slot->order.side),
                         keel_side_name(amend->side));
    if (!keel_decimal_is_positive(amend->price) || !keel_decimal_is_positive(amend->quantity))
        return keel_fail(check->error, KEEL_ORDER_SHAPE,
                         "%s: amending needs a price and a total quantity above 0",
                         keel_check_symbol(check));
    return KEEL_OK;
}

/* The venue cancels an order whose new total is not more than what is filled. */
enum keel_status keel_check_amended_quantity(const struct keel_check *check,
                                             const struct keel_amend *amend,
                                             const struct keel_order *order)
{
    if (keel_decimal_compare(amend->quantity, order->filled_quantity) <= 0)
        return keel_fail(check->error, KEEL_QUANTITY_RANGE,
                         "%s: a total of %s is not above the %s already filled; cancel instead",
                         keel_check_symbol(check), keel_text_of(amend->quantity).at,
                         keel_text_of(order->filled_quantity).at);
    return keel_check_quantity(check, amend->quantity, true);
}

enum keel_status keel_check_ref(const struct keel_order_ref *ref, bool needs_id,
                                struct keel_error *error)
{
    if (needs_id && ref->order_id[0] == '\0' && ref->client_id[0] == '\0')
        return keel_fail(error, KEEL_INVALID, "an order is named by its id or its client id");
    return KEEL_OK;
}

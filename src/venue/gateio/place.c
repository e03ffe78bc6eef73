#include "venue/gateio/place.h"

#include "venue/gateio/contracts.h"
#include "venue/gateio/words.h"

/* The text of a literal, whose size the compiler knows. */
#define PUT(writer, literal) keel_write(writer, KEEL_STR(literal))

enum keel_status keel_gateio_get_market(struct keel_gateio_encoder *encoder, keel_market_id id,
                                        const struct keel_market **market)
{
    *market = keel_markets_get(encoder->markets, id);
    if (*market)
        return KEEL_OK;
    keel_fail(encoder->error, KEEL_INVALID, "the command names no market (%d)", (int)id);
    return KEEL_INVALID;
}

static enum keel_status refuse_digits(const char *name, keel_decimal price,
                                      const struct keel_market *market, struct keel_error *error)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(price, text);
    return keel_fail(error, KEEL_INVALID, "%s: %s is %s, and the market has %d decimals",
                     market->symbol, name, text, (int)market->price_digits);
}

/* As a string. Refused when it has more digits than the market's grid, because the venue would
 * refuse it too, and a digit dropped here would be another order. */
static enum keel_status write_price(struct keel_gateio_encoder *encoder, const char *name,
                                    keel_decimal price, const struct keel_market *market)
{
    if (!keel_decimal_fits_digits(price, market->price_digits))
        return refuse_digits(name, price, market, encoder->error);
    PUT(&encoder->writer, "\"");
    keel_write_decimal(&encoder->writer, price);
    PUT(&encoder->writer, "\"");
    return KEEL_OK;
}

static bool is_leg(enum keel_position_side side)
{
    return side == KEEL_LONG || side == KEEL_SHORT;
}

/* The venue has no member for the leg: it follows from the sign and from this (5.3.1). */
static bool reduces(const struct keel_order_request *place)
{
    if (!is_leg(place->position_side))
        return place->reduce_only;
    return place->side == (place->position_side == KEEL_LONG ? KEEL_SELL : KEEL_BUY);
}

static enum keel_status check_leg(const struct keel_gateio_encoder *encoder,
                                  const struct keel_order_request *place)
{
    if (encoder->modes->hedge == KEEL_ON && !is_leg(place->position_side))
        return keel_fail(encoder->error, KEEL_INVALID,
                         "in hedge mode the command must name long or short, not %s",
                         keel_position_side_name(place->position_side));
    /* It would open the other leg, or shrink this one: not what was asked for. */
    if (is_leg(place->position_side) && (place->reduce_only || place->close_position) &&
        !reduces(place))
        return keel_fail(encoder->error, KEEL_INVALID, "a %s on the %s leg does not reduce it",
                         keel_side_name(place->side),
                         keel_position_side_name(place->position_side));
    return KEEL_OK;
}

static enum keel_status check_place(const struct keel_gateio_encoder *encoder,
                                    const struct keel_order_request *place)
{
    struct keel_error *error = encoder->error;
    if (place->side == KEEL_SIDE_NONE || place->type == KEEL_ORDER_TYPE_NONE ||
        place->type == KEEL_LIQUIDATION)
        return keel_fail(error, KEEL_INVALID, "an order needs a side and a type: %s, %s",
                         keel_side_name(place->side), keel_order_type_name(place->type));
    if (place->type == KEEL_TRAILING_STOP)
        return keel_fail(error, KEEL_UNSUPPORTED, "Gate has no trailing stops");
    if (place->price_match != KEEL_PRICE_MATCH_NONE)
        return keel_fail(error, KEEL_UNSUPPORTED, "Gate takes no price from its book");
    if (keel_order_type_has_price(place->type) && !keel_decimal_is_positive(place->price))
        return keel_fail(error, KEEL_INVALID, "a %s order needs a price",
                         keel_order_type_name(place->type));
    if (place->close_position == keel_decimal_is_valid(place->quantity))
        return keel_fail(error, KEEL_INVALID, "an order has a quantity or closes the position");
    if (!place->close_position && !keel_decimal_is_positive(place->quantity))
        return keel_fail(error, KEEL_INVALID, "an order's quantity is above zero");
    if (keel_order_type_is_conditional(place->type) &&
        !keel_decimal_is_positive(place->trigger_price))
        return keel_fail(error, KEEL_INVALID, "a %s order needs a trigger price",
                         keel_order_type_name(place->type));
    if (place->time_in_force == KEEL_GTD || place->time_in_force == KEEL_RPI)
        return keel_fail(error, KEEL_UNSUPPORTED, "Gate has no orders of %s",
                         keel_time_in_force_name(place->time_in_force));
    if (place->client_id[0] != '\0' &&
        !keel_gateio_client_id_is_valid(keel_str_from(place->client_id)))
        return keel_fail(error, KEEL_INVALID, "client id %s is not one that Gate takes",
                         place->client_id);
    return check_leg(encoder, place);
}

/* An order without a price fills at once or not at all. */
static keel_str find_time_in_force(const struct keel_order_request *place)
{
    if (keel_order_type_has_price(place->type))
        return place->time_in_force == KEEL_TIME_IN_FORCE_NONE
                   ? KEEL_STR("gtc")
                   : keel_gateio_time_in_force_word(place->time_in_force);
    return place->time_in_force == KEEL_FOK ? KEEL_STR("fok") : KEEL_STR("ioc");
}

/* In contracts, with the sign of the side. */
static enum keel_status find_size(struct keel_gateio_encoder *encoder, enum keel_side side,
                                  keel_decimal quantity, const struct keel_market *market,
                                  keel_decimal *size)
{
    enum keel_status status = keel_gateio_to_contracts(quantity, market, size, encoder->error);
    if (side == KEEL_SELL)
        *size = keel_decimal_neg(*size);
    return status;
}

/* Of what closes a whole position: by the venue's own count, at the time that it fills. */
static void write_close(struct keel_writer *writer, enum keel_position_side leg)
{
    if (leg == KEEL_LONG)
        PUT(writer, ",\"auto_size\":\"close_long\",\"reduce_only\":true");
    else if (leg == KEEL_SHORT)
        PUT(writer, ",\"auto_size\":\"close_short\",\"reduce_only\":true");
    else
        PUT(writer, ",\"close\":true");
}

/* All that an order has but its size: both of its forms share it. */
static enum keel_status write_terms(struct keel_gateio_encoder *encoder,
                                    const struct keel_order_request *place,
                                    const struct keel_market *market)
{
    struct keel_writer *writer = &encoder->writer;
    enum keel_status status = KEEL_OK;
    if (keel_order_type_has_price(place->type)) {
        PUT(writer, ",\"price\":");
        status = write_price(encoder, "price", place->price, market);
    } else {
        PUT(writer, ",\"price\":\"0\"");
    }
    PUT(writer, ",\"tif\":\"");
    keel_write(writer, find_time_in_force(place));
    PUT(writer, "\"");
    if (place->close_position)
        write_close(writer, place->position_side);
    else if (reduces(place))
        PUT(writer, ",\"reduce_only\":true");
    if (place->client_id[0] == '\0')
        return status;
    PUT(writer, ",\"text\":\"");
    keel_write(writer, keel_str_from(place->client_id));
    PUT(writer, "\"");
    return status;
}

enum keel_status keel_gateio_write_order(struct keel_gateio_encoder *encoder,
                                         const struct keel_order_request *place)
{
    const struct keel_market *market;
    keel_decimal size = KEEL_DECIMAL_ZERO;
    enum keel_status status = check_place(encoder, place);
    if (status == KEEL_OK)
        status = keel_gateio_get_market(encoder, place->market, &market);
    if (status == KEEL_OK && !place->close_position)
        status = find_size(encoder, place->side, place->quantity, market, &size);
    if (status != KEEL_OK)
        return status;

    PUT(&encoder->writer, "{\"contract\":\"");
    keel_write(&encoder->writer, keel_str_from(market->venue_symbol));
    PUT(&encoder->writer, "\",\"size\":\"");
    keel_write_decimal(&encoder->writer, size);
    PUT(&encoder->writer, "\"");
    status = write_terms(encoder, place, market);
    PUT(&encoder->writer, "}");
    return status;
}

/* Whole contracts as a number; a part of one goes by a member of its own (5.4). */
static void write_trigger_size(struct keel_writer *writer, keel_decimal size)
{
    if (keel_decimal_digits(size) == 0) {
        PUT(writer, "\",\"size\":");
        keel_write_decimal(writer, size);
        return;
    }
    PUT(writer, "\",\"amount\":\"");
    keel_write_decimal(writer, size);
    PUT(writer, "\"");
}

/* A stop waits for the price to move on in the order's direction, a take-profit for its return. */
static bool triggers_above(const struct keel_order_request *place)
{
    bool stop = place->type == KEEL_STOP_LIMIT || place->type == KEEL_STOP_MARKET;
    return stop == (place->side == KEEL_BUY);
}

static enum keel_status write_condition(struct keel_gateio_encoder *encoder,
                                        const struct keel_order_request *place,
                                        const struct keel_market *market)
{
    struct keel_writer *writer = &encoder->writer;
    if (place->trigger_source == KEEL_TRIGGER_MARK)
        PUT(writer, ",\"trigger\":{\"price_type\":1,\"price\":");
    else
        PUT(writer, ",\"trigger\":{\"price_type\":0,\"price\":");
    enum keel_status status = write_price(encoder, "trigger price", place->trigger_price, market);
    if (triggers_above(place))
        PUT(writer, ",\"rule\":1}");
    else
        PUT(writer, ",\"rule\":2}");
    if (place->close_position && place->side == KEEL_SELL)
        PUT(writer, ",\"order_type\":\"close-long-position\"");
    if (place->close_position && place->side == KEEL_BUY)
        PUT(writer, ",\"order_type\":\"close-short-position\"");
    return status;
}

enum keel_status keel_gateio_write_trigger(struct keel_gateio_encoder *encoder,
                                           const struct keel_order_request *place)
{
    const struct keel_market *market;
    keel_decimal size = KEEL_DECIMAL_ZERO;
    enum keel_status status = check_place(encoder, place);
    bool rests = place->time_in_force == KEEL_TIME_IN_FORCE_NONE ||
                 place->time_in_force == KEEL_GTC || place->time_in_force == KEEL_IOC;
    if (status == KEEL_OK && !rests)
        status = keel_fail(encoder->error, KEEL_UNSUPPORTED, "Gate has no conditional orders of %s",
                           keel_time_in_force_name(place->time_in_force));
    if (status == KEEL_OK)
        status = keel_gateio_get_market(encoder, place->market, &market);
    if (status == KEEL_OK && !place->close_position)
        status = find_size(encoder, place->side, place->quantity, market, &size);
    if (status != KEEL_OK)
        return status;

    PUT(&encoder->writer, "{\"initial\":{\"contract\":\"");
    keel_write(&encoder->writer, keel_str_from(market->venue_symbol));
    write_trigger_size(&encoder->writer, size);
    status = write_terms(encoder, place, market);
    PUT(&encoder->writer, "}");
    if (status == KEEL_OK)
        status = write_condition(encoder, place, market);
    PUT(&encoder->writer, "}");
    return status;
}

/* It stands in a path and in JSON as it is. */
static bool is_plain(const char *id)
{
    return id[strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-")] ==
           '\0';
}

enum keel_status keel_gateio_find_id(struct keel_gateio_encoder *encoder,
                                     const struct keel_order_ref *order, keel_str *id)
{
    if (!is_plain(order->order_id) || !is_plain(order->client_id))
        return keel_fail(encoder->error, KEEL_INVALID, "%s%s is no order id of Gate's",
                         order->order_id, order->client_id);
    if (order->order_id[0] != '\0') {
        *id = keel_str_from(order->order_id);
        return KEEL_OK;
    }
    if (order->client_id[0] == '\0')
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no order");
    if (order->family == KEEL_FAMILY_CONDITIONAL)
        return keel_fail(encoder->error, KEEL_UNSUPPORTED,
                         "Gate finds a conditional order by its own id, not by %s",
                         order->client_id);
    *id = keel_str_from(order->client_id);
    return KEEL_OK;
}

enum keel_status keel_gateio_write_amend(struct keel_gateio_encoder *encoder,
                                         const struct keel_amend *amend, bool with_id)
{
    const struct keel_market *market;
    struct keel_writer *writer = &encoder->writer;
    keel_decimal size;
    keel_str id = KEEL_STR("");
    if (amend->order.family == KEEL_FAMILY_CONDITIONAL)
        return keel_fail(encoder->error, KEEL_UNSUPPORTED,
                         "conditional orders are not amended: cancel and place again");
    if (amend->side == KEEL_SIDE_NONE || !keel_decimal_is_positive(amend->quantity) ||
        !keel_decimal_is_positive(amend->price))
        return keel_fail(encoder->error, KEEL_INVALID,
                         "an amendment needs the order's side, a quantity and a price");
    enum keel_status status = keel_gateio_get_market(encoder, amend->order.market, &market);
    if (status == KEEL_OK)
        status = keel_gateio_find_id(encoder, &amend->order, &id);
    if (status == KEEL_OK)
        status = find_size(encoder, amend->side, amend->quantity, market, &size);
    if (status != KEEL_OK)
        return status;

    PUT(writer, "{");
    if (with_id) {
        PUT(writer, "\"order_id\":\"");
        keel_write(writer, id);
        PUT(writer, "\",");
    }
    PUT(writer, "\"size\":\"");
    keel_write_decimal(writer, size);
    PUT(writer, "\",\"price\":");
    status = write_price(encoder, "price", amend->price, market);
    PUT(writer, "}");
    return status;
}

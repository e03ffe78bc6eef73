/* triggers.c - conditional orders ("price_orders", futures.autoorders) into events (5.4). */
#include "venue/gateio/contracts.h"
#include "venue/gateio/orders.h"
#include "venue/gateio/words.h"

#define IS          KEEL_GATEIO_IS
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum {
    RULE_AT_OR_ABOVE = 1,
    RULE_AT_OR_BELOW = 2,
    PRICE_LAST = 0,
    PRICE_MARK = 1,
};

struct trigger_row {
    keel_str contract, id, id_text, text, status, finish_as, time_in_force, auto_size, order_type;
    keel_str reason, trade;
    keel_decimal size, amount, price, trigger_price, filled;
    enum keel_switch reduce_only, close;
    int64_t rule, price_type, create_ms, finish_ms, trigger_ms;
};

/* Of the order itself, of "initial" and of "trigger": no name is in two of them but those of prices
 * and sizes, which each part reads by its own table. "me_order_id" is the order that a take-profit
 * or stop-loss is attached to, not the one that it becomes. */
static const struct keel_gateio_field fields[] = {
    KEEL_GATEIO_FIELD("id", TEXT, trigger_row, id),
    KEEL_GATEIO_FIELD("id_string", TEXT, trigger_row, id_text),
    KEEL_GATEIO_FIELD("status", TEXT, trigger_row, status),
    KEEL_GATEIO_FIELD("finish_as", TEXT, trigger_row, finish_as),
    KEEL_GATEIO_FIELD("reason", TEXT, trigger_row, reason),
    KEEL_GATEIO_FIELD("order_type", TEXT, trigger_row, order_type),
    KEEL_GATEIO_FIELD("trade_id", TEXT, trigger_row, trade), /* of the order that it became */
    KEEL_GATEIO_FIELD("filled_size", DECIMAL, trigger_row, filled),
    KEEL_GATEIO_FIELD("create_time", TIME, trigger_row, create_ms),
    KEEL_GATEIO_FIELD("finish_time", TIME, trigger_row, finish_ms),
    KEEL_GATEIO_FIELD("trigger_time", TIME, trigger_row, trigger_ms),
};

static const struct keel_gateio_field initial_fields[] = {
    KEEL_GATEIO_FIELD("contract", TEXT, trigger_row, contract),
    KEEL_GATEIO_FIELD("size", DECIMAL, trigger_row, size),
    KEEL_GATEIO_FIELD("amount", DECIMAL, trigger_row, amount),
    KEEL_GATEIO_FIELD("price", DECIMAL, trigger_row, price),
    KEEL_GATEIO_FIELD("tif", TEXT, trigger_row, time_in_force),
    KEEL_GATEIO_FIELD("text", TEXT, trigger_row, text),
    KEEL_GATEIO_FIELD("auto_size", TEXT, trigger_row, auto_size),
    KEEL_GATEIO_FIELD("is_close", SWITCH, trigger_row, close),
    KEEL_GATEIO_FIELD("close", SWITCH, trigger_row, close),
    KEEL_GATEIO_FIELD("is_reduce_only", SWITCH, trigger_row, reduce_only),
    KEEL_GATEIO_FIELD("reduce_only", SWITCH, trigger_row, reduce_only),
};

static const struct keel_gateio_field trigger_fields[] = {
    KEEL_GATEIO_FIELD("price", DECIMAL, trigger_row, trigger_price),
    KEEL_GATEIO_FIELD("rule", INT, trigger_row, rule),
    KEEL_GATEIO_FIELD("price_type", INT, trigger_row, price_type),
};

static void read_part(struct keel_gateio_decoder *decoder, struct keel_json *json,
                      const struct keel_gateio_field *part, size_t count, struct trigger_row *row)
{
    if (keel_json_peek(json) == KEEL_JSON_OBJECT)
        keel_gateio_read_object(decoder, json, part, count, row);
    else
        keel_json_skip(json);
}

static void read_row(struct keel_gateio_decoder *decoder, struct keel_json *json,
                     struct trigger_row *row)
{
    keel_str key;
    *row = (struct trigger_row){
        .size = KEEL_DECIMAL_ABSENT,
        .amount = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .filled = KEEL_DECIMAL_ABSENT,
    };
    if (!keel_json_enter_object(json))
        return;
    while (keel_gateio_next_key(json, &key)) {
        if (IS(key, "initial"))
            read_part(decoder, json, initial_fields, COUNT(initial_fields), row);
        else if (IS(key, "trigger"))
            read_part(decoder, json, trigger_fields, COUNT(trigger_fields), row);
        else
            keel_gateio_read_member(decoder, json, fields, COUNT(fields), key, row);
    }
}

static bool begins_close(keel_str order_type, keel_str side)
{
    keel_str plan = KEEL_STR("plan-");
    if (keel_str_starts_with(order_type, plan))
        order_type = (keel_str){order_type.data + plan.size, order_type.size - plan.size};
    return keel_str_starts_with(order_type, side);
}

/* An order that closes whatever is there has no size: its type or its leg tells the side. */
static enum keel_side find_side(const struct trigger_row *row, keel_decimal size)
{
    if (keel_gateio_side_of(size) != KEEL_SIDE_NONE)
        return keel_gateio_side_of(size);
    if (keel_gateio_leg_of(row->auto_size) == KEEL_LONG ||
        begins_close(row->order_type, KEEL_STR("close-long")))
        return KEEL_SELL;
    if (keel_gateio_leg_of(row->auto_size) == KEEL_SHORT ||
        begins_close(row->order_type, KEEL_STR("close-short")))
        return KEEL_BUY;
    return KEEL_SIDE_NONE;
}

/* A buy that waits for a higher price, or a sell that waits for a lower one, is a stop. */
static enum keel_order_type find_type(enum keel_side side, int64_t rule, keel_decimal price)
{
    bool limit = keel_decimal_is_positive(price);
    bool stop = (side == KEEL_BUY) == (rule == RULE_AT_OR_ABOVE);
    if (stop)
        return limit ? KEEL_STOP_LIMIT : KEEL_STOP_MARKET;
    return limit ? KEEL_TAKE_PROFIT_LIMIT : KEEL_TAKE_PROFIT_MARKET;
}

static bool has_child(keel_str id)
{
    return id.size > 0 && !IS(id, "0");
}

/* One that triggered is over: what it became is an order of its own, which tells of itself. */
static enum keel_order_status find_status(const struct trigger_row *row, bool whole)
{
    if (IS(row->status, "open") || IS(row->status, "inactive"))
        return KEEL_ORDER_NEW;
    if (IS(row->status, "invalid"))
        return KEEL_ORDER_CANCELED;
    if (!IS(row->status, "finished"))
        return KEEL_ORDER_STATUS_NONE;
    if (IS(row->finish_as, "cancelled"))
        return KEEL_ORDER_CANCELED;
    if (IS(row->finish_as, "failed"))
        return KEEL_ORDER_REJECTED;
    return whole ? KEEL_ORDER_FILLED : KEEL_ORDER_EXPIRED;
}

static int64_t find_update_ms(const struct trigger_row *row, int64_t message_ms)
{
    if (row->finish_ms != 0)
        return row->finish_ms;
    if (row->trigger_ms != 0)
        return row->trigger_ms;
    return message_ms > row->create_ms ? message_ms : row->create_ms;
}

static void fill_order(const struct trigger_row *row, const struct keel_market *market,
                       struct keel_order *order)
{
    keel_decimal size = keel_decimal_is_valid(row->amount) ? row->amount : row->size;
    keel_decimal whole = keel_decimal_abs(keel_gateio_present(size));
    keel_decimal filled = keel_decimal_abs(row->filled);
    bool all = keel_decimal_is_valid(whole) && keel_decimal_is_positive(filled) &&
               keel_decimal_compare(filled, whole) >= 0;
    order->side = find_side(row, size);
    order->position_side = keel_gateio_leg_of(row->auto_size);
    order->type = find_type(order->side, row->rule, row->price);
    order->time_in_force = keel_gateio_parse_time_in_force(row->time_in_force);
    order->status = find_status(row, all);
    order->family = KEEL_FAMILY_CONDITIONAL;
    order->cause = keel_gateio_find_cause(row->text);
    order->trigger_source = KEEL_TRIGGER_SOURCE_NONE;
    if (row->price_type == PRICE_LAST || row->price_type == PRICE_MARK)
        order->trigger_source =
            row->price_type == PRICE_MARK ? KEEL_TRIGGER_MARK : KEEL_TRIGGER_LAST;
    order->close_position = row->close == KEEL_ON || !keel_decimal_is_valid(whole);
    order->reduce_only = row->reduce_only == KEEL_ON;
    order->price = keel_gateio_present(row->price);
    order->trigger_price = keel_gateio_present(row->trigger_price);
    order->average_price = order->quote_quantity = KEEL_DECIMAL_ABSENT;
    order->quantity = keel_gateio_to_base(whole, market);
    order->filled_quantity = keel_gateio_to_base(filled, market);
    order->create_time_ms = row->create_ms;
    order->source = KEEL_SOURCE_NONE;
    order->age_ms = 0;
    bool explained = row->reason.size > 0 || order->status != KEEL_ORDER_EXPIRED;
    keel_gateio_copy_reason(explained ? row->reason : row->finish_as, order->reason);
}

void keel_gateio_decode_trigger_order(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct trigger_row row;
    keel_market_id id;
    read_row(decoder, json, &row);
    keel_str own_id = row.id_text.size > 0 ? row.id_text : row.id;
    bool sized = keel_decimal_is_valid(row.size) || keel_decimal_is_valid(row.amount);
    if (row.contract.size == 0 || own_id.size == 0 || row.status.size == 0 || !sized) {
        keel_json_fail(json, "a conditional order has no contract, id, status or size");
        return;
    }
    int64_t time_ms = find_update_ms(&row, decoder->time_ms);
    const struct keel_market *market = keel_gateio_find_market(decoder, row.contract, time_ms, &id);
    if (!market)
        return;

    struct keel_order *order = &keel_gateio_add_event(decoder, KEEL_EVENT_ORDER, time_ms)->order;
    fill_order(&row, market, order);
    order->market = id;
    order->update_time_ms = time_ms;
    /* What never triggered has filled nothing, and is not always told so. */
    bool triggered = has_child(row.trade);
    if (!triggered && !keel_decimal_is_valid(order->filled_quantity))
        order->filled_quantity = KEEL_DECIMAL_ZERO;
    keel_gateio_copy_text(decoder, own_id, order->order_id, sizeof(order->order_id));
    keel_gateio_copy_text(decoder, triggered ? row.trade : KEEL_STR(""), order->child_order_id,
                          sizeof(order->child_order_id));
    keel_gateio_copy_client_id(decoder, row.text, order->client_id);
    if (order->status == KEEL_ORDER_STATUS_NONE)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, row.status, time_ms);
}

static bool has_initial(struct keel_json *json)
{
    bool found = false;
    keel_str key;
    keel_json_enter_object(json);
    while (keel_gateio_next_key(json, &key)) {
        found |= IS(key, "initial");
        keel_json_skip(json);
    }
    return found;
}

void keel_gateio_decode_any_order(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct keel_json_place place = keel_json_get_place(json);
    bool conditional = has_initial(json);
    keel_json_return_to(json, place);
    if (conditional)
        keel_gateio_decode_trigger_order(decoder, json);
    else
        keel_gateio_decode_order(decoder, json);
}

void keel_gateio_decode_placed_trigger(struct keel_gateio_decoder *decoder, struct keel_json *json,
                                       const struct keel_order_request *place)
{
    struct trigger_row row;
    read_row(decoder, json, &row);
    keel_str id = row.id_text.size > 0 ? row.id_text : row.id;
    if (id.size == 0) {
        keel_json_fail(json, "a conditional order has no id");
        return;
    }
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_ORDER, decoder->time_ms);
    struct keel_order *order = &event->order;
    *order = keel_order_init();
    order->market = place->market;
    order->side = place->side;
    order->position_side = place->position_side;
    order->type = place->type;
    order->time_in_force = place->time_in_force;
    order->status = KEEL_ORDER_NEW;
    order->family = KEEL_FAMILY_CONDITIONAL;
    order->trigger_source = place->trigger_source;
    order->reduce_only = place->reduce_only;
    order->close_position = place->close_position;
    order->price = keel_order_type_has_price(place->type) ? place->price : KEEL_DECIMAL_ABSENT;
    order->trigger_price = place->trigger_price;
    order->quantity = place->quantity;
    order->filled_quantity = KEEL_DECIMAL_ZERO;
    order->create_time_ms = order->update_time_ms = decoder->time_ms;
    memcpy(order->client_id, place->client_id, sizeof(order->client_id));
    keel_gateio_copy_text(decoder, id, order->order_id, sizeof(order->order_id));
}

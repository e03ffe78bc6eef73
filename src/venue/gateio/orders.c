#include "venue/gateio/orders.h"

#include "venue/gateio/contracts.h"
#include "venue/gateio/words.h"

#define IS KEEL_GATEIO_IS

struct order_row {
    keel_str contract, id, text, status, finish_as, time_in_force, auto_size;
    keel_str label; /* of an error, in the place of one of several orders */
    keel_decimal size, left, price, fill_price;
    enum keel_switch reduce_only, close, liquidation;
    int64_t create_ms, finish_ms, update_ms;
};

/* Member by member: compilers clear a whole structure of this size by a loop of the machine that is
 * slower than reading the row. */
static void init_order(struct order_row *row)
{
    row->contract = row->id = row->text = row->status = (keel_str){0};
    row->finish_as = row->time_in_force = row->auto_size = row->label = (keel_str){0};
    row->size = row->left = row->price = row->fill_price = KEEL_DECIMAL_ABSENT;
    row->reduce_only = row->close = row->liquidation = KEEL_SWITCH_NONE;
    row->create_ms = row->finish_ms = row->update_ms = 0;
}

/* Fields by the length of their names, so that each is found with one or two comparisons. */
static void read_order_member(struct keel_gateio_decoder *decoder, struct keel_json *json,
                              keel_str key, struct order_row *row)
{
    switch (key.size) {
    case 2:
        if (IS(key, "id"))
            keel_gateio_read_text(decoder, json, &row->id);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 3:
        if (IS(key, "tif"))
            keel_gateio_read_text(decoder, json, &row->time_in_force);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 4:
        if (IS(key, "size"))
            keel_gateio_read_decimal(json, &row->size);
        else if (IS(key, "left"))
            keel_gateio_read_decimal(json, &row->left);
        else if (IS(key, "text"))
            keel_gateio_read_text(decoder, json, &row->text);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 5:
        if (IS(key, "price"))
            keel_gateio_read_decimal(json, &row->price);
        else if (IS(key, "label"))
            keel_gateio_read_text(decoder, json, &row->label);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 6:
        if (IS(key, "status"))
            keel_gateio_read_text(decoder, json, &row->status);
        else if (IS(key, "is_liq"))
            keel_gateio_read_switch(json, &row->liquidation);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 8:
        if (IS(key, "contract"))
            keel_gateio_read_text(decoder, json, &row->contract);
        else if (IS(key, "is_close"))
            keel_gateio_read_switch(json, &row->close);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 9:
        if (IS(key, "finish_as"))
            keel_gateio_read_text(decoder, json, &row->finish_as);
        else if (IS(key, "auto_size"))
            keel_gateio_read_text(decoder, json, &row->auto_size);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 10:
        if (IS(key, "fill_price"))
            keel_gateio_read_decimal(json, &row->fill_price);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 11:
        if (IS(key, "create_time"))
            keel_gateio_read_coarse_time(json, &row->create_ms);
        else if (IS(key, "finish_time"))
            keel_gateio_read_coarse_time(json, &row->finish_ms);
        else if (IS(key, "update_time"))
            keel_gateio_read_time(json, &row->update_ms);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 14:
        if (IS(key, "create_time_ms"))
            keel_gateio_read_ms(json, &row->create_ms);
        else if (IS(key, "finish_time_ms"))
            keel_gateio_read_ms(json, &row->finish_ms);
        else if (IS(key, "is_reduce_only"))
            keel_gateio_read_switch(json, &row->reduce_only);
        else
            keel_gateio_skip(decoder, json);
        break;
    default: keel_gateio_skip(decoder, json); break;
    }
}

/* Some answers leave `left` out; of an order that is filled nothing is. More left than there was
 * says nothing. */
static keel_decimal find_filled(const struct order_row *row)
{
    keel_decimal size = keel_decimal_abs(row->size);
    if (!keel_decimal_is_valid(row->left))
        return IS(row->finish_as, "filled") ? size : KEEL_DECIMAL_ABSENT;
    keel_decimal filled = keel_decimal_sub(size, keel_decimal_abs(row->left));
    return keel_decimal_is_negative(filled) ? KEEL_DECIMAL_ABSENT : filled;
}

/* How it ended stands before whether it has: but an order is over only when the venue says so, and
 * one that has nothing left was filled whatever it is called. */
static enum keel_order_status find_status(const struct order_row *row, keel_decimal filled)
{
    bool partly = keel_decimal_is_positive(filled);
    if (IS(row->status, "open"))
        return partly ? KEEL_ORDER_PARTIALLY_FILLED : KEEL_ORDER_NEW;
    if (!IS(row->status, "finished"))
        return KEEL_ORDER_STATUS_NONE;
    if (partly && keel_decimal_is_zero(row->left))
        return KEEL_ORDER_FILLED;
    enum keel_order_status status = keel_gateio_parse_finish(row->finish_as);
    return status != KEEL_ORDER_STATUS_NONE ? status : KEEL_ORDER_EXPIRED;
}

static enum keel_cause find_order_cause(const struct order_row *row)
{
    enum keel_cause cause = keel_gateio_find_cause(row->text);
    bool ours = keel_str_starts_with(row->text, KEEL_STR("t-"));
    if (cause != KEEL_CAUSE_USER || ours)
        return cause;
    if (row->liquidation == KEEL_ON)
        return KEEL_CAUSE_LIQUIDATION;
    return IS(row->finish_as, "auto_deleveraged") ? KEEL_CAUSE_DELEVERAGING : KEEL_CAUSE_USER;
}

/* The newest time that the row tells; that of the message when it has only its creation. */
static int64_t find_update_ms(const struct order_row *row, int64_t message_ms)
{
    if (row->update_ms != 0)
        return row->update_ms;
    if (IS(row->status, "finished") && row->finish_ms != 0)
        return row->finish_ms;
    return message_ms > row->create_ms ? message_ms : row->create_ms;
}

/* Every member but the ids. */
static void fill_order(const struct order_row *row, const struct keel_market *market,
                       int64_t message_ms, struct keel_order *order)
{
    keel_decimal filled = find_filled(row);
    order->side = keel_gateio_side_of(row->size);
    order->position_side = keel_gateio_leg_of(row->auto_size);
    order->type = keel_decimal_is_positive(row->price) ? KEEL_LIMIT : KEEL_MARKET;
    order->time_in_force = keel_gateio_parse_time_in_force(row->time_in_force);
    order->status = find_status(row, filled);
    order->family = KEEL_FAMILY_REGULAR;
    order->cause = find_order_cause(row);
    order->trigger_source = KEEL_TRIGGER_SOURCE_NONE;
    order->reduce_only = row->reduce_only == KEEL_ON;
    order->close_position = row->close == KEEL_ON;
    order->price = keel_gateio_present(row->price);
    order->trigger_price = order->quote_quantity = KEEL_DECIMAL_ABSENT;
    order->average_price = keel_gateio_present(row->fill_price);
    order->quantity = keel_gateio_to_base(keel_gateio_present(keel_decimal_abs(row->size)), market);
    order->filled_quantity = keel_gateio_to_base(filled, market);
    order->create_time_ms = row->create_ms;
    order->update_time_ms = find_update_ms(row, message_ms);
    order->source = KEEL_SOURCE_NONE;
    order->age_ms = 0;
    keel_gateio_copy_reason(order->status == KEEL_ORDER_EXPIRED ? row->finish_as : KEEL_STR(""),
                            order->reason);
}

static void show_order_words(struct keel_gateio_decoder *decoder, const struct order_row *row,
                             const struct keel_order *order)
{
    int64_t time_ms = order->update_time_ms;
    if (order->status == KEEL_ORDER_STATUS_NONE)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, row->status, time_ms);
    if (order->status == KEEL_ORDER_EXPIRED && row->finish_as.size > 0 &&
        keel_gateio_parse_finish(row->finish_as) == KEEL_ORDER_STATUS_NONE)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, row->finish_as, time_ms);
    if (order->time_in_force == KEEL_TIME_IN_FORCE_NONE && row->time_in_force.size > 0)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, row->time_in_force, time_ms);
}

static void add_order(struct keel_gateio_decoder *decoder, const struct order_row *row)
{
    keel_market_id id;
    int64_t time_ms = find_update_ms(row, decoder->time_ms);
    const struct keel_market *market =
        keel_gateio_find_market(decoder, row->contract, time_ms, &id);
    if (!market)
        return;

    struct keel_order *order = &keel_gateio_add_event(decoder, KEEL_EVENT_ORDER, time_ms)->order;
    fill_order(row, market, decoder->time_ms, order);
    order->market = id;
    order->child_order_id[0] = '\0';
    keel_gateio_copy_text(decoder, row->id, order->order_id, sizeof(order->order_id));
    keel_gateio_copy_client_id(decoder, row->text, order->client_id);
    show_order_words(decoder, row, order);
}

void keel_gateio_decode_order(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct order_row row;
    keel_str key;
    init_order(&row);
    if (!keel_json_enter_object(json))
        return;
    while (keel_gateio_next_key(json, &key))
        read_order_member(decoder, json, key, &row);
    if (row.label.size > 0) {
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, row.label, decoder->time_ms);
        return;
    }
    if (row.contract.size == 0 || row.id.size == 0 || row.status.size == 0 ||
        !keel_decimal_is_valid(row.size)) {
        keel_json_fail(json, "an order has no contract, id, status or size");
        return;
    }
    add_order(decoder, &row);
}

struct trade_row {
    keel_str contract, id, order_id, text, role;
    keel_decimal size, price, fee;
    keel_decimal close_size; /* 0: it opens; pushes do not tell */
    int64_t time_ms;
};

static void read_trade_member(struct keel_gateio_decoder *decoder, struct keel_json *json,
                              keel_str key, struct trade_row *row)
{
    if (IS(key, "contract")) {
        keel_gateio_read_text(decoder, json, &row->contract);
    } else if (IS(key, "id") || IS(key, "trade_id")) {
        keel_gateio_read_text(decoder, json, &row->id);
    } else if (IS(key, "order_id")) {
        keel_gateio_read_text(decoder, json, &row->order_id);
    } else if (IS(key, "size")) {
        keel_gateio_read_decimal(json, &row->size);
    } else if (IS(key, "price")) {
        keel_gateio_read_decimal(json, &row->price);
    } else if (IS(key, "fee")) {
        keel_gateio_read_decimal(json, &row->fee);
    } else if (IS(key, "close_size")) {
        keel_gateio_read_decimal(json, &row->close_size);
    } else if (IS(key, "role")) {
        keel_gateio_read_text(decoder, json, &row->role);
    } else if (IS(key, "text")) {
        keel_gateio_read_text(decoder, json, &row->text);
    } else if (IS(key, "create_time_ms")) {
        keel_gateio_read_ms(json, &row->time_ms);
    } else if (IS(key, "create_time")) {
        keel_gateio_read_coarse_time(json, &row->time_ms);
    } else {
        keel_gateio_skip(decoder, json);
    }
}

static enum keel_switch find_closes(const struct trade_row *row)
{
    if (!keel_decimal_is_valid(row->close_size))
        return KEEL_SWITCH_NONE;
    return keel_decimal_is_zero(row->close_size) ? KEEL_OFF : KEEL_ON;
}

static void add_trade(struct keel_gateio_decoder *decoder, const struct trade_row *row)
{
    keel_market_id id;
    const struct keel_market *market =
        keel_gateio_find_market(decoder, row->contract, row->time_ms, &id);
    if (!market)
        return;
    struct keel_execution *execution =
        &keel_gateio_add_event(decoder, KEEL_EVENT_EXECUTION, row->time_ms)->execution;
    bool has_fee = keel_decimal_is_valid(row->fee);
    *execution = (struct keel_execution){
        .market = id,
        .side = keel_gateio_side_of(row->size),
        .closes = find_closes(row),
        .cause = keel_gateio_find_cause(row->text),
        .maker = IS(row->role, "maker"),
        .price = row->price,
        .quantity = keel_gateio_to_base(keel_decimal_abs(row->size), market),
        .quote_quantity = KEEL_DECIMAL_ABSENT,
        .fee = row->fee,
        .realized_pnl = KEEL_DECIMAL_ABSENT,
        .time_ms = row->time_ms,
    };
    keel_gateio_copy_text(decoder, row->id, execution->trade_id, sizeof(execution->trade_id));
    keel_gateio_copy_text(decoder, row->order_id, execution->order_id, sizeof(execution->order_id));
    keel_gateio_copy_client_id(decoder, row->text, execution->client_id);
    keel_gateio_copy_text(decoder, has_fee ? keel_str_from(market->settle) : KEEL_STR(""),
                          execution->fee_asset, sizeof(execution->fee_asset));
}

void keel_gateio_decode_trade(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct trade_row row = {
        .size = KEEL_DECIMAL_ABSENT,
        .close_size = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .fee = KEEL_DECIMAL_ABSENT,
    };
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_gateio_next_key(json, &key))
        read_trade_member(decoder, json, key, &row);
    if (row.contract.size == 0 || !keel_gateio_is_id(row.id) ||
        !keel_decimal_is_positive(row.price) || keel_gateio_side_of(row.size) == KEEL_SIDE_NONE) {
        keel_json_fail(json, "a trade has no contract, id, price or size");
        return;
    }
    add_trade(decoder, &row);
}

struct liquidation_row {
    keel_str contract, order_id;
    keel_decimal size, left, order_price, fill_price;
    int64_t time_s, time_ms;
};

static const struct keel_gateio_field liquidation_fields[] = {
    KEEL_GATEIO_FIELD("contract", TEXT, liquidation_row, contract),
    KEEL_GATEIO_FIELD("order_id", TEXT, liquidation_row, order_id),
    KEEL_GATEIO_FIELD("size", DECIMAL, liquidation_row, size),
    KEEL_GATEIO_FIELD("left", DECIMAL, liquidation_row, left),
    KEEL_GATEIO_FIELD("order_price", DECIMAL, liquidation_row, order_price),
    KEEL_GATEIO_FIELD("fill_price", DECIMAL, liquidation_row, fill_price),
    KEEL_GATEIO_FIELD("time", TIME, liquidation_row, time_s),
    KEEL_GATEIO_FIELD("time_ms", MS, liquidation_row, time_ms),
};

/* The row's size is that of the position, whose side the order closes. Its fills come as trades. */
void keel_gateio_decode_liquidation(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct liquidation_row row = {
        .size = KEEL_DECIMAL_ABSENT,
        .left = KEEL_DECIMAL_ABSENT,
        .order_price = KEEL_DECIMAL_ABSENT,
        .fill_price = KEEL_DECIMAL_ABSENT,
    };
    keel_gateio_read_object(decoder, json, liquidation_fields,
                            sizeof(liquidation_fields) / sizeof(liquidation_fields[0]), &row);
    if (row.contract.size == 0 || !keel_decimal_is_valid(row.size)) {
        keel_json_fail(json, "a liquidation has no contract or size");
        return;
    }
    if (row.order_id.size == 0)
        return;
    struct order_row order;
    init_order(&order);
    order.contract = row.contract;
    order.id = row.order_id;
    order.status = KEEL_STR("finished");
    order.finish_as = KEEL_STR("liquidated");
    order.size = keel_decimal_neg(row.size);
    order.left = row.left;
    order.price = row.order_price;
    order.fill_price = row.fill_price;
    order.reduce_only = order.liquidation = KEEL_ON;
    order.update_ms = row.time_ms != 0 ? row.time_ms : row.time_s;
    add_order(decoder, &order);
}

#include "venue/gateio_spot/rows.h"

#include "venue/gateio/contracts.h"
#include "venue/gateio/words.h"
#include "venue/gateio_spot/words.h"

#define IS                             KEEL_GATEIO_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_GATEIO_FIELD(name, kind, row, member)

/* Times stand twice: that in milliseconds is the exact one, whichever comes first. */
struct order_row {
    keel_str pair, id, text, side, type, time_in_force, status, event, finish_as;
    keel_decimal amount, price, left, filled, filled_quote, average;
    int64_t create_s, create_ms, update_s, update_ms;
};

static const struct keel_gateio_field order_fields[] = {
    FIELD("currency_pair", TEXT, order_row, pair),
    FIELD("id", TEXT, order_row, id),
    FIELD("text", TEXT, order_row, text),
    FIELD("side", TEXT, order_row, side),
    FIELD("type", TEXT, order_row, type),
    FIELD("time_in_force", TEXT, order_row, time_in_force),
    FIELD("status", TEXT, order_row, status),
    FIELD("event", TEXT, order_row, event),
    FIELD("finish_as", TEXT, order_row, finish_as),
    FIELD("amount", DECIMAL, order_row, amount),
    FIELD("price", DECIMAL, order_row, price),
    FIELD("left", DECIMAL, order_row, left),
    FIELD("filled_amount", DECIMAL, order_row, filled),
    FIELD("filled_total", DECIMAL, order_row, filled_quote),
    FIELD("avg_deal_price", DECIMAL, order_row, average),
    FIELD("create_time", TIME, order_row, create_s),
    FIELD("create_time_ms", TIME, order_row, create_ms),
    FIELD("update_time", TIME, order_row, update_s),
    FIELD("update_time_ms", TIME, order_row, update_ms),
};

static struct order_row make_order(void)
{
    return (struct order_row){
        .amount = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .left = KEEL_DECIMAL_ABSENT,
        .filled = KEEL_DECIMAL_ABSENT,
        .filled_quote = KEEL_DECIMAL_ABSENT,
        .average = KEEL_DECIMAL_ABSENT,
    };
}

static enum keel_side parse_side(keel_str word)
{
    if (IS(word, "buy"))
        return KEEL_BUY;
    return IS(word, "sell") ? KEEL_SELL : KEEL_SIDE_NONE;
}

static enum keel_order_type parse_type(keel_str word)
{
    if (IS(word, "limit"))
        return KEEL_LIMIT;
    return IS(word, "market") ? KEEL_MARKET : KEEL_ORDER_TYPE_NONE;
}

/* A market buy counts in quote, in what it asks for and in what is left of it. */
static bool counts_in_quote(const struct order_row *row)
{
    return IS(row->type, "market") && IS(row->side, "buy");
}

/* Not every row tells what was filled; what is left always does. */
static keel_decimal find_filled(const struct order_row *row)
{
    if (keel_decimal_is_valid(row->filled))
        return row->filled;
    if (!counts_in_quote(row))
        return keel_decimal_sub(row->amount, row->left);
    if (!keel_decimal_is_positive(row->filled_quote))
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_div(row->filled_quote, row->average, KEEL_ROUND_HALF_EVEN);
}

/* Older answers tell what was paid in all, and no average. */
static keel_decimal find_average(const struct order_row *row, keel_decimal filled)
{
    if (keel_decimal_is_valid(row->average))
        return keel_gateio_present(row->average);
    if (!keel_decimal_is_positive(filled) || !keel_decimal_is_positive(row->filled_quote))
        return KEEL_DECIMAL_ABSENT;
    return keel_decimal_div(row->filled_quote, filled, KEEL_ROUND_HALF_EVEN);
}

static enum keel_order_status find_status(const struct order_row *row, keel_decimal filled)
{
    keel_str status = row->status;
    bool whole = keel_decimal_is_zero(row->left);
    /* A stream tells what happened instead. */
    if (status.size == 0 && (IS(row->event, "put") || IS(row->event, "update")))
        status = KEEL_STR("open");
    if (status.size == 0 && IS(row->event, "finish"))
        status = whole ? KEEL_STR("closed") : KEEL_STR("cancelled");
    return keel_gateio_spot_parse_status(status, row->finish_as, keel_decimal_is_positive(filled));
}

static void fill_order(const struct order_row *row, struct keel_order *order)
{
    *order = keel_order_init();
    order->side = parse_side(row->side);
    order->type = parse_type(row->type);
    order->time_in_force = keel_gateio_parse_time_in_force(row->time_in_force);
    order->family = KEEL_FAMILY_REGULAR;
    order->price = keel_gateio_present(row->price);
    order->filled_quantity = find_filled(row);
    order->average_price = find_average(row, order->filled_quantity);
    order->status = find_status(row, order->filled_quantity);
    if (counts_in_quote(row))
        order->quote_quantity = row->amount;
    else
        order->quantity = row->amount;
    order->create_time_ms = row->create_ms > 0 ? row->create_ms : row->create_s;
    order->update_time_ms = row->update_ms > 0 ? row->update_ms : row->update_s;
    /* Nothing more comes of it: what it bought is what it was for. */
    if (counts_in_quote(row) && !keel_order_is_open(order))
        order->quantity = order->filled_quantity;
}

static void show_unknown_word(struct keel_gateio_decoder *decoder, unsigned value, keel_str word,
                              int64_t time_ms)
{
    if (value == 0 && word.size > 0)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, word, time_ms);
}

void keel_gateio_spot_decode_order(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct order_row row = make_order();
    keel_market_id market;
    keel_gateio_read_object(decoder, json, order_fields, COUNT(order_fields), &row);
    if (row.pair.size == 0 || row.id.size == 0 || row.side.size == 0 ||
        (row.status.size == 0 && row.event.size == 0)) {
        keel_json_fail(json, "an order has no pair, id, side or status");
        return;
    }
    if (keel_decimal_is_negative(row.amount) || keel_decimal_is_negative(find_filled(&row))) {
        keel_json_fail(json, "an order has a negative amount, or more left than that");
        return;
    }
    int64_t time_ms = row.update_ms > 0 ? row.update_ms : row.update_s;
    if (!keel_gateio_find_market(decoder, row.pair, time_ms, &market))
        return;

    struct keel_order *order = &keel_gateio_add_event(decoder, KEEL_EVENT_ORDER, time_ms)->order;
    fill_order(&row, order);
    order->market = market;
    keel_gateio_copy_text(decoder, row.id, order->order_id, sizeof(order->order_id));
    keel_gateio_copy_client_id(decoder, row.text, order->client_id);
    if (order->status == KEEL_ORDER_EXPIRED)
        keel_gateio_copy_reason(row.finish_as, order->reason);
    show_unknown_word(decoder, order->side, row.side, time_ms);
    show_unknown_word(decoder, order->type, row.type, time_ms);
    show_unknown_word(decoder, order->status, row.status, time_ms);
}

struct trade_row {
    keel_str pair, id, order_id, text, side, role, fee_asset;
    keel_decimal price, amount, fee, gt_fee;
    int64_t create_s, create_ms;
};

static const struct keel_gateio_field trade_fields[] = {
    FIELD("currency_pair", TEXT, trade_row, pair),
    FIELD("id", TEXT, trade_row, id),
    FIELD("order_id", TEXT, trade_row, order_id),
    FIELD("text", TEXT, trade_row, text),
    FIELD("side", TEXT, trade_row, side),
    FIELD("role", TEXT, trade_row, role),
    FIELD("fee_currency", TEXT, trade_row, fee_asset),
    FIELD("price", DECIMAL, trade_row, price),
    FIELD("amount", DECIMAL, trade_row, amount),
    FIELD("fee", DECIMAL, trade_row, fee),
    FIELD("gt_fee", DECIMAL, trade_row, gt_fee),
    FIELD("create_time", TIME, trade_row, create_s),
    FIELD("create_time_ms", TIME, trade_row, create_ms),
};

/* Who pays in the venue's own coin has the fee there, and nothing under its usual name. */
static void take_gt_fee(struct trade_row *row)
{
    if (keel_decimal_is_positive(row->fee) || !keel_decimal_is_positive(row->gt_fee))
        return;
    row->fee = row->gt_fee;
    row->fee_asset = KEEL_STR("GT");
}

void keel_gateio_spot_decode_trade(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct trade_row row = {
        .price = KEEL_DECIMAL_ABSENT,
        .amount = KEEL_DECIMAL_ABSENT,
        .fee = KEEL_DECIMAL_ABSENT,
        .gt_fee = KEEL_DECIMAL_ABSENT,
    };
    keel_market_id market;
    keel_gateio_read_object(decoder, json, trade_fields, COUNT(trade_fields), &row);
    if (row.pair.size == 0 || !keel_gateio_is_id(row.id) || row.side.size == 0 ||
        !keel_decimal_is_positive(row.price) || !keel_decimal_is_positive(row.amount)) {
        keel_json_fail(json, "an execution has no pair, id, side, price or amount");
        return;
    }
    take_gt_fee(&row);
    int64_t time_ms = row.create_ms > 0 ? row.create_ms : row.create_s;
    if (!keel_gateio_find_market(decoder, row.pair, time_ms, &market))
        return;

    struct keel_execution *execution =
        &keel_gateio_add_event(decoder, KEEL_EVENT_EXECUTION, time_ms)->execution;
    *execution = (struct keel_execution){
        .market = market,
        .side = parse_side(row.side),
        .maker = IS(row.role, "maker"),
        .price = row.price,
        .quantity = row.amount,
        .quote_quantity = KEEL_DECIMAL_ABSENT,
        .fee = row.fee,
        .realized_pnl = KEEL_DECIMAL_ABSENT,
        .time_ms = time_ms,
    };
    keel_gateio_copy_text(decoder, row.id, execution->trade_id, sizeof(execution->trade_id));
    keel_gateio_copy_text(decoder, row.order_id, execution->order_id, sizeof(execution->order_id));
    keel_gateio_copy_client_id(decoder, row.text, execution->client_id);
    keel_gateio_copy_text(decoder, row.fee_asset, execution->fee_asset,
                          sizeof(execution->fee_asset));
    show_unknown_word(decoder, execution->side, row.side, time_ms);
}

struct trigger_row {
    keel_str pair, id, status, rule, fired_id;
    keel_str text, side, type, time_in_force;
    keel_decimal trigger_price, price, amount;
    int64_t create_ms, fired_ms;
};

static const struct keel_gateio_field trigger_fields[] = {
    FIELD("market", TEXT, trigger_row, pair),
    FIELD("currency_pair", TEXT, trigger_row, pair),
    FIELD("id", TEXT, trigger_row, id),
    FIELD("status", TEXT, trigger_row, status),
    FIELD("fired_order_id", TEXT, trigger_row, fired_id),
    FIELD("text", TEXT, trigger_row, text),
    FIELD("ctime", TIME, trigger_row, create_ms),
    FIELD("ftime", TIME, trigger_row, fired_ms),
};

static const struct keel_gateio_field condition_fields[] = {
    FIELD("price", DECIMAL, trigger_row, trigger_price),
    FIELD("rule", TEXT, trigger_row, rule),
};

static const struct keel_gateio_field put_fields[] = {
    FIELD("text", TEXT, trigger_row, text),
    FIELD("side", TEXT, trigger_row, side),
    FIELD("type", TEXT, trigger_row, type),
    FIELD("time_in_force", TEXT, trigger_row, time_in_force),
    FIELD("price", DECIMAL, trigger_row, price),
    FIELD("amount", DECIMAL, trigger_row, amount),
};

static void read_trigger(struct keel_gateio_decoder *decoder, struct keel_json *json,
                         struct trigger_row *row)
{
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "trigger"))
            keel_gateio_read_object(decoder, json, condition_fields, COUNT(condition_fields), row);
        else if (IS(key, "put"))
            keel_gateio_read_object(decoder, json, put_fields, COUNT(put_fields), row);
        else
            keel_gateio_read_member(decoder, json, trigger_fields, COUNT(trigger_fields), key, row);
    }
}

/* Which way the price must come, against the side, says whether it limits a loss or takes a profit.
 */
static enum keel_order_type find_trigger_type(const struct trigger_row *row)
{
    bool at_market = IS(row->type, "market");
    bool upwards = IS(row->rule, ">=") || IS(row->rule, ">");
    bool stops = upwards == IS(row->side, "buy");
    if (stops)
        return at_market ? KEEL_STOP_MARKET : KEEL_STOP_LIMIT;
    return at_market ? KEEL_TAKE_PROFIT_MARKET : KEEL_TAKE_PROFIT_LIMIT;
}

/* One that has fired is done: the order that it became goes on by itself. */
static enum keel_order_status parse_trigger_status(keel_str word)
{
    if (IS(word, "open"))
        return KEEL_ORDER_NEW;
    if (IS(word, "finish") || IS(word, "finished"))
        return KEEL_ORDER_FILLED;
    if (IS(word, "cancelled") || IS(word, "canceled"))
        return KEEL_ORDER_CANCELED;
    if (IS(word, "failed"))
        return KEEL_ORDER_REJECTED;
    return IS(word, "expired") ? KEEL_ORDER_EXPIRED : KEEL_ORDER_STATUS_NONE;
}

static void fill_trigger(const struct trigger_row *row, struct keel_order *order)
{
    bool spends = IS(row->type, "market") && IS(row->side, "buy");
    *order = keel_order_init();
    order->side = parse_side(row->side);
    order->type = find_trigger_type(row);
    order->time_in_force = keel_gateio_parse_time_in_force(row->time_in_force);
    order->status = parse_trigger_status(row->status);
    order->family = KEEL_FAMILY_CONDITIONAL;
    order->trigger_source = KEEL_TRIGGER_LAST;
    order->trigger_price = row->trigger_price;
    if (!IS(row->type, "market"))
        order->price = row->price;
    if (spends)
        order->quote_quantity = row->amount;
    else
        order->quantity = row->amount;
    order->filled_quantity = KEEL_DECIMAL_ZERO;
    order->create_time_ms = row->create_ms;
    order->update_time_ms = row->fired_ms > 0 ? row->fired_ms : row->create_ms;
}

void keel_gateio_spot_decode_trigger_order(struct keel_gateio_decoder *decoder,
                                           struct keel_json *json)
{
    struct trigger_row row = {
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .amount = KEEL_DECIMAL_ABSENT,
    };
    keel_market_id market;
    read_trigger(decoder, json, &row);
    if (row.pair.size == 0 || row.id.size == 0 || row.side.size == 0 || row.status.size == 0) {
        keel_json_fail(json, "a conditional order has no pair, id, side or status");
        return;
    }
    if (!keel_gateio_find_market(decoder, row.pair, row.create_ms, &market))
        return;
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_ORDER, 0);
    struct keel_order *order = &event->order;
    fill_trigger(&row, order);
    event->time_ms = order->update_time_ms;
    order->market = market;
    keel_gateio_copy_text(decoder, row.id, order->order_id, sizeof(order->order_id));
    keel_gateio_copy_client_id(decoder, row.text, order->client_id);
    if (!IS(row.fired_id, "0"))
        keel_gateio_copy_text(decoder, row.fired_id, order->child_order_id,
                              sizeof(order->child_order_id));
    show_unknown_word(decoder, order->status, row.status, event->time_ms);
}

static const struct keel_gateio_field push_fields[] = {
    FIELD("market", TEXT, trigger_row, pair),
    FIELD("id", TEXT, trigger_row, id),
    FIELD("reason", TEXT, trigger_row, status),
    FIELD("fired_order_id", TEXT, trigger_row, fired_id),
    FIELD("trigger_price", DECIMAL, trigger_row, trigger_price),
    FIELD("trigger_rule", TEXT, trigger_row, rule),
    FIELD("price", DECIMAL, trigger_row, price),
    FIELD("amount", DECIMAL, trigger_row, amount),
    FIELD("order_type", TEXT, trigger_row, type),
    FIELD("side", TEXT, trigger_row, side),
    FIELD("source", TEXT, trigger_row, text), /* what has the form of our names is one */
    FIELD("ctime", TIME, trigger_row, create_ms),
};

/* Any reason is one for which it ended. */
static enum keel_order_status find_pushed_status(const struct trigger_row *row)
{
    if (row->fired_id.size > 0 && !IS(row->fired_id, "0"))
        return KEEL_ORDER_FILLED;
    if (row->status.size == 0)
        return KEEL_ORDER_STATUS_NONE;
    enum keel_order_status status = parse_trigger_status(row->status);
    return status == KEEL_ORDER_CANCELED || status == KEEL_ORDER_EXPIRED ? status
                                                                         : KEEL_ORDER_REJECTED;
}

void keel_gateio_spot_decode_trigger_push(struct keel_gateio_decoder *decoder,
                                          struct keel_json *json)
{
    struct trigger_row row = {
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .amount = KEEL_DECIMAL_ABSENT,
    };
    keel_market_id market;
    keel_gateio_read_object(decoder, json, push_fields, COUNT(push_fields), &row);
    enum keel_order_status status = find_pushed_status(&row);
    if (row.pair.size == 0 || row.id.size == 0) {
        keel_json_fail(json, "a conditional order has no pair or id");
        return;
    }
    if (!keel_gateio_find_market(decoder, row.pair, decoder->time_ms, &market) ||
        status == KEEL_ORDER_STATUS_NONE)
        return;
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_ORDER, decoder->time_ms);
    struct keel_order *order = &event->order;
    fill_trigger(&row, order);
    order->status = status;
    order->market = market;
    order->update_time_ms = decoder->time_ms;
    keel_gateio_copy_text(decoder, row.id, order->order_id, sizeof(order->order_id));
    keel_gateio_copy_client_id(decoder, row.text, order->client_id);
    if (status == KEEL_ORDER_FILLED)
        keel_gateio_copy_text(decoder, row.fired_id, order->child_order_id,
                              sizeof(order->child_order_id));
}

void keel_gateio_spot_decode_placed_trigger(struct keel_gateio_decoder *decoder,
                                            struct keel_json *json,
                                            const struct keel_order_request *place)
{
    keel_str id = {0};
    const struct keel_gateio_field field = {KEEL_STR("id"), KEEL_GATEIO_TEXT, 0};
    keel_gateio_read_object(decoder, json, &field, 1, &id);
    if (id.size == 0) {
        keel_json_fail(json, "the answer to a conditional order has no id");
        return;
    }
    struct keel_order *order = &keel_gateio_add_event(decoder, KEEL_EVENT_ORDER, 0)->order;
    *order = keel_order_init();
    order->market = place->market;
    order->side = place->side;
    order->type = place->type;
    order->time_in_force = place->time_in_force;
    order->status = KEEL_ORDER_NEW;
    order->family = KEEL_FAMILY_CONDITIONAL;
    order->trigger_source = KEEL_TRIGGER_LAST;
    order->price = place->price;
    order->trigger_price = place->trigger_price;
    order->quantity = place->quantity;
    order->quote_quantity = place->quote_quantity;
    order->filled_quantity = KEEL_DECIMAL_ZERO;
    keel_gateio_copy_text(decoder, id, order->order_id, sizeof(order->order_id));
    memcpy(order->client_id, place->client_id, sizeof(order->client_id));
}

#include "venue/binance_spot/rows.h"

#define IS KEEL_BINANCE_IS

void keel_binance_spot_order_init(struct keel_binance_spot_order *row)
{
    *row = (struct keel_binance_spot_order){
        .price = KEEL_DECIMAL_ABSENT,
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .quantity = KEEL_DECIMAL_ABSENT,
        .quote_quantity = KEEL_DECIMAL_ABSENT,
        .filled = KEEL_DECIMAL_ABSENT,
        .filled_quote = KEEL_DECIMAL_ABSENT,
    };
}

void keel_binance_spot_trade_init(struct keel_binance_spot_trade *row)
{
    *row = (struct keel_binance_spot_trade){
        .price = KEEL_DECIMAL_ABSENT,
        .quantity = KEEL_DECIMAL_ABSENT,
        .fee = KEEL_DECIMAL_ABSENT,
    };
}

/* The same words as on futures mean other orders here: TAKE_PROFIT is one at market. */
static enum keel_order_type parse_type(keel_str word)
{
    if (IS(word, "LIMIT") || IS(word, "LIMIT_MAKER"))
        return KEEL_LIMIT;
    if (IS(word, "MARKET"))
        return KEEL_MARKET;
    if (IS(word, "STOP_LOSS"))
        return KEEL_STOP_MARKET;
    if (IS(word, "STOP_LOSS_LIMIT"))
        return KEEL_STOP_LIMIT;
    if (IS(word, "TAKE_PROFIT"))
        return KEEL_TAKE_PROFIT_MARKET;
    return IS(word, "TAKE_PROFIT_LIMIT") ? KEEL_TAKE_PROFIT_LIMIT : KEEL_ORDER_TYPE_NONE;
}

keel_str keel_binance_spot_order_type_word(enum keel_order_type type,
                                           enum keel_time_in_force time_in_force)
{
    switch (type) {
    case KEEL_LIMIT: return time_in_force == KEEL_GTX ? KEEL_STR("LIMIT_MAKER") : KEEL_STR("LIMIT");
    case KEEL_MARKET: return KEEL_STR("MARKET");
    case KEEL_STOP_MARKET: return KEEL_STR("STOP_LOSS");
    case KEEL_STOP_LIMIT: return KEEL_STR("STOP_LOSS_LIMIT");
    case KEEL_TAKE_PROFIT_MARKET: return KEEL_STR("TAKE_PROFIT");
    case KEEL_TAKE_PROFIT_LIMIT: return KEEL_STR("TAKE_PROFIT_LIMIT");
    case KEEL_ORDER_TYPE_NONE:
    case KEEL_TRAILING_STOP:
    case KEEL_LIQUIDATION: break;
    }
    return KEEL_STR("");
}

/* An order of a list that has not had its turn yet rests like any other. */
static enum keel_order_status parse_status(keel_str word)
{
    return IS(word, "PENDING_NEW") ? KEEL_ORDER_NEW : keel_binance_parse_order_status(word);
}

/* Cumulative quote over base (3.2); absent without a fill, and where the quote is not told, which
 * is -1 for old orders. */
static keel_decimal find_average(const struct keel_binance_spot_order *row)
{
    if (!keel_decimal_is_positive(row->filled) || !keel_decimal_is_positive(row->filled_quote))
        return KEEL_DECIMAL_ABSENT;
    return keel_decimal_div(row->filled_quote, row->filled, KEEL_ROUND_HALF_EVEN);
}

static void fill_order(const struct keel_binance_spot_order *row, struct keel_order *order)
{
    *order = keel_order_init();
    order->side = keel_binance_parse_side(row->side);
    order->type = parse_type(row->type);
    order->time_in_force = IS(row->type, "LIMIT_MAKER")
                               ? KEEL_GTX
                               : keel_binance_parse_time_in_force(row->time_in_force);
    order->status = parse_status(row->status);
    order->family = KEEL_FAMILY_REGULAR;
    order->price = keel_binance_present(row->price);
    order->trigger_price = keel_binance_present(row->trigger_price);
    order->average_price = find_average(row);
    order->quantity = keel_binance_present(row->quantity);
    order->quote_quantity = keel_binance_present(row->quote_quantity);
    order->filled_quantity = row->filled;
    order->create_time_ms = row->create_time_ms;
    order->update_time_ms = row->update_time_ms;
    if (keel_order_type_is_conditional(order->type))
        order->trigger_source = KEEL_TRIGGER_LAST;
}

static void show_unknown_word(struct keel_binance_decoder *decoder, unsigned value, keel_str word,
                              int64_t time_ms)
{
    if (value == 0 && word.size > 0)
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_WORD, word, time_ms);
}

bool keel_binance_spot_check_order(struct keel_json *json,
                                   const struct keel_binance_spot_order *row)
{
    if (row->symbol.size == 0 || row->side.size == 0 || row->order_id.size == 0 ||
        row->status.size == 0)
        keel_json_fail(json, "an order has no symbol, side, id or status");
    else if (keel_decimal_is_negative(row->quantity) || keel_decimal_is_negative(row->filled))
        keel_json_fail(json, "an order has a negative quantity");
    return json->mistake == NULL;
}

const struct keel_order *keel_binance_spot_add_order(struct keel_binance_decoder *decoder,
                                                     const struct keel_binance_spot_order *row,
                                                     int64_t time_ms)
{
    keel_market_id market = keel_binance_find_market(decoder, row->symbol, time_ms);
    if (market == KEEL_NO_MARKET)
        return NULL;

    struct keel_order *order = &keel_binance_add_event(decoder, KEEL_EVENT_ORDER, time_ms)->order;
    fill_order(row, order);
    order->market = market;
    keel_binance_copy_text(decoder, row->order_id, order->order_id, sizeof(order->order_id));
    keel_binance_copy_text(decoder, row->client_id, order->client_id, sizeof(order->client_id));
    if (!IS(row->reason, "NONE"))
        keel_binance_copy_text(decoder, row->reason, order->reason, sizeof(order->reason));

    show_unknown_word(decoder, order->side, row->side, time_ms);
    show_unknown_word(decoder, order->type, row->type, time_ms);
    show_unknown_word(decoder, order->time_in_force, row->time_in_force, time_ms);
    show_unknown_word(decoder, order->status, row->status, time_ms);
    return order;
}

void keel_binance_spot_add_trade(struct keel_binance_decoder *decoder,
                                 const struct keel_binance_spot_trade *row, keel_market_id market,
                                 enum keel_side side, const char *order_id, const char *client_id)
{
    struct keel_execution *execution =
        &keel_binance_add_event(decoder, KEEL_EVENT_EXECUTION, row->time_ms)->execution;
    *execution = (struct keel_execution){
        .market = market,
        .side = side,
        .maker = row->maker,
        .price = row->price,
        .quantity = row->quantity,
        .quote_quantity = KEEL_DECIMAL_ABSENT,
        .fee = row->fee,
        .realized_pnl = KEEL_DECIMAL_ABSENT,
        .time_ms = row->time_ms,
    };
    keel_binance_copy_text(decoder, row->id, execution->trade_id, sizeof(execution->trade_id));
    keel_binance_copy_text(decoder, row->fee_asset, execution->fee_asset,
                           sizeof(execution->fee_asset));
    (void)keel_str_copy(keel_str_from(order_id), execution->order_id, sizeof(execution->order_id));
    (void)keel_str_copy(keel_str_from(client_id), execution->client_id,
                        sizeof(execution->client_id));
}

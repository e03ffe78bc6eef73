#include "paper/binance/render.h"

#include "paper/binance/words.h"

enum {
    AMOUNT_DIGITS = 8,
    AVERAGE_DIGITS_MIN = 5, /* of an average price; more where prices have many */
    AVERAGE_DIGITS_MORE = 3,
};

static const struct paper_instrument *instrument_of(keel_market_id market)
{
    const struct paper_instrument *instrument = paper_instrument_get(market);
    KEEL_ASSERT(instrument);
    return instrument;
}

static keel_decimal or_zero(keel_decimal value)
{
    return keel_decimal_is_valid(value) ? value : KEEL_DECIMAL_ZERO;
}

void binance_put_price(struct keel_writer *json, const char *key, keel_market_id market,
                       keel_decimal value)
{
    keel_json_put_fixed(json, key, or_zero(value), instrument_of(market)->price_precision);
}

void binance_put_quantity(struct keel_writer *json, const char *key, keel_market_id market,
                          keel_decimal value)
{
    keel_json_put_fixed(json, key, or_zero(value), instrument_of(market)->quantity_precision);
}

void binance_put_amount(struct keel_writer *json, const char *key, keel_decimal value)
{
    keel_json_put_fixed(json, key, or_zero(value), AMOUNT_DIGITS);
}

void binance_put_short(struct keel_writer *json, const char *key, keel_decimal value)
{
    keel_json_put_decimal(
        json, key, keel_decimal_round_to_digits(or_zero(value), AMOUNT_DIGITS, KEEL_ROUND_DOWN));
}

void binance_put_number(struct keel_writer *json, const char *key, keel_decimal value)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    size_t size = keel_decimal_format(or_zero(value), text);
    keel_json_put_raw(json, key, (keel_str){text, size});
}

void binance_put_int_text(struct keel_writer *json, const char *key, int64_t value)
{
    keel_json_put_decimal(json, key, keel_decimal_from_int(value));
}

static void put_symbol(struct keel_writer *json, const char *key, keel_market_id market)
{
    keel_json_put_text(json, key, instrument_of(market)->symbol);
}

static const char *margin_mode_word(enum keel_margin_mode mode)
{
    return mode == KEEL_ISOLATED ? "isolated" : "cross";
}

/* --- Orders ------------------------------------------------------------------------------------
 */

keel_decimal binance_average_price(const struct paper_order *order)
{
    if (!keel_decimal_is_positive(order->filled_quantity))
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_div(order->filled_quote, order->filled_quantity, KEEL_ROUND_DOWN);
}

void binance_put_average(struct keel_writer *json, const char *key, const struct paper_order *order)
{
    keel_decimal average = binance_average_price(order);
    int digits = instrument_of(order->market)->price_precision + AVERAGE_DIGITS_MORE;
    if (keel_decimal_is_zero(average))
        keel_json_put_text(json, key, "0.00");
    else
        keel_json_put_fixed(json, key, average,
                            digits > AVERAGE_DIGITS_MIN ? digits : AVERAGE_DIGITS_MIN);
}

static void put_cumulative_quote(struct keel_writer *json, const struct paper_order *order)
{
    const struct paper_instrument *instrument = instrument_of(order->market);
    keel_json_put_fixed(json, "cumQuote", or_zero(order->filled_quote),
                        instrument->price_precision + instrument->quantity_precision);
}

static void put_order_flags(struct keel_writer *json, const struct paper_order *order)
{
    keel_json_put_text(json, "timeInForce", binance_time_in_force_word(order->time_in_force));
    keel_json_put_text(json, "type", binance_order_type_word(order->type));
    keel_json_put_bool(json, "reduceOnly", order->reduce_only);
    keel_json_put_bool(json, "closePosition", order->close_position);
    keel_json_put_text(json, "side", binance_side_word(order->side));
    keel_json_put_text(json, "positionSide", binance_position_side_word(order->position_side));
    binance_put_price(json, "stopPrice", order->market, order->trigger_price);
    keel_json_put_text(json, "workingType", binance_working_type_word(order->trigger_source));
    keel_json_put_bool(json, "priceProtect", order->price_protect);
    keel_json_put_text(json, "origType", binance_order_type_word(order->original_type));
    keel_json_put_text(json, "priceMatch", binance_price_match_word(order->price_match));
    keel_json_put_text(json, "selfTradePreventionMode", binance_self_trade_word(order->self_trade));
    keel_json_put_int(json, "goodTillDate", order->good_till_ms);
}

void binance_put_order(struct keel_writer *json, const char *key, const struct paper_order *order,
                       enum binance_order_shape shape)
{
    keel_market_id market = order->market;

    keel_json_open_object(json, key);
    keel_json_put_int(json, "orderId", order->id);
    put_symbol(json, "symbol", market);
    keel_json_put_text(json, "status", binance_order_status_word(order->status));
    keel_json_put_text(json, "clientOrderId", order->client_id);
    binance_put_price(json, "price", market, order->price);
    if (shape != BINANCE_ORDER_CANCELED)
        binance_put_average(json, "avgPrice", order);
    binance_put_quantity(json, "origQty", market, order->quantity);
    binance_put_quantity(json, "executedQty", market, order->filled_quantity);
    if (shape != BINANCE_ORDER_QUERIED)
        binance_put_quantity(json, "cumQty", market, order->filled_quantity);
    put_cumulative_quote(json, order);
    put_order_flags(json, order);
    if (shape == BINANCE_ORDER_QUERIED)
        keel_json_put_int(json, "time", order->create_time_ms);
    keel_json_put_int(json, "updateTime", order->update_time_ms);
    keel_json_close_object(json);
}

void binance_put_trade(struct keel_writer *json, const struct paper_trade *trade)
{
    const struct paper_instrument *instrument = instrument_of(trade->market);

    keel_json_open_object(json, NULL);
    put_symbol(json, "symbol", trade->market);
    keel_json_put_int(json, "id", trade->id);
    keel_json_put_int(json, "orderId", trade->order_id);
    keel_json_put_text(json, "side", binance_side_word(trade->side));
    binance_put_price(json, "price", trade->market, trade->price);
    binance_put_quantity(json, "qty", trade->market, trade->quantity);
    keel_json_put_fixed(json, "quoteQty", trade->quote,
                        instrument->price_precision + instrument->quantity_precision);
    binance_put_amount(json, "realizedPnl", trade->realized_pnl);
    keel_json_put_text(json, "marginAsset", instrument->quote);
    binance_put_amount(json, "commission", trade->fee);
    keel_json_put_text(json, "commissionAsset", instrument->quote);
    keel_json_put_int(json, "time", trade->time_ms);
    keel_json_put_text(json, "positionSide", binance_position_side_word(trade->position_side));
    keel_json_put_bool(json, "buyer", trade->side == KEEL_BUY);
    keel_json_put_bool(json, "maker", trade->maker);
    keel_json_close_object(json);
}

void binance_put_income(struct keel_writer *json, const struct paper_income *income)
{
    char trade_id[24] = "";
    struct keel_writer text;
    keel_writer_init(&text, trade_id, sizeof(trade_id));
    if (income->trade_id != 0)
        keel_write_int(&text, income->trade_id);

    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", income->market ? instrument_of(income->market)->symbol : "");
    keel_json_put_text(json, "incomeType", binance_income_word(income->kind));
    binance_put_amount(json, "income", income->amount);
    keel_json_put_text(json, "asset",
                       income->market ? instrument_of(income->market)->quote : "USDT");
    if (income->trade_id != 0)
        keel_json_put_text(json, "info", trade_id);
    else
        keel_json_put_text(json, "info", binance_income_word(income->kind));
    keel_json_put_int(json, "time", income->time_ms);
    keel_json_put_int(json, "tranId", income->id);
    keel_json_put_text(json, "tradeId", trade_id);
    keel_json_close_object(json);
}

/* --- Conditional orders ------------------------------------------------------------------------
 */

static void put_child(struct keel_writer *json, const struct paper_conditional *conditional,
                      const struct paper_order *child)
{
    char id[24] = "";
    struct keel_writer text;
    keel_writer_init(&text, id, sizeof(id));
    if (child)
        keel_write_int(&text, child->id);

    keel_json_put_text(json, "actualOrderId", id);
    if (child)
        binance_put_average(json, "actualPrice", child);
    else
        keel_json_put_text(json, "actualPrice", "0.00000");
    binance_put_quantity(json, "actualQty", conditional->market,
                         child ? child->filled_quantity : KEEL_DECIMAL_ZERO);
    keel_json_put_text(json, "actualType", child ? binance_order_type_word(child->type) : "");
    keel_json_put_text(json, "tpTriggerPrice", "0.000");
    keel_json_put_text(json, "tpPrice", "0.000");
    keel_json_put_text(json, "slTriggerPrice", "0.000");
    keel_json_put_text(json, "slPrice", "0.000");
    keel_json_put_text(json, "tpOrderType", "");
}

static void put_trailing(struct keel_writer *json, const struct paper_conditional *conditional)
{
    if (conditional->type != KEEL_TRAILING_STOP) {
        keel_json_put_text(json, "activatePrice", "");
        keel_json_put_text(json, "callbackRate", "");
        return;
    }
    binance_put_price(json, "activatePrice", conditional->market, conditional->activation_price);
    keel_json_put_decimal(json, "callbackRate", or_zero(conditional->callback_rate));
}

void binance_put_algo(struct keel_writer *json, const struct paper_conditional *conditional,
                      const struct paper_order *child, bool queried)
{
    keel_market_id market = conditional->market;

    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "algoId", conditional->id);
    keel_json_put_text(json, "clientAlgoId", conditional->client_id);
    keel_json_put_text(json, "algoType", "CONDITIONAL");
    keel_json_put_text(json, "orderType", binance_order_type_word(conditional->type));
    put_symbol(json, "symbol", market);
    keel_json_put_text(json, "side", binance_side_word(conditional->side));
    keel_json_put_text(json, "positionSide",
                       binance_position_side_word(conditional->position_side));
    keel_json_put_text(json, "timeInForce", binance_time_in_force_word(conditional->time_in_force));
    binance_put_quantity(json, "quantity", market, conditional->quantity);
    keel_json_put_text(json, "algoStatus", binance_algo_status_word(conditional->status));
    if (queried)
        put_child(json, conditional, child);
    binance_put_price(json, "triggerPrice", market, conditional->trigger_price);
    binance_put_price(json, "price", market, conditional->price);
    keel_json_put_null(json, "icebergQuantity");
    keel_json_put_text(json, "selfTradePreventionMode",
                       binance_self_trade_word(conditional->self_trade));
    keel_json_put_text(json, "workingType", binance_working_type_word(conditional->trigger_source));
    keel_json_put_text(json, "priceMatch", binance_price_match_word(conditional->price_match));
    keel_json_put_bool(json, "closePosition", conditional->close_position);
    keel_json_put_bool(json, "priceProtect", conditional->price_protect);
    keel_json_put_bool(json, "reduceOnly", conditional->reduce_only);
    put_trailing(json, conditional);
    keel_json_put_int(json, "createTime", conditional->create_time_ms);
    keel_json_put_int(json, "updateTime", conditional->update_time_ms);
    keel_json_put_int(json, "triggerTime", conditional->trigger_time_ms);
    keel_json_put_int(json, "goodTillDate", conditional->good_till_ms);
    keel_json_close_object(json);
}

/* --- Positions ---------------------------------------------------------------------------------
 */

/* "0.0" when flat; else cut at the eighth decimal. */
static void put_entry(struct keel_writer *json, const char *key, keel_decimal price)
{
    if (keel_decimal_is_positive(price))
        binance_put_short(json, key, price);
    else
        keel_json_put_text(json, key, "0.0");
}

static void put_liquidation_price(struct keel_writer *json, const struct paper_position *position)
{
    if (keel_decimal_is_positive(position->liquidation_price))
        binance_put_short(json, "liquidationPrice", position->liquidation_price);
    else
        keel_json_put_text(json, "liquidationPrice", "0");
}

static void put_notional_max(struct keel_writer *json, const char *key,
                             const struct paper_position *position)
{
    keel_json_put_decimal(json, key, or_zero(position->notional_max));
}

static void put_side_notionals(struct keel_writer *json, const struct paper_position *position)
{
    binance_put_short(json, "bidNotional", position->bid_notional);
    binance_put_short(json, "askNotional", position->ask_notional);
}

void binance_put_position_v2(struct keel_writer *json, const struct paper_position *position)
{
    keel_json_open_object(json, NULL);
    put_symbol(json, "symbol", position->market);
    binance_put_quantity(json, "positionAmt", position->market, position->quantity);
    put_entry(json, "entryPrice", position->entry_price);
    put_entry(json, "breakEvenPrice", position->break_even_price);
    binance_put_amount(json, "markPrice", position->mark_price);
    binance_put_amount(json, "unRealizedProfit", position->unrealized_pnl);
    put_liquidation_price(json, position);
    binance_put_int_text(json, "leverage", position->leverage);
    put_notional_max(json, "maxNotionalValue", position);
    keel_json_put_text(json, "marginType", margin_mode_word(position->margin_mode));
    binance_put_amount(json, "isolatedMargin", position->isolated_margin);
    keel_json_put_text(json, "isAutoAddMargin", "false");
    keel_json_put_text(json, "positionSide", binance_position_side_word(position->side));
    binance_put_short(json, "notional", position->notional);
    binance_put_short(json, "isolatedWallet", position->isolated_wallet);
    keel_json_put_int(json, "updateTime", position->update_time_ms);
    keel_json_put_bool(json, "isolated", position->margin_mode == KEEL_ISOLATED);
    keel_json_put_int(json, "adlQuantile", position->adl_rank);
    keel_json_close_object(json);
}

void binance_put_position_v3(struct keel_writer *json, const struct paper_position *position)
{
    keel_json_open_object(json, NULL);
    put_symbol(json, "symbol", position->market);
    keel_json_put_text(json, "positionSide", binance_position_side_word(position->side));
    binance_put_quantity(json, "positionAmt", position->market, position->quantity);
    put_entry(json, "entryPrice", position->entry_price);
    put_entry(json, "breakEvenPrice", position->break_even_price);
    binance_put_amount(json, "markPrice", position->mark_price);
    binance_put_amount(json, "unRealizedProfit", position->unrealized_pnl);
    put_liquidation_price(json, position);
    binance_put_short(json, "isolatedMargin", position->isolated_margin);
    binance_put_short(json, "notional", position->notional);
    keel_json_put_text(json, "marginAsset", instrument_of(position->market)->quote);
    binance_put_short(json, "isolatedWallet", position->isolated_wallet);
    binance_put_short(json, "initialMargin", position->initial_margin);
    binance_put_short(json, "maintMargin", position->maintenance_margin);
    binance_put_short(json, "positionInitialMargin", position->position_margin);
    binance_put_short(json, "openOrderInitialMargin", position->order_margin);
    keel_json_put_int(json, "adl", position->adl_rank);
    put_side_notionals(json, position);
    keel_json_put_int(json, "updateTime", position->update_time_ms);
    keel_json_close_object(json);
}

void binance_put_account_position_v2(struct keel_writer *json,
                                     const struct paper_position *position)
{
    keel_json_open_object(json, NULL);
    put_symbol(json, "symbol", position->market);
    binance_put_amount(json, "initialMargin", position->initial_margin);
    binance_put_amount(json, "maintMargin", position->maintenance_margin);
    binance_put_amount(json, "unrealizedProfit", position->unrealized_pnl);
    binance_put_amount(json, "positionInitialMargin", position->position_margin);
    binance_put_amount(json, "openOrderInitialMargin", position->order_margin);
    binance_put_int_text(json, "leverage", position->leverage);
    keel_json_put_bool(json, "isolated", position->margin_mode == KEEL_ISOLATED);
    put_entry(json, "entryPrice", position->entry_price);
    put_entry(json, "breakEvenPrice", position->break_even_price);
    put_notional_max(json, "maxNotional", position);
    put_side_notionals(json, position);
    keel_json_put_text(json, "positionSide", binance_position_side_word(position->side));
    binance_put_quantity(json, "positionAmt", position->market, position->quantity);
    binance_put_short(json, "notional", position->notional);
    binance_put_short(json, "isolatedWallet", position->isolated_wallet);
    keel_json_put_int(json, "updateTime", position->update_time_ms);
    keel_json_close_object(json);
}

void binance_put_account_position_v3(struct keel_writer *json,
                                     const struct paper_position *position)
{
    keel_json_open_object(json, NULL);
    put_symbol(json, "symbol", position->market);
    keel_json_put_text(json, "positionSide", binance_position_side_word(position->side));
    binance_put_quantity(json, "positionAmt", position->market, position->quantity);
    binance_put_amount(json, "unrealizedProfit", position->unrealized_pnl);
    binance_put_amount(json, "isolatedMargin", position->isolated_margin);
    binance_put_short(json, "notional", position->notional);
    binance_put_short(json, "isolatedWallet", position->isolated_wallet);
    binance_put_amount(json, "initialMargin", position->initial_margin);
    binance_put_amount(json, "maintMargin", position->maintenance_margin);
    keel_json_put_int(json, "updateTime", position->update_time_ms);
    keel_json_close_object(json);
}

/* --- User data events --------------------------------------------------------------------------
 */

static void open_event(struct keel_writer *json, const char *name, const struct paper_event *event,
                       int64_t event_ms)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", name);
    keel_json_put_int(json, "T", event->time_ms);
    keel_json_put_int(json, "E", event_ms);
}

/* The fill's own fields; all zero when the event is none. */
static void put_fill(struct keel_writer *json, const struct paper_event *event)
{
    const struct paper_order_event *update = &event->as.order;
    const struct paper_trade *trade = &update->trade;
    keel_market_id market = event->market;

    binance_put_quantity(json, "l", market, update->filled ? trade->quantity : KEEL_DECIMAL_ZERO);
    binance_put_quantity(json, "z", market, update->order.filled_quantity);
    binance_put_price(json, "L", market, update->filled ? trade->price : KEEL_DECIMAL_ZERO);
    if (update->filled) {
        binance_put_amount(json, "n", trade->fee);
        keel_json_put_text(json, "N", instrument_of(market)->quote);
    }
    keel_json_put_int(json, "T", event->time_ms);
    keel_json_put_int(json, "t", update->filled ? trade->id : 0);
    keel_json_put_bool(json, "m", update->filled && trade->maker);
    binance_put_amount(json, "rp", update->filled ? trade->realized_pnl : KEEL_DECIMAL_ZERO);
}

static void put_event_order(struct keel_writer *json, const struct paper_event *event)
{
    const struct paper_order *order = &event->as.order.order;
    keel_market_id market = event->market;

    put_symbol(json, "s", market);
    keel_json_put_text(json, "c", order->client_id);
    keel_json_put_text(json, "S", binance_side_word(order->side));
    keel_json_put_text(json, "o", binance_order_type_word(order->type));
    keel_json_put_text(json, "f", binance_time_in_force_word(order->time_in_force));
    binance_put_quantity(json, "q", market, order->quantity);
    binance_put_price(json, "p", market, order->price);
    binance_put_average(json, "ap", order);
    binance_put_price(json, "sp", market, order->trigger_price);
    keel_json_put_text(json, "x", binance_execution_word(event->as.order.kind));
    keel_json_put_text(json, "X", binance_order_status_word(order->status));
    keel_json_put_int(json, "i", order->id);
}

static void put_event_flags(struct keel_writer *json, const struct paper_event *event)
{
    const struct paper_order *order = &event->as.order.order;

    binance_put_short(json, "b", event->as.order.bid_notional);
    binance_put_short(json, "a", event->as.order.ask_notional);
    keel_json_put_bool(json, "R", order->reduce_only);
    keel_json_put_text(json, "wt", binance_working_type_word(order->trigger_source));
    keel_json_put_text(json, "ot", binance_order_type_word(order->original_type));
    keel_json_put_text(json, "ps", binance_position_side_word(order->position_side));
    keel_json_put_bool(json, "cp", order->close_position);
    keel_json_put_bool(json, "pP", order->price_protect);
    keel_json_put_int(json, "si", 0);
    keel_json_put_int(json, "ss", 0);
    keel_json_put_text(json, "V", binance_self_trade_word(order->self_trade));
    keel_json_put_text(json, "pm", binance_price_match_word(order->price_match));
    keel_json_put_int(json, "gtd", order->good_till_ms);
    binance_put_int_text(json, "er", order->expiry);
    if (event->as.order.kind == PAPER_EXECUTION_AMENDMENT && order->modify_id != 0)
        keel_json_put_int(json, "M", order->modify_id);
}

void binance_put_order_event(struct keel_writer *json, const struct paper_event *event,
                             int64_t event_ms)
{
    open_event(json, "ORDER_TRADE_UPDATE", event, event_ms);
    keel_json_open_object(json, "o");
    put_event_order(json, event);
    put_fill(json, event);
    put_event_flags(json, event);
    keel_json_close_object(json);
    keel_json_close_object(json);
}

void binance_put_trade_lite(struct keel_writer *json, const struct paper_event *event,
                            int64_t event_ms)
{
    const struct paper_order *order = &event->as.order.order;
    const struct paper_trade *trade = &event->as.order.trade;

    open_event(json, "TRADE_LITE", event, event_ms);
    put_symbol(json, "s", event->market);
    binance_put_quantity(json, "q", event->market, order->quantity);
    binance_put_price(json, "p", event->market, order->price);
    keel_json_put_bool(json, "m", trade->maker);
    keel_json_put_text(json, "c", order->client_id);
    keel_json_put_text(json, "S", binance_side_word(order->side));
    binance_put_price(json, "L", event->market, trade->price);
    binance_put_quantity(json, "l", event->market, trade->quantity);
    keel_json_put_int(json, "t", trade->id);
    keel_json_put_int(json, "i", order->id);
    keel_json_close_object(json);
}

static void put_event_position(struct keel_writer *json, const struct paper_position *position)
{
    keel_json_open_object(json, NULL);
    put_symbol(json, "s", position->market);
    binance_put_quantity(json, "pa", position->market, position->quantity);
    if (keel_decimal_is_positive(position->entry_price))
        binance_put_short(json, "ep", position->entry_price);
    else
        keel_json_put_text(json, "ep", "0");
    binance_put_short(json, "bep", position->break_even_price);
    binance_put_amount(json, "cr", position->realized_pnl);
    binance_put_amount(json, "up", position->unrealized_pnl);
    keel_json_put_text(json, "mt", margin_mode_word(position->margin_mode));
    binance_put_amount(json, "iw", position->isolated_wallet);
    keel_json_put_text(json, "ps", binance_position_side_word(position->side));
    keel_json_put_text(json, "ma", instrument_of(position->market)->quote);
    keel_json_close_object(json);
}

static void put_event_balance(struct keel_writer *json, const struct paper_account_event *update)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "a", "USDT");
    binance_put_amount(json, "wb", update->wallet);
    binance_put_amount(json, "cw", update->cross_wallet);
    binance_put_short(json, "bc", update->balance_change);
    keel_json_close_object(json);
}

/* Funding of a cross position comes without its row. */
void binance_put_account_event(struct keel_writer *json, const struct paper_event *event,
                               int64_t event_ms)
{
    const struct paper_account_event *update = &event->as.update;
    bool funding = update->reason == PAPER_REASON_FUNDING;

    open_event(json, "ACCOUNT_UPDATE", event, event_ms);
    keel_json_open_object(json, "a");
    keel_json_put_text(json, "m", binance_reason_word(update->reason));
    keel_json_open_array(json, "B");
    if (update->has_balance)
        put_event_balance(json, update);
    keel_json_close_array(json);
    keel_json_open_array(json, "P");
    for (int i = 0; i < update->position_count; i++) {
        if (!funding || update->positions[i].margin_mode == KEEL_ISOLATED)
            put_event_position(json, &update->positions[i]);
    }
    keel_json_close_array(json);
    if (funding && update->market != KEEL_NO_MARKET)
        put_symbol(json, "S", update->market);
    keel_json_close_object(json);
    keel_json_close_object(json);
}

/* What became of it; absent until there is a child. */
static void put_event_child(struct keel_writer *json, const struct paper_conditional *conditional,
                            const struct paper_order *child)
{
    bool done = conditional->status == PAPER_CONDITIONAL_FINISHED;
    bool showing = child && conditional->status != PAPER_CONDITIONAL_TRIGGERING;

    if (!showing) {
        keel_json_put_text(json, "ai", "");
        return;
    }
    binance_put_int_text(json, "ai", child->id);
    binance_put_short(json, "ap", done ? binance_average_price(child) : KEEL_DECIMAL_ZERO);
    binance_put_short(json, "aq", done ? child->filled_quantity : KEEL_DECIMAL_ZERO);
    keel_json_put_text(json, "act", binance_order_type_word(child->type));
}

/* Why a triggered order was refused, in the venue's own sentence. */
static const char *reject_text(enum paper_error error)
{
    switch ((int)error) {
    case PAPER_OK: return "";
    case PAPER_ERROR_MARGIN: return "Margin is insufficient.";
    case PAPER_ERROR_REDUCE_ONLY:
    case PAPER_ERROR_REDUCE_ONLY_CROWDED: return "ReduceOnly Order is rejected.";
    case PAPER_ERROR_NOTIONAL_CAP:
        return "Exceeded the maximum allowable position at current leverage.";
    }
    return "Order was rejected when it was triggered.";
}

void binance_put_algo_event(struct keel_writer *json, const struct paper_event *event,
                            const struct paper_order *child, int64_t event_ms)
{
    const struct paper_conditional *conditional = &event->as.conditional;

    open_event(json, "ALGO_UPDATE", event, event_ms);
    keel_json_open_object(json, "o");
    keel_json_put_text(json, "caid", conditional->client_id);
    keel_json_put_int(json, "aid", conditional->id);
    keel_json_put_text(json, "at", "CONDITIONAL");
    keel_json_put_text(json, "o", binance_order_type_word(conditional->type));
    put_symbol(json, "s", conditional->market);
    keel_json_put_text(json, "S", binance_side_word(conditional->side));
    keel_json_put_text(json, "ps", binance_position_side_word(conditional->position_side));
    keel_json_put_text(json, "f", binance_time_in_force_word(conditional->time_in_force));
    binance_put_quantity(json, "q", conditional->market, conditional->quantity);
    keel_json_put_text(json, "X", binance_algo_status_word(conditional->status));
    put_event_child(json, conditional, child);
    binance_put_price(json, "tp", conditional->market, conditional->trigger_price);
    binance_put_price(json, "p", conditional->market, conditional->price);
    keel_json_put_text(json, "V", binance_self_trade_word(conditional->self_trade));
    keel_json_put_text(json, "wt", binance_working_type_word(conditional->trigger_source));
    keel_json_put_text(json, "pm", binance_price_match_word(conditional->price_match));
    keel_json_put_bool(json, "cp", conditional->close_position);
    keel_json_put_bool(json, "pP", conditional->price_protect);
    keel_json_put_bool(json, "R", conditional->reduce_only);
    keel_json_put_int(json, "tt", conditional->trigger_time_ms);
    keel_json_put_int(json, "gtd", conditional->good_till_ms);
    if (conditional->type == KEEL_TRAILING_STOP)
        keel_json_put_bool(json, "ia", conditional->activated);
    if (conditional->status == PAPER_CONDITIONAL_REJECTED)
        keel_json_put_text(json, "rm", reject_text(conditional->reject));
    keel_json_close_object(json);
    keel_json_close_object(json);
}

void binance_put_leverage_event(struct keel_writer *json, const struct paper_event *event,
                                int64_t event_ms)
{
    open_event(json, "ACCOUNT_CONFIG_UPDATE", event, event_ms);
    keel_json_open_object(json, "ac");
    put_symbol(json, "s", event->market);
    keel_json_put_int(json, "l", event->as.leverage);
    keel_json_close_object(json);
    keel_json_close_object(json);
}

void binance_put_margin_call(struct keel_writer *json, const struct paper_event *event,
                             int64_t event_ms)
{
    const struct paper_margin_call *call = &event->as.margin_call;

    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", "MARGIN_CALL");
    keel_json_put_int(json, "E", event_ms);
    if (keel_decimal_is_valid(call->cross_wallet))
        binance_put_amount(json, "cw", call->cross_wallet);
    keel_json_open_array(json, "p");
    for (int i = 0; i < call->position_count; i++) {
        const struct paper_position *position = &call->positions[i];
        keel_json_open_object(json, NULL);
        put_symbol(json, "s", position->market);
        keel_json_put_text(json, "ps", binance_position_side_word(position->side));
        binance_put_quantity(json, "pa", position->market, position->quantity);
        keel_json_put_text(json, "mt",
                           position->margin_mode == KEEL_ISOLATED ? "ISOLATED" : "CROSSED");
        binance_put_short(json, "iw", position->isolated_wallet);
        binance_put_short(json, "mp", position->mark_price);
        binance_put_short(json, "up", position->unrealized_pnl);
        binance_put_short(json, "mm", position->maintenance_margin);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
    keel_json_close_object(json);
}

void binance_put_force_order(struct keel_writer *json, const struct paper_event *event,
                             int64_t event_ms)
{
    const struct paper_order *order = &event->as.order.order;
    const struct paper_trade *trade = &event->as.order.trade;
    bool filled = event->as.order.filled;

    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", "forceOrder");
    keel_json_put_int(json, "E", event_ms);
    keel_json_open_object(json, "o");
    put_symbol(json, "s", event->market);
    keel_json_put_text(json, "S", binance_side_word(order->side));
    keel_json_put_text(json, "o", binance_order_type_word(order->type));
    keel_json_put_text(json, "f", binance_time_in_force_word(order->time_in_force));
    binance_put_quantity(json, "q", event->market, order->quantity);
    binance_put_price(json, "p", event->market, order->price);
    binance_put_average(json, "ap", order);
    keel_json_put_text(json, "X", binance_order_status_word(order->status));
    binance_put_quantity(json, "l", event->market,
                         filled ? trade->quantity : order->filled_quantity);
    binance_put_quantity(json, "z", event->market, order->filled_quantity);
    keel_json_put_int(json, "T", event->time_ms);
    keel_json_close_object(json);
    keel_json_close_object(json);
}

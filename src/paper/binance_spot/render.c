#include "paper/binance_spot/render.h"

#include "paper/binance/render.h"
#include "paper/binance/words.h"

static const char *symbol_of(const struct paper_spot *spot, keel_market_id market)
{
    return paper_spot_market(spot, market)->symbol;
}

/* --- Words -------------------------------------------------------------------------------------
 */

const char *binance_spot_type_word(const struct paper_spot_order *order)
{
    switch (order->type) {
    case KEEL_LIMIT: return order->time_in_force == KEEL_GTX ? "LIMIT_MAKER" : "LIMIT";
    case KEEL_MARKET: return "MARKET";
    case KEEL_STOP_MARKET: return "STOP_LOSS";
    case KEEL_STOP_LIMIT: return "STOP_LOSS_LIMIT";
    case KEEL_TAKE_PROFIT_MARKET: return "TAKE_PROFIT";
    case KEEL_TAKE_PROFIT_LIMIT: return "TAKE_PROFIT_LIMIT";
    case KEEL_ORDER_TYPE_NONE:
    case KEEL_TRAILING_STOP:
    case KEEL_LIQUIDATION: break;
    }
    return "";
}

const char *binance_spot_status_word(enum paper_order_status status)
{
    return binance_order_status_word(status);
}

/* Every order has one; what has none of its own is GTC. */
static const char *time_word(const struct paper_spot_order *order)
{
    return order->time_in_force == KEEL_IOC   ? "IOC"
           : order->time_in_force == KEEL_FOK ? "FOK"
                                              : "GTC";
}

static const char *end_word(enum paper_spot_end end)
{
    switch (end) {
    case PAPER_SPOT_END_IOC: return "UNFILLED_IOC_QUANTITY_EXPIRED";
    case PAPER_SPOT_END_FOK: return "UNFILLED_FOK_ORDER_EXPIRED";
    case PAPER_SPOT_END_LIQUIDITY: return "INSUFFICIENT_LIQUIDITY";
    case PAPER_SPOT_END_BALANCE:
    case PAPER_SPOT_END_POST_ONLY: return "REJECTED";
    case PAPER_SPOT_END_DATE: return "EXCHANGE_CANCELED";
    case PAPER_SPOT_END_NONE:
    case PAPER_SPOT_END_SELF_TRADE: break;
    }
    return NULL;
}

static const char *execution_word(enum paper_spot_execution kind,
                                  const struct paper_spot_order *order)
{
    switch (kind) {
    case PAPER_SPOT_ACCEPTED:
    case PAPER_SPOT_TRIGGERED: return "NEW";
    case PAPER_SPOT_TRADED: return "TRADE";
    case PAPER_SPOT_AMENDED: return "REPLACED";
    case PAPER_SPOT_CANCELED: return "CANCELED";
    case PAPER_SPOT_EXPIRED:
        return order->status == PAPER_ORDER_EXPIRED_IN_MATCH ? "TRADE_PREVENTION" : "EXPIRED";
    }
    return "";
}

/* Days since 1970 as a date of the Gregorian calendar. */
static void civil_of(int64_t day, int *year, int *month, int *of_month)
{
    int64_t shifted = day + 719468; /* since 1 March of the year 0 */
    int64_t era = shifted / 146097, of_era = shifted % 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    *of_month = (int)(of_year - (153 * from_march + 2) / 5 + 1);
    *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

void binance_spot_put_date(struct keel_writer *json, const char *key, int64_t time_ms)
{
    char text[32];
    struct keel_writer writer;
    int year, month, day;
    int64_t seconds = time_ms / 1000;
    civil_of(seconds / 86400, &year, &month, &day);
    keel_writer_init(&writer, text, sizeof(text));
    keel_write_format(&writer, "%04d-%02d-%02d %02d:%02d:%02d", year, month, day,
                      (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60), (int)(seconds % 60));
    keel_json_put_string(json, key, keel_writer_text(&writer));
}

/* --- Orders ------------------------------------------------------------------------------------
 */

static void put_optional(struct keel_writer *json, const char *key, keel_decimal value)
{
    if (keel_decimal_is_valid(value))
        binance_put_amount(json, key, value);
}

static void put_marks(struct keel_writer *json, const char *id_key, const char *type_key,
                      const struct paper_spot_order *order)
{
    if (order->marks[0] != 0)
        keel_json_put_int(json, id_key, order->marks[0]);
    if (order->marks[1] != 0)
        keel_json_put_int(json, type_key, order->marks[1]);
}

static void put_amounts(struct keel_writer *json, const struct paper_spot_order *order)
{
    binance_put_amount(json, "price", order->price);
    binance_put_amount(json, "origQty", order->quantity);
    binance_put_amount(json, "executedQty", order->filled_quantity);
    binance_put_amount(json, "origQuoteOrderQty", order->quote_quantity);
    binance_put_amount(json, "cummulativeQuoteQty", order->filled_quote);
    keel_json_put_text(json, "status", binance_spot_status_word(order->status));
    keel_json_put_text(json, "timeInForce", time_word(order));
    keel_json_put_text(json, "type", binance_spot_type_word(order));
    keel_json_put_text(json, "side", binance_side_word(order->side));
    put_optional(json, "stopPrice", order->trigger_price);
    put_marks(json, "strategyId", "strategyType", order);
}

static void put_fills(const struct paper_spot *spot, struct keel_writer *json,
                      const struct paper_spot_order *order)
{
    const struct paper_spot_query query = {.order_id = order->id, .account = order->account};
    const struct paper_spot_trade *trade = NULL;
    keel_json_open_array(json, "fills");
    while ((trade = paper_spot_next_trade(spot, &query, trade)) != NULL) {
        keel_json_open_object(json, NULL);
        binance_put_amount(json, "price", trade->price);
        binance_put_amount(json, "qty", trade->quantity);
        binance_put_amount(json, "commission", trade->fee);
        keel_json_put_text(json, "commissionAsset", paper_asset_get(trade->fee_asset)->code);
        keel_json_put_int(json, "tradeId", trade->id);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
}

void binance_spot_put_placed(const struct paper_spot *spot, struct keel_writer *json,
                             const char *key, const struct paper_spot_order *order,
                             enum binance_spot_shape shape)
{
    keel_json_open_object(json, key);
    keel_json_put_text(json, "symbol", symbol_of(spot, order->market));
    keel_json_put_int(json, "orderId", order->id);
    keel_json_put_int(json, "orderListId", -1);
    keel_json_put_text(json, "clientOrderId", order->client_id);
    keel_json_put_int(json, "transactTime", order->create_time_ms);
    if (shape != BINANCE_SPOT_ACK) {
        put_amounts(json, order);
        if (order->working_time_ms != 0)
            keel_json_put_int(json, "workingTime", order->working_time_ms);
        if (shape == BINANCE_SPOT_FULL)
            put_fills(spot, json, order);
        keel_json_put_text(json, "selfTradePreventionMode",
                           binance_self_trade_word(order->self_trade));
    }
    keel_json_close_object(json);
}

void binance_spot_put_queried(const struct paper_spot *spot, struct keel_writer *json,
                              const struct paper_spot_order *order)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(spot, order->market));
    keel_json_put_int(json, "orderId", order->id);
    keel_json_put_int(json, "orderListId", -1);
    keel_json_put_text(json, "clientOrderId", order->client_id);
    put_amounts(json, order);
    if (!keel_decimal_is_valid(order->trigger_price))
        binance_put_amount(json, "stopPrice", KEEL_DECIMAL_ZERO);
    binance_put_amount(json, "icebergQty", KEEL_DECIMAL_ZERO);
    keel_json_put_int(json, "time", order->create_time_ms);
    keel_json_put_int(json, "updateTime", order->update_time_ms);
    keel_json_put_bool(json, "isWorking", !order->waiting);
    if (order->working_time_ms != 0)
        keel_json_put_int(json, "workingTime", order->working_time_ms);
    keel_json_put_text(json, "selfTradePreventionMode", binance_self_trade_word(order->self_trade));
    if (keel_decimal_is_positive(order->prevented))
        binance_put_amount(json, "preventedQuantity", order->prevented);
    if (end_word(order->end))
        keel_json_put_text(json, "expiryReason", end_word(order->end));
    keel_json_close_object(json);
}

void binance_spot_put_canceled(const struct paper_spot *spot, struct keel_writer *json,
                               const char *key, const struct paper_spot_order *order)
{
    keel_json_open_object(json, key);
    keel_json_put_text(json, "symbol", symbol_of(spot, order->market));
    keel_json_put_text(json, "origClientOrderId", order->client_id);
    keel_json_put_int(json, "orderId", order->id);
    keel_json_put_int(json, "orderListId", -1);
    keel_json_put_text(json, "clientOrderId", order->cancel_id);
    keel_json_put_int(json, "transactTime", order->update_time_ms);
    put_amounts(json, order);
    keel_json_put_text(json, "selfTradePreventionMode", binance_self_trade_word(order->self_trade));
    keel_json_close_object(json);
}

void binance_spot_put_amended(const struct paper_spot *spot, struct keel_writer *json,
                              const struct paper_spot_order *order, int64_t execution_id)
{
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "transactTime", order->update_time_ms);
    keel_json_put_int(json, "executionId", execution_id);
    keel_json_open_object(json, "amendedOrder");
    keel_json_put_text(json, "symbol", symbol_of(spot, order->market));
    keel_json_put_int(json, "orderId", order->id);
    keel_json_put_int(json, "orderListId", -1);
    keel_json_put_text(json, "origClientOrderId", order->former_id);
    keel_json_put_text(json, "clientOrderId", order->client_id);
    binance_put_amount(json, "price", order->price);
    binance_put_amount(json, "qty", order->quantity);
    binance_put_amount(json, "executedQty", order->filled_quantity);
    binance_put_amount(json, "preventedQty", order->prevented);
    binance_put_amount(json, "quoteOrderQty", KEEL_DECIMAL_ZERO);
    binance_put_amount(json, "cumulativeQuoteQty", order->filled_quote);
    keel_json_put_text(json, "status", binance_spot_status_word(order->status));
    keel_json_put_text(json, "timeInForce", time_word(order));
    keel_json_put_text(json, "type", binance_spot_type_word(order));
    keel_json_put_text(json, "side", binance_side_word(order->side));
    put_optional(json, "stopPrice", order->trigger_price);
    if (order->working_time_ms != 0)
        keel_json_put_int(json, "workingTime", order->working_time_ms);
    keel_json_put_text(json, "selfTradePreventionMode", binance_self_trade_word(order->self_trade));
    keel_json_close_object(json);
    keel_json_close_object(json);
}

void binance_spot_put_trade(const struct paper_spot *spot, struct keel_writer *json,
                            const struct paper_spot_trade *trade)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(spot, trade->market));
    keel_json_put_int(json, "id", trade->id);
    keel_json_put_int(json, "orderId", trade->order_id);
    keel_json_put_int(json, "orderListId", -1);
    binance_put_amount(json, "price", trade->price);
    binance_put_amount(json, "qty", trade->quantity);
    binance_put_amount(json, "quoteQty", trade->quote);
    binance_put_amount(json, "commission", trade->fee);
    keel_json_put_text(json, "commissionAsset", paper_asset_get(trade->fee_asset)->code);
    keel_json_put_int(json, "time", trade->time_ms);
    keel_json_put_bool(json, "isBuyer", trade->side == KEEL_BUY);
    keel_json_put_bool(json, "isMaker", trade->maker);
    keel_json_put_bool(json, "isBestMatch", true);
    keel_json_close_object(json);
}

/* --- Events ------------------------------------------------------------------------------------
 */

/* `c` is the name of what happened: of the cancellation when there is one; `C` is then the order's,
 * and after an amendment the name it had before. */
static void put_names(struct keel_writer *json, const struct paper_spot_order_event *event)
{
    const struct paper_spot_order *order = &event->order;
    bool canceled = event->kind == PAPER_SPOT_CANCELED;
    keel_json_put_text(json, "c", canceled ? order->cancel_id : order->client_id);
    keel_json_put_text(json, "S", binance_side_word(order->side));
    keel_json_put_text(json, "o", binance_spot_type_word(order));
    keel_json_put_text(json, "f", time_word(order));
    binance_put_amount(json, "q", order->quantity);
    binance_put_amount(json, "p", order->price);
    binance_put_amount(json, "P", order->trigger_price);
    binance_put_amount(json, "F", KEEL_DECIMAL_ZERO);
    keel_json_put_int(json, "g", -1);
    keel_json_put_text(json, "C",
                       canceled                            ? order->client_id
                       : event->kind == PAPER_SPOT_AMENDED ? order->former_id
                                                           : "");
    keel_json_put_text(json, "x", execution_word(event->kind, order));
    keel_json_put_text(json, "X", binance_spot_status_word(order->status));
    keel_json_put_text(json, "r",
                       order->end == PAPER_SPOT_END_BALANCE     ? "INSUFFICIENT_BALANCES"
                       : order->end == PAPER_SPOT_END_POST_ONLY ? "WOULD_MATCH_IMMEDIATELY"
                                                                : "NONE");
    keel_json_put_int(json, "i", order->id);
}

static void put_fill(struct keel_writer *json, const struct paper_spot_order_event *event)
{
    const struct paper_spot_trade *trade = &event->trade;
    bool filled = event->kind == PAPER_SPOT_TRADED;
    binance_put_amount(json, "l", trade->quantity);
    binance_put_amount(json, "z", event->order.filled_quantity);
    binance_put_amount(json, "L", trade->price);
    if (filled)
        binance_put_amount(json, "n", trade->fee);
    else
        keel_json_put_text(json, "n", "0");
    if (filled)
        keel_json_put_text(json, "N", paper_asset_get(trade->fee_asset)->code);
    else
        keel_json_put_null(json, "N");
}

static bool is_in_book(const struct paper_spot_order *order)
{
    bool open = order->status == PAPER_ORDER_NEW || order->status == PAPER_ORDER_PARTIALLY_FILLED;
    return open && !order->waiting && order->type != KEEL_MARKET;
}

void binance_spot_put_execution(const struct paper_spot *spot, struct keel_writer *json,
                                const struct paper_spot_event *event, int64_t execution_id,
                                int64_t event_ms)
{
    const struct paper_spot_order *order = &event->as.order.order;
    bool filled = event->as.order.kind == PAPER_SPOT_TRADED;
    bool conditional = keel_decimal_is_valid(order->trigger_price);
    bool waits = conditional && event->as.order.kind == PAPER_SPOT_ACCEPTED;
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", "executionReport");
    keel_json_put_int(json, "E", event_ms);
    keel_json_put_text(json, "s", symbol_of(spot, order->market));
    put_names(json, &event->as.order);
    put_fill(json, &event->as.order);
    keel_json_put_int(json, "T", event->time_ms);
    keel_json_put_int(json, "t", filled ? event->as.order.trade.id : -1);
    keel_json_put_int(json, "I", execution_id);
    keel_json_put_bool(json, "w", !waits && is_in_book(order));
    keel_json_put_bool(json, "m", filled && event->as.order.trade.maker);
    keel_json_put_bool(json, "M", filled);
    keel_json_put_int(json, "O", order->create_time_ms);
    binance_put_amount(json, "Z", order->filled_quote);
    binance_put_amount(json, "Y", event->as.order.trade.quote);
    binance_put_amount(json, "Q", order->quote_quantity);
    if (order->working_time_ms != 0)
        keel_json_put_int(json, "W", order->working_time_ms);
    keel_json_put_text(json, "V", binance_self_trade_word(order->self_trade));
    put_marks(json, "j", "J", order);
    if (keel_decimal_is_positive(order->prevented))
        binance_put_amount(json, "A", order->prevented);
    if (end_word(order->end))
        keel_json_put_text(json, "eR", end_word(order->end));
    keel_json_close_object(json);
}

void binance_spot_put_position(struct keel_writer *json, const struct paper_spot_event *event,
                               int64_t event_ms)
{
    const struct paper_spot_balances_event *balances = &event->as.balances;
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", "outboundAccountPosition");
    keel_json_put_int(json, "E", event_ms);
    keel_json_put_int(json, "u", event->time_ms);
    keel_json_open_array(json, "B");
    for (int i = 0; i < balances->count; i++) {
        keel_json_open_object(json, NULL);
        keel_json_put_text(json, "a", paper_asset_get(balances->rows[i].asset)->code);
        binance_put_amount(json, "f", balances->rows[i].free);
        binance_put_amount(json, "l", balances->rows[i].locked);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
    keel_json_close_object(json);
}

keel_decimal binance_spot_delta(const struct paper_spot_change *change)
{
    return keel_decimal_add(change->free_change, change->locked_change);
}

void binance_spot_put_balance_update(struct keel_writer *json,
                                     const struct paper_spot_change *change, int64_t event_ms)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", "balanceUpdate");
    keel_json_put_int(json, "E", event_ms);
    keel_json_put_text(json, "a", paper_asset_get(change->asset)->code);
    binance_put_amount(json, "d", binance_spot_delta(change));
    keel_json_put_int(json, "T", change->time_ms);
    keel_json_close_object(json);
}

#include "paper/gateio/spot.h"

#include <stdio.h>

enum {
    AVERAGE_DIGITS = 12,
    AMEND_TEXT_SIZE = 64,
};

/* Between an order's id and that of the trigger order which it comes from. */
#define TRIGGER_ID_BEFORE INT64_C(27000000000)

struct amendment {
    int64_t order_id;
    char text[AMEND_TEXT_SIZE];
};

/* --- Values ------------------------------------------------------------------------------------
 */

static void put_number(struct keel_writer *json, const char *key, int64_t number, bool as_text)
{
    if (as_text)
        gateio_put_int_text(json, key, number);
    else
        keel_json_put_int(json, key, number);
}

static const struct paper_spot_instrument *pair_of(const struct paper_gateio *gateio,
                                                   keel_market_id pair)
{
    return paper_spot_market(gateio->spot, pair);
}

static const char *asset_received(const struct paper_spot_instrument *pair, enum keel_side side)
{
    return paper_asset_get(side == KEEL_BUY ? pair->base : pair->quote)->code;
}

static const char *asset_paid(const struct paper_spot_instrument *pair, enum keel_side side)
{
    return paper_asset_get(side == KEEL_BUY ? pair->quote : pair->base)->code;
}

/* --- Amendments --------------------------------------------------------------------------------
 */

const char *gateio_spot_amend_text(const struct paper_gateio *gateio, int64_t order_id)
{
    for (int64_t i = gateio->amendments.count - 1; i >= 0; i--) {
        const struct amendment *row = gateio->amendments.rows[i];
        if (row->order_id == order_id)
            return row->text;
    }
    return "-";
}

void gateio_spot_note_amendment(struct paper_gateio *gateio, int64_t order_id, keel_str text)
{
    if (text.size == 0)
        return;
    struct amendment *row = paper_table_add(&gateio->amendments, sizeof(*row));
    row->order_id = order_id;
    (void)keel_str_copy(text, row->text, sizeof(row->text));
}

/* --- Orders ------------------------------------------------------------------------------------
 */

int64_t gateio_spot_trigger_id(const struct paper_spot_order *order)
{
    return order->id - TRIGGER_ID_BEFORE;
}

int64_t gateio_spot_trigger_order_id(int64_t trigger_id)
{
    return trigger_id + TRIGGER_ID_BEFORE;
}

bool gateio_spot_is_open(const struct paper_spot_order *order)
{
    return order->status == PAPER_ORDER_NEW || order->status == PAPER_ORDER_PARTIALLY_FILLED;
}

bool gateio_spot_is_by_quote(const struct paper_spot_order *order)
{
    return keel_decimal_is_valid(order->quote_quantity);
}

bool gateio_spot_is_limit(const struct paper_spot_order *order)
{
    return keel_decimal_is_valid(order->price);
}

static const char *finish_as(const struct paper_spot_order *order)
{
    if (gateio_spot_is_open(order))
        return "open";
    if (order->status == PAPER_ORDER_FILLED)
        return "filled";
    switch (order->end) {
    case PAPER_SPOT_END_NONE:
    case PAPER_SPOT_END_DATE: return "cancelled";
    case PAPER_SPOT_END_IOC: return "ioc";
    case PAPER_SPOT_END_FOK: return "fok";
    case PAPER_SPOT_END_LIQUIDITY: return "depth_not_enough";
    case PAPER_SPOT_END_SELF_TRADE: return "stp";
    case PAPER_SPOT_END_BALANCE: return "trader_not_enough";
    case PAPER_SPOT_END_POST_ONLY: return "poc";
    }
    return "unknown";
}

static const char *status_of(const struct paper_spot_order *order)
{
    if (gateio_spot_is_open(order))
        return "open";
    return order->status == PAPER_ORDER_FILLED ? "closed" : "cancelled";
}

static const char *time_in_force_of(const struct paper_spot_order *order)
{
    switch (order->time_in_force) {
    case KEEL_GTC: return "gtc";
    case KEEL_FOK: return "fok";
    case KEEL_GTX: return "poc";
    case KEEL_TIME_IN_FORCE_NONE:
    case KEEL_IOC:
    case KEEL_GTD:
    case KEEL_RPI: return "ioc";
    }
    return "ioc";
}

/* Without a text of the client's own: by which way it came. */
static const char *text_of(const struct paper_spot_order *order)
{
    if (strncmp(order->client_id, "t-", 2) == 0)
        return order->client_id;
    return order->marks[0] == GATEIO_ORIGIN_WS ? "apiv4-ws" : "apiv4";
}

static keel_decimal amount_of(const struct paper_spot_order *order)
{
    return gateio_spot_is_by_quote(order) ? order->quote_quantity : order->quantity;
}

static keel_decimal left_of(const struct paper_spot_order *order)
{
    return gateio_spot_is_by_quote(order)
               ? keel_decimal_sub(order->quote_quantity, order->filled_quote)
               : keel_decimal_sub(order->quantity, order->filled_quantity);
}

static keel_decimal average_of(const struct paper_spot_order *order)
{
    if (!keel_decimal_is_positive(order->filled_quantity))
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_round_to_digits(
        keel_decimal_div(order->filled_quote, order->filled_quantity, KEEL_ROUND_HALF_EVEN),
        AVERAGE_DIGITS, KEEL_ROUND_HALF_EVEN);
}

static void put_what_it_is(struct keel_writer *json, const struct paper_gateio *gateio,
                           const struct paper_spot_order *order)
{
    keel_json_put_text(json, "currency_pair", pair_of(gateio, order->market)->symbol);
    keel_json_put_text(json, "type", gateio_spot_is_limit(order) ? "limit" : "market");
    keel_json_put_text(json, "account", "spot");
    keel_json_put_text(json, "side", order->side == KEEL_BUY ? "buy" : "sell");
    keel_json_put_decimal(json, "amount", amount_of(order));
    keel_json_put_decimal(json, "price", gateio_or_zero(order->price));
    keel_json_put_text(json, "time_in_force", time_in_force_of(order));
    keel_json_put_text(json, "iceberg", "0");
}

static void put_fees(struct keel_writer *json, const struct paper_gateio *gateio,
                     const struct paper_spot_order *order)
{
    const struct paper_spot_instrument *pair = pair_of(gateio, order->market);
    keel_json_put_decimal(json, "fee", order->fee);
    keel_json_put_text(json, "fee_currency", asset_received(pair, order->side));
    keel_json_put_text(json, "point_fee", "0");
    keel_json_put_text(json, "gt_fee", "0");
    keel_json_put_text(json, "gt_maker_fee", "0");
    keel_json_put_text(json, "gt_taker_fee", "0");
    keel_json_put_bool(json, "gt_discount", false);
    keel_json_put_text(json, "rebated_fee", "0");
    keel_json_put_text(json, "rebated_fee_currency", asset_paid(pair, order->side));
}

void gateio_put_spot_order_members(struct keel_writer *json, const struct paper_gateio *gateio,
                                   const struct paper_spot_order *order, struct gateio_form form)
{
    gateio_put_int_text(json, "id", order->id);
    keel_json_put_text(json, "text", text_of(order));
    keel_json_put_text(json, "amend_text", gateio_spot_amend_text(gateio, order->id));
    gateio_put_int_text(json, "create_time", order->create_time_ms / 1000);
    gateio_put_int_text(json, "update_time", order->update_time_ms / 1000);
    put_number(json, "create_time_ms", order->create_time_ms, form.stream);
    put_number(json, "update_time_ms", order->update_time_ms, form.stream);
    if (!form.stream)
        keel_json_put_text(json, "status", status_of(order));
    put_what_it_is(json, gateio, order);
    keel_json_put_decimal(json, "left", left_of(order));
    keel_json_put_decimal(json, "filled_amount", order->filled_quantity);
    keel_json_put_decimal(json, "fill_price", order->filled_quote);
    keel_json_put_decimal(json, "filled_total", order->filled_quote);
    keel_json_put_decimal(json, "avg_deal_price", average_of(order));
    put_fees(json, gateio, order);
    keel_json_put_int(json, "stp_id", 0);
    keel_json_put_text(json, "stp_act", "-");
    keel_json_put_text(json, "finish_as", finish_as(order));
}

void gateio_put_spot_order(struct keel_writer *json, const struct paper_gateio *gateio,
                           const struct paper_spot_order *order)
{
    keel_json_open_object(json, NULL);
    gateio_put_spot_order_members(json, gateio, order, (struct gateio_form){0});
    keel_json_close_object(json);
}

/* --- Trades ------------------------------------------------------------------------------------
 */

/* Milliseconds with a fraction, as text. */
static void put_precise_millis(struct keel_writer *json, const char *key, int64_t time_ms)
{
    char text[40];
    (void)snprintf(text, sizeof(text), "%lld.000000", (long long)time_ms);
    keel_json_put_text(json, key, text);
}

static void put_trade_members(struct keel_writer *json, const struct paper_gateio *gateio,
                              const struct paper_spot_trade *trade)
{
    const struct paper_spot_order *order = paper_spot_find_order(
        gateio->spot, trade->account, trade->market, trade->order_id, (keel_str){0});
    put_precise_millis(json, "create_time_ms", trade->time_ms);
    keel_json_put_text(json, "currency_pair", pair_of(gateio, trade->market)->symbol);
    keel_json_put_text(json, "side", trade->side == KEEL_BUY ? "buy" : "sell");
    keel_json_put_text(json, "role", trade->maker ? "maker" : "taker");
    keel_json_put_decimal(json, "amount", trade->quantity);
    keel_json_put_decimal(json, "price", trade->price);
    gateio_put_int_text(json, "order_id", trade->order_id);
    keel_json_put_decimal(json, "fee", trade->fee);
    keel_json_put_text(json, "fee_currency", paper_asset_get(trade->fee_asset)->code);
    keel_json_put_text(json, "point_fee", "0");
    keel_json_put_text(json, "gt_fee", "0");
    keel_json_put_text(json, "amend_text", gateio_spot_amend_text(gateio, trade->order_id));
    keel_json_put_text(json, "text", order ? text_of(order) : "apiv4");
}

void gateio_put_spot_trade(struct keel_writer *json, const struct paper_gateio *gateio,
                           const struct paper_spot_trade *trade)
{
    keel_json_open_object(json, NULL);
    gateio_put_int_text(json, "id", trade->id);
    gateio_put_int_text(json, "create_time", trade->time_ms / 1000);
    put_trade_members(json, gateio, trade);
    gateio_put_int_text(json, "sequence_id", trade->row);
    keel_json_close_object(json);
}

void gateio_put_spot_fill(struct keel_writer *json, const struct paper_gateio *gateio,
                          const struct paper_spot_trade *trade)
{
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "id", trade->id);
    keel_json_put_int(json, "user_id", gateio_user_id(trade->account));
    keel_json_put_int(json, "create_time", trade->time_ms / 1000);
    put_trade_members(json, gateio, trade);
    keel_json_put_int(json, "id_market", trade->id);
    keel_json_close_object(json);
}

void gateio_put_spot_public_trade(struct keel_writer *json, const char *key,
                                  const struct paper_gateio *gateio, keel_market_id pair,
                                  const struct paper_public_trade *trade, int64_t time_ms)
{
    keel_json_open_object(json, key);
    put_number(json, "id", trade->id, !key);
    put_number(json, "create_time", time_ms / 1000, !key);
    put_precise_millis(json, "create_time_ms", time_ms);
    keel_json_put_text(json, "side", trade->buyer_is_maker ? "sell" : "buy");
    keel_json_put_text(json, "currency_pair", pair_of(gateio, pair)->symbol);
    keel_json_put_decimal(json, "amount", trade->quantity);
    keel_json_put_decimal(json, "price", trade->price);
    if (!key)
        gateio_put_int_text(json, "sequence_id", trade->id);
    keel_json_close_object(json);
}

/* --- Trigger orders ----------------------------------------------------------------------------
 */

/* Which way the price must come: a stop waits on the worse side. */
static bool is_rising(const struct paper_spot_order *order)
{
    bool stop = order->type == KEEL_STOP_LIMIT || order->type == KEEL_STOP_MARKET;
    return (order->side == KEEL_BUY) == stop;
}

static bool never_worked(const struct paper_spot_order *order)
{
    return order->working_time_ms == 0;
}

static const char *trigger_status(const struct paper_spot_order *order)
{
    if (order->waiting)
        return "open";
    if (!never_worked(order))
        return "finish";
    if (order->end == PAPER_SPOT_END_DATE)
        return "expired";
    return order->end == PAPER_SPOT_END_NONE ? "cancelled" : "failed";
}

static const char *trigger_reason(const struct paper_spot_order *order)
{
    if (order->waiting || !never_worked(order))
        return "";
    switch (order->end) {
    case PAPER_SPOT_END_DATE: return "expired";
    case PAPER_SPOT_END_BALANCE: return "BALANCE_NOT_ENOUGH";
    case PAPER_SPOT_END_POST_ONLY: return "POC_FILL_IMMEDIATELY";
    case PAPER_SPOT_END_NONE: return "cancelled";
    case PAPER_SPOT_END_IOC:
    case PAPER_SPOT_END_FOK:
    case PAPER_SPOT_END_LIQUIDITY:
    case PAPER_SPOT_END_SELF_TRADE: return "failed";
    }
    return "failed";
}

static int64_t expiration_of(const struct paper_spot_order *order)
{
    return order->expire_ms == 0 ? 0 : (order->expire_ms - order->create_time_ms) / 1000;
}

static int64_t fired_ms(const struct paper_spot_order *order)
{
    return never_worked(order) ? order->update_time_ms : order->working_time_ms;
}

static void put_put(struct keel_writer *json, const struct paper_spot_order *order)
{
    keel_json_open_object(json, "put");
    keel_json_put_text(json, "type", gateio_spot_is_limit(order) ? "limit" : "market");
    keel_json_put_text(json, "side", order->side == KEEL_BUY ? "buy" : "sell");
    keel_json_put_decimal(json, "price", gateio_or_zero(order->price));
    keel_json_put_decimal(json, "amount", amount_of(order));
    keel_json_put_text(json, "account", "normal");
    keel_json_put_text(json, "time_in_force", time_in_force_of(order));
    keel_json_put_bool(json, "auto_borrow", false);
    keel_json_put_bool(json, "auto_repay", false);
    keel_json_put_text(json, "text", text_of(order));
    keel_json_close_object(json);
}

void gateio_put_spot_trigger(struct keel_writer *json, const struct paper_gateio *gateio,
                             const struct paper_spot_order *order)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "market", pair_of(gateio, order->market)->symbol);
    keel_json_put_int(json, "user", gateio_user_id(order->account));
    keel_json_open_object(json, "trigger");
    keel_json_put_decimal(json, "price", order->trigger_price);
    keel_json_put_text(json, "rule", is_rising(order) ? ">=" : "<=");
    keel_json_put_int(json, "expiration", expiration_of(order));
    keel_json_close_object(json);
    put_put(json, order);
    keel_json_put_int(json, "id", gateio_spot_trigger_id(order));
    keel_json_put_int(json, "ctime", order->create_time_ms / 1000);
    if (!order->waiting)
        keel_json_put_int(json, "ftime", fired_ms(order) / 1000);
    keel_json_put_int(json, "fired_order_id", never_worked(order) ? 0 : order->id);
    keel_json_put_text(json, "status", trigger_status(order));
    keel_json_put_text(json, "reason", trigger_reason(order));
    keel_json_close_object(json);
}

static void put_stop_members(struct keel_writer *json)
{
    keel_json_put_text(json, "engine_type", "normal");
    keel_json_put_bool(json, "is_stop_order", false);
    keel_json_put_text(json, "stop_trigger_price", "");
    keel_json_put_text(json, "stop_trigger_rule", "");
    keel_json_put_text(json, "stop_price", "");
}

void gateio_put_spot_trigger_push(struct keel_writer *json, const struct paper_gateio *gateio,
                                  const struct paper_spot_order *order)
{
    const struct paper_spot_instrument *pair = pair_of(gateio, order->market);
    keel_json_open_object(json, "result");
    keel_json_put_text(json, "market", pair->symbol);
    gateio_put_int_text(json, "uid", gateio_user_id(order->account));
    gateio_put_int_text(json, "id", gateio_spot_trigger_id(order));
    keel_json_put_text(json, "currency_type", paper_asset_get(pair->base)->code);
    keel_json_put_text(json, "exchange_type", paper_asset_get(pair->quote)->code);
    keel_json_put_text(json, "reason", trigger_reason(order));
    keel_json_put_text(json, "err_msg", order->waiting ? "" : trigger_reason(order));
    keel_json_put_int(json, "fired_order_id", never_worked(order) ? 0 : order->id);
    keel_json_put_bool(json, "instant_cancel", false);
    keel_json_put_decimal(json, "trigger_price", order->trigger_price);
    keel_json_put_text(json, "trigger_rule", is_rising(order) ? ">=" : "<=");
    keel_json_put_int(json, "trigger_expiration", expiration_of(order));
    keel_json_put_decimal(json, "price", gateio_or_zero(order->price));
    keel_json_put_decimal(json, "amount", amount_of(order));
    keel_json_put_text(json, "source", text_of(order));
    keel_json_put_text(json, "order_type", gateio_spot_is_limit(order) ? "limit" : "market");
    keel_json_put_text(json, "side", order->side == KEEL_BUY ? "buy" : "sell");
    put_stop_members(json);
    gateio_put_int_text(json, "ctime", order->create_time_ms);
    gateio_put_int_text(json, "ftime", order->waiting ? INT64_C(-62135596800000) : fired_ms(order));
    keel_json_close_object(json);
}

/* --- Prices ------------------------------------------------------------------------------------
 */

static void put_best(struct keel_writer *json, const char *price_key, const char *size_key,
                     keel_decimal price, keel_decimal quantity)
{
    bool there = keel_decimal_is_positive(quantity);
    if (there)
        keel_json_put_decimal(json, price_key, price);
    else
        keel_json_put_text(json, price_key, "");
    keel_json_put_decimal(json, size_key, there ? quantity : KEEL_DECIMAL_ZERO);
}

static keel_decimal change_percent(const struct paper_bar *day)
{
    if (!keel_decimal_is_positive(day->open))
        return KEEL_DECIMAL_ZERO;
    keel_decimal change =
        keel_decimal_mul_div(keel_decimal_sub(day->close, day->open), keel_decimal_from_int(100),
                             day->open, KEEL_ROUND_HALF_EVEN);
    return keel_decimal_round_to_digits(change, 2, KEEL_ROUND_HALF_EVEN);
}

void gateio_put_spot_ticker(struct keel_writer *json, const struct paper_gateio *gateio,
                            keel_market_id pair, int64_t now_ms)
{
    struct paper_ticker ticker;
    struct paper_bar day = {0};
    paper_spot_get_ticker(gateio->spot, pair, &ticker);
    (void)paper_tape_day(&gateio->pair_tapes[pair], now_ms, &day);
    keel_json_put_text(json, "currency_pair", pair_of(gateio, pair)->symbol);
    keel_json_put_decimal(json, "last", ticker.last_price);
    put_best(json, "lowest_ask", "lowest_size", ticker.ask_price, ticker.ask_quantity);
    put_best(json, "highest_bid", "highest_size", ticker.bid_price, ticker.bid_quantity);
    keel_json_put_decimal(json, "change_percentage", change_percent(&day));
    keel_json_put_decimal(json, "base_volume", gateio_or_zero(day.volume));
    keel_json_put_decimal(json, "quote_volume", gateio_or_zero(day.quote_volume));
    keel_json_put_decimal(json, "high_24h", gateio_or_zero(day.high));
    keel_json_put_decimal(json, "low_24h", gateio_or_zero(day.low));
}

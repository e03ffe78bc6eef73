/* render_orders.c - rows of orders and trades, of trigger orders, and of how positions ended. */
#include "paper/gateio/render.h"

#include <stdio.h>

/* --- Orders ------------------------------------------------------------------------------------
 */

static bool is_open(const struct paper_order *order)
{
    return order->status == PAPER_ORDER_NEW || order->status == PAPER_ORDER_PARTIALLY_FILLED;
}

static const char *expiry_word(const struct paper_order *order)
{
    bool rests = order->type == KEEL_LIMIT && order->time_in_force != KEEL_IOC &&
                 order->time_in_force != KEEL_FOK;
    switch (order->expiry) {
    case PAPER_EXPIRY_SELF_TRADE:
    case PAPER_EXPIRY_IOC_SELF_TRADE: return "stp";
    case PAPER_EXPIRY_LIQUIDATION: return "liquidated";
    case PAPER_EXPIRY_DELEVERAGING: return "auto_deleveraged";
    case PAPER_EXPIRY_REDUCE_ONLY:
        if (order->position_gone)
            return "position_closed";
        return rests ? "reduce_out" : "reduce_only";
    case PAPER_EXPIRY_NONE:
    case PAPER_EXPIRY_IOC:
    case PAPER_EXPIRY_MARKET: break;
    }
    return rests ? "cancelled" : "ioc";
}

const char *gateio_finish_as(const struct paper_order *order)
{
    switch (order->status) {
    case PAPER_ORDER_NONE:
    case PAPER_ORDER_NEW:
    case PAPER_ORDER_PARTIALLY_FILLED: return "";
    case PAPER_ORDER_FILLED:
        return order->cause == KEEL_CAUSE_DELEVERAGING ? "auto_deleveraged" : "filled";
    case PAPER_ORDER_CANCELED:
    case PAPER_ORDER_REJECTED: return "cancelled";
    case PAPER_ORDER_EXPIRED:
    case PAPER_ORDER_EXPIRED_IN_MATCH: return expiry_word(order);
    }
    return "";
}

const char *gateio_tif(const struct paper_order *order)
{
    if (order->type == KEEL_MARKET)
        return "ioc";
    switch (order->time_in_force) {
    case KEEL_IOC: return "ioc";
    case KEEL_FOK: return "fok";
    case KEEL_GTX: return "poc";
    case KEEL_TIME_IN_FORCE_NONE:
    case KEEL_GTC:
    case KEEL_GTD:
    case KEEL_RPI: break;
    }
    return "gtc";
}

/* The engine names an order for want of a text; such a name is not the venue's. */
static void write_text(const struct paper_gateio *gateio, int64_t order_id, enum keel_cause cause,
                       const char *client_id, char buffer[KEEL_CLIENT_ID_SIZE])
{
    const char *text = client_id;
    if (cause == KEEL_CAUSE_DELEVERAGING)
        text = "auto_deleveraging";
    else if (client_id[0] != 't' || client_id[1] != '-')
        text = gateio_record_note(&gateio->record, order_id)->by_stream ? "apiv4-ws" : "api";
    if (cause == KEEL_CAUSE_LIQUIDATION)
        (void)snprintf(buffer, KEEL_CLIENT_ID_SIZE, "liq-%lld", (long long)order_id);
    else
        (void)keel_str_copy(keel_str_from(text), buffer, KEEL_CLIENT_ID_SIZE);
}

void gateio_order_text(const struct paper_gateio *gateio, const struct paper_order *order,
                       char buffer[KEEL_CLIENT_ID_SIZE])
{
    write_text(gateio, order->id, order->cause, order->client_id, buffer);
}

static keel_decimal average_price(const struct paper_order *order)
{
    return gateio_ratio(order->filled_quote, order->filled_quantity, GATEIO_ENTRY_DIGITS);
}

static keel_decimal signed_of(enum keel_side side, keel_decimal quantity)
{
    return side == KEEL_BUY ? quantity : keel_decimal_neg(quantity);
}

static void put_order_sizes(struct keel_writer *json, const struct paper_order *order,
                            const struct gateio_order_note *note, struct gateio_form form)
{
    keel_decimal left = keel_decimal_sub(order->quantity, order->filled_quantity);
    bool at_market = order->type == KEEL_MARKET || note->at_market;
    gateio_put_size(json, "size", order->market, signed_of(order->side, order->quantity), form);
    gateio_put_size(json, "left", order->market, signed_of(order->side, left), form);
    gateio_put_contracts(json, "iceberg", note->iceberg, form);
    gateio_put_money(json, "price", at_market ? KEEL_DECIMAL_ZERO : order->price, form);
    gateio_put_money(json, "fill_price", average_price(order), form);
    keel_json_put_text(json, "tif", gateio_tif(order));
}

static void put_order_fees(struct keel_writer *json, const struct paper_gateio *gateio,
                           const struct paper_order *order, struct gateio_form form)
{
    const struct paper_instrument *instrument =
        paper_engine_instrument(gateio->engine, order->market);
    gateio_put_money(json, "tkfr", instrument->taker_fee, form);
    gateio_put_money(json, "mkfr", instrument->maker_fee, form);
    keel_json_put_int(json, "refu", 0);
    gateio_put_money(json, "refr", KEEL_DECIMAL_ZERO, form);
}

static void put_order_flags(struct keel_writer *json, const struct paper_order *order,
                            const struct gateio_order_note *note)
{
    keel_json_put_bool(json, "is_reduce_only", order->reduce_only);
    keel_json_put_bool(json, "is_close", note->is_close || order->close_position);
    keel_json_put_bool(json, "is_liq", order->cause == KEEL_CAUSE_LIQUIDATION);
}

/* One more with each fill, amendment and end, so that a later state has the larger one. */
static int64_t update_id_of(const struct paper_order *order)
{
    bool dropped = !is_open(order) && order->status != PAPER_ORDER_FILLED;
    return 1 + order->fills + order->amendments + dropped;
}

static void put_order_words(struct keel_writer *json, const struct paper_order *order,
                            const struct gateio_order_note *note, struct gateio_form form)
{
    char tag[2 * GATEIO_AMEND_TEXT_SIZE] = "-";
    if (note->channel_id[0])
        (void)snprintf(tag, sizeof(tag), "ch:%s", note->channel_id);
    if (form.stream)
        keel_json_put_text(json, "stp_id", "0");
    else
        keel_json_put_int(json, "stp_id", 0);
    keel_json_put_text(json, "stp_act", "-");
    keel_json_put_text(json, "amend_text", note->amend_text[0] ? note->amend_text : "-");
    keel_json_put_text(json, "biz_info", tag);
    keel_json_put_int(json, "update_id", update_id_of(order));
}

/* An open order repeats its creation as its end on the stream, as the live venue does. */
static void put_stream_times(struct keel_writer *json, const struct paper_order *order)
{
    int64_t finish_ms = is_open(order) ? order->create_time_ms : order->update_time_ms;
    keel_json_put_int(json, "create_time", order->create_time_ms / 1000);
    keel_json_put_int(json, "create_time_ms", order->create_time_ms);
    keel_json_put_int(json, "finish_time", finish_ms / 1000);
    keel_json_put_int(json, "finish_time_ms", finish_ms);
    keel_json_put_int(json, "update_time", order->update_time_ms);
}

static void put_rest_times(struct keel_writer *json, const struct paper_order *order)
{
    gateio_put_seconds(json, "create_time", order->create_time_ms);
    gateio_put_seconds(json, "update_time", order->update_time_ms);
    if (!is_open(order))
        gateio_put_seconds(json, "finish_time", order->update_time_ms);
}

static void put_order_state(struct keel_writer *json, const struct paper_order *order,
                            struct gateio_form form)
{
    keel_json_put_text(json, "status", is_open(order) ? "open" : "finished");
    if (!is_open(order))
        keel_json_put_text(json, "finish_as", gateio_finish_as(order));
    else if (form.stream)
        keel_json_put_text(json, "finish_as",
                           order->fills + order->amendments == 0 ? "_new" : "_update");
}

void gateio_put_order_members(struct keel_writer *json, const struct paper_gateio *gateio,
                              const struct paper_order *order, struct gateio_form form)
{
    const struct gateio_order_note *note = gateio_record_note(&gateio->record, order->id);
    char text[KEEL_CLIENT_ID_SIZE];
    gateio_order_text(gateio, order, text);
    keel_json_put_int(json, "id", order->id);
    gateio_put_user(json, order->account, form);
    gateio_put_contract_name(json, order->market);
    if (form.stream)
        put_stream_times(json, order);
    else
        put_rest_times(json, order);
    put_order_state(json, order, form);
    put_order_sizes(json, order, note, form);
    put_order_fees(json, gateio, order, form);
    put_order_flags(json, order, note);
    keel_json_put_text(json, "text", text);
    put_order_words(json, order, note, form);
    if (form.stream) {
        keel_json_put_text(json, "stop_profit_price", "");
        keel_json_put_text(json, "stop_loss_price", "");
    }
}

void gateio_put_order(struct keel_writer *json, const char *key, const struct paper_gateio *gateio,
                      const struct paper_order *order, struct gateio_form form)
{
    keel_json_open_object(json, key);
    gateio_put_order_members(json, gateio, order, form);
    keel_json_close_object(json);
}

void gateio_put_trade(struct keel_writer *json, const struct paper_gateio *gateio,
                      const struct paper_trade *trade, bool by_range, struct gateio_form form)
{
    char text[KEEL_CLIENT_ID_SIZE];
    write_text(gateio, trade->order_id, trade->cause, trade->client_id, text);
    keel_json_open_object(json, NULL);
    if (by_range)
        gateio_put_int_text(json, "trade_id", trade->id);
    else
        keel_json_put_int(json, "id", trade->id);
    gateio_put_seconds(json, "create_time", trade->time_ms);
    gateio_put_contract_name(json, trade->market);
    gateio_put_int_text(json, "order_id", trade->order_id);
    gateio_put_size(json, "size", trade->market, signed_of(trade->side, trade->quantity), form);
    gateio_put_size(json, "close_size", trade->market,
                    signed_of(trade->side, trade->closed_quantity), form);
    keel_json_put_decimal(json, "price", trade->price);
    keel_json_put_text(json, "role", trade->maker ? "maker" : "taker");
    keel_json_put_text(json, "text", text);
    keel_json_put_decimal(json, "fee", trade->fee);
    keel_json_put_text(json, "point_fee", "0");
    keel_json_put_decimal(json, "trade_value", trade->quote);
    keel_json_close_object(json);
}

/* --- Trigger orders ----------------------------------------------------------------------------
 */

/* Upwards is rule 1, downwards 2. */
static int rule_of(const struct paper_conditional *conditional)
{
    bool stop = conditional->type == KEEL_STOP_LIMIT || conditional->type == KEEL_STOP_MARKET;
    return stop == (conditional->side == KEEL_BUY) ? 1 : 2;
}

static const char *trigger_finish_as(const struct paper_conditional *conditional)
{
    switch (conditional->status) {
    case PAPER_CONDITIONAL_NONE:
    case PAPER_CONDITIONAL_NEW: return "";
    case PAPER_CONDITIONAL_TRIGGERING:
    case PAPER_CONDITIONAL_TRIGGERED:
    case PAPER_CONDITIONAL_FINISHED: return "succeeded";
    case PAPER_CONDITIONAL_CANCELED: return "cancelled";
    case PAPER_CONDITIONAL_REJECTED: return "failed";
    case PAPER_CONDITIONAL_EXPIRED: return "expired";
    }
    return "";
}

static void put_trigger(struct keel_writer *json, const struct paper_conditional *conditional,
                        const struct gateio_trigger_note *note)
{
    int64_t life_ms = conditional->expires_ms - conditional->create_time_ms;
    int source = conditional->trigger_source == KEEL_TRIGGER_MARK ? 1 : 0;
    keel_json_open_object(json, "trigger");
    keel_json_put_int(json, "strategy_type", 0);
    keel_json_put_int(json, "price_type", note->by_index ? 2 : source);
    keel_json_put_decimal(json, "price", conditional->trigger_price);
    keel_json_put_int(json, "rule", rule_of(conditional));
    keel_json_put_int(json, "expiration", conditional->expires_ms == 0 ? 0 : life_ms / 1000);
    keel_json_close_object(json);
}

static void put_initial(struct keel_writer *json, const struct paper_conditional *conditional,
                        const struct gateio_trigger_note *note, struct gateio_form form)
{
    bool named = conditional->client_id[0] == 't' && conditional->client_id[1] == '-';
    bool market = !keel_decimal_is_valid(conditional->price);
    keel_decimal size = signed_of(conditional->side, conditional->quantity);
    const struct gateio_form whole = {.decimal_sizes = true};
    keel_json_open_object(json, "initial");
    gateio_put_contract_name(json, conditional->market);
    gateio_put_size(json, "size", conditional->market, size, form);
    gateio_put_size(json, "amount", conditional->market, size, whole);
    keel_json_put_decimal(json, "price", gateio_or_zero(conditional->price));
    keel_json_put_text(json, "tif",
                       market || conditional->time_in_force == KEEL_IOC ? "ioc" : "gtc");
    keel_json_put_text(json, "text", named ? conditional->client_id : "");
    gateio_put_contracts(json, "iceberg", KEEL_DECIMAL_ZERO, form);
    keel_json_put_text(json, "iceberg_amount", "0");
    keel_json_put_bool(json, "is_close", conditional->close_position);
    keel_json_put_bool(json, "is_reduce_only", conditional->reduce_only);
    keel_json_put_text(json, "auto_size", note->auto_size);
    keel_json_close_object(json);
}

/* Times of trigger orders are microseconds. */
static void put_trigger_times(struct keel_writer *json, const struct paper_conditional *conditional)
{
    bool open = conditional->status == PAPER_CONDITIONAL_NEW;
    keel_json_put_int(json, "create_time", conditional->create_time_ms * 1000);
    keel_json_put_int(json, "finish_time", open ? 0 : conditional->update_time_ms * 1000);
    keel_json_put_int(json, "trigger_time", conditional->trigger_time_ms * 1000);
}

static const char *reject_label(const struct paper_conditional *conditional)
{
    return conditional->status == PAPER_CONDITIONAL_REJECTED ? gateio_label_of(conditional->reject)
                                                             : "";
}

/* Nothing where there is none. */
static void put_id_text(struct keel_writer *json, const char *key, int64_t id)
{
    if (id == 0)
        keel_json_put_text(json, key, "");
    else
        gateio_put_int_text(json, key, id);
}

/* None is attached to another order. */
static void put_attachment(struct keel_writer *json, struct gateio_form form)
{
    if (form.stream) {
        keel_json_put_text(json, "name", "price_autoorders");
        gateio_put_int_text(json, "me_order_id", 0);
    } else {
        keel_json_put_int(json, "me_order_id", 0);
        put_id_text(json, "me_order_id_string", 0);
    }
    keel_json_put_bool(json, "is_stop_order", false);
    keel_json_open_object(json, "stop_trigger");
    keel_json_put_int(json, "rule", 0);
    keel_json_put_text(json, "trigger_price", "");
    keel_json_put_text(json, "order_price", "");
    keel_json_close_object(json);
}

void gateio_put_trigger(struct keel_writer *json, const char *key,
                        const struct paper_gateio *gateio,
                        const struct paper_conditional *conditional, struct gateio_form form)
{
    const struct gateio_trigger_note *note =
        gateio_record_trigger_note(&gateio->record, conditional->id);
    bool open = conditional->status == PAPER_CONDITIONAL_NEW;
    keel_json_open_object(json, key);
    keel_json_put_int(json, "id", conditional->id);
    gateio_put_int_text(json, "id_string", conditional->id);
    keel_json_put_int(json, "user", gateio_user_id(conditional->account));
    put_trigger(json, conditional, note);
    put_initial(json, conditional, note, form);
    keel_json_put_text(json, "status", open ? "open" : "finished");
    keel_json_put_text(json, "finish_as", trigger_finish_as(conditional));
    keel_json_put_text(json, "reason", reject_label(conditional));
    put_trigger_times(json, conditional);
    keel_json_put_int(json, "trade_id", conditional->child_id);
    put_id_text(json, "trade_id_string", conditional->child_id);
    put_attachment(json, form);
    keel_json_put_text(json, "order_type", note->order_type);
    keel_json_put_text(json, "direction", conditional->side == KEEL_BUY ? "long" : "short");
    keel_json_close_object(json);
}

/* --- What ended --------------------------------------------------------------------------------
 */

void gateio_put_position_close(struct keel_writer *json, const struct paper_gateio *gateio,
                               const struct gateio_position_close *close, struct gateio_form form)
{
    char text[KEEL_CLIENT_ID_SIZE];
    const struct gateio_life *life = &close->life;
    keel_decimal entry = gateio_ratio(life->opened_quote, life->opened, GATEIO_ENTRY_DIGITS);
    keel_decimal exit = gateio_ratio(life->closed_quote, life->closed, GATEIO_ENTRY_DIGITS);
    keel_json_open_object(json, NULL);
    gateio_put_contract_name(json, close->market);
    gateio_put_money(json, "pnl", life->last_close_pnl, form);
    keel_json_put_text(json, "side", close->was_long ? "long" : "short");
    write_text(gateio, close->order_id, close->cause, close->text, text);
    keel_json_put_text(json, "text", text);
    if (form.stream) {
        gateio_put_time(json, life->close_time_ms, form);
        gateio_put_user(json, close->account, form);
        keel_json_close_object(json);
        return;
    }
    gateio_put_seconds(json, "time", life->close_time_ms);
    keel_json_put_decimal(json, "pnl_pnl", life->pnl);
    keel_json_put_decimal(json, "pnl_fee", keel_decimal_neg(life->fees));
    keel_json_put_decimal(json, "pnl_fund", life->funding);
    keel_json_put_decimal(json, "max_size", gateio_contracts_of(close->market, life->quantity_max));
    keel_json_put_decimal(json, "accum_size", gateio_contracts_of(close->market, life->opened));
    keel_json_put_int(json, "first_open_time", life->open_time_ms / 1000);
    keel_json_put_decimal(json, "long_price", close->was_long ? entry : exit);
    keel_json_put_decimal(json, "short_price", close->was_long ? exit : entry);
    keel_json_close_object(json);
}

static keel_decimal leverage_of(const struct paper_position *position)
{
    return position->margin_mode == KEEL_ISOLATED ? keel_decimal_from_int(position->leverage)
                                                  : KEEL_DECIMAL_ZERO;
}

static keel_decimal rounded(keel_decimal price)
{
    return keel_decimal_round_to_digits(gateio_or_zero(price), GATEIO_ENTRY_DIGITS,
                                        KEEL_ROUND_HALF_EVEN);
}

void gateio_put_liquidation(struct keel_writer *json, const struct gateio_forced *forced,
                            struct gateio_form form)
{
    const struct paper_order *order = &forced->order;
    keel_decimal left = keel_decimal_sub(order->quantity, order->filled_quantity);
    keel_json_open_object(json, NULL);
    gateio_put_time(json, forced->time_ms, form);
    gateio_put_contract_name(json, forced->market);
    if (form.stream)
        gateio_put_user(json, forced->account, form);
    gateio_put_size(json, "size", forced->market, forced->position.quantity, form);
    gateio_put_money(json, "leverage", leverage_of(&forced->position), form);
    gateio_put_money(json, "margin", forced->position.backing, form);
    gateio_put_money(json, "entry_price", rounded(forced->position.entry_price), form);
    gateio_put_money(json, "liq_price", rounded(forced->position.liquidation_price), form);
    gateio_put_money(json, "mark_price", forced->mark_price, form);
    keel_json_put_int(json, "order_id", order->id);
    gateio_put_money(json, "order_price", order->price, form);
    gateio_put_money(json, "fill_price", average_price(order), form);
    gateio_put_size(json, "left", forced->market, signed_of(order->side, left), form);
    keel_json_close_object(json);
}

void gateio_put_deleveraging(struct keel_writer *json, const struct gateio_forced *forced,
                             struct gateio_form form)
{
    const struct paper_order *order = &forced->order;
    keel_decimal traded = signed_of(order->side, order->filled_quantity);
    keel_json_open_object(json, NULL);
    gateio_put_time(json, forced->time_ms, form);
    gateio_put_user(json, forced->account, form);
    gateio_put_contract_name(json, forced->market);
    gateio_put_money(json, "entry_price", rounded(forced->position.entry_price), form);
    gateio_put_money(json, "fill_price", average_price(order), form);
    gateio_put_size(json, "trade_size", forced->market, traded, form);
    gateio_put_size(json, "position_size", forced->market,
                    keel_decimal_add(forced->position.quantity, traded), form);
    if (!form.stream) {
        keel_json_put_int(json, "order_id", order->id);
        keel_json_put_decimal(json, "leverage", leverage_of(&forced->position));
        keel_json_put_text(json, "cross_leverage_limit", "0");
    }
    keel_json_close_object(json);
}

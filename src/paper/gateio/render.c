#include "paper/gateio/render.h"

#include <stdio.h>

enum {
    ENTRY_DIGITS = 12, /* of average prices */
};

/* --- Values ------------------------------------------------------------------------------------
 */

static keel_decimal or_zero(keel_decimal value)
{
    return keel_decimal_is_valid(value) ? value : KEEL_DECIMAL_ZERO;
}

/* "-0.0000000125" becomes "-1.25e-8". Returns its size. */
static size_t write_exponent(char *text)
{
    char digits[KEEL_DECIMAL_TEXT_SIZE] = "";
    const char *point = strchr(text, '.');
    const char *first = point + 1 + strspn(point + 1, "0");
    int exponent = (int)(first - point);
    (void)keel_str_copy(keel_str_from(first), digits, sizeof(digits));
    return (size_t)snprintf(text, KEEL_DECIMAL_TEXT_SIZE, "%s%c%s%se-%d", text[0] == '-' ? "-" : "",
                            digits[0], digits[1] == '\0' ? "" : ".", digits + 1, exponent);
}

void gateio_put_number(struct keel_writer *json, const char *key, keel_decimal value)
{
    static const char millionth[] = "0.000001";
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal magnitude = keel_decimal_abs(or_zero(value));
    size_t size = keel_decimal_format(or_zero(value), text);
    if (keel_decimal_is_positive(magnitude) &&
        keel_decimal_compare(magnitude, keel_decimal_from_text(millionth)) < 0)
        size = write_exponent(text);
    keel_json_put_raw(json, key, (keel_str){text, size});
}

void gateio_put_money(struct keel_writer *json, const char *key, keel_decimal value,
                      struct gateio_form form)
{
    if (form.stream)
        gateio_put_number(json, key, value);
    else
        keel_json_put_decimal(json, key, or_zero(value));
}

void gateio_put_contracts(struct keel_writer *json, const char *key, keel_decimal contracts,
                          struct gateio_form form)
{
    if (form.decimal_sizes)
        keel_json_put_decimal(json, key, or_zero(contracts));
    else
        gateio_put_number(json, key,
                          keel_decimal_round_to_digits(or_zero(contracts), 0, KEEL_ROUND_DOWN));
}

void gateio_put_size(struct keel_writer *json, const char *key, keel_market_id market,
                     keel_decimal quantity, struct gateio_form form)
{
    if (form.spot) {
        keel_json_put_decimal(json, key, or_zero(quantity));
        return;
    }
    gateio_put_contracts(json, key, gateio_contracts_of(market, or_zero(quantity)), form);
}

void gateio_put_seconds(struct keel_writer *json, const char *key, int64_t time_ms)
{
    keel_decimal seconds = keel_decimal_div(keel_decimal_from_int(time_ms),
                                            keel_decimal_from_int(1000), KEEL_ROUND_DOWN);
    gateio_put_number(json, key, seconds);
}

void gateio_put_int_text(struct keel_writer *json, const char *key, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)value);
    keel_json_put_text(json, key, text);
}

static void put_contract_name(struct keel_writer *json, keel_market_id market)
{
    keel_json_put_string(json, "contract", gateio_contract_get(market)->name);
}

/* A number over REST, text on private channels. */
static void put_user(struct keel_writer *json, int account, struct gateio_form form)
{
    if (form.stream)
        gateio_put_int_text(json, "user", gateio_user_id(account));
    else
        keel_json_put_int(json, "user", gateio_user_id(account));
}

/* Whole seconds and, on private channels, milliseconds beside them. */
static void put_time(struct keel_writer *json, int64_t time_ms, struct gateio_form form)
{
    keel_json_put_int(json, "time", time_ms / 1000);
    if (form.stream)
        keel_json_put_int(json, "time_ms", time_ms);
}

static keel_decimal ratio(keel_decimal a, keel_decimal b, int digits)
{
    if (keel_decimal_is_zero(b))
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_round_to_digits(keel_decimal_div(a, b, KEEL_ROUND_HALF_EVEN), digits,
                                        KEEL_ROUND_HALF_EVEN);
}

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
        if (order->cause == KEEL_CAUSE_LIQUIDATION)
            return "liquidated";
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
    return ratio(order->filled_quote, order->filled_quantity, ENTRY_DIGITS);
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
    put_user(json, order->account, form);
    put_contract_name(json, order->market);
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
    put_contract_name(json, trade->market);
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

/* --- Positions ---------------------------------------------------------------------------------
 */

const char *gateio_mode_of(const struct paper_position *position)
{
    if (position->side == KEEL_LONG)
        return "dual_long";
    return position->side == KEEL_SHORT ? "dual_short" : "single";
}

/* Leverage 0 is cross, and its own limit then says how far. */
static void put_leverage(struct keel_writer *json, const struct paper_gateio *gateio,
                         const struct paper_position *position, struct gateio_form form)
{
    bool isolated = position->margin_mode == KEEL_ISOLATED;
    int limit = gateio->accounts[position->account].cross_limit[position->market];
    keel_decimal effective = keel_decimal_from_int(position->leverage);
    gateio_put_money(json, "leverage", isolated ? effective : KEEL_DECIMAL_ZERO, form);
    gateio_put_money(json, "cross_leverage_limit",
                     isolated ? KEEL_DECIMAL_ZERO : keel_decimal_from_int(limit), form);
    if (form.stream)
        return;
    keel_json_put_decimal(json, "lever", effective);
    keel_json_put_text(json, "pos_margin_mode", isolated ? "isolated" : "cross");
}

static void put_tier(struct keel_writer *json, const struct paper_gateio *gateio,
                     const struct paper_position *position, struct gateio_form form)
{
    const struct paper_instrument *instrument =
        paper_engine_instrument(gateio->engine, position->market);
    keel_decimal value = keel_decimal_abs(position->notional);
    const struct keel_bracket *tier = paper_instrument_bracket(instrument, value);
    gateio_put_money(json, "leverage_max", keel_decimal_from_int(tier->leverage_max), form);
    gateio_put_money(json, "risk_limit", position->notional_max, form);
    gateio_put_money(json, "maintenance_rate", tier->maintenance_ratio, form);
    if (form.stream)
        return;
    keel_decimal less = ratio(tier->maintenance_amount, value, ENTRY_DIGITS);
    char table[KEEL_SYMBOL_SIZE];
    gateio_table_name(position->market, table);
    keel_json_put_decimal(json, "average_maintenance_rate",
                          keel_decimal_sub(tier->maintenance_ratio, less));
    keel_json_put_text(json, "risk_limit_table", table);
}

/* Of this position since it was opened, and of those before it. */
static void put_results(struct keel_writer *json, const struct paper_gateio *gateio,
                        const struct paper_position *position, struct gateio_form form)
{
    const struct gateio_life *life =
        gateio_record_life(&gateio->record, position->account, position->market, position->side);
    bool flat = keel_decimal_is_zero(position->quantity);
    keel_decimal pnl = flat ? KEEL_DECIMAL_ZERO : position->realized_pnl;
    keel_decimal fees = flat ? KEEL_DECIMAL_ZERO : keel_decimal_neg(position->fees);
    keel_decimal funding = flat ? KEEL_DECIMAL_ZERO : position->funding;
    keel_decimal total = keel_decimal_add(pnl, keel_decimal_add(fees, funding));
    gateio_put_money(json, "realised_pnl", total, form);
    gateio_put_money(json, "history_pnl", life->history_pnl, form);
    gateio_put_money(json, "last_close_pnl", life->last_close_pnl, form);
    gateio_put_money(json, "realised_point", KEEL_DECIMAL_ZERO, form);
    gateio_put_money(json, "history_point", KEEL_DECIMAL_ZERO, form);
    if (form.stream)
        return;
    keel_json_put_decimal(json, "pnl_pnl", pnl);
    keel_json_put_decimal(json, "pnl_fund", funding);
    keel_json_put_decimal(json, "pnl_fee", fees);
    keel_json_put_int(json, "open_time", flat ? 0 : life->open_time_ms / 1000);
}

static const struct paper_order *find_close_order(const struct paper_gateio *gateio,
                                                  const struct paper_position *position)
{
    const struct paper_order *order = NULL;
    while ((order = paper_engine_next_open_order(gateio->engine, position->account,
                                                 position->market, order))) {
        if (order->position_side == position->side &&
            (order->close_position || gateio_record_note(&gateio->record, order->id)->is_close))
            return order;
    }
    return NULL;
}

static void put_close_order(struct keel_writer *json, const struct paper_gateio *gateio,
                            const struct paper_position *position)
{
    const struct paper_order *order = find_close_order(gateio, position);
    if (!order) {
        keel_json_put_null(json, "close_order");
        return;
    }
    keel_json_open_object(json, "close_order");
    keel_json_put_int(json, "id", order->id);
    keel_json_put_decimal(json, "price", or_zero(order->price));
    keel_json_put_bool(json, "is_liq", order->cause == KEEL_CAUSE_LIQUIDATION);
    keel_json_close_object(json);
}

/* What follows from the mark is not told on the stream. */
static void put_at_mark(struct keel_writer *json, const struct paper_gateio *gateio,
                        const struct paper_position *position)
{
    bool flat = keel_decimal_is_zero(position->quantity);
    keel_json_put_decimal(json, "value", keel_decimal_abs(position->notional));
    keel_json_put_decimal(json, "mark_price", position->mark_price);
    keel_json_put_decimal(json, "unrealised_pnl", position->unrealized_pnl);
    keel_json_put_decimal(json, "initial_margin", position->position_margin);
    keel_json_put_decimal(json, "maintenance_margin", position->maintenance_margin);
    keel_json_put_int(json, "adl_ranking", flat ? 6 : 5 - position->adl_rank);
    keel_json_put_int(json, "pending_orders", position->open_orders);
    put_close_order(json, gateio, position);
}

void gateio_put_position(struct keel_writer *json, const char *key,
                         const struct paper_gateio *gateio, const struct paper_position *position,
                         struct gateio_form form)
{
    const struct gateio_life *life =
        gateio_record_life(&gateio->record, position->account, position->market, position->side);
    keel_decimal entry =
        keel_decimal_round_to_digits(position->entry_price, ENTRY_DIGITS, KEEL_ROUND_HALF_EVEN);
    keel_decimal liquidation = keel_decimal_round_to_digits(or_zero(position->liquidation_price),
                                                            ENTRY_DIGITS, KEEL_ROUND_HALF_EVEN);
    keel_json_open_object(json, key);
    put_user(json, position->account, form);
    put_contract_name(json, position->market);
    gateio_put_size(json, "size", position->market, position->quantity, form);
    put_leverage(json, gateio, position, form);
    put_tier(json, gateio, position, form);
    gateio_put_money(json, "margin", position->backing, form);
    gateio_put_money(json, "entry_price", entry, form);
    gateio_put_money(json, "liq_price", liquidation, form);
    put_results(json, gateio, position, form);
    if (!form.stream)
        put_at_mark(json, gateio, position);
    keel_json_put_text(json, "mode", gateio_mode_of(position));
    keel_json_put_int(json, "update_id", life->update_id);
    if (form.stream)
        put_time(json, position->update_time_ms, form);
    else
        keel_json_put_int(json, "update_time", position->update_time_ms / 1000);
    keel_json_close_object(json);
}

/* --- Account and ledger ------------------------------------------------------------------------
 */

const char *gateio_ledger_type(enum keel_income_kind kind)
{
    switch (kind) {
    case KEEL_INCOME_TRANSFER: return "dnw";
    case KEEL_INCOME_COMMISSION: return "fee";
    case KEEL_INCOME_FUNDING: return "fund";
    case KEEL_INCOME_OTHER:
    case KEEL_INCOME_REALIZED_PNL:
    case KEEL_INCOME_INSURANCE_CLEAR: break;
    }
    return "pnl";
}

static keel_decimal sum_of(const struct paper_gateio *gateio, int account, const char *type)
{
    const struct paper_query query = {.account = account};
    const struct paper_income *row = NULL;
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    while ((row = paper_engine_next_income(gateio->engine, &query, row))) {
        if (strcmp(gateio_ledger_type(row->kind), type) == 0)
            sum = keel_decimal_add(sum, row->amount);
    }
    return sum;
}

static void put_history(struct keel_writer *json, const struct paper_gateio *gateio, int account)
{
    static const char *const moved[] = {"dnw", "pnl", "fee", "fund"};
    static const char *const never[] = {"refr",      "point_dnw",    "point_fee",   "point_refr",
                                        "bonus_dnw", "bonus_offset", "cross_settle"};
    keel_json_open_object(json, "history");
    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++)
        keel_json_put_decimal(json, moved[i], sum_of(gateio, account, moved[i]));
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        keel_json_put_text(json, never[i], "0");
    keel_json_close_object(json);
}

struct cross_sums {
    keel_decimal initial, orders, isolated;
};

static void add_position(const struct paper_gateio *gateio, int account, keel_market_id market,
                         enum keel_position_side side, struct cross_sums *sums)
{
    struct paper_position position;
    paper_engine_get_leg(gateio->engine, account, market, side, &position);
    if (position.margin_mode == KEEL_ISOLATED) {
        sums->isolated = keel_decimal_add(sums->isolated, position.isolated_wallet);
        return;
    }
    sums->initial = keel_decimal_add(sums->initial, position.position_margin);
    sums->orders = keel_decimal_add(sums->orders, position.order_margin);
}

static struct cross_sums sum_positions(const struct paper_gateio *gateio, int account)
{
    struct cross_sums sums = {0};
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_CONTRACTS; id++) {
        for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++)
            add_position(gateio, account, id, side, &sums);
    }
    return sums;
}

static void put_cross(struct keel_writer *json, const struct paper_account *view,
                      const struct cross_sums *sums)
{
    keel_decimal balance = keel_decimal_add(view->cross_wallet, view->cross_unrealized);
    keel_json_put_decimal(json, "cross_order_margin", sums->orders);
    keel_json_put_decimal(json, "cross_initial_margin", sums->initial);
    keel_json_put_decimal(json, "cross_maintenance_margin", view->cross_maintenance);
    keel_json_put_decimal(json, "cross_unrealised_pnl", view->cross_unrealized);
    keel_json_put_decimal(json, "cross_available", view->available);
    keel_json_put_decimal(json, "cross_margin_balance", balance);
    keel_json_put_decimal(json, "cross_mmr", ratio(balance, view->cross_maintenance, 4));
    keel_json_put_decimal(json, "cross_imr",
                          ratio(balance, keel_decimal_add(sums->initial, sums->orders), 4));
}

void gateio_put_account(struct keel_writer *json, const struct paper_gateio *gateio, int account)
{
    struct paper_account view;
    struct cross_sums sums = sum_positions(gateio, account);
    paper_engine_get_account(gateio->engine, account, &view);
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "user", gateio_user_id(account));
    keel_json_put_text(json, "currency", "USDT");
    keel_json_put_decimal(json, "total", view.wallet);
    keel_json_put_decimal(json, "available", view.available);
    keel_json_put_decimal(json, "unrealised_pnl", view.unrealized_pnl);
    keel_json_put_decimal(json, "order_margin", view.order_margin);
    keel_json_put_decimal(json, "position_margin", keel_decimal_add(sums.isolated, sums.initial));
    keel_json_put_decimal(json, "position_initial_margin", view.position_margin);
    keel_json_put_decimal(json, "maintenance_margin", view.maintenance_margin);
    keel_json_put_decimal(json, "isolated_position_margin", sums.isolated);
    keel_json_put_text(json, "point", "0");
    keel_json_put_text(json, "bonus", "0");
    keel_json_put_bool(json, "in_dual_mode", view.hedge_mode);
    keel_json_put_text(json, "position_mode", view.hedge_mode ? "dual" : "single");
    keel_json_put_bool(json, "enable_credit", false);
    keel_json_put_bool(json, "enable_dual_plus", false);
    keel_json_put_bool(json, "enable_evolved_classic", true);
    keel_json_put_bool(json, "enable_tiered_mm", true);
    keel_json_put_int(json, "margin_mode", 0);
    put_cross(json, &view, &sums);
    put_history(json, gateio, account);
    keel_json_close_object(json);
}

static void put_ledger_text(struct keel_writer *json, const struct paper_income *income)
{
    char text[KEEL_SYMBOL_SIZE + 24] = "-";
    const struct gateio_contract *contract = gateio_contract_get(income->market);
    if (contract)
        (void)snprintf(text, sizeof(text), "%.*s:%lld", KEEL_STR_ARGS(contract->name),
                       (long long)(income->trade_id != 0 ? income->trade_id : income->id));
    keel_json_put_text(json, "text", text);
}

void gateio_put_ledger(struct keel_writer *json, const struct paper_gateio *gateio,
                       const struct paper_income *income, keel_decimal balance,
                       struct gateio_form form)
{
    (void)gateio;
    const struct gateio_contract *contract = gateio_contract_get(income->market);
    keel_json_open_object(json, NULL);
    if (form.stream)
        put_time(json, income->time_ms, form);
    else
        gateio_put_seconds(json, "time", income->time_ms);
    gateio_put_money(json, "change", income->amount, form);
    gateio_put_money(json, "balance", balance, form);
    keel_json_put_text(json, "type", gateio_ledger_type(income->kind));
    put_ledger_text(json, income);
    if (form.stream) {
        put_user(json, income->account, form);
        keel_json_put_text(json, "currency", "usdt");
    } else {
        keel_json_put_string(json, "contract", contract ? contract->name : KEEL_STR(""));
        gateio_put_int_text(json, "trade_id", income->trade_id);
        gateio_put_int_text(json, "id", income->id);
    }
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
    put_contract_name(json, conditional->market);
    gateio_put_size(json, "size", conditional->market, size, form);
    gateio_put_size(json, "amount", conditional->market, size, whole);
    keel_json_put_decimal(json, "price", or_zero(conditional->price));
    keel_json_put_text(json, "tif",
                       market || conditional->time_in_force == KEEL_IOC ? "ioc" : "gtc");
    keel_json_put_text(json, "text", named ? conditional->client_id : "");
    gateio_put_contracts(json, "iceberg", KEEL_DECIMAL_ZERO, form);
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
    gateio_put_int_text(json, "trade_id_string", conditional->child_id);
    if (form.stream) {
        keel_json_put_text(json, "name", "price_autoorders");
        gateio_put_int_text(json, "me_order_id", 0);
    } else {
        keel_json_put_int(json, "me_order_id", 0);
        gateio_put_int_text(json, "me_order_id_string", 0);
    }
    keel_json_put_bool(json, "is_stop_order", note->order_type[0] != '\0');
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
    keel_decimal entry = ratio(life->opened_quote, life->opened, ENTRY_DIGITS);
    keel_decimal exit = ratio(life->closed_quote, life->closed, ENTRY_DIGITS);
    keel_json_open_object(json, NULL);
    put_contract_name(json, close->market);
    gateio_put_money(json, "pnl", life->last_close_pnl, form);
    keel_json_put_text(json, "side", close->was_long ? "long" : "short");
    write_text(gateio, close->order_id, close->cause, close->text, text);
    keel_json_put_text(json, "text", text);
    if (form.stream) {
        put_time(json, life->close_time_ms, form);
        put_user(json, close->account, form);
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
    return keel_decimal_round_to_digits(or_zero(price), ENTRY_DIGITS, KEEL_ROUND_HALF_EVEN);
}

void gateio_put_liquidation(struct keel_writer *json, const struct gateio_forced *forced,
                            struct gateio_form form)
{
    const struct paper_order *order = &forced->order;
    keel_decimal left = keel_decimal_sub(order->quantity, order->filled_quantity);
    keel_json_open_object(json, NULL);
    put_time(json, forced->time_ms, form);
    put_contract_name(json, forced->market);
    if (form.stream)
        put_user(json, forced->account, form);
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
    put_time(json, forced->time_ms, form);
    put_user(json, forced->account, form);
    put_contract_name(json, forced->market);
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

/* --- Public rows -------------------------------------------------------------------------------
 */

int64_t gateio_funding_time(const struct paper_gateio *gateio, const struct paper_ticker *ticker,
                            int64_t now_ms)
{
    int64_t speed = gateio->speed > 0 ? gateio->speed : 1;
    return now_ms + ticker->funding_ms / speed;
}

static void put_contract_rules(struct keel_writer *json, const struct gateio_contract *contract,
                               const struct paper_instrument *instrument, struct gateio_form form)
{
    const struct keel_brackets *tiers = &instrument->brackets;
    keel_json_put_decimal(json, "quanto_multiplier", contract->quanto);
    gateio_put_contracts(json, "order_size_min", contract->size_min, form);
    gateio_put_contracts(json, "order_size_max", contract->size_max, form);
    keel_json_put_decimal(json, "market_order_size_max", contract->market_size_max);
    keel_json_put_bool(json, "enable_decimal", contract->enable_decimal);
    keel_json_put_decimal(json, "order_price_round", contract->price_round);
    keel_json_put_decimal(json, "mark_price_round", contract->mark_round);
    keel_json_put_decimal(json, "order_price_deviate", contract->price_deviate);
    keel_json_put_decimal(json, "market_order_slip_ratio", contract->slip_ratio);
    keel_json_put_text(json, "leverage_min", "1");
    keel_json_put_decimal(json, "leverage_max", contract->leverage_max);
    keel_json_put_text(json, "cross_leverage_default", "10");
    keel_json_put_decimal(json, "maintenance_rate", tiers->at[0].maintenance_ratio);
    keel_json_put_decimal(json, "risk_limit_base", tiers->at[0].notional_cap);
    keel_json_put_decimal(
        json, "risk_limit_step",
        keel_decimal_sub(tiers->at[tiers->count - 1].notional_cap, tiers->at[0].notional_cap));
    keel_json_put_decimal(json, "risk_limit_max", tiers->at[tiers->count - 1].notional_cap);
    keel_json_put_decimal(json, "maker_fee_rate", contract->maker_fee);
    keel_json_put_decimal(json, "taker_fee_rate", contract->taker_fee);
    keel_json_put_int(json, "orders_limit", GATEIO_ORDERS_LIMIT);
}

static void put_contract_funding(struct keel_writer *json, const struct paper_gateio *gateio,
                                 const struct paper_ticker *ticker, int64_t now_ms)
{
    int64_t speed = gateio->speed > 0 ? gateio->speed : 1;
    keel_json_put_decimal(json, "funding_rate", ticker->funding_rate);
    keel_json_put_decimal(json, "funding_rate_indicative", ticker->funding_rate);
    keel_json_put_int(json, "funding_interval", PAPER_FUNDING_MS / 1000 / speed);
    keel_json_put_int(json, "funding_offset", 0);
    keel_json_put_int(json, "funding_next_apply",
                      gateio_funding_time(gateio, ticker, now_ms) / 1000);
    keel_json_put_text(json, "funding_cap_ratio", "0.75");
    keel_json_put_text(json, "funding_rate_limit", "0.003");
    keel_json_put_text(json, "funding_impact_value", "30000");
    keel_json_put_text(json, "interest_rate", "0.0003");
}

static void put_contract_state(struct keel_writer *json, const struct gateio_contract *contract,
                               const struct paper_ticker *ticker, struct gateio_form form)
{
    keel_json_put_decimal(json, "last_price", ticker->last_price);
    keel_json_put_decimal(json, "mark_price", ticker->mark_price);
    keel_json_put_decimal(json, "index_price", ticker->mark_price);
    keel_json_put_int(json, "orderbook_id", ticker->update_id);
    keel_json_put_int(json, "trade_id", ticker->last_trade_id);
    gateio_put_contracts(json, "trade_size", KEEL_DECIMAL_ZERO, form);
    gateio_put_contracts(json, "position_size", KEEL_DECIMAL_ZERO, form);
    keel_json_put_int(json, "short_users", 0);
    keel_json_put_int(json, "long_users", 0);
    keel_json_put_bool(json, "in_delisting", false);
    keel_json_put_text(json, "status", "trading");
    keel_json_put_int(json, "create_time", contract->create_time_s);
    keel_json_put_int(json, "launch_time", contract->create_time_s);
    keel_json_put_int(json, "config_change_time", contract->create_time_s);
    keel_json_put_int(json, "delisting_time", 0);
    keel_json_put_int(json, "delisted_time", 0);
}

void gateio_put_contract(struct keel_writer *json, const struct paper_gateio *gateio,
                         keel_market_id market, int64_t now_ms, struct gateio_form form)
{
    const struct gateio_contract *contract = gateio_contract_get(market);
    struct paper_ticker ticker;
    paper_engine_get_ticker(gateio->engine, market, &ticker);
    keel_json_open_object(json, NULL);
    keel_json_put_string(json, "name", contract->name);
    keel_json_put_text(json, "type", "direct");
    put_contract_rules(json, contract, paper_engine_instrument(gateio->engine, market), form);
    keel_json_put_text(json, "mark_type", "index");
    put_contract_funding(json, gateio, &ticker, now_ms);
    put_contract_state(json, contract, &ticker, form);
    keel_json_put_text(json, "ref_discount_rate", "0");
    keel_json_put_text(json, "ref_rebate_rate", "0.2");
    keel_json_put_bool(json, "enable_bonus", false);
    keel_json_put_bool(json, "enable_credit", false);
    keel_json_put_bool(json, "enable_circuit_breaker", false);
    keel_json_put_bool(json, "is_pre_market", false);
    keel_json_put_text(json, "voucher_leverage", "0");
    keel_json_put_text(json, "contract_type", "");
    keel_json_close_object(json);
}

static void put_day(struct keel_writer *json, const struct paper_bar *day, keel_market_id market,
                    const struct paper_ticker *ticker, struct gateio_form form)
{
    keel_decimal change = keel_decimal_sub(ticker->last_price, day->open);
    keel_decimal percent =
        keel_decimal_mul_div(change, keel_decimal_from_int(100), day->open, KEEL_ROUND_HALF_EVEN);
    char digits[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal size = gateio_contracts_of(market, day->volume);
    (void)form;
    (void)keel_decimal_format(keel_decimal_round_to_digits(percent, 4, KEEL_ROUND_HALF_EVEN),
                              digits);
    keel_json_put_text(json, "change_percentage", keel_decimal_is_valid(percent) ? digits : "0");
    keel_json_put_decimal(json, "low_24h", day->low);
    keel_json_put_decimal(json, "high_24h", day->high);
    keel_json_put_decimal(json, "volume_24h",
                          keel_decimal_round_to_digits(size, 0, KEEL_ROUND_DOWN));
    keel_json_put_decimal(json, "volume_24h_base", day->volume);
    keel_json_put_decimal(json, "volume_24h_quote", day->quote_volume);
    keel_json_put_decimal(json, "volume_24h_settle", day->quote_volume);
}

static void put_best(struct keel_writer *json, keel_market_id market,
                     const struct paper_ticker *ticker)
{
    const struct gateio_form text = {.decimal_sizes = true};
    keel_json_put_decimal(json, "highest_bid", or_zero(ticker->bid_price));
    gateio_put_size(json, "highest_size", market, ticker->bid_quantity, text);
    keel_json_put_decimal(json, "lowest_ask", or_zero(ticker->ask_price));
    gateio_put_size(json, "lowest_size", market, ticker->ask_quantity, text);
}

void gateio_put_ticker(struct keel_writer *json, const struct paper_gateio *gateio,
                       keel_market_id market, int64_t now_ms, struct gateio_form form)
{
    struct paper_ticker ticker;
    struct paper_bar day = {0};
    paper_engine_get_ticker(gateio->engine, market, &ticker);
    paper_tape_day(&gateio->tapes[market], now_ms, &day);
    keel_json_open_object(json, NULL);
    put_contract_name(json, market);
    keel_json_put_decimal(json, "last", ticker.last_price);
    put_day(json, &day, market, &ticker, form);
    keel_json_put_text(json, "total_size", "0");
    keel_json_put_decimal(json, "mark_price", ticker.mark_price);
    keel_json_put_decimal(json, "index_price", ticker.mark_price);
    keel_json_put_decimal(json, "funding_rate", ticker.funding_rate);
    keel_json_put_decimal(json, "funding_rate_indicative", ticker.funding_rate);
    keel_json_put_text(json, "quanto_base_rate", "");
    put_best(json, market, &ticker);
    keel_json_close_object(json);
}

void gateio_put_public_trade(struct keel_writer *json, keel_market_id market,
                             const struct paper_public_trade *trade, int64_t time_ms,
                             struct gateio_form form)
{
    keel_decimal size = trade->buyer_is_maker ? keel_decimal_neg(trade->quantity) : trade->quantity;
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "id", trade->id);
    if (form.stream)
        keel_json_put_int(json, "create_time", time_ms / 1000);
    else
        gateio_put_seconds(json, "create_time", time_ms);
    if (form.stream)
        keel_json_put_int(json, "create_time_ms", time_ms);
    else
        gateio_put_seconds(json, "create_time_ms", time_ms);
    put_contract_name(json, market);
    gateio_put_size(json, "size", market, size, form);
    keel_json_put_decimal(json, "price", trade->price);
    keel_json_close_object(json);
}

/* render_account.c - rows of positions, of the account and of its ledger. */
#include "paper/gateio/render.h"

#include <stdio.h>

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
    keel_decimal less = gateio_ratio(tier->maintenance_amount, value, GATEIO_ENTRY_DIGITS);
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
    keel_json_put_decimal(json, "price", gateio_or_zero(order->price));
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
    keel_decimal entry = keel_decimal_round_to_digits(position->entry_price, GATEIO_ENTRY_DIGITS,
                                                      KEEL_ROUND_HALF_EVEN);
    keel_decimal liquidation = keel_decimal_round_to_digits(
        gateio_or_zero(position->liquidation_price), GATEIO_ENTRY_DIGITS, KEEL_ROUND_HALF_EVEN);
    keel_json_open_object(json, key);
    gateio_put_user(json, position->account, form);
    gateio_put_contract_name(json, position->market);
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
        gateio_put_time(json, position->update_time_ms, form);
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
    keel_json_put_decimal(json, "cross_mmr", gateio_ratio(balance, view->cross_maintenance, 4));
    keel_json_put_decimal(json, "cross_imr",
                          gateio_ratio(balance, keel_decimal_add(sums->initial, sums->orders), 4));
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
        gateio_put_time(json, income->time_ms, form);
    else
        gateio_put_seconds(json, "time", income->time_ms);
    gateio_put_money(json, "change", income->amount, form);
    gateio_put_money(json, "balance", balance, form);
    keel_json_put_text(json, "type", gateio_ledger_type(income->kind));
    put_ledger_text(json, income);
    if (form.stream) {
        gateio_put_user(json, income->account, form);
        keel_json_put_text(json, "currency", "usdt");
    } else {
        keel_json_put_string(json, "contract", contract ? contract->name : KEEL_STR(""));
        gateio_put_int_text(json, "trade_id", income->trade_id);
        gateio_put_int_text(json, "id", income->id);
    }
    keel_json_close_object(json);
}

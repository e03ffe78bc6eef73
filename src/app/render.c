#include "app/render.h"

/* What only some markets and some orders have. */
static const char *const seldom[] = {
    "contracts", "quote_quantity", "trigger_price", "memo", "realized_pnl", "reduce_only", NULL};

#define COLUMNS(columns, nothing)                                                                  \
    {                                                                                              \
        columns, sizeof(columns) / sizeof((columns)[0]), nothing, seldom                           \
    }

static const struct app_column order_columns[] = {
    {"symbol",          "symbol",        0},
    {"order_id",        "order",         0},
    {"client_order_id", "client id",     0},
    {"side",            "side",          0},
    {"type",            "type",          0},
    {"time_in_force",   "tif",           0},
    {"status",          "status",        0},
    {"quantity",        "quantity",      0},
    {"contracts",       "contracts",     0},
    {"quote_quantity",  "of quote",      0},
    {"filled_quantity", "filled",        0},
    {"price",           "price",         0},
    {"trigger_price",   "trigger",       0},
    {"average_price",   "average",       8},
    {"reduce_only",     "reduce",        0},
    {"update_time_ms",  "updated (UTC)", 0},
};
const struct app_columns app_order_columns = COLUMNS(order_columns, "no orders");

static const struct app_column execution_columns[] = {
    {"time_ms",      "time (UTC)",   0},
    {"symbol",       "symbol",       0},
    {"trade_id",     "trade",        0},
    {"order_id",     "order",        0},
    {"side",         "side",         0},
    {"quantity",     "quantity",     0},
    {"contracts",    "contracts",    0},
    {"price",        "price",        0},
    {"fee",          "fee",          0},
    {"fee_asset",    "",             0},
    {"realized_pnl", "realized PnL", 0},
    {"maker",        "maker",        0},
};
const struct app_columns app_execution_columns = COLUMNS(execution_columns, "no executions");

static const struct app_column balance_columns[] = {
    {"asset",          "asset",          0},
    {"wallet",         "wallet",         8},
    {"available",      "available",      0},
    {"total",          "total",          8},
    {"unrealized_pnl", "unrealized PnL", 4},
};
const struct app_columns app_balance_columns = COLUMNS(balance_columns, "no balances");

static const struct app_column spot_balance_columns[] = {
    {"asset",     "asset",     0},
    {"wallet",    "wallet",    8},
    {"available", "available", 8},
    {"locked",    "locked",    8},
};
const struct app_columns app_spot_balance_columns = COLUMNS(spot_balance_columns, "no balances");

static const struct app_column fees_columns[] = {
    {"symbol", "symbol", 0},
    {"maker",  "maker",  0},
    {"taker",  "taker",  0},
};
const struct app_columns app_fees_columns = COLUMNS(fees_columns, "no fees");

static const struct app_column withdrawal_columns[] = {
    {"time_ms",       "time (UTC)", 0},
    {"withdrawal_id", "id",         0},
    {"asset",         "asset",      0},
    {"amount",        "amount",     8},
    {"fee",           "fee",        8},
    {"network",       "network",    0},
    {"address",       "address",    0},
    {"memo",          "memo",       0},
    {"status",        "status",     0},
    {"venue_status",  "venue",      0},
};
const struct app_columns app_withdrawal_columns = COLUMNS(withdrawal_columns, "no withdrawals");

static const struct app_column deposit_columns[] = {
    {"time_ms",  "time (UTC)", 0},
    {"asset",    "asset",      0},
    {"amount",   "amount",     8},
    {"network",  "network",    0},
    {"credited", "credited",   0},
    {"txid",     "txid",       0},
};
const struct app_columns app_deposit_columns = COLUMNS(deposit_columns, "no deposits");

static const struct app_column transfer_columns[] = {
    {"transfer_id", "id",     0},
    {"asset",       "asset",  0},
    {"amount",      "amount", 8},
    {"from",        "from",   0},
    {"to",          "to",     0},
    {"done",        "done",   0},
};
const struct app_columns app_transfer_columns = COLUMNS(transfer_columns, "no transfers");

static const struct app_column network_columns[] = {
    {"asset",          "asset",    0},
    {"network",        "network",  0},
    {"can_deposit",    "deposit",  0},
    {"can_withdraw",   "withdraw", 0},
    {"withdrawal_fee", "fee",      8},
    {"withdrawal_min", "least",    8},
    {"withdrawal_max", "most",     8},
    {"needs_memo",     "memo",     0},
};
const struct app_columns app_network_columns = COLUMNS(network_columns, "no networks");

static const struct app_column position_columns[] = {
    {"symbol",            "symbol",         0},
    {"side",              "side",           0},
    {"quantity",          "quantity",       0},
    {"contracts",         "contracts",      0},
    {"entry_price",       "entry",          8},
    {"mark_price",        "mark",           0},
    {"liquidation_price", "liquidation",    4},
    {"unrealized_pnl",    "unrealized PnL", 4},
    {"roe_percent",       "ROE %",          2},
    {"margin",            "margin",         4},
    {"margin_ratio",      "margin ratio",   6},
    {"margin_mode",       "mode",           0},
    {"leverage",          "leverage",       0},
};
const struct app_columns app_position_columns = COLUMNS(position_columns, "no positions");

static const struct app_column risk_columns[] = {
    {"symbol",               "symbol",         0},
    {"side",                 "side",           0},
    {"margin_ratio",         "margin ratio",   6},
    {"liquidation_price",    "liquidation",    4},
    {"liquidation_distance", "distance",       6},
    {"mark_price",           "mark",           0},
    {"unrealized_pnl",       "unrealized PnL", 4},
    {"roe_percent",          "ROE %",          2},
    {"notional",             "notional",       4},
    {"leverage",             "leverage",       0},
    {"break_even_price",     "break even",     4},
    {"adl_rank",             "ADL",            0},
    {"high_risk",            "high risk",      0},
};
const struct app_columns app_risk_columns = COLUMNS(risk_columns, "no positions");

static const struct app_column leverage_columns[] = {
    {"symbol",       "symbol",           0},
    {"leverage",     "leverage",         0},
    {"leverage_max", "maximum",          0},
    {"margin_mode",  "margin mode",      0},
    {"notional_max", "largest notional", 0},
};
const struct app_columns app_leverage_columns = COLUMNS(leverage_columns, "nothing is known of it");

static const struct app_column modes_columns[] = {
    {"hedge_mode",       "hedge mode",       0},
    {"multi_asset_mode", "multi-asset mode", 0},
    {"can_trade",        "can trade",        0},
};
const struct app_columns app_modes_columns = COLUMNS(modes_columns, "nothing is known of it");

static const char *find_difference_name(enum keel_difference_kind kind)
{
    switch (kind) {
    case KEEL_DIFFERENCE_NONE: return "";
    case KEEL_DIFFERENCE_EXECUTION: return "execution";
    case KEEL_DIFFERENCE_POSITION: return "position";
    case KEEL_DIFFERENCE_INCOME: return "income";
    case KEEL_DIFFERENCE_WALLET: return "wallet";
    case KEEL_DIFFERENCE_ORDER: return "order";
    case KEEL_DIFFERENCE_PNL: return "realized_pnl";
    }
    return "";
}

static const char *find_market_status_name(enum keel_market_status status)
{
    switch (status) {
    case KEEL_MARKET_NONE: return "";
    case KEEL_MARKET_TRADING: return "trading";
    case KEEL_MARKET_REDUCE_ONLY: return "reduce_only";
    case KEEL_MARKET_HALTED: return "halted";
    case KEEL_MARKET_DELISTED: return "delisted";
    }
    return "";
}

static void put_side(struct app_record *record, enum keel_side side)
{
    if (side != KEEL_SIDE_NONE)
        app_record_put_text(record, "side", keel_side_name(side));
}

static void put_position_side(struct app_record *record, enum keel_position_side side)
{
    if (side != KEEL_POSITION_SIDE_NONE)
        app_record_put_text(record, "position_side", keel_position_side_name(side));
}

static void put_margin_mode(struct app_record *record, enum keel_margin_mode mode)
{
    if (mode != KEEL_MARGIN_MODE_NONE)
        app_record_put_text(record, "margin_mode", keel_margin_mode_name(mode));
}

/* A setting or a rank that was never told is left out rather than shown as zero. */
static void put_known_int(struct app_record *record, const char *name, int64_t value, bool known)
{
    if (known)
        app_record_put_int(record, name, value);
}

static void put_order_words(struct app_record *record, const struct keel_order *order)
{
    put_side(record, order->side);
    put_position_side(record, order->position_side);
    if (order->type != KEEL_ORDER_TYPE_NONE)
        app_record_put_text(record, "type", keel_order_type_name(order->type));
    if (order->time_in_force != KEEL_TIME_IN_FORCE_NONE)
        app_record_put_text(record, "time_in_force", keel_time_in_force_name(order->time_in_force));
    if (order->status != KEEL_ORDER_STATUS_NONE)
        app_record_put_text(record, "status", keel_order_status_name(order->status));
}

/* Where contracts trade, the same quantity in the venue's unit. */
static void put_contracts(struct app_record *record, const struct keel_markets *markets,
                          keel_market_id id, keel_decimal quantity)
{
    const struct keel_market *market = keel_markets_get(markets, id);
    if (market == NULL || keel_decimal_equals(market->contract_size, KEEL_DECIMAL_ONE))
        return;
    app_record_put_decimal(record, "contracts",
                           keel_decimal_div(quantity, market->contract_size, KEEL_ROUND_HALF_EVEN));
}

void app_render_reading(struct app_record *record, enum keel_source source, int64_t age_ms)
{
    app_record_put_text(record, "source", keel_source_name(source));
    app_record_put_int(record, "age_ms", age_ms);
}

void app_render_order(struct app_record *record, const struct keel_markets *markets,
                      const struct keel_order *order)
{
    app_record_put_text(record, "symbol", app_symbol(markets, order->market));
    app_record_put_text(record, "order_id", order->order_id);
    app_record_put_text(record, "client_order_id", order->client_id);
    put_order_words(record, order);
    app_record_put_decimal(record, "price", order->price);
    app_record_put_decimal(record, "average_price", order->average_price);
    app_record_put_decimal(record, "trigger_price", order->trigger_price);
    app_record_put_decimal(record, "quantity", order->quantity);
    put_contracts(record, markets, order->market, order->quantity);
    app_record_put_decimal(record, "quote_quantity", order->quote_quantity);
    app_record_put_decimal(record, "filled_quantity", order->filled_quantity);
    app_record_put_decimal(record, "remaining_quantity", keel_order_remaining(order));
    app_record_put_bool(record, "reduce_only", order->reduce_only);
    app_record_put_bool(record, "close_position", order->close_position);
    app_record_put_text(record, "reason", order->reason);
    app_record_put_time(record, "create_time_ms", order->create_time_ms);
    app_record_put_time(record, "update_time_ms", order->update_time_ms);
}

void app_render_execution(struct app_record *record, const struct keel_markets *markets,
                          const struct keel_execution *execution)
{
    app_record_put_text(record, "symbol", app_symbol(markets, execution->market));
    app_record_put_text(record, "trade_id", execution->trade_id);
    app_record_put_text(record, "order_id", execution->order_id);
    app_record_put_text(record, "client_order_id", execution->client_id);
    put_side(record, execution->side);
    app_record_put_decimal(record, "price", execution->price);
    app_record_put_decimal(record, "quantity", execution->quantity);
    put_contracts(record, markets, execution->market, execution->quantity);
    app_record_put_decimal(record, "fee", execution->fee);
    app_record_put_text(record, "fee_asset", execution->fee_asset);
    app_record_put_decimal(record, "realized_pnl", execution->realized_pnl);
    app_record_put_bool(record, "maker", execution->maker);
    app_record_put_time(record, "time_ms", execution->time_ms);
}

void app_render_balance(struct app_record *record, const struct keel_balance *balance,
                        keel_decimal unrealized_pnl)
{
    app_record_put_text(record, "asset", balance->asset);
    app_record_put_decimal(record, "wallet", balance->wallet);
    app_record_put_decimal(record, "available", balance->available);
    app_record_put_decimal(record, "locked", balance->locked);
    app_record_put_decimal(record, "total", keel_decimal_add(balance->wallet, unrealized_pnl));
    app_record_put_decimal(record, "unrealized_pnl", unrealized_pnl);
    app_record_put_time(record, "update_time_ms", balance->update_time_ms);
}

static void put_position_head(struct app_record *record, const struct keel_markets *markets,
                              const struct keel_position *position)
{
    app_record_put_text(record, "symbol", app_symbol(markets, position->market));
    if (!keel_decimal_is_zero(position->quantity))
        app_record_put_text(record, "side", keel_position_direction(position));
    put_position_side(record, position->side);
    app_record_put_decimal(record, "quantity", keel_decimal_abs(position->quantity));
    put_contracts(record, markets, position->market, keel_decimal_abs(position->quantity));
}

void app_render_position(struct app_record *record, const struct keel_markets *markets,
                         const struct keel_position *position,
                         const struct keel_position_told *told)
{
    const struct keel_position_told nothing = {
        .mark_price = KEEL_DECIMAL_ABSENT,
        .notional = KEEL_DECIMAL_ABSENT,
        .unrealized_pnl = KEEL_DECIMAL_ABSENT,
        .isolated_margin = KEEL_DECIMAL_ABSENT,
        .initial_margin = KEEL_DECIMAL_ABSENT,
        .maintenance_margin = KEEL_DECIMAL_ABSENT,
    };
    if (!told)
        told = &nothing;
    bool isolated = position->margin_mode == KEEL_ISOLATED;
    put_position_head(record, markets, position);
    app_record_put_decimal(record, "entry_price", position->entry_price);
    app_record_put_decimal(record, "mark_price", told->mark_price);
    app_record_put_decimal(record, "liquidation_price", position->venue_liquidation_price);
    app_record_put_decimal(record, "unrealized_pnl", told->unrealized_pnl);
    app_record_put_decimal(record, "realized_pnl", position->realized_pnl);
    app_record_put_decimal(record, "margin",
                           isolated ? told->isolated_margin : told->initial_margin);
    put_margin_mode(record, position->margin_mode);
    put_known_int(record, "leverage", told->leverage, told->leverage > 0);
    app_record_put_decimal(record, "notional", keel_decimal_abs(told->notional));
    app_record_put_decimal(record, "maintenance_margin", told->maintenance_margin);
    put_known_int(record, "adl_rank", position->adl_rank, position->adl_rank >= 0);
    app_record_put_time(record, "update_time_ms", position->update_time_ms);
}

void app_render_live_position(struct app_record *record, const struct keel_markets *markets,
                              const struct keel_risk *risk)
{
    const struct keel_position *position = &risk->position;
    put_position_head(record, markets, position);
    app_record_put_decimal(record, "entry_price", position->entry_price);
    app_record_put_decimal(record, "mark_price", risk->mark_price);
    app_record_put_decimal(record, "liquidation_price", risk->liquidation_price);
    app_record_put_decimal(record, "unrealized_pnl", risk->unrealized_pnl);
    app_record_put_decimal(record, "realized_pnl", position->realized_pnl);
    app_record_put_decimal(record, "margin", risk->margin);
    put_margin_mode(record, position->margin_mode);
    put_known_int(record, "leverage", risk->leverage, risk->leverage > 0);
    app_record_put_decimal(record, "margin_ratio", risk->margin_ratio);
    app_record_put_decimal(record, "roe_percent", risk->roe_percent);
    app_record_put_decimal(record, "notional", risk->notional);
    app_record_put_decimal(record, "maintenance_margin", risk->maintenance_margin);
    put_known_int(record, "adl_rank", position->adl_rank, position->adl_rank >= 0);
    app_record_put_time(record, "update_time_ms", position->update_time_ms);
    app_render_reading(record, position->source, risk->age_ms);
}

void app_render_risk(struct app_record *record, const struct keel_markets *markets,
                     const struct keel_risk *risk)
{
    const struct keel_position *position = &risk->position;
    put_position_head(record, markets, position);
    app_record_put_decimal(record, "margin_ratio", risk->margin_ratio);
    app_record_put_decimal(record, "liquidation_price", risk->liquidation_price);
    app_record_put_decimal(record, "liquidation_distance", risk->liquidation_distance);
    app_record_put_decimal(record, "mark_price", risk->mark_price);
    app_record_put_text(record, "mark_source", keel_source_name(risk->mark_source));
    app_record_put_decimal(record, "unrealized_pnl", risk->unrealized_pnl);
    app_record_put_decimal(record, "roe_percent", risk->roe_percent);
    app_record_put_decimal(record, "notional", risk->notional);
    app_record_put_decimal(record, "margin", risk->margin);
    app_record_put_decimal(record, "initial_margin", risk->initial_margin);
    app_record_put_decimal(record, "maintenance_margin", risk->maintenance_margin);
    put_margin_mode(record, position->margin_mode);
    put_known_int(record, "leverage", risk->leverage, risk->leverage > 0);
    app_record_put_decimal(record, "break_even_price", position->break_even_price);
    put_known_int(record, "adl_rank", position->adl_rank, position->adl_rank >= 0);
    app_record_put_bool(record, "high_risk", risk->high_risk);
    app_render_reading(record, position->source, risk->age_ms);
    app_record_put_bool(record, "stale", risk->stale);
}

void app_render_leverage(struct app_record *record, const struct keel_markets *markets,
                         const struct keel_leverage *leverage)
{
    app_record_put_text(record, "symbol", app_symbol(markets, leverage->market));
    put_known_int(record, "leverage", leverage->leverage, leverage->leverage > 0);
    put_known_int(record, "leverage_max", leverage->leverage_max, leverage->leverage_max > 0);
    put_margin_mode(record, leverage->margin_mode);
    app_record_put_decimal(record, "notional_max", leverage->notional_max);
}

void app_render_risk_event(struct app_record *record, const struct keel_markets *markets,
                           const struct keel_risk_event *event)
{
    app_record_put_text(record, "risk", keel_risk_event_kind_name(event->kind));
    app_record_put_text(record, "symbol", app_symbol(markets, event->market));
    put_position_side(record, event->side);
    app_record_put_decimal(record, "margin_ratio", event->margin_ratio);
    app_record_put_decimal(record, "liquidation_price", event->liquidation_price);
    app_record_put_decimal(record, "liquidation_distance", event->liquidation_distance);
    if (event->kind == KEEL_RISK_CLEARED)
        app_record_put_text(record, "cleared", keel_risk_event_kind_name(event->cleared));
    app_record_put_decimal(record, "figure", event->figure);
    app_record_put_decimal(record, "bound", event->bound);
    app_record_put_int(record, "age_ms", event->age_ms);
}

void app_render_difference(struct app_record *record, const struct keel_markets *markets,
                           const struct keel_difference *difference)
{
    app_record_put_text(record, "difference", find_difference_name(difference->kind));
    app_record_put_text(record, "symbol", app_symbol(markets, difference->market));
    put_position_side(record, difference->side);
    app_record_put_text(record, "asset", difference->asset);
    app_record_put_text(record, "id", difference->id);
    app_record_put_decimal(record, "ours", difference->ours);
    app_record_put_decimal(record, "venues", difference->venues);
    app_record_put_time(record, "time_ms", difference->time_ms);
}

void app_render_connection(struct app_record *record, const struct keel_connection *connection)
{
    app_record_put_text(record, "state", app_connection_state_name(connection->state));
    app_record_put_bool(record, "rest", connection->rest);
    app_record_put_bool(record, "user_stream", connection->user_stream);
    app_record_put_bool(record, "market_stream", connection->market_stream);
    app_record_put_int(record, "clock_offset_ms", connection->clock_offset_ms);
    app_record_put_int(record, "reconnects", connection->reconnects);
    if (connection->last_error.status != KEEL_OK)
        app_record_put_text(record, "last_error", connection->last_error.message);
}

void app_render_mark(struct app_record *record, const struct keel_markets *markets,
                     const struct keel_mark *mark)
{
    app_record_put_text(record, "symbol", app_symbol(markets, mark->market));
    app_record_put_decimal(record, "mark_price", mark->mark_price);
    app_record_put_decimal(record, "index_price", mark->index_price);
    app_record_put_decimal(record, "funding_rate", mark->funding_rate);
    app_record_put_time(record, "funding_time_ms", mark->funding_time_ms);
    app_record_put_time(record, "time_ms", mark->time_ms);
}

void app_render_income(struct app_record *record, const struct keel_markets *markets,
                       const struct keel_income *income)
{
    app_record_put_text(record, "symbol", app_symbol(markets, income->market));
    app_record_put_text(record, "income_type", keel_income_kind_name(income->kind));
    app_record_put_text(record, "venue_type", income->name);
    app_record_put_text(record, "asset", income->asset);
    app_record_put_decimal(record, "amount", income->amount);
    app_record_put_text(record, "income_id", income->id);
    app_record_put_text(record, "trade_id", income->trade_id);
    app_record_put_time(record, "time_ms", income->time_ms);
}

void app_render_withdrawal(struct app_record *record, const struct keel_withdrawal *withdrawal)
{
    app_record_put_text(record, "withdrawal_id", withdrawal->id);
    app_record_put_text(record, "client_id", withdrawal->client_id);
    app_record_put_text(record, "status", keel_withdrawal_status_name(withdrawal->status));
    app_record_put_text(record, "venue_status", withdrawal->word);
    app_record_put_text(record, "asset", withdrawal->asset);
    app_record_put_text(record, "network", withdrawal->network);
    app_record_put_text(record, "address", withdrawal->address);
    app_record_put_text(record, "memo", withdrawal->memo);
    app_record_put_text(record, "txid", withdrawal->txid);
    app_record_put_decimal(record, "amount", withdrawal->amount);
    app_record_put_decimal(record, "fee", withdrawal->fee);
    app_record_put_time(record, "time_ms", withdrawal->time_ms);
    app_record_put_time(record, "done_ms", withdrawal->done_ms);
}

void app_render_deposit(struct app_record *record, const struct keel_deposit *deposit)
{
    app_record_put_text(record, "deposit_id", deposit->id);
    app_record_put_bool(record, "credited", deposit->credited);
    app_record_put_text(record, "venue_status", deposit->word);
    app_record_put_text(record, "asset", deposit->asset);
    app_record_put_text(record, "network", deposit->network);
    app_record_put_text(record, "address", deposit->address);
    app_record_put_text(record, "txid", deposit->txid);
    app_record_put_decimal(record, "amount", deposit->amount);
    app_record_put_time(record, "time_ms", deposit->time_ms);
}

void app_render_transfer(struct app_record *record, const struct keel_wallet_transfer *transfer)
{
    app_record_put_text(record, "transfer_id", transfer->id);
    app_record_put_text(record, "from", keel_wallet_name(transfer->from));
    app_record_put_text(record, "to", keel_wallet_name(transfer->to));
    app_record_put_text(record, "asset", transfer->asset);
    app_record_put_decimal(record, "amount", transfer->amount);
    app_record_put_bool(record, "done", transfer->done);
    app_record_put_time(record, "time_ms", transfer->time_ms);
}

void app_render_network(struct app_record *record, const struct keel_network *network)
{
    app_record_put_text(record, "asset", network->asset);
    app_record_put_text(record, "network", network->network);
    app_record_put_bool(record, "can_deposit", network->can_deposit);
    app_record_put_bool(record, "can_withdraw", network->can_withdraw);
    app_record_put_bool(record, "needs_memo", network->needs_memo);
    app_record_put_decimal(record, "withdrawal_fee", network->withdrawal_fee);
    app_record_put_decimal(record, "withdrawal_min", network->withdrawal_min);
    app_record_put_decimal(record, "withdrawal_max", network->withdrawal_max);
    app_record_put_decimal(record, "withdrawal_step", network->withdrawal_step);
}

static void render_book_top(struct app_record *record, const struct keel_markets *markets,
                            const struct keel_book_top *top)
{
    app_record_put_text(record, "symbol", app_symbol(markets, top->market));
    app_record_put_decimal(record, "bid_price", top->bid_price);
    app_record_put_decimal(record, "bid_quantity", top->bid_quantity);
    app_record_put_decimal(record, "ask_price", top->ask_price);
    app_record_put_decimal(record, "ask_quantity", top->ask_quantity);
    app_record_put_time(record, "time_ms", top->time_ms);
}

static void render_margin_call(struct app_record *record, const struct keel_markets *markets,
                               const struct keel_margin_call *call)
{
    app_record_put_text(record, "symbol", app_symbol(markets, call->market));
    put_position_side(record, call->side);
    app_record_put_decimal(record, "quantity", call->quantity);
    app_record_put_decimal(record, "mark_price", call->mark_price);
    app_record_put_decimal(record, "unrealized_pnl", call->unrealized_pnl);
    app_record_put_decimal(record, "maintenance_margin", call->maintenance_margin);
}

static void put_switch(struct app_record *record, const char *name, enum keel_switch value)
{
    if (value != KEEL_SWITCH_NONE)
        app_record_put_bool(record, name, value == KEEL_ON);
}

void app_render_modes(struct app_record *record, const struct keel_modes *modes)
{
    put_switch(record, "hedge_mode", modes->hedge);
    put_switch(record, "multi_asset_mode", modes->multi_asset);
    put_switch(record, "can_trade", modes->can_trade);
}

static void render_market(struct app_record *record, const struct keel_market *market)
{
    app_record_put_text(record, "symbol", market->symbol);
    app_record_put_text(record, "venue_symbol", market->venue_symbol);
    app_record_put_text(record, "base", market->base);
    app_record_put_text(record, "quote", market->quote);
    app_record_put_text(record, "settle", market->settle);
    app_record_put_text(record, "status", find_market_status_name(market->status));
    app_record_put_bool(record, "perpetual", market->perpetual);
    app_record_put_decimal(record, "price_tick", market->price_tick);
    app_record_put_decimal(record, "price_min", market->price_min);
    app_record_put_decimal(record, "price_max", market->price_max);
    app_record_put_decimal(record, "quantity_step", market->quantity_step);
    app_record_put_decimal(record, "quantity_min", market->quantity_min);
    app_record_put_decimal(record, "quantity_max", market->quantity_max);
    app_record_put_decimal(record, "market_quantity_step", market->market_quantity_step);
    app_record_put_decimal(record, "market_quantity_min", market->market_quantity_min);
    app_record_put_decimal(record, "market_quantity_max", market->market_quantity_max);
    app_record_put_decimal(record, "notional_min", market->notional_min);
    app_record_put_decimal(record, "price_up_ratio", market->price_up_ratio);
    app_record_put_decimal(record, "price_down_ratio", market->price_down_ratio);
    app_record_put_decimal(record, "contract_size", market->contract_size);
    app_record_put_decimal(record, "liquidation_fee_ratio", market->liquidation_fee_ratio);
    put_known_int(record, "open_orders_max", market->open_orders_max, market->open_orders_max > 0);
}

static void render_bracket(struct app_record *record, const struct keel_bracket *bracket)
{
    app_record_init(record);
    app_record_put_decimal(record, "notional_floor", bracket->notional_floor);
    app_record_put_decimal(record, "notional_cap", bracket->notional_cap);
    app_record_put_decimal(record, "maintenance_ratio", bracket->maintenance_ratio);
    app_record_put_decimal(record, "maintenance_amount", bracket->maintenance_amount);
    app_record_put_int(record, "leverage_max", bracket->leverage_max);
}

static void render_brackets(struct app_record *record, const struct keel_markets *markets,
                            keel_market_id market, const struct keel_brackets *brackets)
{
    struct app_record items[KEEL_BRACKETS_MAX];
    app_record_put_text(record, "symbol", app_symbol(markets, market));
    for (int32_t i = 0; i < brackets->count; i++)
        render_bracket(&items[i], &brackets->at[i]);
    app_record_put_array(record, "brackets", items, brackets->count);
}

static void render_fees(struct app_record *record, const struct keel_markets *markets,
                        const struct keel_fees *fees)
{
    app_record_put_text(record, "symbol", app_symbol(markets, fees->market));
    app_record_put_decimal(record, "maker", fees->maker);
    app_record_put_decimal(record, "taker", fees->taker);
}

static void render_amendment(struct app_record *record, const struct keel_markets *markets,
                             const struct keel_amendment *amendment)
{
    app_record_put_text(record, "symbol", app_symbol(markets, amendment->market));
    app_record_put_text(record, "order_id", amendment->order_id);
    app_record_put_text(record, "client_order_id", amendment->client_id);
    app_record_put_decimal(record, "price", amendment->price);
    app_record_put_decimal(record, "quantity", amendment->quantity);
    app_record_put_time(record, "time_ms", amendment->time_ms);
}

static void render_margin_change(struct app_record *record, const struct keel_markets *markets,
                                 const struct keel_margin_change *change)
{
    app_record_put_text(record, "symbol", app_symbol(markets, change->market));
    app_record_put_text(record, "side", keel_position_side_name(change->side));
    app_record_put_text(record, "cause", change->by_user ? "user" : "trade");
    app_record_put_decimal(record, "amount", change->amount);
    app_record_put_time(record, "time_ms", change->time_ms);
}

static void render_rate_limit(struct app_record *record, const struct keel_rate_limit *limit)
{
    app_record_put_text(record, "kind", limit->kind == KEEL_LIMIT_WEIGHT ? "weight" : "orders");
    app_record_put_int(record, "interval_ms", limit->interval_ms);
    app_record_put_int(record, "limit", limit->limit);
    put_known_int(record, "used", limit->used, limit->used >= 0);
}

static void render_unknown(struct app_record *record, const struct keel_event *event)
{
    app_record_put_text(record, "kind", keel_unknown_kind_name(event->unknown.kind));
    app_record_put_str(record, "word", event->unknown.word);
}

static bool is_frame(enum keel_event_kind kind)
{
    return kind == KEEL_EVENT_NONE || kind == KEEL_EVENT_SNAPSHOT_BEGIN ||
           kind == KEEL_EVENT_SNAPSHOT_END;
}

static void render_body(struct app_record *record, const struct keel_markets *markets,
                        const struct keel_event *event)
{
    switch (event->kind) {
    case KEEL_EVENT_ORDER: app_render_order(record, markets, &event->order); break;
    case KEEL_EVENT_EXECUTION: app_render_execution(record, markets, &event->execution); break;
    case KEEL_EVENT_BALANCE: app_render_balance(record, &event->balance, event->told_pnl); break;
    case KEEL_EVENT_POSITION:
        app_render_position(record, markets, &event->position, &event->told);
        break;
    case KEEL_EVENT_LEVERAGE: app_render_leverage(record, markets, &event->leverage); break;
    case KEEL_EVENT_MARK: app_render_mark(record, markets, &event->mark); break;
    case KEEL_EVENT_BOOK_TOP: render_book_top(record, markets, &event->book_top); break;
    case KEEL_EVENT_INCOME: app_render_income(record, markets, &event->income); break;
    case KEEL_EVENT_MARGIN_CALL: render_margin_call(record, markets, &event->margin_call); break;
    case KEEL_EVENT_MODES: app_render_modes(record, &event->modes); break;
    case KEEL_EVENT_MARKET: render_market(record, event->market); break;
    case KEEL_EVENT_BRACKETS:
        render_brackets(record, markets, event->brackets.market, event->brackets.table);
        break;
    case KEEL_EVENT_FEES: render_fees(record, markets, &event->fees); break;
    case KEEL_EVENT_RATE_LIMIT: render_rate_limit(record, &event->rate_limit); break;
    case KEEL_EVENT_SERVER_TIME:
        app_record_put_time(record, "server_time_ms", event->server_time_ms);
        break;
    case KEEL_EVENT_SUBSCRIBED:
        app_record_put_int(record, "subscription_id", event->subscription_id);
        break;
    case KEEL_EVENT_REFUSED: app_record_put_str(record, "refusal", event->refusal); break;
    case KEEL_EVENT_WITHDRAWAL: app_render_withdrawal(record, &event->withdrawal); break;
    case KEEL_EVENT_DEPOSIT: app_render_deposit(record, &event->deposit); break;
    case KEEL_EVENT_TRANSFER: app_render_transfer(record, &event->transfer); break;
    case KEEL_EVENT_NETWORK: app_render_network(record, &event->network); break;
    case KEEL_EVENT_AMENDMENT: render_amendment(record, markets, &event->amendment); break;
    case KEEL_EVENT_MARGIN_CHANGE:
        render_margin_change(record, markets, &event->margin_change);
        break;
    case KEEL_EVENT_UNKNOWN: render_unknown(record, event); break;
    case KEEL_EVENT_STREAM_KEY: /* whoever has the key can listen: it is not shown */
    case KEEL_EVENT_STREAM_EXPIRED:
    case KEEL_EVENT_SNAPSHOT_BEGIN:
    case KEEL_EVENT_SNAPSHOT_END:
    case KEEL_EVENT_NONE: break;
    }
}

bool app_render_event(struct app_record *record, const struct keel_markets *markets,
                      const struct keel_event *event)
{
    if (is_frame(event->kind))
        return false;
    app_record_put_text(record, "event", keel_event_kind_name(event->kind));
    render_body(record, markets, event);
    return true;
}

const char *app_connection_state_name(enum keel_connection_state state)
{
    switch (state) {
    case KEEL_CONNECTION_IDLE: return "idle";
    case KEEL_CONNECTION_LOADING: return "loading";
    case KEEL_CONNECTION_LIVE: return "live";
    case KEEL_CONNECTION_RECONCILING: return "reconciling";
    case KEEL_CONNECTION_CLOSED: return "closed";
    }
    return "";
}

const char *app_symbol(const struct keel_markets *markets, keel_market_id market)
{
    const struct keel_market *found = keel_markets_get(markets, market);
    return found == NULL ? NULL : found->symbol;
}

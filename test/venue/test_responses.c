/* Answers of the venues beside what another client makes of them (responses.json of each fixture
 * folder): every figure that ccxt reads in an answer is keel's too, or is named here with the
 * reason. ccxt counts futures in contracts; its figures are multiplied by the contract's size. */
#include "gateio_fixtures.h"

#include "base/json.h"
#include "base/writer.h"

#include <ctype.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum {
    PATH_SIZE = 64,
    FIGURES_MAX = 256,
    EVENTS_MAX = 64,
};

/* clang-format off */

/* What each answer answers, in keel's words. */
static const struct call {
    const char *name; /* of the case */
    const struct keel_venue *venue;
    enum keel_command_kind kind;
    enum keel_order_family family;
} calls[] = {
    {"cancelOrder spot", &keel_venue_gateio_spot, KEEL_CANCEL_ORDER, KEEL_FAMILY_REGULAR},
    {"cancelOrder swap trigger, microsecond times", &keel_venue_gateio, KEEL_CANCEL_ORDER, KEEL_FAMILY_CONDITIONAL},
    {"createOrder ioc filled", &keel_venue_gateio, KEEL_PLACE_ORDER, KEEL_FAMILY_REGULAR},
    {"createOrder market filled, id above 2^53, non-ascii contract", &keel_venue_gateio, KEEL_PLACE_ORDER, KEEL_FAMILY_REGULAR},
    {"createOrder spot limit", &keel_venue_gateio_spot, KEEL_PLACE_ORDER, KEEL_FAMILY_REGULAR},
    {"createOrders accepted item", &keel_venue_gateio, KEEL_LOAD_ORDERS, KEEL_FAMILY_REGULAR},
    {"editOrder spot", &keel_venue_gateio_spot, KEEL_AMEND_ORDER, KEEL_FAMILY_REGULAR},
    {"fetchBalance swap classic", &keel_venue_gateio, KEEL_LOAD_BALANCES, KEEL_FAMILY_NONE},
    {"fetchClosedOrders spot trigger", &keel_venue_gateio_spot, KEEL_LOAD_ORDERS, KEEL_FAMILY_CONDITIONAL},
    {"fetchClosedOrders swap reduce only", &keel_venue_gateio, KEEL_LOAD_ORDERS, KEEL_FAMILY_REGULAR},
    {"fetchDeposits", &keel_venue_gateio_spot, KEEL_LOAD_DEPOSITS, KEEL_FAMILY_NONE},
    {"fetchLedger swap", &keel_venue_gateio, KEEL_LOAD_INCOME, KEEL_FAMILY_NONE},
    {"fetchMarketLeverageTiers", &keel_venue_gateio, KEEL_LOAD_BRACKETS, KEEL_FAMILY_NONE},
    {"fetchMyTrades spot", &keel_venue_gateio_spot, KEEL_LOAD_EXECUTIONS, KEEL_FAMILY_NONE},
    {"fetchMyTrades swap, string size", &keel_venue_gateio, KEEL_LOAD_EXECUTIONS, KEEL_FAMILY_NONE},
    {"fetchOpenOrders spot trigger", &keel_venue_gateio_spot, KEEL_LOAD_CONDITIONAL_ORDERS, KEEL_FAMILY_NONE},
    {"fetchPosition flat", &keel_venue_gateio, KEEL_LOAD_POSITIONS, KEEL_FAMILY_NONE},
    {"fetchPositions hedge short side", &keel_venue_gateio, KEEL_LOAD_POSITIONS, KEEL_FAMILY_NONE},
    {"fetchPositions short, string size", &keel_venue_gateio, KEEL_LOAD_POSITIONS, KEEL_FAMILY_NONE},
    {"fetchTicker spot", &keel_venue_gateio_spot, KEEL_LOAD_MARKS, KEEL_FAMILY_NONE},
    {"fetchTime", &keel_venue_gateio, KEEL_LOAD_TIME, KEEL_FAMILY_NONE},
    {"fetchTradingFee swap", &keel_venue_gateio_spot, KEEL_LOAD_FEES, KEEL_FAMILY_NONE},
    {"withdraw", &keel_venue_gateio_spot, KEEL_WITHDRAW, KEEL_FAMILY_NONE},

    {"addMargin/positionMargin answer", &keel_venue_binance, KEEL_ADJUST_MARGIN, KEEL_FAMILY_NONE},
    {"cancelOrder/order cancel answer", &keel_venue_binance, KEEL_CANCEL_ORDER, KEEL_FAMILY_REGULAR},
    {"createOrder/order answer", &keel_venue_binance, KEEL_PLACE_ORDER, KEEL_FAMILY_REGULAR},
    {"createOrders/create swap orders", &keel_venue_binance, KEEL_LOAD_ORDERS, KEEL_FAMILY_REGULAR},
    {"editOrders/edit swap orders", &keel_venue_binance, KEEL_LOAD_ORDERS, KEEL_FAMILY_REGULAR},
    {"fetchBalance/Spot balance", &keel_venue_binance_spot, KEEL_LOAD_BALANCES, KEEL_FAMILY_NONE},
    {"fetchDeposits/fetchDeposits", &keel_venue_binance_spot, KEEL_LOAD_DEPOSITS, KEEL_FAMILY_NONE},
    {"fetchLedger/income answer", &keel_venue_binance, KEEL_LOAD_INCOME, KEEL_FAMILY_NONE},
    {"fetchMarginMode/linear swap fetch margin mode", &keel_venue_binance, KEEL_LOAD_LEVERAGE, KEEL_FAMILY_NONE},
    {"fetchMyLiquidations/forceOrders answer", &keel_venue_binance, KEEL_LOAD_ORDERS, KEEL_FAMILY_REGULAR},
    {"fetchMyTrades/Swap private trade", &keel_venue_binance, KEEL_LOAD_EXECUTIONS, KEEL_FAMILY_NONE},
    {"fetchOpenOrders/Fetch spot open orders", &keel_venue_binance_spot, KEEL_LOAD_OPEN_ORDERS, KEEL_FAMILY_NONE},
    {"fetchOpenOrders/open portfolio margin orders", &keel_venue_binance, KEEL_LOAD_OPEN_ORDERS, KEEL_FAMILY_NONE},
    {"fetchOrder/finished conditional order", &keel_venue_binance, KEEL_QUERY_ORDER, KEEL_FAMILY_CONDITIONAL},
    {"fetchOrders/fetch spot orders", &keel_venue_binance_spot, KEEL_LOAD_ORDERS, KEEL_FAMILY_REGULAR},
    {"fetchPositions/Fetch linear positions with symbols", &keel_venue_binance, KEEL_LOAD_POSITIONS, KEEL_FAMILY_NONE},
    {"setLeverage/leverage answer", &keel_venue_binance, KEEL_SET_LEVERAGE, KEEL_FAMILY_NONE},
};

/* Answers to what keel does not ask, or that ccxt hands on as they came. */
static const struct {
    const char *name, *reason;
} not_asked[] = {
    {"cancelOrders swap failed", "keel cancels one by one: each has a fate of its own"},
    {"fetchBalance unified", "keel trades classic accounts"},
    {"fetchOrderBook swap, integer sizes", "the stream of best prices"},
    {"fetchOrderBook/swap orderbook", "the same"},
    {"fetchOHLCV/swap ohlcv", "keel has no candles"},
    {"setLeverage", "ccxt reads nothing in it"},
};

/* Where keel says something else, or nothing (NULL), for a reason. */
static struct difference {
    const char *name, *path;
    const char *ours;
    const char *reason;
    bool met;
} differences[] = {
    {"fetchLedger swap", "0.timestamp", "1682294400123", "ccxt takes seconds for milliseconds", false},
    {"fetchPosition flat", "markPrice", NULL, "a flat position is none", false},
    {"fetchPositions hedge short side", "0.liquidationPrice", NULL, "so large a price is none", false},
    {"fetchPositions hedge short side", "0.realizedPnl", NULL, "it is after fees, keel's before them", false},
    {"fetchPositions short, string size", "0.liquidationPrice", NULL, "so large a price is none", false},
    {"fetchPositions short, string size", "0.leverage", "30", "0 is not the leverage where lever is told", false},
    {"fetchPositions short, string size", "0.marginMode", "isolated", "pos_margin_mode tells it", false},
    {"fetchTradingFee swap", "symbol", "BTC/USDT", "of this answer keel reads the rates of spot", false},
    {"fetchTradingFee swap", "maker", "0.002", "the same; futures has an answer of its own", false},
    {"fetchTradingFee swap", "taker", "0.002", "the same", false},
    {"withdraw", "network", "eth", "keel keeps the venue's word: it is asked for by that", false},
    {"fetchMyLiquidations/forceOrders answer", "0.price", "10871.09", "the order's; ccxt's is its average", false},
    {"fetchMyLiquidations/forceOrders answer", "1.price", "11023.14", "the same", false},
    {"fetchMyLiquidations/forceOrders answer", "0.timestamp", "1596107620044", "when it was made; ccxt's, when it was filled", false},
    {"fetchMyLiquidations/forceOrders answer", "1.timestamp", "1596110725059", "the same", false},
    {"fetchOpenOrders/Fetch spot open orders", "0.timeInForce", "GTX", "post only is a time in force of keel's", false},
    {"fetchOrder/finished conditional order", "filled", "0.002", "of the order that it became; ccxt knows another name for it", false},
    {"fetchOrder/finished conditional order", "remaining", "0", "the same", false},
    {"setLeverage/leverage answer", "symbol", "BTC/USDT:USDT", "ccxt leaves the venue's name", false},
};

/* Members that keel does not have, of the answer to one kind of command or (NONE) to any; with a
 * value, only when it is that. */
static struct untold {
    enum keel_command_kind kind;
    const char *member, *value, *reason;
    bool met;
} untold[] = {
    {KEEL_COMMAND_NONE, "datetime", NULL, "the timestamp, again", false},
    {KEEL_COMMAND_NONE, "clientOrderId", "api", "tells where it came from: no id", false},
    {KEEL_COMMAND_NONE, "clientOrderId", "apiv4", "the same", false},
    {KEEL_COMMAND_NONE, "clientOrderId", "web", "the same", false},
    {KEEL_ADJUST_MARGIN, "symbol", NULL, "the command says it", false},
    {KEEL_ADJUST_MARGIN, "type", NULL, "the same", false},
    {KEEL_ADJUST_MARGIN, "marginMode", NULL, "the same", false},
    {KEEL_ADJUST_MARGIN, "amount", NULL, "the same", false},
    {KEEL_ADJUST_MARGIN, "code", NULL, "the same", false},
    {KEEL_PLACE_ORDER, "fees", NULL, "its executions tell", false},
    {KEEL_AMEND_ORDER, "fees", NULL, "the same", false},
    {KEEL_CANCEL_ORDER, "fees", NULL, "the same", false},
    {KEEL_LOAD_BRACKETS, "currency", "BTC", "a tier counts the quote, not the base", false},
    {KEEL_LOAD_DEPOSITS, "fee", NULL, "a deposit costs nothing", false},
    {KEEL_LOAD_DEPOSITS, "internal", NULL, "between accounts of the venue: as good as any", false},
    {KEEL_LOAD_INCOME, "before", NULL, "the balances tell", false},
    {KEEL_LOAD_INCOME, "after", NULL, "the same", false},
    {KEEL_LOAD_POSITIONS, "collateral", NULL, "of a cross position: computed when it is read", false},
    {KEEL_LOAD_POSITIONS, "initialMarginPercentage", NULL, "the same", false},
    {KEEL_LOAD_POSITIONS, "maintenanceMarginPercentage", NULL, "the same", false},
    {KEEL_LOAD_POSITIONS, "marginRatio", NULL, "the same", false},
    {KEEL_LOAD_POSITIONS, "percentage", NULL, "the same", false},
    {KEEL_LOAD_MARKS, "high", NULL, "keel reads the last price alone", false},
    {KEEL_LOAD_MARKS, "low", NULL, "the same", false},
    {KEEL_LOAD_MARKS, "bid", NULL, "the stream of best prices", false},
    {KEEL_LOAD_MARKS, "ask", NULL, "the same", false},
    {KEEL_LOAD_MARKS, "vwap", NULL, "of a day", false},
    {KEEL_LOAD_MARKS, "open", NULL, "the same", false},
    {KEEL_LOAD_MARKS, "change", NULL, "the same", false},
    {KEEL_LOAD_MARKS, "percentage", NULL, "the same", false},
    {KEEL_LOAD_MARKS, "average", NULL, "the same", false},
    {KEEL_LOAD_MARKS, "baseVolume", NULL, "the same", false},
    {KEEL_LOAD_MARKS, "quoteVolume", NULL, "the same", false},
};
/* clang-format on */

/* --- keel's figures ----------------------------------------------------------------------------
 *
 * Of the events, by ccxt's names: a word, or a number and what one of theirs is worth of ours. */

struct figure {
    char path[PATH_SIZE];
    char word[KEEL_TXID_SIZE]; /* "": a number */
    keel_decimal number, unit;
};

static struct {
    struct keel_markets *usdm, *pairs, *contracts, *currency_pairs;
    struct figure figures[FIGURES_MAX];
    size_t count;
    bool is_list;
    int row;
    struct keel_event events[EVENTS_MAX];
    char arena_memory[1 << 16];
} fixture;

static struct figure *add_figure(const char *name)
{
    assert_true(fixture.count < FIGURES_MAX);
    struct figure *figure = &fixture.figures[fixture.count++];
    struct keel_writer path;
    *figure = (struct figure){.unit = KEEL_DECIMAL_ONE};
    keel_writer_init(&path, figure->path, sizeof(figure->path));
    if (fixture.is_list)
        keel_write_format(&path, "%d.", fixture.row);
    keel_write(&path, keel_str_from(name));
    assert_false(path.full);
    return figure;
}

static void put_word(const char *name, const char *word)
{
    if (word[0] == '\0')
        return;
    struct figure *figure = add_figure(name);
    assert_true(strlen(word) < sizeof(figure->word));
    snprintf(figure->word, sizeof(figure->word), "%s", word);
}

static void put_flag(const char *name, bool value)
{
    put_word(name, value ? "true" : "false");
}

static void put_number(const char *name, keel_decimal value)
{
    if (keel_decimal_is_valid(value))
        add_figure(name)->number = value;
}

static void put_time(const char *name, int64_t time_ms)
{
    if (time_ms != 0)
        put_number(name, keel_decimal_from_int(time_ms));
}

static void put_contracts(const char *name, keel_decimal quantity, const struct keel_market *market)
{
    if (!keel_decimal_is_valid(quantity))
        return;
    struct figure *figure = add_figure(name);
    figure->number = quantity;
    figure->unit = market->contract_size;
}

static const char *find_order_type(enum keel_order_type type)
{
    switch (type) {
    case KEEL_LIMIT:
    case KEEL_STOP_LIMIT:
    case KEEL_TAKE_PROFIT_LIMIT: return "limit";
    case KEEL_MARKET:
    case KEEL_STOP_MARKET:
    case KEEL_TAKE_PROFIT_MARKET:
    case KEEL_TRAILING_STOP:
    case KEEL_LIQUIDATION: return "market";
    case KEEL_ORDER_TYPE_NONE: break;
    }
    return "";
}

static const char *find_order_status(enum keel_order_status status)
{
    switch (status) {
    case KEEL_ORDER_NEW:
    case KEEL_ORDER_PARTIALLY_FILLED: return "open";
    case KEEL_ORDER_FILLED: return "closed";
    case KEEL_ORDER_CANCELED: return "canceled";
    case KEEL_ORDER_EXPIRED: return "expired";
    case KEEL_ORDER_REJECTED: return "rejected";
    case KEEL_ORDER_PENDING:
    case KEEL_ORDER_STATUS_NONE: break;
    }
    return "";
}

static void put_time_in_force(enum keel_time_in_force time_in_force)
{
    char word[8];
    snprintf(word, sizeof(word), "%s", keel_time_in_force_name(time_in_force));
    for (char *at = word; *at != '\0'; at++)
        *at = (char)toupper(*at);
    put_word("timeInForce", word);
    put_flag("postOnly", time_in_force == KEEL_GTX);
}

/* An order at the market's price has its average for a price. */
static void put_prices(const struct keel_order *order)
{
    bool at_market = strcmp(find_order_type(order->type), "market") == 0;
    bool filled = keel_decimal_is_positive(order->filled_quantity);
    keel_decimal cost = filled ? keel_decimal_mul(order->average_price, order->filled_quantity,
                                                  KEEL_ROUND_HALF_EVEN)
                               : KEEL_DECIMAL_ZERO;
    put_number("price", at_market ? order->average_price : order->price);
    put_number("triggerPrice", order->trigger_price);
    put_number("stopPrice", order->trigger_price);
    put_number("average", order->average_price);
    put_number("cost", cost);
    put_number("quoteValue", cost);
}

/* A time that the venue leaves out is the other one. */
static void put_order_times(const struct keel_order *order)
{
    put_time("timestamp",
             order->create_time_ms != 0 ? order->create_time_ms : order->update_time_ms);
    put_time("lastTradeTimestamp", order->update_time_ms);
    put_time("lastUpdateTimestamp", order->update_time_ms);
}

static void put_order(const struct keel_order *order, const struct keel_market *market)
{
    put_word("id", order->order_id);
    put_word("clientOrderId", order->client_id);
    put_word("symbol", market->symbol);
    put_word("type", find_order_type(order->type));
    put_word("status", find_order_status(order->status));
    put_word("side", keel_side_name(order->side));
    put_flag("reduceOnly", order->reduce_only);
    put_time_in_force(order->time_in_force);
    put_prices(order);
    put_order_times(order);
    put_contracts("amount", order->quantity, market);
    put_contracts("filled", order->filled_quantity, market);
    put_contracts("contracts", order->filled_quantity, market);
    put_contracts("remaining", keel_decimal_sub(order->quantity, order->filled_quantity), market);
}

static void put_execution(const struct keel_execution *execution, const struct keel_market *market)
{
    put_word("id", execution->trade_id);
    put_word("order", execution->order_id);
    put_word("symbol", market->symbol);
    put_word("side", keel_side_name(execution->side));
    put_word("takerOrMaker", execution->maker ? "maker" : "taker");
    put_number("price", execution->price);
    put_contracts("amount", execution->quantity, market);
    put_number("cost",
               keel_decimal_mul(execution->price, execution->quantity, KEEL_ROUND_HALF_EVEN));
    put_number("fee.cost", execution->fee);
    put_word("fee.currency", execution->fee_asset);
    put_number("fees.0.cost", execution->fee);
    put_word("fees.0.currency", execution->fee_asset);
    put_time("timestamp", execution->time_ms);
}

static void put_held(const char *asset, const char *name, keel_decimal amount)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s.%s", asset, name);
    put_number(path, amount);
    snprintf(path, sizeof(path), "%s.%s", name, asset);
    put_number(path, amount);
}

static void put_balance(const struct keel_balance *balance)
{
    put_held(balance->asset, "total", balance->wallet);
    put_held(balance->asset, "free", balance->available);
    put_held(balance->asset, "used", keel_decimal_sub(balance->wallet, balance->available));
    if (fixture.row == 0)
        put_time("timestamp", balance->update_time_ms);
}

static void put_position(const struct keel_position *position,
                         const struct keel_position_told *told, const struct keel_market *market)
{
    put_word("symbol", market->symbol);
    put_number("contractSize", market->contract_size);
    put_contracts("contracts", keel_decimal_abs(position->quantity), market);
    put_word("side", keel_position_direction(position));
    put_flag("hedged", position->side != KEEL_NET);
    put_word("marginMode", keel_margin_mode_name(position->margin_mode));
    put_word("marginType", keel_margin_mode_name(position->margin_mode));
    put_number("entryPrice", position->entry_price);
    put_number("realizedPnl", position->realized_pnl);
    put_number("liquidationPrice", position->venue_liquidation_price);
    put_time("timestamp", position->update_time_ms);
    put_time("lastUpdateTimestamp", position->update_time_ms);
    put_number("markPrice", told->mark_price);
    put_number("notional", told->notional);
    put_number("unrealizedPnl", told->unrealized_pnl);
    put_number("collateral", told->isolated_margin);
    put_number("initialMargin", told->initial_margin);
    put_number("maintenanceMargin", told->maintenance_margin);
}

static void put_flat(void)
{
    static const char *const names[] = {"contracts",   "entryPrice",       "notional",
                                        "realizedPnl", "liquidationPrice", "unrealizedPnl",
                                        "collateral"};
    for (size_t i = 0; i < COUNT(names); i++)
        put_number(names[i], KEEL_DECIMAL_ZERO);
}

static void put_leverage(const struct keel_leverage *leverage, const struct keel_market *market)
{
    put_word("symbol", market->symbol);
    put_number("contractSize", market->contract_size);
    put_word("marginMode", keel_margin_mode_name(leverage->margin_mode));
    put_word("marginType", keel_margin_mode_name(leverage->margin_mode));
    if (leverage->leverage != 0)
        put_number("leverage", keel_decimal_from_int(leverage->leverage));
    put_number("maxNotionalValue", leverage->notional_max);
}

static void put_income(const struct keel_income *income)
{
    char name[sizeof(income->name)];
    snprintf(name, sizeof(name), "%s", income->name);
    for (char *at = name; *at != '\0'; at++)
        *at = (char)tolower(*at);
    put_word("id", income->id);
    put_word("type", name);
    put_word("referenceId", income->trade_id);
    put_word("currency", income->asset);
    put_word("direction", keel_decimal_is_negative(income->amount) ? "out" : "in");
    put_number("amount", keel_decimal_abs(income->amount));
    put_time("timestamp", income->time_ms);
}

static void put_brackets(const struct keel_brackets *brackets, const struct keel_market *market)
{
    for (fixture.row = 0; fixture.row < brackets->count; fixture.row++) {
        const struct keel_bracket *bracket = &brackets->at[fixture.row];
        put_word("symbol", market->symbol);
        put_number("tier", keel_decimal_from_int(fixture.row + 1));
        put_number("minNotional", bracket->notional_floor);
        put_number("maxNotional", bracket->notional_cap);
        put_number("maintenanceMarginRate", bracket->maintenance_ratio);
        put_number("maxLeverage", keel_decimal_from_int(bracket->leverage_max));
    }
}

static void put_deposit(const struct keel_deposit *deposit)
{
    put_word("id", deposit->id);
    put_word("type", "deposit");
    put_word("status", deposit->credited ? "ok" : "pending");
    put_word("currency", deposit->asset);
    put_word("network", deposit->network);
    put_word("address", deposit->address);
    put_word("addressTo", deposit->address);
    put_word("txid", deposit->txid);
    put_number("amount", deposit->amount);
    put_time("timestamp", deposit->time_ms);
}

static void put_withdrawal(const struct keel_withdrawal *withdrawal)
{
    put_word("id", withdrawal->id);
    put_word("type", "withdrawal");
    put_word("status", keel_withdrawal_status_name(withdrawal->status));
    put_word("currency", withdrawal->asset);
    put_word("network", withdrawal->network);
    put_word("address", withdrawal->address);
    put_word("txid", withdrawal->txid);
    put_number("amount", withdrawal->amount);
    put_number("fee.cost", withdrawal->fee);
    put_word("fee.currency", withdrawal->asset);
    put_time("timestamp", withdrawal->time_ms);
}

static void put_fees(const struct keel_fees *fees, const struct keel_market *market)
{
    put_word("symbol", market->symbol);
    put_number("maker", fees->maker);
    put_number("taker", fees->taker);
}

static void put_mark(const struct keel_mark *mark, const struct keel_market *market)
{
    put_word("symbol", market->symbol);
    put_number("last", mark->mark_price);
    put_number("close", mark->mark_price);
}

/* False for what is no row of its own. */
static bool put_event(const struct keel_event *event, const struct keel_markets *markets)
{
    switch ((int)event->kind) {
    case KEEL_EVENT_ORDER:
        put_order(&event->order, keel_markets_get(markets, event->order.market));
        return true;
    case KEEL_EVENT_EXECUTION:
        put_execution(&event->execution, keel_markets_get(markets, event->execution.market));
        return true;
    case KEEL_EVENT_BALANCE: put_balance(&event->balance); return true;
    case KEEL_EVENT_POSITION:
        put_position(&event->position, &event->told,
                     keel_markets_get(markets, event->position.market));
        return true;
    case KEEL_EVENT_LEVERAGE:
        put_leverage(&event->leverage, keel_markets_get(markets, event->leverage.market));
        return false;
    case KEEL_EVENT_INCOME: put_income(&event->income); return true;
    case KEEL_EVENT_BRACKETS:
        put_brackets(event->brackets.table, keel_markets_get(markets, event->brackets.market));
        return true;
    case KEEL_EVENT_DEPOSIT: put_deposit(&event->deposit); return true;
    case KEEL_EVENT_WITHDRAWAL: put_withdrawal(&event->withdrawal); return true;
    case KEEL_EVENT_FEES:
        put_fees(&event->fees, keel_markets_get(markets, event->fees.market));
        return true;
    case KEEL_EVENT_MARK:
        put_mark(&event->mark, keel_markets_get(markets, event->mark.market));
        return true;
    case KEEL_EVENT_SERVER_TIME: put_time("", event->server_time_ms); return true;
    }
    return false;
}

/* --- One case ----------------------------------------------------------------------------------
 */

static const struct keel_markets *find_markets(const struct keel_venue *venue)
{
    return venue == &keel_venue_gateio        ? fixture.contracts
           : venue == &keel_venue_gateio_spot ? fixture.currency_pairs
           : venue == &keel_venue_binance     ? fixture.usdm
                                              : fixture.pairs;
}

static struct keel_command make_command(const struct call *call)
{
    struct keel_command command = {.kind = call->kind};
    const struct keel_markets *markets = find_markets(call->venue);
    keel_str name = KEEL_STR("BTC_USDT");
    if (call->kind == KEEL_CANCEL_ORDER || call->kind == KEEL_QUERY_ORDER)
        command.order.family = call->family;
    else if (call->kind == KEEL_LOAD_ORDERS)
        command.page.family = call->family;
    else if (call->kind == KEEL_LOAD_BRACKETS || call->kind == KEEL_LOAD_FEES)
        command.market = keel_markets_find_venue_symbol(markets, name);
    return command;
}

/* The rows as ccxt has them: a list, or one object. */
static void read_answer(const struct call *call, keel_str body, bool is_list)
{
    struct keel_command command = make_command(call);
    const struct keel_markets *markets = find_markets(call->venue);
    struct keel_events events = {fixture.events, 0, EVENTS_MAX};
    struct keel_reply reply = {.http_status = 200, .body = body, .headers = KEEL_STR("")};
    struct keel_outcome outcome;
    struct keel_arena arena;
    keel_arena_init(&arena, fixture.arena_memory, sizeof(fixture.arena_memory));
    if (call->venue->decode_reply(&command, &reply, markets, &arena, &events, &outcome) != KEEL_OK)
        fail_msg("%s: %s", call->name, outcome.error.message);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);

    fixture.count = 0;
    fixture.row = 0;
    fixture.is_list = is_list;
    for (int32_t i = 0; i < events.count; i++)
        fixture.row += put_event(&events.at[i], markets);
    if (call->kind == KEEL_LOAD_POSITIONS && fixture.row == 0)
        put_flat();
    if (call->kind == KEEL_ADJUST_MARGIN)
        put_word("status", "ok");
}

static const struct figure *find_figure(const char *path)
{
    for (size_t i = 0; i < fixture.count; i++) {
        if (strcmp(fixture.figures[i].path, path) == 0)
            return &fixture.figures[i];
    }
    return NULL;
}

static bool figure_is(const struct figure *figure, keel_str theirs, keel_decimal unit)
{
    keel_decimal number;
    if (figure->word[0] != '\0')
        return keel_str_equals(keel_str_from(figure->word), theirs);
    if (keel_decimal_parse(theirs, KEEL_ROUND_HALF_EVEN, &number, NULL) != KEEL_OK)
        return false;
    number = keel_decimal_mul(number, unit, KEEL_ROUND_HALF_EVEN);
    return keel_decimal_equals(figure->number, number);
}

static bool is_named_difference(const char *name, const char *path, const struct figure *figure)
{
    for (size_t i = 0; i < COUNT(differences); i++) {
        struct difference *difference = &differences[i];
        if (strcmp(difference->name, name) != 0 || strcmp(difference->path, path) != 0)
            continue;
        assert_true(strlen(difference->reason) > 0);
        difference->met = true;
        if (!difference->ours)
            return figure == NULL;
        return figure && figure_is(figure, keel_str_from(difference->ours), KEEL_DECIMAL_ONE);
    }
    return false;
}

/* The member of a row in which the path begins. */
static keel_str find_member(const char *path)
{
    if (isdigit((unsigned char)*path))
        path += strcspn(path, ".") + 1;
    return (keel_str){path, strcspn(path, ".")};
}

static bool is_untold(enum keel_command_kind kind, const char *path, keel_str theirs)
{
    keel_str member = find_member(path);
    for (size_t i = 0; i < COUNT(untold); i++) {
        struct untold *row = &untold[i];
        if ((row->kind != KEEL_COMMAND_NONE && row->kind != kind) ||
            !keel_str_equals(member, keel_str_from(row->member)) ||
            (row->value && !keel_str_equals(theirs, keel_str_from(row->value))))
            continue;
        assert_true(strlen(row->reason) > 0);
        row->met = true;
        return true;
    }
    return false;
}

static int compare_leaf(const struct call *call, const char *path, keel_str theirs)
{
    const struct figure *figure = find_figure(path);
    if ((figure && figure_is(figure, theirs, figure->unit)) ||
        is_named_difference(call->name, path, figure))
        return 1;
    if (!figure && is_untold(call->kind, path, theirs))
        return 0;
    char ours[KEEL_DECIMAL_TEXT_SIZE] = "nothing";
    if (figure && figure->word[0] == '\0')
        keel_decimal_format(figure->number, ours);
    fail_msg("%s: %s is %.*s, but keel has %s", call->name, path, KEEL_STR_ARGS(theirs),
             figure && figure->word[0] != '\0' ? figure->word : ours);
    return 0;
}

static void join(char path[static PATH_SIZE], const char *outer, keel_str inner)
{
    struct keel_writer writer;
    keel_writer_init(&writer, path, PATH_SIZE);
    keel_write(&writer, keel_str_from(outer));
    if (outer[0] != '\0')
        keel_write_char(&writer, '.');
    keel_write(&writer, inner);
    assert_false(writer.full);
}

/* How many figures were compared; null is what ccxt does not know. */
static int compare(const struct call *call, const char *path, struct keel_json *json)
{
    char inner[PATH_SIZE], number[16];
    keel_str key, value;
    int count = 0, row = 0;
    switch (keel_json_peek(json)) {
    case KEEL_JSON_OBJECT:
        keel_json_enter_object(json);
        while (keel_json_next_key(json, &key)) {
            join(inner, path, key);
            count += compare(call, inner, json);
        }
        return count;
    case KEEL_JSON_ARRAY:
        keel_json_enter_array(json);
        while (keel_json_next_element(json)) {
            snprintf(number, sizeof(number), "%d", row++);
            join(inner, path, keel_str_from(number));
            count += compare(call, inner, json);
        }
        return count;
    case KEEL_JSON_STRING:
        keel_json_read_string(json, NULL, &value);
        return compare_leaf(call, path, value);
    case KEEL_JSON_NUMBER:
    case KEEL_JSON_BOOL: keel_json_raw(json, &value); return compare_leaf(call, path, value);
    case KEEL_JSON_NULL:
    case KEEL_JSON_NONE: break;
    }
    keel_json_skip(json);
    return 0;
}

/* --- All cases ---------------------------------------------------------------------------------
 */

struct recorded {
    keel_str name, response, parsed;
};

static void read_recorded(struct keel_json *json, struct recorded *recorded)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (keel_str_equals(key, KEEL_STR("name")))
            keel_json_read_string(json, NULL, &recorded->name);
        else if (keel_str_equals(key, KEEL_STR("response")))
            keel_json_raw(json, &recorded->response);
        else if (keel_str_equals(key, KEEL_STR("parsed")))
            keel_json_raw(json, &recorded->parsed);
        else
            keel_json_skip(json);
    }
}

static void check_call(const struct call *call, const struct recorded *recorded)
{
    struct keel_json json;
    read_answer(call, recorded->response, recorded->parsed.data[0] == '[');
    keel_json_init(&json, recorded->parsed);
    int count = compare(call, "", &json);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    if (count == 0)
        fail_msg("%s: nothing was compared", call->name);
}

struct tally {
    size_t compared, not_asked;
};

static void check_case(struct keel_json *json, struct tally *tally)
{
    struct recorded recorded = {0};
    size_t compared = 0, named = 0;
    read_recorded(json, &recorded);
    for (size_t i = 0; i < COUNT(calls); i++) {
        if (!keel_str_equals(recorded.name, keel_str_from(calls[i].name)))
            continue;
        check_call(&calls[i], &recorded);
        compared++;
    }
    for (size_t i = 0; i < COUNT(not_asked); i++) {
        assert_true(strlen(not_asked[i].reason) > 0);
        named += keel_str_equals(recorded.name, keel_str_from(not_asked[i].name));
    }
    if (compared + named != 1)
        fail_msg("%.*s: compared %zu times, and %zu reasons why not", KEEL_STR_ARGS(recorded.name),
                 compared, named);
    tally->compared += compared;
    tally->not_asked += named;
}

static void check_file(const char *path, struct tally *tally)
{
    keel_str text = read_fixture(path), key;
    struct keel_json json;
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (!keel_str_equals(key, KEEL_STR("responses"))) {
            keel_json_skip(&json);
            continue;
        }
        keel_json_enter_array(&json);
        while (keel_json_next_element(&json))
            check_case(&json, tally);
    }
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    free_fixture(text);
}

static void answers_are_read_as_another_client_reads_them(void **state)
{
    (void)state;
    struct tally tally = {0};
    check_file(KEEL_TEST_FIXTURES "/gateio/responses.json", &tally);
    check_file(KEEL_TEST_FIXTURES "/binance/responses.json", &tally);
    assert_int_equal(tally.compared, COUNT(calls));
    assert_int_equal(tally.not_asked, COUNT(not_asked));
    for (size_t i = 0; i < COUNT(differences); i++) {
        if (!differences[i].met)
            fail_msg("%s: %s does not differ", differences[i].name, differences[i].path);
    }
    for (size_t i = 0; i < COUNT(untold); i++) {
        if (!untold[i].met)
            fail_msg("%s is nowhere left out", untold[i].member);
    }
}

static struct keel_markets *make_pairs(const struct keel_venue *venue, const char *const *names)
{
    struct keel_markets *markets = keel_markets_new();
    assert_non_null(markets);
    for (; *names; names++) {
        struct keel_market market;
        keel_market_id id;
        assert_true(venue->name_market(keel_str_from(*names), &market));
        assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_OK);
    }
    return markets;
}

static int set_up(void **state)
{
    static const char *const pairs[] = {"BTCUSDT", "LTCUSDT", NULL};
    static const char *const currency_pairs[] = {"BTC_USDT", "ETH_USDT", "LTC_USDT", "ADA_USDT",
                                                 NULL};
    (void)state;
    fixture.usdm = make_test_markets();
    fixture.contracts = make_gate_markets();
    fixture.pairs = make_pairs(&keel_venue_binance_spot, pairs);
    fixture.currency_pairs = make_pairs(&keel_venue_gateio_spot, currency_pairs);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(fixture.usdm);
    keel_markets_free(fixture.contracts);
    keel_markets_free(fixture.pairs);
    keel_markets_free(fixture.currency_pairs);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_read_as_another_client_reads_them),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

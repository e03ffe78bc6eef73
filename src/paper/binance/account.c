#include "paper/binance/endpoints.h"
#include "paper/binance/render.h"
#include "paper/binance/words.h"

static const char *symbol_of(keel_market_id market)
{
    return paper_instrument_get(market)->symbol;
}

/* --- Account and balance -----------------------------------------------------------------------
 */

static void put_totals(struct keel_writer *json, const struct paper_account *account)
{
    binance_put_amount(json, "totalInitialMargin", account->initial_margin);
    binance_put_amount(json, "totalMaintMargin", account->maintenance_margin);
    binance_put_amount(json, "totalWalletBalance", account->wallet);
    binance_put_amount(json, "totalUnrealizedProfit", account->unrealized_pnl);
    binance_put_amount(json, "totalMarginBalance", account->margin_balance);
    binance_put_amount(json, "totalPositionInitialMargin", account->position_margin);
    binance_put_amount(json, "totalOpenOrderInitialMargin", account->order_margin);
    binance_put_amount(json, "totalCrossWalletBalance", account->cross_wallet);
    binance_put_amount(json, "totalCrossUnPnl", account->cross_unrealized);
    binance_put_amount(json, "availableBalance", account->available);
    binance_put_amount(json, "maxWithdrawAmount", account->withdrawable);
}

static void put_assets(struct keel_writer *json, const struct paper_account *account,
                       bool margin_available)
{
    keel_json_open_array(json, "assets");
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "asset", "USDT");
    binance_put_amount(json, "walletBalance", account->wallet);
    binance_put_amount(json, "unrealizedProfit", account->unrealized_pnl);
    binance_put_amount(json, "marginBalance", account->margin_balance);
    binance_put_amount(json, "maintMargin", account->maintenance_margin);
    binance_put_amount(json, "initialMargin", account->initial_margin);
    binance_put_amount(json, "positionInitialMargin", account->position_margin);
    binance_put_amount(json, "openOrderInitialMargin", account->order_margin);
    binance_put_amount(json, "crossWalletBalance", account->cross_wallet);
    binance_put_amount(json, "crossUnPnl", account->cross_unrealized);
    binance_put_amount(json, "availableBalance", account->available);
    binance_put_amount(json, "maxWithdrawAmount", account->withdrawable);
    if (margin_available)
        keel_json_put_bool(json, "marginAvailable", true);
    keel_json_put_int(json, "updateTime", account->update_time_ms);
    keel_json_close_object(json);
    keel_json_close_array(json);
}

static bool is_shown(const struct paper_position *position)
{
    return !keel_decimal_is_zero(position->quantity) || position->open_orders > 0;
}

/* One row a market, or in hedge mode one a leg. */
static void put_rows(struct binance_call *call, keel_market_id market, bool hedge_mode,
                     bool flat_too,
                     void (*put)(struct keel_writer *json, const struct paper_position *position))
{
    for (enum keel_position_side side = hedge_mode ? KEEL_LONG : KEEL_NET;
         side <= (hedge_mode ? KEEL_SHORT : KEEL_NET); side++) {
        struct paper_position position;
        paper_engine_get_leg(call->engine, call->account, market, side, &position);
        if (flat_too || is_shown(&position))
            put(call->out, &position);
    }
}

/* The rows of every market, or of those that have a position or an order. */
static void
put_positions(struct binance_call *call, const char *key, keel_market_id only, bool flat_too,
              void (*put)(struct keel_writer *json, const struct paper_position *position))
{
    struct paper_account account;
    paper_engine_get_account(call->engine, call->account, &account);
    keel_json_open_array(call->out, key);
    for (int i = 1; i <= paper_instrument_count(); i++) {
        if (only == KEEL_NO_MARKET || only == i)
            put_rows(call, (keel_market_id)i, account.hedge_mode, flat_too, put);
    }
    keel_json_close_array(call->out);
}

void binance_get_account_v2(struct binance_call *call)
{
    struct keel_writer *json = call->out;
    struct paper_account account;

    paper_engine_get_account(call->engine, call->account, &account);
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "feeTier", 0);
    keel_json_put_bool(json, "feeBurn", false);
    keel_json_put_bool(json, "canTrade", true);
    keel_json_put_bool(json, "canDeposit", true);
    keel_json_put_bool(json, "canWithdraw", true);
    keel_json_put_int(json, "updateTime", 0);
    keel_json_put_bool(json, "multiAssetsMargin", account.multi_assets);
    keel_json_put_int(json, "tradeGroupId", -1);
    put_totals(json, &account);
    put_assets(json, &account, true);
    put_positions(call, "positions", KEEL_NO_MARKET, true, binance_put_account_position_v2);
    keel_json_close_object(json);
}

void binance_get_account_v3(struct binance_call *call)
{
    struct paper_account account;

    paper_engine_get_account(call->engine, call->account, &account);
    keel_json_open_object(call->out, NULL);
    put_totals(call->out, &account);
    put_assets(call->out, &account, false);
    put_positions(call, "positions", KEEL_NO_MARKET, false, binance_put_account_position_v3);
    keel_json_close_object(call->out);
}

void binance_get_balance(struct binance_call *call)
{
    struct keel_writer *json = call->out;
    struct paper_account account;
    char alias[] = "SgsR0000";

    alias[6] = (char)('0' + call->account / 10 % 10);
    alias[7] = (char)('0' + call->account % 10);
    paper_engine_get_account(call->engine, call->account, &account);
    keel_json_open_array(json, NULL);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "accountAlias", alias);
    keel_json_put_text(json, "asset", "USDT");
    binance_put_amount(json, "balance", account.wallet);
    binance_put_amount(json, "crossWalletBalance", account.cross_wallet);
    binance_put_amount(json, "crossUnPnl", account.cross_unrealized);
    binance_put_amount(json, "availableBalance", account.available);
    binance_put_amount(json, "maxWithdrawAmount", account.withdrawable);
    keel_json_put_bool(json, "marginAvailable", true);
    keel_json_put_int(json, "updateTime", account.update_time_ms);
    keel_json_close_object(json);
    keel_json_close_array(json);
}

void binance_get_positions_v2(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    if (!binance_refused(call))
        put_positions(call, NULL, market, true, binance_put_position_v2);
}

void binance_get_positions_v3(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    if (!binance_refused(call))
        put_positions(call, NULL, market, false, binance_put_position_v3);
}

/* --- Facts about the account -------------------------------------------------------------------
 */

static void put_brackets(struct keel_writer *json, keel_market_id market)
{
    const struct keel_brackets *brackets = &paper_instrument_get(market)->brackets;

    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(market));
    keel_json_open_array(json, "brackets");
    for (int i = 0; i < brackets->count; i++) {
        const struct keel_bracket *bracket = &brackets->at[i];
        keel_json_open_object(json, NULL);
        keel_json_put_int(json, "bracket", i + 1);
        keel_json_put_int(json, "initialLeverage", bracket->leverage_max);
        binance_put_number(json, "notionalCap", bracket->notional_cap);
        binance_put_number(json, "notionalFloor", bracket->notional_floor);
        binance_put_number(json, "maintMarginRatio", bracket->maintenance_ratio);
        binance_put_number(json, "cum", bracket->maintenance_amount);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
    keel_json_close_object(json);
}

/* An array even for one symbol: so the venue really answers. */
void binance_get_leverage_bracket(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    if (binance_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (int i = 1; i <= paper_instrument_count(); i++) {
        if (market == KEEL_NO_MARKET || market == i)
            put_brackets(call->out, (keel_market_id)i);
    }
    keel_json_close_array(call->out);
}

void binance_get_commission_rate(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    if (binance_refused(call))
        return;
    const struct paper_instrument *instrument = paper_instrument_get(market);
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "symbol", instrument->symbol);
    keel_json_put_fixed(call->out, "makerCommissionRate", instrument->maker_fee, 6);
    keel_json_put_fixed(call->out, "takerCommissionRate", instrument->taker_fee, 6);
    keel_json_put_fixed(call->out, "rpiCommissionRate", instrument->maker_fee, 6);
    keel_json_close_object(call->out);
}

void binance_get_account_config(struct binance_call *call)
{
    struct keel_writer *json = call->out;
    struct paper_account account;

    paper_engine_get_account(call->engine, call->account, &account);
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "feeTier", 0);
    keel_json_put_bool(json, "canTrade", true);
    keel_json_put_bool(json, "canDeposit", true);
    keel_json_put_bool(json, "canWithdraw", true);
    keel_json_put_bool(json, "dualSidePosition", account.hedge_mode);
    keel_json_put_int(json, "updateTime", 0);
    keel_json_put_bool(json, "multiAssetsMargin", account.multi_assets);
    keel_json_put_int(json, "tradeGroupId", -1);
    keel_json_close_object(json);
}

static void put_symbol_config(struct keel_writer *json, const struct paper_position *position)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(position->market));
    keel_json_put_text(json, "marginType",
                       position->margin_mode == KEEL_ISOLATED ? "ISOLATED" : "CROSSED");
    keel_json_put_bool(json, "isAutoAddMargin", false);
    keel_json_put_int(json, "leverage", position->leverage);
    keel_json_put_decimal(json, "maxNotionalValue", position->notional_max);
    keel_json_close_object(json);
}

void binance_get_symbol_config(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    if (!binance_refused(call))
        put_positions(call, NULL, market, true, put_symbol_config);
}

static void put_adl(struct keel_writer *json, const struct paper_position *position)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(position->market));
    keel_json_open_object(json, "adlQuantile");
    keel_json_put_int(json, "LONG", 0);
    keel_json_put_int(json, "SHORT", 0);
    keel_json_put_int(json, "BOTH", position->adl_rank);
    keel_json_close_object(json);
    keel_json_close_object(json);
}

void binance_get_adl_quantile(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    if (!binance_refused(call))
        put_positions(call, NULL, market, false, put_adl);
}

/* No indicator is ever triggered here. */
void binance_get_trading_status(struct binance_call *call)
{
    binance_read_market(call, BINANCE_OPTIONAL);
    if (binance_refused(call))
        return;
    keel_json_open_object(call->out, NULL);
    keel_json_open_object(call->out, "indicators");
    keel_json_close_object(call->out);
    keel_json_put_int(call->out, "updateTime", call->now_ms);
    keel_json_close_object(call->out);
}

static void put_order_limit(struct keel_writer *json, const char *interval, int count, int limit)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "rateLimitType", "ORDERS");
    keel_json_put_text(json, "interval", interval);
    keel_json_put_int(json, "intervalNum", count);
    keel_json_put_int(json, "limit", limit);
    keel_json_close_object(json);
}

void binance_get_order_limits(struct binance_call *call)
{
    const struct binance_limits *limits = &call->binance->limits;
    keel_json_open_array(call->out, NULL);
    put_order_limit(call->out, "SECOND", 10, limits->orders_ten_seconds_max);
    put_order_limit(call->out, "MINUTE", 1, limits->orders_minute_max);
    keel_json_close_array(call->out);
}

/* --- Histories ---------------------------------------------------------------------------------
 */

static enum keel_income_kind read_income_type(struct binance_call *call, bool *all)
{
    keel_str word = binance_read_text(call, "incomeType", BINANCE_OPTIONAL);
    *all = word.size == 0;
    return binance_read_income(word);
}

/* Pages count from 1. A type that never occurs here gives an empty list. */
void binance_get_income(struct binance_call *call)
{
    struct paper_query query = {.account = call->account};
    bool all;
    query.market = binance_read_market(call, BINANCE_OPTIONAL);
    enum keel_income_kind kind = read_income_type(call, &all);
    binance_read_times(call, &query, 0);
    if (query.start_ms == 0 && query.end_ms == 0)
        binance_read_times(call, &query, 7);
    int limit = binance_read_limit(call, 100, 1000);
    int64_t page = binance_read_int(call, "page", BINANCE_OPTIONAL);
    if (binance_refused(call))
        return;

    int64_t skip = page > 1 ? (page - 1) * limit : 0;
    int count = 0;
    keel_json_open_array(call->out, NULL);
    for (const struct paper_income *row = NULL;
         count < limit && (row = paper_engine_next_income(call->engine, &query, row));) {
        if ((!all && row->kind != kind) || skip-- > 0)
            continue;
        binance_put_income(call->out, row);
        count++;
    }
    keel_json_close_array(call->out);
}

static void put_margin_change(struct keel_writer *json, const struct paper_margin_change *row)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(row->market));
    keel_json_put_int(json, "type", keel_decimal_is_negative(row->amount) ? 2 : 1);
    keel_json_put_text(json, "deltaType", row->by_user ? "USER_ADJUST" : "TRADE");
    binance_put_amount(json, "amount", keel_decimal_abs(row->amount));
    keel_json_put_text(json, "asset", paper_instrument_get(row->market)->quote);
    keel_json_put_int(json, "time", row->time_ms);
    keel_json_put_text(json, "positionSide", binance_position_side_word(row->side));
    keel_json_close_object(json);
}

void binance_get_margin_history(struct binance_call *call)
{
    struct paper_query query = {.account = call->account};
    query.market = binance_read_market(call, BINANCE_MANDATORY);
    int64_t type = binance_read_int(call, "type", BINANCE_OPTIONAL);
    binance_read_times(call, &query, 30);
    int limit = binance_read_limit(call, 500, 500);
    if (binance_refused(call))
        return;

    int count = 0;
    keel_json_open_array(call->out, NULL);
    for (const struct paper_margin_change *row = NULL;
         count < limit && (row = paper_engine_next_margin_change(call->engine, &query, row));) {
        if (type != 0 && (type == 2) != keel_decimal_is_negative(row->amount))
            continue;
        put_margin_change(call->out, row);
        count++;
    }
    keel_json_close_array(call->out);
}

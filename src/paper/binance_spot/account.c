#include "paper/binance/render.h"
#include "paper/binance_spot/endpoints.h"
#include "paper/binance_spot/render.h"

enum {
    SPAN_HOURS = 24, /* of the histories */
};

/* --- The account -------------------------------------------------------------------------------
 */

/* Fees are told per market; the account's are those of the first. */
static void put_rates(struct keel_writer *json, const struct paper_spot *spot)
{
    keel_decimal maker = paper_spot_maker_fee(spot, 1), taker = paper_spot_taker_fee(spot, 1);
    keel_decimal parts = keel_decimal_from_int(10000);
    binance_put_number(json, "makerCommission", keel_decimal_mul(maker, parts, KEEL_ROUND_DOWN));
    binance_put_number(json, "takerCommission", keel_decimal_mul(taker, parts, KEEL_ROUND_DOWN));
    keel_json_put_int(json, "buyerCommission", 0);
    keel_json_put_int(json, "sellerCommission", 0);
    keel_json_open_object(json, "commissionRates");
    binance_put_amount(json, "maker", maker);
    binance_put_amount(json, "taker", taker);
    binance_put_amount(json, "buyer", KEEL_DECIMAL_ZERO);
    binance_put_amount(json, "seller", KEEL_DECIMAL_ZERO);
    keel_json_close_object(json);
}

static void put_balances(struct binance_spot_call *call, bool omit_zero)
{
    struct keel_writer *json = call->base.out;
    keel_json_open_array(json, "balances");
    for (int id = 1; id <= paper_asset_count(); id++) {
        struct paper_spot_balance balance;
        paper_spot_get_balance(call->spot, call->base.account, (paper_asset_id)id, &balance);
        if (omit_zero && keel_decimal_is_zero(balance.free) && keel_decimal_is_zero(balance.locked))
            continue;
        keel_json_open_object(json, NULL);
        keel_json_put_text(json, "asset", paper_asset_get((paper_asset_id)id)->code);
        binance_put_amount(json, "free", balance.free);
        binance_put_amount(json, "locked", balance.locked);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
}

void binance_spot_get_account(struct binance_spot_call *call)
{
    struct keel_writer *json = call->base.out;
    bool omit_zero = binance_read_bool(&call->base, "omitZeroBalances", BINANCE_OPTIONAL);
    if (binance_refused(&call->base))
        return;
    keel_json_open_object(json, NULL);
    put_rates(json, call->spot);
    keel_json_put_bool(json, "canTrade", true);
    keel_json_put_bool(json, "canWithdraw", true);
    keel_json_put_bool(json, "canDeposit", true);
    keel_json_put_bool(json, "brokered", false);
    keel_json_put_bool(json, "requireSelfTradePrevention", false);
    keel_json_put_bool(json, "preventSor", false);
    keel_json_put_int(json, "updateTime",
                      paper_spot_update_time_ms(call->spot, call->base.account));
    keel_json_put_text(json, "accountType", "SPOT");
    put_balances(call, omit_zero);
    keel_json_open_array(json, "permissions");
    keel_json_put_text(json, NULL, "SPOT");
    keel_json_close_array(json);
    keel_json_put_int(json, "uid", 354937000 + call->base.account);
    keel_json_close_object(json);
}

static void put_commission(struct keel_writer *json, const char *key, keel_decimal maker,
                           keel_decimal taker)
{
    keel_json_open_object(json, key);
    binance_put_amount(json, "maker", maker);
    binance_put_amount(json, "taker", taker);
    binance_put_amount(json, "buyer", KEEL_DECIMAL_ZERO);
    binance_put_amount(json, "seller", KEEL_DECIMAL_ZERO);
    keel_json_close_object(json);
}

void binance_spot_get_commission(struct binance_spot_call *call)
{
    struct keel_writer *json = call->base.out;
    keel_market_id market = binance_spot_read_market(call, BINANCE_MANDATORY);
    if (binance_refused(&call->base))
        return;
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", paper_spot_market(call->spot, market)->symbol);
    put_commission(json, "standardCommission", paper_spot_maker_fee(call->spot, market),
                   paper_spot_taker_fee(call->spot, market));
    put_commission(json, "specialCommission", KEEL_DECIMAL_ZERO, KEEL_DECIMAL_ZERO);
    put_commission(json, "taxCommission", KEEL_DECIMAL_ZERO, KEEL_DECIMAL_ZERO);
    keel_json_open_object(json, "discount");
    keel_json_put_bool(json, "enabledForAccount", false);
    keel_json_put_bool(json, "enabledForSymbol", false);
    keel_json_put_text(json, "discountAsset", "BNB");
    binance_put_amount(json, "discount", KEEL_DECIMAL_ZERO);
    keel_json_close_object(json);
    keel_json_close_object(json);
}

static void put_order_limit(struct keel_writer *json, const char *interval, int interval_count,
                            int limit, int count)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "rateLimitType", "ORDERS");
    keel_json_put_text(json, "interval", interval);
    keel_json_put_int(json, "intervalNum", interval_count);
    keel_json_put_int(json, "limit", limit);
    keel_json_put_int(json, "count", count);
    keel_json_close_object(json);
}

void binance_spot_get_order_limits(struct binance_spot_call *call)
{
    const struct binance_spot_counts *counts =
        binance_spot_counts_of(call->dialect, call->base.account, call->base.now_ms);
    int factor = call->dialect->factor;
    keel_json_open_array(call->base.out, NULL);
    put_order_limit(call->base.out, "SECOND", 10, BINANCE_SPOT_ORDERS_PER_10_S * factor,
                    counts->in_ten_seconds);
    put_order_limit(call->base.out, "DAY", 1, BINANCE_SPOT_ORDERS_PER_DAY * factor, counts->in_day);
    keel_json_close_array(call->base.out);
}

/* A list of what there is none of. */
void binance_spot_get_nothing(struct binance_spot_call *call)
{
    keel_json_open_array(call->base.out, NULL);
    keel_json_close_array(call->base.out);
}

/* --- Orders and trades -------------------------------------------------------------------------
 */

void binance_spot_get_order(struct binance_spot_call *call)
{
    keel_market_id market = binance_spot_read_market(call, BINANCE_MANDATORY);
    int64_t id = binance_read_int(&call->base, "orderId", BINANCE_OPTIONAL);
    keel_str client_id = binance_read_text(&call->base, "origClientOrderId", BINANCE_OPTIONAL);
    if (id == 0 && client_id.size == 0)
        binance_refuse(&call->base, -1102,
                       "Param 'origClientOrderId' or 'orderId' must be sent, but both were "
                       "empty/null!");
    if (binance_refused(&call->base))
        return;
    const struct paper_spot_order *order =
        paper_spot_find_order(call->spot, call->base.account, market, id, client_id);
    if (!order)
        binance_refuse(&call->base, -2013, "Order does not exist.");
    else if (id != 0 && client_id.size > 0 &&
             !keel_str_equals(client_id, keel_str_from(order->client_id)))
        binance_refuse(&call->base, -2039, "Client order ID is not correct for this order ID");
    else
        binance_spot_put_queried(call->spot, call->base.out, order);
}

void binance_spot_get_open_orders(struct binance_spot_call *call)
{
    keel_market_id market = binance_spot_read_market(call, BINANCE_OPTIONAL);
    const struct paper_spot_order *order = NULL;
    if (binance_refused(&call->base))
        return;
    keel_json_open_array(call->base.out, NULL);
    while ((order = paper_spot_next_open_order(call->spot, call->base.account, market, order)))
        binance_spot_put_queried(call->spot, call->base.out, order);
    keel_json_close_array(call->base.out);
}

/* With an id or a beginning the oldest of what matches, else the newest. */
static bool wants_oldest(const struct paper_spot_query *query)
{
    return query->from_id > 0 || query->start_ms > 0;
}

void binance_spot_get_all_orders(struct binance_spot_call *call)
{
    struct paper_spot_query query = {.account = call->base.account};
    query.market = binance_spot_read_market(call, BINANCE_MANDATORY);
    query.from_id = binance_read_int(&call->base, "orderId", BINANCE_OPTIONAL);
    binance_spot_read_times(call, &query, SPAN_HOURS);
    int limit = binance_read_limit(&call->base, 500, 1000);
    if (binance_refused(&call->base))
        return;
    const struct paper_spot_order *order = NULL;
    int64_t count = 0, skipped = 0;
    while (!wants_oldest(&query) && (order = paper_spot_next_order(call->spot, &query, order)))
        count++;
    skipped = count > limit ? count - limit : 0;
    keel_json_open_array(call->base.out, NULL);
    for (count = 0; (order = paper_spot_next_order(call->spot, &query, order)); count++)
        if (count >= skipped && count < skipped + limit)
            binance_spot_put_queried(call->spot, call->base.out, order);
    keel_json_close_array(call->base.out);
}

void binance_spot_get_my_trades(struct binance_spot_call *call)
{
    struct paper_spot_query query = {.account = call->base.account};
    query.market = binance_spot_read_market(call, BINANCE_MANDATORY);
    query.order_id = binance_read_int(&call->base, "orderId", BINANCE_OPTIONAL);
    query.from_id = binance_read_int(&call->base, "fromId", BINANCE_OPTIONAL);
    binance_spot_read_times(call, &query, SPAN_HOURS);
    int limit = binance_read_limit(&call->base, 500, 1000);
    if (binance_refused(&call->base))
        return;
    const struct paper_spot_trade *trade = NULL;
    int64_t count = 0, skipped = 0;
    while (!wants_oldest(&query) && (trade = paper_spot_next_trade(call->spot, &query, trade)))
        count++;
    skipped = count > limit ? count - limit : 0;
    keel_json_open_array(call->base.out, NULL);
    for (count = 0; (trade = paper_spot_next_trade(call->spot, &query, trade)); count++)
        if (count >= skipped && count < skipped + limit)
            binance_spot_put_trade(call->spot, call->base.out, trade);
    keel_json_close_array(call->base.out);
}

static void put_amendment(struct binance_spot_call *call, const struct paper_spot_amendment *row)
{
    struct keel_writer *json = call->base.out;
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", paper_spot_market(call->spot, row->market)->symbol);
    keel_json_put_int(json, "orderId", row->order_id);
    keel_json_put_int(json, "executionId", row->row);
    keel_json_put_text(json, "origClientOrderId", row->client_id_before);
    keel_json_put_text(json, "newClientOrderId", row->client_id_after);
    binance_put_amount(json, "origQty", row->quantity_before);
    binance_put_amount(json, "newQty", row->quantity_after);
    keel_json_put_int(json, "time", row->time_ms);
    keel_json_close_object(json);
}

void binance_spot_get_amendments(struct binance_spot_call *call)
{
    struct paper_spot_query query = {.account = call->base.account};
    query.market = binance_spot_read_market(call, BINANCE_MANDATORY);
    query.order_id = binance_read_int(&call->base, "orderId", BINANCE_MANDATORY);
    query.from_id = binance_read_int(&call->base, "fromExecutionId", BINANCE_OPTIONAL);
    int limit = binance_read_limit(&call->base, 500, 1000);
    if (binance_refused(&call->base))
        return;
    const struct paper_spot_amendment *row = NULL;
    keel_json_open_array(call->base.out, NULL);
    for (int i = 0; i < limit && (row = paper_spot_next_amendment(call->spot, &query, row)); i++)
        put_amendment(call, row);
    keel_json_close_array(call->base.out);
}

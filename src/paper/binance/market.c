#include "paper/binance/endpoints.h"
#include "paper/binance/render.h"

enum {
    DEPTH_MAX = 1000,
};

static const int64_t perpetual_delivery_ms = INT64_C(4133404800000);
static const int64_t hour_ms = INT64_C(60) * 60 * 1000;

void binance_get_ping(struct binance_call *call)
{
    keel_json_open_object(call->out, NULL);
    keel_json_close_object(call->out);
}

void binance_get_time(struct binance_call *call)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "serverTime", call->now_ms);
    keel_json_close_object(call->out);
}

/* --- exchangeInfo ------------------------------------------------------------------------------
 */

static void put_rate_limit(struct keel_writer *json, const char *type, const char *interval,
                           int interval_count, int limit)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "rateLimitType", type);
    keel_json_put_text(json, "interval", interval);
    keel_json_put_int(json, "intervalNum", interval_count);
    keel_json_put_int(json, "limit", limit);
    keel_json_close_object(json);
}

static void put_rate_limits(struct keel_writer *json, const struct binance_limits *limits)
{
    keel_json_open_array(json, "rateLimits");
    put_rate_limit(json, "REQUEST_WEIGHT", "MINUTE", 1, limits->weight_max);
    put_rate_limit(json, "ORDERS", "MINUTE", 1, limits->orders_minute_max);
    put_rate_limit(json, "ORDERS", "SECOND", 10, limits->orders_ten_seconds_max);
    keel_json_close_array(json);
}

static void put_assets(struct keel_writer *json)
{
    keel_json_open_array(json, "assets");
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "asset", "USDT");
    keel_json_put_bool(json, "marginAvailable", true);
    keel_json_put_text(json, "autoAssetExchange", "-10000");
    keel_json_close_object(json);
    keel_json_close_array(json);
}

static void put_range_filter(struct keel_writer *json, const char *type, const char *names[3],
                             const keel_decimal values[3], int digits)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "filterType", type);
    for (int i = 0; i < 3; i++)
        keel_json_put_fixed(json, names[i], values[i], digits);
    keel_json_close_object(json);
}

static void put_count_filter(struct keel_writer *json, const char *type, int limit)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "filterType", type);
    keel_json_put_int(json, "limit", limit);
    keel_json_close_object(json);
}

static void put_filters(struct keel_writer *json, const struct paper_instrument *instrument)
{
    static const char *price_names[] = {"minPrice", "maxPrice", "tickSize"};
    static const char *quantity_names[] = {"minQty", "maxQty", "stepSize"};
    const keel_decimal prices[] = {instrument->price_min, instrument->price_max,
                                   instrument->price_tick};
    const keel_decimal lots[] = {instrument->quantity_min, instrument->quantity_max,
                                 instrument->quantity_step};
    const keel_decimal market_lots[] = {instrument->quantity_min, instrument->market_quantity_max,
                                        instrument->quantity_step};

    keel_json_open_array(json, "filters");
    put_range_filter(json, "PRICE_FILTER", price_names, prices, instrument->price_precision);
    put_range_filter(json, "LOT_SIZE", quantity_names, lots, instrument->quantity_precision);
    put_range_filter(json, "MARKET_LOT_SIZE", quantity_names, market_lots,
                     instrument->quantity_precision);
    put_count_filter(json, "MAX_NUM_ORDERS", instrument->open_orders_max);
    put_count_filter(json, "MAX_NUM_ALGO_ORDERS", instrument->conditional_max);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "filterType", "MIN_NOTIONAL");
    keel_json_put_decimal(json, "notional", instrument->notional_min);
    keel_json_close_object(json);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "filterType", "PERCENT_PRICE");
    keel_json_put_fixed(json, "multiplierUp", instrument->price_up_ratio, 4);
    keel_json_put_fixed(json, "multiplierDown", instrument->price_down_ratio, 4);
    keel_json_put_text(json, "multiplierDecimal", "4");
    keel_json_close_object(json);
    keel_json_close_array(json);
}

static void put_words(struct keel_writer *json, const char *key, const char *const *words)
{
    keel_json_open_array(json, key);
    for (int i = 0; words[i]; i++)
        keel_json_put_text(json, NULL, words[i]);
    keel_json_close_array(json);
}

static void put_symbol(struct keel_writer *json, const struct paper_instrument *instrument)
{
    static const char *const types[] = {"LIMIT",
                                        "MARKET",
                                        "STOP",
                                        "STOP_MARKET",
                                        "TAKE_PROFIT",
                                        "TAKE_PROFIT_MARKET",
                                        "TRAILING_STOP_MARKET",
                                        NULL};
    static const char *const times[] = {"GTC", "IOC", "FOK", "GTX", "GTD", NULL};
    static const char *const none[] = {NULL};

    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", instrument->symbol);
    keel_json_put_text(json, "pair", instrument->symbol);
    keel_json_put_text(json, "contractType", "PERPETUAL");
    keel_json_put_int(json, "deliveryDate", perpetual_delivery_ms);
    keel_json_put_int(json, "onboardDate", instrument->onboard_time_ms);
    keel_json_put_text(json, "status", "TRADING");
    keel_json_put_text(json, "maintMarginPercent", "2.5000");
    keel_json_put_text(json, "requiredMarginPercent", "5.0000");
    keel_json_put_text(json, "baseAsset", instrument->base);
    keel_json_put_text(json, "quoteAsset", instrument->quote);
    keel_json_put_text(json, "marginAsset", instrument->quote);
    keel_json_put_int(json, "pricePrecision", instrument->price_precision);
    keel_json_put_int(json, "quantityPrecision", instrument->quantity_precision);
    keel_json_put_int(json, "baseAssetPrecision", 8);
    keel_json_put_int(json, "quotePrecision", 8);
    keel_json_put_text(json, "underlyingType", "COIN");
    put_words(json, "underlyingSubType", none);
    keel_json_put_fixed(json, "triggerProtect", instrument->trigger_protect, 4);
    keel_json_put_fixed(json, "liquidationFee", instrument->liquidation_fee, 6);
    keel_json_put_fixed(json, "marketTakeBound", instrument->market_take_bound, 2);
    put_filters(json, instrument);
    put_words(json, "orderTypes", types);
    put_words(json, "timeInForce", times);
    keel_json_close_object(json);
}

void binance_get_exchange_info(struct binance_call *call)
{
    struct keel_writer *json = call->out;

    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "timezone", "UTC");
    keel_json_put_int(json, "serverTime", call->now_ms);
    keel_json_put_text(json, "futuresType", "U_MARGINED");
    put_rate_limits(json, &call->binance->limits);
    keel_json_open_array(json, "exchangeFilters");
    keel_json_close_array(json);
    put_assets(json);
    keel_json_open_array(json, "symbols");
    for (int i = 1; i <= paper_instrument_count(); i++)
        put_symbol(json, paper_instrument_get((keel_market_id)i));
    keel_json_close_array(json);
    keel_json_close_object(json);
}

/* --- Books, prices, trades ---------------------------------------------------------------------
 */

static void put_levels(struct binance_call *call, const char *key, keel_market_id market,
                       enum keel_side side, int limit)
{
    const struct paper_instrument *instrument = paper_instrument_get(market);
    struct paper_level levels[DEPTH_MAX];
    int count = paper_engine_get_depth(call->engine, market, side, levels, limit);

    keel_json_open_array(call->out, key);
    for (int i = 0; i < count; i++) {
        keel_json_open_array(call->out, NULL);
        keel_json_put_fixed(call->out, NULL, levels[i].price, instrument->price_precision);
        keel_json_put_fixed(call->out, NULL, levels[i].quantity, instrument->quantity_precision);
        keel_json_close_array(call->out);
    }
    keel_json_close_array(call->out);
}

static bool is_depth_limit(int64_t limit)
{
    return limit == 5 || limit == 10 || limit == 20 || limit == 50 || limit == 100 ||
           limit == 500 || limit == 1000;
}

void binance_get_depth(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    int64_t limit = binance_read_int(call, "limit", BINANCE_OPTIONAL);
    if (!binance_params_find(call->params, "limit"))
        limit = 500;
    if (!is_depth_limit(limit))
        binance_refuse(call, -4021, "'%lld' is not valid depth limit.", (long long)limit);
    if (binance_refused(call))
        return;

    struct paper_ticker ticker;
    paper_engine_get_ticker(call->engine, market, &ticker);
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "lastUpdateId", ticker.update_id);
    keel_json_put_int(call->out, "E", call->now_ms);
    keel_json_put_int(call->out, "T", ticker.time_ms);
    put_levels(call, "bids", market, KEEL_BUY, (int)limit);
    put_levels(call, "asks", market, KEEL_SELL, (int)limit);
    keel_json_close_object(call->out);
}

/* Calls `put` for the market that was asked for, or an array of all without one. */
static void put_each(struct binance_call *call,
                     void (*put)(struct binance_call *call, keel_market_id market))
{
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    if (binance_refused(call))
        return;
    if (market != KEEL_NO_MARKET) {
        put(call, market);
        return;
    }
    keel_json_open_array(call->out, NULL);
    for (int i = 1; i <= paper_instrument_count(); i++)
        put(call, (keel_market_id)i);
    keel_json_close_array(call->out);
}

static const char *symbol_of(keel_market_id market)
{
    return paper_instrument_get(market)->symbol;
}

int64_t binance_funding_time(const struct paper_binance *binance, const struct paper_ticker *ticker,
                             int64_t now_ms)
{
    return now_ms + (binance->speed > 1 ? ticker->funding_ms / binance->speed : ticker->funding_ms);
}

static void put_premium(struct binance_call *call, keel_market_id market)
{
    struct keel_writer *json = call->out;
    struct paper_ticker ticker;

    paper_engine_get_ticker(call->engine, market, &ticker);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(market));
    binance_put_amount(json, "markPrice", ticker.mark_price);
    binance_put_amount(json, "indexPrice", ticker.mark_price);
    binance_put_amount(json, "estimatedSettlePrice", ticker.mark_price);
    binance_put_amount(json, "lastFundingRate", ticker.funding_rate);
    keel_json_put_text(json, "interestRate", "0.00010000");
    keel_json_put_int(json, "nextFundingTime",
                      binance_funding_time(call->binance, &ticker, call->now_ms));
    keel_json_put_int(json, "time", call->now_ms);
    keel_json_close_object(json);
}

void binance_get_premium_index(struct binance_call *call)
{
    put_each(call, put_premium);
}

static void put_book_ticker(struct binance_call *call, keel_market_id market)
{
    struct keel_writer *json = call->out;
    struct paper_ticker ticker;

    paper_engine_get_ticker(call->engine, market, &ticker);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(market));
    binance_put_price(json, "bidPrice", market, ticker.bid_price);
    binance_put_quantity(json, "bidQty", market, ticker.bid_quantity);
    binance_put_price(json, "askPrice", market, ticker.ask_price);
    binance_put_quantity(json, "askQty", market, ticker.ask_quantity);
    keel_json_put_int(json, "time", ticker.time_ms);
    keel_json_put_int(json, "lastUpdateId", ticker.update_id);
    keel_json_close_object(json);
}

void binance_get_book_ticker(struct binance_call *call)
{
    put_each(call, put_book_ticker);
}

static void put_price_ticker(struct binance_call *call, keel_market_id market)
{
    struct paper_ticker ticker;

    paper_engine_get_ticker(call->engine, market, &ticker);
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "symbol", symbol_of(market));
    binance_put_price(call->out, "price", market, ticker.last_price);
    keel_json_put_int(call->out, "time", ticker.time_ms);
    keel_json_close_object(call->out);
}

void binance_get_price_ticker(struct binance_call *call)
{
    put_each(call, put_price_ticker);
}

static keel_decimal percent_change(keel_decimal from, keel_decimal to)
{
    if (!keel_decimal_is_positive(from))
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_mul_div(keel_decimal_sub(to, from), keel_decimal_from_int(100), from,
                                KEEL_ROUND_DOWN);
}

static keel_decimal average_price(const struct paper_bar *bar)
{
    return keel_decimal_is_positive(bar->volume)
               ? keel_decimal_div(bar->quote_volume, bar->volume, KEEL_ROUND_DOWN)
               : bar->close;
}

static keel_decimal last_quantity(const struct paper_tape *tape)
{
    return tape->trade_count > 0
               ? tape->trades[(tape->trade_count - 1) % PAPER_TAPE_TRADES].trade.quantity
               : KEEL_DECIMAL_ZERO;
}

static void put_day_ticker(struct binance_call *call, keel_market_id market)
{
    const struct paper_tape *tape = &call->binance->tapes[market];
    struct keel_writer *json = call->out;
    struct paper_bar bar = {0};

    paper_tape_day(tape, call->now_ms, &bar);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(market));
    binance_put_price(json, "priceChange", market, keel_decimal_sub(bar.close, bar.open));
    keel_json_put_fixed(json, "priceChangePercent", percent_change(bar.open, bar.close), 3);
    binance_put_short(json, "weightedAvgPrice", average_price(&bar));
    binance_put_price(json, "lastPrice", market, bar.close);
    binance_put_quantity(json, "lastQty", market, last_quantity(tape));
    binance_put_price(json, "openPrice", market, bar.open);
    binance_put_price(json, "highPrice", market, bar.high);
    binance_put_price(json, "lowPrice", market, bar.low);
    binance_put_quantity(json, "volume", market, bar.volume);
    binance_put_short(json, "quoteVolume", bar.quote_volume);
    keel_json_put_int(json, "openTime", bar.open_ms);
    keel_json_put_int(json, "closeTime", bar.close_ms);
    keel_json_put_int(json, "firstId", bar.first_trade_id);
    keel_json_put_int(json, "lastId", bar.last_trade_id);
    keel_json_put_int(json, "count", bar.trades);
    keel_json_close_object(json);
}

void binance_get_day_ticker(struct binance_call *call)
{
    put_each(call, put_day_ticker);
}

static int64_t first_kept(int64_t count, int64_t bound)
{
    return count > bound ? count - bound : 0;
}

void binance_get_trades(struct binance_call *call)
{
    struct keel_writer *json = call->out;
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    int limit = binance_read_limit(call, 500, 1000);
    if (binance_refused(call))
        return;

    const struct paper_tape *tape = &call->binance->tapes[market];
    int64_t first = first_kept(tape->trade_count, limit);
    keel_json_open_array(json, NULL);
    for (int64_t i = first; i < tape->trade_count; i++) {
        const struct paper_tape_trade *row = &tape->trades[i % PAPER_TAPE_TRADES];
        keel_json_open_object(json, NULL);
        keel_json_put_int(json, "id", row->trade.id);
        binance_put_price(json, "price", market, row->trade.price);
        binance_put_quantity(json, "qty", market, row->trade.quantity);
        binance_put_short(json, "quoteQty",
                          keel_decimal_mul(row->trade.price, row->trade.quantity, KEEL_ROUND_DOWN));
        keel_json_put_int(json, "time", row->time_ms);
        keel_json_put_bool(json, "isBuyerMaker", row->trade.buyer_is_maker);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
}

static bool matches(const struct paper_tape_trade *row, const struct paper_query *query)
{
    return row->trade.id >= query->from_id && row->time_ms >= query->start_ms &&
           (query->end_ms == 0 || row->time_ms <= query->end_ms);
}

static void put_agg_trade(struct keel_writer *json, keel_market_id market,
                          const struct paper_tape_trade *row)
{
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "a", row->trade.id);
    binance_put_price(json, "p", market, row->trade.price);
    binance_put_quantity(json, "q", market, row->trade.quantity);
    binance_put_quantity(json, "nq", market, row->trade.quantity);
    keel_json_put_int(json, "f", row->trade.id);
    keel_json_put_int(json, "l", row->trade.id);
    keel_json_put_int(json, "T", row->time_ms);
    keel_json_put_bool(json, "m", row->trade.buyer_is_maker);
    keel_json_close_object(json);
}

void binance_get_agg_trades(struct binance_call *call)
{
    struct paper_query query = {0};
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    query.from_id = binance_read_int(call, "fromId", BINANCE_OPTIONAL);
    binance_read_times(call, &query, 0);
    int limit = binance_read_limit(call, 500, 1000);
    if (query.start_ms > 0 && query.end_ms > 0 && query.end_ms - query.start_ms >= hour_ms)
        binance_refuse(call, -1127, "Lookup interval is too big.");
    if (binance_refused(call))
        return;

    const struct paper_tape *tape = &call->binance->tapes[market];
    bool newest = query.from_id == 0 && query.start_ms == 0 && query.end_ms == 0;
    int64_t first = first_kept(tape->trade_count, newest ? limit : PAPER_TAPE_TRADES);
    int count = 0;
    keel_json_open_array(call->out, NULL);
    for (int64_t i = first; i < tape->trade_count && count < limit; i++) {
        const struct paper_tape_trade *row = &tape->trades[i % PAPER_TAPE_TRADES];
        if (!matches(row, &query))
            continue;
        put_agg_trade(call->out, market, row);
        count++;
    }
    keel_json_close_array(call->out);
}

/* The open interest of the accounts alone: the background holds the other side. */
void binance_get_open_interest(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    if (binance_refused(call))
        return;
    keel_decimal open = KEEL_DECIMAL_ZERO;
    for (int i = 1; i <= paper_engine_account_count(call->engine); i++) {
        for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++) {
            struct paper_position position;
            paper_engine_get_leg(call->engine, i, market, side, &position);
            open = keel_decimal_add(open, keel_decimal_abs(position.quantity));
        }
    }
    keel_json_open_object(call->out, NULL);
    binance_put_quantity(call->out, "openInterest", market, open);
    keel_json_put_text(call->out, "symbol", symbol_of(market));
    keel_json_put_int(call->out, "time", call->now_ms);
    keel_json_close_object(call->out);
}

/* --- Klines and funding ------------------------------------------------------------------------
 */

static void put_kline(struct keel_writer *json, keel_market_id market, const struct paper_bar *bar)
{
    keel_json_open_array(json, NULL);
    keel_json_put_int(json, NULL, bar->open_ms);
    binance_put_price(json, NULL, market, bar->open);
    binance_put_price(json, NULL, market, bar->high);
    binance_put_price(json, NULL, market, bar->low);
    binance_put_price(json, NULL, market, bar->close);
    binance_put_quantity(json, NULL, market, bar->volume);
    keel_json_put_int(json, NULL, bar->close_ms);
    binance_put_short(json, NULL, bar->quote_volume);
    keel_json_put_int(json, NULL, bar->trades);
    binance_put_quantity(json, NULL, market, bar->taker_volume);
    binance_put_short(json, NULL, bar->taker_quote_volume);
    keel_json_put_text(json, NULL, "0");
    keel_json_close_array(json);
}

enum {
    KLINES_MAX = 1500,
};

void binance_get_klines(struct binance_call *call)
{
    struct paper_query query = {0};
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    keel_str word = binance_read_text(call, "interval", BINANCE_MANDATORY);
    binance_read_times(call, &query, 0);
    int limit = binance_read_limit(call, 500, KLINES_MAX);
    enum paper_interval interval = paper_interval_read(word);
    if (interval == PAPER_INTERVAL_NONE)
        binance_refuse(call, -1120, "Invalid interval.");
    if (binance_refused(call))
        return;

    struct paper_bar *bars = keel_arena_take(&call->binance->arena, sizeof(*bars) * KLINES_MAX);
    if (!bars) {
        binance_refuse(call, -1001, "Internal error; unable to process your request.");
        return;
    }
    int count = paper_tape_collect_bars(&call->binance->tapes[market], interval, query.start_ms,
                                        query.end_ms, bars, KLINES_MAX);
    int oldest = query.start_ms > 0 ? count - 1 : count < limit ? count - 1 : limit - 1;
    keel_json_open_array(call->out, NULL);
    for (int i = oldest; i >= 0 && oldest - i < limit; i--)
        put_kline(call->out, market, &bars[i]);
    keel_json_close_array(call->out);
}

static void put_funding(struct keel_writer *json, keel_market_id market,
                        const struct paper_tape_funding *funding)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(market));
    keel_json_put_int(json, "fundingTime", funding->time_ms);
    binance_put_amount(json, "fundingRate", funding->rate);
    binance_put_amount(json, "markPrice", funding->mark_price);
    keel_json_close_object(json);
}

static int put_fundings(struct binance_call *call, keel_market_id market,
                        const struct paper_query *query, int limit)
{
    const struct paper_tape *tape = &call->binance->tapes[market];
    int64_t first =
        first_kept(tape->funding_count, query->start_ms > 0           ? PAPER_TAPE_FUNDINGS
                                        : limit < PAPER_TAPE_FUNDINGS ? limit
                                                                      : PAPER_TAPE_FUNDINGS);
    int count = 0;
    for (int64_t i = first; i < tape->funding_count && count < limit; i++) {
        const struct paper_tape_funding *funding = &tape->fundings[i % PAPER_TAPE_FUNDINGS];
        if (funding->time_ms < query->start_ms ||
            (query->end_ms > 0 && funding->time_ms > query->end_ms))
            continue;
        put_funding(call->out, market, funding);
        count++;
    }
    return count;
}

void binance_get_funding_rate(struct binance_call *call)
{
    struct paper_query query = {0};
    keel_market_id market = binance_read_market(call, BINANCE_OPTIONAL);
    binance_read_times(call, &query, 0);
    int limit = binance_read_limit(call, 100, 1000);
    if (binance_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (int i = 1; i <= paper_instrument_count() && limit > 0; i++) {
        if (market == KEEL_NO_MARKET || market == i)
            limit -= put_fundings(call, (keel_market_id)i, &query, limit);
    }
    keel_json_close_array(call->out);
}

/* Only symbols whose rules were adjusted are listed: none was. */
void binance_get_funding_info(struct binance_call *call)
{
    keel_json_open_array(call->out, NULL);
    keel_json_close_array(call->out);
}

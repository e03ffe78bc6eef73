#include "paper/binance/render.h"
#include "paper/binance_spot/endpoints.h"

enum {
    DEPTH_MAX = 5000,
    DEPTH_SERVED = 1000, /* the book has no more levels */
    KLINES_MAX = 1000,
    SYMBOLS_MAX = 32,
};

void binance_spot_get_ping(struct binance_spot_call *call)
{
    keel_json_open_object(call->base.out, NULL);
    keel_json_close_object(call->base.out);
}

void binance_spot_get_time(struct binance_spot_call *call)
{
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_int(call->base.out, "serverTime", call->base.now_ms);
    keel_json_close_object(call->base.out);
}

/* --- Which markets -----------------------------------------------------------------------------
 */

struct choice {
    keel_market_id at[SYMBOLS_MAX];
    int count;
    bool one; /* asked for by `symbol`: an object, not an array */
};

static void choose_listed(struct binance_spot_call *call, keel_str text, struct choice *choice)
{
    struct keel_json json;
    keel_json_init(&json, text);
    keel_json_enter_array(&json);
    while (keel_json_next_element(&json)) {
        keel_str symbol = {0};
        keel_json_read_string(&json, NULL, &symbol);
        keel_market_id market = paper_spot_find_market(call->spot, symbol);
        if (market == KEEL_NO_MARKET || choice->count == SYMBOLS_MAX) {
            binance_refuse(&call->base, -1121, "Invalid symbol.");
            return;
        }
        choice->at[choice->count++] = market;
    }
    if (keel_json_finish(&json, NULL) != KEEL_OK)
        binance_refuse(&call->base, -1100, "Illegal characters found in parameter 'symbols'.");
}

/* `symbol`, `symbols`, or all. */
static struct choice choose(struct binance_spot_call *call)
{
    struct choice choice = {.count = 0};
    keel_market_id market = binance_spot_read_market(call, BINANCE_OPTIONAL);
    keel_str symbols = binance_read_text(&call->base, "symbols", BINANCE_OPTIONAL);
    if (market != KEEL_NO_MARKET && symbols.size > 0)
        binance_refuse(&call->base, -1128, "Combination of optional parameters invalid.");
    choice.one = market != KEEL_NO_MARKET;
    if (choice.one)
        choice.at[choice.count++] = market;
    else if (symbols.size > 0)
        choose_listed(call, symbols, &choice);
    else
        for (int i = 1; i <= paper_spot_market_count(call->spot); i++)
            choice.at[choice.count++] = (keel_market_id)i;
    return choice;
}

static void put_each(struct binance_spot_call *call,
                     void (*put)(struct binance_spot_call *call, keel_market_id market))
{
    struct choice choice = choose(call);
    if (binance_refused(&call->base))
        return;
    if (!choice.one)
        keel_json_open_array(call->base.out, NULL);
    for (int i = 0; i < choice.count; i++)
        put(call, choice.at[i]);
    if (!choice.one)
        keel_json_close_array(call->base.out);
}

static const char *symbol_of(const struct binance_spot_call *call, keel_market_id market)
{
    return paper_spot_market(call->spot, market)->symbol;
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

static void put_rate_limits(struct keel_writer *json, int factor)
{
    keel_json_open_array(json, "rateLimits");
    put_rate_limit(json, "REQUEST_WEIGHT", "MINUTE", 1, BINANCE_SPOT_WEIGHT_PER_MINUTE * factor);
    put_rate_limit(json, "ORDERS", "SECOND", 10, BINANCE_SPOT_ORDERS_PER_10_S * factor);
    put_rate_limit(json, "ORDERS", "DAY", 1, BINANCE_SPOT_ORDERS_PER_DAY * factor);
    put_rate_limit(json, "RAW_REQUESTS", "MINUTE", 5, 300000 * factor);
    keel_json_close_array(json);
}

static void put_words(struct keel_writer *json, const char *key, const char *const *words)
{
    keel_json_open_array(json, key);
    for (int i = 0; words[i]; i++)
        keel_json_put_text(json, NULL, words[i]);
    keel_json_close_array(json);
}

static void open_filter(struct keel_writer *json, const char *type)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "filterType", type);
}

static void put_range(struct keel_writer *json, const char *type, const char *const names[3],
                      keel_decimal least, keel_decimal greatest, keel_decimal step)
{
    open_filter(json, type);
    binance_put_amount(json, names[0], least);
    binance_put_amount(json, names[1], greatest);
    binance_put_amount(json, names[2], step);
    keel_json_close_object(json);
}

static void put_count(struct keel_writer *json, const char *type, const char *name, int count)
{
    open_filter(json, type);
    keel_json_put_int(json, name, count);
    keel_json_close_object(json);
}

static void put_band(struct keel_writer *json, const struct paper_spot_instrument *instrument)
{
    open_filter(json, "PERCENT_PRICE_BY_SIDE");
    keel_json_put_decimal(json, "bidMultiplierUp", instrument->price_up_ratio);
    keel_json_put_decimal(json, "bidMultiplierDown", instrument->price_down_ratio);
    keel_json_put_decimal(json, "askMultiplierUp", instrument->price_up_ratio);
    keel_json_put_decimal(json, "askMultiplierDown", instrument->price_down_ratio);
    keel_json_put_int(json, "avgPriceMins", 5);
    keel_json_close_object(json);
}

static void put_notional(struct keel_writer *json, const struct paper_spot_instrument *instrument)
{
    open_filter(json, "NOTIONAL");
    binance_put_amount(json, "minNotional", instrument->notional_min);
    keel_json_put_bool(json, "applyMinToMarket", true);
    binance_put_amount(json, "maxNotional", instrument->notional_max);
    keel_json_put_bool(json, "applyMaxToMarket", true);
    keel_json_put_int(json, "avgPriceMins", 5);
    keel_json_close_object(json);
}

static void put_filters(struct keel_writer *json, const struct paper_spot_instrument *instrument)
{
    static const char *const price_names[] = {"minPrice", "maxPrice", "tickSize"};
    static const char *const lot_names[] = {"minQty", "maxQty", "stepSize"};
    keel_json_open_array(json, "filters");
    put_range(json, "PRICE_FILTER", price_names, instrument->price_min, instrument->price_max,
              instrument->price_tick);
    put_range(json, "LOT_SIZE", lot_names, instrument->quantity_min, instrument->quantity_max,
              instrument->quantity_step);
    put_range(json, "MARKET_LOT_SIZE", lot_names, KEEL_DECIMAL_ZERO,
              instrument->market_quantity_max, KEEL_DECIMAL_ZERO);
    put_band(json, instrument);
    put_notional(json, instrument);
    put_count(json, "MAX_NUM_ORDERS", "maxNumOrders", instrument->open_orders_max);
    put_count(json, "MAX_NUM_ORDER_LISTS", "maxNumOrderLists", 0);
    put_count(json, "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", instrument->waiting_max);
    put_count(json, "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends", PAPER_SPOT_AMENDMENTS_MAX);
    keel_json_close_array(json);
}

static void put_flags(struct keel_writer *json)
{
    static const struct {
        const char *name;
        bool value;
    } flags[] = {
        {"icebergAllowed",             false},
        {"ocoAllowed",                 false},
        {"otoAllowed",                 false},
        {"opoAllowed",                 false},
        {"quoteOrderQtyMarketAllowed", true },
        {"allowTrailingStop",          false},
        {"cancelReplaceAllowed",       true },
        {"amendAllowed",               true },
        {"pegInstructionsAllowed",     false},
        {"isSpotTradingAllowed",       true },
        {"isMarginTradingAllowed",     false},
    };
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        keel_json_put_bool(json, flags[i].name, flags[i].value);
}

static void put_symbol(struct keel_writer *json, const struct paper_spot_instrument *instrument)
{
    static const char *const types[] = {
        "LIMIT",       "LIMIT_MAKER",       "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT",
        "TAKE_PROFIT", "TAKE_PROFIT_LIMIT", NULL};
    static const char *const modes[] = {"NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH",
                                        NULL};
    static const char *const none[] = {NULL};

    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", instrument->symbol);
    keel_json_put_text(json, "status", "TRADING");
    keel_json_put_text(json, "baseAsset", paper_asset_get(instrument->base)->code);
    keel_json_put_int(json, "baseAssetPrecision", 8);
    keel_json_put_text(json, "quoteAsset", paper_asset_get(instrument->quote)->code);
    keel_json_put_int(json, "quotePrecision", 8);
    keel_json_put_int(json, "quoteAssetPrecision", 8);
    keel_json_put_int(json, "baseCommissionPrecision", 8);
    keel_json_put_int(json, "quoteCommissionPrecision", 8);
    put_words(json, "orderTypes", types);
    put_flags(json);
    put_filters(json, instrument);
    put_words(json, "permissions", none);
    keel_json_open_array(json, "permissionSets");
    keel_json_open_array(json, NULL);
    keel_json_put_text(json, NULL, "SPOT");
    keel_json_close_array(json);
    keel_json_close_array(json);
    keel_json_put_text(json, "defaultSelfTradePreventionMode", "EXPIRE_MAKER");
    put_words(json, "allowedSelfTradePreventionModes", modes);
    keel_json_close_object(json);
}

void binance_spot_get_exchange_info(struct binance_spot_call *call)
{
    struct keel_writer *json = call->base.out;
    struct choice choice = choose(call);
    if (binance_refused(&call->base))
        return;
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "timezone", "UTC");
    keel_json_put_int(json, "serverTime", call->base.now_ms);
    put_rate_limits(json, call->dialect->factor);
    keel_json_open_array(json, "exchangeFilters");
    keel_json_close_array(json);
    keel_json_open_array(json, "symbols");
    for (int i = 0; i < choice.count; i++)
        put_symbol(json, paper_spot_market(call->spot, choice.at[i]));
    keel_json_close_array(json);
    keel_json_close_object(json);
}

/* --- Books, prices, trades ---------------------------------------------------------------------
 */

static void put_levels(struct binance_spot_call *call, const char *key, keel_market_id market,
                       enum keel_side side, int limit)
{
    static const size_t size = sizeof(struct paper_level) * DEPTH_SERVED;
    struct paper_level *levels = keel_arena_take(&call->dialect->arena, size);
    int most = limit < DEPTH_SERVED ? limit : DEPTH_SERVED;
    int count = levels ? paper_spot_get_depth(call->spot, market, side, levels, most) : 0;
    keel_json_open_array(call->base.out, key);
    for (int i = 0; i < count; i++) {
        keel_json_open_array(call->base.out, NULL);
        binance_put_amount(call->base.out, NULL, levels[i].price);
        binance_put_amount(call->base.out, NULL, levels[i].quantity);
        keel_json_close_array(call->base.out);
    }
    keel_json_close_array(call->base.out);
}

void binance_spot_get_depth(struct binance_spot_call *call)
{
    keel_market_id market = binance_spot_read_market(call, BINANCE_MANDATORY);
    int limit = binance_read_limit(&call->base, 100, DEPTH_MAX);
    struct paper_ticker ticker;
    if (binance_refused(&call->base))
        return;
    paper_spot_get_ticker(call->spot, market, &ticker);
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_int(call->base.out, "lastUpdateId", ticker.update_id);
    put_levels(call, "bids", market, KEEL_BUY, limit);
    put_levels(call, "asks", market, KEEL_SELL, limit);
    keel_json_close_object(call->base.out);
}

static void put_book_ticker(struct binance_spot_call *call, keel_market_id market)
{
    struct keel_writer *json = call->base.out;
    struct paper_ticker ticker;
    paper_spot_get_ticker(call->spot, market, &ticker);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(call, market));
    binance_put_amount(json, "bidPrice", ticker.bid_price);
    binance_put_amount(json, "bidQty", ticker.bid_quantity);
    binance_put_amount(json, "askPrice", ticker.ask_price);
    binance_put_amount(json, "askQty", ticker.ask_quantity);
    keel_json_close_object(json);
}

void binance_spot_get_book_ticker(struct binance_spot_call *call)
{
    put_each(call, put_book_ticker);
}

static void put_price_ticker(struct binance_spot_call *call, keel_market_id market)
{
    struct paper_ticker ticker;
    paper_spot_get_ticker(call->spot, market, &ticker);
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_text(call->base.out, "symbol", symbol_of(call, market));
    binance_put_amount(call->base.out, "price", ticker.last_price);
    keel_json_close_object(call->base.out);
}

void binance_spot_get_price_ticker(struct binance_spot_call *call)
{
    put_each(call, put_price_ticker);
}

void binance_spot_get_average_price(struct binance_spot_call *call)
{
    keel_market_id market = binance_spot_read_market(call, BINANCE_MANDATORY);
    struct paper_ticker ticker;
    if (binance_refused(&call->base))
        return;
    paper_spot_get_ticker(call->spot, market, &ticker);
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_int(call->base.out, "mins", 5);
    binance_put_amount(call->base.out, "price", ticker.last_price);
    keel_json_put_int(call->base.out, "closeTime", ticker.time_ms);
    keel_json_close_object(call->base.out);
}

static keel_decimal percent_change(keel_decimal from, keel_decimal to)
{
    if (!keel_decimal_is_positive(from))
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_mul_div(keel_decimal_sub(to, from), keel_decimal_from_int(100), from,
                                KEEL_ROUND_DOWN);
}

static void put_bar(struct keel_writer *json, const struct paper_bar *bar)
{
    binance_put_amount(json, "openPrice", bar->open);
    binance_put_amount(json, "highPrice", bar->high);
    binance_put_amount(json, "lowPrice", bar->low);
    binance_put_amount(json, "volume", bar->volume);
    binance_put_amount(json, "quoteVolume", bar->quote_volume);
    keel_json_put_int(json, "openTime", bar->open_ms);
    keel_json_put_int(json, "closeTime", bar->close_ms);
    keel_json_put_int(json, "firstId", bar->trades > 0 ? bar->first_trade_id : -1);
    keel_json_put_int(json, "lastId", bar->trades > 0 ? bar->last_trade_id : -1);
    keel_json_put_int(json, "count", bar->trades);
}

static void put_day_ticker(struct binance_spot_call *call, keel_market_id market)
{
    const struct paper_tape *tape = &call->dialect->tapes[market];
    struct keel_writer *json = call->base.out;
    struct paper_ticker ticker;
    struct paper_bar bar = {0};

    paper_tape_day(tape, call->base.now_ms, &bar);
    paper_spot_get_ticker(call->spot, market, &ticker);
    keel_decimal average = keel_decimal_is_positive(bar.volume)
                               ? keel_decimal_div(bar.quote_volume, bar.volume, KEEL_ROUND_DOWN)
                               : bar.close;
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "symbol", symbol_of(call, market));
    binance_put_amount(json, "priceChange", keel_decimal_sub(bar.close, bar.open));
    keel_json_put_fixed(json, "priceChangePercent", percent_change(bar.open, bar.close), 3);
    binance_put_amount(json, "weightedAvgPrice", average);
    binance_put_amount(json, "prevClosePrice", bar.open);
    binance_put_amount(json, "lastPrice", bar.close);
    binance_put_amount(
        json, "lastQty",
        tape->trade_count > 0
            ? tape->trades[(tape->trade_count - 1) % PAPER_TAPE_TRADES].trade.quantity
            : KEEL_DECIMAL_ZERO);
    binance_put_amount(json, "bidPrice", ticker.bid_price);
    binance_put_amount(json, "bidQty", ticker.bid_quantity);
    binance_put_amount(json, "askPrice", ticker.ask_price);
    binance_put_amount(json, "askQty", ticker.ask_quantity);
    put_bar(json, &bar);
    keel_json_close_object(json);
}

void binance_spot_get_day_ticker(struct binance_spot_call *call)
{
    put_each(call, put_day_ticker);
}

static int64_t first_kept(int64_t count, int64_t bound)
{
    return count > bound ? count - bound : 0;
}

static void put_public_trade(struct keel_writer *json, const struct paper_tape_trade *row)
{
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "id", row->trade.id);
    binance_put_amount(json, "price", row->trade.price);
    binance_put_amount(json, "qty", row->trade.quantity);
    binance_put_amount(json, "quoteQty",
                       keel_decimal_mul(row->trade.price, row->trade.quantity, KEEL_ROUND_DOWN));
    keel_json_put_int(json, "time", row->time_ms);
    keel_json_put_bool(json, "isBuyerMaker", row->trade.buyer_is_maker);
    keel_json_put_bool(json, "isBestMatch", true);
    keel_json_close_object(json);
}

void binance_spot_get_trades(struct binance_spot_call *call)
{
    keel_market_id market = binance_spot_read_market(call, BINANCE_MANDATORY);
    int limit = binance_read_limit(&call->base, 500, 1000);
    if (binance_refused(&call->base))
        return;
    const struct paper_tape *tape = &call->dialect->tapes[market];
    keel_json_open_array(call->base.out, NULL);
    for (int64_t i = first_kept(tape->trade_count, limit); i < tape->trade_count; i++)
        put_public_trade(call->base.out, &tape->trades[i % PAPER_TAPE_TRADES]);
    keel_json_close_array(call->base.out);
}

static void put_agg_trade(struct keel_writer *json, const struct paper_tape_trade *row)
{
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "a", row->trade.id);
    binance_put_amount(json, "p", row->trade.price);
    binance_put_amount(json, "q", row->trade.quantity);
    keel_json_put_int(json, "f", row->trade.id);
    keel_json_put_int(json, "l", row->trade.id);
    keel_json_put_int(json, "T", row->time_ms);
    keel_json_put_bool(json, "m", row->trade.buyer_is_maker);
    keel_json_put_bool(json, "M", true);
    keel_json_close_object(json);
}

void binance_spot_get_agg_trades(struct binance_spot_call *call)
{
    struct paper_spot_query query = {0};
    keel_market_id market = binance_spot_read_market(call, BINANCE_MANDATORY);
    query.from_id = binance_read_int(&call->base, "fromId", BINANCE_OPTIONAL);
    binance_spot_read_times(call, &query, 0);
    int limit = binance_read_limit(&call->base, 500, 1000);
    if (binance_refused(&call->base))
        return;
    const struct paper_tape *tape = &call->dialect->tapes[market];
    bool newest = query.from_id == 0 && query.start_ms == 0 && query.end_ms == 0;
    int64_t i = first_kept(tape->trade_count, newest ? limit : PAPER_TAPE_TRADES);
    keel_json_open_array(call->base.out, NULL);
    for (int count = 0; i < tape->trade_count && count < limit; i++) {
        const struct paper_tape_trade *row = &tape->trades[i % PAPER_TAPE_TRADES];
        if (row->trade.id < query.from_id || row->time_ms < query.start_ms ||
            (query.end_ms > 0 && row->time_ms > query.end_ms))
            continue;
        put_agg_trade(call->base.out, row);
        count++;
    }
    keel_json_close_array(call->base.out);
}

/* --- Klines ------------------------------------------------------------------------------------
 */

static void put_kline(struct keel_writer *json, const struct paper_bar *bar)
{
    keel_json_open_array(json, NULL);
    keel_json_put_int(json, NULL, bar->open_ms);
    binance_put_amount(json, NULL, bar->open);
    binance_put_amount(json, NULL, bar->high);
    binance_put_amount(json, NULL, bar->low);
    binance_put_amount(json, NULL, bar->close);
    binance_put_amount(json, NULL, bar->volume);
    keel_json_put_int(json, NULL, bar->close_ms);
    binance_put_amount(json, NULL, bar->quote_volume);
    keel_json_put_int(json, NULL, bar->trades);
    binance_put_amount(json, NULL, bar->taker_volume);
    binance_put_amount(json, NULL, bar->taker_quote_volume);
    keel_json_put_text(json, NULL, "0");
    keel_json_close_array(json);
}

void binance_spot_get_klines(struct binance_spot_call *call)
{
    struct paper_spot_query query = {0};
    keel_market_id market = binance_spot_read_market(call, BINANCE_MANDATORY);
    keel_str word = binance_read_text(&call->base, "interval", BINANCE_MANDATORY);
    binance_spot_read_times(call, &query, 0);
    int limit = binance_read_limit(&call->base, 500, KLINES_MAX);
    enum paper_interval interval = paper_interval_read(word);
    if (word.size > 0 && interval == PAPER_INTERVAL_NONE)
        binance_refuse(&call->base, -1120, "Invalid interval.");
    if (binance_refused(&call->base))
        return;
    static const size_t size = sizeof(struct paper_bar) * PAPER_TAPE_BARS;
    struct paper_bar *bars = keel_arena_take(&call->dialect->arena, size);
    int count = bars ? paper_tape_collect_bars(&call->dialect->tapes[market], interval,
                                               query.start_ms, query.end_ms, bars, PAPER_TAPE_BARS)
                     : 0;
    int oldest = query.start_ms > 0 || count < limit ? count - 1 : limit - 1;
    keel_json_open_array(call->base.out, NULL);
    for (int i = oldest; i >= 0 && oldest - i < limit; i--)
        put_kline(call->base.out, &bars[i]);
    keel_json_close_array(call->base.out);
}

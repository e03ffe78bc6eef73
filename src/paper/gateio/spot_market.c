#include "paper/gateio/spot.h"

enum {
    BOOK_LIMIT_MAX = 1000,
    CANDLES_MAX = 1000,
    CANDLES_NORMAL = 100,
};

/* --- Currencies --------------------------------------------------------------------------------
 */

static void put_switches(struct keel_writer *json)
{
    keel_json_put_bool(json, "withdraw_disabled", false);
    keel_json_put_bool(json, "withdraw_delayed", false);
    keel_json_put_bool(json, "deposit_disabled", false);
}

static void put_currency(struct keel_writer *json, paper_asset_id id)
{
    const struct paper_asset *asset = paper_asset_get(id);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "currency", asset->code);
    keel_json_put_text(json, "name", asset->name);
    keel_json_put_bool(json, "delisted", false);
    put_switches(json);
    keel_json_put_bool(json, "trade_disabled", false);
    keel_json_put_text(json, "chain", gateio_chain_of(&asset->networks[0]));
    keel_json_open_array(json, "chains");
    for (int i = 0; i < asset->network_count; i++) {
        keel_json_open_object(json, NULL);
        keel_json_put_text(json, "name", gateio_chain_of(&asset->networks[i]));
        keel_json_put_text(json, "addr", "");
        put_switches(json);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
    keel_json_close_object(json);
}

void gateio_spot_list_currencies(struct gateio_call *call)
{
    keel_json_open_array(call->out, NULL);
    for (int id = 1; id <= paper_asset_count(); id++)
        put_currency(call->out, (paper_asset_id)id);
    keel_json_close_array(call->out);
}

void gateio_spot_get_currency(struct gateio_call *call)
{
    paper_asset_id asset = paper_asset_find(call->subject);
    if (asset == PAPER_NO_ASSET)
        gateio_refuse(call, "INVALID_CURRENCY", "Invalid currency %.*s",
                      KEEL_STR_ARGS(call->subject));
    else
        put_currency(call->out, asset);
}

/* --- Pairs -------------------------------------------------------------------------------------
 */

static void put_pair(struct gateio_call *call, keel_market_id id)
{
    const struct paper_spot_instrument *pair = paper_spot_market(call->spot, id);
    const struct paper_asset *base = paper_asset_get(pair->base);
    const struct paper_asset *quote = paper_asset_get(pair->quote);
    keel_decimal percent = keel_decimal_mul(paper_spot_taker_fee(call->spot, id),
                                            keel_decimal_from_int(100), KEEL_ROUND_DOWN);
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "id", pair->symbol);
    keel_json_put_text(call->out, "base", base->code);
    keel_json_put_text(call->out, "base_name", base->name);
    keel_json_put_text(call->out, "quote", quote->code);
    keel_json_put_text(call->out, "quote_name", quote->name);
    keel_json_put_decimal(call->out, "fee", percent);
    keel_json_put_decimal(call->out, "min_base_amount", pair->quantity_min);
    keel_json_put_decimal(call->out, "max_base_amount", pair->quantity_max);
    keel_json_put_decimal(call->out, "min_quote_amount", pair->notional_min);
    keel_json_put_decimal(call->out, "max_quote_amount", pair->notional_max);
    keel_json_put_int(call->out, "amount_precision", pair->quantity_digits);
    keel_json_put_int(call->out, "precision", pair->price_digits);
    keel_json_put_text(call->out, "trade_status", "tradable");
    keel_json_put_int(call->out, "sell_start", 1516378650);
    keel_json_put_int(call->out, "buy_start", 1516378650);
    keel_json_put_int(call->out, "delisting_time", 0);
    keel_json_put_text(call->out, "type", "normal");
    keel_json_put_text(call->out, "st_tag", "");
    keel_json_close_object(call->out);
}

void gateio_spot_list_pairs(struct gateio_call *call)
{
    keel_json_open_array(call->out, NULL);
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_PAIRS; id++)
        put_pair(call, id);
    keel_json_close_array(call->out);
}

void gateio_spot_get_pair(struct gateio_call *call)
{
    keel_market_id id = paper_spot_find_market(call->spot, call->subject);
    if (id == KEEL_NO_MARKET)
        gateio_refuse(call, "INVALID_CURRENCY_PAIR", "Invalid currency pair %.*s",
                      KEEL_STR_ARGS(call->subject));
    else
        put_pair(call, id);
}

/* --- Prices ------------------------------------------------------------------------------------
 */

void gateio_spot_list_tickers(struct gateio_call *call)
{
    keel_market_id only = gateio_read_pair(call, "currency_pair", GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_PAIRS; id++) {
        if (only != KEEL_NO_MARKET && only != id)
            continue;
        keel_json_open_object(call->out, NULL);
        gateio_put_spot_ticker(call->out, call->gateio, id, call->now_ms);
        keel_json_close_object(call->out);
    }
    keel_json_close_array(call->out);
}

/* Away from the middle: a bid's price down, an ask's up. */
static keel_decimal step_of(keel_decimal price, keel_decimal interval, enum keel_side side)
{
    if (!keel_decimal_is_positive(interval))
        return price;
    return keel_decimal_round_to_step(price, interval,
                                      side == KEEL_BUY ? KEEL_ROUND_FLOOR : KEEL_ROUND_CEILING);
}

static void put_levels(struct gateio_call *call, const char *key, keel_market_id pair,
                       enum keel_side side, keel_decimal interval)
{
    struct paper_level levels[PAPER_BOOK_LEVELS];
    int count = paper_spot_get_depth(call->spot, pair, side, levels, PAPER_BOOK_LEVELS);
    int put = 0;
    keel_json_open_array(call->out, key);
    for (int i = 0; i < count && put < call->list_limit; put++) {
        struct paper_level sum = {step_of(levels[i].price, interval, side), KEEL_DECIMAL_ZERO};
        for (;
             i < count && keel_decimal_equals(step_of(levels[i].price, interval, side), sum.price);
             i++)
            sum.quantity = keel_decimal_add(sum.quantity, levels[i].quantity);
        keel_json_open_array(call->out, NULL);
        keel_json_put_decimal(call->out, NULL, sum.price);
        keel_json_put_decimal(call->out, NULL, sum.quantity);
        keel_json_close_array(call->out);
    }
    keel_json_close_array(call->out);
}

void gateio_spot_get_book(struct gateio_call *call)
{
    struct paper_ticker ticker;
    keel_market_id pair = gateio_read_pair(call, "currency_pair", GATEIO_MANDATORY);
    keel_decimal interval = gateio_read_decimal(call, "interval", GATEIO_OPTIONAL);
    bool with_id = gateio_read_bool(call, "with_id", GATEIO_OPTIONAL);
    gateio_read_page(call, 10, BOOK_LIMIT_MAX);
    if (gateio_refused(call))
        return;
    paper_spot_get_ticker(call->spot, pair, &ticker);
    keel_json_open_object(call->out, NULL);
    if (with_id)
        keel_json_put_int(call->out, "id", ticker.update_id);
    keel_json_put_int(call->out, "current", call->now_ms);
    keel_json_put_int(call->out, "update", ticker.time_ms);
    put_levels(call, "asks", pair, KEEL_SELL, interval);
    put_levels(call, "bids", pair, KEEL_BUY, interval);
    keel_json_close_object(call->out);
    call->list_limit = 0;
}

void gateio_spot_list_public_trades(struct gateio_call *call)
{
    struct gateio_list list;
    int64_t from_ms, to_ms;
    keel_market_id pair = gateio_read_pair(call, "currency_pair", GATEIO_MANDATORY);
    gateio_read_span(call, &from_ms, &to_ms);
    int64_t last_id = gateio_read_int(call, "last_id", GATEIO_OPTIONAL);
    gateio_read_pages(call, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    const struct paper_tape *tape = &call->gateio->pair_tapes[pair];
    int64_t first =
        tape->trade_count > PAPER_TAPE_TRADES ? tape->trade_count - PAPER_TAPE_TRADES : 0;
    gateio_list_begin(&list);
    do {
        for (int64_t i = first; i < tape->trade_count; i++) {
            const struct paper_tape_trade *row = &tape->trades[i % PAPER_TAPE_TRADES];
            if (row->time_ms >= from_ms && (to_ms == 0 || row->time_ms <= to_ms) &&
                (last_id == 0 || row->trade.id < last_id))
                gateio_list_visit(&list, row);
        }
    } while (gateio_list_turn(&list, call));
    call->list_limit = 0;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--) {
        const struct paper_tape_trade *row = list.at[i];
        gateio_put_spot_public_trade(call->out, NULL, call->gateio, pair, &row->trade,
                                     row->time_ms);
    }
    keel_json_close_array(call->out);
}

/* --- Candlesticks ------------------------------------------------------------------------------
 */

static enum paper_interval read_interval(struct gateio_call *call)
{
    keel_str word = gateio_read_text(call, "interval", GATEIO_OPTIONAL);
    if (word.size == 0)
        return PAPER_INTERVAL_30M;
    if (keel_str_equals(word, KEEL_STR("7d")))
        return PAPER_INTERVAL_1W;
    if (keel_str_equals(word, KEEL_STR("30d")))
        return PAPER_INTERVAL_1MONTH;
    enum paper_interval interval = paper_interval_read(word);
    if (interval == PAPER_INTERVAL_NONE)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid interval: %.*s", KEEL_STR_ARGS(word));
    return interval;
}

/* A row of texts: time, quote volume, close, high, low, open, base volume, whether it is over. */
static void put_candle(struct gateio_call *call, const struct paper_bar *bar)
{
    keel_json_open_array(call->out, NULL);
    gateio_put_int_text(call->out, NULL, bar->open_ms / 1000);
    keel_json_put_decimal(call->out, NULL, bar->quote_volume);
    keel_json_put_decimal(call->out, NULL, bar->close);
    keel_json_put_decimal(call->out, NULL, bar->high);
    keel_json_put_decimal(call->out, NULL, bar->low);
    keel_json_put_decimal(call->out, NULL, bar->open);
    keel_json_put_decimal(call->out, NULL, bar->volume);
    keel_json_put_text(call->out, NULL, call->now_ms > bar->close_ms ? "true" : "false");
    keel_json_close_array(call->out);
}

void gateio_spot_list_candles(struct gateio_call *call)
{
    struct paper_bar bars[CANDLES_MAX];
    int64_t from_ms, to_ms;
    keel_market_id pair = gateio_read_pair(call, "currency_pair", GATEIO_MANDATORY);
    enum paper_interval interval = read_interval(call);
    gateio_read_span(call, &from_ms, &to_ms);
    bool spans = from_ms != 0 || to_ms != 0;
    if (spans && gateio_params_find(call->params, "limit"))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "limit cannot be given with from and to");
    gateio_read_page(call, spans ? CANDLES_MAX : CANDLES_NORMAL, CANDLES_MAX);
    if (gateio_refused(call))
        return;
    int count = paper_tape_collect_bars(&call->gateio->pair_tapes[pair], interval, from_ms, to_ms,
                                        bars, call->list_limit);
    call->list_limit = 0;
    keel_json_open_array(call->out, NULL);
    while (count > 0)
        put_candle(call, &bars[--count]);
    keel_json_close_array(call->out);
}

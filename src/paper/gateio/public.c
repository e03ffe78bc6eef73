#include "paper/gateio/render.h"

enum {
    BOOK_LIMIT_MAX = 300,
    CANDLES_MAX = 2000,
    CANDLES_NORMAL = 100,
};

void gateio_list_nothing(struct gateio_call *call)
{
    keel_json_open_array(call->out, NULL);
    keel_json_close_array(call->out);
}

void gateio_get_time(struct gateio_call *call)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "server_time", call->now_ms);
    keel_json_close_object(call->out);
}

/* --- Contracts and tiers -----------------------------------------------------------------------
 */

void gateio_list_contracts(struct gateio_call *call)
{
    gateio_read_page(call, GATEIO_LIST_MAX, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    int first = call->list_offset, end = first + call->list_limit;
    keel_json_open_array(call->out, NULL);
    for (int i = first; i < end && i < GATEIO_CONTRACTS && !call->settles_otherwise; i++)
        gateio_put_contract(call->out, call->gateio, (keel_market_id)(i + 1), call->now_ms,
                            gateio_form_of(call));
    keel_json_close_array(call->out);
    call->list_limit = 0; /* the venue pages it without telling */
}

void gateio_get_contract(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    if (call->settles_otherwise)
        gateio_refuse(call, "CONTRACT_NOT_FOUND", "contract not found");
    if (!gateio_refused(call))
        gateio_put_contract(call->out, call->gateio, market, call->now_ms, gateio_form_of(call));
}

static void put_tiers(struct gateio_call *call, keel_market_id market, bool named)
{
    const struct keel_brackets *tiers = &paper_engine_instrument(call->engine, market)->brackets;
    for (int i = 0; i < tiers->count; i++) {
        const struct keel_bracket *tier = &tiers->at[i];
        keel_decimal leverage = keel_decimal_from_int(tier->leverage_max);
        keel_decimal initial = keel_decimal_div(KEEL_DECIMAL_ONE, leverage, KEEL_ROUND_HALF_EVEN);
        keel_json_open_object(call->out, NULL);
        keel_json_put_int(call->out, "tier", i + 1);
        keel_json_put_decimal(call->out, "risk_limit", tier->notional_cap);
        keel_json_put_decimal(call->out, "initial_rate",
                              keel_decimal_round_to_digits(initial, 6, KEEL_ROUND_DOWN));
        keel_json_put_decimal(call->out, "maintenance_rate", tier->maintenance_ratio);
        keel_json_put_decimal(call->out, "leverage_max", leverage);
        keel_json_put_decimal(call->out, "deduction", tier->maintenance_amount);
        if (named)
            keel_json_put_string(call->out, "contract", gateio_contract_get(market)->name);
        keel_json_close_object(call->out);
    }
}

/* With a contract the page has no effect; without one it is of contracts. */
void gateio_list_risk_tiers(struct gateio_call *call)
{
    keel_market_id only = gateio_read_contract(call, GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    int first = call->list_offset, end = first + call->list_limit;
    keel_json_open_array(call->out, NULL);
    if (only != KEEL_NO_MARKET)
        put_tiers(call, only, true);
    for (int i = first; only == KEEL_NO_MARKET && i < end && i < GATEIO_CONTRACTS; i++)
        put_tiers(call, (keel_market_id)(i + 1), true);
    keel_json_close_array(call->out);
    call->list_limit = 0;
}

/* A contract's table has the contract's name. */
void gateio_list_risk_table(struct gateio_call *call)
{
    keel_str table = gateio_read_text(call, "table_id", GATEIO_MANDATORY);
    keel_market_id market = gateio_contract_find(table);
    if (market == KEEL_NO_MARKET)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "there is no table %.*s", KEEL_STR_ARGS(table));
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    put_tiers(call, market, false);
    keel_json_close_array(call->out);
}

/* --- Prices ------------------------------------------------------------------------------------
 */

void gateio_list_tickers(struct gateio_call *call)
{
    keel_market_id only = gateio_read_contract(call, GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (keel_market_id id = 1; id <= GATEIO_CONTRACTS && !call->settles_otherwise; id++) {
        if (only == KEEL_NO_MARKET || only == id)
            gateio_put_ticker(call->out, call->gateio, id, call->now_ms, gateio_form_of(call));
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

static void put_level(struct gateio_call *call, keel_market_id market,
                      const struct paper_level *level)
{
    keel_json_open_object(call->out, NULL);
    gateio_put_size(call->out, "s", market, level->quantity, gateio_form_of(call));
    keel_json_put_decimal(call->out, "p", level->price);
    keel_json_close_object(call->out);
}

static void put_levels(struct gateio_call *call, const char *key, keel_market_id market,
                       enum keel_side side, keel_decimal interval)
{
    struct paper_level levels[PAPER_BOOK_LEVELS];
    int count = paper_engine_get_depth(call->engine, market, side, levels, PAPER_BOOK_LEVELS);
    int put = 0;
    keel_json_open_array(call->out, key);
    for (int i = 0; i < count && put < call->list_limit; put++) {
        struct paper_level sum = {step_of(levels[i].price, interval, side), KEEL_DECIMAL_ZERO};
        for (;
             i < count && keel_decimal_equals(step_of(levels[i].price, interval, side), sum.price);
             i++)
            sum.quantity = keel_decimal_add(sum.quantity, levels[i].quantity);
        put_level(call, market, &sum);
    }
    keel_json_close_array(call->out);
}

void gateio_get_order_book(struct gateio_call *call)
{
    struct paper_ticker ticker;
    keel_market_id market = gateio_read_contract(call, GATEIO_MANDATORY);
    keel_decimal interval = gateio_read_decimal(call, "interval", GATEIO_OPTIONAL);
    bool with_id = gateio_read_bool(call, "with_id", GATEIO_OPTIONAL);
    gateio_read_page(call, 10, BOOK_LIMIT_MAX);
    if (gateio_refused(call))
        return;
    paper_engine_get_ticker(call->engine, market, &ticker);
    keel_json_open_object(call->out, NULL);
    if (with_id)
        keel_json_put_int(call->out, "id", ticker.update_id);
    gateio_put_seconds(call->out, "current", call->now_ms);
    gateio_put_seconds(call->out, "update", ticker.time_ms);
    put_levels(call, "asks", market, KEEL_SELL, interval);
    put_levels(call, "bids", market, KEEL_BUY, interval);
    keel_json_close_object(call->out);
    call->list_limit = 0;
}

void gateio_list_trades(struct gateio_call *call)
{
    struct gateio_list list;
    int64_t from_ms, to_ms;
    keel_market_id market = gateio_read_contract(call, GATEIO_MANDATORY);
    gateio_read_span(call, &from_ms, &to_ms);
    int64_t last_id = gateio_read_int(call, "last_id", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    const struct paper_tape *tape = &call->gateio->tapes[market];
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
        gateio_put_public_trade(call->out, market, &row->trade, row->time_ms, gateio_form_of(call));
    }
    keel_json_close_array(call->out);
}

void gateio_list_funding_rates(struct gateio_call *call)
{
    int64_t from_ms, to_ms;
    keel_market_id market = gateio_read_contract(call, GATEIO_MANDATORY);
    gateio_read_span(call, &from_ms, &to_ms);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    const struct paper_tape *tape = &call->gateio->tapes[market];
    int64_t oldest =
        tape->funding_count > PAPER_TAPE_FUNDINGS ? tape->funding_count - PAPER_TAPE_FUNDINGS : 0;
    int put = 0;
    keel_json_open_array(call->out, NULL);
    for (int64_t i = tape->funding_count - 1; i >= oldest && put < call->list_limit; i--) {
        const struct paper_tape_funding *row = &tape->fundings[i % PAPER_TAPE_FUNDINGS];
        if (row->time_ms < from_ms || (to_ms != 0 && row->time_ms > to_ms))
            continue;
        keel_json_open_object(call->out, NULL);
        keel_json_put_int(call->out, "t", row->time_ms / 1000);
        keel_json_put_decimal(call->out, "r", row->rate);
        keel_json_close_object(call->out);
        put++;
    }
    keel_json_close_array(call->out);
    call->list_limit = 0;
}

/* --- Candlesticks ------------------------------------------------------------------------------
 */

/* A mark's or an index' candles are named by a prefix, and have no volume. */
static keel_market_id read_candle_contract(struct gateio_call *call, bool *traded)
{
    keel_str name = gateio_read_text(call, "contract", GATEIO_MANDATORY);
    size_t prefix = 0;
    if (keel_str_starts_with(name, KEEL_STR("mark_")))
        prefix = 5;
    else if (keel_str_starts_with(name, KEEL_STR("index_")))
        prefix = 6;
    *traded = prefix == 0;
    if (gateio_refused(call))
        return KEEL_NO_MARKET;
    keel_market_id market =
        gateio_contract_find((keel_str){name.data + prefix, name.size - prefix});
    if (market == KEEL_NO_MARKET)
        gateio_refuse(call, "CONTRACT_NOT_FOUND", "contract %.*s not found", KEEL_STR_ARGS(name));
    return market;
}

static enum paper_interval read_interval(struct gateio_call *call)
{
    keel_str word = gateio_read_text(call, "interval", GATEIO_OPTIONAL);
    if (word.size == 0)
        return PAPER_INTERVAL_5M;
    if (keel_str_equals(word, KEEL_STR("7d")))
        return PAPER_INTERVAL_1W;
    if (keel_str_equals(word, KEEL_STR("30d")))
        return PAPER_INTERVAL_1MONTH;
    enum paper_interval interval = paper_interval_read(word);
    if (interval == PAPER_INTERVAL_NONE)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid interval: %.*s", KEEL_STR_ARGS(word));
    return interval;
}

static void put_candle(struct gateio_call *call, keel_market_id market, const struct paper_bar *bar,
                       bool traded)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "t", bar->open_ms / 1000);
    if (traded)
        gateio_put_size(call->out, "v", market, bar->volume, gateio_form_of(call));
    keel_json_put_decimal(call->out, "c", bar->close);
    keel_json_put_decimal(call->out, "h", bar->high);
    keel_json_put_decimal(call->out, "l", bar->low);
    keel_json_put_decimal(call->out, "o", bar->open);
    if (traded)
        keel_json_put_decimal(call->out, "sum", bar->quote_volume);
    keel_json_close_object(call->out);
}

static void put_candles(struct gateio_call *call, keel_market_id market,
                        enum paper_interval interval, const struct paper_query *span, bool traded)
{
    struct paper_bar bars[PAPER_TAPE_BARS];
    int max = call->list_limit < PAPER_TAPE_BARS ? call->list_limit : PAPER_TAPE_BARS;
    int count = paper_tape_collect_bars(&call->gateio->tapes[market], interval, span->start_ms,
                                        span->end_ms, bars, max);
    keel_json_open_array(call->out, NULL);
    while (count > 0)
        put_candle(call, market, &bars[--count], traded);
    keel_json_close_array(call->out);
}

void gateio_list_candlesticks(struct gateio_call *call)
{
    bool traded;
    struct paper_query span = {0};
    keel_market_id market = read_candle_contract(call, &traded);
    enum paper_interval interval = read_interval(call);
    gateio_read_span(call, &span.start_ms, &span.end_ms);
    bool spans = span.start_ms != 0 || span.end_ms != 0;
    if (spans && gateio_params_find(call->params, "limit"))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "limit cannot be given with from and to");
    gateio_read_page(call, spans ? CANDLES_MAX : CANDLES_NORMAL, CANDLES_MAX);
    if (gateio_refused(call))
        return;
    put_candles(call, market, interval, &span, traded);
    call->list_limit = 0;
}

#include "venue/gateio_spot/reply.h"

#include "base/writer.h"
#include "venue/gateio/errors.h"
#include "venue/gateio_spot/encode.h"
#include "venue/gateio_spot/rows.h"
#include "venue/gateio_spot/wallet.h"

#define IS                             KEEL_GATEIO_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_GATEIO_FIELD(name, kind, row, member)

enum {
    PRECISION_MAX = KEEL_DECIMAL_DIGITS,
    ORDERS_MAX = 10, /* in ORDERS_MS, of one pair: what an account is held to (3) */
    ORDERS_MS = 1000,
    REQUESTS_MAX = 200,
    REQUESTS_MS = 10000,
    /* Orders in a list of open ones: what goes on after them is not told. */
    OPEN_MAX = 100,
    OPEN_CONDITIONAL_MAX = KEEL_GATEIO_SPOT_PAGE_LIMIT,
};

struct pair_row {
    keel_str id, base, quote, status;
    keel_decimal base_min, quote_min, base_max;
    int64_t amount_precision, price_precision;
};

static const struct keel_gateio_field pair_fields[] = {
    FIELD("id", TEXT, pair_row, id),
    FIELD("base", TEXT, pair_row, base),
    FIELD("quote", TEXT, pair_row, quote),
    FIELD("trade_status", TEXT, pair_row, status),
    FIELD("min_base_amount", DECIMAL, pair_row, base_min),
    FIELD("min_quote_amount", DECIMAL, pair_row, quote_min),
    FIELD("max_base_amount", DECIMAL, pair_row, base_max),
    FIELD("amount_precision", INT, pair_row, amount_precision),
    FIELD("precision", INT, pair_row, price_precision),
};

/* A grid of so many decimals. */
static keel_decimal make_step(int64_t precision)
{
    keel_decimal step = KEEL_DECIMAL_ONE;
    for (int64_t i = 0; i < precision; i++)
        step = keel_decimal_div(step, keel_decimal_from_int(10), KEEL_ROUND_HALF_EVEN);
    return step;
}

static struct keel_market make_market(void)
{
    return (struct keel_market){
        .product = KEEL_PRODUCT_SPOT,
        .price_tick = KEEL_DECIMAL_ABSENT,
        .price_min = KEEL_DECIMAL_ABSENT,
        .price_max = KEEL_DECIMAL_ABSENT,
        .quantity_step = KEEL_DECIMAL_ABSENT,
        .quantity_min = KEEL_DECIMAL_ABSENT,
        .quantity_max = KEEL_DECIMAL_ABSENT,
        .market_quantity_step = KEEL_DECIMAL_ABSENT,
        .market_quantity_min = KEEL_DECIMAL_ABSENT,
        .market_quantity_max = KEEL_DECIMAL_ABSENT,
        .notional_min = KEEL_DECIMAL_ABSENT,
        .price_up_ratio = KEEL_DECIMAL_ABSENT,
        .price_down_ratio = KEEL_DECIMAL_ABSENT,
        .contract_size = KEEL_DECIMAL_ONE,
        .liquidation_fee_ratio = KEEL_DECIMAL_ABSENT,
    };
}

static bool name_pair(keel_str id, keel_str base, keel_str quote, struct keel_market *market)
{
    struct keel_writer writer;
    keel_writer_init(&writer, market->symbol, sizeof(market->symbol));
    keel_write(&writer, base);
    keel_write_char(&writer, '/');
    keel_write(&writer, quote);
    return !writer.full && keel_str_copy(id, market->venue_symbol, sizeof(market->venue_symbol)) &&
           keel_str_copy(base, market->base, sizeof(market->base)) &&
           keel_str_copy(quote, market->quote, sizeof(market->quote));
}

bool keel_gateio_spot_name_market(keel_str venue_symbol, struct keel_market *market)
{
    const char *separator =
        venue_symbol.size > 0 ? memchr(venue_symbol.data, '_', venue_symbol.size) : NULL;
    if (!separator)
        return false;
    keel_str base = {venue_symbol.data, (size_t)(separator - venue_symbol.data)};
    keel_str quote = {separator + 1, venue_symbol.size - base.size - 1};
    *market = make_market();
    market->status = KEEL_MARKET_TRADING;
    market->price_tick = make_step(PRECISION_MAX);
    market->quantity_step = market->price_tick;
    return base.size > 0 && quote.size > 0 && name_pair(venue_symbol, base, quote, market);
}

/* A pair that can only be bought, or only be sold, is not one to open anything in. */
static enum keel_market_status parse_status(keel_str word)
{
    return IS(word, "tradable") ? KEEL_MARKET_TRADING : KEEL_MARKET_HALTED;
}

static void decode_pair(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct keel_market market = make_market();
    struct pair_row row = {
        .base_min = KEEL_DECIMAL_ABSENT,
        .quote_min = KEEL_DECIMAL_ABSENT,
        .base_max = KEEL_DECIMAL_ABSENT,
        .amount_precision = -1,
        .price_precision = -1,
    };
    keel_gateio_read_object(decoder, json, pair_fields, COUNT(pair_fields), &row);
    if (row.id.size == 0)
        keel_json_fail(json, "a pair has no id");
    if (row.amount_precision < 0 || row.amount_precision > PRECISION_MAX ||
        row.price_precision < 0 || row.price_precision > PRECISION_MAX ||
        !name_pair(row.id, row.base, row.quote, &market)) {
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, row.id, 0);
        return;
    }
    market.status = parse_status(row.status);
    market.price_tick = make_step(row.price_precision);
    market.quantity_step = make_step(row.amount_precision);
    market.quantity_min = keel_gateio_present(row.base_min);
    market.quantity_max = keel_gateio_present(row.base_max);
    market.notional_min = keel_gateio_present(row.quote_min);
    market.price_digits = (int8_t)row.price_precision;
    market.quantity_digits = (int8_t)row.amount_precision;

    struct keel_market *kept = keel_arena_take(decoder->arena, sizeof(*kept));
    if (!kept) {
        decoder->full = true;
        return;
    }
    *kept = market;
    keel_gateio_add_event(decoder, KEEL_EVENT_MARKET, 0)->market = kept;
}

static void add_limit(struct keel_gateio_decoder *decoder, enum keel_rate_limit_kind kind,
                      int64_t interval_ms, int64_t limit)
{
    keel_gateio_add_event(decoder, KEEL_EVENT_RATE_LIMIT, 0)->rate_limit = (struct keel_rate_limit){
        .kind = kind,
        .interval_ms = interval_ms,
        .limit = limit,
        .used = -1,
        .of_first_call = true,
    };
}

/* The venue's list of pairs does not state its limits; its documentation does. */
static void decode_pairs(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    add_limit(decoder, KEEL_LIMIT_ORDERS, ORDERS_MS, ORDERS_MAX);
    add_limit(decoder, KEEL_LIMIT_WEIGHT, REQUESTS_MS, REQUESTS_MAX);
    keel_gateio_decode_rows(decoder, json, decode_pair);
}

struct balance_row {
    keel_str asset;
    keel_decimal available, locked;
};

static const struct keel_gateio_field balance_fields[] = {
    FIELD("currency", TEXT, balance_row, asset),
    FIELD("available", DECIMAL, balance_row, available),
    FIELD("locked", DECIMAL, balance_row, locked),
};

static void decode_balance(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct balance_row row = {.available = KEEL_DECIMAL_ABSENT, .locked = KEEL_DECIMAL_ABSENT};
    keel_gateio_read_object(decoder, json, balance_fields, COUNT(balance_fields), &row);
    keel_decimal wallet = keel_decimal_add(row.available, row.locked);
    if (row.asset.size == 0 || !keel_decimal_is_valid(wallet))
        keel_json_fail(json, "a balance has no currency or amount");
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_BALANCE, 0);
    event->told_pnl = KEEL_DECIMAL_ABSENT;
    event->balance = (struct keel_balance){
        .wallet = wallet,
        .cross_wallet = KEEL_DECIMAL_ABSENT,
        .available = row.available,
        .locked = row.locked,
    };
    keel_gateio_copy_text(decoder, row.asset, event->balance.asset, sizeof(event->balance.asset));
}

struct fees_row {
    keel_decimal maker, taker;
};

static const struct keel_gateio_field fees_fields[] = {
    FIELD("maker_fee", DECIMAL, fees_row, maker),
    FIELD("taker_fee", DECIMAL, fees_row, taker),
};

/* The answer does not say of which pair it was asked. */
static void decode_fees(struct keel_gateio_decoder *decoder, struct keel_json *json,
                        keel_market_id market)
{
    struct fees_row row = {.maker = KEEL_DECIMAL_ABSENT, .taker = KEEL_DECIMAL_ABSENT};
    keel_gateio_read_object(decoder, json, fees_fields, COUNT(fees_fields), &row);
    if (!keel_decimal_is_valid(row.maker) || !keel_decimal_is_valid(row.taker))
        keel_json_fail(json, "a fee rate is missing");
    keel_gateio_add_event(decoder, KEEL_EVENT_FEES, 0)->fees =
        (struct keel_fees){.market = market, .maker = row.maker, .taker = row.taker};
}

struct ticker_row {
    keel_str pair;
    keel_decimal last;
};

static const struct keel_gateio_field ticker_fields[] = {
    FIELD("currency_pair", TEXT, ticker_row, pair),
    FIELD("last", DECIMAL, ticker_row, last),
};

/* Spot has no mark price: the last price stands for it. */
static void decode_ticker(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct ticker_row row = {.last = KEEL_DECIMAL_ABSENT};
    keel_market_id market;
    keel_gateio_read_object(decoder, json, ticker_fields, COUNT(ticker_fields), &row);
    if (row.pair.size == 0)
        keel_json_fail(json, "a price has no pair");
    if (!keel_decimal_is_positive(row.last) ||
        !keel_gateio_find_market(decoder, row.pair, 0, &market))
        return;
    keel_gateio_add_event(decoder, KEEL_EVENT_MARK, 0)->mark = (struct keel_mark){
        .market = market,
        .mark_price = row.last,
        .index_price = KEEL_DECIMAL_ABSENT,
        .funding_rate = KEEL_DECIMAL_ABSENT,
    };
}

static void decode_time(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    int64_t time_ms = 0;
    const struct keel_gateio_field field = {KEEL_STR("server_time"), KEEL_GATEIO_TIME, 0};
    keel_gateio_read_object(decoder, json, &field, 1, &time_ms);
    if (time_ms <= 0)
        keel_json_fail(json, "the server's time is missing");
    keel_gateio_add_event(decoder, KEEL_EVENT_SERVER_TIME, time_ms)->server_time_ms = time_ms;
}

/* Open orders of all pairs come by pair, a page of each (1). */
static void decode_grouped(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    int64_t total = 0, count = 0;
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "orders"))
            count = keel_gateio_decode_rows(decoder, json, keel_gateio_spot_decode_order);
        else if (IS(key, "total"))
            keel_gateio_read_int(json, &total);
        else
            keel_json_skip(json);
    }
    if (count < total)
        keel_json_fail(json, "a pair has more open orders than are listed");
}

/* A list that is as long as it can be may have been cut. */
static void decode_whole_list(struct keel_gateio_decoder *decoder, struct keel_json *json,
                              keel_gateio_row_decoder decode_row)
{
    int32_t rows_max = INT32_MAX;
    if (decode_row == keel_gateio_spot_decode_order)
        rows_max = OPEN_MAX;
    else if (decode_row == keel_gateio_spot_decode_trigger_order)
        rows_max = OPEN_CONDITIONAL_MAX;
    if (keel_gateio_decode_rows(decoder, json, decode_row) >= rows_max)
        keel_json_fail(json, "a list is as long as it can be: more may follow");
}

static void decode_snapshot(struct keel_gateio_decoder *decoder, struct keel_json *json,
                            enum keel_snapshot_kind kind, keel_market_id market,
                            keel_gateio_row_decoder decode_row)
{
    struct keel_snapshot snapshot = {kind, market};
    keel_gateio_add_event(decoder, KEEL_EVENT_SNAPSHOT_BEGIN, 0)->snapshot = snapshot;
    decode_whole_list(decoder, json, decode_row);
    keel_gateio_add_event(decoder, KEEL_EVENT_SNAPSHOT_END, 0)->snapshot = snapshot;
}

/* Lists begin with the newest row. */
static void decode_history(struct keel_gateio_decoder *decoder, struct keel_json *json,
                           keel_gateio_row_decoder decode_row)
{
    int32_t first = decoder->events->count;
    keel_gateio_decode_rows(decoder, json, decode_row);
    keel_gateio_reverse_events(decoder->events, first);
}

static keel_gateio_row_decoder find_order_decoder(enum keel_order_family family)
{
    return family == KEEL_FAMILY_CONDITIONAL ? keel_gateio_spot_decode_trigger_order
                                             : keel_gateio_spot_decode_order;
}

static void decode_body(struct keel_gateio_decoder *decoder, struct keel_json *json,
                        const struct keel_command *command)
{
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER:
        if (keel_order_type_is_conditional(command->place.type))
            keel_gateio_spot_decode_placed_trigger(decoder, json, &command->place);
        else
            keel_gateio_spot_decode_order(decoder, json);
        return;
    case KEEL_AMEND_ORDER: keel_gateio_spot_decode_order(decoder, json); return;
    case KEEL_CANCEL_ORDER:
    case KEEL_QUERY_ORDER: find_order_decoder(command->order.family)(decoder, json); return;
    case KEEL_CANCEL_ALL:
        keel_gateio_decode_rows(decoder, json, find_order_decoder(command->order.family));
        return;
    case KEEL_LOAD_ORDERS:
        decode_history(decoder, json, find_order_decoder(command->page.family));
        return;
    case KEEL_LOAD_OPEN_ORDERS:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_ORDERS, command->market,
                        command->market == KEEL_NO_MARKET ? decode_grouped
                                                          : keel_gateio_spot_decode_order);
        return;
    case KEEL_LOAD_CONDITIONAL_ORDERS:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_CONDITIONAL_ORDERS, command->market,
                        keel_gateio_spot_decode_trigger_order);
        return;
    case KEEL_LOAD_EXECUTIONS: decode_history(decoder, json, keel_gateio_spot_decode_trade); return;
    case KEEL_LOAD_BALANCES:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_BALANCES, KEEL_NO_MARKET, decode_balance);
        return;
    case KEEL_LOAD_FEES: decode_fees(decoder, json, command->market); return;
    case KEEL_LOAD_MARKS: keel_gateio_decode_rows(decoder, json, decode_ticker); return;
    case KEEL_LOAD_TIME: decode_time(decoder, json); return;
    case KEEL_LOAD_MARKETS: decode_pairs(decoder, json); return;
    }
    if (!keel_gateio_spot_decode_wallet(decoder, json, command))
        keel_json_skip(json);
}

/* An empty answer says that a transfer was done, and nothing else. */
static bool is_empty_success(const struct keel_command *command, const struct keel_reply *reply)
{
    return command->kind == KEEL_TRANSFER && reply->body.size == 0;
}

static bool is_full(const struct keel_page *page, const struct keel_gateio_decoder *decoder)
{
    return decoder->row_count >= (page->limit > 0 ? page->limit : KEEL_GATEIO_SPOT_PAGE_LIMIT);
}

enum keel_status keel_gateio_spot_decode_reply(const struct keel_command *command,
                                               const struct keel_reply *reply,
                                               const struct keel_markets *markets,
                                               struct keel_arena *arena, struct keel_events *events,
                                               struct keel_outcome *outcome)
{
    struct keel_gateio_decoder decoder;
    struct keel_gateio_message message = {0};
    struct keel_json json;
    bool succeeded = reply->http_status >= 200 && reply->http_status < 300;
    keel_str body = reply->body;

    memset(outcome, 0, sizeof(*outcome));
    outcome->usage_count = keel_gateio_read_usage(command->kind, reply, outcome->usage);
    /* A label is an error whatever the status; lists have none, and may be long. */
    if (!succeeded || (body.size > 0 && body.data[0] == '{'))
        message = keel_gateio_read_message(body, arena);
    if (!succeeded || message.found) {
        keel_gateio_judge(command, reply, &message, outcome);
        return KEEL_OK;
    }

    if (is_empty_success(command, reply))
        body = KEEL_STR("{}");
    keel_gateio_decoder_init(&decoder, markets, arena, events, body);
    keel_json_init(&json, body);
    decode_body(&decoder, &json, command);
    enum keel_status status = keel_gateio_decoder_finish(&decoder, &json, &outcome->error);
    outcome->fate = KEEL_ACCEPTED;
    outcome->partial = command->kind == KEEL_LOAD_TRANSFERS && is_full(&command->page, &decoder);
    if (status != KEEL_OK)
        outcome->fate = keel_command_is_write(command->kind) ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED;
    return status;
}

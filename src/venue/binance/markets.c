#include "venue/binance/markets.h"

#include "base/writer.h"

#define IS                             KEEL_BINANCE_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_BINANCE_FIELD(name, kind, row, member)

enum {
    INTERVALS_MAX = 1000, /* of a limit; more is a mistake */
};

struct limit_row {
    keel_str type, interval;
    int64_t interval_count, limit;
};

static const struct keel_binance_field limit_fields[] = {
    FIELD("rateLimitType", TEXT, limit_row, type),
    FIELD("interval", TEXT, limit_row, interval),
    FIELD("intervalNum", INT, limit_row, interval_count),
    FIELD("limit", INT, limit_row, limit),
};

/* The fields of all filters; which filter it is may stand last. */
struct filter_row {
    keel_str type;
    keel_decimal price_min, price_max, tick;
    keel_decimal quantity_min, quantity_max, step;
    keel_decimal notional, up, down;
    int64_t limit;
};

static const struct keel_binance_field filter_fields[] = {
    FIELD("filterType", TEXT, filter_row, type),
    FIELD("minPrice", DECIMAL, filter_row, price_min),
    FIELD("maxPrice", DECIMAL, filter_row, price_max),
    FIELD("tickSize", DECIMAL, filter_row, tick),
    FIELD("minQty", DECIMAL, filter_row, quantity_min),
    FIELD("maxQty", DECIMAL, filter_row, quantity_max),
    FIELD("stepSize", DECIMAL, filter_row, step),
    FIELD("notional", DECIMAL, filter_row, notional),
    FIELD("multiplierUp", DECIMAL, filter_row, up),
    FIELD("multiplierDown", DECIMAL, filter_row, down),
    FIELD("limit", INT, filter_row, limit),
};

struct symbol_row {
    keel_str symbol, contract_type, status, base, quote, settle;
    keel_decimal liquidation_fee;
};

static const struct keel_binance_field symbol_fields[] = {
    FIELD("symbol", TEXT, symbol_row, symbol),
    FIELD("contractType", TEXT, symbol_row, contract_type),
    FIELD("status", TEXT, symbol_row, status),
    FIELD("baseAsset", TEXT, symbol_row, base),
    FIELD("quoteAsset", TEXT, symbol_row, quote),
    FIELD("marginAsset", TEXT, symbol_row, settle),
    FIELD("liquidationFee", DECIMAL, symbol_row, liquidation_fee),
};

static int64_t get_interval_ms(keel_str interval)
{
    const int64_t second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
    if (IS(interval, "SECOND"))
        return second;
    if (IS(interval, "MINUTE"))
        return minute;
    if (IS(interval, "HOUR"))
        return hour;
    return IS(interval, "DAY") ? day : 0;
}

static void decode_limit(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct limit_row row = {0};
    keel_binance_read_object(decoder, json, limit_fields, COUNT(limit_fields), &row);
    int64_t interval_ms = get_interval_ms(row.interval);
    bool weight = IS(row.type, "REQUEST_WEIGHT");
    if (IS(row.type, "RAW_REQUESTS"))
        return; /* of any weight: each weighs one at least, and the bound on that is the tighter */
    if (interval_ms == 0 || row.interval_count < 1 || row.interval_count > INTERVALS_MAX ||
        !(weight || IS(row.type, "ORDERS"))) {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE,
                                 interval_ms == 0 ? row.interval : row.type, 0);
        return;
    }
    keel_binance_add_event(decoder, KEEL_EVENT_RATE_LIMIT, 0)->rate_limit =
        (struct keel_rate_limit){
            .kind = weight ? KEEL_LIMIT_WEIGHT : KEEL_LIMIT_ORDERS,
            .interval_ms = interval_ms * row.interval_count,
            .limit = row.limit,
            .used = -1,
        };
}

static struct filter_row make_filter(void)
{
    return (struct filter_row){
        .price_min = KEEL_DECIMAL_ABSENT,
        .price_max = KEEL_DECIMAL_ABSENT,
        .tick = KEEL_DECIMAL_ABSENT,
        .quantity_min = KEEL_DECIMAL_ABSENT,
        .quantity_max = KEEL_DECIMAL_ABSENT,
        .step = KEEL_DECIMAL_ABSENT,
        .notional = KEEL_DECIMAL_ABSENT,
        .up = KEEL_DECIMAL_ABSENT,
        .down = KEEL_DECIMAL_ABSENT,
    };
}

/* A limit of zero is a limit that is off (4.1). */
static void apply_filter(const struct filter_row *row, struct keel_market *market)
{
    if (IS(row->type, "PRICE_FILTER")) {
        market->price_tick = keel_binance_present(row->tick);
        market->price_min = keel_binance_present(row->price_min);
        market->price_max = keel_binance_present(row->price_max);
    } else if (IS(row->type, "LOT_SIZE")) {
        market->quantity_step = keel_binance_present(row->step);
        market->quantity_min = keel_binance_present(row->quantity_min);
        market->quantity_max = keel_binance_present(row->quantity_max);
    } else if (IS(row->type, "MARKET_LOT_SIZE")) {
        market->market_quantity_step = keel_binance_present(row->step);
        market->market_quantity_min = keel_binance_present(row->quantity_min);
        market->market_quantity_max = keel_binance_present(row->quantity_max);
    } else if (IS(row->type, "MIN_NOTIONAL")) {
        market->notional_min = keel_binance_present(row->notional);
    } else if (IS(row->type, "PERCENT_PRICE")) {
        market->price_up_ratio = keel_binance_present(row->up);
        market->price_down_ratio = keel_binance_present(row->down);
    } else if (IS(row->type, "MAX_NUM_ORDERS")) {
        market->open_orders_max =
            row->limit > 0 && row->limit < INT32_MAX ? (int32_t)row->limit : 0;
    }
}

static void decode_filters(struct keel_binance_decoder *decoder, struct keel_json *json,
                           struct keel_market *market)
{
    keel_json_enter_array(json);
    while (keel_json_next_element(json)) {
        struct filter_row row = make_filter();
        keel_binance_read_object(decoder, json, filter_fields, COUNT(filter_fields), &row);
        apply_filter(&row, market);
    }
}

struct keel_market keel_binance_make_market(void)
{
    return (struct keel_market){
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

/* "BTC/USDT:USDT"; a contract that is delivered also has its day: "BTC/USDT:USDT-220325". */
static bool write_symbol(struct keel_market *market)
{
    const char *day = strchr(market->venue_symbol, '_');
    struct keel_writer writer;
    keel_writer_init(&writer, market->symbol, sizeof(market->symbol));
    keel_write(&writer, keel_str_from(market->base));
    keel_write_char(&writer, '/');
    keel_write(&writer, keel_str_from(market->quote));
    keel_write_char(&writer, ':');
    keel_write(&writer, keel_str_from(market->settle));
    if (!market->perpetual && day) {
        keel_write_char(&writer, '-');
        keel_write(&writer, keel_str_from(day + 1));
    }
    return !writer.full;
}

static bool is_perpetual(keel_str contract_type)
{
    keel_str suffix = KEEL_STR("_PERPETUAL"); /* TRADIFI_PERPETUAL, and others to come */
    return keel_str_starts_with(contract_type, KEEL_STR("PERPETUAL")) ||
           (contract_type.size > suffix.size &&
            memcmp(contract_type.data + contract_type.size - suffix.size, suffix.data,
                   suffix.size) == 0);
}

/* A market without a grid, or with a name that does not fit, cannot be traded by us: it is shown,
 * and the others are not held up by it. */
static void add_market(struct keel_binance_decoder *decoder, const struct symbol_row *row,
                       struct keel_market *market)
{
    bool fits = keel_str_copy(row->symbol, market->venue_symbol, sizeof(market->venue_symbol)) &&
                keel_str_copy(row->base, market->base, sizeof(market->base)) &&
                keel_str_copy(row->quote, market->quote, sizeof(market->quote)) &&
                keel_str_copy(row->settle, market->settle, sizeof(market->settle));
    market->perpetual = is_perpetual(row->contract_type);
    market->status = keel_binance_parse_market_status(row->status);
    market->liquidation_fee_ratio = row->liquidation_fee;
    if (!fits || !write_symbol(market) || !keel_decimal_is_positive(market->price_tick) ||
        !keel_decimal_is_positive(market->quantity_step)) {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, row->symbol, 0);
        return;
    }
    bool known = market->status != KEEL_MARKET_NONE;
    if (!known)
        market->status = KEEL_MARKET_HALTED; /* never open a market by a word not understood */
    market->price_digits = (int8_t)keel_decimal_digits(market->price_tick);
    market->quantity_digits = (int8_t)keel_decimal_digits(market->quantity_step);

    struct keel_market *kept = keel_arena_take(decoder->arena, sizeof(*kept));
    if (!kept) {
        decoder->full = true;
        return;
    }
    *kept = *market;
    keel_binance_add_event(decoder, KEEL_EVENT_MARKET, 0)->market = kept;
    if (!known)
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_WORD, row->status, 0);
}

static void decode_symbol(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_market market = keel_binance_make_market();
    struct symbol_row row = {.liquidation_fee = KEEL_DECIMAL_ABSENT};
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "filters"))
            decode_filters(decoder, json, &market);
        else
            keel_binance_read_member(decoder, json, symbol_fields, COUNT(symbol_fields), key, &row);
    }
    if (row.symbol.size == 0)
        keel_json_fail(json, "a market has no symbol");
    add_market(decoder, &row, &market);
}

void keel_binance_decode_listing(struct keel_binance_decoder *decoder, struct keel_json *json,
                                 void (*decode_one)(struct keel_binance_decoder *decoder,
                                                    struct keel_json *json))
{
    int64_t server_time_ms = 0;
    bool has_symbols = false;
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "serverTime")) {
            keel_binance_read_int(json, &server_time_ms);
        } else if (IS(key, "rateLimits")) {
            keel_json_enter_array(json);
            while (keel_json_next_element(json))
                decode_limit(decoder, json);
        } else if (IS(key, "symbols")) {
            has_symbols = true;
            keel_json_enter_array(json);
            while (keel_json_next_element(json))
                decode_one(decoder, json);
        } else {
            keel_json_skip(json);
        }
    }
    if (!has_symbols)
        keel_json_fail(json, "exchangeInfo has no symbols");
    if (server_time_ms > 0)
        keel_binance_add_event(decoder, KEEL_EVENT_SERVER_TIME, server_time_ms)->server_time_ms =
            server_time_ms;
}

void keel_binance_decode_exchange_info(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_binance_decode_listing(decoder, json, decode_symbol);
}

struct bracket_row {
    int64_t leverage;
    keel_decimal floor, cap, ratio, amount;
};

static const struct keel_binance_field bracket_fields[] = {
    FIELD("initialLeverage", INT, bracket_row, leverage),
    FIELD("notionalFloor", DECIMAL, bracket_row, floor),
    FIELD("notionalCap", DECIMAL, bracket_row, cap),
    FIELD("maintMarginRatio", DECIMAL, bracket_row, ratio),
    FIELD("cum", DECIMAL, bracket_row, amount),
};

/* Keeps them ascending, whatever their order on the wire. */
static void insert_bracket(struct keel_brackets *brackets, const struct bracket_row *row)
{
    int32_t at = brackets->count++;
    for (; at > 0; at--) {
        if (keel_decimal_compare(brackets->at[at - 1].notional_floor, row->floor) <= 0)
            break;
        brackets->at[at] = brackets->at[at - 1];
    }
    brackets->at[at] = (struct keel_bracket){
        .notional_floor = row->floor,
        .notional_cap = row->cap,
        .maintenance_ratio = row->ratio,
        .maintenance_amount = row->amount,
        .leverage_max = (int32_t)row->leverage,
    };
}

static void decode_bracket(struct keel_binance_decoder *decoder, struct keel_json *json,
                           struct keel_brackets *brackets)
{
    struct bracket_row row = {
        .floor = KEEL_DECIMAL_ABSENT,
        .cap = KEEL_DECIMAL_ABSENT,
        .ratio = KEEL_DECIMAL_ABSENT,
        .amount = KEEL_DECIMAL_ABSENT,
    };
    keel_binance_read_object(decoder, json, bracket_fields, COUNT(bracket_fields), &row);
    if (!keel_decimal_is_valid(row.floor) || !keel_decimal_is_valid(row.cap) ||
        !keel_decimal_is_valid(row.ratio) || row.leverage < 1 ||
        row.leverage > KEEL_BINANCE_LEVERAGE_MAX)
        keel_json_fail(json, "a bracket has no floor, cap, ratio or leverage");
    else if (brackets->count == KEEL_BRACKETS_MAX)
        decoder->full = true;
    else
        insert_bracket(brackets, &row);
}

/* cum is left out by some servers; it follows from the ratios (12.3). */
static void complete_amounts(struct keel_brackets *brackets)
{
    keel_decimal amount = KEEL_DECIMAL_ZERO;
    for (int32_t i = 0; i < brackets->count; i++) {
        struct keel_bracket *bracket = &brackets->at[i];
        if (i > 0) {
            keel_decimal step =
                keel_decimal_sub(bracket->maintenance_ratio, bracket[-1].maintenance_ratio);
            amount = keel_decimal_add(
                amount, keel_decimal_mul(bracket->notional_floor, step, KEEL_ROUND_HALF_EVEN));
        }
        if (keel_decimal_is_valid(bracket->maintenance_amount))
            amount = bracket->maintenance_amount;
        else
            bracket->maintenance_amount = amount;
    }
}

void keel_binance_decode_brackets(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_brackets brackets = {0};
    keel_str key, symbol = {0};
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "symbol")) {
            keel_binance_read_text(decoder, json, &symbol);
        } else if (IS(key, "brackets")) {
            keel_json_enter_array(json);
            while (keel_json_next_element(json))
                decode_bracket(decoder, json, &brackets);
        } else {
            keel_json_skip(json);
        }
    }
    if (symbol.size == 0 || brackets.count == 0)
        keel_json_fail(json, "brackets have no symbol, or there are none");
    complete_amounts(&brackets);

    keel_market_id market = keel_binance_find_market(decoder, symbol, 0);
    struct keel_brackets *kept = keel_arena_take(decoder->arena, sizeof(*kept));
    if (!kept)
        decoder->full = true;
    if (!kept || market == KEEL_NO_MARKET)
        return;
    *kept = brackets;
    struct keel_event *event = keel_binance_add_event(decoder, KEEL_EVENT_BRACKETS, 0);
    event->brackets.market = market;
    event->brackets.table = kept;
}

/* Which asset a name without a separator is quoted in: longer names first, because "USDT" ends in
 * no other but "FDUSD" ends in "USD". */
static keel_str find_quote(keel_str name)
{
    static const keel_str quotes[] = {
        {"BNFCR", 5},
        {"FDUSD", 5},
        {"USDT",  4},
        {"USDC",  4},
        {"BUSD",  4},
        {"TUSD",  4},
        {"USD1",  4},
        {"USD",   3},
        {"BTC",   3},
        {"ETH",   3},
        {"BNB",   3},
        {"EUR",   3},
        {"TRY",   3},
    };
    for (size_t i = 0; i < COUNT(quotes); i++) {
        if (name.size > quotes[i].size &&
            memcmp(name.data + name.size - quotes[i].size, quotes[i].data, quotes[i].size) == 0)
            return quotes[i];
    }
    return (keel_str){0};
}

bool keel_binance_name_market(keel_str venue_symbol, struct keel_market *market)
{
    const char *separator =
        venue_symbol.size > 0 ? memchr(venue_symbol.data, '_', venue_symbol.size) : NULL;
    keel_str pair = venue_symbol;
    if (separator)
        pair.size = (size_t)(separator - venue_symbol.data);
    keel_str quote = find_quote(pair);
    keel_str base = {pair.data, pair.size - quote.size};

    *market = keel_binance_make_market();
    market->status = KEEL_MARKET_TRADING;
    /* No amount of the venue has more than eight decimals. */
    market->price_tick = keel_decimal_from_text("0.00000001");
    market->quantity_step = market->price_tick;
    market->perpetual =
        !separator ||
        keel_str_equals(KEEL_STR("_PERP"), (keel_str){separator, venue_symbol.size - pair.size});
    /* Contracts quoted in USD itself settle in their coin. */
    bool inverse = IS(quote, "USD");
    return quote.size > 0 && base.size > 0 &&
           keel_str_copy(venue_symbol, market->venue_symbol, sizeof(market->venue_symbol)) &&
           keel_str_copy(base, market->base, sizeof(market->base)) &&
           keel_str_copy(quote, market->quote, sizeof(market->quote)) &&
           keel_str_copy(inverse ? base : quote, market->settle, sizeof(market->settle)) &&
           write_symbol(market);
}

#include "venue/binance_spot/markets.h"

#include "base/writer.h"
#include "venue/binance/markets.h"

#define IS                             KEEL_BINANCE_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_BINANCE_FIELD(name, kind, row, member)

/* The fields of all filters; which filter it is may stand last. */
struct filter_row {
    keel_str type;
    keel_decimal price_min, price_max, tick;
    keel_decimal quantity_min, quantity_max, step;
    keel_decimal notional_min, up, down;
    int64_t orders_max;
};

static const struct keel_binance_field filter_fields[] = {
    FIELD("filterType", TEXT, filter_row, type),
    FIELD("minPrice", DECIMAL, filter_row, price_min),
    FIELD("maxPrice", DECIMAL, filter_row, price_max),
    FIELD("tickSize", DECIMAL, filter_row, tick),
    FIELD("minQty", DECIMAL, filter_row, quantity_min),
    FIELD("maxQty", DECIMAL, filter_row, quantity_max),
    FIELD("stepSize", DECIMAL, filter_row, step),
    FIELD("minNotional", DECIMAL, filter_row, notional_min),
    FIELD("multiplierUp", DECIMAL, filter_row, up),
    FIELD("multiplierDown", DECIMAL, filter_row, down),
    FIELD("bidMultiplierUp", DECIMAL, filter_row, up),
    FIELD("askMultiplierDown", DECIMAL, filter_row, down),
    FIELD("maxNumOrders", INT, filter_row, orders_max),
};

struct symbol_row {
    keel_str symbol, status, base, quote;
};

static const struct keel_binance_field symbol_fields[] = {
    FIELD("symbol", TEXT, symbol_row, symbol),
    FIELD("status", TEXT, symbol_row, status),
    FIELD("baseAsset", TEXT, symbol_row, base),
    FIELD("quoteAsset", TEXT, symbol_row, quote),
};

static struct filter_row make_filter(void)
{
    return (struct filter_row){
        .price_min = KEEL_DECIMAL_ABSENT,
        .price_max = KEEL_DECIMAL_ABSENT,
        .tick = KEEL_DECIMAL_ABSENT,
        .quantity_min = KEEL_DECIMAL_ABSENT,
        .quantity_max = KEEL_DECIMAL_ABSENT,
        .step = KEEL_DECIMAL_ABSENT,
        .notional_min = KEEL_DECIMAL_ABSENT,
        .up = KEEL_DECIMAL_ABSENT,
        .down = KEEL_DECIMAL_ABSENT,
    };
}

/* A limit of zero is a limit that is off. What bounds a buy from above and a sale from below is
 * written by side in newer lists. */
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
    } else if (IS(row->type, "NOTIONAL") || IS(row->type, "MIN_NOTIONAL")) {
        market->notional_min = keel_binance_present(row->notional_min);
    } else if (IS(row->type, "PERCENT_PRICE") || IS(row->type, "PERCENT_PRICE_BY_SIDE")) {
        market->price_up_ratio = keel_binance_present(row->up);
        market->price_down_ratio = keel_binance_present(row->down);
    } else if (IS(row->type, "MAX_NUM_ORDERS") && row->orders_max > 0 &&
               row->orders_max < INT32_MAX) {
        market->open_orders_max = (int32_t)row->orders_max;
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

static struct keel_market make_market(void)
{
    struct keel_market market = keel_binance_make_market();
    market.product = KEEL_PRODUCT_SPOT;
    return market;
}

static bool write_symbol(struct keel_market *market)
{
    struct keel_writer writer;
    keel_writer_init(&writer, market->symbol, sizeof(market->symbol));
    keel_write(&writer, keel_str_from(market->base));
    keel_write_char(&writer, '/');
    keel_write(&writer, keel_str_from(market->quote));
    return !writer.full;
}

/* "BREAK" and whatever else is no trading now. */
static enum keel_market_status parse_status(keel_str word)
{
    return IS(word, "TRADING") ? KEEL_MARKET_TRADING : KEEL_MARKET_HALTED;
}

/* A pair without a grid, or with a name that does not fit, cannot be traded by us: it is shown,
 * and the others are not held up by it. */
static void add_market(struct keel_binance_decoder *decoder, const struct symbol_row *row,
                       struct keel_market *market)
{
    bool fits = keel_str_copy(row->symbol, market->venue_symbol, sizeof(market->venue_symbol)) &&
                keel_str_copy(row->base, market->base, sizeof(market->base)) &&
                keel_str_copy(row->quote, market->quote, sizeof(market->quote));
    market->status = parse_status(row->status);
    if (!fits || !write_symbol(market) || !keel_decimal_is_positive(market->price_tick) ||
        !keel_decimal_is_positive(market->quantity_step)) {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, row->symbol, 0);
        return;
    }
    market->price_digits = (int8_t)keel_decimal_digits(market->price_tick);
    market->quantity_digits = (int8_t)keel_decimal_digits(market->quantity_step);

    struct keel_market *kept = keel_arena_take(decoder->arena, sizeof(*kept));
    if (!kept) {
        decoder->full = true;
        return;
    }
    *kept = *market;
    keel_binance_add_event(decoder, KEEL_EVENT_MARKET, 0)->market = kept;
}

static void decode_symbol(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_market market = make_market();
    struct symbol_row row = {0};
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

void keel_binance_spot_decode_exchange_info(struct keel_binance_decoder *decoder,
                                            struct keel_json *json)
{
    keel_binance_decode_listing(decoder, json, decode_symbol);
}

bool keel_binance_spot_name_market(keel_str venue_symbol, struct keel_market *market)
{
    struct keel_market futures;
    if (!keel_binance_name_market(venue_symbol, &futures) || strchr(futures.venue_symbol, '_'))
        return false;
    *market = futures;
    market->product = KEEL_PRODUCT_SPOT;
    market->perpetual = false;
    market->settle[0] = '\0';
    return write_symbol(market);
}

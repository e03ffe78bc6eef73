#include "venue/gateio/markets.h"

#include "base/writer.h"
#include "venue/gateio/words.h"

#define IS                             KEEL_GATEIO_IS
#define COUNT(list)                    (sizeof(list) / sizeof((list)[0]))
#define FIELD(name, kind, row, member) KEEL_GATEIO_FIELD(name, kind, row, member)
#define UNIT                           1000000000000000000 /* of a decimal */

enum {
    LEVERAGE_MAX = 1000, /* beyond this a number is a mistake */
};

struct contract_row {
    keel_str name, type, status;
    keel_decimal multiplier, size_min, size_max, market_size_max, price_round, deviate, taker_fee;
    keel_decimal position_size;
    enum keel_switch delisting, fractions;
    int64_t orders_limit;
};

static const struct keel_gateio_field contract_fields[] = {
    FIELD("name", TEXT, contract_row, name),
    FIELD("type", TEXT, contract_row, type),
    FIELD("status", TEXT, contract_row, status),
    FIELD("quanto_multiplier", DECIMAL, contract_row, multiplier),
    FIELD("order_size_min", DECIMAL, contract_row, size_min),
    FIELD("order_size_max", DECIMAL, contract_row, size_max),
    FIELD("market_order_size_max", DECIMAL, contract_row, market_size_max),
    FIELD("order_price_round", DECIMAL, contract_row, price_round),
    FIELD("order_price_deviate", DECIMAL, contract_row, deviate),
    FIELD("taker_fee_rate", DECIMAL, contract_row, taker_fee),
    FIELD("position_size", DECIMAL, contract_row, position_size),
    FIELD("in_delisting", SWITCH, contract_row, delisting),
    FIELD("enable_decimal", SWITCH, contract_row, fractions),
    FIELD("orders_limit", INT, contract_row, orders_limit),
};

static struct contract_row read_contract(struct keel_gateio_decoder *decoder,
                                         struct keel_json *json)
{
    struct contract_row row = {
        .multiplier = KEEL_DECIMAL_ABSENT,
        .size_min = KEEL_DECIMAL_ABSENT,
        .size_max = KEEL_DECIMAL_ABSENT,
        .market_size_max = KEEL_DECIMAL_ABSENT,
        .price_round = KEEL_DECIMAL_ABSENT,
        .deviate = KEEL_DECIMAL_ABSENT,
        .taker_fee = KEEL_DECIMAL_ABSENT,
        .position_size = KEEL_DECIMAL_ABSENT,
    };
    keel_gateio_read_object(decoder, json, contract_fields, COUNT(contract_fields), &row);
    if (row.name.size == 0)
        keel_json_fail(json, "a contract has no name");
    return row;
}

static struct keel_market make_market(void)
{
    return (struct keel_market){
        .perpetual = true,
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

/* "BTC_USDT": what stands before the one line is the base. False for dated contracts, which have
 * two. */
static bool name_parts(keel_str name, struct keel_market *market)
{
    struct keel_writer writer;
    const char *line = name.size > 0 ? memchr(name.data, '_', name.size) : NULL;
    if (!line)
        return false;
    keel_str base = {name.data, (size_t)(line - name.data)};
    keel_str quote = {line + 1, name.size - base.size - 1};
    if (base.size == 0 || quote.size == 0 || memchr(quote.data, '_', quote.size) ||
        !keel_str_copy(name, market->venue_symbol, sizeof(market->venue_symbol)) ||
        !keel_str_copy(base, market->base, sizeof(market->base)) ||
        !keel_str_copy(quote, market->quote, sizeof(market->quote)) ||
        !keel_str_copy(quote, market->settle, sizeof(market->settle)))
        return false;
    keel_writer_init(&writer, market->symbol, sizeof(market->symbol));
    keel_write(&writer, base);
    keel_write_char(&writer, '/');
    keel_write(&writer, quote);
    keel_write_char(&writer, ':');
    keel_write(&writer, quote);
    return !writer.full;
}

/* A contract that is going takes no order that opens, and one without positions is gone. */
static enum keel_market_status find_status(const struct contract_row *row)
{
    enum keel_market_status status = keel_gateio_parse_market_status(row->status);
    if (row->delisting == KEEL_ON)
        return keel_decimal_is_zero(row->position_size) ? KEEL_MARKET_DELISTED
                                                        : KEEL_MARKET_REDUCE_ONLY;
    if (row->status.size == 0)
        return KEEL_MARKET_TRADING; /* answers of the time before the word */
    return status != KEEL_MARKET_NONE ? status : KEEL_MARKET_HALTED;
}

/* In contracts: one, or the smallest order where that is a part of one and parts are taken. */
static keel_decimal find_contract_step(const struct contract_row *row)
{
    bool part = keel_decimal_is_positive(row->size_min) &&
                keel_decimal_compare(row->size_min, KEEL_DECIMAL_ONE) < 0;
    return row->fractions == KEEL_ON && part ? row->size_min : KEEL_DECIMAL_ONE;
}

static keel_decimal scale(keel_decimal contracts, keel_decimal multiplier)
{
    return keel_decimal_mul(keel_gateio_present(contracts), multiplier, KEEL_ROUND_DOWN);
}

static void fill_rules(const struct contract_row *row, struct keel_market *market)
{
    keel_decimal multiplier = row->multiplier;
    market->status = find_status(row);
    market->contract_size = multiplier;
    market->price_tick = keel_gateio_present(row->price_round);
    market->quantity_step = scale(find_contract_step(row), multiplier);
    market->quantity_min = scale(row->size_min, multiplier);
    market->quantity_max = scale(row->size_max, multiplier);
    market->market_quantity_step = market->quantity_step;
    market->market_quantity_min = market->quantity_min;
    market->market_quantity_max = scale(row->market_size_max, multiplier);
    if (keel_decimal_is_positive(row->deviate)) {
        keel_decimal down = keel_decimal_sub(KEEL_DECIMAL_ONE, row->deviate);
        market->price_up_ratio = keel_decimal_add(KEEL_DECIMAL_ONE, row->deviate);
        market->price_down_ratio = keel_decimal_is_positive(down) ? down : KEEL_DECIMAL_ABSENT;
    }
    if (keel_decimal_is_positive(row->taker_fee))
        market->closing_fee_ratio = row->taker_fee;
    if (row->orders_limit > 0 && row->orders_limit < INT32_MAX)
        market->open_orders_max = (int32_t)row->orders_limit;
}

/* A market without a grid, or with a name that does not fit, cannot be traded by us: it is shown,
 * and the others are not held up by it. */
static void add_market(struct keel_gateio_decoder *decoder, const struct contract_row *row)
{
    struct keel_market market = make_market();
    bool named = name_parts(row->name, &market);
    fill_rules(row, &market);
    if (!named || !keel_decimal_is_positive(market.price_tick) ||
        !keel_decimal_is_positive(market.quantity_step)) {
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, row->name, 0);
        return;
    }
    market.price_digits = (int8_t)keel_decimal_digits(market.price_tick);
    market.quantity_digits = (int8_t)keel_decimal_digits(market.quantity_step);

    struct keel_market *kept = keel_arena_take(decoder->arena, sizeof(*kept));
    if (!kept) {
        decoder->full = true;
        return;
    }
    *kept = market;
    keel_gateio_add_event(decoder, KEEL_EVENT_MARKET, 0)->market = kept;
    if (row->status.size > 0 && keel_gateio_parse_market_status(row->status) == KEEL_MARKET_NONE)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, row->status, 0);
}

/* Inverse contracts have no multiplier, and are margined in another coin. */
static void decode_contract(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct contract_row row = read_contract(decoder, json);
    if (IS(row.type, "inverse") || !keel_decimal_is_positive(row.multiplier))
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_FOREIGN, row.name, 0);
    else
        add_market(decoder, &row);
}

static void add_limit(struct keel_gateio_decoder *decoder, enum keel_rate_limit_kind kind,
                      int64_t limit, int64_t interval_ms)
{
    keel_gateio_add_event(decoder, KEEL_EVENT_RATE_LIMIT, 0)->rate_limit = (struct keel_rate_limit){
        .kind = kind,
        .interval_ms = interval_ms,
        .limit = limit,
        .used = -1,
        .of_first_call = true,
    };
}

void keel_gateio_decode_contracts(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    keel_gateio_decode_rows(decoder, json, decode_contract);
    add_limit(decoder, KEEL_LIMIT_WEIGHT, KEEL_GATEIO_REQUESTS_MAX, KEEL_GATEIO_REQUESTS_MS);
    add_limit(decoder, KEEL_LIMIT_ORDERS, KEEL_GATEIO_ORDERS_MAX, KEEL_GATEIO_ORDERS_MS);
}

struct tier_row {
    keel_str contract;
    keel_decimal risk_limit, ratio, leverage, deduction;
};

static const struct keel_gateio_field tier_fields[] = {
    FIELD("contract", TEXT, tier_row, contract),
    FIELD("risk_limit", DECIMAL, tier_row, risk_limit),
    FIELD("maintenance_rate", DECIMAL, tier_row, ratio),
    FIELD("leverage_max", DECIMAL, tier_row, leverage),
    FIELD("deduction", DECIMAL, tier_row, deduction),
};

/* Keeps them ascending, whatever their order on the wire. */
static void insert_tier(struct keel_brackets *brackets, const struct tier_row *row)
{
    int32_t at = brackets->count++;
    for (; at > 0; at--) {
        if (keel_decimal_compare(brackets->at[at - 1].notional_cap, row->risk_limit) <= 0)
            break;
        brackets->at[at] = brackets->at[at - 1];
    }
    brackets->at[at] = (struct keel_bracket){
        .notional_cap = row->risk_limit,
        .maintenance_ratio = row->ratio,
        .maintenance_amount = row->deduction,
        .leverage_max = (int32_t)(keel_decimal_raw(row->leverage) / UNIT),
    };
}

/* A tier begins where the one below it ends. A deduction that is not told follows from the rates
 * (9.4a). */
static void complete_tiers(struct keel_brackets *brackets)
{
    keel_decimal amount = KEEL_DECIMAL_ZERO, floor = KEEL_DECIMAL_ZERO;
    for (int32_t i = 0; i < brackets->count; i++) {
        struct keel_bracket *bracket = &brackets->at[i];
        bracket->notional_floor = floor;
        if (i > 0) {
            keel_decimal step =
                keel_decimal_sub(bracket->maintenance_ratio, bracket[-1].maintenance_ratio);
            amount = keel_decimal_add(amount, keel_decimal_mul(floor, step, KEEL_ROUND_HALF_EVEN));
        }
        if (keel_decimal_is_valid(bracket->maintenance_amount))
            amount = bracket->maintenance_amount;
        else
            bracket->maintenance_amount = amount;
        floor = bracket->notional_cap;
    }
}

static void add_brackets(struct keel_gateio_decoder *decoder, keel_market_id market,
                         struct keel_brackets *brackets)
{
    if (market == KEEL_NO_MARKET || brackets->count == 0)
        return;
    struct keel_brackets *kept = keel_arena_take(decoder->arena, sizeof(*kept));
    if (!kept) {
        decoder->full = true;
        return;
    }
    complete_tiers(brackets);
    *kept = *brackets;
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_BRACKETS, 0);
    event->brackets.market = market;
    event->brackets.table = kept;
}

/* Tiers beyond those that keel keeps are of the largest positions: without them such a position is
 * refused, which is shown. */
static void take_tier(struct keel_gateio_decoder *decoder, struct keel_json *json,
                      const struct tier_row *row, struct keel_brackets *brackets)
{
    if (!keel_decimal_is_positive(row->risk_limit) || !keel_decimal_is_valid(row->ratio) ||
        !keel_decimal_is_valid(row->leverage) ||
        keel_decimal_compare(row->leverage, KEEL_DECIMAL_ONE) < 0 ||
        keel_decimal_compare(row->leverage, keel_decimal_from_int(LEVERAGE_MAX)) > 0)
        keel_json_fail(json, "a tier has no limit, rate or leverage");
    else if (brackets->count < KEEL_BRACKETS_MAX)
        insert_tier(brackets, row);
    else
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, row->contract, 0);
}

void keel_gateio_decode_tiers(struct keel_gateio_decoder *decoder, struct keel_json *json,
                              keel_market_id asked)
{
    struct keel_brackets brackets = {0};
    keel_market_id market = KEEL_NO_MARKET;
    keel_str contract = {0};
    if (!keel_json_enter_array(json))
        return;
    while (keel_json_next_element(json)) {
        struct tier_row row = {
            .risk_limit = KEEL_DECIMAL_ABSENT,
            .ratio = KEEL_DECIMAL_ABSENT,
            .leverage = KEEL_DECIMAL_ABSENT,
            .deduction = KEEL_DECIMAL_ABSENT,
        };
        keel_gateio_read_object(decoder, json, tier_fields, COUNT(tier_fields), &row);
        if (row.contract.size > 0 && !keel_str_equals(row.contract, contract)) {
            add_brackets(decoder, market, &brackets);
            brackets.count = 0;
            contract = row.contract;
            keel_gateio_find_market(decoder, contract, 0, &market);
        } else if (row.contract.size == 0) {
            market = asked;
        }
        take_tier(decoder, json, &row, &brackets);
    }
    add_brackets(decoder, market, &brackets);
}

bool keel_gateio_name_market(keel_str venue_symbol, struct keel_market *market)
{
    *market = make_market();
    market->status = KEEL_MARKET_TRADING;
    /* No price and no size of the venue has more decimals than these. */
    market->price_tick = keel_decimal_from_text("0.000000000001");
    market->quantity_step = keel_decimal_from_text("0.00000001");
    return name_parts(venue_symbol, market) && !IS(keel_str_from(market->quote), "USD");
}

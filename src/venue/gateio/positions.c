#include "venue/gateio/positions.h"

#include "venue/gateio/contracts.h"
#include "venue/gateio/words.h"

#define IS   KEEL_GATEIO_IS
#define UNIT 1000000000000000000 /* of a decimal */

enum {
    LEVERAGE_MAX = 1000, /* beyond this a number is a mistake */
    ADL_RANK_LAST = 5,   /* 1 goes first; 6 is no position */
    NO_PRICE_MIN = 99999999,
};

struct position_row {
    keel_str contract, mode, margin_mode;
    keel_decimal size, leverage, cross_leverage, told_leverage, leverage_max;
    keel_decimal entry_price, mark_price, liquidation_price, margin, realized_pnl;
    keel_decimal unrealized_pnl, value, initial_margin, maintenance_margin;
    int64_t adl_rank, update_ms;
};

/* Member by member: compilers clear a whole structure of this size by a loop of the machine that is
 * slower than reading the row. */
static void init_position(struct position_row *row)
{
    row->contract = row->mode = row->margin_mode = (keel_str){0};
    row->size = row->leverage = row->cross_leverage = row->told_leverage = KEEL_DECIMAL_ABSENT;
    row->leverage_max = row->entry_price = row->mark_price = KEEL_DECIMAL_ABSENT;
    row->liquidation_price = row->margin = row->realized_pnl = KEEL_DECIMAL_ABSENT;
    row->unrealized_pnl = row->value = row->initial_margin = KEEL_DECIMAL_ABSENT;
    row->maintenance_margin = KEEL_DECIMAL_ABSENT;
    row->adl_rank = row->update_ms = 0;
}

static void read_position_member(struct keel_gateio_decoder *decoder, struct keel_json *json,
                                 keel_str key, struct position_row *row)
{
    switch (key.size) {
    case 4:
        if (IS(key, "size"))
            keel_gateio_read_decimal(json, &row->size);
        else if (IS(key, "mode"))
            keel_gateio_read_text(decoder, json, &row->mode);
        else if (IS(key, "time"))
            keel_gateio_read_coarse_time(json, &row->update_ms);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 5:
        if (IS(key, "lever"))
            keel_gateio_read_decimal(json, &row->told_leverage);
        else if (IS(key, "value"))
            keel_gateio_read_decimal(json, &row->value);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 6:
        if (IS(key, "margin"))
            keel_gateio_read_decimal(json, &row->margin);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 7:
        if (IS(key, "time_ms"))
            keel_gateio_read_ms(json, &row->update_ms);
        else if (IS(key, "pnl_pnl"))
            keel_gateio_read_decimal(json, &row->realized_pnl);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 8:
        if (IS(key, "contract"))
            keel_gateio_read_text(decoder, json, &row->contract);
        else if (IS(key, "leverage"))
            keel_gateio_read_decimal(json, &row->leverage);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 9:
        if (IS(key, "liq_price"))
            keel_gateio_read_decimal(json, &row->liquidation_price);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 10:
        if (IS(key, "mark_price"))
            keel_gateio_read_decimal(json, &row->mark_price);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 11:
        if (IS(key, "entry_price"))
            keel_gateio_read_decimal(json, &row->entry_price);
        else if (IS(key, "adl_ranking"))
            keel_gateio_read_int(json, &row->adl_rank);
        else if (IS(key, "update_time"))
            keel_gateio_read_coarse_time(json, &row->update_ms);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 12:
        if (IS(key, "leverage_max"))
            keel_gateio_read_decimal(json, &row->leverage_max);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 14:
        if (IS(key, "unrealised_pnl"))
            keel_gateio_read_decimal(json, &row->unrealized_pnl);
        else if (IS(key, "initial_margin"))
            keel_gateio_read_decimal(json, &row->initial_margin);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 15:
        if (IS(key, "pos_margin_mode"))
            keel_gateio_read_text(decoder, json, &row->margin_mode);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 18:
        if (IS(key, "maintenance_margin"))
            keel_gateio_read_decimal(json, &row->maintenance_margin);
        else
            keel_gateio_skip(decoder, json);
        break;
    case 20:
        if (IS(key, "cross_leverage_limit"))
            keel_gateio_read_decimal(json, &row->cross_leverage);
        else
            keel_gateio_skip(decoder, json);
        break;
    default: keel_gateio_skip(decoder, json); break;
    }
}

/* The reply's own time is finer than the whole seconds of its rows. */
static void read_position(struct keel_gateio_decoder *decoder, struct keel_json *json,
                          struct position_row *row)
{
    keel_str key;
    init_position(row);
    if (!keel_json_enter_object(json))
        return;
    while (keel_gateio_next_key(json, &key))
        read_position_member(decoder, json, key, row);
    if (row->contract.size == 0 || !keel_decimal_is_valid(row->size))
        keel_json_fail(json, "a position has no contract or size");
    if (keel_decimal_is_valid(row->leverage) &&
        (keel_decimal_is_negative(row->leverage) ||
         keel_decimal_compare(row->leverage, keel_decimal_from_int(LEVERAGE_MAX)) > 0))
        keel_json_fail(json, "a leverage is out of all bounds");
    if (row->update_ms % 1000 == 0 && decoder->time_ms > row->update_ms)
        row->update_ms = decoder->time_ms;
}

/* Leverage 0 is cross; older rows tell the mode in no other way (5.2.1). */
static enum keel_margin_mode find_margin_mode(const struct position_row *row)
{
    if (IS(row->margin_mode, "isolated"))
        return KEEL_ISOLATED;
    if (IS(row->margin_mode, "cross"))
        return KEEL_CROSS;
    if (!keel_decimal_is_valid(row->leverage))
        return KEEL_MARGIN_MODE_NONE;
    return keel_decimal_is_zero(row->leverage) ? KEEL_CROSS : KEEL_ISOLATED;
}

static int32_t get_whole(keel_decimal value)
{
    if (!keel_decimal_is_positive(value) ||
        keel_decimal_compare(value, keel_decimal_from_int(LEVERAGE_MAX)) > 0)
        return 0;
    return (int32_t)(keel_decimal_raw(value) / UNIT);
}

/* The effective one: of a cross position its own limit, and without a limit the contract's. */
static int32_t find_leverage(const struct position_row *row)
{
    if (keel_decimal_is_positive(row->told_leverage))
        return get_whole(row->told_leverage);
    if (keel_decimal_is_positive(row->leverage))
        return get_whole(row->leverage);
    if (!keel_decimal_is_valid(row->leverage))
        return 0;
    return get_whole(keel_decimal_is_positive(row->cross_leverage) ? row->cross_leverage
                                                                   : row->leverage_max);
}

static void add_leverage(struct keel_gateio_decoder *decoder, const struct position_row *row,
                         keel_market_id market)
{
    int32_t leverage = find_leverage(row);
    enum keel_margin_mode mode = find_margin_mode(row);
    if (leverage == 0 && mode == KEEL_MARGIN_MODE_NONE)
        return;
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_LEVERAGE, row->update_ms);
    event->leverage = (struct keel_leverage){
        .market = market,
        .leverage = leverage,
        .margin_mode = mode,
        .notional_max = KEEL_DECIMAL_ABSENT,
    };
}

/* A price that none can reach is told as zero or as a huge number. */
static keel_decimal find_liquidation_price(const struct position_row *row)
{
    keel_decimal price = row->liquidation_price;
    if (!keel_decimal_is_positive(price) ||
        keel_decimal_compare(price, keel_decimal_from_int(NO_PRICE_MIN)) >= 0)
        return KEEL_DECIMAL_ABSENT;
    return price;
}

static keel_decimal find_isolated_wallet(const struct position_row *row, enum keel_margin_mode mode)
{
    switch (mode) {
    case KEEL_ISOLATED: return row->margin;
    case KEEL_CROSS: return KEEL_DECIMAL_ZERO;
    case KEEL_MARGIN_MODE_NONE: break;
    }
    return KEEL_DECIMAL_ABSENT;
}

static void add_position(struct keel_gateio_decoder *decoder, const struct position_row *row,
                         const struct keel_market *market, keel_market_id id)
{
    bool flat = keel_decimal_is_zero(row->size);
    bool ranked = row->adl_rank >= 1 && row->adl_rank <= ADL_RANK_LAST;
    enum keel_margin_mode mode = find_margin_mode(row);
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_POSITION, row->update_ms);
    struct keel_position *position = &event->position;
    position->market = id;
    position->side = keel_gateio_parse_mode(row->mode);
    position->margin_mode = mode;
    position->quantity = keel_gateio_to_base(row->size, market);
    position->entry_price = flat ? row->entry_price : keel_gateio_present(row->entry_price);
    position->break_even_price = KEEL_DECIMAL_ABSENT;
    position->realized_pnl = row->realized_pnl;
    position->isolated_wallet = find_isolated_wallet(row, mode);
    position->venue_liquidation_price = find_liquidation_price(row);
    position->adl_rank = ranked ? ADL_RANK_LAST - (int32_t)row->adl_rank : -1;
    position->update_time_ms = row->update_ms;
    position->source = KEEL_SOURCE_NONE;
    position->age_ms = 0;
    event->told = (struct keel_position_told){
        .mark_price = keel_gateio_present(row->mark_price),
        .notional = row->value,
        .unrealized_pnl = row->unrealized_pnl,
        .isolated_margin = mode == KEEL_ISOLATED
                               ? keel_decimal_add(row->margin, row->unrealized_pnl)
                               : KEEL_DECIMAL_ABSENT,
        .initial_margin = row->initial_margin,
        .maintenance_margin = row->maintenance_margin,
        .leverage = find_leverage(row),
    };
    if (position->side == KEEL_POSITION_SIDE_NONE)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, row->mode, row->update_ms);
}

static void decode_row(struct keel_gateio_decoder *decoder, struct keel_json *json, bool held,
                       bool flat)
{
    struct position_row row;
    keel_market_id id;
    read_position(decoder, json, &row);
    const struct keel_market *market =
        keel_gateio_find_market(decoder, row.contract, row.update_ms, &id);
    if (!market || !keel_decimal_is_valid(row.size))
        return;
    add_leverage(decoder, &row, id);
    if (keel_decimal_is_zero(row.size) ? flat : held)
        add_position(decoder, &row, market, id);
}

void keel_gateio_decode_position(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    decode_row(decoder, json, true, false);
}

void keel_gateio_decode_pushed_position(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    decode_row(decoder, json, true, true);
}

void keel_gateio_decode_leverage(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    decode_row(decoder, json, false, false);
}

struct risk_row {
    keel_str contract;
    int64_t time_s, time_ms;
};

static const struct keel_gateio_field risk_fields[] = {
    KEEL_GATEIO_FIELD("contract", TEXT, risk_row, contract),
    KEEL_GATEIO_FIELD("time", TIME, risk_row, time_s),
    KEEL_GATEIO_FIELD("time_ms", MS, risk_row, time_ms),
};

void keel_gateio_decode_risk_reduction(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct risk_row row = {0};
    keel_market_id id;
    keel_gateio_read_object(decoder, json, risk_fields,
                            sizeof(risk_fields) / sizeof(risk_fields[0]), &row);
    int64_t time_ms = row.time_ms != 0 ? row.time_ms : row.time_s;
    if (row.contract.size == 0)
        keel_json_fail(json, "a step in risk limits has no contract");
    if (!keel_gateio_find_market(decoder, row.contract, time_ms, &id))
        return;
    keel_gateio_add_event(decoder, KEEL_EVENT_MARGIN_CALL, time_ms)->margin_call =
        (struct keel_margin_call){
            .market = id,
            .quantity = KEEL_DECIMAL_ABSENT,
            .mark_price = KEEL_DECIMAL_ABSENT,
            .unrealized_pnl = KEEL_DECIMAL_ABSENT,
            .maintenance_margin = KEEL_DECIMAL_ABSENT,
        };
}

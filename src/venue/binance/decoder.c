#include "venue/binance/decoder.h"

enum {
    FIELDS_MAX = 64, /* in one table: a bit each */
};

void keel_binance_decoder_init(struct keel_binance_decoder *decoder,
                               const struct keel_markets *markets, struct keel_arena *arena,
                               struct keel_events *events, keel_str message)
{
    /* Not cleared as a whole: the spare event is large and seldom used. */
    decoder->markets = markets;
    decoder->arena = arena;
    decoder->events = events;
    decoder->first = events->count;
    decoder->message = message;
    decoder->full = false;
}

enum keel_status keel_binance_decoder_finish(struct keel_binance_decoder *decoder,
                                             struct keel_json *json, struct keel_error *error)
{
    enum keel_status status = keel_json_finish(json, error);
    if (status == KEEL_OK && decoder->full)
        status = keel_fail(error, KEEL_FULL, "a message of %zu bytes has more than %d events",
                           decoder->message.size, (int)decoder->events->capacity);
    if (status != KEEL_OK)
        decoder->events->count = decoder->first;
    return status;
}

struct keel_event *keel_binance_add_event(struct keel_binance_decoder *decoder,
                                          enum keel_event_kind kind, int64_t time_ms)
{
    struct keel_events *events = decoder->events;
    struct keel_event *event = &decoder->spare;
    if (events->count < events->capacity)
        event = &events->at[events->count++];
    else
        decoder->full = true;
    event->kind = kind;
    event->time_ms = time_ms;
    return event;
}

void keel_binance_add_unknown(struct keel_binance_decoder *decoder, enum keel_unknown_kind kind,
                              keel_str word, int64_t time_ms)
{
    struct keel_event *event = keel_binance_add_event(decoder, KEEL_EVENT_UNKNOWN, time_ms);
    event->unknown.kind = kind;
    event->unknown.word = word;
    event->unknown.message = decoder->message;
}

keel_market_id keel_binance_find_market(struct keel_binance_decoder *decoder, keel_str symbol,
                                        int64_t time_ms)
{
    keel_market_id market = keel_markets_find_venue_symbol(decoder->markets, symbol);
    if (market == KEEL_NO_MARKET)
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MARKET, symbol, time_ms);
    return market;
}

void keel_binance_copy_text(struct keel_binance_decoder *decoder, keel_str text, char *buffer,
                            size_t buffer_size)
{
    if (!keel_str_copy(text, buffer, buffer_size))
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_WORD, text, 0);
}

void keel_binance_read_text_slowly(struct keel_binance_decoder *decoder, struct keel_json *json,
                                   keel_str *value)
{
    switch (keel_json_peek(json)) {
    case KEEL_JSON_NUMBER: keel_json_raw(json, value); break;
    case KEEL_JSON_NULL: keel_json_skip(json); break;
    case KEEL_JSON_NONE:
    case KEEL_JSON_OBJECT:
    case KEEL_JSON_ARRAY:
    case KEEL_JSON_STRING:
    case KEEL_JSON_BOOL: keel_json_read_string(json, decoder->arena, value); break;
    }
}

void keel_binance_read_int_slowly(struct keel_json *json, int64_t *value)
{
    if (keel_json_peek(json) == KEEL_JSON_NULL)
        keel_json_skip(json);
    else
        keel_json_read_int(json, value);
}

void keel_binance_read_switch_slowly(struct keel_json *json, enum keel_switch *value)
{
    bool on;
    if (keel_json_peek(json) == KEEL_JSON_NULL)
        keel_json_skip(json);
    else if (keel_json_read_bool(json, &on))
        *value = on ? KEEL_ON : KEEL_OFF;
}

static const struct keel_binance_field *find_field(const struct keel_binance_field *fields,
                                                   size_t field_count, keel_str key)
{
    for (size_t i = 0; i < field_count; i++) {
        if (keel_str_equals(fields[i].name, key))
            return &fields[i];
    }
    return NULL;
}

static void read_field(struct keel_binance_decoder *decoder, struct keel_json *json,
                       const struct keel_binance_field *field, void *row)
{
    void *member = (char *)row + field->offset;
    switch (field->kind) {
    case KEEL_BINANCE_TEXT: keel_binance_read_text(decoder, json, member); break;
    case KEEL_BINANCE_DECIMAL: keel_json_read_decimal(json, member); break;
    case KEEL_BINANCE_INT: keel_binance_read_int(json, member); break;
    case KEEL_BINANCE_SWITCH: keel_binance_read_switch(json, member); break;
    }
}

void keel_binance_read_member(struct keel_binance_decoder *decoder, struct keel_json *json,
                              const struct keel_binance_field *fields, size_t field_count,
                              keel_str key, void *row)
{
    const struct keel_binance_field *field = find_field(fields, field_count, key);
    if (field)
        read_field(decoder, json, field, row);
    else
        keel_json_skip(json);
}

void keel_binance_read_object(struct keel_binance_decoder *decoder, struct keel_json *json,
                              const struct keel_binance_field *fields, size_t field_count,
                              void *row)
{
    keel_str key;
    uint64_t seen = 0;
    KEEL_ASSERT(field_count <= FIELDS_MAX);
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        const struct keel_binance_field *field = find_field(fields, field_count, key);
        if (!field)
            keel_json_skip(json);
        else if (keel_json_take_once(json, field - fields, &seen))
            read_field(decoder, json, field, row);
    }
}

/* A conditional order ends FINISHED whether its child was filled or not: only the child's quantity
 * tells. One that triggered is still open, because its child is. */
static enum keel_order_status parse_algo_status(const struct keel_binance_order *row)
{
    if (KEEL_BINANCE_IS(row->status, "TRIGGERING") || KEEL_BINANCE_IS(row->status, "TRIGGERED"))
        return KEEL_ORDER_NEW;
    if (!KEEL_BINANCE_IS(row->status, "FINISHED"))
        return keel_binance_parse_order_status(row->status);

    bool whole = keel_decimal_is_positive(row->filled) &&
                 (!keel_decimal_is_positive(row->quantity) ||
                  keel_decimal_compare(row->filled, row->quantity) >= 0);
    return whole ? KEEL_ORDER_FILLED : KEEL_ORDER_CANCELED;
}

static void show_unknown_word(struct keel_binance_decoder *decoder, unsigned value, keel_str word,
                              int64_t time_ms)
{
    if (__builtin_expect(value == 0 && word.size > 0, 0))
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_WORD, word, time_ms);
}

/* A trailing stop has no fixed trigger: where it becomes active stands for it. */
static keel_decimal find_trigger(const struct keel_binance_order *row)
{
    keel_decimal trigger = keel_binance_present(row->trigger_price);
    return keel_decimal_is_valid(trigger) ? trigger : keel_binance_present(row->activation_price);
}

/* Why an order expired, from the code that the venue gives; what is no code is the venue's words,
 * cut if they are longer than there is room. */
static void fill_reason(keel_str told, char reason[static KEEL_REASON_SIZE])
{
    static const char *const words[] = {
        "",
        "self_trade_prevention",
        "ioc_remainder",
        "ioc_self_trade_prevention",
        "reduce_only_crowded_out",
        "liquidation",
        "gte_condition_not_met",
        "delisted",
        "expired_after_trigger",
        "market_not_fully_filled",
        "fok_not_fully_filled",
        "post_only_would_take",
    };
    size_t code = 0, size = told.size < KEEL_REASON_SIZE ? told.size : KEEL_REASON_SIZE - 1;

    reason[0] = '\0';
    if (told.size == 0)
        return;
    for (size_t i = 0; i < told.size && code < 100; i++)
        code = told.data[i] >= '0' && told.data[i] <= '9' ? 10 * code + (size_t)(told.data[i] - '0')
                                                          : 100;
    if (code < sizeof(words) / sizeof(words[0])) {
        memcpy(reason, words[code], strlen(words[code]) + 1);
        return;
    }
    memcpy(reason, told.data, size);
    reason[size] = '\0';
}

/* Every member but the ids. */
static void fill_order(const struct keel_binance_order *row, struct keel_order *order)
{
    bool conditional = row->algo_id.size > 0;
    bool close_position = row->close_position == KEEL_ON;
    order->side = keel_binance_parse_side(row->side);
    order->position_side = keel_binance_parse_position_side(row->position_side);
    order->type = keel_binance_parse_order_type(row->type);
    order->time_in_force = keel_binance_parse_time_in_force(row->time_in_force);
    order->status =
        conditional ? parse_algo_status(row) : keel_binance_parse_order_status(row->status);
    order->family = conditional ? KEEL_FAMILY_CONDITIONAL : KEEL_FAMILY_REGULAR;
    order->cause = keel_binance_find_cause(row->client_id, row->status, row->type, row->execution);
    order->reduce_only = row->reduce_only == KEEL_ON;
    order->close_position = close_position;
    order->price = keel_binance_present(row->price);
    order->trigger_price = find_trigger(row);
    order->average_price = keel_binance_present(row->average_price);
    order->quantity = close_position ? keel_binance_present(row->quantity) : row->quantity;
    order->quote_quantity = KEEL_DECIMAL_ABSENT;
    order->age_ms = 0;
    order->filled_quantity = row->filled;
    order->create_time_ms = row->create_time_ms;
    order->update_time_ms = row->update_time_ms;

    /* What never triggered has filled nothing, and is not told so. */
    if (conditional && !keel_decimal_is_valid(row->filled) && row->child_id.size == 0)
        order->filled_quantity = KEEL_DECIMAL_ZERO;
    order->trigger_source = KEEL_TRIGGER_SOURCE_NONE;
    if (keel_decimal_is_valid(order->trigger_price) || keel_order_type_is_conditional(order->type))
        order->trigger_source = keel_binance_parse_working_type(row->working_type);
}

bool keel_binance_check_order(struct keel_json *json, const struct keel_binance_order *row)
{
    if (row->symbol.size == 0 || row->side.size == 0 || row->status.size == 0 ||
        (row->order_id.size == 0 && row->algo_id.size == 0))
        keel_json_fail(json, "an order has no symbol, side, id or status");
    else if (keel_decimal_is_negative(row->quantity) || keel_decimal_is_negative(row->filled))
        keel_json_fail(json, "an order has a negative quantity");
    return json->mistake == NULL;
}

const struct keel_order *keel_binance_add_order(struct keel_binance_decoder *decoder,
                                                const struct keel_binance_order *row,
                                                int64_t time_ms)
{
    keel_market_id market = keel_binance_find_market(decoder, row->symbol, time_ms);
    if (market == KEEL_NO_MARKET)
        return NULL;

    struct keel_order *order = &keel_binance_add_event(decoder, KEEL_EVENT_ORDER, time_ms)->order;
    fill_order(row, order);
    order->market = market;
    keel_binance_copy_text(decoder, row->algo_id.size > 0 ? row->algo_id : row->order_id,
                           order->order_id, sizeof(order->order_id));
    keel_binance_copy_text(decoder, row->client_id, order->client_id, sizeof(order->client_id));
    fill_reason(row->reason, order->reason);
    keel_binance_copy_text(decoder, row->child_id, order->child_order_id,
                           sizeof(order->child_order_id));

    show_unknown_word(decoder, order->side, row->side, time_ms);
    show_unknown_word(decoder, order->position_side, row->position_side, time_ms);
    show_unknown_word(decoder, order->type, row->type, time_ms);
    show_unknown_word(decoder, order->time_in_force, row->time_in_force, time_ms);
    show_unknown_word(decoder, order->status, row->status, time_ms);
    return order;
}

enum keel_margin_mode keel_binance_find_margin_mode(const struct keel_binance_position *row)
{
    if (row->margin_mode.size > 0)
        return keel_binance_parse_margin_mode(row->margin_mode);
    switch (row->isolated) {
    case KEEL_ON: return KEEL_ISOLATED;
    case KEEL_OFF: return KEEL_CROSS;
    case KEEL_SWITCH_NONE: break;
    }
    return KEEL_MARGIN_MODE_NONE;
}

/* positionRisk v3 no longer names the mode; an isolated position has a wallet of its own (5.2). */
static enum keel_margin_mode infer_margin_mode(const struct keel_binance_position *row)
{
    enum keel_margin_mode mode = keel_binance_find_margin_mode(row);
    if (mode != KEEL_MARGIN_MODE_NONE || row->margin_mode.size > 0 ||
        keel_decimal_is_zero(row->quantity) || !keel_decimal_is_valid(row->isolated_wallet))
        return mode;
    return keel_decimal_is_zero(row->isolated_wallet) ? KEEL_CROSS : KEEL_ISOLATED;
}

/* Some rows have the isolated margin alone, which includes the unrealised profit (5.2). */
static keel_decimal find_isolated_wallet(const struct keel_binance_position *row,
                                         enum keel_margin_mode mode)
{
    if (keel_decimal_is_valid(row->isolated_wallet) || mode != KEEL_ISOLATED)
        return mode == KEEL_CROSS ? KEEL_DECIMAL_ZERO : row->isolated_wallet;
    return keel_decimal_sub(row->isolated_margin, row->unrealized_pnl);
}

void keel_binance_add_position(struct keel_binance_decoder *decoder,
                               const struct keel_binance_position *row, keel_market_id market,
                               int64_t time_ms)
{
    bool flat = keel_decimal_is_zero(row->quantity);
    bool ranked = row->adl_rank >= 0 && row->adl_rank <= KEEL_BINANCE_ADL_RANK_MAX;
    enum keel_margin_mode mode = infer_margin_mode(row);
    struct keel_event *event = keel_binance_add_event(decoder, KEEL_EVENT_POSITION, time_ms);
    struct keel_position *position = &event->position;

    position->market = market;
    position->side = keel_binance_parse_position_side(row->side);
    position->margin_mode = mode;
    position->quantity = row->quantity;
    /* No position was ever entered at zero: the venue blanks what it does not want to say. */
    position->entry_price = flat ? row->entry_price : keel_binance_present(row->entry_price);
    position->break_even_price = keel_binance_present(row->break_even_price);
    position->realized_pnl = row->realized_pnl;
    position->isolated_wallet = find_isolated_wallet(row, mode);
    position->venue_liquidation_price = keel_binance_present(row->liquidation_price);
    position->adl_rank = ranked ? (int32_t)row->adl_rank : -1;
    position->update_time_ms = row->update_time_ms;
    event->told = (struct keel_position_told){
        .mark_price = keel_binance_present(row->mark_price),
        .notional = row->notional,
        .unrealized_pnl = row->unrealized_pnl,
        .isolated_margin = mode == KEEL_ISOLATED ? row->isolated_margin : KEEL_DECIMAL_ABSENT,
        .initial_margin = row->initial_margin,
        .maintenance_margin = row->maintenance_margin,
        .leverage = (int32_t)row->leverage,
    };

    show_unknown_word(decoder, position->side, row->side, time_ms);
    show_unknown_word(decoder, mode, row->margin_mode, time_ms);
}

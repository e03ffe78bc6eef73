/* decoder.h - what the decoders of replies and of streams share: a place for events, values as
 * Binance writes them, and the rows that both carry.
 *
 * Pure. A row is filled by whoever read it, under the names of its own message, and becomes events
 * here: so a fact is understood in one way, whichever way it came. */
#ifndef KEEL_VENUE_BINANCE_DECODER_H
#define KEEL_VENUE_BINANCE_DECODER_H

#include "base/arena.h"
#include "base/json.h"
#include "keel/event.h"
#include "venue/binance/words.h"

enum {
    KEEL_BINANCE_LEVERAGE_MAX = 1000, /* the venue allows 150; beyond this a number is a mistake */
    KEEL_BINANCE_ADL_RANK_MAX = 4,
};

struct keel_binance_decoder {
    const struct keel_markets *markets;
    struct keel_arena *arena;
    struct keel_events *events;
    int32_t first;           /* of this message's events */
    keel_str message;        /* all of it: what an unknown event shows */
    bool full;               /* an event or a value did not fit */
    struct keel_event spare; /* takes the events that the list has no room for */
};

void keel_binance_decoder_init(struct keel_binance_decoder *decoder,
                               const struct keel_markets *markets, struct keel_arena *arena,
                               struct keel_events *events, keel_str message);

/* KEEL_OK if the text was right and all of it fitted; else no event of the message is left. */
KEEL_MUST_USE enum keel_status keel_binance_decoder_finish(struct keel_binance_decoder *decoder,
                                                           struct keel_json *json,
                                                           struct keel_error *error);

/* The next event, its value not yet written. Never NULL: once the list is full events go to the
 * spare one, and finishing the decoder says so. */
struct keel_event *keel_binance_add_event(struct keel_binance_decoder *decoder,
                                          enum keel_event_kind kind, int64_t time_ms);
void keel_binance_add_unknown(struct keel_binance_decoder *decoder, enum keel_unknown_kind kind,
                              keel_str word, int64_t time_ms);

/* By the venue's name; an unknown event is added when the table does not have it. */
keel_market_id keel_binance_find_market(struct keel_binance_decoder *decoder, keel_str symbol,
                                        int64_t time_ms);

/* A copy into one of the vocabulary's buffers. One that does not fit is left empty, because a name
 * cut short is another name, and an unknown event shows it. */
void keel_binance_copy_text(struct keel_binance_decoder *decoder, keel_str text, char *buffer,
                            size_t buffer_size);

/* Values, each of which may also be null (then as it was before). Text is a string or the digits of
 * a number: the venue writes ids both ways. What comes nearly always is decided here, because a
 * stream message has forty of these; the rest in the functions that end in _slowly. */
void keel_binance_read_text_slowly(struct keel_binance_decoder *decoder, struct keel_json *json,
                                   keel_str *value);
void keel_binance_read_int_slowly(struct keel_json *json, int64_t *value);
void keel_binance_read_switch_slowly(struct keel_json *json, enum keel_switch *value);

static inline char keel_binance_look(const struct keel_json *json)
{
    if (json->at == json->end)
        return '\0';
    return *json->at;
}

/* An id: digits and nothing else. */
static inline bool keel_binance_take_digits(struct keel_json *json, keel_str *value)
{
    const char *at = json->at;
    while (at < json->end && *at >= '0' && *at <= '9')
        at++;
    size_t size = (size_t)(at - json->at);
    if (at == json->end || (*at != ',' && *at != '}') || size == 0 ||
        (size > 1 && *json->at == '0'))
        return false;
    *value = (keel_str){json->at, size};
    json->at = at;
    return true;
}

static inline void keel_binance_read_text(struct keel_binance_decoder *decoder,
                                          struct keel_json *json, keel_str *value)
{
    if (keel_binance_look(json) == '"')
        keel_json_read_string(json, decoder->arena, value);
    else if (!keel_binance_take_digits(json, value))
        keel_binance_read_text_slowly(decoder, json, value);
}

static inline void keel_binance_read_int(struct keel_json *json, int64_t *value)
{
    char c = keel_binance_look(json);
    if (c >= '0' && c <= '9')
        keel_json_read_int(json, value);
    else
        keel_binance_read_int_slowly(json, value);
}

/* *value is absent before: of two values nobody can say which counts. */
static inline void keel_binance_read_decimal(struct keel_json *json, keel_decimal *value)
{
    if (__builtin_expect(keel_decimal_is_valid(*value), 0))
        keel_json_fail(json, "a member stands twice");
    else
        keel_json_read_decimal(json, value);
}

static inline void keel_binance_read_switch(struct keel_json *json, enum keel_switch *value)
{
    ptrdiff_t left = json->end - json->at;
    if (left > 4 && memcmp(json->at, "true", 4) == 0) {
        *value = KEEL_ON;
        json->at += 4;
    } else if (left > 5 && memcmp(json->at, "false", 5) == 0) {
        *value = KEEL_OFF;
        json->at += 5;
    } else {
        keel_binance_read_switch_slowly(json, value);
    }
}

/* Takes what nobody reads. */
static inline void keel_binance_skip(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_str text;
    enum keel_switch flag;
    char c = keel_binance_look(json);
    if (c == '"')
        keel_json_read_string(json, decoder->arena, &text);
    else if (c == 't' || c == 'f')
        keel_binance_read_switch(json, &flag);
    else if (!keel_binance_take_digits(json, &text))
        keel_json_skip(json);
}

/* An id that the vocabulary has room for. */
static inline bool keel_binance_is_id(keel_str text)
{
    return text.size > 0 && text.size < KEEL_ORDER_ID_SIZE;
}

/* A decimal for which zero stands for "none": a price, a trigger, an average. */
static inline keel_decimal keel_binance_present(keel_decimal value)
{
    return keel_decimal_is_zero(value) ? KEEL_DECIMAL_ABSENT : value;
}

/* A row of a reply is read by a table of its members; what the table does not name is skipped. */
enum keel_binance_field_kind {
    KEEL_BINANCE_TEXT,
    KEEL_BINANCE_DECIMAL,
    KEEL_BINANCE_INT,
    KEEL_BINANCE_SWITCH,
};

struct keel_binance_field {
    keel_str name;
    enum keel_binance_field_kind kind;
    size_t offset;
};

#define KEEL_BINANCE_FIELD(name, kind, type, member)                                               \
    {                                                                                              \
        {name, sizeof(name) - 1}, KEEL_BINANCE_##kind, offsetof(struct type, member)               \
    }

/* Reads one whole object. */
void keel_binance_read_object(struct keel_binance_decoder *decoder, struct keel_json *json,
                              const struct keel_binance_field *fields, size_t field_count,
                              void *row);

/* Reads, or skips, the value of one member, whose key was taken: for an object that has more in it
 * than a table can say. */
void keel_binance_read_member(struct keel_binance_decoder *decoder, struct keel_json *json,
                              const struct keel_binance_field *fields, size_t field_count,
                              keel_str key, void *row);

/* An order, regular or conditional, as replies and both stream events tell it. */
struct keel_binance_order {
    keel_str symbol, order_id, client_id, side, position_side, type, time_in_force, status;
    keel_str working_type;
    keel_str algo_id, child_id; /* conditional orders alone */
    keel_str reason;            /* a code of expiry, or the words of a failed trigger */
    keel_decimal price, trigger_price, activation_price, average_price, quantity, filled;
    enum keel_switch reduce_only, close_position;
    enum keel_binance_execution_type execution; /* stream alone */
    int64_t create_time_ms, update_time_ms;
};

/* Member by member, as below: compilers clear a whole structure of this size by a loop of the
 * machine that is slower than reading the row. */
static inline void keel_binance_order_init(struct keel_binance_order *row)
{
    row->symbol = row->order_id = row->client_id = row->side = (keel_str){0};
    row->position_side = row->type = row->time_in_force = row->status = (keel_str){0};
    row->working_type = row->algo_id = row->child_id = row->reason = (keel_str){0};
    row->price = row->trigger_price = row->activation_price = KEEL_DECIMAL_ABSENT;
    row->average_price = row->quantity = row->filled = KEEL_DECIMAL_ABSENT;
    row->reduce_only = row->close_position = KEEL_SWITCH_NONE;
    row->execution = KEEL_BINANCE_EXECUTION_NONE;
    row->create_time_ms = row->update_time_ms = 0;
}

/* False, and the reader has the mistake, when an order does not tell what all of them tell. */
bool keel_binance_check_order(struct keel_json *json, const struct keel_binance_order *row);

/* Adds the order's event, and unknown events for words that keel does not have. NULL, and an
 * unknown event alone, when its market is not in the table. */
const struct keel_order *keel_binance_add_order(struct keel_binance_decoder *decoder,
                                                const struct keel_binance_order *row,
                                                int64_t time_ms);

/* A position, and the settings that older replies tell with it. */
struct keel_binance_position {
    keel_str symbol, side, margin_mode;
    keel_decimal quantity, entry_price, break_even_price, realized_pnl;
    keel_decimal isolated_wallet, isolated_margin, unrealized_pnl, liquidation_price;
    keel_decimal notional_max, mark_price, notional, initial_margin, maintenance_margin;
    enum keel_switch isolated; /* for margin_mode, in one of the replies */
    int64_t leverage, adl_rank, update_time_ms;
};

static inline void keel_binance_position_init(struct keel_binance_position *row)
{
    row->symbol = row->side = row->margin_mode = (keel_str){0};
    row->quantity = row->entry_price = row->break_even_price = KEEL_DECIMAL_ABSENT;
    row->realized_pnl = row->isolated_wallet = row->isolated_margin = KEEL_DECIMAL_ABSENT;
    row->unrealized_pnl = row->liquidation_price = row->notional_max = KEEL_DECIMAL_ABSENT;
    row->mark_price = row->notional = KEEL_DECIMAL_ABSENT;
    row->initial_margin = row->maintenance_margin = KEEL_DECIMAL_ABSENT;
    row->isolated = KEEL_SWITCH_NONE;
    row->leverage = row->update_time_ms = 0;
    row->adl_rank = -1;
}

/* Adds the position's event, flat or not. */
void keel_binance_add_position(struct keel_binance_decoder *decoder,
                               const struct keel_binance_position *row, keel_market_id market,
                               int64_t time_ms);

/* By whichever member told it; NONE if none did. */
enum keel_margin_mode keel_binance_find_margin_mode(const struct keel_binance_position *row);

#endif

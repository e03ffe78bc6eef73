#include "venue/gateio/decoder.h"

enum {
    FIELDS_MAX = 64, /* in one table: a bit each */
};

/* Where one unit of time cannot be another: seconds reach the year 5138, milliseconds and
 * microseconds begin in 1973. */
#define SECONDS_MAX      INT64_C(100000000000)
#define MILLISECONDS_MAX INT64_C(100000000000000)
#define UNIT             1000000000000000000 /* of a decimal */

void keel_gateio_decoder_init(struct keel_gateio_decoder *decoder,
                              const struct keel_markets *markets, struct keel_arena *arena,
                              struct keel_events *events, keel_str message)
{
    /* Not cleared as a whole: the spare event is large and seldom used. */
    decoder->markets = markets;
    decoder->arena = arena;
    decoder->events = events;
    decoder->first = events->count;
    decoder->row_count = 0;
    decoder->message = message;
    decoder->time_ms = 0;
    decoder->full = false;
}

enum keel_status keel_gateio_decoder_finish(struct keel_gateio_decoder *decoder,
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

struct keel_event *keel_gateio_add_event(struct keel_gateio_decoder *decoder,
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

void keel_gateio_add_unknown(struct keel_gateio_decoder *decoder, enum keel_unknown_kind kind,
                             keel_str word, int64_t time_ms)
{
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_UNKNOWN, time_ms);
    event->unknown.kind = kind;
    event->unknown.word = word;
    event->unknown.message = decoder->message;
}

const struct keel_market *keel_gateio_find_market(struct keel_gateio_decoder *decoder,
                                                  keel_str name, int64_t time_ms,
                                                  keel_market_id *id)
{
    *id = keel_markets_find_venue_symbol(decoder->markets, name);
    if (*id == KEEL_NO_MARKET) {
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MARKET, name, time_ms);
        return NULL;
    }
    return keel_markets_get(decoder->markets, *id);
}

void keel_gateio_copy_text(struct keel_gateio_decoder *decoder, keel_str text, char *buffer,
                           size_t buffer_size)
{
    if (!keel_str_copy(text, buffer, buffer_size))
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, text, 0);
}

void keel_gateio_copy_asset(struct keel_gateio_decoder *decoder, keel_str currency,
                            char asset[static KEEL_ASSET_SIZE])
{
    keel_gateio_copy_text(decoder, currency, asset, KEEL_ASSET_SIZE);
    for (char *at = asset; *at != '\0'; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at & ~32 : *at);
}

void keel_gateio_reverse_events(struct keel_events *events, int32_t first)
{
    for (int32_t low = first, high = events->count - 1; low < high; low++, high--) {
        struct keel_event event = events->at[low];
        events->at[low] = events->at[high];
        events->at[high] = event;
    }
}

void keel_gateio_read_text_slowly(struct keel_gateio_decoder *decoder, struct keel_json *json,
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

void keel_gateio_read_switch_slowly(struct keel_json *json, enum keel_switch *value)
{
    bool on;
    if (keel_json_peek(json) == KEEL_JSON_NULL)
        keel_json_skip(json);
    else if (keel_json_read_bool(json, &on))
        *value = on ? KEEL_ON : KEEL_OFF;
}

static int64_t scale_whole(int64_t time)
{
    if (time < SECONDS_MAX)
        return time * 1000;
    return time < MILLISECONDS_MAX ? time : time / 1000;
}

/* Seconds may have a fraction, which is cut to whole milliseconds. */
static bool scale_decimal(keel_decimal value, int64_t *time_ms)
{
    keel_int128 raw = keel_decimal_raw(value);
    keel_int128 whole = raw / UNIT;
    if (raw < 0 || whole > INT64_MAX)
        return false;
    *time_ms = whole < SECONDS_MAX ? (int64_t)(raw / (UNIT / 1000)) : scale_whole((int64_t)whole);
    return true;
}

void keel_gateio_read_time(struct keel_json *json, int64_t *time_ms)
{
    keel_decimal value = KEEL_DECIMAL_ABSENT;
    int64_t whole;
    const char *at = keel_json_scan_int(json->at, json->end, &whole);
    if (at) {
        json->at = at;
        *time_ms = scale_whole(whole);
        return;
    }
    keel_gateio_read_decimal(json, &value);
    if (keel_decimal_is_valid(value) && !scale_decimal(value, time_ms))
        keel_json_fail(json, "a time is out of all bounds");
}

void keel_gateio_read_ms(struct keel_json *json, int64_t *time_ms)
{
    keel_decimal value = KEEL_DECIMAL_ABSENT;
    int64_t whole;
    const char *at = keel_json_scan_int(json->at, json->end, &whole);
    if (at) {
        json->at = at;
        *time_ms = whole;
        return;
    }
    keel_gateio_read_decimal(json, &value);
    if (!keel_decimal_is_valid(value))
        return;
    keel_int128 milliseconds = keel_decimal_raw(value) / UNIT;
    if (milliseconds < 0 || milliseconds > INT64_MAX)
        keel_json_fail(json, "a time is out of all bounds");
    else
        *time_ms = (int64_t)milliseconds;
}

void keel_gateio_read_coarse_time(struct keel_json *json, int64_t *time_ms)
{
    int64_t coarse_ms = 0;
    keel_gateio_read_time(json, &coarse_ms);
    *time_ms = *time_ms == 0 ? coarse_ms : *time_ms;
}

void keel_gateio_read_int(struct keel_json *json, int64_t *value)
{
    keel_decimal number = KEEL_DECIMAL_ABSENT;
    const char *at = keel_json_scan_int(json->at, json->end, value);
    if (at) {
        json->at = at;
        return;
    }
    keel_gateio_read_decimal(json, &number);
    if (!keel_decimal_is_valid(number))
        return;
    keel_int128 whole = keel_decimal_raw(number) / UNIT;
    if (whole > INT64_MAX || whole < INT64_MIN || keel_decimal_raw(number) % UNIT != 0)
        keel_json_fail(json, "a whole number was expected");
    else
        *value = (int64_t)whole;
}

static const struct keel_gateio_field *find_field(const struct keel_gateio_field *fields,
                                                  size_t field_count, keel_str key)
{
    for (size_t i = 0; i < field_count; i++) {
        if (keel_str_equals(fields[i].name, key))
            return &fields[i];
    }
    return NULL;
}

static void read_field(struct keel_gateio_decoder *decoder, struct keel_json *json,
                       const struct keel_gateio_field *field, void *row)
{
    void *member = (char *)row + field->offset;
    switch (field->kind) {
    case KEEL_GATEIO_TEXT: keel_gateio_read_text(decoder, json, member); break;
    case KEEL_GATEIO_DECIMAL: keel_gateio_read_decimal(json, member); break;
    case KEEL_GATEIO_INT: keel_gateio_read_int(json, member); break;
    case KEEL_GATEIO_TIME: keel_gateio_read_time(json, member); break;
    case KEEL_GATEIO_MS: keel_gateio_read_ms(json, member); break;
    case KEEL_GATEIO_SWITCH: keel_gateio_read_switch(json, member); break;
    }
}

void keel_gateio_read_member(struct keel_gateio_decoder *decoder, struct keel_json *json,
                             const struct keel_gateio_field *fields, size_t field_count,
                             keel_str key, void *row)
{
    const struct keel_gateio_field *field = find_field(fields, field_count, key);
    if (field)
        read_field(decoder, json, field, row);
    else
        keel_gateio_skip(decoder, json);
}

void keel_gateio_read_object(struct keel_gateio_decoder *decoder, struct keel_json *json,
                             const struct keel_gateio_field *fields, size_t field_count, void *row)
{
    keel_str key;
    uint64_t seen = 0;
    KEEL_ASSERT(field_count <= FIELDS_MAX);
    if (!keel_json_enter_object(json))
        return;
    while (keel_gateio_next_key(json, &key)) {
        const struct keel_gateio_field *field = find_field(fields, field_count, key);
        if (!field)
            keel_json_skip(json);
        else if (keel_json_take_once(json, field - fields, &seen))
            read_field(decoder, json, field, row);
    }
}

int32_t keel_gateio_decode_rows(struct keel_gateio_decoder *decoder, struct keel_json *json,
                                keel_gateio_row_decoder decode_row)
{
    int32_t count = 0;
    if (keel_json_peek(json) != KEEL_JSON_ARRAY) {
        decode_row(decoder, json);
        return 1;
    }
    keel_json_enter_array(json);
    for (; keel_json_next_element(json); count++)
        decode_row(decoder, json);
    return count;
}

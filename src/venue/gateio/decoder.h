/* decoder.h - what the decoders of replies and of streams share: a place for events, and values as
 * Gate writes them.
 *
 * Pure. Spot and futures read alike: numbers bare or in strings, with an exponent or without, times
 * in seconds, milliseconds or microseconds. */
#ifndef KEEL_VENUE_GATEIO_DECODER_H
#define KEEL_VENUE_GATEIO_DECODER_H

#include "base/arena.h"
#include "base/json.h"
#include "keel/event.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* True when text is this literal: the compiler makes it one or two comparisons. */
#define KEEL_GATEIO_IS(text, literal)                                                              \
    ((text).size == sizeof(literal) - 1 &&                                                         \
     memcmp((text).data, "" literal, sizeof(literal) - 1) == 0)

struct keel_gateio_decoder {
    const struct keel_markets *markets;
    struct keel_arena *arena;
    struct keel_events *events;
    int32_t first;           /* of this message's events */
    int32_t row_count;       /* of a list of which not every row is an event */
    keel_str message;        /* all of it: what an unknown event shows */
    int64_t time_ms;         /* of the message; 0 if it does not tell */
    bool full;               /* an event or a value did not fit */
    struct keel_event spare; /* takes the events that the list has no room for */
};

void keel_gateio_decoder_init(struct keel_gateio_decoder *decoder,
                              const struct keel_markets *markets, struct keel_arena *arena,
                              struct keel_events *events, keel_str message);

/* KEEL_OK if the text was right and all of it fitted; else no event of the message is left. */
KEEL_MUST_USE enum keel_status keel_gateio_decoder_finish(struct keel_gateio_decoder *decoder,
                                                          struct keel_json *json,
                                                          struct keel_error *error);

/* The next event, its value not yet written. Never NULL: once the list is full events go to the
 * spare one, and finishing the decoder says so. */
struct keel_event *keel_gateio_add_event(struct keel_gateio_decoder *decoder,
                                         enum keel_event_kind kind, int64_t time_ms);
void keel_gateio_add_unknown(struct keel_gateio_decoder *decoder, enum keel_unknown_kind kind,
                             keel_str word, int64_t time_ms);

/* By the venue's name; NULL, and an unknown event, when the table does not have it. */
const struct keel_market *keel_gateio_find_market(struct keel_gateio_decoder *decoder,
                                                  keel_str name, int64_t time_ms,
                                                  keel_market_id *id);

/* A copy into one of the vocabulary's buffers. One that does not fit is left empty, because a name
 * cut short is another name, and an unknown event shows it. */
void keel_gateio_copy_text(struct keel_gateio_decoder *decoder, keel_str text, char *buffer,
                           size_t buffer_size);

/* The same of a currency, which streams and the wallet write in small letters, too. */
void keel_gateio_copy_asset(struct keel_gateio_decoder *decoder, keel_str currency,
                            char asset[static KEEL_ASSET_SIZE]);

/* Has what follows the last of `count` events come first: lists begin with the newest row. */
void keel_gateio_reverse_events(struct keel_events *events, int32_t first);

/* Values, each of which may also be null (then as it was before). What comes nearly always is
 * decided here, because a stream message has thirty of these; the rest in the functions that end in
 * _slowly. */
void keel_gateio_read_text_slowly(struct keel_gateio_decoder *decoder, struct keel_json *json,
                                  keel_str *value);
void keel_gateio_read_switch_slowly(struct keel_json *json, enum keel_switch *value);

/* A time in whichever unit its size tells, as milliseconds; a finer digit is cut. 0 stays 0. */
void keel_gateio_read_time(struct keel_json *json, int64_t *time_ms);

/* One that its name says to be in milliseconds; a finer digit is cut. */
void keel_gateio_read_ms(struct keel_json *json, int64_t *time_ms);

/* The same as read_time where a finer one has been read or may follow: that one counts, whichever
 * comes first.
 */
void keel_gateio_read_coarse_time(struct keel_json *json, int64_t *time_ms);

/* A whole number, which may be written as a string or with a fraction of zeros. */
void keel_gateio_read_int(struct keel_json *json, int64_t *value);

static inline char keel_gateio_look(const struct keel_json *json)
{
    if (json->at == json->end)
        return '\0';
    return *json->at;
}

/* The name of a member of up to fifteen plain bytes, behind its opening quote; NULL for any other.
 */
static inline const char *keel_gateio_scan_key(const char *at, const char *end, keel_str *key)
{
#if defined(__SSE2__)
    if (end - at > 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        /* As signed bytes, what is beyond ASCII is below the space, too. */
        __m128i others = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
        int size = __builtin_ctz((unsigned)_mm_movemask_epi8(_mm_or_si128(ends, others)) | 0x8000);
        if (at[size] == '"' && at[size + 1] == ':') {
            *key = (keel_str){at, (size_t)size};
            return at + size + 2;
        }
    }
#else
    (void)at, (void)end, (void)key;
#endif
    return NULL;
}

/* The next member, whose name is longer than those that the reader takes quickly by itself. */
static inline bool keel_gateio_next_key(struct keel_json *json, keel_str *key)
{
    const char *at = json->at;
    if (!json->fresh && json->end - at > 2 && at[0] == ',' && at[1] == '"') {
        at = keel_gateio_scan_key(at + 2, json->end, key);
        if (at) {
            json->at = at;
            return true;
        }
        at = keel_json_scan_string(json->at + 1, json->end, key);
        if (at && at < json->end && *at == ':') {
            json->at = at + 1;
            return true;
        }
    }
    return keel_json_next_key_slowly(json, key);
}

/* A number as the text has it: an id, which no double holds. */
static inline bool keel_gateio_take_digits(struct keel_json *json, keel_str *value)
{
    const char *at = json->at;
    while (at < json->end && keel_is_digit(*at))
        at++;
    size_t size = (size_t)(at - json->at);
    if (at == json->end || (*at != ',' && *at != '}') || size == 0 ||
        (size > 1 && *json->at == '0'))
        return false;
    *value = (keel_str){json->at, size};
    json->at = at;
    return true;
}

/* A string, or the digits of a number. */
static inline void keel_gateio_read_text(struct keel_gateio_decoder *decoder,
                                         struct keel_json *json, keel_str *value)
{
    if (keel_gateio_look(json) == '"')
        keel_json_read_string(json, decoder->arena, value);
    else if (!keel_gateio_take_digits(json, value))
        keel_gateio_read_text_slowly(decoder, json, value);
}

/* A bare number without an exponent. One that begins with a zero too many is left to the slow way,
 * which refuses it. */
static inline bool keel_gateio_scan_number(struct keel_json *json, keel_decimal *value)
{
    const char *at = json->at, *end = json->end;
    const char *digits = at < end && *at == '-' ? at + 1 : at;
    if (end - digits > 1 && *digits == '0' && keel_is_digit(digits[1]))
        return false;
    at = keel_number_scan(at, end, value);
    if (!at || at == end || (*at != ',' && *at != '}'))
        return false;
    json->at = at;
    return true;
}

/* Private streams have bare numbers, replies have them in strings. *value is absent before: of two
 * values nobody can say which counts. */
static inline void keel_gateio_read_decimal(struct keel_json *json, keel_decimal *value)
{
    if (__builtin_expect(keel_decimal_is_valid(*value), 0))
        keel_json_fail(json, "a member stands twice");
    else if (keel_gateio_look(json) == '"' || !keel_gateio_scan_number(json, value))
        keel_json_read_decimal(json, value);
}

static inline void keel_gateio_read_switch(struct keel_json *json, enum keel_switch *value)
{
    ptrdiff_t left = json->end - json->at;
    if (left > 4 && memcmp(json->at, "true", 4) == 0) {
        *value = KEEL_ON;
        json->at += 4;
    } else if (left > 5 && memcmp(json->at, "false", 5) == 0) {
        *value = KEEL_OFF;
        json->at += 5;
    } else {
        keel_gateio_read_switch_slowly(json, value);
    }
}

/* Takes what nobody reads. */
static inline void keel_gateio_skip(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    keel_str text;
    keel_decimal number;
    enum keel_switch flag;
    char c = keel_gateio_look(json);
    if (c == '"')
        keel_json_read_string(json, decoder->arena, &text);
    else if (c == 't' || c == 'f')
        keel_gateio_read_switch(json, &flag);
    else if (!keel_is_digit(c) || !keel_gateio_scan_number(json, &number))
        keel_json_skip(json);
}

/* An id that the vocabulary has room for. */
static inline bool keel_gateio_is_id(keel_str text)
{
    return text.size > 0 && text.size < KEEL_ORDER_ID_SIZE;
}

/* A decimal for which zero stands for "none": a price, a trigger, an average. */
static inline keel_decimal keel_gateio_present(keel_decimal value)
{
    return keel_decimal_is_zero(value) ? KEEL_DECIMAL_ABSENT : value;
}

/* A row that is not on the way of a fill is read by a table of its members; what the table does not
 * name is skipped. */
enum keel_gateio_field_kind {
    KEEL_GATEIO_TEXT,
    KEEL_GATEIO_DECIMAL,
    KEEL_GATEIO_INT,
    KEEL_GATEIO_TIME,
    KEEL_GATEIO_MS,
    KEEL_GATEIO_SWITCH,
};

struct keel_gateio_field {
    keel_str name;
    enum keel_gateio_field_kind kind;
    size_t offset;
};

#define KEEL_GATEIO_FIELD(name, kind, type, member)                                                \
    {                                                                                              \
        {name, sizeof(name) - 1}, KEEL_GATEIO_##kind, offsetof(struct type, member)                \
    }

/* Reads one whole object. */
void keel_gateio_read_object(struct keel_gateio_decoder *decoder, struct keel_json *json,
                             const struct keel_gateio_field *fields, size_t field_count, void *row);

/* Reads, or skips, the value of one member, whose key was taken. */
void keel_gateio_read_member(struct keel_gateio_decoder *decoder, struct keel_json *json,
                             const struct keel_gateio_field *fields, size_t field_count,
                             keel_str key, void *row);

typedef void (*keel_gateio_row_decoder)(struct keel_gateio_decoder *decoder,
                                        struct keel_json *json);

/* A list of rows, or one row alone: how many. */
int32_t keel_gateio_decode_rows(struct keel_gateio_decoder *decoder, struct keel_json *json,
                                keel_gateio_row_decoder decode_row);

#endif

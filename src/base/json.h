/* json.h - reads JSON in one pass: no tree, no allocation, strict (RFC 8259).
 *
 * Pure. The reader pulls: the caller asks for what it expects, in the order of the text. The first
 * mistake, of the text or of what was expected of it, sticks: later calls answer false and nothing,
 * so code reads straight down and asks once, at the end, with keel_json_finish.
 *
 *     struct keel_json json;
 *     keel_str key;
 *     keel_json_init(&json, bytes);
 *     keel_json_enter_object(&json);
 *     while (keel_json_next_key(&json, &key)) {
 *         if (keel_str_equals(key, KEEL_STR("price")))
 *             keel_json_read_decimal(&json, &price);
 *         else
 *             keel_json_skip(&json);
 *     }
 *     status = keel_json_finish(&json);
 *
 * Strings are slices of the text where they have no escape; keys with escapes are handed out raw
 * (no venue has them). Bytes past the text are never read. */
#ifndef KEEL_JSON_H
#define KEEL_JSON_H

#include "base/arena.h"
#include "base/number.h"

enum {
    KEEL_JSON_DEPTH_MAX = 1024, /* deeper text is refused: KEEL_MALFORMED */
};

enum keel_json_type {
    KEEL_JSON_NONE, /* the text failed, or ended */
    KEEL_JSON_OBJECT,
    KEEL_JSON_ARRAY,
    KEEL_JSON_STRING,
    KEEL_JSON_NUMBER,
    KEEL_JSON_BOOL,
    KEEL_JSON_NULL,
};

struct keel_json {
    const char *at, *end, *begin;
    const char *mistake; /* what was wrong, in a few words; NULL while all is well */
    const char *mistake_at;
    int depth;
    bool fresh;   /* just entered: no comma is due */
    bool inexact; /* some decimal had a digit beyond the eighteenth */
    uint64_t in_object[KEEL_JSON_DEPTH_MAX / 64]; /* one bit a level; not cleared by init */
};

void keel_json_init(struct keel_json *json, keel_str text);

/* What comes next, without taking it. */
enum keel_json_type keel_json_peek(struct keel_json *json);

/* Where a value begins, to be read again after what stands behind it. Not past a mistake. */
struct keel_json_place {
    const char *at;
    int depth;
};

struct keel_json_place keel_json_get_place(struct keel_json *json);
void keel_json_return_to(struct keel_json *json, struct keel_json_place place);

/* False (and a mistake) if something else comes next. */
bool keel_json_enter_object(struct keel_json *json);
bool keel_json_enter_array(struct keel_json *json);

/* The quick ways: where the usual value ends, or NULL when only the slow way can tell. They hand
 * the position on in registers: it is what each step waits for, and memory is slower. */
const char *keel_json_scan_string(const char *at, const char *end, keel_str *value);
const char *keel_json_scan_int(const char *at, const char *end, int64_t *value);
const char *keel_json_scan_decimal(const char *at, const char *end, keel_decimal *value);

/* The slow ways, which take everything. */
bool keel_json_next_key_slowly(struct keel_json *json, keel_str *key);
bool keel_json_read_string_slowly(struct keel_json *json, struct keel_arena *arena,
                                  keel_str *value);
bool keel_json_read_int_slowly(struct keel_json *json, int64_t *value);
bool keel_json_read_decimal_slowly(struct keel_json *json, keel_decimal *value);

/* Moves to the next member or element; false, having left the object or array, after the last.
 * After a true answer exactly one value must be taken, entered and left, or skipped. */
static inline bool keel_json_next_key(struct keel_json *json, keel_str *key)
{
    /* Streams have keys of one or two letters and no white space: one load shows all of it. */
    const unsigned comma_quote = ',' | '"' << 8, quote_colon = '"' | ':' << 8;
    if (json->fresh || json->end - json->at < 8)
        return keel_json_next_key_slowly(json, key);

    uint64_t word = keel_load_word(json->at);
    if ((word & 0xffff) != comma_quote || !keel_is_letter((char)(word >> 16)))
        return keel_json_next_key_slowly(json, key);

    if ((word >> 24 & 0xffff) == quote_colon) {
        *key = (keel_str){json->at + 2, 1};
        json->at += 5;
        return true;
    }
    if ((word >> 32 & 0xffff) == quote_colon && keel_is_letter((char)(word >> 24))) {
        *key = (keel_str){json->at + 2, 2};
        json->at += 6;
        return true;
    }
    return keel_json_next_key_slowly(json, key);
}
bool keel_json_next_element(struct keel_json *json);

/* A string's bytes. With an escape in it they are decoded into the arena; a NULL arena makes an
 * escape a mistake, which suits words of a venue that never has one. */
static inline bool keel_json_read_string(struct keel_json *json, struct keel_arena *arena,
                                         keel_str *value)
{
    const char *at = keel_json_scan_string(json->at, json->end, value);
    if (!at)
        return keel_json_read_string_slowly(json, arena, value);
    json->at = at;
    return true;
}

/* A whole number, bare or in a string ("12"): venues do both. A mistake if it does not fit. */
static inline bool keel_json_read_int(struct keel_json *json, int64_t *value)
{
    const char *at = keel_json_scan_int(json->at, json->end, value);
    if (!at)
        return keel_json_read_int_slowly(json, value);
    json->at = at;
    return true;
}

/* A decimal, bare or in a string; rounded towards zero past the eighteenth digit, which sets
 * json->inexact. `null` and "" give an absent value. */
static inline bool keel_json_read_decimal(struct keel_json *json, keel_decimal *value)
{
    const char *at = keel_json_scan_decimal(json->at, json->end, value);
    if (!at)
        return keel_json_read_decimal_slowly(json, value);
    json->at = at;
    return true;
}

/* true or false, bare or in a string. */
bool keel_json_read_bool(struct keel_json *json, bool *value);

/* Takes the next value whatever it is, checking it; its bytes, untouched, with keel_json_raw. */
bool keel_json_skip(struct keel_json *json);
bool keel_json_raw(struct keel_json *json, keel_str *value);

/* For the caller's own findings: makes `mistake` stick ("price is missing"). A literal. */
void keel_json_fail(struct keel_json *json, const char *mistake);

/* KEEL_OK if all was well and only white space follows; else KEEL_MALFORMED (KEEL_FULL if a string
 * did not fit the arena) with the mistake and its offset in the text. */
KEEL_MUST_USE enum keel_status keel_json_finish(struct keel_json *json, struct keel_error *error);

/* Of two values of one member nobody can say which counts: a mistake, and false. *seen has a bit
 * for each of at most 64. */
static inline bool keel_json_take_once(struct keel_json *json, ptrdiff_t member, uint64_t *seen)
{
    uint64_t bit = UINT64_C(1) << member;
    bool first = (*seen & bit) == 0;
    if (!first)
        keel_json_fail(json, "a member stands twice");
    *seen |= bit;
    return first;
}

#endif

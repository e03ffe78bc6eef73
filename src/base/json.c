#include "base/json.h"

#include "base/number.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    NAME_SHOWN_MAX = 40, /* a longer name of a member is not told with a mistake */
};

/* An expectation that the caller learns as another status: the text is not to blame. */
static const char no_room[] = "a string does not fit the arena";

/* For what the usual text never needs: kept out of line, it leaves the quick way in front of it
 * without a stack frame. */
#define RARE __attribute__((noinline, cold))

/* Makes the mistake stick. The reader then stands at the end, outside everything, so that whatever
 * is called next finds nothing and no other function needs to ask. */
RARE static bool fail(struct keel_json *json, const char *at, const char *mistake)
{
    if (!json->mistake) {
        json->mistake = mistake;
        json->mistake_at = at;
    }
    json->at = json->end;
    json->depth = 0;
    return false;
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* The first byte of what comes next, or zero (which begins nothing) at the end. */
static inline char look(struct keel_json *json)
{
    if (json->at<json->end && * json->at> ' ')
        return *json->at;
    json->at = skip_space(json->at, json->end);
    if (json->at < json->end)
        return *json->at;
    return '\0';
}

/* What is wrong when something else was wanted. */
RARE static bool fail_expecting(struct keel_json *json, const char *mistake)
{
    return fail(json, json->at, json->at < json->end ? mistake : "the text ends early");
}

#if defined(__SSE2__)
/* One bit a byte of sixteen: not plain text of a string, that is, a quote, a backslash, a control
 * character or the start of a character beyond ASCII. */
static inline unsigned find_specials(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    /* The comparison is signed: bytes beyond ASCII are less than a space as well. */
    __m128i others = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(others, _mm_or_si128(quotes, backslashes)));
}

/* One bit a byte of sixteen: not a digit. */
static inline unsigned find_nondigits(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    __m128i in_range = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
    return (unsigned)_mm_movemask_epi8(in_range) ^ 0xffff;
}
#endif

/* The first byte that is not plain text of a string, or end. */
static const char *find_special(const char *at, const char *end)
{
#if defined(__SSE2__)
    for (; end - at >= 16; at += 16) {
        unsigned specials = find_specials(at);
        if (specials != 0)
            return at + __builtin_ctz(specials);
    }
#endif
    while (at < end && (unsigned char)*at >= ' ' && (unsigned char)*at < 0x80 && *at != '"' &&
           *at != '\\')
        at++;
    return at;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The end of the character beyond ASCII at `at`, or NULL if it is not UTF-8 (RFC 3629): cut off,
 * longer than need be, a surrogate, or past U+10FFFF. */
static const char *scan_utf8(const char *at, const char *end)
{
    unsigned char first = (unsigned char)at[0];
    int size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (size == 0 || end - at < size)
        return NULL;
    for (int i = 1; i < size; i++) {
        if (!is_continuation(at[i]))
            return NULL;
    }
    unsigned char second = (unsigned char)at[1];
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
        return NULL;
    return at + size;
}

static int get_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits after "\u" at `at`, or -1. */
static int32_t read_unit(const char *at, const char *end)
{
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    int32_t unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = get_hex_digit(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* What a two-byte escape stands for, or zero. */
static char get_escaped(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    }
    return '\0';
}

/* Reads the escape at `at` as a code point; returns its end, or NULL. Half a surrogate pair stands
 * for nothing, so it is refused. */
static const char *scan_escape(const char *at, const char *end, int32_t *code)
{
    if (end - at >= 2 && at[1] != 'u') {
        *code = (unsigned char)get_escaped(at[1]);
        return *code != 0 ? at + 2 : NULL;
    }

    int32_t unit = read_unit(at, end);
    if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return NULL;
    *code = unit;
    if (unit < 0xd800 || unit > 0xdbff)
        return at + 6;

    int32_t low = read_unit(at + 6, end);
    if (low < 0xdc00 || low > 0xdfff)
        return NULL;
    *code = 0x10000 + (unit - 0xd800) * 0x400 + (low - 0xdc00);
    return at + 12;
}

static char *write_utf8(char *to, int32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (code & 0x3f));
    return to;
}

/* Goes on from a special byte that is not the closing quote: returns the closing quote, or NULL. */
static const char *scan_special(struct keel_json *json, const char *at, bool *escaped)
{
    const char *end = json->end;
    while (at < end && *at != '"') {
        const char *special = at;
        int32_t code;
        if (*at == '\\') {
            at = scan_escape(at, end, &code);
            *escaped = true;
        } else {
            at = (unsigned char)*at < ' ' ? NULL : scan_utf8(at, end);
        }
        if (!at) {
            fail(json, special, "a string has a byte or escape that is not allowed");
            return NULL;
        }
        at = find_special(at, end);
    }
    if (at == end) {
        fail(json, at, "the text ends inside a string");
        return NULL;
    }
    return at;
}

/* Takes the string at the reader, which stands on its opening quote. */
static inline bool take_string(struct keel_json *json, keel_str *raw, bool *escaped)
{
    const char *begin = json->at + 1;
    const char *at = find_special(begin, json->end);
    *escaped = false;
    if (__builtin_expect(at == json->end || *at != '"', 0)) {
        at = scan_special(json, at, escaped);
        if (!at)
            return false;
    }
    *raw = (keel_str){begin, (size_t)(at - begin)};
    json->at = at + 1;
    return true;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && keel_is_digit(*at))
        at++;
    return at;
}

/* The end of the number at `at`, or NULL. */
static const char *scan_number(const char *at, const char *end)
{
    if (at < end && *at == '-')
        at++;
    if (at == end || !keel_is_digit(*at))
        return NULL;
    at = *at == '0' ? at + 1 : skip_digits(at, end);

    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        if (at == fraction)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '-' || *at == '+'))
            at++;
        const char *exponent = at;
        at = skip_digits(exponent, end);
        if (at == exponent)
            return NULL;
    }
    return at;
}

static bool take_number(struct keel_json *json, keel_str *text)
{
    const char *at = scan_number(json->at, json->end);
    if (!at)
        return fail(json, json->at, "a number is malformed");
    *text = (keel_str){json->at, (size_t)(at - json->at)};
    json->at = at;
    return true;
}

static inline bool take_word(struct keel_json *json, keel_str word)
{
    keel_str rest = {json->at, (size_t)(json->end - json->at)};
    if (!keel_str_starts_with(rest, word))
        return fail(json, json->at, "a value is malformed");
    json->at += word.size;
    return true;
}

/* Goes into the object or array whose bracket the reader stands on. */
static bool enter(struct keel_json *json, bool object)
{
    if (json->depth == KEEL_JSON_DEPTH_MAX)
        return fail(json, json->at, "the text is nested too deeply");
    uint64_t bit = UINT64_C(1) << (json->depth % 64);
    uint64_t *word = &json->in_object[json->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    json->depth++;
    json->at++;
    json->fresh = true;
    return true;
}

static bool is_in_object(const struct keel_json *json)
{
    int level = json->depth - 1;
    return (json->in_object[level / 64] >> (level % 64) & 1) != 0;
}

static bool leave(struct keel_json *json)
{
    json->at++;
    json->depth--;
    json->fresh = false;
    return false; /* there is no next one */
}

void keel_json_init(struct keel_json *json, keel_str text)
{
    json->at = json->begin = text.data;
    json->end = text.size > 0 ? text.data + text.size : text.data;
    json->mistake = json->mistake_at = NULL;
    json->depth = 0;
    json->fresh = false;
    json->inexact = false;
}

enum keel_json_type keel_json_peek(struct keel_json *json)
{
    char c = look(json);
    switch (c) {
    case '{': return KEEL_JSON_OBJECT;
    case '[': return KEEL_JSON_ARRAY;
    case '"': return KEEL_JSON_STRING;
    case 't':
    case 'f': return KEEL_JSON_BOOL;
    case 'n': return KEEL_JSON_NULL;
    }
    return c == '-' || keel_is_digit(c) ? KEEL_JSON_NUMBER : KEEL_JSON_NONE;
}

struct keel_json_place keel_json_get_place(struct keel_json *json)
{
    keel_json_peek(json);
    return (struct keel_json_place){json->at, json->depth};
}

void keel_json_return_to(struct keel_json *json, struct keel_json_place place)
{
    if (json->mistake)
        return;
    json->at = place.at;
    json->depth = place.depth;
    json->fresh = false;
}

bool keel_json_enter_object(struct keel_json *json)
{
    return look(json) == '{' ? enter(json, true) : fail_expecting(json, "an object was expected");
}

bool keel_json_enter_array(struct keel_json *json)
{
    return look(json) == '[' ? enter(json, false) : fail_expecting(json, "an array was expected");
}

bool keel_json_next_key_slowly(struct keel_json *json, keel_str *key)
{
    char c = look(json);
    if (c == ',' && !json->fresh) {
        json->at++;
        c = look(json);
    } else if (c == '}' && json->depth > 0) {
        return leave(json);
    } else if (!json->fresh) {
        return fail_expecting(json, "a comma or the end of an object was expected");
    }
    if (c != '"')
        return fail_expecting(json, "a key was expected");

    bool escaped;
    if (!take_string(json, key, &escaped))
        return false;
    if (look(json) != ':')
        return fail_expecting(json, "a colon was expected");
    json->at++;
    json->fresh = false;
    return true;
}

bool keel_json_next_element(struct keel_json *json)
{
    char c = look(json);
    if (c == ']' && json->depth > 0)
        return leave(json);
    if (json->fresh) {
        json->fresh = false;
        return true;
    }
    if (c != ',')
        return fail_expecting(json, "a comma or the end of an array was expected");
    json->at++;
    return true;
}

static bool decode_string(struct keel_json *json, struct keel_arena *arena, keel_str raw,
                          keel_str *value)
{
    if (!arena)
        return fail(json, raw.data, "an escape was not expected");
    char *text = keel_arena_take(arena, raw.size + 1); /* an escape is longer than its meaning */
    if (!text)
        return fail(json, raw.data, no_room);

    char *to = text;
    const char *at = raw.data, *end = raw.data + raw.size;
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        int32_t code = 0;
        at = scan_escape(at, end, &code);
        to = write_utf8(to, code);
    }
    *value = (keel_str){text, (size_t)(to - text)};
    return true;
}

bool keel_json_read_string_slowly(struct keel_json *json, struct keel_arena *arena, keel_str *value)
{
    keel_str raw;
    bool escaped;
    if (look(json) != '"')
        return fail_expecting(json, "a string was expected");
    if (!take_string(json, &raw, &escaped))
        return false;
    if (escaped)
        return decode_string(json, arena, raw, value);
    *value = raw;
    return true;
}

/* A string of at most thirty-one bytes, all of them plain. */
const char *keel_json_scan_string(const char *at, const char *end, keel_str *value)
{
#if defined(__SSE2__)
    if (end - at > 16 && *at == '"') {
        unsigned specials = find_specials(++at);
        if (specials == 0 && end - at >= 32)
            specials = find_specials(at + 16) << 16;
        int size = specials != 0 ? __builtin_ctz(specials) : 0;
        if (specials != 0 && at[size] == '"') {
            *value = (keel_str){at, (size_t)size};
            return at + size + 1;
        }
    }
#else
    (void)at, (void)end, (void)value;
#endif
    return NULL;
}

#if defined(__SSE2__)
/* The number that the count digits at `at` write, one to fifteen, with sixteen bytes to look at. */
static inline uint64_t join_digits(const char *at, int count)
{
    const uint64_t digit_bits = UINT64_C(0x0f0f0f0f0f0f0f0f);
    if (count <= 8)
        return keel_number_join(keel_load_word(at) << (64 - 8 * count) & digit_bits);
    uint64_t head = keel_load_word(at) << (128 - 8 * count) & digit_bits;
    uint64_t tail = keel_load_word(at + count - 8) & digit_bits;
    return keel_number_join(head) * 100000000 + keel_number_join(tail);
}
#endif

static bool make_int(uint64_t magnitude, bool negative, int64_t *value)
{
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *value = (int64_t)(negative ? -magnitude : magnitude);
    return true;
}

/* Reads the digits from json->at on, and has the reader stand after them. */
static bool take_int(struct keel_json *json, bool padding_allowed, int64_t *value)
{
    const char *at = json->at, *end = json->end;
    bool negative = at < end && *at == '-';
    if (negative)
        at++;

    uint64_t magnitude = 0;
    const char *digits = at;
    at = keel_number_scan_digits(at, end, &magnitude);
    if (at == digits || (!padding_allowed && *digits == '0' && at - digits > 1) ||
        (at < end && (*at == '.' || *at == 'e' || *at == 'E')))
        return fail_expecting(json, "a whole number was expected");
    if (at - digits > KEEL_NUMBER_DIGITS_MAX || !make_int(magnitude, negative, value))
        return fail(json, json->at, "a whole number does not fit");
    json->at = at;
    return true;
}

bool keel_json_read_int_slowly(struct keel_json *json, int64_t *value)
{
    if (look(json) != '"')
        return take_int(json, false, value);

    int64_t number;
    json->at++;
    if (!take_int(json, true, &number))
        return false;
    if (json->at == json->end || *json->at != '"')
        return fail_expecting(json, "a whole number was expected");
    json->at++;
    *value = number;
    return true;
}

/* A bare number of up to fifteen digits that a comma or a bracket ends: ids and times. */
const char *keel_json_scan_int(const char *at, const char *end, int64_t *value)
{
#if defined(__SSE2__)
    if (end - at >= 16) {
        int count = __builtin_ctz(find_nondigits(at) | 0x8000);
        if ((at[count] == ',' || at[count] == '}') && (*at != '0' || count == 1) && count > 0) {
            *value = (int64_t)join_digits(at, count);
            return at + count;
        }
    }
#else
    (void)at, (void)end, (void)value;
#endif
    return NULL;
}

static bool parse_decimal(struct keel_json *json, keel_str text, keel_decimal *value)
{
    bool inexact;
    enum keel_status status = keel_decimal_parse(text, KEEL_ROUND_DOWN, value, &inexact);
    if (status == KEEL_OVERFLOW)
        return fail(json, text.data, "a number does not fit");
    if (status != KEEL_OK)
        return fail(json, text.data, "a number is malformed");
    json->inexact |= inexact;
    return true;
}

/* Whatever the quick scan leaves: exponents, many digits, null, "", mistakes. */
bool keel_json_read_decimal_slowly(struct keel_json *json, keel_decimal *value)
{
    keel_str text;
    bool escaped = false;
    char c = look(json);

    *value = KEEL_DECIMAL_ABSENT;
    if (c == 'n')
        return take_word(json, KEEL_STR("null"));
    if (c == '"') {
        if (!take_string(json, &text, &escaped))
            return false;
        return text.size == 0 ? true : parse_decimal(json, text, value);
    }
    if (c != '-' && !keel_is_digit(c))
        return fail_expecting(json, "a number was expected");
    return take_number(json, &text) && parse_decimal(json, text, value);
}

#if defined(__SSE2__)
/* Reads a string of at most eight digits and at most eight decimals, which most are, without a
 * branch that depends on how many: lengths differ from member to member, and a wrong guess would
 * cost more than the reading. NULL for any other; up to 32 bytes at `at` are looked at. */
static inline const char *scan_short_decimal(const char *at, keel_decimal *value)
{
    bool negative = *at == '-';
    if (__builtin_expect(negative, 0))
        at++;

    unsigned others = find_nondigits(at);
    int whole_count = __builtin_ctz(others | 0x10000);
    if (whole_count == 0 || whole_count > 8)
        return NULL;
    uint64_t whole = keel_load_word(at) << (64 - 8 * whole_count);
    uint64_t number = keel_number_join(whole & UINT64_C(0x0f0f0f0f0f0f0f0f)) * 100000000;

    at += whole_count;
    if (*at == '.') {
        others &= others - 1;
        int count = __builtin_ctz(others | 0x20000) - whole_count - 1;
        if (count == 0 || count > 8)
            return NULL;
        /* Cut instead of shifted, the digits count in units of 10^-8 however many there are. */
        uint64_t fraction = keel_load_word(at + 1) & UINT64_MAX >> (64 - 8 * count);
        number += keel_number_join(fraction & UINT64_C(0x0f0f0f0f0f0f0f0f));
        at += count + 1;
    }
    if (*at != '"')
        return NULL;
    keel_int128 magnitude = (keel_int128)number * 10000000000;
    *value = keel_decimal_from_raw(negative ? -magnitude : magnitude);
    return at;
}
#endif

const char *keel_json_scan_decimal(const char *at, const char *end, keel_decimal *value)
{
    /* Half of what streams send, and often too near the end for what follows. */
    if (end - at > 3 && at[0] == '"' && at[1] == '0' && at[2] == '"') {
        *value = KEEL_DECIMAL_ZERO;
        return at + 3;
    }
#if defined(__SSE2__)
    if (end - at > 32 && *at == '"') {
        const char *quote = scan_short_decimal(at + 1, value);
        return quote ? quote + 1 : NULL;
    }
#endif
    return NULL;
}

bool keel_json_read_bool(struct keel_json *json, bool *value)
{
    char c = look(json);
    bool quoted = c == '"';
    if (quoted && json->end - json->at > 1)
        c = *++json->at;
    if (c != 't' && c != 'f')
        return fail_expecting(json, "true or false was expected");
    if (!take_word(json, c == 't' ? KEEL_STR("true") : KEEL_STR("false")))
        return false;
    if (quoted && !take_word(json, KEEL_STR("\"")))
        return false;
    *value = c == 't';
    return true;
}

/* Takes a value that holds no others, or enters one that does. */
static bool take_or_enter(struct keel_json *json)
{
    keel_str text;
    bool escaped;
    char c = look(json);
    switch (c) {
    case '{': return enter(json, true);
    case '[': return enter(json, false);
    case '"': return take_string(json, &text, &escaped);
    case 't': return take_word(json, KEEL_STR("true"));
    case 'f': return take_word(json, KEEL_STR("false"));
    case 'n': return take_word(json, KEEL_STR("null"));
    }
    if (c != '-' && !keel_is_digit(c))
        return fail_expecting(json, "a value was expected");
    return take_number(json, &text);
}

bool keel_json_skip(struct keel_json *json)
{
    int depth = json->depth;
    keel_str key;
    do {
        if (!take_or_enter(json))
            return false;
        /* A mistake brings the depth to zero, and so ends both loops. */
        while (json->depth > depth && !(is_in_object(json) ? keel_json_next_key(json, &key)
                                                           : keel_json_next_element(json)))
            ;
    } while (json->depth > depth);
    return !json->mistake;
}

bool keel_json_raw(struct keel_json *json, keel_str *value)
{
    look(json);
    const char *begin = json->at;
    if (!keel_json_skip(json))
        return false;
    *value = (keel_str){begin, (size_t)(json->at - begin)};
    return true;
}

void keel_json_fail(struct keel_json *json, const char *mistake)
{
    fail(json, json->at, mistake);
}

/* The end of the string whose opening quote is before `at`, or end. */
static const char *find_quote(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += *at == '\\' && end - at > 1 ? 2 : 1;
    return at;
}

/* The name of the innermost member in whose value the mistake stands; empty outside of all. The
 * text up to there is read a second time: only who makes mistakes pays for it. */
static keel_str find_member(const struct keel_json *json)
{
    keel_str members[KEEL_JSON_DEPTH_MAX + 2] = {{0}};
    const char *at = json->begin, *end = json->mistake_at;
    int depth = 0;
    while (at < end && depth <= KEEL_JSON_DEPTH_MAX) {
        char c = *at++;
        if (c == '"') {
            keel_str text = {at, (size_t)(find_quote(at, end) - at)};
            at += text.size < (size_t)(end - at) ? text.size + 1 : text.size;
            const char *next = skip_space(at, end);
            if (next < end && *next == ':')
                members[depth] = text;
        } else if (c == '{' || c == '[') {
            members[++depth] = (keel_str){0};
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        } else if (c == ',') {
            members[depth] = (keel_str){0};
        }
    }
    while (depth > 0 && members[depth].size == 0)
        depth--;
    return members[depth];
}

enum keel_status keel_json_finish(struct keel_json *json, struct keel_error *error)
{
    look(json);
    if (json->depth > 0)
        fail_expecting(json, "an object or array was not read to its end");
    else if (json->at < json->end)
        fail(json, json->at, "something follows the value");
    if (!json->mistake)
        return KEEL_OK;
    enum keel_status status = json->mistake == no_room ? KEEL_FULL : KEEL_MALFORMED;
    size_t place = (size_t)(json->mistake_at - json->begin);
    keel_str member = error ? find_member(json) : (keel_str){0};
    if (member.size == 0 || member.size > NAME_SHOWN_MAX)
        return keel_fail(error, status, "JSON: %s, at byte %zu", json->mistake, place);
    return keel_fail(error, status, "JSON: %s, at byte %zu in \"%.*s\"", json->mistake, place,
                     KEEL_STR_ARGS(member));
}

#include "paper/gateio/params.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool gateio_percent_decode(keel_str text, struct keel_arena *arena, keel_str *decoded)
{
    *decoded = text;
    if (text.size == 0 || !memchr(text.data, '%', text.size))
        return true;
    char *bytes = keel_arena_take(arena, text.size);
    if (!bytes)
        return false;
    *decoded = (keel_str){bytes, 0};
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            bool whole = i + 2 < text.size;
            int high = whole ? hex_digit(text.data[i + 1]) : -1;
            int low = whole ? hex_digit(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        bytes[decoded->size++] = c;
    }
    return true;
}

/* Not if there is no room, or if this part of the request has the name already. */
static bool add(struct gateio_params *params, int part_begin, keel_str name, keel_str value)
{
    for (int i = part_begin; i < params->count; i++) {
        if (keel_str_equals(params->at[i].name, name))
            return false;
    }
    if (params->count == GATEIO_PARAMS_MAX)
        return false;
    params->at[params->count++] = (struct gateio_param){name, value};
    return true;
}

bool gateio_params_add_query(struct gateio_params *params, keel_str query, struct keel_arena *arena)
{
    int part_begin = params->count;
    while (query.size > 0) {
        const char *end = memchr(query.data, '&', query.size);
        keel_str pair = {query.data, end ? (size_t)(end - query.data) : query.size};
        query = (keel_str){pair.data + pair.size, query.size - pair.size};
        if (end)
            query = (keel_str){query.data + 1, query.size - 1};
        const char *equals = pair.size > 0 ? memchr(pair.data, '=', pair.size) : NULL;
        keel_str name = {pair.data, equals ? (size_t)(equals - pair.data) : pair.size};
        keel_str value = {pair.data + pair.size, 0};
        if (equals)
            value = (keel_str){equals + 1, pair.size - name.size - 1};
        if (!gateio_percent_decode(name, arena, &name) ||
            !gateio_percent_decode(value, arena, &value))
            return false;
        if (name.size > 0 && !add(params, part_begin, name, value))
            return false;
    }
    return true;
}

static bool add_member(struct gateio_params *params, int part_begin, struct keel_json *json,
                       keel_str name, struct keel_arena *arena)
{
    keel_str value = {0};
    switch (keel_json_peek(json)) {
    case KEEL_JSON_STRING: keel_json_read_string(json, arena, &value); break;
    case KEEL_JSON_NUMBER:
    case KEEL_JSON_BOOL:
    case KEEL_JSON_OBJECT:
    case KEEL_JSON_ARRAY: keel_json_raw(json, &value); break;
    case KEEL_JSON_NULL:
    case KEEL_JSON_NONE: keel_json_skip(json); return true;
    }
    return add(params, part_begin, name, value);
}

bool gateio_params_add_object(struct gateio_params *params, keel_str text, struct keel_arena *arena)
{
    struct keel_json json;
    keel_str name;
    int part_begin = params->count;
    bool added = true;
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &name))
        added &= add_member(params, part_begin, &json, name, arena);
    return keel_json_finish(&json, NULL) == KEEL_OK && added;
}

const keel_str *gateio_params_find(const struct gateio_params *params, const char *name)
{
    keel_str wanted = keel_str_from(name);
    for (int i = 0; i < params->count; i++) {
        if (keel_str_equals(params->at[i].name, wanted))
            return &params->at[i].value;
    }
    return NULL;
}

#include "paper/binance/params.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Form decoding: '+' is a space. An escape without two hex digits is not one. */
static bool decode(keel_str text, struct keel_arena *arena, keel_str *decoded)
{
    if (!memchr(text.data, '%', text.size) && !memchr(text.data, '+', text.size)) {
        *decoded = text;
        return true;
    }
    char *out = keel_arena_take(arena, text.size + 1);
    size_t size = 0;
    if (!out)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.size ? hex_value(text.data[i + 1]) : -1;
            int low = i + 2 < text.size ? hex_value(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        out[size++] = c;
    }
    *decoded = (keel_str){out, size};
    return true;
}

static int find(const struct binance_params *params, keel_str name)
{
    for (int i = 0; i < params->count; i++) {
        if (keel_str_equals(params->at[i].name, name))
            return i;
    }
    return -1;
}

/* The text up to the separator, which is taken out of *rest. */
static keel_str take_until(keel_str *rest, char separator)
{
    const char *at = rest->size > 0 ? memchr(rest->data, separator, rest->size) : NULL;
    keel_str part = {rest->data, at ? (size_t)(at - rest->data) : rest->size};
    size_t taken = part.size + (at ? 1 : 0);
    rest->data += taken;
    rest->size -= taken;
    return part;
}

static enum binance_params_mistake add(struct binance_params *params, keel_str name, keel_str value,
                                       int part_begin)
{
    int known = find(params, name);
    if (known >= part_begin)
        return BINANCE_PARAMS_DUPLICATE;
    if (known >= 0)
        return BINANCE_PARAMS_FINE;
    if (params->count == BINANCE_PARAMS_MAX)
        return BINANCE_PARAMS_TOO_MANY;
    params->at[params->count++] = (struct binance_param){name, value};
    return BINANCE_PARAMS_FINE;
}

enum binance_params_mistake binance_params_add_form(struct binance_params *params, keel_str text,
                                                    struct keel_arena *arena)
{
    int part_begin = params->count;
    while (text.size > 0) {
        keel_str value = take_until(&text, '&');
        keel_str name = take_until(&value, '=');
        if (name.size == 0)
            continue;
        if (!decode(name, arena, &name) || !decode(value, arena, &value))
            return BINANCE_PARAMS_MALFORMED;
        enum binance_params_mistake mistake = add(params, name, value, part_begin);
        if (mistake != BINANCE_PARAMS_FINE)
            return mistake;
    }
    return BINANCE_PARAMS_FINE;
}

/* Text of any value, as a form would carry it. */
static keel_str read_value(struct keel_json *json, struct keel_arena *arena)
{
    keel_str value = {0};
    if (keel_json_peek(json) == KEEL_JSON_STRING)
        keel_json_read_string(json, arena, &value);
    else
        keel_json_raw(json, &value);
    return value;
}

enum binance_params_mistake binance_params_read_object(struct binance_params *params,
                                                       struct keel_json *json,
                                                       struct keel_arena *arena)
{
    keel_str name;
    enum binance_params_mistake mistake = BINANCE_PARAMS_FINE;

    params->count = 0;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &name)) {
        bool is_null = keel_json_peek(json) == KEEL_JSON_NULL;
        keel_str value = read_value(json, arena);
        if (mistake == BINANCE_PARAMS_FINE && !is_null)
            mistake = add(params, name, value, 0);
    }
    return json->mistake ? BINANCE_PARAMS_MALFORMED : mistake;
}

const keel_str *binance_params_find(const struct binance_params *params, const char *name)
{
    int at = find(params, keel_str_from(name));
    return at < 0 ? NULL : &params->at[at].value;
}

bool binance_raw_param(keel_str text, const char *name, keel_str *value)
{
    while (text.size > 0) {
        keel_str rest = take_until(&text, '&');
        keel_str found = take_until(&rest, '=');
        if (keel_str_equals(found, keel_str_from(name))) {
            *value = rest;
            return true;
        }
    }
    return false;
}

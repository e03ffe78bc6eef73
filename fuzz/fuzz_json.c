/* Whatever the bytes are: the checking reader and the typed ones agree on what is JSON, stay inside
 * the text, and what is decoded can be written and read again. */
#include "base/json.h"
#include "base/writer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_value(struct keel_json *json, struct keel_arena *arena);

static void read_string(struct keel_json *json, struct keel_arena *arena)
{
    keel_str value, again;
    if (!keel_json_read_string(json, arena, &value))
        return;

    static char text[8192];
    struct keel_writer writer;
    struct keel_json reader;
    keel_writer_init(&writer, text, sizeof(text));
    keel_json_put_string(&writer, NULL, value);
    if (writer.full)
        return;
    keel_json_init(&reader, keel_writer_text(&writer));
    keel_json_read_string(&reader, arena, &again);
    enum keel_status status = keel_json_finish(&reader, NULL);
    KEEL_ASSERT(status == KEEL_FULL || (status == KEEL_OK && keel_str_equals(value, again)));
}

static void read_number(struct keel_json *json)
{
    struct keel_json other = *json;
    int64_t number;
    keel_decimal value;
    if (keel_json_read_int(&other, &number)) {
        keel_json_read_decimal(json, &value);
        KEEL_ASSERT(json->at == other.at);
        KEEL_ASSERT(keel_decimal_equals(value, keel_decimal_from_int(number)));
        return;
    }
    keel_json_read_decimal(json, &value);
}

static void read_value(struct keel_json *json, struct keel_arena *arena)
{
    bool flag;
    keel_str key;
    switch (keel_json_peek(json)) {
    case KEEL_JSON_OBJECT:
        keel_json_enter_object(json);
        while (keel_json_next_key(json, &key))
            read_value(json, arena);
        break;
    case KEEL_JSON_ARRAY:
        keel_json_enter_array(json);
        while (keel_json_next_element(json))
            read_value(json, arena);
        break;
    case KEEL_JSON_STRING: read_string(json, arena); break;
    case KEEL_JSON_NUMBER: read_number(json); break;
    case KEEL_JSON_BOOL: keel_json_read_bool(json, &flag); break;
    case KEEL_JSON_NULL:
    case KEEL_JSON_NONE: keel_json_skip(json); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char memory[65536];
    struct keel_arena arena;
    struct keel_json checked, typed;
    keel_str text = {(const char *)data, size};

    keel_json_init(&checked, text);
    keel_json_skip(&checked);
    enum keel_status status = keel_json_finish(&checked, NULL);

    keel_arena_init(&arena, memory, sizeof(memory));
    keel_json_init(&typed, text);
    read_value(&typed, &arena);
    /* A number too large for a decimal, or a full arena, is JSON all the same. */
    if (keel_json_finish(&typed, NULL) == KEEL_OK)
        KEEL_ASSERT(status == KEEL_OK);
    return 0;
}

#include "app/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A place for text to be written into, that never overflows unnoticed. */
struct sink {
    char *at;
    size_t size, capacity;
};

static void put_bytes(struct sink *sink, const char *bytes, size_t size)
{
    KEEL_ASSERT(size <= sink->capacity - sink->size);
    memcpy(sink->at + sink->size, bytes, size);
    sink->size += size;
}

static void put_char(struct sink *sink, char c)
{
    put_bytes(sink, &c, 1);
}

static const char *find_escape(unsigned char c, char buffer[8])
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    }
    if (c >= 0x20)
        return NULL;
    snprintf(buffer, 8, "\\u%04x", c);
    return buffer;
}

static void put_quoted(struct sink *sink, keel_str text)
{
    put_char(sink, '"');
    for (size_t i = 0; i < text.size; i++) {
        char buffer[8];
        const char *escape = find_escape((unsigned char)text.data[i], buffer);
        if (escape != NULL)
            put_bytes(sink, escape, strlen(escape));
        else
            put_char(sink, text.data[i]);
    }
    put_char(sink, '"');
}

static bool is_quoted(enum app_field_kind kind)
{
    return kind == APP_FIELD_TEXT || kind == APP_FIELD_DECIMAL;
}

static void put_object(struct sink *sink, const struct app_record *record)
{
    put_char(sink, '{');
    for (int i = 0; i < record->field_count; i++) {
        const struct app_field *field = &record->fields[i];
        if (i > 0)
            put_char(sink, ',');
        put_quoted(sink, keel_str_from(field->name));
        put_char(sink, ':');
        if (is_quoted(field->kind))
            put_quoted(sink, field->value);
        else
            put_bytes(sink, field->value.data, field->value.size);
    }
    put_char(sink, '}');
}

/* Every byte as the longest escape, and names, quotes, colons and commas. */
static size_t bound_json(const struct app_record *record)
{
    size_t size = 2;
    for (int i = 0; i < record->field_count; i++)
        size += 6 * (record->fields[i].value.size + strlen(record->fields[i].name)) + 8;
    return size;
}

static void put_field(struct app_record *record, const char *name, enum app_field_kind kind,
                      keel_str value)
{
    KEEL_ASSERT(record->field_count < APP_FIELDS_MAX);
    record->fields[record->field_count++] =
        (struct app_field){.name = name, .kind = kind, .value = value};
}

static keel_str keep(struct app_record *record, const char *text, size_t size)
{
    KEEL_ASSERT(size <= sizeof(record->text) - record->text_size);
    char *copy = record->text + record->text_size;
    memcpy(copy, text, size);
    record->text_size += size;
    return (keel_str){copy, size};
}

void app_record_init(struct app_record *record)
{
    record->field_count = 0;
    record->text_size = 0;
}

void app_record_put_text(struct app_record *record, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        put_field(record, name, APP_FIELD_TEXT, keel_str_from(value));
}

void app_record_put_str(struct app_record *record, const char *name, keel_str value)
{
    if (value.size > 0)
        put_field(record, name, APP_FIELD_TEXT, value);
}

void app_record_put_empty(struct app_record *record, const char *name, const char *value)
{
    put_field(record, name, APP_FIELD_TEXT, keel_str_from(value));
}

void app_record_put_decimal(struct app_record *record, const char *name, keel_decimal value)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    if (!keel_decimal_is_valid(value))
        return;
    size_t size = keel_decimal_format(value, text);
    put_field(record, name, APP_FIELD_DECIMAL, keep(record, text, size));
}

void app_record_put_int(struct app_record *record, const char *name, int64_t value)
{
    char text[32];
    int size = snprintf(text, sizeof(text), "%" PRId64, value);
    put_field(record, name, APP_FIELD_INT, keep(record, text, (size_t)size));
}

void app_record_put_bool(struct app_record *record, const char *name, bool value)
{
    put_field(record, name, APP_FIELD_BOOL, value ? KEEL_STR("true") : KEEL_STR("false"));
}

void app_record_put_time(struct app_record *record, const char *name, int64_t time_ms)
{
    if (time_ms == 0)
        return;
    app_record_put_int(record, name, time_ms);
    record->fields[record->field_count - 1].kind = APP_FIELD_TIME;
    record->fields[record->field_count - 1].time_ms = time_ms;
}

void app_record_put_record(struct app_record *record, const char *name,
                           const struct app_record *inner)
{
    struct sink sink = {record->text + record->text_size, 0,
                        sizeof(record->text) - record->text_size};
    put_object(&sink, inner);
    record->text_size += sink.size;
    put_field(record, name, APP_FIELD_JSON, (keel_str){sink.at, sink.size});
}

void app_record_put_array(struct app_record *record, const char *name,
                          const struct app_record *items, int item_count)
{
    struct sink sink = {record->text + record->text_size, 0,
                        sizeof(record->text) - record->text_size};
    put_char(&sink, '[');
    for (int i = 0; i < item_count; i++) {
        if (i > 0)
            put_char(&sink, ',');
        put_object(&sink, &items[i]);
    }
    put_char(&sink, ']');
    record->text_size += sink.size;
    put_field(record, name, APP_FIELD_JSON, (keel_str){sink.at, sink.size});
}

const struct app_field *app_record_find(const struct app_record *record, const char *name)
{
    for (int i = 0; i < record->field_count; i++)
        if (strcmp(record->fields[i].name, name) == 0)
            return &record->fields[i];
    return NULL;
}

void app_record_print_json(const struct app_record *record, FILE *file)
{
    struct sink sink = {.capacity = bound_json(record) + 1};
    sink.at = malloc(sink.capacity);
    KEEL_ASSERT(sink.at != NULL);
    put_object(&sink, record);
    put_char(&sink, '\n');
    fwrite(sink.at, 1, sink.size, file);
    /* A reader at the other end of a pipe sees each line when it happens. */
    fflush(file);
    free(sink.at);
}

/* A value of several lines keeps its column. */
static void print_lines_of(const struct app_field *field, FILE *file)
{
    const char *at = field->value.data, *name = field->name;
    size_t left = field->value.size;
    do {
        const char *end = left == 0 ? NULL : memchr(at, '\n', left);
        size_t size = end == NULL ? left : (size_t)(end - at);
        if (size == 0)
            fprintf(file, "%s\n", name);
        else
            fprintf(file, "%-20s  %.*s\n", name, (int)size, at);
        left -= end == NULL ? size : size + 1;
        at += end == NULL ? size : size + 1;
        name = "";
    } while (left > 0);
}

void app_record_print_lines(const struct app_record *record, FILE *file)
{
    for (int i = 0; i < record->field_count; i++) {
        const struct app_field *field = &record->fields[i];
        print_lines_of(field, file);
    }
    fflush(file);
}

void app_format_time(int64_t time_ms, char buffer[APP_TIME_SIZE])
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) == NULL ||
        strftime(buffer, APP_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &utc) == 0)
        snprintf(buffer, APP_TIME_SIZE, "%" PRId64, time_ms);
}

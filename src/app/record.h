/* record.h - one thing to show: named values in order, for JSON and for tables alike.
 *
 * Numbers are kept as text in the record; strings are borrowed until it was printed. What is
 * absent is left out. */
#ifndef APP_RECORD_H
#define APP_RECORD_H

#include "keel/decimal.h"

#include <stdio.h>

enum {
    APP_FIELDS_MAX = 40,
    APP_RECORD_TEXT_SIZE = 8192, /* room for the widest table of brackets */
};

enum app_field_kind {
    APP_FIELD_TEXT,
    APP_FIELD_DECIMAL, /* a string in JSON: money does not survive other people's doubles */
    APP_FIELD_INT,
    APP_FIELD_BOOL,
    APP_FIELD_TIME, /* milliseconds in JSON, a date in tables */
    APP_FIELD_JSON, /* an object or array, written already */
};

struct app_field {
    const char *name;
    enum app_field_kind kind;
    keel_str value;
    int64_t time_ms;
};

struct app_record {
    struct app_field fields[APP_FIELDS_MAX];
    int field_count;
    size_t text_size;
    char text[APP_RECORD_TEXT_SIZE];
};

void app_record_init(struct app_record *record);
/* NULL and "" are absent. */
void app_record_put_text(struct app_record *record, const char *name, const char *value);
void app_record_put_str(struct app_record *record, const char *name, keel_str value);
/* Although it is empty. */
void app_record_put_empty(struct app_record *record, const char *name, const char *value);
void app_record_put_decimal(struct app_record *record, const char *name, keel_decimal value);
void app_record_put_int(struct app_record *record, const char *name, int64_t value);
void app_record_put_bool(struct app_record *record, const char *name, bool value);
/* 0 is absent. */
void app_record_put_time(struct app_record *record, const char *name, int64_t time_ms);
/* The inner record's JSON is copied. */
void app_record_put_record(struct app_record *record, const char *name,
                           const struct app_record *inner);
void app_record_put_array(struct app_record *record, const char *name,
                          const struct app_record *items, int item_count);

/* NULL if absent. */
const struct app_field *app_record_find(const struct app_record *record, const char *name);

/* One object, one line. */
void app_record_print_json(const struct app_record *record, FILE *file);

/* For people: one field a line, names aligned. */
void app_record_print_lines(const struct app_record *record, FILE *file);

/* UTC: "2023-03-09 12:00:00". */
enum { APP_TIME_SIZE = 32 };
void app_format_time(int64_t time_ms, char buffer[APP_TIME_SIZE]);

#endif

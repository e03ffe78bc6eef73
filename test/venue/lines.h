/* lines.h - bodies, queries and frames as lines "outer.inner=value", to compare what two clients
 * say whatever the order of the members, and be a number in quotes or not. */
#ifndef KEEL_TEST_VENUE_LINES_H
#define KEEL_TEST_VENUE_LINES_H

#include "base/json.h"
#include "base/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

enum {
    LINES_SIZE = 2048,
};

static inline void flatten_object(struct keel_json *json, const char *prefix,
                                  struct keel_writer *lines)
{
    char path[128];
    keel_str key, value;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        snprintf(path, sizeof(path), "%s%.*s", prefix, KEEL_STR_ARGS(key));
        if (keel_json_peek(json) == KEEL_JSON_OBJECT) {
            strcat(path, ".");
            flatten_object(json, path, lines);
            continue;
        }
        if (keel_json_peek(json) == KEEL_JSON_STRING)
            keel_json_read_string(json, NULL, &value);
        else
            keel_json_raw(json, &value);
        keel_write_format(lines, "%s=%.*s\n", path, KEEL_STR_ARGS(value));
    }
}

static inline void write_json_lines(keel_str text, char lines[LINES_SIZE])
{
    struct keel_json json;
    struct keel_writer writer;
    keel_writer_init(&writer, lines, LINES_SIZE);
    if (text.size == 0)
        return;
    keel_json_init(&json, text);
    flatten_object(&json, "", &writer);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    assert_false(writer.full);
}

static inline keel_str next_line(const char **lines)
{
    keel_str line = {*lines, strcspn(*lines, "\n")};
    *lines += line.size + 1;
    return line;
}

/* The same number in other digits is the same, and clients write the currency of the settlement in
 * either case. */
static inline bool lines_equal(keel_str a, keel_str b)
{
    keel_decimal number_a, number_b;
    const char *equals = memchr(a.data, '=', a.size);
    assert_non_null(equals);
    keel_str name = {a.data, (size_t)(equals - a.data) + 1};
    if (!keel_str_starts_with(b, name))
        return false;
    a = (keel_str){a.data + name.size, a.size - name.size};
    b = (keel_str){b.data + name.size, b.size - name.size};
    if (keel_str_equals(name, KEEL_STR("settle=")))
        return a.size == b.size && strncasecmp(a.data, b.data, a.size) == 0;
    if (keel_decimal_parse(a, KEEL_ROUND_DOWN, &number_a, NULL) == KEEL_OK &&
        keel_decimal_parse(b, KEEL_ROUND_DOWN, &number_b, NULL) == KEEL_OK)
        return keel_decimal_equals(number_a, number_b);
    return keel_str_equals(a, b);
}

static inline bool has_line(const char *lines, keel_str line)
{
    while (*lines != '\0') {
        if (lines_equal(next_line(&lines), line))
            return true;
    }
    return false;
}

static inline bool begins_as_one_of(keel_str line, const char *const *beginnings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keel_str_starts_with(line, keel_str_from(beginnings[i])))
            return true;
    }
    return false;
}

#endif

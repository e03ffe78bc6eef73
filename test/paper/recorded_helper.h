/* recorded_helper.h - the recordings of a fixture, one after the other. */
#ifndef KEEL_TEST_PAPER_RECORDED_HELPER_H
#define KEEL_TEST_PAPER_RECORDED_HELPER_H

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { RECORDED_SIZE = 1 << 20 };

static inline char *read_recordings(const char *name, size_t *size)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", KEEL_TEST_FIXTURES, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(RECORDED_SIZE);
    *size = fread(bytes, 1, RECORDED_SIZE, file);
    (void)fclose(file);
    return bytes;
}

/* Gives each element of the file's member `list` to `each`, which reads it; how many there were. */
static inline int for_each_recorded(const char *name, const char *list,
                                    void (*each)(struct keel_json *json, struct keel_arena *arena))
{
    static unsigned char memory[RECORDED_SIZE];
    struct keel_arena arena;
    struct keel_json json;
    keel_str key;
    size_t size;
    int count = 0;
    char *bytes = read_recordings(name, &size);
    keel_arena_init(&arena, memory, sizeof(memory));
    keel_json_init(&json, (keel_str){bytes, size});
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (!keel_str_equals(key, keel_str_from(list))) {
            keel_json_skip(&json);
            continue;
        }
        keel_json_enter_array(&json);
        for (; keel_json_next_element(&json); count++)
            each(&json, &arena);
    }
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    free(bytes);
    return count;
}

#endif

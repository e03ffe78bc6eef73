#include "base/json.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A copy of exactly the text's size, so that a tool that watches memory sees a read past it. */
static char *copy_exactly(keel_str text)
{
    char *copy = malloc(text.size > 0 ? text.size : 1);
    assert_non_null(copy);
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    return copy;
}

static enum keel_status check(keel_str text)
{
    struct keel_json json;
    char *copy = copy_exactly(text);
    keel_json_init(&json, (keel_str){copy, text.size});
    keel_json_skip(&json);
    enum keel_status status = keel_json_finish(&json, NULL);
    free(copy);
    return status;
}

static keel_str read_file(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *data = malloc((size_t)size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, (size_t)size, file), size);
    fclose(file);
    return (keel_str){data, (size_t)size};
}

static void the_conformance_files_are_accepted_and_refused(void **state)
{
    (void)state;
    static const char folder[] = KEEL_TEST_FIXTURES "/json/test_parsing";
    DIR *files = opendir(folder);
    assert_non_null(files);
    int counts[3] = {0};
    for (struct dirent *entry = readdir(files); entry; entry = readdir(files)) {
        if (entry->d_name[0] == '.')
            continue;
        keel_str text = read_file(folder, entry->d_name);
        enum keel_status status = check(text);
        if (entry->d_name[0] == 'y' && status != KEEL_OK)
            fail_msg("%s was refused", entry->d_name);
        if (entry->d_name[0] == 'n' && status == KEEL_OK)
            fail_msg("%s was accepted", entry->d_name);
        counts[entry->d_name[0] == 'y' ? 0 : entry->d_name[0] == 'n' ? 1 : 2]++;
        free((void *)(uintptr_t)text.data);
    }
    closedir(files);
    assert_int_equal(counts[0], 95);
    assert_int_equal(counts[1], 188);
    assert_int_equal(counts[2], 35);
}

static const char order_text[] =
    "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":1568879465651,\"o\":{\"s\":\"BTCUSDT\",\"q\":\"0.001\","
    "\"ap\":\"7100.50000000\",\"i\":8886774,\"m\":true,\"levels\":[[\"1\",2.5e1],[]],\"long key\":"
    "null,\"z\":-0.000000000000000001,\"c\":\"caf\\u00e9 "
    "\xf0\x9f\x98\x80\",\"wt\":\"CONTRACT_PRICE_"
    "LONGER_THAN_SIXTEEN\"}}";

struct order {
    int64_t time_ms, id;
    keel_str symbol, kind, client_id;
    keel_decimal quantity, average, filled, level_price, level_quantity;
    bool maker;
};

static void read_levels(struct keel_json *json, struct order *order)
{
    keel_json_enter_array(json);
    while (keel_json_next_element(json)) {
        keel_decimal *value = &order->level_price;
        keel_json_enter_array(json);
        while (keel_json_next_element(json)) {
            keel_json_read_decimal(json, value);
            value = &order->level_quantity;
        }
    }
}

static void read_order_member(struct keel_json *json, struct keel_arena *arena, keel_str key,
                              struct order *order)
{
    if (keel_str_equals(key, KEEL_STR("s")))
        keel_json_read_string(json, NULL, &order->symbol);
    else if (keel_str_equals(key, KEEL_STR("q")))
        keel_json_read_decimal(json, &order->quantity);
    else if (keel_str_equals(key, KEEL_STR("ap")))
        keel_json_read_decimal(json, &order->average);
    else if (keel_str_equals(key, KEEL_STR("z")))
        keel_json_read_decimal(json, &order->filled);
    else if (keel_str_equals(key, KEEL_STR("i")))
        keel_json_read_int(json, &order->id);
    else if (keel_str_equals(key, KEEL_STR("m")))
        keel_json_read_bool(json, &order->maker);
    else if (keel_str_equals(key, KEEL_STR("c")))
        keel_json_read_string(json, arena, &order->client_id);
    else if (keel_str_equals(key, KEEL_STR("levels")))
        read_levels(json, order);
    else
        keel_json_skip(json);
}

static enum keel_status read_order(keel_str text, struct keel_arena *arena, struct order *order,
                                   struct keel_error *error)
{
    struct keel_json json;
    keel_str key;
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("e"))) {
            keel_json_read_string(&json, NULL, &order->kind);
        } else if (keel_str_equals(key, KEEL_STR("T"))) {
            keel_json_read_int(&json, &order->time_ms);
        } else {
            keel_json_enter_object(&json);
            while (keel_json_next_key(&json, &key))
                read_order_member(&json, arena, key, order);
        }
    }
    return keel_json_finish(&json, error);
}

static void assert_decimal(keel_decimal value, const char *expected)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(value, text);
    assert_string_equal(text, expected);
}

static void assert_str(keel_str value, const char *expected)
{
    assert_int_equal(value.size, strlen(expected));
    assert_memory_equal(value.data, expected, value.size);
}

static void an_order_is_read_into_typed_values(void **state)
{
    (void)state;
    char memory[256];
    struct keel_arena arena;
    struct order order = {0};
    struct keel_error error = {0};
    keel_arena_init(&arena, memory, sizeof(memory));
    enum keel_status status = read_order(keel_str_from(order_text), &arena, &order, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, KEEL_OK);
    assert_str(order.kind, "ORDER_TRADE_UPDATE");
    assert_int_equal(order.time_ms, 1568879465651);
    assert_str(order.symbol, "BTCUSDT");
    assert_int_equal(order.id, 8886774);
    assert_true(order.maker);
    assert_decimal(order.quantity, "0.001");
    assert_decimal(order.average, "7100.5");
    assert_decimal(order.filled, "-0.000000000000000001");
    assert_decimal(order.level_price, "1");
    assert_decimal(order.level_quantity, "25");
    assert_str(order.client_id, "caf\xc3\xa9 \xf0\x9f\x98\x80");
}

static void a_text_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    char memory[256];
    struct keel_arena arena;
    keel_arena_init(&arena, memory, sizeof(memory));
    for (size_t size = 0; size < sizeof(order_text) - 1; size++) {
        struct order order = {0};
        char *copy = copy_exactly((keel_str){order_text, size});
        keel_arena_reset(&arena);
        assert_int_equal(read_order((keel_str){copy, size}, &arena, &order, NULL), KEEL_MALFORMED);
        free(copy);
        assert_int_equal(check((keel_str){order_text, size}), KEEL_MALFORMED);
    }
    assert_int_equal(check(keel_str_from(order_text)), KEEL_OK);
}

static void every_byte_in_every_place_is_judged_alike(void **state)
{
    /* The short cuts of the typed readers must not accept what the plain check refuses. */
    (void)state;
    char text[sizeof(order_text)], memory[256];
    struct keel_arena arena;
    keel_arena_init(&arena, memory, sizeof(memory));
    for (size_t at = 0; at < sizeof(order_text) - 1; at++) {
        for (int byte = 0; byte < 256; byte++) {
            struct order order = {0};
            memcpy(text, order_text, sizeof(text));
            text[at] = (char)byte;
            keel_arena_reset(&arena);
            enum keel_status typed =
                read_order((keel_str){text, sizeof(text) - 1}, &arena, &order, NULL);
            if (typed == KEEL_OK && check((keel_str){text, sizeof(text) - 1}) != KEEL_OK)
                fail_msg("byte %d at %zu: read, yet malformed", byte, at);
        }
    }
}

static void white_space_may_stand_anywhere_between(void **state)
{
    (void)state;
    static const char text[] = " \n{ \"a\" : [ 1 ,\t\"2\" ] , \"bb\"\r: true } ";
    struct keel_json json;
    keel_str key;
    int64_t values[2] = {0};
    int count = 0;
    bool flag = false;
    keel_json_init(&json, keel_str_from(text));
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("bb"))) {
            keel_json_read_bool(&json, &flag);
            continue;
        }
        keel_json_enter_array(&json);
        while (keel_json_next_element(&json))
            keel_json_read_int(&json, &values[count++]);
    }
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    assert_int_equal(count, 2);
    assert_int_equal(values[0], 1);
    assert_int_equal(values[1], 2);
    assert_true(flag);
}

static void a_text_nested_too_deeply_is_refused(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    char *text = malloc(2 * SIZE);
    assert_non_null(text);
    memset(text, '[', SIZE);
    memset(text + SIZE, ']', SIZE);
    assert_int_equal(check((keel_str){text, 2 * SIZE}), KEEL_MALFORMED);

    keel_str deepest = {text + SIZE - KEEL_JSON_DEPTH_MAX, 2 * KEEL_JSON_DEPTH_MAX};
    assert_int_equal(check(deepest), KEEL_OK);
    keel_str deeper = {deepest.data - 1, deepest.size + 2};
    assert_int_equal(check(deeper), KEEL_MALFORMED);
    free(text);
}

static void the_first_mistake_sticks_and_is_told_with_its_place(void **state)
{
    (void)state;
    struct keel_json json;
    struct keel_error error;
    keel_str key, word;
    int64_t number = 7;
    keel_json_init(&json, KEEL_STR("{\"a\":\"x\",\"b\":1}"));
    assert_true(keel_json_enter_object(&json));
    assert_true(keel_json_next_key(&json, &key));
    assert_false(keel_json_read_int(&json, &number));
    assert_false(keel_json_read_string(&json, NULL, &word));
    assert_false(keel_json_next_key(&json, &key));
    assert_false(keel_json_skip(&json));
    assert_int_equal(keel_json_peek(&json), KEEL_JSON_NONE);
    assert_int_equal(number, 7);
    assert_int_equal(keel_json_finish(&json, &error), KEEL_MALFORMED);
    assert_string_equal(error.message, "JSON: a whole number was expected, at byte 6 in \"a\"");
}

static void the_callers_own_finding_sticks(void **state)
{
    (void)state;
    struct keel_json json;
    struct keel_error error;
    keel_json_init(&json, KEEL_STR("{}"));
    keel_json_skip(&json);
    keel_json_fail(&json, "price is missing");
    keel_json_fail(&json, "this one comes later");
    assert_int_equal(keel_json_finish(&json, &error), KEEL_MALFORMED);
    assert_string_equal(error.message, "JSON: price is missing, at byte 2");
}

static void what_was_not_read_to_its_end_is_not_finished(void **state)
{
    (void)state;
    struct keel_json json;
    keel_json_init(&json, KEEL_STR("[1]"));
    keel_json_enter_array(&json);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_MALFORMED);
    keel_json_init(&json, KEEL_STR("1 2"));
    keel_json_skip(&json);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_MALFORMED);
}

static void peeking_tells_the_type_and_takes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum keel_json_type type;
    } cases[] = {
        {" {}",    KEEL_JSON_OBJECT},
        {"[]",     KEEL_JSON_ARRAY },
        {"\"\"",   KEEL_JSON_STRING},
        {"-1",     KEEL_JSON_NUMBER},
        {"0",      KEEL_JSON_NUMBER},
        {"true",   KEEL_JSON_BOOL  },
        {"false",  KEEL_JSON_BOOL  },
        {"\nnull", KEEL_JSON_NULL  },
        {"x",      KEEL_JSON_NONE  },
        {"",       KEEL_JSON_NONE  },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_json json;
        keel_json_init(&json, keel_str_from(cases[i].text));
        assert_int_equal(keel_json_peek(&json), cases[i].type);
        assert_int_equal(keel_json_skip(&json), cases[i].type != KEEL_JSON_NONE);
    }
}

static void whole_numbers_come_bare_or_in_a_string(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fits;
        int64_t value;
    } cases[] = {
        {"0",                                 true,  0            },
        {"-0",                                true,  0            },
        {"-12",                               true,  -12          },
        {"\"12\"",                            true,  12           },
        {"\"007\"",                           true,  7            },
        {"1568879465651",                     true,  1568879465651},
        {"9223372036854775807",               true,  INT64_MAX    },
        {"\"-9223372036854775808\"",          true,  INT64_MIN    },
        {"9223372036854775808",               false, 0            },
        {"-9223372036854775809",              false, 0            },
        {"18446744073709551617",              false, 0            },
        {"100000000000000000000000000000000", false, 0            },
        {"007",                               false, 0            },
        {"-01",                               false, 0            },
        {"1.0",                               false, 0            },
        {"1e3",                               false, 0            },
        {"1E3",                               false, 0            },
        {"-",                                 false, 0            },
        {"\"\"",                              false, 0            },
        {"\"-\"",                             false, 0            },
        {"\"1",                               false, 0            },
        {"\"1 \"",                            false, 0            },
        {"\"1.5\"",                           false, 0            },
        {"null",                              false, 0            },
        {"",                                  false, 0            },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_json json;
        int64_t value = 0;
        keel_str text = keel_str_from(cases[i].text);
        char *copy = copy_exactly(text);
        keel_json_init(&json, (keel_str){copy, text.size});
        keel_json_read_int(&json, &value);
        if ((keel_json_finish(&json, NULL) == KEEL_OK) != cases[i].fits)
            fail_msg("%s", cases[i].text);
        assert_int_equal(value, cases[i].value);
        free(copy);
    }
}

/* Once alone, where the text ends soon, and once with room behind it: two ways lead through. */
static bool read_decimal(const char *text, int padding, char result[KEEL_DECIMAL_TEXT_SIZE],
                         bool *inexact)
{
    char padded[256];
    int size = snprintf(padded, sizeof(padded), "%s%*s", text, padding, "");
    char *copy = copy_exactly((keel_str){padded, (size_t)size});
    struct keel_json json;
    keel_decimal value;
    keel_json_init(&json, (keel_str){copy, (size_t)size});
    keel_json_read_decimal(&json, &value);
    *inexact = json.inexact;
    bool good = keel_json_finish(&json, NULL) == KEEL_OK;
    if (good)
        keel_decimal_format(value, result);
    free(copy);
    return good;
}

static void decimals_come_bare_or_in_a_string(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value; /* NULL: refused */
        bool inexact;
    } cases[] = {
        {"\"0\"",                     "0",                    false},
        {"\"-0.00\"",                 "0",                    false},
        {"\"7100.50\"",               "7100.5",               false},
        {"\"-7100.50\"",              "-7100.5",              false},
        {"\"12345678.12345678\"",     "12345678.12345678",    false},
        {"\"123456789.12345678\"",    "123456789.12345678",   false},
        {"\"1.123456789\"",           "1.123456789",          false},
        {"\"1.1234567890123456\"",    "1.1234567890123456",   false},
        {"\"00001.5\"",               "1.5",                  false},
        {"\"1e-8\"",                  "0.00000001",           false},
        {"\"1.0000000000000000009\"", "1",                    true },
        {"1.5",                       "1.5",                  false},
        {"-12",                       "-12",                  false},
        {"1E2",                       "100",                  false},
        {"0.1234567890123456789",     "0.123456789012345678", true },
        {"\"\"",                      "absent",               false},
        {"null",                      "absent",               false},
        {"01",                        NULL,                   false},
        {"1.",                        NULL,                   false},
        {"-",                         NULL,                   false},
        {"nul",                       NULL,                   false},
        {"true",                      NULL,                   false},
        {"\".5\"",                    NULL,                   false},
        {"\"5.\"",                    NULL,                   false},
        {"\"-\"",                     NULL,                   false},
        {"\"+1\"",                    NULL,                   false},
        {"\" 1\"",                    NULL,                   false},
        {"\"1 \"",                    NULL,                   false},
        {"\"1.2.3\"",                 NULL,                   false},
        {"\"1,5\"",                   NULL,                   false},
        {"\"1x\"",                    NULL,                   false},
        {"\"--1\"",                   NULL,                   false},
        {"\"1\\u0030\"",              NULL,                   false},
        {"\"12345678",                NULL,                   false},
        {"\"1e40\"",                  NULL,                   false},
        {"[1]",                       NULL,                   false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int padding = 0; padding <= 40; padding++) {
            char text[KEEL_DECIMAL_TEXT_SIZE];
            bool inexact;
            bool good = read_decimal(cases[i].text, padding, text, &inexact);
            if (good != (cases[i].value != NULL))
                fail_msg("%s, %d spaces", cases[i].text, padding);
            if (!good)
                continue;
            assert_string_equal(text, cases[i].value);
            assert_int_equal(inexact, cases[i].inexact);
        }
    }
}

static void truth_comes_bare_or_in_a_string(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int value; /* -1: refused */
    } cases[] = {
        {"true",      1 },
        {"false",     0 },
        {"\"true\"",  1 },
        {"\"false\"", 0 },
        {"tru",       -1},
        {"\"true",    -1},
        {"\"",        -1},
        {"1",         -1},
        {"\"yes\"",   -1},
        {"\"true \"", -1}
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_json json;
        bool value = false;
        keel_str text = keel_str_from(cases[i].text);
        char *copy = copy_exactly(text);
        keel_json_init(&json, (keel_str){copy, text.size});
        keel_json_read_bool(&json, &value);
        assert_int_equal(keel_json_finish(&json, NULL) == KEEL_OK, cases[i].value >= 0);
        assert_int_equal(value, cases[i].value > 0);
        free(copy);
    }
}

static void escapes_are_decoded_into_the_arena(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value; /* NULL: refused */
    } cases[] = {
        {"\"plain\"",                      "plain"                },
        {"\"\"",                           ""                     },
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"      },
        {"\"\\u0041\\u00e9\\u20AC\"",      "A\xc3\xa9\xe2\x82\xac"},
        {"\"\\uD83D\\uDE00\"",             "\xf0\x9f\x98\x80"     },
        {"\"\\uD83D\"",                    NULL                   },
        {"\"\\uDE00\\uD83D\"",             NULL                   },
        {"\"\\uD83D\\u0041\"",             NULL                   },
        {"\"\\x\"",                        NULL                   },
        {"\"\\u12\"",                      NULL                   },
        {"\"\xc3\"",                       NULL                   },
        {"\"\xed\xa0\x80\"",               NULL                   },
        {"\"\xf4\x90\x80\x80\"",           NULL                   },
        {"\"\xc0\xaf\"",                   NULL                   },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char memory[64];
        struct keel_arena arena;
        struct keel_json json;
        keel_str value = {NULL, 0}, text = keel_str_from(cases[i].text);
        char *copy = copy_exactly(text);
        keel_arena_init(&arena, memory, sizeof(memory));
        keel_json_init(&json, (keel_str){copy, text.size});
        keel_json_read_string(&json, &arena, &value);
        assert_int_equal(keel_json_finish(&json, NULL) == KEEL_OK, cases[i].value != NULL);
        if (cases[i].value)
            assert_str(value, cases[i].value);
        free(copy);
    }
}

static void an_escape_without_an_arena_is_a_mistake(void **state)
{
    (void)state;
    struct keel_json json;
    keel_str value;
    keel_json_init(&json, KEEL_STR("\"a\\n\""));
    assert_false(keel_json_read_string(&json, NULL, &value));
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_MALFORMED);
}

static void a_full_arena_is_not_the_texts_fault(void **state)
{
    (void)state;
    char memory[4];
    struct keel_arena arena;
    struct keel_json json;
    keel_str value;
    keel_arena_init(&arena, memory, sizeof(memory));
    keel_json_init(&json, KEEL_STR("\"abcdefgh\\n\""));
    assert_false(keel_json_read_string(&json, &arena, &value));
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_FULL);
}

static void raw_bytes_are_handed_out_untouched(void **state)
{
    (void)state;
    struct keel_json json;
    keel_str raw;
    keel_json_init(&json, KEEL_STR("[ {\"a\": [1, 2]} ,3]"));
    keel_json_enter_array(&json);
    keel_json_next_element(&json);
    assert_true(keel_json_raw(&json, &raw));
    assert_str(raw, "{\"a\": [1, 2]}");
    keel_json_next_element(&json);
    assert_true(keel_json_raw(&json, &raw));
    assert_str(raw, "3");
    assert_false(keel_json_next_element(&json));
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
}

static void keys_of_every_length_are_read(void **state)
{
    (void)state;
    for (int size = 0; size <= 40; size++) {
        char text[64];
        snprintf(text, sizeof(text), "{\"%.*s\":1}", size,
                 "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk");
        char *copy = copy_exactly(keel_str_from(text));
        struct keel_json json;
        keel_str key;
        keel_json_init(&json, (keel_str){copy, strlen(text)});
        keel_json_enter_object(&json);
        assert_true(keel_json_next_key(&json, &key));
        assert_int_equal(key.size, size);
        keel_json_skip(&json);
        assert_false(keel_json_next_key(&json, &key));
        assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_conformance_files_are_accepted_and_refused),
        cmocka_unit_test(an_order_is_read_into_typed_values),
        cmocka_unit_test(a_text_cut_at_any_byte_is_refused),
        cmocka_unit_test(every_byte_in_every_place_is_judged_alike),
        cmocka_unit_test(white_space_may_stand_anywhere_between),
        cmocka_unit_test(a_text_nested_too_deeply_is_refused),
        cmocka_unit_test(the_first_mistake_sticks_and_is_told_with_its_place),
        cmocka_unit_test(the_callers_own_finding_sticks),
        cmocka_unit_test(what_was_not_read_to_its_end_is_not_finished),
        cmocka_unit_test(peeking_tells_the_type_and_takes_nothing),
        cmocka_unit_test(whole_numbers_come_bare_or_in_a_string),
        cmocka_unit_test(decimals_come_bare_or_in_a_string),
        cmocka_unit_test(truth_comes_bare_or_in_a_string),
        cmocka_unit_test(escapes_are_decoded_into_the_arena),
        cmocka_unit_test(an_escape_without_an_arena_is_a_mistake),
        cmocka_unit_test(a_full_arena_is_not_the_texts_fault),
        cmocka_unit_test(raw_bytes_are_handed_out_untouched),
        cmocka_unit_test(keys_of_every_length_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

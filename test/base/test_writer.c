#include "base/json.h"
#include "base/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char buffer[512];
static struct keel_writer writer;

static int begin(void **state)
{
    (void)state;
    memset(buffer, 'x', sizeof(buffer));
    keel_writer_init(&writer, buffer, sizeof(buffer));
    return 0;
}

static void plain_text_is_written_in_order(void **state)
{
    (void)state;
    keel_write(&writer, KEEL_STR("price="));
    keel_write_decimal(&writer, keel_decimal_from_text("50123.45"));
    keel_write_char(&writer, '&');
    keel_write_fixed(&writer, keel_decimal_from_text("0.5"), 3);
    keel_write_format(&writer, " %s-%d", "id", 7);
    assert_string_equal(buffer, "price=50123.45&0.500 id-7");
    assert_int_equal(keel_writer_text(&writer).size, strlen(buffer));
    assert_false(writer.full);
}

static void whole_numbers_are_written_to_their_limits(void **state)
{
    (void)state;
    keel_write_int(&writer, 0);
    keel_write_char(&writer, ' ');
    keel_write_int(&writer, INT64_MAX);
    keel_write_char(&writer, ' ');
    keel_write_int(&writer, INT64_MIN);
    assert_string_equal(buffer, "0 9223372036854775807 -9223372036854775808");
}

static void bytes_are_written_as_lower_case_hex(void **state)
{
    (void)state;
    keel_write_hex(&writer, (const unsigned char *)"\x00\x9f\xff", 3);
    assert_string_equal(buffer, "009fff");
}

static void all_but_unreserved_characters_are_percent_encoded(void **state)
{
    (void)state;
    keel_write_percent(&writer, KEEL_STR("aZ09-._~ /:[]\"\xc3\xa9+"));
    assert_string_equal(buffer, "aZ09-._~%20%2F%3A%5B%5D%22%C3%A9%2B");
}

static void what_does_not_fit_is_not_written_and_stays_full(void **state)
{
    (void)state;
    char small[8];
    memset(small, 'x', sizeof(small));
    keel_writer_init(&writer, small, 6);
    keel_write(&writer, KEEL_STR("abc"));
    keel_write(&writer, KEEL_STR("def"));
    keel_write_char(&writer, 'g');
    keel_write_format(&writer, "%d", 1);
    keel_write_hex(&writer, (const unsigned char *)"", 0);
    assert_true(writer.full);
    assert_string_equal(small, "abc");
    assert_int_equal(small[6], 'x');
}

/* A number goes straight into the buffer where there is room for the longest. */
static void a_number_is_written_up_to_the_end_of_the_buffer(void **state)
{
    (void)state;
    char small[11];
    keel_writer_init(&writer, small, sizeof(small));
    keel_write_decimal(&writer, keel_decimal_from_text("12.5"));
    keel_write_decimal(&writer, keel_decimal_from_text("100"));
    keel_write_int(&writer, -77);
    assert_string_equal(small, "12.5100-77");
    assert_false(writer.full);
    keel_write_int(&writer, 1);
    assert_string_equal(small, "12.5100-77");
    assert_true(writer.full);
}

static void a_full_writer_takes_no_number(void **state)
{
    (void)state;
    char text[2 * KEEL_DECIMAL_TEXT_SIZE] = "";
    keel_writer_init(&writer, text, sizeof(text));
    assert_null(keel_writer_take(&writer, sizeof(text)));
    keel_write_decimal(&writer, KEEL_DECIMAL_ONE);
    keel_write_int(&writer, 1);
    assert_string_equal(text, "");
}

static void a_format_that_does_not_fit_leaves_no_half(void **state)
{
    (void)state;
    char small[8];
    keel_writer_init(&writer, small, sizeof(small));
    keel_write(&writer, KEEL_STR("abc"));
    keel_write_format(&writer, "%s", "12345");
    assert_true(writer.full);
    assert_string_equal(small, "abc");

    keel_writer_init(&writer, small, sizeof(small));
    keel_write_format(&writer, "%s", "1234567");
    assert_false(writer.full);
    assert_string_equal(small, "1234567");
}

static void json_commas_come_by_themselves(void **state)
{
    (void)state;
    keel_json_open_object(&writer, NULL);
    keel_json_put_text(&writer, "symbol", "BTCUSDT");
    keel_json_put_int(&writer, "id", -5);
    keel_json_put_bool(&writer, "reduceOnly", true);
    keel_json_put_bool(&writer, "hedge", false);
    keel_json_put_null(&writer, "none");
    keel_json_open_array(&writer, "levels");
    keel_json_open_array(&writer, NULL);
    keel_json_put_decimal(&writer, NULL, keel_decimal_from_text("1.50"));
    keel_json_put_fixed(&writer, NULL, keel_decimal_from_text("1.5"), 2);
    keel_json_close_array(&writer);
    keel_json_open_object(&writer, NULL);
    keel_json_close_object(&writer);
    keel_json_close_array(&writer);
    keel_json_put_raw(&writer, "raw", KEEL_STR("[1]"));
    keel_json_close_object(&writer);
    assert_string_equal(buffer,
                        "{\"symbol\":\"BTCUSDT\",\"id\":-5,\"reduceOnly\":true,\"hedge\":false,"
                        "\"none\":null,\"levels\":[[\"1.5\",\"1.50\"],{}],\"raw\":[1]}");
}

static void an_absent_decimal_leaves_its_member_out(void **state)
{
    (void)state;
    keel_json_open_object(&writer, NULL);
    keel_json_put_decimal(&writer, "a", KEEL_DECIMAL_ABSENT);
    keel_json_put_fixed(&writer, "b", KEEL_DECIMAL_ABSENT, 2);
    keel_json_put_decimal(&writer, "c", KEEL_DECIMAL_ZERO);
    keel_json_close_object(&writer);
    assert_string_equal(buffer, "{\"c\":\"0\"}");
}

static void a_string_reads_back_as_it_was(void **state)
{
    (void)state;
    char text[128], memory[512];
    for (int i = 0; i < 128; i++)
        text[i] = (char)i;
    keel_json_put_string(&writer, NULL, (keel_str){text, sizeof(text)});

    struct keel_arena arena;
    struct keel_json json;
    struct keel_error error;
    keel_str value;
    keel_arena_init(&arena, memory, sizeof(memory));
    keel_json_init(&json, keel_writer_text(&writer));
    assert_true(keel_json_read_string(&json, &arena, &value));
    assert_int_equal(keel_json_finish(&json, &error), KEEL_OK);
    assert_int_equal(value.size, sizeof(text));
    assert_memory_equal(value.data, text, sizeof(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(plain_text_is_written_in_order, begin),
        cmocka_unit_test_setup(whole_numbers_are_written_to_their_limits, begin),
        cmocka_unit_test_setup(bytes_are_written_as_lower_case_hex, begin),
        cmocka_unit_test_setup(all_but_unreserved_characters_are_percent_encoded, begin),
        cmocka_unit_test_setup(what_does_not_fit_is_not_written_and_stays_full, begin),
        cmocka_unit_test_setup(a_number_is_written_up_to_the_end_of_the_buffer, begin),
        cmocka_unit_test_setup(a_full_writer_takes_no_number, begin),
        cmocka_unit_test_setup(a_format_that_does_not_fit_leaves_no_half, begin),
        cmocka_unit_test_setup(json_commas_come_by_themselves, begin),
        cmocka_unit_test_setup(an_absent_decimal_leaves_its_member_out, begin),
        cmocka_unit_test_setup(a_string_reads_back_as_it_was, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

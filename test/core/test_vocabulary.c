#include "keel/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Each word parsed is the value that it was written for; the words of one enum differ. */
#define CHECK_WORDS(type, last)                                                                    \
    do {                                                                                           \
        for (unsigned value = 0; value <= (unsigned)(last); value++) {                             \
            const char *word = keel_##type##_name((enum keel_##type)value);                        \
            assert_int_equal(keel_##type##_parse(keel_str_from(word)), value);                     \
        }                                                                                          \
        assert_int_equal(keel_##type##_parse(KEEL_STR("no such word")), 0);                        \
        assert_int_equal(keel_##type##_parse(KEEL_STR("")), 0);                                    \
    } while (0)

static void words_are_parsed_to_the_values_that_they_name(void **state)
{
    (void)state;
    CHECK_WORDS(side, KEEL_SELL);
    CHECK_WORDS(position_side, KEEL_SHORT);
    CHECK_WORDS(order_type, KEEL_LIQUIDATION);
    CHECK_WORDS(time_in_force, KEEL_RPI);
    CHECK_WORDS(order_status, KEEL_ORDER_REJECTED);
    CHECK_WORDS(order_family, KEEL_FAMILY_CONDITIONAL);
    CHECK_WORDS(trigger_source, KEEL_TRIGGER_MARK);
    CHECK_WORDS(price_match, KEEL_MATCH_QUEUE_20);
    CHECK_WORDS(margin_mode, KEEL_ISOLATED);
    CHECK_WORDS(income_kind, KEEL_INCOME_INSURANCE_CLEAR);
    CHECK_WORDS(command_kind, KEEL_SET_COUNTDOWN);
}

static void words_are_those_of_the_documentation(void **state)
{
    (void)state;
    assert_string_equal(keel_side_name(KEEL_BUY), "buy");
    assert_string_equal(keel_position_side_name(KEEL_NET), "net");
    assert_string_equal(keel_order_type_name(KEEL_STOP_LIMIT), "stop_limit");
    assert_string_equal(keel_time_in_force_name(KEEL_GTX), "gtx");
    assert_string_equal(keel_order_status_name(KEEL_ORDER_PARTIALLY_FILLED), "partially_filled");
    assert_string_equal(keel_fate_name(KEEL_FATE_UNKNOWN), "unknown");
    assert_string_equal(keel_cause_name(KEEL_CAUSE_LIQUIDATION), "liquidation");
    assert_string_equal(keel_event_kind_name(KEEL_EVENT_UNKNOWN), "unknown");
    assert_string_equal(keel_unknown_kind_name(KEEL_UNKNOWN_FOREIGN), "foreign");
    assert_string_equal(keel_command_kind_name(KEEL_PLACE_ORDER), "place_order");
}

static void writes_are_told_from_reads(void **state)
{
    (void)state;
    assert_true(keel_command_is_write(KEEL_PLACE_ORDER));
    assert_true(keel_command_is_write(KEEL_SET_MULTI_ASSET));
    assert_false(keel_command_is_write(KEEL_QUERY_ORDER));
    assert_false(keel_command_is_write(KEEL_OPEN_STREAM_KEY));
    assert_false(keel_command_is_write(KEEL_COMMAND_NONE));
}

static void an_empty_request_has_no_amounts(void **state)
{
    (void)state;
    struct keel_order_request request = keel_order_request_init();
    assert_false(keel_decimal_is_valid(request.quantity));
    assert_false(keel_decimal_is_valid(request.price));
    assert_false(keel_decimal_is_valid(request.trigger_price));
    assert_false(keel_decimal_is_valid(request.callback_percent));
    assert_int_equal(request.side, KEEL_SIDE_NONE);

    struct keel_order order = keel_order_init();
    assert_false(keel_decimal_is_valid(keel_order_remaining(&order)));
    order.quantity = keel_decimal_from_text("2");
    order.filled_quantity = keel_decimal_from_text("0.5");
    assert_true(keel_decimal_equals(keel_order_remaining(&order), keel_decimal_from_text("1.5")));
}

static void an_order_is_open_until_it_is_done(void **state)
{
    (void)state;
    static const bool is_open[] = {false, true, true, true, false, false, false, false};
    for (unsigned status = 0; status < sizeof(is_open) / sizeof(is_open[0]); status++) {
        struct keel_order order = {.status = (enum keel_order_status)status};
        assert_int_equal(keel_order_is_open(&order), is_open[status]);
    }
}

static void a_type_says_whether_it_waits_and_whether_it_has_a_price(void **state)
{
    (void)state;
    assert_true(keel_order_type_is_conditional(KEEL_TRAILING_STOP));
    assert_false(keel_order_type_is_conditional(KEEL_MARKET));
    assert_true(keel_order_type_has_price(KEEL_TAKE_PROFIT_LIMIT));
    assert_false(keel_order_type_has_price(KEEL_STOP_MARKET));
    assert_int_equal(keel_side_opposite(KEEL_BUY), KEEL_SELL);
    assert_int_equal(keel_side_opposite(KEEL_SELL), KEEL_BUY);
    assert_int_equal(keel_side_opposite(KEEL_SIDE_NONE), KEEL_SIDE_NONE);
}

static void the_sign_of_a_position_is_its_direction(void **state)
{
    (void)state;
    struct keel_position position = {.quantity = KEEL_DECIMAL_ZERO};
    assert_string_equal(keel_position_direction(&position), "flat");
    position.quantity = keel_decimal_from_int(2);
    assert_string_equal(keel_position_direction(&position), "long");
    position.quantity = keel_decimal_from_int(-2);
    assert_string_equal(keel_position_direction(&position), "short");
    position.quantity = KEEL_DECIMAL_ABSENT;
    assert_string_equal(keel_position_direction(&position), "flat");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_parsed_to_the_values_that_they_name),
        cmocka_unit_test(words_are_those_of_the_documentation),
        cmocka_unit_test(writes_are_told_from_reads),
        cmocka_unit_test(an_empty_request_has_no_amounts),
        cmocka_unit_test(an_order_is_open_until_it_is_done),
        cmocka_unit_test(a_type_says_whether_it_waits_and_whether_it_has_a_price),
        cmocka_unit_test(the_sign_of_a_position_is_its_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

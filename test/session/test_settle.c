/* What proves the fate of a write, and what does not. */
#include "session/settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct keel_command placed(enum keel_order_type type)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};
    command.place = keel_order_request_init();
    command.place.market = 3;
    command.place.type = type;
    memcpy(command.place.client_id, "ours", sizeof("ours"));
    return command;
}

static struct keel_event order_event(enum keel_order_status status, keel_market_id market)
{
    struct keel_event event = {.kind = KEEL_EVENT_ORDER};
    event.order = keel_order_init();
    event.order.market = market;
    event.order.status = status;
    event.order.price = keel_decimal_from_int(100);
    event.order.quantity = keel_decimal_from_int(2);
    return event;
}

static struct keel_doubt unsettled_of(const struct keel_command *write)
{
    return (struct keel_doubt){
        .venue = &keel_venue_binance, .write = write, .order_id = "", .sent_time_ms = 1000000};
}

static enum keel_fate judge(const struct keel_command *write, struct keel_event *event,
                            struct keel_outcome outcome, bool proof)
{
    struct keel_command question;
    struct keel_events events = {event, event != NULL ? 1 : 0, 1};
    struct keel_doubt unsettled = unsettled_of(write);
    keel_settle_ask(&unsettled, KEEL_EVIDENCE_ITSELF, &question);
    return keel_settle_judge(&unsettled, &question, &outcome, &events, proof);
}

static const struct keel_outcome accepted = {.fate = KEEL_ACCEPTED};
static const struct keel_outcome refused = {.fate = KEEL_FATE_REJECTED};
static const struct keel_outcome absent = {.fate = KEEL_FATE_REJECTED, .not_found = true};

static void an_order_is_asked_for_at_the_family_that_owns_its_type(void **state)
{
    (void)state;
    struct keel_command question, limit = placed(KEEL_LIMIT), stop = placed(KEEL_STOP_MARKET);
    struct keel_doubt plain = unsettled_of(&limit), waiting = unsettled_of(&stop);

    keel_settle_ask(&plain, KEEL_EVIDENCE_ITSELF, &question);
    assert_int_equal(question.kind, KEEL_QUERY_ORDER);
    assert_int_equal(question.order.family, KEEL_FAMILY_REGULAR);
    assert_string_equal(question.order.client_id, "ours");
    keel_settle_ask(&waiting, KEEL_EVIDENCE_ITSELF, &question);
    assert_int_equal(question.order.family, KEEL_FAMILY_CONDITIONAL);
    keel_settle_ask(&plain, KEEL_EVIDENCE_EXECUTIONS, &question);
    assert_int_equal(question.kind, KEEL_LOAD_EXECUTIONS);
    assert_int_equal(question.page.market, 3);
    assert_true(question.page.start_time_ms < 1000000);
}

static void a_placed_order_is_settled_by_its_sight_or_its_proven_absence(void **state)
{
    (void)state;
    struct keel_command write = placed(KEEL_LIMIT), question;
    struct keel_event seen = order_event(KEEL_ORDER_NEW, 3);
    struct keel_event rejected = order_event(KEEL_ORDER_REJECTED, 3);
    struct keel_event fill = {.kind = KEEL_EVENT_EXECUTION};

    assert_int_equal(judge(&write, &seen, accepted, false), KEEL_ACCEPTED);
    assert_int_equal(judge(&write, &rejected, accepted, false), KEEL_FATE_REJECTED);
    assert_int_equal(judge(&write, NULL, absent, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, NULL, absent, true), KEEL_FATE_NONE);
    assert_int_equal(judge(&write, NULL, refused, true), KEEL_FATE_UNKNOWN);

    struct keel_doubt unsettled = unsettled_of(&write);
    keel_settle_ask(&unsettled, KEEL_EVIDENCE_EXECUTIONS, &question);
    struct keel_events none = {&fill, 0, 1}, one = {&fill, 1, 1};
    memcpy(fill.execution.client_id, "ours", sizeof("ours"));
    assert_int_equal(keel_settle_judge(&unsettled, &question, &accepted, &none, true),
                     KEEL_FATE_NONE);
    assert_int_equal(keel_settle_absent(&unsettled), KEEL_FATE_FAILED);
    assert_int_equal(keel_settle_judge(&unsettled, &question, &accepted, &one, true),
                     KEEL_ACCEPTED);
    assert_int_equal(keel_settle_judge(&unsettled, &question, &refused, &none, true),
                     KEEL_FATE_UNKNOWN);
}

static void a_cancel_has_failed_only_when_the_order_outlived_it(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_CANCEL_ORDER};
    struct keel_event open = order_event(KEEL_ORDER_PARTIALLY_FILLED, 3);
    struct keel_event gone = order_event(KEEL_ORDER_CANCELED, 3);
    struct keel_event filled = order_event(KEEL_ORDER_FILLED, 3);

    assert_int_equal(judge(&write, &gone, accepted, false), KEEL_ACCEPTED);
    assert_int_equal(judge(&write, &filled, accepted, false), KEEL_FATE_REJECTED);
    assert_int_equal(judge(&write, &open, accepted, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, &open, accepted, true), KEEL_FATE_FAILED);
    assert_int_equal(judge(&write, NULL, absent, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, NULL, absent, true), KEEL_FATE_NONE);
    struct keel_doubt unsettled = unsettled_of(&write);
    assert_int_equal(keel_settle_absent(&unsettled), KEEL_FATE_REJECTED);
}

static void an_amendment_is_settled_by_the_orders_numbers(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_AMEND_ORDER};
    struct keel_event event = order_event(KEEL_ORDER_NEW, 3);

    write.amend.price = keel_decimal_from_int(100);
    write.amend.quantity = keel_decimal_from_int(2);
    assert_int_equal(judge(&write, &event, accepted, false), KEEL_ACCEPTED);
    write.amend.price = keel_decimal_from_int(101);
    assert_int_equal(judge(&write, &event, accepted, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, &event, accepted, true), KEEL_FATE_FAILED);
}

static void a_cancel_of_all_is_settled_by_what_is_still_open_in_that_market(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_CANCEL_ALL};
    struct keel_event here = order_event(KEEL_ORDER_NEW, 3);
    struct keel_event elsewhere = order_event(KEEL_ORDER_NEW, 4);

    write.order.market = 3;
    assert_int_equal(judge(&write, &elsewhere, accepted, false), KEEL_ACCEPTED);
    assert_int_equal(judge(&write, &here, accepted, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, &here, accepted, true), KEEL_FATE_FAILED);
}

static void a_setting_is_settled_by_its_value(void **state)
{
    (void)state;
    struct keel_command write = {
        .kind = KEEL_SET_LEVERAGE, .leverage = {.market = 3, .leverage = 20}
    };
    struct keel_event event = {.kind = KEEL_EVENT_LEVERAGE};

    event.leverage = (struct keel_leverage){.market = 3, .leverage = 20};
    assert_int_equal(judge(&write, &event, accepted, false), KEEL_ACCEPTED);
    event.leverage.leverage = 10;
    assert_int_equal(judge(&write, &event, accepted, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, &event, accepted, true), KEEL_FATE_FAILED);

    struct keel_command hedge = {.kind = KEEL_SET_HEDGE_MODE, .enable = true};
    struct keel_event modes = {.kind = KEEL_EVENT_MODES, .modes = {.hedge = KEEL_ON}};
    assert_int_equal(judge(&hedge, &modes, accepted, false), KEEL_ACCEPTED);
    modes.modes.hedge = KEEL_OFF;
    assert_int_equal(judge(&hedge, &modes, accepted, true), KEEL_FATE_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_asked_for_at_the_family_that_owns_its_type),
        cmocka_unit_test(a_placed_order_is_settled_by_its_sight_or_its_proven_absence),
        cmocka_unit_test(a_cancel_has_failed_only_when_the_order_outlived_it),
        cmocka_unit_test(an_amendment_is_settled_by_the_orders_numbers),
        cmocka_unit_test(a_cancel_of_all_is_settled_by_what_is_still_open_in_that_market),
        cmocka_unit_test(a_setting_is_settled_by_its_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

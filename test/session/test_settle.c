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

static const struct keel_outcome accepted = {.fate = KEEL_ACCEPTED};

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

static enum keel_fate judge_doubt(const struct keel_doubt *doubt, struct keel_event *event,
                                  bool proof)
{
    struct keel_command question;
    struct keel_events events = {event, 1, 1};
    keel_settle_ask(doubt, KEEL_EVIDENCE_ITSELF, &question);
    return keel_settle_judge(doubt, &question, &accepted, &events, proof);
}

static enum keel_fate judge_at(const struct keel_venue *venue, const struct keel_command *write,
                               struct keel_event *event, bool proof)
{
    struct keel_doubt doubt = unsettled_of(write);
    doubt.venue = venue;
    return judge_doubt(&doubt, event, proof);
}

/* Of a history. */
static enum keel_fate judge_rows(const struct keel_doubt *doubt, struct keel_event *rows, int count)
{
    struct keel_command question;
    struct keel_events events = {rows, count, count};
    keel_settle_ask(doubt,
                    doubt->write->kind == KEEL_AMEND_ORDER ? KEEL_EVIDENCE_CHANGES
                                                           : KEEL_EVIDENCE_ITSELF,
                    &question);
    return keel_settle_judge(doubt, &question, &accepted, &events, true);
}

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
    assert_int_equal(keel_settle_absent(&unsettled, 1001000), KEEL_FATE_FAILED);
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
    assert_int_equal(keel_settle_absent(&unsettled, 1001000), KEEL_FATE_REJECTED);
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
    assert_int_equal(judge_at(&keel_venue_gateio, &write, &event, true), KEEL_FATE_FAILED);
}

static struct keel_event amendment_event(int price, int64_t time_ms)
{
    struct keel_event event = {.kind = KEEL_EVENT_AMENDMENT, .time_ms = time_ms};
    event.amendment = (struct keel_amendment){.market = 3,
                                              .order_id = "7",
                                              .price = keel_decimal_from_int(price),
                                              .quantity = keel_decimal_from_int(2),
                                              .time_ms = time_ms};
    return event;
}

/* Amended again since, the order itself says nothing of the first. */
static void an_amendment_that_was_overtaken_is_told_by_the_history_of_the_order(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_AMEND_ORDER}, question;
    struct keel_event order = order_event(KEEL_ORDER_NEW, 3);
    struct keel_event rows[] = {amendment_event(100, 1000400), amendment_event(101, 1000200),
                                amendment_event(102, 1000100)};
    struct keel_doubt doubt = unsettled_of(&write);

    memcpy(write.amend.order.order_id, "7", 2);
    write.amend.price = keel_decimal_from_int(101);
    write.amend.quantity = keel_decimal_from_int(2);
    assert_int_equal(judge(&write, &order, accepted, true), KEEL_FATE_NONE);
    keel_settle_ask(&doubt, KEEL_EVIDENCE_ITSELF, &question);
    assert_int_equal(keel_settle_next(&doubt, &question, KEEL_EVIDENCE_ITSELF, 1100000),
                     KEEL_EVIDENCE_CHANGES);
    assert_int_equal(judge_rows(&doubt, rows, 3), KEEL_ACCEPTED);
    rows[1].amendment.time_ms = 900000; /* of an earlier one that wanted the same */
    assert_int_equal(judge_rows(&doubt, rows, 3), KEEL_FATE_FAILED);
    rows[1].amendment.time_ms = 1000200;
    doubt.rivals = 1;
    assert_int_equal(judge_rows(&doubt, rows, 3), KEEL_FATE_UNKNOWN);
}

static void what_was_overtaken_where_nothing_tells_is_lost_and_neither_done_nor_failed(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_AMEND_ORDER};
    struct keel_command leverage = {
        .kind = KEEL_SET_LEVERAGE, .leverage = {.market = 3, .leverage = 5}
    };
    struct keel_event order = order_event(KEEL_ORDER_NEW, 3);
    struct keel_event set = {
        .kind = KEEL_EVENT_LEVERAGE, .leverage = {.market = 3, .leverage = 10}
    };
    struct keel_doubt amendment = unsettled_of(&write), setting = unsettled_of(&leverage);

    write.amend.price = keel_decimal_from_int(101);
    write.amend.quantity = keel_decimal_from_int(2);
    amendment.venue = &keel_venue_gateio;
    assert_int_equal(judge_doubt(&amendment, &order, true), KEEL_FATE_FAILED);
    assert_int_equal(judge_doubt(&setting, &set, true), KEEL_FATE_FAILED);
    amendment.overtaken = setting.overtaken = true;
    assert_int_equal(judge_doubt(&amendment, &order, true), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge_doubt(&setting, &set, true), KEEL_FATE_UNKNOWN);
    assert_true(keel_settle_is_lost(&setting, &accepted, true));
    assert_true(keel_settle_is_lost(&amendment, &accepted, true));
    assert_false(keel_settle_is_lost(&setting, &accepted, false)); /* it may come yet */
    assert_false(keel_settle_is_lost(&setting, &refused, true));   /* nothing was told */
    set.leverage.leverage = 5;
    assert_int_equal(judge_doubt(&setting, &set, true), KEEL_ACCEPTED);
}

static struct keel_event margin_event(int amount, int64_t time_ms)
{
    struct keel_event event = {.kind = KEEL_EVENT_MARGIN_CHANGE, .time_ms = time_ms};
    event.margin_change = (struct keel_margin_change){.market = 3,
                                                      .side = KEEL_NET,
                                                      .by_user = true,
                                                      .amount = keel_decimal_from_int(amount),
                                                      .time_ms = time_ms};
    return event;
}

static struct keel_command margin_write(void)
{
    struct keel_command write = {.kind = KEEL_ADJUST_MARGIN};
    write.margin = (struct keel_margin_adjustment){.market = 3,
                                                   .side = KEEL_NET,
                                                   .amount = keel_decimal_from_int(5),
                                                   .quantity_before = keel_decimal_from_int(2),
                                                   .wallet_before = keel_decimal_from_int(40)};
    return write;
}

static void moved_margin_is_told_by_the_venues_history(void **state)
{
    (void)state;
    struct keel_command write = margin_write(), question;
    struct keel_doubt doubt = unsettled_of(&write);
    struct keel_event rows[] = {margin_event(5, 1000100), margin_event(5, 1000200)};

    keel_settle_ask(&doubt, KEEL_EVIDENCE_ITSELF, &question);
    assert_int_equal(question.kind, KEEL_LOAD_MARGIN_CHANGES);
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_ACCEPTED);
    assert_int_equal(judge_rows(&doubt, rows, 0), KEEL_FATE_FAILED);
    doubt.rivals = 1; /* one of the two is the other's */
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_ACCEPTED);
    assert_int_equal(judge_rows(&doubt, rows, 1), KEEL_FATE_UNKNOWN);
    doubt.rivals = 0;
    rows[0].margin_change.by_user = false;
    rows[1].margin_change.time_ms = 900000;
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_FATE_FAILED);
    assert_true(keel_settle_is_outlived(&doubt, 1000000 + INT64_C(30) * 86400000));
    assert_false(keel_settle_is_outlived(&doubt, 1000000 + INT64_C(29) * 86400000));
}

static void
without_a_history_moved_margin_is_told_by_a_position_that_nothing_else_moved(void **state)
{
    (void)state;
    struct keel_command write = margin_write();
    struct keel_doubt doubt = unsettled_of(&write);
    struct keel_event row = {.kind = KEEL_EVENT_POSITION};

    doubt.venue = &keel_venue_gateio;
    row.position.market = 3;
    row.position.side = KEEL_NET;
    row.position.quantity = keel_decimal_from_int(2);
    row.position.isolated_wallet = keel_decimal_from_int(45);
    assert_int_equal(judge_doubt(&doubt, &row, true), KEEL_ACCEPTED);
    row.position.isolated_wallet = keel_decimal_from_int(40);
    assert_int_equal(judge_doubt(&doubt, &row, true), KEEL_FATE_FAILED);
    assert_int_equal(judge_doubt(&doubt, &row, false), KEEL_FATE_UNKNOWN);
    row.position.isolated_wallet = keel_decimal_from_int(39); /* funding was paid */
    assert_int_equal(judge_doubt(&doubt, &row, true), KEEL_FATE_UNKNOWN);
    row.position.isolated_wallet = keel_decimal_from_int(45);
    row.position.quantity = keel_decimal_from_int(3); /* it was traded */
    assert_int_equal(judge_doubt(&doubt, &row, true), KEEL_FATE_UNKNOWN);
    row.position.quantity = keel_decimal_from_int(2);
    doubt.rivals = 1;
    assert_int_equal(judge_doubt(&doubt, &row, true), KEEL_FATE_UNKNOWN);
    doubt.rivals = 0;
    write.margin.wallet_before = KEEL_DECIMAL_ABSENT; /* an earlier life knew it */
    assert_int_equal(judge_doubt(&doubt, &row, true), KEEL_FATE_UNKNOWN);
}

static struct keel_event transfer_event(int64_t time_ms)
{
    struct keel_event row = {.kind = KEEL_EVENT_TRANSFER};
    row.transfer = (struct keel_wallet_transfer){.from = KEEL_WALLET_SPOT,
                                                 .to = KEEL_WALLET_FUTURES,
                                                 .asset = "USDT",
                                                 .amount = keel_decimal_from_int(5),
                                                 .done = true,
                                                 .time_ms = time_ms};
    return row;
}

static const struct keel_command transfer_write = {
    .kind = KEEL_TRANSFER, .transfer = {KEEL_WALLET_SPOT, KEEL_WALLET_FUTURES, "USDT", {0}}
};

static void a_transfer_is_told_by_the_one_row_that_can_be_no_other(void **state)
{
    (void)state;
    struct keel_command write = transfer_write, question;
    write.transfer.amount = keel_decimal_from_int(5);
    struct keel_doubt doubt = unsettled_of(&write);
    doubt.venue = &keel_venue_gateio_spot;
    doubt.clock_error_ms = 50;
    struct keel_event rows[] = {transfer_event(1000100), transfer_event(1000200)};

    keel_settle_ask(&doubt, KEEL_EVIDENCE_ITSELF, &question);
    assert_int_equal(question.kind, KEEL_LOAD_TRANSFERS);
    assert_true(question.page.start_time_ms < 1000000);
    assert_true(question.page.end_time_ms == 1000000 + 120000);
    assert_int_equal(judge_rows(&doubt, rows, 1), KEEL_ACCEPTED);
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_FATE_UNKNOWN); /* which is ours? */
    rows[1].transfer.amount = keel_decimal_from_int(6);
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_ACCEPTED);
    rows[1] = transfer_event(1000000 - 51); /* before the request, by whatever clock */
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_ACCEPTED);
    assert_int_equal(judge_rows(&doubt, &rows[1], 1), KEEL_FATE_FAILED);
    rows[1] = transfer_event(1000000 - 50); /* perhaps before it */
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge_rows(&doubt, &rows[1], 1), KEEL_ACCEPTED);
    doubt.rivals = 1; /* one just as this went shortly before it */
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_ACCEPTED);
    assert_int_equal(judge_rows(&doubt, &rows[1], 1), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge_rows(&doubt, rows, 0), KEEL_FATE_FAILED);
    doubt.rivals = 0;
    rows[1] = transfer_event(1000000 + 120001); /* later than it could take effect */
    assert_int_equal(judge_rows(&doubt, rows, 2), KEEL_ACCEPTED);
    assert_int_equal(judge_rows(&doubt, &rows[1], 1), KEEL_FATE_FAILED);
}

static void a_list_that_is_not_whole_proves_no_transfer_and_no_failure(void **state)
{
    (void)state;
    struct keel_command write = transfer_write;
    write.transfer.amount = keel_decimal_from_int(5);
    struct keel_event row = transfer_event(1000100), unread = {.kind = KEEL_EVENT_UNKNOWN};
    const struct keel_outcome partial = {.fate = KEEL_ACCEPTED, .partial = true};

    assert_int_equal(judge(&write, &row, accepted, false), KEEL_ACCEPTED);
    assert_int_equal(judge(&write, &row, partial, true), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, NULL, partial, true), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, NULL, accepted, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, NULL, accepted, true), KEEL_FATE_FAILED);
    assert_int_equal(judge(&write, &unread, accepted, true), KEEL_FATE_UNKNOWN);
    row.transfer.done = false;
    assert_int_equal(judge(&write, &row, accepted, true), KEEL_FATE_UNKNOWN);
}

static void a_cancel_of_all_is_settled_by_what_is_still_open_in_that_market(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_CANCEL_ALL};
    struct keel_event here = order_event(KEEL_ORDER_NEW, 3);
    struct keel_event elsewhere = order_event(KEEL_ORDER_NEW, 4);

    write.order.market = 3;
    here.order.create_time_ms = elsewhere.order.create_time_ms = 999000;
    assert_int_equal(judge(&write, &elsewhere, accepted, false), KEEL_ACCEPTED);
    assert_int_equal(judge(&write, &here, accepted, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, &here, accepted, true), KEEL_FATE_FAILED);
}

static void orders_placed_after_a_cancel_of_all_say_nothing_of_it(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_CANCEL_ALL};
    struct keel_event later = order_event(KEEL_ORDER_NEW, 3);
    struct keel_doubt doubt = unsettled_of(&write);

    write.order.market = 3;
    doubt.clock_error_ms = 50;
    later.order.create_time_ms = 1000051;
    assert_int_equal(judge_doubt(&doubt, &later, true), KEEL_ACCEPTED);
    later.order.create_time_ms = 1000010; /* before or after: the clock does not tell */
    assert_int_equal(judge_doubt(&doubt, &later, true), KEEL_FATE_UNKNOWN);
    assert_true(keel_settle_is_lost(&doubt, &accepted, true));
    later.order.create_time_ms = 0;
    assert_int_equal(judge_doubt(&doubt, &later, true), KEEL_FATE_UNKNOWN);
    later.order.create_time_ms = 999949;
    assert_int_equal(judge_doubt(&doubt, &later, true), KEEL_FATE_FAILED);
}

static struct keel_event withdrawal_event(const char *id, enum keel_withdrawal_status status)
{
    struct keel_event row = {.kind = KEEL_EVENT_WITHDRAWAL};
    (void)keel_str_copy(keel_str_from(id), row.withdrawal.id, sizeof(row.withdrawal.id));
    (void)keel_str_copy(KEEL_STR("ours"), row.withdrawal.client_id,
                        sizeof(row.withdrawal.client_id));
    row.withdrawal.status = status;
    return row;
}

static void a_withdrawal_is_told_by_the_row_that_bears_its_id(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_WITHDRAW};
    memcpy(write.withdrawal.client_id, "ours", sizeof("ours"));
    struct keel_event row = withdrawal_event("1", KEEL_WITHDRAWAL_PENDING);

    assert_int_equal(judge(&write, &row, accepted, false), KEEL_ACCEPTED);
    assert_int_equal(judge(&write, &row, refused, true), KEEL_FATE_UNKNOWN);
    row = withdrawal_event("1", KEEL_WITHDRAWAL_REJECTED);
    assert_int_equal(judge(&write, &row, accepted, false), KEEL_FATE_REJECTED);
    memcpy(row.withdrawal.client_id, "another", sizeof("another"));
    assert_int_equal(judge(&write, &row, accepted, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, &row, accepted, true), KEEL_FATE_FAILED);
}

static void a_canceled_withdrawal_is_told_by_how_it_stands(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_CANCEL_WITHDRAWAL, .withdrawal_id = "7"}, question;
    struct keel_event row = withdrawal_event("7", KEEL_WITHDRAWAL_CANCELED);
    struct keel_doubt doubt = unsettled_of(&write);

    keel_settle_ask(&doubt, KEEL_EVIDENCE_ITSELF, &question);
    assert_int_equal(question.kind, KEEL_LOAD_WITHDRAWALS);
    assert_string_equal(question.page.from_id, "7");
    assert_int_equal(judge(&write, &row, accepted, false), KEEL_ACCEPTED);
    assert_int_equal(judge(&write, &row, refused, true), KEEL_FATE_UNKNOWN);
    row = withdrawal_event("7", KEEL_WITHDRAWAL_DONE);
    assert_int_equal(judge(&write, &row, accepted, false), KEEL_FATE_REJECTED);
    row = withdrawal_event("7", KEEL_WITHDRAWAL_REJECTED);
    assert_int_equal(judge(&write, &row, accepted, false), KEEL_FATE_REJECTED);
    row = withdrawal_event("7", KEEL_WITHDRAWAL_PENDING);
    assert_int_equal(judge(&write, &row, accepted, false), KEEL_FATE_UNKNOWN);
    assert_int_equal(judge(&write, &row, accepted, true), KEEL_FATE_FAILED);
    row = withdrawal_event("8", KEEL_WITHDRAWAL_CANCELED);
    assert_int_equal(judge(&write, &row, accepted, true), KEEL_FATE_UNKNOWN);
}

/* Two rows a page, each so many milliseconds after the beginning of the question's page. */
static bool turn_page(struct keel_command *question, int count, int64_t first_ms, int64_t last_ms)
{
    struct keel_command write = placed(KEEL_LIMIT), next;
    struct keel_venue venue = keel_venue_binance;
    struct keel_doubt doubt = unsettled_of(&write);
    struct keel_event rows[] = {order_event(KEEL_ORDER_NEW, 3),
                                order_event(KEEL_ORDER_NEW, 3),
                                {.kind = KEEL_EVENT_SNAPSHOT_BEGIN}};
    struct keel_events events = {rows, count, 3};
    venue.page_limit = 2;
    doubt.venue = &venue;
    rows[0].order.create_time_ms = first_ms;
    rows[1].order.create_time_ms = last_ms;
    bool more = keel_settle_next_page(&doubt, question, &events, &next);
    if (more)
        *question = next;
    return more;
}

static void a_list_is_asked_for_on_until_a_page_is_not_full(void **state)
{
    (void)state;
    struct keel_command question = {.kind = KEEL_LOAD_ORDERS};
    question.page.start_time_ms = 1000;

    assert_true(turn_page(&question, 3, 1200, 1500)); /* the oldest first: on from the last */
    assert_true(question.page.start_time_ms == 1500 && question.page.end_time_ms == 0);
    assert_true(turn_page(&question, 2, 1500, 1500)); /* never the same page again */
    assert_int_equal(question.page.start_time_ms, 1501);
    assert_false(turn_page(&question, 1, 1600, 1600));
    assert_false(turn_page(&question, 0, 0, 0));

    assert_true(turn_page(&question, 2, 1900, 1800)); /* the newest first: back from the last */
    assert_true(question.page.start_time_ms == 1501 && question.page.end_time_ms == 1800);
    assert_true(turn_page(&question, 2, 1801, 1800));
    assert_int_equal(question.page.end_time_ms, 1799);
    question.kind = KEEL_QUERY_ORDER;
    assert_false(turn_page(&question, 2, 1200, 1500));
}

static void what_the_stream_shows_of_an_order_is_told_by_its_id_and_market(void **state)
{
    (void)state;
    struct keel_command placing = placed(KEEL_LIMIT);
    struct keel_event rows[] = {order_event(KEEL_ORDER_NEW, 3), {.kind = KEEL_EVENT_EXECUTION}};
    struct keel_events first = {rows, 1, 2}, both = {rows, 2, 2};
    char order_id[KEEL_ORDER_ID_SIZE] = "";

    assert_false(keel_settle_shows(&placing, &both, order_id)); /* another's */
    memcpy(rows[0].order.client_id, "ours", sizeof("ours"));
    assert_true(keel_settle_shows(&placing, &first, order_id));
    assert_string_equal(order_id, "");
    memcpy(rows[0].order.order_id, "77", sizeof("77"));
    assert_true(keel_settle_shows(&placing, &first, order_id));
    assert_string_equal(order_id, "77");
    rows[0].order.status = KEEL_ORDER_REJECTED;
    assert_false(keel_settle_shows(&placing, &first, order_id));
    rows[0].order.status = KEEL_ORDER_NEW;
    rows[0].order.market = 4;
    assert_false(keel_settle_shows(&placing, &first, order_id));

    rows[1].execution.market = 3; /* a fill bears the venue's id alone */
    assert_false(keel_settle_shows(&placing, &both, order_id));
    memcpy(rows[1].execution.order_id, "77", sizeof("77"));
    assert_true(keel_settle_shows(&placing, &both, order_id));
    assert_string_equal(order_id, "77");
}

/* The one of both kinds that change the other thing, and the one that makes another of it. */
static void assert_compared(const struct keel_command *write, const struct keel_command *elsewhere,
                            const struct keel_command *otherwise)
{
    assert_true(keel_settle_concern_same(&keel_venue_binance, write, write));
    assert_true(keel_settle_want_same(write, write));
    assert_false(keel_settle_concern_same(&keel_venue_binance, write, elsewhere));
    assert_true(keel_settle_concern_same(&keel_venue_binance, write, otherwise));
    assert_false(keel_settle_want_same(write, otherwise));
}

static void writes_are_compared_by_what_they_change_and_to_what(void **state)
{
    (void)state;
    struct keel_command write = {.kind = KEEL_SET_MARGIN_MODE}, elsewhere, otherwise;
    write.margin_mode.market = 3;
    write.margin_mode.mode = KEEL_CROSS;
    elsewhere = otherwise = write;
    elsewhere.margin_mode.market = 4;
    otherwise.margin_mode.mode = KEEL_ISOLATED;
    assert_compared(&write, &elsewhere, &otherwise);

    write = (struct keel_command){.kind = KEEL_ADJUST_MARGIN};
    write.margin.market = 3;
    write.margin.side = KEEL_LONG;
    write.margin.amount = keel_decimal_from_int(1);
    elsewhere = otherwise = write;
    elsewhere.margin.side = KEEL_SHORT;
    otherwise.margin.amount = keel_decimal_from_int(2);
    assert_compared(&write, &elsewhere, &otherwise);

    write = (struct keel_command){.kind = KEEL_SET_HEDGE_MODE, .enable = true};
    elsewhere = otherwise = write;
    elsewhere.kind = KEEL_SET_MULTI_ASSET;
    otherwise.enable = false;
    assert_compared(&write, &elsewhere, &otherwise);

    write = (struct keel_command){.kind = KEEL_AMEND_ORDER};
    write.amend.order.market = 3;
    memcpy(write.amend.order.order_id, "77", sizeof("77"));
    write.amend.price = write.amend.quantity = keel_decimal_from_int(1);
    elsewhere = otherwise = write;
    memcpy(elsewhere.amend.order.order_id, "78", sizeof("78"));
    otherwise.amend.price = keel_decimal_from_int(2);
    assert_compared(&write, &elsewhere, &otherwise);
    otherwise = write;
    otherwise.amend.quantity = keel_decimal_from_int(2);
    assert_compared(&write, &elsewhere, &otherwise);
}

/* It is looked for in the whole of the list, wherever the venue begins it. */
static void a_full_page_is_followed_by_the_rest_of_its_list(void **state)
{
    (void)state;
    static struct keel_event rows[1000];
    struct keel_command write = placed(KEEL_LIMIT), question, next;
    struct keel_doubt doubt = unsettled_of(&write);
    struct keel_events events = {rows, 1000, 1000};
    for (int i = 0; i < 1000; i++) {
        rows[i] = order_event(KEEL_ORDER_NEW, 3);
        rows[i].order.create_time_ms = 1000000 + i;
    }
    keel_settle_ask(&doubt, KEEL_EVIDENCE_ORDERS, &question);
    assert_true(keel_settle_next_page(&doubt, &question, &events, &next));
    assert_true(next.page.start_time_ms == 1000999);
    assert_int_equal(next.page.page, 0);

    doubt.venue = &keel_venue_gateio; /* these are the newest: older ones are behind them */
    keel_settle_ask(&doubt, KEEL_EVIDENCE_ORDERS, &question);
    assert_true(keel_settle_next_page(&doubt, &question, &events, &next));
    assert_true(next.page.start_time_ms == question.page.start_time_ms);
    assert_int_equal(next.page.page, 2);
    question = next;
    assert_true(keel_settle_next_page(&doubt, &question, &events, &next));
    assert_int_equal(next.page.page, 3);
    events.count = 999;
    assert_false(keel_settle_next_page(&doubt, &question, &events, &next));
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
        cmocka_unit_test(orders_placed_after_a_cancel_of_all_say_nothing_of_it),
        cmocka_unit_test(a_full_page_is_followed_by_the_rest_of_its_list),
        cmocka_unit_test(a_setting_is_settled_by_its_value),
        cmocka_unit_test(what_the_stream_shows_of_an_order_is_told_by_its_id_and_market),
        cmocka_unit_test(writes_are_compared_by_what_they_change_and_to_what),
        cmocka_unit_test(a_withdrawal_is_told_by_the_row_that_bears_its_id),
        cmocka_unit_test(a_canceled_withdrawal_is_told_by_how_it_stands),
        cmocka_unit_test(a_list_is_asked_for_on_until_a_page_is_not_full),
        cmocka_unit_test(an_amendment_that_was_overtaken_is_told_by_the_history_of_the_order),
        cmocka_unit_test(
            what_was_overtaken_where_nothing_tells_is_lost_and_neither_done_nor_failed),
        cmocka_unit_test(a_transfer_is_told_by_the_one_row_that_can_be_no_other),
        cmocka_unit_test(a_list_that_is_not_whole_proves_no_transfer_and_no_failure),
        cmocka_unit_test(moved_margin_is_told_by_the_venues_history),
        cmocka_unit_test(
            without_a_history_moved_margin_is_told_by_a_position_that_nothing_else_moved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

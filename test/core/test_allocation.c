/* Memory comes at the start: a day's facts, reads and checks later there was no other. */
#include "scenario.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ALLOCATOR_OF_ITS_OWN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ALLOCATOR_OF_ITS_OWN 1
#endif
#endif

static volatile long allocation_count; /* compilers believe that malloc changes nothing */

#ifndef HAS_ALLOCATOR_OF_ITS_OWN
/* The program's own names come before the C library's, which has these behind them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    allocation_count++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocation_count++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocation_count++;
    return __libc_realloc(memory, size);
}
#endif

static void live_a_round(struct scenario *s, struct keel_books *books, int round)
{
    char id[16], trade_id[16];
    snprintf(id, sizeof(id), "%d", round);
    snprintf(trade_id, sizeof(trade_id), "t%d", round);
    struct keel_command command = {.kind = KEEL_PLACE_ORDER,
                                   .place = limit_request(s, KEEL_BUY, "0.1", "20000")};
    snprintf(command.place.client_id, sizeof(command.place.client_id), "c%d", round);
    assert_int_equal(keel_gate_check(s->account, &command, NOW, NULL), KEEL_OK);
    assert_int_equal(keel_account_hold(s->account, &command, NULL), KEEL_OK);

    struct keel_event order = order_event(s, id, command.place.client_id, KEEL_ORDER_NEW);
    order.order.quantity = D("0.1");
    apply_ok(s, order);
    struct keel_event fill = execution_event(s, trade_id, id, KEEL_BUY, "0.1", "20000");
    struct keel_booked booked;
    apply_ok(s, fill);
    assert_int_equal(keel_books_apply_execution(books, &fill.execution, false, &booked, NULL),
                     KEEL_OK);
    apply_ok(s, position_event(s->btc, KEEL_NET, "0.1", "20000", fill.execution.time_ms));
    tell_mark(s, s->btc, round % 2 ? "20001" : "19999");

    struct keel_risk risk;
    struct keel_margin_info info;
    assert_int_equal(keel_account_read_risk(s->account, s->btc, KEEL_NET, NOW, false, &risk, NULL),
                     KEEL_OK);
    assert_int_equal(keel_account_read_margin(s->account, KEEL_NO_MARKET, NOW, false, &info, NULL),
                     KEEL_OK);
    tell_position(s, s->btc, "0", "0");
}

static void after_the_start_nothing_allocates(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_books_config config = {.markets = s.markets, .trades_max = 1000};
    struct keel_books *books = keel_books_new(&config);
    struct keel_event row = balance_event("10000", "10000", 1);
    struct keel_events events = {&row, 1, 1};
    assert_int_equal(keel_books_start(books, &events, 1, NULL), KEEL_OK);
    live_a_round(&s, books, 0);

    long before = allocation_count;
    for (int round = 1; round <= 20000; round++)
        live_a_round(&s, books, round); /* more than every ring holds */
    assert_int_equal(allocation_count - before, 0);

    keel_books_free(books);
    end_scenario(&s);
}

static void the_counter_counts(void **state)
{
    (void)state;
#ifndef HAS_ALLOCATOR_OF_ITS_OWN
    long before = allocation_count;
    void *volatile memory = malloc(1);
    free(memory);
    assert_int_equal(allocation_count - before, 1);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_the_start_nothing_allocates),
        cmocka_unit_test(the_counter_counts),
    };
    return cmocka_run_group_tests_name("core/allocation", tests, NULL, NULL);
}

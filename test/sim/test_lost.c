/* What keel's own books say when the venue's stream loses something, on the real venue. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct lost {
    struct world *world;
    struct keel_difference differences[8];
    int difference_count;
    int dropped; /* frames */
    bool dropping, done;
    enum keel_fate fate;
};

static bool contains(keel_str frame, const char *word)
{
    return memmem(frame.data, frame.size, word, strlen(word)) != NULL;
}

/* Loses the first fill that comes along, and nothing else. */
static bool keep_all_but_one_fill(void *user, int client, keel_str frame)
{
    struct lost *lost = user;
    (void)client;
    if (!lost->dropping || lost->dropped > 0 || !contains(frame, "\"ORDER_TRADE_UPDATE\"") ||
        !contains(frame, "\"x\":\"TRADE\""))
        return true;
    lost->dropped++;
    return false;
}

static void on_difference(void *user, const struct keel_difference *difference)
{
    struct lost *lost = user;
    if (lost->difference_count < 8)
        lost->differences[lost->difference_count] = *difference;
    lost->difference_count++;
}

static void on_result(void *user, const struct keel_result *result)
{
    struct lost *lost = user;
    lost->done = true;
    lost->fate = result->fate;
}

static void begin(struct lost *lost)
{
    struct world_config config = world_config_init(20230310);
    struct keel_error error;
    *lost = (struct lost){0};
    config.handlers[0] = (struct keel_handlers){.user = lost, .on_difference = on_difference};
    lost->world = world_new(&config);
    world_set_filter(lost->world, keep_all_but_one_fill, lost);
    if (!world_start(lost->world, &error))
        fail_msg("%s", error.message);
}

static void buy(struct lost *lost, const char *quantity)
{
    struct keel_error error;
    struct keel_order_request request = keel_order_request_init();
    request.market = keel_markets_find(keel_private_markets(world_base(lost->world, 0)),
                                       KEEL_STR("BTC/USDT:USDT"));
    request.side = KEEL_BUY;
    request.type = KEEL_MARKET;
    request.quantity = keel_decimal_from_text(quantity);
    lost->done = false;
    if (keel_futures_place_order(world_futures(lost->world, 0), &request, on_result, lost,
                                 &error) != KEEL_OK)
        fail_msg("%s", error.message);
    assert_true(world_run_until(lost->world, &lost->done, 5000));
    assert_int_equal(lost->fate, KEEL_ACCEPTED);
    world_run(lost->world, 3000);
}

static void reconcile(struct lost *lost)
{
    struct keel_error error;
    lost->done = false;
    if (keel_private_reconcile(world_base(lost->world, 0), on_result, lost, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    assert_true(world_run_until(lost->world, &lost->done, 60000));
    assert_int_equal(lost->fate, KEEL_ACCEPTED);
}

static void assert_books_equal_venue(struct lost *lost)
{
    struct keel_books_summary books;
    struct paper_account venue;
    keel_futures_books(world_futures(lost->world, 0), &books);
    paper_engine_get_account(world_engine(lost->world), 1, &venue);
    assert_true(keel_decimal_equals(books.wallet, venue.wallet));
}

static void a_stream_that_loses_nothing_leaves_no_difference(void **state)
{
    struct lost lost;
    (void)state;
    begin(&lost);
    buy(&lost, "0.010");
    buy(&lost, "0.020");
    reconcile(&lost);
    assert_int_equal(lost.difference_count, 0);
    assert_books_equal_venue(&lost);
    world_free(lost.world);
}

static void one_execution_lost_by_the_stream_is_exactly_one_difference(void **state)
{
    struct lost lost;
    (void)state;
    begin(&lost);
    buy(&lost, "0.010");
    lost.dropping = true;
    buy(&lost, "0.020");
    buy(&lost, "0.015");
    assert_int_equal(lost.dropped, 1);
    reconcile(&lost);
    assert_int_equal(lost.difference_count, 1);
    assert_int_equal(lost.differences[0].kind, KEEL_DIFFERENCE_EXECUTION);
    assert_true(keel_decimal_is_zero(lost.differences[0].ours));
    assert_true(keel_decimal_is_positive(lost.differences[0].venues));
    assert_books_equal_venue(&lost);

    reconcile(&lost);
    assert_int_equal(lost.difference_count, 1); /* told once, and healed */
    world_free(lost.world);
}

int main(void)
{
    const struct CMUnitTest lost_tests[] = {
        cmocka_unit_test(a_stream_that_loses_nothing_leaves_no_difference),
        cmocka_unit_test(one_execution_lost_by_the_stream_is_exactly_one_difference),
    };
    return cmocka_run_group_tests(lost_tests, NULL, NULL);
}

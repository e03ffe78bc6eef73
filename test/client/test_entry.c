/* Orders on a stream of their own, over real sockets, while the stream breaks: the public interface
 * alone. Requests that would place an order are refused, so that what is placed came by stream. */
#include "keel/keel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NO_REQUESTS                                                                                \
    "{\"action\":\"503-unavailable\",\"method\":\"POST\",\"path\":\"/fapi/v1/order\","             \
    "\"times\":99}\n"

struct outcome {
    int calls;
    bool done;
    enum keel_fate fate;
    struct keel_error error;
    struct keel_order order;
};

struct fixture {
    struct keel_paper *paper;
    struct keel_client *client;
    keel_market_id market;
    struct keel_order told; /* the newest word on any order */
    int executions;
};

static void on_order(void *user, const struct keel_order *order)
{
    ((struct fixture *)user)->told = *order;
}

static void on_execution(void *user, const struct keel_execution *execution)
{
    (void)execution;
    ((struct fixture *)user)->executions++;
}

static void on_result(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->calls++;
    outcome->done = true;
    outcome->fate = result->fate;
    outcome->error = result->error;
    if (result->order)
        outcome->order = *result->order;
}

static void open_paper(struct fixture *fixture, const char *faults)
{
    struct keel_error error = {0};
    struct keel_paper_config config = keel_paper_config_init();
    config.listen = "127.0.0.1:0";
    config.speed = KEEL_PAPER_SPEED_MANUAL;
    config.seed = 7;
    char path[] = "/tmp/keel-faults-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, faults, strlen(faults)), strlen(faults));
    close(file);
    config.faults = path;
    fixture->paper = keel_paper_open(&config, &error);
    unlink(path);
    if (!fixture->paper)
        fail_msg("%s", error.message);
}

static struct keel_private *exchange_of(struct fixture *fixture)
{
    return keel_futures_base(keel_client_futures(fixture->client));
}

static void turn_loop(struct fixture *fixture, int64_t ms)
{
    assert_int_equal(keel_client_run(fixture->client, NULL, ms), KEEL_UNKNOWN);
}

static void set_up(struct fixture *fixture, const char *faults)
{
    static const char *const symbols[] = {"BTC/USDT:USDT"};
    struct keel_error error = {0};
    *fixture = (struct fixture){0};
    open_paper(fixture, faults);
    struct keel_config config = keel_config_init();
    config.venue = "binance";
    config.url = keel_paper_url(fixture->paper);
    config.api_key = keel_paper_api_key(fixture->paper, 0);
    config.api_secret = keel_paper_api_secret(fixture->paper, 0);
    config.symbols = symbols;
    config.symbol_count = 1;
    config.order_entry = KEEL_ENTRY_STREAM;
    config.handlers =
        (struct keel_handlers){.user = fixture, .on_order = on_order, .on_execution = on_execution};
    fixture->client = keel_client_new(&config, &error);
    if (!fixture->client || keel_client_start(fixture->client, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    fixture->market =
        keel_markets_find(keel_private_markets(exchange_of(fixture)), KEEL_STR("BTC/USDT:USDT"));
    turn_loop(fixture, 300); /* a mark comes */
}

static void tear_down(struct fixture *fixture)
{
    keel_client_free(fixture->client);
    assert_true(keel_paper_is_conserved(fixture->paper));
    keel_paper_close(fixture->paper);
}

static void place(struct fixture *fixture, const char *quantity, struct outcome *outcome)
{
    struct keel_error error = {0};
    struct keel_order_request request = keel_order_request_init();
    request.market = fixture->market;
    request.side = KEEL_BUY;
    request.type = KEEL_MARKET;
    request.quantity = keel_decimal_from_text(quantity);
    *outcome = (struct outcome){0};
    if (keel_futures_place_order(keel_client_futures(fixture->client), &request, on_result, outcome,
                                 &error) != KEEL_OK)
        fail_msg("%s", error.message);
    assert_int_equal(keel_client_run(fixture->client, &outcome->done, 10000), KEEL_OK);
}

static int32_t unsettled(struct fixture *fixture)
{
    struct keel_statistics statistics;
    keel_private_statistics(exchange_of(fixture), &statistics);
    return statistics.unsettled;
}

static void await_settled(struct fixture *fixture)
{
    for (int turn = 0; turn < 1000 && unsettled(fixture) > 0; turn++)
        turn_loop(fixture, 10);
    assert_int_equal(unsettled(fixture), 0);
}

static void assert_position(struct fixture *fixture, const char *quantity)
{
    struct keel_position position;
    char text[KEEL_DECIMAL_TEXT_SIZE];
    turn_loop(fixture, 300);
    assert_int_equal(keel_futures_position(keel_client_futures(fixture->client), fixture->market,
                                           KEEL_NET, false, &position, NULL),
                     KEEL_OK);
    keel_decimal_format(position.quantity, text);
    assert_string_equal(text, quantity);
}

static void orders_leave_on_the_stream_and_are_amended_and_cancelled_there(void **state)
{
    (void)state;
    struct fixture fixture;
    struct outcome outcome;
    struct keel_error error;
    set_up(&fixture, NO_REQUESTS);
    place(&fixture, "0.01", &outcome);
    if (outcome.fate != KEEL_ACCEPTED)
        fail_msg("%s", outcome.error.message);
    assert_position(&fixture, "0.01");

    struct keel_order_request request = keel_order_request_init();
    request.market = fixture.market;
    request.side = KEEL_BUY;
    request.type = KEEL_LIMIT;
    request.quantity = keel_decimal_from_text("0.01");
    request.price = keel_decimal_from_text("50000");
    outcome = (struct outcome){0};
    assert_int_equal(keel_futures_place_order(keel_client_futures(fixture.client), &request,
                                              on_result, &outcome, &error),
                     KEEL_OK);
    assert_int_equal(keel_client_run(fixture.client, &outcome.done, 10000), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    struct keel_order_ref ref = {.market = fixture.market, .family = KEEL_FAMILY_REGULAR};
    memcpy(ref.client_id, outcome.order.client_id, sizeof(ref.client_id));
    outcome = (struct outcome){0};
    assert_int_equal(
        keel_private_cancel_order(exchange_of(&fixture), &ref, on_result, &outcome, &error),
        KEEL_OK);
    assert_int_equal(keel_client_run(fixture.client, &outcome.done, 10000), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(outcome.order.status, KEEL_ORDER_CANCELED);
    tear_down(&fixture);
}

static void an_answer_that_is_cut_leaves_one_order_and_its_fate_is_found(void **state)
{
    (void)state;
    struct fixture fixture;
    struct outcome outcome;
    set_up(&fixture, NO_REQUESTS
           "{\"action\":\"cut\",\"of\":\"frame\",\"stream\":\"api\",\"byte\":20,\"times\":1}\n");
    place(&fixture, "0.01", &outcome);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    await_settled(&fixture);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(fixture.told.status, KEEL_ORDER_FILLED);
    assert_int_equal(fixture.executions, 1);
    assert_position(&fixture, "0.01");
    turn_loop(&fixture, 2000); /* the stream comes back */
    place(&fixture, "0.02", &outcome);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_position(&fixture, "0.03");
    tear_down(&fixture);
}

static void an_answer_that_comes_twice_is_one_verdict(void **state)
{
    (void)state;
    struct fixture fixture;
    struct outcome outcome;
    set_up(&fixture, NO_REQUESTS "{\"action\":\"duplicate\",\"stream\":\"api\"}\n");
    place(&fixture, "0.01", &outcome);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_position(&fixture, "0.01");
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(fixture.executions, 1);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_leave_on_the_stream_and_are_amended_and_cancelled_there),
        cmocka_unit_test(an_answer_that_is_cut_leaves_one_order_and_its_fate_is_found),
        cmocka_unit_test(an_answer_that_comes_twice_is_one_verdict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What waits for what, what is due, and what a stop and a start do to it. */
#include "scripted_venue.h"

static int32_t unsettled(const struct venue *venue)
{
    struct keel_statistics statistics;
    keel_private_statistics(venue->base, &statistics);
    return statistics.unsettled;
}

static struct venue *new_trading_venue(void)
{
    struct venue *venue = new_live_venue();
    send_mark(venue, "BTCUSDT", "20000.0");
    send_account(venue, "10000", "BTCUSDT", "0.1", "20000");
    return venue;
}

static void place(struct venue *venue, const struct keel_order_request *request,
                  struct outcome *outcome)
{
    struct keel_error error = {0};
    if (keel_futures_place_order(venue->futures, request, note_result, outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
}

/* The last order that the venue takes in these ten seconds; its client id. */
static const char *use_up_orders(struct venue *venue)
{
    static char client_id[KEEL_CLIENT_ID_SIZE];
    struct outcome outcome = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 1);
    place(venue, &request, &outcome);
    settle(venue);
    struct seen seen = venue->held[--venue->held_count];
    struct keel_transport transport = {
        .kind = KEEL_TRANSPORT_REPLIED,
        .reply = {.http_status = 200,
                  .body = keel_str_from(default_reply(venue, &seen)),
                  .headers = KEEL_STR("X-MBX-ORDER-COUNT-10S: 300\r\n")},
    };
    keel_private_on_transport(venue->base, seen.id, &transport);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    copy_param(&seen, "newClientOrderId", client_id, sizeof(client_id));
    return client_id;
}

static void cancel(struct venue *venue, const char *client_id, struct outcome *outcome)
{
    struct keel_error error = {0};
    struct keel_order_ref ref = {.market = market_of(venue, "BTCUSDT")};
    snprintf(ref.client_id, sizeof(ref.client_id), "%s", client_id);
    if (keel_private_cancel_order(venue->base, &ref, note_result, outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
}

static void a_cancel_passes_an_order_that_its_limit_holds_back(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct outcome held = {0}, canceled = {0};
    const char *client_id = use_up_orders(venue);
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_SELL, "0.05", "21000");

    request.reduce_only = true;
    place(venue, &request, &held);
    settle(venue);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    add_rule(venue, "DELETE", "/v1/order", RULE_HOLD, 0, NULL, 0);
    cancel(venue, client_id, &canceled);
    settle(venue);
    assert_int_equal(count_seen(venue, "DELETE", "/v1/order"), 1);
    assert_int_equal(held.calls, 0);
    advance(venue, 10000);
    assert_int_equal(count_seen(venue, "POST", "/order"), 2);
    assert_int_equal(held.fate, KEEL_ACCEPTED);
    free_venue(venue);
}

static void a_cancel_does_not_overtake_the_order_that_it_is_about(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct outcome held = {0}, canceled = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.05", "19000");

    use_up_orders(venue);
    snprintf(request.client_id, sizeof(request.client_id), "waiting");
    place(venue, &request, &held);
    cancel(venue, "waiting", &canceled);
    settle(venue);
    add_rule(venue, "DELETE", "/v1/order", RULE_HOLD, 0, NULL, 0);
    assert_int_equal(count_seen(venue, "DELETE", "/v1/order"), 0);
    advance(venue, 10000);
    assert_int_equal(count_seen(venue, "POST", "/order"), 2);
    assert_int_equal(count_seen(venue, "DELETE", "/v1/order"), 1);
    free_venue(venue);
}

struct watching {
    struct venue *venue;
    int32_t unsettled;
};

static void note_unsettled(void *user, const struct keel_result *result)
{
    struct watching *watching = user;
    (void)result;
    watching->unsettled = unsettled(watching->venue);
}

static void a_command_is_unsettled_until_its_callback(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct watching watching = {.venue = venue, .unsettled = -1};
    struct keel_error error;
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 1);
    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_unsettled, &watching, &error),
        KEEL_OK);
    assert_int_equal(unsettled(venue), 1);
    settle(venue);
    assert_int_equal(unsettled(venue), 1);
    answer_held(venue, 200, NULL);
    assert_int_equal(watching.unsettled, 0);
    assert_int_equal(unsettled(venue), 0);
    free_venue(venue);
}

static void start_again(struct venue *venue)
{
    struct keel_error error;
    assert_int_equal(keel_private_start(venue->base, &error), KEEL_OK);
    settle(venue);
}

static const char not_found[] = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";

static void what_was_unknown_at_a_stop_is_asked_about_after_a_start(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct outcome outcome = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "POST", "/order", RULE_LOST, 0, NULL, 1);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    place(venue, &request, &outcome);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    keel_private_stop(venue->base);
    settle(venue);
    assert_int_equal(unsettled(venue), 1);
    int asked = count_seen(venue, "GET", "/v1/order");
    advance(venue, 60000);
    assert_int_equal(count_seen(venue, "GET", "/v1/order"), asked);
    start_again(venue);
    advance(venue, 30000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_true(count_seen(venue, "GET", "/v1/order") > asked);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_REJECTED);
    free_venue(venue);
}

static void what_was_in_flight_at_a_stop_is_settled_by_its_late_answer(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct outcome outcome = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 1);
    place(venue, &request, &outcome);
    settle(venue);
    keel_private_stop(venue->base);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(unsettled(venue), 1);
    answer_held(venue, 200, NULL);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_NEW);
    free_venue(venue);
}

static void what_was_in_flight_at_a_stop_and_got_no_answer_is_asked_about(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct outcome outcome = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 1);
    place(venue, &request, &outcome);
    settle(venue);
    struct seen seen = venue->held[--venue->held_count];
    keel_private_stop(venue->base);
    settle(venue);
    fail_request(venue, seen.id, KEEL_TRANSPORT_LOST);
    assert_int_equal(unsettled(venue), 1);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    start_again(venue);
    advance(venue, 60000);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(outcome.calls, 1);
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancel_passes_an_order_that_its_limit_holds_back),
        cmocka_unit_test(a_cancel_does_not_overtake_the_order_that_it_is_about),
        cmocka_unit_test(a_command_is_unsettled_until_its_callback),
        cmocka_unit_test(what_was_unknown_at_a_stop_is_asked_about_after_a_start),
        cmocka_unit_test(what_was_in_flight_at_a_stop_is_settled_by_its_late_answer),
        cmocka_unit_test(what_was_in_flight_at_a_stop_and_got_no_answer_is_asked_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

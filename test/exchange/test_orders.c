/* The life of an order: accepted, rejected, failed, unknown. */
#include "scripted_venue.h"

static const char not_found[] = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";

static struct keel_order_ref ref_of(const struct keel_order *order)
{
    struct keel_order_ref ref = {.market = order->market, .family = order->family};
    memcpy(ref.order_id, order->order_id, sizeof(ref.order_id));
    memcpy(ref.client_id, order->client_id, sizeof(ref.client_id));
    return ref;
}

static void place(struct venue *venue, struct outcome *outcome)
{
    struct keel_error error = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    enum keel_status status =
        keel_futures_place_order(venue->futures, &request, note_result, outcome, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    assert_int_equal(outcome->calls, 0);
}

static int32_t open_count(const struct venue *venue)
{
    enum keel_status status;
    return (int32_t)keel_private_open_orders(venue->base, KEEL_NO_MARKET, false, NULL, 0, &status);
}

static void an_accepted_order_is_open_and_answered_once(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_order order;
    enum keel_status status;

    place(venue, &outcome);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(outcome.error.status, KEEL_OK);
    assert_string_equal(outcome.order.order_id, "1001");
    assert_int_equal(
        keel_private_open_orders(venue->base, KEEL_NO_MARKET, false, &order, 1, &status), 1);
    assert_int_equal(order.status, KEEL_ORDER_NEW);
    assert_int_equal(venue->order_count, 1);
    free_venue(venue);
}

static void a_rejected_order_is_done_and_gives_back_its_margin(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_margin_info before, after;
    struct keel_error error;

    assert_int_equal(keel_futures_margin(venue->futures, KEEL_NO_MARKET, false, &before, &error),
                     KEEL_OK);
    add_rule(venue, "POST", "/order", RULE_REPLY, 400,
             "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", 0);
    place(venue, &outcome);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    assert_int_equal(outcome.error.status, KEEL_REJECTED);
    assert_int_equal(outcome.error.venue_code, -2019);
    assert_int_equal(open_count(venue), 0);
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_REJECTED);
    assert_int_equal(keel_futures_margin(venue->futures, KEEL_NO_MARKET, false, &after, &error),
                     KEEL_OK);
    assert_true(keel_decimal_equals(before.available, after.available));
    free_venue(venue);
}

static void an_order_that_never_left_has_failed(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};

    add_rule(venue, "POST", "/order", RULE_NOT_SENT, 0, NULL, 0);
    place(venue, &outcome);
    settle(venue);
    advance(venue, 5000);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    assert_int_equal(count_seen(venue, "GET", "/order"), 0);
    assert_int_equal(open_count(venue), 0);
    free_venue(venue);
}

static void the_gates_refusal_calls_nobody(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.0105", "19000");

    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error),
        KEEL_QUANTITY_STEP);
    settle(venue);
    assert_int_equal(outcome.calls, 0);
    assert_int_equal(count_seen(venue, "POST", "/order"), 0);
    free_venue(venue);
}

static void b01_an_unknown_order_is_asked_for_by_client_id_and_never_sent_again(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_statistics statistics;

    add_rule(venue, "POST", "/order", RULE_REPLY, 408,
             "{\"code\":-1007,\"msg\":\"Timeout waiting for response from backend server.\"}", 0);
    add_rule(venue, "GET", "/order", RULE_HOLD, 0, NULL, 0);
    place(venue, &outcome);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(outcome.error.status, KEEL_UNKNOWN);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.unsettled, 1);
    assert_int_equal(open_count(venue), 1);
    assert_int_equal(count_seen(venue, "GET", "/order"), 0);

    advance(venue, 500);
    assert_int_equal(count_seen(venue, "GET", "/order"), 1);
    const struct seen *question = last_seen(venue, "GET", "/order");
    char client_id[48];
    copy_param(question, "origClientOrderId", client_id, sizeof(client_id));
    assert_string_equal(client_id, param(last_seen(venue, "POST", "/order"), "newClientOrderId"));
    answer_held(venue, 200,
                order_reply(venue, last_seen(venue, "POST", "/order"), "NEW", "0", "0"));
    settle(venue);
    advance(venue, 60000);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.unsettled, 0);
    assert_int_equal(open_count(venue), 1);
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_NEW);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    assert_int_equal(outcome.calls, 1);
    free_venue(venue);
}

static void an_order_not_found_too_early_proves_nothing(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};

    add_rule(venue, "POST", "/order", RULE_LOST, 0, NULL, 0);
    add_rule(venue, "GET", "/order", RULE_REPLY, 400, not_found, 0);
    place(venue, &outcome);
    settle(venue);
    advance(venue, 1900);
    assert_true(count_seen(venue, "GET", "/order") >= 2);
    assert_int_equal(open_count(venue), 1);
    assert_int_equal(count_seen(venue, "GET", "/userTrades"), 0);

    advance(venue, 5000);
    assert_int_equal(count_seen(venue, "GET", "/userTrades"), 1);
    assert_int_equal(open_count(venue), 0);
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_REJECTED);
    int asked = count_seen(venue, "GET", "/order");
    advance(venue, 60000);
    assert_int_equal(count_seen(venue, "GET", "/order"), asked);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    free_venue(venue);
}

static void b04_transport_errors_never_count_towards_a_lost_order(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_statistics statistics;

    add_rule(venue, "POST", "/order", RULE_LOST, 0, NULL, 0);
    add_rule(venue, "GET", "/order", RULE_NOT_SENT, 0, NULL, 0);
    place(venue, &outcome);
    advance(venue, 10 * 60 * 1000);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.unsettled, 1);
    assert_int_equal(open_count(venue), 1);
    int asked = count_seen(venue, "GET", "/order");
    assert_in_range(asked, 20, 60);

    drop_rules(venue);
    add_rule(venue, "GET", "/order", RULE_HOLD, 0, NULL, 1);
    advance(venue, 31000);
    answer_held(venue, 200,
                order_reply(venue, last_seen(venue, "POST", "/order"), "CANCELED", "0", "0"));
    settle(venue);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.unsettled, 0);
    assert_int_equal(open_count(venue), 0);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    free_venue(venue);
}

static void a_duplicate_id_is_evidence_of_acceptance(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};

    add_rule(venue, "POST", "/order", RULE_REPLY, 400,
             "{\"code\":-4116,\"msg\":\"ClientOrderId is duplicated.\"}", 0);
    add_rule(venue, "GET", "/order", RULE_HOLD, 0, NULL, 0);
    place(venue, &outcome);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(open_count(venue), 1);
    advance(venue, 300);
    answer_held(venue, 200,
                order_reply(venue, last_seen(venue, "POST", "/order"), "NEW", "0", "0"));
    settle(venue);
    assert_int_equal(open_count(venue), 1);
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_NEW);
    free_venue(venue);
}

static void a_conditional_order_is_asked_for_at_its_own_family(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error = {0};
    struct keel_order_request request = market_order(venue, "BTCUSDT", KEEL_BUY, "0.01");

    request.type = KEEL_STOP_MARKET;
    request.trigger_price = dec("21000");
    add_rule(venue, "POST", "/algoOrder", RULE_LOST, 0, NULL, 0);
    add_rule(venue, "GET", "/algoOrder", RULE_HOLD, 0, NULL, 0);
    enum keel_status status =
        keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    advance(venue, 300);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(count_seen(venue, "GET", "/algoOrder"), 1);
    assert_int_equal(count_seen(venue, "GET", "/v1/order"), 0);
    free_venue(venue);
}

static void fills_count_once_and_a_late_fill_after_cancel_still_counts(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_statistics statistics;

    place(venue, &outcome);
    settle(venue);
    struct fill fill = {.symbol = "BTCUSDT",
                        .client_id = outcome.order.client_id,
                        .order_id = 1001,
                        .trade_id = 1,
                        .side = "BUY",
                        .type = "LIMIT",
                        .status = "PARTIALLY_FILLED",
                        .quantity = "0.010",
                        .price = "19000",
                        .last = "0.004",
                        .at = "19000",
                        .filled = "0.004",
                        .fee = "0.0152",
                        .pnl = "0"};
    send_fill(venue, &fill);
    send_fill(venue, &fill);
    assert_int_equal(venue->execution_count, 1);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.executions, 1);
    assert_true(statistics.duplicates >= 1);

    add_rule(venue, "DELETE", "/order", RULE_HOLD, 0, NULL, 1);
    struct keel_order_ref ref = ref_of(&outcome.order);
    struct outcome canceled = {0};
    struct keel_error error;
    assert_int_equal(keel_private_cancel_order(venue->base, &ref, note_result, &canceled, &error),
                     KEEL_OK);
    settle(venue);
    answer_held(
        venue, 200,
        order_reply(venue, last_seen(venue, "POST", "/order"), "CANCELED", "0.004", "19000"));
    settle(venue);
    assert_int_equal(canceled.fate, KEEL_ACCEPTED);
    fill.trade_id = 2;
    fill.filled = "0.010";
    fill.last = "0.006";
    fill.status = "FILLED";
    send_fill(venue, &fill);
    assert_int_equal(venue->execution_count, 2);
    free_venue(venue);
}

static void an_unknown_cancel_is_asked_about(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome placed = {0}, outcome = {0};
    struct keel_error error;

    place(venue, &placed);
    settle(venue);
    struct keel_order_ref ref = ref_of(&placed.order);
    add_rule(venue, "DELETE", "/order", RULE_LOST, 0, NULL, 0);
    add_rule(venue, "GET", "/order", RULE_HOLD, 0, NULL, 0);
    assert_int_equal(keel_private_cancel_order(venue->base, &ref, note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(open_count(venue), 1);
    advance(venue, 300);
    venue->next_order_id = 1001;
    answer_held(venue, 200,
                order_reply(venue, last_seen(venue, "POST", "/order"), "CANCELED", "0", "0"));
    settle(venue);
    assert_int_equal(open_count(venue), 0);
    assert_int_equal(count_seen(venue, "DELETE", "/order"), 1);
    assert_true(has_log(venue, "cancel_order, unknown before, is accepted"));
    free_venue(venue);
}

static void cancel_all_answers_once_with_the_worse_of_both_families(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;

    add_rule(venue, "DELETE", "/algoOpenOrders", RULE_REPLY, 400,
             "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}", 1);
    assert_int_equal(keel_private_cancel_all(venue->base, market_of(venue, "BTCUSDT"), note_result,
                                             &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    assert_int_equal(outcome.error.venue_code, -1022);

    outcome.calls = 0;
    assert_int_equal(keel_private_cancel_all(venue->base, market_of(venue, "BTCUSDT"), note_result,
                                             &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    free_venue(venue);
}

static void get_order_asks_here_first_then_one_family_then_the_other(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome placed = {0}, outcome = {0};
    struct keel_error error;

    place(venue, &placed);
    settle(venue);
    struct keel_order_ref ref = ref_of(&placed.order);
    assert_int_equal(keel_private_get_order(venue->base, &ref, note_result, &outcome, &error),
                     KEEL_OK);
    assert_int_equal(outcome.calls, 0);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_string_equal(outcome.order.order_id, "1001");
    assert_int_equal(count_seen(venue, "GET", "/order"), 0);

    struct keel_order_ref other = {.market = ref.market};
    memcpy(other.client_id, "elsewhere", sizeof("elsewhere"));
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    add_rule(venue, "GET", "/algoOrder", RULE_REPLY, 400, not_found, 0);
    assert_int_equal(keel_private_get_order(venue->base, &other, note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.calls, 2);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    assert_int_equal(outcome.error.status, KEEL_NOT_FOUND);
    assert_int_equal(count_seen(venue, "GET", "/v1/order"), 1);
    assert_int_equal(count_seen(venue, "GET", "/algoOrder"), 1);
    free_venue(venue);
}

static void a_completed_order_is_found_without_asking(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome placed = {0}, outcome = {0};
    struct keel_error error;
    struct keel_order orders[4];

    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 1);
    place(venue, &placed);
    settle(venue);
    answer_held(venue, 200,
                order_reply(venue, last_seen(venue, "POST", "/order"), "EXPIRED", "0", "0"));
    assert_int_equal(placed.fate, KEEL_ACCEPTED);
    assert_int_equal(keel_private_completed_orders(venue->base, KEEL_NO_MARKET, orders, 4), 1);
    assert_int_equal(orders[0].status, KEEL_ORDER_EXPIRED);
    struct keel_order_ref ref = {.market = orders[0].market};
    memcpy(ref.order_id, orders[0].order_id, sizeof(ref.order_id));
    assert_int_equal(keel_private_get_order(venue->base, &ref, note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.order.status, KEEL_ORDER_EXPIRED);
    assert_int_equal(count_seen(venue, "GET", "/order"), 0);
    free_venue(venue);
}

static void an_amendment_keeps_what_is_not_said(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome placed = {0}, outcome = {0};
    struct keel_error error = {0};

    place(venue, &placed);
    settle(venue);
    add_rule(venue, "PUT", "/order", RULE_HOLD, 0, NULL, 1);
    struct keel_order_ref ref = {.market = placed.order.market};
    memcpy(ref.client_id, placed.order.client_id, sizeof(ref.client_id));
    enum keel_status status = keel_private_amend_order(venue->base, &ref, KEEL_DECIMAL_ABSENT,
                                                       dec("18500"), note_result, &outcome, &error);
    if (status != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    const struct seen *seen = last_seen(venue, "PUT", "/order");
    assert_string_equal(param(seen, "side"), "BUY");
    assert_string_equal(param(seen, "quantity"), "0.01");
    assert_string_equal(param(seen, "price"), "18500");

    memcpy(ref.client_id, "elsewhere", sizeof("elsewhere"));
    assert_int_equal(keel_private_amend_order(venue->base, &ref, KEEL_DECIMAL_ABSENT, dec("18500"),
                                              NULL, NULL, &error),
                     KEEL_NOT_FOUND);
    free_venue(venue);
}

static void place_another(void *user, const struct keel_result *result)
{
    struct venue *venue = user;
    struct keel_error error = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.02", "18000");

    assert_int_equal(result->fate, KEEL_ACCEPTED);
    assert_int_equal(keel_futures_place_order(venue->futures, &request, NULL, NULL, &error),
                     KEEL_OK);
}

static void a_callback_may_place_an_order(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_error error;
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, place_another, venue, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(count_seen(venue, "POST", "/order"), 2);
    assert_int_equal(open_count(venue), 2);
    free_venue(venue);
}

static void commands_beyond_the_bound_are_refused_before_anything_changed(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_error error;
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.001", "15000");
    int placed = 0;
    enum keel_status status;

    add_rule(venue, "POST", "/order", RULE_HOLD, 0, NULL, 0);
    while ((status = keel_futures_place_order(venue->futures, &request, NULL, NULL, &error)) ==
           KEEL_OK)
        placed++;
    if (status != KEEL_FULL && status != KEEL_OPEN_ORDERS)
        fail_msg("%s", error.message);
    assert_int_equal(open_count(venue), placed);
    drain(venue);
    assert_int_equal(venue->held_count, 64);
    free_venue(venue);
}

static void a_dry_run_sends_nothing_and_changes_nothing(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_error error;
    struct keel_encoded encoded;
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};

    command.place = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    assert_int_equal(keel_private_dry_run(venue->base, &command, &encoded, &error), KEEL_OK);
    assert_string_equal(encoded.method, "POST");
    assert_string_equal(encoded.path, "/fapi/v1/order");
    assert_non_null(strstr(encoded.body, "symbol=BTCUSDT"));
    settle(venue);
    assert_int_equal(count_seen(venue, "POST", "/order"), 0);
    assert_int_equal(open_count(venue), 0);
    command.place.quantity = dec("0.0001");
    assert_int_not_equal(keel_private_dry_run(venue->base, &command, &encoded, &error), KEEL_OK);
    command.place.quantity = dec("0.01");
    command.place.reduce_only = true; /* the venue's to refuse, were it not ours */
    assert_int_equal(keel_private_dry_run(venue->base, &command, &encoded, &error),
                     KEEL_REDUCE_ONLY);
    free_venue(venue);
}

static void a_timestamp_is_taken_when_the_request_leaves(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};

    place(venue, &outcome);
    set_time(venue, venue->now_ns + 700 * INT64_C(1000000));
    drain(venue);
    assert_string_equal(param(last_seen(venue, "POST", "/order"), "timestamp"), "1700000000700");
    free_venue(venue);
}

static void loads_answer_their_caller_and_are_applied(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error;
    struct keel_command command = {.kind = KEEL_LOAD_EXECUTIONS};
    struct keel_execution executions[4];

    advance(venue, 10000);
    add_rule(
        venue, "GET", "/userTrades", RULE_REPLY, 200,
        "[{\"symbol\":\"BTCUSDT\",\"id\":77,\"orderId\":5,\"side\":\"BUY\",\"price\":\"20000\","
        "\"qty\":\"0.1\",\"realizedPnl\":\"0\",\"quoteQty\":\"2000\",\"commission\":\"1\","
        "\"commissionAsset\":\"USDT\",\"time\":1690000000000,\"buyer\":true,\"maker\":false,"
        "\"positionSide\":\"BOTH\"}]",
        1);
    command.page.market = market_of(venue, "BTCUSDT");
    assert_int_equal(keel_private_load(venue->base, &command, note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(keel_private_executions(venue->base, KEEL_NO_MARKET, executions, 4), 1);
    assert_string_equal(executions[0].trade_id, "77");
    command.kind = KEEL_PLACE_ORDER;
    assert_int_equal(keel_private_load(venue->base, &command, NULL, NULL, &error), KEEL_INVALID);

    add_rule(venue, "GET", "/userTrades", RULE_LOST, 0, NULL, 0);
    command.kind = KEEL_LOAD_EXECUTIONS;
    assert_int_equal(keel_private_load(venue->base, &command, note_result, &outcome, &error),
                     KEEL_OK);
    advance(venue, 20000);
    assert_int_equal(outcome.calls, 2);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    assert_int_equal(count_seen(venue, "GET", "/userTrades"), 6);
    free_venue(venue);
}

static void an_order_that_expired_tells_why(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_order order;
    char text[1024];

    place(venue, &outcome);
    settle(venue);
    snprintf(text, sizeof(text),
             "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":%lld,\"T\":%lld,\"o\":{\"s\":\"BTCUSDT\","
             "\"c\":\"%s\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"0.010\","
             "\"p\":\"19000\",\"ap\":\"0\",\"sp\":\"0\",\"x\":\"EXPIRED\",\"X\":\"EXPIRED\","
             "\"i\":1001,\"l\":\"0\",\"z\":\"0\",\"L\":\"0\",\"T\":%lld,\"t\":0,\"m\":false,"
             "\"R\":false,\"wt\":\"CONTRACT_PRICE\",\"ot\":\"LIMIT\",\"ps\":\"BOTH\","
             "\"cp\":false,\"rp\":\"0\",\"er\":\"2\"}}",
             (long long)venue->wall_ms + 10, (long long)venue->wall_ms + 10,
             outcome.order.client_id, (long long)venue->wall_ms + 10);
    send_frame(venue, KEEL_STREAM_USER, text);
    assert_int_equal(keel_private_completed_orders(venue->base, outcome.order.market, &order, 1),
                     1);
    assert_int_equal(order.status, KEEL_ORDER_EXPIRED);
    assert_string_equal(order.reason, "ioc_remainder");
    assert_int_equal(order.source, KEEL_SOURCE_STREAM);
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_that_expired_tells_why),
        cmocka_unit_test(an_accepted_order_is_open_and_answered_once),
        cmocka_unit_test(a_rejected_order_is_done_and_gives_back_its_margin),
        cmocka_unit_test(an_order_that_never_left_has_failed),
        cmocka_unit_test(the_gates_refusal_calls_nobody),
        cmocka_unit_test(b01_an_unknown_order_is_asked_for_by_client_id_and_never_sent_again),
        cmocka_unit_test(an_order_not_found_too_early_proves_nothing),
        cmocka_unit_test(b04_transport_errors_never_count_towards_a_lost_order),
        cmocka_unit_test(a_duplicate_id_is_evidence_of_acceptance),
        cmocka_unit_test(a_conditional_order_is_asked_for_at_its_own_family),
        cmocka_unit_test(fills_count_once_and_a_late_fill_after_cancel_still_counts),
        cmocka_unit_test(an_unknown_cancel_is_asked_about),
        cmocka_unit_test(cancel_all_answers_once_with_the_worse_of_both_families),
        cmocka_unit_test(get_order_asks_here_first_then_one_family_then_the_other),
        cmocka_unit_test(a_completed_order_is_found_without_asking),
        cmocka_unit_test(an_amendment_keeps_what_is_not_said),
        cmocka_unit_test(a_callback_may_place_an_order),
        cmocka_unit_test(commands_beyond_the_bound_are_refused_before_anything_changed),
        cmocka_unit_test(a_dry_run_sends_nothing_and_changes_nothing),
        cmocka_unit_test(a_timestamp_is_taken_when_the_request_leaves),
        cmocka_unit_test(loads_answer_their_caller_and_are_applied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

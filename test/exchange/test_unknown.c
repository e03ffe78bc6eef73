/* What settles an order of which no answer came, on venues that know it by other means. */
#include "scripted_venue.h"

#define CLIENT_ID_LIFE_MS 60000
#define UNFILLED_LIFE_MS  600000

static const char not_found[] = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";

/* Each test's venue: the wire of the others, with other facts. */
static struct keel_venue forgetful;

/* One that knows conditional orders by its own ids alone, and lists those that are done. */
static enum keel_status
encode_by_own_id(const struct keel_command *command, const struct keel_markets *markets,
                 const struct keel_modes *modes, const struct keel_keys *keys, int64_t time_ms,
                 int64_t receive_window_ms, struct keel_request *request, struct keel_error *error)
{
    bool conditional = command->order.family == KEEL_FAMILY_CONDITIONAL;
    if (command->kind == KEEL_QUERY_ORDER && conditional && command->order.order_id[0] == '\0')
        return keel_fail(error, KEEL_UNSUPPORTED, "by its own id alone");
    return keel_venue_binance.encode(command, markets, modes, keys, time_ms, receive_window_ms,
                                     request, error);
}

static struct venue *new_forgetful_venue(void)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    forgetful = keel_venue_binance;
    forgetful.client_id_life_ms = CLIENT_ID_LIFE_MS;
    forgetful.unfilled_life_ms = UNFILLED_LIFE_MS;
    forgetful.encode = encode_by_own_id;
    config.venue = &forgetful;
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    config.client_id_first = 10;
    config.recovery.numbers_end = 10010;
    venue = new_venue_with(&config, venue);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    send_mark(venue, "BTCUSDT", "20000.0");
    return venue;
}

static int32_t unsettled(const struct venue *venue)
{
    struct keel_statistics statistics;
    keel_private_statistics(venue->base, &statistics);
    return statistics.unsettled;
}

static struct keel_order_request stop_order(const struct venue *venue)
{
    struct keel_order_request request = market_order(venue, "BTCUSDT", KEEL_BUY, "0.01");
    request.type = KEEL_STOP_MARKET;
    request.trigger_price = dec("21000");
    return request;
}

/* Leaves, and no answer comes: so many are unsettled then. Its client id. */
static const char *place_unknown(struct venue *venue, const struct keel_order_request *request,
                                 const char *path, int32_t count)
{
    static char client_id[KEEL_CLIENT_ID_SIZE];
    struct outcome outcome = {0};
    struct keel_error error = {0};
    add_rule(venue, "POST", path, RULE_LOST, 0, NULL, 1);
    if (keel_futures_place_order(venue->futures, request, note_result, &outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(unsettled(venue), count);
    copy_param(last_seen(venue, "POST", path),
               strstr(path, "algo") != NULL ? "clientAlgoId" : "newClientOrderId", client_id,
               sizeof(client_id));
    return client_id;
}

/* Does the last verdict that is kept say so? */
static bool has_reason(const struct venue *venue, const char *words)
{
    const struct keel_verdict *last = NULL;
    for (int i = 0; i < venue->record_count && i < RECORDED_MAX; i++) {
        if (venue->records[i].kind == KEEL_RECORD_OUTCOME)
            last = &venue->records[i].verdict;
    }
    return last != NULL && strstr(last->error.message, words) != NULL;
}

static const char *order_row(const struct venue *venue, const char *client_id, const char *status)
{
    static char text[1024];
    snprintf(text, sizeof(text),
             "[{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"%s\",\"clientOrderId\":\"%s\","
             "\"price\":\"19000\",\"avgPrice\":\"0.00\",\"origQty\":\"0.01\",\"executedQty\":\"0\","
             "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"reduceOnly\":false,"
             "\"closePosition\":false,\"side\":\"BUY\",\"positionSide\":\"BOTH\","
             "\"stopPrice\":\"0\",\"workingType\":\"CONTRACT_PRICE\",\"origType\":\"LIMIT\","
             "\"time\":%lld,\"updateTime\":%lld}]",
             status, client_id, (long long)venue->wall_ms, (long long)venue->wall_ms);
    return text;
}

static enum keel_order_status status_of(const struct venue *venue, const char *client_id)
{
    for (int i = venue->order_count - 1; i >= 0; i--) {
        if (strcmp(venue->orders[i].client_id, client_id) == 0)
            return venue->orders[i].status;
    }
    return KEEL_ORDER_STATUS_NONE;
}

static void past_the_life_of_its_id_an_order_is_found_in_the_history(void **state)
{
    (void)state;
    struct venue *venue = new_forgetful_venue();
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    const char *client_id = place_unknown(venue, &request, "/order", 1);
    char row[1024];

    snprintf(row, sizeof(row), "%s", order_row(venue, client_id, "CANCELED"));
    add_rule(venue, "GET", "/v1/order", RULE_LOST, 0, NULL, 0);
    advance(venue, CLIENT_ID_LIFE_MS);
    assert_int_equal(unsettled(venue), 1);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    add_rule(venue, "GET", "/allOrders", RULE_REPLY, 200, row, 0);
    advance(venue, 60000);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(status_of(venue, client_id), KEEL_ORDER_CANCELED);
    assert_true(has_log(venue, "place_order, unknown before, is accepted"));
    free_venue(venue);
}

static void in_neither_list_it_has_failed_and_the_reason_says_what_was_looked_at(void **state)
{
    (void)state;
    struct venue *venue = new_forgetful_venue();
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    const char *client_id = place_unknown(venue, &request, "/order", 1);

    add_rule(venue, "GET", "/v1/order", RULE_LOST, 0, NULL, 0);
    advance(venue, CLIENT_ID_LIFE_MS);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    add_rule(venue, "GET", "/allOrders", RULE_REPLY, 200, "[]", 0);
    advance(venue, 60000);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(status_of(venue, client_id), KEEL_ORDER_REJECTED);
    assert_true(has_log(venue, "place_order, unknown before, is failed"));
    assert_true(has_reason(venue, "not found by its id, nor in the order history, nor in the "
                                  "executions"));
    free_venue(venue);
}

static void nowhere_when_the_venue_forgets_the_unfilled_it_is_never_called_failed(void **state)
{
    (void)state;
    struct venue *venue = new_forgetful_venue();
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "GET", "/v1/order", RULE_LOST, 0, NULL, 0);
    place_unknown(venue, &request, "/order", 1);
    advance(venue, UNFILLED_LIFE_MS);
    assert_int_equal(unsettled(venue), 1);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    add_rule(venue, "GET", "/allOrders", RULE_REPLY, 200, "[]", 0);
    advance(venue, 60000);
    assert_int_equal(unsettled(venue), 0);
    assert_false(has_log(venue, "place_order, unknown before, is failed"));
    assert_true(has_reason(venue, "the venue tells of such orders no more"));
    free_venue(venue);
}

/* The list that was asked for because of one shows the other, and that is all that ever tells of
 * it.
 */
static void what_a_list_shows_of_another_counts_too(void **state)
{
    (void)state;
    struct venue *venue = new_forgetful_venue();
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    char ids[2][KEEL_CLIENT_ID_SIZE], asked[KEEL_CLIENT_ID_SIZE];

    add_rule(venue, "GET", "/v1/order", RULE_LOST, 0, NULL, 0);
    for (int i = 0; i < 2; i++)
        strcpy(ids[i], place_unknown(venue, &request, "/order", i + 1));
    advance(venue, CLIENT_ID_LIFE_MS);
    add_rule(venue, "GET", "/allOrders", RULE_HOLD, 0, NULL, 0);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 1);
    for (int i = 0; i < 600 && count_seen(venue, "GET", "/allOrders") == 0; i++)
        advance(venue, 100);
    copy_param(last_seen(venue, "GET", "/v1/order"), "origClientOrderId", asked, sizeof(asked));
    const char *other = ids[strcmp(asked, ids[0]) == 0];
    answer_held(venue, 200, order_row(venue, other, "CANCELED"));
    advance(venue, 1000);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(status_of(venue, asked), KEEL_ORDER_REJECTED);
    assert_int_equal(status_of(venue, other), KEEL_ORDER_CANCELED);
    free_venue(venue);
}

static void within_the_life_of_its_id_not_found_is_proof(void **state)
{
    (void)state;
    struct venue *venue = new_forgetful_venue();
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    place_unknown(venue, &request, "/order", 1);
    advance(venue, 30000);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(count_seen(venue, "GET", "/allOrders"), 0);
    assert_true(has_reason(venue, "not found by its id, nor in the executions"));
    free_venue(venue);
}

static void what_the_stream_tells_of_settles_it_at_once(void **state)
{
    (void)state;
    struct venue *venue = new_forgetful_venue();
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "GET", "/v1/order", RULE_LOST, 0, NULL, 0);
    const char *client_id = place_unknown(venue, &request, "/order", 1);
    advance(venue, CLIENT_ID_LIFE_MS + 1000);
    assert_int_equal(unsettled(venue), 1);
    int asked = count_seen(venue, "GET", "/v1/order");
    struct fill fill = {
        "BTCUSDT", client_id, 77,      501, "BUY", "LIMIT", "PARTIALLY_FILLED", "0.01", "19000",
        "0.005",   "19000",   "0.005", "0", "0",   false};
    add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
    advance(venue, 40000);
    answer_held(venue, 500, "");
    send_fill(venue, &fill);
    assert_int_equal(unsettled(venue), 0);
    assert_true(count_seen(venue, "GET", "/v1/order") <= asked + 1);
    assert_int_equal(venue->execution_count, 1);
    free_venue(venue);
}

static void a_stop_that_cannot_be_asked_for_is_found_among_the_open_ones(void **state)
{
    (void)state;
    struct venue *venue = new_forgetful_venue();
    struct keel_order_request request = stop_order(venue);
    char rows[1024];

    add_rule(venue, "GET", "/openAlgoOrders", RULE_LOST, 0, NULL, 0);
    const char *client_id = place_unknown(venue, &request, "/algoOrder", 1);
    advance(venue, CLIENT_ID_LIFE_MS);
    assert_int_equal(unsettled(venue), 1);
    snprintf(rows, sizeof(rows),
             "[{\"algoId\":9,\"clientAlgoId\":\"%s\",\"algoType\":\"CONDITIONAL\","
             "\"orderType\":\"STOP_MARKET\",\"symbol\":\"BTCUSDT\",\"side\":\"BUY\","
             "\"positionSide\":\"BOTH\",\"timeInForce\":\"GTC\",\"quantity\":\"0.01\","
             "\"algoStatus\":\"NEW\",\"triggerPrice\":\"21000\",\"price\":\"0\","
             "\"workingType\":\"CONTRACT_PRICE\",\"closePosition\":false,\"reduceOnly\":false,"
             "\"createTime\":%lld,\"updateTime\":%lld,\"triggerTime\":0}]",
             client_id, (long long)venue->wall_ms, (long long)venue->wall_ms);
    add_rule(venue, "GET", "/openAlgoOrders", RULE_REPLY, 200, rows, 0);
    advance(venue, 60000);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(status_of(venue, client_id), KEEL_ORDER_NEW);
    assert_int_equal(count_seen(venue, "GET", "/v1/algoOrder"), 0);
    free_venue(venue);
}

static void a_stop_that_is_in_no_list_has_failed(void **state)
{
    (void)state;
    struct venue *venue = new_forgetful_venue();
    struct keel_order_request request = stop_order(venue);

    add_rule(venue, "GET", "/allAlgoOrders", RULE_REPLY, 200, "[]", 0);
    const char *client_id = place_unknown(venue, &request, "/algoOrder", 1);
    advance(venue, CLIENT_ID_LIFE_MS);
    assert_int_equal(unsettled(venue), 0);
    assert_int_equal(status_of(venue, client_id), KEEL_ORDER_REJECTED);
    assert_true(has_reason(venue,
                           "not found among the open orders, nor in the order history, nor in "
                           "the executions"));
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(past_the_life_of_its_id_an_order_is_found_in_the_history),
        cmocka_unit_test(in_neither_list_it_has_failed_and_the_reason_says_what_was_looked_at),
        cmocka_unit_test(nowhere_when_the_venue_forgets_the_unfilled_it_is_never_called_failed),
        cmocka_unit_test(what_a_list_shows_of_another_counts_too),
        cmocka_unit_test(within_the_life_of_its_id_not_found_is_proof),
        cmocka_unit_test(what_the_stream_tells_of_settles_it_at_once),
        cmocka_unit_test(a_stop_that_cannot_be_asked_for_is_found_among_the_open_ones),
        cmocka_unit_test(a_stop_that_is_in_no_list_has_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Orders that leave on a stream of their own, and what is known when it breaks. */
#include "scripted_venue.h"

static struct venue *new_entering_venue(void)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    config.order_entry = KEEL_ENTRY_STREAM;
    config.client_id_first = 10;
    config.recovery.numbers_end = 10010;
    venue = new_venue_with(&config, venue);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    send_mark(venue, "BTCUSDT", "20000.0");
    return venue;
}

static void place(struct venue *venue, struct outcome *outcome)
{
    struct keel_error error = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    if (keel_futures_place_order(venue->futures, &request, note_result, outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
}

/* The client id in the last frame. */
static const char *client_id(const struct venue *venue)
{
    static char id[KEEL_CLIENT_ID_SIZE];
    const char *at = strstr(venue->frame, "\"newClientOrderId\":\"");
    assert_non_null(at);
    sscanf(at, "\"newClientOrderId\":\"%47[^\"]", id);
    return id;
}

static const char *order_text(const struct venue *venue)
{
    static char text[1024];
    snprintf(
        text, sizeof(text),
        "{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":\"%s\","
        "\"price\":\"19000\",\"avgPrice\":\"0.00\",\"origQty\":\"0.01\",\"executedQty\":\"0\","
        "\"cumQuote\":\"0\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"reduceOnly\":false,"
        "\"closePosition\":false,\"side\":\"BUY\",\"positionSide\":\"BOTH\",\"stopPrice\":\"0\","
        "\"workingType\":\"CONTRACT_PRICE\",\"priceProtect\":false,\"origType\":\"LIMIT\","
        "\"updateTime\":%lld}",
        client_id(venue), (long long)venue->wall_ms);
    return text;
}

static void answer_frame(struct venue *venue, int status, const char *member, const char *body)
{
    char text[2048];
    snprintf(text, sizeof(text),
             "{\"id\":\"%llu\",\"status\":%d,\"%s\":%s,\"rateLimits\":[{\"rateLimitType\":"
             "\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":300,\"count\":1}]}",
             (unsigned long long)venue->frame_id, status, member, body);
    send_frame(venue, KEEL_STREAM_ORDERS, text);
    settle(venue);
}

static void an_order_leaves_on_the_stream_and_its_answer_is_the_verdict(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome outcome = {0};

    place(venue, &outcome);
    assert_int_equal(venue->frame_count, 1);
    assert_int_equal(count_seen(venue, "POST", "/order"), 0);
    assert_int_equal(outcome.calls, 0);
    answer_frame(venue, 200, "result", order_text(venue));
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_string_equal(outcome.order.order_id, "77");
    free_venue(venue);
}

static void its_intent_comes_before_it(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct keel_error error;
    struct keel_effect effect;
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    assert_int_equal(keel_futures_place_order(venue->futures, &request, NULL, NULL, &error),
                     KEEL_OK);
    assert_true(keel_private_next_effect(venue->base, &effect));
    assert_int_equal(effect.kind, KEEL_EFFECT_RECORD);
    assert_int_equal(effect.record->kind, KEEL_RECORD_INTENT);
    assert_true(keel_private_next_effect(venue->base, &effect));
    assert_int_equal(effect.kind, KEEL_EFFECT_SEND_FRAME);
    free_venue(venue);
}

static void a_refusal_on_the_stream_is_a_rejection(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome outcome = {0};

    place(venue, &outcome);
    answer_frame(venue, 400, "error", "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}");
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    assert_int_equal(outcome.error.venue_code, -2019);
    free_venue(venue);
}

static const struct {
    const char *member, *body;
    int status;
    enum keel_fate fate;
} answers[] = {
    {"error",  "{\"code\":-1021,\"msg\":\"Timestamp for this request is outside.\"}", 400,
     KEEL_FATE_REJECTED                                                                                     },
    {"error",  "{\"code\":-4116,\"msg\":\"ClientOrderId is duplicated.\"}",           400, KEEL_FATE_UNKNOWN},
    {"error",  "{\"code\":-1000,\"msg\":\"An unknown error occurred.\"}",             400, KEEL_FATE_UNKNOWN},
    {"error",  "{\"code\":-1006,\"msg\":\"An unexpected response was received.\"}",   400,
     KEEL_FATE_UNKNOWN                                                                                      },
    {"error",  "{\"code\":-1007,\"msg\":\"Timeout. Send status unknown.\"}",          408, KEEL_FATE_UNKNOWN},
    {"error",  "{\"code\":-1008,\"msg\":\"Request throttled.\"}",                     503, KEEL_FATE_FAILED },
    {"error",  "{\"code\":-1003,\"msg\":\"Too many requests.\"}",                     429, KEEL_FATE_FAILED },
    {"error",  "{\"code\":-1003,\"msg\":\"IP banned.\"}",                             418, KEEL_FATE_FAILED },
    {"error",  "{\"code\":-1015,\"msg\":\"Too many new orders.\"}",                   429, KEEL_FATE_FAILED },
    {"error",  "{}",                                                                  500, KEEL_FATE_UNKNOWN},
    {"result", "{}",                                                                  200, KEEL_FATE_UNKNOWN},
    {"result", "null",                                                                200, KEEL_FATE_UNKNOWN},
};

static void each_answer_on_the_stream_tells_its_fate_and_nothing_leaves_twice(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(answers) / sizeof(answers[0]); at++) {
        struct venue *venue = new_entering_venue();
        struct outcome outcome = {0};
        struct keel_statistics statistics;
        bool unknown = answers[at].fate == KEEL_FATE_UNKNOWN;
        add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
        place(venue, &outcome);
        answer_frame(venue, answers[at].status, answers[at].member, answers[at].body);
        if (outcome.calls != 1 || outcome.fate != answers[at].fate)
            fail_msg("%s: %s (%s)", answers[at].body, keel_fate_name(outcome.fate),
                     outcome.error.message);
        advance(venue, 3000);
        keel_private_statistics(venue->base, &statistics);
        assert_int_equal(statistics.unsettled, unknown ? 1 : 0);
        assert_int_equal(count_seen(venue, "GET", "/v1/order"), unknown ? 1 : 0);
        assert_int_equal(venue->frame_count, 1);
        assert_int_equal(count_seen(venue, "POST", "/order"), 0);
        free_venue(venue);
    }
}

static void an_answer_that_comes_twice_counts_once(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome outcome = {0};

    place(venue, &outcome);
    answer_frame(venue, 200, "result", order_text(venue));
    answer_frame(venue, 400, "error", "{\"code\":-4116,\"msg\":\"ClientOrderId is duplicated.\"}");
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    free_venue(venue);
}

static void what_is_in_flight_when_the_stream_closes_is_asked_about_and_not_sent_again(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome first = {0}, second = {0};
    struct keel_statistics statistics;

    place(venue, &first);
    char found[1024];
    snprintf(found, sizeof(found), "%s", order_text(venue));
    place(venue, &second);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 200, found, 0);
    close_stream(venue, KEEL_STREAM_ORDERS, "reset by peer");
    assert_int_equal(first.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(second.fate, KEEL_FATE_UNKNOWN);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    advance(venue, 5000);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.unsettled, 0);
    assert_int_equal(venue->frame_count, 2);
    assert_int_equal(count_seen(venue, "POST", "/order"), 0);
    assert_in_range(count_seen(venue, "GET", "/v1/order"), 1, 2);
    free_venue(venue);
}

static void without_the_stream_orders_leave_as_requests_until_it_is_back(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome outcome = {0};

    close_stream(venue, KEEL_STREAM_ORDERS, "reset by peer");
    place(venue, &outcome);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    advance(venue, 2000);
    place(venue, &outcome);
    assert_int_equal(venue->frame_count, 1);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    free_venue(venue);
}

static void what_the_stream_does_not_take_leaves_as_a_request(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome outcome = {0};
    struct keel_error error;

    assert_int_equal(keel_futures_set_leverage(venue->futures, market_of(venue, "BTCUSDT"), 7,
                                               note_result, &outcome, &error),
                     KEEL_OK);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(venue->frame_count, 0);
    free_venue(venue);
}

static void an_answer_that_does_not_come_is_unknown_in_time(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome outcome = {0};

    add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
    place(venue, &outcome);
    advance(venue, 9999);
    assert_int_equal(outcome.calls, 0);
    advance(venue, 1);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_non_null(strstr(outcome.error.message, "timed out"));
    free_venue(venue);
}

static void a_frame_that_did_not_leave_has_failed(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome outcome = {0};

    place(venue, &outcome);
    fail_request(venue, venue->frame_id, KEEL_TRANSPORT_NOT_SENT);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    free_venue(venue);
}

static void a_silent_entry_stream_is_replaced_and_the_account_stays_live(void **state)
{
    (void)state;
    struct venue *venue = new_entering_venue();
    struct outcome outcome = {0};
    uint32_t silent = venue->streams[KEEL_STREAM_ORDERS];
    struct keel_statistics statistics;

    advance(venue, 60000);
    assert_int_equal(venue->streams[KEEL_STREAM_ORDERS], silent);
    keel_private_statistics(venue->base, &statistics);
    uint32_t reconnects = statistics.connection.reconnects;
    add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
    venue->deaf = true;
    for (int i = 0; i < 30; i++) {
        send_account(venue, "10000", "BTCUSDT", "0", "0");
        advance(venue, 1000);
        send_mark(venue, "BTCUSDT", "20000.0");
        if (i == 20)
            place(venue, &outcome);
    }
    assert_int_not_equal(venue->streams[KEEL_STREAM_ORDERS], silent);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.connection.reconnects, reconnects);
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_leaves_on_the_stream_and_its_answer_is_the_verdict),
        cmocka_unit_test(its_intent_comes_before_it),
        cmocka_unit_test(a_refusal_on_the_stream_is_a_rejection),
        cmocka_unit_test(each_answer_on_the_stream_tells_its_fate_and_nothing_leaves_twice),
        cmocka_unit_test(an_answer_that_comes_twice_counts_once),
        cmocka_unit_test(
            what_is_in_flight_when_the_stream_closes_is_asked_about_and_not_sent_again),
        cmocka_unit_test(without_the_stream_orders_leave_as_requests_until_it_is_back),
        cmocka_unit_test(what_the_stream_does_not_take_leaves_as_a_request),
        cmocka_unit_test(an_answer_that_does_not_come_is_unknown_in_time),
        cmocka_unit_test(a_frame_that_did_not_leave_has_failed),
        cmocka_unit_test(a_silent_entry_stream_is_replaced_and_the_account_stays_live),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Orders as frames of Binance's WebSocket API, and what answers them. */
#include "venue/venue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct {
    struct keel_markets *markets;
    keel_market_id market;
    struct keel_keys keys;
    struct keel_modes modes;
    struct keel_frame frame;
    struct keel_error error;
} fixture;

static int set_up(void **state)
{
    (void)state;
    struct keel_market market;
    fixture.markets = keel_markets_new();
    assert_true(keel_venue_binance.name_market(KEEL_STR("BTCUSDT"), &market));
    market.price_digits = 2;
    market.quantity_digits = 3;
    assert_int_equal(keel_markets_put(fixture.markets, &market, &fixture.market, NULL), KEEL_OK);
    keel_venue_binance.set_keys(&fixture.keys, KEEL_STR("key"), KEEL_STR("secret"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(fixture.markets);
    return 0;
}

static enum keel_status encode(const struct keel_command *command)
{
    return keel_venue_binance.encode_frame(command, fixture.markets, &fixture.modes, &fixture.keys,
                                           INT64_C(1700000000000), 2000, 4711, &fixture.frame,
                                           &fixture.error);
}

static struct keel_command limit_order(const char *client_id)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};
    command.place = keel_order_request_init();
    command.place.market = fixture.market;
    command.place.side = KEEL_BUY;
    command.place.type = KEEL_LIMIT;
    command.place.quantity = keel_decimal_from_text("0.01");
    command.place.price = keel_decimal_from_text("19000");
    memcpy(command.place.client_id, client_id, strlen(client_id) + 1);
    return command;
}

/* The signature is OpenSSL's over the parameters in the order of their names, none encoded. */
static void an_order_is_signed_in_the_order_of_its_parameters_names(void **state)
{
    (void)state;
    struct keel_command command = limit_order("a:/b");

    assert_int_equal(encode(&command), KEEL_OK);
    assert_string_equal(
        fixture.frame.text,
        "{\"id\":\"4711\",\"method\":\"order.place\",\"params\":{\"apiKey\":\"key\","
        "\"newClientOrderId\":\"a:/b\",\"newOrderRespType\":\"RESULT\",\"price\":\"19000\","
        "\"quantity\":\"0.01\",\"recvWindow\":2000,\"side\":\"BUY\",\"symbol\":\"BTCUSDT\","
        "\"timeInForce\":\"GTC\",\"timestamp\":1700000000000,\"type\":\"LIMIT\",\"signature\":"
        "\"26ea71888b7a683a2394732b1d20e52fea22494161b01b675937e280eedf5a58\"}}");
    assert_int_equal(fixture.frame.size, strlen(fixture.frame.text));
    assert_int_equal(fixture.frame.order_count, 1);
}

static void each_command_has_its_method_and_a_setting_has_none(void **state)
{
    (void)state;
    struct keel_command cancel = {.kind = KEEL_CANCEL_ORDER}, amend = {.kind = KEEL_AMEND_ORDER};
    struct keel_command leverage = {.kind = KEEL_SET_LEVERAGE};
    struct keel_command stop = limit_order("ours");

    cancel.order = (struct keel_order_ref){
        .market = fixture.market, .family = KEEL_FAMILY_REGULAR, .order_id = "77"};
    assert_int_equal(encode(&cancel), KEEL_OK);
    assert_non_null(strstr(fixture.frame.text, "\"method\":\"order.cancel\""));
    cancel.order.family = KEEL_FAMILY_CONDITIONAL;
    assert_int_equal(encode(&cancel), KEEL_OK);
    assert_non_null(strstr(fixture.frame.text, "\"method\":\"algoOrder.cancel\""));
    amend.amend = (struct keel_amend){.order = cancel.order,
                                      .side = KEEL_BUY,
                                      .quantity = keel_decimal_from_text("0.02"),
                                      .price = keel_decimal_from_text("18000")};
    amend.amend.order.family = KEEL_FAMILY_REGULAR;
    assert_int_equal(encode(&amend), KEEL_OK);
    assert_non_null(strstr(fixture.frame.text, "\"method\":\"order.modify\""));
    stop.place.type = KEEL_STOP_MARKET;
    stop.place.trigger_price = keel_decimal_from_text("21000");
    assert_int_equal(encode(&stop), KEEL_OK);
    assert_non_null(strstr(fixture.frame.text, "\"method\":\"algoOrder.place\""));
    assert_int_equal(encode(&leverage), KEEL_UNSUPPORTED);
}

static void an_answer_is_the_requests_reply_with_its_limits(void **state)
{
    (void)state;
    struct keel_answer answer;

    assert_true(keel_venue_binance.read_answer(
        KEEL_STR("{\"id\":\"4711\",\"status\":200,\"result\":{\"orderId\":1},\"rateLimits\":["
                 "{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,"
                 "\"limit\":300,\"count\":7},{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":"
                 "\"MINUTE\",\"intervalNum\":1,\"limit\":2400,\"count\":12}]}"),
        &answer));
    assert_int_equal(answer.id, 4711);
    assert_false(answer.receipt);
    assert_int_equal(answer.reply.http_status, 200);
    assert_true(keel_str_equals(answer.reply.body, KEEL_STR("{\"orderId\":1}")));
    assert_int_equal(answer.usage_count, 2);
    assert_int_equal(answer.usage[0].kind, KEEL_LIMIT_ORDERS);
    assert_int_equal(answer.usage[0].interval_ms, 10000);
    assert_int_equal(answer.usage[0].used, 7);
    assert_int_equal(answer.usage[1].kind, KEEL_LIMIT_WEIGHT);
    assert_int_equal(answer.usage[1].interval_ms, 60000);
}

static void a_failure_is_read_as_the_requests_is(void **state)
{
    (void)state;
    struct keel_command command = limit_order("ours");
    struct keel_answer answer;
    struct keel_outcome outcome;
    struct keel_arena arena;
    struct keel_event room[8];
    struct keel_events events = {room, 0, 8};
    unsigned char memory[1024];

    keel_arena_init(&arena, memory, sizeof(memory));
    assert_true(keel_venue_binance.read_answer(
        KEEL_STR("{\"id\":\"9\",\"status\":429,\"error\":{\"code\":-1003,\"msg\":\"Too many "
                 "requests.\",\"data\":{\"serverTime\":1700000000000,\"retryAfter\":"
                 "1700000060000}}}"),
        &answer));
    (void)keel_venue_binance.decode_reply(&command, &answer.reply, fixture.markets, &arena, &events,
                                          &outcome);
    assert_true(outcome.busy);
    assert_int_equal(outcome.retry_at_ms, INT64_C(1700000060000));
    assert_int_equal(outcome.error.venue_code, -1003);
}

static void what_answers_no_frame_of_ours_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "{}",
        "[]",
        "{\"id\":null,\"status\":401,\"error\":{\"code\":-2015,\"msg\":\"\"}}",
        "{\"id\":\"x1\",\"status\":200,\"result\":{}}",
        "{\"id\":\"99999999999999999999\",\"status\":200,\"result\":{}}",
        "{\"id\":\"7\",\"result\":{}}",
        "{\"id\":\"7\",\"status\":200,\"result\":{}",
        "{\"e\":\"serverShutdown\",\"E\":1700000000000}",
    };
    struct keel_answer answer;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(keel_venue_binance.read_answer(keel_str_from(texts[i]), &answer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_signed_in_the_order_of_its_parameters_names),
        cmocka_unit_test(each_command_has_its_method_and_a_setting_has_none),
        cmocka_unit_test(an_answer_is_the_requests_reply_with_its_limits),
        cmocka_unit_test(a_failure_is_read_as_the_requests_is),
        cmocka_unit_test(what_answers_no_frame_of_ours_is_left_alone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

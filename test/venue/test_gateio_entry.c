/* Order entry on a stream: the frames, and which of the messages that come back says what. */
#include "gateio_fixtures.h"

static const int64_t now_ms = 1700000000250;

static struct {
    struct keel_markets *markets;
    struct keel_keys keys;
    struct keel_modes modes;
    struct keel_frame frame;
    struct keel_error error;
} fixture;

static enum keel_status encode_frame(const char *text)
{
    struct keel_command command;
    enum keel_status status = keel_venue_parse_command(&keel_venue_gateio, keel_str_from(text),
                                                       fixture.markets, &command, &fixture.error);
    assert_int_equal(status, KEEL_OK);
    return keel_venue_gateio.encode_frame(&command, fixture.markets, &fixture.modes, &fixture.keys,
                                          now_ms, 2000, 17, &fixture.frame, &fixture.error);
}

static void expect(const char *command, const char *text, int order_count)
{
    assert_int_equal(encode_frame(command), KEEL_OK);
    assert_string_equal(fixture.frame.text, text);
    assert_int_equal(fixture.frame.size, strlen(text));
    assert_int_equal(fixture.frame.order_count, order_count);
}

static void frames_bear_our_id_and_expire(void **state)
{
    (void)state;
    expect(
        "{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":\"buy\",\"type\":"
        "\"limit\",\"quantity\":\"0.0003\",\"price\":\"58000\",\"client_order_id\":\"t-k7\"}",
        "{\"time\":1700000000,\"channel\":\"futures.order_place\",\"event\":\"api\",\"payload\":{"
        "\"req_id\":\"17\",\"req_param\":{\"contract\":\"BTC_USDT\",\"size\":\"3\",\"price\":"
        "\"58000\",\"tif\":\"gtc\",\"text\":\"t-k7\"},\"req_header\":{\"x-gate-exptime\":"
        "\"1700000002250\"}}}",
        1);
    expect(
        "{\"command\":\"amend_order\",\"symbol\":\"BTC_USDT\",\"client_order_id\":\"t-k7\","
        "\"side\":\"sell\",\"quantity\":\"0.0004\",\"price\":\"57000\"}",
        "{\"time\":1700000000,\"channel\":\"futures.order_amend\",\"event\":\"api\",\"payload\":{"
        "\"req_id\":\"17\",\"req_param\":{\"order_id\":\"t-k7\",\"size\":\"-4\",\"price\":"
        "\"57000\"},\"req_header\":{\"x-gate-exptime\":\"1700000002250\"}}}",
        1);
    expect("{\"command\":\"cancel_order\",\"symbol\":\"BTC_USDT\",\"order_id\":\"74046514\"}",
           "{\"time\":1700000000,\"channel\":\"futures.order_cancel\",\"event\":\"api\","
           "\"payload\":{\"req_id\":\"17\",\"req_param\":{\"order_id\":\"74046514\"},"
           "\"req_header\":{\"x-gate-exptime\":\"1700000002250\"}}}",
           0);
}

static void what_goes_by_request_is_unsupported(void **state)
{
    (void)state;
    assert_int_equal(encode_frame("{\"command\":\"cancel_all\",\"symbol\":\"BTC_USDT\"}"),
                     KEEL_UNSUPPORTED);
    assert_int_equal(encode_frame("{\"command\":\"load_balances\"}"), KEEL_UNSUPPORTED);
    assert_int_equal(encode_frame("{\"command\":\"place_order\",\"symbol\":\"BTC_USDT\",\"side\":"
                                  "\"buy\",\"type\":\"stop_market\",\"quantity\":\"0.0003\","
                                  "\"trigger_price\":\"58000\"}"),
                     KEEL_UNSUPPORTED);
    assert_int_equal(encode_frame("{\"command\":\"cancel_order\",\"symbol\":\"BTC_USDT\","
                                  "\"order_id\":\"7\",\"family\":\"conditional\"}"),
                     KEEL_UNSUPPORTED);
}

#define HEADER(status, channel)                                                                    \
    "\"header\":{\"response_time\":\"1681195484360\",\"status\":\"" status                         \
    "\",\"channel\":\"futures." channel                                                            \
    "\",\"event\":\"api\",\"x_in_time\":1681985856667508,\"x_gate_ratelimit_requests_remain\":99," \
    "\"x_gate_ratelimit_limit\":100,\"x_gat_ratelimit_reset_timestamp\":1736408263764}"

static const char receipt[] = "{\"request_id\":\"17\",\"ack\":true," HEADER(
    "200", "order_place") ",\"data\":{\"result\":{\"req_id\":\"17\",\"req_param\":{\"contract\":"
                          "\"BTC_USDT\"}}}}";
static const char result[] = "{\"request_id\":\"17\",\"ack\":false," HEADER(
    "200", "order_place") ",\"data\":{\"result\":{\"id\":74046514,\"create_time\":1681195484.462,"
                          "\"status\":\"open\","
                          "\"contract\":\"BTC_USDT\",\"size\":\"10\",\"left\":\"10\",\"price\":"
                          "\"31503.3\",\"tif\":"
                          "\"gtc\",\"fill_price\":\"0\",\"text\":\"t-k7\"}}}";
static const char refusal[] = "{\"request_id\":\"17\"," HEADER(
    "400", "order_cancel") ",\"data\":{\"errs\":{\"label\":\"ORDER_NOT_FOUND\",\"message\":\"no "
                           "such order\"}}}";

static enum keel_status decode(enum keel_command_kind kind, const struct keel_answer *answer,
                               struct keel_events *events, struct keel_outcome *outcome)
{
    static char memory[4096];
    struct keel_arena arena;
    struct keel_command command = {.kind = kind};
    keel_arena_init(&arena, memory, sizeof(memory));
    return keel_venue_gateio.decode_reply(&command, &answer->reply, fixture.markets, &arena, events,
                                          outcome);
}

static void a_receipt_says_no_more_than_that_the_frame_has_come(void **state)
{
    (void)state;
    struct keel_answer answer;
    assert_true(keel_venue_gateio.read_answer(keel_str_from(receipt), &answer));
    assert_int_equal(answer.id, 17);
    assert_true(answer.receipt);
    assert_int_equal(answer.usage_count, 1);
    assert_int_equal(answer.usage[0].used, 1);
}

static void a_result_is_read_as_a_reply(void **state)
{
    (void)state;
    struct keel_event memory[4];
    struct keel_events events = {memory, 0, 4};
    struct keel_answer answer;
    struct keel_outcome outcome;
    assert_true(keel_venue_gateio.read_answer(keel_str_from(result), &answer));
    assert_false(answer.receipt);
    assert_int_equal(answer.reply.http_status, 200);
    assert_int_equal(decode(KEEL_PLACE_ORDER, &answer, &events, &outcome), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(events.count, 1);
    assert_string_equal(memory[0].order.order_id, "74046514");
    assert_int_equal(memory[0].order.status, KEEL_ORDER_NEW);
    assert_int_equal(outcome.usage[0].used, 1);
}

static void a_refusal_keeps_the_label_of_the_venue(void **state)
{
    (void)state;
    struct keel_event memory[4];
    struct keel_events events = {memory, 0, 4};
    struct keel_answer answer;
    struct keel_outcome outcome;
    assert_true(keel_venue_gateio.read_answer(keel_str_from(refusal), &answer));
    assert_false(answer.receipt);
    assert_int_equal(answer.usage_count, 0); /* cancelling is counted apart */
    assert_int_equal(decode(KEEL_CANCEL_ORDER, &answer, &events, &outcome), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    assert_true(outcome.not_found);
    assert_string_equal(outcome.error.message, "ORDER_NOT_FOUND: no such order");
}

static void a_receipt_with_an_error_in_it_is_the_answer(void **state)
{
    (void)state;
    static const char text[] = "{\"request_id\":\"17\",\"ack\":true," HEADER(
        "429", "order_place") ",\"data\":{\"errs\":{\"label\":\"TOO_MANY_REQUESTS\",\"message\":\"("
                              "311)\"}}}";
    struct keel_event memory[4];
    struct keel_events events = {memory, 0, 4};
    struct keel_answer answer;
    struct keel_outcome outcome;
    assert_true(keel_venue_gateio.read_answer(keel_str_from(text), &answer));
    assert_false(answer.receipt);
    assert_int_equal(decode(KEEL_PLACE_ORDER, &answer, &events, &outcome), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    assert_true(outcome.busy);
    assert_int_equal(outcome.retry_at_ms, 1736408263764);
}

static void an_answer_without_a_result_is_unknown(void **state)
{
    (void)state;
    static const char text[] =
        "{\"request_id\":\"17\"," HEADER("200", "order_place") ",\"data\":{}}";
    struct keel_event memory[4];
    struct keel_events events = {memory, 0, 4};
    struct keel_answer answer;
    struct keel_outcome outcome;
    assert_true(keel_venue_gateio.read_answer(keel_str_from(text), &answer));
    assert_int_equal(decode(KEEL_PLACE_ORDER, &answer, &events, &outcome), KEEL_MALFORMED);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
}

static void what_answers_no_frame_of_ours_is_left_to_the_stream(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "[]",
        "{\"time\":1,\"channel\":\"futures.pong\",\"event\":\"\",\"result\":null}",
        "{\"request_id\":\"login\",\"header\":{\"status\":\"200\"},\"data\":{}}",
        "{\"request_id\":\"17\",\"data\":{}}",
        "{\"request_id\":\"12345678901234567890\",\"header\":{},\"data\":{}}",
    };
    struct keel_answer answer;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(keel_venue_gateio.read_answer(keel_str_from(texts[i]), &answer));
    for (size_t size = 0; size < sizeof(result) - 1; size++)
        assert_false(keel_venue_gateio.read_answer((keel_str){result, size}, &answer));
}

static int set_up(void **state)
{
    (void)state;
    fixture.markets = make_gate_markets();
    fixture.modes = (struct keel_modes){KEEL_OFF, KEEL_OFF, KEEL_ON};
    keel_venue_gateio.set_keys(&fixture.keys, KEEL_STR("key"), KEEL_STR("secret"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(fixture.markets);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_bear_our_id_and_expire),
        cmocka_unit_test(what_goes_by_request_is_unsupported),
        cmocka_unit_test(a_receipt_says_no_more_than_that_the_frame_has_come),
        cmocka_unit_test(a_result_is_read_as_a_reply),
        cmocka_unit_test(a_refusal_keeps_the_label_of_the_venue),
        cmocka_unit_test(a_receipt_with_an_error_in_it_is_the_answer),
        cmocka_unit_test(an_answer_without_a_result_is_unknown),
        cmocka_unit_test(what_answers_no_frame_of_ours_is_left_to_the_stream),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

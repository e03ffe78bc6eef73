/* Orders over Gate.io's WebSocket: logging in, what is answered once and what twice, refusals.
 * What other clients sign is in test_gateio_frames.c. */
#include "gateio_streams_helper.h"

/* --- Logging in --------------------------------------------------------------------------------
 */

static void say_login(struct gate *gate, struct paper_stream *stream, const char *param,
                      const char *signature)
{
    char text[1024];
    snprintf(text, sizeof(text),
             "{\"time\":1700000000,\"channel\":\"futures.login\",\"event\":\"api\",\"payload\":{"
             "\"req_id\":\"authenticated\",\"api_key\":\"key\",\"signature\":\"%s\","
             "\"timestamp\":\"1700000000\"%s%s}}",
             signature, param[0] == '\0' ? "" : ",\"req_param\":", param);
    gate_say(gate, stream, text);
    assert_int_equal(gate->text_count, 1);
}

static void a_login_signs_its_parameter_as_it_is_written(void **state)
{
    struct gate *gate = *state;
    static const char *const forms[][2] = {
        {"",     "f39035057b3528fc2c5aff4b9cfa9f43673c88d3ff823c55468608173205809999a8b45d7ed898ebf4"
             "9c15a4f6e5131de175ded143be5eeb58431f600e1d4085"    },
        {"{}",   "96969d215b0e19a88774aba08c2b48242dcd1b14b52aff2ca31c9dfd97e547d9a1939f774449c4cfea"
               "35248e05435a0794e4c93a6d3f60e2abb783ea0dcca18c"},
        {"\"\"",
         "a3d52ed3f22f22ef6f4dceca22238f53444077241b753314fd5c30ec75e0b486b610dac80cc8d12cad"
         "77ba22525b265e35b7329db504f64b1daba099f380e003"                    },
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct paper_stream *stream = gate_open(gate, false);
        say_login(gate, stream, forms[i][0], forms[i][1]);
        assert_has(gate->texts[0], "\"request_id\":\"authenticated\"");
        assert_has(gate->texts[0], "\"status\":\"200\"");
        assert_has(gate->texts[0], "\"channel\":\"futures.login\"");
        assert_has(gate->texts[0], "\"data\":{\"result\":{\"api_key\":\"key\",\"uid\":\"20011\"}}");
        say_login(gate, stream, forms[i][0], forms[(i + 1) % 3][1]);
        assert_has(gate->texts[0], "\"status\":\"401\"");
        assert_has(gate->texts[0], "\"errs\":{\"label\":\"INVALID_SIGNATURE\"");
    }
}

static void a_key_of_nobody_does_not_log_in(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_say(gate, stream,
             "{\"time\":1700000000,\"channel\":\"futures.login\",\"event\":\"api\",\"payload\":{"
             "\"req_id\":\"a\",\"api_key\":\"nobody\",\"signature\":\"00\","
             "\"timestamp\":\"1700000000\"}}");
    assert_has(gate->texts[0], "\"ack\":false");
    assert_has(gate->texts[0], "\"status\":\"401\"");
    assert_has(gate->texts[0],
               "\"errs\":{\"label\":\"INVALID_KEY\",\"message\":\"Invalid key provided\"}");
}

static void a_login_that_is_old_is_refused(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate->now_ms += 61000;
    say_login(gate, stream, "",
              "f39035057b3528fc2c5aff4b9cfa9f43673c88d3ff823c55468608173205809999a8b45d7ed898ebf49c"
              "15a4f6e5131de175ded143be5eeb58431f600e1d4085");
    assert_has(gate->texts[0], "\"label\":\"REQUEST_EXPIRED\"");
}

static void before_a_login_nothing_is_called(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"1\"}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"request_id\":\"r-1\"");
    assert_has(gate->texts[0], "\"status\":\"400\"");
    assert_has(gate->texts[0],
               "\"errs\":{\"label\":\"AUTHENTICATION_FAILED\",\"message\":\"Not login\"}");
    assert_lacks(gate->texts[0], "\"ack\"");
}

static void a_login_is_no_subscription_and_the_reverse(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_follow(gate, stream, 1, "futures.orders");
    gate_call(gate, stream, "order_list", "{\"status\":\"open\"}");
    assert_has(gate->texts[0], "AUTHENTICATION_FAILED");
    stream = gate_open(gate, false);
    gate_log_in(gate, stream, 1);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}");
    assert_int_equal(gate->text_count, 2);
}

/* --- Signatures of requests --------------------------------------------------------------------
 */

/* gateio-api signs with the message's own time, and may send another in payload. */
static void a_signature_may_be_over_either_time(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_log_in(gate, stream, 1);
    static const char form[] =
        "{\"time\":1700000000,\"channel\":\"futures.order_place\",\"event\":\"api\",\"payload\":{"
        "\"req_id\":\"r\",\"api_key\":\"key\",\"timestamp\":\"%s\",\"signature\":\"%s\","
        "\"req_param\":{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"50000\",\"tif\":\"gtc\","
        "\"text\":\"t-1\"}}}";
    static const char signature[] =
        "c0904c8c65047eb0487e3c3b939eef02ca6f33b3b0d2529f4f86b7512494ab2f90b88cdd6634b5a511cbaf993a"
        "71c036bdb3766b68e0f15d4306be3bd68f8082";
    char text[2048];
    gate_set_price(gate, 1, "50500");
    snprintf(text, sizeof(text), form, "1700000000", signature);
    gate_ask(gate, stream, text);
    assert_int_equal(gate_count(gate, "\"status\":\"200\"", ""), 2);
    gate_call(gate, stream, "order_cancel", "{\"order_id\":\"t-1\"}");
    snprintf(text, sizeof(text), form, "170000000012", signature);
    gate_ask(gate, stream, text);
    assert_int_equal(gate_count(gate, "\"status\":\"200\"", ""), 2);
    snprintf(text, sizeof(text), form, "1700000000", "00");
    gate_say(gate, stream, text);
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "INVALID_SIGNATURE");
}

/* --- Calls -------------------------------------------------------------------------------------
 */

static struct paper_stream *open_logged_in(struct gate *gate)
{
    struct paper_stream *stream = gate_open(gate, false);
    gate_log_in(gate, stream, 1);
    return stream;
}

static void an_order_is_acknowledged_and_then_answered(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":\"10\",\"price\":\"59000\",\"tif\":\"gtc\","
              "\"text\":\"t-my-custom-id\"}");
    assert_int_equal(gate->text_count, 2);
    const char *ack = gate->texts[0], *result = gate->texts[1];
    assert_has(ack, "\"request_id\":\"r-1\",\"ack\":true");
    assert_has(ack, "\"status\":\"200\"");
    assert_has(ack, "\"event\":\"api\"");
    assert_has(ack, "\"data\":{\"result\":{\"req_id\":\"r-1\",\"req_header\":null,\"req_param\":{"
                    "\"contract\":\"BTC_USDT\",\"size\":\"10\",\"price\":\"59000\"");
    assert_has(ack, "\"x_gate_ratelimit_requests_remain\":99,\"x_gate_ratelimit_limit\":100,"
                    "\"x_gat_ratelimit_reset_timestamp\":1700000000000");
    assert_has(result, "\"request_id\":\"r-1\",\"ack\":false");
    assert_has(result, "\"data\":{\"result\":{");
    assert_has(result, "\"status\":\"open\"");
    assert_has(result, "\"text\":\"t-my-custom-id\"");
    assert_has(result, "\"size\":10,");
    assert_has(result, "\"user\":20011");
    assert_has(result, "\"price\":\"59000\"");
}

static void a_result_may_leave_behind_the_pushes_that_it_caused(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    int before = 0, after = 0;
    gate_follow(gate, stream, 1, "futures.orders");
    for (int i = 0; i < 40; i++) {
        gate_call(gate, stream, "order_place",
                  "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0\",\"tif\":\"ioc\"}");
        int result = gate_find(gate, "\"ack\":false", "");
        int push = gate_find(gate, "\"channel\":\"futures.orders\"", "\"update\"");
        assert_int_equal(gate_find(gate, "\"ack\":true", ""), 0);
        assert_true(result > 0 && push > 0);
        before += result < push;
        after += result > push;
    }
    assert_true(before > 0);
    assert_true(after > 0);
}

static void an_order_without_a_text_is_told_where_it_came_from(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}");
    assert_has(gate->texts[1], "\"text\":\"apiv4-ws\"");
}

static void a_refusal_comes_behind_the_acknowledgement(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":10000000,\"price\":\"59000\"}");
    assert_int_equal(gate->text_count, 2);
    assert_has(gate->texts[0], "\"ack\":true");
    assert_has(gate->texts[0], "\"status\":\"200\"");
    assert_has(gate->texts[1], "\"ack\":false");
    assert_has(gate->texts[1], "\"status\":\"400\"");
    assert_has(gate->texts[1], "\"data\":{\"errs\":{\"label\":\"");
    gate_call(gate, stream, "order_place", "[]");
    assert_has(gate->texts[1], "\"label\":\"INVALID_REQUEST_BODY\"");
}

/* A login lasts, but each request is of its own time. */
static void a_request_that_is_old_is_refused(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    gate->now_ms += 61000;
    gate_ask(gate, stream,
             "{\"time\":1700000000,\"channel\":\"futures.order_place\",\"event\":\"api\","
             "\"payload\":{\"req_id\":\"r-1\",\"req_param\":{\"contract\":\"BTC_USDT\","
             "\"size\":10,\"price\":\"59000\"}}}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"label\":\"REQUEST_EXPIRED\"");
    gate_call(gate, stream, "order_list", "{\"status\":\"open\"}");
    assert_has(gate->texts[0], "\"result\":[]");
}

static void place_resting(struct gate *gate, struct paper_stream *stream, char id[128])
{
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":10,\"price\":\"59000\",\"text\":\"t-a\"}");
    gate_member(gate->texts[1], "id", id);
}

static void an_order_is_amended_asked_for_listed_and_cancelled(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    char id[128], param[256];
    place_resting(gate, stream, id);

    snprintf(param, sizeof(param), "{\"order_id\":\"%s\",\"price\":\"59100\"}", id);
    gate_call(gate, stream, "order_amend", param);
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"price\":\"59100\"");
    assert_lacks(gate->texts[0], "\"ack\""); /* it is answered once */

    gate_call(gate, stream, "order_status", "{\"order_id\":\"t-a\"}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"status\":\"open\"");
    assert_lacks(gate->texts[0], "x_gate_ratelimit");
    gate_call(gate, stream, "order_status", "{\"order_id\":\"t-b\"}");
    assert_has(gate->texts[0], "\"status\":\"400\"");
    assert_has(gate->texts[0], "\"label\":\"ORDER_NOT_FOUND\"");

    gate_call(gate, stream, "order_list", "{\"status\":\"open\",\"contract\":\"BTC_USDT\"}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"result\":[{");

    snprintf(param, sizeof(param), "{\"order_id\":%s}", id);
    gate_call(gate, stream, "order_cancel", param);
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"finish_as\":\"cancelled\"");

    gate_call(gate, stream, "order_cancel", param);
    assert_has(gate->texts[0], "\"status\":\"400\"");
    assert_has(gate->texts[0], "\"errs\":{\"label\":\"ORDER_");
}

static void several_are_placed_with_one_request(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    gate_call(gate, stream, "order_batch_place",
              "[{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"},"
              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"1\"}]");
    assert_int_equal(gate->text_count, 2);
    assert_has(gate->texts[0], "\"ack\":true");
    assert_has(gate->texts[0], "\"x_gate_ratelimit_requests_remain\":98");
    assert_has(gate->texts[1], "\"result\":[{");
    assert_has(gate->texts[1], "\"succeeded\":true");
    assert_has(gate->texts[1], "\"succeeded\":false");
    assert_has(gate->texts[1], "\"label\":\"PRICE_TOO_DEVIATED\"");
}

static void a_list_of_ids_is_cancelled_one_by_one(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    char id[128], param[256], expected[256];
    place_resting(gate, stream, id);
    snprintf(param, sizeof(param), "[\"%s\",\"123\"]", id);
    gate_call(gate, stream, "order_cancel_ids", param);
    assert_int_equal(gate->text_count, 1);
    snprintf(expected, sizeof(expected),
             "\"result\":[{\"id\":\"%s\",\"user_id\":20011,\"succeeded\":true},"
             "{\"id\":\"123\",\"user_id\":20011,\"message\":\"ORDER_NOT_FOUND\"}]",
             id);
    assert_has(gate->texts[0], expected);
}

static void the_orders_of_a_contract_are_cancelled_at_once(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    char id[128];
    place_resting(gate, stream, id);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":-10,\"price\":\"61000\",\"text\":\"t-b\"}");
    gate_call(gate, stream, "order_cancel_cp", "{\"contract\":\"BTC_USDT\",\"side\":\"ask\"}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"text\":\"t-b\"");
    assert_lacks(gate->texts[0], "\"text\":\"t-a\"");
    gate_call(gate, stream, "order_cancel_cp", "{\"contract\":\"BTC_USDT\"}");
    assert_has(gate->texts[0], "\"text\":\"t-a\"");
}

/* --- What the gateway refuses ------------------------------------------------------------------
 */

static void an_order_that_came_too_late_is_not_placed(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    static const char form[] =
        "{\"time\":1700000000,\"channel\":\"futures.order_place\",\"event\":\"api\",\"payload\":{"
        "\"req_id\":\"r\",\"req_header\":{\"x-gate-exptime\":\"%s\"},\"req_param\":{"
        "\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}}}";
    char text[512];
    snprintf(text, sizeof(text), form, "1699999999999");
    gate_say(gate, stream, text);
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"errs\":{\"label\":\"REQUEST_EXPIRED\"");
    assert_null(paper_engine_next_open_order(gate->engine, 1, KEEL_NO_MARKET, NULL));
    snprintf(text, sizeof(text), form, "1700000000000");
    gate_ask(gate, stream, text);
    assert_int_equal(gate->text_count, 2);
    assert_non_null(paper_engine_next_open_order(gate->engine, 1, KEEL_NO_MARKET, NULL));
}

static void the_hundred_and_first_order_of_a_second_is_refused(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    for (int i = 0; i < 50; i++) {
        char id[128], param[256];
        place_resting(gate, stream, id);
        snprintf(param, sizeof(param), "{\"order_id\":\"%s\"}", id);
        gate_call(gate, stream, "order_cancel", param);
        assert_has(gate->texts[0], "\"status\":\"200\"");
    }
    assert_lacks(gate->texts[0], "x_gate_ratelimit_requests_remain");
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"status\":\"429\"");
    assert_lacks(gate->texts[0], "\"ack\"");
    assert_has(gate->texts[0], "\"x_gate_ratelimit_limit\":100,"
                               "\"x_gate_ratelimit_reset_timestamp\":1700000001000");
    assert_has(gate->texts[0], "\"errs\":{\"label\":\"TOO_MANY_REQUESTS\",\"message\":\"Request "
                               "Rate limit Exceeded (311)\"}");
    gate->now_ms += 1000;
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}");
    assert_int_equal(gate->text_count, 2);
}

static void what_is_no_call_is_refused(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_logged_in(gate);
    gate_call(gate, stream, "order_dance", "{}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"label\":\"INVALID_ARGUMENT\"");
    gate_say(gate, stream,
             "{\"time\":1700000000,\"channel\":\"futures.order_list\",\"event\":\"api\"}");
    assert_has(gate->texts[0], "\"label\":\"INVALID_REQUEST_BODY\"");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_gate, tear_down_gate)
    const struct CMUnitTest tests[] = {
        TEST(a_login_signs_its_parameter_as_it_is_written),
        TEST(a_key_of_nobody_does_not_log_in),
        TEST(a_login_that_is_old_is_refused),
        TEST(before_a_login_nothing_is_called),
        TEST(a_login_is_no_subscription_and_the_reverse),
        TEST(a_signature_may_be_over_either_time),
        TEST(an_order_is_acknowledged_and_then_answered),
        TEST(a_result_may_leave_behind_the_pushes_that_it_caused),
        TEST(an_order_without_a_text_is_told_where_it_came_from),
        TEST(a_refusal_comes_behind_the_acknowledgement),
        TEST(a_request_that_is_old_is_refused),
        TEST(an_order_is_amended_asked_for_listed_and_cancelled),
        TEST(several_are_placed_with_one_request),
        TEST(a_list_of_ids_is_cancelled_one_by_one),
        TEST(the_orders_of_a_contract_are_cancelled_at_once),
        TEST(an_order_that_came_too_late_is_not_placed),
        TEST(the_hundred_and_first_order_of_a_second_is_refused),
        TEST(what_is_no_call_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

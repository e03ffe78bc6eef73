/* Gate.io's spot WebSocket: what its channels tell, order entry, and what the signatures guard. */
#include "gateio_streams_helper.h"

#include "paper/fault.h"

#define BTC ((keel_market_id)1)

static void set_spot_price(struct gate *gate, const char *price)
{
    assert_int_equal(
        paper_spot_set_price(gate->spot, gate->now_ms, BTC, keel_decimal_from_text(price)),
        PAPER_SPOT_OK);
    gate_drain(gate);
}

static struct paper_stream *open_spot(struct gate *gate)
{
    struct paper_stream *stream = gate_open_at(gate, "/ws/v4/", false);
    set_spot_price(gate, "20000");
    return stream;
}

static void follow(struct gate *gate, struct paper_stream *stream, int account, const char *channel)
{
    bool balances = strcmp(channel, "spot.balances") == 0;
    gate_subscribe_as(gate, stream, account, "subscribe", channel, balances ? "[]" : "[\"!all\"]");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"error\":null");
}

static void subscribe(struct gate *gate, struct paper_stream *stream, const char *channel,
                      const char *payload)
{
    char text[512];
    (void)snprintf(text, sizeof(text),
                   "{\"time\":%lld,\"channel\":\"%s\",\"event\":\"subscribe\",\"payload\":%s}",
                   (long long)(gate->now_ms / 1000), channel, payload);
    gate_say(gate, stream, text);
}

static void log_in(struct gate *gate, struct paper_stream *stream, int account)
{
    char text[1024], signature[129];
    long long time_s = gate->now_ms / 1000;
    (void)snprintf(text, sizeof(text), "api\nspot.login\n\n%lld", time_s);
    gate_sign(gate->rows[account - 1].api_secret, text, signature);
    (void)snprintf(
        text, sizeof(text),
        "{\"time\":%lld,\"channel\":\"spot.login\",\"event\":\"api\",\"payload\":{"
        "\"req_id\":\"login\",\"api_key\":\"%s\",\"signature\":\"%s\",\"timestamp\":\"%lld\"}}",
        time_s, gate->rows[account - 1].api_key, signature, time_s);
    gate_say(gate, stream, text);
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"status\":\"200\"");
}

static void call(struct gate *gate, struct paper_stream *stream, const char *channel,
                 const char *param)
{
    char text[4096];
    (void)snprintf(text, sizeof(text),
                   "{\"time\":%lld,\"channel\":\"spot.%s\",\"event\":\"api\","
                   "\"payload\":{\"req_id\":\"r-1\",\"req_param\":%s}}",
                   (long long)(gate->now_ms / 1000), channel, param);
    gate_ask(gate, stream, text);
}

static const struct paper_spot_order *place(struct gate *gate, int account, enum keel_side side,
                                            const char *quantity, const char *price)
{
    const struct paper_spot_order *order;
    struct paper_spot_request request = paper_spot_request_init();
    request.market = BTC;
    request.side = side;
    request.type = KEEL_LIMIT;
    request.time_in_force = KEEL_GTC;
    request.quantity = keel_decimal_from_text(quantity);
    request.price = keel_decimal_from_text(price);
    request.client_id = KEEL_STR("t-x");
    assert_int_equal(
        paper_spot_place_order(gate->spot, gate->now_ms, account, &request, false, &order),
        PAPER_SPOT_OK);
    gate_drain(gate);
    return order;
}

static void cancel(struct gate *gate, int account, int64_t id)
{
    const struct paper_spot_order *order;
    assert_int_equal(paper_spot_cancel_order(gate->spot, gate->now_ms, account, BTC, id,
                                             KEEL_STR(""), KEEL_STR(""), &order),
                     PAPER_SPOT_OK);
    gate_drain(gate);
}

/* --- Private channels --------------------------------------------------------------------------
 */

static void an_order_is_put_updated_and_finished(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    follow(gate, stream, 1, "spot.orders");
    int64_t id = place(gate, 1, KEEL_BUY, "0.01", "19000")->id;
    gate_collect(gate, stream);
    assert_int_equal(gate->text_count, 1);
    assert_string_equal(
        gate->texts[0],
        "{\"time\":1700000000,\"time_ms\":1700000000000,\"channel\":\"spot.orders\","
        "\"event\":\"update\",\"result\":[{\"id\":\"28000000001\",\"text\":\"t-x\","
        "\"amend_text\":\"-\",\"create_time\":\"1700000000\",\"update_time\":\"1700000000\","
        "\"create_time_ms\":\"1700000000000\",\"update_time_ms\":\"1700000000000\","
        "\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\",\"account\":\"spot\",\"side\":\"buy\","
        "\"amount\":\"0.01\",\"price\":\"19000\",\"time_in_force\":\"gtc\",\"iceberg\":\"0\","
        "\"left\":\"0.01\",\"filled_amount\":\"0\",\"fill_price\":\"0\",\"filled_total\":\"0\","
        "\"avg_deal_price\":\"0\",\"fee\":\"0\",\"fee_currency\":\"BTC\",\"point_fee\":\"0\","
        "\"gt_fee\":\"0\",\"gt_maker_fee\":\"0\",\"gt_taker_fee\":\"0\",\"gt_discount\":false,"
        "\"rebated_fee\":\"0\",\"rebated_fee_currency\":\"USDT\",\"stp_id\":0,\"stp_act\":\"-\","
        "\"finish_as\":\"open\",\"user\":20011,\"event\":\"put\",\"auto_borrow\":false,"
        "\"auto_repay\":false}]}");
    cancel(gate, 1, id);
    gate_collect(gate, stream);
    assert_has(gate_text(gate, "\"event\":\"finish\"", ""), "\"finish_as\":\"cancelled\"");
}

static void a_fill_is_told_with_its_fee_in_what_is_received(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    follow(gate, stream, 1, "spot.orders");
    follow(gate, stream, 1, "spot.usertrades");
    (void)place(gate, 1, KEEL_BUY, "0.01", "20100");
    gate_collect(gate, stream);
    const char *fill = gate_text(gate, "spot.usertrades", "");
    assert_has(fill, "\"user_id\":20011,\"create_time\":1700000000,"
                     "\"create_time_ms\":\"1700000000000.000000\"");
    assert_has(fill, "\"role\":\"taker\",\"amount\":\"0.01\",\"price\":\"20000.1\","
                     "\"order_id\":\"28000000001\",\"fee\":\"0.00002\",\"fee_currency\":\"BTC\"");
    const char *end = gate_text(gate, "spot.orders", "\"event\":\"finish\"");
    assert_has(end, "\"left\":\"0\"");
    assert_has(end, "\"finish_as\":\"filled\"");
}

static void balances_tell_what_is_held(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    follow(gate, stream, 1, "spot.balances");
    int64_t id = place(gate, 1, KEEL_BUY, "0.01", "19000")->id;
    gate_collect(gate, stream);
    assert_has(gate->texts[0],
               "\"result\":[{\"timestamp\":\"1700000000\",\"timestamp_ms\":\"1700000000000\","
               "\"user\":\"20011\",\"currency\":\"USDT\",\"change\":\"0\",\"total\":\"10000\","
               "\"available\":\"9810\",\"freeze\":\"190\",\"freeze_change\":\"190\","
               "\"change_type\":\"order-create\"}]");
    cancel(gate, 1, id);
    gate_collect(gate, stream);
    assert_has(gate->texts[0], "\"freeze_change\":\"-190\",\"change_type\":\"order-cancel\"");
}

static void a_trigger_order_is_told_on_its_own_channel_until_it_fires(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    const struct paper_spot_order *order;
    struct paper_spot_request request = paper_spot_request_init();
    request.market = BTC;
    request.side = KEEL_BUY;
    request.type = KEEL_STOP_LIMIT;
    request.time_in_force = KEEL_GTC;
    request.unfunded = true;
    request.quantity = keel_decimal_from_text("0.01");
    request.price = keel_decimal_from_int(21100);
    request.trigger_price = keel_decimal_from_int(21000);
    follow(gate, stream, 1, "spot.orders");
    follow(gate, stream, 1, "spot.priceorders");
    assert_int_equal(paper_spot_place_order(gate->spot, gate->now_ms, 1, &request, false, &order),
                     PAPER_SPOT_OK);
    gate_drain(gate);
    gate_collect(gate, stream);
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"result\":{\"market\":\"BTC_USDT\",\"uid\":\"20011\","
                               "\"id\":\"1000000001\"");
    assert_has(gate->texts[0], "\"fired_order_id\":0");
    assert_has(gate->texts[0], "\"trigger_price\":\"21000\",\"trigger_rule\":\">=\"");
    set_spot_price(gate, "21000");
    gate_collect(gate, stream);
    assert_has(gate_text(gate, "spot.priceorders", ""), "\"fired_order_id\":28000000001");
    assert_int_equal(gate_count(gate, "spot.priceorders", ""), 1);
    assert_int_equal(gate_count(gate, "spot.orders", "\"event\":\"put\""), 1);
    assert_int_equal(gate_count(gate, "spot.orders", "\"event\":\"finish\""), 1);
}

static void each_account_hears_of_itself_alone(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    follow(gate, stream, 2, "spot.orders");
    follow(gate, stream, 2, "spot.balances");
    (void)place(gate, 1, KEEL_BUY, "0.01", "19000");
    gate_collect(gate, stream);
    assert_int_equal(gate->text_count, 0);
}

static void a_private_channel_needs_a_signature_and_a_known_pair(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    subscribe(gate, stream, "spot.orders", "[\"!all\"]");
    assert_has(gate->texts[0], "\"error\":{\"code\":4,");
    gate_subscribe_as(gate, stream, 1, "subscribe", "spot.orders", "[\"NO_USDT\"]");
    assert_has(gate->texts[0], "unknown currency pair NO_USDT");
    gate_subscribe_as(gate, stream, 1, "subscribe", "spot.orders", "[]");
    assert_has(gate->texts[0], "\"status\":\"fail\"");
}

static void a_connection_has_the_channels_of_its_side(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *spot = open_spot(gate), *futures = gate_open(gate, false);
    subscribe(gate, spot, "futures.tickers", "[\"BTC_USDT\"]");
    assert_has(gate->texts[0], "unknown channel futures.tickers");
    subscribe(gate, futures, "spot.tickers", "[\"BTC_USDT\"]");
    assert_has(gate->texts[0], "unknown channel spot.tickers");
    gate_say(gate, spot, "{\"time\":1700000000,\"channel\":\"spot.ping\"}");
    assert_has(gate->texts[0], "\"channel\":\"spot.pong\"");
}

/* --- Order entry -------------------------------------------------------------------------------
 */

static void order_entry_needs_a_login(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    call(gate, stream, "order_place", "{}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"status\":\"400\"");
    assert_has(gate->texts[0],
               "\"errs\":{\"label\":\"AUTHENTICATION_FAILED\",\"message\":\"Not login\"}");
}

#define ORDER                                                                                      \
    "{\"text\":\"t-w\",\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\",\"account\":\"spot\","    \
    "\"side\":\"buy\",\"amount\":\"0.01\",\"price\":\"19000\"}"

static void an_order_is_acknowledged_and_then_answered(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    log_in(gate, stream, 1);
    call(gate, stream, "order_place", ORDER);
    assert_int_equal(gate->text_count, 2);
    assert_has(gate->texts[0], "\"ack\":true");
    assert_has(gate->texts[0],
               "\"x_gate_ratelimit_requests_remain\":9,\"x_gate_ratelimit_limit\":10");
    assert_has(gate->texts[0], "\"req_param\":" ORDER);
    assert_has(gate->texts[1], "\"ack\":false");
    assert_has(gate->texts[1], "\"result\":{\"id\":\"28000000001\",\"text\":\"t-w\"");
}

static void an_order_is_asked_for_amended_and_cancelled(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    log_in(gate, stream, 1);
    call(gate, stream, "order_place", ORDER);
    call(gate, stream, "order_status", "{\"order_id\":\"t-w\",\"currency_pair\":\"BTC_USDT\"}");
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"status\":\"open\"");
    call(gate, stream, "order_list", "{\"currency_pair\":\"BTC_USDT\",\"status\":\"open\"}");
    assert_has(gate->texts[0], "\"result\":[{\"id\":\"28000000001\"");
    call(gate, stream, "order_amend",
         "{\"order_id\":\"28000000001\",\"currency_pair\":\"BTC_USDT\",\"price\":\"18000\"}");
    assert_has(gate->texts[0], "\"price\":\"18000\"");
    call(gate, stream, "order_cancel",
         "{\"order_id\":\"28000000001\",\"currency_pair\":\"BTC_USDT\"}");
    assert_has(gate->texts[0], "\"status\":\"cancelled\"");
    call(gate, stream, "order_cancel",
         "{\"order_id\":\"28000000001\",\"currency_pair\":\"BTC_USDT\"}");
    assert_has(gate->texts[0], "\"label\":\"ORDER_CANCELLED\"");
}

static void a_list_of_orders_goes_on_the_same_channel(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    log_in(gate, stream, 1);
    call(gate, stream, "order_place", "[" ORDER "]");
    assert_int_equal(gate->text_count, 2);
    assert_has(gate->texts[1], "\"succeeded\":true");
    call(gate, stream, "order_cancel_ids",
         "[{\"currency_pair\":\"BTC_USDT\",\"id\":\"28000000001\"},"
         "{\"currency_pair\":\"BTC_USDT\",\"id\":\"9\"}]");
    assert_has(gate->texts[0], "\"succeeded\":true");
    assert_has(gate->texts[0], "\"label\":\"ORDER_NOT_FOUND\"");
    call(gate, stream, "order_place", ORDER);
    call(gate, stream, "order_cancel_cp", "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\"}");
    assert_has(gate->texts[0], "\"result\":[{\"id\":\"28000000002\"");
}

static void order_entry_takes_ten_a_second(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    log_in(gate, stream, 1);
    for (int i = 0; i < 10; i++)
        call(gate, stream, "order_cancel", "{\"order_id\":\"9\",\"currency_pair\":\"BTC_USDT\"}");
    call(gate, stream, "order_place", ORDER);
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"status\":\"429\"");
    assert_has(gate->texts[0], "Request Rate limit Exceeded (211)");
    gate->now_ms += 1000;
    call(gate, stream, "order_place", ORDER);
    assert_int_equal(gate->text_count, 2);
}

/* --- Public channels ---------------------------------------------------------------------------
 */

static void the_market_is_told_in_pairs_of_texts(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    subscribe(gate, stream, "spot.tickers", "[\"BTC_USDT\"]");
    subscribe(gate, stream, "spot.book_ticker", "[\"BTC_USDT\"]");
    subscribe(gate, stream, "spot.trades", "[\"BTC_USDT\"]");
    subscribe(gate, stream, "spot.order_book", "[\"BTC_USDT\",\"5\",\"100ms\"]");
    subscribe(gate, stream, "spot.candlesticks", "[\"1m\",\"BTC_USDT\"]");
    (void)place(gate, 1, KEEL_BUY, "0.01", "20100");
    gate_pass(gate, stream, 1000);
    assert_has(gate_text(gate, "spot.tickers", ""),
               "\"result\":{\"currency_pair\":\"BTC_USDT\",\"last\":\"20000.1\"");
    assert_has(gate_text(gate, "spot.book_ticker", ""), "\"s\":\"BTC_USDT\",\"b\":\"");
    assert_has(gate_text(gate, "spot.trades", ""),
               "\"side\":\"buy\",\"currency_pair\":\"BTC_USDT\","
               "\"amount\":\"0.01\",\"price\":\"20000.1\"");
    assert_has(gate_text(gate, "spot.order_book", "lastUpdateId"), "\"bids\":[[\"");
    assert_has(gate_text(gate, "spot.candlesticks", ""), "\"n\":\"1m_BTC_USDT\"");
}

static void a_book_is_told_by_what_changes(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    subscribe(gate, stream, "spot.order_book_update", "[\"BTC_USDT\",\"100ms\"]");
    (void)place(gate, 1, KEEL_BUY, "0.01", "19999.9");
    gate_pass(gate, stream, 100);
    const char *update = gate_text(gate, "spot.order_book_update", "depthUpdate");
    assert_has(update, "\"b\":[[\"19999.9\",\"");
    assert_has(update, "\"a\":[]");
}

static void a_whole_book_comes_first_where_it_is_promised(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    subscribe(gate, stream, "spot.obu", "[\"ob.BTC_USDT.50\"]");
    gate_pass(gate, stream, 100);
    const char *whole = gate_text(gate, "spot.obu", "\"full\":true");
    assert_has(whole, "\"s\":\"ob.BTC_USDT.50\"");
    assert_has(whole, "\"a\":[[\"20000.1\",");
    (void)place(gate, 1, KEEL_BUY, "0.01", "19999.9");
    gate_pass(gate, stream, 100);
    const char *update = gate_text(gate, "spot.obu", "\"U\":");
    assert_lacks(update, "full");
    assert_has(update, "\"a\":[]");
    subscribe(gate, stream, "spot.obu", "[\"ob.BTC_USDT.7\"]");
    assert_has(gate->texts[0], "\"status\":\"fail\"");
}

/* --- Faults ------------------------------------------------------------------------------------
 */

static void a_frame_is_known_by_its_channel(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_spot(gate);
    struct paper_fault_subject subject;
    follow(gate, stream, 1, "spot.orders");
    (void)place(gate, 1, KEEL_BUY, "0.01", "19000");
    gate_collect(gate, stream);
    gate->dialect->ops->describe_frame(stream, keel_str_from(gate->texts[0]), &subject);
    assert_int_equal(subject.account, 1);
    assert_int_equal(subject.stream, PAPER_STREAM_USER);
    assert_true(keel_str_equals(subject.event, KEEL_STR("spot.orders")));
    log_in(gate, stream, 1);
    call(gate, stream, "order_place", ORDER);
    gate->dialect->ops->describe_frame(stream, keel_str_from(gate_text(gate, "\"ack\":true", "")),
                                       &subject);
    assert_int_equal(subject.stream, PAPER_STREAM_API);
    assert_true(keel_str_equals(subject.event, KEEL_STR("spot.order_place.ack")));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up_gate, tear_down_gate)
    const struct CMUnitTest tests[] = {
        T(an_order_is_put_updated_and_finished),
        T(a_fill_is_told_with_its_fee_in_what_is_received),
        T(balances_tell_what_is_held),
        T(a_trigger_order_is_told_on_its_own_channel_until_it_fires),
        T(each_account_hears_of_itself_alone),
        T(a_private_channel_needs_a_signature_and_a_known_pair),
        T(a_connection_has_the_channels_of_its_side),
        T(order_entry_needs_a_login),
        T(an_order_is_acknowledged_and_then_answered),
        T(an_order_is_asked_for_amended_and_cancelled),
        T(a_list_of_orders_goes_on_the_same_channel),
        T(order_entry_takes_ten_a_second),
        T(the_market_is_told_in_pairs_of_texts),
        T(a_book_is_told_by_what_changes),
        T(a_whole_book_comes_first_where_it_is_promised),
        T(a_frame_is_known_by_its_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

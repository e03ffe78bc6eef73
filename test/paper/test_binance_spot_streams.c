/* Binance spot by WebSocket: its API, user data and market streams. */
#include "binance_spot_helper.h"

#define LIMIT "symbol=BTCUSDT&type=LIMIT&timeInForce=GTC"

static struct paper_stream *open_user_stream(struct fixture *fixture)
{
    struct paper_stream *stream = open_stream(fixture, "/ws-api/v3", "returnRateLimits=false");
    assert_non_null(stream);
    const char *heard = ask(fixture, stream, "userDataStream.subscribe.signature", "", "", "");
    assert_string_equal(heard, "{\"id\":\"7\",\"status\":200,\"result\":{\"subscriptionId\":0}}\n");
    return stream;
}

static void user_data_comes_wrapped_after_a_signed_subscription(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_user_stream(fixture);
    const char *heard = ask(fixture, stream, "userDataStream.subscribe.signature", "", "", "");
    assert_contains(heard, "\"code\":-2035");
    call(fixture, "POST", "/api/v3/order",
         LIMIT "&side=BUY&quantity=0.1&price=19000&newClientOrderId=a");
    heard = hear(stream);
    assert_contains(heard, "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\"");
    assert_contains(heard, "\"s\":\"BTCUSDT\",\"c\":\"a\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":"
                           "\"GTC\",\"q\":\"0.10000000\"");
    assert_contains(heard, "\"C\":\"\",\"x\":\"NEW\",\"X\":\"NEW\",\"r\":\"NONE\"");
    assert_contains(heard, "\"n\":\"0\",\"N\":null");
    assert_contains(heard, "\"t\":-1");
    assert_contains(heard, "\"w\":true,\"m\":false");
    assert_contains(heard, "{\"subscriptionId\":0,\"event\":{\"e\":\"outboundAccountPosition\"");
    assert_contains(heard,
                    "\"B\":[{\"a\":\"USDT\",\"f\":\"8100.00000000\",\"l\":\"1900.00000000\"}]");
    control(fixture, "/paper/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"18000\"}");
    heard = hear(stream);
    assert_contains(heard, "\"x\":\"TRADE\",\"X\":\"FILLED\"");
    assert_contains(heard, "\"l\":\"0.10000000\",\"z\":\"0.10000000\",\"L\":\"19000.00000000\","
                           "\"n\":\"0.00010000\",\"N\":\"BTC\"");
    assert_contains(heard, "\"m\":true");
    assert_contains(heard, "{\"a\":\"BTC\",\"f\":\"0.09990000\",\"l\":\"0.00000000\"}");
    assert_null(strstr(heard, "balanceUpdate")); /* a trade is none */
}

static void a_cancel_event_has_both_names(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_user_stream(fixture);
    call(fixture, "POST", "/api/v3/order",
         LIMIT "&side=BUY&quantity=0.1&price=19000&newClientOrderId=a");
    call(fixture, "PUT", "/api/v3/order/amend/keepPriority",
         "symbol=BTCUSDT&origClientOrderId=a&newQty=0.05&newClientOrderId=b");
    call(fixture, "DELETE", "/api/v3/order",
         "symbol=BTCUSDT&origClientOrderId=b&newClientOrderId=gone");
    const char *heard = hear(stream);
    assert_contains(heard, "\"c\":\"b\"");
    assert_contains(heard, "\"C\":\"a\",\"x\":\"REPLACED\"");
    assert_contains(heard, "\"c\":\"gone\"");
    assert_contains(heard, "\"C\":\"b\",\"x\":\"CANCELED\",\"X\":\"CANCELED\"");
}

static void a_stop_is_told_when_it_is_placed_and_when_it_works(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_user_stream(fixture);
    call(fixture, "POST", "/api/v3/order",
         "symbol=BTCUSDT&type=STOP_LOSS_LIMIT&side=BUY&quantity=0.1&price=20500&stopPrice=21000"
         "&timeInForce=GTC");
    assert_contains(hear(stream), "\"w\":false");
    control(fixture, "/paper/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"21000\"}");
    const char *heard = hear(stream);
    assert_contains(heard, "\"o\":\"STOP_LOSS_LIMIT\"");
    assert_contains(heard, "\"x\":\"NEW\",\"X\":\"NEW\"");
    assert_contains(heard, "\"w\":true");
}

static void deposits_and_transfers_are_balance_updates(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_user_stream(fixture);
    deposit(fixture, 1, "ETH", "2");
    const char *heard = hear(stream);
    assert_contains(heard, "{\"e\":\"balanceUpdate\"");
    assert_contains(heard, "\"a\":\"ETH\",\"d\":\"2.00000000\"");
    call(fixture, "POST", "/sapi/v1/asset/transfer", "type=MAIN_UMFUTURE&asset=USDT&amount=250.5");
    heard = hear(stream);
    assert_contains(heard, "\"a\":\"USDT\",\"d\":\"-250.50000000\"");
    assert_contains(heard, "\"B\":[{\"a\":\"USDT\",\"f\":\"9749.50000000\"");
    call(fixture, "POST", "/sapi/v1/capital/withdraw/apply",
         "coin=USDT&network=TRX&amount=100&address=TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh");
    assert_contains(hear(stream), "\"a\":\"USDT\",\"d\":\"-100.00000000\"");
    for (int i = 0; i < 3; i++)
        pass(fixture, PAPER_WALLET_STEP_MS);
    assert_null(strstr(hear(stream), "balanceUpdate")); /* it was told when it was asked for */
}

static void subscriptions_end_when_told_to(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_user_stream(fixture);
    say(fixture, stream, "{\"id\":1,\"method\":\"session.subscriptions\"}");
    assert_contains(hear(stream), "\"result\":[{\"subscriptionId\":0}]");
    say(fixture, stream,
        "{\"id\":2,\"method\":\"userDataStream.unsubscribe\",\"params\":{\"subscriptionId\":4}}");
    assert_contains(hear(stream), "\"code\":-2036");
    say(fixture, stream, "{\"id\":3,\"method\":\"userDataStream.unsubscribe\"}");
    assert_contains(hear(stream), "{\"id\":3,\"status\":200,\"result\":{}");
    call(fixture, "POST", "/api/v3/order", LIMIT "&side=BUY&quantity=0.1&price=19000");
    assert_string_equal(hear(stream), "");
    assert_contains(ask(fixture, stream, "userDataStream.subscribe.signature", "", "", ""),
                    "\"subscriptionId\":1"); /* ids are not used again */
    control(fixture, "/paper/fault", "{\"action\":\"expire-key\",\"account\":1,\"notices\":1}");
    pass(fixture, 10);
    assert_contains(hear(stream),
                    "{\"subscriptionId\":1,\"event\":{\"e\":\"eventStreamTerminated\"");
}

static void a_session_needs_another_kind_of_key(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(fixture, "/ws-api/v3", "");
    const char *heard = ask(fixture, stream, "session.logon", "", "", "");
    assert_contains(heard, "\"status\":400,\"error\":{\"code\":-4056,");
    say(fixture, stream, "{\"id\":1,\"method\":\"userDataStream.subscribe\"}");
    assert_contains(hear(stream), "\"status\":401,\"error\":{\"code\":-1002,");
    say(fixture, stream, "{\"id\":1,\"method\":\"userDataStream.start\"}");
    assert_contains(hear(stream), "\"status\":410");
    say(fixture, stream, "{\"id\":1,\"method\":\"nothing.there\"}");
    assert_contains(hear(stream), "\"status\":400");
    say(fixture, stream, "{");
    assert_contains(hear(stream), "\"code\":-1135");
}

static void orders_are_placed_and_cancelled_on_the_socket(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(fixture, "/ws-api/v3", "");
    const char *heard =
        ask(fixture, stream, "order.place",
            "\"newClientOrderId\":\"a\",\"price\":\"19000\",\"quantity\":\"0.1\",\"side\":\"BUY\","
            "\"symbol\":\"BTCUSDT\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\"",
            "&newClientOrderId=a&price=19000&quantity=0.1&side=BUY&symbol=BTCUSDT&timeInForce=GTC",
            "&type=LIMIT");
    assert_contains(heard, "{\"id\":\"7\",\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\"");
    assert_contains(heard, "\"rateLimits\":[{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\"");
    heard =
        ask(fixture, stream, "order.status", "\"origClientOrderId\":\"a\",\"symbol\":\"BTCUSDT\"",
            "&origClientOrderId=a&symbol=BTCUSDT", "");
    assert_contains(heard, "\"status\":\"NEW\"");
    heard =
        ask(fixture, stream, "openOrders.status", "\"symbol\":\"BTCUSDT\"", "&symbol=BTCUSDT", "");
    assert_contains(heard, "\"clientOrderId\":\"a\"");
    heard =
        ask(fixture, stream, "order.cancel", "\"origClientOrderId\":\"a\",\"symbol\":\"BTCUSDT\"",
            "&origClientOrderId=a&symbol=BTCUSDT", "");
    assert_contains(heard, "\"status\":\"CANCELED\"");
    heard =
        ask(fixture, stream, "order.cancel", "\"origClientOrderId\":\"a\",\"symbol\":\"BTCUSDT\"",
            "&origClientOrderId=a&symbol=BTCUSDT", "");
    assert_contains(heard,
                    "\"status\":400,\"error\":{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
    heard = ask(fixture, stream, "account.status", "", "", "");
    assert_contains(heard, "\"accountType\":\"SPOT\"");
    say(fixture, stream, "{\"id\":1,\"method\":\"time\"}");
    assert_contains(hear(stream), "\"result\":{\"serverTime\":1700000000000}");
}

static void market_streams_follow_the_market(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(
        fixture, "/spot/stream",
        "streams=btcusdt@trade/btcusdt@bookTicker/btcusdt@depth@100ms/btcusdt@miniTicker");
    struct paper_stream *raw = open_stream(fixture, "/spot/ws/btcusdt@depth5@100ms", "");
    assert_non_null(stream);
    assert_non_null(raw);
    pass(fixture, 1000);
    hear(stream);
    control(fixture, "/paper/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"20100\"}");
    pass(fixture, 1000);
    const char *heard = hear(stream);
    assert_contains(heard, "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\"");
    assert_contains(heard, "\"p\":\"20100.00000000\"");
    assert_contains(heard, "{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":");
    assert_contains(heard, "\"b\":\"20099.99000000\"");
    assert_contains(heard, "{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\"");
    assert_contains(heard, "{\"e\":\"24hrMiniTicker\"");
    assert_contains(hear(raw), "{\"lastUpdateId\":");
    say(fixture, raw, "{\"method\":\"SUBSCRIBE\",\"params\":[\"ethusdt@kline_1m\"],\"id\":1}");
    assert_contains(hear(raw), "{\"result\":null,\"id\":1}");
    pass(fixture, 1000);
    assert_contains(hear(raw), "{\"e\":\"kline\"");
    assert_null(open_stream(fixture, "/spot/wsx", ""));
    assert_non_null(open_stream(fixture, "/spot/ws-api/v3", ""));
    send_raw(fixture, "GET", "/spot/api/v3/ping", "", "", NULL);
    expect_body(fixture, 200, "{}");
}

/* A snapshot and the differences after it give the book: each begins where the last one ended. */
static void depth_differences_follow_each_other(void **state)
{
    struct fixture *fixture = *state;
    char first[32], last[32], next[32];
    struct paper_stream *stream = open_stream(fixture, "/spot/ws/btcusdt@depth@100ms", "");
    control(fixture, "/paper/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"20100\"}");
    pass(fixture, 100);
    take_member(hear(stream), "u", last, sizeof(last));
    control(fixture, "/paper/price", "{\"symbol\":\"BTCUSDT\",\"price\":\"20200\"}");
    pass(fixture, 100);
    const char *heard = hear(stream);
    take_member(heard, "U", first, sizeof(first));
    take_member(heard, "u", next, sizeof(next));
    assert_int_equal(atoll(first), atoll(last) + 1);
    send_raw(fixture, "GET", "/api/v3/depth", "symbol=BTCUSDT", "", NULL);
    take_member(fixture->response.body.data, "lastUpdateId", last, sizeof(last));
    assert_int_equal(atoll(next), atoll(last));
}

static void a_request_without_a_proper_id_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(fixture, "/spot/stream", "");
    say(fixture, stream, "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\"],\"id\":[]}");
    assert_contains(hear(stream), "{\"error\":{\"code\":2,\"msg\":\"Invalid request: request ID");
    say(fixture, stream, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":2}");
    assert_string_equal(hear(stream), "{\"result\":[],\"id\":2}\n");
}

static void more_than_five_messages_a_second_end_a_market_stream(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(fixture, "/spot/stream", "");
    for (int i = 0; i < 5; i++)
        say(fixture, stream, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
    assert_null(strstr(hear(stream), "CLOSE"));
    say(fixture, stream, "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
    assert_string_equal(hear(stream), "CLOSE 1008\n");
}

static void a_stream_that_does_not_answer_pings_ends(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_stream(fixture, "/ws-api/v3", "");
    pass(fixture, 20 * 1000);
    assert_string_equal(hear(stream), "PING\n");
    pass(fixture, 59 * 1000);
    assert_string_equal(hear(stream), "PING\n");
    pass(fixture, 1000);
    assert_string_equal(hear(stream), "CLOSE 1001\n");
}

#define t(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        t(user_data_comes_wrapped_after_a_signed_subscription),
        t(a_cancel_event_has_both_names),
        t(a_stop_is_told_when_it_is_placed_and_when_it_works),
        t(deposits_and_transfers_are_balance_updates),
        t(subscriptions_end_when_told_to),
        t(a_session_needs_another_kind_of_key),
        t(orders_are_placed_and_cancelled_on_the_socket),
        t(market_streams_follow_the_market),
        t(depth_differences_follow_each_other),
        t(a_request_without_a_proper_id_is_refused),
        t(more_than_five_messages_a_second_end_a_market_stream),
        t(a_stream_that_does_not_answer_pings_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

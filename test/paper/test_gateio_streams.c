/* Gate.io's channels: who may subscribe to what, what is pushed, in which form and order.
 * What other clients sign is in test_gateio_frames.c. */
#include "paper/fault.h"
#include "paper/gateio/render.h"

#include "gateio_streams_helper.h"

enum {
    BTC = 1,
    ETH = 2,
};

/* --- Subscriptions -----------------------------------------------------------------------------
 */

static void an_id_comes_back_as_it_was_written(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_say(gate, stream,
             "{\"id\":\"a 7\",\"time\":1700000000,\"channel\":\"futures.trades\","
             "\"event\":\"subscribe\",\"payload\":[\"BTC_USDT\"]}");
    assert_has(gate->texts[0], "\"id\":\"a 7\"");
    assert_has(gate->texts[0], "\"payload\":[\"BTC_USDT\"]");
    assert_has(gate->texts[0], "\"event\":\"subscribe\"");
    gate_say(gate, stream,
             "{\"time\":1700000000,\"channel\":\"futures.tickers\",\"event\":\"subscribe\","
             "\"payload\":[\"BTC_USDT\"]}");
    assert_lacks(gate->texts[0], "\"id\":");
}

static void assert_error(struct gate *gate, int code, const char *message)
{
    char expected[256];
    assert_int_equal(gate->text_count, 1);
    snprintf(expected, sizeof(expected), "\"error\":{\"code\":%d,\"message\":\"%s", code, message);
    assert_has(gate->texts[0], expected);
}

static void a_channel_of_ones_own_needs_a_good_signature(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_say(gate, stream,
             "{\"time\":1700000000,\"channel\":\"futures.orders\",\"event\":\"subscribe\","
             "\"payload\":[\"20011\",\"!all\"]}");
    assert_error(gate, 4, "{\\\"label\\\":\\\"INVALID_KEY\\\"");
    gate_say(gate, stream,
             "{\"time\":1700000000,\"channel\":\"futures.orders\",\"event\":\"subscribe\","
             "\"payload\":[\"20011\",\"!all\"],\"auth\":{\"method\":\"api_key\",\"KEY\":\"key\","
             "\"SIGN\":\"00\"}}");
    assert_error(gate, 4, "{\\\"label\\\":\\\"INVALID_SIGNATURE\\\"");
    gate->now_ms += 61000;
    gate_say(
        gate, stream,
        "{\"time\":1700000000,\"channel\":\"futures.orders\",\"event\":\"subscribe\","
        "\"auth\":{\"method\":\"api_key\",\"KEY\":\"key\",\"SIGN\":\"e40a0260c1d090a7b5f60f6171"
        "dfc3d9ca6a1b1dd6abfd8e92347bad5e134af77fb03930eff122f7f72cdcb3c41898a16dbf1ee7089615f"
        "540c11b12c19b6d04\"},\"payload\":[\"20011\",\"!all\"]}");
    assert_error(gate, 4, "{\\\"label\\\":\\\"REQUEST_EXPIRED\\\"");
    assert_has(gate->texts[0], "\"result\":null");
}

static void one_unknown_contract_fails_the_whole_subscription(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_subscribe_as(gate, stream, 1, "subscribe", "futures.orders",
                      "[\"20011\",\"ETH_USDT\",\"BTC_USDT_20220318\"]");
    assert_error(gate, 2, "unknown contract BTC_USDT_20220318");
    gate_say(gate, stream,
             "{\"time\":1700000000,\"channel\":\"futures.book_ticker\",\"event\":\"subscribe\","
             "\"payload\":[\"BTC_USDT\",\"NO_USDT\"]}");
    assert_error(gate, 2, "unknown contract NO_USDT");
    gate_set_price(gate, BTC, "50000");
    gate_collect(gate, stream);
    assert_int_equal(gate->text_count, 0);
}

static void the_user_must_be_the_one_who_signed(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_subscribe_as(gate, stream, 1, "subscribe", "futures.orders", "[\"20012\",\"!all\"]");
    assert_error(gate, 2, "invalid user id 20012");
    gate_subscribe_as(gate, stream, 1, "subscribe", "futures.balances", "[]");
    assert_error(gate, 2, "invalid user id");
    gate_subscribe_as(gate, stream, 1, "subscribe", "futures.balances", "[20011]");
    assert_has(gate->texts[0], "\"error\":null");
}

static void what_is_no_request_is_malformed(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    static const char *const messages[] = {"", "{", "[]", "{\"channel\":\"futures.orders\"}",
                                           "{\"time\":1700000000,\"event\":\"subscribe\"}"};
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        gate_say(gate, stream, messages[i]);
        assert_error(gate, 1, "");
    }
    gate_say(gate, stream,
             "{\"time\":1700000000,\"channel\":\"futures.nothing\",\"event\":\"subscribe\"}");
    assert_error(gate, 2, "unknown channel futures.nothing");
}

static void what_is_unsubscribed_is_pushed_no_more(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_follow(gate, stream, 1, "futures.orders");
    gate_log_in(gate, stream, 1);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}");
    assert_int_equal(gate_count(gate, "\"futures.orders\"", "\"update\""), 1);
    gate_subscribe_as(gate, stream, 1, "unsubscribe", "futures.orders", "[\"20011\",\"!all\"]");
    assert_has(gate->texts[0], "\"event\":\"unsubscribe\"");
    assert_has(gate->texts[0], "\"error\":null");
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}");
    assert_int_equal(gate_count(gate, "\"futures.orders\"", "\"update\""), 0);
}

/* --- Private pushes ----------------------------------------------------------------------------
 */

static const char *const channels[] = {"futures.orders", "futures.usertrades", "futures.positions",
                                       "futures.balances", "futures.position_closes"};

static struct paper_stream *open_followed(struct gate *gate, bool decimal_sizes)
{
    struct paper_stream *stream = gate_open(gate, decimal_sizes);
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
        gate_follow(gate, stream, 1, channels[i]);
    gate_log_in(gate, stream, 1);
    return stream;
}

static void no_private_channel_begins_with_a_snapshot(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":10,\"price\":\"0\",\"tif\":\"ioc\"}");
    stream = gate_open(gate, false);
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
        gate_follow(gate, stream, 1, channels[i]);
    gate_pass(gate, stream, 1000);
    assert_int_equal(gate->text_count, 0);
}

static void an_order_that_rests_is_new_and_then_cancelled(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    char id[128], param[256];
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":10,\"price\":\"59000.5\",\"text\":\"t-a\"}");
    const char *text = gate_text(gate, "\"channel\":\"futures.orders\"", "\"event\":\"update\"");
    assert_has(text, "\"result\":[{");
    assert_has(text, "\"status\":\"open\"");
    assert_has(text, "\"finish_as\":\"_new\"");
    assert_has(text, "\"price\":59000.5");
    assert_has(text, "\"size\":10");
    assert_has(text, "\"left\":10");
    assert_has(text, "\"user\":\"20011\"");
    assert_has(text, "\"text\":\"t-a\"");
    gate_member(text, "id", id);
    snprintf(param, sizeof(param), "{\"order_id\":\"%s\"}", id);
    gate_call(gate, stream, "order_cancel", param);
    text = gate_text(gate, "\"channel\":\"futures.orders\"", "\"event\":\"update\"");
    assert_has(text, "\"status\":\"finished\"");
    assert_has(text, "\"finish_as\":\"cancelled\"");
    assert_has(text, "\"left\":10");
}

static void a_fill_is_told_by_orders_trades_positions_and_balances(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":-10,\"price\":\"0\",\"tif\":\"ioc\"}");

    assert_int_equal(gate_count(gate, "\"futures.orders\"", "\"_new\""), 0);
    const char *text = gate_text(gate, "\"futures.orders\"", "\"update\"");
    assert_has(text, "\"finish_as\":\"filled\"");
    assert_has(text, "\"left\":0");
    assert_has(text, "\"size\":-10");

    text = gate_text(gate, "\"futures.usertrades\"", "\"update\"");
    assert_has(text, "\"size\":-10");
    assert_has(text, "\"role\":\"taker\"");
    assert_has(text, "\"id\":\"");
    assert_has(text, "\"order_id\":\"");
    assert_has(text, "\"price\":\"");
    assert_has(text, "\"point_fee\":0");

    text = gate_text(gate, "\"futures.positions\"", "\"update\"");
    assert_has(text, "\"size\":-10");
    assert_has(text, "\"update_id\":1");
    assert_has(text, "\"mode\":\"single\"");
    assert_lacks(text, "mark_price");
    assert_lacks(text, "unrealised_pnl");
    assert_lacks(text, "\"entry_price\":\"");

    text = gate_text(gate, "\"futures.balances\"", "\"type\":\"fee\"");
    assert_has(text, "\"change\":-");
    assert_has(text, "\"user\":\"20011\"");

    int order = gate_find(gate, "\"futures.orders\"", "\"update\"");
    int trade = gate_find(gate, "\"futures.usertrades\"", "\"update\"");
    int position = gate_find(gate, "\"futures.positions\"", "\"update\"");
    assert_true(order < position && trade < position);
}

static void a_balance_is_the_wallet_after_each_change(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    char value[128];
    for (int i = 0; i < 4; i++) {
        struct paper_account account;
        gate_call(gate, stream, "order_place",
                  i % 2 == 0
                      ? "{\"contract\":\"BTC_USDT\",\"size\":25,\"price\":\"0\",\"tif\":\"ioc\"}"
                      : "{\"contract\":\"BTC_USDT\",\"size\":-25,\"price\":\"0\",\"tif\":\"ioc\"}");
        const char *last = NULL;
        for (int at = 0; at < gate->text_count; at++) {
            if (strstr(gate->texts[at], "\"channel\":\"futures.balances\""))
                last = gate->texts[at];
        }
        assert_non_null(last);
        gate_member(last, "balance", value);
        paper_engine_get_account(gate->engine, 1, &account);
        assert_true(keel_decimal_equals(keel_decimal_from_text(value), account.wallet));
    }
    assert_int_equal(gate_count(gate, "\"futures.balances\"", "\"type\":\"pnl\""), 1);
}

static void the_number_of_a_position_grows_by_one_with_each_push(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    char value[128];
    int expected = 0;
    for (int i = 0; i < 6; i++) {
        gate_call(gate, stream, "order_place",
                  i % 2 == 0
                      ? "{\"contract\":\"BTC_USDT\",\"size\":5,\"price\":\"0\",\"tif\":\"ioc\"}"
                      : "{\"contract\":\"BTC_USDT\",\"size\":-5,\"price\":\"0\",\"tif\":\"ioc\"}");
        for (int at = 0; at < gate->text_count; at++) {
            if (!strstr(gate->texts[at], "\"channel\":\"futures.positions\""))
                continue;
            gate_member(gate->texts[at], "update_id", value);
            assert_int_equal(atoi(value), ++expected);
        }
    }
    assert_true(expected >= 6);
    const char *text = gate_text(gate, "\"futures.positions\"", "\"update\"");
    assert_has(text, "\"size\":0");
    text = gate_text(gate, "\"futures.position_closes\"", "\"update\"");
    assert_has(text, "\"side\":\"long\"");
    assert_has(text, "\"contract\":\"BTC_USDT\"");
}

static void an_order_may_be_told_before_its_trade_or_after_it(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    int before = 0, after = 0;
    for (int i = 0; i < 16; i++) {
        gate_call(gate, stream, "order_place",
                  i % 2 == 0
                      ? "{\"contract\":\"BTC_USDT\",\"size\":5,\"price\":\"0\",\"tif\":\"ioc\"}"
                      : "{\"contract\":\"BTC_USDT\",\"size\":-5,\"price\":\"0\",\"tif\":\"ioc\"}");
        int order = gate_find(gate, "\"channel\":\"futures.orders\"", "\"finished\"");
        int trade = gate_find(gate, "\"channel\":\"futures.usertrades\"", "\"update\"");
        before += order < trade;
        after += order > trade;
    }
    assert_true(before > 0);
    assert_true(after > 0);
}

static void sizes_are_text_with_fractions_where_the_upgrade_asked_for_it(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, true);
    struct paper_stream *plain = gate_open(gate, false);
    gate_follow(gate, plain, 1, "futures.orders");
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"ETH_USDT\",\"size\":\"1.7\",\"price\":\"2950\"}");
    const char *text = gate_text(gate, "\"futures.orders\"", "\"update\"");
    assert_has(text, "\"size\":\"1.7\"");
    assert_has(text, "\"left\":\"1.7\"");
    gate_collect(gate, plain);
    text = gate_text(gate, "\"futures.orders\"", "\"update\"");
    assert_has(text, "\"size\":1,");
}

static void another_account_hears_nothing(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    struct paper_stream *other = gate_open(gate, false);
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
        gate_follow(gate, other, 2, channels[i]);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":10,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_true(gate->text_count > 4);
    gate_collect(gate, other);
    assert_int_equal(gate->text_count, 0);
}

static void a_liquidation_is_told_by_its_own_channels(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    gate_follow(gate, stream, 1, "futures.liquidates");
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":15000,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_set_price(gate, BTC, "52000");
    gate_collect(gate, stream);
    const char *text = gate_text(gate, "\"futures.liquidates\"", "\"update\"");
    assert_has(text, "\"contract\":\"BTC_USDT\"");
    assert_has(text, "\"user\":\"20011\"");
    text = gate_text(gate, "\"futures.position_closes\"", "\"update\"");
    assert_has(text, "\"text\":\"liq-");
    text = gate_text(gate, "\"futures.orders\"", "\"is_liq\":true");
    assert_has(text, "\"status\":\"finished\"");
    assert_true(gate_count(gate, "\"futures.positions\"", "\"size\":0") > 0);
}

static void a_rank_is_told_when_it_changes(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_subscribe_as(gate, stream, 1, "subscribe", "futures.position_adl_rank", "[\"!all\"]");
    assert_has(gate->texts[0], "\"error\":null");
    gate_log_in(gate, stream, 1);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":10,\"price\":\"0\",\"tif\":\"ioc\"}");
    const char *text = gate_text(gate, "\"futures.position_adl_rank\"", "\"update\"");
    assert_has(text, "\"mode\":\"single\"");
    assert_lacks(text, "\"rank_division\":6");
    gate_pass(gate, stream, 2000);
    assert_int_equal(gate->text_count, 0);
}

static void a_number_below_a_millionth_has_an_exponent(void **state)
{
    static const char *const cases[][2] = {
        {"0",               "0"              },
        {"-0.000002074115", "-0.000002074115"},
        {"0.000001",        "0.000001"       },
        {"-0.0000000125",   "-1.25e-8"       },
        {"0.0000005",       "5e-7"           },
        {"40000.4",         "40000.4"        },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[64];
        struct keel_writer json;
        keel_writer_init(&json, text, sizeof(text));
        gateio_put_number(&json, NULL, keel_decimal_from_text(cases[i][0]));
        assert_string_equal(text, cases[i][1]);
    }
}

/* --- Public pushes -----------------------------------------------------------------------------
 */

static void listen_to(struct gate *gate, struct paper_stream *stream, const char *channel,
                      const char *payload)
{
    char text[512];
    snprintf(text, sizeof(text),
             "{\"time\":1700000000,\"channel\":\"%s\",\"event\":\"subscribe\",\"payload\":%s}",
             channel, payload);
    gate_say(gate, stream, text);
    assert_int_equal(gate->text_count, 1);
    assert_has(gate->texts[0], "\"error\":null");
}

static void a_price_is_told_by_the_public_channels(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    listen_to(gate, stream, "futures.tickers", "[\"BTC_USDT\"]");
    listen_to(gate, stream, "futures.book_ticker", "[\"BTC_USDT\",\"ETH_USDT\"]");
    listen_to(gate, stream, "futures.trades", "[\"BTC_USDT\"]");
    listen_to(gate, stream, "futures.order_book", "[\"BTC_USDT\",\"5\",\"0\"]");
    listen_to(gate, stream, "futures.candlesticks", "[\"1m\",\"mark_BTC_USDT\"]");
    gate_pass(gate, stream, 1000);
    gate_set_price(gate, BTC, "50000");
    gate_pass(gate, stream, 1000);

    const char *text = gate_text(gate, "\"futures.tickers\"", "\"update\"");
    assert_has(text, "\"result\":[{\"contract\":\"BTC_USDT\"");
    assert_has(text, "\"mark_price\":\"50000\"");
    text = gate_text(gate, "\"futures.book_ticker\"", "\"s\":\"BTC_USDT\"");
    assert_has(text, "\"result\":{\"t\":");
    assert_has(text, "\"b\":\"");
    text = gate_text(gate, "\"futures.trades\"", "\"update\"");
    assert_has(text, "\"contract\":\"BTC_USDT\"");
    text = gate_text(gate, "\"futures.order_book\"", "\"event\":\"all\"");
    assert_has(text, "\"asks\":[{\"p\":\"");
    text = gate_text(gate, "\"futures.candlesticks\"", "\"update\"");
    assert_has(text, "\"n\":\"1m_mark_BTC_USDT\"");
    assert_has(text, "\"c\":\"50000");
}

static int64_t number_of(const char *text, const char *name)
{
    char value[128];
    gate_member(text, name, value);
    return strtoll(value, NULL, 10);
}

static void updates_of_a_book_leave_no_gap(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    struct paper_ticker ticker;
    paper_engine_get_ticker(gate->engine, BTC, &ticker);
    int64_t last = ticker.update_id;
    listen_to(gate, stream, "futures.order_book_update", "[\"BTC_USDT\",\"20ms\",\"20\"]");
    for (int i = 0; i < 10; i++) {
        char price[16];
        snprintf(price, sizeof(price), "%d", 50000 + 10 * i);
        gate_set_price(gate, BTC, price);
        gate_pass(gate, stream, 20);
        const char *text = gate_text(gate, "\"futures.order_book_update\"", "\"l\":\"20\"");
        assert_int_equal(number_of(text, "U"), last + 1);
        last = number_of(text, "u");
    }
    gate_pass(gate, stream, 20);
    assert_int_equal(gate->text_count, 0);
}

static void a_book_that_cannot_be_had_is_refused(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    static const char *const payloads[] = {"[\"BTC_USDT\",\"20ms\",\"100\"]",
                                           "[\"BTC_USDT\",\"10ms\",\"20\"]",
                                           "[\"BTC_USDT\",\"100ms\",\"30\"]"};
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text),
                 "{\"time\":1700000000,\"channel\":\"futures.order_book_update\","
                 "\"event\":\"subscribe\",\"payload\":%s}",
                 payloads[i]);
        gate_say(gate, stream, text);
        assert_error(gate, 2, "invalid");
    }
}

/* Neither cut short nor with a byte changed does a message do more than be refused. */
static void a_message_that_is_damaged_does_no_harm(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    static const char *const messages[] = {
        "{\"id\":1,\"time\":1700000000,\"channel\":\"futures.orders\",\"event\":\"subscribe\","
        "\"auth\":{\"method\":\"api_key\",\"KEY\":\"key\",\"SIGN\":\"00\"},\"payload\":[\"20011\"]"
        "}",
        "{\"time\":1700000000,\"channel\":\"futures.order_book\",\"event\":\"subscribe\","
        "\"payload\":[\"BTC_USDT\",\"20\",\"0\"]}",
        "{\"time\":1700000000,\"channel\":\"futures.order_cancel_ids\",\"event\":\"api\","
        "\"payload\":{\"req_id\":\"a\",\"req_header\":{},\"req_param\":[\"1\",{},null,2]}}",
        "{\"time\":1700000000,\"channel\":\"futures.order_place\",\"event\":\"api\",\"payload\":{"
        "\"req_id\":\"a\",\"req_param\":{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}}"
        "}",
    };
    gate_log_in(gate, stream, 1);
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        for (size_t at = 0; at < strlen(messages[i]); at++) {
            char *copy = malloc(at + 1);
            (void)keel_str_copy((keel_str){messages[i], at}, copy, at + 1);
            gate_ask(gate, stream, copy);
            free(copy);
            char whole[512];
            (void)keel_str_copy(keel_str_from(messages[i]), whole, sizeof(whole));
            whole[at] = at % 2 == 0 ? '"' : '9';
            gate->now_ms += 20;
            gate_ask(gate, stream, whole);
        }
    }
}

/* --- The life of a connection ------------------------------------------------------------------
 */

static void a_ping_of_the_client_is_answered(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_say(gate, stream, "{\"time\":1700000000,\"channel\":\"futures.ping\"}");
    assert_string_equal(gate->texts[0],
                        "{\"time\":1700000000,\"time_ms\":1700000000000,"
                        "\"channel\":\"futures.pong\",\"event\":\"\",\"result\":null}");
}

static void a_ping_that_is_not_answered_ends_the_connection(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    gate_pass(gate, stream, 30 * 1000);
    assert_int_equal(gate->ping_count, 1);
    const struct paper_frame pong = {.kind = PAPER_FRAME_PONG};
    gate->dialect->ops->receive(gate->dialect, stream, &pong, gate->now_ms);
    gate_pass(gate, stream, 61 * 1000);
    assert_int_equal(gate->close_code, 0);
    gate_pass(gate, stream, 61 * 1000);
    assert_int_equal(gate->close_code, 1001);
}

static void a_day_ends_with_a_notice_and_a_close(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = gate_open(gate, false);
    const struct paper_frame pong = {.kind = PAPER_FRAME_PONG};
    int notices = 0;
    for (int i = 0; i < 24 * 60 * 2 - 1; i++) {
        gate_pass(gate, stream, 30 * 1000);
        gate->dialect->ops->receive(gate->dialect, stream, &pong, gate->now_ms);
        assert_int_equal(gate->close_code, 0);
    }
    for (int i = 0; i < 30; i++) {
        gate_pass(gate, stream, 1000);
        notices += gate_count(gate, "\"futures.system\"", "\"type\":\"upgrade\"");
        gate->dialect->ops->receive(gate->dialect, stream, &pong, gate->now_ms);
    }
    assert_int_equal(notices, 1);
    assert_int_equal(gate->close_code, 1001);
}

static void other_addresses_are_no_streams(void **state)
{
    struct gate *gate = *state;
    static const char *const paths[] = {"/v4/ws/btc", "/v4/ws/usdt/sbe", "/v4/ws"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const struct paper_http_request request = {
            .method = KEEL_STR("GET"),
            .path = keel_str_from(paths[i]),
        };
        struct paper_response refusal = {0};
        assert_null(
            gate->dialect->ops->open_stream(gate->dialect, &request, gate->now_ms, &refusal));
        assert_int_equal(refusal.status, 404);
    }
}

/* --- Faults ------------------------------------------------------------------------------------
 */

static struct paper_fault_subject subject_of(struct gate *gate, struct paper_stream *stream,
                                             const char *text)
{
    struct paper_fault_subject subject;
    gate->dialect->ops->describe_frame(stream, keel_str_from(text), &subject);
    return subject;
}

static void assert_event(struct paper_fault_subject subject, const char *event,
                         enum paper_stream_kind stream)
{
    if (!keel_str_equals(subject.event, keel_str_from(event)))
        fail_msg("%.*s is not %s", KEEL_STR_ARGS(subject.event), event);
    assert_int_equal(subject.stream, stream);
}

static void faults_know_a_frame_by_its_channel(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    listen_to(gate, stream, "futures.trades", "[\"BTC_USDT\"]");
    assert_event(subject_of(gate, stream, gate->texts[0]), "subscribe", PAPER_STREAM_MARKET);
    gate_call(gate, stream, "order_place",
              "{\"contract\":\"BTC_USDT\",\"size\":10,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_event(subject_of(gate, stream, gate->texts[0]), "futures.order_place.ack",
                 PAPER_STREAM_API);
    assert_event(subject_of(gate, stream, gate_text(gate, "\"ack\":false", "")),
                 "futures.order_place", PAPER_STREAM_API);
    assert_event(subject_of(gate, stream, gate_text(gate, "\"futures.orders\"", "\"update\"")),
                 "futures.orders", PAPER_STREAM_USER);
    assert_event(subject_of(gate, stream, gate_text(gate, "\"futures.trades\"", "\"update\"")),
                 "futures.trades", PAPER_STREAM_MARKET);
    assert_event(subject_of(gate, stream, ""), "", PAPER_STREAM_USER);
    assert_int_equal(subject_of(gate, stream, "").account, 1);
}

static void the_loss_of_a_key_is_a_notice_and_the_end_of_its_connections(void **state)
{
    struct gate *gate = *state;
    struct paper_stream *stream = open_followed(gate, false);
    struct paper_stream *other = gate_open(gate, false);
    gate_follow(gate, other, 2, "futures.orders");
    gate->dialect->ops->expire_key(gate->dialect, 1, 2, gate->now_ms);
    gate_collect(gate, stream);
    assert_int_equal(gate_count(gate, "\"futures.system\"", "\"upgrade\""), 2);
    gate_pass(gate, stream, 5000);
    assert_int_equal(gate->close_code, 1001);
    gate_collect(gate, other);
    assert_int_equal(gate->text_count, 0);
    assert_int_equal(gate->close_code, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_gate, tear_down_gate)
    const struct CMUnitTest tests[] = {
        TEST(an_id_comes_back_as_it_was_written),
        TEST(a_channel_of_ones_own_needs_a_good_signature),
        TEST(one_unknown_contract_fails_the_whole_subscription),
        TEST(the_user_must_be_the_one_who_signed),
        TEST(what_is_no_request_is_malformed),
        TEST(what_is_unsubscribed_is_pushed_no_more),
        TEST(no_private_channel_begins_with_a_snapshot),
        TEST(an_order_that_rests_is_new_and_then_cancelled),
        TEST(a_fill_is_told_by_orders_trades_positions_and_balances),
        TEST(a_balance_is_the_wallet_after_each_change),
        TEST(the_number_of_a_position_grows_by_one_with_each_push),
        TEST(an_order_may_be_told_before_its_trade_or_after_it),
        TEST(sizes_are_text_with_fractions_where_the_upgrade_asked_for_it),
        TEST(another_account_hears_nothing),
        TEST(a_liquidation_is_told_by_its_own_channels),
        TEST(a_rank_is_told_when_it_changes),
        cmocka_unit_test(a_number_below_a_millionth_has_an_exponent),
        TEST(a_price_is_told_by_the_public_channels),
        TEST(updates_of_a_book_leave_no_gap),
        TEST(a_book_that_cannot_be_had_is_refused),
        TEST(a_message_that_is_damaged_does_no_harm),
        TEST(a_ping_of_the_client_is_answered),
        TEST(a_ping_that_is_not_answered_ends_the_connection),
        TEST(a_day_ends_with_a_notice_and_a_close),
        TEST(other_addresses_are_no_streams),
        TEST(faults_know_a_frame_by_its_channel),
        TEST(the_loss_of_a_key_is_a_notice_and_the_end_of_its_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

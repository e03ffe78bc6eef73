/* Streams that acknowledge what they carry, and streams with a key that lasts or with none. */
#include "scripted_venue.h"

/* The venue of the other tests, but for its streams: each acknowledges twice, in words of its own.
 */
static struct keel_venue acknowledging;

static enum keel_status open_acknowledged(const struct keel_stream_wish *wish,
                                          struct keel_stream_request *request,
                                          struct keel_error *error)
{
    enum keel_status status = keel_venue_binance.open_stream(wish, request, error);
    request->acks = wish->kind == KEEL_STREAM_USER ? 2 : 0;
    return status;
}

static enum keel_status decode_words(keel_str bytes, const struct keel_markets *markets,
                                     struct keel_arena *arena, struct keel_events *events,
                                     struct keel_error *error)
{
    if (!keel_str_equals(bytes, KEEL_STR("ack")) && !keel_str_equals(bytes, KEEL_STR("no")))
        return keel_venue_binance.decode_stream(bytes, markets, arena, events, error);
    struct keel_event *event = &events->at[events->count++];
    *event = (struct keel_event){.kind = KEEL_EVENT_SUBSCRIBED};
    if (bytes.size == 2)
        *event = (struct keel_event){.kind = KEEL_EVENT_REFUSED, .refusal = KEEL_STR("not yours")};
    return KEEL_OK;
}

static struct venue *new_acknowledging_venue(void)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    acknowledging = keel_venue_binance;
    acknowledging.open_stream = open_acknowledged;
    acknowledging.decode_stream = decode_words;
    config.venue = &acknowledging;
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    return new_venue_with(&config, venue);
}

static void a_stream_is_complete_with_its_last_acknowledgement(void **state)
{
    (void)state;
    struct venue *venue = new_acknowledging_venue();

    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    assert_int_equal(count_seen(venue, "GET", "/v3/balance"), 0);
    send_frame(venue, KEEL_STREAM_USER, "ack");
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    send_frame(venue, KEEL_STREAM_USER, "ack");
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void what_comes_before_the_last_acknowledgement_is_not_lost(void **state)
{
    (void)state;
    struct venue *venue = new_acknowledging_venue();
    struct keel_balance balance;
    struct keel_error error;

    start(venue);
    send_frame(venue, KEEL_STREAM_USER, "ack");
    send_account(venue, "9500", "BTCUSDT", "0.1", "20000");
    send_frame(venue, KEEL_STREAM_USER, "ack");
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, &error),
                     KEEL_OK);
    assert_decimal(balance.wallet, "9500");
    free_venue(venue);
}

static void a_refusal_fails_the_start_by_name(void **state)
{
    (void)state;
    struct venue *venue = new_acknowledging_venue();
    struct keel_connection connection;

    start(venue);
    send_frame(venue, KEEL_STREAM_USER, "no");
    settle(venue);
    keel_private_connection(venue->base, &connection);
    assert_int_equal(connection.state, KEEL_CONNECTION_CLOSED);
    assert_string_equal(connection.last_error.message, "user stream: not yours");
    free_venue(venue);
}

static void go_live(struct venue *venue)
{
    start(venue);
    send_frame(venue, KEEL_STREAM_USER, "ack");
    send_frame(venue, KEEL_STREAM_USER, "ack");
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
}

static void a_later_refusal_is_a_warning_and_is_tried_again(void **state)
{
    (void)state;
    struct venue *venue = new_acknowledging_venue();

    go_live(venue);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 300);
    uint32_t refused = venue->streams[KEEL_STREAM_USER];
    assert_int_not_equal(refused, 0);
    send_frame(venue, KEEL_STREAM_USER, "no");
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    advance(venue, 2000);
    assert_true(has_log(venue, "user stream: not yours"));
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], refused);
    send_frame(venue, KEEL_STREAM_USER, "ack");
    send_frame(venue, KEEL_STREAM_USER, "ack");
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void a_refusal_on_the_stream_in_use_replaces_it(void **state)
{
    (void)state;
    struct venue *venue = new_acknowledging_venue();

    go_live(venue);
    uint32_t refused = venue->streams[KEEL_STREAM_USER];
    send_frame(venue, KEEL_STREAM_USER, "no");
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    advance(venue, 1000);
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], refused);
    free_venue(venue);
}

static void what_is_not_acknowledged_in_time_is_tried_again(void **state)
{
    (void)state;
    struct venue *venue = new_acknowledging_venue();
    struct keel_connection connection;

    start(venue);
    uint32_t first = venue->streams[KEEL_STREAM_USER];
    send_frame(venue, KEEL_STREAM_USER, "ack");
    advance(venue, 11000);
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], first);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    advance(venue, 20000);
    keel_private_connection(venue->base, &connection);
    assert_int_equal(connection.state, KEEL_CONNECTION_CLOSED);
    assert_string_equal(connection.last_error.message, "user stream: not acknowledged in time");
    free_venue(venue);
}

static enum keel_status open_without_key(const struct keel_stream_wish *wish,
                                         struct keel_stream_request *request,
                                         struct keel_error *error)
{
    struct keel_stream_wish keyed = *wish;
    assert_int_equal(wish->stream_key.size, 0);
    keyed.stream_key = KEEL_STR("none");
    return keel_venue_binance.open_stream(&keyed, request, error);
}

static struct venue *new_keyless_venue(bool needs_key)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    acknowledging = keel_venue_binance;
    acknowledging.needs_stream_key = needs_key;
    acknowledging.stream_key_renew_ms = 0;
    acknowledging.user_ping_ms = 0;
    if (!needs_key)
        acknowledging.open_stream = open_without_key;
    config.venue = &acknowledging;
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    return new_venue_with(&config, venue);
}

static void a_key_that_lasts_is_never_renewed(void **state)
{
    (void)state;
    struct venue *venue = new_keyless_venue(true);

    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    advance(venue, 120 * 60 * 1000);
    assert_int_equal(count_seen(venue, "POST", "/listenKey"), 1);
    assert_int_equal(count_seen(venue, "PUT", "/listenKey"), 0);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void a_stream_without_a_key_asks_for_none(void **state)
{
    (void)state;
    struct venue *venue = new_keyless_venue(false);

    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    advance(venue, 60 * 60 * 1000);
    assert_int_equal(count_seen(venue, "POST", "/listenKey"), 0);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_complete_with_its_last_acknowledgement),
        cmocka_unit_test(what_comes_before_the_last_acknowledgement_is_not_lost),
        cmocka_unit_test(a_refusal_fails_the_start_by_name),
        cmocka_unit_test(a_later_refusal_is_a_warning_and_is_tried_again),
        cmocka_unit_test(a_refusal_on_the_stream_in_use_replaces_it),
        cmocka_unit_test(what_is_not_acknowledged_in_time_is_tried_again),
        cmocka_unit_test(a_key_that_lasts_is_never_renewed),
        cmocka_unit_test(a_stream_without_a_key_asks_for_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Several venues in one process: what they share, and what each has for itself. */
#include "paper/venue.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    BODY_SIZE = 1 << 20,
};

static const int64_t start_ms = INT64_C(1700000000000);

struct fixture {
    struct paper_venue *venue;
    struct paper_response response;
    int64_t now_ms;
};

static struct paper_venue_config config_of(const char *const *venues, bool manual)
{
    return (struct paper_venue_config){
        .engine = {.seed = 7,
                   .accounts = 2,
                   .deposit = keel_decimal_from_int(10000),
                   .insurance = keel_decimal_from_int(1000),
                   .manual = manual,
                   .market_time_ms = start_ms},
        .venues = venues,
    };
}

static int set_up_with(void **state, const char *const *venues, bool manual)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct paper_venue_config config = config_of(venues, manual);
    fixture->now_ms = start_ms;
    fixture->venue = paper_venue_new(&config, fixture->now_ms);
    assert_non_null(fixture->venue);
    keel_writer_init(&fixture->response.headers, malloc(PAPER_RESPONSE_HEADERS_SIZE),
                     PAPER_RESPONSE_HEADERS_SIZE);
    keel_writer_init(&fixture->response.body, malloc(BODY_SIZE), BODY_SIZE);
    *state = fixture;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, NULL, true);
}

static int set_up_walking(void **state)
{
    return set_up_with(state, NULL, false);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    paper_venue_free(fixture->venue);
    free(fixture->response.headers.data);
    free(fixture->response.body.data);
    free(fixture);
    return 0;
}

/* The body is text from then on: a writer closes it with a zero byte. */
static const char *call(struct fixture *fixture, const char *method, const char *path,
                        const char *query, const char *body)
{
    const struct paper_http_request request = {
        .method = keel_str_from(method),
        .path = keel_str_from(path),
        .query = keel_str_from(query),
        .body = keel_str_from(body),
        .address = KEEL_STR("10.0.0.1"),
    };
    paper_venue_handle(fixture->venue, &request, fixture->now_ms, &fixture->response);
    return fixture->response.body.data;
}

static keel_decimal mark_of(struct fixture *fixture, const char *venue, keel_market_id market)
{
    struct paper_ticker ticker;
    paper_engine_get_ticker(paper_venue_engine_of(fixture->venue, venue), market, &ticker);
    return ticker.mark_price;
}

static void assert_marks(struct fixture *fixture, const char *price)
{
    assert_true(keel_decimal_equals(mark_of(fixture, "binance", 1), keel_decimal_from_text(price)));
    assert_true(keel_decimal_equals(mark_of(fixture, "gateio", 1), keel_decimal_from_text(price)));
}

/* --- Which there are ---------------------------------------------------------------------------
 */

static void every_venue_is_served_and_the_first_is_binance(void **state)
{
    struct fixture *fixture = *state;
    struct paper_venue *venue = fixture->venue;
    assert_true(paper_venue_count(venue) >= 2);
    assert_string_equal(paper_venue_name_at(venue, 0), "binance");
    assert_ptr_equal(paper_venue_engine(venue), paper_venue_engine_of(venue, "binance"));
    assert_non_null(paper_venue_engine_of(venue, "gateio"));
    assert_ptr_not_equal(paper_venue_engine(venue), paper_venue_engine_of(venue, "gateio"));
    assert_null(paper_venue_engine_of(venue, "nowhere"));
}

static void some_may_be_served_alone(void **state)
{
    struct fixture *fixture;
    static const char *const names[] = {"gateio", NULL};
    (void)state;
    (void)set_up_with((void **)&fixture, names, true);
    assert_int_equal(paper_venue_count(fixture->venue), 1);
    assert_null(paper_venue_engine_of(fixture->venue, "binance"));
    (void)call(fixture, "GET", "/fapi/v1/time", "", "");
    assert_int_equal(fixture->response.status, 404);
    (void)call(fixture, "GET", "/api/v4/futures/usdt/contracts/BTC_USDT", "", "");
    assert_int_equal(fixture->response.status, 200);
    (void)tear_down((void **)&fixture);
}

static void a_venue_that_is_unknown_or_twice_there_is_refused(void **state)
{
    static const char *const lists[][3] = {
        {"nowhere", NULL,      NULL},
        {"binance", "binance", NULL},
        {NULL,      NULL,      NULL},
    };
    (void)state;
    for (int i = 0; i < 3; i++) {
        const struct paper_venue_config config = config_of(lists[i], true);
        assert_null(paper_venue_new(&config, start_ms));
    }
}

static void the_ready_line_lists_them_and_each_key_once(void **state)
{
    struct fixture *fixture = *state;
    const struct paper_keys *keys = paper_venue_keys(fixture->venue);
    char buffer[4096];
    struct keel_writer json;
    keel_writer_init(&json, buffer, sizeof(buffer));
    paper_venue_describe(fixture->venue, KEEL_STR("127.0.0.1:8080"), &json);
    assert_false(json.full);
    assert_non_null(strstr(buffer, "\"listen\":\"127.0.0.1:8080\",\"venues\":{\"binance\":{"));
    assert_non_null(strstr(buffer, "\"gateio\":{\"rest\":\"http://127.0.0.1:8080/api/v4\","
                                   "\"stream\":\"ws://127.0.0.1:8080/v4/ws/usdt\""));
    const char *key = strstr(buffer, keys->at[1].api_key);
    assert_non_null(key);
    assert_null(strstr(key + 1, keys->at[1].api_key));
}

static void a_path_is_one_venues_alone(void **state)
{
    struct fixture *fixture = *state;
    assert_non_null(
        strstr(call(fixture, "GET", "/fapi/v1/ticker/price", "symbol=BTCUSDT", ""), "\"BTCUSDT\""));
    assert_int_equal(fixture->response.status, 200);
    assert_non_null(
        strstr(call(fixture, "GET", "/api/v4/futures/usdt/tickers", "contract=BTC_USDT", ""),
               "\"BTC_USDT\""));
    assert_int_equal(fixture->response.status, 200);
    assert_non_null(strstr(call(fixture, "GET", "/api/v3/exchangeInfo", "", ""), "symbols"));
    assert_int_equal(fixture->response.status, 200);
}

/* --- Prices and time ---------------------------------------------------------------------------
 */

static void a_price_is_set_at_each_in_either_spelling(void **state)
{
    struct fixture *fixture = *state;
    (void)call(fixture, "POST", "/paper/price", "", "{\"symbol\":\"BTCUSDT\",\"price\":\"50000\"}");
    assert_int_equal(fixture->response.status, 200);
    assert_marks(fixture, "50000");
    (void)call(fixture, "POST", "/paper/price", "",
               "{\"symbol\":\"BTC_USDT\",\"price\":\"51000\"}");
    assert_int_equal(fixture->response.status, 200);
    assert_marks(fixture, "51000");
    (void)call(fixture, "POST", "/paper/price", "", "{\"symbol\":\"NO_USDT\",\"price\":\"1\"}");
    assert_int_equal(fixture->response.status, 400);
}

static void a_price_that_one_refuses_is_set_at_none(void **state)
{
    struct fixture *fixture = *state;
    (void)call(fixture, "POST", "/paper/price", "", "{\"symbol\":\"BTCUSDT\",\"price\":\"50000\"}");
    (void)call(fixture, "POST", "/paper/price", "",
               "{\"symbol\":\"BTCUSDT\",\"price\":\"100000000\"}");
    assert_int_equal(fixture->response.status, 400);
    assert_marks(fixture, "50000");
}

static void a_symbol_of_one_venue_alone_has_its_price_there(void **state)
{
    struct fixture *fixture = *state;
    (void)call(fixture, "POST", "/paper/price", "", "{\"symbol\":\"WLDUSDT\",\"price\":\"2\"}");
    assert_int_equal(fixture->response.status, 200);
}

static void time_moves_on_for_all(void **state)
{
    struct fixture *fixture = *state;
    (void)call(fixture, "POST", "/paper/advance", "", "{\"ms\":3600000}");
    for (int i = 0; i < paper_venue_count(fixture->venue); i++) {
        int64_t time_ms = paper_engine_market_time_ms(paper_venue_engine_at(fixture->venue, i));
        assert_int_equal(time_ms, start_ms + 3600000);
    }
    assert_int_equal(paper_venue_market_time_ms(fixture->venue), start_ms + 3600000);
}

/* Within a tick of each venue's grid. */
static void a_walk_is_the_same_whatever_is_traded(void **state)
{
    struct fixture *fixture = *state;
    struct paper_order_request request = paper_order_request_init();
    request.market = 1;
    request.side = KEEL_BUY;
    request.type = KEEL_MARKET;
    request.quantity = keel_decimal_from_text("0.01");
    keel_decimal first = mark_of(fixture, "gateio", 1);
    for (int i = 0; i < 200; i++) {
        paper_venue_advance(fixture->venue, fixture->now_ms, 60 * 1000);
        assert_int_equal(paper_engine_place_order(paper_venue_engine_of(fixture->venue, "gateio"),
                                                  fixture->now_ms, 1, &request, false, NULL),
                         PAPER_OK);
        request.side = request.side == KEEL_BUY ? KEEL_SELL : KEEL_BUY;
        paper_venue_drain(fixture->venue, fixture->now_ms);
        keel_decimal apart =
            keel_decimal_sub(mark_of(fixture, "binance", 1), mark_of(fixture, "gateio", 1));
        assert_true(keel_decimal_compare(keel_decimal_abs(apart), keel_decimal_from_text("0.1")) <=
                    0);
    }
    assert_false(keel_decimal_equals(mark_of(fixture, "gateio", 1), first));
}

static const char candles[] = "open_time_ms,open,high,low,close\n"
                              "1678406400000,20000,20100,19900,20050\n"
                              "1678406460000,20050,20200,20000,20150\n";

static void candles_are_played_at_each(void **state)
{
    struct fixture *fixture = *state;
    struct keel_error error;
    assert_int_equal(paper_venue_load_candles(fixture->venue, KEEL_STR("BTC_USDT"),
                                              keel_str_from(candles), &error),
                     KEEL_OK);
    assert_marks(fixture, "20000");
    paper_venue_advance(fixture->venue, fixture->now_ms, 120 * 1000);
    assert_marks(fixture, "20150");
    assert_int_equal(paper_venue_load_candles(fixture->venue, KEEL_STR("NO_USDT"),
                                              keel_str_from(candles), &error),
                     KEEL_SYMBOL_UNKNOWN);
}

static void candles_of_one_venue_alone_begin_the_time_of_all(void **state)
{
    struct fixture *fixture = *state;
    struct keel_error error;
    assert_int_equal(paper_venue_load_candles(fixture->venue, KEEL_STR("WLDUSDT"),
                                              keel_str_from(candles), &error),
                     KEEL_OK);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < paper_venue_count(fixture->venue); i++) {
            int64_t time_ms = paper_engine_market_time_ms(paper_venue_engine_at(fixture->venue, i));
            assert_int_equal(time_ms, INT64_C(1678406400000));
        }
        assert_true(paper_venue_reset(fixture->venue, fixture->now_ms));
    }
}

/* --- Books, faults and a new beginning ---------------------------------------------------------
 */

static void trade(struct fixture *fixture, const char *venue)
{
    struct paper_order_request request = paper_order_request_init();
    request.market = 1;
    request.side = KEEL_BUY;
    request.type = KEEL_MARKET;
    request.quantity = keel_decimal_from_text("0.01");
    assert_int_equal(paper_engine_place_order(paper_venue_engine_of(fixture->venue, venue),
                                              fixture->now_ms, 1, &request, false, NULL),
                     PAPER_OK);
    paper_venue_drain(fixture->venue, fixture->now_ms);
}

static void each_has_its_own_books_and_the_audit_lists_them(void **state)
{
    struct fixture *fixture = *state;
    struct paper_position position;
    trade(fixture, "gateio");
    paper_engine_get_position(paper_venue_engine_of(fixture->venue, "binance"), 1, 1, &position);
    assert_true(keel_decimal_is_zero(position.quantity));
    paper_engine_get_position(paper_venue_engine_of(fixture->venue, "gateio"), 1, 1, &position);
    assert_true(keel_decimal_is_positive(position.quantity));

    const char *audit = call(fixture, "GET", "/paper/audit", "", "");
    assert_true(paper_venue_is_conserved(fixture->venue));
    assert_non_null(strstr(audit, "{\"conserved\":true,"));
    assert_non_null(strstr(audit, "\"venues\":{\"binance\":{\"conserved\":true,"));
    assert_non_null(strstr(audit, "\"gateio\":{\"conserved\":true,"));
}

static void a_reset_is_of_all(void **state)
{
    struct fixture *fixture = *state;
    struct paper_position position;
    trade(fixture, "binance");
    trade(fixture, "gateio");
    (void)call(fixture, "POST", "/paper/reset", "", "");
    assert_int_equal(fixture->response.status, 200);
    for (int i = 0; i < 2; i++) {
        paper_engine_get_position(paper_venue_engine_at(fixture->venue, i), 1, 1, &position);
        assert_true(keel_decimal_is_zero(position.quantity));
    }
}

static void a_fault_strikes_by_the_path_whosever_it_is(void **state)
{
    struct fixture *fixture = *state;
    (void)call(fixture, "POST", "/paper/fault", "",
               "{\"action\":\"503-unavailable\",\"path\":\"/api/v4/futures/usdt/*\"}");
    assert_int_equal(fixture->response.status, 200);
    (void)call(fixture, "GET", "/fapi/v1/time", "", "");
    assert_int_equal(fixture->response.status, 200);
    (void)call(fixture, "GET", "/api/v4/futures/usdt/tickers", "", "");
    assert_true(fixture->response.status >= 500);
    (void)call(fixture, "GET", "/api/v4/futures/usdt/tickers", "", "");
    assert_int_equal(fixture->response.status, 200);
}

/* --- Faults of streams -------------------------------------------------------------------------
 */

static struct paper_stream *open_gateio(struct fixture *fixture)
{
    const struct paper_http_request request = {
        .method = KEEL_STR("GET"),
        .path = KEEL_STR("/v4/ws/futures/usdt"),
        .address = KEEL_STR("10.0.0.1"),
    };
    struct paper_stream *stream =
        paper_venue_open_stream(fixture->venue, &request, fixture->now_ms, &fixture->response);
    assert_non_null(stream);
    return stream;
}

static void say(struct fixture *fixture, struct paper_stream *stream, const char *text)
{
    const struct paper_frame frame = {.payload = keel_str_from(text)};
    paper_venue_receive(fixture->venue, stream, &frame, fixture->now_ms);
}

/* How many frames with this text leave now. */
static int count_frames(struct fixture *fixture, struct paper_stream *stream, const char *part)
{
    struct paper_frame frame;
    int count = 0;
    while (paper_venue_next_frame(fixture->venue, stream, fixture->now_ms, &frame)) {
        char text[4096];
        if (frame.kind == PAPER_FRAME_TEXT && keel_str_copy(frame.payload, text, sizeof(text)))
            count += strstr(text, part) != NULL;
    }
    return count;
}

static void follow_prices(struct fixture *fixture, struct paper_stream *stream)
{
    say(fixture, stream,
        "{\"time\":1700000000,\"channel\":\"futures.book_ticker\",\"event\":\"subscribe\","
        "\"payload\":[\"BTC_USDT\"]}");
    assert_int_equal(count_frames(fixture, stream, "\"success\""), 1);
}

static void set_price(struct fixture *fixture, const char *price)
{
    assert_int_equal(paper_venue_set_price(fixture->venue, fixture->now_ms, KEEL_STR("BTCUSDT"),
                                           keel_decimal_from_text(price)),
                     PAPER_OK);
}

static void a_fault_strikes_a_push_by_its_channel(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_gateio(fixture);
    static const char *const faults[] = {
        "{\"action\":\"drop\",\"event\":\"futures.book_ticker\"}",
        "{\"action\":\"duplicate\",\"event\":\"futures.book_ticker\",\"stream\":\"market\"}",
        "{\"action\":\"drop\",\"event\":\"futures.book_ticker\",\"stream\":\"user\"}",
        "{\"action\":\"drop\",\"event\":\"futures.trades\"}",
    };
    static const int expected[] = {0, 2, 1, 1};
    static const char *const prices[] = {"50000", "50100", "50200", "50300"};
    follow_prices(fixture, stream);
    for (int i = 0; i < 4; i++) {
        (void)call(fixture, "DELETE", "/paper/fault", "", "");
        (void)call(fixture, "POST", "/paper/fault", "", faults[i]);
        assert_int_equal(fixture->response.status, 200);
        set_price(fixture, prices[i]);
        assert_int_equal(count_frames(fixture, stream, "futures.book_ticker"), expected[i]);
    }
    paper_venue_close_stream(fixture->venue, stream);
}

static void a_silence_lies_over_gateios_streams_too(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_gateio(fixture);
    follow_prices(fixture, stream);
    (void)call(fixture, "POST", "/paper/fault", "",
               "{\"action\":\"silence\",\"stream\":\"market\",\"for_ms\":1000}");
    set_price(fixture, "50000");
    assert_int_equal(count_frames(fixture, stream, "futures.book_ticker"), 0);
    assert_true(paper_venue_mutes(fixture->venue, stream, fixture->now_ms));
    fixture->now_ms += 1000;
    assert_false(paper_venue_mutes(fixture->venue, stream, fixture->now_ms));
    set_price(fixture, "50100");
    assert_int_equal(count_frames(fixture, stream, "futures.book_ticker"), 1);
    paper_venue_close_stream(fixture->venue, stream);
}

/* As faults and subscriptions stay, so do connections; the books of both begin anew. */
static void a_reset_leaves_the_connections_open(void **state)
{
    struct fixture *fixture = *state;
    struct paper_stream *stream = open_gateio(fixture);
    follow_prices(fixture, stream);
    say(fixture, stream,
        "{\"time\":1700000000,\"channel\":\"futures.order_book_update\","
        "\"event\":\"subscribe\",\"payload\":[\"BTC_USDT\",\"100ms\",\"20\"]}");
    (void)count_frames(fixture, stream, "");
    assert_true(paper_venue_reset(fixture->venue, fixture->now_ms));
    (void)count_frames(fixture, stream, "");
    set_price(fixture, "50000");
    fixture->now_ms += 200;
    paper_venue_tick(fixture->venue, fixture->now_ms);
    assert_int_equal(count_frames(fixture, stream, "futures.book_ticker") > 0, 1);
    paper_venue_close_stream(fixture->venue, stream);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_venue_is_served_and_the_first_is_binance),
        cmocka_unit_test(some_may_be_served_alone),
        cmocka_unit_test(a_venue_that_is_unknown_or_twice_there_is_refused),
        TEST(the_ready_line_lists_them_and_each_key_once),
        TEST(a_path_is_one_venues_alone),
        TEST(a_price_is_set_at_each_in_either_spelling),
        TEST(a_price_that_one_refuses_is_set_at_none),
        TEST(a_symbol_of_one_venue_alone_has_its_price_there),
        TEST(time_moves_on_for_all),
        cmocka_unit_test_setup_teardown(a_walk_is_the_same_whatever_is_traded, set_up_walking,
                                        tear_down),
        TEST(candles_are_played_at_each),
        TEST(candles_of_one_venue_alone_begin_the_time_of_all),
        TEST(each_has_its_own_books_and_the_audit_lists_them),
        TEST(a_reset_is_of_all),
        TEST(a_fault_strikes_by_the_path_whosever_it_is),
        TEST(a_fault_strikes_a_push_by_its_channel),
        TEST(a_silence_lies_over_gateios_streams_too),
        TEST(a_reset_leaves_the_connections_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Faults on demand, on the whole paper venue in one process under a clock of the test's own. */
#include "paper/fault.h"
#include "paper/venue.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

enum {
    BODY_SIZE = 1 << 20,
    TEXTS_MAX = 64,
    TEXT_SIZE = 1024,
};

static const int64_t start_ms = INT64_C(1700000000000);

struct fixture {
    struct paper_venue *venue;
    struct paper_response response;
    struct paper_stream *stream;
    char texts[TEXTS_MAX][TEXT_SIZE]; /* that left the stream */
    int text_count, ping_count;
    size_t cut; /* of the last */
    int64_t now_ms;
    int order_count;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct paper_venue_config config = {
        .engine = {.seed = 7,
                   .accounts = 2,
                   .deposit = keel_decimal_from_int(10000),
                   .insurance = keel_decimal_from_int(1000),
                   .manual = true,
                   .market_time_ms = start_ms},
    };
    fixture->now_ms = start_ms;
    fixture->venue = paper_venue_new(&config, fixture->now_ms);
    keel_writer_init(&fixture->response.headers, malloc(PAPER_RESPONSE_HEADERS_SIZE),
                     PAPER_RESPONSE_HEADERS_SIZE);
    keel_writer_init(&fixture->response.body, malloc(BODY_SIZE), BODY_SIZE);
    assert_non_null(fixture->venue);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->stream)
        paper_venue_close_stream(fixture->venue, fixture->stream);
    paper_venue_free(fixture->venue);
    free(fixture->response.headers.data);
    free(fixture->response.body.data);
    free(fixture);
    return 0;
}

/* --- Driving the venue -------------------------------------------------------------------------
 */

static struct paper_http_request request_of(const char *method, const char *path, const char *query,
                                            const char *body, const struct paper_header *headers,
                                            int header_count)
{
    return (struct paper_http_request){
        .method = keel_str_from(method),
        .path = keel_str_from(path),
        .query = keel_str_from(query),
        .body = keel_str_from(body),
        .address = KEEL_STR("10.0.0.1"),
        .headers = headers,
        .header_count = header_count,
    };
}

static void control(struct fixture *fixture, const char *method, const char *path, const char *body)
{
    struct paper_http_request request = request_of(method, path, "", body, NULL, 0);
    paper_venue_handle(fixture->venue, &request, fixture->now_ms, &fixture->response);
}

static void add_fault(struct fixture *fixture, const char *json)
{
    control(fixture, "POST", "/paper/fault", json);
    if (fixture->response.status != 200)
        fail_msg("%s", fixture->response.body.data);
}

static void call_as(struct fixture *fixture, int account, const char *method, const char *path,
                    const char *params)
{
    const struct paper_key *key = &paper_venue_keys(fixture->venue)->at[account - 1];
    char text[1024], full[1280], hex[65];
    unsigned char digest[KEEL_SHA256_SIZE];
    struct keel_writer writer;

    snprintf(text, sizeof(text), "%s%stimestamp=%lld", params, *params ? "&" : "",
             (long long)fixture->now_ms);
    const keel_str parts[] = {keel_str_from(text)};
    keel_hmac_sha256_sign(&key->hmac, parts, 1, digest);
    keel_writer_init(&writer, hex, sizeof(hex));
    keel_write_hex(&writer, digest, sizeof(digest));
    snprintf(full, sizeof(full), "%s&signature=%s", text, hex);

    const struct paper_header headers[] = {
        {KEEL_STR("X-MBX-APIKEY"), keel_str_from(key->api_key)                  },
        {KEEL_STR("Content-Type"), KEEL_STR("application/x-www-form-urlencoded")},
    };
    bool in_body = strcmp(method, "GET") != 0;
    struct paper_http_request request =
        request_of(method, path, in_body ? "" : full, in_body ? full : "", headers, 2);
    paper_venue_handle(fixture->venue, &request, fixture->now_ms, &fixture->response);
}

static void call(struct fixture *fixture, const char *method, const char *path, const char *params)
{
    call_as(fixture, 1, method, path, params);
}

/* A limit order that rests. */
static void place_order(struct fixture *fixture)
{
    char params[128];
    snprintf(params, sizeof(params),
             "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=%d"
             "&newClientOrderId=test-%d",
             20000, ++fixture->order_count);
    call(fixture, "POST", "/fapi/v1/order", params);
}

static int count_open_orders(struct fixture *fixture)
{
    int count = 0;
    const struct paper_order *order = NULL;
    while ((order = paper_engine_next_open_order(paper_venue_engine(fixture->venue), 1, 0, order)))
        count++;
    return count;
}

static void expect(struct fixture *fixture, int status, const char *part)
{
    if (!strstr(fixture->response.body.data, part))
        fail_msg("'%s' is not in: %.300s", part, fixture->response.body.data);
    assert_int_equal(fixture->response.status, status);
}

static void open_user_stream(struct fixture *fixture)
{
    char path[160];
    call(fixture, "POST", "/fapi/v1/listenKey", "");
    const char *key = strstr(fixture->response.body.data, "\"listenKey\":\"") + 13;
    snprintf(path, sizeof(path), "/private/ws/%.*s", (int)strcspn(key, "\""), key);
    struct paper_http_request request = request_of("GET", path, "", "", NULL, 0);
    fixture->stream =
        paper_venue_open_stream(fixture->venue, &request, fixture->now_ms, &fixture->response);
    assert_non_null(fixture->stream);
}

/* What has left the stream since the last call. */
static void collect(struct fixture *fixture)
{
    struct paper_stream *stream;
    struct paper_frame frame;
    fixture->text_count = fixture->ping_count = 0;
    fixture->cut = PAPER_UNCUT;
    while ((stream = paper_venue_next_ready(fixture->venue))) {
        while (paper_venue_next_frame(fixture->venue, stream, fixture->now_ms, &frame)) {
            fixture->ping_count += frame.kind == PAPER_FRAME_PING;
            if (frame.kind != PAPER_FRAME_TEXT)
                continue;
            assert_in_range(fixture->text_count, 0, TEXTS_MAX - 1);
            snprintf(fixture->texts[fixture->text_count++], TEXT_SIZE, "%.*s",
                     KEEL_STR_ARGS(frame.payload));
            fixture->cut = frame.cut;
        }
    }
}

static void pass_time(struct fixture *fixture, int64_t ms)
{
    for (int64_t end_ms = fixture->now_ms + ms; fixture->now_ms < end_ms;) {
        fixture->now_ms += 10;
        paper_venue_tick(fixture->venue, fixture->now_ms);
    }
    collect(fixture);
}

static void expect_client_id(struct fixture *fixture, int at, const char *client_id)
{
    assert_in_range(at, 0, fixture->text_count - 1);
    if (!strstr(fixture->texts[at], client_id))
        fail_msg("'%s' is not in: %s", client_id, fixture->texts[at]);
}

/* --- Calls -------------------------------------------------------------------------------------
 */

static void a_503_of_the_unknown_kind_executes_or_not_as_it_is_told(void **state)
{
    struct fixture *fixture = *state;
    add_fault(fixture,
              "{\"action\":\"503-unknown\",\"executed\":true,\"path\":\"/fapi/v1/order\"}");
    add_fault(fixture,
              "{\"action\":\"503-unknown\",\"executed\":false,\"path\":\"/fapi/v1/order\"}");
    place_order(fixture);
    expect(fixture, 503, "Unknown error, please check your request or try again later.");
    assert_int_equal(count_open_orders(fixture), 1);
    place_order(fixture);
    expect(fixture, 503, "Unknown error, please check your request or try again later.");
    assert_int_equal(count_open_orders(fixture), 1);
    place_order(fixture);
    expect(fixture, 200, "test-3");
    assert_int_equal(count_open_orders(fixture), 2);
}

static void a_408_executes_or_not_as_it_is_told(void **state)
{
    struct fixture *fixture = *state;
    add_fault(fixture, "{\"action\":\"408\",\"executed\":true,\"method\":\"POST\"}");
    place_order(fixture);
    expect(fixture, 408, "{\"code\":-1007,");
    assert_int_equal(count_open_orders(fixture), 1);
    add_fault(fixture, "{\"action\":\"408\",\"executed\":false,\"method\":\"POST\"}");
    place_order(fixture);
    expect(fixture, 408, "{\"code\":-1007,");
    assert_int_equal(count_open_orders(fixture), 1);
}

static void refusals_of_a_failing_venue_execute_nothing(void **state)
{
    static const struct {
        const char *fault;
        int status;
        const char *body, *header;
    } cases[] = {
        {"{\"action\":\"503-unavailable\"}",        503, "Service Unavailable.", ""                    },
        {"{\"action\":\"503-internal\"}",           503, "{\"code\":-1001,",     ""                    },
        {"{\"action\":\"503-throttled\"}",          503, "{\"code\":-1008,",     ""                    },
        {"{\"action\":\"429\",\"retry_after\":7}",  429, "{\"code\":-1003,",     "Retry-After: 7\r\n"  },
        {"{\"action\":\"418\",\"retry_after\":90}", 418, "banned until",         "Retry-After: 90\r\n" },
        {"{\"action\":\"418\",\"account\":1}",      418, "banned until",         "Retry-After: 120\r\n"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        add_fault(fixture, cases[i].fault);
        place_order(fixture);
        expect(fixture, cases[i].status, cases[i].body);
        assert_non_null(strstr(fixture->response.headers.data, cases[i].header));
        assert_int_equal(count_open_orders(fixture), 0);
    }
}

static void a_reply_comes_late_or_in_part_after_its_call_was_carried_out(void **state)
{
    struct fixture *fixture = *state;
    add_fault(fixture, "{\"action\":\"delay\",\"of\":\"reply\",\"ms\":700}");
    add_fault(fixture, "{\"action\":\"cut\",\"of\":\"reply\",\"byte\":33}");
    place_order(fixture);
    assert_int_equal(fixture->response.delay_ms, 700);
    assert_true(fixture->response.cut == PAPER_UNCUT);
    place_order(fixture);
    assert_int_equal(fixture->response.delay_ms, 0);
    assert_true(fixture->response.cut == 33);
    assert_int_equal(count_open_orders(fixture), 2);
    place_order(fixture);
    assert_true(fixture->response.cut == PAPER_UNCUT);
}

static void a_request_is_cut_at_its_byte_before_the_venue_sees_it(void **state)
{
    struct fixture *fixture = *state;
    int64_t byte = 0;
    struct paper_http_request request = request_of("POST", "/fapi/v1/order", "", "", NULL, 0);
    add_fault(fixture, "{\"action\":\"cut\",\"of\":\"request\",\"byte\":120,\"method\":\"POST\"}");
    assert_true(paper_venue_cuts_request(fixture->venue, &request, fixture->now_ms, &byte));
    assert_int_equal(byte, 120);
    assert_false(paper_venue_cuts_request(fixture->venue, &request, fixture->now_ms, &byte));
}

static void a_rule_strikes_what_it_names_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    add_fault(fixture, "{\"action\":\"503-internal\",\"method\":\"GET\",\"path\":\"/fapi/v2/*\","
                       "\"account\":2,\"times\":0}");
    call_as(fixture, 1, "GET", "/fapi/v2/balance", "");
    expect(fixture, 200, "USDT");
    call_as(fixture, 2, "GET", "/fapi/v3/balance", "");
    expect(fixture, 200, "USDT");
    call_as(fixture, 2, "GET", "/fapi/v2/balance", "");
    expect(fixture, 503, "-1001");
    call_as(fixture, 2, "GET", "/fapi/v2/account", "");
    expect(fixture, 503, "-1001");
}

static void a_rule_waits_for_its_number_and_its_time(void **state)
{
    struct fixture *fixture = *state;
    add_fault(fixture, "{\"action\":\"503-internal\",\"path\":\"/fapi/v1/time\",\"after\":2}");
    static const int statuses[] = {200, 200, 503, 200};
    for (int i = 0; i < 4; i++) {
        call(fixture, "GET", "/fapi/v1/time", "");
        assert_int_equal(fixture->response.status, statuses[i]);
    }
    add_fault(fixture, "{\"action\":\"503-internal\",\"at_ms\":1000,\"for_ms\":500,\"times\":0}");
    static const struct {
        int64_t ms;
        int status;
    } times[] = {
        {999,  200},
        {1,    503},
        {499,  503},
        {1,    200},
        {5000, 200},
    };
    for (int i = 0; i < 5; i++) {
        fixture->now_ms += times[i].ms;
        call(fixture, "GET", "/fapi/v1/time", "");
        assert_int_equal(fixture->response.status, times[i].status);
    }
}

static void chance_is_the_same_each_time(void **state)
{
    struct fixture *fixture = *state;
    struct paper_faults again;
    struct keel_error error;
    const struct paper_fault_subject subject = {.path = KEEL_STR("/x"), .method = KEEL_STR("GET")};
    const keel_str rule = KEEL_STR("{\"action\":\"429\",\"probability\":0.25}");
    int struck = 0;

    paper_faults_init(&again, 7);
    assert_int_equal(paper_faults_add(paper_venue_faults(fixture->venue), rule, 0, &error),
                     KEEL_OK);
    assert_int_equal(paper_faults_add(&again, rule, 0, &error), KEEL_OK);
    for (int i = 0; i < 1000; i++) {
        bool first = paper_faults_strike(paper_venue_faults(fixture->venue), PAPER_FAULT_OF_REPLY,
                                         &subject, fixture->now_ms);
        bool second = paper_faults_strike(&again, PAPER_FAULT_OF_REPLY, &subject, 0);
        assert_int_equal(first, second);
        struck += first;
    }
    assert_in_range(struck, 200, 300);
    paper_faults_deinit(&again);
}

/* --- Frames ------------------------------------------------------------------------------------
 */

static void a_frame_is_dropped_doubled_or_overtaken(void **state)
{
    struct fixture *fixture = *state;
    open_user_stream(fixture);
    add_fault(fixture, "{\"action\":\"drop\",\"event\":\"ORDER_TRADE_UPDATE\"}");
    place_order(fixture);
    collect(fixture);
    assert_int_equal(fixture->text_count, 0);

    add_fault(fixture, "{\"action\":\"duplicate\",\"stream\":\"user\",\"account\":1}");
    place_order(fixture);
    collect(fixture);
    assert_int_equal(fixture->text_count, 2);
    assert_string_equal(fixture->texts[0], fixture->texts[1]);

    add_fault(fixture, "{\"action\":\"reorder\",\"frames\":2}");
    for (int i = 0; i < 3; i++)
        place_order(fixture);
    collect(fixture);
    assert_int_equal(fixture->text_count, 3);
    expect_client_id(fixture, 0, "test-4");
    expect_client_id(fixture, 1, "test-5");
    expect_client_id(fixture, 2, "test-3");
}

static void a_frame_that_nothing_overtakes_leaves_in_the_end(void **state)
{
    struct fixture *fixture = *state;
    open_user_stream(fixture);
    add_fault(fixture, "{\"action\":\"reorder\"}");
    place_order(fixture);
    collect(fixture);
    pass_time(fixture, 900);
    assert_int_equal(fixture->text_count, 0);
    pass_time(fixture, 200);
    assert_int_equal(fixture->text_count, 1);
}

static void a_late_frame_holds_up_those_behind_it(void **state)
{
    struct fixture *fixture = *state;
    open_user_stream(fixture);
    add_fault(fixture, "{\"action\":\"delay\",\"of\":\"frame\",\"ms\":3000}");
    place_order(fixture);
    place_order(fixture);
    collect(fixture);
    pass_time(fixture, 2900);
    assert_int_equal(fixture->text_count, 0);
    pass_time(fixture, 200);
    assert_int_equal(fixture->text_count, 2);
    expect_client_id(fixture, 0, "test-1");
    expect_client_id(fixture, 1, "test-2");
}

static void a_frame_is_cut_at_its_byte(void **state)
{
    struct fixture *fixture = *state;
    open_user_stream(fixture);
    add_fault(fixture, "{\"action\":\"cut\",\"of\":\"frame\",\"byte\":5}");
    place_order(fixture);
    collect(fixture);
    assert_int_equal(fixture->text_count, 1);
    assert_true(fixture->cut == 5);
}

static void a_silent_stream_stays_open_with_its_pings_or_without(void **state)
{
    static const struct {
        const char *fault;
        int pings;
    } cases[] = {
        {"{\"action\":\"silence\",\"stream\":\"user\",\"for_ms\":600000,\"pings\":true}",  3},
        {"{\"action\":\"silence\",\"stream\":\"user\",\"for_ms\":600000,\"pings\":false}", 0},
    };
    struct fixture *fixture = *state;
    open_user_stream(fixture);
    for (int i = 0; i < 2; i++) {
        int pings = 0;
        add_fault(fixture, cases[i].fault);
        place_order(fixture);
        for (int minute = 0; minute < 10; minute++) {
            pass_time(fixture, 59000);
            assert_int_equal(fixture->text_count, 0);
            pings += fixture->ping_count;
        }
        assert_int_equal(pings, cases[i].pings);
        assert_int_equal(paper_venue_mutes(fixture->venue, fixture->stream, fixture->now_ms),
                         i == 1);
        const struct paper_frame pong = {.kind = PAPER_FRAME_PONG};
        paper_venue_receive(fixture->venue, fixture->stream, &pong, fixture->now_ms);
        fixture->now_ms += 10000;
        place_order(fixture);
        collect(fixture);
        assert_int_equal(fixture->text_count, 1);
    }
}

/* --- The venue itself --------------------------------------------------------------------------
 */

static void a_listen_key_is_lost_with_no_notice_one_or_two(void **state)
{
    struct fixture *fixture = *state;
    for (int notices = 0; notices <= 2; notices++) {
        char fault[96];
        open_user_stream(fixture);
        snprintf(fault, sizeof(fault), "{\"action\":\"expire-key\",\"account\":1,\"notices\":%d}",
                 notices);
        add_fault(fixture, fault);
        pass_time(fixture, 20);
        assert_int_equal(fixture->text_count, notices);
        place_order(fixture);
        collect(fixture);
        assert_int_equal(fixture->text_count, 0);
        call(fixture, "PUT", "/fapi/v1/listenKey", "");
        expect(fixture, 400, "-1125");
        paper_venue_close_stream(fixture->venue, fixture->stream);
        fixture->stream = NULL;
    }
}

static void the_venue_s_clock_is_off_as_long_as_it_is_told(void **state)
{
    struct fixture *fixture = *state;
    char text[64];
    add_fault(fixture, "{\"action\":\"clock\",\"ms\":-30000,\"for_ms\":60000}");
    call(fixture, "GET", "/fapi/v1/time", "");
    snprintf(text, sizeof(text), "\"serverTime\":%lld", (long long)(start_ms - 30000));
    expect(fixture, 200, text);
    place_order(fixture);
    expect(fixture, 400, "-1021");
    fixture->now_ms += 60000;
    place_order(fixture);
    expect(fixture, 200, "test-2");
}

static void connections_are_refused_for_a_while(void **state)
{
    struct fixture *fixture = *state;
    assert_false(paper_venue_refuses(fixture->venue, fixture->now_ms));
    add_fault(fixture, "{\"action\":\"refuse\",\"at_ms\":100,\"for_ms\":1000}");
    assert_false(paper_venue_refuses(fixture->venue, fixture->now_ms + 99));
    assert_true(paper_venue_refuses(fixture->venue, fixture->now_ms + 100));
    assert_false(paper_venue_refuses(fixture->venue, fixture->now_ms + 1100));
}

/* --- Rules -------------------------------------------------------------------------------------
 */

static void what_was_struck_is_counted_and_shown_until_it_is_cleared(void **state)
{
    struct fixture *fixture = *state;
    add_fault(fixture, " {\"action\":\"429\",\"after\":1} ");
    for (int i = 0; i < 3; i++)
        place_order(fixture);
    control(fixture, "GET", "/paper/fault", "");
    expect(fixture, 200,
           "{\"faults\":[{\"id\":1,\"matched\":3,\"struck\":1,"
           "\"fault\":{\"action\":\"429\",\"after\":1}}]}");
    control(fixture, "DELETE", "/paper/fault", "");
    expect(fixture, 200, "{\"faults\":[]}");
    control(fixture, "PUT", "/paper/fault", "");
    expect(fixture, 405, "GET, POST or DELETE");
}

static void a_wrong_rule_is_refused_with_the_member_that_is_wrong(void **state)
{
    static const struct {
        const char *fault, *message;
    } cases[] = {
        {"",                                                     "not one JSON object"                   },
        {"[]",                                                   "not one JSON object"                   },
        {"{}",                                                   "action: is needed"                     },
        {"{\"action\":\"explode\"}",                             "action: there is no 'explode'"         },
        {"{\"action\":\"drop\",\"colour\":1}",                   "colour: there is no such member"       },
        {"{\"action\":\"drop\",\"executed\":true}",              "executed: says nothing to 'drop'"      },
        {"{\"action\":\"503-unknown\"}",                         "executed: is needed by '503-unknown'"  },
        {"{\"action\":\"408\",\"executed\":\"yes\"}",            "executed: true or false is needed"     },
        {"{\"action\":\"drop\",\"times\":-1}",                   "times: a whole number from 0"          },
        {"{\"action\":\"drop\",\"times\":\"1\"}",                "times: a whole number from 0"          },
        {"{\"action\":\"drop\",\"times\":1,\"times\":2}",        "times: is there twice"                 },
        {"{\"action\":\"drop\",\"probability\":1.5}",            "probability: a number from 0 to 1"     },
        {"{\"action\":\"drop\",\"stream\":\"mine\"}",            "stream: there are user, market and api"},
        {"{\"action\":\"drop\",\"event\":7}",                    "event: a text"                         },
        {"{\"action\":\"delay\",\"ms\":5}",                      "of: is needed by 'delay'"              },
        {"{\"action\":\"delay\",\"of\":\"frame\",\"ms\":-5}",    "ms: nothing comes earlier"             },
        {"{\"action\":\"delay\",\"of\":\"request\",\"ms\":5}",   "of: reply or frame"                    },
        {"{\"action\":\"cut\",\"of\":\"tail\"}",                 "of: there are request, reply and frame"},
        {"{\"action\":\"cut\",\"of\":\"frame\",\"path\":\"/\"}", "path: says nothing to 'cut'"           },
        {"{\"action\":\"refuse\"}",                              "for_ms: is needed by 'refuse'"         },
        {"{\"action\":\"expire-key\",\"notices\":3}",
         "notices: a whole number from 0 to 2 is needed"                                                 },
        {"{\"action\":\"clock\"}",                               "ms: is needed by 'clock'"              },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        control(fixture, "POST", "/paper/fault", cases[i].fault);
        expect(fixture, 400, cases[i].message);
    }
    assert_int_equal(paper_venue_faults(fixture->venue)->count, 0);
}

static void a_script_is_a_rule_a_line_and_names_the_line_that_is_wrong(void **state)
{
    struct fixture *fixture = *state;
    struct paper_faults *faults = paper_venue_faults(fixture->venue);
    struct keel_error error;
    assert_int_equal(paper_faults_load(faults,
                                       KEEL_STR("# how it fails\n\n{\"action\":\"429\"}\r\n"
                                                "  {\"action\":\"drop\"}"),
                                       0, &error),
                     KEEL_OK);
    assert_int_equal(faults->count, 2);
    assert_int_equal(paper_faults_load(faults, KEEL_STR("#\n{\"action\":\"42\"}\n"), 0, &error),
                     KEEL_CONFIG);
    assert_string_equal(error.message, "line 2: action: there is no '42'");
    while (faults->count < PAPER_FAULTS_MAX)
        assert_int_equal(paper_faults_add(faults, KEEL_STR("{\"action\":\"429\"}"), 0, &error),
                         KEEL_OK);
    assert_int_equal(paper_faults_add(faults, KEEL_STR("{\"action\":\"429\"}"), 0, &error),
                     KEEL_FULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest fault_tests[] = {
        TEST(a_503_of_the_unknown_kind_executes_or_not_as_it_is_told),
        TEST(a_408_executes_or_not_as_it_is_told),
        TEST(refusals_of_a_failing_venue_execute_nothing),
        TEST(a_reply_comes_late_or_in_part_after_its_call_was_carried_out),
        TEST(a_request_is_cut_at_its_byte_before_the_venue_sees_it),
        TEST(a_rule_strikes_what_it_names_and_nothing_else),
        TEST(a_rule_waits_for_its_number_and_its_time),
        TEST(chance_is_the_same_each_time),
        TEST(a_frame_is_dropped_doubled_or_overtaken),
        TEST(a_frame_that_nothing_overtakes_leaves_in_the_end),
        TEST(a_late_frame_holds_up_those_behind_it),
        TEST(a_frame_is_cut_at_its_byte),
        TEST(a_silent_stream_stays_open_with_its_pings_or_without),
        TEST(a_listen_key_is_lost_with_no_notice_one_or_two),
        TEST(the_venue_s_clock_is_off_as_long_as_it_is_told),
        TEST(connections_are_refused_for_a_while),
        TEST(what_was_struck_is_counted_and_shown_until_it_is_cleared),
        TEST(a_wrong_rule_is_refused_with_the_member_that_is_wrong),
        TEST(a_script_is_a_rule_a_line_and_names_the_line_that_is_wrong),
    };
    return cmocka_run_group_tests(fault_tests, NULL, NULL);
}

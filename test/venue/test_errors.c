/* What each kind of refusal means for the fate of a command. */
#include "fixtures.h"

static struct keel_markets *markets;

static struct keel_outcome outcome;
static struct keel_event events_memory[8];
static struct keel_events events;
static char arena_memory[4096];

static enum keel_status judge(struct keel_command command, int status, const char *body,
                              const char *retry_after)
{
    struct keel_arena arena;
    char headers[64];
    snprintf(headers, sizeof(headers), "content-length: 2\r\nretry-after: %s\r\n", retry_after);
    struct keel_reply reply = {
        .http_status = status,
        .body = keel_str_from(body),
        .headers = keel_str_from(headers),
    };
    keel_arena_init(&arena, arena_memory, sizeof(arena_memory));
    events = (struct keel_events){events_memory, 0, 8};
    return keel_venue_binance.decode_reply(&command, &reply, markets, &arena, &events, &outcome);
}

static enum keel_status judge_order(int status, const char *body)
{
    return judge((struct keel_command){.kind = KEEL_PLACE_ORDER}, status, body, "");
}

static const struct {
    const char *name;
    int status;
    const char *body;
    enum keel_fate fate;
    int32_t code;
} cases[] = {
    {"margin",                                     400, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}",             KEEL_FATE_REJECTED,
     -2019                                                                                                                                           },
    {"members in another order",                   400, "{\"msg\":\"Margin is insufficient.\",\"code\":-2019}",
     KEEL_FATE_REJECTED,                                                                                                                        -2019},
    {"post only would take",                       400, "{\"code\":-5022,\"msg\":\"Due to the order could not\"}",
     KEEL_FATE_REJECTED,                                                                                                                        -5022},
    {"key refused",                                401, "{\"code\":-2015,\"msg\":\"Invalid API-key, IP, or permissions\"}",
     KEEL_FATE_REJECTED,                                                                                                                        -2015},
    {"an unknown path",                            404, "<html>not found</html>",                                           KEEL_FATE_REJECTED, 0    },
    {"execution unknown",                          400, "{\"code\":-1006,\"msg\":\"An unexpected response\"}",
     KEEL_FATE_UNKNOWN,                                                                                                                         -1006},
    {"timeout by code",                            400, "{\"code\":-1007,\"msg\":\"Timeout waiting for response\"}",
     KEEL_FATE_UNKNOWN,                                                                                                                         -1007},
    {"unknown error by code",                      400, "{\"code\":-1000,\"msg\":\"An unknown error occurred\"}",
     KEEL_FATE_UNKNOWN,                                                                                                                         -1000},
    {"timeout by status",                          408, "",                                                                 KEEL_FATE_UNKNOWN,  0    },
    {"503 of the unknown kind",                    503,
     "{\"code\":-1000,\"msg\":\"Unknown error, please check your request or try again later.\"}",                           KEEL_FATE_UNKNOWN,  -1000},
    {"503 of the unknown kind, bare",              503,
     "Unknown error, please check your request or try again later.",                                                        KEEL_FATE_UNKNOWN,  0    },
    {"503 service unavailable",                    503, "Service Unavailable.",                                             KEEL_FATE_FAILED,   0    },
    {"503 internal error",                         503,
     "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try "
     "again.\"}",                                                                                                           KEEL_FATE_FAILED,   -1001},
    {"503 throttled",                              503,
     "{\"code\":-1008,\"msg\":\"Request throttled by system-level protection.\"}",                                          KEEL_FATE_FAILED,
     -1008                                                                                                                                           },
    {"503 of a page before the venue",             503, "<html>503 Service Unavailable.</html>",
     KEEL_FATE_UNKNOWN,                                                                                                                         0    },
    {"503 of nobody",                              503, "<html><body>upstream</body></html>",                               KEEL_FATE_UNKNOWN,  0    },
    {"502 page",                                   502, "<html>Bad Gateway</html>",                                         KEEL_FATE_UNKNOWN,  0    },
    {"500 with a code that is harmless elsewhere", 500, "{\"code\":-1001,\"msg\":\"Internal\"}",
     KEEL_FATE_UNKNOWN,                                                                                                                         -1001},
    {"504",                                        504, "",                                                                 KEEL_FATE_UNKNOWN,  0    },
    {"redirected",                                 302, "",                                                                 KEEL_FATE_UNKNOWN,  0    },
    {"no status",                                  0,   "",                                                                 KEEL_FATE_UNKNOWN,  0    },
    {"too many requests",                          429, "{\"code\":-1003,\"msg\":\"Too many requests.\"}",                  KEEL_FATE_FAILED,
     -1003                                                                                                                                           },
    {"banned",                                     418, "{\"code\":-1003,\"msg\":\"Way too many requests\"}",               KEEL_FATE_FAILED,   -1003},
    {"firewall",                                   403, "<html>forbidden</html>",                                           KEEL_FATE_FAILED,   0    },
    {"too many orders",                            400, "{\"code\":-1015,\"msg\":\"Too many new orders.\"}",                KEEL_FATE_FAILED,
     -1015                                                                                                                                           },
    {"an error inside success",                    200, "{\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"}",
     KEEL_FATE_REJECTED,                                                                                                                        -2022},
    {"a code as text",                             400, "{\"code\":\"-2019\",\"msg\":\"Margin is insufficient.\"}",
     KEEL_FATE_REJECTED,                                                                                                                        -2019},
};

static void each_refusal_has_its_fate(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum keel_status status = judge_order(cases[i].status, cases[i].body);
        if (status != KEEL_OK || outcome.fate != cases[i].fate ||
            outcome.error.venue_code != cases[i].code)
            fail_msg("%s: %s, code %d", cases[i].name, keel_fate_name(outcome.fate),
                     (int)outcome.error.venue_code);
        assert_int_equal(events.count, 0);
        assert_string_not_equal(outcome.error.message, "");
    }
}

static void a_refusal_keeps_the_words_of_the_venue(void **state)
{
    (void)state;
    assert_int_equal(judge_order(400, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}"),
                     KEEL_OK);
    assert_string_equal(outcome.error.message, "Margin is insufficient.");
    assert_int_equal(outcome.error.status, KEEL_REJECTED);
    assert_int_equal(judge_order(502, "<html>secret page</html>"), KEEL_OK);
    assert_null(strstr(outcome.error.message, "html"));
    assert_int_equal(outcome.error.status, KEEL_UNKNOWN);
}

static void an_accepted_write_that_cannot_be_read_is_unknown(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "", "{", "[]", "{}", "ok", "{\"orderId\":5}", "<html>login</html>"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(judge_order(200, bodies[i]), KEEL_MALFORMED);
        assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
        assert_int_equal(events.count, 0);
    }
}

static void a_read_that_failed_changed_nothing(void **state)
{
    (void)state;
    struct keel_command load = {.kind = KEEL_LOAD_BALANCES};
    assert_int_equal(judge(load, 502, "", ""), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    assert_int_equal(judge(load, 200, "[{\"asset\":", ""), KEEL_MALFORMED);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    assert_int_equal(judge(load, 401, "{\"code\":-2015,\"msg\":\"no\"}", ""), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
}

static void a_setting_that_is_so_already_is_a_success(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_SET_MARGIN_MODE};
    command.margin_mode.market = keel_markets_find(markets, KEEL_STR("BTCUSDT"));
    command.margin_mode.mode = KEEL_ISOLATED;
    assert_int_equal(
        judge(command, 400, "{\"code\":-4046,\"msg\":\"No need to change margin type.\"}", ""),
        KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_true(outcome.already_so);
    assert_int_equal(events.count, 1);
    assert_int_equal(events.at[0].kind, KEEL_EVENT_LEVERAGE);
    assert_int_equal(events.at[0].leverage.margin_mode, KEEL_ISOLATED);

    command = (struct keel_command){.kind = KEEL_SET_HEDGE_MODE, .enable = true};
    assert_int_equal(judge(command, 400, "{\"code\":-4059,\"msg\":\"No need\"}", ""), KEEL_OK);
    assert_true(outcome.already_so);
    assert_int_equal(events.at[0].modes.hedge, KEEL_ON);

    command = (struct keel_command){.kind = KEEL_SET_MULTI_ASSET};
    assert_int_equal(judge(command, 400, "{\"code\":-4171,\"msg\":\"No need\"}", ""), KEEL_OK);
    assert_true(outcome.already_so);
    assert_int_equal(events.at[0].modes.multi_asset, KEEL_OFF);
}

static void an_order_that_does_not_exist_is_not_found(void **state)
{
    (void)state;
    struct keel_command query = {.kind = KEEL_QUERY_ORDER};
    assert_int_equal(judge(query, 400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", ""),
                     KEEL_OK);
    assert_true(outcome.not_found);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    struct keel_command cancel = {.kind = KEEL_CANCEL_ORDER};
    assert_int_equal(judge(cancel, 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}", ""),
                     KEEL_OK);
    assert_true(outcome.not_found);
    assert_int_equal(judge_order(400, "{\"code\":-2019,\"msg\":\"no\"}"), KEEL_OK);
    assert_false(outcome.not_found);
}

static void a_client_id_that_is_taken_is_evidence(void **state)
{
    (void)state;
    assert_int_equal(judge_order(400, "{\"code\":-4116,\"msg\":\"ClientOrderId is duplicated.\"}"),
                     KEEL_OK);
    assert_true(outcome.duplicate);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
}

static void a_clock_that_is_off_is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(judge_order(400, "{\"code\":-1021,\"msg\":\"Timestamp for this request\"}"),
                     KEEL_OK);
    assert_true(outcome.clock_wrong);
}

static void a_ban_says_how_long(void **state)
{
    (void)state;
    struct keel_command load = {.kind = KEEL_LOAD_BALANCES};
    assert_int_equal(judge(load, 418,
                           "{\"code\":-1003,\"msg\":\"Way too much request weight used; IP banned "
                           "until 1761900123456. Please use WebSocket Streams.\"}",
                           "120"),
                     KEEL_OK);
    assert_true(outcome.busy);
    assert_int_equal(outcome.retry_at_ms, 1761900123456);
    assert_int_equal(outcome.retry_after_ms, 120000);

    assert_int_equal(judge(load, 429, "", "3"), KEEL_OK);
    assert_true(outcome.busy);
    assert_int_equal(outcome.retry_after_ms, 3000);
    assert_int_equal(judge(load, 403, "<html>", ""), KEEL_OK);
    assert_true(outcome.busy);
    assert_int_equal(outcome.retry_after_ms, 0);
    assert_int_equal(judge(load, 400, "{\"code\":-1100,\"msg\":\"no\"}", "9"), KEEL_OK);
    assert_false(outcome.busy);
    assert_int_equal(judge(load, 429, "", "Wed, 21 Oct 2026"), KEEL_OK);
    assert_int_equal(outcome.retry_after_ms, 0);
}

static void protection_of_the_venue_does_not_silence_exits(void **state)
{
    (void)state;
    assert_int_equal(judge_order(503, "{\"code\":-1008,\"msg\":\"Request throttled\"}"), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    assert_false(outcome.busy);
}

static void a_listen_key_that_is_gone_is_not_found(void **state)
{
    (void)state;
    struct keel_command renew = {.kind = KEEL_RENEW_STREAM_KEY};
    assert_int_equal(judge(renew, 400, "{\"code\":-1125,\"msg\":\"This listenKey does not\"}", ""),
                     KEEL_OK);
    assert_true(outcome.not_found);
}

static int set_up(void **state)
{
    (void)state;
    markets = make_test_markets();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(markets);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal_has_its_fate),
        cmocka_unit_test(a_refusal_keeps_the_words_of_the_venue),
        cmocka_unit_test(an_accepted_write_that_cannot_be_read_is_unknown),
        cmocka_unit_test(a_read_that_failed_changed_nothing),
        cmocka_unit_test(a_setting_that_is_so_already_is_a_success),
        cmocka_unit_test(an_order_that_does_not_exist_is_not_found),
        cmocka_unit_test(a_client_id_that_is_taken_is_evidence),
        cmocka_unit_test(a_clock_that_is_off_is_told_apart),
        cmocka_unit_test(a_ban_says_how_long),
        cmocka_unit_test(protection_of_the_venue_does_not_silence_exits),
        cmocka_unit_test(a_listen_key_that_is_gone_is_not_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

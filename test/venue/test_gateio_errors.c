/* What each label of Gate means for the fate of a command. */
#include "gateio_fixtures.h"

static struct keel_markets *markets;
static struct keel_outcome outcome;
static struct keel_event events_memory[8];
static struct keel_events events;
static char arena_memory[4096];

static enum keel_status judge(struct keel_command command, int status, const char *body,
                              const char *headers)
{
    struct keel_arena arena;
    struct keel_reply reply = {
        .http_status = status,
        .body = keel_str_from(body),
        .headers = keel_str_from(headers),
    };
    keel_arena_init(&arena, arena_memory, sizeof(arena_memory));
    events = (struct keel_events){events_memory, 0, 8};
    return keel_venue_gateio.decode_reply(&command, &reply, markets, &arena, &events, &outcome);
}

static enum keel_status judge_order(int status, const char *body)
{
    return judge((struct keel_command){.kind = KEEL_PLACE_ORDER}, status, body, "");
}

enum flag { NO_FLAG, BUSY, NOT_FOUND, DUPLICATE, ALREADY_SO, CLOCK };

static const struct {
    const char *label;
    int status;
    enum keel_fate fate;
    enum flag flag;
} labels[] = {
    {"INVALID_KEY",                    401, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INVALID_CREDENTIALS",            401, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INVALID_SIGNATURE",              401, KEEL_FATE_REJECTED, NO_FLAG   },
    {"MISSING_REQUIRED_HEADER",        400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"REQUEST_EXPIRED",                403, KEEL_FATE_REJECTED, CLOCK     },
    {"IP_FORBIDDEN",                   403, KEEL_FATE_REJECTED, NO_FLAG   },
    {"READ_ONLY",                      403, KEEL_FATE_REJECTED, NO_FLAG   },
    {"FORBIDDEN",                      403, KEEL_FATE_REJECTED, NO_FLAG   },
    {"ACCOUNT_LOCKED",                 403, KEEL_FATE_REJECTED, NO_FLAG   },
    {"AUTHENTICATION_FAILED",          400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INVALID_PARAM_VALUE",            400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INVALID_PROTOCOL",               400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INVALID_ARGUMENT",               400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INVALID_REQUEST_BODY",           400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"MISSING_REQUIRED_PARAM",         400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"BAD_REQUEST",                    400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INVALID_CONTENT_TYPE",           400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"NOT_ACCEPTABLE",                 406, KEEL_FATE_REJECTED, NO_FLAG   },
    {"METHOD_NOT_ALLOWED",             405, KEEL_FATE_REJECTED, NO_FLAG   },
    {"NOT_FOUND",                      404, KEEL_FATE_REJECTED, NO_FLAG   },
    {"DUPLICATE_REQUEST",              400, KEEL_FATE_REJECTED, DUPLICATE },
    {"TOO_MANY_REQUESTS",              429, KEEL_FATE_FAILED,   BUSY      },
    {"TOO_MANY_REQUESTS",              400, KEEL_FATE_FAILED,   BUSY      },
    {"TOO_FAST",                       429, KEEL_FATE_FAILED,   BUSY      },
    {"USER_NOT_FOUND",                 400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"CONTRACT_NOT_FOUND",             400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"CONTRACT_NO_COUNTER",            400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"CONTRACT_IN_DELISTING",          400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"CROSS_ACCOUNT_NOT_FOUND",        400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"SIZE_TOO_LARGE",                 400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"SIZE_TOO_SMALL",                 400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"PRICE_TOO_DEVIATED",             400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"PRICE_OVER_LIQUIDATION",         400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"PRICE_OVER_BANKRUPT",            400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"TOO_MANY_ORDERS",                400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"ORDER_POC_IMMEDIATE",            400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"ORDER_FOK",                      400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INVALID_CLIENT_ORDER_ID",        400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"ORDER_EXISTS",                   400, KEEL_FATE_REJECTED, DUPLICATE },
    {"INSUFFICIENT_AVAILABLE",         400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"LIQUIDATE_IMMEDIATELY",          400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"RISK_LIMIT_EXCEEDED",            400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"RISK_LIMIT_TOO_HIGH",            400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"RISK_LIMIT_TOO_lOW",             400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"RISK_LIMIT_TOO_LOW",             400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"RISK_LIMIT_NOT_MULTIPLE",        400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"LEVERAGE_TOO_HIGH",              400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"LEVERAGE_TOO_LOW",               400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"POSITION_NOT_FOUND",             400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"POSITION_EMPTY",                 400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"POSITION_IN_LIQUIDATION",        400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"POSITION_IN_CLOSE",              400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"POSITION_CROSS_MARGIN",          400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"POSITION_DUAL_MODE",             400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"POSITION_HOLDING",               400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"REMOVE_TOO_MUCH",                400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INCREASE_POSITION",              400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"REDUCE_EXCEEDED",                400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"ORDER_NOT_FOUND",                404, KEEL_FATE_REJECTED, NOT_FOUND },
    {"AUTO_ORDER_NOT_FOUND",           400, KEEL_FATE_REJECTED, NOT_FOUND },
    {"ORDER_NOT_OWNED",                400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"ORDER_FINISHED",                 400, KEEL_FATE_REJECTED, NOT_FOUND },
    {"ORDER_PENDING",                  400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"NO_CHANGE",                      400, KEEL_ACCEPTED,      ALREADY_SO},
    {"AMEND_WITH_STOP",                400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"AUTO_TRIGGER_PRICE_LESS_LAST",   400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"AUTO_TRIGGER_PRICE_GREATE_LAST", 400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"INTERNAL",                       500, KEEL_FATE_UNKNOWN,  NO_FLAG   },
    {"INTERNAL",                       400, KEEL_FATE_UNKNOWN,  NO_FLAG   },
    {"SERVER_ERROR",                   500, KEEL_FATE_UNKNOWN,  NO_FLAG   },
    {"INTERNAL_SERVER_ERROR",          500, KEEL_FATE_UNKNOWN,  NO_FLAG   },
    {"TOO_BUSY",                       503, KEEL_FATE_UNKNOWN,  NO_FLAG   },
    {"SERVER_TIMEOUT",                 504, KEEL_FATE_UNKNOWN,  NO_FLAG   },
    {"INSUFFICIENT_AVAILABLE",         500, KEEL_FATE_UNKNOWN,  NO_FLAG   },
    {"A_WORD_OF_TOMORROW",             400, KEEL_FATE_REJECTED, NO_FLAG   },
    {"A_WORD_OF_TOMORROW",             200, KEEL_FATE_REJECTED, NO_FLAG   },
};

static enum flag get_flag(void)
{
    enum flag flag = NO_FLAG;
    flag = outcome.busy ? BUSY : flag;
    flag = outcome.not_found ? NOT_FOUND : flag;
    flag = outcome.duplicate ? DUPLICATE : flag;
    flag = outcome.already_so ? ALREADY_SO : flag;
    return outcome.clock_wrong ? CLOCK : flag;
}

static void each_label_has_its_fate(void **state)
{
    (void)state;
    static const char *const members[] = {"message", "detail"};
    for (size_t i = 0; i < 2 * sizeof(labels) / sizeof(labels[0]); i++) {
        char body[256];
        size_t at = i / 2;
        snprintf(body, sizeof(body), "{\"label\":\"%s\",\"%s\":\"because\"}", labels[at].label,
                 members[i % 2]);
        assert_int_equal(judge_order(labels[at].status, body), KEEL_OK);
        if (outcome.fate != labels[at].fate || get_flag() != labels[at].flag)
            fail_msg("%s: %s, flag %d", body, keel_fate_name(outcome.fate), (int)get_flag());
        assert_non_null(strstr(outcome.error.message, labels[at].label));
        assert_non_null(strstr(outcome.error.message, "because"));
    }
}

static const struct {
    int status;
    const char *body;
    enum keel_fate fate;
    bool busy;
} bodies[] = {
    {502, "<html>Bad Gateway</html>", KEEL_FATE_UNKNOWN,  false},
    {504, "",                         KEEL_FATE_UNKNOWN,  false},
    {408, "",                         KEEL_FATE_UNKNOWN,  false},
    {0,   "",                         KEEL_FATE_UNKNOWN,  false},
    {302, "",                         KEEL_FATE_UNKNOWN,  false},
    {403, "<html>denied</html>",      KEEL_FATE_FAILED,   true },
    {429, "",                         KEEL_FATE_FAILED,   true },
    {404, "<html>nothing</html>",     KEEL_FATE_REJECTED, false},
    {400, "{\"label\":5}",            KEEL_FATE_REJECTED, false},
};

static void without_a_label_the_status_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(judge_order(bodies[i].status, bodies[i].body), KEEL_OK);
        if (outcome.fate != bodies[i].fate || outcome.busy != bodies[i].busy)
            fail_msg("%d %s: %s", bodies[i].status, bodies[i].body, keel_fate_name(outcome.fate));
        assert_null(strstr(outcome.error.message, "html"));
        assert_string_not_equal(outcome.error.message, "");
    }
}

static void an_accepted_write_that_cannot_be_read_is_unknown(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[]", "{}", "ok", "{\"id\":5}", "<html></html>"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(judge_order(201, texts[i]), KEEL_MALFORMED);
        assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
        assert_int_equal(events.count, 0);
    }
    struct keel_command read = {.kind = KEEL_LOAD_BALANCES};
    assert_int_equal(judge(read, 200, "{", ""), KEEL_MALFORMED);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    assert_int_equal(judge(read, 503, "", ""), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
}

static void the_time_to_ask_again_is_told_in_seconds_or_milliseconds(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        int64_t retry_at_ms;
    } cases[] = {
        {"X-Gate-RateLimit-Reset-Timestamp: 1700000005\r\n",                       1700000005000},
        {"x-gate-ratelimit-reset-timestamp: 1700000005123\r\n",                    1700000005123},
        {"Content-Length: 2\r\n",                                                  0            },
        {"{\"status\":\"429\",\"x_gat_ratelimit_reset_timestamp\":1700000005123}", 1700000005123},
        {"{\"status\":\"429\",\"x_gate_ratelimit_reset_timestamp\":1700000005}",   1700000005000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        judge((struct keel_command){.kind = KEEL_PLACE_ORDER}, 429,
              "{\"label\":\"TOO_MANY_REQUESTS\"}", cases[i].headers);
        assert_true(outcome.busy);
        if (outcome.retry_at_ms != cases[i].retry_at_ms)
            fail_msg("%s: %lld", cases[i].headers, (long long)outcome.retry_at_ms);
    }
}

static void what_is_used_of_a_limit_is_counted_in_ours(void **state)
{
    (void)state;
    const char *orders = "X-Gate-RateLimit-Limit: 100\r\nX-Gate-RateLimit-Requests-Remain: 70\r\n";
    const char *higher = "X-Gate-RateLimit-Limit: 400\r\nX-Gate-RateLimit-Requests-Remain: 200\r\n";
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};
    judge(command, 400, "{\"label\":\"ORDER_FOK\"}", orders);
    assert_int_equal(outcome.usage_count, 1);
    assert_int_equal(outcome.usage[0].kind, KEEL_LIMIT_ORDERS);
    assert_int_equal(outcome.usage[0].interval_ms, 1000);
    assert_int_equal(outcome.usage[0].used, 30);
    judge(command, 400, "{\"label\":\"ORDER_FOK\"}", higher);
    assert_int_equal(outcome.usage[0].used, 50);

    command.kind = KEEL_LOAD_BALANCES;
    judge(command, 200, "{\"total\":\"1\"}", higher);
    assert_int_equal(outcome.usage[0].kind, KEEL_LIMIT_WEIGHT);
    assert_int_equal(outcome.usage[0].interval_ms, 10000);
    assert_int_equal(outcome.usage[0].used, 100);
    command.kind = KEEL_CANCEL_ORDER;
    judge(command, 400, "{\"label\":\"ORDER_NOT_FOUND\"}", orders);
    assert_int_equal(outcome.usage_count, 0);
}

static void a_setting_that_is_so_already_is_a_success(void **state)
{
    (void)state;
    const char *body = "{\"label\":\"NO_CHANGE\",\"message\":\"No change is made\"}";
    struct keel_command command = {.kind = KEEL_SET_LEVERAGE};
    command.leverage.market = 1;
    command.leverage.leverage = 7;
    command.leverage.mode = KEEL_CROSS;
    assert_int_equal(judge(command, 400, body, ""), KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(events.count, 1);
    assert_int_equal(events.at[0].leverage.leverage, 7);
    assert_int_equal(events.at[0].leverage.margin_mode, KEEL_CROSS);
    command = (struct keel_command){.kind = KEEL_SET_HEDGE_MODE, .enable = true};
    judge(command, 400, body, "");
    assert_int_equal(events.at[0].modes.hedge, KEEL_ON);
}

static void a_conditional_order_is_known_by_the_id_that_answers_it(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};
    command.place = keel_order_request_init();
    command.place.market = 1;
    command.place.side = KEEL_SELL;
    command.place.type = KEEL_STOP_MARKET;
    command.place.quantity = keel_decimal_from_text("0.001");
    command.place.trigger_price = keel_decimal_from_text("29000");
    strcpy(command.place.client_id, "t-k9");
    assert_int_equal(judge(command, 201,
                           "{\"id\":2007048638370418688,\"id_string\":\"2007048638370418688\"}",
                           "X-In-Time: 1700000000123456\r\n"),
                     KEEL_OK);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    const struct keel_order *order = &events.at[0].order;
    assert_string_equal(order->order_id, "2007048638370418688");
    assert_string_equal(order->client_id, "t-k9");
    assert_int_equal(order->status, KEEL_ORDER_NEW);
    assert_int_equal(order->family, KEEL_FAMILY_CONDITIONAL);
    assert_int_equal(order->update_time_ms, 1700000000123);
}

static void a_position_is_as_new_as_the_reply(void **state)
{
    (void)state;
    const char *body = "[{\"contract\":\"BTC_USDT\",\"size\":\"1\",\"leverage\":\"5\",\"mode\":"
                       "\"single\",\"update_time\":1700000000}]";
    struct keel_command command = {.kind = KEEL_LOAD_POSITIONS};
    assert_int_equal(judge(command, 200, body, "X-In-Time: 1700000000900000\r\n"), KEEL_OK);
    assert_int_equal(events.count, 4);
    assert_int_equal(events.at[2].kind, KEEL_EVENT_POSITION);
    assert_int_equal(events.at[2].position.update_time_ms, 1700000000900);
}

static void contracts_tell_the_fee_of_closing(void **state)
{
    (void)state;
    struct keel_command command = {.kind = KEEL_LOAD_MARKETS};
    assert_int_equal(judge(command, 200,
                           "[{\"name\":\"BTC_USDT\",\"type\":\"direct\",\"quanto_multiplier\":"
                           "\"0.0001\",\"order_size_min\":1,\"order_price_round\":\"0.1\","
                           "\"taker_fee_rate\":\"0.00075\"}]",
                           ""),
                     KEEL_OK);
    assert_int_equal(events.at[0].kind, KEEL_EVENT_MARKET);
    assert_true(keel_decimal_equals(events.at[0].market->closing_fee_ratio,
                                    keel_decimal_from_text("0.00075")));
}

static int set_up(void **state)
{
    (void)state;
    markets = make_gate_markets();
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
        cmocka_unit_test(each_label_has_its_fate),
        cmocka_unit_test(without_a_label_the_status_decides),
        cmocka_unit_test(an_accepted_write_that_cannot_be_read_is_unknown),
        cmocka_unit_test(the_time_to_ask_again_is_told_in_seconds_or_milliseconds),
        cmocka_unit_test(what_is_used_of_a_limit_is_counted_in_ours),
        cmocka_unit_test(a_setting_that_is_so_already_is_a_success),
        cmocka_unit_test(a_conditional_order_is_known_by_the_id_that_answers_it),
        cmocka_unit_test(a_position_is_as_new_as_the_reply),
        cmocka_unit_test(contracts_tell_the_fee_of_closing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* The fate of every write on Gate.io's futures wire, by every class of answer, by request and by
 * stream; and what an order's text proves once the venue has forgotten it. */
#include "fates.h"

#include "exchange/private_internal.h"

#define FUTURES "/api/v4/futures/usdt"

#define ORDER(size, left, price, status)                                                           \
    "{\"id\":1001,\"user\":10003,\"contract\":\"BTC_USDT\",\"text\":\"$id\",\"create_time\":1,"    \
    "\"update_time\":$s,\"size\":\"" size "\",\"left\":\"" left "\",\"price\":\"" price "\","      \
    "\"fill_price\":\"0\",\"tif\":\"gtc\",\"is_reduce_only\":false,\"is_close\":false,"            \
    "\"is_liq\":false," status "}"
#define OPEN       "\"status\":\"open\",\"finish_time\":0"
#define ENDED(how) "\"status\":\"finished\",\"finish_as\":\"" how "\",\"finish_time\":$s"

#define TRIGGER(status)                                                                            \
    "{\"id\":2001,\"id_string\":\"2001\",\"user\":10003,\"initial\":{\"contract\":\"BTC_USDT\","   \
    "\"size\":100,\"price\":\"0\",\"tif\":\"ioc\",\"text\":\"$id\",\"is_reduce_only\":false,"      \
    "\"is_close\":false},\"trigger\":{\"strategy_type\":0,\"price_type\":0,\"price\":\"21000\","   \
    "\"rule\":1,\"expiration\":0}," status ",\"trade_id\":0,\"create_time\":1,\"reason\":\"\"}"
#define TRIGGER_OPEN     "\"status\":\"open\",\"finish_as\":\"\""
#define TRIGGER_CANCELED "\"status\":\"finished\",\"finish_as\":\"cancelled\",\"finish_time\":$s"

#define POSITION(contract, size, leverage, cross, margin)                                          \
    "{\"user\":10003,\"contract\":\"" contract "\",\"size\":\"" size "\",\"leverage\":\"" leverage \
    "\",\"cross_leverage_limit\":\"" cross "\",\"mode\":\"single\",\"margin\":\"" margin           \
    "\",\"entry_price\":\"20000\",\"mark_price\":\"20000\",\"unrealised_pnl\":\"0\","              \
    "\"realised_pnl\":\"0\",\"liq_price\":\"0\",\"maintenance_rate\":\"0.005\","                   \
    "\"leverage_max\":\"100\",\"update_time\":$s,\"update_id\":1}"
#define HELD POSITION("BTC_USDT", "100", "20", "0", "10")

#define ACCOUNT(dual, mode)                                                                        \
    "{\"user\":10003,\"currency\":\"USDT\",\"total\":\"10000\",\"available\":\"9000\","            \
    "\"unrealised_pnl\":\"0\",\"in_dual_mode\":" dual ",\"position_mode\":\"" mode                 \
    "\",\"margin_mode\":0}"

static const struct canned canned[] = {
    {"GET", "/api/v4/spot/time",  "{\"server_time\":$ms}"                           },
    {"GET", FUTURES "/contracts",
     "[{\"name\":\"BTC_USDT\",\"type\":\"direct\",\"status\":\"trading\",\"quanto_multiplier\":"
     "\"0.0001\",\"order_size_min\":\"1\",\"order_size_max\":\"1000000\",\"order_price_round\":"
     "\"0.1\",\"order_price_deviate\":\"0.5\",\"taker_fee_rate\":\"0.00075\",\"position_size\":"
     "\"10\",\"in_delisting\":false,\"enable_decimal\":false,\"orders_limit\":100}]"},
    {"GET", FUTURES "/accounts",  ACCOUNT("false",                                    "single")},
    {"GET",     FUTURES "/positions",                     "[" POSITION("BTC_USDT",                                               "0", "0", "20", "0") "]"},
    {"GET",  FUTURES "/risk_limit_tiers",
     "[{\"tier\":1,\"risk_limit\":\"1000000\",\"initial_rate\":\"0.01\",\"maintenance_rate\":"
     "\"0.005\",\"leverage_max\":\"100\",\"deduction\":\"0\",\"contract\":\"BTC_USDT\"}]"                  },
    {"GET",     FUTURES "/fee",                     "{\"BTC_USDT\":{\"taker_fee\":\"0.0005\",\"maker_fee\":\"0.0002\"}}"                                          },
    {"GET",     FUTURES "/tickers",
     "[{\"contract\":\"BTC_USDT\",\"last\":\"20000\",\"mark_price\":\"20000\",\"index_price\":"
     "\"20000\",\"funding_rate\":\"0.0001\"}]"                                  },
    {"DELETE",     FUTURES "/price_orders",                     "[]"      },
    {"DELETE",     FUTURES "/orders",                  "[]"      },
    {"GET",     FUTURES "/orders/*",                  "{\"label\":\"ORDER_NOT_FOUND\"}"                                        },
    {"GET",     FUTURES "/*",                     "[]"                                         },
    {NULL,     NULL,                     NULL              },
};

static const struct wire wire = {
    .venue = &keel_venue_gateio,
    .symbol = "BTC_USDT",
    .subscribed = "{\"time\":$s,\"time_ms\":$ms,\"channel\":\"futures.orders\",\"event\":"
                  "\"subscribe\",\"error\":null,\"result\":{\"status\":\"success\"}}",
    .logged_in = "{\"request_id\":\"login\",\"header\":{\"status\":\"200\",\"channel\":"
                 "\"futures.login\",\"event\":\"api\"},\"data\":{\"result\":{\"uid\":\"10003\"}}}",
    .price = "{\"time\":$s,\"time_ms\":$ms,\"channel\":\"futures.tickers\",\"event\":\"update\","
             "\"result\":[{\"contract\":\"BTC_USDT\",\"last\":\"20000\",\"mark_price\":\"20000\","
             "\"index_price\":\"20000\",\"funding_rate\":\"0.0001\"}]}",
    .id_mark = "\"text\":\"",
    .canned = canned,
};

static void rest_order(struct scene *scene)
{
    rest_at(scene, KEEL_LIMIT, FUTURES "/orders", ORDER("100", "100", "19000", OPEN));
}

static void rest_stop(struct scene *scene)
{
    rest_at(scene, KEEL_STOP_MARKET, FUTURES "/price_orders", "{\"id\":2001}");
}

/* Of another client of the account: keel has its text alone. */
static void name_order(struct scene *scene)
{
    snprintf(scene->client_id, sizeof(scene->client_id), "t-elsewhere");
}

static enum keel_status send_stop(struct scene *scene, struct outcome *outcome,
                                  struct keel_error *error)
{
    struct keel_order_request request = make_order(scene, KEEL_STOP_MARKET);
    return submit_order(scene, &request, outcome, error);
}

static enum keel_status send_amend(struct scene *scene, struct outcome *outcome,
                                   struct keel_error *error)
{
    struct keel_order_ref ref = ref_to_open(scene);
    return keel_private_amend_order(scene->base, &ref, KEEL_DECIMAL_ABSENT, dec("19100"),
                                    note_result, outcome, error);
}

static enum keel_status send_cancel_by_text(struct scene *scene, struct outcome *outcome,
                                            struct keel_error *error)
{
    struct keel_order_ref ref = {.market = market_of(scene), .family = KEEL_FAMILY_REGULAR};
    memcpy(ref.client_id, scene->client_id, sizeof(ref.client_id));
    return keel_private_cancel_order(scene->base, &ref, note_result, outcome, error);
}

static enum keel_status send_leverage(struct scene *scene, struct outcome *outcome,
                                      struct keel_error *error)
{
    return keel_futures_set_leverage(scene->futures, market_of(scene), 7, note_result, outcome,
                                     error);
}

static enum keel_status send_margin_mode(struct scene *scene, struct outcome *outcome,
                                         struct keel_error *error)
{
    return keel_futures_set_margin_mode(scene->futures, market_of(scene), KEEL_ISOLATED,
                                        note_result, outcome, error);
}

static void hold_isolated(struct scene *scene)
{
    add_rule(scene, "GET", FUTURES "/positions", RULE_REPLY, 200, "[" HELD "]");
    send_text(scene, KEEL_STREAM_USER,
              "{\"time\":$s,\"time_ms\":$ms,\"channel\":\"futures.positions\",\"event\":\"update\","
              "\"result\":[{\"contract\":\"BTC_USDT\",\"size\":\"100\",\"leverage\":20,"
              "\"cross_leverage_limit\":0,\"mode\":\"single\",\"margin\":10,\"entry_price\":20000,"
              "\"liq_price\":0,\"maintenance_rate\":0.005,\"leverage_max\":100,\"time\":$s,"
              "\"time_ms\":$ms,\"update_id\":2}]}");
    settle(scene);
}

static enum keel_status send_margin(struct scene *scene, struct outcome *outcome,
                                    struct keel_error *error)
{
    return keel_futures_adjust_margin(scene->futures, market_of(scene), KEEL_NET, dec("5"),
                                      note_result, outcome, error);
}

static enum keel_status send_hedge_mode(struct scene *scene, struct outcome *outcome,
                                        struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_SET_HEDGE_MODE, .enable = true};
    return keel_private_submit(scene->base, &command, KEEL_CALL_COMMAND, note_result, outcome, NULL,
                               error);
}

enum {
    PLACE,
    STOP,
    AMEND,
    CANCEL,
    CANCEL_BY_TEXT,
    CANCEL_STOP,
    CANCEL_ALL,
    CANCEL_ALL_STOPS,
    LEVERAGE,
    MARGIN_MODE,
    MARGIN,
    HEDGE_MODE,
    WRITES,
};

/* clang-format off */
static const struct write writes[WRITES] = {
    [PLACE]            = {"POST",   FUTURES "/orders",                      FUTURES "/orders/t-*",   FUTURES "/price_orders/*", send_limit,          NULL,               ORDER("100", "100", "19000", OPEN),                true,  false},
    [STOP]             = {"POST",   FUTURES "/price_orders",                FUTURES "/price_orders", FUTURES "/orders/*",       send_stop,           NULL,               "{\"id\":2001,\"id_string\":\"2001\"}",            true,  false},
    [AMEND]            = {"PUT",    FUTURES "/orders/1001",                 FUTURES "/orders/1001",  FUTURES "/price_orders/*", send_amend,          rest_order,         ORDER("100", "100", "19100", OPEN),                false, false},
    [CANCEL]           = {"DELETE", FUTURES "/orders/1001",                 FUTURES "/orders/1001",  FUTURES "/price_orders/*", send_cancel,         rest_order,         ORDER("100", "100", "19000", ENDED("cancelled")),  false, false},
    [CANCEL_BY_TEXT]   = {"DELETE", FUTURES "/orders/t-*",                  FUTURES "/orders/t-*",   FUTURES "/price_orders/*", send_cancel_by_text, name_order,         ORDER("100", "100", "19000", ENDED("cancelled")),  false, false},
    [CANCEL_STOP]      = {"DELETE", FUTURES "/price_orders/2001",           FUTURES "/price_orders/2001", FUTURES "/orders/*",  send_cancel,         rest_stop,          TRIGGER(TRIGGER_CANCELED),                         false, false},
    [CANCEL_ALL]       = {"DELETE", FUTURES "/orders",                      FUTURES "/orders",       NULL,                      send_cancel_all,     rest_order,         "[" ORDER("100", "100", "19000", ENDED("cancelled")) "]", false, false},
    [CANCEL_ALL_STOPS] = {"DELETE", FUTURES "/price_orders",                FUTURES "/price_orders", NULL,                      send_cancel_all,     rest_stop,          "[" TRIGGER(TRIGGER_CANCELED) "]",                 false, false},
    [LEVERAGE]         = {"POST",   FUTURES "/positions/BTC_USDT/leverage", FUTURES "/positions",    NULL,                      send_leverage,       NULL,               POSITION("BTC_USDT", "0", "0", "7", "0"),          false, false},
    [MARGIN_MODE]      = {"POST",   FUTURES "/positions/BTC_USDT/leverage", FUTURES "/positions",    NULL,                      send_margin_mode,    NULL,               POSITION("BTC_USDT", "0", "20", "0", "0"),         false, false},
    [MARGIN]           = {"POST",   FUTURES "/positions/BTC_USDT/margin",   FUTURES "/positions",    NULL,                      send_margin,         hold_isolated,      POSITION("BTC_USDT", "100", "20", "0", "15"),      false, false},
    [HEDGE_MODE]       = {"POST",   FUTURES "/set_position_mode",           FUTURES "/accounts",     NULL,                      send_hedge_mode,     NULL,               ACCOUNT("true", "dual"),                           false, false},
};

#define LABEL(label) "{\"label\":\"" label "\",\"message\":\"in words\"}"

static const struct reply_case replies[] = {
    {"no connection",        RULE_NOT_SENT, 0,   NULL,                                                     FAILED,  0      },
    {"no reply",             RULE_LOST,     0,   NULL,                                                     UNKNOWN, 0      },
    {"done",                 RULE_REPLY,    200, NULL,                                                     DONE,    0      },
    {"created",              RULE_REPLY,    201, NULL,                                                     DONE,    0      },
    {"bad signature",        RULE_REPLY,    401, LABEL("INVALID_SIGNATURE"),                               NO,      0      },
    {"bad key",              RULE_REPLY,    401, LABEL("INVALID_KEY"),                                     NO,      0      },
    {"no permission",        RULE_REPLY,    403, LABEL("READ_ONLY"),                                       NO,      0      },
    {"another address",      RULE_REPLY,    403, LABEL("IP_FORBIDDEN"),                                    NO,      0      },
    {"late",                 RULE_REPLY,    403, LABEL("REQUEST_EXPIRED"),                                 NO,      0      },
    {"a bad parameter",      RULE_REPLY,    400, "{\"label\":\"INVALID_PARAM_VALUE\",\"detail\":\"size\"}", NO,      0      },
    {"a label alone",        RULE_REPLY,    400, "{\"label\":\"INVALID_PROTOCOL\"}",                       NO,      0      },
    {"no, with 200",         RULE_REPLY,    200, LABEL("INSUFFICIENT_AVAILABLE"),                          NO,      0      },
    {"no, its label last",   RULE_REPLY,    200, "{\"message\":\"m\",\"label\":\"INSUFFICIENT_AVAILABLE\"}", NO,      0      },
    {"too fast",             RULE_REPLY,    429, LABEL("TOO_MANY_REQUESTS"),                               FAILED,  0      },
    {"too fast, with 400",   RULE_REPLY,    400, LABEL("TOO_FAST"),                                        FAILED,  0      },
    {"429 without a label",  RULE_REPLY,    429, "<html>slow down</html>",                                 FAILED,  0      },
    {"no such contract",     RULE_REPLY,    400, LABEL("CONTRACT_NOT_FOUND"),                              NO,      0      },
    {"no user",              RULE_REPLY,    400, LABEL("USER_NOT_FOUND"),                                  NO,      0      },
    {"nobody in the book",   RULE_REPLY,    400, LABEL("CONTRACT_NO_COUNTER"),                             NO,      0      },
    {"too small",            RULE_REPLY,    400, LABEL("SIZE_TOO_SMALL"),                                  NO,      0      },
    {"too far",              RULE_REPLY,    400, LABEL("PRICE_TOO_DEVIATED"),                              NO,      0      },
    {"would match",          RULE_REPLY,    400, LABEL("ORDER_POC_IMMEDIATE"),                             NO,      0      },
    {"cannot fill",          RULE_REPLY,    400, LABEL("ORDER_FOK"),                                       NO,      0      },
    {"taken",                RULE_REPLY,    400, LABEL("ORDER_EXISTS"),                                    NO,      UNKNOWN},
    {"a repeated request",   RULE_REPLY,    400, LABEL("DUPLICATE_REQUEST"),                               NO,      UNKNOWN},
    {"no margin",            RULE_REPLY,    400, LABEL("INSUFFICIENT_AVAILABLE"),                          NO,      0      },
    {"too much leverage",    RULE_REPLY,    400, LABEL("LEVERAGE_TOO_HIGH"),                               NO,      0      },
    {"too risky",            RULE_REPLY,    400, LABEL("RISK_LIMIT_TOO_lOW"),                              NO,      0      },
    {"would be liquidated",  RULE_REPLY,    400, LABEL("LIQUIDATE_IMMEDIATELY"),                           NO,      0      },
    {"in liquidation",       RULE_REPLY,    400, LABEL("POSITION_IN_LIQUIDATION"),                         NO,      0      },
    {"holding",              RULE_REPLY,    400, LABEL("POSITION_HOLDING"),                                NO,      0      },
    {"would grow",           RULE_REPLY,    400, LABEL("INCREASE_POSITION"),                               NO,      0      },
    {"not ours",             RULE_REPLY,    400, LABEL("ORDER_NOT_OWNED"),                                 NO,      0      },
    {"triggers at once",     RULE_REPLY,    400, LABEL("AUTO_TRIGGER_PRICE_GREATE_LAST"),                  NO,      0      },
    {"a label of tomorrow",  RULE_REPLY,    400, LABEL("MOON_TOO_FULL"),                                   NO,      0      },
    {"INTERNAL",             RULE_REPLY,    500, LABEL("INTERNAL"),                                        UNKNOWN, 0      },
    {"INTERNAL, with 400",   RULE_REPLY,    400, LABEL("INTERNAL"),                                        UNKNOWN, 0      },
    {"SERVER_ERROR",         RULE_REPLY,    500, LABEL("SERVER_ERROR"),                                    UNKNOWN, 0      },
    {"INTERNAL_SERVER_ERROR", RULE_REPLY,   500, LABEL("INTERNAL_SERVER_ERROR"),                           UNKNOWN, 0      },
    {"TOO_BUSY",             RULE_REPLY,    503, LABEL("TOO_BUSY"),                                        UNKNOWN, 0      },
    {"TOO_BUSY, with 200",   RULE_REPLY,    200, LABEL("TOO_BUSY"),                                        UNKNOWN, 0      },
    {"SERVER_TIMEOUT",       RULE_REPLY,    504, LABEL("SERVER_TIMEOUT"),                                  UNKNOWN, 0      },
    {"500 with a refusal",   RULE_REPLY,    500, LABEL("INVALID_PARAM_VALUE"),                             UNKNOWN, 0      },
    {"500",                  RULE_REPLY,    500, "",                                                       UNKNOWN, 0      },
    {"502 in HTML",          RULE_REPLY,    502, "<html>Bad Gateway</html>",                               UNKNOWN, 0      },
    {"504",                  RULE_REPLY,    504, "stream timeout",                                         UNKNOWN, 0      },
    {"408",                  RULE_REPLY,    408, "",                                                       UNKNOWN, 0      },
    {"403 of the edge",      RULE_REPLY,    403, "<html>",                                                 FAILED,  0      },
    {"nothing",              RULE_REPLY,    200, "",                                                       UNKNOWN, 0      },
    {"cut JSON",             RULE_REPLY,    200, "{\"id\":1001,\"contract\":\"BTC",                        UNKNOWN, 0      },
    {"a cut label",          RULE_REPLY,    200, "{\"label\":\"INVALID_PAR",                               UNKNOWN, 0      },
    {"other JSON",           RULE_REPLY,    200, "{\"weather\":\"fine\"}",                                 UNKNOWN, 0      },
    {"HTML",                 RULE_REPLY,    200, "<html>welcome</html>",                                   UNKNOWN, 0      },
    {"a redirect",           RULE_REPLY,    307, "",                                                       UNKNOWN, 0      },
};

#define NOT_FOUND LABEL("ORDER_NOT_FOUND")
#define BUSY      "<html>Bad Gateway</html>"

static const struct end_case ends[] = {
    {PLACE,            "open",           200, ORDER("100", "100", "19000", OPEN),                     DONE,    DONE   },
    {PLACE,            "partly filled",  200, ORDER("100", "60", "19000", OPEN),                      DONE,    DONE   },
    {PLACE,            "filled",         200, ORDER("100", "0", "19000", ENDED("filled")),            DONE,    DONE   },
    {PLACE,            "cancelled",      200, ORDER("100", "100", "19000", ENDED("cancelled")),       DONE,    DONE   },
    {PLACE,            "killed",         200, ORDER("100", "100", "19000", ENDED("ioc")),             DONE,    DONE   },
    {PLACE,            "nowhere",        400, NOT_FOUND,                                              UNKNOWN, FAILED },
    {PLACE,            "nowhere, 404",   404, NOT_FOUND,                                              UNKNOWN, FAILED },
    {PLACE,            "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
    {STOP,             "open",           200, "[" TRIGGER(TRIGGER_OPEN) "]",                          DONE,    DONE   },
    {STOP,             "nowhere",        200, "[]",                                                   UNKNOWN, FAILED },
    {STOP,             "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
    {AMEND,            "as asked",       200, ORDER("100", "100", "19100", OPEN),                     DONE,    DONE   },
    {AMEND,            "as before",      200, ORDER("100", "100", "19000", OPEN),                     UNKNOWN, FAILED },
    {AMEND,            "filled",         200, ORDER("100", "0", "19000", ENDED("filled")),            UNKNOWN, FAILED },
    {AMEND,            "nowhere",        400, NOT_FOUND,                                              UNKNOWN, NO     },
    {AMEND,            "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
    {CANCEL,           "cancelled",      200, ORDER("100", "100", "19000", ENDED("cancelled")),       DONE,    DONE   },
    {CANCEL,           "open",           200, ORDER("100", "100", "19000", OPEN),                     UNKNOWN, FAILED },
    {CANCEL,           "partly filled",  200, ORDER("100", "60", "19000", OPEN),                      UNKNOWN, FAILED },
    {CANCEL,           "filled",         200, ORDER("100", "0", "19000", ENDED("filled")),            NO,      NO     },
    {CANCEL,           "liquidated",     200, ORDER("100", "100", "19000", ENDED("liquidated")),      NO,      NO     },
    {CANCEL,           "nowhere",        400, NOT_FOUND,                                              UNKNOWN, NO     },
    {CANCEL,           "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
    {CANCEL_STOP,      "cancelled",      200, TRIGGER(TRIGGER_CANCELED),                              DONE,    DONE   },
    {CANCEL_STOP,      "open",           200, TRIGGER(TRIGGER_OPEN),                                  UNKNOWN, FAILED },
    {CANCEL_STOP,      "nowhere",        400, LABEL("AUTO_ORDER_NOT_FOUND"),                          UNKNOWN, NO     },
    {CANCEL_ALL,       "none is open",   200, "[]",                                                   DONE,    DONE   },
    {CANCEL_ALL,       "one is open",    200, "[" ORDER("100", "100", "19000", OPEN) "]",             UNKNOWN, FAILED },
    {CANCEL_ALL,       "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
    {CANCEL_ALL_STOPS, "none is open",   200, "[]",                                                   DONE,    DONE   },
    {CANCEL_ALL_STOPS, "one is open",    200, "[" TRIGGER(TRIGGER_OPEN) "]",                          UNKNOWN, FAILED },
    {LEVERAGE,         "as asked",       200, "[" POSITION("BTC_USDT", "0", "0", "7", "0") "]",       DONE,    DONE   },
    {LEVERAGE,         "as before",      200, "[" POSITION("BTC_USDT", "0", "0", "20", "0") "]",      UNKNOWN, FAILED },
    {LEVERAGE,         "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
    {MARGIN_MODE,      "as asked",       200, "[" POSITION("BTC_USDT", "0", "20", "0", "0") "]",      DONE,    DONE   },
    {MARGIN_MODE,      "as before",      200, "[" POSITION("BTC_USDT", "0", "0", "20", "0") "]",      UNKNOWN, FAILED },
    {MARGIN_MODE,      "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
    {MARGIN,           "moved",          200, "[" POSITION("BTC_USDT", "100", "20", "0", "15") "]",   UNKNOWN, DONE   },
    {MARGIN,           "as before",      200, "[" HELD "]",                                           UNKNOWN, FAILED },
    {MARGIN,           "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
    {HEDGE_MODE,       "as asked",       200, ACCOUNT("true", "dual"),                                DONE,    DONE   },
    {HEDGE_MODE,       "as before",      200, ACCOUNT("false", "single"),                             UNKNOWN, FAILED },
    {HEDGE_MODE,       "no answer",      502, BUSY,                                                   UNKNOWN, UNKNOWN},
};
/* clang-format on */

static void the_fate_of_every_write_is_told_by_every_answer(void **state)
{
    (void)state;
    try_replies(&wire, writes, WRITES, replies, sizeof(replies) / sizeof(replies[0]));
}

static void an_unknown_write_ends_by_what_the_venue_shows(void **state)
{
    (void)state;
    try_ends(&wire, writes, ends, sizeof(ends) / sizeof(ends[0]));
}

/* Once the venue has forgotten the text, "not found" proves nothing: the lists of the interval do.
 */

#define NO_ANSWER_MS 70000

/* Nobody answers for longer than the venue remembers; then it knows no such text. */
static struct scene *forget_order(struct outcome *outcome)
{
    struct scene *scene = new_scene(&wire);
    add_rule(scene, "POST", FUTURES "/orders", RULE_LOST, 0, NULL);
    add_rule(scene, "GET", FUTURES "/orders/t-*", RULE_REPLY, 502, BUSY);
    send_write(scene, &writes[PLACE], outcome);
    assert_int_equal(outcome->fate, KEEL_FATE_UNKNOWN);
    advance(scene, NO_ANSWER_MS);
    assert_int_equal(count_unsettled(scene), 1);
    assert_int_equal(count_seen(scene, "GET", FUTURES "/orders_timerange"), 0);
    add_rule(scene, "GET", FUTURES "/orders/t-*", RULE_REPLY, 404, NOT_FOUND);
    return scene;
}

static void expect_forgotten(struct scene *scene, const struct outcome *outcome,
                             enum keel_fate fate)
{
    static const struct end_case end = {.name = "a text that is forgotten"};
    advance(scene, 60000);
    expect_end(scene, &writes[PLACE], &end, "after a minute", fate);
    assert_int_equal(outcome->calls, 1);
    assert_int_equal(count_seen(scene, "POST", FUTURES "/orders"), 1);
    assert_true(count_seen(scene, "GET", FUTURES "/orders_timerange") > 0);
    free_scene(scene);
}

static void after_a_minute_a_cancelled_order_is_found_in_the_list(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct scene *scene = forget_order(&outcome);
    add_rule(scene, "GET", FUTURES "/orders_timerange", RULE_REPLY, 200,
             "[" ORDER("100", "100", "19000", ENDED("cancelled")) "]");
    expect_forgotten(scene, &outcome, KEEL_ACCEPTED);
}

static void after_a_minute_an_order_is_found_by_its_fills(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct scene *scene = forget_order(&outcome);
    add_rule(
        scene, "GET", FUTURES "/my_trades_timerange", RULE_REPLY, 200,
        "[{\"trade_id\":\"7\",\"create_time\":1,\"contract\":\"BTC_USDT\",\"order_id\":"
        "\"1001\",\"size\":\"100\",\"close_size\":\"0\",\"price\":\"19000\",\"role\":\"taker\","
        "\"text\":\"$id\",\"fee\":\"0.1\",\"point_fee\":\"0\"}]");
    expect_forgotten(scene, &outcome, KEEL_ACCEPTED);
}

static void after_a_minute_an_order_in_no_list_was_never_placed(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct scene *scene = forget_order(&outcome);
    expect_forgotten(scene, &outcome, KEEL_FATE_FAILED);
}

static void after_a_minute_an_order_stays_unknown_while_a_list_does_not_answer(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct scene *scene = forget_order(&outcome);
    add_rule(scene, "GET", FUTURES "/orders_timerange", RULE_REPLY, 502, BUSY);
    expect_forgotten(scene, &outcome, KEEL_FATE_UNKNOWN);
}

static void after_a_minute_an_order_stays_unknown_while_its_fills_are_not_told(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct scene *scene = forget_order(&outcome);
    add_rule(scene, "GET", FUTURES "/my_trades_timerange", RULE_REPLY, 502, BUSY);
    expect_forgotten(scene, &outcome, KEEL_FATE_UNKNOWN);
}

/* By stream. */

#define HEADER(status, channel)                                                                    \
    "\"header\":{\"response_time\":\"$ms\",\"status\":\"" status "\",\"channel\":\"futures."       \
    "" channel "\",\"event\":\"api\"}"
#define RECEIPT(channel)                                                                           \
    "{\"request_id\":\"$req\",\"ack\":true," HEADER("200", channel) ",\"data\":{\"result\":{"      \
                                                                    "\"req_id\":\"$req\"}}}"
#define RESULT(channel, row)                                                                       \
    "{\"request_id\":\"$req\",\"ack\":false," HEADER("200", channel) ",\"data\":{\"result\":" row  \
                                                                     "}}"
#define ERROR(status, label)                                                                       \
    "{\"request_id\":\"$req\"," HEADER(status, "order_place") ",\"data\":{\"errs\":{\"label\":\""  \
                                                              "" label                             \
                                                              "\",\"message\":\"in words\"}}}"
#define PLACED RESULT("order_place", ORDER("100", "100", "19000", OPEN))

enum then { NOTHING_MORE, CUT_IT, WAIT_FOR_IT };

/* clang-format off */
static const struct {
    const char *name, *first, *second;
    enum then then;
    enum keel_fate fate;
} streamed[] = {
    {"receipt and result",       RECEIPT("order_place"), PLACED,                                       NOTHING_MORE, DONE   },
    {"result alone",             PLACED,                 NULL,                                         NOTHING_MORE, DONE   },
    {"result twice",             PLACED,                 PLACED,                                       NOTHING_MORE, DONE   },
    {"cut before all",           NULL,                   NULL,                                         CUT_IT,       UNKNOWN},
    {"receipt, then cut",        RECEIPT("order_place"), NULL,                                         CUT_IT,       UNKNOWN},
    {"receipt alone",            RECEIPT("order_place"), NULL,                                         WAIT_FOR_IT,  UNKNOWN},
    {"nothing",                  NULL,                   NULL,                                         WAIT_FOR_IT,  UNKNOWN},
    {"result that says nothing", RECEIPT("order_place"), RESULT("order_place", "{}"),                  NOTHING_MORE, UNKNOWN},
    {"result without a body",    RECEIPT("order_place"), "{\"request_id\":\"$req\"," HEADER("200", "order_place") ",\"data\":{}}", NOTHING_MORE, UNKNOWN},
    {"result without a status",  RECEIPT("order_place"), "{\"request_id\":\"$req\",\"header\":{},\"data\":{}}", NOTHING_MORE, UNKNOWN},
    {"no margin",                RECEIPT("order_place"), ERROR("400", "INSUFFICIENT_AVAILABLE"),       NOTHING_MORE, NO     },
    {"no margin, at once",       ERROR("400", "INSUFFICIENT_AVAILABLE"), NULL,                         NOTHING_MORE, NO     },
    {"not logged in",            ERROR("400", "AUTHENTICATION_FAILED"), NULL,                          NOTHING_MORE, NO     },
    {"bad key",                  ERROR("401", "INVALID_KEY"), NULL,                                    NOTHING_MORE, NO     },
    {"too fast",                 ERROR("429", "TOO_MANY_REQUESTS"), NULL,                              NOTHING_MORE, FAILED },
    {"taken",                    RECEIPT("order_place"), ERROR("400", "ORDER_EXISTS"),                 NOTHING_MORE, UNKNOWN},
    {"internal",                 RECEIPT("order_place"), ERROR("500", "INTERNAL"),                     NOTHING_MORE, UNKNOWN},
    {"internal, with 400",       RECEIPT("order_place"), ERROR("400", "SERVER_ERROR"),                 NOTHING_MORE, UNKNOWN},
    {"too busy",                 RECEIPT("order_place"), ERROR("503", "TOO_BUSY"),                     NOTHING_MORE, UNKNOWN},
    {"error, with 200",          RECEIPT("order_place"), ERROR("200", "SIZE_TOO_SMALL"),               NOTHING_MORE, NO     },
};
/* clang-format on */

static void enter_by_stream(struct keel_exchange_config *config)
{
    config->order_entry = KEEL_ENTRY_STREAM;
}

static void answer_frame(struct scene *scene, const char *text)
{
    if (text == NULL || scene->streams[KEEL_STREAM_ORDERS] == 0)
        return;
    send_text(scene, KEEL_STREAM_ORDERS, text);
    settle(scene);
}

static void try_streamed(size_t at)
{
    struct scene *scene = new_scene_with(&wire, enter_by_stream);
    struct outcome outcome = {0};
    bool unknown = streamed[at].fate == KEEL_FATE_UNKNOWN;
    add_rule(scene, "GET", FUTURES "/orders/t-*", RULE_HOLD, 0, NULL);
    send_write(scene, &writes[PLACE], &outcome);
    assert_int_equal(scene->frame_count, 1);
    answer_frame(scene, streamed[at].first);
    answer_frame(scene, streamed[at].second);
    if (streamed[at].then == CUT_IT)
        close_stream(scene, KEEL_STREAM_ORDERS);
    if (streamed[at].then == WAIT_FOR_IT)
        advance(scene, 10000);
    settle(scene);
    if (outcome.calls != 1 || outcome.fate != streamed[at].fate)
        fail_msg("%s: %d times %s (%s)", streamed[at].name, outcome.calls,
                 keel_fate_name(outcome.fate), outcome.error.message);
    advance(scene, 3000);
    if (count_unsettled(scene) != (unknown ? 1 : 0) ||
        count_seen(scene, "GET", FUTURES "/orders/t-*") != (unknown ? 1 : 0))
        fail_msg("%s: %d unsettled", streamed[at].name, (int)count_unsettled(scene));
    if (unknown) {
        answer_held(scene, 200, ORDER("100", "100", "19000", OPEN));
        settle(scene);
        assert_int_equal(scene->settled, KEEL_ACCEPTED);
    }
    advance(scene, 20000);
    assert_int_equal(count_unsettled(scene), 0);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(scene->frame_count, 1);
    assert_int_equal(count_seen(scene, "POST", FUTURES "/orders"), 0);
    free_scene(scene);
}

static void an_order_by_stream_leaves_once_and_each_answer_tells_its_fate(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(streamed) / sizeof(streamed[0]); at++)
        try_streamed(at);
}

/* Amendments and cancellations go the same way. */
static void try_streamed_change(const struct write *write, const char *channel, const char *refusal)
{
    const char *answers[] = {write->done, refusal, NULL};
    enum keel_fate fates[] = {KEEL_ACCEPTED, KEEL_FATE_REJECTED, KEEL_FATE_UNKNOWN};
    char text[2048];
    for (int at = 0; at < 3; at++) {
        struct scene *scene = new_scene_with(&wire, enter_by_stream);
        struct outcome outcome = {0};
        send_write(scene, &writes[PLACE], &outcome);
        answer_frame(scene, PLACED);
        assert_int_equal(outcome.fate, KEEL_ACCEPTED);
        outcome = (struct outcome){0};
        add_rule(scene, "GET", write->question, RULE_HOLD, 0, NULL);
        send_write(scene, write, &outcome);
        snprintf(text, sizeof(text),
                 "{\"request_id\":\"$req\",\"header\":{\"status\":\"%s\","
                 "\"channel\":\"futures.%s\",\"event\":\"api\"},\"data\":{\"%s\":%s}}",
                 at == 1 ? "400" : "200", channel, at == 1 ? "errs" : "result",
                 answers[at] != NULL ? answers[at] : "{}");
        if (at < 2)
            answer_frame(scene, text);
        else
            close_stream(scene, KEEL_STREAM_ORDERS);
        settle(scene);
        assert_int_equal(outcome.calls, 1);
        assert_int_equal(outcome.fate, fates[at]);
        advance(scene, 3000);
        assert_int_equal(count_unsettled(scene), at == 2 ? 1 : 0);
        assert_int_equal(scene->frame_count, 2);
        assert_int_equal(count_seen(scene, write->method, write->path), 0);
        free_scene(scene);
    }
}

static void a_change_by_stream_leaves_once_and_its_answer_tells_its_fate(void **state)
{
    (void)state;
    try_streamed_change(&writes[AMEND], "order_amend", LABEL("ORDER_FINISHED"));
    try_streamed_change(&writes[CANCEL], "order_cancel", LABEL("ORDER_NOT_FOUND"));
}

/* Of what happened while nobody listened, the list of executions is all that tells. */
static void b23_a_liquidation_that_a_list_alone_tells_of_is_told_once(void **state)
{
    (void)state;
    struct scene *scene = new_scene(&wire);

    advance(scene, 60000);
    add_rule(scene, "GET", FUTURES "/my_trades_timerange", RULE_REPLY, 200,
             "[{\"trade_id\":\"7\",\"create_time\":$s,\"contract\":\"BTC_USDT\",\"order_id\":"
             "\"50\",\"size\":\"-60\",\"price\":\"19000\",\"text\":\"liq-50\",\"fee\":\"0\","
             "\"point_fee\":\"0\",\"role\":\"taker\",\"close_size\":\"-60\"},"
             "{\"trade_id\":\"8\",\"create_time\":$s,\"contract\":\"BTC_USDT\",\"order_id\":"
             "\"50\",\"size\":\"-40\",\"price\":\"18990\",\"text\":\"liq-50\",\"fee\":\"0\","
             "\"point_fee\":\"0\",\"role\":\"taker\",\"close_size\":\"-40\"}]");
    close_stream(scene, KEEL_STREAM_USER);
    advance(scene, 20000);
    assert_int_equal(scene->risk_count, 1);
    assert_int_equal(scene->risk, KEEL_RISK_LIQUIDATED);
    free_scene(scene);
}

static void leave_margin(struct keel_exchange_config *config)
{
    static struct keel_intent intent;
    intent = (struct keel_intent){
        .number = 5,
        .time_ms = WALL_MS - 60000,
        .expires_ms = WALL_MS - 58000,
        .symbol = "BTC/USDT:USDT",
        .command = {.kind = KEEL_ADJUST_MARGIN,
                    .margin = {.side = KEEL_NET,
                               .amount = dec("5"),
                               .quantity_before = dec("0.01"),
                               .wallet_before = dec("10")}}
    };
    config->recovery =
        (struct keel_recovery){.numbers_end = 10010, .unsettled = &intent, .unsettled_count = 1};
}

/* Of margin that is moved Gate keeps no history: the position's own then and now tell. */
static void margin_that_an_earlier_life_moved_is_told_by_the_position(void **state)
{
    (void)state;
    static const struct {
        const char *positions;
        enum keel_fate fate;
    } cases[] = {
        {"[" POSITION("BTC_USDT", "100", "20", "0", "15") "]",   KEEL_ACCEPTED    },
        {"[" POSITION("BTC_USDT", "100", "20", "0", "10") "]",   KEEL_FATE_FAILED },
 /* funding was paid, it was traded, or it is gone */
        {"[" POSITION("BTC_USDT", "100", "20", "0", "14.9") "]", KEEL_FATE_UNKNOWN},
        {"[" POSITION("BTC_USDT", "90",  "20", "0", "15") "]",   KEEL_FATE_UNKNOWN},
        {"[" POSITION("BTC_USDT", "0",   "20", "0", "0") "]",    KEEL_FATE_UNKNOWN},
    };
    for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
        struct canned positions[sizeof(canned) / sizeof(canned[0])];
        struct wire after = wire;
        memcpy(positions, canned, sizeof(canned));
        positions[3].body = cases[at].positions;
        after.canned = positions;
        struct scene *scene = new_scene_with(&after, leave_margin);
        if (scene->settled_count != 1 || scene->settled != cases[at].fate)
            fail_msg("case %d: %s; %s", (int)at, keel_fate_name(scene->settled), scene->log);
        assert_int_equal(count_seen(scene, "POST", FUTURES "/positions/BTC_USDT/margin"), 0);
        free_scene(scene);
    }
}

static void an_order_is_known_by_the_stream_before_its_reply(void **state)
{
    (void)state;
    try_push_before_reply(
        &wire, &writes[PLACE],
        "{\"time\":$s,\"time_ms\":$ms,\"channel\":\"futures.orders\",\"event\":\"update\","
        "\"result\":[{\"id\":1001,\"user\":\"10003\",\"contract\":\"BTC_USDT\",\"text\":\"$id\","
        "\"create_time_ms\":$ms,\"finish_time_ms\":$ms,\"status\":\"open\",\"finish_as\":\"_new\","
        "\"size\":\"100\",\"left\":\"100\",\"price\":19000,\"fill_price\":0,\"tif\":\"gtc\","
        "\"is_reduce_only\":false,\"is_close\":false,\"is_liq\":false,\"update_id\":1}]}");
}

/* As of the time at which the venue took the question in. */
static void answer_positions(struct scene *scene, int64_t in_ms, const char *body)
{
    char headers[64];
    snprintf(headers, sizeof(headers), "X-In-Time: %lld000\r\n", (long long)in_ms);
    assert_true(scene->held_count > 0);
    while (scene->held_count > 0)
        reply_with(scene, scene->held[--scene->held_count].id, 200, body, headers);
    settle(scene);
}

static void assert_held(const struct scene *scene, const char *quantity)
{
    struct keel_position position;
    struct keel_error error = {0};
    if (keel_futures_position(scene->futures, market_of(scene), KEEL_NET, false, &position,
                              &error) != KEEL_OK)
        fail_msg("%s", error.message);
    assert_true(keel_decimal_equals(position.quantity, dec(quantity)));
}

#define UNTOUCHED                                                                                  \
    "[{\"contract\":\"BTC_USDT\",\"size\":\"200\",\"leverage\":\"20\",\"cross_leverage_limit\":"   \
    "\"0\","                                                                                       \
    "\"mode\":\"single\",\"margin\":\"20\",\"entry_price\":\"20000\",\"mark_price\":\"20000\","    \
    "\"leverage_max\":\"100\",\"update_time\":1600000000,\"update_id\":1}]"

/* A row bears the time of the position's last change, and nobody knows how long the answer was on
 * its way: it is as new as the venue says, and what was pushed since is newer. */
static void a_late_statement_is_as_old_as_the_venue_says(void **state)
{
    (void)state;
    for (int newer = 0; newer <= 1; newer++) {
        struct scene *scene = new_scene(&wire);
        hold_isolated(scene);
        scene->rule_count = 0;
        add_rule(scene, "GET", FUTURES "/positions", RULE_HOLD, 0, NULL);
        close_stream(scene, KEEL_STREAM_USER);
        advance(scene, 2000);
        int64_t asked_ms = scene->wall_ms;
        advance(scene, 3000);
        send_text(scene, KEEL_STREAM_USER,
                  "{\"time\":$s,\"time_ms\":$ms,\"channel\":\"futures.positions\",\"event\":"
                  "\"update\",\"result\":[{\"contract\":\"BTC_USDT\",\"size\":\"300\","
                  "\"leverage\":20,\"cross_leverage_limit\":0,\"mode\":\"single\",\"margin\":30,"
                  "\"entry_price\":20000,\"liq_price\":0,\"maintenance_rate\":0.005,"
                  "\"leverage_max\":100,\"time\":$s,\"time_ms\":$ms,\"update_id\":4}]}");
        advance(scene, 1000);
        answer_positions(scene, newer ? scene->wall_ms - 500 : asked_ms, UNTOUCHED);
        assert_held(scene, newer ? "0.02" : "0.03");
        free_scene(scene);
    }
}

#define TRADE(id)                                                                                  \
    "{\"trade_id\":\"" id "\",\"create_time\":$s,\"contract\":\"BTC_USDT\",\"order_id\":\"50\","   \
    "\"size\":\"10\",\"price\":\"20000\",\"text\":\"web\",\"fee\":\"0\",\"point_fee\":\"0\","      \
    "\"role\":\"taker\",\"close_size\":\"0\"}"

static void a_history_whose_newest_rows_come_first_is_listed_to_its_end(void **state)
{
    (void)state;
    static const char *const asked[] = {"limit=2", "limit=2&offset=2", "limit=2&offset=4"};
    static const char *const bodies[] = {"[" TRADE("4") "," TRADE("3") "]",
                                         "[" TRADE("3") "," TRADE("2") "]", "[" TRADE("1") "]"};
    try_pages(&wire, FUTURES "/my_trades_timerange", asked, bodies, "3 4 2 1 ");
}

#define SETTING FUTURES "/positions/BTC_USDT/leverage"

/* One call sets both: after the margin mode the leverage is what it was, whether or not it had been
 * changed. */
static void a_leverage_that_a_margin_mode_hides_stays_unknown(void **state)
{
    (void)state;
    struct scene *scene = new_scene(&wire);
    struct outcome leverage = {0}, mode = {0};

    add_rule(scene, "POST", SETTING, RULE_LOST, 0, NULL);
    send_write(scene, &writes[LEVERAGE], &leverage);
    assert_int_equal(leverage.fate, KEEL_FATE_UNKNOWN);
    add_rule(scene, "POST", SETTING, RULE_REPLY, 200, POSITION("BTC_USDT", "0", "20", "0", "0"));
    add_rule(scene, "GET", FUTURES "/positions", RULE_REPLY, 200,
             "[" POSITION("BTC_USDT", "0", "20", "0", "0") "]");
    send_write(scene, &writes[MARGIN_MODE], &mode);
    assert_int_equal(mode.fate, KEEL_ACCEPTED);
    advance(scene, 20000);
    assert_int_equal(scene->settled_count, 1);
    assert_int_equal(scene->settled, KEEL_FATE_UNKNOWN);
    assert_non_null(strstr(scene->log, "overtaken"));
    free_scene(scene);
}

static void a_leverage_keeps_the_margin_mode_that_is_on_its_way(void **state)
{
    (void)state;
    struct scene *scene = new_scene(&wire);
    struct outcome leverage = {0}, mode = {0};

    add_rule(scene, "POST", SETTING, RULE_HOLD, 0, NULL);
    send_write(scene, &writes[MARGIN_MODE], &mode);
    send_write(scene, &writes[LEVERAGE], &leverage);
    assert_int_equal(count_seen(scene, "POST", SETTING), 2);
    assert_string_equal(scene->seen[scene->seen_count - 2].text, "leverage=20");
    assert_string_equal(scene->seen[scene->seen_count - 1].text, "leverage=7"); /* 0 is cross */
    answer_held(scene, 200, POSITION("BTC_USDT", "0", "20", "0", "0"));
    answer_held(scene, 200, POSITION("BTC_USDT", "0", "7", "0", "0"));
    settle(scene);
    assert_int_equal(mode.fate, KEEL_ACCEPTED);
    assert_int_equal(leverage.fate, KEEL_ACCEPTED);
    free_scene(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fate_of_every_write_is_told_by_every_answer),
        cmocka_unit_test(an_unknown_write_ends_by_what_the_venue_shows),
        cmocka_unit_test(after_a_minute_a_cancelled_order_is_found_in_the_list),
        cmocka_unit_test(after_a_minute_an_order_is_found_by_its_fills),
        cmocka_unit_test(after_a_minute_an_order_in_no_list_was_never_placed),
        cmocka_unit_test(after_a_minute_an_order_stays_unknown_while_a_list_does_not_answer),
        cmocka_unit_test(after_a_minute_an_order_stays_unknown_while_its_fills_are_not_told),
        cmocka_unit_test(an_order_by_stream_leaves_once_and_each_answer_tells_its_fate),
        cmocka_unit_test(a_change_by_stream_leaves_once_and_its_answer_tells_its_fate),
        cmocka_unit_test(margin_that_an_earlier_life_moved_is_told_by_the_position),
        cmocka_unit_test(a_leverage_that_a_margin_mode_hides_stays_unknown),
        cmocka_unit_test(a_leverage_keeps_the_margin_mode_that_is_on_its_way),
        cmocka_unit_test(an_order_is_known_by_the_stream_before_its_reply),
        cmocka_unit_test(a_late_statement_is_as_old_as_the_venue_says),
        cmocka_unit_test(a_history_whose_newest_rows_come_first_is_listed_to_its_end),
        cmocka_unit_test(b23_a_liquidation_that_a_list_alone_tells_of_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The fate of every write on Gate.io's spot wire, by every class of answer, and how an unknown one
 * ends. */
#include "fates.h"

#define SPOT "/api/v4/spot"

#define ORDER(amount, left, price, status)                                                         \
    "{\"id\":\"1001\",\"text\":\"$id\",\"create_time\":\"1\",\"create_time_ms\":1000,"             \
    "\"update_time\":\"$s\",\"update_time_ms\":$ms,\"currency_pair\":\"BTC_USDT\",\"type\":"       \
    "\"limit\",\"account\":\"spot\",\"side\":\"buy\",\"amount\":\"" amount "\",\"price\":\"" price \
    "\",\"time_in_force\":\"gtc\",\"left\":\"" left "\",\"filled_total\":\"0\"," status "}"
#define OPEN       "\"status\":\"open\",\"finish_as\":\"open\""
#define FILLED_UP  "\"status\":\"closed\",\"finish_as\":\"filled\""
#define ENDED(how) "\"status\":\"cancelled\",\"finish_as\":\"" how "\""
#define QUOTE_ORDER                                                                                \
    "{\"id\":\"1001\",\"text\":\"$id\",\"create_time_ms\":1000,\"update_time_ms\":$ms,"            \
    "\"currency_pair\":\"BTC_USDT\",\"type\":\"market\",\"side\":\"buy\",\"amount\":\"100\","      \
    "\"price\":\"0\",\"time_in_force\":\"ioc\",\"left\":\"0\",\"filled_amount\":\"0.005\","        \
    "\"filled_total\":\"100\",\"avg_deal_price\":\"20000\"," FILLED_UP "}"

#define TRIGGER(status)                                                                            \
    "{\"id\":2001,\"user\":1,\"market\":\"BTC_USDT\",\"trigger\":{\"price\":\"21000\",\"rule\":"   \
    "\">=\",\"expiration\":86400},\"put\":{\"type\":\"limit\",\"side\":\"buy\",\"price\":"         \
    "\"19000\",\"amount\":\"0.01\",\"account\":\"normal\",\"time_in_force\":\"gtc\",\"text\":"     \
    "\"$id\"},\"status\":\"" status "\",\"ctime\":1}"

#define WITHDRAWAL(status)                                                                         \
    "{\"id\":\"w1\",\"timestamp\":\"$s\",\"withdraw_order_id\":\"$id\",\"currency\":\"USDT\","     \
    "\"address\":\"Tabc\",\"txid\":\"\",\"amount\":\"25\",\"fee\":\"1\",\"memo\":\"\","            \
    "\"status\":\"" status "\",\"chain\":\"TRX\"}"

#define ENTRY_AT(time, id, change, type)                                                           \
    "{\"id\":\"" id "\",\"time\":" time ",\"currency\":\"USDT\",\"change\":\"" change              \
    "\",\"balance\":\"100\",\"type\":\"" type "\",\"code\":\"\",\"text\":\"\"}"
#define ENTRY(id, change, type)     ENTRY_AT("$wrote", id, change, type)
#define OLD_ENTRY(id, change, type) ENTRY_AT("1000", id, change, type)

static const struct canned canned[] = {
    {"GET",    SPOT "/time",           "{\"server_time\":$ms}"                                },
    {"GET",    SPOT "/currency_pairs",
     "[{\"id\":\"BTC_USDT\",\"base\":\"BTC\",\"quote\":\"USDT\",\"fee\":\"0.2\","
     "\"min_base_amount\":\"0.00001\",\"min_quote_amount\":\"3\",\"amount_precision\":5,"
     "\"precision\":1,\"trade_status\":\"tradable\"}]"                                        },
    {"GET",    SPOT "/accounts",
     "[{\"currency\":\"USDT\",\"available\":\"10000\",\"locked\":\"0\",\"update_id\":1},"
     "{\"currency\":\"BTC\",\"available\":\"1\",\"locked\":\"0\",\"update_id\":1}]"           },
    {"GET",    "/api/v4/wallet/fee",   "{\"taker_fee\":\"0.002\",\"maker_fee\":\"0.002\"}"    },
    {"GET",    SPOT "/tickers",        "[{\"currency_pair\":\"BTC_USDT\",\"last\":\"20000\"}]"},
    {"DELETE", SPOT "/*",              "[]"                                                   },
    {"GET",    SPOT "/*",              "[]"                                                   },
    {"GET",    "/api/v4/wallet/*",     "[]"                                                   },
    {NULL,     NULL,                   NULL                                                   },
};

static const struct wire wire = {
    .venue = &keel_venue_gateio_spot,
    .symbol = "BTC_USDT",
    .subscribed = "{\"time\":$s,\"channel\":\"spot.orders\",\"event\":\"subscribe\",\"error\":null,"
                  "\"result\":{\"status\":\"success\"}}",
    .logged_in = "",
    .price = "{\"time\":$s,\"time_ms\":$ms,\"channel\":\"spot.tickers\",\"event\":\"update\","
             "\"result\":{\"currency_pair\":\"BTC_USDT\",\"last\":\"20000\"}}",
    .id_mark = "\"text\":\"",
    .canned = canned,
};

static void rest_order(struct scene *scene)
{
    rest_at(scene, KEEL_LIMIT, SPOT "/orders", ORDER("0.01", "0.01", "19000", OPEN));
}

static void rest_stop(struct scene *scene)
{
    rest_at(scene, KEEL_STOP_LIMIT, SPOT "/price_orders", "{\"id\":2001}");
}

static enum keel_status send_by_quote(struct scene *scene, struct outcome *outcome,
                                      struct keel_error *error)
{
    struct keel_order_request request = make_order(scene, KEEL_MARKET);
    request.quantity = KEEL_DECIMAL_ABSENT;
    request.quote_quantity = dec("100");
    return submit_order(scene, &request, outcome, error);
}

static enum keel_status send_stop(struct scene *scene, struct outcome *outcome,
                                  struct keel_error *error)
{
    struct keel_order_request request = make_order(scene, KEEL_STOP_LIMIT);
    return submit_order(scene, &request, outcome, error);
}

static enum keel_status send_amend(struct scene *scene, struct outcome *outcome,
                                   struct keel_error *error)
{
    struct keel_order_ref ref = ref_to_open(scene);
    return keel_private_amend_order(scene->base, &ref, KEEL_DECIMAL_ABSENT, dec("19100"),
                                    note_result, outcome, error);
}

enum {
    PLACE,
    QUOTE,
    STOP,
    AMEND,
    CANCEL,
    CANCEL_STOP,
    CANCEL_ALL,
    CANCEL_ALL_STOPS,
    WITHDRAW,
    CANCEL_WITHDRAWAL,
    MOVE,
    WRITES,
};

#define LIST "/api/v4/wallet/withdrawals"

/* clang-format off */
static const struct write writes[WRITES] = {
    [PLACE]             = {"POST",   SPOT "/orders",              SPOT "/orders/t-*",         SPOT "/price_orders/*", send_limit,             NULL,       ORDER("0.01", "0.01", "19000", OPEN),               true,  false},
    [QUOTE]             = {"POST",   SPOT "/orders",              SPOT "/orders/t-*",         SPOT "/price_orders/*", send_by_quote,          NULL,       QUOTE_ORDER,                                        true,  false},
    [STOP]              = {"POST",   SPOT "/price_orders",        SPOT "/price_orders",       SPOT "/orders/*",       send_stop,              NULL,       "{\"id\":2001}",                                    true,  false},
    [AMEND]             = {"PATCH",  SPOT "/orders/1001",         SPOT "/orders/1001",        SPOT "/price_orders/*", send_amend,             rest_order, ORDER("0.01", "0.01", "19100", OPEN),               false, false},
    [CANCEL]            = {"DELETE", SPOT "/orders/1001",         SPOT "/orders/1001",        SPOT "/price_orders/*", send_cancel,            rest_order, ORDER("0.01", "0.01", "19000", ENDED("cancelled")), false, false},
    [CANCEL_STOP]       = {"DELETE", SPOT "/price_orders/2001",   SPOT "/price_orders/2001",  SPOT "/orders/*",       send_cancel,            rest_stop,  TRIGGER("cancelled"),                               false, false},
    [CANCEL_ALL]        = {"DELETE", SPOT "/orders",              SPOT "/open_orders",        NULL,                   send_cancel_all,        rest_order, "[" ORDER("0.01", "0.01", "19000", ENDED("cancelled")) "]", false, false},
    [CANCEL_ALL_STOPS]  = {"DELETE", SPOT "/price_orders",        SPOT "/price_orders",       NULL,                   send_cancel_all,        rest_stop,  "[" TRIGGER("cancelled") "]",                       false, false},
    [WITHDRAW]          = {"POST",   "/api/v4/withdrawals",       LIST,                       NULL,                   send_withdrawal,        NULL,       WITHDRAWAL("REQUEST"),                              true,  true },
    [CANCEL_WITHDRAWAL] = {"DELETE", "/api/v4/withdrawals/w1",    LIST,                       NULL,                   send_withdrawal_cancel, NULL,       WITHDRAWAL("CANCEL"),                               false, true },
    [MOVE]              = {"POST",   "/api/v4/wallet/transfers",  SPOT "/account_book",        NULL,                   send_transfer,          NULL,       "{\"tx_id\":59636381286}",                          false, true },
};

#define LABEL(label) "{\"label\":\"" label "\",\"message\":\"in words\"}"

static const struct reply_case replies[] = {
    {"no connection",        RULE_NOT_SENT, 0,   NULL,                                                FAILED,  0      },
    {"no reply",             RULE_LOST,     0,   NULL,                                                UNKNOWN, 0      },
    {"done",                 RULE_REPLY,    200, NULL,                                                DONE,    0      },
    {"created",              RULE_REPLY,    201, NULL,                                                DONE,    0      },
    {"bad signature",        RULE_REPLY,    401, LABEL("INVALID_SIGNATURE"),                          NO,      0      },
    {"no permission",        RULE_REPLY,    403, LABEL("FORBIDDEN"),                                  NO,      0      },
    {"late",                 RULE_REPLY,    403, LABEL("REQUEST_EXPIRED"),                            NO,      0      },
    {"no balance",           RULE_REPLY,    400, LABEL("BALANCE_NOT_ENOUGH"),                         NO,      0      },
    {"no, with 200",         RULE_REPLY,    200, LABEL("BALANCE_NOT_ENOUGH"),                         NO,      0      },
    {"no, its label last",   RULE_REPLY,    200, "{\"message\":\"m\",\"label\":\"BALANCE_NOT_ENOUGH\"}", NO,    0      },
    {"no, with a space",     RULE_REPLY,    200, "{ \"label\":\"BALANCE_NOT_ENOUGH\"}",               NO,      0      },
    {"no such pair",         RULE_REPLY,    400, LABEL("INVALID_CURRENCY_PAIR"),                      NO,      0      },
    {"too exact",            RULE_REPLY,    400, LABEL("INVALID_PRECISION"),                          NO,      0      },
    {"too little",           RULE_REPLY,    400, LABEL("AMOUNT_TOO_LITTLE"),                          NO,      0      },
    {"would match",          RULE_REPLY,    400, LABEL("POC_FILL_IMMEDIATELY"),                       NO,      0      },
    {"cannot fill",          RULE_REPLY,    400, LABEL("FOK_NOT_FILL"),                               NO,      0      },
    {"taken",                RULE_REPLY,    400, LABEL("REPEATED_CREATION"),                          NO,      UNKNOWN},
    {"a repeated request",   RULE_REPLY,    400, LABEL("DUPLICATE_REQUEST"),                          NO,      UNKNOWN},
    {"no withdrawals",       RULE_REPLY,    400, LABEL("API_WITHDRAW_DISABLED"),                      NO,      0      },
    {"over the limit",       RULE_REPLY,    400, LABEL("WITHDRAWAL_OVER_LIMIT"),                      NO,      0      },
    {"a new address",        RULE_REPLY,    400, LABEL("ADDRESS_NOT_USED"),                           NO,      0      },
    {"on its way",           RULE_REPLY,    400, LABEL("INVALID_WITHDRAW_CANCEL_STATUS"),             NO,      0      },
    {"a label of tomorrow",  RULE_REPLY,    400, LABEL("MOON_TOO_FULL"),                              NO,      0      },
    {"too fast",             RULE_REPLY,    429, LABEL("TOO_MANY_REQUESTS"),                          FAILED,  0      },
    {"too fast, with 400",   RULE_REPLY,    400, LABEL("TOO_FAST"),                                   FAILED,  0      },
    {"INTERNAL, with 400",   RULE_REPLY,    400, LABEL("INTERNAL"),                                   UNKNOWN, 0      },
    {"SERVER_ERROR",         RULE_REPLY,    500, LABEL("SERVER_ERROR"),                               UNKNOWN, 0      },
    {"TOO_BUSY",             RULE_REPLY,    503, LABEL("TOO_BUSY"),                                   UNKNOWN, 0      },
    {"TOO_BUSY, with 200",   RULE_REPLY,    200, LABEL("TOO_BUSY"),                                   UNKNOWN, 0      },
    {"SERVER_TIMEOUT",       RULE_REPLY,    504, LABEL("SERVER_TIMEOUT"),                             UNKNOWN, 0      },
    {"500",                  RULE_REPLY,    500, "",                                                  UNKNOWN, 0      },
    {"502 in HTML",          RULE_REPLY,    502, "<html>Bad Gateway</html>",                          UNKNOWN, 0      },
    {"408",                  RULE_REPLY,    408, "",                                                  UNKNOWN, 0      },
    {"403 of the edge",      RULE_REPLY,    403, "<html>",                                            FAILED,  0      },
    {"cut JSON",             RULE_REPLY,    200, "{\"id\":\"1001\",\"currency_pair\":\"BTC",          UNKNOWN, 0      },
    {"a cut label",          RULE_REPLY,    200, "{\"label\":\"INVALID_PAR",                          UNKNOWN, 0      },
    {"other JSON",           RULE_REPLY,    200, "{\"weather\":\"fine\"}",                            UNKNOWN, 0      },
    {"HTML",                 RULE_REPLY,    200, "<html>welcome</html>",                              UNKNOWN, 0      },
    {"a redirect",           RULE_REPLY,    307, "",                                                  UNKNOWN, 0      },
};

/* Where nothing is said: of a transfer alone it is how the venue says that it was done. */
static const struct reply_case silence[] = {
    {"nothing",              RULE_REPLY,    200, "",                                                  UNKNOWN, 0      },
};

static const struct reply_case moved_in_silence[] = {
    {"nothing",              RULE_REPLY,    200, "",                                                  DONE,    0      },
};

#define NOT_FOUND LABEL("ORDER_NOT_FOUND")
#define BUSY      "<html>Bad Gateway</html>"

static const struct end_case ends[] = {
    {PLACE,             "open",           200, ORDER("0.01", "0.01", "19000", OPEN),               DONE,    DONE   },
    {PLACE,             "partly filled",  200, ORDER("0.01", "0.004", "19000", OPEN),              DONE,    DONE   },
    {PLACE,             "filled",         200, ORDER("0.01", "0", "19000", FILLED_UP),             DONE,    DONE   },
    {PLACE,             "cancelled",      200, ORDER("0.01", "0.01", "19000", ENDED("cancelled")), DONE,    DONE   },
    {PLACE,             "killed",         200, ORDER("0.01", "0.01", "19000", ENDED("ioc")),       DONE,    DONE   },
    {PLACE,             "nowhere",        404, NOT_FOUND,                                          UNKNOWN, FAILED },
    {PLACE,             "no such id",     400, LABEL("CLIENT_ID_NOT_FOUND"),                       UNKNOWN, FAILED },
    {PLACE,             "no answer",      502, BUSY,                                               UNKNOWN, UNKNOWN},
    {QUOTE,             "filled",         200, QUOTE_ORDER,                                        DONE,    DONE   },
    {QUOTE,             "nowhere",        404, NOT_FOUND,                                          UNKNOWN, FAILED },
    {STOP,              "open",           200, "[" TRIGGER("open") "]",                            DONE,    DONE   },
    {STOP,              "nowhere",        200, "[]",                                               UNKNOWN, FAILED },
    {STOP,              "no answer",      502, BUSY,                                               UNKNOWN, UNKNOWN},
    {AMEND,             "as asked",       200, ORDER("0.01", "0.01", "19100", OPEN),               DONE,    DONE   },
    {AMEND,             "as before",      200, ORDER("0.01", "0.01", "19000", OPEN),               UNKNOWN, FAILED },
    {AMEND,             "filled",         200, ORDER("0.01", "0", "19000", FILLED_UP),             UNKNOWN, FAILED },
    {AMEND,             "nowhere",        404, NOT_FOUND,                                          UNKNOWN, NO     },
    {AMEND,             "no answer",      502, BUSY,                                               UNKNOWN, UNKNOWN},
    {CANCEL,            "cancelled",      200, ORDER("0.01", "0.01", "19000", ENDED("cancelled")), DONE,    DONE   },
    {CANCEL,            "open",           200, ORDER("0.01", "0.01", "19000", OPEN),               UNKNOWN, FAILED },
    {CANCEL,            "filled",         200, ORDER("0.01", "0", "19000", FILLED_UP),             NO,      NO     },
    {CANCEL,            "nowhere",        404, NOT_FOUND,                                          UNKNOWN, NO     },
    {CANCEL,            "no answer",      502, BUSY,                                               UNKNOWN, UNKNOWN},
    {CANCEL_STOP,       "cancelled",      200, TRIGGER("cancelled"),                               DONE,    DONE   },
    {CANCEL_STOP,       "open",           200, TRIGGER("open"),                                    UNKNOWN, FAILED },
    {CANCEL_ALL,        "none is open",   200, "[]",                                               DONE,    DONE   },
    {CANCEL_ALL,        "one is open",    200, "[{\"currency_pair\":\"BTC_USDT\",\"total\":1,\"orders\":[" ORDER("0.01", "0.01", "19000", OPEN) "]}]", UNKNOWN, FAILED },
    {CANCEL_ALL,        "no answer",      502, BUSY,                                               UNKNOWN, UNKNOWN},
    {CANCEL_ALL_STOPS,  "none is open",   200, "[]",                                               DONE,    DONE   },
    {CANCEL_ALL_STOPS,  "one is open",    200, "[" TRIGGER("open") "]",                            UNKNOWN, FAILED },
    {WITHDRAW,          "asked for",      200, "[" WITHDRAWAL("REQUEST") "]",                      DONE,    DONE   },
    {WITHDRAW,          "in review",      200, "[" WITHDRAWAL("REVIEW") "]",                       DONE,    DONE   },
    {WITHDRAW,          "done",           200, "[" WITHDRAWAL("DONE") "]",                         DONE,    DONE   },
    {WITHDRAW,          "failed",         200, "[" WITHDRAWAL("FAIL") "]",                         NO,      NO     },
    {WITHDRAW,          "none",           200, "[]",                                               UNKNOWN, FAILED },
    {WITHDRAW,          "no answer",      502, BUSY,                                               UNKNOWN, UNKNOWN},
    {CANCEL_WITHDRAWAL, "cancelled",      200, "[" WITHDRAWAL("CANCEL") "]",                       DONE,    DONE   },
    {CANCEL_WITHDRAWAL, "done",           200, "[" WITHDRAWAL("DONE") "]",                         NO,      NO     },
    {CANCEL_WITHDRAWAL, "on its way",     200, "[" WITHDRAWAL("PEND") "]",                         UNKNOWN, FAILED },
    {CANCEL_WITHDRAWAL, "none",           200, "[]",                                               UNKNOWN, UNKNOWN},
    {CANCEL_WITHDRAWAL, "no answer",      502, BUSY,                                               UNKNOWN, UNKNOWN},
    {MOVE,              "moved",          200, "[" ENTRY("1", "-5", "perp_in") "]",                DONE,    DONE   },
    {MOVE,              "among others",   200, "[" ENTRY("1", "-5", "order_fill") "," ENTRY("2", "-5", "perp_in") "," ENTRY("3", "-5", "moon_in") "]", DONE, DONE},
    {MOVE,              "another",        200, "[" ENTRY("1", "-6", "perp_in") "]",                UNKNOWN, FAILED },
    {MOVE,              "the other way",  200, "[" ENTRY("1", "5", "perp_out") "]",                UNKNOWN, FAILED },
    {MOVE,              "older",          200, "[" OLD_ENTRY("1", "-5", "perp_in") "]",            UNKNOWN, FAILED },
    {MOVE,              "of two",         200, "[" ENTRY("1", "-5", "perp_in") "," ENTRY("2", "-5", "perp_in") "]", UNKNOWN, UNKNOWN},
    {MOVE,              "another word",   200, "[" ENTRY("1", "-5", "moon_in") "]",                UNKNOWN, UNKNOWN},
    {MOVE,              "none",           200, "[]",                                               UNKNOWN, FAILED },
    {MOVE,              "no answer",      502, BUSY,                                               UNKNOWN, UNKNOWN},
};
/* clang-format on */

static void the_fate_of_every_write_is_told_by_every_answer(void **state)
{
    (void)state;
    try_replies(&wire, writes, WRITES, replies, sizeof(replies) / sizeof(replies[0]));
    try_replies(&wire, writes, MOVE, silence, 1);
    try_replies(&wire, &writes[MOVE], 1, moved_in_silence, 1);
}

static void an_unknown_write_ends_by_what_the_venue_shows(void **state)
{
    (void)state;
    try_ends(&wire, writes, ends, sizeof(ends) / sizeof(ends[0]));
}

static void an_order_is_known_by_the_stream_before_its_reply(void **state)
{
    (void)state;
    try_push_before_reply(
        &wire, &writes[PLACE],
        "{\"time\":$s,\"time_ms\":$ms,\"channel\":\"spot.orders\",\"event\":\"update\",\"result\":["
        "{"
        "\"id\":\"1001\",\"text\":\"$id\",\"create_time\":\"$s\",\"create_time_ms\":\"$ms\","
        "\"update_time\":\"$s\",\"update_time_ms\":\"$ms\",\"event\":\"put\",\"currency_pair\":"
        "\"BTC_USDT\",\"type\":\"limit\",\"account\":\"spot\",\"side\":\"buy\",\"amount\":\"0.01\","
        "\"price\":\"19000\",\"time_in_force\":\"gtc\",\"left\":\"0.01\",\"filled_total\":\"0\","
        "\"avg_deal_price\":\"0\",\"fee\":\"0\",\"fee_currency\":\"BTC\",\"finish_as\":\"open\"}]"
        "}");
}

#define TRADE(id)                                                                                  \
    "{\"id\":\"" id "\",\"create_time\":\"$s\",\"create_time_ms\":\"$ms.5\",\"currency_pair\":"    \
    "\"BTC_USDT\",\"side\":\"buy\",\"role\":\"taker\",\"amount\":\"0.01\",\"price\":\"20000\","    \
    "\"order_id\":\"50\",\"fee\":\"0\",\"fee_currency\":\"BTC\",\"point_fee\":\"0\",\"gt_fee\":"   \
    "\"0\",\"text\":\"3\"}"

static void a_history_whose_newest_rows_come_first_is_listed_to_its_end(void **state)
{
    (void)state;
    static const char *const asked[] = {"limit=2", "page=2&limit=2", "page=3&limit=2"};
    static const char *const bodies[] = {"[" TRADE("4") "," TRADE("3") "]",
                                         "[" TRADE("3") "," TRADE("2") "]", "[" TRADE("1") "]"};
    try_pages(&wire, SPOT "/my_trades", asked, bodies, "3 4 2 1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fate_of_every_write_is_told_by_every_answer),
        cmocka_unit_test(an_order_is_known_by_the_stream_before_its_reply),
        cmocka_unit_test(a_history_whose_newest_rows_come_first_is_listed_to_its_end),
        cmocka_unit_test(an_unknown_write_ends_by_what_the_venue_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The fate of every write on Binance's spot wire, by every class of answer, and how an unknown one
 * ends. */
#include "fates.h"

#define API "/api/v3"

#define ORDER(status, quantity, filled)                                                            \
    "{\"symbol\":\"BTCUSDT\",\"orderId\":1001,\"orderListId\":-1,\"clientOrderId\":\"$id\","       \
    "\"price\":\"19000\",\"origQty\":\"" quantity "\",\"executedQty\":\"" filled                   \
    "\",\"origQuoteOrderQty\":\"0\",\"cummulativeQuoteQty\":\"0\",\"status\":\"" status            \
    "\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"BUY\",\"stopPrice\":\"0\","          \
    "\"time\":1000,\"updateTime\":$ms,\"isWorking\":true}"
#define STOP_ORDER(status)                                                                         \
    "{\"symbol\":\"BTCUSDT\",\"orderId\":1001,\"clientOrderId\":\"$id\",\"price\":\"19000\","      \
    "\"origQty\":\"0.01\",\"executedQty\":\"0\",\"cummulativeQuoteQty\":\"0\",\"status\":"         \
    "\"" status                                                                                    \
    "\",\"timeInForce\":\"GTC\",\"type\":\"STOP_LOSS_LIMIT\",\"side\":\"BUY\",\"stopPrice\":"      \
    "\"21000\",\"time\":$ms,\"updateTime\":$ms}"
#define QUOTE_ORDER                                                                                \
    "{\"symbol\":\"BTCUSDT\",\"orderId\":1001,\"clientOrderId\":\"$id\",\"price\":\"0\","          \
    "\"origQty\":\"0.005\",\"executedQty\":\"0.005\",\"origQuoteOrderQty\":\"100\","               \
    "\"cummulativeQuoteQty\":\"100\",\"status\":\"FILLED\",\"timeInForce\":\"GTC\",\"type\":"      \
    "\"MARKET\",\"side\":\"BUY\",\"time\":$ms,\"updateTime\":$ms}"
#define CANCELED                                                                                   \
    "{\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"$id\",\"orderId\":1001,\"clientOrderId\":"    \
    "\"cancellation\",\"transactTime\":$ms,\"price\":\"19000\",\"origQty\":\"0.01\","              \
    "\"executedQty\":\"0\",\"cummulativeQuoteQty\":\"0\",\"status\":\"CANCELED\","                 \
    "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"BUY\"}"
#define AMENDED                                                                                    \
    "{\"transactTime\":$ms,\"executionId\":22,\"amendedOrder\":{\"symbol\":\"BTCUSDT\","           \
    "\"orderId\":1001,\"orderListId\":-1,\"origClientOrderId\":\"$id\",\"clientOrderId\":"         \
    "\"amended\",\"price\":\"19000\",\"qty\":\"0.005\",\"executedQty\":\"0\",\"preventedQty\":"    \
    "\"0\",\"cumulativeQuoteQty\":\"0\",\"status\":\"NEW\",\"timeInForce\":\"GTC\",\"type\":"      \
    "\"LIMIT\",\"side\":\"BUY\",\"workingTime\":$ms}}"
#define WITHDRAWAL(status)                                                                         \
    "[{\"id\":\"w1\",\"amount\":\"25\",\"transactionFee\":\"1\",\"coin\":\"USDT\",\"status\":"     \
    "" status ",\"address\":\"Tabc\",\"txId\":\"\",\"applyTime\":\"2023-11-14 22:13:21\","         \
    "\"network\":\"TRX\",\"withdrawOrderId\":\"$id\"}]"
#define TRANSFER(amount, status)                                                                   \
    "{\"asset\":\"USDT\",\"amount\":\"" amount "\",\"type\":\"MAIN_UMFUTURE\",\"status\":\""       \
    "" status "\",\"tranId\":11,\"timestamp\":$wrote}"
#define TRANSFERS(rows) "{\"total\":1,\"rows\":[" rows "]}"

static const struct canned canned[] = {
    {"GET", API "/time",               "{\"serverTime\":$ms}"                        },
    {"GET", API "/exchangeInfo",
     "{\"rateLimits\":[],\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\","
     "\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\",\"filters\":[{\"filterType\":"
     "\"PRICE_FILTER\",\"minPrice\":\"0.01\",\"maxPrice\":\"1000000\",\"tickSize\":\"0.01\"},"
     "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.00001\",\"maxQty\":\"9000\",\"stepSize\":"
     "\"0.00001\"},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5\"}]}]}"          },
    {"GET", API "/account",
     "{\"canTrade\":true,\"updateTime\":1700000000000,\"balances\":[{\"asset\":\"USDT\","
     "\"free\":\"10000\",\"locked\":\"0\"},{\"asset\":\"BTC\",\"free\":\"1\",\"locked\":"
     "\"0\"}]}"                                                                      },
    {"GET", API "/account/commission",
     "{\"symbol\":\"BTCUSDT\",\"standardCommission\":{\"maker\":\"0.001\",\"taker\":"
     "\"0.001\"}}"                                                                   },
    {"GET", API "/ticker/price",       "{\"symbol\":\"BTCUSDT\",\"price\":\"20000\"}"},
    {"GET", API "/order",              "{\"code\":-2013,\"msg\":\"\"}"               },
    {"GET", API "/*",                  "[]"                                          },
    {"GET", "/sapi/v1/asset/transfer", "{\"total\":0}"                               },
    {"GET", "/sapi/*",                 "[]"                                          },
    {NULL,  NULL,                      NULL                                          },
};

static const struct wire wire = {
    .venue = &keel_venue_binance_spot,
    .symbol = "BTCUSDT",
    .subscribed = "{\"id\":\"user\",\"status\":200,\"result\":{\"subscriptionId\":0}}",
    .logged_in = "",
    .price = "{\"stream\":\"btcusdt@miniTicker\",\"data\":{\"e\":\"24hrMiniTicker\",\"E\":$ms,"
             "\"s\":\"BTCUSDT\",\"c\":\"20000\",\"o\":\"20000\",\"h\":\"20000\",\"l\":\"20000\","
             "\"v\":\"1\",\"q\":\"1\"}}",
    .id_mark = "newClientOrderId=",
    .canned = canned,
};

static void rest_order(struct scene *scene)
{
    rest_at(scene, KEEL_LIMIT, API "/order", ORDER("NEW", "0.01", "0"));
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
    return keel_private_amend_order(scene->base, &ref, dec("0.005"), KEEL_DECIMAL_ABSENT,
                                    note_result, outcome, error);
}

enum { PLACE, QUOTE, STOP, AMEND, CANCEL, CANCEL_ALL, MOVE, WITHDRAW, WRITES };

/* clang-format off */
static const struct write writes[WRITES] = {
    [PLACE]      = {"POST",   API "/order",                       API "/order",                       NULL, send_limit,      NULL,       ORDER("NEW", "0.01", "0"), true,  false},
    [QUOTE]      = {"POST",   API "/order",                       API "/order",                       NULL, send_by_quote,   NULL,       QUOTE_ORDER,               true,  false},
    [STOP]       = {"POST",   API "/order",                       API "/order",                       NULL, send_stop,       NULL,       STOP_ORDER("NEW"),         true,  false},
    [AMEND]      = {"PUT",    API "/order/amend/keepPriority",    API "/order",                       NULL, send_amend,      rest_order, AMENDED,                   false, false},
    [CANCEL]     = {"DELETE", API "/order",                       API "/order",                       NULL, send_cancel,     rest_order, CANCELED,                  false, false},
    [CANCEL_ALL] = {"DELETE", API "/openOrders",                  API "/openOrders",                  NULL, send_cancel_all, rest_order, "[" CANCELED "]",          false, false},
    [MOVE]       = {"POST",   "/sapi/v1/asset/transfer",          "/sapi/v1/asset/transfer",          NULL, send_transfer,   NULL,       "{\"tranId\":11}",         false, true },
    [WITHDRAW]   = {"POST",   "/sapi/v1/capital/withdraw/apply",  "/sapi/v1/capital/withdraw/history", NULL, send_withdrawal, NULL,       "{\"id\":\"w1\"}",         true,  true },
};

#define CODE(code, words) "{\"code\":" code ",\"msg\":\"" words "\"}"

static const struct reply_case replies[] = {
    {"no connection",        RULE_NOT_SENT, 0,   NULL,                                                                  FAILED,  0      },
    {"no reply",             RULE_LOST,     0,   NULL,                                                                  UNKNOWN, 0      },
    {"done",                 RULE_REPLY,    200, NULL,                                                                  DONE,    0      },
    {"no balance",           RULE_REPLY,    400, CODE("-2010", "Account has insufficient balance for requested action."), NO,    0      },
    {"would match",          RULE_REPLY,    400, CODE("-2010", "Order would immediately match and take."),              NO,      0      },
    {"would trigger",        RULE_REPLY,    400, CODE("-2010", "Order would trigger immediately."),                     NO,      0      },
    {"closed",               RULE_REPLY,    400, CODE("-2010", "Market is closed."),                                    NO,      0      },
    {"duplicate",            RULE_REPLY,    400, CODE("-2010", "Duplicate order sent."),                                NO,      UNKNOWN},
    {"no, with 200",         RULE_REPLY,    200, CODE("-2010", "Account has insufficient balance for requested action."), NO,    0      },
    {"off the grid",         RULE_REPLY,    400, CODE("-1013", "Filter failure: LOT_SIZE"),                             NO,      0      },
    {"bad timestamp",        RULE_REPLY,    400, CODE("-1021", "Timestamp for this request is outside of the recvWindow."), NO,  0      },
    {"bad signature",        RULE_REPLY,    400, CODE("-1022", "Signature for this request is not valid."),             NO,      0      },
    {"no permission",        RULE_REPLY,    401, CODE("-2015", "Invalid API-key, IP, or permissions for action."),      NO,      0      },
    {"ids that differ",      RULE_REPLY,    400, CODE("-2039", "Client order ID is not correct for this order ID."),    NO,      0      },
    {"-1000",                RULE_REPLY,    400, CODE("-1000", "An unknown error occurred while processing the request."), UNKNOWN, 0   },
    {"-1006",                RULE_REPLY,    400, CODE("-1006", "An unexpected response was received."),                 UNKNOWN, 0      },
    {"-1007",                RULE_REPLY,    400, CODE("-1007", "Timeout waiting for response from backend server."),    UNKNOWN, 0      },
    {"-1007 with 200",       RULE_REPLY,    200, CODE("-1007", "Timeout waiting for response from backend server."),    UNKNOWN, 0      },
    {"-1007 with 504",       RULE_REPLY,    504, CODE("-1007", "Timeout waiting for response from backend server."),    UNKNOWN, 0      },
    {"-1001 with 500",       RULE_REPLY,    500, CODE("-1001", "Internal error; unable to process your request."),      UNKNOWN, 0      },
    {"-1001 with 503",       RULE_REPLY,    503, CODE("-1001", "Internal error; unable to process your request."),      UNKNOWN, 0      },
    {"-1008",                RULE_REPLY,    400, CODE("-1008", "Server is currently overloaded with other requests."),  FAILED,  0      },
    {"500",                  RULE_REPLY,    500, "",                                                                    UNKNOWN, 0      },
    {"502 in HTML",          RULE_REPLY,    502, "<html>Bad Gateway</html>",                                            UNKNOWN, 0      },
    {"503 unavailable",      RULE_REPLY,    503, "Service Unavailable.",                                                UNKNOWN, 0      },
    {"503 of nobody",        RULE_REPLY,    503, "<html>upstream</html>",                                               UNKNOWN, 0      },
    {"504",                  RULE_REPLY,    504, "",                                                                    UNKNOWN, 0      },
    {"408",                  RULE_REPLY,    408, "",                                                                    UNKNOWN, 0      },
    {"429",                  RULE_REPLY,    429, CODE("-1003", "Too much request weight used."),                        FAILED,  0      },
    {"429 of orders",        RULE_REPLY,    429, CODE("-1015", "Too many new orders."),                                 FAILED,  0      },
    {"418",                  RULE_REPLY,    418, CODE("-1003", "Way too much request weight used; IP banned."),         FAILED,  0      },
    {"403",                  RULE_REPLY,    403, "<html>",                                                              FAILED,  0      },
    {"nothing",              RULE_REPLY,    200, "",                                                                    UNKNOWN, 0      },
    {"cut JSON",             RULE_REPLY,    200, "{\"symbol\":\"BTCUSDT\",\"orderId\":10",                              UNKNOWN, 0      },
    {"a cut list",           RULE_REPLY,    200, "[{\"symbol\":\"BTCUSDT\",\"orderId\":10",                             UNKNOWN, 0      },
    {"a cut refusal",        RULE_REPLY,    200, "{\"code\":-2010,\"msg\":\"Acc",                                       UNKNOWN, 0      },
    {"other JSON",           RULE_REPLY,    200, "{\"weather\":\"fine\"}",                                              UNKNOWN, 0      },
    {"HTML",                 RULE_REPLY,    200, "<html>welcome</html>",                                                UNKNOWN, 0      },
    {"a redirect",           RULE_REPLY,    307, "",                                                                    UNKNOWN, 0      },
};

#define NOT_FOUND CODE("-2013", "Order does not exist.")
#define BUSY      "<html>Bad Gateway</html>"

static const struct end_case ends[] = {
    {PLACE,      "open",           200, ORDER("NEW", "0.01", "0"),                            DONE,    DONE   },
    {PLACE,      "partly filled",  200, ORDER("PARTIALLY_FILLED", "0.01", "0.004"),           DONE,    DONE   },
    {PLACE,      "filled",         200, ORDER("FILLED", "0.01", "0.01"),                      DONE,    DONE   },
    {PLACE,      "cancelled",      200, ORDER("CANCELED", "0.01", "0"),                       DONE,    DONE   },
    {PLACE,      "expired",        200, ORDER("EXPIRED", "0.01", "0"),                        DONE,    DONE   },
    {PLACE,      "rejected",       200, ORDER("REJECTED", "0.01", "0"),                       NO,      NO     },
    {PLACE,      "nowhere",        400, NOT_FOUND,                                            UNKNOWN, FAILED },
    {PLACE,      "archived",       400, CODE("-2026", "Order was canceled or expired."),      UNKNOWN, UNKNOWN},
    {PLACE,      "no answer",      502, BUSY,                                                 UNKNOWN, UNKNOWN},
    {QUOTE,      "filled",         200, QUOTE_ORDER,                                          DONE,    DONE   },
    {QUOTE,      "nowhere",        400, NOT_FOUND,                                            UNKNOWN, FAILED },
    {STOP,       "open",           200, STOP_ORDER("NEW"),                                    DONE,    DONE   },
    {STOP,       "nowhere",        400, NOT_FOUND,                                            UNKNOWN, FAILED },
    {AMEND,      "as asked",       200, ORDER("NEW", "0.005", "0"),                           DONE,    DONE   },
    {AMEND,      "as before",      200, ORDER("NEW", "0.01", "0"),                            UNKNOWN, FAILED },
    {AMEND,      "filled",         200, ORDER("FILLED", "0.01", "0.01"),                      UNKNOWN, FAILED },
    {AMEND,      "nowhere",        400, NOT_FOUND,                                            UNKNOWN, NO     },
    {AMEND,      "no answer",      502, BUSY,                                                 UNKNOWN, UNKNOWN},
    {CANCEL,     "cancelled",      200, ORDER("CANCELED", "0.01", "0"),                       DONE,    DONE   },
    {CANCEL,     "open",           200, ORDER("NEW", "0.01", "0"),                            UNKNOWN, FAILED },
    {CANCEL,     "filled",         200, ORDER("FILLED", "0.01", "0.01"),                      NO,      NO     },
    {CANCEL,     "nowhere",        400, NOT_FOUND,                                            UNKNOWN, NO     },
    {CANCEL,     "no answer",      502, BUSY,                                                 UNKNOWN, UNKNOWN},
    {CANCEL_ALL, "none is open",   200, "[]",                                                 DONE,    DONE   },
    {CANCEL_ALL, "one is open",    200, "[" ORDER("NEW", "0.01", "0") "]",                    UNKNOWN, FAILED },
    {CANCEL_ALL, "no answer",      502, BUSY,                                                 UNKNOWN, UNKNOWN},
    {MOVE,       "moved",          200, TRANSFERS(TRANSFER("5", "CONFIRMED")),                DONE,    DONE   },
    {MOVE,       "of two",         200, TRANSFERS(TRANSFER("5", "CONFIRMED") "," TRANSFER("5", "CONFIRMED")), UNKNOWN, UNKNOWN},
    {MOVE,       "another",        200, TRANSFERS(TRANSFER("6", "CONFIRMED")),                UNKNOWN, FAILED },
    {MOVE,       "under way",      200, TRANSFERS(TRANSFER("5", "PENDING")),                  UNKNOWN, UNKNOWN},
    {MOVE,       "none",           200, "{\"total\":0}",                                      UNKNOWN, FAILED },
    {MOVE,       "no answer",      502, BUSY,                                                 UNKNOWN, UNKNOWN},
    {WITHDRAW,   "under review",   200, WITHDRAWAL("2"),                                      DONE,    DONE   },
    {WITHDRAW,   "done",           200, WITHDRAWAL("6"),                                      DONE,    DONE   },
    {WITHDRAW,   "cancelled",      200, WITHDRAWAL("1"),                                      DONE,    DONE   },
    {WITHDRAW,   "rejected",       200, WITHDRAWAL("3"),                                      NO,      NO     },
    {WITHDRAW,   "none",           200, "[]",                                                 UNKNOWN, FAILED },
    {WITHDRAW,   "no answer",      502, BUSY,                                                 UNKNOWN, UNKNOWN},
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

/* Ten looks at the list a minute are all that the venue gives an account. */
static void a_lost_withdrawal_is_asked_about_a_few_times_a_minute(void **state)
{
    (void)state;
    const struct write *write = &writes[WITHDRAW];
    struct scene *scene = new_scene_for(&wire, write);
    struct outcome outcome = {0};

    add_rule(scene, write->method, write->path, RULE_LOST, 0, NULL);
    add_rule(scene, "GET", write->question, RULE_REPLY, 200, "[]");
    send_write(scene, write, &outcome);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    advance(scene, 60000);
    assert_in_range(count_seen(scene, "GET", write->question), 2, 5);
    free_scene(scene);
}

#define TRADE(id)                                                                                  \
    "{\"symbol\":\"BTCUSDT\",\"id\":" id ",\"orderId\":50,\"orderListId\":-1,\"price\":\"20000\"," \
    "\"qty\":\"0.01\",\"quoteQty\":\"200\",\"commission\":\"0\",\"commissionAsset\":\"BTC\","      \
    "\"time\":$ms,\"isBuyer\":true,\"isMaker\":false,\"isBestMatch\":true}"

static void a_history_whose_oldest_rows_come_first_is_listed_to_its_end(void **state)
{
    (void)state;
    static const char *const asked[] = {"startTime=", "fromId=2&limit=2", "fromId=3&limit=2"};
    static const char *const bodies[] = {"[" TRADE("1") "," TRADE("2") "]",
                                         "[" TRADE("2") "," TRADE("3") "]", "[" TRADE("3") "]"};
    try_pages(&wire, API "/myTrades", asked, bodies, "1 2 3 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fate_of_every_write_is_told_by_every_answer),
        cmocka_unit_test(a_history_whose_oldest_rows_come_first_is_listed_to_its_end),
        cmocka_unit_test(an_unknown_write_ends_by_what_the_venue_shows),
        cmocka_unit_test(a_lost_withdrawal_is_asked_about_a_few_times_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

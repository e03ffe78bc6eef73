/* The fate of every write, by every class of answer: what is said at once, what is asked for then,
 * and how that ends. */
#include "../exchange/scripted_venue.h"

/* The writes. */

struct write {
    const char *name; /* as the log says it */
    const char *method, *path;
    const char *question; /* where the venue is asked what became of it */
    const char *others;   /* where it is never asked; or NULL */
    enum keel_status (*send)(struct venue *venue, struct outcome *outcome,
                             struct keel_error *error);
    void (*prepare)(struct venue *venue);
    void (*write_answer)(struct venue *venue, char *text, size_t size); /* that it was done */
};

enum { TEXT_SIZE = 2048 };

/* An order of ours as the venue tells it; the newest placed one. */
static void write_order(struct venue *venue, char *text, size_t size, const char *status,
                        const char *price, const char *filled)
{
    const struct seen *placed = last_seen(venue, "POST", "/v1/order");
    char client_id[48];
    copy_param(placed, "newClientOrderId", client_id, sizeof(client_id));
    snprintf(text, size,
             "{\"orderId\":1001,\"symbol\":\"BTCUSDT\",\"status\":\"%s\",\"clientOrderId\":\"%s\","
             "\"price\":\"%s\",\"avgPrice\":\"%s\",\"origQty\":\"0.01\",\"executedQty\":\"%s\","
             "\"cumQuote\":\"0\",\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"reduceOnly\":false,"
             "\"closePosition\":false,\"side\":\"BUY\",\"positionSide\":\"BOTH\","
             "\"stopPrice\":\"0\",\"workingType\":\"CONTRACT_PRICE\",\"priceProtect\":false,"
             "\"origType\":\"LIMIT\",\"time\":%lld,\"updateTime\":%lld}",
             status, client_id, price, price, filled, (long long)venue->wall_ms - 60000,
             (long long)venue->wall_ms);
}

static void write_stop(struct venue *venue, char *text, size_t size, const char *status)
{
    const struct seen *placed = last_seen(venue, "POST", "/v1/algoOrder");
    char client_id[48];
    copy_param(placed, "clientAlgoId", client_id, sizeof(client_id));
    snprintf(text, size,
             "{\"algoId\":2001,\"clientAlgoId\":\"%s\",\"algoType\":\"CONDITIONAL\","
             "\"orderType\":\"STOP_MARKET\",\"symbol\":\"BTCUSDT\",\"side\":\"BUY\","
             "\"positionSide\":\"BOTH\",\"timeInForce\":\"GTC\",\"quantity\":\"0.01\","
             "\"algoStatus\":\"%s\",\"triggerPrice\":\"21000\",\"price\":\"0\","
             "\"workingType\":\"CONTRACT_PRICE\",\"closePosition\":false,\"reduceOnly\":false,"
             "\"createTime\":%lld,\"updateTime\":%lld}",
             client_id, status, (long long)venue->wall_ms, (long long)venue->wall_ms);
}

static enum keel_status send_place(struct venue *venue, struct outcome *outcome,
                                   struct keel_error *error)
{
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    return keel_futures_place_order(venue->futures, &request, note_result, outcome, error);
}

static enum keel_status send_stop(struct venue *venue, struct outcome *outcome,
                                  struct keel_error *error)
{
    struct keel_order_request request = market_order(venue, "BTCUSDT", KEEL_BUY, "0.01");
    request.type = KEEL_STOP_MARKET;
    request.trigger_price = dec("21000");
    return keel_futures_place_order(venue->futures, &request, note_result, outcome, error);
}

static void rest_order(struct venue *venue)
{
    struct outcome outcome = {0};
    struct keel_error error = {0};
    if (send_place(venue, &outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
}

static void rest_stop(struct venue *venue)
{
    static char text[TEXT_SIZE];
    struct outcome outcome = {0};
    struct keel_error error = {0};
    add_rule(venue, "POST", "/algoOrder", RULE_HOLD, 0, NULL, 1);
    if (send_stop(venue, &outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    write_stop(venue, text, sizeof(text), "NEW");
    answer_held(venue, 200, text);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
}

static struct keel_order_ref ref_to_open(const struct venue *venue)
{
    struct keel_order order;
    enum keel_status status;
    struct keel_order_ref ref = {0};
    assert_int_equal(
        keel_private_open_orders(venue->base, KEEL_NO_MARKET, true, &order, 1, &status), 1);
    ref.market = order.market;
    ref.family = order.family;
    memcpy(ref.order_id, order.order_id, sizeof(ref.order_id));
    memcpy(ref.client_id, order.client_id, sizeof(ref.client_id));
    return ref;
}

static enum keel_status send_amend(struct venue *venue, struct outcome *outcome,
                                   struct keel_error *error)
{
    struct keel_order_ref ref = ref_to_open(venue);
    return keel_private_amend_order(venue->base, &ref, KEEL_DECIMAL_ABSENT, dec("19100"),
                                    note_result, outcome, error);
}

static enum keel_status send_cancel(struct venue *venue, struct outcome *outcome,
                                    struct keel_error *error)
{
    struct keel_order_ref ref = ref_to_open(venue);
    return keel_private_cancel_order(venue->base, &ref, note_result, outcome, error);
}

static enum keel_status send_cancel_all(struct venue *venue, struct outcome *outcome,
                                        struct keel_error *error)
{
    return keel_private_cancel_all(venue->base, market_of(venue, "BTCUSDT"), note_result, outcome,
                                   error);
}

static enum keel_status send_leverage(struct venue *venue, struct outcome *outcome,
                                      struct keel_error *error)
{
    return keel_futures_set_leverage(venue->futures, market_of(venue, "BTCUSDT"), 7, note_result,
                                     outcome, error);
}

static enum keel_status send_margin_mode(struct venue *venue, struct outcome *outcome,
                                         struct keel_error *error)
{
    return keel_futures_set_margin_mode(venue->futures, market_of(venue, "BTCUSDT"), KEEL_ISOLATED,
                                        note_result, outcome, error);
}

static void hold_isolated(struct venue *venue)
{
    send_frame(venue, KEEL_STREAM_USER,
               account_text(venue, "10000", "ETHUSDT", "1", "1000", "isolated", "100"));
    send_mark(venue, "ETHUSDT", "1000");
}

static enum keel_status send_margin(struct venue *venue, struct outcome *outcome,
                                    struct keel_error *error)
{
    return keel_futures_adjust_margin(venue->futures, market_of(venue, "ETHUSDT"), KEEL_NET,
                                      dec("5"), note_result, outcome, error);
}

static void answer_order(struct venue *venue, char *text, size_t size)
{
    write_order(venue, text, size, "NEW", "19000", "0");
}

static void answer_stop(struct venue *venue, char *text, size_t size)
{
    write_stop(venue, text, size, "NEW");
}

static void answer_amended(struct venue *venue, char *text, size_t size)
{
    write_order(venue, text, size, "NEW", "19100", "0");
}

static void answer_canceled(struct venue *venue, char *text, size_t size)
{
    write_order(venue, text, size, "CANCELED", "19000", "0");
}

static void answer_stop_canceled(struct venue *venue, char *text, size_t size)
{
    (void)venue;
    snprintf(text, size,
             "{\"algoId\":2001,\"clientAlgoId\":\"x\",\"code\":\"200\","
             "\"msg\":\"success\"}");
}

static void answer_success(struct venue *venue, char *text, size_t size)
{
    (void)venue;
    snprintf(text, size, "{\"code\":200,\"msg\":\"success\"}");
}

static void answer_leverage(struct venue *venue, char *text, size_t size)
{
    (void)venue;
    snprintf(text, size,
             "{\"leverage\":7,\"maxNotionalValue\":\"30000000\",\"symbol\":\"BTCUSDT\"}");
}

static void answer_margin(struct venue *venue, char *text, size_t size)
{
    (void)venue;
    snprintf(text, size,
             "{\"amount\":5,\"code\":200,\"msg\":\"Successfully modify position margin.\","
             "\"type\":1}");
}

enum { PLACE, STOP, AMEND, CANCEL, CANCEL_STOP, CANCEL_ALL, LEVERAGE, MARGIN_MODE, MARGIN, WRITES };

/* clang-format off */
static const struct write writes[WRITES] = {
    [PLACE]       = {"place_order",     "POST",   "/v1/order",       "/v1/order",        "/algoOrder", send_place,       NULL,          answer_order        },
    [STOP]        = {"place_order",     "POST",   "/algoOrder",      "/algoOrder",       "/v1/order",  send_stop,        NULL,          answer_stop         },
    [AMEND]       = {"amend_order",     "PUT",    "/v1/order",       "/v1/order",        "/algoOrder", send_amend,       rest_order,    answer_amended      },
    [CANCEL]      = {"cancel_order",    "DELETE", "/v1/order",       "/v1/order",        "/algoOrder", send_cancel,      rest_order,    answer_canceled     },
    [CANCEL_STOP] = {"cancel_order",    "DELETE", "/algoOrder",      "/algoOrder",       "/v1/order",  send_cancel,      rest_stop,     answer_stop_canceled},
    [CANCEL_ALL]  = {"cancel_all",      "DELETE", "/allOpenOrders",  "/openOrders",      NULL,         send_cancel_all,  rest_order,    answer_success      },
    [LEVERAGE]    = {"set_leverage",    "POST",   "/leverage",       "/symbolConfig",    NULL,         send_leverage,    NULL,          answer_leverage     },
    [MARGIN_MODE] = {"set_margin_mode", "POST",   "/marginType",     "/symbolConfig",    NULL,         send_margin_mode, NULL,          answer_success      },
    [MARGIN]      = {"adjust_margin",   "POST",   "/positionMargin", "Margin/history",  NULL,          send_margin,      hold_isolated, answer_margin       },
};

/* The answers. NULL: the venue's own, which says that it was done. */
#define DONE    KEEL_ACCEPTED
#define NO      KEEL_FATE_REJECTED
#define FAILED  KEEL_FATE_FAILED
#define UNKNOWN KEEL_FATE_UNKNOWN

static const struct {
    const char *name;
    enum rule_kind kind;
    int status;
    const char *body;
    enum keel_fate fate;
    enum keel_fate of_orders; /* where it differs for those that place one; else NONE */
} answers[] = {
    {"no connection",        RULE_NOT_SENT, 0,   NULL,                                                                              FAILED,  0      },
    {"no reply",             RULE_LOST,     0,   NULL,                                                                              UNKNOWN, 0      },
    {"done",                 RULE_REPLY,    200, NULL,                                                                              DONE,    0      },
    {"no",                   RULE_REPLY,    400, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}",                            NO,      0      },
    {"no, with 200",         RULE_REPLY,    200, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}",                            NO,      0      },
    {"bad timestamp",        RULE_REPLY,    400, "{\"code\":-1021,\"msg\":\"Timestamp for this request is outside.\"}",            NO,      0      },
    {"bad signature",        RULE_REPLY,    400, "{\"code\":-1022,\"msg\":\"Signature for this request is not valid.\"}",          NO,      0      },
    {"duplicate",            RULE_REPLY,    400, "{\"code\":-4116,\"msg\":\"ClientOrderId is duplicated.\"}",                       NO,      UNKNOWN},
    {"duplicate of another", RULE_REPLY,    400, "{\"code\":-4115,\"msg\":\"ClientTranId is duplicated.\"}",                        NO,      UNKNOWN},
    {"408",                  RULE_REPLY,    408, "",                                                                                UNKNOWN, 0      },
    {"408 with words",       RULE_REPLY,    408, "{\"code\":-1007,\"msg\":\"Timeout waiting for response from backend server.\"}", UNKNOWN, 0      },
    {"-1000",                RULE_REPLY,    400, "{\"code\":-1000,\"msg\":\"An unknown error occurred.\"}",                         UNKNOWN, 0      },
    {"-1006",                RULE_REPLY,    400, "{\"code\":-1006,\"msg\":\"An unexpected response was received.\"}",               UNKNOWN, 0      },
    {"-1007",                RULE_REPLY,    400, "{\"code\":-1007,\"msg\":\"Timeout. Send status unknown.\"}",                      UNKNOWN, 0      },
    {"-1007 with 503",       RULE_REPLY,    503, "{\"code\":-1007,\"msg\":\"Timeout. Send status unknown.\"}",                      UNKNOWN, 0      },
    {"-1008",                RULE_REPLY,    503, "{\"code\":-1008,\"msg\":\"Request throttled by system-level protection.\"}",      FAILED,  0      },
    {"-1008 with 400",       RULE_REPLY,    400, "{\"code\":-1008,\"msg\":\"Request throttled by system-level protection.\"}",      FAILED,  0      },
    {"503 unknown",          RULE_REPLY,    503, "Unknown error, please check your request or try again later.",                    UNKNOWN, 0      },
    {"503 unknown, in JSON", RULE_REPLY,    503, "{\"code\":-1000,\"msg\":\"Unknown error, please check your request.\"}",          UNKNOWN, 0      },
    {"503 unavailable",      RULE_REPLY,    503, "Service Unavailable.",                                                            FAILED,  0      },
    {"503 internal",         RULE_REPLY,    503, "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request.\"}",    FAILED,  0      },
    {"503 of nobody",        RULE_REPLY,    503, "<html>upstream</html>",                                                           UNKNOWN, 0      },
    {"500",                  RULE_REPLY,    500, "",                                                                                UNKNOWN, 0      },
    {"502 in HTML",          RULE_REPLY,    502, "<html>Bad Gateway</html>",                                                        UNKNOWN, 0      },
    {"504",                  RULE_REPLY,    504, "stream timeout",                                                                  UNKNOWN, 0      },
    {"429",                  RULE_REPLY,    429, "{\"code\":-1003,\"msg\":\"Too many requests.\"}",                                 FAILED,  0      },
    {"429 of orders",        RULE_REPLY,    429, "{\"code\":-1015,\"msg\":\"Too many new orders.\"}",                               FAILED,  0      },
    {"418",                  RULE_REPLY,    418, "{\"code\":-1003,\"msg\":\"Way too many requests; IP banned.\"}",                 FAILED,  0      },
    {"403",                  RULE_REPLY,    403, "<html>",                                                                          FAILED,  0      },
    {"nothing",              RULE_REPLY,    200, "",                                                                                UNKNOWN, 0      },
    {"cut JSON",             RULE_REPLY,    200, "{\"orderId\":1001,\"symbol\":\"BTC",                                              UNKNOWN, 0      },
    {"cut success",          RULE_REPLY,    200, "{\"code\":200,\"msg\":\"succ",                                                    UNKNOWN, 0      },
    {"other JSON",           RULE_REPLY,    200, "{\"weather\":\"fine\"}",                                                          UNKNOWN, 0      },
    {"a list",               RULE_REPLY,    200, "[]",                                                                              UNKNOWN, 0      },
    {"HTML",                 RULE_REPLY,    200, "<html>welcome</html>",                                                            UNKNOWN, 0      },
    {"a redirect",           RULE_REPLY,    307, "",                                                                                UNKNOWN, 0      },
};
/* clang-format on */
enum { ANSWERS = sizeof(answers) / sizeof(answers[0]) };

static struct venue *new_venue_for(const struct write *write)
{
    struct venue *venue = new_live_venue();
    advance(venue, 1000);
    if (write->prepare != NULL)
        write->prepare(venue);
    return venue;
}

static void send_write(struct venue *venue, const struct write *write, struct outcome *outcome)
{
    struct keel_error error = {0};
    if (write->send(venue, outcome, &error) != KEEL_OK)
        fail_msg("%s: %s", write->name, error.message);
    settle(venue);
}

static int32_t count_unsettled(const struct venue *venue)
{
    struct keel_statistics statistics;
    keel_private_statistics(venue->base, &statistics);
    return statistics.unsettled;
}

static enum keel_fate expected_fate(int at, int answer)
{
    bool places = at == PLACE || at == STOP;
    return places && answers[answer].of_orders != KEEL_FATE_NONE ? answers[answer].of_orders
                                                                 : answers[answer].fate;
}

static void try_answer(int at, int answer)
{
    const struct write *write = &writes[at];
    struct venue *venue = new_venue_for(write);
    struct outcome outcome = {0};
    char text[TEXT_SIZE];
    int sent = count_seen(venue, write->method, write->path);
    int asked = count_seen(venue, "GET", write->question);
    enum keel_fate fate = expected_fate(at, answer);
    const char *body = answers[answer].body;

    add_rule(venue, "GET", write->question, RULE_HOLD, 0, NULL, 0);
    bool held = answers[answer].kind == RULE_REPLY;
    add_rule(venue, write->method, write->path, held ? RULE_HOLD : answers[answer].kind, 0, NULL,
             0);
    send_write(venue, write, &outcome);
    write->write_answer(venue, text, sizeof(text));
    if (held)
        answer_held(venue, answers[answer].status, body != NULL ? body : text);
    settle(venue);
    if (outcome.calls != 1 || outcome.fate != fate)
        fail_msg("%s %s, %s: %s (%s), not %s", write->method, write->path, answers[answer].name,
                 keel_fate_name(outcome.fate), outcome.error.message, keel_fate_name(fate));
    advance(venue, 3000);
    bool unknown = fate == KEEL_FATE_UNKNOWN;
    if (count_unsettled(venue) != (unknown ? 1 : 0) ||
        count_seen(venue, "GET", write->question) != asked + (unknown ? 1 : 0))
        fail_msg("%s %s, %s: %d unsettled, %d questions", write->method, write->path,
                 answers[answer].name, count_unsettled(venue),
                 count_seen(venue, "GET", write->question) - asked);
    if (write->others != NULL)
        assert_int_equal(count_seen(venue, "GET", write->others), 0);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(count_seen(venue, write->method, write->path), sent + 1);
    free_venue(venue);
}

static void the_fate_of_every_write_is_told_by_every_answer(void **state)
{
    (void)state;
    for (int at = 0; at < WRITES; at++) {
        for (int answer = 0; answer < ANSWERS; answer++)
            try_answer(at, answer);
    }
}

/* How a question ends. */

static const char not_found[] = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";
static const char busy[] = "<html>Bad Gateway</html>";

static const char *found(struct venue *venue, const char *status, const char *price,
                         const char *filled)
{
    static char text[TEXT_SIZE];
    write_order(venue, text, sizeof(text), status, price, filled);
    return text;
}

static const char *found_new(struct venue *venue)
{
    return found(venue, "NEW", "19000", "0");
}

static const char *found_partly_filled(struct venue *venue)
{
    return found(venue, "PARTIALLY_FILLED", "19000", "0.004");
}

static const char *found_filled(struct venue *venue)
{
    return found(venue, "FILLED", "19000", "0.01");
}

static const char *found_canceled(struct venue *venue)
{
    return found(venue, "CANCELED", "19000", "0");
}

static const char *found_expired(struct venue *venue)
{
    return found(venue, "EXPIRED", "19000", "0");
}

static const char *found_amended(struct venue *venue)
{
    return found(venue, "NEW", "19100", "0");
}

static const char *found_nowhere(struct venue *venue)
{
    (void)venue;
    return not_found;
}

static const char *found_nobody(struct venue *venue)
{
    (void)venue;
    return busy;
}

static const char *found_stop(struct venue *venue)
{
    static char text[TEXT_SIZE];
    write_stop(venue, text, sizeof(text), "NEW");
    return text;
}

static const char *found_stop_canceled(struct venue *venue)
{
    static char text[TEXT_SIZE];
    write_stop(venue, text, sizeof(text), "CANCELED");
    return text;
}

static const char *found_nothing(struct venue *venue)
{
    (void)venue;
    return "[]";
}

static const char *found_one_open(struct venue *venue)
{
    static char text[TEXT_SIZE];
    text[0] = '[';
    write_order(venue, text + 1, sizeof(text) - 2, "NEW", "19000", "0");
    strcat(text, "]");
    return text;
}

#define CONFIG(leverage, mode)                                                                     \
    "[{\"symbol\":\"BTCUSDT\",\"marginType\":\"" mode "\",\"isAutoAddMargin\":false,"              \
    "\"leverage\":" leverage ",\"maxNotionalValue\":\"30000000\"}]"

static const char *found_set(struct venue *venue)
{
    (void)venue;
    return CONFIG("7", "CROSSED");
}

static const char *found_isolated(struct venue *venue)
{
    (void)venue;
    return CONFIG("20", "ISOLATED");
}

static const char *found_unset(struct venue *venue)
{
    (void)venue;
    return CONFIG("20", "CROSSED");
}

#define MOVED(venue, cause)                                                                        \
    static char text[TEXT_SIZE];                                                                   \
    snprintf(text, sizeof(text),                                                                   \
             "[{\"symbol\":\"ETHUSDT\",\"type\":1,\"deltaType\":\"" cause                          \
             "\",\"amount\":\"5\",\"asset\":\"USDT\",\"time\":%lld,\"positionSide\":\"BOTH\"}]",   \
             (long long)((venue)->wall_ms + (venue)->clock_ahead_ms));                             \
    return text

static const char *found_moved(struct venue *venue)
{
    MOVED(venue, "USER_ADJUST");
}

static const char *found_moved_by_fill(struct venue *venue)
{
    MOVED(venue, "TRADE");
}

/* Before the receive window is over a "not there" proves nothing; after it, it does. */
/* clang-format off */
static const struct {
    int write;
    const char *name;
    const char *(*find)(struct venue *venue);
    int status;
    enum keel_fate within; /* the window */
    enum keel_fate after;
} ends[] = {
    {PLACE,       "open",           found_new,           200, DONE,    DONE   },
    {PLACE,       "partly filled",  found_partly_filled, 200, DONE,    DONE   },
    {PLACE,       "filled",         found_filled,        200, DONE,    DONE   },
    {PLACE,       "cancelled",      found_canceled,      200, DONE,    DONE   },
    {PLACE,       "expired",        found_expired,       200, DONE,    DONE   },
    {PLACE,       "nowhere",        found_nowhere,       400, UNKNOWN, FAILED },
    {PLACE,       "no answer",      found_nobody,        502, UNKNOWN, UNKNOWN},
    {STOP,        "open",           found_stop,          200, DONE,    DONE   },
    {STOP,        "cancelled",      found_stop_canceled, 200, DONE,    DONE   },
    {STOP,        "nowhere",        found_nowhere,       400, UNKNOWN, FAILED },
    {STOP,        "no answer",      found_nobody,        502, UNKNOWN, UNKNOWN},
    {AMEND,       "as asked",       found_amended,       200, DONE,    DONE   },
    {AMEND,       "as before",      found_new,           200, UNKNOWN, FAILED },
    {AMEND,       "filled",         found_filled,        200, UNKNOWN, FAILED },
    {AMEND,       "nowhere",        found_nowhere,       400, UNKNOWN, FAILED },
    {AMEND,       "no answer",      found_nobody,        502, UNKNOWN, UNKNOWN},
    {CANCEL,      "cancelled",      found_canceled,      200, DONE,    DONE   },
    {CANCEL,      "open",           found_new,           200, UNKNOWN, FAILED },
    {CANCEL,      "partly filled",  found_partly_filled, 200, UNKNOWN, FAILED },
    {CANCEL,      "filled",         found_filled,        200, NO,      NO     },
    {CANCEL,      "expired",        found_expired,       200, NO,      NO     },
    {CANCEL,      "nowhere",        found_nowhere,       400, UNKNOWN, NO     },
    {CANCEL,      "no answer",      found_nobody,        502, UNKNOWN, UNKNOWN},
    {CANCEL_STOP, "cancelled",      found_stop_canceled, 200, DONE,    DONE   },
    {CANCEL_STOP, "open",           found_stop,          200, UNKNOWN, FAILED },
    {CANCEL_STOP, "nowhere",        found_nowhere,       400, UNKNOWN, NO     },
    {CANCEL_ALL,  "none is open",   found_nothing,       200, DONE,    DONE   },
    {CANCEL_ALL,  "one is open",    found_one_open,      200, UNKNOWN, FAILED },
    {CANCEL_ALL,  "no answer",      found_nobody,        502, UNKNOWN, UNKNOWN},
    {LEVERAGE,    "as asked",       found_set,           200, DONE,    DONE   },
    {LEVERAGE,    "as before",      found_unset,         200, UNKNOWN, FAILED },
    {LEVERAGE,    "no answer",      found_nobody,        502, UNKNOWN, UNKNOWN},
    {MARGIN_MODE, "as asked",       found_isolated,      200, DONE,    DONE   },
    {MARGIN_MODE, "as before",      found_unset,         200, UNKNOWN, FAILED },
    {MARGIN_MODE, "no answer",      found_nobody,        502, UNKNOWN, UNKNOWN},
    {MARGIN,      "moved",          found_moved,         200, DONE,    DONE   },
    {MARGIN,      "moved by a fill", found_moved_by_fill, 200, UNKNOWN, FAILED },
    {MARGIN,      "not moved",      found_nothing,       200, UNKNOWN, FAILED },
    {MARGIN,      "no answer",      found_nobody,        502, UNKNOWN, UNKNOWN},
};
/* clang-format on */

static void expect_end(struct venue *venue, const struct write *write, const char *name,
                       const char *when, enum keel_fate fate)
{
    char words[96];
    snprintf(words, sizeof(words), "%s, unknown before, is %s", write->name, keel_fate_name(fate));
    bool unknown = fate == KEEL_FATE_UNKNOWN;
    bool told = !unknown && has_log(venue, words);
    if (count_unsettled(venue) != (unknown ? 1 : 0) || (!unknown && !told))
        fail_msg("%s %s, found %s %s: not %s, %d unsettled", write->method, write->path, name, when,
                 keel_fate_name(fate), count_unsettled(venue));
}

static void try_end(size_t at)
{
    const struct write *write = &writes[ends[at].write];
    struct venue *venue = new_venue_for(write);
    struct outcome outcome = {0};
    char text[TEXT_SIZE];
    int sent = count_seen(venue, write->method, write->path);

    add_rule(venue, write->method, write->path, RULE_LOST, 0, NULL, 1);
    add_rule(venue, "GET", "/v1/order", RULE_LOST, 0, NULL, 0); /* of what a list did not mention */
    add_rule(venue, "GET", "/orderAmendment", RULE_REPLY, 200, "[]", 0);
    add_rule(venue, "GET", write->question, RULE_HOLD, 0, NULL, 0);
    send_write(venue, write, &outcome);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    advance(venue, 300); /* the first question is out, and the window is open */
    assert_int_equal(venue->held_count, 1);
    snprintf(text, sizeof(text), "%s", ends[at].find(venue));
    answer_held(venue, ends[at].status, text);
    settle(venue);
    expect_end(venue, write, ends[at].name, "within the window", ends[at].within);
    add_rule(venue, "GET", write->question, RULE_REPLY, ends[at].status, text, 0);
    while (venue->held_count > 0)
        answer_held(venue, ends[at].status, text);
    advance(venue, 20000);
    expect_end(venue, write, ends[at].name, "after the window", ends[at].after);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(count_seen(venue, write->method, write->path), sent + 1);
    free_venue(venue);
}

static void an_unknown_write_ends_by_what_the_venue_shows(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(ends) / sizeof(ends[0]); at++)
        try_end(at);
}

/* What was proved absent lets its margin and its id go; until then both are held. */
static void an_unknown_order_holds_its_place_until_it_is_proved_absent(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_statistics statistics;

    add_rule(venue, "POST", "/v1/order", RULE_LOST, 0, NULL, 1);
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 400, not_found, 0);
    send_write(venue, &writes[PLACE], &outcome);
    advance(venue, 1500);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.open_orders, 1);
    assert_int_equal(statistics.unsettled, 1);
    advance(venue, 5000);
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.open_orders, 0);
    assert_int_equal(statistics.unsettled, 0);
    assert_true(count_seen(venue, "GET", "/userTrades") > 0); /* no execution bears its id */
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fate_of_every_write_is_told_by_every_answer),
        cmocka_unit_test(an_unknown_write_ends_by_what_the_venue_shows),
        cmocka_unit_test(an_unknown_order_holds_its_place_until_it_is_proved_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* scripted_venue.h - an exchange under a virtual clock, and a venue of canned replies before it.
 *
 * Speaks the venue's wire through the real codec. Every request is answered at once with a default
 * reply, unless a rule for its method and path says otherwise; what happened is recorded. */
#ifndef KEEL_TEST_SCRIPTED_VENUE_H
#define KEEL_TEST_SCRIPTED_VENUE_H

#include "exchange/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    RULES_MAX = 32,
    HELD_MAX = 64,
    SEEN_MAX = 512,
    RECORDED_MAX = 128,
    REPLY_SIZE = 64 * 1024,
};

#define BEGIN_NS INT64_C(1000000000)
#define WALL_MS  INT64_C(1700000000000)

enum rule_kind {
    RULE_REPLY,    /* with status and body */
    RULE_HOLD,     /* no answer: give one later with answer_held */
    RULE_LOST,     /* the request left, no reply came */
    RULE_NOT_SENT, /* no byte left */
};

struct rule {
    const char *method, *path; /* the path's end */
    enum rule_kind kind;
    int status;
    const char *body;
    const char *headers; /* lines "Name: value\r\n" */
    int times;           /* 0: for ever */
};

struct seen {
    uint64_t id;
    int64_t at_ns;
    char method[8];
    char path[KEEL_REQUEST_PATH_SIZE];
    char text[512]; /* query and body */
};

struct venue {
    struct keel_futures *futures;
    struct keel_private *base;
    int64_t now_ns, wall_ms, clock_ahead_ms;
    struct rule rules[RULES_MAX];
    int rule_count;
    struct seen held[HELD_MAX];
    int held_count;
    struct seen seen[SEEN_MAX];
    int seen_count;
    uint32_t streams[KEEL_STREAM_KINDS]; /* the newest open one of each kind */
    uint32_t opening[KEEL_STREAM_KINDS];
    bool streams_refused, streams_held;
    bool deaf; /* pings are not answered */
    int ping_count, frame_count;
    uint64_t frame_id; /* of the last frame on the order-entry stream */
    char frame[2048];
    uint32_t closed[64];
    int closed_count, opened_count;
    char market_path[256];
    int64_t next_order_id;
    char reply[REPLY_SIZE];

    struct keel_order orders[RECORDED_MAX];
    int order_count;
    struct keel_execution executions[RECORDED_MAX];
    int execution_count;
    struct keel_position positions[RECORDED_MAX];
    int position_count;
    struct keel_risk_event risks[RECORDED_MAX];
    int risk_count;
    struct keel_difference differences[RECORDED_MAX];
    int difference_count;
    struct keel_income fundings[RECORDED_MAX];
    int funding_count;
    enum keel_connection_state states[RECORDED_MAX];
    int state_count;
    char logs[RECORDED_MAX][256];
    int log_count;
    struct keel_record records[RECORDED_MAX];
    int record_count;
    int unknown_count, balance_count, mark_count;
};

/* What came; the count goes on when the list is full. */
#define RECORD(venue, list, count, value)                                                          \
    do {                                                                                           \
        if ((venue)->count < RECORDED_MAX)                                                         \
            (venue)->list[(venue)->count] = (value);                                               \
        (venue)->count++;                                                                          \
    } while (0)

static inline void record_order(void *user, const struct keel_order *order)
{
    struct venue *venue = user;
    RECORD(venue, orders, order_count, *order);
}

static inline void record_execution(void *user, const struct keel_execution *execution)
{
    struct venue *venue = user;
    RECORD(venue, executions, execution_count, *execution);
}

static inline void record_position(void *user, const struct keel_position *position)
{
    struct venue *venue = user;
    RECORD(venue, positions, position_count, *position);
}

static inline void record_risk(void *user, const struct keel_risk_event *event)
{
    struct venue *venue = user;
    RECORD(venue, risks, risk_count, *event);
}

static inline void record_difference(void *user, const struct keel_difference *difference)
{
    struct venue *venue = user;
    RECORD(venue, differences, difference_count, *difference);
}

static inline void record_funding(void *user, const struct keel_income *funding)
{
    struct venue *venue = user;
    RECORD(venue, fundings, funding_count, *funding);
}

static inline void record_connection(void *user, const struct keel_connection *connection)
{
    struct venue *venue = user;
    RECORD(venue, states, state_count, connection->state);
}

static inline void record_balance(void *user, const struct keel_balance *balance)
{
    (void)balance;
    ((struct venue *)user)->balance_count++;
}

static inline void record_mark(void *user, const struct keel_mark *mark)
{
    (void)mark;
    ((struct venue *)user)->mark_count++;
}

static inline void record_unknown(void *user, keel_str word, keel_str message)
{
    (void)word;
    (void)message;
    ((struct venue *)user)->unknown_count++;
}

static inline void record_log(void *user, enum keel_log_level level, const char *tag,
                              const char *message)
{
    struct venue *venue = user;
    (void)level;
    assert_string_equal(tag, "binance_private_futures");
    if (getenv("KEEL_TEST_LOG") != NULL)
        fprintf(stderr, "%8lld ms %s: %s\n", (long long)(venue->now_ns / 1000000), tag, message);
    if (venue->log_count < RECORDED_MAX)
        snprintf(venue->logs[venue->log_count++], sizeof(venue->logs[0]), "%s", message);
}

static inline bool has_log(const struct venue *venue, const char *words)
{
    for (int i = 0; i < venue->log_count; i++) {
        if (strstr(venue->logs[i], words) != NULL)
            return true;
    }
    return false;
}

/* A parameter of a request: "" if it is not there. */
static inline const char *param(const struct seen *seen, const char *name)
{
    static char value[128];
    char key[64];
    snprintf(key, sizeof(key), "%s=", name);
    const char *at = seen->text;
    while (at != NULL && strncmp(at, key, strlen(key)) != 0) {
        at = strchr(at, '&');
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL)
        return "";
    at += strlen(key);
    size_t size = strcspn(at, "&");
    snprintf(value, sizeof(value), "%.*s", (int)size, at);
    return value;
}

static inline void copy_param(const struct seen *seen, const char *name, char *out, size_t size)
{
    if (!keel_str_copy(keel_str_from(param(seen, name)), out, size))
        fail_msg("%s is too long", name);
}

#define BTC_RULES                                                                                  \
    "\"contractType\":\"PERPETUAL\",\"status\":\"TRADING\",\"quoteAsset\":\"USDT\","               \
    "\"marginAsset\":\"USDT\",\"pricePrecision\":2,\"quantityPrecision\":3,"                       \
    "\"liquidationFee\":\"0.0125\",\"marketTakeBound\":\"0.05\",\"triggerProtect\":\"0.05\","      \
    "\"orderTypes\":[\"LIMIT\",\"MARKET\"],\"timeInForce\":[\"GTC\"],\"filters\":["                \
    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.10\",\"maxPrice\":\"1000000\","             \
    "\"tickSize\":\"0.10\"},{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\","                    \
    "\"maxQty\":\"1000\",\"stepSize\":\"0.001\"},{\"filterType\":\"MARKET_LOT_SIZE\","             \
    "\"minQty\":\"0.001\",\"maxQty\":\"2\",\"stepSize\":\"0.001\"},"                               \
    "{\"filterType\":\"MAX_NUM_ORDERS\",\"limit\":200},{\"filterType\":\"MIN_NOTIONAL\","          \
    "\"notional\":\"5\"},{\"filterType\":\"PERCENT_PRICE\",\"multiplierUp\":\"1.5000\","           \
    "\"multiplierDown\":\"0.5000\",\"multiplierDecimal\":\"4\"}]"

#define BRACKETS                                                                                   \
    "\"brackets\":[{\"bracket\":1,\"initialLeverage\":125,\"notionalCap\":50000,"                  \
    "\"notionalFloor\":0,\"maintMarginRatio\":0.004,\"cum\":0.0},{\"bracket\":2,"                  \
    "\"initialLeverage\":100,\"notionalCap\":600000,\"notionalFloor\":50000,"                      \
    "\"maintMarginRatio\":0.005,\"cum\":50.0},{\"bracket\":3,\"initialLeverage\":50,"              \
    "\"notionalCap\":30000000,\"notionalFloor\":600000,\"maintMarginRatio\":0.01,"                 \
    "\"cum\":3050.0}]"

static const struct {
    const char *method, *path, *body;
} default_replies[] = {
    {"GET",    "/exchangeInfo",
     "{\"timezone\":\"UTC\",\"serverTime\":1,\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\","
     "\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":2400},{\"rateLimitType\":\"ORDERS\","
     "\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":300}],\"exchangeFilters\":[],"
     "\"assets\":[],\"symbols\":[{\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\","
     "\"baseAsset\":\"BTC\"," BTC_RULES "},{\"symbol\":\"ETHUSDT\",\"pair\":\"ETHUSDT\","
     "\"baseAsset\":\"ETH\"," BTC_RULES "}]}"                                       },
    {"GET",    "/accountConfig",
     "{\"feeTier\":0,\"canTrade\":true,\"canDeposit\":true,\"canWithdraw\":true,"
     "\"dualSidePosition\":false,\"updateTime\":0,\"multiAssetsMargin\":false,"
     "\"tradeGroupId\":-1}"                                                         },
    {"GET",    "/v3/balance",
     "[{\"accountAlias\":\"a\",\"asset\":\"USDT\",\"balance\":\"10000.00000000\","
     "\"crossWalletBalance\":\"10000.00000000\",\"crossUnPnl\":\"0.00000000\","
     "\"availableBalance\":\"10000.00000000\",\"maxWithdrawAmount\":\"10000.00000000\","
     "\"marginAvailable\":true,\"updateTime\":1600000000000}]"                      },
    {"GET",    "/v3/positionRisk", "[]"                                             },
    {"GET",    "/symbolConfig",
     "[{\"symbol\":\"BTCUSDT\",\"marginType\":\"CROSSED\",\"isAutoAddMargin\":false,"
     "\"leverage\":20,\"maxNotionalValue\":\"30000000\"},{\"symbol\":\"ETHUSDT\","
     "\"marginType\":\"ISOLATED\",\"isAutoAddMargin\":false,\"leverage\":10,"
     "\"maxNotionalValue\":\"30000000\"}]"                                          },
    {"GET",    "/leverageBracket",
     "[{\"symbol\":\"BTCUSDT\"," BRACKETS "},{\"symbol\":\"ETHUSDT\"," BRACKETS "}]"},
    {"GET",    "/openOrders",      "[]"                                             },
    {"GET",    "/openAlgoOrders",  "[]"                                             },
    {"GET",    "/userTrades",      "[]"                                             },
    {"GET",    "/allOrders",       "[]"                                             },
    {"GET",    "/allAlgoOrders",   "[]"                                             },
    {"GET",    "/income",          "[]"                                             },
    {"POST",   "/listenKey",       "{\"listenKey\":\"key-one\"}"                    },
    {"PUT",    "/listenKey",       "{\"listenKey\":\"key-one\"}"                    },
    {"DELETE", "/allOpenOrders",
     "{\"code\":200,\"msg\":\"The operation of cancel all open order is done.\"}"   },
    {"DELETE", "/algoOpenOrders",  "{\"code\":\"200\",\"msg\":\"success\"}"         },
    {"POST",   "/marginType",      "{\"code\":200,\"msg\":\"success\"}"             },
};

/* An order as the venue tells it in a reply. */
static inline const char *order_reply(struct venue *venue, const struct seen *seen,
                                      const char *status, const char *filled, const char *average)
{
    char symbol[32], side[8], type[32], quantity[32], price[32], client_id[48], reduce_only[8];
    copy_param(seen, "symbol", symbol, sizeof(symbol));
    copy_param(seen, "side", side, sizeof(side));
    copy_param(seen, "type", type, sizeof(type));
    copy_param(seen, "quantity", quantity, sizeof(quantity));
    copy_param(seen, "price", price, sizeof(price));
    copy_param(seen, "newClientOrderId", client_id, sizeof(client_id));
    copy_param(seen, "reduceOnly", reduce_only, sizeof(reduce_only));
    snprintf(venue->reply, sizeof(venue->reply),
             "{\"orderId\":%lld,\"symbol\":\"%s\",\"status\":\"%s\",\"clientOrderId\":\"%s\","
             "\"price\":\"%s\",\"avgPrice\":\"%s\",\"origQty\":\"%s\",\"executedQty\":\"%s\","
             "\"cumQuote\":\"0\",\"timeInForce\":\"GTC\",\"type\":\"%s\",\"reduceOnly\":%s,"
             "\"closePosition\":false,\"side\":\"%s\",\"positionSide\":\"BOTH\","
             "\"stopPrice\":\"0\",\"workingType\":\"CONTRACT_PRICE\",\"priceProtect\":false,"
             "\"origType\":\"%s\",\"updateTime\":%lld}",
             (long long)venue->next_order_id++, symbol, status, client_id,
             price[0] != '\0' ? price : "0", average, quantity, filled, type,
             strcmp(reduce_only, "true") == 0 ? "true" : "false", side, type,
             (long long)(venue->wall_ms + venue->clock_ahead_ms));
    return venue->reply;
}

static inline const char *default_reply(struct venue *venue, const struct seen *seen)
{
    size_t count = sizeof(default_replies) / sizeof(default_replies[0]);
    for (size_t i = 0; i < count; i++) {
        const char *path = default_replies[i].path;
        size_t size = strlen(seen->path);
        if (strcmp(seen->method, default_replies[i].method) == 0 && size >= strlen(path) &&
            strcmp(seen->path + size - strlen(path), path) == 0)
            return default_replies[i].body;
    }
    if (strcmp(seen->path, "/fapi/v1/time") == 0)
        snprintf(venue->reply, sizeof(venue->reply), "{\"serverTime\":%lld}",
                 (long long)(venue->wall_ms + venue->clock_ahead_ms));
    else if (strcmp(seen->path, "/fapi/v1/commissionRate") == 0)
        snprintf(venue->reply, sizeof(venue->reply),
                 "{\"symbol\":\"%s\",\"makerCommissionRate\":\"0.0002\","
                 "\"takerCommissionRate\":\"0.0005\"}",
                 param(seen, "symbol"));
    else if (strcmp(seen->path, "/fapi/v1/premiumIndex") == 0)
        snprintf(venue->reply, sizeof(venue->reply),
                 "{\"symbol\":\"%s\",\"markPrice\":\"20000.0\",\"indexPrice\":\"20000.0\","
                 "\"estimatedSettlePrice\":\"20000.0\",\"lastFundingRate\":\"0.0001\","
                 "\"interestRate\":\"0.0001\",\"nextFundingTime\":1700000000000,\"time\":%lld}",
                 param(seen, "symbol"), (long long)(venue->wall_ms + venue->clock_ahead_ms));
    else if (strcmp(seen->path, "/fapi/v1/order") == 0 && strcmp(seen->method, "POST") == 0)
        return order_reply(venue, seen, "NEW", "0", "0");
    else if (strcmp(seen->path, "/fapi/v1/leverage") == 0) {
        char symbol[32], leverage[16];
        copy_param(seen, "symbol", symbol, sizeof(symbol));
        copy_param(seen, "leverage", leverage, sizeof(leverage));
        snprintf(venue->reply, sizeof(venue->reply),
                 "{\"leverage\":%s,\"maxNotionalValue\":\"30000000\",\"symbol\":\"%s\"}", leverage,
                 symbol);
    } else
        fail_msg("no reply for %s %s", seen->method, seen->path);
    return venue->reply;
}

static inline void add_rule(struct venue *venue, const char *method, const char *path,
                            enum rule_kind kind, int status, const char *body, int times)
{
    assert_true(venue->rule_count < RULES_MAX);
    venue->rules[venue->rule_count++] = (struct rule){method, path, kind, status, body, "", times};
}

static inline struct rule *find_rule(struct venue *venue, const struct seen *seen)
{
    for (int i = venue->rule_count - 1; i >= 0; i--) {
        struct rule *rule = &venue->rules[i];
        size_t size = strlen(seen->path), end = strlen(rule->path);
        if (rule->times >= 0 && strcmp(rule->method, seen->method) == 0 && size >= end &&
            strcmp(seen->path + size - end, rule->path) == 0)
            return rule;
    }
    return NULL;
}

static inline void drop_rules(struct venue *venue)
{
    venue->rule_count = 0;
}

static inline void reply_to(struct venue *venue, uint64_t id, int status, const char *body)
{
    struct keel_transport transport = {
        .kind = KEEL_TRANSPORT_REPLIED,
        .reply = {.http_status = status, .body = keel_str_from(body), .headers = KEEL_STR("")},
    };
    keel_private_on_transport(venue->base, id, &transport);
}

static inline void fail_request(struct venue *venue, uint64_t id, enum keel_transport_kind kind)
{
    struct keel_transport transport = {.kind = kind};
    snprintf(transport.reason, sizeof(transport.reason), "%s",
             kind == KEEL_TRANSPORT_LOST ? "timed out" : "connection refused");
    keel_private_on_transport(venue->base, id, &transport);
}

static inline void answer(struct venue *venue, const struct seen *seen)
{
    struct rule *rule = find_rule(venue, seen);
    if (rule == NULL) {
        reply_to(venue, seen->id, 200, default_reply(venue, seen));
        return;
    }
    if (rule->times > 0 && --rule->times == 0)
        rule->times = -1;
    switch (rule->kind) {
    case RULE_REPLY: {
        struct keel_transport transport = {
            .kind = KEEL_TRANSPORT_REPLIED,
            .reply = {.http_status = rule->status,
                      .body = keel_str_from(rule->body),
                      .headers = keel_str_from(rule->headers)},
        };
        keel_private_on_transport(venue->base, seen->id, &transport);
        return;
    }
    case RULE_HOLD:
        assert_true(venue->held_count < HELD_MAX);
        venue->held[venue->held_count++] = *seen;
        return;
    case RULE_LOST: fail_request(venue, seen->id, KEEL_TRANSPORT_LOST); return;
    case RULE_NOT_SENT: fail_request(venue, seen->id, KEEL_TRANSPORT_NOT_SENT); return;
    }
}

/* Answers the oldest held request as if no rule were there (body NULL), or with that body. */
static inline void answer_held(struct venue *venue, int status, const char *body)
{
    assert_true(venue->held_count > 0);
    struct seen seen = venue->held[0];
    venue->held_count--;
    memmove(venue->held, venue->held + 1, (size_t)venue->held_count * sizeof(seen));
    reply_to(venue, seen.id, status, body != NULL ? body : default_reply(venue, &seen));
}

static inline void see(struct venue *venue, const struct keel_effect *effect)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
    const struct keel_request *request = effect->request.request;
    struct seen seen = {.id = effect->request.id, .at_ns = venue->now_ns};
    snprintf(seen.method, sizeof(seen.method), "%s", methods[request->method]);
    snprintf(seen.path, sizeof(seen.path), "%s", request->path);
    snprintf(seen.text, sizeof(seen.text), "%.255s%s%.255s", request->query,
             request->query_size > 0 && request->body_size > 0 ? "&" : "", request->body);
    assert_true(venue->seen_count < SEEN_MAX);
    venue->seen[venue->seen_count++] = seen;
    if (getenv("KEEL_TEST_LOG") != NULL)
        fprintf(stderr, "%8lld ms %s %s %s\n", (long long)(venue->now_ns / 1000000), seen.method,
                seen.path, seen.text);
    answer(venue, &seen);
}

static inline void close_stream(struct venue *venue, enum keel_stream_kind kind, const char *reason)
{
    uint32_t number = venue->streams[kind];
    venue->streams[kind] = 0;
    keel_private_on_stream_closed(venue->base, number, reason);
}

static inline void open_stream(struct venue *venue, const struct keel_effect *effect)
{
    enum keel_stream_kind kind = effect->stream.kind;
    venue->opened_count++;
    if (kind == KEEL_STREAM_MARKET)
        snprintf(venue->market_path, sizeof(venue->market_path), "%.255s",
                 effect->stream.request->path);
    if (venue->streams_refused) {
        keel_private_on_stream_closed(venue->base, effect->stream.number, "connection refused");
        return;
    }
    venue->opening[kind] = effect->stream.number;
    if (venue->streams_held)
        return;
    venue->streams[kind] = effect->stream.number;
    keel_private_on_stream_opened(venue->base, effect->stream.number);
}

/* A frame of the order-entry stream: kept, and not answered. */
static inline void see_frame(struct venue *venue, const struct keel_effect *effect)
{
    assert_int_equal(effect->frame.number, venue->streams[KEEL_STREAM_ORDERS]);
    venue->frame_count++;
    venue->frame_id = effect->frame.id;
    snprintf(venue->frame, sizeof(venue->frame), "%s", effect->frame.frame->text);
}

static inline void drain(struct venue *venue)
{
    struct keel_effect effect;
    while (keel_private_next_effect(venue->base, &effect)) {
        switch (effect.kind) {
        case KEEL_EFFECT_REQUEST: see(venue, &effect); break;
        case KEEL_EFFECT_OPEN_STREAM: open_stream(venue, &effect); break;
        case KEEL_EFFECT_CLOSE_STREAM:
            venue->closed[venue->closed_count++ % 64] = effect.stream.number;
            break;
        case KEEL_EFFECT_PING_STREAM:
            venue->ping_count++;
            if (!venue->deaf)
                keel_private_on_stream_ping(venue->base, effect.stream.number);
            break;
        case KEEL_EFFECT_SEND_FRAME: see_frame(venue, &effect); break;
        case KEEL_EFFECT_RECORD: RECORD(venue, records, record_count, *effect.record); break;
        case KEEL_EFFECT_NONE: break;
        }
    }
}

static inline void set_time(struct venue *venue, int64_t now_ns)
{
    venue->now_ns = now_ns;
    venue->wall_ms = WALL_MS + (now_ns - BEGIN_NS) / 1000000;
    keel_private_set_time(venue->base, venue->now_ns, venue->wall_ms);
}

/* Does all that is due now. */
static inline void settle(struct venue *venue)
{
    drain(venue);
    for (int i = 0; i < 1000 && keel_private_deadline_ns(venue->base) <= venue->now_ns; i++) {
        keel_private_tick(venue->base);
        drain(venue);
    }
    assert_true(keel_private_deadline_ns(venue->base) > venue->now_ns);
}

static inline void send_frame(struct venue *venue, enum keel_stream_kind kind, const char *text)
{
    keel_private_on_stream_message(venue->base, venue->streams[kind], keel_str_from(text));
}

static inline void send_mark(struct venue *venue, const char *symbol, const char *price)
{
    char text[512];
    snprintf(text, sizeof(text),
             "{\"stream\":\"x@markPrice@1s\",\"data\":{\"e\":\"markPriceUpdate\",\"E\":%lld,"
             "\"s\":\"%s\",\"p\":\"%s\",\"i\":\"%s\",\"P\":\"%s\",\"r\":\"0.0001\","
             "\"T\":1700000000000}}",
             (long long)(venue->wall_ms + venue->clock_ahead_ms), symbol, price, price, price);
    send_frame(venue, KEEL_STREAM_MARKET, text);
}

/* Moves the clock, ticking at each deadline; the market stream stays alive on the way. */
static inline void advance(struct venue *venue, int64_t ms)
{
    int64_t end_ns = venue->now_ns + ms * 1000000;
    int64_t alive_ns = venue->now_ns;
    settle(venue);
    while (venue->now_ns < end_ns) {
        int64_t due_ns = keel_private_deadline_ns(venue->base);
        int64_t next_ns = due_ns < end_ns ? due_ns : end_ns;
        if (venue->streams[KEEL_STREAM_MARKET] != 0 && next_ns > alive_ns + 5000000000) {
            alive_ns += 5000000000;
            next_ns = alive_ns;
        }
        set_time(venue, next_ns > venue->now_ns ? next_ns : venue->now_ns + 1);
        if (venue->streams[KEEL_STREAM_MARKET] != 0 && venue->now_ns >= alive_ns)
            send_mark(venue, "ETHUSDT", "1000.0");
        keel_private_tick(venue->base);
        settle(venue);
    }
}

static inline int count_seen(const struct venue *venue, const char *method, const char *path)
{
    int count = 0;
    for (int i = 0; i < venue->seen_count; i++) {
        size_t size = strlen(venue->seen[i].path), end = strlen(path);
        count += strcmp(venue->seen[i].method, method) == 0 && size >= end &&
                         strcmp(venue->seen[i].path + size - end, path) == 0
                     ? 1
                     : 0;
    }
    return count;
}

static inline const struct seen *last_seen(const struct venue *venue, const char *method,
                                           const char *path)
{
    for (int i = venue->seen_count - 1; i >= 0; i--) {
        size_t size = strlen(venue->seen[i].path), end = strlen(path);
        if (strcmp(venue->seen[i].method, method) == 0 && size >= end &&
            strcmp(venue->seen[i].path + size - end, path) == 0)
            return &venue->seen[i];
    }
    fail_msg("%s %s was never sent", method, path);
    return NULL;
}

static inline enum keel_connection_state state_of(const struct venue *venue)
{
    struct keel_connection connection;
    keel_private_connection(venue->base, &connection);
    return connection.state;
}

static inline struct keel_exchange_config scripted_config(struct venue *venue)
{
    struct keel_exchange_config config = keel_exchange_config_init();
    config.venue = &keel_venue_binance;
    config.api_key = KEEL_STR("api-key");
    config.secret = KEEL_STR("secret");
    config.seed = 7;
    config.check_period_ms = 0; /* the canned lists do not follow what the streams tell */
    config.handlers = (struct keel_handlers){
        .user = venue,
        .on_order = record_order,
        .on_execution = record_execution,
        .on_balance = record_balance,
        .on_connection = record_connection,
        .on_difference = record_difference,
        .on_unknown = record_unknown,
        .on_log = record_log,
        .on_position = record_position,
        .on_risk = record_risk,
        .on_funding = record_funding,
        .on_mark = record_mark,
    };
    return config;
}

static const char *const scripted_symbols[] = {"BTC/USDT:USDT", "ETHUSDT"};

static inline struct venue *new_venue_with(const struct keel_exchange_config *config,
                                           struct venue *venue)
{
    struct keel_error error = {0};
    venue->now_ns = BEGIN_NS;
    venue->wall_ms = WALL_MS;
    venue->next_order_id = 1001;
    venue->futures = keel_futures_new(config, &error);
    if (venue->futures == NULL)
        fail_msg("%s", error.message);
    venue->base = keel_futures_base(venue->futures);
    keel_private_set_time(venue->base, venue->now_ns, venue->wall_ms);
    return venue;
}

static inline struct venue *alloc_venue(void)
{
    struct venue *venue = calloc(1, sizeof(*venue));
    assert_non_null(venue);
    return venue;
}

static inline struct venue *new_venue(void)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    return new_venue_with(&config, venue);
}

static inline void start(struct venue *venue)
{
    struct keel_error error;
    assert_int_equal(keel_private_start(venue->base, &error), KEEL_OK);
    settle(venue);
}

static inline struct venue *new_live_venue(void)
{
    struct venue *venue = new_venue();
    start(venue);
    if (state_of(venue) != KEEL_CONNECTION_LIVE) {
        struct keel_connection connection;
        keel_private_connection(venue->base, &connection);
        fail_msg("state %d: %s", (int)connection.state, connection.last_error.message);
    }
    return venue;
}

static inline void free_venue(struct venue *venue)
{
    keel_futures_free(venue->futures);
    free(venue);
}

static inline keel_market_id market_of(const struct venue *venue, const char *symbol)
{
    keel_market_id market =
        keel_markets_find(keel_private_markets(venue->base), keel_str_from(symbol));
    assert_int_not_equal(market, KEEL_NO_MARKET);
    return market;
}

static inline keel_decimal dec(const char *text)
{
    return keel_decimal_from_text(text);
}

static inline void assert_decimal(keel_decimal value, const char *expected)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(value, text);
    assert_string_equal(text, expected);
}

/* What a result said. */
struct outcome {
    int calls;
    enum keel_fate fate;
    struct keel_error error;
    bool has_order, has_leverage;
    struct keel_order order;
    struct keel_leverage leverage;
};

static inline void note_result(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->calls++;
    outcome->fate = result->fate;
    outcome->error = result->error;
    outcome->has_order = result->order != NULL;
    if (result->order != NULL)
        outcome->order = *result->order;
    outcome->has_leverage = result->leverage != NULL;
    if (result->leverage != NULL)
        outcome->leverage = *result->leverage;
}

static inline struct keel_order_request limit_order(const struct venue *venue, const char *symbol,
                                                    enum keel_side side, const char *quantity,
                                                    const char *price)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = market_of(venue, symbol);
    request.side = side;
    request.type = KEEL_LIMIT;
    request.quantity = dec(quantity);
    request.price = dec(price);
    return request;
}

static inline struct keel_order_request market_order(const struct venue *venue, const char *symbol,
                                                     enum keel_side side, const char *quantity)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = market_of(venue, symbol);
    request.side = side;
    request.type = KEEL_MARKET;
    request.quantity = dec(quantity);
    return request;
}

/* Stream events. */

struct fill {
    const char *symbol, *client_id;
    long long order_id, trade_id;
    const char *side, *type, *status; /* status of the order after it */
    const char *quantity, *price;     /* of the order */
    const char *last, *at, *filled;   /* of the fill */
    const char *fee, *pnl;
    bool reduce_only;
};

static inline const char *fill_text(const struct venue *venue, const struct fill *fill)
{
    static char text[2048];
    long long time = (long long)(venue->wall_ms + venue->clock_ahead_ms);
    snprintf(text, sizeof(text),
             "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":%lld,\"T\":%lld,\"o\":{\"s\":\"%s\",\"c\":\"%s\","
             "\"S\":\"%s\",\"o\":\"%s\",\"f\":\"GTC\",\"q\":\"%s\",\"p\":\"%s\",\"ap\":\"%s\","
             "\"sp\":\"0\",\"x\":\"TRADE\",\"X\":\"%s\",\"i\":%lld,\"l\":\"%s\",\"z\":\"%s\","
             "\"L\":\"%s\",\"N\":\"USDT\",\"n\":\"%s\",\"T\":%lld,\"t\":%lld,\"b\":\"0\","
             "\"a\":\"0\",\"m\":false,\"R\":%s,\"wt\":\"CONTRACT_PRICE\",\"ot\":\"%s\","
             "\"ps\":\"BOTH\",\"cp\":false,\"rp\":\"%s\",\"pP\":false,\"si\":0,\"ss\":0,"
             "\"V\":\"EXPIRE_TAKER\",\"pm\":\"NONE\",\"gtd\":0,\"er\":\"0\"}}",
             time, time, fill->symbol, fill->client_id, fill->side, fill->type, fill->quantity,
             fill->price, fill->at, fill->status, fill->order_id, fill->last, fill->filled,
             fill->at, fill->fee, time, fill->trade_id, fill->reduce_only ? "true" : "false",
             fill->type, fill->pnl);
    return text;
}

static inline void send_fill(struct venue *venue, const struct fill *fill)
{
    send_frame(venue, KEEL_STREAM_USER, fill_text(venue, fill));
}

static inline const char *account_text(const struct venue *venue, const char *wallet,
                                       const char *symbol, const char *quantity, const char *entry,
                                       const char *mode, const char *isolated_wallet)
{
    static char text[1024];
    long long time = (long long)(venue->wall_ms + venue->clock_ahead_ms);
    snprintf(text, sizeof(text),
             "{\"e\":\"ACCOUNT_UPDATE\",\"E\":%lld,\"T\":%lld,\"a\":{\"m\":\"ORDER\",\"B\":[{"
             "\"a\":\"USDT\",\"wb\":\"%s\",\"cw\":\"%s\",\"bc\":\"0\"}],\"P\":[{\"s\":\"%s\","
             "\"pa\":\"%s\",\"ep\":\"%s\",\"bep\":\"%s\",\"cr\":\"0\",\"up\":\"0\",\"mt\":\"%s\","
             "\"iw\":\"%s\",\"ps\":\"BOTH\"}]}}",
             time, time, wallet, wallet, symbol, quantity, entry, entry, mode, isolated_wallet);
    return text;
}

static inline void send_account(struct venue *venue, const char *wallet, const char *symbol,
                                const char *quantity, const char *entry)
{
    send_frame(venue, KEEL_STREAM_USER,
               account_text(venue, wallet, symbol, quantity, entry, "cross", "0"));
}

#endif

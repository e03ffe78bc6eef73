/* wire.h - an exchange under a virtual clock, before any venue's wire of canned answers.
 *
 * Speaks through the venue's real codec. Each request is answered at once by the wire's own text,
 * unless a rule for its method and path says otherwise; what left is recorded. In every text $id is
 * the client id of the newest order or withdrawal, $s the time in seconds and $ms in milliseconds,
 * $wrote the time at which the newest write left.
 */
#ifndef KEEL_TEST_WIRE_H
#define KEEL_TEST_WIRE_H

#include "exchange/exchange.h"

#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum {
    RULES_MAX = 32,
    HELD_MAX = 64,
    SEEN_MAX = 1024,
    TEXT_SIZE = 16384,
};

#define BEGIN_NS INT64_C(1000000000)
#define WALL_MS  INT64_C(1700000000000)

/* What the venue says when nothing is wrong. A path is a pattern, as of a shell. */
struct canned {
    const char *method, *path, *body;
};

struct wire {
    const struct keel_venue *venue;
    const char *symbol;
    const char *subscribed; /* a frame: one more subscription stands */
    const char *logged_in;  /* a frame: the order-entry stream is open */
    const char *price;      /* a frame of the market stream */
    const char *id_mark;    /* what stands before a client id in a request */
    const struct canned *canned;
};

enum rule_kind {
    RULE_REPLY,    /* with status and body */
    RULE_HOLD,     /* no answer: give one later with answer_held */
    RULE_LOST,     /* the request left, no reply came */
    RULE_NOT_SENT, /* no byte left */
};

struct rule {
    const char *method, *path;
    enum rule_kind kind;
    int status;
    const char *body;
};

struct seen {
    uint64_t id;
    char method[8];
    char path[KEEL_REQUEST_PATH_SIZE];
    char text[1024]; /* query and body */
};

struct scene {
    const struct wire *wire;
    struct keel_futures *futures; /* NULL on spot */
    struct keel_private *base;
    int64_t now_ns, wall_ms, wrote_ms;
    struct rule rules[RULES_MAX];
    int rule_count;
    struct seen held[HELD_MAX], seen[SEEN_MAX];
    int held_count, seen_count;
    uint32_t streams[KEEL_STREAM_KINDS];
    char client_id[KEEL_CLIENT_ID_SIZE];
    uint64_t frame_id;
    char frame[2048];
    int frame_count;
    int settled_count;
    enum keel_fate settled;
    int risk_count;
    enum keel_risk_event_kind risk; /* the last one */
    char log[256];
    char trades[256]; /* ids of the executions, as they were told */
};

/* What a result said. */
struct outcome {
    int calls;
    enum keel_fate fate;
    struct keel_error error;
};

static inline void note_result(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->calls++;
    outcome->fate = result->fate;
    outcome->error = result->error;
}

static inline void note_settled(void *user, const struct keel_result *result)
{
    struct scene *scene = user;
    scene->settled_count++;
    scene->settled = result->fate;
}

static inline void note_execution(void *user, const struct keel_execution *execution)
{
    struct scene *scene = user;
    size_t size = strlen(scene->trades);
    snprintf(scene->trades + size, sizeof(scene->trades) - size, "%s ", execution->trade_id);
}

static inline void note_risk(void *user, const struct keel_risk_event *event)
{
    struct scene *scene = user;
    scene->risk_count++;
    scene->risk = event->kind;
}

static inline void note_log(void *user, enum keel_log_level level, const char *tag,
                            const char *message)
{
    struct scene *scene = user;
    (void)tag;
    if (level >= KEEL_LOG_WARNING)
        snprintf(scene->log, sizeof(scene->log), "%s", message);
    if (getenv("KEEL_TEST_LOG") != NULL)
        fprintf(stderr, "%8lld ms %s\n", (long long)(scene->now_ns / 1000000), message);
}

/* The text with its $words said. */
static inline const char *say(const struct scene *scene, const char *text)
{
    static char said[TEXT_SIZE];
    size_t size = 0;
    for (const char *at = text; *at != '\0' && size < sizeof(said) - 64;) {
        size_t room = sizeof(said) - size;
        if (strncmp(at, "$id", 3) == 0) {
            size += (size_t)snprintf(said + size, room, "%s", scene->client_id);
            at += 3;
        } else if (strncmp(at, "$req", 4) == 0) {
            size +=
                (size_t)snprintf(said + size, room, "%llu", (unsigned long long)scene->frame_id);
            at += 4;
        } else if (strncmp(at, "$wrote", 6) == 0) {
            size += (size_t)snprintf(said + size, room, "%lld", (long long)scene->wrote_ms);
            at += 6;
        } else if (strncmp(at, "$ms", 3) == 0) {
            size += (size_t)snprintf(said + size, room, "%lld", (long long)scene->wall_ms);
            at += 3;
        } else if (strncmp(at, "$s", 2) == 0) {
            size += (size_t)snprintf(said + size, room, "%lld", (long long)scene->wall_ms / 1000);
            at += 2;
        } else {
            said[size++] = *at++;
        }
    }
    said[size] = '\0';
    return said;
}

static inline void add_rule(struct scene *scene, const char *method, const char *path,
                            enum rule_kind kind, int status, const char *body)
{
    assert_true(scene->rule_count < RULES_MAX);
    scene->rules[scene->rule_count++] = (struct rule){method, path, kind, status, body};
}

static inline void reply_with(struct scene *scene, uint64_t id, int status, const char *body,
                              const char *headers)
{
    struct keel_transport transport = {.kind = KEEL_TRANSPORT_REPLIED};
    transport.reply.http_status = status;
    transport.reply.body = keel_str_from(say(scene, body));
    transport.reply.headers = keel_str_from(headers);
    keel_private_on_transport(scene->base, id, &transport);
}

static inline void reply_to(struct scene *scene, uint64_t id, int status, const char *body)
{
    reply_with(scene, id, status, body, "");
}

static inline void fail_request(struct scene *scene, uint64_t id, enum keel_transport_kind kind)
{
    struct keel_transport transport = {.kind = kind};
    snprintf(transport.reason, sizeof(transport.reason), "gone");
    transport.reply.body = transport.reply.headers = KEEL_STR("");
    keel_private_on_transport(scene->base, id, &transport);
}

static inline bool is_at(const struct seen *seen, const char *method, const char *path)
{
    return strcmp(seen->method, method) == 0 && fnmatch(path, seen->path, 0) == 0;
}

static inline const char *default_body(const struct scene *scene, const struct seen *seen)
{
    for (const struct canned *canned = scene->wire->canned; canned->method != NULL; canned++) {
        if (is_at(seen, canned->method, canned->path))
            return canned->body;
    }
    fail_msg("nothing answers %s %s", seen->method, seen->path);
    return NULL;
}

/* The newest rule counts. */
static inline void answer(struct scene *scene, const struct seen *seen)
{
    const struct rule *rule = NULL;
    for (int i = scene->rule_count - 1; i >= 0 && rule == NULL; i--) {
        if (is_at(seen, scene->rules[i].method, scene->rules[i].path))
            rule = &scene->rules[i];
    }
    if (rule == NULL) {
        reply_to(scene, seen->id, 200, default_body(scene, seen));
        return;
    }
    switch (rule->kind) {
    case RULE_REPLY: reply_to(scene, seen->id, rule->status, rule->body); return;
    case RULE_HOLD:
        assert_true(scene->held_count < HELD_MAX);
        scene->held[scene->held_count++] = *seen;
        return;
    case RULE_LOST: fail_request(scene, seen->id, KEEL_TRANSPORT_LOST); return;
    case RULE_NOT_SENT: fail_request(scene, seen->id, KEEL_TRANSPORT_NOT_SENT); return;
    }
}

/* Answers the oldest held request. */
static inline void answer_held(struct scene *scene, int status, const char *body)
{
    assert_true(scene->held_count > 0);
    struct seen seen = scene->held[0];
    scene->held_count--;
    memmove(scene->held, scene->held + 1, (size_t)scene->held_count * sizeof(seen));
    reply_to(scene, seen.id, status, body);
}

/* A client id that leaves is the newest one. */
static inline void keep_client_id(struct scene *scene, const char *text)
{
    const char *mark = scene->wire->id_mark;
    const char *at = strstr(text, mark);
    if (at == NULL && strstr(mark, "newClient") != NULL) {
        mark = "withdrawOrderId=";
        at = strstr(text, mark);
    } else if (at == NULL) {
        mark = "\"withdraw_order_id\":\"";
        at = strstr(text, mark);
    }
    if (at == NULL)
        return;
    at += strlen(mark);
    snprintf(scene->client_id, sizeof(scene->client_id), "%.*s", (int)strcspn(at, "\"&"), at);
}

static inline void see(struct scene *scene, const struct keel_effect *effect)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
    const struct keel_request *request = effect->request.request;
    struct seen seen = {.id = effect->request.id};
    snprintf(seen.method, sizeof(seen.method), "%s", methods[request->method]);
    snprintf(seen.path, sizeof(seen.path), "%s", request->path);
    snprintf(seen.text, sizeof(seen.text), "%.500s%s%.500s", request->query,
             request->query_size > 0 && request->body_size > 0 ? "&" : "",
             request->body_size > 0 ? request->body : "");
    assert_true(scene->seen_count < SEEN_MAX);
    scene->seen[scene->seen_count++] = seen;
    if (getenv("KEEL_TEST_LOG") != NULL)
        fprintf(stderr, "%8lld ms %s %s %s\n", (long long)(scene->now_ns / 1000000), seen.method,
                seen.path, seen.text);
    if (strcmp(seen.method, "GET") != 0) {
        scene->wrote_ms = scene->wall_ms;
        keep_client_id(scene, seen.text);
    }
    answer(scene, &seen);
}

static inline void send_text(struct scene *scene, enum keel_stream_kind kind, const char *text)
{
    keel_private_on_stream_message(scene->base, scene->streams[kind],
                                   keel_str_from(say(scene, text)));
}

static inline void open_stream(struct scene *scene, const struct keel_effect *effect)
{
    enum keel_stream_kind kind = effect->stream.kind;
    int32_t acks = effect->stream.request->acks;
    scene->streams[kind] = effect->stream.number;
    keel_private_on_stream_opened(scene->base, effect->stream.number);
    for (int32_t i = 0; i < acks; i++)
        send_text(scene, kind,
                  kind == KEEL_STREAM_ORDERS ? scene->wire->logged_in : scene->wire->subscribed);
}

static inline void close_stream(struct scene *scene, enum keel_stream_kind kind)
{
    uint32_t number = scene->streams[kind];
    scene->streams[kind] = 0;
    keel_private_on_stream_closed(scene->base, number, "reset by peer");
}

/* A frame of the order-entry stream: kept, and not answered. */
static inline void see_frame(struct scene *scene, const struct keel_effect *effect)
{
    assert_int_equal(effect->frame.number, scene->streams[KEEL_STREAM_ORDERS]);
    scene->frame_count++;
    scene->frame_id = effect->frame.id;
    snprintf(scene->frame, sizeof(scene->frame), "%s", effect->frame.frame->text);
    if (getenv("KEEL_TEST_LOG") != NULL)
        fprintf(stderr, "%8lld ms %s\n", (long long)(scene->now_ns / 1000000), scene->frame);
    keep_client_id(scene, scene->frame);
}

static inline void drain(struct scene *scene)
{
    struct keel_effect effect;
    while (keel_private_next_effect(scene->base, &effect)) {
        switch (effect.kind) {
        case KEEL_EFFECT_REQUEST: see(scene, &effect); break;
        case KEEL_EFFECT_OPEN_STREAM: open_stream(scene, &effect); break;
        case KEEL_EFFECT_PING_STREAM:
            keel_private_on_stream_ping(scene->base, effect.stream.number);
            break;
        case KEEL_EFFECT_SEND_FRAME: see_frame(scene, &effect); break;
        case KEEL_EFFECT_CLOSE_STREAM:
        case KEEL_EFFECT_RECORD:
        case KEEL_EFFECT_NONE: break;
        }
    }
}

static inline void set_time(struct scene *scene, int64_t now_ns)
{
    scene->now_ns = now_ns;
    scene->wall_ms = WALL_MS + (now_ns - BEGIN_NS) / 1000000;
    keel_private_set_time(scene->base, scene->now_ns, scene->wall_ms);
}

/* Does all that is due now. */
static inline void settle(struct scene *scene)
{
    drain(scene);
    for (int i = 0; i < 1000 && keel_private_deadline_ns(scene->base) <= scene->now_ns; i++) {
        keel_private_tick(scene->base);
        drain(scene);
    }
    assert_true(keel_private_deadline_ns(scene->base) > scene->now_ns);
}

static inline void keep_alive(struct scene *scene)
{
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        if (scene->streams[kind] != 0)
            keel_private_on_stream_ping(scene->base, scene->streams[kind]);
    }
    if (scene->streams[KEEL_STREAM_MARKET] != 0)
        send_text(scene, KEEL_STREAM_MARKET, scene->wire->price);
}

/* Moves the clock, ticking at each deadline; the streams stay alive on the way. */
static inline void advance(struct scene *scene, int64_t ms)
{
    int64_t end_ns = scene->now_ns + ms * 1000000;
    int64_t alive_ns = scene->now_ns + 5000000000;
    settle(scene);
    while (scene->now_ns < end_ns) {
        int64_t due_ns = keel_private_deadline_ns(scene->base);
        int64_t next_ns = due_ns < end_ns ? due_ns : end_ns;
        next_ns = next_ns < alive_ns ? next_ns : alive_ns;
        set_time(scene, next_ns > scene->now_ns ? next_ns : scene->now_ns + 1);
        if (scene->now_ns >= alive_ns) {
            keep_alive(scene);
            alive_ns = scene->now_ns + 5000000000;
        }
        keel_private_tick(scene->base);
        settle(scene);
    }
}

static inline int count_seen(const struct scene *scene, const char *method, const char *path)
{
    int count = 0;
    for (int i = 0; i < scene->seen_count; i++)
        count += is_at(&scene->seen[i], method, path) ? 1 : 0;
    return count;
}

static inline int32_t count_unsettled(const struct scene *scene)
{
    struct keel_statistics statistics;
    keel_private_statistics(scene->base, &statistics);
    return statistics.unsettled;
}

static inline keel_decimal dec(const char *text)
{
    return keel_decimal_from_text(text);
}

static inline keel_market_id market_of(const struct scene *scene)
{
    keel_market_id market =
        keel_markets_find(keel_private_markets(scene->base), keel_str_from(scene->wire->symbol));
    assert_int_not_equal(market, KEEL_NO_MARKET);
    return market;
}

static const struct keel_withdrawal_address scene_addresses[] = {
    {.asset = "USDT", .network = "TRX", .address = "Tabc"},
};

static inline struct keel_exchange_config scene_config(struct scene *scene)
{
    struct keel_exchange_config config = keel_exchange_config_init();
    config.venue = scene->wire->venue;
    config.api_key = KEEL_STR("api-key");
    config.secret = KEEL_STR("secret");
    config.seed = 7;
    config.client_id_first = 10;
    config.check_period_ms = 0; /* the canned lists do not follow what is done */
    config.symbols = &scene->wire->symbol;
    config.symbol_count = 1;
    config.withdrawal_addresses = scene_addresses;
    config.withdrawal_address_count = 1;
    config.handlers = (struct keel_handlers){
        .user = scene,
        .on_execution = note_execution,
        .on_settled = note_settled,
        .on_risk = note_risk,
        .on_log = note_log,
    };
    return config;
}

static inline struct scene *new_scene_with(const struct wire *wire,
                                           void (*change)(struct keel_exchange_config *config))
{
    struct keel_error error = {0};
    struct keel_connection connection;
    struct scene *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    *scene = (struct scene){.wire = wire, .now_ns = BEGIN_NS, .wall_ms = WALL_MS};
    struct keel_exchange_config config = scene_config(scene);
    if (change != NULL)
        change(&config);
    if (wire->venue->product == KEEL_PRODUCT_SPOT) {
        scene->base = keel_private_new(&config, &error);
    } else {
        scene->futures = keel_futures_new(&config, &error);
        scene->base = scene->futures != NULL ? keel_futures_base(scene->futures) : NULL;
    }
    if (scene->base == NULL)
        fail_msg("%s", error.message);
    keel_private_set_time(scene->base, scene->now_ns, scene->wall_ms);
    assert_int_equal(keel_private_start(scene->base, &error), KEEL_OK);
    settle(scene);
    keel_private_connection(scene->base, &connection);
    if (connection.state != KEEL_CONNECTION_LIVE)
        fail_msg("state %d: %s", (int)connection.state, connection.last_error.message);
    send_text(scene, KEEL_STREAM_MARKET, wire->price);
    return scene;
}

static inline struct scene *new_scene(const struct wire *wire)
{
    return new_scene_with(wire, NULL);
}

static inline void free_scene(struct scene *scene)
{
    if (scene->futures != NULL)
        keel_futures_free(scene->futures);
    else
        keel_private_free(scene->base);
    free(scene);
}

#endif

#include "paper/binance/binance.h"

#include <stdlib.h>

enum {
    CLOSE_POLICY = 1008,
    CLOSE_GOING_AWAY = 1001,
    NAMES_AT_ONCE_MAX = 1024,
};

/* --- Sending -----------------------------------------------------------------------------------
 */

static void send_text(struct binance_connection *connection, keel_str text)
{
    paper_stream_push(&connection->base, PAPER_FRAME_TEXT, &text, 1);
}

void binance_connection_send(struct binance_connection *connection, keel_str name, keel_str payload)
{
    if (!connection->combined) {
        send_text(connection, payload);
        return;
    }
    const keel_str parts[] = {
        KEEL_STR("{\"stream\":\""), name, KEEL_STR("\",\"data\":"), payload, KEEL_STR("}"),
    };
    paper_stream_push(&connection->base, PAPER_FRAME_TEXT, parts, 5);
}

void binance_connection_send_feed(struct binance_connections *connections,
                                  struct binance_connection *connection,
                                  struct binance_subscription *subscription, keel_market_id market,
                                  int64_t now_ms)
{
    struct keel_writer json;
    keel_writer_init(&json, connections->scratch, BINANCE_SCRATCH_SIZE);
    keel_arena_reset(connections->arena);
    if (connections->rules->put_feed(connections->dialect, subscription, market, &json, now_ms))
        binance_connection_send(connection, keel_str_from(subscription->name),
                                keel_writer_text(&json));
}

/* --- Subscriptions -----------------------------------------------------------------------------
 */

const struct binance_subscription *
binance_connection_find(const struct binance_connection *connection, keel_str name)
{
    for (int i = 0; i < connection->subscription_count; i++) {
        if (keel_str_equals(name, keel_str_from(connection->subscriptions[i].name)))
            return &connection->subscriptions[i];
    }
    return NULL;
}

static bool make_room(struct binance_connection *connection)
{
    if (connection->subscription_count < connection->subscription_capacity)
        return true;
    if (connection->subscription_count == BINANCE_SUBSCRIPTIONS_MAX)
        return false;
    int capacity =
        connection->subscription_capacity > 0 ? connection->subscription_capacity * 2 : 4;
    struct binance_subscription *grown =
        realloc(connection->subscriptions, (size_t)capacity * sizeof(*grown));
    if (!grown)
        return false;
    connection->subscriptions = grown;
    connection->subscription_capacity = capacity;
    return true;
}

static bool subscribe(struct binance_connections *connections,
                      struct binance_connection *connection, keel_str name, int64_t now_ms)
{
    if (binance_connection_find(connection, name))
        return true;
    if (!make_room(connection))
        return false;
    struct binance_subscription *added = &connection->subscriptions[connection->subscription_count];
    if (!connections->rules->read_topic(connections->dialect, connection, name, now_ms, added))
        return false;
    connection->subscription_count++;
    return true;
}

static void unsubscribe(struct binance_connection *connection, keel_str name)
{
    const struct binance_subscription *found = binance_connection_find(connection, name);
    if (!found)
        return;
    ptrdiff_t at = found - connection->subscriptions;
    free(found->book);
    connection->subscription_count--;
    memmove(&connection->subscriptions[at], &connection->subscriptions[at + 1],
            (size_t)(connection->subscription_count - at) * sizeof(*found));
}

bool binance_connection_subscribe(struct binance_connections *connections,
                                  struct binance_connection *connection, keel_str names,
                                  int64_t now_ms)
{
    while (names.size > 0) {
        const char *slash = memchr(names.data, '/', names.size);
        size_t size = slash ? (size_t)(slash - names.data) : names.size;
        keel_str name = {names.data, size};
        if (size > 0 && !subscribe(connections, connection, name, now_ms))
            return false;
        size_t taken = slash ? size + 1 : size;
        names = (keel_str){names.data + taken, names.size - taken};
    }
    return true;
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

void binance_connection_open(struct binance_connections *connections,
                             struct binance_connection *connection, keel_str address,
                             int64_t now_ms)
{
    paper_stream_init(&connection->base, connections->dialect);
    connection->opened_ms = now_ms;
    connection->ping_due_ms = now_ms + connections->rules->ping_ms;
    (void)keel_str_copy(address, connection->address, sizeof(connection->address));
    connection->next = connections->first;
    if (connections->first)
        connections->first->previous = connection;
    connections->first = connection;
}

void binance_connection_close(struct binance_connections *connections,
                              struct binance_connection *connection)
{
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        connections->first = connection->next;
    for (int i = 0; i < connection->subscription_count; i++)
        free(connection->subscriptions[i].book);
    free(connection->subscriptions);
    paper_stream_deinit(&connection->base);
    free(connection);
}

/* --- Requests of a client ----------------------------------------------------------------------
 */

struct request {
    keel_str id; /* as it was written; "null" without one */
    keel_str method;
    keel_str names[NAMES_AT_ONCE_MAX];
    int name_count;
    bool too_many, bad_id;
};

static void read_names(struct keel_json *json, struct keel_arena *arena, struct request *request)
{
    keel_json_enter_array(json);
    while (keel_json_next_element(json)) {
        keel_str name;
        if (keel_json_peek(json) != KEEL_JSON_STRING)
            keel_json_skip(json);
        else if (!keel_json_read_string(json, arena, &name))
            return;
        else if (request->name_count == NAMES_AT_ONCE_MAX)
            request->too_many = true;
        else
            request->names[request->name_count++] = name;
    }
}

static void read_id(struct keel_json *json, struct request *request)
{
    enum keel_json_type type = keel_json_peek(json);
    request->bad_id =
        type != KEEL_JSON_NUMBER && type != KEEL_JSON_STRING && type != KEEL_JSON_NULL;
    keel_json_raw(json, &request->id);
}

static bool read_request(keel_str text, struct keel_arena *arena, struct request *request)
{
    struct keel_json json;
    keel_str key;

    request->id = KEEL_STR("null");
    request->method = (keel_str){0};
    request->name_count = 0;
    request->too_many = request->bad_id = false;
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("method")))
            keel_json_read_string(&json, arena, &request->method);
        else if (keel_str_equals(key, KEEL_STR("id")))
            read_id(&json, request);
        else if (keel_str_equals(key, KEEL_STR("params")) &&
                 keel_json_peek(&json) == KEEL_JSON_ARRAY)
            read_names(&json, arena, request);
        else
            keel_json_skip(&json);
    }
    return keel_json_finish(&json, NULL) == KEEL_OK;
}

static void send_error(struct binance_connections *connections,
                       struct binance_connection *connection, int code, const char *message,
                       keel_str id)
{
    struct keel_writer json;
    keel_writer_init(&json, connections->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    binance_put_error(&json, "error", code, message);
    keel_json_put_raw(&json, "id", id);
    keel_json_close_object(&json);
    send_text(connection, keel_writer_text(&json));
}

static void send_result(struct binance_connections *connections,
                        struct binance_connection *connection, bool list, keel_str id)
{
    struct keel_writer json;
    keel_writer_init(&json, connections->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    if (list) {
        keel_json_open_array(&json, "result");
        for (int i = 0; i < connection->subscription_count; i++)
            keel_json_put_text(&json, NULL, connection->subscriptions[i].name);
        keel_json_close_array(&json);
    } else {
        keel_json_put_null(&json, "result");
    }
    keel_json_put_raw(&json, "id", id);
    keel_json_close_object(&json);
    send_text(connection, keel_writer_text(&json));
}

static bool run_request(struct binance_connections *connections,
                        struct binance_connection *connection, const struct request *request,
                        int64_t now_ms)
{
    bool subscribing = keel_str_equals(request->method, KEEL_STR("SUBSCRIBE"));
    for (int i = 0; i < request->name_count; i++) {
        if (!subscribing)
            unsubscribe(connection, request->names[i]);
        else if (!subscribe(connections, connection, request->names[i], now_ms))
            return false;
    }
    return true;
}

static void answer(struct binance_connections *connections, struct binance_connection *connection,
                   keel_str text, int64_t now_ms)
{
    keel_arena_reset(connections->arena);
    struct request *request = keel_arena_take(connections->arena, sizeof(*request));
    if (!request || !read_request(text, connections->arena, request)) {
        send_error(connections, connection, 3, "Invalid JSON: expected value at line 1 column 1",
                   KEEL_STR("null"));
        return;
    }
    bool list = keel_str_equals(request->method, KEEL_STR("LIST_SUBSCRIPTIONS"));
    bool known = list || keel_str_equals(request->method, KEEL_STR("SUBSCRIBE")) ||
                 keel_str_equals(request->method, KEEL_STR("UNSUBSCRIBE"));
    if (request->bad_id)
        send_error(connections, connection, 2,
                   "Invalid request: request ID must be an unsigned integer or a string",
                   KEEL_STR("null"));
    else if (!known)
        send_error(connections, connection, 2,
                   "Invalid request: unknown variant, expected one of SUBSCRIBE, UNSUBSCRIBE, "
                   "LIST_SUBSCRIPTIONS",
                   request->id);
    else if (request->too_many || (!list && !run_request(connections, connection, request, now_ms)))
        send_error(connections, connection, 2, "Invalid request: too many parameters", request->id);
    else
        send_result(connections, connection, list, request->id);
}

/* Pings and pongs count too. */
static bool is_too_fast(const struct binance_connection_rules *rules,
                        struct binance_connection *connection, int64_t now_ms)
{
    if (connection->message_second != now_ms / 1000) {
        connection->message_second = now_ms / 1000;
        connection->messages = 0;
    }
    return ++connection->messages > rules->messages_per_second;
}

bool binance_connection_receive(struct binance_connections *connections,
                                struct binance_connection *connection,
                                const struct paper_frame *frame, int64_t now_ms)
{
    if (!connection->api && is_too_fast(connections->rules, connection, now_ms)) {
        paper_stream_push_close(&connection->base, CLOSE_POLICY);
        return false;
    }
    switch (frame->kind) {
    case PAPER_FRAME_PONG: connection->pong_due_ms = 0; return false;
    case PAPER_FRAME_PING: /* the server has answered it */
    case PAPER_FRAME_CLOSE: return false;
    case PAPER_FRAME_TEXT: break;
    }
    if (!connection->api)
        answer(connections, connection, frame->payload, now_ms);
    return connection->api;
}

/* --- Time --------------------------------------------------------------------------------------
 */

static void send_due(struct binance_connections *connections, struct binance_connection *connection,
                     int64_t now_ms)
{
    for (int i = 0; i < connection->subscription_count; i++) {
        struct binance_subscription *subscription = &connection->subscriptions[i];
        if (subscription->period_ms == 0 || now_ms < subscription->next_ms)
            continue;
        int64_t period_ms = subscription->period_ms;
        subscription->next_ms = (now_ms / period_ms + 1) * period_ms;
        binance_connection_send_feed(connections, connection, subscription, subscription->market,
                                     now_ms);
    }
}

static void keep_alive(const struct binance_connection_rules *rules,
                       struct binance_connection *connection, int64_t now_ms)
{
    if (now_ms - connection->opened_ms >= BINANCE_STREAM_LIFE_MS ||
        (connection->pong_due_ms != 0 && now_ms >= connection->pong_due_ms)) {
        paper_stream_push_close(&connection->base, CLOSE_GOING_AWAY);
        return;
    }
    if (now_ms < connection->ping_due_ms)
        return;
    struct keel_writer text;
    char digits[24];
    keel_writer_init(&text, digits, sizeof(digits));
    keel_write_int(&text, now_ms);
    keel_str payload = keel_writer_text(&text);
    paper_stream_push(&connection->base, PAPER_FRAME_PING, &payload, 1);
    connection->ping_due_ms = now_ms + rules->ping_ms;
    if (connection->pong_due_ms == 0)
        connection->pong_due_ms = now_ms + rules->pong_ms;
}

void binance_connections_tick(struct binance_connections *connections, int64_t now_ms)
{
    for (struct binance_connection *connection = connections->first; connection;
         connection = connection->next) {
        send_due(connections, connection, now_ms);
        keep_alive(connections->rules, connection, now_ms);
    }
}

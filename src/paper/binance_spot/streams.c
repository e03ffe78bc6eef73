#include "paper/binance_spot/streams.h"

#include "paper/binance_spot/render.h"

#include <stdlib.h>

enum {
    CLOSE_POLICY = 1008,
    CLOSE_GOING_AWAY = 1001,
    NAMES_AT_ONCE_MAX = 1024,
};

/* --- Sending -----------------------------------------------------------------------------------
 */

static void send_text(struct binance_spot_stream *stream, keel_str text)
{
    paper_stream_push(&stream->base, PAPER_FRAME_TEXT, &text, 1);
}

/* A payload under its stream's name, as the connection wants it. */
static void send_payload(struct binance_spot_stream *stream, keel_str name, keel_str payload)
{
    if (!stream->combined) {
        send_text(stream, payload);
        return;
    }
    const keel_str parts[] = {
        KEEL_STR("{\"stream\":\""), name, KEEL_STR("\",\"data\":"), payload, KEEL_STR("}"),
    };
    paper_stream_push(&stream->base, PAPER_FRAME_TEXT, parts, 5);
}

static void send_feed(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                      struct binance_spot_subscription *subscription, keel_market_id market,
                      int64_t now_ms)
{
    struct keel_writer json;
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    keel_arena_reset(&dialect->arena);
    if (binance_spot_put_feed(dialect, subscription, market, &json, now_ms))
        send_payload(stream, keel_str_from(subscription->name), keel_writer_text(&json));
}

/* --- Subscriptions -----------------------------------------------------------------------------
 */

static int find_subscription(const struct binance_spot_stream *stream, keel_str name)
{
    for (int i = 0; i < stream->subscription_count; i++)
        if (keel_str_equals(name, keel_str_from(stream->subscriptions[i].name)))
            return i;
    return -1;
}

static bool make_room(struct binance_spot_stream *stream)
{
    if (stream->subscription_count < stream->subscription_capacity)
        return true;
    if (stream->subscription_count == BINANCE_SPOT_SUBSCRIPTIONS_MAX)
        return false;
    int capacity = stream->subscription_capacity > 0 ? stream->subscription_capacity * 2 : 4;
    struct binance_spot_subscription *grown =
        realloc(stream->subscriptions, (size_t)capacity * sizeof(*grown));
    if (!grown)
        return false;
    stream->subscriptions = grown;
    stream->subscription_capacity = capacity;
    return true;
}

/* A name that is subscribed already stays as it is. False: too many, or too long. */
static bool subscribe(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                      keel_str name, int64_t now_ms)
{
    if (find_subscription(stream, name) >= 0)
        return true;
    if (!make_room(stream))
        return false;
    struct binance_spot_subscription *added = &stream->subscriptions[stream->subscription_count];
    if (!binance_spot_read_topic(dialect, name, now_ms, added))
        return false;
    stream->subscription_count++;
    return true;
}

static void unsubscribe(struct binance_spot_stream *stream, keel_str name)
{
    int at = find_subscription(stream, name);
    if (at < 0)
        return;
    free(stream->subscriptions[at].book);
    stream->subscription_count--;
    memmove(&stream->subscriptions[at], &stream->subscriptions[at + 1],
            (size_t)(stream->subscription_count - at) * sizeof(*stream->subscriptions));
}

static bool subscribe_list(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                           keel_str names, int64_t now_ms)
{
    while (names.size > 0) {
        const char *slash = memchr(names.data, '/', names.size);
        size_t size = slash ? (size_t)(slash - names.data) : names.size;
        if (size > 0 && !subscribe(dialect, stream, (keel_str){names.data, size}, now_ms))
            return false;
        size_t taken = slash ? size + 1 : size;
        names = (keel_str){names.data + taken, names.size - taken};
    }
    return true;
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

static bool cut_prefix(keel_str *text, keel_str prefix)
{
    if (!keel_str_starts_with(*text, prefix))
        return false;
    text->data += prefix.size;
    text->size -= prefix.size;
    return true;
}

/* /ws-api/v3, /ws[/names] or /stream, all behind /spot or not; *names is what follows. */
static bool read_path(struct binance_spot_stream *stream, keel_str path, keel_str *names)
{
    *names = (keel_str){0};
    path = binance_spot_own_path(path);
    stream->api = keel_str_equals(path, KEEL_STR("/ws-api/v3"));
    stream->combined = cut_prefix(&path, KEEL_STR("/stream"));
    if (stream->api || stream->combined)
        return stream->api || path.size == 0 || keel_str_equals(path, KEEL_STR("/"));
    if (!cut_prefix(&path, KEEL_STR("/ws")))
        return false;
    *names = path;
    return path.size == 0 || path.data[0] == '/';
}

static bool subscribe_query(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                            keel_str query, int64_t now_ms)
{
    struct binance_params params = {.count = 0};
    keel_arena_reset(&dialect->arena);
    if (binance_params_add_form(&params, query, &dialect->arena) != BINANCE_PARAMS_FINE)
        return false;
    const keel_str *streams = binance_params_find(&params, "streams");
    const keel_str *limits = binance_params_find(&params, "returnRateLimits");
    stream->rate_limits = !limits || !keel_str_equals(*limits, KEEL_STR("false"));
    return !streams || subscribe_list(dialect, stream, *streams, now_ms);
}

static void free_stream(struct binance_spot_stream *stream)
{
    for (int i = 0; i < stream->subscription_count; i++)
        free(stream->subscriptions[i].book);
    free(stream->subscriptions);
    paper_stream_deinit(&stream->base);
    free(stream);
}

static void link_stream(struct paper_binance_spot *dialect, struct binance_spot_stream *stream)
{
    stream->next = dialect->streams;
    if (dialect->streams)
        dialect->streams->previous = stream;
    dialect->streams = stream;
}

struct paper_stream *binance_spot_open_stream(struct paper_dialect *base,
                                              const struct paper_http_request *request,
                                              int64_t now_ms, struct paper_response *refusal)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    struct binance_spot_stream *stream = calloc(1, sizeof(*stream));
    keel_str names;
    if (!stream) {
        refusal->status = 503;
        return NULL;
    }
    paper_stream_init(&stream->base, base);
    stream->opened_ms = now_ms;
    stream->ping_due_ms = now_ms + BINANCE_SPOT_PING_MS;
    (void)keel_str_copy(request->address, stream->address, sizeof(stream->address));
    if (!read_path(stream, request->path, &names) ||
        !subscribe_list(dialect, stream, names, now_ms) ||
        !subscribe_query(dialect, stream, request->query, now_ms)) {
        free_stream(stream);
        refusal->status = 400;
        return NULL;
    }
    link_stream(dialect, stream);
    return &stream->base;
}

void binance_spot_close_stream(struct paper_dialect *base, struct paper_stream *closing)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    struct binance_spot_stream *stream = (struct binance_spot_stream *)closing;
    if (stream->next)
        stream->next->previous = stream->previous;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        dialect->streams = stream->next;
    free_stream(stream);
}

/* --- Requests of a client ----------------------------------------------------------------------
 */

struct request {
    keel_str id; /* as it was written; "null" without one */
    keel_str method;
    keel_str names[NAMES_AT_ONCE_MAX];
    int name_count;
    bool too_many;
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

static bool read_request(keel_str text, struct keel_arena *arena, struct request *request)
{
    struct keel_json json;
    keel_str key;
    request->id = KEEL_STR("null");
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("method")))
            keel_json_read_string(&json, arena, &request->method);
        else if (keel_str_equals(key, KEEL_STR("id")))
            keel_json_raw(&json, &request->id);
        else if (keel_str_equals(key, KEEL_STR("params")) &&
                 keel_json_peek(&json) == KEEL_JSON_ARRAY)
            read_names(&json, arena, request);
        else
            keel_json_skip(&json);
    }
    return keel_json_finish(&json, NULL) == KEEL_OK;
}

static void send_control_error(struct paper_binance_spot *dialect,
                               struct binance_spot_stream *stream, int code, const char *message,
                               keel_str id)
{
    struct keel_writer json;
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    binance_put_error(&json, "error", code, message);
    keel_json_put_raw(&json, "id", id);
    keel_json_close_object(&json);
    send_text(stream, keel_writer_text(&json));
}

static void send_result(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                        bool list, keel_str id)
{
    struct keel_writer json;
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    if (list) {
        keel_json_open_array(&json, "result");
        for (int i = 0; i < stream->subscription_count; i++)
            keel_json_put_text(&json, NULL, stream->subscriptions[i].name);
        keel_json_close_array(&json);
    } else {
        keel_json_put_null(&json, "result");
    }
    keel_json_put_raw(&json, "id", id);
    keel_json_close_object(&json);
    send_text(stream, keel_writer_text(&json));
}

static bool run_request(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                        const struct request *request, int64_t now_ms)
{
    bool subscribing = keel_str_equals(request->method, KEEL_STR("SUBSCRIBE"));
    for (int i = 0; i < request->name_count; i++) {
        if (!subscribing)
            unsubscribe(stream, request->names[i]);
        else if (!subscribe(dialect, stream, request->names[i], now_ms))
            return false;
    }
    return true;
}

static void answer_control(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                           keel_str text, int64_t now_ms)
{
    keel_arena_reset(&dialect->arena);
    struct request *request = keel_arena_take(&dialect->arena, sizeof(*request));
    if (!request || !read_request(text, &dialect->arena, request)) {
        send_control_error(dialect, stream, 3, "Invalid JSON: expected value at line 1 column 1",
                           KEEL_STR("null"));
        return;
    }
    bool list = keel_str_equals(request->method, KEEL_STR("LIST_SUBSCRIPTIONS"));
    bool known = list || keel_str_equals(request->method, KEEL_STR("SUBSCRIBE")) ||
                 keel_str_equals(request->method, KEEL_STR("UNSUBSCRIBE"));
    if (!known)
        send_control_error(dialect, stream, 2,
                           "Invalid request: unknown variant, expected one of SUBSCRIBE, "
                           "UNSUBSCRIBE, LIST_SUBSCRIPTIONS",
                           request->id);
    else if (request->too_many || (!list && !run_request(dialect, stream, request, now_ms)))
        send_control_error(dialect, stream, 2, "Invalid request: too many parameters", request->id);
    else
        send_result(dialect, stream, list, request->id);
}

/* Pings and pongs count too. */
static bool is_too_fast(struct binance_spot_stream *stream, int64_t now_ms)
{
    if (stream->message_second != now_ms / 1000) {
        stream->message_second = now_ms / 1000;
        stream->messages = 0;
    }
    return ++stream->messages > BINANCE_SPOT_MESSAGES_PER_SECOND;
}

void binance_spot_receive(struct paper_dialect *base, struct paper_stream *receiving,
                          const struct paper_frame *frame, int64_t now_ms)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    struct binance_spot_stream *stream = (struct binance_spot_stream *)receiving;

    if (!stream->api && is_too_fast(stream, now_ms)) {
        paper_stream_push_close(receiving, CLOSE_POLICY);
        return;
    }
    switch (frame->kind) {
    case PAPER_FRAME_PONG: stream->pong_due_ms = 0; return;
    case PAPER_FRAME_PING: /* the server has answered it */
    case PAPER_FRAME_CLOSE: return;
    case PAPER_FRAME_TEXT: break;
    }
    if (stream->api)
        binance_spot_answer_api(dialect, stream, frame->payload, now_ms);
    else
        answer_control(dialect, stream, frame->payload, now_ms);
}

/* --- User data ---------------------------------------------------------------------------------
 */

static void send_wrapped(struct binance_spot_stream *stream, int64_t id, keel_str payload)
{
    char text[32];
    struct keel_writer number;
    keel_writer_init(&number, text, sizeof(text));
    keel_write_int(&number, id);
    const keel_str parts[] = {KEEL_STR("{\"subscriptionId\":"), keel_writer_text(&number),
                              KEEL_STR(",\"event\":"), payload, KEEL_STR("}")};
    paper_stream_push(&stream->base, PAPER_FRAME_TEXT, parts, 5);
}

/* To each subscription to the account's data. */
static void send_user(struct paper_binance_spot *dialect, int account, keel_str payload)
{
    for (struct binance_spot_stream *stream = dialect->streams; stream; stream = stream->next)
        for (int i = 0; i < stream->user_count; i++)
            if (stream->users[i].account == account)
                send_wrapped(stream, stream->users[i].id, payload);
}

static void publish_order(struct paper_binance_spot *dialect, const struct paper_spot_event *event,
                          int64_t now_ms)
{
    struct keel_writer json;
    const struct paper_spot_order_event *told = &event->as.order;
    bool first = told->kind == PAPER_SPOT_TRADED &&
                 keel_decimal_equals(told->order.filled_quantity, told->trade.quantity);
    if (first)
        binance_spot_uncount(dialect, event->account);
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    binance_spot_put_execution(dialect->spot, &json, event, ++dialect->execution_id, now_ms);
    send_user(dialect, event->account, keel_writer_text(&json));
}

static bool is_of_wallet(enum paper_spot_reason reason)
{
    switch (reason) {
    case PAPER_SPOT_REASON_ORDER_PLACED:
    case PAPER_SPOT_REASON_FILL:
    case PAPER_SPOT_REASON_ORDER_AMENDED:
    case PAPER_SPOT_REASON_ORDER_ENDED: return false;
    case PAPER_SPOT_REASON_DEPOSIT:
    case PAPER_SPOT_REASON_WITHDRAWAL:
    case PAPER_SPOT_REASON_WITHDRAWAL_DONE:
    case PAPER_SPOT_REASON_WITHDRAWAL_RETURNED:
    case PAPER_SPOT_REASON_TRANSFER: return true;
    }
    return false;
}

/* What a withdrawal holds left the balance when it was asked for: its end is no change. */
static void publish_balances(struct paper_binance_spot *dialect,
                             const struct paper_spot_event *event, int64_t now_ms)
{
    struct keel_writer json;
    const struct paper_spot_balances_event *balances = &event->as.balances;
    bool moved = false;
    for (int i = 0; i < balances->count; i++) {
        const struct paper_spot_change *row = &balances->rows[i];
        moved = moved || !keel_decimal_is_zero(row->free_change) ||
                !keel_decimal_is_zero(row->locked_change);
        if (!is_of_wallet(balances->reason) || keel_decimal_is_zero(binance_spot_delta(row)))
            continue;
        keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
        binance_spot_put_balance_update(&json, row, now_ms);
        send_user(dialect, event->account, keel_writer_text(&json));
    }
    if (!moved)
        return;
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    binance_spot_put_position(&json, event, now_ms);
    send_user(dialect, event->account, keel_writer_text(&json));
}

void binance_spot_end_users(struct paper_binance_spot *dialect, int account, int notices,
                            int64_t now_ms)
{
    struct keel_writer json;
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    keel_json_put_text(&json, "e", "eventStreamTerminated");
    keel_json_put_int(&json, "E", now_ms);
    keel_json_close_object(&json);
    for (struct binance_spot_stream *stream = dialect->streams; stream; stream = stream->next) {
        int kept = 0;
        for (int i = 0; i < stream->user_count; i++) {
            if (account != 0 && stream->users[i].account != account) {
                stream->users[kept++] = stream->users[i];
                continue;
            }
            for (int notice = 0; notice < notices; notice++)
                send_wrapped(stream, stream->users[i].id, keel_writer_text(&json));
        }
        stream->user_count = kept;
    }
}

/* --- Market data -------------------------------------------------------------------------------
 */

static void record(struct paper_binance_spot *dialect, const struct paper_spot_event *event,
                   int64_t now_ms)
{
    struct paper_tape *tape = &dialect->tapes[event->market];
    if (event->kind == PAPER_SPOT_EVENT_TRADE)
        paper_tape_add_trade(tape, &event->as.trade, now_ms);
    else
        paper_tape_set_ticker(tape, &event->as.ticker, now_ms);
}

/* Those streams that follow an event at once; the others wait for the tick. */
static void publish_to(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                       struct binance_spot_subscription *subscription,
                       const struct paper_spot_event *event, int64_t now_ms)
{
    enum binance_spot_topic topic = subscription->topic;
    bool trade = topic == BINANCE_SPOT_TOPIC_TRADE || topic == BINANCE_SPOT_TOPIC_AGG_TRADE;
    struct keel_writer json;
    if (subscription->market != KEEL_NO_MARKET && subscription->market != event->market)
        return;
    if (event->kind == PAPER_SPOT_EVENT_TICKER && topic == BINANCE_SPOT_TOPIC_BOOK_TICKER)
        send_feed(dialect, stream, subscription, event->market, now_ms);
    if (event->kind != PAPER_SPOT_EVENT_TRADE || !trade)
        return;
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    binance_spot_put_feed_trade(dialect, &json, topic, event, now_ms);
    send_payload(stream, keel_str_from(subscription->name), keel_writer_text(&json));
}

static void publish_public(struct paper_binance_spot *dialect, const struct paper_spot_event *event,
                           int64_t now_ms)
{
    record(dialect, event, now_ms);
    for (struct binance_spot_stream *stream = dialect->streams; stream; stream = stream->next)
        for (int i = 0; i < stream->subscription_count; i++)
            publish_to(dialect, stream, &stream->subscriptions[i], event, now_ms);
}

void binance_spot_publish(struct paper_dialect *base, const struct paper_spot_event *event,
                          int64_t now_ms)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    switch (event->kind) {
    case PAPER_SPOT_EVENT_ORDER: publish_order(dialect, event, now_ms); return;
    case PAPER_SPOT_EVENT_BALANCES: publish_balances(dialect, event, now_ms); return;
    case PAPER_SPOT_EVENT_WITHDRAWAL:
    case PAPER_SPOT_EVENT_DEPOSIT: return; /* the venue tells of the balance alone */
    case PAPER_SPOT_EVENT_TRADE:
    case PAPER_SPOT_EVENT_TICKER: publish_public(dialect, event, now_ms); return;
    }
}

/* --- Time --------------------------------------------------------------------------------------
 */

static void send_due(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                     int64_t now_ms)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        struct binance_spot_subscription *subscription = &stream->subscriptions[i];
        if (subscription->period_ms == 0 || now_ms < subscription->next_ms)
            continue;
        int64_t period_ms = subscription->period_ms;
        subscription->next_ms = (now_ms / period_ms + 1) * period_ms;
        send_feed(dialect, stream, subscription, subscription->market, now_ms);
    }
}

static void keep_alive(struct binance_spot_stream *stream, int64_t now_ms)
{
    if (now_ms - stream->opened_ms >= BINANCE_SPOT_STREAM_LIFE_MS ||
        (stream->pong_due_ms != 0 && now_ms >= stream->pong_due_ms)) {
        paper_stream_push_close(&stream->base, CLOSE_GOING_AWAY);
        return;
    }
    if (now_ms < stream->ping_due_ms)
        return;
    struct keel_writer text;
    char digits[24];
    keel_writer_init(&text, digits, sizeof(digits));
    keel_write_int(&text, now_ms);
    keel_str payload = keel_writer_text(&text);
    paper_stream_push(&stream->base, PAPER_FRAME_PING, &payload, 1);
    stream->ping_due_ms = now_ms + BINANCE_SPOT_PING_MS;
    if (stream->pong_due_ms == 0)
        stream->pong_due_ms = now_ms + BINANCE_SPOT_PONG_MS;
}

void binance_spot_tick_streams(struct paper_binance_spot *dialect, int64_t now_ms)
{
    for (struct binance_spot_stream *stream = dialect->streams; stream; stream = stream->next) {
        send_due(dialect, stream, now_ms);
        keep_alive(stream, now_ms);
    }
}

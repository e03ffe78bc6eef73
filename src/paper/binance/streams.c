#include "paper/binance/streams.h"

#include "paper/binance/render.h"

#include <stdlib.h>

enum {
    CLOSE_POLICY = 1008,
    CLOSE_GOING_AWAY = 1001,
    NAMES_AT_ONCE_MAX = 1024,
};

/* --- Sending -----------------------------------------------------------------------------------
 */

static void send_text(struct binance_stream *stream, keel_str text)
{
    paper_stream_push(&stream->base, PAPER_FRAME_TEXT, &text, 1);
}

/* A payload under its stream's name, as the connection wants it. */
static void send_payload(struct binance_stream *stream, keel_str name, keel_str payload)
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

static void send_feed(struct paper_binance *binance, struct binance_stream *stream,
                      struct binance_subscription *subscription, keel_market_id market,
                      int64_t now_ms)
{
    struct keel_writer json;
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
    keel_arena_reset(&binance->arena);
    if (binance_put_feed(binance, subscription, market, &json, now_ms))
        send_payload(stream, keel_str_from(subscription->name), keel_writer_text(&json));
}

/* --- Subscriptions -----------------------------------------------------------------------------
 */

static int find_subscription(const struct binance_stream *stream, keel_str name)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        if (keel_str_equals(name, keel_str_from(stream->subscriptions[i].name)))
            return i;
    }
    return -1;
}

static bool make_room(struct binance_stream *stream)
{
    if (stream->subscription_count < stream->subscription_capacity)
        return true;
    if (stream->subscription_count == BINANCE_SUBSCRIPTIONS_MAX)
        return false;
    int capacity = stream->subscription_capacity > 0 ? stream->subscription_capacity * 2 : 4;
    struct binance_subscription *grown =
        realloc(stream->subscriptions, (size_t)capacity * sizeof(*grown));
    if (!grown)
        return false;
    stream->subscriptions = grown;
    stream->subscription_capacity = capacity;
    return true;
}

/* A name that is subscribed already stays as it is. False: too many, or too long. */
static bool subscribe(struct paper_binance *binance, struct binance_stream *stream, keel_str name,
                      int64_t now_ms)
{
    if (find_subscription(stream, name) >= 0)
        return true;
    if (!make_room(stream))
        return false;
    struct binance_subscription *added = &stream->subscriptions[stream->subscription_count];
    if (!binance_read_topic(binance, stream->entry, name, now_ms, added))
        return false;
    stream->subscription_count++;
    return true;
}

static void unsubscribe(struct binance_stream *stream, keel_str name)
{
    int at = find_subscription(stream, name);
    if (at < 0)
        return;
    binance_free_book(stream->subscriptions[at].book);
    stream->subscription_count--;
    memmove(&stream->subscriptions[at], &stream->subscriptions[at + 1],
            (size_t)(stream->subscription_count - at) * sizeof(*stream->subscriptions));
}

static bool subscribe_path(struct paper_binance *binance, struct binance_stream *stream,
                           keel_str names, int64_t now_ms)
{
    while (names.size > 0) {
        const char *slash = memchr(names.data, '/', names.size);
        size_t size = slash ? (size_t)(slash - names.data) : names.size;
        if (size > 0 && !subscribe(binance, stream, (keel_str){names.data, size}, now_ms))
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

/* /[public|market|private]/ws[/names] or /…/stream; *names is what follows /ws/. */
static bool read_path(struct binance_stream *stream, keel_str path, keel_str *names)
{
    *names = (keel_str){0};
    if (keel_str_equals(path, KEEL_STR("/ws-fapi/v1"))) {
        stream->entry = BINANCE_ENTRY_API;
        return true;
    }
    stream->entry = cut_prefix(&path, KEEL_STR("/public"))    ? BINANCE_ENTRY_PUBLIC
                    : cut_prefix(&path, KEEL_STR("/market"))  ? BINANCE_ENTRY_MARKET
                    : cut_prefix(&path, KEEL_STR("/private")) ? BINANCE_ENTRY_PRIVATE
                                                              : BINANCE_ENTRY_ALL;
    stream->combined = keel_str_starts_with(path, KEEL_STR("/stream"));
    if (stream->combined)
        return path.size == 7 || (path.size == 8 && path.data[7] == '/');
    if (!cut_prefix(&path, KEEL_STR("/ws")))
        return false;
    if (path.size > 0 && !cut_prefix(&path, KEEL_STR("/")))
        return false;
    *names = path;
    return true;
}

/* Listen keys and names have nothing to decode but '@' and '!', which some clients escape. */
static bool subscribe_query(struct paper_binance *binance, struct binance_stream *stream,
                            keel_str query, int64_t now_ms)
{
    struct binance_params params = {.count = 0};
    keel_arena_reset(&binance->arena);
    if (binance_params_add_form(&params, query, &binance->arena) != BINANCE_PARAMS_FINE)
        return false;
    const keel_str *streams = binance_params_find(&params, "streams");
    const keel_str *listen_key = binance_params_find(&params, "listenKey");
    const keel_str *events = binance_params_find(&params, "events");
    const keel_str *limits = binance_params_find(&params, "returnRateLimits");

    stream->rate_limits = !limits || !keel_str_equals(*limits, KEEL_STR("false"));
    if (events && keel_str_copy(*events, stream->events_text, sizeof(stream->events_text)))
        stream->events = (keel_str){stream->events_text, events->size};
    if (streams && !subscribe_path(binance, stream, *streams, now_ms))
        return false;
    return !listen_key || listen_key->size == 0 || subscribe(binance, stream, *listen_key, now_ms);
}

static void link_stream(struct paper_binance *binance, struct binance_stream *stream)
{
    stream->next = binance->streams;
    if (binance->streams)
        binance->streams->previous = stream;
    binance->streams = stream;
}

static void unlink_stream(struct paper_binance *binance, struct binance_stream *stream)
{
    if (stream->next)
        stream->next->previous = stream->previous;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        binance->streams = stream->next;
}

static void free_stream(struct binance_stream *stream)
{
    for (int i = 0; i < stream->subscription_count; i++)
        binance_free_book(stream->subscriptions[i].book);
    free(stream->subscriptions);
    paper_stream_deinit(&stream->base);
    free(stream);
}

struct paper_stream *binance_open_stream(struct paper_dialect *dialect,
                                         const struct paper_http_request *request, int64_t now_ms,
                                         struct paper_response *refusal)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    struct binance_stream *stream = calloc(1, sizeof(*stream));
    keel_str names;

    if (!stream) {
        refusal->status = 503;
        return NULL;
    }
    paper_stream_init(&stream->base, dialect);
    stream->opened_ms = now_ms;
    stream->ping_due_ms = now_ms + BINANCE_PING_MS;
    (void)keel_str_copy(request->address, stream->address, sizeof(stream->address));
    if (!read_path(stream, request->path, &names) ||
        !subscribe_path(binance, stream, names, now_ms) ||
        !subscribe_query(binance, stream, request->query, now_ms)) {
        free_stream(stream);
        refusal->status = 400;
        return NULL;
    }
    link_stream(binance, stream);
    return &stream->base;
}

void binance_close_stream(struct paper_dialect *dialect, struct paper_stream *stream)
{
    unlink_stream((struct paper_binance *)dialect, (struct binance_stream *)stream);
    free_stream((struct binance_stream *)stream);
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
        if (keel_json_peek(json) != KEEL_JSON_STRING) {
            keel_json_skip(json);
            continue;
        }
        keel_str name;
        if (!keel_json_read_string(json, arena, &name))
            return;
        if (request->name_count == NAMES_AT_ONCE_MAX)
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

static void send_control_error(struct paper_binance *binance, struct binance_stream *stream,
                               int code, const char *message, keel_str id)
{
    struct keel_writer json;
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    binance_put_error(&json, "error", code, message);
    keel_json_put_raw(&json, "id", id);
    keel_json_close_object(&json);
    send_text(stream, keel_writer_text(&json));
}

static void send_result(struct paper_binance *binance, struct binance_stream *stream, bool list,
                        keel_str id)
{
    struct keel_writer json;
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
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

static bool run_request(struct paper_binance *binance, struct binance_stream *stream,
                        const struct request *request, int64_t now_ms)
{
    bool subscribing = keel_str_equals(request->method, KEEL_STR("SUBSCRIBE"));
    for (int i = 0; i < request->name_count; i++) {
        if (!subscribing)
            unsubscribe(stream, request->names[i]);
        else if (!subscribe(binance, stream, request->names[i], now_ms))
            return false;
    }
    return true;
}

static void answer_control(struct paper_binance *binance, struct binance_stream *stream,
                           keel_str text, int64_t now_ms)
{
    keel_arena_reset(&binance->arena);
    struct request *request = keel_arena_take(&binance->arena, sizeof(*request));
    if (!request || !read_request(text, &binance->arena, request)) {
        send_control_error(binance, stream, 3, "Invalid JSON: expected value at line 1 column 1",
                           KEEL_STR("null"));
        return;
    }
    bool list = keel_str_equals(request->method, KEEL_STR("LIST_SUBSCRIPTIONS"));
    bool known = list || keel_str_equals(request->method, KEEL_STR("SUBSCRIBE")) ||
                 keel_str_equals(request->method, KEEL_STR("UNSUBSCRIBE"));
    if (request->bad_id)
        send_control_error(binance, stream, 2,
                           "Invalid request: request ID must be an unsigned integer or a string",
                           KEEL_STR("null"));
    else if (!known)
        send_control_error(binance, stream, 2,
                           "Invalid request: unknown variant, expected one of SUBSCRIBE, "
                           "UNSUBSCRIBE, LIST_SUBSCRIPTIONS",
                           request->id);
    else if (request->too_many || (!list && !run_request(binance, stream, request, now_ms)))
        send_control_error(binance, stream, 2, "Invalid request: too many parameters", request->id);
    else
        send_result(binance, stream, list, request->id);
}

/* Pings and pongs count too. */
static bool is_too_fast(struct binance_stream *stream, int64_t now_ms)
{
    if (stream->message_second != now_ms / 1000) {
        stream->message_second = now_ms / 1000;
        stream->messages = 0;
    }
    return ++stream->messages > BINANCE_MESSAGES_PER_SECOND;
}

void binance_receive(struct paper_dialect *dialect, struct paper_stream *base,
                     const struct paper_frame *frame, int64_t now_ms)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    struct binance_stream *stream = (struct binance_stream *)base;

    if (stream->entry != BINANCE_ENTRY_API && is_too_fast(stream, now_ms)) {
        paper_stream_push_close(base, CLOSE_POLICY);
        return;
    }
    switch (frame->kind) {
    case PAPER_FRAME_PONG: stream->pong_due_ms = 0; return;
    case PAPER_FRAME_PING: /* the server has answered it */
    case PAPER_FRAME_CLOSE: return;
    case PAPER_FRAME_TEXT: break;
    }
    if (stream->entry == BINANCE_ENTRY_API)
        binance_answer_api(binance, stream, frame->payload, now_ms);
    else
        answer_control(binance, stream, frame->payload, now_ms);
}

/* --- Events ------------------------------------------------------------------------------------
 */

static bool wants_event(const struct binance_stream *stream, keel_str name)
{
    keel_str events = stream->events;
    if (events.size == 0)
        return true;
    for (size_t begin = 0; begin <= events.size;) {
        size_t end = begin;
        while (end < events.size && events.data[end] != '/' && events.data[end] != ',')
            end++;
        if (keel_str_equals(name, (keel_str){events.data + begin, end - begin}))
            return true;
        begin = end + 1;
    }
    return false;
}

/* To every connection of the account's listen key. One that names its events gets them under the
 * event's name. */
static void send_user_event(struct paper_binance *binance, int account, keel_str name,
                            keel_str payload, int64_t now_ms)
{
    if (binance->listen_keys[account].expires_ms <= now_ms)
        return;
    keel_str key = keel_str_from(binance->listen_keys[account].name);
    for (struct binance_stream *stream = binance->streams; stream; stream = stream->next) {
        int at = find_subscription(stream, key);
        if (at < 0 || stream->subscriptions[at].topic != BINANCE_TOPIC_USER)
            continue;
        if (wants_event(stream, name))
            send_payload(stream, stream->events.size > 0 ? name : key, payload);
    }
}

static bool has_listener(const struct paper_binance *binance, int account)
{
    if (binance->listen_keys[account].expires_ms == 0)
        return false;
    keel_str key = keel_str_from(binance->listen_keys[account].name);
    for (struct binance_stream *stream = binance->streams; stream; stream = stream->next) {
        if (find_subscription(stream, key) >= 0)
            return true;
    }
    return false;
}

static const struct paper_order *child_of(struct paper_binance *binance,
                                          const struct paper_conditional *conditional)
{
    if (conditional->child_id == 0)
        return NULL;
    return paper_engine_find_order(binance->engine, conditional->account, conditional->market,
                                   conditional->child_id, (keel_str){0});
}

static void send_order_event(struct paper_binance *binance, const struct paper_event *event,
                             struct keel_writer *json, int64_t now_ms)
{
    if (event->as.order.kind == PAPER_EXECUTION_TRADE && event->as.order.filled) {
        binance_put_trade_lite(json, event, now_ms);
        send_user_event(binance, event->account, KEEL_STR("TRADE_LITE"), keel_writer_text(json),
                        now_ms);
        keel_writer_init(json, binance->scratch, BINANCE_SCRATCH_SIZE);
    }
    binance_put_order_event(json, event, now_ms);
    send_user_event(binance, event->account, KEEL_STR("ORDER_TRADE_UPDATE"), keel_writer_text(json),
                    now_ms);
}

static void publish_private(struct paper_binance *binance, const struct paper_event *event,
                            int64_t now_ms)
{
    struct keel_writer json;
    keel_str name = {0};

    if (!has_listener(binance, event->account))
        return;
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
    switch (event->kind) {
    case PAPER_EVENT_TRADE:
    case PAPER_EVENT_TICKER:
    case PAPER_EVENT_FORCE_ORDER: return;
    case PAPER_EVENT_ORDER: send_order_event(binance, event, &json, now_ms); return;
    case PAPER_EVENT_CONDITIONAL:
        name = KEEL_STR("ALGO_UPDATE");
        binance_put_algo_event(&json, event, child_of(binance, &event->as.conditional), now_ms);
        break;
    case PAPER_EVENT_ACCOUNT:
        name = KEEL_STR("ACCOUNT_UPDATE");
        binance_put_account_event(&json, event, now_ms);
        break;
    case PAPER_EVENT_LEVERAGE:
        name = KEEL_STR("ACCOUNT_CONFIG_UPDATE");
        binance_put_leverage_event(&json, event, now_ms);
        break;
    case PAPER_EVENT_MARGIN_CALL:
        name = KEEL_STR("MARGIN_CALL");
        binance_put_margin_call(&json, event, now_ms);
        break;
    }
    send_user_event(binance, event->account, name, keel_writer_text(&json), now_ms);
}

static bool is_of_market(const struct binance_subscription *subscription, keel_market_id market)
{
    return subscription->market == KEEL_NO_MARKET || subscription->market == market;
}

static void publish_trade(struct paper_binance *binance, struct binance_stream *stream,
                          struct binance_subscription *subscription,
                          const struct paper_event *event, int64_t now_ms)
{
    struct keel_writer json;
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
    if (event->kind == PAPER_EVENT_FORCE_ORDER)
        binance_put_force_order(&json, event, now_ms);
    else
        binance_put_feed_trade(&json, subscription->topic, event, now_ms);
    send_payload(stream, keel_str_from(subscription->name), keel_writer_text(&json));
}

/* Those streams that follow an event at once; the others wait for the tick. */
static void publish_public(struct paper_binance *binance, struct binance_stream *stream,
                           struct binance_subscription *subscription,
                           const struct paper_event *event, int64_t now_ms)
{
    enum binance_topic topic = subscription->topic;
    bool trade = topic == BINANCE_TOPIC_TRADE || topic == BINANCE_TOPIC_AGG_TRADE;

    if (!is_of_market(subscription, event->market))
        return;
    if (event->kind == PAPER_EVENT_TICKER && topic == BINANCE_TOPIC_BOOK_TICKER)
        send_feed(binance, stream, subscription, event->market, now_ms);
    else if ((event->kind == PAPER_EVENT_TRADE && trade) ||
             (event->kind == PAPER_EVENT_FORCE_ORDER && topic == BINANCE_TOPIC_FORCE_ORDER))
        publish_trade(binance, stream, subscription, event, now_ms);
}

static void record(struct paper_binance *binance, const struct paper_event *event, int64_t now_ms)
{
    struct paper_tape *tape = &binance->tapes[event->market];
    if (event->kind == PAPER_EVENT_TRADE)
        paper_tape_add_trade(tape, &event->as.trade, now_ms);
    else if (event->kind == PAPER_EVENT_TICKER)
        paper_tape_set_ticker(tape, &event->as.ticker, now_ms);
}

void binance_publish(struct paper_dialect *dialect, const struct paper_event *event, int64_t now_ms)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;

    if (event->account != 0) {
        publish_private(binance, event, now_ms);
        return;
    }
    record(binance, event, now_ms);
    for (struct binance_stream *stream = binance->streams; stream; stream = stream->next) {
        for (int i = 0; i < stream->subscription_count; i++)
            publish_public(binance, stream, &stream->subscriptions[i], event, now_ms);
    }
}

/* --- Time --------------------------------------------------------------------------------------
 */

static void send_due(struct paper_binance *binance, struct binance_stream *stream, int64_t now_ms)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        struct binance_subscription *subscription = &stream->subscriptions[i];
        if (subscription->period_ms == 0 || now_ms < subscription->next_ms)
            continue;
        int64_t period_ms = subscription->period_ms;
        subscription->next_ms = (now_ms / period_ms + 1) * period_ms;
        send_feed(binance, stream, subscription, subscription->market, now_ms);
    }
}

static void keep_alive(struct binance_stream *stream, int64_t now_ms)
{
    if (now_ms - stream->opened_ms >= BINANCE_STREAM_LIFE_MS ||
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
    stream->ping_due_ms = now_ms + BINANCE_PING_MS;
    if (stream->pong_due_ms == 0)
        stream->pong_due_ms = now_ms + BINANCE_PONG_MS;
}

static void tell_expiry(struct paper_binance *binance, struct binance_stream *stream, int account,
                        int64_t now_ms)
{
    keel_str key = keel_str_from(binance->listen_keys[account].name);
    int at = find_subscription(stream, key);
    if (at < 0 || stream->subscriptions[at].topic != BINANCE_TOPIC_USER)
        return;
    struct keel_writer json;
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    keel_json_put_text(&json, "e", "listenKeyExpired");
    keel_json_put_int(&json, "E", now_ms);
    keel_json_put_string(&json, "listenKey", key);
    keel_json_close_object(&json);
    send_payload(stream, key, keel_writer_text(&json));
}

/* The key is nobody's then, and the next one has another name. */
void binance_lose_listen_key(struct paper_binance *binance, int account, int notices,
                             int64_t now_ms)
{
    for (int i = 0; i < notices; i++) {
        for (struct binance_stream *stream = binance->streams; stream; stream = stream->next)
            tell_expiry(binance, stream, account, now_ms);
    }
    binance->listen_keys[account].expires_ms = 0;
}

static void expire_listen_keys(struct paper_binance *binance, int64_t now_ms)
{
    for (int account = 1; account <= binance->keys->count; account++) {
        int64_t expires_ms = binance->listen_keys[account].expires_ms;
        if (expires_ms != 0 && now_ms >= expires_ms)
            binance_lose_listen_key(binance, account, 1, now_ms);
    }
}

void binance_tick_streams(struct paper_binance *binance, int64_t now_ms)
{
    expire_listen_keys(binance, now_ms);
    for (struct binance_stream *stream = binance->streams; stream; stream = stream->next) {
        send_due(binance, stream, now_ms);
        keep_alive(stream, now_ms);
    }
}

#include "paper/gateio/streams.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    CLOSE_GOING_AWAY = 1001,
};

/* --- Sending -----------------------------------------------------------------------------------
 */

static void send_text(struct gateio_stream *stream, const struct keel_writer *json)
{
    keel_str text = keel_writer_text(json);
    KEEL_ASSERT(!json->full);
    paper_stream_push(&stream->base, PAPER_FRAME_TEXT, &text, 1);
}

static void open_frame(struct paper_gateio *gateio, struct keel_writer *json, int64_t now_ms)
{
    keel_writer_init(json, gateio->scratch, GATEIO_SCRATCH_SIZE);
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "time", now_ms / 1000);
    keel_json_put_int(json, "time_ms", now_ms);
}

void gateio_begin_push(struct paper_gateio *gateio, struct keel_writer *json, const char *channel,
                       const char *event, int64_t now_ms)
{
    open_frame(gateio, json, now_ms);
    keel_json_put_text(json, "channel", channel);
    keel_json_put_text(json, "event", event);
}

void gateio_end_push(struct gateio_stream *stream, struct keel_writer *json)
{
    keel_json_close_object(json);
    send_text(stream, json);
}

static void release(struct gateio_stream *stream)
{
    keel_str text = {stream->held, stream->held_size};
    if (!stream->held)
        return;
    paper_stream_push(&stream->base, PAPER_FRAME_TEXT, &text, 1);
    free(stream->held);
    stream->held = NULL;
}

void gateio_end_held(struct gateio_stream *stream, struct keel_writer *json)
{
    keel_json_close_object(json);
    release(stream);
    stream->held = malloc(json->size);
    if (!stream->held) {
        send_text(stream, json);
        return;
    }
    memcpy(stream->held, json->data, json->size);
    stream->held_size = json->size;
}

/* The keys follow from the seed. */
uint64_t gateio_chance(const struct paper_gateio *gateio, uint64_t a, uint64_t b)
{
    uint64_t seed = 0;
    memcpy(&seed, gateio->keys->at[0].api_secret, sizeof(seed));
    return paper_random_hash(seed, a, b);
}

void gateio_put_trace(struct keel_writer *json, const char *key, struct gateio_stream *stream)
{
    char text[33];
    uint64_t count = ++stream->traces;
    snprintf(text, sizeof(text), "%016llx%016llx",
             (unsigned long long)paper_random_hash(stream->number, count, 1),
             (unsigned long long)paper_random_hash(stream->number, count, 2));
    keel_json_put_text(json, key, text);
}

/* --- Messages of the client --------------------------------------------------------------------
 */

static void read_auth(struct keel_json *json, struct keel_arena *arena,
                      struct gateio_message *message)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (keel_str_equals(key, KEEL_STR("method")))
            keel_json_read_string(json, arena, &message->method);
        else if (keel_str_equals(key, KEEL_STR("KEY")))
            keel_json_read_string(json, arena, &message->key);
        else if (keel_str_equals(key, KEEL_STR("SIGN")))
            keel_json_read_string(json, arena, &message->signature);
        else
            keel_json_skip(json);
    }
}

static bool read_message(keel_str text, struct keel_arena *arena, struct gateio_message *message)
{
    struct keel_json json;
    keel_str key;

    *message = (struct gateio_message){0};
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("id")))
            keel_json_raw(&json, &message->id);
        else if (keel_str_equals(key, KEEL_STR("time")))
            keel_json_read_int(&json, &message->time_s);
        else if (keel_str_equals(key, KEEL_STR("channel")))
            keel_json_read_string(&json, arena, &message->channel);
        else if (keel_str_equals(key, KEEL_STR("event")))
            keel_json_read_string(&json, arena, &message->event);
        else if (keel_str_equals(key, KEEL_STR("payload")))
            keel_json_raw(&json, &message->payload);
        else if (keel_str_equals(key, KEEL_STR("auth")) &&
                 keel_json_peek(&json) == KEEL_JSON_OBJECT)
            read_auth(&json, arena, message);
        else
            keel_json_skip(&json);
    }
    return keel_json_finish(&json, NULL) == KEEL_OK;
}

static void acknowledge(struct paper_gateio *gateio, struct gateio_stream *stream,
                        const struct gateio_message *message, const struct gateio_mistake *mistake,
                        int64_t now_ms)
{
    struct keel_writer json;
    open_frame(gateio, &json, now_ms);
    if (message->id.size > 0)
        keel_json_put_raw(&json, "id", message->id);
    keel_json_put_text(&json, "conn_id", stream->conn_id);
    gateio_put_trace(&json, "trace_id", stream);
    keel_json_put_string(&json, "channel", message->channel);
    keel_json_put_string(&json, "event", message->event);
    if (message->payload.size > 0)
        keel_json_put_raw(&json, "payload", message->payload);
    if (mistake->code == 0) {
        keel_json_put_null(&json, "error");
    } else {
        keel_json_open_object(&json, "error");
        keel_json_put_int(&json, "code", mistake->code);
        keel_json_put_text(&json, "message", mistake->text);
        keel_json_close_object(&json);
    }
    if (mistake->code == GATEIO_CODE_AUTHENTICATION) {
        keel_json_put_null(&json, "result");
    } else {
        keel_json_open_object(&json, "result");
        keel_json_put_text(&json, "status", mistake->code == 0 ? "success" : "fail");
        keel_json_close_object(&json);
    }
    gateio_end_push(stream, &json);
}

static void answer_ping(struct paper_gateio *gateio, struct gateio_stream *stream, int64_t now_ms)
{
    struct keel_writer json;
    gateio_begin_push(gateio, &json, stream->spot ? "spot.pong" : "futures.pong", "", now_ms);
    keel_json_put_null(&json, "result");
    gateio_end_push(stream, &json);
}

static void answer_subscription(struct paper_gateio *gateio, struct gateio_stream *stream,
                                const struct gateio_message *message, int64_t now_ms)
{
    struct gateio_mistake mistake;
    gateio_change_subscriptions(gateio, stream, message, now_ms, &mistake);
    acknowledge(gateio, stream, message, &mistake, now_ms);
}

static void answer(struct paper_gateio *gateio, struct gateio_stream *stream, keel_str text,
                   int64_t now_ms)
{
    static const struct gateio_mistake malformed = {GATEIO_CODE_MALFORMED, "invalid request"};
    struct gateio_message message;
    keel_arena_reset(&gateio->arena);
    bool readable = read_message(text, &gateio->arena, &message);
    keel_str ping = stream->spot ? KEEL_STR("spot.ping") : KEEL_STR("futures.ping");
    if (readable && keel_str_equals(message.channel, ping))
        answer_ping(gateio, stream, now_ms);
    else if (!readable || message.channel.size == 0 || message.time_s == 0)
        acknowledge(gateio, stream, &(struct gateio_message){0}, &malformed, now_ms);
    else if (keel_str_equals(message.event, KEEL_STR("api")))
        gateio_answer_api(gateio, stream, &message, now_ms);
    else
        answer_subscription(gateio, stream, &message, now_ms);
}

void gateio_receive(struct paper_dialect *dialect, struct paper_stream *base,
                    const struct paper_frame *frame, int64_t now_ms)
{
    struct gateio_stream *stream = (struct gateio_stream *)base;
    switch (frame->kind) {
    case PAPER_FRAME_PONG: stream->pong_due_ms = 0; return;
    case PAPER_FRAME_PING: /* the server has answered it */
    case PAPER_FRAME_CLOSE: return;
    case PAPER_FRAME_TEXT: break;
    }
    release(stream);
    answer((struct paper_gateio *)dialect, stream, frame->payload, now_ms);
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

static bool is_path(keel_str path, const char *wanted)
{
    if (path.size > 0 && path.data[path.size - 1] == '/')
        path.size--;
    return keel_str_equals(path, keel_str_from(wanted));
}

/* Of the live venue, and of its testnet, which has futures alone. */
static bool is_stream_path(keel_str path)
{
    return is_path(path, "/v4/ws/usdt") || is_path(path, "/v4/ws/futures/usdt") ||
           is_path(path, "/ws/v4");
}

static void name_stream(struct gateio_stream *stream, struct paper_gateio *gateio, keel_str address)
{
    stream->number = ++gateio->stream_count;
    snprintf(stream->conn_id, sizeof(stream->conn_id), "%016llx",
             (unsigned long long)paper_random_hash(stream->number, 0, 0));
    snprintf(stream->client_id, sizeof(stream->client_id), "%.*s-0x%.8s",
             (int)(address.size < 48 ? address.size : 48), address.data ? address.data : "",
             stream->conn_id);
}

struct paper_stream *gateio_open_stream(struct paper_dialect *dialect,
                                        const struct paper_http_request *request, int64_t now_ms,
                                        struct paper_response *refusal)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    struct gateio_stream *stream = NULL;
    bool known = is_stream_path(request->path);
    if (known)
        stream = calloc(1, sizeof(*stream));
    if (!stream) {
        refusal->status = known ? 503 : 404;
        return NULL;
    }
    paper_stream_init(&stream->base, dialect);
    stream->opened_ms = now_ms;
    stream->ping_due_ms = now_ms + GATEIO_PING_MS;
    stream->spot = is_path(request->path, "/ws/v4");
    stream->decimal_sizes =
        keel_str_equals(paper_request_header(request, "X-Gate-Size-Decimal"), KEEL_STR("1"));
    name_stream(stream, gateio, request->address);
    stream->next = gateio->streams;
    if (gateio->streams)
        gateio->streams->previous = stream;
    gateio->streams = stream;
    return &stream->base;
}

void gateio_close_stream(struct paper_dialect *dialect, struct paper_stream *base)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    struct gateio_stream *stream = (struct gateio_stream *)base;
    if (stream->next)
        stream->next->previous = stream->previous;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        gateio->streams = stream->next;
    for (int i = 0; i < stream->subscription_count; i++)
        free(stream->subscriptions[i].book);
    free(stream->subscriptions);
    free(stream->held);
    paper_stream_deinit(&stream->base);
    free(stream);
}

/* --- Faults ------------------------------------------------------------------------------------
 */

/* The account that the connection is known to be of. */
static int account_of_stream(const struct gateio_stream *stream)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        if (stream->subscriptions[i].account > 0)
            return stream->subscriptions[i].account;
    }
    return stream->login;
}

static bool has_private(const struct gateio_stream *stream)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        if (gateio_channel_is_private(stream->subscriptions[i].channel))
            return true;
    }
    return false;
}

/* What a frame of ours is: its members are where we write them. */
struct frame_facts {
    keel_str channel, event;
    bool ack;
};

static void read_facts(keel_str payload, struct frame_facts *facts)
{
    struct keel_json json;
    keel_str key;
    keel_json_init(&json, payload);
    keel_json_enter_object(&json);
    while (facts->event.size == 0 && keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("channel")))
            keel_json_read_string(&json, NULL, &facts->channel);
        else if (keel_str_equals(key, KEEL_STR("event")))
            keel_json_read_string(&json, NULL, &facts->event);
        else if (keel_str_equals(key, KEEL_STR("ack")))
            keel_json_read_bool(&json, &facts->ack);
        else if (keel_str_equals(key, KEEL_STR("header")))
            keel_json_enter_object(&json); /* and read on in it */
        else
            keel_json_skip(&json);
    }
}

/* By its channel; a subscription's acknowledgement by what it acknowledges. */
static void describe_text(keel_str payload, struct paper_fault_subject *subject)
{
    struct frame_facts facts = {0};
    read_facts(payload, &facts);
    if (keel_str_equals(facts.event, KEEL_STR("api"))) {
        subject->event = gateio_api_event(facts.channel, facts.ack);
        subject->stream = PAPER_STREAM_API;
        return;
    }
    enum gateio_channel channel = gateio_channel_find(facts.channel);
    subject->event = facts.channel;
    if (keel_str_equals(facts.event, KEEL_STR("subscribe")) ||
        keel_str_equals(facts.event, KEEL_STR("unsubscribe")))
        subject->event = facts.event;
    if (channel != GATEIO_CHANNEL_NONE)
        subject->stream =
            gateio_channel_is_private(channel) ? PAPER_STREAM_USER : PAPER_STREAM_MARKET;
}

void gateio_describe_frame(const struct paper_stream *base, keel_str payload,
                           struct paper_fault_subject *subject)
{
    const struct gateio_stream *stream = (const struct gateio_stream *)base;
    *subject = (struct paper_fault_subject){
        .account = account_of_stream(stream),
        .stream = has_private(stream) ? PAPER_STREAM_USER
                  : stream->login > 0 ? PAPER_STREAM_API
                                      : PAPER_STREAM_MARKET,
    };
    if (payload.size > 0)
        describe_text(payload, subject);
}

static void give_notice(struct paper_gateio *gateio, struct gateio_stream *stream, int64_t now_ms)
{
    struct keel_writer json;
    gateio_begin_push(gateio, &json, stream->spot ? "spot.system" : "futures.system", "update",
                      now_ms);
    keel_json_open_object(&json, "result");
    keel_json_put_text(&json, "type", "upgrade");
    keel_json_put_text(&json, "msg",
                       "The connection will soon be closed for a service upgrade. Please "
                       "reconnect.");
    keel_json_close_object(&json);
    gateio_end_push(stream, &json);
    stream->ends_ms = now_ms + GATEIO_NOTICE_MS;
}

void gateio_expire_key(struct paper_dialect *dialect, int account, int notices, int64_t now_ms)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next) {
        if (account != 0 && account_of_stream(stream) != account)
            continue;
        for (int i = 0; i < notices; i++)
            give_notice(gateio, stream, now_ms);
        if (notices == 0)
            paper_stream_push_close(&stream->base, CLOSE_GOING_AWAY);
    }
}

/* --- Events and time ---------------------------------------------------------------------------
 */

void gateio_publish_streams(struct paper_gateio *gateio, const struct paper_event *event,
                            const struct gateio_recorded *recorded, int64_t now_ms)
{
    if (event->account != 0) {
        gateio_publish_private(gateio, event, recorded, now_ms);
        return;
    }
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next) {
        for (int i = 0; i < stream->subscription_count; i++)
            gateio_publish_quote(gateio, stream, &stream->subscriptions[i], event, now_ms);
    }
}

static void send_due(struct paper_gateio *gateio, struct gateio_stream *stream, int64_t now_ms)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        struct gateio_subscription *subscription = &stream->subscriptions[i];
        if (subscription->period_ms == 0 || now_ms < subscription->next_ms)
            continue;
        int64_t period_ms = subscription->period_ms;
        subscription->next_ms = (now_ms / period_ms + 1) * period_ms;
        if (subscription->channel == GATEIO_CHANNEL_POSITION_ADL_RANK)
            gateio_send_ranks(gateio, stream, subscription, now_ms);
        else
            gateio_send_quote(gateio, stream, subscription, now_ms);
    }
}

static bool is_over(const struct gateio_stream *stream, int64_t now_ms)
{
    return (stream->ends_ms != 0 && now_ms >= stream->ends_ms) ||
           (stream->pong_due_ms != 0 && now_ms >= stream->pong_due_ms);
}

static void keep_alive(struct paper_gateio *gateio, struct gateio_stream *stream, int64_t now_ms)
{
    if (is_over(stream, now_ms)) {
        paper_stream_push_close(&stream->base, CLOSE_GOING_AWAY);
        return;
    }
    if (stream->ends_ms == 0 &&
        now_ms - stream->opened_ms >= GATEIO_STREAM_LIFE_MS - GATEIO_NOTICE_MS)
        give_notice(gateio, stream, now_ms);
    if (now_ms < stream->ping_due_ms)
        return;
    paper_stream_push(&stream->base, PAPER_FRAME_PING, NULL, 0);
    stream->ping_due_ms = now_ms + GATEIO_PING_MS;
    if (stream->pong_due_ms == 0)
        stream->pong_due_ms = now_ms + GATEIO_PONG_MS;
}

void gateio_tick_streams(struct paper_gateio *gateio, int64_t now_ms)
{
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next) {
        release(stream);
        send_due(gateio, stream, now_ms);
        keep_alive(gateio, stream, now_ms);
    }
}

/* The ids of its books begin again. */
static void restart_books(const struct paper_gateio *gateio, struct gateio_stream *stream)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        struct gateio_subscription *subscription = &stream->subscriptions[i];
        free(subscription->book);
        subscription->book = NULL;
        subscription->update_id = 0;
        if (!gateio_begin_book(gateio, subscription))
            paper_stream_push_close(&stream->base, CLOSE_GOING_AWAY);
    }
}

void gateio_reset_streams(struct paper_gateio *gateio, int64_t now_ms)
{
    (void)now_ms;
    gateio_reset_feed(gateio);
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next)
        restart_books(gateio, stream);
}

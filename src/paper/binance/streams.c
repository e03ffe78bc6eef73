#include "paper/binance/streams.h"

#include "paper/binance/render.h"

#include <stdlib.h>

enum {
    PING_MS = 3 * 60 * 1000,
    PONG_MS = 10 * 60 * 1000,
    MESSAGES_PER_SECOND = 10,
};

const struct binance_connection_rules binance_connection_rules = {
    .messages_per_second = MESSAGES_PER_SECOND,
    .ping_ms = PING_MS,
    .pong_ms = PONG_MS,
    .read_topic = binance_read_topic,
    .put_feed = binance_put_feed,
};

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
        stream->base.api = true;
        return true;
    }
    stream->entry = cut_prefix(&path, KEEL_STR("/public"))    ? BINANCE_ENTRY_PUBLIC
                    : cut_prefix(&path, KEEL_STR("/market"))  ? BINANCE_ENTRY_MARKET
                    : cut_prefix(&path, KEEL_STR("/private")) ? BINANCE_ENTRY_PRIVATE
                                                              : BINANCE_ENTRY_ALL;
    stream->base.combined = keel_str_starts_with(path, KEEL_STR("/stream"));
    if (stream->base.combined)
        return path.size == 7 || (path.size == 8 && path.data[7] == '/');
    if (!cut_prefix(&path, KEEL_STR("/ws")))
        return false;
    if (path.size > 0 && !cut_prefix(&path, KEEL_STR("/")))
        return false;
    *names = path;
    return true;
}

static bool subscribe(struct paper_binance *binance, struct binance_stream *stream, keel_str names,
                      int64_t now_ms)
{
    return binance_connection_subscribe(&binance->connections, &stream->base, names, now_ms);
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

    stream->base.rate_limits = !limits || !keel_str_equals(*limits, KEEL_STR("false"));
    if (events && keel_str_copy(*events, stream->events_text, sizeof(stream->events_text)))
        stream->events = (keel_str){stream->events_text, events->size};
    return (!streams || subscribe(binance, stream, *streams, now_ms)) &&
           (!listen_key || subscribe(binance, stream, *listen_key, now_ms));
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
    binance_connection_open(&binance->connections, &stream->base, request->address, now_ms);
    if (!read_path(stream, request->path, &names) || !subscribe(binance, stream, names, now_ms) ||
        !subscribe_query(binance, stream, request->query, now_ms)) {
        binance_connection_close(&binance->connections, &stream->base);
        refusal->status = 400;
        return NULL;
    }
    return &stream->base.base;
}

void binance_close_stream(struct paper_dialect *dialect, struct paper_stream *stream)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    binance_connection_close(&binance->connections, (struct binance_connection *)stream);
}

void binance_receive(struct paper_dialect *dialect, struct paper_stream *stream,
                     const struct paper_frame *frame, int64_t now_ms)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    struct binance_connection *connection = (struct binance_connection *)stream;
    if (binance_connection_receive(&binance->connections, connection, frame, now_ms))
        binance_answer_api(binance, connection, frame->payload, now_ms);
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

/* Whether the connection is subscribed to the account's listen key, and gets what it tells. */
static bool is_listening(const struct paper_binance *binance,
                         const struct binance_connection *connection, int account)
{
    keel_str key = keel_str_from(binance->listen_keys[account].name);
    const struct binance_subscription *found = binance_connection_find(connection, key);
    return found && found->topic == BINANCE_TOPIC_USER;
}

/* To every connection of the account's listen key. One that names its events gets them under the
 * event's name. */
static void send_user_event(struct paper_binance *binance, int account, keel_str name,
                            keel_str payload, int64_t now_ms)
{
    const struct binance_listen_key *key = &binance->listen_keys[account];
    if (key->expires_ms <= now_ms)
        return;
    for (struct binance_connection *connection = binance->connections.first; connection;
         connection = connection->next) {
        const struct binance_stream *stream = (const struct binance_stream *)connection;
        if (is_listening(binance, connection, account) && wants_event(stream, name))
            binance_connection_send(
                connection, stream->events.size > 0 ? name : keel_str_from(key->name), payload);
    }
}

static bool has_listener(const struct paper_binance *binance, int account)
{
    if (binance->listen_keys[account].expires_ms == 0)
        return false;
    for (const struct binance_connection *connection = binance->connections.first; connection;
         connection = connection->next) {
        if (is_listening(binance, connection, account))
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

static void publish_trade(struct paper_binance *binance, struct binance_connection *connection,
                          struct binance_subscription *subscription,
                          const struct paper_event *event, int64_t now_ms)
{
    struct keel_writer json;
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
    if (event->kind == PAPER_EVENT_FORCE_ORDER)
        binance_put_force_order(&json, event, now_ms);
    else
        binance_put_feed_trade(&json, subscription->topic, event, now_ms);
    binance_connection_send(connection, keel_str_from(subscription->name), keel_writer_text(&json));
}

/* Those streams that follow an event at once; the others wait for the tick. */
static void publish_public(struct paper_binance *binance, struct binance_connection *connection,
                           struct binance_subscription *subscription,
                           const struct paper_event *event, int64_t now_ms)
{
    enum binance_topic topic = subscription->topic;
    bool trade = topic == BINANCE_TOPIC_TRADE || topic == BINANCE_TOPIC_AGG_TRADE;

    if (!is_of_market(subscription, event->market))
        return;
    if (event->kind == PAPER_EVENT_TICKER && topic == BINANCE_TOPIC_BOOK_TICKER)
        binance_connection_send_feed(&binance->connections, connection, subscription, event->market,
                                     now_ms);
    else if ((event->kind == PAPER_EVENT_TRADE && trade) ||
             (event->kind == PAPER_EVENT_FORCE_ORDER && topic == BINANCE_TOPIC_FORCE_ORDER))
        publish_trade(binance, connection, subscription, event, now_ms);
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
    for (struct binance_connection *connection = binance->connections.first; connection;
         connection = connection->next) {
        for (int i = 0; i < connection->subscription_count; i++)
            publish_public(binance, connection, &connection->subscriptions[i], event, now_ms);
    }
}

/* --- Time --------------------------------------------------------------------------------------
 */

static void tell_expiry(struct paper_binance *binance, struct binance_connection *connection,
                        int account, int64_t now_ms)
{
    struct keel_writer json;
    keel_str key = keel_str_from(binance->listen_keys[account].name);
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    keel_json_put_text(&json, "e", "listenKeyExpired");
    keel_json_put_int(&json, "E", now_ms);
    keel_json_put_string(&json, "listenKey", key);
    keel_json_close_object(&json);
    binance_connection_send(connection, key, keel_writer_text(&json));
}

/* The key is nobody's then, and the next one has another name. */
void binance_lose_listen_key(struct paper_binance *binance, int account, int notices,
                             int64_t now_ms)
{
    for (int i = 0; i < notices; i++) {
        for (struct binance_connection *connection = binance->connections.first; connection;
             connection = connection->next) {
            if (is_listening(binance, connection, account))
                tell_expiry(binance, connection, account, now_ms);
        }
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
    binance_connections_tick(&binance->connections, now_ms);
}

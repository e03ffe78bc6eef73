#include "paper/binance_spot/streams.h"

#include "paper/binance_spot/render.h"

#include <stdlib.h>

enum {
    PING_MS = 20 * 1000,
    PONG_MS = 60 * 1000,
    MESSAGES_PER_SECOND = 5, /* to a market stream */
};

const struct binance_connection_rules binance_spot_connection_rules = {
    .messages_per_second = MESSAGES_PER_SECOND,
    .ping_ms = PING_MS,
    .pong_ms = PONG_MS,
    .read_topic = binance_spot_read_topic,
    .put_feed = binance_spot_put_feed,
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

/* /ws-api/v3, /ws[/names] or /stream, all behind /spot or not; *names is what follows. */
static bool read_path(struct binance_connection *connection, keel_str path, keel_str *names)
{
    *names = (keel_str){0};
    path = binance_spot_own_path(path);
    connection->api = keel_str_equals(path, KEEL_STR("/ws-api/v3"));
    connection->combined = cut_prefix(&path, KEEL_STR("/stream"));
    if (connection->api || connection->combined)
        return connection->api || path.size == 0 || keel_str_equals(path, KEEL_STR("/"));
    if (!cut_prefix(&path, KEEL_STR("/ws")))
        return false;
    *names = path;
    return path.size == 0 || path.data[0] == '/';
}

static bool subscribe_query(struct paper_binance_spot *dialect,
                            struct binance_connection *connection, keel_str query, int64_t now_ms)
{
    struct binance_params params = {.count = 0};
    keel_arena_reset(&dialect->arena);
    if (binance_params_add_form(&params, query, &dialect->arena) != BINANCE_PARAMS_FINE)
        return false;
    const keel_str *streams = binance_params_find(&params, "streams");
    const keel_str *limits = binance_params_find(&params, "returnRateLimits");
    connection->rate_limits = !limits || !keel_str_equals(*limits, KEEL_STR("false"));
    return !streams ||
           binance_connection_subscribe(&dialect->connections, connection, *streams, now_ms);
}

struct paper_stream *binance_spot_open_stream(struct paper_dialect *base,
                                              const struct paper_http_request *request,
                                              int64_t now_ms, struct paper_response *refusal)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    struct binance_connections *connections = &dialect->connections;
    struct binance_spot_stream *stream = calloc(1, sizeof(*stream));
    keel_str names;
    if (!stream) {
        refusal->status = 503;
        return NULL;
    }
    binance_connection_open(connections, &stream->base, request->address, now_ms);
    if (!read_path(&stream->base, request->path, &names) ||
        !binance_connection_subscribe(connections, &stream->base, names, now_ms) ||
        !subscribe_query(dialect, &stream->base, request->query, now_ms)) {
        binance_connection_close(connections, &stream->base);
        refusal->status = 400;
        return NULL;
    }
    return &stream->base.base;
}

void binance_spot_close_stream(struct paper_dialect *base, struct paper_stream *stream)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    binance_connection_close(&dialect->connections, (struct binance_connection *)stream);
}

void binance_spot_receive(struct paper_dialect *base, struct paper_stream *stream,
                          const struct paper_frame *frame, int64_t now_ms)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    struct binance_connection *connection = (struct binance_connection *)stream;
    if (binance_connection_receive(&dialect->connections, connection, frame, now_ms))
        binance_spot_answer_api(dialect, (struct binance_spot_stream *)stream, frame->payload,
                                now_ms);
}

/* --- User data ---------------------------------------------------------------------------------
 */

static void send_wrapped(struct binance_connection *connection, int64_t id, keel_str payload)
{
    char text[32];
    struct keel_writer number;
    keel_writer_init(&number, text, sizeof(text));
    keel_write_int(&number, id);
    const keel_str parts[] = {KEEL_STR("{\"subscriptionId\":"), keel_writer_text(&number),
                              KEEL_STR(",\"event\":"), payload, KEEL_STR("}")};
    paper_stream_push(&connection->base, PAPER_FRAME_TEXT, parts, 5);
}

/* To each subscription to the account's data. */
static void send_user(struct paper_binance_spot *dialect, int account, keel_str payload)
{
    for (struct binance_connection *connection = dialect->connections.first; connection;
         connection = connection->next) {
        const struct binance_spot_stream *stream = (const struct binance_spot_stream *)connection;
        for (int i = 0; i < stream->user_count; i++)
            if (stream->users[i].account == account)
                send_wrapped(connection, stream->users[i].id, payload);
    }
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
    for (struct binance_connection *connection = dialect->connections.first; connection;
         connection = connection->next) {
        struct binance_spot_stream *stream = (struct binance_spot_stream *)connection;
        int kept = 0;
        for (int i = 0; i < stream->user_count; i++) {
            if (account != 0 && stream->users[i].account != account) {
                stream->users[kept++] = stream->users[i];
                continue;
            }
            for (int notice = 0; notice < notices; notice++)
                send_wrapped(connection, stream->users[i].id, keel_writer_text(&json));
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
static void publish_to(struct paper_binance_spot *dialect, struct binance_connection *connection,
                       struct binance_subscription *subscription,
                       const struct paper_spot_event *event, int64_t now_ms)
{
    enum binance_topic topic = subscription->topic;
    bool trade = topic == BINANCE_TOPIC_TRADE || topic == BINANCE_TOPIC_AGG_TRADE;
    struct keel_writer json;
    if (subscription->market != KEEL_NO_MARKET && subscription->market != event->market)
        return;
    if (event->kind == PAPER_SPOT_EVENT_TICKER && topic == BINANCE_TOPIC_BOOK_TICKER)
        binance_connection_send_feed(&dialect->connections, connection, subscription, event->market,
                                     now_ms);
    if (event->kind != PAPER_SPOT_EVENT_TRADE || !trade)
        return;
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    binance_spot_put_feed_trade(dialect, &json, topic, event, now_ms);
    binance_connection_send(connection, keel_str_from(subscription->name), keel_writer_text(&json));
}

static void publish_public(struct paper_binance_spot *dialect, const struct paper_spot_event *event,
                           int64_t now_ms)
{
    record(dialect, event, now_ms);
    for (struct binance_connection *connection = dialect->connections.first; connection;
         connection = connection->next)
        for (int i = 0; i < connection->subscription_count; i++)
            publish_to(dialect, connection, &connection->subscriptions[i], event, now_ms);
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

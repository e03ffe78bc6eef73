/* connection.h - a WebSocket connection as both of the venue's kinds of market have it: the streams
 * that it is subscribed to by name, the requests that change them, its pace and its pings.
 *
 * Pure. A dialect's own connection begins with this one. Rules: docs of the venue, "WebSocket
 * Market Streams" of USDS-Margined Futures and "WebSocket Streams" of Spot. */
#ifndef PAPER_BINANCE_CONNECTION_H
#define PAPER_BINANCE_CONNECTION_H

#include "paper/binance/limits.h"
#include "paper/dialect.h"
#include "paper/tape.h"

enum {
    BINANCE_SUBSCRIPTIONS_MAX = 1024, /* of one connection */
    BINANCE_STREAM_NAME_SIZE = 96,
    BINANCE_STREAM_LIFE_MS = 24 * 60 * 60 * 1000,
    BINANCE_BOOK_LEVELS = 500,
    BINANCE_SCRATCH_SIZE = 8 << 20, /* one frame, or one result of the WebSocket API */
};

enum binance_topic {
    BINANCE_TOPIC_NONE, /* accepted, and silent: a name that is unknown or of another entry */
    BINANCE_TOPIC_USER,
    BINANCE_TOPIC_AGG_TRADE,
    BINANCE_TOPIC_TRADE,
    BINANCE_TOPIC_MARK_PRICE,
    BINANCE_TOPIC_MARK_PRICES,
    BINANCE_TOPIC_BOOK_TICKER,
    BINANCE_TOPIC_DEPTH,
    BINANCE_TOPIC_LEVELS,
    BINANCE_TOPIC_KLINE,
    BINANCE_TOPIC_TICKER,
    BINANCE_TOPIC_TICKERS,
    BINANCE_TOPIC_MINI_TICKER,
    BINANCE_TOPIC_MINI_TICKERS,
    BINANCE_TOPIC_FORCE_ORDER,
};

struct binance_book {
    int bid_count, ask_count;
    struct paper_level bids[BINANCE_BOOK_LEVELS], asks[BINANCE_BOOK_LEVELS];
};

struct binance_subscription {
    char name[BINANCE_STREAM_NAME_SIZE];
    enum binance_topic topic;
    keel_market_id market; /* none: every market */
    enum paper_interval interval;
    int levels, period_ms;
    int64_t next_ms;           /* when it is next due */
    int64_t update_id;         /* of the book that was last sent */
    struct binance_book *book; /* and that book */
    int account;               /* of a listen key */
};

struct binance_connection {
    struct paper_stream base;
    struct binance_connection *previous, *next;
    bool api;         /* to the WebSocket API, which has no market streams */
    bool combined;    /* each payload goes under its stream's name */
    bool rate_limits; /* of the WebSocket API: shown in answers */
    char address[BINANCE_ADDRESS_SIZE];
    int64_t opened_ms, ping_due_ms, pong_due_ms; /* 0: no ping is unanswered */
    int64_t message_second;
    int messages;
    struct binance_subscription *subscriptions;
    int subscription_count, subscription_capacity;
};

/* What differs from one kind of market to the other. */
struct binance_connection_rules {
    int messages_per_second; /* from the client; more ends the connection */
    int64_t ping_ms;
    int64_t pong_ms; /* so long after a ping without its pong the connection ends */

    /* What a stream's name means. False: out of memory, or a name that is too long. */
    bool (*read_topic)(struct paper_dialect *dialect, const struct binance_connection *connection,
                       keel_str name, int64_t now_ms, struct binance_subscription *subscription);

    /* The payload of a subscription, for one market. False: nothing to send. */
    bool (*put_feed)(struct paper_dialect *dialect, struct binance_subscription *subscription,
                     keel_market_id market, struct keel_writer *json, int64_t now_ms);
};

/* Those of one dialect. The arena and the scratch are of the message at hand. */
struct binance_connections {
    struct paper_dialect *dialect;
    const struct binance_connection_rules *rules;
    struct keel_arena *arena;
    char *scratch; /* BINANCE_SCRATCH_SIZE */
    struct binance_connection *first;
};

/* The connection is zeroed memory of the heap, whose first member this is; closing frees it. */
void binance_connection_open(struct binance_connections *connections,
                             struct binance_connection *connection, keel_str address,
                             int64_t now_ms);
void binance_connection_close(struct binance_connections *connections,
                              struct binance_connection *connection);

/* Names with '/' between them. A name that is subscribed already stays as it is. False: too many,
 * or one is too long. */
bool binance_connection_subscribe(struct binance_connections *connections,
                                  struct binance_connection *connection, keel_str names,
                                  int64_t now_ms);

/* NULL: not subscribed. */
const struct binance_subscription *
binance_connection_find(const struct binance_connection *connection, keel_str name);

/* A payload under its stream's name, as the connection wants it. */
void binance_connection_send(struct binance_connection *connection, keel_str name,
                             keel_str payload);
void binance_connection_send_feed(struct binance_connections *connections,
                                  struct binance_connection *connection,
                                  struct binance_subscription *subscription, keel_market_id market,
                                  int64_t now_ms);

/* True for a text of the WebSocket API, which is the dialect's to answer. */
bool binance_connection_receive(struct binance_connections *connections,
                                struct binance_connection *connection,
                                const struct paper_frame *frame, int64_t now_ms);

void binance_connections_tick(struct binance_connections *connections, int64_t now_ms);

#endif

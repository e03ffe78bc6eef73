/* streams.h - the WebSocket connections: what each subscribed to, and the frames that it gets.
 *
 * Pure. Three kinds share one struct: raw streams (/ws), combined ones (/stream, each payload
 * wrapped with its stream's name) and the WebSocket API (/ws-fapi/v1). */
#ifndef PAPER_BINANCE_STREAMS_H
#define PAPER_BINANCE_STREAMS_H

#include "paper/binance/binance.h"

enum {
    BINANCE_SUBSCRIPTIONS_MAX = 1024, /* of one connection */
    BINANCE_STREAM_NAME_SIZE = 96,
    BINANCE_MESSAGES_PER_SECOND = 10, /* from the client; more ends the connection */
    BINANCE_PING_MS = 3 * 60 * 1000,
    BINANCE_PONG_MS = 10 * 60 * 1000, /* so long after a ping without its pong */
    BINANCE_STREAM_LIFE_MS = 24 * 60 * 60 * 1000,
};

/* Which prefix the connection came by: it decides what is delivered, not what may be subscribed. */
enum binance_entry {
    BINANCE_ENTRY_ALL, /* no prefix: the old addresses */
    BINANCE_ENTRY_PUBLIC,
    BINANCE_ENTRY_MARKET,
    BINANCE_ENTRY_PRIVATE,
    BINANCE_ENTRY_API,
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

struct binance_book; /* the levels last sent */

struct binance_subscription {
    char name[BINANCE_STREAM_NAME_SIZE];
    enum binance_topic topic;
    keel_market_id market; /* none: every market */
    enum paper_interval interval;
    int levels, period_ms;
    int64_t next_ms;   /* when it is next due */
    int64_t update_id; /* of the book that was last sent */
    int account;       /* of a listen key */
    struct binance_book *book;
};

struct binance_stream {
    struct paper_stream base;
    struct binance_stream *previous, *next;
    enum binance_entry entry;
    bool combined;
    bool rate_limits;      /* of the WebSocket API: shown in answers */
    keel_str events;       /* the user events that are wanted; empty: all */
    char events_text[256]; /* that one's bytes */
    char address[BINANCE_ADDRESS_SIZE];
    int64_t opened_ms, ping_due_ms, pong_due_ms; /* 0: no ping is unanswered */
    int64_t message_second;
    int messages;
    struct binance_subscription *subscriptions;
    int subscription_count, subscription_capacity;
};

struct paper_stream *binance_open_stream(struct paper_dialect *dialect,
                                         const struct paper_http_request *request, int64_t now_ms,
                                         struct paper_response *refusal);
void binance_close_stream(struct paper_dialect *dialect, struct paper_stream *stream);
void binance_receive(struct paper_dialect *dialect, struct paper_stream *stream,
                     const struct paper_frame *frame, int64_t now_ms);
void binance_publish(struct paper_dialect *dialect, const struct paper_event *event,
                     int64_t now_ms);
void binance_tick_streams(struct paper_binance *binance, int64_t now_ms);

/* The account's listen key is over; its streams are told of that so many times. */
void binance_lose_listen_key(struct paper_binance *binance, int account, int notices,
                             int64_t now_ms);

/* feed.c: the payloads of market streams. False: nothing to send. */
bool binance_put_feed(struct paper_binance *binance, struct binance_subscription *subscription,
                      keel_market_id market, struct keel_writer *json, int64_t now_ms);
void binance_put_feed_trade(struct keel_writer *json, enum binance_topic topic,
                            const struct paper_event *event, int64_t now_ms);
bool binance_read_topic(const struct paper_binance *binance, enum binance_entry entry,
                        keel_str name, int64_t now_ms, struct binance_subscription *subscription);
void binance_free_book(struct binance_book *book);

/* api.c: one request of the WebSocket API. */
void binance_answer_api(struct paper_binance *binance, struct binance_stream *stream, keel_str text,
                        int64_t now_ms);

#endif

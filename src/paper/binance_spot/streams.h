/* streams.h - the WebSocket connections: market streams by name, and the WebSocket API with its
 * subscriptions to user data.
 *
 * Pure. Market streams are raw (/ws) or combined (/stream, each payload wrapped with its
 * stream's name). Rules: docs of the venue, "WebSocket Streams" and "WebSocket API". */
#ifndef PAPER_BINANCE_SPOT_STREAMS_H
#define PAPER_BINANCE_SPOT_STREAMS_H

#include "paper/binance_spot/binance_spot.h"

enum {
    BINANCE_SPOT_SUBSCRIPTIONS_MAX = 1024, /* of one connection */
    BINANCE_SPOT_USERS_MAX = 64,           /* subscriptions to user data of one connection */
    BINANCE_SPOT_NAME_SIZE = 64,
    BINANCE_SPOT_MESSAGES_PER_SECOND = 5, /* to a market stream; more ends the connection */
    BINANCE_SPOT_PING_MS = 20 * 1000,
    BINANCE_SPOT_PONG_MS = 60 * 1000, /* so long after a ping without its pong */
    BINANCE_SPOT_STREAM_LIFE_MS = 24 * 60 * 60 * 1000,
    BINANCE_SPOT_BOOK_LEVELS = 500,
};

enum binance_spot_topic {
    BINANCE_SPOT_TOPIC_NONE, /* accepted, and silent */
    BINANCE_SPOT_TOPIC_TRADE,
    BINANCE_SPOT_TOPIC_AGG_TRADE,
    BINANCE_SPOT_TOPIC_BOOK_TICKER,
    BINANCE_SPOT_TOPIC_DEPTH,
    BINANCE_SPOT_TOPIC_LEVELS,
    BINANCE_SPOT_TOPIC_KLINE,
    BINANCE_SPOT_TOPIC_TICKER,
    BINANCE_SPOT_TOPIC_MINI_TICKER,
    BINANCE_SPOT_TOPIC_TICKERS,
    BINANCE_SPOT_TOPIC_MINI_TICKERS,
};

struct binance_spot_book {
    int bid_count, ask_count;
    struct paper_level bids[BINANCE_SPOT_BOOK_LEVELS], asks[BINANCE_SPOT_BOOK_LEVELS];
};

struct binance_spot_subscription {
    char name[BINANCE_SPOT_NAME_SIZE];
    enum binance_spot_topic topic;
    keel_market_id market; /* none: every market */
    enum paper_interval interval;
    int levels, period_ms;
    int64_t next_ms;                /* when it is next due */
    int64_t update_id;              /* of the book that was last sent */
    struct binance_spot_book *book; /* and that book */
};

/* Of user data. */
struct binance_spot_user {
    int64_t id;
    int account;
};

struct binance_spot_stream {
    struct paper_stream base;
    struct binance_spot_stream *previous, *next;
    bool api, combined;
    bool rate_limits; /* of the WebSocket API: shown in answers */
    char address[BINANCE_ADDRESS_SIZE];
    int64_t opened_ms, ping_due_ms, pong_due_ms; /* 0: no ping is unanswered */
    int64_t message_second;
    int messages;
    struct binance_spot_subscription *subscriptions;
    int subscription_count, subscription_capacity;
    struct binance_spot_user users[BINANCE_SPOT_USERS_MAX];
    int user_count;
    int64_t next_user_id;
};

struct paper_stream *binance_spot_open_stream(struct paper_dialect *dialect,
                                              const struct paper_http_request *request,
                                              int64_t now_ms, struct paper_response *refusal);
void binance_spot_close_stream(struct paper_dialect *dialect, struct paper_stream *stream);
void binance_spot_receive(struct paper_dialect *dialect, struct paper_stream *stream,
                          const struct paper_frame *frame, int64_t now_ms);
void binance_spot_publish(struct paper_dialect *dialect, const struct paper_spot_event *event,
                          int64_t now_ms);
void binance_spot_tick_streams(struct paper_binance_spot *dialect, int64_t now_ms);

/* Ends the subscriptions to an account's (0: every one's) user data; each is told so many times. */
void binance_spot_end_users(struct paper_binance_spot *dialect, int account, int notices,
                            int64_t now_ms);

/* feed.c: what a name means, and its payloads. False: out of memory, or a name that is too long;
 * nothing to send. */
bool binance_spot_read_topic(const struct paper_binance_spot *dialect, keel_str name,
                             int64_t now_ms, struct binance_spot_subscription *subscription);
bool binance_spot_put_feed(struct paper_binance_spot *dialect,
                           struct binance_spot_subscription *subscription, keel_market_id market,
                           struct keel_writer *json, int64_t now_ms);
void binance_spot_put_feed_trade(struct paper_binance_spot *dialect, struct keel_writer *json,
                                 enum binance_spot_topic topic,
                                 const struct paper_spot_event *event, int64_t now_ms);

/* api.c: one request of the WebSocket API. */
void binance_spot_answer_api(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                             keel_str text, int64_t now_ms);

#endif

/* streams.h - the WebSocket connections: market streams by name, and the WebSocket API with its
 * subscriptions to user data.
 *
 * Pure. Market streams are raw (/ws) or combined (/stream). Rules: docs of the venue, "WebSocket
 * Streams" and "WebSocket API". */
#ifndef PAPER_BINANCE_SPOT_STREAMS_H
#define PAPER_BINANCE_SPOT_STREAMS_H

#include "paper/binance_spot/binance_spot.h"

enum {
    BINANCE_SPOT_USERS_MAX = 64, /* subscriptions to user data of one connection */
};

/* Of user data. */
struct binance_spot_user {
    int64_t id;
    int account;
};

struct binance_spot_stream {
    struct binance_connection base;
    struct binance_spot_user users[BINANCE_SPOT_USERS_MAX];
    int user_count;
    int64_t next_user_id;
};

extern const struct binance_connection_rules binance_spot_connection_rules;

struct paper_stream *binance_spot_open_stream(struct paper_dialect *dialect,
                                              const struct paper_http_request *request,
                                              int64_t now_ms, struct paper_response *refusal);
void binance_spot_close_stream(struct paper_dialect *dialect, struct paper_stream *stream);
void binance_spot_receive(struct paper_dialect *dialect, struct paper_stream *stream,
                          const struct paper_frame *frame, int64_t now_ms);
void binance_spot_publish(struct paper_dialect *dialect, const struct paper_spot_event *event,
                          int64_t now_ms);

/* Ends the subscriptions to an account's (0: every one's) user data; each is told so many times. */
void binance_spot_end_users(struct paper_binance_spot *dialect, int account, int notices,
                            int64_t now_ms);

/* feed.c: what a name means, and its payloads; see binance_connection_rules. */
bool binance_spot_read_topic(struct paper_dialect *dialect,
                             const struct binance_connection *connection, keel_str name,
                             int64_t now_ms, struct binance_subscription *subscription);
bool binance_spot_put_feed(struct paper_dialect *dialect, struct binance_subscription *subscription,
                           keel_market_id market, struct keel_writer *json, int64_t now_ms);
void binance_spot_put_feed_trade(struct paper_binance_spot *dialect, struct keel_writer *json,
                                 enum binance_topic topic, const struct paper_spot_event *event,
                                 int64_t now_ms);

/* api.c: one request of the WebSocket API. */
void binance_spot_answer_api(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                             keel_str text, int64_t now_ms);

#endif

/* streams.h - the WebSocket connections: what each subscribed to, and the frames that it gets.
 *
 * Pure. Three kinds share one struct: raw streams (/ws), combined ones (/stream) and the WebSocket
 * API (/ws-fapi/v1). */
#ifndef PAPER_BINANCE_STREAMS_H
#define PAPER_BINANCE_STREAMS_H

#include "paper/binance/binance.h"

/* Which prefix the connection came by: it decides what is delivered, not what may be subscribed. */
enum binance_entry {
    BINANCE_ENTRY_ALL, /* no prefix: the old addresses */
    BINANCE_ENTRY_PUBLIC,
    BINANCE_ENTRY_MARKET,
    BINANCE_ENTRY_PRIVATE,
    BINANCE_ENTRY_API,
};

struct binance_stream {
    struct binance_connection base;
    enum binance_entry entry;
    keel_str events;       /* the user events that are wanted; empty: all */
    char events_text[256]; /* that one's bytes */
};

extern const struct binance_connection_rules binance_connection_rules;

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

/* feed.c: the payloads of market streams; see binance_connection_rules. */
bool binance_put_feed(struct paper_dialect *dialect, struct binance_subscription *subscription,
                      keel_market_id market, struct keel_writer *json, int64_t now_ms);
void binance_put_feed_trade(struct keel_writer *json, enum binance_topic topic,
                            const struct paper_event *event, int64_t now_ms);
bool binance_read_topic(struct paper_dialect *dialect, const struct binance_connection *connection,
                        keel_str name, int64_t now_ms, struct binance_subscription *subscription);

/* api.c: one request of the WebSocket API. */
void binance_answer_api(struct paper_binance *binance, struct binance_connection *connection,
                        keel_str text, int64_t now_ms);

#endif

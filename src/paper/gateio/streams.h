/* streams.h - the WebSocket side of the dialect: channels, order entry, what is pushed.
 *
 * Pure; inside this folder only. One connection carries everything of its side, futures or spot:
 * public channels, private ones, each with a signature of its own, and order entry after a login.
 * Rules: docs of the venue, "Futures WebSocket v4", "Spot WebSocket v4". */
#ifndef PAPER_GATEIO_STREAMS_H
#define PAPER_GATEIO_STREAMS_H

#include "paper/gateio/render.h"

enum {
    GATEIO_SUBSCRIPTIONS_MAX = 1024, /* of one connection */
    GATEIO_PAYLOAD_MAX = 128,        /* elements of one request's payload */
    GATEIO_PING_MS = 30 * 1000,
    GATEIO_PONG_MS = 60 * 1000, /* so long after a ping without its pong */
    GATEIO_STREAM_LIFE_MS = 24 * 60 * 60 * 1000,
    GATEIO_NOTICE_MS = 5 * 1000,  /* from futures.system's notice to the end */
    GATEIO_GAP_MS = 60 * 1000,    /* of a signature's time, either way */
    GATEIO_BOOK_LEVELS_MAX = 200, /* a side */
};

enum gateio_channel {
    GATEIO_CHANNEL_NONE,
    GATEIO_CHANNEL_ORDERS, /* private from here */
    GATEIO_CHANNEL_USERTRADES,
    GATEIO_CHANNEL_LIQUIDATES,
    GATEIO_CHANNEL_AUTO_DELEVERAGES,
    GATEIO_CHANNEL_POSITION_CLOSES,
    GATEIO_CHANNEL_BALANCES,
    GATEIO_CHANNEL_REDUCE_RISK_LIMITS,
    GATEIO_CHANNEL_POSITIONS,
    GATEIO_CHANNEL_AUTOORDERS,
    GATEIO_CHANNEL_POSITION_ADL_RANK,
    GATEIO_CHANNEL_SPOT_ORDERS, /* of the spot side from here */
    GATEIO_CHANNEL_SPOT_ORDERS_V2,
    GATEIO_CHANNEL_SPOT_USERTRADES,
    GATEIO_CHANNEL_SPOT_BALANCES,
    GATEIO_CHANNEL_SPOT_PRICEORDERS,
    GATEIO_CHANNEL_SPOT_TICKERS, /* public from here */
    GATEIO_CHANNEL_SPOT_BOOK_TICKER,
    GATEIO_CHANNEL_SPOT_ORDER_BOOK,
    GATEIO_CHANNEL_SPOT_ORDER_BOOK_UPDATE,
    GATEIO_CHANNEL_SPOT_OBU, /* the whole book first, then what changes */
    GATEIO_CHANNEL_SPOT_TRADES,
    GATEIO_CHANNEL_SPOT_CANDLESTICKS,
    GATEIO_CHANNEL_TICKERS, /* of futures again */
    GATEIO_CHANNEL_BOOK_TICKER,
    GATEIO_CHANNEL_ORDER_BOOK,
    GATEIO_CHANNEL_ORDER_BOOK_UPDATE,
    GATEIO_CHANNEL_TRADES,
    GATEIO_CHANNEL_CANDLESTICKS,
    GATEIO_CHANNEL_COUNT,
};

struct gateio_book {
    int bid_count, ask_count;
    struct paper_level bids[GATEIO_BOOK_LEVELS_MAX], asks[GATEIO_BOOK_LEVELS_MAX];
};

struct gateio_subscription {
    enum gateio_channel channel;
    int account;           /* of a private channel */
    keel_market_id market; /* none: every contract */
    int levels, period_ms; /* of books; period 0: at once */
    enum paper_interval interval;
    const char *prefix;       /* of a candlestick's name: "", "mark_", "index_" */
    int64_t next_ms;          /* when it is next due */
    int64_t update_id;        /* of the book or ticker that was last sent */
    struct gateio_book *book; /* the levels last sent */
    int8_t ranks[GATEIO_CONTRACTS + 1]
                [KEEL_SHORT - KEEL_NET + 1]; /* last told, by market and side */
};

struct gateio_stream {
    struct paper_stream base;
    struct gateio_stream *previous, *next;
    bool spot;          /* it has the spot side's channels, and no others */
    bool decimal_sizes; /* X-Gate-Size-Decimal: 1 on the upgrade */
    int login;          /* the account that entered orders; 0: nobody has logged in */
    char client_id[64], conn_id[17];
    uint64_t number;                             /* of the connection, from 1 */
    uint64_t traces;                             /* given out */
    int64_t opened_ms, ping_due_ms, pong_due_ms; /* 0: no ping is unanswered */
    int64_t ends_ms;                             /* the notice was given; 0: it was not */
    char *held; /* an answer that leaves behind what it caused; NULL: none */
    size_t held_size;
    struct gateio_subscription *subscriptions;
    int subscription_count, subscription_capacity;
};

/* A message of the client, read as far as all kinds have it. */
struct gateio_message {
    keel_str id; /* as it was written; empty without one */
    keel_str channel, event;
    int64_t time_s;                  /* 0: none */
    keel_str payload;                /* as it was written; empty without one */
    keel_str method, key, signature; /* of a channel's auth */
};

/* As they are sent. Docs: "Error" of the response. */
enum gateio_code {
    GATEIO_CODE_NONE = 0, /* no mistake */
    GATEIO_CODE_MALFORMED = 1,
    GATEIO_CODE_ARGUMENT = 2,
    GATEIO_CODE_SERVICE = 3,
    GATEIO_CODE_AUTHENTICATION = 4,
};

/* Why a request is refused. */
struct gateio_mistake {
    enum gateio_code code;
    char text[256];
};

/* The slots of struct paper_dialect_ops of the same names. */
struct paper_stream *gateio_open_stream(struct paper_dialect *dialect,
                                        const struct paper_http_request *request, int64_t now_ms,
                                        struct paper_response *refusal);
void gateio_close_stream(struct paper_dialect *dialect, struct paper_stream *stream);
void gateio_receive(struct paper_dialect *dialect, struct paper_stream *stream,
                    const struct paper_frame *frame, int64_t now_ms);
void gateio_describe_frame(const struct paper_stream *stream, keel_str payload,
                           struct paper_fault_subject *subject);

/* There are no listen keys here: the connections of the account (0: all) are told so many times
 * that the venue will go, and end then; at once without a notice. */
void gateio_expire_key(struct paper_dialect *dialect, int account, int notices, int64_t now_ms);

/* An engine's event to those who subscribed; the dialect has recorded it before. */
void gateio_publish_streams(struct paper_gateio *gateio, const struct paper_event *event,
                            const struct gateio_recorded *recorded, int64_t now_ms);
void gateio_tick_streams(struct paper_gateio *gateio, int64_t now_ms);

/* The venue began anew: connections and their subscriptions stay. */
void gateio_reset_streams(struct paper_gateio *gateio, int64_t now_ms);

/* --- Between streams.c, subscriptions.c, feed.c, quotes.c and api.c ----------------------------
 */

static inline bool gateio_channel_is_private(enum gateio_channel channel)
{
    return channel >= GATEIO_CHANNEL_ORDERS && channel < GATEIO_CHANNEL_SPOT_TICKERS;
}

static inline bool gateio_channel_is_spot(enum gateio_channel channel)
{
    return channel >= GATEIO_CHANNEL_SPOT_ORDERS && channel < GATEIO_CHANNEL_TICKERS;
}

static inline struct gateio_form gateio_form_of_stream(const struct gateio_stream *stream)
{
    return (struct gateio_form){
        .decimal_sizes = stream->decimal_sizes,
        .stream = true,
    };
}

/* A push up to its result, which the caller writes, and the rest of it. It is written to the
 * dialect's scratch memory. */
void gateio_begin_push(struct paper_gateio *gateio, struct keel_writer *json, const char *channel,
                       const char *event, int64_t now_ms);
void gateio_end_push(struct gateio_stream *stream, struct keel_writer *json);

/* The same, but it leaves with the next tick, or with the client's next message. */
void gateio_end_held(struct gateio_stream *stream, struct keel_writer *json);

/* A number that follows from the venue's seed and these two alone. */
uint64_t gateio_chance(const struct paper_gateio *gateio, uint64_t a, uint64_t b);

/* Thirty-two hexadecimal digits and a zero byte: another one each time. */
void gateio_put_trace(struct keel_writer *json, const char *key, struct gateio_stream *stream);

/* A row on its way to those who subscribed to it; `put` writes it. */
struct gateio_push {
    enum gateio_channel channel;
    int account;
    keel_market_id market;
    const void *row;
    const void *more; /* what the row needs beside it */
    bool alone;       /* the result is the row, named by `put`, and no list of it */
    void (*put)(struct keel_writer *json, const struct paper_gateio *gateio,
                const struct gateio_push *push, struct gateio_form form);
};
void gateio_send_push(struct paper_gateio *gateio, const struct gateio_push *push, int64_t now_ms);

/* subscriptions.c: the channels, and who is told of what. */
const char *gateio_channel_name(enum gateio_channel channel);
enum gateio_channel gateio_channel_find(keel_str name); /* NONE: there is none */

/* Does what a message "subscribe" or "unsubscribe" asks for; nothing of it if an element of it is a
 * mistake. */
void gateio_change_subscriptions(struct paper_gateio *gateio, struct gateio_stream *stream,
                                 const struct gateio_message *message, int64_t now_ms,
                                 struct gateio_mistake *mistake);

/* Whether the stream subscribed to the account's rows of this market. */
bool gateio_stream_wants(const struct gateio_stream *stream, enum gateio_channel channel,
                         int account, keel_market_id market);

/* feed.c: what the venue tells of accounts. */
void gateio_publish_private(struct paper_gateio *gateio, const struct paper_event *event,
                            const struct gateio_recorded *recorded, int64_t now_ms);
void gateio_begin_ranks(const struct paper_gateio *gateio,
                        struct gateio_subscription *subscription);
void gateio_send_ranks(struct paper_gateio *gateio, struct gateio_stream *stream,
                       struct gateio_subscription *subscription, int64_t now_ms);
void gateio_reset_feed(struct paper_gateio *gateio);

/* quotes.c: what it tells of markets. A book begins as it is now: the first difference is against
 * that. False: out of memory. */
bool gateio_begin_book(const struct paper_gateio *gateio, struct gateio_subscription *subscription);
void gateio_publish_quote(struct paper_gateio *gateio, struct gateio_stream *stream,
                          struct gateio_subscription *subscription, const struct paper_event *event,
                          int64_t now_ms);
void gateio_publish_pair_quote(struct paper_gateio *gateio, struct gateio_stream *stream,
                               struct gateio_subscription *subscription,
                               const struct paper_spot_event *event, int64_t now_ms);
void gateio_send_quote(struct paper_gateio *gateio, struct gateio_stream *stream,
                       struct gateio_subscription *subscription, int64_t now_ms);

/* api.c: event "api". */
void gateio_answer_api(struct paper_gateio *gateio, struct gateio_stream *stream,
                       const struct gateio_message *message, int64_t now_ms);

/* The name that faults know a frame by: the channel, and for an acknowledgement the channel and
 * ".ack". Empty for a channel that is none of these. */
keel_str gateio_api_event(keel_str channel, bool ack);

#endif

/* venue.h - what a venue must answer: commands into request bytes, bytes into events.
 *
 * All of it is pure: no I/O, no clock, no state. Whatever a venue does differently is behind this
 * table: symbol names, contract sizes, signing, error codes, how a stream is opened. Every slot is
 * filled; what a venue cannot do is a function that says so. When something above wants to ask
 * which venue it is, the venue owes it a fact: add a field here, to an event or to the market. */
#ifndef KEEL_VENUE_VENUE_H
#define KEEL_VENUE_VENUE_H

#include "base/arena.h"
#include "base/hmac.h"
#include "keel/command.h"
#include "keel/venue.h"

enum {
    KEEL_REQUEST_PATH_SIZE = 96,
    KEEL_REQUEST_TEXT_SIZE = 2048, /* a query or a body */
    KEEL_API_KEY_SIZE = 128,
    KEEL_REQUEST_HEADERS_SIZE = 512,
    KEEL_STREAM_PATH_SIZE = 4096,
    KEEL_STREAM_FRAMES_SIZE = 1 << 15,
    KEEL_LOADS_MAX = 24,
    KEEL_USAGE_MAX = 4, /* limits of which one reply tells */
};

/* Credentials, ready to sign. Lives in locked memory; wiped after use. */
struct keel_keys {
    char api_key[KEEL_API_KEY_SIZE]; /* "" without credentials */
    struct keel_hmac hmac;
};

enum keel_http_method {
    KEEL_HTTP_GET,
    KEEL_HTTP_POST,
    KEEL_HTTP_PUT,
    KEEL_HTTP_DELETE,
    KEEL_HTTP_PATCH,
};

/* Bytes for the wire, but for the host. Parameters are in the order in which they were signed. */
struct keel_request {
    enum keel_http_method method;
    bool idempotent;       /* sending it twice is sending it once: reads, renewals */
    bool fresh_connection; /* a write without a body: never on a connection used before */
    bool needs_key;        /* carries the API key's header */
    bool json;             /* the body is JSON; else a form's text */
    int32_t weight;        /* of the venue's request budget */
    int32_t order_count;
    char path[KEEL_REQUEST_PATH_SIZE];
    uint32_t query_size, body_size;
    char headers[KEEL_REQUEST_HEADERS_SIZE]; /* lines "Name: value\n", besides the key's; "" if none
                                              */
    char query[KEEL_REQUEST_TEXT_SIZE];      /* with its zero byte; "" if none */
    char body[KEEL_REQUEST_TEXT_SIZE];       /* "" if none */
};

/* How much of a limit is used, as a reply tells. */
struct keel_usage {
    enum keel_rate_limit_kind kind;
    int64_t interval_ms;
    int64_t used;
};

/* What a reply means. A read that the venue refused is KEEL_FATE_REJECTED too. */
struct keel_outcome {
    enum keel_fate fate;
    bool not_found;         /* "does not exist", from the endpoint family that was asked */
    bool duplicate;         /* the client id is taken: evidence that the first one was accepted */
    bool already_so;        /* the setting has this value: a success */
    bool partial;           /* a list of transfers whose page is full: there may be more of them */
    bool clock_wrong;       /* our timestamp is outside the window: measure the offset again */
    bool busy;              /* rate limited or banned: be silent until retry_at_ms */
    int64_t retry_at_ms;    /* venue's wall clock; 0: not told */
    int64_t retry_after_ms; /* 0: not told */
    struct keel_usage usage[KEEL_USAGE_MAX];
    int32_t usage_count;
    struct keel_error error; /* status, the venue's code and its words */
};

/* The part of a reply that a codec reads. */
struct keel_reply {
    int32_t http_status;
    keel_str body;
    keel_str headers; /* as they came: lines "Name: value\r\n"; "" if there are none */
};

/* The value of a header, its name compared without case; "" if it is absent. */
keel_str keel_reply_header(const struct keel_reply *reply, const char *name);

/* The same as a count; -1 if it is absent or none. */
int64_t keel_reply_count(const struct keel_reply *reply, const char *name);

enum keel_stream_kind {
    KEEL_STREAM_USER,
    KEEL_STREAM_MARKET, /* mark prices */
    KEEL_STREAM_BOOK,   /* book tops: opened only when wanted */
    KEEL_STREAM_ORDERS, /* order entry: the same */
    KEEL_STREAM_KINDS,
};

/* What a stream shall carry, and what its opening is signed with. */
struct keel_stream_wish {
    enum keel_stream_kind kind;
    keel_str stream_key; /* of the user stream, where the venue has one */
    const struct keel_keys *keys;
    int64_t time_ms; /* the venue's wall clock now */
    const struct keel_markets *markets;
    const keel_market_id *active;
    size_t active_count;
};

/* How to open a stream: a path below the venue's stream host, and what to send first. */
struct keel_stream_request {
    char path[KEEL_STREAM_PATH_SIZE];
    char headers[KEEL_REQUEST_HEADERS_SIZE]; /* of the upgrade, as in keel_request */
    char frames[KEEL_STREAM_FRAMES_SIZE];    /* lines, each a frame; "": none */
    int32_t acks; /* KEEL_EVENT_SUBSCRIBED to come before the stream carries all of it */
};

/* A command as a frame of the order-entry stream. */
struct keel_frame {
    int32_t weight;
    int32_t order_count;
    uint32_t size;
    char text[KEEL_REQUEST_TEXT_SIZE]; /* with its zero byte */
};

/* What came on the order-entry stream. */
struct keel_answer {
    uint64_t id;             /* of the frame that it answers */
    bool receipt;            /* says no more than that the frame has come: the answer follows */
    struct keel_reply reply; /* what a request would have been answered; points into the bytes */
    struct keel_usage usage[KEEL_USAGE_MAX];
    int32_t usage_count;
};

/* Hosts, as the command line shows them. One URL replaces all three (REST at its http form, streams
 * at its ws form). */
struct keel_hosts {
    const char *rest;
    const char *stream[KEEL_STREAM_KINDS];
    const char *stream_path; /* of all streams there, where it is not what open_stream says; NULL */
};

/* One of the loads that make an account ready. */
struct keel_load {
    enum keel_command_kind command;
    bool per_market; /* once for each active market */
    bool is_public;  /* needs no credentials */
};

struct keel_change_history {
    int32_t page_limit; /* rows in one answer; 0: the venue has no such history */
    int64_t life_ms;    /* what is older is not in it any more */
};

struct keel_venue {
    const char *name; /* "binance" */
    enum keel_product product;
    struct keel_hosts live, demo;
    const char *settle_asset; /* in which margin is held and totals are counted: "USDT" */
    const char *key_variable; /* "BINANCE_API_KEY" */
    const char *secret_variable;
    const char *key_header;                 /* of requests that need the key: "X-MBX-APIKEY" */
    struct keel_load loads[KEEL_LOADS_MAX]; /* markets and time come first; closed by NONE */
    bool needs_stream_key;       /* the user stream opens with a key: KEEL_OPEN_STREAM_KEY */
    int64_t stream_key_renew_ms; /* how often to renew it; 0: it lasts */
    int64_t stream_life_ms;      /* the venue closes a stream after this; replace it before */
    int64_t market_silence_ms;   /* a market stream quieter than this is dead */
    int64_t user_ping_ms;        /* the venue pings at least this often */
    int64_t receive_window_max_ms;
    int32_t page_limit;      /* rows in a page of history */
    bool pages_by_number;    /* what follows a full page has the next number, not the last id */
    int64_t history_span_ms; /* a page's two times are no further apart; 0: they may be */

    /* Leverage and margin mode are set by one call: whoever sets the one sets the other, too. */
    bool sets_mode_with_leverage;

    /* What tells of a change even when another came after it: the amendments of an order, the
     * margin moved to or from isolated positions. */
    struct keel_change_history amendments, margin_changes;

    /* Conditional orders are a family of their own: other endpoints, other ids. Else every order is
     * of the regular family. */
    bool conditional_apart;
    /* How long an order that is done without a fill can still be found by its client id; 0: for
     * ever. After it "not found" proves nothing: the lists of orders and executions tell. */
    int64_t client_id_life_ms;
    /* And by any id, and in the lists; 0: for ever. After it that one is nowhere proves only that
     * it rests nowhere and was never filled. */
    int64_t unfilled_life_ms;
    int32_t money_digits; /* decimals at which it cuts amounts of money; 0: eight */

    /* Names a market from the venue's symbol alone, on the finest grid that the venue has; false if
     * it does not look like one. For tools: a client loads the venue's own rules. */
    bool (*name_market)(keel_str venue_symbol, struct keel_market *market);

    void (*set_keys)(struct keel_keys *keys, keel_str api_key, keel_str secret);

    /* A client order id from a prefix that keel owns and a number that never repeats. */
    void (*make_client_id)(uint64_t number, char client_id[KEEL_CLIENT_ID_SIZE]);
    bool (*client_id_is_valid)(keel_str client_id);

    /* Signs with time_ms, the venue's wall clock now. KEEL_UNSUPPORTED, KEEL_INVALID (a market
     * unknown), KEEL_FULL. */
    enum keel_status (*encode)(const struct keel_command *command,
                               const struct keel_markets *markets, const struct keel_modes *modes,
                               const struct keel_keys *keys, int64_t time_ms,
                               int64_t receive_window_ms, struct keel_request *request,
                               struct keel_error *error);

    /* Always fills *outcome; adds events to the list. KEEL_MALFORMED if an accepted reply cannot
     * be read: the fate of a write is then unknown, and outcome says so. */
    enum keel_status (*decode_reply)(const struct keel_command *command,
                                     const struct keel_reply *reply,
                                     const struct keel_markets *markets, struct keel_arena *arena,
                                     struct keel_events *events, struct keel_outcome *outcome);

    /* One frame. A message for a market that is not in the table becomes KEEL_EVENT_UNKNOWN. On an
     * error no event of the frame was added. */
    enum keel_status (*decode_stream)(keel_str bytes, const struct keel_markets *markets,
                                      struct keel_arena *arena, struct keel_events *events,
                                      struct keel_error *error);

    /* As encode, for the order-entry stream: placing, amending and cancelling one order. The answer
     * bears the id. KEEL_UNSUPPORTED: a command that goes by request. */
    enum keel_status (*encode_frame)(const struct keel_command *command,
                                     const struct keel_markets *markets,
                                     const struct keel_modes *modes, const struct keel_keys *keys,
                                     int64_t time_ms, int64_t receive_window_ms, uint64_t id,
                                     struct keel_frame *frame, struct keel_error *error);

    /* False for what answers no frame of encode_frame: decode_stream reads it. The reply is read by
     * decode_reply with the command that was sent. */
    bool (*read_answer)(keel_str bytes, struct keel_answer *answer);

    enum keel_status (*open_stream)(const struct keel_stream_wish *wish,
                                    struct keel_stream_request *request, struct keel_error *error);
};

extern const struct keel_venue keel_venue_binance, keel_venue_binance_spot;
extern const struct keel_venue keel_venue_gateio, keel_venue_gateio_spot;

#endif

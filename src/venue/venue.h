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
    KEEL_REQUEST_PATH_SIZE = 64,
    KEEL_REQUEST_TEXT_SIZE = 2048, /* a query or a body */
    KEEL_API_KEY_SIZE = 128,
    KEEL_STREAM_PATH_SIZE = 4096,
    KEEL_LOADS_MAX = 24,
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
};

/* Bytes for the wire, but for the host. Parameters are in the order in which they were signed. */
struct keel_request {
    enum keel_http_method method;
    bool idempotent;       /* sending it twice is sending it once: reads, renewals */
    bool fresh_connection; /* a write without a body: never on a connection used before */
    bool needs_key;        /* carries the API key's header */
    int32_t weight;        /* of the venue's request budget */
    int32_t order_count;
    char path[KEEL_REQUEST_PATH_SIZE];
    uint32_t query_size, body_size;
    char query[KEEL_REQUEST_TEXT_SIZE]; /* with its zero byte; "" if none */
    char body[KEEL_REQUEST_TEXT_SIZE];  /* form text; "" if none */
};

/* What a reply means. A read that the venue refused is KEEL_FATE_REJECTED too. */
struct keel_outcome {
    enum keel_fate fate;
    bool not_found;          /* "does not exist", from the endpoint family that was asked */
    bool duplicate;          /* the client id is taken: evidence that the first one was accepted */
    bool already_so;         /* the setting has this value: a success */
    bool clock_wrong;        /* our timestamp is outside the window: measure the offset again */
    bool busy;               /* rate limited or banned: be silent until retry_at_ms */
    int64_t retry_at_ms;     /* venue's wall clock; 0: not told */
    int64_t retry_after_ms;  /* 0: not told */
    struct keel_error error; /* status, the venue's code and its words */
};

/* The part of a reply that a codec reads. */
struct keel_reply {
    int32_t http_status;
    keel_str body;
    keel_str retry_after; /* header; "" if absent */
    int64_t weight_used;  /* from the venue's headers; -1: not told */
    int64_t orders_used_10s, orders_used_1m;
};

enum keel_stream_kind {
    KEEL_STREAM_USER,
    KEEL_STREAM_MARKET, /* mark prices */
    KEEL_STREAM_BOOK,   /* book tops: opened only when wanted */
    KEEL_STREAM_KINDS,
};

/* How to open a stream: a path below the venue's stream host, and a frame to send first. */
struct keel_stream_request {
    char path[KEEL_STREAM_PATH_SIZE];
    char frame[KEEL_STREAM_PATH_SIZE]; /* "": none */
};

/* Hosts, as the command line shows them. One URL replaces all three (REST at its http form, streams
 * at its ws form). */
struct keel_hosts {
    const char *rest;
    const char *stream[KEEL_STREAM_KINDS];
};

/* One of the loads that make an account ready. */
struct keel_load {
    enum keel_command_kind command;
    bool per_market; /* once for each active market */
    bool is_public;  /* needs no credentials */
};

struct keel_venue {
    const char *name; /* "binance" */
    struct keel_hosts live, demo;
    const char *settle_asset; /* in which margin is held and totals are counted: "USDT" */
    const char *key_variable; /* "BINANCE_API_KEY" */
    const char *secret_variable;
    const char *key_header;                 /* of requests that need the key: "X-MBX-APIKEY" */
    struct keel_load loads[KEEL_LOADS_MAX]; /* markets and time come first; closed by NONE */
    int64_t stream_key_renew_ms;            /* how often to renew; 0: no key */
    int64_t stream_life_ms;    /* the venue closes a stream after this; replace it before */
    int64_t market_silence_ms; /* a market stream quieter than this is dead */
    int64_t user_ping_ms;      /* the venue pings at least this often */
    int64_t receive_window_max_ms;
    int32_t page_limit; /* rows in a page of history */

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

    enum keel_status (*open_stream)(enum keel_stream_kind kind, keel_str stream_key,
                                    const struct keel_markets *markets,
                                    const keel_market_id *active, size_t active_count,
                                    struct keel_stream_request *request, struct keel_error *error);
};

extern const struct keel_venue keel_venue_binance;

#endif

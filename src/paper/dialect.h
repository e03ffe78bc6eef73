/* dialect.h - what the paper venue's server and one venue's dialect say to each other.
 *
 * Pure: bytes of a request in, bytes of a response out; engine events in, stream frames out. No
 * socket and no clock: `now_ms` is the wall clock, handed in. The server knows paths, headers and
 * frames; every word of a venue is on the dialect's side of this header. */
#ifndef PAPER_DIALECT_H
#define PAPER_DIALECT_H

#include "paper/engine.h"
#include "paper/fault.h"
#include "paper/spot/spot.h"

enum {
    PAPER_RESPONSE_SIZE = 16 << 20, /* the largest list that can be asked for fits */
    PAPER_RESPONSE_HEADERS_SIZE = 1024,
    PAPER_STREAM_QUEUE_MAX = 64 << 20, /* a client that reads slower than this is cut off */
};

#define PAPER_UNCUT SIZE_MAX

struct paper_header {
    keel_str name, value;
};

/* Everything exactly as it came: nothing is decoded before the signature has been verified. */
struct paper_http_request {
    keel_str method;
    keel_str path;    /* without the query */
    keel_str query;   /* without the question mark */
    keel_str body;    /* whole */
    keel_str address; /* of the client, without its port */
    const struct paper_header *headers;
    int header_count;
};

/* The value of a header, its name compared without case; empty if it is absent. */
keel_str paper_request_header(const struct paper_http_request *request, const char *name);

struct paper_response {
    int status;
    const char *content_type;
    struct keel_writer headers; /* whole lines, each with its CR LF */
    struct keel_writer body;
    int64_t delay_ms; /* a fault: it leaves so much later */
    size_t cut;       /* a fault: of the bytes on the wire, after which the connection ends */
};

/* A 200 of JSON without a body, whole and at once; the writers are emptied. */
void paper_response_clear(struct paper_response *response);

/* A member whose text is all three, one after the other. */
void paper_put_url(struct keel_writer *json, const char *key, const char *scheme,
                   keel_str authority, const char *path);

enum paper_frame_kind {
    PAPER_FRAME_TEXT,
    PAPER_FRAME_PING,
    PAPER_FRAME_PONG,
    PAPER_FRAME_CLOSE, /* the last one: the connection ends after it */
};

struct paper_frame {
    enum paper_frame_kind kind;
    int close_code;
    keel_str payload; /* of a frame that leaves: good until the stream's next frame */
    size_t cut;       /* a fault: of a frame that leaves, as paper_response.cut */
};

/* What faults hold back of a stream. */
struct paper_hold {
    char *kept; /* a frame that leaves later; NULL: none */
    size_t kept_size;
    bool blocks;              /* the others wait behind it */
    int64_t until_ms;         /* it leaves then at the latest */
    int64_t frames;           /* or when so many others have left */
    char *given;              /* the one that left last, for it was handed out */
    struct paper_frame again; /* to leave a second time */
    bool repeats;
};

struct paper_dialect;

/* One open WebSocket. A dialect embeds it first in its own kind of stream. */
struct paper_stream {
    struct paper_dialect *dialect;
    void *owner; /* the server's connection; the dialect does not touch it */
    bool ready;  /* frames are waiting, and it is in the list of such streams */
    bool closed; /* a close frame is waiting: later frames are dropped */
    bool waits;  /* something is held back, and it is in the list of such streams */
    struct paper_stream *next_ready, *next_waiting;
    struct paper_hold hold;
    char *queue; /* frames that wait, each behind its size and kind */
    size_t queue_size, queue_capacity, queue_taken;
};

/* The streams with frames waiting, of all dialects, and those from which faults hold some back. */
struct paper_outbox {
    struct paper_stream *first, *last;
    struct paper_stream *waiting;
};

struct paper_dialect_ops {
    const char *name; /* "binance" */
    bool (*owns_path)(keel_str path);
    void (*handle)(struct paper_dialect *dialect, const struct paper_http_request *request,
                   int64_t now_ms, struct paper_response *response);

    /* NULL when the upgrade is refused; the response then says why. */
    struct paper_stream *(*open_stream)(struct paper_dialect *dialect,
                                        const struct paper_http_request *request, int64_t now_ms,
                                        struct paper_response *refusal);
    void (*close_stream)(struct paper_dialect *dialect, struct paper_stream *stream);
    void (*receive)(struct paper_dialect *dialect, struct paper_stream *stream,
                    const struct paper_frame *frame, int64_t now_ms);
    void (*publish)(struct paper_dialect *dialect, const struct paper_event *event, int64_t now_ms);

    /* NULL: it has nothing to tell of the spot side. */
    void (*publish_spot)(struct paper_dialect *dialect, const struct paper_spot_event *event,
                         int64_t now_ms);

    /* Market time has moved, by less than a funding interval; its events have been published. */
    void (*advanced)(struct paper_dialect *dialect, int64_t now_ms);

    /* About every 10 ms: throttled streams, pings, what expires. */
    void (*tick)(struct paper_dialect *dialect, int64_t now_ms);
    void (*reset)(struct paper_dialect *dialect, int64_t now_ms);

    /* For faults: who calls (0: nobody known), what a frame is (empty or 0 what is not known), the
     * answer of a venue that fails, and the loss of a listen key (0: every account's) of which the
     * streams are told so many times. */
    int (*account_of)(const struct paper_dialect *dialect,
                      const struct paper_http_request *request);
    void (*describe_frame)(const struct paper_stream *stream, keel_str payload,
                           struct paper_fault_subject *subject);
    void (*fail)(struct paper_dialect *dialect, const struct paper_fault_rule *rule, int64_t now_ms,
                 struct paper_response *response);
    void (*expire_key)(struct paper_dialect *dialect, int account, int notices, int64_t now_ms);

    /* Its member of the ready line: an object with the addresses of its parts. */
    void (*describe)(const struct paper_dialect *dialect, keel_str authority,
                     struct keel_writer *json);
    void (*free)(struct paper_dialect *dialect);
};

/* A dialect in use; each embeds it first in its own state. */
struct paper_dialect {
    const struct paper_dialect_ops *ops;
    struct paper_outbox *outbox;
};

void paper_stream_init(struct paper_stream *stream, struct paper_dialect *dialect);
void paper_stream_deinit(struct paper_stream *stream);

/* Queues a frame; the parts are its payload, one after the other. A queue that is full, or memory
 * that is not there, ends the stream: a gap that nobody is told of would be worse. */
void paper_stream_push(struct paper_stream *stream, enum paper_frame_kind kind,
                       const keel_str *parts, int part_count);
void paper_stream_push_close(struct paper_stream *stream, int code);

/* False when nothing waits. */
bool paper_stream_next_frame(struct paper_stream *stream, struct paper_frame *frame);

/* Faults hold something of the stream back: it is ready again at the next wake. */
void paper_stream_wait(struct paper_stream *stream);
void paper_outbox_wake(struct paper_outbox *outbox);

/* Takes a stream with frames waiting out of the list; NULL when there is none. */
struct paper_stream *paper_outbox_next(struct paper_outbox *outbox);

#endif

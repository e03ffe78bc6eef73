/* streams.h - the streams of a session: the one in use of each kind, and the one to replace it.
 *
 * Pure; one owner. A replacement is open before the old stream is closed, so that nothing falls
 * between them; what both bring is dropped above as known. Numbers are never used again. */
#ifndef KEEL_SESSION_STREAMS_H
#define KEEL_SESSION_STREAMS_H

#include "venue/venue.h"

enum {
    KEEL_STREAMS_CLOSING_MAX = 16,
};

/* A stream that lived so long takes the failures before it back. */
#define KEEL_STREAM_STEADY_NS (INT64_C(60) * 1000 * 1000 * 1000)

/* What becomes of the replacement. */
enum keel_stream_step {
    KEEL_STREAM_RESTING,     /* none is wanted */
    KEEL_STREAM_PAUSED,      /* until due_ns */
    KEEL_STREAM_KEYLESS,     /* wants a key; due to be asked for */
    KEEL_STREAM_KEYING,      /* the key is asked for */
    KEEL_STREAM_READY,       /* to be opened by the next effect */
    KEEL_STREAM_OPENING,     /* given up at due_ns */
    KEEL_STREAM_SUBSCRIBING, /* open; its acknowledgements are to come till due_ns */
};

struct keel_stream {
    uint32_t number; /* in use; 0: none */
    bool lost;       /* silent, or its key expired: heard, but no longer relied upon */
    int32_t carries; /* active markets when it was opened */
    int64_t opened_ns, heard_ns;
    int64_t pinged_ns; /* a ping of ours is not answered since; 0: none */
    bool ping_due;     /* by the next effect */

    enum keel_stream_step step;
    uint32_t next_number;
    int32_t next_carries;
    int32_t next_acks; /* to come before it carries all that it should */
    int64_t due_ns;
    int32_t failures;
    char reason[96]; /* of the last failure */
};

struct keel_streams {
    struct keel_stream at[KEEL_STREAM_KINDS];
    uint32_t last_number;
    uint32_t closing[KEEL_STREAMS_CLOSING_MAX];
    int32_t closing_count;
};

/* Asks for a new stream, unless one is on its way. */
void keel_streams_want(struct keel_streams *streams, enum keel_stream_kind kind, bool keyed);

/* The replacement came to nothing: try again after a pause. */
void keel_streams_fail(struct keel_streams *streams, enum keel_stream_kind kind, int64_t now_ns,
                       uint64_t *random, const char *reason);

/* READY becomes OPENING; the number of the new stream. acks: acknowledgements to wait for. */
uint32_t keel_streams_begin(struct keel_streams *streams, enum keel_stream_kind kind,
                            int32_t carries, int32_t acks, int64_t give_up_ns);

/* The kind whose stream has that number, in use or opening; KEEL_STREAM_KINDS if none. */
enum keel_stream_kind keel_streams_find(const struct keel_streams *streams, uint32_t number);

/* The replacement is open, and of what it asked for so much is still to be acknowledged. */
void keel_streams_subscribe(struct keel_streams *streams, enum keel_stream_kind kind,
                            int64_t give_up_ns);

/* The replacement carries all that it should: it is in use from now on, and the old one is to be
 * closed. */
void keel_streams_promote(struct keel_streams *streams, enum keel_stream_kind kind, int64_t now_ns);

/* The stream in use is gone, without a replacement yet. */
void keel_streams_drop(struct keel_streams *streams, enum keel_stream_kind kind, int64_t now_ns);

/* Closes all: nothing is in use or wanted. */
void keel_streams_close(struct keel_streams *streams);

/* The next number whose stream is to be closed; 0: none. */
uint32_t keel_streams_next_closing(struct keel_streams *streams);

/* Something came on the stream in use. */
void keel_stream_hear(struct keel_stream *stream, int64_t now_ns);

bool keel_stream_is_up(const struct keel_stream *stream);

#endif

/* effect.h - what a session asks of the world, and what the world answers.
 *
 * Values that cross the line between the pure layers and net/. A request's bytes are good until its
 * reply was given back; everything else until the next call of the session. */
#ifndef KEEL_SESSION_EFFECT_H
#define KEEL_SESSION_EFFECT_H

#include "venue/venue.h"

enum keel_effect_kind {
    KEEL_EFFECT_NONE,
    KEEL_EFFECT_REQUEST,      /* send; answer with keel_transport, exactly once */
    KEEL_EFFECT_OPEN_STREAM,  /* connect a WebSocket, send its first frame when open */
    KEEL_EFFECT_CLOSE_STREAM, /* no further input of that stream number may come */
};

/* How far a request came. */
enum keel_transport_kind {
    KEEL_TRANSPORT_NONE,
    KEEL_TRANSPORT_REPLIED,  /* a whole reply */
    KEEL_TRANSPORT_NOT_SENT, /* certainly no byte left: resolve or connect failed */
    KEEL_TRANSPORT_LOST,     /* bytes may have left, and no whole reply came */
};

struct keel_transport {
    enum keel_transport_kind kind;
    struct keel_reply reply; /* REPLIED */
    char reason[96];         /* for a person: "connection refused" */
};

struct keel_effect {
    enum keel_effect_kind kind;
    union {
        struct {
            uint64_t id;
            const struct keel_request *request;
            int64_t timeout_ms;
        } request;
        struct {
            uint32_t number; /* never used again: a late byte of an old stream is told apart */
            enum keel_stream_kind kind;
            const struct keel_stream_request *request;
        } stream;
    };
};

#endif

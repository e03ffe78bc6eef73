/* effect.h - what a session asks of the world, and what the world answers.
 *
 * Values that cross the line between the pure layers and net/. A request's bytes are good until its
 * reply was given back; everything else until the next call of the session. */
#ifndef KEEL_SESSION_EFFECT_H
#define KEEL_SESSION_EFFECT_H

#include "keel/difference.h"
#include "venue/venue.h"

enum keel_effect_kind {
    KEEL_EFFECT_NONE,
    KEEL_EFFECT_REQUEST,      /* send; answer with keel_transport, exactly once */
    KEEL_EFFECT_OPEN_STREAM,  /* connect a WebSocket, send its first frame when open */
    KEEL_EFFECT_CLOSE_STREAM, /* no further input of that stream number may come */
    KEEL_EFFECT_PING_STREAM,  /* send a ping of the protocol; the pong is told as a ping is */
    KEEL_EFFECT_SEND_FRAME,   /* send on an open stream. Answered with keel_transport only if it did
                               * not leave: else what the stream brings answers it, or its end */
    KEEL_EFFECT_RECORD,       /* keep; durable before any later request that is a write leaves */
};

enum keel_record_kind {
    KEEL_RECORD_NONE,
    KEEL_RECORD_INTENT,  /* a write that is about to leave */
    KEEL_RECORD_OUTCOME, /* a verdict on it: the first, and the last if that was unknown */
    KEEL_RECORD_EXECUTION,
    KEEL_RECORD_BALANCE,
    KEEL_RECORD_INCOME,
    KEEL_RECORD_DIFFERENCE,
    KEEL_RECORD_NUMBERS,  /* numbers below numbers_end are about to be used: with a full sync */
    KEEL_RECORD_COMPLETE, /* all that happened before complete_ms has been recorded */
};

/* A write, as it leaves. The number is ours and never comes twice. */
struct keel_intent {
    uint64_t number;
    int64_t time_ms;               /* the timestamp that it bears: the venue's wall clock */
    int64_t expires_ms;            /* by that clock: from then on it can no longer take effect */
    char symbol[KEEL_SYMBOL_SIZE]; /* of the command's market, whose id is of this process alone */
    struct keel_command command;

    /* Of one without a verdict, when it is read back: others of ours changed the same since. */
    bool overtaken; /* to something else */
    int32_t rivals; /* so many to just what this one wanted */
    bool crossed;   /* a leverage by a margin mode, or the other way round */
};

struct keel_verdict {
    uint64_t number;
    enum keel_fate fate;
    bool closed; /* of one that stays unknown: nothing will ever tell, and it is not asked for */
    int64_t time_ms;
    char order_id[KEEL_ORDER_ID_SIZE]; /* "" if not told */
    struct keel_error error;
};

struct keel_record {
    enum keel_record_kind kind;
    char symbol[KEEL_SYMBOL_SIZE]; /* of an execution, income or difference; "" without a market */
    union {
        struct keel_intent intent;
        struct keel_verdict verdict;
        struct keel_execution execution;
        struct keel_balance balance;
        struct keel_income income;
        struct keel_difference difference;
        uint64_t numbers_end;
        int64_t complete_ms;
    };
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
        struct {
            uint64_t id;
            uint32_t number;
            const struct keel_frame *frame; /* good as long as a request's bytes */
        } frame;
        const struct keel_record *record; /* good until the next effect */
    };
};

#endif

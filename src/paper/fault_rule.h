/* fault_rule.h - one thing that goes wrong on demand: what it strikes, when, and what happens then.
 *
 * Pure. Read from one JSON object:
 *
 *     {"action":"503-unknown","executed":true,"method":"POST","path":"/fapi/v1/order","after":2}
 *
 * docs/paper.md describes every member. A member that is absent matches everything. */
#ifndef PAPER_FAULT_RULE_H
#define PAPER_FAULT_RULE_H

#include "base/json.h"

enum paper_fault_action {
    PAPER_FAULT_NONE,
    PAPER_FAULT_DELAY,     /* of a reply, or of a frame and all behind it */
    PAPER_FAULT_DROP,      /* a frame */
    PAPER_FAULT_DUPLICATE, /* a frame */
    PAPER_FAULT_REORDER,   /* a frame: later ones go first */
    PAPER_FAULT_SILENCE,   /* of streams that stay open */
    PAPER_FAULT_CUT,       /* a connection: in a request, a reply or a frame */
    PAPER_FAULT_REFUSE,    /* new connections */
    PAPER_FAULT_UNKNOWN,   /* 503: nobody says whether it was executed */
    PAPER_FAULT_UNAVAILABLE,
    PAPER_FAULT_INTERNAL,
    PAPER_FAULT_THROTTLED,
    PAPER_FAULT_TIMEOUT, /* 408: the same as unknown */
    PAPER_FAULT_LIMITED, /* 429 */
    PAPER_FAULT_BANNED,  /* 418 */
    PAPER_FAULT_EXPIRE_KEY,
    PAPER_FAULT_CLOCK, /* the venue's own is off */
};

/* What a fault happens to. */
enum paper_fault_target {
    PAPER_FAULT_OF_VENUE,
    PAPER_FAULT_OF_REQUEST, /* before the venue has seen it */
    PAPER_FAULT_OF_REPLY,   /* the call itself: it is answered otherwise, late or in part */
    PAPER_FAULT_OF_FRAME,
};

/* Which kind of WebSocket a frame leaves by. */
enum paper_stream_kind {
    PAPER_STREAM_ANY,
    PAPER_STREAM_USER,
    PAPER_STREAM_MARKET,
    PAPER_STREAM_API,
};

enum {
    PAPER_FAULT_WORD_SIZE = 32,
    PAPER_FAULT_PATH_SIZE = 96,
    PAPER_FAULT_CERTAIN = 1000000, /* a probability of 1 */
};

struct paper_fault_rule {
    enum paper_fault_action action;
    enum paper_fault_target target;

    char method[PAPER_FAULT_WORD_SIZE]; /* "": any */
    char path[PAPER_FAULT_PATH_SIZE];   /* "": any; a last '*' stands for any rest */
    char event[PAPER_FAULT_WORD_SIZE];  /* "ORDER_TRADE_UPDATE" */
    enum paper_stream_kind stream;
    int64_t account; /* 0: any */

    int64_t at_ms, for_ms;         /* after it was made; 0: at once, and without end */
    int64_t after, times;          /* matches let pass first; strikes, 0: without end */
    int64_t probability_millionth; /* of a match to be struck */

    int64_t ms;            /* delay, clock */
    int64_t byte;          /* cut */
    int64_t frames;        /* reorder: how many go first */
    int64_t notices;       /* expire-key */
    int64_t retry_after_s; /* 429, 418 */
    bool executed;         /* 503-unknown, 408: the call is carried out all the same */
    bool pings;            /* silence: pings and pongs go on */
};

/* KEEL_CONFIG: the message names the member that is wrong; *rule is then undefined. */
KEEL_MUST_USE enum keel_status paper_fault_rule_parse(keel_str json, struct paper_fault_rule *rule,
                                                      struct keel_error *error);

#endif

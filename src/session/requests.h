/* requests.h - the fixed pool of requests: those that wait, are on the wire, or have no verdict.
 *
 * Pure; no allocation after new; one owner. A request keeps its place from the command until its
 * fate is settled. Places are small integers; the id that goes out with a request names its place
 * and its turn, so that a late answer is told apart. */
#ifndef KEEL_SESSION_REQUESTS_H
#define KEEL_SESSION_REQUESTS_H

#include "session/governor.h"
#include "session/settle.h"

enum {
    KEEL_REQUESTS_MAX = 256,  /* places */
    KEEL_REQUESTS_SPARE = 64, /* of which callers' commands leave so many to the session itself */
    KEEL_IN_FLIGHT_MAX = 64,
    KEEL_REQUEST_NONE = KEEL_REQUESTS_MAX, /* no place */
};

/* Who wants to know. */
enum keel_purpose {
    KEEL_FOR_CALLER, /* a command: its result is reported */
    KEEL_FOR_LOAD,   /* one of the loads that make the account ready */
    KEEL_FOR_UPKEEP, /* the clock, the stream key */
    KEEL_FOR_FATE,   /* asks what became of another request */
    KEEL_FOR_NOBODY, /* given up while on the wire */
};

enum keel_request_state {
    KEEL_REQUEST_FREE,
    KEEL_REQUEST_QUEUED,
    KEEL_REQUEST_WAITING,   /* until due_ns, then queued */
    KEEL_REQUEST_IN_FLIGHT, /* on the wire */
    KEEL_REQUEST_ENDED,     /* its result waits to be reported */
    KEEL_REQUEST_UNSETTLED, /* a write without a verdict: asked about at due_ns */
    KEEL_REQUEST_ASKING,    /* the same, while the question is on its way */
    KEEL_REQUEST_STATES,
};

struct keel_slot {
    enum keel_request_state state;
    enum keel_purpose purpose;
    enum keel_urgency urgency;
    enum keel_fate fate;
    uint16_t next;               /* in its queue */
    uint16_t about;              /* KEEL_FOR_FATE: the place of the request that is asked about */
    enum keel_evidence evidence; /* KEEL_FOR_FATE: where it is looked for */
    bool proof;       /* KEEL_FOR_FATE: sent after the write could no longer take effect */
    uint32_t turn;    /* counts the uses of this place */
    uint32_t cycle;   /* KEEL_FOR_LOAD: of which reload */
    int32_t attempts; /* so far: sendings of a read, questions about a write */
    bool seen;        /* a placed order: the venue has told of it since */
    bool overtaken;   /* as in keel_doubt */
    int32_t rivals;   /* the same, of those that were accepted */
    uint8_t looked;   /* where the order was not, a bit an evidence */
    char order_id[KEEL_ORDER_ID_SIZE]; /* the venue's, of a placed order, where it was told */
    int64_t clock_refused_ns; /* its timestamp was refused then, the first time; 0: never */
    uint64_t token;           /* the caller's */
    int64_t queued_ns;        /* a caller's command came then */
    uint64_t sequence; /* of a caller's command: they leave in the order in which they came */
    uint64_t intent;   /* the number under which it is recorded; 0: not recorded */
    bool adopted;      /* a write of an earlier life, or from before the session was closed */
    bool told;         /* that its fate is unknown, when the session was closed over it */
    bool counted;      /* among the writes */
    bool received;     /* the venue has said that the frame came */
    uint32_t stream;   /* it left as a frame on this stream; 0: as a request */
    const char *cut;   /* why no answer will come any more; NULL: it may */
    int64_t due_ns;
    int64_t sent_ns, sent_wall_ms;
    int64_t sent_time_ms;   /* the timestamp that it bears: the venue's wall clock */
    int64_t clock_error_ms; /* of that time */
    int64_t expires_ms;     /* by that clock: it cannot take effect any more */
    struct keel_command command;
    struct keel_error error;
};

struct keel_requests {
    struct keel_slot *slots;    /* KEEL_REQUESTS_MAX */
    struct keel_request *bytes; /* one a place; not read until a request leaves */
    uint16_t free;              /* head of the list */
    uint16_t queue_first[KEEL_URGENCIES], queue_last[KEEL_URGENCIES];
    int32_t counts[KEEL_REQUEST_STATES];
    int32_t writes; /* callers' commands whose fate is not told, or not known */
    int64_t due_ns; /* not later than the first due time of all that wait */
};

/* KEEL_FULL: out of memory. */
KEEL_MUST_USE enum keel_status keel_requests_init(struct keel_requests *requests);
void keel_requests_deinit(struct keel_requests *requests);

/* Takes a place and queues the command, which is copied. KEEL_REQUEST_NONE when there is none. */
uint16_t keel_requests_add(struct keel_requests *requests, enum keel_purpose purpose,
                           enum keel_urgency urgency, const struct keel_command *command);

/* The next to leave, of the highest urgency; KEEL_REQUEST_NONE. It stays queued. */
static inline uint16_t keel_requests_first(const struct keel_requests *requests,
                                           enum keel_urgency urgency)
{
    return requests->queue_first[urgency];
}

/* The one behind it in its queue. */
static inline uint16_t keel_requests_after(const struct keel_requests *requests, uint16_t place)
{
    return requests->slots[place].next;
}

/* Nobody waits for its answer any more. */
void keel_requests_disown(struct keel_requests *requests, uint16_t place);

/* Out of its queue, to the wire. */
void keel_requests_start(struct keel_requests *requests, uint16_t place);

/* Out of the wire (or wherever it is but a queue) into another state. */
void keel_requests_move(struct keel_requests *requests, uint16_t place,
                        enum keel_request_state state, int64_t due_ns);
void keel_requests_release(struct keel_requests *requests, uint16_t place);

/* Queues what was waiting and is due. Finds the next due time. */
void keel_requests_wake(struct keel_requests *requests, int64_t now_ns);

uint64_t keel_requests_id(const struct keel_requests *requests, uint16_t place);
/* KEEL_REQUEST_NONE unless that request is on the wire. */
uint16_t keel_requests_find(const struct keel_requests *requests, uint64_t id);

#endif

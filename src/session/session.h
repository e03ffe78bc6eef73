/* session.h - the life of a connection: load, stream, keep alive, pace, settle, reconcile.
 *
 * A state machine. Pure: no I/O, no clock, no allocation after new; calls nobody. Whoever drives it
 * sets the time, gives it one input, pulls its reports until there are none (they say what came and
 * what became of commands), and then its effects. Knows the venue's table, never which venue.
 *
 *  state        input      next         what follows
 *  IDLE         start      LOADING      measure the clock, load markets; then open the streams;
 *                                       then, with the streams open, load all
 *  LOADING      frame      same         keep for later (user stream); marks are reported at once
 *  LOADING      lost       same         open what was lost; then load again
 *  LOADING      refused    CLOSED       name each load that failed
 *  LOADING      overdue    CLOSED       name what is missing
 *  LOADING      loaded     LIVE         report what was kept
 *  LIVE         frame      same         report
 *  LIVE         lost       RECONCILING  open what was lost; list what was missed; load all
 *  RECONCILING  frame      same         keep for later
 *  RECONCILING  lost       same         as from LIVE
 *  RECONCILING  refused    same         the same, after a pause
 *  RECONCILING  loaded     LIVE         report what was kept
 *  CLOSED       start      LOADING      as from IDLE
 *  any          stop       CLOSED       close the streams; queued commands failed
 *  any other pair changes nothing
 *
 * With order entry by stream, commands that the venue takes there leave on it while it is open, and
 * else as requests. What is in flight on it when it closes is unknown: asked about, not sent again.
 * A start waits for that stream; later its loss makes nothing stale.
 *
 * A session that is closed keeps the writes whose fate is unknown, and asks about them when it is
 * started again.
 *
 * "lost" is a stream that closed, was silent beyond its bound or whose key expired, or frames that
 * did not fit the buffer. A new stream is open before the old one is closed, and snapshots are
 * asked for only when the new one is open.
 *
 * A write leaves at most once. One without a verdict is asked about until the venue has settled it;
 * reads that were lost are repeated. Nothing leaves while the venue wants silence. */
#ifndef KEEL_SESSION_SESSION_H
#define KEEL_SESSION_SESSION_H

#include "session/effect.h"
#include "session/requests.h"

enum {
    KEEL_ACTIVE_MAX = KEEL_MARKETS_MAX,
    KEEL_NUMBERS_BLOCK = 10000,         /* reserved at once */
    KEEL_SESSION_EVENTS_MAX = 8192,     /* of one message: KEEL_FULL */
    KEEL_SESSION_ARENA_SIZE = 16 << 20, /* of one message; only what it needs is ever touched */
};

enum keel_session_state {
    KEEL_SESSION_IDLE,
    KEEL_SESSION_LOADING,
    KEEL_SESSION_LIVE,
    KEEL_SESSION_RECONCILING,
    KEEL_SESSION_CLOSED,
    KEEL_SESSION_STATES,
};

enum keel_session_input {
    KEEL_SESSION_START,
    KEEL_SESSION_STOP,
    KEEL_SESSION_FRAME,
    KEEL_SESSION_LOST,
    KEEL_SESSION_REFUSED,
    KEEL_SESSION_OVERDUE,
    KEEL_SESSION_LOADED,
    KEEL_SESSION_INPUTS,
};

/* The table above, as a function. */
enum keel_session_state keel_session_next_state(enum keel_session_state state,
                                                enum keel_session_input input);

/* The numbers of intents and client ids, of which none may come twice: the owner's, who has them
 * kept before they are used. */
struct keel_numbers {
    uint64_t next;
    uint64_t end;  /* reserved so far; 0: nobody keeps them */
    bool extended; /* end has moved, and that is to be kept */
};

uint64_t keel_numbers_take(struct keel_numbers *numbers);

/* Borrowed for the call of new, but for venue, markets, modes and numbers, which outlive the
 * session. */
struct keel_session_config {
    const struct keel_venue *venue;
    const struct keel_markets *markets; /* filled by the owner from the reports */
    const struct keel_modes *modes;     /* the account's: read when a request leaves */
    struct keel_numbers *numbers;       /* NULL: intents are not recorded */
    keel_str api_key, secret;           /* both empty: public loads and streams only */
    bool load_markets;
    bool recovers; /* an earlier life may have left something: the first load catches up, too */
    bool book_tops;
    enum keel_order_entry order_entry;
    int64_t receive_window_ms, request_timeout_ms, start_timeout_ms;
    int64_t silence_max_ms; /* 0: the venue's bounds */
    uint64_t seed;
};

enum keel_report_kind {
    KEEL_REPORT_NONE,
    KEEL_REPORT_STATE,  /* the state changed; error tells why, status KEEL_OK if nothing is wrong */
    KEEL_REPORT_EVENTS, /* facts: of a stream (command NULL), or of one of the session's loads */
    KEEL_REPORT_RESULT, /* the first verdict on a command, with the facts of its reply */
    KEEL_REPORT_SETTLED, /* the last verdict on a write that was unknown, with facts; UNKNOWN again:
                          * others of ours hide what became of it */
    KEEL_REPORT_CATCH_UP, /* reconciling or recovering: ask with keel_session_load for what the
                           * streams may have missed, and say keel_session_caught_up when all of it
                           * has come */
    KEEL_REPORT_WARNING,  /* error: something that the session will get over by itself */
};

/* Pointers are good until the next report is pulled. */
struct keel_report {
    enum keel_report_kind kind;
    enum keel_source source;
    enum keel_fate fate; /* RESULT, SETTLED */
    uint64_t token;      /* RESULT, SETTLED: the caller's */
    uint64_t intent;     /* RESULT, SETTLED: the number under which it was recorded; 0: none */
    bool not_found;      /* the venue's answer: no such order, from the family that was asked */
    int64_t asked_ms; /* facts of a reply: the venue's time when it was asked, or a little before */
    const struct keel_command *command;
    const struct keel_events *events; /* may be empty, never NULL */
    const struct keel_error *error;   /* never NULL; status KEEL_OK: all is well */
};

/* Settled as unknown: nothing will ever tell what became of it, and it is not asked for again. */
static inline bool keel_report_is_closed(const struct keel_report *report)
{
    return report->kind == KEEL_REPORT_SETTLED && report->fate == KEEL_FATE_UNKNOWN;
}

struct keel_session_view {
    enum keel_session_state state;
    bool rest;                       /* the last request was answered */
    bool streams[KEEL_STREAM_KINDS]; /* open, and heard of within their bound */
    int64_t heard_ns;                /* the last byte of the user stream; 0: none yet */
    int64_t clock_offset_ms, clock_error_ms;
    uint32_t steps_back; /* times that the venue's own clock was found to have gone back */
    uint32_t reconnects;
    int32_t unsettled;     /* writes whose fate is not known, and commands without a verdict */
    uint64_t messages;     /* frames and replies */
    uint64_t unexpected;   /* inputs for what is no longer there */
    uint64_t warnings_cut; /* warnings that came faster than they were pulled */
};

struct keel_session;

/* KEEL_CONFIG (a bound that cannot be right), KEEL_FULL (out of memory); NULL then. */
struct keel_session *keel_session_new(const struct keel_session_config *config,
                                      struct keel_error *error);
void keel_session_free(struct keel_session *session);

/* Before each input. The wall clock is ours; the session measures how far the venue's is off. */
void keel_session_set_time(struct keel_session *session, int64_t now_ns, int64_t wall_ms);
int64_t keel_session_venue_time_ms(const struct keel_session *session);

/* Looks whether the time just set tells that what is known is old: a stream silent beyond its
 * bound, a process that was suspended, a clock that jumped. Before any read that relies on it; what
 * follows from it is reported with the next input. */
void keel_session_check_time(struct keel_session *session);

/* Inputs. After each, pull the reports. */
void keel_session_start(struct keel_session *session);
void keel_session_stop(struct keel_session *session);
void keel_session_on_transport(struct keel_session *session, uint64_t id,
                               const struct keel_transport *transport);
void keel_session_on_stream_opened(struct keel_session *session, uint32_t number);
/* The bytes are borrowed until the reports are pulled. */
void keel_session_on_stream_message(struct keel_session *session, uint32_t number, keel_str bytes);
void keel_session_on_stream_ping(struct keel_session *session, uint32_t number);
void keel_session_on_stream_closed(struct keel_session *session, uint32_t number,
                                   const char *reason);
void keel_session_tick(struct keel_session *session);

/* Would a command be taken now? KEEL_FULL, or KEEL_FAILED when the session is idle or closed. */
KEEL_MUST_USE enum keel_status keel_session_check_room(const struct keel_session *session,
                                                       const struct keel_command *command,
                                                       struct keel_error *error);

/* A command: copied, queued; its result bears the token. As above; nothing is queued then. */
KEEL_MUST_USE enum keel_status keel_session_command(struct keel_session *session,
                                                    const struct keel_command *command,
                                                    uint64_t token, struct keel_error *error);

/* The same for a read that can wait: it leaves behind everything else. */
KEEL_MUST_USE enum keel_status keel_session_read(struct keel_session *session,
                                                 const struct keel_command *command, uint64_t token,
                                                 struct keel_error *error);

/* The venue wants silence now. */
bool keel_session_is_silent(const struct keel_session *session);

/* LIVE: the user stream is open and yet does not tell what it should. A new key, where the venue
 * has them, a new stream, and all is loaded again. */
void keel_session_distrust(struct keel_session *session, const char *reason);

/* Before the first load is over: a write of an earlier life without a verdict, its market being one
 * of this life. The session asks what became of it, and is not LIVE before it has asked often
 * enough for the venue to know; the last verdict is reported as SETTLED. KEEL_FULL. */
KEEL_MUST_USE enum keel_status keel_session_adopt(struct keel_session *session,
                                                  const struct keel_intent *intent,
                                                  struct keel_error *error);

/* A read that belongs to catching up: repeated until it is answered, reported as EVENTS. */
KEEL_MUST_USE enum keel_status keel_session_load(struct keel_session *session,
                                                 const struct keel_command *command,
                                                 struct keel_error *error);
void keel_session_caught_up(struct keel_session *session);

/* LOADING: something that the owner found wrong with what was loaded; the start fails and names it
 * among the rest. */
void keel_session_refuse(struct keel_session *session, const char *name,
                         const struct keel_error *error);

/* The market becomes active: its loads are made and the streams carry it. Twice is once. */
void keel_session_activate(struct keel_session *session, keel_market_id market);
bool keel_session_is_active(const struct keel_session *session, keel_market_id market);
int32_t keel_session_active_count(const struct keel_session *session);
keel_market_id keel_session_active_at(const struct keel_session *session, int32_t index);

bool keel_session_next_report(struct keel_session *session, struct keel_report *report);
bool keel_session_next_effect(struct keel_session *session, struct keel_effect *effect);

/* When the next tick is due; INT64_MAX: never. */
int64_t keel_session_deadline_ns(const struct keel_session *session);

/* The request that a command would send now. */
KEEL_MUST_USE enum keel_status keel_session_encode(struct keel_session *session,
                                                   const struct keel_command *command,
                                                   struct keel_request *request,
                                                   struct keel_error *error);

void keel_session_view(const struct keel_session *session, struct keel_session_view *view);

#endif

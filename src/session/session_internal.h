/* session_internal.h - the inside of a session, shared by the files that it is written in.
 *
 *  session.c      its making, its markets, and the commands it takes
 *  states.c       the table of states, and the phases of a load
 *  clock.c        the venue's clock, and ours
 *  connections.c  the streams: opened, replaced, lost
 *  messages.c     what comes on them
 *  loads.c        what makes the account ready
 *  sending.c      what leaves, and in which order
 *  entry.c        orders on a stream of their own
 *  replies.c      what answers mean, and how each request ends
 *  fates.c        what became of the writes without a verdict
 *  rivals.c       writes of ours that change the same thing
 *  recovery.c     what an earlier life has left
 *  reports.c      what the owner is told
 *  upkeep.c       what the passing of time makes due
 *
 * The other files of this folder are parts that know no session. */
#ifndef KEEL_SESSION_SESSION_INTERNAL_H
#define KEEL_SESSION_SESSION_INTERNAL_H

#include "session/failures.h"
#include "session/frames.h"
#include "session/session.h"
#include "session/streams.h"

#define KEEL_MS_NS     (INT64_C(1000) * 1000)
#define KEEL_SECOND_NS (INT64_C(1000) * KEEL_MS_NS)

enum {
    KEEL_SESSION_WARNINGS_MAX = 8,
    KEEL_SESSION_RETRY_S = 30, /* of a renewal or a measurement that failed */
    KEEL_SESSION_LACKED_MAX = 64,
    KEEL_SESSION_MOVES_MAX = 16,
};

/* Where a load or a reload stands. */
enum keel_session_phase {
    KEEL_PHASE_NONE,
    KEEL_PHASE_PAUSE,    /* a reload was refused: wait, then begin again */
    KEEL_PHASE_CLOCK,    /* the first load, or a market was not known: time and markets */
    KEEL_PHASE_STREAMS,  /* until all streams are open */
    KEEL_PHASE_CATCH_UP, /* reconciling: what the streams may have missed */
    KEEL_PHASE_SNAPSHOT, /* all loads */
    KEEL_PHASE_REPLAY,   /* what was kept meanwhile */
};

/* A transfer that was accepted, and when that was known. */
struct keel_session_move {
    struct keel_transfer_request transfer;
    int64_t time_ms;
};

struct keel_session {
    const struct keel_venue *venue;
    const struct keel_markets *markets;
    const struct keel_modes *modes;
    struct keel_numbers *numbers;
    struct keel_keys *keys; /* a page of its own, locked */
    bool has_credentials, load_markets, book_tops, recovers;
    bool enters_by_stream;           /* orders leave on a stream of their own */
    bool clock_asked, renewing;      /* on their way */
    bool catching_up, catch_up_told; /* the owner lists what was missed */
    bool rest;                       /* the last request was answered */
    bool has_ended;                  /* some request ended without a reply */
    bool has_seen;                   /* of some write without a verdict the venue has told */
    int64_t receive_window_ms, request_timeout_ms, start_timeout_ms, silence_max_ms;

    int64_t now_ns, wall_ms;
    int64_t clock_offset_ms, clock_error_ms;
    int64_t clock_due_ns, clock_measured_ns;
    int64_t based_ms, based_ns, base_error_ms; /* the venue's clock against the monotonic one */
    uint32_t steps_back;
    bool clock_jumped;    /* nothing that bears a time may leave until it is measured */
    int64_t jump_ms;      /* of our wall clock against the monotonic one, not yet looked at */
    int64_t overslept_ns; /* since the last deadline, not yet looked at */
    uint64_t random;

    enum keel_session_state state, state_told;
    enum keel_session_phase phase;
    uint32_t cycle;      /* of the load under way: answers to an older one's loads are nothing */
    int32_t outstanding; /* its loads without an answer */
    int32_t load_next;   /* in venue->loads */
    int32_t market_next; /* in active: whose loads come next */
    int32_t failures;    /* loads that the venue refused */
    int32_t cycle_failures;
    int64_t start_due_ns, pause_due_ns;
    struct keel_failures failed; /* each failed load, named */
    struct keel_error failure;   /* the same, as one sentence */
    struct keel_error state_error;

    struct keel_streams streams;
    char stream_key[KEEL_API_KEY_SIZE];
    int64_t renew_due_ns;
    struct keel_stream_request *stream_request;

    keel_market_id *active;
    int32_t active_count;
    bool *is_active; /* by market */

    /* Symbols that the venue named and its own list of markets did not: not looked for again. */
    char lacked[KEEL_SESSION_LACKED_MAX][KEEL_SYMBOL_SIZE];
    int32_t lacked_count;
    /* The newest, in a ring: nothing but the time tells equal ones apart. */
    struct keel_session_move moves[KEEL_SESSION_MOVES_MAX];
    int32_t move_count;
    bool markets_due;   /* by the next cycle, although they were loaded, or given, before */
    bool markets_fresh; /* loaded by the cycle under way */

    struct keel_requests requests;
    struct keel_frame *entries; /* one a place, with order entry by stream; else NULL */
    int64_t entry_due_ns;       /* not later than the first of those on the wire; INT64_MAX: none */
    bool has_cut;               /* of some of them no answer will come */
    struct keel_governor governor;
    uint64_t sequence;        /* of callers' commands */
    int64_t blocked_until_ns; /* of queued requests that may not leave yet; 0: none */

    struct keel_frames frames;
    struct keel_arena arena;
    struct keel_events events;
    struct keel_outcome outcome;

    struct keel_record record; /* an intent, and */
    struct keel_effect held;   /* the request that leaves after it */

    struct keel_report pending;
    uint16_t reported; /* the place that the last report points to, to be released */
    struct keel_error warnings[KEEL_SESSION_WARNINGS_MAX];
    struct keel_error warning; /* the one last pulled */
    int32_t warning_first, warning_count;
    uint64_t warnings_cut;

    uint32_t reconnects;
    uint64_t messages, unexpected;
};

/* states.c: the table of states, and the phases of a load. */

/* A load from the beginning of a phase: what an earlier one still waits for says nothing. */
void keel_session_begin_cycle(struct keel_session *session, enum keel_session_phase phase);
void keel_session_enter_closed(struct keel_session *session, enum keel_session_input input,
                               const struct keel_error *error);

/* The failures named so far end the start. */
void keel_session_fail_start(struct keel_session *session);

/* What was relied upon is not there any more. */
void keel_session_lose(struct keel_session *session, const char *reason);

/* The clock or the markets may be other than was thought: all is loaded, from the clock on. */
void keel_session_reload(struct keel_session *session, const char *reason);

static inline bool keel_session_is_running(const struct keel_session *session)
{
    return session->state != KEEL_SESSION_IDLE && session->state != KEEL_SESSION_CLOSED;
}

/* The phase goes on as far as what came allows. True if something changed. */
bool keel_session_advance(struct keel_session *session);

/* clock.c: the venue's clock, and ours. */
void keel_session_apply_server_time(struct keel_session *session, const struct keel_slot *slot,
                                    int64_t server_time_ms);
bool keel_session_is_clock_healed(const struct keel_session *session, struct keel_slot *slot);
void keel_session_measure_clock(struct keel_session *session);

/* Where the venue's clock has gone back, what it lists may bear times that are still to come:
 * beside them all that follows would seem old. Such a row is of the time when it was asked for. */
void keel_session_bound_time(const struct keel_session *session, struct keel_event *event,
                             int64_t asked_ms);
void keel_session_doubt_clock(struct keel_session *session, const struct keel_events *events);

/* connections.c: the streams that there are to be, and how each is opened, replaced and lost. */
bool keel_session_is_keyed(const struct keel_session *session, enum keel_stream_kind kind);

/* The stream is not wanted, or up and with all that it should carry. */
bool keel_session_is_complete(const struct keel_session *session, enum keel_stream_kind kind);
bool keel_session_are_streams_complete(const struct keel_session *session);
void keel_session_want_streams(struct keel_session *session);
const char *keel_session_stream_name(enum keel_stream_kind kind);

/* The replacement of a stream came to nothing: it is tried again after a pause. */
void keel_session_fail_stream(struct keel_session *session, enum keel_stream_kind kind,
                              const char *reason);

/* The replacement of a stream carries all that it should. */
void keel_session_promote(struct keel_session *session, enum keel_stream_kind kind);

/* With a new key, where the venue has them: what was heard on the old stream is not all. */
void keel_session_replace_user_stream(struct keel_session *session, const char *reason);
void keel_session_expire_key(struct keel_session *session);

/* Whoever was away cannot know whether the streams lived on. */
void keel_session_lose_streams(struct keel_session *session, const char *reason);
bool keel_session_next_stream_effect(struct keel_session *session, struct keel_effect *effect);

/* messages.c: what comes on the streams. */

/* False, and nothing reported, if it names a market that has to be loaded first. */
bool keel_session_report_frame(struct keel_session *session, uint32_t number, keel_str bytes);

/* loads.c: what makes the account ready. */
bool keel_session_add_load(struct keel_session *session, const struct keel_command *command);
void keel_session_issue_clock_loads(struct keel_session *session);
void keel_session_issue_loads(struct keel_session *session);
void keel_session_issue_market_loads(struct keel_session *session);
void keel_session_append_failure(struct keel_session *session, const char *name, const char *symbol,
                                 const struct keel_error *error);
void keel_session_append_load_failure(struct keel_session *session, const struct keel_slot *slot,
                                      const struct keel_error *error);
void keel_session_refuse_load(struct keel_session *session, const struct keel_slot *slot);
void keel_session_pause_cycle(struct keel_session *session);

/* True if all loads of the phase are in; one that failed ends the start or pauses the reload. */
bool keel_session_are_loads_in(struct keel_session *session);

/* Is there a market to be loaded before the events just read can be understood? */
bool keel_session_lacks_market(struct keel_session *session);

/* There is: load it, and all else again, and then read the message that named it. */
void keel_session_lack_market(struct keel_session *session);

/* replies.c: what answers mean, and how each request ends. */
void keel_session_clear_events(struct keel_session *session);
void keel_session_report_reply(struct keel_session *session, uint16_t place,
                               enum keel_report_kind kind, enum keel_fate fate,
                               const struct keel_error *error);
void keel_session_end_request(struct keel_session *session, uint16_t place,
                              const struct keel_transport *transport);

/* fates.c: what became of the writes without a verdict, by the rules of settle.h. */
struct keel_doubt keel_session_unsettled(const struct keel_session *session, uint16_t place);

/* Will an answer to what is asked at that time prove that the write came to nothing? */
bool keel_session_is_proof(const struct keel_session *session, uint16_t about, int64_t time_ms);

/* An order that the events just read tell of was accepted: what became of the request that placed
 * it is known. */
void keel_session_see_orders(struct keel_session *session);

/* The write of which the venue has told is settled by that. False: there is none. */
bool keel_session_settle_seen(struct keel_session *session);
void keel_session_leave_unsettled(struct keel_session *session, uint16_t place);

/* False: there is no room for the question. */
bool keel_session_ask_fate(struct keel_session *session, uint16_t about,
                           enum keel_evidence evidence);
void keel_session_end_question(struct keel_session *session, uint16_t place, bool again);

/* reports.c: what the owner is told. */
void keel_session_warn(struct keel_session *session, const struct keel_error *error);

/* entry.c: orders on a stream of their own. */
bool keel_session_enters(const struct keel_session *session, const struct keel_slot *slot);
void keel_session_enter(struct keel_session *session, uint16_t place, struct keel_effect *effect);

/* False: not the answer to one of ours. */
bool keel_session_read_answer(struct keel_session *session, keel_str bytes);

/* No answer will come on that stream any more. */
void keel_session_cut_entries(struct keel_session *session, uint32_t stream, const char *reason);
void keel_session_cut_overdue(struct keel_session *session);

/* Ends one that was cut; false: there is none. */
bool keel_session_end_cut(struct keel_session *session);

/* rivals.c: writes of ours that change the same thing. */
/* It was accepted: of others that may have taken effect before it nothing may be left to see. */
void keel_session_note_accepted(struct keel_session *session, uint16_t place);

/* It leaves: of transfers that just went before it the venue's list may be as much a sight. */
void keel_session_note_alike(struct keel_session *session, uint16_t place);

/* Adds to what hides a write those that are not settled themselves, by what the events just read
 * show. False: one is on its way still, and nothing is proved until it has its answer. */
bool keel_session_compare(const struct keel_session *session, uint16_t about,
                          struct keel_doubt *unsettled);

/* recovery.c: what an earlier life has left, and what this one leaves. */
/* The session was closed over a write: it is asked about when it is started again. */
void keel_session_keep_unknown(struct keel_session *session, uint16_t place);
void keel_session_begin_recovery(struct keel_session *session);
bool keel_session_is_recovering(const struct keel_session *session);

/* Turns the effect of a write into the record of its intent, and holds the write back till it is
 * asked for the next. */
void keel_session_record_intent(struct keel_session *session, uint16_t place,
                                struct keel_effect *effect);

/* upkeep.c: what the passing of time makes due. */

/* Is a stream of that kind silent for long without being dead, so that we ask whether it lives? */
bool keel_session_pings(enum keel_stream_kind kind);
bool keel_session_lose_silent(struct keel_session *session, enum keel_stream_kind kind);
void keel_session_ask_key(struct keel_session *session);

#endif

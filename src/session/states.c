/* states.c - the table of states, and the phases of a load. */
#include "session/session_internal.h"

static const struct keel_error no_error;

enum keel_session_state keel_session_next_state(enum keel_session_state state,
                                                enum keel_session_input input)
{
    static const enum keel_session_state lost[KEEL_SESSION_STATES] = {
        [KEEL_SESSION_IDLE] = KEEL_SESSION_IDLE,
        [KEEL_SESSION_LOADING] = KEEL_SESSION_LOADING,
        [KEEL_SESSION_LIVE] = KEEL_SESSION_RECONCILING,
        [KEEL_SESSION_RECONCILING] = KEEL_SESSION_RECONCILING,
        [KEEL_SESSION_CLOSED] = KEEL_SESSION_CLOSED,
    };
    bool loading = state == KEEL_SESSION_LOADING;
    bool stopped = state == KEEL_SESSION_IDLE || state == KEEL_SESSION_CLOSED;

    switch (input) {
    case KEEL_SESSION_START: return stopped ? KEEL_SESSION_LOADING : state;
    case KEEL_SESSION_STOP: return KEEL_SESSION_CLOSED;
    case KEEL_SESSION_FRAME: return state;
    case KEEL_SESSION_LOST: return lost[state];
    case KEEL_SESSION_REFUSED:
    case KEEL_SESSION_OVERDUE: return loading ? KEEL_SESSION_CLOSED : state;
    case KEEL_SESSION_LOADED:
        return loading || state == KEEL_SESSION_RECONCILING ? KEEL_SESSION_LIVE : state;
    case KEEL_SESSION_INPUTS: break;
    }
    KEEL_ASSERT(false && "no such input");
    return state;
}

/* Loads of a cycle that is over: their answers will say nothing. */
static void drop_loads(struct keel_session *session)
{
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX && session->outstanding > 0;
         place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        bool left = slot->state == KEEL_REQUEST_QUEUED || slot->state == KEEL_REQUEST_WAITING;
        if (slot->purpose == KEEL_FOR_LOAD && left)
            keel_requests_release(&session->requests, place);
    }
    session->outstanding = 0;
    session->cycle++;
}

void keel_session_begin_cycle(struct keel_session *session, enum keel_session_phase phase)
{
    drop_loads(session);
    session->phase = phase;
    session->load_next = 0;
    session->market_next = 0;
    session->failures = 0;
    session->catching_up = false;
    session->catch_up_told = false;
    session->failed = (struct keel_failures){.count = 0};
    session->failure = no_error;
}

static void enter_loading(struct keel_session *session)
{
    session->state = keel_session_next_state(session->state, KEEL_SESSION_START);
    session->state_error = no_error;
    session->start_due_ns = session->now_ns + session->start_timeout_ms * KEEL_MS_NS;
    session->cycle_failures = 0;
    session->lacked_count = 0;
    session->recovers = session->recovers || session->requests.writes > 0;
    session->markets_fresh = false;
    keel_frames_clear(&session->frames);
    keel_session_begin_cycle(session, KEEL_PHASE_CLOCK);
}

static void enter_live(struct keel_session *session)
{
    session->state = keel_session_next_state(session->state, KEEL_SESSION_LOADED);
    session->state_error = no_error;
    session->phase = KEEL_PHASE_NONE;
    session->cycle_failures = 0;
    session->recovers = false;
    session->markets_fresh = false;
    keel_frames_clear(&session->frames);
}

static void enter_reconciling(struct keel_session *session, enum keel_session_phase phase,
                              const char *reason)
{
    session->state = keel_session_next_state(session->state, KEEL_SESSION_LOST);
    session->reconnects++;
    keel_fail(&session->state_error, KEEL_STALE, "%s", reason);
    keel_session_begin_cycle(session, phase);
    keel_session_want_streams(session);
}

void keel_session_enter_closed(struct keel_session *session, enum keel_session_input input,
                               const struct keel_error *error)
{
    session->state = keel_session_next_state(session->state, input);
    session->state_error = *error;
    keel_session_begin_cycle(session, KEEL_PHASE_NONE);
    keel_streams_close(&session->streams);
    keel_frames_clear(&session->frames);
    session->stream_key[0] = '\0';
    session->renewing = false;
    session->entry_due_ns = INT64_MAX;
    session->clock_asked = false;
    session->clock_jumped = false;
    session->has_ended = true;
}

void keel_session_fail_start(struct keel_session *session)
{
    struct keel_error failure = session->failure;

    keel_session_enter_closed(session, KEEL_SESSION_REFUSED, &failure);
}

void keel_session_lose(struct keel_session *session, const char *reason)
{
    if (session->state == KEEL_SESSION_LIVE) {
        enter_reconciling(session, KEEL_PHASE_STREAMS, reason);
        return;
    }
    if (session->phase >= KEEL_PHASE_CATCH_UP)
        keel_session_begin_cycle(session, KEEL_PHASE_STREAMS);
    keel_session_want_streams(session);
}

void keel_session_reload(struct keel_session *session, const char *reason)
{
    if (session->state == KEEL_SESSION_LIVE)
        enter_reconciling(session, KEEL_PHASE_CLOCK, reason);
    else
        keel_session_begin_cycle(session, KEEL_PHASE_CLOCK);
}

static void enter_phase_streams(struct keel_session *session)
{
    session->phase = KEEL_PHASE_STREAMS;
    keel_session_want_streams(session);
}

static void enter_phase_loads(struct keel_session *session)
{
    bool catch_up = (session->state == KEEL_SESSION_RECONCILING || session->recovers) &&
                    session->has_credentials;

    session->load_next = 0;
    session->market_next = 0;
    session->catching_up = catch_up;
    session->phase = catch_up ? KEEL_PHASE_CATCH_UP : KEEL_PHASE_SNAPSHOT;
}

/* True if something changed. */
static bool advance_clock(struct keel_session *session)
{
    keel_session_issue_clock_loads(session);
    if (!keel_session_are_loads_in(session))
        return session->phase != KEEL_PHASE_CLOCK;
    enter_phase_streams(session);
    return true;
}

static bool advance_streams(struct keel_session *session)
{
    if (!keel_session_are_streams_complete(session))
        return false;
    enter_phase_loads(session);
    return true;
}

static bool advance_catch_up(struct keel_session *session)
{
    if (!session->catch_up_told) {
        session->catch_up_told = true;
        session->pending = (struct keel_report){
            .kind = KEEL_REPORT_CATCH_UP, .events = &session->events, .error = &no_error};
        keel_session_clear_events(session);
        keel_session_begin_recovery(session);
        return true;
    }
    if (session->failures > 0 && session->outstanding == 0)
        return !keel_session_are_loads_in(session);
    if (session->catching_up || session->outstanding > 0 || keel_session_is_recovering(session))
        return false;
    session->phase = KEEL_PHASE_SNAPSHOT;
    return true;
}

static bool advance_snapshot(struct keel_session *session)
{
    keel_session_issue_loads(session);
    if (!keel_session_are_loads_in(session))
        return session->phase != KEEL_PHASE_SNAPSHOT;
    /* A load may have told of a market that nobody named. */
    keel_session_want_streams(session);
    if (session->market_next < session->active_count || !keel_session_are_streams_complete(session))
        return false;
    session->phase = KEEL_PHASE_REPLAY;
    return true;
}

static bool advance_replay(struct keel_session *session)
{
    size_t begin = session->frames.begin;
    uint32_t number;
    keel_str bytes;

    if (!keel_frames_next(&session->frames, &number, &bytes)) {
        enter_live(session);
        return true;
    }
    if (keel_session_report_frame(session, number, bytes))
        return true;
    session->frames.begin = begin;
    keel_session_lack_market(session);
    return true;
}

/* Markets that became active meanwhile. */
static bool advance_live(struct keel_session *session)
{
    if (session->state != KEEL_SESSION_LIVE)
        return false;
    keel_session_issue_market_loads(session);
    if (session->failures == 0 || session->outstanding > 0)
        return false;
    keel_session_warn(session, &session->failure);
    session->failures = 0;
    session->failed = (struct keel_failures){.count = 0};
    session->failure = no_error;
    return true;
}

bool keel_session_advance(struct keel_session *session)
{
    switch (session->phase) {
    case KEEL_PHASE_NONE: return advance_live(session);
    case KEEL_PHASE_PAUSE:
        if (session->now_ns < session->pause_due_ns)
            return false;
        if (session->markets_due || session->clock_jumped)
            session->phase = KEEL_PHASE_CLOCK;
        else
            enter_phase_streams(session);
        return true;
    case KEEL_PHASE_CLOCK: return advance_clock(session);
    case KEEL_PHASE_STREAMS: return advance_streams(session);
    case KEEL_PHASE_CATCH_UP: return advance_catch_up(session);
    case KEEL_PHASE_SNAPSHOT: return advance_snapshot(session);
    case KEEL_PHASE_REPLAY: return advance_replay(session);
    }
    return false;
}

void keel_session_start(struct keel_session *session)
{
    if (!keel_session_is_running(session))
        enter_loading(session);
}

void keel_session_stop(struct keel_session *session)
{
    keel_session_enter_closed(session, KEEL_SESSION_STOP, &no_error);
}

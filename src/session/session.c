#include "core/orders.h"
#include "session/session_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    JUMP_MS_MIN = 1000,  /* of the wall clock against the monotonic one */
    SLEEP_MS_MIN = 5000, /* a jump ahead that may have been a sleep of the machine */
    OVERSLEPT_S = 5,     /* past a deadline: nobody ran us */
};

static const struct keel_error no_error;

/* States. */

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

void keel_session_warn(struct keel_session *session, const struct keel_error *error)
{
    if (session->warning_count == KEEL_SESSION_WARNINGS_MAX) {
        session->warnings_cut++;
        return;
    }
    int32_t at = (session->warning_first + session->warning_count++) % KEEL_SESSION_WARNINGS_MAX;
    session->warnings[at] = *error;
}

bool keel_session_is_keyed(const struct keel_session *session, enum keel_stream_kind kind)
{
    return kind == KEEL_STREAM_USER && session->venue->needs_stream_key;
}

static bool is_wanted(const struct keel_session *session, enum keel_stream_kind kind)
{
    switch (kind) {
    case KEEL_STREAM_USER: return session->has_credentials;
    case KEEL_STREAM_MARKET: return true;
    case KEEL_STREAM_BOOK: return session->book_tops && session->active_count > 0;
    case KEEL_STREAM_ORDERS: return session->enters_by_stream;
    case KEEL_STREAM_KINDS: break;
    }
    return false;
}

/* Two streams are of the account; the others carry the active markets, all of them. */
bool keel_session_is_complete(const struct keel_session *session, enum keel_stream_kind kind)
{
    const struct keel_stream *stream = &session->streams.at[kind];

    if (!is_wanted(session, kind))
        return true;
    return keel_stream_is_up(stream) && (kind == KEEL_STREAM_USER || kind == KEEL_STREAM_ORDERS ||
                                         stream->carries == session->active_count);
}

const char *keel_session_stream_name(enum keel_stream_kind kind)
{
    static const char *const names[KEEL_STREAM_KINDS] = {
        [KEEL_STREAM_USER] = "user stream",
        [KEEL_STREAM_MARKET] = "market stream",
        [KEEL_STREAM_BOOK] = "book stream",
        [KEEL_STREAM_ORDERS] = "order-entry stream",
    };

    return names[kind];
}

void keel_session_fail_stream(struct keel_session *session, enum keel_stream_kind kind,
                              const char *reason)
{
    keel_streams_fail(&session->streams, kind, session->now_ns, &session->random, reason);
}

void keel_session_promote(struct keel_session *session, enum keel_stream_kind kind)
{
    if (kind == KEEL_STREAM_ORDERS)
        keel_session_cut_entries(session, session->streams.at[kind].number,
                                 "the order-entry stream was replaced");
    keel_streams_promote(&session->streams, kind, session->now_ns);
}

static void want_streams(struct keel_session *session)
{
    for (int i = 0; i < KEEL_STREAM_KINDS; i++) {
        enum keel_stream_kind kind = (enum keel_stream_kind)i;
        if (!keel_session_is_complete(session, kind))
            keel_streams_want(&session->streams, kind, keel_session_is_keyed(session, kind));
    }
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
    want_streams(session);
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

/* What was relied upon is not there any more. */
void keel_session_lose(struct keel_session *session, const char *reason)
{
    if (session->state == KEEL_SESSION_LIVE) {
        enter_reconciling(session, KEEL_PHASE_STREAMS, reason);
        return;
    }
    if (session->phase >= KEEL_PHASE_CATCH_UP)
        keel_session_begin_cycle(session, KEEL_PHASE_STREAMS);
    want_streams(session);
}

void keel_session_lack_market(struct keel_session *session)
{
    session->markets_due = true;
    if (session->state == KEEL_SESSION_LIVE)
        enter_reconciling(session, KEEL_PHASE_CLOCK, "a market that is not known was named");
    else
        keel_session_begin_cycle(session, KEEL_PHASE_CLOCK);
}

static bool are_streams_complete(const struct keel_session *session)
{
    bool complete = true;

    for (int i = 0; i < KEEL_STREAM_KINDS; i++) {
        enum keel_stream_kind kind = (enum keel_stream_kind)i;
        /* Who asked for order entry by stream hears at the start that there is none. */
        bool needed = kind != KEEL_STREAM_ORDERS || session->state == KEEL_SESSION_LOADING;
        complete = complete && (!needed || keel_session_is_complete(session, kind));
    }
    return complete;
}

bool keel_session_is_running(const struct keel_session *session)
{
    return session->state != KEEL_SESSION_IDLE && session->state != KEEL_SESSION_CLOSED;
}

/* Phases. */

static void enter_phase_streams(struct keel_session *session)
{
    session->phase = KEEL_PHASE_STREAMS;
    want_streams(session);
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
    if (!are_streams_complete(session))
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
    want_streams(session);
    if (session->market_next < session->active_count || !are_streams_complete(session))
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

static bool advance(struct keel_session *session)
{
    switch (session->phase) {
    case KEEL_PHASE_NONE: return advance_live(session);
    case KEEL_PHASE_PAUSE:
        if (session->now_ns < session->pause_due_ns)
            return false;
        if (session->markets_due)
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

/* Reports. */

static void release_reported(struct keel_session *session)
{
    if (session->reported == KEEL_REQUEST_NONE)
        return;
    keel_requests_release(&session->requests, session->reported);
    session->reported = KEEL_REQUEST_NONE;
}

static bool take_warning(struct keel_session *session, struct keel_report *report)
{
    if (session->warning_count == 0)
        return false;
    session->warning = session->warnings[session->warning_first];
    session->warning_first = (session->warning_first + 1) % KEEL_SESSION_WARNINGS_MAX;
    session->warning_count--;
    *report = (struct keel_report){
        .kind = KEEL_REPORT_WARNING, .events = &session->events, .error = &session->warning};
    return true;
}

static bool take_state(struct keel_session *session, struct keel_report *report)
{
    if (session->state == session->state_told)
        return false;
    session->state_told = session->state;
    *report = (struct keel_report){
        .kind = KEEL_REPORT_STATE, .events = &session->events, .error = &session->state_error};
    return true;
}

/* The verdict on a command when the session closes: what did not leave, failed. */
static enum keel_fate fate_at_close(struct keel_slot *slot)
{
    const char *name = keel_command_kind_name(slot->command.kind);
    bool left = slot->state == KEEL_REQUEST_IN_FLIGHT && keel_command_is_write(slot->command.kind);

    keel_fail(&slot->error, left ? KEEL_UNKNOWN : KEEL_FAILED,
              left ? "%s: the session was closed before an answer came"
                   : "%s: the session was closed before it was sent",
              name);
    return left ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED;
}

/* Its caller has heard that it is unknown; what became of it is to be asked. */
static bool is_unknown(const struct keel_slot *slot)
{
    return slot->state == KEEL_REQUEST_UNSETTLED || slot->state == KEEL_REQUEST_ASKING ||
           slot->told;
}

static void keep_unknown(struct keel_session *session, uint16_t place)
{
    if (!session->requests.slots[place].told)
        keel_session_keep_unknown(session, place);
}

/* A request may still be answered; a frame's stream is closed. */
static void tell_unknown(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];

    slot->told = slot->stream == 0;
    slot->adopted = true;
    session->recovers = true;
    if (!slot->told)
        keel_session_keep_unknown(session, place);
}

static bool report_ended(struct keel_session *session, uint16_t place, struct keel_report *report)
{
    struct keel_slot *slot = &session->requests.slots[place];
    bool closed = session->state == KEEL_SESSION_CLOSED;
    bool ended = slot->state == KEEL_REQUEST_ENDED;
    enum keel_fate fate = slot->fate;

    if (slot->state == KEEL_REQUEST_FREE || slot->purpose == KEEL_FOR_NOBODY || (!ended && !closed))
        return false;
    if (is_unknown(slot)) {
        keep_unknown(session, place);
        return false;
    }
    bool reports = slot->purpose == KEEL_FOR_CALLER;
    if (!ended)
        fate = fate_at_close(slot);

    keel_session_clear_events(session);
    session->outcome.not_found = false;
    keel_session_report_reply(session, place, KEEL_REPORT_RESULT, fate, &slot->error);
    *report = session->pending;
    session->pending.kind = KEEL_REPORT_NONE;
    /* Its bytes are still being sent: the place is free when that has ended. */
    if (fate == KEEL_FATE_UNKNOWN && !ended)
        tell_unknown(session, place);
    else if (slot->state == KEEL_REQUEST_IN_FLIGHT)
        keel_requests_disown(&session->requests, place);
    else if (reports)
        session->reported = place;
    else
        keel_requests_release(&session->requests, place);
    return reports;
}

static bool take_ended(struct keel_session *session, struct keel_report *report)
{
    if (!session->has_ended)
        return false;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        if (report_ended(session, place, report))
            return true;
    }
    session->has_ended = false;
    return false;
}

bool keel_session_next_report(struct keel_session *session, struct keel_report *report)
{
    release_reported(session);
    for (;;) {
        if (session->pending.kind != KEEL_REPORT_NONE) {
            *report = session->pending;
            session->pending.kind = KEEL_REPORT_NONE;
            return true;
        }
        if (take_warning(session, report) || take_state(session, report) ||
            take_ended(session, report))
            return true;
        if (!keel_session_end_cut(session) && !keel_session_settle_seen(session) &&
            !advance(session))
            return false;
    }
}

/* Effects. */

static bool open_stream(struct keel_session *session, enum keel_stream_kind kind,
                        struct keel_effect *effect)
{
    struct keel_error error;
    const struct keel_stream_wish wish = {
        .kind = kind,
        .stream_key = keel_str_from(session->stream_key),
        .keys = session->keys,
        .time_ms = keel_session_venue_time_ms(session),
        .markets = session->markets,
        .active = session->active,
        .active_count = (size_t)session->active_count,
    };
    enum keel_status status = session->venue->open_stream(&wish, session->stream_request, &error);

    if (status != KEEL_OK) {
        keel_session_warn(session, &error);
        keel_streams_fail(&session->streams, kind, session->now_ns, &session->random,
                          error.message);
        return false;
    }
    int64_t give_up_ns = session->now_ns + session->request_timeout_ms * KEEL_MS_NS;
    *effect = (struct keel_effect){
        .kind = KEEL_EFFECT_OPEN_STREAM,
        .stream = {.number = keel_streams_begin(&session->streams, kind, session->active_count,
                   session->stream_request->acks, give_up_ns),
                   .kind = kind,
                   .request = session->stream_request},
    };
    return true;
}

static bool ping(struct keel_stream *stream, struct keel_effect *effect)
{
    bool due = stream->ping_due && keel_stream_is_up(stream);

    stream->ping_due = false;
    if (due)
        *effect = (struct keel_effect){.kind = KEEL_EFFECT_PING_STREAM,
                                       .stream = {.number = stream->number}};
    return due;
}

static bool next_stream_effect(struct keel_session *session, struct keel_effect *effect)
{
    uint32_t closing = keel_streams_next_closing(&session->streams);

    if (closing != 0) {
        *effect =
            (struct keel_effect){.kind = KEEL_EFFECT_CLOSE_STREAM, .stream = {.number = closing}};
        return true;
    }
    for (int i = 0; i < KEEL_STREAM_KINDS; i++) {
        struct keel_stream *stream = &session->streams.at[i];
        if (stream->step == KEEL_STREAM_KEYLESS && keel_session_is_running(session))
            keel_session_ask_key(session);
        if (stream->step == KEEL_STREAM_READY &&
            open_stream(session, (enum keel_stream_kind)i, effect))
            return true;
        if (ping(stream, effect))
            return true;
    }
    return false;
}

static bool is_order(const struct keel_command *command)
{
    return command->kind == KEEL_PLACE_ORDER || command->kind == KEEL_AMEND_ORDER;
}

static enum keel_status encode_frame(struct keel_session *session, uint16_t place, int64_t time_ms)
{
    struct keel_slot *slot = &session->requests.slots[place];

    return session->venue->encode_frame(&slot->command, session->markets, session->modes,
                                        session->keys, time_ms, session->receive_window_ms,
                                        keel_requests_id(&session->requests, place),
                                        &session->entries[place], &slot->error);
}

static enum keel_status encode(struct keel_session *session, struct keel_slot *slot,
                               struct keel_request *request, int64_t time_ms)
{
    const struct keel_venue *venue = session->venue;
    enum keel_status status =
        venue->encode(&slot->command, session->markets, session->modes, session->keys, time_ms,
                      session->receive_window_ms, request, &slot->error);

    if (status != KEEL_UNSUPPORTED || slot->evidence != KEEL_EVIDENCE_ITSELF ||
        slot->command.kind != KEEL_QUERY_ORDER)
        return status;
    /* An order that cannot be asked for by our id is looked for among the open ones. Of anything
     * else no list of orders tells. */
    struct keel_doubt unsettled = keel_session_unsettled(session, slot->about);
    slot->evidence = KEEL_EVIDENCE_OPEN;
    keel_settle_ask(&unsettled, slot->evidence, &slot->command);
    return venue->encode(&slot->command, session->markets, session->modes, session->keys, time_ms,
                         session->receive_window_ms, request, &slot->error);
}

/* It cannot be put into bytes: no one will answer it. */
static void give_up(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];

    if (slot->purpose == KEEL_FOR_FATE) {
        uint16_t about = slot->about;
        keel_requests_release(&session->requests, place);
        keel_session_leave_unsettled(session, about);
        return;
    }
    slot->fate = KEEL_FATE_FAILED;
    session->has_ended = true;
    keel_requests_move(&session->requests, place, KEEL_REQUEST_ENDED, INT64_MAX);
}

/* Will an answer to what is asked now prove that the write came to nothing? */
static bool is_proof(const struct keel_session *session, uint16_t about, int64_t time_ms)
{
    const struct keel_slot *slot = &session->requests.slots[about];
    struct keel_doubt unsettled = keel_session_unsettled(session, about);

    return keel_session_is_past(session, slot->sent_time_ms, time_ms) &&
           time_ms > slot->expires_ms && !keel_settle_is_outlived(&unsettled, time_ms);
}

/* Signed in the moment in which it leaves: a timestamp taken when it was queued would age. */
static bool send(struct keel_session *session, uint16_t place, struct keel_effect *effect)
{
    struct keel_slot *slot = &session->requests.slots[place];
    struct keel_request *request = &session->requests.bytes[place];
    int64_t time_ms = keel_session_venue_time_ms(session);
    bool enters = keel_session_enters(session, slot);
    enum keel_status status = KEEL_UNSUPPORTED;

    if (enters)
        status = encode_frame(session, place, time_ms);
    enters = status != KEEL_UNSUPPORTED;
    if (!enters)
        status = encode(session, slot, request, time_ms);
    if (status != KEEL_OK) {
        give_up(session, place);
        return false;
    }
    slot->sent_ns = session->now_ns;
    slot->sent_wall_ms = session->wall_ms;
    slot->sent_time_ms = time_ms;
    slot->clock_error_ms = session->clock_error_ms;
    slot->expires_ms = time_ms + session->receive_window_ms + 2 * session->clock_error_ms +
                       keel_settle_lag_ms(slot->command.kind);
    if (slot->purpose == KEEL_FOR_FATE)
        slot->proof = is_proof(session, slot->about, time_ms);
    keel_requests_start(&session->requests, place);
    if (enters) {
        const struct keel_frame *frame = &session->entries[place];
        keel_governor_charge(&session->governor, frame->weight, frame->order_count, time_ms);
        keel_session_enter(session, place, effect);
    } else {
        keel_governor_charge(&session->governor, request->weight, request->order_count, time_ms);
        effect->kind = KEEL_EFFECT_REQUEST;
        effect->request.id = keel_requests_id(&session->requests, place);
        effect->request.request = request;
        effect->request.timeout_ms = session->request_timeout_ms;
    }
    if (session->numbers != NULL && keel_command_is_write(slot->command.kind))
        keel_session_record_intent(session, place, effect);
    return true;
}

static bool may_leave(struct keel_session *session, uint16_t place)
{
    const struct keel_slot *slot = &session->requests.slots[place];
    int64_t time_ms = keel_session_venue_time_ms(session);
    int64_t retry_at_ms;

    if (session->requests.counts[KEEL_REQUEST_IN_FLIGHT] >= KEEL_IN_FLIGHT_MAX)
        return false;
    /* Held until the venue's time is known: it would be refused, or worse, be taken late. */
    if (session->clock_jumped && slot->command.kind != KEEL_LOAD_TIME)
        return false;
    if (keel_governor_allows(&session->governor, slot->urgency, is_order(&slot->command), time_ms,
                             &retry_at_ms))
        return true;
    int64_t retry_ns = session->now_ns + (retry_at_ms - time_ms) * KEEL_MS_NS;
    if (session->blocked_until_ns == 0 || retry_ns < session->blocked_until_ns)
        session->blocked_until_ns = retry_ns;
    return false;
}

/* An order that still waits may not be overtaken by what is about it. */
static bool follows_queued(const struct keel_session *session, const struct keel_slot *slot)
{
    const struct keel_order_ref *ref =
        slot->command.kind == KEEL_AMEND_ORDER ? &slot->command.amend.order : &slot->command.order;

    if (slot->command.kind != KEEL_AMEND_ORDER && slot->command.kind != KEEL_CANCEL_ORDER)
        return false;
    for (int urgency = KEEL_URGENCY_WRITE; urgency <= KEEL_URGENCY_ENTRY; urgency++) {
        uint16_t at = keel_requests_first(&session->requests, (enum keel_urgency)urgency);
        for (; at != KEEL_REQUEST_NONE; at = keel_requests_after(&session->requests, at)) {
            const struct keel_slot *other = &session->requests.slots[at];
            if (other->command.kind == KEEL_PLACE_ORDER && other->sequence < slot->sequence &&
                other->command.place.market == ref->market &&
                strcmp(other->command.place.client_id, ref->client_id) == 0)
                return true;
        }
    }
    return false;
}

/* Of one queue. Orders keep their order; behind one that its limit holds back, cancels go on. */
static uint16_t first_to_leave(struct keel_session *session, enum keel_urgency urgency)
{
    uint16_t place = keel_requests_first(&session->requests, urgency);
    bool held = false;

    for (; place != KEEL_REQUEST_NONE; place = keel_requests_after(&session->requests, place)) {
        const struct keel_slot *slot = &session->requests.slots[place];
        bool order = is_order(&slot->command);
        bool follows = follows_queued(session, slot);
        if (!(held && order) && !follows && may_leave(session, place))
            return place;
        if (!order && !follows)
            break; /* what holds it back holds back all behind it */
        held = held || order;
    }
    return KEEL_REQUEST_NONE;
}

/* Commands leave in the order in which they came, but none waits behind an entry that may not. */
static uint16_t next_to_leave(struct keel_session *session)
{
    const struct keel_slot *slots = session->requests.slots;
    uint16_t write = keel_requests_first(&session->requests, KEEL_URGENCY_WRITE);
    uint16_t entry = keel_requests_first(&session->requests, KEEL_URGENCY_ENTRY);
    bool both = write != KEEL_REQUEST_NONE && entry != KEEL_REQUEST_NONE;

    if (both && slots[entry].sequence < slots[write].sequence && may_leave(session, entry))
        return entry;
    for (int urgency = 0; urgency < KEEL_URGENCIES; urgency++) {
        uint16_t place = first_to_leave(session, (enum keel_urgency)urgency);
        if (place != KEEL_REQUEST_NONE)
            return place;
    }
    return KEEL_REQUEST_NONE;
}

bool keel_session_next_effect(struct keel_session *session, struct keel_effect *effect)
{
    if (session->held.kind != KEEL_EFFECT_NONE) {
        *effect = session->held;
        session->held.kind = KEEL_EFFECT_NONE;
        return true;
    }
    session->blocked_until_ns = 0;
    if (next_stream_effect(session, effect))
        return true;
    if (!keel_session_is_running(session))
        return false;
    uint16_t place;
    while ((place = next_to_leave(session)) != KEEL_REQUEST_NONE) {
        if (send(session, place, effect))
            return true;
    }
    return false;
}

/* Inputs. */

void keel_session_set_time(struct keel_session *session, int64_t now_ns, int64_t wall_ms)
{
    bool was_set = session->now_ns != 0;
    int64_t passed_ns = now_ns - session->now_ns;

    if (was_set)
        session->jump_ms += wall_ms - session->wall_ms - passed_ns / KEEL_MS_NS;
    if (was_set && passed_ns >= OVERSLEPT_S * KEEL_SECOND_NS) {
        int64_t deadline_ns = keel_session_deadline_ns(session);
        session->overslept_ns = now_ns > deadline_ns ? now_ns - deadline_ns : 0;
    }
    session->now_ns = now_ns;
    session->wall_ms = wall_ms;
}

/* Whoever was away cannot know whether the streams lived on: a jump ahead may have been a sleep. */
static void lose_streams(struct keel_session *session, const char *reason)
{
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        struct keel_stream *stream = &session->streams.at[kind];
        if (!keel_stream_is_up(stream))
            continue;
        stream->lost = true;
        if (stream->step == KEEL_STREAM_RESTING)
            keel_streams_fail(&session->streams, (enum keel_stream_kind)kind, session->now_ns,
                              &session->random, reason);
    }
}

static void distrust_clock(struct keel_session *session, int64_t jump_ms)
{
    char reason[96];

    snprintf(reason, sizeof(reason), "our clock jumped by %lld ms", (long long)jump_ms);
    session->clock_jumped = true;
    if (jump_ms >= SLEEP_MS_MIN)
        lose_streams(session, reason);
    if (session->state == KEEL_SESSION_LIVE)
        enter_reconciling(session, KEEL_PHASE_CLOCK, reason);
    else
        keel_session_begin_cycle(session, KEEL_PHASE_CLOCK);
}

void keel_session_check_time(struct keel_session *session)
{
    int64_t jump_ms = session->jump_ms;
    bool overslept = session->overslept_ns >= OVERSLEPT_S * KEEL_SECOND_NS;

    session->jump_ms = 0;
    session->overslept_ns = 0;
    if (!keel_session_is_running(session))
        return;
    if (jump_ms >= JUMP_MS_MIN || jump_ms <= -JUMP_MS_MIN)
        distrust_clock(session, jump_ms);
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++)
        (void)keel_session_lose_silent(session, (enum keel_stream_kind)kind);
    if (overslept && session->state == KEEL_SESSION_LIVE)
        keel_session_lose(session, "the process was suspended");
}

int64_t keel_session_venue_time_ms(const struct keel_session *session)
{
    return session->wall_ms + session->clock_offset_ms;
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

void keel_session_on_transport(struct keel_session *session, uint64_t id,
                               const struct keel_transport *transport)
{
    uint16_t place = keel_requests_find(&session->requests, id);

    session->messages++;
    if (place == KEEL_REQUEST_NONE) {
        session->unexpected++;
        return;
    }
    const struct keel_slot *slot = &session->requests.slots[place];
    if (slot->purpose == KEEL_FOR_NOBODY) {
        keel_requests_release(&session->requests, place);
        return;
    }
    session->rest = transport->kind == KEEL_TRANSPORT_REPLIED;
    keel_session_end_request(session, place, transport);
}

void keel_session_on_stream_opened(struct keel_session *session, uint32_t number)
{
    enum keel_stream_kind kind = keel_streams_find(&session->streams, number);

    if (kind == KEEL_STREAM_KINDS || session->streams.at[kind].next_number != number ||
        session->streams.at[kind].step != KEEL_STREAM_OPENING) {
        session->unexpected++;
        return;
    }
    if (session->streams.at[kind].next_acks == 0)
        keel_session_promote(session, kind);
    else
        keel_streams_subscribe(&session->streams, kind,
                               session->now_ns + session->request_timeout_ms * KEEL_MS_NS);
}

static void keep(struct keel_session *session, uint32_t number, keel_str bytes)
{
    if (keel_frames_keep(&session->frames, number, bytes))
        return;
    /* What did not fit is a gap: the snapshots to come must be newer than it. */
    keel_frames_clear(&session->frames);
    keel_session_lose(session, "too many messages to keep");
}

void keel_session_on_stream_message(struct keel_session *session, uint32_t number, keel_str bytes)
{
    enum keel_stream_kind kind = keel_streams_find(&session->streams, number);

    session->messages++;
    if (kind == KEEL_STREAM_KINDS) {
        session->unexpected++;
        return;
    }
    if (session->streams.at[kind].number == number)
        keel_stream_hear(&session->streams.at[kind], session->now_ns);
    if (keel_session_read_subscription(session, kind, number, bytes))
        return;
    if (kind == KEEL_STREAM_ORDERS && keel_session_read_answer(session, bytes))
        return;
    if (kind == KEEL_STREAM_USER && session->state != KEEL_SESSION_LIVE)
        keep(session, number, bytes);
    else if (!keel_session_report_frame(session, number, bytes)) {
        keep(session, number, bytes);
        keel_session_lack_market(session);
    }
}

void keel_session_on_stream_ping(struct keel_session *session, uint32_t number)
{
    enum keel_stream_kind kind = keel_streams_find(&session->streams, number);

    /* A ping proves the path; that a market stream lives, marks alone prove. */
    if (kind != KEEL_STREAM_KINDS && session->streams.at[kind].number == number &&
        keel_session_pings(kind))
        keel_stream_hear(&session->streams.at[kind], session->now_ns);
}

void keel_session_on_stream_closed(struct keel_session *session, uint32_t number,
                                   const char *reason)
{
    enum keel_stream_kind kind = keel_streams_find(&session->streams, number);
    char text[160];

    if (kind == KEEL_STREAM_KINDS) {
        session->unexpected++;
        return;
    }
    struct keel_stream *stream = &session->streams.at[kind];
    if (stream->next_number == number) {
        stream->next_number = 0;
        stream->step = KEEL_STREAM_RESTING;
    } else {
        keel_streams_drop(&session->streams, kind, session->now_ns);
    }
    if (stream->step == KEEL_STREAM_RESTING)
        keel_streams_fail(&session->streams, kind, session->now_ns, &session->random, reason);
    keel_session_cut_entries(session, number, "the order-entry stream closed");
    if (stream->number != 0 || kind == KEEL_STREAM_ORDERS)
        return;
    snprintf(text, sizeof(text), "a stream closed: %s", reason);
    keel_session_lose(session, text);
}

enum keel_status keel_session_check_room(const struct keel_session *session,
                                         const struct keel_command *command,
                                         struct keel_error *error)
{
    if (!keel_session_is_running(session))
        return keel_fail(error, KEEL_FAILED, "%s: not connected",
                         keel_command_kind_name(command->kind));
    if (session->requests.counts[KEEL_REQUEST_FREE] <= KEEL_REQUESTS_SPARE)
        return keel_fail(error, KEEL_FULL, "%s: %d commands wait for an answer, the most there are",
                         keel_command_kind_name(command->kind),
                         KEEL_REQUESTS_MAX - KEEL_REQUESTS_SPARE);
    return KEEL_OK;
}

static enum keel_urgency urgency_of(const struct keel_command *command)
{
    const struct keel_order_request *place = &command->place;

    if (!keel_command_is_write(command->kind))
        return KEEL_URGENCY_QUERY;
    if (command->kind != KEEL_PLACE_ORDER)
        return KEEL_URGENCY_WRITE;
    return keel_order_only_closes(place->reduce_only, place->close_position, place->position_side,
                                  place->side)
               ? KEEL_URGENCY_WRITE
               : KEEL_URGENCY_ENTRY;
}

static enum keel_status queue(struct keel_session *session, const struct keel_command *command,
                              enum keel_urgency urgency, uint64_t token, struct keel_error *error)
{
    enum keel_status status = keel_session_check_room(session, command, error);

    if (status != KEEL_OK)
        return status;
    uint16_t place = keel_requests_add(&session->requests, KEEL_FOR_CALLER, urgency, command);
    KEEL_ASSERT(place != KEEL_REQUEST_NONE);
    session->requests.slots[place].token = token;
    session->requests.slots[place].sequence = ++session->sequence;
    session->requests.slots[place].queued_ns = session->now_ns;
    return KEEL_OK;
}

enum keel_status keel_session_command(struct keel_session *session,
                                      const struct keel_command *command, uint64_t token,
                                      struct keel_error *error)
{
    return queue(session, command, urgency_of(command), token, error);
}

enum keel_status keel_session_read(struct keel_session *session, const struct keel_command *command,
                                   uint64_t token, struct keel_error *error)
{
    KEEL_ASSERT(!keel_command_is_write(command->kind));
    return queue(session, command, KEEL_URGENCY_LOAD, token, error);
}

bool keel_session_is_silent(const struct keel_session *session)
{
    return keel_session_venue_time_ms(session) < session->governor.silent_until_ms;
}

void keel_session_distrust(struct keel_session *session, const char *reason)
{
    if (session->state == KEEL_SESSION_LIVE)
        keel_session_replace_user_stream(session, reason);
}

enum keel_status keel_session_load(struct keel_session *session, const struct keel_command *command,
                                   struct keel_error *error)
{
    KEEL_ASSERT(session->phase == KEEL_PHASE_CATCH_UP);
    if (!keel_session_add_load(session, command))
        return keel_fail(error, KEEL_FULL, "%s: no room for another load",
                         keel_command_kind_name(command->kind));
    return KEEL_OK;
}

void keel_session_caught_up(struct keel_session *session)
{
    session->catching_up = false;
}

void keel_session_refuse(struct keel_session *session, const char *name,
                         const struct keel_error *error)
{
    keel_session_append_failure(session, name, "", error);
    session->failures++;
}

void keel_session_activate(struct keel_session *session, keel_market_id market)
{
    if (market == KEEL_NO_MARKET || market > KEEL_ACTIVE_MAX || session->is_active[market])
        return;
    session->is_active[market] = true;
    session->active[session->active_count++] = market;
    if (session->state == KEEL_SESSION_LIVE)
        want_streams(session);
}

bool keel_session_is_active(const struct keel_session *session, keel_market_id market)
{
    return market <= KEEL_ACTIVE_MAX && session->is_active[market];
}

int32_t keel_session_active_count(const struct keel_session *session)
{
    return session->active_count;
}

keel_market_id keel_session_active_at(const struct keel_session *session, int32_t index)
{
    return session->active[index];
}

enum keel_status keel_session_encode(struct keel_session *session,
                                     const struct keel_command *command,
                                     struct keel_request *request, struct keel_error *error)
{
    return session->venue->encode(command, session->markets, session->modes, session->keys,
                                  keel_session_venue_time_ms(session), session->receive_window_ms,
                                  request, error);
}

/* The verdict that is being told right now is no longer due. */
static bool is_reported_write(const struct keel_session *session)
{
    return session->reported != KEEL_REQUEST_NONE &&
           session->requests.slots[session->reported].counted;
}

void keel_session_view(const struct keel_session *session, struct keel_session_view *view)
{
    *view = (struct keel_session_view){
        .state = session->state,
        .rest = session->rest,
        .heard_ns = session->streams.at[KEEL_STREAM_USER].heard_ns,
        .clock_offset_ms = session->clock_offset_ms,
        .clock_error_ms = session->clock_error_ms,
        .steps_back = session->steps_back,
        .reconnects = session->reconnects,
        .unsettled = session->requests.writes - (is_reported_write(session) ? 1 : 0),
        .messages = session->messages,
        .unexpected = session->unexpected,
        .warnings_cut = session->warnings_cut,
    };
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++)
        view->streams[kind] = keel_stream_is_up(&session->streams.at[kind]);
}

/* Making one. */

static size_t keys_size(void)
{
    size_t page_size = 4096;

    return (sizeof(struct keel_keys) + page_size - 1) / page_size * page_size;
}

/* Secrets live on a page of their own that is neither swapped out nor dumped. Where the system's
 * limits forbid that, keel runs nevertheless: it is a second line of defence. */
static struct keel_keys *new_keys(const struct keel_session_config *config)
{
    struct keel_keys *keys =
        mmap(NULL, keys_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (keys == MAP_FAILED)
        return NULL;
    (void)mlock(keys, keys_size());
    (void)madvise(keys, keys_size(), MADV_DONTDUMP);
    if (config->api_key.size > 0)
        config->venue->set_keys(keys, config->api_key, config->secret);
    return keys;
}

static void free_keys(struct keel_keys *keys)
{
    if (keys == NULL)
        return;
    keel_wipe(keys, keys_size());
    munmap(keys, keys_size());
}

static bool take_memory(struct keel_session *session)
{
    void *arena = malloc(KEEL_SESSION_ARENA_SIZE);
    void *frames = malloc(KEEL_FRAMES_SIZE);

    session->events.at = malloc(KEEL_SESSION_EVENTS_MAX * sizeof(*session->events.at));
    session->events.capacity = KEEL_SESSION_EVENTS_MAX;
    if (session->enters_by_stream)
        session->entries = malloc(KEEL_REQUESTS_MAX * sizeof(*session->entries));
    session->stream_request = malloc(sizeof(*session->stream_request));
    session->active = calloc(KEEL_ACTIVE_MAX + 1, sizeof(*session->active));
    session->is_active = calloc(KEEL_ACTIVE_MAX + 1, sizeof(*session->is_active));
    keel_frames_init(&session->frames, frames);
    if (arena != NULL)
        keel_arena_init(&session->arena, arena, KEEL_SESSION_ARENA_SIZE);
    return keel_requests_init(&session->requests) == KEEL_OK && arena != NULL && frames != NULL &&
           session->events.at != NULL && session->stream_request != NULL &&
           session->active != NULL && session->is_active != NULL && session->keys != NULL &&
           (!session->enters_by_stream || session->entries != NULL);
}

static enum keel_status check_config(const struct keel_session_config *config,
                                     struct keel_error *error)
{
    if (config->request_timeout_ms <= 0 || config->start_timeout_ms <= 0)
        return keel_fail(error, KEEL_CONFIG, "a timeout must be positive");
    if (config->receive_window_ms <= 0 ||
        config->receive_window_ms > config->venue->receive_window_max_ms)
        return keel_fail(error, KEEL_CONFIG, "a receive window of %lld ms is not in 1 to %lld",
                         (long long)config->receive_window_ms,
                         (long long)config->venue->receive_window_max_ms);
    if (config->silence_max_ms < 0)
        return keel_fail(error, KEEL_CONFIG, "a silence of %lld ms is negative",
                         (long long)config->silence_max_ms);
    if ((config->api_key.size == 0) != (config->secret.size == 0))
        return keel_fail(error, KEEL_CONFIG, "an API key and its secret come together");
    if (config->api_key.size >= KEEL_API_KEY_SIZE)
        return keel_fail(error, KEEL_CONFIG, "an API key has less than %d characters",
                         KEEL_API_KEY_SIZE);
    return KEEL_OK;
}

struct keel_session *keel_session_new(const struct keel_session_config *config,
                                      struct keel_error *error)
{
    if (check_config(config, error) != KEEL_OK)
        return NULL;

    struct keel_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    session->venue = config->venue;
    session->markets = config->markets;
    session->modes = config->modes;
    session->numbers = config->numbers;
    session->recovers = config->recovers;
    session->keys = new_keys(config);
    session->has_credentials = config->api_key.size > 0;
    session->load_markets = config->load_markets;
    session->book_tops = config->book_tops;
    session->enters_by_stream =
        session->has_credentials && config->order_entry == KEEL_ENTRY_STREAM;
    session->entry_due_ns = INT64_MAX;
    session->receive_window_ms = config->receive_window_ms;
    session->request_timeout_ms = config->request_timeout_ms;
    session->start_timeout_ms = config->start_timeout_ms;
    session->silence_max_ms = config->silence_max_ms;
    session->random = config->seed;
    session->reported = KEEL_REQUEST_NONE;
    if (!take_memory(session)) {
        keel_session_free(session);
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    return session;
}

void keel_session_free(struct keel_session *session)
{
    if (session == NULL)
        return;
    free_keys(session->keys);
    keel_requests_deinit(&session->requests);
    free(session->arena.memory);
    free(session->frames.memory);
    free(session->events.at);
    free(session->entries);
    free(session->stream_request);
    free(session->active);
    free(session->is_active);
    free(session);
}

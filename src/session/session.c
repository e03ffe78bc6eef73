#include "session/session.h"

#include "session/backoff.h"
#include "session/frames.h"
#include "session/settle.h"
#include "session/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define MS_NS     (INT64_C(1000) * 1000)
#define SECOND_NS (INT64_C(1000) * MS_NS)

enum {
    LOADS_AT_ONCE = 32,
    READ_ATTEMPTS_MAX = 5, /* of a caller's read */
    WARNINGS_MAX = 8,
    CLOCK_PERIOD_S = 300,
    RETRY_PERIOD_S = 30, /* of a renewal or a measurement that failed */
};

/* Where a load or a reload stands. */
enum phase {
    PHASE_NONE,
    PHASE_PAUSE,    /* a reload was refused: wait, then begin again */
    PHASE_CLOCK,    /* the first load: time and markets */
    PHASE_STREAMS,  /* until all streams are open */
    PHASE_CATCH_UP, /* reconciling: what the streams may have missed */
    PHASE_SNAPSHOT, /* all loads */
    PHASE_REPLAY,   /* what was kept meanwhile */
};

struct keel_session {
    const struct keel_venue *venue;
    const struct keel_markets *markets;
    const struct keel_modes *modes;
    struct keel_keys *keys; /* a page of its own, locked */
    bool has_credentials, load_markets, book_tops;
    int64_t receive_window_ms, request_timeout_ms, start_timeout_ms, silence_max_ms;

    int64_t now_ns, wall_ms;
    int64_t clock_offset_ms, clock_error_ms;
    int64_t clock_due_ns;
    bool clock_asked;
    uint64_t random;

    enum keel_session_state state, state_told;
    enum phase phase;
    uint32_t cycle;      /* of the load under way: answers to an older one's loads are nothing */
    int32_t outstanding; /* its loads without an answer */
    int32_t load_next;   /* in venue->loads */
    int32_t market_next; /* in active: whose loads come next */
    int32_t failures;    /* loads that the venue refused */
    int32_t cycle_failures;
    bool catching_up, catch_up_told;
    int64_t start_due_ns, pause_due_ns;
    struct keel_error failure; /* each failed load, named */
    struct keel_error state_error;

    struct keel_streams streams;
    char stream_key[KEEL_API_KEY_SIZE];
    int64_t renew_due_ns;
    bool renewing;
    struct keel_stream_request *stream_request;

    keel_market_id *active;
    int32_t active_count;
    bool *is_active; /* by market */

    struct keel_requests requests;
    struct keel_governor governor;
    int64_t blocked_until_ns; /* of queued requests that may not leave yet; 0: none */
    bool rest;

    struct keel_frames frames;
    struct keel_arena arena;
    struct keel_events events;
    struct keel_outcome outcome;

    struct keel_report pending;
    uint16_t reported; /* the place that the last report points to, to be released */
    bool has_ended;    /* some request ended without a reply */
    struct keel_error warnings[WARNINGS_MAX];
    struct keel_error warning; /* the one last pulled */
    int32_t warning_first, warning_count;
    uint64_t warnings_cut;

    uint32_t reconnects;
    uint64_t messages, unexpected;
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

static void warn(struct keel_session *session, const struct keel_error *error)
{
    if (session->warning_count == WARNINGS_MAX) {
        session->warnings_cut++;
        return;
    }
    int32_t at = (session->warning_first + session->warning_count++) % WARNINGS_MAX;
    session->warnings[at] = *error;
}

static bool is_keyed(const struct keel_session *session, enum keel_stream_kind kind)
{
    return kind == KEEL_STREAM_USER && session->venue->stream_key_renew_ms > 0;
}

static bool is_wanted(const struct keel_session *session, enum keel_stream_kind kind)
{
    switch (kind) {
    case KEEL_STREAM_USER: return session->has_credentials;
    case KEEL_STREAM_MARKET: return true;
    case KEEL_STREAM_BOOK: return session->book_tops && session->active_count > 0;
    case KEEL_STREAM_KINDS: break;
    }
    return false;
}

/* The user stream is of the account; the others carry the active markets, all of them. */
static bool is_complete(const struct keel_session *session, enum keel_stream_kind kind)
{
    const struct keel_stream *stream = &session->streams.at[kind];

    if (!is_wanted(session, kind))
        return true;
    return keel_stream_is_up(stream) &&
           (kind == KEEL_STREAM_USER || stream->carries == session->active_count);
}

static void want_streams(struct keel_session *session)
{
    for (int i = 0; i < KEEL_STREAM_KINDS; i++) {
        enum keel_stream_kind kind = (enum keel_stream_kind)i;
        if (!is_complete(session, kind))
            keel_streams_want(&session->streams, kind, is_keyed(session, kind));
    }
}

/* Loads of a cycle that is over: their answers will say nothing. */
static void drop_loads(struct keel_session *session)
{
    for (uint16_t place = 0; place < KEEL_REQUESTS_MAX && session->outstanding > 0; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        bool left = slot->state == KEEL_REQUEST_QUEUED || slot->state == KEEL_REQUEST_WAITING;
        if (slot->purpose == KEEL_FOR_LOAD && left)
            keel_requests_release(&session->requests, place);
    }
    session->outstanding = 0;
    session->cycle++;
}

static void begin_cycle(struct keel_session *session, enum phase phase)
{
    drop_loads(session);
    session->phase = phase;
    session->load_next = 0;
    session->market_next = 0;
    session->failures = 0;
    session->catching_up = false;
    session->catch_up_told = false;
    session->failure = no_error;
}

static void enter_loading(struct keel_session *session)
{
    session->state = keel_session_next_state(session->state, KEEL_SESSION_START);
    session->state_error = no_error;
    session->start_due_ns = session->now_ns + session->start_timeout_ms * MS_NS;
    session->cycle_failures = 0;
    keel_frames_clear(&session->frames);
    begin_cycle(session, PHASE_CLOCK);
}

static void enter_live(struct keel_session *session)
{
    session->state = keel_session_next_state(session->state, KEEL_SESSION_LOADED);
    session->state_error = no_error;
    session->phase = PHASE_NONE;
    session->cycle_failures = 0;
    keel_frames_clear(&session->frames);
}

static void enter_reconciling(struct keel_session *session, const char *reason)
{
    session->state = keel_session_next_state(session->state, KEEL_SESSION_LOST);
    session->reconnects++;
    keel_fail(&session->state_error, KEEL_STALE, "%s", reason);
    begin_cycle(session, PHASE_STREAMS);
    want_streams(session);
}

static void enter_closed(struct keel_session *session, enum keel_session_input input,
                         const struct keel_error *error)
{
    session->state = keel_session_next_state(session->state, input);
    session->state_error = *error;
    begin_cycle(session, PHASE_NONE);
    keel_streams_close(&session->streams);
    keel_frames_clear(&session->frames);
    session->stream_key[0] = '\0';
    session->renewing = false;
    session->clock_asked = false;
    session->has_ended = true;
}

/* What was relied upon is not there any more. */
static void lose(struct keel_session *session, const char *reason)
{
    if (session->state == KEEL_SESSION_LIVE) {
        enter_reconciling(session, reason);
        return;
    }
    if (session->phase >= PHASE_CATCH_UP)
        begin_cycle(session, PHASE_STREAMS);
    want_streams(session);
}

/* Loads. */

static const char *load_name(enum keel_command_kind kind)
{
    const char *name = keel_command_kind_name(kind);

    return strncmp(name, "load_", 5) == 0 ? name + 5 : name;
}

static bool is_of_one_market(const struct keel_command *command)
{
    return command->kind == KEEL_LOAD_FEES || command->kind == KEEL_LOAD_ORDERS ||
           command->kind == KEEL_LOAD_EXECUTIONS;
}

static void append_failure(struct keel_session *session, const char *name, const char *symbol,
                           const struct keel_error *error)
{
    struct keel_error *failure = &session->failure;
    size_t used = failure->status == KEEL_OK ? 0 : strlen(failure->message);
    char code[16] = "";

    if (error->venue_code != 0)
        snprintf(code, sizeof(code), "%d ", (int)error->venue_code);
    failure->status = KEEL_FAILED;
    failure->venue_code = error->venue_code;
    snprintf(failure->message + used, sizeof(failure->message) - used, "%s%s%s%s: %s%s",
             used > 0 ? "; " : "", name, symbol[0] != '\0' ? " of " : "", symbol, code,
             error->message);
}

static void append_load_failure(struct keel_session *session, const struct keel_slot *slot,
                                const struct keel_error *error)
{
    const struct keel_market *market = NULL;

    if (is_of_one_market(&slot->command))
        market = keel_markets_get(session->markets, slot->command.page.market);
    append_failure(session, load_name(slot->command.kind), market != NULL ? market->symbol : "",
                   error);
}

static bool add_load(struct keel_session *session, const struct keel_command *command)
{
    uint16_t place =
        keel_requests_add(&session->requests, KEEL_FOR_LOAD, KEEL_URGENCY_LOAD, command);

    if (place == KEEL_REQUEST_NONE)
        return false;
    session->requests.slots[place].cycle = session->cycle;
    session->outstanding++;
    return true;
}

/* A load of one market has the market at the head of its parameters, whichever they are. */
static bool add_market_load(struct keel_session *session, enum keel_command_kind kind,
                            keel_market_id market)
{
    struct keel_command command = {.kind = kind};

    if (kind == KEEL_LOAD_ORDERS || kind == KEEL_LOAD_EXECUTIONS || kind == KEEL_LOAD_INCOME)
        command.page.market = market;
    else
        command.market = market;
    return add_load(session, &command);
}

static bool is_loadable(const struct keel_session *session, const struct keel_load *load)
{
    return (load->is_public || session->has_credentials) && load->command != KEEL_LOAD_TIME &&
           load->command != KEEL_LOAD_MARKETS;
}

static bool is_end_of_loads(const struct keel_session *session, int32_t index)
{
    return index == KEEL_LOADS_MAX || session->venue->loads[index].command == KEEL_COMMAND_NONE;
}

/* Time, and the markets unless the caller had them: all that needs no signature. */
static void issue_clock_loads(struct keel_session *session)
{
    for (; !is_end_of_loads(session, session->load_next); session->load_next++) {
        enum keel_command_kind kind = session->venue->loads[session->load_next].command;
        bool due = kind == KEEL_LOAD_TIME || (kind == KEEL_LOAD_MARKETS && session->load_markets);
        if (due && !add_load(session, &(struct keel_command){.kind = kind}))
            return;
    }
}

static void issue_account_loads(struct keel_session *session)
{
    for (; !is_end_of_loads(session, session->load_next); session->load_next++) {
        const struct keel_load *load = &session->venue->loads[session->load_next];
        if (session->outstanding >= LOADS_AT_ONCE)
            return;
        if (!load->per_market && is_loadable(session, load) &&
            !add_load(session, &(struct keel_command){.kind = load->command}))
            return;
    }
}

static int32_t count_market_loads(const struct keel_session *session)
{
    int32_t count = 0;

    for (int32_t i = 0; !is_end_of_loads(session, i); i++) {
        const struct keel_load *load = &session->venue->loads[i];
        count += load->per_market && is_loadable(session, load) ? 1 : 0;
    }
    return count;
}

/* After the others, which tell of markets that nobody named. A market's loads go out together. */
static void issue_market_loads(struct keel_session *session)
{
    if (session->market_next == session->active_count)
        return;
    int32_t each = count_market_loads(session);
    for (; session->market_next < session->active_count; session->market_next++) {
        if (session->outstanding + each > LOADS_AT_ONCE)
            return;
        for (int32_t i = 0; !is_end_of_loads(session, i); i++) {
            const struct keel_load *load = &session->venue->loads[i];
            if (load->per_market && is_loadable(session, load) &&
                !add_market_load(session, load->command, session->active[session->market_next]))
                return;
        }
    }
}

static void issue_loads(struct keel_session *session)
{
    issue_account_loads(session);
    if (is_end_of_loads(session, session->load_next) &&
        (session->outstanding == 0 || session->market_next > 0))
        issue_market_loads(session);
}

static void refuse_load(struct keel_session *session, const struct keel_slot *slot)
{
    append_load_failure(session, slot, &session->outcome.error);
    session->failures++;
}

/* The loads of a reload were refused: what the venue says no to now it may grant later. */
static void pause_cycle(struct keel_session *session)
{
    struct keel_error failure = session->failure;

    warn(session, &failure);
    begin_cycle(session, PHASE_PAUSE);
    session->pause_due_ns =
        session->now_ns + keel_backoff_ns(session->cycle_failures++, &session->random);
}

/* True if all loads of the phase are in; one that failed ends the start or pauses the reload. */
static bool are_loads_in(struct keel_session *session)
{
    if (session->outstanding > 0)
        return false;
    if (session->failures == 0)
        return true;
    if (session->state == KEEL_SESSION_LOADING) {
        struct keel_error failure = session->failure;
        enter_closed(session, KEEL_SESSION_REFUSED, &failure);
    } else {
        pause_cycle(session);
    }
    return false;
}

static bool are_streams_complete(const struct keel_session *session)
{
    bool complete = true;

    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++)
        complete = complete && is_complete(session, (enum keel_stream_kind)kind);
    return complete;
}

/* Decoding. */

static void clear_events(struct keel_session *session)
{
    keel_arena_reset(&session->arena);
    session->events.count = 0;
}

static void apply_server_time(struct keel_session *session, const struct keel_slot *slot,
                              int64_t server_time_ms)
{
    int64_t round_trip_ms = session->wall_ms - slot->sent_wall_ms;
    int64_t middle_ms = slot->sent_wall_ms + round_trip_ms / 2;

    session->clock_offset_ms = server_time_ms - middle_ms;
    session->clock_error_ms = round_trip_ms / 2 + 1;
    session->clock_due_ns = session->now_ns + CLOCK_PERIOD_S * SECOND_NS;
    session->clock_asked = false;
}

static int64_t asked_ms(const struct keel_session *session, const struct keel_slot *slot)
{
    return slot->sent_time_ms - session->clock_error_ms;
}

/* What a reply tells the session itself. */
static void learn(struct keel_session *session, const struct keel_slot *slot)
{
    for (int32_t i = 0; i < session->events.count; i++) {
        struct keel_event *event = &session->events.at[i];
        if (event->kind == KEEL_EVENT_SERVER_TIME && slot->command.kind == KEEL_LOAD_TIME)
            apply_server_time(session, slot, event->server_time_ms);
        else if (event->kind == KEEL_EVENT_RATE_LIMIT)
            keel_governor_apply_limit(&session->governor, &event->rate_limit);
        else if (event->kind == KEEL_EVENT_STREAM_KEY)
            keel_str_copy(event->stream_key, session->stream_key, sizeof(session->stream_key));
        else if (event->kind == KEEL_EVENT_SNAPSHOT_BEGIN && event->time_ms == 0)
            event->time_ms = asked_ms(session, slot);
    }
}

static void expire_key(struct keel_session *session)
{
    struct keel_stream *stream = &session->streams.at[KEEL_STREAM_USER];

    session->stream_key[0] = '\0';
    if (stream->step == KEEL_STREAM_RESTING) {
        stream->lost = true;
        keel_streams_fail(&session->streams, KEEL_STREAM_USER, session->now_ns, &session->random,
                          "the stream's key expired");
    }
    lose(session, "the user stream's key expired");
}

static bool tells_expiry(const struct keel_events *events)
{
    for (int32_t i = 0; i < events->count; i++) {
        if (events->at[i].kind == KEEL_EVENT_STREAM_EXPIRED)
            return true;
    }
    return false;
}

static void report_frame(struct keel_session *session, uint32_t number, keel_str bytes)
{
    struct keel_error error;

    clear_events(session);
    enum keel_status status = session->venue->decode_stream(
        bytes, session->markets, &session->arena, &session->events, &error);
    if (status != KEEL_OK) {
        warn(session, &error);
        return;
    }
    session->pending = (struct keel_report){
        .kind = KEEL_REPORT_EVENTS,
        .source = KEEL_SOURCE_STREAM,
        .events = &session->events,
        .error = &no_error,
    };
    /* It may come twice, and of a stream that was replaced it says nothing. */
    if (tells_expiry(&session->events) && number == session->streams.at[KEEL_STREAM_USER].number)
        expire_key(session);
}

static void report_reply(struct keel_session *session, uint16_t place, enum keel_report_kind kind,
                         enum keel_fate fate, const struct keel_error *error)
{
    const struct keel_slot *slot = &session->requests.slots[place];

    session->pending = (struct keel_report){
        .kind = kind,
        .source = KEEL_SOURCE_SNAPSHOT,
        .fate = fate,
        .token = slot->token,
        .not_found = session->outcome.not_found,
        .asked_ms = asked_ms(session, slot),
        .command = &slot->command,
        .events = &session->events,
        .error = error,
    };
}

static void measure_clock(struct keel_session *session)
{
    if (session->clock_asked)
        return;
    session->clock_due_ns = session->now_ns + RETRY_PERIOD_S * SECOND_NS;
    session->clock_asked =
        keel_requests_add(&session->requests, KEEL_FOR_UPKEEP, KEEL_URGENCY_QUERY,
                          &(struct keel_command){.kind = KEEL_LOAD_TIME}) != KEEL_REQUEST_NONE;
}

static void heed(struct keel_session *session, const struct keel_reply *reply)
{
    const struct keel_outcome *outcome = &session->outcome;
    int64_t time_ms = keel_session_venue_time_ms(session);

    keel_governor_observe(&session->governor, reply, time_ms);
    if (outcome->clock_wrong)
        measure_clock(session);
    if (!outcome->busy)
        return;
    int64_t until_ms = time_ms + 1000;
    if (outcome->retry_after_ms > 0)
        until_ms = time_ms + outcome->retry_after_ms;
    if (outcome->retry_at_ms > until_ms)
        until_ms = outcome->retry_at_ms;
    keel_governor_silence(&session->governor, until_ms);
    warn(session, &outcome->error);
}

/* The reply, or its absence, as an outcome. True for a read that may be answered next time. */
static bool understand(struct keel_session *session, const struct keel_slot *slot,
                       const struct keel_transport *transport)
{
    struct keel_outcome *outcome = &session->outcome;
    const char *name = keel_command_kind_name(slot->command.kind);

    clear_events(session);
    if (transport->kind != KEEL_TRANSPORT_REPLIED) {
        bool lost = transport->kind == KEEL_TRANSPORT_LOST;
        *outcome = (struct keel_outcome){.fate = lost ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED};
        keel_fail(&outcome->error, lost ? KEEL_UNKNOWN : KEEL_FAILED, "%s: %s%s", name,
                  lost ? "no answer: " : "not sent: ", transport->reason);
        return true;
    }

    enum keel_status status =
        session->venue->decode_reply(&slot->command, &transport->reply, session->markets,
                                     &session->arena, &session->events, outcome);
    if (status == KEEL_OK)
        learn(session, slot);
    else
        session->events.count = 0;
    heed(session, &transport->reply);
    if (status != KEEL_OK && !keel_command_is_write(slot->command.kind)) {
        outcome->fate = KEEL_FATE_REJECTED;
        return false;
    }
    return outcome->busy || outcome->clock_wrong || outcome->fate == KEEL_FATE_UNKNOWN ||
           outcome->fate == KEEL_FATE_FAILED;
}

/* Ends of requests. */

static void retry_later(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    int64_t pause_ns = keel_backoff_ns(slot->attempts - 1, &session->random);

    slot->error = session->outcome.error;
    keel_requests_move(&session->requests, place, KEEL_REQUEST_WAITING, session->now_ns + pause_ns);
}

static void leave_unsettled(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    int64_t pause_ns = keel_backoff_ns(slot->attempts++, &session->random);

    keel_requests_move(&session->requests, place, KEEL_REQUEST_UNSETTLED,
                       session->now_ns + pause_ns);
}

static void end_write(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    struct keel_outcome *outcome = &session->outcome;

    /* The id is ours and was never sent before: whoever took it, took it in our name. */
    if (outcome->duplicate && slot->command.kind == KEEL_PLACE_ORDER)
        outcome->fate = KEEL_FATE_UNKNOWN;
    if (outcome->fate == KEEL_FATE_UNKNOWN) {
        outcome->error.status = KEEL_UNKNOWN;
        slot->attempts = 0;
        leave_unsettled(session, place);
    } else {
        session->reported = place;
    }
    report_reply(session, place, KEEL_REPORT_RESULT, outcome->fate, &outcome->error);
}

static void end_command(struct keel_session *session, uint16_t place, bool again)
{
    struct keel_slot *slot = &session->requests.slots[place];
    struct keel_outcome *outcome = &session->outcome;

    if (keel_command_is_write(slot->command.kind)) {
        end_write(session, place);
        return;
    }
    if (again && slot->attempts < READ_ATTEMPTS_MAX) {
        retry_later(session, place);
        return;
    }
    /* A read changes nothing there: without an answer it has simply failed. */
    if (outcome->fate == KEEL_FATE_UNKNOWN) {
        outcome->fate = KEEL_FATE_FAILED;
        outcome->error.status = KEEL_FAILED;
    }
    session->reported = place;
    report_reply(session, place, KEEL_REPORT_RESULT, outcome->fate, &outcome->error);
}

static void end_load(struct keel_session *session, uint16_t place, bool again)
{
    const struct keel_slot *slot = &session->requests.slots[place];

    if (slot->cycle != session->cycle) {
        keel_requests_release(&session->requests, place);
        return;
    }
    if (again) {
        retry_later(session, place);
        return;
    }
    session->outstanding--;
    if (session->outcome.fate != KEEL_ACCEPTED) {
        refuse_load(session, slot);
        keel_requests_release(&session->requests, place);
        return;
    }
    session->reported = place;
    report_reply(session, place, KEEL_REPORT_EVENTS, KEEL_ACCEPTED, &no_error);
}

static void end_key(struct keel_session *session, bool again)
{
    struct keel_stream *stream = &session->streams.at[KEEL_STREAM_USER];
    bool accepted = session->outcome.fate == KEEL_ACCEPTED && session->stream_key[0] != '\0';

    if (stream->step != KEEL_STREAM_KEYING)
        return;
    if (accepted) {
        stream->step = KEEL_STREAM_READY;
        session->renew_due_ns = session->now_ns + session->venue->stream_key_renew_ms * MS_NS;
        return;
    }
    if (!again && session->state == KEEL_SESSION_LOADING) {
        append_failure(session, "stream key", "", &session->outcome.error);
        struct keel_error failure = session->failure;
        enter_closed(session, KEEL_SESSION_REFUSED, &failure);
        return;
    }
    warn(session, &session->outcome.error);
    keel_streams_fail(&session->streams, KEEL_STREAM_USER, session->now_ns, &session->random,
                      session->outcome.error.message);
}

static void end_renewal(struct keel_session *session, bool again)
{
    session->renewing = false;
    if (session->outcome.fate == KEEL_ACCEPTED) {
        session->renew_due_ns = session->now_ns + session->venue->stream_key_renew_ms * MS_NS;
        return;
    }
    warn(session, &session->outcome.error);
    session->renew_due_ns = session->now_ns + RETRY_PERIOD_S * SECOND_NS;
    if (!again)
        expire_key(session);
}

static void end_upkeep(struct keel_session *session, uint16_t place, bool again)
{
    enum keel_command_kind kind = session->requests.slots[place].command.kind;

    keel_requests_release(&session->requests, place);
    if (kind == KEEL_LOAD_TIME) {
        session->clock_asked = false;
        if (session->outcome.fate != KEEL_ACCEPTED)
            warn(session, &session->outcome.error);
    } else if (kind == KEEL_OPEN_STREAM_KEY) {
        end_key(session, again);
    } else {
        end_renewal(session, again);
    }
}

/* Ours, as late as the venue may still execute it, by its own clock. */
static bool is_past(const struct keel_session *session, int64_t sent_time_ms, int64_t time_ms)
{
    return time_ms > sent_time_ms + session->receive_window_ms + 2 * session->clock_error_ms;
}

static bool ask_fate(struct keel_session *session, uint16_t about, bool executions)
{
    struct keel_slot *slot = &session->requests.slots[about];
    struct keel_command question;

    keel_settle_ask(&slot->command, slot->sent_time_ms, executions, &question);
    uint16_t place =
        keel_requests_add(&session->requests, KEEL_FOR_FATE, KEEL_URGENCY_QUERY, &question);
    if (place == KEEL_REQUEST_NONE)
        return false;
    session->requests.slots[place].about = about;
    session->requests.slots[place].asks_executions = executions;
    keel_requests_move(&session->requests, about, KEEL_REQUEST_ASKING, INT64_MAX);
    return true;
}

static void end_question(struct keel_session *session, uint16_t place, bool again)
{
    const struct keel_slot *question = &session->requests.slots[place];
    uint16_t about = question->about;
    struct keel_slot *slot = &session->requests.slots[about];
    enum keel_fate fate = KEEL_FATE_UNKNOWN;

    if (!again)
        fate = keel_settle_judge(&slot->command, &question->command, &session->outcome,
                                 &session->events, question->proof);
    keel_requests_release(&session->requests, place);
    if (fate == KEEL_FATE_NONE && ask_fate(session, about, true))
        return;
    if (fate == KEEL_FATE_NONE || fate == KEEL_FATE_UNKNOWN) {
        leave_unsettled(session, about);
        if (session->outcome.fate == KEEL_ACCEPTED)
            report_reply(session, about, KEEL_REPORT_EVENTS, KEEL_ACCEPTED, &no_error);
        return;
    }

    slot->error = no_error;
    if (fate != KEEL_ACCEPTED)
        keel_fail(&slot->error, fate == KEEL_FATE_FAILED ? KEEL_FAILED : KEEL_REJECTED,
                  "%s: the venue shows that it did not happen",
                  keel_command_kind_name(slot->command.kind));
    session->reported = about;
    report_reply(session, about, KEEL_REPORT_SETTLED, fate, &slot->error);
}

/* Phases. */

static void enter_phase_streams(struct keel_session *session)
{
    session->phase = PHASE_STREAMS;
    want_streams(session);
}

static void enter_phase_loads(struct keel_session *session)
{
    bool catch_up = session->state == KEEL_SESSION_RECONCILING && session->has_credentials;

    session->load_next = 0;
    session->market_next = 0;
    session->catching_up = catch_up;
    session->phase = catch_up ? PHASE_CATCH_UP : PHASE_SNAPSHOT;
}

/* True if something changed. */
static bool advance_clock(struct keel_session *session)
{
    issue_clock_loads(session);
    if (!are_loads_in(session))
        return session->phase != PHASE_CLOCK;
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
        clear_events(session);
        return true;
    }
    if (session->failures > 0 && session->outstanding == 0) {
        pause_cycle(session);
        return true;
    }
    if (session->catching_up || session->outstanding > 0)
        return false;
    session->phase = PHASE_SNAPSHOT;
    return true;
}

static bool advance_snapshot(struct keel_session *session)
{
    issue_loads(session);
    if (!are_loads_in(session))
        return session->phase != PHASE_SNAPSHOT;
    /* A load may have told of a market that nobody named. */
    want_streams(session);
    if (session->market_next < session->active_count || !are_streams_complete(session))
        return false;
    session->phase = PHASE_REPLAY;
    return true;
}

static bool advance_replay(struct keel_session *session)
{
    uint32_t number;
    keel_str bytes;

    if (keel_frames_next(&session->frames, &number, &bytes))
        report_frame(session, number, bytes);
    else
        enter_live(session);
    return true;
}

/* Markets that became active meanwhile. */
static bool advance_live(struct keel_session *session)
{
    if (session->state != KEEL_SESSION_LIVE)
        return false;
    issue_market_loads(session);
    if (session->failures == 0 || session->outstanding > 0)
        return false;
    warn(session, &session->failure);
    session->failures = 0;
    session->failure = no_error;
    return true;
}

static bool advance(struct keel_session *session)
{
    switch (session->phase) {
    case PHASE_NONE: return advance_live(session);
    case PHASE_PAUSE:
        if (session->now_ns < session->pause_due_ns)
            return false;
        enter_phase_streams(session);
        return true;
    case PHASE_CLOCK: return advance_clock(session);
    case PHASE_STREAMS: return advance_streams(session);
    case PHASE_CATCH_UP: return advance_catch_up(session);
    case PHASE_SNAPSHOT: return advance_snapshot(session);
    case PHASE_REPLAY: return advance_replay(session);
    }
    return false;
}

/* Time. */

static void ask_fates(struct keel_session *session)
{
    if (session->requests.counts[KEEL_REQUEST_UNSETTLED] == 0)
        return;
    for (uint16_t place = 0; place < KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        if (slot->state == KEEL_REQUEST_UNSETTLED && slot->due_ns <= session->now_ns &&
            !ask_fate(session, place, false))
            leave_unsettled(session, place);
    }
}

static int64_t silence_bound_ns(const struct keel_session *session, enum keel_stream_kind kind)
{
    int64_t bound_ms = session->silence_max_ms;

    if (bound_ms == 0)
        bound_ms = kind == KEEL_STREAM_USER ? session->venue->user_ping_ms
                                            : session->venue->market_silence_ms;
    return bound_ms * MS_NS;
}

/* Replaced while there is still time to fail a few times. */
static int64_t rotation_ns(const struct keel_session *session)
{
    return session->venue->stream_life_ms / 24 * 23 * MS_NS;
}

static void ask_key(struct keel_session *session)
{
    uint16_t place = keel_requests_add(&session->requests, KEEL_FOR_UPKEEP, KEEL_URGENCY_QUERY,
                                       &(struct keel_command){.kind = KEEL_OPEN_STREAM_KEY});

    if (place != KEEL_REQUEST_NONE)
        session->streams.at[KEEL_STREAM_USER].step = KEEL_STREAM_KEYING;
}

static void check_stream_in_use(struct keel_session *session, enum keel_stream_kind kind)
{
    static const char *const silent[KEEL_STREAM_KINDS] = {
        [KEEL_STREAM_USER] = "the user stream is silent",
        [KEEL_STREAM_MARKET] = "the market stream is silent",
        [KEEL_STREAM_BOOK] = "the book stream is silent",
    };
    struct keel_stream *stream = &session->streams.at[kind];

    if (!keel_stream_is_up(stream))
        return;
    /* Book tops are a convenience, and a quiet market has none. */
    int64_t bound_ns = silence_bound_ns(session, kind);
    if (kind != KEEL_STREAM_BOOK && bound_ns > 0 &&
        session->now_ns - stream->heard_ns >= bound_ns) {
        stream->lost = true;
        if (stream->step == KEEL_STREAM_RESTING)
            keel_streams_fail(&session->streams, kind, session->now_ns, &session->random,
                              silent[kind]);
        lose(session, silent[kind]);
        return;
    }
    if (session->venue->stream_life_ms > 0 &&
        session->now_ns - stream->opened_ns >= rotation_ns(session))
        keel_streams_want(&session->streams, kind, is_keyed(session, kind));
}

static void check_stream_to_come(struct keel_session *session, enum keel_stream_kind kind)
{
    struct keel_stream *stream = &session->streams.at[kind];

    if (stream->step == KEEL_STREAM_OPENING && session->now_ns >= stream->due_ns)
        keel_streams_fail(&session->streams, kind, session->now_ns, &session->random,
                          "not open in time");
    if (stream->step == KEEL_STREAM_PAUSED && session->now_ns >= stream->due_ns)
        stream->step = is_keyed(session, kind) ? KEEL_STREAM_KEYLESS : KEEL_STREAM_READY;
    if (stream->step == KEEL_STREAM_KEYLESS)
        ask_key(session);
}

static bool is_running(const struct keel_session *session)
{
    return session->state != KEEL_SESSION_IDLE && session->state != KEEL_SESSION_CLOSED;
}

static void check_start(struct keel_session *session)
{
    struct keel_error failure;

    if (session->state != KEEL_SESSION_LOADING || session->now_ns < session->start_due_ns)
        return;
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        static const char *const names[KEEL_STREAM_KINDS] = {"user stream", "market stream",
                                                             "book stream"};
        const struct keel_stream *stream = &session->streams.at[kind];
        bool waits =
            session->phase >= PHASE_STREAMS && !is_complete(session, (enum keel_stream_kind)kind);
        keel_fail(&failure, KEEL_FAILED, "%s",
                  stream->reason[0] != '\0' ? stream->reason : "not open in time");
        if (waits)
            append_failure(session, names[kind], "", &failure);
    }
    for (uint16_t place = 0; place < KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        keel_fail(&failure, KEEL_FAILED, "no answer in %lld ms",
                  (long long)session->start_timeout_ms);
        if (slot->state != KEEL_REQUEST_FREE && slot->purpose == KEEL_FOR_LOAD &&
            slot->cycle == session->cycle)
            append_load_failure(session, slot,
                                slot->error.status == KEEL_OK ? &failure : &slot->error);
    }
    failure = session->failure;
    enter_closed(session, KEEL_SESSION_OVERDUE, &failure);
}

static void check_upkeep(struct keel_session *session)
{
    bool has_key = session->stream_key[0] != '\0' && session->venue->stream_key_renew_ms > 0;

    if (session->phase != PHASE_CLOCK && session->now_ns >= session->clock_due_ns)
        measure_clock(session);
    if (has_key && !session->renewing && session->now_ns >= session->renew_due_ns)
        session->renewing =
            keel_requests_add(&session->requests, KEEL_FOR_UPKEEP, KEEL_URGENCY_QUERY,
                              &(struct keel_command){.kind = KEEL_RENEW_STREAM_KEY}) !=
            KEEL_REQUEST_NONE;
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
    session->warning_first = (session->warning_first + 1) % WARNINGS_MAX;
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

static bool report_ended(struct keel_session *session, uint16_t place, struct keel_report *report)
{
    struct keel_slot *slot = &session->requests.slots[place];
    bool closed = session->state == KEEL_SESSION_CLOSED;
    bool ended = slot->state == KEEL_REQUEST_ENDED;
    enum keel_fate fate = slot->fate;

    if (slot->state == KEEL_REQUEST_FREE || slot->purpose == KEEL_FOR_NOBODY || (!ended && !closed))
        return false;
    bool told = slot->state == KEEL_REQUEST_UNSETTLED || slot->state == KEEL_REQUEST_ASKING;
    bool reports = slot->purpose == KEEL_FOR_CALLER && !told;
    if (!ended)
        fate = fate_at_close(slot);

    clear_events(session);
    session->outcome.not_found = false;
    report_reply(session, place, KEEL_REPORT_RESULT, fate, &slot->error);
    *report = session->pending;
    session->pending.kind = KEEL_REPORT_NONE;
    /* Its bytes are still being sent: the place is free when that has ended. */
    if (slot->state == KEEL_REQUEST_IN_FLIGHT)
        slot->purpose = KEEL_FOR_NOBODY;
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
    for (uint16_t place = 0; place < KEEL_REQUESTS_MAX; place++) {
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
        if (!advance(session))
            return false;
    }
}

/* Effects. */

static bool open_stream(struct keel_session *session, enum keel_stream_kind kind,
                        struct keel_effect *effect)
{
    struct keel_error error;
    enum keel_status status = session->venue->open_stream(
        kind, keel_str_from(session->stream_key), session->markets, session->active,
        (size_t)session->active_count, session->stream_request, &error);

    if (status != KEEL_OK) {
        warn(session, &error);
        keel_streams_fail(&session->streams, kind, session->now_ns, &session->random,
                          error.message);
        return false;
    }
    int64_t give_up_ns = session->now_ns + session->request_timeout_ms * MS_NS;
    *effect = (struct keel_effect){
        .kind = KEEL_EFFECT_OPEN_STREAM,
        .stream = {.number = keel_streams_begin(&session->streams, kind, session->active_count,
                   give_up_ns),
                   .kind = kind,
                   .request = session->stream_request},
    };
    return true;
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
        if (stream->step == KEEL_STREAM_KEYLESS && is_running(session))
            ask_key(session);
        if (stream->step == KEEL_STREAM_READY &&
            open_stream(session, (enum keel_stream_kind)i, effect))
            return true;
    }
    return false;
}

static bool is_order(const struct keel_command *command)
{
    return command->kind == KEEL_PLACE_ORDER || command->kind == KEEL_AMEND_ORDER;
}

/* Signed in the moment in which it leaves: a timestamp taken when it was queued would age. */
static bool send(struct keel_session *session, uint16_t place, struct keel_effect *effect)
{
    struct keel_slot *slot = &session->requests.slots[place];
    struct keel_request *request = &session->requests.bytes[place];
    int64_t time_ms = keel_session_venue_time_ms(session);
    enum keel_status status =
        session->venue->encode(&slot->command, session->markets, session->modes, session->keys,
                               time_ms, session->receive_window_ms, request, &slot->error);

    if (status != KEEL_OK) {
        slot->fate = KEEL_FATE_FAILED;
        session->has_ended = true;
        keel_requests_move(&session->requests, place, KEEL_REQUEST_ENDED, INT64_MAX);
        return false;
    }
    slot->sent_ns = session->now_ns;
    slot->sent_wall_ms = session->wall_ms;
    slot->sent_time_ms = time_ms;
    if (slot->purpose == KEEL_FOR_FATE)
        slot->proof = is_past(session, session->requests.slots[slot->about].sent_time_ms, time_ms);
    keel_requests_start(&session->requests, place);
    keel_governor_charge(&session->governor, request, time_ms);
    effect->kind = KEEL_EFFECT_REQUEST;
    effect->request.id = keel_requests_id(&session->requests, place);
    effect->request.request = request;
    effect->request.timeout_ms = session->request_timeout_ms;
    return true;
}

static bool may_leave(struct keel_session *session, uint16_t place)
{
    const struct keel_slot *slot = &session->requests.slots[place];
    int64_t time_ms = keel_session_venue_time_ms(session);
    int64_t retry_at_ms;

    if (session->requests.counts[KEEL_REQUEST_IN_FLIGHT] >= KEEL_IN_FLIGHT_MAX)
        return false;
    if (keel_governor_allows(&session->governor, slot->urgency, is_order(&slot->command), time_ms,
                             &retry_at_ms))
        return true;
    int64_t retry_ns = session->now_ns + (retry_at_ms - time_ms) * MS_NS;
    if (session->blocked_until_ns == 0 || retry_ns < session->blocked_until_ns)
        session->blocked_until_ns = retry_ns;
    return false;
}

bool keel_session_next_effect(struct keel_session *session, struct keel_effect *effect)
{
    session->blocked_until_ns = 0;
    if (next_stream_effect(session, effect))
        return true;
    if (!is_running(session))
        return false;
    for (int urgency = 0; urgency < KEEL_URGENCIES; urgency++) {
        uint16_t place;
        while ((place = keel_requests_first(&session->requests, (enum keel_urgency)urgency)) !=
                   KEEL_REQUEST_NONE &&
               may_leave(session, place)) {
            if (send(session, place, effect))
                return true;
        }
    }
    return false;
}

/* Inputs. */

void keel_session_set_time(struct keel_session *session, int64_t now_ns, int64_t wall_ms)
{
    session->now_ns = now_ns;
    session->wall_ms = wall_ms;
}

int64_t keel_session_venue_time_ms(const struct keel_session *session)
{
    return session->wall_ms + session->clock_offset_ms;
}

void keel_session_start(struct keel_session *session)
{
    if (!is_running(session))
        enter_loading(session);
}

void keel_session_stop(struct keel_session *session)
{
    enter_closed(session, KEEL_SESSION_STOP, &no_error);
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
    bool again = understand(session, slot, transport);
    switch (slot->purpose) {
    case KEEL_FOR_CALLER: end_command(session, place, again); return;
    case KEEL_FOR_LOAD: end_load(session, place, again); return;
    case KEEL_FOR_UPKEEP: end_upkeep(session, place, again); return;
    case KEEL_FOR_FATE: end_question(session, place, again); return;
    case KEEL_FOR_NOBODY: return;
    }
}

void keel_session_on_stream_opened(struct keel_session *session, uint32_t number)
{
    enum keel_stream_kind kind = keel_streams_find(&session->streams, number);

    if (kind == KEEL_STREAM_KINDS || session->streams.at[kind].next_number != number) {
        session->unexpected++;
        return;
    }
    keel_streams_promote(&session->streams, kind, session->now_ns);
}

static void keep(struct keel_session *session, uint32_t number, keel_str bytes)
{
    if (keel_frames_keep(&session->frames, number, bytes))
        return;
    /* What did not fit is a gap: the snapshots to come must be newer than it. */
    keel_frames_clear(&session->frames);
    lose(session, "too many messages to keep");
}

void keel_session_on_stream_message(struct keel_session *session, uint32_t number, keel_str bytes)
{
    enum keel_stream_kind kind = keel_streams_find(&session->streams, number);

    session->messages++;
    if (kind == KEEL_STREAM_KINDS) {
        session->unexpected++;
        return;
    }
    session->streams.at[kind].heard_ns = session->now_ns;
    if (kind == KEEL_STREAM_USER && session->state != KEEL_SESSION_LIVE)
        keep(session, number, bytes);
    else
        report_frame(session, number, bytes);
}

void keel_session_on_stream_ping(struct keel_session *session, uint32_t number)
{
    enum keel_stream_kind kind = keel_streams_find(&session->streams, number);

    if (kind != KEEL_STREAM_KINDS && session->streams.at[kind].number == number &&
        kind == KEEL_STREAM_USER)
        session->streams.at[kind].heard_ns = session->now_ns;
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
    if (stream->number != 0)
        return;
    snprintf(text, sizeof(text), "a stream closed: %s", reason);
    lose(session, text);
}

void keel_session_tick(struct keel_session *session)
{
    if (!is_running(session))
        return;
    keel_requests_wake(&session->requests, session->now_ns);
    ask_fates(session);
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        check_stream_in_use(session, (enum keel_stream_kind)kind);
        check_stream_to_come(session, (enum keel_stream_kind)kind);
    }
    check_upkeep(session);
    check_start(session);
}

enum keel_status keel_session_check_room(const struct keel_session *session,
                                         const struct keel_command *command,
                                         struct keel_error *error)
{
    if (!is_running(session))
        return keel_fail(error, KEEL_FAILED, "%s: not connected",
                         keel_command_kind_name(command->kind));
    if (session->requests.counts[KEEL_REQUEST_FREE] <= KEEL_REQUESTS_SPARE)
        return keel_fail(error, KEEL_FULL, "%s: %d commands wait for an answer, the most there are",
                         keel_command_kind_name(command->kind),
                         KEEL_REQUESTS_MAX - KEEL_REQUESTS_SPARE);
    return KEEL_OK;
}

enum keel_status keel_session_command(struct keel_session *session,
                                      const struct keel_command *command, uint64_t token,
                                      struct keel_error *error)
{
    enum keel_urgency urgency =
        keel_command_is_write(command->kind) ? KEEL_URGENCY_WRITE : KEEL_URGENCY_QUERY;
    enum keel_status status = keel_session_check_room(session, command, error);

    if (status != KEEL_OK)
        return status;
    uint16_t place = keel_requests_add(&session->requests, KEEL_FOR_CALLER, urgency, command);
    KEEL_ASSERT(place != KEEL_REQUEST_NONE);
    session->requests.slots[place].token = token;
    return KEEL_OK;
}

enum keel_status keel_session_load(struct keel_session *session, const struct keel_command *command,
                                   struct keel_error *error)
{
    KEEL_ASSERT(session->phase == PHASE_CATCH_UP);
    if (!add_load(session, command))
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
    append_failure(session, name, "", error);
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

static int64_t earlier(int64_t a_ns, int64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

static int64_t stream_deadline_ns(const struct keel_session *session, enum keel_stream_kind kind)
{
    const struct keel_stream *stream = &session->streams.at[kind];
    int64_t deadline_ns = INT64_MAX;
    int64_t bound_ns = silence_bound_ns(session, kind);

    if (stream->step == KEEL_STREAM_KEYLESS)
        return session->now_ns;
    if (stream->step == KEEL_STREAM_PAUSED || stream->step == KEEL_STREAM_OPENING)
        deadline_ns = stream->due_ns;
    if (!keel_stream_is_up(stream))
        return deadline_ns;
    if (kind != KEEL_STREAM_BOOK && bound_ns > 0)
        deadline_ns = earlier(deadline_ns, stream->heard_ns + bound_ns);
    if (session->venue->stream_life_ms > 0 && stream->step == KEEL_STREAM_RESTING)
        deadline_ns = earlier(deadline_ns, stream->opened_ns + rotation_ns(session));
    return deadline_ns;
}

int64_t keel_session_deadline_ns(const struct keel_session *session)
{
    int64_t deadline_ns = INT64_MAX;

    if (session->has_ended)
        return session->now_ns;
    if (!is_running(session))
        return INT64_MAX;
    if (session->requests.counts[KEEL_REQUEST_WAITING] +
            session->requests.counts[KEEL_REQUEST_UNSETTLED] >
        0)
        deadline_ns = session->requests.due_ns;
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++)
        deadline_ns =
            earlier(deadline_ns, stream_deadline_ns(session, (enum keel_stream_kind)kind));
    if (session->blocked_until_ns != 0)
        deadline_ns = earlier(deadline_ns, session->blocked_until_ns);
    if (session->state == KEEL_SESSION_LOADING)
        deadline_ns = earlier(deadline_ns, session->start_due_ns);
    if (session->phase == PHASE_PAUSE)
        deadline_ns = earlier(deadline_ns, session->pause_due_ns);
    if (session->phase != PHASE_CLOCK && !session->clock_asked)
        deadline_ns = earlier(deadline_ns, session->clock_due_ns);
    if (session->stream_key[0] != '\0' && !session->renewing)
        deadline_ns = earlier(deadline_ns, session->renew_due_ns);
    return deadline_ns;
}

enum keel_status keel_session_encode(struct keel_session *session,
                                     const struct keel_command *command,
                                     struct keel_request *request, struct keel_error *error)
{
    return session->venue->encode(command, session->markets, session->modes, session->keys,
                                  keel_session_venue_time_ms(session), session->receive_window_ms,
                                  request, error);
}

void keel_session_view(const struct keel_session *session, struct keel_session_view *view)
{
    const int32_t *counts = session->requests.counts;

    *view = (struct keel_session_view){
        .state = session->state,
        .rest = session->rest,
        .heard_ns = session->streams.at[KEEL_STREAM_USER].heard_ns,
        .clock_offset_ms = session->clock_offset_ms,
        .clock_error_ms = session->clock_error_ms,
        .reconnects = session->reconnects,
        .unsettled = counts[KEEL_REQUEST_UNSETTLED] + counts[KEEL_REQUEST_ASKING],
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
    session->stream_request = malloc(sizeof(*session->stream_request));
    session->active = calloc(KEEL_ACTIVE_MAX + 1, sizeof(*session->active));
    session->is_active = calloc(KEEL_ACTIVE_MAX + 1, sizeof(*session->is_active));
    keel_frames_init(&session->frames, frames);
    if (arena != NULL)
        keel_arena_init(&session->arena, arena, KEEL_SESSION_ARENA_SIZE);
    return keel_requests_init(&session->requests) == KEEL_OK && arena != NULL && frames != NULL &&
           session->events.at != NULL && session->stream_request != NULL &&
           session->active != NULL && session->is_active != NULL && session->keys != NULL;
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
    session->keys = new_keys(config);
    session->has_credentials = config->api_key.size > 0;
    session->load_markets = config->load_markets;
    session->book_tops = config->book_tops;
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
    free(session->stream_request);
    free(session->active);
    free(session->is_active);
    free(session);
}

/* replies.c - what answers mean, and how each request ends. */
#include "session/backoff.h"
#include "session/session_internal.h"

enum {
    READ_ATTEMPTS_MAX = 5,  /* of a caller's read */
    REACH_ATTEMPTS_MAX = 4, /* of a first request that cannot leave: less than two seconds */
};

static const struct keel_error no_error;

void keel_session_clear_events(struct keel_session *session)
{
    keel_arena_reset(&session->arena);
    session->events.count = 0;
}

/* A millisecond of the venue's clock that was over when the request left, however far off the
 * measured offset may be: what happened in it or before is in the answer. */
static int64_t asked_ms(const struct keel_session *session, const struct keel_slot *slot)
{
    return slot->sent_time_ms - session->clock_error_ms - 1;
}

/* Of the settings too it may be that a stream has told of a later change before it came. */
static bool bears_no_time(const struct keel_event *event)
{
    return event->time_ms == 0 &&
           (event->kind == KEEL_EVENT_SNAPSHOT_BEGIN || event->kind == KEEL_EVENT_LEVERAGE);
}

/* What a reply tells the session itself. */
static void learn(struct keel_session *session, const struct keel_slot *slot)
{
    for (int32_t i = 0; i < session->events.count; i++) {
        struct keel_event *event = &session->events.at[i];
        if (event->kind == KEEL_EVENT_SERVER_TIME && slot->command.kind == KEEL_LOAD_TIME)
            keel_session_apply_server_time(session, slot, event->server_time_ms);
        else if (event->kind == KEEL_EVENT_RATE_LIMIT)
            keel_governor_apply_limit(&session->governor, &event->rate_limit);
        else if (event->kind == KEEL_EVENT_STREAM_KEY)
            keel_str_copy(event->stream_key, session->stream_key, sizeof(session->stream_key));
        else if (bears_no_time(event))
            event->time_ms = asked_ms(session, slot);
        else
            keel_session_bound_time(session, event, asked_ms(session, slot));
    }
}

void keel_session_report_reply(struct keel_session *session, uint16_t place,
                               enum keel_report_kind kind, enum keel_fate fate,
                               const struct keel_error *error)
{
    const struct keel_slot *slot = &session->requests.slots[place];

    if (fate == KEEL_ACCEPTED && kind != KEEL_REPORT_EVENTS)
        keel_session_note_accepted(session, place);
    session->pending = (struct keel_report){
        .kind = kind,
        .source = KEEL_SOURCE_SNAPSHOT,
        .fate = fate,
        .token = slot->token,
        .intent = slot->intent,
        .not_found = session->outcome.not_found,
        .asked_ms = asked_ms(session, slot),
        .command = &slot->command,
        .events = &session->events,
        .error = error,
    };
}

static void heed(struct keel_session *session)
{
    const struct keel_outcome *outcome = &session->outcome;
    int64_t time_ms = keel_session_venue_time_ms(session);

    keel_governor_observe(&session->governor, outcome->usage, outcome->usage_count, time_ms);
    if (outcome->clock_wrong)
        keel_session_measure_clock(session);
    if (!outcome->busy)
        return;
    int64_t until_ms = time_ms + 1000;
    if (outcome->retry_after_ms > 0)
        until_ms = time_ms + outcome->retry_after_ms;
    if (outcome->retry_at_ms > until_ms)
        until_ms = outcome->retry_at_ms;
    keel_governor_silence(&session->governor, until_ms);
    keel_session_warn(session, &outcome->error);
}

/* Nobody was ever reached, and not for want of trying: somebody may wait for the start. */
static bool is_out_of_reach(const struct keel_session *session, const struct keel_slot *slot,
                            const struct keel_transport *transport)
{
    return transport->kind == KEEL_TRANSPORT_NOT_SENT && slot->purpose == KEEL_FOR_LOAD &&
           session->state == KEEL_SESSION_LOADING && session->phase == KEEL_PHASE_CLOCK &&
           slot->attempts >= REACH_ATTEMPTS_MAX;
}

/* The reply, or its absence, as an outcome. True for a read that may be answered next time. */
static bool understand(struct keel_session *session, struct keel_slot *slot,
                       const struct keel_transport *transport)
{
    struct keel_outcome *outcome = &session->outcome;
    const char *name = keel_command_kind_name(slot->command.kind);

    keel_session_clear_events(session);
    if (transport->kind != KEEL_TRANSPORT_REPLIED) {
        bool lost = transport->kind == KEEL_TRANSPORT_LOST;
        bool named = slot->purpose == KEEL_FOR_LOAD; /* among the loads that failed */
        *outcome = (struct keel_outcome){.fate = lost ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED};
        keel_fail(&outcome->error, lost ? KEEL_UNKNOWN : KEEL_FAILED, "%s%s%s%s", named ? "" : name,
                  named ? "" : ": ", lost ? "no answer: " : "not sent: ", transport->reason);
        return !is_out_of_reach(session, slot, transport);
    }

    enum keel_status status =
        session->venue->decode_reply(&slot->command, &transport->reply, session->markets,
                                     &session->arena, &session->events, outcome);
    if (status == KEEL_OK) {
        learn(session, slot);
        keel_session_see_orders(session);
    } else {
        session->events.count = 0;
    }
    heed(session);
    if (status != KEEL_OK && !keel_command_is_write(slot->command.kind)) {
        outcome->fate = KEEL_FATE_REJECTED;
        return false;
    }
    if (outcome->clock_wrong)
        return !keel_session_is_clock_healed(session, slot);
    return outcome->busy || outcome->fate == KEEL_FATE_UNKNOWN || outcome->fate == KEEL_FATE_FAILED;
}

static void retry_later(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    int64_t pause_ns = keel_backoff_ns(slot->attempts - 1, &session->random);

    slot->error = session->outcome.error;
    keel_requests_move(&session->requests, place, KEEL_REQUEST_WAITING, session->now_ns + pause_ns);
}

/* The id is ours and was never sent before: whoever took it, took it in our name. */
static bool shows_first(const struct keel_slot *slot, const struct keel_outcome *outcome)
{
    return outcome->duplicate &&
           (slot->command.kind == KEEL_PLACE_ORDER || slot->command.kind == KEEL_WITHDRAW);
}

/* The answer came after the session had been closed, and its caller told that it is unknown. */
static void end_told(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    const struct keel_outcome *outcome = &session->outcome;
    bool unknown = outcome->fate == KEEL_FATE_UNKNOWN || shows_first(slot, outcome);

    slot->told = false;
    if (unknown && keel_session_is_running(session)) {
        slot->attempts = 0;
        keel_session_leave_unsettled(session, place);
        return;
    }
    if (unknown) {
        keel_session_keep_unknown(session, place);
        return;
    }
    slot->error = outcome->error;
    session->reported = place;
    keel_session_report_reply(session, place, KEEL_REPORT_SETTLED, outcome->fate, &slot->error);
}

static void end_write(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    struct keel_outcome *outcome = &session->outcome;

    if (slot->told) {
        end_told(session, place);
        return;
    }
    if (shows_first(slot, outcome))
        outcome->fate = KEEL_FATE_UNKNOWN;
    if (outcome->fate == KEEL_FATE_UNKNOWN) {
        outcome->error.status = KEEL_UNKNOWN;
        slot->attempts = 0;
        keel_session_leave_unsettled(session, place);
    } else {
        session->reported = place;
    }
    keel_session_report_reply(session, place, KEEL_REPORT_RESULT, outcome->fate, &outcome->error);
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
    keel_session_report_reply(session, place, KEEL_REPORT_RESULT, outcome->fate, &outcome->error);
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
        keel_session_refuse_load(session, slot);
        keel_requests_release(&session->requests, place);
        return;
    }
    if (slot->command.kind == KEEL_LOAD_MARKETS) {
        session->markets_due = false;
        session->markets_fresh = true;
    } else if (keel_session_lacks_market(session)) {
        keel_requests_release(&session->requests, place);
        keel_session_lack_market(session);
        return;
    }
    session->reported = place;
    keel_session_report_reply(session, place, KEEL_REPORT_EVENTS, KEEL_ACCEPTED, &no_error);
}

static void end_key(struct keel_session *session, bool again)
{
    struct keel_stream *stream = &session->streams.at[KEEL_STREAM_USER];
    bool accepted = session->outcome.fate == KEEL_ACCEPTED && session->stream_key[0] != '\0';

    if (stream->step != KEEL_STREAM_KEYING)
        return;
    if (accepted) {
        stream->step = KEEL_STREAM_READY;
        session->renew_due_ns = session->now_ns + session->venue->stream_key_renew_ms * KEEL_MS_NS;
        return;
    }
    if (!again && session->state == KEEL_SESSION_LOADING) {
        keel_session_append_failure(session, "stream key", "", &session->outcome.error);
        keel_session_fail_start(session);
        return;
    }
    keel_session_warn(session, &session->outcome.error);
    keel_streams_fail(&session->streams, KEEL_STREAM_USER, session->now_ns, &session->random,
                      session->outcome.error.message);
}

static void end_renewal(struct keel_session *session, bool again)
{
    session->renewing = false;
    if (session->outcome.fate == KEEL_ACCEPTED) {
        session->renew_due_ns = session->now_ns + session->venue->stream_key_renew_ms * KEEL_MS_NS;
        return;
    }
    keel_session_warn(session, &session->outcome.error);
    session->renew_due_ns = session->now_ns + KEEL_SESSION_RETRY_S * KEEL_SECOND_NS;
    if (!again)
        keel_session_expire_key(session);
}

static void end_upkeep(struct keel_session *session, uint16_t place, bool again)
{
    enum keel_command_kind kind = session->requests.slots[place].command.kind;

    keel_requests_release(&session->requests, place);
    if (kind == KEEL_LOAD_TIME) {
        session->clock_asked = false;
        if (session->outcome.fate != KEEL_ACCEPTED)
            keel_session_warn(session, &session->outcome.error);
    } else if (kind == KEEL_OPEN_STREAM_KEY) {
        end_key(session, again);
    } else {
        end_renewal(session, again);
    }
}

void keel_session_end_request(struct keel_session *session, uint16_t place,
                              const struct keel_transport *transport)
{
    struct keel_slot *slot = &session->requests.slots[place];
    bool again = understand(session, slot, transport);

    switch (slot->purpose) {
    case KEEL_FOR_CALLER: end_command(session, place, again); return;
    case KEEL_FOR_LOAD: end_load(session, place, again); return;
    case KEEL_FOR_UPKEEP: end_upkeep(session, place, again); return;
    case KEEL_FOR_FATE: keel_session_end_question(session, place, again); return;
    case KEEL_FOR_NOBODY: return;
    }
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

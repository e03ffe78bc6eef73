/* reports.c - what the owner is told. */
#include "session/session_internal.h"

void keel_session_warn(struct keel_session *session, const struct keel_error *error)
{
    if (session->warning_count == KEEL_SESSION_WARNINGS_MAX) {
        session->warnings_cut++;
        return;
    }
    int32_t at = (session->warning_first + session->warning_count++) % KEEL_SESSION_WARNINGS_MAX;
    session->warnings[at] = *error;
}

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
            !keel_session_advance(session))
            return false;
    }
}

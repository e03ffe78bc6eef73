/* clock.c - the venue's clock, and ours. */
#include "session/session_internal.h"

#include <stdio.h>

enum {
    CLOCK_PERIOD_S = 300,
    STEP_MS_MIN = 1000,  /* of the venue's clock, back */
    JUMP_MS_MIN = 1000,  /* of the wall clock against the monotonic one */
    NUDGE_MS_MIN = 20,   /* less is how times are cut to milliseconds */
    SLEEP_MS_MIN = 5000, /* a jump ahead that may have been a sleep of the machine */
    OVERSLEPT_S = 5,     /* past a deadline: nobody ran us */
    DOUBT_MS_MIN = 2000, /* of what the user stream tells, behind the venue's clock */
    DOUBT_S = 10,        /* between two questions because of that */
};

/* The venue's clock by the monotonic one, which nobody sets: ours may have been. */
static int64_t steady_ms(const struct keel_session *session, int64_t at_ns)
{
    return session->based_ms + (at_ns - session->based_ns) / KEEL_MS_NS;
}

/* What the venue states after a step back bears times that seem old beside what is known. */
static void note_step(struct keel_session *session, const struct keel_slot *slot,
                      int64_t server_time_ms)
{
    int64_t round_trip_ns = session->now_ns - slot->sent_ns;
    int64_t middle_ns = slot->sent_ns + round_trip_ns / 2;
    int64_t error_ms = round_trip_ns / 2 / KEEL_MS_NS + 1;
    int64_t by_ms = session->based_ns != 0 ? steady_ms(session, middle_ns) - server_time_ms : 0;
    bool back = by_ms > STEP_MS_MIN + error_ms + session->base_error_ms;

    session->based_ms = server_time_ms;
    session->based_ns = middle_ns;
    session->base_error_ms = error_ms;
    if (!back)
        return;
    session->steps_back++;
    keel_governor_step_back(&session->governor, by_ms);
    if (session->state == KEEL_SESSION_LIVE)
        keel_session_lose(session, "the venue's clock went back");
}

void keel_session_apply_server_time(struct keel_session *session, const struct keel_slot *slot,
                                    int64_t server_time_ms)
{
    int64_t round_trip_ms = session->wall_ms - slot->sent_wall_ms;
    int64_t middle_ms = slot->sent_wall_ms + round_trip_ms / 2;

    session->clock_offset_ms = server_time_ms - middle_ms;
    /* Three times were cut to whole milliseconds: half of an odd round trip is rounded up, too. */
    session->clock_error_ms = (round_trip_ms + 1) / 2 + 1;
    session->clock_due_ns = session->now_ns + CLOCK_PERIOD_S * KEEL_SECOND_NS;
    session->clock_measured_ns = session->now_ns;
    session->clock_jumped = false;
    session->clock_asked = false;
    note_step(session, slot, server_time_ms);
}

/* NULL: what it tells bears none. */
static int64_t *update_time_of(struct keel_event *event)
{
    switch ((int)event->kind) {
    case KEEL_EVENT_ORDER: return &event->order.update_time_ms;
    case KEEL_EVENT_POSITION: return &event->position.update_time_ms;
    case KEEL_EVENT_BALANCE: return &event->balance.update_time_ms;
    }
    return NULL;
}

void keel_session_bound_time(const struct keel_session *session, struct keel_event *event,
                             int64_t asked_ms)
{
    int64_t *update_ms = update_time_of(event);

    if (!update_ms)
        return;
    int64_t told_ms = *update_ms != 0 ? *update_ms : event->time_ms;
    if (told_ms > steady_ms(session, session->now_ns) + session->base_error_ms + STEP_MS_MIN)
        *update_ms = asked_ms;
}

/* The user stream tells of now. What seems old was long on its way, or the venue's clock went back,
 * and then all that it states would be passed over until the next measurement. */
void keel_session_doubt_clock(struct keel_session *session, const struct keel_events *events)
{
    int64_t bound_ms = steady_ms(session, session->now_ns) - DOUBT_MS_MIN - session->base_error_ms;

    if (session->now_ns - session->clock_measured_ns < DOUBT_S * KEEL_SECOND_NS)
        return;
    for (int32_t i = 0; i < events->count; i++) {
        if (events->at[i].time_ms != 0 && events->at[i].time_ms < bound_ms) {
            keel_session_measure_clock(session);
            return;
        }
    }
}

/* A timestamp that is refused is healed by a measurement, once: refused again after it, the fault
 * lies elsewhere. */
bool keel_session_is_clock_healed(const struct keel_session *session, struct keel_slot *slot)
{
    if (slot->clock_refused_ns == 0)
        slot->clock_refused_ns = session->now_ns;
    return session->clock_measured_ns >= slot->clock_refused_ns &&
           slot->sent_ns >= session->clock_measured_ns && slot->sent_ns > slot->clock_refused_ns;
}

static void distrust_clock(struct keel_session *session, int64_t jump_ms)
{
    char reason[96];

    snprintf(reason, sizeof(reason), "our clock jumped by %lld ms", (long long)jump_ms);
    session->clock_jumped = true;
    if (jump_ms >= SLEEP_MS_MIN)
        keel_session_lose_streams(session, reason);
    keel_session_reload(session, reason);
}

/* A small jump is let pass, but what is dated until the next measurement may be off by so much
 * more. */
static void widen_error(struct keel_session *session, int64_t jump_ms)
{
    int64_t off_ms = jump_ms < 0 ? -jump_ms : jump_ms;

    if (off_ms < NUDGE_MS_MIN)
        return;
    session->clock_error_ms += off_ms;
    session->clock_due_ns = session->now_ns;
}

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
    else
        widen_error(session, jump_ms);
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++)
        (void)keel_session_lose_silent(session, (enum keel_stream_kind)kind);
    if (overslept && session->state == KEEL_SESSION_LIVE)
        keel_session_lose(session, "the process was suspended");
}

int64_t keel_session_venue_time_ms(const struct keel_session *session)
{
    return session->wall_ms + session->clock_offset_ms;
}

void keel_session_measure_clock(struct keel_session *session)
{
    if (session->clock_asked)
        return;
    session->clock_due_ns = session->now_ns + KEEL_SESSION_RETRY_S * KEEL_SECOND_NS;
    session->clock_asked =
        keel_requests_add(&session->requests, KEEL_FOR_UPKEEP, KEEL_URGENCY_QUERY,
                          &(struct keel_command){.kind = KEEL_LOAD_TIME}) != KEEL_REQUEST_NONE;
}

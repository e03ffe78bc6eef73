#include "session/backoff.h"
#include "session/session_internal.h"

#include <stdio.h>

enum {
    READ_ATTEMPTS_MAX = 5,  /* of a caller's read */
    REACH_ATTEMPTS_MAX = 4, /* of a first request that cannot leave: less than two seconds */
    CLOCK_PERIOD_S = 300,
    STEP_MS_MIN = 1000, /* of the venue's clock, back */
};

static const struct keel_error no_error;

void keel_session_clear_events(struct keel_session *session)
{
    keel_arena_reset(&session->arena);
    session->events.count = 0;
}

/* By the monotonic clock, which nobody sets: ours may have been. What the venue states from then on
 * bears times that seem old beside what is known. */
static void note_step(struct keel_session *session, const struct keel_slot *slot,
                      int64_t server_time_ms)
{
    int64_t round_trip_ns = session->now_ns - slot->sent_ns;
    int64_t middle_ns = slot->sent_ns + round_trip_ns / 2;
    int64_t error_ms = round_trip_ns / 2 / KEEL_MS_NS + 1;
    int64_t expected_ms = session->based_ms + (middle_ns - session->based_ns) / KEEL_MS_NS;
    bool back = session->based_ns != 0 &&
                expected_ms - server_time_ms > STEP_MS_MIN + error_ms + session->base_error_ms;

    session->based_ms = server_time_ms;
    session->based_ns = middle_ns;
    session->base_error_ms = error_ms;
    if (!back)
        return;
    session->steps_back++;
    if (session->state == KEEL_SESSION_LIVE)
        keel_session_lose(session, "the venue's clock went back");
}

static void apply_server_time(struct keel_session *session, const struct keel_slot *slot,
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

/* A millisecond of the venue's clock that was over when the request left, however far off the
 * measured offset may be: what happened in it or before is in the answer. */
static int64_t asked_ms(const struct keel_session *session, const struct keel_slot *slot)
{
    return slot->sent_time_ms - session->clock_error_ms - 1;
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

/* An order that the venue tells of, on whatever way, was accepted: what became of the request that
 * placed it is known. Rare: only while something is unsettled. */
static void see_orders(struct keel_session *session)
{
    const int32_t *counts = session->requests.counts;

    if (counts[KEEL_REQUEST_UNSETTLED] + counts[KEEL_REQUEST_ASKING] == 0)
        return;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        struct keel_slot *slot = &session->requests.slots[place];
        bool waits = slot->state == KEEL_REQUEST_UNSETTLED || slot->state == KEEL_REQUEST_ASKING;
        if (!waits || slot->seen || slot->command.kind != KEEL_PLACE_ORDER ||
            !keel_settle_shows(&slot->command, &session->events, slot->order_id))
            continue;
        slot->seen = true;
        session->has_seen = true;
    }
}

void keel_session_replace_user_stream(struct keel_session *session, const char *reason)
{
    struct keel_stream *stream = &session->streams.at[KEEL_STREAM_USER];

    session->stream_key[0] = '\0';
    if (stream->step == KEEL_STREAM_RESTING) {
        stream->lost = true;
        keel_session_fail_stream(session, KEEL_STREAM_USER, reason);
    }
    keel_session_lose(session, reason);
}

static void expire_key(struct keel_session *session)
{
    keel_session_replace_user_stream(session, "the user stream's key expired");
}

static const struct keel_event *find_event(const struct keel_events *events,
                                           enum keel_event_kind kind)
{
    for (int32_t i = 0; i < events->count; i++) {
        if (events->at[i].kind == kind)
            return &events->at[i];
    }
    return NULL;
}

/* What the venue will not stream is asked for in vain: it fails a start, as a refused load does. */
static void refuse_stream(struct keel_session *session, enum keel_stream_kind kind,
                          keel_str refusal)
{
    const char *name = keel_session_stream_name(kind);
    struct keel_error error;

    if (session->state == KEEL_SESSION_LOADING) {
        keel_fail(&error, KEEL_REJECTED, "%.*s", KEEL_STR_ARGS(refusal));
        keel_session_append_failure(session, name, "", &error);
        struct keel_error failure = session->failure;
        keel_session_enter_closed(session, KEEL_SESSION_REFUSED, &failure);
        return;
    }
    keel_fail(&error, KEEL_REJECTED, "%s: %.*s", name, KEEL_STR_ARGS(refusal));
    keel_session_warn(session, &error);
    keel_session_fail_stream(session, kind, error.message);
}

bool keel_session_read_subscription(struct keel_session *session, enum keel_stream_kind kind,
                                    uint32_t number, keel_str bytes)
{
    struct keel_stream *stream = &session->streams.at[kind];
    struct keel_error error;
    int32_t acks = 0;

    if (stream->step != KEEL_STREAM_SUBSCRIBING || stream->next_number != number)
        return false;
    keel_session_clear_events(session);
    if (session->venue->decode_stream(bytes, session->markets, &session->arena, &session->events,
                                      &error) != KEEL_OK)
        return false;
    const struct keel_event *refused = find_event(&session->events, KEEL_EVENT_REFUSED);
    if (refused != NULL) {
        refuse_stream(session, kind, refused->refusal);
        return true;
    }
    for (int32_t i = 0; i < session->events.count; i++)
        acks += session->events.at[i].kind == KEEL_EVENT_SUBSCRIBED ? 1 : 0;
    stream->next_acks -= acks;
    if (stream->next_acks <= 0)
        keel_session_promote(session, kind);
    return acks > 0 && acks == session->events.count;
}

/* A refusal on a stream in use: it does not carry what it should. */
static void heed_refusal(struct keel_session *session, uint32_t number)
{
    const struct keel_event *refused = find_event(&session->events, KEEL_EVENT_REFUSED);
    enum keel_stream_kind kind = keel_streams_find(&session->streams, number);

    if (refused == NULL || kind == KEEL_STREAM_KINDS)
        return;
    struct keel_stream *stream = &session->streams.at[kind];
    if (stream->number != number || stream->step != KEEL_STREAM_RESTING)
        return;
    stream->lost = true;
    refuse_stream(session, kind, refused->refusal);
    if (keel_session_is_running(session) && kind != KEEL_STREAM_ORDERS)
        keel_session_lose(session, "a stream does not carry what it should");
}

static bool is_lacked(const struct keel_session *session, keel_str symbol)
{
    for (int32_t i = 0; i < session->lacked_count && i < KEEL_SESSION_LACKED_MAX; i++) {
        if (keel_str_equals(keel_str_from(session->lacked[i]), symbol))
            return true;
    }
    return false;
}

/* Remembered, so that one the venue does not list is not looked for again; of very many the oldest
 * are forgotten. */
static void note_lacked(struct keel_session *session, keel_str symbol)
{
    int32_t at = session->lacked_count++ % KEEL_SESSION_LACKED_MAX;

    if (!keel_str_copy(symbol, session->lacked[at], KEEL_SYMBOL_SIZE))
        session->lacked[at][0] = '\0';
}

/* Is there a market to be loaded before these events can be read? */
static bool lacks_market(struct keel_session *session)
{
    for (int32_t i = 0; i < session->events.count; i++) {
        const struct keel_event *event = &session->events.at[i];
        if (event->kind != KEEL_EVENT_UNKNOWN || event->unknown.kind != KEEL_UNKNOWN_MARKET ||
            is_lacked(session, event->unknown.word))
            continue;
        if (!session->markets_fresh)
            return true;
        note_lacked(session, event->unknown.word);
    }
    return false;
}

bool keel_session_report_frame(struct keel_session *session, uint32_t number, keel_str bytes)
{
    struct keel_error error;

    keel_session_clear_events(session);
    enum keel_status status = session->venue->decode_stream(
        bytes, session->markets, &session->arena, &session->events, &error);
    if (status != KEEL_OK) {
        keel_session_warn(session, &error);
        return true;
    }
    if (lacks_market(session))
        return false;
    see_orders(session);
    session->pending = (struct keel_report){
        .kind = KEEL_REPORT_EVENTS,
        .source = KEEL_SOURCE_STREAM,
        .events = &session->events,
        .error = &no_error,
    };
    /* It may come twice, and of a stream that was replaced it says nothing. */
    if (find_event(&session->events, KEEL_EVENT_STREAM_EXPIRED) != NULL &&
        number == session->streams.at[KEEL_STREAM_USER].number)
        expire_key(session);
    heed_refusal(session, number);
    return true;
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

void keel_session_measure_clock(struct keel_session *session)
{
    if (session->clock_asked)
        return;
    session->clock_due_ns = session->now_ns + KEEL_SESSION_RETRY_S * KEEL_SECOND_NS;
    session->clock_asked =
        keel_requests_add(&session->requests, KEEL_FOR_UPKEEP, KEEL_URGENCY_QUERY,
                          &(struct keel_command){.kind = KEEL_LOAD_TIME}) != KEEL_REQUEST_NONE;
}

/* A timestamp that is refused is healed by a measurement, once: refused again after it, the fault
 * lies elsewhere. */
static bool is_clock_healed(const struct keel_session *session, struct keel_slot *slot)
{
    if (slot->clock_refused_ns == 0)
        slot->clock_refused_ns = session->now_ns;
    return session->clock_measured_ns >= slot->clock_refused_ns &&
           slot->sent_ns >= session->clock_measured_ns && slot->sent_ns > slot->clock_refused_ns;
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
        see_orders(session);
    } else {
        session->events.count = 0;
    }
    heed(session);
    if (status != KEEL_OK && !keel_command_is_write(slot->command.kind)) {
        outcome->fate = KEEL_FATE_REJECTED;
        return false;
    }
    if (outcome->clock_wrong)
        return !is_clock_healed(session, slot);
    return outcome->busy || outcome->fate == KEEL_FATE_UNKNOWN || outcome->fate == KEEL_FATE_FAILED;
}

static void retry_later(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    int64_t pause_ns = keel_backoff_ns(slot->attempts - 1, &session->random);

    slot->error = session->outcome.error;
    keel_requests_move(&session->requests, place, KEEL_REQUEST_WAITING, session->now_ns + pause_ns);
}

void keel_session_leave_unsettled(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    int64_t pause_ns = keel_backoff_ns(slot->attempts++, &session->random);

    keel_requests_move(&session->requests, place, KEEL_REQUEST_UNSETTLED,
                       session->now_ns + pause_ns);
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
    } else if (lacks_market(session)) {
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
        struct keel_error failure = session->failure;
        keel_session_enter_closed(session, KEEL_SESSION_REFUSED, &failure);
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
        expire_key(session);
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

/* Ours, as late as the venue may still execute it, by its own clock. */
bool keel_session_is_past(const struct keel_session *session, int64_t sent_time_ms, int64_t time_ms)
{
    return time_ms > sent_time_ms + session->receive_window_ms + 2 * session->clock_error_ms;
}

struct keel_doubt keel_session_unsettled(const struct keel_session *session, uint16_t place)
{
    const struct keel_slot *slot = &session->requests.slots[place];

    return (struct keel_doubt){
        .venue = session->venue,
        .write = &slot->command,
        .order_id = slot->order_id,
        .sent_time_ms = slot->sent_time_ms,
        .clock_error_ms = slot->clock_error_ms,
        .overtaken = slot->overtaken,
        .rivals = slot->rivals,
    };
}

static bool ask(struct keel_session *session, uint16_t about, enum keel_evidence evidence,
                const struct keel_command *question)
{
    uint16_t place =
        keel_requests_add(&session->requests, KEEL_FOR_FATE, KEEL_URGENCY_QUERY, question);

    if (place == KEEL_REQUEST_NONE)
        return false;
    session->requests.slots[place].about = about;
    session->requests.slots[place].evidence = evidence;
    keel_requests_move(&session->requests, about, KEEL_REQUEST_ASKING, INT64_MAX);
    return true;
}

bool keel_session_ask_fate(struct keel_session *session, uint16_t about,
                           enum keel_evidence evidence)
{
    struct keel_doubt unsettled = keel_session_unsettled(session, about);
    struct keel_command question;

    keel_settle_ask(&unsettled, evidence, &question);
    if (evidence == KEEL_EVIDENCE_ITSELF)
        session->requests.slots[about].looked = 0;
    return ask(session, about, evidence, &question);
}

/* Says what was looked at: whoever hears that an order failed may want to place it again. */
static void tell_absence(const struct keel_slot *slot, enum keel_fate fate,
                         struct keel_error *error)
{
    static const char *const places[KEEL_EVIDENCES] = {
        [KEEL_EVIDENCE_ITSELF] = "by its id",
        [KEEL_EVIDENCE_OPEN] = "among the open orders",
        [KEEL_EVIDENCE_ORDERS] = "in the order history",
        [KEEL_EVIDENCE_EXECUTIONS] = "in the executions",
        [KEEL_EVIDENCE_CHANGES] = "in the order's amendments",
    };
    char looked[112] = "";
    size_t size = 0;

    for (int at = KEEL_EVIDENCE_ITSELF; at < KEEL_EVIDENCES; at++) {
        if ((slot->looked & 1 << at) != 0 && size < sizeof(looked))
            size += (size_t)snprintf(looked + size, sizeof(looked) - size, "%s%s",
                                     size == 0 ? ": not found " : ", nor ", places[at]);
    }
    keel_fail(error, fate == KEEL_FATE_FAILED ? KEEL_FAILED : KEEL_REJECTED,
              "%s: the venue shows that it did not happen%s",
              keel_command_kind_name(slot->command.kind), looked);
}

static void tell_loss(const struct keel_slot *slot, struct keel_error *error)
{
    bool overtaken = slot->overtaken || slot->rivals > 0;

    keel_fail(error, KEEL_UNKNOWN, "%s: %s; its effect cannot be told",
              keel_command_kind_name(slot->command.kind),
              overtaken ? "overtaken by another change"
                        : "what it changed has changed for other reasons, too");
}

static void report_settled(struct keel_session *session, uint16_t place, enum keel_fate fate)
{
    struct keel_slot *slot = &session->requests.slots[place];

    slot->error = no_error;
    if (fate == KEEL_FATE_UNKNOWN)
        tell_loss(slot, &slot->error);
    else if (fate != KEEL_ACCEPTED)
        tell_absence(slot, fate, &slot->error);
    session->reported = place;
    keel_session_report_reply(session, place, KEEL_REPORT_SETTLED, fate, &slot->error);
}

bool keel_session_settle_seen(struct keel_session *session)
{
    if (!session->has_seen)
        return false;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        if (!slot->seen || slot->state != KEEL_REQUEST_UNSETTLED)
            continue;
        keel_session_clear_events(session);
        session->outcome.not_found = false;
        report_settled(session, place, KEEL_ACCEPTED);
        return true;
    }
    session->has_seen = false;
    return false;
}

/* It is not where it was looked for: on with the rest of that list, or with the next place. NONE
 * while there is one; when it was nowhere, that is the verdict. */
static enum keel_fate look_further(struct keel_session *session, const struct keel_slot *question,
                                   uint16_t about)
{
    struct keel_doubt unsettled = keel_session_unsettled(session, about);
    struct keel_command rest;

    if (keel_settle_next_page(&unsettled, &question->command, &session->events, &rest))
        return ask(session, about, question->evidence, &rest) ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;
    session->requests.slots[about].looked |= (uint8_t)(1 << question->evidence);
    enum keel_evidence next = keel_settle_next(&unsettled, &question->command, question->evidence,
                                               question->sent_time_ms);
    if (next == KEEL_EVIDENCE_NONE)
        return keel_settle_absent(&unsettled);
    return keel_session_ask_fate(session, about, next) ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;
}

static void end_question(struct keel_session *session, uint16_t place, bool again)
{
    struct keel_slot question = session->requests.slots[place];
    uint16_t about = question.about;
    const struct keel_slot *slot = &session->requests.slots[about];
    struct keel_doubt unsettled = keel_session_unsettled(session, about);
    bool proof = keel_session_compare(session, about, &unsettled) && question.proof;
    enum keel_fate fate = KEEL_FATE_UNKNOWN;

    if (!again)
        fate = keel_settle_judge(&unsettled, &question.command, &session->outcome, &session->events,
                                 proof);
    /* What was seen is there, whatever one endpoint says of it now. */
    if (slot->seen && fate != KEEL_FATE_REJECTED)
        fate = KEEL_ACCEPTED;
    keel_requests_release(&session->requests, place);
    bool lost = !again && fate != KEEL_FATE_NONE &&
                keel_settle_is_lost(&unsettled, &session->outcome, proof);
    if (fate == KEEL_FATE_NONE)
        fate = look_further(session, &question, about);
    if (fate == KEEL_FATE_NONE)
        return;
    if (fate == KEEL_FATE_UNKNOWN && !lost) {
        keel_session_leave_unsettled(session, about);
        if (session->outcome.fate == KEEL_ACCEPTED)
            keel_session_report_reply(session, about, KEEL_REPORT_EVENTS, KEEL_ACCEPTED, &no_error);
        return;
    }
    report_settled(session, about, fate);
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
    case KEEL_FOR_FATE: end_question(session, place, again); return;
    case KEEL_FOR_NOBODY: return;
    }
}

/* upkeep.c - what the passing of time makes due. */
#include "session/session_internal.h"

/* On a quiet account nothing comes for long. Nothing at all for so long, or for half of what may
 * be silence, and we ask; no byte within so long after that, and the path is dead, though nobody
 * told us. */
#define PING_AFTER_NS  (15 * KEEL_SECOND_NS)
#define PONG_WITHIN_NS (10 * KEEL_SECOND_NS)

static void ask_fates(struct keel_session *session)
{
    if (session->requests.counts[KEEL_REQUEST_UNSETTLED] == 0)
        return;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        if (slot->state == KEEL_REQUEST_UNSETTLED && slot->due_ns <= session->now_ns &&
            !keel_session_ask_fate(session, place, KEEL_EVIDENCE_ITSELF))
            keel_session_leave_unsettled(session, place);
    }
}

static int64_t silence_bound_ns(const struct keel_session *session, enum keel_stream_kind kind)
{
    int64_t bound_ms = session->silence_max_ms;

    /* On a quiet account the venue's pings are all there is to hear, and they come late: one that
     * is missed, or two, is no silence yet. */
    if (bound_ms == 0)
        bound_ms = keel_session_pings(kind) ? session->venue->user_ping_ms * 7 / 2
                                            : session->venue->market_silence_ms;
    return bound_ms * KEEL_MS_NS;
}

bool keel_session_pings(enum keel_stream_kind kind)
{
    return kind == KEEL_STREAM_USER || kind == KEEL_STREAM_ORDERS;
}

/* Replaced while there is still time to fail a few times. */
static int64_t rotation_ns(const struct keel_session *session)
{
    return session->venue->stream_life_ms / 24 * 23 * KEEL_MS_NS;
}

void keel_session_ask_key(struct keel_session *session)
{
    uint16_t place = keel_requests_add(&session->requests, KEEL_FOR_UPKEEP, KEEL_URGENCY_QUERY,
                                       &(struct keel_command){.kind = KEEL_OPEN_STREAM_KEY});

    if (place != KEEL_REQUEST_NONE)
        session->streams.at[KEEL_STREAM_USER].step = KEEL_STREAM_KEYING;
}

static bool is_silent(const struct keel_session *session, enum keel_stream_kind kind)
{
    const struct keel_stream *stream = &session->streams.at[kind];
    int64_t bound_ns = silence_bound_ns(session, kind);

    if (stream->pinged_ns != 0 && session->now_ns - stream->pinged_ns >= PONG_WITHIN_NS)
        return true;
    /* Book tops are a convenience, and a quiet market has none. */
    return kind != KEEL_STREAM_BOOK && bound_ns > 0 &&
           session->now_ns - stream->heard_ns >= bound_ns;
}

bool keel_session_lose_silent(struct keel_session *session, enum keel_stream_kind kind)
{
    static const char *const silent[KEEL_STREAM_KINDS] = {
        [KEEL_STREAM_USER] = "the user stream is silent",
        [KEEL_STREAM_MARKET] = "the market stream is silent",
        [KEEL_STREAM_BOOK] = "the book stream is silent",
        [KEEL_STREAM_ORDERS] = "the order-entry stream is silent",
    };
    struct keel_stream *stream = &session->streams.at[kind];

    if (!keel_stream_is_up(stream) || !is_silent(session, kind))
        return false;
    stream->lost = true;
    if (stream->step == KEEL_STREAM_RESTING)
        keel_session_fail_stream(session, kind, silent[kind]);
    keel_session_cut_entries(session, stream->number, silent[kind]);
    if (kind != KEEL_STREAM_ORDERS)
        keel_session_lose(session, silent[kind]);
    return true;
}

static int64_t ping_after_ns(const struct keel_session *session, enum keel_stream_kind kind)
{
    int64_t bound_ns = silence_bound_ns(session, kind);

    return bound_ns > 0 && bound_ns / 2 < PING_AFTER_NS ? bound_ns / 2 : PING_AFTER_NS;
}

/* Asks whether it lives, once until it has been heard of. */
static void ping_quiet(struct keel_session *session, enum keel_stream_kind kind)
{
    struct keel_stream *stream = &session->streams.at[kind];

    if (!keel_session_pings(kind) || stream->pinged_ns != 0 ||
        session->now_ns - stream->heard_ns < ping_after_ns(session, kind))
        return;
    stream->pinged_ns = session->now_ns;
    stream->ping_due = true;
}

static void check_stream_in_use(struct keel_session *session, enum keel_stream_kind kind)
{
    const struct keel_stream *stream = &session->streams.at[kind];

    if (keel_session_lose_silent(session, kind) || !keel_stream_is_up(stream))
        return;
    ping_quiet(session, kind);
    if (session->venue->stream_life_ms > 0 &&
        session->now_ns - stream->opened_ns >= rotation_ns(session))
        keel_streams_want(&session->streams, kind, keel_session_is_keyed(session, kind));
}

static void check_stream_to_come(struct keel_session *session, enum keel_stream_kind kind)
{
    struct keel_stream *stream = &session->streams.at[kind];

    if (stream->step == KEEL_STREAM_OPENING && session->now_ns >= stream->due_ns)
        keel_streams_fail(&session->streams, kind, session->now_ns, &session->random,
                          "not open in time");
    if (stream->step == KEEL_STREAM_SUBSCRIBING && session->now_ns >= stream->due_ns)
        keel_session_fail_stream(session, kind, "not acknowledged in time");
    if (stream->step == KEEL_STREAM_PAUSED && session->now_ns >= stream->due_ns)
        stream->step =
            keel_session_is_keyed(session, kind) ? KEEL_STREAM_KEYLESS : KEEL_STREAM_READY;
    if (stream->step == KEEL_STREAM_KEYLESS)
        keel_session_ask_key(session);
}

/* What waits for its turn has not been asked, and says for how long it would. */
static void explain_silence(const struct keel_session *session, const struct keel_slot *slot,
                            struct keel_error *failure)
{
    int64_t wait_ms = (session->blocked_until_ns - session->now_ns) / KEEL_MS_NS;

    if (slot->state == KEEL_REQUEST_QUEUED && wait_ms > 0)
        (void)keel_fail(failure, KEEL_FAILED,
                        "not asked yet: the venue's limit of requests is used up for %lld more s",
                        (long long)((wait_ms + 999) / 1000));
    else
        (void)keel_fail(failure, KEEL_FAILED, "no answer in %lld ms",
                        (long long)session->start_timeout_ms);
}

static void check_start(struct keel_session *session)
{
    struct keel_error failure;

    if (session->state != KEEL_SESSION_LOADING || session->now_ns < session->start_due_ns)
        return;
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        const struct keel_stream *stream = &session->streams.at[kind];
        bool waits = session->phase >= KEEL_PHASE_STREAMS &&
                     !keel_session_is_complete(session, (enum keel_stream_kind)kind);
        keel_fail(&failure, KEEL_FAILED, "%s",
                  stream->reason[0] != '\0' ? stream->reason : "not open in time");
        if (waits)
            keel_session_append_failure(
                session, keel_session_stream_name((enum keel_stream_kind)kind), "", &failure);
    }
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        explain_silence(session, slot, &failure);
        if (slot->state != KEEL_REQUEST_FREE && slot->purpose == KEEL_FOR_LOAD &&
            slot->cycle == session->cycle)
            keel_session_append_load_failure(
                session, slot, slot->error.status == KEEL_OK ? &failure : &slot->error);
    }
    failure = session->failure;
    keel_session_enter_closed(session, KEEL_SESSION_OVERDUE, &failure);
}

/* Does the key want to be renewed in time, and is that not under way? */
static bool is_key_renewed(const struct keel_session *session)
{
    return session->stream_key[0] != '\0' && session->venue->stream_key_renew_ms > 0 &&
           !session->renewing;
}

static void check_upkeep(struct keel_session *session)
{
    if (session->phase != KEEL_PHASE_CLOCK && session->now_ns >= session->clock_due_ns)
        keel_session_measure_clock(session);
    if (is_key_renewed(session) && session->now_ns >= session->renew_due_ns)
        session->renewing =
            keel_requests_add(&session->requests, KEEL_FOR_UPKEEP, KEEL_URGENCY_QUERY,
                              &(struct keel_command){.kind = KEEL_RENEW_STREAM_KEY}) !=
            KEEL_REQUEST_NONE;
}

/* A write that may not leave is worth less by the second: an order that goes out minutes after it
 * was wanted is not the order that was wanted. */
static const struct keel_slot *find_first_write(const struct keel_session *session,
                                                enum keel_urgency urgency, uint16_t *place)
{
    *place = keel_requests_first(&session->requests, urgency);
    return *place != KEEL_REQUEST_NONE ? &session->requests.slots[*place] : NULL;
}

static int64_t write_due_ns(const struct keel_session *session, const struct keel_slot *slot)
{
    return slot->queued_ns + session->request_timeout_ms * KEEL_MS_NS + 1;
}

static void give_up_writes(struct keel_session *session, enum keel_urgency urgency)
{
    const struct keel_slot *first;
    uint16_t place;

    while ((first = find_first_write(session, urgency, &place)) != NULL &&
           session->now_ns >= write_due_ns(session, first)) {
        struct keel_slot *slot = &session->requests.slots[place];
        slot->fate = KEEL_FATE_FAILED;
        keel_fail(&slot->error, KEEL_FAILED, "%s: not sent: the venue's limits held it for %lld ms",
                  keel_command_kind_name(slot->command.kind),
                  (long long)session->request_timeout_ms);
        session->has_ended = true;
        keel_requests_move(&session->requests, place, KEEL_REQUEST_ENDED, INT64_MAX);
    }
}

static int64_t writes_due_ns(const struct keel_session *session)
{
    int64_t due_ns = INT64_MAX;

    for (int urgency = KEEL_URGENCY_WRITE; urgency <= KEEL_URGENCY_ENTRY; urgency++) {
        uint16_t place;
        const struct keel_slot *first =
            find_first_write(session, (enum keel_urgency)urgency, &place);
        if (first != NULL && write_due_ns(session, first) < due_ns)
            due_ns = write_due_ns(session, first);
    }
    return due_ns;
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
    if (stream->step == KEEL_STREAM_PAUSED || stream->step == KEEL_STREAM_OPENING ||
        stream->step == KEEL_STREAM_SUBSCRIBING)
        deadline_ns = stream->due_ns;
    if (!keel_stream_is_up(stream))
        return deadline_ns;
    if (kind != KEEL_STREAM_BOOK && bound_ns > 0)
        deadline_ns = earlier(deadline_ns, stream->heard_ns + bound_ns);
    if (keel_session_pings(kind))
        deadline_ns = earlier(deadline_ns, stream->pinged_ns != 0
                                               ? stream->pinged_ns + PONG_WITHIN_NS
                                               : stream->heard_ns + ping_after_ns(session, kind));
    if (session->venue->stream_life_ms > 0 && stream->step == KEEL_STREAM_RESTING)
        deadline_ns = earlier(deadline_ns, stream->opened_ns + rotation_ns(session));
    return deadline_ns;
}

int64_t keel_session_deadline_ns(const struct keel_session *session)
{
    int64_t deadline_ns = INT64_MAX;

    if (session->has_ended || session->has_seen || session->has_cut ||
        session->state != session->state_told)
        return session->now_ns;
    if (!keel_session_is_running(session))
        return INT64_MAX;
    if (session->requests.counts[KEEL_REQUEST_WAITING] +
            session->requests.counts[KEEL_REQUEST_UNSETTLED] >
        0)
        deadline_ns = session->requests.due_ns;
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++)
        deadline_ns =
            earlier(deadline_ns, stream_deadline_ns(session, (enum keel_stream_kind)kind));
    deadline_ns = earlier(deadline_ns, session->entry_due_ns);
    if (session->blocked_until_ns != 0)
        deadline_ns = earlier(deadline_ns, session->blocked_until_ns);
    deadline_ns = earlier(deadline_ns, writes_due_ns(session));
    if (session->state == KEEL_SESSION_LOADING)
        deadline_ns = earlier(deadline_ns, session->start_due_ns);
    if (session->phase == KEEL_PHASE_PAUSE)
        deadline_ns = earlier(deadline_ns, session->pause_due_ns);
    if (session->phase != KEEL_PHASE_CLOCK && !session->clock_asked)
        deadline_ns = earlier(deadline_ns, session->clock_due_ns);
    if (is_key_renewed(session))
        deadline_ns = earlier(deadline_ns, session->renew_due_ns);
    return deadline_ns;
}

void keel_session_tick(struct keel_session *session)
{
    if (!keel_session_is_running(session))
        return;
    keel_requests_wake(&session->requests, session->now_ns);
    ask_fates(session);
    keel_session_cut_overdue(session);
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        check_stream_in_use(session, (enum keel_stream_kind)kind);
        check_stream_to_come(session, (enum keel_stream_kind)kind);
    }
    give_up_writes(session, KEEL_URGENCY_WRITE);
    give_up_writes(session, KEEL_URGENCY_ENTRY);
    check_upkeep(session);
    check_start(session);
}

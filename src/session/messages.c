/* messages.c - what comes on them. */
#include "session/session_internal.h"

static const struct keel_error no_error;

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
        keel_session_fail_start(session);
        return;
    }
    keel_fail(&error, KEEL_REJECTED, "%s: %.*s", name, KEEL_STR_ARGS(refusal));
    keel_session_warn(session, &error);
    keel_session_fail_stream(session, kind, error.message);
}

/* What a frame says of the subscriptions of its stream. True if it says nothing else: it is dealt
 * with. */
static bool read_subscription(struct keel_session *session, enum keel_stream_kind kind,
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
    if (keel_session_lacks_market(session))
        return false;
    keel_session_see_orders(session);
    if (number == session->streams.at[KEEL_STREAM_USER].number)
        keel_session_doubt_clock(session, &session->events);
    session->pending = (struct keel_report){
        .kind = KEEL_REPORT_EVENTS,
        .source = KEEL_SOURCE_STREAM,
        .events = &session->events,
        .error = &no_error,
    };
    /* It may come twice, and of a stream that was replaced it says nothing. */
    if (find_event(&session->events, KEEL_EVENT_STREAM_EXPIRED) != NULL &&
        number == session->streams.at[KEEL_STREAM_USER].number)
        keel_session_expire_key(session);
    heed_refusal(session, number);
    return true;
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
    if (read_subscription(session, kind, number, bytes))
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

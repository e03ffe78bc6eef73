/* connections.c - the streams: opened, replaced, lost. */
#include "session/session_internal.h"

#include <stdio.h>

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

bool keel_session_are_streams_complete(const struct keel_session *session)
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

void keel_session_want_streams(struct keel_session *session)
{
    for (int i = 0; i < KEEL_STREAM_KINDS; i++) {
        enum keel_stream_kind kind = (enum keel_stream_kind)i;
        if (!keel_session_is_complete(session, kind))
            keel_streams_want(&session->streams, kind, keel_session_is_keyed(session, kind));
    }
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

void keel_session_lose_streams(struct keel_session *session, const char *reason)
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

void keel_session_expire_key(struct keel_session *session)
{
    keel_session_replace_user_stream(session, "the user stream's key expired");
}

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

bool keel_session_next_stream_effect(struct keel_session *session, struct keel_effect *effect)
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

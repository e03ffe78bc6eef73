#include "session/streams.h"

#include "session/backoff.h"

#include <stdio.h>

static void push_closing(struct keel_streams *streams, uint32_t number)
{
    if (number == 0)
        return;
    /* At most two streams a kind are open, and the effects are drained after each input. */
    KEEL_ASSERT(streams->closing_count < KEEL_STREAMS_CLOSING_MAX);
    streams->closing[streams->closing_count++] = number;
}

/* Only a stream that lasted proves that connecting works. */
static void forgive(struct keel_stream *stream, int64_t now_ns)
{
    if (stream->number != 0 && now_ns - stream->opened_ns >= KEEL_STREAM_STEADY_NS)
        stream->failures = 0;
}

void keel_streams_want(struct keel_streams *streams, enum keel_stream_kind kind, bool keyed)
{
    struct keel_stream *stream = &streams->at[kind];

    if (stream->step == KEEL_STREAM_RESTING)
        stream->step = keyed ? KEEL_STREAM_KEYLESS : KEEL_STREAM_READY;
}

void keel_streams_fail(struct keel_streams *streams, enum keel_stream_kind kind, int64_t now_ns,
                       uint64_t *random, const char *reason)
{
    struct keel_stream *stream = &streams->at[kind];

    if (stream->step == KEEL_STREAM_OPENING || stream->step == KEEL_STREAM_SUBSCRIBING)
        push_closing(streams, stream->next_number);
    stream->next_number = 0;
    stream->step = KEEL_STREAM_PAUSED;
    stream->due_ns = now_ns + keel_backoff_ns(stream->failures++, random);
    snprintf(stream->reason, sizeof(stream->reason), "%s", reason);
}

uint32_t keel_streams_begin(struct keel_streams *streams, enum keel_stream_kind kind,
                            int32_t carries, int32_t acks, int64_t give_up_ns)
{
    struct keel_stream *stream = &streams->at[kind];

    KEEL_ASSERT(stream->step == KEEL_STREAM_READY);
    stream->step = KEEL_STREAM_OPENING;
    stream->next_number = ++streams->last_number;
    stream->next_carries = carries;
    stream->next_acks = acks;
    stream->due_ns = give_up_ns;
    return stream->next_number;
}

enum keel_stream_kind keel_streams_find(const struct keel_streams *streams, uint32_t number)
{
    for (int kind = 0; kind < KEEL_STREAM_KINDS && number != 0; kind++) {
        const struct keel_stream *stream = &streams->at[kind];
        if (stream->number == number || stream->next_number == number)
            return (enum keel_stream_kind)kind;
    }
    return KEEL_STREAM_KINDS;
}

void keel_streams_subscribe(struct keel_streams *streams, enum keel_stream_kind kind,
                            int64_t give_up_ns)
{
    struct keel_stream *stream = &streams->at[kind];

    KEEL_ASSERT(stream->step == KEEL_STREAM_OPENING && stream->next_acks > 0);
    stream->step = KEEL_STREAM_SUBSCRIBING;
    stream->due_ns = give_up_ns;
}

void keel_streams_promote(struct keel_streams *streams, enum keel_stream_kind kind, int64_t now_ns)
{
    struct keel_stream *stream = &streams->at[kind];

    forgive(stream, now_ns);
    push_closing(streams, stream->number);
    stream->number = stream->next_number;
    stream->carries = stream->next_carries;
    stream->lost = false;
    stream->opened_ns = now_ns;
    stream->heard_ns = now_ns;
    stream->pinged_ns = 0;
    stream->ping_due = false;
    stream->next_number = 0;
    stream->step = KEEL_STREAM_RESTING;
}

void keel_streams_drop(struct keel_streams *streams, enum keel_stream_kind kind, int64_t now_ns)
{
    struct keel_stream *stream = &streams->at[kind];

    forgive(stream, now_ns);
    stream->number = 0;
    stream->lost = false;
}

void keel_streams_close(struct keel_streams *streams)
{
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++) {
        struct keel_stream *stream = &streams->at[kind];
        push_closing(streams, stream->number);
        push_closing(streams, stream->next_number);
        *stream = (struct keel_stream){.heard_ns = stream->heard_ns};
    }
}

uint32_t keel_streams_next_closing(struct keel_streams *streams)
{
    return streams->closing_count > 0 ? streams->closing[--streams->closing_count] : 0;
}

void keel_stream_hear(struct keel_stream *stream, int64_t now_ns)
{
    stream->heard_ns = now_ns;
    stream->pinged_ns = 0;
}

bool keel_stream_is_up(const struct keel_stream *stream)
{
    return stream->number != 0 && !stream->lost;
}

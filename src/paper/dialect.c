#include "paper/dialect.h"

#include <stdlib.h>
#include <strings.h>

/* What stands before each payload in a stream's queue. */
struct queued {
    uint32_t size;
    uint16_t close_code;
    uint16_t kind;
};

enum {
    CLOSE_POLICY = 1008, /* RFC 6455 7.4.1 */
    QUEUE_FIRST_SIZE = 4096,
};

keel_str paper_request_header(const struct paper_http_request *request, const char *name)
{
    size_t size = strlen(name);
    for (int i = 0; i < request->header_count; i++) {
        const struct paper_header *header = &request->headers[i];
        if (header->name.size == size && strncasecmp(header->name.data, name, size) == 0)
            return header->value;
    }
    return (keel_str){0};
}

void paper_response_clear(struct paper_response *response)
{
    response->status = 200;
    response->content_type = "application/json;charset=UTF-8";
    response->delay_ms = 0;
    response->cut = PAPER_UNCUT;
    keel_writer_init(&response->headers, response->headers.data, response->headers.capacity + 1);
    keel_writer_init(&response->body, response->body.data, response->body.capacity + 1);
}

void paper_put_url(struct keel_writer *json, const char *key, const char *scheme,
                   keel_str authority, const char *path)
{
    char text[256];
    struct keel_writer url;
    keel_writer_init(&url, text, sizeof(text));
    keel_write(&url, keel_str_from(scheme));
    keel_write(&url, authority);
    keel_write(&url, keel_str_from(path));
    keel_json_put_string(json, key, keel_writer_text(&url));
}

void paper_stream_init(struct paper_stream *stream, struct paper_dialect *dialect)
{
    *stream = (struct paper_stream){.dialect = dialect};
}

static void leave_outbox(struct paper_outbox *outbox, struct paper_stream *stream)
{
    struct paper_stream *previous = NULL;
    for (struct paper_stream *at = outbox->first; at; previous = at, at = at->next_ready) {
        if (at != stream)
            continue;
        if (previous)
            previous->next_ready = at->next_ready;
        else
            outbox->first = at->next_ready;
        if (outbox->last == at)
            outbox->last = previous;
        return;
    }
}

static void stop_waiting(struct paper_outbox *outbox, struct paper_stream *stream)
{
    struct paper_stream **at = &outbox->waiting;
    while (*at && *at != stream)
        at = &(*at)->next_waiting;
    if (*at)
        *at = stream->next_waiting;
    stream->waits = false;
}

void paper_stream_deinit(struct paper_stream *stream)
{
    if (stream->ready)
        leave_outbox(stream->dialect->outbox, stream);
    if (stream->waits)
        stop_waiting(stream->dialect->outbox, stream);
    free(stream->hold.kept);
    free(stream->hold.given);
    free(stream->queue);
    *stream = (struct paper_stream){0};
}

static void become_ready(struct paper_stream *stream)
{
    if (stream->ready)
        return;
    struct paper_outbox *outbox = stream->dialect->outbox;
    stream->ready = true;
    stream->next_ready = NULL;
    if (outbox->last)
        outbox->last->next_ready = stream;
    else
        outbox->first = stream;
    outbox->last = stream;
}

static bool make_room(struct paper_stream *stream, size_t size)
{
    size_t needed = stream->queue_size + size;
    if (needed <= stream->queue_capacity)
        return true;
    if (needed > PAPER_STREAM_QUEUE_MAX)
        return false;
    size_t capacity = stream->queue_capacity > 0 ? stream->queue_capacity : QUEUE_FIRST_SIZE;
    while (capacity < needed)
        capacity *= 2;
    char *queue = realloc(stream->queue, capacity);
    if (!queue)
        return false;
    stream->queue = queue;
    stream->queue_capacity = capacity;
    return true;
}

static void append(struct paper_stream *stream, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(stream->queue + stream->queue_size, bytes, size);
    stream->queue_size += size;
}

static bool queue_frame(struct paper_stream *stream, enum paper_frame_kind kind, int close_code,
                        const keel_str *parts, int part_count)
{
    struct queued queued = {.kind = (uint16_t)kind, .close_code = (uint16_t)close_code};
    size_t size = 0;
    for (int i = 0; i < part_count; i++)
        size += parts[i].size;
    if (size > PAPER_STREAM_QUEUE_MAX || !make_room(stream, sizeof(queued) + size))
        return false;

    queued.size = (uint32_t)size;
    append(stream, &queued, sizeof(queued));
    for (int i = 0; i < part_count; i++)
        append(stream, parts[i].data, parts[i].size);
    become_ready(stream);
    return true;
}

void paper_stream_push(struct paper_stream *stream, enum paper_frame_kind kind,
                       const keel_str *parts, int part_count)
{
    if (stream->closed || queue_frame(stream, kind, 0, parts, part_count))
        return;
    stream->queue_size = 0;
    stream->queue_taken = 0;
    paper_stream_push_close(stream, CLOSE_POLICY);
}

void paper_stream_push_close(struct paper_stream *stream, int code)
{
    if (stream->closed)
        return;
    /* Without the memory for a close frame the connection is cut without one. */
    stream->closed = true;
    if (!queue_frame(stream, PAPER_FRAME_CLOSE, code, NULL, 0))
        become_ready(stream);
}

bool paper_stream_next_frame(struct paper_stream *stream, struct paper_frame *frame)
{
    if (stream->queue_taken == stream->queue_size) {
        stream->queue_taken = 0;
        stream->queue_size = 0;
        return false;
    }
    struct queued queued;
    memcpy(&queued, stream->queue + stream->queue_taken, sizeof(queued));
    stream->queue_taken += sizeof(queued);
    *frame = (struct paper_frame){
        .cut = PAPER_UNCUT,
        .kind = (enum paper_frame_kind)queued.kind,
        .close_code = queued.close_code,
        .payload = {stream->queue + stream->queue_taken, queued.size},
    };
    stream->queue_taken += queued.size;
    return true;
}

void paper_stream_wait(struct paper_stream *stream)
{
    if (stream->waits)
        return;
    stream->waits = true;
    stream->next_waiting = stream->dialect->outbox->waiting;
    stream->dialect->outbox->waiting = stream;
}

void paper_outbox_wake(struct paper_outbox *outbox)
{
    while (outbox->waiting) {
        struct paper_stream *stream = outbox->waiting;
        stop_waiting(outbox, stream);
        become_ready(stream);
    }
}

struct paper_stream *paper_outbox_next(struct paper_outbox *outbox)
{
    struct paper_stream *stream = outbox->first;
    if (!stream)
        return NULL;
    outbox->first = stream->next_ready;
    if (!outbox->first)
        outbox->last = NULL;
    stream->next_ready = NULL;
    stream->ready = false;
    return stream;
}

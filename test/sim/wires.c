#include "world_internal.h"

#include <stdio.h>
#include <string.h>

struct wire *wire_find(struct world *world, int client, uint32_t number)
{
    for (int i = 0; i < CLIENT_STREAMS_MAX; i++) {
        if (world->clients[client].wires[i].number == number)
            return &world->clients[client].wires[i];
    }
    return NULL;
}

/* The client sees the end of the stream when it comes to the cut, and the venue a while later. */
static void cut_wire(struct world *world, struct wire *wire, bool noticed)
{
    struct happening end = {
        .kind = CLOSED_AT_CLIENT, .client = wire->client, .stream = wire->number};
    struct happening close = {.kind = CUT_AT_VENUE, .client = wire->client, .stream = wire->number};
    wire->cut = true;
    if (noticed) {
        world_schedule(world, world_arrival_ns(world, &wire->to_client_ns), end);
        world_schedule(world, world->now_ns + 1000000 * (int64_t)(1 + world_random(world, 2000)),
                       close);
    }
}

/* False: the frame does not arrive, and perhaps none after it. */
static bool survives(struct world *world, struct wire *wire, const struct paper_frame *frame)
{
    if (wire->cut)
        return false;
    if (world_strikes(world, world->faults.dead, WORLD_DEAD_STREAM)) {
        cut_wire(world, wire, false);
        return false;
    }
    if (frame->cut != PAPER_UNCUT || world_strikes(world, world->faults.cut, WORLD_FRAME_CUT)) {
        cut_wire(world, wire, true);
        return false;
    }
    return true;
}

/* What answers an order on a stream says so in its own words. */
static void note_limit(struct world *world, keel_str text)
{
    static const char *const words[] = {"\"status\":429", "\"status\":418", "\"status\":\"429\""};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (memmem(text.data, text.size, words[i], strlen(words[i])))
            world_note_status(world, 429);
    }
}

void wires_collect(struct world *world)
{
    struct paper_stream *stream;
    while ((stream = paper_venue_next_ready(world->venue))) {
        struct wire *wire = stream->owner;
        struct paper_frame frame;
        while (paper_venue_next_frame(world->venue, stream, world_venue_ms(world), &frame)) {
            struct happening happening = {.client = wire->client, .stream = wire->number};
            switch (frame.kind) {
            case PAPER_FRAME_TEXT: happening.kind = FRAME_AT_CLIENT; break;
            case PAPER_FRAME_PING:
            case PAPER_FRAME_PONG: happening.kind = PING_AT_CLIENT; break;
            case PAPER_FRAME_CLOSE: happening.kind = CLOSED_AT_CLIENT; break;
            }
            if (frame.kind == PAPER_FRAME_TEXT && world->keep &&
                !world->keep(world->keep_user, wire->client, frame.payload))
                continue;
            if (frame.kind == PAPER_FRAME_TEXT && world->config.order_entry == KEEL_ENTRY_STREAM)
                note_limit(world, frame.payload);
            if (!survives(world, wire, &frame))
                continue;
            wire->to_client_ns += world_late_ns(world);
            happening.wants_pong = frame.kind == PAPER_FRAME_PING;
            happening.bytes = world_copy(frame.payload.data, frame.payload.size);
            happening.size = frame.payload.size;
            world_schedule(world, world_arrival_ns(world, &wire->to_client_ns), happening);
            happening = (struct happening){
                .kind = CUT_AT_VENUE, .client = wire->client, .stream = wire->number};
            if (frame.kind == PAPER_FRAME_CLOSE)
                world_schedule(world, world->now_ns, happening);
        }
    }
}

void wire_open_at_venue(struct world *world, struct happening *happening)
{
    struct wire *wire = wire_find(world, happening->client, happening->stream);
    if (!wire)
        return;
    struct paper_header headers[HEADERS_MAX];
    keel_str path = {happening->bytes, strcspn(happening->bytes, "?")};
    keel_str query = {happening->bytes + path.size, happening->size - path.size};
    if (query.size > 0)
        query = (keel_str){query.data + 1, query.size - 1};
    struct paper_http_request request = {
        .method = KEEL_STR("GET"),
        .path = path,
        .query = query,
        .address = KEEL_STR("10.0.0.1"),
        .headers = headers,
        .header_count = request_add_headers(happening->headers, headers, 0),
    };
    struct paper_response refusal = request_begin_response(world);
    if (!paper_venue_refuses(world->venue, world_venue_ms(world)) &&
        !world_strikes(world, world->faults.stream_refused, WORLD_STREAM_REFUSED))
        wire->stream =
            paper_venue_open_stream(world->venue, &request, world_venue_ms(world), &refusal);
    if (!wire->stream)
        world_note_status(world, refusal.status);
    struct happening answer = {.client = happening->client, .stream = happening->stream};
    answer.kind = wire->stream ? OPENED_AT_CLIENT : CLOSED_AT_CLIENT;
    if (wire->stream)
        wire->stream->owner = wire;
    world_schedule(world, world_arrival_ns(world, &wire->to_client_ns), answer);
    wires_collect(world);
}

/* A command is a write, and its answer may be what the stream ends with. */
static void enter_at_venue(struct world *world, struct wire *wire,
                           const struct happening *happening, const struct paper_frame *frame)
{
    world_note_bytes(world, happening->bytes, happening->size);
    world_watch_write(world, world->config.watcher.before_write, happening);
    paper_venue_receive(world->venue, wire->stream, frame, world_venue_ms(world));
    world_watch_write(world, world->config.watcher.after_write, happening);
    if (happening->reply_lost && !wire->cut)
        cut_wire(world, wire, true);
}

void wire_receive_at_venue(struct world *world, struct happening *happening)
{
    struct wire *wire = wire_find(world, happening->client, happening->stream);
    if (!wire || !wire->stream || happening->gone)
        return;
    struct paper_frame frame = {
        .kind = happening->kind == PONG_AT_VENUE ? PAPER_FRAME_PONG : PAPER_FRAME_TEXT,
        .payload = {happening->bytes, happening->size},
    };
    if (happening->entry)
        enter_at_venue(world, wire, happening, &frame);
    else
        paper_venue_receive(world->venue, wire->stream, &frame, world_venue_ms(world));
    wires_collect(world);
}

void wire_close_at_venue(struct world *world, struct happening *happening)
{
    struct wire *wire = wire_find(world, happening->client, happening->stream);
    if (!wire)
        return;
    if (wire->stream)
        paper_venue_close_stream(world->venue, wire->stream);
    *wire = (struct wire){0};
}

/* The wire stays until the client has heard of it. */
void wire_cut_at_venue(struct world *world, struct happening *happening)
{
    struct wire *wire = wire_find(world, happening->client, happening->stream);
    if (!wire)
        return;
    if (wire->stream)
        paper_venue_close_stream(world->venue, wire->stream);
    wire->stream = NULL;
    if (wire->told)
        *wire = (struct wire){0};
}

void wire_open(struct world *world, int client, const struct keel_effect *effect)
{
    struct wire *wire = wire_find(world, client, 0);
    if (!wire)
        world_give_up("a client opened more streams than anybody should");
    *wire = (struct wire){.number = effect->stream.number, .client = client};
    if (world->config.watcher.on_stream_wanted)
        world->config.watcher.on_stream_wanted(world->config.watcher.user, client,
                                               effect->stream.kind, world->now_ns);
    const char *path = effect->stream.request->path;
    const char *frames = effect->stream.request->frames;
    const char *headers = effect->stream.request->headers;
    struct happening upgrade = {
        .kind = UPGRADE_AT_VENUE,
        .client = client,
        .stream = wire->number,
        .headers = world_copy(headers, strlen(headers)),
        .size = strlen(world->prefix) + strlen(path),
    };
    upgrade.bytes = world_take(upgrade.size + 1);
    snprintf(upgrade.bytes, upgrade.size + 1, "%s%s", world->prefix, path);
    snprintf(wire->path, sizeof(wire->path), "%.*s", (int)sizeof(wire->path) - 1, path);
    world_schedule(world, world_arrival_ns(world, &wire->to_venue_ns), upgrade);
    for (const char *end; (end = strchr(frames, '\n')) != NULL; frames = end + 1) {
        struct happening frame = {
            .kind = FRAME_AT_VENUE,
            .client = client,
            .stream = wire->number,
            .bytes = world_copy(frames, (size_t)(end - frames)),
            .size = (size_t)(end - frames),
        };
        world_schedule(world, world_arrival_ns(world, &wire->to_venue_ns), frame);
    }
}

/* A stream that breaks under a command: before the venue has it, or in its answer. */
static bool breaks(struct world *world, struct wire *wire, struct happening *command)
{
    const struct world_faults *faults = &world->faults;
    if (wire->cut)
        return false;
    if (world_strikes(world, faults->lost_before, WORLD_REQUEST_CUT)) {
        cut_wire(world, wire, true);
        return true;
    }
    command->reply_lost = world_strikes(world, faults->lost_after, WORLD_REPLY_CUT);
    if (world_strikes(world, faults->timeout, WORLD_TIMEOUT)) {
        cut_wire(world, wire, false);
    } else if (world_strikes(world, faults->stray, WORLD_STRAY)) {
        cut_wire(world, wire, true);
        wire->to_venue_ns += 1000000 * (int64_t)world_random(world, STRAY_MAX_MS);
    }
    return false;
}

void wire_send(struct world *world, int client, const struct keel_effect *effect, uint64_t intent)
{
    struct wire *wire = wire_find(world, client, effect->frame.number);
    struct happening command = {
        .kind = FRAME_AT_VENUE,
        .client = client,
        .stream = effect->frame.number,
        .id = effect->frame.id,
        .intent = intent,
        .entry = true,
    };
    if (!wire || wire->told) {
        request_lose(world, &command, false, 0);
        return;
    }
    world->entries++;
    if (breaks(world, wire, &command))
        return;
    command.size = effect->frame.frame->size;
    command.bytes = world_copy(effect->frame.frame->text, command.size);
    world_schedule(world, world_arrival_ns(world, &wire->to_venue_ns), command);
}

void wire_close(struct world *world, int client, const struct keel_effect *effect)
{
    struct wire *wire = wire_find(world, client, effect->stream.number);
    if (!wire)
        return;
    struct happening close = {.kind = CLOSE_AT_VENUE, .client = client, .stream = wire->number};
    world_schedule(world, world_arrival_ns(world, &wire->to_venue_ns), close);
}

void wires_close(struct world *world, struct client *client)
{
    for (int i = 0; i < CLIENT_STREAMS_MAX; i++) {
        if (client->wires[i].stream)
            paper_venue_close_stream(world->venue, client->wires[i].stream);
        client->wires[i] = (struct wire){0};
    }
}

static struct happening *find_command(struct world *world, int client)
{
    struct happening *first = NULL;
    for (size_t i = 0; i < world->count; i++) {
        struct happening *at = &world->heap[i];
        if (at->kind == FRAME_AT_VENUE && at->entry && !at->gone && at->client == client &&
            at->life == world->clients[client].life && (!first || at->sequence < first->sequence))
            first = at;
    }
    return first;
}

void wires_let_arrive(struct world *world, int client)
{
    struct happening *first;
    while (world_random(world, 2) && (first = find_command(world, client))) {
        struct happening command = *first;
        first->gone = true;
        wire_receive_at_venue(world, &command);
    }
}

static void cut_streams_of(struct world *world, struct client *client)
{
    for (int i = 0; i < CLIENT_STREAMS_MAX; i++) {
        struct wire *wire = &client->wires[i];
        if (wire->stream && !wire->cut)
            cut_wire(world, wire, true);
    }
}

void wires_cut(struct world *world)
{
    for (int i = 0; i < world->config.clients; i++)
        cut_streams_of(world, &world->clients[i]);
}

/* Whoever still hears us answers. */
void wire_ping(struct world *world, int number, const struct keel_effect *effect)
{
    struct wire *wire = wire_find(world, number, effect->stream.number);
    struct paper_frame pong = {.kind = PAPER_FRAME_PONG, .cut = PAPER_UNCUT};
    struct happening happening = {
        .kind = PING_AT_CLIENT, .client = number, .stream = effect->stream.number};
    if (!wire || !wire->stream || wire->told || !survives(world, wire, &pong))
        return;
    int64_t there_ns = world_arrival_ns(world, &wire->to_venue_ns) - world->now_ns;
    world_schedule(world, world_arrival_ns(world, &wire->to_client_ns) + there_ns, happening);
}

static void tell_end(struct world *world, struct wire *wire)
{
    int client = wire->client;
    uint32_t number = wire->number;
    wire->told = true;
    if (!wire->stream)
        *wire = (struct wire){0};
    keel_private_on_stream_closed(world->clients[client].base, number, "the venue closed it");
}

/* As the library of the sockets does it, before anybody else hears of the ping. */
static void answer_ping(struct world *world, struct wire *wire, const struct happening *ping)
{
    struct happening pong = {
        .kind = PONG_AT_VENUE,
        .client = wire->client,
        .stream = wire->number,
        .bytes = world_copy(ping->bytes, ping->size),
        .size = ping->size,
    };
    world_schedule(world, world_arrival_ns(world, &wire->to_venue_ns), pong);
}

void wire_reach_client(struct world *world, struct happening *happening)
{
    struct keel_private *base = world->clients[happening->client].base;
    struct wire *wire = wire_find(world, happening->client, happening->stream);
    keel_str bytes = {happening->bytes, happening->size};
    if (!wire || wire->told)
        return;
    if (happening->kind == OPENED_AT_CLIENT) {
        keel_private_on_stream_opened(base, happening->stream);
    } else if (happening->kind == PING_AT_CLIENT) {
        if (happening->wants_pong)
            answer_ping(world, wire, happening);
        keel_private_on_stream_ping(base, happening->stream);
    } else if (happening->kind == CLOSED_AT_CLIENT) {
        tell_end(world, wire);
    } else {
        world_note_bytes(world, bytes.data, bytes.size);
        keel_private_on_stream_message(base, happening->stream, bytes);
    }
}

uint32_t world_stream(const struct world *world, int client, const char *path_part)
{
    for (int i = 0; i < CLIENT_STREAMS_MAX; i++) {
        const struct wire *wire = &world->clients[client].wires[i];
        if (wire->stream && strstr(wire->path, path_part))
            return wire->number;
    }
    return 0;
}

#include "world.h"

#include "journal/journal.h"
#include "paper/random.h"
#include "paper/spot/spot.h"
#include "venue/venue.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    VENUE_TICK_MS = 10,
    CLIENT_STREAMS_MAX = 64,
    HEADERS_MAX = 16,
    RESPONSE_BODY_SIZE = 4 << 20,
    WRITES_MAX = 64,
    PATH_SIZE = 512,
    STRAY_MAX_MS = 1500,
    DEPOSIT_MS = 5000,
    TURN_INPUTS = 3, /* inputs of one turn of a client's loop, on average */
};

static const int64_t WALL_START_MS = 1700000000000;

enum happening_kind {
    REQUEST_AT_VENUE,
    REPLY_AT_CLIENT,
    UPGRADE_AT_VENUE,
    OPENED_AT_CLIENT,
    FRAME_AT_CLIENT,
    PING_AT_CLIENT,
    CLOSED_AT_CLIENT,
    LOST_AT_CLIENT,
    FRAME_AT_VENUE,
    PONG_AT_VENUE,
    CLOSE_AT_VENUE, /* the client closed it */
    CUT_AT_VENUE,   /* the network did, or the venue itself */
    VENUE_TICK,
    REVIVAL, /* of a client that was killed */
};

struct happening {
    int64_t at_ns;
    uint64_t sequence; /* what is due at one time happens in the order of its making */
    enum happening_kind kind;
    int client;
    uint32_t life;      /* of the client: another life's is nobody's */
    uint64_t id;        /* request */
    int64_t timeout_ns; /* request */
    bool sent;          /* lost: whether bytes may have left */
    bool wants_pong;    /* ping: it is no pong itself */
    bool reply_lost;    /* request: its reply will be */
    bool unanswered;    /* request: it is, without a word */
    uint32_t stream;    /* number */
    struct keel_request *request;
    uint64_t intent; /* request: the number of its intent; 0: none */
    bool gone;       /* request: it went down with its sender */
    int status;      /* reply */
    char *headers;
    char *bytes;
    size_t size;
};

/* One WebSocket, seen from both ends. */
struct wire {
    uint32_t number; /* 0: free */
    int client;
    struct paper_stream *stream; /* NULL: not open at the venue */
    char path[64];               /* its beginning */
    int64_t to_client_ns;        /* nothing overtakes what left before it */
    int64_t to_venue_ns;
    bool cut;  /* nothing more arrives at the client */
    bool told; /* the client knows that it has ended */
};

/* A write that leaves when its intent is durable. */
struct held_write {
    struct keel_effect effect;
    uint64_t intent;
};

struct client {
    struct keel_futures *futures; /* NULL: dead, or on a venue that trades spot */
    struct keel_private *base;    /* NULL: dead */
    struct keel_journal *journal; /* NULL: none */
    char journal_path[PATH_SIZE];
    struct held_write writes[WRITES_MAX];
    int write_count;
    uint64_t intent;       /* recorded, and its request comes next */
    enum world_fault fate; /* how it dies at its next write; WORLD_FAULT_KINDS: it does not */
    int64_t down_ms;
    int64_t skew_ms;
    struct wire wires[CLIENT_STREAMS_MAX];
    uint32_t life;
    int64_t suspended_until_ns;
};

struct world {
    struct world_config config;
    const char *house;  /* of the paper venue */
    const char *prefix; /* of its paths */
    bool spot;
    struct paper_venue *venue;
    struct client clients[WORLD_CLIENTS_MAX];
    struct happening *heap;
    size_t count, capacity;
    struct paper_random random;
    struct world_faults faults;
    int64_t struck[WORLD_FAULT_KINDS]; /* but for those of the venue's rules still in force */
    int64_t tick_ms;
    uint64_t sequence, digest;
    int64_t now_ns;
    char *response_body;
    char response_headers[PAPER_RESPONSE_HEADERS_SIZE];
    bool (*keep)(void *user, int client, keel_str frame);
    void *keep_user;
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "world: %s\n", what);
    abort();
}

static void *take(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        give_up("out of memory");
    return memory;
}

static char *copy_of(const char *bytes, size_t size)
{
    char *copy = take(size + 1);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

/* FNV-1a over everything that goes over a wire. */
static void digest(struct world *world, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        world->digest = (world->digest ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
}

uint64_t world_random(struct world *world, uint64_t below)
{
    return paper_random_below(&world->random, below);
}

/* A chance in a million; no number is drawn for what cannot be. */
static bool happens(struct world *world, int chance)
{
    return chance > 0 && world_random(world, WORLD_ALWAYS) < (uint64_t)chance;
}

static bool strikes(struct world *world, int chance, enum world_fault kind)
{
    bool struck = happens(world, chance);
    world->struck[kind] += struck;
    return struck;
}

static bool comes_before(const struct happening *a, const struct happening *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->sequence < b->sequence;
}

static void swap(struct happening *a, struct happening *b)
{
    struct happening keep = *a;
    *a = *b;
    *b = keep;
}

static void schedule(struct world *world, int64_t at_ns, struct happening happening)
{
    if (world->count == world->capacity) {
        world->capacity = world->capacity ? world->capacity * 2 : 1024;
        world->heap = realloc(world->heap, world->capacity * sizeof(*world->heap));
        if (!world->heap)
            give_up("out of memory");
    }
    happening.at_ns = at_ns;
    happening.sequence = world->sequence++;
    if (happening.life == 0)
        happening.life = world->clients[happening.client].life;
    size_t place = world->count++;
    world->heap[place] = happening;
    while (place > 0 && comes_before(&world->heap[place], &world->heap[(place - 1) / 2])) {
        swap(&world->heap[place], &world->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
}

static struct happening take_next(struct world *world)
{
    struct happening first = world->heap[0];
    world->heap[0] = world->heap[--world->count];
    for (size_t place = 0;;) {
        size_t least = place;
        for (size_t child = 2 * place + 1; child <= 2 * place + 2; child++) {
            if (child < world->count && comes_before(&world->heap[child], &world->heap[least]))
                least = child;
        }
        if (least == place)
            return first;
        swap(&world->heap[place], &world->heap[least]);
        place = least;
    }
}

static int64_t delay_ns(struct world *world)
{
    if (world->config.delay_max_ns == 0)
        return 0;
    return (int64_t)world_random(world, (uint64_t)world->config.delay_max_ns);
}

/* A time after a random delay, but not before what was sent earlier on the same way. */
static int64_t arrival_ns(struct world *world, int64_t *last_ns)
{
    int64_t at_ns = world->now_ns + delay_ns(world);
    if (at_ns < *last_ns)
        at_ns = *last_ns;
    return *last_ns = at_ns;
}

static struct wire *find_wire(struct world *world, int client, uint32_t number)
{
    for (int i = 0; i < CLIENT_STREAMS_MAX; i++) {
        if (world->clients[client].wires[i].number == number)
            return &world->clients[client].wires[i];
    }
    return NULL;
}

static const char *method_word(enum keel_http_method method)
{
    switch (method) {
    case KEEL_HTTP_GET: return "GET";
    case KEEL_HTTP_POST: return "POST";
    case KEEL_HTTP_PUT: return "PUT";
    case KEEL_HTTP_DELETE: return "DELETE";
    case KEEL_HTTP_PATCH: return "PATCH";
    }
    give_up("a method that is none");
}

int64_t world_now_ns(const struct world *world)
{
    return world->now_ns;
}

const struct keel_venue *world_codec(const struct world *world)
{
    return world->config.venue;
}

int64_t world_venue_ms(const struct world *world)
{
    return WALL_START_MS + world->now_ns / 1000000;
}

static void set_client_time(struct world *world, int client)
{
    keel_private_set_time(world->clients[client].base, world->now_ns,
                          world_venue_ms(world) + world->clients[client].skew_ms);
}

/* The client sees the end of the stream when it comes to the cut, and the venue a while later. */
static void cut_wire(struct world *world, struct wire *wire, bool noticed)
{
    struct happening end = {
        .kind = CLOSED_AT_CLIENT, .client = wire->client, .stream = wire->number};
    struct happening close = {.kind = CUT_AT_VENUE, .client = wire->client, .stream = wire->number};
    wire->cut = true;
    if (noticed) {
        schedule(world, arrival_ns(world, &wire->to_client_ns), end);
        schedule(world, world->now_ns + 1000000 * (int64_t)(1 + world_random(world, 2000)), close);
    }
}

/* False: the frame does not arrive, and perhaps none after it. */
static bool survives(struct world *world, struct wire *wire, const struct paper_frame *frame)
{
    if (wire->cut)
        return false;
    if (strikes(world, world->faults.dead, WORLD_DEAD_STREAM)) {
        cut_wire(world, wire, false);
        return false;
    }
    if (frame->cut != PAPER_UNCUT || strikes(world, world->faults.cut, WORLD_FRAME_CUT)) {
        cut_wire(world, wire, true);
        return false;
    }
    return true;
}

/* A late frame holds up those behind it, as TCP does. */
static int64_t late_ns(struct world *world)
{
    if (world->faults.late_ms == 0 || world_random(world, 100) != 0)
        return 0;
    world->struck[WORLD_LATE]++;
    return 1000000 * (int64_t)world_random(world, (uint64_t)world->faults.late_ms);
}

/* Frames that wait at the venue go on their way. */
static void collect_frames(struct world *world)
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
            if (!survives(world, wire, &frame))
                continue;
            wire->to_client_ns += late_ns(world);
            happening.wants_pong = frame.kind == PAPER_FRAME_PING;
            happening.bytes = copy_of(frame.payload.data, frame.payload.size);
            happening.size = frame.payload.size;
            schedule(world, arrival_ns(world, &wire->to_client_ns), happening);
            happening = (struct happening){
                .kind = CUT_AT_VENUE, .client = wire->client, .stream = wire->number};
            if (frame.kind == PAPER_FRAME_CLOSE)
                schedule(world, world->now_ns, happening);
        }
    }
}

static struct paper_response begin_response(struct world *world)
{
    struct paper_response response;
    keel_writer_init(&response.headers, world->response_headers, sizeof(world->response_headers));
    keel_writer_init(&response.body, world->response_body, RESPONSE_BODY_SIZE);
    paper_response_clear(&response);
    return response;
}

/* No reply comes; the client hears of it now, or when it has waited as long as it wants to. */
static void lose(struct world *world, const struct happening *request, bool sent, int64_t after_ns)
{
    struct happening lost = {
        .kind = LOST_AT_CLIENT,
        .client = request->client,
        .life = request->life,
        .id = request->id,
        .sent = sent,
    };
    schedule(world, world->now_ns + after_ns, lost);
}

static void reply_leaves(struct world *world, const struct happening *request,
                         const struct paper_response *response)
{
    keel_str body = keel_writer_text(&response->body);
    keel_str lines = keel_writer_text(&response->headers);
    if (request->unanswered)
        return;
    if (request->reply_lost || response->cut != PAPER_UNCUT) {
        lose(world, request, true, delay_ns(world));
        return;
    }
    struct happening reply = {
        .kind = REPLY_AT_CLIENT,
        .client = request->client,
        .life = request->life,
        .id = request->id,
        .status = response->status,
        .headers = copy_of(lines.data, lines.size),
        .bytes = copy_of(body.data, body.size),
        .size = body.size,
    };
    int64_t late_by_ns = response->delay_ms * 1000000 + late_ns(world);
    if (late_by_ns >= request->timeout_ns) {
        lose(world, request, true, request->timeout_ns);
        free(reply.headers);
        free(reply.bytes);
        return;
    }
    schedule(world, world->now_ns + delay_ns(world) + late_by_ns, reply);
}

/* Lines "Name: value\n"; false: there is no more. */
static bool take_header(const char **lines, struct paper_header *header)
{
    size_t size = strcspn(*lines, "\n"), name = strcspn(*lines, ":");
    if (size == 0)
        return false;
    header->name = (keel_str){*lines, name};
    header->value = (keel_str){*lines + name + 2, size - name - 2};
    *lines += size + ((*lines)[size] == '\n');
    return true;
}

static int add_headers(const char *lines, struct paper_header headers[HEADERS_MAX], int count)
{
    struct paper_header header;
    while (take_header(&lines, &header)) {
        if (count == HEADERS_MAX)
            give_up("more headers than a request has room for");
        headers[count++] = header;
    }
    return count;
}

static void describe_request(const struct world *world, const struct happening *happening,
                             struct paper_header headers[HEADERS_MAX], char path[PATH_SIZE],
                             struct paper_http_request *request)
{
    const struct keel_request *sent = happening->request;
    snprintf(path, PATH_SIZE, "%s%s", world->prefix, sent->path);
    headers[0] = (struct paper_header){KEEL_STR("Content-Type"),
                                       sent->json ? KEEL_STR("application/json")
                                                  : KEEL_STR("application/x-www-form-urlencoded")};
    headers[1] = (struct paper_header){KEEL_STR("Host"), KEEL_STR("paper")};
    *request = (struct paper_http_request){
        .method = keel_str_from(method_word(sent->method)),
        .path = keel_str_from(path),
        .query = {sent->query, sent->query_size},
        .body = {sent->body,  sent->body_size },
        .address = KEEL_STR("10.0.0.1"),
        .headers = headers,
        .header_count = 2,
    };
    if (sent->needs_key)
        headers[request->header_count++] = (struct paper_header){
            keel_str_from(world->config.venue->key_header), keel_str_from(happening->bytes)};
    request->header_count = add_headers(sent->headers, headers, request->header_count);
}

static void watch_write(const struct world *world,
                        void (*watch)(void *user, int client, uint64_t intent),
                        const struct happening *happening)
{
    if (watch && world->config.journals && !happening->request->idempotent)
        watch(world->config.watcher.user, happening->client, happening->intent);
}

static void handle_request(struct world *world, struct happening *happening)
{
    const struct keel_request *sent = happening->request;
    struct paper_header headers[HEADERS_MAX];
    struct paper_http_request request;
    char path[PATH_SIZE];
    int64_t byte;

    describe_request(world, happening, headers, path, &request);
    digest(world, sent->path, strlen(sent->path));
    digest(world, sent->query, sent->query_size);
    digest(world, sent->body, sent->body_size);
    if (paper_venue_cuts_request(world->venue, &request, world_venue_ms(world), &byte)) {
        if (!happening->unanswered)
            lose(world, happening, true, delay_ns(world));
    } else {
        struct paper_response response = begin_response(world);
        watch_write(world, world->config.watcher.before_write, happening);
        paper_venue_handle(world->venue, &request, world_venue_ms(world), &response);
        watch_write(world, world->config.watcher.after_write, happening);
        reply_leaves(world, happening, &response);
    }
    collect_frames(world);
}

/* The value of "Name: value\r\n" among header lines; empty if it is not there. */
static void give_reply(struct world *world, struct happening *happening)
{
    digest(world, happening->bytes, happening->size);
    struct keel_transport transport = {
        .kind = KEEL_TRANSPORT_REPLIED,
        .reply = {.http_status = happening->status,
                  .body = {happening->bytes, happening->size},
                  .headers = keel_str_from(happening->headers ? happening->headers : "")},
    };
    keel_private_on_transport(world->clients[happening->client].base, happening->id, &transport);
}

static void give_loss(struct world *world, const struct happening *happening)
{
    struct keel_transport transport = {
        .kind = happening->sent ? KEEL_TRANSPORT_LOST : KEEL_TRANSPORT_NOT_SENT,
        .reason = "the network failed",
    };
    keel_private_on_transport(world->clients[happening->client].base, happening->id, &transport);
}

static void open_at_venue(struct world *world, struct happening *happening)
{
    struct wire *wire = find_wire(world, happening->client, happening->stream);
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
        .header_count = add_headers(happening->headers, headers, 0),
    };
    struct paper_response refusal = begin_response(world);
    if (!paper_venue_refuses(world->venue, world_venue_ms(world)) &&
        !strikes(world, world->faults.stream_refused, WORLD_STREAM_REFUSED))
        wire->stream =
            paper_venue_open_stream(world->venue, &request, world_venue_ms(world), &refusal);
    struct happening answer = {.client = happening->client, .stream = happening->stream};
    answer.kind = wire->stream ? OPENED_AT_CLIENT : CLOSED_AT_CLIENT;
    if (wire->stream)
        wire->stream->owner = wire;
    schedule(world, arrival_ns(world, &wire->to_client_ns), answer);
    collect_frames(world);
}

static void receive_at_venue(struct world *world, struct happening *happening)
{
    struct wire *wire = find_wire(world, happening->client, happening->stream);
    if (!wire || !wire->stream)
        return;
    struct paper_frame frame = {
        .kind = happening->kind == PONG_AT_VENUE ? PAPER_FRAME_PONG : PAPER_FRAME_TEXT,
        .payload = {happening->bytes, happening->size},
    };
    paper_venue_receive(world->venue, wire->stream, &frame, world_venue_ms(world));
    collect_frames(world);
}

static void close_at_venue(struct world *world, struct happening *happening)
{
    struct wire *wire = find_wire(world, happening->client, happening->stream);
    if (!wire)
        return;
    if (wire->stream)
        paper_venue_close_stream(world->venue, wire->stream);
    *wire = (struct wire){0};
}

/* The wire stays until the client has heard of it. */
static void cut_at_venue(struct world *world, struct happening *happening)
{
    struct wire *wire = find_wire(world, happening->client, happening->stream);
    if (!wire)
        return;
    if (wire->stream)
        paper_venue_close_stream(world->venue, wire->stream);
    wire->stream = NULL;
    if (wire->told)
        *wire = (struct wire){0};
}

static void tick_venue(struct world *world)
{
    int64_t now_ms = world_venue_ms(world);
    paper_venue_tick(world->venue, now_ms);
    if (world->config.market_speed > 0)
        paper_venue_advance(world->venue, now_ms, world->tick_ms * world->config.market_speed);
    collect_frames(world);
    struct happening next = {.kind = VENUE_TICK};
    schedule(world, world->now_ns + world->tick_ms * 1000000, next);
}

static void request_leaves(struct world *world, int client, const struct keel_effect *effect,
                           uint64_t intent)
{
    keel_str api_key = keel_str_from(paper_venue_keys(world->venue)->at[client].api_key);
    struct happening happening = {
        .kind = REQUEST_AT_VENUE,
        .client = client,
        .life = world->clients[client].life,
        .id = effect->request.id,
        .intent = intent,
        .timeout_ns = effect->request.timeout_ms * 1000000,
    };
    const struct world_faults *faults = &world->faults;
    bool refused = paper_venue_refuses(world->venue, world_venue_ms(world)) ||
                   strikes(world, faults->refused, WORLD_REFUSED);
    if (refused || strikes(world, faults->lost_before, WORLD_REQUEST_CUT)) {
        lose(world, &happening, !refused, delay_ns(world));
        return;
    }
    happening.request = take(sizeof(*happening.request));
    *happening.request = *effect->request.request;
    happening.bytes = copy_of(api_key.data, api_key.size);
    happening.reply_lost = strikes(world, faults->lost_after, WORLD_REPLY_CUT);
    bool timeout = strikes(world, faults->timeout, WORLD_TIMEOUT);
    bool stray = strikes(world, faults->stray, WORLD_STRAY);
    int64_t stray_ns = stray ? 1000000 * (int64_t)world_random(world, STRAY_MAX_MS) : 0;
    happening.unanswered = timeout || stray;
    schedule(world, world->now_ns + delay_ns(world) + late_ns(world) + stray_ns, happening);
    if (happening.unanswered)
        lose(world, &happening, true, stray ? delay_ns(world) : happening.timeout_ns);
}

static void stream_opens(struct world *world, int client, const struct keel_effect *effect)
{
    struct wire *wire = find_wire(world, client, 0);
    if (!wire)
        give_up("a client opened more streams than anybody should");
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
        .headers = copy_of(headers, strlen(headers)),
        .size = strlen(world->prefix) + strlen(path),
    };
    upgrade.bytes = take(upgrade.size + 1);
    snprintf(upgrade.bytes, upgrade.size + 1, "%s%s", world->prefix, path);
    snprintf(wire->path, sizeof(wire->path), "%.*s", (int)sizeof(wire->path) - 1, path);
    schedule(world, arrival_ns(world, &wire->to_venue_ns), upgrade);
    for (const char *end; (end = strchr(frames, '\n')) != NULL; frames = end + 1) {
        struct happening frame = {
            .kind = FRAME_AT_VENUE,
            .client = client,
            .stream = wire->number,
            .bytes = copy_of(frames, (size_t)(end - frames)),
            .size = (size_t)(end - frames),
        };
        schedule(world, arrival_ns(world, &wire->to_venue_ns), frame);
    }
}

static void stream_closes(struct world *world, int client, const struct keel_effect *effect)
{
    struct wire *wire = find_wire(world, client, effect->stream.number);
    if (!wire)
        return;
    struct happening close = {.kind = CLOSE_AT_VENUE, .client = client, .stream = wire->number};
    schedule(world, arrival_ns(world, &wire->to_venue_ns), close);
}

static void keep_record(struct world *world, int number, const struct keel_record *record)
{
    struct client *client = &world->clients[number];
    struct keel_error error;
    if (!client->journal)
        give_up("a record without a journal");
    if (keel_journal_append(client->journal, record, &error) != KEEL_OK)
        give_up(error.message);
    if (record->kind == KEEL_RECORD_INTENT)
        client->intent = record->intent.number;
    if (world->config.watcher.on_record)
        world->config.watcher.on_record(world->config.watcher.user, number, record);
}

/* The numbers of requests whose sender is dead: half of them never got out of its machine. */
static void lose_requests(struct world *world, int number)
{
    for (size_t i = 0; i < world->count; i++) {
        struct happening *happening = &world->heap[i];
        if (happening->kind == REQUEST_AT_VENUE && happening->client == number &&
            happening->life == world->clients[number].life)
            happening->gone = world_random(world, 2) == 0;
    }
}

static void close_wires(struct world *world, struct client *client)
{
    for (int i = 0; i < CLIENT_STREAMS_MAX; i++) {
        if (client->wires[i].stream)
            paper_venue_close_stream(world->venue, client->wires[i].stream);
        client->wires[i] = (struct wire){0};
    }
}

static void free_exchange(struct client *client)
{
    if (client->futures)
        keel_futures_free(client->futures);
    else if (client->base)
        keel_private_free(client->base);
    client->futures = NULL;
    client->base = NULL;
}

static void die(struct world *world, int number, enum world_fault how)
{
    struct client *client = &world->clients[number];
    world->struck[how]++;
    lose_requests(world, number);
    free_exchange(client);
    keel_journal_abandon(client->journal);
    client->journal = NULL;
    client->write_count = 0;
    client->intent = 0;
    client->fate = WORLD_FAULT_KINDS;
    client->suspended_until_ns = 0;
    client->life++;
    close_wires(world, client);
    if (world->config.watcher.on_death)
        world->config.watcher.on_death(world->config.watcher.user, number);
    schedule(world, world->now_ns + client->down_ms * 1000000,
             (struct happening){.kind = REVIVAL, .client = number});
}

/* True if it was its time. */
static bool dies_now(struct world *world, int number, enum world_fault how)
{
    if (world->clients[number].fate != how)
        return false;
    die(world, number, how);
    return true;
}

static void commit(struct client *client)
{
    struct keel_error error;
    if (client->journal && keel_journal_commit(client->journal, &error) != KEEL_OK)
        give_up(error.message);
}

/* As a client with sockets does it: what is to be durable is, and then the bytes leave. */
static void let_writes_leave(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    if (client->write_count == 0 || dies_now(world, number, WORLD_KILLED_UNKEPT))
        return;
    commit(client);
    if (dies_now(world, number, WORLD_KILLED_UNSENT))
        return;
    for (int i = 0; i < client->write_count; i++) {
        request_leaves(world, number, &client->writes[i].effect, client->writes[i].intent);
        if (dies_now(world, number, WORLD_KILLED_SENT))
            return;
    }
    client->write_count = 0;
}

/* Whoever still hears us answers. */
static void ping_comes_back(struct world *world, int number, const struct keel_effect *effect)
{
    struct wire *wire = find_wire(world, number, effect->stream.number);
    struct paper_frame pong = {.kind = PAPER_FRAME_PONG, .cut = PAPER_UNCUT};
    struct happening happening = {
        .kind = PING_AT_CLIENT, .client = number, .stream = effect->stream.number};
    if (!wire || !wire->stream || wire->told || !survives(world, wire, &pong))
        return;
    int64_t there_ns = arrival_ns(world, &wire->to_venue_ns) - world->now_ns;
    schedule(world, arrival_ns(world, &wire->to_client_ns) + there_ns, happening);
}

static void hold_write(struct client *client, const struct keel_effect *effect)
{
    if (client->write_count == WRITES_MAX)
        give_up("more writes at once than a client holds");
    client->writes[client->write_count++] =
        (struct held_write){.effect = *effect, .intent = client->intent};
    client->intent = 0;
}

static void carry_out(struct world *world, int number, const struct keel_effect *effect)
{
    struct client *client = &world->clients[number];
    switch (effect->kind) {
    case KEEL_EFFECT_NONE: break;
    case KEEL_EFFECT_REQUEST:
        if (client->journal && !effect->request.request->idempotent)
            hold_write(client, effect);
        else
            request_leaves(world, number, effect, 0);
        break;
    case KEEL_EFFECT_OPEN_STREAM: stream_opens(world, number, effect); break;
    case KEEL_EFFECT_CLOSE_STREAM: stream_closes(world, number, effect); break;
    case KEEL_EFFECT_PING_STREAM: ping_comes_back(world, number, effect); break;
    case KEEL_EFFECT_SEND_FRAME: give_up("orders leave by requests here");
    case KEEL_EFFECT_RECORD: keep_record(world, number, effect->record); break;
    }
}

static void carry_out_effects(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    struct keel_effect effect;
    if (!client->base)
        return;
    while (keel_private_next_effect(client->base, &effect))
        carry_out(world, number, &effect);
    let_writes_leave(world, number);
}

/* What several inputs brought becomes durable together, when the turn of the loop is over. */
static void end_turn(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    if (client->journal && world_random(world, TURN_INPUTS) == 0)
        commit(client);
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
        .bytes = copy_of(ping->bytes, ping->size),
        .size = ping->size,
    };
    schedule(world, arrival_ns(world, &wire->to_venue_ns), pong);
}

static void reach_stream(struct world *world, struct happening *happening)
{
    struct keel_private *base = world->clients[happening->client].base;
    struct wire *wire = find_wire(world, happening->client, happening->stream);
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
        digest(world, bytes.data, bytes.size);
        keel_private_on_stream_message(base, happening->stream, bytes);
    }
}

static void reach_client(struct world *world, struct happening *happening)
{
    set_client_time(world, happening->client);
    if (happening->kind == REPLY_AT_CLIENT)
        give_reply(world, happening);
    else if (happening->kind == LOST_AT_CLIENT)
        give_loss(world, happening);
    else
        reach_stream(world, happening);
}

static void open_journal(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    struct keel_journal_config config = {
        .path = client->journal_path,
        .venue = world->config.venue->name,
        .account = "main",
        .number_first = (uint64_t)(number + 1) * 1000000,
    };
    struct keel_error error;
    client->journal = keel_journal_open(&config, &error);
    if (!client->journal)
        give_up(error.message);
}

static void recover(struct keel_exchange_config *config, const struct keel_journal_start *start)
{
    config->client_id_first = start->number_first;
    config->recovery = (struct keel_recovery){
        .numbers_end = start->numbers_end,
        .complete_ms = start->complete_ms,
        .unsettled = start->unsettled,
        .unsettled_count = start->unsettled_count,
        .symbols = start->symbols,
        .symbol_count = start->symbol_count,
    };
}

/* Where its withdrawals may go. */
static const struct keel_withdrawal_address addresses[] = {
    {"USDT", "ETH", "0x52908400098527886E0F7030069857D2E4169EE7", NULL},
    {"BTC",  "BSC", "0x52908400098527886E0F7030069857D2E4169EE7", NULL},
    {"ETH",  "ETH", "0x52908400098527886E0F7030069857D2E4169EE7", NULL},
};

static void open_client(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    const struct paper_key *key = &paper_venue_keys(world->venue)->at[number];
    struct keel_exchange_config config = keel_exchange_config_init();
    struct keel_error error;
    config.venue = world->config.venue;
    config.api_key = keel_str_from(key->api_key);
    config.secret = keel_str_from(key->api_secret);
    config.symbols = world->config.symbols;
    config.symbol_count = world->config.symbol_count;
    config.handlers = world->config.handlers[number];
    config.client_id_first = (uint64_t)(number + 1) * 1000000;
    config.seed = world->config.seed + client->life;
    config.withdrawal_addresses = world->spot ? addresses : NULL;
    config.withdrawal_address_count = world->spot ? sizeof(addresses) / sizeof(addresses[0]) : 0;
    config.silence_max_ms = world->config.silence_max_ms;
    if (world->config.journals) {
        open_journal(world, number);
        recover(&config, keel_journal_start(client->journal));
    }
    client->futures = world->spot ? NULL : keel_futures_new(&config, &error);
    client->base = client->futures ? keel_futures_base(client->futures)
                   : world->spot   ? keel_private_new(&config, &error)
                                   : NULL;
    if (!client->base)
        give_up(error.message);
    set_client_time(world, number);
}

static void revive(struct world *world, int number)
{
    struct keel_error error;
    open_client(world, number);
    if (keel_private_start(world->clients[number].base, &error) != KEEL_OK)
        give_up(error.message);
}

static void happen(struct world *world, struct happening *happening)
{
    switch (happening->kind) {
    case REQUEST_AT_VENUE:
        if (!happening->gone)
            handle_request(world, happening);
        break;
    case UPGRADE_AT_VENUE: open_at_venue(world, happening); break;
    case FRAME_AT_VENUE:
    case PONG_AT_VENUE: receive_at_venue(world, happening); break;
    case CLOSE_AT_VENUE: close_at_venue(world, happening); break;
    case CUT_AT_VENUE: cut_at_venue(world, happening); break;
    case VENUE_TICK: tick_venue(world); break;
    case REVIVAL: revive(world, happening->client); break;
    case REPLY_AT_CLIENT:
    case LOST_AT_CLIENT:
    case OPENED_AT_CLIENT:
    case FRAME_AT_CLIENT:
    case PING_AT_CLIENT:
    case CLOSED_AT_CLIENT: reach_client(world, happening); break;
    }
}

static void drop(struct happening *happening)
{
    free(happening->request);
    free(happening->headers);
    free(happening->bytes);
}

static bool is_for_client(enum happening_kind kind)
{
    return kind == REPLY_AT_CLIENT || kind == LOST_AT_CLIENT || kind == OPENED_AT_CLIENT ||
           kind == FRAME_AT_CLIENT || kind == PING_AT_CLIENT || kind == CLOSED_AT_CLIENT;
}

/* True when it has been put off, or has nobody to happen to any more. */
static bool goes_nowhere(struct world *world, struct happening *happening)
{
    const struct client *client = &world->clients[happening->client];
    if (happening->life != client->life && happening->kind != REQUEST_AT_VENUE &&
        happening->kind != VENUE_TICK) {
        drop(happening);
        return true;
    }
    if (!is_for_client(happening->kind))
        return false;
    if (world->now_ns >= client->suspended_until_ns)
        return false;
    schedule(world, client->suspended_until_ns, *happening);
    return true;
}

bool world_is_suspended(const struct world *world, int client)
{
    return world->now_ns < world->clients[client].suspended_until_ns;
}

/* The client whose timer is due first, and when. */
static int first_deadline(const struct world *world, int64_t *deadline_ns)
{
    int first = -1;
    *deadline_ns = INT64_MAX;
    for (int i = 0; i < world->config.clients; i++) {
        if (!world_is_alive(world, i))
            continue;
        int64_t at_ns = keel_private_deadline_ns(world->clients[i].base);
        if (at_ns < world->clients[i].suspended_until_ns)
            at_ns = world->clients[i].suspended_until_ns;
        if (at_ns < *deadline_ns) {
            *deadline_ns = at_ns;
            first = i;
        }
    }
    return first;
}

/* Whoever calls commands between runs finds the clock set. */
static void set_all_times(struct world *world)
{
    for (int i = 0; i < world->config.clients; i++) {
        if (!world_is_alive(world, i) || world_is_suspended(world, i))
            continue;
        set_client_time(world, i);
        carry_out_effects(world, i);
        end_turn(world, i);
    }
}

/* One step of the world, if one is due before the end. */
static bool step(struct world *world, int64_t end_ns)
{
    int64_t deadline_ns;
    int client = first_deadline(world, &deadline_ns);
    int64_t next_ns = world->count > 0 ? world->heap[0].at_ns : INT64_MAX;
    if (deadline_ns > end_ns && next_ns > end_ns) {
        world->now_ns = end_ns;
        return false;
    }
    if (deadline_ns <= next_ns) {
        if (deadline_ns > world->now_ns)
            world->now_ns = deadline_ns;
        set_client_time(world, client);
        keel_private_tick(world->clients[client].base);
    } else {
        struct happening happening = take_next(world);
        world->now_ns = happening.at_ns;
        if (goes_nowhere(world, &happening))
            return true;
        happen(world, &happening);
        drop(&happening);
    }
    set_all_times(world);
    return true;
}

void world_run(struct world *world, int64_t ms)
{
    int64_t end_ns = world->now_ns + ms * 1000000;
    set_all_times(world);
    while (step(world, end_ns)) {
    }
    set_all_times(world);
}

bool world_run_until(struct world *world, const bool *done, int64_t ms)
{
    int64_t end_ns = world->now_ns + ms * 1000000;
    set_all_times(world);
    while (!*done && step(world, end_ns)) {
    }
    set_all_times(world);
    return *done;
}

struct world_config world_config_init(uint64_t seed)
{
    return (struct world_config){
        .seed = seed,
        .venue = &keel_venue_binance,
        .clients = 1,
        .delay_max_ns = 50 * 1000000,
        .clock_skew_ms = 800,
        .deposit = keel_decimal_from_int(10000),
    };
}

/* Which of the paper venue's houses speaks like this venue, and where: some paths of coins and of
 * futures are the same, but for what stands before them. */
static void choose_wire(struct world *world)
{
    static const struct {
        const char *venue, *house, *prefix;
    } wires[] = {
        {"binance",      "binance", ""     },
        {"binance-spot", "binance", "/spot"},
        {"gateio",       "gateio",  ""     },
        {"gateio-spot",  "gateio",  ""     },
    };
    static const char *const futures[] = {"BTC/USDT:USDT", "ETH/USDT:USDT"};
    static const char *const coins[] = {"BTC/USDT", "ETH/USDT"};
    for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
        if (strcmp(wires[i].venue, world->config.venue->name) != 0)
            continue;
        world->house = wires[i].house;
        world->prefix = wires[i].prefix;
    }
    if (!world->house)
        give_up("no paper venue speaks like this one");
    world->spot = world->config.venue->product == KEEL_PRODUCT_SPOT;
    if (!world->config.symbols) {
        world->config.symbols = world->spot ? coins : futures;
        world->config.symbol_count = 2;
    }
}

static void set_clock(struct world *world, int number)
{
    int64_t skew_ms = world->config.clock_skew_ms;
    if (skew_ms > 0)
        world->clients[number].skew_ms =
            (int64_t)world_random(world, (uint64_t)(2 * skew_ms + 1)) - skew_ms;
}

/* No earlier world's. */
static void remove_journal(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char name[PATH_SIZE + 8];
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

static void name_journal(struct world *world, int number)
{
    char *path = world->clients[number].journal_path;
    if (!world->config.journals)
        return;
    if (snprintf(path, PATH_SIZE, "%s/%d.db", world->config.journals, number) >= PATH_SIZE)
        give_up("the folder of the journals has too long a name");
    remove_journal(path);
}

struct world *world_new(const struct world_config *config)
{
    struct world *world = take(sizeof(*world));
    world->config = *config;
    world->random.state = config->seed;
    world->tick_ms = VENUE_TICK_MS;
    world->digest = UINT64_C(14695981039346656037);
    world->response_body = take(RESPONSE_BODY_SIZE);
    choose_wire(world);
    const char *const houses[] = {world->house, NULL};
    struct paper_venue_config venue = {
        .venues = houses,
        .engine = {.seed = config->seed,
                   .accounts = config->clients,
                   .deposit = config->deposit,
                   .insurance = keel_decimal_from_int(1000000),
                   .manual = config->market_speed == 0},
        .limit_factor = 1,
    };
    world->venue = paper_venue_new(&venue, world_venue_ms(world));
    if (!world->venue)
        give_up("the venue does not open");
    for (int i = 0; i < config->clients; i++) {
        set_clock(world, i);
        world->clients[i].life = 1;
        world->clients[i].fate = WORLD_FAULT_KINDS;
        name_journal(world, i);
        open_client(world, i);
    }
    schedule(world, 0, (struct happening){.kind = VENUE_TICK});
    return world;
}

void world_free(struct world *world)
{
    while (world->count > 0)
        drop(&world->heap[--world->count]);
    for (int i = 0; i < world->config.clients; i++) {
        free_exchange(&world->clients[i]);
        keel_journal_close(world->clients[i].journal);
        if (world->config.journals)
            remove_journal(world->clients[i].journal_path);
        close_wires(world, &world->clients[i]);
    }
    paper_venue_free(world->venue);
    free(world->response_body);
    free(world->heap);
    free(world);
}

struct keel_futures *world_futures(struct world *world, int client)
{
    return world->clients[client].futures;
}

struct keel_private *world_base(struct world *world, int client)
{
    return world->clients[client].base;
}

struct paper_engine *world_engine(struct world *world)
{
    return paper_venue_engine(world->venue);
}

struct paper_spot *world_spot(struct world *world)
{
    return world->spot ? paper_venue_spot_of(world->venue, world->house) : NULL;
}

void world_deposit(struct world *world, int client, const char *asset, keel_decimal amount)
{
    const struct paper_deposit *deposit;
    if (paper_spot_deposit(world_spot(world), world_venue_ms(world), client + 1,
                           paper_asset_find(keel_str_from(asset)), (keel_str){0}, amount,
                           &deposit) != PAPER_SPOT_OK)
        give_up("the venue takes no deposit");
    paper_venue_drain(world->venue, world_venue_ms(world));
    collect_frames(world);
}

/* Whoever has no coins can sell none. */
static void deposit_first(struct world *world)
{
    for (int i = 0; i < world->config.clients; i++) {
        world_deposit(world, i, "BTC", keel_decimal_from_text("0.2"));
        world_deposit(world, i, "ETH", keel_decimal_from_int(4));
    }
    world_run(world, DEPOSIT_MS);
}

bool world_is_gateio(const struct world *world)
{
    return strcmp(world->house, "gateio") == 0;
}

bool world_start(struct world *world, struct keel_error *error)
{
    if (world->spot)
        deposit_first(world);
    for (int i = 0; i < world->config.clients; i++) {
        set_client_time(world, i);
        if (keel_private_start(world->clients[i].base, error) != KEEL_OK)
            return false;
    }
    for (int round = 0; round < 600; round++) {
        int live = 0;
        world_run(world, 100);
        for (int i = 0; i < world->config.clients; i++) {
            struct keel_connection connection;
            keel_private_connection(world->clients[i].base, &connection);
            live += connection.state == KEEL_CONNECTION_LIVE;
            if (connection.state == KEEL_CONNECTION_CLOSED) {
                *error = connection.last_error;
                return false;
            }
        }
        if (live == world->config.clients)
            return true;
    }
    keel_fail(error, KEEL_STALE, "not live after a minute");
    return false;
}

void world_set_market_speed(struct world *world, int64_t speed)
{
    world->config.market_speed = speed;
}

void world_set_price(struct world *world, const char *symbol, const char *price)
{
    if (paper_venue_set_price(world->venue, world_venue_ms(world), keel_str_from(symbol),
                              keel_decimal_from_text(price)) != PAPER_OK)
        give_up("the venue refuses a price");
    collect_frames(world);
}

void world_set_filter(struct world *world, bool (*keep)(void *user, int client, keel_str frame),
                      void *user)
{
    world->keep = keep;
    world->keep_user = user;
}

void world_set_faults(struct world *world, const struct world_faults *faults)
{
    world->faults = *faults;
    for (int i = 0; i < world->config.clients; i++)
        world->clients[i].fate = WORLD_FAULT_KINDS;
}

void world_venue_fault(struct world *world, const char *json)
{
    struct keel_error error;
    if (paper_faults_add(paper_venue_faults(world->venue), keel_str_from(json),
                         world_venue_ms(world), &error) != KEEL_OK)
        give_up(error.message);
}

/* Of the venue's rules, what each is called here; WORLD_FAULT_KINDS: nothing that is counted. */
static enum world_fault kind_of(const struct paper_fault_rule *rule)
{
    bool frame = rule->target == PAPER_FAULT_OF_FRAME;
    switch (rule->action) {
    case PAPER_FAULT_NONE: break;
    case PAPER_FAULT_DELAY: return frame ? WORLD_FRAME_DELAYED : WORLD_LATE;
    case PAPER_FAULT_DROP: return WORLD_FRAME_DROPPED;
    case PAPER_FAULT_DUPLICATE: return WORLD_FRAME_DUPLICATED;
    case PAPER_FAULT_REORDER: return WORLD_FRAME_REORDERED;
    case PAPER_FAULT_SILENCE: return WORLD_SILENCE;
    case PAPER_FAULT_CUT:
        if (frame)
            return WORLD_FRAME_CUT;
        return rule->target == PAPER_FAULT_OF_REQUEST ? WORLD_REQUEST_CUT : WORLD_REPLY_CUT;
    case PAPER_FAULT_REFUSE: return WORLD_OUTAGE;
    case PAPER_FAULT_UNKNOWN: return rule->executed ? WORLD_503_EXECUTED : WORLD_503_UNSEEN;
    case PAPER_FAULT_UNAVAILABLE: return WORLD_503_SERVICE;
    case PAPER_FAULT_INTERNAL: return WORLD_503_INTERNAL;
    case PAPER_FAULT_THROTTLED: return WORLD_503_THROTTLED;
    case PAPER_FAULT_TIMEOUT: return rule->executed ? WORLD_408_EXECUTED : WORLD_408_UNSEEN;
    case PAPER_FAULT_LIMITED: return WORLD_429;
    case PAPER_FAULT_BANNED: return WORLD_418;
    case PAPER_FAULT_EXPIRE_KEY: return rule->notices > 0 ? WORLD_KEY_EXPIRED : WORLD_KEY_LOST;
    case PAPER_FAULT_CLOCK: return WORLD_VENUE_CLOCK;
    }
    return WORLD_FAULT_KINDS;
}

/* A clock that is off strikes by being so, and so does a port on which nobody listens. */
static int64_t count_strikes(const struct world *world, const struct paper_fault *fault)
{
    if (fault->rule.action == PAPER_FAULT_CLOCK || fault->rule.action == PAPER_FAULT_REFUSE)
        return world_venue_ms(world) >= fault->from_ms;
    return fault->struck;
}

static int64_t struck_by_rules(struct world *world, enum world_fault kind)
{
    const struct paper_faults *faults = paper_venue_faults(world->venue);
    int64_t count = 0;
    for (int i = 0; i < faults->count; i++) {
        if (kind_of(&faults->at[i].rule) == kind)
            count += count_strikes(world, &faults->at[i]);
    }
    return count;
}

void world_clear_venue_faults(struct world *world)
{
    for (int kind = 0; kind < WORLD_FAULT_KINDS; kind++)
        world->struck[kind] += struck_by_rules(world, (enum world_fault)kind);
    paper_faults_clear(paper_venue_faults(world->venue));
}

void world_jump_clock(struct world *world, int client, int64_t ms)
{
    world->struck[WORLD_CLIENT_CLOCK]++;
    world->clients[client].skew_ms += ms;
}

int64_t world_name_life_ms(const struct world *world)
{
    return world->config.venue->client_id_life_ms;
}

bool world_fault_exists(enum world_fault kind, const struct keel_venue *venue)
{
    return kind != WORLD_OUTLIVED || venue->client_id_life_ms > 0;
}

static void count_outlived(struct world *world, int64_t ms)
{
    int64_t life_ms = world_name_life_ms(world);
    world->struck[WORLD_OUTLIVED] += life_ms > 0 && ms > life_ms;
}

void world_suspend(struct world *world, int client, int64_t ms)
{
    count_outlived(world, ms);
    world->struck[WORLD_SUSPENDED]++;
    world->clients[client].suspended_until_ns = world->now_ns + ms * 1000000;
}

void world_kill(struct world *world, int client, enum world_fault how, int64_t down_ms)
{
    if (!world->config.journals)
        give_up("who keeps no journal may not be killed");
    world->clients[client].down_ms = down_ms;
    count_outlived(world, down_ms);
    if (how == WORLD_KILLED || how == WORLD_KILLED_LOADING)
        die(world, client, how);
    else
        world->clients[client].fate = how;
}

bool world_is_alive(const struct world *world, int client)
{
    return world->clients[client].base != NULL;
}

uint32_t world_life(const struct world *world, int client)
{
    return world->clients[client].life;
}

void world_start_again(struct world *world, int client)
{
    struct keel_connection connection;
    struct keel_error error;
    keel_private_connection(world->clients[client].base, &connection);
    if (connection.state != KEEL_CONNECTION_CLOSED)
        return;
    set_client_time(world, client);
    if (keel_private_start(world->clients[client].base, &error) != KEEL_OK)
        give_up(error.message);
}

void world_keep(struct world *world, int client)
{
    commit(&world->clients[client]);
}

const char *world_journal(const struct world *world, int client)
{
    return world->clients[client].journal_path;
}

int64_t world_struck(struct world *world, enum world_fault kind)
{
    return world->struck[kind] + struck_by_rules(world, kind);
}

const char *world_fault_name(enum world_fault kind)
{
    static const char *const names[WORLD_FAULT_KINDS] = {
        [WORLD_REFUSED] = "connections refused",
        [WORLD_OUTAGE] = "outages",
        [WORLD_REQUEST_CUT] = "requests cut",
        [WORLD_REPLY_CUT] = "replies cut",
        [WORLD_STRAY] = "requests that strayed",
        [WORLD_TIMEOUT] = "timeouts",
        [WORLD_LATE] = "late replies and frames",
        [WORLD_FRAME_CUT] = "streams cut",
        [WORLD_DEAD_STREAM] = "dead streams",
        [WORLD_STREAM_REFUSED] = "streams refused",
        [WORLD_FRAME_DELAYED] = "frames delayed",
        [WORLD_FRAME_DROPPED] = "frames dropped",
        [WORLD_FRAME_DUPLICATED] = "frames duplicated",
        [WORLD_FRAME_REORDERED] = "frames reordered",
        [WORLD_SILENCE] = "frames lost to silence",
        [WORLD_503_EXECUTED] = "503 unknown, carried out",
        [WORLD_503_UNSEEN] = "503 unknown, not carried out",
        [WORLD_503_SERVICE] = "503 unavailable",
        [WORLD_503_INTERNAL] = "503 internal",
        [WORLD_503_THROTTLED] = "503 throttled",
        [WORLD_408_EXECUTED] = "408, carried out",
        [WORLD_408_UNSEEN] = "408, not carried out",
        [WORLD_429] = "429",
        [WORLD_418] = "418",
        [WORLD_KEY_EXPIRED] = "listen keys expired",
        [WORLD_KEY_LOST] = "listen keys lost",
        [WORLD_VENUE_CLOCK] = "jumps of the venue's clock",
        [WORLD_CLIENT_CLOCK] = "jumps of a client's clock",
        [WORLD_SUSPENDED] = "suspended processes",
        [WORLD_OUTLIVED] = "pauses that outlived the names of orders",
        [WORLD_KILLED] = "kills at a random moment",
        [WORLD_KILLED_UNKEPT] = "kills before an intent was durable",
        [WORLD_KILLED_UNSENT] = "kills between an intent and its request",
        [WORLD_KILLED_SENT] = "kills right after a request",
        [WORLD_KILLED_LOADING] = "kills during a start",
    };
    return names[kind];
}

void world_set_tick(struct world *world, int64_t ms)
{
    world->tick_ms = ms;
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

uint64_t world_digest(const struct world *world)
{
    return world->digest;
}

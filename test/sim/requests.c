#include "world_internal.h"

#include "session/governor.h"

#include <stdio.h>
#include <stdlib.h>

static const char *method_word(enum keel_http_method method)
{
    switch (method) {
    case KEEL_HTTP_GET: return "GET";
    case KEEL_HTTP_POST: return "POST";
    case KEEL_HTTP_PUT: return "PUT";
    case KEEL_HTTP_DELETE: return "DELETE";
    case KEEL_HTTP_PATCH: return "PATCH";
    }
    world_give_up("a method that is none");
}

struct paper_response request_begin_response(struct world *world)
{
    struct paper_response response;
    keel_writer_init(&response.headers, world->response_headers, sizeof(world->response_headers));
    keel_writer_init(&response.body, world->response_body, RESPONSE_BODY_SIZE);
    paper_response_clear(&response);
    return response;
}

void request_lose(struct world *world, const struct happening *request, bool sent, int64_t after_ns)
{
    struct happening lost = {
        .kind = LOST_AT_CLIENT,
        .client = request->client,
        .life = request->life,
        .id = request->id,
        .sent = sent,
    };
    world_schedule(world, world->now_ns + after_ns, lost);
}

static void reply_leaves(struct world *world, const struct happening *request,
                         const struct paper_response *response)
{
    keel_str body = keel_writer_text(&response->body);
    keel_str lines = keel_writer_text(&response->headers);
    if (request->unanswered)
        return;
    if (request->reply_lost || response->cut != PAPER_UNCUT) {
        request_lose(world, request, true, world_delay_ns(world));
        return;
    }
    struct happening reply = {
        .kind = REPLY_AT_CLIENT,
        .client = request->client,
        .life = request->life,
        .id = request->id,
        .status = response->status,
        .headers = world_copy(lines.data, lines.size),
        .bytes = world_copy(body.data, body.size),
        .size = body.size,
    };
    int64_t late_by_ns = response->delay_ms * 1000000 + world_late_ns(world);
    if (late_by_ns >= request->timeout_ns) {
        request_lose(world, request, true, request->timeout_ns);
        free(reply.headers);
        free(reply.bytes);
        return;
    }
    world_schedule(world, world->now_ns + world_delay_ns(world) + late_by_ns, reply);
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

int request_add_headers(const char *lines, struct paper_header headers[HEADERS_MAX], int count)
{
    struct paper_header header;
    while (take_header(&lines, &header)) {
        if (count == HEADERS_MAX)
            world_give_up("more headers than a request has room for");
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
    request->header_count = request_add_headers(sent->headers, headers, request->header_count);
}

void request_handle(struct world *world, struct happening *happening)
{
    const struct keel_request *sent = happening->request;
    struct paper_header headers[HEADERS_MAX];
    struct paper_http_request request;
    char path[PATH_SIZE];
    int64_t byte;

    if (happening->late)
        world->late_ns = world->now_ns;
    describe_request(world, happening, headers, path, &request);
    world_note_bytes(world, sent->path, strlen(sent->path));
    world_note_bytes(world, sent->query, sent->query_size);
    world_note_bytes(world, sent->body, sent->body_size);
    if (paper_venue_cuts_request(world->venue, &request, world_venue_ms(world), &byte)) {
        if (!happening->unanswered)
            request_lose(world, happening, true, world_delay_ns(world));
    } else {
        struct paper_response response = request_begin_response(world);
        bool write = !sent->idempotent;
        if (write)
            world_watch_write(world, world->config.watcher.before_write, happening);
        paper_venue_handle(world->venue, &request, world_venue_ms(world), &response);
        if (write)
            world_watch_write(world, world->config.watcher.after_write, happening);
        world_note_status(world, response.status);
        reply_leaves(world, happening, &response);
    }
    wires_collect(world);
}

void request_give_reply(struct world *world, struct happening *happening)
{
    world_note_bytes(world, happening->bytes, happening->size);
    struct keel_transport transport = {
        .kind = KEEL_TRANSPORT_REPLIED,
        .reply = {.http_status = happening->status,
                  .body = {happening->bytes, happening->size},
                  .headers = keel_str_from(happening->headers ? happening->headers : "")},
    };
    keel_private_on_transport(world->clients[happening->client].base, happening->id, &transport);
}

void request_give_loss(struct world *world, const struct happening *happening)
{
    struct keel_transport transport = {
        .kind = happening->sent ? KEEL_TRANSPORT_LOST : KEEL_TRANSPORT_NOT_SENT,
        .reason = "the network failed",
    };
    keel_private_on_transport(world->clients[happening->client].base, happening->id, &transport);
}

void request_leave(struct world *world, int client, const struct keel_effect *effect,
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
                   world_strikes(world, faults->refused, WORLD_REFUSED);
    if (refused || world_strikes(world, faults->lost_before, WORLD_REQUEST_CUT)) {
        request_lose(world, &happening, !refused, world_delay_ns(world));
        return;
    }
    happening.request = world_take(sizeof(*happening.request));
    *happening.request = *effect->request.request;
    happening.bytes = world_copy(api_key.data, api_key.size);
    happening.reply_lost = world_strikes(world, faults->lost_after, WORLD_REPLY_CUT);
    bool timeout = world_strikes(world, faults->timeout, WORLD_TIMEOUT);
    bool stray = world_strikes(world, faults->stray, WORLD_STRAY);
    int64_t stray_ns = stray ? 1000000 * (int64_t)world_random(world, STRAY_MAX_MS) : 0;
    happening.unanswered = timeout || stray;
    int64_t way_ns = world_delay_ns(world) + world_late_ns(world) + stray_ns;
    happening.late = way_ns > KEEL_GOVERNOR_SLACK_MS * INT64_C(1000000);
    world_schedule(world, world->now_ns + way_ns, happening);
    if (happening.unanswered)
        request_lose(world, &happening, true, stray ? world_delay_ns(world) : happening.timeout_ns);
}

#include "paper/venue.h"

#include "paper/binance/dialect.h"
#include "paper/control.h"

#include <stdlib.h>

enum {
    DIALECT_COUNT = 1,
    ADVANCE_SLICE_MS = 60 * 1000, /* less than a funding interval: none goes by unseen */
};

struct paper_venue {
    struct paper_engine *engine;
    struct paper_keys keys;
    struct paper_outbox outbox;
    struct paper_dialect *dialects[DIALECT_COUNT];
    int64_t start_offset_ms;
};

static bool open_dialects(struct paper_venue *venue, const struct paper_venue_config *config,
                          int64_t now_ms)
{
    const struct paper_binance_config binance = {
        .engine = venue->engine,
        .keys = &venue->keys,
        .outbox = &venue->outbox,
        .seed = config->engine.seed,
        .speed = config->speed,
        .limit_factor = config->limit_factor,
    };
    venue->dialects[0] = paper_binance_new(&binance, now_ms);
    return venue->dialects[0];
}

struct paper_venue *paper_venue_new(const struct paper_venue_config *config, int64_t now_ms)
{
    struct paper_venue *venue = calloc(1, sizeof(*venue));
    if (!venue)
        return NULL;
    venue->engine = paper_engine_new(&config->engine, now_ms);
    if (!venue->engine ||
        !paper_keys_init(&venue->keys, config->engine.seed,
                         paper_engine_account_count(venue->engine)) ||
        !open_dialects(venue, config, now_ms)) {
        paper_venue_free(venue);
        return NULL;
    }
    return venue;
}

void paper_venue_free(struct paper_venue *venue)
{
    if (!venue)
        return;
    for (int i = 0; i < DIALECT_COUNT; i++) {
        if (venue->dialects[i])
            venue->dialects[i]->ops->free(venue->dialects[i]);
    }
    paper_keys_deinit(&venue->keys);
    paper_engine_free(venue->engine);
    free(venue);
}

struct paper_engine *paper_venue_engine(struct paper_venue *venue)
{
    return venue->engine;
}

const struct paper_keys *paper_venue_keys(const struct paper_venue *venue)
{
    return &venue->keys;
}

void paper_venue_drain(struct paper_venue *venue, int64_t now_ms)
{
    struct paper_event event;
    while (paper_engine_next_event(venue->engine, &event)) {
        for (int i = 0; i < DIALECT_COUNT; i++)
            venue->dialects[i]->ops->publish(venue->dialects[i], &event, now_ms);
    }
}

void paper_venue_advance(struct paper_venue *venue, int64_t now_ms, int64_t market_ms)
{
    while (market_ms > 0) {
        int64_t slice = market_ms < ADVANCE_SLICE_MS ? market_ms : ADVANCE_SLICE_MS;
        paper_engine_advance(venue->engine, now_ms, slice);
        paper_venue_drain(venue, now_ms);
        for (int i = 0; i < DIALECT_COUNT; i++)
            venue->dialects[i]->ops->advanced(venue->dialects[i], now_ms);
        market_ms -= slice;
    }
}

void paper_venue_start(struct paper_venue *venue, int64_t now_ms, int64_t offset_ms)
{
    venue->start_offset_ms = offset_ms;
    paper_venue_advance(venue, now_ms, offset_ms);
}

bool paper_venue_reset(struct paper_venue *venue, int64_t now_ms)
{
    if (!paper_engine_reset(venue->engine, now_ms))
        return false;
    for (int i = 0; i < DIALECT_COUNT; i++)
        venue->dialects[i]->ops->reset(venue->dialects[i], now_ms);
    paper_venue_advance(venue, now_ms, venue->start_offset_ms);
    return true;
}

void paper_venue_tick(struct paper_venue *venue, int64_t now_ms)
{
    paper_engine_tick(venue->engine, now_ms);
    paper_venue_drain(venue, now_ms);
    for (int i = 0; i < DIALECT_COUNT; i++)
        venue->dialects[i]->ops->tick(venue->dialects[i], now_ms);
}

static struct paper_dialect *find_dialect(const struct paper_venue *venue, keel_str path)
{
    for (int i = 0; i < DIALECT_COUNT; i++) {
        if (venue->dialects[i]->ops->owns_path(path))
            return venue->dialects[i];
    }
    return NULL;
}

/* A path of nobody: what a web server in front of a venue answers. */
static void answer_not_found(struct paper_response *response)
{
    response->status = 404;
    response->content_type = "text/html";
    keel_write(&response->body, KEEL_STR("<html>\r\n<head><title>404 Not Found</title></head>\r\n"
                                         "<body>\r\n<center><h1>404 Not Found</h1></center>\r\n"
                                         "</body>\r\n</html>\r\n"));
}

void paper_venue_handle(struct paper_venue *venue, const struct paper_http_request *request,
                        int64_t now_ms, struct paper_response *response)
{
    paper_response_clear(response);
    if (paper_control_owns_path(request->path)) {
        paper_control_handle(venue, request, now_ms, response);
        return;
    }
    struct paper_dialect *dialect = find_dialect(venue, request->path);
    if (!dialect) {
        answer_not_found(response);
        return;
    }
    dialect->ops->handle(dialect, request, now_ms, response);
    paper_venue_drain(venue, now_ms);
}

struct paper_stream *paper_venue_open_stream(struct paper_venue *venue,
                                             const struct paper_http_request *request,
                                             int64_t now_ms, struct paper_response *refusal)
{
    paper_response_clear(refusal);
    struct paper_dialect *dialect = find_dialect(venue, request->path);
    if (dialect)
        return dialect->ops->open_stream(dialect, request, now_ms, refusal);
    answer_not_found(refusal);
    return NULL;
}

void paper_venue_close_stream(struct paper_venue *venue, struct paper_stream *stream)
{
    (void)venue;
    stream->dialect->ops->close_stream(stream->dialect, stream);
}

void paper_venue_receive(struct paper_venue *venue, struct paper_stream *stream,
                         const struct paper_frame *frame, int64_t now_ms)
{
    stream->dialect->ops->receive(stream->dialect, stream, frame, now_ms);
    paper_venue_drain(venue, now_ms);
}

struct paper_stream *paper_venue_next_ready(struct paper_venue *venue)
{
    return paper_outbox_next(&venue->outbox);
}

void paper_venue_describe(const struct paper_venue *venue, keel_str authority,
                          struct keel_writer *json)
{
    keel_json_open_object(json, NULL);
    keel_json_put_string(json, "listen", authority);
    keel_json_open_object(json, "venues");
    for (int i = 0; i < DIALECT_COUNT; i++)
        venue->dialects[i]->ops->describe(venue->dialects[i], authority, json);
    keel_json_close_object(json);
    keel_json_open_array(json, "accounts");
    for (int i = 0; i < venue->keys.count; i++) {
        keel_json_open_object(json, NULL);
        keel_json_put_text(json, "api_key", venue->keys.at[i].api_key);
        keel_json_put_text(json, "api_secret", venue->keys.at[i].api_secret);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
    keel_json_close_object(json);
}

#include "net/net.h"

#include "net/http.h"
#include "net/websocket.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    UNSENT_MAX = 64, /* a session has no more requests in flight */
};

struct keel_net {
    struct keel_net_config config;
    struct keel_multi *multi;
    struct keel_http *http;
    struct keel_websockets *streams;
    uv_timer_t unsent_timer; /* tells from the loop of frames that did not leave */
    uint64_t unsent[UNSENT_MAX];
    size_t unsent_count;
};

static uv_once_t curl_once = UV_ONCE_INIT;

/* Kept until the process ends: libcurl counts, but other users of it in the process may not. */
static void start_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* The kernel's generator. It is ready before any program runs, so nothing is left to handle but a
 * signal. */
static void fill_random(void *bytes, size_t size)
{
    unsigned char *at = bytes;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0)
            continue;
        at += got;
        size -= (size_t)got;
    }
}

enum keel_status keel_net_place(const struct keel_venue *venue, bool demo, const char *url,
                                struct keel_net_config *config, struct keel_error *error)
{
    if (demo && url)
        return keel_fail(error, KEEL_CONFIG, "the demo hosts of %s and the URL %.100s: choose one",
                         venue->name, url);
    const struct keel_hosts *hosts = demo ? &venue->demo : &venue->live;
    config->stream_path = url ? NULL : hosts->stream_path;
    enum keel_status status =
        keel_url_parse(keel_str_from(url ? url : hosts->rest), &config->rest, error);
    for (int kind = 0; kind < KEEL_STREAM_KINDS && status == KEEL_OK; kind++)
        status = keel_url_parse(keel_str_from(url ? url : hosts->stream[kind]),
                                &config->stream[kind], error);
    return status;
}

/* Of those that are there now: the owner may send more from there. */
static void answer_unsent(uv_timer_t *timer)
{
    struct keel_net *net = timer->data;
    const struct keel_net_handlers *handlers = &net->config.handlers;
    struct keel_transport transport = {.kind = KEEL_TRANSPORT_NOT_SENT,
                                       .reason = "the order-entry stream is closed"};
    uint64_t unsent[UNSENT_MAX];
    size_t count = net->unsent_count;
    memcpy(unsent, net->unsent, sizeof(unsent));
    net->unsent_count = 0;
    for (size_t i = 0; i < count; i++)
        handlers->on_transport(handlers->user, unsent[i], &transport);
}

static void send_frame(struct keel_net *net, const struct keel_effect *effect)
{
    keel_str text = {effect->frame.frame->text, effect->frame.frame->size};
    if (keel_websockets_send(net->streams, effect->frame.number, text))
        return;
    KEEL_ASSERT(net->unsent_count < UNSENT_MAX);
    net->unsent[net->unsent_count++] = effect->frame.id;
    uv_timer_start(&net->unsent_timer, answer_unsent, 0, 0);
}

static bool build_parts(struct keel_net *net)
{
    const struct keel_net_config *config = &net->config;
    net->multi = keel_multi_new(config->loop);
    if (!net->multi)
        return false;
    uv_timer_init(config->loop, &net->unsent_timer);
    net->unsent_timer.data = net;

    struct keel_http_config http = {
        .multi = net->multi,
        .loop = config->loop,
        .url = config->rest,
        .key_header_line = config->key_header_line,
        .ca_file = config->ca_file,
        .user = config->handlers.user,
        .on_transport = config->handlers.on_transport,
    };
    struct keel_websockets_config streams = {
        .multi = net->multi,
        .loop = config->loop,
        .ca_file = config->ca_file,
        .path = config->stream_path,
        .user = config->handlers.user,
        .on_opened = config->handlers.on_stream_opened,
        .on_message = config->handlers.on_stream_message,
        .on_alive = config->handlers.on_stream_alive,
        .on_closed = config->handlers.on_stream_closed,
        .random = fill_random,
    };
    net->http = keel_http_new(&http);
    net->streams = keel_websockets_new(&streams);
    return net->http && net->streams;
}

struct keel_net *keel_net_new(const struct keel_net_config *config, struct keel_error *error)
{
    uv_once(&curl_once, start_curl);
    struct keel_net *net = calloc(1, sizeof(*net));
    if (net) {
        net->config = *config;
        if (build_parts(net))
            return net;
    }
    keel_net_free(net);
    (void)keel_fail(error, KEEL_IO, "no memory or no descriptor for the network");
    return NULL;
}

static void free_net(uv_handle_t *handle)
{
    free(handle->data);
}

void keel_net_free(struct keel_net *net)
{
    if (!net)
        return;
    keel_websockets_free(net->streams);
    keel_http_free(net->http);
    if (net->multi) {
        keel_multi_free(net->multi);
        uv_timer_stop(&net->unsent_timer);
        uv_close((uv_handle_t *)&net->unsent_timer, free_net);
    } else {
        free(net);
    }
}

void keel_net_perform(struct keel_net *net, const struct keel_effect *effect)
{
    switch (effect->kind) {
    case KEEL_EFFECT_NONE: break;
    case KEEL_EFFECT_REQUEST:
        keel_http_send(net->http, effect->request.id, effect->request.request,
                       effect->request.timeout_ms);
        break;
    case KEEL_EFFECT_OPEN_STREAM:
        keel_websockets_open(net->streams, effect->stream.number,
                             &net->config.stream[effect->stream.kind], effect->stream.request);
        break;
    case KEEL_EFFECT_CLOSE_STREAM:
        keel_websockets_close(net->streams, effect->stream.number);
        break;
    case KEEL_EFFECT_PING_STREAM: keel_websockets_ping(net->streams, effect->stream.number); break;
    case KEEL_EFFECT_SEND_FRAME: send_frame(net, effect); break;
    case KEEL_EFFECT_RECORD: break; /* the journal's */
    }
}

/* net.h - carries out what a session asks of the world: requests and streams on a libuv loop.
 *
 * One per client. Calls back from the loop alone, never from inside a function of this header. */
#ifndef KEEL_NET_H
#define KEEL_NET_H

#include "net/url.h"
#include "session/effect.h"

#include <uv.h>

enum {
    KEEL_KEY_HEADER_SIZE = KEEL_API_KEY_SIZE + 64,
};

struct keel_net;

/* What happened. transport, bytes and reason are good during the call, which may perform further
 * effects. */
struct keel_net_handlers {
    void *user;
    void (*on_transport)(void *user, uint64_t id, const struct keel_transport *transport);
    void (*on_stream_opened)(void *user, uint32_t number);
    void (*on_stream_message)(void *user, uint32_t number, keel_str bytes);
    void (*on_stream_alive)(void *user, uint32_t number); /* a ping or a pong came */
    void (*on_stream_closed)(void *user, uint32_t number, const char *reason);
};

struct keel_net_config {
    uv_loop_t *loop;
    struct keel_url rest;
    struct keel_url stream[KEEL_STREAM_KINDS];
    const char *stream_path;     /* in the place of what streams ask for; NULL. Borrowed for life */
    const char *key_header_line; /* "X-MBX-APIKEY: abc"; borrowed for life. NULL: no key */
    const char *ca_file;         /* NULL: the system's certificates. Borrowed for life */
    struct keel_net_handlers handlers;
};

/* Where a venue is: its own hosts, its demo hosts, or one URL in the place of all of them. url may
 * be NULL. KEEL_CONFIG for a URL that cannot be a base, or for both. */
KEEL_MUST_USE enum keel_status keel_net_place(const struct keel_venue *venue, bool demo,
                                              const char *url, struct keel_net_config *config,
                                              struct keel_error *error);

/* NULL with *error filled when memory or descriptors are missing. */
struct keel_net *keel_net_new(const struct keel_net_config *config, struct keel_error *error);

/* Drops what is in flight unanswered and closes streams unheard. The memory goes when the loop has
 * run once more. NULL is fine. Not from inside a handler. */
void keel_net_free(struct keel_net *net);

/* A request is answered by on_transport, exactly once; an opened stream is told of until it closes
 * or is closed. */
void keel_net_perform(struct keel_net *net, const struct keel_effect *effect);

#endif

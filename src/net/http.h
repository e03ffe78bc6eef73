/* http.h - requests to one venue's host: each is answered exactly once, each write leaves at most
 * once.
 *
 * HTTP/1.1, verified TLS, no redirect followed, nothing decompressed. A proxy is taken from the
 * environment as curl does (http_proxy, https_proxy, no_proxy), but never for this machine itself.
 *
 * What is promised of a request that is not idempotent: libcurl repeats a request by itself when a
 * connection that it kept alive dies before the reply begins. Three things hold it back, each
 * enough alone: a body comes from a read callback that refuses to rewind; a request without one
 * takes a connection of its own; and libcurl must ask us each time that it is about to send, and is
 * told no the second time. The same question tells “not sent” from “lost”: when it was never asked,
 * no byte left. */
#ifndef KEEL_HTTP_H
#define KEEL_HTTP_H

#include "net/multi.h"
#include "net/url.h"
#include "session/effect.h"

enum {
    KEEL_CALLS_MAX = 128,            /* in flight: more than a session ever has */
    KEEL_REPLY_SIZE_MAX = 16 << 20,  /* bytes of a body; a larger one is LOST */
    KEEL_REPLY_SIZE_KEPT = 64 << 10, /* of a buffer, from one request to the next */
    KEEL_REPLY_HEADERS_SIZE = 4096,  /* more of them are not kept */
    KEEL_CONNECT_TIMEOUT_MS = 5000,  /* at most; a request's own timeout may be shorter */
};

struct keel_http;

struct keel_http_config {
    struct keel_multi *multi;
    uv_loop_t *loop;
    struct keel_url url;
    /* "X-MBX-APIKEY: abc", or NULL. Borrowed for life, so that the key stays where its owner put
     * it; libcurl copies it into the buffer of each request. */
    const char *key_header_line;
    const char *ca_file; /* certificates to trust instead of the system's; NULL: the system's */

    /* Called from the loop. transport and what it points to are good during the call; it may send
     * further requests. */
    void *user;
    void (*on_transport)(void *user, uint64_t id, const struct keel_transport *transport);
};

/* NULL when there is no memory. */
struct keel_http *keel_http_new(const struct keel_http_config *config);

/* Drops what is in flight unanswered. The memory goes when the loop has run once more. */
void keel_http_free(struct keel_http *http);

/* The request is borrowed until its answer was given. */
void keel_http_send(struct keel_http *http, uint64_t id, const struct keel_request *request,
                    int64_t timeout_ms);

#endif

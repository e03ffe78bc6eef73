/* websocket.h - WebSocket streams: libcurl connects (TLS, proxies), http-parser reads the reply to
 * the upgrade, wslay does the frames.
 *
 * Text comes whole; a ping is answered with its own payload; a close is answered. Per stream:
 *
 *     state       input               next        then
 *     CONNECTING  connected           UPGRADING   the upgrade request leaves
 *     UPGRADING   101, proved ours    OPEN        the first frame leaves; on_opened
 *     OPEN        text                same        on_message
 *     OPEN        ping, pong          same        on_alive
 *     OPEN        close frame, end    gone        on_closed
 *     OPEN        bytes out of order  gone        a close frame leaves; on_closed
 *     OPEN        keel_websockets_close  CLOSING     a close frame leaves
 *     CLOSING     close frame, end,   gone
 *                 a second over
 *     CLOSING     anything else       same        nothing is told
 *     the others  keel_websockets_close  gone
 *     the others  failure, time over  gone        on_closed
 *
 * "Gone" frees the stream; its number is never heard of again. on_closed comes at most once, and
 * nothing comes after it or after keel_websockets_close. */
#ifndef KEEL_WEBSOCKET_H
#define KEEL_WEBSOCKET_H

#include "net/multi.h"
#include "net/url.h"
#include "session/effect.h"

enum {
    KEEL_MESSAGE_SIZE_MAX = 1 << 20,      /* a larger one closes its stream */
    KEEL_HANDSHAKE_TIMEOUT_MS = 10000,    /* from the connect to the end of the upgrade */
    KEEL_CLOSE_TIMEOUT_MS = 1000,         /* for the answer to our close frame */
    KEEL_STREAM_TURN_SIZE_MAX = 32 << 10, /* bytes read in one turn, so that others get theirs */
};

struct keel_websockets;

struct keel_websockets_config {
    struct keel_multi *multi;
    uv_loop_t *loop;
    const char *ca_file; /* NULL: the system's certificates */
    const char *path;    /* of every stream, in the place of its request's; NULL: the request's */

    /* All called from the loop. They may open and close streams. */
    void *user;
    void (*on_opened)(void *user, uint32_t number);
    void (*on_message)(void *user, uint32_t number, keel_str bytes);
    void (*on_alive)(void *user, uint32_t number);
    void (*on_closed)(void *user, uint32_t number, const char *reason);

    /* Fills bytes with what nobody can guess: frames are masked with it (RFC 6455, 10.3). */
    void (*random)(void *bytes, size_t size);
};

/* NULL when there is no memory. */
struct keel_websockets *keel_websockets_new(const struct keel_websockets_config *config);

/* Closes what is open, at once and unheard. The memory goes when the loop has run once more. */
void keel_websockets_free(struct keel_websockets *streams);

/* Begins; url and request are copied. */
void keel_websockets_open(struct keel_websockets *streams, uint32_t number,
                          const struct keel_url *url, const struct keel_stream_request *request);

/* A ping of the protocol; its pong is told by on_alive. A number that is not open is fine. */
void keel_websockets_ping(struct keel_websockets *streams, uint32_t number);

/* One text frame. False: certainly no byte of it will leave. After true it may or may not arrive,
 * as anything on a socket. */
KEEL_MUST_USE bool keel_websockets_send(struct keel_websockets *streams, uint32_t number,
                                        keel_str text);

/* A number that is not open is fine. */
void keel_websockets_close(struct keel_websockets *streams, uint32_t number);

#endif

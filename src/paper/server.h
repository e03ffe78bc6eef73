/* server.h - the paper venue's sockets: HTTP/1.1 and WebSocket on one port.
 *
 * Its files and paper.c are the only ones of paper/ that do I/O. Knows paths, headers and frames,
 * and no venue's words. Runs on the loop it is given; not thread-safe. It binds what it is told,
 * and nothing else. No signal is raised by a client that goes away. */
#ifndef PAPER_SERVER_H
#define PAPER_SERVER_H

#include "paper/venue.h"

enum {
    PAPER_CONNECTIONS_MAX = 1024,   /* further ones are closed at once */
    PAPER_HEADERS_MAX = 64,         /* of one request: 431 */
    PAPER_HEAD_SIZE_MAX = 32 << 10, /* address and headers: 431 */
    PAPER_BODY_SIZE_MAX = 1 << 20,  /* 413 */
    PAPER_MESSAGE_SIZE_MAX = 1 << 20,
    PAPER_UNSENT_MAX = 128 << 20, /* a client that takes less is cut off */
};

struct uv_loop_s;
struct paper_server;

/* "127.0.0.1:0", "[::1]:8080": port 0 picks a free one. Listens when it returns. NULL, with the
 * reason, if it cannot. */
struct paper_server *paper_server_open(struct uv_loop_s *loop, struct paper_venue *venue,
                                       const char *listen, struct keel_error *error);

/* Closes what is open; `closed` is called by the loop once nothing is left of the server. */
void paper_server_close(struct paper_server *server, void (*closed)(void *user), void *user);

/* "127.0.0.1:43121" */
const char *paper_server_authority(const struct paper_server *server);

/* Sends what waits: after each call of the venue from outside, and about every 10 ms for clients
 * that take their bytes slowly. */
void paper_server_flush(struct paper_server *server);

/* The wall clock. */
int64_t paper_server_now_ms(void);

#endif

/* server_state.h - the server and one connection, as its files share them.
 *
 * server.c listens, accepts and closes; server_http.c reads requests and writes responses;
 * server_frames.c has the frames of a connection that became a WebSocket; server_bytes.c is where
 * all of it leaves. */
#ifndef PAPER_SERVER_STATE_H
#define PAPER_SERVER_STATE_H

#include "paper/server.h"

#include <http_parser.h>
#include <time.h>
#include <uv.h>
#include <wslay/wslay.h>

enum {
    PAPER_READ_SIZE = 64 << 10,
    PAPER_PEER_SIZE = 64,
};

/* A run of the request's text; an offset, for the text moves when it grows. */
struct span {
    size_t begin, size;
};

/* A request while it is being read: all its bytes in one buffer. */
struct inbox {
    char *text;
    size_t size, capacity;
    struct span url, body;
    struct span names[PAPER_HEADERS_MAX], values[PAPER_HEADERS_MAX];
    int header_count;
    bool in_value;
    int refusal; /* an HTTP status: the request is answered with it, and the connection ends */
};

struct paper_connection {
    uv_tcp_t tcp; /* first: a handle is its connection */
    struct paper_server *server;
    struct paper_connection *previous, *next;
    char address[PAPER_PEER_SIZE];
    http_parser parser;
    struct inbox inbox;
    struct paper_stream *stream; /* NULL before the upgrade */
    wslay_event_context_ptr frames;
    keel_str input; /* what wslay has not read yet */
    char *out;      /* what the socket has not taken yet */
    size_t out_size, out_sent, out_capacity;
    int64_t held_until_ms;   /* a fault: nothing is sent before */
    bool cutting;            /* a fault: closed without a word once all is sent */
    int64_t cut_body_at;     /* a fault: cut when so much of the request's body is there; -1: no */
    bool ending;             /* no more is read; to be closed once all is sent */
    int64_t linger_until_ms; /* all is sent: the client's end is waited for until then */
    bool doomed;             /* to be closed now */
};

struct paper_server {
    uv_tcp_t tcp; /* first */
    struct paper_venue *venue;
    struct paper_connection *connections;
    int connection_count;
    int handle_count; /* that the loop still knows */
    char authority[PAPER_PEER_SIZE];
    char date[40]; /* of the second below */
    time_t date_second;
    uv_loop_t *loop;
    struct sockaddr_storage address; /* bound, with the port that was picked */
    bool listening;                  /* the handle is the loop's, and not on its way out */
    bool gone;                       /* the loop has let go of it */
    bool closing;                    /* the whole server */
    struct paper_response response;
    char read_buffer[PAPER_READ_SIZE];
    void (*closed)(void *user);
    void *user;
};

/* server_bytes.c: puts bytes behind those that wait. One that takes too few of them is doomed. */
void paper_connection_put(struct paper_connection *connection, keel_str text);
size_t paper_connection_unsent(const struct paper_connection *connection);

/* Of what was put since so much was unsent, only the first bytes leave, and then the connection
 * ends. */
void paper_connection_cut_after(struct paper_connection *connection, size_t unsent, size_t bytes);

/* Sends what the socket takes. */
void paper_connection_flush(struct paper_connection *connection);

/* server_frames.c: false if there is no memory. */
bool paper_connection_begin_frames(struct paper_connection *connection);
void paper_connection_read_frames(struct paper_connection *connection, keel_str bytes);

/* Where every frame leaves. */
void paper_connection_send(struct paper_connection *connection, const struct paper_frame *frame);

/* server_http.c */
void paper_connection_begin_requests(struct paper_connection *connection);
void paper_connection_read_requests(struct paper_connection *connection, keel_str bytes);

#endif

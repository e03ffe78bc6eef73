/* world_internal.h - what the files of the world share: what is in it, and what they ask of each
 * other.
 *
 * queue.c holds what is yet to happen, chance.c draws; requests.c and wires.c are the network seen
 * from both ends, process.c is a client's process with its journal, its death and its next life;
 * struck.c counts what went wrong, and world.c lets time pass. */
#ifndef TEST_SIM_WORLD_INTERNAL_H
#define TEST_SIM_WORLD_INTERNAL_H

#include "world.h"

#include "venue/venue.h"

enum {
    STRAY_MAX_MS = 1500, /* so late is what arrives when its sender believes it lost */

    CLIENT_STREAMS_MAX = 64,
    HEADERS_MAX = 16,
    RESPONSE_BODY_SIZE = 4 << 20,
    WRITES_MAX = 64,
    PATH_SIZE = 512,
};

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
    bool reply_lost;    /* request, command: its reply will be */
    bool unanswered;    /* request: it is, without a word */
    bool late;          /* request: it was longer on its way than keel's windows are wider */
    uint32_t stream;    /* number */
    struct keel_request *request;
    uint64_t intent; /* request, command: the number of its intent; 0: none */
    bool entry;      /* frame: a command on the order-entry stream */
    bool gone;       /* request: it went down with its sender; frame: it has arrived */
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
    bool out; /* no connection can be made */
    int64_t entries, limited;
    int64_t silences; /* that faults had asked for when the venue last answered */
    int64_t late_ns;  /* when a late request came last */
    uint64_t sequence, digest;
    int64_t now_ns;
    char *response_body;
    char response_headers[PAPER_RESPONSE_HEADERS_SIZE];
    bool (*keep)(void *user, int client, keel_str frame);
    void *keep_user;
};

/* Ends the process: a harness has nobody to tell. */
_Noreturn void world_give_up(const char *what);
void *world_take(size_t size);
char *world_copy(const char *bytes, size_t size);

/* The watcher, before and after the venue handles a write. */
void world_watch_write(const struct world *world,
                       void (*watch)(void *user, int client, uint64_t intent),
                       const struct happening *write);

/* The venue has answered so: was that too much for it? */
void world_note_status(struct world *world, int status);

/* Something went over a wire: it counts in the digest. */
void world_note_bytes(struct world *world, const char *bytes, size_t size);

/* --- queue.c: what is yet to happen ------------------------------------------------------------
 */

void world_schedule(struct world *world, int64_t at_ns, struct happening happening);
struct happening world_take_next(struct world *world);
void happening_drop(struct happening *happening);

/* --- chance.c ----------------------------------------------------------------------------------
 */

/* A chance in a million, counted when it strikes. */
bool world_strikes(struct world *world, int chance, enum world_fault kind);
int64_t world_delay_ns(struct world *world);

/* A time after a random delay, but not before what was sent earlier on the same way. */
int64_t world_arrival_ns(struct world *world, int64_t *last_ns);

/* By how much a reply or frame is late. */
int64_t world_late_ns(struct world *world);

/* --- requests.c: from a client to the venue and back --------------------------------------------
 */

void request_leave(struct world *world, int client, const struct keel_effect *effect,
                   uint64_t intent);
void request_handle(struct world *world, struct happening *happening);
void request_give_reply(struct world *world, struct happening *happening);
void request_give_loss(struct world *world, const struct happening *happening);

/* No reply comes; the client hears of it now, or when it has waited as long as it wants to. */
void request_lose(struct world *world, const struct happening *request, bool sent,
                  int64_t after_ns);

/* What streams begin with, too. */
struct paper_response request_begin_response(struct world *world);
int request_add_headers(const char *lines, struct paper_header headers[HEADERS_MAX], int count);

/* --- wires.c: streams --------------------------------------------------------------------------
 */

struct wire *wire_find(struct world *world, int client, uint32_t number);
void wire_open(struct world *world, int client, const struct keel_effect *effect);
void wire_close(struct world *world, int client, const struct keel_effect *effect);
void wire_ping(struct world *world, int number, const struct keel_effect *effect);
void wire_send(struct world *world, int client, const struct keel_effect *effect, uint64_t intent);
void wire_open_at_venue(struct world *world, struct happening *happening);
void wire_receive_at_venue(struct world *world, struct happening *happening);
void wire_close_at_venue(struct world *world, struct happening *happening);
void wire_cut_at_venue(struct world *world, struct happening *happening);
void wire_reach_client(struct world *world, struct happening *happening);

/* Frames that wait at the venue go on their way. */
void wires_collect(struct world *world);
void wires_close(struct world *world, struct client *client);

/* Of the commands that the client has on its wires some arrive, the oldest first. */
void wires_let_arrive(struct world *world, int client);

/* Every stream ends, and its client hears of it. */
void wires_cut(struct world *world);

/* --- process.c: one client's -------------------------------------------------------------------
 */

void process_begin(struct world *world, int number);
void process_end(struct world *world, int number);
void process_revive(struct world *world, int number);
void process_set_time(struct world *world, int client);
void process_carry_out(struct world *world, int number);
void process_end_turn(struct world *world, int number);

#endif

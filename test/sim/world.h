/* world.h - the whole of keel and the whole paper venue in one process, under one virtual clock.
 *
 * The real exchange, the real codec, the real engine and dialect; only sockets and clocks are
 * played. Everything that happens follows from the seed: the same seed gives the same run. A
 * network of its own carries requests, replies and frames with random delays; each connection keeps
 * its order, as TCP does. The venue's clock and each client's differ. */
#ifndef TEST_SIM_WORLD_H
#define TEST_SIM_WORLD_H

#include "exchange/exchange.h"
#include "paper/venue.h"

enum {
    WORLD_CLIENTS_MAX = 2,
    WORLD_ALWAYS = 1000000, /* a chance of one */
};

/* Everything that can go wrong in a world, counted when it strikes. */
enum world_fault {
    WORLD_REFUSED,        /* a request: no connection */
    WORLD_OUTAGE,         /* for a while there is no connection at all */
    WORLD_REQUEST_CUT,    /* at any byte */
    WORLD_REPLY_CUT,      /* at any byte */
    WORLD_STRAY,          /* a request that arrives when its sender believes it lost */
    WORLD_TIMEOUT,        /* no reply, and no word that there will be none */
    WORLD_LATE,           /* a reply or frame */
    WORLD_FRAME_CUT,      /* at any byte */
    WORLD_DEAD_STREAM,    /* it looks alive */
    WORLD_STREAM_REFUSED, /* an upgrade */
    WORLD_FRAME_DELAYED,
    WORLD_FRAME_DROPPED,
    WORLD_FRAME_DUPLICATED,
    WORLD_FRAME_REORDERED,
    WORLD_ANSWER_DROPPED, /* to an order on the order-entry stream */
    WORLD_SILENCE,        /* a frame that it swallowed */
    WORLD_503_EXECUTED,   /* of the unknown kind, carried out */
    WORLD_503_UNSEEN,     /* of the unknown kind, not carried out */
    WORLD_503_SERVICE,    /* unavailable */
    WORLD_503_INTERNAL,
    WORLD_503_THROTTLED,
    WORLD_408_EXECUTED,
    WORLD_408_UNSEEN,
    WORLD_429,
    WORLD_418,
    WORLD_KEY_EXPIRED,    /* a listen key, with notice */
    WORLD_KEY_LOST,       /* a listen key, without a word */
    WORLD_VENUE_CLOCK,    /* it jumped */
    WORLD_CLIENT_CLOCK,   /* it jumped */
    WORLD_SUSPENDED,      /* a client's process stood still */
    WORLD_OUTLIVED,       /* or was dead, until the venue had forgotten the names of its orders */
    WORLD_KILLED,         /* at a random moment */
    WORLD_KILLED_UNKEPT,  /* its intent told to the journal, not durable */
    WORLD_KILLED_UNSENT,  /* its intent durable, no byte out */
    WORLD_KILLED_SENT,    /* its bytes out, nothing else done */
    WORLD_KILLED_LOADING, /* at a random moment of a start that was not over */
    WORLD_FAULT_KINDS,
};

struct world;

const char *world_fault_name(enum world_fault kind);

/* Whether it can happen on the wire of this venue at all. */
bool world_fault_exists(enum world_fault kind, const struct keel_venue *venue);

/* Orders can be entered by a stream there. */
bool world_has_order_stream(const struct keel_venue *venue);

/* So long the world's venue finds an order by our name for it; 0: for ever. */
int64_t world_name_life_ms(const struct world *world);

/* What a world tells whoever judges it. All may be NULL. */
struct world_watcher {
    void *user;
    /* A record on its way into the journal. */
    void (*on_record)(void *user, int client, const struct keel_record *record);
    /* A write with the number of its intent, right before and right after the venue handles it; 0:
     * it left without one. */
    void (*before_write)(void *user, int client, uint64_t intent);
    void (*after_write)(void *user, int client, uint64_t intent);
    void (*on_stream_wanted)(void *user, int client, enum keel_stream_kind kind, int64_t now_ns);
    void (*on_death)(void *user, int client);
};

/* What the network does wrong, each as a chance in a million. What the venue does wrong is its own:
 * world_venue_fault. */
struct world_faults {
    /* of a request */
    int refused;     /* no connection: certainly nothing left */
    int lost_before; /* cut at any byte of it: the venue never sees it */
    int lost_after;  /* cut at any byte of the reply: the venue carried it out */
    int timeout;     /* the reply never comes, nor a word that the connection is dead */
    int stray;       /* the connection is dead, and its last bytes arrive a while later */
    /* of a frame */
    int cut;            /* the stream ends at any byte of it; what follows is lost */
    int dead;           /* the stream is dead and looks alive */
    int stream_refused; /* of an upgrade */
    int64_t late_ms;    /* a reply or frame is late by at most so much, one in a hundred */
};

struct world_config {
    uint64_t seed;
    const struct keel_venue *venue;
    int clients;
    int64_t delay_max_ns;   /* of anything on the wire; 0: none */
    int64_t clock_skew_ms;  /* clients' clocks are off by at most so much */
    int64_t silence_max_ms; /* of the clients; 0: the venue's bounds */
    int64_t market_speed;   /* market milliseconds a virtual millisecond; 0: by hand */
    enum keel_order_entry order_entry;
    keel_decimal deposit, insurance;
    struct keel_handlers handlers[WORLD_CLIENTS_MAX];
    const char *const *symbols; /* NULL: two of the venue's */
    size_t symbol_count;
    const char *journals; /* the folder of the clients' journals; NULL: they keep none */
    struct world_watcher watcher;
};

/* Of binance's futures. */
struct world_config world_config_init(uint64_t seed);

/* Ends the process with a sentence when something cannot be: a harness has nobody to tell. */
struct world *world_new(const struct world_config *config);
void world_free(struct world *world);

const struct world_config *world_config(const struct world *world);
struct keel_futures *world_futures(struct world *world, int client); /* NULL: spot */
struct keel_private *world_base(struct world *world, int client);
struct paper_engine *world_engine(struct world *world);
struct paper_spot *world_spot(struct world *world); /* NULL: the venue trades futures */

/* Whether the venue counts what withdrawals hold among what is locked; else it tells of it apart.
 */
bool world_is_gateio(const struct world *world);
int64_t world_now_ns(const struct world *world);
/* The venue as the clients know it. */
const struct keel_venue *world_codec(const struct world *world);
int64_t world_venue_ms(const struct world *world);
int64_t world_clock_ms(const struct world *world); /* what its clock shows, jumps included */

/* Random numbers of the world's seed. */
uint64_t world_random(struct world *world, uint64_t below);

/* Lets everything happen that is due in the next so many milliseconds. */
void world_run(struct world *world, int64_t ms);

/* Runs until *done or the time is over; false if it is over. */
bool world_run_until(struct world *world, const bool *done, int64_t ms);

/* Starts every client and runs until all are live. False, with the reason, if one is not. */
bool world_start(struct world *world, struct keel_error *error);

/* Market milliseconds a virtual millisecond from now on; 0: the market stands still. */
void world_set_market_speed(struct world *world, int64_t speed);

/* Coins come in from outside: pending now, and credited a while later. */
void world_deposit(struct world *world, int client, const char *asset, keel_decimal amount);

/* Jumps a price at the venue, now. */
void world_set_price(struct world *world, const char *symbol, const char *price);

/* Called for each text frame on its way to a client; false drops it. NULL: none. */
void world_set_filter(struct world *world, bool (*keep)(void *user, int client, keel_str frame),
                      void *user);

/* What the network does wrong from now on. Whoever was to die at the next write is spared. */
void world_set_faults(struct world *world, const struct world_faults *faults);

/* One more thing that the venue does wrong, in the words of docs/paper.md; and none any more. */
void world_venue_fault(struct world *world, const char *json);
void world_clear_venue_faults(struct world *world);

/* The client's wall clock jumps; the monotonic one does not. */
void world_jump_clock(struct world *world, int client, int64_t ms);

/* The client's process stands still for so long; what comes meanwhile waits in its sockets. */
void world_suspend(struct world *world, int client, int64_t ms);
bool world_is_suspended(const struct world *world, int client);

/* The client's process dies with all that it knew, at once or at the next write: see enum
 * world_fault. What it gave to the network arrives or does not; what was on its way to it is
 * nobody's. After so long another process begins, with what the journal tells it. While it is dead
 * the client has no exchange. Only with journals. */
void world_kill(struct world *world, int client, enum world_fault how, int64_t down_ms);
bool world_is_alive(const struct world *world, int client);

/* Of the client's process, from 1. */
uint32_t world_life(const struct world *world, int client);

/* A start that failed is made again, as whoever runs the process would. */
void world_start_again(struct world *world, int client);

/* What the clients have told their journals so far is durable; and where the journal is. */
void world_keep(struct world *world, int client);
const char *world_journal(const struct world *world, int client);

/* Commands that left on the order-entry stream so far. */
int64_t world_entries(const struct world *world);

/* How often the venue refused something because it was too much, and no fault made it. */
int64_t world_limited(const struct world *world);

/* How often something went wrong so far. */
int64_t world_struck(struct world *world, enum world_fault kind);

/* How finely the venue's clock ticks: 10 ms unless said otherwise. */
void world_set_tick(struct world *world, int64_t ms);

/* The number of the client's open stream whose path has that part; 0 if there is none. */
uint32_t world_stream(const struct world *world, int client, const char *path_part);

/* What passed over the wires, as one number: two runs of a seed must agree on it. */
uint64_t world_digest(const struct world *world);

#endif

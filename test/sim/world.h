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

/* What the network does wrong, each as a chance in a million. What the venue does wrong is its own:
 * world_venue_fault. */
struct world_faults {
    /* of a request */
    int refused;     /* no connection: certainly nothing left */
    int lost_before; /* cut at any byte of it: the venue never sees it */
    int lost_after;  /* cut at any byte of the reply: the venue carried it out */
    int timeout;     /* the reply never comes, nor a word that the connection is dead */
    /* of a frame */
    int cut;            /* the stream ends at any byte of it; what follows is lost */
    int dead;           /* the stream is dead and looks alive */
    int stream_refused; /* of an upgrade */
    int64_t late_ms;    /* a reply or frame is late by at most so much, one in a hundred */
};

struct world_config {
    uint64_t seed;
    int clients;
    int64_t delay_max_ns;   /* of anything on the wire; 0: none */
    int64_t clock_skew_ms;  /* clients' clocks are off by at most so much */
    int64_t silence_max_ms; /* of the clients; 0: the venue's bounds */
    int64_t market_speed;   /* market milliseconds a virtual millisecond; 0: by hand */
    keel_decimal deposit;
    struct keel_handlers handlers[WORLD_CLIENTS_MAX];
    const char *const *symbols;
    size_t symbol_count;
};

struct world_config world_config_init(uint64_t seed);

struct world;

/* Ends the process with a sentence when something cannot be: a harness has nobody to tell. */
struct world *world_new(const struct world_config *config);
void world_free(struct world *world);

struct keel_futures *world_futures(struct world *world, int client);
struct keel_private *world_base(struct world *world, int client);
struct paper_engine *world_engine(struct world *world);
int64_t world_now_ns(const struct world *world);
int64_t world_venue_ms(const struct world *world);

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

/* Jumps a price at the venue, now. */
void world_set_price(struct world *world, const char *symbol, const char *price);

/* Called for each text frame on its way to a client; false drops it. NULL: none. */
void world_set_filter(struct world *world, bool (*keep)(void *user, int client, keel_str frame),
                      void *user);

/* What the network does wrong from now on. */
void world_set_faults(struct world *world, const struct world_faults *faults);

/* One more thing that the venue does wrong, in the words of docs/paper.md; and none any more. */
void world_venue_fault(struct world *world, const char *json);
void world_clear_venue_faults(struct world *world);

/* Every open stream ends, now. */
void world_cut_streams(struct world *world);

/* The client's wall clock jumps; the monotonic one does not. */
void world_jump_clock(struct world *world, int client, int64_t ms);

/* The client's process stands still for so long; what comes meanwhile waits in its sockets. */
void world_suspend(struct world *world, int client, int64_t ms);
bool world_is_suspended(const struct world *world, int client);

/* The client's process dies, with all that it knew, and another begins with what the recovery tells
 * it. Whatever was on its way to the old one is nobody's. */
void world_restart_client(struct world *world, int client, const struct keel_recovery *recovery,
                          uint64_t client_id_first);

/* How finely the venue's clock ticks: 10 ms unless said otherwise. */
void world_set_tick(struct world *world, int64_t ms);

/* The number of the client's open stream whose path has that part; 0 if there is none. */
uint32_t world_stream(const struct world *world, int client, const char *path_part);

/* What passed over the wires, as one number: two runs of a seed must agree on it. */
uint64_t world_digest(const struct world *world);

#endif

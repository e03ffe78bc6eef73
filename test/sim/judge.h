/* judge.h - what the clients of one run were told, added up, and held against the venue.
 *
 * A second, simpler account than keel's own: sums of executions, and the fate of every command. */
#ifndef TEST_SIM_JUDGE_H
#define TEST_SIM_JUDGE_H

#include "deeds.h"

enum {
    FILLS_MAX = 4096,
    INTENTS_MAX = 2048,
    MARKETS_MAX = 4, /* that the runs trade, and none */

    /* Streams of one kind that one life may ask for within a minute. The back-off allows eleven;
     * twice that, as a stream that lasted a minute takes the failures before it back; and those
     * that replace one that was silent, or whose key has gone. */
    STREAMS_A_MINUTE_MAX = 28,
};

struct judge;

/* One order that a client wanted, under a client id of ours. */
struct intent {
    struct judge *judge;
    char client_id[KEEL_CLIENT_ID_SIZE];
    uint32_t life; /* in which it was wanted */
    enum keel_order_family family;
    enum keel_fate fate; /* none: not told yet */
    keel_decimal filled; /* as last told */
    bool done;           /* it was told that the order is over */
};

struct fill {
    uint32_t life; /* in which it was told: another may be told again */
    keel_market_id market;
    char trade_id[KEEL_ORDER_ID_SIZE];
    keel_decimal quantity; /* signed */
    keel_decimal price, fee;
    char fee_asset[KEEL_ASSET_SIZE];
    keel_decimal realized_pnl; /* absent: not told */
};

/* What one client was told, added up. */
struct judge {
    uint32_t life;
    struct fill fills[FILLS_MAX];
    int fill_count;
    keel_decimal funding;
    int differences, unknowns;
    int results[5];                         /* by fate */
    int refused;                            /* by the gate */
    int64_t withdrew_ns, paid_ns;           /* the last time */
    char withdrawal_id[KEEL_ORDER_ID_SIZE]; /* that the venue gave the last one; "": none */
    bool faulty;                            /* differences are to be expected */

    struct intent intents[INTENTS_MAX];
    int intent_count;
    int told_forced[MARKETS_MAX]; /* positions that the venue closed, as told */
    int backward; /* orders that were told to have less filled, or to be open again */
    int64_t
        wrong_since_ns[MARKETS_MAX]; /* a fresh read has differed from the venue; 0: it agrees */

    int64_t wanted_ns[KEEL_STREAM_KINDS][STREAMS_A_MINUTE_MAX]; /* streams, the last of them */
    int wanted_count[KEEL_STREAM_KINDS];
    bool restless; /* more of them than the back-off allows */
};

struct run {
    uint64_t seed;
    struct world *world;
    struct judge judges[WORLD_CLIENTS_MAX];
    struct deeds deeds;
    bool faulty; /* everything goes wrong */
    bool bursts; /* many commands come at once */
    bool hedge;  /* each market has a long and a short position */
    bool rough;  /* prices jump, and the venue has nothing to cover what that costs */
    bool failed;
};

/* The positions of a market; how many. */
int judge_legs(const struct run *run, enum keel_position_side legs[2]);

/* Something is wrong with this run: a sentence, after its seed. */
KEEL_PRINTF(2, 3) void judge_report(struct run *run, const char *format, ...);

struct keel_handlers judge_handlers(struct judge *judge);
struct world_watcher judge_watcher(struct run *run);

/* A new order of the client; its result goes to judge_on_fate with the intent as user. */
struct intent *judge_add_intent(struct run *run, int client, struct keel_order_request *request);
void judge_on_fate(void *user, const struct keel_result *result);

/* What keel holds, what it told and what the venue holds are the same, to the last digit. */
void judge_compare(struct run *run, int client);

/* Each intent has one order at the venue at most, and what was told of it is true there. */
void judge_compare_fates(struct run *run, int client);

/* Of each market in which the venue has closed a position, that was told. */
void judge_check_forced(struct run *run, int client);

/* No fill of a reduce-only order has made a position larger. */
void judge_check_reduce_only(struct run *run, int client);

/* A read now: stale while the account is not live; and one that is told to be fresh may differ from
 * the venue for so long and no longer. 0: for ever. */
void judge_check_reads(struct run *run, int client, int64_t differ_max_ns);

#endif

/* faults.h - what goes wrong in one run: chosen from the seed, stirred while it trades, ended. */
#ifndef TEST_SIM_FAULTS_H
#define TEST_SIM_FAULTS_H

#include "world.h"

struct faults {
    struct world *world;
    int clients;
    bool lossy;   /* frames were lost inside streams that live on: only a comparison can tell */
    int clock_ms; /* by which the venue's clock jumps ahead */
    /* How long a read that is told to be fresh may be wrong; 0: what is lost leaves no trace. */
    int64_t differ_max_ns;
    int64_t heal_ms;     /* what has been lost is found after so long at the latest */
    uint64_t kill_every; /* so many stirs, on average; 0: nobody is killed */
};

/* Before the world is made: how the clients are set up. */
void faults_configure(struct world_config *config);

/* Everything begins to go wrong: on the network, at the venue, in both. */
void faults_begin(struct faults *faults, struct world *world, const struct world_config *config);

/* Between two commands: clocks jump, processes stand still or are killed. */
void faults_stir(struct faults *faults);

/* Nothing goes wrong any more, and the market stands still. False: not all was settled, and not
 * every client was live again, within the time that it may take. */
bool faults_end(struct faults *faults);

#endif

/* spot.h - the operations of accounts that trade coins. */
#ifndef BENCH_SPOT_H
#define BENCH_SPOT_H

/* Those that the command line names, or all. */
void bench_run_spot(int count, char **names);

#endif

/* clock.h - the two clocks. The only place of the client side that reads one.
 *
 * Everything above is given the time as a parameter, once a turn. */
#ifndef KEEL_CLOCK_H
#define KEEL_CLOCK_H

#include <stdint.h>

/* Never goes back and never jumps; its zero means nothing. For ages and deadlines. */
int64_t keel_clock_now_ns(void);

/* Milliseconds since 1970, as this machine believes. For what the venue is told. */
int64_t keel_clock_wall_ms(void);

#endif

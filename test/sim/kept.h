/* kept.h - what the journal of a client has at the end, held against the venue. */
#ifndef TEST_SIM_KEPT_H
#define TEST_SIM_KEPT_H

#include "judge.h"

/* Each write that came to the venue has its intent and its true fate; each execution and funding
 * payment of the venue is there once, with its figures, and no other is; and what they add up to is
 * the venue's wallet. */
void kept_compare(struct run *run, int client);

#endif

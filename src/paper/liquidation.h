/* liquidation.h - what happens when maintenance margin is no longer covered.
 *
 * Pure. Open orders go first. Then the position is closed by an order of the venue's own at the
 * bankruptcy price, immediate or cancel; what the book does not take, the insurance fund takes over
 * at that price while it can bear the loss; else profitable accounts of the other direction are
 * deleveraged at that price, best ranked first, and the background bears what is left. */
#ifndef PAPER_LIQUIDATION_H
#define PAPER_LIQUIDATION_H

#include "paper/state.h"

/* Margin calls and liquidations of all accounts at the present marks. True if any account was
 * liquidated: prices and others' positions may have changed. */
bool paper_liquidation_run(struct paper_engine *engine);

/* The fund sells what it took over, as far as the book takes it. */
void paper_liquidation_unwind_fund(struct paper_engine *engine);

#endif

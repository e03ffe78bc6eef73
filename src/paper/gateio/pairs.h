/* pairs.h - the currency pairs of the venue's spot side, and its own names of the networks.
 *
 * Pure, static facts. Market ids are the spot engine's. */
#ifndef PAPER_GATEIO_PAIRS_H
#define PAPER_GATEIO_PAIRS_H

#include "paper/spot/instrument.h"

enum {
    GATEIO_PAIRS = 20,
    GATEIO_PAIR_ORDERS_MAX = 100, /* open orders of a user on a pair */
    GATEIO_PAIR_TRIGGERS_MAX = 50,
};

/* "BTC_USDT" with the venue's grids, limits and fees: the spot engine's table. */
struct paper_spot_instruments gateio_pairs(void);

/* What the venue calls a network, and the reverse; a name that it does not know stays as it is. */
const char *gateio_chain_of(const struct paper_network *network);
keel_str gateio_network_of(keel_str chain);

#endif

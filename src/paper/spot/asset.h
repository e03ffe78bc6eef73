/* asset.h - the coins of the spot side, and the networks by which they come and go.
 *
 * Pure, static facts: the fees, limits and address forms are of the size that live venues have. */
#ifndef PAPER_SPOT_ASSET_H
#define PAPER_SPOT_ASSET_H

#include "keel/market.h"

enum {
    PAPER_NETWORKS_MAX = 4,     /* of one asset */
    PAPER_ASSETS_MAX = 40,      /* of all tables */
    PAPER_NETWORK_SIZE = 16,    /* "ARBITRUM" */
    PAPER_ADDRESS_SIZE = 128,   /* an address, a memo */
    PAPER_TRANSACTION_SIZE = 72 /* what a chain calls a transaction */
};

/* An asset's place in the table. Zero is none. */
typedef uint8_t paper_asset_id;
#define PAPER_NO_ASSET ((paper_asset_id)0)
#define PAPER_USDT     ((paper_asset_id)1)

struct paper_network {
    char name[PAPER_NETWORK_SIZE]; /* "TRX" */
    const char *title;             /* "Tron (TRC20)" */
    keel_decimal fee, withdraw_min, withdraw_max, withdraw_multiple;
    const char *address_pattern; /* an extended regular expression */
    const char *memo_pattern;    /* NULL: it has no memos */
    const char *address_prefix;  /* of the addresses that are made: "T" */
    const char *address_letters; /* and what follows, so many of them */
    int address_length;
    int confirmations;
};

struct paper_asset {
    char code[KEEL_ASSET_SIZE]; /* "USDT" */
    const char *name;           /* "TetherUS" */
    int network_count;
    struct paper_network networks[PAPER_NETWORKS_MAX]; /* the usual one first */
};

/* Ids run from 1 to the count. The first call reads the table. */
int paper_asset_count(void);
const struct paper_asset *paper_asset_get(paper_asset_id asset); /* NULL: no such */
paper_asset_id paper_asset_find(keel_str code);                  /* upper case only */

/* The network's place, the usual one for an empty name; -1 if the asset does not know it. */
int paper_asset_find_network(const struct paper_asset *asset, keel_str name);

bool paper_network_takes_address(const struct paper_network *network, keel_str address);

/* A network without memos takes none. */
bool paper_network_takes_memo(const struct paper_network *network, keel_str memo);

/* An address of this network, by chance; with a closing zero byte. */
void paper_network_make_address(const struct paper_network *network, uint64_t chance,
                                char address[PAPER_ADDRESS_SIZE]);

#endif

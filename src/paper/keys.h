/* keys.h - the accounts' API keys, which follow from the seed.
 *
 * Pure. They protect play money on a local port: they are printed in the ready line. */
#ifndef PAPER_KEYS_H
#define PAPER_KEYS_H

#include "base/hmac.h"
#include "paper/random.h"

enum {
    PAPER_KEY_LENGTH = 64,
    PAPER_KEY_SIZE = PAPER_KEY_LENGTH + 1,
};

struct paper_key {
    int account; /* from 1 */
    char api_key[PAPER_KEY_SIZE];
    char api_secret[PAPER_KEY_SIZE];
    struct keel_hmac hmac; /* of the secret */
};

struct paper_keys {
    struct paper_key *at;
    int count;
};

/* False: out of memory. */
bool paper_keys_init(struct paper_keys *keys, uint64_t seed, int accounts);
void paper_keys_deinit(struct paper_keys *keys);

/* NULL if nobody has that key. */
const struct paper_key *paper_keys_find(const struct paper_keys *keys, keel_str api_key);

/* A name of letters and digits, with a closing zero byte. */
void paper_random_name(struct paper_random *random, char *name, size_t name_size);

#endif

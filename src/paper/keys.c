#include "paper/keys.h"

#include <stdlib.h>

void paper_random_name(struct paper_random *random, char *name, size_t name_size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i + 1 < name_size; i++)
        name[i] = letters[paper_random_next(random) % (sizeof(letters) - 1)];
    name[name_size - 1] = '\0';
}

bool paper_keys_init(struct paper_keys *keys, uint64_t seed, int accounts)
{
    *keys = (struct paper_keys){.at = calloc((size_t)accounts, sizeof(*keys->at))};
    if (!keys->at)
        return false;
    keys->count = accounts;
    struct paper_random random = {seed ^ UINT64_C(0x6b65656c2d6b6579)}; /* not the engine's row */
    for (int i = 0; i < accounts; i++) {
        struct paper_key *key = &keys->at[i];
        key->account = i + 1;
        paper_random_name(&random, key->api_key, sizeof(key->api_key));
        paper_random_name(&random, key->api_secret, sizeof(key->api_secret));
        keel_hmac_sha256_init(&key->hmac, keel_str_from(key->api_secret));
    }
    return true;
}

void paper_keys_deinit(struct paper_keys *keys)
{
    if (keys->at)
        keel_wipe(keys->at, (size_t)keys->count * sizeof(*keys->at));
    free(keys->at);
    *keys = (struct paper_keys){0};
}

const struct paper_key *paper_keys_find(const struct paper_keys *keys, keel_str api_key)
{
    for (int i = 0; i < keys->count; i++) {
        if (keel_str_equals(api_key, keel_str_from(keys->at[i].api_key)))
            return &keys->at[i];
    }
    return NULL;
}

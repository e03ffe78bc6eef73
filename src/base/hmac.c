/* The EVP interface allocates for every signature, so the plain hash states are used, which OpenSSL
 * 3 marks as deprecated; it still ships and tests them, and they are what EVP itself calls. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/hmac.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

enum {
    INNER_PAD = 0x36, /* RFC 2104 */
    OUTER_PAD = 0x5c,
};

_Static_assert(sizeof(SHA256_CTX) <= sizeof(((struct keel_hmac *)0)->inner), "a state must fit");
_Static_assert(sizeof(SHA512_CTX) <= sizeof(((struct keel_hmac *)0)->inner), "a state must fit");
_Static_assert(KEEL_SHA256_SIZE == SHA256_DIGEST_LENGTH, "the digest must fit");
_Static_assert(KEEL_SHA512_SIZE == SHA512_DIGEST_LENGTH, "the digest must fit");

static void pad_block(unsigned char *block, size_t size, unsigned char pad)
{
    for (size_t i = 0; i < size; i++)
        block[i] ^= pad;
}

void keel_hmac_sha256_init(struct keel_hmac *hmac, keel_str key)
{
    unsigned char block[SHA256_CBLOCK] = {0};
    SHA256_CTX inner, outer;

    if (key.size > sizeof(block))
        SHA256((const unsigned char *)key.data, key.size, block);
    else if (key.size > 0)
        memcpy(block, key.data, key.size);

    pad_block(block, sizeof(block), INNER_PAD);
    SHA256_Init(&inner);
    SHA256_Update(&inner, block, sizeof(block));
    pad_block(block, sizeof(block), INNER_PAD ^ OUTER_PAD);
    SHA256_Init(&outer);
    SHA256_Update(&outer, block, sizeof(block));

    memset(hmac, 0, sizeof(*hmac));
    memcpy(hmac->inner, &inner, sizeof(inner));
    memcpy(hmac->outer, &outer, sizeof(outer));
    keel_wipe(block, sizeof(block));
    keel_wipe(&inner, sizeof(inner));
    keel_wipe(&outer, sizeof(outer));
}

void keel_hmac_sha512_init(struct keel_hmac *hmac, keel_str key)
{
    unsigned char block[SHA512_CBLOCK] = {0};
    SHA512_CTX inner, outer;

    if (key.size > sizeof(block))
        SHA512((const unsigned char *)key.data, key.size, block);
    else if (key.size > 0)
        memcpy(block, key.data, key.size);

    pad_block(block, sizeof(block), INNER_PAD);
    SHA512_Init(&inner);
    SHA512_Update(&inner, block, sizeof(block));
    pad_block(block, sizeof(block), INNER_PAD ^ OUTER_PAD);
    SHA512_Init(&outer);
    SHA512_Update(&outer, block, sizeof(block));

    memset(hmac, 0, sizeof(*hmac));
    memcpy(hmac->inner, &inner, sizeof(inner));
    memcpy(hmac->outer, &outer, sizeof(outer));
    keel_wipe(block, sizeof(block));
    keel_wipe(&inner, sizeof(inner));
    keel_wipe(&outer, sizeof(outer));
}

void keel_hmac_wipe(struct keel_hmac *hmac)
{
    keel_wipe(hmac, sizeof(*hmac));
}

void keel_hmac_sha256_sign(const struct keel_hmac *hmac, const keel_str *parts, size_t part_count,
                           unsigned char digest[KEEL_SHA256_SIZE])
{
    SHA256_CTX state;
    memcpy(&state, hmac->inner, sizeof(state));
    for (size_t i = 0; i < part_count; i++)
        SHA256_Update(&state, parts[i].data, parts[i].size);
    SHA256_Final(digest, &state);

    memcpy(&state, hmac->outer, sizeof(state));
    SHA256_Update(&state, digest, KEEL_SHA256_SIZE);
    SHA256_Final(digest, &state); /* all that is left in the state now is the signature */
}

void keel_hmac_sha512_sign(const struct keel_hmac *hmac, const keel_str *parts, size_t part_count,
                           unsigned char digest[KEEL_SHA512_SIZE])
{
    SHA512_CTX state;
    memcpy(&state, hmac->inner, sizeof(state));
    for (size_t i = 0; i < part_count; i++)
        SHA512_Update(&state, parts[i].data, parts[i].size);
    SHA512_Final(digest, &state);

    memcpy(&state, hmac->outer, sizeof(state));
    SHA512_Update(&state, digest, KEEL_SHA512_SIZE);
    SHA512_Final(digest, &state); /* as above */
}

/* Not the one-shot function, which takes the way that allocates. */
void keel_sha512(keel_str text, unsigned char digest[KEEL_SHA512_SIZE])
{
    SHA512_CTX state;
    SHA512_Init(&state);
    SHA512_Update(&state, text.data, text.size);
    SHA512_Final(digest, &state);
}

bool keel_secret_equals(keel_str a, keel_str b)
{
    return a.size == b.size && (a.size == 0 || CRYPTO_memcmp(a.data, b.data, a.size) == 0);
}

void keel_wipe(void *memory, size_t size)
{
    OPENSSL_cleanse(memory, size);
}

/* hmac.h - HMAC-SHA256 and HMAC-SHA512 with the key's block hashed once; SHA-512 by itself.
 *
 * Pure, no allocation: OpenSSL's hash states are saved after the key's block and copied for each
 * signature (its EVP_MAC allocates twice a signature). The states are as secret as the key. */
#ifndef KEEL_HMAC_H
#define KEEL_HMAC_H

#include "keel/str.h"

#include <stdint.h>

enum {
    KEEL_SHA256_SIZE = 32,
    KEEL_SHA512_SIZE = 64,
};

struct keel_hmac {
    _Alignas(16) unsigned char inner[224]; /* a SHA256_CTX or SHA512_CTX, after the key's block */
    _Alignas(16) unsigned char outer[224];
};

void keel_hmac_sha256_init(struct keel_hmac *hmac, keel_str key);
void keel_hmac_sha512_init(struct keel_hmac *hmac, keel_str key);
void keel_hmac_wipe(struct keel_hmac *hmac);

/* Signs parts[0] followed by parts[1] and so on, with nothing in between. */
void keel_hmac_sha256_sign(const struct keel_hmac *hmac, const keel_str *parts, size_t part_count,
                           unsigned char digest[KEEL_SHA256_SIZE]);
void keel_hmac_sha512_sign(const struct keel_hmac *hmac, const keel_str *parts, size_t part_count,
                           unsigned char digest[KEEL_SHA512_SIZE]);

/* The digest of a text that is no secret. */
void keel_sha512(keel_str text, unsigned char digest[KEEL_SHA512_SIZE]);

/* Compares in a time that does not depend on where two texts differ. */
bool keel_secret_equals(keel_str a, keel_str b);

/* Overwrites memory in a way that the compiler does not take out. */
void keel_wipe(void *memory, size_t size);

#endif

#include "venue/binance/sign.h"

void keel_binance_set_keys(struct keel_keys *keys, keel_str api_key, keel_str secret)
{
    if (!keel_str_copy(api_key, keys->api_key, sizeof(keys->api_key)))
        secret = KEEL_STR(""); /* a key that does not fit is no key */
    keel_hmac_sha256_init(&keys->hmac, secret);
}

void keel_binance_sign(const struct keel_keys *keys, keel_str before,
                       struct keel_writer *parameters)
{
    if (keys->api_key[0] == '\0')
        return;
    unsigned char digest[KEEL_SHA256_SIZE];
    keel_str parts[] = {before, keel_writer_text(parameters)};
    keel_hmac_sha256_sign(&keys->hmac, parts, 2, digest);
    keel_write(parameters, KEEL_STR("&signature="));
    keel_write_hex(parameters, digest, sizeof(digest));
}

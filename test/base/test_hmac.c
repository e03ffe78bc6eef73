/* Vectors: RFC 4231 section 4, and the examples of Binance's public documentation. */
#include "base/hmac.h"
#include "base/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *name;
    unsigned char key_byte; /* repeated key_size times when key is NULL */
    const char *key;
    size_t key_size;
    unsigned char data_byte;
    const char *data;
    size_t data_size;
    const char *sha256, *sha512; /* what is longer is cut to the vector's length */
} vectors[] = {
    {"case 1", 0x0b, NULL,   20,  0,    "Hi There",                                               8,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",                                                                                                   "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {"case 2", 0,    "Jefe", 4,   0,    "what do ya want for nothing?",                           28,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",                                                                                                   "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {"case 3", 0xaa, NULL,   20,  0xdd, NULL,                                                     50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",                                                                                                   "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
     "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
    {"case 4", 0,
     "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
     "\x18\x19",             25,  0xcd, NULL,                                                     50,  "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
     "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
     "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"                                                                        },
    {"case 5", 0x0c, NULL,   20,  0,    "Test With Truncation",                                   20,  "a3b6167473100ee06e0c796c2955552b",
     "415fad6271580a531d4179bc891d87a6"                                                                                                        },
    {"case 6", 0xaa, NULL,   131, 0,    "Test Using Larger Than Block-Size Key - Hash Key First", 54,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",                                                                                                   "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    {"case 7", 0xaa, NULL,   131, 0,
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",                               152, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
     "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
     "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"                                                                        },
};

#define SECRET "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"

static const struct {
    const char *parts[2];
    const char *sha256;
} signatures[] = {
    {{"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
      "timestamp=1499827319559",
      ""},
     "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"},
    {{"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
      "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"},
     "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"},
    {{"timestamp=1499827319559&batchOrders=[{\"symbol\":\"LTCUSDT\",\"side\":\"BUY\",\"type\":"
      "\"LIMIT\",\"quantity\":\"0.1\",\"price\":\"60\",\"timeInForce\":\"GTC\"}]",
      "&recvWindow=10000"},
     "5ac5692417da9f86b80c3bdd23f27e5e6cfb7b707cfd5e8a66bce8bb82cfdfdd"},
};

static keel_str make_text(const char *text, unsigned char byte, size_t size, char *buffer)
{
    if (text)
        return (keel_str){text, size};
    memset(buffer, byte, size);
    return (keel_str){buffer, size};
}

static void assert_hex(const unsigned char *digest, const char *expected)
{
    char text[2 * KEEL_SHA512_SIZE + 1];
    struct keel_writer writer;
    keel_writer_init(&writer, text, sizeof(text));
    keel_write_hex(&writer, digest, strlen(expected) / 2);
    assert_string_equal(text, expected);
}

static void the_vectors_of_rfc_4231_hold(void **state)
{
    (void)state;
    char key_buffer[256], data_buffer[256];
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        keel_str key =
            make_text(vectors[i].key, vectors[i].key_byte, vectors[i].key_size, key_buffer);
        keel_str data =
            make_text(vectors[i].data, vectors[i].data_byte, vectors[i].data_size, data_buffer);
        unsigned char digest[KEEL_SHA512_SIZE];
        struct keel_hmac hmac;
        keel_hmac_sha256_init(&hmac, key);
        keel_hmac_sha256_sign(&hmac, &data, 1, digest);
        assert_hex(digest, vectors[i].sha256);
        keel_hmac_sha512_init(&hmac, key);
        keel_hmac_sha512_sign(&hmac, &data, 1, digest);
        assert_hex(digest, vectors[i].sha512);
    }
}

static void the_venues_examples_hold_in_two_parts(void **state)
{
    (void)state;
    struct keel_hmac hmac;
    keel_hmac_sha256_init(&hmac, KEEL_STR(SECRET));
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        keel_str parts[] = {keel_str_from(signatures[i].parts[0]),
                            keel_str_from(signatures[i].parts[1])};
        unsigned char digest[KEEL_SHA256_SIZE];
        keel_hmac_sha256_sign(&hmac, parts, 2, digest);
        assert_hex(digest, signatures[i].sha256);
    }
}

static void a_key_signs_the_same_twice(void **state)
{
    (void)state;
    struct keel_hmac hmac;
    keel_str text = KEEL_STR("payload");
    unsigned char first[KEEL_SHA512_SIZE], second[KEEL_SHA512_SIZE];
    keel_hmac_sha512_init(&hmac, KEEL_STR("key"));
    keel_hmac_sha512_sign(&hmac, &text, 1, first);
    keel_hmac_sha512_sign(&hmac, &text, 1, second);
    assert_memory_equal(first, second, sizeof(first));
}

static void an_empty_key_and_an_empty_text_sign(void **state)
{
    (void)state;
    struct keel_hmac hmac;
    unsigned char digest[KEEL_SHA256_SIZE];
    keel_hmac_sha256_init(&hmac, (keel_str){NULL, 0});
    keel_hmac_sha256_sign(&hmac, NULL, 0, digest);
    assert_hex(digest, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void wiping_leaves_zeros(void **state)
{
    (void)state;
    static const struct keel_hmac zeros;
    struct keel_hmac hmac;
    keel_hmac_sha256_init(&hmac, KEEL_STR(SECRET));
    keel_hmac_wipe(&hmac);
    assert_memory_equal(&hmac, &zeros, sizeof(hmac));
}

static void secrets_are_equal_only_byte_for_byte(void **state)
{
    (void)state;
    assert_true(keel_secret_equals(KEEL_STR("abc"), KEEL_STR("abc")));
    assert_true(keel_secret_equals(KEEL_STR(""), (keel_str){NULL, 0}));
    assert_false(keel_secret_equals(KEEL_STR("abc"), KEEL_STR("abd")));
    assert_false(keel_secret_equals(KEEL_STR("abc"), KEEL_STR("abcd")));
}

/* FIPS 180-4: "abc", and nothing. */
static void a_digest_without_a_key_is_plain_sha512(void **state)
{
    (void)state;
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
        {"",    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
             "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"      },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char digest[KEEL_SHA512_SIZE];
        char text[2 * KEEL_SHA512_SIZE + 1];
        struct keel_writer writer;
        keel_sha512(keel_str_from(cases[i].text), digest);
        keel_writer_init(&writer, text, sizeof(text));
        keel_write_hex(&writer, digest, sizeof(digest));
        assert_string_equal(text, cases[i].digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_digest_without_a_key_is_plain_sha512),
        cmocka_unit_test(the_vectors_of_rfc_4231_hold),
        cmocka_unit_test(the_venues_examples_hold_in_two_parts),
        cmocka_unit_test(a_key_signs_the_same_twice),
        cmocka_unit_test(an_empty_key_and_an_empty_text_sign),
        cmocka_unit_test(wiping_leaves_zeros),
        cmocka_unit_test(secrets_are_equal_only_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

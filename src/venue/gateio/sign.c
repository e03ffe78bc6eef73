#include "venue/gateio/sign.h"

enum {
    MS_IN_S = 1000,
    TIME_TEXT_SIZE = 24,
};

/* SHA512 of nothing: what most requests carry. */
static const char empty_digest[] =
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";

void keel_gateio_set_keys(struct keel_keys *keys, keel_str api_key, keel_str secret)
{
    if (!keel_str_copy(api_key, keys->api_key, sizeof(keys->api_key)))
        secret = KEEL_STR(""); /* a key that does not fit is no key */
    keel_hmac_sha512_init(&keys->hmac, secret);
}

static keel_str get_method_word(enum keel_http_method method)
{
    switch (method) {
    case KEEL_HTTP_GET: return KEEL_STR("GET\n");
    case KEEL_HTTP_POST: return KEEL_STR("POST\n");
    case KEEL_HTTP_PUT: return KEEL_STR("PUT\n");
    case KEEL_HTTP_DELETE: return KEEL_STR("DELETE\n");
    case KEEL_HTTP_PATCH: return KEEL_STR("PATCH\n");
    }
    return KEEL_STR("GET\n");
}

static void write_body_digest(const struct keel_request *request, struct keel_writer *writer)
{
    unsigned char digest[KEEL_SHA512_SIZE];
    if (request->body_size == 0) {
        keel_write(writer, (keel_str){empty_digest, sizeof(empty_digest) - 1});
        return;
    }
    keel_sha512((keel_str){request->body, request->body_size}, digest);
    keel_write_hex(writer, digest, sizeof(digest));
}

/* All that is signed in one piece, because hashing begins anew with each piece. */
void keel_gateio_sign_request(const struct keel_keys *keys, const struct keel_request *request,
                              int64_t time_ms, struct keel_writer *headers)
{
    char text[KEEL_REQUEST_PATH_SIZE + KEEL_REQUEST_TEXT_SIZE + KEEL_GATEIO_SIGNATURE_SIZE + 64];
    unsigned char signature[KEEL_SHA512_SIZE];
    struct keel_writer writer;
    if (keys->api_key[0] == '\0')
        return;

    keel_writer_init(&writer, text, sizeof(text));
    keel_write(&writer, get_method_word(request->method));
    keel_write(&writer, keel_str_from(request->path));
    keel_write_char(&writer, '\n');
    keel_write(&writer, (keel_str){request->query, request->query_size});
    keel_write_char(&writer, '\n');
    write_body_digest(request, &writer);
    keel_write_char(&writer, '\n');
    size_t time_at = writer.size;
    keel_write_int(&writer, time_ms / MS_IN_S);
    KEEL_ASSERT(!writer.full);

    keel_str message = keel_writer_text(&writer);
    keel_hmac_sha512_sign(&keys->hmac, &message, 1, signature);
    keel_write(headers, KEEL_STR("Timestamp: "));
    keel_write(headers, (keel_str){text + time_at, writer.size - time_at});
    keel_write(headers, KEEL_STR("\nSIGN: "));
    keel_write_hex(headers, signature, sizeof(signature));
    keel_write_char(headers, '\n');
}

void keel_gateio_sign_channel(const struct keel_keys *keys, keel_str channel, keel_str event,
                              int64_t time_s, struct keel_writer *writer)
{
    char time_text[TIME_TEXT_SIZE];
    unsigned char signature[KEEL_SHA512_SIZE];
    struct keel_writer time;
    keel_writer_init(&time, time_text, sizeof(time_text));
    keel_write_int(&time, time_s);
    keel_str parts[] = {
        KEEL_STR("channel="),    channel, KEEL_STR("&event="), event, KEEL_STR("&time="),
        keel_writer_text(&time),
    };
    keel_hmac_sha512_sign(&keys->hmac, parts, sizeof(parts) / sizeof(parts[0]), signature);
    keel_write_hex(writer, signature, sizeof(signature));
}

void keel_gateio_sign_call(const struct keel_keys *keys, keel_str channel, keel_str parameters,
                           int64_t time_s, struct keel_writer *writer)
{
    char time_text[TIME_TEXT_SIZE];
    unsigned char signature[KEEL_SHA512_SIZE];
    struct keel_writer time;
    keel_writer_init(&time, time_text, sizeof(time_text));
    keel_write_int(&time, time_s);
    keel_str parts[] = {
        KEEL_STR("api\n"), channel,        KEEL_STR("\n"),
        parameters,        KEEL_STR("\n"), keel_writer_text(&time),
    };
    keel_hmac_sha512_sign(&keys->hmac, parts, sizeof(parts) / sizeof(parts[0]), signature);
    keel_write_hex(writer, signature, sizeof(signature));
}

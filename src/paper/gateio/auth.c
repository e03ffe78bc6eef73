#include "paper/gateio/gateio_internal.h"

#include <openssl/sha.h>

enum {
    GAP_MS = 60 * 1000, /* between the Timestamp and the venue's clock, either way */
};

static void write_hex(const unsigned char *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * size] = '\0';
}

void gateio_sign(const struct keel_hmac *secret, const struct paper_http_request *request,
                 keel_str query, keel_str timestamp, char sign[2 * KEEL_SHA512_SIZE + 1])
{
    unsigned char digest[KEEL_SHA512_SIZE];
    char body[2 * KEEL_SHA512_SIZE + 1];
    SHA512((const unsigned char *)request->body.data, request->body.size, digest);
    write_hex(digest, sizeof(digest), body);
    const keel_str line = KEEL_STR("\n");
    const keel_str parts[] = {request->method,     line, request->path, line, query, line,
                              keel_str_from(body), line, timestamp};
    keel_hmac_sha512_sign(secret, parts, sizeof(parts) / sizeof(parts[0]), digest);
    write_hex(digest, sizeof(digest), sign);
}

static bool is_signed(const struct keel_hmac *secret, const struct paper_http_request *request,
                      keel_str query, keel_str timestamp, keel_str claimed)
{
    char sign[2 * KEEL_SHA512_SIZE + 1];
    gateio_sign(secret, request, query, timestamp, sign);
    return keel_secret_equals(keel_str_from(sign), claimed);
}

bool gateio_verify(const struct paper_gateio *gateio, int account, const keel_str *parts,
                   size_t part_count, keel_str signature)
{
    unsigned char digest[KEEL_SHA512_SIZE];
    char sign[2 * KEEL_SHA512_SIZE + 1];
    keel_hmac_sha512_sign(&gateio->secrets[account], parts, part_count, digest);
    write_hex(digest, sizeof(digest), sign);
    return keel_secret_equals(keel_str_from(sign), signature);
}

static keel_str need_header(struct gateio_call *call, const struct paper_http_request *request,
                            const char *name)
{
    keel_str value = paper_request_header(request, name);
    if (value.size == 0)
        gateio_refuse(call, "MISSING_REQUIRED_HEADER", "Missing required header: %s", name);
    return value;
}

/* Seconds, with or without a fraction; they are signed as they were written. */
static void check_time(struct gateio_call *call, keel_str timestamp)
{
    keel_decimal seconds;
    if (gateio_refused(call))
        return;
    if (keel_decimal_parse(timestamp, KEEL_ROUND_DOWN, &seconds, NULL) != KEEL_OK) {
        gateio_refuse(call, "BAD_REQUEST", "Invalid Timestamp: %.*s", KEEL_STR_ARGS(timestamp));
        return;
    }
    keel_decimal gap_ms =
        keel_decimal_sub(keel_decimal_mul(seconds, keel_decimal_from_int(1000), KEEL_ROUND_DOWN),
                         keel_decimal_from_int(call->now_ms));
    if (!keel_decimal_is_valid(gap_ms) ||
        keel_decimal_compare(keel_decimal_abs(gap_ms), keel_decimal_from_int(GAP_MS)) > 0)
        gateio_refuse(call, "REQUEST_EXPIRED",
                      "gap between request Timestamp and server time exceeds 60");
}

/* A client may have told until when an order is of use to it. */
static void check_expiry(struct gateio_call *call, const struct paper_http_request *request)
{
    keel_decimal until;
    keel_str text = paper_request_header(request, "x-gate-exptime");
    if (text.size == 0 || keel_str_equals(request->method, KEEL_STR("GET")))
        return;
    if (keel_decimal_parse(text, KEEL_ROUND_DOWN, &until, NULL) != KEEL_OK)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "Invalid x-gate-exptime");
    else if (keel_decimal_compare(until, keel_decimal_from_int(call->now_ms)) < 0)
        gateio_refuse(call, "REQUEST_EXPIRED", "request is past its x-gate-exptime");
}

/* Clients differ in what they do with reserved characters: some sign the query decoded and send it
 * encoded, some sign and send the same. */
static bool check_signature(struct gateio_call *call, const struct keel_hmac *secret,
                            const struct paper_http_request *request, keel_str timestamp,
                            keel_str claimed)
{
    keel_str decoded;
    if (gateio_percent_decode(request->query, &call->gateio->arena, &decoded) &&
        is_signed(secret, request, decoded, timestamp, claimed))
        return true;
    return is_signed(secret, request, request->query, timestamp, claimed);
}

int gateio_authorize(struct gateio_call *call, const struct paper_http_request *request)
{
    keel_str key = need_header(call, request, "KEY");
    keel_str timestamp = need_header(call, request, "Timestamp");
    keel_str claimed = need_header(call, request, "SIGN");
    check_time(call, timestamp);
    if (gateio_refused(call))
        return 0;
    const struct paper_key *found = paper_keys_find(call->gateio->keys, key);
    if (!found) {
        gateio_refuse(call, "INVALID_KEY", "Invalid key provided");
        return 0;
    }
    if (!check_signature(call, &call->gateio->secrets[found->account], request, timestamp,
                         claimed)) {
        gateio_refuse(call, "INVALID_SIGNATURE", "Signature mismatch");
        return 0;
    }
    check_expiry(call, request);
    return gateio_refused(call) ? 0 : found->account;
}

int gateio_account_of(const struct paper_dialect *dialect, const struct paper_http_request *request)
{
    const struct paper_gateio *gateio = (const struct paper_gateio *)dialect;
    const struct paper_key *key =
        paper_keys_find(gateio->keys, paper_request_header(request, "KEY"));
    return key ? key->account : 0;
}

/* Signatures are checked over the bytes that came, never over something that was decoded and
 * encoded again; bytes that no encoding leaves as they are were not encoded before signing. Rules:
 * docs of the venue, "Request security". */
#include "paper/binance_spot/binance_spot.h"

#include "paper/binance/auth.h"

enum {
    MICROSECONDS_DIGITS = 16, /* a timestamp as long as this counts microseconds */
    WINDOW_DIGITS = 3,
};

const struct paper_key *binance_spot_check_key(struct binance_spot_call *call, keel_str api_key)
{
    if (api_key.size != PAPER_KEY_LENGTH) {
        binance_refuse(&call->base, -2014, "API-key format invalid.");
        return NULL;
    }
    const struct paper_key *key = paper_keys_find(call->dialect->keys, api_key);
    if (!key) {
        binance_refuse(&call->base, -2015, "Invalid API-key, IP, or permissions for action.");
        return NULL;
    }
    call->base.account = key->account;
    return key;
}

static bool parse_timestamp(keel_str text, int64_t *time_ms)
{
    keel_decimal value;
    bool whole = text.size > 0 && text.size <= 18;
    for (size_t i = 0; i < text.size; i++)
        whole = whole && text.data[i] >= '0' && text.data[i] <= '9';
    if (!whole || keel_decimal_parse(text, KEEL_ROUND_DOWN, &value, NULL) != KEEL_OK)
        return false;
    *time_ms = 0;
    for (size_t i = 0; i < text.size; i++)
        *time_ms = *time_ms * 10 + (text.data[i] - '0');
    if (text.size >= MICROSECONDS_DIGITS)
        *time_ms /= 1000;
    return true;
}

/* Milliseconds, with at most three decimals. */
static bool parse_window(keel_str text, keel_decimal *window)
{
    return keel_decimal_parse(text, KEEL_ROUND_DOWN, window, NULL) == KEEL_OK &&
           !keel_decimal_is_negative(*window) && keel_decimal_digits(*window) <= WINDOW_DIGITS;
}

static void check_time(struct binance_call *call, keel_str timestamp_text, bool has_window,
                       keel_str window_text)
{
    int64_t timestamp_ms;
    keel_decimal window = keel_decimal_from_int(BINANCE_RECV_WINDOW_MS);

    if (!parse_timestamp(timestamp_text, &timestamp_ms))
        binance_refuse(call, -1102,
                       "Mandatory parameter 'timestamp' was not sent, was empty/null, or "
                       "malformed.");
    else if (has_window && !parse_window(window_text, &window))
        binance_refuse(call, -1130, "Data sent for parameter 'recvWindow' is not valid.");
    else if (keel_decimal_compare(window, keel_decimal_from_int(BINANCE_RECV_WINDOW_MAX_MS)) > 0)
        binance_refuse(call, -1131, "recvWindow must be less than 60000");
    else if (timestamp_ms >= call->now_ms + BINANCE_AHEAD_MAX_MS)
        binance_refuse(call, -1021,
                       "Timestamp for this request was 1000ms ahead of the server's time.");
    else if (keel_decimal_compare(keel_decimal_from_int(call->now_ms - timestamp_ms), window) > 0)
        binance_refuse(call, -1021, "Timestamp for this request is outside of the recvWindow.");
}

/* What RFC 3986 lets stand in a query. */
static bool is_encoded(keel_str text)
{
    static const char plain[] = "-._~!$&'()*+,;=:@/?%";
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
            (c == '\0' || !strchr(plain, c)))
            return false;
    }
    return true;
}

static bool find_raw(keel_str query, keel_str body, const char *name, keel_str *value)
{
    return binance_raw_param(query, name, value) || binance_raw_param(body, name, value);
}

void binance_spot_check_form(struct binance_spot_call *call, const struct paper_key *key,
                             keel_str query, keel_str body)
{
    keel_str timestamp = {0}, window = {0}, signature = {0};
    find_raw(query, body, "timestamp", &timestamp);
    bool has_window = find_raw(query, body, "recvWindow", &window);
    check_time(&call->base, timestamp, has_window, window);
    if (binance_refused(&call->base))
        return;
    if (!find_raw(query, body, "signature", &signature) || signature.size == 0)
        binance_refuse(&call->base, -1102,
                       "Mandatory parameter 'signature' was not sent, was empty/null, or "
                       "malformed.");
    else if (!is_encoded(query) || !is_encoded(body) || !binance_form_is_signed(key, query, body))
        binance_refuse(&call->base, -1022, "Signature for this request is not valid.");
}

void binance_spot_check_params(struct binance_spot_call *call, const struct paper_key *key)
{
    const struct binance_params *params = call->base.params;
    const keel_str *timestamp = binance_params_find(params, "timestamp");
    const keel_str *window = binance_params_find(params, "recvWindow");
    const keel_str *signature = binance_params_find(params, "signature");

    check_time(&call->base, timestamp ? *timestamp : (keel_str){0}, window,
               window ? *window : (keel_str){0});
    if (binance_refused(&call->base))
        return;
    if (!signature || signature->size == 0)
        binance_refuse(&call->base, -1102,
                       "Mandatory parameter 'signature' was not sent, was empty/null, or "
                       "malformed.");
    else if (!binance_params_are_signed(key, params, *signature, call->dialect->scratch,
                                        BINANCE_SCRATCH_SIZE))
        binance_refuse(&call->base, -1022, "Signature for this request is not valid.");
}

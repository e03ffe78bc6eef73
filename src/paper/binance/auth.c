#include "paper/binance/auth.h"

enum {
    HEX_SIZE = 2 * KEEL_SHA256_SIZE,
};

static bool is_well_formed(keel_str api_key)
{
    for (size_t i = 0; i < api_key.size; i++) {
        char c = api_key.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z'))
            return false;
    }
    return api_key.size == PAPER_KEY_LENGTH;
}

const struct paper_key *binance_check_key(struct binance_call *call, keel_str api_key)
{
    if (!is_well_formed(api_key)) {
        binance_refuse(call, -2014, "API-key format invalid.");
        return NULL;
    }
    const struct paper_key *key = paper_keys_find(call->binance->keys, api_key);
    if (!key) {
        binance_refuse(call, -2015, "Invalid API-key, IP, or permissions for action.");
        return NULL;
    }
    call->account = key->account;
    return key;
}

static bool parse_digits(keel_str text, int64_t *value)
{
    *value = 0;
    if (text.size == 0 || text.size > 18)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *value = *value * 10 + (text.data[i] - '0');
    }
    return true;
}

static void check_time(struct binance_call *call, keel_str timestamp_text, bool has_window,
                       keel_str window_text)
{
    int64_t timestamp_ms, window_ms = BINANCE_RECV_WINDOW_MS;

    if (!parse_digits(timestamp_text, &timestamp_ms))
        binance_refuse(call, -1102,
                       "Mandatory parameter 'timestamp' was not sent, was empty/null, or "
                       "malformed.");
    else if (has_window && !parse_digits(window_text, &window_ms))
        binance_refuse(call, -1130, "Data sent for parameter 'recvWindow' is not valid.");
    else if (window_ms > BINANCE_RECV_WINDOW_MAX_MS)
        binance_refuse(call, -1131, "recvWindow must be less than 60000");
    else if (timestamp_ms >= call->now_ms + BINANCE_AHEAD_MAX_MS)
        binance_refuse(call, -1021,
                       "Timestamp for this request was 1000ms ahead of the server's time.");
    else if (call->now_ms - timestamp_ms > window_ms)
        binance_refuse(call, -1021, "Timestamp for this request is outside of the recvWindow.");
}

static void refuse_missing_signature(struct binance_call *call)
{
    binance_refuse(call, -1102,
                   "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.");
}

static void refuse_signature(struct binance_call *call)
{
    binance_refuse(call, -1022, "Signature for this request is not valid.");
}

/* Upper-case hex is as good as lower. */
static bool signature_equals(const unsigned char digest[KEEL_SHA256_SIZE], keel_str signature)
{
    char hex[HEX_SIZE + 1], lower[HEX_SIZE];
    struct keel_writer writer;

    if (signature.size != HEX_SIZE)
        return false;
    for (size_t i = 0; i < HEX_SIZE; i++) {
        char c = signature.data[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        lower[i] = c;
    }
    keel_writer_init(&writer, hex, sizeof(hex));
    keel_write_hex(&writer, digest, KEEL_SHA256_SIZE);
    return keel_secret_equals(keel_writer_text(&writer), (keel_str){lower, HEX_SIZE});
}

static bool verify(const struct paper_key *key, const keel_str *parts, size_t part_count,
                   keel_str signature)
{
    unsigned char digest[KEEL_SHA256_SIZE];
    keel_hmac_sha256_sign(&key->hmac, parts, part_count, digest);
    return signature_equals(digest, signature);
}

/* Takes a signature that stands last off the text. */
static bool cut_signature(keel_str *text, keel_str *signature)
{
    static const keel_str name = {"signature=", 10};
    if (text->size == 0)
        return false;
    size_t begin = text->size;
    while (begin > 0 && text->data[begin - 1] != '&')
        begin--;
    keel_str last = {text->data + begin, text->size - begin};
    if (!keel_str_starts_with(last, name))
        return false;
    *signature = (keel_str){last.data + name.size, last.size - name.size};
    text->size = begin > 0 ? begin - 1 : 0;
    return true;
}

/* The query's value wins over the body's, here as everywhere. */
static bool find_raw(keel_str query, keel_str body, const char *name, keel_str *value)
{
    return binance_raw_param(query, name, value) || binance_raw_param(body, name, value);
}

bool binance_form_is_signed(const struct paper_key *key, keel_str query, keel_str body)
{
    keel_str signature, again;
    bool found = cut_signature(&query, &signature) || cut_signature(&body, &signature);
    const keel_str payload[] = {query, body};
    return found && !find_raw(query, body, "signature", &again) &&
           verify(key, payload, 2, signature);
}

void binance_check_signed_form(struct binance_call *call, const struct paper_key *key,
                               keel_str query, keel_str body)
{
    keel_str timestamp = {0}, window = {0}, signature = {0};
    find_raw(query, body, "timestamp", &timestamp);
    bool has_window = find_raw(query, body, "recvWindow", &window);
    check_time(call, timestamp, has_window, window);
    if (binance_refused(call))
        return;

    if (!find_raw(query, body, "signature", &signature) || signature.size == 0) {
        refuse_missing_signature(call);
        return;
    }
    if (!binance_form_is_signed(key, query, body))
        refuse_signature(call);
}

/* --- The WebSocket API -------------------------------------------------------------------------
 */

static int compare_names(keel_str a, keel_str b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size > 0 ? memcmp(a.data, b.data, size) : 0;
    return order != 0 ? order : a.size < b.size ? -1 : a.size > b.size;
}

static int sort_params(const struct binance_params *params,
                       const struct binance_param *sorted[BINANCE_PARAMS_MAX])
{
    int count = 0;
    for (int i = 0; i < params->count; i++) {
        const struct binance_param *param = &params->at[i];
        if (keel_str_equals(param->name, KEEL_STR("signature")))
            continue;
        int at = count++;
        for (; at > 0 && compare_names(param->name, sorted[at - 1]->name) < 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = param;
    }
    return count;
}

/* As JavaScript's encodeURIComponent does. */
static void write_component(struct keel_writer *writer, keel_str text)
{
    static const char plain[] = "-_.!~*'()";
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c != '\0' && strchr(plain, c))
            keel_write_char(writer, c);
        else
            keel_write_percent(writer, (keel_str){&c, 1});
    }
}

static void write_payload(struct keel_writer *writer, const struct binance_params *params,
                          bool encoded)
{
    const struct binance_param *sorted[BINANCE_PARAMS_MAX];
    int count = sort_params(params, sorted);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            keel_write_char(writer, '&');
        keel_write(writer, sorted[i]->name);
        keel_write_char(writer, '=');
        if (encoded)
            write_component(writer, sorted[i]->value);
        else
            keel_write(writer, sorted[i]->value);
    }
}

/* Some clients sign the values as they are, some percent-encoded: either will do. */
bool binance_params_are_signed(const struct paper_key *key, const struct binance_params *params,
                               keel_str signature, char *scratch, size_t scratch_size)
{
    struct keel_writer writer;
    for (int encoded = 0; encoded <= 1; encoded++) {
        keel_writer_init(&writer, scratch, scratch_size);
        write_payload(&writer, params, encoded);
        keel_str payload = keel_writer_text(&writer);
        if (!writer.full && verify(key, &payload, 1, signature))
            return true;
    }
    return false;
}

void binance_check_signed_params(struct binance_call *call, const struct paper_key *key)
{
    const keel_str *timestamp = binance_params_find(call->params, "timestamp");
    const keel_str *window = binance_params_find(call->params, "recvWindow");
    const keel_str *signature = binance_params_find(call->params, "signature");

    check_time(call, timestamp ? *timestamp : (keel_str){0}, window,
               window ? *window : (keel_str){0});
    if (binance_refused(call))
        return;
    if (!signature || signature->size == 0)
        refuse_missing_signature(call);
    else if (!binance_params_are_signed(key, call->params, *signature, call->binance->scratch,
                                        BINANCE_SCRATCH_SIZE))
        refuse_signature(call);
}

#include "venue/binance/entry.h"

#include "base/json.h"
#include "base/writer.h"
#include "venue/binance/encode.h"

enum {
    PARAMETERS_MAX = 24,
    ANSWER_ARENA_SIZE = 512, /* for an escape in an id */
};

struct parameter {
    keel_str name, value; /* the value as it is signed: nothing encoded */
};

struct parameters {
    struct parameter at[PARAMETERS_MAX];
    int32_t count;
    char values[KEEL_REQUEST_TEXT_SIZE];
    size_t size;
};

static const char *find_method(const struct keel_command *command)
{
    bool conditional = command->kind == KEEL_PLACE_ORDER
                           ? keel_order_type_is_conditional(command->place.type)
                           : command->order.family == KEEL_FAMILY_CONDITIONAL;

    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER: return conditional ? "algoOrder.place" : "order.place";
    case KEEL_CANCEL_ORDER: return conditional ? "algoOrder.cancel" : "order.cancel";
    case KEEL_AMEND_ORDER: return "order.modify";
    }
    return NULL;
}

static int hex_value(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* What the encoder of requests has percent-encoded is plain in JSON. */
static keel_str take_value(struct parameters *parameters, keel_str encoded)
{
    char *begin = parameters->values + parameters->size, *at = begin;

    for (size_t i = 0; i < encoded.size; i++) {
        char c = encoded.data[i];
        if (c == '%' && i + 2 < encoded.size) {
            c = (char)(hex_value(encoded.data[i + 1]) * 16 + hex_value(encoded.data[i + 2]));
            i += 2;
        }
        *at++ = c;
    }
    parameters->size += (size_t)(at - begin);
    return (keel_str){begin, (size_t)(at - begin)};
}

static bool is_before(keel_str a, keel_str b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = memcmp(a.data, b.data, size);

    return order != 0 ? order < 0 : a.size < b.size;
}

/* In the order of the names. */
static void insert(struct parameters *parameters, keel_str name, keel_str value)
{
    int32_t at = parameters->count++;

    KEEL_ASSERT(at < PARAMETERS_MAX);
    for (; at > 0 && is_before(name, parameters->at[at - 1].name); at--)
        parameters->at[at] = parameters->at[at - 1];
    parameters->at[at] = (struct parameter){name, value};
}

static void read_parameters(struct parameters *parameters, keel_str text)
{
    const char *at = text.data, *end = text.data + text.size;

    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        KEEL_ASSERT(equals != NULL);
        keel_str value = {equals + 1, (size_t)(stop - equals - 1)};
        insert(parameters, (keel_str){at, (size_t)(equals - at)}, take_value(parameters, value));
        at = stop + 1;
    }
}

/* The request's parameters, unsigned, and the key beside them. */
static enum keel_status take_parameters(const struct keel_command *command,
                                        const struct keel_markets *markets,
                                        const struct keel_modes *modes,
                                        const struct keel_keys *keys, int64_t time_ms,
                                        int64_t receive_window_ms, struct keel_request *request,
                                        struct parameters *parameters, struct keel_error *error)
{
    static const struct keel_keys none;
    enum keel_status status = keel_binance_encode(command, markets, modes, &none, time_ms,
                                                  receive_window_ms, request, error);

    if (status != KEEL_OK)
        return status;
    parameters->count = 0;
    parameters->size = 0;
    read_parameters(parameters, (keel_str){request->query, request->query_size});
    read_parameters(parameters, (keel_str){request->body, request->body_size});
    insert(parameters, KEEL_STR("apiKey"), keel_str_from(keys->api_key));
    return KEEL_OK;
}

static void sign(const struct parameters *parameters, const struct keel_keys *keys,
                 unsigned char digest[KEEL_SHA256_SIZE])
{
    keel_str parts[PARAMETERS_MAX * 4];
    size_t count = 0;

    for (int32_t i = 0; i < parameters->count; i++) {
        if (i > 0)
            parts[count++] = KEEL_STR("&");
        parts[count++] = parameters->at[i].name;
        parts[count++] = KEEL_STR("=");
        parts[count++] = parameters->at[i].value;
    }
    keel_hmac_sha256_sign(&keys->hmac, parts, count, digest);
}

static bool is_integer(keel_str name)
{
    return keel_str_equals(name, KEEL_STR("timestamp")) ||
           keel_str_equals(name, KEEL_STR("recvWindow"));
}

static void write_frame(struct keel_writer *json, const char *method, uint64_t id,
                        const struct parameters *parameters,
                        const unsigned char digest[KEEL_SHA256_SIZE])
{
    keel_json_open_object(json, NULL);
    keel_write_format(json, "\"id\":\"%llu\"", (unsigned long long)id);
    json->comma = true;
    keel_json_put_text(json, "method", method);
    keel_json_open_object(json, "params");
    for (int32_t i = 0; i < parameters->count; i++) {
        char name[32];
        bool fits = keel_str_copy(parameters->at[i].name, name, sizeof(name));
        KEEL_ASSERT(fits);
        if (is_integer(parameters->at[i].name))
            keel_json_put_raw(json, name, parameters->at[i].value);
        else
            keel_json_put_string(json, name, parameters->at[i].value);
    }
    keel_write(json, KEEL_STR(",\"signature\":\""));
    keel_write_hex(json, digest, KEEL_SHA256_SIZE);
    keel_write(json, KEEL_STR("\""));
    keel_json_close_object(json);
    keel_json_close_object(json);
}

enum keel_status keel_binance_encode_frame(const struct keel_command *command,
                                           const struct keel_markets *markets,
                                           const struct keel_modes *modes,
                                           const struct keel_keys *keys, int64_t time_ms,
                                           int64_t receive_window_ms, uint64_t id,
                                           struct keel_frame *frame, struct keel_error *error)
{
    const char *method = find_method(command);
    struct keel_request request;
    struct parameters parameters;
    unsigned char digest[KEEL_SHA256_SIZE];
    struct keel_writer json;

    if (method == NULL)
        return keel_fail(error, KEEL_UNSUPPORTED, "%s by stream",
                         keel_command_kind_name(command->kind));
    enum keel_status status = take_parameters(command, markets, modes, keys, time_ms,
                                              receive_window_ms, &request, &parameters, error);
    if (status != KEEL_OK)
        return status;
    sign(&parameters, keys, digest);
    keel_writer_init(&json, frame->text, sizeof(frame->text));
    write_frame(&json, method, id, &parameters, digest);
    if (json.full)
        return keel_fail(error, KEEL_FULL, "the frame's parameters do not fit");
    frame->weight = request.weight;
    frame->order_count = request.order_count;
    frame->size = (uint32_t)json.size;
    return KEEL_OK;
}

/* Answers. */

static int64_t interval_ms(keel_str word)
{
    if (keel_str_equals(word, KEEL_STR("SECOND")))
        return 1000;
    if (keel_str_equals(word, KEEL_STR("MINUTE")))
        return INT64_C(60) * 1000;
    return keel_str_equals(word, KEEL_STR("DAY")) ? INT64_C(24) * 3600 * 1000 : 0;
}

static void read_limit(struct keel_json *json, struct keel_arena *arena, struct keel_usage *usage)
{
    keel_str key, type = KEEL_STR(""), interval = KEEL_STR("");
    int64_t number = 0;

    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (keel_str_equals(key, KEEL_STR("rateLimitType")))
            keel_json_read_string(json, arena, &type);
        else if (keel_str_equals(key, KEEL_STR("interval")))
            keel_json_read_string(json, arena, &interval);
        else if (keel_str_equals(key, KEEL_STR("intervalNum")))
            keel_json_read_int(json, &number);
        else if (keel_str_equals(key, KEEL_STR("count")))
            keel_json_read_int(json, &usage->used);
        else
            keel_json_skip(json);
    }
    usage->kind = keel_str_equals(type, KEEL_STR("ORDERS")) ? KEEL_LIMIT_ORDERS : KEEL_LIMIT_WEIGHT;
    usage->interval_ms = number * interval_ms(interval);
}

static void read_limits(struct keel_json *json, struct keel_arena *arena,
                        struct keel_answer *answer)
{
    keel_json_enter_array(json);
    while (keel_json_next_element(json)) {
        struct keel_usage usage = {0};
        read_limit(json, arena, &usage);
        if (usage.interval_ms > 0 && answer->usage_count < KEEL_USAGE_MAX)
            answer->usage[answer->usage_count++] = usage;
    }
}

/* Ours are digits in a string. */
static bool read_id(struct keel_json *json, struct keel_arena *arena, uint64_t *id)
{
    keel_str text;

    *id = 0;
    if (keel_json_peek(json) != KEEL_JSON_STRING) {
        keel_json_skip(json);
        return false;
    }
    if (!keel_json_read_string(json, arena, &text) || text.size == 0 || text.size > 19)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *id = *id * 10 + (uint64_t)(text.data[i] - '0');
    }
    return true;
}

bool keel_binance_read_answer(keel_str bytes, struct keel_answer *answer)
{
    unsigned char memory[ANSWER_ARENA_SIZE];
    struct keel_arena arena;
    struct keel_json json;
    keel_str key;
    int64_t status = 0;
    bool named = false;

    *answer = (struct keel_answer){.receipt = false};
    keel_arena_init(&arena, memory, sizeof(memory));
    keel_json_init(&json, bytes);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("id")))
            named = read_id(&json, &arena, &answer->id);
        else if (keel_str_equals(key, KEEL_STR("status")))
            keel_json_read_int(&json, &status);
        else if (keel_str_equals(key, KEEL_STR("result")) ||
                 keel_str_equals(key, KEEL_STR("error")))
            keel_json_raw(&json, &answer->reply.body);
        else if (keel_str_equals(key, KEEL_STR("rateLimits")))
            read_limits(&json, &arena, answer);
        else
            keel_json_skip(&json);
    }
    answer->reply.http_status = (int32_t)status;
    answer->reply.headers = KEEL_STR("");
    return keel_json_finish(&json, NULL) == KEEL_OK && named && status > 0;
}

#include "venue/venue.h"

#include <stdlib.h>
#include <strings.h>

enum {
    DECODE_ATTEMPTS_MAX = 8, /* each with twice the room; the last has an event for every byte */
    EVENTS_MIN = 16,
    ARENA_MIN = 4096,
};

static const struct keel_venue *const venues[] = {
    &keel_venue_binance,
    &keel_venue_gateio,
    &keel_venue_binance_spot,
    &keel_venue_gateio_spot,
};

const struct keel_venue *keel_venue_at(size_t index)
{
    return index < sizeof(venues) / sizeof(venues[0]) ? venues[index] : NULL;
}

const struct keel_venue *keel_venue_find(keel_str name)
{
    const struct keel_venue *venue;
    for (size_t i = 0; (venue = keel_venue_at(i)) != NULL; i++) {
        if (keel_str_equals(name, keel_str_from(venue->name)))
            return venue;
    }
    return NULL;
}

static bool is_named(keel_str line, const char *name, size_t size)
{
    return line.size > size && line.data[size] == ':' && strncasecmp(line.data, name, size) == 0;
}

static keel_str trim(keel_str text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = (keel_str){text.data + 1, text.size - 1};
    while (text.size > 0 && strchr(" \t\r", text.data[text.size - 1]))
        text.size--;
    return text;
}

keel_str keel_reply_header(const struct keel_reply *reply, const char *name)
{
    size_t size = strlen(name);
    keel_str rest = reply->headers;
    while (rest.size > 0) {
        const char *end = memchr(rest.data, '\n', rest.size);
        size_t line_size = end ? (size_t)(end - rest.data) : rest.size;
        if (is_named((keel_str){rest.data, line_size}, name, size))
            return trim((keel_str){rest.data + size + 1, line_size - size - 1});
        size_t step = end ? line_size + 1 : line_size;
        rest = (keel_str){rest.data + step, rest.size - step};
    }
    return KEEL_STR("");
}

int64_t keel_reply_count(const struct keel_reply *reply, const char *name)
{
    keel_str text = keel_reply_header(reply, name);
    int64_t value = 0;
    if (text.size == 0 || text.size > 18)
        return -1;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return -1;
        value = value * 10 + (text.data[i] - '0');
    }
    return value;
}

const char *keel_venue_name(const struct keel_venue *venue)
{
    return venue->name;
}

enum keel_product keel_venue_product(const struct keel_venue *venue)
{
    return venue->product;
}

const char *keel_venue_key_variable(const struct keel_venue *venue)
{
    return venue->key_variable;
}

const char *keel_venue_secret_variable(const struct keel_venue *venue)
{
    return venue->secret_variable;
}

enum keel_decode_kind keel_decode_kind_parse(keel_str word)
{
    static const char *const words[] = {
        [KEEL_DECODE_STREAM] = "stream",         [KEEL_DECODE_ORDERS] = "orders",
        [KEEL_DECODE_EXECUTIONS] = "executions", [KEEL_DECODE_BALANCES] = "balances",
        [KEEL_DECODE_POSITIONS] = "positions",   [KEEL_DECODE_LEVERAGE] = "leverage",
        [KEEL_DECODE_BRACKETS] = "brackets",     [KEEL_DECODE_SYMBOLS] = "symbols",
        [KEEL_DECODE_INCOME] = "income",         [KEEL_DECODE_ERROR] = "error",
    };
    for (unsigned kind = KEEL_DECODE_STREAM; kind <= KEEL_DECODE_ERROR; kind++) {
        if (keel_str_equals(word, keel_str_from(words[kind])))
            return (enum keel_decode_kind)kind;
    }
    return KEEL_DECODE_NONE;
}

/* The command whose reply looks like that. */
static enum keel_command_kind find_command(enum keel_decode_kind kind)
{
    switch (kind) {
    case KEEL_DECODE_ORDERS: return KEEL_LOAD_ORDERS;
    case KEEL_DECODE_EXECUTIONS: return KEEL_LOAD_EXECUTIONS;
    case KEEL_DECODE_BALANCES: return KEEL_LOAD_BALANCES;
    case KEEL_DECODE_POSITIONS: return KEEL_LOAD_POSITIONS;
    case KEEL_DECODE_LEVERAGE: return KEEL_LOAD_LEVERAGE;
    case KEEL_DECODE_BRACKETS: return KEEL_LOAD_BRACKETS;
    case KEEL_DECODE_SYMBOLS: return KEEL_LOAD_MARKETS;
    case KEEL_DECODE_INCOME: return KEEL_LOAD_INCOME;
    case KEEL_DECODE_ERROR: return KEEL_PLACE_ORDER;
    case KEEL_DECODE_STREAM:
    case KEEL_DECODE_NONE: break;
    }
    return KEEL_COMMAND_NONE;
}

/* What is asked for by hand, and where its result goes. */
struct decoding {
    const struct keel_venue *venue;
    enum keel_decode_kind kind;
    keel_str bytes;
    int http_status;
    struct keel_markets *markets;
};

static enum keel_status decode_as_reply(const struct decoding *decoding, struct keel_arena *arena,
                                        struct keel_decoded *decoded, struct keel_error *error)
{
    struct keel_command command = {.kind = find_command(decoding->kind)};
    struct keel_reply reply = {
        .http_status = decoding->kind == KEEL_DECODE_ERROR ? 400 : 200,
        .body = decoding->bytes,
        .headers = KEEL_STR(""),
    };
    struct keel_outcome outcome;
    if (decoding->http_status > 0)
        reply.http_status = decoding->http_status;

    enum keel_status status = decoding->venue->decode_reply(&command, &reply, decoding->markets,
                                                            arena, &decoded->events, &outcome);
    decoded->venue_error = outcome.error;
    decoded->fate = outcome.fate;
    if (status != KEEL_OK && error)
        *error = outcome.error;
    if (status == KEEL_OK && outcome.fate != KEEL_ACCEPTED && decoding->kind != KEEL_DECODE_ERROR)
        return keel_fail(error, KEEL_REJECTED, "an error of the venue: %s", outcome.error.message);
    return status;
}

/* Decodes once, in one block: the events, then the arena that they may point into. */
static enum keel_status decode_once(const struct decoding *decoding, size_t events_max,
                                    size_t arena_size, struct keel_decoded *decoded,
                                    struct keel_error *error)
{
    size_t events_size = events_max * sizeof(struct keel_event);
    unsigned char *memory = malloc(events_size + arena_size);
    if (!memory)
        return keel_fail(error, KEEL_IO, "no memory to decode %zu bytes", decoding->bytes.size);

    struct keel_arena arena;
    keel_arena_init(&arena, memory + events_size, arena_size);
    *decoded = (struct keel_decoded){
        .events = {.at = (struct keel_event *)(void *)memory, .capacity = (int32_t)events_max},
        .memory = memory,
    };
    if (decoding->kind == KEEL_DECODE_STREAM)
        return decoding->venue->decode_stream(decoding->bytes, decoding->markets, &arena,
                                              &decoded->events, error);
    return decode_as_reply(decoding, &arena, decoded, error);
}

static enum keel_status decode_with_room(const struct decoding *decoding,
                                         struct keel_decoded *decoded, struct keel_error *error)
{
    size_t events_max = EVENTS_MIN + decoding->bytes.size / 64;
    size_t arena_size = ARENA_MIN + decoding->bytes.size;
    enum keel_status status = KEEL_FULL;
    for (int i = 0; i < DECODE_ATTEMPTS_MAX && status == KEEL_FULL; i++) {
        keel_decoded_free(decoded);
        status = decode_once(decoding, events_max, arena_size, decoded, error);
        events_max *= 2;
        arena_size *= 2;
    }
    return status;
}

/* True if a market that the payload names is new in the table now. */
static bool add_missing_markets(const struct decoding *decoding, const struct keel_events *events)
{
    int32_t count = keel_markets_count(decoding->markets);
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        struct keel_market market;
        keel_market_id id;
        if (event->kind != KEEL_EVENT_UNKNOWN || event->unknown.kind != KEEL_UNKNOWN_MARKET ||
            !decoding->venue->name_market(event->unknown.word, &market))
            continue;
        if (keel_markets_put(decoding->markets, &market, &id, NULL) != KEEL_OK)
            break; /* the table is full: the rest stays unknown, and the events say so */
    }
    return keel_markets_count(decoding->markets) > count;
}

enum keel_status keel_venue_decode(const struct keel_venue *venue, enum keel_decode_kind kind,
                                   keel_str bytes, int http_status, struct keel_markets *markets,
                                   struct keel_decoded *decoded, struct keel_error *error)
{
    struct decoding decoding = {venue, kind, bytes, http_status, markets};
    enum keel_status status;

    *decoded = (struct keel_decoded){0};
    if (kind == KEEL_DECODE_NONE)
        return keel_fail(error, KEEL_INVALID, "nothing to decode as");
    do {
        status = decode_with_room(&decoding, decoded, error);
    } while (status == KEEL_OK && add_missing_markets(&decoding, &decoded->events));

    if (status != KEEL_OK)
        keel_decoded_free(decoded);
    return status;
}

void keel_decoded_free(struct keel_decoded *decoded)
{
    free(decoded->memory);
    decoded->memory = NULL;
    decoded->events = (struct keel_events){0};
}

static const char *get_method_name(enum keel_http_method method)
{
    switch (method) {
    case KEEL_HTTP_GET: return "GET";
    case KEEL_HTTP_POST: return "POST";
    case KEEL_HTTP_PUT: return "PUT";
    case KEEL_HTTP_DELETE: return "DELETE";
    case KEEL_HTTP_PATCH: return "PATCH";
    }
    return "GET";
}

enum keel_status keel_venue_encode(const struct keel_venue *venue,
                                   const struct keel_command *command,
                                   const struct keel_markets *markets,
                                   const struct keel_modes *modes, keel_str api_key,
                                   keel_str secret, int64_t time_ms, int64_t receive_window_ms,
                                   struct keel_encoded *encoded, struct keel_error *error)
{
    struct keel_keys keys;
    struct keel_request request;
    venue->set_keys(&keys, api_key, secret);
    enum keel_status status =
        venue->encode(command, markets, modes, &keys, time_ms, receive_window_ms, &request, error);
    keel_wipe(&keys, sizeof(keys));
    if (status != KEEL_OK)
        return status;

    _Static_assert(sizeof(encoded->path) >= sizeof(request.path) &&
                       sizeof(encoded->query) >= sizeof(request.query) &&
                       sizeof(encoded->body) >= sizeof(request.body) &&
                       sizeof(encoded->headers) >= sizeof(request.headers),
                   "what was encoded must fit");
    encoded->method = get_method_name(request.method);
    memcpy(encoded->path, request.path, strlen(request.path) + 1);
    memcpy(encoded->query, request.query, request.query_size + 1);
    memcpy(encoded->body, request.body, request.body_size + 1);
    memcpy(encoded->headers, request.headers, strlen(request.headers) + 1);
    return KEEL_OK;
}

#include "paper/binance_spot/binance_spot.h"

#include "paper/binance/failure.h"
#include "paper/binance_spot/endpoints.h"
#include "paper/binance_spot/streams.h"

#include <stdlib.h>

/* --- One REST call -----------------------------------------------------------------------------
 */

/* What the answer's headers tell beside the body. */
struct outcome {
    bool wallet; /* of /sapi */
    enum binance_verdict verdict;
    int weight, used, used_by_account;
};

static void authorize(struct binance_spot_call *call, const struct binance_spot_endpoint *endpoint,
                      const struct paper_http_request *request)
{
    if (endpoint->security == BINANCE_PUBLIC)
        return;
    const struct paper_key *key =
        binance_spot_check_key(call, paper_request_header(request, "x-mbx-apikey"));
    if (key && endpoint->security == BINANCE_SIGNED)
        binance_spot_check_form(call, key, request->query, request->body);
}

static struct binance_limits *limits_of(struct paper_binance_spot *dialect,
                                        const struct outcome *outcome)
{
    return outcome->wallet ? &dialect->wallet_limits : &dialect->limits;
}

static void refuse_limited(struct binance_spot_call *call, const struct outcome *outcome,
                           keel_str address)
{
    struct binance_limits *limits = limits_of(call->dialect, outcome);
    if (outcome->verdict == BINANCE_LIMITED)
        binance_refuse(&call->base, -1003,
                       "Too much request weight used; current limit is %d request weight per 1 "
                       "MINUTE. Please use WebSocket Streams for live updates to avoid polling the "
                       "API.",
                       limits->weight_max);
    else if (outcome->verdict == BINANCE_BANNED)
        binance_refuse(&call->base, -1003,
                       "Way too much request weight used; IP banned until %lld. Please use "
                       "WebSocket Streams for live updates to avoid bans.",
                       (long long)binance_limits_retry_ms(limits, address, call->base.now_ms));
}

/* What an account may do: place more, and spend more weight on its wallets. */
static void check_account(struct binance_spot_call *call,
                          const struct binance_spot_endpoint *endpoint, struct outcome *outcome)
{
    const char *interval;
    int limit;
    if (binance_refused(&call->base) || call->base.account == 0)
        return;
    struct binance_spot_counts *counts =
        binance_spot_counts_of(call->dialect, call->base.account, call->base.now_ms);
    counts->wallet_weight += endpoint->wallet_weight;
    outcome->used_by_account = counts->wallet_weight;
    if (endpoint->places && !binance_spot_may_place(call->dialect, counts, &interval, &limit))
        binance_refuse(&call->base, -1015,
                       "Too many new orders; current limit is %d orders per %s.", limit, interval);
    if (counts->wallet_weight > BINANCE_SPOT_WALLET_PER_MINUTE * call->dialect->factor)
        binance_refuse(&call->base, -1003,
                       "Too much request weight used; current limit is %d request weight per 1 "
                       "MINUTE.",
                       BINANCE_SPOT_WALLET_PER_MINUTE * call->dialect->factor);
}

static void run(struct binance_spot_call *call, const struct binance_spot_endpoint *endpoint,
                const struct paper_http_request *request, enum binance_params_mistake mistake,
                struct outcome *outcome)
{
    struct binance_limits *limits = limits_of(call->dialect, outcome);
    int64_t now_ms = call->base.now_ms;
    int weight = binance_spot_endpoint_weight(endpoint, call->base.params);
    outcome->verdict =
        binance_limits_charge(limits, request->address, weight, now_ms, &outcome->used);
    if (outcome->verdict == BINANCE_BANNED)
        refuse_limited(call, outcome, request->address);
    if (!binance_refused(&call->base))
        authorize(call, endpoint, request);
    refuse_limited(call, outcome, request->address);
    check_account(call, endpoint, outcome);
    binance_refuse_mistake(&call->base, mistake);
    if (!binance_refused(&call->base))
        endpoint->run(call);
    if (endpoint->free && !binance_refused(&call->base))
        (void)binance_limits_charge(limits, request->address, -weight, now_ms, &outcome->used);
}

static void write_headers(const struct binance_spot_call *call, const struct outcome *outcome,
                          keel_str address, struct paper_response *response)
{
    struct keel_writer *headers = &response->headers;
    if (outcome->wallet && outcome->used_by_account > 0)
        keel_write_format(headers, "X-SAPI-USED-UID-WEIGHT-1M: %d\r\n", outcome->used_by_account);
    keel_write_format(headers,
                      outcome->wallet ? "X-SAPI-USED-IP-WEIGHT-1M: %d\r\n"
                                      : "X-MBX-USED-WEIGHT-1M: %d\r\n",
                      outcome->used);
    if (call->order_placed) {
        const struct binance_spot_counts *counts = &call->dialect->counts[call->base.account];
        keel_write_format(headers, "X-MBX-ORDER-COUNT-10S: %d\r\nX-MBX-ORDER-COUNT-1D: %d\r\n",
                          counts->in_ten_seconds, counts->in_day);
    }
    if (response->status != 429 && response->status != 418)
        return;
    int64_t until_ms = call->base.code == -1015
                           ? (call->base.now_ms / 10000 + 1) * 10000
                           : binance_limits_retry_ms(limits_of(call->dialect, outcome), address,
                                                     call->base.now_ms);
    keel_write_format(headers, "Retry-After: %lld\r\n",
                      (long long)((until_ms - call->base.now_ms + 999) / 1000));
}

static void put_refusal(const struct binance_spot_call *call, struct keel_writer *json)
{
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "code", call->base.code);
    keel_json_put_text(json, "msg", call->base.message);
    if (call->data.size > 0)
        keel_json_put_raw(json, "data", call->data);
    keel_json_close_object(json);
}

static void finish(struct binance_spot_call *call, const struct outcome *outcome, keel_str address,
                   struct paper_response *response)
{
    if (response->body.full)
        binance_refuse(&call->base, -1001,
                       "Internal error; unable to process your request. Please try again.");
    if (binance_refused(&call->base)) {
        keel_writer_init(&response->body, response->body.data, response->body.capacity + 1);
        response->status = binance_spot_status_of(call->base.code);
        if (outcome->verdict == BINANCE_BANNED)
            response->status = 418;
        put_refusal(call, &response->body);
    }
    write_headers(call, outcome, address, response);
}

static void handle(struct paper_dialect *base, const struct paper_http_request *request,
                   int64_t now_ms, struct paper_response *response)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    struct binance_params params = {.count = 0};
    struct outcome outcome = {.wallet = keel_str_starts_with(request->path, KEEL_STR("/sapi/"))};
    struct binance_spot_call call = {
        .base = {.params = &params, .now_ms = now_ms, .out = &response->body},
        .dialect = dialect,
        .spot = dialect->spot,
    };
    const struct binance_spot_endpoint *endpoint =
        binance_spot_find_endpoint(request->method, binance_spot_own_path(request->path));
    if (endpoint) {
        enum binance_params_mistake mistake =
            binance_read_params(request, &dialect->arena, &params);
        run(&call, endpoint, request, mistake, &outcome);
    } else {
        outcome.verdict = binance_limits_charge(limits_of(dialect, &outcome), request->address, 1,
                                                now_ms, &outcome.used);
        refuse_limited(&call, &outcome, request->address);
        binance_refuse(&call.base, -5000, "Path %.*s, Method %.*s is invalid",
                       KEEL_STR_ARGS(request->path), KEEL_STR_ARGS(request->method));
    }
    finish(&call, &outcome, request->address, response);
}

/* --- The dialect -------------------------------------------------------------------------------
 */

static bool owns_path(keel_str path)
{
    return keel_str_starts_with(path, KEEL_STR("/spot/")) ||
           keel_str_starts_with(path, KEEL_STR("/api/v3/")) ||
           keel_str_starts_with(path, KEEL_STR("/sapi/")) ||
           keel_str_starts_with(path, KEEL_STR("/ws-api/v3"));
}

/* Every market has its tape from the first moment on. */
static void begin_tapes(struct paper_binance_spot *dialect, int64_t now_ms)
{
    for (int i = 1; i <= paper_spot_market_count(dialect->spot); i++) {
        struct paper_ticker ticker;
        paper_spot_get_ticker(dialect->spot, (keel_market_id)i, &ticker);
        paper_tape_set_ticker(&dialect->tapes[i], &ticker, now_ms);
    }
    dialect->rolled_minute = now_ms / 60000;
}

static void begin_limits(struct paper_binance_spot *dialect)
{
    binance_limits_init(&dialect->limits, dialect->factor);
    binance_limits_init(&dialect->wallet_limits, dialect->factor);
    dialect->limits.weight_max = BINANCE_SPOT_WEIGHT_PER_MINUTE * dialect->factor;
    dialect->wallet_limits.weight_max = BINANCE_SPOT_SAPI_PER_MINUTE * dialect->factor;
}

/* Nothing of the futures' is told here. */
static void publish(struct paper_dialect *base, const struct paper_event *event, int64_t now_ms)
{
    (void)base, (void)event, (void)now_ms;
}

static void advanced(struct paper_dialect *base, int64_t now_ms)
{
    (void)base, (void)now_ms;
}

static void tick(struct paper_dialect *base, int64_t now_ms)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    if (dialect->rolled_minute != now_ms / 60000) {
        dialect->rolled_minute = now_ms / 60000;
        for (int i = 1; i <= paper_spot_market_count(dialect->spot); i++)
            paper_tape_roll(&dialect->tapes[i], now_ms);
    }
    binance_connections_tick(&dialect->connections, now_ms);
}

static size_t account_slots(const struct paper_binance_spot *dialect)
{
    return (size_t)dialect->keys->count + 1;
}

static size_t market_slots(const struct paper_binance_spot *dialect)
{
    return (size_t)paper_spot_market_count(dialect->spot) + 1;
}

/* Connections and their subscriptions stay; what was counted and recorded goes. */
static void reset(struct paper_dialect *base, int64_t now_ms)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    begin_limits(dialect);
    memset(dialect->counts, 0, account_slots(dialect) * sizeof(*dialect->counts));
    memset(dialect->tapes, 0, market_slots(dialect) * sizeof(*dialect->tapes));
    begin_tapes(dialect, now_ms);
}

static int account_of(const struct paper_dialect *base, const struct paper_http_request *request)
{
    const struct paper_binance_spot *dialect = (const struct paper_binance_spot *)base;
    const struct paper_key *key =
        paper_keys_find(dialect->keys, paper_request_header(request, "x-mbx-apikey"));
    return key ? key->account : 0;
}

/* Events of users are wrapped: their name is the first "e" behind that. A connection that has
 * subscribed to a user's data is that user's, but for its answers. */
static void describe_frame(const struct paper_stream *base, keel_str payload,
                           struct paper_fault_subject *subject)
{
    static const char mark[] = "\"e\":\"";
    const struct binance_spot_stream *stream = (const struct binance_spot_stream *)base;
    bool event = keel_str_starts_with(payload, KEEL_STR("{\"subscriptionId\":"));
    *subject = (struct paper_fault_subject){
        .stream = !stream->base.api                                        ? PAPER_STREAM_MARKET
                  : event || (payload.size == 0 && stream->user_count > 0) ? PAPER_STREAM_USER
                                                                           : PAPER_STREAM_API,
        .account = stream->user_count > 0 ? stream->users[0].account : 0,
    };
    const char *at =
        payload.size > 0 ? memmem(payload.data, payload.size, mark, sizeof(mark) - 1) : NULL;
    if (!at)
        return;
    at += sizeof(mark) - 1;
    const char *end = memchr(at, '"', (size_t)(payload.data + payload.size - at));
    subject->event = (keel_str){at, end ? (size_t)(end - at) : 0};
}

/* There are no listen keys to lose: the subscriptions end. */
static void expire_key(struct paper_dialect *base, int account, int notices, int64_t now_ms)
{
    binance_spot_end_users((struct paper_binance_spot *)base, account, notices, now_ms);
}

static void describe(const struct paper_dialect *base, keel_str authority, struct keel_writer *json)
{
    keel_json_open_object(json, base->ops->name);
    paper_put_url(json, "rest", "http://", authority, "");
    paper_put_url(json, "stream", "ws://", authority, "/spot");
    paper_put_url(json, "ws_api", "ws://", authority, "/ws-api/v3");
    keel_json_close_object(json);
}

static void free_dialect(struct paper_dialect *base)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    while (dialect->connections.first)
        binance_connection_close(&dialect->connections, dialect->connections.first);
    free(dialect->counts);
    free(dialect->tapes);
    free(dialect->arena_memory);
    free(dialect->scratch);
    free(dialect->result);
    free(dialect);
}

static const struct paper_dialect_ops ops = {
    .name = "binance-spot",
    .owns_path = owns_path,
    .handle = handle,
    .open_stream = binance_spot_open_stream,
    .close_stream = binance_spot_close_stream,
    .receive = binance_spot_receive,
    .publish = publish,
    .publish_spot = binance_spot_publish,
    .advanced = advanced,
    .tick = tick,
    .reset = reset,
    .account_of = account_of,
    .describe_frame = describe_frame,
    .fail = binance_fail,
    .expire_key = expire_key,
    .describe = describe,
    .free = free_dialect,
};

static bool take_memory(struct paper_binance_spot *dialect)
{
    dialect->counts = calloc(account_slots(dialect), sizeof(*dialect->counts));
    dialect->tapes = calloc(market_slots(dialect), sizeof(*dialect->tapes));
    dialect->arena_memory = malloc(BINANCE_ARENA_SIZE);
    dialect->scratch = malloc(BINANCE_SCRATCH_SIZE);
    dialect->result = malloc(BINANCE_SCRATCH_SIZE);
    return dialect->counts && dialect->tapes && dialect->arena_memory && dialect->scratch &&
           dialect->result;
}

struct paper_dialect *paper_binance_spot_new(const struct paper_binance_spot_config *config,
                                             int64_t now_ms)
{
    struct paper_binance_spot *dialect = calloc(1, sizeof(*dialect));
    if (!dialect)
        return NULL;
    dialect->base = (struct paper_dialect){.ops = &ops, .outbox = config->outbox};
    dialect->spot = config->spot;
    dialect->keys = config->keys;
    dialect->factor = config->limit_factor > 0 ? config->limit_factor : 1;
    begin_limits(dialect);
    if (!take_memory(dialect)) {
        free_dialect(&dialect->base);
        return NULL;
    }
    keel_arena_init(&dialect->arena, dialect->arena_memory, BINANCE_ARENA_SIZE);
    dialect->connections = (struct binance_connections){.dialect = &dialect->base,
                                                        .rules = &binance_spot_connection_rules,
                                                        .arena = &dialect->arena,
                                                        .scratch = dialect->scratch};
    begin_tapes(dialect, now_ms);
    return &dialect->base;
}

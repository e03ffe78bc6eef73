#include "paper/binance/auth.h"
#include "paper/binance/endpoints.h"
#include "paper/binance/failure.h"
#include "paper/binance/streams.h"

#include <stdlib.h>

/* --- One REST call -----------------------------------------------------------------------------
 */

/* What the answer's headers tell beside the body. */
struct outcome {
    enum binance_verdict verdict;
    int used_weight;
    bool counted; /* it was an order call, and accepted */
};

static void authorize(struct binance_call *call, const struct binance_endpoint *endpoint,
                      const struct paper_http_request *request)
{
    if (endpoint->security == BINANCE_PUBLIC)
        return;
    const struct paper_key *key =
        binance_check_key(call, paper_request_header(request, "x-mbx-apikey"));
    if (key && endpoint->security == BINANCE_SIGNED)
        binance_check_signed_form(call, key, request->query, request->body);
}

static void refuse_limited(struct binance_call *call, enum binance_verdict verdict,
                           keel_str address)
{
    struct binance_limits *limits = &call->binance->limits;
    if (verdict == BINANCE_LIMITED)
        binance_refuse(call, -1003,
                       "Too many requests; current limit of IP(%.*s) is %d requests per minute. "
                       "Please use the websocket for live updates to avoid polling the API.",
                       KEEL_STR_ARGS(address), limits->weight_max);
    else if (verdict == BINANCE_BANNED)
        binance_refuse(call, -1003,
                       "Way too many requests; IP(%.*s) banned until %lld. Please use the "
                       "websocket for live updates to avoid bans.",
                       KEEL_STR_ARGS(address),
                       (long long)binance_limits_retry_ms(limits, address, call->now_ms));
}

/* Whether the account may place so many more. */
static void check_orders(struct binance_call *call, const struct binance_endpoint *endpoint)
{
    const struct binance_limits *limits = &call->binance->limits;
    struct binance_order_count *count = &call->binance->order_counts[call->account];

    if (binance_refused(call) || endpoint->orders_minute == 0)
        return;
    binance_order_count_roll(count, call->now_ms);
    if (binance_order_count_allows(limits, count, endpoint->orders_ten_seconds,
                                   endpoint->orders_minute))
        return;
    bool in_minute = count->in_minute + endpoint->orders_minute > limits->orders_minute_max;
    binance_refuse(call, -1015, "Too many new orders; current limit is %d orders per %s.",
                   in_minute ? limits->orders_minute_max : limits->orders_ten_seconds_max,
                   in_minute ? "MINUTE" : "TEN_SECONDS");
}

static bool count_orders(struct binance_call *call, const struct binance_endpoint *endpoint)
{
    if (binance_refused(call) || endpoint->orders_minute == 0)
        return false;
    struct binance_order_count *count = &call->binance->order_counts[call->account];
    count->in_ten_seconds += endpoint->orders_ten_seconds;
    count->in_minute += endpoint->orders_minute;
    return true;
}

static void run(struct binance_call *call, const struct binance_endpoint *endpoint,
                const struct paper_http_request *request, enum binance_params_mistake mistake,
                struct outcome *outcome)
{
    int weight = binance_endpoint_weight(endpoint, call->params);
    outcome->verdict = binance_limits_charge(&call->binance->limits, request->address, weight,
                                             call->now_ms, &outcome->used_weight);
    if (outcome->verdict == BINANCE_BANNED)
        refuse_limited(call, outcome->verdict, request->address);
    if (!binance_refused(call))
        authorize(call, endpoint, request);
    refuse_limited(call, outcome->verdict, request->address);
    check_orders(call, endpoint);
    binance_refuse_mistake(call, mistake);
    if (!binance_refused(call))
        endpoint->run(call);
    outcome->counted = count_orders(call, endpoint);
}

static void write_headers(const struct binance_call *call, const struct outcome *outcome,
                          keel_str address, struct paper_response *response)
{
    struct keel_writer *headers = &response->headers;
    keel_write_format(headers, "X-MBX-USED-WEIGHT-1M: %d\r\n", outcome->used_weight);
    if (outcome->counted) {
        const struct binance_order_count *count = &call->binance->order_counts[call->account];
        keel_write_format(headers, "X-MBX-ORDER-COUNT-10S: %d\r\nX-MBX-ORDER-COUNT-1M: %d\r\n",
                          count->in_ten_seconds, count->in_minute);
    }
    if (response->status != 429 && response->status != 418)
        return;
    int64_t until_ms = call->code == -1015
                           ? (call->now_ms / 10000 + 1) * 10000
                           : binance_limits_retry_ms(&call->binance->limits, address, call->now_ms);
    keel_write_format(headers, "Retry-After: %lld\r\n",
                      (long long)((until_ms - call->now_ms + 999) / 1000));
}

static void finish(struct binance_call *call, const struct outcome *outcome, keel_str address,
                   struct paper_response *response)
{
    if (response->body.full)
        binance_refuse(call, -1001,
                       "Internal error; unable to process your request. Please try "
                       "again.");
    if (binance_refused(call)) {
        keel_writer_init(&response->body, response->body.data, response->body.capacity + 1);
        response->status = binance_status_of(call->code);
        if (outcome->verdict == BINANCE_BANNED)
            response->status = 418;
        binance_put_error(&response->body, NULL, call->code, call->message);
    }
    write_headers(call, outcome, address, response);
}

static void handle(struct paper_dialect *dialect, const struct paper_http_request *request,
                   int64_t now_ms, struct paper_response *response)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    struct binance_params params;
    struct outcome outcome = {0};
    struct binance_call call = {
        .binance = binance,
        .engine = binance->engine,
        .params = &params,
        .now_ms = now_ms,
        .out = &response->body,
    };
    const struct binance_endpoint *endpoint = binance_find_endpoint(request->method, request->path);
    if (endpoint) {
        enum binance_params_mistake mistake =
            binance_read_params(request, &binance->arena, &params);
        run(&call, endpoint, request, mistake, &outcome);
    } else {
        outcome.verdict = binance_limits_charge(&binance->limits, request->address, 1, now_ms,
                                                &outcome.used_weight);
        refuse_limited(&call, outcome.verdict, request->address);
        binance_refuse(&call, -5000, "Path %.*s, Method %.*s is invalid",
                       KEEL_STR_ARGS(request->path), KEEL_STR_ARGS(request->method));
    }
    finish(&call, &outcome, request->address, response);
}

/* --- Listen keys -------------------------------------------------------------------------------
 */

const char *binance_extend_listen_key(struct paper_binance *binance, int account, int64_t now_ms)
{
    struct binance_listen_key *key = &binance->listen_keys[account];
    if (key->expires_ms <= now_ms)
        paper_random_name(&binance->random, key->name, sizeof(key->name));
    key->expires_ms = now_ms + BINANCE_LISTEN_KEY_MS;
    return key->name;
}

int binance_listen_key_account(const struct paper_binance *binance, keel_str name, int64_t now_ms)
{
    for (int account = 1; account <= binance->keys->count; account++) {
        const struct binance_listen_key *key = &binance->listen_keys[account];
        if (key->expires_ms > now_ms && keel_str_equals(name, keel_str_from(key->name)))
            return account;
    }
    return 0;
}

/* --- The dialect -------------------------------------------------------------------------------
 */

/* A stream may have any name but that of another venue's address. */
static bool owns_path(keel_str path)
{
    static const keel_str prefixes[] = {
        {"/fapi/",    6},
        {"/api/v1/",  8},
        {"/dapi/",    6},
        {"/ws",       3},
        {"/stream",   7},
        {"/public/",  8},
        {"/market/",  8},
        {"/private/", 9},
    };
    if (keel_str_equals(path, KEEL_STR("/ws/v4")) || keel_str_equals(path, KEEL_STR("/ws/v4/")) ||
        keel_str_starts_with(path, KEEL_STR("/ws-api/")))
        return false;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (keel_str_starts_with(path, prefixes[i]))
            return true;
    }
    return false;
}

/* Every market has its tape from the first moment on. */
static void begin_tapes(struct paper_binance *binance, int64_t now_ms)
{
    for (int i = 1; i <= paper_instrument_count(); i++) {
        struct paper_ticker ticker;
        paper_engine_get_ticker(binance->engine, (keel_market_id)i, &ticker);
        paper_tape_set_ticker(&binance->tapes[i], &ticker, now_ms);
        binance->tapes[i].coming_rate = ticker.funding_rate;
    }
    binance->settlements = paper_engine_market_time_ms(binance->engine) / PAPER_FUNDING_MS;
    binance->rolled_minute = now_ms / 60000;
}

/* The history of rates is the dialect's: the engine tells of a settlement only those who pay. */
static void advanced(struct paper_dialect *dialect, int64_t now_ms)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    int64_t settlements = paper_engine_market_time_ms(binance->engine) / PAPER_FUNDING_MS;
    bool settled = settlements != binance->settlements;

    binance->settlements = settlements;
    for (int i = 1; i <= paper_instrument_count(); i++) {
        struct paper_ticker ticker;
        paper_engine_get_ticker(binance->engine, (keel_market_id)i, &ticker);
        if (settled)
            paper_tape_add_funding(&binance->tapes[i], ticker.mark_price, now_ms);
        binance->tapes[i].coming_rate = ticker.funding_rate;
    }
}

static void tick(struct paper_dialect *dialect, int64_t now_ms)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    if (binance->rolled_minute != now_ms / 60000) {
        binance->rolled_minute = now_ms / 60000;
        for (int i = 1; i <= paper_instrument_count(); i++)
            paper_tape_roll(&binance->tapes[i], now_ms);
    }
    binance_tick_streams(binance, now_ms);
}

/* Connections, their subscriptions and the listen keys stay; what was counted and recorded goes. */
static void reset(struct paper_dialect *dialect, int64_t now_ms)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    int factor = binance->limits.weight_max / BINANCE_WEIGHT_PER_MINUTE;

    binance_limits_init(&binance->limits, factor);
    memset(binance->order_counts, 0,
           ((size_t)binance->keys->count + 1) * sizeof(*binance->order_counts));
    memset(binance->tapes, 0, ((size_t)paper_instrument_count() + 1) * sizeof(*binance->tapes));
    begin_tapes(binance, now_ms);
}

static void describe(const struct paper_dialect *dialect, keel_str authority,
                     struct keel_writer *json)
{
    keel_json_open_object(json, dialect->ops->name);
    paper_put_url(json, "rest", "http://", authority, "");
    paper_put_url(json, "stream", "ws://", authority, "");
    paper_put_url(json, "ws_api", "ws://", authority, "/ws-fapi/v1");
    keel_json_close_object(json);
}

static void free_binance(struct paper_dialect *dialect)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    while (binance->connections.first)
        binance_connection_close(&binance->connections, binance->connections.first);
    free(binance->order_counts);
    free(binance->listen_keys);
    free(binance->tapes);
    free(binance->arena_memory);
    free(binance->scratch);
    free(binance->result);
    free(binance);
}

static const struct paper_dialect_ops ops = {
    .name = "binance",
    .owns_path = owns_path,
    .handle = handle,
    .open_stream = binance_open_stream,
    .close_stream = binance_close_stream,
    .receive = binance_receive,
    .publish = binance_publish,
    .advanced = advanced,
    .tick = tick,
    .reset = reset,
    .account_of = binance_account_of,
    .describe_frame = binance_describe_frame,
    .fail = binance_fail,
    .expire_key = binance_expire_key,
    .describe = describe,
    .free = free_binance,
};

static bool take_memory(struct paper_binance *binance)
{
    size_t accounts = (size_t)binance->keys->count + 1;
    size_t markets = (size_t)paper_instrument_count() + 1;

    binance->order_counts = calloc(accounts, sizeof(*binance->order_counts));
    binance->listen_keys = calloc(accounts, sizeof(*binance->listen_keys));
    binance->tapes = calloc(markets, sizeof(*binance->tapes));
    binance->arena_memory = malloc(BINANCE_ARENA_SIZE);
    binance->scratch = malloc(BINANCE_SCRATCH_SIZE);
    binance->result = malloc(BINANCE_SCRATCH_SIZE);
    return binance->order_counts && binance->listen_keys && binance->tapes &&
           binance->arena_memory && binance->scratch && binance->result;
}

struct paper_dialect *paper_binance_new(const struct paper_binance_config *config, int64_t now_ms)
{
    struct paper_binance *binance = calloc(1, sizeof(*binance));
    if (!binance)
        return NULL;
    binance->base = (struct paper_dialect){.ops = &ops, .outbox = config->outbox};
    binance->engine = config->engine;
    binance->keys = config->keys;
    binance->speed = config->speed;
    binance->random.state = config->seed ^ UINT64_C(0x6c697374656e6572); /* a row of its own */
    binance_limits_init(&binance->limits, config->limit_factor > 0 ? config->limit_factor : 1);
    if (!take_memory(binance)) {
        free_binance(&binance->base);
        return NULL;
    }
    keel_arena_init(&binance->arena, binance->arena_memory, BINANCE_ARENA_SIZE);
    binance->connections = (struct binance_connections){.dialect = &binance->base,
                                                        .rules = &binance_connection_rules,
                                                        .arena = &binance->arena,
                                                        .scratch = binance->scratch};
    begin_tapes(binance, now_ms);
    return &binance->base;
}

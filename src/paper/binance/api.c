#include "paper/binance/auth.h"
#include "paper/binance/endpoints.h"
#include "paper/binance/envelope.h"
#include "paper/binance/streams.h"

/* --- The envelope ------------------------------------------------------------------------------
 */

static void put_limits(struct keel_writer *json, const struct binance_call *call, int used_weight,
                       bool orders)
{
    const struct binance_limits *limits = &call->binance->limits;
    keel_json_open_array(json, "rateLimits");
    if (orders) {
        const struct binance_order_count *count = &call->binance->order_counts[call->account];
        binance_put_limit(json, "ORDERS", "SECOND", 10, limits->orders_ten_seconds_max,
                          count->in_ten_seconds);
        binance_put_limit(json, "ORDERS", "MINUTE", 1, limits->orders_minute_max, count->in_minute);
    }
    binance_put_limit(json, "REQUEST_WEIGHT", "MINUTE", 1, limits->weight_max, used_weight);
    keel_json_close_array(json);
}

static void put_failure(struct keel_writer *json, const struct binance_call *call, int status,
                        int64_t retry_ms)
{
    keel_json_put_int(json, "status", status);
    keel_json_open_object(json, "error");
    keel_json_put_int(json, "code", call->code);
    keel_json_put_text(json, "msg", call->message);
    if (retry_ms > 0) {
        keel_json_open_object(json, "data");
        keel_json_put_int(json, "serverTime", call->now_ms);
        keel_json_put_int(json, "retryAfter", retry_ms);
        keel_json_close_object(json);
    }
    keel_json_close_object(json);
}

static void send(struct binance_connection *connection, const struct keel_writer *json)
{
    keel_str text = keel_writer_text(json);
    paper_stream_push(&connection->base, PAPER_FRAME_TEXT, &text, 1);
}

/* --- Sessions ----------------------------------------------------------------------------------
 */

/* Only Ed25519 keys can log on, and ours are HMAC keys. */
static void log_on(struct binance_call *call)
{
    const struct paper_key *key =
        binance_check_key(call, binance_read_text(call, "apiKey", BINANCE_MANDATORY));
    if (key)
        binance_check_signed_params(call, key);
    binance_refuse(call, -4056, "Invalid api key type.");
}

static void put_session(struct binance_call *call, const struct binance_connection *connection)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_null(call->out, "apiKey");
    keel_json_put_null(call->out, "authorizedSince");
    keel_json_put_int(call->out, "connectedSince", connection->opened_ms);
    keel_json_put_bool(call->out, "returnRateLimits", connection->rate_limits);
    keel_json_put_int(call->out, "serverTime", call->now_ms);
    keel_json_close_object(call->out);
}

static bool run_session(struct binance_call *call, const struct binance_connection *connection,
                        keel_str method)
{
    if (keel_str_equals(method, KEEL_STR("session.logon")))
        log_on(call);
    else if (keel_str_equals(method, KEEL_STR("session.status")) ||
             keel_str_equals(method, KEEL_STR("session.logout")))
        put_session(call, connection);
    else
        return false;
    return true;
}

/* --- One request -------------------------------------------------------------------------------
 */

static void authorize(struct binance_call *call, const struct binance_endpoint *endpoint)
{
    if (endpoint->security == BINANCE_PUBLIC)
        return;
    const keel_str *api_key = binance_params_find(call->params, "apiKey");
    const struct paper_key *key = binance_check_key(call, api_key ? *api_key : (keel_str){0});
    if (key && endpoint->security == BINANCE_SIGNED)
        binance_check_signed_params(call, key);
}

static void check_orders(struct binance_call *call, const struct binance_endpoint *endpoint)
{
    const struct binance_limits *limits = &call->binance->limits;
    struct binance_order_count *count = &call->binance->order_counts[call->account];

    if (binance_refused(call) || endpoint->orders_minute == 0)
        return;
    binance_order_count_roll(count, call->now_ms);
    if (!binance_order_count_allows(limits, count, endpoint->orders_ten_seconds,
                                    endpoint->orders_minute))
        binance_refuse(call, -1015, "Too many new orders; current limit is %d orders per %s.",
                       limits->orders_ten_seconds_max, "TEN_SECONDS");
}

/* True when it counted as an order. */
static bool run_endpoint(struct binance_call *call, const struct binance_endpoint *endpoint,
                         enum binance_verdict verdict)
{
    if (verdict != BINANCE_BANNED)
        authorize(call, endpoint);
    if (verdict != BINANCE_WITHIN_LIMITS)
        binance_refuse(call, -1003,
                       "Too many requests; current limit is %d requests per minute. Please use the "
                       "websocket for live updates to avoid polling the API.",
                       call->binance->limits.weight_max);
    check_orders(call, endpoint);
    if (binance_refused(call))
        return false;
    endpoint->run(call);
    if (binance_refused(call) || endpoint->orders_minute == 0)
        return false;
    struct binance_order_count *count = &call->binance->order_counts[call->account];
    count->in_ten_seconds += endpoint->orders_ten_seconds;
    count->in_minute += endpoint->orders_minute;
    return true;
}

static bool wants_limits(const struct binance_connection *connection,
                         const struct binance_params *params)
{
    const keel_str *wish = binance_params_find(params, "returnRateLimits");
    return wish ? !keel_str_equals(*wish, KEEL_STR("false")) : connection->rate_limits;
}

static void answer(struct binance_connection *connection, struct binance_call *call,
                   const struct binance_api_request *request)
{
    struct binance_limits *limits = &call->binance->limits;
    keel_str address = keel_str_from(connection->address);
    const struct binance_endpoint *endpoint = binance_find_method(request->method);
    int used = 0;
    bool counted = false;
    int weight = endpoint ? binance_endpoint_weight(endpoint, call->params) : 2;
    enum binance_verdict verdict =
        binance_limits_charge(limits, address, weight, call->now_ms, &used);

    if (endpoint)
        counted = run_endpoint(call, endpoint, verdict);
    else if (!run_session(call, connection, request->method))
        binance_refuse(call, -5000, "Method %.*s is invalid", KEEL_STR_ARGS(request->method));
    if (call->out->full)
        binance_refuse(call, -1001,
                       "Internal error; unable to process your request. Please try "
                       "again.");

    struct keel_writer json;
    keel_writer_init(&json, call->binance->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    keel_json_put_raw(&json, "id", request->id);
    if (binance_refused(call)) {
        bool limited = call->code == -1003 || call->code == -1015;
        int status = verdict == BINANCE_BANNED ? 418 : binance_status_of(call->code);
        put_failure(&json, call, status,
                    limited ? binance_limits_retry_ms(limits, address, call->now_ms) : 0);
    } else {
        keel_json_put_int(&json, "status", 200);
        keel_json_put_raw(&json, "result", keel_writer_text(call->out));
    }
    if (wants_limits(connection, call->params))
        put_limits(&json, call, used, counted);
    keel_json_close_object(&json);
    send(connection, &json);
}

void binance_answer_api(struct paper_binance *binance, struct binance_connection *connection,
                        keel_str text, int64_t now_ms)
{
    keel_arena_reset(&binance->arena);
    struct binance_api_request *request = keel_arena_take(&binance->arena, sizeof(*request));
    struct keel_writer out;
    KEEL_ASSERT(request);

    keel_writer_init(&out, binance->result, BINANCE_SCRATCH_SIZE);
    bool readable = binance_read_api_request(text, &binance->arena, request);
    struct binance_call call = {
        .binance = binance,
        .engine = binance->engine,
        .params = &request->params,
        .now_ms = now_ms,
        .out = &out,
    };
    if (readable) {
        answer(connection, &call, request);
        return;
    }
    struct keel_writer json;
    keel_writer_init(&json, binance->scratch, BINANCE_SCRATCH_SIZE);
    binance_refuse(&call, -1135, "Invalid JSON Request");
    keel_json_open_object(&json, NULL);
    keel_json_put_null(&json, "id");
    put_failure(&json, &call, 400, 0);
    keel_json_close_object(&json);
    send(connection, &json);
}

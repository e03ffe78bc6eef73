#include "paper/binance/envelope.h"
#include "paper/binance_spot/endpoints.h"
#include "paper/binance_spot/streams.h"

/* --- The envelope ------------------------------------------------------------------------------
 */

static void put_limits(struct keel_writer *json, const struct binance_spot_call *call, int used,
                       bool orders)
{
    const struct binance_spot_counts *counts = &call->dialect->counts[call->base.account];
    int factor = call->dialect->factor;
    keel_json_open_array(json, "rateLimits");
    if (orders) {
        binance_put_limit(json, "ORDERS", "SECOND", 10, BINANCE_SPOT_ORDERS_PER_10_S * factor,
                          counts->in_ten_seconds);
        binance_put_limit(json, "ORDERS", "DAY", 1, BINANCE_SPOT_ORDERS_PER_DAY * factor,
                          counts->in_day);
    }
    binance_put_limit(json, "REQUEST_WEIGHT", "MINUTE", 1, BINANCE_SPOT_WEIGHT_PER_MINUTE * factor,
                      used);
    keel_json_close_array(json);
}

static void put_failure(struct keel_writer *json, const struct binance_spot_call *call, int status,
                        int64_t retry_ms)
{
    keel_json_put_int(json, "status", status);
    keel_json_open_object(json, "error");
    keel_json_put_int(json, "code", call->base.code);
    keel_json_put_text(json, "msg", call->base.message);
    if (call->data.size > 0) {
        keel_json_put_raw(json, "data", call->data);
    } else if (retry_ms > 0) {
        keel_json_open_object(json, "data");
        keel_json_put_int(json, "serverTime", call->base.now_ms);
        keel_json_put_int(json, "retryAfter", retry_ms);
        keel_json_close_object(json);
    }
    keel_json_close_object(json);
}

static void send(struct binance_spot_stream *stream, const struct keel_writer *json)
{
    keel_str text = keel_writer_text(json);
    paper_stream_push(&stream->base.base, PAPER_FRAME_TEXT, &text, 1);
}

/* --- One request -------------------------------------------------------------------------------
 */

static void authorize(struct binance_spot_call *call, const struct binance_spot_endpoint *endpoint)
{
    if (endpoint->security == BINANCE_PUBLIC)
        return;
    const keel_str *api_key = binance_params_find(call->base.params, "apiKey");
    const struct paper_key *key = binance_spot_check_key(call, api_key ? *api_key : (keel_str){0});
    if (key && endpoint->security == BINANCE_SIGNED)
        binance_spot_check_params(call, key);
}

static void check_orders(struct binance_spot_call *call,
                         const struct binance_spot_endpoint *endpoint)
{
    const char *interval;
    int limit;
    if (binance_refused(&call->base) || !endpoint->places)
        return;
    const struct binance_spot_counts *counts =
        binance_spot_counts_of(call->dialect, call->base.account, call->base.now_ms);
    if (!binance_spot_may_place(call->dialect, counts, &interval, &limit))
        binance_refuse(&call->base, -1015,
                       "Too many new orders; current limit is %d orders per %s.", limit, interval);
}

static void run_endpoint(struct binance_spot_call *call,
                         const struct binance_spot_endpoint *endpoint, enum binance_verdict verdict)
{
    if (verdict != BINANCE_BANNED)
        authorize(call, endpoint);
    if (verdict != BINANCE_WITHIN_LIMITS)
        binance_refuse(&call->base, -1003,
                       "Too much request weight used; current limit is %d request weight per 1 "
                       "MINUTE. Please use WebSocket Streams for live updates to avoid polling the "
                       "API.",
                       call->dialect->limits.weight_max);
    check_orders(call, endpoint);
    if (!binance_refused(&call->base))
        endpoint->run(call);
}

static bool wants_limits(const struct binance_spot_stream *stream,
                         const struct binance_params *params)
{
    const keel_str *wish = binance_params_find(params, "returnRateLimits");
    return wish ? !keel_str_equals(*wish, KEEL_STR("false")) : stream->base.rate_limits;
}

static void put_answer(struct keel_writer *json, struct binance_spot_call *call,
                       enum binance_verdict verdict)
{
    keel_str address = keel_str_from(call->stream->base.address);
    int code = call->base.code;
    if (!binance_refused(&call->base)) {
        keel_json_put_int(json, "status", 200);
        keel_json_put_raw(json, "result", keel_writer_text(call->base.out));
        return;
    }
    bool limited = code == -1003 || code == -1015;
    int64_t retry_ms =
        limited ? binance_limits_retry_ms(&call->dialect->limits, address, call->base.now_ms) : 0;
    put_failure(json, call, verdict == BINANCE_BANNED ? 418 : binance_spot_status_of(code),
                retry_ms);
}

static void answer(struct binance_spot_stream *stream, struct binance_spot_call *call,
                   const struct binance_api_request *request)
{
    struct binance_limits *limits = &call->dialect->limits;
    keel_str address = keel_str_from(stream->base.address);
    const struct binance_spot_endpoint *endpoint = binance_spot_find_method(request->method);
    int used = 0;
    int weight = endpoint ? binance_spot_endpoint_weight(endpoint, call->base.params) : 2;
    enum binance_verdict verdict =
        binance_limits_charge(limits, address, weight, call->base.now_ms, &used);

    if (endpoint)
        run_endpoint(call, endpoint, verdict);
    else
        binance_refuse(&call->base, -1100,
                       "Illegal characters found in parameter 'method'; legal range is "
                       "'^[a-zA-Z0-9._]{1,64}$'.");
    if (call->base.out->full)
        binance_refuse(&call->base, -1001,
                       "Internal error; unable to process your request. Please try again.");
    if (endpoint && endpoint->free && !binance_refused(&call->base))
        (void)binance_limits_charge(limits, address, -weight, call->base.now_ms, &used);

    struct keel_writer json;
    keel_writer_init(&json, call->dialect->scratch, BINANCE_SCRATCH_SIZE);
    keel_json_open_object(&json, NULL);
    keel_json_put_raw(&json, "id", request->id);
    put_answer(&json, call, verdict);
    if (wants_limits(stream, call->base.params))
        put_limits(&json, call, used, call->order_placed);
    keel_json_close_object(&json);
    send(stream, &json);
}

void binance_spot_answer_api(struct paper_binance_spot *dialect, struct binance_spot_stream *stream,
                             keel_str text, int64_t now_ms)
{
    keel_arena_reset(&dialect->arena);
    struct binance_api_request *request = keel_arena_take(&dialect->arena, sizeof(*request));
    struct keel_writer out;
    KEEL_ASSERT(request);

    keel_writer_init(&out, dialect->result, BINANCE_SCRATCH_SIZE);
    bool readable = binance_read_api_request(text, &dialect->arena, request);
    struct binance_spot_call call = {
        .base = {.params = &request->params, .now_ms = now_ms, .out = &out},
        .dialect = dialect,
        .spot = dialect->spot,
        .stream = stream,
    };
    if (readable) {
        answer(stream, &call, request);
        return;
    }
    struct keel_writer json;
    keel_writer_init(&json, dialect->scratch, BINANCE_SCRATCH_SIZE);
    binance_refuse(&call.base, -1135, "Invalid JSON Request");
    keel_json_open_object(&json, NULL);
    keel_json_put_null(&json, "id");
    put_failure(&json, &call, 400, 0);
    keel_json_close_object(&json);
    send(stream, &json);
}

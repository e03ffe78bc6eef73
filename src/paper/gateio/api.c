#include "paper/gateio/spot.h"
#include "paper/gateio/streams.h"

#include <stdio.h>

enum {
    LIMIT_FUTURES = 311, /* the number in the venue's message: which limiter refused */
    LIMIT_SPOT = 211,
    LATE_ONE_IN = 4, /* so many results leave behind the pushes that they caused */
};

/* What stands in payload. */
struct api_request {
    keel_str id;    /* text */
    keel_str param; /* req_param as it was written; empty without one */
    keel_str head;  /* req_header, the same */
    keel_str api_key, signature, timestamp;
    int64_t expires_ms; /* x-gate-exptime; 0: none */
    keel_str channel_id;
};

/* A call that comes by its channel. */
struct api_call {
    const char *channel, *ack; /* ack: the name that faults know its acknowledgement by */
    void (*run)(struct gateio_call *call);
    bool acknowledged; /* it is answered twice */
    bool charged;      /* it counts as orders */
};

/* --- What the REST side has in another form ----------------------------------------------------
 */

static void put_cancelled(struct gateio_call *call, keel_str id, const struct gateio_call *one)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_string(call->out, "id", id);
    keel_json_put_int(call->out, "user_id", gateio_user_id(call->account));
    if (gateio_refused(one))
        keel_json_put_text(call->out, "message", one->label);
    else
        keel_json_put_bool(call->out, "succeeded", true);
    keel_json_close_object(call->out);
}

/* One of several: what it would answer alone is not wanted. */
static void cancel_one(struct gateio_call *call, keel_str id)
{
    const struct gateio_params nothing = {.count = 0};
    size_t size = call->out->size;
    bool comma = call->out->comma;
    struct gateio_call one = *call;

    one.params = &nothing;
    one.subject = id;
    gateio_cancel_order(&one);
    call->out->size = size;
    call->out->comma = comma;
    put_cancelled(call, id, &one);
}

static void cancel_ids(struct gateio_call *call)
{
    struct keel_json json;
    int count = gateio_count_batch(call->body);
    if (count > GATEIO_BATCH_CANCELS_MAX) {
        gateio_refuse(call, "INVALID_PARAM_VALUE", "too many orders: at most %d",
                      GATEIO_BATCH_CANCELS_MAX);
        return;
    }
    keel_json_open_array(call->out, NULL);
    keel_json_init(&json, call->body);
    keel_json_enter_array(&json);
    while (keel_json_next_element(&json)) {
        keel_str id = {0};
        if (keel_json_peek(&json) == KEEL_JSON_STRING)
            keel_json_read_string(&json, &call->gateio->arena, &id);
        else
            keel_json_raw(&json, &id);
        cancel_one(call, id);
    }
    keel_json_close_array(call->out);
    if (keel_json_finish(&json, NULL) != KEEL_OK)
        gateio_refuse(call, "INVALID_REQUEST_BODY", "a list of ids is needed");
}

/* --- Which calls there are ---------------------------------------------------------------------
 */

static const struct api_call calls[] = {
    {"futures.login",             "futures.login.ack",             NULL,                     false, false},
    {"futures.order_place",       "futures.order_place.ack",       gateio_place_order,       true,  true },
    {"futures.order_batch_place", "futures.order_batch_place.ack", gateio_place_batch,       true,  true },
    {"futures.order_cancel",      "futures.order_cancel.ack",      gateio_cancel_order,      false, true },
    {"futures.order_cancel_ids",  "futures.order_cancel_ids.ack",  cancel_ids,               false, true },
    {"futures.order_cancel_cp",   "futures.order_cancel_cp.ack",   gateio_cancel_orders,     false, true },
    {"futures.order_amend",       "futures.order_amend.ack",       gateio_amend_order,       false, true },
    {"futures.order_list",        "futures.order_list.ack",        gateio_list_orders,       false, false},
    {"futures.order_status",      "futures.order_status.ack",      gateio_get_order,         false, false},
    {"spot.login",                "spot.login.ack",                NULL,                     false, false},
    {"spot.order_place",          "spot.order_place.ack",          gateio_spot_place,        true,  true },
    {"spot.order_cancel",         "spot.order_cancel.ack",         gateio_spot_cancel,       false, true },
    {"spot.order_cancel_ids",     "spot.order_cancel_ids.ack",     gateio_spot_cancel_batch, false, true },
    {"spot.order_cancel_cp",      "spot.order_cancel_cp.ack",      gateio_spot_cancel_all,   false, true },
    {"spot.order_amend",          "spot.order_amend.ack",          gateio_spot_amend,        false, true },
    {"spot.order_list",           "spot.order_list.ack",           gateio_spot_list,         false, false},
    {"spot.order_status",         "spot.order_status.ack",         gateio_spot_get,          false, false},
};

static bool is_spot(keel_str channel)
{
    return keel_str_starts_with(channel, KEEL_STR("spot."));
}

static const struct api_call *find_call(keel_str channel)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (keel_str_equals(channel, keel_str_from(calls[i].channel)))
            return &calls[i];
    }
    return NULL;
}

keel_str gateio_api_event(keel_str channel, bool ack)
{
    const struct api_call *call = find_call(channel);
    if (!call)
        return (keel_str){0};
    return keel_str_from(ack ? call->ack : call->channel);
}

/* --- Reading -----------------------------------------------------------------------------------
 */

/* A string's bytes, or a number as it was written. */
static void read_text(struct keel_json *json, struct keel_arena *arena, keel_str *text)
{
    if (keel_json_peek(json) == KEEL_JSON_STRING)
        keel_json_read_string(json, arena, text);
    else
        keel_json_raw(json, text);
}

static void read_head(struct api_request *request, struct keel_arena *arena)
{
    struct keel_json json;
    keel_str key;
    keel_json_init(&json, request->head);
    if (keel_json_peek(&json) != KEEL_JSON_OBJECT)
        return;
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("x-gate-exptime")))
            keel_json_read_int(&json, &request->expires_ms);
        else if (keel_str_equals(key, KEEL_STR("X-Gate-Channel-Id")))
            keel_json_read_string(&json, arena, &request->channel_id);
        else
            keel_json_skip(&json);
    }
}

static bool read_request(keel_str payload, struct keel_arena *arena, struct api_request *request)
{
    struct keel_json json;
    keel_str key;

    *request = (struct api_request){0};
    keel_json_init(&json, payload);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("req_id")))
            read_text(&json, arena, &request->id);
        else if (keel_str_equals(key, KEEL_STR("req_param")))
            keel_json_raw(&json, &request->param);
        else if (keel_str_equals(key, KEEL_STR("req_header")) ||
                 keel_str_equals(key, KEEL_STR("header")))
            keel_json_raw(&json, &request->head);
        else if (keel_str_equals(key, KEEL_STR("api_key")))
            read_text(&json, arena, &request->api_key);
        else if (keel_str_equals(key, KEEL_STR("signature")))
            read_text(&json, arena, &request->signature);
        else if (keel_str_equals(key, KEEL_STR("timestamp")))
            read_text(&json, arena, &request->timestamp);
        else
            keel_json_skip(&json);
    }
    if (keel_json_finish(&json, NULL) != KEEL_OK)
        return false;
    read_head(request, arena);
    return true;
}

/* --- Answers -----------------------------------------------------------------------------------
 */

/* An answer in the making. */
struct answer {
    struct paper_gateio *gateio;
    struct gateio_stream *stream;
    const struct gateio_message *message;
    const struct api_request *request;
    const struct api_call *call; /* NULL: there is no such channel */
    int64_t now_ms;
};

static enum gateio_limit_kind limit_of(const struct answer *answer)
{
    return answer->stream->spot ? GATEIO_LIMIT_SPOT_WS : GATEIO_LIMIT_WS;
}

/* The fields of the rate limit are left out where they are 0. A refusal spells the last one as it
 * is meant, and so does the spot side. */
static void put_allowance(struct keel_writer *json, const struct answer *answer, int status)
{
    const struct paper_gateio *gateio = answer->gateio;
    int account = answer->stream->login;
    if (account == 0 || !answer->call || !answer->call->charged)
        return;
    const struct gateio_limit *limit = &gateio->accounts[account].limits[limit_of(answer)];
    int64_t limit_max =
        (int64_t)(answer->stream->spot ? GATEIO_SPOT_WS_PER_S : GATEIO_WS_ORDERS_PER_S) *
        gateio->limits.factor;
    int64_t remain = limit_max - limit->used;
    bool exceeded = status == 429;
    if (remain > 0 && !exceeded)
        keel_json_put_int(json, "x_gate_ratelimit_requests_remain", remain);
    keel_json_put_int(json, "x_gate_ratelimit_limit", limit_max);
    if (exceeded)
        keel_json_put_int(json, "x_gate_ratelimit_reset_timestamp", limit->begin_ms + 1000);
    else
        keel_json_put_int(json,
                          answer->stream->spot ? "x_gate_ratelimit_reset_timestamp"
                                               : "x_gat_ratelimit_reset_timestamp",
                          answer->now_ms);
}

static void put_head(struct keel_writer *json, const struct answer *answer, int status)
{
    keel_json_open_object(json, "header");
    gateio_put_int_text(json, "response_time", answer->now_ms);
    gateio_put_int_text(json, "status", status);
    keel_json_put_string(json, "channel", answer->message->channel);
    keel_json_put_text(json, "event", "api");
    keel_json_put_text(json, "client_id", answer->stream->client_id);
    keel_json_put_int(json, "x_in_time", answer->now_ms * 1000);
    keel_json_put_int(json, "x_out_time", answer->now_ms * 1000 + 90);
    keel_json_put_text(json, "conn_id", answer->stream->conn_id);
    gateio_put_trace(json, "conn_trace_id", answer->stream);
    gateio_put_trace(json, "trace_id", answer->stream);
    put_allowance(json, answer, status);
    keel_json_close_object(json);
}

/* A login and what is answered twice say that an answer is no acknowledgement; the others, and what
 * the gateway itself refuses, say nothing of it. */
static bool tells_ack(const struct answer *answer, int status)
{
    if (!answer->call)
        return false;
    bool passed = answer->stream->login != 0 && status != 429;
    return !answer->call->run || (answer->call->acknowledged && passed);
}

static void open_answer(struct keel_writer *json, const struct answer *answer, bool ack, int status)
{
    keel_writer_init(json, answer->gateio->scratch, GATEIO_SCRATCH_SIZE);
    keel_json_open_object(json, NULL);
    keel_json_put_string(json, "request_id", answer->request->id);
    if (tells_ack(answer, status))
        keel_json_put_bool(json, "ack", ack);
    put_head(json, answer, status);
    keel_json_open_object(json, "data");
}

static void close_answer(struct keel_writer *json, const struct answer *answer)
{
    keel_json_close_object(json);
    gateio_end_push(answer->stream, json);
}

/* Received, and no more than that: the request itself is its result. */
static void acknowledge(const struct answer *answer)
{
    const struct api_request *request = answer->request;
    struct keel_writer json;
    open_answer(&json, answer, true, 200);
    keel_json_open_object(&json, "result");
    keel_json_put_string(&json, "req_id", request->id);
    keel_json_put_raw(&json, "req_header",
                      request->head.size > 0 ? request->head : KEEL_STR("null"));
    keel_json_put_raw(&json, "req_param",
                      request->param.size > 0 ? request->param : KEEL_STR("null"));
    keel_json_close_object(&json);
    close_answer(&json, answer);
}

static void send_errors(const struct answer *answer, int status, const char *label,
                        const char *message)
{
    struct keel_writer json;
    open_answer(&json, answer, false, status);
    keel_json_open_object(&json, "errs");
    keel_json_put_text(&json, "label", label);
    keel_json_put_text(&json, "message", message);
    keel_json_close_object(&json);
    close_answer(&json, answer);
}

/* Here all that is the caller's mistake has one status. */
static int status_of(const char *label)
{
    int status = gateio_status_of(label);
    return status == 401 || status == 429 || status >= 500 ? status : 400;
}

static void refuse(const struct answer *answer, const char *label, const char *message)
{
    send_errors(answer, status_of(label), label, message);
}

/* The venue promises no order between a result and the pushes of what it did. */
static bool is_late(const struct answer *answer)
{
    return answer->call->charged &&
           gateio_chance(answer->gateio, answer->stream->number, answer->stream->traces) %
                   LATE_ONE_IN ==
               0;
}

static void send_result(const struct answer *answer, const struct gateio_call *call)
{
    struct keel_writer json;
    if (gateio_refused(call)) {
        refuse(answer, call->label, call->message);
        return;
    }
    bool late = is_late(answer);
    open_answer(&json, answer, false, 200);
    keel_json_put_raw(&json, "result", keel_writer_text(call->out));
    if (!late) {
        close_answer(&json, answer);
        return;
    }
    keel_json_close_object(&json);
    gateio_end_held(answer->stream, &json);
}

/* --- Logging in --------------------------------------------------------------------------------
 */

/* Over the raw text of req_param, whatever it is, empty if there is none; with the time of payload
 * or the message's own, for clients sign either. */
static bool is_signed(const struct answer *answer, const struct paper_key *key)
{
    const struct api_request *request = answer->request;
    char digits[24];
    snprintf(digits, sizeof(digits), "%lld", (long long)answer->message->time_s);
    keel_str parts[] = {
        KEEL_STR("api\n"), answer->message->channel, KEEL_STR("\n"),
        request->param,    KEEL_STR("\n"),           request->timestamp,
    };
    if (gateio_verify(answer->gateio, key->account, parts, 6, request->signature))
        return true;
    parts[5] = keel_str_from(digits);
    return gateio_verify(answer->gateio, key->account, parts, 6, request->signature);
}

/* The key that signed; NULL when it is refused. */
static const struct paper_key *check_signature(const struct answer *answer)
{
    const struct paper_key *key = paper_keys_find(answer->gateio->keys, answer->request->api_key);
    if (!key) {
        refuse(answer, "INVALID_KEY", "Invalid key provided");
        return NULL;
    }
    if (!is_signed(answer, key)) {
        refuse(answer, "INVALID_SIGNATURE", "Signature mismatch");
        return NULL;
    }
    return key;
}

static bool is_timely(const struct answer *answer)
{
    int64_t gap_ms = answer->now_ms - answer->message->time_s * 1000;
    if (gap_ms <= GATEIO_GAP_MS && gap_ms >= -GATEIO_GAP_MS)
        return true;
    refuse(answer, "REQUEST_EXPIRED", "gap between request Timestamp and server time exceeds 60");
    return false;
}

static void log_in(const struct answer *answer)
{
    struct keel_writer json;
    if (!is_timely(answer))
        return;
    const struct paper_key *key = check_signature(answer);
    if (!key)
        return;
    answer->stream->login = key->account;
    open_answer(&json, answer, false, 200);
    keel_json_open_object(&json, "result");
    keel_json_put_text(&json, "api_key", key->api_key);
    gateio_put_int_text(&json, "uid", gateio_user_id(key->account));
    keel_json_close_object(&json);
    close_answer(&json, answer);
}

/* Once logged in, a request needs no signature; one that is there is judged all the same. The time
 * that counts is the message's own. */
static bool may_call(const struct answer *answer)
{
    if (answer->stream->login == 0) {
        refuse(answer, "AUTHENTICATION_FAILED", "Not login");
        return false;
    }
    return is_timely(answer) && (answer->request->signature.size == 0 || check_signature(answer));
}

/* --- One request -------------------------------------------------------------------------------
 */

/* The spot side's orders come one by one or in a list, on the same channel. */
static bool is_list(const struct answer *answer)
{
    struct keel_json json;
    void (*run)(struct gateio_call * call) = answer->call->run;
    if (run == gateio_place_batch || run == cancel_ids || run == gateio_spot_cancel_batch)
        return true;
    keel_json_init(&json, answer->request->param);
    return run == gateio_spot_place && keel_json_peek(&json) == KEEL_JSON_ARRAY;
}

static struct gateio_call call_of(const struct answer *answer, struct gateio_params *params,
                                  struct keel_writer *out)
{
    struct paper_gateio *gateio = answer->gateio;
    keel_writer_init(out, gateio->result, GATEIO_SCRATCH_SIZE);
    return (struct gateio_call){
        .gateio = gateio,
        .engine = gateio->engine,
        .spot = gateio->spot,
        .params = params,
        .body = answer->request->param,
        .account = answer->stream->login,
        .now_ms = answer->now_ms,
        .decimal_sizes = answer->stream->decimal_sizes,
        .origin = GATEIO_ORIGIN_WS,
        .channel_id = answer->request->channel_id,
        .out = out,
        .status = 200,
    };
}

/* Before the acknowledgement: what the gateway itself refuses. */
static void check_gate(const struct answer *answer, struct gateio_call *call)
{
    const struct api_request *request = answer->request;
    if (request->expires_ms != 0 && answer->now_ms > request->expires_ms && answer->call->charged)
        gateio_refuse(call, "REQUEST_EXPIRED", "the request came after its x-gate-exptime");
    if (gateio_refused(call) || !answer->call->charged)
        return;
    gateio_charge(call, limit_of(answer), is_list(answer) ? gateio_count_batch(call->body) : 1);
    if (gateio_refused(call))
        snprintf(call->message, sizeof(call->message), "Request Rate limit Exceeded (%d)",
                 answer->stream->spot ? LIMIT_SPOT : LIMIT_FUTURES);
}

static void run(const struct answer *answer)
{
    struct gateio_params params = {.count = 0};
    struct keel_writer out;
    struct gateio_call call = call_of(answer, &params, &out);

    check_gate(answer, &call);
    if (gateio_refused(&call)) {
        send_result(answer, &call);
        return;
    }
    if (answer->call->acknowledged)
        acknowledge(answer);
    if (!is_list(answer) && !gateio_params_add_object(&params, call.body, &answer->gateio->arena))
        gateio_refuse(&call, "INVALID_REQUEST_BODY", "req_param is not an object");
    else
        answer->call->run(&call);
    if (out.full)
        gateio_refuse(&call, "SERVER_ERROR", "the result is too long");
    send_result(answer, &call);
}

void gateio_answer_api(struct paper_gateio *gateio, struct gateio_stream *stream,
                       const struct gateio_message *message, int64_t now_ms)
{
    struct api_request request;
    bool readable = read_request(message->payload, &gateio->arena, &request);
    const struct answer answer = {
        .gateio = gateio,
        .stream = stream,
        .message = message,
        .request = &request,
        .call = find_call(message->channel),
        .now_ms = now_ms,
    };
    if (!readable)
        refuse(&answer, "INVALID_REQUEST_BODY", "payload is not an object");
    else if (!answer.call || is_spot(message->channel) != stream->spot)
        refuse(&answer, "INVALID_ARGUMENT", "unknown channel");
    else if (!answer.call->run)
        log_in(&answer);
    else if (may_call(&answer))
        run(&answer);
}

/* The methods of the WebSocket API that are about the connection itself. */
#include "paper/binance_spot/endpoints.h"
#include "paper/binance_spot/streams.h"

/* Listen keys are of the past, by REST and by the WebSocket API. */
void binance_spot_retired(struct binance_spot_call *call)
{
    binance_refuse(&call->base, -1016, "This service is no longer available.");
}

/* Only Ed25519 keys can log on, and ours are HMAC keys. */
void binance_spot_log_on(struct binance_spot_call *call)
{
    binance_refuse(&call->base, -4056, "HMAC_SHA256 API key is not supported.");
}

/* Nobody is ever logged on. */
void binance_spot_get_session(struct binance_spot_call *call)
{
    struct keel_writer *json = call->base.out;
    keel_json_open_object(json, NULL);
    keel_json_put_null(json, "apiKey");
    keel_json_put_null(json, "authorizedSince");
    keel_json_put_int(json, "connectedSince", call->stream->base.opened_ms);
    keel_json_put_bool(json, "returnRateLimits", call->stream->base.rate_limits);
    keel_json_put_int(json, "serverTime", call->base.now_ms);
    keel_json_put_bool(json, "userDataStream", call->stream->user_count > 0);
    keel_json_close_object(json);
}

/* Without a session there is nobody whose data it could be. */
void binance_spot_subscribe(struct binance_spot_call *call)
{
    binance_refuse(&call->base, -1002, "You are not authorized to execute this request.");
}

static int find_user(const struct binance_spot_stream *stream, int account)
{
    for (int i = 0; i < stream->user_count; i++)
        if (stream->users[i].account == account)
            return i;
    return -1;
}

void binance_spot_subscribe_signed(struct binance_spot_call *call)
{
    struct binance_spot_stream *stream = call->stream;
    if (find_user(stream, call->base.account) >= 0) {
        binance_refuse(&call->base, -2035,
                       "User Data Stream subscription already active on this connection.");
        return;
    }
    if (stream->user_count == BINANCE_SPOT_USERS_MAX) {
        binance_refuse(&call->base, -1034, "Too many subscriptions on this connection.");
        return;
    }
    int64_t id = stream->next_user_id++;
    stream->users[stream->user_count++] =
        (struct binance_spot_user){.id = id, .account = call->base.account};
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_int(call->base.out, "subscriptionId", id);
    keel_json_close_object(call->base.out);
}

void binance_spot_unsubscribe(struct binance_spot_call *call)
{
    struct binance_spot_stream *stream = call->stream;
    bool all = !binance_params_find(call->base.params, "subscriptionId");
    int64_t id = binance_read_int(&call->base, "subscriptionId", BINANCE_OPTIONAL);
    int kept = 0;
    if (binance_refused(&call->base))
        return;
    for (int i = 0; i < stream->user_count; i++)
        if (!all && stream->users[i].id != id)
            stream->users[kept++] = stream->users[i];
    bool found = kept < stream->user_count;
    stream->user_count = kept;
    if (!found) {
        binance_refuse(&call->base, -2036,
                       "User Data Stream subscription not active on this connection.");
        return;
    }
    keel_json_open_object(call->base.out, NULL);
    keel_json_close_object(call->base.out);
}

void binance_spot_get_subscriptions(struct binance_spot_call *call)
{
    keel_json_open_array(call->base.out, NULL);
    for (int i = 0; i < call->stream->user_count; i++) {
        keel_json_open_object(call->base.out, NULL);
        keel_json_put_int(call->base.out, "subscriptionId", call->stream->users[i].id);
        keel_json_close_object(call->base.out);
    }
    keel_json_close_array(call->base.out);
}

/* subscribe.c - what each stream sends first: subscriptions, and the login of order entry (6, 7).
 */
#include "venue/gateio/sign.h"
#include "venue/gateio/stream.h"

enum {
    MS_IN_S = 1000,
};

static const char path[] = "/v4/ws/usdt";

/* Private channels, each with an acknowledgement of its own. That of balances has no contracts. */
static const struct {
    keel_str name;
    bool of_contracts;
} private_channels[] = {
    {{"futures.orders", 14},             true },
    {{"futures.usertrades", 18},         true },
    {{"futures.positions", 17},          true },
    {{"futures.balances", 16},           false},
    {{"futures.autoorders", 18},         true },
    {{"futures.liquidates", 18},         true },
    {{"futures.auto_deleverages", 24},   true },
    {{"futures.position_closes", 23},    true },
    {{"futures.reduce_risk_limits", 26}, true },
};

enum {
    PRIVATE_CHANNELS = sizeof(private_channels) / sizeof(private_channels[0]),
};

static void begin_frame(struct keel_writer *writer, int64_t id, int64_t time_s, keel_str channel)
{
    writer->comma = false;
    keel_json_open_object(writer, NULL);
    keel_json_put_int(writer, "id", id);
    keel_json_put_int(writer, "time", time_s);
    keel_json_put_string(writer, "channel", channel);
    keel_json_put_text(writer, "event", "subscribe");
    keel_json_open_array(writer, "payload");
}

static void end_frame(struct keel_writer *writer)
{
    keel_json_close_object(writer);
    keel_write_char(writer, '\n');
}

static void write_private_frame(struct keel_writer *writer, const struct keel_stream_wish *wish,
                                int index)
{
    int64_t time_s = wish->time_ms / MS_IN_S;
    keel_str channel = private_channels[index].name;
    begin_frame(writer, index + 1, time_s, channel);
    keel_json_put_string(writer, NULL, wish->stream_key);
    if (private_channels[index].of_contracts)
        keel_json_put_text(writer, NULL, "!all");
    keel_json_close_array(writer);
    keel_json_open_object(writer, "auth");
    keel_json_put_text(writer, "method", "api_key");
    keel_json_put_text(writer, "KEY", wish->keys->api_key);
    keel_write(writer, KEEL_STR(",\"SIGN\":\""));
    keel_gateio_sign_channel(wish->keys, channel, KEEL_STR("subscribe"), time_s, writer);
    keel_write_char(writer, '"');
    keel_json_close_object(writer);
    end_frame(writer);
}

static enum keel_status write_private_frames(struct keel_writer *writer,
                                             const struct keel_stream_wish *wish,
                                             struct keel_error *error)
{
    if (wish->stream_key.size == 0)
        return keel_fail(error, KEEL_INVALID, "the user stream needs the user's id");
    for (int i = 0; i < PRIVATE_CHANNELS; i++)
        write_private_frame(writer, wish, i);
    return KEEL_OK;
}

/* One frame for all markets that are active; none when there are none. */
static int32_t write_market_frame(struct keel_writer *writer, const struct keel_stream_wish *wish,
                                  keel_str channel)
{
    if (wish->active_count == 0)
        return 0;
    begin_frame(writer, 1, wish->time_ms / MS_IN_S, channel);
    for (size_t i = 0; i < wish->active_count; i++) {
        const struct keel_market *market = keel_markets_get(wish->markets, wish->active[i]);
        KEEL_ASSERT(market);
        keel_json_put_text(writer, NULL, market->venue_symbol);
    }
    keel_json_close_array(writer);
    end_frame(writer);
    return 1;
}

/* Signed over empty parameters, in the form of the venue's own sample (2.3). */
static void write_login(struct keel_writer *writer, const struct keel_stream_wish *wish)
{
    int64_t time_s = wish->time_ms / MS_IN_S;
    keel_str channel = KEEL_STR("futures.login");
    keel_write_format(writer,
                      "{\"time\":%lld,\"channel\":\"futures.login\",\"event\":\"api\",\"payload\":{"
                      "\"req_id\":\"login\",\"timestamp\":\"%lld\",\"api_key\":",
                      (long long)time_s, (long long)time_s);
    keel_json_put_text(writer, NULL, wish->keys->api_key);
    keel_write(writer, KEEL_STR(",\"signature\":\""));
    keel_gateio_sign_call(wish->keys, channel, KEEL_STR(""), time_s, writer);
    keel_write(writer, KEEL_STR("\"}}\n"));
}

enum keel_status keel_gateio_open_stream(const struct keel_stream_wish *wish,
                                         struct keel_stream_request *request,
                                         struct keel_error *error)
{
    struct keel_writer writer;
    enum keel_status status = KEEL_OK;
    memcpy(request->path, path, sizeof(path));
    keel_str_copy(KEEL_STR("X-Gate-Size-Decimal: 1\n"), request->headers, sizeof(request->headers));
    keel_writer_init(&writer, request->frames, sizeof(request->frames));
    switch (wish->kind) {
    case KEEL_STREAM_USER:
        status = write_private_frames(&writer, wish, error);
        request->acks = PRIVATE_CHANNELS;
        break;
    case KEEL_STREAM_MARKET:
        request->acks = write_market_frame(&writer, wish, KEEL_STR("futures.tickers"));
        break;
    case KEEL_STREAM_BOOK:
        request->acks = write_market_frame(&writer, wish, KEEL_STR("futures.book_ticker"));
        break;
    case KEEL_STREAM_ORDERS:
        write_login(&writer, wish);
        request->acks = 1;
        break;
    case KEEL_STREAM_KINDS: return keel_fail(error, KEEL_INVALID, "no such stream");
    }
    if (status == KEEL_OK && writer.full)
        return keel_fail(error, KEEL_FULL, "subscriptions to %zu markets do not fit",
                         wish->active_count);
    return status;
}

/* Binance spot: the venue's table, and the facts about it that are not in a message. */
#include "venue/binance/encode.h"
#include "venue/binance/sign.h"
#include "venue/binance_spot/encode.h"
#include "venue/binance_spot/markets.h"
#include "venue/binance_spot/reply.h"
#include "venue/binance_spot/stream.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)

#define LIVE_API    "wss://ws-api.binance.com"
#define LIVE_STREAM "wss://stream.binance.com"
#define DEMO_API    "wss://demo-ws-api.binance.com"
#define DEMO_STREAM "wss://demo-stream.binance.com"

static enum keel_status encode_frame(const struct keel_command *command,
                                     const struct keel_markets *markets,
                                     const struct keel_modes *modes, const struct keel_keys *keys,
                                     int64_t time_ms, int64_t receive_window_ms, uint64_t id,
                                     struct keel_frame *frame, struct keel_error *error)
{
    (void)command, (void)markets, (void)modes, (void)keys, (void)time_ms, (void)receive_window_ms;
    (void)id, (void)frame;
    return keel_fail(error, KEEL_UNSUPPORTED, "order entry by stream");
}

static bool read_answer(keel_str bytes, struct keel_answer *answer)
{
    (void)bytes, (void)answer;
    return false;
}

const struct keel_venue keel_venue_binance_spot = {
    .name = "binance-spot",
    .product = KEEL_PRODUCT_SPOT,
    .live = {.rest = "https://api.binance.com",
             .stream = {LIVE_API, LIVE_STREAM, LIVE_STREAM, LIVE_API}},
    .demo = { .rest = "https://demo-api.binance.com",
             .stream = {DEMO_API, DEMO_STREAM, DEMO_STREAM, DEMO_API}           },
    .settle_asset = "USDT",
    .key_variable = "BINANCE_API_KEY",
    .secret_variable = "BINANCE_API_SECRET",
    .key_header = "X-MBX-APIKEY",
    .loads =
        {
             {.command = KEEL_LOAD_TIME, .is_public = true},
             {.command = KEEL_LOAD_MARKETS, .is_public = true},
             {.command = KEEL_LOAD_BALANCES},
             {.command = KEEL_LOAD_FEES, .per_market = true},
             {.command = KEEL_LOAD_MARKS, .per_market = true, .is_public = true},
             {.command = KEEL_LOAD_OPEN_ORDERS},
             },
    .stream_life_ms = 24 * HOUR_MS,
    .user_ping_ms = 20 * SECOND_MS,
    .receive_window_max_ms = MINUTE_MS,
    .page_limit = 1000,
    .history_span_ms = 24 * HOUR_MS,

    .name_market = keel_binance_spot_name_market,
    .set_keys = keel_binance_set_keys,
    .make_client_id = keel_binance_make_client_id,
    .client_id_is_valid = keel_binance_spot_client_id_is_valid,
    .encode = keel_binance_spot_encode,
    .decode_reply = keel_binance_spot_decode_reply,
    .decode_stream = keel_binance_spot_decode_stream,
    .encode_frame = encode_frame,
    .read_answer = read_answer,
    .open_stream = keel_binance_spot_open_stream,
};

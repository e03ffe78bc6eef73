/* Gate.io spot: the venue's table, and the facts about it that are not in a message. */
#include "venue/gateio/contracts.h"
#include "venue/gateio/sign.h"
#include "venue/gateio_spot/encode.h"
#include "venue/gateio_spot/reply.h"
#include "venue/gateio_spot/stream.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)

#define LIVE_STREAM "wss://api.gateio.ws"
#define DEMO_STREAM "wss://ws-testnet.gate.com"

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

const struct keel_venue keel_venue_gateio_spot = {
    .name = "gateio-spot",
    .product = KEEL_PRODUCT_SPOT,
    .live = {.rest = "https://api.gateio.ws",
             .stream = {LIVE_STREAM, LIVE_STREAM, LIVE_STREAM, LIVE_STREAM}},
    .demo = { .rest = "https://api-testnet.gateapi.io",
             .stream = {DEMO_STREAM, DEMO_STREAM, DEMO_STREAM, DEMO_STREAM}},
    .settle_asset = "USDT",
    .key_variable = "GATEIO_API_KEY",
    .secret_variable = "GATEIO_API_SECRET",
    .key_header = "KEY",
    .loads =
        {
             {.command = KEEL_LOAD_TIME, .is_public = true},
             {.command = KEEL_LOAD_MARKETS, .is_public = true},
             {.command = KEEL_LOAD_BALANCES},
             {.command = KEEL_LOAD_FEES, .per_market = true},
             {.command = KEEL_LOAD_MARKS, .per_market = true, .is_public = true},
             {.command = KEEL_LOAD_OPEN_ORDERS},
             {.command = KEEL_LOAD_CONDITIONAL_ORDERS},
             },
    .stream_life_ms = 24 * HOUR_MS,
    .user_ping_ms = MINUTE_MS,
    .receive_window_max_ms = MINUTE_MS,
    .page_limit = KEEL_GATEIO_SPOT_PAGE_LIMIT,
    .pages_by_number = true,
    .history_span_ms = 144 * HOUR_MS, /* a month at the most, and a week of a beginning alone */
    .conditional_apart = true,
    .client_id_life_ms = MINUTE_MS,
    .unfilled_life_ms = 10 * MINUTE_MS,

    .name_market = keel_gateio_spot_name_market,
    .set_keys = keel_gateio_set_keys,
    .make_client_id = keel_gateio_make_client_id,
    .client_id_is_valid = keel_gateio_client_id_is_valid,
    .encode = keel_gateio_spot_encode,
    .decode_reply = keel_gateio_spot_decode_reply,
    .decode_stream = keel_gateio_spot_decode_stream,
    .encode_frame = encode_frame,
    .read_answer = read_answer,
    .open_stream = keel_gateio_spot_open_stream,
};

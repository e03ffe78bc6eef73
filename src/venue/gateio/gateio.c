/* Gate.io USDT perpetuals: the venue's table, and the facts about it that are not in a message. */
#include "venue/gateio/contracts.h"
#include "venue/gateio/encode.h"
#include "venue/gateio/entry.h"
#include "venue/gateio/markets.h"
#include "venue/gateio/reply.h"
#include "venue/gateio/sign.h"
#include "venue/gateio/stream.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)

#define LIVE_STREAM "wss://fx-ws.gateio.ws"
#define DEMO_STREAM "wss://ws-testnet.gate.com"

const struct keel_venue keel_venue_gateio = {
    .name = "gateio",
    .product = KEEL_PRODUCT_FUTURES,
    .live = {.rest = "https://api.gateio.ws",
             .stream = {LIVE_STREAM, LIVE_STREAM, LIVE_STREAM, LIVE_STREAM}},
    .demo = {       .rest = "https://api-testnet.gateapi.io",
             .stream = {DEMO_STREAM, DEMO_STREAM, DEMO_STREAM, DEMO_STREAM},
             .stream_path = "/v4/ws/futures/usdt"},
    .settle_asset = "USDT",
    .key_variable = "GATEIO_API_KEY",
    .secret_variable = "GATEIO_API_SECRET",
    .key_header = "KEY",
    .loads =
        {
             {.command = KEEL_LOAD_TIME, .is_public = true},
             {.command = KEEL_LOAD_MARKETS, .is_public = true},
             {.command = KEEL_LOAD_MODES},
             {.command = KEEL_LOAD_BALANCES},
             {.command = KEEL_LOAD_POSITIONS},
             {.command = KEEL_LOAD_LEVERAGE},
             {.command = KEEL_LOAD_BRACKETS, .per_market = true, .is_public = true},
             {.command = KEEL_LOAD_FEES, .per_market = true},
             {.command = KEEL_LOAD_MARKS, .per_market = true, .is_public = true},
             {.command = KEEL_LOAD_OPEN_ORDERS},
             {.command = KEEL_LOAD_CONDITIONAL_ORDERS},
             },
    .needs_stream_key = true, /* the user's id, which private subscriptions name; it lasts */
    .stream_life_ms = 24 * HOUR_MS, /* none is documented: a fresh one a day */
    .market_silence_ms = MINUTE_MS, /* tickers come when they change */
    .user_ping_ms = 3 * MINUTE_MS,
    .receive_window_max_ms = MINUTE_MS,
    .page_limit = 1000,
    .pages_by_number = true,
    .history_span_ms = 144 * HOUR_MS, /* a month at the most, and a week of a beginning alone */
    .sets_mode_with_leverage = true,
    .conditional_apart = true,
    .client_id_life_ms = MINUTE_MS,
    .unfilled_life_ms = 10 * MINUTE_MS,
    .money_digits = 12,

    .name_market = keel_gateio_name_market,
    .set_keys = keel_gateio_set_keys,
    .make_client_id = keel_gateio_make_client_id,
    .client_id_is_valid = keel_gateio_client_id_is_valid,
    .encode = keel_gateio_encode,
    .decode_reply = keel_gateio_decode_reply,
    .decode_stream = keel_gateio_decode_stream,
    .encode_frame = keel_gateio_encode_frame,
    .read_answer = keel_gateio_read_answer,
    .open_stream = keel_gateio_open_stream,
};

/* Binance USDⓈ-M futures: the venue's table, and the facts about it that are not in a message. */
#include "venue/binance/encode.h"
#include "venue/binance/entry.h"
#include "venue/binance/markets.h"
#include "venue/binance/reply.h"
#include "venue/binance/sign.h"
#include "venue/binance/stream.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

#define LIVE_STREAM "wss://fstream.binance.com"
#define DEMO_STREAM "wss://fstream.binancefuture.com"
#define LIVE_ENTRY  "wss://ws-fapi.binance.com"
#define DEMO_ENTRY  "wss://testnet.binancefuture.com"

const struct keel_venue keel_venue_binance = {
    .name = "binance",
    .live = {.rest = "https://fapi.binance.com",
             .stream = {LIVE_STREAM, LIVE_STREAM, LIVE_STREAM, LIVE_ENTRY}},
    .demo = {.rest = "https://demo-fapi.binance.com",
             .stream = {DEMO_STREAM, DEMO_STREAM, DEMO_STREAM, DEMO_ENTRY}},
    .settle_asset = "USDT",
    .key_variable = "BINANCE_API_KEY",
    .secret_variable = "BINANCE_API_SECRET",
    .key_header = "X-MBX-APIKEY",
    .loads =
        {
             {.command = KEEL_LOAD_TIME, .is_public = true},
             {.command = KEEL_LOAD_MARKETS, .is_public = true},
             {.command = KEEL_LOAD_MODES},
             {.command = KEEL_LOAD_BALANCES},
             {.command = KEEL_LOAD_POSITIONS},
             {.command = KEEL_LOAD_LEVERAGE},
             {.command = KEEL_LOAD_BRACKETS},
             {.command = KEEL_LOAD_FEES, .per_market = true},
             {.command = KEEL_LOAD_MARKS, .per_market = true, .is_public = true},
             {.command = KEEL_LOAD_OPEN_ORDERS},
             {.command = KEEL_LOAD_CONDITIONAL_ORDERS},
             },
    .needs_stream_key = true,
    .stream_key_renew_ms = 25 * MINUTE_MS, /* the key lives 60; a lost renewal leaves a second */
    .stream_life_ms = 24 * HOUR_MS,
    .market_silence_ms = 10 * SECOND_MS, /* marks come each second */
    .user_ping_ms = 3 * MINUTE_MS,
    .receive_window_max_ms = MINUTE_MS,
    .page_limit = 1000,
    .history_span_ms = 6 * DAY_MS, /* a week is refused */
    .amendments = {.page_limit = 100,                .life_ms = 90 * DAY_MS                             },
    .margin_changes = {.page_limit = 500,                .life_ms = 30 * DAY_MS              },
    .conditional_apart = true,
    .unfilled_life_ms = 3 * DAY_MS,

    .name_market = keel_binance_name_market,
    .set_keys = keel_binance_set_keys,
    .make_client_id = keel_binance_make_client_id,
    .client_id_is_valid = keel_binance_client_id_is_valid,
    .encode = keel_binance_encode,
    .decode_reply = keel_binance_decode_reply,
    .decode_stream = keel_binance_decode_stream,
    .encode_frame = keel_binance_encode_frame,
    .read_answer = keel_binance_read_answer,
    .open_stream = keel_binance_open_stream,
};

#include "canned.h"

#include <stdio.h>

enum {
    TURNS_MAX = 200, /* of 10 ms, to go live in */
};

/* One reply a path: the end of the path finds it. Three markets, one-way mode, no position. */
static const struct {
    const char *path, *body;
} replies[] = {
    {"/contracts",
     "[{\"name\":\"BTC_USDT\",\"type\":\"direct\",\"quanto_multiplier\":\"0.0001\","
     "\"order_size_min\":\"1\",\"order_size_max\":\"10000000\",\"order_price_round\":\"0.1\","
     "\"order_price_deviate\":\"0.5\",\"taker_fee_rate\":\"0.00075\",\"status\":\"trading\"}]"},
    {"/accounts",
     "{\"user\":20011,\"currency\":\"USDT\",\"total\":\"1000000\",\"available\":\"1000000\","
     "\"unrealised_pnl\":\"0\",\"in_dual_mode\":false,\"position_mode\":\"single\"}"          },
    {"/positions",
     "[{\"contract\":\"BTC_USDT\",\"size\":\"0\",\"leverage\":\"0\",\"cross_leverage_limit\":"
     "\"10\","
     "\"leverage_max\":\"100\",\"mode\":\"single\",\"margin\":\"0\",\"entry_price\":\"0\"}]"  },
    {"/risk_limit_tiers",
     "[{\"tier\":1,\"risk_limit\":\"1000000\",\"maintenance_rate\":\"0.005\",\"leverage_max\":"
     "\"100\",\"deduction\":\"0\",\"contract\":\"BTC_USDT\"},{\"tier\":2,\"risk_limit\":"
     "\"100000000\",\"maintenance_rate\":\"0.01\",\"leverage_max\":\"50\",\"deduction\":\"5000\","
     "\"contract\":\"BTC_USDT\"}]"                                                            },
    {"/fee",              "{\"BTC_USDT\":{\"taker_fee\":\"0.0005\",\"maker_fee\":\"0.0002\"}}"},
    {"/tickers",          "[{\"contract\":\"BTC_USDT\",\"mark_price\":\"30120.5\",\"index_price\":\"30120\","
                 "\"funding_rate\":\"0.0001\"}]"                              },
};

int64_t canned_wall_ms(const struct canned *canned)
{
    return INT64_C(1700000000000) + canned->now_ns / 1000000;
}

static bool ends_in(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static const char *find_body(const struct canned *canned, const char *path)
{
    static char time[64];
    snprintf(time, sizeof(time), "{\"server_time\":%lld}", (long long)canned_wall_ms(canned));
    if (ends_in(path, "/time"))
        return time;
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        if (ends_in(path, replies[i].path))
            return replies[i].body;
    }
    return "[]";
}

static void open_stream(struct canned *canned, const struct keel_effect *effect)
{
    uint32_t number = effect->stream.number;
    int32_t acks = effect->stream.request->acks;
    keel_str ack =
        KEEL_STR("{\"channel\":\"futures.orders\",\"event\":\"subscribe\",\"error\":null,"
                 "\"result\":{\"status\":\"success\"}}");
    if (effect->stream.kind == KEEL_STREAM_USER)
        canned->user_stream = number;
    else
        canned->market_stream = number;
    keel_private_on_stream_opened(canned->base, number);
    for (int32_t i = 0; i < acks; i++)
        keel_private_on_stream_message(canned->base, number, ack);
}

static void carry_out(struct canned *canned, const struct keel_effect *effect)
{
    if (effect->kind == KEEL_EFFECT_REQUEST) {
        struct keel_transport transport = {
            .kind = KEEL_TRANSPORT_REPLIED,
            .reply = {.http_status = 200,
                      .body = keel_str_from(find_body(canned, effect->request.request->path)),
                      .headers = KEEL_STR("")},
        };
        keel_private_on_transport(canned->base, effect->request.id, &transport);
    } else if (effect->kind == KEEL_EFFECT_OPEN_STREAM) {
        open_stream(canned, effect);
    } else if (effect->kind == KEEL_EFFECT_PING_STREAM) {
        keel_private_on_stream_ping(canned->base, effect->stream.number);
    }
}

void canned_settle(struct canned *canned)
{
    struct keel_effect effect;
    keel_private_set_time(canned->base, canned->now_ns, canned_wall_ms(canned));
    if (keel_private_deadline_ns(canned->base) <= canned->now_ns)
        keel_private_tick(canned->base);
    while (keel_private_next_effect(canned->base, &effect))
        carry_out(canned, &effect);
}

bool canned_begin(struct canned *canned, struct keel_error *error)
{
    static const char *const symbols[] = {"BTC/USDT:USDT"};
    struct keel_exchange_config config = keel_exchange_config_init();
    struct keel_connection connection = {0};
    config.venue = &keel_venue_gateio;
    config.api_key = KEEL_STR("key");
    config.secret = KEEL_STR("secret");
    config.symbols = symbols;
    config.symbol_count = 1;
    config.check_period_ms = 0;
    *canned = (struct canned){.now_ns = 1000000000};
    canned->futures = keel_futures_new(&config, error);
    if (!canned->futures)
        return false;
    canned->base = keel_futures_base(canned->futures);
    keel_private_set_time(canned->base, canned->now_ns, canned_wall_ms(canned));
    if (keel_private_start(canned->base, error) != KEEL_OK)
        return false;
    for (int i = 0; i < TURNS_MAX && connection.state != KEEL_CONNECTION_LIVE; i++) {
        canned->now_ns += 10000000;
        canned_settle(canned);
        keel_private_connection(canned->base, &connection);
    }
    if (connection.state == KEEL_CONNECTION_LIVE)
        return true;
    *error = connection.last_error;
    return false;
}

void canned_end(struct canned *canned)
{
    keel_futures_free(canned->futures);
}

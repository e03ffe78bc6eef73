#include "paper/gateio/spot.h"
#include "paper/gateio/streams.h"

#include <stdlib.h>

enum {
    CROSS_LEVERAGE_DEFAULT = 10,
    MONEY_DIGITS = 12,
};

/* Larger than a double can tell apart, as the live venue's are. */
#define ORDER_ID_FIRST   INT64_C(58828270140012001)
#define TRIGGER_ID_FIRST INT64_C(2007048638370418601)

struct paper_config paper_gateio_rules(struct paper_config config)
{
    config.rules = (struct paper_rules){
        .instruments = gateio_instruments(),
        .first_order_id = ORDER_ID_FIRST,
        .first_conditional_id = TRIGGER_ID_FIRST,
        .leverage_default = CROSS_LEVERAGE_DEFAULT,
        .money_digits = MONEY_DIGITS,
        .margin_at_entry = true,
        .plain_cost = true,
        .leverage_moves_margin = true,
        .price_band_both = true,
        .shrinking_keeps_place = true,
        .taking_amendment_fails = true,
        .reduce_only_is_whole = true,
        .self_trade_allowed = true,
        .deleveraging_ends_orders = true,
    };
    return config;
}

struct paper_spot_instruments paper_gateio_pairs(void)
{
    return gateio_pairs();
}

static bool owns_path(keel_str path)
{
    return keel_str_starts_with(path, KEEL_STR("/api/v4/")) ||
           keel_str_starts_with(path, KEEL_STR("/v4/ws/")) ||
           keel_str_starts_with(path, KEEL_STR("/ws/v4"));
}

/* Every contract and pair has its tape, and every account its leverage, from the first moment on.
 */
static void begin(struct paper_gateio *gateio, int64_t now_ms)
{
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_CONTRACTS; id++) {
        struct paper_ticker ticker;
        paper_engine_get_ticker(gateio->engine, id, &ticker);
        paper_tape_set_ticker(&gateio->tapes[id], &ticker, now_ms);
        gateio->tapes[id].coming_rate = ticker.funding_rate;
        for (int account = 1; account <= gateio->keys->count; account++)
            gateio->accounts[account].cross_limit[id] = CROSS_LEVERAGE_DEFAULT;
    }
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_PAIRS; id++) {
        struct paper_ticker ticker;
        paper_spot_get_ticker(gateio->spot, id, &ticker);
        paper_tape_set_ticker(&gateio->pair_tapes[id], &ticker, now_ms);
    }
    gateio->settlements = paper_engine_market_time_ms(gateio->engine) / PAPER_FUNDING_MS;
    gateio->rolled_minute = now_ms / 60000;
}

static void publish(struct paper_dialect *dialect, const struct paper_event *event, int64_t now_ms)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    struct gateio_recorded recorded = gateio_record_event(&gateio->record, gateio->engine, event);
    if (event->kind == PAPER_EVENT_TRADE)
        paper_tape_add_trade(&gateio->tapes[event->market], &event->as.trade, event->time_ms);
    if (event->kind == PAPER_EVENT_TICKER)
        paper_tape_set_ticker(&gateio->tapes[event->market], &event->as.ticker, event->time_ms);
    gateio_publish_streams(gateio, event, &recorded, now_ms);
}

/* The history of rates is the dialect's: the engine tells of a settlement only those who pay. */
static void advanced(struct paper_dialect *dialect, int64_t now_ms)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    int64_t settlements = paper_engine_market_time_ms(gateio->engine) / PAPER_FUNDING_MS;
    bool settled = settlements != gateio->settlements;
    gateio->settlements = settlements;
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_CONTRACTS; id++) {
        struct paper_ticker ticker;
        paper_engine_get_ticker(gateio->engine, id, &ticker);
        if (settled)
            paper_tape_add_funding(&gateio->tapes[id], ticker.mark_price, now_ms);
        gateio->tapes[id].coming_rate = ticker.funding_rate;
    }
}

static void tick(struct paper_dialect *dialect, int64_t now_ms)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    if (gateio->rolled_minute != now_ms / 60000) {
        gateio->rolled_minute = now_ms / 60000;
        for (int id = 1; id <= GATEIO_CONTRACTS; id++)
            paper_tape_roll(&gateio->tapes[id], now_ms);
        for (int id = 1; id <= GATEIO_PAIRS; id++)
            paper_tape_roll(&gateio->pair_tapes[id], now_ms);
    }
    gateio_spot_count_down(gateio, now_ms);
    gateio_tick_streams(gateio, now_ms);
}

/* Connections stay; what was counted and recorded goes. */
static void reset(struct paper_dialect *dialect, int64_t now_ms)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    gateio_limits_clear(&gateio->limits, gateio->keys->count);
    gateio_record_clear(&gateio->record);
    paper_table_clear(&gateio->amendments);
    memset(gateio->accounts, 0, ((size_t)gateio->keys->count + 1) * sizeof(*gateio->accounts));
    memset(gateio->tapes, 0, (GATEIO_CONTRACTS + 1) * sizeof(*gateio->tapes));
    memset(gateio->pair_tapes, 0, (GATEIO_PAIRS + 1) * sizeof(*gateio->pair_tapes));
    begin(gateio, now_ms);
    gateio_reset_streams(gateio, now_ms);
}

static void describe(const struct paper_dialect *dialect, keel_str authority,
                     struct keel_writer *json)
{
    keel_json_open_object(json, dialect->ops->name);
    paper_put_url(json, "rest", "http://", authority, "/api/v4");
    paper_put_url(json, "stream", "ws://", authority, "/v4/ws/usdt");
    paper_put_url(json, "ws_api", "ws://", authority, "/v4/ws/usdt");
    paper_put_url(json, "spot_stream", "ws://", authority, "/ws/v4/");
    keel_json_close_object(json);
}

static void free_gateio(struct paper_dialect *dialect)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    while (gateio->streams)
        gateio_close_stream(dialect, (struct paper_stream *)gateio->streams);
    if (gateio->secrets)
        keel_wipe(gateio->secrets, ((size_t)gateio->keys->count + 1) * sizeof(*gateio->secrets));
    gateio_limits_deinit(&gateio->limits);
    gateio_record_deinit(&gateio->record);
    paper_table_clear(&gateio->amendments);
    free(gateio->secrets);
    free(gateio->accounts);
    free(gateio->tapes);
    free(gateio->pair_tapes);
    free(gateio->arena_memory);
    free(gateio->scratch);
    free(gateio->result);
    free(gateio);
}

static const struct paper_dialect_ops ops = {
    .name = "gateio",
    .owns_path = owns_path,
    .handle = gateio_handle,
    .open_stream = gateio_open_stream,
    .close_stream = gateio_close_stream,
    .receive = gateio_receive,
    .publish = publish,
    .publish_spot = gateio_publish_spot,
    .advanced = advanced,
    .tick = tick,
    .reset = reset,
    .account_of = gateio_account_of,
    .describe_frame = gateio_describe_frame,
    .fail = gateio_fail,
    .expire_key = gateio_expire_key,
    .describe = describe,
    .free = free_gateio,
};

static bool take_memory(struct paper_gateio *gateio, int32_t limit_factor)
{
    int accounts = gateio->keys->count;
    size_t rows = (size_t)accounts + 1;
    gateio->secrets = calloc(rows, sizeof(*gateio->secrets));
    gateio->accounts = calloc(rows, sizeof(*gateio->accounts));
    gateio->tapes = calloc(GATEIO_CONTRACTS + 1, sizeof(*gateio->tapes));
    gateio->pair_tapes = calloc(GATEIO_PAIRS + 1, sizeof(*gateio->pair_tapes));
    gateio->arena_memory = malloc(GATEIO_ARENA_SIZE);
    gateio->scratch = malloc(GATEIO_SCRATCH_SIZE);
    gateio->result = malloc(GATEIO_SCRATCH_SIZE);
    bool counted = gateio_limits_init(&gateio->limits, accounts, limit_factor);
    bool recorded = gateio_record_init(&gateio->record, accounts);
    return gateio->secrets && gateio->accounts && gateio->tapes && gateio->pair_tapes &&
           gateio->arena_memory && gateio->scratch && gateio->result && counted && recorded;
}

struct paper_dialect *paper_gateio_new(const struct paper_gateio_config *config, int64_t now_ms)
{
    struct paper_gateio *gateio = calloc(1, sizeof(*gateio));
    if (!gateio)
        return NULL;
    gateio->base = (struct paper_dialect){.ops = &ops, .outbox = config->outbox};
    gateio->engine = config->engine;
    gateio->spot = config->spot;
    gateio->keys = config->keys;
    gateio->speed = config->speed;
    if (!take_memory(gateio, config->limit_factor)) {
        free_gateio(&gateio->base);
        return NULL;
    }
    for (int i = 0; i < gateio->keys->count; i++)
        keel_hmac_sha512_init(&gateio->secrets[gateio->keys->at[i].account],
                              keel_str_from(gateio->keys->at[i].api_secret));
    keel_arena_init(&gateio->arena, gateio->arena_memory, GATEIO_ARENA_SIZE);
    begin(gateio, now_ms);
    return &gateio->base;
}

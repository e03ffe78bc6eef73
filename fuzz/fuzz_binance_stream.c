/* Whatever a frame is: it yields events or a mistake, never both, the same ones each time, and only
 * markets that are in the table. */
#include "venue/venue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    EVENTS_MAX = 64,
};

static struct keel_markets *make_markets(void)
{
    static const char *const names[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT"};
    struct keel_markets *markets = keel_markets_new();
    KEEL_ASSERT(markets);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct keel_market market;
        keel_market_id id;
        bool named = keel_venue_binance.name_market(keel_str_from(names[i]), &market);
        KEEL_ASSERT(named && keel_markets_put(markets, &market, &id, NULL) == KEEL_OK);
    }
    return markets;
}

static void check_event(const struct keel_markets *markets, const struct keel_event *event)
{
    keel_market_id market = KEEL_NO_MARKET;
    if (event->kind == KEEL_EVENT_ORDER)
        market = event->order.market;
    else if (event->kind == KEEL_EVENT_EXECUTION)
        market = event->execution.market;
    else if (event->kind == KEEL_EVENT_POSITION)
        market = event->position.market;
    else if (event->kind == KEEL_EVENT_MARK)
        market = event->mark.market;
    else
        return;
    KEEL_ASSERT(keel_markets_get(markets, market));
    if (event->kind == KEEL_EVENT_EXECUTION) {
        KEEL_ASSERT(keel_decimal_is_positive(event->execution.quantity));
        KEEL_ASSERT(event->execution.trade_id[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct keel_markets *markets;
    static char memory[16384];
    static struct keel_event at[EVENTS_MAX];
    struct keel_events events = {at, 0, EVENTS_MAX};
    struct keel_arena arena;
    struct keel_error error;
    keel_str bytes = {(const char *)data, size};
    if (!markets)
        markets = make_markets();

    keel_arena_init(&arena, memory, sizeof(memory));
    enum keel_status status =
        keel_venue_binance.decode_stream(bytes, markets, &arena, &events, &error);
    KEEL_ASSERT(status == KEEL_OK || status == KEEL_MALFORMED || status == KEEL_FULL);
    KEEL_ASSERT(status == KEEL_OK || events.count == 0);
    int32_t count = events.count;
    for (int32_t i = 0; i < count; i++)
        check_event(markets, &at[i]);

    keel_arena_reset(&arena);
    events.count = 0;
    KEEL_ASSERT(keel_venue_binance.decode_stream(bytes, markets, &arena, &events, &error) ==
                status);
    KEEL_ASSERT(events.count == count);
    return 0;
}

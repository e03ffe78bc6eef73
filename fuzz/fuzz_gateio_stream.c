/* Whatever a frame of Gate is: it yields events or a mistake, never both, the same ones each time,
 * and only markets that are in the table; and what answers a frame points into its bytes. */
#include "venue/venue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    EVENTS_MAX = 64,
};

static struct keel_markets *make_markets(void)
{
    static const char *const names[] = {"BTC_USDT", "ETH_USDT", "XRP_USDT", "DOGE_USDT"};
    struct keel_markets *markets = keel_markets_new();
    KEEL_ASSERT(markets);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct keel_market market;
        keel_market_id id;
        bool named = keel_venue_gateio.name_market(keel_str_from(names[i]), &market);
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

static bool is_in(keel_str part, keel_str whole)
{
    return part.size == 0 ||
           (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static void check_answer(keel_str bytes)
{
    struct keel_answer answer;
    if (!keel_venue_gateio.read_answer(bytes, &answer))
        return;
    KEEL_ASSERT(is_in(answer.reply.body, bytes) && is_in(answer.reply.headers, bytes));
    KEEL_ASSERT(answer.usage_count >= 0 && answer.usage_count <= KEEL_USAGE_MAX);
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
        keel_venue_gateio.decode_stream(bytes, markets, &arena, &events, &error);
    KEEL_ASSERT(status == KEEL_OK || status == KEEL_MALFORMED || status == KEEL_FULL);
    KEEL_ASSERT(status == KEEL_OK || events.count == 0);
    int32_t count = events.count;
    for (int32_t i = 0; i < count; i++)
        check_event(markets, &at[i]);

    keel_arena_reset(&arena);
    events.count = 0;
    KEEL_ASSERT(keel_venue_gateio.decode_stream(bytes, markets, &arena, &events, &error) == status);
    KEEL_ASSERT(events.count == count);
    check_answer(bytes);
    return 0;
}

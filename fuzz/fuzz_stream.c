/* Whatever a frame is: it yields events or a mistake, never both, the same ones each time, only
 * markets that are in the table and no negative quantity; and what answers a frame points into its
 * bytes. */
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    EVENTS_MAX = 64,
};

static void check_order(const struct keel_markets *markets, const struct keel_order *order)
{
    KEEL_ASSERT(keel_markets_get(markets, order->market));
    KEEL_ASSERT(!keel_decimal_is_negative(order->quantity));
    KEEL_ASSERT(!keel_decimal_is_negative(order->filled_quantity));
}

static void check_execution(const struct keel_markets *markets,
                            const struct keel_execution *execution)
{
    KEEL_ASSERT(keel_markets_get(markets, execution->market));
    KEEL_ASSERT(keel_decimal_is_positive(execution->quantity));
    KEEL_ASSERT(keel_decimal_is_positive(execution->price));
    KEEL_ASSERT(execution->trade_id[0] != '\0');
}

static void check_event(const struct keel_markets *markets, const struct keel_event *event)
{
    if (event->kind == KEEL_EVENT_ORDER)
        check_order(markets, &event->order);
    if (event->kind == KEEL_EVENT_EXECUTION)
        check_execution(markets, &event->execution);
    if (event->kind == KEEL_EVENT_POSITION)
        KEEL_ASSERT(keel_markets_get(markets, event->position.market));
    if (event->kind == KEEL_EVENT_MARK)
        KEEL_ASSERT(keel_markets_get(markets, event->mark.market));
}

static bool is_in(keel_str part, keel_str whole)
{
    return part.size == 0 ||
           (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static void check_answer(keel_str bytes)
{
    struct keel_answer answer;
    if (!venue->read_answer(bytes, &answer))
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
    enum keel_status status = venue->decode_stream(bytes, markets, &arena, &events, &error);
    KEEL_ASSERT(status == KEEL_OK || status == KEEL_MALFORMED || status == KEEL_FULL);
    KEEL_ASSERT(status == KEEL_OK || events.count == 0);
    int32_t count = events.count;
    for (int32_t i = 0; i < count; i++)
        check_event(markets, &at[i]);

    keel_arena_reset(&arena);
    events.count = 0;
    KEEL_ASSERT(venue->decode_stream(bytes, markets, &arena, &events, &error) == status);
    KEEL_ASSERT(events.count == count);
    check_answer(bytes);
    return 0;
}

/* Whatever answers a command: there is a fate, a write whose answer cannot be read is unknown, and
 * a mistake leaves no event. */
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    EVENTS_MAX = 64,
};

static void check_reply(const struct keel_markets *markets, enum keel_command_kind kind,
                        int32_t http_status, keel_str body)
{
    static char memory[65536];
    static struct keel_event at[EVENTS_MAX];
    struct keel_events events = {at, 0, EVENTS_MAX};
    struct keel_command command = {.kind = kind};
    struct keel_reply reply = {.http_status = http_status, .body = body, .headers = body};
    struct keel_arena arena;
    struct keel_outcome outcome;
    keel_arena_init(&arena, memory, sizeof(memory));

    enum keel_status status =
        venue->decode_reply(&command, &reply, markets, &arena, &events, &outcome);
    KEEL_ASSERT(outcome.fate != KEEL_FATE_NONE);
    KEEL_ASSERT(status == KEEL_OK || events.count == 0);
    KEEL_ASSERT(outcome.retry_at_ms >= 0 && outcome.retry_after_ms >= 0);
    if (status != KEEL_OK && keel_command_is_write(kind))
        KEEL_ASSERT(outcome.fate == KEEL_FATE_UNKNOWN);
    if (status != KEEL_OK)
        KEEL_ASSERT(outcome.fate != KEEL_ACCEPTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int32_t statuses[] = {200, 400, 418, 429, 503};
    static struct keel_markets *markets;
    keel_str body = {(const char *)data, size};
    if (!markets)
        markets = make_markets();
    for (unsigned kind = KEEL_PLACE_ORDER; kind < KEEL_COMMAND_KINDS; kind++) {
        for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
            check_reply(markets, (enum keel_command_kind)kind, statuses[i], body);
    }
    return 0;
}

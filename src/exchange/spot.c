#include "exchange/private_internal.h"

#include <stdlib.h>

/* A spot exchange is the private exchange by itself: nothing extends it. */

static void ignore_applied(struct keel_private *exchange, const struct keel_event *event,
                           const struct keel_applied *applied)
{
    (void)exchange;
    (void)event;
    (void)applied;
}

/* Closing plans alone have commands of this kind, and spot has none. */
static void refuse_result(struct keel_private *exchange, struct keel_call *call,
                          const struct keel_result *result)
{
    (void)result;
    keel_calls_release(&exchange->calls, call);
}

static void ignore_turn(struct keel_private *exchange)
{
    (void)exchange;
}

static int64_t never(const struct keel_private *exchange)
{
    (void)exchange;
    return INT64_MAX;
}

static const struct keel_private_ops ops = {
    .on_applied = ignore_applied,
    .on_result = refuse_result,
    .on_state = ignore_turn,
    .on_turn = ignore_turn,
    .on_tick = ignore_turn,
    .deadline_ns = never,
};

struct keel_private *keel_private_new(const struct keel_exchange_config *config,
                                      struct keel_error *error)
{
    struct keel_private *exchange = calloc(1, sizeof(*exchange));

    if (exchange == NULL) {
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    if (keel_private_init(exchange, &ops, KEEL_PRODUCT_SPOT, config, error) == KEEL_OK)
        return exchange;
    keel_private_free(exchange);
    return NULL;
}

void keel_private_free(struct keel_private *exchange)
{
    if (exchange == NULL)
        return;
    keel_private_deinit(exchange);
    free(exchange);
}

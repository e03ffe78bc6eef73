/* watch.h - watches over what is held: warns when a risk crosses a bound, and tells what the venue
 * does to a position.
 *
 * Pure; fixed bounds; one owner. Warnings are looked at once a turn of the loop, however many facts
 * it brought, and when time alone can bring one: data that grows old, a payment that comes near. */
#ifndef KEEL_EXCHANGE_WATCH_H
#define KEEL_EXCHANGE_WATCH_H

#include "exchange/private_internal.h"
#include "exchange/warning.h"

/* What a liquidation cost was listed, and no order of it is known yet. */
struct keel_suspicion {
    int64_t due_ns; /* when it is told all the same; 0: there is none */
    int64_t income_ms;
};

struct keel_watch {
    struct keel_warning_bounds bounds;
    struct keel_warning warnings[KEEL_MARKETS_MAX + 1][KEEL_SHORT + 1];
    /* The venue's liquidation price was told and has not been compared yet. */
    bool stated[KEEL_MARKETS_MAX + 1][KEEL_SHORT + 1];
    int64_t forced_ms[KEEL_MARKETS_MAX + 1]; /* when the venue last closed there, as far as told */
    struct keel_suspicion suspected[KEEL_MARKETS_MAX + 1];
    int32_t suspects;
    bool due;       /* an input of some risk changed since the last look */
    int64_t due_ns; /* when time alone may bring a warning; INT64_MAX: never */
};

void keel_watch_init(struct keel_watch *watch, const struct keel_exchange_config *config);

/* What a fact means to it. Handlers run. */
void keel_watch_on_applied(struct keel_watch *watch, struct keel_private *exchange,
                           const struct keel_event *event, const struct keel_applied *applied);

/* The account became fresh, or ceased to be. Handlers run. */
void keel_watch_on_state(struct keel_watch *watch, struct keel_private *exchange);

int64_t keel_watch_deadline_ns(const struct keel_watch *watch, const struct keel_private *exchange);
void keel_watch_tick(struct keel_watch *watch, struct keel_private *exchange);

#endif

/* warning.h - when a position's risk has crossed a bound: one crossing is one warning.
 *
 * Pure. A bound that was crossed is armed again only when the figure has come back beyond it by the
 * hysteresis, so that a figure which trembles on the bound warns once. */
#ifndef KEEL_EXCHANGE_WARNING_H
#define KEEL_EXCHANGE_WARNING_H

#include "keel/private.h"

struct keel_warning_bounds {
    keel_decimal margin_ratio;         /* above is too high */
    keel_decimal liquidation_distance; /* below is too near */
    keel_decimal hysteresis;
};

/* What a position was warned of. All zeroes: nothing. */
struct keel_warning {
    bool margin_ratio;
    bool liquidation_distance;
};

enum {
    KEEL_WARNING_EVENTS_MAX = 2,
};

/* What to tell, in kinds: at most KEEL_WARNING_EVENTS_MAX. An absent figure is unknown and changes
 * nothing, but for a distance while the ratio is known: then no price liquidates. */
int32_t keel_warning_update(struct keel_warning *warning, const struct keel_warning_bounds *bounds,
                            keel_decimal margin_ratio, keel_decimal liquidation_distance,
                            enum keel_risk_event_kind kinds[KEEL_WARNING_EVENTS_MAX]);

#endif

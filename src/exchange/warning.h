/* warning.h - when a position's risk has crossed a bound: one crossing is one warning.
 *
 * Pure. A bound that was crossed is armed again only when the figure has come back some way behind
 * it, so that a figure which trembles on the bound warns once. Which way back each has, and what it
 * is measured in: docs/margin.md, "Warnings". */
#ifndef KEEL_EXCHANGE_WARNING_H
#define KEEL_EXCHANGE_WARNING_H

#include "keel/private.h"

struct keel_warning_bounds {
    keel_decimal margin_ratio;         /* above is too high */
    keel_decimal liquidation_distance; /* below is too near */
    keel_decimal hysteresis;           /* of both, and of the notional, as a fraction */
    keel_decimal liquidation_price; /* a fraction of the mark: further apart disagrees; 0: never */
    int32_t adl_rank;               /* from it on; 0: never */
    int64_t funding_ms;             /* from so long before on; 0: never */
    int64_t age_ms;                 /* above is stale */
};

/* What is known now. Absent, and a negative rank: unknown, and no warning begins or ends. */
struct keel_warning_figures {
    keel_decimal margin_ratio;
    keel_decimal liquidation_distance;   /* absent while the ratio is known: no price liquidates */
    keel_decimal notional, notional_cap; /* at the mark; what the leverage allows */
    int32_t adl_rank;
    int64_t funding_ms; /* to the coming settlement; 0 or less: none is known, or it is over */
    bool funding_paid;  /* by us, as the rate is now */
    int64_t age_ms;     /* of the oldest input */
    int64_t now_ms;     /* on any clock that does not go back */
};

/* What a position was warned of, a bit for each kind. All zeroes: nothing. */
struct keel_warning {
    uint32_t kinds;
    int64_t stale_ms; /* when it was stale last, on the clock of the figures */
};

/* One thing to tell. */
struct keel_warning_step {
    enum keel_risk_event_kind kind;
    enum keel_risk_event_kind cleared; /* of KEEL_RISK_CLEARED: as in keel_risk_event */
};

enum {
    KEEL_WARNING_STEPS_MAX = 8,
};

/* What to tell, in steps: at most KEEL_WARNING_STEPS_MAX. */
int32_t keel_warning_update(struct keel_warning *warning, const struct keel_warning_bounds *bounds,
                            const struct keel_warning_figures *figures,
                            struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX]);

/* Of a liquidation price that the venue has just stated, beside ours at the same time. */
int32_t keel_warning_compare(struct keel_warning *warning, const struct keel_warning_bounds *bounds,
                             keel_decimal ours, keel_decimal theirs, keel_decimal mark_price,
                             struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX]);

/* The position is flat: nothing that it was warned of is left. */
int32_t keel_warning_end(struct keel_warning *warning,
                         struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX]);

#endif

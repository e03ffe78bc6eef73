/* plan.h - closing plans: from a position to flat, or the reason why not.
 *
 * Pure; fixed bounds; one owner. One plan a position at a time. What resting reduce-only orders
 * claim of the position is taken from them first: the venue refuses more than can be closed. What
 * the orders come to is looked at, not assumed; a refused one brings a look at the venue's own
 * position, and is followed by another only if that look showed something new.
 *
 *  step        ends when                        next
 *  CLEARING    the claims in the way are gone   PLACING
 *  PLACING     every order has a verdict        WAITING
 *  WAITING     fills and position have come, or some seconds are over; then:
 *                all is closed                  done
 *                refused, or not all filled     LOOKING
 *  LOOKING     the venue has told the position  done, or an attempt more: CLEARING
 *
 * An order of unknown fate is waited for, and never followed by another. */
#ifndef KEEL_EXCHANGE_PLAN_H
#define KEEL_EXCHANGE_PLAN_H

#include "exchange/private_internal.h"

enum {
    KEEL_PLANS_MAX = 64,        /* KEEL_FULL */
    KEEL_PLAN_ATTEMPTS_MAX = 3, /* of one plan */
    KEEL_PLAN_CLEARED_MAX = 16, /* claims in the way: KEEL_CLOSE if more are */
    KEEL_PLAN_PATIENCE_S = 5,   /* for the fills and the position of an order that is done */
    KEEL_PLAN_UNKNOWN_S = 20,   /* for a fate */
};

struct keel_plan;

struct keel_plans {
    struct keel_plan *at; /* KEEL_PLANS_MAX */
    int32_t count;
};

/* KEEL_FULL: out of memory. */
KEEL_MUST_USE enum keel_status keel_plans_init(struct keel_plans *plans);
void keel_plans_deinit(struct keel_plans *plans);

bool keel_plans_is_closing(const struct keel_plans *plans, keel_market_id market,
                           enum keel_position_side side);

/* Closes `quantity` of the position. An order that the gate refuses ends the plan before it began:
 * its reason is the answer, and nobody is called. KEEL_FULL, KEEL_QUANTITY_RANGE, or the gate's. */
KEEL_MUST_USE enum keel_status keel_plans_begin(struct keel_plans *plans,
                                                struct keel_private *exchange,
                                                const struct keel_close_request *request,
                                                keel_decimal quantity, keel_on_close on_close,
                                                void *user, struct keel_error *error);

/* The verdict on something that a plan asked for. */
void keel_plans_on_result(struct keel_plans *plans, struct keel_private *exchange,
                          struct keel_call *call, const struct keel_result *result);

/* After each input, and when a deadline is reached. */
void keel_plans_look(struct keel_plans *plans, struct keel_private *exchange);
int64_t keel_plans_deadline_ns(const struct keel_plans *plans);

#endif

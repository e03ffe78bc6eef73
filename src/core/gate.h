/* gate.h - may this command leave? Checks it against the account before any byte does.
 *
 * Pure; no allocation. Each refusal has its own code and a sentence with the two values that
 * disagree. A command that shrinks a position (an exit: reduce-only, close-position, or the closing
 * side of a hedge leg) is never held up by what only entries need: margin, leverage, a changed
 * mode, a mark price that is missing. Reads always pass. */
#ifndef KEEL_CORE_GATE_H
#define KEEL_CORE_GATE_H

#include "core/account.h"

/* KEEL_OK, a refusal (error.h), KEEL_STALE (the account is not fresh, or an entry's mark is too
 * old), KEEL_NOT_LOADED (leverage, brackets, fees, mark or modes that an entry needs), or
 * KEEL_INVALID (a command that can never be right). */
KEEL_MUST_USE enum keel_status keel_gate_check(const struct keel_account *account,
                                               const struct keel_command *command, int64_t now_ns,
                                               struct keel_error *error);

/* True for an order that can only shrink a position. */
bool keel_gate_is_exit(const struct keel_order_request *request);

/* The nearest values on the grid origin + n * step, not above and not below value; equal if it is
 * on the grid. An absent origin is 0. Absent if step is not positive. */
void keel_gate_nearest(keel_decimal value, keel_decimal origin, keel_decimal step,
                       keel_decimal *below, keel_decimal *above);

#endif

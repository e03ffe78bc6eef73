/* settle.h - how the fate of a write without a verdict is found out, and never guessed.
 *
 * Pure. A write whose bytes left and that got no answer is asked about until the venue's own words
 * settle it. "Not found" proves absence only from the endpoint family that owns the order, asked
 * after the write could no longer take effect; then the executions have the last word. */
#ifndef KEEL_SESSION_SETTLE_H
#define KEEL_SESSION_SETTLE_H

#include "venue/venue.h"

/* The read whose answer tells what became of a write. With executions: of a placed order that its
 * endpoint does not know, what was executed since shortly before it was sent. */
void keel_settle_ask(const struct keel_command *write, int64_t sent_time_ms, bool executions,
                     struct keel_command *question);

/* What the answer proves. proof: the question left after the write could no longer take effect.
 *
 * KEEL_ACCEPTED: it happened. KEEL_FATE_REJECTED, KEEL_FATE_FAILED: it did not and will not.
 * KEEL_FATE_UNKNOWN: ask again later. KEEL_FATE_NONE: the order was not found; ask for executions.
 */
enum keel_fate keel_settle_judge(const struct keel_command *write,
                                 const struct keel_command *question,
                                 const struct keel_outcome *outcome,
                                 const struct keel_events *events, bool proof);

/* Do these facts tell of the order that a command placed? */
bool keel_settle_shows(const struct keel_command *placing, const struct keel_events *events);

#endif

/* errors.h - what a refusal of Gate means for the command (reference: 8).
 *
 * Pure. The fate of a write is never guessed: what is not known to be executed or not executed is
 * unknown. Spot and futures have the same envelope and most labels. */
#ifndef KEEL_VENUE_GATEIO_ERRORS_H
#define KEEL_VENUE_GATEIO_ERRORS_H

#include "venue/venue.h"

/* The venue's {"label":…,"message":…}, or with "detail" for the message. */
struct keel_gateio_message {
    keel_str label, text;
    bool found; /* the body is an object with a label */
};

struct keel_gateio_message keel_gateio_read_message(keel_str body, struct keel_arena *arena);

/* The words of a stream's refusal for a person: "LABEL: text" where they are such an object as a
 * reply's, else as they came, without the line end that some have. */
keel_str keel_gateio_tell_refusal(keel_str words, struct keel_arena *arena);

/* Fills *outcome for a reply that is not a success. */
void keel_gateio_judge(const struct keel_command *command, const struct keel_reply *reply,
                       const struct keel_gateio_message *message, struct keel_outcome *outcome);

/* A header of the reply, or the member of the same meaning where the reply came on a stream and its
 * header is JSON; -1 if it is absent. */
int64_t keel_gateio_read_limit(const struct keel_reply *reply, const char *header,
                               const char *member);

/* How much of the limits that we hold ourselves to is used, as the reply tells; how many it tells.
 * Cancelling has a limit of its own, to which keel does not come. */
int32_t keel_gateio_read_usage(enum keel_command_kind kind, const struct keel_reply *reply,
                               struct keel_usage usage[static KEEL_USAGE_MAX]);

#endif

/* errors.h - what a refusal of Binance means for the command (reference: 13.8, 14.3).
 *
 * Pure. The fate of a write is never guessed: what is not known to be executed or not executed is
 * unknown. */
#ifndef KEEL_VENUE_BINANCE_ERRORS_H
#define KEEL_VENUE_BINANCE_ERRORS_H

#include "venue/venue.h"

/* The venue's {"code":…,"msg":…}, of an error or of a plain success. */
struct keel_binance_message {
    int64_t code;
    keel_str text;
    bool found; /* the body is an object with a code */
};

struct keel_binance_message keel_binance_read_message(keel_str body, struct keel_arena *arena);

/* 0 and 200 are successes, as number or as string. */
bool keel_binance_message_is_success(const struct keel_binance_message *message);

/* Fills *outcome for a reply that is not a success. */
void keel_binance_judge(const struct keel_command *command, const struct keel_reply *reply,
                        const struct keel_binance_message *message, struct keel_outcome *outcome);

/* What the reply's headers tell of the limits. */
void keel_binance_read_usage(const struct keel_reply *reply, struct keel_outcome *outcome);

#endif

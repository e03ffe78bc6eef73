/* settle.h - how the fate of a write without a verdict is found out, and never guessed.
 *
 * Pure. A write whose bytes left and that got no answer is asked about until the venue's own words
 * settle it. "Not found" proves absence only from the endpoint family that owns the order, asked
 * after the write could no longer take effect, and by an id that the venue still knows; else its
 * lists tell. The executions have the last word. */
#ifndef KEEL_SESSION_SETTLE_H
#define KEEL_SESSION_SETTLE_H

#include "venue/venue.h"

/* Where it is looked for, in this order. */
enum keel_evidence {
    KEEL_EVIDENCE_NONE,
    KEEL_EVIDENCE_ITSELF,     /* the order by an id, or the setting */
    KEEL_EVIDENCE_OPEN,       /* the open orders, where one cannot be asked for by our id */
    KEEL_EVIDENCE_ORDERS,     /* the order history since shortly before it was sent */
    KEEL_EVIDENCE_EXECUTIONS, /* the same of what was executed */
    KEEL_EVIDENCE_CHANGES,    /* what the order was amended to, and when */
    KEEL_EVIDENCES,
};

/* A write without a verdict. */
struct keel_doubt {
    const struct keel_venue *venue;
    const struct keel_command *write;
    const char *order_id; /* the venue's, of a placed order, where it was told; else "" */
    int64_t sent_time_ms;
    int64_t clock_error_ms; /* of that time, either way */
    /* Others of ours that changed the same, and may have come after it: one to something else, so
     * that what is there now says nothing of this one; so many to just what it wanted. */
    bool overtaken;
    int32_t rivals;
};

/* The read whose answer tells what became of a write. */
void keel_settle_ask(const struct keel_doubt *unsettled, enum keel_evidence evidence,
                     struct keel_command *question);

/* What the answer proves. proof: the question left after the write could no longer take effect.
 *
 * KEEL_ACCEPTED: it happened. KEEL_FATE_REJECTED, KEEL_FATE_FAILED: it did not and will not.
 * KEEL_FATE_UNKNOWN: ask again later. KEEL_FATE_NONE: the order is proved not to be there; look at
 * the next evidence. */
enum keel_fate keel_settle_judge(const struct keel_doubt *unsettled,
                                 const struct keel_command *question,
                                 const struct keel_outcome *outcome,
                                 const struct keel_events *events, bool proof);

/* After an answer that leaves it unknown: will none ever tell? It can no longer take effect, and
 * whatever came of it cannot be told from what came of others. */
bool keel_settle_is_lost(const struct keel_doubt *unsettled, const struct keel_outcome *outcome,
                         bool proof);

/* Do two writes change the same thing, and do they make the same of it? */
bool keel_settle_concern_same(const struct keel_venue *venue, const struct keel_command *a,
                              const struct keel_command *b);
bool keel_settle_want_same(const struct keel_command *a, const struct keel_command *b);

/* Is a setting, or an order, what the write wanted it to be? */
bool keel_settle_is_fulfilled(const struct keel_command *write, const struct keel_events *events);

/* Is what is asked for so old that the answer may not tell of it any more? */
bool keel_settle_is_outlived(const struct keel_doubt *unsettled, int64_t asked_time_ms);

/* What is left to look at when an order was not there, asked at that time; KEEL_EVIDENCE_NONE:
 * nothing is. */
enum keel_evidence keel_settle_next(const struct keel_doubt *unsettled,
                                    const struct keel_command *question,
                                    enum keel_evidence evidence, int64_t asked_time_ms);

/* How long after its receive window a write may still be missing from the lists that tell of it. No
 * venue promises that a wallet heeds a window shorter than the longest, or lists at once. */
int64_t keel_settle_lag_ms(const struct keel_venue *venue, enum keel_command_kind write);

/* The fate of a write whose order was nowhere when the venue was asked at that time. UNKNOWN: it
 * may have been there, was never filled, and is forgotten. */
enum keel_fate keel_settle_absent(const struct keel_doubt *unsettled, int64_t asked_time_ms);

/* The rest of a list whose rows filled the page; false: there is none, or it cannot be asked for.
 */
bool keel_settle_next_page(const struct keel_doubt *unsettled, const struct keel_command *question,
                           const struct keel_events *events, struct keel_command *next);

/* Do these facts tell of the order that a command placed? Then *order_id is the venue's, where they
 * tell it, and else as it was. */
bool keel_settle_shows(const struct keel_command *placing, const struct keel_events *events,
                       char order_id[KEEL_ORDER_ID_SIZE]);

#endif

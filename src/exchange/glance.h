/* glance.h - a look, again and again, whether the stream still tells all.
 *
 * A stream can be open, answer pings and yet be mute: its key was lost, or the venue forgot it.
 * Nothing on the stream itself shows that. So balances, positions and open orders are read once a
 * minute while the account is live, behind everything else, and held against what the stream has
 * told. A frame may be late: only what the venue states twice, with seconds between, and the stream
 * has still not told, proves it mute. Then the account is stale, and a new key and a new stream
 * come before it is live again.
 *
 * What is read is compared and not merged: that it is told is the stream's task. On Binance a look
 * costs 90 of the 2,400 weight of a minute. */
#ifndef KEEL_EXCHANGE_GLANCE_H
#define KEEL_EXCHANGE_GLANCE_H

#include "exchange/statement.h"
#include "session/session.h"

struct keel_private;

#define KEEL_GLANCE_PERIOD_MS INT64_C(60000)

enum keel_glance_step {
    KEEL_GLANCE_RESTING, /* until due_ns */
    KEEL_GLANCE_LOOKING,
    KEEL_GLANCE_PAUSED, /* something differs: until due_ns */
    KEEL_GLANCE_LOOKING_AGAIN,
};

struct keel_glance {
    enum keel_glance_step step;
    int64_t period_ms; /* 0: never */
    uint64_t random;
    int32_t turn; /* counts the looks: answers to an earlier one are nothing */
    int32_t outstanding;
    bool refused;
    int32_t alarms; /* in a row: each doubles the rest after it */
    int64_t due_ns;
    int64_t asked_ms;  /* by the venue's clock, of this look */
    int64_t agreed_ms; /* till then the stream has told all; 0: it was never compared */
    struct keel_discrepancies *found; /* [0] of the first look, [1] of the second */
};

/* KEEL_FULL: out of memory. */
KEEL_MUST_USE enum keel_status keel_glance_init(struct keel_glance *glance, int64_t period_ms,
                                                uint64_t seed);
void keel_glance_deinit(struct keel_glance *glance);

/* The account is live, and a snapshot from that time on is in it. */
void keel_glance_begin(struct keel_private *exchange, int64_t since_ms);
void keel_glance_end(struct keel_private *exchange);

/* A reply to a look, not merged. */
void keel_glance_on_reply(struct keel_private *exchange, const struct keel_report *report,
                          int32_t turn);

int64_t keel_glance_deadline_ns(const struct keel_private *exchange);
void keel_glance_tick(struct keel_private *exchange);

#endif

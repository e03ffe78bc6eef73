/* positions.h - the positions, by market and leg, and the fills that their statements lack yet.
 *
 * Pure; no allocation after init. A flat position is absent. */
#ifndef KEEL_CORE_POSITIONS_H
#define KEEL_CORE_POSITIONS_H

#include "keel/event.h"

enum {
    KEEL_UNSETTLED_MAX = 8, /* fills a leg; further ones join the newest */
};

/* A fill that the stream told before the statement of the position that contains it. */
struct keel_unsettled {
    keel_decimal quantity; /* signed */
    int64_t time_ms;
};

struct keel_leg {
    int32_t slot; /* of the position; 0: flat */
    int32_t unsettled_count;
    int64_t time_ms; /* of the newest statement, flat ones too; 0: none */
    enum keel_cause cause;
    int64_t cause_time_ms; /* of the execution that told the cause */
    struct keel_unsettled unsettled[KEEL_UNSETTLED_MAX];
};

struct keel_position_slot {
    struct keel_position position; /* first: a position's address is its slot's */
    keel_decimal cost;             /* quantity * entry price: no mark price changes it */

    /* At the newest mark price, absent without one: written when the quantity, the mark price or
     * the brackets are, because every check of an order needs those of all positions. */
    keel_decimal value, maintenance;
    int64_t received_ns; /* when it was told of last */
    uint32_t generation; /* the snapshot that mentioned it last */
};

struct keel_positions {
    struct keel_position_slot *at; /* slots 1 to count, without a gap */
    struct keel_leg (*legs)[KEEL_SHORT + 1];
    int32_t max, count;
    struct keel_position flat; /* the last one that ended */
};

struct keel_position_change {
    const struct keel_position *position; /* quantity 0: it has just ended; NULL: still flat */
    keel_decimal previous_quantity;
    bool changed, opened, ended, older;
};

bool keel_positions_init(struct keel_positions *positions, int32_t max);
void keel_positions_deinit(struct keel_positions *positions);

struct keel_position_slot *keel_positions_find(const struct keel_positions *positions,
                                               keel_market_id market, enum keel_position_side side);

/* The venue's statement, which is absolute. Absent figures stay as they were, but for the venue's
 * liquidation price and break-even, which an older statement cannot vouch for. KEEL_FULL. */
KEEL_MUST_USE enum keel_status keel_positions_merge(struct keel_positions *positions,
                                                    const struct keel_position *update,
                                                    uint32_t generation,
                                                    struct keel_position_change *change,
                                                    struct keel_error *error);

/* Does the statement tell of the position what is known of it? One of a list may be older and do
 * so: its row has the time of the last change. */
bool keel_position_restates(const struct keel_position *known, const struct keel_position *update);

/* Values the position at a mark price, absent if there is none. */
void keel_positions_value(struct keel_position_slot *slot, keel_decimal mark_price,
                          const struct keel_brackets *brackets, keel_decimal closing_fee_ratio);

/* The position has gone. Others may move to its slot. */
void keel_positions_remove(struct keel_positions *positions, struct keel_position_slot *slot);

/* A fill of which the stream tells; nothing if the position's statement contains it. */
void keel_positions_add_fill(struct keel_positions *positions, keel_market_id market,
                             enum keel_position_side side, keel_decimal signed_quantity,
                             enum keel_cause cause, int64_t time_ms);

/* All fills up to that time are in the statements that came; all fills, with 0. */
void keel_positions_settle(struct keel_leg *leg, int64_t time_ms);

static inline struct keel_leg *keel_positions_leg(const struct keel_positions *positions,
                                                  keel_market_id market,
                                                  enum keel_position_side side)
{
    return &positions->legs[market][side];
}

/* The sum of the fills that no statement contains yet. */
keel_decimal keel_leg_unsettled(const struct keel_leg *leg);

KEEL_MUST_USE enum keel_status keel_positions_audit(const struct keel_positions *positions,
                                                    struct keel_error *error);

#endif

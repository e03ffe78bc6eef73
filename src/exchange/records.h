/* records.h - what an exchange wants kept, and what an earlier life of it has left.
 *
 * Pure. Records wait in a ring until they are drained as effects; without a journal there is no
 * ring and nothing is copied. One that does not fit is a hole in the journal: it is refused, and
 * the owner halts. */
#ifndef KEEL_EXCHANGE_RECORDS_H
#define KEEL_EXCHANGE_RECORDS_H

#include "session/session.h"

enum {
    KEEL_RECORDS_MAX = 16384, /* of one input; pages that are not needed are never touched */
};

struct keel_records {
    struct keel_record *at; /* NULL: nothing is recorded */
    uint32_t first, count;
    struct keel_record numbers; /* the one that says how far they are reserved */
};

struct keel_leftover {
    struct keel_intent *unsettled; /* without a market of this life until markets are known */
    int32_t unsettled_count;
    char (*symbols)[KEEL_SYMBOL_SIZE];
    keel_market_id *markets; /* of the symbols */
    int32_t symbol_count, market_count;
    int64_t complete_ms;
};

struct keel_private;
struct keel_exchange_config;

/* KEEL_FULL: out of memory. */
KEEL_MUST_USE enum keel_status keel_records_init(struct keel_private *exchange,
                                                 const struct keel_exchange_config *config);
void keel_records_deinit(struct keel_private *exchange);

bool keel_records_next(struct keel_private *exchange, struct keel_effect *effect);

/* Each does nothing without a journal. */
void keel_record_verdict(struct keel_private *exchange, const struct keel_report *report,
                         const struct keel_order *order);
void keel_record_execution(struct keel_private *exchange, const struct keel_execution *execution);
void keel_record_balance(struct keel_private *exchange, const struct keel_balance *balance);
void keel_record_income(struct keel_private *exchange, const struct keel_income *income);
void keel_record_difference(struct keel_private *exchange,
                            const struct keel_difference *difference);

/* What happened before that time is recorded now. */
void keel_record_complete(struct keel_private *exchange, int64_t complete_ms);

/* The markets are known: gives the session what was left unsettled, and holds it here. KEEL_FULL.
 */
KEEL_MUST_USE enum keel_status keel_leftover_adopt(struct keel_private *exchange,
                                                   struct keel_error *error);

/* This life has been live: what an earlier one left is the session's now, or done. */
void keel_leftover_forget(struct keel_leftover *leftover);

/* Did an earlier life leave anything that the first load must look for? */
bool keel_leftover_is_any(const struct keel_leftover *leftover);

#endif

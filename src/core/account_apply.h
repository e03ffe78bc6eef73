/* account_apply.h - the parts of keel_account_apply, one file a kind of fact.
 *
 * Each changes the account as its event says, or nothing on an error, and fills *applied. */
#ifndef KEEL_CORE_ACCOUNT_APPLY_H
#define KEEL_CORE_ACCOUNT_APPLY_H

#include "core/account_state.h"

/* account_terms.c: modes, settings and prices. */
KEEL_MUST_USE enum keel_status keel_account_apply_mark(struct keel_account *account,
                                                       const struct keel_event *event,
                                                       enum keel_source source, int64_t now_ns,
                                                       struct keel_applied *applied,
                                                       struct keel_error *error);
void keel_account_apply_book_top(struct keel_account *account, const struct keel_event *event,
                                 struct keel_applied *applied);
void keel_account_apply_leverage(struct keel_account *account, const struct keel_event *event,
                                 int64_t now_ns, struct keel_applied *applied);
void keel_account_apply_fees(struct keel_account *account, const struct keel_event *event,
                             struct keel_applied *applied);
void keel_account_apply_modes(struct keel_account *account, const struct keel_event *event,
                              struct keel_applied *applied);
KEEL_MUST_USE enum keel_status keel_account_apply_market(struct keel_account *account,
                                                         const struct keel_event *event,
                                                         struct keel_applied *applied,
                                                         struct keel_error *error);
KEEL_MUST_USE enum keel_status keel_account_apply_brackets(struct keel_account *account,
                                                           const struct keel_event *event,
                                                           struct keel_applied *applied,
                                                           struct keel_error *error);

/* account_snapshot.c: what is complete in it, and what that says of the rest. */
void keel_account_begin_snapshot(struct keel_account *account, const struct keel_event *event);
KEEL_MUST_USE enum keel_status keel_account_end_snapshot(struct keel_account *account,
                                                         const struct keel_event *event,
                                                         struct keel_applied *applied,
                                                         struct keel_error *error);

/* Is a snapshot of that kind being read? */
static inline bool keel_account_reads_snapshot(const struct keel_account *account,
                                               enum keel_snapshot_kind kind)
{
    return account->snapshot.kind == kind;
}

/* Which one lists the open orders of a family. */
static inline enum keel_snapshot_kind keel_orders_snapshot_kind(enum keel_order_family family)
{
    return family == KEEL_FAMILY_CONDITIONAL ? KEEL_SNAPSHOT_CONDITIONAL_ORDERS
                                             : KEEL_SNAPSHOT_ORDERS;
}

#endif

/* audit.h - compares keel's own books with the venue: lists what happened, then looks at what is.
 *
 * Executions and incomes are listed first, so that a lost one is one difference and not three; then
 * balances and positions are read and compared, and at a caller's wish open orders, too. A fact may
 * be on its way in the stream while a reply has it already: what is that young is left to the
 * stream, and figures that disagree are looked at again after a pause. What remains is reported and
 * the books take it over. */
#ifndef KEEL_EXCHANGE_AUDIT_H
#define KEEL_EXCHANGE_AUDIT_H

#include "core/books.h"
#include "exchange/glance.h"
#include "keel/private.h"

/* A stream may be so far behind a reply. */
enum { KEEL_AUDIT_GRACE_MS = 2000 };

enum keel_audit_step {
    KEEL_AUDIT_IDLE,
    KEEL_AUDIT_LISTING,
    KEEL_AUDIT_LOOKING,
    KEEL_AUDIT_PAUSED,
};

struct keel_audit {
    enum keel_audit_step step;
    bool in_cycle; /* the session catches up: lists only */
    bool again;    /* something was too young to be judged */
    bool refused;
    int32_t turn; /* counts the begins: answers to an earlier one are nothing */
    int32_t round;
    bool lists_orders;   /* recovering: what the journal may have lost */
    int32_t market_next; /* in the active markets: whose executions come next */
    int32_t orders_next; /* the same of orders, by family */
    bool income_listed;
    int32_t outstanding;
    uint32_t steps_back; /* of the venue's clock, that the account was told of */
    int64_t since_ms;    /* the venue's time from which is listed */
    int64_t due_ns;
    int64_t books_since_ms;            /* when the books began */
    uint64_t differences_old;          /* the exchange's count at the begin */
    struct keel_differences *found;    /* of this look: [0] balances, [1] positions */
    struct keel_discrepancies *orders; /* [round % 2]: of this look, and of the one before */
    struct keel_glance glance;
    keel_on_result on_result;
    void *user;
    bool has_caller;
    struct keel_error error;
};

/* KEEL_FULL: out of memory. */
struct keel_exchange_config;
KEEL_MUST_USE enum keel_status keel_audit_init(struct keel_audit *audit,
                                               const struct keel_exchange_config *config);
void keel_audit_deinit(struct keel_audit *audit);

/* At a caller's wish: everything since the books began. KEEL_STALE unless live, KEEL_FULL while
 * another runs for a caller. */
KEEL_MUST_USE enum keel_status keel_audit_begin(struct keel_private *exchange,
                                                keel_on_result on_result, void *user,
                                                struct keel_error *error);

/* The session asks what the streams may have missed since then. */
void keel_audit_catch_up(struct keel_private *exchange, int64_t since_ms);

/* The reload is over: look whether the books agree. */
void keel_audit_look(struct keel_private *exchange);

/* What was under way is void: the session is no longer live, or closed. */
void keel_audit_abandon(struct keel_private *exchange, const struct keel_error *error);

/* A reply to what the audit asked, its facts applied. */
void keel_audit_on_reply(struct keel_private *exchange, const struct keel_report *report);

/* Is a fact of a list too young to be missing? Remembers that there was one. */
bool keel_audit_is_young(struct keel_private *exchange, int64_t time_ms);

/* Is it one of the venue's loads? */
bool keel_audit_is_loaded(const struct keel_private *exchange, enum keel_command_kind kind);

/* Till when the stream has surely told all, if it was heard of at that time: the earlier one. */
int64_t keel_audit_told_ms(const struct keel_private *exchange, int64_t heard_ms);

int64_t keel_audit_deadline_ns(const struct keel_private *exchange);
void keel_audit_tick(struct keel_private *exchange);

#endif

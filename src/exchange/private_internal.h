/* private_internal.h - the inside of a private exchange, for what extends it.
 *
 *  private.c   its making and its life: inputs in, effects out
 *  commands.c  what the caller wants done
 *  reads.c     what is known of the account
 *  reports.c   what the session reports: the account, the handlers and the calls hear of it
 *
 * An extension embeds struct keel_private as its first member, fills the slots of an ops table and
 * calls keel_private_init and keel_private_deinit. Slots are called after the account was changed,
 * from inside an input or a tick. */
#ifndef KEEL_EXCHANGE_PRIVATE_INTERNAL_H
#define KEEL_EXCHANGE_PRIVATE_INTERNAL_H

#include "core/account.h"
#include "core/books.h"
#include "core/gate.h"
#include "core/risk.h"
#include "exchange/audit.h"
#include "exchange/calls.h"
#include "exchange/exchange.h"
#include "exchange/records.h"
#include "exchange/wallet.h"
#include "session/session.h"

enum {
    KEEL_LOG_TAG_SIZE = 64,
    KEEL_MISSING_AT_ONCE = 8, /* queries of orders that a snapshot did not mention */
};

struct keel_private_ops {
    /* A fact was applied; applied->changed tells whether it said anything new. */
    void (*on_applied)(struct keel_private *exchange, const struct keel_event *event,
                       const struct keel_applied *applied);
    /* A command that the extension sent has its first verdict. */
    void (*on_result)(struct keel_private *exchange, struct keel_call *call,
                      const struct keel_result *result);
    void (*on_state)(struct keel_private *exchange);
    /* After each input: what several facts together made due. */
    void (*on_turn)(struct keel_private *exchange);
    void (*on_tick)(struct keel_private *exchange);
    int64_t (*deadline_ns)(const struct keel_private *exchange);
};

struct keel_private {
    const struct keel_private_ops *ops;
    const struct keel_venue *venue;
    struct keel_handlers handlers;
    char tag[KEEL_LOG_TAG_SIZE];

    struct keel_markets *markets;
    struct keel_account *account;
    struct keel_books *books;
    struct keel_session *session;
    struct keel_modes modes; /* the account's: the session reads them when a request leaves */

    bool has_credentials;
    char settle_asset[KEEL_ASSET_SIZE]; /* whose totals are the account's */
    char (*symbols)[KEEL_SYMBOL_SIZE];  /* to be active, as the caller wrote them */
    int32_t symbol_count;
    struct keel_numbers numbers;   /* next 0: from the wall clock at the start */
    struct keel_records records;   /* what is to be kept; none without a journal */
    struct keel_leftover leftover; /* of an earlier life, until the first load is over */

    int64_t now_ns, wall_ms;
    bool in_input; /* handlers run: they may command, but give no input */
    bool was_live;
    int64_t complete_ms, complete_told_ns; /* of the first load's listing; when it was told last */
    struct keel_error last_error;

    struct keel_calls calls;
    struct keel_audit audit;
    struct keel_allowance wallet;   /* where money may go */
    struct keel_order_ref *missing; /* KEEL_OPEN_ORDERS_MAX: to be queried */
    int32_t missing_count, missing_asked;
    struct keel_position *gone; /* KEEL_POSITIONS_MAX: copied, as handlers may change the account */

    uint64_t events, unknown_events, differences, executions, fundings;
};

KEEL_MUST_USE enum keel_status keel_private_init(struct keel_private *exchange,
                                                 const struct keel_private_ops *ops,
                                                 enum keel_product product,
                                                 const struct keel_exchange_config *config,
                                                 struct keel_error *error);
void keel_private_deinit(struct keel_private *exchange);

KEEL_PRINTF(3, 4)
void keel_private_log(struct keel_private *exchange, enum keel_log_level level, const char *format,
                      ...);

/* KEEL_NOT_LOADED without credentials. */
KEEL_MUST_USE enum keel_status keel_private_check_credentials(const struct keel_private *exchange,
                                                              struct keel_error *error);

/* commands.c: gate, address list, hold, queue. The command's client id must be set. */
KEEL_MUST_USE enum keel_status
keel_private_submit(struct keel_private *exchange, const struct keel_command *command,
                    enum keel_call_kind kind, keel_on_result on_result, void *user,
                    struct keel_call **call, struct keel_error *error);

/* KEEL_CLIENT_ID, with an example of the venue's form. */
enum keel_status keel_private_refuse_client_id(const struct keel_private *exchange,
                                               const char *client_id, struct keel_error *error);

/* The order that a request asks for, with a client id. KEEL_CLIENT_ID: not one of the venue's. */
KEEL_MUST_USE enum keel_status keel_private_prepare_order(struct keel_private *exchange,
                                                          const struct keel_order_request *request,
                                                          struct keel_command *command,
                                                          struct keel_error *error);

/* Orders asked for that are known here are answered now, outside of the call that asked; the others
 * are asked for at the venue. */
void keel_private_answer_locals(struct keel_private *exchange);

/* reports.c: takes in what the session reports, tells the handlers and answers the calls. */
void keel_private_pull_reports(struct keel_private *exchange);

/* The markets are known: makes those active that the caller named, of which one that does not exist
 * fails the start, and takes up what an earlier life has left. */
void keel_private_know_markets(struct keel_private *exchange);

/* Ends the call. */
void keel_private_answer(struct keel_private *exchange, struct keel_call *call,
                         const struct keel_result *result);

/* Asks the venue for call->order, at one family. */
KEEL_MUST_USE enum keel_status keel_private_query_order(struct keel_private *exchange,
                                                        struct keel_call *call,
                                                        enum keel_order_family family,
                                                        struct keel_error *error);

void keel_private_report_difference(struct keel_private *exchange,
                                    const struct keel_difference *difference);
const char *keel_private_symbol(const struct keel_private *exchange, keel_market_id market);

#endif

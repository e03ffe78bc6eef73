/* account.h - an account that a command works on: connect, ask, wait for the answer, let go. */
#ifndef APP_ACCOUNT_H
#define APP_ACCOUNT_H

#include "app/config.h"
#include "app/render.h"

struct app_account {
    struct keel_client *client;
    bool json;
};

/* Loads the account and opens its streams. `symbols` are made active, too; handlers may be NULL.
 * KEEL_FAILED instead of KEEL_UNKNOWN: nothing was asked of the venue but to be read. KEEL_REJECTED
 * if it was the venue that would not have us. */
KEEL_MUST_USE enum keel_status app_account_open(struct app_account *account,
                                                const struct app_options *options,
                                                const char *const *symbols, int symbol_count,
                                                const struct keel_handlers *handlers,
                                                struct keel_error *error);

/* The same for what trades: with the account's journal, if it has one. What an earlier command left
 * unsettled is settled first. */
KEEL_MUST_USE enum keel_status
app_account_open_to_trade(struct app_account *account, const struct app_options *options,
                          const char *const *symbols, int symbol_count, struct keel_error *error);
/* And with the command's market active. */
KEEL_MUST_USE enum keel_status app_account_open_market(struct app_account *account,
                                                       const struct app_options *options,
                                                       const char *symbol, keel_market_id *market,
                                                       struct keel_error *error);
void app_account_close(struct app_account *account);

/* NULL: a spot account. */
struct keel_futures *app_account_futures(const struct app_account *account);
/* KEEL_UNSUPPORTED, naming what a spot account does not have. */
KEEL_MUST_USE enum keel_status app_account_check_futures(const struct app_account *account,
                                                         const char *what,
                                                         struct keel_error *error);
struct keel_private *app_account_base(const struct app_account *account);
const struct keel_markets *app_account_markets(const struct app_account *account);

/* KEEL_SYMBOL_UNKNOWN. */
KEEL_MUST_USE enum keel_status app_account_find(const struct app_account *account,
                                                const char *symbol, keel_market_id *market,
                                                struct keel_error *error);

/* The answer to one command, for app_on_result. Waiting leaves what the callback was told. */

struct app_answer {
    bool done;
    enum keel_fate fate;
    struct keel_error error;
    bool has_order, has_leverage, has_transfer, has_withdrawal;
    struct keel_order order;
    struct keel_leverage leverage;
    struct keel_wallet_transfer transfer;
    struct keel_withdrawal withdrawal;
    /* Loads: called with each event while it is there. NULL: none wanted. */
    void (*on_event)(void *user, const struct keel_event *event);
    void *user;
};

void app_on_result(void *answer, const struct keel_result *result);

/* Waits until the answer is there, or Ctrl-C. Answers KEEL_OK if it was accepted, else what became
 * of it. A write that was interrupted is KEEL_UNKNOWN. */
KEEL_MUST_USE enum keel_status
app_account_wait(struct app_account *account, struct app_answer *answer, struct keel_error *error);

/* The same for what changes nothing: Ctrl-C ends the program as ever, and what got no answer is
 * KEEL_FAILED. */
KEEL_MUST_USE enum keel_status app_account_wait_read(struct app_account *account,
                                                     struct app_answer *answer,
                                                     struct keel_error *error);

/* Runs until Ctrl-C or SIGTERM. KEEL_OK then. */
KEEL_MUST_USE enum keel_status app_account_run(struct app_account *account,
                                               struct keel_error *error);

/* Shows the request that a command would send; it has passed the gate then. */
KEEL_MUST_USE enum keel_status app_account_dry_run(const struct app_account *account,
                                                   const struct keel_command *command,
                                                   struct keel_error *error);

/* Ends a command: prints the table (NULL: there is none) or the error, and lets the account go. */
enum app_exit app_account_finish(struct app_account *account, struct app_table *table,
                                 const struct keel_error *error, enum keel_status status);

#endif

/* account.h - what the account holds, owes and has asked for, as the venue last told it.
 *
 * Pure: no I/O, no clock, no allocation after new. Not thread-safe: one owner. All facts come in
 * through keel_account_apply; the calls of the owner besides it (hold, release, set_fresh, accept,
 * set_state) say what the owner did, never what the venue has.
 *
 * State only moves forward. A filled quantity never falls, a done order never reopens, and a fact
 * older by the venue's time never overwrites a newer one. Facts with equal times are all applied,
 * in the order of their arrival: venues send several updates with one time.
 *
 * Positions are set by the venue's statements (snapshots and account updates) and never moved by
 * executions. The venue states both; one must be the truth here, so that the other can be the
 * check: executions feed the books (books.h), which are compared with the statements. Until the
 * statement that contains a fill has come, the fill is kept as unsettled: it counts in exposure, in
 * margin and in what can still be reduced.
 *
 * Pointers that are handed out are good until the next call that takes an account without const. */
#ifndef KEEL_CORE_ACCOUNT_H
#define KEEL_CORE_ACCOUNT_H

#include "keel/command.h"

enum {
    KEEL_OPEN_ORDERS_MAX = 1024,             /* pending, regular and conditional: KEEL_FULL */
    KEEL_COMPLETED_ORDERS_MAX = 8192,        /* of all markets; the oldest makes room */
    KEEL_COMPLETED_ORDERS_MARKET_MAX = 1000, /* of one market; the oldest makes room */
    KEEL_EXECUTIONS_MAX = 8192, /* the oldest makes room; a repeat is known over this span */
    KEEL_POSITIONS_MAX = 512,   /* KEEL_FULL */
    KEEL_ASSETS_MAX = 64,       /* KEEL_FULL */
    KEEL_SPOT_ASSETS_MAX = 1024,
    KEEL_WALLET_HOLDS_MAX = 64, /* transfers and withdrawals not yet in the venue's balances */
    KEEL_MARK_AGE_MAX_MS = 10000,
};

struct keel_account;

/* Zero, and "", mean the default. */
struct keel_account_config {
    struct keel_markets *markets; /* borrowed; outlives the account. MARKET events go into it */
    int32_t open_orders_max;
    int32_t completed_orders_max;
    int32_t completed_orders_market_max;
    int32_t executions_max;
    int32_t positions_max;
    int32_t assets_max;
    int64_t mark_age_max_ms;            /* an older mark makes its market's risk stale */
    keel_decimal high_risk_ratio;       /* a margin ratio above it is high risk; 0.7 */
    char settle_asset[KEEL_ASSET_SIZE]; /* whose totals are the account's; "USDT" */
    enum keel_product product;
    bool one_family; /* conditional orders are of the regular family, as any other */
};

enum keel_account_state {
    KEEL_ACCOUNT_ACTIVE,
    KEEL_ACCOUNT_STATE_REDUCING, /* only orders that shrink a position pass */
    KEEL_ACCOUNT_STATE_HALTED,   /* no write leaves */
};

/* What an event did. */
struct keel_applied {
    enum keel_event_kind kind;
    keel_market_id market;
    bool changed; /* false: a repeat, older than what is known, or no concern of the account's */
    bool created; /* an order or execution heard of for the first time, a position opened */
    bool ended;   /* the order is done, the position flat */
    bool changed_outside;  /* a mode, a leverage or a margin mode changed and we had not asked:
                            * entries are refused until keel_account_accept */
    enum keel_cause cause; /* of a position's change, where an execution told it */
    bool caused; /* ORDER: fills of it were known already, and not that the venue made them */

    const struct keel_order *order;         /* ORDER, and EXECUTION where the order is known */
    const struct keel_execution *execution; /* EXECUTION */
    const struct keel_balance *balance;     /* BALANCE */
    const struct keel_position *position;   /* POSITION; quantity 0 when it ended */
    keel_decimal previous_quantity;         /* POSITION: before; 0 if there was none */

    /* SNAPSHOT_END. Positions that the snapshot did not mention are flat now. Orders that it did
     * not mention stay open but unconfirmed: each must be queried, and its answer settles it. So
     * must the one of an ORDER that a stream tells to be open, when it is so old that it may have
     * been completed and forgotten since. */
    const struct keel_position *gone;
    int32_t gone_count;
    const struct keel_order_ref *missing;
    int32_t missing_count;
};

struct keel_account_counters {
    int64_t changes;    /* events that changed something: N updates in are N here */
    int64_t duplicates; /* executions that were known */
    int64_t older;      /* facts older than what was known */
    int64_t unknown;    /* messages and words that keel does not know */
};

/* NULL: out of memory, or no markets in the config. */
struct keel_account *keel_account_new(const struct keel_account_config *config);
void keel_account_free(struct keel_account *account);

/* The one function that writes facts. now_ns is the monotonic time of receipt. SNAPSHOT_BEGIN's
 * time_ms is the venue's time when the snapshot was asked for: what the stream told later than that
 * survives not being mentioned; 0 if unknown, then nothing does.
 *
 * KEEL_FULL (a bound), KEEL_MALFORMED (a fact that cannot be, such as a mark that is not positive),
 * KEEL_SYMBOL_UNKNOWN (a market that is not in the table), KEEL_OVERFLOW, KEEL_BROKEN. The account
 * is then as it was. *applied is always filled. */
KEEL_MUST_USE enum keel_status keel_account_apply(struct keel_account *account,
                                                  const struct keel_event *event,
                                                  enum keel_source source, int64_t now_ns,
                                                  struct keel_applied *applied,
                                                  struct keel_error *error);

/* Before a write's bytes leave. An order becomes PENDING: its client id is taken and its margin
 * reserved, until a reply, a stream event or release settles it; an unknown outcome stays held. So
 * does the more that an amendment may take, until the order is told to be as it asks. A setting
 * (leverage, margin mode, hedge mode, multi-asset mode) is expected, so that its confirmation is
 * not a change from outside. A transfer or withdrawal out of this wallet locks its amount. Other
 * commands: nothing. The client id must be set. KEEL_FULL,
 * KEEL_CLIENT_ID (taken), KEEL_OVERFLOW. */
KEEL_MUST_USE enum keel_status keel_account_hold(struct keel_account *account,
                                                 const struct keel_command *command,
                                                 struct keel_error *error);

/* The write came to nothing: rejected, or failed. An amendment gives back what it held. A new order
 * leaves the open orders and is kept
 * among the completed as REJECTED, unless the venue has meanwhile told of it: then nothing changes,
 * and the answer is false. */
bool keel_account_release(struct keel_account *account, const struct keel_command *command,
                          int64_t time_ms);

/* A transfer or withdrawal was accepted: what it held is locked until the venue's balances count
 * it. So was a leverage, and what came with it was applied: if it is another one, entries are
 * refused until keel_account_accept. Other commands: nothing. */
void keel_account_note_accepted(struct keel_account *account, const struct keel_command *command);

/* A snapshot's missing order, or an order with an unknown outcome, is proved absent at the venue
 * and was never told of: it is done. False if it is not open here. */
bool keel_account_drop_order(struct keel_account *account, const struct keel_order_ref *ref,
                             enum keel_order_status status, int64_t time_ms);

/* Told by the session. Not fresh until told so. */
void keel_account_set_fresh(struct keel_account *account, bool fresh, int64_t now_ns);

/* The venue's clock has gone back: its next statements are not older than what is known, whatever
 * their times say. What is done stays done, and a filled quantity does not fall. */
void keel_account_forget_times(struct keel_account *account);
bool keel_account_is_fresh(const struct keel_account *account);
void keel_account_set_state(struct keel_account *account, enum keel_account_state state);
enum keel_account_state keel_account_state(const struct keel_account *account);

/* The caller has seen what changed from outside: entries go on. Of one market, or of all and of
 * the account's modes with KEEL_NO_MARKET. */
void keel_account_accept(struct keel_account *account, keel_market_id market);

/* The account's modes as last told. */
struct keel_modes keel_account_modes(const struct keel_account *account);

/* True if one changed from outside, of the account or of that market. */
bool keel_account_modes_changed(const struct keel_account *account, keel_market_id market);

struct keel_account_counters keel_account_counters(const struct keel_account *account);
struct keel_markets *keel_account_markets(const struct keel_account *account);

/* Reads for callers. KEEL_STALE while the account is not fresh, unless stale values are asked for;
 * on an error *out is untouched. */

/* Open or completed, by either id. KEEL_NOT_FOUND. With KEEL_FAMILY_NONE the regular family is
 * looked at first. */
KEEL_MUST_USE enum keel_status keel_account_get_order(const struct keel_account *account,
                                                      const struct keel_order_ref *ref,
                                                      int64_t now_ns, bool stale_too,
                                                      struct keel_order *order);

/* KEEL_NO_POSITION when flat. */
KEEL_MUST_USE enum keel_status keel_account_get_position(const struct keel_account *account,
                                                         keel_market_id market,
                                                         enum keel_position_side side,
                                                         int64_t now_ns, bool stale_too,
                                                         struct keel_position *position);

/* KEEL_NOT_FOUND for an asset never told of. Available is the venue's last word, absent once a
 * stream update has outdated it: keel_account_read_margin computes it. */
KEEL_MUST_USE enum keel_status keel_account_get_balance(const struct keel_account *account,
                                                        keel_str asset, int64_t now_ns,
                                                        bool stale_too,
                                                        struct keel_balance *balance);

/* What the account handed out, as a read shows it: with its age, and a spot balance with all that
 * is held. */
void keel_account_read_order(const struct keel_order *known, int64_t now_ns,
                             struct keel_order *order);
void keel_account_read_position(const struct keel_position *known, int64_t now_ns,
                                struct keel_position *position);
void keel_account_read_balance(const struct keel_account *account, const struct keel_balance *known,
                               int64_t now_ns, struct keel_balance *balance);
void keel_account_read_execution(const struct keel_account *account,
                                 const struct keel_execution *known, int64_t now_ns,
                                 struct keel_execution *execution);

/* Settings are no real-time data: they carry their age instead of being stale. KEEL_NOT_LOADED if
 * neither leverage nor margin mode was ever told. */
KEEL_MUST_USE enum keel_status keel_account_get_leverage(const struct keel_account *account,
                                                         keel_market_id market, int64_t now_ns,
                                                         struct keel_leverage *leverage);

/* What they will be, once what was asked for is done; zero: never told, nor asked for. */
void keel_account_get_wishes(const struct keel_account *account, keel_market_id market,
                             int32_t *leverage, enum keel_margin_mode *mode);

/* Raw lookups: whatever is known, fresh or not; NULL if nothing is. For the session, the plans of
 * policies, and loops. */
const struct keel_order *keel_account_find_order(const struct keel_account *account,
                                                 const struct keel_order_ref *ref);
const struct keel_position *keel_account_find_position(const struct keel_account *account,
                                                       keel_market_id market,
                                                       enum keel_position_side side);
const struct keel_balance *keel_account_find_balance(const struct keel_account *account,
                                                     keel_str asset);
const struct keel_mark *keel_account_find_mark(const struct keel_account *account,
                                               keel_market_id market, int64_t *received_ns);
const struct keel_book_top *keel_account_find_book_top(const struct keel_account *account,
                                                       keel_market_id market);
const struct keel_brackets *keel_account_find_brackets(const struct keel_account *account,
                                                       keel_market_id market);
const struct keel_fees *keel_account_find_fees(const struct keel_account *account,
                                               keel_market_id market);

/* Is the order open but unconfirmed: not mentioned by the last snapshot of its family? */
bool keel_account_order_is_unconfirmed(const struct keel_account *account,
                                       const struct keel_order *order);

/* One after the other: NULL starts, NULL ends. With KEEL_NO_MARKET, of all markets. Open orders
 * come oldest first, completed orders and executions newest first. */
const struct keel_order *keel_account_next_open_order(const struct keel_account *account,
                                                      keel_market_id market,
                                                      const struct keel_order *after);
const struct keel_order *keel_account_next_completed_order(const struct keel_account *account,
                                                           keel_market_id market,
                                                           const struct keel_order *after);
const struct keel_execution *keel_account_next_execution(const struct keel_account *account,
                                                         keel_market_id market,
                                                         const struct keel_execution *after);
const struct keel_position *keel_account_next_position(const struct keel_account *account,
                                                       const struct keel_position *after);
const struct keel_balance *keel_account_next_balance(const struct keel_account *account,
                                                     const struct keel_balance *after);
int32_t keel_account_open_order_count(const struct keel_account *account);
int32_t keel_account_completed_order_count(const struct keel_account *account);
int32_t keel_account_position_count(const struct keel_account *account);

/* What resting orders already claim of a position: the remaining quantity of the reduce-only
 * regular orders on that side of that leg, pending ones included. Close-position orders are
 * unbounded and not in it. */
keel_decimal keel_account_resting_reduce_only(const struct keel_account *account,
                                              keel_market_id market, enum keel_position_side leg,
                                              enum keel_side side);

/* The position's signed quantity with the fills that its statement does not contain yet. */
keel_decimal keel_account_expected_quantity(const struct keel_account *account,
                                            keel_market_id market, enum keel_position_side leg);

/* Checks what must always hold: sums over orders, indexes, flat positions absent. Slow; for tests
 * and for the session between snapshots. KEEL_BROKEN. */
KEEL_MUST_USE enum keel_status keel_account_audit(const struct keel_account *account,
                                                  struct keel_error *error);

#endif

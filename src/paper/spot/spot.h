/* spot.h - the spot side of a paper venue: wallets, orders, matching, deposits and withdrawals.
 *
 * Pure: no I/O, no clock, no randomness but the seed's. In no venue's words. Not thread-safe: one
 * owner. `now_ms` is the wall clock, handed in with every call: it stamps rows and events, and by
 * it deposits and withdrawals go on. Market time moves only in paper_spot_advance.
 *
 * Accounts are numbered from 1; 0 is "any" in a query. Markets are the places in the config's
 * table, from 1; 0 is "any".
 *
 * What must be published comes out of paper_spot_next_event, in order; drain it after each call. A
 * refused call changes nothing and queues nothing.
 *
 * Money. An account has of each asset what is free, what its open orders lock, what withdrawals
 * hold, and a funding wallet. All of it moves through one ledger, from one purse to another, so of
 * each asset and at any time
 *     accounts + fees + background + futures wallets + the outside world = 0
 * to the last digit. The outside world owes what was deposited and has what was withdrawn. It is
 * checked after each event that moves money. A fee is taken from what is received, cut at eight
 * decimals.
 *
 * Memory grows with the number of rows: a paper venue forgets nothing until reset. */
#ifndef PAPER_SPOT_SPOT_H
#define PAPER_SPOT_SPOT_H

#include "paper/engine.h"
#include "paper/spot/instrument.h"

enum {
    PAPER_SPOT_EVENT_ROWS = 4, /* assets in one balance event; more make more */
    PAPER_SPOT_AMENDMENTS_MAX = 10,
    PAPER_SPOT_MARKS = 2,
    PAPER_SPOT_REFERENCE_SIZE = 64, /* a withdrawal's name of the caller's */
    PAPER_WALLET_STEP_MS = 2000, /* a deposit or a withdrawal goes on so long after its last step */
};

/* Why a call was refused, in no venue's words. */
enum paper_spot_error {
    PAPER_SPOT_OK = 0,
    PAPER_SPOT_ERROR_MARKET,
    PAPER_SPOT_ERROR_SIDE,
    PAPER_SPOT_ERROR_TYPE,
    PAPER_SPOT_ERROR_TIME_IN_FORCE,
    PAPER_SPOT_ERROR_CLIENT_ID,
    PAPER_SPOT_ERROR_PRICE_REQUIRED,
    PAPER_SPOT_ERROR_PRICE_RANGE, /* below the least, above the greatest, or not positive */
    PAPER_SPOT_ERROR_PRICE_TICK,
    PAPER_SPOT_ERROR_PRICE_BAND, /* too far from the last price */
    PAPER_SPOT_ERROR_TRIGGER_REQUIRED,
    PAPER_SPOT_ERROR_TRIGGER_PRICE, /* off the grid */
    PAPER_SPOT_ERROR_QUANTITY_REQUIRED,
    PAPER_SPOT_ERROR_QUANTITY_BOTH,  /* by base and by quote at once, or by quote where it cannot be
                                      */
    PAPER_SPOT_ERROR_QUANTITY_RANGE, /* below the least, above the greatest, or not positive */
    PAPER_SPOT_ERROR_QUANTITY_STEP,
    PAPER_SPOT_ERROR_MARKET_QUANTITY, /* above the greatest of market orders */
    PAPER_SPOT_ERROR_QUOTE_PRECISION, /* a quote amount finer than eight decimals */
    PAPER_SPOT_ERROR_NOTIONAL,        /* below the least or above the greatest */
    PAPER_SPOT_ERROR_OPEN_ORDERS_MAX,
    PAPER_SPOT_ERROR_WAITING_MAX,
    PAPER_SPOT_ERROR_CLIENT_ID_DUPLICATE, /* an open order has it */
    PAPER_SPOT_ERROR_TRIGGERS_AT_ONCE,
    PAPER_SPOT_ERROR_POST_ONLY,    /* would take */
    PAPER_SPOT_ERROR_FILL_OR_KILL, /* `strict`, and cannot be filled at once */
    PAPER_SPOT_ERROR_BALANCE,
    PAPER_SPOT_ERROR_ORDER_UNKNOWN, /* or not open any more */
    PAPER_SPOT_ERROR_AMEND_TYPE,    /* not a limit order */
    PAPER_SPOT_ERROR_AMEND_NOTHING,
    PAPER_SPOT_ERROR_AMEND_QUANTITY, /* not above what is filled */
    PAPER_SPOT_ERROR_AMEND_COUNT,
    PAPER_SPOT_ERROR_ASSET,
    PAPER_SPOT_ERROR_NETWORK,
    PAPER_SPOT_ERROR_ADDRESS,
    PAPER_SPOT_ERROR_MEMO,
    PAPER_SPOT_ERROR_AMOUNT, /* not positive, or finer than the asset */
    PAPER_SPOT_ERROR_AMOUNT_MIN,
    PAPER_SPOT_ERROR_AMOUNT_MAX,
    PAPER_SPOT_ERROR_REFERENCE,           /* too long */
    PAPER_SPOT_ERROR_REFERENCE_DUPLICATE, /* a withdrawal has it */
    PAPER_SPOT_ERROR_WITHDRAWAL_UNKNOWN,
    PAPER_SPOT_ERROR_WITHDRAWAL_STATE, /* over, or too far on to be cancelled */
    PAPER_SPOT_ERROR_WALLET, /* from and to the same, or an asset that a wallet cannot hold */
    PAPER_SPOT_ERROR_COUNT,
};

/* What an order event tells. */
enum paper_spot_execution {
    PAPER_SPOT_ACCEPTED,
    PAPER_SPOT_TRIGGERED, /* it waited for its price; now it works */
    PAPER_SPOT_TRADED,
    PAPER_SPOT_AMENDED,
    PAPER_SPOT_CANCELED,
    PAPER_SPOT_EXPIRED,
};

/* Why an order ended otherwise than by its owner. */
enum paper_spot_end {
    PAPER_SPOT_END_NONE,
    PAPER_SPOT_END_IOC,
    PAPER_SPOT_END_FOK,
    PAPER_SPOT_END_LIQUIDITY, /* a market order met the end of the book */
    PAPER_SPOT_END_SELF_TRADE,
    PAPER_SPOT_END_BALANCE,   /* when it triggered, there was not enough */
    PAPER_SPOT_END_POST_ONLY, /* when it triggered, or was amended, it would have taken */
    PAPER_SPOT_END_DATE,      /* it waited until its date */
};

/* Open while NEW or PARTIALLY_FILLED. Pointers to it are good until reset. */
struct paper_spot_order {
    int64_t id; /* grows over all markets */
    int account;
    keel_market_id market;
    enum keel_side side;
    enum keel_order_type type;             /* LIMIT, MARKET, STOP_*, TAKE_PROFIT_* */
    enum keel_time_in_force time_in_force; /* GTC, IOC, FOK, GTX; none of a market type */
    enum paper_order_status status;
    enum paper_spot_end end;
    enum paper_self_trade self_trade;
    bool waiting;  /* for its trigger price */
    bool unfunded; /* nothing is locked while it waits */
    char client_id[KEEL_CLIENT_ID_SIZE];
    char cancel_id[KEEL_CLIENT_ID_SIZE]; /* the caller's name of the cancellation */
    char former_id[KEEL_CLIENT_ID_SIZE]; /* what it was called before the last amendment */
    keel_decimal price;                  /* absent for market types */
    keel_decimal trigger_price;          /* absent if it has none */
    keel_decimal quantity;               /* base; by quote: what was filled */
    keel_decimal quote_quantity;         /* absent: by base */
    keel_decimal filled_quantity, filled_quote;
    keel_decimal fee;                /* so far, in what it receives */
    keel_decimal locked;             /* of what it pays with */
    keel_decimal prevented;          /* quantity that self-trade prevention took */
    int64_t marks[PAPER_SPOT_MARKS]; /* the caller's */
    int64_t expire_ms;               /* of a waiting order; 0: never */
    int amendments;
    int64_t create_time_ms, update_time_ms, working_time_ms; /* working 0: waits */

    /* The engine's. */
    struct paper_spot_order *book_previous, *book_next; /* or among the waiting of its market */
    struct paper_spot_order *open_previous, *open_next;
    bool in_book;
};

/* One account's side of one trade. */
struct paper_spot_trade {
    int64_t row; /* its place among all, from 1 */
    int64_t id;  /* the market's; both sides have the same */
    int64_t order_id;
    int account;
    keel_market_id market;
    enum keel_side side;
    bool maker;
    char client_id[KEEL_CLIENT_ID_SIZE];
    keel_decimal price, quantity, quote;
    keel_decimal fee;
    paper_asset_id fee_asset;
    int64_t time_ms;
};

struct paper_spot_amendment {
    int64_t row;
    int64_t order_id;
    int account;
    keel_market_id market;
    char client_id_before[KEEL_CLIENT_ID_SIZE], client_id_after[KEEL_CLIENT_ID_SIZE];
    keel_decimal price_before, price_after, quantity_before, quantity_after;
    int64_t time_ms;
};

struct paper_spot_balance {
    keel_decimal free, locked; /* locked: by open orders */
    keel_decimal withdrawing;  /* held by withdrawals that are not done */
    keel_decimal funding;      /* the funding wallet */
};

/* Why a balance changed. */
enum paper_spot_reason {
    PAPER_SPOT_REASON_ORDER_PLACED,
    PAPER_SPOT_REASON_FILL,
    PAPER_SPOT_REASON_ORDER_AMENDED,
    PAPER_SPOT_REASON_ORDER_ENDED,
    PAPER_SPOT_REASON_DEPOSIT,
    PAPER_SPOT_REASON_WITHDRAWAL,          /* asked for: held */
    PAPER_SPOT_REASON_WITHDRAWAL_DONE,     /* what was held is gone */
    PAPER_SPOT_REASON_WITHDRAWAL_RETURNED, /* it failed: what was held is free */
    PAPER_SPOT_REASON_TRANSFER,
};

/* A change of the spot wallet: a row of the account's book. The balances are those after it. */
struct paper_spot_change {
    int64_t row;
    int account;
    paper_asset_id asset;
    enum paper_spot_reason reason;
    int64_t source; /* the order, withdrawal, deposit or transfer */
    keel_decimal free, locked, withdrawing;
    keel_decimal free_change, locked_change, withdrawing_change;
    int64_t time_ms;
};

enum paper_withdrawal_status {
    PAPER_WITHDRAWAL_NONE,
    PAPER_WITHDRAWAL_REQUESTED,
    PAPER_WITHDRAWAL_REVIEWING,
    PAPER_WITHDRAWAL_PROCESSING,
    PAPER_WITHDRAWAL_DONE,
    PAPER_WITHDRAWAL_FAILED,
    PAPER_WITHDRAWAL_REJECTED,
    PAPER_WITHDRAWAL_CANCELED,
};

enum paper_wallet {
    PAPER_WALLET_NONE,
    PAPER_WALLET_SPOT,
    PAPER_WALLET_FUNDING,
    PAPER_WALLET_FUTURES,
};

struct paper_withdrawal {
    int64_t id;
    int account;
    paper_asset_id asset;
    int network; /* its place in the asset's list */
    enum paper_wallet wallet;
    enum paper_withdrawal_status status;
    keel_decimal amount; /* what arrives */
    keel_decimal fee;
    char reference[PAPER_SPOT_REFERENCE_SIZE]; /* the caller's; may be empty */
    char address[PAPER_ADDRESS_SIZE], memo[PAPER_ADDRESS_SIZE];
    char transaction[PAPER_TRANSACTION_SIZE]; /* empty before it is processed */
    int64_t create_time_ms, update_time_ms;
};

enum paper_deposit_status {
    PAPER_DEPOSIT_NONE,
    PAPER_DEPOSIT_PENDING,
    PAPER_DEPOSIT_CREDITED,
};

struct paper_deposit {
    int64_t id;
    int account;
    paper_asset_id asset;
    int network;
    enum paper_deposit_status status;
    keel_decimal amount;
    char address[PAPER_ADDRESS_SIZE];
    char transaction[PAPER_TRANSACTION_SIZE];
    int64_t create_time_ms, update_time_ms;
};

struct paper_transfer {
    int64_t id;
    int account;
    paper_asset_id asset;
    enum paper_wallet from, to;
    keel_decimal amount;
    int64_t time_ms;
};

enum paper_spot_event_kind {
    PAPER_SPOT_EVENT_ORDER,      /* to its account */
    PAPER_SPOT_EVENT_BALANCES,   /* to its account: behind the event that changed them */
    PAPER_SPOT_EVENT_WITHDRAWAL, /* to its account */
    PAPER_SPOT_EVENT_DEPOSIT,    /* to its account */
    PAPER_SPOT_EVENT_TRADE,      /* public */
    PAPER_SPOT_EVENT_TICKER,     /* public: at most one a market a call */
};

/* An order as it was right after the event, and the fill if there is one. */
struct paper_spot_order_event {
    enum paper_spot_execution kind;
    struct paper_spot_order order; /* its links are NULL */
    struct paper_spot_trade trade; /* TRADED */
};

struct paper_spot_balances_event {
    enum paper_spot_reason reason;
    int count;
    struct paper_spot_change rows[PAPER_SPOT_EVENT_ROWS];
};

struct paper_spot_event {
    enum paper_spot_event_kind kind;
    int account; /* 0: public */
    keel_market_id market;
    int64_t time_ms;
    union {
        struct paper_spot_order_event order;
        struct paper_spot_balances_event balances;
        struct paper_withdrawal withdrawal;
        struct paper_deposit deposit;
        struct paper_public_trade trade;
        struct paper_ticker ticker;
    } as;
};

struct paper_spot_config {
    uint64_t seed;
    int accounts;                              /* at least 1 */
    keel_decimal quote_balance;                /* each account's first USDT; absent: none */
    keel_decimal maker_fee, taker_fee;         /* zero: the instruments' */
    bool manual;                               /* markets without a price file stand still */
    int64_t market_time_ms;                    /* where market time begins without one */
    struct paper_spot_instruments instruments; /* count 0: paper_spot_instruments() */
    struct paper_engine *futures;              /* whose wallets transfers reach; NULL: none */
};

struct paper_spot;

/* NULL: out of memory, no accounts, more than 32 instruments, or a balance that is negative or
 * finer than eight decimals. Everything that *config points to outlives it. */
struct paper_spot *paper_spot_new(const struct paper_spot_config *config, int64_t now_ms);
void paper_spot_free(struct paper_spot *spot);

/* As new with the same seed; pointers and ids are void. False: out of memory, nothing changed. */
bool paper_spot_reset(struct paper_spot *spot, int64_t now_ms);

/* --- Prices ------------------------------------------------------------------------------------
 */

/* As paper_engine_load_candles, and with the same file the same prices. */
KEEL_MUST_USE enum keel_status paper_spot_load_candles(struct paper_spot *spot,
                                                       keel_market_id market, keel_str csv,
                                                       struct keel_error *error);

/* Market time begins there, or with the first candle if that is later. Before any order. */
void paper_spot_begin_at(struct paper_spot *spot, int64_t market_time_ms);
void paper_spot_advance(struct paper_spot *spot, int64_t now_ms, int64_t market_ms);

/* The book centres on the nearest price of the grid. PRICE_RANGE: it is not positive. */
KEEL_MUST_USE enum paper_spot_error paper_spot_set_price(struct paper_spot *spot, int64_t now_ms,
                                                         keel_market_id market, keel_decimal price);

/* What only the wall clock brings: deposits and withdrawals go on, waiting orders expire, and the
 * background comes back. About every 10 ms. */
void paper_spot_tick(struct paper_spot *spot, int64_t now_ms);

/* --- Markets -----------------------------------------------------------------------------------
 */

int paper_spot_market_count(const struct paper_spot *spot);
const struct paper_spot_instrument *paper_spot_market(const struct paper_spot *spot,
                                                      keel_market_id market); /* NULL: no such */
keel_market_id paper_spot_find_market(const struct paper_spot *spot, keel_str symbol);

/* The market whose base walks by this name (a futures market's base): none if there is no such. */
keel_market_id paper_spot_find_walk(const struct paper_spot *spot, keel_str walk_name);
void paper_spot_get_ticker(const struct paper_spot *spot, keel_market_id market,
                           struct paper_ticker *ticker);
int paper_spot_get_depth(const struct paper_spot *spot, keel_market_id market, enum keel_side side,
                         struct paper_level *levels, int level_max);
keel_decimal paper_spot_maker_fee(const struct paper_spot *spot, keel_market_id market);
keel_decimal paper_spot_taker_fee(const struct paper_spot *spot, keel_market_id market);

/* --- Orders ------------------------------------------------------------------------------------
 */

struct paper_spot_request {
    keel_market_id market;
    enum keel_side side;
    enum keel_order_type type;
    enum keel_time_in_force time_in_force; /* of limit types; GTX is post-only */
    enum paper_self_trade self_trade;      /* DEFAULT is NONE */
    bool strict;        /* FOK: refuse what cannot be filled, instead of recording it as expired */
    bool unfunded;      /* a waiting order locks nothing until it triggers */
    keel_str client_id; /* empty: one is made */
    keel_decimal quantity, quote_quantity, price, trigger_price; /* or absent */
    int64_t expire_ms;                                           /* of a waiting order; 0: never */
    int64_t marks[PAPER_SPOT_MARKS];                             /* kept, and told */
};

/* Empty, all decimals absent. */
struct paper_spot_request paper_spot_request_init(void);

/* Checks in the order of enum paper_spot_error; *order (which may be NULL) is the order as it
 * stands after matching. With `test` all is checked and nothing placed. A stop waits for the last
 * price to reach its trigger from the worse side, a take-profit from the better. */
KEEL_MUST_USE enum paper_spot_error paper_spot_place_order(struct paper_spot *spot, int64_t now_ms,
                                                           int account,
                                                           const struct paper_spot_request *request,
                                                           bool test,
                                                           const struct paper_spot_order **order);

/* The order as it was right after acceptance, before any match. */
struct paper_spot_order paper_spot_as_accepted(const struct paper_spot_order *order);

struct paper_spot_amend {
    keel_market_id market;
    int64_t order_id;             /* or 0, and */
    keel_str client_id;           /* this */
    keel_decimal quantity, price; /* the new ones; absent: as it is */
    keel_str new_client_id;       /* empty: as it is */
};

/* A smaller quantity alone keeps the place in the queue; a new price or more quantity loses it and
 * may fill. A post-only order that would take ends instead. */
KEEL_MUST_USE enum paper_spot_error paper_spot_amend_order(struct paper_spot *spot, int64_t now_ms,
                                                           int account,
                                                           const struct paper_spot_amend *amend,
                                                           const struct paper_spot_order **order);

/* By id, or by client id when the id is 0. */
KEEL_MUST_USE enum paper_spot_error paper_spot_cancel_order(struct paper_spot *spot, int64_t now_ms,
                                                            int account, keel_market_id market,
                                                            int64_t id, keel_str client_id,
                                                            keel_str cancel_id,
                                                            const struct paper_spot_order **order);

/* Of a market (0: of all), of a side (none: both). Returns how many. */
int paper_spot_cancel_all(struct paper_spot *spot, int64_t now_ms, int account,
                          keel_market_id market, enum keel_side side);

/* --- Wallets -----------------------------------------------------------------------------------
 */

struct paper_withdraw_request {
    paper_asset_id asset;
    keel_str network; /* empty: the usual one */
    keel_str address, memo, reference;
    keel_decimal amount;
    bool fee_on_top;          /* the amount arrives; else the fee is taken from it */
    enum paper_wallet wallet; /* SPOT or FUNDING; none is SPOT */
};

KEEL_MUST_USE enum paper_spot_error
paper_spot_withdraw(struct paper_spot *spot, int64_t now_ms, int account,
                    const struct paper_withdraw_request *request,
                    const struct paper_withdrawal **withdrawal);

/* By its owner, while it is REQUESTED or REVIEWING. */
KEEL_MUST_USE enum paper_spot_error
paper_spot_cancel_withdrawal(struct paper_spot *spot, int64_t now_ms, int account, int64_t id,
                             const struct paper_withdrawal **withdrawal);

/* By hand, any state but CANCELED and back: what is not yet over goes on from there. */
KEEL_MUST_USE enum paper_spot_error
paper_spot_force_withdrawal(struct paper_spot *spot, int64_t now_ms, int64_t id,
                            enum paper_withdrawal_status status);

/* Comes in from outside: pending now, credited by the clock. */
KEEL_MUST_USE enum paper_spot_error paper_spot_deposit(struct paper_spot *spot, int64_t now_ms,
                                                       int account, paper_asset_id asset,
                                                       keel_str network, keel_decimal amount,
                                                       const struct paper_deposit **deposit);

/* The account's address for an asset by a network; the same at each call. */
void paper_spot_deposit_address(const struct paper_spot *spot, int account, paper_asset_id asset,
                                int network, char address[PAPER_ADDRESS_SIZE]);

/* Between an account's wallets, in one step. The futures wallet holds USDT alone, and gives no more
 * than is not needed as margin. */
KEEL_MUST_USE enum paper_spot_error paper_spot_transfer(struct paper_spot *spot, int64_t now_ms,
                                                        int account, paper_asset_id asset,
                                                        enum paper_wallet from,
                                                        enum paper_wallet to, keel_decimal amount,
                                                        const struct paper_transfer **transfer);

/* --- Reading -----------------------------------------------------------------------------------
 */

/* Zero fields match all; end_ms 0 is no end. */
struct paper_spot_query {
    int account;
    keel_market_id market;
    paper_asset_id asset;     /* changes, withdrawals, deposits, transfers */
    int64_t from_id;          /* orders, trades, others: id >= */
    int64_t order_id;         /* trades, amendments */
    int64_t start_ms, end_ms; /* of creation; both inclusive */
};

/* The row after `after` (NULL: the first) that matches, oldest first; NULL at the end. */
const struct paper_spot_order *paper_spot_next_order(const struct paper_spot *spot,
                                                     const struct paper_spot_query *query,
                                                     const struct paper_spot_order *after);
const struct paper_spot_trade *paper_spot_next_trade(const struct paper_spot *spot,
                                                     const struct paper_spot_query *query,
                                                     const struct paper_spot_trade *after);
const struct paper_spot_amendment *
paper_spot_next_amendment(const struct paper_spot *spot, const struct paper_spot_query *query,
                          const struct paper_spot_amendment *after);
const struct paper_spot_change *paper_spot_next_change(const struct paper_spot *spot,
                                                       const struct paper_spot_query *query,
                                                       const struct paper_spot_change *after);
const struct paper_withdrawal *paper_spot_next_withdrawal(const struct paper_spot *spot,
                                                          const struct paper_spot_query *query,
                                                          const struct paper_withdrawal *after);
const struct paper_deposit *paper_spot_next_deposit(const struct paper_spot *spot,
                                                    const struct paper_spot_query *query,
                                                    const struct paper_deposit *after);
const struct paper_transfer *paper_spot_next_transfer(const struct paper_spot *spot,
                                                      const struct paper_spot_query *query,
                                                      const struct paper_transfer *after);

/* Open orders of an account, waiting ones too, oldest first; market 0 is all. */
const struct paper_spot_order *paper_spot_next_open_order(const struct paper_spot *spot,
                                                          int account, keel_market_id market,
                                                          const struct paper_spot_order *after);

/* By id, or by client id when the id is 0: the newest of that name. market 0 is any. */
const struct paper_spot_order *paper_spot_find_order(const struct paper_spot *spot, int account,
                                                     keel_market_id market, int64_t id,
                                                     keel_str client_id);

/* By id, or by reference when the id is 0. account 0 is any. */
const struct paper_withdrawal *paper_spot_find_withdrawal(const struct paper_spot *spot,
                                                          int account, int64_t id,
                                                          keel_str reference);
void paper_spot_get_balance(const struct paper_spot *spot, int account, paper_asset_id asset,
                            struct paper_spot_balance *balance);

/* When the account's balances changed last. */
int64_t paper_spot_update_time_ms(const struct paper_spot *spot, int account);

/* --- Events and the audit ----------------------------------------------------------------------
 */

/* False when the queue is empty. *event is a copy. */
bool paper_spot_next_event(struct paper_spot *spot, struct paper_spot_event *event);

/* Of one asset. */
struct paper_spot_sums {
    keel_decimal accounts; /* free, locked, withdrawing and funding of all */
    keel_decimal fees, background;
    keel_decimal futures;    /* moved to futures wallets, less what came back */
    keel_decimal outside;    /* withdrawn less deposited */
    keel_decimal difference; /* the sum of all these: zero */
};

struct paper_spot_audit {
    bool conserved;   /* now, and after each event since the last reset */
    char broken[160]; /* what did not hold first; "" if all did */
    int64_t checks;
    int asset_count;
    struct paper_spot_sums assets[PAPER_ASSETS_MAX + 1]; /* by asset; 0 is unused */
};
void paper_spot_audit(const struct paper_spot *spot, struct paper_spot_audit *audit);

#endif

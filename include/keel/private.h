/* private.h - a private exchange: what an authenticated account can do on any market.
 *
 * Balances, orders, executions, fees, statistics, handlers. Spot and futures share this; futures.h
 * extends it. Pure: no I/O and no clock of its own; a client (client.h) gives it both, a simulation
 * gives it virtual ones.
 *
 * Reads answer at once from the account; nothing real-time is kept back. While the account is not
 * live every read of it is KEEL_STALE, with values only if the caller asked for stale ones.
 *
 * Commands check the gate, queue their bytes and answer later: a call that returns an error never
 * calls its callback; one that returns KEEL_OK calls it exactly once, never from inside the call.
 * Handlers and callbacks may issue further commands. Not thread-safe: one owner. */
#ifndef KEEL_PRIVATE_H
#define KEEL_PRIVATE_H

#include "keel/command.h"
#include "keel/difference.h"
#include "keel/venue.h"

struct keel_private;

enum keel_log_level {
    KEEL_LOG_DEBUG,
    KEEL_LOG_INFO,
    KEEL_LOG_WARNING,
    KEEL_LOG_ERROR,
};

enum keel_connection_state {
    KEEL_CONNECTION_IDLE,
    KEEL_CONNECTION_LOADING,     /* first load: no read answers yet */
    KEEL_CONNECTION_LIVE,        /* loaded, and all streams open */
    KEEL_CONNECTION_RECONCILING, /* something was lost: reads are stale */
    KEEL_CONNECTION_CLOSED,
};

struct keel_connection {
    enum keel_connection_state state;
    bool rest;        /* the last request was answered */
    bool user_stream; /* open */
    bool market_stream;
    int64_t stream_age_ms;   /* since the last byte from the user stream; -1: none yet */
    int64_t clock_offset_ms; /* the venue's clock less ours */
    uint32_t reconnects;
    struct keel_error last_error; /* status KEEL_OK: none */
};

/* What became of a command. Pointers are good during the callback. */
struct keel_result {
    enum keel_command_kind command;
    enum keel_fate fate;
    struct keel_error error;              /* status KEEL_OK when accepted */
    const struct keel_order *order;       /* place, amend, cancel, query: as known now; else NULL */
    const struct keel_leverage *leverage; /* set_leverage, set_margin_mode; else NULL */
    /* withdraw, cancel_withdrawal, transfer: as far as the venue has told of it; else NULL */
    const struct keel_withdrawal *withdrawal;
    const struct keel_wallet_transfer *transfer;
    const struct keel_events *events; /* loads: what came; else NULL */
};

typedef void (*keel_on_result)(void *user, const struct keel_result *result);

/* A bound that was crossed warns once, and again only after the figure has come back some way
 * behind it (docs/margin.md, "Warnings"). What the venue does is told each time. */
enum keel_risk_event_kind {
    KEEL_RISK_MARGIN_RATIO,         /* rose above the bound */
    KEEL_RISK_LIQUIDATION_DISTANCE, /* fell below the bound */
    KEEL_RISK_CLEARED,              /* a warning is over: which, says the event */
    KEEL_RISK_VENUE_MARGIN_CALL,    /* the venue's own warning */
    KEEL_RISK_LIQUIDATED,           /* the venue closed a position */
    KEEL_RISK_DELEVERAGED,
    KEEL_RISK_SETTLED,           /* delisted, or delivered */
    KEEL_RISK_TAKEN_OVER,        /* by the insurance fund */
    KEEL_RISK_ADL_RANK,          /* so near the front of those whom the venue deleverages */
    KEEL_RISK_FUNDING_NEAR,      /* a payment that the position makes is due */
    KEEL_RISK_STALE,             /* what is known of it is older than the bound */
    KEEL_RISK_LEVERAGE,          /* above what the bracket of its notional allows */
    KEEL_RISK_LIQUIDATION_PRICE, /* the venue's is another than ours */
};

struct keel_risk_event {
    enum keel_risk_event_kind kind;
    keel_market_id market;
    enum keel_position_side side;
    keel_decimal margin_ratio, liquidation_price, liquidation_distance;
    int64_t age_ms; /* of the oldest input of these three; 0 without them */
    /* What was crossed, and by what: a ratio, a distance, a rank, milliseconds to the payment or of
     * age, a leverage; of a liquidation price the venue's own, and how far it may be off as a
     * fraction of the mark price. Absent for CLEARED and the venue's own events. */
    keel_decimal bound, figure;
    /* Of CLEARED: the warning that is over. MARGIN_RATIO: it and the distance are both back. */
    enum keel_risk_event_kind cleared;
};

/* "margin_ratio", "stale": what the command line and logs print. */
KEEL_API const char *keel_risk_event_kind_name(enum keel_risk_event_kind kind);

/* All optional. Pointers are good during the call. */
struct keel_handlers {
    void *user;
    void (*on_order)(void *user, const struct keel_order *order);
    void (*on_execution)(void *user, const struct keel_execution *execution);
    void (*on_balance)(void *user, const struct keel_balance *balance);
    /* The last verdict on a write whose first one was unknown. */
    void (*on_settled)(void *user, const struct keel_result *result);
    void (*on_connection)(void *user, const struct keel_connection *connection);
    void (*on_difference)(void *user, const struct keel_difference *difference);
    void (*on_unknown)(void *user, keel_str word, keel_str message);
    void (*on_log)(void *user, enum keel_log_level level, const char *tag, const char *message);
    /* futures */
    void (*on_position)(void *user, const struct keel_position *position); /* flat: quantity 0 */
    void (*on_risk)(void *user, const struct keel_risk_event *event);
    void (*on_funding)(void *user, const struct keel_income *funding);
    void (*on_mark)(void *user, const struct keel_mark *mark);
};

/* What keel's own books hold of an asset, fed by executions and incomes alone; all but the wallet
 * since they began. */
struct keel_book_balance {
    char asset[KEEL_ASSET_SIZE];
    keel_decimal wallet;
    keel_decimal traded; /* spot: what executions brought less what they took, before fees */
    keel_decimal realized_pnl, funding; /* futures */
    keel_decimal fees, transfers, other;
};

struct keel_statistics {
    int32_t balances, open_orders, completed_orders, executions;
    int32_t unsettled; /* commands whose fate is not known yet */
    bool has_credentials;
    struct keel_connection connection;
    uint64_t messages, events, duplicates, unknown_events, differences;
};

/* All markets of the venue, and the venue. */
KEEL_API const struct keel_markets *keel_private_markets(const struct keel_private *exchange);
KEEL_API const struct keel_venue *keel_private_venue(const struct keel_private *exchange);
KEEL_API void keel_private_connection(const struct keel_private *exchange,
                                      struct keel_connection *connection);
KEEL_API void keel_private_statistics(const struct keel_private *exchange,
                                      struct keel_statistics *statistics);

/* Reads. Lists copy up to `max` items and answer how many there are; *status is KEEL_OK, or
 * KEEL_STALE (with nothing copied unless stale_ok). */
KEEL_API KEEL_MUST_USE enum keel_status keel_private_balance(const struct keel_private *exchange,
                                                             keel_str asset, bool stale_ok,
                                                             struct keel_balance *balance,
                                                             struct keel_error *error);
KEEL_API size_t keel_private_balances(const struct keel_private *exchange, bool stale_ok,
                                      struct keel_balance *balances, size_t max,
                                      enum keel_status *status);
/* market KEEL_NO_MARKET: of all markets. Oldest first. */
KEEL_API size_t keel_private_open_orders(const struct keel_private *exchange, keel_market_id market,
                                         bool stale_ok, struct keel_order *orders, size_t max,
                                         enum keel_status *status);
/* Static facts: never stale. Newest last; bounded, the newest are kept. */
KEEL_API size_t keel_private_completed_orders(const struct keel_private *exchange,
                                              keel_market_id market, struct keel_order *orders,
                                              size_t max);
KEEL_API size_t keel_private_executions(const struct keel_private *exchange, keel_market_id market,
                                        struct keel_execution *executions, size_t max);
KEEL_API KEEL_MUST_USE enum keel_status keel_private_fees(const struct keel_private *exchange,
                                                          keel_market_id market,
                                                          struct keel_fees *fees,
                                                          struct keel_error *error);

/* The books, by asset. Never stale: they are keel's own. */
KEEL_API size_t keel_private_books(const struct keel_private *exchange,
                                   struct keel_book_balance *balances, size_t max);

/* Commands. What is given is copied; `user` goes back to on_result, which may be NULL. Refused at
 * once, with nothing changed: KEEL_NOT_LOADED without credentials, the gate's code (error.h),
 * KEEL_FULL at a bound, KEEL_FAILED while there is no connection. What the venue has no call for
 * fails with KEEL_UNSUPPORTED.
 *
 * Binance: POST /fapi/v1/order, /fapi/v1/algoOrder for conditional ones; POST /api/v3/order.
 * Gate.io: POST /futures/usdt/orders and price_orders, POST /spot/orders and price_orders. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_place_order(struct keel_private *exchange, const struct keel_order_request *request,
                         keel_on_result on_result, void *user, struct keel_error *error);
/* `quantity` is the new total, filled part included; absent, as the price may be, it stays.
 * KEEL_NOT_FOUND for an order that keel does not know. Binance: PUT /fapi/v1/order; PUT
 * /api/v3/order/amend/keepPriority, which lowers the quantity and changes no price. Gate.io: PUT
 * /futures/usdt/orders/{id}, PATCH /spot/orders/{id}. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_amend_order(struct keel_private *exchange, const struct keel_order_ref *order,
                         keel_decimal quantity, keel_decimal price, keel_on_result on_result,
                         void *user, struct keel_error *error);
/* An order that keel does not know is asked for as `order` names it. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_cancel_order(struct keel_private *exchange, const struct keel_order_ref *order,
                          keel_on_result on_result, void *user, struct keel_error *error);
/* Of both families, where the venue has two; answers once, with the worse fate. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_cancel_all(struct keel_private *exchange, keel_market_id market,
                        keel_on_result on_result, void *user, struct keel_error *error);

/* Open orders first, then the completed ones, then the venue: the family named, or one after the
 * other. The market must be named. An order that is nowhere is rejected with KEEL_NOT_FOUND. */
KEEL_API KEEL_MUST_USE enum keel_status keel_private_get_order(struct keel_private *exchange,
                                                               const struct keel_order_ref *order,
                                                               keel_on_result on_result, void *user,
                                                               struct keel_error *error);

/* Any read of command.h: order history, executions, income. What comes is applied, too. */
KEEL_API KEEL_MUST_USE enum keel_status keel_private_load(struct keel_private *exchange,
                                                          const struct keel_command *command,
                                                          keel_on_result on_result, void *user,
                                                          struct keel_error *error);

/* Has the venue cancel the resting orders of a market (none: of all, where it can) unless it is
 * told so again within timeout_s; 0 ends that. It is for the caller to tell it again in time: a
 * host that dies does not, which is the point. What else it cancels is the venue's: protective
 * orders that must stay are conditional ones. Binance: POST /fapi/v1/countdownCancelAll, a market
 * each; its spot side has none. Gate.io: POST /futures/usdt/countdown_cancel_all, or
 * /spot/countdown_cancel_all, 5 s at least. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_set_countdown(struct keel_private *exchange, keel_market_id market, int32_t timeout_s,
                           keel_on_result on_result, void *user, struct keel_error *error);

/* Money between the wallets of the account. A venue that takes no id of ours for it tells an
 * unknown one by its list of transfers: one that is the only one with these ends, asset and amount
 * at that time. While one is not settled, a second that equals it is refused.
 *
 * A withdrawal goes only to an address on the list that the exchange was given (KEEL_WITHDRAWAL_
 * ADDRESS), bears an idempotency id where the venue has one (keel makes it), and is locked from the
 * request on. An accepted one is under way, not done: keel_private_withdrawals tells. Futures
 * accounts do neither: KEEL_UNSUPPORTED, naming the transfer from the spot account. Gate.io alone
 * cancels withdrawals (DELETE /withdrawals/{id}); for the other calls see wallet.h. */
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_transfer(struct keel_private *exchange, const struct keel_transfer_request *request,
                      keel_on_result on_result, void *user, struct keel_error *error);
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_withdraw(struct keel_private *exchange, const struct keel_withdrawal_request *request,
                      keel_on_result on_result, void *user, struct keel_error *error);
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_cancel_withdrawal(struct keel_private *exchange, const char *withdrawal_id,
                               keel_on_result on_result, void *user, struct keel_error *error);

/* Lists of the wallet; the rows are in the result's events. networks: asset "" is all. What comes
 * of a network is kept and checked before a withdrawal leaves by it. */
KEEL_API KEEL_MUST_USE enum keel_status keel_private_networks(struct keel_private *exchange,
                                                              keel_str asset,
                                                              keel_on_result on_result, void *user,
                                                              struct keel_error *error);
KEEL_API KEEL_MUST_USE enum keel_status
keel_private_withdrawals(struct keel_private *exchange, const struct keel_page *page,
                         keel_on_result on_result, void *user, struct keel_error *error);
KEEL_API KEEL_MUST_USE enum keel_status keel_private_deposits(struct keel_private *exchange,
                                                              const struct keel_page *page,
                                                              keel_on_result on_result, void *user,
                                                              struct keel_error *error);
KEEL_API KEEL_MUST_USE enum keel_status keel_private_transfers(struct keel_private *exchange,
                                                               const struct keel_page *page,
                                                               keel_on_result on_result, void *user,
                                                               struct keel_error *error);

/* Compares keel's own books with the venue: executions and income since the start are listed, then
 * balances and positions are read, and each difference goes to on_difference. What a stream may
 * still bring is looked at again after a pause. on_result's error.message tells how many there
 * were. KEEL_STALE unless live, KEEL_FULL while another comparison runs for a caller. */
KEEL_API KEEL_MUST_USE enum keel_status keel_private_reconcile(struct keel_private *exchange,
                                                               keel_on_result on_result, void *user,
                                                               struct keel_error *error);

/* The request that a command would send: passes the gate, changes nothing, sends nothing. */
KEEL_API KEEL_MUST_USE enum keel_status keel_private_dry_run(struct keel_private *exchange,
                                                             const struct keel_command *command,
                                                             struct keel_encoded *encoded,
                                                             struct keel_error *error);

#endif

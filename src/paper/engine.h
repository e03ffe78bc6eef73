/* engine.h - the paper venue's own books: matching, prices, margin, funding, liquidation.
 *
 * Pure: no I/O, no clock, no randomness but the seed's. The same seed and the same calls give the
 * same events and the same bytes. It is a second, independent reading of the venue's documentation:
 * it shares base/ and the vocabulary with the client side and no arithmetic with core/.
 * Not thread-safe: one owner.
 *
 * Two clocks. `now_ms` is the wall clock, handed in with every call: it stamps orders, trades,
 * income and events, and it expires GTD orders and countdowns. Market time moves only in
 * paper_engine_advance: it chooses the candle and when funding falls due, and never leaves on the
 * wire.
 *
 * Accounts are numbered from 1; 0 is the venue itself (the background liquidity and the insurance
 * fund), and "any account" in a query. API keys are the server's business. Markets are ids of
 * instrument.h, from 1; 0 is "any" in a query.
 *
 * Everything a caller must publish comes out of paper_engine_next_event, in order; drain it after
 * each call. A refused call changes nothing and queues nothing.
 *
 * Money. An account's wallet and isolated wallets are on the grid of the venue's decimals
 * (paper_rules.money_digits). A trade moves price * quantity, exactly, between its two sides; a
 * fee, a funding payment and a liquidation fee are cut to the grid and move from one purse to
 * another; a fill's realised profit is cut too, and what is cut off is booked as rounding. So
 * nothing is made and nothing lost, at any price, at any time:
 *     wallets + unrealised PnL + background + insurance fund + fees + funding pool + rounding
 *         = deposits
 * and the positions of one symbol sum to zero. It is checked after each event that moves money.
 *
 * Memory grows with the number of orders and trades: a paper venue forgets nothing until reset.
 * When there is none left, it ends by the assertion handler: it has nothing to save. */
#ifndef PAPER_ENGINE_H
#define PAPER_ENGINE_H

#include "keel/balance.h"
#include "keel/execution.h"
#include "keel/order.h"
#include "keel/position.h"
#include "paper/instrument.h"

enum {
    PAPER_STEP_MS = 5000,                  /* market time between two points of a price path */
    PAPER_FUNDING_MS = 8 * 60 * 60 * 1000, /* market time between two fundings, at 00, 08, 16 */
    PAPER_BOOK_LEVELS = 200,               /* background levels a side */
    PAPER_EVENT_POSITIONS = 4,             /* positions in one account event; more make more */
    PAPER_GOOD_TILL_MIN_MS = 600 * 1000,   /* a GTD date is at least so far ahead */
    PAPER_AMENDMENTS_MAX = 10000,          /* changes of one order */
    PAPER_LEVERAGE_DEFAULT = 20,
    PAPER_MONEY_DIGITS = 8,
};

/* Of one account, in USDT; and of the insurance fund. */
#define PAPER_DEPOSIT_MAX INT64_C(1000000000000)

/* Why a call was refused, in no venue's words; the Binance code is for orientation. */
enum paper_error {
    PAPER_OK = 0,
    PAPER_ERROR_SYMBOL,             /* -1121 no such market */
    PAPER_ERROR_ORDER_TYPE,         /* -1116 conditional to place_order, or the reverse */
    PAPER_ERROR_SIDE,               /* -1117 */
    PAPER_ERROR_TIME_IN_FORCE,      /* -1115, -1106 market order with one, limit without */
    PAPER_ERROR_POSITION_SIDE,      /* -4061 a leg in one-way mode, none in hedge mode */
    PAPER_ERROR_PRICE_NOT_POSITIVE, /* -4001 */
    PAPER_ERROR_PRICE_MAX,          /* -4002 */
    PAPER_ERROR_PRICE_MIN,          /* -4013 */
    PAPER_ERROR_PRICE_TICK,         /* -4014 */
    PAPER_ERROR_PRICE_PRECISION,    /* -1111 more decimals than the tick */
    PAPER_ERROR_PRICE_ABOVE_BAND,   /* -4016 */
    PAPER_ERROR_PRICE_BELOW_BAND,   /* -4024 */
    PAPER_ERROR_COUNTER_PRICE_BAND, /* -4131 market order whose counter price breaks the band */
    PAPER_ERROR_PRICE_REQUIRED,     /* -1102 */
    PAPER_ERROR_PRICE_NOT_WANTED,   /* -1106 market order with a price, or beside a price match */
    PAPER_ERROR_QUANTITY_NOT_POSITIVE, /* -4003 */
    PAPER_ERROR_QUANTITY_MIN,          /* -4004 */
    PAPER_ERROR_QUANTITY_MAX,          /* -4005 */
    PAPER_ERROR_QUANTITY_STEP,         /* -4023 */
    PAPER_ERROR_QUANTITY_PRECISION,    /* -1111 more decimals than the step */
    PAPER_ERROR_QUANTITY_REQUIRED,     /* -1102 */
    PAPER_ERROR_NOTIONAL_MIN,          /* -4164 */
    PAPER_ERROR_OPEN_ORDERS_MAX,       /* -2025 */
    PAPER_ERROR_CONDITIONAL_MAX,       /* -4045 */
    PAPER_ERROR_CLIENT_ID,             /* -4015 malformed or too long */
    PAPER_ERROR_CLIENT_ID_DUPLICATE,   /* -4116 */
    PAPER_ERROR_REDUCE_ONLY,           /* -2022 no opposite position */
    PAPER_ERROR_REDUCE_ONLY_CROWDED,   /* -4118 better reduce-only orders use all of the position */
    PAPER_ERROR_CLOSE_TYPE,            /* -4136 close-position of another type */
    PAPER_ERROR_CLOSE_QUANTITY,        /* -4137 close-position with a quantity */
    PAPER_ERROR_CLOSE_REDUCE_ONLY,     /* -4138 close-position with reduce-only */
    PAPER_ERROR_CLOSE_DUPLICATE,       /* -4130 a close-position of this direction is open */
    PAPER_ERROR_NOTIONAL_CAP,          /* -2027 exposure above the leverage's cap */
    PAPER_ERROR_MARGIN,                /* -2019 */
    PAPER_ERROR_LIQUIDATING,           /* -2023 */
    PAPER_ERROR_POST_ONLY,             /* -5022 would take */
    PAPER_ERROR_FILL_OR_KILL,          /* -5021 cannot fill at once */
    PAPER_ERROR_GOOD_TILL,             /* -5040 */
    PAPER_ERROR_PRICE_MATCH_TYPE,      /* -5038 not a limit type */
    PAPER_ERROR_PRICE_MATCH_DEPTH,     /* -5041 no depth at that level */
    PAPER_ERROR_TRIGGER_PRICE,        /* -4006 missing or not positive; off the grid as for price */
    PAPER_ERROR_TRIGGERS_AT_ONCE,     /* -2021 */
    PAPER_ERROR_CALLBACK_RATE,        /* -4509 family: outside 0.1 to 20 percent */
    PAPER_ERROR_ACTIVATION_PRICE,     /* -4135 */
    PAPER_ERROR_ORDER_UNKNOWN,        /* -2011 on cancel, -2013 elsewhere */
    PAPER_ERROR_AMEND_TYPE,           /* -5025 not a limit order */
    PAPER_ERROR_AMEND_SIDE,           /* -1117 other side than the order's */
    PAPER_ERROR_AMEND_NOTHING,        /* -5027 */
    PAPER_ERROR_AMEND_COUNT,          /* -5026 */
    PAPER_ERROR_AMEND_REDUCE_ONLY,    /* -5047 */
    PAPER_ERROR_LEVERAGE_RANGE,       /* -4028 */
    PAPER_ERROR_LEVERAGE_MARGIN,      /* -2028 */
    PAPER_ERROR_LEVERAGE_ISOLATED,    /* -4161 reduction with an isolated position */
    PAPER_ERROR_MARGIN_MODE_SAME,     /* -4046 */
    PAPER_ERROR_MARGIN_MODE_ORDERS,   /* -4047 */
    PAPER_ERROR_MARGIN_MODE_POSITION, /* -4048 */
    PAPER_ERROR_POSITION_MARGIN_CROSS,  /* -4049 */
    PAPER_ERROR_POSITION_MARGIN_NONE,   /* -4054 no position */
    PAPER_ERROR_POSITION_MARGIN_AMOUNT, /* -4055 */
    PAPER_ERROR_POSITION_MARGIN_FUNDS,  /* -4050 cross balance too small */
    PAPER_ERROR_POSITION_MARGIN_EXCESS, /* -4051 takes too much out */
    PAPER_ERROR_POSITION_MODE_SAME,     /* -4059 */
    PAPER_ERROR_POSITION_MODE_ORDERS,   /* -4067 */
    PAPER_ERROR_POSITION_MODE_POSITION, /* -4068 */
    PAPER_ERROR_ASSETS_MODE_SAME,       /* -4171 */
    PAPER_ERROR_MULTI_ASSETS_MODE,      /* multi-assets mode cannot be switched on */
    PAPER_ERROR_REDUCE_ONLY_EXCEEDS,    /* more than there is to reduce, where that is refused */
    PAPER_ERROR_LIQUIDATES,             /* the position would be liquidated at once */
    PAPER_ERROR_COUNT,
};

enum paper_order_status {
    PAPER_ORDER_NONE,
    PAPER_ORDER_NEW,
    PAPER_ORDER_PARTIALLY_FILLED,
    PAPER_ORDER_FILLED,
    PAPER_ORDER_CANCELED,
    PAPER_ORDER_EXPIRED,
    PAPER_ORDER_EXPIRED_IN_MATCH, /* by self-trade prevention */
    PAPER_ORDER_REJECTED,
};

/* What an order event tells. */
enum paper_execution_kind {
    PAPER_EXECUTION_NEW,
    PAPER_EXECUTION_TRADE,
    PAPER_EXECUTION_CANCELED,
    PAPER_EXECUTION_EXPIRED,
    PAPER_EXECUTION_AMENDMENT,  /* by the user, or a reduce-only order that was cut */
    PAPER_EXECUTION_CALCULATED, /* a fill of a liquidation or of deleveraging */
};

/* Why an order expired; the values are the venue's `er`. */
enum paper_expiry {
    PAPER_EXPIRY_NONE = 0,
    PAPER_EXPIRY_SELF_TRADE = 1,
    PAPER_EXPIRY_IOC = 2,
    PAPER_EXPIRY_IOC_SELF_TRADE = 3,
    PAPER_EXPIRY_REDUCE_ONLY = 4, /* crowded out, or it would have reversed the position */
    PAPER_EXPIRY_LIQUIDATION = 5,
    PAPER_EXPIRY_MARKET = 9, /* market order not fully filled */
    PAPER_EXPIRY_DELEVERAGING = 100,
};

enum paper_self_trade {
    PAPER_SELF_TRADE_DEFAULT, /* EXPIRE_MAKER; a stored order never has this value */
    PAPER_SELF_TRADE_NONE,
    PAPER_SELF_TRADE_EXPIRE_TAKER,
    PAPER_SELF_TRADE_EXPIRE_MAKER,
    PAPER_SELF_TRADE_EXPIRE_BOTH,
};

enum paper_price_match {
    PAPER_PRICE_MATCH_NONE,
    PAPER_PRICE_MATCH_OPPONENT, /* the best price of the other side */
    PAPER_PRICE_MATCH_OPPONENT_5,
    PAPER_PRICE_MATCH_OPPONENT_10,
    PAPER_PRICE_MATCH_OPPONENT_20,
    PAPER_PRICE_MATCH_QUEUE, /* the best price of the same side */
    PAPER_PRICE_MATCH_QUEUE_5,
    PAPER_PRICE_MATCH_QUEUE_10,
    PAPER_PRICE_MATCH_QUEUE_20,
};

/* A regular order. Open while NEW or PARTIALLY_FILLED. Pointers to it are good until reset. */
struct paper_order {
    int64_t id;             /* grows over all markets */
    int64_t conditional_id; /* the conditional order it came from; 0 if none */
    int account;
    keel_market_id market;
    enum keel_side side;
    enum keel_position_side position_side;
    enum keel_order_type type;          /* LIMIT, MARKET */
    enum keel_order_type original_type; /* the conditional type it came from, else its type */
    enum keel_time_in_force time_in_force;
    enum paper_order_status status;
    enum paper_expiry expiry;
    enum keel_cause cause; /* user, liquidation, deleveraging */
    enum keel_trigger_source trigger_source;
    enum paper_self_trade self_trade;
    enum paper_price_match price_match;
    bool reduce_only;
    bool close_position; /* it came from a close-position order */
    bool price_protect;
    bool position_gone; /* it expired, for there was no position left to reduce */
    char client_id[KEEL_CLIENT_ID_SIZE];
    keel_decimal price;         /* absent for market orders; the resolved one of a price match */
    keel_decimal trigger_price; /* the conditional order's; absent if none */
    keel_decimal quantity;      /* may shrink: reduce-only */
    keel_decimal filled_quantity;
    keel_decimal filled_quote; /* sum of price * quantity of its fills */
    int64_t good_till_ms;      /* 0 if not GTD; whole seconds */
    int64_t modify_id;         /* of the last amendment; 0 if none given */
    int amendments, fills;
    int64_t create_time_ms, update_time_ms;

    /* The engine's: queue position, and links of the book and of the account's open orders. */
    int64_t priority;
    struct paper_order *book_previous, *book_next;
    struct paper_order *open_previous, *open_next;
};

enum paper_conditional_status {
    PAPER_CONDITIONAL_NONE,
    PAPER_CONDITIONAL_NEW,
    PAPER_CONDITIONAL_TRIGGERING, /* condition met */
    PAPER_CONDITIONAL_TRIGGERED,  /* the child order is in the book */
    PAPER_CONDITIONAL_FINISHED,   /* the child is done, filled or not */
    PAPER_CONDITIONAL_CANCELED,
    PAPER_CONDITIONAL_REJECTED, /* when triggered: see `reject` */
    PAPER_CONDITIONAL_EXPIRED,  /* GTD, liquidation, or nothing left to close */
};

/* A conditional (algo) order. Open while NEW, TRIGGERING or TRIGGERED; cancellable while NEW. */
struct paper_conditional {
    int64_t id;
    int account;
    keel_market_id market;
    enum keel_side side;
    enum keel_position_side position_side;
    enum keel_order_type type;
    enum keel_time_in_force time_in_force;
    enum paper_conditional_status status;
    enum paper_error reject; /* why it was rejected when triggered */
    enum keel_trigger_source trigger_source;
    enum paper_self_trade self_trade;
    enum paper_price_match price_match;
    bool reduce_only, close_position, price_protect;
    bool activated; /* trailing: the activation price was reached */
    char client_id[KEEL_CLIENT_ID_SIZE];
    keel_decimal quantity; /* 0 with close_position */
    keel_decimal price;    /* absent for market types */
    keel_decimal trigger_price;
    keel_decimal activation_price; /* trailing; absent: active at once */
    keel_decimal callback_rate;    /* trailing, percent */
    keel_decimal extreme;          /* trailing: best price since activation; absent before */
    int64_t child_id;              /* 0 before it triggers */
    keel_decimal child_filled_quantity, child_filled_quote;
    int64_t create_time_ms, update_time_ms, trigger_time_ms, good_till_ms;
    int64_t expires_ms; /* it ends then if it has not triggered; 0: never */

    struct paper_conditional *open_previous, *open_next; /* the engine's: the market's open ones */
};

/* One account's side of one trade. */
struct paper_trade {
    int64_t id; /* the market's; both sides of a trade have the same */
    int64_t order_id;
    int account;
    keel_market_id market;
    enum keel_side side;
    enum keel_position_side position_side;
    enum keel_cause cause;
    bool maker;
    char client_id[KEEL_CLIENT_ID_SIZE];
    keel_decimal price, quantity, quote; /* quote = price * quantity */
    keel_decimal fee;                    /* positive is paid, in the quote asset */
    keel_decimal realized_pnl;           /* before the fee */
    keel_decimal closed_quantity;        /* how much of it closed a position */
    int64_t time_ms;
    int64_t row; /* its place among all rows, from 1 */
};

struct paper_income {
    int64_t row;
    int64_t id; /* unique */
    int account;
    keel_market_id market;
    enum keel_income_kind kind;
    keel_decimal amount;  /* signed: positive is received */
    keel_decimal balance; /* the wallet after it */
    int64_t trade_id;     /* 0 if it came from no trade */
    int64_t time_ms;
};

struct paper_amendment {
    int64_t row;
    int64_t order_id;
    int account;
    keel_market_id market;
    keel_decimal price_before, price_after, quantity_before, quantity_after;
    int count; /* the order's so many-th change */
    int64_t modify_id;
    int64_t time_ms;
};

/* A change of an isolated position's margin. */
struct paper_margin_change {
    int64_t row;
    int account;
    keel_market_id market;
    enum keel_position_side side;
    bool by_user;        /* else by a trade */
    keel_decimal amount; /* signed */
    int64_t time_ms;
};

/* One position row with all that follows from the present mark price. Flat rows are zero. Amounts
 * are cut at the venue's decimals. */
struct paper_position {
    int account;
    keel_market_id market;
    enum keel_position_side side;
    enum keel_margin_mode margin_mode;
    int leverage;
    keel_decimal notional_max;                              /* at this leverage */
    keel_decimal quantity;                                  /* negative is short */
    keel_decimal entry_price, break_even_price, mark_price; /* entry and break-even 0 when flat */
    keel_decimal notional;                                  /* signed like quantity */
    keel_decimal unrealized_pnl;
    keel_decimal realized_pnl;      /* since it was opened, before fees */
    keel_decimal fees, funding;     /* the same: paid, received */
    keel_decimal cost;              /* quantity * entry price, exact; signed */
    keel_decimal isolated_wallet;   /* without unrealised PnL; 0 when cross */
    keel_decimal isolated_margin;   /* with it; 0 when cross */
    keel_decimal backing;           /* besides its own profit: the isolated wallet, or what cross
                                     * wallet and other positions leave; 0 when flat */
    keel_decimal liquidation_price; /* absent: no price liquidates it */
    keel_decimal initial_margin;    /* position + open orders */
    keel_decimal position_margin, order_margin, maintenance_margin;
    keel_decimal bid_notional, ask_notional; /* of open orders that may open */
    int open_orders;
    int adl_rank;           /* 0 to 4, 4 goes first */
    int64_t update_time_ms; /* 0: never touched */
};

/* An account's totals in the quote asset; USDT is the only one. */
struct paper_account {
    int account;
    keel_decimal wallet;           /* cross + isolated wallets */
    keel_decimal cross_wallet;     /* wallet less the isolated wallets */
    keel_decimal unrealized_pnl;   /* all positions */
    keel_decimal cross_unrealized; /* cross positions */
    keel_decimal margin_balance;   /* wallet + unrealised PnL */
    keel_decimal initial_margin;   /* position + open orders */
    keel_decimal position_margin, order_margin, maintenance_margin;
    keel_decimal
        cross_maintenance; /* of cross positions: against cross_wallet + cross_unrealized */
    keel_decimal available;
    keel_decimal withdrawable;
    bool hedge_mode;
    bool multi_assets; /* never */
    int64_t update_time_ms;
};

struct paper_ticker {
    keel_market_id market;
    keel_decimal mark_price, last_price;
    keel_decimal bid_price, bid_quantity, ask_price, ask_quantity; /* quantity 0: no such side */
    keel_decimal funding_rate;                                     /* of the coming settlement */
    int64_t funding_ms;                                            /* market time until then */
    int64_t update_id; /* grows with each change of the book */
    int64_t last_trade_id;
    int64_t time_ms; /* wall clock of the last change */
};

struct paper_level {
    keel_decimal price, quantity;
};

enum paper_event_kind {
    PAPER_EVENT_ORDER,       /* to its account */
    PAPER_EVENT_CONDITIONAL, /* to its account */
    PAPER_EVENT_ACCOUNT,     /* to its account: balance, positions */
    PAPER_EVENT_LEVERAGE,    /* to its account */
    PAPER_EVENT_MARGIN_CALL, /* to its account */
    PAPER_EVENT_TRADE,       /* public */
    PAPER_EVENT_TICKER, /* public: mark, last or top of book changed; at most one a market a call */
    PAPER_EVENT_FORCE_ORDER, /* public: a liquidation or deleveraging order is done */
};

enum paper_account_reason {
    PAPER_REASON_ORDER,
    PAPER_REASON_DEPOSIT,
    PAPER_REASON_FUNDING,
    PAPER_REASON_MARGIN_TRANSFER,
    PAPER_REASON_MARGIN_MODE,
    PAPER_REASON_INSURANCE_CLEAR,
    PAPER_REASON_WITHDRAWAL, /* to the account's other wallets */
};

/* An order as it was right after the event, and the fill if there is one. */
struct paper_order_event {
    enum paper_execution_kind kind;
    struct paper_order order; /* its links are NULL */
    bool filled;              /* the trade below is meant */
    bool insurance;           /* that fill was a takeover by the insurance fund */
    struct paper_trade trade;
    keel_decimal bid_notional, ask_notional; /* of the account's open orders on the market */
};

struct paper_account_event {
    enum paper_account_reason reason;
    keel_market_id market; /* FUNDING, INSURANCE_CLEAR: where it came from */
    bool has_balance;
    keel_decimal wallet, cross_wallet;
    keel_decimal balance_change; /* other than PnL and commission */
    int position_count;
    struct paper_position positions[PAPER_EVENT_POSITIONS];
};

struct paper_margin_call {
    keel_decimal cross_wallet; /* absent if only an isolated position is called */
    int position_count;
    struct paper_position positions[PAPER_EVENT_POSITIONS];
};

/* A public trade: buyer_is_maker as venues tell it. */
struct paper_public_trade {
    int64_t id;
    keel_decimal price, quantity;
    bool buyer_is_maker;
};

struct paper_event {
    enum paper_event_kind kind;
    int account; /* 0: public */
    keel_market_id market;
    int64_t time_ms;
    union {
        struct paper_order_event order; /* ORDER, FORCE_ORDER */
        struct paper_conditional conditional;
        struct paper_account_event update;
        int leverage;
        struct paper_margin_call margin_call;
        struct paper_public_trade trade;
        struct paper_ticker ticker;
    } as;
};

/* Where venues differ. All zeroes is Binance's way. */
struct paper_rules {
    const struct paper_instruments *instruments;  /* NULL: paper_instruments_usdm */
    int64_t first_order_id, first_conditional_id; /* 0: as on Binance */
    int leverage_default;                         /* 0: PAPER_LEVERAGE_DEFAULT */
    int money_digits;                             /* of amounts; 0: PAPER_MONEY_DIGITS */
    bool margin_at_entry; /* a position's initial margin follows its entry, not the mark */
    bool plain_cost; /* an order costs its margin at its own price, and no loss it opens with */
    bool leverage_moves_margin;    /* another leverage makes an isolated position's margin anew */
    bool price_band_both;          /* neither side may be further from the mark, up or down */
    bool shrinking_keeps_place;    /* in the queue, for an amendment to a lower quantity */
    bool taking_amendment_fails;   /* of a post-only order; else it is cancelled */
    bool reduce_only_is_whole;     /* one above what there is to reduce is refused, none is cut */
    bool self_trade_allowed;       /* where an order does not say */
    bool deleveraging_ends_orders; /* of who is deleveraged, in that market */
    bool client_id_may_repeat;     /* among open orders */
};

struct paper_config {
    struct paper_rules rules;
    uint64_t seed;
    int accounts;           /* at least 1 */
    keel_decimal deposit;   /* each account's, in USDT */
    keel_decimal insurance; /* the fund's first money: counts as a deposit; absent: 0 */
    bool manual;            /* symbols without a price file stand still */
    int64_t market_time_ms; /* where market time begins without a price file */
};

struct paper_engine;

/* The deposits are made at now_ms: each account has an income row for it, and the queue is empty.
 * NULL: out of memory, no accounts, or a deposit that is absent, negative, above PAPER_DEPOSIT_MAX
 * or finer than eight decimals. */
struct paper_engine *paper_engine_new(const struct paper_config *config, int64_t now_ms);
void paper_engine_free(struct paper_engine *engine);

/* As new with the same seed, the loaded prices from their beginning; every pointer and id is void.
 * False: out of memory, and nothing changed. */
bool paper_engine_reset(struct paper_engine *engine, int64_t now_ms);

/* --- Prices ------------------------------------------------------------------------------------
 */

/* Loads candles for a market: CSV with a header naming open_time_ms, open, high, low, close and, if
 * any, volume and funding_rate, in ascending time. Market time begins at the earliest first candle
 * of all files. Before any order. KEEL_MALFORMED names the line; KEEL_FULL is out of memory. */
KEEL_MUST_USE enum keel_status paper_engine_load_candles(struct paper_engine *engine,
                                                         keel_market_id market, keel_str csv,
                                                         struct keel_error *error);

/* Where market time begins without candles, for an engine beside one that has some. Before any
 * order. */
void paper_engine_begin_at(struct paper_engine *engine, int64_t market_time_ms);

/* Moves market time by so many milliseconds: prices follow their paths, orders that they pass fill,
 * triggers fire, accounts are liquidated, funding falls due. It never goes back: a negative number
 * does nothing. */
void paper_engine_advance(struct paper_engine *engine, int64_t now_ms, int64_t market_ms);

/* Mark and book jump there. The mark is the price as given, the book centres on the nearest tick.
 * A check says before it what it would refuse. */
KEEL_MUST_USE enum paper_error paper_engine_check_price(const struct paper_engine *engine,
                                                        keel_market_id market, keel_decimal price);
KEEL_MUST_USE enum paper_error paper_engine_set_price(struct paper_engine *engine, int64_t now_ms,
                                                      keel_market_id market, keel_decimal price);

/* What only the wall clock brings: GTD expiry, countdowns; and the background liquidity that takers
 * consumed comes back. A server calls it about every 10 ms. */
void paper_engine_tick(struct paper_engine *engine, int64_t now_ms);

int64_t paper_engine_market_time_ms(const struct paper_engine *engine);

/* Where the last price file ends; 0 without one. */
int64_t paper_engine_market_end_ms(const struct paper_engine *engine);

/* --- Orders ------------------------------------------------------------------------------------
 */

struct paper_order_request {
    keel_market_id market;
    enum keel_side side;
    enum keel_position_side position_side; /* none is NET; LONG or SHORT in hedge mode */
    enum keel_order_type type;
    enum keel_time_in_force time_in_force;   /* regular LIMIT: required; conditional: none is GTC */
    enum keel_trigger_source trigger_source; /* conditional; none is LAST */
    enum paper_self_trade self_trade;
    enum paper_price_match price_match;
    bool reduce_only, close_position, price_protect;
    keel_str client_id; /* empty: the engine makes one */
    keel_decimal quantity, price, trigger_price, activation_price, callback_rate; /* or absent */
    int64_t good_till_ms;                                                         /* GTD */
    int64_t expires_ms; /* conditional: it ends then if it has not triggered; 0: never */
};

/* Empty, all decimals absent. */
struct paper_order_request paper_order_request_init(void);

/* LIMIT and MARKET. Checks in the order of enum paper_error; *order (which may be NULL) is the
 * order as it stands after matching. With `test` all is checked and nothing placed; *order is then
 * NULL. */
KEEL_MUST_USE enum paper_error paper_engine_place_order(struct paper_engine *engine, int64_t now_ms,
                                                        int account,
                                                        const struct paper_order_request *request,
                                                        bool test,
                                                        const struct paper_order **order);

/* The engine's answer right after acceptance, before any match: what an ACK shows. */
struct paper_order paper_order_as_accepted(const struct paper_order *order);

struct paper_amend_request {
    keel_market_id market;
    int64_t order_id;   /* or 0, and */
    keel_str client_id; /* this */
    enum keel_side side;
    keel_decimal quantity; /* the new total */
    keel_decimal price;
    enum paper_price_match price_match; /* instead of the price */
    bool reduce_only;                   /* must be true of the order if true here */
    int64_t modify_id;                  /* 0: none */
};

/* Loses queue priority. Cancels the order when the quantity is not above what is filled, and a
 * post-only order whose new price would take: *order is then CANCELED and PAPER_OK returned. */
KEEL_MUST_USE enum paper_error paper_engine_amend_order(struct paper_engine *engine, int64_t now_ms,
                                                        int account,
                                                        const struct paper_amend_request *request,
                                                        const struct paper_order **order);

/* By id, or by client id when the id is 0. */
KEEL_MUST_USE enum paper_error paper_engine_cancel_order(struct paper_engine *engine,
                                                         int64_t now_ms, int account,
                                                         keel_market_id market, int64_t id,
                                                         keel_str client_id,
                                                         const struct paper_order **order);

/* Regular orders of a market (0: of all). Returns how many. */
int paper_engine_cancel_all(struct paper_engine *engine, int64_t now_ms, int account,
                            keel_market_id market);

/* Cancels the market's regular orders after so many milliseconds of wall time; 0 stops it. */
void paper_engine_set_countdown(struct paper_engine *engine, int64_t now_ms, int account,
                                keel_market_id market, int64_t countdown_ms);

/* The conditional types. Margin is not reserved; it is checked when the order triggers. */
KEEL_MUST_USE enum paper_error
paper_engine_place_conditional(struct paper_engine *engine, int64_t now_ms, int account,
                               const struct paper_order_request *request,
                               const struct paper_conditional **conditional);
/* It keeps its id, its client id and its market; the rest becomes the request's. Not for trailing
 * stops: PAPER_ERROR_AMEND_TYPE. */
KEEL_MUST_USE enum paper_error
paper_engine_amend_conditional(struct paper_engine *engine, int64_t now_ms, int account, int64_t id,
                               const struct paper_order_request *request);
KEEL_MUST_USE enum paper_error
paper_engine_cancel_conditional(struct paper_engine *engine, int64_t now_ms, int account,
                                int64_t id, keel_str client_id,
                                const struct paper_conditional **conditional);
int paper_engine_cancel_all_conditionals(struct paper_engine *engine, int64_t now_ms, int account,
                                         keel_market_id market);

/* --- Settings ----------------------------------------------------------------------------------
 */

KEEL_MUST_USE enum paper_error paper_engine_set_leverage(struct paper_engine *engine,
                                                         int64_t now_ms, int account,
                                                         keel_market_id market, int leverage);
KEEL_MUST_USE enum paper_error paper_engine_set_margin_mode(struct paper_engine *engine,
                                                            int64_t now_ms, int account,
                                                            keel_market_id market,
                                                            enum keel_margin_mode mode);

/* Both in one step, as venues have it that keep them in one setting. The mode comes first: it
 * changes without positions and orders alone, and without them any leverage will do. */
KEEL_MUST_USE enum paper_error
paper_engine_set_leverage_and_mode(struct paper_engine *engine, int64_t now_ms, int account,
                                   keel_market_id market, enum keel_margin_mode mode, int leverage);

/* A positive amount goes into the isolated position, a negative one comes out. */
KEEL_MUST_USE enum paper_error paper_engine_move_margin(struct paper_engine *engine, int64_t now_ms,
                                                        int account, keel_market_id market,
                                                        keel_decimal amount);
KEEL_MUST_USE enum paper_error paper_engine_move_margin_of_leg(struct paper_engine *engine,
                                                               int64_t now_ms, int account,
                                                               keel_market_id market,
                                                               enum keel_position_side side,
                                                               keel_decimal amount);

/* Two positions a market, LONG and SHORT, instead of one. Without positions and orders only. */
KEEL_MUST_USE enum paper_error paper_engine_set_hedge_mode(struct paper_engine *engine, int account,
                                                           bool hedge_mode);
KEEL_MUST_USE enum paper_error paper_engine_set_multi_assets(struct paper_engine *engine,
                                                             int account, bool multi_assets);

/* --- Markets -----------------------------------------------------------------------------------
 */

/* Ids run from 1 to the count. */
int paper_engine_market_count(const struct paper_engine *engine);

/* NULL for no market. */
const struct paper_instrument *paper_engine_instrument(const struct paper_engine *engine,
                                                       keel_market_id market);

/* By the venue's symbol; KEEL_NO_MARKET if there is none. */
keel_market_id paper_engine_find_market(const struct paper_engine *engine, keel_str symbol);

/* Money comes in from the account's other wallets, or with a negative amount goes out to them: no
 * more than can be withdrawn (PAPER_ERROR_MARGIN). It counts as a deposit. */
KEEL_MUST_USE enum paper_error paper_engine_transfer(struct paper_engine *engine, int64_t now_ms,
                                                     int account, keel_decimal amount);

/* --- Reading -----------------------------------------------------------------------------------
 */

/* Zero and NULL fields match all; end_ms 0 is no end. Times are of creation (wall clock). */
struct paper_query {
    int account;
    keel_market_id market;
    int64_t from_id;          /* orders, conditionals: id >=; trades: id >=; others: row >= */
    int64_t order_id;         /* trades, amendments: of this order */
    int64_t start_ms, end_ms; /* both inclusive */
};

/* The row after `after` (NULL: the first) that matches, oldest first; NULL at the end. */
const struct paper_order *paper_engine_next_order(const struct paper_engine *engine,
                                                  const struct paper_query *query,
                                                  const struct paper_order *after);
const struct paper_conditional *
paper_engine_next_conditional(const struct paper_engine *engine, const struct paper_query *query,
                              const struct paper_conditional *after);
const struct paper_trade *paper_engine_next_trade(const struct paper_engine *engine,
                                                  const struct paper_query *query,
                                                  const struct paper_trade *after);
const struct paper_income *paper_engine_next_income(const struct paper_engine *engine,
                                                    const struct paper_query *query,
                                                    const struct paper_income *after);
const struct paper_amendment *paper_engine_next_amendment(const struct paper_engine *engine,
                                                          const struct paper_query *query,
                                                          const struct paper_amendment *after);
const struct paper_margin_change *
paper_engine_next_margin_change(const struct paper_engine *engine, const struct paper_query *query,
                                const struct paper_margin_change *after);

/* Open orders of an account, and conditional orders that wait for their price, oldest first; market
 * 0 is all. */
const struct paper_order *paper_engine_next_open_order(const struct paper_engine *engine,
                                                       int account, keel_market_id market,
                                                       const struct paper_order *after);
const struct paper_conditional *
paper_engine_next_open_conditional(const struct paper_engine *engine, int account,
                                   keel_market_id market, const struct paper_conditional *after);

/* By id, or by client id when the id is 0: the newest with that name. market 0 is any. */
const struct paper_order *paper_engine_find_order(const struct paper_engine *engine, int account,
                                                  keel_market_id market, int64_t id,
                                                  keel_str client_id);
const struct paper_conditional *paper_engine_find_conditional(const struct paper_engine *engine,
                                                              int account, int64_t id,
                                                              keel_str client_id);

/* Every market has a row, flat or not: NET, or LONG and SHORT in hedge mode. */
void paper_engine_get_position(const struct paper_engine *engine, int account,
                               keel_market_id market, struct paper_position *position);
void paper_engine_get_leg(const struct paper_engine *engine, int account, keel_market_id market,
                          enum keel_position_side side, struct paper_position *position);
void paper_engine_get_account(const struct paper_engine *engine, int account,
                              struct paper_account *view);
void paper_engine_get_ticker(const struct paper_engine *engine, keel_market_id market,
                             struct paper_ticker *ticker);

/* Levels from the best price on, users' and background's summed. Returns how many. */
int paper_engine_get_depth(const struct paper_engine *engine, keel_market_id market,
                           enum keel_side side, struct paper_level *levels, int level_max);

int paper_engine_account_count(const struct paper_engine *engine);

/* --- Events and the audit ----------------------------------------------------------------------
 */

/* False when the queue is empty. *event is a copy. */
bool paper_engine_next_event(struct paper_engine *engine, struct paper_event *event);

struct paper_audit {
    bool conserved;          /* now, and after each event since the last reset */
    char broken[160];        /* what did not hold first; "" if all did */
    keel_decimal deposits;   /* accounts' and the fund's */
    keel_decimal wallets;    /* of all accounts */
    keel_decimal unrealized; /* of all accounts, at the mark */
    keel_decimal background; /* cash and positions at the mark of the background liquidity */
    keel_decimal insurance;  /* the fund: cash and positions at the mark */
    keel_decimal fees;       /* paid to the venue */
    keel_decimal funding;    /* rounding left between payers and receivers */
    keel_decimal rounding;   /* what was cut off realised profits */
    keel_decimal difference; /* all of the above less the deposits: zero */
    int64_t checks;          /* so often was it checked */
};
void paper_engine_audit(const struct paper_engine *engine, struct paper_audit *audit);

#endif

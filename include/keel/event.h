/* event.h - one fact about the account or a market, whoever told it.
 *
 * A REST reply, a stream message and a reconciliation snapshot all become a list of these, and
 * nothing else changes an account. A list lives in the arena of its message: good until the next
 * one, kept by copying. */
#ifndef KEEL_EVENT_H
#define KEEL_EVENT_H

#include "keel/balance.h"
#include "keel/execution.h"
#include "keel/position.h"
#include "keel/wallet.h"

enum keel_event_kind {
    KEEL_EVENT_NONE,
    KEEL_EVENT_ORDER,
    KEEL_EVENT_EXECUTION,
    KEEL_EVENT_BALANCE,
    KEEL_EVENT_POSITION,
    KEEL_EVENT_LEVERAGE, /* leverage, margin mode or notional cap of one market; 0: unchanged */
    KEEL_EVENT_MARK,
    KEEL_EVENT_BOOK_TOP,
    KEEL_EVENT_INCOME,
    KEEL_EVENT_MARGIN_CALL, /* the venue's own warning */
    KEEL_EVENT_MODES,       /* position mode, multi-asset mode, trading right */
    KEEL_EVENT_MARKET,      /* an instrument's rules */
    KEEL_EVENT_BRACKETS,
    KEEL_EVENT_FEES,
    KEEL_EVENT_RATE_LIMIT, /* a limit that the venue states */
    KEEL_EVENT_SERVER_TIME,
    KEEL_EVENT_STREAM_KEY, /* a key that opens the user stream */
    KEEL_EVENT_STREAM_EXPIRED,
    KEEL_EVENT_SUBSCRIBED, /* the stream acknowledged a request */
    KEEL_EVENT_REFUSED,    /* the stream refused one: it will not carry what was asked for */
    KEEL_EVENT_WITHDRAWAL,
    KEEL_EVENT_DEPOSIT,
    KEEL_EVENT_TRANSFER,
    KEEL_EVENT_NETWORK,
    KEEL_EVENT_AMENDMENT,
    KEEL_EVENT_MARGIN_CHANGE,
    KEEL_EVENT_SNAPSHOT_BEGIN, /* what follows, up to END, is all there is of that kind */
    KEEL_EVENT_SNAPSHOT_END,
    KEEL_EVENT_UNKNOWN, /* a message or word that keel does not know: kept, counted, shown */
};

struct keel_modes {
    enum keel_switch hedge;
    enum keel_switch multi_asset;
    enum keel_switch can_trade;
};

struct keel_fees {
    keel_market_id market;
    keel_decimal maker, taker; /* fractions: 0.0005 is five basis points */
};

struct keel_margin_call {
    keel_market_id market;
    enum keel_position_side side;
    keel_decimal quantity, mark_price, unrealized_pnl, maintenance_margin;
};

/* What an order was changed to. */
struct keel_amendment {
    keel_market_id market;
    char order_id[KEEL_ORDER_ID_SIZE];
    char client_id[KEEL_CLIENT_ID_SIZE]; /* "" if not told */
    keel_decimal price, quantity;
    int64_t time_ms;
};

/* What came to the margin of an isolated position, or was taken from it. */
struct keel_margin_change {
    keel_market_id market;
    enum keel_position_side side;
    bool by_user; /* asked for; else by a trade */
    keel_decimal amount;
    int64_t time_ms;
};

/* What a snapshot is complete in. With a market, of that market alone. */
enum keel_snapshot_kind {
    KEEL_SNAPSHOT_NONE,
    KEEL_SNAPSHOT_BALANCES,
    KEEL_SNAPSHOT_POSITIONS,
    KEEL_SNAPSHOT_ORDERS,             /* open regular orders */
    KEEL_SNAPSHOT_CONDITIONAL_ORDERS, /* open conditional orders */
};

struct keel_snapshot {
    enum keel_snapshot_kind kind;
    keel_market_id market;
};

enum keel_rate_limit_kind {
    KEEL_LIMIT_WEIGHT, /* request weight */
    KEEL_LIMIT_ORDERS,
};

struct keel_rate_limit {
    enum keel_rate_limit_kind kind;
    int64_t interval_ms;
    int64_t limit;
    int64_t used;       /* -1: not told */
    bool of_first_call; /* a window begins with its first request; else the clock cuts them */
};

/* Why a message, or a part of it, was not understood: it decides what to do about it. */
enum keel_unknown_kind {
    KEEL_UNKNOWN_MESSAGE, /* a kind of message that keel does not read */
    KEEL_UNKNOWN_WORD,    /* the event before it stands, with a zero value for this word */
    KEEL_UNKNOWN_MARKET,  /* not in the table: load it and decode the message again */
    KEEL_UNKNOWN_FOREIGN, /* another product of the venue, on the same stream: not ours */
};

struct keel_event {
    enum keel_event_kind kind;
    int64_t time_ms; /* the venue's transaction time; 0 if it has none */
    union {
        struct keel_order order;
        struct keel_execution execution;
        __extension__ struct {
            struct keel_balance balance;
            keel_decimal told_pnl; /* unrealised, as the venue says it; absent: not told */
        };
        __extension__ struct {
            struct keel_position position;
            struct keel_position_told told;
        };
        struct keel_leverage leverage;
        struct keel_mark mark;
        struct keel_book_top book_top;
        struct keel_income income;
        struct keel_margin_call margin_call;
        struct keel_modes modes;
        const struct keel_market *market; /* in the message's arena */
        struct {
            keel_market_id market;
            const struct keel_brackets *table;
        } brackets;
        struct keel_fees fees;
        struct keel_rate_limit rate_limit;
        struct keel_snapshot snapshot;
        int64_t server_time_ms;
        keel_str stream_key;
        struct {
            enum keel_unknown_kind kind;
            keel_str word;    /* what was not known: "STRATEGY_UPDATE", a symbol, a status */
            keel_str message; /* all of it */
        } unknown;
        int64_t subscription_id;
        keel_str refusal; /* the venue's words */
        struct keel_withdrawal withdrawal;
        struct keel_deposit deposit;
        struct keel_wallet_transfer transfer;
        struct keel_network network;
        struct keel_amendment amendment;
        struct keel_margin_change margin_change;
    };
};

struct keel_events {
    struct keel_event *at;
    int32_t count;
    int32_t capacity;
};

KEEL_API const char *keel_event_kind_name(enum keel_event_kind kind);
KEEL_API const char *keel_unknown_kind_name(enum keel_unknown_kind kind);

#endif

/* command.h - what keel can ask of a venue. A value; the codec turns it into bytes. */
#ifndef KEEL_COMMAND_H
#define KEEL_COMMAND_H

#include "keel/event.h"
#include "keel/wallet.h"

enum keel_command_kind {
    KEEL_COMMAND_NONE,

    /* Writes: each goes out at most once, and has a fate. */
    KEEL_PLACE_ORDER,
    KEEL_AMEND_ORDER,
    KEEL_CANCEL_ORDER,
    KEEL_CANCEL_ALL, /* of one market and one family */
    KEEL_SET_LEVERAGE,
    KEEL_SET_MARGIN_MODE,
    KEEL_ADJUST_MARGIN, /* add to or take from an isolated position */
    KEEL_SET_HEDGE_MODE,
    KEEL_SET_MULTI_ASSET,
    KEEL_TRANSFER, /* between the wallets of one account */
    KEEL_WITHDRAW,
    KEEL_CANCEL_WITHDRAWAL,

    /* Reads: may be repeated. */
    KEEL_QUERY_ORDER, /* by venue id or client id, at the family that owns it */
    KEEL_LOAD_TIME,
    KEEL_LOAD_MARKETS,
    KEEL_LOAD_MODES,
    KEEL_LOAD_BALANCES,
    KEEL_LOAD_POSITIONS,
    KEEL_LOAD_LEVERAGE, /* leverage and margin mode of all markets */
    KEEL_LOAD_BRACKETS,
    KEEL_LOAD_FEES, /* of one market */
    KEEL_LOAD_MARKS,
    KEEL_LOAD_OPEN_ORDERS,
    KEEL_LOAD_CONDITIONAL_ORDERS,
    KEEL_LOAD_ORDERS,     /* history of one market */
    KEEL_LOAD_EXECUTIONS, /* of one market */
    KEEL_LOAD_INCOME,
    KEEL_LOAD_AMENDMENTS,     /* of one order, where the venue tells of them */
    KEEL_LOAD_MARGIN_CHANGES, /* of one market's isolated positions, where the venue does */
    KEEL_LOAD_NETWORKS,       /* on which an asset is deposited and withdrawn, and what it costs */
    KEEL_LOAD_WITHDRAWALS,    /* by page, or the one of a client id */
    KEEL_LOAD_DEPOSITS,
    KEEL_LOAD_TRANSFERS,

    /* The key of the user stream. */
    KEEL_OPEN_STREAM_KEY,
    KEEL_RENEW_STREAM_KEY,
    KEEL_CLOSE_STREAM_KEY,

    /* Has the venue cancel resting orders unless it is told again in time; may be repeated. */
    KEEL_SET_COUNTDOWN,
    KEEL_COMMAND_KINDS,
};

/* Names an order: one of the two ids is enough. */
struct keel_order_ref {
    keel_market_id market;
    enum keel_order_family family;
    char order_id[KEEL_ORDER_ID_SIZE];
    char client_id[KEEL_CLIENT_ID_SIZE];
};

/* How orders leave: as requests, or on a stream of their own where the venue has one. */
enum keel_order_entry {
    KEEL_ENTRY_REQUESTS,
    KEEL_ENTRY_STREAM, /* while it is open; else as requests */
};

struct keel_amend {
    struct keel_order_ref order;
    enum keel_side side;   /* as the order has it */
    keel_decimal quantity; /* the new total, filled part included */
    keel_decimal price;
    bool same_price; /* it is the order's own: only the quantity changes */
};

struct keel_margin_adjustment {
    keel_market_id market;
    enum keel_position_side side;
    keel_decimal amount; /* signed: positive adds */
    /* The position as it was before; absent: not known. */
    keel_decimal quantity_before, wallet_before;
};

/* Which part of a history: by id, or by time; a zero is no bound. */
struct keel_page {
    keel_market_id market;               /* none: all, where the venue can */
    char asset[KEEL_ASSET_SIZE];         /* networks, withdrawals, deposits, transfers: ""; all */
    char client_id[KEEL_CLIENT_ID_SIZE]; /* withdrawals: the one with that id */
    enum keel_wallet from, to;           /* transfers: between these two */
    enum keel_order_family family;       /* orders: whose; none is regular */
    char from_id[KEEL_ORDER_ID_SIZE];
    int64_t start_time_ms, end_time_ms;
    enum keel_income_kind income_kind; /* OTHER: every kind */
    int32_t page;                      /* income: 1-based; 0 is the first */
    int32_t limit;                     /* rows; 0: the venue's default */
};

struct keel_command {
    enum keel_command_kind kind;
    union {
        struct keel_order_request place;
        struct keel_amend amend;
        struct keel_order_ref order; /* cancel, query, amendments; cancel-all: market and family */
        /* Where a venue sets both at once, the other one is what it is now, or what a command under
         * way wants it to be; not loaded: none. */
        struct {
            keel_market_id market;
            int32_t leverage;
            enum keel_margin_mode mode;
        } leverage;
        struct {
            keel_market_id market;
            enum keel_margin_mode mode;
            int32_t leverage;
        } margin_mode;
        struct keel_transfer_request transfer;
        struct keel_withdrawal_request withdrawal;
        char withdrawal_id[KEEL_ORDER_ID_SIZE]; /* cancel: the venue's */
        struct keel_margin_adjustment margin;
        bool enable; /* hedge mode, multi-asset mode */
        struct {
            keel_market_id market; /* none: all, where the venue can */
            int32_t timeout_s;     /* 0 ends it */
        } countdown;
        keel_market_id market; /* loads of one market */
        struct keel_page page; /* orders, executions, income */
    };
};

KEEL_API const char *keel_command_kind_name(enum keel_command_kind kind);
KEEL_API enum keel_command_kind keel_command_kind_parse(keel_str word);

static inline bool keel_command_is_write(enum keel_command_kind kind)
{
    return kind >= KEEL_PLACE_ORDER && kind <= KEEL_CANCEL_WITHDRAWAL;
}

/* Of a write, or a countdown, that is about one market; else KEEL_NO_MARKET. */
KEEL_API keel_market_id keel_command_market(const struct keel_command *command);

#endif

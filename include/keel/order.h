/* order.h - an order as the venue knows it, and what a caller may ask for.
 *
 * Values: copied freely, no pointers. Quantities are base units (0.5 BTC is 0.5 on every venue),
 * prices quote units, times the venue's wall clock in milliseconds. */
#ifndef KEEL_ORDER_H
#define KEEL_ORDER_H

#include "keel/market.h"

enum {
    KEEL_ORDER_ID_SIZE = 40,  /* any venue's order or trade id as text, with its zero byte */
    KEEL_CLIENT_ID_SIZE = 48, /* Binance takes 36 characters, and has shown longer ones */
    KEEL_REASON_SIZE = 40,    /* "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY"; a longer one is cut */
};

enum keel_side {
    KEEL_SIDE_NONE,
    KEEL_BUY,
    KEEL_SELL,
};

enum keel_switch {
    KEEL_SWITCH_NONE, /* not told */
    KEEL_OFF,
    KEEL_ON,
};

/* Which leg an order or a position belongs to: NET in one-way mode, LONG and SHORT in hedge mode.
 */
enum keel_position_side {
    KEEL_POSITION_SIDE_NONE,
    KEEL_NET,
    KEEL_LONG,
    KEEL_SHORT,
};

enum keel_order_type {
    KEEL_ORDER_TYPE_NONE,
    KEEL_LIMIT,
    KEEL_MARKET,
    KEEL_STOP_LIMIT,        /* rests untriggered; then a limit order */
    KEEL_STOP_MARKET,       /* rests untriggered; then a market order */
    KEEL_TAKE_PROFIT_LIMIT, /* the same, triggered from the other side */
    KEEL_TAKE_PROFIT_MARKET,
    KEEL_TRAILING_STOP,
    KEEL_LIQUIDATION, /* the venue's own */
};

enum keel_time_in_force {
    KEEL_TIME_IN_FORCE_NONE,
    KEEL_GTC, /* good till cancelled */
    KEEL_IOC, /* immediate or cancel */
    KEEL_FOK, /* fill or kill */
    KEEL_GTX, /* post only */
    KEEL_GTD, /* good till date */
    KEEL_RPI, /* retail price improvement: a hidden maker */
};

enum keel_order_status {
    KEEL_ORDER_STATUS_NONE,
    KEEL_ORDER_PENDING, /* ours: sent, no answer yet */
    KEEL_ORDER_NEW,     /* resting, or waiting for its trigger */
    KEEL_ORDER_PARTIALLY_FILLED,
    KEEL_ORDER_FILLED,
    KEEL_ORDER_CANCELED,
    KEEL_ORDER_EXPIRED,
    KEEL_ORDER_REJECTED,
};

/* What became of a command. */
enum keel_fate {
    KEEL_FATE_NONE,
    KEEL_ACCEPTED,
    KEEL_FATE_REJECTED, /* the venue said no: nothing changed there */
    KEEL_FATE_FAILED,   /* nothing happened at the venue */
    KEEL_FATE_UNKNOWN,  /* bytes left and no verdict came */
};

/* Which endpoint family owns an order: a "not found" from the other one proves nothing. */
enum keel_order_family {
    KEEL_FAMILY_NONE,
    KEEL_FAMILY_REGULAR,
    KEEL_FAMILY_CONDITIONAL,
};

/* Who made the order. */
enum keel_cause {
    KEEL_CAUSE_USER,
    KEEL_CAUSE_LIQUIDATION,
    KEEL_CAUSE_DELEVERAGING, /* auto-deleveraged against a bankrupt account */
    KEEL_CAUSE_SETTLEMENT,   /* delisting or delivery */
    KEEL_CAUSE_INSURANCE,    /* taken over by the insurance fund */
};

/* Which price a conditional order watches. */
enum keel_trigger_source {
    KEEL_TRIGGER_SOURCE_NONE,
    KEEL_TRIGGER_LAST,
    KEEL_TRIGGER_MARK,
};

/* A price that the venue takes from its own book: of the other side, or of ours, so many levels
 * deep.
 */
enum keel_price_match {
    KEEL_PRICE_MATCH_NONE,
    KEEL_MATCH_OPPONENT,
    KEEL_MATCH_OPPONENT_5,
    KEEL_MATCH_OPPONENT_10,
    KEEL_MATCH_OPPONENT_20,
    KEEL_MATCH_QUEUE,
    KEEL_MATCH_QUEUE_5,
    KEEL_MATCH_QUEUE_10,
    KEEL_MATCH_QUEUE_20,
};

/* Where a figure came from. */
enum keel_source {
    KEEL_SOURCE_NONE,     /* nobody has told it yet: an order that was sent and not answered */
    KEEL_SOURCE_SNAPSHOT, /* a reply of the venue */
    KEEL_SOURCE_STREAM,
    KEEL_SOURCE_CALLER, /* a mark price handed in */
    KEEL_SOURCE_COMPUTED,
};

struct keel_order {
    keel_market_id market;
    bool reduce_only;
    bool close_position; /* closes whatever is there: its quantity is the venue's and unbounded */
    enum keel_side side;
    enum keel_position_side position_side;
    enum keel_order_type type;
    enum keel_time_in_force time_in_force;
    enum keel_order_status status;
    enum keel_order_family family;
    enum keel_cause cause;
    enum keel_trigger_source trigger_source;
    enum keel_source source;           /* who told of it last */
    char order_id[KEEL_ORDER_ID_SIZE]; /* the venue's; "" while unknown */
    char client_id[KEEL_CLIENT_ID_SIZE];
    /* The regular order that a triggered conditional order became; "" before. */
    char child_order_id[KEEL_ORDER_ID_SIZE];
    char
        reason[KEEL_REASON_SIZE]; /* why it was refused or ended, in the venue's word; "" if none */
    keel_decimal price;           /* absent for market orders */
    keel_decimal trigger_price;   /* absent unless conditional */
    keel_decimal average_price;   /* absent until a fill */
    keel_decimal quantity;        /* absent with close_position, and with quote_quantity until it
                                   * is filled; the venue may shrink it */
    keel_decimal quote_quantity;  /* spot: what a market order spends or brings, in quote */
    keel_decimal filled_quantity; /* never falls */
    int64_t create_time_ms;       /* 0: not told yet */
    int64_t update_time_ms;
    int64_t age_ms; /* filled when read: since it was told of last */
};

/* What a caller asks for; zero and absent mean the default. */
struct keel_order_request {
    keel_market_id market;
    enum keel_side side;
    enum keel_position_side position_side; /* none: NET; required in hedge mode */
    enum keel_order_type type;
    enum keel_time_in_force time_in_force; /* none: GTC where the type has one */
    enum keel_trigger_source trigger_source;
    bool reduce_only;
    bool close_position; /* stop-market and take-profit-market only; no quantity */
    bool forced;         /* let an exit pass while the account is stale; the venue decides then */
    enum keel_price_match price_match; /* stands for the price */
    keel_decimal quantity;
    keel_decimal quote_quantity; /* spot, market orders: in quote, in the place of quantity */
    keel_decimal price;
    keel_decimal trigger_price;    /* of a trailing stop: where it becomes active; may be absent */
    keel_decimal callback_percent; /* trailing stop: the distance that triggers it; 5 is 5 % */
    char client_id[KEEL_CLIENT_ID_SIZE]; /* "": keel makes one */
};

/* An empty request: all decimals absent. */
KEEL_API struct keel_order_request keel_order_request_init(void);
KEEL_API struct keel_order keel_order_init(void);

/* quantity - filled_quantity; absent if either is. */
static inline keel_decimal keel_order_remaining(const struct keel_order *order)
{
    return keel_decimal_sub(order->quantity, order->filled_quantity);
}

/* Still able to fill or to be cancelled. */
static inline bool keel_order_is_open(const struct keel_order *order)
{
    switch (order->status) {
    case KEEL_ORDER_PENDING:
    case KEEL_ORDER_NEW:
    case KEEL_ORDER_PARTIALLY_FILLED: return true;
    case KEEL_ORDER_STATUS_NONE:
    case KEEL_ORDER_FILLED:
    case KEEL_ORDER_CANCELED:
    case KEEL_ORDER_EXPIRED:
    case KEEL_ORDER_REJECTED: return false;
    }
    return false;
}

static inline bool keel_order_type_is_conditional(enum keel_order_type type)
{
    switch (type) {
    case KEEL_STOP_LIMIT:
    case KEEL_STOP_MARKET:
    case KEEL_TAKE_PROFIT_LIMIT:
    case KEEL_TAKE_PROFIT_MARKET:
    case KEEL_TRAILING_STOP: return true;
    case KEEL_ORDER_TYPE_NONE:
    case KEEL_LIMIT:
    case KEEL_MARKET:
    case KEEL_LIQUIDATION: return false;
    }
    return false;
}

static inline bool keel_order_type_has_price(enum keel_order_type type)
{
    switch (type) {
    case KEEL_LIMIT:
    case KEEL_STOP_LIMIT:
    case KEEL_TAKE_PROFIT_LIMIT: return true;
    case KEEL_ORDER_TYPE_NONE:
    case KEEL_MARKET:
    case KEEL_STOP_MARKET:
    case KEEL_TAKE_PROFIT_MARKET:
    case KEEL_TRAILING_STOP:
    case KEEL_LIQUIDATION: return false;
    }
    return false;
}

KEEL_API enum keel_side keel_side_opposite(enum keel_side side);

/* The words of the command line and of JSON: "buy", "net", "stop_limit", "gtc", "new", ….
 * Parsing answers the zero value for an unknown word. */
KEEL_API const char *keel_side_name(enum keel_side side);
KEEL_API const char *keel_position_side_name(enum keel_position_side side);
KEEL_API const char *keel_order_type_name(enum keel_order_type type);
KEEL_API const char *keel_time_in_force_name(enum keel_time_in_force time_in_force);
KEEL_API const char *keel_order_status_name(enum keel_order_status status);
KEEL_API const char *keel_fate_name(enum keel_fate fate);
KEEL_API const char *keel_cause_name(enum keel_cause cause);
KEEL_API const char *keel_order_family_name(enum keel_order_family family);
KEEL_API const char *keel_trigger_source_name(enum keel_trigger_source source);
KEEL_API const char *keel_price_match_name(enum keel_price_match match);
KEEL_API const char *keel_source_name(enum keel_source source); /* "snapshot", "stream" */
KEEL_API enum keel_side keel_side_parse(keel_str word);
KEEL_API enum keel_position_side keel_position_side_parse(keel_str word);
KEEL_API enum keel_order_type keel_order_type_parse(keel_str word);
KEEL_API enum keel_time_in_force keel_time_in_force_parse(keel_str word);
KEEL_API enum keel_order_status keel_order_status_parse(keel_str word);
KEEL_API enum keel_order_family keel_order_family_parse(keel_str word);
KEEL_API enum keel_trigger_source keel_trigger_source_parse(keel_str word);
KEEL_API enum keel_price_match keel_price_match_parse(keel_str word);

#endif

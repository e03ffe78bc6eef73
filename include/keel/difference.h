/* difference.h - where keel's own books and the venue's statement disagree.
 *
 * A value. Reported once, with both figures, and then healed. */
#ifndef KEEL_DIFFERENCE_H
#define KEEL_DIFFERENCE_H

#include "keel/balance.h"
#include "keel/execution.h"

enum keel_difference_kind {
    KEEL_DIFFERENCE_NONE,
    KEEL_DIFFERENCE_EXECUTION, /* the venue lists an execution that no stream brought */
    KEEL_DIFFERENCE_INCOME,    /* the venue lists funding or a transfer that no stream brought */
    KEEL_DIFFERENCE_POSITION,  /* quantities differ, and no execution explains it */
    KEEL_DIFFERENCE_WALLET,    /* wallets differ, and nothing listed explains it */
    KEEL_DIFFERENCE_ORDER,     /* open on one side alone, or filled further or amended there */
    KEEL_DIFFERENCE_PNL, /* a realised profit that does not follow from the position before it */
};

struct keel_difference {
    enum keel_difference_kind kind;
    keel_market_id market;        /* none for wallets and transfers */
    enum keel_position_side side; /* of positions and executions */
    char asset[KEEL_ASSET_SIZE];  /* of wallets, incomes and profits; else "" */
    char id[KEEL_ORDER_ID_SIZE];  /* the trade, order or income; else "" */
    keel_decimal ours, venues;    /* quantity, wallet, amount, profit, or what is open of an order
                                   * (absent: all of the position; its price if only that was
                                   * amended); 0 where it is missing */
    int64_t time_ms;              /* the venue's */
};

/* "execution", "income", "position", "wallet", "order", "pnl". */
KEEL_API const char *keel_difference_kind_name(enum keel_difference_kind kind);

#endif

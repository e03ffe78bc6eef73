/* difference.h - where keel's own books and the venue's statement disagree.
 *
 * A value. The books are fed by executions and incomes alone; each difference is reported once,
 * with both figures, and then healed. */
#ifndef KEEL_DIFFERENCE_H
#define KEEL_DIFFERENCE_H

#include "keel/balance.h"
#include "keel/execution.h"

enum keel_difference_kind {
    KEEL_DIFFERENCE_NONE,
    KEEL_DIFFERENCE_EXECUTION,    /* the venue lists a fill that never reached us */
    KEEL_DIFFERENCE_INCOME,       /* the venue lists funding or a transfer that never reached us */
    KEEL_DIFFERENCE_POSITION,     /* quantities differ, and no execution explains it */
    KEEL_DIFFERENCE_WALLET,       /* wallets differ, and nothing listed explains it */
    KEEL_DIFFERENCE_REALIZED_PNL, /* the told profit of a fill is not what the fills say */
};

struct keel_difference {
    enum keel_difference_kind kind;
    keel_market_id market;             /* none for wallets and transfers */
    enum keel_position_side side;      /* of positions and fills */
    char asset[KEEL_ASSET_SIZE];       /* of wallets, incomes and profits */
    keel_decimal ours, theirs;         /* quantity, wallet, amount or profit; ours 0 if missing */
    char trade_id[KEEL_ORDER_ID_SIZE]; /* of fills; an income's own id */
    int64_t time_ms;                   /* the venue's, of what theirs speaks of */
};

/* "execution", "income", "position", "wallet", "realized_pnl". */
KEEL_API const char *keel_difference_kind_name(enum keel_difference_kind kind);

#endif

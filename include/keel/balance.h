/* balance.h - what an account holds of one asset.
 *
 * A value; amounts in units of the asset. On spot wallet = available + locked, and what keel has
 * asked for and the venue has not counted yet is locked already. */
#ifndef KEEL_BALANCE_H
#define KEEL_BALANCE_H

#include "keel/order.h"

struct keel_balance {
    char asset[KEEL_ASSET_SIZE];
    keel_decimal wallet;       /* without unrealised profit */
    keel_decimal cross_wallet; /* wallet less the isolated wallets; absent on spot */
    keel_decimal available;    /* free to spend; futures: as the venue last told, absent in stream
                                * updates */
    keel_decimal locked;       /* spot: in open orders and withdrawals; absent on futures */
    int64_t update_time_ms;
    enum keel_source source; /* who told of it last */
    int64_t age_ms;          /* filled when read: since then */
};

/* Money that moved without an execution: funding, a fee, a transfer, an insurance clearance. */
enum keel_income_kind {
    KEEL_INCOME_OTHER, /* the venue's word is kept in keel_income.name */
    KEEL_INCOME_FUNDING,
    KEEL_INCOME_REALIZED_PNL,
    KEEL_INCOME_COMMISSION,
    KEEL_INCOME_TRANSFER, /* between wallets; deposits and withdrawals, too */
    KEEL_INCOME_INSURANCE_CLEAR,
};

struct keel_income {
    keel_market_id market; /* none for transfers */
    enum keel_income_kind kind;
    char name[32]; /* the venue's word: "FUNDING_FEE" */
    char asset[KEEL_ASSET_SIZE];
    keel_decimal amount;               /* signed: positive is received */
    char id[KEEL_ORDER_ID_SIZE];       /* "" where the stream tells it: see below */
    char trade_id[KEEL_ORDER_ID_SIZE]; /* "" if it came from no trade */
    int64_t time_ms;
};

/* One booking may be told twice: by the stream, which gives no id and, for funding of a cross
 * position, not always the market; and by the history, which gives both. The two are the same
 * when kind, asset, amount and time are. */

KEEL_API const char *keel_income_kind_name(enum keel_income_kind kind);
KEEL_API enum keel_income_kind keel_income_kind_parse(keel_str word);

#endif

/* ledger.h - the only place where money and positions move, and the proof that none is lost.
 *
 * Pure. Whoever trades is an account (from 1), PAPER_BACKGROUND or PAPER_FUND. Every movement has
 * two ends, so the sum over all purses never changes:
 *     cross and isolated wallets - cost of positions + cash of background and fund
 *         + fees + funding pool + rounding = deposits
 * Since the positions of a market sum to zero, so does their worth at any mark: the same sum holds
 * with the positions at the mark and unrealised PnL instead of cost. */
#ifndef PAPER_LEDGER_H
#define PAPER_LEDGER_H

#include "paper/state.h"

struct paper_outcome {
    keel_decimal realized; /* by what the fill closed, before the fee */
    keel_decimal fee;
    keel_decimal closed_quantity;
    bool closed; /* it closed something */
};

/* Gives an account, or the fund, its first money. */
void paper_ledger_deposit(struct paper_engine *engine, int account, keel_decimal amount);

/* One side of a fill. The other side must be booked next. */
struct paper_outcome paper_ledger_fill(struct paper_engine *engine, int account,
                                       struct paper_market *market, enum keel_position_side leg,
                                       enum keel_side side, keel_decimal price,
                                       keel_decimal quantity, keel_decimal fee_rate);

/* Between an account's cross wallet and the fund: positive is received by the account. */
void paper_ledger_clear(struct paper_engine *engine, int account, keel_decimal amount);

/* A funding payment: positive is received. From or to the isolated wallet if the row has one. */
void paper_ledger_fund(struct paper_engine *engine, int account, keel_market_id market,
                       enum keel_position_side leg, keel_decimal amount);

/* From the cross wallet into an isolated one; negative takes out. */
void paper_ledger_move_margin(struct paper_engine *engine, int account, keel_market_id market,
                              enum keel_position_side leg, keel_decimal amount, bool by_user);

struct paper_income *paper_ledger_add_income(struct paper_engine *engine, int account,
                                             keel_market_id market, enum keel_income_kind kind,
                                             keel_decimal amount, int64_t trade_id);

/* If money moved since the last check: does the sum still hold, and do positions sum to zero? A
 * failure sticks. */
void paper_ledger_check(struct paper_engine *engine);

void paper_ledger_audit(const struct paper_engine *engine, struct paper_audit *audit);

#endif

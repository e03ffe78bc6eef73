/* wallet.h - deposits, withdrawals and transfers.
 *
 * Pure. A withdrawal's money is held from the request on, and free again when it fails. */
#ifndef PAPER_SPOT_WALLET_H
#define PAPER_SPOT_WALLET_H

#include "paper/spot/state.h"

enum paper_spot_error paper_spot_wallet_withdraw(struct paper_spot *spot, int account,
                                                 const struct paper_withdraw_request *request,
                                                 const struct paper_withdrawal **withdrawal);
struct paper_withdrawal *paper_spot_wallet_find(const struct paper_spot *spot, int account,
                                                int64_t id, keel_str reference);

/* To a state from which it goes on, or to its end. */
void paper_spot_wallet_set(struct paper_spot *spot, struct paper_withdrawal *withdrawal,
                           enum paper_withdrawal_status status);
bool paper_spot_wallet_is_over(const struct paper_withdrawal *withdrawal);

enum paper_spot_error paper_spot_wallet_deposit(struct paper_spot *spot, int account,
                                                paper_asset_id asset, keel_str network,
                                                keel_decimal amount,
                                                const struct paper_deposit **deposit);
enum paper_spot_error paper_spot_wallet_transfer(struct paper_spot *spot, int account,
                                                 paper_asset_id asset, enum paper_wallet from,
                                                 enum paper_wallet to, keel_decimal amount,
                                                 const struct paper_transfer **transfer);

/* What the wall clock brings. */
void paper_spot_wallet_run(struct paper_spot *spot);

#endif

/* risk.h - the figures that follow from account, mark prices and brackets, at the instant of the
 * read. Nothing is cached.
 *
 * Pure. A figure whose input is missing is absent; a total with one input missing is absent and
 * names the symbol. Rules, roundings and sources: docs/margin.md. */
#ifndef KEEL_CORE_RISK_H
#define KEEL_CORE_RISK_H

#include "core/account.h"

/* All figures of one position. The age is that of the mark or, if the account is not fresh, of the
 * moment it ceased to be, whichever is older: while the account is fresh the stream vouches for the
 * position. A cross position's ratio and liquidation price need the marks of all cross positions of
 * its settle asset, so one old mark among them makes the read stale.
 *
 * KEEL_NO_POSITION, KEEL_SYMBOL_UNKNOWN, KEEL_STALE unless stale values are asked for. *risk is
 * untouched on an error. */
KEEL_MUST_USE enum keel_status keel_account_read_risk(const struct keel_account *account,
                                                      keel_market_id market,
                                                      enum keel_position_side side, int64_t now_ns,
                                                      bool stale_too, struct keel_risk *risk,
                                                      struct keel_error *error);

/* The margin of the account's settle asset with KEEL_NO_MARKET; else of one market: its initial and
 * maintenance margin, unrealised profit and brackets, with the wallet and what is available of its
 * settle asset. Initial margin is that of positions and of open orders. The account's totals cover
 * cross positions for margin_balance, margin_ratio and available, as the venue has it; an isolated
 * market's margin_balance and margin_ratio are its own. */
KEEL_MUST_USE enum keel_status
keel_account_read_margin(const struct keel_account *account, keel_market_id market, int64_t now_ns,
                         bool stale_too, struct keel_margin_info *info, struct keel_error *error);

#endif

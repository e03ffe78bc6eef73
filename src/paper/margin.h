/* margin.h - what positions and orders require, and whether an account can bear more.
 *
 * Pure; reads the state, changes nothing. The venue's documentation: "Leverage and margin of
 * USDⓈ-M futures", "How to calculate cost required to open a position", "How to calculate
 * liquidation price". Amounts are cut at the venue's decimals. */
#ifndef PAPER_MARGIN_H
#define PAPER_MARGIN_H

#include "paper/state.h"

/* Cross wallet and isolated wallets. */
keel_decimal paper_margin_wallet(const struct paper_engine *engine, int account);

/* What so much of a market requires at this leverage: its share, and what closing it will cost
 * where the venue counts that. */
keel_decimal paper_margin_initial(const struct paper_engine *engine, keel_market_id market,
                                  keel_decimal notional, int leverage);

/* Of one position row at the mark: exact, not cut. The maintenance margin has the closing fee in
 * it where the venue counts that. */
keel_decimal paper_margin_unrealized(const struct paper_engine *engine, int account,
                                     keel_market_id market, enum keel_position_side side);
keel_decimal paper_margin_maintenance(const struct paper_engine *engine, int account,
                                      keel_market_id market, enum keel_position_side side);

/* Over the cross positions of an account. */
struct paper_cross {
    keel_decimal unrealized, maintenance;
    int positions;
};
struct paper_cross paper_margin_cross(const struct paper_engine *engine, int account);

/* price * remaining quantity of the open orders that may open, bids and asks apart. */
void paper_margin_open_notional(const struct paper_engine *engine, int account,
                                keel_market_id market, keel_decimal *bids, keel_decimal *asks);

/* All that engine.h promises of a row, and of an account's totals. */
void paper_margin_view_position(const struct paper_engine *engine, int account,
                                keel_market_id market, enum keel_position_side side,
                                struct paper_position *view);
void paper_margin_view_account(const struct paper_engine *engine, int account,
                               struct paper_account *view);
keel_decimal paper_margin_available(const struct paper_engine *engine, int account);

/* Would the account's exposure and margin bear this order? `order` is not yet open; `instead` is
 * the open order that it takes the place of, or NULL. Reduce-only orders always pass. */
enum paper_error paper_margin_check_order(const struct paper_engine *engine,
                                          const struct paper_order *order,
                                          const struct paper_order *instead);

/* The larger of the two sides that open orders could bring the position to, in notional; of two
 * legs the larger. */
keel_decimal paper_margin_exposure(const struct paper_engine *engine, int account,
                                   keel_market_id market);

/* The price at which closing the position leaves nothing of what backs it: the isolated wallet, or
 * the cross balance with the other positions at their marks. Not above zero: there is none. */
keel_decimal paper_margin_bankruptcy_price(const struct paper_engine *engine, int account,
                                           keel_market_id market, enum keel_position_side side);

/* profit / max(1, wallet) * maintenance / (wallet + unrealised PnL): who is deleveraged first. */
keel_decimal paper_margin_deleveraging_score(const struct paper_engine *engine, int account,
                                             keel_market_id market, enum keel_position_side side);

#endif

/* settings.h - leverage, margin mode and isolated margin of one market.
 *
 * Pure. */
#ifndef PAPER_SETTINGS_H
#define PAPER_SETTINGS_H

#include "paper/state.h"

enum paper_error paper_settings_set_leverage(struct paper_engine *engine, int account,
                                             keel_market_id market, int leverage);
enum paper_error paper_settings_set_margin_mode(struct paper_engine *engine, int account,
                                                keel_market_id market, enum keel_margin_mode mode);
enum paper_error paper_settings_move_margin(struct paper_engine *engine, int account,
                                            keel_market_id market, enum keel_position_side side,
                                            keel_decimal amount);

/* Without positions and orders only. */
enum paper_error paper_settings_set_hedge_mode(struct paper_engine *engine, int account,
                                               bool hedge_mode);

#endif

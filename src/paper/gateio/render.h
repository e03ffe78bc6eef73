/* render.h - the venue's rows: one writer each, for REST and for the streams.
 *
 *  render_orders.c   orders and trades, trigger orders, and how positions ended by them
 *  render_account.c  positions, the account, its ledger
 *  render_public.c   contracts, tickers, public trades
 *
 * Pure. How values are written is in values.h. Rules: docs of the venue, the tables of "List
 * Futures Orders", "Query user account", "Position", "Orders Notification", ... */
#ifndef PAPER_GATEIO_RENDER_H
#define PAPER_GATEIO_RENDER_H

#include "paper/gateio/values.h"

/* The words of an order. `text` is "api" and the like where the client gave none. */
const char *gateio_finish_as(const struct paper_order *order); /* "" while open */
const char *gateio_tif(const struct paper_order *order);
void gateio_order_text(const struct paper_gateio *gateio, const struct paper_order *order,
                       char buffer[KEEL_CLIENT_ID_SIZE]);

/* An Order: an object with `key` (NULL in lists); the members alone for those who add some. */
void gateio_put_order(struct keel_writer *json, const char *key, const struct paper_gateio *gateio,
                      const struct paper_order *order, struct gateio_form form);
void gateio_put_order_members(struct keel_writer *json, const struct paper_gateio *gateio,
                              const struct paper_order *order, struct gateio_form form);

/* `by_range`: trade_id as text in place of id. A push (usertrades) has another shape of its own. */
void gateio_put_trade(struct keel_writer *json, const struct paper_gateio *gateio,
                      const struct paper_trade *trade, bool by_range, struct gateio_form form);

/* "single", "dual_long", "dual_short". */
const char *gateio_mode_of(const struct paper_position *position);

/* `account`, `market` and `side` choose the row. */
void gateio_put_position(struct keel_writer *json, const char *key,
                         const struct paper_gateio *gateio, const struct paper_position *position,
                         struct gateio_form form);
void gateio_put_account(struct keel_writer *json, const struct paper_gateio *gateio, int account);

/* One row of account_book, or of futures.balances: `balance` is the wallet after it. */
void gateio_put_ledger(struct keel_writer *json, const struct paper_gateio *gateio,
                       const struct paper_income *income, keel_decimal balance,
                       struct gateio_form form);
const char *gateio_ledger_type(enum keel_income_kind kind);

void gateio_put_trigger(struct keel_writer *json, const char *key,
                        const struct paper_gateio *gateio,
                        const struct paper_conditional *conditional, struct gateio_form form);
void gateio_put_position_close(struct keel_writer *json, const struct paper_gateio *gateio,
                               const struct gateio_position_close *close, struct gateio_form form);
void gateio_put_liquidation(struct keel_writer *json, const struct gateio_forced *forced,
                            struct gateio_form form);
void gateio_put_deleveraging(struct keel_writer *json, const struct gateio_forced *forced,
                             struct gateio_form form);

void gateio_put_contract(struct keel_writer *json, const struct paper_gateio *gateio,
                         keel_market_id market, int64_t now_ms, struct gateio_form form);
/* Public: text everywhere, sizes as `form` says. */
void gateio_put_ticker(struct keel_writer *json, const struct paper_gateio *gateio,
                       keel_market_id market, int64_t now_ms, struct gateio_form form);
void gateio_put_public_trade(struct keel_writer *json, keel_market_id market,
                             const struct paper_public_trade *trade, int64_t time_ms,
                             struct gateio_form form);

#endif

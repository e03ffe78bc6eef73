/* spot.h - the spot side of the dialect: pairs, orders, trigger orders, wallets.
 *
 * Pure; inside this folder only. Calls are answered as those of the futures are; what the spot
 * engine knows as a waiting order is a trigger order here, and no order before it is fired. Rules:
 * docs of the venue, "Gate API v4": Spot, Wallet, Withdrawal. */
#ifndef PAPER_GATEIO_SPOT_H
#define PAPER_GATEIO_SPOT_H

#include "paper/gateio/render.h"

/* --- Reading and refusing (spot_call.c) --------------------------------------------------------
 */

/* Unknown is INVALID_CURRENCY_PAIR, or INVALID_CURRENCY. */
keel_market_id gateio_read_pair(struct gateio_call *call, const char *name, enum gateio_need need);
paper_asset_id gateio_read_currency(struct gateio_call *call, enum gateio_need need);
enum keel_side gateio_read_side(struct gateio_call *call, enum gateio_need need);

/* Whose orders are meant: no account is kept beside the plain one, "spot" or by this name. */
void gateio_check_account(struct gateio_call *call, const char *name);

/* Of a history: from and to are thirty days apart at most. */
void gateio_read_month(struct gateio_call *call, struct paper_spot_query *query);

/* The same; with one end alone it is the week that the end bounds, with none the last week. */
void gateio_read_week_or_month(struct gateio_call *call, struct paper_spot_query *query);

/* Lists count pages from 1. */
void gateio_read_pages(struct gateio_call *call, int limit_max);

/* The engine's reason as the venue's label. */
void gateio_refuse_spot(struct gateio_call *call, enum paper_spot_error error);

/* Orders and amendments of an account on a pair. */
void gateio_charge_pair(struct gateio_call *call, keel_market_id pair, int count);

/* --- Rows (spot_render.c) ----------------------------------------------------------------------
 */

static inline bool gateio_is_trigger(const struct paper_spot_order *order)
{
    return order->type == KEEL_STOP_LIMIT || order->type == KEEL_STOP_MARKET ||
           order->type == KEEL_TAKE_PROFIT_LIMIT || order->type == KEEL_TAKE_PROFIT_MARKET;
}

/* What the trigger order of an order is called. */
int64_t gateio_spot_trigger_id(const struct paper_spot_order *order);
int64_t gateio_spot_trigger_order_id(int64_t trigger_id);

/* What the client called the order when it amended it last; "-" if it did not. */
const char *gateio_spot_amend_text(const struct paper_gateio *gateio, int64_t order_id);
void gateio_spot_note_amendment(struct paper_gateio *gateio, int64_t order_id, keel_str text);

bool gateio_spot_is_open(const struct paper_spot_order *order);
bool gateio_spot_is_by_quote(const struct paper_spot_order *order);
bool gateio_spot_is_limit(const struct paper_spot_order *order);

void gateio_put_spot_order(struct keel_writer *json, const struct paper_gateio *gateio,
                           const struct paper_spot_order *order);
void gateio_put_spot_order_members(struct keel_writer *json, const struct paper_gateio *gateio,
                                   const struct paper_spot_order *order, struct gateio_form form);
void gateio_put_spot_trade(struct keel_writer *json, const struct paper_gateio *gateio,
                           const struct paper_spot_trade *trade);

/* A trade of the account's own as its channel tells it. */
void gateio_put_spot_fill(struct keel_writer *json, const struct paper_gateio *gateio,
                          const struct paper_spot_trade *trade);

/* A trigger order: REST has it whole, its channel in flat members of "result". */
void gateio_put_spot_trigger(struct keel_writer *json, const struct paper_gateio *gateio,
                             const struct paper_spot_order *order);
void gateio_put_spot_trigger_push(struct keel_writer *json, const struct paper_gateio *gateio,
                                  const struct paper_spot_order *order);

/* The members of a ticker, without its braces. */
void gateio_put_spot_ticker(struct keel_writer *json, const struct paper_gateio *gateio,
                            keel_market_id pair, int64_t now_ms);

/* With a key it is a push, whose ids are numbers. */
void gateio_put_spot_public_trade(struct keel_writer *json, const char *key,
                                  const struct paper_gateio *gateio, keel_market_id pair,
                                  const struct paper_public_trade *trade, int64_t time_ms);

/* --- Endpoints, for REST and for the WebSocket API ---------------------------------------------
 */

void gateio_spot_place(struct gateio_call *call);        /* 201 SpotOrder; WebSocket: or a list */
void gateio_spot_amend(struct gateio_call *call);        /* SpotOrder */
void gateio_spot_cancel(struct gateio_call *call);       /* SpotOrder */
void gateio_spot_get(struct gateio_call *call);          /* SpotOrder */
void gateio_spot_list(struct gateio_call *call);         /* currency_pair, status, page, limit */
void gateio_spot_cancel_all(struct gateio_call *call);   /* currency_pair, side */
void gateio_spot_place_batch(struct gateio_call *call);  /* call->body: [SpotOrderRequest] */
void gateio_spot_amend_batch(struct gateio_call *call);  /* call->body: [{order_id, ...}] */
void gateio_spot_cancel_batch(struct gateio_call *call); /* call->body: [{currency_pair, id}] */

/* --- Endpoints of REST alone -------------------------------------------------------------------
 */

void gateio_spot_list_open(struct gateio_call *call); /* by pair */
void gateio_spot_list_trades(struct gateio_call *call);
void gateio_spot_set_countdown(struct gateio_call *call);

/* What a countdown that has run out cancels. */
void gateio_spot_count_down(struct paper_gateio *gateio, int64_t now_ms);

void gateio_spot_place_trigger(struct gateio_call *call);
void gateio_spot_list_triggers(struct gateio_call *call);
void gateio_spot_cancel_triggers(struct gateio_call *call);
void gateio_spot_get_trigger(struct gateio_call *call);
void gateio_spot_cancel_trigger(struct gateio_call *call);

void gateio_spot_list_currencies(struct gateio_call *call);
void gateio_spot_get_currency(struct gateio_call *call);
void gateio_spot_list_pairs(struct gateio_call *call);
void gateio_spot_get_pair(struct gateio_call *call);
void gateio_spot_list_tickers(struct gateio_call *call);
void gateio_spot_get_book(struct gateio_call *call);
void gateio_spot_list_public_trades(struct gateio_call *call);
void gateio_spot_list_candles(struct gateio_call *call);

void gateio_spot_list_accounts(struct gateio_call *call);
void gateio_spot_list_ledger(struct gateio_call *call);
void gateio_spot_get_fee(struct gateio_call *call);
void gateio_spot_get_fees(struct gateio_call *call); /* of a list of pairs */
void gateio_transfer(struct gateio_call *call);
void gateio_withdraw(struct gateio_call *call);
void gateio_cancel_withdrawal(struct gateio_call *call);
void gateio_list_withdrawals(struct gateio_call *call);
void gateio_list_deposits(struct gateio_call *call);
void gateio_get_deposit_address(struct gateio_call *call);
void gateio_list_withdraw_status(struct gateio_call *call);
void gateio_list_currency_chains(struct gateio_call *call);

/* --- Events (spot_feed.c) ----------------------------------------------------------------------
 */

void gateio_publish_spot(struct paper_dialect *dialect, const struct paper_spot_event *event,
                         int64_t now_ms);

#endif

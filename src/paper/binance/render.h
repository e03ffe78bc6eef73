/* render.h - the venue's JSON for orders, trades, positions: field names, types and decimals.
 *
 * Pure. Money leaves as strings with the venue's number of decimals. Rules: docs of the venue, the
 * response examples of each endpoint and "Event: ..." of the user data stream. */
#ifndef PAPER_BINANCE_RENDER_H
#define PAPER_BINANCE_RENDER_H

#include "base/writer.h"
#include "paper/engine.h"

/* Which fields an order object has. */
enum binance_order_shape {
    BINANCE_ORDER_PLACED,   /* POST and PUT: cumQty, no creation time */
    BINANCE_ORDER_QUERIED,  /* GET: creation time, no cumQty */
    BINANCE_ORDER_CANCELED, /* DELETE: cumQty, no average price */
};

void binance_put_order(struct keel_writer *json, const char *key, const struct paper_order *order,
                       enum binance_order_shape shape);
void binance_put_trade(struct keel_writer *json, const struct paper_trade *trade);
void binance_put_income(struct keel_writer *json, const struct paper_income *income);

/* `child` is the order that it became, NULL before; `queried` adds the fields that tell of it. */
void binance_put_algo(struct keel_writer *json, const struct paper_conditional *conditional,
                      const struct paper_order *child, bool queried);

void binance_put_position_v2(struct keel_writer *json, const struct paper_position *position);
void binance_put_position_v3(struct keel_writer *json, const struct paper_position *position);
void binance_put_account_position_v2(struct keel_writer *json,
                                     const struct paper_position *position);
void binance_put_account_position_v3(struct keel_writer *json,
                                     const struct paper_position *position);

/* In the market's decimals; an absent value is zero. */
void binance_put_price(struct keel_writer *json, const char *key, keel_market_id market,
                       keel_decimal value);
void binance_put_quantity(struct keel_writer *json, const char *key, keel_market_id market,
                          keel_decimal value);
/* Eight decimals. */
void binance_put_amount(struct keel_writer *json, const char *key, keel_decimal value);
/* At most eight decimals, without closing zeros. */
void binance_put_short(struct keel_writer *json, const char *key, keel_decimal value);
/* A number, not a string. */
void binance_put_number(struct keel_writer *json, const char *key, keel_decimal value);
/* A whole number as a string. */
void binance_put_int_text(struct keel_writer *json, const char *key, int64_t value);

/* filled_quote / filled_quantity; zero without a fill. */
keel_decimal binance_average_price(const struct paper_order *order);
void binance_put_average(struct keel_writer *json, const char *key,
                         const struct paper_order *order);

/* User data events. `event_ms` is when it is sent. */
void binance_put_order_event(struct keel_writer *json, const struct paper_event *event,
                             int64_t event_ms);
void binance_put_trade_lite(struct keel_writer *json, const struct paper_event *event,
                            int64_t event_ms);
void binance_put_account_event(struct keel_writer *json, const struct paper_event *event,
                               int64_t event_ms);
void binance_put_algo_event(struct keel_writer *json, const struct paper_event *event,
                            const struct paper_order *child, int64_t event_ms);
void binance_put_leverage_event(struct keel_writer *json, const struct paper_event *event,
                                int64_t event_ms);
void binance_put_margin_call(struct keel_writer *json, const struct paper_event *event,
                             int64_t event_ms);
void binance_put_force_order(struct keel_writer *json, const struct paper_event *event,
                             int64_t event_ms);

#endif

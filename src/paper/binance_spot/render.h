/* render.h - the venue's JSON for spot orders, trades and events: names, types and decimals.
 *
 * Pure. Money leaves as strings with eight decimals. Rules: docs of the venue, the response
 * examples of each endpoint and of each user data event. */
#ifndef PAPER_BINANCE_SPOT_RENDER_H
#define PAPER_BINANCE_SPOT_RENDER_H

#include "base/writer.h"
#include "paper/spot/spot.h"

enum binance_spot_shape {
    BINANCE_SPOT_ACK,
    BINANCE_SPOT_RESULT,
    BINANCE_SPOT_FULL, /* with its fills */
};

const char *binance_spot_type_word(const struct paper_spot_order *order);
const char *binance_spot_status_word(enum paper_order_status status);

/* An order just placed, as it then stood. */
void binance_spot_put_placed(const struct paper_spot *spot, struct keel_writer *json,
                             const char *key, const struct paper_spot_order *order,
                             enum binance_spot_shape shape);
void binance_spot_put_queried(const struct paper_spot *spot, struct keel_writer *json,
                              const struct paper_spot_order *order);
void binance_spot_put_canceled(const struct paper_spot *spot, struct keel_writer *json,
                               const char *key, const struct paper_spot_order *order);
void binance_spot_put_amended(const struct paper_spot *spot, struct keel_writer *json,
                              const struct paper_spot_order *order, int64_t execution_id);
void binance_spot_put_trade(const struct paper_spot *spot, struct keel_writer *json,
                            const struct paper_spot_trade *trade);

/* User data events, unwrapped. */
void binance_spot_put_execution(const struct paper_spot *spot, struct keel_writer *json,
                                const struct paper_spot_event *event, int64_t execution_id,
                                int64_t event_ms);
void binance_spot_put_position(struct keel_writer *json, const struct paper_spot_event *event,
                               int64_t event_ms);
void binance_spot_put_balance_update(struct keel_writer *json,
                                     const struct paper_spot_change *change, int64_t event_ms);

/* What a change is to the free and locked balances together: deposits and the like. */
keel_decimal binance_spot_delta(const struct paper_spot_change *change);

/* "2023-11-14 22:13:20" */
void binance_spot_put_date(struct keel_writer *json, const char *key, int64_t time_ms);

#endif

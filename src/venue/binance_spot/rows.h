/* rows.h - what replies and the user stream of Binance spot both tell: orders and trades, filled
 * under the names of their message, made events in one way.
 *
 * Pure. Values are read as on futures (venue/binance/decoder.h). */
#ifndef KEEL_VENUE_BINANCE_SPOT_ROWS_H
#define KEEL_VENUE_BINANCE_SPOT_ROWS_H

#include "venue/binance/decoder.h"

struct keel_binance_spot_order {
    keel_str symbol, order_id, client_id, side, type, time_in_force, status;
    keel_str reason; /* why the venue ended it; "" if not told */
    keel_decimal price, trigger_price, quantity, quote_quantity, filled, filled_quote;
    int64_t create_time_ms, update_time_ms;
};

struct keel_binance_spot_trade {
    keel_str id, fee_asset;
    keel_decimal price, quantity, fee;
    bool maker;
    int64_t time_ms;
};

void keel_binance_spot_order_init(struct keel_binance_spot_order *row);
void keel_binance_spot_trade_init(struct keel_binance_spot_trade *row);

/* False, and the reader has the mistake, when an order does not tell what all of them tell. */
bool keel_binance_spot_check_order(struct keel_json *json,
                                   const struct keel_binance_spot_order *row);

/* Adds the order's event, and unknown events for words that keel does not have. NULL, and an
 * unknown event alone, when its market is not in the table. */
const struct keel_order *keel_binance_spot_add_order(struct keel_binance_decoder *decoder,
                                                     const struct keel_binance_spot_order *row,
                                                     int64_t time_ms);

/* Adds the execution's event. The ids are the order's; client_id may be "". */
void keel_binance_spot_add_trade(struct keel_binance_decoder *decoder,
                                 const struct keel_binance_spot_trade *row, keel_market_id market,
                                 enum keel_side side, const char *order_id, const char *client_id);

/* Empty for what spot does not have. Post-only is a type of its own there. */
keel_str keel_binance_spot_order_type_word(enum keel_order_type type,
                                           enum keel_time_in_force time_in_force);

#endif

/* endpoints.h - what can be asked of the venue: each function reads its parameters from the call
 * and writes its result, or refuses.
 *
 * Pure. The REST paths and the methods of the WebSocket API lead to the same functions. */
#ifndef PAPER_BINANCE_ENDPOINTS_H
#define PAPER_BINANCE_ENDPOINTS_H

#include "paper/binance/binance.h"

/* market.c: anybody may ask. */
void binance_get_ping(struct binance_call *call);
void binance_get_time(struct binance_call *call);
void binance_get_exchange_info(struct binance_call *call);
void binance_get_depth(struct binance_call *call);
void binance_get_klines(struct binance_call *call);
void binance_get_premium_index(struct binance_call *call);
void binance_get_funding_rate(struct binance_call *call);
void binance_get_funding_info(struct binance_call *call);
void binance_get_book_ticker(struct binance_call *call);
void binance_get_day_ticker(struct binance_call *call);
void binance_get_price_ticker(struct binance_call *call);
void binance_get_trades(struct binance_call *call);
void binance_get_agg_trades(struct binance_call *call);
void binance_get_open_interest(struct binance_call *call);

/* outside.c: what clients ask of the coin-margined market before they trade here. */
void binance_get_coin_exchange_info(struct binance_call *call);

/* account.c */
void binance_get_account_v2(struct binance_call *call);
void binance_get_account_v3(struct binance_call *call);
void binance_get_balance(struct binance_call *call);
void binance_get_positions_v2(struct binance_call *call);
void binance_get_positions_v3(struct binance_call *call);
void binance_get_leverage_bracket(struct binance_call *call);
void binance_get_commission_rate(struct binance_call *call);
void binance_get_account_config(struct binance_call *call);
void binance_get_symbol_config(struct binance_call *call);
void binance_get_income(struct binance_call *call);
void binance_get_adl_quantile(struct binance_call *call);
void binance_get_trading_status(struct binance_call *call);
void binance_get_order_limits(struct binance_call *call);
void binance_get_margin_history(struct binance_call *call);

/* settings.c */
void binance_set_leverage(struct binance_call *call);
void binance_set_margin_type(struct binance_call *call);
void binance_move_margin(struct binance_call *call);
void binance_get_position_mode(struct binance_call *call);
void binance_set_position_mode(struct binance_call *call);
void binance_get_assets_mode(struct binance_call *call);
void binance_set_assets_mode(struct binance_call *call);
void binance_get_fee_burn(struct binance_call *call);
void binance_set_fee_burn(struct binance_call *call);
void binance_start_listen_key(struct binance_call *call);
void binance_keep_listen_key(struct binance_call *call);
void binance_stop_listen_key(struct binance_call *call);

/* orders.c */
void binance_place_order(struct binance_call *call);
void binance_test_order(struct binance_call *call);
void binance_modify_order(struct binance_call *call);
void binance_cancel_order(struct binance_call *call);
void binance_cancel_all_orders(struct binance_call *call);
void binance_place_batch(struct binance_call *call);
void binance_modify_batch(struct binance_call *call);
void binance_cancel_batch(struct binance_call *call);
void binance_set_countdown(struct binance_call *call);

/* history.c */
void binance_get_order(struct binance_call *call);
void binance_get_open_order(struct binance_call *call);
void binance_get_open_orders(struct binance_call *call);
void binance_get_all_orders(struct binance_call *call);
void binance_get_user_trades(struct binance_call *call);
void binance_get_amendments(struct binance_call *call);
void binance_get_force_orders(struct binance_call *call);

/* algo.c */
void binance_place_algo(struct binance_call *call);
void binance_cancel_algo(struct binance_call *call);
void binance_cancel_all_algos(struct binance_call *call);
void binance_get_algo(struct binance_call *call);
void binance_get_open_algos(struct binance_call *call);
void binance_get_all_algos(struct binance_call *call);

/* orders.c and algo.c read what orders of both kinds share. */
void binance_read_order_request(struct binance_call *call, struct paper_order_request *request);

enum binance_security {
    BINANCE_PUBLIC,   /* nothing */
    BINANCE_KEY_ONLY, /* the API key */
    BINANCE_SIGNED,   /* key, timestamp and signature */
};

/* Weights that are not a constant. */
enum {
    BINANCE_WEIGHT_OF_DEPTH = -1,
    BINANCE_WEIGHT_OF_KLINES = -2,
};

struct binance_endpoint {
    const char *method, *path; /* of the WebSocket API: NULL, and the method's name */
    enum binance_security security;
    int weight, weight_all; /* with a symbol, and without one */
    int orders_ten_seconds, orders_minute;
    void (*run)(struct binance_call *call);
};

/* NULL if there is none. */
const struct binance_endpoint *binance_find_endpoint(keel_str method, keel_str path);
const struct binance_endpoint *binance_find_method(keel_str name);
int binance_endpoint_weight(const struct binance_endpoint *endpoint,
                            const struct binance_params *params);

#endif

/* endpoints.h - what can be asked of the spot venue and its wallets: each function reads its
 * parameters from the call and writes its result, or refuses.
 *
 * Pure. The REST paths and the methods of the WebSocket API lead to the same functions. */
#ifndef PAPER_BINANCE_SPOT_ENDPOINTS_H
#define PAPER_BINANCE_SPOT_ENDPOINTS_H

#include "paper/binance/endpoints.h" /* its enum of securities */
#include "paper/binance_spot/binance_spot.h"

/* market.c: anybody may ask. */
void binance_spot_get_ping(struct binance_spot_call *call);
void binance_spot_get_time(struct binance_spot_call *call);
void binance_spot_get_exchange_info(struct binance_spot_call *call);
void binance_spot_get_depth(struct binance_spot_call *call);
void binance_spot_get_trades(struct binance_spot_call *call);
void binance_spot_get_agg_trades(struct binance_spot_call *call);
void binance_spot_get_klines(struct binance_spot_call *call);
void binance_spot_get_average_price(struct binance_spot_call *call);
void binance_spot_get_day_ticker(struct binance_spot_call *call);
void binance_spot_get_price_ticker(struct binance_spot_call *call);
void binance_spot_get_book_ticker(struct binance_spot_call *call);

/* account.c */
void binance_spot_get_account(struct binance_spot_call *call);
void binance_spot_get_commission(struct binance_spot_call *call);
void binance_spot_get_order_limits(struct binance_spot_call *call);
void binance_spot_get_order(struct binance_spot_call *call);
void binance_spot_get_open_orders(struct binance_spot_call *call);
void binance_spot_get_all_orders(struct binance_spot_call *call);
void binance_spot_get_my_trades(struct binance_spot_call *call);
void binance_spot_get_amendments(struct binance_spot_call *call);
void binance_spot_get_nothing(struct binance_spot_call *call);

/* orders.c */
void binance_spot_place_order(struct binance_spot_call *call);
void binance_spot_test_order(struct binance_spot_call *call);
void binance_spot_cancel_order(struct binance_spot_call *call);
void binance_spot_cancel_open_orders(struct binance_spot_call *call);
void binance_spot_cancel_replace(struct binance_spot_call *call);
void binance_spot_amend_order(struct binance_spot_call *call);

/* wallet.c */
void binance_spot_get_trade_fee(struct binance_spot_call *call);
void binance_spot_get_coins(struct binance_spot_call *call);
void binance_spot_withdraw(struct binance_spot_call *call);
void binance_spot_get_withdrawals(struct binance_spot_call *call);
void binance_spot_get_deposits(struct binance_spot_call *call);
void binance_spot_get_deposit_address(struct binance_spot_call *call);
void binance_spot_transfer(struct binance_spot_call *call);
void binance_spot_get_transfers(struct binance_spot_call *call);
void binance_spot_get_funding_assets(struct binance_spot_call *call);
void binance_spot_get_system_status(struct binance_spot_call *call);

/* subscribe.c: methods of the WebSocket API alone. */
void binance_spot_retired(struct binance_spot_call *call);
void binance_spot_log_on(struct binance_spot_call *call);
void binance_spot_get_session(struct binance_spot_call *call);
void binance_spot_subscribe(struct binance_spot_call *call);
void binance_spot_subscribe_signed(struct binance_spot_call *call);
void binance_spot_unsubscribe(struct binance_spot_call *call);
void binance_spot_get_subscriptions(struct binance_spot_call *call);

/* Weights that are not a constant. */
enum {
    BINANCE_SPOT_WEIGHT_OF_DEPTH = -1,
    BINANCE_SPOT_WEIGHT_OF_TEST = -2,   /* 20 with its commissions */
    BINANCE_SPOT_WEIGHT_OF_TRADES = -3, /* 5 of one order */
};

struct binance_spot_endpoint {
    const char *method, *path; /* of the WebSocket API: NULL, and the method's name */
    enum binance_security security;
    int weight, weight_all; /* with a symbol, and without one; of /sapi: of an address... */
    int wallet_weight;      /* ...and of an account */
    bool places;            /* an order that counts until it trades */
    bool free;              /* the weight is given back when it succeeds */
    void (*run)(struct binance_spot_call *call);
};

/* NULL if there is none. */
const struct binance_spot_endpoint *binance_spot_find_endpoint(keel_str method, keel_str path);
const struct binance_spot_endpoint *binance_spot_find_method(keel_str name);
int binance_spot_endpoint_weight(const struct binance_spot_endpoint *endpoint,
                                 const struct binance_params *params);

#endif

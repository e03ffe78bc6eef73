#include "paper/binance_spot/endpoints.h"

#define GET    "GET"
#define POST   "POST"
#define PUT    "PUT"
#define DELETE "DELETE"
#define FREE   BINANCE_PUBLIC
#define KEY    BINANCE_KEY_ONLY
#define SIGNED BINANCE_SIGNED
#define DEPTH  BINANCE_SPOT_WEIGHT_OF_DEPTH
#define TEST   BINANCE_SPOT_WEIGHT_OF_TEST
#define TRADES BINANCE_SPOT_WEIGHT_OF_TRADES

static const struct binance_spot_endpoint endpoints[] = {
    {POST,   "/api/v3/order",                     SIGNED, 1,      1,      0,     true,  true,  binance_spot_place_order       },
    {POST,   "/api/v3/order/test",                SIGNED, TEST,   TEST,   0,     false, false, binance_spot_test_order        },
    {GET,    "/api/v3/order",                     SIGNED, 4,      4,      0,     false, false, binance_spot_get_order         },
    {DELETE, "/api/v3/order",                     SIGNED, 1,      1,      0,     false, true,  binance_spot_cancel_order      },
    {POST,   "/api/v3/order/cancelReplace",       SIGNED, 1,      1,      0,     true,  true,  binance_spot_cancel_replace    },
    {PUT,    "/api/v3/order/amend/keepPriority",  SIGNED, 4,      4,      0,     false, false,
     binance_spot_amend_order                                                                                                 },
    {GET,    "/api/v3/order/amendments",          SIGNED, 4,      4,      0,     false, false, binance_spot_get_amendments    },
    {GET,    "/api/v3/openOrders",                SIGNED, 6,      80,     0,     false, false, binance_spot_get_open_orders   },
    {DELETE, "/api/v3/openOrders",                SIGNED, 1,      1,      0,     false, true,  binance_spot_cancel_open_orders},
    {GET,    "/api/v3/allOrders",                 SIGNED, 20,     20,     0,     false, false, binance_spot_get_all_orders    },
    {GET,    "/api/v3/openOrderList",             SIGNED, 6,      6,      0,     false, false, binance_spot_get_nothing       },
    {GET,    "/api/v3/allOrderList",              SIGNED, 20,     20,     0,     false, false, binance_spot_get_nothing       },
    {GET,    "/api/v3/myTrades",                  SIGNED, TRADES, TRADES, 0,     false, false, binance_spot_get_my_trades     },
    {GET,    "/api/v3/account",                   SIGNED, 20,     20,     0,     false, false, binance_spot_get_account       },
    {GET,    "/api/v3/account/commission",        SIGNED, 20,     20,     0,     false, false,
     binance_spot_get_commission                                                                                              },
    {GET,    "/api/v3/rateLimit/order",           SIGNED, 40,     40,     0,     false, false,
     binance_spot_get_order_limits                                                                                            },
    {POST,   "/api/v3/userDataStream",            FREE,   2,      2,      0,     false, false, binance_spot_retired           },
    {PUT,    "/api/v3/userDataStream",            FREE,   2,      2,      0,     false, false, binance_spot_retired           },
    {DELETE, "/api/v3/userDataStream",            FREE,   2,      2,      0,     false, false, binance_spot_retired           },

    {GET,    "/api/v3/ping",                      FREE,   1,      1,      0,     false, false, binance_spot_get_ping          },
    {GET,    "/api/v3/time",                      FREE,   1,      1,      0,     false, false, binance_spot_get_time          },
    {GET,    "/api/v3/exchangeInfo",              FREE,   20,     20,     0,     false, false, binance_spot_get_exchange_info },
    {GET,    "/api/v3/depth",                     FREE,   DEPTH,  DEPTH,  0,     false, false, binance_spot_get_depth         },
    {GET,    "/api/v3/trades",                    FREE,   25,     25,     0,     false, false, binance_spot_get_trades        },
    {GET,    "/api/v3/aggTrades",                 FREE,   4,      4,      0,     false, false, binance_spot_get_agg_trades    },
    {GET,    "/api/v3/klines",                    FREE,   2,      2,      0,     false, false, binance_spot_get_klines        },
    {GET,    "/api/v3/uiKlines",                  FREE,   2,      2,      0,     false, false, binance_spot_get_klines        },
    {GET,    "/api/v3/avgPrice",                  FREE,   2,      2,      0,     false, false, binance_spot_get_average_price },
    {GET,    "/api/v3/ticker/24hr",               FREE,   2,      80,     0,     false, false, binance_spot_get_day_ticker    },
    {GET,    "/api/v3/ticker/price",              FREE,   2,      4,      0,     false, false, binance_spot_get_price_ticker  },
    {GET,    "/api/v3/ticker/bookTicker",         FREE,   2,      4,      0,     false, false, binance_spot_get_book_ticker   },

    {GET,    "/sapi/v1/asset/tradeFee",           SIGNED, 1,      1,      0,     false, false, binance_spot_get_trade_fee     },
    {GET,    "/sapi/v1/capital/config/getall",    SIGNED, 10,     10,     0,     false, false,
     binance_spot_get_coins                                                                                                   },
    {POST,   "/sapi/v1/capital/withdraw/apply",   SIGNED, 1,      1,      600,   false, false,
     binance_spot_withdraw                                                                                                    },
    {GET,    "/sapi/v1/capital/withdraw/history", SIGNED, 1,      1,      18000, false, false,
     binance_spot_get_withdrawals                                                                                             },
    {GET,    "/sapi/v1/capital/deposit/hisrec",   SIGNED, 1,      1,      0,     false, false,
     binance_spot_get_deposits                                                                                                },
    {GET,    "/sapi/v1/capital/deposit/address",  SIGNED, 10,     10,     0,     false, false,
     binance_spot_get_deposit_address                                                                                         },
    {POST,   "/sapi/v1/asset/transfer",           SIGNED, 1,      1,      900,   false, false, binance_spot_transfer          },
    {GET,    "/sapi/v1/asset/transfer",           SIGNED, 1,      1,      0,     false, false, binance_spot_get_transfers     },
    {POST,   "/sapi/v1/asset/get-funding-asset",  SIGNED, 1,      1,      0,     false, false,
     binance_spot_get_funding_assets                                                                                          },
    {GET,    "/sapi/v1/system/status",            FREE,   1,      1,      0,     false, false, binance_spot_get_system_status },
    {GET,    "/sapi/v1/margin/allPairs",          FREE,   1,      1,      0,     false, false, binance_spot_get_nothing       },
    {GET,    "/sapi/v1/margin/isolated/allPairs", KEY,    10,     10,     0,     false, false,
     binance_spot_get_nothing                                                                                                 },
};

/* Of the WebSocket API. */
static const struct binance_spot_endpoint methods[] = {
    {NULL, "order.place",                        SIGNED, 1,      1,      0, true,  true,  binance_spot_place_order       },
    {NULL, "order.test",                         SIGNED, TEST,   TEST,   0, false, false, binance_spot_test_order        },
    {NULL, "order.status",                       SIGNED, 4,      4,      0, false, false, binance_spot_get_order         },
    {NULL, "order.cancel",                       SIGNED, 1,      1,      0, false, true,  binance_spot_cancel_order      },
    {NULL, "order.cancelReplace",                SIGNED, 1,      1,      0, true,  true,  binance_spot_cancel_replace    },
    {NULL, "order.amend.keepPriority",           SIGNED, 4,      4,      0, false, false, binance_spot_amend_order       },
    {NULL, "order.amendments",                   SIGNED, 4,      4,      0, false, false, binance_spot_get_amendments    },
    {NULL, "openOrders.status",                  SIGNED, 6,      80,     0, false, false, binance_spot_get_open_orders   },
    {NULL, "openOrders.cancelAll",               SIGNED, 1,      1,      0, false, true,  binance_spot_cancel_open_orders},
    {NULL, "allOrders",                          SIGNED, 20,     20,     0, false, false, binance_spot_get_all_orders    },
    {NULL, "myTrades",                           SIGNED, TRADES, TRADES, 0, false, false, binance_spot_get_my_trades     },
    {NULL, "account.status",                     SIGNED, 20,     20,     0, false, false, binance_spot_get_account       },
    {NULL, "account.commission",                 SIGNED, 20,     20,     0, false, false, binance_spot_get_commission    },
    {NULL, "account.rateLimits.orders",          SIGNED, 40,     40,     0, false, false,
     binance_spot_get_order_limits                                                                                       },
    {NULL, "userDataStream.subscribe.signature", SIGNED, 2,      2,      0, false, false,
     binance_spot_subscribe_signed                                                                                       },
    {NULL, "userDataStream.subscribe",           FREE,   2,      2,      0, false, false, binance_spot_subscribe         },
    {NULL, "userDataStream.unsubscribe",         FREE,   2,      2,      0, false, false, binance_spot_unsubscribe       },
    {NULL, "userDataStream.start",               FREE,   2,      2,      0, false, false, binance_spot_retired           },
    {NULL, "userDataStream.ping",                FREE,   2,      2,      0, false, false, binance_spot_retired           },
    {NULL, "userDataStream.stop",                FREE,   2,      2,      0, false, false, binance_spot_retired           },
    {NULL, "session.logon",                      SIGNED, 2,      2,      0, false, false, binance_spot_log_on            },
    {NULL, "session.status",                     FREE,   2,      2,      0, false, false, binance_spot_get_session       },
    {NULL, "session.logout",                     FREE,   2,      2,      0, false, false, binance_spot_get_session       },
    {NULL, "session.subscriptions",              FREE,   2,      2,      0, false, false, binance_spot_get_subscriptions },
    {NULL, "ping",                               FREE,   1,      1,      0, false, false, binance_spot_get_ping          },
    {NULL, "time",                               FREE,   1,      1,      0, false, false, binance_spot_get_time          },
    {NULL, "exchangeInfo",                       FREE,   20,     20,     0, false, false, binance_spot_get_exchange_info },
    {NULL, "depth",                              FREE,   DEPTH,  DEPTH,  0, false, false, binance_spot_get_depth         },
    {NULL, "trades.recent",                      FREE,   25,     25,     0, false, false, binance_spot_get_trades        },
    {NULL, "trades.aggregate",                   FREE,   4,      4,      0, false, false, binance_spot_get_agg_trades    },
    {NULL, "klines",                             FREE,   2,      2,      0, false, false, binance_spot_get_klines        },
    {NULL, "avgPrice",                           FREE,   2,      2,      0, false, false, binance_spot_get_average_price },
    {NULL, "ticker.24hr",                        FREE,   2,      80,     0, false, false, binance_spot_get_day_ticker    },
    {NULL, "ticker.price",                       FREE,   2,      4,      0, false, false, binance_spot_get_price_ticker  },
    {NULL, "ticker.book",                        FREE,   2,      4,      0, false, false, binance_spot_get_book_ticker   },
};

const struct binance_spot_endpoint *binance_spot_find_endpoint(keel_str method, keel_str path)
{
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        if (keel_str_equals(path, keel_str_from(endpoints[i].path)) &&
            keel_str_equals(method, keel_str_from(endpoints[i].method)))
            return &endpoints[i];
    }
    return NULL;
}

const struct binance_spot_endpoint *binance_spot_find_method(keel_str name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (keel_str_equals(name, keel_str_from(methods[i].path)))
            return &methods[i];
    }
    return NULL;
}

static int weight_of_depth(const struct binance_params *params)
{
    const keel_str *text = binance_params_find(params, "limit");
    int limit = 0;
    for (size_t i = 0; text && i < text->size && i < 5; i++)
        limit = limit * 10 + (text->data[i] - '0');
    return !text || limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
}

int binance_spot_endpoint_weight(const struct binance_spot_endpoint *endpoint,
                                 const struct binance_params *params)
{
    const keel_str *rates = binance_params_find(params, "computeCommissionRates");
    if (endpoint->weight == BINANCE_SPOT_WEIGHT_OF_DEPTH)
        return weight_of_depth(params);
    if (endpoint->weight == BINANCE_SPOT_WEIGHT_OF_TEST)
        return rates && keel_str_equals(*rates, KEEL_STR("true")) ? 20 : 1;
    if (endpoint->weight == BINANCE_SPOT_WEIGHT_OF_TRADES)
        return binance_params_find(params, "orderId") ? 5 : 20;
    return binance_params_find(params, "symbol") ? endpoint->weight : endpoint->weight_all;
}

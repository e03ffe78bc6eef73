#include "paper/binance/endpoints.h"

#define GET    "GET"
#define POST   "POST"
#define PUT    "PUT"
#define DELETE "DELETE"
#define FREE   BINANCE_PUBLIC
#define KEY    BINANCE_KEY_ONLY
#define SIGNED BINANCE_SIGNED

static const struct binance_endpoint endpoints[] = {
    {POST,   "/fapi/v1/order",                  SIGNED, 0,                        0,  1, 1, binance_place_order           },
    {DELETE, "/fapi/v1/order",                  SIGNED, 1,                        1,  0, 0, binance_cancel_order          },
    {PUT,    "/fapi/v1/order",                  SIGNED, 0,                        0,  1, 1, binance_modify_order          },
    {GET,    "/fapi/v1/order",                  SIGNED, 1,                        1,  0, 0, binance_get_order             },
    {POST,   "/fapi/v1/order/test",             SIGNED, 1,                        1,  0, 0, binance_test_order            },
    {GET,    "/fapi/v1/openOrder",              SIGNED, 1,                        1,  0, 0, binance_get_open_order        },
    {GET,    "/fapi/v1/openOrders",             SIGNED, 1,                        40, 0, 0, binance_get_open_orders       },
    {GET,    "/fapi/v1/allOrders",              SIGNED, 5,                        5,  0, 0, binance_get_all_orders        },
    {DELETE, "/fapi/v1/allOpenOrders",          SIGNED, 1,                        1,  0, 0, binance_cancel_all_orders     },
    {POST,   "/fapi/v1/batchOrders",            SIGNED, 5,                        5,  5, 1, binance_place_batch           },
    {PUT,    "/fapi/v1/batchOrders",            SIGNED, 5,                        5,  5, 1, binance_modify_batch          },
    {DELETE, "/fapi/v1/batchOrders",            SIGNED, 1,                        1,  0, 0, binance_cancel_batch          },
    {GET,    "/fapi/v1/userTrades",             SIGNED, 5,                        5,  0, 0, binance_get_user_trades       },
    {POST,   "/fapi/v1/countdownCancelAll",     SIGNED, 10,                       10, 0, 0, binance_set_countdown         },
    {GET,    "/fapi/v1/orderAmendment",         SIGNED, 1,                        1,  0, 0, binance_get_amendments        },
    {GET,    "/fapi/v1/forceOrders",            SIGNED, 20,                       50, 0, 0, binance_get_force_orders      },

    {POST,   "/fapi/v1/algoOrder",              SIGNED, 0,                        0,  1, 1, binance_place_algo            },
    {DELETE, "/fapi/v1/algoOrder",              SIGNED, 1,                        1,  0, 0, binance_cancel_algo           },
    {GET,    "/fapi/v1/algoOrder",              SIGNED, 1,                        1,  0, 0, binance_get_algo              },
    {GET,    "/fapi/v1/openAlgoOrders",         SIGNED, 1,                        40, 0, 0, binance_get_open_algos        },
    {GET,    "/fapi/v1/allAlgoOrders",          SIGNED, 5,                        5,  0, 0, binance_get_all_algos         },
    {DELETE, "/fapi/v1/algoOpenOrders",         SIGNED, 1,                        1,  0, 0, binance_cancel_all_algos      },

    {GET,    "/fapi/v2/account",                SIGNED, 5,                        5,  0, 0, binance_get_account_v2        },
    {GET,    "/fapi/v3/account",                SIGNED, 5,                        5,  0, 0, binance_get_account_v3        },
    {GET,    "/fapi/v2/balance",                SIGNED, 5,                        5,  0, 0, binance_get_balance           },
    {GET,    "/fapi/v3/balance",                SIGNED, 5,                        5,  0, 0, binance_get_balance           },
    {GET,    "/fapi/v2/positionRisk",           SIGNED, 5,                        5,  0, 0, binance_get_positions_v2      },
    {GET,    "/fapi/v3/positionRisk",           SIGNED, 5,                        5,  0, 0, binance_get_positions_v3      },
    {GET,    "/fapi/v1/leverageBracket",        SIGNED, 1,                        1,  0, 0, binance_get_leverage_bracket  },
    {GET,    "/fapi/v1/commissionRate",         SIGNED, 20,                       20, 0, 0, binance_get_commission_rate   },
    {GET,    "/fapi/v1/accountConfig",          SIGNED, 5,                        5,  0, 0, binance_get_account_config    },
    {GET,    "/fapi/v1/symbolConfig",           SIGNED, 5,                        5,  0, 0, binance_get_symbol_config     },
    {GET,    "/fapi/v1/income",                 SIGNED, 30,                       30, 0, 0, binance_get_income            },
    {GET,    "/fapi/v1/adlQuantile",            SIGNED, 5,                        5,  0, 0, binance_get_adl_quantile      },
    {GET,    "/fapi/v1/apiTradingStatus",       SIGNED, 1,                        10, 0, 0, binance_get_trading_status    },
    {GET,    "/fapi/v1/rateLimit/order",        SIGNED, 1,                        1,  0, 0, binance_get_order_limits      },

    {POST,   "/fapi/v1/leverage",               SIGNED, 1,                        1,  0, 0, binance_set_leverage          },
    {POST,   "/fapi/v1/marginType",             SIGNED, 1,                        1,  0, 0, binance_set_margin_type       },
    {POST,   "/fapi/v1/positionMargin",         SIGNED, 1,                        1,  0, 0, binance_move_margin           },
    {GET,    "/fapi/v1/positionMargin/history", SIGNED, 1,                        1,  0, 0, binance_get_margin_history    },
    {GET,    "/fapi/v1/positionSide/dual",      SIGNED, 30,                       30, 0, 0, binance_get_position_mode     },
    {POST,   "/fapi/v1/positionSide/dual",      SIGNED, 1,                        1,  0, 0, binance_set_position_mode     },
    {GET,    "/fapi/v1/multiAssetsMargin",      SIGNED, 30,                       30, 0, 0, binance_get_assets_mode       },
    {POST,   "/fapi/v1/multiAssetsMargin",      SIGNED, 1,                        1,  0, 0, binance_set_assets_mode       },
    {GET,    "/fapi/v1/feeBurn",                SIGNED, 30,                       30, 0, 0, binance_get_fee_burn          },
    {POST,   "/fapi/v1/feeBurn",                SIGNED, 1,                        1,  0, 0, binance_set_fee_burn          },
    {POST,   "/fapi/v1/listenKey",              KEY,    1,                        1,  0, 0, binance_start_listen_key      },
    {PUT,    "/fapi/v1/listenKey",              KEY,    1,                        1,  0, 0, binance_keep_listen_key       },
    {DELETE, "/fapi/v1/listenKey",              KEY,    1,                        1,  0, 0, binance_stop_listen_key       },

    {GET,    "/fapi/v1/ping",                   FREE,   1,                        1,  0, 0, binance_get_ping              },
    {GET,    "/fapi/v1/time",                   FREE,   1,                        1,  0, 0, binance_get_time              },
    {GET,    "/fapi/v1/exchangeInfo",           FREE,   1,                        1,  0, 0, binance_get_exchange_info     },
    {GET,    "/fapi/v1/depth",                  FREE,   BINANCE_WEIGHT_OF_DEPTH,  0,  0, 0, binance_get_depth             },
    {GET,    "/fapi/v1/klines",                 FREE,   BINANCE_WEIGHT_OF_KLINES, 0,  0, 0, binance_get_klines            },
    {GET,    "/fapi/v1/premiumIndex",           FREE,   1,                        10, 0, 0, binance_get_premium_index     },
    {GET,    "/fapi/v1/fundingRate",            FREE,   1,                        1,  0, 0, binance_get_funding_rate      },
    {GET,    "/fapi/v1/fundingInfo",            FREE,   0,                        0,  0, 0, binance_get_funding_info      },
    {GET,    "/fapi/v1/ticker/bookTicker",      FREE,   2,                        5,  0, 0, binance_get_book_ticker       },
    {GET,    "/fapi/v1/ticker/24hr",            FREE,   1,                        40, 0, 0, binance_get_day_ticker        },
    {GET,    "/fapi/v1/ticker/price",           FREE,   1,                        2,  0, 0, binance_get_price_ticker      },
    {GET,    "/fapi/v2/ticker/price",           FREE,   1,                        2,  0, 0, binance_get_price_ticker      },
    {GET,    "/fapi/v1/trades",                 FREE,   5,                        5,  0, 0, binance_get_trades            },
    {GET,    "/fapi/v1/aggTrades",              FREE,   20,                       20, 0, 0, binance_get_agg_trades        },
    {GET,    "/fapi/v1/openInterest",           FREE,   1,                        1,  0, 0, binance_get_open_interest     },

    {GET,    "/dapi/v1/ping",                   FREE,   1,                        1,  0, 0, binance_get_ping              },
    {GET,    "/dapi/v1/time",                   FREE,   1,                        1,  0, 0, binance_get_time              },
    {GET,    "/dapi/v1/exchangeInfo",           FREE,   1,                        1,  0, 0, binance_get_coin_exchange_info},
};

/* Of the WebSocket API. USER_STREAM methods carry only the key. */
static const struct binance_endpoint methods[] = {
    {NULL, "order.place",          SIGNED, 0,                       0, 1, 1, binance_place_order     },
    {NULL, "order.modify",         SIGNED, 0,                       0, 1, 1, binance_modify_order    },
    {NULL, "order.cancel",         SIGNED, 1,                       1, 0, 0, binance_cancel_order    },
    {NULL, "order.status",         SIGNED, 1,                       1, 0, 0, binance_get_order       },
    {NULL, "algoOrder.place",      SIGNED, 0,                       0, 1, 1, binance_place_algo      },
    {NULL, "algoOrder.cancel",     SIGNED, 1,                       1, 0, 0, binance_cancel_algo     },
    {NULL, "account.balance",      SIGNED, 5,                       5, 0, 0, binance_get_balance     },
    {NULL, "v2/account.balance",   SIGNED, 5,                       5, 0, 0, binance_get_balance     },
    {NULL, "account.status",       SIGNED, 5,                       5, 0, 0, binance_get_account_v2  },
    {NULL, "v2/account.status",    SIGNED, 5,                       5, 0, 0, binance_get_account_v3  },
    {NULL, "account.position",     SIGNED, 5,                       5, 0, 0, binance_get_positions_v2},
    {NULL, "v2/account.position",  SIGNED, 5,                       5, 0, 0, binance_get_positions_v3},
    {NULL, "userDataStream.start", KEY,    5,                       5, 0, 0, binance_start_listen_key},
    {NULL, "userDataStream.ping",  KEY,    5,                       5, 0, 0, binance_keep_listen_key },
    {NULL, "userDataStream.stop",  KEY,    5,                       5, 0, 0, binance_stop_listen_key },
    {NULL, "depth",                FREE,   BINANCE_WEIGHT_OF_DEPTH, 0, 0, 0, binance_get_depth       },
    {NULL, "ticker.price",         FREE,   1,                       2, 0, 0, binance_get_price_ticker},
    {NULL, "ticker.book",          FREE,   2,                       5, 0, 0, binance_get_book_ticker },
    {NULL, "ping",                 FREE,   1,                       1, 0, 0, binance_get_ping        },
    {NULL, "time",                 FREE,   1,                       1, 0, 0, binance_get_time        },
};

const struct binance_endpoint *binance_find_endpoint(keel_str method, keel_str path)
{
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        if (keel_str_equals(path, keel_str_from(endpoints[i].path)) &&
            keel_str_equals(method, keel_str_from(endpoints[i].method)))
            return &endpoints[i];
    }
    return NULL;
}

const struct binance_endpoint *binance_find_method(keel_str name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (keel_str_equals(name, keel_str_from(methods[i].path)))
            return &methods[i];
    }
    return NULL;
}

static int limit_of(const struct binance_params *params)
{
    const keel_str *text = binance_params_find(params, "limit");
    int limit = 0;
    for (size_t i = 0; text && i < text->size && i < 6; i++) {
        if (text->data[i] < '0' || text->data[i] > '9')
            return 500;
        limit = limit * 10 + (text->data[i] - '0');
    }
    return text ? limit : 500;
}

static int weight_of_depth(int limit)
{
    return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
}

static int weight_of_klines(int limit)
{
    return limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1000 ? 5 : 10;
}

int binance_endpoint_weight(const struct binance_endpoint *endpoint,
                            const struct binance_params *params)
{
    if (endpoint->weight == BINANCE_WEIGHT_OF_DEPTH)
        return weight_of_depth(limit_of(params));
    if (endpoint->weight == BINANCE_WEIGHT_OF_KLINES)
        return weight_of_klines(limit_of(params));
    return binance_params_find(params, "symbol") ? endpoint->weight : endpoint->weight_all;
}

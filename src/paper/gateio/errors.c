#include "paper/gateio/gateio_internal.h"

#include <stdarg.h>
#include <stdio.h>

/* --- Labels ------------------------------------------------------------------------------------
 */

/* All others are 400. The documentation gives the status by class only. */
static const struct {
    const char *label;
    int status;
} statuses[] = {
    {"INVALID_KEY",           401},
    {"INVALID_CREDENTIALS",   401},
    {"INVALID_SIGNATURE",     401},
    {"REQUEST_EXPIRED",       403},
    {"IP_FORBIDDEN",          403},
    {"READ_ONLY",             403},
    {"FORBIDDEN",             403},
    {"ACCOUNT_LOCKED",        403},
    {"NOT_FOUND",             404},
    {"ORDER_NOT_FOUND",       404},
    {"CLIENT_ID_NOT_FOUND",   404},
    {"METHOD_NOT_ALLOWED",    405},
    {"NOT_ACCEPTABLE",        406},
    {"TOO_MANY_REQUESTS",     429},
    {"TOO_FAST",              429},
    {"INTERNAL",              500},
    {"SERVER_ERROR",          500},
    {"INTERNAL_SERVER_ERROR", 500},
    {"TOO_BUSY",              503},
    {"SERVER_TIMEOUT",        504},
};

/* Those whose text the venue calls "detail". */
static const char *const detailed[] = {
    "INVALID_ARGUMENT",       "ORDER_POC_IMMEDIATE", "ORDER_FOK",
    "RISK_LIMIT_EXCEEDED",    "RISK_LIMIT_TOO_HIGH", "RISK_LIMIT_TOO_LOW",
    "INSUFFICIENT_AVAILABLE", "SIZE_TOO_LARGE",      "SIZE_TOO_SMALL",
    "PRICE_TOO_DEVIATED",     "LEVERAGE_TOO_HIGH",   "LEVERAGE_TOO_LOW",
    "INCREASE_POSITION",      "REDUCE_EXCEEDED",     "LIQUIDATE_IMMEDIATELY",
};

int gateio_status_of(const char *label)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (strcmp(label, statuses[i].label) == 0)
            return statuses[i].status;
    }
    return 400;
}

static bool is_detailed(const char *label)
{
    for (size_t i = 0; i < sizeof(detailed) / sizeof(detailed[0]); i++) {
        if (strcmp(label, detailed[i]) == 0)
            return true;
    }
    return false;
}

void gateio_refuse(struct gateio_call *call, const char *label, const char *format, ...)
{
    if (call->label)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(call->message, sizeof(call->message), format, arguments);
    va_end(arguments);
    call->label = label;
    call->status = gateio_status_of(label);
    call->in_detail = is_detailed(label);
}

void gateio_put_refusal(struct keel_writer *json, const char *key, const char *label,
                        const char *message, bool in_detail)
{
    keel_json_open_object(json, key);
    keel_json_put_text(json, "label", label);
    keel_json_put_text(json, in_detail ? "detail" : "message", message);
    keel_json_close_object(json);
}

/* --- Reasons of the engine ---------------------------------------------------------------------
 */

static const struct {
    const char *label, *text;
} reasons[PAPER_ERROR_COUNT] = {
    [PAPER_ERROR_SYMBOL] = {"CONTRACT_NOT_FOUND",           "contract not found"                        },
    [PAPER_ERROR_ORDER_TYPE] = {"INVALID_ARGUMENT",             "invalid order type"                        },
    [PAPER_ERROR_SIDE] = {"INVALID_ARGUMENT",             "invalid size"                              },
    [PAPER_ERROR_TIME_IN_FORCE] = {"INVALID_PARAM_VALUE",          "invalid tif"                               },
    [PAPER_ERROR_POSITION_SIDE] = {"POSITION_DUAL_MODE",           "position mode does not match"              },
    [PAPER_ERROR_PRICE_NOT_POSITIVE] = {"INVALID_PARAM_VALUE",          "invalid price"                             },
    [PAPER_ERROR_PRICE_MAX] = {"INVALID_PARAM_VALUE",          "invalid price"                             },
    [PAPER_ERROR_PRICE_MIN] = {"INVALID_PARAM_VALUE",          "invalid price"                             },
    [PAPER_ERROR_PRICE_TICK] = {"INVALID_PARAM_VALUE",
                            "price is not a multiple of order_price_round"                              },
    [PAPER_ERROR_PRICE_PRECISION] = {"INVALID_PARAM_VALUE",          "invalid price"                             },
    [PAPER_ERROR_PRICE_ABOVE_BAND] = {"PRICE_TOO_DEVIATED",           "order price too far from mark price"       },
    [PAPER_ERROR_PRICE_BELOW_BAND] = {"PRICE_TOO_DEVIATED",           "order price too far from mark price"       },
    [PAPER_ERROR_COUNTER_PRICE_BAND] = {"PRICE_TOO_DEVIATED",
                            "counter price too far from mark price"                                     },
    [PAPER_ERROR_PRICE_REQUIRED] = {"INVALID_ARGUMENT",             "invalid argument: #4"                      },
    [PAPER_ERROR_PRICE_NOT_WANTED] = {"INVALID_ARGUMENT",             "invalid price"                             },
    [PAPER_ERROR_QUANTITY_NOT_POSITIVE] = {"INVALID_ARGUMENT",             "invalid size"                              },
    [PAPER_ERROR_QUANTITY_MIN] = {"SIZE_TOO_SMALL",               "order size is below order_size_min"        },
    [PAPER_ERROR_QUANTITY_MAX] = {"SIZE_TOO_LARGE",               "order size is above the contract's maximum"},
    [PAPER_ERROR_QUANTITY_STEP] = {"INVALID_PARAM_VALUE",          "invalid size"                              },
    [PAPER_ERROR_QUANTITY_PRECISION] = {"INVALID_PARAM_VALUE",          "invalid size"                              },
    [PAPER_ERROR_QUANTITY_REQUIRED] = {"INVALID_ARGUMENT",             "invalid size"                              },
    [PAPER_ERROR_NOTIONAL_MIN] = {"SIZE_TOO_SMALL",               "order value is too small"                  },
    [PAPER_ERROR_OPEN_ORDERS_MAX] = {"TOO_MANY_ORDERS",              "too many open orders"                      },
    [PAPER_ERROR_CONDITIONAL_MAX] = {"TOO_MANY_ORDERS",              "too many trigger orders"                   },
    [PAPER_ERROR_CLIENT_ID] = {"INVALID_PARAM_VALUE",          "invalid text"                              },
    [PAPER_ERROR_CLIENT_ID_DUPLICATE] = {"ORDER_EXISTS",                 "an open order has this text"               },
    [PAPER_ERROR_REDUCE_ONLY] = {"INCREASE_POSITION",            "reduce only order would open a position"   },
    [PAPER_ERROR_REDUCE_ONLY_CROWDED] = {"REDUCE_EXCEEDED",              "nothing is left to reduce"                 },
    [PAPER_ERROR_CLOSE_TYPE] = {"INVALID_ARGUMENT",             "invalid close order"                       },
    [PAPER_ERROR_CLOSE_QUANTITY] = {"INVALID_ARGUMENT",             "size must be 0 to close"                   },
    [PAPER_ERROR_CLOSE_REDUCE_ONLY] = {"INVALID_ARGUMENT",             "invalid close order"                       },
    [PAPER_ERROR_CLOSE_DUPLICATE] = {"ORDER_EXISTS",                 "such a close order is open"                },
    [PAPER_ERROR_NOTIONAL_CAP] = {"RISK_LIMIT_EXCEEDED",          "risk limit exceeded"                       },
    [PAPER_ERROR_MARGIN] = {"INSUFFICIENT_AVAILABLE",       "not enough available balance"              },
    [PAPER_ERROR_LIQUIDATING] = {"POSITION_IN_LIQUIDATION",      "position is in liquidation"                },
    [PAPER_ERROR_POST_ONLY] = {"ORDER_POC_IMMEDIATE",          "order would be filled immediately"         },
    [PAPER_ERROR_FILL_OR_KILL] = {"ORDER_FOK",                    "order cannot be filled completely"         },
    [PAPER_ERROR_GOOD_TILL] = {"INVALID_PARAM_VALUE",          "invalid expiration"                        },
    [PAPER_ERROR_PRICE_MATCH_TYPE] = {"INVALID_ARGUMENT",             "invalid price"                             },
    [PAPER_ERROR_PRICE_MATCH_DEPTH] = {"CONTRACT_NO_COUNTER",          "no counterpart in the order book"          },
    [PAPER_ERROR_TRIGGER_PRICE] = {"INVALID_PARAM_VALUE",          "invalid trigger price"                     },
    [PAPER_ERROR_TRIGGERS_AT_ONCE] = {"AUTO_TRIGGER_PRICE_LESS_LAST",
                            "invalid argument: trigger price is already met"                            },
    [PAPER_ERROR_CALLBACK_RATE] = {"INVALID_PARAM_VALUE",          "invalid callback"                          },
    [PAPER_ERROR_ACTIVATION_PRICE] = {"INVALID_PARAM_VALUE",          "invalid activation price"                  },
    [PAPER_ERROR_ORDER_UNKNOWN] = {"ORDER_NOT_FOUND",              "Order not found"                           },
    [PAPER_ERROR_AMEND_TYPE] = {"INVALID_ARGUMENT",             "order cannot be amended"                   },
    [PAPER_ERROR_AMEND_SIDE] = {"INVALID_PARAM_VALUE",          "order side cannot be changed"              },
    [PAPER_ERROR_AMEND_NOTHING] = {"NO_CHANGE",                    "No change is made"                         },
    [PAPER_ERROR_AMEND_COUNT] = {"TOO_FAST",                     "too many amendments"                       },
    [PAPER_ERROR_AMEND_REDUCE_ONLY] = {"INVALID_ARGUMENT",             "reduce only cannot be changed"             },
    [PAPER_ERROR_LEVERAGE_RANGE] = {"LEVERAGE_TOO_HIGH",            "leverage is above leverage_max"            },
    [PAPER_ERROR_LEVERAGE_MARGIN] = {"INSUFFICIENT_AVAILABLE",       "not enough available balance"              },
    [PAPER_ERROR_LEVERAGE_ISOLATED] = {"INSUFFICIENT_AVAILABLE",       "not enough position margin"                },
    [PAPER_ERROR_MARGIN_MODE_SAME] = {"NO_CHANGE",                    "No change is made"                         },
    [PAPER_ERROR_MARGIN_MODE_ORDERS] = {"ORDER_PENDING",                "there are open orders"                     },
    [PAPER_ERROR_MARGIN_MODE_POSITION] = {"POSITION_HOLDING",             "there is a position"                       },
    [PAPER_ERROR_POSITION_MARGIN_CROSS] = {"POSITION_CROSS_MARGIN",        "position is in cross margin"               },
    [PAPER_ERROR_POSITION_MARGIN_NONE] = {"POSITION_EMPTY",               "position is empty"                         },
    [PAPER_ERROR_POSITION_MARGIN_AMOUNT] = {"INVALID_PARAM_VALUE",          "invalid change"                            },
    [PAPER_ERROR_POSITION_MARGIN_FUNDS] = {"INSUFFICIENT_AVAILABLE",
                            "not enough available balance"                                              },
    [PAPER_ERROR_POSITION_MARGIN_EXCESS] = {"REMOVE_TOO_MUCH",              "more margin than can be removed"           },
    [PAPER_ERROR_POSITION_MODE_SAME] = {"NO_CHANGE",                    "No change is made"                         },
    [PAPER_ERROR_POSITION_MODE_ORDERS] = {"ORDER_PENDING",                "there are open orders"                     },
    [PAPER_ERROR_POSITION_MODE_POSITION] = {"POSITION_HOLDING",             "there is a position"                       },
    [PAPER_ERROR_ASSETS_MODE_SAME] = {"NO_CHANGE",                    "No change is made"                         },
    [PAPER_ERROR_MULTI_ASSETS_MODE] = {"INVALID_PARAM_VALUE",          "margin mode is not offered"                },
    [PAPER_ERROR_REDUCE_ONLY_EXCEEDS] = {"REDUCE_EXCEEDED",              "size is above what can be reduced"         },
    [PAPER_ERROR_LIQUIDATES] = {"LIQUIDATE_IMMEDIATELY",        "position would be liquidated"              },
};

const char *gateio_label_of(enum paper_error error)
{
    return error == PAPER_OK ? "" : reasons[error].label;
}

static void refuse_with(struct gateio_call *call, enum paper_error error, keel_market_id market)
{
    char amount[KEEL_DECIMAL_TEXT_SIZE];
    struct paper_ticker ticker;
    if (market == KEEL_NO_MARKET || error != PAPER_ERROR_POST_ONLY)
        return;
    paper_engine_get_ticker(call->engine, market, &ticker);
    (void)keel_decimal_format(ticker.last_price, amount);
    gateio_refuse(call, "ORDER_POC_IMMEDIATE", "order would be filled immediately, last price %s",
                  amount);
}

void gateio_refuse_engine(struct gateio_call *call, enum paper_error error, keel_market_id market)
{
    if (error == PAPER_OK)
        return;
    refuse_with(call, error, market);
    gateio_refuse(call, reasons[error].label, "%s", reasons[error].text);
}

#include "paper/gateio/spot.h"

/* --- Reading -----------------------------------------------------------------------------------
 */

keel_market_id gateio_read_pair(struct gateio_call *call, const char *name, enum gateio_need need)
{
    keel_str text = gateio_read_text(call, name, need);
    if (gateio_refused(call) || text.size == 0)
        return KEEL_NO_MARKET;
    keel_market_id pair = paper_spot_find_market(call->spot, text);
    if (pair == KEEL_NO_MARKET)
        gateio_refuse(call, "INVALID_CURRENCY_PAIR", "Invalid currency pair %.*s",
                      KEEL_STR_ARGS(text));
    return pair;
}

paper_asset_id gateio_read_currency(struct gateio_call *call, enum gateio_need need)
{
    keel_str text = gateio_read_text(call, "currency", need);
    if (gateio_refused(call) || text.size == 0)
        return PAPER_NO_ASSET;
    paper_asset_id asset = paper_asset_find(text);
    if (asset == PAPER_NO_ASSET)
        gateio_refuse(call, "INVALID_CURRENCY", "Invalid currency %.*s", KEEL_STR_ARGS(text));
    return asset;
}

enum keel_side gateio_read_side(struct gateio_call *call, enum gateio_need need)
{
    keel_str text = gateio_read_text(call, "side", need);
    if (keel_str_equals(text, KEEL_STR("buy")))
        return KEEL_BUY;
    if (keel_str_equals(text, KEEL_STR("sell")))
        return KEEL_SELL;
    if (text.size > 0)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid side: %.*s", KEEL_STR_ARGS(text));
    return KEEL_SIDE_NONE;
}

void gateio_check_account(struct gateio_call *call, const char *name)
{
    keel_str account = gateio_read_text(call, "account", GATEIO_OPTIONAL);
    if (account.size > 0 && !keel_str_equals(account, KEEL_STR("spot")) &&
        !keel_str_equals(account, keel_str_from(name)))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "account %.*s is not offered",
                      KEEL_STR_ARGS(account));
}

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static void check_month(struct gateio_call *call, const struct paper_spot_query *query)
{
    int64_t end_ms = query->end_ms == 0 ? call->now_ms : query->end_ms;
    if (query->start_ms != 0 && end_ms - query->start_ms > 30 * day_ms + 1000)
        gateio_refuse(call, "INVALID_PARAM_VALUE",
                      "time range between from and to must not exceed 30 days");
}

void gateio_read_month(struct gateio_call *call, struct paper_spot_query *query)
{
    gateio_read_span(call, &query->start_ms, &query->end_ms);
    check_month(call, query);
}

void gateio_read_week_or_month(struct gateio_call *call, struct paper_spot_query *query)
{
    gateio_read_span(call, &query->start_ms, &query->end_ms);
    if (query->start_ms == 0)
        query->start_ms = (query->end_ms == 0 ? call->now_ms : query->end_ms) - 7 * day_ms;
    else if (query->end_ms == 0)
        query->end_ms = query->start_ms + 7 * day_ms;
    check_month(call, query);
}

void gateio_read_pages(struct gateio_call *call, int limit_max)
{
    int64_t page = gateio_read_int(call, "page", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, limit_max);
    if (page < 0 || page > INT32_MAX / GATEIO_LIST_MAX)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid page");
    if (!gateio_refused(call) && page > 1)
        call->list_offset = (int)(page - 1) * call->list_limit;
}

void gateio_charge_pair(struct gateio_call *call, keel_market_id pair, int count)
{
    struct gateio_account *account = &call->gateio->accounts[call->account];
    if (gateio_refused(call))
        return;
    call->allowance = gateio_limit_charge(&account->pair_orders[pair],
                                          GATEIO_PAIR_ORDERS_PER_S * call->gateio->limits.factor,
                                          1000, count, call->now_ms);
    if (call->allowance.exceeded)
        gateio_refuse(call, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded (211)");
}

/* --- Refusing ----------------------------------------------------------------------------------
 */

static const struct {
    const char *label, *text;
} reasons[PAPER_SPOT_ERROR_COUNT] = {
    [PAPER_SPOT_ERROR_MARKET] = {"INVALID_CURRENCY_PAIR",          "Invalid currency pair"            },
    [PAPER_SPOT_ERROR_SIDE] = {"INVALID_PARAM_VALUE",            "invalid side"                     },
    [PAPER_SPOT_ERROR_TYPE] = {"INVALID_PARAM_VALUE",            "invalid type"                     },
    [PAPER_SPOT_ERROR_TIME_IN_FORCE] = {"INVALID_PARAM_VALUE",            "invalid time_in_force"            },
    [PAPER_SPOT_ERROR_CLIENT_ID] = {"INVALID_CLIENT_ORDER_ID",        "invalid text"                     },
    [PAPER_SPOT_ERROR_PRICE_REQUIRED] = {"MISSING_REQUIRED_PARAM",
                                 "Missing required parameter: price"                                  },
    [PAPER_SPOT_ERROR_PRICE_RANGE] = {"INVALID_PARAM_VALUE",            "invalid price"                    },
    [PAPER_SPOT_ERROR_PRICE_TICK] = {"INVALID_PRECISION",              "price has too many decimals"      },
    [PAPER_SPOT_ERROR_PRICE_BAND] = {"PRICE_THRESHOLD_EXCEEDED",
                                 "price is too far from the last price"                               },
    [PAPER_SPOT_ERROR_TRIGGER_REQUIRED] = {"MISSING_REQUIRED_PARAM",
                                 "Missing required parameter: trigger.price"                          },
    [PAPER_SPOT_ERROR_TRIGGER_PRICE] = {"INVALID_PRECISION",              "invalid trigger price"            },
    [PAPER_SPOT_ERROR_QUANTITY_REQUIRED] = {"MISSING_REQUIRED_PARAM",
                                 "Missing required parameter: amount"                                 },
    [PAPER_SPOT_ERROR_QUANTITY_BOTH] = {"INVALID_PARAM_VALUE",            "invalid amount"                   },
    [PAPER_SPOT_ERROR_QUANTITY_RANGE] = {"INVALID_PARAM_VALUE",
                                 "Your order size is too small, or too large"                         },
    [PAPER_SPOT_ERROR_QUANTITY_STEP] = {"INVALID_PRECISION",              "amount has too many decimals"     },
    [PAPER_SPOT_ERROR_MARKET_QUANTITY] = {"AMOUNT_TOO_MUCH",                "amount is too much"               },
    [PAPER_SPOT_ERROR_QUOTE_PRECISION] = {"INVALID_PRECISION",              "amount has too many decimals"     },
    [PAPER_SPOT_ERROR_NOTIONAL] = {"INVALID_PARAM_VALUE",
                                 "Your order size is too small. The minimum is 3 USDT"                },
    [PAPER_SPOT_ERROR_OPEN_ORDERS_MAX] = {"TOO_MANY_ORDERS",                "too many open orders"             },
    [PAPER_SPOT_ERROR_WAITING_MAX] = {"TOO_MANY_ORDERS",                "too many price orders"            },
    [PAPER_SPOT_ERROR_CLIENT_ID_DUPLICATE] = {"REPEATED_CREATION",              "text is in use"                   },
    [PAPER_SPOT_ERROR_TRIGGERS_AT_ONCE] = {"INVALID_PARAM_VALUE",
                                 "trigger price is already met by the last price"                     },
    [PAPER_SPOT_ERROR_POST_ONLY] = {"POC_FILL_IMMEDIATELY",           "order would be filled immediately"},
    [PAPER_SPOT_ERROR_FILL_OR_KILL] = {"FOK_NOT_FILL",                   "order cannot be filled completely"},
    [PAPER_SPOT_ERROR_BALANCE] = {"BALANCE_NOT_ENOUGH",             "Not enough balance"               },
    [PAPER_SPOT_ERROR_ORDER_UNKNOWN] = {"ORDER_NOT_FOUND",                "Order not found"                  },
    [PAPER_SPOT_ERROR_AMEND_TYPE] = {"INVALID_PARAM_VALUE",            "only limit orders can be amended" },
    [PAPER_SPOT_ERROR_AMEND_NOTHING] = {"INVALID_PARAM_VALUE",            "No change is made"                },
    [PAPER_SPOT_ERROR_AMEND_QUANTITY] = {"INVALID_PARAM_VALUE",
                                 "amount is not above what is filled"                                 },
    [PAPER_SPOT_ERROR_AMEND_COUNT] = {"TOO_FAST",                       "too many amendments"              },
    [PAPER_SPOT_ERROR_ASSET] = {"INVALID_CURRENCY",               "Invalid currency"                 },
    [PAPER_SPOT_ERROR_NETWORK] = {"INVALID_PARAM_VALUE",            "invalid chain"                    },
    [PAPER_SPOT_ERROR_ADDRESS] = {"INVALID_PARAM_VALUE",            "invalid address"                  },
    [PAPER_SPOT_ERROR_MEMO] = {"INVALID_PARAM_VALUE",            "invalid memo"                     },
    [PAPER_SPOT_ERROR_AMOUNT] = {"INVALID_PRECISION",              "amount has too many decimals"     },
    [PAPER_SPOT_ERROR_AMOUNT_MIN] = {"AMOUNT_TOO_LITTLE",              "amount is too little"             },
    [PAPER_SPOT_ERROR_AMOUNT_MAX] = {"WITHDRAWAL_OVER_LIMIT",          "amount is above the limit"        },
    [PAPER_SPOT_ERROR_REFERENCE] = {"INVALID_PARAM_VALUE",            "invalid withdraw_order_id"        },
    [PAPER_SPOT_ERROR_REFERENCE_DUPLICATE] = {"DUPLICATE_REQUEST",              "withdraw_order_id is in use"      },
    [PAPER_SPOT_ERROR_WITHDRAWAL_UNKNOWN] = {"INVALID_WITHDRAW_ID",            "withdrawal not found"             },
    [PAPER_SPOT_ERROR_WITHDRAWAL_STATE] = {"INVALID_WITHDRAW_CANCEL_STATUS",
                                 "withdrawal cannot be cancelled any more"                            },
    [PAPER_SPOT_ERROR_WALLET] = {"INVALID_PARAM_VALUE",            "invalid from or to"               },
};

void gateio_refuse_spot(struct gateio_call *call, enum paper_spot_error error)
{
    if (error != PAPER_SPOT_OK)
        gateio_refuse(call, reasons[error].label, "%s", reasons[error].text);
}

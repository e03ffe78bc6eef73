#include "paper/binance/binance.h"

#include <stdarg.h>
#include <stdio.h>

static const char number_range[] = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

int binance_status_of(int code)
{
    switch (code) {
    case -1000:
    case -1001: return 503;
    case -1003:
    case -1015: return 429;
    case -2014:
    case -2015: return 401;
    case -5000: return 404;
    }
    return 400;
}

void binance_refuse(struct binance_call *call, int code, const char *format, ...)
{
    if (call->code != 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(call->message, sizeof(call->message), format, arguments);
    va_end(arguments);
    call->code = code;
}

static bool is_form(const struct paper_http_request *request)
{
    keel_str type = paper_request_header(request, "content-type");
    return type.size == 0 ||
           keel_str_starts_with(type, KEEL_STR("application/x-www-form-urlencoded"));
}

enum binance_params_mistake binance_read_params(const struct paper_http_request *request,
                                                struct keel_arena *arena,
                                                struct binance_params *params)
{
    bool has_body = !keel_str_equals(request->method, KEEL_STR("GET")) && is_form(request);
    params->count = 0;
    keel_arena_reset(arena);
    enum binance_params_mistake mistake = binance_params_add_form(params, request->query, arena);
    if (mistake == BINANCE_PARAMS_FINE && has_body)
        mistake = binance_params_add_form(params, request->body, arena);
    return mistake;
}

void binance_refuse_mistake(struct binance_call *call, enum binance_params_mistake mistake)
{
    switch (mistake) {
    case BINANCE_PARAMS_FINE: return;
    case BINANCE_PARAMS_TOO_MANY:
        binance_refuse(call, -1101, "Too many parameters sent for this endpoint.");
        return;
    case BINANCE_PARAMS_DUPLICATE:
        binance_refuse(call, -1101, "Duplicate values for a parameter detected.");
        return;
    case BINANCE_PARAMS_MALFORMED:
        binance_refuse(call, -1100, "Illegal characters found in a parameter.");
        return;
    }
}

void binance_put_error(struct keel_writer *json, const char *key, int code, const char *message)
{
    keel_json_open_object(json, key);
    keel_json_put_int(json, "code", code);
    keel_json_put_text(json, "msg", message);
    keel_json_close_object(json);
}

void binance_put_success(struct keel_writer *json, const char *message)
{
    binance_put_error(json, NULL, 200, message);
}

/* --- Reasons of the engine ---------------------------------------------------------------------
 */

/* Those whose text is fixed. */
static const struct {
    int code;
    const char *text;
} reasons[PAPER_ERROR_COUNT] = {
    [PAPER_ERROR_SYMBOL] = {-1121, "Invalid symbol."                                                                            },
    [PAPER_ERROR_ORDER_TYPE] = {-1116, "Invalid orderType."                                                                         },
    [PAPER_ERROR_SIDE] = {-1117, "Invalid side."                                                                              },
    [PAPER_ERROR_TIME_IN_FORCE] = {-1115, "Invalid timeInForce."                                                                       },
    [PAPER_ERROR_POSITION_SIDE] = {-4061, "Order's position side does not match user's setting."                                       },
    [PAPER_ERROR_PRICE_NOT_POSITIVE] = {-4001, "Price less than 0."                                                                         },
    [PAPER_ERROR_PRICE_MAX] = {-4002, "Price greater than max price."                                                              },
    [PAPER_ERROR_PRICE_MIN] = {-4013, "Price less than min price."                                                                 },
    [PAPER_ERROR_PRICE_TICK] = {-4014, "Price not increased by tick size."                                                          },
    [PAPER_ERROR_PRICE_PRECISION] = {-1111,
                            "Precision is over the maximum defined for this asset."                                             },
    [PAPER_ERROR_PRICE_ABOVE_BAND] = {-4016, "Price is higher than mark price multiplier cap."                                            },
    [PAPER_ERROR_PRICE_BELOW_BAND] = {-4024, "Price is lower than mark price multiplier floor."                                           },
    [PAPER_ERROR_COUNTER_PRICE_BAND] = {-4131, "The counterparty's best price does not meet the "
                                               "PERCENT_PRICE filter limit"                   },
    [PAPER_ERROR_PRICE_REQUIRED] = {-1102, "Mandatory parameter 'price' was not sent, was "
                                           "empty/null, or malformed."                        },
    [PAPER_ERROR_PRICE_NOT_WANTED] = {-1106, "Parameter 'price' sent when not required."                                                  },
    [PAPER_ERROR_QUANTITY_NOT_POSITIVE] = {-4003, "Quantity less than zero."                                                                   },
    [PAPER_ERROR_QUANTITY_MIN] = {-4004, "Quantity less than min quantity."                                                           },
    [PAPER_ERROR_QUANTITY_MAX] = {-4005, "Quantity greater than max quantity."                                                        },
    [PAPER_ERROR_QUANTITY_STEP] = {-4023, "Qty not increased by step size."                                                            },
    [PAPER_ERROR_QUANTITY_PRECISION] = {-1111,
                            "Precision is over the maximum defined for this asset."                                             },
    [PAPER_ERROR_QUANTITY_REQUIRED] = {-1102, "Mandatory parameter 'quantity' was not sent, was "
                                              "empty/null, or malformed."                     },
    [PAPER_ERROR_OPEN_ORDERS_MAX] = {-2025, "Reach max open order limit."                                                                },
    [PAPER_ERROR_CONDITIONAL_MAX] = {-4045, "Reach max stop order limit."                                                                },
    [PAPER_ERROR_CLIENT_ID] = {-4015, "Client order id is not valid."                                                              },
    [PAPER_ERROR_CLIENT_ID_DUPLICATE] = {-4116, "ClientOrderId is duplicated."                                                               },
    [PAPER_ERROR_REDUCE_ONLY] = {-2022, "ReduceOnly Order is rejected."                                                              },
    [PAPER_ERROR_REDUCE_ONLY_CROWDED] = {-4118, "ReduceOnly Order Failed. Please check your "
                                                "existing position and open orders"           },
    [PAPER_ERROR_CLOSE_TYPE] = {-4136, "Target strategy invalid for closePosition."                                                 },
    [PAPER_ERROR_CLOSE_QUANTITY] = {-4137, "Quantity must be zero with closePosition equals true"                                       },
    [PAPER_ERROR_CLOSE_REDUCE_ONLY] = {-1106, "Parameter 'reduceOnly' sent when not required."                                             },
    [PAPER_ERROR_CLOSE_DUPLICATE] = {-4130, "An open stop or take profit order with GTE and "
                                            "closePosition in the direction is existing."     },
    [PAPER_ERROR_NOTIONAL_CAP] = {-2027, "Exceeded the maximum allowable position at current "
                                         "leverage."                                          },
    [PAPER_ERROR_MARGIN] = {-2019, "Margin is insufficient."                                                                    },
    [PAPER_ERROR_LIQUIDATING] = {-2023, "User in liquidation mode now."                                                              },
    [PAPER_ERROR_POST_ONLY] = {-5022, "Due to the order could not be executed as maker, the Post "
                                      "Only order will be rejected. The order will not be recorded "
                                      "in the order history"                                  },
    [PAPER_ERROR_FILL_OR_KILL] = {-5021, "Due to the order could not be filled immediately, the "
                                         "FOK order has been rejected. The order will not be "
                                         "recorded in the order history"                      },
    [PAPER_ERROR_GOOD_TILL] = {-5040, "The goodTillDate timestamp must be greater than the current "
                                      "time plus 600 seconds and smaller than 253402300799000"},
    [PAPER_ERROR_PRICE_MATCH_TYPE] = {-5038, "Price match only supports order type: LIMIT, STOP "
                                             "AND TAKE_PROFIT"                                },
    [PAPER_ERROR_PRICE_MATCH_DEPTH] = {-5041, "No depth matches this BBO order"                                                            },
    [PAPER_ERROR_TRIGGER_PRICE] = {-4006, "Stop price less than zero."                                                                 },
    [PAPER_ERROR_TRIGGERS_AT_ONCE] = {-2021, "Order would immediately trigger."                                                           },
    [PAPER_ERROR_CALLBACK_RATE] = {-2007, "Invalid callBack rate."                                                                     },
    [PAPER_ERROR_ACTIVATION_PRICE] = {-4135, "Invalid activation price"                                                                   },
    [PAPER_ERROR_AMEND_TYPE] = {-5025, "Only limit order is supported."                                                             },
    [PAPER_ERROR_AMEND_SIDE] = {-1117, "Invalid side."                                                                              },
    [PAPER_ERROR_AMEND_NOTHING] = {-5027, "No need to modify the order."                                                               },
    [PAPER_ERROR_AMEND_COUNT] = {-5026, "Exceed maximum modify order limit."                                                         },
    [PAPER_ERROR_AMEND_REDUCE_ONLY] = {-5047, "The order's reduceOnly does not match."                                                     },
    [PAPER_ERROR_LEVERAGE_MARGIN] = {-2028, "Leverage is smaller than permitted: insufficient "
                                            "margin balance"                                  },
    [PAPER_ERROR_REDUCE_ONLY_EXCEEDS] = {-2022, "ReduceOnly Order is rejected."                                                              },
    [PAPER_ERROR_LIQUIDATES] = {-2028,
                            "Leverage is smaller than permitted: insufficient margin balance"                                   },
    [PAPER_ERROR_LEVERAGE_ISOLATED] = {-4161, "Leverage reduction is not supported in Isolated "
                                              "Margin Mode with open positions"               },
    [PAPER_ERROR_MARGIN_MODE_SAME] = {-4046, "No need to change margin type."                                                             },
    [PAPER_ERROR_MARGIN_MODE_ORDERS] = {-4047, "Margin type cannot be changed if there exists open "
                                               "orders."                                      },
    [PAPER_ERROR_MARGIN_MODE_POSITION] = {-4048, "Margin type cannot be changed if there exists "
                                                 "position."                                  },
    [PAPER_ERROR_POSITION_MARGIN_CROSS] = {-4049, "Add margin only support for isolated position."                                             },
    [PAPER_ERROR_POSITION_MARGIN_NONE] = {-4054, "Cannot add position margin: position is 0."                                                 },
    [PAPER_ERROR_POSITION_MARGIN_AMOUNT] = {-4055, "Amount must be positive."                                                                   },
    [PAPER_ERROR_POSITION_MARGIN_FUNDS] = {-4050, "Cross balance insufficient."                                                                },
    [PAPER_ERROR_POSITION_MARGIN_EXCESS] = {-4051, "Isolated balance insufficient."                                                             },
    [PAPER_ERROR_POSITION_MODE_SAME] = {-4059, "No need to change position side."                                                           },
    [PAPER_ERROR_POSITION_MODE_ORDERS] =
        {-4067, "Position side cannot be changed if there exists open orders."                               },
    [PAPER_ERROR_POSITION_MODE_POSITION] =
        {-4068, "Position side cannot be changed if there exists position."                                  },
    [PAPER_ERROR_ASSETS_MODE_SAME] = {-4171, "Adjusted asset mode is currently set and does not "
                                             "need to be adjusted repeatedly."                },
    [PAPER_ERROR_MULTI_ASSETS_MODE] = {-4084, "Method is not allowed currently. Upcoming soon."                                            },
};

/* "5.0", "100.0": the venue writes this number with a decimal at least. */
static void refuse_notional(struct binance_call *call, keel_market_id market)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal notional = paper_instrument_get(market)->notional_min;
    int digits = keel_decimal_digits(notional);
    keel_decimal_format_fixed(notional, digits > 1 ? digits : 1, text);
    binance_refuse(call, -4164,
                   "Order's notional must be no smaller than %s (unless you choose reduce only)",
                   text);
}

void binance_refuse_engine(struct binance_call *call, enum paper_error error, keel_market_id market,
                           int unknown_order)
{
    if (error == PAPER_OK)
        return;
    if (error == PAPER_ERROR_ORDER_UNKNOWN)
        binance_refuse(call, unknown_order, "%s",
                       unknown_order == -2011 ? "Unknown order sent." : "Order does not exist.");
    else if (error == PAPER_ERROR_NOTIONAL_MIN)
        refuse_notional(call, market);
    else if (error == PAPER_ERROR_LEVERAGE_RANGE)
        binance_refuse(call, -4028, "Leverage %.*s is not valid",
                       KEEL_STR_ARGS(binance_read_text(call, "leverage", BINANCE_OPTIONAL)));
    else
        binance_refuse(call, reasons[error].code, "%s", reasons[error].text);
}

/* --- Parameters --------------------------------------------------------------------------------
 */

static void refuse_missing(struct binance_call *call, const char *name)
{
    binance_refuse(call, -1102,
                   "Mandatory parameter '%s' was not sent, was empty/null, or malformed.", name);
}

static void refuse_kind(struct binance_call *call, const char *name, enum binance_need need)
{
    if (need == BINANCE_MANDATORY)
        refuse_missing(call, name);
    else
        binance_refuse(call, -1130, "Data sent for parameter '%s' is not valid.", name);
}

keel_str binance_read_text(struct binance_call *call, const char *name, enum binance_need need)
{
    const keel_str *value = binance_params_find(call->params, name);
    if (!value) {
        if (need == BINANCE_MANDATORY)
            refuse_missing(call, name);
        return (keel_str){0};
    }
    if (value->size == 0)
        binance_refuse(call, -1105, "Parameter '%s' was empty.", name);
    return *value;
}

static bool parse_int(keel_str text, int64_t *value)
{
    if (text.size == 0 || text.size > 18)
        return false;
    *value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *value = *value * 10 + (text.data[i] - '0');
    }
    return true;
}

int64_t binance_read_int(struct binance_call *call, const char *name, enum binance_need need)
{
    int64_t value = 0;
    keel_str text = binance_read_text(call, name, need);
    if (text.size > 0 && !parse_int(text, &value))
        refuse_kind(call, name, need);
    return text.size > 0 && !binance_refused(call) ? value : 0;
}

static bool has_number_characters(keel_str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if ((c < '0' || c > '9') && c != '.' && !(c == '-' && i == 0))
            return false;
    }
    return true;
}

keel_decimal binance_read_decimal(struct binance_call *call, const char *name,
                                  enum binance_need need)
{
    keel_decimal value = KEEL_DECIMAL_ABSENT;
    bool inexact = false;
    keel_str text = binance_read_text(call, name, need);
    if (text.size == 0)
        return value;
    if (!has_number_characters(text))
        binance_refuse(call, -1100,
                       "Illegal characters found in parameter '%s'; legal range is '%s'.", name,
                       number_range);
    else if (keel_decimal_parse(text, KEEL_ROUND_DOWN, &value, &inexact) != KEEL_OK)
        refuse_kind(call, name, need);
    else if (inexact)
        binance_refuse(call, -1111, "Precision is over the maximum defined for this asset.");
    return binance_refused(call) ? KEEL_DECIMAL_ABSENT : value;
}

bool binance_read_bool(struct binance_call *call, const char *name, enum binance_need need)
{
    keel_str text = binance_read_text(call, name, need);
    bool is_true = keel_str_equals(text, KEEL_STR("true")) ||
                   keel_str_equals(text, KEEL_STR("TRUE")) ||
                   keel_str_equals(text, KEEL_STR("True"));
    bool is_false = keel_str_equals(text, KEEL_STR("false")) ||
                    keel_str_equals(text, KEEL_STR("FALSE")) ||
                    keel_str_equals(text, KEEL_STR("False"));
    if (text.size > 0 && !is_true && !is_false)
        refuse_kind(call, name, need);
    return is_true;
}

keel_market_id binance_read_market(struct binance_call *call, enum binance_need need)
{
    keel_str text = binance_read_text(call, "symbol", need);
    if (text.size == 0 || binance_refused(call))
        return KEEL_NO_MARKET;
    keel_market_id market = paper_instrument_find(text);
    if (market == KEEL_NO_MARKET)
        binance_refuse(call, -1121, "Invalid symbol.");
    return market;
}

int binance_read_limit(struct binance_call *call, int normal, int max)
{
    const keel_str *sent = binance_params_find(call->params, "limit");
    int64_t limit = binance_read_int(call, "limit", BINANCE_OPTIONAL);
    if (!sent || binance_refused(call))
        return normal;
    if (limit < 1)
        binance_refuse(call, -1130, "Data sent for parameter 'limit' is not valid.");
    return limit < max ? (int)limit : max;
}

void binance_read_times(struct binance_call *call, struct paper_query *query, int days)
{
    int64_t span_ms = days * day_ms;
    query->start_ms = binance_read_int(call, "startTime", BINANCE_OPTIONAL);
    query->end_ms = binance_read_int(call, "endTime", BINANCE_OPTIONAL);
    if (query->start_ms > 0 && query->end_ms > 0 && query->start_ms > query->end_ms)
        binance_refuse(call, -1023, "Start time is greater than end time.");
    if (days == 0)
        return;
    if (query->start_ms > 0 && query->end_ms > 0 && query->end_ms - query->start_ms > span_ms)
        binance_refuse(call, -4165, "Maximum time interval is %d days", days);
    else if (query->start_ms > 0 && query->end_ms == 0)
        query->end_ms = query->start_ms + span_ms;
    else if (query->end_ms > 0 && query->start_ms == 0)
        query->start_ms = query->end_ms - span_ms;
    else if (query->start_ms == 0 && query->from_id == 0 && query->order_id == 0)
        query->start_ms = call->now_ms - span_ms;
}

static bool is_sent(const struct binance_call *call, const char *name)
{
    const keel_str *value = binance_params_find(call->params, name);
    return value && value->size > 0;
}

void binance_read_order_key(struct binance_call *call, const char *id_name,
                            const char *client_id_name, int64_t *id, keel_str *client_id)
{
    *id = 0;
    *client_id = (keel_str){0};
    if (is_sent(call, id_name))
        *id = binance_read_int(call, id_name, BINANCE_MANDATORY);
    else if (is_sent(call, client_id_name))
        *client_id = binance_read_text(call, client_id_name, BINANCE_MANDATORY);
    else
        binance_refuse(call, -1102, "Param '%s' or '%s' must be sent, but both were empty/null!",
                       client_id_name, id_name);
}

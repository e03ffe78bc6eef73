#include "paper/binance_spot/binance_spot.h"

static const int64_t hour_ms = INT64_C(60) * 60 * 1000;
static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

keel_str binance_spot_own_path(keel_str path)
{
    static const keel_str prefix = {"/spot", 5};
    if (!keel_str_starts_with(path, KEEL_STR("/spot/")))
        return path;
    return (keel_str){path.data + prefix.size, path.size - prefix.size};
}

int binance_spot_status_of(int code)
{
    switch (code) {
    case -2021: return 409;
    case -1016: return 410;
    case -1002: return 401;
    }
    return binance_status_of(code);
}

/* --- Reasons of the engine ---------------------------------------------------------------------
 */

/* Rules: docs of the venue, "Filters", "Errors" with its table of order rejections, and "Error
 * Codes" of the wallet. For what those do not list a parameter is "not valid". */
static const struct {
    int code;
    const char *text;
} reasons[PAPER_SPOT_ERROR_COUNT] = {
    [PAPER_SPOT_ERROR_MARKET] = {-1121, "Invalid symbol."                                                                },
    [PAPER_SPOT_ERROR_SIDE] = {-1117, "Invalid side."                                                                  },
    [PAPER_SPOT_ERROR_TYPE] = {-1116, "Invalid orderType."                                                             },
    [PAPER_SPOT_ERROR_TIME_IN_FORCE] = {-1115, "Invalid timeInForce."                                                           },
    [PAPER_SPOT_ERROR_CLIENT_ID] = {-1100, "Illegal characters found in parameter "
                                           "'newClientOrderId'; legal range is "
                                           "'^[a-zA-Z0-9-_]{1,36}$'."             },
    [PAPER_SPOT_ERROR_PRICE_REQUIRED] = {-1102, "Mandatory parameter 'price' was not sent, was "
                                                "empty/null, or malformed."       },
    [PAPER_SPOT_ERROR_PRICE_RANGE] = {-1013, "Filter failure: PRICE_FILTER"                                                   },
    [PAPER_SPOT_ERROR_PRICE_TICK] = {-1013, "Filter failure: PRICE_FILTER"                                                   },
    [PAPER_SPOT_ERROR_PRICE_BAND] = {-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"                                          },
    [PAPER_SPOT_ERROR_TRIGGER_REQUIRED] = {-1102, "Mandatory parameter 'stopPrice' was not sent, "
                                                  "was empty/null, or malformed." },
    [PAPER_SPOT_ERROR_TRIGGER_PRICE] = {-1013, "Filter failure: PRICE_FILTER"                                                   },
    [PAPER_SPOT_ERROR_QUANTITY_REQUIRED] = {-1102, "Mandatory parameter 'quantity' was not sent, "
                                                   "was empty/null, or malformed."},
    [PAPER_SPOT_ERROR_QUANTITY_BOTH] = {-1128, "Combination of optional parameters invalid."                                    },
    [PAPER_SPOT_ERROR_QUANTITY_RANGE] = {-1013, "Filter failure: LOT_SIZE"                                                       },
    [PAPER_SPOT_ERROR_QUANTITY_STEP] = {-1013, "Filter failure: LOT_SIZE"                                                       },
    [PAPER_SPOT_ERROR_MARKET_QUANTITY] = {-1013, "Filter failure: MARKET_LOT_SIZE"                                                },
    [PAPER_SPOT_ERROR_QUOTE_PRECISION] = {-1111, "Parameter 'quoteOrderQty' has too much "
                                                 "precision."                     },
    [PAPER_SPOT_ERROR_NOTIONAL] = {-1013, "Filter failure: NOTIONAL"                                                       },
    [PAPER_SPOT_ERROR_OPEN_ORDERS_MAX] = {-1013, "Filter failure: MAX_NUM_ORDERS"                                                 },
    [PAPER_SPOT_ERROR_WAITING_MAX] = {-1013, "Filter failure: MAX_NUM_ALGO_ORDERS"                                            },
    [PAPER_SPOT_ERROR_CLIENT_ID_DUPLICATE] = {-2010, "Duplicate order sent."                                                          },
    [PAPER_SPOT_ERROR_TRIGGERS_AT_ONCE] = {-2010, "Order would trigger immediately."                                               },
    [PAPER_SPOT_ERROR_POST_ONLY] = {-2010, "Order would immediately match and take."                                        },
    [PAPER_SPOT_ERROR_FILL_OR_KILL] = {-2010, "NEW_ORDER_REJECTED"                                                             },
    [PAPER_SPOT_ERROR_BALANCE] = {-2010, "Account has insufficient balance for requested action."                         },
    [PAPER_SPOT_ERROR_AMEND_TYPE] = {-2038, "Order amendments are not supported for this order."                             },
    [PAPER_SPOT_ERROR_AMEND_NOTHING] = {-2038, "The requested action would change no state; "
                                               "rejecting."                       },
    [PAPER_SPOT_ERROR_AMEND_QUANTITY] = {-2038, "The new quantity is not above what is filled."                                  },
    [PAPER_SPOT_ERROR_AMEND_COUNT] = {-1013, "Filter failure: MAX_NUM_ORDER_AMENDS"                                           },
    [PAPER_SPOT_ERROR_ASSET] = {-4018, "We don't have this asset."                                                      },
    [PAPER_SPOT_ERROR_NETWORK] = {-4019, "Current asset is not open for withdrawal."                                      },
    [PAPER_SPOT_ERROR_ADDRESS] = {-4007, "Address validation is not passed."                                              },
    [PAPER_SPOT_ERROR_MEMO] = {-4008, "Address tag validation is not passed."                                          },
    [PAPER_SPOT_ERROR_AMOUNT] = {-1130, "Data sent for parameter 'amount' is not valid."                                 },
    [PAPER_SPOT_ERROR_AMOUNT_MIN] = {-4022, "Not less than the minimum pick-up quantity."                                    },
    [PAPER_SPOT_ERROR_AMOUNT_MAX] = {-4023, "Within 24 hours, the withdrawal exceeds the maximum "
                                            "amount."                             },
    [PAPER_SPOT_ERROR_REFERENCE] = {-1130, "Data sent for parameter 'withdrawOrderId' is not "
                                           "valid."                               },
    [PAPER_SPOT_ERROR_REFERENCE_DUPLICATE] = {-1130, "Data sent for parameter 'withdrawOrderId' "
                                                     "is not valid."              },
    [PAPER_SPOT_ERROR_WITHDRAWAL_UNKNOWN] = {-4029, "The withdrawal record does not exist."                                          },
    [PAPER_SPOT_ERROR_WITHDRAWAL_STATE] = {-4031, "Cancellation failed."                                                           },
    [PAPER_SPOT_ERROR_WALLET] = {-1130, "Data sent for parameter 'type' is not valid."                                   },
};

void binance_spot_refuse_engine(struct binance_spot_call *call, enum paper_spot_error error,
                                int unknown_order)
{
    if (error == PAPER_SPOT_OK)
        return;
    if (error != PAPER_SPOT_ERROR_ORDER_UNKNOWN)
        binance_refuse(&call->base, reasons[error].code, "%s", reasons[error].text);
    else
        binance_refuse(&call->base, unknown_order, "%s",
                       unknown_order == -2011 ? "Unknown order sent." : "Order does not exist.");
}

/* --- Parameters --------------------------------------------------------------------------------
 */

keel_market_id binance_spot_read_market(struct binance_spot_call *call, enum binance_need need)
{
    keel_str text = binance_read_text(&call->base, "symbol", need);
    if (text.size == 0 || binance_refused(&call->base))
        return KEEL_NO_MARKET;
    keel_market_id market = paper_spot_find_market(call->spot, text);
    if (market == KEEL_NO_MARKET)
        binance_refuse(&call->base, -1121, "Invalid symbol.");
    return market;
}

keel_decimal binance_spot_read_amount(struct binance_spot_call *call, const char *name,
                                      enum binance_need need)
{
    keel_decimal value = binance_read_decimal(&call->base, name, need);
    if (keel_decimal_is_valid(value) && keel_decimal_digits(value) > BINANCE_AMOUNT_DIGITS)
        binance_refuse(&call->base, -1111, "Parameter '%s' has too much precision.", name);
    return value;
}

void binance_spot_read_times(struct binance_spot_call *call, struct paper_spot_query *query,
                             int hours)
{
    query->start_ms = binance_read_int(&call->base, "startTime", BINANCE_OPTIONAL);
    query->end_ms = binance_read_int(&call->base, "endTime", BINANCE_OPTIONAL);
    if (query->start_ms == 0 || query->end_ms == 0)
        return;
    if (query->start_ms > query->end_ms)
        binance_refuse(&call->base, -1023, "Start time is greater than end time.");
    else if (hours > 0 && query->end_ms - query->start_ms > hours * hour_ms)
        binance_refuse(&call->base, -1127, "More than %d hours between startTime and endTime.",
                       hours);
}

static bool is_client_id(keel_str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
            c != '-' && c != '_')
            return false;
    }
    return text.size <= 36;
}

keel_str binance_spot_read_client_id(struct binance_spot_call *call, const char *name)
{
    keel_str text = binance_read_text(&call->base, name, BINANCE_OPTIONAL);
    if (!is_client_id(text))
        binance_refuse(&call->base, -1100,
                       "Illegal characters found in parameter '%s'; legal range is "
                       "'^[a-zA-Z0-9-_]{1,36}$'.",
                       name);
    return text;
}

/* --- Counts of an account ----------------------------------------------------------------------
 */

struct binance_spot_counts *binance_spot_counts_of(struct paper_binance_spot *dialect, int account,
                                                   int64_t now_ms)
{
    struct binance_spot_counts *counts = &dialect->counts[account];
    if (counts->ten_seconds != now_ms / 10000)
        counts->in_ten_seconds = 0;
    if (counts->day != now_ms / day_ms)
        counts->in_day = 0;
    if (counts->minute != now_ms / 60000)
        counts->wallet_weight = 0;
    counts->ten_seconds = now_ms / 10000;
    counts->day = now_ms / day_ms;
    counts->minute = now_ms / 60000;
    return counts;
}

void binance_spot_uncount(struct paper_binance_spot *dialect, int account)
{
    struct binance_spot_counts *counts = &dialect->counts[account];
    counts->in_ten_seconds -= counts->in_ten_seconds > 0;
    counts->in_day -= counts->in_day > 0;
}

bool binance_spot_may_place(const struct paper_binance_spot *dialect,
                            const struct binance_spot_counts *counts, const char **interval,
                            int *limit)
{
    bool in_seconds = counts->in_ten_seconds >= BINANCE_SPOT_ORDERS_PER_10_S * dialect->factor;
    *interval = in_seconds ? "10 SECOND" : "1 DAY";
    *limit =
        (in_seconds ? BINANCE_SPOT_ORDERS_PER_10_S : BINANCE_SPOT_ORDERS_PER_DAY) * dialect->factor;
    return !in_seconds && counts->in_day < *limit;
}

#include "paper/gateio/spot.h"

#include <stdlib.h>

enum spending {
    FREE,   /* public, counted by address */
    CALL,   /* private, counted by account and endpoint */
    ORDER,  /* places or amends: counted over all of the account's */
    ORDERS, /* the same, one for each item of the list */
    CANCEL,
    CANCELS,
    PLACE, /* counted by its pair, once that is known */
    SPOT_CANCEL,
    SPOT_CANCELS,
};

/* '$' stands for the settle currency, '*' for the subject. */
static const struct endpoint {
    const char *method, *path;
    enum spending spending;
    void (*run)(struct gateio_call *call);
} endpoints[] = {
    {"GET",    "spot/time",                                  FREE,         gateio_get_time               },
    {"GET",    "spot/currencies",                            FREE,         gateio_spot_list_currencies   },
    {"GET",    "spot/currencies/*",                          FREE,         gateio_spot_get_currency      },
    {"GET",    "spot/currency_pairs",                        FREE,         gateio_spot_list_pairs        },
    {"GET",    "spot/currency_pairs/*",                      FREE,         gateio_spot_get_pair          },
    {"GET",    "spot/tickers",                               FREE,         gateio_spot_list_tickers      },
    {"GET",    "spot/order_book",                            FREE,         gateio_spot_get_book          },
    {"GET",    "spot/trades",                                FREE,         gateio_spot_list_public_trades},
    {"GET",    "spot/candlesticks",                          FREE,         gateio_spot_list_candles      },
    {"GET",    "wallet/currency_chains",                     FREE,         gateio_list_currency_chains   },
    {"GET",    "margin/currency_pairs",                      FREE,         gateio_list_nothing           },
    {"GET",    "delivery/$/contracts",                       FREE,         gateio_list_nothing           },
    {"GET",    "options/underlyings",                        FREE,         gateio_list_nothing           },
    {"GET",    "futures/$/contracts",                        FREE,         gateio_list_contracts         },
    {"GET",    "futures/$/contracts/*",                      FREE,         gateio_get_contract           },
    {"GET",    "futures/$/order_book",                       FREE,         gateio_get_order_book         },
    {"GET",    "futures/$/trades",                           FREE,         gateio_list_trades            },
    {"GET",    "futures/$/candlesticks",                     FREE,         gateio_list_candlesticks      },
    {"GET",    "futures/$/tickers",                          FREE,         gateio_list_tickers           },
    {"GET",    "futures/$/funding_rate",                     FREE,         gateio_list_funding_rates     },
    {"GET",    "futures/$/risk_limit_tiers",                 FREE,         gateio_list_risk_tiers        },
    {"GET",    "futures/$/risk_limit_table",                 FREE,         gateio_list_risk_table        },
    {"GET",    "futures/$/liq_orders",                       FREE,         gateio_list_nothing           },
    {"GET",    "futures/$/insurance",                        FREE,         gateio_list_nothing           },
    {"GET",    "futures/$/premium_index",                    FREE,         gateio_list_nothing           },
    {"GET",    "futures/$/contract_stats",                   FREE,         gateio_list_nothing           },
    {"GET",    "futures/$/adl_risk_states",                  FREE,         gateio_list_nothing           },

    {"GET",    "account/detail",                             CALL,         gateio_get_account_detail     },
    {"GET",    "wallet/fee",                                 CALL,         gateio_get_wallet_fee         },
    {"GET",    "spot/accounts",                              CALL,         gateio_spot_list_accounts     },
    {"GET",    "spot/account_book",                          CALL,         gateio_spot_list_ledger       },
    {"GET",    "spot/fee",                                   CALL,         gateio_spot_get_fee           },
    {"GET",    "spot/batch_fee",                             CALL,         gateio_spot_get_fees          },
    {"POST",   "spot/orders",                                PLACE,        gateio_spot_place             },
    {"GET",    "spot/orders",                                CALL,         gateio_spot_list              },
    {"DELETE", "spot/orders",                                SPOT_CANCEL,  gateio_spot_cancel_all        },
    {"GET",    "spot/open_orders",                           CALL,         gateio_spot_list_open         },
    {"GET",    "spot/orders/*",                              CALL,         gateio_spot_get               },
    {"PATCH",  "spot/orders/*",                              PLACE,        gateio_spot_amend             },
    {"DELETE", "spot/orders/*",                              SPOT_CANCEL,  gateio_spot_cancel            },
    {"POST",   "spot/batch_orders",                          PLACE,        gateio_spot_place_batch       },
    {"POST",   "spot/amend_batch_orders",                    PLACE,        gateio_spot_amend_batch       },
    {"POST",   "spot/cancel_batch_orders",                   SPOT_CANCELS, gateio_spot_cancel_batch      },
    {"GET",    "spot/my_trades",                             CALL,         gateio_spot_list_trades       },
    {"POST",   "spot/countdown_cancel_all",                  CALL,         gateio_spot_set_countdown     },
    {"POST",   "spot/price_orders",                          PLACE,        gateio_spot_place_trigger     },
    {"GET",    "spot/price_orders",                          CALL,         gateio_spot_list_triggers     },
    {"DELETE", "spot/price_orders",                          SPOT_CANCEL,  gateio_spot_cancel_triggers   },
    {"GET",    "spot/price_orders/*",                        CALL,         gateio_spot_get_trigger       },
    {"DELETE", "spot/price_orders/*",                        SPOT_CANCEL,  gateio_spot_cancel_trigger    },
    {"POST",   "wallet/transfers",                           CALL,         gateio_transfer               },
    {"GET",    "wallet/withdrawals",                         CALL,         gateio_list_withdrawals       },
    {"GET",    "wallet/deposits",                            CALL,         gateio_list_deposits          },
    {"GET",    "wallet/deposit_address",                     CALL,         gateio_get_deposit_address    },
    {"GET",    "wallet/withdraw_status",                     CALL,         gateio_list_withdraw_status   },
    {"POST",   "withdrawals",                                CALL,         gateio_withdraw               },
    {"DELETE", "withdrawals/*",                              CALL,         gateio_cancel_withdrawal      },
    {"GET",    "unified/accounts",                           CALL,         gateio_get_unified_accounts   },
    {"GET",    "unified/unified_mode",                       CALL,         gateio_get_unified_mode       },
    {"GET",    "futures/$/accounts",                         CALL,         gateio_get_account            },
    {"GET",    "futures/$/account_book",                     CALL,         gateio_list_account_book      },
    {"GET",    "futures/$/fee",                              CALL,         gateio_get_fee                },
    {"GET",    "futures/$/positions",                        CALL,         gateio_list_positions         },
    {"GET",    "futures/$/positions/*",                      CALL,         gateio_get_position           },
    {"GET",    "futures/$/get_leverage/*",                   CALL,         gateio_get_leverage           },
    {"POST",   "futures/$/positions/cross_mode",             CALL,         gateio_set_cross_mode         },
    {"POST",   "futures/$/positions/*/margin",               CALL,         gateio_change_margin          },
    {"POST",   "futures/$/positions/*/leverage",             CALL,         gateio_set_leverage           },
    {"POST",   "futures/$/positions/*/set_leverage",         CALL,         gateio_set_leverage_and_mode  },
    {"POST",   "futures/$/positions/*/risk_limit",           CALL,         gateio_set_risk_limit         },
    {"POST",   "futures/$/dual_mode",                        CALL,         gateio_set_dual_mode          },
    {"POST",   "futures/$/set_position_mode",                CALL,         gateio_set_position_mode      },
    {"GET",    "futures/$/dual_comp/positions/*",            CALL,         gateio_get_both_positions     },
    {"POST",   "futures/$/dual_comp/positions/cross_mode",   CALL,         gateio_set_cross_mode_of_both },
    {"POST",   "futures/$/dual_comp/positions/*/margin",     CALL,         gateio_change_margin_of_side  },
    {"POST",   "futures/$/dual_comp/positions/*/leverage",   CALL,         gateio_set_leverage_of_both   },
    {"POST",   "futures/$/dual_comp/positions/*/risk_limit", CALL,         gateio_set_risk_limit_of_both },

    {"POST",   "futures/$/orders",                           ORDER,        gateio_place_order            },
    {"GET",    "futures/$/orders",                           CALL,         gateio_list_orders            },
    {"DELETE", "futures/$/orders",                           CANCEL,       gateio_cancel_orders          },
    {"GET",    "futures/$/orders_timerange",                 CALL,         gateio_list_orders_of_span    },
    {"GET",    "futures/$/orders/*",                         CALL,         gateio_get_order              },
    {"PUT",    "futures/$/orders/*",                         ORDER,        gateio_amend_order            },
    {"DELETE", "futures/$/orders/*",                         CANCEL,       gateio_cancel_order           },
    {"POST",   "futures/$/batch_orders",                     ORDERS,       gateio_place_batch            },
    {"POST",   "futures/$/batch_amend_orders",               ORDERS,       gateio_amend_batch            },
    {"POST",   "futures/$/batch_cancel_orders",              CANCELS,      gateio_cancel_batch           },
    {"POST",   "futures/$/countdown_cancel_all",             CALL,         gateio_set_countdown          },
    {"GET",    "futures/$/my_trades",                        CALL,         gateio_list_my_trades         },
    {"GET",    "futures/$/my_trades_timerange",              CALL,         gateio_list_my_trades_of_span },
    {"GET",    "futures/$/position_close",                   CALL,         gateio_list_position_closes   },
    {"GET",    "futures/$/liquidates",                       CALL,         gateio_list_liquidations      },
    {"GET",    "futures/$/auto_deleverages",                 CALL,         gateio_list_deleveragings     },

    {"POST",   "futures/$/price_orders",                     ORDER,        gateio_place_trigger          },
    {"GET",    "futures/$/price_orders",                     CALL,         gateio_list_triggers          },
    {"DELETE", "futures/$/price_orders",                     CANCEL,       gateio_cancel_triggers        },
    {"PUT",    "futures/$/price_orders/amend",               ORDER,        gateio_amend_trigger          },
    {"PUT",    "futures/$/price_orders/amend/*",             ORDER,        gateio_amend_trigger          },
    {"GET",    "futures/$/price_orders/*",                   CALL,         gateio_get_trigger            },
    {"PUT",    "futures/$/price_orders/*",                   ORDER,        gateio_amend_trigger          },
    {"DELETE", "futures/$/price_orders/*",                   CANCEL,       gateio_cancel_trigger         },
};

enum {
    ENDPOINT_COUNT = sizeof(endpoints) / sizeof(endpoints[0]),
};

_Static_assert(sizeof(endpoints) / sizeof(endpoints[0]) <= GATEIO_ENDPOINTS_MAX,
               "each endpoint has its count");

/* --- Paths -------------------------------------------------------------------------------------
 */

struct place {
    keel_str settle, subject;
};

/* Up to the next slash, which is taken, too. */
static keel_str take_segment(keel_str *path)
{
    const char *slash = path->size > 0 ? memchr(path->data, '/', path->size) : NULL;
    keel_str segment = {path->data, slash ? (size_t)(slash - path->data) : path->size};
    size_t taken = segment.size + (slash ? 1 : 0);
    *path = (keel_str){path->data + taken, path->size - taken};
    return segment;
}

static bool path_matches(const char *pattern, keel_str path, struct place *place)
{
    keel_str wanted = keel_str_from(pattern);
    *place = (struct place){0};
    while (wanted.size > 0 && path.size > 0) {
        keel_str segment = take_segment(&path);
        keel_str word = take_segment(&wanted);
        if (keel_str_equals(word, KEEL_STR("$")))
            place->settle = segment;
        else if (keel_str_equals(word, KEEL_STR("*")))
            place->subject = segment;
        else if (!keel_str_equals(word, segment))
            return false;
    }
    return wanted.size == 0 && path.size == 0;
}

static bool is_usdt(keel_str settle)
{
    const char word[] = "usdt";
    if (settle.size != sizeof(word) - 1)
        return false;
    for (size_t i = 0; i < settle.size; i++) {
        if ((settle.data[i] | 32) != word[i])
            return false;
    }
    return true;
}

/* NULL and a refusal if there is none. */
static const struct endpoint *find_endpoint(struct gateio_call *call,
                                            const struct paper_http_request *request,
                                            struct place *place)
{
    const keel_str prefix = KEEL_STR("/api/v4/");
    bool path_is_known = false;
    if (keel_str_starts_with(request->path, prefix)) {
        keel_str path = {request->path.data + prefix.size, request->path.size - prefix.size};
        for (int i = 0; i < ENDPOINT_COUNT; i++) {
            if (!path_matches(endpoints[i].path, path, place))
                continue;
            path_is_known = true;
            if (keel_str_equals(request->method, keel_str_from(endpoints[i].method)))
                return &endpoints[i];
        }
    }
    if (path_is_known)
        gateio_refuse(call, "METHOD_NOT_ALLOWED", "Method Not Allowed");
    else
        gateio_refuse(call, "NOT_FOUND", "Not Found");
    return NULL;
}

/* --- One call ----------------------------------------------------------------------------------
 */

static void charge(struct gateio_call *call, const struct endpoint *endpoint,
                   const struct paper_http_request *request)
{
    struct gateio_limits *limits = &call->gateio->limits;
    int index = (int)(endpoint - endpoints);
    switch (endpoint->spending) {
    case FREE:
        call->allowance =
            gateio_limits_charge_public(limits, request->address, index, call->now_ms);
        break;
    case CALL:
        call->allowance = gateio_limits_charge_private(limits, call->account, index, call->now_ms);
        break;
    case ORDER: gateio_charge(call, GATEIO_LIMIT_ORDERS, 1); break;
    case ORDERS: gateio_charge(call, GATEIO_LIMIT_ORDERS, gateio_count_batch(call->body)); break;
    case CANCEL: gateio_charge(call, GATEIO_LIMIT_CANCELS, 1); break;
    case CANCELS: gateio_charge(call, GATEIO_LIMIT_CANCELS, gateio_count_batch(call->body)); break;
    case PLACE: break;
    case SPOT_CANCEL: gateio_charge(call, GATEIO_LIMIT_SPOT_CANCELS, 1); break;
    case SPOT_CANCELS:
        gateio_charge(call, GATEIO_LIMIT_SPOT_CANCELS, gateio_count_batch(call->body));
        break;
    }
    if (call->allowance.exceeded)
        gateio_refuse(call, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded (311)");
}

static bool is_list(keel_str body)
{
    struct keel_json json;
    keel_json_init(&json, body);
    return keel_json_peek(&json) == KEEL_JSON_ARRAY;
}

/* Of the query and of the body: clients send the same parameter one way or the other. */
static void read_params(struct gateio_call *call, const struct paper_http_request *request,
                        struct gateio_params *params)
{
    struct keel_arena *arena = &call->gateio->arena;
    if (!gateio_params_add_query(params, request->query, arena))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "Invalid query");
    if (request->body.size > 0 && !is_list(request->body) &&
        !gateio_params_add_object(params, request->body, arena))
        gateio_refuse(call, "INVALID_REQUEST_BODY", "Invalid request body");
}

static void run(struct gateio_call *call, const struct paper_http_request *request,
                struct gateio_params *params)
{
    struct place place;
    const struct endpoint *endpoint = find_endpoint(call, request, &place);
    if (!endpoint)
        return;
    if (endpoint->spending != FREE)
        call->account = gateio_authorize(call, request);
    if (gateio_refused(call))
        return;
    charge(call, endpoint, request);
    if (!gateio_refused(call))
        read_params(call, request, params);
    call->subject = place.subject;
    call->settles_otherwise = place.settle.size > 0 && !is_usdt(place.settle);
    if (call->settles_otherwise && endpoint->spending != FREE)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "settle %.*s is not offered",
                      KEEL_STR_ARGS(place.settle));
    if (!gateio_refused(call))
        endpoint->run(call);
}

static void write_headers(const struct gateio_call *call, struct keel_writer *headers)
{
    long long now_us = (long long)call->now_ms * 1000;
    const struct gateio_allowance *allowance = &call->allowance;
    keel_write_format(headers, "X-In-Time: %lld\r\nX-Out-Time: %lld\r\n", now_us, now_us);
    if (allowance->limit > 0)
        keel_write_format(headers,
                          "X-Gate-RateLimit-Requests-Remain: %d\r\n"
                          "X-Gate-RateLimit-Limit: %d\r\n"
                          "X-Gate-RateLimit-Reset-Timestamp: %lld\r\n",
                          allowance->remain, allowance->limit,
                          (long long)((allowance->reset_ms + 999) / 1000));
    if (call->list_limit > 0 && !gateio_refused(call))
        keel_write_format(headers,
                          "X-Pagination-Limit: %d\r\nX-Pagination-Offset: %d\r\n"
                          "X-Pagination-Total: %lld\r\n",
                          call->list_limit, call->list_offset, (long long)call->list_total);
}

static void finish(struct gateio_call *call, struct paper_response *response)
{
    if (response->body.full) {
        call->label = NULL;
        gateio_refuse(call, "SERVER_ERROR", "Internal server error");
    }
    if (gateio_refused(call)) {
        keel_writer_init(&response->body, response->body.data, response->body.capacity + 1);
        gateio_put_refusal(&response->body, NULL, call->label, call->message, call->in_detail);
    }
    response->status = call->status;
    write_headers(call, &response->headers);
}

void gateio_handle(struct paper_dialect *dialect, const struct paper_http_request *request,
                   int64_t now_ms, struct paper_response *response)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    struct gateio_params params;
    struct gateio_call call = {
        .gateio = gateio,
        .engine = gateio->engine,
        .spot = gateio->spot,
        .params = &params,
        .body = request->body,
        .now_ms = now_ms,
        .decimal_sizes =
            keel_str_equals(paper_request_header(request, "x-gate-size-decimal"), KEEL_STR("1")),
        .origin = GATEIO_ORIGIN_REST,
        .channel_id = paper_request_header(request, "x-gate-channel-id"),
        .out = &response->body,
        .status = 200,
    };
    params.count = 0;
    keel_arena_reset(&gateio->arena);
    run(&call, request, &params);
    finish(&call, response);
}

#include "paper/binance/endpoints.h"

static void put_empty_info(struct binance_call *call, const char *futures_type)
{
    struct keel_writer *json = call->out;
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "timezone", "UTC");
    keel_json_put_int(json, "serverTime", call->now_ms);
    if (futures_type)
        keel_json_put_text(json, "futuresType", futures_type);
    keel_json_open_array(json, "rateLimits");
    keel_json_close_array(json);
    keel_json_open_array(json, "exchangeFilters");
    keel_json_close_array(json);
    keel_json_open_array(json, "symbols");
    keel_json_close_array(json);
    keel_json_close_object(json);
}

/* Nothing is traded there. */
void binance_get_spot_exchange_info(struct binance_call *call)
{
    put_empty_info(call, NULL);
}

void binance_get_coin_exchange_info(struct binance_call *call)
{
    put_empty_info(call, "COIN_M");
}

/* One coin that can be neither sent nor received. */
void binance_get_capital_config(struct binance_call *call)
{
    struct keel_writer *json = call->out;
    keel_json_open_array(json, NULL);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "coin", "USDT");
    keel_json_put_text(json, "name", "TetherUS");
    keel_json_put_bool(json, "depositAllEnable", false);
    keel_json_put_bool(json, "withdrawAllEnable", false);
    keel_json_put_text(json, "free", "0");
    keel_json_put_text(json, "freeze", "0");
    keel_json_put_text(json, "ipoable", "0");
    keel_json_put_text(json, "ipoing", "0");
    keel_json_put_bool(json, "isLegalMoney", false);
    keel_json_put_text(json, "locked", "0");
    keel_json_put_text(json, "storage", "0");
    keel_json_put_bool(json, "trading", true);
    keel_json_put_text(json, "withdrawing", "0");
    keel_json_open_array(json, "networkList");
    keel_json_close_array(json);
    keel_json_close_object(json);
    keel_json_close_array(json);
}

/* A list of what is not traded here. */
void binance_get_nothing(struct binance_call *call)
{
    keel_json_open_array(call->out, NULL);
    keel_json_close_array(call->out);
}

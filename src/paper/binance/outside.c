#include "paper/binance/endpoints.h"

/* Nothing is traded there. */
void binance_get_coin_exchange_info(struct binance_call *call)
{
    struct keel_writer *json = call->out;
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "timezone", "UTC");
    keel_json_put_int(json, "serverTime", call->now_ms);
    keel_json_put_text(json, "futuresType", "COIN_M");
    keel_json_open_array(json, "rateLimits");
    keel_json_close_array(json);
    keel_json_open_array(json, "exchangeFilters");
    keel_json_close_array(json);
    keel_json_open_array(json, "symbols");
    keel_json_close_array(json);
    keel_json_close_object(json);
}

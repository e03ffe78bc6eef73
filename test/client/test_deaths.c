/* Every write of Binance's USD-M futures, through a whole client, while the connection dies
 * somewhere in it. */
#include "deaths.h"

static const struct stage stage = {
    .venue = "binance",
    .symbol = "BTC/USDT:USDT",
    .quantity = "0.002",
};

/* The paper venue keeps to one mode of each kind: here the proxy is the venue of the modes. */
static bool answer_modes(struct mortal_proxy *proxy, const char *request, char *body, size_t size)
{
    bool hedge = strstr(proxy->line, "dual") != NULL;
    if (strncmp(request, proxy->line, strlen(proxy->line)) == 0) {
        atomic_store(&proxy->enabled, strstr(request, "=true") != NULL);
        snprintf(body, size, "{\"code\":200,\"msg\":\"success\"}");
        return true;
    }
    if (strncmp(request, "GET /fapi/v1/accountConfig?", 27) != 0)
        return false;
    const char *on = atomic_load(&proxy->enabled) ? "true" : "false";
    snprintf(body, size,
             "{\"feeTier\":0,\"canTrade\":true,\"canDeposit\":true,\"canWithdraw\":true,"
             "\"dualSidePosition\":%s,\"updateTime\":0,\"multiAssetsMargin\":%s,"
             "\"tradeGroupId\":-1}",
             hedge ? on : "false", hedge ? "false" : on);
    return true;
}

/* clang-format off */
static const struct endpoint endpoints[] = {
    {"POST /fapi/v1/order",             "place_order",     NULL,          send_order,       NULL,          NULL,         true,  false, false},
    {"POST /fapi/v1/algoOrder",         "place_order",     NULL,          send_stop,        NULL,          NULL,         true,  false, false},
    {"PUT /fapi/v1/order",              "amend_order",     NULL,          send_amendment,   rest_order,    NULL,         true,  false, false},
    {"DELETE /fapi/v1/order",           "cancel_order",    NULL,          send_cancel,      rest_order,    NULL,         false, false, false},
    {"DELETE /fapi/v1/algoOrder",       "cancel_order",    NULL,          send_cancel,      rest_stop,     NULL,         false, false, false},
    {"DELETE /fapi/v1/allOpenOrders",   "cancel_all",      "regular",     send_cancel_all,  rest_order,    NULL,         false, false, false},
    {"DELETE /fapi/v1/algoOpenOrders",  "cancel_all",      "conditional", send_cancel_all,  rest_stop,     NULL,         false, false, false},
    {"POST /fapi/v1/leverage",          "set_leverage",    NULL,          send_leverage,    NULL,          NULL,         true,  false, false},
    {"POST /fapi/v1/marginType",        "set_margin_mode", NULL,          send_margin_mode, NULL,          NULL,         true,  false, false},
    {"POST /fapi/v1/positionMargin",    "adjust_margin",   NULL,          send_margin,      hold_position, NULL,         true,  true,  false},
    {"POST /fapi/v1/positionSide/dual", "set_hedge_mode",  NULL,          send_hedge_mode,  NULL,          answer_modes, true,  false, false},
    {"POST /fapi/v1/multiAssetsMargin", "set_multi_asset", NULL,          send_multi_asset, NULL,          answer_modes, true,  false, false},
};
/* clang-format on */
enum { ENDPOINTS = sizeof(endpoints) / sizeof(endpoints[0]) };

static void every_write_arrives_at_most_once_and_its_fate_is_true(void **state)
{
    (void)state;
    live_through_all(&stage, endpoints, ENDPOINTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_write_arrives_at_most_once_and_its_fate_is_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

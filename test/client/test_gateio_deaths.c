/* Every write of Gate.io's futures, through a whole client, while the connection dies somewhere
 * in it. */
#include "deaths.h"

static const struct stage stage = {
    .venue = "gateio",
    .symbol = "BTC/USDT:USDT",
    .quantity = "0.002",
};

/* clang-format off */
static const struct endpoint endpoints[] = {
    {"POST /api/v4/futures/usdt/orders", "place_order", NULL, send_order, NULL, NULL, true, false, false},
    {"POST /api/v4/futures/usdt/price_orders", "place_order", NULL, send_stop, NULL, NULL, true, false, false},
    {"PUT /api/v4/futures/usdt/orders/", "amend_order", NULL, send_amendment, rest_order, NULL, true, false, false},
    {"DELETE /api/v4/futures/usdt/orders/", "cancel_order", NULL, send_cancel, rest_order, NULL, false, false, false},
    {"DELETE /api/v4/futures/usdt/price_orders/", "cancel_order", NULL, send_cancel, rest_stop, NULL, false, false, false},
    {"DELETE /api/v4/futures/usdt/orders", "cancel_all", "regular", send_cancel_all, rest_order, NULL, false, false, false},
    {"DELETE /api/v4/futures/usdt/price_orders", "cancel_all", "conditional", send_cancel_all, rest_stop, NULL, false, false, false},
    {"POST /api/v4/futures/usdt/positions/BTC_USDT/leverage", "set_leverage", NULL, send_leverage, NULL, NULL, false, false, false},
    {"POST /api/v4/futures/usdt/positions/BTC_USDT/leverage", "set_margin_mode", NULL, send_margin_mode, NULL, NULL, false, false, false},
    {"POST /api/v4/futures/usdt/positions/BTC_USDT/margin", "adjust_margin", NULL, send_margin, hold_position, NULL, false, true, false},
    {"POST /api/v4/futures/usdt/set_position_mode", "set_hedge_mode", NULL, send_hedge_mode, NULL, NULL, false, false, false},
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

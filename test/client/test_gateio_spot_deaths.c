/* Every write of Gate.io spot, through a whole client, while the connection dies somewhere
 * in it. */
#include "deaths.h"

static const struct stage stage = {
    .venue = "gateio-spot",
    .symbol = "BTC/USDT",
    .quantity = "0.002",
    .mark = "60000",
};

/* clang-format off */
static const struct endpoint endpoints[] = {
    {"POST /api/v4/spot/orders", "place_order", NULL, send_order, NULL, NULL, true, false, false},
    {"POST /api/v4/spot/price_orders", "place_order", NULL, send_stop_limit, NULL, NULL, true, false, false},
    {"PATCH /api/v4/spot/orders/", "amend_order", NULL, send_amendment, rest_order, NULL, true, false, false},
    {"DELETE /api/v4/spot/orders/", "cancel_order", NULL, send_cancel, rest_order, NULL, false, false, false},
    {"DELETE /api/v4/spot/price_orders/", "cancel_order", NULL, send_cancel, rest_stop_limit, NULL, false, false, false},
    {"DELETE /api/v4/spot/orders", "cancel_all", "regular", send_cancel_all, rest_order, NULL, false, false, false},
    {"DELETE /api/v4/spot/price_orders", "cancel_all", "conditional", send_cancel_all, rest_stop_limit, NULL, false, false, false},
    {"POST /api/v4/wallet/transfers", "transfer", NULL, send_transfer, NULL, NULL, true, false, true},
    {"POST /api/v4/withdrawals", "withdraw", NULL, withdraw, NULL, NULL, true, false, true},
    {"DELETE /api/v4/withdrawals/", "cancel_withdrawal", NULL, cancel_withdrawal, ask_for_withdrawal, NULL, false, false, false},
};
/* clang-format on */
enum { ENDPOINTS = sizeof(endpoints) / sizeof(endpoints[0]) };

static void every_write_arrives_at_most_once_and_its_fate_is_true(void **state)
{
    (void)state;
    live_through_all(&stage, endpoints, ENDPOINTS);
}

static void money_that_may_have_moved_is_asked_about_first_after_a_restart(void **state)
{
    (void)state;
    for (int i = 0; i < ENDPOINTS; i++) {
        if (endpoints[i].list_lags)
            live_through_a_restart(&stage, &endpoints[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_write_arrives_at_most_once_and_its_fate_is_true),
        cmocka_unit_test(money_that_may_have_moved_is_asked_about_first_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every write of Binance spot, through a whole client, while the connection dies somewhere
 * in it. */
#include "deaths.h"

static const struct stage stage = {
    .venue = "binance-spot",
    .symbol = "BTC/USDT",
    .quantity = "0.002",
    .mark = "60000",
};

static enum keel_status send_by_quote(struct life *life, struct outcome *outcome,
                                      struct keel_error *error)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = life->market;
    request.side = KEEL_BUY;
    request.type = KEEL_MARKET;
    request.quote_quantity = keel_decimal_from_int(50);
    return submit(life, &request, outcome, error);
}

/* Its place in the queue is kept: a quantity can only become less. */
static enum keel_status send_smaller(struct life *life, struct outcome *outcome,
                                     struct keel_error *error)
{
    struct keel_order_ref ref = ref_to(&life->order);
    return keel_private_amend_order(life->exchange, &ref, keel_decimal_from_text("0.001"),
                                    KEEL_DECIMAL_ABSENT, on_result, outcome, error);
}

/* clang-format off */
static const struct endpoint endpoints[] = {
    {"POST /api/v3/order", "place_order", NULL, send_order, NULL, NULL, true, false, false},
    {"POST /api/v3/order", "place_order", NULL, send_by_quote, NULL, NULL, true, false, false},
    {"POST /api/v3/order", "place_order", NULL, send_stop_limit, clear_orders, NULL, true, false, false},
    {"PUT /api/v3/order/amend/keepPriority", "amend_order", NULL, send_smaller, rest_order, NULL, true, false, false},
    {"DELETE /api/v3/order", "cancel_order", NULL, send_cancel, rest_order, NULL, false, false, false},
    {"DELETE /api/v3/openOrders", "cancel_all", NULL, send_cancel_all, rest_order, NULL, false, false, false},
    {"POST /sapi/v1/asset/transfer", "transfer", NULL, send_transfer, NULL, NULL, true, false, true},
    {"POST /sapi/v1/capital/withdraw/apply", "withdraw", NULL, withdraw, NULL, NULL, true, false, true},
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

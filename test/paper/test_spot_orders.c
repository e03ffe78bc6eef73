/* Orders of the spot side: each type, what it locks, pays and receives, and how it ends. */
#include "spot_helper.h"

static void a_taker_pays_its_fee_in_what_it_receives(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    place_limit(spot, 2, KEEL_SELL, "1", "20000");
    const struct paper_spot_order *order = place_limit(spot, 1, KEEL_BUY, "1", "20000");
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    assert_decimal(order->fee, "0.001");
    assert_balance(spot, 1, USDT, "80000", "0");
    assert_balance(spot, 1, BITCOIN, "2.999", "0");
    assert_balance(spot, 2, USDT, "119980", "0"); /* 20 of fee, in what the seller receives */
    assert_balance(spot, 2, BITCOIN, "1", "0");
    end(spot);
}

static void a_resting_order_locks_what_it_would_pay(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    place_limit(spot, 1, KEEL_BUY, "0.5", "19000");
    assert_balance(spot, 1, USDT, "90500", "9500");
    const struct paper_spot_order *ask = place_limit(spot, 1, KEEL_SELL, "0.5", "21000");
    assert_balance(spot, 1, BITCOIN, "1.5", "0.5");
    const struct paper_spot_order *canceled;
    assert_int_equal(paper_spot_cancel_order(spot, NOW_MS, 1, BTC, ask->id, KEEL_STR(""),
                                             KEEL_STR("away"), &canceled),
                     PAPER_SPOT_OK);
    assert_int_equal(canceled->status, PAPER_ORDER_CANCELED);
    assert_string_equal(canceled->cancel_id, "away");
    assert_balance(spot, 1, BITCOIN, "2", "0");
    assert_int_equal(paper_spot_cancel_all(spot, NOW_MS, 1, BTC, KEEL_SELL), 0);
    assert_int_equal(paper_spot_cancel_all(spot, NOW_MS, 1, KEEL_NO_MARKET, KEEL_SIDE_NONE), 1);
    assert_balance(spot, 1, USDT, "100000", "0");
    end(spot);
}

static void a_better_price_frees_what_was_locked_for_the_worse(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    place_limit(spot, 2, KEEL_SELL, "0.1", "20000");
    const struct paper_spot_order *order = place_limit(spot, 1, KEEL_BUY, "0.1", "25000");
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    assert_balance(spot, 1, USDT, "98000", "0");
    end(spot);
}

static void orders_at_one_price_are_filled_in_their_order(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    const struct paper_spot_order *first = place_limit(spot, 2, KEEL_SELL, "0.1", "20000");
    const struct paper_spot_order *second = place_limit(spot, 3, KEEL_BUY, "0.1", "19000");
    const struct paper_spot_order *third = place_limit(spot, 2, KEEL_SELL, "0.1", "20000");
    place_limit(spot, 1, KEEL_BUY, "0.15", "20000");
    assert_int_equal(first->status, PAPER_ORDER_FILLED);
    assert_int_equal(second->status, PAPER_ORDER_NEW);
    assert_int_equal(third->status, PAPER_ORDER_PARTIALLY_FILLED);
    assert_decimal(third->filled_quantity, "0.05");
    end(spot);
}

static void a_market_order_by_base_takes_the_book(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    struct paper_spot_request request = market_request(KEEL_BUY, "1.5");
    const struct paper_spot_order *order = place(spot, 1, &request);
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    assert_decimal(order->filled_quantity, "1.5");
    assert_balance(spot, 1, BITCOIN, "3.4985", "0");
    assert_decimal(keel_decimal_add(balance_of(spot, 1, USDT).free, order->filled_quote), "100000");
    assert_decimal(balance_of(spot, 1, USDT).locked, "0");
    end(spot);
}

static void a_market_order_by_quote_spends_no_more_than_that(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    place_limit(spot, 2, KEEL_SELL, "1", "20000");
    struct paper_spot_request request = market_request(KEEL_BUY, "0");
    request.quantity = KEEL_DECIMAL_ABSENT;
    request.quote_quantity = dec("100.1");
    const struct paper_spot_order *order = place(spot, 1, &request);
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    assert_decimal(order->quantity, "0.005");
    assert_decimal(order->filled_quote, "100");
    assert_balance(spot, 1, USDT, "99900", "0");

    request = market_request(KEEL_SELL, "0");
    request.quantity = KEEL_DECIMAL_ABSENT;
    request.quote_quantity = dec("500");
    order = place(spot, 1, &request);
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    assert_true(keel_decimal_compare(order->filled_quote, dec("500")) <= 0);
    assert_true(keel_decimal_compare(order->filled_quote, dec("499")) > 0);
    assert_decimal(balance_of(spot, 1, BITCOIN).locked, "0");
    end(spot);
}

static void what_is_not_there_cannot_be_spent(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    struct paper_spot_request request = limit_request(KEEL_BUY, "6", "20000");
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_BALANCE);
    request = limit_request(KEEL_SELL, "2.00001", "20000");
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_BALANCE);
    request = market_request(KEEL_BUY, "6");
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_BALANCE);
    request = market_request(KEEL_SELL, "2.5");
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_BALANCE);
    struct paper_spot_event event;
    assert_false(paper_spot_next_event(spot, &event));
    end(spot);
}

static void grids_and_limits_are_kept(void **state)
{
    (void)state;
    static const struct {
        const char *quantity, *price;
        enum paper_spot_error error;
    } cases[] = {
        {"0.1",      "20000.005", PAPER_SPOT_ERROR_PRICE_TICK    },
        {"0.1",      "0",         PAPER_SPOT_ERROR_PRICE_RANGE   },
        {"0.1",      "1000001",   PAPER_SPOT_ERROR_PRICE_RANGE   },
        {"0.1",      "100001",    PAPER_SPOT_ERROR_PRICE_BAND    },
        {"0.1",      "3999",      PAPER_SPOT_ERROR_PRICE_BAND    },
        {"0.000001", "20000",     PAPER_SPOT_ERROR_QUANTITY_RANGE},
        {"0.100001", "20000",     PAPER_SPOT_ERROR_QUANTITY_STEP },
        {"9001",     "20000",     PAPER_SPOT_ERROR_QUANTITY_RANGE},
        {"0.0002",   "20000",     PAPER_SPOT_ERROR_NOTIONAL      },
    };
    struct paper_spot *spot = new_spot();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper_spot_request request =
            limit_request(KEEL_BUY, cases[i].quantity, cases[i].price);
        assert_int_equal(refusal(spot, 1, &request), cases[i].error);
    }
    struct paper_spot_request request = market_request(KEEL_SELL, "121");
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_MARKET_QUANTITY);
    request = limit_request(KEEL_BUY, "1", "20000");
    request.quote_quantity = dec("100");
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_QUANTITY_BOTH);
    end(spot);
}

static void a_post_only_order_never_takes(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    struct paper_spot_request request = limit_request(KEEL_BUY, "0.1", "20000.01");
    request.time_in_force = KEEL_GTX;
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_POST_ONLY);
    request.price = dec("20000");
    assert_int_equal(place(spot, 1, &request)->status, PAPER_ORDER_NEW);
    end(spot);
}

static void an_ioc_order_does_not_rest_and_a_fok_order_fills_whole_or_not(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    place_limit(spot, 2, KEEL_SELL, "0.1", "20000");
    struct paper_spot_request request = limit_request(KEEL_BUY, "0.3", "20000");
    request.time_in_force = KEEL_FOK;
    const struct paper_spot_order *order = place(spot, 1, &request);
    assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(order->end, PAPER_SPOT_END_FOK);
    assert_decimal(order->filled_quantity, "0");
    request.strict = true;
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_FILL_OR_KILL);
    request.time_in_force = KEEL_IOC;
    order = place(spot, 1, &request);
    assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(order->end, PAPER_SPOT_END_IOC);
    assert_decimal(order->filled_quantity, "0.1");
    assert_balance(spot, 1, USDT, "98000", "0");
    end(spot);
}

static void a_stop_waits_locked_and_works_when_its_price_comes(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    struct paper_spot_request request =
        stop_request(KEEL_STOP_LIMIT, KEEL_SELL, "1", "19000", "18900");
    const struct paper_spot_order *order = place(spot, 1, &request);
    assert_true(order->waiting);
    assert_balance(spot, 1, BITCOIN, "1", "1");
    drain(spot);
    set_price(spot, "19000.01");
    assert_true(order->waiting);
    set_price(spot, "19000");
    assert_false(order->waiting);
    assert_int_equal(order->status, PAPER_ORDER_FILLED); /* the bids are above its limit */
    struct paper_spot_event event = next_event(spot, PAPER_SPOT_EVENT_ORDER, 1);
    assert_int_equal(event.as.order.kind, PAPER_SPOT_TRIGGERED);
    event = next_event(spot, PAPER_SPOT_EVENT_ORDER, 1);
    assert_int_equal(event.as.order.kind, PAPER_SPOT_TRADED);
    end(spot);
}

static void each_conditional_type_triggers_on_its_side(void **state)
{
    (void)state;
    static const struct {
        enum keel_order_type type;
        enum keel_side side;
        const char *trigger, *refused;
    } cases[] = {
        {KEEL_STOP_MARKET,        KEEL_BUY,  "21000", "19000"},
        {KEEL_STOP_MARKET,        KEEL_SELL, "19000", "21000"},
        {KEEL_TAKE_PROFIT_MARKET, KEEL_BUY,  "19000", "21000"},
        {KEEL_TAKE_PROFIT_MARKET, KEEL_SELL, "21000", "19000"},
        {KEEL_TAKE_PROFIT_LIMIT,  KEEL_SELL, "21000", "19000"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper_spot *spot = new_spot();
        struct paper_spot_request request =
            stop_request(cases[i].type, cases[i].side, "0.1", cases[i].refused, "20000");
        assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_TRIGGERS_AT_ONCE);
        request.trigger_price = dec(cases[i].trigger);
        const struct paper_spot_order *order = place(spot, 1, &request);
        assert_true(order->waiting);
        set_price(spot, cases[i].trigger);
        assert_int_equal(order->status, PAPER_ORDER_FILLED);
        end(spot);
    }
}

static void an_unfunded_stop_locks_nothing_and_expires_without_money(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    struct paper_spot_request request =
        stop_request(KEEL_STOP_LIMIT, KEEL_BUY, "4", "21000", "21100");
    request.unfunded = true;
    const struct paper_spot_order *order = place(spot, 1, &request);
    assert_balance(spot, 1, USDT, "100000", "0");
    place_limit(spot, 1, KEEL_BUY, "2", "19000");
    set_price(spot, "21000");
    assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(order->end, PAPER_SPOT_END_BALANCE);
    end(spot);
}

static void a_waiting_order_ends_at_its_date(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    struct paper_spot_request request =
        stop_request(KEEL_STOP_LIMIT, KEEL_BUY, "1", "21000", "21100");
    request.expire_ms = NOW_MS + 1000;
    const struct paper_spot_order *order = place(spot, 1, &request);
    paper_spot_tick(spot, NOW_MS + 999);
    assert_int_equal(order->status, PAPER_ORDER_NEW);
    paper_spot_tick(spot, NOW_MS + 1000);
    assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(order->end, PAPER_SPOT_END_DATE);
    assert_balance(spot, 1, USDT, "100000", "0");
    end(spot);
}

static enum paper_spot_error amend(struct paper_spot *spot, const struct paper_spot_order *order,
                                   const char *quantity, const char *price)
{
    const struct paper_spot_order *amended;
    const struct paper_spot_amend request = {
        .market = BTC,
        .order_id = order->id,
        .client_id = {"", 0},
        .new_client_id = {"", 0},
        .quantity = quantity ? dec(quantity) : KEEL_DECIMAL_ABSENT,
        .price = price ? dec(price) : KEEL_DECIMAL_ABSENT,
    };
    return paper_spot_amend_order(spot, NOW_MS, order->account, &request, &amended);
}

static void a_smaller_order_keeps_its_place_and_another_price_loses_it(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    const struct paper_spot_order *first = place_limit(spot, 2, KEEL_SELL, "0.2", "20000");
    const struct paper_spot_order *second = place_limit(spot, 2, KEEL_SELL, "0.2", "20000");
    assert_int_equal(amend(spot, first, "0.1", NULL), PAPER_SPOT_OK);
    assert_balance(spot, 2, BITCOIN, "1.7", "0.3");
    place_limit(spot, 1, KEEL_BUY, "0.05", "20000");
    assert_decimal(first->filled_quantity, "0.05");
    assert_int_equal(amend(spot, first, "0.05", NULL), PAPER_SPOT_ERROR_AMEND_QUANTITY);
    assert_int_equal(amend(spot, first, "0.1", "20000"), PAPER_SPOT_ERROR_AMEND_NOTHING);
    assert_int_equal(amend(spot, first, "0.15", NULL), PAPER_SPOT_OK);
    place_limit(spot, 1, KEEL_BUY, "0.05", "20000");
    assert_decimal(second->filled_quantity, "0.05");
    assert_int_equal(amend(spot, first, NULL, "19999.99"), PAPER_SPOT_OK); /* the bid is there */
    assert_int_equal(first->status, PAPER_ORDER_FILLED);
    end(spot);
}

static void self_trade_prevention_ends_whom_it_names(void **state)
{
    (void)state;
    static const struct {
        enum paper_self_trade mode;
        enum paper_order_status maker, taker;
    } cases[] = {
        {PAPER_SELF_TRADE_NONE,         PAPER_ORDER_FILLED,           PAPER_ORDER_FILLED          },
        {PAPER_SELF_TRADE_EXPIRE_TAKER, PAPER_ORDER_NEW,              PAPER_ORDER_EXPIRED_IN_MATCH},
        {PAPER_SELF_TRADE_EXPIRE_MAKER, PAPER_ORDER_EXPIRED_IN_MATCH, PAPER_ORDER_NEW             },
        {PAPER_SELF_TRADE_EXPIRE_BOTH,  PAPER_ORDER_EXPIRED_IN_MATCH, PAPER_ORDER_EXPIRED_IN_MATCH},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper_spot *spot = new_spot();
        const struct paper_spot_order *maker = place_limit(spot, 1, KEEL_SELL, "0.1", "20000");
        struct paper_spot_request request = limit_request(KEEL_BUY, "0.1", "20000");
        request.self_trade = cases[i].mode;
        const struct paper_spot_order *taker = place(spot, 1, &request);
        assert_int_equal(maker->status, cases[i].maker);
        assert_int_equal(taker->status, cases[i].taker);
        end(spot);
    }
}

static void a_client_id_is_one_open_orders_alone(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    struct paper_spot_request request = limit_request(KEEL_BUY, "0.1", "19000");
    request.client_id = KEEL_STR("mine");
    const struct paper_spot_order *order = place(spot, 1, &request);
    assert_int_equal(refusal(spot, 1, &request), PAPER_SPOT_ERROR_CLIENT_ID_DUPLICATE);
    assert_int_equal(place(spot, 2, &request)->status, PAPER_ORDER_NEW);
    const struct paper_spot_order *canceled;
    assert_int_equal(
        paper_spot_cancel_order(spot, NOW_MS, 1, BTC, 0, KEEL_STR("mine"), KEEL_STR(""), &canceled),
        PAPER_SPOT_OK);
    assert_ptr_equal(canceled, order);
    assert_int_equal(place(spot, 1, &request)->status, PAPER_ORDER_NEW);
    end(spot);
}

static void each_step_is_told_with_the_balances_it_changed(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    place_limit(spot, 1, KEEL_BUY, "0.5", "20000");
    struct paper_spot_event event = next_event(spot, PAPER_SPOT_EVENT_ORDER, 1);
    assert_int_equal(event.as.order.kind, PAPER_SPOT_ACCEPTED);
    event = next_event(spot, PAPER_SPOT_EVENT_BALANCES, 1);
    assert_int_equal(event.as.balances.reason, PAPER_SPOT_REASON_ORDER_PLACED);
    assert_int_equal(event.as.balances.count, 1);
    assert_decimal(event.as.balances.rows[0].free, "90000");
    assert_decimal(event.as.balances.rows[0].locked_change, "10000");
    place_limit(spot, 2, KEEL_SELL, "0.2", "20000");
    event = next_event(spot, PAPER_SPOT_EVENT_TRADE, 0);
    assert_true(event.as.trade.buyer_is_maker);
    event = next_event(spot, PAPER_SPOT_EVENT_ORDER, 1);
    assert_int_equal(event.as.order.kind, PAPER_SPOT_TRADED);
    assert_true(event.as.order.trade.maker);
    assert_decimal(event.as.order.trade.fee, "0.0002");
    event = next_event(spot, PAPER_SPOT_EVENT_BALANCES, 1);
    assert_int_equal(event.as.balances.count, 2);
    assert_decimal(event.as.balances.rows[0].locked, "6000");
    assert_decimal(event.as.balances.rows[1].free_change, "0.1998");
    end(spot);
}

static void the_background_fills_what_the_price_passes(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    const struct paper_spot_order *order = place_limit(spot, 1, KEEL_BUY, "0.5", "19000");
    set_price(spot, "18000");
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    assert_decimal(order->filled_quote, "9500"); /* at its own price */
    end(spot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_taker_pays_its_fee_in_what_it_receives),
        cmocka_unit_test(a_resting_order_locks_what_it_would_pay),
        cmocka_unit_test(a_better_price_frees_what_was_locked_for_the_worse),
        cmocka_unit_test(orders_at_one_price_are_filled_in_their_order),
        cmocka_unit_test(a_market_order_by_base_takes_the_book),
        cmocka_unit_test(a_market_order_by_quote_spends_no_more_than_that),
        cmocka_unit_test(what_is_not_there_cannot_be_spent),
        cmocka_unit_test(grids_and_limits_are_kept),
        cmocka_unit_test(a_post_only_order_never_takes),
        cmocka_unit_test(an_ioc_order_does_not_rest_and_a_fok_order_fills_whole_or_not),
        cmocka_unit_test(a_stop_waits_locked_and_works_when_its_price_comes),
        cmocka_unit_test(each_conditional_type_triggers_on_its_side),
        cmocka_unit_test(an_unfunded_stop_locks_nothing_and_expires_without_money),
        cmocka_unit_test(a_waiting_order_ends_at_its_date),
        cmocka_unit_test(a_smaller_order_keeps_its_place_and_another_price_loses_it),
        cmocka_unit_test(self_trade_prevention_ends_whom_it_names),
        cmocka_unit_test(a_client_id_is_one_open_orders_alone),
        cmocka_unit_test(each_step_is_told_with_the_balances_it_changed),
        cmocka_unit_test(the_background_fills_what_the_price_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "engine_helper.h"

static struct paper_order_request stop_request(enum keel_order_type type, enum keel_side side,
                                               const char *quantity, const char *trigger)
{
    struct paper_order_request request = market_request(BTC, side, quantity);
    request.type = type;
    request.trigger_price = dec(trigger);
    return request;
}

static struct paper_order_request close_request(enum keel_order_type type, enum keel_side side,
                                                const char *trigger)
{
    struct paper_order_request request = stop_request(type, side, "1", trigger);
    request.quantity = KEEL_DECIMAL_ABSENT;
    request.close_position = true;
    return request;
}

static const struct paper_conditional *arm(struct paper_engine *engine,
                                           const struct paper_order_request *request)
{
    const struct paper_conditional *conditional = NULL;
    enum paper_error error =
        paper_engine_place_conditional(engine, NOW_MS, 1, request, &conditional);
    if (error != PAPER_OK)
        fail_msg("refused: %d", (int)error);
    return conditional;
}

static enum paper_error arm_refusal(struct paper_engine *engine,
                                    const struct paper_order_request *request)
{
    return paper_engine_place_conditional(engine, NOW_MS, 1, request, NULL);
}

static void each_type_triggers_from_its_own_side(void **state)
{
    (void)state;
    static const struct {
        enum keel_order_type type;
        enum keel_side side;
        const char *trigger, *before, *at;
    } cases[] = {
        {KEEL_STOP_MARKET,        KEEL_SELL, "59000", "59000.1", "59000"},
        {KEEL_STOP_MARKET,        KEEL_BUY,  "61000", "60999.9", "61000"},
        {KEEL_TAKE_PROFIT_MARKET, KEEL_SELL, "61000", "60999.9", "61000"},
        {KEEL_TAKE_PROFIT_MARKET, KEEL_BUY,  "59000", "59000.1", "59000"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper_engine *engine = new_engine(1, "100000", "0");
        struct paper_order_request request =
            stop_request(cases[i].type, cases[i].side, "0.1", cases[i].trigger);
        const struct paper_conditional *armed = arm(engine, &request);
        set_price(engine, BTC, cases[i].before);
        assert_int_equal(armed->status, PAPER_CONDITIONAL_NEW);
        set_price(engine, BTC, cases[i].at);
        assert_int_equal(armed->status, PAPER_CONDITIONAL_FINISHED);
        assert_decimal(armed->child_filled_quantity, "0.1");
        end(engine);
    }
}

static void a_conditional_order_that_would_trigger_at_once_is_refused(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = stop_request(KEEL_STOP_MARKET, KEEL_SELL, "0.1", "60000");
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_TRIGGERS_AT_ONCE);
    request.type = KEEL_TAKE_PROFIT_MARKET;
    request.trigger_price = dec("59999");
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_TRIGGERS_AT_ONCE);
    request.trigger_price = dec("100000000000000000000");
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_PRICE_MAX);
    request.type = KEEL_MARKET;
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_ORDER_TYPE);
    request.type = KEEL_STOP_MARKET;
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_ORDER_TYPE);
    end(engine);
}

static void the_parent_and_its_child_are_told_in_the_order_of_their_lives(void **state)
{
    (void)state;
    static const int expected[] = {
        PAPER_CONDITIONAL_TRIGGERING, -PAPER_ORDER_NEW,           PAPER_CONDITIONAL_TRIGGERED,
        -PAPER_ORDER_FILLED,          PAPER_CONDITIONAL_FINISHED,
    };
    struct paper_engine *engine = new_engine(2, "100000", "0");
    trade_at(engine, BTC, KEEL_BUY, "0.01", "60000");
    struct paper_order_request request = close_request(KEEL_STOP_MARKET, KEEL_SELL, "59000");
    request.client_id = KEEL_STR("protect");
    const struct paper_conditional *armed = arm(engine, &request);
    drain(engine);
    set_price(engine, BTC, "58990");
    struct paper_event event;
    size_t at = 0;
    while (paper_engine_next_event(engine, &event)) {
        int told = event.kind == PAPER_EVENT_CONDITIONAL ? (int)event.as.conditional.status
                   : event.kind == PAPER_EVENT_ORDER     ? -(int)event.as.order.order.status
                                                         : 0;
        if (told != 0)
            assert_int_equal(told, expected[at++]);
    }
    assert_int_equal(at, 5);
    const struct paper_order *child =
        paper_engine_find_order(engine, 1, BTC, armed->child_id, KEEL_STR(""));
    assert_string_equal(child->client_id, "protect");
    assert_int_equal(child->type, KEEL_MARKET);
    assert_int_equal(child->original_type, KEEL_STOP_MARKET);
    assert_decimal(child->quantity, "0.01");
    assert_decimal(position_of(engine, 1, BTC).quantity, "0");
    end(engine);
}

static void close_position_closes_what_is_there_when_it_triggers(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    trade_at(engine, BTC, KEEL_BUY, "0.1", "60000");
    struct paper_order_request stop = close_request(KEEL_STOP_MARKET, KEEL_SELL, "59000");
    const struct paper_conditional *armed = arm(engine, &stop);
    trade_at(engine, BTC, KEEL_BUY, "0.2", "60000");
    set_price(engine, BTC, "59000");
    assert_decimal(armed->child_filled_quantity, "0.3");
    assert_decimal(position_of(engine, 1, BTC).quantity, "0");
    end(engine);
}

static void close_position_without_a_position_expires(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request stop = close_request(KEEL_STOP_MARKET, KEEL_SELL, "59000");
    const struct paper_conditional *armed = arm(engine, &stop);
    set_price(engine, BTC, "59000");
    assert_int_equal(armed->status, PAPER_CONDITIONAL_EXPIRED);
    end(engine);
}

static void close_position_contradicts_quantity_reduce_only_and_limit_types(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = close_request(KEEL_STOP_MARKET, KEEL_SELL, "59000");
    request.quantity = dec("0.1");
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_CLOSE_QUANTITY);
    request.quantity = KEEL_DECIMAL_ABSENT;
    request.reduce_only = true;
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_CLOSE_REDUCE_ONLY);
    request.reduce_only = false;
    request.type = KEEL_STOP_LIMIT;
    request.price = dec("58900");
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_CLOSE_TYPE);
    request = close_request(KEEL_STOP_MARKET, KEEL_SELL, "59000");
    (void)arm(engine, &request);
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_CLOSE_DUPLICATE);
    request = close_request(KEEL_TAKE_PROFIT_MARKET, KEEL_SELL, "61000");
    (void)arm(engine, &request);
    end(engine);
}

static void margin_is_checked_when_the_order_triggers(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "1000", "0");
    struct paper_order_request request = stop_request(KEEL_STOP_MARKET, KEEL_BUY, "5", "61000");
    const struct paper_conditional *armed = arm(engine, &request);
    set_price(engine, BTC, "61000");
    assert_int_equal(armed->status, PAPER_CONDITIONAL_REJECTED);
    assert_int_equal(armed->reject, PAPER_ERROR_MARGIN);
    assert_int_equal(armed->child_id, 0);
    end(engine);
}

static void a_reduce_only_stop_without_a_position_is_rejected_when_it_triggers(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = stop_request(KEEL_STOP_MARKET, KEEL_SELL, "0.1", "59000");
    request.reduce_only = true;
    const struct paper_conditional *armed = arm(engine, &request);
    set_price(engine, BTC, "58000");
    assert_int_equal(armed->status, PAPER_CONDITIONAL_REJECTED);
    assert_int_equal(armed->reject, PAPER_ERROR_REDUCE_ONLY);
    end(engine);
}

static void a_stop_limit_rests_at_its_price_and_finishes_with_its_child(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = stop_request(KEEL_STOP_LIMIT, KEEL_SELL, "0.1", "59000");
    request.price = dec("59500");
    const struct paper_conditional *armed = arm(engine, &request);
    set_price(engine, BTC, "59000");
    assert_int_equal(armed->status, PAPER_CONDITIONAL_TRIGGERED);
    const struct paper_order *child = paper_engine_next_open_order(engine, 1, BTC, NULL);
    assert_int_equal(child->id, armed->child_id);
    assert_int_equal(child->type, KEEL_LIMIT);
    assert_int_equal(
        paper_engine_cancel_conditional(engine, NOW_MS, 1, armed->id, KEEL_STR(""), NULL),
        PAPER_ERROR_ORDER_UNKNOWN);
    assert_int_equal(
        paper_engine_cancel_order(engine, NOW_MS, 1, BTC, child->id, KEEL_STR(""), NULL), PAPER_OK);
    assert_int_equal(armed->status, PAPER_CONDITIONAL_FINISHED);
    assert_decimal(armed->child_filled_quantity, "0");
    end(engine);
}

static void a_trailing_stop_follows_the_best_price_and_fires_on_the_way_back(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = market_request(BTC, KEEL_SELL, "0.1");
    request.type = KEEL_TRAILING_STOP;
    request.callback_rate = dec("1");
    request.activation_price = dec("59000");
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_TRIGGERS_AT_ONCE);
    request.activation_price = dec("61000");
    const struct paper_conditional *armed = arm(engine, &request);
    set_price(engine, BTC, "60500");
    set_price(engine, BTC, "59000");
    assert_false(armed->activated);
    drain(engine);
    set_price(engine, BTC, "61000");
    assert_true(armed->activated);
    struct paper_event event;
    bool told = false;
    while (paper_engine_next_event(engine, &event))
        told |= event.kind == PAPER_EVENT_CONDITIONAL && event.as.conditional.activated &&
                event.as.conditional.status == PAPER_CONDITIONAL_NEW;
    assert_true(told);
    set_price(engine, BTC, "63000");
    set_price(engine, BTC, "62370.1");
    assert_int_equal(armed->status, PAPER_CONDITIONAL_NEW);
    set_price(engine, BTC, "62370");
    assert_int_equal(armed->status, PAPER_CONDITIONAL_FINISHED);
    end(engine);
}

static void a_market_sale_can_trigger_stops_on_the_last_price_but_not_on_the_mark(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "1000000", "0");
    struct paper_order_request request = stop_request(KEEL_STOP_MARKET, KEEL_SELL, "0.01", "59995");
    const struct paper_conditional *on_last = arm(engine, &request);
    request.trigger_source = KEEL_TRIGGER_MARK;
    const struct paper_conditional *on_mark = arm(engine, &request);
    place_market(engine, 2, BTC, KEEL_SELL, "2");
    assert_int_equal(on_last->status, PAPER_CONDITIONAL_FINISHED);
    assert_int_equal(on_mark->status, PAPER_CONDITIONAL_NEW);
    end(engine);
}

static void a_protected_stop_waits_while_the_last_price_is_far_from_the_mark(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000000", "0");
    struct paper_order_request request = stop_request(KEEL_STOP_MARKET, KEEL_SELL, "0.1", "58000");
    const struct paper_conditional *bare = arm(engine, &request);
    request.price_protect = true;
    const struct paper_conditional *waiting = arm(engine, &request);
    place_limit(engine, 1, BTC, KEEL_BUY, "1", "57000");
    /* Through all of the background's bids, down to the other account's. */
    place_limit(engine, 2, BTC, KEEL_SELL, "1000", "57000");
    assert_int_not_equal(bare->status, PAPER_CONDITIONAL_NEW);
    assert_int_equal(waiting->status, PAPER_CONDITIONAL_NEW);
    set_price(engine, BTC, "57500");
    assert_int_equal(waiting->status, PAPER_CONDITIONAL_FINISHED);
    end(engine);
}

static void cancelling_and_expiry_end_conditional_orders(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = stop_request(KEEL_STOP_MARKET, KEEL_SELL, "0.1", "59000");
    request.client_id = KEEL_STR("a");
    const struct paper_conditional *first = arm(engine, &request);
    assert_int_equal(arm_refusal(engine, &request), PAPER_ERROR_CLIENT_ID_DUPLICATE);
    assert_int_equal(paper_engine_cancel_conditional(engine, NOW_MS, 1, 0, KEEL_STR("a"), NULL),
                     PAPER_OK);
    assert_int_equal(first->status, PAPER_CONDITIONAL_CANCELED);
    request.time_in_force = KEEL_GTD;
    request.good_till_ms = NOW_MS + 700000;
    const struct paper_conditional *second = arm(engine, &request);
    paper_engine_tick(engine, NOW_MS + 700000);
    assert_int_equal(second->status, PAPER_CONDITIONAL_EXPIRED);
    request.time_in_force = KEEL_GTC;
    (void)arm(engine, &request);
    assert_int_equal(paper_engine_cancel_all_conditionals(engine, NOW_MS, 1, BTC), 1);
    assert_null(paper_engine_next_open_conditional(engine, 1, 0, NULL));
    end(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_triggers_from_its_own_side),
        cmocka_unit_test(a_conditional_order_that_would_trigger_at_once_is_refused),
        cmocka_unit_test(the_parent_and_its_child_are_told_in_the_order_of_their_lives),
        cmocka_unit_test(close_position_closes_what_is_there_when_it_triggers),
        cmocka_unit_test(close_position_without_a_position_expires),
        cmocka_unit_test(close_position_contradicts_quantity_reduce_only_and_limit_types),
        cmocka_unit_test(margin_is_checked_when_the_order_triggers),
        cmocka_unit_test(a_reduce_only_stop_without_a_position_is_rejected_when_it_triggers),
        cmocka_unit_test(a_stop_limit_rests_at_its_price_and_finishes_with_its_child),
        cmocka_unit_test(a_trailing_stop_follows_the_best_price_and_fires_on_the_way_back),
        cmocka_unit_test(a_market_sale_can_trigger_stops_on_the_last_price_but_not_on_the_mark),
        cmocka_unit_test(a_protected_stop_waits_while_the_last_price_is_far_from_the_mark),
        cmocka_unit_test(cancelling_and_expiry_end_conditional_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "engine_helper.h"

/* --- Matching ----------------------------------------------------------------------------------
 */

static void the_better_price_fills_first_and_then_the_older_order(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(4, "100000", "0");
    const struct paper_order *late = place_limit(engine, 2, BTC, KEEL_SELL, "0.1", "60000");
    const struct paper_order *later = place_limit(engine, 3, BTC, KEEL_SELL, "0.1", "60000");
    set_price(engine, BTC, "59999.9");
    const struct paper_order *best = place_limit(engine, 4, BTC, KEEL_SELL, "0.1", "59999.9");
    const struct paper_order *taker = place_limit(engine, 1, BTC, KEEL_BUY, "0.25", "60000");
    assert_int_equal(taker->status, PAPER_ORDER_FILLED);
    assert_int_equal(best->status, PAPER_ORDER_FILLED);
    assert_int_equal(late->status, PAPER_ORDER_FILLED);
    assert_int_equal(later->status, PAPER_ORDER_PARTIALLY_FILLED);
    assert_decimal(later->filled_quantity, "0.05");
    end(engine);
}

static void an_account_is_ahead_of_the_background_at_the_same_price(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    const struct paper_order *maker = place_limit(engine, 2, BTC, KEEL_SELL, "0.01", "60000.1");
    place_limit(engine, 1, BTC, KEEL_BUY, "0.01", "60000.1");
    assert_int_equal(maker->status, PAPER_ORDER_FILLED);
    end(engine);
}

static void a_market_order_walks_the_background_and_pays_the_taker_fee(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    const struct paper_order *order = place_market(engine, 1, BTC, KEEL_BUY, "1");
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    struct paper_query query = {.account = 1};
    keel_decimal fees = KEEL_DECIMAL_ZERO, quantity = KEEL_DECIMAL_ZERO;
    int count = 0;
    const struct paper_trade *trade = NULL;
    while ((trade = paper_engine_next_trade(engine, &query, trade)) != NULL) {
        keel_decimal fee = keel_decimal_mul(trade->quote, dec("0.0005"), KEEL_ROUND_DOWN);
        assert_true(keel_decimal_equals(trade->fee, cut8(fee)));
        assert_false(trade->maker);
        fees = keel_decimal_add(fees, trade->fee);
        quantity = keel_decimal_add(quantity, trade->quantity);
        count++;
    }
    assert_true(count > 1);
    assert_decimal(quantity, "1");
    keel_decimal wallet = keel_decimal_sub(dec("100000"), fees);
    assert_true(keel_decimal_equals(account_of(engine, 1).wallet, wallet));
    end(engine);
}

static void a_market_order_stops_at_the_take_bound_and_the_rest_expires(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000000", "0");
    assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, 1, ETH, 5), PAPER_OK);
    for (int i = 0; i < 12; i++) {
        const struct paper_order *order = place_market(engine, 1, ETH, KEEL_BUY, "2000");
        if (order->status == PAPER_ORDER_FILLED)
            continue;
        assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
        assert_int_equal(order->expiry, PAPER_EXPIRY_MARKET);
        end(engine);
        return;
    }
    fail_msg("the book never ended");
}

static void the_path_fills_resting_orders_that_it_goes_through_at_their_own_price(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    const struct paper_order *order = place_limit(engine, 1, BTC, KEEL_BUY, "0.5", "59000");
    set_price(engine, BTC, "59000");
    assert_int_equal(order->status, PAPER_ORDER_NEW);
    set_price(engine, BTC, "58000");
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    assert_decimal(order->filled_quote, "29500");
    struct paper_query query = {.account = 1};
    const struct paper_trade *trade = paper_engine_next_trade(engine, &query, NULL);
    assert_true(trade->maker);
    assert_decimal(trade->fee, "5.9");
    end(engine);
}

static void consumed_background_liquidity_comes_back_with_a_tick(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_ticker ticker;
    place_market(engine, 1, BTC, KEEL_BUY, "1");
    paper_engine_get_ticker(engine, BTC, &ticker);
    assert_true(keel_decimal_compare(ticker.ask_price, dec("60000.1")) > 0);
    paper_engine_tick(engine, NOW_MS + 10);
    paper_engine_get_ticker(engine, BTC, &ticker);
    assert_decimal(ticker.ask_price, "60000.1");
    assert_decimal(ticker.bid_price, "59999.9");
    end(engine);
}

/* --- Times in force ----------------------------------------------------------------------------
 */

static void an_ioc_takes_what_it_can_and_the_rest_expires(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    place_limit(engine, 2, BTC, KEEL_SELL, "0.1", "60000");
    struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.3", "60000");
    request.time_in_force = KEEL_IOC;
    const struct paper_order *order = place(engine, 1, &request);
    assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(order->expiry, PAPER_EXPIRY_IOC);
    assert_decimal(order->filled_quantity, "0.1");
    end(engine);
}

static void a_fok_fills_whole_or_leaves_no_trace(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    place_limit(engine, 2, BTC, KEEL_SELL, "0.1", "60000");
    struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.3", "60000");
    request.time_in_force = KEEL_FOK;
    drain(engine);
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_FILL_OR_KILL);
    struct paper_event event;
    assert_false(paper_engine_next_event(engine, &event));
    struct paper_query query = {.account = 1};
    assert_null(paper_engine_next_order(engine, &query, NULL));
    request.quantity = dec("0.1");
    assert_int_equal(place(engine, 1, &request)->status, PAPER_ORDER_FILLED);
    end(engine);
}

static void a_post_only_order_that_would_take_is_refused(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.1", "60000.1");
    request.time_in_force = KEEL_GTX;
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_POST_ONLY);
    request.price = dec("60000");
    assert_int_equal(place(engine, 1, &request)->status, PAPER_ORDER_NEW);
    end(engine);
}

static void a_gtd_order_expires_at_its_second(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.1", "59000");
    request.time_in_force = KEEL_GTD;
    request.good_till_ms = NOW_MS + PAPER_GOOD_TILL_MIN_MS;
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_GOOD_TILL);
    request.good_till_ms = NOW_MS + PAPER_GOOD_TILL_MIN_MS + 1999;
    const struct paper_order *order = place(engine, 1, &request);
    assert_int_equal(order->good_till_ms, NOW_MS + PAPER_GOOD_TILL_MIN_MS + 1000);
    paper_engine_tick(engine, order->good_till_ms - 1);
    assert_int_equal(order->status, PAPER_ORDER_NEW);
    paper_engine_tick(engine, order->good_till_ms);
    assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
    end(engine);
}

static void a_countdown_cancels_the_markets_orders_unless_it_is_armed_again(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    const struct paper_order *order = place_limit(engine, 1, BTC, KEEL_BUY, "0.1", "59000");
    const struct paper_order *other = place_limit(engine, 1, ETH, KEEL_BUY, "1", "2900");
    paper_engine_set_countdown(engine, NOW_MS, 1, BTC, 1000);
    paper_engine_tick(engine, NOW_MS + 900);
    paper_engine_set_countdown(engine, NOW_MS + 900, 1, BTC, 1000);
    paper_engine_tick(engine, NOW_MS + 1500);
    assert_int_equal(order->status, PAPER_ORDER_NEW);
    paper_engine_tick(engine, NOW_MS + 1900);
    assert_int_equal(order->status, PAPER_ORDER_CANCELED);
    assert_int_equal(other->status, PAPER_ORDER_NEW);
    end(engine);
}

/* --- Refusals ----------------------------------------------------------------------------------
 */

static void each_filter_refuses_with_its_own_error(void **state)
{
    (void)state;
    static const struct {
        const char *quantity, *price;
        enum paper_error error;
    } cases[] = {
        {"0.1",    "0",         PAPER_ERROR_PRICE_NOT_POSITIVE   },
        {"0.1",    "60000.05",  PAPER_ERROR_PRICE_TICK           },
        {"0.1",    "60000.055", PAPER_ERROR_PRICE_PRECISION      },
        {"0.1",    "5000000",   PAPER_ERROR_PRICE_MAX            },
        {"0.1",    "500",       PAPER_ERROR_PRICE_MIN            },
        {"0.1",    "63000.1",   PAPER_ERROR_PRICE_ABOVE_BAND     },
        {"0",      "60000",     PAPER_ERROR_QUANTITY_NOT_POSITIVE},
        {"0.0015", "60000",     PAPER_ERROR_QUANTITY_PRECISION   },
        {"1000.1", "60000",     PAPER_ERROR_QUANTITY_MAX         },
        {"0.001",  "60000",     PAPER_ERROR_NOTIONAL_MIN         },
        {"5",      "60000",     PAPER_ERROR_MARGIN               },
        {"900",    "60000",     PAPER_ERROR_MARGIN               },
    };
    struct paper_engine *engine = new_engine(1, "1000", "0");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper_order_request request =
            limit_request(BTC, KEEL_BUY, cases[i].quantity, cases[i].price);
        assert_int_equal(refusal(engine, 1, &request), cases[i].error);
    }
    struct paper_order_request sell = limit_request(BTC, KEEL_SELL, "0.1", "56999.9");
    assert_int_equal(refusal(engine, 1, &sell), PAPER_ERROR_PRICE_BELOW_BAND);
    struct paper_order_request big = market_request(BTC, KEEL_BUY, "120.001");
    assert_int_equal(refusal(engine, 1, &big), PAPER_ERROR_QUANTITY_MAX);
    big.price = dec("60000");
    assert_int_equal(refusal(engine, 1, &big), PAPER_ERROR_PRICE_NOT_WANTED);
    end(engine);
}

static void exposure_above_the_leverages_cap_is_refused(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "10000000", "0");
    assert_int_equal(paper_engine_set_leverage(engine, NOW_MS, 1, BTC, 125), PAPER_OK);
    struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.834", "60000");
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_NOTIONAL_CAP);
    request.quantity = dec("0.5");
    place(engine, 1, &request);
    request.quantity = dec("0.334");
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_NOTIONAL_CAP);
    request.side = KEEL_SELL;
    request.price = dec("60100");
    assert_int_equal(place(engine, 1, &request)->status, PAPER_ORDER_NEW);
    end(engine);
}

static void a_client_id_is_unique_among_open_orders_only(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.1", "59000");
    request.client_id = KEEL_STR("mine-1");
    const struct paper_order *order = place(engine, 1, &request);
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_CLIENT_ID_DUPLICATE);
    request.client_id = KEEL_STR("no spaces");
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_CLIENT_ID);
    const struct paper_order *cancelled = NULL;
    assert_int_equal(
        paper_engine_cancel_order(engine, NOW_MS, 1, BTC, 0, KEEL_STR("mine-1"), &cancelled),
        PAPER_OK);
    assert_ptr_equal(cancelled, order);
    request.client_id = KEEL_STR("mine-1");
    const struct paper_order *again = place(engine, 1, &request);
    assert_ptr_equal(paper_engine_find_order(engine, 1, BTC, 0, KEEL_STR("mine-1")), again);
    end(engine);
}

static void a_cancelled_order_is_unknown_to_a_second_cancel(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    const struct paper_order *order = place_limit(engine, 1, BTC, KEEL_BUY, "0.1", "59000");
    assert_int_equal(
        paper_engine_cancel_order(engine, NOW_MS, 2, BTC, order->id, KEEL_STR(""), NULL),
        PAPER_ERROR_ORDER_UNKNOWN);
    assert_int_equal(
        paper_engine_cancel_order(engine, NOW_MS, 1, BTC, order->id, KEEL_STR(""), NULL), PAPER_OK);
    assert_int_equal(
        paper_engine_cancel_order(engine, NOW_MS, 1, BTC, order->id, KEEL_STR(""), NULL),
        PAPER_ERROR_ORDER_UNKNOWN);
    end(engine);
}

static void a_test_order_is_checked_and_not_placed(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.1", "59000");
    const struct paper_order *order = NULL;
    assert_int_equal(paper_engine_place_order(engine, NOW_MS, 1, &request, true, &order), PAPER_OK);
    assert_null(order);
    assert_null(paper_engine_next_open_order(engine, 1, 0, NULL));
    end(engine);
}

/* --- Reduce-only -------------------------------------------------------------------------------
 */

static struct paper_order_request reduce_request(enum keel_side side, const char *quantity,
                                                 const char *price)
{
    struct paper_order_request request = limit_request(BTC, side, quantity, price);
    request.reduce_only = true;
    return request;
}

static void reduce_only_needs_a_position_of_the_other_side(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    struct paper_order_request request = reduce_request(KEEL_SELL, "0.1", "61000");
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_REDUCE_ONLY);
    trade_at(engine, BTC, KEEL_SELL, "0.1", "60000");
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_REDUCE_ONLY);
    end(engine);
}

static void a_reduce_only_order_never_reverses_the_position(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    trade_at(engine, BTC, KEEL_BUY, "0.1", "60000");
    struct paper_order_request request = market_request(BTC, KEEL_SELL, "0.3");
    request.reduce_only = true;
    const struct paper_order *order = place(engine, 1, &request);
    assert_int_equal(order->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(order->expiry, PAPER_EXPIRY_REDUCE_ONLY);
    assert_decimal(order->filled_quantity, "0.1");
    assert_decimal(position_of(engine, 1, BTC).quantity, "0");
    end(engine);
}

static void resting_reduce_only_orders_shrink_with_the_position(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    trade_at(engine, BTC, KEEL_BUY, "0.5", "60000");
    struct paper_order_request near = reduce_request(KEEL_SELL, "0.3", "61000");
    struct paper_order_request far = reduce_request(KEEL_SELL, "0.2", "62000");
    const struct paper_order *first = place(engine, 1, &near);
    const struct paper_order *second = place(engine, 1, &far);
    drain(engine);
    place_market(engine, 1, BTC, KEEL_SELL, "0.25");
    assert_decimal(first->quantity, "0.25");
    assert_int_equal(second->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(second->expiry, PAPER_EXPIRY_REDUCE_ONLY);
    bool told = false;
    struct paper_event event;
    while (paper_engine_next_event(engine, &event))
        told |= event.kind == PAPER_EVENT_ORDER &&
                event.as.order.kind == PAPER_EXECUTION_AMENDMENT &&
                event.as.order.order.id == first->id;
    assert_true(told);
    place_market(engine, 1, BTC, KEEL_SELL, "0.25");
    assert_int_equal(first->status, PAPER_ORDER_EXPIRED);
    end(engine);
}

static void better_reduce_only_orders_crowd_out_worse_ones(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    trade_at(engine, BTC, KEEL_BUY, "0.5", "60000");
    struct paper_order_request far = reduce_request(KEEL_SELL, "0.5", "62000");
    struct paper_order_request near = reduce_request(KEEL_SELL, "0.5", "61000");
    const struct paper_order *worse = place(engine, 1, &far);
    const struct paper_order *better = place(engine, 1, &near);
    assert_int_equal(better->status, PAPER_ORDER_NEW);
    assert_int_equal(worse->status, PAPER_ORDER_EXPIRED);
    assert_int_equal(refusal(engine, 1, &far), PAPER_ERROR_REDUCE_ONLY_CROWDED);
    end(engine);
}

static void reduce_only_is_exempt_from_the_minimum_notional(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    trade_at(engine, BTC, KEEL_BUY, "0.002", "60000");
    struct paper_order_request request = market_request(BTC, KEEL_SELL, "0.001");
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_NOTIONAL_MIN);
    request.reduce_only = true;
    assert_int_equal(place(engine, 1, &request)->status, PAPER_ORDER_FILLED);
    end(engine);
}

/* --- Amendments --------------------------------------------------------------------------------
 */

static enum paper_error amend(struct paper_engine *engine, int account,
                              const struct paper_order *order, const char *quantity,
                              const char *price)
{
    struct paper_amend_request request = {.market = order->market,
                                          .order_id = order->id,
                                          .side = order->side,
                                          .quantity = dec(quantity),
                                          .price = dec(price),
                                          .modify_id = 5};
    return paper_engine_amend_order(engine, NOW_MS, account, &request, NULL);
}

static void an_amended_order_goes_behind_the_others_of_its_price(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(3, "100000", "0");
    const struct paper_order *first = place_limit(engine, 1, BTC, KEEL_SELL, "0.1", "60000");
    const struct paper_order *second = place_limit(engine, 2, BTC, KEEL_SELL, "0.1", "60000");
    drain(engine);
    assert_int_equal(amend(engine, 1, first, "0.2", "60000"), PAPER_OK);
    struct paper_order_event event = next_order_event(engine, 1);
    assert_int_equal(event.kind, PAPER_EXECUTION_AMENDMENT);
    assert_int_equal(event.order.modify_id, 5);
    place_limit(engine, 3, BTC, KEEL_BUY, "0.1", "60000");
    assert_int_equal(second->status, PAPER_ORDER_FILLED);
    assert_int_equal(first->status, PAPER_ORDER_NEW);
    struct paper_query query = {.account = 1};
    const struct paper_amendment *row = paper_engine_next_amendment(engine, &query, NULL);
    assert_decimal(row->quantity_before, "0.1");
    assert_decimal(row->quantity_after, "0.2");
    assert_int_equal(row->count, 1);
    end(engine);
}

static void an_amendment_can_cross_and_takes(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    const struct paper_order *order = place_limit(engine, 1, BTC, KEEL_BUY, "0.01", "59000");
    assert_int_equal(amend(engine, 1, order, "0.01", "60010"), PAPER_OK);
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    end(engine);
}

static void amendments_follow_the_venues_rules(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    const struct paper_order *order = place_limit(engine, 1, BTC, KEEL_BUY, "0.2", "60000");
    assert_int_equal(amend(engine, 1, order, "0.2", "60000"), PAPER_ERROR_AMEND_NOTHING);
    assert_int_equal(amend(engine, 1, order, "0.2", "60000.05"), PAPER_ERROR_PRICE_TICK);
    assert_int_equal(amend(engine, 2, order, "0.2", "60001"), PAPER_ERROR_ORDER_UNKNOWN);
    struct paper_amend_request wrong = {
        .market = BTC, .order_id = order->id, .side = KEEL_SELL, .quantity = dec("1")};
    assert_int_equal(paper_engine_amend_order(engine, NOW_MS, 1, &wrong, NULL),
                     PAPER_ERROR_AMEND_SIDE);
    wrong.side = KEEL_BUY;
    wrong.reduce_only = true;
    assert_int_equal(paper_engine_amend_order(engine, NOW_MS, 1, &wrong, NULL),
                     PAPER_ERROR_AMEND_REDUCE_ONLY);
    assert_int_equal(amend(engine, 1, order, "500", "60000"), PAPER_ERROR_MARGIN);
    place_limit(engine, 2, BTC, KEEL_SELL, "0.1", "60000");
    assert_int_equal(order->status, PAPER_ORDER_PARTIALLY_FILLED);
    assert_int_equal(amend(engine, 1, order, "0.1", "60000"), PAPER_OK);
    assert_int_equal(order->status, PAPER_ORDER_CANCELED);
    struct paper_order_request post = limit_request(BTC, KEEL_BUY, "0.1", "59000");
    post.time_in_force = KEEL_GTX;
    const struct paper_order *maker = place(engine, 1, &post);
    assert_int_equal(amend(engine, 1, maker, "0.1", "60500"), PAPER_OK);
    assert_int_equal(maker->status, PAPER_ORDER_CANCELED);
    end(engine);
}

/* --- Self-trade prevention, price match --------------------------------------------------------
 */

static void self_trades_are_prevented_as_the_taker_says(void **state)
{
    (void)state;
    static const struct {
        enum paper_self_trade mode;
        enum paper_order_status maker, taker;
    } cases[] = {
        {PAPER_SELF_TRADE_DEFAULT,      PAPER_ORDER_EXPIRED_IN_MATCH, PAPER_ORDER_NEW             },
        {PAPER_SELF_TRADE_EXPIRE_TAKER, PAPER_ORDER_NEW,              PAPER_ORDER_EXPIRED_IN_MATCH},
        {PAPER_SELF_TRADE_EXPIRE_BOTH,  PAPER_ORDER_EXPIRED_IN_MATCH, PAPER_ORDER_EXPIRED_IN_MATCH},
        {PAPER_SELF_TRADE_NONE,         PAPER_ORDER_FILLED,           PAPER_ORDER_FILLED          },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper_engine *engine = new_engine(1, "100000", "0");
        const struct paper_order *maker = place_limit(engine, 1, BTC, KEEL_SELL, "0.1", "60000");
        struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.1", "60000");
        request.self_trade = cases[i].mode;
        const struct paper_order *taker = place(engine, 1, &request);
        assert_int_equal(maker->status, cases[i].maker);
        assert_int_equal(taker->status, cases[i].taker);
        assert_decimal(position_of(engine, 1, BTC).quantity, "0");
        end(engine);
    }
}

static void a_price_match_resolves_against_the_book(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "0");
    struct paper_order_request request = limit_request(BTC, KEEL_BUY, "0.01", "1");
    request.price = KEEL_DECIMAL_ABSENT;
    request.price_match = PAPER_PRICE_MATCH_QUEUE;
    assert_decimal(place(engine, 1, &request)->price, "59999.9");
    request.price_match = PAPER_PRICE_MATCH_QUEUE_5;
    struct paper_level levels[5];
    assert_int_equal(paper_engine_get_depth(engine, BTC, KEEL_BUY, levels, 5), 5);
    assert_true(keel_decimal_equals(place(engine, 1, &request)->price, levels[4].price));
    request.price_match = PAPER_PRICE_MATCH_OPPONENT;
    assert_int_equal(place(engine, 1, &request)->status, PAPER_ORDER_FILLED);
    request.price = dec("60000");
    assert_int_equal(refusal(engine, 1, &request), PAPER_ERROR_PRICE_NOT_WANTED);
    end(engine);
}

/* --- Events ------------------------------------------------------------------------------------
 */

static void a_fill_is_told_to_both_sides_and_then_their_accounts(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "100000", "0");
    place_limit(engine, 2, BTC, KEEL_SELL, "0.1", "60000");
    drain(engine);
    place_limit(engine, 1, BTC, KEEL_BUY, "0.1", "60000");
    struct paper_event event;
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.as.order.kind, PAPER_EXECUTION_NEW);
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.kind, PAPER_EVENT_TRADE);
    assert_false(event.as.trade.buyer_is_maker);
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.account, 2);
    assert_true(event.as.order.trade.maker);
    int64_t trade_id = event.as.order.trade.id;
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.account, 1);
    assert_int_equal(event.as.order.order.status, PAPER_ORDER_FILLED);
    assert_int_equal(event.as.order.trade.id, trade_id);
    assert_decimal(event.as.order.trade.fee, "3");
    for (int account = 1; account <= 2; account++) {
        assert_true(paper_engine_next_event(engine, &event));
        assert_int_equal(event.kind, PAPER_EVENT_ACCOUNT);
        assert_int_equal(event.account, account);
        assert_int_equal(event.as.update.reason, PAPER_REASON_ORDER);
        assert_int_equal(event.as.update.position_count, 1);
        assert_decimal(event.as.update.positions[0].quantity, account == 1 ? "0.1" : "-0.1");
    }
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.kind, PAPER_EVENT_TICKER);
    assert_false(paper_engine_next_event(engine, &event));
    end(engine);
}

static void positions_average_realise_and_flip(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "1000000", "0");
    trade_at(engine, BTC, KEEL_BUY, "1", "60000");
    assert_decimal(position_of(engine, 1, BTC).break_even_price, "60030");
    trade_at(engine, BTC, KEEL_BUY, "3", "61000");
    assert_decimal(position_of(engine, 1, BTC).entry_price, "60750");
    trade_at(engine, BTC, KEEL_SELL, "2", "62000");
    struct paper_position position = position_of(engine, 1, BTC);
    assert_decimal(position.quantity, "2");
    assert_decimal(position.entry_price, "60750");
    assert_decimal(position.realized_pnl, "2500");
    trade_at(engine, BTC, KEEL_SELL, "3", "60000");
    position = position_of(engine, 1, BTC);
    assert_decimal(position.quantity, "-1");
    assert_decimal(position.entry_price, "60000");
    assert_decimal(position.break_even_price, "59970");
    end(engine);
}

static void deposits_must_leave_room_for_their_sum(void **state)
{
    (void)state;
    struct paper_config config = {.seed = 1, .accounts = 1, .insurance = KEEL_DECIMAL_ABSENT};
    static const char *const refused[] = {"-1", "1000000000001", "0.000000001"};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        config.deposit = dec(refused[i]);
        assert_null(paper_engine_new(&config, NOW_MS));
    }
    config.deposit = dec("1000000000000");
    struct paper_engine *engine = paper_engine_new(&config, NOW_MS);
    assert_non_null(engine);
    end(engine);
    config.accounts = 0;
    assert_null(paper_engine_new(&config, NOW_MS));
}

static void a_reset_starts_the_same_life_again(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "100000", "500");
    int64_t id = place_market(engine, 1, BTC, KEEL_BUY, "0.5")->id;
    set_price(engine, BTC, "30000");
    assert_true(paper_engine_reset(engine, NOW_MS));
    struct paper_event event;
    assert_false(paper_engine_next_event(engine, &event));
    assert_decimal(account_of(engine, 1).wallet, "100000");
    assert_decimal(position_of(engine, 1, BTC).mark_price, "60000");
    assert_int_equal(place_market(engine, 1, BTC, KEEL_BUY, "0.5")->id, id);
    end(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_better_price_fills_first_and_then_the_older_order),
        cmocka_unit_test(an_account_is_ahead_of_the_background_at_the_same_price),
        cmocka_unit_test(a_market_order_walks_the_background_and_pays_the_taker_fee),
        cmocka_unit_test(a_market_order_stops_at_the_take_bound_and_the_rest_expires),
        cmocka_unit_test(the_path_fills_resting_orders_that_it_goes_through_at_their_own_price),
        cmocka_unit_test(consumed_background_liquidity_comes_back_with_a_tick),
        cmocka_unit_test(an_ioc_takes_what_it_can_and_the_rest_expires),
        cmocka_unit_test(a_fok_fills_whole_or_leaves_no_trace),
        cmocka_unit_test(a_post_only_order_that_would_take_is_refused),
        cmocka_unit_test(a_gtd_order_expires_at_its_second),
        cmocka_unit_test(a_countdown_cancels_the_markets_orders_unless_it_is_armed_again),
        cmocka_unit_test(each_filter_refuses_with_its_own_error),
        cmocka_unit_test(exposure_above_the_leverages_cap_is_refused),
        cmocka_unit_test(a_client_id_is_unique_among_open_orders_only),
        cmocka_unit_test(a_cancelled_order_is_unknown_to_a_second_cancel),
        cmocka_unit_test(a_test_order_is_checked_and_not_placed),
        cmocka_unit_test(reduce_only_needs_a_position_of_the_other_side),
        cmocka_unit_test(a_reduce_only_order_never_reverses_the_position),
        cmocka_unit_test(resting_reduce_only_orders_shrink_with_the_position),
        cmocka_unit_test(better_reduce_only_orders_crowd_out_worse_ones),
        cmocka_unit_test(reduce_only_is_exempt_from_the_minimum_notional),
        cmocka_unit_test(an_amended_order_goes_behind_the_others_of_its_price),
        cmocka_unit_test(an_amendment_can_cross_and_takes),
        cmocka_unit_test(amendments_follow_the_venues_rules),
        cmocka_unit_test(self_trades_are_prevented_as_the_taker_says),
        cmocka_unit_test(a_price_match_resolves_against_the_book),
        cmocka_unit_test(a_fill_is_told_to_both_sides_and_then_their_accounts),
        cmocka_unit_test(positions_average_realise_and_flip),
        cmocka_unit_test(deposits_must_leave_room_for_their_sum),
        cmocka_unit_test(a_reset_starts_the_same_life_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

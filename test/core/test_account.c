#include "scenario.h"

static const struct keel_order *find(const struct scenario *scenario, const char *order_id,
                                     const char *client_id)
{
    struct keel_order_ref ref = {.market = scenario->btc, .family = KEEL_FAMILY_REGULAR};
    snprintf(ref.order_id, sizeof(ref.order_id), "%s", order_id);
    snprintf(ref.client_id, sizeof(ref.client_id), "%s", client_id);
    return keel_account_find_order(scenario->account, &ref);
}

static keel_decimal quantity_of(const struct scenario *scenario, enum keel_position_side side)
{
    const struct keel_position *position =
        keel_account_find_position(scenario->account, scenario->btc, side);
    return position ? position->quantity : KEEL_DECIMAL_ZERO;
}

/* Positions ---------------------------------------------------------------------------------- */

static void a_position_lives_from_opening_to_flat(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    assert_true(s.applied.created && s.applied.changed && !s.applied.ended);
    assert_decimal(s.applied.previous_quantity, "0");

    tell_position(&s, s.btc, "3", "20100");
    assert_true(s.applied.changed && !s.applied.created);
    assert_decimal(s.applied.previous_quantity, "1");
    assert_decimal(s.applied.position->entry_price, "20100");

    tell_position(&s, s.btc, "-2", "20200"); /* through zero */
    assert_decimal(s.applied.previous_quantity, "3");
    assert_decimal(quantity_of(&s, KEEL_NET), "-2");

    tell_position(&s, s.btc, "0", "0");
    assert_true(s.applied.ended);
    assert_decimal(s.applied.position->quantity, "0");
    assert_null(keel_account_find_position(s.account, s.btc, KEEL_NET));
    assert_int_equal(keel_account_position_count(s.account), 0);
    end_scenario(&s);
}

static void the_legs_of_a_hedge_are_positions_of_their_own(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_leg(&s, s.btc, KEEL_LONG, "1", "20000");
    tell_leg(&s, s.btc, KEEL_SHORT, "-2", "21000");
    assert_decimal(quantity_of(&s, KEEL_LONG), "1");
    assert_decimal(quantity_of(&s, KEEL_SHORT), "-2");
    tell_leg(&s, s.btc, KEEL_LONG, "0", "0");
    assert_decimal(quantity_of(&s, KEEL_LONG), "0");
    assert_decimal(quantity_of(&s, KEEL_SHORT), "-2");
    end_scenario(&s);
}

static void an_older_statement_never_overwrites_a_newer_one(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, position_event(s.btc, KEEL_NET, "2", "20000", 5000));
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", 4999));
    assert_false(s.applied.changed);
    assert_decimal(quantity_of(&s, KEEL_NET), "2");
    assert_int_equal(keel_account_counters(s.account).older, 1);
    end_scenario(&s);
}

static void an_older_statement_does_not_bring_a_flat_position_back(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, position_event(s.btc, KEEL_NET, "2", "20000", 5000));
    apply_ok(&s, position_event(s.btc, KEEL_NET, "0", "0", 6000));
    apply_ok(&s, position_event(s.btc, KEEL_NET, "2", "20000", 5000));
    assert_null(keel_account_find_position(s.account, s.btc, KEEL_NET));
    end_scenario(&s);
}

/* In hedge mode a fill of one leg tells of the other one too, later than its own last change. */
static void a_list_that_restates_a_position_tells_what_it_alone_knows(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_leg(&s, s.btc, KEEL_LONG, "1", "20000");
    struct keel_event row = position_event(s.btc, KEEL_LONG, "1", "20000", s.time_ms - 5);
    row.position.venue_liquidation_price = D("10040.16");
    row.position.adl_rank = 3;
    assert_int_equal(apply_from(&s, row, KEEL_SOURCE_SNAPSHOT), KEEL_OK);
    const struct keel_position *known = keel_account_find_position(s.account, s.btc, KEEL_LONG);
    assert_true(s.applied.changed);
    assert_decimal(known->venue_liquidation_price, "10040.16");
    assert_int_equal(known->adl_rank, 3);
    assert_int_equal(known->source, KEEL_SOURCE_SNAPSHOT);
    assert_int_equal(known->update_time_ms, s.time_ms);

    row.position.quantity = D("2"); /* no restatement: it is older */
    assert_int_equal(apply_from(&s, row, KEEL_SOURCE_SNAPSHOT), KEEL_OK);
    assert_decimal(known->quantity, "1");
    assert_false(s.applied.changed);
    end_scenario(&s);
}

static void b11_statements_with_one_time_are_all_applied(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    int64_t before = keel_account_counters(s.account).changes;
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", 5000));
    apply_ok(&s, position_event(s.btc, KEEL_NET, "2", "20000", 5000));
    apply_ok(&s, position_event(s.btc, KEEL_NET, "3", "20000", 5000));
    assert_decimal(quantity_of(&s, KEEL_NET), "3");
    assert_int_equal(keel_account_counters(s.account).changes - before, 3);
    end_scenario(&s);
}

static void a_repeated_statement_changes_nothing(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", 5000));
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", 5000));
    assert_false(s.applied.changed);
    apply_ok(&s, balance_event("7", "7", 5000));
    apply_ok(&s, balance_event("7", "7", 5000));
    assert_false(s.applied.changed);
    struct keel_event order = order_event(&s, "1", "a", KEEL_ORDER_NEW);
    apply_ok(&s, order);
    apply_ok(&s, order);
    assert_false(s.applied.changed);
    end_scenario(&s);
}

static void a_stream_statement_keeps_what_it_does_not_tell(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = position_event(s.btc, KEEL_NET, "1", "20000", 5000);
    event.position.adl_rank = 3;
    event.position.break_even_price = D("20010");
    event.position.venue_liquidation_price = D("15000");
    apply_ok(&s, event);
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", 5001));
    assert_int_equal(s.applied.position->adl_rank, 3);
    assert_decimal(s.applied.position->venue_liquidation_price, "15000");
    apply_ok(&s, position_event(s.btc, KEEL_NET, "2", "20000", 5002));
    assert_false(keel_decimal_is_valid(s.applied.position->venue_liquidation_price));
    assert_false(keel_decimal_is_valid(s.applied.position->break_even_price));
    end_scenario(&s);
}

static void executions_do_not_move_positions_but_are_expected_in_them(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    struct keel_event fill = execution_event(&s, "t1", "9", KEEL_SELL, "0.4", "20000");
    apply_ok(&s, fill);
    assert_decimal(quantity_of(&s, KEEL_NET), "1");
    assert_decimal(keel_account_expected_quantity(s.account, s.btc, KEEL_NET), "0.6");
    apply_ok(&s, position_event(s.btc, KEEL_NET, "0.6", "20000", fill.execution.time_ms));
    assert_decimal(keel_account_expected_quantity(s.account, s.btc, KEEL_NET), "0.6");
    end_scenario(&s);
}

static void a_fill_that_its_statement_overtook_is_not_expected_again(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event fill = execution_event(&s, "t1", "9", KEEL_BUY, "1", "20000");
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", fill.execution.time_ms));
    apply_ok(&s, fill);
    assert_decimal(keel_account_expected_quantity(s.account, s.btc, KEEL_NET), "1");
    end_scenario(&s);
}

static void a_listed_execution_is_history(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event fill = execution_event(&s, "t1", "9", KEEL_BUY, "1", "20000");
    assert_int_equal(apply_from(&s, fill, KEEL_SOURCE_SNAPSHOT), KEEL_OK);
    assert_decimal(keel_account_expected_quantity(s.account, s.btc, KEEL_NET), "0");
    end_scenario(&s);
}

static void a_trade_with_oneself_is_two_executions(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, execution_event(&s, "t1", "8", KEEL_BUY, "0.4", "20000"));
    assert_true(s.applied.created);
    apply_ok(&s, execution_event(&s, "t1", "9", KEEL_SELL, "0.4", "20000"));
    assert_true(s.applied.created);
    apply_ok(&s, execution_event(&s, "t1", "9", KEEL_SELL, "0.4", "20000"));
    assert_false(s.applied.created);
    end_scenario(&s);
}

/* Legs of orders that name none -------------------------------------------------------------- */

static struct keel_event nameless_fill(struct scenario *s, const char *trade_id,
                                       const char *order_id, enum keel_side side)
{
    struct keel_event fill = execution_event(s, trade_id, order_id, side, "0.4", "20000");
    fill.execution.position_side = KEEL_POSITION_SIDE_NONE;
    return fill;
}

static enum keel_position_side leg_of(enum keel_side side, bool reduce_only)
{
    struct scenario s = ready_scenario();
    tell_modes(&s, KEEL_ON);
    struct keel_event event = order_event(&s, "1", "elsewhere", KEEL_ORDER_NEW);
    event.order.side = side;
    event.order.reduce_only = reduce_only;
    event.order.position_side = KEEL_POSITION_SIDE_NONE;
    apply_ok(&s, event);
    enum keel_position_side leg = find(&s, "1", "")->position_side;
    apply_ok(&s, nameless_fill(&s, "t1", "1", side));
    assert_int_equal(s.applied.execution->position_side, leg);
    end_scenario(&s);
    return leg;
}

static void in_hedge_mode_side_and_flag_tell_an_orders_leg(void **state)
{
    (void)state;
    assert_int_equal(leg_of(KEEL_BUY, false), KEEL_LONG);
    assert_int_equal(leg_of(KEEL_SELL, true), KEEL_LONG);
    assert_int_equal(leg_of(KEEL_SELL, false), KEEL_SHORT);
    assert_int_equal(leg_of(KEEL_BUY, true), KEEL_SHORT);
}

static void a_fill_before_its_order_is_of_no_leg_until_the_order_comes(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_modes(&s, KEEL_ON);
    apply_ok(&s, nameless_fill(&s, "t1", "1", KEEL_SELL));
    const struct keel_execution *fill = s.applied.execution;
    assert_int_equal(fill->position_side, KEEL_POSITION_SIDE_NONE);
    struct keel_event event = order_event(&s, "1", "elsewhere", KEEL_ORDER_NEW);
    event.order.side = KEEL_SELL;
    event.order.reduce_only = true;
    event.order.position_side = KEEL_POSITION_SIDE_NONE;
    apply_ok(&s, event);
    assert_int_equal(fill->position_side, KEEL_LONG);
    end_scenario(&s);
}

static void a_list_that_says_what_closes_tells_the_leg_of_a_fill(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_modes(&s, KEEL_ON);
    struct keel_event fill = nameless_fill(&s, "t1", "1", KEEL_BUY);
    apply_ok(&s, fill);
    fill.execution.closes = KEEL_ON;
    assert_int_equal(apply_from(&s, fill, KEEL_SOURCE_SNAPSHOT), KEEL_OK);
    assert_true(s.applied.changed);
    assert_int_equal(s.applied.execution->position_side, KEEL_SHORT);
    end_scenario(&s);
}

/* Orders ------------------------------------------------------------------------------------- */

static void filled_quantities_never_fall(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = order_event(&s, "1", "a", KEEL_ORDER_PARTIALLY_FILLED);
    event.order.filled_quantity = D("0.5");
    apply_ok(&s, event);
    event.order.filled_quantity = D("0.3");
    event.order.update_time_ms++;
    apply_ok(&s, event);
    assert_false(s.applied.changed);
    assert_decimal(find(&s, "1", "")->filled_quantity, "0.5");
    end_scenario(&s);
}

static void fills_that_an_order_has_told_already_add_nothing(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = order_event(&s, "1", "a", KEEL_ORDER_PARTIALLY_FILLED);
    event.order.filled_quantity = D("0.5");
    apply_ok(&s, event);
    apply_ok(&s, execution_event(&s, "t1", "1", KEEL_BUY, "0.3", "20000"));
    assert_decimal(find(&s, "1", "")->filled_quantity, "0.5");
    apply_ok(&s, execution_event(&s, "t2", "1", KEEL_BUY, "0.2", "20000"));
    assert_decimal(find(&s, "1", "")->filled_quantity, "0.5");
    apply_ok(&s, execution_event(&s, "t3", "1", KEEL_BUY, "0.1", "20300"));
    assert_decimal(find(&s, "1", "")->filled_quantity, "0.6");
    assert_decimal(find(&s, "1", "")->average_price, "20050");
    end_scenario(&s);
}

static void a_reply_that_the_stream_overtook_changes_nothing(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event reply = order_event(&s, "1", "a", KEEL_ORDER_NEW);
    struct keel_event fill = order_event(&s, "1", "a", KEEL_ORDER_FILLED);
    fill.order.filled_quantity = D("1");
    fill.order.update_time_ms = reply.order.update_time_ms;
    apply_ok(&s, fill);
    assert_true(s.applied.ended);
    apply_ok(&s, reply);
    assert_false(s.applied.changed);
    assert_int_equal(find(&s, "1", "")->status, KEEL_ORDER_FILLED);
    assert_int_equal(keel_account_open_order_count(s.account), 0);
    end_scenario(&s);
}

static void a_done_order_never_reopens(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    assert_int_equal(find(&s, "1", "")->status, KEEL_ORDER_CANCELED);
    assert_int_equal(keel_account_completed_order_count(s.account), 1);
    end_scenario(&s);
}

static void b07_a_late_fill_after_cancel_still_counts(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    apply_ok(&s, execution_event(&s, "t1", "1", KEEL_BUY, "0.4", "19000"));
    assert_decimal(find(&s, "1", "")->filled_quantity, "0.4");
    assert_decimal(find(&s, "1", "")->average_price, "19000");
    assert_int_equal(find(&s, "1", "")->status, KEEL_ORDER_CANCELED);
    apply_ok(&s, execution_event(&s, "t2", "1", KEEL_BUY, "0.6", "19000"));
    assert_int_equal(find(&s, "1", "")->status, KEEL_ORDER_FILLED);
    end_scenario(&s);
}

static void b07_a_cancel_that_says_unfilled_loses_to_the_fills(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    apply_ok(&s, execution_event(&s, "t1", "1", KEEL_BUY, "1", "20000"));
    assert_true(s.applied.ended);
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    assert_int_equal(find(&s, "1", "")->status, KEEL_ORDER_FILLED);
    assert_decimal(find(&s, "1", "")->filled_quantity, "1");
    end_scenario(&s);
}

static void b07_fills_that_came_before_their_unknown_order_count(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, execution_event(&s, "t1", "1", KEEL_BUY, "0.4", "20000"));
    assert_null(s.applied.order);
    apply_ok(&s, order_event(&s, "1", "elsewhere", KEEL_ORDER_CANCELED));
    assert_decimal(find(&s, "1", "")->filled_quantity, "0.4");
    end_scenario(&s);
}

static void a_cancel_that_comes_with_an_old_time_still_ends_the_order(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event canceled = order_event(&s, "1", "a", KEEL_ORDER_CANCELED);
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    apply_ok(&s, canceled);
    assert_true(s.applied.ended);
    end_scenario(&s);
}

static void an_order_placed_elsewhere_counts(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "77", "web_1", KEEL_ORDER_NEW));
    assert_true(s.applied.created);
    assert_int_equal(keel_account_open_order_count(s.account), 1);
    end_scenario(&s);
}

static void b15_the_venue_may_shrink_an_order(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = order_event(&s, "1", "a", KEEL_ORDER_NEW);
    event.order.reduce_only = true;
    event.order.side = KEEL_SELL;
    apply_ok(&s, event);
    assert_decimal(keel_account_resting_reduce_only(s.account, s.btc, KEEL_NET, KEEL_SELL), "1");
    event.order.quantity = D("0.3");
    event.order.update_time_ms++;
    apply_ok(&s, event);
    assert_decimal(find(&s, "1", "")->quantity, "0.3");
    assert_decimal(keel_account_resting_reduce_only(s.account, s.btc, KEEL_NET, KEEL_SELL), "0.3");
    end_scenario(&s);
}

static void b15_a_close_position_order_has_no_quantity_and_is_no_less_open(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = order_event(&s, "1", "stop", KEEL_ORDER_NEW);
    event.order.family = KEEL_FAMILY_CONDITIONAL;
    event.order.type = KEEL_STOP_MARKET;
    event.order.side = KEEL_SELL;
    event.order.price = event.order.quantity = KEEL_DECIMAL_ABSENT;
    event.order.trigger_price = D("19000");
    event.order.close_position = true;
    apply_ok(&s, event);
    struct keel_order_ref ref = {.market = s.btc, .client_id = "stop"};
    const struct keel_order *order = keel_account_find_order(s.account, &ref);
    assert_true(order->close_position && keel_order_is_open(order));
    assert_false(keel_decimal_is_valid(order->quantity));
    end_scenario(&s);
}

static void fields_that_the_stream_lacks_stay(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = order_event(&s, "1", "a", KEEL_ORDER_NEW);
    event.order.create_time_ms = 4242;
    apply_ok(&s, event);
    event = order_event(&s, "1", "", KEEL_ORDER_NEW);
    event.order.price = KEEL_DECIMAL_ABSENT;
    event.order.type = KEEL_ORDER_TYPE_NONE;
    event.order.family = KEEL_FAMILY_NONE;
    apply_ok(&s, event);
    assert_int_equal(find(&s, "1", "")->create_time_ms, 4242);
    assert_string_equal(find(&s, "1", "")->client_id, "a");
    assert_decimal(find(&s, "1", "")->price, "20000");
    assert_int_equal(find(&s, "1", "")->type, KEEL_LIMIT);
    end_scenario(&s);
}

static void parent_and_child_share_a_client_id_and_stay_two_orders(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event parent = order_event(&s, "1000", "stop", KEEL_ORDER_NEW);
    parent.order.family = KEEL_FAMILY_CONDITIONAL;
    parent.order.type = KEEL_STOP_MARKET;
    parent.order.trigger_price = D("21000");
    apply_ok(&s, parent);
    apply_ok(&s, order_event(&s, "5", "stop", KEEL_ORDER_NEW));
    assert_true(s.applied.created);
    snprintf(parent.order.child_order_id, sizeof(parent.order.child_order_id), "5");
    parent.order.update_time_ms = ++s.time_ms;
    apply_ok(&s, parent);
    parent.order.child_order_id[0] = '\0';
    parent.order.status = KEEL_ORDER_FILLED;
    parent.order.update_time_ms = ++s.time_ms;
    apply_ok(&s, parent);
    assert_string_equal(s.applied.order->child_order_id, "5");
    assert_true(keel_order_is_open(find(&s, "5", "")));
    end_scenario(&s);
}

static void a_client_id_may_come_again_once_its_order_is_done(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    apply_ok(&s, order_event(&s, "2", "a", KEEL_ORDER_NEW));
    assert_true(s.applied.created);
    assert_string_equal(find(&s, "", "a")->order_id, "2");
    assert_int_equal(find(&s, "1", "")->status, KEEL_ORDER_CANCELED);
    end_scenario(&s);
}

static void completed_orders_are_bounded_and_the_newest_kept(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){
        .completed_orders_max = 8, .completed_orders_market_max = 3, .open_orders_max = 4});
    char id[16];
    for (int i = 1; i <= 10; i++) {
        snprintf(id, sizeof(id), "%d", i);
        apply_ok(&s, order_event(&s, id, id, KEEL_ORDER_NEW));
        apply_ok(&s, order_event(&s, id, id, KEEL_ORDER_CANCELED));
    }
    assert_int_equal(keel_account_completed_order_count(s.account), 3);
    assert_null(find(&s, "7", ""));
    const struct keel_order *order = NULL;
    for (int i = 10; i >= 8; i--) {
        order = keel_account_next_completed_order(s.account, s.btc, order);
        snprintf(id, sizeof(id), "%d", i);
        assert_string_equal(order->order_id, id);
    }
    assert_null(keel_account_next_completed_order(s.account, KEEL_NO_MARKET, order));
    end_scenario(&s);
}

static void a_late_word_on_a_forgotten_order_is_asked_about(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){
        .completed_orders_max = 8, .completed_orders_market_max = 1, .open_orders_max = 4});
    struct keel_event late = order_event(&s, "1", "a", KEEL_ORDER_NEW);
    apply_ok(&s, late);
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    apply_ok(&s, order_event(&s, "2", "b", KEEL_ORDER_CANCELED)); /* the first makes room */
    assert_null(find(&s, "1", ""));

    apply_ok(&s, late);
    assert_true(keel_account_order_is_unconfirmed(s.account, find(&s, "1", "")));
    assert_int_equal(s.applied.missing_count, 1);
    assert_string_equal(s.applied.missing[0].order_id, "1");
    struct keel_order_ref ref = s.applied.missing[0];
    assert_true(keel_account_drop_order(s.account, &ref, KEEL_ORDER_CANCELED, ++s.time_ms));

    apply_ok(&s, order_event(&s, "3", "c", KEEL_ORDER_NEW)); /* newer than what was forgotten */
    assert_false(keel_account_order_is_unconfirmed(s.account, find(&s, "3", "")));
    assert_int_equal(s.applied.missing_count, 0);
    end_scenario(&s);
}

static void one_open_order_too_many_is_full_and_changes_nothing(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){.open_orders_max = 2});
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    apply_ok(&s, order_event(&s, "2", "b", KEEL_ORDER_NEW));
    assert_int_equal(apply_from(&s, order_event(&s, "3", "c", KEEL_ORDER_NEW), KEEL_SOURCE_STREAM),
                     KEEL_FULL);
    assert_null(find(&s, "3", ""));
    apply_ok(&s, order_event(&s, "4", "d", KEEL_ORDER_FILLED)); /* done: needs no open place */
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    apply_ok(&s, order_event(&s, "3", "c", KEEL_ORDER_NEW));
    end_scenario(&s);
}

static void an_order_of_the_venue_has_its_cause(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = order_event(&s, "1", "autoclose-1", KEEL_ORDER_NEW);
    event.order.cause = KEEL_CAUSE_LIQUIDATION;
    apply_ok(&s, event);
    assert_int_equal(s.applied.cause, KEEL_CAUSE_LIQUIDATION);
    tell_position(&s, s.btc, "1", "20000");
    struct keel_event fill = execution_event(&s, "t1", "1", KEEL_SELL, "1", "18000");
    fill.execution.cause = KEEL_CAUSE_LIQUIDATION;
    apply_ok(&s, fill);
    apply_ok(&s, position_event(s.btc, KEEL_NET, "0", "0", fill.execution.time_ms));
    assert_true(s.applied.ended);
    assert_int_equal(s.applied.cause, KEEL_CAUSE_LIQUIDATION);
    end_scenario(&s);
}

/* Executions --------------------------------------------------------------------------------- */

static void a_repeated_execution_counts_once(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    struct keel_event fill = execution_event(&s, "t1", "1", KEEL_BUY, "0.4", "20000");
    apply_ok(&s, fill);
    apply_ok(&s, fill);
    assert_false(s.applied.changed);
    assert_int_equal(keel_account_counters(s.account).duplicates, 1);
    assert_decimal(find(&s, "1", "")->filled_quantity, "0.4");
    fill.execution.market = s.eth; /* trade ids are a market's own */
    apply_ok(&s, fill);
    assert_true(s.applied.created);
    end_scenario(&s);
}

static void both_sides_of_a_trade_with_oneself_count(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, execution_event(&s, "t1", "1", KEEL_BUY, "0.4", "20000"));
    apply_ok(&s, execution_event(&s, "t1", "2", KEEL_SELL, "0.4", "20000"));
    assert_true(s.applied.created);
    assert_int_equal(keel_account_counters(s.account).duplicates, 0);
    end_scenario(&s);
}

static void a_thin_execution_is_completed_by_the_full_one(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event fill = execution_event(&s, "t1", "1", KEEL_BUY, "0.4", "20000");
    apply_ok(&s, fill);
    fill.execution.fee = D("4");
    snprintf(fill.execution.fee_asset, sizeof(fill.execution.fee_asset), "USDT");
    apply_ok(&s, fill);
    assert_true(s.applied.changed && !s.applied.created);
    assert_decimal(s.applied.execution->fee, "4");
    end_scenario(&s);
}

static void executions_are_bounded_and_the_newest_kept(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){.executions_max = 4});
    char id[16];
    for (int i = 1; i <= 10; i++) {
        snprintf(id, sizeof(id), "t%d", i);
        apply_ok(&s, execution_event(&s, id, "1", KEEL_BUY, "0.1", "20000"));
    }
    const struct keel_execution *execution = NULL;
    for (int i = 10; i >= 7; i--) {
        execution = keel_account_next_execution(s.account, KEEL_NO_MARKET, execution);
        snprintf(id, sizeof(id), "t%d", i);
        assert_string_equal(execution->trade_id, id);
    }
    assert_null(keel_account_next_execution(s.account, KEEL_NO_MARKET, execution));
    end_scenario(&s);
}

static void an_execution_without_a_price_is_malformed(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event fill = execution_event(&s, "t1", "1", KEEL_BUY, "0.4", "20000");
    fill.execution.price = KEEL_DECIMAL_ABSENT;
    assert_int_equal(apply_from(&s, fill, KEEL_SOURCE_STREAM), KEEL_MALFORMED);
    end_scenario(&s);
}

/* Held orders -------------------------------------------------------------------------------- */

static struct keel_command place_command(struct scenario *scenario, const char *client_id)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER,
                                   .place = limit_request(scenario, KEEL_BUY, "1", "20000")};
    snprintf(command.place.client_id, sizeof(command.place.client_id), "%s", client_id);
    return command;
}

static keel_decimal available(const struct scenario *scenario)
{
    struct keel_margin_info info;
    assert_int_equal(
        keel_account_read_margin(scenario->account, KEEL_NO_MARKET, NOW, false, &info, NULL),
        KEEL_OK);
    return info.available;
}

static void a_held_order_reserves_its_margin_until_it_is_released(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = place_command(&s, "x");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_decimal(available(&s), "9000");
    assert_int_equal(find(&s, "", "x")->status, KEEL_ORDER_PENDING);
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_CLIENT_ID);

    assert_true(keel_account_release(s.account, &command, ++s.time_ms));
    assert_decimal(available(&s), "10000");
    assert_int_equal(find(&s, "", "x")->status, KEEL_ORDER_REJECTED);
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    end_scenario(&s);
}

static void an_order_that_the_venue_told_of_is_not_released(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = place_command(&s, "x");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    apply_ok(&s, order_event(&s, "1", "x", KEEL_ORDER_NEW));
    assert_false(s.applied.created);
    assert_false(keel_account_release(s.account, &command, ++s.time_ms));
    assert_int_equal(find(&s, "1", "")->status, KEEL_ORDER_NEW);
    assert_decimal(available(&s), "9000");
    end_scenario(&s);
}

static void a_held_market_order_is_valued_at_what_it_may_cost(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_book(&s, s.btc, "19990", "20010");
    struct keel_command command = place_command(&s, "x");
    command.place.type = KEEL_MARKET;
    command.place.price = KEEL_DECIMAL_ABSENT;
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_decimal(available(&s), "8998.99975"); /* 20010 * 1.0005 / 20 */
    end_scenario(&s);
}

static void between_a_fill_and_its_position_the_margin_stays_taken(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    assert_decimal(available(&s), "9000");
    struct keel_event filled = order_event(&s, "1", "a", KEEL_ORDER_FILLED);
    filled.order.filled_quantity = D("1");
    apply_ok(&s, filled);
    struct keel_event fill = execution_event(&s, "t1", "1", KEEL_BUY, "1", "20000");
    apply_ok(&s, fill);
    assert_decimal(available(&s), "9000");
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", fill.execution.time_ms));
    assert_decimal(available(&s), "9000");
    end_scenario(&s);
}

static void an_order_proved_absent_is_dropped(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = place_command(&s, "x");
    struct keel_order_ref ref = {.market = s.btc, .client_id = "x"};
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_true(keel_account_drop_order(s.account, &ref, KEEL_ORDER_REJECTED, ++s.time_ms));
    assert_false(keel_account_drop_order(s.account, &ref, KEEL_ORDER_REJECTED, ++s.time_ms));
    assert_decimal(available(&s), "10000");
    end_scenario(&s);
}

/* Snapshots ---------------------------------------------------------------------------------- */

static void a_position_that_a_snapshot_leaves_out_is_flat(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", 5000));
    apply_ok(&s, position_event(s.eth, KEEL_NET, "2", "1500", 5000));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_POSITIONS, 6000));
    apply_ok(&s, position_event(s.eth, KEEL_NET, "2", "1500", 5000));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_POSITIONS, 0));
    assert_int_equal(s.applied.gone_count, 1);
    assert_int_equal(s.applied.gone[0].market, s.btc);
    assert_decimal(s.applied.gone[0].quantity, "0");
    assert_decimal(quantity_of(&s, KEEL_NET), "0");
    assert_int_equal(keel_account_position_count(s.account), 1);
    end_scenario(&s);
}

static void what_the_stream_told_after_the_snapshot_was_asked_for_stays(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, position_event(s.btc, KEEL_NET, "1", "20000", 6001));
    apply_ok(&s, balance_event("50", "50", 3000000));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_POSITIONS, 6000));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_POSITIONS, 0));
    assert_int_equal(s.applied.gone_count, 0);
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_BALANCES, 2000000));
    apply_ok(&s, balance_event("40", "40", 1500000));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_BALANCES, 0));
    assert_decimal(keel_account_find_balance(s.account, KEEL_STR("USDT"))->wallet, "50");
    end_scenario(&s);
}

static void an_asset_that_a_snapshot_leaves_out_is_not_held(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_BALANCES, 2000000));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_BALANCES, 0));
    assert_null(keel_account_find_balance(s.account, KEEL_STR("USDT")));
    apply_ok(&s, balance_event("40", "40", 2000001));
    assert_decimal(keel_account_find_balance(s.account, KEEL_STR("USDT"))->wallet, "40");
    end_scenario(&s);
}

static void an_order_that_a_snapshot_leaves_out_is_asked_for_and_not_dropped(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    apply_ok(&s, order_event(&s, "2", "b", KEEL_ORDER_NEW));
    struct keel_event row = order_event(&s, "2", "b", KEEL_ORDER_NEW);
    struct keel_command command = place_command(&s, "sent");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    int64_t asked_ms = ++s.time_ms;
    apply_ok(&s, order_event(&s, "3", "c", KEEL_ORDER_NEW)); /* newer than the snapshot */
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_ORDERS, asked_ms));
    apply_ok(&s, row);
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_ORDERS, 0));
    assert_int_equal(s.applied.missing_count, 1);
    assert_string_equal(s.applied.missing[0].order_id, "1");
    assert_true(keel_order_is_open(find(&s, "1", "")));
    assert_true(keel_account_order_is_unconfirmed(s.account, find(&s, "1", "")));
    assert_false(keel_account_order_is_unconfirmed(s.account, find(&s, "2", "")));

    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW)); /* the query's answer */
    assert_false(keel_account_order_is_unconfirmed(s.account, find(&s, "1", "")));
    end_scenario(&s);
}

/* Its end may have been lost with a stream before the orders were listed. */
static void a_late_reply_on_an_order_that_was_not_listed_is_doubted(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = place_command(&s, "late");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    struct keel_event late = order_event(&s, "1", "late", KEEL_ORDER_NEW);
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_ORDERS, ++s.time_ms));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_ORDERS, 0));
    assert_int_equal(apply_from(&s, late, KEEL_SOURCE_SNAPSHOT), KEEL_OK);
    assert_int_equal(s.applied.missing_count, 1);
    assert_true(keel_account_order_is_unconfirmed(s.account, find(&s, "1", "")));

    command = place_command(&s, "fresh");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    struct keel_event fresh = order_event(&s, "2", "fresh", KEEL_ORDER_NEW);
    assert_int_equal(apply_from(&s, fresh, KEEL_SOURCE_SNAPSHOT), KEEL_OK);
    assert_int_equal(s.applied.missing_count, 0);
    end_scenario(&s);
}

/* The stream's executions were there first: the reply may not reopen the order, but it alone tells
 * what the order is called and when it came. */
static void a_late_reply_on_an_order_that_is_done_still_names_it(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = place_command(&s, "market");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    struct keel_event late = order_event(&s, "7", "market", KEEL_ORDER_NEW);
    late.order.create_time_ms = late.order.update_time_ms;
    late.order.time_in_force = KEEL_IOC;
    struct keel_event fill = execution_event(&s, "t1", "", KEEL_BUY, "1", "20000");
    strcpy(fill.execution.client_id, "market");
    apply_ok(&s, fill);
    assert_int_equal(find(&s, "", "market")->status, KEEL_ORDER_FILLED);

    assert_int_equal(apply_from(&s, late, KEEL_SOURCE_SNAPSHOT), KEEL_OK);
    const struct keel_order *order = find(&s, "7", "");
    assert_non_null(order);
    assert_true(s.applied.changed);
    assert_int_equal(order->status, KEEL_ORDER_FILLED);
    assert_decimal(order->filled_quantity, "1");
    assert_int_equal(order->create_time_ms, late.order.create_time_ms);
    assert_int_equal(order->update_time_ms, fill.execution.time_ms);
    assert_int_equal(apply_from(&s, late, KEEL_SOURCE_SNAPSHOT), KEEL_OK);
    assert_false(s.applied.changed);
    end_scenario(&s);
}

static void an_execution_names_the_order_that_it_is_of(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = place_command(&s, "market");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    struct keel_event fill = execution_event(&s, "t1", "7", KEEL_BUY, "0.4", "20000");
    strcpy(fill.execution.client_id, "market");
    apply_ok(&s, fill);
    assert_string_equal(find(&s, "", "market")->order_id, "7");
    assert_ptr_equal(find(&s, "7", ""), find(&s, "", "market"));
    end_scenario(&s);
}

static void a_snapshot_of_one_family_says_nothing_of_the_other(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_CONDITIONAL_ORDERS, 0));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_CONDITIONAL_ORDERS, 0));
    assert_int_equal(s.applied.missing_count, 0);
    end_scenario(&s);
}

static void a_snapshot_does_not_reopen_what_the_stream_ended(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event row = order_event(&s, "1", "a", KEEL_ORDER_NEW);
    apply_ok(&s, row);
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_CANCELED));
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_BEGIN, KEEL_SNAPSHOT_ORDERS, 1));
    apply_ok(&s, row);
    apply_ok(&s, snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_ORDERS, 0));
    assert_int_equal(keel_account_open_order_count(s.account), 0);
    end_scenario(&s);
}

static void the_end_of_a_snapshot_that_never_began_is_malformed(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event end = snapshot_event(KEEL_EVENT_SNAPSHOT_END, KEEL_SNAPSHOT_ORDERS, 0);
    assert_int_equal(apply_from(&s, end, KEEL_SOURCE_SNAPSHOT), KEEL_MALFORMED);
    end_scenario(&s);
}

/* Settings and freshness --------------------------------------------------------------------- */

static void leverage_is_unknown_until_it_is_told(void **state)
{
    (void)state;
    struct scenario s = bare_scenario((struct keel_account_config){0});
    struct keel_leverage leverage;
    assert_int_equal(keel_account_get_leverage(s.account, s.btc, NOW, &leverage), KEEL_NOT_LOADED);
    tell_brackets(&s, s.btc, make_brackets());
    assert_int_equal(keel_account_get_leverage(s.account, s.btc, NOW, &leverage), KEEL_NOT_LOADED);
    tell_leverage(&s, s.btc, 20, KEEL_CROSS);
    assert_int_equal(
        keel_account_get_leverage(s.account, s.btc, NOW + 2 * (int64_t)SECOND, &leverage), KEEL_OK);
    assert_int_equal(leverage.leverage, 20);
    assert_int_equal(leverage.leverage_max, 125);
    assert_int_equal(leverage.margin_mode, KEEL_CROSS);
    assert_int_equal(leverage.age_ms, 2000);
    assert_decimal(leverage.notional_max, "20000000");
    end_scenario(&s);
}

static void setting_leverage_keeps_the_mode_and_the_maximum(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_leverage leverage;
    tell_leverage(&s, s.btc, 50, KEEL_MARGIN_MODE_NONE);
    assert_int_equal(keel_account_get_leverage(s.account, s.btc, NOW, &leverage), KEEL_OK);
    assert_int_equal(leverage.leverage, 50);
    assert_int_equal(leverage.leverage_max, 125);
    assert_int_equal(leverage.margin_mode, KEEL_CROSS);
    assert_decimal(leverage.notional_max, "3000000");
    end_scenario(&s);
}

static void what_is_told_of_the_mode_alone_does_not_date_the_leverage(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_leverage leverage;
    s.time_ms += 10;
    tell_leverage(&s, s.btc, 0, KEEL_ISOLATED);
    s.time_ms -= 2;
    tell_leverage(&s, s.btc, 50, KEEL_MARGIN_MODE_NONE);
    assert_int_equal(keel_account_get_leverage(s.account, s.btc, NOW, &leverage), KEEL_OK);
    assert_int_equal(leverage.leverage, 50);
    assert_int_equal(leverage.margin_mode, KEEL_ISOLATED);
    tell_leverage(&s, s.btc, 20, KEEL_MARGIN_MODE_NONE);
    s.time_ms -= 2;
    tell_leverage(&s, s.btc, 50, KEEL_MARGIN_MODE_NONE);
    assert_int_equal(keel_account_get_leverage(s.account, s.btc, NOW, &leverage), KEEL_OK);
    assert_int_equal(leverage.leverage, 20);
    end_scenario(&s);
}

static void a_leverage_that_we_asked_for_is_no_change_from_outside(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = {
        .kind = KEEL_SET_LEVERAGE, .leverage = {.market = s.btc, .leverage = 50}
    };
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    tell_leverage(&s, s.btc, 50, KEEL_MARGIN_MODE_NONE);
    assert_false(s.applied.changed_outside);
    assert_false(keel_account_modes_changed(s.account, s.btc));
    tell_leverage(&s, s.btc, 20, KEEL_MARGIN_MODE_NONE); /* nobody asked for this one */
    assert_true(s.applied.changed_outside);
    assert_true(keel_account_modes_changed(s.account, s.btc));
    assert_false(keel_account_modes_changed(s.account, s.eth));
    keel_account_accept(s.account, s.btc);
    assert_false(keel_account_modes_changed(s.account, s.btc));
    end_scenario(&s);
}

static void another_leverage_than_the_one_asked_for_is_a_change_from_outside(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_command command = {
        .kind = KEEL_SET_LEVERAGE, .leverage = {.market = s.btc, .leverage = 50}
    };
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    tell_leverage(&s, s.btc, 25, KEEL_MARGIN_MODE_NONE);
    assert_true(s.applied.changed_outside);
    end_scenario(&s);
}

static void b19_a_mode_that_flips_under_our_feet_is_seen(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_modes(&s, KEEL_OFF);
    assert_false(s.applied.changed_outside);
    tell_modes(&s, KEEL_ON);
    assert_true(s.applied.changed_outside);
    assert_true(keel_account_modes_changed(s.account, KEEL_NO_MARKET));
    keel_account_accept(s.account, KEEL_NO_MARKET);
    assert_false(keel_account_modes_changed(s.account, KEEL_NO_MARKET));

    struct keel_command command = {.kind = KEEL_SET_HEDGE_MODE, .enable = false};
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    tell_modes(&s, KEEL_OFF);
    assert_false(s.applied.changed_outside);
    end_scenario(&s);
}

static void b20_a_contract_size_that_changes_stops_entries(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_market market = make_market("BTC");
    struct keel_event event = {.kind = KEEL_EVENT_MARKET, .market = &market};
    apply_ok(&s, event);
    assert_false(s.applied.changed_outside);
    market.contract_size = D("0.001");
    apply_ok(&s, event);
    assert_true(s.applied.changed_outside);
    assert_true(keel_account_modes_changed(s.account, s.btc));
    end_scenario(&s);
}

static void reads_are_stale_until_the_session_says_otherwise(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    tell_position(&s, s.btc, "1", "20000");
    apply_ok(&s, order_event(&s, "1", "a", KEEL_ORDER_NEW));
    keel_account_set_fresh(s.account, false, NOW);

    struct keel_position position;
    struct keel_balance balance;
    struct keel_order order;
    struct keel_order_ref ref = {.market = s.btc, .order_id = "1"};
    struct keel_account *a = s.account;
    assert_int_equal(keel_account_get_position(a, s.btc, KEEL_NET, NOW, false, &position),
                     KEEL_STALE);
    assert_int_equal(keel_account_get_balance(a, KEEL_STR("USDT"), NOW, false, &balance),
                     KEEL_STALE);
    assert_int_equal(keel_account_get_order(a, &ref, NOW, false, &order), KEEL_STALE);
    assert_int_equal(keel_account_get_position(a, s.btc, KEEL_NET, NOW, true, &position), KEEL_OK);
    assert_int_equal(keel_account_get_balance(a, KEEL_STR("USDT"), NOW, true, &balance), KEEL_OK);
    assert_int_equal(keel_account_get_order(a, &ref, NOW, true, &order), KEEL_OK);
    keel_account_set_fresh(s.account, true, NOW);
    assert_int_equal(keel_account_get_position(a, s.btc, KEEL_NET, NOW, false, &position), KEEL_OK);
    assert_int_equal(keel_account_get_position(a, s.eth, KEEL_NET, NOW, false, &position),
                     KEEL_NO_POSITION);
    end_scenario(&s);
}

static void a_fact_about_an_unknown_market_is_not_taken(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = position_event(99, KEEL_NET, "1", "1", 1);
    assert_int_equal(apply_from(&s, event, KEEL_SOURCE_STREAM), KEEL_SYMBOL_UNKNOWN);
    end_scenario(&s);
}

static void a_mark_price_of_zero_is_malformed_and_an_older_one_ignored(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = {
        .kind = KEEL_EVENT_MARK,
        .mark = {.market = s.btc, .mark_price = D("0"), .time_ms = 9000000}
    };
    assert_int_equal(apply_from(&s, event, KEEL_SOURCE_STREAM), KEEL_MALFORMED);
    event.mark.mark_price = D("19000");
    event.mark.time_ms = 1;
    apply_ok(&s, event);
    assert_decimal(keel_account_find_mark(s.account, s.btc, NULL)->mark_price, "20000");
    end_scenario(&s);
}

static void what_keel_does_not_know_is_counted(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    apply_ok(&s, (struct keel_event){.kind = KEEL_EVENT_UNKNOWN});
    assert_int_equal(keel_account_counters(s.account).unknown, 1);
    end_scenario(&s);
}

static void the_newest_mark_may_come_from_the_caller(void **state)
{
    (void)state;
    struct scenario s = ready_scenario();
    struct keel_event event = {
        .kind = KEEL_EVENT_MARK, .mark = {.market = s.btc, .mark_price = D("21000")}
    };
    assert_int_equal(apply_from(&s, event, KEEL_SOURCE_CALLER), KEEL_OK);
    assert_true(s.applied.changed);
    assert_decimal(keel_account_find_mark(s.account, s.btc, NULL)->mark_price, "21000");
    end_scenario(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_lives_from_opening_to_flat),
        cmocka_unit_test(the_legs_of_a_hedge_are_positions_of_their_own),
        cmocka_unit_test(a_trade_with_oneself_is_two_executions),
        cmocka_unit_test(in_hedge_mode_side_and_flag_tell_an_orders_leg),
        cmocka_unit_test(a_fill_before_its_order_is_of_no_leg_until_the_order_comes),
        cmocka_unit_test(a_list_that_says_what_closes_tells_the_leg_of_a_fill),
        cmocka_unit_test(an_older_statement_never_overwrites_a_newer_one),
        cmocka_unit_test(an_older_statement_does_not_bring_a_flat_position_back),
        cmocka_unit_test(a_list_that_restates_a_position_tells_what_it_alone_knows),
        cmocka_unit_test(b11_statements_with_one_time_are_all_applied),
        cmocka_unit_test(a_repeated_statement_changes_nothing),
        cmocka_unit_test(a_stream_statement_keeps_what_it_does_not_tell),
        cmocka_unit_test(executions_do_not_move_positions_but_are_expected_in_them),
        cmocka_unit_test(a_fill_that_its_statement_overtook_is_not_expected_again),
        cmocka_unit_test(a_listed_execution_is_history),
        cmocka_unit_test(filled_quantities_never_fall),
        cmocka_unit_test(fills_that_an_order_has_told_already_add_nothing),
        cmocka_unit_test(a_reply_that_the_stream_overtook_changes_nothing),
        cmocka_unit_test(a_done_order_never_reopens),
        cmocka_unit_test(b07_a_late_fill_after_cancel_still_counts),
        cmocka_unit_test(b07_a_cancel_that_says_unfilled_loses_to_the_fills),
        cmocka_unit_test(b07_fills_that_came_before_their_unknown_order_count),
        cmocka_unit_test(a_cancel_that_comes_with_an_old_time_still_ends_the_order),
        cmocka_unit_test(an_order_placed_elsewhere_counts),
        cmocka_unit_test(b15_the_venue_may_shrink_an_order),
        cmocka_unit_test(b15_a_close_position_order_has_no_quantity_and_is_no_less_open),
        cmocka_unit_test(fields_that_the_stream_lacks_stay),
        cmocka_unit_test(parent_and_child_share_a_client_id_and_stay_two_orders),
        cmocka_unit_test(a_client_id_may_come_again_once_its_order_is_done),
        cmocka_unit_test(completed_orders_are_bounded_and_the_newest_kept),
        cmocka_unit_test(a_late_word_on_a_forgotten_order_is_asked_about),
        cmocka_unit_test(one_open_order_too_many_is_full_and_changes_nothing),
        cmocka_unit_test(an_order_of_the_venue_has_its_cause),
        cmocka_unit_test(a_repeated_execution_counts_once),
        cmocka_unit_test(both_sides_of_a_trade_with_oneself_count),
        cmocka_unit_test(a_thin_execution_is_completed_by_the_full_one),
        cmocka_unit_test(executions_are_bounded_and_the_newest_kept),
        cmocka_unit_test(an_execution_without_a_price_is_malformed),
        cmocka_unit_test(a_held_order_reserves_its_margin_until_it_is_released),
        cmocka_unit_test(an_order_that_the_venue_told_of_is_not_released),
        cmocka_unit_test(a_held_market_order_is_valued_at_what_it_may_cost),
        cmocka_unit_test(between_a_fill_and_its_position_the_margin_stays_taken),
        cmocka_unit_test(an_order_proved_absent_is_dropped),
        cmocka_unit_test(a_position_that_a_snapshot_leaves_out_is_flat),
        cmocka_unit_test(what_the_stream_told_after_the_snapshot_was_asked_for_stays),
        cmocka_unit_test(an_asset_that_a_snapshot_leaves_out_is_not_held),
        cmocka_unit_test(an_order_that_a_snapshot_leaves_out_is_asked_for_and_not_dropped),
        cmocka_unit_test(a_late_reply_on_an_order_that_was_not_listed_is_doubted),
        cmocka_unit_test(a_late_reply_on_an_order_that_is_done_still_names_it),
        cmocka_unit_test(an_execution_names_the_order_that_it_is_of),
        cmocka_unit_test(a_snapshot_of_one_family_says_nothing_of_the_other),
        cmocka_unit_test(a_snapshot_does_not_reopen_what_the_stream_ended),
        cmocka_unit_test(the_end_of_a_snapshot_that_never_began_is_malformed),
        cmocka_unit_test(leverage_is_unknown_until_it_is_told),
        cmocka_unit_test(setting_leverage_keeps_the_mode_and_the_maximum),
        cmocka_unit_test(what_is_told_of_the_mode_alone_does_not_date_the_leverage),
        cmocka_unit_test(a_leverage_that_we_asked_for_is_no_change_from_outside),
        cmocka_unit_test(another_leverage_than_the_one_asked_for_is_a_change_from_outside),
        cmocka_unit_test(b19_a_mode_that_flips_under_our_feet_is_seen),
        cmocka_unit_test(b20_a_contract_size_that_changes_stops_entries),
        cmocka_unit_test(reads_are_stale_until_the_session_says_otherwise),
        cmocka_unit_test(a_fact_about_an_unknown_market_is_not_taken),
        cmocka_unit_test(a_mark_price_of_zero_is_malformed_and_an_older_one_ignored),
        cmocka_unit_test(what_keel_does_not_know_is_counted),
        cmocka_unit_test(the_newest_mark_may_come_from_the_caller),
    };
    return cmocka_run_group_tests_name("core/account", tests, NULL, NULL);
}

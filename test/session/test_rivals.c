/* Which writes of ours hide each other. */
#include "session/session_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { OURS = 3, THEIRS = 4 }; /* markets */

static struct keel_slot slots[KEEL_REQUESTS_MAX];
static struct keel_session session;

static int clear(void **state)
{
    (void)state;
    memset(slots, 0, sizeof(slots));
    memset(&session, 0, sizeof(session));
    session.requests.slots = slots;
    session.venue = &keel_venue_binance;
    return 0;
}

/* In a place of its own, valid from its sending on for a second. */
static struct keel_slot *add_write(enum keel_request_state state, int64_t sent_time_ms,
                                   const struct keel_command *command)
{
    struct keel_slot *slot = &slots[session.requests.writes++];
    slot->state = state;
    slot->sent_time_ms = sent_time_ms;
    slot->expires_ms = sent_time_ms + 1000;
    slot->command = *command;
    return slot;
}

static struct keel_slot *add_leverage(enum keel_request_state state, int64_t sent_time_ms,
                                      keel_market_id market, int32_t leverage)
{
    struct keel_command command = {.kind = KEEL_SET_LEVERAGE};
    command.leverage.market = market;
    command.leverage.leverage = leverage;
    return add_write(state, sent_time_ms, &command);
}

static uint16_t place_of(const struct keel_slot *slot)
{
    return (uint16_t)(slot - slots);
}

static void what_is_accepted_hides_what_wanted_another_and_rivals_its_like(void **state)
{
    (void)state;
    struct keel_slot *accepted = add_leverage(KEEL_REQUEST_IN_FLIGHT, 5000, OURS, 7);
    struct keel_slot *another = add_leverage(KEEL_REQUEST_UNSETTLED, 5000, OURS, 8);
    struct keel_slot *like = add_leverage(KEEL_REQUEST_UNSETTLED, 5000, OURS, 7);
    struct keel_slot *asking = add_leverage(KEEL_REQUEST_ASKING, 5000, OURS, 9);
    struct keel_slot *on_its_way = add_leverage(KEEL_REQUEST_IN_FLIGHT, 5000, OURS, 9);

    keel_session_note_accepted(&session, place_of(accepted));
    assert_true(another->overtaken && asking->overtaken && on_its_way->overtaken);
    assert_false(like->overtaken);
    assert_int_equal(like->rivals, 1);
    assert_int_equal(another->rivals, 0);
    assert_false(accepted->overtaken);
    assert_int_equal(accepted->rivals, 0);
}

static void what_never_left_or_concerns_another_thing_is_not_hidden(void **state)
{
    (void)state;
    struct keel_command mode = {.kind = KEEL_SET_MARGIN_MODE};
    mode.margin_mode.market = OURS;
    struct keel_slot *accepted = add_leverage(KEEL_REQUEST_IN_FLIGHT, 5000, OURS, 7);
    struct keel_slot *others[] = {
        add_leverage(KEEL_REQUEST_UNSETTLED, 5000, THEIRS, 8),
        add_leverage(KEEL_REQUEST_QUEUED, 5000, OURS, 8),
        add_leverage(KEEL_REQUEST_WAITING, 5000, OURS, 8),
        add_leverage(KEEL_REQUEST_ENDED, 5000, OURS, 8),
        add_write(KEEL_REQUEST_UNSETTLED, 5000, &mode),
    };

    keel_session_note_accepted(&session, place_of(accepted));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(others[i]->overtaken);
        assert_int_equal(others[i]->rivals, 0);
    }
}

static void what_was_over_before_the_other_left_hides_nothing(void **state)
{
    (void)state;
    struct keel_slot *accepted = add_leverage(KEEL_REQUEST_IN_FLIGHT, 5000, OURS, 7);
    struct keel_slot *before = add_leverage(KEEL_REQUEST_UNSETTLED, 5999, OURS, 8);
    struct keel_slot *after = add_leverage(KEEL_REQUEST_UNSETTLED, 6000, OURS, 8);

    keel_session_note_accepted(&session, place_of(accepted));
    assert_true(before->overtaken);
    assert_false(after->overtaken);
}

static void an_accepted_read_hides_nothing(void **state)
{
    (void)state;
    struct keel_command read = {.kind = KEEL_LOAD_LEVERAGE};
    struct keel_slot *accepted = add_write(KEEL_REQUEST_IN_FLIGHT, 5000, &read);
    struct keel_slot *another = add_leverage(KEEL_REQUEST_UNSETTLED, 5000, OURS, 8);

    keel_session_note_accepted(&session, place_of(accepted));
    assert_false(another->overtaken);
}

static bool compare(const struct keel_slot *about, struct keel_doubt *doubt)
{
    *doubt = (struct keel_doubt){.write = &about->command, .order_id = ""};
    return keel_session_compare(&session, place_of(about), doubt);
}

static void nothing_is_proved_while_another_that_may_change_it_is_on_its_way(void **state)
{
    (void)state;
    struct keel_slot *about = add_leverage(KEEL_REQUEST_ASKING, 5000, OURS, 7);
    struct keel_slot *other = add_leverage(KEEL_REQUEST_IN_FLIGHT, 5000, OURS, 8);
    struct keel_doubt doubt;

    assert_false(compare(about, &doubt));
    other->state = KEEL_REQUEST_UNSETTLED;
    assert_true(compare(about, &doubt));
    other->state = KEEL_REQUEST_IN_FLIGHT;
    other->command.leverage.market = THEIRS;
    assert_true(compare(about, &doubt));
    other->command.leverage.market = OURS;
    other->expires_ms = about->sent_time_ms;
    assert_true(compare(about, &doubt));
}

static void
another_without_a_verdict_hides_it_only_if_what_is_there_is_what_that_one_wanted(void **state)
{
    (void)state;
    struct keel_slot *about = add_leverage(KEEL_REQUEST_ASKING, 5000, OURS, 7);
    struct keel_doubt doubt;
    struct keel_event shown = {.kind = KEEL_EVENT_LEVERAGE};
    shown.leverage.market = OURS;
    shown.leverage.leverage = 8;
    session.events = (struct keel_events){&shown, 1, 1};
    add_leverage(KEEL_REQUEST_UNSETTLED, 5000, OURS, 8);

    assert_true(compare(about, &doubt));
    assert_true(doubt.overtaken);
    shown.leverage.leverage = 9;
    assert_true(compare(about, &doubt));
    assert_false(doubt.overtaken);
    assert_int_equal(doubt.rivals, 0);
}

static void each_other_that_wanted_the_same_may_have_brought_it_about(void **state)
{
    (void)state;
    struct keel_slot *about = add_leverage(KEEL_REQUEST_ASKING, 5000, OURS, 7);
    struct keel_doubt doubt;
    add_leverage(KEEL_REQUEST_UNSETTLED, 5000, OURS, 7);
    add_leverage(KEEL_REQUEST_ASKING, 5000, OURS, 7);
    add_leverage(KEEL_REQUEST_ENDED, 5000, OURS, 7);
    add_leverage(KEEL_REQUEST_UNSETTLED, 4000, OURS, 7); /* over by then */

    assert_true(compare(about, &doubt));
    assert_int_equal(doubt.rivals, 2);
    assert_false(doubt.overtaken);
}

static struct keel_slot *add_mode(enum keel_request_state state, enum keel_margin_mode mode,
                                  int32_t leverage)
{
    struct keel_command command = {.kind = KEEL_SET_MARGIN_MODE};
    command.margin_mode.market = OURS;
    command.margin_mode.mode = mode;
    command.margin_mode.leverage = leverage;
    return add_write(state, 5000, &command);
}

static void where_one_call_sets_both_a_margin_mode_and_a_leverage_hide_each_other(void **state)
{
    (void)state;
    session.venue = &keel_venue_gateio;
    struct keel_slot *mode = add_mode(KEEL_REQUEST_IN_FLIGHT, KEEL_ISOLATED, 7);
    struct keel_slot *other = add_leverage(KEEL_REQUEST_UNSETTLED, 5000, OURS, 8);
    struct keel_slot *like = add_leverage(KEEL_REQUEST_UNSETTLED, 5000, OURS, 7);
    struct keel_slot *elsewhere = add_leverage(KEEL_REQUEST_UNSETTLED, 5000, THEIRS, 8);
    like->command.leverage.mode = KEEL_ISOLATED;

    keel_session_note_accepted(&session, place_of(mode));
    assert_true(other->overtaken);
    assert_false(like->overtaken || elsewhere->overtaken);
    assert_int_equal(like->rivals, 1);
    keel_session_note_accepted(&session, place_of(other));
    assert_true(mode->overtaken);
}

static struct keel_slot *add_transfer(int64_t sent_time_ms, int amount)
{
    struct keel_command command = {
        .kind = KEEL_TRANSFER,
        .transfer = {KEEL_WALLET_SPOT, KEEL_WALLET_FUTURES, "USDT", keel_decimal_from_int(amount)}
    };
    return add_write(KEEL_REQUEST_IN_FLIGHT, sent_time_ms, &command);
}

static void transfers_rival_those_like_them_that_went_just_before(void **state)
{
    (void)state;
    session.wall_ms = 10000;
    keel_session_note_accepted(&session, place_of(add_transfer(9000, 5)));
    keel_session_note_accepted(&session, place_of(add_transfer(9000, 6)));
    struct keel_slot *like = add_transfer(12000, 5), *other = add_transfer(12000, 7);
    struct keel_slot *later = add_transfer(12001, 5);
    keel_session_note_alike(&session, place_of(like));
    keel_session_note_alike(&session, place_of(other));
    keel_session_note_alike(&session, place_of(later));
    assert_int_equal(like->rivals, 1);
    assert_int_equal(other->rivals, 0);
    assert_int_equal(later->rivals, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_accepted_hides_what_wanted_another_and_rivals_its_like,
                               clear),
        cmocka_unit_test_setup(what_never_left_or_concerns_another_thing_is_not_hidden, clear),
        cmocka_unit_test_setup(
            where_one_call_sets_both_a_margin_mode_and_a_leverage_hide_each_other, clear),
        cmocka_unit_test_setup(transfers_rival_those_like_them_that_went_just_before, clear),
        cmocka_unit_test_setup(what_was_over_before_the_other_left_hides_nothing, clear),
        cmocka_unit_test_setup(an_accepted_read_hides_nothing, clear),
        cmocka_unit_test_setup(nothing_is_proved_while_another_that_may_change_it_is_on_its_way,
                               clear),
        cmocka_unit_test_setup(
            another_without_a_verdict_hides_it_only_if_what_is_there_is_what_that_one_wanted,
            clear),
        cmocka_unit_test_setup(each_other_that_wanted_the_same_may_have_brought_it_about, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

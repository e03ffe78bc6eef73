/* The parts of a session: back-off, kept frames, pace, the pool of requests, streams. */
#include "session/backoff.h"
#include "session/frames.h"
#include "session/requests.h"
#include "session/streams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void pauses_grow_to_a_bound_and_are_never_nothing(void **state)
{
    (void)state;
    uint64_t random = 42;

    for (int32_t failures = 0; failures < 100; failures++) {
        int64_t pause_ns = keel_backoff_ns(failures, &random);
        assert_true(pause_ns >= KEEL_BACKOFF_MIN_NS / 2);
        assert_true(pause_ns < KEEL_BACKOFF_MAX_NS);
        if (failures >= 7)
            assert_true(pause_ns >= KEEL_BACKOFF_MAX_NS / 2);
    }
}

static void the_same_seed_gives_the_same_pauses(void **state)
{
    (void)state;
    uint64_t one = 7, other = 7, third = 8;
    bool differs = false;

    for (int32_t i = 0; i < 10; i++) {
        int64_t pause_ns = keel_backoff_ns(3, &one);
        assert_int_equal(pause_ns, keel_backoff_ns(3, &other));
        differs = differs || pause_ns != keel_backoff_ns(3, &third);
    }
    assert_true(differs);
}

static void frames_come_back_in_order_and_whole(void **state)
{
    (void)state;
    struct keel_frames frames;
    void *memory = malloc(KEEL_FRAMES_SIZE);
    uint32_t number;
    keel_str bytes;

    keel_frames_init(&frames, memory);
    assert_false(keel_frames_next(&frames, &number, &bytes));
    assert_true(keel_frames_keep(&frames, 3, KEEL_STR("first")));
    assert_true(keel_frames_keep(&frames, 4, KEEL_STR("")));
    assert_true(keel_frames_keep(&frames, 4, KEEL_STR("third")));
    assert_true(keel_frames_next(&frames, &number, &bytes));
    assert_int_equal(number, 3);
    assert_true(keel_str_equals(bytes, KEEL_STR("first")));
    assert_true(keel_frames_next(&frames, &number, &bytes));
    assert_int_equal(bytes.size, 0);
    assert_true(keel_frames_next(&frames, &number, &bytes));
    assert_true(keel_str_equals(bytes, KEEL_STR("third")));
    assert_false(keel_frames_next(&frames, &number, &bytes));
    free(memory);
}

static void a_frame_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct keel_frames frames;
    void *memory = malloc(KEEL_FRAMES_SIZE);
    char *big = calloc(1, KEEL_FRAMES_SIZE);

    keel_frames_init(&frames, memory);
    assert_false(keel_frames_keep(&frames, 1, (keel_str){big, KEEL_FRAMES_SIZE}));
    assert_true(keel_frames_keep(&frames, 1, (keel_str){big, KEEL_FRAMES_SIZE - 8}));
    assert_false(keel_frames_keep(&frames, 1, KEEL_STR("")));
    keel_frames_clear(&frames);
    assert_true(keel_frames_keep(&frames, 1, KEEL_STR("x")));
    free(big);
    free(memory);
}

static struct keel_governor governor_of(int64_t weight, int64_t orders)
{
    struct keel_governor governor = {0};
    keel_governor_apply_limit(&governor, &(struct keel_rate_limit){.kind = KEEL_LIMIT_WEIGHT,
                                                                   .interval_ms = 60000,
                                                                   .limit = weight});
    keel_governor_apply_limit(&governor, &(struct keel_rate_limit){.kind = KEEL_LIMIT_ORDERS,
                                                                   .interval_ms = 10000,
                                                                   .limit = orders});
    return governor;
}

static void loads_stop_before_questions_and_questions_before_orders(void **state)
{
    (void)state;
    struct keel_governor governor = governor_of(100, 1000);
    struct keel_request request = {.weight = 1};
    int64_t retry_at_ms;
    int used = 0;

    while (keel_governor_allows(&governor, KEEL_URGENCY_LOAD, false, 60000, &retry_at_ms)) {
        keel_governor_charge(&governor, request.weight, request.order_count, 60000);
        used++;
    }
    assert_int_equal(used, 75);
    assert_int_equal(retry_at_ms, 120000);
    while (keel_governor_allows(&governor, KEEL_URGENCY_QUERY, false, 60000, &retry_at_ms)) {
        keel_governor_charge(&governor, request.weight, request.order_count, 60000);
        used++;
    }
    assert_int_equal(used, 90);
    while (keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, 60000, &retry_at_ms)) {
        keel_governor_charge(&governor, request.weight, request.order_count, 60000);
        used++;
    }
    assert_int_equal(used, 100);
    assert_true(keel_governor_allows(&governor, KEEL_URGENCY_LOAD, false, 120000, &retry_at_ms));
}

static void orders_have_a_limit_of_their_own_that_cancels_do_not_touch(void **state)
{
    (void)state;
    struct keel_governor governor = governor_of(1000, 2);
    struct keel_request order = {.order_count = 1}, cancel = {.weight = 1};
    int64_t retry_at_ms;

    keel_governor_charge(&governor, order.weight, order.order_count, 1000);
    keel_governor_charge(&governor, order.weight, order.order_count, 1000);
    keel_governor_charge(&governor, cancel.weight, cancel.order_count, 1000);
    assert_false(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, 1000, &retry_at_ms));
    assert_int_equal(retry_at_ms, 10000);
    assert_true(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, false, 1000, &retry_at_ms));
    assert_true(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, 10000, &retry_at_ms));
}

static void the_venues_higher_count_is_believed(void **state)
{
    (void)state;
    struct keel_governor governor = governor_of(100, 10);
    struct keel_usage usage[] = {
        {KEEL_LIMIT_WEIGHT, 60000, 100},
        {KEEL_LIMIT_ORDERS, 10000, 3  },
    };
    int64_t retry_at_ms;

    keel_governor_observe(&governor, usage, 2, 1000);
    assert_false(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, false, 1000, &retry_at_ms));
    usage[0].used = 5;
    keel_governor_observe(&governor, usage, 2, 1000);
    assert_false(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, false, 1000, &retry_at_ms));
}

static void a_limit_that_is_told_again_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    struct keel_governor governor = governor_of(100, 10);
    int64_t retry_at_ms;

    keel_governor_apply_limit(
        &governor,
        &(struct keel_rate_limit){.kind = KEEL_LIMIT_WEIGHT, .interval_ms = 60000, .limit = 3});
    assert_int_equal(governor.limit_count, 2);
    keel_governor_charge(&governor, 3, 0, 1000);
    assert_false(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, false, 1000, &retry_at_ms));
    keel_governor_apply_limit(
        &governor,
        &(struct keel_rate_limit){.kind = KEEL_LIMIT_WEIGHT, .interval_ms = 10000, .limit = 1});
    assert_int_equal(governor.limit_count, 3); /* of another span: both hold */
    keel_governor_charge(&governor, 1, 0, 60000);
    assert_false(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, false, 60000, &retry_at_ms));
    assert_int_equal(retry_at_ms, 70000);
    keel_governor_apply_limit(
        &governor,
        &(struct keel_rate_limit){.kind = KEEL_LIMIT_WEIGHT, .interval_ms = 1000, .limit = 0});
    assert_int_equal(governor.limit_count, 3);
}

static void a_window_of_a_first_call_outlasts_the_venues(void **state)
{
    (void)state;
    struct keel_governor governor = {0};
    const struct keel_rate_limit limit = {
        .kind = KEEL_LIMIT_ORDERS, .interval_ms = 1000, .limit = 2, .of_first_call = true};
    const int64_t ends_ms = 1900 + 1000 + KEEL_GOVERNOR_SLACK_MS;
    int64_t retry_at_ms;

    keel_governor_apply_limit(&governor, &limit);
    keel_governor_charge(&governor, 1, 0, 1000); /* no order: the window has not begun */
    keel_governor_charge(&governor, 0, 1, 1900);
    keel_governor_charge(&governor, 0, 1, 2100);
    assert_false(
        keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, ends_ms - 1, &retry_at_ms));
    assert_int_equal(retry_at_ms, ends_ms);
    assert_true(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, ends_ms, &retry_at_ms));
    keel_governor_charge(&governor, 0, 2, ends_ms + 500); /* nor does it begin by a question */
    assert_false(
        keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, ends_ms + 1700, &retry_at_ms));
}

static void a_wanted_silence_holds_everything_and_never_shrinks(void **state)
{
    (void)state;
    struct keel_governor governor = governor_of(100, 10);
    int64_t retry_at_ms;

    keel_governor_silence(&governor, 5000);
    keel_governor_silence(&governor, 4000);
    assert_false(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, 4999, &retry_at_ms));
    assert_int_equal(retry_at_ms, 5000);
    assert_true(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, 5000, &retry_at_ms));
}

static void windows_and_silence_go_back_with_the_venues_clock(void **state)
{
    (void)state;
    struct keel_governor governor = governor_of(100, 10);
    int64_t retry_at_ms;

    keel_governor_charge(&governor, 100, 0, 90000);
    keel_governor_silence(&governor, 95000);
    keel_governor_step_back(&governor, 40000);
    assert_false(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, 54999, &retry_at_ms));
    assert_int_equal(retry_at_ms, 55000);
    assert_false(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, 55000, &retry_at_ms));
    assert_int_equal(retry_at_ms, 80000); /* used up, as it was till 120,000 */
    assert_true(keel_governor_allows(&governor, KEEL_URGENCY_WRITE, true, 80000, &retry_at_ms));
}

static void a_late_answer_does_not_find_the_next_use_of_its_place(void **state)
{
    (void)state;
    struct keel_requests requests;
    struct keel_command command = {.kind = KEEL_LOAD_TIME};

    assert_int_equal(keel_requests_init(&requests), KEEL_OK);
    uint16_t place = keel_requests_add(&requests, KEEL_FOR_CALLER, KEEL_URGENCY_QUERY, &command);
    keel_requests_start(&requests, place);
    uint64_t id = keel_requests_id(&requests, place);
    assert_int_equal(keel_requests_find(&requests, id), place);
    keel_requests_release(&requests, place);
    assert_int_equal(keel_requests_find(&requests, id), KEEL_REQUEST_NONE);
    assert_int_equal(keel_requests_add(&requests, KEEL_FOR_CALLER, KEEL_URGENCY_QUERY, &command),
                     place);
    keel_requests_start(&requests, place);
    assert_int_equal(keel_requests_find(&requests, id), KEEL_REQUEST_NONE);
    keel_requests_deinit(&requests);
}

static void a_place_that_is_used_again_remembers_nothing(void **state)
{
    (void)state;
    struct keel_requests requests;
    struct keel_command command = {.kind = KEEL_PLACE_ORDER};

    assert_int_equal(keel_requests_init(&requests), KEEL_OK);
    uint16_t place = keel_requests_add(&requests, KEEL_FOR_CALLER, KEEL_URGENCY_ENTRY, &command);
    struct keel_slot *slot = &requests.slots[place];
    keel_requests_start(&requests, place);
    slot->seen = slot->overtaken = slot->proof = slot->adopted = slot->told = slot->received = true;
    slot->rivals = slot->looked = 1;
    slot->stream = 7;
    slot->cut = "gone";
    slot->token = slot->intent = 9;
    slot->sent_time_ms = slot->clock_error_ms = slot->expires_ms = slot->clock_refused_ns = 5;
    strcpy(slot->order_id, "77");
    slot->error.status = KEEL_UNKNOWN;
    keel_requests_release(&requests, place);

    assert_int_equal(keel_requests_add(&requests, KEEL_FOR_CALLER, KEEL_URGENCY_ENTRY, &command),
                     place);
    assert_false(slot->seen || slot->overtaken || slot->proof || slot->adopted || slot->told ||
                 slot->received);
    assert_int_equal(slot->rivals + slot->looked + slot->attempts, 0);
    assert_int_equal(slot->stream, 0);
    assert_null(slot->cut);
    assert_int_equal(slot->token + slot->intent, 0);
    assert_int_equal(slot->sent_time_ms + slot->clock_error_ms + slot->expires_ms, 0);
    assert_int_equal(slot->clock_refused_ns, 0);
    assert_string_equal(slot->order_id, "");
    assert_int_equal(slot->error.status, KEEL_OK);
    assert_int_equal(requests.writes, 1);
    keel_requests_deinit(&requests);
}

static void callers_leave_places_to_the_session_itself(void **state)
{
    (void)state;
    struct keel_requests requests;
    struct keel_command command = {.kind = KEEL_LOAD_TIME};
    int count = 0;

    assert_int_equal(keel_requests_init(&requests), KEEL_OK);
    while (keel_requests_add(&requests, KEEL_FOR_CALLER, KEEL_URGENCY_QUERY, &command) !=
           KEEL_REQUEST_NONE)
        count++;
    assert_int_equal(count, KEEL_REQUESTS_MAX - KEEL_REQUESTS_SPARE);
    assert_int_not_equal(keel_requests_add(&requests, KEEL_FOR_FATE, KEEL_URGENCY_QUERY, &command),
                         KEEL_REQUEST_NONE);
    keel_requests_deinit(&requests);
}

static void queues_are_first_in_first_out_and_lose_none_when_one_is_taken_out(void **state)
{
    (void)state;
    struct keel_requests requests;
    struct keel_command command = {.kind = KEEL_LOAD_BALANCES};
    uint16_t places[4];

    assert_int_equal(keel_requests_init(&requests), KEEL_OK);
    for (int i = 0; i < 4; i++)
        places[i] = keel_requests_add(&requests, KEEL_FOR_LOAD, KEEL_URGENCY_LOAD, &command);
    keel_requests_release(&requests, places[1]);
    keel_requests_release(&requests, places[3]);
    uint16_t last = keel_requests_add(&requests, KEEL_FOR_LOAD, KEEL_URGENCY_LOAD, &command);
    uint16_t expected[] = {places[0], places[2], last};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(keel_requests_first(&requests, KEEL_URGENCY_LOAD), expected[i]);
        keel_requests_start(&requests, expected[i]);
    }
    assert_int_equal(keel_requests_first(&requests, KEEL_URGENCY_LOAD), KEEL_REQUEST_NONE);
    keel_requests_deinit(&requests);
}

static void a_measurement_of_the_clock_waits_behind_nothing(void **state)
{
    (void)state;
    struct keel_requests requests;
    struct keel_command command = {.kind = KEEL_LOAD_TIME};
    struct keel_command other = {.kind = KEEL_OPEN_STREAM_KEY};

    assert_int_equal(keel_requests_init(&requests), KEEL_OK);
    uint16_t time = keel_requests_add(&requests, KEEL_FOR_LOAD, KEEL_URGENCY_QUERY, &command);
    keel_requests_start(&requests, time);
    uint16_t key = keel_requests_add(&requests, KEEL_FOR_UPKEEP, KEEL_URGENCY_QUERY, &other);
    keel_requests_move(&requests, time, KEEL_REQUEST_WAITING, 100);
    keel_requests_wake(&requests, 100);
    assert_int_equal(keel_requests_first(&requests, KEEL_URGENCY_QUERY), time);
    keel_requests_start(&requests, time);
    assert_int_equal(keel_requests_first(&requests, KEEL_URGENCY_QUERY), key);
    keel_requests_start(&requests, key);
    assert_int_equal(keel_requests_first(&requests, KEEL_URGENCY_QUERY), KEEL_REQUEST_NONE);
    keel_requests_deinit(&requests);
}

static void what_waits_is_queued_when_it_is_due(void **state)
{
    (void)state;
    struct keel_requests requests;
    struct keel_command command = {.kind = KEEL_LOAD_TIME};

    assert_int_equal(keel_requests_init(&requests), KEEL_OK);
    uint16_t first = keel_requests_add(&requests, KEEL_FOR_LOAD, KEEL_URGENCY_LOAD, &command);
    uint16_t second = keel_requests_add(&requests, KEEL_FOR_LOAD, KEEL_URGENCY_LOAD, &command);
    keel_requests_move(&requests, first, KEEL_REQUEST_WAITING, 200);
    keel_requests_move(&requests, second, KEEL_REQUEST_WAITING, 100);
    assert_int_equal(requests.due_ns, 100);
    keel_requests_wake(&requests, 99);
    assert_int_equal(keel_requests_first(&requests, KEEL_URGENCY_LOAD), KEEL_REQUEST_NONE);
    keel_requests_wake(&requests, 100);
    assert_int_equal(keel_requests_first(&requests, KEEL_URGENCY_LOAD), second);
    assert_int_equal(requests.due_ns, 200);
    keel_requests_deinit(&requests);
}

static void a_replacement_is_open_before_the_old_stream_closes(void **state)
{
    (void)state;
    struct keel_streams streams = {0};

    keel_streams_want(&streams, KEEL_STREAM_MARKET, false);
    uint32_t first = keel_streams_begin(&streams, KEEL_STREAM_MARKET, 2, 0, 1000);
    keel_streams_promote(&streams, KEEL_STREAM_MARKET, 1);
    assert_true(keel_stream_is_up(&streams.at[KEEL_STREAM_MARKET]));
    assert_int_equal(keel_streams_next_closing(&streams), 0);

    keel_streams_want(&streams, KEEL_STREAM_MARKET, false);
    keel_streams_want(&streams, KEEL_STREAM_MARKET, false);
    uint32_t second = keel_streams_begin(&streams, KEEL_STREAM_MARKET, 3, 0, 1000);
    assert_int_not_equal(first, second);
    assert_int_equal(keel_streams_find(&streams, first), KEEL_STREAM_MARKET);
    assert_int_equal(keel_streams_find(&streams, second), KEEL_STREAM_MARKET);
    assert_int_equal(keel_streams_next_closing(&streams), 0);
    keel_streams_promote(&streams, KEEL_STREAM_MARKET, 2);
    assert_int_equal(keel_streams_next_closing(&streams), first);
    assert_int_equal(keel_streams_find(&streams, first), KEEL_STREAM_KINDS);
}

static void only_a_stream_that_lasted_forgives_failures(void **state)
{
    (void)state;
    struct keel_streams streams = {0};
    struct keel_stream *stream = &streams.at[KEEL_STREAM_USER];
    uint64_t random = 1;
    int64_t now_ns = 1;

    for (int i = 0; i < 3; i++) {
        keel_streams_fail(&streams, KEEL_STREAM_USER, now_ns, &random, "refused");
        stream->step = KEEL_STREAM_READY;
        keel_streams_begin(&streams, KEEL_STREAM_USER, 0, 0, 1000);
        keel_streams_promote(&streams, KEEL_STREAM_USER, now_ns);
        now_ns += KEEL_STREAM_STEADY_NS - 1;
        keel_streams_drop(&streams, KEEL_STREAM_USER, now_ns);
    }
    assert_int_equal(stream->failures, 3);
    stream->step = KEEL_STREAM_READY;
    keel_streams_begin(&streams, KEEL_STREAM_USER, 0, 0, 1000);
    keel_streams_promote(&streams, KEEL_STREAM_USER, now_ns);
    keel_streams_drop(&streams, KEEL_STREAM_USER, now_ns + KEEL_STREAM_STEADY_NS);
    assert_int_equal(stream->failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_grow_to_a_bound_and_are_never_nothing),
        cmocka_unit_test(the_same_seed_gives_the_same_pauses),
        cmocka_unit_test(frames_come_back_in_order_and_whole),
        cmocka_unit_test(a_frame_that_does_not_fit_is_refused),
        cmocka_unit_test(loads_stop_before_questions_and_questions_before_orders),
        cmocka_unit_test(orders_have_a_limit_of_their_own_that_cancels_do_not_touch),
        cmocka_unit_test(the_venues_higher_count_is_believed),
        cmocka_unit_test(a_limit_that_is_told_again_takes_the_place_of_the_old_one),
        cmocka_unit_test(a_window_of_a_first_call_outlasts_the_venues),
        cmocka_unit_test(a_wanted_silence_holds_everything_and_never_shrinks),
        cmocka_unit_test(windows_and_silence_go_back_with_the_venues_clock),
        cmocka_unit_test(a_late_answer_does_not_find_the_next_use_of_its_place),
        cmocka_unit_test(a_place_that_is_used_again_remembers_nothing),
        cmocka_unit_test(callers_leave_places_to_the_session_itself),
        cmocka_unit_test(queues_are_first_in_first_out_and_lose_none_when_one_is_taken_out),
        cmocka_unit_test(a_measurement_of_the_clock_waits_behind_nothing),
        cmocka_unit_test(what_waits_is_queued_when_it_is_due),
        cmocka_unit_test(a_replacement_is_open_before_the_old_stream_closes),
        cmocka_unit_test(only_a_stream_that_lasted_forgives_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

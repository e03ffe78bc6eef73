/* The table of states, walked whole. What a session does in its states is tested through an
 * exchange, with a venue's own bytes. */
#include "session/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The header's table: a row a state, a column an input. */
static const enum keel_session_state table[KEEL_SESSION_STATES][KEEL_SESSION_INPUTS] = {
    [KEEL_SESSION_IDLE] =
        {
                             [KEEL_SESSION_START] = KEEL_SESSION_LOADING,
                             [KEEL_SESSION_STOP] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_FRAME] = KEEL_SESSION_IDLE,
                             [KEEL_SESSION_LOST] = KEEL_SESSION_IDLE,
                             [KEEL_SESSION_REFUSED] = KEEL_SESSION_IDLE,
                             [KEEL_SESSION_OVERDUE] = KEEL_SESSION_IDLE,
                             [KEEL_SESSION_LOADED] = KEEL_SESSION_IDLE,
                             },
    [KEEL_SESSION_LOADING] =
        {
                             [KEEL_SESSION_START] = KEEL_SESSION_LOADING,
                             [KEEL_SESSION_STOP] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_FRAME] = KEEL_SESSION_LOADING,
                             [KEEL_SESSION_LOST] = KEEL_SESSION_LOADING,
                             [KEEL_SESSION_REFUSED] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_OVERDUE] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_LOADED] = KEEL_SESSION_LIVE,
                             },
    [KEEL_SESSION_LIVE] =
        {
                             [KEEL_SESSION_START] = KEEL_SESSION_LIVE,
                             [KEEL_SESSION_STOP] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_FRAME] = KEEL_SESSION_LIVE,
                             [KEEL_SESSION_LOST] = KEEL_SESSION_RECONCILING,
                             [KEEL_SESSION_REFUSED] = KEEL_SESSION_LIVE,
                             [KEEL_SESSION_OVERDUE] = KEEL_SESSION_LIVE,
                             [KEEL_SESSION_LOADED] = KEEL_SESSION_LIVE,
                             },
    [KEEL_SESSION_RECONCILING] =
        {
                             [KEEL_SESSION_START] = KEEL_SESSION_RECONCILING,
                             [KEEL_SESSION_STOP] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_FRAME] = KEEL_SESSION_RECONCILING,
                             [KEEL_SESSION_LOST] = KEEL_SESSION_RECONCILING,
                             [KEEL_SESSION_REFUSED] = KEEL_SESSION_RECONCILING,
                             [KEEL_SESSION_OVERDUE] = KEEL_SESSION_RECONCILING,
                             [KEEL_SESSION_LOADED] = KEEL_SESSION_LIVE,
                             },
    [KEEL_SESSION_CLOSED] =
        {
                             [KEEL_SESSION_START] = KEEL_SESSION_LOADING,
                             [KEEL_SESSION_STOP] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_FRAME] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_LOST] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_REFUSED] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_OVERDUE] = KEEL_SESSION_CLOSED,
                             [KEEL_SESSION_LOADED] = KEEL_SESSION_CLOSED,
                             },
};

static void every_pair_of_state_and_input_is_the_tables(void **unused)
{
    (void)unused;
    for (int state = 0; state < KEEL_SESSION_STATES; state++) {
        for (int input = 0; input < KEEL_SESSION_INPUTS; input++)
            assert_int_equal(keel_session_next_state((enum keel_session_state)state,
                                                     (enum keel_session_input)input),
                             table[state][input]);
    }
}

static struct keel_session_config config_of(const struct keel_markets *markets,
                                            const struct keel_modes *modes)
{
    return (struct keel_session_config){
        .venue = &keel_venue_binance,
        .markets = markets,
        .modes = modes,
        .api_key = KEEL_STR("key"),
        .secret = KEEL_STR("secret"),
        .load_markets = true,
        .receive_window_ms = 2000,
        .request_timeout_ms = 10000,
        .start_timeout_ms = 30000,
        .seed = 1,
    };
}

static void a_bound_that_cannot_be_right_is_refused(void **unused)
{
    (void)unused;
    struct keel_markets *markets = keel_markets_new();
    struct keel_modes modes = {0};
    struct keel_error error;
    struct keel_session_config good = config_of(markets, &modes), config = good;

    config.receive_window_ms = 60001;
    assert_null(keel_session_new(&config, &error));
    assert_int_equal(error.status, KEEL_CONFIG);
    config = good;
    config.secret = KEEL_STR("");
    assert_null(keel_session_new(&config, &error));
    config = good;
    config.request_timeout_ms = 0;
    assert_null(keel_session_new(&config, &error));
    config = good;
    config.silence_max_ms = -1;
    assert_null(keel_session_new(&config, &error));
    keel_markets_free(markets);
}

static void inputs_for_what_is_not_there_are_counted(void **unused)
{
    (void)unused;
    struct keel_markets *markets = keel_markets_new();
    struct keel_modes modes = {0};
    struct keel_error error;
    struct keel_report report;
    struct keel_effect effect;
    struct keel_session_view view;
    struct keel_session_config config = config_of(markets, &modes);
    struct keel_session *session = keel_session_new(&config, &error);
    struct keel_transport transport = {.kind = KEEL_TRANSPORT_LOST};

    assert_non_null(session);
    keel_session_set_time(session, 1, 1);
    keel_session_on_transport(session, 77, &transport);
    keel_session_on_stream_opened(session, 3);
    keel_session_on_stream_message(session, 3, KEEL_STR("{}"));
    keel_session_on_stream_closed(session, 3, "");
    keel_session_on_stream_message(session, 0, KEEL_STR("{}"));
    assert_false(keel_session_next_report(session, &report));
    assert_false(keel_session_next_effect(session, &effect));
    keel_session_view(session, &view);
    assert_int_equal(view.unexpected, 5);
    assert_int_equal(view.state, KEEL_SESSION_IDLE);
    assert_int_equal(
        keel_session_command(session, &(struct keel_command){.kind = KEEL_LOAD_TIME}, 1, &error),
        KEEL_FAILED);
    keel_session_free(session);
    keel_markets_free(markets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_state_and_input_is_the_tables),
        cmocka_unit_test(a_bound_that_cannot_be_right_is_refused),
        cmocka_unit_test(inputs_for_what_is_not_there_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How an exchange comes to life, and how it does not. */
#include "scripted_venue.h"

static void an_exchange_loads_all_and_goes_live(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_statistics statistics;

    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.balances, 1);
    assert_true(statistics.has_credentials);
    assert_true(statistics.connection.user_stream);
    assert_true(statistics.connection.market_stream);
    assert_true(has_log(venue, "initialised: balances 1, open orders 0, positions 0"));
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exchange_loads_all_and_goes_live),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "keel/market.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct keel_markets *markets;

static struct keel_market make_market(const char *symbol, const char *venue_symbol)
{
    struct keel_market market = {
        .status = KEEL_MARKET_TRADING,
        .perpetual = true,
        .price_tick = keel_decimal_from_text("0.10"),
        .quantity_step = keel_decimal_from_text("0.001"),
    };
    strcpy(market.symbol, symbol);
    strcpy(market.venue_symbol, venue_symbol);
    return market;
}

static keel_market_id put(const struct keel_market *market)
{
    keel_market_id id = KEEL_NO_MARKET;
    assert_int_equal(keel_markets_put(markets, market, &id, NULL), KEEL_OK);
    return id;
}

static void ids_run_from_one_and_stay(void **state)
{
    (void)state;
    struct keel_market bitcoin = make_market("BTC/USDT:USDT", "BTCUSDT");
    struct keel_market ether = make_market("ETH/USDT:USDT", "ETHUSDT");
    assert_int_equal(put(&bitcoin), 1);
    assert_int_equal(put(&ether), 2);
    bitcoin.price_tick = keel_decimal_from_text("0.5");
    assert_int_equal(put(&bitcoin), 1);
    assert_int_equal(keel_markets_count(markets), 2);
    assert_true(keel_decimal_equals(keel_markets_get(markets, 1)->price_tick, bitcoin.price_tick));
    assert_null(keel_markets_get(markets, 0));
    assert_null(keel_markets_get(markets, 3));
}

static void digits_follow_from_the_grid(void **state)
{
    (void)state;
    struct keel_market market = make_market("BTC/USDT:USDT", "BTCUSDT");
    market.price_digits = 9;
    const struct keel_market *kept = keel_markets_get(markets, put(&market));
    assert_int_equal(kept->price_digits, 1);
    assert_int_equal(kept->quantity_digits, 3);
}

static void a_market_is_found_by_each_of_its_names(void **state)
{
    (void)state;
    struct keel_market quarterly = make_market("BTC/USDT:USDT-261225", "BTCUSDT_261225");
    struct keel_market perpetual = make_market("BTC/USDT:USDT", "BTCUSDT");
    quarterly.perpetual = false;
    strcpy(quarterly.base, "BTC");
    strcpy(quarterly.quote, "USDT");
    strcpy(perpetual.base, "BTC");
    strcpy(perpetual.quote, "USDT");
    keel_market_id dated = put(&quarterly), endless = put(&perpetual);

    assert_int_equal(keel_markets_find(markets, KEEL_STR("BTC/USDT:USDT")), endless);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("BTC/USDT")), endless);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("BTCUSDT")), endless);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("BTC/USDT:USDT-261225")), dated);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("ETH/USDT")), KEEL_NO_MARKET);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("")), KEEL_NO_MARKET);
    assert_int_equal(keel_markets_find(markets, (keel_str){NULL, 0}), KEEL_NO_MARKET);
    assert_int_equal(keel_markets_find_venue_symbol(markets, KEEL_STR("BTC/USDT")), KEEL_NO_MARKET);
}

static void a_renamed_market_is_found_by_its_new_name_alone(void **state)
{
    (void)state;
    struct keel_market market = make_market("OLD/USDT:USDT", "OLDUSDT");
    struct keel_market other = make_market("BTC/USDT:USDT", "BTCUSDT");
    keel_market_id id = put(&market);
    put(&other);
    strcpy(market.symbol, "NEW/USDT:USDT");
    assert_int_equal(put(&market), id);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("NEW/USDT:USDT")), id);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("OLD/USDT:USDT")), KEEL_NO_MARKET);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("BTC/USDT:USDT")), 2);
}

static void a_market_without_name_or_grid_is_refused(void **state)
{
    (void)state;
    keel_market_id id = 77;
    struct keel_market market = make_market("", "BTCUSDT");
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_INVALID);
    market = make_market("BTC/USDT:USDT", "");
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_INVALID);
    market = make_market("BTC/USDT:USDT", "BTCUSDT");
    market.price_tick = KEEL_DECIMAL_ZERO;
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_INVALID);
    market = make_market("BTC/USDT:USDT", "BTCUSDT");
    market.quantity_step = KEEL_DECIMAL_ABSENT;
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_INVALID);
    assert_int_equal(id, 77);
    assert_int_equal(keel_markets_count(markets), 0);
}

/* Names of every length that share their beginnings and ends, up to the table's bound. */
static void a_full_table_finds_all_and_takes_no_more(void **state)
{
    (void)state;
    char symbol[64], venue_symbol[64];
    for (int i = 0; i < KEEL_MARKETS_MAX; i++) {
        snprintf(symbol, sizeof(symbol), "%.*s%d/USDT:USDT", i % 12, "AAAAAAAAAAAA", i);
        snprintf(venue_symbol, sizeof(venue_symbol), "%.*s%dUSDT", i % 20, "AAAAAAAAAAAAAAAAAAAA",
                 i);
        struct keel_market market = make_market(symbol, venue_symbol);
        assert_int_equal(put(&market), i + 1);
    }
    for (int i = 0; i < KEEL_MARKETS_MAX; i++) {
        snprintf(venue_symbol, sizeof(venue_symbol), "%.*s%dUSDT", i % 20, "AAAAAAAAAAAAAAAAAAAA",
                 i);
        assert_int_equal(keel_markets_find_venue_symbol(markets, keel_str_from(venue_symbol)),
                         i + 1);
    }

    keel_market_id id;
    struct keel_market one_more = make_market("X/USDT:USDT", "XUSDT");
    assert_int_equal(keel_markets_put(markets, &one_more, &id, NULL), KEEL_FULL);
    assert_int_equal(keel_markets_find(markets, KEEL_STR("XUSDT")), KEEL_NO_MARKET);
}

static int set_up(void **state)
{
    (void)state;
    markets = keel_markets_new();
    return markets ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(markets);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ids_run_from_one_and_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(digits_follow_from_the_grid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_market_is_found_by_each_of_its_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_renamed_market_is_found_by_its_new_name_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_market_without_name_or_grid_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_full_table_finds_all_and_takes_no_more, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* fixtures.h - the markets and files that the tests of a venue share. */
#ifndef KEEL_TEST_VENUE_FIXTURES_H
#define KEEL_TEST_VENUE_FIXTURES_H

#include "venue/venue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* A market as the venue names it, on a given grid. */
static inline keel_market_id put_test_market(struct keel_markets *markets, const char *venue_symbol,
                                             const char *tick, const char *step)
{
    struct keel_market market;
    keel_market_id id;
    assert_true(keel_venue_binance.name_market(keel_str_from(venue_symbol), &market));
    market.price_tick = keel_decimal_from_text(tick);
    market.quantity_step = keel_decimal_from_text(step);
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_OK);
    return id;
}

static inline struct keel_markets *make_test_markets(void)
{
    struct keel_markets *markets = keel_markets_new();
    assert_non_null(markets);
    put_test_market(markets, "BTCUSDT", "0.1", "0.001");
    put_test_market(markets, "ETHUSDT", "0.01", "0.001");
    put_test_market(markets, "LTCUSDT", "0.01", "0.001");
    put_test_market(markets, "XRPUSDT", "0.0001", "0.1");
    put_test_market(markets, "BNBUSDT", "0.01", "0.01");
    put_test_market(markets, "SOLUSDT", "0.01", "0.01");
    put_test_market(markets, "USDBRLUSDT", "0.0001", "1");
    return markets;
}

/* The whole file, without the line ends that close it; free it. */
static inline keel_str read_fixture(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be read", path);
    size_t capacity = 1 << 20;
    char *text = malloc(capacity);
    assert_non_null(text);
    size_t size = fread(text, 1, capacity, file);
    assert_true(size < capacity);
    fclose(file);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    return (keel_str){text, size};
}

static inline void free_fixture(keel_str text)
{
    union {
        const char *constant;
        char *memory;
    } owned = {text.data};
    free(owned.memory);
}

#endif

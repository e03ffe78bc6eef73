/* gateio_fixtures.h - the markets that the tests of Gate share: contracts of several sizes. */
#ifndef KEEL_TEST_VENUE_GATEIO_FIXTURES_H
#define KEEL_TEST_VENUE_GATEIO_FIXTURES_H

#include "fixtures.h"

static keel_market_id put_gate_market(struct keel_markets *markets, const char *name,
                                      const char *tick, const char *contract_size, const char *step)
{
    struct keel_market market;
    keel_market_id id;
    assert_true(keel_venue_gateio.name_market(keel_str_from(name), &market));
    market.price_tick = keel_decimal_from_text(tick);
    market.contract_size = keel_decimal_from_text(contract_size);
    market.quantity_step = keel_decimal_from_text(step);
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_OK);
    return id;
}

static struct keel_markets *make_gate_markets(void)
{
    struct keel_markets *markets = keel_markets_new();
    assert_non_null(markets);
    put_gate_market(markets, "BTC_USDT", "0.1", "0.0001", "0.0001");
    put_gate_market(markets, "ETH_USDT", "0.01", "0.01", "0.001"); /* parts of a contract */
    put_gate_market(markets, "LTC_USDT", "0.01", "0.1", "0.1");
    put_gate_market(markets, "XRP_USDT", "0.0001", "10", "10");
    put_gate_market(markets, "ADA_USDT", "0.00001", "10", "10");
    put_gate_market(markets, "DOGE_USDT", "0.00001", "10", "10");
    put_gate_market(markets, "IMX_USDT", "0.0001", "1", "1");
    put_gate_market(markets, "ZTX_USDT", "0.000001", "10", "10");
    put_gate_market(markets, "AAVE_USDT", "0.01", "0.01", "0.01");
    put_gate_market(markets, "人生K线_USDT", "0.000001", "100", "100");
    return markets;
}

#endif

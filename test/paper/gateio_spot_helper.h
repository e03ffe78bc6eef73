/* gateio_spot_helper.h - what the tests of Gate.io's spot side ask beside gateio_helper.h. */
#ifndef TEST_GATEIO_SPOT_HELPER_H
#define TEST_GATEIO_SPOT_HELPER_H

#include "gateio_helper.h"

#define TRON "TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh"

static inline void spot_set_price(struct gate *gate, const char *pair, const char *price)
{
    keel_market_id market = paper_spot_find_market(gate->spot, keel_str_from(pair));
    assert_int_equal(
        paper_spot_set_price(gate->spot, gate->now_ms, market, keel_decimal_from_text(price)),
        PAPER_SPOT_OK);
    gate_drain(gate);
}

/* BTC at 20000 and ETH at 2000. */
static inline int spot_set_up(void **state)
{
    struct gate *gate = gate_open_with(NULL);
    spot_set_price(gate, "BTC_USDT", "20000");
    spot_set_price(gate, "ETH_USDT", "2000");
    *state = gate;
    return 0;
}

static inline int spot_tear_down(void **state)
{
    struct gate *gate = *state;
    struct paper_spot_audit audit;
    paper_spot_audit(gate->spot, &audit);
    if (!audit.conserved)
        fail_msg("coins were made or lost: %s", audit.broken);
    gate_close(gate);
    return 0;
}

static inline int spot_order(struct gate *gate, const char *body)
{
    return gate_post(gate, "/spot/orders", body);
}

/* A plain limit order to buy 0.01 BTC at 19000 under this text, whose id is kept in `id`. */
static inline void spot_rest(struct gate *gate, const char *text, char id[32])
{
    char body[256];
    (void)snprintf(body, sizeof(body),
                   "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
                   "\"price\":\"19000\",\"text\":\"%s\"}",
                   text);
    assert_status(gate, 201, spot_order(gate, body));
    assert_true(keel_str_copy(keel_str_from(gate_value(gate, "id")), id, 32));
}

/* What the account has of a currency, free and held. */
static inline void assert_balance(struct gate *gate, const char *currency, const char *available,
                                  const char *locked)
{
    char query[64];
    (void)snprintf(query, sizeof(query), "currency=%s", currency);
    assert_status(gate, 200, gate_get(gate, "/spot/accounts", query));
    assert_string_equal(gate_value(gate, "available"), available);
    assert_string_equal(gate_value(gate, "locked"), locked);
}

#endif

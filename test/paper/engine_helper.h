/* engine_helper.h - short ways to drive an engine in a test.
 *
 * Account 1 is under test; account 2 gives it exact prices: it rests a limit order, account 1 takes
 * it. The background's best quotes stand one tick beside the mark, so an order at the mark rests.
 */
#ifndef TEST_PAPER_ENGINE_HELPER_H
#define TEST_PAPER_ENGINE_HELPER_H

#include "paper/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    NOW = 1700000000, /* seconds: the wall clock of the tests */
    BTC = 1,
    ETH = 2,
};
#define NOW_MS (INT64_C(1000) * NOW)

static inline keel_decimal dec(const char *text)
{
    return keel_decimal_from_text(text);
}

static inline void assert_decimal_at(keel_decimal actual, const char *expected, int line)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    if (keel_decimal_equals(actual, dec(expected)))
        return;
    (void)keel_decimal_format(actual, text);
    fail_msg("line %d: %s, expected %s", line, text, expected);
}
#define assert_decimal(actual, expected) assert_decimal_at(actual, expected, __LINE__)

/* The first eight decimals, as the venue serves them. */
static inline keel_decimal cut8(keel_decimal value)
{
    return keel_decimal_round_to_digits(value, 8, KEEL_ROUND_DOWN);
}

static inline struct paper_engine *new_engine(int accounts, const char *deposit,
                                              const char *insurance)
{
    struct paper_config config = {.seed = 7,
                                  .accounts = accounts,
                                  .deposit = dec(deposit),
                                  .insurance = dec(insurance),
                                  .manual = true};
    struct paper_engine *engine = paper_engine_new(&config, NOW_MS);
    assert_non_null(engine);
    return engine;
}

static inline void drain(struct paper_engine *engine)
{
    struct paper_event event;
    while (paper_engine_next_event(engine, &event))
        continue;
}

static inline struct paper_order_request limit_request(keel_market_id market, enum keel_side side,
                                                       const char *quantity, const char *price)
{
    struct paper_order_request request = paper_order_request_init();
    request.market = market;
    request.side = side;
    request.type = KEEL_LIMIT;
    request.time_in_force = KEEL_GTC;
    request.quantity = dec(quantity);
    request.price = dec(price);
    return request;
}

static inline struct paper_order_request market_request(keel_market_id market, enum keel_side side,
                                                        const char *quantity)
{
    struct paper_order_request request = paper_order_request_init();
    request.market = market;
    request.side = side;
    request.type = KEEL_MARKET;
    request.quantity = dec(quantity);
    return request;
}

static inline const struct paper_order *place(struct paper_engine *engine, int account,
                                              const struct paper_order_request *request)
{
    const struct paper_order *order = NULL;
    enum paper_error error =
        paper_engine_place_order(engine, NOW_MS, account, request, false, &order);
    if (error != PAPER_OK)
        fail_msg("refused: %d", (int)error);
    return order;
}

static inline enum paper_error refusal(struct paper_engine *engine, int account,
                                       const struct paper_order_request *request)
{
    return paper_engine_place_order(engine, NOW_MS, account, request, false, NULL);
}

static inline const struct paper_order *place_limit(struct paper_engine *engine, int account,
                                                    keel_market_id market, enum keel_side side,
                                                    const char *quantity, const char *price)
{
    struct paper_order_request request = limit_request(market, side, quantity, price);
    return place(engine, account, &request);
}

static inline const struct paper_order *place_market(struct paper_engine *engine, int account,
                                                     keel_market_id market, enum keel_side side,
                                                     const char *quantity)
{
    struct paper_order_request request = market_request(market, side, quantity);
    return place(engine, account, &request);
}

static inline void set_price(struct paper_engine *engine, keel_market_id market, const char *price)
{
    enum paper_error error = paper_engine_set_price(engine, NOW_MS, market, dec(price));
    assert_int_equal(error, PAPER_OK);
}

/* Moves the mark to `price` and lets account 1 trade there with account 2, which rests. */
static inline void trade_at(struct paper_engine *engine, keel_market_id market, enum keel_side side,
                            const char *quantity, const char *price)
{
    set_price(engine, market, price);
    enum keel_side other = side == KEEL_BUY ? KEEL_SELL : KEEL_BUY;
    place_limit(engine, 2, market, other, quantity, price);
    const struct paper_order *order = place_limit(engine, 1, market, side, quantity, price);
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
}

static inline struct paper_position position_of(const struct paper_engine *engine, int account,
                                                keel_market_id market)
{
    struct paper_position position;
    paper_engine_get_position(engine, account, market, &position);
    return position;
}

static inline struct paper_account account_of(const struct paper_engine *engine, int account)
{
    struct paper_account view;
    paper_engine_get_account(engine, account, &view);
    return view;
}

static inline void assert_conserved(const struct paper_engine *engine)
{
    struct paper_audit audit;
    paper_engine_audit(engine, &audit);
    if (!audit.conserved)
        fail_msg("not conserved: %s", audit.broken);
    assert_decimal(audit.difference, "0");
}

static inline void end(struct paper_engine *engine)
{
    assert_conserved(engine);
    paper_engine_free(engine);
}

/* The next order event of an account; fails the test when there is none. */
static inline struct paper_order_event next_order_event(struct paper_engine *engine, int account)
{
    struct paper_event event;
    while (paper_engine_next_event(engine, &event))
        if (event.kind == PAPER_EVENT_ORDER && event.account == account)
            return event.as.order;
    fail_msg("no order event of account %d", account);
    return event.as.order;
}

#endif

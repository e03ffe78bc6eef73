/* spot_helper.h - short ways to drive the spot side in a test.
 *
 * Account 1 is under test; account 2 gives it exact prices: it rests a limit order, account 1 takes
 * it. The background's best quotes stand one tick beside the price, so an order at the price rests.
 */
#ifndef TEST_PAPER_SPOT_HELPER_H
#define TEST_PAPER_SPOT_HELPER_H

#include "paper/spot/spot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    NOW = 1700000000, /* seconds: the wall clock of the tests */
    BTC = 1,          /* markets */
    ETH = 2,
    USDT = 1, /* assets */
    BITCOIN = 2,
    ETHER = 3,
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

static inline struct paper_spot_balance balance_of(const struct paper_spot *spot, int account,
                                                   paper_asset_id asset)
{
    struct paper_spot_balance balance;
    paper_spot_get_balance(spot, account, asset, &balance);
    return balance;
}

#define assert_balance(spot, account, asset, free_text, locked_text)                               \
    do {                                                                                           \
        struct paper_spot_balance at = balance_of(spot, account, asset);                           \
        assert_decimal(at.free, free_text);                                                        \
        assert_decimal(at.locked, locked_text);                                                    \
    } while (0)

static inline void drain(struct paper_spot *spot)
{
    struct paper_spot_event event;
    while (paper_spot_next_event(spot, &event))
        continue;
}

/* Coins come in, and are there. */
static inline void credit(struct paper_spot *spot, int account, paper_asset_id asset,
                          const char *amount)
{
    const struct paper_deposit *deposit;
    assert_int_equal(
        paper_spot_deposit(spot, NOW_MS, account, asset, KEEL_STR(""), dec(amount), &deposit), 0);
    paper_spot_tick(spot, NOW_MS + PAPER_WALLET_STEP_MS);
    paper_spot_tick(spot, NOW_MS);
    drain(spot);
}

static inline struct paper_spot *new_spot_with(struct paper_engine *futures)
{
    const struct paper_spot_config config = {.seed = 7,
                                             .accounts = 3,
                                             .quote_balance = dec("100000"),
                                             .manual = true,
                                             .futures = futures};
    struct paper_spot *spot = paper_spot_new(&config, NOW_MS);
    assert_non_null(spot);
    return spot;
}

static inline struct paper_spot *new_spot(void)
{
    struct paper_spot *spot = new_spot_with(NULL);
    credit(spot, 1, BITCOIN, "2");
    credit(spot, 2, BITCOIN, "2");
    assert_int_equal(paper_spot_set_price(spot, NOW_MS, BTC, dec("20000")), PAPER_SPOT_OK);
    drain(spot);
    return spot;
}

static inline struct paper_spot_request limit_request(enum keel_side side, const char *quantity,
                                                      const char *price)
{
    struct paper_spot_request request = paper_spot_request_init();
    request.market = BTC;
    request.side = side;
    request.type = KEEL_LIMIT;
    request.time_in_force = KEEL_GTC;
    request.quantity = dec(quantity);
    request.price = dec(price);
    return request;
}

static inline struct paper_spot_request market_request(enum keel_side side, const char *quantity)
{
    struct paper_spot_request request = paper_spot_request_init();
    request.market = BTC;
    request.side = side;
    request.type = KEEL_MARKET;
    request.quantity = dec(quantity);
    return request;
}

static inline struct paper_spot_request stop_request(enum keel_order_type type, enum keel_side side,
                                                     const char *quantity, const char *trigger,
                                                     const char *price)
{
    struct paper_spot_request request = limit_request(side, quantity, price);
    request.type = type;
    request.trigger_price = dec(trigger);
    if (type == KEEL_STOP_MARKET || type == KEEL_TAKE_PROFIT_MARKET) {
        request.time_in_force = KEEL_TIME_IN_FORCE_NONE;
        request.price = KEEL_DECIMAL_ABSENT;
    }
    return request;
}

static inline const struct paper_spot_order *place(struct paper_spot *spot, int account,
                                                   const struct paper_spot_request *request)
{
    const struct paper_spot_order *order = NULL;
    enum paper_spot_error error =
        paper_spot_place_order(spot, NOW_MS, account, request, false, &order);
    if (error != PAPER_SPOT_OK)
        fail_msg("refused: %d", (int)error);
    return order;
}

static inline enum paper_spot_error refusal(struct paper_spot *spot, int account,
                                            const struct paper_spot_request *request)
{
    return paper_spot_place_order(spot, NOW_MS, account, request, false, NULL);
}

static inline const struct paper_spot_order *place_limit(struct paper_spot *spot, int account,
                                                         enum keel_side side, const char *quantity,
                                                         const char *price)
{
    struct paper_spot_request request = limit_request(side, quantity, price);
    return place(spot, account, &request);
}

static inline void set_price(struct paper_spot *spot, const char *price)
{
    assert_int_equal(paper_spot_set_price(spot, NOW_MS, BTC, dec(price)), PAPER_SPOT_OK);
}

static inline void assert_conserved(const struct paper_spot *spot)
{
    struct paper_spot_audit audit;
    paper_spot_audit(spot, &audit);
    if (!audit.conserved)
        fail_msg("not conserved: %s", audit.broken);
}

static inline void end(struct paper_spot *spot)
{
    assert_conserved(spot);
    paper_spot_free(spot);
}

/* The next event of a kind for an account (0: public); fails the test when there is none. */
static inline struct paper_spot_event next_event(struct paper_spot *spot,
                                                 enum paper_spot_event_kind kind, int account)
{
    struct paper_spot_event event;
    while (paper_spot_next_event(spot, &event))
        if (event.kind == kind && event.account == account)
            return event;
    fail_msg("no event of kind %d for account %d", (int)kind, account);
    return event;
}

#endif

/* scenario.h - an account in a small world: two markets, their brackets, and facts in one line. */
#ifndef KEEL_TEST_CORE_SCENARIO_H
#define KEEL_TEST_CORE_SCENARIO_H

#include "core/account.h"
#include "core/books.h"
#include "core/gate.h"
#include "core/risk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define D(text) keel_decimal_from_text(text)

#define assert_decimal(value, text) assert_decimal_at(value, text, __FILE__, __LINE__)

static inline void assert_decimal_at(keel_decimal value, const char *text, const char *file,
                                     int line)
{
    char buffer[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(value, buffer);
    if (strcmp(buffer, text) != 0) {
        print_error("%s:%d: %s, expected %s\n", file, line, buffer, text);
        fail();
    }
}

/* Agrees with a figure that was cut or rounded at its last digit. */
#define assert_close(value, text) assert_close_at(value, text, __FILE__, __LINE__)

static inline void assert_close_at(keel_decimal value, const char *text, const char *file, int line)
{
    keel_decimal expected = D(text);
    char buffer[KEEL_DECIMAL_TEXT_SIZE], unit_text[KEEL_DECIMAL_TEXT_SIZE] = "1";
    const char *point = strchr(text, '.');
    if (point)
        snprintf(unit_text, sizeof(unit_text), "0.%0*d", (int)strlen(point + 1), 1);
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(value, expected));
    if (!keel_decimal_is_valid(gap) || keel_decimal_compare(gap, D(unit_text)) > 0) {
        keel_decimal_format(value, buffer);
        print_error("%s:%d: %s, expected about %s\n", file, line, buffer, text);
        fail();
    }
}

enum {
    SECOND = 1000000000, /* ns */
};

/* Where the tests' monotonic clock stands. */
#define NOW ((int64_t)1000 * SECOND)

static inline struct keel_market make_market(const char *base)
{
    struct keel_market market = {.status = KEEL_MARKET_TRADING, .perpetual = true};
    snprintf(market.symbol, sizeof(market.symbol), "%s/USDT:USDT", base);
    snprintf(market.venue_symbol, sizeof(market.venue_symbol), "%sUSDT", base);
    snprintf(market.base, sizeof(market.base), "%s", base);
    snprintf(market.quote, sizeof(market.quote), "USDT");
    snprintf(market.settle, sizeof(market.settle), "USDT");
    market.price_tick = D("0.1");
    market.price_min = D("10");
    market.price_max = D("1000000");
    market.quantity_step = market.quantity_min = D("0.001");
    market.quantity_max = D("1000");
    market.market_quantity_step = market.market_quantity_min = D("0.001");
    market.market_quantity_max = D("120");
    market.notional_min = D("5");
    market.price_up_ratio = D("1.05");
    market.price_down_ratio = D("0.95");
    market.contract_size = KEEL_DECIMAL_ONE;
    market.liquidation_fee_ratio = KEEL_DECIMAL_ABSENT;
    market.open_orders_max = 200;
    market.price_digits = 1;
    market.quantity_digits = 3;
    return market;
}

static inline struct keel_bracket make_bracket(const char *floor, const char *cap,
                                               const char *ratio, const char *amount, int leverage)
{
    return (struct keel_bracket){D(floor), D(cap), D(ratio), D(amount), leverage};
}

/* docs/margin.md: the table of the worked examples. */
static inline struct keel_brackets make_brackets(void)
{
    return (struct keel_brackets){
        .at = {make_bracket("0", "50000", "0.004", "0", 125),
               make_bracket("50000", "250000", "0.005", "50", 100),
               make_bracket("250000", "3000000", "0.01", "1300", 50),
               make_bracket("3000000", "20000000", "0.025", "46300", 20),
               make_bracket("20000000", "40000000", "0.05", "546300", 10)},
        .count = 5
    };
}

struct scenario {
    struct keel_markets *markets;
    struct keel_account *account;
    keel_market_id btc, eth;
    struct keel_applied applied; /* of the newest event */
    struct keel_error error;
    int64_t time_ms; /* the venue's; facts of scenario take it, and let it pass */
};

static inline keel_market_id add_market(struct keel_markets *markets, const char *base)
{
    struct keel_market market = make_market(base);
    keel_market_id id;
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_OK);
    return id;
}

/* An account in one-way mode, fresh, without anything loaded but its markets. */
static inline struct scenario bare_scenario(struct keel_account_config config)
{
    struct scenario scenario = {.markets = keel_markets_new(), .time_ms = 1000000};
    assert_non_null(scenario.markets);
    scenario.btc = add_market(scenario.markets, "BTC");
    scenario.eth = add_market(scenario.markets, "ETH");
    config.markets = scenario.markets;
    scenario.account = keel_account_new(&config);
    assert_non_null(scenario.account);
    keel_account_set_fresh(scenario.account, true, NOW);
    return scenario;
}

static inline void end_scenario(struct scenario *scenario)
{
    struct keel_error error;
    if (keel_account_audit(scenario->account, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    keel_account_free(scenario->account);
    keel_markets_free(scenario->markets);
}

static inline enum keel_status apply_from(struct scenario *scenario, struct keel_event event,
                                          enum keel_source source)
{
    return keel_account_apply(scenario->account, &event, source, NOW, &scenario->applied,
                              &scenario->error);
}

static inline void apply_ok(struct scenario *scenario, struct keel_event event)
{
    enum keel_status status = apply_from(scenario, event, KEEL_SOURCE_STREAM);
    if (status != KEEL_OK)
        fail_msg("%s", scenario->error.message);
}

static inline void tell_mark(struct scenario *scenario, keel_market_id market, const char *price)
{
    apply_ok(scenario, (struct keel_event){
                           .kind = KEEL_EVENT_MARK,
                           .mark = {.market = market,
                                    .mark_price = D(price),
                                    .index_price = KEEL_DECIMAL_ABSENT,
                                    .funding_rate = KEEL_DECIMAL_ABSENT,
                                    .time_ms = ++scenario->time_ms}
    });
}

static inline void tell_book(struct scenario *scenario, keel_market_id market, const char *bid,
                             const char *ask)
{
    apply_ok(scenario, (struct keel_event){
                           .kind = KEEL_EVENT_BOOK_TOP,
                           .book_top = {.market = market,
                                        .bid_price = D(bid),
                                        .bid_quantity = D("1"),
                                        .ask_price = D(ask),
                                        .ask_quantity = D("1"),
                                        .time_ms = ++scenario->time_ms}
    });
}

static inline void tell_leverage(struct scenario *scenario, keel_market_id market, int leverage,
                                 enum keel_margin_mode mode)
{
    apply_ok(scenario, (struct keel_event){
                           .kind = KEEL_EVENT_LEVERAGE,
                           .time_ms = ++scenario->time_ms,
                           .leverage = {.market = market,
                                        .leverage = leverage,
                                        .margin_mode = mode,
                                        .notional_max = KEEL_DECIMAL_ABSENT}
    });
}

static inline void tell_brackets(struct scenario *scenario, keel_market_id market,
                                 struct keel_brackets brackets)
{
    apply_ok(scenario,
             (struct keel_event){
                 .kind = KEEL_EVENT_BRACKETS, .brackets = {.market = market, .table = &brackets}
    });
}

static inline void tell_fees(struct scenario *scenario, keel_market_id market, const char *taker)
{
    apply_ok(scenario, (struct keel_event){
                           .kind = KEEL_EVENT_FEES,
                           .fees = {.market = market, .maker = D("0"), .taker = D(taker)}
    });
}

static inline void tell_modes(struct scenario *scenario, enum keel_switch hedge)
{
    apply_ok(scenario, (struct keel_event){
                           .kind = KEEL_EVENT_MODES, .modes = {hedge, KEEL_OFF, KEEL_ON}
    });
}

static inline struct keel_event balance_event(const char *wallet, const char *cross_wallet,
                                              int64_t time_ms)
{
    return (struct keel_event){
        .kind = KEEL_EVENT_BALANCE,
        .balance = {.asset = "USDT",
                    .wallet = D(wallet),
                    .cross_wallet = D(cross_wallet),
                    .available = KEEL_DECIMAL_ABSENT,
                    .locked = KEEL_DECIMAL_ABSENT,
                    .update_time_ms = time_ms}
    };
}

static inline void tell_wallet(struct scenario *scenario, const char *wallet)
{
    apply_ok(scenario, balance_event(wallet, wallet, ++scenario->time_ms));
}

static inline struct keel_event position_event(keel_market_id market, enum keel_position_side side,
                                               const char *quantity, const char *entry,
                                               int64_t time_ms)
{
    return (struct keel_event){
        .kind = KEEL_EVENT_POSITION,
        .position = {.market = market,
                     .side = side,
                     .margin_mode = KEEL_CROSS,
                     .quantity = D(quantity),
                     .entry_price = D(entry),
                     .break_even_price = KEEL_DECIMAL_ABSENT,
                     .realized_pnl = KEEL_DECIMAL_ABSENT,
                     .isolated_wallet = KEEL_DECIMAL_ZERO,
                     .venue_liquidation_price = KEEL_DECIMAL_ABSENT,
                     .adl_rank = -1,
                     .update_time_ms = time_ms}
    };
}

static inline void tell_leg(struct scenario *scenario, keel_market_id market,
                            enum keel_position_side side, const char *quantity, const char *entry)
{
    apply_ok(scenario, position_event(market, side, quantity, entry, ++scenario->time_ms));
}

static inline void tell_position(struct scenario *scenario, keel_market_id market,
                                 const char *quantity, const char *entry)
{
    tell_leg(scenario, market, KEEL_NET, quantity, entry);
}

static inline void tell_isolated(struct scenario *scenario, keel_market_id market,
                                 const char *quantity, const char *entry, const char *wallet)
{
    struct keel_event event =
        position_event(market, KEEL_NET, quantity, entry, ++scenario->time_ms);
    event.position.margin_mode = KEEL_ISOLATED;
    event.position.isolated_wallet = D(wallet);
    apply_ok(scenario, event);
}

/* A limit order of 1 BTC at 20000, but for what the caller changes. */
static inline struct keel_event order_event(struct scenario *scenario, const char *order_id,
                                            const char *client_id, enum keel_order_status status)
{
    struct keel_event event = {.kind = KEEL_EVENT_ORDER, .order = keel_order_init()};
    struct keel_order *order = &event.order;
    order->market = scenario->btc;
    order->side = KEEL_BUY;
    order->position_side = KEEL_NET;
    order->type = KEEL_LIMIT;
    order->time_in_force = KEEL_GTC;
    order->status = status;
    order->family = KEEL_FAMILY_REGULAR;
    order->price = D("20000");
    order->quantity = D("1");
    order->filled_quantity = KEEL_DECIMAL_ZERO;
    order->update_time_ms = ++scenario->time_ms;
    snprintf(order->order_id, sizeof(order->order_id), "%s", order_id);
    snprintf(order->client_id, sizeof(order->client_id), "%s", client_id);
    return event;
}

static inline struct keel_event execution_event(struct scenario *scenario, const char *trade_id,
                                                const char *order_id, enum keel_side side,
                                                const char *quantity, const char *price)
{
    struct keel_event event = {
        .kind = KEEL_EVENT_EXECUTION,
        .execution = {.market = scenario->btc,
                      .side = side,
                      .position_side = KEEL_NET,
                      .price = D(price),
                      .quantity = D(quantity),
                      .fee = KEEL_DECIMAL_ABSENT,
                      .realized_pnl = KEEL_DECIMAL_ABSENT,
                      .time_ms = ++scenario->time_ms}
    };
    snprintf(event.execution.trade_id, sizeof(event.execution.trade_id), "%s", trade_id);
    snprintf(event.execution.order_id, sizeof(event.execution.order_id), "%s", order_id);
    return event;
}

static inline struct keel_event snapshot_event(enum keel_event_kind kind,
                                               enum keel_snapshot_kind what, int64_t time_ms)
{
    return (struct keel_event){.kind = kind, .time_ms = time_ms, .snapshot = {.kind = what}};
}

static inline struct keel_order_request limit_request(struct scenario *scenario,
                                                      enum keel_side side, const char *quantity,
                                                      const char *price)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = scenario->btc;
    request.side = side;
    request.type = KEEL_LIMIT;
    request.quantity = D(quantity);
    request.price = D(price);
    return request;
}

/* Everything that an entry needs: BTC at 20000 and 20x with the brackets of the examples, 10,000 in
 * the wallet, a taker fee of five basis points. */
static inline struct scenario ready_scenario(void)
{
    struct scenario scenario = bare_scenario((struct keel_account_config){0});
    tell_modes(&scenario, KEEL_OFF);
    tell_leverage(&scenario, scenario.btc, 20, KEEL_CROSS);
    tell_leverage(&scenario, scenario.eth, 20, KEEL_CROSS);
    tell_brackets(&scenario, scenario.btc, make_brackets());
    tell_brackets(&scenario, scenario.eth, make_brackets());
    tell_fees(&scenario, scenario.btc, "0.0005");
    tell_fees(&scenario, scenario.eth, "0.0005");
    tell_mark(&scenario, scenario.btc, "20000");
    tell_mark(&scenario, scenario.eth, "1500");
    tell_wallet(&scenario, "10000");
    return scenario;
}

#endif

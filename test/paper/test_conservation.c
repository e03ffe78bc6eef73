#include "engine_helper.h"
#include "paper/random.h"

/* Random lives of several accounts: whatever they do, and whatever the prices do to them, no money
 * is made or lost, and each account's own rows explain its wallet and its positions. */

enum {
    SEEDS = 100,
    ACTIONS = 250,
    ACCOUNTS = 4,
    MARKETS = 3,
};

struct life {
    struct paper_engine *engine;
    struct paper_random random;
    int64_t now_ms;
    uint64_t trace; /* of all events, in order */
    int liquidations, deleveragings, takeovers, fills, refusals;
};

static uint64_t below(struct life *life, uint64_t bound)
{
    return paper_random_below(&life->random, bound);
}

static keel_market_id any_market(struct life *life)
{
    return (keel_market_id)(1 + below(life, MARKETS));
}

static int any_account(struct life *life)
{
    return 1 + (int)below(life, ACCOUNTS);
}

/* The mark and so many thousandths, from -span to span, on the grid. */
static keel_decimal near_mark(struct life *life, keel_market_id market, int span)
{
    keel_decimal mark = position_of(life->engine, 1, market).mark_price;
    int64_t thousandths = 1000 - span + (int64_t)below(life, (uint64_t)span * 2 + 1);
    keel_decimal price = keel_decimal_mul_div(mark, keel_decimal_from_int(thousandths),
                                              keel_decimal_from_int(1000), KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(price, paper_instrument_get(market)->price_tick,
                                      KEEL_ROUND_HALF_EVEN);
}

static keel_decimal any_quantity(struct life *life, keel_market_id market)
{
    keel_decimal notional = keel_decimal_from_int(100 + (int64_t)below(life, 40000));
    keel_decimal quantity = keel_decimal_div(
        notional, position_of(life->engine, 1, market).mark_price, KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(quantity, paper_instrument_get(market)->quantity_step,
                                      KEEL_ROUND_UP);
}

static struct paper_order_request any_request(struct life *life)
{
    static const enum keel_time_in_force times[] = {KEEL_GTC, KEEL_GTC, KEEL_IOC, KEEL_FOK,
                                                    KEEL_GTX};
    struct paper_order_request request = paper_order_request_init();
    request.market = any_market(life);
    request.side = below(life, 2) == 0 ? KEEL_BUY : KEEL_SELL;
    request.quantity = any_quantity(life, request.market);
    request.reduce_only = below(life, 5) == 0;
    request.self_trade = (enum paper_self_trade)below(life, 5);
    request.type = KEEL_MARKET;
    if (below(life, 3) > 0) {
        request.type = KEEL_LIMIT;
        request.time_in_force = times[below(life, 5)];
        request.price = near_mark(life, request.market, 10);
    }
    return request;
}

static void place_any(struct life *life)
{
    struct paper_order_request request = any_request(life);
    enum paper_error error = paper_engine_place_order(life->engine, life->now_ms, any_account(life),
                                                      &request, false, NULL);
    life->refusals += error != PAPER_OK;
}

static void arm_any(struct life *life)
{
    static const enum keel_order_type types[] = {KEEL_STOP_MARKET, KEEL_TAKE_PROFIT_MARKET,
                                                 KEEL_STOP_LIMIT, KEEL_TRAILING_STOP};
    struct paper_order_request request = any_request(life);
    request.type = types[below(life, 4)];
    request.time_in_force = KEEL_GTC;
    request.price = KEEL_DECIMAL_ABSENT;
    request.trigger_price = near_mark(life, request.market, 30);
    if (request.type == KEEL_STOP_LIMIT)
        request.price = request.trigger_price;
    if (request.type == KEEL_TRAILING_STOP)
        request.callback_rate = dec("0.5");
    if (request.type == KEEL_STOP_MARKET && below(life, 2) == 0) {
        request.close_position = true;
        request.reduce_only = false;
        request.quantity = KEEL_DECIMAL_ABSENT;
    }
    enum paper_error error = paper_engine_place_conditional(life->engine, life->now_ms,
                                                            any_account(life), &request, NULL);
    life->refusals += error != PAPER_OK;
}

static void amend_any(struct life *life)
{
    int account = any_account(life);
    const struct paper_order *order = paper_engine_next_open_order(life->engine, account, 0, NULL);
    if (order == NULL)
        return;
    struct paper_amend_request request = {.market = order->market,
                                          .order_id = order->id,
                                          .side = order->side,
                                          .quantity = any_quantity(life, order->market),
                                          .price = near_mark(life, order->market, 10)};
    enum paper_error error =
        paper_engine_amend_order(life->engine, life->now_ms, account, &request, NULL);
    life->refusals += error != PAPER_OK;
}

static void change_settings(struct life *life)
{
    static const int leverages[] = {5, 20, 50, 75, 100};
    int account = any_account(life);
    keel_market_id market = any_market(life);
    enum paper_error error = paper_engine_set_leverage(life->engine, life->now_ms, account, market,
                                                       leverages[below(life, 5)]);
    life->refusals += error != PAPER_OK;
    error = paper_engine_set_margin_mode(life->engine, life->now_ms, account, market,
                                         below(life, 2) == 0 ? KEEL_CROSS : KEEL_ISOLATED);
    life->refusals += error != PAPER_OK;
    int64_t amount = (int64_t)below(life, 200) - 100;
    error = paper_engine_move_margin(life->engine, life->now_ms, account, market,
                                     keel_decimal_from_int(amount));
    life->refusals += error != PAPER_OK;
}

static void move_prices(struct life *life)
{
    keel_market_id market = any_market(life);
    int span = below(life, 8) == 0 ? 120 : 15;
    keel_decimal price = near_mark(life, market, span);
    assert_int_equal(paper_engine_set_price(life->engine, life->now_ms, market, price), PAPER_OK);
}

static void act(struct life *life)
{
    life->now_ms += 50;
    switch (below(life, 16)) {
    case 0: change_settings(life); break;
    case 1:
        (void)paper_engine_cancel_all(life->engine, life->now_ms, any_account(life),
                                      any_market(life));
        break;
    case 2: paper_engine_advance(life->engine, life->now_ms, 3600 * 1000); break;
    case 3: paper_engine_tick(life->engine, life->now_ms); break;
    case 4: arm_any(life); break;
    case 5: amend_any(life); break;
    case 6:
    case 7:
    case 8:
    case 9: move_prices(life); break;
    default: place_any(life); break;
    }
}

static void mix(struct life *life, uint64_t value)
{
    life->trace = paper_random_hash(life->trace, value, 1);
}

static void watch_order(struct life *life, const struct paper_order_event *event)
{
    const struct paper_order *order = &event->order;
    assert_true(keel_decimal_compare(order->filled_quantity, order->quantity) <= 0);
    mix(life, (uint64_t)order->id * 64 + (uint64_t)order->status * 8 + (uint64_t)event->kind);
    mix(life, order->filled_quantity.low);
    life->fills += event->filled;
    life->takeovers += event->insurance;
    if (event->kind == PAPER_EXECUTION_NEW) {
        life->liquidations += order->cause == KEEL_CAUSE_LIQUIDATION;
        life->deleveragings += order->cause == KEEL_CAUSE_DELEVERAGING;
    }
}

static void watch(struct life *life)
{
    struct paper_event event;
    while (paper_engine_next_event(life->engine, &event)) {
        mix(life, (uint64_t)event.kind << 32 | (uint64_t)event.account << 16 | event.market);
        if (event.kind == PAPER_EVENT_ORDER)
            watch_order(life, &event.as.order);
        if (event.kind == PAPER_EVENT_ACCOUNT)
            mix(life, event.as.update.wallet.low);
        if (event.kind == PAPER_EVENT_TICKER)
            mix(life, event.as.ticker.mark_price.low);
    }
}

/* All income since the deposit makes the wallet. */
static void assert_income_explains_the_wallet(const struct paper_engine *engine, int account)
{
    struct paper_query query = {.account = account};
    const struct paper_income *income = NULL;
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    while ((income = paper_engine_next_income(engine, &query, income)) != NULL)
        sum = keel_decimal_add(sum, income->amount);
    assert_true(keel_decimal_equals(sum, account_of(engine, account).wallet));
}

static void assert_trades_explain_the_position(const struct paper_engine *engine, int account,
                                               keel_market_id market)
{
    struct paper_query query = {.account = account, .market = market};
    const struct paper_trade *trade = NULL;
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    while ((trade = paper_engine_next_trade(engine, &query, trade)) != NULL)
        sum = trade->side == KEEL_BUY ? keel_decimal_add(sum, trade->quantity)
                                      : keel_decimal_sub(sum, trade->quantity);
    assert_true(keel_decimal_equals(sum, position_of(engine, account, market).quantity));
}

/* Together, resting reduce-only orders other than the last placed close no more than there is. */
static void assert_reduce_only_has_something_to_reduce(const struct paper_engine *engine,
                                                       int account)
{
    const struct paper_order *order = NULL;
    while ((order = paper_engine_next_open_order(engine, account, 0, order)) != NULL) {
        keel_decimal held = position_of(engine, account, order->market).quantity;
        if (order->reduce_only)
            assert_true(order->side == KEEL_SELL ? keel_decimal_is_positive(held)
                                                 : keel_decimal_is_negative(held));
    }
}

static void check(struct life *life)
{
    assert_conserved(life->engine);
    for (int account = 1; account <= ACCOUNTS; account++) {
        assert_false(keel_decimal_is_negative(account_of(life->engine, account).margin_balance));
        assert_income_explains_the_wallet(life->engine, account);
        assert_reduce_only_has_something_to_reduce(life->engine, account);
        for (keel_market_id market = 1; market <= MARKETS; market++)
            assert_trades_explain_the_position(life->engine, account, market);
    }
}

static struct life live(uint64_t seed)
{
    struct paper_config config = {.seed = seed,
                                  .accounts = ACCOUNTS,
                                  .deposit = dec("3000"),
                                  .insurance = keel_decimal_from_int((int64_t)(seed % 4) * 50),
                                  .manual = seed % 2 == 0};
    struct life life = {.random = {seed}, .now_ms = NOW_MS};
    life.engine = paper_engine_new(&config, NOW_MS);
    assert_non_null(life.engine);
    for (int i = 0; i < ACTIONS; i++) {
        act(&life);
        watch(&life);
        check(&life);
    }
    paper_engine_free(life.engine);
    return life;
}

static void no_money_is_made_or_lost_in_a_hundred_random_lives(void **state)
{
    (void)state;
    int liquidations = 0, deleveragings = 0, takeovers = 0, fills = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct life life = live(seed);
        liquidations += life.liquidations;
        deleveragings += life.deleveragings;
        takeovers += life.takeovers;
        fills += life.fills;
    }
    print_message("fills %d, liquidations %d, takeovers %d, deleveragings %d\n", fills,
                  liquidations, takeovers, deleveragings);
    assert_true(fills > 1000 && liquidations > 100 && takeovers > 10 && deleveragings > 10);
}

static void the_same_seed_lives_the_same_life(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++)
        assert_true(live(seed).trace == live(seed).trace);
    assert_false(live(1).trace == live(2).trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_money_is_made_or_lost_in_a_hundred_random_lives),
        cmocka_unit_test(the_same_seed_lives_the_same_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Random lives under the second venue's rules, one half of the accounts with two positions a
 * contract: whatever they do, no money is made or lost, and the ledger explains the wallets. */
#include "gateio_helper.h"

#include "paper/random.h"

enum {
    SEEDS = 60,
    ACTIONS = 300,
    ACCOUNTS = 4,
};

struct life {
    struct paper_engine *engine;
    struct paper_random random;
    int64_t now_ms;
    int fills, liquidations;
};

static int64_t below(struct life *life, uint64_t bound)
{
    return (int64_t)paper_random_below(&life->random, bound);
}

static keel_decimal near_mark(struct life *life, keel_market_id market, int span)
{
    struct paper_ticker ticker;
    paper_engine_get_ticker(life->engine, market, &ticker);
    int64_t thousandths = 1000 - span + below(life, (uint64_t)span * 2 + 1);
    keel_decimal price = keel_decimal_mul_div(ticker.mark_price, keel_decimal_from_int(thousandths),
                                              keel_decimal_from_int(1000), KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(price, gateio_contract_get(market)->price_round,
                                      KEEL_ROUND_HALF_EVEN);
}

/* Of odd numbers. */
static bool is_dual(int account)
{
    return account % 2 == 1;
}

static void place(struct life *life)
{
    static const enum keel_time_in_force times[] = {KEEL_GTC, KEEL_GTC, KEEL_IOC, KEEL_GTX};
    int account = 1 + (int)below(life, ACCOUNTS);
    struct paper_order_request request = paper_order_request_init();
    request.market = (keel_market_id)(1 + below(life, 3));
    request.side = below(life, 2) == 0 ? KEEL_BUY : KEEL_SELL;
    request.reduce_only = below(life, 4) == 0;
    if (is_dual(account))
        request.position_side =
            (request.side == KEEL_BUY) != request.reduce_only ? KEEL_LONG : KEEL_SHORT;
    request.quantity =
        gateio_quantity_of(request.market, keel_decimal_from_int(1 + below(life, 4000)));
    request.type = KEEL_MARKET;
    if (below(life, 3) > 0) {
        request.type = KEEL_LIMIT;
        request.time_in_force = times[below(life, 4)];
        request.price = near_mark(life, request.market, 8);
    }
    (void)!paper_engine_place_order(life->engine, life->now_ms, account, &request, false, NULL);
}

static void change(struct life *life)
{
    static const int leverages[] = {5, 20, 50, 100};
    int account = 1 + (int)below(life, ACCOUNTS);
    keel_market_id market = (keel_market_id)(1 + below(life, 3));
    enum keel_position_side side = is_dual(account) ? KEEL_LONG : KEEL_NET;
    (void)!paper_engine_set_margin_mode(life->engine, life->now_ms, account, market,
                                        below(life, 2) == 0 ? KEEL_CROSS : KEEL_ISOLATED);
    (void)!paper_engine_set_leverage(life->engine, life->now_ms, account, market,
                                     leverages[below(life, 4)]);
    (void)!paper_engine_move_margin_of_leg(life->engine, life->now_ms, account, market, side,
                                           keel_decimal_from_int(below(life, 200) - 100));
}

static void act(struct life *life)
{
    life->now_ms += 50;
    switch (below(life, 8)) {
    case 0: change(life); break;
    case 1:
    case 2: {
        keel_market_id market = (keel_market_id)(1 + below(life, 3));
        int span = below(life, 6) == 0 ? 100 : 15;
        (void)!paper_engine_set_price(life->engine, life->now_ms, market,
                                      near_mark(life, market, span));
        break;
    }
    case 3: paper_engine_advance(life->engine, life->now_ms, below(life, 2) * 3600 * 1000); break;
    case 4: (void)paper_engine_cancel_all(life->engine, life->now_ms, 1, KEEL_NO_MARKET); break;
    default: place(life); break;
    }
    struct paper_event event;
    while (paper_engine_next_event(life->engine, &event)) {
        bool filled = event.kind == PAPER_EVENT_ORDER && event.as.order.filled;
        life->fills += filled;
        life->liquidations += filled && event.as.order.order.cause == KEEL_CAUSE_LIQUIDATION;
    }
}

static void check(const struct life *life, uint64_t seed)
{
    struct paper_audit audit;
    paper_engine_audit(life->engine, &audit);
    if (!audit.conserved)
        fail_msg("seed %llu: %s", (unsigned long long)seed, audit.broken);
    for (int account = 1; account <= ACCOUNTS; account++) {
        const struct paper_query query = {.account = account};
        const struct paper_income *row = NULL, *last = NULL;
        struct paper_account view;
        while ((row = paper_engine_next_income(life->engine, &query, row)))
            last = row;
        paper_engine_get_account(life->engine, account, &view);
        if (!keel_decimal_equals(last->balance, view.wallet))
            fail_msg("seed %llu: the ledger of %d does not end at its wallet",
                     (unsigned long long)seed, account);
    }
}

static void no_money_is_made_or_lost(void **state)
{
    int fills = 0, liquidations = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct paper_config config = paper_gateio_rules((struct paper_config){
            .seed = seed,
            .accounts = ACCOUNTS,
            .deposit = keel_decimal_from_int(5000),
            .insurance = keel_decimal_from_int(500),
            .market_time_ms = GATE_START_MS,
        });
        struct life life = {.engine = paper_engine_new(&config, GATE_START_MS),
                            .random = {seed},
                            .now_ms = GATE_START_MS};
        assert_non_null(life.engine);
        for (int account = 1; account <= ACCOUNTS; account++)
            if (is_dual(account))
                assert_int_equal(paper_engine_set_hedge_mode(life.engine, account, true), PAPER_OK);
        for (int i = 0; i < ACTIONS; i++)
            act(&life);
        check(&life, seed);
        fills += life.fills;
        liquidations += life.liquidations;
        paper_engine_free(life.engine);
    }
    assert_true(fills > 1000);
    assert_true(liquidations > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_money_is_made_or_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

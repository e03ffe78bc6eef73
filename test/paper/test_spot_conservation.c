/* Random trading, paying in and out: nothing is made and nothing lost, whatever happens. */
#include "spot_helper.h"

#include "paper/random.h"

enum {
    SEEDS = 20,
    STEPS = 1500,
};

struct run {
    struct paper_random random;
    struct paper_engine *futures;
    struct paper_spot *spot;
    int64_t now_ms;
    int refused; /* that is as good as any: nothing may change */
};

static int64_t below(struct run *run, uint64_t bound)
{
    return (int64_t)paper_random_below(&run->random, bound);
}

static keel_decimal hundredths(int64_t value)
{
    return keel_decimal_div(keel_decimal_from_int(value), keel_decimal_from_int(100),
                            KEEL_ROUND_DOWN);
}

static enum keel_order_type some_type(struct run *run)
{
    static const enum keel_order_type types[] = {KEEL_LIMIT,
                                                 KEEL_LIMIT,
                                                 KEEL_LIMIT,
                                                 KEEL_MARKET,
                                                 KEEL_STOP_MARKET,
                                                 KEEL_STOP_LIMIT,
                                                 KEEL_TAKE_PROFIT_LIMIT,
                                                 KEEL_TAKE_PROFIT_MARKET};
    return types[below(run, sizeof(types) / sizeof(types[0]))];
}

static void place_some(struct run *run)
{
    static const enum keel_time_in_force times[] = {KEEL_GTC, KEEL_GTC, KEEL_IOC, KEEL_FOK,
                                                    KEEL_GTX};
    struct paper_spot_request request = paper_spot_request_init();
    struct paper_ticker ticker;
    request.market = (keel_market_id)(1 + below(run, 2));
    paper_spot_get_ticker(run->spot, request.market, &ticker);
    keel_decimal wobble = hundredths(98 + below(run, 5));
    keel_decimal near = keel_decimal_round_to_step(
        keel_decimal_mul(ticker.last_price, wobble, KEEL_ROUND_DOWN), dec("0.01"), KEEL_ROUND_DOWN);
    request.side = below(run, 2) ? KEEL_BUY : KEEL_SELL;
    request.type = some_type(run);
    bool market = request.type == KEEL_MARKET || request.type == KEEL_STOP_MARKET ||
                  request.type == KEEL_TAKE_PROFIT_MARKET;
    request.time_in_force = market ? KEEL_TIME_IN_FORCE_NONE : times[below(run, 5)];
    request.self_trade = (enum paper_self_trade)below(run, 5);
    request.unfunded = below(run, 4) == 0;
    request.quantity = keel_decimal_mul(keel_decimal_from_int(1 + below(run, 30000)), dec("0.0001"),
                                        KEEL_ROUND_DOWN);
    if (!market)
        request.price = near;
    if (request.type != KEEL_LIMIT && request.type != KEEL_MARKET)
        request.trigger_price = near;
    if (request.type == KEEL_MARKET && below(run, 2)) {
        request.quantity = KEEL_DECIMAL_ABSENT;
        request.quote_quantity = hundredths(1 + below(run, 3000000));
    }
    run->refused += paper_spot_place_order(run->spot, run->now_ms, 1 + (int)below(run, 3), &request,
                                           false, NULL) != PAPER_SPOT_OK;
}

static void amend_or_cancel_some(struct run *run)
{
    int account = 1 + (int)below(run, 3);
    const struct paper_spot_order *order =
        paper_spot_next_open_order(run->spot, account, KEEL_NO_MARKET, NULL);
    if (order == NULL)
        return;
    const struct paper_spot_amend amend = {
        .market = order->market,
        .order_id = order->id,
        .client_id = {"", 0},
        .new_client_id = {"", 0},
        .quantity = keel_decimal_mul(keel_decimal_from_int(1 + below(run, 30000)), dec("0.0001"),
                                     KEEL_ROUND_DOWN),
        .price = KEEL_DECIMAL_ABSENT,
    };
    if (below(run, 2))
        run->refused += paper_spot_amend_order(run->spot, run->now_ms, account, &amend, &order) !=
                        PAPER_SPOT_OK;
    else
        run->refused +=
            paper_spot_cancel_order(run->spot, run->now_ms, account, order->market, order->id,
                                    KEEL_STR(""), KEEL_STR(""), &order) != PAPER_SPOT_OK;
}

static void pay_some(struct run *run)
{
    const struct paper_deposit *deposit;
    const struct paper_withdrawal *withdrawal;
    const struct paper_transfer *transfer;
    char address[PAPER_ADDRESS_SIZE];
    int account = 1 + (int)below(run, 3);
    paper_asset_id asset = (paper_asset_id)(1 + below(run, 3));
    keel_decimal amount = hundredths(1 + below(run, 5000));
    paper_spot_deposit_address(run->spot, account, asset, 0, address);
    const struct paper_withdraw_request request = {.asset = asset,
                                                   .network = KEEL_STR(""),
                                                   .address = keel_str_from(address),
                                                   .memo = KEEL_STR(""),
                                                   .reference = KEEL_STR(""),
                                                   .fee_on_top = below(run, 2),
                                                   .amount = amount};
    switch (below(run, 3)) {
    case 0:
        run->refused += paper_spot_deposit(run->spot, run->now_ms, account, asset, KEEL_STR(""),
                                           amount, &deposit) != PAPER_SPOT_OK;
        break;
    case 1:
        if (paper_spot_withdraw(run->spot, run->now_ms, account, &request, &withdrawal) ==
                PAPER_SPOT_OK &&
            below(run, 2))
            run->refused +=
                paper_spot_force_withdrawal(
                    run->spot, run->now_ms, withdrawal->id,
                    (enum paper_withdrawal_status)(PAPER_WITHDRAWAL_REVIEWING + below(run, 6))) !=
                PAPER_SPOT_OK;
        break;
    default:
        run->refused += paper_spot_transfer(run->spot, run->now_ms, account, asset,
                                            (enum paper_wallet)(1 + below(run, 3)),
                                            (enum paper_wallet)(1 + below(run, 3)), amount,
                                            &transfer) != PAPER_SPOT_OK;
    }
}

static void act(struct run *run)
{
    run->now_ms += below(run, 500);
    switch (below(run, 10)) {
    case 0: paper_spot_tick(run->spot, run->now_ms); break;
    case 1: paper_spot_advance(run->spot, run->now_ms, 60 * 1000); break;
    case 2: amend_or_cancel_some(run); break;
    case 3: pay_some(run); break;
    default: place_some(run);
    }
}

static struct run begin(uint64_t seed)
{
    struct run run = {.random = {seed}, .now_ms = NOW_MS};
    const struct paper_config config = {
        .seed = seed, .accounts = 3, .deposit = dec("1000"), .insurance = dec("0")};
    run.futures = paper_engine_new(&config, NOW_MS);
    const struct paper_spot_config spot_config = {
        .seed = seed, .accounts = 3, .quote_balance = dec("100000"), .futures = run.futures};
    run.spot = paper_spot_new(&spot_config, NOW_MS);
    assert_non_null(run.spot);
    for (int account = 1; account <= 3; account++) {
        credit(run.spot, account, BITCOIN, "3");
        credit(run.spot, account, ETHER, "30");
    }
    return run;
}

/* What came from the spot side is what the futures side got beyond its first deposits. */
static void assert_both_ledgers_agree(const struct run *run)
{
    struct paper_spot_audit audit;
    struct paper_audit futures;
    paper_spot_audit(run->spot, &audit);
    paper_engine_audit(run->futures, &futures);
    assert_true(futures.conserved);
    assert_true(keel_decimal_equals(keel_decimal_add(dec("3000"), audit.assets[USDT].futures),
                                    futures.deposits));
}

static void random_trading_conserves_every_asset(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run run = begin(seed);
        int64_t fills = 0;
        for (int i = 0; i < STEPS; i++) {
            struct paper_spot_event event;
            act(&run);
            while (paper_spot_next_event(run.spot, &event))
                fills += event.kind == PAPER_SPOT_EVENT_ORDER &&
                         event.as.order.kind == PAPER_SPOT_TRADED;
            struct paper_spot_audit audit;
            paper_spot_audit(run.spot, &audit);
            if (!audit.conserved)
                fail_msg("seed %d, step %d: %s", (int)seed, i, audit.broken);
        }
        assert_both_ledgers_agree(&run);
        assert_true(fills > 200);
        end(run.spot);
        paper_engine_free(run.futures);
    }
}

/* The book of changes, added up, is the balance. */
static void the_changes_sum_to_the_balances(void **state)
{
    (void)state;
    struct run run = begin(5);
    for (int i = 0; i < STEPS; i++)
        act(&run);
    for (int account = 1; account <= 3; account++)
        for (paper_asset_id asset = 1; asset <= 3; asset++) {
            const struct paper_spot_query query = {.account = account, .asset = asset};
            const struct paper_spot_change *change = NULL;
            struct paper_spot_balance sum = {0};
            while ((change = paper_spot_next_change(run.spot, &query, change)) != NULL) {
                sum.free = keel_decimal_add(sum.free, change->free_change);
                sum.locked = keel_decimal_add(sum.locked, change->locked_change);
            }
            struct paper_spot_balance balance = balance_of(run.spot, account, asset);
            assert_true(keel_decimal_equals(sum.free, balance.free));
            assert_true(keel_decimal_equals(sum.locked, balance.locked));
        }
    end(run.spot);
    paper_engine_free(run.futures);
}

static void a_reset_begins_afresh_and_alike(void **state)
{
    (void)state;
    struct run run = begin(9);
    for (int i = 0; i < 300; i++)
        act(&run);
    drain(run.spot);
    assert_true(paper_spot_reset(run.spot, NOW_MS));
    assert_balance(run.spot, 1, USDT, "100000", "0");
    assert_balance(run.spot, 1, BITCOIN, "0", "0");
    struct paper_spot_event event;
    assert_false(paper_spot_next_event(run.spot, &event));
    assert_null(paper_spot_next_open_order(run.spot, 1, KEEL_NO_MARKET, NULL));
    end(run.spot);
    paper_engine_free(run.futures);
}

static void spot_and_futures_walk_together(void **state)
{
    (void)state;
    struct run run = begin(11);
    for (int i = 0; i < 50; i++) {
        paper_spot_advance(run.spot, NOW_MS, 60 * 1000);
        paper_engine_advance(run.futures, NOW_MS, 60 * 1000);
    }
    struct paper_ticker spot, futures;
    paper_spot_get_ticker(run.spot, BTC, &spot);
    paper_engine_get_ticker(run.futures, BTC, &futures);
    keel_decimal apart = keel_decimal_abs(keel_decimal_sub(spot.last_price, futures.mark_price));
    assert_true(keel_decimal_compare(apart, dec("0.1")) <= 0);
    assert_false(keel_decimal_equals(spot.last_price, dec("60000")));
    end(run.spot);
    paper_engine_free(run.futures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_trading_conserves_every_asset),
        cmocka_unit_test(the_changes_sum_to_the_balances),
        cmocka_unit_test(a_reset_begins_afresh_and_alike),
        cmocka_unit_test(spot_and_futures_walk_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Gate.io's wallets over REST: balances, the book of changes, fees, transfers, deposits and the
 * states of a withdrawal. */
#include "gateio_spot_helper.h"

static int withdraw(struct gate *gate, const char *amount, const char *reference)
{
    char body[512];
    (void)snprintf(body, sizeof(body),
                   "{\"currency\":\"USDT\",\"amount\":\"%s\",\"address\":\"" TRON
                   "\",\"chain\":\"TRX\",\"withdraw_order_id\":\"%s\"}",
                   amount, reference);
    return gate_post(gate, "/withdrawals", body);
}

static int transfer(struct gate *gate, const char *from, const char *to, const char *amount)
{
    char body[256];
    (void)snprintf(body, sizeof(body),
                   "{\"currency\":\"USDT\",\"from\":\"%s\",\"to\":\"%s\",\"amount\":\"%s\","
                   "\"settle\":\"USDT\"}",
                   from, to, amount);
    return gate_post(gate, "/wallet/transfers", body);
}

static void balances_are_of_what_there_is(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, gate_get(gate, "/spot/accounts", ""));
    assert_string_equal(gate_body(gate),
                        "[{\"currency\":\"USDT\",\"available\":\"10000\",\"locked\":\"0\","
                        "\"update_id\":1700000000000}]");
    assert_balance(gate, "BTC", "0", "0");
    assert_refused(gate, "INVALID_CURRENCY", gate_get(gate, "/spot/accounts", "currency=NO"));
}

static void the_book_tells_what_changed_the_account(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\","
                                   "\"amount\":\"0.1\",\"price\":\"20100\"}"));
    assert_status(gate, 200, gate_get(gate, "/spot/account_book", "currency=BTC"));
    assert_value(gate, "change", "0.0998");
    assert_value(gate, "balance", "0.0998");
    assert_value(gate, "type", "order_fill");
    assert_status(gate, 200, transfer(gate, "spot", "futures", "100"));
    assert_status(gate, 200, gate_get(gate, "/spot/account_book", "currency=USDT&type=perp_in"));
    assert_value(gate, "change", "-100");
    assert_value(gate, "code", "701");
    assert_status(gate, 200, gate_get(gate, "/spot/account_book", "code=702&type=perp_in"));
    assert_string_equal(gate_body(gate), "[]"); /* the code counts */
    assert_status(gate, 200, gate_get(gate, "/spot/account_book", "currency=USDT&type=new_order"));
    assert_string_equal(gate_body(gate), "[]");
}

static void fees_are_told_by_pair(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, gate_get(gate, "/wallet/fee", "currency_pair=ETH_USDT"));
    assert_value(gate, "taker_fee", "0.002");
    assert_value(gate, "maker_fee", "0.002");
    assert_value(gate, "futures_taker_fee", "0.0005");
    assert_status(gate, 200, gate_get(gate, "/spot/batch_fee", "currency_pairs=BTC_USDT,ETH_USDT"));
    assert_has(gate, "{\"BTC_USDT\":{\"user_id\":20011,");
    assert_has(gate, "},\"ETH_USDT\":{");
    assert_refused(gate, "INVALID_CURRENCY_PAIR",
                   gate_get(gate, "/wallet/fee", "currency_pair=X_USDT"));
}

static void money_goes_to_futures_and_back(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, transfer(gate, "spot", "futures", "100"));
    assert_string_equal(gate_body(gate), "{\"tx_id\":13500000001}");
    assert_balance(gate, "USDT", "9900", "0");
    assert_status(gate, 200, gate_get(gate, "/futures/usdt/accounts", ""));
    assert_value(gate, "total", "100100");
    assert_status(gate, 200, transfer(gate, "futures", "spot", "40.5"));
    assert_balance(gate, "USDT", "9940.5", "0");
}

static void a_transfer_that_cannot_be_moves_nothing(void **state)
{
    struct gate *gate = *state;
    assert_refused(gate, "BALANCE_NOT_ENOUGH", transfer(gate, "spot", "futures", "10001"));
    assert_refused(gate, "FUTURES_BALANCE_NOT_ENOUGH", transfer(gate, "futures", "spot", "200000"));
    assert_refused(gate, "INVALID_PARAM_VALUE", transfer(gate, "spot", "margin", "1"));
    assert_refused(gate, "INVALID_PARAM_VALUE", transfer(gate, "spot", "spot", "1"));
    assert_refused(gate, "MISSING_REQUIRED_PARAM",
                   gate_post(gate, "/wallet/transfers",
                             "{\"currency\":\"USDT\",\"from\":\"spot\",\"to\":\"futures\","
                             "\"amount\":\"1\"}"));
    assert_balance(gate, "USDT", "10000", "0");
}

static void a_withdrawal_goes_through_its_states(void **state)
{
    static const char *const states[] = {"REQUEST", "REVIEW", "PEND", "DONE", "DONE"};
    struct gate *gate = *state;
    assert_status(gate, 200, withdraw(gate, "50", "w-1"));
    assert_value(gate, "id", "w7100000001");
    assert_value(gate, "amount", "50");
    assert_value(gate, "fee", "1");
    assert_value(gate, "chain", "TRX");
    assert_balance(gate, "USDT", "9950", "50");
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        assert_status(gate, 200, gate_get(gate, "/wallet/withdrawals", "withdraw_order_id=w-1"));
        assert_value(gate, "status", states[i]);
        gate_wait(gate, PAPER_WALLET_STEP_MS);
    }
    assert_lacks(gate, "\"txid\":\"\"");
    assert_balance(gate, "USDT", "9950", "0");
}

static void a_withdrawal_is_found_by_id_and_within_thirty_days(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, withdraw(gate, "50", "w-1"));
    assert_status(gate, 200, gate_get(gate, "/wallet/withdrawals", "withdraw_id=w7100000001"));
    assert_value(gate, "withdraw_order_id", "w-1");
    assert_status(gate, 200, gate_get(gate, "/wallet/withdrawals", "currency=BTC"));
    assert_string_equal(gate_body(gate), "[]");
    assert_refused(gate, "INVALID_PARAM_VALUE",
                   gate_get(gate, "/wallet/withdrawals", "from=1690000000&to=1700000000"));
    gate_wait(gate, INT64_C(31) * 24 * 3600 * 1000);
    assert_status(gate, 200, gate_get(gate, "/wallet/withdrawals", ""));
    assert_string_equal(gate_body(gate), "[]");
    assert_status(gate, 200,
                  gate_get(gate, "/wallet/withdrawals", "from=1699999999&to=1700000001"));
    assert_has(gate, "w-1");
}

static void a_withdrawal_is_cancelled_before_it_is_processed(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, withdraw(gate, "50", "w-1"));
    assert_status(gate, 200, gate_send(gate, "DELETE", "/withdrawals/w7100000001", "", ""));
    assert_value(gate, "status", "CANCEL");
    assert_balance(gate, "USDT", "10000", "0");
    assert_refused(gate, "INVALID_WITHDRAW_CANCEL_STATUS",
                   gate_send(gate, "DELETE", "/withdrawals/w7100000001", "", ""));
    assert_refused(gate, "INVALID_WITHDRAW_ID",
                   gate_send(gate, "DELETE", "/withdrawals/w9", "", ""));
    assert_refused(gate, "INVALID_WITHDRAW_ID",
                   gate_send_as(gate, 2, "DELETE", "/withdrawals/w7100000001", "", ""));
}

static void a_failed_withdrawal_gives_the_money_back(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, withdraw(gate, "50", "w-1"));
    assert_int_equal(
        paper_spot_force_withdrawal(gate->spot, gate->now_ms, 7100000001, PAPER_WITHDRAWAL_FAILED),
        PAPER_SPOT_OK);
    assert_status(gate, 200, gate_get(gate, "/wallet/withdrawals", ""));
    assert_value(gate, "status", "FAIL");
    assert_value(gate, "fail_reason", "failed on chain");
    assert_balance(gate, "USDT", "10000", "0");
}

static void a_withdrawal_that_cannot_be_holds_nothing(void **state)
{
    static const struct {
        const char *label, *body;
    } cases[] = {
        {"MISSING_REQUIRED_PARAM", "{\"currency\":\"USDT\",\"amount\":\"50\"}"                    },
        {"INVALID_PARAM_VALUE",
         "{\"currency\":\"USDT\",\"amount\":\"50\",\"address\":\"nowhere\",\"chain\":\"TRX\"}"    },
        {"INVALID_PARAM_VALUE",
         "{\"currency\":\"USDT\",\"amount\":\"50\",\"address\":\"" TRON "\",\"chain\":\"XX\"}"    },
        {"AMOUNT_TOO_LITTLE",
         "{\"currency\":\"USDT\",\"amount\":\"5\",\"address\":\"" TRON "\",\"chain\":\"TRX\"}"    },
        {"BALANCE_NOT_ENOUGH",
         "{\"currency\":\"USDT\",\"amount\":\"10001\",\"address\":\"" TRON "\",\"chain\":\"TRX\"}"},
    };
    struct gate *gate = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char mark[96];
        gate->now_ms += 3000;
        (void)gate_post(gate, "/withdrawals", cases[i].body);
        (void)snprintf(mark, sizeof(mark), "{\"label\":\"%s\"", cases[i].label);
        assert_has(gate, mark);
    }
    assert_balance(gate, "USDT", "10000", "0");
}

static void a_reference_is_taken_once_and_withdrawals_take_their_time(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, withdraw(gate, "50", "w-1"));
    assert_refused(gate, "TOO_FAST", withdraw(gate, "50", "w-2"));
    gate_wait(gate, 3000);
    assert_refused(gate, "DUPLICATE_REQUEST", withdraw(gate, "50", "w-1"));
    gate_wait(gate, 3000);
    assert_status(gate, 200, withdraw(gate, "50", "w-2"));
}

static void a_deposit_is_listed_and_credited(void **state)
{
    struct gate *gate = *state;
    const struct paper_deposit *row;
    assert_int_equal(paper_spot_deposit(gate->spot, gate->now_ms, 1,
                                        paper_asset_find(KEEL_STR("ETH")), KEEL_STR("ARBITRUM"),
                                        keel_decimal_from_int(2), &row),
                     PAPER_SPOT_OK);
    assert_status(gate, 200, gate_get(gate, "/wallet/deposits", "currency=ETH"));
    assert_value(gate, "status", "PEND");
    assert_value(gate, "chain", "ARBEVM");
    gate_wait(gate, PAPER_WALLET_STEP_MS);
    gate_wait(gate, PAPER_WALLET_STEP_MS);
    assert_status(gate, 200, gate_get(gate, "/wallet/deposits", ""));
    assert_value(gate, "status", "DONE");
    assert_balance(gate, "ETH", "2", "0");
}

static void chains_are_told_in_the_venue_s_names(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, gate_get(gate, "/wallet/withdraw_status", "currency=ETH"));
    assert_has(gate, "\"withdraw_fix_on_chains\":{\"ETH\":\"0.001\",\"ARBEVM\":\"0.0001\"}");
    assert_value(gate, "withdraw_amount_mini", "0.01");
    assert_status(gate, 200, gate_get(gate, "/wallet/currency_chains", "currency=ETH"));
    assert_has(gate, "\"chain\":\"ARBEVM\"");
    assert_status(gate, 200, gate_get(gate, "/wallet/deposit_address", "currency=ETH"));
    assert_has(gate, "\"multichain_addresses\":[{\"chain\":\"ETH\",\"address\":\"0x");
    assert_status(gate, 200, gate_get(gate, "/spot/currencies/ETH", ""));
    assert_has(gate, "\"chains\":[{\"name\":\"ETH\"");
}

static void a_pair_tells_its_grid(void **state)
{
    struct gate *gate = *state;
    assert_status(gate, 200, gate_get(gate, "/spot/currency_pairs/BTC_USDT", ""));
    assert_value(gate, "fee", "0.2");
    assert_value(gate, "precision", "1");
    assert_value(gate, "amount_precision", "6");
    assert_value(gate, "min_quote_amount", "3");
    assert_refused(gate, "INVALID_CURRENCY_PAIR", gate_get(gate, "/spot/currency_pairs/X", ""));
}

static void the_book_and_the_tape_follow_the_price(void **state)
{
    struct gate *gate = *state;
    assert_status(
        gate, 200,
        gate_get(gate, "/spot/order_book", "currency_pair=BTC_USDT&limit=2&with_id=true"));
    assert_has(gate, "\"asks\":[[\"20000.1\",");
    assert_status(gate, 200, gate_get(gate, "/spot/tickers", "currency_pair=BTC_USDT"));
    assert_value(gate, "last", "20000");
    assert_status(gate, 201,
                  spot_order(gate, "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\","
                                   "\"amount\":\"0.1\",\"price\":\"20100\"}"));
    assert_status(gate, 200, gate_get(gate, "/spot/trades", "currency_pair=BTC_USDT&limit=1"));
    assert_value(gate, "side", "buy");
    assert_value(gate, "amount", "0.1");
    assert_status(gate, 200,
                  gate_get(gate, "/spot/candlesticks", "currency_pair=BTC_USDT&interval=1m"));
    assert_has(gate, "[[\"1699999980\",");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, spot_set_up, spot_tear_down)
    const struct CMUnitTest tests[] = {
        T(balances_are_of_what_there_is),
        T(the_book_tells_what_changed_the_account),
        T(fees_are_told_by_pair),
        T(money_goes_to_futures_and_back),
        T(a_transfer_that_cannot_be_moves_nothing),
        T(a_withdrawal_goes_through_its_states),
        T(a_withdrawal_is_found_by_id_and_within_thirty_days),
        T(a_withdrawal_is_cancelled_before_it_is_processed),
        T(a_failed_withdrawal_gives_the_money_back),
        T(a_withdrawal_that_cannot_be_holds_nothing),
        T(a_reference_is_taken_once_and_withdrawals_take_their_time),
        T(a_deposit_is_listed_and_credited),
        T(chains_are_told_in_the_venue_s_names),
        T(a_pair_tells_its_grid),
        T(the_book_and_the_tape_follow_the_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

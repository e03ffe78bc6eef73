/* Deposits, withdrawals through their states, and transfers between an account's wallets. */
#include "spot_helper.h"

#define TRON_ADDRESS "TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh"

static struct paper_withdraw_request asking(const char *amount)
{
    return (struct paper_withdraw_request){
        .asset = USDT,
        .network = KEEL_STR("TRX"),
        .address = KEEL_STR(TRON_ADDRESS),
        .memo = KEEL_STR(""),
        .reference = KEEL_STR("w-1"),
        .amount = dec(amount),
    };
}

static const struct paper_withdrawal *withdraw(struct paper_spot *spot,
                                               const struct paper_withdraw_request *request)
{
    const struct paper_withdrawal *withdrawal = NULL;
    enum paper_spot_error error = paper_spot_withdraw(spot, NOW_MS, 1, request, &withdrawal);
    if (error != PAPER_SPOT_OK)
        fail_msg("refused: %d", (int)error);
    return withdrawal;
}

static void a_deposit_is_pending_before_it_is_there(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot_with(NULL);
    const struct paper_deposit *deposit;
    assert_int_equal(
        paper_spot_deposit(spot, NOW_MS, 1, ETHER, KEEL_STR("ARBITRUM"), dec("3"), &deposit),
        PAPER_SPOT_OK);
    assert_int_equal(deposit->status, PAPER_DEPOSIT_PENDING);
    assert_int_equal(strncmp(deposit->address, "0x", 2), 0);
    assert_balance(spot, 1, ETHER, "0", "0");
    paper_spot_tick(spot, NOW_MS + PAPER_WALLET_STEP_MS - 1);
    assert_balance(spot, 1, ETHER, "0", "0");
    paper_spot_tick(spot, NOW_MS + PAPER_WALLET_STEP_MS);
    assert_int_equal(deposit->status, PAPER_DEPOSIT_CREDITED);
    assert_balance(spot, 1, ETHER, "3", "0");
    struct paper_spot_event event = next_event(spot, PAPER_SPOT_EVENT_BALANCES, 1);
    assert_int_equal(event.as.balances.reason, PAPER_SPOT_REASON_DEPOSIT);
    assert_decimal(event.as.balances.rows[0].free_change, "3");
    assert_int_equal(
        paper_spot_deposit(spot, NOW_MS, 1, ETHER, KEEL_STR("TRX"), dec("3"), &deposit),
        PAPER_SPOT_ERROR_NETWORK);
    end(spot);
}

static void a_withdrawal_goes_through_its_states(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot_with(NULL);
    struct paper_withdraw_request request = asking("100");
    const struct paper_withdrawal *withdrawal = withdraw(spot, &request);
    assert_int_equal(withdrawal->status, PAPER_WITHDRAWAL_REQUESTED);
    assert_decimal(withdrawal->amount, "99");
    assert_decimal(withdrawal->fee, "1");
    assert_decimal(balance_of(spot, 1, USDT).free, "99900");
    assert_decimal(balance_of(spot, 1, USDT).withdrawing, "100");
    static const enum paper_withdrawal_status steps[] = {
        PAPER_WITHDRAWAL_REVIEWING, PAPER_WITHDRAWAL_PROCESSING, PAPER_WITHDRAWAL_DONE};
    for (int i = 0; i < 3; i++) {
        paper_spot_tick(spot, NOW_MS + PAPER_WALLET_STEP_MS * (i + 1) - 1);
        assert_int_not_equal(withdrawal->status, steps[i]);
        paper_spot_tick(spot, NOW_MS + PAPER_WALLET_STEP_MS * (i + 1));
        assert_int_equal(withdrawal->status, steps[i]);
    }
    assert_int_equal(strlen(withdrawal->transaction), 64);
    assert_decimal(balance_of(spot, 1, USDT).free, "99900");
    assert_decimal(balance_of(spot, 1, USDT).withdrawing, "0");
    struct paper_spot_audit audit;
    paper_spot_audit(spot, &audit);
    assert_decimal(audit.assets[USDT].fees, "1");
    assert_decimal(audit.assets[USDT].outside, "-299901");
    end(spot);
}

static void a_withdrawal_that_fails_gives_all_back(void **state)
{
    (void)state;
    static const enum paper_withdrawal_status ends[] = {
        PAPER_WITHDRAWAL_FAILED, PAPER_WITHDRAWAL_REJECTED, PAPER_WITHDRAWAL_CANCELED};
    for (int i = 0; i < 3; i++) {
        struct paper_spot *spot = new_spot_with(NULL);
        struct paper_withdraw_request request = asking("100");
        const struct paper_withdrawal *withdrawal = withdraw(spot, &request);
        assert_int_equal(paper_spot_force_withdrawal(spot, NOW_MS, withdrawal->id, ends[i]),
                         PAPER_SPOT_OK);
        assert_decimal(balance_of(spot, 1, USDT).free, "100000");
        assert_decimal(balance_of(spot, 1, USDT).withdrawing, "0");
        assert_int_equal(
            paper_spot_force_withdrawal(spot, NOW_MS, withdrawal->id, PAPER_WITHDRAWAL_DONE),
            PAPER_SPOT_ERROR_WITHDRAWAL_STATE);
        paper_spot_tick(spot, NOW_MS + 10 * PAPER_WALLET_STEP_MS);
        assert_int_equal(withdrawal->status, ends[i]);
        end(spot);
    }
}

static void its_owner_cancels_it_until_it_is_processed(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot_with(NULL);
    struct paper_withdraw_request request = asking("100");
    const struct paper_withdrawal *withdrawal = withdraw(spot, &request), *canceled;
    assert_int_equal(paper_spot_cancel_withdrawal(spot, NOW_MS, 2, withdrawal->id, &canceled),
                     PAPER_SPOT_ERROR_WITHDRAWAL_UNKNOWN);
    assert_int_equal(
        paper_spot_force_withdrawal(spot, NOW_MS, withdrawal->id, PAPER_WITHDRAWAL_PROCESSING),
        PAPER_SPOT_OK);
    assert_int_equal(paper_spot_cancel_withdrawal(spot, NOW_MS, 1, withdrawal->id, &canceled),
                     PAPER_SPOT_ERROR_WITHDRAWAL_STATE);
    request.reference = KEEL_STR("w-2");
    withdrawal = withdraw(spot, &request);
    assert_int_equal(paper_spot_cancel_withdrawal(spot, NOW_MS, 1, withdrawal->id, &canceled),
                     PAPER_SPOT_OK);
    assert_int_equal(canceled->status, PAPER_WITHDRAWAL_CANCELED);
    end(spot);
}

static void what_a_network_does_not_take_is_refused(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot_with(NULL);
    const struct paper_withdrawal *withdrawal;
#define assert_refused(expected)                                                                   \
    assert_int_equal(paper_spot_withdraw(spot, NOW_MS, 1, &request, &withdrawal), expected)
    struct paper_withdraw_request request = asking("100");
    request.asset = PAPER_NO_ASSET;
    assert_refused(PAPER_SPOT_ERROR_ASSET);
    request = asking("100");
    request.network = KEEL_STR("BTC");
    assert_refused(PAPER_SPOT_ERROR_NETWORK);
    request = asking("100");
    request.address = KEEL_STR("0x52908400098527886E0F7030069857D2E4169EE7");
    assert_refused(PAPER_SPOT_ERROR_ADDRESS);
    request = asking("100");
    request.memo = KEEL_STR("7");
    assert_refused(PAPER_SPOT_ERROR_MEMO);
    request = asking("100.0000001");
    assert_refused(PAPER_SPOT_ERROR_AMOUNT);
    request = asking("-1");
    assert_refused(PAPER_SPOT_ERROR_AMOUNT);
    request = asking("9.99");
    assert_refused(PAPER_SPOT_ERROR_AMOUNT_MIN);
    request = asking("100000000001");
    assert_refused(PAPER_SPOT_ERROR_AMOUNT_MAX);
    request = asking("100000.01");
    assert_refused(PAPER_SPOT_ERROR_BALANCE);
    request = asking("100000");
    request.fee_on_top = true;
    assert_refused(PAPER_SPOT_ERROR_BALANCE);
    assert_decimal(balance_of(spot, 1, USDT).free, "100000");
    end(spot);
}

static void a_reference_is_used_once(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot_with(NULL);
    struct paper_withdraw_request request = asking("100");
    const struct paper_withdrawal *withdrawal = withdraw(spot, &request), *again;
    assert_int_equal(paper_spot_withdraw(spot, NOW_MS, 1, &request, &again),
                     PAPER_SPOT_ERROR_REFERENCE_DUPLICATE);
    assert_ptr_equal(paper_spot_find_withdrawal(spot, 1, 0, KEEL_STR("w-1")), withdrawal);
    assert_null(paper_spot_find_withdrawal(spot, 2, 0, KEEL_STR("w-1")));
    end(spot);
}

static struct paper_engine *new_futures(void)
{
    const struct paper_config config = {
        .seed = 7, .accounts = 3, .deposit = dec("1000"), .insurance = dec("0"), .manual = true};
    struct paper_engine *futures = paper_engine_new(&config, NOW_MS);
    assert_non_null(futures);
    return futures;
}

static keel_decimal futures_wallet(const struct paper_engine *futures)
{
    struct paper_account view;
    struct paper_audit audit;
    paper_engine_audit(futures, &audit);
    assert_true(audit.conserved);
    paper_engine_get_account(futures, 1, &view);
    return view.wallet;
}

static void a_transfer_moves_both_ledgers_in_one_step(void **state)
{
    (void)state;
    struct paper_engine *futures = new_futures();
    struct paper_spot *spot = new_spot_with(futures);
    const struct paper_transfer *transfer;
    assert_int_equal(paper_spot_transfer(spot, NOW_MS, 1, USDT, PAPER_WALLET_SPOT,
                                         PAPER_WALLET_FUTURES, dec("250.5"), &transfer),
                     PAPER_SPOT_OK);
    assert_decimal(futures_wallet(futures), "1250.5");
    assert_decimal(balance_of(spot, 1, USDT).free, "99749.5");
    struct paper_event event;
    assert_true(paper_engine_next_event(futures, &event));
    assert_int_equal(event.kind, PAPER_EVENT_ACCOUNT);
    assert_int_equal(event.as.update.reason, PAPER_REASON_DEPOSIT);
    assert_decimal(event.as.update.balance_change, "250.5");
    assert_int_equal(paper_spot_transfer(spot, NOW_MS, 1, USDT, PAPER_WALLET_FUTURES,
                                         PAPER_WALLET_FUNDING, dec("1250.5"), &transfer),
                     PAPER_SPOT_OK);
    assert_decimal(futures_wallet(futures), "0");
    assert_decimal(balance_of(spot, 1, USDT).funding, "1250.5");
    struct paper_spot_audit audit;
    paper_spot_audit(spot, &audit);
    assert_decimal(audit.assets[USDT].futures, "-1000");
    end(spot);
    paper_engine_free(futures);
}

static void margin_in_use_is_not_transferred(void **state)
{
    (void)state;
    struct paper_engine *futures = new_futures();
    struct paper_spot *spot = new_spot_with(futures);
    const struct paper_transfer *transfer;
    struct paper_order_request request = paper_order_request_init();
    request.market = 1;
    request.side = KEEL_BUY;
    request.type = KEEL_MARKET;
    request.quantity = dec("0.1");
    assert_int_equal(paper_engine_place_order(futures, NOW_MS, 1, &request, false, NULL), PAPER_OK);
    assert_int_equal(paper_spot_transfer(spot, NOW_MS, 1, USDT, PAPER_WALLET_FUTURES,
                                         PAPER_WALLET_SPOT, dec("800"), &transfer),
                     PAPER_SPOT_ERROR_BALANCE);
    assert_int_equal(paper_spot_transfer(spot, NOW_MS, 1, USDT, PAPER_WALLET_FUTURES,
                                         PAPER_WALLET_SPOT, dec("600"), &transfer),
                     PAPER_SPOT_OK);
    assert_decimal(balance_of(spot, 1, USDT).free, "100600");
    end(spot);
    paper_engine_free(futures);
}

static void a_transfer_needs_two_wallets_and_the_money(void **state)
{
    (void)state;
    struct paper_spot *spot = new_spot();
    const struct paper_transfer *transfer;
#define transfer_of(asset, from, to, amount)                                                       \
    paper_spot_transfer(spot, NOW_MS, 1, asset, from, to, dec(amount), &transfer)
    assert_int_equal(transfer_of(USDT, PAPER_WALLET_SPOT, PAPER_WALLET_FUTURES, "1"),
                     PAPER_SPOT_ERROR_WALLET); /* there is no futures side */
    assert_int_equal(transfer_of(USDT, PAPER_WALLET_SPOT, PAPER_WALLET_SPOT, "1"),
                     PAPER_SPOT_ERROR_WALLET);
    assert_int_equal(transfer_of(USDT, PAPER_WALLET_SPOT, PAPER_WALLET_FUNDING, "0"),
                     PAPER_SPOT_ERROR_AMOUNT);
    assert_int_equal(transfer_of(BITCOIN, PAPER_WALLET_SPOT, PAPER_WALLET_FUNDING, "2.1"),
                     PAPER_SPOT_ERROR_BALANCE);
    assert_int_equal(transfer_of(BITCOIN, PAPER_WALLET_SPOT, PAPER_WALLET_FUNDING, "2"),
                     PAPER_SPOT_OK);
    assert_int_equal(transfer_of(BITCOIN, PAPER_WALLET_FUNDING, PAPER_WALLET_SPOT, "0.5"),
                     PAPER_SPOT_OK);
    assert_balance(spot, 1, BITCOIN, "0.5", "0");
    end(spot);
}

static void every_network_takes_the_addresses_it_makes(void **state)
{
    (void)state;
    for (int id = 1; id <= paper_asset_count(); id++) {
        const struct paper_asset *asset = paper_asset_get((paper_asset_id)id);
        for (int i = 0; i < asset->network_count; i++) {
            char address[PAPER_ADDRESS_SIZE];
            paper_network_make_address(&asset->networks[i], (uint64_t)id, address);
            assert_true(paper_network_takes_address(&asset->networks[i], keel_str_from(address)));
            assert_false(paper_network_takes_address(&asset->networks[i], KEEL_STR("nobody")));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deposit_is_pending_before_it_is_there),
        cmocka_unit_test(a_withdrawal_goes_through_its_states),
        cmocka_unit_test(a_withdrawal_that_fails_gives_all_back),
        cmocka_unit_test(its_owner_cancels_it_until_it_is_processed),
        cmocka_unit_test(what_a_network_does_not_take_is_refused),
        cmocka_unit_test(a_reference_is_used_once),
        cmocka_unit_test(a_transfer_moves_both_ledgers_in_one_step),
        cmocka_unit_test(margin_in_use_is_not_transferred),
        cmocka_unit_test(a_transfer_needs_two_wallets_and_the_money),
        cmocka_unit_test(every_network_takes_the_addresses_it_makes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

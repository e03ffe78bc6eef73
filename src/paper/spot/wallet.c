#include "paper/spot/wallet.h"

#include "paper/keys.h"
#include "paper/spot/events.h"
#include "paper/spot/ledger.h"

/* --- Withdrawals -------------------------------------------------------------------------------
 */

static bool is_amount(keel_decimal amount)
{
    return keel_decimal_is_positive(amount) && keel_decimal_digits(amount) <= 8;
}

bool paper_spot_wallet_is_over(const struct paper_withdrawal *withdrawal)
{
    return withdrawal->status >= PAPER_WITHDRAWAL_DONE;
}

struct paper_withdrawal *paper_spot_wallet_find(const struct paper_spot *spot, int account,
                                                int64_t id, keel_str reference)
{
    for (int64_t i = 0; i < spot->withdrawals.count; i++) {
        struct paper_withdrawal *row = spot->withdrawals.rows[i];
        if (account != 0 && row->account != account)
            continue;
        if (id != 0 ? row->id == id : keel_str_equals(reference, keel_str_from(row->reference)))
            return row;
    }
    return NULL;
}

static enum paper_spot_part part_of(enum paper_wallet wallet)
{
    return wallet == PAPER_WALLET_FUNDING ? PAPER_PART_FUNDING : PAPER_PART_FREE;
}

static enum paper_spot_error check_amount(const struct paper_network *network, keel_decimal arrives,
                                          keel_decimal asked)
{
    if (keel_decimal_compare(asked, network->withdraw_min) < 0 ||
        !keel_decimal_is_positive(arrives))
        return PAPER_SPOT_ERROR_AMOUNT_MIN;
    if (keel_decimal_compare(asked, network->withdraw_max) > 0)
        return PAPER_SPOT_ERROR_AMOUNT_MAX;
    return PAPER_SPOT_OK;
}

static enum paper_spot_error check_target(const struct paper_asset *asset, int network,
                                          const struct paper_withdraw_request *request)
{
    if (network < 0)
        return PAPER_SPOT_ERROR_NETWORK;
    if (!paper_network_takes_address(&asset->networks[network], request->address))
        return PAPER_SPOT_ERROR_ADDRESS;
    if (!paper_network_takes_memo(&asset->networks[network], request->memo))
        return PAPER_SPOT_ERROR_MEMO;
    return is_amount(request->amount) &&
                   keel_decimal_is_multiple(request->amount,
                                            asset->networks[network].withdraw_multiple)
               ? PAPER_SPOT_OK
               : PAPER_SPOT_ERROR_AMOUNT;
}

static enum paper_spot_error check_reference(const struct paper_spot *spot, int account,
                                             keel_str reference)
{
    if (reference.size >= PAPER_SPOT_REFERENCE_SIZE)
        return PAPER_SPOT_ERROR_REFERENCE;
    return reference.size > 0 && paper_spot_wallet_find(spot, account, 0, reference) != NULL
               ? PAPER_SPOT_ERROR_REFERENCE_DUPLICATE
               : PAPER_SPOT_OK;
}

static struct paper_withdrawal *add_withdrawal(struct paper_spot *spot, int account,
                                               const struct paper_withdraw_request *request,
                                               int network, keel_decimal arrives, keel_decimal fee)
{
    struct paper_withdrawal *row = paper_table_add(&spot->withdrawals, sizeof(*row));
    *row = (struct paper_withdrawal){
        .id = spot->next_withdrawal_id++,
        .account = account,
        .asset = request->asset,
        .network = network,
        .wallet = request->wallet == PAPER_WALLET_NONE ? PAPER_WALLET_SPOT : request->wallet,
        .status = PAPER_WITHDRAWAL_REQUESTED,
        .amount = arrives,
        .fee = fee,
        .create_time_ms = spot->now_ms,
        .update_time_ms = spot->now_ms,
    };
    (void)keel_str_copy(request->reference, row->reference, sizeof(row->reference));
    (void)keel_str_copy(request->address, row->address, sizeof(row->address));
    (void)keel_str_copy(request->memo, row->memo, sizeof(row->memo));
    return row;
}

static void tell_withdrawal(struct paper_spot *spot, const struct paper_withdrawal *row,
                            enum paper_spot_reason reason)
{
    struct paper_spot_event *event =
        paper_spot_events_push(spot, PAPER_SPOT_EVENT_WITHDRAWAL, row->account, KEEL_NO_MARKET);
    event->as.withdrawal = *row;
    paper_spot_events_flush(spot, row->account, reason, row->id);
    paper_spot_ledger_check(spot);
}

enum paper_spot_error paper_spot_wallet_withdraw(struct paper_spot *spot, int account,
                                                 const struct paper_withdraw_request *request,
                                                 const struct paper_withdrawal **withdrawal)
{
    const struct paper_asset *asset = paper_asset_get(request->asset);
    if (asset == NULL)
        return PAPER_SPOT_ERROR_ASSET;
    if (request->wallet == PAPER_WALLET_FUTURES)
        return PAPER_SPOT_ERROR_WALLET;
    int network = paper_asset_find_network(asset, request->network);
    enum paper_spot_error error = check_target(asset, network, request);
    if (error != PAPER_SPOT_OK)
        return error;
    keel_decimal fee = asset->networks[network].fee;
    keel_decimal arrives =
        request->fee_on_top ? request->amount : keel_decimal_sub(request->amount, fee);
    error = check_amount(&asset->networks[network], arrives, request->amount);
    if (error == PAPER_SPOT_OK)
        error = check_reference(spot, account, request->reference);
    if (error != PAPER_SPOT_OK)
        return error;
    enum paper_spot_part part = part_of(request->wallet);
    keel_decimal held = keel_decimal_add(arrives, fee);
    if (keel_decimal_compare(paper_spot_trader_at(spot, account)->parts[request->asset][part],
                             held) < 0)
        return PAPER_SPOT_ERROR_BALANCE;

    struct paper_withdrawal *row = add_withdrawal(spot, account, request, network, arrives, fee);
    paper_spot_ledger_move(spot, row->asset, held, paper_part_of(account, part),
                           paper_part_of(account, PAPER_PART_WITHDRAWING));
    tell_withdrawal(spot, row, PAPER_SPOT_REASON_WITHDRAWAL);
    *withdrawal = row;
    return PAPER_SPOT_OK;
}

static void send_off(struct paper_spot *spot, const struct paper_withdrawal *row)
{
    struct paper_purse_key held = paper_part_of(row->account, PAPER_PART_WITHDRAWING);
    paper_spot_ledger_move(spot, row->asset, row->amount, held, paper_pool_of(PAPER_POOL_OUTSIDE));
    paper_spot_ledger_move(spot, row->asset, row->fee, held, paper_pool_of(PAPER_POOL_FEES));
}

static void give_back(struct paper_spot *spot, const struct paper_withdrawal *row)
{
    paper_spot_ledger_move(spot, row->asset, keel_decimal_add(row->amount, row->fee),
                           paper_part_of(row->account, PAPER_PART_WITHDRAWING),
                           paper_part_of(row->account, part_of(row->wallet)));
}

void paper_spot_wallet_set(struct paper_spot *spot, struct paper_withdrawal *row,
                           enum paper_withdrawal_status status)
{
    row->status = status;
    row->update_time_ms = spot->now_ms;
    if ((status == PAPER_WITHDRAWAL_PROCESSING || status == PAPER_WITHDRAWAL_DONE) &&
        row->transaction[0] == '\0')
        paper_random_name(&spot->random, row->transaction, 65);
    if (status == PAPER_WITHDRAWAL_DONE)
        send_off(spot, row);
    else if (paper_spot_wallet_is_over(row))
        give_back(spot, row);
    tell_withdrawal(spot, row,
                    status == PAPER_WITHDRAWAL_DONE ? PAPER_SPOT_REASON_WITHDRAWAL_DONE
                                                    : PAPER_SPOT_REASON_WITHDRAWAL_RETURNED);
}

/* --- Deposits ----------------------------------------------------------------------------------
 */

enum paper_spot_error paper_spot_wallet_deposit(struct paper_spot *spot, int account,
                                                paper_asset_id asset_id, keel_str network_name,
                                                keel_decimal amount,
                                                const struct paper_deposit **deposit)
{
    const struct paper_asset *asset = paper_asset_get(asset_id);
    if (asset == NULL)
        return PAPER_SPOT_ERROR_ASSET;
    int network = paper_asset_find_network(asset, network_name);
    if (network < 0)
        return PAPER_SPOT_ERROR_NETWORK;
    if (!is_amount(amount) ||
        keel_decimal_compare(amount, keel_decimal_from_int(PAPER_DEPOSIT_MAX)) > 0)
        return PAPER_SPOT_ERROR_AMOUNT;
    struct paper_deposit *row = paper_table_add(&spot->deposits, sizeof(*row));
    *row = (struct paper_deposit){
        .id = spot->next_deposit_id++,
        .account = account,
        .asset = asset_id,
        .network = network,
        .status = PAPER_DEPOSIT_PENDING,
        .amount = amount,
        .create_time_ms = spot->now_ms,
        .update_time_ms = spot->now_ms,
    };
    paper_spot_deposit_address(spot, account, asset_id, network, row->address);
    paper_random_name(&spot->random, row->transaction, 65);
    paper_spot_events_push(spot, PAPER_SPOT_EVENT_DEPOSIT, account, KEEL_NO_MARKET)->as.deposit =
        *row;
    *deposit = row;
    return PAPER_SPOT_OK;
}

static void credit(struct paper_spot *spot, struct paper_deposit *row)
{
    row->status = PAPER_DEPOSIT_CREDITED;
    row->update_time_ms = spot->now_ms;
    paper_spot_ledger_move(spot, row->asset, row->amount, paper_pool_of(PAPER_POOL_OUTSIDE),
                           paper_part_of(row->account, PAPER_PART_FREE));
    paper_spot_events_push(spot, PAPER_SPOT_EVENT_DEPOSIT, row->account, KEEL_NO_MARKET)
        ->as.deposit = *row;
    paper_spot_events_flush(spot, row->account, PAPER_SPOT_REASON_DEPOSIT, row->id);
    paper_spot_ledger_check(spot);
}

/* --- Time --------------------------------------------------------------------------------------
 */

static bool is_due(const struct paper_spot *spot, int64_t update_time_ms)
{
    return spot->now_ms - update_time_ms >= PAPER_WALLET_STEP_MS;
}

static void step_withdrawal(struct paper_spot *spot, struct paper_withdrawal *row)
{
    if (!paper_spot_wallet_is_over(row) && is_due(spot, row->update_time_ms))
        paper_spot_wallet_set(spot, row, (enum paper_withdrawal_status)(row->status + 1));
}

void paper_spot_wallet_run(struct paper_spot *spot)
{
    for (int64_t i = spot->withdrawals_open_row; i < spot->withdrawals.count; i++) {
        step_withdrawal(spot, spot->withdrawals.rows[i]);
        if (i == spot->withdrawals_open_row && paper_spot_wallet_is_over(spot->withdrawals.rows[i]))
            spot->withdrawals_open_row++;
    }
    for (int64_t i = spot->deposits_open_row; i < spot->deposits.count; i++) {
        struct paper_deposit *row = spot->deposits.rows[i];
        if (row->status == PAPER_DEPOSIT_PENDING && is_due(spot, row->update_time_ms))
            credit(spot, row);
        if (i == spot->deposits_open_row && row->status == PAPER_DEPOSIT_CREDITED)
            spot->deposits_open_row++;
    }
}

/* --- Transfers ---------------------------------------------------------------------------------
 */

static struct paper_purse_key wallet_purse(int account, enum paper_wallet wallet)
{
    return wallet == PAPER_WALLET_FUTURES ? paper_pool_of(PAPER_POOL_FUTURES)
                                          : paper_part_of(account, part_of(wallet));
}

static bool is_pair(const struct paper_spot *spot, paper_asset_id asset, enum paper_wallet from,
                    enum paper_wallet to)
{
    bool futures = from == PAPER_WALLET_FUTURES || to == PAPER_WALLET_FUTURES;
    if (from == to || from == PAPER_WALLET_NONE || to == PAPER_WALLET_NONE)
        return false;
    return !futures || (spot->config.futures != NULL && asset == PAPER_USDT);
}

/* The futures side first: it is the one that can refuse. */
static bool move_futures(struct paper_spot *spot, int account, enum paper_wallet from,
                         enum paper_wallet to, keel_decimal amount)
{
    if (from == PAPER_WALLET_FUTURES)
        amount = keel_decimal_neg(amount);
    else if (to != PAPER_WALLET_FUTURES)
        return true;
    return paper_engine_transfer(spot->config.futures, spot->now_ms, account, amount) == PAPER_OK;
}

enum paper_spot_error paper_spot_wallet_transfer(struct paper_spot *spot, int account,
                                                 paper_asset_id asset, enum paper_wallet from,
                                                 enum paper_wallet to, keel_decimal amount,
                                                 const struct paper_transfer **transfer)
{
    if (paper_asset_get(asset) == NULL)
        return PAPER_SPOT_ERROR_ASSET;
    if (!is_pair(spot, asset, from, to))
        return PAPER_SPOT_ERROR_WALLET;
    if (!is_amount(amount))
        return PAPER_SPOT_ERROR_AMOUNT;
    const keel_decimal *parts = paper_spot_trader_at(spot, account)->parts[asset];
    if (from != PAPER_WALLET_FUTURES && keel_decimal_compare(parts[part_of(from)], amount) < 0)
        return PAPER_SPOT_ERROR_BALANCE;
    if (!move_futures(spot, account, from, to, amount))
        return PAPER_SPOT_ERROR_BALANCE;

    struct paper_transfer *row = paper_table_add(&spot->transfers, sizeof(*row));
    *row = (struct paper_transfer){.id = spot->next_transfer_id++,
                                   .account = account,
                                   .asset = asset,
                                   .from = from,
                                   .to = to,
                                   .amount = amount,
                                   .time_ms = spot->now_ms};
    paper_spot_ledger_move(spot, asset, amount, wallet_purse(account, from),
                           wallet_purse(account, to));
    paper_spot_events_flush(spot, account, PAPER_SPOT_REASON_TRANSFER, row->id);
    paper_spot_ledger_check(spot);
    *transfer = row;
    return PAPER_SPOT_OK;
}

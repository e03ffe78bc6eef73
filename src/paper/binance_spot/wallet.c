#include "paper/binance/render.h"
#include "paper/binance_spot/endpoints.h"
#include "paper/binance_spot/render.h"

enum {
    REFERENCE_HOURS = 7 * 24, /* of a history by withdrawOrderId */
    HISTORY_HOURS = 90 * 24,
    HISTORY_ROWS = 1000,
    TRANSFER_ROWS = 100,
};

void binance_spot_get_system_status(struct binance_spot_call *call)
{
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_int(call->base.out, "status", 0);
    keel_json_put_text(call->base.out, "msg", "normal");
    keel_json_close_object(call->base.out);
}

static void put_trade_fee(struct binance_spot_call *call, keel_market_id market)
{
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_text(call->base.out, "symbol", paper_spot_market(call->spot, market)->symbol);
    keel_json_put_decimal(call->base.out, "makerCommission",
                          paper_spot_maker_fee(call->spot, market));
    keel_json_put_decimal(call->base.out, "takerCommission",
                          paper_spot_taker_fee(call->spot, market));
    keel_json_close_object(call->base.out);
}

/* An array, of one too. */
void binance_spot_get_trade_fee(struct binance_spot_call *call)
{
    keel_market_id market = binance_spot_read_market(call, BINANCE_OPTIONAL);
    if (binance_refused(&call->base))
        return;
    keel_json_open_array(call->base.out, NULL);
    for (int i = 1; i <= paper_spot_market_count(call->spot); i++)
        if (market == KEEL_NO_MARKET || market == i)
            put_trade_fee(call, (keel_market_id)i);
    keel_json_close_array(call->base.out);
}

/* --- Coins and networks ------------------------------------------------------------------------
 */

static void put_network_flags(struct keel_writer *json, bool usual)
{
    keel_json_put_bool(json, "isDefault", usual);
    keel_json_put_bool(json, "depositEnable", true);
    keel_json_put_bool(json, "withdrawEnable", true);
    keel_json_put_text(json, "depositDesc", "");
    keel_json_put_text(json, "withdrawDesc", "");
    keel_json_put_text(json, "specialTips", "");
    keel_json_put_bool(json, "resetAddressStatus", false);
    keel_json_put_bool(json, "sameAddress", false);
    keel_json_put_bool(json, "busy", false);
}

static void put_network(struct keel_writer *json, const struct paper_asset *asset, int index)
{
    const struct paper_network *network = &asset->networks[index];
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "network", network->name);
    keel_json_put_text(json, "coin", asset->code);
    keel_json_put_text(json, "name", network->title);
    put_network_flags(json, index == 0);
    keel_json_put_text(json, "addressRegex", network->address_pattern);
    keel_json_put_text(json, "memoRegex", network->memo_pattern ? network->memo_pattern : "");
    keel_json_put_decimal(json, "withdrawFee", network->fee);
    keel_json_put_decimal(json, "withdrawMin", network->withdraw_min);
    keel_json_put_decimal(json, "withdrawMax", network->withdraw_max);
    keel_json_put_decimal(json, "withdrawIntegerMultiple", network->withdraw_multiple);
    keel_json_put_text(json, "depositDust", "0");
    keel_json_put_int(json, "minConfirm", network->confirmations);
    keel_json_put_int(json, "unLockConfirm", network->confirmations);
    keel_json_put_int(json, "estimatedArrivalTime", PAPER_WALLET_STEP_MS / 1000);
    keel_json_close_object(json);
}

static void put_coin(struct binance_spot_call *call, paper_asset_id id)
{
    const struct paper_asset *asset = paper_asset_get(id);
    struct keel_writer *json = call->base.out;
    struct paper_spot_balance balance;
    paper_spot_get_balance(call->spot, call->base.account, id, &balance);
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "coin", asset->code);
    keel_json_put_text(json, "name", asset->name);
    keel_json_put_bool(json, "depositAllEnable", true);
    keel_json_put_bool(json, "withdrawAllEnable", true);
    keel_json_put_decimal(json, "free", balance.free);
    keel_json_put_decimal(json, "locked", balance.locked);
    keel_json_put_text(json, "freeze", "0");
    keel_json_put_decimal(json, "withdrawing", balance.withdrawing);
    keel_json_put_text(json, "ipoing", "0");
    keel_json_put_text(json, "ipoable", "0");
    keel_json_put_text(json, "storage", "0");
    keel_json_put_bool(json, "isLegalMoney", false);
    keel_json_put_bool(json, "trading", true);
    keel_json_open_array(json, "networkList");
    for (int i = 0; i < asset->network_count; i++)
        put_network(json, asset, i);
    keel_json_close_array(json);
    keel_json_close_object(json);
}

void binance_spot_get_coins(struct binance_spot_call *call)
{
    keel_json_open_array(call->base.out, NULL);
    for (int id = 1; id <= paper_asset_count(); id++)
        put_coin(call, (paper_asset_id)id);
    keel_json_close_array(call->base.out);
}

static paper_asset_id read_asset(struct binance_spot_call *call, const char *name,
                                 enum binance_need need)
{
    keel_str code = binance_read_text(&call->base, name, need);
    paper_asset_id asset = paper_asset_find(code);
    if (code.size > 0 && asset == PAPER_NO_ASSET)
        binance_spot_refuse_engine(call, PAPER_SPOT_ERROR_ASSET, 0);
    return asset;
}

/* --- Withdrawals -------------------------------------------------------------------------------
 */

static void put_id(struct keel_writer *json, const char *key, int64_t id)
{
    char text[40];
    struct keel_writer writer;
    keel_writer_init(&writer, text, sizeof(text));
    keel_write_format(&writer, "w%lld", (long long)id);
    keel_json_put_string(json, key, keel_writer_text(&writer));
}

/* A wallet has codes of its own for amounts. */
static void refuse_withdrawal(struct binance_spot_call *call, enum paper_spot_error error,
                              const struct paper_withdraw_request *request)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    const struct paper_asset *asset = paper_asset_get(request->asset);
    int place = asset ? paper_asset_find_network(asset, request->network) : -1;
    if (place >= 0 && error == PAPER_SPOT_ERROR_AMOUNT) {
        (void)keel_decimal_format(asset->networks[place].withdraw_multiple, text);
        binance_refuse(&call->base, -4021, "Asset withdrawal must be an integer multiple of %s.",
                       text);
    } else if (place >= 0 && error == PAPER_SPOT_ERROR_AMOUNT_MIN) {
        (void)keel_decimal_format(asset->networks[place].withdraw_min, text);
        binance_refuse(&call->base, -4022, "Not less than the minimum pick-up quantity %s.", text);
    } else if (error == PAPER_SPOT_ERROR_BALANCE) {
        binance_refuse(&call->base, -4026, "You have insufficient balance.");
    }
    binance_spot_refuse_engine(call, error, 0);
}

/* A given transactionFeeFlag is of transfers inside the venue, which there are none of. */
void binance_spot_withdraw(struct binance_spot_call *call)
{
    struct paper_withdraw_request request = {.wallet = PAPER_WALLET_SPOT};
    const struct paper_withdrawal *withdrawal;
    request.asset = read_asset(call, "coin", BINANCE_MANDATORY);
    request.network = binance_read_text(&call->base, "network", BINANCE_OPTIONAL);
    request.address = binance_read_text(&call->base, "address", BINANCE_MANDATORY);
    request.memo = binance_read_text(&call->base, "addressTag", BINANCE_OPTIONAL);
    request.reference = binance_read_text(&call->base, "withdrawOrderId", BINANCE_OPTIONAL);
    request.amount = binance_read_decimal(&call->base, "amount", BINANCE_MANDATORY);
    if (binance_read_int(&call->base, "walletType", BINANCE_OPTIONAL) == 1)
        request.wallet = PAPER_WALLET_FUNDING;
    if (binance_refused(&call->base))
        return;
    enum paper_spot_error error = paper_spot_withdraw(call->spot, call->base.now_ms,
                                                      call->base.account, &request, &withdrawal);
    refuse_withdrawal(call, error, &request);
    if (binance_refused(&call->base))
        return;
    keel_json_open_object(call->base.out, NULL);
    put_id(call->base.out, "id", withdrawal->id);
    keel_json_close_object(call->base.out);
}

static int status_number(enum paper_withdrawal_status status)
{
    switch (status) {
    case PAPER_WITHDRAWAL_REQUESTED: return 0;
    case PAPER_WITHDRAWAL_CANCELED: return 1;
    case PAPER_WITHDRAWAL_REVIEWING: return 2;
    case PAPER_WITHDRAWAL_REJECTED: return 3;
    case PAPER_WITHDRAWAL_PROCESSING: return 4;
    case PAPER_WITHDRAWAL_FAILED: return 5;
    case PAPER_WITHDRAWAL_DONE: return 6;
    case PAPER_WITHDRAWAL_NONE: break;
    }
    return -1;
}

static void put_withdrawal(struct keel_writer *json, const struct paper_withdrawal *row)
{
    const struct paper_asset *asset = paper_asset_get(row->asset);
    bool done = row->status == PAPER_WITHDRAWAL_DONE;
    keel_json_open_object(json, NULL);
    put_id(json, "id", row->id);
    keel_json_put_decimal(json, "amount", row->amount);
    keel_json_put_decimal(json, "transactionFee", row->fee);
    keel_json_put_text(json, "coin", asset->code);
    keel_json_put_int(json, "status", status_number(row->status));
    keel_json_put_text(json, "address", row->address);
    if (row->memo[0] != '\0')
        keel_json_put_text(json, "addressTag", row->memo);
    keel_json_put_text(json, "txId", row->transaction);
    binance_spot_put_date(json, "applyTime", row->create_time_ms);
    if (done)
        binance_spot_put_date(json, "completeTime", row->update_time_ms);
    keel_json_put_text(json, "network", asset->networks[row->network].name);
    keel_json_put_int(json, "transferType", 0);
    if (row->reference[0] != '\0')
        keel_json_put_text(json, "withdrawOrderId", row->reference);
    keel_json_put_text(json, "info", row->status == PAPER_WITHDRAWAL_FAILED ? "failed" : "");
    keel_json_put_int(json, "confirmNo", done ? asset->networks[row->network].confirmations : 0);
    keel_json_put_int(json, "walletType", row->wallet == PAPER_WALLET_FUNDING ? 1 : 0);
    keel_json_put_text(json, "txKey", "");
    keel_json_close_object(json);
}

/* "w123,w124" or with the braces of JSON: whether this id is among them. */
static bool is_listed(keel_str list, int64_t id)
{
    char text[40];
    struct keel_writer writer;
    if (list.size == 0)
        return true;
    keel_writer_init(&writer, text, sizeof(text));
    keel_write_format(&writer, "w%lld", (long long)id);
    return memmem(list.data, list.size, text, writer.size) != NULL;
}

struct history {
    struct paper_spot_query query;
    keel_str reference, ids;
    bool has_status;
    int64_t status, offset, limit;
};

static struct history read_history(struct binance_spot_call *call)
{
    struct history history = {.query = {.account = call->base.account}};
    history.query.asset = read_asset(call, "coin", BINANCE_OPTIONAL);
    history.reference = binance_read_text(&call->base, "withdrawOrderId", BINANCE_OPTIONAL);
    history.ids = binance_read_text(&call->base, "idList", BINANCE_OPTIONAL);
    history.has_status = binance_params_find(call->base.params, "status");
    history.status = binance_read_int(&call->base, "status", BINANCE_OPTIONAL);
    history.offset = binance_read_int(&call->base, "offset", BINANCE_OPTIONAL);
    history.limit = binance_read_limit(&call->base, HISTORY_ROWS, HISTORY_ROWS);
    binance_spot_read_times(call, &history.query,
                            history.reference.size > 0 ? REFERENCE_HOURS : HISTORY_HOURS);
    return history;
}

static bool is_wanted(const struct history *history, const struct paper_withdrawal *row)
{
    return (history->reference.size == 0 ||
            keel_str_equals(history->reference, keel_str_from(row->reference))) &&
           is_listed(history->ids, row->id) &&
           (!history->has_status || history->status == status_number(row->status));
}

/* The newest so many. */
struct withdrawal_rows {
    const struct paper_withdrawal *at[HISTORY_ROWS];
};

/* Newest first, as the venue lists them. */
void binance_spot_get_withdrawals(struct binance_spot_call *call)
{
    struct history history = read_history(call);
    const struct paper_withdrawal *row = NULL;
    struct withdrawal_rows *rows = keel_arena_take(&call->dialect->arena, sizeof(*rows));
    int64_t count = 0;
    if (binance_refused(&call->base) || !rows)
        return;
    while ((row = paper_spot_next_withdrawal(call->spot, &history.query, row)))
        if (is_wanted(&history, row))
            rows->at[count++ % HISTORY_ROWS] = row;
    keel_json_open_array(call->base.out, NULL);
    int64_t oldest = count > HISTORY_ROWS ? count - HISTORY_ROWS : 0;
    for (int64_t i = count - 1 - history.offset, left = history.limit; i >= oldest && left > 0;
         i--, left--)
        put_withdrawal(call->base.out, rows->at[i % HISTORY_ROWS]);
    keel_json_close_array(call->base.out);
}

/* --- Deposits ----------------------------------------------------------------------------------
 */

static void put_deposit(struct keel_writer *json, const struct paper_deposit *row)
{
    const struct paper_asset *asset = paper_asset_get(row->asset);
    bool credited = row->status == PAPER_DEPOSIT_CREDITED;
    int confirmations = asset->networks[row->network].confirmations;
    char text[32];
    struct keel_writer writer;
    keel_writer_init(&writer, text, sizeof(text));
    keel_write_format(&writer, "%d/%d", credited ? confirmations : 0, confirmations);
    keel_json_open_object(json, NULL);
    binance_put_int_text(json, "id", row->id);
    keel_json_put_decimal(json, "amount", row->amount);
    keel_json_put_text(json, "coin", asset->code);
    keel_json_put_text(json, "network", asset->networks[row->network].name);
    keel_json_put_int(json, "status", credited ? 1 : 0);
    keel_json_put_text(json, "address", row->address);
    keel_json_put_text(json, "addressTag", "");
    keel_json_put_text(json, "txId", row->transaction);
    keel_json_put_int(json, "insertTime", row->create_time_ms);
    keel_json_put_int(json, "transferType", 0);
    keel_json_put_string(json, "confirmTimes", keel_writer_text(&writer));
    keel_json_put_int(json, "unlockConfirm", confirmations);
    keel_json_put_int(json, "walletType", 0);
    keel_json_close_object(json);
}

void binance_spot_get_deposits(struct binance_spot_call *call)
{
    struct history history = read_history(call);
    keel_str transaction = binance_read_text(&call->base, "txId", BINANCE_OPTIONAL);
    const struct paper_deposit *row = NULL;
    int64_t count = 0;
    if (binance_refused(&call->base))
        return;
    keel_json_open_array(call->base.out, NULL);
    while ((row = paper_spot_next_deposit(call->spot, &history.query, row))) {
        int64_t status = row->status == PAPER_DEPOSIT_CREDITED ? 1 : 0;
        if ((history.has_status && history.status != status) ||
            (transaction.size > 0 &&
             !keel_str_equals(transaction, keel_str_from(row->transaction))))
            continue;
        if (count >= history.offset && count < history.offset + history.limit)
            put_deposit(call->base.out, row);
        count++;
    }
    keel_json_close_array(call->base.out);
}

void binance_spot_get_deposit_address(struct binance_spot_call *call)
{
    char address[PAPER_ADDRESS_SIZE];
    paper_asset_id asset = read_asset(call, "coin", BINANCE_MANDATORY);
    keel_str name = binance_read_text(&call->base, "network", BINANCE_OPTIONAL);
    if (binance_refused(&call->base))
        return;
    int network = paper_asset_find_network(paper_asset_get(asset), name);
    if (network < 0) {
        binance_spot_refuse_engine(call, PAPER_SPOT_ERROR_NETWORK, 0);
        return;
    }
    paper_spot_deposit_address(call->spot, call->base.account, asset, network, address);
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_text(call->base.out, "coin", paper_asset_get(asset)->code);
    keel_json_put_text(call->base.out, "address", address);
    keel_json_put_text(call->base.out, "tag", "");
    keel_json_put_text(call->base.out, "url", "");
    keel_json_close_object(call->base.out);
}

/* --- Transfers ---------------------------------------------------------------------------------
 */

/* Margin wallets are not kept here: their types are known, and refused. */
static const struct {
    const char *word;
    enum paper_wallet from, to;
} transfer_types[] = {
    {"MAIN_UMFUTURE",    PAPER_WALLET_SPOT,    PAPER_WALLET_FUTURES},
    {"UMFUTURE_MAIN",    PAPER_WALLET_FUTURES, PAPER_WALLET_SPOT   },
    {"MAIN_FUNDING",     PAPER_WALLET_SPOT,    PAPER_WALLET_FUNDING},
    {"FUNDING_MAIN",     PAPER_WALLET_FUNDING, PAPER_WALLET_SPOT   },
    {"FUNDING_UMFUTURE", PAPER_WALLET_FUNDING, PAPER_WALLET_FUTURES},
    {"UMFUTURE_FUNDING", PAPER_WALLET_FUTURES, PAPER_WALLET_FUNDING},
    {"MAIN_MARGIN",      PAPER_WALLET_NONE,    PAPER_WALLET_NONE   },
    {"MARGIN_MAIN",      PAPER_WALLET_NONE,    PAPER_WALLET_NONE   },
    {"MARGIN_UMFUTURE",  PAPER_WALLET_NONE,    PAPER_WALLET_NONE   },
    {"UMFUTURE_MARGIN",  PAPER_WALLET_NONE,    PAPER_WALLET_NONE   },
};

static size_t read_transfer_type(struct binance_spot_call *call)
{
    keel_str word = binance_read_text(&call->base, "type", BINANCE_MANDATORY);
    for (size_t i = 0; i < sizeof(transfer_types) / sizeof(transfer_types[0]); i++)
        if (keel_str_equals(word, keel_str_from(transfer_types[i].word)))
            return i;
    if (word.size > 0)
        binance_refuse(&call->base, -1130, "Data sent for parameter 'type' is not valid.");
    return 0;
}

void binance_spot_transfer(struct binance_spot_call *call)
{
    const struct paper_transfer *transfer;
    size_t type = read_transfer_type(call);
    paper_asset_id asset = read_asset(call, "asset", BINANCE_MANDATORY);
    keel_decimal amount = binance_spot_read_amount(call, "amount", BINANCE_MANDATORY);
    if (binance_refused(&call->base))
        return;
    enum paper_spot_error error =
        paper_spot_transfer(call->spot, call->base.now_ms, call->base.account, asset,
                            transfer_types[type].from, transfer_types[type].to, amount, &transfer);
    if (error == PAPER_SPOT_ERROR_BALANCE)
        binance_refuse(&call->base, -5013, "Asset transfer failed: insufficient balance");
    binance_spot_refuse_engine(call, error, 0);
    if (binance_refused(&call->base))
        return;
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_int(call->base.out, "tranId", transfer->id);
    keel_json_close_object(call->base.out);
}

static void put_transfer(struct keel_writer *json, const struct paper_transfer *row,
                         const char *type)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "asset", paper_asset_get(row->asset)->code);
    keel_json_put_decimal(json, "amount", row->amount);
    keel_json_put_text(json, "type", type);
    keel_json_put_text(json, "status", "CONFIRMED");
    keel_json_put_int(json, "tranId", row->id);
    keel_json_put_int(json, "timestamp", row->time_ms);
    keel_json_close_object(json);
}

/* Pages count from 1, newest first. */
void binance_spot_get_transfers(struct binance_spot_call *call)
{
    struct paper_spot_query query = {.account = call->base.account};
    size_t type = read_transfer_type(call);
    int64_t page = binance_read_int(&call->base, "current", BINANCE_OPTIONAL);
    int64_t size = binance_read_int(&call->base, "size", BINANCE_OPTIONAL);
    binance_spot_read_times(call, &query, 0);
    size = size < 1 ? 10 : size < TRANSFER_ROWS ? size : TRANSFER_ROWS;
    if (binance_refused(&call->base))
        return;
    const struct paper_transfer *row = NULL, *wanted[TRANSFER_ROWS];
    int64_t total = 0, skipped = (page > 1 ? page - 1 : 0) * size, count = 0;
    while ((row = paper_spot_next_transfer(call->spot, &query, row)))
        total += row->from == transfer_types[type].from && row->to == transfer_types[type].to;
    int64_t at = total;
    while ((row = paper_spot_next_transfer(call->spot, &query, row))) {
        if (row->from != transfer_types[type].from || row->to != transfer_types[type].to)
            continue;
        at--; /* its place from the newest on */
        if (at >= skipped && at < skipped + size)
            wanted[count++] = row;
    }
    keel_json_open_object(call->base.out, NULL);
    keel_json_put_int(call->base.out, "total", total);
    keel_json_open_array(call->base.out, "rows");
    while (count > 0)
        put_transfer(call->base.out, wanted[--count], transfer_types[type].word);
    keel_json_close_array(call->base.out);
    keel_json_close_object(call->base.out);
}

void binance_spot_get_funding_assets(struct binance_spot_call *call)
{
    struct keel_writer *json = call->base.out;
    paper_asset_id wanted = read_asset(call, "asset", BINANCE_OPTIONAL);
    if (binance_refused(&call->base))
        return;
    keel_json_open_array(json, NULL);
    for (int id = 1; id <= paper_asset_count(); id++) {
        struct paper_spot_balance balance;
        paper_spot_get_balance(call->spot, call->base.account, (paper_asset_id)id, &balance);
        if ((wanted != PAPER_NO_ASSET && wanted != id) || keel_decimal_is_zero(balance.funding))
            continue;
        keel_json_open_object(json, NULL);
        keel_json_put_text(json, "asset", paper_asset_get((paper_asset_id)id)->code);
        keel_json_put_decimal(json, "free", balance.funding);
        keel_json_put_text(json, "locked", "0");
        keel_json_put_text(json, "freeze", "0");
        keel_json_put_text(json, "withdrawing", "0");
        keel_json_put_text(json, "btcValuation", "0");
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
}

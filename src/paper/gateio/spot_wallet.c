#include "paper/gateio/spot.h"

#include <stdio.h>

enum {
    WALLET_ROWS_MAX = 500,
};

/* Of lists of withdrawals and deposits. */
static const int64_t span_max_ms = INT64_C(30) * 24 * 60 * 60 * 1000;

/* --- Balances ----------------------------------------------------------------------------------
 */

/* What open orders and withdrawals hold. */
static keel_decimal held(const struct paper_spot_balance *balance)
{
    return keel_decimal_add(balance->locked, balance->withdrawing);
}

void gateio_spot_list_accounts(struct gateio_call *call)
{
    paper_asset_id only = gateio_read_currency(call, GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (int id = 1; id <= paper_asset_count(); id++) {
        struct paper_spot_balance balance;
        paper_spot_get_balance(call->spot, call->account, (paper_asset_id)id, &balance);
        bool empty = keel_decimal_is_zero(balance.free) && keel_decimal_is_zero(held(&balance));
        if (only == PAPER_NO_ASSET ? empty : only != id)
            continue;
        keel_json_open_object(call->out, NULL);
        keel_json_put_text(call->out, "currency", paper_asset_get((paper_asset_id)id)->code);
        keel_json_put_decimal(call->out, "available", balance.free);
        keel_json_put_decimal(call->out, "locked", held(&balance));
        keel_json_put_int(call->out, "update_id",
                          paper_spot_update_time_ms(call->spot, call->account));
        keel_json_close_object(call->out);
    }
    keel_json_close_array(call->out);
}

/* "AccountBook type" and "AccountBook code". */
struct ledger_word {
    const char *type, *code;
};

/* Perpetuals are "transferred in" to when money leaves for them. */
static struct ledger_word ledger_word(const struct paper_spot_change *row, keel_decimal change)
{
    switch (row->reason) {
    case PAPER_SPOT_REASON_ORDER_PLACED: return (struct ledger_word){"new_order", "101"};
    case PAPER_SPOT_REASON_FILL: return (struct ledger_word){"order_fill", "102"};
    case PAPER_SPOT_REASON_ORDER_AMENDED:
    case PAPER_SPOT_REASON_ORDER_ENDED: return (struct ledger_word){"cancel_order", "103"};
    case PAPER_SPOT_REASON_DEPOSIT: return (struct ledger_word){"deposit", "110"};
    case PAPER_SPOT_REASON_WITHDRAWAL:
    case PAPER_SPOT_REASON_WITHDRAWAL_DONE:
    case PAPER_SPOT_REASON_WITHDRAWAL_RETURNED: return (struct ledger_word){"withdraw", "4"};
    case PAPER_SPOT_REASON_TRANSFER:
        return keel_decimal_is_negative(change) ? (struct ledger_word){"perp_in", "701"}
                                                : (struct ledger_word){"perp_out", "702"};
    }
    return (struct ledger_word){"unknown", ""};
}

static bool is_wanted(struct ledger_word word, keel_str type, keel_str code)
{
    if (code.size > 0)
        return keel_str_equals(code, keel_str_from(word.code));
    return type.size == 0 || keel_str_equals(type, keel_str_from(word.type));
}

static keel_decimal change_of(const struct paper_spot_change *row)
{
    return keel_decimal_add(keel_decimal_add(row->free_change, row->locked_change),
                            row->withdrawing_change);
}

static void put_ledger(struct keel_writer *json, const struct paper_spot_change *row)
{
    keel_decimal change = change_of(row);
    keel_decimal balance =
        keel_decimal_add(keel_decimal_add(row->free, row->locked), row->withdrawing);
    keel_json_open_object(json, NULL);
    gateio_put_int_text(json, "id", row->row);
    keel_json_put_int(json, "time", row->time_ms);
    keel_json_put_text(json, "currency", paper_asset_get(row->asset)->code);
    keel_json_put_decimal(json, "change", change);
    keel_json_put_decimal(json, "balance", balance);
    keel_json_put_text(json, "type", ledger_word(row, change).type);
    keel_json_put_text(json, "code", ledger_word(row, change).code);
    gateio_put_int_text(json, "text", row->source);
    keel_json_close_object(json);
}

/* What only moves between free and locked is no change of the account. */
void gateio_spot_list_ledger(struct gateio_call *call)
{
    struct gateio_list list;
    struct paper_spot_query query = {.account = call->account};
    query.asset = gateio_read_currency(call, GATEIO_OPTIONAL);
    gateio_read_month(call, &query);
    keel_str type = gateio_read_text(call, "type", GATEIO_OPTIONAL);
    keel_str code = gateio_read_text(call, "code", GATEIO_OPTIONAL);
    gateio_read_pages(call, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        const struct paper_spot_change *row = NULL;
        while ((row = paper_spot_next_change(call->spot, &query, row))) {
            keel_decimal change = change_of(row);
            if (!keel_decimal_is_zero(change) && is_wanted(ledger_word(row, change), type, code))
                gateio_list_visit(&list, row);
        }
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        put_ledger(call->out, list.at[i]);
    keel_json_close_array(call->out);
}

/* --- Fees --------------------------------------------------------------------------------------
 */

static void put_fee_members(struct gateio_call *call, keel_market_id pair)
{
    keel_json_put_int(call->out, "user_id", gateio_user_id(call->account));
    keel_json_put_decimal(call->out, "taker_fee", paper_spot_taker_fee(call->spot, pair));
    keel_json_put_decimal(call->out, "maker_fee", paper_spot_maker_fee(call->spot, pair));
    keel_json_put_bool(call->out, "gt_discount", false);
    keel_json_put_text(call->out, "gt_taker_fee", "0");
    keel_json_put_text(call->out, "gt_maker_fee", "0");
    keel_json_put_text(call->out, "loan_fee", "0.18");
    keel_json_put_text(call->out, "point_type", "0");
    keel_json_put_text(call->out, "currency_pair", paper_spot_market(call->spot, pair)->symbol);
    keel_json_put_int(call->out, "debit_fee", 0);
}

void gateio_spot_get_fee(struct gateio_call *call)
{
    keel_market_id pair = gateio_read_pair(call, "currency_pair", GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    keel_json_open_object(call->out, NULL);
    put_fee_members(call, pair == KEEL_NO_MARKET ? 1 : pair);
    keel_json_close_object(call->out);
}

void gateio_get_wallet_fee(struct gateio_call *call)
{
    const struct paper_instrument *instrument = paper_engine_instrument(call->engine, 1);
    keel_market_id pair = gateio_read_pair(call, "currency_pair", GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    keel_json_open_object(call->out, NULL);
    put_fee_members(call, pair == KEEL_NO_MARKET ? 1 : pair);
    keel_json_put_decimal(call->out, "futures_taker_fee", instrument->taker_fee);
    keel_json_put_decimal(call->out, "futures_maker_fee", instrument->maker_fee);
    keel_json_close_object(call->out);
}

/* "BTC_USDT,ETH_USDT": an object by pair. */
void gateio_spot_get_fees(struct gateio_call *call)
{
    keel_str names = gateio_read_text(call, "currency_pairs", GATEIO_MANDATORY);
    keel_json_open_object(call->out, NULL);
    while (!gateio_refused(call) && names.size > 0) {
        const char *comma = memchr(names.data, ',', names.size);
        keel_str name = {names.data, comma ? (size_t)(comma - names.data) : names.size};
        size_t taken = name.size + (comma ? 1 : 0);
        keel_market_id pair = paper_spot_find_market(call->spot, name);
        names = (keel_str){names.data + taken, names.size - taken};
        if (pair == KEEL_NO_MARKET) {
            gateio_refuse(call, "INVALID_CURRENCY_PAIR", "Invalid currency pair %.*s",
                          KEEL_STR_ARGS(name));
            return;
        }
        keel_json_open_object(call->out, paper_spot_market(call->spot, pair)->symbol);
        put_fee_members(call, pair);
        keel_json_close_object(call->out);
    }
    keel_json_close_object(call->out);
}

/* --- Transfers ---------------------------------------------------------------------------------
 */

static enum paper_wallet read_wallet(struct gateio_call *call, const char *name)
{
    keel_str word = gateio_read_text(call, name, GATEIO_MANDATORY);
    if (keel_str_equals(word, KEEL_STR("spot")))
        return PAPER_WALLET_SPOT;
    if (keel_str_equals(word, KEEL_STR("futures")))
        return PAPER_WALLET_FUTURES;
    if (word.size > 0)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "%s %.*s is not offered", name,
                      KEEL_STR_ARGS(word));
    return PAPER_WALLET_NONE;
}

/* Clients write the currency in either case. */
static void check_settle(struct gateio_call *call)
{
    keel_str settle = gateio_read_text(call, "settle", GATEIO_MANDATORY);
    if (settle.size > 0 && !keel_str_equals(settle, KEEL_STR("usdt")) &&
        !keel_str_equals(settle, KEEL_STR("USDT")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "settle %.*s is not offered",
                      KEEL_STR_ARGS(settle));
}

void gateio_transfer(struct gateio_call *call)
{
    const struct paper_transfer *transfer = NULL;
    paper_asset_id asset = gateio_read_currency(call, GATEIO_MANDATORY);
    enum paper_wallet from = read_wallet(call, "from");
    enum paper_wallet to = read_wallet(call, "to");
    keel_decimal amount = gateio_read_decimal(call, "amount", GATEIO_MANDATORY);
    if (from == PAPER_WALLET_FUTURES || to == PAPER_WALLET_FUTURES)
        check_settle(call);
    if (gateio_refused(call))
        return;
    enum paper_spot_error error = paper_spot_transfer(call->spot, call->now_ms, call->account,
                                                      asset, from, to, amount, &transfer);
    if (error == PAPER_SPOT_ERROR_BALANCE && from == PAPER_WALLET_FUTURES)
        gateio_refuse(call, "FUTURES_BALANCE_NOT_ENOUGH", "Futures balance not enough");
    gateio_refuse_spot(call, error);
    if (gateio_refused(call))
        return;
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "tx_id", transfer->id);
    keel_json_close_object(call->out);
}

/* --- Withdrawals -------------------------------------------------------------------------------
 */

static const char *status_of(const struct paper_withdrawal *row)
{
    switch (row->status) {
    case PAPER_WITHDRAWAL_NONE:
    case PAPER_WITHDRAWAL_REQUESTED: return "REQUEST";
    case PAPER_WITHDRAWAL_REVIEWING: return "REVIEW";
    case PAPER_WITHDRAWAL_PROCESSING: return "PEND";
    case PAPER_WITHDRAWAL_DONE: return "DONE";
    case PAPER_WITHDRAWAL_FAILED: return "FAIL";
    case PAPER_WITHDRAWAL_REJECTED: return "INVALID";
    case PAPER_WITHDRAWAL_CANCELED: return "CANCEL";
    }
    return "REQUEST";
}

static const char *fail_reason_of(const struct paper_withdrawal *row)
{
    if (row->status == PAPER_WITHDRAWAL_FAILED)
        return "failed on chain";
    return row->status == PAPER_WITHDRAWAL_REJECTED ? "rejected in review" : "";
}

static void put_id(struct keel_writer *json, char kind, int64_t id)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%c%lld", kind, (long long)id);
    keel_json_put_text(json, "id", text);
}

/* `amount` is what leaves the account: the fee is in it. */
static void put_withdrawal(struct keel_writer *json, const struct paper_withdrawal *row)
{
    const struct paper_asset *asset = paper_asset_get(row->asset);
    keel_json_open_object(json, NULL);
    put_id(json, 'w', row->id);
    gateio_put_int_text(json, "timestamp", row->create_time_ms / 1000);
    keel_json_put_text(json, "withdraw_order_id", row->reference);
    keel_json_put_text(json, "currency", asset->code);
    keel_json_put_text(json, "address", row->address);
    keel_json_put_text(json, "txid", row->transaction);
    keel_json_put_text(json, "block_number", "");
    keel_json_put_decimal(json, "amount", keel_decimal_add(row->amount, row->fee));
    keel_json_put_decimal(json, "fee", row->fee);
    keel_json_put_text(json, "memo", row->memo);
    keel_json_put_text(json, "status", status_of(row));
    keel_json_put_text(json, "chain", gateio_chain_of(&asset->networks[row->network]));
    keel_json_put_text(json, "fail_reason", fail_reason_of(row));
    keel_json_close_object(json);
}

void gateio_withdraw(struct gateio_call *call)
{
    const struct paper_withdrawal *row = NULL;
    struct paper_withdraw_request request = {.wallet = PAPER_WALLET_SPOT};
    request.asset = gateio_read_currency(call, GATEIO_MANDATORY);
    request.amount = gateio_read_decimal(call, "amount", GATEIO_MANDATORY);
    request.address = gateio_read_text(call, "address", GATEIO_MANDATORY);
    request.network = gateio_network_of(gateio_read_text(call, "chain", GATEIO_OPTIONAL));
    request.memo = gateio_read_text(call, "memo", GATEIO_OPTIONAL);
    request.reference = gateio_read_text(call, "withdraw_order_id", GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    gateio_charge(call, GATEIO_LIMIT_WITHDRAWALS, 1);
    if (gateio_refused(call)) {
        call->label = NULL;
        gateio_refuse(call, "TOO_FAST", "withdrawals are too frequent");
        return;
    }
    gateio_refuse_spot(
        call, paper_spot_withdraw(call->spot, call->now_ms, call->account, &request, &row));
    if (!gateio_refused(call) && row)
        put_withdrawal(call->out, row);
}

/* "w123"; 0 if it is none. */
static int64_t read_withdrawal_id(keel_str text)
{
    keel_decimal number;
    if (!keel_str_starts_with(text, KEEL_STR("w")))
        return 0;
    text = (keel_str){text.data + 1, text.size - 1};
    if (keel_decimal_parse(text, KEEL_ROUND_DOWN, &number, NULL) != KEEL_OK ||
        !keel_decimal_is_positive(number) || keel_decimal_digits(number) != 0)
        return 0;
    keel_int128 id = keel_decimal_raw(number) / keel_decimal_raw(KEEL_DECIMAL_ONE);
    return id <= INT64_MAX ? (int64_t)id : 0;
}

void gateio_cancel_withdrawal(struct gateio_call *call)
{
    const struct paper_withdrawal *row = NULL;
    int64_t id = read_withdrawal_id(call->subject);
    gateio_refuse_spot(call, id == 0 ? PAPER_SPOT_ERROR_WITHDRAWAL_UNKNOWN
                                     : paper_spot_cancel_withdrawal(call->spot, call->now_ms,
                                                                    call->account, id, &row));
    if (!gateio_refused(call) && row)
        put_withdrawal(call->out, row);
}

/* Without both ends of the span it is the thirty days up to the other, or up to now. */
static void read_wallet_span(struct gateio_call *call, struct paper_spot_query *query)
{
    gateio_read_month(call, query);
    if (query->start_ms == 0)
        query->start_ms = (query->end_ms == 0 ? call->now_ms : query->end_ms) - span_max_ms;
}

void gateio_list_withdrawals(struct gateio_call *call)
{
    struct gateio_list list;
    struct paper_spot_query query = {.account = call->account};
    query.asset = gateio_read_currency(call, GATEIO_OPTIONAL);
    keel_str id = gateio_read_text(call, "withdraw_id", GATEIO_OPTIONAL);
    keel_str reference = gateio_read_text(call, "withdraw_order_id", GATEIO_OPTIONAL);
    read_wallet_span(call, &query);
    gateio_read_page(call, 100, WALLET_ROWS_MAX);
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        const struct paper_withdrawal *row = NULL;
        while ((row = paper_spot_next_withdrawal(call->spot, &query, row))) {
            if ((id.size == 0 || row->id == read_withdrawal_id(id)) &&
                (reference.size == 0 || keel_str_equals(reference, keel_str_from(row->reference))))
                gateio_list_visit(&list, row);
        }
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        put_withdrawal(call->out, list.at[i]);
    keel_json_close_array(call->out);
}

/* --- Deposits ----------------------------------------------------------------------------------
 */

static void put_deposit(struct keel_writer *json, const struct paper_deposit *row)
{
    const struct paper_asset *asset = paper_asset_get(row->asset);
    keel_json_open_object(json, NULL);
    put_id(json, 'd', row->id);
    gateio_put_int_text(json, "timestamp", row->create_time_ms / 1000);
    keel_json_put_text(json, "currency", asset->code);
    keel_json_put_text(json, "address", row->address);
    keel_json_put_text(json, "txid", row->transaction);
    keel_json_put_decimal(json, "amount", row->amount);
    keel_json_put_text(json, "memo", "");
    keel_json_put_text(json, "status", row->status == PAPER_DEPOSIT_CREDITED ? "DONE" : "PEND");
    keel_json_put_text(json, "chain", gateio_chain_of(&asset->networks[row->network]));
    keel_json_close_object(json);
}

void gateio_list_deposits(struct gateio_call *call)
{
    struct gateio_list list;
    struct paper_spot_query query = {.account = call->account};
    query.asset = gateio_read_currency(call, GATEIO_OPTIONAL);
    read_wallet_span(call, &query);
    gateio_read_page(call, 100, WALLET_ROWS_MAX);
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        const struct paper_deposit *row = NULL;
        while ((row = paper_spot_next_deposit(call->spot, &query, row)))
            gateio_list_visit(&list, row);
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        put_deposit(call->out, list.at[i]);
    keel_json_close_array(call->out);
}

void gateio_get_deposit_address(struct gateio_call *call)
{
    char address[PAPER_ADDRESS_SIZE];
    paper_asset_id id = gateio_read_currency(call, GATEIO_MANDATORY);
    if (gateio_refused(call))
        return;
    const struct paper_asset *asset = paper_asset_get(id);
    paper_spot_deposit_address(call->spot, call->account, id, 0, address);
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "currency", asset->code);
    keel_json_put_text(call->out, "address", address);
    keel_json_open_array(call->out, "multichain_addresses");
    for (int i = 0; i < asset->network_count; i++) {
        paper_spot_deposit_address(call->spot, call->account, id, i, address);
        keel_json_open_object(call->out, NULL);
        keel_json_put_text(call->out, "chain", gateio_chain_of(&asset->networks[i]));
        keel_json_put_text(call->out, "address", address);
        keel_json_put_text(call->out, "payment_id", "");
        keel_json_put_text(call->out, "payment_name", "");
        keel_json_put_int(call->out, "obtain_failed", 0);
        keel_json_close_object(call->out);
    }
    keel_json_close_array(call->out);
    keel_json_close_object(call->out);
}

/* --- Currencies and their chains ---------------------------------------------------------------
 */

static void put_withdraw_status(struct keel_writer *json, const struct paper_asset *asset)
{
    const struct paper_network *usual = &asset->networks[0];
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "currency", asset->code);
    keel_json_put_text(json, "name", asset->name);
    keel_json_put_text(json, "name_cn", asset->name);
    keel_json_put_text(json, "deposit", "0");
    keel_json_put_text(json, "withdraw_percent", "0%");
    keel_json_put_decimal(json, "withdraw_fix", usual->fee);
    keel_json_put_decimal(json, "withdraw_day_limit", usual->withdraw_max);
    keel_json_put_decimal(json, "withdraw_day_limit_remain", usual->withdraw_max);
    keel_json_put_decimal(json, "withdraw_amount_mini", usual->withdraw_min);
    keel_json_put_decimal(json, "withdraw_eachtime_limit", usual->withdraw_max);
    keel_json_open_object(json, "withdraw_fix_on_chains");
    for (int i = 0; i < asset->network_count; i++)
        keel_json_put_decimal(json, gateio_chain_of(&asset->networks[i]), asset->networks[i].fee);
    keel_json_close_object(json);
    keel_json_open_object(json, "withdraw_percent_on_chains");
    for (int i = 0; i < asset->network_count; i++)
        keel_json_put_text(json, gateio_chain_of(&asset->networks[i]), "0%");
    keel_json_close_object(json);
    keel_json_close_object(json);
}

void gateio_list_withdraw_status(struct gateio_call *call)
{
    paper_asset_id only = gateio_read_currency(call, GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    for (int id = 1; id <= paper_asset_count(); id++) {
        if (only == PAPER_NO_ASSET || only == id)
            put_withdraw_status(call->out, paper_asset_get((paper_asset_id)id));
    }
    keel_json_close_array(call->out);
}

void gateio_list_currency_chains(struct gateio_call *call)
{
    paper_asset_id id = gateio_read_currency(call, GATEIO_MANDATORY);
    if (gateio_refused(call))
        return;
    const struct paper_asset *asset = paper_asset_get(id);
    keel_json_open_array(call->out, NULL);
    for (int i = 0; i < asset->network_count; i++) {
        keel_json_open_object(call->out, NULL);
        keel_json_put_text(call->out, "chain", gateio_chain_of(&asset->networks[i]));
        keel_json_put_text(call->out, "name_cn", asset->networks[i].title);
        keel_json_put_text(call->out, "name_en", asset->networks[i].title);
        keel_json_put_text(call->out, "contract_address", "");
        keel_json_put_int(call->out, "is_disabled", 0);
        keel_json_put_int(call->out, "is_deposit_disabled", 0);
        keel_json_put_int(call->out, "is_withdraw_disabled", 0);
        keel_json_put_text(call->out, "decimal", "8");
        keel_json_close_object(call->out);
    }
    keel_json_close_array(call->out);
}

#include "venue/gateio_spot/wallet.h"

#include "venue/gateio_spot/words.h"

#define IS                             KEEL_GATEIO_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_GATEIO_FIELD(name, kind, row, member)

/* Withdrawals and deposits have the same members. */
struct movement_row {
    keel_str id, client_id, asset, network, address, memo, txid, status;
    keel_decimal amount, fee;
    int64_t time_ms;
};

static const struct keel_gateio_field movement_fields[] = {
    FIELD("id", TEXT, movement_row, id),
    FIELD("withdraw_order_id", TEXT, movement_row, client_id),
    FIELD("currency", TEXT, movement_row, asset),
    FIELD("chain", TEXT, movement_row, network),
    FIELD("address", TEXT, movement_row, address),
    FIELD("memo", TEXT, movement_row, memo),
    FIELD("txid", TEXT, movement_row, txid),
    FIELD("status", TEXT, movement_row, status),
    FIELD("amount", DECIMAL, movement_row, amount),
    FIELD("fee", DECIMAL, movement_row, fee),
    FIELD("fee_amount", DECIMAL, movement_row, fee),
    FIELD("timestamp", TIME, movement_row, time_ms),
};

static struct movement_row read_movement(struct keel_gateio_decoder *decoder,
                                         struct keel_json *json)
{
    struct movement_row row = {.amount = KEEL_DECIMAL_ABSENT, .fee = KEEL_DECIMAL_ABSENT};
    keel_gateio_read_object(decoder, json, movement_fields, COUNT(movement_fields), &row);
    if (row.id.size == 0 || row.asset.size == 0 || !keel_decimal_is_valid(row.amount))
        keel_json_fail(json, "a movement of money has no id, asset or amount");
    return row;
}

/* The venue's amount is what left the wallet, with the fee in it. */
static keel_decimal find_arriving(const struct movement_row *row)
{
    keel_decimal arriving = keel_decimal_sub(row->amount, row->fee);
    return keel_decimal_is_positive(arriving) ? arriving : row->amount;
}

static void decode_withdrawal(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct movement_row row = read_movement(decoder, json);
    struct keel_withdrawal *withdrawal =
        &keel_gateio_add_event(decoder, KEEL_EVENT_WITHDRAWAL, row.time_ms)->withdrawal;
    *withdrawal = (struct keel_withdrawal){
        .status = keel_gateio_spot_parse_withdrawal(row.status),
        .amount = find_arriving(&row),
        .fee = row.fee,
        .time_ms = row.time_ms,
    };
    keel_gateio_copy_text(decoder, row.id, withdrawal->id, sizeof(withdrawal->id));
    keel_gateio_copy_text(decoder, row.client_id, withdrawal->client_id,
                          sizeof(withdrawal->client_id));
    keel_gateio_copy_text(decoder, row.status, withdrawal->word, sizeof(withdrawal->word));
    keel_gateio_copy_asset(decoder, row.asset, withdrawal->asset);
    keel_gateio_copy_text(decoder, row.network, withdrawal->network, sizeof(withdrawal->network));
    keel_gateio_copy_text(decoder, row.address, withdrawal->address, sizeof(withdrawal->address));
    keel_gateio_copy_text(decoder, row.memo, withdrawal->memo, sizeof(withdrawal->memo));
    keel_gateio_copy_text(decoder, row.txid, withdrawal->txid, sizeof(withdrawal->txid));
    if (withdrawal->status == KEEL_WITHDRAWAL_STATUS_NONE)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, row.status, row.time_ms);
}

static void decode_deposit(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct movement_row row = read_movement(decoder, json);
    struct keel_deposit *deposit =
        &keel_gateio_add_event(decoder, KEEL_EVENT_DEPOSIT, row.time_ms)->deposit;
    *deposit = (struct keel_deposit){
        .amount = row.amount,
        .credited = IS(row.status, "DONE"),
        .time_ms = row.time_ms,
    };
    keel_gateio_copy_text(decoder, row.id, deposit->id, sizeof(deposit->id));
    keel_gateio_copy_text(decoder, row.status, deposit->word, sizeof(deposit->word));
    keel_gateio_copy_asset(decoder, row.asset, deposit->asset);
    keel_gateio_copy_text(decoder, row.network, deposit->network, sizeof(deposit->network));
    keel_gateio_copy_text(decoder, row.address, deposit->address, sizeof(deposit->address));
    keel_gateio_copy_text(decoder, row.txid, deposit->txid, sizeof(deposit->txid));
}

/* {"tx_id":59636381286}; some answers are empty, and as much of a success. Anything else says
 * nothing of a transfer. */
static void decode_moved(struct keel_gateio_decoder *decoder, struct keel_json *json,
                         const struct keel_transfer_request *request)
{
    keel_str id = {0};
    const struct keel_gateio_field field = {KEEL_STR("tx_id"), KEEL_GATEIO_TEXT, 0};
    keel_gateio_read_object(decoder, json, &field, 1, &id);
    if (id.size == 0 && !keel_str_equals(decoder->message, KEEL_STR("{}")))
        keel_json_fail(json, "the answer to a transfer has no id");
    struct keel_wallet_transfer *transfer =
        &keel_gateio_add_event(decoder, KEEL_EVENT_TRANSFER, 0)->transfer;
    *transfer = (struct keel_wallet_transfer){
        .from = request->from,
        .to = request->to,
        .amount = request->amount,
        .done = true,
    };
    memcpy(transfer->asset, request->asset, sizeof(transfer->asset));
    keel_gateio_copy_text(decoder, id, transfer->id, sizeof(transfer->id));
}

struct entry_row {
    keel_str id, asset, type, code;
    keel_decimal change;
    int64_t time_ms;
};

static const struct keel_gateio_field entry_fields[] = {
    FIELD("id", TEXT, entry_row, id),        FIELD("currency", TEXT, entry_row, asset),
    FIELD("type", TEXT, entry_row, type),    FIELD("code", TEXT, entry_row, code),
    FIELD("time", TIME, entry_row, time_ms), FIELD("change", DECIMAL, entry_row, change),
};

/* The words for both directions are easily confused; the sign says it: what is positive has come.
 */
static void add_transfer(struct keel_gateio_decoder *decoder, const struct entry_row *row,
                         const struct keel_page *page)
{
    bool came = !keel_decimal_is_negative(row->change);
    if (page->from != KEEL_WALLET_NONE && came != (page->from == KEEL_WALLET_FUTURES))
        return;
    struct keel_wallet_transfer *transfer =
        &keel_gateio_add_event(decoder, KEEL_EVENT_TRANSFER, row->time_ms)->transfer;
    *transfer = (struct keel_wallet_transfer){
        .from = came ? KEEL_WALLET_FUTURES : KEEL_WALLET_SPOT,
        .to = came ? KEEL_WALLET_SPOT : KEEL_WALLET_FUTURES,
        .amount = keel_decimal_abs(row->change),
        .done = true,
        .time_ms = row->time_ms,
    };
    keel_gateio_copy_text(decoder, row->id, transfer->id, sizeof(transfer->id));
    keel_gateio_copy_asset(decoder, row->asset, transfer->asset);
}

/* Gate lists no transfers: they are entries in the book of the account among all others. One of a
 * kind that is not known may be one: it is shown, and whoever looks for a transfer has not seen
 * all.
 */
static void decode_entry(struct keel_gateio_decoder *decoder, struct keel_json *json,
                         const struct keel_page *page)
{
    struct entry_row row = {.change = KEEL_DECIMAL_ABSENT};
    keel_gateio_read_object(decoder, json, entry_fields, COUNT(entry_fields), &row);
    if (row.id.size == 0 || row.asset.size == 0 || row.time_ms <= 0 ||
        !keel_decimal_is_valid(row.change)) {
        keel_json_fail(json, "an entry of the account's book has no id, currency, time or change");
        return;
    }
    switch (keel_gateio_spot_parse_entry(row.type, row.code)) {
    case KEEL_GATEIO_SPOT_ENTRY_FUTURES: add_transfer(decoder, &row, page); return;
    case KEEL_GATEIO_SPOT_ENTRY_OTHER: return;
    case KEEL_GATEIO_SPOT_ENTRY_NONE: break;
    }
    keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_WORD, row.type.size > 0 ? row.type : row.code,
                            row.time_ms);
}

static void decode_entries(struct keel_gateio_decoder *decoder, struct keel_json *json,
                           const struct keel_page *page)
{
    keel_json_enter_array(json);
    while (keel_json_next_element(json)) {
        decode_entry(decoder, json, page);
        decoder->row_count++;
    }
}

struct status_row {
    keel_str asset, deposit;
    keel_decimal fee, min, max;
};

static const struct keel_gateio_field status_fields[] = {
    FIELD("currency", TEXT, status_row, asset),
    FIELD("deposit", TEXT, status_row, deposit),
    FIELD("withdraw_fix", DECIMAL, status_row, fee),
    FIELD("withdraw_amount_mini", DECIMAL, status_row, min),
    FIELD("withdraw_eachtime_limit", DECIMAL, status_row, max),
};

static void decode_fees_of_chains(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    keel_str chain;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &chain)) {
        struct keel_network *network =
            &keel_gateio_add_event(decoder, KEEL_EVENT_NETWORK, 0)->network;
        *network = (struct keel_network){
            .can_deposit = true,
            .can_withdraw = true,
            .withdrawal_fee = KEEL_DECIMAL_ABSENT,
            .withdrawal_step = KEEL_DECIMAL_ABSENT,
        };
        keel_gateio_copy_text(decoder, chain, network->network, sizeof(network->network));
        keel_gateio_read_decimal(json, &network->withdrawal_fee);
    }
}

/* One asset, with the fee of each of its chains; the rest is the same on all of them. */
static void decode_status(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct status_row row = {
        .fee = KEEL_DECIMAL_ABSENT, .min = KEEL_DECIMAL_ABSENT, .max = KEEL_DECIMAL_ABSENT};
    int32_t first = decoder->events->count;
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "withdraw_fix_on_chains") && keel_json_peek(json) == KEEL_JSON_OBJECT)
            decode_fees_of_chains(decoder, json);
        else
            keel_gateio_read_member(decoder, json, status_fields, COUNT(status_fields), key, &row);
    }
    if (row.asset.size == 0)
        keel_json_fail(json, "the status of withdrawals names no currency");
    for (int32_t i = first; i < decoder->events->count; i++) {
        struct keel_network *network = &decoder->events->at[i].network;
        if (decoder->events->at[i].kind != KEEL_EVENT_NETWORK)
            continue;
        keel_gateio_copy_asset(decoder, row.asset, network->asset);
        network->withdrawal_min = keel_gateio_present(row.min);
        network->withdrawal_max = keel_gateio_present(row.max);
    }
}

bool keel_gateio_spot_decode_wallet(struct keel_gateio_decoder *decoder, struct keel_json *json,
                                    const struct keel_command *command)
{
    switch ((int)command->kind) {
    case KEEL_TRANSFER: decode_moved(decoder, json, &command->transfer); return true;
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL: decode_withdrawal(decoder, json); return true;
    case KEEL_LOAD_WITHDRAWALS:
        keel_gateio_decode_rows(decoder, json, decode_withdrawal);
        return true;
    case KEEL_LOAD_DEPOSITS: keel_gateio_decode_rows(decoder, json, decode_deposit); return true;
    case KEEL_LOAD_TRANSFERS: decode_entries(decoder, json, &command->page); return true;
    case KEEL_LOAD_NETWORKS: keel_gateio_decode_rows(decoder, json, decode_status); return true;
    }
    return false;
}

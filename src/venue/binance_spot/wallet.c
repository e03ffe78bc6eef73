#include "venue/binance_spot/wallet.h"

#include <inttypes.h>
#include <stdio.h>

#define IS                             KEEL_BINANCE_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_BINANCE_FIELD(name, kind, row, member)

/* The venue's numbers for where a withdrawal stands. */
enum {
    MAILED = 0,
    CANCELED = 1,
    AWAITING = 2,
    REJECTED = 3,
    PROCESSING = 4,
    FAILED = 5,
    COMPLETED = 6,
};

static enum keel_withdrawal_status parse_withdrawal_status(int64_t status)
{
    switch (status) {
    case MAILED:
    case AWAITING:
    case PROCESSING: return KEEL_WITHDRAWAL_PENDING;
    case CANCELED: return KEEL_WITHDRAWAL_CANCELED;
    case REJECTED:
    case FAILED: return KEEL_WITHDRAWAL_REJECTED;
    case COMPLETED: return KEEL_WITHDRAWAL_DONE;
    }
    return KEEL_WITHDRAWAL_STATUS_NONE;
}

static bool read_two(const char *at, int *value)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *value = (at[0] - '0') * 10 + (at[1] - '0');
    return true;
}

/* Days since 1970-01-01 of a date of our calendar, by years that begin in March. */
static int64_t count_days(int64_t year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = shifted / 400, of_era = shifted % 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "2026-11-22 15:04:05", UTC; 0 if it is not that. */
static int64_t parse_time(keel_str text)
{
    int century, year, month, day, hour, minute, second;
    const char *at = text.data;
    if (text.size < 19 || !read_two(at, &century) || !read_two(at + 2, &year) ||
        !read_two(at + 5, &month) || !read_two(at + 8, &day) || !read_two(at + 11, &hour) ||
        !read_two(at + 14, &minute) || !read_two(at + 17, &second) || month < 1 || month > 12)
        return 0;
    int64_t days = count_days(century * 100 + year, month, day);
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000;
}

struct withdrawal_row {
    keel_str id, client_id, asset, network, address, memo, txid, time, done;
    keel_decimal amount, fee;
    int64_t status;
};

static const struct keel_binance_field withdrawal_fields[] = {
    FIELD("id", TEXT, withdrawal_row, id),
    FIELD("withdrawOrderId", TEXT, withdrawal_row, client_id),
    FIELD("coin", TEXT, withdrawal_row, asset),
    FIELD("network", TEXT, withdrawal_row, network),
    FIELD("address", TEXT, withdrawal_row, address),
    FIELD("addressTag", TEXT, withdrawal_row, memo),
    FIELD("txId", TEXT, withdrawal_row, txid),
    FIELD("applyTime", TEXT, withdrawal_row, time),
    FIELD("completeTime", TEXT, withdrawal_row, done),
    FIELD("amount", DECIMAL, withdrawal_row, amount),
    FIELD("transactionFee", DECIMAL, withdrawal_row, fee),
    FIELD("status", INT, withdrawal_row, status),
};

static void write_status(int64_t status, char *word, size_t word_size)
{
    static const char *const words[] = {"mailed",     "canceled", "awaiting", "rejected",
                                        "processing", "failed",   "completed"};
    if (status >= 0 && status < (int64_t)COUNT(words))
        (void)snprintf(word, word_size, "%s", words[status]);
    else
        (void)snprintf(word, word_size, "%" PRId64, status);
}

static void decode_withdrawal(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct withdrawal_row row = {
        .amount = KEEL_DECIMAL_ABSENT, .fee = KEEL_DECIMAL_ABSENT, .status = -1};
    keel_binance_read_object(decoder, json, withdrawal_fields, COUNT(withdrawal_fields), &row);
    if (row.id.size == 0 || row.asset.size == 0 || !keel_decimal_is_valid(row.amount))
        keel_json_fail(json, "a withdrawal has no id, asset or amount");

    struct keel_withdrawal *withdrawal =
        &keel_binance_add_event(decoder, KEEL_EVENT_WITHDRAWAL, 0)->withdrawal;
    *withdrawal = (struct keel_withdrawal){
        .status = parse_withdrawal_status(row.status),
        .amount = row.amount,
        .fee = row.fee,
        .time_ms = parse_time(row.time),
        .done_ms = parse_time(row.done),
    };
    write_status(row.status, withdrawal->word, sizeof(withdrawal->word));
    if (withdrawal->status == KEEL_WITHDRAWAL_STATUS_NONE)
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_WORD, keel_str_from(withdrawal->word), 0);
    keel_binance_copy_text(decoder, row.id, withdrawal->id, sizeof(withdrawal->id));
    keel_binance_copy_text(decoder, row.client_id, withdrawal->client_id,
                           sizeof(withdrawal->client_id));
    keel_binance_copy_text(decoder, row.asset, withdrawal->asset, sizeof(withdrawal->asset));
    keel_binance_copy_text(decoder, row.network, withdrawal->network, sizeof(withdrawal->network));
    keel_binance_copy_text(decoder, row.address, withdrawal->address, sizeof(withdrawal->address));
    keel_binance_copy_text(decoder, row.memo, withdrawal->memo, sizeof(withdrawal->memo));
    keel_binance_copy_text(decoder, row.txid, withdrawal->txid, sizeof(withdrawal->txid));
}

struct deposit_row {
    keel_str id, asset, network, address, txid;
    keel_decimal amount;
    int64_t status, time_ms;
};

static const struct keel_binance_field deposit_fields[] = {
    FIELD("id", TEXT, deposit_row, id),           FIELD("coin", TEXT, deposit_row, asset),
    FIELD("network", TEXT, deposit_row, network), FIELD("address", TEXT, deposit_row, address),
    FIELD("txId", TEXT, deposit_row, txid),       FIELD("amount", DECIMAL, deposit_row, amount),
    FIELD("status", INT, deposit_row, status),    FIELD("insertTime", INT, deposit_row, time_ms),
};

/* 1: done; 6: credited, and not yet to be withdrawn. */
static void decode_deposit(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct deposit_row row = {.amount = KEEL_DECIMAL_ABSENT, .status = -1};
    keel_binance_read_object(decoder, json, deposit_fields, COUNT(deposit_fields), &row);
    if (row.asset.size == 0 || !keel_decimal_is_valid(row.amount))
        keel_json_fail(json, "a deposit has no asset or amount");

    struct keel_deposit *deposit =
        &keel_binance_add_event(decoder, KEEL_EVENT_DEPOSIT, row.time_ms)->deposit;
    *deposit = (struct keel_deposit){
        .amount = row.amount,
        .credited = row.status == 1 || row.status == COMPLETED,
        .time_ms = row.time_ms,
    };
    (void)snprintf(deposit->word, sizeof(deposit->word), "%" PRId64, row.status);
    keel_binance_copy_text(decoder, row.id, deposit->id, sizeof(deposit->id));
    keel_binance_copy_text(decoder, row.asset, deposit->asset, sizeof(deposit->asset));
    keel_binance_copy_text(decoder, row.network, deposit->network, sizeof(deposit->network));
    keel_binance_copy_text(decoder, row.address, deposit->address, sizeof(deposit->address));
    keel_binance_copy_text(decoder, row.txid, deposit->txid, sizeof(deposit->txid));
}

struct transfer_row {
    keel_str id, asset, status;
    keel_decimal amount;
    int64_t time_ms;
};

static const struct keel_binance_field transfer_fields[] = {
    FIELD("tranId", TEXT, transfer_row, id), FIELD("asset", TEXT, transfer_row, asset),
    FIELD("status", TEXT, transfer_row, status), FIELD("amount", DECIMAL, transfer_row, amount),
    FIELD("timestamp", INT, transfer_row, time_ms)};

static void add_transfer(struct keel_binance_decoder *decoder, const struct transfer_row *row,
                         enum keel_wallet from, enum keel_wallet to)
{
    struct keel_wallet_transfer *transfer =
        &keel_binance_add_event(decoder, KEEL_EVENT_TRANSFER, row->time_ms)->transfer;
    *transfer = (struct keel_wallet_transfer){
        .from = from,
        .to = to,
        .amount = row->amount,
        .done = IS(row->status, "CONFIRMED"),
        .time_ms = row->time_ms,
    };
    keel_binance_copy_text(decoder, row->id, transfer->id, sizeof(transfer->id));
    keel_binance_copy_text(decoder, row->asset, transfer->asset, sizeof(transfer->asset));
}

static void decode_transfer(struct keel_binance_decoder *decoder, struct keel_json *json,
                            const struct keel_page *page)
{
    struct transfer_row row = {.amount = KEEL_DECIMAL_ABSENT};
    keel_binance_read_object(decoder, json, transfer_fields, COUNT(transfer_fields), &row);
    if (row.id.size == 0 || row.asset.size == 0 || !keel_decimal_is_valid(row.amount))
        keel_json_fail(json, "a transfer has no id, asset or amount");
    add_transfer(decoder, &row, page->from, page->to);
}

/* {"total":1,"rows":[…]}, and without rows when there are none. */
static void decode_transfers(struct keel_binance_decoder *decoder, struct keel_json *json,
                             const struct keel_page *page)
{
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (!IS(key, "rows")) {
            keel_json_skip(json);
            continue;
        }
        keel_json_enter_array(json);
        while (keel_json_next_element(json))
            decode_transfer(decoder, json, page);
    }
}

/* {"tranId":13526853623}: the venue has moved it. */
static void decode_moved(struct keel_binance_decoder *decoder, struct keel_json *json,
                         const struct keel_transfer_request *request)
{
    struct transfer_row row = {.amount = request->amount, .status = KEEL_STR("CONFIRMED")};
    row.asset = keel_str_from(request->asset);
    keel_binance_read_object(decoder, json, transfer_fields, 1, &row);
    if (row.id.size == 0)
        keel_json_fail(json, "the answer to a transfer has no id");
    add_transfer(decoder, &row, request->from, request->to);
}

/* {"id":"7213fea8…"}: taken, and under review. */
static void decode_requested(struct keel_binance_decoder *decoder, struct keel_json *json,
                             const struct keel_withdrawal_request *request)
{
    struct withdrawal_row row = {0};
    keel_binance_read_object(decoder, json, withdrawal_fields, 1, &row);
    if (row.id.size == 0)
        keel_json_fail(json, "the answer to a withdrawal has no id");

    struct keel_withdrawal *withdrawal =
        &keel_binance_add_event(decoder, KEEL_EVENT_WITHDRAWAL, 0)->withdrawal;
    *withdrawal = (struct keel_withdrawal){
        .status = KEEL_WITHDRAWAL_PENDING,
        .amount = request->amount,
        .fee = KEEL_DECIMAL_ABSENT,
    };
    keel_binance_copy_text(decoder, row.id, withdrawal->id, sizeof(withdrawal->id));
    memcpy(withdrawal->client_id, request->client_id, sizeof(withdrawal->client_id));
    memcpy(withdrawal->asset, request->asset, sizeof(withdrawal->asset));
    memcpy(withdrawal->network, request->network, sizeof(withdrawal->network));
    memcpy(withdrawal->address, request->address, sizeof(withdrawal->address));
    memcpy(withdrawal->memo, request->memo, sizeof(withdrawal->memo));
}

struct network_row {
    keel_str network, asset, memo_pattern;
    keel_decimal fee, min, max, step;
    enum keel_switch can_deposit, can_withdraw;
};

static const struct keel_binance_field network_fields[] = {
    FIELD("network", TEXT, network_row, network),
    FIELD("coin", TEXT, network_row, asset),
    FIELD("memoRegex", TEXT, network_row, memo_pattern),
    FIELD("withdrawFee", DECIMAL, network_row, fee),
    FIELD("withdrawMin", DECIMAL, network_row, min),
    FIELD("withdrawMax", DECIMAL, network_row, max),
    FIELD("withdrawIntegerMultiple", DECIMAL, network_row, step),
    FIELD("depositEnable", SWITCH, network_row, can_deposit),
    FIELD("withdrawEnable", SWITCH, network_row, can_withdraw),
};

static void decode_network(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct network_row row = {
        .fee = KEEL_DECIMAL_ABSENT,
        .min = KEEL_DECIMAL_ABSENT,
        .max = KEEL_DECIMAL_ABSENT,
        .step = KEEL_DECIMAL_ABSENT,
    };
    keel_binance_read_object(decoder, json, network_fields, COUNT(network_fields), &row);
    if (row.network.size == 0 || row.asset.size == 0)
        keel_json_fail(json, "a network has no name or asset");

    struct keel_network *network = &keel_binance_add_event(decoder, KEEL_EVENT_NETWORK, 0)->network;
    *network = (struct keel_network){
        .can_deposit = row.can_deposit == KEEL_ON,
        .can_withdraw = row.can_withdraw == KEEL_ON,
        .needs_memo = row.memo_pattern.size > 0,
        .withdrawal_fee = row.fee,
        .withdrawal_min = row.min,
        .withdrawal_max = row.max,
        .withdrawal_step = keel_binance_present(row.step),
    };
    keel_binance_copy_text(decoder, row.network, network->network, sizeof(network->network));
    keel_binance_copy_text(decoder, row.asset, network->asset, sizeof(network->asset));
}

static bool is_wanted(const struct keel_event *event, const char *asset)
{
    return asset[0] == '\0' || strcmp(event->network.asset, asset) == 0;
}

/* The list has every asset of the venue; those that were not asked for are left out again. */
static void decode_coin(struct keel_binance_decoder *decoder, struct keel_json *json,
                        const char *asset)
{
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (!IS(key, "networkList")) {
            keel_json_skip(json);
            continue;
        }
        keel_json_enter_array(json);
        while (keel_json_next_element(json)) {
            int32_t before = decoder->events->count;
            decode_network(decoder, json);
            if (decoder->events->count > before && !is_wanted(&decoder->events->at[before], asset))
                decoder->events->count = before;
        }
    }
}

static void decode_networks(struct keel_binance_decoder *decoder, struct keel_json *json,
                            const char *asset)
{
    keel_json_enter_array(json);
    while (keel_json_next_element(json))
        decode_coin(decoder, json, asset);
}

static void decode_rows(struct keel_binance_decoder *decoder, struct keel_json *json,
                        void (*decode_row)(struct keel_binance_decoder *decoder,
                                           struct keel_json *json))
{
    keel_json_enter_array(json);
    while (keel_json_next_element(json))
        decode_row(decoder, json);
}

bool keel_binance_spot_decode_wallet(struct keel_binance_decoder *decoder, struct keel_json *json,
                                     const struct keel_command *command)
{
    switch ((int)command->kind) {
    case KEEL_TRANSFER: decode_moved(decoder, json, &command->transfer); return true;
    case KEEL_WITHDRAW: decode_requested(decoder, json, &command->withdrawal); return true;
    case KEEL_LOAD_NETWORKS: decode_networks(decoder, json, command->page.asset); return true;
    case KEEL_LOAD_WITHDRAWALS: decode_rows(decoder, json, decode_withdrawal); return true;
    case KEEL_LOAD_DEPOSITS: decode_rows(decoder, json, decode_deposit); return true;
    case KEEL_LOAD_TRANSFERS: decode_transfers(decoder, json, &command->page); return true;
    }
    return false;
}

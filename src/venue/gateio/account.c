/* account.c - the account, its ledger and its fees, and public prices (5.1, 6.3). */
#include "venue/gateio/contracts.h"
#include "venue/gateio/positions.h"
#include "venue/gateio/words.h"

#define IS                             KEEL_GATEIO_IS
#define COUNT(list)                    (sizeof(list) / sizeof((list)[0]))
#define FIELD(name, kind, row, member) KEEL_GATEIO_FIELD(name, kind, row, member)
#define SETTLE_ASSET                   "USDT"

enum {
    CLASSIC = 0, /* margin_mode: each currency by itself */
    SINGLE_CURRENCY = 3,
    MODE_UNTOLD = -1,
};

struct account_row {
    keel_str user, currency, position_mode;
    keel_decimal total, available, unrealized_pnl;
    enum keel_switch dual;
    int64_t margin_mode;
};

static const struct keel_gateio_field account_fields[] = {
    FIELD("user", TEXT, account_row, user),
    FIELD("currency", TEXT, account_row, currency),
    FIELD("position_mode", TEXT, account_row, position_mode),
    FIELD("total", DECIMAL, account_row, total),
    FIELD("available", DECIMAL, account_row, available),
    FIELD("unrealised_pnl", DECIMAL, account_row, unrealized_pnl),
    FIELD("in_dual_mode", SWITCH, account_row, dual),
    FIELD("margin_mode", INT, account_row, margin_mode),
};

static struct account_row read_account(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct account_row row = {
        .total = KEEL_DECIMAL_ABSENT,
        .available = KEEL_DECIMAL_ABSENT,
        .unrealized_pnl = KEEL_DECIMAL_ABSENT,
        .margin_mode = MODE_UNTOLD,
    };
    keel_gateio_read_object(decoder, json, account_fields, COUNT(account_fields), &row);
    return row;
}

/* Older streams name no currency: it is the one that settles. */
static void copy_asset(struct keel_gateio_decoder *decoder, keel_str currency,
                       char asset[static KEEL_ASSET_SIZE])
{
    keel_gateio_copy_asset(decoder, currency.size > 0 ? currency : KEEL_STR(SETTLE_ASSET), asset);
}

static void add_balance(struct keel_gateio_decoder *decoder, const struct account_row *row,
                        int64_t time_ms)
{
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_BALANCE, time_ms);
    event->told_pnl = row->unrealized_pnl;
    event->balance = (struct keel_balance){
        .wallet = row->total,
        .cross_wallet = KEEL_DECIMAL_ABSENT,
        .available = row->available,
        .locked = KEEL_DECIMAL_ABSENT,
        .update_time_ms = time_ms,
    };
    copy_asset(decoder, row->currency, event->balance.asset);
}

void keel_gateio_decode_balance(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct account_row row = read_account(decoder, json);
    if (!keel_decimal_is_valid(row.total))
        keel_json_fail(json, "an account has no total");
    add_balance(decoder, &row, decoder->time_ms);
}

/* "dual_plus" is hedge mode, too. An account that does not tell its margin mode is of the time
 * before there were others. */
void keel_gateio_decode_modes(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct account_row row = read_account(decoder, json);
    struct keel_modes modes = {.hedge = row.dual, .multi_asset = KEEL_OFF};
    if (row.position_mode.size > 0)
        modes.hedge = IS(row.position_mode, "single") ? KEEL_OFF : KEEL_ON;
    if (row.margin_mode > CLASSIC && row.margin_mode != SINGLE_CURRENCY)
        modes.multi_asset = KEEL_ON;
    if (modes.hedge == KEEL_SWITCH_NONE)
        keel_json_fail(json, "an account has no position mode");
    keel_gateio_add_event(decoder, KEEL_EVENT_MODES, 0)->modes = modes;
}

void keel_gateio_decode_user(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct account_row row = read_account(decoder, json);
    if (row.user.size == 0)
        keel_json_fail(json, "an account has no user");
    keel_gateio_add_event(decoder, KEEL_EVENT_STREAM_KEY, 0)->stream_key = row.user;
}

struct ledger_row {
    keel_str contract, currency, type, text, id, trade_id;
    keel_decimal change, balance;
    int64_t time_s, time_ms;
};

static const struct keel_gateio_field ledger_fields[] = {
    FIELD("contract", TEXT, ledger_row, contract),
    FIELD("currency", TEXT, ledger_row, currency),
    FIELD("type", TEXT, ledger_row, type),
    FIELD("text", TEXT, ledger_row, text),
    FIELD("id", TEXT, ledger_row, id),
    FIELD("trade_id", TEXT, ledger_row, trade_id),
    FIELD("change", DECIMAL, ledger_row, change),
    FIELD("balance", DECIMAL, ledger_row, balance),
    FIELD("time", TIME, ledger_row, time_s),
    FIELD("time_ms", MS, ledger_row, time_ms),
};

static void read_ledger(struct keel_gateio_decoder *decoder, struct keel_json *json,
                        struct ledger_row *row)
{
    *row = (struct ledger_row){.change = KEEL_DECIMAL_ABSENT, .balance = KEEL_DECIMAL_ABSENT};
    keel_gateio_read_object(decoder, json, ledger_fields, COUNT(ledger_fields), row);
    if (row->time_ms == 0)
        row->time_ms = row->time_s;
    /* Points are a currency of their own, in which fees may be paid. */
    if (keel_str_starts_with(row->type, KEEL_STR("point_")))
        row->currency = KEEL_STR("POINT");
    if (row->type.size == 0 || !keel_decimal_is_valid(row->change))
        keel_json_fail(json, "a row of the ledger has no type or change");
}

static void add_income(struct keel_gateio_decoder *decoder, const struct ledger_row *row,
                       keel_market_id market)
{
    struct keel_income *income =
        &keel_gateio_add_event(decoder, KEEL_EVENT_INCOME, row->time_ms)->income;
    *income = (struct keel_income){
        .market = market,
        .kind = keel_gateio_parse_income(row->type),
        .amount = row->change,
        .time_ms = row->time_ms,
    };
    copy_asset(decoder, row->currency, income->asset);
    keel_gateio_copy_text(decoder, row->type, income->name, sizeof(income->name));
    keel_gateio_copy_text(decoder, row->id, income->id, sizeof(income->id));
    keel_gateio_copy_text(decoder, row->trade_id, income->trade_id, sizeof(income->trade_id));
}

/* "BTC_USDT:3914424": the contract, and what of it the row is about. A transfer is about none. */
static keel_market_id find_market_in_text(const struct keel_gateio_decoder *decoder,
                                          const struct ledger_row *row)
{
    keel_str text = row->text;
    if (text.size == 0 || keel_gateio_parse_income(row->type) == KEEL_INCOME_TRANSFER)
        return KEEL_NO_MARKET;
    const char *colon = memchr(text.data, ':', text.size);
    size_t size = colon ? (size_t)(colon - text.data) : text.size;
    return keel_markets_find_venue_symbol(decoder->markets, (keel_str){text.data, size});
}

/* An income of a market that is not in the table still moved the wallet: it counts, and the name is
 * shown. Pushes and older answers have no contract but that in the text. */
void keel_gateio_decode_income(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct ledger_row row;
    keel_market_id market = KEEL_NO_MARKET;
    read_ledger(decoder, json, &row);
    if (row.contract.size > 0)
        keel_gateio_find_market(decoder, row.contract, row.time_ms, &market);
    else
        market = find_market_in_text(decoder, &row);
    add_income(decoder, &row, market);
}

void keel_gateio_decode_pushed_balance(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct ledger_row row;
    read_ledger(decoder, json, &row);
    if (!keel_decimal_is_valid(row.balance))
        keel_json_fail(json, "a row of the ledger has no balance");
    struct account_row account = {
        .currency = row.currency,
        .total = row.balance,
        .available = KEEL_DECIMAL_ABSENT,
        .unrealized_pnl = KEEL_DECIMAL_ABSENT,
    };
    add_balance(decoder, &account, row.time_ms);
    enum keel_income_kind kind = keel_gateio_parse_income(row.type);
    if (kind == KEEL_INCOME_REALIZED_PNL || kind == KEEL_INCOME_COMMISSION)
        return; /* a trade tells it */
    row.id = row.trade_id = (keel_str){0};
    add_income(decoder, &row, find_market_in_text(decoder, &row));
}

struct ticker_row {
    keel_str contract;
    keel_decimal mark, index, rate;
    int64_t funding_ms, time_ms;
};

static const struct keel_gateio_field ticker_fields[] = {
    FIELD("contract", TEXT, ticker_row, contract),
    FIELD("mark_price", DECIMAL, ticker_row, mark),
    FIELD("index_price", DECIMAL, ticker_row, index),
    FIELD("funding_rate", DECIMAL, ticker_row, rate),
    FIELD("funding_next_apply", TIME, ticker_row, funding_ms),
    FIELD("t", MS, ticker_row, time_ms),
};

void keel_gateio_decode_ticker(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct ticker_row row = {
        .mark = KEEL_DECIMAL_ABSENT,
        .index = KEEL_DECIMAL_ABSENT,
        .rate = KEEL_DECIMAL_ABSENT,
    };
    keel_market_id id;
    keel_gateio_read_object(decoder, json, ticker_fields, COUNT(ticker_fields), &row);
    if (row.contract.size == 0)
        keel_json_fail(json, "a ticker has no contract");
    if (!keel_decimal_is_positive(row.mark))
        return; /* a market that does not trade yet has no mark price */
    int64_t time_ms = row.time_ms != 0 ? row.time_ms : decoder->time_ms;
    if (!keel_gateio_find_market(decoder, row.contract, time_ms, &id))
        return;
    keel_gateio_add_event(decoder, KEEL_EVENT_MARK, time_ms)->mark = (struct keel_mark){
        .market = id,
        .mark_price = row.mark,
        .index_price = keel_gateio_present(row.index),
        .funding_rate = row.rate,
        .funding_time_ms = row.funding_ms,
        .time_ms = time_ms,
    };
}

struct top_row {
    keel_str contract;
    keel_decimal bid, ask, bid_size, ask_size;
    int64_t time_ms;
};

static const struct keel_gateio_field top_fields[] = {
    FIELD("s", TEXT, top_row, contract),    FIELD("b", DECIMAL, top_row, bid),
    FIELD("a", DECIMAL, top_row, ask),      FIELD("B", DECIMAL, top_row, bid_size),
    FIELD("A", DECIMAL, top_row, ask_size), FIELD("t", MS, top_row, time_ms),
};

void keel_gateio_decode_book_top(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct top_row row = {
        .bid = KEEL_DECIMAL_ABSENT,
        .ask = KEEL_DECIMAL_ABSENT,
        .bid_size = KEEL_DECIMAL_ABSENT,
        .ask_size = KEEL_DECIMAL_ABSENT,
    };
    keel_market_id id;
    keel_gateio_read_object(decoder, json, top_fields, COUNT(top_fields), &row);
    if (row.contract.size == 0)
        keel_json_fail(json, "a book top has no contract");
    const struct keel_market *market =
        keel_gateio_find_market(decoder, row.contract, row.time_ms, &id);
    if (!market)
        return;
    keel_gateio_add_event(decoder, KEEL_EVENT_BOOK_TOP, row.time_ms)->book_top =
        (struct keel_book_top){
            .market = id,
            .bid_price = keel_gateio_present(row.bid), /* a side that is empty has no price */
            .bid_quantity = keel_gateio_to_base(row.bid_size, market),
            .ask_price = keel_gateio_present(row.ask),
            .ask_quantity = keel_gateio_to_base(row.ask_size, market),
            .time_ms = row.time_ms,
        };
}

struct fees_row {
    keel_decimal maker, taker;
};

static const struct keel_gateio_field fees_fields[] = {
    FIELD("maker_fee", DECIMAL, fees_row, maker),
    FIELD("taker_fee", DECIMAL, fees_row, taker),
};

void keel_gateio_decode_fees(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    keel_str contract;
    keel_market_id id;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &contract)) {
        struct fees_row row = {.maker = KEEL_DECIMAL_ABSENT, .taker = KEEL_DECIMAL_ABSENT};
        keel_gateio_read_object(decoder, json, fees_fields, COUNT(fees_fields), &row);
        if (!keel_decimal_is_valid(row.maker) || !keel_decimal_is_valid(row.taker))
            keel_json_fail(json, "a fee is missing");
        if (keel_gateio_find_market(decoder, contract, 0, &id))
            keel_gateio_add_event(decoder, KEEL_EVENT_FEES, 0)->fees =
                (struct keel_fees){.market = id, .maker = row.maker, .taker = row.taker};
    }
}

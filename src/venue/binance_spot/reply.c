#include "venue/binance_spot/reply.h"

#include "venue/binance/decoder.h"
#include "venue/binance/errors.h"
#include "venue/binance_spot/encode.h"
#include "venue/binance_spot/markets.h"
#include "venue/binance_spot/rows.h"
#include "venue/binance_spot/wallet.h"

#define IS                             KEEL_BINANCE_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_BINANCE_FIELD(name, kind, row, member)

typedef void (*row_decoder)(struct keel_binance_decoder *decoder, struct keel_json *json);

static void decode_rows(struct keel_binance_decoder *decoder, struct keel_json *json,
                        row_decoder decode_row)
{
    if (keel_json_peek(json) != KEEL_JSON_ARRAY) {
        decode_row(decoder, json);
        return;
    }
    keel_json_enter_array(json);
    while (keel_json_next_element(json))
        decode_row(decoder, json);
}

/* A cancelled order's own id stands in origClientOrderId, and that of the cancellation where its
 * own stands otherwise (3). */
struct order_row {
    struct keel_binance_spot_order order;
    keel_str original_id;
    int64_t transact_ms, working_ms;
};

static const struct keel_binance_field order_fields[] = {
    FIELD("symbol", TEXT, order_row, order.symbol),
    FIELD("orderId", TEXT, order_row, order.order_id),
    FIELD("clientOrderId", TEXT, order_row, order.client_id),
    FIELD("origClientOrderId", TEXT, order_row, original_id),
    FIELD("side", TEXT, order_row, order.side),
    FIELD("type", TEXT, order_row, order.type),
    FIELD("timeInForce", TEXT, order_row, order.time_in_force),
    FIELD("status", TEXT, order_row, order.status),
    FIELD("expiryReason", TEXT, order_row, order.reason),
    FIELD("price", DECIMAL, order_row, order.price),
    FIELD("stopPrice", DECIMAL, order_row, order.trigger_price),
    FIELD("origQty", DECIMAL, order_row, order.quantity),
    FIELD("qty", DECIMAL, order_row, order.quantity),
    FIELD("origQuoteOrderQty", DECIMAL, order_row, order.quote_quantity),
    FIELD("executedQty", DECIMAL, order_row, order.filled),
    FIELD("cummulativeQuoteQty", DECIMAL, order_row, order.filled_quote),
    FIELD("time", INT, order_row, order.create_time_ms),
    FIELD("updateTime", INT, order_row, order.update_time_ms),
    FIELD("transactTime", INT, order_row, transact_ms),
    FIELD("workingTime", INT, order_row, working_ms),
};

static void decode_order(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct order_row row = {0};
    keel_binance_spot_order_init(&row.order);
    keel_binance_read_object(decoder, json, order_fields, COUNT(order_fields), &row);
    if (!keel_binance_spot_check_order(json, &row.order))
        return;
    if (row.original_id.size > 0)
        row.order.client_id = row.original_id;
    if (row.order.update_time_ms == 0)
        row.order.update_time_ms = row.transact_ms;
    keel_binance_spot_add_order(decoder, &row.order, row.order.update_time_ms);
}

static void date_orders(struct keel_binance_decoder *decoder, int64_t time_ms)
{
    for (int32_t i = decoder->first; i < decoder->events->count; i++) {
        struct keel_event *event = &decoder->events->at[i];
        if (event->time_ms == 0)
            event->time_ms = time_ms;
        if (event->kind == KEEL_EVENT_ORDER && event->order.update_time_ms == 0)
            event->order.update_time_ms = time_ms;
    }
}

/* The answer to an amendment has the order inside, and its time outside (3). */
static void decode_amended(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_str key;
    int64_t time_ms = 0;
    bool found = false;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        bool wanted = IS(key, "amendedOrder");
        if (wanted)
            decode_order(decoder, json);
        else if (IS(key, "transactTime"))
            keel_binance_read_int(json, &time_ms);
        else
            keel_json_skip(json);
        found |= wanted;
    }
    date_orders(decoder, time_ms);
    if (!found)
        keel_json_fail(json, "the answer to an amendment has no order");
}

struct trade_row {
    struct keel_binance_spot_trade trade;
    keel_str symbol, order_id;
    enum keel_switch buyer, maker;
};

static const struct keel_binance_field trade_fields[] = {
    FIELD("symbol", TEXT, trade_row, symbol),
    FIELD("id", TEXT, trade_row, trade.id),
    FIELD("orderId", TEXT, trade_row, order_id),
    FIELD("commissionAsset", TEXT, trade_row, trade.fee_asset),
    FIELD("price", DECIMAL, trade_row, trade.price),
    FIELD("qty", DECIMAL, trade_row, trade.quantity),
    FIELD("commission", DECIMAL, trade_row, trade.fee),
    FIELD("isBuyer", SWITCH, trade_row, buyer),
    FIELD("isMaker", SWITCH, trade_row, maker),
    FIELD("time", INT, trade_row, trade.time_ms),
};

static void decode_trade(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct trade_row row = {0};
    char order_id[KEEL_ORDER_ID_SIZE];
    keel_binance_spot_trade_init(&row.trade);
    keel_binance_read_object(decoder, json, trade_fields, COUNT(trade_fields), &row);
    if (row.symbol.size == 0 || !keel_binance_is_id(row.trade.id) ||
        row.buyer == KEEL_SWITCH_NONE || !keel_decimal_is_positive(row.trade.price) ||
        !keel_decimal_is_positive(row.trade.quantity))
        keel_json_fail(json, "an execution has no symbol, id, side, price or quantity");

    keel_market_id market = keel_binance_find_market(decoder, row.symbol, row.trade.time_ms);
    if (market == KEEL_NO_MARKET)
        return;
    row.trade.maker = row.maker == KEEL_ON;
    keel_binance_copy_text(decoder, row.order_id, order_id, sizeof(order_id));
    keel_binance_spot_add_trade(decoder, &row.trade, market,
                                row.buyer == KEEL_ON ? KEEL_BUY : KEEL_SELL, order_id, "");
}

struct balance_row {
    keel_str asset;
    keel_decimal available, locked;
};

static const struct keel_binance_field balance_fields[] = {
    FIELD("asset", TEXT, balance_row, asset),
    FIELD("free", DECIMAL, balance_row, available),
    FIELD("locked", DECIMAL, balance_row, locked),
};

static void decode_balance(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct balance_row row = {.available = KEEL_DECIMAL_ABSENT, .locked = KEEL_DECIMAL_ABSENT};
    keel_binance_read_object(decoder, json, balance_fields, COUNT(balance_fields), &row);
    keel_decimal wallet = keel_decimal_add(row.available, row.locked);
    if (row.asset.size == 0 || !keel_decimal_is_valid(wallet))
        keel_json_fail(json, "a balance has no asset or amount");

    struct keel_event *event = keel_binance_add_event(decoder, KEEL_EVENT_BALANCE, 0);
    event->told_pnl = KEEL_DECIMAL_ABSENT;
    event->balance = (struct keel_balance){
        .wallet = wallet,
        .cross_wallet = KEEL_DECIMAL_ABSENT,
        .available = row.available,
        .locked = row.locked,
    };
    keel_binance_copy_text(decoder, row.asset, event->balance.asset, sizeof(event->balance.asset));
}

/* The account: its balances, and whether it may trade. The list's own time is that of the last
 * change of the account, and no balance has another. */
static void decode_account(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_snapshot snapshot = {.kind = KEEL_SNAPSHOT_BALANCES};
    enum keel_switch can_trade = KEEL_SWITCH_NONE;
    int64_t time_ms = 0;
    bool found = false;
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    keel_binance_add_event(decoder, KEEL_EVENT_SNAPSHOT_BEGIN, 0)->snapshot = snapshot;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "balances")) {
            found = true;
            decode_rows(decoder, json, decode_balance);
        } else if (IS(key, "canTrade")) {
            keel_binance_read_switch(json, &can_trade);
        } else if (IS(key, "updateTime")) {
            keel_binance_read_int(json, &time_ms);
        } else {
            keel_json_skip(json);
        }
    }
    if (!found)
        keel_json_fail(json, "an account without balances");
    for (int32_t i = decoder->first; i < decoder->events->count; i++) {
        struct keel_event *event = &decoder->events->at[i];
        if (event->kind == KEEL_EVENT_BALANCE)
            event->time_ms = event->balance.update_time_ms = time_ms;
    }
    keel_binance_add_event(decoder, KEEL_EVENT_SNAPSHOT_END, 0)->snapshot = snapshot;
    keel_binance_add_event(decoder, KEEL_EVENT_MODES, 0)->modes =
        (struct keel_modes){.can_trade = can_trade};
}

/* Standard, special and tax rates are each an object of the same shape; what is paid is their
 * sum, before a discount that depends on what the fee is paid in. */
struct rates_row {
    keel_decimal maker, taker;
};

static const struct keel_binance_field rates_fields[] = {
    FIELD("maker", DECIMAL, rates_row, maker),
    FIELD("taker", DECIMAL, rates_row, taker),
};

static void decode_fees(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct rates_row total = {.maker = KEEL_DECIMAL_ZERO, .taker = KEEL_DECIMAL_ZERO};
    keel_str key, symbol = {0};
    bool found = false;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "symbol")) {
            keel_binance_read_text(decoder, json, &symbol);
        } else if (IS(key, "standardCommission") || IS(key, "specialCommission") ||
                   IS(key, "taxCommission")) {
            struct rates_row row = {.maker = KEEL_DECIMAL_ABSENT, .taker = KEEL_DECIMAL_ABSENT};
            keel_binance_read_object(decoder, json, rates_fields, COUNT(rates_fields), &row);
            total.maker = keel_decimal_add(total.maker, row.maker);
            total.taker = keel_decimal_add(total.taker, row.taker);
            found |= IS(key, "standardCommission");
        } else {
            keel_json_skip(json);
        }
    }
    if (!found || !keel_decimal_is_valid(total.maker) || !keel_decimal_is_valid(total.taker))
        keel_json_fail(json, "a commission rate is missing");
    keel_market_id market = keel_binance_find_market(decoder, symbol, 0);
    if (market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_FEES, 0)->fees =
            (struct keel_fees){.market = market, .maker = total.maker, .taker = total.taker};
}

struct price_row {
    keel_str symbol;
    keel_decimal price;
};

static const struct keel_binance_field price_fields[] = {
    FIELD("symbol", TEXT, price_row, symbol),
    FIELD("price", DECIMAL, price_row, price),
};

/* Spot has no mark price: the last price stands for it. */
static void decode_price(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct price_row row = {.price = KEEL_DECIMAL_ABSENT};
    keel_binance_read_object(decoder, json, price_fields, COUNT(price_fields), &row);
    if (row.symbol.size == 0 || !keel_decimal_is_valid(row.price))
        keel_json_fail(json, "a price has no symbol or no value");
    if (!keel_decimal_is_positive(row.price))
        return;
    keel_market_id market = keel_binance_find_market(decoder, row.symbol, 0);
    if (market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_MARK, 0)->mark = (struct keel_mark){
            .market = market,
            .mark_price = row.price,
            .index_price = KEEL_DECIMAL_ABSENT,
            .funding_rate = KEEL_DECIMAL_ABSENT,
        };
}

static void decode_time(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    int64_t time_ms = 0;
    const struct keel_binance_field field = {KEEL_STR("serverTime"), KEEL_BINANCE_INT, 0};
    keel_binance_read_object(decoder, json, &field, 1, &time_ms);
    if (time_ms <= 0)
        keel_json_fail(json, "the server's time is missing");
    keel_binance_add_event(decoder, KEEL_EVENT_SERVER_TIME, time_ms)->server_time_ms = time_ms;
}

static void decode_open_orders(struct keel_binance_decoder *decoder, struct keel_json *json,
                               keel_market_id market)
{
    struct keel_snapshot snapshot = {KEEL_SNAPSHOT_ORDERS, market};
    keel_binance_add_event(decoder, KEEL_EVENT_SNAPSHOT_BEGIN, 0)->snapshot = snapshot;
    decode_rows(decoder, json, decode_order);
    keel_binance_add_event(decoder, KEEL_EVENT_SNAPSHOT_END, 0)->snapshot = snapshot;
}

/* Lists of orders, and of lists of them: the stream tells of each. */
static void skip_list(struct keel_json *json)
{
    keel_json_enter_array(json);
    while (keel_json_next_element(json))
        keel_json_skip(json);
}

static void decode_body(struct keel_binance_decoder *decoder, struct keel_json *json,
                        const struct keel_command *command)
{
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER:
    case KEEL_CANCEL_ORDER:
    case KEEL_QUERY_ORDER: decode_order(decoder, json); return;
    case KEEL_AMEND_ORDER: decode_amended(decoder, json); return;
    case KEEL_CANCEL_ALL: skip_list(json); return;
    case KEEL_LOAD_ORDERS: decode_rows(decoder, json, decode_order); return;
    case KEEL_LOAD_OPEN_ORDERS: decode_open_orders(decoder, json, command->market); return;
    case KEEL_LOAD_EXECUTIONS: decode_rows(decoder, json, decode_trade); return;
    case KEEL_LOAD_BALANCES: decode_account(decoder, json); return;
    case KEEL_LOAD_FEES: decode_fees(decoder, json); return;
    case KEEL_LOAD_MARKS: decode_rows(decoder, json, decode_price); return;
    case KEEL_LOAD_TIME: decode_time(decoder, json); return;
    case KEEL_LOAD_MARKETS: keel_binance_spot_decode_exchange_info(decoder, json); return;
    }
    if (!keel_binance_spot_decode_wallet(decoder, json, command))
        keel_json_skip(json);
}

/* An answer that is a refusal although its status is 200: {"code":…,"msg":…}. */
static bool may_be_message(const struct keel_command *command, keel_str body)
{
    keel_str code = KEEL_STR("{\"code\"");
    return keel_command_is_write(command->kind) || keel_str_starts_with(body, code);
}

/* Futures name the server errors after which nothing was executed; of spot's each may have been
 * (7). */
static void doubt_server_error(const struct keel_command *command, const struct keel_reply *reply,
                               struct keel_outcome *outcome)
{
    if (reply->http_status < 500 || !keel_command_is_write(command->kind))
        return;
    outcome->fate = KEEL_FATE_UNKNOWN;
    outcome->error.status = KEEL_UNKNOWN;
}

/* What the words of spot tell besides their code (7). */
static void judge(const struct keel_command *command, const struct keel_reply *reply,
                  const struct keel_binance_message *message, struct keel_outcome *outcome)
{
    keel_binance_judge(command, reply, message, outcome);
    doubt_server_error(command, reply, outcome);
    if (message->code == -2010 && keel_str_equals(message->text, KEEL_STR("Duplicate order sent.")))
        outcome->duplicate = true;
    /* Where futures accept it, spot refuses to cancel all of nothing. */
    if (command->kind == KEEL_CANCEL_ALL && outcome->not_found) {
        outcome->fate = KEEL_ACCEPTED;
        outcome->already_so = true;
        outcome->not_found = false;
    }
}

enum keel_status
keel_binance_spot_decode_reply(const struct keel_command *command, const struct keel_reply *reply,
                               const struct keel_markets *markets, struct keel_arena *arena,
                               struct keel_events *events, struct keel_outcome *outcome)
{
    struct keel_binance_decoder decoder;
    struct keel_binance_message message = {0};
    struct keel_json json;
    bool succeeded = reply->http_status >= 200 && reply->http_status < 300;

    memset(outcome, 0, sizeof(*outcome));
    keel_binance_read_usage(reply, outcome);
    keel_binance_decoder_init(&decoder, markets, arena, events, reply->body);
    if (!succeeded || may_be_message(command, reply->body))
        message = keel_binance_read_message(reply->body, arena);
    if (!succeeded || (message.found && message.code < 0)) {
        judge(command, reply, &message, outcome);
        return KEEL_OK;
    }

    keel_json_init(&json, reply->body);
    decode_body(&decoder, &json, command);
    enum keel_status status = keel_binance_decoder_finish(&decoder, &json, &outcome->error);
    outcome->fate = KEEL_ACCEPTED;
    outcome->partial =
        command->kind == KEEL_LOAD_TRANSFERS &&
        events->count - decoder.first >= keel_binance_spot_transfers_limit(&command->page);
    if (status != KEEL_OK)
        outcome->fate = keel_command_is_write(command->kind) ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED;
    return status;
}

#include "venue/binance/reply.h"

#include "venue/binance/decoder.h"
#include "venue/binance/errors.h"
#include "venue/binance/markets.h"

#define IS                             KEEL_BINANCE_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_BINANCE_FIELD(name, kind, row, member)

typedef void (*row_decoder)(struct keel_binance_decoder *decoder, struct keel_json *json);

/* A list of rows, or one row alone: several endpoints answer either. */
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

/* The rows under one member of an account object (5.1), or a plain list of them. */
static void decode_part(struct keel_binance_decoder *decoder, struct keel_json *json, keel_str part,
                        row_decoder decode_row)
{
    keel_str key;
    bool found = false;
    if (keel_json_peek(json) != KEEL_JSON_OBJECT) {
        decode_rows(decoder, json, decode_row);
        return;
    }
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        bool wanted = keel_str_equals(key, part);
        if (wanted)
            decode_rows(decoder, json, decode_row);
        else
            keel_json_skip(json);
        found |= wanted;
    }
    if (!found)
        keel_json_fail(json, "an account without the list that was asked for");
}

/* One place in a list of several orders may hold an error instead; a cancelled conditional order
 * answers with its ids and a code alone. */
struct order_row {
    struct keel_binance_order order;
    int64_t code;
    keel_str text;
};

static const struct keel_binance_field order_fields[] = {
    FIELD("symbol", TEXT, order_row, order.symbol),
    FIELD("orderId", TEXT, order_row, order.order_id),
    FIELD("algoId", TEXT, order_row, order.algo_id),
    FIELD("actualOrderId", TEXT, order_row, order.child_id),
    FIELD("clientOrderId", TEXT, order_row, order.client_id),
    FIELD("clientAlgoId", TEXT, order_row, order.client_id),
    FIELD("side", TEXT, order_row, order.side),
    FIELD("positionSide", TEXT, order_row, order.position_side),
    FIELD("type", TEXT, order_row, order.type),
    FIELD("orderType", TEXT, order_row, order.type),
    FIELD("timeInForce", TEXT, order_row, order.time_in_force),
    FIELD("status", TEXT, order_row, order.status),
    FIELD("algoStatus", TEXT, order_row, order.status),
    FIELD("workingType", TEXT, order_row, order.working_type),
    FIELD("price", DECIMAL, order_row, order.price),
    FIELD("stopPrice", DECIMAL, order_row, order.trigger_price),
    FIELD("triggerPrice", DECIMAL, order_row, order.trigger_price),
    FIELD("activatePrice", DECIMAL, order_row, order.activation_price),
    FIELD("avgPrice", DECIMAL, order_row, order.average_price),
    FIELD("actualPrice", DECIMAL, order_row, order.average_price),
    FIELD("origQty", DECIMAL, order_row, order.quantity),
    FIELD("quantity", DECIMAL, order_row, order.quantity),
    FIELD("executedQty", DECIMAL, order_row, order.filled),
    FIELD("actualQty", DECIMAL, order_row, order.filled),
    FIELD("reduceOnly", SWITCH, order_row, order.reduce_only),
    FIELD("closePosition", SWITCH, order_row, order.close_position),
    FIELD("time", INT, order_row, order.create_time_ms),
    FIELD("createTime", INT, order_row, order.create_time_ms),
    FIELD("updateTime", INT, order_row, order.update_time_ms),
    FIELD("code", INT, order_row, code),
    FIELD("msg", TEXT, order_row, text),
};

static void decode_order(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct order_row row = {0};
    keel_binance_order_init(&row.order);
    keel_binance_read_object(decoder, json, order_fields, COUNT(order_fields), &row);

    struct keel_binance_order *order = &row.order;
    if (row.code < 0) {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, row.text, 0);
        return;
    }
    if (row.code != 0)
        return;
    if (keel_binance_check_order(json, order))
        keel_binance_add_order(decoder, order, order->update_time_ms);
}

/* The answer has the time of the last change alone, which for a new order is its creation. */
static void decode_placed_order(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    decode_order(decoder, json);
    if (decoder->events->count == decoder->first)
        return;
    struct keel_event *event = &decoder->events->at[decoder->first];
    if (event->kind == KEEL_EVENT_ORDER && event->order.status == KEEL_ORDER_NEW &&
        event->order.create_time_ms == 0)
        event->order.create_time_ms = event->order.update_time_ms;
}

struct trade_row {
    keel_str symbol, id, order_id, side, position_side, fee_asset;
    keel_decimal price, quantity, realized_pnl, fee;
    enum keel_switch maker;
    int64_t time_ms;
};

static const struct keel_binance_field trade_fields[] = {
    FIELD("symbol", TEXT, trade_row, symbol),
    FIELD("id", TEXT, trade_row, id),
    FIELD("orderId", TEXT, trade_row, order_id),
    FIELD("side", TEXT, trade_row, side),
    FIELD("positionSide", TEXT, trade_row, position_side),
    FIELD("commissionAsset", TEXT, trade_row, fee_asset),
    FIELD("price", DECIMAL, trade_row, price),
    FIELD("qty", DECIMAL, trade_row, quantity),
    FIELD("realizedPnl", DECIMAL, trade_row, realized_pnl),
    FIELD("commission", DECIMAL, trade_row, fee),
    FIELD("maker", SWITCH, trade_row, maker),
    FIELD("time", INT, trade_row, time_ms),
};

static void decode_trade(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct trade_row row = {
        .price = KEEL_DECIMAL_ABSENT,
        .quantity = KEEL_DECIMAL_ABSENT,
        .realized_pnl = KEEL_DECIMAL_ABSENT,
        .fee = KEEL_DECIMAL_ABSENT,
    };
    keel_binance_read_object(decoder, json, trade_fields, COUNT(trade_fields), &row);
    if (row.symbol.size == 0 || !keel_binance_is_id(row.id) || row.side.size == 0 ||
        !keel_decimal_is_positive(row.price) || !keel_decimal_is_positive(row.quantity))
        keel_json_fail(json, "an execution has no symbol, id, side, price or quantity");

    keel_market_id market = keel_binance_find_market(decoder, row.symbol, row.time_ms);
    if (market == KEEL_NO_MARKET)
        return;
    struct keel_execution *execution =
        &keel_binance_add_event(decoder, KEEL_EVENT_EXECUTION, row.time_ms)->execution;
    *execution = (struct keel_execution){
        .market = market,
        .side = keel_binance_parse_side(row.side),
        .position_side = keel_binance_parse_position_side(row.position_side),
        .maker = row.maker == KEEL_ON,
        .price = row.price,
        .quantity = row.quantity,
        .quote_quantity = KEEL_DECIMAL_ABSENT,
        .fee = row.fee,
        .realized_pnl = row.realized_pnl,
        .time_ms = row.time_ms,
    };
    keel_binance_copy_text(decoder, row.id, execution->trade_id, sizeof(execution->trade_id));
    keel_binance_copy_text(decoder, row.order_id, execution->order_id, sizeof(execution->order_id));
    keel_binance_copy_text(decoder, row.fee_asset, execution->fee_asset,
                           sizeof(execution->fee_asset));
}

struct balance_row {
    keel_str asset;
    keel_decimal wallet, cross_wallet, available, unrealized_pnl, cross_pnl;
    int64_t time_ms;
};

static const struct keel_binance_field balance_fields[] = {
    FIELD("asset", TEXT, balance_row, asset),
    FIELD("balance", DECIMAL, balance_row, wallet),
    FIELD("walletBalance", DECIMAL, balance_row, wallet),
    FIELD("crossWalletBalance", DECIMAL, balance_row, cross_wallet),
    FIELD("availableBalance", DECIMAL, balance_row, available),
    FIELD("crossUnPnl", DECIMAL, balance_row, cross_pnl),
    FIELD("unrealizedProfit", DECIMAL, balance_row, unrealized_pnl),
    FIELD("updateTime", INT, balance_row, time_ms),
};

static void decode_balance(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct balance_row row = {
        .wallet = KEEL_DECIMAL_ABSENT,
        .cross_wallet = KEEL_DECIMAL_ABSENT,
        .available = KEEL_DECIMAL_ABSENT,
        .unrealized_pnl = KEEL_DECIMAL_ABSENT,
        .cross_pnl = KEEL_DECIMAL_ABSENT,
    };
    keel_binance_read_object(decoder, json, balance_fields, COUNT(balance_fields), &row);
    if (row.asset.size == 0 || !keel_decimal_is_valid(row.wallet))
        keel_json_fail(json, "a balance has no asset or amount");

    struct keel_event *event = keel_binance_add_event(decoder, KEEL_EVENT_BALANCE, row.time_ms);
    struct keel_balance *balance = &event->balance;
    /* The balance list has the cross positions' profit alone, the account has all of it. */
    event->told_pnl =
        keel_decimal_is_valid(row.unrealized_pnl) ? row.unrealized_pnl : row.cross_pnl;
    *balance = (struct keel_balance){
        .wallet = row.wallet,
        .cross_wallet = row.cross_wallet,
        .available = row.available,
        .locked = KEEL_DECIMAL_ABSENT,
        .update_time_ms = row.time_ms,
    };
    keel_binance_copy_text(decoder, row.asset, balance->asset, sizeof(balance->asset));
}

/* positionRisk, the positions of an account, symbolConfig and the answer to a change of leverage
 * share their names. */
static const struct keel_binance_field position_fields[] = {
    FIELD("symbol", TEXT, keel_binance_position, symbol),
    FIELD("positionSide", TEXT, keel_binance_position, side),
    FIELD("marginType", TEXT, keel_binance_position, margin_mode),
    FIELD("isolated", SWITCH, keel_binance_position, isolated),
    FIELD("positionAmt", DECIMAL, keel_binance_position, quantity),
    FIELD("entryPrice", DECIMAL, keel_binance_position, entry_price),
    FIELD("breakEvenPrice", DECIMAL, keel_binance_position, break_even_price),
    FIELD("isolatedWallet", DECIMAL, keel_binance_position, isolated_wallet),
    FIELD("isolatedMargin", DECIMAL, keel_binance_position, isolated_margin),
    FIELD("unRealizedProfit", DECIMAL, keel_binance_position, unrealized_pnl),
    FIELD("unrealizedProfit", DECIMAL, keel_binance_position, unrealized_pnl),
    FIELD("liquidationPrice", DECIMAL, keel_binance_position, liquidation_price),
    FIELD("markPrice", DECIMAL, keel_binance_position, mark_price),
    FIELD("notional", DECIMAL, keel_binance_position, notional),
    FIELD("initialMargin", DECIMAL, keel_binance_position, initial_margin),
    FIELD("maintMargin", DECIMAL, keel_binance_position, maintenance_margin),
    FIELD("maxNotionalValue", DECIMAL, keel_binance_position, notional_max),
    FIELD("maxNotional", DECIMAL, keel_binance_position, notional_max),
    FIELD("leverage", INT, keel_binance_position, leverage),
    FIELD("adl", INT, keel_binance_position, adl_rank),
    FIELD("updateTime", INT, keel_binance_position, update_time_ms),
};

static void read_position(struct keel_binance_decoder *decoder, struct keel_json *json,
                          struct keel_binance_position *row)
{
    keel_binance_position_init(row);
    keel_binance_read_object(decoder, json, position_fields, COUNT(position_fields), row);
    if (row->symbol.size == 0)
        keel_json_fail(json, "a position or setting has no symbol");
    if (row->leverage < 0 || row->leverage > KEEL_BINANCE_LEVERAGE_MAX)
        keel_json_fail(json, "a leverage is out of all bounds");
}

static void add_leverage(struct keel_binance_decoder *decoder,
                         const struct keel_binance_position *row, keel_market_id market)
{
    keel_binance_add_event(decoder, KEEL_EVENT_LEVERAGE, row->update_time_ms)->leverage =
        (struct keel_leverage){
            .market = market,
            .leverage = (int32_t)row->leverage,
            .margin_mode = keel_binance_find_margin_mode(row),
            .notional_max = row->notional_max,
        };
}

/* Older replies have a row for every symbol of the venue and the settings in it; a flat row is no
 * position. */
static void decode_position(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_binance_position row;
    read_position(decoder, json, &row);
    if (!keel_decimal_is_valid(row.quantity))
        keel_json_fail(json, "a position has no amount");

    keel_market_id market = keel_binance_find_market(decoder, row.symbol, row.update_time_ms);
    if (market == KEEL_NO_MARKET)
        return;
    if (row.leverage > 0)
        add_leverage(decoder, &row, market);
    if (!keel_decimal_is_zero(row.quantity))
        keel_binance_add_position(decoder, &row, market, row.update_time_ms);
}

static void decode_leverage(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_binance_position row;
    read_position(decoder, json, &row);
    keel_market_id market = keel_binance_find_market(decoder, row.symbol, row.update_time_ms);
    if (market != KEEL_NO_MARKET)
        add_leverage(decoder, &row, market);
}

struct modes_row {
    enum keel_switch hedge, multi_asset, can_trade;
};

static const struct keel_binance_field modes_fields[] = {
    FIELD("dualSidePosition", SWITCH, modes_row, hedge),
    FIELD("multiAssetsMargin", SWITCH, modes_row, multi_asset),
    FIELD("canTrade", SWITCH, modes_row, can_trade),
};

static void decode_modes(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct modes_row row = {0};
    keel_binance_read_object(decoder, json, modes_fields, COUNT(modes_fields), &row);
    if (row.hedge == KEEL_SWITCH_NONE && row.multi_asset == KEEL_SWITCH_NONE)
        keel_json_fail(json, "an account has no modes");
    keel_binance_add_event(decoder, KEEL_EVENT_MODES, 0)->modes =
        (struct keel_modes){row.hedge, row.multi_asset, row.can_trade};
}

struct fees_row {
    keel_str symbol;
    keel_decimal maker, taker;
};

static const struct keel_binance_field fees_fields[] = {
    FIELD("symbol", TEXT, fees_row, symbol),
    FIELD("makerCommissionRate", DECIMAL, fees_row, maker),
    FIELD("takerCommissionRate", DECIMAL, fees_row, taker),
};

static void decode_fees(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct fees_row row = {.maker = KEEL_DECIMAL_ABSENT, .taker = KEEL_DECIMAL_ABSENT};
    keel_binance_read_object(decoder, json, fees_fields, COUNT(fees_fields), &row);
    if (!keel_decimal_is_valid(row.maker) || !keel_decimal_is_valid(row.taker))
        keel_json_fail(json, "a commission rate is missing");
    keel_market_id market = keel_binance_find_market(decoder, row.symbol, 0);
    if (market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_FEES, 0)->fees =
            (struct keel_fees){.market = market, .maker = row.maker, .taker = row.taker};
}

struct mark_row {
    keel_str symbol;
    keel_decimal mark, index, rate;
    int64_t funding_time_ms, time_ms;
};

static const struct keel_binance_field mark_fields[] = {
    FIELD("symbol", TEXT, mark_row, symbol),
    FIELD("markPrice", DECIMAL, mark_row, mark),
    FIELD("indexPrice", DECIMAL, mark_row, index),
    FIELD("lastFundingRate", DECIMAL, mark_row, rate),
    FIELD("nextFundingTime", INT, mark_row, funding_time_ms),
    FIELD("time", INT, mark_row, time_ms),
};

static void decode_mark(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct mark_row row = {
        .mark = KEEL_DECIMAL_ABSENT,
        .index = KEEL_DECIMAL_ABSENT,
        .rate = KEEL_DECIMAL_ABSENT,
    };
    keel_binance_read_object(decoder, json, mark_fields, COUNT(mark_fields), &row);
    if (row.symbol.size == 0 || !keel_decimal_is_valid(row.mark))
        keel_json_fail(json, "a mark price has no symbol or no price");
    if (!keel_decimal_is_positive(row.mark))
        return; /* a market that does not trade yet has no mark price */

    keel_market_id market = keel_binance_find_market(decoder, row.symbol, row.time_ms);
    if (market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_MARK, row.time_ms)->mark = (struct keel_mark){
            .market = market,
            .mark_price = row.mark,
            .index_price = keel_binance_present(row.index),
            .funding_rate = row.rate,
            .funding_time_ms = row.funding_time_ms,
            .time_ms = row.time_ms,
        };
}

struct income_row {
    keel_str symbol, type, asset, id, trade_id;
    keel_decimal amount;
    int64_t time_ms;
};

static const struct keel_binance_field income_fields[] = {
    FIELD("symbol", TEXT, income_row, symbol),    FIELD("incomeType", TEXT, income_row, type),
    FIELD("asset", TEXT, income_row, asset),      FIELD("tranId", TEXT, income_row, id),
    FIELD("tradeId", TEXT, income_row, trade_id), FIELD("income", DECIMAL, income_row, amount),
    FIELD("time", INT, income_row, time_ms),
};

/* An income of a market that is not in the table still moved the wallet: it counts, and the name
 * is shown. */
static void decode_income(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct income_row row = {.amount = KEEL_DECIMAL_ABSENT};
    keel_binance_read_object(decoder, json, income_fields, COUNT(income_fields), &row);
    if (row.type.size == 0 || row.asset.size == 0 || !keel_decimal_is_valid(row.amount))
        keel_json_fail(json, "an income has no type, asset or amount");

    struct keel_income *income =
        &keel_binance_add_event(decoder, KEEL_EVENT_INCOME, row.time_ms)->income;
    *income = (struct keel_income){
        .kind = keel_binance_parse_income(row.type),
        .amount = row.amount,
        .time_ms = row.time_ms,
    };
    if (row.symbol.size > 0)
        income->market = keel_binance_find_market(decoder, row.symbol, row.time_ms);
    keel_binance_copy_text(decoder, row.type, income->name, sizeof(income->name));
    keel_binance_copy_text(decoder, row.asset, income->asset, sizeof(income->asset));
    keel_binance_copy_text(decoder, row.id, income->id, sizeof(income->id));
    keel_binance_copy_text(decoder, row.trade_id, income->trade_id, sizeof(income->trade_id));
}

struct change_row {
    keel_decimal after;
};

static const struct keel_binance_field change_fields[] = {
    FIELD("after", DECIMAL, change_row, after),
};

/* What an amendment made of the price and of the quantity. */
static void decode_changes(struct keel_binance_decoder *decoder, struct keel_json *json,
                           struct keel_amendment *amendment)
{
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        bool price = IS(key, "price");
        if (!price && !IS(key, "origQty")) {
            keel_json_skip(json);
            continue;
        }
        struct change_row row = {.after = KEEL_DECIMAL_ABSENT};
        keel_binance_read_object(decoder, json, change_fields, COUNT(change_fields), &row);
        *(price ? &amendment->price : &amendment->quantity) = row.after;
    }
}

static void decode_amendment(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_str key, symbol = {0}, order_id = {0}, client_id = {0};
    struct keel_amendment row = {.price = KEEL_DECIMAL_ABSENT, .quantity = KEEL_DECIMAL_ABSENT};
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "symbol"))
            keel_binance_read_text(decoder, json, &symbol);
        else if (IS(key, "orderId"))
            keel_binance_read_text(decoder, json, &order_id);
        else if (IS(key, "clientOrderId"))
            keel_binance_read_text(decoder, json, &client_id);
        else if (IS(key, "time"))
            keel_binance_read_int(json, &row.time_ms);
        else if (IS(key, "amendment"))
            decode_changes(decoder, json, &row);
        else
            keel_json_skip(json);
    }
    if (!keel_decimal_is_valid(row.price) || !keel_decimal_is_valid(row.quantity) ||
        row.time_ms <= 0)
        keel_json_fail(json, "an amendment has no price, quantity or time");
    row.market = keel_binance_find_market(decoder, symbol, row.time_ms);
    keel_binance_copy_text(decoder, order_id, row.order_id, sizeof(row.order_id));
    keel_binance_copy_text(decoder, client_id, row.client_id, sizeof(row.client_id));
    if (row.market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_AMENDMENT, row.time_ms)->amendment = row;
}

struct margin_row {
    keel_str symbol, delta, side;
    keel_decimal amount;
    int64_t type, time_ms;
};

static const struct keel_binance_field margin_fields[] = {
    FIELD("symbol", TEXT, margin_row, symbol),     FIELD("type", INT, margin_row, type),
    FIELD("deltaType", TEXT, margin_row, delta),   FIELD("amount", DECIMAL, margin_row, amount),
    FIELD("positionSide", TEXT, margin_row, side), FIELD("time", INT, margin_row, time_ms),
};

/* The type has the sign: 1 adds, 2 takes. */
static void decode_margin_change(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct margin_row row = {.amount = KEEL_DECIMAL_ABSENT};
    keel_binance_read_object(decoder, json, margin_fields, COUNT(margin_fields), &row);
    if (!keel_decimal_is_valid(row.amount) || row.time_ms <= 0 || row.type < 1 || row.type > 2)
        keel_json_fail(json, "a change of margin has no amount, time or type");
    keel_market_id market = keel_binance_find_market(decoder, row.symbol, row.time_ms);
    if (market == KEEL_NO_MARKET)
        return;
    keel_decimal amount = keel_decimal_abs(row.amount);
    keel_binance_add_event(decoder, KEEL_EVENT_MARGIN_CHANGE, row.time_ms)->margin_change =
        (struct keel_margin_change){
            .market = market,
            .side = keel_binance_parse_position_side(row.side),
            .by_user = keel_str_equals(row.delta, KEEL_STR("USER_ADJUST")),
            .amount = row.type == 2 ? keel_decimal_neg(amount) : amount,
            .time_ms = row.time_ms,
        };
}

static void decode_time(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    int64_t time_ms = 0;
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "serverTime"))
            keel_binance_read_int(json, &time_ms);
        else
            keel_json_skip(json);
    }
    if (time_ms <= 0)
        keel_json_fail(json, "the server's time is missing");
    keel_binance_add_event(decoder, KEEL_EVENT_SERVER_TIME, time_ms)->server_time_ms = time_ms;
}

/* A renewal answers with the key, or with nothing (8). */
static void decode_stream_key(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_str key, stream_key = {0};
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "listenKey"))
            keel_binance_read_text(decoder, json, &stream_key);
        else
            keel_json_skip(json);
    }
    if (stream_key.size > 0)
        keel_binance_add_event(decoder, KEEL_EVENT_STREAM_KEY, 0)->stream_key = stream_key;
}

static void decode_snapshot(struct keel_binance_decoder *decoder, struct keel_json *json,
                            enum keel_snapshot_kind kind, keel_market_id market, keel_str part,
                            row_decoder decode_row)
{
    struct keel_snapshot snapshot = {kind, market};
    keel_binance_add_event(decoder, KEEL_EVENT_SNAPSHOT_BEGIN, 0)->snapshot = snapshot;
    if (part.size > 0)
        decode_part(decoder, json, part, decode_row);
    else
        decode_rows(decoder, json, decode_row);
    keel_binance_add_event(decoder, KEEL_EVENT_SNAPSHOT_END, 0)->snapshot = snapshot;
}

/* The answer names neither the market nor the value: the venue has confirmed the command's own. */
static void confirm_setting(struct keel_binance_decoder *decoder,
                            const struct keel_command *command)
{
    enum keel_switch value = KEEL_SWITCH_NONE;
    if (command->kind == KEEL_SET_HEDGE_MODE || command->kind == KEEL_SET_MULTI_ASSET)
        value = command->enable ? KEEL_ON : KEEL_OFF;
    if (command->kind == KEEL_SET_MARGIN_MODE)
        keel_binance_add_event(decoder, KEEL_EVENT_LEVERAGE, 0)->leverage = (struct keel_leverage){
            .market = command->margin_mode.market,
            .margin_mode = command->margin_mode.mode,
            .notional_max = KEEL_DECIMAL_ABSENT,
        };
    if (command->kind == KEEL_SET_HEDGE_MODE)
        keel_binance_add_event(decoder, KEEL_EVENT_MODES, 0)->modes =
            (struct keel_modes){.hedge = value};
    if (command->kind == KEEL_SET_MULTI_ASSET)
        keel_binance_add_event(decoder, KEEL_EVENT_MODES, 0)->modes =
            (struct keel_modes){.multi_asset = value};
}

static void decode_body(struct keel_binance_decoder *decoder, struct keel_json *json,
                        const struct keel_command *command)
{
    keel_str plain = KEEL_STR("");
    switch (command->kind) {
    case KEEL_PLACE_ORDER: decode_placed_order(decoder, json); break;
    case KEEL_AMEND_ORDER:
    case KEEL_CANCEL_ORDER:
    case KEEL_QUERY_ORDER: decode_order(decoder, json); break;
    case KEEL_LOAD_ORDERS: decode_rows(decoder, json, decode_order); break;
    case KEEL_LOAD_OPEN_ORDERS:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_ORDERS, command->market, plain, decode_order);
        break;
    case KEEL_LOAD_CONDITIONAL_ORDERS:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_CONDITIONAL_ORDERS, command->market, plain,
                        decode_order);
        break;
    case KEEL_LOAD_BALANCES:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_BALANCES, KEEL_NO_MARKET, KEEL_STR("assets"),
                        decode_balance);
        break;
    case KEEL_LOAD_POSITIONS:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_POSITIONS, command->market,
                        KEEL_STR("positions"), decode_position);
        break;
    case KEEL_SET_LEVERAGE:
    case KEEL_LOAD_LEVERAGE: decode_rows(decoder, json, decode_leverage); break;
    case KEEL_SET_MARGIN_MODE:
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET:
    case KEEL_ADJUST_MARGIN:
    case KEEL_CANCEL_ALL:
    case KEEL_CLOSE_STREAM_KEY:
    case KEEL_SET_COUNTDOWN:
        keel_json_skip(json);
        confirm_setting(decoder, command);
        break;
    case KEEL_LOAD_TIME: decode_time(decoder, json); break;
    case KEEL_LOAD_MARKETS: keel_binance_decode_exchange_info(decoder, json); break;
    case KEEL_LOAD_MODES: decode_modes(decoder, json); break;
    case KEEL_LOAD_BRACKETS: decode_rows(decoder, json, keel_binance_decode_brackets); break;
    case KEEL_LOAD_FEES: decode_fees(decoder, json); break;
    case KEEL_LOAD_MARKS: decode_rows(decoder, json, decode_mark); break;
    case KEEL_LOAD_EXECUTIONS: decode_rows(decoder, json, decode_trade); break;
    case KEEL_LOAD_INCOME: decode_rows(decoder, json, decode_income); break;
    case KEEL_LOAD_AMENDMENTS: decode_rows(decoder, json, decode_amendment); break;
    case KEEL_LOAD_MARGIN_CHANGES: decode_rows(decoder, json, decode_margin_change); break;
    case KEEL_OPEN_STREAM_KEY:
    case KEEL_RENEW_STREAM_KEY: decode_stream_key(decoder, json); break;
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
    case KEEL_COMMAND_NONE:
    case KEEL_COMMAND_KINDS: keel_json_skip(json); break;
    }
}

/* What an accepted reply must have told: a write whose answer says nothing has no verdict. */
static bool is_complete(const struct keel_binance_decoder *decoder,
                        const struct keel_command *command,
                        const struct keel_binance_message *message)
{
    bool has_events = decoder->events->count > decoder->first;
    switch (command->kind) {
    case KEEL_PLACE_ORDER:
    case KEEL_AMEND_ORDER:
    case KEEL_QUERY_ORDER:
    case KEEL_SET_LEVERAGE:
    case KEEL_OPEN_STREAM_KEY: return has_events;
    case KEEL_CANCEL_ORDER: return has_events || keel_binance_message_is_success(message);
    case KEEL_SET_MARGIN_MODE:
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET:
    case KEEL_ADJUST_MARGIN:
    case KEEL_CANCEL_ALL: return keel_binance_message_is_success(message);
    case KEEL_LOAD_TIME:
    case KEEL_LOAD_MARKETS:
    case KEEL_LOAD_MODES:
    case KEEL_LOAD_BALANCES:
    case KEEL_LOAD_POSITIONS:
    case KEEL_LOAD_LEVERAGE:
    case KEEL_LOAD_BRACKETS:
    case KEEL_LOAD_FEES:
    case KEEL_LOAD_MARKS:
    case KEEL_LOAD_OPEN_ORDERS:
    case KEEL_LOAD_CONDITIONAL_ORDERS:
    case KEEL_LOAD_ORDERS:
    case KEEL_LOAD_EXECUTIONS:
    case KEEL_LOAD_INCOME:
    case KEEL_LOAD_AMENDMENTS:
    case KEEL_LOAD_MARGIN_CHANGES:
    case KEEL_RENEW_STREAM_KEY:
    case KEEL_CLOSE_STREAM_KEY:
    case KEEL_SET_COUNTDOWN:
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
    case KEEL_COMMAND_NONE:
    case KEEL_COMMAND_KINDS: return true;
    }
    return true;
}

/* Lists never carry a code, and may be long; everything else may turn out to be a refusal. */
static bool may_be_message(const struct keel_command *command, keel_str body)
{
    keel_str code = KEEL_STR("{\"code\"");
    return keel_command_is_write(command->kind) || keel_str_starts_with(body, code);
}

static enum keel_status decode_accepted(const struct keel_command *command, keel_str body,
                                        const struct keel_binance_message *message,
                                        struct keel_binance_decoder *decoder,
                                        struct keel_error *error)
{
    struct keel_json json;
    keel_json_init(&json, body);
    decode_body(decoder, &json, command);
    if (!json.mistake && !is_complete(decoder, command, message))
        keel_json_fail(&json, "the answer does not say what became of the command");
    return keel_binance_decoder_finish(decoder, &json, error);
}

enum keel_status keel_binance_decode_reply(const struct keel_command *command,
                                           const struct keel_reply *reply,
                                           const struct keel_markets *markets,
                                           struct keel_arena *arena, struct keel_events *events,
                                           struct keel_outcome *outcome)
{
    struct keel_binance_decoder decoder;
    struct keel_binance_message message = {0};
    bool succeeded = reply->http_status >= 200 && reply->http_status < 300;

    memset(outcome, 0, sizeof(*outcome));
    keel_binance_read_usage(reply, outcome);
    keel_binance_decoder_init(&decoder, markets, arena, events, reply->body);
    if (!succeeded || may_be_message(command, reply->body))
        message = keel_binance_read_message(reply->body, arena);
    if (!succeeded || (message.found && message.code < 0)) {
        keel_binance_judge(command, reply, &message, outcome);
        if (outcome->already_so)
            confirm_setting(&decoder, command);
        return decoder.full ? KEEL_FULL : KEEL_OK;
    }

    enum keel_status status =
        decode_accepted(command, reply->body, &message, &decoder, &outcome->error);
    outcome->fate = KEEL_ACCEPTED;
    if (status != KEEL_OK)
        outcome->fate = keel_command_is_write(command->kind) ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED;
    return status;
}

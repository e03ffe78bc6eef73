#include "venue/binance/stream.h"

#include "base/writer.h"
#include "venue/binance/decoder.h"

#define IS KEEL_BINANCE_IS

/* Members have one to three letters, which become one number, so that a switch finds them. */
#define TWO(a, b)      ((a) << 8 | (b))
#define THREE(a, b, c) ((a) << 16 | (b) << 8 | (c))

enum {
    PRODUCT_COIN_MARGINED = 2, /* "st": another product, on the same stream since 2026 */
    STREAMS_MAX = 200,         /* a connection; documents disagree, this is the lowest bound */
};

static inline __attribute__((always_inline)) int get_letters(keel_str key)
{
    const unsigned char *at = (const unsigned char *)key.data;
    switch (key.size) {
    case 1: return at[0];
    case 2: return TWO(at[0], at[1]);
    case 3: return THREE(at[0], at[1], at[2]);
    }
    return 0;
}

/* What follows are the event's members after its type; each decoder leaves the event's object. */

struct order_update {
    struct keel_binance_order order;
    keel_str execution, trade_id, fee_asset;
    keel_decimal last_quantity, last_price, fee, realized_pnl;
    enum keel_switch maker;
    int64_t product, time_ms;
};

static void read_order_update(struct keel_binance_decoder *decoder, struct keel_json *json,
                              struct order_update *update)
{
    struct keel_binance_order *order = &update->order;
    keel_str key;
    keel_decimal activation = KEEL_DECIMAL_ABSENT;

    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 's': keel_binance_read_text(decoder, json, &order->symbol); break;
        case 'c': keel_binance_read_text(decoder, json, &order->client_id); break;
        case 'S': keel_binance_read_text(decoder, json, &order->side); break;
        case 'o': keel_binance_read_text(decoder, json, &order->type); break;
        case 'f': keel_binance_read_text(decoder, json, &order->time_in_force); break;
        case 'q': keel_binance_read_decimal(json, &order->quantity); break;
        case 'p': keel_binance_read_decimal(json, &order->price); break;
        case TWO('a', 'p'): keel_binance_read_decimal(json, &order->average_price); break;
        case TWO('s', 'p'): keel_binance_read_decimal(json, &order->trigger_price); break;
        case TWO('A', 'P'): keel_binance_read_decimal(json, &activation); break;
        case TWO('e', 'r'): keel_binance_read_text(decoder, json, &order->reason); break;
        case 'x': keel_binance_read_text(decoder, json, &update->execution); break;
        case 'X': keel_binance_read_text(decoder, json, &order->status); break;
        case 'i': keel_binance_read_text(decoder, json, &order->order_id); break;
        case 'l': keel_binance_read_decimal(json, &update->last_quantity); break;
        case 'z': keel_binance_read_decimal(json, &order->filled); break;
        case 'L': keel_binance_read_decimal(json, &update->last_price); break;
        case 'N': keel_binance_read_text(decoder, json, &update->fee_asset); break;
        case 'n': keel_binance_read_decimal(json, &update->fee); break;
        case 'T': keel_binance_read_int(json, &order->update_time_ms); break;
        case 't': keel_binance_read_text(decoder, json, &update->trade_id); break;
        case 'm': keel_binance_read_switch(json, &update->maker); break;
        case 'R': keel_binance_read_switch(json, &order->reduce_only); break;
        case TWO('w', 't'): keel_binance_read_text(decoder, json, &order->working_type); break;
        case TWO('p', 's'): keel_binance_read_text(decoder, json, &order->position_side); break;
        case TWO('c', 'p'): keel_binance_read_switch(json, &order->close_position); break;
        case TWO('r', 'p'): keel_binance_read_decimal(json, &update->realized_pnl); break;
        case TWO('s', 't'): keel_binance_read_int(json, &update->product); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }

    order->execution = keel_binance_parse_execution_type(update->execution);
    if (IS(order->type, "TRAILING_STOP_MARKET")) {
        order->trigger_price = KEEL_DECIMAL_ABSENT; /* "sp" means nothing for it (9.4) */
        order->activation_price = activation;
    }
}

/* Liquidation fills may come without a trade id; the order and what it has filled by then are as
 * unique. The history gives such a fill an id of its own. */
static void write_trade_id(const struct order_update *update,
                           char trade_id[static KEEL_ORDER_ID_SIZE])
{
    struct keel_writer writer;
    keel_writer_init(&writer, trade_id, KEEL_ORDER_ID_SIZE);
    keel_write_char(&writer, 'o');
    keel_write(&writer, update->order.order_id);
    keel_write_char(&writer, '-');
    keel_write_decimal(&writer, update->order.filled);
}

static bool is_fill(const struct order_update *update)
{
    return keel_decimal_is_positive(update->last_quantity) &&
           (update->order.execution == KEEL_BINANCE_TRADE ||
            update->order.execution == KEEL_BINANCE_CALCULATED);
}

/* A trade that nobody can count is not passed over. A liquidation's first frame has none (9.4). */
static bool check_fill(struct keel_json *json, const struct order_update *update)
{
    bool trade = update->order.execution == KEEL_BINANCE_TRADE;
    if (keel_decimal_is_negative(update->last_quantity) ||
        (trade && !keel_decimal_is_valid(update->last_quantity)) ||
        (is_fill(update) && !keel_decimal_is_positive(update->last_price)))
        keel_json_fail(json, "an execution has no price or quantity");
    if (update->trade_id.size >= KEEL_ORDER_ID_SIZE)
        keel_json_fail(json, "the id of an execution does not fit");
    return json->mistake == NULL;
}

static void add_execution(struct keel_binance_decoder *decoder, const struct order_update *update,
                          const struct keel_order *order)
{
    struct keel_event *event =
        keel_binance_add_event(decoder, KEEL_EVENT_EXECUTION, update->time_ms);
    struct keel_execution *execution = &event->execution;
    execution->market = order->market;
    execution->side = order->side;
    execution->position_side = order->position_side;
    execution->closes = KEEL_SWITCH_NONE;
    execution->cause = order->cause;
    execution->source = KEEL_SOURCE_NONE;
    execution->maker = update->maker == KEEL_ON;
    execution->price = update->last_price;
    execution->quantity = update->last_quantity;
    execution->quote_quantity = KEEL_DECIMAL_ABSENT;
    execution->fee = update->fee;
    execution->realized_pnl = update->realized_pnl;
    execution->time_ms = update->order.update_time_ms;
    execution->age_ms = 0;
    memcpy(execution->order_id, order->order_id, sizeof(execution->order_id));
    memcpy(execution->client_id, order->client_id, sizeof(execution->client_id));
    keel_binance_copy_text(decoder, update->fee_asset, execution->fee_asset,
                           sizeof(execution->fee_asset));
    if (update->trade_id.size == 0 || IS(update->trade_id, "0"))
        write_trade_id(update, execution->trade_id);
    else
        keel_binance_copy_text(decoder, update->trade_id, execution->trade_id,
                               sizeof(execution->trade_id));
}

static void init_order_update(struct order_update *update)
{
    keel_binance_order_init(&update->order);
    update->execution = update->trade_id = update->fee_asset = (keel_str){0};
    update->last_quantity = update->last_price = KEEL_DECIMAL_ABSENT;
    update->fee = update->realized_pnl = KEEL_DECIMAL_ABSENT;
    update->maker = KEEL_SWITCH_NONE;
    update->product = update->time_ms = 0;
}

static void decode_order_update(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct order_update update;
    keel_str key;
    init_order_update(&update);
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'T': keel_binance_read_int(json, &update.time_ms); break;
        case 'o': read_order_update(decoder, json, &update); break;
        case TWO('s', 't'): keel_binance_read_int(json, &update.product); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    if (!keel_binance_check_order(json, &update.order) || !check_fill(json, &update))
        return;
    if (update.product == PRODUCT_COIN_MARGINED) {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_FOREIGN, update.order.symbol,
                                 update.time_ms);
        return;
    }
    if (update.order.update_time_ms == 0)
        update.order.update_time_ms = update.time_ms;
    if (update.order.execution == KEEL_BINANCE_NEW)
        update.order.create_time_ms = update.order.update_time_ms;

    const struct keel_order *order = keel_binance_add_order(decoder, &update.order, update.time_ms);
    if (order && is_fill(&update))
        add_execution(decoder, &update, order);
    if (update.order.execution == KEEL_BINANCE_EXECUTION_NONE && update.execution.size > 0)
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_WORD, update.execution, update.time_ms);
}

/* A balance, and what of its change no execution explains, as an income whose kind the end of the
 * event tells. */
static void decode_balance(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_str key, asset = {0};
    keel_decimal wallet = KEEL_DECIMAL_ABSENT, cross = KEEL_DECIMAL_ABSENT;
    keel_decimal change = KEEL_DECIMAL_ABSENT;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'a': keel_binance_read_text(decoder, json, &asset); break;
        case TWO('w', 'b'): keel_binance_read_decimal(json, &wallet); break;
        case TWO('c', 'w'): keel_binance_read_decimal(json, &cross); break;
        case TWO('b', 'c'): keel_binance_read_decimal(json, &change); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    if (asset.size == 0 || !keel_decimal_is_valid(wallet))
        keel_json_fail(json, "a balance has no asset or amount");

    struct keel_event *event = keel_binance_add_event(decoder, KEEL_EVENT_BALANCE, 0);
    struct keel_balance *balance = &event->balance;
    event->told_pnl = KEEL_DECIMAL_ABSENT;
    *balance = (struct keel_balance){
        .wallet = wallet,
        .cross_wallet = cross,
        .available = KEEL_DECIMAL_ABSENT,
        .locked = KEEL_DECIMAL_ABSENT,
    };
    keel_binance_copy_text(decoder, asset, balance->asset, sizeof(balance->asset));
    if (!keel_decimal_is_valid(change) || keel_decimal_is_zero(change))
        return;

    struct keel_income *income = &keel_binance_add_event(decoder, KEEL_EVENT_INCOME, 0)->income;
    *income = (struct keel_income){.amount = change};
    keel_binance_copy_text(decoder, asset, income->asset, sizeof(income->asset));
}

static void decode_position(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_binance_position row;
    keel_str key;
    keel_binance_position_init(&row);
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 's': keel_binance_read_text(decoder, json, &row.symbol); break;
        case TWO('p', 'a'): keel_binance_read_decimal(json, &row.quantity); break;
        case TWO('e', 'p'): keel_binance_read_decimal(json, &row.entry_price); break;
        case THREE('b', 'e', 'p'): keel_binance_read_decimal(json, &row.break_even_price); break;
        case TWO('c', 'r'): keel_binance_read_decimal(json, &row.realized_pnl); break;
        case TWO('m', 't'): keel_binance_read_text(decoder, json, &row.margin_mode); break;
        case TWO('i', 'w'): keel_binance_read_decimal(json, &row.isolated_wallet); break;
        case TWO('u', 'p'): keel_binance_read_decimal(json, &row.unrealized_pnl); break;
        case TWO('p', 's'): keel_binance_read_text(decoder, json, &row.side); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    if (row.symbol.size == 0 || !keel_decimal_is_valid(row.quantity))
        keel_json_fail(json, "a position has no symbol or amount");

    keel_market_id market = keel_binance_find_market(decoder, row.symbol, 0);
    if (market != KEEL_NO_MARKET)
        keel_binance_add_position(decoder, &row, market, 0);
}

struct account_update {
    keel_str reason, symbol;
    int64_t product, time_ms;
    bool has_changes;
};

static void decode_changes(struct keel_binance_decoder *decoder, struct keel_json *json,
                           struct account_update *update)
{
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'm': keel_binance_read_text(decoder, json, &update->reason); break;
        case 'S': keel_binance_read_text(decoder, json, &update->symbol); break;
        case 'B':
            keel_json_enter_array(json);
            while (keel_json_next_element(json))
                decode_balance(decoder, json);
            break;
        case 'P':
            keel_json_enter_array(json);
            while (keel_json_next_element(json))
                decode_position(decoder, json);
            break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
}

/* Funding names its market in newer frames; before, an isolated position's row does. */
static keel_market_id find_income_market(const struct keel_binance_decoder *decoder,
                                         const struct account_update *update)
{
    if (update->symbol.size > 0)
        return keel_markets_find_venue_symbol(decoder->markets, update->symbol);

    keel_market_id found = KEEL_NO_MARKET;
    for (int32_t i = decoder->first; i < decoder->events->count; i++) {
        const struct keel_event *event = &decoder->events->at[i];
        if (event->kind != KEEL_EVENT_POSITION)
            continue;
        if (found != KEEL_NO_MARKET && found != event->position.market)
            return KEEL_NO_MARKET;
        found = event->position.market;
    }
    return found;
}

static void finish_income(struct keel_binance_decoder *decoder, const struct account_update *update,
                          struct keel_income *income)
{
    income->kind = keel_binance_parse_reason(update->reason);
    income->time_ms = update->time_ms;
    keel_binance_copy_text(decoder, update->reason, income->name, sizeof(income->name));
    if (income->kind == KEEL_INCOME_FUNDING || income->kind == KEEL_INCOME_INSURANCE_CLEAR)
        income->market = find_income_market(decoder, update);
}

/* A change of mode is told as a position of the new mode, even a flat one: the setting changes. */
static void add_margin_mode(struct keel_binance_decoder *decoder,
                            const struct keel_position *position, int64_t time_ms)
{
    struct keel_event *event = keel_binance_add_event(decoder, KEEL_EVENT_LEVERAGE, time_ms);
    event->leverage = (struct keel_leverage){
        .market = position->market,
        .margin_mode = position->margin_mode,
        .notional_max = KEEL_DECIMAL_ABSENT,
    };
}

/* The reason and the times may stand behind the rows that they speak of. */
static void decode_account_update(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct account_update update = {0};
    keel_str key;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'T': keel_binance_read_int(json, &update.time_ms); break;
        case 'a':
            decode_changes(decoder, json, &update);
            update.has_changes = true;
            break;
        case TWO('s', 't'): keel_binance_read_int(json, &update.product); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    if (!update.has_changes)
        keel_json_fail(json, "an account update has no changes in it");
    if (update.product == PRODUCT_COIN_MARGINED) {
        decoder->events->count = decoder->first;
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_FOREIGN, KEEL_STR("ACCOUNT_UPDATE"),
                                 update.time_ms);
        return;
    }

    bool mode_changed = IS(update.reason, "MARGIN_TYPE_CHANGE");
    int32_t end = decoder->events->count;
    for (int32_t i = decoder->first; i < end; i++) {
        struct keel_event *event = &decoder->events->at[i];
        event->time_ms = update.time_ms;
        if (event->kind == KEEL_EVENT_BALANCE)
            event->balance.update_time_ms = update.time_ms;
        if (event->kind == KEEL_EVENT_INCOME)
            finish_income(decoder, &update, &event->income);
        if (event->kind != KEEL_EVENT_POSITION)
            continue;
        event->position.update_time_ms = update.time_ms;
        if (mode_changed)
            add_margin_mode(decoder, &event->position, update.time_ms);
    }
}

/* Both leverage and multi-asset mode come in ACCOUNT_CONFIG_UPDATE, never together. */
struct config_update {
    keel_str symbol;
    int64_t leverage, product, time_ms;
    enum keel_switch multi_asset;
};

static void read_config(struct keel_binance_decoder *decoder, struct keel_json *json,
                        struct config_update *update)
{
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 's': keel_binance_read_text(decoder, json, &update->symbol); break;
        case 'l': keel_binance_read_int(json, &update->leverage); break;
        case 'j': keel_binance_read_switch(json, &update->multi_asset); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
}

static void decode_config_update(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct config_update update = {0};
    keel_str key;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'T': keel_binance_read_int(json, &update.time_ms); break;
        case TWO('a', 'c'):
        case TWO('a', 'i'): read_config(decoder, json, &update); break;
        case TWO('s', 't'): keel_binance_read_int(json, &update.product); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    if (update.product == PRODUCT_COIN_MARGINED) {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_FOREIGN, update.symbol, update.time_ms);
        return;
    }

    if (update.multi_asset == KEEL_SWITCH_NONE && update.symbol.size == 0)
        keel_json_fail(json, "a change of configuration names nothing");
    if (update.leverage < 0 || update.leverage > KEEL_BINANCE_LEVERAGE_MAX)
        keel_json_fail(json, "a leverage is out of all bounds");
    if (update.multi_asset != KEEL_SWITCH_NONE)
        keel_binance_add_event(decoder, KEEL_EVENT_MODES, update.time_ms)->modes =
            (struct keel_modes){.multi_asset = update.multi_asset};
    if (update.symbol.size == 0)
        return;
    keel_market_id market = keel_binance_find_market(decoder, update.symbol, update.time_ms);
    if (market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_LEVERAGE, update.time_ms)->leverage =
            (struct keel_leverage){
                .market = market,
                .leverage = (int32_t)update.leverage,
                .notional_max = KEEL_DECIMAL_ABSENT,
            };
}

static void decode_called_position(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_margin_call call = {
        .quantity = KEEL_DECIMAL_ABSENT,
        .mark_price = KEEL_DECIMAL_ABSENT,
        .unrealized_pnl = KEEL_DECIMAL_ABSENT,
        .maintenance_margin = KEEL_DECIMAL_ABSENT,
    };
    keel_str key, symbol = {0}, side = {0};
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 's': keel_binance_read_text(decoder, json, &symbol); break;
        case TWO('p', 's'): keel_binance_read_text(decoder, json, &side); break;
        case TWO('p', 'a'): keel_binance_read_decimal(json, &call.quantity); break;
        case TWO('m', 'p'): keel_binance_read_decimal(json, &call.mark_price); break;
        case TWO('u', 'p'): keel_binance_read_decimal(json, &call.unrealized_pnl); break;
        case TWO('m', 'm'): keel_binance_read_decimal(json, &call.maintenance_margin); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    call.side = keel_binance_parse_position_side(side);
    call.market = keel_binance_find_market(decoder, symbol, 0);
    if (call.market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_MARGIN_CALL, 0)->margin_call = call;
}

static void decode_margin_call(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    int64_t time_ms = 0;
    keel_str key;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'E': keel_binance_read_int(json, &time_ms); break;
        case 'p':
            keel_json_enter_array(json);
            while (keel_json_next_element(json))
                decode_called_position(decoder, json);
            break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    for (int32_t i = decoder->first; i < decoder->events->count; i++)
        decoder->events->at[i].time_ms = time_ms;
}

static void read_algo_order(struct keel_binance_decoder *decoder, struct keel_json *json,
                            struct keel_binance_order *order)
{
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case THREE('a', 'i', 'd'): keel_binance_read_text(decoder, json, &order->algo_id); break;
        case 'o': keel_binance_read_text(decoder, json, &order->type); break;
        case 's': keel_binance_read_text(decoder, json, &order->symbol); break;
        case 'S': keel_binance_read_text(decoder, json, &order->side); break;
        case TWO('p', 's'): keel_binance_read_text(decoder, json, &order->position_side); break;
        case 'f': keel_binance_read_text(decoder, json, &order->time_in_force); break;
        case 'q': keel_binance_read_decimal(json, &order->quantity); break;
        case 'X': keel_binance_read_text(decoder, json, &order->status); break;
        case TWO('a', 'i'): keel_binance_read_text(decoder, json, &order->child_id); break;
        case TWO('a', 'p'): keel_binance_read_decimal(json, &order->average_price); break;
        case TWO('a', 'q'): keel_binance_read_decimal(json, &order->filled); break;
        case TWO('t', 'p'): keel_binance_read_decimal(json, &order->trigger_price); break;
        case TWO('A', 'P'): keel_binance_read_decimal(json, &order->activation_price); break;
        case TWO('r', 'm'): keel_binance_read_text(decoder, json, &order->reason); break;
        case 'p': keel_binance_read_decimal(json, &order->price); break;
        case TWO('w', 't'): keel_binance_read_text(decoder, json, &order->working_type); break;
        case TWO('c', 'p'): keel_binance_read_switch(json, &order->close_position); break;
        case 'R': keel_binance_read_switch(json, &order->reduce_only); break;
        default:
            if (IS(key, "caid"))
                keel_binance_read_text(decoder, json, &order->client_id);
            else
                keel_json_skip(json);
            break;
        }
    }
}

static void decode_algo_update(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_binance_order order;
    int64_t product = 0;
    keel_str key;
    keel_binance_order_init(&order);
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'T': keel_binance_read_int(json, &order.update_time_ms); break;
        case 'o': read_algo_order(decoder, json, &order); break;
        case TWO('s', 't'): keel_binance_read_int(json, &product); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    if (!keel_binance_check_order(json, &order))
        return;
    if (product == PRODUCT_COIN_MARGINED) {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_FOREIGN, order.symbol, order.update_time_ms);
        return;
    }
    keel_binance_add_order(decoder, &order, order.update_time_ms);
}

static void decode_mark(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_mark mark = {
        .mark_price = KEEL_DECIMAL_ABSENT,
        .index_price = KEEL_DECIMAL_ABSENT,
        .funding_rate = KEEL_DECIMAL_ABSENT,
    };
    keel_str key, symbol = {0};
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'E': keel_binance_read_int(json, &mark.time_ms); break;
        case 's': keel_binance_read_text(decoder, json, &symbol); break;
        case 'p': keel_binance_read_decimal(json, &mark.mark_price); break;
        case 'i': keel_binance_read_decimal(json, &mark.index_price); break;
        case 'r': keel_binance_read_decimal(json, &mark.funding_rate); break;
        case 'T': keel_binance_read_int(json, &mark.funding_time_ms); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    if (symbol.size == 0 || !keel_decimal_is_positive(mark.mark_price))
        keel_json_fail(json, "a mark price has no symbol, or is not positive");
    mark.market = keel_binance_find_market(decoder, symbol, mark.time_ms);
    if (mark.market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_MARK, mark.time_ms)->mark = mark;
}

static void decode_book_top(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_book_top top = {
        .bid_price = KEEL_DECIMAL_ABSENT,
        .bid_quantity = KEEL_DECIMAL_ABSENT,
        .ask_price = KEEL_DECIMAL_ABSENT,
        .ask_quantity = KEEL_DECIMAL_ABSENT,
    };
    keel_str key, symbol = {0};
    while (keel_json_next_key(json, &key)) {
        switch (get_letters(key)) {
        case 'T': keel_binance_read_int(json, &top.time_ms); break;
        case 's': keel_binance_read_text(decoder, json, &symbol); break;
        case 'b': keel_binance_read_decimal(json, &top.bid_price); break;
        case 'B': keel_binance_read_decimal(json, &top.bid_quantity); break;
        case 'a': keel_binance_read_decimal(json, &top.ask_price); break;
        case 'A': keel_binance_read_decimal(json, &top.ask_quantity); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
    if (symbol.size == 0)
        keel_json_fail(json, "a book top has no symbol");
    top.bid_price = keel_binance_present(top.bid_price); /* zero: that side is empty */
    top.ask_price = keel_binance_present(top.ask_price);
    top.market = keel_binance_find_market(decoder, symbol, top.time_ms);
    if (top.market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_BOOK_TOP, top.time_ms)->book_top = top;
}

static int64_t skip_members(struct keel_json *json)
{
    int64_t time_ms = 0;
    keel_str key;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "E"))
            keel_binance_read_int(json, &time_ms);
        else
            keel_json_skip(json);
    }
    return time_ms;
}

static void decode_members(struct keel_binance_decoder *decoder, struct keel_json *json,
                           keel_str type)
{
    if (IS(type, "ORDER_TRADE_UPDATE"))
        decode_order_update(decoder, json);
    else if (IS(type, "ACCOUNT_UPDATE"))
        decode_account_update(decoder, json);
    else if (IS(type, "markPriceUpdate"))
        decode_mark(decoder, json);
    else if (IS(type, "bookTicker"))
        decode_book_top(decoder, json);
    else if (IS(type, "TRADE_LITE"))
        skip_members(json);
    else if (IS(type, "ALGO_UPDATE"))
        decode_algo_update(decoder, json);
    else if (IS(type, "ACCOUNT_CONFIG_UPDATE"))
        decode_config_update(decoder, json);
    else if (IS(type, "MARGIN_CALL"))
        decode_margin_call(decoder, json);
    else if (IS(type, "listenKeyExpired"))
        keel_binance_add_event(decoder, KEEL_EVENT_STREAM_EXPIRED, skip_members(json));
    else
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, type, skip_members(json));
}

/* What a frame is, when its first member does not tell: one look over all of them. */
struct envelope {
    keel_str type;
    bool has_data, acknowledges, refuses;
    int64_t id;
};

static struct envelope find_envelope(struct keel_json *json)
{
    struct envelope envelope = {0};
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        envelope.has_data |= IS(key, "data");
        envelope.acknowledges |= IS(key, "result");
        envelope.refuses |= IS(key, "error");
        enum keel_json_type next = keel_json_peek(json);
        if (IS(key, "e") && next == KEEL_JSON_STRING)
            keel_json_read_string(json, NULL, &envelope.type);
        else if (IS(key, "id") && next == KEEL_JSON_NUMBER)
            keel_json_read_int(json, &envelope.id);
        else
            keel_json_skip(json);
    }
    return envelope;
}

static void decode_value(struct keel_binance_decoder *decoder, struct keel_json *json,
                         bool wrapped);

/* The members left of a wrapper; the stream's name tells nothing that its data does not. */
static void decode_wrapped(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_str key;
    bool found = false;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "data") && !found)
            decode_value(decoder, json, true);
        else
            keel_json_skip(json);
        found |= IS(key, "data");
    }
    if (!found)
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, KEEL_STR("stream"), 0);
}

static void decode_envelope(struct keel_binance_decoder *decoder, struct keel_json *json,
                            bool wrapped)
{
    struct keel_json_place place = keel_json_get_place(json);
    struct envelope envelope = find_envelope(json);

    if (envelope.type.size > 0 || (envelope.has_data && !wrapped)) {
        keel_json_return_to(json, place);
        keel_json_enter_object(json);
        if (envelope.type.size > 0)
            decode_members(decoder, json, envelope.type);
        else
            decode_wrapped(decoder, json);
        return;
    }
    if (envelope.acknowledges && !envelope.refuses)
        keel_binance_add_event(decoder, KEEL_EVENT_SUBSCRIBED, 0)->subscription_id = envelope.id;
    else
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE,
                                 envelope.refuses ? KEEL_STR("error") : KEEL_STR(""), 0);
}

/* The venue writes the type first, and the stream's name before the data; whatever differs from
 * that is looked over once and read a second time. */
static void decode_object(struct keel_binance_decoder *decoder, struct keel_json *json,
                          bool wrapped)
{
    struct keel_json_place place = keel_json_get_place(json);
    keel_str key, type;
    keel_json_enter_object(json);
    if (!keel_json_next_key(json, &key)) {
        if (!json->mistake)
            keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, KEEL_STR(""), 0);
        return;
    }
    if (IS(key, "e") && keel_json_peek(json) == KEEL_JSON_STRING) {
        if (keel_json_read_string(json, NULL, &type))
            decode_members(decoder, json, type);
    } else if (IS(key, "stream") && !wrapped) {
        keel_json_skip(json);
        decode_wrapped(decoder, json);
    } else {
        keel_json_return_to(json, place);
        decode_envelope(decoder, json, wrapped);
    }
}

static void decode_value(struct keel_binance_decoder *decoder, struct keel_json *json, bool wrapped)
{
    if (keel_json_peek(json) != KEEL_JSON_ARRAY) {
        decode_object(decoder, json, wrapped);
        return;
    }
    keel_json_enter_array(json);
    while (keel_json_next_element(json))
        decode_object(decoder, json, true);
}

enum keel_status keel_binance_decode_stream(keel_str bytes, const struct keel_markets *markets,
                                            struct keel_arena *arena, struct keel_events *events,
                                            struct keel_error *error)
{
    struct keel_binance_decoder decoder;
    struct keel_json json;
    keel_binance_decoder_init(&decoder, markets, arena, events, bytes);
    keel_json_init(&json, bytes);
    decode_value(&decoder, &json, false);
    return keel_binance_decoder_finish(&decoder, &json, error);
}

/* Stream names are lower case; a market's name may have letters beyond ASCII, which stay. */
static void write_stream_name(struct keel_writer *writer, const char *symbol, keel_str suffix)
{
    char lower[KEEL_SYMBOL_SIZE];
    size_t size = 0;
    for (; symbol[size] != '\0'; size++)
        lower[size] =
            (char)(symbol[size] >= 'A' && symbol[size] <= 'Z' ? symbol[size] | 32 : symbol[size]);
    keel_write_percent(writer, (keel_str){lower, size});
    keel_write(writer, suffix);
}

static void write_all_names(struct keel_writer *writer, keel_str suffix,
                            const struct keel_markets *markets, const keel_market_id *active,
                            size_t active_count)
{
    for (size_t i = 0; i < active_count; i++) {
        const struct keel_market *market = keel_markets_get(markets, active[i]);
        KEEL_ASSERT(market);
        if (i > 0)
            keel_write_char(writer, '/');
        write_stream_name(writer, market->venue_symbol, suffix);
    }
}

/* One stream a market; the stream of all markets when there are too many for one connection. */
void keel_binance_write_streams(struct keel_stream_request *request, keel_str prefix,
                                keel_str suffix, keel_str all, size_t streams_max,
                                const struct keel_stream_wish *wish)
{
    struct keel_writer writer;
    keel_writer_init(&writer, request->path, sizeof(request->path));
    keel_write(&writer, prefix);
    write_all_names(&writer, suffix, wish->markets, wish->active, wish->active_count);
    if (wish->active_count > 0 && wish->active_count <= streams_max && !writer.full)
        return;

    keel_writer_init(&writer, request->path, sizeof(request->path));
    keel_write(&writer, prefix);
    keel_write(&writer, all);
}

/* Of the four ways to open it, the one of the venue's change notice: frames come raw. */
static enum keel_status write_user_path(struct keel_stream_request *request, keel_str stream_key,
                                        struct keel_error *error)
{
    struct keel_writer writer;
    if (stream_key.size == 0)
        return keel_fail(error, KEEL_INVALID, "the user stream needs a listen key");
    keel_writer_init(&writer, request->path, sizeof(request->path));
    keel_write(&writer, KEEL_STR("/private/ws?listenKey="));
    keel_write_percent(&writer, stream_key);
    if (writer.full)
        return keel_fail(error, KEEL_FULL, "a listen key of %zu bytes does not fit",
                         stream_key.size);
    return KEEL_OK;
}

/* Each frame is signed by itself: there is nothing to log on with. */
static enum keel_status write_entry_path(struct keel_stream_request *request)
{
    memcpy(request->path, "/ws-fapi/v1", sizeof("/ws-fapi/v1"));
    return KEEL_OK;
}

enum keel_status keel_binance_open_stream(const struct keel_stream_wish *wish,
                                          struct keel_stream_request *request,
                                          struct keel_error *error)
{
    request->headers[0] = '\0';
    request->frames[0] = '\0';
    request->acks = 0;
    switch (wish->kind) {
    case KEEL_STREAM_USER: return write_user_path(request, wish->stream_key, error);
    case KEEL_STREAM_MARKET:
        keel_binance_write_streams(request, KEEL_STR("/market/stream?streams="),
                                   KEEL_STR("@markPrice@1s"), KEEL_STR("!markPrice@arr@1s"),
                                   STREAMS_MAX, wish);
        return KEEL_OK;
    case KEEL_STREAM_BOOK:
        keel_binance_write_streams(request, KEEL_STR("/public/stream?streams="),
                                   KEEL_STR("@bookTicker"), KEEL_STR("!bookTicker"), STREAMS_MAX,
                                   wish);
        return KEEL_OK;
    case KEEL_STREAM_ORDERS: return write_entry_path(request);
    case KEEL_STREAM_KINDS: break;
    }
    return keel_fail(error, KEEL_INVALID, "no such stream");
}

#include "venue/binance_spot/stream.h"

#include "base/writer.h"
#include "venue/binance/sign.h"
#include "venue/binance/stream.h"
#include "venue/binance_spot/rows.h"

#define IS KEEL_BINANCE_IS

enum {
    STREAMS_MAX = 200, /* a connection */
};

/* An executionReport, after its type. */
struct report {
    struct keel_binance_spot_order order;
    struct keel_binance_spot_trade trade;
    keel_str execution, original_id;
    enum keel_switch maker;
};

/* Refused orders have it under one name, expired ones under another. */
static void read_reason(struct keel_binance_decoder *decoder, struct keel_json *json,
                        keel_str *reason)
{
    keel_str word = {0};
    keel_binance_read_text(decoder, json, &word);
    if (reason->size == 0 && !IS(word, "NONE"))
        *reason = word;
}

static void read_report(struct keel_binance_decoder *decoder, struct keel_json *json,
                        struct report *report)
{
    struct keel_binance_spot_order *order = &report->order;
    keel_str key;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "eR")) {
            keel_binance_read_text(decoder, json, &order->reason);
            continue;
        }
        if (key.size != 1) {
            keel_binance_skip(decoder, json);
            continue;
        }
        switch (key.data[0]) {
        case 's': keel_binance_read_text(decoder, json, &order->symbol); break;
        case 'c': keel_binance_read_text(decoder, json, &order->client_id); break;
        case 'S': keel_binance_read_text(decoder, json, &order->side); break;
        case 'o': keel_binance_read_text(decoder, json, &order->type); break;
        case 'f': keel_binance_read_text(decoder, json, &order->time_in_force); break;
        case 'q': keel_binance_read_decimal(json, &order->quantity); break;
        case 'p': keel_binance_read_decimal(json, &order->price); break;
        case 'P': keel_binance_read_decimal(json, &order->trigger_price); break;
        case 'C': keel_binance_read_text(decoder, json, &report->original_id); break;
        case 'x': keel_binance_read_text(decoder, json, &report->execution); break;
        case 'X': keel_binance_read_text(decoder, json, &order->status); break;
        case 'r': read_reason(decoder, json, &order->reason); break;
        case 'i': keel_binance_read_text(decoder, json, &order->order_id); break;
        case 'l': keel_binance_read_decimal(json, &report->trade.quantity); break;
        case 'z': keel_binance_read_decimal(json, &order->filled); break;
        case 'L': keel_binance_read_decimal(json, &report->trade.price); break;
        case 'n': keel_binance_read_decimal(json, &report->trade.fee); break;
        case 'N': keel_binance_read_text(decoder, json, &report->trade.fee_asset); break;
        case 'T': keel_binance_read_int(json, &order->update_time_ms); break;
        case 't': keel_binance_read_text(decoder, json, &report->trade.id); break;
        case 'm': keel_binance_read_switch(json, &report->maker); break;
        case 'O': keel_binance_read_int(json, &order->create_time_ms); break;
        case 'Z': keel_binance_read_decimal(json, &order->filled_quote); break;
        case 'Q': keel_binance_read_decimal(json, &order->quote_quantity); break;
        default: keel_binance_skip(decoder, json); break;
        }
    }
}

static void decode_report(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct report report = {0};
    keel_binance_spot_order_init(&report.order);
    keel_binance_spot_trade_init(&report.trade);
    read_report(decoder, json, &report);
    if (!keel_binance_spot_check_order(json, &report.order))
        return;
    /* A cancellation has an id of its own, which stands in the place of the order's. */
    if (report.original_id.size > 0)
        report.order.client_id = report.original_id;

    const struct keel_order *order =
        keel_binance_spot_add_order(decoder, &report.order, report.order.update_time_ms);
    if (!order || !IS(report.execution, "TRADE"))
        return;
    report.trade.maker = report.maker == KEEL_ON;
    report.trade.time_ms = report.order.update_time_ms;
    if (!keel_binance_is_id(report.trade.id) || !keel_decimal_is_positive(report.trade.price) ||
        !keel_decimal_is_positive(report.trade.quantity))
        keel_json_fail(json, "an execution has no id, price or quantity");
    keel_binance_spot_add_trade(decoder, &report.trade, order->market, order->side, order->order_id,
                                order->client_id);
}

static void decode_balance(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_decimal available = KEEL_DECIMAL_ABSENT, locked = KEEL_DECIMAL_ABSENT;
    keel_str key, asset = {0};
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "a"))
            keel_binance_read_text(decoder, json, &asset);
        else if (IS(key, "f"))
            keel_binance_read_decimal(json, &available);
        else if (IS(key, "l"))
            keel_binance_read_decimal(json, &locked);
        else
            keel_binance_skip(decoder, json);
    }
    keel_decimal wallet = keel_decimal_add(available, locked);
    if (asset.size == 0 || !keel_decimal_is_valid(wallet))
        keel_json_fail(json, "a balance has no asset or amount");

    struct keel_event *event = keel_binance_add_event(decoder, KEEL_EVENT_BALANCE, 0);
    event->told_pnl = KEEL_DECIMAL_ABSENT;
    event->balance = (struct keel_balance){
        .wallet = wallet,
        .cross_wallet = KEEL_DECIMAL_ABSENT,
        .available = available,
        .locked = locked,
    };
    keel_binance_copy_text(decoder, asset, event->balance.asset, sizeof(event->balance.asset));
}

static void decode_position(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    int64_t time_ms = 0;
    keel_str key;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "u")) {
            keel_binance_read_int(json, &time_ms);
        } else if (IS(key, "B")) {
            keel_json_enter_array(json);
            while (keel_json_next_element(json))
                decode_balance(decoder, json);
        } else {
            keel_binance_skip(decoder, json);
        }
    }
    for (int32_t i = decoder->first; i < decoder->events->count; i++) {
        struct keel_event *event = &decoder->events->at[i];
        if (event->kind == KEEL_EVENT_BALANCE)
            event->time_ms = event->balance.update_time_ms = time_ms;
    }
}

/* A deposit, a withdrawal or a transfer: what changes a balance without a trade. */
static void decode_balance_update(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_decimal change = KEEL_DECIMAL_ABSENT;
    int64_t time_ms = 0;
    keel_str key, asset = {0};
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "a"))
            keel_binance_read_text(decoder, json, &asset);
        else if (IS(key, "d"))
            keel_binance_read_decimal(json, &change);
        else if (IS(key, "T"))
            keel_binance_read_int(json, &time_ms);
        else
            keel_binance_skip(decoder, json);
    }
    if (asset.size == 0 || !keel_decimal_is_valid(change))
        keel_json_fail(json, "a change of a balance has no asset or amount");

    struct keel_income *income =
        &keel_binance_add_event(decoder, KEEL_EVENT_INCOME, time_ms)->income;
    *income = (struct keel_income){
        .kind = KEEL_INCOME_TRANSFER,
        .name = "balanceUpdate",
        .amount = change,
        .time_ms = time_ms,
    };
    keel_binance_copy_text(decoder, asset, income->asset, sizeof(income->asset));
}

/* The last price stands for the mark price that spot does not have. */
static void decode_ticker(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_mark mark = {
        .mark_price = KEEL_DECIMAL_ABSENT,
        .index_price = KEEL_DECIMAL_ABSENT,
        .funding_rate = KEEL_DECIMAL_ABSENT,
    };
    keel_str key, symbol = {0};
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "E"))
            keel_binance_read_int(json, &mark.time_ms);
        else if (IS(key, "s"))
            keel_binance_read_text(decoder, json, &symbol);
        else if (IS(key, "c"))
            keel_binance_read_decimal(json, &mark.mark_price);
        else
            keel_binance_skip(decoder, json);
    }
    if (symbol.size == 0 || !keel_decimal_is_valid(mark.mark_price))
        keel_json_fail(json, "a price has no symbol or no value");
    mark.market = keel_binance_find_market(decoder, symbol, mark.time_ms);
    if (mark.market != KEEL_NO_MARKET && keel_decimal_is_positive(mark.mark_price))
        keel_binance_add_event(decoder, KEEL_EVENT_MARK, mark.time_ms)->mark = mark;
}

static void skip_members(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    keel_str key;
    while (keel_json_next_key(json, &key))
        keel_binance_skip(decoder, json);
}

/* The event's object is entered, and its type was its first member. */
static void decode_members(struct keel_binance_decoder *decoder, struct keel_json *json,
                           keel_str type)
{
    if (IS(type, "executionReport")) {
        decode_report(decoder, json);
    } else if (IS(type, "outboundAccountPosition")) {
        decode_position(decoder, json);
    } else if (IS(type, "balanceUpdate")) {
        decode_balance_update(decoder, json);
    } else if (IS(type, "24hrMiniTicker")) {
        decode_ticker(decoder, json);
    } else if (IS(type, "eventStreamTerminated") || IS(type, "serverShutdown")) {
        keel_binance_add_event(decoder, KEEL_EVENT_STREAM_EXPIRED, 0);
        skip_members(decoder, json);
    } else {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, type, 0);
        skip_members(decoder, json);
    }
}

/* A best bid and ask has no type (market streams). */
static void decode_book_top(struct keel_binance_decoder *decoder, struct keel_json *json,
                            keel_str key)
{
    struct keel_book_top top = {
        .bid_price = KEEL_DECIMAL_ABSENT,
        .bid_quantity = KEEL_DECIMAL_ABSENT,
        .ask_price = KEEL_DECIMAL_ABSENT,
        .ask_quantity = KEEL_DECIMAL_ABSENT,
    };
    keel_str symbol = {0};
    do {
        if (IS(key, "s"))
            keel_binance_read_text(decoder, json, &symbol);
        else if (IS(key, "b"))
            keel_binance_read_decimal(json, &top.bid_price);
        else if (IS(key, "B"))
            keel_binance_read_decimal(json, &top.bid_quantity);
        else if (IS(key, "a"))
            keel_binance_read_decimal(json, &top.ask_price);
        else if (IS(key, "A"))
            keel_binance_read_decimal(json, &top.ask_quantity);
        else
            keel_binance_skip(decoder, json);
    } while (keel_json_next_key(json, &key));
    bool has_price = keel_decimal_is_valid(top.bid_price) || keel_decimal_is_valid(top.ask_price);
    if (symbol.size == 0 || !has_price) {
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, KEEL_STR(""), 0);
        return;
    }
    top.bid_price = keel_binance_present(top.bid_price); /* zero: that side is empty */
    top.ask_price = keel_binance_present(top.ask_price);
    top.market = keel_binance_find_market(decoder, symbol, 0);
    if (top.market != KEEL_NO_MARKET)
        keel_binance_add_event(decoder, KEEL_EVENT_BOOK_TOP, 0)->book_top = top;
}

/* The venue writes the type first, but need not; "" without one. */
static keel_str find_type(struct keel_json *json)
{
    keel_str key, type = {0};
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "e") && keel_json_peek(json) == KEEL_JSON_STRING)
            keel_json_read_string(json, NULL, &type);
        else
            keel_json_skip(json);
    }
    return type;
}

static void decode_event(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_json_place place = keel_json_get_place(json);
    keel_str key, type;
    if (!keel_json_enter_object(json) || !keel_json_next_key(json, &key))
        return;
    if (IS(key, "e") && keel_json_peek(json) == KEEL_JSON_STRING) {
        if (keel_json_read_string(json, NULL, &type))
            decode_members(decoder, json, type);
        return;
    }
    keel_json_return_to(json, place);
    type = find_type(json);
    keel_json_return_to(json, place);
    keel_json_enter_object(json);
    if (type.size > 0)
        decode_members(decoder, json, type);
    else if (keel_json_next_key(json, &key))
        decode_book_top(decoder, json, key);
}

/* The prices of all markets come in one list. */
static void decode_events(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    if (keel_json_peek(json) != KEEL_JSON_ARRAY) {
        decode_event(decoder, json);
        return;
    }
    keel_json_enter_array(json);
    while (keel_json_next_element(json))
        decode_event(decoder, json);
}

/* {"id":…,"status":200,"result":{…}}, or with an error in the place of the result. */
struct response {
    keel_str id, refusal;
    int64_t status, subscription_id;
    bool is_one;
};

static void read_result(struct keel_json *json, struct response *response)
{
    keel_str key;
    if (keel_json_peek(json) != KEEL_JSON_OBJECT) {
        keel_json_skip(json);
        return;
    }
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "subscriptionId"))
            keel_binance_read_int(json, &response->subscription_id);
        else
            keel_json_skip(json);
    }
}

static void read_error(struct keel_binance_decoder *decoder, struct keel_json *json,
                       struct response *response)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "msg"))
            keel_binance_read_text(decoder, json, &response->refusal);
        else
            keel_json_skip(json);
    }
}

static void add_response(struct keel_binance_decoder *decoder, const struct response *response)
{
    if (response->status == 200)
        keel_binance_add_event(decoder, KEEL_EVENT_SUBSCRIBED, 0)->subscription_id =
            response->subscription_id;
    else
        keel_binance_add_event(decoder, KEEL_EVENT_REFUSED, 0)->refusal = response->refusal;
}

static void decode_frame(struct keel_binance_decoder *decoder, struct keel_json *json)
{
    struct keel_json_place place = keel_json_get_place(json);
    struct response response = {0};
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "e")) { /* not wrapped */
            keel_json_return_to(json, place);
            decode_event(decoder, json);
            break;
        } else if (IS(key, "event") || IS(key, "data")) {
            decode_events(decoder, json);
        } else if (IS(key, "status")) {
            response.is_one = true;
            keel_binance_read_int(json, &response.status);
        } else if (IS(key, "result")) {
            read_result(json, &response);
        } else if (IS(key, "error")) {
            read_error(decoder, json, &response);
        } else {
            keel_json_skip(json);
        }
    }
    if (response.is_one)
        add_response(decoder, &response);
    else if (decoder->events->count == decoder->first && !json->mistake)
        keel_binance_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, KEEL_STR(""), 0);
}

enum keel_status keel_binance_spot_decode_stream(keel_str bytes, const struct keel_markets *markets,
                                                 struct keel_arena *arena,
                                                 struct keel_events *events,
                                                 struct keel_error *error)
{
    struct keel_binance_decoder decoder;
    struct keel_json json;
    keel_binance_decoder_init(&decoder, markets, arena, events, bytes);
    keel_json_init(&json, bytes);
    decode_frame(&decoder, &json);
    return keel_binance_decoder_finish(&decoder, &json, error);
}

/* The parameters are signed in the order of their names. */
static void write_subscription(struct keel_stream_request *request,
                               const struct keel_stream_wish *wish)
{
    char text[KEEL_REQUEST_TEXT_SIZE];
    struct keel_writer signed_text, frame;
    keel_writer_init(&signed_text, text, sizeof(text));
    keel_write(&signed_text, KEEL_STR("apiKey="));
    keel_write(&signed_text, keel_str_from(wish->keys->api_key));
    keel_write(&signed_text, KEEL_STR("&timestamp="));
    keel_write_int(&signed_text, wish->time_ms);
    keel_binance_sign(wish->keys, KEEL_STR(""), &signed_text);
    const char *signature = strrchr(text, '=') + 1;

    keel_writer_init(&frame, request->frames, sizeof(request->frames));
    keel_json_open_object(&frame, NULL);
    keel_json_put_text(&frame, "id", "user");
    keel_json_put_text(&frame, "method", "userDataStream.subscribe.signature");
    keel_json_open_object(&frame, "params");
    keel_json_put_text(&frame, "apiKey", wish->keys->api_key);
    keel_json_put_int(&frame, "timestamp", wish->time_ms);
    keel_json_put_text(&frame, "signature", signature);
    keel_json_close_object(&frame);
    keel_json_close_object(&frame);
    keel_write_char(&frame, '\n');
    request->acks = 1;
    keel_wipe(text, sizeof(text));
}

enum keel_status keel_binance_spot_open_stream(const struct keel_stream_wish *wish,
                                               struct keel_stream_request *request,
                                               struct keel_error *error)
{
    request->headers[0] = request->frames[0] = '\0';
    request->acks = 0;
    switch (wish->kind) {
    case KEEL_STREAM_USER:
        (void)keel_str_copy(KEEL_STR("/ws-api/v3"), request->path, sizeof(request->path));
        write_subscription(request, wish);
        return KEEL_OK;
    case KEEL_STREAM_MARKET:
        keel_binance_write_streams(request, KEEL_STR("/stream?streams="), KEEL_STR("@miniTicker"),
                                   KEEL_STR("!miniTicker@arr"), STREAMS_MAX, wish);
        return KEEL_OK;
    case KEEL_STREAM_BOOK:
        if (wish->active_count > STREAMS_MAX)
            return keel_fail(error, KEEL_FULL, "book tops of %zu markets: a stream carries %d",
                             wish->active_count, STREAMS_MAX);
        keel_binance_write_streams(request, KEEL_STR("/stream?streams="), KEEL_STR("@bookTicker"),
                                   KEEL_STR(""), STREAMS_MAX, wish);
        return KEEL_OK;
    case KEEL_STREAM_ORDERS:
    case KEEL_STREAM_KINDS: break;
    }
    return keel_fail(error, KEEL_UNSUPPORTED, "order entry by stream");
}

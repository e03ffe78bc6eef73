#include "venue/gateio/stream.h"

#include "venue/gateio/errors.h"
#include "venue/gateio/orders.h"
#include "venue/gateio/positions.h"

#define IS KEEL_GATEIO_IS

/* What a frame says of itself, in whichever order. */
struct envelope {
    keel_str channel, event;
    int64_t id;
    keel_str refusal;
    bool refused, has_rows, rows_read, has_answer;
    struct keel_json_place rows; /* where they begin, when the channel stands behind them */
};

static void decode_nothing(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    (void)decoder;
    keel_json_skip(json);
}

/* The venue announces that it will close the connection. */
static void decode_system(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    keel_str key, type = {0};
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "type"))
            keel_gateio_read_text(decoder, json, &type);
        else
            keel_json_skip(json);
    }
    if (IS(type, "upgrade"))
        keel_gateio_add_event(decoder, KEEL_EVENT_STREAM_EXPIRED, decoder->time_ms);
    else
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, KEEL_STR("futures.system"),
                                decoder->time_ms);
}

static keel_gateio_row_decoder find_decoder(keel_str channel)
{
    if (IS(channel, "futures.orders"))
        return keel_gateio_decode_order;
    if (IS(channel, "futures.positions"))
        return keel_gateio_decode_pushed_position;
    if (IS(channel, "futures.usertrades"))
        return keel_gateio_decode_trade;
    if (IS(channel, "futures.balances"))
        return keel_gateio_decode_pushed_balance;
    if (IS(channel, "futures.tickers"))
        return keel_gateio_decode_ticker;
    if (IS(channel, "futures.book_ticker"))
        return keel_gateio_decode_book_top;
    if (IS(channel, "futures.autoorders"))
        return keel_gateio_decode_trigger_order;
    if (IS(channel, "futures.liquidates"))
        return keel_gateio_decode_liquidation;
    if (IS(channel, "futures.reduce_risk_limits"))
        return keel_gateio_decode_risk_reduction;
    if (IS(channel, "futures.auto_deleverages") || IS(channel, "futures.position_closes"))
        return decode_nothing;
    return IS(channel, "futures.system") ? decode_system : NULL;
}

/* A channel that is not ours leaves its rows to be skipped. */
static void decode_result(struct keel_gateio_decoder *decoder, struct keel_json *json,
                          const struct envelope *envelope)
{
    keel_gateio_row_decoder decode_row = find_decoder(envelope->channel);
    if (decode_row)
        keel_gateio_decode_rows(decoder, json, decode_row);
    else
        keel_json_skip(json);
}

static bool is_push(const struct envelope *envelope)
{
    return IS(envelope->event, "update") || IS(envelope->event, "all");
}

static void read_result(struct keel_gateio_decoder *decoder, struct keel_json *json,
                        struct envelope *envelope)
{
    envelope->has_rows = true;
    if (is_push(envelope) && envelope->channel.size > 0) {
        decode_result(decoder, json, envelope);
        envelope->rows_read = true;
        return;
    }
    envelope->rows = keel_json_get_place(json);
    keel_json_skip(json);
}

static void read_refusal(struct keel_gateio_decoder *decoder, struct keel_json *json,
                         struct envelope *envelope)
{
    keel_str key;
    if (keel_json_peek(json) != KEEL_JSON_OBJECT) {
        keel_json_skip(json);
        return;
    }
    envelope->refused = true;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "message") && keel_json_peek(json) == KEEL_JSON_STRING)
            keel_json_read_string(json, decoder->arena, &envelope->refusal);
        else
            keel_json_skip(json);
    }
    envelope->refusal = keel_gateio_tell_refusal(envelope->refusal, decoder->arena);
}

/* Ids of other clients may be words. */
static void read_id(struct keel_json *json, struct envelope *envelope)
{
    if (keel_json_peek(json) == KEEL_JSON_NUMBER)
        keel_json_read_int(json, &envelope->id);
    else
        keel_json_skip(json);
}

static void read_envelope(struct keel_gateio_decoder *decoder, struct keel_json *json,
                          struct envelope *envelope)
{
    keel_str key;
    int64_t seconds = 0;
    if (!keel_json_enter_object(json))
        return;
    while (keel_gateio_next_key(json, &key)) {
        if (IS(key, "result")) {
            read_result(decoder, json, envelope);
        } else if (IS(key, "channel")) {
            keel_gateio_read_text(decoder, json, &envelope->channel);
        } else if (IS(key, "event")) {
            keel_gateio_read_text(decoder, json, &envelope->event);
        } else if (IS(key, "time_ms")) {
            keel_gateio_read_ms(json, &decoder->time_ms);
        } else if (IS(key, "time")) {
            keel_gateio_read_time(json, &seconds);
            decoder->time_ms = decoder->time_ms == 0 ? seconds : decoder->time_ms;
        } else if (IS(key, "error")) {
            read_refusal(decoder, json, envelope);
        } else if (IS(key, "id")) {
            read_id(json, envelope);
        } else {
            envelope->has_answer |= IS(key, "request_id");
            keel_json_skip(json);
        }
    }
}

/* The rows that stood before their channel. */
static void read_rows_late(struct keel_gateio_decoder *decoder, struct keel_json *json,
                           const struct envelope *envelope)
{
    struct keel_json_place end = keel_json_get_place(json);
    keel_json_return_to(json, envelope->rows);
    decode_result(decoder, json, envelope);
    keel_json_return_to(json, end);
}

/* What became of a frame that was sent: its members are not those of other frames. */
struct answer {
    keel_str channel, status, text;
    enum keel_switch receipt;
    bool told; /* orders are in it */
};

/* Of these the result is an order, or a list of orders. */
static bool tells_orders(const struct answer *answer)
{
    static const keel_str channels[] = {
        {"futures.order_place",       19},
        {"futures.order_amend",       19},
        {"futures.order_cancel",      20},
        {"futures.order_status",      20},
        {"futures.order_list",        18},
        {"futures.order_cancel_cp",   23},
        {"futures.order_batch_place", 25},
    };
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
        if (keel_str_equals(answer->channel, channels[i]))
            return answer->receipt != KEEL_ON && IS(answer->status, "200");
    }
    return false;
}

static void read_answer_header(struct keel_gateio_decoder *decoder, struct keel_json *json,
                               struct answer *answer)
{
    static const struct keel_gateio_field fields[] = {
        KEEL_GATEIO_FIELD("channel", TEXT, answer, channel),
        KEEL_GATEIO_FIELD("status", TEXT, answer, status),
    };
    keel_gateio_read_object(decoder, json, fields, sizeof(fields) / sizeof(fields[0]), answer);
}

static void read_answer_data(struct keel_gateio_decoder *decoder, struct keel_json *json,
                             struct answer *answer)
{
    static const struct keel_gateio_field fields[] = {
        KEEL_GATEIO_FIELD("message", TEXT, answer, text),
    };
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        enum keel_json_type next = keel_json_peek(json);
        bool has_rows = next == KEEL_JSON_OBJECT || next == KEEL_JSON_ARRAY;
        if (IS(key, "errs") && next == KEEL_JSON_OBJECT) {
            keel_gateio_read_object(decoder, json, fields, 1, answer);
        } else if (IS(key, "result") && has_rows && tells_orders(answer)) {
            keel_gateio_decode_rows(decoder, json, keel_gateio_decode_order);
            answer->told = true;
        } else {
            keel_json_skip(json);
        }
    }
}

/* One that nobody waits for any more still tells what the venue did. */
static void decode_answer(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct answer answer = {0};
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "header") && keel_json_peek(json) == KEEL_JSON_OBJECT)
            read_answer_header(decoder, json, &answer);
        else if (IS(key, "data") && keel_json_peek(json) == KEEL_JSON_OBJECT)
            read_answer_data(decoder, json, &answer);
        else if (IS(key, "ack"))
            keel_gateio_read_switch(json, &answer.receipt);
        else
            keel_json_skip(json);
    }
    bool is_login = IS(answer.channel, "futures.login");
    if (is_login && IS(answer.status, "200"))
        keel_gateio_add_event(decoder, KEEL_EVENT_SUBSCRIBED, 0)->subscription_id = 0;
    else if (is_login)
        keel_gateio_add_event(decoder, KEEL_EVENT_REFUSED, 0)->refusal = answer.text;
    else if (!answer.told)
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, answer.channel, 0);
}

static void add_acknowledgement(struct keel_gateio_decoder *decoder,
                                const struct envelope *envelope)
{
    if (envelope->refused)
        keel_gateio_add_event(decoder, KEEL_EVENT_REFUSED, decoder->time_ms)->refusal =
            envelope->refusal;
    else if (IS(envelope->event, "subscribe"))
        keel_gateio_add_event(decoder, KEEL_EVENT_SUBSCRIBED, decoder->time_ms)->subscription_id =
            envelope->id;
}

static void decode_frame(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct envelope envelope = {0};
    struct keel_json_place begin = keel_json_get_place(json);
    read_envelope(decoder, json, &envelope);
    if (json->mistake || IS(envelope.channel, "futures.pong"))
        return;
    if (envelope.has_answer) {
        keel_json_return_to(json, begin);
        decode_answer(decoder, json);
    } else if (envelope.refused || IS(envelope.event, "subscribe") ||
               IS(envelope.event, "unsubscribe")) {
        add_acknowledgement(decoder, &envelope);
    } else if (!is_push(&envelope) || !find_decoder(envelope.channel)) {
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, envelope.channel, decoder->time_ms);
    } else if (!envelope.has_rows) {
        keel_json_fail(json, "an update has no result");
    } else if (!envelope.rows_read) {
        read_rows_late(decoder, json, &envelope);
    }
}

enum keel_status keel_gateio_decode_stream(keel_str bytes, const struct keel_markets *markets,
                                           struct keel_arena *arena, struct keel_events *events,
                                           struct keel_error *error)
{
    struct keel_gateio_decoder decoder;
    struct keel_json json;
    keel_gateio_decoder_init(&decoder, markets, arena, events, bytes);
    keel_json_init(&json, bytes);
    decode_frame(&decoder, &json);
    return keel_gateio_decoder_finish(&decoder, &json, error);
}

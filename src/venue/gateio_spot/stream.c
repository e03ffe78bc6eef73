#include "venue/gateio_spot/stream.h"

#include "base/writer.h"
#include "venue/gateio/errors.h"
#include "venue/gateio/sign.h"
#include "venue/gateio_spot/rows.h"

#define IS                             KEEL_GATEIO_IS
#define COUNT(array)                   (sizeof(array) / sizeof((array)[0]))
#define FIELD(name, kind, row, member) KEEL_GATEIO_FIELD(name, kind, row, member)

enum {
    MS_IN_S = 1000,
};

struct balance_row {
    keel_str asset, type;
    keel_decimal change, total, available, frozen;
    int64_t time_s, time_ms;
};

static const struct keel_gateio_field balance_fields[] = {
    FIELD("currency", TEXT, balance_row, asset),
    FIELD("change_type", TEXT, balance_row, type),
    FIELD("change", DECIMAL, balance_row, change),
    FIELD("total", DECIMAL, balance_row, total),
    FIELD("available", DECIMAL, balance_row, available),
    FIELD("freeze", DECIMAL, balance_row, frozen),
    FIELD("timestamp", TIME, balance_row, time_s),
    FIELD("timestamp_ms", TIME, balance_row, time_ms),
};

/* What an order does to a balance follows from its executions; the rest is money that moved. */
static bool is_movement(const struct balance_row *row)
{
    return row->type.size > 0 && !keel_str_starts_with(row->type, KEEL_STR("order-")) &&
           keel_decimal_is_valid(row->change) && !keel_decimal_is_zero(row->change);
}

static void add_movement(struct keel_gateio_decoder *decoder, const struct balance_row *row,
                         int64_t time_ms)
{
    struct keel_income *income =
        &keel_gateio_add_event(decoder, KEEL_EVENT_INCOME, time_ms)->income;
    *income = (struct keel_income){
        .kind = KEEL_INCOME_TRANSFER,
        .amount = row->change,
        .time_ms = time_ms,
    };
    keel_gateio_copy_text(decoder, row->type, income->name, sizeof(income->name));
    keel_gateio_copy_text(decoder, row->asset, income->asset, sizeof(income->asset));
}

static void decode_balance(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct balance_row row = {
        .change = KEEL_DECIMAL_ABSENT,
        .total = KEEL_DECIMAL_ABSENT,
        .available = KEEL_DECIMAL_ABSENT,
        .frozen = KEEL_DECIMAL_ABSENT,
    };
    keel_gateio_read_object(decoder, json, balance_fields, COUNT(balance_fields), &row);
    if (row.asset.size == 0 || !keel_decimal_is_valid(row.total))
        keel_json_fail(json, "a balance has no currency or total");

    int64_t time_ms = row.time_ms > 0 ? row.time_ms : row.time_s;
    struct keel_event *event = keel_gateio_add_event(decoder, KEEL_EVENT_BALANCE, time_ms);
    event->told_pnl = KEEL_DECIMAL_ABSENT;
    event->balance = (struct keel_balance){
        .wallet = row.total,
        .cross_wallet = KEEL_DECIMAL_ABSENT,
        .available = row.available,
        .locked = row.frozen,
        .update_time_ms = time_ms,
    };
    keel_gateio_copy_text(decoder, row.asset, event->balance.asset, sizeof(event->balance.asset));
    if (is_movement(&row))
        add_movement(decoder, &row, time_ms);
}

struct ticker_row {
    keel_str pair;
    keel_decimal last;
};

static const struct keel_gateio_field ticker_fields[] = {
    FIELD("currency_pair", TEXT, ticker_row, pair),
    FIELD("last", DECIMAL, ticker_row, last),
};

/* The last price stands for the mark price that spot does not have. */
static void decode_ticker(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct ticker_row row = {.last = KEEL_DECIMAL_ABSENT};
    keel_market_id market;
    keel_gateio_read_object(decoder, json, ticker_fields, COUNT(ticker_fields), &row);
    if (row.pair.size == 0 || !keel_decimal_is_valid(row.last))
        keel_json_fail(json, "a price has no pair or no value");
    if (!keel_gateio_find_market(decoder, row.pair, decoder->time_ms, &market) ||
        !keel_decimal_is_positive(row.last))
        return;
    keel_gateio_add_event(decoder, KEEL_EVENT_MARK, decoder->time_ms)->mark = (struct keel_mark){
        .market = market,
        .mark_price = row.last,
        .index_price = KEEL_DECIMAL_ABSENT,
        .funding_rate = KEEL_DECIMAL_ABSENT,
        .time_ms = decoder->time_ms,
    };
}

struct top_row {
    keel_str pair;
    keel_decimal bid, bid_quantity, ask, ask_quantity;
    int64_t time_ms;
};

static const struct keel_gateio_field top_fields[] = {
    FIELD("s", TEXT, top_row, pair),   FIELD("t", TIME, top_row, time_ms),
    FIELD("b", DECIMAL, top_row, bid), FIELD("B", DECIMAL, top_row, bid_quantity),
    FIELD("a", DECIMAL, top_row, ask), FIELD("A", DECIMAL, top_row, ask_quantity),
};

static void decode_book_top(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct top_row row = {
        .bid = KEEL_DECIMAL_ABSENT,
        .bid_quantity = KEEL_DECIMAL_ABSENT,
        .ask = KEEL_DECIMAL_ABSENT,
        .ask_quantity = KEEL_DECIMAL_ABSENT,
    };
    keel_market_id market;
    keel_gateio_read_object(decoder, json, top_fields, COUNT(top_fields), &row);
    if (row.pair.size == 0)
        keel_json_fail(json, "a book top has no pair");
    if (!keel_gateio_find_market(decoder, row.pair, row.time_ms, &market))
        return;
    keel_gateio_add_event(decoder, KEEL_EVENT_BOOK_TOP, row.time_ms)->book_top =
        (struct keel_book_top){
            .market = market,
            .bid_price = keel_gateio_present(row.bid),
            .bid_quantity = row.bid_quantity,
            .ask_price = keel_gateio_present(row.ask),
            .ask_quantity = row.ask_quantity,
            .time_ms = row.time_ms,
        };
}

/* Everything of a frame but the rows that it tells. */
struct frame {
    keel_str channel, event, refusal;
    keel_str result; /* what stood before its channel or its time, and waits for them */
    int64_t time_s, time_ms;
    bool refused, told;
};

static const struct keel_gateio_field frame_fields[] = {
    FIELD("channel", TEXT, frame, channel),
    FIELD("event", TEXT, frame, event),
    FIELD("time", TIME, frame, time_s),
    FIELD("time_ms", TIME, frame, time_ms),
};

static void read_error(struct keel_gateio_decoder *decoder, struct keel_json *json,
                       struct frame *frame)
{
    const struct keel_gateio_field field = {KEEL_STR("message"), KEEL_GATEIO_TEXT, 0};
    if (keel_json_peek(json) != KEEL_JSON_OBJECT) {
        keel_json_skip(json);
        return;
    }
    frame->refused = true;
    keel_gateio_read_object(decoder, json, &field, 1, &frame->refusal);
    frame->refusal = keel_gateio_tell_refusal(frame->refusal, decoder->arena);
}

static keel_gateio_row_decoder find_decoder(keel_str channel)
{
    static const struct {
        keel_str channel;
        keel_gateio_row_decoder decode;
    } channels[] = {
        {{"spot.orders", 11},      keel_gateio_spot_decode_order       },
        {{"spot.orders_v2", 14},   keel_gateio_spot_decode_order       },
        {{"spot.usertrades", 15},  keel_gateio_spot_decode_trade       },
        {{"spot.balances", 13},    decode_balance                      },
        {{"spot.priceorders", 16}, keel_gateio_spot_decode_trigger_push},
        {{"spot.tickers", 12},     decode_ticker                       },
        {{"spot.book_ticker", 16}, decode_book_top                     },
    };
    for (size_t i = 0; i < COUNT(channels); i++) {
        if (keel_str_equals(channel, channels[i].channel))
            return channels[i].decode;
    }
    return NULL;
}

static bool is_update(const struct frame *frame)
{
    return IS(frame->event, "update") && !IS(frame->channel, "spot.system");
}

/* Rows are read where they stand when all that they need has been told, as it nearly always has:
 * to pass over them first takes as long as to read them. */
static void read_result(struct keel_gateio_decoder *decoder, struct keel_json *json,
                        struct frame *frame)
{
    bool ready = is_update(frame) && frame->time_ms > 0 && !frame->told;
    keel_gateio_row_decoder decode = ready ? find_decoder(frame->channel) : NULL;
    if (!decode) {
        keel_json_raw(json, &frame->result);
        return;
    }
    decoder->time_ms = frame->time_ms;
    keel_gateio_decode_rows(decoder, json, decode);
    frame->told = true;
}

static struct frame read_frame(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    struct frame frame = {0};
    keel_str key;
    if (!keel_json_enter_object(json))
        return frame;
    while (keel_gateio_next_key(json, &key)) {
        if (IS(key, "result"))
            read_result(decoder, json, &frame);
        else if (IS(key, "error"))
            read_error(decoder, json, &frame);
        else
            keel_gateio_read_member(decoder, json, frame_fields, COUNT(frame_fields), key, &frame);
    }
    return frame;
}

static enum keel_status decode_update(struct keel_gateio_decoder *decoder,
                                      const struct frame *frame, struct keel_error *error)
{
    struct keel_json json;
    keel_gateio_row_decoder decode = find_decoder(frame->channel);
    if (!decode) {
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, frame->channel, decoder->time_ms);
        return KEEL_OK;
    }
    keel_json_init(&json, frame->result);
    keel_gateio_decode_rows(decoder, &json, decode);
    return keel_gateio_decoder_finish(decoder, &json, error);
}

static void decode_answer(struct keel_gateio_decoder *decoder, const struct frame *frame)
{
    if (frame->refused)
        keel_gateio_add_event(decoder, KEEL_EVENT_REFUSED, 0)->refusal = frame->refusal;
    else if (IS(frame->event, "subscribe"))
        keel_gateio_add_event(decoder, KEEL_EVENT_SUBSCRIBED, 0)->subscription_id = 0;
    else if (IS(frame->channel, "spot.system") || IS(frame->event, "upgrade"))
        keel_gateio_add_event(decoder, KEEL_EVENT_STREAM_EXPIRED, decoder->time_ms);
    else if (!IS(frame->channel, "spot.pong"))
        keel_gateio_add_unknown(decoder, KEEL_UNKNOWN_MESSAGE, frame->channel, decoder->time_ms);
}

enum keel_status keel_gateio_spot_decode_stream(keel_str bytes, const struct keel_markets *markets,
                                                struct keel_arena *arena,
                                                struct keel_events *events,
                                                struct keel_error *error)
{
    struct keel_gateio_decoder decoder;
    struct keel_json json;
    keel_gateio_decoder_init(&decoder, markets, arena, events, bytes);
    keel_json_init(&json, bytes);
    struct frame frame = read_frame(&decoder, &json);
    enum keel_status status = keel_gateio_decoder_finish(&decoder, &json, error);
    if (status != KEEL_OK)
        return status;
    if (frame.told && !frame.refused)
        return KEEL_OK;
    events->count = decoder.first;
    decoder.time_ms = frame.time_ms > 0 ? frame.time_ms : frame.time_s;
    if (!frame.refused && is_update(&frame))
        return decode_update(&decoder, &frame, error);
    decode_answer(&decoder, &frame);
    return decoder.full ? KEEL_FULL : KEEL_OK;
}

/* One request to subscribe, as a line; a private channel is signed by itself. */
static void begin_frame(struct keel_writer *json, const struct keel_stream_wish *wish,
                        const char *channel)
{
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "time", wish->time_ms / MS_IN_S);
    keel_json_put_text(json, "channel", channel);
    keel_json_put_text(json, "event", "subscribe");
}

static void end_frame(struct keel_writer *json, struct keel_stream_request *request)
{
    keel_json_close_object(json);
    keel_write_char(json, '\n');
    json->comma = false;
    request->acks++;
}

static void write_private(struct keel_writer *json, struct keel_stream_request *request,
                          const struct keel_stream_wish *wish, const char *channel, bool of_pairs)
{
    char text[KEEL_GATEIO_SIGNATURE_SIZE + 1];
    struct keel_writer signature;
    keel_writer_init(&signature, text, sizeof(text));
    keel_gateio_sign_channel(wish->keys, keel_str_from(channel), KEEL_STR("subscribe"),
                             wish->time_ms / MS_IN_S, &signature);

    begin_frame(json, wish, channel);
    keel_json_open_array(json, "payload");
    if (of_pairs)
        keel_json_put_text(json, NULL, "!all");
    keel_json_close_array(json);
    keel_json_open_object(json, "auth");
    keel_json_put_text(json, "method", "api_key");
    keel_json_put_text(json, "KEY", wish->keys->api_key);
    keel_json_put_string(json, "SIGN", keel_writer_text(&signature));
    keel_json_close_object(json);
    end_frame(json, request);
}

/* The venue refuses a list of no pairs: nothing is asked for then. */
static void write_public(struct keel_writer *json, struct keel_stream_request *request,
                         const struct keel_stream_wish *wish, const char *channel)
{
    if (wish->active_count == 0)
        return;
    begin_frame(json, wish, channel);
    keel_json_open_array(json, "payload");
    for (size_t i = 0; i < wish->active_count; i++) {
        const struct keel_market *market = keel_markets_get(wish->markets, wish->active[i]);
        KEEL_ASSERT(market);
        keel_json_put_text(json, NULL, market->venue_symbol);
    }
    keel_json_close_array(json);
    end_frame(json, request);
}

enum keel_status keel_gateio_spot_open_stream(const struct keel_stream_wish *wish,
                                              struct keel_stream_request *request,
                                              struct keel_error *error)
{
    struct keel_writer json;
    request->headers[0] = '\0';
    request->acks = 0;
    (void)keel_str_copy(KEEL_STR("/ws/v4/"), request->path, sizeof(request->path));
    keel_writer_init(&json, request->frames, sizeof(request->frames));
    switch (wish->kind) {
    case KEEL_STREAM_USER:
        write_private(&json, request, wish, "spot.orders", true);
        write_private(&json, request, wish, "spot.usertrades", true);
        write_private(&json, request, wish, "spot.balances", false);
        write_private(&json, request, wish, "spot.priceorders", true);
        break;
    case KEEL_STREAM_MARKET: write_public(&json, request, wish, "spot.tickers"); break;
    case KEEL_STREAM_BOOK: write_public(&json, request, wish, "spot.book_ticker"); break;
    case KEEL_STREAM_ORDERS:
    case KEEL_STREAM_KINDS: return keel_fail(error, KEEL_UNSUPPORTED, "order entry by stream");
    }
    if (json.full)
        return keel_fail(error, KEEL_FULL, "%zu pairs do not fit into one subscription",
                         wish->active_count);
    return KEEL_OK;
}

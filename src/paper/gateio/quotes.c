#include "paper/gateio/spot.h"
#include "paper/gateio/streams.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    WHOLE = -1, /* in place of the last update's id: the next message is the whole book */
};

/* --- Books -------------------------------------------------------------------------------------
 */

static bool is_spot(const struct gateio_subscription *subscription)
{
    return gateio_channel_is_spot(subscription->channel);
}

static void get_ticker(const struct paper_gateio *gateio,
                       const struct gateio_subscription *subscription, struct paper_ticker *ticker)
{
    if (is_spot(subscription))
        paper_spot_get_ticker(gateio->spot, subscription->market, ticker);
    else
        paper_engine_get_ticker(gateio->engine, subscription->market, ticker);
}

static keel_str name_of(const struct paper_gateio *gateio,
                        const struct gateio_subscription *subscription)
{
    return is_spot(subscription)
               ? keel_str_from(paper_spot_market(gateio->spot, subscription->market)->symbol)
               : gateio_contract_get(subscription->market)->name;
}

static int read_side(const struct paper_gateio *gateio,
                     const struct gateio_subscription *subscription, enum keel_side side,
                     struct paper_level *levels)
{
    return is_spot(subscription) ? paper_spot_get_depth(gateio->spot, subscription->market, side,
                                                        levels, subscription->levels)
                                 : paper_engine_get_depth(gateio->engine, subscription->market,
                                                          side, levels, subscription->levels);
}

static void read_book(const struct paper_gateio *gateio,
                      const struct gateio_subscription *subscription, struct gateio_book *book)
{
    book->bid_count = read_side(gateio, subscription, KEEL_BUY, book->bids);
    book->ask_count = read_side(gateio, subscription, KEEL_SELL, book->asks);
}

/* Where the first message is the whole book, it is what differs from an empty one. */
static bool begins_whole(const struct gateio_subscription *subscription)
{
    return subscription->channel == GATEIO_CHANNEL_SPOT_OBU;
}

bool gateio_begin_book(const struct paper_gateio *gateio, struct gateio_subscription *subscription)
{
    struct paper_ticker ticker;
    if (subscription->channel != GATEIO_CHANNEL_ORDER_BOOK_UPDATE &&
        subscription->channel != GATEIO_CHANNEL_SPOT_ORDER_BOOK_UPDATE &&
        !begins_whole(subscription))
        return true;
    subscription->book = calloc(1, sizeof(*subscription->book));
    if (!subscription->book)
        return false;
    subscription->update_id = WHOLE;
    if (begins_whole(subscription))
        return true;
    read_book(gateio, subscription, subscription->book);
    get_ticker(gateio, subscription, &ticker);
    subscription->update_id = ticker.update_id;
    return true;
}

static void put_level(struct keel_writer *json, keel_market_id market, keel_decimal price,
                      keel_decimal quantity, struct gateio_form form)
{
    if (form.spot) {
        keel_json_open_array(json, NULL);
        keel_json_put_decimal(json, NULL, price);
        keel_json_put_decimal(json, NULL, quantity);
        keel_json_close_array(json);
        return;
    }
    keel_json_open_object(json, NULL);
    keel_json_put_decimal(json, "p", price);
    gateio_put_size(json, "s", market, quantity, form);
    keel_json_close_object(json);
}

static void put_side(struct keel_writer *json, const char *key, keel_market_id market,
                     const struct paper_level *levels, int count, struct gateio_form form)
{
    keel_json_open_array(json, key);
    for (int i = 0; i < count; i++)
        put_level(json, market, levels[i].price, levels[i].quantity, form);
    keel_json_close_array(json);
}

/* Which of two sides' next levels comes first: below 0 the old one, which is gone; above 0 the new
 * one; 0 both, which are of one price. Asks rise, bids fall. */
static int order_of(const struct paper_level *old, const struct paper_level *now, bool bids)
{
    if (!old)
        return 1;
    if (!now)
        return -1;
    int order = keel_decimal_compare(old->price, now->price);
    return bids ? -order : order;
}

static void put_difference(struct keel_writer *json, const char *key, keel_market_id market,
                           const struct gateio_book *old, const struct gateio_book *now, bool bids,
                           struct gateio_form form)
{
    const struct paper_level *before = bids ? old->bids : old->asks;
    const struct paper_level *after = bids ? now->bids : now->asks;
    const struct paper_level *before_end = before + (bids ? old->bid_count : old->ask_count);
    const struct paper_level *after_end = after + (bids ? now->bid_count : now->ask_count);

    keel_json_open_array(json, key);
    while (before < before_end || after < after_end) {
        int order =
            order_of(before < before_end ? before : NULL, after < after_end ? after : NULL, bids);
        if (order < 0)
            put_level(json, market, before->price, KEEL_DECIMAL_ZERO, form);
        else if (order > 0 || !keel_decimal_equals(before->quantity, after->quantity))
            put_level(json, market, after->price, after->quantity, form);
        before += order <= 0;
        after += order >= 0;
    }
    keel_json_close_array(json);
}

/* Public pushes have sizes as the connection asked for them, and money as text. */
static struct gateio_form form_of(const struct gateio_stream *stream)
{
    return (struct gateio_form){.decimal_sizes = stream->decimal_sizes, .spot = stream->spot};
}

static void begin(struct paper_gateio *gateio, struct keel_writer *json,
                  const struct gateio_subscription *subscription, const char *event, int64_t now_ms)
{
    gateio_begin_push(gateio, json, gateio_channel_name(subscription->channel), event, now_ms);
}

/* From the id after the last one that was sent: no gap is left between two messages. */
static void put_update_head(struct keel_writer *json, const struct paper_gateio *gateio,
                            const struct gateio_subscription *subscription,
                            const struct paper_ticker *ticker)
{
    keel_json_put_int(json, "t", ticker->time_ms);
    if (subscription->channel == GATEIO_CHANNEL_SPOT_ORDER_BOOK_UPDATE) {
        keel_json_put_text(json, "e", "depthUpdate");
        keel_json_put_int(json, "E", ticker->time_ms / 1000);
    }
    if (subscription->update_id == WHOLE)
        keel_json_put_bool(json, "full", true);
    if (begins_whole(subscription)) {
        char name[64];
        snprintf(name, sizeof(name), "ob.%.*s.%s", KEEL_STR_ARGS(name_of(gateio, subscription)),
                 subscription->levels == 50 ? "50" : "400");
        keel_json_put_text(json, "s", name);
    } else {
        keel_json_put_string(json, "s", name_of(gateio, subscription));
    }
    if (subscription->update_id != WHOLE)
        keel_json_put_int(json, "U", subscription->update_id + 1);
    keel_json_put_int(json, "u", ticker->update_id);
}

static void send_book_update(struct paper_gateio *gateio, struct gateio_stream *stream,
                             struct gateio_subscription *subscription,
                             const struct paper_ticker *ticker, int64_t now_ms)
{
    keel_market_id market = subscription->market;
    struct gateio_form form = form_of(stream);
    struct gateio_book now = {0};
    struct keel_writer json;

    read_book(gateio, subscription, &now);
    begin(gateio, &json, subscription, "update", now_ms);
    keel_json_open_object(&json, "result");
    put_update_head(&json, gateio, subscription, ticker);
    put_difference(&json, "b", market, subscription->book, &now, true, form);
    put_difference(&json, "a", market, subscription->book, &now, false, form);
    if (!begins_whole(subscription))
        gateio_put_int_text(&json, "l", subscription->levels);
    keel_json_close_object(&json);
    gateio_end_push(stream, &json);
    *subscription->book = now;
}

/* The whole of it each time: "all" says so. */
static void send_book(struct paper_gateio *gateio, struct gateio_stream *stream,
                      const struct gateio_subscription *subscription,
                      const struct paper_ticker *ticker, int64_t now_ms)
{
    keel_market_id market = subscription->market;
    struct gateio_book book = {0};
    struct keel_writer json;

    read_book(gateio, subscription, &book);
    begin(gateio, &json, subscription, stream->spot ? "update" : "all", now_ms);
    keel_json_open_object(&json, "result");
    keel_json_put_int(&json, "t", ticker->time_ms);
    keel_json_put_int(&json, stream->spot ? "lastUpdateId" : "id", ticker->update_id);
    keel_json_put_string(&json, stream->spot ? "s" : "contract", name_of(gateio, subscription));
    put_side(&json, "asks", market, book.asks, book.ask_count, form_of(stream));
    put_side(&json, "bids", market, book.bids, book.bid_count, form_of(stream));
    keel_json_close_object(&json);
    gateio_end_push(stream, &json);
}

/* --- Prices ------------------------------------------------------------------------------------
 */

/* A side without an order has no price. */
static void put_best(struct keel_writer *json, const char *price_key, const char *size_key,
                     keel_market_id market, keel_decimal price, keel_decimal quantity,
                     struct gateio_form form)
{
    if (keel_decimal_is_positive(quantity))
        keel_json_put_decimal(json, price_key, price);
    else
        keel_json_put_text(json, price_key, "");
    gateio_put_size(json, size_key, market, quantity, form);
}

static void send_book_ticker(struct paper_gateio *gateio, struct gateio_stream *stream,
                             const struct gateio_subscription *subscription,
                             const struct paper_ticker *ticker, int64_t now_ms)
{
    keel_market_id market = subscription->market;
    struct keel_writer json;
    begin(gateio, &json, subscription, "update", now_ms);
    keel_json_open_object(&json, "result");
    keel_json_put_int(&json, "t", ticker->time_ms);
    keel_json_put_int(&json, "u", ticker->update_id);
    keel_json_put_string(&json, "s", name_of(gateio, subscription));
    put_best(&json, "b", "B", market, ticker->bid_price, ticker->bid_quantity, form_of(stream));
    put_best(&json, "a", "A", market, ticker->ask_price, ticker->ask_quantity, form_of(stream));
    keel_json_close_object(&json);
    gateio_end_push(stream, &json);
}

static void send_trade(struct paper_gateio *gateio, struct gateio_stream *stream,
                       const struct gateio_subscription *subscription,
                       const struct paper_event *event, int64_t now_ms)
{
    struct keel_writer json;
    begin(gateio, &json, subscription, "update", now_ms);
    keel_json_open_array(&json, "result");
    gateio_put_public_trade(&json, event->market, &event->as.trade, event->time_ms,
                            form_of(stream));
    keel_json_close_array(&json);
    gateio_end_push(stream, &json);
}

/* One row a contract. */
static void send_tickers(struct paper_gateio *gateio, struct gateio_stream *stream,
                         const struct gateio_subscription *subscription, int64_t now_ms)
{
    bool all = subscription->market == KEEL_NO_MARKET;
    int first = all ? 1 : subscription->market;
    int last = all ? GATEIO_CONTRACTS : subscription->market;
    struct keel_writer json;
    begin(gateio, &json, subscription, "update", now_ms);
    keel_json_open_array(&json, "result");
    for (int market = first; market <= last; market++)
        gateio_put_ticker(&json, gateio, (keel_market_id)market, now_ms, form_of(stream));
    keel_json_close_array(&json);
    gateio_end_push(stream, &json);
}

static void put_candle_name(struct keel_writer *json, const struct paper_gateio *gateio,
                            const struct gateio_subscription *subscription)
{
    char name[64];
    snprintf(name, sizeof(name), "%s_%s%.*s", paper_interval_word(subscription->interval),
             subscription->prefix, KEEL_STR_ARGS(name_of(gateio, subscription)));
    keel_json_put_text(json, "n", name);
}

static void put_prices(struct keel_writer *json, const struct paper_bar *bar)
{
    keel_json_put_decimal(json, "c", bar->close);
    keel_json_put_decimal(json, "h", bar->high);
    keel_json_put_decimal(json, "l", bar->low);
    keel_json_put_decimal(json, "o", bar->open);
}

static void put_candle(struct keel_writer *json, const struct paper_gateio *gateio,
                       const struct gateio_subscription *subscription, const struct paper_bar *bar,
                       int64_t now_ms, struct gateio_form form)
{
    keel_json_open_object(json, form.spot ? "result" : NULL);
    if (form.spot) {
        gateio_put_int_text(json, "t", bar->open_ms / 1000);
        keel_json_put_decimal(json, "v", bar->quote_volume);
        keel_json_put_decimal(json, "a", bar->volume);
    } else {
        keel_json_put_int(json, "t", bar->open_ms / 1000);
        gateio_put_size(json, "v", subscription->market, bar->volume, form);
    }
    put_prices(json, bar);
    put_candle_name(json, gateio, subscription);
    keel_json_put_bool(json, "w", now_ms > bar->close_ms);
    keel_json_close_object(json);
}

static void send_candle(struct paper_gateio *gateio, struct gateio_stream *stream,
                        const struct gateio_subscription *subscription, int64_t now_ms)
{
    const struct paper_tape *tapes = stream->spot ? gateio->pair_tapes : gateio->tapes;
    const struct paper_tape *tape = &tapes[subscription->market];
    int64_t minute = tape->bar_count - 1;
    struct paper_bar bar;
    struct keel_writer json;
    if (!paper_tape_previous_bar(tape, subscription->interval, &minute, &bar))
        return;
    begin(gateio, &json, subscription, "update", now_ms);
    if (!stream->spot)
        keel_json_open_array(&json, "result");
    put_candle(&json, gateio, subscription, &bar, now_ms, form_of(stream));
    if (!stream->spot)
        keel_json_close_array(&json);
    gateio_end_push(stream, &json);
}

/* One pair a push. */
static void send_pair_ticker(struct paper_gateio *gateio, struct gateio_stream *stream,
                             const struct gateio_subscription *subscription, int64_t now_ms)
{
    struct keel_writer json;
    begin(gateio, &json, subscription, "update", now_ms);
    keel_json_open_object(&json, "result");
    gateio_put_spot_ticker(&json, gateio, subscription->market, now_ms);
    keel_json_close_object(&json);
    gateio_end_push(stream, &json);
}

static void send_pair_trade(struct paper_gateio *gateio, struct gateio_stream *stream,
                            const struct gateio_subscription *subscription,
                            const struct paper_spot_event *event, int64_t now_ms)
{
    struct keel_writer json;
    begin(gateio, &json, subscription, "update", now_ms);
    gateio_put_spot_public_trade(&json, "result", gateio, event->market, &event->as.trade,
                                 event->time_ms);
    gateio_end_push(stream, &json);
}

/* --- When --------------------------------------------------------------------------------------
 */

void gateio_publish_quote(struct paper_gateio *gateio, struct gateio_stream *stream,
                          struct gateio_subscription *subscription, const struct paper_event *event,
                          int64_t now_ms)
{
    if (subscription->market != event->market)
        return;
    if (event->kind == PAPER_EVENT_TRADE && subscription->channel == GATEIO_CHANNEL_TRADES)
        send_trade(gateio, stream, subscription, event, now_ms);
    else if (event->kind == PAPER_EVENT_TICKER &&
             subscription->channel == GATEIO_CHANNEL_BOOK_TICKER)
        send_book_ticker(gateio, stream, subscription, &event->as.ticker, now_ms);
}

void gateio_publish_pair_quote(struct paper_gateio *gateio, struct gateio_stream *stream,
                               struct gateio_subscription *subscription,
                               const struct paper_spot_event *event, int64_t now_ms)
{
    if (subscription->market != event->market)
        return;
    if (event->kind == PAPER_SPOT_EVENT_TRADE &&
        subscription->channel == GATEIO_CHANNEL_SPOT_TRADES)
        send_pair_trade(gateio, stream, subscription, event, now_ms);
    else if (event->kind == PAPER_SPOT_EVENT_TICKER &&
             subscription->channel == GATEIO_CHANNEL_SPOT_BOOK_TICKER)
        send_book_ticker(gateio, stream, subscription, &event->as.ticker, now_ms);
}

/* The newest change of what is subscribed: a book's number grows with each. */
static int64_t change_of(const struct paper_gateio *gateio,
                         const struct gateio_subscription *subscription,
                         struct paper_ticker *ticker)
{
    int64_t sum = 0;
    if (subscription->market != KEEL_NO_MARKET) {
        get_ticker(gateio, subscription, ticker);
        return ticker->update_id;
    }
    for (int market = 1; market <= GATEIO_CONTRACTS; market++) {
        paper_engine_get_ticker(gateio->engine, (keel_market_id)market, ticker);
        sum += ticker->update_id;
    }
    return sum;
}

void gateio_send_quote(struct paper_gateio *gateio, struct gateio_stream *stream,
                       struct gateio_subscription *subscription, int64_t now_ms)
{
    struct paper_ticker ticker;
    int64_t change = change_of(gateio, subscription, &ticker);
    if (change == subscription->update_id)
        return;
    if (subscription->channel == GATEIO_CHANNEL_TICKERS)
        send_tickers(gateio, stream, subscription, now_ms);
    else if (subscription->channel == GATEIO_CHANNEL_SPOT_TICKERS)
        send_pair_ticker(gateio, stream, subscription, now_ms);
    else if (subscription->channel == GATEIO_CHANNEL_CANDLESTICKS ||
             subscription->channel == GATEIO_CHANNEL_SPOT_CANDLESTICKS)
        send_candle(gateio, stream, subscription, now_ms);
    else if (subscription->channel == GATEIO_CHANNEL_ORDER_BOOK ||
             subscription->channel == GATEIO_CHANNEL_SPOT_ORDER_BOOK)
        send_book(gateio, stream, subscription, &ticker, now_ms);
    else
        send_book_update(gateio, stream, subscription, &ticker, now_ms);
    subscription->update_id = change;
}

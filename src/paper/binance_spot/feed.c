#include "paper/binance/render.h"
#include "paper/binance_spot/streams.h"

#include <stdlib.h>

static const char *symbol_of(const struct paper_binance_spot *dialect, keel_market_id market)
{
    return paper_spot_market(dialect->spot, market)->symbol;
}

/* --- Names -------------------------------------------------------------------------------------
 */

/* Symbols in stream names are lower case; any other is of no market. */
static keel_market_id read_market(const struct paper_binance_spot *dialect, keel_str name)
{
    char symbol[KEEL_SYMBOL_SIZE];
    if (name.size >= sizeof(symbol))
        return KEEL_NO_MARKET;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (c >= 'A' && c <= 'Z')
            return KEEL_NO_MARKET;
        symbol[i] = (char)(c >= 'a' && c <= 'z' ? c & ~32 : c);
    }
    return paper_spot_find_market(dialect->spot, (keel_str){symbol, name.size});
}

static const struct {
    const char *words;
    enum binance_topic topic;
    int levels, period_ms;
} topics[] = {
    {"trade",           BINANCE_TOPIC_TRADE,        0,  0   },
    {"aggTrade",        BINANCE_TOPIC_AGG_TRADE,    0,  0   },
    {"bookTicker",      BINANCE_TOPIC_BOOK_TICKER,  0,  0   },
    {"depth",           BINANCE_TOPIC_DEPTH,        0,  1000},
    {"depth@100ms",     BINANCE_TOPIC_DEPTH,        0,  100 },
    {"depth5",          BINANCE_TOPIC_LEVELS,       5,  1000},
    {"depth5@100ms",    BINANCE_TOPIC_LEVELS,       5,  100 },
    {"depth10",         BINANCE_TOPIC_LEVELS,       10, 1000},
    {"depth10@100ms",   BINANCE_TOPIC_LEVELS,       10, 100 },
    {"depth20",         BINANCE_TOPIC_LEVELS,       20, 1000},
    {"depth20@100ms",   BINANCE_TOPIC_LEVELS,       20, 100 },
    {"ticker",          BINANCE_TOPIC_TICKER,       0,  1000},
    {"miniTicker",      BINANCE_TOPIC_MINI_TICKER,  0,  1000},
    {"!ticker@arr",     BINANCE_TOPIC_TICKERS,      0,  1000},
    {"!miniTicker@arr", BINANCE_TOPIC_MINI_TICKERS, 0,  1000},
    {"!bookTicker",     BINANCE_TOPIC_BOOK_TICKER,  0,  0   },
};

static void read_words(keel_str words, struct binance_subscription *subscription)
{
    static const keel_str kline = {"kline_", 6};
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        if (!keel_str_equals(words, keel_str_from(topics[i].words)))
            continue;
        subscription->topic = topics[i].topic;
        subscription->levels = topics[i].levels;
        subscription->period_ms = topics[i].period_ms;
    }
    if (!keel_str_starts_with(words, kline))
        return;
    subscription->interval =
        paper_interval_read((keel_str){words.data + kline.size, words.size - kline.size});
    subscription->period_ms = 1000;
    if (subscription->interval != PAPER_INTERVAL_NONE)
        subscription->topic = BINANCE_TOPIC_KLINE;
}

static void read_book(const struct paper_binance_spot *dialect, keel_market_id market,
                      struct binance_book *book)
{
    book->bid_count =
        paper_spot_get_depth(dialect->spot, market, KEEL_BUY, book->bids, BINANCE_BOOK_LEVELS);
    book->ask_count =
        paper_spot_get_depth(dialect->spot, market, KEEL_SELL, book->asks, BINANCE_BOOK_LEVELS);
}

/* The book as it is when the subscription begins: the first difference is against it. */
static bool begin_book(const struct paper_binance_spot *dialect,
                       struct binance_subscription *subscription)
{
    struct paper_ticker ticker;
    subscription->book = calloc(1, sizeof(*subscription->book));
    if (!subscription->book)
        return false;
    read_book(dialect, subscription->market, subscription->book);
    paper_spot_get_ticker(dialect->spot, subscription->market, &ticker);
    subscription->update_id = ticker.update_id;
    return true;
}

bool binance_spot_read_topic(struct paper_dialect *base,
                             const struct binance_connection *connection, keel_str name,
                             int64_t now_ms, struct binance_subscription *subscription)
{
    (void)connection;
    const struct paper_binance_spot *dialect = (const struct paper_binance_spot *)base;
    *subscription = (struct binance_subscription){.next_ms = now_ms};
    if (!keel_str_copy(name, subscription->name, sizeof(subscription->name)))
        return false;
    bool all = name.size > 0 && name.data[0] == '!';
    const char *at = !all && name.size > 0 ? memchr(name.data, '@', name.size) : NULL;
    if (all)
        read_words(name, subscription);
    if (!at)
        return true;
    size_t begin = (size_t)(at + 1 - name.data);
    subscription->market = read_market(dialect, (keel_str){name.data, begin - 1});
    if (subscription->market != KEEL_NO_MARKET)
        read_words((keel_str){at + 1, name.size - begin}, subscription);
    return subscription->topic != BINANCE_TOPIC_DEPTH || begin_book(dialect, subscription);
}

/* --- Payloads ----------------------------------------------------------------------------------
 */

static void open_payload(const struct paper_binance_spot *dialect, struct keel_writer *json,
                         const char *name, keel_market_id market, int64_t now_ms)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", name);
    keel_json_put_int(json, "E", now_ms);
    keel_json_put_text(json, "s", symbol_of(dialect, market));
}

void binance_spot_put_feed_trade(struct paper_binance_spot *dialect, struct keel_writer *json,
                                 enum binance_topic topic, const struct paper_spot_event *event,
                                 int64_t now_ms)
{
    const struct paper_public_trade *trade = &event->as.trade;
    bool aggregate = topic == BINANCE_TOPIC_AGG_TRADE;
    open_payload(dialect, json, aggregate ? "aggTrade" : "trade", event->market, now_ms);
    keel_json_put_int(json, aggregate ? "a" : "t", trade->id);
    binance_put_amount(json, "p", trade->price);
    binance_put_amount(json, "q", trade->quantity);
    if (aggregate) {
        keel_json_put_int(json, "f", trade->id);
        keel_json_put_int(json, "l", trade->id);
    }
    keel_json_put_int(json, "T", event->time_ms);
    keel_json_put_bool(json, "m", trade->buyer_is_maker);
    keel_json_put_bool(json, "M", true);
    keel_json_close_object(json);
}

static void put_book_ticker(const struct paper_binance_spot *dialect, keel_market_id market,
                            struct keel_writer *json)
{
    const struct paper_ticker *ticker = &dialect->tapes[market].ticker;
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "u", ticker->update_id);
    keel_json_put_text(json, "s", symbol_of(dialect, market));
    binance_put_amount(json, "b", ticker->bid_price);
    binance_put_amount(json, "B", ticker->bid_quantity);
    binance_put_amount(json, "a", ticker->ask_price);
    binance_put_amount(json, "A", ticker->ask_quantity);
    keel_json_close_object(json);
}

static void put_level(struct keel_writer *json, keel_decimal price, keel_decimal quantity)
{
    keel_json_open_array(json, NULL);
    binance_put_amount(json, NULL, price);
    binance_put_amount(json, NULL, quantity);
    keel_json_close_array(json);
}

/* Both sides of one book from the best price on: what is only in the old is gone, what is only in
 * the new came, what has another quantity changed. `sign` is 1 when prices rise. */
static void put_difference(struct keel_writer *json, const char *key, const struct paper_level *old,
                           int old_count, const struct paper_level *now, int now_count, int sign)
{
    int i = 0, j = 0;
    keel_json_open_array(json, key);
    while (i < old_count || j < now_count) {
        int order = i == old_count   ? 1
                    : j == now_count ? -1
                                     : sign * keel_decimal_compare(old[i].price, now[j].price);
        if (order < 0)
            put_level(json, old[i].price, KEEL_DECIMAL_ZERO);
        else if (order > 0 || !keel_decimal_equals(old[i].quantity, now[j].quantity))
            put_level(json, now[j].price, now[j].quantity);
        i += order <= 0;
        j += order >= 0;
    }
    keel_json_close_array(json);
}

static bool put_depth(struct paper_binance_spot *dialect, struct binance_subscription *subscription,
                      struct keel_writer *json, int64_t now_ms)
{
    struct binance_book *old = subscription->book;
    struct binance_book *now = keel_arena_take(&dialect->arena, sizeof(*now));
    struct paper_ticker ticker;
    paper_spot_get_ticker(dialect->spot, subscription->market, &ticker);
    if (ticker.update_id == subscription->update_id || !now)
        return false;
    read_book(dialect, subscription->market, now);
    open_payload(dialect, json, "depthUpdate", subscription->market, now_ms);
    keel_json_put_int(json, "U", subscription->update_id + 1);
    keel_json_put_int(json, "u", ticker.update_id);
    put_difference(json, "b", old->bids, old->bid_count, now->bids, now->bid_count, -1);
    put_difference(json, "a", old->asks, old->ask_count, now->asks, now->ask_count, 1);
    keel_json_close_object(json);
    subscription->update_id = ticker.update_id;
    *old = *now;
    return true;
}

static void put_side(struct paper_binance_spot *dialect, const char *key, keel_market_id market,
                     enum keel_side side, int count, struct keel_writer *json)
{
    struct paper_level levels[20];
    int found = paper_spot_get_depth(dialect->spot, market, side, levels, count);
    keel_json_open_array(json, key);
    for (int i = 0; i < found; i++)
        put_level(json, levels[i].price, levels[i].quantity);
    keel_json_close_array(json);
}

static bool put_levels(struct paper_binance_spot *dialect,
                       struct binance_subscription *subscription, struct keel_writer *json)
{
    keel_market_id market = subscription->market;
    struct paper_ticker ticker;
    paper_spot_get_ticker(dialect->spot, market, &ticker);
    if (ticker.update_id == subscription->update_id)
        return false;
    subscription->update_id = ticker.update_id;
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "lastUpdateId", ticker.update_id);
    put_side(dialect, "bids", market, KEEL_BUY, subscription->levels, json);
    put_side(dialect, "asks", market, KEEL_SELL, subscription->levels, json);
    keel_json_close_object(json);
    return true;
}

static bool put_kline(struct paper_binance_spot *dialect,
                      const struct binance_subscription *subscription, struct keel_writer *json,
                      int64_t now_ms)
{
    const struct paper_tape *tape = &dialect->tapes[subscription->market];
    int64_t minute = tape->bar_count - 1;
    struct paper_bar bar;
    if (!paper_tape_previous_bar(tape, subscription->interval, &minute, &bar))
        return false;
    open_payload(dialect, json, "kline", subscription->market, now_ms);
    keel_json_open_object(json, "k");
    keel_json_put_int(json, "t", bar.open_ms);
    keel_json_put_int(json, "T", bar.close_ms);
    keel_json_put_text(json, "s", symbol_of(dialect, subscription->market));
    keel_json_put_text(json, "i", paper_interval_word(subscription->interval));
    keel_json_put_int(json, "f", bar.trades > 0 ? bar.first_trade_id : -1);
    keel_json_put_int(json, "L", bar.trades > 0 ? bar.last_trade_id : -1);
    binance_put_amount(json, "o", bar.open);
    binance_put_amount(json, "c", bar.close);
    binance_put_amount(json, "h", bar.high);
    binance_put_amount(json, "l", bar.low);
    binance_put_amount(json, "v", bar.volume);
    keel_json_put_int(json, "n", bar.trades);
    keel_json_put_bool(json, "x", now_ms > bar.close_ms);
    binance_put_amount(json, "q", bar.quote_volume);
    binance_put_amount(json, "V", bar.taker_volume);
    binance_put_amount(json, "Q", bar.taker_quote_volume);
    keel_json_put_text(json, "B", "0");
    keel_json_close_object(json);
    keel_json_close_object(json);
    return true;
}

static void put_change(const struct paper_binance_spot *dialect, keel_market_id market,
                       const struct paper_bar *bar, struct keel_writer *json)
{
    const struct paper_tape *tape = &dialect->tapes[market];
    keel_decimal change = keel_decimal_sub(bar->close, bar->open);
    keel_decimal percent =
        keel_decimal_is_positive(bar->open)
            ? keel_decimal_mul_div(change, keel_decimal_from_int(100), bar->open, KEEL_ROUND_DOWN)
            : KEEL_DECIMAL_ZERO;
    binance_put_amount(json, "p", change);
    keel_json_put_fixed(json, "P", percent, 3);
    binance_put_amount(json, "w",
                       keel_decimal_is_positive(bar->volume)
                           ? keel_decimal_div(bar->quote_volume, bar->volume, KEEL_ROUND_DOWN)
                           : bar->close);
    binance_put_amount(json, "x", bar->open);
    binance_put_amount(
        json, "Q",
        tape->trade_count > 0
            ? tape->trades[(tape->trade_count - 1) % PAPER_TAPE_TRADES].trade.quantity
            : KEEL_DECIMAL_ZERO);
    binance_put_amount(json, "b", tape->ticker.bid_price);
    binance_put_amount(json, "B", tape->ticker.bid_quantity);
    binance_put_amount(json, "a", tape->ticker.ask_price);
    binance_put_amount(json, "A", tape->ticker.ask_quantity);
    keel_json_put_int(json, "O", bar->open_ms);
    keel_json_put_int(json, "C", bar->close_ms);
    keel_json_put_int(json, "F", bar->trades > 0 ? bar->first_trade_id : -1);
    keel_json_put_int(json, "L", bar->trades > 0 ? bar->last_trade_id : -1);
    keel_json_put_int(json, "n", bar->trades);
}

static void put_day(const struct paper_binance_spot *dialect, keel_market_id market, bool mini,
                    struct keel_writer *json, int64_t now_ms)
{
    struct paper_bar bar = {0};
    paper_tape_day(&dialect->tapes[market], now_ms, &bar);
    open_payload(dialect, json, mini ? "24hrMiniTicker" : "24hrTicker", market, now_ms);
    binance_put_amount(json, "c", bar.close);
    binance_put_amount(json, "o", bar.open);
    binance_put_amount(json, "h", bar.high);
    binance_put_amount(json, "l", bar.low);
    binance_put_amount(json, "v", bar.volume);
    binance_put_amount(json, "q", bar.quote_volume);
    if (!mini)
        put_change(dialect, market, &bar, json);
    keel_json_close_object(json);
}

static void put_days(const struct paper_binance_spot *dialect, bool mini, struct keel_writer *json,
                     int64_t now_ms)
{
    keel_json_open_array(json, NULL);
    for (int i = 1; i <= paper_spot_market_count(dialect->spot); i++)
        put_day(dialect, (keel_market_id)i, mini, json, now_ms);
    keel_json_close_array(json);
}

bool binance_spot_put_feed(struct paper_dialect *base, struct binance_subscription *subscription,
                           keel_market_id market, struct keel_writer *json, int64_t now_ms)
{
    struct paper_binance_spot *dialect = (struct paper_binance_spot *)base;
    switch (subscription->topic) {
    case BINANCE_TOPIC_NONE:
    case BINANCE_TOPIC_USER:
    case BINANCE_TOPIC_MARK_PRICE: /* the futures' alone */
    case BINANCE_TOPIC_MARK_PRICES:
    case BINANCE_TOPIC_FORCE_ORDER:
    case BINANCE_TOPIC_TRADE:
    case BINANCE_TOPIC_AGG_TRADE: return false;
    case BINANCE_TOPIC_BOOK_TICKER: put_book_ticker(dialect, market, json); return true;
    case BINANCE_TOPIC_DEPTH: return put_depth(dialect, subscription, json, now_ms);
    case BINANCE_TOPIC_LEVELS: return put_levels(dialect, subscription, json);
    case BINANCE_TOPIC_KLINE: return put_kline(dialect, subscription, json, now_ms);
    case BINANCE_TOPIC_TICKER: put_day(dialect, market, false, json, now_ms); return true;
    case BINANCE_TOPIC_MINI_TICKER: put_day(dialect, market, true, json, now_ms); return true;
    case BINANCE_TOPIC_TICKERS: put_days(dialect, false, json, now_ms); return true;
    case BINANCE_TOPIC_MINI_TICKERS: put_days(dialect, true, json, now_ms); return true;
    }
    return false;
}

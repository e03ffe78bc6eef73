#include "paper/binance/render.h"
#include "paper/binance/streams.h"

#include <stdlib.h>

enum {
    FAST_MARKET_MS = 100, /* the mark price's period when market time runs faster than the clock */
};

static const char *symbol_of(keel_market_id market)
{
    return paper_instrument_get(market)->symbol;
}

/* --- Names -------------------------------------------------------------------------------------
 */

/* Symbols in stream names are lower case; any other is of no market. */
static keel_market_id read_market(keel_str name)
{
    char symbol[KEEL_SYMBOL_SIZE];
    if (name.size >= sizeof(symbol))
        return KEEL_NO_MARKET;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (c >= 'A' && c <= 'Z')
            return KEEL_NO_MARKET;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        symbol[i] = c;
    }
    return paper_instrument_find((keel_str){symbol, name.size});
}

/* What follows the symbol, with its period or its parts. */
static const struct {
    const char *words;
    enum binance_topic topic;
    enum binance_entry entry;
    int levels, period_ms;
} topics[] = {
    {"aggTrade",          BINANCE_TOPIC_AGG_TRADE,    BINANCE_ENTRY_MARKET, 0,  0   },
    {"trade",             BINANCE_TOPIC_TRADE,        BINANCE_ENTRY_PUBLIC, 0,  0   },
    {"markPrice",         BINANCE_TOPIC_MARK_PRICE,   BINANCE_ENTRY_MARKET, 0,  3000},
    {"markPrice@1s",      BINANCE_TOPIC_MARK_PRICE,   BINANCE_ENTRY_MARKET, 0,  1000},
    {"bookTicker",        BINANCE_TOPIC_BOOK_TICKER,  BINANCE_ENTRY_PUBLIC, 0,  0   },
    {"depth",             BINANCE_TOPIC_DEPTH,        BINANCE_ENTRY_PUBLIC, 0,  250 },
    {"depth@500ms",       BINANCE_TOPIC_DEPTH,        BINANCE_ENTRY_PUBLIC, 0,  500 },
    {"depth@250ms",       BINANCE_TOPIC_DEPTH,        BINANCE_ENTRY_PUBLIC, 0,  250 },
    {"depth@100ms",       BINANCE_TOPIC_DEPTH,        BINANCE_ENTRY_PUBLIC, 0,  100 },
    {"depth5",            BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 5,  250 },
    {"depth5@500ms",      BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 5,  500 },
    {"depth5@100ms",      BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 5,  100 },
    {"depth10",           BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 10, 250 },
    {"depth10@500ms",     BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 10, 500 },
    {"depth10@100ms",     BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 10, 100 },
    {"depth20",           BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 20, 250 },
    {"depth20@500ms",     BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 20, 500 },
    {"depth20@100ms",     BINANCE_TOPIC_LEVELS,       BINANCE_ENTRY_PUBLIC, 20, 100 },
    {"ticker",            BINANCE_TOPIC_TICKER,       BINANCE_ENTRY_MARKET, 0,  2000},
    {"miniTicker",        BINANCE_TOPIC_MINI_TICKER,  BINANCE_ENTRY_MARKET, 0,  2000},
    {"forceOrder",        BINANCE_TOPIC_FORCE_ORDER,  BINANCE_ENTRY_MARKET, 0,  0   },
    {"!markPrice@arr",    BINANCE_TOPIC_MARK_PRICES,  BINANCE_ENTRY_MARKET, 0,  3000},
    {"!markPrice@arr@1s", BINANCE_TOPIC_MARK_PRICES,  BINANCE_ENTRY_MARKET, 0,  1000},
    {"!bookTicker",       BINANCE_TOPIC_BOOK_TICKER,  BINANCE_ENTRY_PUBLIC, 0,  0   },
    {"!ticker@arr",       BINANCE_TOPIC_TICKERS,      BINANCE_ENTRY_MARKET, 0,  1000},
    {"!miniTicker@arr",   BINANCE_TOPIC_MINI_TICKERS, BINANCE_ENTRY_MARKET, 0,  1000},
    {"!forceOrder@arr",   BINANCE_TOPIC_FORCE_ORDER,  BINANCE_ENTRY_MARKET, 0,  0   },
};

static bool is_delivered_at(enum binance_entry entry, enum binance_entry home)
{
    return entry == BINANCE_ENTRY_ALL || entry == home;
}

static void read_kline(keel_str words, enum binance_entry entry,
                       struct binance_subscription *subscription)
{
    static const keel_str prefix = {"kline_", 6};
    if (!keel_str_starts_with(words, prefix) || !is_delivered_at(entry, BINANCE_ENTRY_MARKET))
        return;
    keel_str word = {words.data + prefix.size, words.size - prefix.size};
    subscription->interval = paper_interval_read(word);
    subscription->period_ms = 250;
    if (subscription->interval != PAPER_INTERVAL_NONE)
        subscription->topic = BINANCE_TOPIC_KLINE;
}

static void read_market_topic(const struct paper_binance *binance, enum binance_entry entry,
                              keel_str words, struct binance_subscription *subscription)
{
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        if (!keel_str_equals(words, keel_str_from(topics[i].words)))
            continue;
        if (!is_delivered_at(entry, topics[i].entry))
            return;
        subscription->topic = topics[i].topic;
        subscription->levels = topics[i].levels;
        subscription->period_ms = topics[i].period_ms;
        break;
    }
    bool marks = subscription->topic == BINANCE_TOPIC_MARK_PRICE ||
                 subscription->topic == BINANCE_TOPIC_MARK_PRICES;
    if (marks && (binance->speed > 1 || binance->speed < 0))
        subscription->period_ms = FAST_MARKET_MS;
}

/* The book as it is when the subscription begins: the first difference is against it. */
static bool begin_book(const struct paper_binance *binance,
                       struct binance_subscription *subscription)
{
    struct paper_ticker ticker;
    struct binance_book *book = calloc(1, sizeof(*book));
    if (!book)
        return false;
    keel_market_id market = subscription->market;
    book->bid_count =
        paper_engine_get_depth(binance->engine, market, KEEL_BUY, book->bids, BINANCE_BOOK_LEVELS);
    book->ask_count =
        paper_engine_get_depth(binance->engine, market, KEEL_SELL, book->asks, BINANCE_BOOK_LEVELS);
    paper_engine_get_ticker(binance->engine, market, &ticker);
    subscription->book = book;
    subscription->update_id = ticker.update_id;
    return true;
}

bool binance_read_topic(struct paper_dialect *dialect, const struct binance_connection *connection,
                        keel_str name, int64_t now_ms, struct binance_subscription *subscription)
{
    const struct paper_binance *binance = (const struct paper_binance *)dialect;
    enum binance_entry entry = ((const struct binance_stream *)connection)->entry;
    *subscription = (struct binance_subscription){.next_ms = now_ms};
    if (!keel_str_copy(name, subscription->name, sizeof(subscription->name)))
        return false;
    subscription->account = binance_listen_key_account(binance, name, now_ms);
    if (subscription->account > 0) {
        if (is_delivered_at(entry, BINANCE_ENTRY_PRIVATE))
            subscription->topic = BINANCE_TOPIC_USER;
        return true;
    }
    const char *at =
        name.size > 0 && name.data[0] != '!' ? memchr(name.data, '@', name.size) : NULL;
    keel_str words = name;
    if (at) {
        subscription->market = read_market((keel_str){name.data, (size_t)(at - name.data)});
        words = (keel_str){at + 1, name.size - (size_t)(at + 1 - name.data)};
    }
    if (at ? subscription->market == KEEL_NO_MARKET : name.size == 0 || name.data[0] != '!')
        return true;
    read_market_topic(binance, entry, words, subscription);
    if (at)
        read_kline(words, entry, subscription);
    return subscription->topic != BINANCE_TOPIC_DEPTH || begin_book(binance, subscription);
}

/* --- Payloads ----------------------------------------------------------------------------------
 */

static void open_payload(struct keel_writer *json, const char *name, int64_t now_ms,
                         keel_market_id market)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", name);
    keel_json_put_int(json, "E", now_ms);
    keel_json_put_text(json, "s", symbol_of(market));
}

void binance_put_feed_trade(struct keel_writer *json, enum binance_topic topic,
                            const struct paper_event *event, int64_t now_ms)
{
    const struct paper_public_trade *trade = &event->as.trade;
    bool aggregate = topic == BINANCE_TOPIC_AGG_TRADE;

    open_payload(json, aggregate ? "aggTrade" : "trade", now_ms, event->market);
    keel_json_put_int(json, aggregate ? "a" : "t", trade->id);
    binance_put_price(json, "p", event->market, trade->price);
    binance_put_quantity(json, "q", event->market, trade->quantity);
    if (aggregate) {
        binance_put_quantity(json, "nq", event->market, trade->quantity);
        keel_json_put_int(json, "f", trade->id);
        keel_json_put_int(json, "l", trade->id);
    }
    keel_json_put_int(json, "T", event->time_ms);
    keel_json_put_bool(json, "m", trade->buyer_is_maker);
    if (!aggregate)
        keel_json_put_text(json, "X", "MARKET");
    keel_json_put_int(json, "st", 1);
    keel_json_close_object(json);
}

static void put_mark_price(struct paper_binance *binance, keel_market_id market,
                           struct keel_writer *json, int64_t now_ms)
{
    struct paper_ticker ticker;
    paper_engine_get_ticker(binance->engine, market, &ticker);
    open_payload(json, "markPriceUpdate", now_ms, market);
    binance_put_amount(json, "p", ticker.mark_price);
    binance_put_amount(json, "ap", ticker.mark_price);
    binance_put_amount(json, "i", ticker.mark_price);
    binance_put_amount(json, "P", ticker.mark_price);
    binance_put_amount(json, "r", ticker.funding_rate);
    keel_json_put_int(json, "T", binance_funding_time(binance, &ticker, now_ms));
    keel_json_put_int(json, "st", 1);
    keel_json_close_object(json);
}

static void put_book_ticker(const struct paper_ticker *ticker, keel_market_id market,
                            struct keel_writer *json, int64_t now_ms)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", "bookTicker");
    keel_json_put_int(json, "u", ticker->update_id);
    keel_json_put_int(json, "E", now_ms);
    keel_json_put_int(json, "T", ticker->time_ms);
    keel_json_put_text(json, "s", symbol_of(market));
    binance_put_price(json, "b", market, ticker->bid_price);
    binance_put_quantity(json, "B", market, ticker->bid_quantity);
    binance_put_price(json, "a", market, ticker->ask_price);
    binance_put_quantity(json, "A", market, ticker->ask_quantity);
    keel_json_put_text(json, "ps", symbol_of(market));
    keel_json_put_int(json, "st", 1);
    keel_json_close_object(json);
}

static void put_level(struct keel_writer *json, keel_market_id market, keel_decimal price,
                      keel_decimal quantity)
{
    keel_json_open_array(json, NULL);
    binance_put_price(json, NULL, market, price);
    binance_put_quantity(json, NULL, market, quantity);
    keel_json_close_array(json);
}

/* Walks both sides of one book from the best price on: what is only in the old is gone, what is
 * only in the new came, what has another quantity changed. `sign` is 1 when prices rise. */
static void put_difference(struct keel_writer *json, keel_market_id market,
                           const struct paper_level *old, int old_count,
                           const struct paper_level *now, int now_count, int sign)
{
    int i = 0, j = 0;
    while (i < old_count || j < now_count) {
        int order = i == old_count   ? 1
                    : j == now_count ? -1
                                     : sign * keel_decimal_compare(old[i].price, now[j].price);
        if (order < 0) {
            put_level(json, market, old[i++].price, KEEL_DECIMAL_ZERO);
        } else if (order > 0) {
            put_level(json, market, now[j].price, now[j].quantity);
            j++;
        } else {
            if (!keel_decimal_equals(old[i].quantity, now[j].quantity))
                put_level(json, market, now[j].price, now[j].quantity);
            i++;
            j++;
        }
    }
}

static void open_depth(struct keel_writer *json, keel_market_id market,
                       const struct paper_ticker *ticker, int64_t before, int64_t now_ms)
{
    keel_json_open_object(json, NULL);
    keel_json_put_text(json, "e", "depthUpdate");
    keel_json_put_int(json, "E", now_ms);
    keel_json_put_int(json, "T", ticker->time_ms);
    keel_json_put_text(json, "s", symbol_of(market));
    keel_json_put_text(json, "ps", symbol_of(market));
    keel_json_put_int(json, "st", 1);
    /* From the last id sent on, so that a snapshot taken at that very id finds its event. */
    keel_json_put_int(json, "U", before);
    keel_json_put_int(json, "u", ticker->update_id);
    keel_json_put_int(json, "pu", before);
}

static bool put_depth(struct paper_binance *binance, struct binance_subscription *subscription,
                      struct keel_writer *json, int64_t now_ms)
{
    static const size_t size = sizeof(struct binance_book);
    keel_market_id market = subscription->market;
    struct binance_book *old = subscription->book;
    struct paper_ticker ticker;

    paper_engine_get_ticker(binance->engine, market, &ticker);
    struct binance_book *now = keel_arena_take(&binance->arena, size);
    if (ticker.update_id == subscription->update_id || !now)
        return false;
    now->bid_count =
        paper_engine_get_depth(binance->engine, market, KEEL_BUY, now->bids, BINANCE_BOOK_LEVELS);
    now->ask_count =
        paper_engine_get_depth(binance->engine, market, KEEL_SELL, now->asks, BINANCE_BOOK_LEVELS);

    open_depth(json, market, &ticker, subscription->update_id, now_ms);
    keel_json_open_array(json, "b");
    put_difference(json, market, old->bids, old->bid_count, now->bids, now->bid_count, -1);
    keel_json_close_array(json);
    keel_json_open_array(json, "a");
    put_difference(json, market, old->asks, old->ask_count, now->asks, now->ask_count, 1);
    keel_json_close_array(json);
    keel_json_close_object(json);
    subscription->update_id = ticker.update_id;
    *old = *now;
    return true;
}

static void put_side(struct paper_binance *binance, const char *key, keel_market_id market,
                     enum keel_side side, int count, struct keel_writer *json)
{
    struct paper_level levels[20];
    int found = paper_engine_get_depth(binance->engine, market, side, levels, count);
    keel_json_open_array(json, key);
    for (int i = 0; i < found; i++)
        put_level(json, market, levels[i].price, levels[i].quantity);
    keel_json_close_array(json);
}

static bool put_levels(struct paper_binance *binance, struct binance_subscription *subscription,
                       struct keel_writer *json, int64_t now_ms)
{
    keel_market_id market = subscription->market;
    struct paper_ticker ticker;

    paper_engine_get_ticker(binance->engine, market, &ticker);
    if (ticker.update_id == subscription->update_id)
        return false;
    open_depth(json, market, &ticker, subscription->update_id, now_ms);
    put_side(binance, "b", market, KEEL_BUY, subscription->levels, json);
    put_side(binance, "a", market, KEEL_SELL, subscription->levels, json);
    keel_json_close_object(json);
    subscription->update_id = ticker.update_id;
    return true;
}

static bool put_kline(struct paper_binance *binance, struct binance_subscription *subscription,
                      struct keel_writer *json, int64_t now_ms)
{
    const struct paper_tape *tape = &binance->tapes[subscription->market];
    keel_market_id market = subscription->market;
    int64_t minute = tape->bar_count - 1;
    struct paper_bar bar;

    if (!paper_tape_previous_bar(tape, subscription->interval, &minute, &bar))
        return false;
    open_payload(json, "kline", now_ms, market);
    keel_json_open_object(json, "k");
    keel_json_put_int(json, "t", bar.open_ms);
    keel_json_put_int(json, "T", bar.close_ms);
    keel_json_put_text(json, "s", symbol_of(market));
    keel_json_put_text(json, "i", paper_interval_word(subscription->interval));
    keel_json_put_int(json, "f", bar.first_trade_id);
    keel_json_put_int(json, "L", bar.last_trade_id);
    binance_put_price(json, "o", market, bar.open);
    binance_put_price(json, "c", market, bar.close);
    binance_put_price(json, "h", market, bar.high);
    binance_put_price(json, "l", market, bar.low);
    binance_put_quantity(json, "v", market, bar.volume);
    keel_json_put_int(json, "n", bar.trades);
    keel_json_put_bool(json, "x", now_ms > bar.close_ms);
    binance_put_short(json, "q", bar.quote_volume);
    binance_put_quantity(json, "V", market, bar.taker_volume);
    binance_put_short(json, "Q", bar.taker_quote_volume);
    keel_json_put_text(json, "B", "0");
    keel_json_close_object(json);
    keel_json_close_object(json);
    return true;
}

static void put_change(struct keel_writer *json, keel_market_id market, const struct paper_bar *bar)
{
    keel_decimal change = keel_decimal_sub(bar->close, bar->open);
    keel_decimal percent =
        keel_decimal_is_positive(bar->open)
            ? keel_decimal_mul_div(change, keel_decimal_from_int(100), bar->open, KEEL_ROUND_DOWN)
            : KEEL_DECIMAL_ZERO;
    keel_decimal average = keel_decimal_is_positive(bar->volume)
                               ? keel_decimal_div(bar->quote_volume, bar->volume, KEEL_ROUND_DOWN)
                               : bar->close;
    binance_put_price(json, "p", market, change);
    keel_json_put_fixed(json, "P", percent, 3);
    binance_put_short(json, "w", average);
    keel_json_put_int(json, "O", bar->open_ms);
    keel_json_put_int(json, "C", bar->close_ms);
    keel_json_put_int(json, "F", bar->first_trade_id);
    keel_json_put_int(json, "L", bar->last_trade_id);
    keel_json_put_int(json, "n", bar->trades);
}

static void put_day(struct paper_binance *binance, keel_market_id market, bool mini,
                    struct keel_writer *json, int64_t now_ms)
{
    const struct paper_tape *tape = &binance->tapes[market];
    struct paper_bar bar = {0};

    paper_tape_day(tape, now_ms, &bar);
    open_payload(json, mini ? "24hrMiniTicker" : "24hrTicker", now_ms, market);
    binance_put_price(json, "c", market, bar.close);
    binance_put_price(json, "o", market, bar.open);
    binance_put_price(json, "h", market, bar.high);
    binance_put_price(json, "l", market, bar.low);
    binance_put_quantity(json, "v", market, bar.volume);
    binance_put_short(json, "q", bar.quote_volume);
    if (!mini) {
        keel_decimal last =
            tape->trade_count > 0
                ? tape->trades[(tape->trade_count - 1) % PAPER_TAPE_TRADES].trade.quantity
                : KEEL_DECIMAL_ZERO;
        binance_put_quantity(json, "Q", market, last);
        put_change(json, market, &bar);
    }
    keel_json_put_int(json, "st", 1);
    keel_json_close_object(json);
}

static void put_every_market(struct paper_binance *binance, enum binance_topic topic,
                             struct keel_writer *json, int64_t now_ms)
{
    keel_json_open_array(json, NULL);
    for (int i = 1; i <= paper_instrument_count(); i++) {
        if (topic == BINANCE_TOPIC_MARK_PRICES)
            put_mark_price(binance, (keel_market_id)i, json, now_ms);
        else
            put_day(binance, (keel_market_id)i, topic == BINANCE_TOPIC_MINI_TICKERS, json, now_ms);
    }
    keel_json_close_array(json);
}

bool binance_put_feed(struct paper_dialect *dialect, struct binance_subscription *subscription,
                      keel_market_id market, struct keel_writer *json, int64_t now_ms)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    switch (subscription->topic) {
    case BINANCE_TOPIC_NONE:
    case BINANCE_TOPIC_USER:
    case BINANCE_TOPIC_AGG_TRADE:
    case BINANCE_TOPIC_TRADE:
    case BINANCE_TOPIC_FORCE_ORDER: return false;
    case BINANCE_TOPIC_MARK_PRICE: put_mark_price(binance, market, json, now_ms); return true;
    case BINANCE_TOPIC_BOOK_TICKER:
        put_book_ticker(&binance->tapes[market].ticker, market, json, now_ms);
        return true;
    case BINANCE_TOPIC_DEPTH: return put_depth(binance, subscription, json, now_ms);
    case BINANCE_TOPIC_LEVELS: return put_levels(binance, subscription, json, now_ms);
    case BINANCE_TOPIC_KLINE: return put_kline(binance, subscription, json, now_ms);
    case BINANCE_TOPIC_TICKER: put_day(binance, market, false, json, now_ms); return true;
    case BINANCE_TOPIC_MINI_TICKER: put_day(binance, market, true, json, now_ms); return true;
    case BINANCE_TOPIC_MARK_PRICES:
    case BINANCE_TOPIC_TICKERS:
    case BINANCE_TOPIC_MINI_TICKERS:
        put_every_market(binance, subscription->topic, json, now_ms);
        return true;
    }
    return false;
}

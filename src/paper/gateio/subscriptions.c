/* subscriptions.c - the channels, what a stream carries of them, and what a request asks for. */
#include "paper/gateio/streams.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What the payload of a channel lists. */
enum payload {
    PAYLOAD_USER,             /* the user's id */
    PAYLOAD_USER_CONTRACTS,   /* and contracts, or "!all" */
    PAYLOAD_ANY_CONTRACTS,    /* the same, with the id or without it */
    PAYLOAD_CONTRACTS,        /* contracts */
    PAYLOAD_LEVELS,           /* contract, levels, interval */
    PAYLOAD_LEVELS_OF_PERIOD, /* contract, period, levels */
    PAYLOAD_CANDLES,          /* interval, contract */
    PAYLOAD_NONE,
    PAYLOAD_PAIRS,       /* of private channels: or "!all" */
    PAYLOAD_PAIR_LEVELS, /* pair, levels, period */
    PAYLOAD_PAIR_PERIOD, /* pair, period */
    PAYLOAD_BOOKS,       /* "ob.PAIR.LEVELS" */
};

static const struct {
    const char *name;
    enum payload payload;
    int period_ms; /* 0: at once */
} channels[GATEIO_CHANNEL_COUNT] = {
    [GATEIO_CHANNEL_NONE] = {"",                           PAYLOAD_USER,             0   },
    [GATEIO_CHANNEL_ORDERS] = {"futures.orders",             PAYLOAD_USER_CONTRACTS,   0   },
    [GATEIO_CHANNEL_USERTRADES] = {"futures.usertrades",         PAYLOAD_USER_CONTRACTS,   0   },
    [GATEIO_CHANNEL_LIQUIDATES] = {"futures.liquidates",         PAYLOAD_USER_CONTRACTS,   0   },
    [GATEIO_CHANNEL_AUTO_DELEVERAGES] = {"futures.auto_deleverages",   PAYLOAD_USER_CONTRACTS,   0   },
    [GATEIO_CHANNEL_POSITION_CLOSES] = {"futures.position_closes",    PAYLOAD_USER_CONTRACTS,   0   },
    [GATEIO_CHANNEL_BALANCES] = {"futures.balances",           PAYLOAD_USER,             0   },
    [GATEIO_CHANNEL_REDUCE_RISK_LIMITS] = {"futures.reduce_risk_limits", PAYLOAD_USER_CONTRACTS,   0   },
    [GATEIO_CHANNEL_POSITIONS] = {"futures.positions",          PAYLOAD_USER_CONTRACTS,   0   },
    [GATEIO_CHANNEL_AUTOORDERS] = {"futures.autoorders",         PAYLOAD_ANY_CONTRACTS,    0   },
    [GATEIO_CHANNEL_POSITION_ADL_RANK] = {"futures.position_adl_rank",  PAYLOAD_ANY_CONTRACTS,    1000},
    [GATEIO_CHANNEL_SPOT_ORDERS] = {"spot.orders",                PAYLOAD_PAIRS,            0   },
    [GATEIO_CHANNEL_SPOT_ORDERS_V2] = {"spot.orders_v2",             PAYLOAD_PAIRS,            0   },
    [GATEIO_CHANNEL_SPOT_USERTRADES] = {"spot.usertrades",            PAYLOAD_PAIRS,            0   },
    [GATEIO_CHANNEL_SPOT_BALANCES] = {"spot.balances",              PAYLOAD_NONE,             0   },
    [GATEIO_CHANNEL_SPOT_PRICEORDERS] = {"spot.priceorders",           PAYLOAD_PAIRS,            0   },
    [GATEIO_CHANNEL_SPOT_TICKERS] = {"spot.tickers",               PAYLOAD_PAIRS,            1000},
    [GATEIO_CHANNEL_SPOT_BOOK_TICKER] = {"spot.book_ticker",           PAYLOAD_PAIRS,            0   },
    [GATEIO_CHANNEL_SPOT_ORDER_BOOK] = {"spot.order_book",            PAYLOAD_PAIR_LEVELS,      100 },
    [GATEIO_CHANNEL_SPOT_ORDER_BOOK_UPDATE] = {"spot.order_book_update",     PAYLOAD_PAIR_PERIOD,      100 },
    [GATEIO_CHANNEL_SPOT_OBU] = {"spot.obu",                   PAYLOAD_BOOKS,            20  },
    [GATEIO_CHANNEL_SPOT_TRADES] = {"spot.trades",                PAYLOAD_PAIRS,            0   },
    [GATEIO_CHANNEL_SPOT_CANDLESTICKS] = {"spot.candlesticks",          PAYLOAD_CANDLES,          500 },
    [GATEIO_CHANNEL_TICKERS] = {"futures.tickers",            PAYLOAD_CONTRACTS,        100 },
    [GATEIO_CHANNEL_BOOK_TICKER] = {"futures.book_ticker",        PAYLOAD_CONTRACTS,        0   },
    [GATEIO_CHANNEL_ORDER_BOOK] = {"futures.order_book",         PAYLOAD_LEVELS,           100 },
    [GATEIO_CHANNEL_ORDER_BOOK_UPDATE] = {"futures.order_book_update",  PAYLOAD_LEVELS_OF_PERIOD,
                             100                                                         },
    [GATEIO_CHANNEL_TRADES] = {"futures.trades",             PAYLOAD_CONTRACTS,        0   },
    [GATEIO_CHANNEL_CANDLESTICKS] = {"futures.candlesticks",       PAYLOAD_CANDLES,          500 },
};

const char *gateio_channel_name(enum gateio_channel channel)
{
    return channels[channel].name;
}

enum gateio_channel gateio_channel_find(keel_str name)
{
    for (int i = 1; i < GATEIO_CHANNEL_COUNT; i++) {
        if (keel_str_equals(name, keel_str_from(channels[i].name)))
            return (enum gateio_channel)i;
    }
    return GATEIO_CHANNEL_NONE;
}

/* --- Subscriptions -----------------------------------------------------------------------------
 */

static bool is_same(const struct gateio_subscription *a, const struct gateio_subscription *b)
{
    return a->channel == b->channel && a->account == b->account && a->market == b->market &&
           a->levels == b->levels && a->interval == b->interval &&
           (a->prefix == b->prefix || strcmp(a->prefix, b->prefix) == 0);
}

static int find_subscription(const struct gateio_stream *stream,
                             const struct gateio_subscription *wanted)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        if (is_same(&stream->subscriptions[i], wanted))
            return i;
    }
    return -1;
}

static bool make_room(struct gateio_stream *stream)
{
    if (stream->subscription_count < stream->subscription_capacity)
        return true;
    if (stream->subscription_count == GATEIO_SUBSCRIPTIONS_MAX)
        return false;
    int capacity = stream->subscription_capacity > 0 ? stream->subscription_capacity * 2 : 4;
    struct gateio_subscription *grown =
        realloc(stream->subscriptions, (size_t)capacity * sizeof(*grown));
    if (!grown)
        return false;
    stream->subscriptions = grown;
    stream->subscription_capacity = capacity;
    return true;
}

/* One that is there already stays as it is. False: too many, or no memory. */
static bool subscribe(struct paper_gateio *gateio, struct gateio_stream *stream,
                      const struct gateio_subscription *wanted)
{
    if (find_subscription(stream, wanted) >= 0)
        return true;
    if (!make_room(stream))
        return false;
    struct gateio_subscription *added = &stream->subscriptions[stream->subscription_count];
    *added = *wanted;
    if (!gateio_begin_book(gateio, added))
        return false;
    gateio_begin_ranks(gateio, added);
    stream->subscription_count++;
    return true;
}

static void unsubscribe(struct gateio_stream *stream, const struct gateio_subscription *wanted)
{
    int at = find_subscription(stream, wanted);
    if (at < 0)
        return;
    free(stream->subscriptions[at].book);
    stream->subscription_count--;
    memmove(&stream->subscriptions[at], &stream->subscriptions[at + 1],
            (size_t)(stream->subscription_count - at) * sizeof(*stream->subscriptions));
}

bool gateio_stream_wants(const struct gateio_stream *stream, enum gateio_channel channel,
                         int account, keel_market_id market)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        const struct gateio_subscription *at = &stream->subscriptions[i];
        if (at->channel == channel && at->account == account &&
            (at->market == KEEL_NO_MARKET || at->market == market))
            return true;
    }
    return false;
}

/* --- Payloads ----------------------------------------------------------------------------------
 */

/* What a request asks for, while it is read; the first mistake sticks. */
struct wish {
    const struct paper_spot *spot; /* whose pairs are meant where they are */
    keel_str texts[GATEIO_PAYLOAD_MAX];
    int text_count;
    struct gateio_subscription at[GATEIO_PAYLOAD_MAX];
    int count;
    struct gateio_mistake mistake;
};

KEEL_PRINTF(3, 4)
static void refuse(struct wish *wish, enum gateio_code code, const char *format, ...)
{
    va_list arguments;
    if (wish->mistake.code != 0)
        return;
    wish->mistake.code = code;
    va_start(arguments, format);
    vsnprintf(wish->mistake.text, sizeof(wish->mistake.text), format, arguments);
    va_end(arguments);
}

/* Names, and numbers as if they were written as text. */
static void read_texts(keel_str payload, struct keel_arena *arena, struct wish *wish)
{
    struct keel_json json;
    if (payload.size == 0)
        return;
    keel_json_init(&json, payload);
    keel_json_enter_array(&json);
    while (keel_json_next_element(&json)) {
        keel_str text = {0};
        if (keel_json_peek(&json) == KEEL_JSON_STRING)
            keel_json_read_string(&json, arena, &text);
        else
            keel_json_raw(&json, &text);
        if (wish->text_count < GATEIO_PAYLOAD_MAX)
            wish->texts[wish->text_count++] = text;
        else
            refuse(wish, GATEIO_CODE_ARGUMENT, "too many elements in payload");
    }
    if (keel_json_finish(&json, NULL) != KEEL_OK)
        refuse(wish, GATEIO_CODE_ARGUMENT, "invalid payload");
}

static void add(struct wish *wish, const struct gateio_subscription *like, keel_str contract)
{
    struct gateio_subscription *added = &wish->at[wish->count];
    *added = *like;
    bool all = gateio_channel_is_private(like->channel) || like->channel == GATEIO_CHANNEL_TICKERS;
    if (!all || !keel_str_equals(contract, KEEL_STR("!all"))) {
        bool spot = gateio_channel_is_spot(like->channel);
        added->market =
            spot ? paper_spot_find_market(wish->spot, contract) : gateio_contract_find(contract);
        if (added->market == KEEL_NO_MARKET)
            refuse(wish, GATEIO_CODE_ARGUMENT, "unknown %s %.*s",
                   spot ? "currency pair" : "contract",
                   (int)(contract.size < 64 ? contract.size : 64), contract.data);
    }
    wish->count++;
}

static void add_contracts(struct wish *wish, const struct gateio_subscription *like, int from)
{
    if (from >= wish->text_count)
        refuse(wish, GATEIO_CODE_ARGUMENT, "no contract in payload");
    for (int i = from; i < wish->text_count; i++)
        add(wish, like, wish->texts[i]);
}

static bool is_user(keel_str text, int account)
{
    char id[24];
    snprintf(id, sizeof(id), "%lld", (long long)gateio_user_id(account));
    return keel_str_equals(text, keel_str_from(id));
}

/* On futures.positions the documentation gives the id no meaning. */
static void check_user(struct wish *wish, const struct gateio_subscription *like)
{
    keel_str text = wish->text_count > 0 ? wish->texts[0] : (keel_str){0};
    if (like->channel != GATEIO_CHANNEL_POSITIONS && !is_user(text, like->account))
        refuse(wish, GATEIO_CODE_ARGUMENT, "invalid user id %.*s",
               (int)(text.size < 64 ? text.size : 64), text.data);
}

static int read_levels(struct wish *wish, keel_str text, const char *const *words)
{
    for (; *words; words++) {
        if (keel_str_equals(text, keel_str_from(*words)))
            return atoi(*words);
    }
    refuse(wish, GATEIO_CODE_ARGUMENT, "invalid level %.*s", (int)(text.size < 64 ? text.size : 64),
           text.data);
    return 0;
}

static keel_str text_at(const struct wish *wish, int index, keel_str otherwise)
{
    return index < wish->text_count ? wish->texts[index] : otherwise;
}

static void add_levels(struct wish *wish, struct gateio_subscription *like)
{
    static const char *const levels[] = {"1", "5", "10", "20", "50", "100", NULL};
    like->levels = read_levels(wish, text_at(wish, 1, KEEL_STR("20")), levels);
    if (!keel_str_equals(text_at(wish, 2, KEEL_STR("0")), KEEL_STR("0")))
        refuse(wish, GATEIO_CODE_ARGUMENT, "invalid interval");
    add(wish, like, text_at(wish, 0, (keel_str){0}));
}

/* 20ms goes with 20 levels only. */
static void add_levels_of_period(struct wish *wish, struct gateio_subscription *like)
{
    static const char *const levels[] = {"20", "50", "100", NULL};
    keel_str period = text_at(wish, 1, KEEL_STR("100ms"));
    bool fast = keel_str_equals(period, KEEL_STR("20ms"));
    like->levels =
        read_levels(wish, text_at(wish, 2, fast ? KEEL_STR("20") : KEEL_STR("100")), levels);
    like->period_ms = fast ? 20 : 100;
    if ((!fast && !keel_str_equals(period, KEEL_STR("100ms"))) || (fast && like->levels != 20))
        refuse(wish, GATEIO_CODE_ARGUMENT, "invalid frequency");
    add(wish, like, text_at(wish, 0, (keel_str){0}));
}

/* Periods of the spot side's books. */
static int read_period(struct wish *wish, keel_str text, const char *const *words)
{
    for (; *words; words++) {
        if (keel_str_equals(text, keel_str_from(*words)))
            return atoi(*words);
    }
    refuse(wish, GATEIO_CODE_ARGUMENT, "invalid interval");
    return 0;
}

static void add_pair_levels(struct wish *wish, struct gateio_subscription *like)
{
    static const char *const levels[] = {"1", "5", "10", "20", "50", "100", NULL};
    static const char *const periods[] = {"100ms", "1000ms", NULL};
    like->levels = read_levels(wish, text_at(wish, 1, KEEL_STR("20")), levels);
    like->period_ms = read_period(wish, text_at(wish, 2, KEEL_STR("1000ms")), periods);
    add(wish, like, text_at(wish, 0, (keel_str){0}));
}

/* The faster one has fewer levels. */
static void add_pair_period(struct wish *wish, struct gateio_subscription *like)
{
    static const char *const periods[] = {"20ms", "100ms", NULL};
    like->period_ms = read_period(wish, text_at(wish, 1, KEEL_STR("100ms")), periods);
    like->levels = like->period_ms == 20 ? 20 : 100;
    add(wish, like, text_at(wish, 0, (keel_str){0}));
}

/* The deeper book comes less often. */
static void add_book(struct wish *wish, struct gateio_subscription *like, keel_str name)
{
    static const struct {
        const char *suffix;
        int levels, period_ms;
    } depths[] = {
        {".50",  50,                     20 },
        {".400", GATEIO_BOOK_LEVELS_MAX, 100},
    };
    like->levels = 0;
    for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
        keel_str suffix = keel_str_from(depths[i].suffix);
        if (!keel_str_starts_with(name, KEEL_STR("ob.")) || name.size < 3 + suffix.size ||
            memcmp(name.data + name.size - suffix.size, suffix.data, suffix.size) != 0)
            continue;
        like->levels = depths[i].levels;
        like->period_ms = depths[i].period_ms;
        add(wish, like, (keel_str){name.data + 3, name.size - 3 - suffix.size});
        return;
    }
    refuse(wish, GATEIO_CODE_ARGUMENT, "invalid book %.*s", (int)(name.size < 64 ? name.size : 64),
           name.data);
}

static void add_books(struct wish *wish, struct gateio_subscription *like)
{
    if (wish->text_count == 0)
        refuse(wish, GATEIO_CODE_ARGUMENT, "no book in payload");
    for (int i = 0; i < wish->text_count && wish->mistake.code == 0; i++)
        add_book(wish, like, wish->texts[i]);
}

static void add_candles(struct wish *wish, struct gateio_subscription *like)
{
    static const char *const prefixes[] = {"mark_", "index_"};
    keel_str contract = text_at(wish, 1, (keel_str){0});
    like->interval = paper_interval_read(text_at(wish, 0, (keel_str){0}));
    if (like->interval == PAPER_INTERVAL_NONE)
        refuse(wish, GATEIO_CODE_ARGUMENT, "invalid interval");
    for (int i = 0; i < 2 && !gateio_channel_is_spot(like->channel); i++) {
        keel_str prefix = keel_str_from(prefixes[i]);
        if (!keel_str_starts_with(contract, prefix))
            continue;
        like->prefix = prefixes[i];
        contract = (keel_str){contract.data + prefix.size, contract.size - prefix.size};
    }
    add(wish, like, contract);
}

/* Each element of a payload is read before anything is subscribed: one mistake fails it whole. */
static void read_wish(struct wish *wish, enum gateio_channel channel, int account, int64_t now_ms)
{
    struct gateio_subscription like = {
        .channel = channel,
        .account = account,
        .period_ms = channels[channel].period_ms,
        .prefix = "",
        .next_ms = now_ms,
    };
    bool named = wish->text_count > 0 && account > 0 && is_user(wish->texts[0], account);
    switch (channels[channel].payload) {
    case PAYLOAD_USER:
        check_user(wish, &like);
        wish->at[wish->count++] = like;
        return;
    case PAYLOAD_USER_CONTRACTS:
        check_user(wish, &like);
        add_contracts(wish, &like, 1);
        return;
    case PAYLOAD_ANY_CONTRACTS: add_contracts(wish, &like, named ? 1 : 0); return;
    case PAYLOAD_CONTRACTS: add_contracts(wish, &like, 0); return;
    case PAYLOAD_LEVELS: add_levels(wish, &like); return;
    case PAYLOAD_LEVELS_OF_PERIOD: add_levels_of_period(wish, &like); return;
    case PAYLOAD_CANDLES: add_candles(wish, &like); return;
    case PAYLOAD_NONE: wish->at[wish->count++] = like; return;
    case PAYLOAD_PAIRS: add_contracts(wish, &like, 0); return;
    case PAYLOAD_PAIR_LEVELS: add_pair_levels(wish, &like); return;
    case PAYLOAD_PAIR_PERIOD: add_pair_period(wish, &like); return;
    case PAYLOAD_BOOKS: add_books(wish, &like); return;
    }
}

static void grant(struct paper_gateio *gateio, struct gateio_stream *stream, struct wish *wish,
                  bool subscribing)
{
    for (int i = 0; i < wish->count && wish->mistake.code == 0; i++) {
        if (!subscribing)
            unsubscribe(stream, &wish->at[i]);
        else if (!subscribe(gateio, stream, &wish->at[i]))
            refuse(wish, GATEIO_CODE_SERVICE, "too many subscriptions");
    }
}

/* --- Requests ----------------------------------------------------------------------------------
 */

/* Why a signed request of a channel is refused; NULL, with the account, when it is not. */
static const char *check_auth(const struct paper_gateio *gateio,
                              const struct gateio_message *message, int64_t now_ms, int *account)
{
    char digits[24];
    int64_t gap_ms = now_ms - message->time_s * 1000;
    if (gap_ms > GATEIO_GAP_MS || gap_ms < -GATEIO_GAP_MS)
        return "{\"label\":\"REQUEST_EXPIRED\",\"message\":\"gap between request Timestamp and "
               "server time exceeds 60\"}\n";
    const struct paper_key *key = paper_keys_find(gateio->keys, message->key);
    if (!key || !keel_str_equals(message->method, KEEL_STR("api_key")))
        return "{\"label\":\"INVALID_KEY\",\"message\":\"Invalid key provided\"}\n";
    snprintf(digits, sizeof(digits), "%lld", (long long)message->time_s);
    const keel_str parts[] = {
        KEEL_STR("channel="), message->channel,   KEEL_STR("&event="),
        message->event,       KEEL_STR("&time="), keel_str_from(digits),
    };
    if (!gateio_verify(gateio, key->account, parts, 6, message->signature))
        return "{\"label\":\"INVALID_SIGNATURE\",\"message\":\"Signature mismatch\"}\n";
    *account = key->account;
    return NULL;
}

static void check_request(struct wish *wish, enum gateio_channel channel,
                          const struct gateio_stream *stream, const struct gateio_message *message)
{
    bool subscribing = keel_str_equals(message->event, KEEL_STR("subscribe"));
    if (channel == GATEIO_CHANNEL_NONE || gateio_channel_is_spot(channel) != stream->spot)
        refuse(wish, GATEIO_CODE_ARGUMENT, "unknown channel %.*s",
               (int)(message->channel.size < 64 ? message->channel.size : 64),
               message->channel.data);
    else if (!subscribing && !keel_str_equals(message->event, KEEL_STR("unsubscribe")))
        refuse(wish, GATEIO_CODE_ARGUMENT, "unknown event");
}

void gateio_change_subscriptions(struct paper_gateio *gateio, struct gateio_stream *stream,
                                 const struct gateio_message *message, int64_t now_ms,
                                 struct gateio_mistake *mistake)
{
    int account = 0;
    enum gateio_channel channel = gateio_channel_find(message->channel);
    bool subscribing = keel_str_equals(message->event, KEEL_STR("subscribe"));
    struct wish *wish = keel_arena_take(&gateio->arena, sizeof(*wish));
    KEEL_ASSERT(wish);

    wish->spot = gateio->spot;
    check_request(wish, channel, stream, message);
    if (wish->mistake.code == 0 && gateio_channel_is_private(channel)) {
        const char *text = check_auth(gateio, message, now_ms, &account);
        if (text)
            refuse(wish, GATEIO_CODE_AUTHENTICATION, "%s", text);
    }
    read_texts(message->payload, &gateio->arena, wish);
    if (wish->mistake.code == 0)
        read_wish(wish, channel, account, now_ms);
    grant(gateio, stream, wish, subscribing);
    *mistake = wish->mistake;
}

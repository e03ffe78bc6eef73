#include "paper/gateio/streams.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CLOSE_GOING_AWAY = 1001,
    CODE_MALFORMED = 1, /* docs: "Error" of the response */
    CODE_ARGUMENT = 2,
    CODE_SERVICE = 3,
    CODE_AUTHENTICATION = 4,
    TEXT_SIZE = 256,
};

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

static enum gateio_channel find_channel(keel_str name)
{
    for (int i = 1; i < GATEIO_CHANNEL_COUNT; i++) {
        if (keel_str_equals(name, keel_str_from(channels[i].name)))
            return (enum gateio_channel)i;
    }
    return GATEIO_CHANNEL_NONE;
}

/* --- Sending -----------------------------------------------------------------------------------
 */

static void send_text(struct gateio_stream *stream, const struct keel_writer *json)
{
    keel_str text = keel_writer_text(json);
    KEEL_ASSERT(!json->full);
    paper_stream_push(&stream->base, PAPER_FRAME_TEXT, &text, 1);
}

static void open_frame(struct paper_gateio *gateio, struct keel_writer *json, int64_t now_ms)
{
    keel_writer_init(json, gateio->scratch, GATEIO_SCRATCH_SIZE);
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "time", now_ms / 1000);
    keel_json_put_int(json, "time_ms", now_ms);
}

void gateio_begin_push(struct paper_gateio *gateio, struct keel_writer *json, const char *channel,
                       const char *event, int64_t now_ms)
{
    open_frame(gateio, json, now_ms);
    keel_json_put_text(json, "channel", channel);
    keel_json_put_text(json, "event", event);
}

void gateio_end_push(struct gateio_stream *stream, struct keel_writer *json)
{
    keel_json_close_object(json);
    send_text(stream, json);
}

static void release(struct gateio_stream *stream)
{
    keel_str text = {stream->held, stream->held_size};
    if (!stream->held)
        return;
    paper_stream_push(&stream->base, PAPER_FRAME_TEXT, &text, 1);
    free(stream->held);
    stream->held = NULL;
}

void gateio_end_held(struct gateio_stream *stream, struct keel_writer *json)
{
    keel_json_close_object(json);
    release(stream);
    stream->held = malloc(json->size);
    if (!stream->held) {
        send_text(stream, json);
        return;
    }
    memcpy(stream->held, json->data, json->size);
    stream->held_size = json->size;
}

/* The keys follow from the seed. */
uint64_t gateio_chance(const struct paper_gateio *gateio, uint64_t a, uint64_t b)
{
    uint64_t seed = 0;
    memcpy(&seed, gateio->keys->at[0].api_secret, sizeof(seed));
    return paper_random_hash(seed, a, b);
}

void gateio_put_trace(struct keel_writer *json, const char *key, struct gateio_stream *stream)
{
    char text[33];
    uint64_t count = ++stream->traces;
    snprintf(text, sizeof(text), "%016llx%016llx",
             (unsigned long long)paper_random_hash(stream->number, count, 1),
             (unsigned long long)paper_random_hash(stream->number, count, 2));
    keel_json_put_text(json, key, text);
}

/* --- Signatures --------------------------------------------------------------------------------
 */

bool gateio_verify(const struct paper_gateio *gateio, int account, const keel_str *parts,
                   size_t part_count, keel_str signature)
{
    unsigned char digest[KEEL_SHA512_SIZE];
    char text[2 * KEEL_SHA512_SIZE + 1];
    struct keel_writer hex;

    keel_hmac_sha512_sign(&gateio->secrets[account], parts, part_count, digest);
    keel_writer_init(&hex, text, sizeof(text));
    keel_write_hex(&hex, digest, sizeof(digest));
    return keel_secret_equals(keel_writer_text(&hex), signature);
}

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
    int code;
    char mistake[TEXT_SIZE];
};

KEEL_PRINTF(3, 4)
static void refuse(struct wish *wish, int code, const char *format, ...)
{
    va_list arguments;
    if (wish->code != 0)
        return;
    wish->code = code;
    va_start(arguments, format);
    vsnprintf(wish->mistake, sizeof(wish->mistake), format, arguments);
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
            refuse(wish, CODE_ARGUMENT, "too many elements in payload");
    }
    if (keel_json_finish(&json, NULL) != KEEL_OK)
        refuse(wish, CODE_ARGUMENT, "invalid payload");
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
            refuse(wish, CODE_ARGUMENT, "unknown %s %.*s", spot ? "currency pair" : "contract",
                   (int)(contract.size < 64 ? contract.size : 64), contract.data);
    }
    wish->count++;
}

static void add_contracts(struct wish *wish, const struct gateio_subscription *like, int from)
{
    if (from >= wish->text_count)
        refuse(wish, CODE_ARGUMENT, "no contract in payload");
    for (int i = from; i < wish->text_count; i++)
        add(wish, like, wish->texts[i]);
}

static bool is_user(keel_str text, int account)
{
    char id[24];
    snprintf(id, sizeof(id), "%lld", (long long)gateio_user_id(account));
    return keel_str_equals(text, keel_str_from(id));
}

/* On futures.positions the documentation calls the id a placeholder. */
static void check_user(struct wish *wish, const struct gateio_subscription *like)
{
    keel_str text = wish->text_count > 0 ? wish->texts[0] : (keel_str){0};
    if (like->channel != GATEIO_CHANNEL_POSITIONS && !is_user(text, like->account))
        refuse(wish, CODE_ARGUMENT, "invalid user id %.*s", (int)(text.size < 64 ? text.size : 64),
               text.data);
}

static int read_levels(struct wish *wish, keel_str text, const char *const *words)
{
    for (; *words; words++) {
        if (keel_str_equals(text, keel_str_from(*words)))
            return atoi(*words);
    }
    refuse(wish, CODE_ARGUMENT, "invalid level %.*s", (int)(text.size < 64 ? text.size : 64),
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
        refuse(wish, CODE_ARGUMENT, "invalid interval");
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
        refuse(wish, CODE_ARGUMENT, "invalid frequency");
    add(wish, like, text_at(wish, 0, (keel_str){0}));
}

/* Periods of the spot side's books. */
static int read_period(struct wish *wish, keel_str text, const char *const *words)
{
    for (; *words; words++) {
        if (keel_str_equals(text, keel_str_from(*words)))
            return atoi(*words);
    }
    refuse(wish, CODE_ARGUMENT, "invalid interval");
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
    refuse(wish, CODE_ARGUMENT, "invalid book %.*s", (int)(name.size < 64 ? name.size : 64),
           name.data);
}

static void add_books(struct wish *wish, struct gateio_subscription *like)
{
    if (wish->text_count == 0)
        refuse(wish, CODE_ARGUMENT, "no book in payload");
    for (int i = 0; i < wish->text_count && wish->code == 0; i++)
        add_book(wish, like, wish->texts[i]);
}

static void add_candles(struct wish *wish, struct gateio_subscription *like)
{
    static const char *const prefixes[] = {"mark_", "index_"};
    keel_str contract = text_at(wish, 1, (keel_str){0});
    like->interval = paper_interval_read(text_at(wish, 0, (keel_str){0}));
    if (like->interval == PAPER_INTERVAL_NONE)
        refuse(wish, CODE_ARGUMENT, "invalid interval");
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
    for (int i = 0; i < wish->count && wish->code == 0; i++) {
        if (!subscribing)
            unsubscribe(stream, &wish->at[i]);
        else if (!subscribe(gateio, stream, &wish->at[i]))
            refuse(wish, CODE_SERVICE, "too many subscriptions");
    }
}

/* --- Messages of the client --------------------------------------------------------------------
 */

static void read_auth(struct keel_json *json, struct keel_arena *arena,
                      struct gateio_message *message)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (keel_str_equals(key, KEEL_STR("method")))
            keel_json_read_string(json, arena, &message->method);
        else if (keel_str_equals(key, KEEL_STR("KEY")))
            keel_json_read_string(json, arena, &message->key);
        else if (keel_str_equals(key, KEEL_STR("SIGN")))
            keel_json_read_string(json, arena, &message->signature);
        else
            keel_json_skip(json);
    }
}

static bool read_message(keel_str text, struct keel_arena *arena, struct gateio_message *message)
{
    struct keel_json json;
    keel_str key;

    *message = (struct gateio_message){0};
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("id")))
            keel_json_raw(&json, &message->id);
        else if (keel_str_equals(key, KEEL_STR("time")))
            keel_json_read_int(&json, &message->time_s);
        else if (keel_str_equals(key, KEEL_STR("channel")))
            keel_json_read_string(&json, arena, &message->channel);
        else if (keel_str_equals(key, KEEL_STR("event")))
            keel_json_read_string(&json, arena, &message->event);
        else if (keel_str_equals(key, KEEL_STR("payload")))
            keel_json_raw(&json, &message->payload);
        else if (keel_str_equals(key, KEEL_STR("auth")) &&
                 keel_json_peek(&json) == KEEL_JSON_OBJECT)
            read_auth(&json, arena, message);
        else
            keel_json_skip(&json);
    }
    return keel_json_finish(&json, NULL) == KEEL_OK;
}

/* `code` 0: it was granted. */
static void acknowledge(struct paper_gateio *gateio, struct gateio_stream *stream,
                        const struct gateio_message *message, int code, const char *mistake,
                        int64_t now_ms)
{
    struct keel_writer json;
    open_frame(gateio, &json, now_ms);
    if (message->id.size > 0)
        keel_json_put_raw(&json, "id", message->id);
    keel_json_put_text(&json, "conn_id", stream->conn_id);
    gateio_put_trace(&json, "trace_id", stream);
    keel_json_put_string(&json, "channel", message->channel);
    keel_json_put_string(&json, "event", message->event);
    if (message->payload.size > 0)
        keel_json_put_raw(&json, "payload", message->payload);
    if (code == 0) {
        keel_json_put_null(&json, "error");
    } else {
        keel_json_open_object(&json, "error");
        keel_json_put_int(&json, "code", code);
        keel_json_put_text(&json, "message", mistake);
        keel_json_close_object(&json);
    }
    if (code == CODE_AUTHENTICATION) {
        keel_json_put_null(&json, "result");
    } else {
        keel_json_open_object(&json, "result");
        keel_json_put_text(&json, "status", code == 0 ? "success" : "fail");
        keel_json_close_object(&json);
    }
    gateio_end_push(stream, &json);
}

static void answer_ping(struct paper_gateio *gateio, struct gateio_stream *stream, int64_t now_ms)
{
    struct keel_writer json;
    gateio_begin_push(gateio, &json, stream->spot ? "spot.pong" : "futures.pong", "", now_ms);
    keel_json_put_null(&json, "result");
    gateio_end_push(stream, &json);
}

static void answer_subscription(struct paper_gateio *gateio, struct gateio_stream *stream,
                                const struct gateio_message *message, int64_t now_ms)
{
    int account = 0;
    enum gateio_channel channel = find_channel(message->channel);
    bool subscribing = keel_str_equals(message->event, KEEL_STR("subscribe"));
    struct wish *wish = keel_arena_take(&gateio->arena, sizeof(*wish));
    KEEL_ASSERT(wish);

    wish->spot = gateio->spot;
    if (channel == GATEIO_CHANNEL_NONE || gateio_channel_is_spot(channel) != stream->spot)
        refuse(wish, CODE_ARGUMENT, "unknown channel %.*s",
               (int)(message->channel.size < 64 ? message->channel.size : 64),
               message->channel.data);
    else if (!subscribing && !keel_str_equals(message->event, KEEL_STR("unsubscribe")))
        refuse(wish, CODE_ARGUMENT, "unknown event");
    if (wish->code == 0 && gateio_channel_is_private(channel)) {
        const char *mistake = check_auth(gateio, message, now_ms, &account);
        if (mistake)
            refuse(wish, CODE_AUTHENTICATION, "%s", mistake);
    }
    read_texts(message->payload, &gateio->arena, wish);
    if (wish->code == 0)
        read_wish(wish, channel, account, now_ms);
    grant(gateio, stream, wish, subscribing);
    acknowledge(gateio, stream, message, wish->code, wish->mistake, now_ms);
}

static void answer(struct paper_gateio *gateio, struct gateio_stream *stream, keel_str text,
                   int64_t now_ms)
{
    struct gateio_message message;
    keel_arena_reset(&gateio->arena);
    bool readable = read_message(text, &gateio->arena, &message);
    keel_str ping = stream->spot ? KEEL_STR("spot.ping") : KEEL_STR("futures.ping");
    if (readable && keel_str_equals(message.channel, ping))
        answer_ping(gateio, stream, now_ms);
    else if (!readable || message.channel.size == 0 || message.time_s == 0)
        acknowledge(gateio, stream, &(struct gateio_message){0}, CODE_MALFORMED, "invalid request",
                    now_ms);
    else if (keel_str_equals(message.event, KEEL_STR("api")))
        gateio_answer_api(gateio, stream, &message, now_ms);
    else
        answer_subscription(gateio, stream, &message, now_ms);
}

void gateio_receive(struct paper_dialect *dialect, struct paper_stream *base,
                    const struct paper_frame *frame, int64_t now_ms)
{
    struct gateio_stream *stream = (struct gateio_stream *)base;
    switch (frame->kind) {
    case PAPER_FRAME_PONG: stream->pong_due_ms = 0; return;
    case PAPER_FRAME_PING: /* the server has answered it */
    case PAPER_FRAME_CLOSE: return;
    case PAPER_FRAME_TEXT: break;
    }
    release(stream);
    answer((struct paper_gateio *)dialect, stream, frame->payload, now_ms);
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

static bool is_path(keel_str path, const char *wanted)
{
    if (path.size > 0 && path.data[path.size - 1] == '/')
        path.size--;
    return keel_str_equals(path, keel_str_from(wanted));
}

/* Of the live venue, and of its testnet, which has futures alone. */
static bool is_stream_path(keel_str path)
{
    return is_path(path, "/v4/ws/usdt") || is_path(path, "/v4/ws/futures/usdt") ||
           is_path(path, "/ws/v4");
}

static void name_stream(struct gateio_stream *stream, struct paper_gateio *gateio, keel_str address)
{
    stream->number = ++gateio->stream_count;
    snprintf(stream->conn_id, sizeof(stream->conn_id), "%016llx",
             (unsigned long long)paper_random_hash(stream->number, 0, 0));
    snprintf(stream->client_id, sizeof(stream->client_id), "%.*s-0x%.8s",
             (int)(address.size < 48 ? address.size : 48), address.data ? address.data : "",
             stream->conn_id);
}

struct paper_stream *gateio_open_stream(struct paper_dialect *dialect,
                                        const struct paper_http_request *request, int64_t now_ms,
                                        struct paper_response *refusal)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    struct gateio_stream *stream = NULL;
    bool known = is_stream_path(request->path);
    if (known)
        stream = calloc(1, sizeof(*stream));
    if (!stream) {
        refusal->status = known ? 503 : 404;
        return NULL;
    }
    paper_stream_init(&stream->base, dialect);
    stream->opened_ms = now_ms;
    stream->ping_due_ms = now_ms + GATEIO_PING_MS;
    stream->spot = is_path(request->path, "/ws/v4");
    stream->decimal_sizes =
        keel_str_equals(paper_request_header(request, "X-Gate-Size-Decimal"), KEEL_STR("1"));
    name_stream(stream, gateio, request->address);
    stream->next = gateio->streams;
    if (gateio->streams)
        gateio->streams->previous = stream;
    gateio->streams = stream;
    return &stream->base;
}

void gateio_close_stream(struct paper_dialect *dialect, struct paper_stream *base)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    struct gateio_stream *stream = (struct gateio_stream *)base;
    if (stream->next)
        stream->next->previous = stream->previous;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        gateio->streams = stream->next;
    for (int i = 0; i < stream->subscription_count; i++)
        free(stream->subscriptions[i].book);
    free(stream->subscriptions);
    free(stream->held);
    paper_stream_deinit(&stream->base);
    free(stream);
}

/* --- Faults ------------------------------------------------------------------------------------
 */

/* The account that the connection is known to be of. */
static int account_of_stream(const struct gateio_stream *stream)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        if (stream->subscriptions[i].account > 0)
            return stream->subscriptions[i].account;
    }
    return stream->login;
}

static bool has_private(const struct gateio_stream *stream)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        if (gateio_channel_is_private(stream->subscriptions[i].channel))
            return true;
    }
    return false;
}

/* What a frame of ours is: its members are where we write them. */
struct frame_facts {
    keel_str channel, event;
    bool ack;
};

static void read_facts(keel_str payload, struct frame_facts *facts)
{
    struct keel_json json;
    keel_str key;
    keel_json_init(&json, payload);
    keel_json_enter_object(&json);
    while (facts->event.size == 0 && keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("channel")))
            keel_json_read_string(&json, NULL, &facts->channel);
        else if (keel_str_equals(key, KEEL_STR("event")))
            keel_json_read_string(&json, NULL, &facts->event);
        else if (keel_str_equals(key, KEEL_STR("ack")))
            keel_json_read_bool(&json, &facts->ack);
        else if (keel_str_equals(key, KEEL_STR("header")))
            keel_json_enter_object(&json); /* and read on in it */
        else
            keel_json_skip(&json);
    }
}

/* By its channel; a subscription's acknowledgement by what it acknowledges. */
static void describe_text(keel_str payload, struct paper_fault_subject *subject)
{
    struct frame_facts facts = {0};
    read_facts(payload, &facts);
    if (keel_str_equals(facts.event, KEEL_STR("api"))) {
        subject->event = gateio_api_event(facts.channel, facts.ack);
        subject->stream = PAPER_STREAM_API;
        return;
    }
    enum gateio_channel channel = find_channel(facts.channel);
    subject->event = facts.channel;
    if (keel_str_equals(facts.event, KEEL_STR("subscribe")) ||
        keel_str_equals(facts.event, KEEL_STR("unsubscribe")))
        subject->event = facts.event;
    if (channel != GATEIO_CHANNEL_NONE)
        subject->stream =
            gateio_channel_is_private(channel) ? PAPER_STREAM_USER : PAPER_STREAM_MARKET;
}

void gateio_describe_frame(const struct paper_stream *base, keel_str payload,
                           struct paper_fault_subject *subject)
{
    const struct gateio_stream *stream = (const struct gateio_stream *)base;
    *subject = (struct paper_fault_subject){
        .account = account_of_stream(stream),
        .stream = has_private(stream) ? PAPER_STREAM_USER
                  : stream->login > 0 ? PAPER_STREAM_API
                                      : PAPER_STREAM_MARKET,
    };
    if (payload.size > 0)
        describe_text(payload, subject);
}

static void give_notice(struct paper_gateio *gateio, struct gateio_stream *stream, int64_t now_ms)
{
    struct keel_writer json;
    gateio_begin_push(gateio, &json, stream->spot ? "spot.system" : "futures.system", "update",
                      now_ms);
    keel_json_open_object(&json, "result");
    keel_json_put_text(&json, "type", "upgrade");
    keel_json_put_text(&json, "msg",
                       "The connection will soon be closed for a service upgrade. Please "
                       "reconnect.");
    keel_json_close_object(&json);
    gateio_end_push(stream, &json);
    stream->ends_ms = now_ms + GATEIO_NOTICE_MS;
}

void gateio_expire_key(struct paper_dialect *dialect, int account, int notices, int64_t now_ms)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next) {
        if (account != 0 && account_of_stream(stream) != account)
            continue;
        for (int i = 0; i < notices; i++)
            give_notice(gateio, stream, now_ms);
        if (notices == 0)
            paper_stream_push_close(&stream->base, CLOSE_GOING_AWAY);
    }
}

/* --- Events and time ---------------------------------------------------------------------------
 */

void gateio_publish_streams(struct paper_gateio *gateio, const struct paper_event *event,
                            const struct gateio_recorded *recorded, int64_t now_ms)
{
    if (event->account != 0) {
        gateio_publish_private(gateio, event, recorded, now_ms);
        return;
    }
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next) {
        for (int i = 0; i < stream->subscription_count; i++)
            gateio_publish_quote(gateio, stream, &stream->subscriptions[i], event, now_ms);
    }
}

static void send_due(struct paper_gateio *gateio, struct gateio_stream *stream, int64_t now_ms)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        struct gateio_subscription *subscription = &stream->subscriptions[i];
        if (subscription->period_ms == 0 || now_ms < subscription->next_ms)
            continue;
        int64_t period_ms = subscription->period_ms;
        subscription->next_ms = (now_ms / period_ms + 1) * period_ms;
        if (subscription->channel == GATEIO_CHANNEL_POSITION_ADL_RANK)
            gateio_send_ranks(gateio, stream, subscription, now_ms);
        else
            gateio_send_quote(gateio, stream, subscription, now_ms);
    }
}

static bool is_over(const struct gateio_stream *stream, int64_t now_ms)
{
    return (stream->ends_ms != 0 && now_ms >= stream->ends_ms) ||
           (stream->pong_due_ms != 0 && now_ms >= stream->pong_due_ms);
}

static void keep_alive(struct paper_gateio *gateio, struct gateio_stream *stream, int64_t now_ms)
{
    if (is_over(stream, now_ms)) {
        paper_stream_push_close(&stream->base, CLOSE_GOING_AWAY);
        return;
    }
    if (stream->ends_ms == 0 &&
        now_ms - stream->opened_ms >= GATEIO_STREAM_LIFE_MS - GATEIO_NOTICE_MS)
        give_notice(gateio, stream, now_ms);
    if (now_ms < stream->ping_due_ms)
        return;
    paper_stream_push(&stream->base, PAPER_FRAME_PING, NULL, 0);
    stream->ping_due_ms = now_ms + GATEIO_PING_MS;
    if (stream->pong_due_ms == 0)
        stream->pong_due_ms = now_ms + GATEIO_PONG_MS;
}

void gateio_tick_streams(struct paper_gateio *gateio, int64_t now_ms)
{
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next) {
        release(stream);
        send_due(gateio, stream, now_ms);
        keep_alive(gateio, stream, now_ms);
    }
}

/* The ids of its books begin again. */
static void restart_books(const struct paper_gateio *gateio, struct gateio_stream *stream)
{
    for (int i = 0; i < stream->subscription_count; i++) {
        struct gateio_subscription *subscription = &stream->subscriptions[i];
        free(subscription->book);
        subscription->book = NULL;
        subscription->update_id = 0;
        if (!gateio_begin_book(gateio, subscription))
            paper_stream_push_close(&stream->base, CLOSE_GOING_AWAY);
    }
}

void gateio_reset_streams(struct paper_gateio *gateio, int64_t now_ms)
{
    (void)now_ms;
    gateio_reset_feed(gateio);
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next)
        restart_books(gateio, stream);
}

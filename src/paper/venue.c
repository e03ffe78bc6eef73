#include "paper/venue.h"

#include "paper/binance/dialect.h"
#include "paper/binance_spot/dialect.h"
#include "paper/control.h"
#include "paper/gateio/dialect.h"
#include "paper/line.h"

#include <stdlib.h>

enum {
    HOUSES_MAX = 4,
    DIALECTS_MAX = 2,             /* of one house: of its futures, and of its coins */
    ADVANCE_SLICE_MS = 60 * 1000, /* less than a funding interval: none goes by unseen */
    SPOT_BALANCE = 10000,
};

/* One venue of the process. */
struct house {
    const char *name;
    const struct paper_instruments *instruments;
    struct paper_engine *engine;
    struct paper_spot *spot;
    struct paper_dialect *dialects[DIALECTS_MAX];
    int dialect_count;
};

struct paper_venue {
    struct house houses[HOUSES_MAX];
    int house_count;
    struct paper_keys keys;
    struct paper_outbox outbox;
    struct paper_faults faults;
    int64_t start_offset_ms;
};

/* False: out of memory. */
static bool add_dialect(struct house *house, struct paper_dialect *dialect)
{
    if (dialect)
        house->dialects[house->dialect_count++] = dialect;
    return dialect;
}

static bool open_binance(struct paper_venue *venue, struct house *house,
                         const struct paper_venue_config *config, int64_t now_ms)
{
    const struct paper_binance_config futures = {
        .engine = house->engine,
        .keys = &venue->keys,
        .outbox = &venue->outbox,
        .seed = config->engine.seed,
        .speed = config->speed,
        .limit_factor = config->limit_factor,
    };
    const struct paper_binance_spot_config spot = {
        .spot = house->spot,
        .keys = &venue->keys,
        .outbox = &venue->outbox,
        .limit_factor = config->limit_factor,
    };
    return add_dialect(house, paper_binance_new(&futures, now_ms)) &&
           add_dialect(house, paper_binance_spot_new(&spot, now_ms));
}

static bool open_gateio(struct paper_venue *venue, struct house *house,
                        const struct paper_venue_config *config, int64_t now_ms)
{
    const struct paper_gateio_config gateio = {
        .engine = house->engine,
        .spot = house->spot,
        .keys = &venue->keys,
        .outbox = &venue->outbox,
        .speed = config->speed,
        .limit_factor = config->limit_factor,
    };
    return add_dialect(house, paper_gateio_new(&gateio, now_ms));
}

static struct paper_config binance_rules(struct paper_config config)
{
    return config;
}

/* Every venue that there is. */
static const struct kind {
    const char *name;
    struct paper_config (*rules)(struct paper_config config);
    struct paper_spot_instruments (*coins)(void);
    bool (*open)(struct paper_venue *venue, struct house *house,
                 const struct paper_venue_config *config, int64_t now_ms);
} kinds[] = {
    {"binance", binance_rules,      paper_spot_instruments, open_binance},
    {"gateio",  paper_gateio_rules, paper_gateio_pairs,     open_gateio },
};

enum {
    KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]),
};

static const struct kind *find_kind(const char *name)
{
    for (int i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

const char *paper_venue_list(void)
{
    return "binance, gateio";
}

bool paper_venue_knows(const char *name)
{
    return find_kind(name);
}

/* Beside its futures each house trades coins, at the same prices. */
static bool open_spot(struct house *house, const struct kind *kind,
                      const struct paper_venue_config *config, int64_t now_ms)
{
    const struct paper_spot_config spot = {
        .seed = config->engine.seed,
        .accounts = config->engine.accounts,
        .quote_balance = keel_decimal_is_positive(config->spot_balance)
                             ? config->spot_balance
                             : keel_decimal_from_int(SPOT_BALANCE),
        .manual = config->engine.manual,
        .market_time_ms = config->engine.market_time_ms,
        .instruments = kind->coins(),
        .futures = house->engine,
    };
    house->spot = paper_spot_new(&spot, now_ms);
    return house->spot;
}

static bool open_house(struct paper_venue *venue, const struct kind *kind,
                       const struct paper_venue_config *config, int64_t now_ms)
{
    if (!kind || venue->house_count == HOUSES_MAX || paper_venue_engine_of(venue, kind->name))
        return false;
    struct house *house = &venue->houses[venue->house_count++];
    struct paper_config rules = kind->rules(config->engine);
    house->name = kind->name;
    house->instruments =
        rules.rules.instruments ? rules.rules.instruments : paper_instruments_usdm();
    house->engine = paper_engine_new(&rules, now_ms);
    return house->engine && open_spot(house, kind, config, now_ms) &&
           kind->open(venue, house, config, now_ms);
}

static bool open_houses(struct paper_venue *venue, const struct paper_venue_config *config,
                        int64_t now_ms)
{
    const char *const *names = config->venues;
    for (int i = 0; !names && i < KIND_COUNT; i++) {
        if (!open_house(venue, &kinds[i], config, now_ms))
            return false;
    }
    for (; names && *names; names++) {
        if (!open_house(venue, find_kind(*names), config, now_ms))
            return false;
    }
    return venue->house_count > 0;
}

struct paper_venue *paper_venue_new(const struct paper_venue_config *config, int64_t now_ms)
{
    struct paper_venue *venue = calloc(1, sizeof(*venue));
    if (!venue)
        return NULL;
    paper_faults_init(&venue->faults, config->engine.seed);
    if (config->engine.accounts < 1 ||
        !paper_keys_init(&venue->keys, config->engine.seed, config->engine.accounts) ||
        !open_houses(venue, config, now_ms)) {
        paper_venue_free(venue);
        return NULL;
    }
    return venue;
}

void paper_venue_free(struct paper_venue *venue)
{
    if (!venue)
        return;
    for (int i = 0; i < venue->house_count; i++) {
        struct house *house = &venue->houses[i];
        for (int j = 0; j < house->dialect_count; j++)
            house->dialects[j]->ops->free(house->dialects[j]);
        paper_spot_free(house->spot);
        paper_engine_free(house->engine);
    }
    paper_faults_deinit(&venue->faults);
    paper_keys_deinit(&venue->keys);
    free(venue);
}

int paper_venue_count(const struct paper_venue *venue)
{
    return venue->house_count;
}

const char *paper_venue_name_at(const struct paper_venue *venue, int index)
{
    return venue->houses[index].name;
}

struct paper_engine *paper_venue_engine_at(const struct paper_venue *venue, int index)
{
    return venue->houses[index].engine;
}

struct paper_spot *paper_venue_spot_at(const struct paper_venue *venue, int index)
{
    return venue->houses[index].spot;
}

struct paper_spot *paper_venue_spot_of(const struct paper_venue *venue, const char *name)
{
    for (int i = 0; i < venue->house_count; i++) {
        if (strcmp(venue->houses[i].name, name) == 0)
            return venue->houses[i].spot;
    }
    return NULL;
}

struct paper_engine *paper_venue_engine_of(const struct paper_venue *venue, const char *name)
{
    for (int i = 0; i < venue->house_count; i++) {
        if (strcmp(venue->houses[i].name, name) == 0)
            return venue->houses[i].engine;
    }
    return NULL;
}

struct paper_engine *paper_venue_engine(const struct paper_venue *venue)
{
    return venue->houses[0].engine;
}

const struct paper_keys *paper_venue_keys(const struct paper_venue *venue)
{
    return &venue->keys;
}

struct paper_faults *paper_venue_faults(struct paper_venue *venue)
{
    return &venue->faults;
}

int64_t paper_venue_clock_ms(const struct paper_venue *venue, int64_t now_ms)
{
    return now_ms + paper_faults_clock_ms(&venue->faults, now_ms);
}

/* --- What is done to each ----------------------------------------------------------------------
 */

/* From here on `clock_ms` is the venue's clock. */
static void drain_house(struct house *house, int64_t clock_ms)
{
    struct paper_event event;
    struct paper_spot_event spot_event;
    while (paper_engine_next_event(house->engine, &event))
        for (int i = 0; i < house->dialect_count; i++)
            house->dialects[i]->ops->publish(house->dialects[i], &event, clock_ms);
    while (paper_spot_next_event(house->spot, &spot_event))
        for (int i = 0; i < house->dialect_count; i++)
            if (house->dialects[i]->ops->publish_spot)
                house->dialects[i]->ops->publish_spot(house->dialects[i], &spot_event, clock_ms);
}

static void drain(struct paper_venue *venue, int64_t clock_ms)
{
    for (int i = 0; i < venue->house_count; i++)
        drain_house(&venue->houses[i], clock_ms);
}

void paper_venue_drain(struct paper_venue *venue, int64_t now_ms)
{
    drain(venue, paper_venue_clock_ms(venue, now_ms));
}

/* "BTC_USDT" is "BTCUSDT". */
static bool is_same_symbol(keel_str a, keel_str b)
{
    size_t i = 0, j = 0;
    while (i < a.size || j < b.size) {
        if (i < a.size && a.data[i] == '_')
            i++;
        else if (j < b.size && b.data[j] == '_')
            j++;
        else if (i == a.size || j == b.size || a.data[i++] != b.data[j++])
            return false;
    }
    return true;
}

static keel_market_id find_market(const struct house *house, keel_str symbol)
{
    for (int i = 0; i < house->instruments->count; i++) {
        if (is_same_symbol(keel_str_from(house->instruments->at[i].symbol), symbol))
            return (keel_market_id)(i + 1);
    }
    return KEEL_NO_MARKET;
}

/* The spot market of a futures market's coin, and how many coins are in one of its prices. */
static keel_market_id find_coins(const struct house *house, keel_market_id market, int *unit)
{
    keel_str base = keel_str_from(house->instruments->at[market - 1].base);
    keel_market_id found = paper_spot_find_walk(house->spot, base);
    *unit = found == KEEL_NO_MARKET ? 1 : paper_spot_market(house->spot, found)->unit;
    for (int i = 1; found == KEEL_NO_MARKET && i <= paper_spot_market_count(house->spot); i++) {
        paper_asset_id asset = paper_spot_market(house->spot, (keel_market_id)i)->base;
        if (keel_str_equals(base, keel_str_from(paper_asset_get(asset)->code)))
            found = (keel_market_id)i;
    }
    return found;
}

bool paper_venue_trades(const struct paper_venue *venue, keel_str symbol)
{
    for (int i = 0; i < venue->house_count; i++) {
        if (find_market(&venue->houses[i], symbol) != KEEL_NO_MARKET)
            return true;
    }
    return false;
}

/* A venue that does not trade the symbol keeps the time of those that do. */
static void keep_time(struct paper_venue *venue, keel_str symbol)
{
    int64_t begin_ms = 0;
    for (int i = 0; i < venue->house_count; i++) {
        if (find_market(&venue->houses[i], symbol) != KEEL_NO_MARKET)
            begin_ms = paper_engine_market_time_ms(venue->houses[i].engine);
    }
    for (int i = 0; i < venue->house_count; i++) {
        if (find_market(&venue->houses[i], symbol) == KEEL_NO_MARKET)
            paper_engine_begin_at(venue->houses[i].engine, begin_ms);
        paper_spot_begin_at(venue->houses[i].spot,
                            paper_engine_market_time_ms(venue->houses[i].engine));
    }
}

static enum keel_status load_candles(struct house *house, keel_market_id market, keel_str csv,
                                     struct keel_error *error)
{
    int unit;
    enum keel_status status = paper_engine_load_candles(house->engine, market, csv, error);
    keel_market_id coins = find_coins(house, market, &unit);
    if (status == KEEL_OK && coins != KEEL_NO_MARKET)
        status = paper_spot_load_candles(house->spot, coins, csv, error);
    return status;
}

enum keel_status paper_venue_load_candles(struct paper_venue *venue, keel_str symbol, keel_str csv,
                                          struct keel_error *error)
{
    enum keel_status status = KEEL_OK;
    if (!paper_venue_trades(venue, symbol))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no venue trades '%.*s'",
                         KEEL_STR_ARGS(symbol));
    for (int i = 0; i < venue->house_count && status == KEEL_OK; i++) {
        keel_market_id market = find_market(&venue->houses[i], symbol);
        if (market != KEEL_NO_MARKET)
            status = load_candles(&venue->houses[i], market, csv, error);
    }
    if (status == KEEL_OK)
        keep_time(venue, symbol);
    return status;
}

static enum paper_error check_price(const struct paper_venue *venue, keel_str symbol,
                                    keel_decimal price)
{
    enum paper_error error = PAPER_OK;
    if (!paper_venue_trades(venue, symbol))
        return PAPER_ERROR_SYMBOL;
    for (int i = 0; i < venue->house_count && error == PAPER_OK; i++) {
        keel_market_id market = find_market(&venue->houses[i], symbol);
        if (market != KEEL_NO_MARKET)
            error = paper_engine_check_price(venue->houses[i].engine, market, price);
    }
    return error;
}

static enum paper_error set_price(struct house *house, int64_t clock_ms, keel_market_id market,
                                  keel_decimal price)
{
    int unit;
    enum paper_error error = paper_engine_set_price(house->engine, clock_ms, market, price);
    keel_market_id coins = find_coins(house, market, &unit);
    if (error != PAPER_OK || coins == KEEL_NO_MARKET)
        return error;
    price = keel_decimal_div(price, keel_decimal_from_int(unit), KEEL_ROUND_HALF_EVEN);
    enum paper_spot_error refused = paper_spot_set_price(house->spot, clock_ms, coins, price);
    KEEL_ASSERT(refused == PAPER_SPOT_OK); /* it is positive, and nothing else is asked of it */
    return error;
}

enum paper_error paper_venue_set_price(struct paper_venue *venue, int64_t now_ms, keel_str symbol,
                                       keel_decimal price)
{
    int64_t clock_ms = paper_venue_clock_ms(venue, now_ms);
    enum paper_error error = check_price(venue, symbol, price);
    for (int i = 0; i < venue->house_count && error == PAPER_OK; i++) {
        keel_market_id market = find_market(&venue->houses[i], symbol);
        if (market != KEEL_NO_MARKET)
            error = set_price(&venue->houses[i], clock_ms, market, price);
    }
    drain(venue, clock_ms);
    return error;
}

int64_t paper_venue_market_time_ms(const struct paper_venue *venue)
{
    return paper_engine_market_time_ms(venue->houses[0].engine);
}

int64_t paper_venue_market_end_ms(const struct paper_venue *venue)
{
    int64_t end_ms = 0;
    for (int i = 0; i < venue->house_count; i++) {
        int64_t house_ms = paper_engine_market_end_ms(venue->houses[i].engine);
        end_ms = house_ms > end_ms ? house_ms : end_ms;
    }
    return end_ms;
}

bool paper_venue_is_conserved(const struct paper_venue *venue)
{
    bool conserved = true;
    for (int i = 0; i < venue->house_count; i++) {
        struct paper_audit audit;
        struct paper_spot_audit coins;
        paper_engine_audit(venue->houses[i].engine, &audit);
        paper_spot_audit(venue->houses[i].spot, &coins);
        conserved = conserved && audit.conserved && coins.conserved;
    }
    return conserved;
}

void paper_venue_advance(struct paper_venue *venue, int64_t now_ms, int64_t market_ms)
{
    int64_t clock_ms = paper_venue_clock_ms(venue, now_ms);
    while (market_ms > 0) {
        int64_t slice = market_ms < ADVANCE_SLICE_MS ? market_ms : ADVANCE_SLICE_MS;
        for (int i = 0; i < venue->house_count; i++) {
            struct house *house = &venue->houses[i];
            paper_engine_advance(house->engine, clock_ms, slice);
            drain_house(house, clock_ms);
            paper_spot_advance(house->spot, clock_ms, slice);
            drain_house(house, clock_ms);
            for (int j = 0; j < house->dialect_count; j++)
                house->dialects[j]->ops->advanced(house->dialects[j], clock_ms);
        }
        market_ms -= slice;
    }
}

void paper_venue_start(struct paper_venue *venue, int64_t now_ms, int64_t offset_ms)
{
    venue->start_offset_ms = offset_ms;
    paper_venue_advance(venue, now_ms, offset_ms);
}

bool paper_venue_reset(struct paper_venue *venue, int64_t now_ms)
{
    int64_t clock_ms = paper_venue_clock_ms(venue, now_ms);
    for (int i = 0; i < venue->house_count; i++) {
        struct house *house = &venue->houses[i];
        if (!paper_engine_reset(house->engine, clock_ms) ||
            !paper_spot_reset(house->spot, clock_ms))
            return false;
        for (int j = 0; j < house->dialect_count; j++)
            house->dialects[j]->ops->reset(house->dialects[j], clock_ms);
    }
    paper_venue_advance(venue, now_ms, venue->start_offset_ms);
    return true;
}

static void lose_keys(struct paper_venue *venue, int64_t now_ms, int64_t clock_ms)
{
    int account, notices;
    while (paper_faults_next_expiry(&venue->faults, now_ms, &account, &notices)) {
        for (int i = 0; i < venue->house_count; i++) {
            struct house *house = &venue->houses[i];
            for (int j = 0; j < house->dialect_count; j++)
                house->dialects[j]->ops->expire_key(house->dialects[j], account, notices, clock_ms);
        }
    }
}

void paper_venue_tick(struct paper_venue *venue, int64_t now_ms)
{
    int64_t clock_ms = paper_venue_clock_ms(venue, now_ms);
    for (int i = 0; i < venue->house_count; i++) {
        struct house *house = &venue->houses[i];
        paper_engine_tick(house->engine, clock_ms);
        paper_spot_tick(house->spot, clock_ms);
        drain_house(house, clock_ms);
        for (int j = 0; j < house->dialect_count; j++)
            house->dialects[j]->ops->tick(house->dialects[j], clock_ms);
    }
    lose_keys(venue, now_ms, clock_ms);
    paper_outbox_wake(&venue->outbox);
}

static struct paper_dialect *find_dialect(const struct paper_venue *venue, keel_str path)
{
    for (int i = 0; i < venue->house_count; i++) {
        const struct house *house = &venue->houses[i];
        for (int j = 0; j < house->dialect_count; j++) {
            if (house->dialects[j]->ops->owns_path(path))
                return house->dialects[j];
        }
    }
    return NULL;
}

/* --- Calls and streams -------------------------------------------------------------------------
 */

/* A path of nobody: what a web server in front of a venue answers. */
static void answer_not_found(struct paper_response *response)
{
    response->status = 404;
    response->content_type = "text/html";
    keel_write(&response->body, KEEL_STR("<html>\r\n<head><title>404 Not Found</title></head>\r\n"
                                         "<body>\r\n<center><h1>404 Not Found</h1></center>\r\n"
                                         "</body>\r\n</html>\r\n"));
}

static const struct paper_fault_rule *strike_call(struct paper_venue *venue,
                                                  enum paper_fault_target target,
                                                  const struct paper_http_request *request,
                                                  int64_t now_ms)
{
    const struct paper_dialect *dialect = find_dialect(venue, request->path);
    if (venue->faults.count == 0 || !dialect)
        return NULL;
    const struct paper_fault_subject subject = {
        .method = request->method,
        .path = request->path,
        .account = dialect->ops->account_of(dialect, request),
    };
    return paper_faults_strike(&venue->faults, target, &subject, now_ms);
}

bool paper_venue_cuts_request(struct paper_venue *venue, const struct paper_http_request *request,
                              int64_t now_ms, int64_t *byte)
{
    const struct paper_fault_rule *rule =
        strike_call(venue, PAPER_FAULT_OF_REQUEST, request, now_ms);
    if (rule)
        *byte = rule->byte;
    return rule;
}

bool paper_venue_refuses(const struct paper_venue *venue, int64_t now_ms)
{
    return paper_faults_refuse(&venue->faults, now_ms);
}

static bool is_answer(enum paper_fault_action action)
{
    return action >= PAPER_FAULT_UNKNOWN && action <= PAPER_FAULT_BANNED;
}

/* The true answer is thrown away: what it told is not lost, only unheard. */
static void handle_badly(struct paper_venue *venue, struct paper_dialect *dialect,
                         const struct paper_fault_rule *rule,
                         const struct paper_http_request *request, int64_t clock_ms,
                         struct paper_response *response)
{
    if (!is_answer(rule->action) || rule->executed)
        dialect->ops->handle(dialect, request, clock_ms, response);
    drain(venue, clock_ms);
    if (is_answer(rule->action)) {
        paper_response_clear(response);
        dialect->ops->fail(dialect, rule, clock_ms, response);
    }
    if (rule->action == PAPER_FAULT_DELAY)
        response->delay_ms = rule->ms;
    if (rule->action == PAPER_FAULT_CUT)
        response->cut = (size_t)rule->byte;
}

void paper_venue_handle(struct paper_venue *venue, const struct paper_http_request *request,
                        int64_t now_ms, struct paper_response *response)
{
    int64_t clock_ms = paper_venue_clock_ms(venue, now_ms);
    paper_response_clear(response);
    if (paper_control_owns_path(request->path)) {
        paper_control_handle(venue, request, now_ms, response);
        return;
    }
    struct paper_dialect *dialect = find_dialect(venue, request->path);
    if (!dialect) {
        answer_not_found(response);
        return;
    }
    const struct paper_fault_rule *rule = strike_call(venue, PAPER_FAULT_OF_REPLY, request, now_ms);
    if (rule) {
        handle_badly(venue, dialect, rule, request, clock_ms, response);
        return;
    }
    dialect->ops->handle(dialect, request, clock_ms, response);
    drain(venue, clock_ms);
}

struct paper_stream *paper_venue_open_stream(struct paper_venue *venue,
                                             const struct paper_http_request *request,
                                             int64_t now_ms, struct paper_response *refusal)
{
    int64_t clock_ms = paper_venue_clock_ms(venue, now_ms);
    paper_response_clear(refusal);
    struct paper_dialect *dialect = find_dialect(venue, request->path);
    if (!dialect) {
        answer_not_found(refusal);
        return NULL;
    }
    const struct paper_fault_rule *rule = strike_call(venue, PAPER_FAULT_OF_REPLY, request, now_ms);
    if (!rule || !is_answer(rule->action))
        return dialect->ops->open_stream(dialect, request, clock_ms, refusal);
    dialect->ops->fail(dialect, rule, clock_ms, refusal);
    return NULL;
}

void paper_venue_close_stream(struct paper_venue *venue, struct paper_stream *stream)
{
    (void)venue;
    stream->dialect->ops->close_stream(stream->dialect, stream);
}

void paper_venue_receive(struct paper_venue *venue, struct paper_stream *stream,
                         const struct paper_frame *frame, int64_t now_ms)
{
    int64_t clock_ms = paper_venue_clock_ms(venue, now_ms);
    stream->dialect->ops->receive(stream->dialect, stream, frame, clock_ms);
    drain(venue, clock_ms);
}

bool paper_venue_next_frame(struct paper_venue *venue, struct paper_stream *stream, int64_t now_ms,
                            struct paper_frame *frame)
{
    return paper_line_next_frame(&venue->faults, stream, now_ms, frame);
}

bool paper_venue_mutes(const struct paper_venue *venue, const struct paper_stream *stream,
                       int64_t now_ms)
{
    struct paper_fault_subject subject;
    if (venue->faults.count == 0)
        return false;
    stream->dialect->ops->describe_frame(stream, (keel_str){0}, &subject);
    return paper_faults_mute(&venue->faults, &subject, now_ms);
}

struct paper_stream *paper_venue_next_ready(struct paper_venue *venue)
{
    return paper_outbox_next(&venue->outbox);
}

void paper_venue_describe(const struct paper_venue *venue, keel_str authority,
                          struct keel_writer *json)
{
    keel_json_open_object(json, NULL);
    keel_json_put_string(json, "listen", authority);
    keel_json_open_object(json, "venues");
    for (int i = 0; i < venue->house_count; i++) {
        const struct house *house = &venue->houses[i];
        for (int j = 0; j < house->dialect_count; j++)
            house->dialects[j]->ops->describe(house->dialects[j], authority, json);
    }
    keel_json_close_object(json);
    keel_json_open_array(json, "accounts");
    for (int i = 0; i < venue->keys.count; i++) {
        keel_json_open_object(json, NULL);
        keel_json_put_text(json, "api_key", venue->keys.at[i].api_key);
        keel_json_put_text(json, "api_secret", venue->keys.at[i].api_secret);
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
    keel_json_close_object(json);
}

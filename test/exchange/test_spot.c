/* The private exchange by itself: a spot account before a venue of canned answers. */
#include "exchange/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define D(text)  keel_decimal_from_text(text)
#define BEGIN_NS INT64_C(1000000000)
#define WALL_MS  INT64_C(1700000000000)

enum {
    EVENTS_MAX = 8,
    SEEN_MAX = 256,
};

enum answer {
    ANSWERED,
    REFUSED,
    LOST,
};

/* The world: what the venue says, and what it was asked. */
static struct world {
    struct keel_private *exchange;
    int64_t now_ns;
    enum answer answers[KEEL_COMMAND_KINDS];
    struct keel_event events[KEEL_COMMAND_KINDS][EVENTS_MAX]; /* of the accepted reply */
    int32_t event_counts[KEEL_COMMAND_KINDS];
    struct keel_event frame[EVENTS_MAX]; /* of the next frame */
    int32_t frame_count;
    enum keel_command_kind seen[SEEN_MAX];
    struct keel_command last[KEEL_COMMAND_KINDS];
    int32_t seen_count;
    uint32_t user_stream;
    struct keel_difference differences[8];
    int32_t difference_count, order_count, execution_count, settled_count;
    enum keel_fate settled;
    char log[512];
    struct keel_record records[64];
    int32_t record_count;
} world;

/* The venue: a path is a command's number, an answer is an event list. */

static void add(struct keel_events *events, const struct keel_event *event)
{
    assert_true(events->count < events->capacity);
    events->at[events->count++] = *event;
}

static enum keel_status encode(const struct keel_command *command,
                               const struct keel_markets *markets, const struct keel_modes *modes,
                               const struct keel_keys *keys, int64_t time_ms,
                               int64_t receive_window_ms, struct keel_request *request,
                               struct keel_error *error)
{
    (void)markets;
    (void)modes;
    (void)keys;
    (void)receive_window_ms;
    (void)error;
    request->method = keel_command_is_write(command->kind) ? KEEL_HTTP_POST : KEEL_HTTP_GET;
    request->idempotent = !keel_command_is_write(command->kind);
    request->fresh_connection = request->needs_key = request->json = false;
    request->weight = request->order_count = 0;
    request->headers[0] = request->query[0] = '\0';
    request->query_size = 0;
    request->body_size =
        (uint32_t)snprintf(request->body, sizeof(request->body), "%lld", (long long)time_ms);
    snprintf(request->path, sizeof(request->path), "/%d", (int)command->kind);
    world.last[command->kind] = *command;
    return KEEL_OK;
}

static enum keel_status decode_reply(const struct keel_command *command,
                                     const struct keel_reply *reply,
                                     const struct keel_markets *markets, struct keel_arena *arena,
                                     struct keel_events *events, struct keel_outcome *outcome)
{
    (void)markets;
    (void)arena;
    *outcome = (struct keel_outcome){.fate = KEEL_ACCEPTED};
    if (reply->http_status != 200) {
        outcome->fate = KEEL_FATE_REJECTED;
        keel_fail(&outcome->error, KEEL_REJECTED, "no");
        return KEEL_OK;
    }
    if (command->kind == KEEL_LOAD_TIME) {
        struct keel_event event = {.kind = KEEL_EVENT_SERVER_TIME};
        event.server_time_ms = WALL_MS + (world.now_ns - BEGIN_NS) / 1000000;
        add(events, &event);
    }
    for (int32_t i = 0; i < world.event_counts[command->kind]; i++)
        add(events, &world.events[command->kind][i]);
    return KEEL_OK;
}

static enum keel_status decode_stream(keel_str bytes, const struct keel_markets *markets,
                                      struct keel_arena *arena, struct keel_events *events,
                                      struct keel_error *error)
{
    (void)bytes;
    (void)markets;
    (void)arena;
    (void)error;
    for (int32_t i = 0; i < world.frame_count; i++)
        add(events, &world.frame[i]);
    return KEEL_OK;
}

static enum keel_status encode_frame(const struct keel_command *command,
                                     const struct keel_markets *markets,
                                     const struct keel_modes *modes, const struct keel_keys *keys,
                                     int64_t time_ms, int64_t receive_window_ms, uint64_t id,
                                     struct keel_frame *frame, struct keel_error *error)
{
    (void)command;
    (void)markets;
    (void)modes;
    (void)keys;
    (void)time_ms;
    (void)receive_window_ms;
    (void)id;
    (void)frame;
    return keel_fail(error, KEEL_UNSUPPORTED, "by request");
}

static bool read_answer(keel_str bytes, struct keel_answer *answer)
{
    (void)bytes;
    (void)answer;
    return false;
}

static enum keel_status open_stream(const struct keel_stream_wish *wish,
                                    struct keel_stream_request *request, struct keel_error *error)
{
    (void)wish;
    (void)error;
    snprintf(request->path, sizeof(request->path), "/stream");
    request->headers[0] = request->frames[0] = '\0';
    request->acks = 0;
    return KEEL_OK;
}

static bool name_market(keel_str venue_symbol, struct keel_market *market)
{
    (void)venue_symbol;
    (void)market;
    return false;
}

static void set_keys(struct keel_keys *keys, keel_str api_key, keel_str secret)
{
    (void)secret;
    *keys = (struct keel_keys){.api_key = ""};
    keel_str_copy(api_key, keys->api_key, sizeof(keys->api_key));
}

static void make_client_id(uint64_t number, char client_id[KEEL_CLIENT_ID_SIZE])
{
    snprintf(client_id, KEEL_CLIENT_ID_SIZE, "k%llu", (unsigned long long)number);
}

static bool client_id_is_valid(keel_str client_id)
{
    return client_id.size < 33;
}

static const struct keel_venue spot_venue = {
    .name = "script",
    .product = KEEL_PRODUCT_SPOT,
    .settle_asset = "",
    .key_header = "KEY",
    .loads = {{KEEL_LOAD_TIME, false, true},
              {KEEL_LOAD_MARKETS, false, true},
              {KEEL_LOAD_BALANCES, false, false},
              {KEEL_LOAD_OPEN_ORDERS, false, false},
              {KEEL_LOAD_FEES, true, false}},
    .stream_life_ms = 86400000,
    .market_silence_ms = 600000,
    .user_ping_ms = 600000,
    .receive_window_max_ms = 60000,
    .page_limit = 100,
    .conditional_apart = false,
    .name_market = name_market,
    .set_keys = set_keys,
    .make_client_id = make_client_id,
    .client_id_is_valid = client_id_is_valid,
    .encode = encode,
    .decode_reply = decode_reply,
    .decode_stream = decode_stream,
    .encode_frame = encode_frame,
    .read_answer = read_answer,
    .open_stream = open_stream,
};

/* The world goes on. */

static void reply(uint64_t id, enum keel_command_kind kind)
{
    struct keel_transport transport = {.kind = KEEL_TRANSPORT_REPLIED};
    transport.reply.http_status = world.answers[kind] == REFUSED ? 400 : 200;
    transport.reply.body = transport.reply.headers = KEEL_STR("");
    if (world.answers[kind] == LOST) {
        transport.kind = KEEL_TRANSPORT_LOST;
        snprintf(transport.reason, sizeof(transport.reason), "timed out");
    }
    keel_private_on_transport(world.exchange, id, &transport);
}

static void drain(void)
{
    struct keel_effect effect;
    while (keel_private_next_effect(world.exchange, &effect)) {
        if (effect.kind == KEEL_EFFECT_REQUEST) {
            enum keel_command_kind kind =
                (enum keel_command_kind)atoi(effect.request.request->path + 1);
            world.seen[world.seen_count++ % SEEN_MAX] = kind;
            reply(effect.request.id, kind);
        } else if (effect.kind == KEEL_EFFECT_OPEN_STREAM) {
            if (effect.stream.kind == KEEL_STREAM_USER)
                world.user_stream = effect.stream.number;
            keel_private_on_stream_opened(world.exchange, effect.stream.number);
        } else if (effect.kind == KEEL_EFFECT_RECORD && world.record_count < 64) {
            world.records[world.record_count++] = *effect.record;
        }
    }
}

static void settle(void)
{
    drain();
    for (int i = 0; i < 1000 && keel_private_deadline_ns(world.exchange) <= world.now_ns; i++) {
        keel_private_tick(world.exchange);
        drain();
    }
}

static void advance(int64_t ms)
{
    int64_t end_ns = world.now_ns + ms * 1000000;
    while (world.now_ns < end_ns) {
        int64_t due_ns = keel_private_deadline_ns(world.exchange);
        world.now_ns = due_ns < end_ns && due_ns > world.now_ns ? due_ns : end_ns;
        keel_private_set_time(world.exchange, world.now_ns,
                              WALL_MS + (world.now_ns - BEGIN_NS) / 1000000);
        keel_private_tick(world.exchange);
        settle();
    }
}

static int32_t count_seen(enum keel_command_kind kind)
{
    int32_t count = 0;
    for (int32_t i = 0; i < world.seen_count; i++)
        count += world.seen[i] == kind;
    return count;
}

/* Facts. */

static struct keel_event balance_event(const char *asset, const char *available, const char *locked)
{
    struct keel_event event = {.kind = KEEL_EVENT_BALANCE};
    snprintf(event.balance.asset, sizeof(event.balance.asset), "%s", asset);
    event.balance.available = D(available);
    event.balance.locked = D(locked);
    event.balance.wallet = keel_decimal_add(D(available), D(locked));
    event.balance.cross_wallet = KEEL_DECIMAL_ABSENT;
    return event;
}

static void set_balances(const char *usdt, const char *btc)
{
    struct keel_event *rows = world.events[KEEL_LOAD_BALANCES];
    rows[0] = (struct keel_event){.kind = KEEL_EVENT_SNAPSHOT_BEGIN};
    rows[0].snapshot.kind = KEEL_SNAPSHOT_BALANCES;
    rows[1] = balance_event("USDT", usdt, "0");
    rows[2] = balance_event("BTC", btc, "0");
    rows[3] = (struct keel_event){.kind = KEEL_EVENT_SNAPSHOT_END};
    rows[3].snapshot.kind = KEEL_SNAPSHOT_BALANCES;
    world.event_counts[KEEL_LOAD_BALANCES] = 4;
}

static struct keel_market market(void)
{
    struct keel_market rules = {.status = KEEL_MARKET_TRADING, .product = KEEL_PRODUCT_SPOT};
    memcpy(rules.symbol, "BTC/USDT", sizeof("BTC/USDT"));
    memcpy(rules.venue_symbol, "BTCUSDT", sizeof("BTCUSDT"));
    memcpy(rules.base, "BTC", sizeof("BTC"));
    memcpy(rules.quote, "USDT", sizeof("USDT"));
    rules.price_tick = D("0.01");
    rules.quantity_step = rules.quantity_min = D("0.001");
    rules.notional_min = D("5");
    rules.contract_size = KEEL_DECIMAL_ONE;
    return rules;
}

static void on_difference(void *user, const struct keel_difference *difference)
{
    (void)user;
    if (world.difference_count < 8)
        world.differences[world.difference_count++] = *difference;
}

static void on_order(void *user, const struct keel_order *order)
{
    (void)user;
    (void)order;
    world.order_count++;
}

static void on_execution(void *user, const struct keel_execution *execution)
{
    (void)user;
    (void)execution;
    world.execution_count++;
}

static void on_settled(void *user, const struct keel_result *result)
{
    (void)user;
    world.settled_count++;
    world.settled = result->fate;
}

static void on_log(void *user, enum keel_log_level level, const char *tag, const char *message)
{
    (void)user;
    (void)level;
    assert_string_equal(tag, "script_private_spot");
    snprintf(world.log, sizeof(world.log), "%s", message);
}

static const struct keel_withdrawal_address places[] = {
    {.asset = "USDT",   .network = "TRX",   .address = "Tabc"},
    { .asset = "USDT", .network = "TON", .address = "UQabc",      .memo = "17"},
};

static struct keel_exchange_config make_config(void)
{
    struct keel_exchange_config config = keel_exchange_config_init();
    config.venue = &spot_venue;
    config.api_key = config.secret = KEEL_STR("key");
    config.client_id_first = 1;
    config.check_period_ms = 0;
    config.withdrawal_addresses = places;
    config.withdrawal_address_count = sizeof(places) / sizeof(places[0]);
    config.handlers = (struct keel_handlers){.on_order = on_order,
                                             .on_execution = on_execution,
                                             .on_difference = on_difference,
                                             .on_settled = on_settled,
                                             .on_log = on_log};
    return config;
}

static void make_world(void)
{
    static struct keel_market rules;
    world = (struct world){.now_ns = BEGIN_NS};
    rules = market();
    struct keel_event *rows = world.events[KEEL_LOAD_MARKETS];
    rows[0] = (struct keel_event){.kind = KEEL_EVENT_MARKET, .market = &rules};
    world.event_counts[KEEL_LOAD_MARKETS] = 1;
    rows = world.events[KEEL_LOAD_OPEN_ORDERS];
    rows[0] = (struct keel_event){.kind = KEEL_EVENT_SNAPSHOT_BEGIN};
    rows[1] = (struct keel_event){.kind = KEEL_EVENT_SNAPSHOT_END};
    rows[0].snapshot.kind = rows[1].snapshot.kind = KEEL_SNAPSHOT_ORDERS;
    world.event_counts[KEEL_LOAD_OPEN_ORDERS] = 2;
    set_balances("1000", "2");
}

static keel_market_id live(const struct keel_exchange_config *config)
{
    struct keel_error error = {0};
    struct keel_connection connection;
    world.exchange = keel_private_new(config, &error);
    if (world.exchange == NULL)
        fail_msg("%s", error.message);
    keel_private_set_time(world.exchange, world.now_ns, WALL_MS);
    assert_int_equal(keel_private_start(world.exchange, &error), KEEL_OK);
    settle();
    keel_private_connection(world.exchange, &connection);
    if (connection.state != KEEL_CONNECTION_LIVE)
        fail_msg("%s", connection.last_error.message);
    return keel_markets_find(keel_private_markets(world.exchange), KEEL_STR("BTC/USDT"));
}

static keel_market_id begin_with(const struct keel_exchange_config *config)
{
    make_world();
    return live(config);
}

static keel_market_id begin(void)
{
    struct keel_exchange_config config = make_config();
    return begin_with(&config);
}

static void end(void)
{
    keel_private_free(world.exchange);
}

struct outcome {
    int calls;
    enum keel_fate fate;
    struct keel_error error;
};

static void note(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->calls++;
    outcome->fate = result->fate;
    outcome->error = result->error;
}

static struct keel_order_request limit_buy(keel_market_id btc)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = btc;
    request.side = KEEL_BUY;
    request.type = KEEL_LIMIT;
    request.quantity = D("1");
    request.price = D("100");
    return request;
}

static void assert_free(const char *asset, const char *available)
{
    struct keel_balance balance;
    char text[KEEL_DECIMAL_TEXT_SIZE];
    assert_int_equal(
        keel_private_balance(world.exchange, keel_str_from(asset), false, &balance, NULL), KEEL_OK);
    keel_decimal_format(balance.available, text);
    assert_string_equal(text, available);
}

static void send_frame(void)
{
    keel_private_on_stream_message(world.exchange, world.user_stream, KEEL_STR("{}"));
    world.frame_count = 0;
    settle();
}

/* Tests. */

static void each_exchange_refuses_the_others_venue_by_name(void **state)
{
    (void)state;
    struct keel_exchange_config config = make_config();
    struct keel_error error = {0};
    assert_null(keel_futures_new(&config, &error));
    assert_int_equal(error.status, KEEL_CONFIG);
    assert_non_null(strstr(error.message, "script trades spot"));
    config.venue = &keel_venue_binance;
    assert_null(keel_private_new(&config, &error));
    assert_non_null(strstr(error.message, "binance trades futures"));
}

static void it_loads_what_a_spot_account_has_and_nothing_else(void **state)
{
    (void)state;
    struct keel_statistics statistics;
    begin();
    keel_private_statistics(world.exchange, &statistics);
    assert_int_equal(statistics.balances, 2);
    assert_int_equal(count_seen(KEEL_LOAD_POSITIONS), 0);
    assert_int_equal(count_seen(KEEL_LOAD_CONDITIONAL_ORDERS), 0);
    assert_free("USDT", "1000");
    end();
}

static void an_order_holds_its_money_until_the_venue_refuses_it(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    keel_market_id btc = begin();
    struct keel_order_request request = limit_buy(btc);
    world.answers[KEEL_PLACE_ORDER] = REFUSED;
    assert_int_equal(keel_private_place_order(world.exchange, &request, note, &outcome, NULL),
                     KEEL_OK);
    assert_free("USDT", "900");
    settle();
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_FATE_REJECTED);
    assert_free("USDT", "1000");
    end();
}

static void a_fill_reaches_the_handlers_and_the_books(void **state)
{
    (void)state;
    struct keel_book_balance books[4] = {0};
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_market_id btc = begin();
    world.frame[0] = (struct keel_event){.kind = KEEL_EVENT_EXECUTION};
    struct keel_execution *fill = &world.frame[0].execution;
    fill->market = btc;
    fill->side = KEEL_BUY;
    memcpy(fill->trade_id, "1", 2);
    memcpy(fill->order_id, "9", 2);
    memcpy(fill->fee_asset, "BTC", 4);
    fill->price = D("100");
    fill->quantity = D("1");
    fill->fee = D("0.001");
    fill->realized_pnl = KEEL_DECIMAL_ABSENT;
    fill->time_ms = WALL_MS + 5000;
    world.frame_count = 1;
    send_frame();
    assert_int_equal(world.execution_count, 1);
    assert_int_equal(keel_private_books(world.exchange, books, 1), 2); /* so many there are */
    assert_string_equal(books[1].asset, "");
    assert_int_equal(keel_private_books(world.exchange, books, 4), 2);
    keel_decimal_format(books[0].wallet, text);
    assert_string_equal(text, "900");
    keel_decimal_format(books[1].wallet, text);
    assert_string_equal(text, "2.999");
    end();
}

static void a_wallet_that_nothing_explains_is_reported_once_and_healed(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    begin();
    set_balances("1050", "2"); /* a deposit that no stream told of */
    assert_int_equal(keel_private_reconcile(world.exchange, note, &outcome, NULL), KEEL_OK);
    advance(20000);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.error.status, KEEL_OK);
    assert_int_equal(world.difference_count, 1);
    assert_string_equal(world.differences[0].asset, "USDT");
    assert_int_equal(count_seen(KEEL_LOAD_POSITIONS), 0);
    assert_int_equal(count_seen(KEEL_LOAD_INCOME), 0);
    assert_int_equal(keel_private_reconcile(world.exchange, note, &outcome, NULL), KEEL_OK);
    advance(20000);
    assert_int_equal(world.difference_count, 1);
    end();
}

static void one_family_is_canceled_and_asked_for(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    keel_market_id btc = begin();
    assert_int_equal(keel_private_cancel_all(world.exchange, btc, note, &outcome, NULL), KEEL_OK);
    settle();
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(count_seen(KEEL_CANCEL_ALL), 1);

    struct keel_order_ref ref = {.market = btc, .order_id = "404"};
    assert_int_equal(keel_private_get_order(world.exchange, &ref, note, &outcome, NULL), KEEL_OK);
    settle();
    assert_int_equal(count_seen(KEEL_QUERY_ORDER), 1);
    assert_int_equal(world.last[KEEL_QUERY_ORDER].order.family, KEEL_FAMILY_REGULAR);
    end();
}

/* Money. */

static struct keel_withdrawal_request withdrawal(const char *network, const char *address,
                                                 const char *memo, const char *amount)
{
    struct keel_withdrawal_request request = {.asset = "USDT"};
    snprintf(request.network, sizeof(request.network), "%s", network);
    snprintf(request.address, sizeof(request.address), "%s", address);
    snprintf(request.memo, sizeof(request.memo), "%s", memo);
    request.amount = D(amount);
    return request;
}

static enum keel_status withdraw(const char *network, const char *address, const char *memo,
                                 const char *amount, struct outcome *outcome,
                                 struct keel_error *error)
{
    struct keel_withdrawal_request request = withdrawal(network, address, memo, amount);
    return keel_private_withdraw(world.exchange, &request, note, outcome, error);
}

static void a_withdrawal_goes_to_an_address_of_the_list_to_the_letter(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct keel_error error = {0};
    begin();
    static const struct {
        const char *network, *address, *memo;
    } refused[] = {
        {"TRX", "Tabd",  ""  },
        {"ETH", "Tabc",  ""  },
        {"TRX", "Tabc",  "17"},
        {"TON", "UQabc", ""  },
        {"trx", "Tabc",  ""  },
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(withdraw(refused[i].network, refused[i].address, refused[i].memo, "10",
                                  &outcome, &error),
                         KEEL_WITHDRAWAL_ADDRESS);
        assert_non_null(strstr(error.message, "withdrawal addresses of the configuration"));
    }
    assert_int_equal(withdraw("TON", "UQabc", "17", "10", &outcome, &error), KEEL_OK);
    settle();
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(count_seen(KEEL_WITHDRAW), 1);
    assert_string_not_equal(world.last[KEEL_WITHDRAW].withdrawal.client_id, "");
    end();
}

static void without_a_list_nothing_is_withdrawn(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct keel_error error = {0};
    struct keel_exchange_config config = make_config();
    config.withdrawal_address_count = 0;
    begin_with(&config);
    assert_int_equal(withdraw("TRX", "Tabc", "", "10", &outcome, &error), KEEL_WITHDRAWAL_ADDRESS);
    end();
}

static void what_is_known_of_a_network_is_checked(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct keel_error error = {0};
    begin();
    struct keel_event *row = &world.events[KEEL_LOAD_NETWORKS][0];
    *row = (struct keel_event){.kind = KEEL_EVENT_NETWORK};
    row->network = (struct keel_network){.asset = "USDT",
                                         .network = "TRX",
                                         .can_withdraw = true,
                                         .withdrawal_fee = D("1"),
                                         .withdrawal_min = D("5"),
                                         .withdrawal_max = D("500"),
                                         .withdrawal_step = D("0.01")};
    world.event_counts[KEEL_LOAD_NETWORKS] = 1;
    assert_int_equal(
        keel_private_networks(world.exchange, KEEL_STR("USDT"), note, &outcome, &error), KEEL_OK);
    settle();
    assert_int_equal(withdraw("TRX", "Tabc", "", "4.99", &outcome, &error),
                     KEEL_WITHDRAWAL_NETWORK);
    assert_int_equal(withdraw("TRX", "Tabc", "", "500.01", &outcome, &error),
                     KEEL_WITHDRAWAL_NETWORK);
    assert_int_equal(withdraw("TRX", "Tabc", "", "10.001", &outcome, &error),
                     KEEL_WITHDRAWAL_NETWORK);
    assert_non_null(strstr(error.message, "nearest 10 and 10.01"));
    row->network.can_withdraw = false;
    assert_int_equal(
        keel_private_networks(world.exchange, KEEL_STR("USDT"), note, &outcome, &error), KEEL_OK);
    settle();
    assert_int_equal(withdraw("TRX", "Tabc", "", "10", &outcome, &error), KEEL_WITHDRAWAL_NETWORK);
    end();
}

/* It is asked for by its id until the list shows it, and never sent again. */
static void an_unknown_withdrawal_stays_locked_until_the_list_tells(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    begin();
    world.answers[KEEL_WITHDRAW] = LOST;
    assert_int_equal(withdraw("TRX", "Tabc", "", "100", &outcome, NULL), KEEL_OK);
    settle();
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    assert_free("USDT", "900");
    advance(30000);
    assert_int_equal(world.settled_count, 0);
    assert_string_equal(world.last[KEEL_LOAD_WITHDRAWALS].page.client_id,
                        world.last[KEEL_WITHDRAW].withdrawal.client_id);

    struct keel_event *row = &world.events[KEEL_LOAD_WITHDRAWALS][0];
    *row = (struct keel_event){.kind = KEEL_EVENT_WITHDRAWAL};
    row->withdrawal.status = KEEL_WITHDRAWAL_PENDING;
    memcpy(row->withdrawal.client_id, world.last[KEEL_WITHDRAW].withdrawal.client_id,
           sizeof(row->withdrawal.client_id));
    world.event_counts[KEEL_LOAD_WITHDRAWALS] = 1;
    advance(60000);
    assert_int_equal(world.settled_count, 1);
    assert_int_equal(world.settled, KEEL_ACCEPTED);
    assert_int_equal(count_seen(KEEL_WITHDRAW), 1);
    assert_int_equal(outcome.calls, 1);
    end();
}

static void a_withdrawal_that_the_list_never_shows_has_failed_and_is_free_again(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    begin();
    world.answers[KEEL_WITHDRAW] = LOST;
    assert_int_equal(withdraw("TRX", "Tabc", "", "100", &outcome, NULL), KEEL_OK);
    settle();
    advance(50000);
    assert_int_equal(world.settled_count, 0); /* the list may lag so far behind */
    advance(300000);
    assert_int_equal(world.settled_count, 1);
    assert_int_equal(world.settled, KEEL_FATE_FAILED);
    assert_free("USDT", "1000");
    end();
}

static struct keel_event transfer_row(const char *id, int64_t time_ms)
{
    struct keel_event row = {.kind = KEEL_EVENT_TRANSFER};
    row.transfer = (struct keel_wallet_transfer){.from = KEEL_WALLET_SPOT,
                                                 .to = KEEL_WALLET_FUTURES,
                                                 .asset = "USDT",
                                                 .amount = D("50"),
                                                 .done = true,
                                                 .time_ms = time_ms};
    snprintf(row.transfer.id, sizeof(row.transfer.id), "%s", id);
    return row;
}

static void an_unknown_transfer_is_told_by_the_one_that_fits(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 2; rows++) {
        struct outcome outcome = {0};
        struct keel_transfer_request request = {.from = KEEL_WALLET_SPOT,
                                                .to = KEEL_WALLET_FUTURES,
                                                .asset = "USDT",
                                                .amount = D("50")};
        begin();
        world.answers[KEEL_TRANSFER] = LOST;
        world.events[KEEL_LOAD_TRANSFERS][0] = transfer_row("1", WALL_MS + 100);
        world.events[KEEL_LOAD_TRANSFERS][1] = transfer_row("2", WALL_MS + 200);
        world.event_counts[KEEL_LOAD_TRANSFERS] = rows;
        assert_int_equal(keel_private_transfer(world.exchange, &request, note, &outcome, NULL),
                         KEEL_OK);
        settle();
        assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
        advance(300000);
        assert_int_equal(world.settled_count, rows == 1 ? 1 : 0); /* two prove nothing */
        if (rows == 1)
            assert_int_equal(world.settled, KEEL_ACCEPTED);
        assert_int_equal(count_seen(KEEL_TRANSFER), 1);
        end();
    }
}

static void a_transfer_whose_row_comes_late_has_happened(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct keel_transfer_request request = {
        .from = KEEL_WALLET_SPOT, .to = KEEL_WALLET_FUTURES, .asset = "USDT", .amount = D("50")};
    begin();
    world.answers[KEEL_TRANSFER] = LOST;
    world.events[KEEL_LOAD_TRANSFERS][0] = transfer_row("1", WALL_MS + 100);
    assert_int_equal(keel_private_transfer(world.exchange, &request, note, &outcome, NULL),
                     KEEL_OK);
    settle();
    advance(100000);
    assert_true(count_seen(KEEL_LOAD_TRANSFERS) > 1);
    assert_int_equal(world.settled_count, 0);
    world.event_counts[KEEL_LOAD_TRANSFERS] = 1;
    advance(100000);
    assert_int_equal(world.settled_count, 1);
    assert_int_equal(world.settled, KEEL_ACCEPTED);
    end();
}

static void a_transfer_is_not_told_by_the_row_of_one_just_before_it(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 2; rows++) {
        struct outcome first = {0}, second = {0};
        struct keel_transfer_request request = {.from = KEEL_WALLET_SPOT,
                                                .to = KEEL_WALLET_FUTURES,
                                                .asset = "USDT",
                                                .amount = D("50")};
        begin();
        assert_int_equal(keel_private_transfer(world.exchange, &request, note, &first, NULL),
                         KEEL_OK);
        settle();
        assert_int_equal(first.fate, KEEL_ACCEPTED);
        world.answers[KEEL_TRANSFER] = LOST;
        world.events[KEEL_LOAD_TRANSFERS][0] = transfer_row("1", WALL_MS);
        world.events[KEEL_LOAD_TRANSFERS][1] = transfer_row("2", WALL_MS + 1);
        world.event_counts[KEEL_LOAD_TRANSFERS] = rows;
        assert_int_equal(keel_private_transfer(world.exchange, &request, note, &second, NULL),
                         KEEL_OK);
        settle();
        assert_int_equal(second.fate, KEEL_FATE_UNKNOWN);
        advance(300000);
        assert_int_equal(world.settled_count, rows == 2 ? 1 : 0);
        if (rows == 2)
            assert_int_equal(world.settled, KEEL_ACCEPTED);
        end();
    }
}

static void a_transfer_of_an_earlier_life_is_settled_by_the_venue_s_list(void **state)
{
    (void)state;
    for (int rows = 0; rows <= 1; rows++) {
        struct keel_intent intent = {.number = 7, .time_ms = WALL_MS - 400000};
        struct keel_exchange_config config = make_config();
        intent.expires_ms = intent.time_ms + 122000;
        intent.command = (struct keel_command){
            .kind = KEEL_TRANSFER,
            .transfer = {KEEL_WALLET_SPOT, KEEL_WALLET_FUTURES, "USDT", D("50")}
        };
        config.recovery =
            (struct keel_recovery){.numbers_end = 1000, .unsettled = &intent, .unsettled_count = 1};
        make_world();
        world.events[KEEL_LOAD_TRANSFERS][0] = transfer_row("1", intent.time_ms + 100);
        world.event_counts[KEEL_LOAD_TRANSFERS] = rows;
        live(&config);
        assert_int_equal(world.settled_count, 1);
        assert_int_equal(world.settled, rows == 1 ? KEEL_ACCEPTED : KEEL_FATE_FAILED);
        assert_int_equal(count_seen(KEEL_TRANSFER), 0);
        end();
    }
}

static void an_intent_of_a_withdrawal_is_recorded_before_it_leaves(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct keel_exchange_config config = make_config();
    config.recovery.numbers_end = 1000;
    begin_with(&config);
    world.record_count = 0;
    assert_int_equal(withdraw("TRX", "Tabc", "", "100", &outcome, NULL), KEEL_OK);
    settle();
    assert_true(world.record_count >= 2);
    assert_int_equal(world.records[0].kind, KEEL_RECORD_INTENT);
    assert_int_equal(world.records[0].intent.command.kind, KEEL_WITHDRAW);
    assert_string_equal(world.records[0].intent.command.withdrawal.address, "Tabc");
    assert_int_equal(world.records[1].kind, KEEL_RECORD_OUTCOME);
    end();
}

static void a_withdrawal_of_an_earlier_life_is_settled_before_the_account_is_live(void **state)
{
    (void)state;
    struct keel_intent intent = {.number = 7, .time_ms = WALL_MS - 400000};
    struct keel_exchange_config config = make_config();
    intent.expires_ms = intent.time_ms + 62000;
    intent.command.kind = KEEL_WITHDRAW;
    intent.command.withdrawal = withdrawal("TRX", "Tabc", "", "100");
    memcpy(intent.command.withdrawal.client_id, "k5", 3);
    config.recovery =
        (struct keel_recovery){.numbers_end = 1000, .unsettled = &intent, .unsettled_count = 1};
    begin_with(&config);
    assert_int_equal(world.settled_count, 1);
    assert_int_equal(world.settled, KEEL_FATE_FAILED);
    assert_free("USDT", "1000");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_exchange_refuses_the_others_venue_by_name),
        cmocka_unit_test(it_loads_what_a_spot_account_has_and_nothing_else),
        cmocka_unit_test(an_order_holds_its_money_until_the_venue_refuses_it),
        cmocka_unit_test(a_fill_reaches_the_handlers_and_the_books),
        cmocka_unit_test(a_wallet_that_nothing_explains_is_reported_once_and_healed),
        cmocka_unit_test(one_family_is_canceled_and_asked_for),
        cmocka_unit_test(a_withdrawal_goes_to_an_address_of_the_list_to_the_letter),
        cmocka_unit_test(without_a_list_nothing_is_withdrawn),
        cmocka_unit_test(what_is_known_of_a_network_is_checked),
        cmocka_unit_test(an_unknown_withdrawal_stays_locked_until_the_list_tells),
        cmocka_unit_test(a_withdrawal_that_the_list_never_shows_has_failed_and_is_free_again),
        cmocka_unit_test(an_unknown_transfer_is_told_by_the_one_that_fits),
        cmocka_unit_test(a_transfer_whose_row_comes_late_has_happened),
        cmocka_unit_test(a_transfer_is_not_told_by_the_row_of_one_just_before_it),
        cmocka_unit_test(a_transfer_of_an_earlier_life_is_settled_by_the_venue_s_list),
        cmocka_unit_test(an_intent_of_a_withdrawal_is_recorded_before_it_leaves),
        cmocka_unit_test(a_withdrawal_of_an_earlier_life_is_settled_before_the_account_is_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

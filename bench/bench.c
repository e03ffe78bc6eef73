/* bench.c - one line an operation: name, median nanoseconds, allocations.
 *
 *     keel-bench [NAME...]      all operations, or those named
 *     keel-bench --payloads     the messages that the events are, for another program to read
 *
 * Operations are timed in batches and the median batch is told: these are costs of the code, not of
 * the machine's worst moments. All but the round trip must do without the heap: the program ends
 * with what one of them took.
 *
 * order_event            the bytes of a partial fill -> order, execution, books, handlers
 * account_event          the bytes of a balance and three positions -> account
 * mark_price             a decoded mark -> all risk figures of its position, which is cross
 * order_rest             a limit order -> gate -> hold -> signed bytes, the account being flat
 * order_rest_positions   the same with three positions
 * order_event_gateio     the bytes of a partial fill of an order -> order, account, handlers
 * trade_event_gateio     the bytes of its trade -> execution, books, handlers
 * position_event_gateio  the bytes of a position -> account
 * order_rest_gateio      a limit order -> gate -> hold -> contracts, signed by HMAC-SHA512
 * order_event_spot, order_event_gateio_spot, trade_event_gateio_spot, order_rest_spot,
 * order_rest_gateio_spot the same where coins are traded
 * rest_round_trip        a signed read over loopback, from the call to its callback
 * reference_sha256       OpenSSL's SHA-256 over the bytes of the order event, in the same run
 *
 * Nanoseconds differ from machine to machine, and on a shared one from second to second; the lines
 * that begin with '#' tell each median as a multiple of the reference's, which differs less. */
#include "allocations.h"
#include "canned.h"
#include "core/risk.h"
#include "keel/client.h"
#include "keel/paper.h"
#include "measure.h"
#include "payloads.h"
#include "spot.h"
#include "world.h"

#include <openssl/sha.h>
#include <stdio.h>

enum {
    ROUND_TRIPS = 1001,
};

struct bench {
    struct world *world;
    struct keel_futures *futures;
    struct keel_private *base;
    uint32_t user_stream, market_stream;
    int64_t clock_ns; /* our virtual time: moves on from where the world stopped */
    uint64_t trade_id;
    keel_market_id btc;
};

/* Virtual time passes between batches, so that no bound on orders a second is met; in small steps
 * and with pings, because an exchange that slept or heard nothing for long trusts nothing. */
static void move_on(struct bench *bench, int64_t ms)
{
    const int64_t step_ms = 1000;
    while (ms > 0) {
        bench->clock_ns += (ms < step_ms ? ms : step_ms) * 1000000;
        ms -= step_ms;
        keel_private_set_time(bench->base, bench->clock_ns,
                              1700000000000 + bench->clock_ns / 1000000);
        keel_private_on_stream_ping(bench->base, bench->user_stream);
    }
}

static void send(struct bench *bench, uint32_t stream, const char *text)
{
    keel_private_on_stream_message(bench->base, stream, keel_str_from(text));
}

static void send_marks(struct bench *bench)
{
    static const char *const symbols[][2] = {
        {"BTCUSDT", "30120.5"},
        {"ETHUSDT", "1851.5" },
        {"XRPUSDT", "0.6131" }
    };
    char text[256];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof(text),
                 "{\"e\":\"markPriceUpdate\",\"E\":%lld,\"s\":\"%s\",\"p\":\"%s\",\"i\":\"%s\","
                 "\"P\":\"0\",\"r\":\"0.0001\",\"T\":1700006400000}",
                 (long long)(1700000000000 + bench->clock_ns / 1000000), symbols[i][0],
                 symbols[i][1], symbols[i][1]);
        send(bench, bench->market_stream, text);
    }
}

static void begin(struct bench *bench)
{
    static const char *const symbols[] = {"BTC/USDT:USDT", "ETH/USDT:USDT", "XRP/USDT:USDT"};
    struct world_config config = world_config_init(1);
    struct keel_error error;
    config.delay_max_ns = 0;
    config.clock_skew_ms = 0;
    config.symbols = symbols;
    config.symbol_count = 3;
    bench->world = world_new(&config);
    world_set_price(bench->world, "BTCUSDT", "30120.5");
    world_set_price(bench->world, "ETHUSDT", "1851.5");
    world_set_price(bench->world, "XRPUSDT", "0.6131");
    if (!world_start(bench->world, &error))
        bench_give_up(error.message);
    bench->futures = world_futures(bench->world, 0);
    bench->base = world_base(bench->world, 0);
    bench->user_stream = world_stream(bench->world, 0, "/private");
    bench->market_stream = world_stream(bench->world, 0, "/market");
    bench->clock_ns = world_now_ns(bench->world);
    bench->trade_id = 50000000;
    bench->btc = keel_markets_find(keel_private_markets(bench->base), KEEL_STR("BTCUSDT"));
    move_on(bench, 1);
    send_marks(bench);
}

static void run_order_event(struct bench *bench)
{
    static char texts[BATCH][sizeof(ORDER_EVENT)];
    int64_t times[ROUNDS], allocations = 0;
    struct keel_books_summary before, after;
    keel_futures_books(bench->futures, &before);
    for (int batch = 0; batch < ROUNDS; batch++) {
        for (int i = 0; i < BATCH; i++) {
            memcpy(texts[i], ORDER_EVENT, sizeof(ORDER_EVENT));
            bench_patch(texts[i], "\"t\":", bench->trade_id++);
        }
        move_on(bench, 1);
        int64_t allocated = bench_allocations();
        int64_t start = bench_now_ns();
        for (int i = 0; i < BATCH; i++)
            keel_private_on_stream_message(bench->base, bench->user_stream,
                                           (keel_str){texts[i], sizeof(ORDER_EVENT) - 1});
        times[batch] = bench_now_ns() - start;
        allocations += bench_allocations() - allocated;
    }
    keel_futures_books(bench->futures, &after);
    if (after.executions - before.executions != ROUNDS * BATCH)
        bench_give_up("the order events did not change the account");
    bench_tell_batches("order_event", times, allocations);
}

static void run_account_event(struct bench *bench)
{
    static char texts[BATCH][sizeof(ACCOUNT_EVENT)];
    int64_t times[ROUNDS], allocations = 0;
    for (int batch = 0; batch < ROUNDS; batch++) {
        for (int i = 0; i < BATCH; i++) {
            memcpy(texts[i], ACCOUNT_EVENT, sizeof(ACCOUNT_EVENT));
            bench_patch(texts[i], "\"wb\":\"9876.", (uint64_t)(batch * BATCH + i));
        }
        move_on(bench, 1);
        int64_t allocated = bench_allocations();
        int64_t start = bench_now_ns();
        for (int i = 0; i < BATCH; i++)
            keel_private_on_stream_message(bench->base, bench->user_stream,
                                           (keel_str){texts[i], sizeof(ACCOUNT_EVENT) - 1});
        times[batch] = bench_now_ns() - start;
        allocations += bench_allocations() - allocated;
    }
    struct keel_balance balance;
    char wallet[KEEL_DECIMAL_TEXT_SIZE];
    snprintf(wallet, sizeof(wallet), "9876.%08d", ROUNDS * BATCH - 1);
    if (keel_private_balance(bench->base, KEEL_STR("USDT"), true, &balance, NULL) != KEEL_OK ||
        !keel_decimal_equals(balance.wallet, keel_decimal_from_text(wallet)))
        bench_give_up("the account events did not change the account");
    bench_tell_batches("account_event", times, allocations);
}

static void run_mark_price(struct bench *bench)
{
    int64_t times[ROUNDS], allocations = 0;
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (int batch = 0; batch < ROUNDS; batch++) {
        struct keel_risk risk = {0};
        struct keel_error error;
        move_on(bench, 1);
        send_marks(bench);
        int64_t allocated = bench_allocations();
        int64_t start = bench_now_ns();
        for (int i = 0; i < BATCH; i++) {
            keel_decimal mark = keel_decimal_from_int(30100 + (batch + i) % 50);
            if (keel_futures_set_mark(bench->futures, bench->btc, mark, &error) != KEEL_OK ||
                keel_futures_risk(bench->futures, bench->btc, KEEL_NET, false, &risk, &error) !=
                    KEEL_OK)
                bench_give_up(error.message);
            sum = keel_decimal_add(sum, risk.unrealized_pnl);
        }
        times[batch] = bench_now_ns() - start;
        allocations += bench_allocations() - allocated;
        if (!keel_decimal_is_valid(risk.margin_ratio) ||
            !keel_decimal_is_valid(risk.liquidation_price))
            bench_give_up("the risk is not complete");
    }
    if (!keel_decimal_is_valid(sum))
        bench_give_up("the risk figures do not add up");
    bench_tell_batches("mark_price", times, allocations);
}

/* The venue refuses what was sent, so that the next batch finds the same account. */
static void refuse_all(struct bench *bench, const uint64_t *ids, int count)
{
    static const struct keel_transport refusal = {
        .kind = KEEL_TRANSPORT_REPLIED,
        .reply = {.http_status = 400,
                  .body = {"{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", 47},
                  .headers = {"", 0}},
    };
    for (int i = 0; i < count; i++)
        keel_private_on_transport(bench->base, ids[i], &refusal);
}

/* As the codec ends a signed body: so many hexadecimal digits after the signature's name. */
static bool is_signed(const struct keel_request *request)
{
    static const char name[] = "&signature=";
    const size_t tail = sizeof(name) - 1 + 64;
    return request->body_size > tail &&
           memcmp(request->body + request->body_size - tail, name, sizeof(name) - 1) == 0;
}

static void run_order_rest(struct bench *bench, const char *name)
{
    int64_t times[ROUNDS], allocations = 0;
    struct keel_order_request request = keel_order_request_init();
    struct keel_error error;
    request.market = bench->btc;
    request.side = KEEL_BUY;
    request.type = KEEL_LIMIT;
    request.time_in_force = KEEL_GTC;
    request.quantity = keel_decimal_from_text("0.005");
    request.price = keel_decimal_from_text("30050.1");
    for (int batch = 0; batch < ROUNDS; batch++) {
        uint64_t ids[BATCH];
        int sent = 0;
        struct keel_effect effect;
        move_on(bench, 5000);
        send_marks(bench);
        int64_t allocated = bench_allocations();
        int64_t start = bench_now_ns();
        for (int i = 0; i < BATCH; i++) {
            if (keel_futures_place_order(bench->futures, &request, NULL, NULL, &error) != KEEL_OK)
                bench_give_up(error.message);
            while (keel_private_next_effect(bench->base, &effect)) {
                if (effect.kind == KEEL_EFFECT_REQUEST && sent < BATCH &&
                    is_signed(effect.request.request))
                    ids[sent++] = effect.request.id;
            }
        }
        times[batch] = bench_now_ns() - start;
        allocations += bench_allocations() - allocated;
        if (sent != BATCH)
            bench_give_up("the orders did not leave");
        refuse_all(bench, ids, sent);
    }
    bench_tell_batches(name, times, allocations);
}

static void on_loaded(void *user, const struct keel_result *result)
{
    if (result->fate != KEEL_ACCEPTED)
        bench_give_up(result->error.message);
    *(bool *)user = true;
}

/* A signed read over a real socket, from the call to its callback. */
static void time_round_trips(struct keel_client *client, int64_t *times)
{
    struct keel_error error;
    struct keel_private *base = keel_futures_base(keel_client_futures(client));
    struct keel_command command = {.kind = KEEL_LOAD_OPEN_ORDERS};
    command.market = keel_markets_find(keel_private_markets(base), KEEL_STR("BTCUSDT"));
    for (int i = 0; i < ROUND_TRIPS; i++) {
        bool done = false;
        int64_t start = bench_now_ns();
        base = keel_futures_base(keel_client_futures(client));
        if (keel_private_load(base, &command, on_loaded, &done, &error) != KEEL_OK)
            bench_give_up(error.message);
        if (keel_client_run(client, &done, 10000) != KEEL_OK)
            bench_give_up("a round trip came to nothing");
        times[i] = bench_now_ns() - start;
    }
}

static void run_rest_round_trip(void)
{
    static const char *const symbols[] = {"BTC/USDT:USDT"};
    int64_t times[ROUND_TRIPS];
    struct keel_error error;
    struct keel_paper_config paper_config = keel_paper_config_init();
    struct keel_config config = keel_config_init();
    paper_config.speed = KEEL_PAPER_SPEED_MANUAL;
    struct keel_paper *paper = keel_paper_open(&paper_config, &error);
    if (!paper)
        bench_give_up(error.message);
    config.venue = "binance";
    config.url = keel_paper_url(paper);
    config.api_key = keel_paper_api_key(paper, 0);
    config.api_secret = keel_paper_api_secret(paper, 0);
    config.symbols = symbols;
    config.symbol_count = 1;
    struct keel_client *client = keel_client_new(&config, &error);
    if (!client || keel_client_start(client, &error) != KEEL_OK)
        bench_give_up(error.message);
    int64_t allocated = bench_allocations();
    time_round_trips(client, times);
    int64_t allocations = (bench_allocations() - allocated) / ROUND_TRIPS;
    keel_client_free(client);
    keel_paper_close(paper);
    bench_tell("rest_round_trip", times, ROUND_TRIPS, 1, allocations);
}

static void run_reference(void)
{
    int64_t times[ROUNDS];
    unsigned char digest[SHA256_DIGEST_LENGTH];
    unsigned sum = 0;
    for (int batch = 0; batch < ROUNDS; batch++) {
        int64_t start = bench_now_ns();
        for (int i = 0; i < BATCH; i++) {
            SHA256((const unsigned char *)ORDER_EVENT, sizeof(ORDER_EVENT) - 1, digest);
            sum += digest[0];
        }
        times[batch] = bench_now_ns() - start;
    }
    if (sum == 0)
        bench_give_up("SHA-256 does not hash");
    bench_tell_batches("reference_sha256", times, 0);
}

/* Gate.io ---------------------------------------------------------------------------------- */

/* Small steps, and each stream heard of: an exchange that slept trusts nothing. */
static void move_gate_on(struct canned *canned, int64_t ms)
{
    static const char mark[] =
        "{\"time_ms\":%lld,\"channel\":\"futures.tickers\",\"event\":\"update\","
        "\"result\":[{\"contract\":\"BTC_USDT\",\"mark_price\":\"30120.5\","
        "\"index_price\":\"30120.5\",\"funding_rate\":\"0.0001\"}]}";
    char text[256];
    for (; ms > 0; ms -= 1000) {
        canned->now_ns += (ms < 1000 ? ms : 1000) * INT64_C(1000000);
        canned_settle(canned);
        keel_private_on_stream_ping(canned->base, canned->user_stream);
        snprintf(text, sizeof(text), mark, (long long)canned_wall_ms(canned));
        keel_private_on_stream_message(canned->base, canned->market_stream, keel_str_from(text));
    }
}

/* One frame after the other, each with a number of its own behind `before`: counted down from
 * `first`, or up. */
static void run_gate_event(struct canned *canned, const char *name, const char *event,
                           const char *before, uint64_t first, bool down)
{
    static char texts[BATCH][1024];
    int64_t times[ROUNDS], allocations = 0;
    size_t size = strlen(event);
    for (int batch = 0; batch < ROUNDS; batch++) {
        for (int i = 0; i < BATCH; i++) {
            uint64_t number = (uint64_t)(batch * BATCH + i);
            memcpy(texts[i], event, size + 1);
            bench_patch(texts[i], before, down ? first - number : first + number);
        }
        move_gate_on(canned, 1);
        int64_t allocated = bench_allocations();
        int64_t start = bench_now_ns();
        for (int i = 0; i < BATCH; i++)
            keel_private_on_stream_message(canned->base, canned->user_stream,
                                           (keel_str){texts[i], size});
        times[batch] = bench_now_ns() - start;
        allocations += bench_allocations() - allocated;
    }
    bench_tell_batches(name, times, allocations);
}

static void run_gate_order_event(struct canned *canned)
{
    struct keel_order order;
    enum keel_status status;
    run_gate_event(canned, "order_event_gateio", GATE_ORDER_EVENT, "\"left\":\"", 999999, true);
    keel_decimal left = keel_decimal_from_int(999999 - (ROUNDS * BATCH - 1));
    keel_decimal filled = keel_decimal_mul(keel_decimal_sub(keel_decimal_from_int(1000000), left),
                                           keel_decimal_from_text("0.0001"), KEEL_ROUND_DOWN);
    if (keel_private_open_orders(canned->base, KEEL_NO_MARKET, true, &order, 1, &status) != 1 ||
        !keel_decimal_equals(order.filled_quantity, filled))
        bench_give_up("the order events of Gate did not change the order");
}

static void run_gate_trade_event(struct canned *canned)
{
    struct keel_books_summary before, after;
    keel_futures_books(canned->futures, &before);
    run_gate_event(canned, "trade_event_gateio", GATE_TRADE_EVENT, "\"id\":\"", 50000000, false);
    keel_futures_books(canned->futures, &after);
    if (after.executions - before.executions != ROUNDS * BATCH)
        bench_give_up("the trades of Gate did not change the account");
}

static void run_gate_position_event(struct canned *canned)
{
    struct keel_position position;
    struct keel_error error;
    keel_market_id btc =
        keel_markets_find(keel_private_markets(canned->base), KEEL_STR("BTC_USDT"));
    run_gate_event(canned, "position_event_gateio", GATE_POSITION_EVENT, "30000.", 1, false);
    if (keel_futures_position(canned->futures, btc, KEEL_NET, true, &position, &error) != KEEL_OK ||
        keel_decimal_compare(position.entry_price, keel_decimal_from_int(30000)) <= 0)
        bench_give_up("the positions of Gate did not change the account");
}

static void refuse_gate(struct canned *canned, const uint64_t *ids, int count)
{
    static const struct keel_transport refusal = {
        .kind = KEEL_TRANSPORT_REPLIED,
        .reply = {.http_status = 400,
                  .body = {"{\"label\":\"INSUFFICIENT_AVAILABLE\"}", 34},
                  .headers = {"", 0}},
    };
    for (int i = 0; i < count; i++)
        keel_private_on_transport(canned->base, ids[i], &refusal);
}

/* Looked at when the clock has stopped: a request's bytes stay until it is answered. */
static bool gate_requests_are_signed(const struct keel_request *const *requests)
{
    for (int i = 0; i < BATCH; i++) {
        if (requests[i]->order_count != 1 || strstr(requests[i]->headers, "SIGN: ") == NULL)
            return false;
    }
    return true;
}

static void run_gate_order_rest(struct canned *canned)
{
    int64_t times[ROUNDS], allocations = 0;
    struct keel_order_request request = keel_order_request_init();
    struct keel_error error;
    request.market = keel_markets_find(keel_private_markets(canned->base), KEEL_STR("BTC_USDT"));
    request.side = KEEL_BUY;
    request.type = KEEL_LIMIT;
    request.time_in_force = KEEL_GTC;
    request.quantity = keel_decimal_from_text("0.005");
    request.price = keel_decimal_from_text("30050.1");
    for (int batch = 0; batch < ROUNDS; batch++) {
        uint64_t ids[BATCH];
        const struct keel_request *requests[BATCH];
        int sent = 0;
        struct keel_effect effect;
        move_gate_on(canned, 1000);
        int64_t allocated = bench_allocations();
        int64_t start = bench_now_ns();
        for (int i = 0; i < BATCH; i++) {
            if (keel_futures_place_order(canned->futures, &request, NULL, NULL, &error) != KEEL_OK)
                bench_give_up(error.message);
            while (keel_private_next_effect(canned->base, &effect)) {
                if (effect.kind != KEEL_EFFECT_REQUEST || sent == BATCH)
                    continue;
                requests[sent] = effect.request.request;
                ids[sent++] = effect.request.id;
            }
        }
        times[batch] = bench_now_ns() - start;
        allocations += bench_allocations() - allocated;
        if (sent != BATCH || !gate_requests_are_signed(requests))
            bench_give_up("the orders for Gate did not leave");
        refuse_gate(canned, ids, sent);
    }
    bench_tell_batches("order_rest_gateio", times, allocations);
}

static void run_gate(int count, char **names)
{
    struct canned canned;
    struct keel_error error;
    if (!canned_begin(&canned, &error))
        bench_give_up(error.message);
    if (bench_is_wanted(count, names, "order_rest_gateio"))
        run_gate_order_rest(&canned);
    if (bench_is_wanted(count, names, "order_event_gateio"))
        run_gate_order_event(&canned);
    if (bench_is_wanted(count, names, "trade_event_gateio"))
        run_gate_trade_event(&canned);
    if (bench_is_wanted(count, names, "position_event_gateio"))
        run_gate_position_event(&canned);
    canned_end(&canned);
}

static int print_payloads(void)
{
    printf("order_event %s\naccount_event %s\n", ORDER_EVENT, ACCOUNT_EVENT);
    printf("order_event_gateio %s\ntrade_event_gateio %s\nposition_event_gateio %s\n",
           GATE_ORDER_EVENT, GATE_TRADE_EVENT, GATE_POSITION_EVENT);
    printf("order_event_spot %s\norder_event_gateio_spot %s\ntrade_event_gateio_spot %s\n",
           SPOT_ORDER_EVENT, GATE_SPOT_ORDER_EVENT, GATE_SPOT_TRADE_EVENT);
    return 0;
}

int main(int count, char **names)
{
    struct bench bench = {0};
    _Static_assert(sizeof(ORDER_EVENT) - 1 == 487, "the order event has 487 bytes");
    _Static_assert(sizeof(ACCOUNT_EVENT) - 1 == 560, "the account event has 560 bytes");
    if (count == 2 && strcmp(names[1], "--payloads") == 0)
        return print_payloads();
    begin(&bench);
    if (bench_is_wanted(count, names, "order_rest"))
        run_order_rest(&bench, "order_rest");
    send(&bench, bench.user_stream, ACCOUNT_EVENT);
    if (bench_is_wanted(count, names, "order_rest_positions"))
        run_order_rest(&bench, "order_rest_positions");
    if (bench_is_wanted(count, names, "order_event"))
        run_order_event(&bench);
    if (bench_is_wanted(count, names, "account_event"))
        run_account_event(&bench);
    if (bench_is_wanted(count, names, "mark_price"))
        run_mark_price(&bench);
    run_gate(count, names);
    bench_run_spot(count, names);
    if (bench_is_wanted(count, names, "rest_round_trip"))
        run_rest_round_trip();
    run_reference();
    bench_tell_ratios();
    world_free(bench.world);
    return 0;
}

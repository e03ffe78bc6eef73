#include "spot.h"

#include "allocations.h"
#include "measure.h"
#include "payloads.h"
#include "world.h"

#include <string.h>

enum {
    GROUP = 8, /* orders that leave in one second: Gate.io takes ten */
    TEXT_SIZE = 1024,
};

/* One event, sent again and again with a number of its own behind `before`: counted up from
 * `first`, or down. */
struct event {
    const char *name, *text, *before;
    uint64_t first;
    bool down;
};

/* What is done on a venue. */
struct scene {
    const struct keel_venue *venue;
    const char *symbol, *path; /* of the market; of the user stream */
    const char *rest;          /* the name of placing an order */
    const char *refusal;       /* of such an order */
    struct event order, trade; /* no name: an order's event tells of its trade, too */
};

struct spot {
    struct world *world;
    struct keel_private *base;
    uint32_t stream;
    int64_t clock_ns; /* our virtual time: moves on from where the world stopped */
    keel_market_id market;
};

static void move_on(struct spot *spot, int64_t ms)
{
    for (; ms > 0; ms -= 1000) {
        spot->clock_ns += (ms < 1000 ? ms : 1000) * INT64_C(1000000);
        keel_private_set_time(spot->base, spot->clock_ns,
                              INT64_C(1700000000000) + spot->clock_ns / 1000000);
        keel_private_on_stream_ping(spot->base, spot->stream);
    }
}

static void begin(struct spot *spot, const struct scene *scene)
{
    static const char *const symbols[] = {"BTC/USDT"};
    struct world_config config = world_config_init(1);
    struct keel_error error;
    config.venue = scene->venue;
    config.delay_max_ns = 0;
    config.clock_skew_ms = 0;
    config.symbols = symbols;
    config.symbol_count = 1;
    spot->world = world_new(&config);
    world_set_price(spot->world, scene->symbol, "30120.5");
    if (!world_start(spot->world, &error))
        bench_give_up(error.message);
    spot->base = world_base(spot->world, 0);
    spot->stream = world_stream(spot->world, 0, scene->path);
    spot->clock_ns = world_now_ns(spot->world);
    spot->market =
        keel_markets_find(keel_private_markets(spot->base), keel_str_from(scene->symbol));
    move_on(spot, 1);
}

static void run_event(struct spot *spot, const struct event *event)
{
    static char texts[BATCH][TEXT_SIZE];
    int64_t times[ROUNDS], allocations = 0;
    size_t size = strlen(event->text);
    for (int batch = 0; batch < ROUNDS; batch++) {
        for (int i = 0; i < BATCH; i++) {
            uint64_t number = (uint64_t)(batch * BATCH + i);
            memcpy(texts[i], event->text, size + 1);
            bench_patch(texts[i], event->before,
                        event->down ? event->first - number : event->first + number);
        }
        move_on(spot, 1);
        int64_t allocated = bench_allocations();
        int64_t start = bench_now_ns();
        for (int i = 0; i < BATCH; i++)
            keel_private_on_stream_message(spot->base, spot->stream, (keel_str){texts[i], size});
        times[batch] = bench_now_ns() - start;
        allocations += bench_allocations() - allocated;
    }
    bench_tell_batches(event->name, times, allocations);
}

static void run_trades(struct spot *spot, const struct event *event)
{
    struct keel_statistics before, after;
    keel_private_statistics(spot->base, &before);
    run_event(spot, event);
    keel_private_statistics(spot->base, &after);
    if (after.executions - before.executions != ROUNDS * BATCH)
        bench_give_up("the trades of coins did not change the account");
}

/* What is left of the order is counted down. */
static void run_orders(struct spot *spot, const struct event *event)
{
    struct keel_order order;
    enum keel_status status;
    run_event(spot, event);
    keel_decimal filled = keel_decimal_mul(keel_decimal_from_int(ROUNDS * BATCH),
                                           keel_decimal_from_text("0.000001"), KEEL_ROUND_DOWN);
    if (keel_private_open_orders(spot->base, KEEL_NO_MARKET, true, &order, 1, &status) != 1 ||
        !keel_decimal_equals(order.filled_quantity, filled))
        bench_give_up("the events of a coin's order did not change it");
}

/* A group of them. */
static int send_orders(struct spot *spot, const struct keel_order_request *request, uint64_t *ids)
{
    struct keel_effect effect;
    struct keel_error error;
    int sent = 0;
    for (int i = 0; i < GROUP; i++) {
        if (keel_private_place_order(spot->base, request, NULL, NULL, &error) != KEEL_OK)
            bench_give_up(error.message);
        while (keel_private_next_effect(spot->base, &effect)) {
            if (effect.kind == KEEL_EFFECT_REQUEST && sent < GROUP &&
                effect.request.request->method == KEEL_HTTP_POST)
                ids[sent++] = effect.request.id;
        }
    }
    return sent;
}

static int64_t time_group(struct spot *spot, const struct keel_order_request *request,
                          const struct keel_transport *refusal)
{
    uint64_t ids[GROUP];
    move_on(spot, 2000);
    int64_t start = bench_now_ns();
    int sent = send_orders(spot, request, ids);
    int64_t time = bench_now_ns() - start;
    if (sent != GROUP)
        bench_give_up("the orders for coins did not leave");
    for (int i = 0; i < sent; i++)
        keel_private_on_transport(spot->base, ids[i], refusal);
    return time;
}

/* The venue refuses what was sent, so that the next batch finds the same account. */
static void run_rest(struct spot *spot, const struct scene *scene)
{
    int64_t times[ROUNDS];
    const struct keel_transport refusal = {
        .kind = KEEL_TRANSPORT_REPLIED,
        .reply = {.http_status = 400,
                  .body = keel_str_from(scene->refusal),
                  .headers = KEEL_STR("")},
    };
    struct keel_order_request request = keel_order_request_init();
    request.market = spot->market;
    request.side = KEEL_BUY;
    request.type = KEEL_LIMIT;
    request.time_in_force = KEEL_GTC;
    request.quantity = keel_decimal_from_text("0.005");
    request.price = keel_decimal_from_text("30050.1");
    int64_t allocated = bench_allocations();
    for (int batch = 0; batch < ROUNDS; batch++) {
        times[batch] = 0;
        for (int sent = 0; sent < BATCH; sent += GROUP)
            times[batch] += time_group(spot, &request, &refusal);
    }
    bench_tell_batches(scene->rest, times, bench_allocations() - allocated);
}

static const struct scene binance = {
    .venue = &keel_venue_binance_spot,
    .symbol = "BTCUSDT",
    .path = "/ws-api",
    .rest = "order_rest_spot",
    .refusal = "{\"code\":-2010,\"msg\":\"Account has insufficient balance.\"}",
    .trade = {.name = "order_event_spot",
              .text = SPOT_ORDER_EVENT,
              .before = "\"t\":",
              .first = 50000000},
};

static const struct scene gateio = {
    .venue = &keel_venue_gateio_spot,
    .symbol = "BTC_USDT",
    .path = "/ws/v4/",
    .rest = "order_rest_gateio_spot",
    .refusal = "{\"label\":\"BALANCE_NOT_ENOUGH\"}",
    .order = {.name = "order_event_gateio_spot",
              .text = GATE_SPOT_ORDER_EVENT,
              .before = "\"left\":\"0.",
              .first = 999999,
              .down = true},
    .trade = {.name = "trade_event_gateio_spot",
              .text = GATE_SPOT_TRADE_EVENT,
              .before = "\"id\":",
              .first = 50000000},
};

static void run_scene(const struct scene *scene, int count, char **names)
{
    struct spot spot;
    begin(&spot, scene);
    if (bench_is_wanted(count, names, scene->rest))
        run_rest(&spot, scene);
    if (scene->order.name && bench_is_wanted(count, names, scene->order.name))
        run_orders(&spot, &scene->order);
    if (bench_is_wanted(count, names, scene->trade.name))
        run_trades(&spot, &scene->trade);
    world_free(spot.world);
}

void bench_run_spot(int count, char **names)
{
    run_scene(&binance, count, names);
    run_scene(&gateio, count, names);
}

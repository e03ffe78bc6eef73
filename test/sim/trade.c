#include "trade.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    LEVERAGE = 20,
};

void trade_on_result(void *user, const struct keel_result *result)
{
    struct judge *judge = user;
    judge->results[result->fate]++;
}

static void on_close(void *user, const struct keel_close_result *result)
{
    struct judge *judge = user;
    judge->results[result->fate]++;
}

keel_decimal trade_scaled(keel_decimal value, uint64_t permyriad)
{
    keel_decimal factor = keel_decimal_div(keel_decimal_from_int((int64_t)permyriad),
                                           keel_decimal_from_int(10000), KEEL_ROUND_DOWN);
    return keel_decimal_mul(value, factor, KEEL_ROUND_DOWN);
}

/* A quantity worth 100 to 1,500 quote units, on the grid. */
keel_decimal trade_quantity(struct world *world, const struct keel_market *market,
                            keel_decimal mark)
{
    keel_decimal notional = keel_decimal_from_int((int64_t)(100 + world_random(world, 1400)));
    keel_decimal quantity = keel_decimal_div(notional, mark, KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(quantity, market->quantity_step, KEEL_ROUND_UP);
}

struct keel_order_request trade_order(struct world *world, const struct keel_market *market,
                                      keel_market_id id, keel_decimal mark)
{
    static const enum keel_time_in_force lives[] = {KEEL_GTC, KEEL_GTC, KEEL_GTC,
                                                    KEEL_IOC, KEEL_FOK, KEEL_GTX};
    struct keel_order_request request = keel_order_request_init();
    request.market = id;
    request.side = world_random(world, 2) ? KEEL_BUY : KEEL_SELL;
    request.quantity = trade_quantity(world, market, mark);
    request.type = KEEL_LIMIT;
    request.time_in_force = lives[world_random(world, 6)];
    request.price = keel_decimal_round_to_step(trade_scaled(mark, 9950 + world_random(world, 101)),
                                               market->price_tick, KEEL_ROUND_DOWN);
    return request;
}

/* Waits on the side of the mark on which it does not trigger at once. */
static void make_stop(struct world *world, const struct keel_market *market, keel_decimal mark,
                      struct keel_order_request *request)
{
    uint64_t away = 5 + world_random(world, 60);
    uint64_t permyriad = request->side == KEEL_BUY ? 10000 + away : 10000 - away;
    request->type = KEEL_STOP_MARKET;
    request->time_in_force = KEEL_TIME_IN_FORCE_NONE;
    request->price = KEEL_DECIMAL_ABSENT;
    request->trigger_price = keel_decimal_round_to_step(trade_scaled(mark, permyriad),
                                                        market->price_tick, KEEL_ROUND_DOWN);
}

void trade_count_refusal(struct run *run, int client, enum keel_status status,
                         const struct keel_error *error)
{
    if (status == KEEL_OK)
        return;
    run->judges[client].refused++;
    if (getenv("KEEL_SIM_LOG"))
        fprintf(stderr, "refused: %s\n", error->message);
    if (run->faulty && status != KEEL_INVALID)
        return; /* stale, paced, not connected: all of that may be */
    if (!keel_status_is_refusal(status) && status != KEEL_NO_POSITION && status != KEEL_UNSUPPORTED)
        judge_report(run, "a legal command was refused: %s", error->message);
}

bool trade_pick_order(struct run *run, int client, struct keel_order *order)
{
    struct keel_order orders[64];
    enum keel_status status;
    size_t count = keel_private_open_orders(world_base(run->world, client), KEEL_NO_MARKET, false,
                                            orders, 64, &status);
    if (status != KEEL_OK || count == 0)
        return false;
    *order = orders[world_random(run->world, count < 64 ? count : 64)];
    return order->status != KEEL_ORDER_PENDING;
}

struct keel_order_ref trade_ref_to(const struct keel_order *order)
{
    struct keel_order_ref ref = {.market = order->market, .family = order->family};
    strcpy(ref.order_id, order->order_id);
    strcpy(ref.client_id, order->client_id);
    return ref;
}

static enum keel_position_side choose_leg(const struct run *run)
{
    enum keel_position_side legs[2];
    int count = judge_legs(run, legs);
    return count == 1 ? legs[0] : legs[world_random(run->world, 2)];
}

static void place_something(struct run *run, int client, keel_market_id market, keel_decimal mark,
                            uint64_t choice)
{
    struct keel_error error;
    struct world *world = run->world;
    const struct keel_market *rules =
        keel_markets_get(keel_private_markets(world_base(world, client)), market);
    struct keel_order_request request = trade_order(world, rules, market, mark);
    struct keel_position position;
    enum keel_position_side leg = choose_leg(run);
    bool held = keel_futures_position(world_futures(world, client), market, leg, false, &position,
                                      NULL) == KEEL_OK;
    if (run->hedge)
        request.side = leg == KEEL_LONG ? KEEL_BUY : KEEL_SELL;
    request.position_side = leg;
    if (choice < 15) {
        request.type = KEEL_MARKET;
        request.time_in_force = KEEL_TIME_IN_FORCE_NONE;
        request.price = KEEL_DECIMAL_ABSENT;
    } else if (choice < 22) {
        make_stop(world, rules, mark, &request);
    } else if (choice < 32 && held) {
        request.reduce_only = !run->hedge;
        request.time_in_force = KEEL_GTC;
        request.side = keel_decimal_is_negative(position.quantity) ? KEEL_BUY : KEEL_SELL;
        request.quantity = keel_decimal_min(request.quantity, keel_decimal_abs(position.quantity));
    }
    struct intent *intent = judge_add_intent(run, client, &request);
    enum keel_status status = keel_futures_place_order(world_futures(world, client), &request,
                                                       judge_on_fate, intent, &error);
    if (status != KEEL_OK)
        run->judges[client].intent_count--;
    trade_count_refusal(run, client, status, &error);
}

static enum keel_status amend_something(struct run *run, int client, struct keel_error *error)
{
    struct keel_private *base = world_base(run->world, client);
    struct keel_order order;
    if (!trade_pick_order(run, client, &order) || order.type != KEEL_LIMIT || order.reduce_only)
        return KEEL_OK;
    struct keel_order_ref ref = trade_ref_to(&order);
    keel_decimal tick = keel_markets_get(keel_private_markets(base), order.market)->price_tick;
    return keel_private_amend_order(base, &ref, order.quantity, keel_decimal_add(order.price, tick),
                                    trade_on_result, &run->judges[client], error);
}

static enum keel_status cancel_something(struct run *run, int client, struct keel_error *error)
{
    struct keel_order order;
    if (!trade_pick_order(run, client, &order))
        return KEEL_OK;
    struct keel_order_ref ref = trade_ref_to(&order);
    return keel_private_cancel_order(world_base(run->world, client), &ref, trade_on_result,
                                     &run->judges[client], error);
}

static enum keel_status close_all(struct run *run, int client, keel_market_id market,
                                  struct keel_error *error)
{
    struct keel_close_request request = {.market = market,
                                         .side = choose_leg(run),
                                         .all = true,
                                         .quantity = KEEL_DECIMAL_ABSENT,
                                         .price = KEEL_DECIMAL_ABSENT};
    return keel_futures_close_position(world_futures(run->world, client), &request, on_close,
                                       &run->judges[client], error);
}

/* A few units into an isolated position, or one out of it. */
static enum keel_status move_margin(struct run *run, int client, keel_market_id market,
                                    struct keel_error *error)
{
    struct keel_futures *futures = world_futures(run->world, client);
    struct keel_position position;
    enum keel_position_side leg = choose_leg(run);
    int64_t amount = (int64_t)world_random(run->world, 6) - 1;
    if (keel_futures_position(futures, market, leg, false, &position, NULL) != KEEL_OK ||
        position.margin_mode != KEEL_ISOLATED || amount == 0)
        return KEEL_OK;
    return keel_futures_adjust_margin(futures, market, leg, keel_decimal_from_int(amount),
                                      trade_on_result, &run->judges[client], error);
}

static void change_something(struct run *run, int client, keel_market_id market, uint64_t choice)
{
    struct keel_error error;
    struct keel_futures *futures = world_futures(run->world, client);
    struct judge *judge = &run->judges[client];
    enum keel_status status = KEEL_OK;
    if (choice < 12)
        status = cancel_something(run, client, &error);
    else if (choice < 18)
        status = amend_something(run, client, &error);
    else if (choice < 21)
        status = close_all(run, client, market, &error);
    else if (choice < 23)
        status =
            keel_futures_set_leverage(futures, market, (int32_t)(5 + world_random(run->world, 20)),
                                      trade_on_result, judge, &error);
    else if (choice < 24)
        status = keel_private_cancel_all(world_base(run->world, client), market, trade_on_result,
                                         judge, &error);
    else if (choice < 29)
        status = move_margin(run, client, market, &error);
    else
        status = keel_futures_set_margin_mode(
            futures, market, world_random(run->world, 3) ? KEEL_ISOLATED : KEEL_CROSS,
            trade_on_result, judge, &error);
    trade_count_refusal(run, client, status, &error);
}

static void set_leverage(struct run *run, int client, keel_market_id market, int32_t leverage)
{
    struct keel_error error;
    enum keel_status status =
        keel_futures_set_leverage(world_futures(run->world, client), market, leverage,
                                  trade_on_result, &run->judges[client], &error);
    trade_count_refusal(run, client, status, &error);
}

static void set_margin_mode(struct run *run, int client, keel_market_id market,
                            enum keel_margin_mode mode)
{
    struct keel_error error;
    enum keel_status status =
        keel_futures_set_margin_mode(world_futures(run->world, client), market, mode,
                                     trade_on_result, &run->judges[client], &error);
    trade_count_refusal(run, client, status, &error);
}

static void set_hedge_mode(struct run *run, int client)
{
    struct keel_error error;
    enum keel_status status = keel_futures_set_hedge_mode(
        world_futures(run->world, client), true, trade_on_result, &run->judges[client], &error);
    trade_count_refusal(run, client, status, &error);
}

/* Some markets are isolated from the beginning: with orders and positions none becomes so. A venue
 * that has both settings in one call tells of neither before it was made. */
void trade_begin(struct run *run)
{
    if (world_spot(run->world))
        return;
    for (int client = 0; client < WORLD_CLIENTS_MAX && run->hedge; client++)
        set_hedge_mode(run, client);
    world_run(run->world, run->hedge ? 1000 : 0);
    for (int client = 0; client < WORLD_CLIENTS_MAX; client++) {
        const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
        keel_market_id bitcoin = keel_markets_find(markets, KEEL_STR("BTC/USDT:USDT"));
        keel_market_id ether = keel_markets_find(markets, KEEL_STR("ETH/USDT:USDT"));
        set_leverage(run, client, bitcoin, LEVERAGE);
        set_leverage(run, client, ether, LEVERAGE);
        world_run(run->world, 1000);
        set_margin_mode(run, client, bitcoin, KEEL_CROSS);
        set_margin_mode(run, client, ether,
                        world_random(run->world, 2) == 0 ? KEEL_CROSS : KEEL_ISOLATED);
    }
    world_run(run->world, 1000);
}

/* By up to a twelfth, to one side or the other: more than what backs an isolated position. */
void trade_stir(struct run *run)
{
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT"};
    char price[KEEL_DECIMAL_TEXT_SIZE];
    if (!run->rough || world_random(run->world, 80) != 0)
        return;
    const char *symbol = symbols[world_random(run->world, 2)];
    keel_decimal mark = house_price(run->world, house_market(run->world, symbol));
    mark = trade_scaled(mark, 9200 + world_random(run->world, 1600));
    keel_decimal_format(keel_decimal_round_to_digits(mark, 2, KEEL_ROUND_DOWN), price);
    world_set_price(run->world, symbol, price);
}

void trade_act(struct run *run, int client)
{
    if (world_spot(run->world)) {
        coins_act(run, client);
        return;
    }
    const char *symbol = world_random(run->world, 2) ? "BTC/USDT:USDT" : "ETH/USDT:USDT";
    keel_market_id market = keel_markets_find(keel_private_markets(world_base(run->world, client)),
                                              keel_str_from(symbol));
    if (market == KEEL_NO_MARKET)
        return; /* a new life that has loaded nothing yet */
    keel_decimal price = house_price(run->world, house_market(run->world, symbol));
    uint64_t choice = world_random(run->world, 106);
    if (choice < 75)
        place_something(run, client, market, price, choice);
    else
        change_something(run, client, market, choice - 75);
}

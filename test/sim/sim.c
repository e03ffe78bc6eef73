/* sim.c - seeds of random legal trading: keel's books and the venue's must be equal at the end.
 *
 *     sim [--seeds N] [--base B]     N seeds from B on, each run twice: the same bytes both times
 *     sim --seed S                   one seed
 *
 * Two clients of keel trade with each other and with the venue's background, over a network with
 * random delays. A judge of its own, simpler than keel's books, adds up what the handlers tell. */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    SECONDS = 120, /* of virtual trading */
    QUIET_MS = 5000,
    FILLS_MAX = 4096,
};

struct fill {
    keel_market_id market;
    char trade_id[KEEL_ORDER_ID_SIZE];
    keel_decimal quantity; /* signed */
    keel_decimal cash;     /* realised less fee */
};

/* What one client was told, added up. */
struct judge {
    struct fill fills[FILLS_MAX];
    int fill_count;
    keel_decimal funding;
    int differences, unknowns;
    int results[5]; /* by fate */
    int refused;    /* by the gate */
};

struct run {
    uint64_t seed;
    struct world *world;
    struct judge judges[WORLD_CLIENTS_MAX];
    bool failed;
};

struct totals {
    int64_t seeds, fills, orders, refused, rejected;
};

static KEEL_PRINTF(2, 3) void report(struct run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "seed %llu: ", (unsigned long long)run->seed);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    run->failed = true;
}

static void on_execution(void *user, const struct keel_execution *execution)
{
    struct judge *judge = user;
    if (judge->fill_count == FILLS_MAX)
        abort();
    struct fill *fill = &judge->fills[judge->fill_count++];
    fill->market = execution->market;
    strcpy(fill->trade_id, execution->trade_id);
    fill->quantity =
        execution->side == KEEL_BUY ? execution->quantity : keel_decimal_neg(execution->quantity);
    fill->cash = keel_decimal_sub(execution->realized_pnl, execution->fee);
}

static void on_funding(void *user, const struct keel_income *income)
{
    struct judge *judge = user;
    judge->funding = keel_decimal_add(judge->funding, income->amount);
}

static void on_difference(void *user, const struct keel_difference *difference)
{
    struct judge *judge = user;
    char ours[KEEL_DECIMAL_TEXT_SIZE], venues[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(difference->ours, ours);
    keel_decimal_format(difference->venues, venues);
    fprintf(stderr, "difference: %s %s%s: ours %s, the venue's %s\n",
            keel_difference_kind_name(difference->kind), difference->asset, difference->id, ours,
            venues);
    judge->differences++;
}

static void on_unknown(void *user, keel_str word, keel_str message)
{
    struct judge *judge = user;
    fprintf(stderr, "unknown: %.*s in %.*s\n", KEEL_STR_ARGS(word), KEEL_STR_ARGS(message));
    judge->unknowns++;
}

static void on_log(void *user, enum keel_log_level level, const char *tag, const char *message)
{
    (void)user;
    if (level >= KEEL_LOG_WARNING && getenv("KEEL_SIM_LOG"))
        fprintf(stderr, "%s: %s\n", tag, message);
}

static void on_result(void *user, const struct keel_result *result)
{
    struct judge *judge = user;
    judge->results[result->fate]++;
}

static void on_close(void *user, const struct keel_close_result *result)
{
    struct judge *judge = user;
    judge->results[result->fate]++;
}

static keel_decimal scaled(keel_decimal value, uint64_t permyriad)
{
    keel_decimal factor = keel_decimal_div(keel_decimal_from_int((int64_t)permyriad),
                                           keel_decimal_from_int(10000), KEEL_ROUND_DOWN);
    return keel_decimal_mul(value, factor, KEEL_ROUND_DOWN);
}

/* A quantity worth 100 to 1,500 quote units, on the grid. */
static keel_decimal some_quantity(struct world *world, const struct keel_market *market,
                                  keel_decimal mark)
{
    keel_decimal notional = keel_decimal_from_int((int64_t)(100 + world_random(world, 1400)));
    keel_decimal quantity = keel_decimal_div(notional, mark, KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(quantity, market->quantity_step, KEEL_ROUND_UP);
}

static struct keel_order_request some_order(struct world *world, const struct keel_market *market,
                                            keel_market_id id, keel_decimal mark)
{
    static const enum keel_time_in_force lives[] = {KEEL_GTC, KEEL_GTC, KEEL_GTC,
                                                    KEEL_IOC, KEEL_FOK, KEEL_GTX};
    struct keel_order_request request = keel_order_request_init();
    request.market = id;
    request.side = world_random(world, 2) ? KEEL_BUY : KEEL_SELL;
    request.quantity = some_quantity(world, market, mark);
    request.type = KEEL_LIMIT;
    request.time_in_force = lives[world_random(world, 6)];
    request.price = keel_decimal_round_to_step(scaled(mark, 9950 + world_random(world, 101)),
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
    request->trigger_price =
        keel_decimal_round_to_step(scaled(mark, permyriad), market->price_tick, KEEL_ROUND_DOWN);
}

static void count_refusal(struct run *run, int client, enum keel_status status,
                          const struct keel_error *error)
{
    if (status == KEEL_OK)
        return;
    run->judges[client].refused++;
    if (!keel_status_is_refusal(status) && status != KEEL_NO_POSITION)
        report(run, "a legal command was refused: %s", error->message);
}

static bool pick_open_order(struct run *run, int client, struct keel_order *order)
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

static struct keel_order_ref ref_to(const struct keel_order *order)
{
    struct keel_order_ref ref = {.market = order->market, .family = order->family};
    strcpy(ref.order_id, order->order_id);
    strcpy(ref.client_id, order->client_id);
    return ref;
}

static void place_something(struct run *run, int client, keel_market_id market, keel_decimal mark,
                            uint64_t choice)
{
    struct keel_error error;
    struct world *world = run->world;
    const struct keel_market *rules =
        keel_markets_get(keel_private_markets(world_base(world, client)), market);
    struct keel_order_request request = some_order(world, rules, market, mark);
    struct keel_position position;
    bool held = keel_futures_position(world_futures(world, client), market, KEEL_NET, false,
                                      &position, NULL) == KEEL_OK;
    if (choice < 15) {
        request.type = KEEL_MARKET;
        request.time_in_force = KEEL_TIME_IN_FORCE_NONE;
        request.price = KEEL_DECIMAL_ABSENT;
    } else if (choice < 22) {
        make_stop(world, rules, mark, &request);
    } else if (choice < 32 && held) {
        request.reduce_only = true;
        request.time_in_force = KEEL_GTC;
        request.side = keel_decimal_is_negative(position.quantity) ? KEEL_BUY : KEEL_SELL;
        request.quantity = keel_decimal_min(request.quantity, keel_decimal_abs(position.quantity));
    }
    count_refusal(run, client,
                  keel_futures_place_order(world_futures(world, client), &request, on_result,
                                           &run->judges[client], &error),
                  &error);
}

static void change_something(struct run *run, int client, keel_market_id market, uint64_t choice)
{
    struct keel_error error;
    struct keel_order order;
    struct world *world = run->world;
    struct judge *judge = &run->judges[client];
    if (choice < 12 && pick_open_order(run, client, &order)) {
        struct keel_order_ref ref = ref_to(&order);
        count_refusal(
            run, client,
            keel_private_cancel_order(world_base(world, client), &ref, on_result, judge, &error),
            &error);
    } else if (choice < 18 && pick_open_order(run, client, &order) && order.type == KEEL_LIMIT &&
               !order.reduce_only) {
        struct keel_order_ref ref = ref_to(&order);
        keel_decimal tick =
            keel_markets_get(keel_private_markets(world_base(world, client)), order.market)
                ->price_tick;
        count_refusal(run, client,
                      keel_private_amend_order(world_base(world, client), &ref, order.quantity,
                                               keel_decimal_add(order.price, tick), on_result,
                                               judge, &error),
                      &error);
    } else if (choice < 21) {
        struct keel_close_request request = {.market = market,
                                             .all = true,
                                             .quantity = KEEL_DECIMAL_ABSENT,
                                             .price = KEEL_DECIMAL_ABSENT};
        count_refusal(run, client,
                      keel_futures_close_position(world_futures(world, client), &request, on_close,
                                                  judge, &error),
                      &error);
    } else if (choice < 23) {
        count_refusal(run, client,
                      keel_futures_set_leverage(world_futures(world, client), market,
                                                (int32_t)(5 + world_random(world, 20)), on_result,
                                                judge, &error),
                      &error);
    } else if (choice < 24) {
        count_refusal(
            run, client,
            keel_private_cancel_all(world_base(world, client), market, on_result, judge, &error),
            &error);
    }
}

static void act(struct run *run, int client)
{
    keel_market_id market = (keel_market_id)0;
    const char *symbol = world_random(run->world, 2) ? "BTC/USDT:USDT" : "ETH/USDT:USDT";
    market = keel_markets_find(keel_private_markets(world_base(run->world, client)),
                               keel_str_from(symbol));
    struct paper_ticker ticker;
    const char *venue_symbol = symbol[0] == 'B' ? "BTCUSDT" : "ETHUSDT";
    paper_engine_get_ticker(world_engine(run->world),
                            paper_instrument_find(keel_str_from(venue_symbol)), &ticker);
    uint64_t choice = world_random(run->world, 100);
    if (choice < 75)
        place_something(run, client, market, ticker.mark_price, choice);
    else
        change_something(run, client, market, choice - 75);
}

static void expect_decimal(struct run *run, const char *what, keel_decimal ours,
                           keel_decimal venues)
{
    char our_text[KEEL_DECIMAL_TEXT_SIZE], venue_text[KEEL_DECIMAL_TEXT_SIZE];
    if (keel_decimal_equals(ours, venues))
        return;
    keel_decimal_format(ours, our_text);
    keel_decimal_format(venues, venue_text);
    report(run, "%s: ours %s, the venue's %s", what, our_text, venue_text);
}

static keel_decimal judged_position(const struct judge *judge, keel_market_id market)
{
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (int i = 0; i < judge->fill_count; i++) {
        if (judge->fills[i].market == market)
            sum = keel_decimal_add(sum, judge->fills[i].quantity);
    }
    return sum;
}

static keel_decimal judged_wallet(const struct judge *judge, keel_decimal deposit)
{
    keel_decimal sum = keel_decimal_add(deposit, judge->funding);
    for (int i = 0; i < judge->fill_count; i++)
        sum = keel_decimal_add(sum, judge->fills[i].cash);
    return sum;
}

static void compare_positions(struct run *run, int client)
{
    const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
    for (int i = 1; i <= keel_markets_count(markets); i++) {
        const struct keel_market *market = keel_markets_get(markets, (keel_market_id)i);
        keel_market_id theirs = paper_instrument_find(keel_str_from(market->venue_symbol));
        struct paper_position venues;
        struct keel_position ours = {.quantity = KEEL_DECIMAL_ZERO,
                                     .entry_price = KEEL_DECIMAL_ZERO};
        paper_engine_get_position(world_engine(run->world), client + 1, theirs, &venues);
        enum keel_status status = keel_futures_position(
            world_futures(run->world, client), (keel_market_id)i, KEEL_NET, false, &ours, NULL);
        if (status != KEEL_OK && status != KEEL_NO_POSITION)
            report(run, "%s: the position reads as %s", market->symbol, keel_status_name(status));
        expect_decimal(run, market->symbol, ours.quantity, venues.quantity);
        expect_decimal(run, "the judge's position",
                       judged_position(&run->judges[client], (keel_market_id)i), venues.quantity);
        if (!keel_decimal_is_zero(venues.quantity))
            expect_decimal(run, "entry price", ours.entry_price,
                           keel_decimal_round_to_digits(venues.entry_price, 8, KEEL_ROUND_DOWN));
    }
}

static void compare_wallet(struct run *run, int client)
{
    struct paper_account venues;
    struct keel_balance ours;
    struct keel_books_summary books;
    paper_engine_get_account(world_engine(run->world), client + 1, &venues);
    if (keel_private_balance(world_base(run->world, client), KEEL_STR("USDT"), false, &ours,
                             NULL) != KEEL_OK) {
        report(run, "the balance cannot be read");
        return;
    }
    expect_decimal(run, "wallet", ours.wallet, venues.wallet);
    expect_decimal(run, "the judge's wallet",
                   judged_wallet(&run->judges[client], keel_decimal_from_int(10000)),
                   venues.wallet);
    keel_futures_books(world_futures(run->world, client), &books);
    expect_decimal(run, "the books' wallet", books.wallet, venues.wallet);
}

/* Each trade of the venue once, and no other. */
static void compare_fills(struct run *run, int client)
{
    struct paper_query query = {.account = client + 1};
    const struct judge *judge = &run->judges[client];
    int count = 0;
    for (const struct paper_trade *trade = NULL;
         (trade = paper_engine_next_trade(world_engine(run->world), &query, trade));) {
        const char *symbol = paper_instrument_get(trade->market)->symbol;
        keel_market_id market = keel_markets_find_venue_symbol(
            keel_private_markets(world_base(run->world, client)), keel_str_from(symbol));
        char id[KEEL_ORDER_ID_SIZE];
        int seen = 0;
        snprintf(id, sizeof(id), "%lld", (long long)trade->id);
        for (int i = 0; i < judge->fill_count; i++)
            seen += judge->fills[i].market == market && strcmp(judge->fills[i].trade_id, id) == 0;
        if (seen != 1)
            report(run, "%s trade %s was told %d times", symbol, id, seen);
        count++;
    }
    if (count != judge->fill_count)
        report(run, "%d fills were told, the venue has %d", judge->fill_count, count);
}

static void compare_orders(struct run *run, int client)
{
    struct keel_order orders[512];
    enum keel_status status;
    size_t count = keel_private_open_orders(world_base(run->world, client), KEEL_NO_MARKET, false,
                                            orders, 512, &status);
    size_t venues = 0;
    for (const struct paper_order *order = NULL;
         (order = paper_engine_next_open_order(world_engine(run->world), client + 1, 0, order));)
        venues++;
    for (const struct paper_conditional *order = NULL;
         (order =
              paper_engine_next_open_conditional(world_engine(run->world), client + 1, 0, order));)
        venues++;
    if (status != KEEL_OK || count != venues)
        report(run, "%zu open orders (%s), the venue has %zu", count, keel_status_name(status),
               venues);
    for (size_t i = 0; i < count && i < 512; i++) {
        if (orders[i].family == KEEL_FAMILY_CONDITIONAL)
            continue;
        const struct paper_order *theirs = paper_engine_find_order(
            world_engine(run->world), client + 1, 0, 0, keel_str_from(orders[i].client_id));
        if (!theirs) {
            report(run, "the venue has no order %s", orders[i].client_id);
            continue;
        }
        expect_decimal(run, "order quantity", orders[i].quantity, theirs->quantity);
        expect_decimal(run, "order price", orders[i].price, theirs->price);
        expect_decimal(run, "filled quantity", orders[i].filled_quantity, theirs->filled_quantity);
    }
}

struct waiter {
    bool done;
    enum keel_fate fate;
};

static void on_reconciled(void *user, const struct keel_result *result)
{
    struct waiter *waiter = user;
    waiter->fate = result->fate;
    waiter->done = true;
}

static void reconcile(struct run *run, int client)
{
    struct waiter waiter = {0};
    struct keel_error error;
    if (keel_private_reconcile(world_base(run->world, client), on_reconciled, &waiter, &error) !=
        KEEL_OK) {
        report(run, "reconcile: %s", error.message);
        return;
    }
    if (!world_run_until(run->world, &waiter.done, 30000) || waiter.fate != KEEL_ACCEPTED)
        report(run, "reconcile came to nothing");
    if (run->judges[client].differences != 0)
        report(run, "%d differences without a fault", run->judges[client].differences);
}

static void compare(struct run *run, int client)
{
    const struct judge *judge = &run->judges[client];
    compare_positions(run, client);
    compare_wallet(run, client);
    compare_fills(run, client);
    compare_orders(run, client);
    reconcile(run, client);
    if (judge->unknowns != 0)
        report(run, "%d messages were not understood", judge->unknowns);
    if (judge->results[KEEL_FATE_UNKNOWN] != 0 || judge->results[KEEL_FATE_FAILED] != 0)
        report(run, "%d unknown, %d failed on a network without faults",
               judge->results[KEEL_FATE_UNKNOWN], judge->results[KEEL_FATE_FAILED]);
    struct keel_statistics statistics;
    keel_private_statistics(world_base(run->world, client), &statistics);
    if (statistics.unsettled != 0)
        report(run, "%d commands are not settled", statistics.unsettled);
}

static void trade(struct run *run)
{
    int64_t end_ns = world_now_ns(run->world) + (int64_t)SECONDS * 1000000000;
    while (world_now_ns(run->world) < end_ns && !run->failed) {
        world_run(run->world, (int64_t)(20 + world_random(run->world, 400)));
        act(run, (int)world_random(run->world, WORLD_CLIENTS_MAX));
    }
    /* What the market still does to resting orders would be on its way when books are compared. */
    world_set_market_speed(run->world, 0);
    world_run(run->world, QUIET_MS);
}

static struct keel_handlers handlers_of(struct judge *judge)
{
    return (struct keel_handlers){
        .user = judge,
        .on_execution = on_execution,
        .on_funding = on_funding,
        .on_difference = on_difference,
        .on_unknown = on_unknown,
        .on_log = on_log,
    };
}

/* False if something was wrong; what is already reported. */
static bool run_seed(uint64_t seed, struct totals *totals, uint64_t *digest)
{
    struct keel_error error;
    struct run *run = calloc(1, sizeof(*run));
    struct world_config config = world_config_init(seed);
    run->seed = seed;
    config.clients = WORLD_CLIENTS_MAX;
    config.market_speed = 300; /* ten virtual hours: a funding or two */
    for (int i = 0; i < config.clients; i++)
        config.handlers[i] = handlers_of(&run->judges[i]);
    run->world = world_new(&config);
    if (world_start(run->world, &error)) {
        trade(run);
        for (int i = 0; i < config.clients; i++)
            compare(run, i);
    } else {
        report(run, "no start: %s", error.message);
    }
    struct paper_audit audit;
    paper_engine_audit(world_engine(run->world), &audit);
    if (!audit.conserved)
        report(run, "money was not conserved: %s", audit.broken);
    for (int i = 0; i < config.clients; i++) {
        const struct judge *judge = &run->judges[i];
        totals->fills += judge->fill_count;
        totals->refused += judge->refused;
        totals->rejected += judge->results[KEEL_FATE_REJECTED];
        totals->orders += judge->results[KEEL_ACCEPTED];
    }
    *digest = world_digest(run->world);
    world_free(run->world);
    bool failed = run->failed;
    free(run);
    return !failed;
}

static bool run_seed_twice(uint64_t seed, struct totals *totals)
{
    uint64_t first, second;
    struct totals unused = {0};
    bool right = run_seed(seed, totals, &first) && run_seed(seed, &unused, &second);
    if (right && first != second) {
        fprintf(stderr, "seed %llu: two runs differ\n", (unsigned long long)seed);
        right = false;
    }
    if (!right)
        fprintf(stderr, "seed %llu failed; replay it with: make sim SEED=%llu\n",
                (unsigned long long)seed, (unsigned long long)seed);
    totals->seeds++;
    return right;
}

static uint64_t number_after(int count, char **words, const char *option, uint64_t otherwise)
{
    for (int i = 1; i + 1 < count; i++) {
        if (strcmp(words[i], option) == 0)
            return strtoull(words[i + 1], NULL, 10);
    }
    return otherwise;
}

int main(int count, char **words)
{
    uint64_t seeds = number_after(count, words, "--seeds", 100);
    uint64_t base = number_after(count, words, "--base", 1);
    uint64_t seed = number_after(count, words, "--seed", 0);
    if (seed > 0) {
        base = seed;
        seeds = 1;
    }
    struct timespec begin, end;
    struct totals totals = {0};
    int failed = 0;
    printf("sim: seeds %llu to %llu\n", (unsigned long long)base,
           (unsigned long long)(base + seeds - 1));
    fflush(stdout);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t i = 0; i < seeds; i++)
        failed += !run_seed_twice(base + i, &totals);
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t real_ms =
        (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 + 1;
    int64_t virtual_s = totals.seeds * 2 * SECONDS;
    printf("sim: %lld commands accepted, %lld rejected, %lld refused by the gate, %lld fills\n",
           (long long)totals.orders, (long long)totals.rejected, (long long)totals.refused,
           (long long)totals.fills);
    printf("sim: %lld virtual seconds in %lld ms, %lld times real time\n", (long long)virtual_s,
           (long long)real_ms, (long long)(virtual_s * 1000 / real_ms));
    if (totals.fills < totals.seeds * 10) {
        printf("sim: so few fills prove nothing\n");
        failed++;
    }
    printf("%lld passed, %d failed\n", (long long)totals.seeds - failed, failed);
    return failed ? 1 : 0;
}

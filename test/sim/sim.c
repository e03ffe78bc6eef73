/* sim.c - seeds of random legal trading: keel's books and the venue's must be equal at the end.
 *
 *     sim [--seeds N] [--base B]     N seeds from B on, each run twice: the same bytes both times
 *     sim --seed S                   one seed
 *     sim --faults ...               while everything goes wrong
 *     sim --venue NAME ...           on its wire; else on binance's
 *
 * Two clients of keel trade with each other and with the venue's background, over a network with
 * random delays. A judge of its own, simpler than keel's books, adds up what the handlers tell. */
#include "faults.h"
#include "kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    SECONDS = 120,       /* of virtual trading */
    FAULTY_SECONDS = 40, /* the same, while everything goes wrong */
    SPEED = 300,         /* of the market: ten hours, with a funding or two */
    FAULTY_SPEED = 900,
    FAULTY_TICK_MS = 20,
    QUIET_MS = 5000,
    HEAL_MS = 1000, /* what a comparison missed is then asked for */
    LEVERAGE = 20,
    SEEDS_FOR_EVERY_FAULT = 500,
};

struct totals {
    int64_t seeds, fills, refused, virtual_ms;
    int64_t results[5]; /* by fate */
    int64_t differences, reconnects, fundings, writes;
    int64_t struck[WORLD_FAULT_KINDS];
};

/* Of the journals: in memory where the machine has such a place. */
static char folder[64];

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
    if (getenv("KEEL_SIM_LOG"))
        fprintf(stderr, "refused: %s\n", error->message);
    if (run->faulty && status != KEEL_INVALID)
        return; /* stale, paced, not connected: all of that may be */
    if (!keel_status_is_refusal(status) && status != KEEL_NO_POSITION)
        judge_report(run, "a legal command was refused: %s", error->message);
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
    struct intent *intent = judge_add_intent(run, client, &request);
    enum keel_status status = keel_futures_place_order(world_futures(world, client), &request,
                                                       judge_on_fate, intent, &error);
    if (status != KEEL_OK)
        run->judges[client].intent_count--;
    count_refusal(run, client, status, &error);
}

static enum keel_status amend_something(struct run *run, int client, struct keel_error *error)
{
    struct keel_private *base = world_base(run->world, client);
    struct keel_order order;
    if (!pick_open_order(run, client, &order) || order.type != KEEL_LIMIT || order.reduce_only)
        return KEEL_OK;
    struct keel_order_ref ref = ref_to(&order);
    keel_decimal tick = keel_markets_get(keel_private_markets(base), order.market)->price_tick;
    return keel_private_amend_order(base, &ref, order.quantity, keel_decimal_add(order.price, tick),
                                    on_result, &run->judges[client], error);
}

static enum keel_status cancel_something(struct run *run, int client, struct keel_error *error)
{
    struct keel_order order;
    if (!pick_open_order(run, client, &order))
        return KEEL_OK;
    struct keel_order_ref ref = ref_to(&order);
    return keel_private_cancel_order(world_base(run->world, client), &ref, on_result,
                                     &run->judges[client], error);
}

static enum keel_status close_all(struct run *run, int client, keel_market_id market,
                                  struct keel_error *error)
{
    struct keel_close_request request = {.market = market,
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
    int64_t amount = (int64_t)world_random(run->world, 6) - 1;
    if (keel_futures_position(futures, market, KEEL_NET, false, &position, NULL) != KEEL_OK ||
        position.margin_mode != KEEL_ISOLATED || amount == 0)
        return KEEL_OK;
    return keel_futures_adjust_margin(futures, market, KEEL_NET, keel_decimal_from_int(amount),
                                      on_result, &run->judges[client], error);
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
        status = keel_futures_set_leverage(
            futures, market, (int32_t)(5 + world_random(run->world, 20)), on_result, judge, &error);
    else if (choice < 24)
        status = keel_private_cancel_all(world_base(run->world, client), market, on_result, judge,
                                         &error);
    else if (choice < 29)
        status = move_margin(run, client, market, &error);
    else
        status = keel_futures_set_margin_mode(
            futures, market, world_random(run->world, 3) ? KEEL_ISOLATED : KEEL_CROSS, on_result,
            judge, &error);
    count_refusal(run, client, status, &error);
}

static void act(struct run *run, int client)
{
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

/* A short bound of silence makes streams of a quiet account come and go. */
static void await_live(struct run *run, int client)
{
    struct keel_connection connection = {.state = KEEL_CONNECTION_IDLE};
    for (int i = 0; i < 600 && connection.state != KEEL_CONNECTION_LIVE; i++) {
        keel_private_connection(world_base(run->world, client), &connection);
        if (connection.state != KEEL_CONNECTION_LIVE)
            world_run(run->world, 100);
    }
}

static bool try_reconcile(struct run *run, int client)
{
    static struct waiter waiter; /* for a verdict that comes too late has to go somewhere */
    struct keel_error error;
    waiter = (struct waiter){0};
    if (keel_private_reconcile(world_base(run->world, client), on_reconciled, &waiter, &error) !=
        KEEL_OK)
        return false;
    if (!world_run_until(run->world, &waiter.done, 60000))
        judge_report(run, "reconcile was never answered");
    return waiter.fate == KEEL_ACCEPTED;
}

static void reconcile(struct run *run, int client)
{
    for (int tries = 0; tries < 5; tries++) {
        await_live(run, client);
        if (try_reconcile(run, client)) {
            world_run(run->world, HEAL_MS);
            await_live(run, client);
            return;
        }
    }
    judge_report(run, "reconcile came to nothing");
}

static void compare(struct run *run, int client)
{
    const struct judge *judge = &run->judges[client];
    judge_compare(run, client);
    reconcile(run, client);
    if (judge->differences != 0)
        judge_report(run, "%d differences without a fault", judge->differences);
    if (judge->results[KEEL_FATE_UNKNOWN] != 0 || judge->results[KEEL_FATE_FAILED] != 0)
        judge_report(run, "%d unknown, %d failed on a network without faults",
                     judge->results[KEEL_FATE_UNKNOWN], judge->results[KEEL_FATE_FAILED]);
}

/* What was lost without a trace is found when the books are compared, told then, and never again.
 */
static void compare_healed(struct run *run, int client)
{
    const struct judge *judge = &run->judges[client];
    reconcile(run, client);
    int differences = judge->differences;
    judge_compare(run, client);
    reconcile(run, client);
    if (judge->differences != differences)
        judge_report(run, "%d differences were told a second time",
                     judge->differences - differences);
}

static void set_leverage(struct run *run, int client, keel_market_id market, int32_t leverage)
{
    struct keel_error error;
    enum keel_status status =
        keel_futures_set_leverage(world_futures(run->world, client), market, leverage, on_result,
                                  &run->judges[client], &error);
    count_refusal(run, client, status, &error);
}

static void set_margin_mode(struct run *run, int client, keel_market_id market,
                            enum keel_margin_mode mode)
{
    struct keel_error error;
    enum keel_status status = keel_futures_set_margin_mode(
        world_futures(run->world, client), market, mode, on_result, &run->judges[client], &error);
    count_refusal(run, client, status, &error);
}

/* Some markets are isolated from the beginning: with orders and positions none becomes so. A venue
 * that has both settings in one call tells of neither before it was made. */
static void choose_settings(struct run *run)
{
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

static void trade_badly(struct run *run, const struct world_config *config)
{
    struct faults faults;
    int64_t end_ns = world_now_ns(run->world) + (int64_t)FAULTY_SECONDS * 1000000000;
    faults_begin(&faults, run->world, config);
    while (world_now_ns(run->world) < end_ns && !run->failed) {
        int client = (int)world_random(run->world, WORLD_CLIENTS_MAX);
        world_run(run->world, (int64_t)(20 + world_random(run->world, 300)));
        faults_stir(&faults);
        if (!world_is_alive(run->world, client) || world_is_suspended(run->world, client))
            continue;
        judge_check_reads(run, client, faults.differ_max_ns);
        act(run, client);
    }
    if (!faults_end(&faults))
        judge_report(run, "not settled and live when all was well again");
}

static int count_fundings(const struct run *run)
{
    struct paper_query query = {0};
    int count = 0;
    for (const struct paper_income *income = NULL;
         (income = paper_engine_next_income(world_engine(run->world), &query, income));)
        count += income->kind == KEEL_INCOME_FUNDING;
    return count;
}

static void add_totals(const struct run *run, struct totals *totals)
{
    for (int i = 0; i < WORLD_CLIENTS_MAX; i++) {
        const struct judge *judge = &run->judges[i];
        struct keel_connection connection = {0};
        if (world_is_alive(run->world, i))
            keel_private_connection(world_base(run->world, i), &connection);
        totals->fills += judge->fill_count;
        totals->refused += judge->refused;
        totals->differences += judge->differences;
        totals->reconnects += connection.reconnects;
        for (int fate = 0; fate < 5; fate++)
            totals->results[fate] += judge->results[fate];
    }
    for (int kind = 0; kind < WORLD_FAULT_KINDS; kind++)
        totals->struck[kind] += world_struck(run->world, (enum world_fault)kind);
    totals->writes += run->deeds.count;
    totals->fundings += count_fundings(run);
    totals->virtual_ms += world_now_ns(run->world) / 1000000;
}

static void live_through(struct run *run, const struct world_config *config)
{
    struct keel_error error;
    if (!world_start(run->world, &error)) {
        judge_report(run, "no start: %s", error.message);
        return;
    }
    choose_settings(run);
    if (run->faulty)
        trade_badly(run, config);
    else
        trade(run);
    for (int i = 0; i < WORLD_CLIENTS_MAX; i++) {
        if (!world_is_alive(run->world, i))
            continue; /* which is reported */
        if (run->faulty)
            compare_healed(run, i);
        else
            compare(run, i);
        judge_compare_fates(run, i);
        kept_compare(run, i);
        judge_check_reduce_only(run, i);
    }
}

static bool run_seed(const struct keel_venue *venue, uint64_t seed, bool faulty,
                     struct totals *totals, uint64_t *digest)
{
    struct run *run = calloc(1, sizeof(*run));
    struct world_config config = world_config_init(seed);
    if (!run)
        abort();
    run->seed = seed;
    run->faulty = faulty;
    config.venue = venue;
    config.clients = WORLD_CLIENTS_MAX;
    config.journals = folder;
    config.watcher = judge_watcher(run);
    config.market_speed = faulty ? FAULTY_SPEED : SPEED;
    for (int i = 0; i < config.clients; i++) {
        run->judges[i].faulty = faulty;
        config.handlers[i] = judge_handlers(&run->judges[i]);
    }
    if (faulty)
        faults_configure(&config);
    run->world = world_new(&config);
    if (faulty)
        world_set_tick(run->world, FAULTY_TICK_MS);
    live_through(run, &config);
    struct paper_audit audit;
    paper_engine_audit(world_engine(run->world), &audit);
    if (!audit.conserved)
        judge_report(run, "money was not conserved: %s", audit.broken);
    add_totals(run, totals);
    *digest = world_digest(run->world);
    world_free(run->world);
    bool failed = run->failed;
    free(run);
    return !failed;
}

static bool run_seed_twice(const struct keel_venue *venue, uint64_t seed, bool faulty,
                           struct totals *totals)
{
    uint64_t first, second;
    struct totals unused = {0};
    bool right = run_seed(venue, seed, faulty, totals, &first) &&
                 run_seed(venue, seed, faulty, &unused, &second);
    if (right && first != second) {
        fprintf(stderr, "seed %llu: two runs differ\n", (unsigned long long)seed);
        right = false;
    }
    if (!right)
        fprintf(stderr, "seed %llu failed; replay it with: make sim VENUE=%s %sSEED=%llu\n",
                (unsigned long long)seed, keel_venue_name(venue), faulty ? "FAULTS=1 " : "",
                (unsigned long long)seed);
    totals->seeds++;
    return right;
}

static bool make_folder(void)
{
    static const char *const parents[] = {"/dev/shm", "/tmp"};
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        snprintf(folder, sizeof(folder), "%s/keel-sim-XXXXXX", parents[i]);
        if (mkdtemp(folder))
            return true;
    }
    return false;
}

static const char *word_after(int count, char **words, const char *option, const char *otherwise)
{
    for (int i = 1; i + 1 < count; i++) {
        if (strcmp(words[i], option) == 0)
            return words[i + 1];
    }
    return otherwise;
}

static uint64_t number_after(int count, char **words, const char *option, uint64_t otherwise)
{
    const char *word = word_after(count, words, option, NULL);
    return word ? strtoull(word, NULL, 10) : otherwise;
}

static bool has_option(int count, char **words, const char *option)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], option) == 0)
            return true;
    }
    return false;
}

static void print_totals(const struct totals *totals, int64_t real_ms)
{
    printf("sim: %lld commands accepted, %lld rejected, %lld failed, %lld unknown at first, %lld "
           "refused by the gate\n",
           (long long)totals->results[KEEL_ACCEPTED],
           (long long)totals->results[KEEL_FATE_REJECTED],
           (long long)totals->results[KEEL_FATE_FAILED],
           (long long)totals->results[KEEL_FATE_UNKNOWN], (long long)totals->refused);
    printf("sim: %lld writes, %lld fills, %lld funding payments, %lld reconnects, %lld differences "
           "found and healed\n",
           (long long)totals->writes, (long long)totals->fills, (long long)totals->fundings,
           (long long)totals->reconnects, (long long)totals->differences);
    printf("sim: %lld.%lld virtual hours, each twice, in %lld ms: %lld times real time\n",
           (long long)(totals->virtual_ms / 3600000), (long long)(totals->virtual_ms / 360000 % 10),
           (long long)real_ms, (long long)(totals->virtual_ms * 2 / real_ms));
}

/* A fault that never strikes proves nothing. False: there is one, in a run that is long enough. */
static bool print_faults(const struct totals *totals)
{
    bool all = true;
    printf("sim: faults:");
    for (int kind = 0; kind < WORLD_FAULT_KINDS; kind++) {
        printf("%s %lld %s", kind > 0 ? "," : "", (long long)totals->struck[kind],
               world_fault_name((enum world_fault)kind));
        all = all && totals->struck[kind] > 0;
    }
    printf("\n");
    if (all || totals->seeds < SEEDS_FOR_EVERY_FAULT)
        return true;
    printf("sim: one kind of fault never struck\n");
    return false;
}

int main(int count, char **words)
{
    bool faulty = has_option(count, words, "--faults");
    const char *name = word_after(count, words, "--venue", "binance");
    const struct keel_venue *venue = keel_venue_find(keel_str_from(name));
    uint64_t seeds = number_after(count, words, "--seeds", faulty ? 500 : 100);
    uint64_t base = number_after(count, words, "--base", 1);
    uint64_t seed = number_after(count, words, "--seed", 0);
    if (seed > 0) {
        base = seed;
        seeds = 1;
    }
    struct timespec begin, end;
    struct totals totals = {0};
    int failed = 0;
    if (!venue) {
        fprintf(stderr, "sim: there is no venue '%s'\n", name);
        return 1;
    }
    if (!make_folder()) {
        fprintf(stderr, "sim: no folder for the journals\n");
        return 1;
    }
    printf("sim: %s, seeds %llu to %llu%s\n", name, (unsigned long long)base,
           (unsigned long long)(base + seeds - 1), faulty ? ", under faults" : "");
    fflush(stdout);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t i = 0; i < seeds; i++)
        failed += !run_seed_twice(venue, base + i, faulty, &totals);
    clock_gettime(CLOCK_MONOTONIC, &end);
    print_totals(&totals,
                 (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 + 1);
    if (faulty)
        failed += !print_faults(&totals);
    (void)rmdir(folder);
    if (totals.fills < totals.seeds * 10) {
        printf("sim: so few fills prove nothing\n");
        failed++;
    }
    printf("%lld passed, %d failed\n", (long long)totals.seeds - failed, failed);
    return failed ? 1 : 0;
}

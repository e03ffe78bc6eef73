/* sim.c - seeds of random legal trading: keel's books and the venue's must be equal at the end.
 *
 *     sim [--seeds N] [--base B]     N seeds from B on, each run twice: the same bytes both times
 *     sim --seed S                   one seed
 *     sim --faults ...               while everything goes wrong
 *     sim --venue NAME ...           on its wire; else on binance's
 *     sim --stop ...                 ends with the first seed that fails
 *
 * Two clients of keel trade with each other and with the venue's background, over a network with
 * random delays. A judge of its own, simpler than keel's books, adds up what the handlers tell. */
#include "faults.h"
#include "kept.h"
#include "trade.h"

#include "paper/spot/spot.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    SECONDS = 60,        /* of virtual trading */
    FAULTY_SECONDS = 40, /* the same, while everything goes wrong */
    SPEED = 600,         /* of the market: ten hours, with a funding or two */
    FAULTY_SPEED = 900,
    TICK_MS = 20,
    BURST = 40,
    BURST_EVERY = 50,
    QUIET_MS = 5000,
    HEAL_MS = 1000, /* what a comparison missed is then asked for */
    SEEDS_FOR_EVERY_FAULT = 500,
};

struct totals {
    int64_t seeds, fills, refused, virtual_ms;
    int64_t results[5]; /* by fate */
    int64_t differences, reconnects, fundings, writes, entries, forced;
    int64_t struck[WORLD_FAULT_KINDS];
    uint64_t digest; /* of all seeds: two builds that behave alike agree on it */
};

/* Of the journals: in memory where the machine has such a place. */
static char folder[64];

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

/* In some runs, now and then, many at once. */
static void act(struct run *run, int client)
{
    int count = run->bursts && world_random(run->world, BURST_EVERY) == 0 ? BURST : 1;
    while (count-- > 0)
        trade_act(run, client);
}

static void trade(struct run *run)
{
    int64_t end_ns = world_now_ns(run->world) + (int64_t)SECONDS * 1000000000;
    while (world_now_ns(run->world) < end_ns && !run->failed) {
        world_run(run->world, (int64_t)(20 + world_random(run->world, 400)));
        trade_stir(run);
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
        trade_stir(run);
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
        for (int market = 1; market < MARKETS_MAX; market++)
            totals->forced += judge->told_forced[market];
        totals->differences += judge->differences;
        totals->reconnects += connection.reconnects;
        for (int fate = 0; fate < 5; fate++)
            totals->results[fate] += judge->results[fate];
    }
    for (int kind = 0; kind < WORLD_FAULT_KINDS; kind++)
        totals->struck[kind] += world_struck(run->world, (enum world_fault)kind);
    totals->writes += run->deeds.count;
    totals->entries += world_entries(run->world);
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
    trade_begin(run);
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
        if (world_spot(run->world)) {
            coins_compare_withdrawals(run, i);
            continue;
        }
        judge_check_reduce_only(run, i);
        judge_check_forced(run, i);
    }
}

/* Into the futures wallets, and into the insurance fund. */
static keel_decimal deposited(struct run *run)
{
    const struct world_config *config = world_config(run->world);
    keel_decimal sum =
        keel_decimal_mul(config->deposit, keel_decimal_from_int(config->clients), KEEL_ROUND_DOWN);
    return keel_decimal_add(keel_decimal_add(sum, config->insurance),
                            house_sent_to_futures(run->world));
}

/* Bursts and restarts included. On Binance's spot wire the lists of a wallet have a limit that no
 * answer tells the use of, and whoever is above it is refused everything. */
static void check_pace(struct run *run)
{
    int64_t limited = world_limited(run->world);
    if (limited != 0 && world_codec(run->world) != &keel_venue_binance_spot)
        judge_report(run, "%lld requests were more than the venue allows", (long long)limited);
}

static void check_conserved(struct run *run)
{
    struct paper_audit audit;
    struct paper_spot_audit coins = {.conserved = true};
    paper_engine_audit(world_engine(run->world), &audit);
    if (world_spot(run->world))
        paper_spot_audit(world_spot(run->world), &coins);
    if (!audit.conserved || !coins.conserved)
        judge_report(run, "money was not conserved: %s%s", audit.broken, coins.broken);
    if (world_spot(run->world) && !keel_decimal_equals(audit.deposits, deposited(run)))
        judge_report(run, "what has left the spot wallets has not come into those of futures");
}

/* How an account of futures is used, and what the market does to it. */
static void choose_life(struct run *run, struct world_config *config)
{
    config->order_entry = run->seed % 3 == 0 ? KEEL_ENTRY_STREAM : KEEL_ENTRY_REQUESTS;
    run->hedge = run->seed % 4 == 1;
    run->rough = run->seed % 5 < 2;
    config->insurance = keel_decimal_from_int(run->rough ? 0 : 1000000);
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
    /* At ten orders a second, what a killed process has sent counts against its successor. */
    run->bursts = seed % 7 == 3 && !(faulty && venue == &keel_venue_gateio_spot);
    config.venue = venue;
    config.clients = WORLD_CLIENTS_MAX;
    config.journals = folder;
    config.watcher = judge_watcher(run);
    config.market_speed = faulty ? FAULTY_SPEED : SPEED;
    if (venue->product == KEEL_PRODUCT_FUTURES)
        choose_life(run, &config);
    for (int i = 0; i < config.clients; i++) {
        run->judges[i].faulty = faulty;
        config.handlers[i] = judge_handlers(&run->judges[i]);
    }
    if (faulty)
        faults_configure(&config);
    run->world = world_new(&config);
    world_set_tick(run->world, TICK_MS);
    live_through(run, &config);
    check_conserved(run);
    check_pace(run);
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
    uint64_t first = 0, second;
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
    totals->digest = (totals->digest ^ first) * UINT64_C(1099511628211);
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
    printf("sim: %lld writes, %lld of them by stream, %lld fills, %lld funding payments, %lld "
           "positions closed by the venue\n",
           (long long)totals->writes, (long long)totals->entries, (long long)totals->fills,
           (long long)totals->fundings, (long long)totals->forced);
    printf("sim: %lld reconnects, %lld differences found and healed\n",
           (long long)totals->reconnects, (long long)totals->differences);
    printf("sim: %lld.%lld virtual hours, each twice, in %lld ms: %lld times real time\n",
           (long long)(totals->virtual_ms / 3600000), (long long)(totals->virtual_ms / 360000 % 10),
           (long long)real_ms, (long long)(totals->virtual_ms * 2 / real_ms));
    printf("sim: digest %016llx\n", (unsigned long long)totals->digest);
}

/* A fault that never strikes proves nothing. False: there is one, in a run that is long enough. */
static bool print_faults(const struct totals *totals, const struct keel_venue *venue)
{
    bool all = true;
    printf("sim: faults:");
    for (int kind = 0; kind < WORLD_FAULT_KINDS; kind++) {
        printf("%s %lld %s", kind > 0 ? "," : "", (long long)totals->struck[kind],
               world_fault_name((enum world_fault)kind));
        all =
            all && (totals->struck[kind] > 0 || !world_fault_exists((enum world_fault)kind, venue));
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
    bool stops = has_option(count, words, "--stop");
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
    for (uint64_t i = 0; i < seeds && (!stops || failed == 0); i++)
        failed += !run_seed_twice(venue, base + i, faulty, &totals);
    clock_gettime(CLOCK_MONOTONIC, &end);
    print_totals(&totals,
                 (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 + 1);
    if (faulty)
        failed += !print_faults(&totals, venue);
    (void)rmdir(folder);
    if (totals.fills < totals.seeds * 10) {
        printf("sim: so few fills prove nothing\n");
        failed++;
    }
    printf("%lld passed, %d failed\n", (long long)totals.seeds - failed, failed);
    return failed ? 1 : 0;
}

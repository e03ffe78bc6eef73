#include "faults.h"

#include "paper/random.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    SILENCE_MAX_MS = 12000,
    QUIET_MS = 12000, /* longer than a request may wait for its answer */
    SLOW_TICK_MS = 500,
    SETTLE_STEP_MS = 1000,
    SETTLE_MAX_MS = 5 * 60 * 1000,
    KILL_EVERY = 70,
    DOWN_MAX_MS = 8000,
    USER_SILENCE_MS = 11 * 60 * 1000, /* a user stream without pings is then known to be dead */
    CLOCK_MS = 20000,                 /* the venue's clock jumps ahead by so much, and stays */
    KEY_RENEWAL_MS = 26 * 60 * 1000,  /* a key that was lost is then known to be */
};

static int up_to(struct world *world, int chance)
{
    return world_random(world, 2) ? (int)world_random(world, (uint64_t)chance) : 0;
}

static bool one_in(struct world *world, uint64_t count)
{
    return world_random(world, count) == 0;
}

/* In half of the runs a short bound stands in for pings that come all too seldom. */
void faults_configure(struct world_config *config)
{
    struct paper_random random = {.state = config->seed ^ UINT64_C(0x73696c656e63)};
    config->silence_max_ms = paper_random_below(&random, 2) ? SILENCE_MAX_MS : 0;
}

static KEEL_PRINTF(2, 3) void add_rule(struct world *world, const char *format, ...)
{
    char json[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(json, sizeof(json), format, arguments);
    va_end(arguments);
    world_venue_fault(world, json);
}

static void break_network(struct world *world, struct faults *faults)
{
    struct world_faults network = {
        .refused = up_to(world, 20000),
        .lost_before = up_to(world, 30000),
        .lost_after = up_to(world, 30000),
        .timeout = up_to(world, 10000),
        .stray = up_to(world, 20000),
        .cut = up_to(world, 4000),
        .dead = up_to(world, 500),
        .stream_refused = up_to(world, 200000),
        .late_ms = up_to(world, 3000),
    };
    world_set_faults(world, &network);
    if (network.dead > 0)
        faults->heal_ms = USER_SILENCE_MS;
}

static void break_calls(struct world *world)
{
    static const char *const answers[] = {
        "\"action\":\"503-unknown\",\"executed\":true",
        "\"action\":\"503-unknown\",\"executed\":false",
        "\"action\":\"408\",\"executed\":true",
        "\"action\":\"408\",\"executed\":false",
        "\"action\":\"503-unavailable\"",
        "\"action\":\"503-internal\"",
        "\"action\":\"503-throttled\"",
        "\"action\":\"429\",\"retry_after\":2",
        "\"action\":\"cut\",\"of\":\"request\",\"byte\":70",
        "\"action\":\"cut\",\"of\":\"reply\",\"byte\":150",
        "\"action\":\"delay\",\"of\":\"reply\",\"ms\":4000",
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (one_in(world, 2))
            add_rule(world, "{%s,\"probability\":%.3f}", answers[i],
                     (double)(1 + world_random(world, 30)) / 1000);
    }
    if (one_in(world, 6))
        add_rule(world, "{\"action\":\"418\",\"retry_after\":5,\"after\":%llu}",
                 (unsigned long long)(30 + world_random(world, 100)));
}

/* What answers an order on a stream; where receipt and result are two messages, either. */
static void break_entry(struct world *world, const struct world_config *config)
{
    static const char *const answers[] = {
        "\"stream\":\"api\"",
        "\"stream\":\"api\",\"event\":\"futures.order_place\"",
        "\"stream\":\"api\",\"event\":\"futures.order_place.ack\"",
    };
    if (config->order_entry == KEEL_ENTRY_REQUESTS)
        return;
    add_rule(world, "{\"action\":\"drop\",%s,\"probability\":%.3f}",
             answers[world_random(world, 3)], (double)(1 + world_random(world, 40)) / 1000);
    if (one_in(world, 3))
        add_rule(world, "{\"action\":\"delay\",\"of\":\"frame\",\"ms\":4000,\"stream\":\"api\","
                        "\"probability\":0.01}");
}

/* Frames that are lost inside a stream that lives on leave no trace until books are compared. */
static void break_frames(struct world *world, struct faults *faults,
                         const struct world_config *config)
{
    static const char *const actions[] = {
        "\"action\":\"duplicate\"",
        "\"action\":\"reorder\"",
        "\"action\":\"reorder\",\"frames\":5",
        "\"action\":\"delay\",\"of\":\"frame\",\"ms\":1500",
        "\"action\":\"cut\",\"of\":\"frame\",\"byte\":9",
    };
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (!one_in(world, 3))
            continue;
        add_rule(world, "{%s,\"stream\":\"user\",\"probability\":%.3f}", actions[i],
                 (double)(1 + world_random(world, 60)) / 1000);
        /* Of two balances of one millisecond nobody can tell which is the older. */
        if (world_spot(world) && (strstr(actions[i], "reorder") || strstr(actions[i], "delay")))
            faults->lossy = true;
    }
    break_entry(world, config);
    if (one_in(world, 4)) {
        add_rule(world, "{\"action\":\"drop\",\"stream\":\"user\",\"probability\":0.02}");
        faults->lossy = true;
    }
    if (one_in(world, 4)) {
        add_rule(world, "{\"action\":\"silence\",\"at_ms\":%llu,\"for_ms\":%llu,\"pings\":%s}",
                 (unsigned long long)world_random(world, 20000),
                 (unsigned long long)(1000 + world_random(world, 20000)),
                 one_in(world, 2) ? "true" : "false");
        faults->lossy = true;
    }
}

/* Streams end with it, and for long enough that a client which tries again and again, and does not
 * wait longer each time, asks for more of them within a minute than the judge allows. */
static void break_connections(struct world *world)
{
    if (one_in(world, 8))
        add_rule(world, "{\"action\":\"refuse\",\"at_ms\":%llu,\"for_ms\":%llu}",
                 (unsigned long long)world_random(world, 20000),
                 (unsigned long long)(1000 + world_random(world, 15000)));
}

static void break_venue(struct world *world, struct faults *faults)
{
    for (int notices = 1; notices <= 2; notices++) {
        if (one_in(world, 3))
            add_rule(world, "{\"action\":\"expire-key\",\"notices\":%d,\"at_ms\":%llu}", notices,
                     (unsigned long long)world_random(world, 30000));
    }
    if (one_in(world, 8)) {
        add_rule(world, "{\"action\":\"expire-key\",\"account\":1,\"at_ms\":%llu}",
                 (unsigned long long)world_random(world, 30000));
        faults->lossy = true;
        faults->heal_ms = KEY_RENEWAL_MS;
    }
    if (one_in(world, 4)) {
        faults->clock_ms = 1 + (int)world_random(world, CLOCK_MS);
        add_rule(world, "{\"action\":\"clock\",\"ms\":%d,\"at_ms\":%llu}", faults->clock_ms,
                 (unsigned long long)world_random(world, 30000));
    }
}

void faults_begin(struct faults *faults, struct world *world, const struct world_config *config)
{
    *faults = (struct faults){.world = world, .clients = config->clients};
    break_network(world, faults);
    break_calls(world);
    break_frames(world, faults, config);
    break_connections(world);
    break_venue(world, faults);
    if (!one_in(world, 4))
        faults->kill_every = KILL_EVERY;
    if (config->silence_max_ms > 0 && !faults->lossy)
        faults->differ_max_ns = (config->silence_max_ms + 6000) * INT64_C(1000000);
}

static bool is_loading(struct world *world, int client)
{
    struct keel_connection connection;
    keel_private_connection(world_base(world, client), &connection);
    return connection.state == KEEL_CONNECTION_LOADING;
}

/* Some pauses are longer than the venue keeps the names of orders. */
static int64_t pause_ms(struct world *world, int64_t most_ms)
{
    int64_t life_ms = world_name_life_ms(world), ms = 0;
    if (life_ms > 0 && one_in(world, 4))
        ms = life_ms;
    return ms + 100 + (int64_t)world_random(world, (uint64_t)most_ms);
}

/* At a random moment, or at one of those around its next write. */
static void kill(struct faults *faults, int client)
{
    static const enum world_fault ways[] = {WORLD_KILLED, WORLD_KILLED_UNKEPT, WORLD_KILLED_UNSENT,
                                            WORLD_KILLED_SENT};
    struct world *world = faults->world;
    enum world_fault how = ways[world_random(world, 4)];
    if (is_loading(world, client))
        how = WORLD_KILLED_LOADING;
    world_kill(world, client, how, pause_ms(world, DOWN_MAX_MS));
}

void faults_stir(struct faults *faults)
{
    struct world *world = faults->world;
    int client = (int)world_random(world, (uint64_t)faults->clients);
    if (!world_is_alive(world, client))
        return;
    world_start_again(world, client);
    if (one_in(world, 80))
        world_jump_clock(world, client, (int64_t)world_random(world, 20001) - 10000);
    if (one_in(world, 120))
        world_suspend(world, client, pause_ms(world, 15000));
    if (faults->kill_every > 0 && one_in(world, faults->kill_every))
        kill(faults, client);
}

static bool is_settled(struct faults *faults, int client)
{
    struct keel_statistics statistics;
    if (!world_is_alive(faults->world, client))
        return false;
    world_start_again(faults->world, client);
    keel_private_statistics(world_base(faults->world, client), &statistics);
    return statistics.unsettled == 0 && statistics.connection.state == KEEL_CONNECTION_LIVE &&
           !world_is_suspended(faults->world, client);
}

/* One after the other: a short bound of silence makes the streams of a quiet account come and go.
 */
static bool settle(struct faults *faults, int client)
{
    for (int64_t ms = 0; ms < SETTLE_MAX_MS; ms += SETTLE_STEP_MS) {
        if (is_settled(faults, client))
            return true;
        world_run(faults->world, SETTLE_STEP_MS);
    }
    return false;
}

bool faults_end(struct faults *faults)
{
    static const struct world_faults none = {0};
    world_set_faults(faults->world, &none);
    world_clear_venue_faults(faults->world);
    if (faults->clock_ms > 0)
        add_rule(faults->world, "{\"action\":\"clock\",\"ms\":%d}", faults->clock_ms);
    world_set_market_speed(faults->world, 0);
    world_run(faults->world, QUIET_MS);
    world_set_tick(faults->world, SLOW_TICK_MS);
    world_run(faults->world, faults->heal_ms);
    bool settled = true;
    for (int i = 0; i < faults->clients; i++)
        settled = settle(faults, i) && settled;
    return settled;
}

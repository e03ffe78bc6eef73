#include "paper/spot/spot.h"
#include "world_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    VENUE_TICK_MS = 10,
    DEPOSIT_MS = 5000,
};

static const int64_t WALL_START_MS = 1700000000000;

_Noreturn void world_give_up(const char *what)
{
    fprintf(stderr, "world: %s\n", what);
    abort();
}

void *world_take(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        world_give_up("out of memory");
    return memory;
}

char *world_copy(const char *bytes, size_t size)
{
    char *copy = world_take(size + 1);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

/* FNV-1a over everything that goes over a wire. */
void world_note_bytes(struct world *world, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        world->digest = (world->digest ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
}

void world_watch_write(const struct world *world,
                       void (*watch)(void *user, int client, uint64_t intent),
                       const struct happening *write)
{
    if (watch && world->config.journals)
        watch(world->config.watcher.user, write->client, write->intent);
}

int64_t world_now_ns(const struct world *world)
{
    return world->now_ns;
}

const struct keel_venue *world_codec(const struct world *world)
{
    return world->config.venue;
}

int64_t world_venue_ms(const struct world *world)
{
    return WALL_START_MS + world->now_ns / 1000000;
}

int64_t world_clock_ms(const struct world *world)
{
    return paper_venue_clock_ms(world->venue, world_venue_ms(world));
}

/* An outage takes the streams that are open with it. */
static void note_outage(struct world *world)
{
    bool out = paper_venue_refuses(world->venue, world_venue_ms(world));
    if (out && !world->out)
        wires_cut(world);
    world->out = out;
}

static void tick_venue(struct world *world)
{
    int64_t now_ms = world_venue_ms(world);
    note_outage(world);
    paper_venue_tick(world->venue, now_ms);
    if (world->config.market_speed > 0)
        paper_venue_advance(world->venue, now_ms, world->tick_ms * world->config.market_speed);
    wires_collect(world);
    struct happening next = {.kind = VENUE_TICK};
    world_schedule(world, world->now_ns + world->tick_ms * 1000000, next);
}

static void reach_client(struct world *world, struct happening *happening)
{
    process_set_time(world, happening->client);
    if (happening->kind == REPLY_AT_CLIENT)
        request_give_reply(world, happening);
    else if (happening->kind == LOST_AT_CLIENT)
        request_give_loss(world, happening);
    else
        wire_reach_client(world, happening);
}

static void happen(struct world *world, struct happening *happening)
{
    switch (happening->kind) {
    case REQUEST_AT_VENUE:
        if (!happening->gone)
            request_handle(world, happening);
        break;
    case UPGRADE_AT_VENUE: wire_open_at_venue(world, happening); break;
    case FRAME_AT_VENUE:
    case PONG_AT_VENUE: wire_receive_at_venue(world, happening); break;
    case CLOSE_AT_VENUE: wire_close_at_venue(world, happening); break;
    case CUT_AT_VENUE: wire_cut_at_venue(world, happening); break;
    case VENUE_TICK: tick_venue(world); break;
    case REVIVAL: process_revive(world, happening->client); break;
    case REPLY_AT_CLIENT:
    case LOST_AT_CLIENT:
    case OPENED_AT_CLIENT:
    case FRAME_AT_CLIENT:
    case PING_AT_CLIENT:
    case CLOSED_AT_CLIENT: reach_client(world, happening); break;
    }
}

static bool is_for_client(enum happening_kind kind)
{
    return kind == REPLY_AT_CLIENT || kind == LOST_AT_CLIENT || kind == OPENED_AT_CLIENT ||
           kind == FRAME_AT_CLIENT || kind == PING_AT_CLIENT || kind == CLOSED_AT_CLIENT;
}

/* True when it has been put off, or has nobody to happen to any more. */
static bool goes_nowhere(struct world *world, struct happening *happening)
{
    const struct client *client = &world->clients[happening->client];
    if (happening->life != client->life && happening->kind != REQUEST_AT_VENUE &&
        happening->kind != VENUE_TICK) {
        happening_drop(happening);
        return true;
    }
    if (!is_for_client(happening->kind))
        return false;
    if (world->now_ns >= client->suspended_until_ns)
        return false;
    world_schedule(world, client->suspended_until_ns, *happening);
    return true;
}

/* The client whose timer is due first, and when. */
static int first_deadline(const struct world *world, int64_t *deadline_ns)
{
    int first = -1;
    *deadline_ns = INT64_MAX;
    for (int i = 0; i < world->config.clients; i++) {
        if (!world_is_alive(world, i))
            continue;
        int64_t at_ns = keel_private_deadline_ns(world->clients[i].base);
        if (at_ns < world->clients[i].suspended_until_ns)
            at_ns = world->clients[i].suspended_until_ns;
        if (at_ns < *deadline_ns) {
            *deadline_ns = at_ns;
            first = i;
        }
    }
    return first;
}

/* Whoever calls commands between runs finds the clock set. */
static void set_all_times(struct world *world)
{
    for (int i = 0; i < world->config.clients; i++) {
        if (!world_is_alive(world, i) || world_is_suspended(world, i))
            continue;
        process_set_time(world, i);
        process_carry_out(world, i);
        process_end_turn(world, i);
    }
}

/* One step of the world, if one is due before the end. */
static bool step(struct world *world, int64_t end_ns)
{
    int64_t deadline_ns;
    int client = first_deadline(world, &deadline_ns);
    int64_t next_ns = world->count > 0 ? world->heap[0].at_ns : INT64_MAX;
    if (deadline_ns > end_ns && next_ns > end_ns) {
        world->now_ns = end_ns;
        return false;
    }
    if (deadline_ns <= next_ns) {
        if (deadline_ns > world->now_ns)
            world->now_ns = deadline_ns;
        process_set_time(world, client);
        keel_private_tick(world->clients[client].base);
    } else {
        struct happening happening = world_take_next(world);
        world->now_ns = happening.at_ns;
        if (goes_nowhere(world, &happening))
            return true;
        happen(world, &happening);
        happening_drop(&happening);
    }
    set_all_times(world);
    return true;
}

void world_run(struct world *world, int64_t ms)
{
    int64_t end_ns = world->now_ns + ms * 1000000;
    set_all_times(world);
    while (step(world, end_ns)) {
    }
    set_all_times(world);
}

bool world_run_until(struct world *world, const bool *done, int64_t ms)
{
    int64_t end_ns = world->now_ns + ms * 1000000;
    set_all_times(world);
    while (!*done && step(world, end_ns)) {
    }
    set_all_times(world);
    return *done;
}

struct world_config world_config_init(uint64_t seed)
{
    return (struct world_config){
        .seed = seed,
        .venue = &keel_venue_binance,
        .clients = 1,
        .delay_max_ns = 50 * 1000000,
        .clock_skew_ms = 800,
        .deposit = keel_decimal_from_int(10000),
        .insurance = keel_decimal_from_int(1000000),
    };
}

/* Which of the paper venue's houses speaks like this venue, and where: some paths of coins and of
 * futures are the same, but for what stands before them. */
static void choose_wire(struct world *world)
{
    static const struct {
        const char *venue, *house, *prefix;
    } wires[] = {
        {"binance",      "binance", ""     },
        {"binance-spot", "binance", "/spot"},
        {"gateio",       "gateio",  ""     },
        {"gateio-spot",  "gateio",  ""     },
    };
    static const char *const futures[] = {"BTC/USDT:USDT", "ETH/USDT:USDT"};
    static const char *const coins[] = {"BTC/USDT", "ETH/USDT"};
    for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
        if (strcmp(wires[i].venue, world->config.venue->name) != 0)
            continue;
        world->house = wires[i].house;
        world->prefix = wires[i].prefix;
    }
    if (!world->house)
        world_give_up("no paper venue speaks like this one");
    world->spot = world->config.venue->product == KEEL_PRODUCT_SPOT;
    if (!world->config.symbols) {
        world->config.symbols = world->spot ? coins : futures;
        world->config.symbol_count = 2;
    }
}

struct world *world_new(const struct world_config *config)
{
    struct world *world = world_take(sizeof(*world));
    world->config = *config;
    world->random.state = config->seed;
    world->tick_ms = VENUE_TICK_MS;
    world->digest = UINT64_C(14695981039346656037);
    world->response_body = world_take(RESPONSE_BODY_SIZE);
    choose_wire(world);
    const char *const houses[] = {world->house, NULL};
    struct paper_venue_config venue = {
        .venues = houses,
        .engine = {.seed = config->seed,
                   .accounts = config->clients,
                   .deposit = config->deposit,
                   .insurance = config->insurance,
                   .manual = config->market_speed == 0},
        .limit_factor = 1,
    };
    world->venue = paper_venue_new(&venue, world_venue_ms(world));
    if (!world->venue)
        world_give_up("the venue does not open");
    for (int i = 0; i < config->clients; i++)
        process_begin(world, i);
    world_schedule(world, 0, (struct happening){.kind = VENUE_TICK});
    return world;
}

void world_free(struct world *world)
{
    while (world->count > 0)
        happening_drop(&world->heap[--world->count]);
    for (int i = 0; i < world->config.clients; i++)
        process_end(world, i);
    paper_venue_free(world->venue);
    free(world->response_body);
    free(world->heap);
    free(world);
}

const struct world_config *world_config(const struct world *world)
{
    return &world->config;
}

struct keel_futures *world_futures(struct world *world, int client)
{
    return world->clients[client].futures;
}

struct keel_private *world_base(struct world *world, int client)
{
    return world->clients[client].base;
}

struct paper_engine *world_engine(struct world *world)
{
    return paper_venue_engine(world->venue);
}

struct paper_spot *world_spot(struct world *world)
{
    return world->spot ? paper_venue_spot_of(world->venue, world->house) : NULL;
}

void world_deposit(struct world *world, int client, const char *asset, keel_decimal amount)
{
    const struct paper_deposit *deposit;
    if (paper_spot_deposit(world_spot(world), world_clock_ms(world), client + 1,
                           paper_asset_find(keel_str_from(asset)), (keel_str){0}, amount,
                           &deposit) != PAPER_SPOT_OK)
        world_give_up("the venue takes no deposit");
    paper_venue_drain(world->venue, world_venue_ms(world));
    wires_collect(world);
}

/* Whoever has no coins can sell none. */
static void deposit_first(struct world *world)
{
    for (int i = 0; i < world->config.clients; i++) {
        world_deposit(world, i, "BTC", keel_decimal_from_text("0.2"));
        world_deposit(world, i, "ETH", keel_decimal_from_int(4));
    }
    world_run(world, DEPOSIT_MS);
}

bool world_is_gateio(const struct world *world)
{
    return strcmp(world->house, "gateio") == 0;
}

bool world_start(struct world *world, struct keel_error *error)
{
    if (world->spot)
        deposit_first(world);
    for (int i = 0; i < world->config.clients; i++) {
        process_set_time(world, i);
        if (keel_private_start(world->clients[i].base, error) != KEEL_OK)
            return false;
    }
    for (int round = 0; round < 600; round++) {
        int live = 0;
        world_run(world, 100);
        for (int i = 0; i < world->config.clients; i++) {
            struct keel_connection connection;
            keel_private_connection(world->clients[i].base, &connection);
            live += connection.state == KEEL_CONNECTION_LIVE;
            if (connection.state == KEEL_CONNECTION_CLOSED) {
                *error = connection.last_error;
                return false;
            }
        }
        if (live == world->config.clients)
            return true;
    }
    keel_fail(error, KEEL_STALE, "not live after a minute");
    return false;
}

void world_set_market_speed(struct world *world, int64_t speed)
{
    world->config.market_speed = speed;
}

void world_set_price(struct world *world, const char *symbol, const char *price)
{
    if (paper_venue_set_price(world->venue, world_venue_ms(world), keel_str_from(symbol),
                              keel_decimal_from_text(price)) != PAPER_OK)
        world_give_up("the venue refuses a price");
    wires_collect(world);
}

void world_set_filter(struct world *world, bool (*keep)(void *user, int client, keel_str frame),
                      void *user)
{
    world->keep = keep;
    world->keep_user = user;
}

void world_set_faults(struct world *world, const struct world_faults *faults)
{
    world->faults = *faults;
    for (int i = 0; i < world->config.clients; i++)
        world->clients[i].fate = WORLD_FAULT_KINDS;
}

int64_t world_entries(const struct world *world)
{
    return world->entries;
}

int64_t world_name_life_ms(const struct world *world)
{
    return world->config.venue->client_id_life_ms;
}

void world_set_tick(struct world *world, int64_t ms)
{
    world->tick_ms = ms;
}

uint64_t world_digest(const struct world *world)
{
    return world->digest;
}

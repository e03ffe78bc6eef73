#include "journal/journal.h"
#include "world_internal.h"

#include <stdio.h>
#include <unistd.h>

enum {
    COMPLETED_ORDERS_MAX = 100, /* a market: more are done in a run than are kept */
    TURN_INPUTS = 3,            /* inputs of one turn of a client's loop, on average */
};

void process_set_time(struct world *world, int client)
{
    keel_private_set_time(world->clients[client].base, world->now_ns,
                          world_venue_ms(world) + world->clients[client].skew_ms);
}

static void set_clock(struct world *world, int number)
{
    int64_t skew_ms = world->config.clock_skew_ms;
    if (skew_ms > 0)
        world->clients[number].skew_ms =
            (int64_t)world_random(world, (uint64_t)(2 * skew_ms + 1)) - skew_ms;
}

/* No earlier world's. */
static void remove_journal(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char name[PATH_SIZE + 8];
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

static void name_journal(struct world *world, int number)
{
    char *path = world->clients[number].journal_path;
    if (!world->config.journals)
        return;
    if (snprintf(path, PATH_SIZE, "%s/%d.db", world->config.journals, number) >= PATH_SIZE)
        world_give_up("the folder of the journals has too long a name");
    remove_journal(path);
}

static void open_journal(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    struct keel_journal_config config = {
        .path = client->journal_path,
        .venue = world->config.venue->name,
        .account = "main",
        .number_first = (uint64_t)(number + 1) * 1000000,
    };
    struct keel_error error;
    client->journal = keel_journal_open(&config, &error);
    if (!client->journal)
        world_give_up(error.message);
}

static void recover(struct keel_exchange_config *config, const struct keel_journal_start *start)
{
    config->client_id_first = start->number_first;
    config->recovery = (struct keel_recovery){
        .numbers_end = start->numbers_end,
        .complete_ms = start->complete_ms,
        .unsettled = start->unsettled,
        .unsettled_count = start->unsettled_count,
        .symbols = start->symbols,
        .symbol_count = start->symbol_count,
    };
}

/* Where its withdrawals may go. */
static const struct keel_withdrawal_address addresses[] = {
    {"USDT", "ETH", "0x52908400098527886E0F7030069857D2E4169EE7", NULL},
    {"BTC",  "BSC", "0x52908400098527886E0F7030069857D2E4169EE7", NULL},
    {"ETH",  "ETH", "0x52908400098527886E0F7030069857D2E4169EE7", NULL},
};

static void open_client(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    const struct paper_key *key = &paper_venue_keys(world->venue)->at[number];
    struct keel_exchange_config config = keel_exchange_config_init();
    struct keel_error error;
    config.venue = world->config.venue;
    config.api_key = keel_str_from(key->api_key);
    config.secret = keel_str_from(key->api_secret);
    config.symbols = world->config.symbols;
    config.symbol_count = world->config.symbol_count;
    config.handlers = world->config.handlers[number];
    config.client_id_first = (uint64_t)(number + 1) * 1000000;
    config.seed = world->config.seed + client->life;
    config.withdrawal_addresses = world->spot ? addresses : NULL;
    config.withdrawal_address_count = world->spot ? sizeof(addresses) / sizeof(addresses[0]) : 0;
    config.silence_max_ms = world->config.silence_max_ms;
    config.order_entry = world->config.order_entry;
    config.completed_orders_max = COMPLETED_ORDERS_MAX;
    if (world->config.journals) {
        open_journal(world, number);
        recover(&config, keel_journal_start(client->journal));
    }
    client->futures = world->spot ? NULL : keel_futures_new(&config, &error);
    client->base = client->futures ? keel_futures_base(client->futures)
                   : world->spot   ? keel_private_new(&config, &error)
                                   : NULL;
    if (!client->base)
        world_give_up(error.message);
    process_set_time(world, number);
}

static void keep_record(struct world *world, int number, const struct keel_record *record)
{
    struct client *client = &world->clients[number];
    struct keel_error error;
    if (!client->journal)
        world_give_up("a record without a journal");
    if (keel_journal_append(client->journal, record, &error) != KEEL_OK)
        world_give_up(error.message);
    if (record->kind == KEEL_RECORD_INTENT)
        client->intent = record->intent.number;
    if (world->config.watcher.on_record)
        world->config.watcher.on_record(world->config.watcher.user, number, record);
}

/* The numbers of requests whose sender is dead: half of them never got out of its machine. */
static void lose_requests(struct world *world, int number)
{
    for (size_t i = 0; i < world->count; i++) {
        struct happening *happening = &world->heap[i];
        if (happening->kind == REQUEST_AT_VENUE && happening->client == number &&
            happening->life == world->clients[number].life)
            happening->gone = world_random(world, 2) == 0;
    }
}

static void free_exchange(struct client *client)
{
    if (client->futures)
        keel_futures_free(client->futures);
    else if (client->base)
        keel_private_free(client->base);
    client->futures = NULL;
    client->base = NULL;
}

static void die(struct world *world, int number, enum world_fault how)
{
    struct client *client = &world->clients[number];
    world->struck[how]++;
    lose_requests(world, number);
    wires_let_arrive(world, number);
    free_exchange(client);
    keel_journal_abandon(client->journal);
    client->journal = NULL;
    client->write_count = 0;
    client->intent = 0;
    client->fate = WORLD_FAULT_KINDS;
    client->suspended_until_ns = 0;
    client->life++;
    wires_close(world, client);
    if (world->config.watcher.on_death)
        world->config.watcher.on_death(world->config.watcher.user, number);
    world_schedule(world, world->now_ns + client->down_ms * 1000000,
                   (struct happening){.kind = REVIVAL, .client = number});
}

/* True if it was its time. */
static bool dies_now(struct world *world, int number, enum world_fault how)
{
    if (world->clients[number].fate != how)
        return false;
    die(world, number, how);
    return true;
}

static void commit(struct client *client)
{
    struct keel_error error;
    if (client->journal && keel_journal_commit(client->journal, &error) != KEEL_OK)
        world_give_up(error.message);
}

static void leave(struct world *world, int number, const struct held_write *write)
{
    if (write->effect.kind == KEEL_EFFECT_SEND_FRAME)
        wire_send(world, number, &write->effect, write->intent);
    else
        request_leave(world, number, &write->effect, write->intent);
}

/* As a client with sockets does it: what is to be durable is, and then the bytes leave. */
static void let_writes_leave(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    if (client->write_count == 0 || dies_now(world, number, WORLD_KILLED_UNKEPT))
        return;
    commit(client);
    if (dies_now(world, number, WORLD_KILLED_UNSENT))
        return;
    for (int i = 0; i < client->write_count; i++) {
        leave(world, number, &client->writes[i]);
        if (dies_now(world, number, WORLD_KILLED_SENT))
            return;
    }
    client->write_count = 0;
}

static void hold_write(struct client *client, const struct keel_effect *effect)
{
    if (client->write_count == WRITES_MAX)
        world_give_up("more writes at once than a client holds");
    client->writes[client->write_count++] =
        (struct held_write){.effect = *effect, .intent = client->intent};
    client->intent = 0;
}

static void carry_out(struct world *world, int number, const struct keel_effect *effect)
{
    struct client *client = &world->clients[number];
    switch (effect->kind) {
    case KEEL_EFFECT_NONE: break;
    case KEEL_EFFECT_REQUEST:
        if (client->journal && !effect->request.request->idempotent)
            hold_write(client, effect);
        else
            request_leave(world, number, effect, 0);
        break;
    case KEEL_EFFECT_OPEN_STREAM: wire_open(world, number, effect); break;
    case KEEL_EFFECT_CLOSE_STREAM: wire_close(world, number, effect); break;
    case KEEL_EFFECT_PING_STREAM: wire_ping(world, number, effect); break;
    case KEEL_EFFECT_SEND_FRAME:
        if (client->journal)
            hold_write(client, effect);
        else
            wire_send(world, number, effect, 0);
        break;
    case KEEL_EFFECT_RECORD: keep_record(world, number, effect->record); break;
    }
}

void process_begin(struct world *world, int number)
{
    set_clock(world, number);
    world->clients[number].life = 1;
    world->clients[number].fate = WORLD_FAULT_KINDS;
    name_journal(world, number);
    open_client(world, number);
}

void process_end(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    free_exchange(client);
    keel_journal_close(client->journal);
    if (world->config.journals)
        remove_journal(client->journal_path);
    wires_close(world, client);
}

void process_carry_out(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    struct keel_effect effect;
    if (!client->base)
        return;
    while (keel_private_next_effect(client->base, &effect))
        carry_out(world, number, &effect);
    let_writes_leave(world, number);
}

/* What several inputs brought becomes durable together, when the turn of the loop is over. */
void process_end_turn(struct world *world, int number)
{
    struct client *client = &world->clients[number];
    if (client->journal && world_random(world, TURN_INPUTS) == 0)
        commit(client);
}

void process_revive(struct world *world, int number)
{
    struct keel_error error;
    open_client(world, number);
    if (keel_private_start(world->clients[number].base, &error) != KEEL_OK)
        world_give_up(error.message);
}

static void count_outlived(struct world *world, int64_t ms)
{
    int64_t life_ms = world_name_life_ms(world);
    world->struck[WORLD_OUTLIVED] += life_ms > 0 && ms > life_ms;
}

void world_suspend(struct world *world, int client, int64_t ms)
{
    count_outlived(world, ms);
    world->struck[WORLD_SUSPENDED]++;
    world->clients[client].suspended_until_ns = world->now_ns + ms * 1000000;
}

bool world_is_suspended(const struct world *world, int client)
{
    return world->now_ns < world->clients[client].suspended_until_ns;
}

void world_kill(struct world *world, int client, enum world_fault how, int64_t down_ms)
{
    if (!world->config.journals)
        world_give_up("who keeps no journal may not be killed");
    world->clients[client].down_ms = down_ms;
    count_outlived(world, down_ms);
    if (how == WORLD_KILLED || how == WORLD_KILLED_LOADING)
        die(world, client, how);
    else
        world->clients[client].fate = how;
}

bool world_is_alive(const struct world *world, int client)
{
    return world->clients[client].base != NULL;
}

uint32_t world_life(const struct world *world, int client)
{
    return world->clients[client].life;
}

void world_start_again(struct world *world, int client)
{
    struct keel_connection connection;
    struct keel_error error;
    keel_private_connection(world->clients[client].base, &connection);
    if (connection.state != KEEL_CONNECTION_CLOSED)
        return;
    process_set_time(world, client);
    if (keel_private_start(world->clients[client].base, &error) != KEEL_OK)
        world_give_up(error.message);
}

void world_keep(struct world *world, int client)
{
    commit(&world->clients[client]);
}

const char *world_journal(const struct world *world, int client)
{
    return world->clients[client].journal_path;
}

void world_jump_clock(struct world *world, int client, int64_t ms)
{
    world->struck[WORLD_CLIENT_CLOCK]++;
    world->clients[client].skew_ms += ms;
}

#include "keel/client.h"

#include "base/secret.h"
#include "exchange/exchange.h"
#include "journal/journal.h"
#include "net/clock.h"
#include "net/net.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum {
    WRITES_MAX = 64, /* so many requests are on the wire at most */
};

/* Without a write for so long, the journal's log may be moved into its file. */
#define IDLE_NS (INT64_C(1000) * 1000 * 1000)

enum waiting {
    NOT_WAITING, /* whoever runs the loop, it is not one of us */
    WAITING_FOR_START,
    WAITING_FOR_DONE,
};

struct keel_client {
    uv_loop_t *loop; /* the caller's, or own_loop */
    uv_loop_t own_loop;
    bool inside; /* an input of the exchange: handlers may be running */

    uv_prepare_t prepare; /* before the loop sleeps: carry out what commands have queued */
    uv_timer_t deadline;  /* of the exchange */
    uv_timer_t patience;  /* of keel_client_run */
    uv_async_t interrupt; /* wakes the loop */
    atomic_bool interrupted;
    enum waiting waiting;
    const bool *done; /* what keel_client_run waits for, or NULL */
    bool out_of_patience;
    int open_handles; /* of the four above, not yet closed */

    struct keel_private *exchange;
    struct keel_futures *futures; /* which it is the base of; NULL on spot */
    struct keel_net *net;

    struct keel_journal *journal;          /* NULL: none */
    struct keel_effect writes[WRITES_MAX]; /* that leave when their intents are durable */
    int write_count;
    int64_t wrote_ns; /* when one left last */
    bool journal_failed;

    char *key_header_line; /* in memory of its own */
    char *ca_file;
};

static struct keel_private *exchange_of(struct keel_client *client)
{
    return client->exchange;
}

/* The clock is read here alone, and does not move while handlers run. */
static void set_time(struct keel_client *client)
{
    if (!client->inside)
        keel_private_set_time(exchange_of(client), keel_clock_now_ns(), keel_clock_wall_ms());
}

static void on_deadline(uv_timer_t *timer);

static void arm_deadline(struct keel_client *client)
{
    int64_t deadline_ns = keel_private_deadline_ns(exchange_of(client));
    if (deadline_ns == INT64_MAX) {
        uv_timer_stop(&client->deadline);
        return;
    }
    int64_t left_ns = deadline_ns - keel_clock_now_ns();
    uint64_t left_ms = left_ns > 0 ? ((uint64_t)left_ns + 999999) / 1000000 : 0;
    uv_update_time(client->loop);
    uv_timer_start(&client->deadline, on_deadline, left_ms, 0);
}

/* The loop has something to wait for as long as the exchange is alive. */
static void hold_loop(struct keel_client *client)
{
    struct keel_connection connection;
    keel_private_connection(exchange_of(client), &connection);
    bool alive =
        connection.state != KEEL_CONNECTION_IDLE && connection.state != KEEL_CONNECTION_CLOSED;
    if (alive)
        uv_ref((uv_handle_t *)&client->prepare);
    else
        uv_unref((uv_handle_t *)&client->prepare);
}

static void halt(struct keel_client *client, const struct keel_error *error)
{
    if (!client->journal_failed)
        keel_private_halt(exchange_of(client), error);
    client->journal_failed = true;
}

static void keep(struct keel_client *client, const struct keel_record *record)
{
    struct keel_error error;
    if (keel_journal_append(client->journal, record, &error) != KEEL_OK)
        halt(client, &error);
}

static uint64_t id_of(const struct keel_effect *effect)
{
    return effect->kind == KEEL_EFFECT_SEND_FRAME ? effect->frame.id : effect->request.id;
}

/* Nothing that could not be kept may leave: to its caller it never did. */
static void refuse_writes(struct keel_client *client, const struct keel_error *error)
{
    struct keel_transport transport = {.kind = KEEL_TRANSPORT_NOT_SENT};
    int count = client->write_count;
    snprintf(transport.reason, sizeof(transport.reason), "%.95s", error->message);
    client->write_count = 0;
    client->inside = true;
    halt(client, error);
    for (int i = 0; i < count; i++)
        keel_private_on_transport(exchange_of(client), id_of(&client->writes[i]), &transport);
    client->inside = false;
}

/* False if that led to more effects. */
static bool let_writes_leave(struct keel_client *client)
{
    struct keel_error error;
    if (client->write_count == 0)
        return true;
    if (keel_journal_commit(client->journal, &error) != KEEL_OK) {
        refuse_writes(client, &error);
        return false;
    }
    for (int i = 0; i < client->write_count; i++)
        keel_net_perform(client->net, &client->writes[i]);
    client->write_count = 0;
    client->wrote_ns = keel_clock_now_ns();
    return true;
}

static bool is_write(const struct keel_effect *effect)
{
    return effect->kind == KEEL_EFFECT_SEND_FRAME ||
           (effect->kind == KEEL_EFFECT_REQUEST && !effect->request.request->idempotent);
}

static void perform(struct keel_client *client, const struct keel_effect *effect)
{
    bool waits = client->journal && is_write(effect);
    if (effect->kind == KEEL_EFFECT_RECORD) {
        keep(client, effect->record);
    } else if (waits) {
        KEEL_ASSERT(client->write_count < WRITES_MAX);
        client->writes[client->write_count++] = *effect;
    } else {
        keel_net_perform(client->net, effect);
    }
}

static void carry_out(struct keel_client *client)
{
    struct keel_effect effect;
    do {
        while (keel_private_next_effect(exchange_of(client), &effect))
            perform(client, &effect);
    } while (!let_writes_leave(client));
    arm_deadline(client);
    hold_loop(client);
}

/* The turn is over: what it brought becomes durable together. */
static void keep_turn(struct keel_client *client)
{
    struct keel_error error;
    if (!client->journal || client->journal_failed)
        return;
    bool idle = keel_clock_now_ns() - client->wrote_ns > IDLE_NS;
    if (keel_journal_commit(client->journal, &error) != KEEL_OK ||
        keel_journal_tend(client->journal, idle, &error) != KEEL_OK) {
        client->inside = true;
        halt(client, &error);
        client->inside = false;
        carry_out(client);
    }
}

static struct keel_private *begin_input(struct keel_client *client)
{
    set_time(client);
    client->inside = true;
    return exchange_of(client);
}

/* What the input has led to leaves now, not when the loop comes around. */
static void end_input(struct keel_client *client)
{
    client->inside = false;
    carry_out(client);
}

static void on_transport(void *user, uint64_t id, const struct keel_transport *transport)
{
    keel_private_on_transport(begin_input(user), id, transport);
    end_input(user);
}

static void on_stream_opened(void *user, uint32_t number)
{
    keel_private_on_stream_opened(begin_input(user), number);
    end_input(user);
}

static void on_stream_message(void *user, uint32_t number, keel_str bytes)
{
    keel_private_on_stream_message(begin_input(user), number, bytes);
    end_input(user);
}

static void on_stream_alive(void *user, uint32_t number)
{
    keel_private_on_stream_ping(begin_input(user), number);
    end_input(user);
}

static void on_stream_closed(void *user, uint32_t number, const char *reason)
{
    keel_private_on_stream_closed(begin_input(user), number, reason);
    end_input(user);
}

static void on_deadline(uv_timer_t *timer)
{
    keel_private_tick(begin_input(timer->data));
    end_input(timer->data);
}

static bool has_started(struct keel_client *client)
{
    struct keel_connection connection;
    keel_private_connection(exchange_of(client), &connection);
    return connection.state != KEEL_CONNECTION_IDLE && connection.state != KEEL_CONNECTION_LOADING;
}

static bool is_wait_over(struct keel_client *client)
{
    if (atomic_load(&client->interrupted) || client->out_of_patience)
        return true;
    switch (client->waiting) {
    case NOT_WAITING: break;
    case WAITING_FOR_START: return has_started(client);
    case WAITING_FOR_DONE: return client->done && *client->done;
    }
    return false;
}

/* The loop's timers run before this: one of them may have ended the wait, and the loop would sleep
 * over it. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct keel_client *client = prepare->data;
    set_time(client);
    carry_out(client);
    keep_turn(client);
    if (client->waiting != NOT_WAITING && is_wait_over(client))
        uv_stop(client->loop);
}

static void on_patience(uv_timer_t *timer)
{
    struct keel_client *client = timer->data;
    client->out_of_patience = true;
}

static void on_interrupt(uv_async_t *async)
{
    (void)async; /* to have woken is enough */
}

static void open_handles(struct keel_client *client)
{
    uv_prepare_init(client->loop, &client->prepare);
    uv_timer_init(client->loop, &client->deadline);
    uv_timer_init(client->loop, &client->patience);
    client->prepare.data = client->deadline.data = client->patience.data = client;
    client->open_handles = 3;
    uv_prepare_start(&client->prepare, on_prepare);
    uv_unref((uv_handle_t *)&client->prepare);
}

static bool open_interrupt(struct keel_client *client)
{
    if (uv_async_init(client->loop, &client->interrupt, on_interrupt) != 0)
        return false;
    client->interrupt.data = client;
    client->open_handles++;
    uv_unref((uv_handle_t *)&client->interrupt);
    return true;
}

static void release_memory(struct keel_client *client)
{
    keel_secret_free(client->key_header_line, KEEL_KEY_HEADER_SIZE);
    free(client->ca_file);
    free(client);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct keel_client *client = handle->data;
    if (--client->open_handles == 0 && client->loop != &client->own_loop)
        release_memory(client);
}

static void close_handles(struct keel_client *client)
{
    bool with_interrupt = client->open_handles == 4;
    uv_close((uv_handle_t *)&client->prepare, on_handle_closed);
    uv_close((uv_handle_t *)&client->deadline, on_handle_closed);
    uv_close((uv_handle_t *)&client->patience, on_handle_closed);
    if (with_interrupt)
        uv_close((uv_handle_t *)&client->interrupt, on_handle_closed);
}

/* The loop gives its handles back only while it runs; a loop of our own runs here. */
static void release(struct keel_client *client)
{
    keel_net_free(client->net);
    if (client->futures)
        keel_futures_free(client->futures);
    else
        keel_private_free(client->exchange);
    keel_journal_close(client->journal);
    close_handles(client);
    if (client->loop != &client->own_loop)
        return;
    uv_run(client->loop, UV_RUN_DEFAULT);
    KEEL_ASSERT(uv_loop_close(client->loop) == 0);
    release_memory(client);
}

/* Of what is only said in the handlers. */
static void warn_unlocked(const struct keel_config *config, const struct keel_venue *venue)
{
    char tag[64];
    if (!config->handlers.on_log)
        return;
    snprintf(tag, sizeof(tag), "%s_private_%s", venue->name,
             venue->product == KEEL_PRODUCT_SPOT ? "spot" : "futures");
    config->handlers.on_log(config->handlers.user, KEEL_LOG_WARNING, tag,
                            "the memory of the keys cannot be locked (RLIMIT_MEMLOCK): they may "
                            "be written to the swap");
}

/* A key that could break out of its header is no key. */
static bool is_header_value(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

static enum keel_status check_credentials(const struct keel_config *config,
                                          struct keel_error *error)
{
    bool has_key = config->api_key && config->api_key[0];
    bool has_secret = config->api_secret && config->api_secret[0];
    if (has_key != has_secret)
        return keel_fail(error, KEEL_CONFIG, "%s is given without %s",
                         has_key ? "an API key" : "an API secret",
                         has_key ? "its secret" : "its key");
    if (has_key && strlen(config->api_key) >= KEEL_API_KEY_SIZE)
        return keel_fail(error, KEEL_CONFIG, "the API key has %zu characters; %d are the most",
                         strlen(config->api_key), KEEL_API_KEY_SIZE - 1);
    if (has_key && !is_header_value(config->api_key))
        return keel_fail(error, KEEL_CONFIG, "the API key has a character that no key has");
    return KEEL_OK;
}

/* The secret itself is the exchange's to keep; of the key, the header is what leaves. */
static bool make_key_header(struct keel_client *client, const struct keel_config *config,
                            const struct keel_venue *venue)
{
    bool locked = false;
    if (!config->api_key || !config->api_key[0])
        return true;
    client->key_header_line = keel_secret_new(KEEL_KEY_HEADER_SIZE, &locked);
    if (!client->key_header_line)
        return false;
    if (!locked)
        warn_unlocked(config, venue);
    snprintf(client->key_header_line, KEEL_KEY_HEADER_SIZE, "%s: %s", venue->key_header,
             config->api_key);
    return true;
}

static keel_str str_or_empty(const char *text)
{
    return text ? keel_str_from(text) : KEEL_STR("");
}

static uint64_t make_seed(void)
{
    uint64_t seed = 0;
    if (uv_random(NULL, NULL, &seed, sizeof(seed), 0, NULL) != 0)
        seed = (uint64_t)keel_clock_now_ns(); /* it only spreads reconnects */
    return seed;
}

static uint64_t make_client_id_first(const struct keel_config *config)
{
    if (config->client_id_first != 0)
        return config->client_id_first;
    return (uint64_t)keel_clock_wall_ms() * 1000;
}

static enum keel_status open_journal(struct keel_client *client, const struct keel_config *config,
                                     struct keel_error *error)
{
    struct keel_journal_config journal = {
        .path = config->journal_path,
        .venue = config->venue,
        .account = config->journal_account ? config->journal_account : "main",
        .durability = config->durability,
        .number_first = make_client_id_first(config),
    };
    struct keel_error why = {.status = KEEL_IO};
    client->journal = keel_journal_open(&journal, &why);
    if (client->journal)
        return KEEL_OK;
    if (error)
        *error = why;
    return why.status;
}

static void recover(struct keel_exchange_config *exchange, const struct keel_journal_start *start)
{
    exchange->client_id_first = start->number_first;
    exchange->recovery = (struct keel_recovery){
        .numbers_end = start->numbers_end,
        .complete_ms = start->complete_ms,
        .unsettled = start->unsettled,
        .unsettled_count = start->unsettled_count,
        .symbols = start->symbols,
        .symbol_count = start->symbol_count,
    };
}

static enum keel_status make_exchange(struct keel_client *client, const struct keel_config *config,
                                      const struct keel_venue *venue, struct keel_error *error)
{
    struct keel_exchange_config exchange = {
        .venue = venue,
        .api_key = str_or_empty(config->api_key),
        .secret = str_or_empty(config->api_secret),
        .symbols = config->symbols,
        .symbol_count = config->symbol_count,
        .markets = config->markets,
        .market_count = config->market_count,
        .book_tops = config->book_tops,
        .order_entry = config->order_entry,
        .withdrawal_addresses = config->withdrawal_addresses,
        .withdrawal_address_count = config->withdrawal_address_count,
        .handlers = config->handlers,
        .margin_ratio_warning = config->margin_ratio_warning,
        .liquidation_distance_warning = config->liquidation_distance_warning,
        .high_risk_ratio = config->high_risk_ratio,
        .warning_hysteresis = config->warning_hysteresis,
        .liquidation_price_warning = config->liquidation_price_warning,
        .adl_rank_warning = config->adl_rank_warning,
        .funding_warning_ms = config->funding_warning_ms,
        .receive_window_ms = config->receive_window_ms,
        .request_timeout_ms = config->request_timeout_ms,
        .start_timeout_ms = config->start_timeout_ms,
        .mark_age_max_ms = config->mark_age_max_ms,
        .silence_max_ms = config->silence_max_ms,
        .check_period_ms = config->check_period_ms,
        .completed_orders_max = config->completed_orders_max,
        .client_id_first = make_client_id_first(config),
        .seed = make_seed(),
    };
    if (client->journal)
        recover(&exchange, keel_journal_start(client->journal));
    struct keel_error why = {.status = KEEL_CONFIG};
    if (venue->product == KEEL_PRODUCT_SPOT)
        client->exchange = keel_private_new(&exchange, &why);
    else
        client->futures = keel_futures_new(&exchange, &why);
    if (client->futures)
        client->exchange = keel_futures_base(client->futures);
    if (client->exchange)
        return KEEL_OK;
    if (error)
        *error = why;
    return why.status;
}

static enum keel_status make_net(struct keel_client *client, const struct keel_config *config,
                                 const struct keel_venue *venue, struct keel_error *error)
{
    struct keel_net_config net = {
        .loop = client->loop,
        .key_header_line = client->key_header_line,
        .ca_file = client->ca_file,
        .handlers = {.user = client,
                     .on_transport = on_transport,
                     .on_stream_opened = on_stream_opened,
                     .on_stream_message = on_stream_message,
                     .on_stream_alive = on_stream_alive,
                     .on_stream_closed = on_stream_closed},
    };
    enum keel_status status = keel_net_place(venue, config->demo_venue, config->url, &net, error);
    if (status != KEEL_OK)
        return status;
    client->net = keel_net_new(&net, error);
    return client->net ? KEEL_OK : KEEL_IO;
}

static enum keel_status make_parts(struct keel_client *client, const struct keel_config *config,
                                   const struct keel_venue *venue, struct keel_error *error)
{
    if (config->ca_file && !(client->ca_file = strdup(config->ca_file)))
        return keel_fail(error, KEEL_IO, "no memory for a client");
    if (!open_interrupt(client))
        return keel_fail(error, KEEL_IO, "no descriptor for a client");
    if (!make_key_header(client, config, venue))
        return keel_fail(error, KEEL_IO, "no memory for the key");
    enum keel_status status = KEEL_OK;
    if (config->journal_path)
        status = open_journal(client, config, error);
    if (status == KEEL_OK)
        status = make_exchange(client, config, venue, error);
    if (status == KEEL_OK)
        status = make_net(client, config, venue, error);
    return status;
}

static struct keel_client *new_empty(const struct keel_config *config)
{
    struct keel_client *client = calloc(1, sizeof(*client));
    if (!client)
        return NULL;
    client->loop = config->loop;
    if (!client->loop) {
        client->loop = &client->own_loop;
        if (uv_loop_init(client->loop) != 0) {
            free(client);
            return NULL;
        }
    }
    open_handles(client);
    return client;
}

/* Runs the loop until the wait is over, and keeps it from ending before. */
static void wait_in_loop(struct keel_client *client, enum waiting waiting)
{
    KEEL_ASSERT(!client->inside && client->waiting == NOT_WAITING);
    client->waiting = waiting;
    uv_ref((uv_handle_t *)&client->interrupt);
    while (!is_wait_over(client))
        uv_run(client->loop, UV_RUN_ONCE);
    uv_unref((uv_handle_t *)&client->interrupt);
    client->waiting = NOT_WAITING;
}

static enum keel_status end_start(struct keel_client *client, struct keel_error *error)
{
    struct keel_connection connection;
    keel_private_connection(exchange_of(client), &connection);
    if (connection.state != KEEL_CONNECTION_CLOSED)
        return KEEL_OK;
    if (connection.last_error.status == KEEL_OK)
        return keel_fail(error, KEEL_FAILED, "closed while it was starting");
    if (error)
        *error = connection.last_error;
    return connection.last_error.status;
}

struct keel_config keel_config_init(void)
{
    struct keel_exchange_config exchange = keel_exchange_config_init();
    return (struct keel_config){
        .margin_ratio_warning = exchange.margin_ratio_warning,
        .liquidation_distance_warning = exchange.liquidation_distance_warning,
        .high_risk_ratio = exchange.high_risk_ratio,
        .warning_hysteresis = exchange.warning_hysteresis,
        .liquidation_price_warning = exchange.liquidation_price_warning,
        .adl_rank_warning = exchange.adl_rank_warning,
        .funding_warning_ms = exchange.funding_warning_ms,
        .receive_window_ms = exchange.receive_window_ms,
        .request_timeout_ms = exchange.request_timeout_ms,
        .start_timeout_ms = exchange.start_timeout_ms,
        .mark_age_max_ms = exchange.mark_age_max_ms,
        .silence_max_ms = exchange.silence_max_ms,
        .check_period_ms = exchange.check_period_ms,
        .completed_orders_max = exchange.completed_orders_max,
    };
}

struct keel_client *keel_client_new(const struct keel_config *config, struct keel_error *error)
{
    const struct keel_venue *venue = keel_venue_find(str_or_empty(config->venue));
    if (!venue) {
        (void)keel_fail(error, KEEL_CONFIG, "no venue is called \"%.40s\"",
                        config->venue ? config->venue : "");
        return NULL;
    }
    if (check_credentials(config, error) != KEEL_OK)
        return NULL;
    struct keel_client *client = new_empty(config);
    if (!client) {
        (void)keel_fail(error, KEEL_IO, "no memory or no descriptor for a client");
        return NULL;
    }
    if (make_parts(client, config, venue, error) == KEEL_OK)
        return client;
    release(client);
    return NULL;
}

static void keep_last_records(struct keel_client *client)
{
    struct keel_effect effect;
    while (client->journal && keel_private_next_effect(exchange_of(client), &effect)) {
        if (effect.kind == KEEL_EFFECT_RECORD)
            keep(client, effect.record);
    }
}

void keel_client_free(struct keel_client *client)
{
    if (!client)
        return;
    KEEL_ASSERT(!client->inside);
    keel_private_stop(begin_input(client));
    client->inside = false;
    keep_last_records(client); /* of its effects nothing else: closing is all that is left */
    release(client);
}

enum keel_status keel_client_begin(struct keel_client *client, struct keel_error *error)
{
    KEEL_ASSERT(!client->inside);
    enum keel_status status = keel_private_start(begin_input(client), error);
    end_input(client);
    return status;
}

enum keel_status keel_client_start(struct keel_client *client, struct keel_error *error)
{
    enum keel_status status = keel_client_begin(client, error);
    if (status != KEEL_OK)
        return status;

    client->out_of_patience = false; /* the exchange has the start's time itself */
    wait_in_loop(client, WAITING_FOR_START);
    if (has_started(client))
        return end_start(client, error);
    atomic_store(&client->interrupted, false);
    return keel_fail(error, KEEL_FAILED, "interrupted while it was starting");
}

struct keel_private *keel_client_private(struct keel_client *client)
{
    set_time(client);
    return client->exchange;
}

struct keel_futures *keel_client_futures(struct keel_client *client)
{
    set_time(client);
    return client->futures;
}

enum keel_status keel_client_run(struct keel_client *client, const bool *done, int64_t timeout_ms)
{
    client->out_of_patience = false;
    client->done = done;
    if (timeout_ms >= 0) {
        uv_update_time(client->loop);
        uv_timer_start(&client->patience, on_patience, (uint64_t)timeout_ms, 0);
    }
    wait_in_loop(client, WAITING_FOR_DONE);
    uv_timer_stop(&client->patience);
    client->done = NULL;
    if (done && *done)
        return KEEL_OK;
    return atomic_exchange(&client->interrupted, false) ? KEEL_FAILED : KEEL_UNKNOWN;
}

void keel_client_interrupt(struct keel_client *client)
{
    atomic_store(&client->interrupted, true);
    uv_async_send(&client->interrupt);
}

struct uv_loop_s *keel_client_loop(struct keel_client *client)
{
    return client->loop;
}

int64_t keel_client_venue_time_ms(struct keel_client *client)
{
    set_time(client);
    return keel_private_venue_time_ms(exchange_of(client));
}

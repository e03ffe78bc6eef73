#include "keel/paper.h"

#include "paper/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum {
    TICK_MS = 10,
    ADVANCE_PART_MS = 60 * 60 * 1000,
    PACE_MS = 100,      /* a steady market moves so often */
    SLICE_NS = 5000000, /* of a loop's turn, when the market runs as fast as it can */
    READY_LINE_SIZE = 4096,
    READY_ACCOUNT_SIZE = 256, /* more for each account */
    FILE_SIZE_MAX = 1 << 30,
};

/* What another thread wants done. */
enum errand {
    ERRAND_NONE,
    ERRAND_MARKET_TIME,
    ERRAND_ADVANCE,
    ERRAND_AUDIT,
};

struct keel_paper {
    uv_loop_t own_loop;
    uv_loop_t *loop;
    bool threaded;
    uv_thread_t thread;
    uv_timer_t timer;
    uv_idle_t idle; /* speed max */
    uv_async_t async;
    int handle_count; /* those of this struct, and the server as one */
    bool stopping;    /* under the mutex */

    uv_mutex_t mutex; /* one errand at a time */
    uv_sem_t errand_done;
    enum errand errand;
    int64_t errand_ms; /* in: how far; out: the market time */
    bool conserved;

    struct paper_venue *venue;
    struct paper_server *server;
    int64_t speed;
    int64_t paced_ms; /* up to here the market has moved */
    char *ready_line;
    char url[128];
};

struct keel_paper_config keel_paper_config_init(void)
{
    return (struct keel_paper_config){
        .listen = "127.0.0.1:0",
        .speed = 1,
        .seed = 1,
        .accounts = 1,
        .balance = keel_decimal_from_int(10000),
        .spot_balance = keel_decimal_from_int(10000),
        .rate_limit_factor = 1,
    };
}

/* --- Prices ------------------------------------------------------------------------------------
 */

/* A file's text; its own. */
struct file_text {
    char *data;
    size_t size;
};

static enum keel_status read_all(FILE *file, const char *path, struct file_text *text,
                                 struct keel_error *error)
{
    size_t size = 0, capacity = 1 << 16;
    char *data = malloc(capacity);
    while (data) {
        size += fread(data + size, 1, capacity - size, file);
        if (size < capacity || capacity >= FILE_SIZE_MAX)
            break;
        char *grown = realloc(data, capacity *= 2);
        if (!grown)
            free(data);
        data = grown;
    }
    if (!data)
        return keel_fail(error, KEEL_FULL, "%s: out of memory", path);
    if (ferror(file) || size == FILE_SIZE_MAX) {
        free(data);
        return keel_fail(error, KEEL_IO, "%s: cannot be read, or is larger than a gigabyte", path);
    }
    *text = (struct file_text){data, size};
    return KEEL_OK;
}

static enum keel_status read_file(const char *path, struct file_text *text,
                                  struct keel_error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return keel_fail(error, KEEL_IO, "%s: %s", path, strerror(errno));
    enum keel_status status = read_all(file, path, text, error);
    fclose(file);
    return status;
}

/* "data/btcusdt-1m-2023-03.csv" is of BTCUSDT, and so is "btc_usdt.csv". */
static keel_str read_symbol(const char *path, const char *symbol, char *name, size_t name_size)
{
    const char *slash = strrchr(path, '/');
    const char *from = symbol ? symbol : slash ? slash + 1 : path;
    size_t size = 0;
    for (; from[size] != '\0' && size + 1 < name_size; size++) {
        char c = from[size];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_')
            break;
        name[size] = c;
    }
    return (keel_str){name, size};
}

static keel_str take_line(keel_str *rest)
{
    const char *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    keel_str line = {rest->data, end ? (size_t)(end - rest->data) + 1 : rest->size};
    rest->data += line.size;
    rest->size -= line.size;
    return line;
}

/* The column of the header whose name this is, from 0; -1 if there is none. */
static int find_column(keel_str header, const char *name)
{
    size_t begin = 0;
    for (int column = 0; begin < header.size; column++) {
        size_t end = begin;
        while (end < header.size && !strchr(",\r\n", header.data[end]))
            end++;
        if (keel_str_equals((keel_str){header.data + begin, end - begin}, keel_str_from(name)))
            return column;
        begin = end + 1;
    }
    return -1;
}

static int64_t read_column(keel_str line, int column)
{
    size_t at = 0;
    for (; column > 0 && at < line.size; at++) {
        if (line.data[at] == ',')
            column--;
    }
    int64_t value = 0;
    for (; at < line.size && line.data[at] >= '0' && line.data[at] <= '9'; at++)
        value = value * 10 + (line.data[at] - '0');
    return value;
}

/* Drops the rows before the candle that holds start_ms: the header moves up to it. What is wrong in
 * the file is found when the engine loads it. */
static keel_str drop_before(struct file_text text, int64_t start_ms)
{
    keel_str rest = {text.data, text.size};
    keel_str header = take_line(&rest);
    int column = find_column(header, "open_time_ms");
    keel_str kept = rest;
    while (column >= 0 && rest.size > 0) {
        keel_str line = take_line(&rest);
        if (read_column(line, column) > start_ms)
            break;
        kept = (keel_str){line.data, line.size + rest.size};
    }
    size_t dropped = (size_t)(kept.data - text.data) - header.size;
    char *moved = text.data + dropped;
    memmove(moved, header.data, header.size);
    return (keel_str){moved, header.size + kept.size};
}

static enum keel_status load_prices(struct keel_paper *paper,
                                    const struct keel_paper_config *config,
                                    struct keel_error *error)
{
    if (!config->prices)
        return KEEL_OK;
    char name[KEEL_SYMBOL_SIZE + 1];
    keel_str symbol = read_symbol(config->prices, config->symbol, name, sizeof(name));
    if (!paper_venue_trades(paper->venue, symbol))
        return keel_fail(error, KEEL_CONFIG, "%s: no symbol of this venue is named '%s'",
                         config->prices, config->symbol ? config->symbol : config->prices);
    struct file_text text = {0};
    enum keel_status status = read_file(config->prices, &text, error);
    if (status != KEEL_OK || !text.data)
        return status;
    keel_str wanted = config->start_ms > 0 ? drop_before(text, config->start_ms)
                                           : (keel_str){text.data, text.size};
    struct keel_error why;
    status = paper_venue_load_candles(paper->venue, symbol, wanted, &why);
    if (status != KEEL_OK)
        keel_fail(error, status, "%s: %s", config->prices, why.message);
    free(text.data);
    return status;
}

static enum keel_status load_faults(struct keel_paper *paper,
                                    const struct keel_paper_config *config, int64_t now_ms,
                                    struct keel_error *error)
{
    struct file_text text = {0};
    struct keel_error why;
    if (!config->faults)
        return KEEL_OK;
    enum keel_status status = read_file(config->faults, &text, error);
    if (status != KEEL_OK)
        return status;
    status = paper_faults_load(paper_venue_faults(paper->venue), (keel_str){text.data, text.size},
                               now_ms, &why);
    if (status != KEEL_OK)
        keel_fail(error, status, "%s: %s", config->faults, why.message);
    free(text.data);
    return status;
}

/* --- The loop ----------------------------------------------------------------------------------
 */

static void pace(struct keel_paper *paper, int64_t now_ms)
{
    int64_t elapsed_ms = now_ms - paper->paced_ms;
    if (paper->speed <= 0 || elapsed_ms < PACE_MS)
        return;
    paper->paced_ms = now_ms;
    paper_venue_advance(paper->venue, now_ms, elapsed_ms * paper->speed);
}

/* A clock that was set back does not stop the market for so long. */
static void on_timer(uv_timer_t *timer)
{
    struct keel_paper *paper = timer->data;
    int64_t now_ms = paper_server_now_ms();
    if (now_ms < paper->paced_ms)
        paper->paced_ms = now_ms;
    pace(paper, now_ms);
    paper_venue_tick(paper->venue, now_ms);
    paper_server_flush(paper->server);
}

/* A bounded slice each turn, so that requests are served in between. It ends with the prices. */
static void on_idle(uv_idle_t *idle)
{
    struct keel_paper *paper = idle->data;
    int64_t end_ms = paper_venue_market_end_ms(paper->venue);
    uint64_t until_ns = uv_hrtime() + SLICE_NS;
    int64_t now_ms = paper_server_now_ms();
    do {
        if (end_ms > 0 && paper_venue_market_time_ms(paper->venue) >= end_ms) {
            uv_idle_stop(idle);
            break;
        }
        paper_venue_advance(paper->venue, now_ms, PAPER_STEP_MS);
    } while (uv_hrtime() < until_ns);
    paper_server_flush(paper->server);
}

/* In parts, so that no client's queue grows over a long way. */
static void advance(struct keel_paper *paper, int64_t ms)
{
    while (ms > 0) {
        int64_t part_ms = ms < ADVANCE_PART_MS ? ms : ADVANCE_PART_MS;
        paper_venue_advance(paper->venue, paper_server_now_ms(), part_ms);
        paper_server_flush(paper->server);
        ms -= part_ms;
    }
}

static void run_errand(struct keel_paper *paper, enum errand errand)
{
    switch (errand) {
    case ERRAND_NONE: return;
    case ERRAND_MARKET_TIME: break;
    case ERRAND_ADVANCE: advance(paper, paper->errand_ms); break;
    case ERRAND_AUDIT: paper->conserved = paper_venue_is_conserved(paper->venue); break;
    }
    paper->errand_ms = paper_venue_market_time_ms(paper->venue);
}

static void close_handles(struct keel_paper *paper);

static void on_async(uv_async_t *async)
{
    struct keel_paper *paper = async->data;
    if (paper->errand != ERRAND_NONE) {
        run_errand(paper, paper->errand);
        paper->errand = ERRAND_NONE;
        uv_sem_post(&paper->errand_done);
        return;
    }
    if (paper->stopping)
        close_handles(paper);
}

/* The caller holds the mutex, so nobody else's errand is under way: what it left is ours. */
static void send_errand(struct keel_paper *paper, enum errand errand)
{
    if (!paper->threaded) {
        run_errand(paper, errand);
        return;
    }
    paper->errand = errand;
    uv_async_send(&paper->async);
    uv_sem_wait(&paper->errand_done);
}

int64_t keel_paper_market_time_ms(struct keel_paper *paper)
{
    uv_mutex_lock(&paper->mutex);
    send_errand(paper, ERRAND_MARKET_TIME);
    int64_t time_ms = paper->errand_ms;
    uv_mutex_unlock(&paper->mutex);
    return time_ms;
}

enum keel_status keel_paper_advance(struct keel_paper *paper, int64_t ms, struct keel_error *error)
{
    if (ms < 0)
        return keel_fail(error, KEEL_INVALID, "market time does not go back: %lld ms",
                         (long long)ms);
    uv_mutex_lock(&paper->mutex);
    paper->errand_ms = ms;
    send_errand(paper, ERRAND_ADVANCE);
    uv_mutex_unlock(&paper->mutex);
    return KEEL_OK;
}

bool keel_paper_is_conserved(struct keel_paper *paper)
{
    uv_mutex_lock(&paper->mutex);
    send_errand(paper, ERRAND_AUDIT);
    bool conserved = paper->conserved;
    uv_mutex_unlock(&paper->mutex);
    return conserved;
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

static void free_paper(struct keel_paper *paper)
{
    paper_venue_free(paper->venue);
    uv_mutex_destroy(&paper->mutex);
    uv_sem_destroy(&paper->errand_done);
    free(paper->ready_line);
    free(paper);
}

static void count_closed(struct keel_paper *paper)
{
    if (--paper->handle_count == 0 && !paper->threaded)
        free_paper(paper);
}

static void on_handle_closed(uv_handle_t *handle)
{
    count_closed(handle->data);
}

static void on_server_closed(void *user)
{
    count_closed(user);
}

static void close_handles(struct keel_paper *paper)
{
    uv_close((uv_handle_t *)&paper->timer, on_handle_closed);
    uv_close((uv_handle_t *)&paper->idle, on_handle_closed);
    uv_close((uv_handle_t *)&paper->async, on_handle_closed);
    if (paper->server)
        paper_server_close(paper->server, on_server_closed, paper);
}

static void run_thread(void *argument)
{
    struct keel_paper *paper = argument;
    uv_run(paper->loop, UV_RUN_DEFAULT);
}

static bool open_handles(struct keel_paper *paper)
{
    paper->timer.data = paper->idle.data = paper->async.data = paper;
    if (uv_async_init(paper->loop, &paper->async, on_async) != 0)
        return false;
    uv_timer_init(paper->loop, &paper->timer);
    uv_idle_init(paper->loop, &paper->idle);
    paper->handle_count = 3;
    uv_timer_start(&paper->timer, on_timer, TICK_MS, TICK_MS);
    if (paper->speed == KEEL_PAPER_SPEED_MAX)
        uv_idle_start(&paper->idle, on_idle);
    return true;
}

static enum keel_status write_ready_line(struct keel_paper *paper, struct keel_error *error)
{
    const char *authority = paper_server_authority(paper->server);
    size_t size =
        READY_LINE_SIZE + (size_t)paper_venue_keys(paper->venue)->count * READY_ACCOUNT_SIZE;
    struct keel_writer json;

    paper->ready_line = malloc(size);
    if (!paper->ready_line)
        return keel_fail(error, KEEL_FULL, "out of memory");
    keel_writer_init(&json, paper->ready_line, size);
    paper_venue_describe(paper->venue, keel_str_from(authority), &json);
    snprintf(paper->url, sizeof(paper->url), "http://%s", authority);
    return json.full ? keel_fail(error, KEEL_FULL, "the ready line is too long") : KEEL_OK;
}

static enum keel_status open_venue(struct keel_paper *paper, const struct keel_paper_config *config,
                                   struct keel_error *error)
{
    int64_t now_ms = paper_server_now_ms();
    const struct paper_venue_config venue = {
        .engine =
            {
                     .seed = config->seed,
                     .accounts = config->accounts,
                     .deposit = config->balance,
                     .insurance = keel_decimal_from_int(1000000),
                     .manual = config->speed == KEEL_PAPER_SPEED_MANUAL,
                     .market_time_ms = config->start_ms > 0 ? config->start_ms : now_ms,
                     },
        .spot_balance = config->spot_balance,
        .speed = config->speed,
        .limit_factor = config->rate_limit_factor,
        .venues = config->venues,
    };
    for (const char *const *name = config->venues; name && *name; name++) {
        if (!paper_venue_knows(*name))
            return keel_fail(error, KEEL_CONFIG, "there is no venue '%s'; there are %s", *name,
                             paper_venue_list());
    }
    if (config->accounts < 1 || keel_decimal_is_negative(config->balance))
        return keel_fail(error, KEEL_CONFIG, "the paper venue needs an account, and no debt");
    if (!keel_decimal_is_positive(config->spot_balance))
        return keel_fail(error, KEEL_CONFIG, "the spot balance is not above zero");
    if (config->venues && !config->venues[0])
        return keel_fail(error, KEEL_CONFIG, "no venue is to be served");
    paper->venue = paper_venue_new(&venue, now_ms);
    if (!paper->venue)
        return keel_fail(error, KEEL_FULL, "out of memory, or a venue named twice");
    enum keel_status status = load_prices(paper, config, error);
    if (status == KEEL_OK)
        status = load_faults(paper, config, now_ms, error);
    if (status != KEEL_OK)
        return status;
    int64_t offset_ms = config->start_ms - paper_venue_market_time_ms(paper->venue);
    paper_venue_start(paper->venue, now_ms, config->start_ms > 0 && offset_ms > 0 ? offset_ms : 0);
    return KEEL_OK;
}

static enum keel_status open_server(struct keel_paper *paper,
                                    const struct keel_paper_config *config,
                                    struct keel_error *error)
{
    if (!open_handles(paper))
        return keel_fail(error, KEEL_IO, "the loop takes no more handles");
    paper->server = paper_server_open(paper->loop, paper->venue, config->listen, error);
    if (!paper->server)
        return error ? error->status : KEEL_IO;
    paper->handle_count++;
    return write_ready_line(paper, error);
}

/* Everything that was opened goes again; a loop of our own is run until it has gone. */
static void undo(struct keel_paper *paper)
{
    bool opened = paper->handle_count > 0;
    if (opened)
        close_handles(paper);
    if (!paper->threaded) {
        if (!opened)
            free_paper(paper);
        return;
    }
    uv_run(paper->loop, UV_RUN_DEFAULT);
    uv_loop_close(&paper->own_loop);
    free_paper(paper);
}

struct keel_paper *keel_paper_open(const struct keel_paper_config *config, struct keel_error *error)
{
    struct keel_paper *paper = calloc(1, sizeof(*paper));
    if (!paper || uv_mutex_init(&paper->mutex) != 0 || uv_sem_init(&paper->errand_done, 0) != 0) {
        free(paper);
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    paper->speed = config->speed;
    paper->paced_ms = paper_server_now_ms();
    paper->threaded = !config->loop;
    paper->loop = config->loop ? config->loop : &paper->own_loop;
    if (paper->threaded)
        uv_loop_init(&paper->own_loop);

    if (open_venue(paper, config, error) != KEEL_OK ||
        open_server(paper, config, error) != KEEL_OK) {
        undo(paper);
        return NULL;
    }
    if (paper->threaded && uv_thread_create(&paper->thread, run_thread, paper) != 0) {
        keel_fail(error, KEEL_FULL, "no thread for the paper venue");
        undo(paper);
        return NULL;
    }
    return paper;
}

/* On the caller's loop the last of it goes with the loop's next turns. */
void keel_paper_close(struct keel_paper *paper)
{
    if (!paper)
        return;
    if (!paper->threaded) {
        close_handles(paper);
        return;
    }
    uv_mutex_lock(&paper->mutex);
    paper->stopping = true;
    uv_async_send(&paper->async);
    uv_mutex_unlock(&paper->mutex);
    uv_thread_join(&paper->thread);
    uv_loop_close(&paper->own_loop);
    free_paper(paper);
}

const char *keel_paper_ready_line(const struct keel_paper *paper)
{
    return paper->ready_line;
}

const char *keel_paper_url(const struct keel_paper *paper)
{
    return paper->url;
}

const char *keel_paper_api_key(const struct keel_paper *paper, int32_t account)
{
    const struct paper_keys *keys = paper_venue_keys(paper->venue);
    return account >= 0 && account < keys->count ? keys->at[account].api_key : NULL;
}

const char *keel_paper_api_secret(const struct keel_paper *paper, int32_t account)
{
    const struct paper_keys *keys = paper_venue_keys(paper->venue);
    return account >= 0 && account < keys->count ? keys->at[account].api_secret : NULL;
}

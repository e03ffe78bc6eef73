/* deaths.h - every write of a venue, through a whole client, while the connection dies somewhere in
 * it: it arrives at most once, and what the client says of its fate is true at once and in the end.
 */
#ifndef KEEL_TEST_DEATHS_H
#define KEEL_TEST_DEATHS_H

#include "exchange/private_internal.h"
#include "keel/keel.h"
#include "mortal_proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { RECEIVE_WINDOW_MS = 400 }; /* short: it is how long an unknown lasts here */

struct outcome {
    bool done;
    int calls;
    enum keel_fate fate;
    struct keel_error error;
    struct keel_order order;
    struct keel_withdrawal withdrawal;
};

/* Where the writes are tried. */
struct stage {
    const char *venue, *symbol;
    const char *quantity;
    const char *mark; /* where no marks are told: what the price is */
};

/* The life of one endpoint: a venue, the way to it, and a client. */
struct life {
    const struct stage *stage;
    const struct endpoint *endpoint;
    struct keel_paper *paper;
    struct mortal_proxy proxy;
    struct keel_client *client;
    struct keel_private *exchange;
    keel_market_id market;
    keel_decimal mark;
    char folder[40], journal[64], url[64];
    struct keel_order order; /* to be amended or cancelled */
    char withdrawal_id[KEEL_ORDER_ID_SIZE];
    int turn;
    int problems;
    char where[96]; /* the case, for a person */
};

typedef enum keel_status (*send_command)(struct life *life, struct outcome *outcome,
                                         struct keel_error *error);

struct endpoint {
    const char *line;    /* of the request */
    const char *command; /* as the journal names it */
    const char *family;  /* and which of two: NULL where there is one */
    send_command send;
    void (*prepare)(struct life *life); /* before each case; or NULL */
    mortal_answer answer;               /* in the venue's place; or NULL */
    bool has_body;
    bool leaves_no_trace; /* once it is over, the venue shows what is, not what brought it about */
    bool list_lags;       /* so long that its absence is not waited for */
};

/* Where money may go. */
static const struct keel_withdrawal_address addresses[] = {
    {.asset = "USDT", .network = "TRX", .address = "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf"},
};

/* Says what is wrong, once for each thing, and goes on. */
__attribute__((format(printf, 2, 3))) static inline void complain(struct life *life,
                                                                  const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s, %s: ", life->endpoint->line, life->where);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    life->problems++;
}

/* Nothing can be tested without it. */
static inline void demand(struct life *life, bool there, const char *what)
{
    if (there)
        return;
    complain(life, "%s", what);
    _exit(2);
}

static inline void on_result(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->done = true;
    outcome->calls++;
    outcome->fate = result->fate;
    outcome->error = result->error;
    if (result->order != NULL)
        outcome->order = *result->order;
    if (result->withdrawal != NULL)
        outcome->withdrawal = *result->withdrawal;
}

static inline void on_mark(void *user, const struct keel_mark *mark)
{
    ((struct life *)user)->mark = mark->mark_price;
}

static inline void run(struct life *life, const bool *done, int64_t timeout_ms)
{
    (void)!keel_client_run(life->client, done, timeout_ms);
}

static inline keel_decimal price_at(const struct life *life, const char *ratio)
{
    keel_decimal price =
        keel_decimal_mul(life->mark, keel_decimal_from_text(ratio), KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(price, keel_decimal_from_text("0.1"), KEEL_ROUND_DOWN);
}

static inline struct keel_order_ref ref_to(const struct keel_order *order)
{
    struct keel_order_ref ref = {.market = order->market, .family = order->family};
    memcpy(ref.order_id, order->order_id, sizeof(ref.order_id));
    memcpy(ref.client_id, order->client_id, sizeof(ref.client_id));
    return ref;
}

static inline enum keel_status submit(struct life *life, const struct keel_order_request *request,
                                      struct outcome *outcome, struct keel_error *error)
{
    struct keel_futures *futures = keel_client_futures(life->client);
    if (futures != NULL)
        return keel_futures_place_order(futures, request, on_result, outcome, error);
    return keel_private_place_order(life->exchange, request, on_result, outcome, error);
}

static inline enum keel_status place(struct life *life, enum keel_order_type type,
                                     struct outcome *outcome, struct keel_error *error)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = life->market;
    request.side = KEEL_BUY;
    request.type = type;
    request.quantity = keel_decimal_from_text(life->stage->quantity);
    if (keel_order_type_has_price(type))
        request.price = price_at(life, type == KEEL_LIMIT ? "0.9" : "1.1");
    if (keel_order_type_is_conditional(type))
        request.trigger_price = price_at(life, "1.1");
    return submit(life, &request, outcome, error);
}

static inline enum keel_status send_order(struct life *life, struct outcome *outcome,
                                          struct keel_error *error)
{
    return place(life, KEEL_LIMIT, outcome, error);
}

static inline enum keel_status send_stop(struct life *life, struct outcome *outcome,
                                         struct keel_error *error)
{
    return place(life, KEEL_STOP_MARKET, outcome, error);
}

static inline void rest(struct life *life, enum keel_order_type type)
{
    struct outcome outcome = {0};
    struct keel_error error = {0};
    demand(life, place(life, type, &outcome, &error) == KEEL_OK, error.message);
    run(life, &outcome.done, 10000);
    demand(life, outcome.fate == KEEL_ACCEPTED, outcome.error.message);
    life->order = outcome.order;
}

static inline void rest_order(struct life *life)
{
    rest(life, KEEL_LIMIT);
}

static inline void rest_stop(struct life *life)
{
    rest(life, KEEL_STOP_MARKET);
}

static inline enum keel_status send_amendment(struct life *life, struct outcome *outcome,
                                              struct keel_error *error)
{
    struct keel_order_ref ref = ref_to(&life->order);
    return keel_private_amend_order(life->exchange, &ref, KEEL_DECIMAL_ABSENT,
                                    price_at(life, "0.91"), on_result, outcome, error);
}

static inline enum keel_status send_cancel(struct life *life, struct outcome *outcome,
                                           struct keel_error *error)
{
    struct keel_order_ref ref = ref_to(&life->order);
    return keel_private_cancel_order(life->exchange, &ref, on_result, outcome, error);
}

/* An order of the same moment would tell nothing of a cancel: the clocks agree but for an error,
 * which a busy machine makes large. */
static inline void let_orders_age(const struct life *life)
{
    struct keel_session_view view;
    keel_session_view(life->exchange->session, &view);
    int64_t pause_ms = 2 * view.clock_error_ms + 10;
    struct timespec pause = {.tv_sec = pause_ms / 1000, .tv_nsec = pause_ms % 1000 * 1000 * 1000};
    nanosleep(&pause, NULL);
}

static inline enum keel_status send_cancel_all(struct life *life, struct outcome *outcome,
                                               struct keel_error *error)
{
    let_orders_age(life);
    return keel_private_cancel_all(life->exchange, life->market, on_result, outcome, error);
}

/* A venue takes so many at a time. */
static inline void clear_orders(struct life *life)
{
    struct outcome outcome = {0};
    struct keel_error error = {0};
    demand(life, send_cancel_all(life, &outcome, &error) == KEEL_OK, error.message);
    run(life, &outcome.done, 10000);
    demand(life, outcome.fate == KEEL_ACCEPTED, outcome.error.message);
}

static inline struct keel_leverage leverage_of(struct life *life)
{
    struct keel_leverage leverage = {0};
    struct keel_error error = {0};
    demand(life,
           keel_futures_leverage(keel_client_futures(life->client), life->market, &leverage,
                                 &error) == KEEL_OK,
           error.message);
    return leverage;
}

/* Another one than there is. */
/* Another one than the last few: what the stream tells of those may still be on its way. */
static inline enum keel_status send_leverage(struct life *life, struct outcome *outcome,
                                             struct keel_error *error)
{
    return keel_futures_set_leverage(keel_client_futures(life->client), life->market,
                                     5 + life->turn % 14, on_result, outcome, error);
}

static inline enum keel_status send_margin_mode(struct life *life, struct outcome *outcome,
                                                struct keel_error *error)
{
    enum keel_margin_mode mode =
        leverage_of(life).margin_mode == KEEL_CROSS ? KEEL_ISOLATED : KEEL_CROSS;
    return keel_futures_set_margin_mode(keel_client_futures(life->client), life->market, mode,
                                        on_result, outcome, error);
}

/* An isolated position, once. */
static inline void hold_position(struct life *life)
{
    struct outcome outcome = {0};
    struct keel_error error = {0};
    if (life->turn > 0)
        return;
    if (leverage_of(life).margin_mode != KEEL_ISOLATED) {
        demand(life, send_margin_mode(life, &outcome, &error) == KEEL_OK, error.message);
        run(life, &outcome.done, 10000);
    }
    demand(life, leverage_of(life).margin_mode == KEEL_ISOLATED, "the position is not isolated");
    outcome = (struct outcome){0};
    demand(life, place(life, KEEL_MARKET, &outcome, &error) == KEEL_OK, error.message);
    run(life, &outcome.done, 10000);
    demand(life, outcome.fate == KEEL_ACCEPTED, outcome.error.message);
    run(life, NULL, 50);
}

static inline enum keel_status send_margin(struct life *life, struct outcome *outcome,
                                           struct keel_error *error)
{
    return keel_futures_adjust_margin(keel_client_futures(life->client), life->market, KEEL_NET,
                                      keel_decimal_from_int(1), on_result, outcome, error);
}

static inline enum keel_status send_mode(struct life *life, enum keel_command_kind kind,
                                         enum keel_switch now, struct outcome *outcome,
                                         struct keel_error *error)
{
    struct keel_command command = {.kind = kind, .enable = now != KEEL_ON};
    (void)keel_client_private(life->client); /* its clock is now */
    return keel_private_submit(life->exchange, &command, KEEL_CALL_COMMAND, on_result, outcome,
                               NULL, error);
}

static inline enum keel_status send_hedge_mode(struct life *life, struct outcome *outcome,
                                               struct keel_error *error)
{
    return send_mode(life, KEEL_SET_HEDGE_MODE, life->exchange->modes.hedge, outcome, error);
}

static inline enum keel_status send_multi_asset(struct life *life, struct outcome *outcome,
                                                struct keel_error *error)
{
    return send_mode(life, KEEL_SET_MULTI_ASSET, life->exchange->modes.multi_asset, outcome, error);
}

static inline enum keel_status send_transfer(struct life *life, struct outcome *outcome,
                                             struct keel_error *error)
{
    struct keel_transfer_request request = {
        .from = KEEL_WALLET_SPOT, .to = KEEL_WALLET_FUTURES, .asset = "USDT"};
    request.amount = keel_decimal_from_int(5 + life->turn); /* no two are alike */
    return keel_private_transfer(keel_client_private(life->client), &request, on_result, outcome,
                                 error);
}

static inline enum keel_status withdraw(struct life *life, struct outcome *outcome,
                                        struct keel_error *error)
{
    struct keel_withdrawal_request request = {.asset = "USDT"};
    snprintf(request.network, sizeof(request.network), "%s", addresses[0].network);
    snprintf(request.address, sizeof(request.address), "%s", addresses[0].address);
    request.amount = keel_decimal_from_int(25 + life->turn);
    return keel_private_withdraw(keel_client_private(life->client), &request, on_result, outcome,
                                 error);
}

static inline void ask_for_withdrawal(struct life *life)
{
    struct outcome outcome = {0};
    struct keel_error error = {0};
    demand(life, withdraw(life, &outcome, &error) == KEEL_OK, error.message);
    run(life, &outcome.done, 10000);
    demand(life, outcome.fate == KEEL_ACCEPTED, outcome.error.message);
    memcpy(life->withdrawal_id, outcome.withdrawal.id, sizeof(life->withdrawal_id));
}

static inline enum keel_status cancel_withdrawal(struct life *life, struct outcome *outcome,
                                                 struct keel_error *error)
{
    return keel_private_cancel_withdrawal(keel_client_private(life->client), life->withdrawal_id,
                                          on_result, outcome, error);
}

static inline enum keel_status send_stop_limit(struct life *life, struct outcome *outcome,
                                               struct keel_error *error)
{
    return place(life, KEEL_STOP_LIMIT, outcome, error);
}

static inline void rest_stop_limit(struct life *life)
{
    rest(life, KEEL_STOP_LIMIT);
}

/* What is said at once, what is true in the end, and how often the request arrives. The bytes may
 * have left wherever it is not the connection that was refused; whether they did anything is asked
 * for. */
static const struct {
    const char *name;
    enum death death;
    enum keel_fate at_once;
    const char *in_the_end; /* as the journal says it */
    int arrivals;           /* of whole requests */
    bool refused;
    bool of_a_body; /* means nothing where there is none */
} deaths[] = {
    {"never",                      DEATH_NEVER,                KEEL_ACCEPTED,     "accepted", 1, false, false},
    {"at the connection",          DEATH_AT_ACCEPT,            KEEL_FATE_UNKNOWN, "failed",   0, false, false},
    {"before the request",         DEATH_BEFORE_REQUEST,       KEEL_FATE_UNKNOWN, "failed",   0, false, false},
    {"inside its headers",         DEATH_INSIDE_HEADERS,       KEEL_FATE_UNKNOWN, "failed",   0, false, false},
    {"after its headers",          DEATH_AFTER_HEADERS,        KEEL_FATE_UNKNOWN, "failed",   0, false, false},
    {"inside its body",            DEATH_INSIDE_BODY,          KEEL_FATE_UNKNOWN, "failed",   0, false, true },
    {"after the request",          DEATH_AFTER_REQUEST,        KEEL_FATE_UNKNOWN, "failed",   1, false, false},
    {"before the reply",           DEATH_BEFORE_REPLY,         KEEL_FATE_UNKNOWN, "accepted", 1, false, false},
    {"inside the reply's headers", DEATH_INSIDE_REPLY_HEADERS, KEEL_FATE_UNKNOWN, "accepted", 1,
     false,                                                                                             false},
    {"inside the reply's body",    DEATH_INSIDE_REPLY_BODY,    KEEL_FATE_UNKNOWN, "accepted", 1, false,
     false                                                                                                   },
    {"never: nobody listens",      DEATH_NEVER,                KEEL_FATE_FAILED,  "failed",   0, true,  false}, /* last */
};
enum { DEATHS = sizeof(deaths) / sizeof(deaths[0]) };

/* Some venues tell none of a market that was never touched. */
static inline void ensure_leverage(struct life *life)
{
    struct keel_futures *futures = keel_client_futures(life->client);
    struct keel_leverage leverage;
    struct outcome outcome = {0};
    struct keel_error error = {0};
    if (futures == NULL ||
        keel_futures_leverage(futures, life->market, &leverage, &error) == KEEL_OK)
        return;
    demand(life,
           keel_futures_set_leverage(futures, life->market, 7, on_result, &outcome, &error) ==
               KEEL_OK,
           error.message);
    run(life, &outcome.done, 10000);
    demand(life, outcome.fate == KEEL_ACCEPTED, outcome.error.message);
}

static inline void open_client(struct life *life)
{
    const struct stage *stage = life->stage;
    struct keel_error error = {0};
    struct keel_config config = keel_config_init();
    config.venue = stage->venue;
    config.url = life->url;
    config.api_key = keel_paper_api_key(life->paper, 0);
    config.api_secret = keel_paper_api_secret(life->paper, 0);
    config.symbols = &stage->symbol;
    config.symbol_count = 1;
    config.journal_path = life->journal;
    config.receive_window_ms = RECEIVE_WINDOW_MS;
    config.mark_age_max_ms = 600000; /* no price moves, and some venues tell of moves alone */
    config.withdrawal_addresses = addresses;
    config.withdrawal_address_count = 1;
    config.handlers = (struct keel_handlers){.user = life, .on_mark = on_mark};
    life->client = keel_client_new(&config, &error);
    demand(life, life->client != NULL, error.message);
    demand(life, keel_client_start(life->client, &error) == KEEL_OK, error.message);
    life->exchange = keel_client_private(life->client);
    life->market =
        keel_markets_find(keel_private_markets(life->exchange), keel_str_from(stage->symbol));
}

static inline void open_life(struct life *life, const struct stage *stage,
                             const struct endpoint *endpoint)
{
    struct keel_error error = {0};
    struct keel_paper_config paper = keel_paper_config_init();
    *life = (struct life){.stage = stage, .endpoint = endpoint, .mark = KEEL_DECIMAL_ABSENT};
    if (stage->mark != NULL)
        life->mark = keel_decimal_from_text(stage->mark);
    paper.listen = "127.0.0.1:0";
    paper.speed = KEEL_PAPER_SPEED_MANUAL;
    paper.seed = 7;
    paper.rate_limit_factor = 1000;
    life->paper = keel_paper_open(&paper, &error);
    demand(life, life->paper != NULL, error.message);
    mortal_proxy_start(&life->proxy, atoi(strrchr(keel_paper_url(life->paper), ':') + 1),
                       endpoint->line, endpoint->answer);
    snprintf(life->url, sizeof(life->url), "http://127.0.0.1:%d", life->proxy.server.port);
    snprintf(life->folder, sizeof(life->folder), "/tmp/keel-deaths-XXXXXX");
    demand(life, mkdtemp(life->folder) != NULL, "no folder");
    snprintf(life->journal, sizeof(life->journal), "%s/main.db", life->folder);
    open_client(life);
    for (int i = 0; i < 500 && !keel_decimal_is_valid(life->mark); i++)
        run(life, NULL, 10);
    ensure_leverage(life);
}

static inline void close_life(struct life *life)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    keel_client_free(life->client);
    mortal_proxy_stop(&life->proxy);
    keel_paper_close(life->paper);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char name[80];
        snprintf(name, sizeof(name), "%s%s", life->journal, ends[i]);
        (void)unlink(name);
    }
    (void)rmdir(life->folder);
}

static inline void await_settled(struct life *life)
{
    struct keel_statistics statistics;
    for (int i = 0; i < 1500; i++) {
        keel_private_statistics(life->exchange, &statistics);
        if (statistics.unsettled == 0)
            break;
        run(life, NULL, 10);
    }
    if (statistics.unsettled != 0)
        complain(life, "is still unknown");
    run(life, NULL, 1); /* and what it led to is kept */
}

static inline bool column_is(const struct keel_journal_row *row, const char *name,
                             const char *value)
{
    for (int32_t i = 0; i < row->count; i++) {
        if (strcmp(row->names[i], name) == 0)
            return row->values[i] != NULL && strcmp(row->values[i], value) == 0;
    }
    return false;
}

/* What the journal holds of the newest write at the endpoint. */
static inline void read_state(struct life *life, char state[16])
{
    const struct endpoint *endpoint = life->endpoint;
    struct keel_journal_row row;
    struct keel_error error;
    struct keel_journal_reader *reader =
        keel_journal_read(life->journal, KEEL_JOURNAL_ORDERS, 0, &error);
    demand(life, reader != NULL, "the journal cannot be read");
    state[0] = '\0';
    while (keel_journal_next(reader, &row, &error) == KEEL_OK) {
        if (!column_is(&row, "command", endpoint->command) ||
            (endpoint->family != NULL && !column_is(&row, "family", endpoint->family)))
            continue;
        for (int32_t i = 0; i < row.count; i++) {
            if (strcmp(row.names[i], "state") == 0)
                snprintf(state, 16, "%s", row.values[i]);
        }
    }
    keel_journal_reader_free(reader);
}

/* An adjustment of margin that is over can only be told by what the position holds: it says that
 * nothing is under way any more. */
static inline bool is_true(const struct endpoint *endpoint, const char *state, const char *expected)
{
    return strcmp(state, expected) == 0 ||
           (endpoint->leaves_no_trace && strcmp(state, "accepted") == 0);
}

/* A list that lags proves nothing while the test waits. */
static inline const char *find_end(const struct endpoint *endpoint, int at)
{
    bool proved = strcmp(deaths[at].in_the_end, "accepted") == 0;
    if (deaths[at].at_once != KEEL_FATE_UNKNOWN)
        return deaths[at].in_the_end;
    return endpoint->list_lags && !proved ? "unknown" : deaths[at].in_the_end;
}

/* Until the journal tells it, at most. */
static inline void await_state(struct life *life, const char *expected, char state[16])
{
    for (int i = 0; i < 500; i++) {
        read_state(life, state);
        if (is_true(life->endpoint, state, expected))
            return;
        run(life, NULL, 20);
    }
}

static inline void try_death(struct life *life, int at, bool reused)
{
    struct outcome outcome = {0};
    struct keel_error error = {0};
    char state[16];
    snprintf(life->where, sizeof(life->where), "on a %s connection it dies %s",
             reused ? "kept" : "new", deaths[at].name);
    if (life->endpoint->prepare != NULL)
        life->endpoint->prepare(life);
    life->turn++;
    if (!reused)
        mortal_proxy_drop_idle(&life->proxy);
    mortal_proxy_arm(&life->proxy, deaths[at].death);
    if (deaths[at].refused)
        mortal_proxy_refuse(&life->proxy);

    demand(life, life->endpoint->send(life, &outcome, &error) == KEEL_OK, error.message);
    run(life, &outcome.done, 15000);
    if (outcome.fate != deaths[at].at_once)
        complain(life, "is at once %s, not %s: %s", keel_fate_name(outcome.fate),
                 keel_fate_name(deaths[at].at_once), outcome.error.message);
    if (!life->endpoint->list_lags)
        await_settled(life);
    else
        run(life, NULL, 700); /* it is asked about */
    if (outcome.calls != 1)
        complain(life, "was answered %d times", outcome.calls);
    if (life->proxy.heads > 1 || life->proxy.requests != deaths[at].arrivals)
        complain(life, "%d heads and %d requests arrived, not %d", life->proxy.heads,
                 life->proxy.requests, deaths[at].arrivals);
    const char *expected = find_end(life->endpoint, at);
    await_state(life, expected, state);
    if (!is_true(life->endpoint, state, expected))
        complain(life, "is in the end %s, not %s", state, expected);
}

/* Of two requests that leave together: the first has the first connection. */
static inline bool is_second(const struct endpoint *endpoint)
{
    return endpoint->family != NULL && strcmp(endpoint->family, "conditional") == 0;
}

static inline int live_through(const struct stage *stage, const struct endpoint *endpoint)
{
    static struct life life; /* large */
    open_life(&life, stage, endpoint);
    for (int at = 0; at < DEATHS; at++) {
        bool means_another = deaths[at].death == DEATH_AT_ACCEPT && is_second(endpoint);
        if ((deaths[at].of_a_body && !endpoint->has_body) || means_another)
            continue;
        if (deaths[at].death != DEATH_AT_ACCEPT && !deaths[at].refused)
            try_death(&life, at, true);
        try_death(&life, at, false);
    }
    close_life(&life);
    return life.problems == 0 ? 0 : 1;
}

/* Killed before anything was asked: the next life asks about it before it does anything, and sends
 * it no second time. */
static inline void live_through_a_restart(const struct stage *stage,
                                          const struct endpoint *endpoint)
{
    static struct life life;
    struct outcome outcome = {0};
    struct keel_error error = {0};
    char state[16];
    open_life(&life, stage, endpoint);
    snprintf(life.where, sizeof(life.where), "before the reply, and the client with it");
    mortal_proxy_arm(&life.proxy, DEATH_BEFORE_REPLY);
    demand(&life, endpoint->send(&life, &outcome, &error) == KEEL_OK, error.message);
    run(&life, &outcome.done, 15000);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    keel_client_free(life.client);
    read_state(&life, state);
    assert_string_equal(state, "unknown");
    open_client(&life);
    read_state(&life, state);
    assert_string_equal(state, "accepted");
    run(&life, NULL, 1000);
    assert_int_equal(life.proxy.requests, 1);
    assert_int_equal(outcome.calls, 1);
    close_life(&life);
    assert_int_equal(life.problems, 0);
}

/* A process each: they wait most of the time. */
static inline void live_through_all(const struct stage *stage, const struct endpoint *endpoints,
                                    int count)
{
    enum { ENDPOINTS_MAX = 16 };
    pid_t children[ENDPOINTS_MAX];
    int bad = 0;
    assert_true(count <= ENDPOINTS_MAX);
    fflush(NULL);
    for (int i = 0; i < count; i++) {
        children[i] = fork();
        assert_int_not_equal(children[i], -1);
        if (children[i] == 0)
            _exit(live_through(stage, &endpoints[i]));
    }
    for (int i = 0; i < count; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            print_error("%s: status %d\n", endpoints[i].line, status);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

#endif

/* legs.h - clients of one account before the paper venue of each exchange, over real sockets: in
 * hedge mode or not, with prices set by hand. */
#ifndef KEEL_TEST_LEGS_H
#define KEEL_TEST_LEGS_H

#include "keel/keel.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum {
    TURNS = 1000,
    TURN_MS = 10,
    WAIT_MS = 10000,
    LEVERAGE = 7,
    MARKETS = 2,
    KEPT_MAX = 64,
};

struct outcome {
    bool done;
    enum keel_fate fate;
    struct keel_error error;
    struct keel_order order;
    keel_decimal remaining;
};

struct trader {
    struct keel_client *client;
    struct keel_private *exchange;
    keel_market_id market, other;          /* BTC, ETH */
    struct keel_mark marks[MARKETS];       /* the newest, also of those told while it starts */
    struct keel_execution fills[KEPT_MAX]; /* the newest of them */
    struct keel_risk_event risks[KEPT_MAX];
    struct keel_difference different[KEPT_MAX];
    int executions, risk_count, differences;
};

struct fixture {
    struct keel_paper *paper;
    struct trader own, foreign; /* of one account, if a test does not say otherwise */
    int differences;            /* that are to be found */
};

static inline void on_execution(void *user, const struct keel_execution *execution)
{
    struct trader *trader = user;
    trader->fills[trader->executions++ % KEPT_MAX] = *execution;
}

static inline void on_difference(void *user, const struct keel_difference *difference)
{
    struct trader *trader = user;
    char ours[KEEL_DECIMAL_TEXT_SIZE], venues[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(difference->ours, ours);
    keel_decimal_format(difference->venues, venues);
    print_message("difference of %s %s: %s, %s\n", keel_difference_kind_name(difference->kind),
                  difference->id, ours, venues);
    trader->different[trader->differences++ % KEPT_MAX] = *difference;
}

static inline void on_mark(void *user, const struct keel_mark *mark)
{
    struct keel_mark *slot = ((struct trader *)user)->marks;
    const struct keel_mark *last = slot + MARKETS - 1;
    while (slot < last && slot->market != KEEL_NO_MARKET && slot->market != mark->market)
        slot++;
    *slot = *mark;
}

/* Zero: not heard of. */
static inline keel_decimal mark_of(const struct trader *trader, keel_market_id market)
{
    for (int i = 0; i < MARKETS; i++)
        if (trader->marks[i].market == market)
            return trader->marks[i].mark_price;
    return KEEL_DECIMAL_ZERO;
}

static inline void on_risk(void *user, const struct keel_risk_event *event)
{
    struct trader *trader = user;
    trader->risks[trader->risk_count++ % KEPT_MAX] = *event;
}

static inline void on_result(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->done = true;
    outcome->fate = result->fate;
    outcome->error = result->error;
    if (result->order)
        outcome->order = *result->order;
}

static inline void on_close(void *user, const struct keel_close_result *result)
{
    struct outcome *outcome = user;
    outcome->done = true;
    outcome->fate = result->fate;
    outcome->error = result->error;
    outcome->remaining = result->remaining;
}

static inline struct keel_futures *futures_of(const struct trader *trader)
{
    return keel_client_futures(trader->client);
}

static inline keel_market_id find_market(const struct trader *trader, const char *symbol)
{
    return keel_markets_find(keel_private_markets(trader->exchange), keel_str_from(symbol));
}

static inline void start_trader_of(struct fixture *fixture, struct trader *trader,
                                   const char *venue, int account)
{
    static const char *const symbols[MARKETS] = {"BTC/USDT:USDT", "ETH/USDT:USDT"};
    struct keel_error error = {0};
    struct keel_config config = keel_config_init();
    config.venue = venue;
    config.url = keel_paper_url(fixture->paper);
    config.api_key = keel_paper_api_key(fixture->paper, account);
    config.api_secret = keel_paper_api_secret(fixture->paper, account);
    config.symbols = symbols;
    config.symbol_count = MARKETS;
    config.start_timeout_ms = WAIT_MS;
    config.handlers = (struct keel_handlers){.user = trader,
                                             .on_execution = on_execution,
                                             .on_difference = on_difference,
                                             .on_risk = on_risk,
                                             .on_mark = on_mark};
    trader->client = keel_client_new(&config, &error);
    if (!trader->client || keel_client_start(trader->client, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    trader->exchange = keel_futures_base(futures_of(trader));
    trader->market = find_market(trader, symbols[0]);
    trader->other = find_market(trader, symbols[1]);
}

static inline void start_trader(struct fixture *fixture, struct trader *trader, const char *venue)
{
    start_trader_of(fixture, trader, venue, 0);
}

static inline void set_up_with(struct fixture *fixture, const char *venue, const char *balance)
{
    struct keel_error error = {0};
    struct keel_paper_config config = keel_paper_config_init();
    config.listen = "127.0.0.1:0";
    config.speed = KEEL_PAPER_SPEED_MANUAL;
    config.seed = 7;
    config.accounts = 2;
    config.balance = keel_decimal_from_text(balance);
    memset(fixture, 0, sizeof(*fixture));
    fixture->paper = keel_paper_open(&config, &error);
    if (!fixture->paper)
        fail_msg("%s", error.message);
    start_trader(fixture, &fixture->own, venue);
}

static inline void set_up(struct fixture *fixture, const char *venue)
{
    set_up_with(fixture, venue, "10000");
}

static inline void tear_down(struct fixture *fixture)
{
    assert_int_equal(fixture->own.differences, fixture->differences);
    keel_client_free(fixture->own.client);
    keel_client_free(fixture->foreign.client);
    assert_true(keel_paper_is_conserved(fixture->paper));
    keel_paper_close(fixture->paper);
}

static inline void turn(struct fixture *fixture)
{
    assert_int_equal(keel_client_run(fixture->own.client, NULL, TURN_MS), KEEL_UNKNOWN);
    if (fixture->foreign.client)
        assert_int_equal(keel_client_run(fixture->foreign.client, NULL, TURN_MS), KEEL_UNKNOWN);
}

static inline void await(struct trader *trader, enum keel_status status,
                         const struct keel_error *error, const struct outcome *outcome)
{
    if (status != KEEL_OK)
        fail_msg("%s", error->message);
    assert_int_equal(keel_client_run(trader->client, &outcome->done, WAIT_MS), KEEL_OK);
    if (outcome->fate != KEEL_ACCEPTED)
        fail_msg("%s: %s", keel_fate_name(outcome->fate), outcome->error.message);
}

static inline void set_hedge_mode(struct trader *trader, bool enable)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    enum keel_status status =
        keel_futures_set_hedge_mode(futures_of(trader), enable, on_result, &outcome, &error);
    await(trader, status, &error, &outcome);
}

static inline void set_leverage_of(struct trader *trader, keel_market_id market, int32_t leverage)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    enum keel_status status = keel_futures_set_leverage(futures_of(trader), market, leverage,
                                                        on_result, &outcome, &error);
    await(trader, status, &error, &outcome);
}

static inline void set_leverage(struct trader *trader, int32_t leverage)
{
    set_leverage_of(trader, trader->market, leverage);
}

/* Leverage that was never set may be unknown: then nothing opens. */
static inline void hedge(struct trader *trader)
{
    set_hedge_mode(trader, true);
    set_leverage(trader, LEVERAGE);
}

static inline struct keel_order_request make_order(const struct trader *trader, enum keel_side side,
                                                   enum keel_position_side leg,
                                                   const char *quantity)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = trader->market;
    request.side = side;
    request.position_side = leg;
    request.type = KEEL_MARKET;
    request.quantity = keel_decimal_from_text(quantity);
    return request;
}

static inline void place(struct trader *trader, const struct keel_order_request *request)
{
    struct keel_error error = {0};
    struct outcome outcome = {0};
    enum keel_status status =
        keel_futures_place_order(futures_of(trader), request, on_result, &outcome, &error);
    await(trader, status, &error, &outcome);
}

static inline void trade(struct trader *trader, enum keel_side side, enum keel_position_side leg,
                         const char *quantity)
{
    struct keel_order_request request = make_order(trader, side, leg, quantity);
    place(trader, &request);
}

static inline keel_decimal held_of(const struct trader *trader, keel_market_id market,
                                   enum keel_position_side leg)
{
    struct keel_position position;
    enum keel_status status =
        keel_futures_position(futures_of(trader), market, leg, true, &position, NULL);
    return status == KEEL_OK ? position.quantity : KEEL_DECIMAL_ZERO;
}

static inline keel_decimal held(const struct trader *trader, enum keel_position_side leg)
{
    return held_of(trader, trader->market, leg);
}

static inline void await_legs(struct fixture *fixture, const char *in_long, const char *in_short)
{
    const struct trader *trader = &fixture->own;
    keel_decimal wanted[] = {keel_decimal_from_text(in_long), keel_decimal_from_text(in_short)};
    for (int i = 0; i < TURNS; i++) {
        if (keel_decimal_equals(held(trader, KEEL_LONG), wanted[0]) &&
            keel_decimal_equals(held(trader, KEEL_SHORT), wanted[1]))
            return;
        turn(fixture);
    }
    char legs[2][KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(held(trader, KEEL_LONG), legs[0]);
    keel_decimal_format(held(trader, KEEL_SHORT), legs[1]);
    fail_msg("long %s, short %s", legs[0], legs[1]);
}

/* Tells the venue something by its control paths, and waits until it is done. */
static inline void control_by(const struct fixture *fixture, const char *method, const char *path,
                              const char *body)
{
    char text[1024];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)atoi(strrchr(keel_paper_url(fixture->paper), ':') + 1));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    int size = snprintf(text, sizeof(text),
                        "%s /paper/%s HTTP/1.1\r\nHost: paper\r\nConnection: close\r\n"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                        method, path, strlen(body), body);
    assert_int_equal(write(fd, text, (size_t)size), size);
    size_t got = 0;
    for (ssize_t more; (more = read(fd, text + got, sizeof(text) - 1 - got)) > 0;)
        got += (size_t)more;
    close(fd);
    text[got] = '\0';
    if (strncmp(text, "HTTP/1.1 200", 12) != 0)
        fail_msg("%s %s: %s", path, body, text);
}

static inline void control(const struct fixture *fixture, const char *path, const char *body)
{
    control_by(fixture, "POST", path, body);
}

static inline const struct keel_market *rules_of(const struct trader *trader, keel_market_id market)
{
    return keel_markets_get(keel_private_markets(trader->exchange), market);
}

/* The mark price jumps there, and the client hears of it. */
static inline void set_price(struct fixture *fixture, keel_market_id market, keel_decimal price)
{
    const struct trader *trader = &fixture->own;
    char body[128], text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(price, text);
    snprintf(body, sizeof(body), "{\"symbol\":\"%sUSDT\",\"price\":\"%s\"}",
             rules_of(trader, market)->base, text);
    control(fixture, "price", body);
    for (int i = 0; i < TURNS && !keel_decimal_equals(mark_of(trader, market), price); i++)
        turn(fixture);
    if (!keel_decimal_equals(mark_of(trader, market), price))
        fail_msg("the mark price %s was not heard of", text);
}

#endif

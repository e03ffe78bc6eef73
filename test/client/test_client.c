/* A client and the paper venue, over real sockets: the public interface alone. */
#include "keel/keel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#include <uv.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* What the handlers were told. */
struct seen {
    int orders, executions, balances, positions, connections, differences;
    enum keel_connection_state state;
    struct keel_mark mark; /* the newest of the market under test */
    keel_market_id market;
};

/* What became of a command. */
struct outcome {
    bool done;
    enum keel_fate fate;
    struct keel_error error;
    struct keel_order order;
    struct keel_leverage leverage;
    keel_decimal remaining;
};

struct fixture {
    struct keel_paper *paper;
    struct keel_client *client;
    struct keel_futures *futures;
    struct keel_private *exchange;
    keel_market_id market;
    struct seen seen;
};

static void on_order(void *user, const struct keel_order *order)
{
    (void)order;
    ((struct seen *)user)->orders++;
}

static void on_execution(void *user, const struct keel_execution *execution)
{
    (void)execution;
    ((struct seen *)user)->executions++;
}

static void on_balance(void *user, const struct keel_balance *balance)
{
    (void)balance;
    ((struct seen *)user)->balances++;
}

static void on_position(void *user, const struct keel_position *position)
{
    (void)position;
    ((struct seen *)user)->positions++;
}

static void on_connection(void *user, const struct keel_connection *connection)
{
    struct seen *seen = user;
    seen->connections++;
    seen->state = connection->state;
}

static void on_difference(void *user, const struct keel_difference *difference)
{
    (void)difference;
    ((struct seen *)user)->differences++;
}

static void on_mark(void *user, const struct keel_mark *mark)
{
    struct seen *seen = user;
    if (seen->market == KEEL_NO_MARKET || mark->market == seen->market)
        seen->mark = *mark;
}

static void on_result(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->done = true;
    outcome->fate = result->fate;
    outcome->error = result->error;
    if (result->order)
        outcome->order = *result->order;
    if (result->leverage)
        outcome->leverage = *result->leverage;
}

static void on_close(void *user, const struct keel_close_result *result)
{
    struct outcome *outcome = user;
    outcome->done = true;
    outcome->fate = result->fate;
    outcome->error = result->error;
    outcome->remaining = result->remaining;
}

static struct keel_paper *open_paper(struct uv_loop_s *loop)
{
    struct keel_error error = {0};
    struct keel_paper_config config = keel_paper_config_init();
    config.listen = "127.0.0.1:0";
    config.speed = KEEL_PAPER_SPEED_MANUAL;
    config.seed = 7;
    config.loop = loop;
    struct keel_paper *paper = keel_paper_open(&config, &error);
    if (!paper)
        fail_msg("%s", error.message);
    return paper;
}

static struct keel_config make_config(struct fixture *fixture)
{
    static const char *const symbols[] = {"BTC/USDT:USDT"};
    struct keel_config config = keel_config_init();
    config.venue = "binance";
    config.url = keel_paper_url(fixture->paper);
    config.api_key = keel_paper_api_key(fixture->paper, 0);
    config.api_secret = keel_paper_api_secret(fixture->paper, 0);
    config.symbols = symbols;
    config.symbol_count = 1;
    config.start_timeout_ms = 10000;
    config.handlers = (struct keel_handlers){
        .user = &fixture->seen,
        .on_order = on_order,
        .on_execution = on_execution,
        .on_balance = on_balance,
        .on_position = on_position,
        .on_connection = on_connection,
        .on_difference = on_difference,
        .on_mark = on_mark,
    };
    return config;
}

static void adopt(struct fixture *fixture, struct keel_client *client)
{
    fixture->client = client;
    fixture->futures = keel_client_futures(client);
    fixture->exchange = keel_futures_base(fixture->futures);
}

static void start_client(struct fixture *fixture, const struct keel_config *config)
{
    struct keel_error error = {0};
    struct keel_client *client = keel_client_new(config, &error);
    if (!client || keel_client_start(client, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    adopt(fixture, client);
    fixture->market =
        keel_markets_find(keel_private_markets(fixture->exchange), KEEL_STR("BTC/USDT:USDT"));
    assert_int_not_equal(fixture->market, KEEL_NO_MARKET);
}

static void set_up(struct fixture *fixture)
{
    memset(fixture, 0, sizeof(*fixture));
    fixture->paper = open_paper(NULL);
    struct keel_config config = make_config(fixture);
    start_client(fixture, &config);
    fixture->seen.market = fixture->market;
}

static void tear_down(struct fixture *fixture)
{
    keel_client_free(fixture->client);
    if (fixture->paper)
        assert_true(keel_paper_is_conserved(fixture->paper));
    keel_paper_close(fixture->paper);
}

static void await(struct fixture *fixture, enum keel_status status, const struct keel_error *error,
                  const struct outcome *outcome)
{
    if (status != KEEL_OK)
        fail_msg("%s", error->message);
    assert_int_equal(keel_client_run(fixture->client, &outcome->done, 10000), KEEL_OK);
    fixture->futures = keel_client_futures(fixture->client);
}

static void await_accepted(struct fixture *fixture, enum keel_status status,
                           const struct keel_error *error, const struct outcome *outcome)
{
    await(fixture, status, error, outcome);
    if (outcome->fate != KEEL_ACCEPTED)
        fail_msg("%s: %s", keel_fate_name(outcome->fate), outcome->error.message);
}

/* Lets what is on its way arrive. */
static void await_count(struct fixture *fixture, const int *count, int value)
{
    for (int turn = 0; turn < 500 && *count < value; turn++)
        assert_int_equal(keel_client_run(fixture->client, NULL, 10), KEEL_UNKNOWN);
    assert_true(*count >= value);
}

static void assert_decimal(keel_decimal value, const char *text)
{
    char buffer[KEEL_DECIMAL_TEXT_SIZE];
    (void)keel_decimal_format(value, buffer);
    assert_string_equal(buffer, text);
}

static struct keel_order_request make_order(const struct fixture *fixture, enum keel_side side,
                                            enum keel_order_type type, const char *quantity)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = fixture->market;
    request.side = side;
    request.type = type;
    request.quantity = keel_decimal_from_text(quantity);
    return request;
}

static void place(struct fixture *fixture, const struct keel_order_request *request,
                  struct outcome *outcome)
{
    struct keel_error error = {0};
    *outcome = (struct outcome){0};
    enum keel_status status =
        keel_futures_place_order(fixture->futures, request, on_result, outcome, &error);
    await_accepted(fixture, status, &error, outcome);
}

/* A tenth below the mark, on the grid. */
static keel_decimal price_below(struct fixture *fixture)
{
    for (int turn = 0; turn < 500 && fixture->seen.mark.market != fixture->market; turn++)
        assert_int_equal(keel_client_run(fixture->client, NULL, 10), KEEL_UNKNOWN);
    const struct keel_market *market =
        keel_markets_get(keel_private_markets(fixture->exchange), fixture->market);
    keel_decimal price = keel_decimal_mul(fixture->seen.mark.mark_price,
                                          keel_decimal_from_text("0.9"), KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(price, market->price_tick, KEEL_ROUND_DOWN);
}

static void a_start_ends_with_a_loaded_account_and_live_streams(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct keel_futures_statistics statistics;
    keel_futures_statistics(fixture.futures, &statistics);
    assert_int_equal(statistics.base.connection.state, KEEL_CONNECTION_LIVE);
    assert_true(statistics.base.connection.rest);
    assert_true(statistics.base.connection.user_stream);
    assert_true(statistics.base.connection.market_stream);
    assert_true(statistics.base.has_credentials);
    assert_int_equal(statistics.positions, 0);
    assert_int_equal(fixture.seen.state, KEEL_CONNECTION_LIVE);

    struct keel_balance balance;
    struct keel_leverage leverage;
    assert_int_equal(
        keel_private_balance(fixture.exchange, KEEL_STR("USDT"), false, &balance, NULL), KEEL_OK);
    assert_decimal(balance.wallet, "10000");
    assert_int_equal(keel_futures_leverage(fixture.futures, fixture.market, &leverage, NULL),
                     KEEL_OK);
    assert_true(leverage.leverage > 0);
    int64_t offset_ms = keel_client_venue_time_ms(fixture.client);
    assert_true(offset_ms > 1600000000000);
    tear_down(&fixture);
}

static void leverage_changes_by_what_the_venue_answers(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct outcome outcome = {0};
    struct keel_error error = {0};
    struct keel_leverage leverage;
    await_accepted(
        &fixture,
        keel_futures_set_leverage(fixture.futures, fixture.market, 7, on_result, &outcome, &error),
        &error, &outcome);
    assert_int_equal(outcome.leverage.leverage, 7);
    assert_int_equal(keel_futures_leverage(fixture.futures, fixture.market, &leverage, NULL),
                     KEEL_OK);
    assert_int_equal(leverage.leverage, 7);
    tear_down(&fixture);
}

static void a_limit_order_rests_until_it_is_cancelled(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct outcome outcome;
    struct keel_error error = {0};
    struct keel_order_request request = make_order(&fixture, KEEL_BUY, KEEL_LIMIT, "0.01");
    request.price = price_below(&fixture);
    place(&fixture, &request, &outcome);
    assert_int_equal(outcome.order.status, KEEL_ORDER_NEW);
    assert_true(outcome.order.order_id[0] && outcome.order.client_id[0]);

    struct keel_order open[4];
    enum keel_status status;
    assert_int_equal(
        keel_private_open_orders(fixture.exchange, fixture.market, false, open, 4, &status), 1);
    assert_int_equal(status, KEEL_OK);
    struct keel_order_ref ref = {.market = fixture.market, .family = KEEL_FAMILY_REGULAR};
    strcpy(ref.client_id, outcome.order.client_id);
    outcome = (struct outcome){0};
    status = keel_private_cancel_order(fixture.exchange, &ref, on_result, &outcome, &error);
    await_accepted(&fixture, status, &error, &outcome);
    assert_int_equal(outcome.order.status, KEEL_ORDER_CANCELED);
    assert_int_equal(
        keel_private_open_orders(fixture.exchange, fixture.market, false, open, 4, &status), 0);
    tear_down(&fixture);
}

static void a_position_opens_is_at_risk_and_is_closed_whole(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct outcome outcome;
    (void)price_below(&fixture); /* a mark has come: the risk can be told */
    struct keel_order_request request = make_order(&fixture, KEEL_BUY, KEEL_MARKET, "0.05");
    place(&fixture, &request, &outcome);
    await_count(&fixture, &fixture.seen.positions, 1);
    await_count(&fixture, &fixture.seen.executions, 1);

    struct keel_position position;
    struct keel_risk risk;
    struct keel_error error = {0};
    fixture.futures = keel_client_futures(fixture.client);
    assert_int_equal(
        keel_futures_position(fixture.futures, fixture.market, KEEL_NET, false, &position, NULL),
        KEEL_OK);
    assert_decimal(position.quantity, "0.05");
    assert_int_equal(
        keel_futures_risk(fixture.futures, fixture.market, KEEL_NET, false, &risk, &error),
        KEEL_OK);

    struct keel_close_request close = {.market = fixture.market,
                                       .all = true,
                                       .quantity = KEEL_DECIMAL_ABSENT,
                                       .price = KEEL_DECIMAL_ABSENT};
    outcome = (struct outcome){0};
    enum keel_status status =
        keel_futures_close_position(fixture.futures, &close, on_close, &outcome, &error);
    await_accepted(&fixture, status, &error, &outcome);
    for (int turn = 0; turn < 500; turn++) {
        fixture.futures = keel_client_futures(fixture.client);
        status = keel_futures_position(fixture.futures, fixture.market, KEEL_NET, false, &position,
                                       NULL);
        if (status == KEEL_NO_POSITION)
            break;
        assert_int_equal(keel_client_run(fixture.client, NULL, 10), KEEL_UNKNOWN);
    }
    assert_int_equal(status, KEEL_NO_POSITION);

    outcome = (struct outcome){0};
    status = keel_private_reconcile(fixture.exchange, on_result, &outcome, &error);
    await_accepted(&fixture, status, &error, &outcome);
    assert_int_equal(fixture.seen.differences, 0);
    tear_down(&fixture);
}

/* The mark times a ratio, on the grid. */
static keel_decimal price_at(struct fixture *fixture, const char *ratio)
{
    const struct keel_market *market =
        keel_markets_get(keel_private_markets(fixture->exchange), fixture->market);
    keel_decimal price = keel_decimal_mul(fixture->seen.mark.mark_price,
                                          keel_decimal_from_text(ratio), KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(price, market->price_tick, KEEL_ROUND_DOWN);
}

/* A position of 0.05, all of it claimed by a take-profit and by a stop, and a stop for the rest. */
static void hold_with_exits(struct fixture *fixture, enum keel_side side)
{
    struct outcome outcome;
    enum keel_side other = side == KEEL_BUY ? KEEL_SELL : KEEL_BUY;
    (void)price_below(fixture); /* a mark has come */
    struct keel_order_request request = make_order(fixture, side, KEEL_MARKET, "0.05");
    place(fixture, &request, &outcome);
    await_count(fixture, &fixture->seen.positions, 1);

    request = make_order(fixture, other, KEEL_LIMIT, "0.05");
    request.price = price_at(fixture, side == KEEL_BUY ? "1.02" : "0.98");
    request.reduce_only = true;
    place(fixture, &request, &outcome);
    request = make_order(fixture, other, KEEL_STOP_MARKET, "0.05");
    request.trigger_price = price_at(fixture, side == KEEL_BUY ? "0.97" : "1.03");
    request.reduce_only = true;
    place(fixture, &request, &outcome);
    request = make_order(fixture, other, KEEL_STOP_MARKET, "0.05");
    request.quantity = KEEL_DECIMAL_ABSENT;
    request.trigger_price = price_at(fixture, side == KEEL_BUY ? "0.96" : "1.04");
    request.close_position = true;
    place(fixture, &request, &outcome);
}

static keel_decimal held(struct fixture *fixture)
{
    struct keel_position position;
    fixture->futures = keel_client_futures(fixture->client);
    enum keel_status status =
        keel_futures_position(fixture->futures, fixture->market, KEEL_NET, false, &position, NULL);
    if (status == KEEL_NO_POSITION)
        return KEEL_DECIMAL_ZERO;
    assert_int_equal(status, KEEL_OK);
    return keel_decimal_abs(position.quantity);
}

static void close_some(struct fixture *fixture, const char *quantity, const char *ratio,
                       struct outcome *outcome)
{
    struct keel_error error = {0};
    struct keel_close_request close = {.market = fixture->market,
                                       .all = quantity == NULL,
                                       .quantity = KEEL_DECIMAL_ABSENT,
                                       .price = KEEL_DECIMAL_ABSENT};
    if (quantity != NULL)
        close.quantity = keel_decimal_from_text(quantity);
    if (ratio != NULL)
        close.price = price_at(fixture, ratio);
    *outcome = (struct outcome){0};
    fixture->futures = keel_client_futures(fixture->client);
    enum keel_status status =
        keel_futures_close_position(fixture->futures, &close, on_close, outcome, &error);
    await_accepted(fixture, status, &error, outcome);
    assert_int_equal(outcome->error.status, KEEL_OK);
}

/* What take-profits still want; how many orders are open besides. */
static keel_decimal sum_of_profits(struct fixture *fixture, int *others)
{
    struct keel_order open[8];
    enum keel_status status;
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    size_t count =
        keel_private_open_orders(fixture->exchange, fixture->market, false, open, 8, &status);
    assert_int_equal(status, KEEL_OK);
    *others = 0;
    for (size_t i = 0; i < count; i++) {
        if (open[i].type == KEEL_LIMIT)
            sum =
                keel_decimal_add(sum, keel_decimal_sub(open[i].quantity, open[i].filled_quantity));
        else
            ++*others;
    }
    return sum;
}

static void check_close_with_exits(enum keel_side side)
{
    struct fixture fixture;
    struct outcome outcome;
    int stops = 0;
    set_up(&fixture);
    hold_with_exits(&fixture, side);
    close_some(&fixture, "0.02", NULL, &outcome);
    assert_decimal(outcome.remaining, "0.03");
    for (int turn = 0; turn < 500; turn++) {
        if (keel_decimal_equals(sum_of_profits(&fixture, &stops), keel_decimal_from_text("0.03")))
            break;
        assert_int_equal(keel_client_run(fixture.client, NULL, 10), KEEL_UNKNOWN);
    }
    assert_decimal(held(&fixture), "0.03");
    assert_decimal(sum_of_profits(&fixture, &stops), "0.03");
    assert_true(stops >= 1); /* what protects the rest is still there */

    close_some(&fixture, NULL, NULL, &outcome);
    assert_decimal(outcome.remaining, "0");
    for (int turn = 0; turn < 500 && !keel_decimal_is_zero(held(&fixture)); turn++)
        assert_int_equal(keel_client_run(fixture.client, NULL, 10), KEEL_UNKNOWN);
    assert_decimal(held(&fixture), "0");
    assert_decimal(sum_of_profits(&fixture, &stops), "0");
    tear_down(&fixture);
}

/* The venue refuses it (-4118) while the take-profit, whose price is better, claims everything. */
static void b16_a_position_closes_at_a_price_behind_its_take_profit(void **state)
{
    (void)state;
    struct fixture fixture;
    struct outcome outcome;
    int stops = 0;
    set_up(&fixture);
    hold_with_exits(&fixture, KEEL_BUY);
    close_some(&fixture, NULL, "1.03", &outcome);
    assert_decimal(sum_of_profits(&fixture, &stops), "0.05");
    assert_decimal(held(&fixture), "0.05");
    tear_down(&fixture);
}

static void b16_a_position_closes_with_a_take_profit_and_stops_resting(void **state)
{
    (void)state;
    check_close_with_exits(KEEL_BUY);
    check_close_with_exits(KEEL_SELL);
}

static void a_wrong_secret_fails_the_start_and_the_loads_are_named(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    fixture.paper = open_paper(NULL);
    struct keel_config config = make_config(&fixture);
    config.api_secret = "0000000000000000000000000000000000000000000000000000000000000000";
    struct keel_error error = {0};
    fixture.client = keel_client_new(&config, &error);
    assert_non_null(fixture.client);
    assert_int_not_equal(keel_client_start(fixture.client, &error), KEEL_OK);
    if (!strstr(error.message, "-1022"))
        fail_msg("%s", error.message);
    assert_null(strstr(error.message, config.api_secret));
    tear_down(&fixture);
}

static void without_credentials_marks_come_and_the_account_is_not_loaded(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    fixture.paper = open_paper(NULL);
    struct keel_config config = make_config(&fixture);
    config.api_key = config.api_secret = NULL;
    start_client(&fixture, &config);
    struct keel_balance balance;
    assert_int_equal(
        keel_private_balance(fixture.exchange, KEEL_STR("USDT"), false, &balance, NULL),
        KEEL_NOT_LOADED);
    (void)price_below(&fixture);
    tear_down(&fixture);
}

static void when_the_venue_goes_away_reads_are_stale(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    keel_paper_close(fixture.paper);
    fixture.paper = NULL;
    for (int turn = 0; turn < 500 && fixture.seen.state == KEEL_CONNECTION_LIVE; turn++)
        assert_int_equal(keel_client_run(fixture.client, NULL, 10), KEEL_UNKNOWN);
    assert_int_equal(fixture.seen.state, KEEL_CONNECTION_RECONCILING);
    struct keel_balance balance;
    assert_int_equal(
        keel_private_balance(fixture.exchange, KEEL_STR("USDT"), false, &balance, NULL),
        KEEL_STALE);
    tear_down(&fixture);
}

static void a_client_and_its_venue_share_one_loop(void **state)
{
    (void)state;
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct fixture fixture = {0};
    fixture.paper = open_paper(&loop);
    struct keel_config config = make_config(&fixture);
    config.loop = &loop;
    start_client(&fixture, &config);
    fixture.seen.market = fixture.market;
    struct outcome outcome;
    struct keel_order_request request = make_order(&fixture, KEEL_SELL, KEEL_MARKET, "0.01");
    place(&fixture, &request, &outcome);
    keel_client_free(fixture.client);
    assert_true(keel_paper_is_conserved(fixture.paper));
    keel_paper_close(fixture.paper);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_ends_with_a_loaded_account_and_live_streams),
        cmocka_unit_test(leverage_changes_by_what_the_venue_answers),
        cmocka_unit_test(a_limit_order_rests_until_it_is_cancelled),
        cmocka_unit_test(a_position_opens_is_at_risk_and_is_closed_whole),
        cmocka_unit_test(b16_a_position_closes_at_a_price_behind_its_take_profit),
        cmocka_unit_test(b16_a_position_closes_with_a_take_profit_and_stops_resting),
        cmocka_unit_test(a_wrong_secret_fails_the_start_and_the_loads_are_named),
        cmocka_unit_test(without_credentials_marks_come_and_the_account_is_not_loaded),
        cmocka_unit_test(when_the_venue_goes_away_reads_are_stale),
        cmocka_unit_test(a_client_and_its_venue_share_one_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

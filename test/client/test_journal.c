/* A client with a journal, and the paper venue, over real sockets. */
#include "keel/keel.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct outcome {
    bool done;
    enum keel_fate fate;
    struct keel_error error;
};

struct fixture {
    char folder[32], path[64];
    struct keel_paper *paper;
    struct keel_client *client;
    struct keel_private *exchange;
    keel_market_id market;
};

static void on_result(void *user, const struct keel_result *result)
{
    struct outcome *outcome = user;
    outcome->done = true;
    outcome->fate = result->fate;
    outcome->error = result->error;
}

static int open_paper(void **state)
{
    struct keel_error error;
    struct keel_paper_config config = keel_paper_config_init();
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    config.listen = "127.0.0.1:0";
    config.speed = KEEL_PAPER_SPEED_MANUAL;
    config.seed = 7;
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/keel-client-XXXXXX");
    fixture->paper = keel_paper_open(&config, &error);
    *state = fixture;
    if (!fixture->paper || !mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->path, sizeof(fixture->path), "%s/main.db", fixture->folder);
    return 0;
}

static int close_paper(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    struct fixture *fixture = *state;
    keel_client_free(fixture->client);
    keel_paper_close(fixture->paper);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char name[80];
        snprintf(name, sizeof(name), "%s%s", fixture->path, ends[i]);
        (void)unlink(name);
    }
    int left = rmdir(fixture->folder);
    free(fixture);
    return left;
}

static struct keel_client *new_client(struct fixture *fixture, struct keel_error *error)
{
    static const char *const symbols[] = {"BTC/USDT:USDT"};
    struct keel_config config = keel_config_init();
    config.venue = "binance";
    config.url = keel_paper_url(fixture->paper);
    config.api_key = keel_paper_api_key(fixture->paper, 0);
    config.api_secret = keel_paper_api_secret(fixture->paper, 0);
    config.symbols = symbols;
    config.symbol_count = 1;
    config.journal_path = fixture->path;
    return keel_client_new(&config, error);
}

static void start(struct fixture *fixture)
{
    struct keel_error error = {0};
    fixture->client = new_client(fixture, &error);
    if (!fixture->client || keel_client_start(fixture->client, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    fixture->exchange = keel_futures_base(keel_client_futures(fixture->client));
    fixture->market =
        keel_markets_find(keel_private_markets(fixture->exchange), KEEL_STR("BTCUSDT"));
}

static void stop(struct fixture *fixture)
{
    keel_client_free(fixture->client);
    fixture->client = NULL;
}

static struct keel_order_request market_order(const struct fixture *fixture)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = fixture->market;
    request.side = KEEL_BUY;
    request.type = KEEL_MARKET;
    request.quantity = keel_decimal_from_text("0.01");
    return request;
}

static struct outcome buy(struct fixture *fixture)
{
    struct keel_error error;
    struct outcome outcome = {0};
    struct keel_order_request request = market_order(fixture);
    if (keel_private_place_order(fixture->exchange, &request, on_result, &outcome, &error) !=
        KEEL_OK)
        fail_msg("%s", error.message);
    (void)!keel_client_run(fixture->client, &outcome.done, 10000);
    assert_true(outcome.done);
    return outcome;
}

static int count(const struct fixture *fixture, enum keel_journal_list list)
{
    struct keel_error error;
    struct keel_journal_row row;
    struct keel_journal_reader *reader = keel_journal_read(fixture->path, list, 0, &error);
    int rows = 0;
    if (!reader)
        fail_msg("%s", error.message);
    while (keel_journal_next(reader, &row, &error) == KEEL_OK)
        rows++;
    keel_journal_reader_free(reader);
    return rows;
}

static void what_is_traded_is_in_the_journal_and_stays(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    assert_int_equal(buy(fixture).fate, KEEL_ACCEPTED);
    assert_int_equal(count(fixture, KEEL_JOURNAL_ORDERS), 1); /* read while it is written */
    stop(fixture);
    start(fixture);
    assert_int_equal(buy(fixture).fate, KEEL_ACCEPTED);
    stop(fixture);
    assert_int_equal(count(fixture, KEEL_JOURNAL_ORDERS), 2);
    assert_int_equal(count(fixture, KEEL_JOURNAL_UNSETTLED), 0);
    assert_true(count(fixture, KEEL_JOURNAL_EXECUTIONS) >= 2);
}

static void two_clients_do_not_share_a_journal(void **state)
{
    struct fixture *fixture = *state;
    struct keel_error error = {0};
    start(fixture);
    assert_null(new_client(fixture, &error));
    assert_int_equal(error.status, KEEL_CONFIG);
    assert_non_null(strstr(error.message, fixture->path));
}

/* No file of this process grows beyond so much: to it, the disk is full. */
static rlim_t limit_files(rlim_t size)
{
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    struct rlimit limit = {size, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    return old.rlim_cur;
}

static void an_order_whose_intent_cannot_be_kept_never_leaves(void **state)
{
    struct fixture *fixture = *state;
    struct keel_error error = {0};
    struct keel_position position;
    struct stat log;
    char name[80];
    signal(SIGXFSZ, SIG_IGN);
    start(fixture);
    snprintf(name, sizeof(name), "%s-wal", fixture->path);
    assert_int_equal(stat(name, &log), 0);
    rlim_t old = limit_files((rlim_t)log.st_size);
    struct outcome outcome = buy(fixture);
    (void)limit_files(old);
    assert_int_equal(outcome.fate, KEEL_FATE_FAILED);
    assert_non_null(strstr(outcome.error.message, "journal"));

    struct keel_order_request request = market_order(fixture);
    assert_int_equal(keel_private_place_order(fixture->exchange, &request, NULL, NULL, &error),
                     KEEL_ACCOUNT_HALTED);
    stop(fixture);
    start(fixture); /* there is room again; the venue has no position */
    assert_int_equal(keel_futures_position(keel_client_futures(fixture->client), fixture->market,
                                           KEEL_NET, false, &position, &error),
                     KEEL_NO_POSITION);
    assert_int_equal(buy(fixture).fate, KEEL_ACCEPTED);
    assert_int_equal(count(fixture, KEEL_JOURNAL_ORDERS), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_traded_is_in_the_journal_and_stays, open_paper,
                                        close_paper),
        cmocka_unit_test_setup_teardown(two_clients_do_not_share_a_journal, open_paper,
                                        close_paper),
        cmocka_unit_test_setup_teardown(an_order_whose_intent_cannot_be_kept_never_leaves,
                                        open_paper, close_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

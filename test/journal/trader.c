/* A program to be killed: trades as fast as it can, with a journal, through the public API.
 *
 *     trader paper [FAULTS]                a paper venue, till its standard input ends; a script of
 *                                          what goes wrong there
 *     trader trade URL JOURNAL SEED COUNT  so many commands (0: none), then waits for all answers
 *
 * The keys are in KEEL_TEST_KEY and KEEL_TEST_SECRET. Says "live" when it is. */
#include "keel/keel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    AT_ONCE = 6,
    ORDERS_MAX = 256,
    MARKET_SPEED = 1800, /* funding falls due each sixteen seconds */
};

/* Three hours before midnight: the first funding is six seconds away. */
static const int64_t market_start_ms = 1699995600000;

struct trader {
    struct keel_client *client;
    struct keel_private *exchange;
    keel_market_id market;
    keel_decimal mark;
    uint64_t random;
    int in_flight;
    bool ready; /* there is room for another command */
};

static int run_paper(const char *faults)
{
    struct keel_error error;
    struct keel_paper_config config = keel_paper_config_init();
    config.listen = "127.0.0.1:0";
    config.faults = faults;
    config.start_ms = market_start_ms;
    config.speed = MARKET_SPEED;
    config.rate_limit_factor = 100000;
    config.seed = 11;
    struct keel_paper *paper = keel_paper_open(&config, &error);
    if (paper == NULL) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    printf("%s\n", keel_paper_ready_line(paper));
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    keel_paper_close(paper);
    return 0;
}

static uint64_t draw(struct trader *trader, uint64_t below)
{
    trader->random = trader->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (trader->random >> 33) % below;
}

static void on_mark(void *user, const struct keel_mark *mark)
{
    ((struct trader *)user)->mark = mark->mark_price;
}

static void on_result(void *user, const struct keel_result *result)
{
    struct trader *trader = user;
    (void)result;
    trader->in_flight--;
    trader->ready = true;
}

static keel_decimal price_at(const struct trader *trader, const char *ratio)
{
    keel_decimal price =
        keel_decimal_mul(trader->mark, keel_decimal_from_text(ratio), KEEL_ROUND_DOWN);
    return keel_decimal_round_to_step(price, keel_decimal_from_text("0.1"), KEEL_ROUND_DOWN);
}

/* Back towards flat, so that the margin never runs out. */
static enum keel_side choose_side(struct trader *trader)
{
    struct keel_position position;
    if (keel_futures_position(keel_client_futures(trader->client), trader->market, KEEL_NET, true,
                              &position, NULL) != KEEL_OK)
        return draw(trader, 2) == 0 ? KEEL_BUY : KEEL_SELL;
    return keel_decimal_is_negative(position.quantity) ? KEEL_BUY : KEEL_SELL;
}

static bool place(struct trader *trader)
{
    static const char *const quantities[] = {"0.002", "0.003", "0.005"};
    struct keel_order_request request = keel_order_request_init();
    uint64_t kind = draw(trader, 4);
    request.market = trader->market;
    request.side = choose_side(trader);
    bool buys = request.side == KEEL_BUY;
    request.type = kind == 0 ? KEEL_MARKET : kind == 3 ? KEEL_STOP_MARKET : KEEL_LIMIT;
    request.quantity = keel_decimal_from_text(quantities[draw(trader, 3)]);
    if (kind == 1) { /* fills at once, for the most part */
        request.price = price_at(trader, buys ? "1.002" : "0.998");
        request.time_in_force = KEEL_IOC;
    } else if (kind == 2) { /* rests */
        request.price = price_at(trader, buys ? "0.98" : "1.02");
        request.time_in_force = KEEL_GTC;
    } else if (kind == 3) {
        request.trigger_price = price_at(trader, buys ? "1.03" : "0.97");
    }
    struct keel_error error;
    return keel_private_place_order(trader->exchange, &request, on_result, trader, &error) ==
           KEEL_OK;
}

/* Cancels or moves one of the orders that rest. */
static bool touch(struct trader *trader)
{
    static struct keel_order orders[ORDERS_MAX];
    enum keel_status status;
    struct keel_order_ref ref = {0};
    struct keel_error error;
    size_t count = keel_private_open_orders(trader->exchange, trader->market, true, orders,
                                            ORDERS_MAX, &status);
    if (count < 6)
        return place(trader);
    const struct keel_order *order = &orders[draw(trader, count < ORDERS_MAX ? count : ORDERS_MAX)];
    if (order->order_id[0] == '\0')
        return false;
    ref.market = order->market;
    ref.family = order->family;
    memcpy(ref.order_id, order->order_id, sizeof(ref.order_id));
    memcpy(ref.client_id, order->client_id, sizeof(ref.client_id));
    if (draw(trader, 4) == 0 && order->family == KEEL_FAMILY_REGULAR)
        return keel_private_amend_order(trader->exchange, &ref, KEEL_DECIMAL_ABSENT,
                                        price_at(trader, order->side == KEEL_BUY ? "0.97" : "1.03"),
                                        on_result, trader, &error) == KEEL_OK;
    return keel_private_cancel_order(trader->exchange, &ref, on_result, trader, &error) == KEEL_OK;
}

static bool command(struct trader *trader)
{
    struct keel_error error;
    if (draw(trader, 40) == 0)
        return keel_futures_set_leverage(keel_client_futures(trader->client), trader->market,
                                         (int32_t)(5 + draw(trader, 10)), on_result, trader,
                                         &error) == KEEL_OK;
    return draw(trader, 3) == 0 ? touch(trader) : place(trader);
}

/* Until something was answered, or for a moment. */
static void wait(struct trader *trader)
{
    trader->ready = false;
    enum keel_status status = keel_client_run(trader->client, &trader->ready, 20);
    (void)status;
}

static void trade(struct trader *trader, int count)
{
    for (int refused = 0; count > 0 && refused < 100;) {
        while (trader->in_flight < AT_ONCE && count > 0 && refused < 100) {
            bool sent = keel_decimal_is_valid(trader->mark) && command(trader);
            trader->in_flight += sent ? 1 : 0;
            count -= sent ? 1 : 0;
            refused = sent ? 0 : refused + 1;
            if (!sent)
                break;
        }
        wait(trader);
    }
    for (int i = 0; i < 100 && trader->in_flight > 0; i++)
        wait(trader);
}

/* Whatever is unknown is asked for until it is not. */
static bool settle(struct trader *trader)
{
    struct keel_statistics statistics;
    for (int i = 0; i < 500; i++) {
        keel_private_statistics(trader->exchange, &statistics);
        if (statistics.unsettled == 0 && trader->in_flight == 0)
            return true;
        wait(trader);
    }
    return false;
}

static int fail_with(const struct keel_error *error)
{
    fprintf(stderr, "trader: %s\n", error->message);
    return 1;
}

/* The library has its own by now; a core dump would show the environment. */
static void wipe_variable(const char *name)
{
    char *value = getenv(name);
    if (value != NULL)
        explicit_bzero(value, strlen(value));
}

static int run_trader(const char *url, const char *journal, uint64_t seed, int count)
{
    static const char *const symbols[] = {"BTC/USDT:USDT"};
    struct trader trader = {.random = seed, .mark = KEEL_DECIMAL_ABSENT};
    struct keel_error error;
    struct keel_config config = keel_config_init();
    config.venue = "binance";
    config.url = url;
    config.api_key = getenv("KEEL_TEST_KEY");
    config.api_secret = getenv("KEEL_TEST_SECRET");
    config.journal_path = journal;
    config.symbols = symbols;
    config.symbol_count = 1;
    config.handlers = (struct keel_handlers){.user = &trader, .on_mark = on_mark};
    trader.client = keel_client_new(&config, &error);
    wipe_variable("KEEL_TEST_KEY");
    wipe_variable("KEEL_TEST_SECRET");
    if (trader.client == NULL)
        return fail_with(&error);
    trader.exchange = keel_futures_base(keel_client_futures(trader.client));
    if (keel_client_start(trader.client, &error) != KEEL_OK)
        return fail_with(&error);
    printf("live\n");
    fflush(stdout);
    trader.market =
        keel_markets_find(keel_private_markets(trader.exchange), KEEL_STR("BTC/USDT:USDT"));
    trade(&trader, count);
    bool settled = settle(&trader);
    keel_client_free(trader.client);
    return settled ? 0 : 2;
}

int main(int argc, char **argv)
{
    if ((argc == 2 || argc == 3) && strcmp(argv[1], "paper") == 0)
        return run_paper(argv[2]);
    if (argc == 6 && strcmp(argv[1], "trade") == 0)
        return run_trader(argv[2], argv[3], strtoull(argv[4], NULL, 10), atoi(argv[5]));
    fprintf(stderr, "usage: trader paper [FAULTS] | trader trade URL JOURNAL SEED COUNT\n");
    return 2;
}

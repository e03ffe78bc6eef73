/* buy.c - buys 0.01 BTC at market, and waits until the venue has said what became of it.
 *
 *     KEEL_URL=http://127.0.0.1:43121 BINANCE_API_KEY=… BINANCE_API_SECRET=… ./buy */
#include <keel/keel.h>
#include <stdio.h>
#include <stdlib.h>

static void on_result(void *done, const struct keel_result *result)
{
    /* accepted; rejected: the venue said no; failed: it never left; unknown: do not repeat it */
    printf("%s %s\n", keel_fate_name(result->fate), result->error.message);
    *(bool *)done = true;
}

static void on_execution(void *user, const struct keel_execution *execution)
{
    char quantity[KEEL_DECIMAL_TEXT_SIZE], price[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(execution->quantity, quantity);
    keel_decimal_format(execution->price, price);
    printf("%s %s at %s\n", keel_side_name(execution->side), quantity, price);
    (void)user;
}

static int buy(struct keel_client *client)
{
    struct keel_error error;
    struct keel_futures *futures = keel_client_futures(client);
    const struct keel_markets *markets = keel_private_markets(keel_futures_base(futures));
    struct keel_order_request order = keel_order_request_init();
    order.market = keel_markets_find(markets, KEEL_STR("BTC/USDT"));
    order.side = KEEL_BUY;
    order.type = KEEL_MARKET;
    order.quantity = keel_decimal_from_text("0.01");

    bool done = false;
    enum keel_status status = keel_futures_place_order(futures, &order, on_result, &done, &error);
    if (status != KEEL_OK) {
        /* The gate refused: one code a reason, and nothing left this machine. */
        fprintf(stderr, "%s: %s\n", keel_status_name(status), error.message);
        return 1;
    }
    return keel_client_run(client, &done, 5000) == KEEL_OK ? 0 : 1;
}

int main(void)
{
    struct keel_error error;
    struct keel_config config = keel_config_init();
    config.venue = "binance";
    config.url = getenv("KEEL_URL"); /* NULL is the live venue */
    config.api_key = getenv("BINANCE_API_KEY");
    config.api_secret = getenv("BINANCE_API_SECRET");
    config.symbols = (const char *const[]){"BTC/USDT"};
    config.symbol_count = 1;
    config.handlers.on_execution = on_execution;

    struct keel_client *client = keel_client_new(&config, &error);
    if (client == NULL || keel_client_start(client, &error) != KEEL_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    int code = buy(client);
    keel_client_free(client);
    return code;
}

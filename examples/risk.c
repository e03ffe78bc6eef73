#include <keel/keel.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    struct keel_error error = {0};
    struct keel_position positions[8];
    enum keel_status status;
    struct keel_config config = keel_config_init();
    config.venue = "binance";
    config.url = getenv("KEEL_URL"); /* NULL is the live venue */
    config.api_key = getenv("BINANCE_API_KEY");
    config.api_secret = getenv("BINANCE_API_SECRET");
    struct keel_client *client = keel_client_new(&config, &error);
    if (!client || keel_client_start(client, &error) != KEEL_OK)
        return fprintf(stderr, "%s\n", error.message), 1;
    struct keel_futures *futures = keel_client_futures(client);
    size_t count = keel_futures_positions(futures, false, positions, 8, &status);
    for (size_t i = 0; i < count && i < 8; i++) {
        struct keel_risk risk;
        char price[KEEL_DECIMAL_TEXT_SIZE];
        if (keel_futures_risk(futures, positions[i].market, KEEL_NET, false, &risk, &error))
            return fprintf(stderr, "%s\n", error.message), 1; /* stale values are never served */
        keel_decimal_format(risk.liquidation_price, price);
        printf("%s, liquidated at %s\n", keel_position_direction(&positions[i]), price);
    }
    keel_client_free(client);
    return status != KEEL_OK;
}

/* The codecs by hand, as tools use them: outside of any account, with markets as they come. */
#include "fixtures.h"

static struct keel_markets *markets;
static struct keel_decoded decoded;
static struct keel_error error;

static enum keel_status decode(enum keel_decode_kind kind, const char *text, int http_status)
{
    return keel_venue_decode(&keel_venue_binance, kind, keel_str_from(text), http_status, markets,
                             &decoded, &error);
}

static void venues_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(keel_venue_find(KEEL_STR("binance")), &keel_venue_binance);
    assert_ptr_equal(keel_venue_at(0), &keel_venue_binance);
    assert_null(keel_venue_find(KEEL_STR("Binance")));
    assert_null(keel_venue_find(KEEL_STR("")));
    assert_null(keel_venue_at(99));
    assert_string_equal(keel_venue_name(&keel_venue_binance), "binance");
}

static void a_market_that_the_payload_names_is_added(void **state)
{
    (void)state;
    assert_int_equal(
        decode(KEEL_DECODE_STREAM,
               "[{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"WIFUSDT\",\"p\":\"2.5\"},"
               "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"BTCUSD_240329\",\"p\":\"3\"}"
               "]",
               0),
        KEEL_OK);
    assert_int_equal(decoded.events.count, 2);
    const struct keel_market *market = keel_markets_get(markets, decoded.events.at[0].mark.market);
    assert_string_equal(market->symbol, "WIF/USDT:USDT");
    market = keel_markets_get(markets, decoded.events.at[1].mark.market);
    assert_string_equal(market->symbol, "BTC/USD:BTC-240329");
    assert_false(market->perpetual);
    keel_decoded_free(&decoded);
}

static void names_that_are_no_pair_stay_unknown(void **state)
{
    (void)state;
    assert_int_equal(decode(KEEL_DECODE_STREAM,
                            "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"WHATEVER\",\"p\":\"2.5\"}",
                            0),
                     KEEL_OK);
    assert_int_equal(decoded.events.at[0].kind, KEEL_EVENT_UNKNOWN);
    keel_decoded_free(&decoded);
}

static void a_payload_of_any_size_finds_room(void **state)
{
    (void)state;
    size_t size = 1 << 20, at = 0;
    char *text = malloc(size);
    assert_non_null(text);
    at += (size_t)snprintf(text, size, "[");
    for (int i = 0; i < 5000; i++)
        at += (size_t)snprintf(text + at, size - at, "%s{\"asset\":\"A%d\",\"balance\":\"%d\"}",
                               i ? "," : "", i, i);
    snprintf(text + at, size - at, "]");
    assert_int_equal(decode(KEEL_DECODE_BALANCES, text, 0), KEEL_OK);
    assert_int_equal(decoded.events.count, 5002);
    keel_decoded_free(&decoded);
    free(text);
}

static void an_error_says_what_it_means_for_an_order(void **state)
{
    (void)state;
    assert_int_equal(
        decode(KEEL_DECODE_ERROR, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", 0),
        KEEL_OK);
    assert_int_equal(decoded.fate, KEEL_FATE_REJECTED);
    assert_int_equal(decoded.venue_error.venue_code, -2019);
    keel_decoded_free(&decoded);
    assert_int_equal(decode(KEEL_DECODE_ERROR, "<html>", 502), KEEL_OK);
    assert_int_equal(decoded.fate, KEEL_FATE_UNKNOWN);
    keel_decoded_free(&decoded);
}

static void what_cannot_be_read_is_said_and_leaves_nothing_to_free(void **state)
{
    (void)state;
    assert_int_equal(decode(KEEL_DECODE_ORDERS, "[{", 0), KEEL_MALFORMED);
    assert_null(decoded.memory);
    assert_string_not_equal(error.message, "");
    assert_int_equal(decode(KEEL_DECODE_ORDERS, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", 0),
                     KEEL_REJECTED);
    assert_null(decoded.memory);
    assert_non_null(strstr(error.message, "Invalid symbol."));
    assert_int_equal(decode(KEEL_DECODE_NONE, "{}", 0), KEEL_INVALID);
}

static void kinds_are_the_words_of_the_command_line(void **state)
{
    (void)state;
    static const char *const words[] = {"stream",    "orders",   "executions", "balances",
                                        "positions", "leverage", "brackets",   "symbols",
                                        "income",    "error"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_int_equal(keel_decode_kind_parse(keel_str_from(words[i])),
                         KEEL_DECODE_STREAM + (int)i);
    assert_int_equal(keel_decode_kind_parse(KEEL_STR("order")), KEEL_DECODE_NONE);
}

static void a_request_by_hand_is_ready_but_for_missing_keys(void **state)
{
    (void)state;
    struct keel_encoded encoded;
    struct keel_modes modes = {KEEL_OFF, KEEL_OFF, KEEL_ON};
    struct keel_command command = {.kind = KEEL_SET_LEVERAGE};
    command.leverage.market = keel_markets_find(markets, KEEL_STR("BTC/USDT"));
    command.leverage.leverage = 5;
    assert_int_equal(keel_venue_encode(&keel_venue_binance, &command, markets, &modes, KEEL_STR(""),
                                       KEEL_STR(""), 1499827319559, 0, &encoded, &error),
                     KEEL_OK);
    assert_string_equal(encoded.method, "POST");
    assert_string_equal(encoded.path, "/fapi/v1/leverage");
    assert_string_equal(encoded.query, "");
    assert_string_equal(encoded.body, "symbol=BTCUSDT&leverage=5&timestamp=1499827319559");

    assert_int_equal(keel_venue_encode(&keel_venue_binance, &command, markets, &modes,
                                       KEEL_STR("key"), KEEL_STR("secret"), 1499827319559, 0,
                                       &encoded, &error),
                     KEEL_OK);
    assert_non_null(strstr(encoded.body, "&signature="));
}

static int set_up(void **state)
{
    (void)state;
    markets = make_test_markets();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(markets);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(venues_are_found_by_name),
        cmocka_unit_test(a_market_that_the_payload_names_is_added),
        cmocka_unit_test(names_that_are_no_pair_stay_unknown),
        cmocka_unit_test(a_payload_of_any_size_finds_room),
        cmocka_unit_test(an_error_says_what_it_means_for_an_order),
        cmocka_unit_test(what_cannot_be_read_is_said_and_leaves_nothing_to_free),
        cmocka_unit_test(kinds_are_the_words_of_the_command_line),
        cmocka_unit_test(a_request_by_hand_is_ready_but_for_missing_keys),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* Commands in JSON: what is read, and what is refused by name. */
#include "keel/venue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct keel_markets *markets;
static const struct keel_venue *venue;

static int set_up(void **state)
{
    (void)state;
    markets = keel_markets_new();
    venue = keel_venue_find(KEEL_STR("binance"));
    return markets != NULL && venue != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(markets);
    return 0;
}

static struct keel_command parse(const char *json)
{
    struct keel_command command;
    struct keel_error error = {0};
    if (keel_venue_parse_command(venue, keel_str_from(json), markets, &command, &error) != KEEL_OK)
        fail_msg("%s: %s", json, error.message);
    return command;
}

static void assert_decimal(keel_decimal value, const char *expected)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    (void)keel_decimal_format(value, text);
    assert_string_equal(text, expected);
}

static void an_order_has_all_its_members(void **state)
{
    (void)state;
    struct keel_command command = parse(
        "{\"type\":\"stop_limit\",\"command\":\"place_order\",\"symbol\":\"BTC/USDT:USDT\","
        "\"side\":\"sell\",\"position_side\":\"long\",\"time_in_force\":\"gtc\","
        "\"trigger_source\":\"mark\",\"reduce_only\":true,\"quantity\":\"0.5\",\"price\":20000,"
        "\"trigger_price\":\"20100.5\",\"client_order_id\":\"mine\"}");
    const struct keel_order_request *place = &command.place;
    assert_int_equal(command.kind, KEEL_PLACE_ORDER);
    assert_string_equal(keel_markets_get(markets, place->market)->venue_symbol, "BTCUSDT");
    assert_int_equal(place->side, KEEL_SELL);
    assert_int_equal(place->position_side, KEEL_LONG);
    assert_int_equal(place->type, KEEL_STOP_LIMIT);
    assert_int_equal(place->time_in_force, KEEL_GTC);
    assert_int_equal(place->trigger_source, KEEL_TRIGGER_MARK);
    assert_true(place->reduce_only);
    assert_false(place->close_position);
    assert_decimal(place->quantity, "0.5");
    assert_decimal(place->price, "20000");
    assert_decimal(place->trigger_price, "20100.5");
    assert_decimal(place->callback_percent, "absent");
    assert_string_equal(place->client_id, "mine");
}

static void what_is_not_said_stays_unset(void **state)
{
    (void)state;
    struct keel_command command = parse("{\"command\":\"place_order\",\"symbol\":\"BTCUSDT\","
                                        "\"side\":\"buy\",\"type\":\"market\"}");
    assert_int_equal(command.place.position_side, KEEL_POSITION_SIDE_NONE);
    assert_int_equal(command.place.time_in_force, KEEL_TIME_IN_FORCE_NONE);
    assert_decimal(command.place.quantity, "absent");
    assert_decimal(command.place.price, "absent");
    assert_string_equal(command.place.client_id, "");
}

static void the_spellings_of_a_symbol_are_one_market(void **state)
{
    (void)state;
    struct keel_command unified =
        parse("{\"command\":\"cancel_all\",\"symbol\":\"ETH/USDT:USDT\"}");
    struct keel_command pair = parse("{\"command\":\"cancel_all\",\"symbol\":\"ETH/USDT\"}");
    struct keel_command venues = parse("{\"command\":\"cancel_all\",\"symbol\":\"ETHUSDT\"}");
    assert_int_not_equal(unified.order.market, KEEL_NO_MARKET);
    assert_int_equal(unified.order.market, pair.order.market);
    assert_int_equal(unified.order.market, venues.order.market);
}

static void an_id_may_be_a_number(void **state)
{
    (void)state;
    struct keel_command command = parse("{\"command\":\"cancel_order\",\"symbol\":\"BTC/USDT\","
                                        "\"order_id\":8389765519213,\"family\":\"conditional\"}");
    assert_string_equal(command.order.order_id, "8389765519213");
    assert_int_equal(command.order.family, KEEL_FAMILY_CONDITIONAL);
}

static void histories_are_paged_by_id_and_time(void **state)
{
    (void)state;
    struct keel_command command =
        parse("{\"command\":\"load_income\",\"income_type\":\"funding\",\"start_time_ms\":5,"
              "\"end_time_ms\":\"9\",\"page\":2,\"limit\":100}");
    assert_int_equal(command.page.market, KEEL_NO_MARKET);
    assert_int_equal(command.page.income_kind, KEEL_INCOME_FUNDING);
    assert_int_equal(command.page.start_time_ms, 5);
    assert_int_equal(command.page.end_time_ms, 9);
    assert_int_equal(command.page.page, 2);
    assert_int_equal(command.page.limit, 100);
}

static void margin_is_moved_in_both_directions(void **state)
{
    (void)state;
    struct keel_command command =
        parse("{\"command\":\"adjust_margin\",\"symbol\":\"BTC/USDT\",\"amount\":\"-12.5\"}");
    assert_decimal(command.margin.amount, "-12.5");
    assert_int_equal(command.margin.side, KEEL_NET);
}

static const struct {
    const char *name, *json, *message;
} mistakes[] = {
    {"an unknown member",          "{\"command\":\"load_time\",\"tiem\":1}",                               "unknown member 'tiem'"           },
    {"another command's member",   "{\"command\":\"load_time\",\"symbol\":\"BTCUSDT\"}",
     "load_time has no member symbol"                                                                                                        },
    {"a member twice",             "{\"command\":\"load_time\",\"command\":\"load_time\"}",
     "command comes twice"                                                                                                                   },
    {"a missing member",           "{\"command\":\"set_leverage\",\"symbol\":\"BTCUSDT\"}",
     "set_leverage needs leverage"                                                                                                           },
    {"no command",                 "{}",                                                                   "command cannot be ''"            },
    {"an unknown command",         "{\"command\":\"fly\"}",                                                "command cannot be 'fly'"         },
    {"an unknown market",          "{\"command\":\"cancel_all\",\"symbol\":\"A/B:C\"}",
     "symbol 'A/B:C' is not a market of binance"                                                                                             },
    {"an unknown side",
     "{\"command\":\"place_order\",\"symbol\":\"BTCUSDT\",\"side\":\"hold\",\"type\":\"limit\"}",          "side cannot be 'hold'"           },
    {"the venue's own order type",
     "{\"command\":\"place_order\",\"symbol\":\"BTCUSDT\",\"side\":\"buy\","
     "\"type\":\"liquidation\"}",                                                                          "type cannot be 'liquidation'"    },
    {"an order without an id",     "{\"command\":\"query_order\",\"symbol\":\"BTCUSDT\"}",
     "an order is named by order_id or client_order_id"                                                                                      },
    {"leverage 0",                 "{\"command\":\"set_leverage\",\"symbol\":\"BTCUSDT\",\"leverage\":0}",
     "leverage is a whole number above 0"                                                                                                    },
    {"a nineteenth decimal",
     "{\"command\":\"adjust_margin\",\"symbol\":\"BTCUSDT\",\"amount\":\"1.0000000000000000001\"}",        "amount has more than 18 decimals"},
};

static void a_mistake_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct keel_command command;
        struct keel_error error = {0};
        enum keel_status status = keel_venue_parse_command(venue, keel_str_from(mistakes[i].json),
                                                           markets, &command, &error);
        if (status != KEEL_INVALID || strcmp(error.message, mistakes[i].message) != 0)
            fail_msg("%s: %s \"%s\"", mistakes[i].name, keel_status_name(status), error.message);
    }
}

static void text_that_is_cut_anywhere_is_malformed(void **state)
{
    (void)state;
    static const char whole[] = "{\"command\":\"set_leverage\",\"symbol\":\"BTCUSDT\","
                                "\"leverage\":5}";
    for (size_t size = 0; size < sizeof(whole) - 1; size++) {
        struct keel_command command;
        struct keel_error error;
        assert_int_equal(
            keel_venue_parse_command(venue, (keel_str){whole, size}, markets, &command, &error),
            KEEL_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_order_has_all_its_members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_said_stays_unset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_spellings_of_a_symbol_are_one_market, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_id_may_be_a_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(histories_are_paged_by_id_and_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(margin_is_moved_in_both_directions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mistake_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_that_is_cut_anywhere_is_malformed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

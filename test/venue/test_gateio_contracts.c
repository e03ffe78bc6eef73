/* Base units and Gate's contracts, for contracts of any size: what is encoded, read back by digits
 * alone, is what was asked for; and what no number of contracts can be is refused, with the two
 * quantities next to it. All of it is checked in integers. */
#include "venue/venue.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum {
    TURNS = 20000,
    SIZE_DIGITS = 8, /* of a contract's size: units of 1e-8 */
    STEP_DIGITS = 2, /* of a part of a contract: units of 1e-2 */
    BASE_DIGITS = SIZE_DIGITS + STEP_DIGITS,
    EVENTS_MAX = 64,
    NUMBER_SIZE = 48,
};

static const int64_t now_ms = 1700000000000;

/* A contract, in integers. */
struct contract {
    int64_t size; /* base units, in 1e-8 */
    int64_t step; /* contracts, in 1e-2 */
    struct keel_market rules;
};

static struct {
    uint64_t state;
    struct keel_event events[EVENTS_MAX];
    char memory[1 << 16];
    struct keel_request request;
    struct keel_error error;
} fixture;

static uint64_t draw(void)
{
    fixture.state ^= fixture.state << 13;
    fixture.state ^= fixture.state >> 7;
    fixture.state ^= fixture.state << 17;
    return fixture.state;
}

static int64_t draw_between(int64_t low, int64_t high)
{
    return low + (int64_t)(draw() % (uint64_t)(high - low + 1));
}

/* An integer of such units as a decimal's text, without zeros at its end. */
static const char *write_units(int64_t units, int digits, char text[NUMBER_SIZE])
{
    int64_t one = 1;
    for (int i = 0; i < digits; i++)
        one *= 10;
    snprintf(text, NUMBER_SIZE, "%" PRId64 ".%0*" PRId64, units / one, digits, units % one);
    size_t size = strlen(text);
    while (text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    text[size] = '\0';
    return text;
}

/* The digits behind these words, with or without quotes; INT64_MIN if they are no number of such
 * units. */
static int64_t read_units(const char *body, const char *words, int digits)
{
    const char *at = strstr(body, words);
    int64_t value = 0;
    int point = -1;
    if (at == NULL)
        return INT64_MIN;
    at += strlen(words);
    at += *at == '"' ? 1 : 0;
    bool negative = *at == '-';
    for (at += negative ? 1 : 0; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
        if (*at == '.' && point >= 0)
            return INT64_MIN;
        point = *at == '.' ? 0 : point + (point >= 0 ? 1 : 0);
        value = *at == '.' ? value : value * 10 + (*at - '0');
    }
    for (point = point < 0 ? 0 : point; point < digits; point++)
        value *= 10;
    return point > digits ? INT64_MIN : negative ? -value : value;
}

static struct keel_events decode(enum keel_command_kind kind, const struct keel_markets *markets,
                                 const char *body)
{
    struct keel_events events = {.at = fixture.events, .capacity = EVENTS_MAX};
    struct keel_command command = {.kind = kind};
    struct keel_reply reply = {.http_status = 200, .body = keel_str_from(body)};
    struct keel_outcome outcome;
    struct keel_arena arena;
    reply.headers = KEEL_STR("");
    keel_arena_init(&arena, fixture.memory, sizeof(fixture.memory));
    if (keel_venue_gateio.decode_reply(&command, &reply, markets, &arena, &events, &outcome) !=
            KEEL_OK ||
        outcome.fate != KEEL_ACCEPTED)
        fail_msg("%s: %s", body, outcome.error.message);
    return events;
}

/* Whole contracts, or parts of one: a tenth or a hundredth. */
static struct contract draw_contract(void)
{
    static const int64_t steps[] = {100, 100, 10, 1};
    static const int64_t scales[] = {1, 10, 1000, 10000, 100000, 1000000, 100000000};
    struct contract contract = {.step = steps[draw() % 4]};
    char body[512], size[NUMBER_SIZE], least[NUMBER_SIZE];
    contract.size = draw_between(1, draw() % 2 == 0 ? 9 : 1) * scales[draw() % 7];
    snprintf(body, sizeof(body),
             "[{\"name\":\"X_USDT\",\"type\":\"direct\",\"status\":\"trading\","
             "\"quanto_multiplier\":\"%s\",\"order_size_min\":\"%s\",\"order_size_max\":"
             "\"1000000\",\"order_price_round\":\"0.1\",\"enable_decimal\":%s}]",
             write_units(contract.size, SIZE_DIGITS, size),
             write_units(contract.step, STEP_DIGITS, least),
             contract.step < 100 ? "true" : "false");
    struct keel_events events = decode(KEEL_LOAD_MARKETS, NULL, body);
    for (int32_t i = 0; i < events.count; i++) {
        if (events.at[i].kind == KEEL_EVENT_MARKET)
            contract.rules = *events.at[i].market;
    }
    assert_string_equal(contract.rules.venue_symbol, "X_USDT");
    return contract;
}

static enum keel_status place(struct keel_markets *markets, enum keel_order_type type,
                              enum keel_side side, int64_t base_units)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER, .place = keel_order_request_init()};
    struct keel_modes modes = {.hedge = KEEL_OFF};
    struct keel_keys keys = {.api_key = "key"};
    char text[NUMBER_SIZE];
    keel_venue_gateio.set_keys(&keys, KEEL_STR("key"), KEEL_STR("secret"));
    command.place.market = keel_markets_find_venue_symbol(markets, KEEL_STR("X_USDT"));
    command.place.side = side;
    command.place.type = type;
    command.place.quantity = keel_decimal_from_text(write_units(base_units, BASE_DIGITS, text));
    command.place.price = keel_decimal_from_int(100);
    if (keel_order_type_is_conditional(type))
        command.place.trigger_price = keel_decimal_from_int(110);
    fixture.error.message[0] = '\0';
    return keel_venue_gateio.encode(&command, markets, &modes, &keys, now_ms, 2000,
                                    &fixture.request, &fixture.error);
}

static struct keel_markets *new_markets(const struct contract *contract)
{
    struct keel_markets *markets = keel_markets_new();
    assert_non_null(markets);
    keel_market_id id;
    assert_int_equal(keel_markets_put(markets, &contract->rules, &id, &fixture.error), KEEL_OK);
    return markets;
}

/* A part of a contract goes by another name in a conditional order. */
static int64_t read_size(void)
{
    int64_t size = read_units(fixture.request.body, "\"size\":", STEP_DIGITS);
    return size != INT64_MIN ? size : read_units(fixture.request.body, "\"amount\":", STEP_DIGITS);
}

static void b21_quantities_become_contracts_and_come_back_exactly(void **state)
{
    (void)state;
    char body[512], size[NUMBER_SIZE];
    for (int turn = 0; turn < TURNS; turn++) {
        struct contract contract = draw_contract();
        struct keel_markets *markets = new_markets(&contract);
        enum keel_side side = draw() % 2 == 0 ? KEEL_BUY : KEEL_SELL;
        enum keel_order_type type = draw() % 3 == 0 ? KEEL_STOP_LIMIT : KEEL_LIMIT;
        int64_t contracts = draw_between(1, 100000) * contract.step;
        int64_t base = contracts * contract.size;
        if (place(markets, type, side, base) != KEEL_OK)
            fail_msg("%s", fixture.error.message);
        if (read_size() != (side == KEEL_BUY ? contracts : -contracts))
            fail_msg("%" PRId64 " contracts of %" PRId64 ": %s", contracts, contract.size,
                     fixture.request.body);

        snprintf(body, sizeof(body),
                 "{\"id\":7,\"contract\":\"X_USDT\",\"text\":\"t-1\",\"size\":\"%s%s\",\"left\":"
                 "\"0\",\"price\":\"100\",\"fill_price\":\"100\",\"tif\":\"gtc\",\"status\":"
                 "\"finished\",\"finish_as\":\"filled\",\"create_time\":1700000000,\"finish_time\":"
                 "1700000000}",
                 side == KEEL_BUY ? "" : "-", write_units(contracts, STEP_DIGITS, size));
        struct keel_events events = decode(KEEL_QUERY_ORDER, markets, body);
        assert_int_equal(events.count, 1);
        char told[KEEL_DECIMAL_TEXT_SIZE], asked[NUMBER_SIZE];
        keel_decimal_format(events.at[0].order.filled_quantity, told);
        assert_string_equal(told, write_units(base, BASE_DIGITS, asked));
        assert_int_equal(events.at[0].order.side, side);
        keel_markets_free(markets);
    }
}

/* The words "… are 0.1 and 0.2", as they must be. */
static void expect_neighbours(int64_t below, int64_t above)
{
    char words[128], low[NUMBER_SIZE], high[NUMBER_SIZE];
    snprintf(words, sizeof(words), " are %s and %s", write_units(below, BASE_DIGITS, low),
             write_units(above, BASE_DIGITS, high));
    const char *at = strstr(fixture.error.message, words);
    if (at == NULL || at[strlen(words)] != '\0')
        fail_msg("\"%s\" does not end in \"%s\"", fixture.error.message, words);
}

static void b21_a_quantity_off_the_grid_is_refused_with_its_two_neighbours(void **state)
{
    (void)state;
    for (int turn = 0; turn < TURNS; turn++) {
        struct contract contract = draw_contract();
        int64_t grid = contract.size * contract.step;
        if (grid < 2)
            continue;
        struct keel_markets *markets = new_markets(&contract);
        int64_t below = draw_between(0, 100000) * grid;
        int64_t base = below + draw_between(1, grid - 1);
        enum keel_order_type type = draw() % 3 == 0 ? KEEL_STOP_LIMIT : KEEL_LIMIT;
        if (place(markets, type, KEEL_BUY, base) != KEEL_INVALID)
            fail_msg("%" PRId64 " of a grid of %" PRId64 ": %s", base, grid, fixture.request.body);
        expect_neighbours(below, below + grid);
        keel_markets_free(markets);
    }
}

static int begin(void **state)
{
    (void)state;
    fixture.state = 88172645463325252;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(b21_quantities_become_contracts_and_come_back_exactly, begin),
        cmocka_unit_test_setup(b21_a_quantity_off_the_grid_is_refused_with_its_two_neighbours,
                               begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

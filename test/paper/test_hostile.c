/* Requests that no client should send: of an order that is in order each parameter is spoilt in
 * each way. Whatever comes is refused in the venue's own form, and nothing rests afterwards. */
#include "gateio_spot_helper.h"

#include "binance_spot_helper.h"

enum {
    PARAMETERS_MAX = 8,
};

/* A value is written as the wire has it. */
struct parameter {
    const char *name, *value;
    bool optional; /* the order stands without it */
    bool is_id;    /* any word of the right bytes and size will do */
};

struct order {
    const char *path, *list, *cancel; /* list: how to ask what rests; cancel: all of it */
    struct parameter parameters[PARAMETERS_MAX];
};

/* clang-format off */
static const struct order binance_orders[] = {
    {"/fapi/v1/order", "/fapi/v1/openOrders", "/fapi/v1/allOpenOrders",
     {{"symbol", "BTCUSDT", false, false}, {"side", "BUY", false, false},
      {"type", "LIMIT", false, false}, {"timeInForce", "GTC", false, false},
      {"quantity", "0.01", false, false}, {"price", "20000", false, false},
      {"newClientOrderId", "k-1", true, true}}},
    {"/api/v3/order", "/api/v3/openOrders", "/api/v3/openOrders",
     {{"symbol", "BTCUSDT", false, false}, {"side", "BUY", false, false},
      {"type", "LIMIT", false, false}, {"timeInForce", "GTC", false, false},
      {"quantity", "0.01", false, false}, {"price", "20000", false, false},
      {"newClientOrderId", "k-1", true, true}}},
};

static const struct order gate_orders[] = {
    {"/futures/usdt/orders", "status=open&contract=BTC_USDT", "contract=BTC_USDT",
     {{"contract", "\"BTC_USDT\"", false, false}, {"size", "\"1\"", false, false},
      {"price", "\"20000\"", false, false}, {"tif", "\"gtc\"", true, false},
      {"text", "\"t-1\"", true, true}}},
    {"/spot/orders", "status=open&currency_pair=BTC_USDT", "currency_pair=BTC_USDT",
     {{"currency_pair", "\"BTC_USDT\"", false, false}, {"side", "\"buy\"", false, false},
      {"amount", "\"0.01\"", false, false}, {"price", "\"20000\"", false, false},
      {"type", "\"limit\"", true, false}, {"time_in_force", "\"gtc\"", true, false},
      {"text", "\"t-1\"", true, true}}},
};
/* clang-format on */

#define DIGITS_40 "9999999999999999999999999999999999999999"

static const char *const spoilt_forms[] = {
    "", "abc%00", "%zz", "%", "%FF%FE", "-0.01", "1e400", "0x10", "%201", "nan", "{}", DIGITS_40,
};
static const char *const spoilt_form_ids[] = {"", "k%00", "%zz", "%FF%FE", "a%20b", DIGITS_40};
static const char *const spoilt_members[] = {
    "\"\"",     "\"abc\\u0000\"", "\"\xFF\xFE\"",      "\"1e400\"",
    "\"0x10\"", "\" 1\"",         "\"nan\"",           "{}",
    "[1]",      "true",           "\"" DIGITS_40 "\"", DIGITS_40,
};
static const char *const spoilt_member_ids[] = {
    "\"t-\"", "\"k-1\"", "\"t-\\u0000\"", "\"t-a b\"", "\"t-" DIGITS_40 "\"", "{}", "true",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static size_t count_parameters(const struct order *order)
{
    size_t count = 0;
    while (count < PARAMETERS_MAX && order->parameters[count].name)
        count++;
    return count;
}

/* The order with one value in the place of another; NULL leaves it out. */
static void write_order(const struct order *order, size_t spoilt, const char *value, bool json,
                        char *text, size_t text_size)
{
    struct keel_writer writer;
    keel_writer_init(&writer, text, text_size);
    keel_write(&writer, json ? KEEL_STR("{") : KEEL_STR(""));
    for (size_t i = 0, written = 0; i < count_parameters(order); i++) {
        const char *name = order->parameters[i].name;
        const char *now = i == spoilt ? value : order->parameters[i].value;
        if (now && json)
            keel_write_format(&writer, "%s\"%s\":%s", written > 0 ? "," : "", name, now);
        else if (now)
            keel_write_format(&writer, "%s%s=%s", written > 0 ? "&" : "", name, now);
        written += now != NULL;
    }
    keel_write(&writer, json ? KEEL_STR("}") : KEEL_STR(""));
    assert_false(writer.full);
}

static void expect_refusal(int status, const char *body, const char *begin, const char *path,
                           const char *sent)
{
    if (status < 400 || status >= 500 || strncmp(body, begin, strlen(begin)) != 0)
        fail_msg("%s %s: %d %.300s", path, sent, status, body);
}

static void place_at_binance(struct fixture *fixture, const struct order *order, size_t spoilt,
                             const char *value)
{
    char text[512];
    write_order(order, spoilt, value, false, text, sizeof(text));
    call(fixture, "POST", order->path, text);
    if (!value && order->parameters[spoilt].optional) {
        call(fixture, "DELETE", order->cancel, "symbol=BTCUSDT");
        return;
    }
    expect_refusal(fixture->response.status, fixture->response.body.data, "{\"code\":-",
                   order->path, text);
    call(fixture, "GET", order->list, "symbol=BTCUSDT");
    assert_string_equal(fixture->response.body.data, "[]");
}

static void each_spoilt_parameter_of_an_order_is_refused_by_binance(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT(binance_orders); i++) {
        const struct order *order = &binance_orders[i];
        for (size_t at = 0; at < count_parameters(order); at++) {
            bool is_id = order->parameters[at].is_id;
            size_t count = is_id ? COUNT(spoilt_form_ids) : COUNT(spoilt_forms);
            pass(fixture, 61000); /* what the looks weigh is forgotten */
            for (size_t value = 0; value < count; value++)
                place_at_binance(fixture, order, at,
                                 is_id ? spoilt_form_ids[value] : spoilt_forms[value]);
            place_at_binance(fixture, order, at, NULL);
        }
    }
}

static void place_at_gate(struct gate *gate, const struct order *order, size_t spoilt,
                          const char *value)
{
    char text[512];
    write_order(order, spoilt, value, true, text, sizeof(text));
    int status = gate_send(gate, "POST", order->path, "", text);
    bool nothing = !value || strcmp(value, "\"\"") == 0; /* what is empty stands for the usual */
    if (nothing && order->parameters[spoilt].optional) {
        assert_int_equal(gate_send(gate, "DELETE", order->path, order->cancel, ""), 200);
        return;
    }
    expect_refusal(status, gate_body(gate), "{\"label\":\"", order->path, text);
    assert_int_equal(gate_send(gate, "GET", order->path, order->list, ""), 200);
    assert_string_equal(gate_body(gate), "[]");
}

static void each_spoilt_member_of_an_order_is_refused_by_gate(void **state)
{
    struct gate *gate = *state;
    for (size_t i = 0; i < COUNT(gate_orders); i++) {
        const struct order *order = &gate_orders[i];
        for (size_t at = 0; at < count_parameters(order); at++) {
            bool is_id = order->parameters[at].is_id;
            size_t count = is_id ? COUNT(spoilt_member_ids) : COUNT(spoilt_members);
            for (size_t value = 0; value < count; value++, gate_wait(gate, 1000))
                place_at_gate(gate, order, at,
                              is_id ? spoilt_member_ids[value] : spoilt_members[value]);
            place_at_gate(gate, order, at, NULL);
            gate_wait(gate, 10000);
        }
    }
}

/* Of two values nobody can say which counts. A client that puts all of them in the query and in the
 * body as well means the same twice. */
static void a_parameter_that_stands_twice_is_refused_by_gate(void **state)
{
    struct gate *gate = *state;
    static const char body[] =
        "{\"currency_pair\":\"BTC_USDT\",\"side\":\"buy\",\"amount\":\"0.01\","
        "\"price\":\"19000\",\"amount\":\"5\"}";
    assert_refused(gate, "INVALID_REQUEST_BODY", gate_post(gate, "/spot/orders", body));
    assert_refused(gate, "INVALID_PARAM_VALUE",
                   gate_get(gate, "/spot/orders", "status=open&status=finished"));
    char id[32], rest[64];
    spot_rest(gate, "t-1", id);
    snprintf(rest, sizeof(rest), "/spot/orders/%s", id);
    assert_int_equal(gate_send(gate, "PATCH", rest, "currency_pair=BTC_USDT&price=18000",
                               "{\"currency_pair\":\"BTC_USDT\",\"price\":\"18000\"}"),
                     200);
    assert_value(gate, "price", "18000");
}

static void more_parameters_than_there_is_room_for_are_refused_by_gate(void **state)
{
    struct gate *gate = *state;
    char query[2048];
    struct keel_writer writer;
    keel_writer_init(&writer, query, sizeof(query));
    for (int i = 0; i < 100; i++)
        keel_write_format(&writer, "x%d=1&", i);
    keel_write(&writer, KEEL_STR("status=open&currency_pair=BTC_USDT"));
    assert_refused(gate, "INVALID_PARAM_VALUE", gate_get(gate, "/spot/orders", query));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_spoilt_parameter_of_an_order_is_refused_by_binance,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_spoilt_member_of_an_order_is_refused_by_gate,
                                        spot_set_up, spot_tear_down),
        cmocka_unit_test_setup_teardown(a_parameter_that_stands_twice_is_refused_by_gate,
                                        spot_set_up, spot_tear_down),
        cmocka_unit_test_setup_teardown(more_parameters_than_there_is_room_for_are_refused_by_gate,
                                        spot_set_up, spot_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

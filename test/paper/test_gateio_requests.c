/* What unmodified clients send (fixture/gateio/requests.json): each request is understood, and
 * answered as its "expect" says, a status or the label of a refusal, with what it "has" in the
 * body. A venue is opened for each. */
#include "gateio_spot_helper.h"
#include "recorded_helper.h"

#define PREFIX "/api/v4"

struct recorded {
    keel_str name, method, path, query, body, expect, has;
};

static void text_of(keel_str text, char *buffer, size_t size)
{
    assert_true(keel_str_copy(text, buffer, size));
}

/* Near what the recorded prices were. */
static void set_prices(struct gate *gate)
{
    gate_set_price(gate, "BTC_USDT", "59000");
    gate_set_price(gate, "LTC_USDT", "55");
    spot_set_price(gate, "BTC_USDT", "59000");
    spot_set_price(gate, "LTC_USDT", "55");
}

static void send_recorded(const struct recorded *recorded)
{
    char method[16], path[256], query[256], body[1024];
    text_of(recorded->method, method, sizeof(method));
    text_of(recorded->path, path, sizeof(path));
    text_of(recorded->query, query, sizeof(query));
    text_of(recorded->body, body, sizeof(body));
    assert_memory_equal(path, PREFIX, strlen(PREFIX));
    struct gate *gate = gate_open_with(NULL);
    set_prices(gate);
    (void)gate_send(gate, method, path + strlen(PREFIX), query, body);
    char wanted[64], got[256];
    text_of(recorded->expect, wanted, sizeof(wanted));
    if (gate->response.status < 300)
        (void)snprintf(got, sizeof(got), "%d", gate->response.status);
    else
        (void)snprintf(got, sizeof(got), "%s", gate_value(gate, "label"));
    if (strcmp(got, wanted) != 0)
        fail_msg("%.*s: %s, not %s: %s", KEEL_STR_ARGS(recorded->name), got, wanted,
                 gate_body(gate));
    text_of(recorded->has, wanted, sizeof(wanted));
    assert_has(gate, wanted);
    gate_close(gate);
}

static void read_member(struct keel_json *json, keel_str key, struct keel_arena *arena,
                        struct recorded *recorded)
{
    const struct {
        const char *name;
        keel_str *value;
    } members[] = {
        {"name",   &recorded->name  },
        {"method", &recorded->method},
        {"path",   &recorded->path  },
        {"query",  &recorded->query },
        {"body",   &recorded->body  },
        {"expect", &recorded->expect},
        {"has",    &recorded->has   },
    };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (keel_str_equals(key, keel_str_from(members[i].name))) {
            keel_json_read_string(json, arena, members[i].value);
            return;
        }
    }
    keel_json_skip(json);
}

static void send_next(struct keel_json *json, struct keel_arena *arena)
{
    struct recorded recorded = {0};
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key))
        read_member(json, key, arena, &recorded);
    send_recorded(&recorded);
}

static void each_recorded_request_is_understood(void **state)
{
    (void)state;
    assert_true(for_each_recorded("gateio/requests.json", "requests", send_next) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recorded_request_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

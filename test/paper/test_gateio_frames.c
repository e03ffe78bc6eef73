/* What unmodified clients say on Gate.io's WebSocket (fixture/gateio/frames.json), of futures and
 * of spot, in the bytes that they signed: each frame is understood, and answered as its "expect"
 * says, message by message: "ack", "result", "success", the label of a refusal, or the code of a
 * subscription's error. What it "has" stands in the last of them. A venue is opened for each. */
#include "gateio_streams_helper.h"
#include "recorded_helper.h"

enum {
    BTC = 1,
};

struct recorded {
    keel_str name, path, frame, expect, has;
};

/* --- Answers -----------------------------------------------------------------------------------
 */

/* The text behind a mark, up to the end of its value. */
static void write_behind(struct keel_writer *words, const char *text, const char *mark)
{
    const char *at = strstr(text, mark);
    assert_non_null(at);
    at += strlen(mark);
    keel_write(words, (keel_str){at, strcspn(at, "\",}")});
}

static void write_api_answer(struct keel_writer *words, const char *text)
{
    if (strstr(text, "\"errs\":{"))
        write_behind(words, text, "\"errs\":{\"label\":\"");
    else
        keel_write(words, strstr(text, "\"ack\":true") ? KEEL_STR("ack") : KEEL_STR("result"));
}

static void write_subscription_answer(struct keel_writer *words, const char *text)
{
    if (strstr(text, "\"error\":{"))
        write_behind(words, text, "\"error\":{\"code\":");
    else
        write_behind(words, text, "\"result\":{\"status\":\"");
}

static bool is_push(const char *text)
{
    return strstr(text, "\"event\":\"update\"") || strstr(text, "\"event\":\"all\"");
}

/* In words, one a message; pushes answer nothing. */
static const char *describe_answers(const struct gate *gate, struct keel_writer *words)
{
    const char *last = "";
    for (int i = 0; i < gate->text_count; i++) {
        const char *text = gate->texts[i];
        if (is_push(text))
            continue;
        if (words->size > 0)
            keel_write_char(words, ' ');
        if (strstr(text, "\"request_id\":"))
            write_api_answer(words, text);
        else
            write_subscription_answer(words, text);
        last = text;
    }
    return last;
}

/* --- One frame ---------------------------------------------------------------------------------
 */

/* As ccxt does: over the empty object that stands in req_param. */
static void log_in(struct gate *gate, struct paper_stream *stream, bool spot)
{
    char text[1024], signature[129];
    const char *channel = spot ? "spot.login" : "futures.login";
    (void)snprintf(text, sizeof(text), "api\n%s\n{}\n%d", channel, GATE_NOW);
    gate_sign("secret", text, signature);
    (void)snprintf(
        text, sizeof(text),
        "{\"time\":%d,\"channel\":\"%s\",\"event\":\"api\",\"payload\":{\"req_id\":"
        "\"authenticated\",\"timestamp\":\"%d\",\"api_key\":\"key\",\"signature\":\"%s\","
        "\"req_param\":{}}}",
        GATE_NOW, channel, GATE_NOW, signature);
    gate_say(gate, stream, text);
    assert_has(gate_text(gate, "\"request_id\":\"authenticated\"", "\"status\":\"200\""), channel);
}

/* Near what the recorded prices were. */
static void set_prices(struct gate *gate)
{
    const keel_decimal price = keel_decimal_from_int(59000);
    gate_set_price(gate, BTC, "59000");
    assert_int_equal(paper_spot_set_price(gate->spot, gate->now_ms, BTC, price), PAPER_SPOT_OK);
    gate_drain(gate);
}

static void check_answers(const struct gate *gate, const struct recorded *recorded)
{
    char memory[256], part[256];
    struct keel_writer words;
    keel_writer_init(&words, memory, sizeof(memory));
    const char *last = describe_answers(gate, &words);
    if (!keel_str_equals(keel_writer_text(&words), recorded->expect))
        fail_msg("%.*s: \"%s\", not \"%.*s\": %s", KEEL_STR_ARGS(recorded->name), memory,
                 KEEL_STR_ARGS(recorded->expect), last);
    assert_true(keel_str_copy(recorded->has, part, sizeof(part)));
    assert_has(last, part);
}

/* A login lasts until then: the venue takes no call that is a minute off. */
static void set_clock(struct gate *gate, const char *frame)
{
    const char *time = strstr(frame, "\"time\":");
    assert_non_null(time);
    gate->now_ms = strtoll(time + strlen("\"time\":"), NULL, 10) * 1000;
}

static void say_recorded(const struct recorded *recorded)
{
    char frame[2048], path[64];
    void *state = NULL;
    assert_true(keel_str_copy(recorded->frame, frame, sizeof(frame)));
    assert_true(keel_str_copy(recorded->path, path, sizeof(path)));
    assert_int_equal(set_up_gate(&state), 0);
    struct gate *gate = state;
    struct paper_stream *stream = gate_open_at(gate, path, false);
    set_prices(gate);
    if (strstr(frame, "\"event\":\"api\"") && !strstr(frame, ".login\"")) {
        log_in(gate, stream, strcmp(path, "/ws/v4/") == 0);
        set_clock(gate, frame);
    }
    gate_ask(gate, stream, frame);
    check_answers(gate, recorded);
    assert_int_equal(tear_down_gate(&state), 0);
}

/* --- All of them -------------------------------------------------------------------------------
 */

static void read_recorded(struct keel_json *json, struct keel_arena *arena,
                          struct recorded *recorded)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        keel_str *value = keel_str_equals(key, KEEL_STR("name"))     ? &recorded->name
                          : keel_str_equals(key, KEEL_STR("path"))   ? &recorded->path
                          : keel_str_equals(key, KEEL_STR("expect")) ? &recorded->expect
                          : keel_str_equals(key, KEEL_STR("has"))    ? &recorded->has
                                                                     : NULL;
        if (value)
            assert_true(keel_json_read_string(json, arena, value));
        else if (keel_str_equals(key, KEEL_STR("frame")))
            keel_json_raw(json, &recorded->frame);
        else
            keel_json_skip(json);
    }
}

static void say_next(struct keel_json *json, struct keel_arena *arena)
{
    struct recorded recorded = {0};
    read_recorded(json, arena, &recorded);
    say_recorded(&recorded);
}

static void each_recorded_frame_is_understood(void **state)
{
    (void)state;
    assert_true(for_each_recorded("gateio/frames.json", "frames", say_next) > 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recorded_frame_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

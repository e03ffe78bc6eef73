#include "venue/gateio/errors.h"

#include "base/json.h"
#include "base/writer.h"
#include "venue/gateio/markets.h"

#define MILLISECONDS_MIN INT64_C(100000000000) /* a smaller time is in seconds */

enum {
    TEXT_MAX = 180, /* of the venue's words, in an error */
};

/* What a label means beyond its being a refusal. */
enum meaning {
    PLAIN = 0,
    UNKNOWN = 1,
    BUSY = 2,
    NOT_FOUND = 4,
    DUPLICATE = 8,
    ALREADY_SO = 16,
    CLOCK = 32,
};

#define LABEL(word, meaning)                                                                       \
    {                                                                                              \
        {word, sizeof(word) - 1}, meaning                                                          \
    }

/* Every label that is not here refuses, and nothing has happened. An order that is finished is one
 * that can be neither cancelled nor amended, as one that is not there. */
static const struct {
    keel_str label;
    enum meaning meaning;
} labels[] = {
    LABEL("INTERNAL", UNKNOWN),
    LABEL("SERVER_ERROR", UNKNOWN),
    LABEL("INTERNAL_SERVER_ERROR", UNKNOWN),
    LABEL("TOO_BUSY", UNKNOWN),
    LABEL("SERVER_TIMEOUT", UNKNOWN),
    LABEL("TOO_MANY_REQUESTS", BUSY),
    LABEL("TOO_FAST", BUSY),
    LABEL("ORDER_NOT_FOUND", NOT_FOUND),
    LABEL("AUTO_ORDER_NOT_FOUND", NOT_FOUND),
    LABEL("ORDER_FINISHED", NOT_FOUND),
    LABEL("CLIENT_ID_NOT_FOUND", NOT_FOUND),
    LABEL("ORDER_CLOSED", NOT_FOUND),
    LABEL("ORDER_CANCELLED", NOT_FOUND),
    LABEL("ORDER_EXISTS", DUPLICATE),
    LABEL("DUPLICATE_REQUEST", DUPLICATE),
    LABEL("REPEATED_CREATION", DUPLICATE),
    LABEL("NO_CHANGE", ALREADY_SO),
    LABEL("REQUEST_EXPIRED", CLOCK),
};

struct keel_gateio_message keel_gateio_read_message(keel_str body, struct keel_arena *arena)
{
    struct keel_gateio_message message = {0};
    struct keel_json json;
    keel_str key;
    keel_json_init(&json, body);
    if (keel_json_peek(&json) != KEEL_JSON_OBJECT)
        return message;
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        bool is_text = keel_json_peek(&json) == KEEL_JSON_STRING;
        if (is_text && keel_str_equals(key, KEEL_STR("label")))
            message.found = keel_json_read_string(&json, arena, &message.label);
        else if (is_text && (keel_str_equals(key, KEEL_STR("message")) ||
                             keel_str_equals(key, KEEL_STR("detail"))))
            keel_json_read_string(&json, arena, &message.text);
        else
            keel_json_skip(&json);
    }
    message.found &= message.label.size > 0;
    if (keel_json_finish(&json, NULL) != KEEL_OK || !message.found)
        message = (struct keel_gateio_message){0};
    return message;
}

keel_str keel_gateio_tell_refusal(keel_str words, struct keel_arena *arena)
{
    while (words.size > 0 && words.data[words.size - 1] == '\n')
        words.size--;
    struct keel_gateio_message message = keel_gateio_read_message(words, arena);
    if (!message.found || message.text.size == 0)
        return message.found ? message.label : words;
    char *text = keel_arena_take(arena, words.size); /* which has both, and more than ": " */
    struct keel_writer writer;
    if (!text)
        return message.label;
    keel_writer_init(&writer, text, words.size);
    keel_write(&writer, message.label);
    keel_write(&writer, KEEL_STR(": "));
    keel_write(&writer, message.text);
    return keel_writer_text(&writer);
}

static enum meaning find_meaning(keel_str label)
{
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (keel_str_equals(label, labels[i].label))
            return labels[i].meaning;
    }
    return PLAIN;
}

/* The label decides; without one, the class of the status does. */
static enum keel_fate judge_status(const struct keel_reply *reply,
                                   const struct keel_gateio_message *message, enum meaning meaning)
{
    int32_t status = reply->http_status;
    if (meaning == UNKNOWN || status >= 500 || status == 408)
        return KEEL_FATE_UNKNOWN;
    if (meaning == BUSY || status == 429)
        return KEEL_FATE_FAILED;
    if (message->found)
        return KEEL_FATE_REJECTED;
    /* A page in the place of an answer is the edge's, before the venue. */
    if (status == 403)
        return KEEL_FATE_FAILED;
    return status >= 400 && status < 500 ? KEEL_FATE_REJECTED : KEEL_FATE_UNKNOWN;
}

/* Numbers may be in strings. */
static int64_t read_member(keel_str text, const char *member)
{
    struct keel_json json;
    keel_str key;
    int64_t value = -1;
    keel_json_init(&json, text);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        enum keel_json_type next = keel_json_peek(&json);
        if (keel_str_equals(key, keel_str_from(member)) &&
            (next == KEEL_JSON_NUMBER || next == KEEL_JSON_STRING))
            keel_json_read_int(&json, &value);
        else
            keel_json_skip(&json);
    }
    return keel_json_finish(&json, NULL) == KEEL_OK && value >= 0 ? value : -1;
}

int64_t keel_gateio_read_limit(const struct keel_reply *reply, const char *header,
                               const char *member)
{
    bool streamed = reply->headers.size > 0 && reply->headers.data[0] == '{';
    return streamed ? read_member(reply->headers, member) : keel_reply_count(reply, header);
}

/* One spelling is the venue's slip, the other its documentation's. */
static int64_t read_reset_ms(const struct keel_reply *reply)
{
    static const char header[] = "X-Gate-RateLimit-Reset-Timestamp";
    int64_t reset = keel_gateio_read_limit(reply, header, "x_gat_ratelimit_reset_timestamp");
    if (reset < 0)
        reset = keel_gateio_read_limit(reply, header, "x_gate_ratelimit_reset_timestamp");
    if (reset <= 0)
        return 0;
    return reset < MILLISECONDS_MIN ? reset * 1000 : reset;
}

static void judge_pace(const struct keel_reply *reply, const struct keel_gateio_message *message,
                       enum meaning meaning, struct keel_outcome *outcome)
{
    int32_t status = reply->http_status;
    outcome->busy = meaning == BUSY || status == 429 || (status == 403 && !message->found);
    if (outcome->busy)
        outcome->retry_at_ms = read_reset_ms(reply);
}

static enum keel_status status_of(enum keel_fate fate)
{
    switch (fate) {
    case KEEL_ACCEPTED: return KEEL_OK;
    case KEEL_FATE_REJECTED: return KEEL_REJECTED;
    case KEEL_FATE_FAILED: return KEEL_FAILED;
    case KEEL_FATE_UNKNOWN:
    case KEEL_FATE_NONE: break;
    }
    return KEEL_UNKNOWN;
}

/* The venue's words where there are any; a page of HTML is none. */
static void write_error(const struct keel_reply *reply, const struct keel_gateio_message *message,
                        struct keel_outcome *outcome)
{
    enum keel_status status = status_of(outcome->fate);
    bool is_page = reply->body.size == 0 || reply->body.data[0] == '<';
    keel_str text = message->found ? message->text : reply->body;
    if (text.size > TEXT_MAX)
        text.size = TEXT_MAX;
    if (message->found && text.size > 0)
        (void)keel_fail(&outcome->error, status, "%.*s: %.*s", KEEL_STR_ARGS(message->label),
                        KEEL_STR_ARGS(text));
    else if (message->found)
        (void)keel_fail(&outcome->error, status, "%.*s", KEEL_STR_ARGS(message->label));
    else if (!is_page)
        (void)keel_fail(&outcome->error, status, "%.*s", KEEL_STR_ARGS(text));
    else
        (void)keel_fail(&outcome->error, status, "HTTP status %d, and no reason that can be read",
                        (int)reply->http_status);
}

void keel_gateio_judge(const struct keel_command *command, const struct keel_reply *reply,
                       const struct keel_gateio_message *message, struct keel_outcome *outcome)
{
    enum meaning meaning = find_meaning(message->label);
    outcome->fate = judge_status(reply, message, meaning);
    /* A read that went wrong changed nothing: it may be repeated. */
    if (outcome->fate == KEEL_FATE_UNKNOWN && !keel_command_is_write(command->kind))
        outcome->fate = KEEL_FATE_FAILED;
    bool refused = outcome->fate == KEEL_FATE_REJECTED;
    outcome->already_so = refused && meaning == ALREADY_SO;
    if (outcome->already_so)
        outcome->fate = KEEL_ACCEPTED;
    outcome->not_found = refused && meaning == NOT_FOUND;
    outcome->duplicate = refused && meaning == DUPLICATE;
    outcome->clock_wrong = refused && meaning == CLOCK;
    judge_pace(reply, message, meaning, outcome);
    write_error(reply, message, outcome);
}

/* The venue's own limit may be a higher tier's than the one that we hold ourselves to: what is used
 * is the same share of ours. */
static struct keel_usage make_usage(enum keel_rate_limit_kind kind, int64_t limit,
                                    int64_t remaining)
{
    bool orders = kind == KEEL_LIMIT_ORDERS;
    int64_t ours = orders ? KEEL_GATEIO_ORDERS_MAX : KEEL_GATEIO_REQUESTS_MAX;
    int64_t used = remaining >= limit ? 0 : limit - remaining;
    return (struct keel_usage){
        .kind = kind,
        .interval_ms = orders ? KEEL_GATEIO_ORDERS_MS : KEEL_GATEIO_REQUESTS_MS,
        .used = limit == ours ? used : used * ours / limit,
    };
}

int32_t keel_gateio_read_usage(enum keel_command_kind kind, const struct keel_reply *reply,
                               struct keel_usage usage[static KEEL_USAGE_MAX])
{
    const int64_t limit_max = INT64_C(1000000);
    int64_t limit =
        keel_gateio_read_limit(reply, "X-Gate-RateLimit-Limit", "x_gate_ratelimit_limit");
    int64_t remaining = keel_gateio_read_limit(reply, "X-Gate-RateLimit-Requests-Remain",
                                               "x_gate_ratelimit_requests_remain");
    bool orders = kind == KEEL_PLACE_ORDER || kind == KEEL_AMEND_ORDER;
    if (limit <= 0 || limit > limit_max || (!orders && keel_command_is_write(kind)))
        return 0;
    if (remaining < 0)
        remaining = 0; /* a stream leaves it out when nothing is left */
    usage[0] = make_usage(orders ? KEEL_LIMIT_ORDERS : KEEL_LIMIT_WEIGHT, limit, remaining);
    return 1;
}

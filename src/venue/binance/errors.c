#include "venue/binance/errors.h"

#include "base/json.h"

enum {
    HTTP_TEAPOT = 418, /* banned */
    TEXT_MAX = 200,    /* of the venue's words, in an error */
};

struct keel_binance_message keel_binance_read_message(keel_str body, struct keel_arena *arena)
{
    struct keel_binance_message message = {0};
    struct keel_json json;
    keel_str key;
    keel_json_init(&json, body);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("code")))
            message.found = keel_json_read_int(&json, &message.code);
        else if (keel_str_equals(key, KEEL_STR("msg")))
            keel_json_read_string(&json, arena, &message.text);
        else
            keel_json_skip(&json);
    }
    if (keel_json_finish(&json, NULL) != KEEL_OK)
        message = (struct keel_binance_message){0};
    return message;
}

bool keel_binance_message_is_success(const struct keel_binance_message *message)
{
    return message->found && (message->code == 200 || message->code == 0);
}

static bool contains(keel_str text, keel_str words)
{
    return text.size > 0 && memmem(text.data, text.size, words.data, words.size) != NULL;
}

/* Of HTML: not the venue's own words, but those of whoever stands before it. */
static bool is_page(keel_str body)
{
    return body.size > 0 && body.data[0] == '<';
}

/* The venue says so when it does not know itself whether it executed. */
static bool is_unknown_code(int64_t code)
{
    return code == -1000 || code == -1006 || code == -1007;
}

/* One status, several meanings: the words decide, and they come with JSON around them or without.
 * What is not one of them may have been executed. */
static enum keel_fate judge_server_error(const struct keel_reply *reply,
                                         const struct keel_binance_message *message)
{
    if (reply->http_status != 503 || is_page(reply->body))
        return KEEL_FATE_UNKNOWN;
    if (message->code == -1008 || contains(reply->body, KEEL_STR("Service Unavailable.")) ||
        contains(reply->body, KEEL_STR("system-level protection")) ||
        contains(reply->body, KEEL_STR("Internal error; unable to process your request")))
        return KEEL_FATE_FAILED;
    return KEEL_FATE_UNKNOWN;
}

static enum keel_fate judge_status(const struct keel_reply *reply,
                                   const struct keel_binance_message *message)
{
    int32_t status = reply->http_status;
    if (is_unknown_code(message->code) || status == 408)
        return KEEL_FATE_UNKNOWN;
    if (status == 403 || status == HTTP_TEAPOT || status == 429 || message->code == -1003 ||
        message->code == -1008 || message->code == -1015)
        return KEEL_FATE_FAILED;
    if (status >= 400 && status < 500)
        return KEEL_FATE_REJECTED;
    if (status >= 500)
        return judge_server_error(reply, message);
    return message->found ? KEEL_FATE_REJECTED : KEEL_FATE_UNKNOWN;
}

static int64_t read_digits(const char *at, const char *end)
{
    int64_t value = 0;
    for (int i = 0; i < 15 && at < end && *at >= '0' && *at <= '9'; i++, at++)
        value = value * 10 + (*at - '0');
    return value;
}

/* The digits behind these words; 0 without them. */
static int64_t find_number(keel_str body, keel_str words)
{
    const char *at = body.size > 0 ? memmem(body.data, body.size, words.data, words.size) : NULL;
    return at ? read_digits(at + words.size, body.data + body.size) : 0;
}

/* "Way too many requests; IP(…) banned until 1667294400000. …" */
static int64_t find_ban_end(keel_str body)
{
    return find_number(body, KEEL_STR("banned until "));
}

static void judge_pace(const struct keel_reply *reply, const struct keel_binance_message *message,
                       struct keel_outcome *outcome)
{
    int32_t status = reply->http_status;
    outcome->busy = status == 403 || status == HTTP_TEAPOT || status == 429 ||
                    message->code == -1003 || message->code == -1015 ||
                    (status == 503 && contains(reply->body, KEEL_STR("Service Unavailable.")));
    if (!outcome->busy)
        return;
    outcome->retry_at_ms = find_ban_end(reply->body);
    if (outcome->retry_at_ms == 0) /* of the WebSocket API (11) */
        outcome->retry_at_ms = find_number(reply->body, KEEL_STR("\"retryAfter\":"));
    keel_str header = keel_reply_header(reply, "Retry-After");
    if (header.size > 0)
        outcome->retry_after_ms = read_digits(header.data, header.data + header.size) * 1000;
}

/* Margin type, position mode, multi-asset mode, and an amendment that changes nothing. */
static bool is_already_so(int64_t code)
{
    return code == -4046 || code == -4059 || code == -4171 || code == -5027;
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

/* The venue's words where there are any: some answers are bare text, and a page of HTML is none. */
static void write_error(const struct keel_reply *reply, const struct keel_binance_message *message,
                        struct keel_outcome *outcome)
{
    enum keel_status status = status_of(outcome->fate);
    bool has_words = reply->body.size > 0 && !is_page(reply->body);
    keel_str text = message->found ? message->text : reply->body;
    if (text.size > TEXT_MAX)
        text.size = TEXT_MAX;
    if (message->found || has_words)
        (void)keel_fail(&outcome->error, status, "%.*s", KEEL_STR_ARGS(text));
    else
        (void)keel_fail(&outcome->error, status, "HTTP status %d, and no reason that can be read",
                        (int)reply->http_status);
    outcome->error.venue_code = (int32_t)message->code;
}

void keel_binance_judge(const struct keel_command *command, const struct keel_reply *reply,
                        const struct keel_binance_message *message, struct keel_outcome *outcome)
{
    int64_t code = message->code;
    outcome->fate = judge_status(reply, message);
    /* A read that went wrong changed nothing: it may be repeated. */
    if (outcome->fate == KEEL_FATE_UNKNOWN && !keel_command_is_write(command->kind))
        outcome->fate = KEEL_FATE_FAILED;
    outcome->already_so = outcome->fate == KEEL_FATE_REJECTED && is_already_so(code);
    if (outcome->already_so)
        outcome->fate = KEEL_ACCEPTED;

    /* -1125: the listen key; the others: the order, in the family that was asked. */
    outcome->not_found = code == -2011 || code == -2013 || code == -1125;
    outcome->duplicate = code == -4116 || code == -4115;
    outcome->clock_wrong = code == -1021;
    judge_pace(reply, message, outcome);
    write_error(reply, message, outcome);
}

void keel_binance_read_usage(const struct keel_reply *reply, struct keel_outcome *outcome)
{
    static const struct {
        const char *name;
        enum keel_rate_limit_kind kind;
        int64_t interval_ms;
    } headers[] = {
        {"X-MBX-USED-WEIGHT-1M",  KEEL_LIMIT_WEIGHT, 60000   },
        {"X-MBX-ORDER-COUNT-10S", KEEL_LIMIT_ORDERS, 10000   },
        {"X-MBX-ORDER-COUNT-1M",  KEEL_LIMIT_ORDERS, 60000   },
        {"X-MBX-ORDER-COUNT-1D",  KEEL_LIMIT_ORDERS, 86400000},
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        int64_t used = keel_reply_count(reply, headers[i].name);
        if (used >= 0)
            outcome->usage[outcome->usage_count++] =
                (struct keel_usage){headers[i].kind, headers[i].interval_ms, used};
    }
}

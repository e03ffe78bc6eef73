#include "paper/fault_rule.h"

#include <stdio.h>
#include <string.h>

enum member {
    ACTION,
    OF,
    METHOD,
    PATH,
    EVENT,
    STREAM,
    ACCOUNT,
    AT_MS,
    FOR_MS,
    AFTER,
    TIMES,
    PROBABILITY,
    MS,
    BYTE,
    FRAMES,
    NOTICES,
    RETRY_AFTER,
    EXECUTED,
    PINGS,
    MEMBERS,
};

#define BIT(member) (1U << (member))

enum {
    TIMED = BIT(ACTION) | BIT(AT_MS) | BIT(FOR_MS),
    COUNTED = TIMED | BIT(AFTER) | BIT(TIMES) | BIT(PROBABILITY) | BIT(ACCOUNT),
    OF_CALL = COUNTED | BIT(METHOD) | BIT(PATH),
    OF_FRAME = COUNTED | BIT(EVENT) | BIT(STREAM),
};

/* Whole numbers, and where they may lie. */
static const struct {
    const char *name;
    int64_t min, max;
} members[MEMBERS] = {
    [ACTION] = {"action",      0,         0               },
    [OF] = {"of",          0,         0               },
    [METHOD] = {"method",      0,         0               },
    [PATH] = {"path",        0,         0               },
    [EVENT] = {"event",       0,         0               },
    [STREAM] = {"stream",      0,         0               },
    [ACCOUNT] = {"account",     1,         1000000         },
    [AT_MS] = {"at_ms",       0,         INT64_C(1) << 40},
    [FOR_MS] = {"for_ms",      1,         INT64_C(1) << 40},
    [AFTER] = {"after",       0,         INT64_C(1) << 40},
    [TIMES] = {"times",       0,         INT64_C(1) << 40},
    [PROBABILITY] = {"probability", 0,         0               },
    [MS] = {"ms",          -86400000, 86400000        },
    [BYTE] = {"byte",        0,         1 << 30         },
    [FRAMES] = {"frames",      1,         1000            },
    [NOTICES] = {"notices",     0,         2               },
    [RETRY_AFTER] = {"retry_after", 0,         259200          },
    [EXECUTED] = {"executed",    0,         0               },
    [PINGS] = {"pings",       0,         0               },
};

static const struct {
    const char *word;
    enum paper_fault_action action;
    enum paper_fault_target target; /* where `of` does not say */
    unsigned allowed, needed;
} actions[] = {
    {"delay",           PAPER_FAULT_DELAY,       PAPER_FAULT_OF_REPLY, OF_CALL | OF_FRAME | BIT(OF) | BIT(MS),
     BIT(OF) | BIT(MS)                                                                                                        },
    {"drop",            PAPER_FAULT_DROP,        PAPER_FAULT_OF_FRAME, OF_FRAME,                                 0            },
    {"duplicate",       PAPER_FAULT_DUPLICATE,   PAPER_FAULT_OF_FRAME, OF_FRAME,                                 0            },
    {"reorder",         PAPER_FAULT_REORDER,     PAPER_FAULT_OF_FRAME, OF_FRAME | BIT(FRAMES),                   0            },
    {"silence",         PAPER_FAULT_SILENCE,     PAPER_FAULT_OF_FRAME,
     TIMED | BIT(STREAM) | BIT(ACCOUNT) | BIT(PINGS),                                                            0            },
    {"cut",             PAPER_FAULT_CUT,         PAPER_FAULT_OF_REPLY, OF_CALL | OF_FRAME | BIT(OF) | BIT(BYTE),
     BIT(OF)                                                                                                                  },
    {"refuse",          PAPER_FAULT_REFUSE,      PAPER_FAULT_OF_VENUE, TIMED,                                    BIT(FOR_MS)  },
    {"503-unknown",     PAPER_FAULT_UNKNOWN,     PAPER_FAULT_OF_REPLY, OF_CALL | BIT(EXECUTED),
     BIT(EXECUTED)                                                                                                            },
    {"503-unavailable", PAPER_FAULT_UNAVAILABLE, PAPER_FAULT_OF_REPLY, OF_CALL,                                  0            },
    {"503-internal",    PAPER_FAULT_INTERNAL,    PAPER_FAULT_OF_REPLY, OF_CALL,                                  0            },
    {"503-throttled",   PAPER_FAULT_THROTTLED,   PAPER_FAULT_OF_REPLY, OF_CALL,                                  0            },
    {"408",             PAPER_FAULT_TIMEOUT,     PAPER_FAULT_OF_REPLY, OF_CALL | BIT(EXECUTED),                  BIT(EXECUTED)},
    {"429",             PAPER_FAULT_LIMITED,     PAPER_FAULT_OF_REPLY, OF_CALL | BIT(RETRY_AFTER),               0            },
    {"418",             PAPER_FAULT_BANNED,      PAPER_FAULT_OF_REPLY, OF_CALL | BIT(RETRY_AFTER),               0            },
    {"expire-key",      PAPER_FAULT_EXPIRE_KEY,  PAPER_FAULT_OF_VENUE,
     BIT(ACTION) | BIT(AT_MS) | BIT(ACCOUNT) | BIT(NOTICES),                                                     0            },
    {"clock",           PAPER_FAULT_CLOCK,       PAPER_FAULT_OF_VENUE, TIMED | BIT(MS),                          BIT(MS)      },
};

/* A rule while it is read; the first mistake sticks. */
struct reading {
    struct keel_json json;
    struct paper_fault_rule *rule;
    unsigned seen;
    keel_str action, of;
    struct keel_error *error;
    bool wrong;
};

static void refuse(struct reading *reading, enum member member, const char *why)
{
    if (!reading->wrong)
        keel_fail(reading->error, KEEL_CONFIG, "%s: %s", members[member].name, why);
    reading->wrong = true;
}

static void read_number(struct reading *reading, enum member member, int64_t *value)
{
    char why[96];
    if (keel_json_peek(&reading->json) == KEEL_JSON_NUMBER &&
        keel_json_read_int(&reading->json, value) && *value >= members[member].min &&
        *value <= members[member].max)
        return;
    snprintf(why, sizeof(why), "a whole number from %lld to %lld is needed",
             (long long)members[member].min, (long long)members[member].max);
    refuse(reading, member, why);
}

static keel_str read_text(struct reading *reading, enum member member)
{
    keel_str text = {0};
    if (keel_json_peek(&reading->json) != KEEL_JSON_STRING ||
        !keel_json_read_string(&reading->json, NULL, &text) || text.size == 0)
        refuse(reading, member, "a text without escapes is needed");
    return text;
}

static void read_word(struct reading *reading, enum member member, char *word, size_t size)
{
    keel_str text = read_text(reading, member);
    if (!keel_str_copy(text, word, size))
        refuse(reading, member, "the text is too long");
}

static void read_switch(struct reading *reading, enum member member, bool *value)
{
    if (keel_json_peek(&reading->json) != KEEL_JSON_BOOL ||
        !keel_json_read_bool(&reading->json, value))
        refuse(reading, member, "true or false is needed");
}

static void read_probability(struct reading *reading, int64_t *millionth)
{
    keel_decimal value = KEEL_DECIMAL_ABSENT;
    enum keel_json_type type = keel_json_peek(&reading->json);
    if ((type != KEEL_JSON_NUMBER && type != KEEL_JSON_STRING) ||
        !keel_json_read_decimal(&reading->json, &value) || !keel_decimal_is_valid(value) ||
        keel_decimal_is_negative(value) || keel_decimal_compare(value, KEEL_DECIMAL_ONE) > 0) {
        refuse(reading, PROBABILITY, "a number from 0 to 1 is needed");
        return;
    }
    *millionth = (int64_t)(keel_decimal_raw(value) / INT64_C(1000000000000));
}

static void read_stream(struct reading *reading, enum paper_stream_kind *kind)
{
    keel_str word = read_text(reading, STREAM);
    if (keel_str_equals(word, KEEL_STR("user")))
        *kind = PAPER_STREAM_USER;
    else if (keel_str_equals(word, KEEL_STR("market")))
        *kind = PAPER_STREAM_MARKET;
    else if (keel_str_equals(word, KEEL_STR("api")))
        *kind = PAPER_STREAM_API;
    else
        refuse(reading, STREAM, "there are user, market and api");
}

static void read_member(struct reading *reading, enum member member)
{
    struct paper_fault_rule *rule = reading->rule;
    switch (member) {
    case ACTION: reading->action = read_text(reading, member); return;
    case OF: reading->of = read_text(reading, member); return;
    case METHOD: read_word(reading, member, rule->method, sizeof(rule->method)); return;
    case PATH: read_word(reading, member, rule->path, sizeof(rule->path)); return;
    case EVENT: read_word(reading, member, rule->event, sizeof(rule->event)); return;
    case STREAM: read_stream(reading, &rule->stream); return;
    case ACCOUNT: read_number(reading, member, &rule->account); return;
    case AT_MS: read_number(reading, member, &rule->at_ms); return;
    case FOR_MS: read_number(reading, member, &rule->for_ms); return;
    case AFTER: read_number(reading, member, &rule->after); return;
    case TIMES: read_number(reading, member, &rule->times); return;
    case PROBABILITY: read_probability(reading, &rule->probability_millionth); return;
    case MS: read_number(reading, member, &rule->ms); return;
    case BYTE: read_number(reading, member, &rule->byte); return;
    case FRAMES: read_number(reading, member, &rule->frames); return;
    case NOTICES: read_number(reading, member, &rule->notices); return;
    case RETRY_AFTER: read_number(reading, member, &rule->retry_after_s); return;
    case EXECUTED: read_switch(reading, member, &rule->executed); return;
    case PINGS: read_switch(reading, member, &rule->pings); return;
    case MEMBERS: return;
    }
}

static enum member find_member(keel_str key)
{
    int member = 0;
    while (member < MEMBERS && !keel_str_equals(key, keel_str_from(members[member].name)))
        member++;
    return (enum member)member;
}

static void read_members(struct reading *reading)
{
    keel_str key;
    keel_json_enter_object(&reading->json);
    while (!reading->wrong && keel_json_next_key(&reading->json, &key)) {
        enum member member = find_member(key);
        if (member == MEMBERS) {
            keel_fail(reading->error, KEEL_CONFIG, "%.*s: there is no such member",
                      (int)(key.size < 64 ? key.size : 64), key.data);
            reading->wrong = true;
        } else if (reading->seen & BIT(member)) {
            refuse(reading, member, "is there twice");
        } else {
            reading->seen |= BIT(member);
            read_member(reading, member);
        }
    }
    struct keel_error why;
    if (!reading->wrong && keel_json_finish(&reading->json, &why) != KEEL_OK) {
        keel_fail(reading->error, KEEL_CONFIG, "not one JSON object: %s", why.message);
        reading->wrong = true;
    }
}

/* Members that say nothing to this action are mistakes, and so are those it cannot do without. */
static void check_members(struct reading *reading, const char *word, unsigned allowed,
                          unsigned needed)
{
    char why[96];
    for (int member = 0; member < MEMBERS; member++) {
        unsigned bit = BIT(member);
        if ((reading->seen & bit) && !(allowed & bit)) {
            snprintf(why, sizeof(why), "says nothing to '%s'", word);
            refuse(reading, (enum member)member, why);
        } else if ((needed & bit) && !(reading->seen & bit)) {
            snprintf(why, sizeof(why), "is needed by '%s'", word);
            refuse(reading, (enum member)member, why);
        }
    }
}

static void read_target(struct reading *reading)
{
    struct paper_fault_rule *rule = reading->rule;
    bool cut = rule->action == PAPER_FAULT_CUT;
    if (!(reading->seen & BIT(OF)))
        return;
    if (keel_str_equals(reading->of, KEEL_STR("reply")))
        rule->target = PAPER_FAULT_OF_REPLY;
    else if (keel_str_equals(reading->of, KEEL_STR("frame")))
        rule->target = PAPER_FAULT_OF_FRAME;
    else if (cut && keel_str_equals(reading->of, KEEL_STR("request")))
        rule->target = PAPER_FAULT_OF_REQUEST;
    else
        refuse(reading, OF, cut ? "there are request, reply and frame" : "reply or frame");
    bool frame = rule->target == PAPER_FAULT_OF_FRAME;
    check_members(reading, cut ? "cut" : "delay",
                  (frame ? OF_FRAME : OF_CALL) | BIT(OF) | BIT(MS) | BIT(BYTE), 0);
}

static void fill_defaults(struct reading *reading)
{
    struct paper_fault_rule *rule = reading->rule;
    if (!(reading->seen & BIT(TIMES)))
        rule->times = reading->seen & BIT(PROBABILITY) ? 0 : 1;
    if (rule->action == PAPER_FAULT_SILENCE)
        rule->times = 0;
    if (!(reading->seen & BIT(FRAMES)))
        rule->frames = 1;
    if (!(reading->seen & BIT(RETRY_AFTER)))
        rule->retry_after_s = rule->action == PAPER_FAULT_BANNED ? 120 : 1;
    if (rule->action == PAPER_FAULT_DELAY && rule->ms < 0)
        refuse(reading, MS, "nothing comes earlier than it is");
}

static void read_action(struct reading *reading)
{
    if (!(reading->seen & BIT(ACTION))) {
        refuse(reading, ACTION, "is needed");
        return;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (!keel_str_equals(reading->action, keel_str_from(actions[i].word)))
            continue;
        reading->rule->action = actions[i].action;
        reading->rule->target = actions[i].target;
        check_members(reading, actions[i].word, actions[i].allowed, actions[i].needed);
        return;
    }
    char why[96];
    snprintf(why, sizeof(why), "there is no '%.*s'",
             (int)(reading->action.size < 64 ? reading->action.size : 64), reading->action.data);
    refuse(reading, ACTION, why);
}

enum keel_status paper_fault_rule_parse(keel_str json, struct paper_fault_rule *rule,
                                        struct keel_error *error)
{
    struct reading reading = {.rule = rule, .error = error};
    *rule = (struct paper_fault_rule){.probability_millionth = PAPER_FAULT_CERTAIN};
    keel_json_init(&reading.json, json);
    read_members(&reading);
    if (!reading.wrong)
        read_action(&reading);
    if (!reading.wrong)
        read_target(&reading);
    if (!reading.wrong)
        fill_defaults(&reading);
    return reading.wrong ? KEEL_CONFIG : KEEL_OK;
}

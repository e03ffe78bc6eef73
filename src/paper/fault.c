#include "paper/fault.h"

#include "paper/random.h"

#include <stdlib.h>

void paper_faults_init(struct paper_faults *faults, uint64_t seed)
{
    *faults = (struct paper_faults){.seed = seed, .next_id = 1};
}

void paper_faults_deinit(struct paper_faults *faults)
{
    free(faults->at);
    faults->at = NULL;
    faults->count = faults->capacity = 0;
}

void paper_faults_clear(struct paper_faults *faults)
{
    faults->count = 0;
}

static bool make_room(struct paper_faults *faults)
{
    if (faults->count < faults->capacity)
        return true;
    if (faults->count == PAPER_FAULTS_MAX)
        return false;
    int capacity = faults->capacity > 0 ? faults->capacity * 2 : 8;
    struct paper_fault *grown = realloc(faults->at, (size_t)capacity * sizeof(*grown));
    if (!grown)
        return false;
    faults->at = grown;
    faults->capacity = capacity;
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static keel_str trim(keel_str text)
{
    while (text.size > 0 && is_space(text.data[0]))
        text = (keel_str){text.data + 1, text.size - 1};
    while (text.size > 0 && is_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

enum keel_status paper_faults_add(struct paper_faults *faults, keel_str json, int64_t now_ms,
                                  struct keel_error *error)
{
    struct paper_fault_rule rule;
    enum keel_status status = paper_fault_rule_parse(json, &rule, error);
    if (status != KEEL_OK)
        return status;
    json = trim(json);
    if (json.size >= PAPER_FAULT_TEXT_SIZE)
        return keel_fail(error, KEEL_CONFIG, "a fault takes at most %d bytes",
                         PAPER_FAULT_TEXT_SIZE - 1);
    if (!make_room(faults))
        return keel_fail(error, KEEL_FULL, "no more than %d faults: clear them first",
                         PAPER_FAULTS_MAX);
    struct paper_fault *fault = &faults->at[faults->count++];
    *fault =
        (struct paper_fault){.rule = rule, .id = faults->next_id++, .from_ms = now_ms + rule.at_ms};
    (void)keel_str_copy(json, fault->text, sizeof(fault->text));
    return KEEL_OK;
}

static keel_str take_line(keel_str *rest)
{
    const char *end = memchr(rest->data, '\n', rest->size);
    keel_str line = {rest->data, end ? (size_t)(end - rest->data) + 1 : rest->size};
    *rest = (keel_str){rest->data + line.size, rest->size - line.size};
    return trim(line);
}

enum keel_status paper_faults_load(struct paper_faults *faults, keel_str text, int64_t now_ms,
                                   struct keel_error *error)
{
    struct keel_error why;
    for (int number = 1; text.size > 0; number++) {
        keel_str line = take_line(&text);
        if (line.size == 0 || line.data[0] == '#')
            continue;
        enum keel_status status = paper_faults_add(faults, line, now_ms, &why);
        if (status != KEEL_OK)
            return keel_fail(error, status, "line %d: %s", number, why.message);
    }
    return KEEL_OK;
}

void paper_faults_write(const struct paper_faults *faults, struct keel_writer *json)
{
    keel_json_open_object(json, NULL);
    keel_json_open_array(json, "faults");
    for (int i = 0; i < faults->count; i++) {
        const struct paper_fault *fault = &faults->at[i];
        keel_json_open_object(json, NULL);
        keel_json_put_int(json, "id", fault->id);
        keel_json_put_int(json, "matched", fault->matched);
        keel_json_put_int(json, "struck", fault->struck);
        keel_json_put_raw(json, "fault", keel_str_from(fault->text));
        keel_json_close_object(json);
    }
    keel_json_close_array(json);
    keel_json_close_object(json);
}

static bool is_in_force(const struct paper_fault *fault, int64_t now_ms)
{
    const struct paper_fault_rule *rule = &fault->rule;
    return now_ms >= fault->from_ms &&
           (rule->for_ms == 0 || now_ms < fault->from_ms + rule->for_ms);
}

static bool is_word(const char *wanted, keel_str word)
{
    return wanted[0] == '\0' || keel_str_equals(word, keel_str_from(wanted));
}

static bool is_path(const char *wanted, keel_str path)
{
    size_t size = strlen(wanted);
    if (size == 0 || wanted[size - 1] != '*')
        return is_word(wanted, path);
    return keel_str_starts_with(path, (keel_str){wanted, size - 1});
}

static bool matches(const struct paper_fault_rule *rule, const struct paper_fault_subject *subject)
{
    return is_word(rule->method, subject->method) && is_path(rule->path, subject->path) &&
           is_word(rule->event, subject->event) &&
           (rule->stream == PAPER_STREAM_ANY || rule->stream == subject->stream) &&
           (rule->account == 0 || rule->account == subject->account);
}

/* Counts the match. */
static bool strikes(const struct paper_faults *faults, struct paper_fault *fault)
{
    const struct paper_fault_rule *rule = &fault->rule;
    int64_t number = fault->matched++;
    if (number < rule->after || (rule->times > 0 && fault->struck >= rule->times))
        return false;
    uint64_t chance = paper_random_hash(faults->seed, (uint64_t)fault->id, (uint64_t)number) %
                      PAPER_FAULT_CERTAIN;
    if ((int64_t)chance >= rule->probability_millionth)
        return false;
    fault->struck++;
    return true;
}

const struct paper_fault_rule *paper_faults_strike(struct paper_faults *faults,
                                                   enum paper_fault_target target,
                                                   const struct paper_fault_subject *subject,
                                                   int64_t now_ms)
{
    for (int i = 0; i < faults->count; i++) {
        struct paper_fault *fault = &faults->at[i];
        if (fault->rule.target == target && is_in_force(fault, now_ms) &&
            matches(&fault->rule, subject) && strikes(faults, fault))
            return &fault->rule;
    }
    return NULL;
}

bool paper_faults_mute(const struct paper_faults *faults, const struct paper_fault_subject *subject,
                       int64_t now_ms)
{
    for (int i = 0; i < faults->count; i++) {
        const struct paper_fault *fault = &faults->at[i];
        if (fault->rule.action == PAPER_FAULT_SILENCE && !fault->rule.pings &&
            is_in_force(fault, now_ms) && matches(&fault->rule, subject))
            return true;
    }
    return false;
}

int64_t paper_faults_clock_ms(const struct paper_faults *faults, int64_t now_ms)
{
    int64_t sum = 0;
    for (int i = 0; i < faults->count; i++) {
        const struct paper_fault *fault = &faults->at[i];
        if (fault->rule.action == PAPER_FAULT_CLOCK && is_in_force(fault, now_ms))
            sum += fault->rule.ms;
    }
    return sum;
}

bool paper_faults_refuse(const struct paper_faults *faults, int64_t now_ms)
{
    for (int i = 0; i < faults->count; i++) {
        const struct paper_fault *fault = &faults->at[i];
        if (fault->rule.action == PAPER_FAULT_REFUSE && is_in_force(fault, now_ms))
            return true;
    }
    return false;
}

bool paper_faults_next_expiry(struct paper_faults *faults, int64_t now_ms, int *account,
                              int *notices)
{
    for (int i = 0; i < faults->count; i++) {
        struct paper_fault *fault = &faults->at[i];
        if (fault->rule.action != PAPER_FAULT_EXPIRE_KEY || fault->struck > 0 ||
            !is_in_force(fault, now_ms))
            continue;
        fault->matched = fault->struck = 1;
        *account = (int)fault->rule.account;
        *notices = (int)fault->rule.notices;
        return true;
    }
    return false;
}

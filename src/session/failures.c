#include "session/failures.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

KEEL_PRINTF(3, 4)
static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static bool is_same_reason(const struct keel_error *a, const struct keel_error *b)
{
    return a->status == b->status && a->venue_code == b->venue_code &&
           strcmp(a->message, b->message) == 0;
}

void keel_failures_add(struct keel_failures *failures, const char *name, const char *symbol,
                       const struct keel_error *error)
{
    int32_t at = 0;

    while (at < failures->count && !is_same_reason(&failures->at[at].error, error))
        at++;
    if (at == KEEL_FAILURES_MAX) {
        failures->more++;
        return;
    }
    char *names = failures->at[at].names;
    if (at == failures->count) {
        failures->at[at].error = *error;
        names[0] = '\0';
        failures->count++;
    }
    append(names, KEEL_FAILURE_NAMES_SIZE, "%s%s%s%s", names[0] != '\0' ? ", " : "", name,
           symbol[0] != '\0' ? " of " : "", symbol);
}

static enum keel_status status_of(const struct keel_error *error)
{
    return error->status == KEEL_OK || error->status == KEEL_UNKNOWN ? KEEL_FAILED : error->status;
}

void keel_failures_sum(const struct keel_failures *failures, struct keel_error *error)
{
    *error = (struct keel_error){.status = KEEL_OK};
    if (failures->count == 0)
        return;
    error->status = status_of(&failures->at[0].error);
    error->venue_code = failures->at[0].error.venue_code;
    for (int32_t i = 0; i < failures->count; i++) {
        const struct keel_error *reason = &failures->at[i].error;
        char code[16] = "";
        if (reason->venue_code != 0)
            snprintf(code, sizeof(code), "%d ", (int)reason->venue_code);
        append(error->message, sizeof(error->message), "%s%s: %s%s", i > 0 ? "; " : "",
               failures->at[i].names, code, reason->message);
    }
    if (failures->more > 0)
        append(error->message, sizeof(error->message), "; and %d more", (int)failures->more);
}

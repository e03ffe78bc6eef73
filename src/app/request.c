#include "app/request.h"

#include "app/record.h"

#include <string.h>

static const char hidden[] = "(hidden)";

/* Replaces the value that follows `before` in place: of signature=…, or of a header. */
static void hide_value(char *text, size_t text_size, const char *before)
{
    char *at = strstr(text, before);
    if (at == NULL)
        return;
    at += strlen(before);
    char *end = at + strcspn(at, "&\n");
    size_t tail_size = strlen(end) + 1;
    KEEL_ASSERT((size_t)(at - text) + sizeof(hidden) - 1 + tail_size <= text_size);
    memmove(at + sizeof(hidden) - 1, end, tail_size);
    memcpy(at, hidden, sizeof(hidden) - 1);
}

void app_request_print(bool json, const struct keel_encoded *encoded, bool hide_signature)
{
    struct keel_encoded shown = *encoded;
    struct app_record record;
    if (hide_signature) {
        hide_value(shown.query, sizeof(shown.query), "signature=");
        hide_value(shown.body, sizeof(shown.body), "signature=");
        hide_value(shown.headers, sizeof(shown.headers), "SIGN: ");
    }
    app_record_init(&record);
    app_record_put_text(&record, "method", shown.method);
    app_record_put_text(&record, "path", shown.path);
    app_record_put_empty(&record, "query", shown.query);
    app_record_put_empty(&record, "body", shown.body);
    app_record_put_text(&record, "headers", shown.headers);
    if (json)
        app_record_print_json(&record, stdout);
    else
        app_record_print_lines(&record, stdout);
}

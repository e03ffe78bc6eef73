#include "app/exit.h"

#include "app/record.h"

#include <inttypes.h>

const char app_exit_help[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  rejected by the venue, or not found there: nothing changed\n"
    "  2  usage: the command line, or a file named on it, is wrong\n"
    "  3  refused before it left this machine, or there is no position\n"
    "  4  outcome unknown: sent, but no verdict came; look before you repeat it\n"
    "  5  not connected, or what is needed may be old or was never told\n"
    "  6  internal error, an answer that cannot be read, a file that cannot be written\n"
    "  7  configuration: credentials, the file or the environment\n";

enum app_exit app_exit_from_status(enum keel_status status)
{
    if (keel_status_is_refusal(status))
        return APP_REFUSED;
    if (status == KEEL_OK)
        return APP_DONE;
    if (status == KEEL_REJECTED || status == KEEL_NOT_FOUND)
        return APP_REJECTED;
    if (status == KEEL_INVALID)
        return APP_USAGE;
    if (status == KEEL_NO_POSITION || status == KEEL_UNSUPPORTED)
        return APP_REFUSED;
    if (status == KEEL_UNKNOWN)
        return APP_UNKNOWN;
    if (status == KEEL_STALE || status == KEEL_FAILED || status == KEEL_NOT_LOADED)
        return APP_NOT_CONNECTED;
    if (status == KEEL_CONFIG)
        return APP_CONFIG;
    return APP_INTERNAL;
}

/* The venue's code stands in the sentence once. */
static bool is_code_told(const struct keel_error *error)
{
    char code[16];
    snprintf(code, sizeof(code), "%" PRId32, error->venue_code);
    return error->venue_code == 0 || strstr(error->message, code) != NULL;
}

static void print_sentence(const struct keel_error *error)
{
    fprintf(stderr, "keel: %s%s", error->status == KEEL_UNKNOWN ? "outcome unknown: " : "",
            error->message);
    if (!is_code_told(error))
        fprintf(stderr, " (%" PRId32 ")", error->venue_code);
    fputc('\n', stderr);
}

enum app_exit app_fail(bool json, const struct keel_error *error)
{
    struct app_record inner, outer;
    if (!json) {
        print_sentence(error);
        return app_exit_from_status(error->status);
    }
    app_record_init(&inner);
    app_record_put_text(&inner, "status", keel_status_name(error->status));
    if (error->venue_code != 0)
        app_record_put_int(&inner, "venue_code", error->venue_code);
    app_record_put_text(&inner, "message", error->message);
    app_record_init(&outer);
    app_record_put_record(&outer, "error", &inner);
    app_record_print_json(&outer, stderr);
    return app_exit_from_status(error->status);
}

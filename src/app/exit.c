#include "app/exit.h"

#include "app/record.h"

const char app_exit_help[] = "Exit codes:\n"
                             "  0  done\n"
                             "  1  rejected by the venue: nothing changed there\n"
                             "  2  usage: the command line, or a file named on it, is wrong\n"
                             "  3  refused before it left this machine, or there is no position\n"
                             "  4  outcome unknown: sent, but no verdict came; look before you "
                             "repeat it\n"
                             "  5  not connected, or what is known may be old\n"
                             "  6  internal error, or an answer that cannot be read\n"
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

enum app_exit app_fail(bool json, const struct keel_error *error)
{
    struct app_record inner, outer;
    if (!json) {
        bool unknown = error->status == KEEL_UNKNOWN;
        fprintf(stderr, "keel: %s%s\n", unknown ? "outcome unknown: " : "", error->message);
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

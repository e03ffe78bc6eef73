#include "app/commands.h"

#include "app/record.h"
#include "keel/keel.h"

static enum app_exit run_version(const struct app_options *options)
{
    struct app_record record;
    app_record_init(&record);
    app_record_put_text(&record, "version", KEEL_VERSION);
    if (options->json)
        app_record_print_json(&record, stdout);
    else
        printf("keel %s\n", KEEL_VERSION);
    return APP_DONE;
}

static const char *const no_options[] = {NULL};

const struct app_command app_version = {
    .name = "version",
    .arguments = "",
    .summary = "the version of keel",
    .details = "",
    .example = "  keel version --json",
    .options = no_options,
    .run = run_version,
};

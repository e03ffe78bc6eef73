#include "app/journal_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* False: the environment does not say where a home is. */
static bool find_default(const struct app_config *config, char *path, int *size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    bool has_state = state != NULL && state[0] == '/';

    if (!has_state && (home == NULL || home[0] == '\0'))
        return false;
    *size = snprintf(path, APP_JOURNAL_PATH_SIZE, "%s%s/keel/%s.db", has_state ? state : home,
                     has_state ? "" : "/.local/state", config->account.name);
    return true;
}

enum keel_status app_journal_path(const struct app_config *config,
                                  const struct app_options *options,
                                  char path[APP_JOURNAL_PATH_SIZE], struct keel_error *error)
{
    const char *named = options->journal != NULL ? options->journal : config->account.journal;
    int size = 0;

    path[0] = '\0';
    if (named != NULL && strcmp(named, "none") == 0)
        return KEEL_OK;
    if (named != NULL)
        size = snprintf(path, APP_JOURNAL_PATH_SIZE, "%s", named);
    else if (config->account.name != NULL && !find_default(config, path, &size))
        return KEEL_OK;
    if (size < APP_JOURNAL_PATH_SIZE)
        return KEEL_OK;
    return keel_fail(error, KEEL_CONFIG, "the journal's path is too long");
}

void app_journal_make_folders(const char *path)
{
    char part[APP_JOURNAL_PATH_SIZE];

    for (size_t i = 0; path[i] != '\0' && i < sizeof(part) - 1; i++) {
        part[i] = path[i];
        part[i + 1] = '\0';
        if (path[i + 1] == '/')
            (void)mkdir(part, 0700);
    }
}

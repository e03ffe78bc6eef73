/* journal_path.h - which file keeps what an account does.
 *
 * --journal FILE; else the `journal` of the account's section; else, for an account of the
 * configuration file, ~/.local/state/keel/ACCOUNT.db ($XDG_STATE_HOME in place of ~/.local/state).
 * "none" is no journal, and credentials from the environment have none by themselves. */
#ifndef APP_JOURNAL_PATH_H
#define APP_JOURNAL_PATH_H

#include "app/config.h"

enum { APP_JOURNAL_PATH_SIZE = 1024 };

/* "" is none. KEEL_CONFIG if it does not fit. */
KEEL_MUST_USE enum keel_status app_journal_path(const struct app_config *config,
                                                const struct app_options *options,
                                                char path[APP_JOURNAL_PATH_SIZE],
                                                struct keel_error *error);

/* Makes the folders of a path. What cannot be made shows when the file is opened. */
void app_journal_make_folders(const char *path);

#endif

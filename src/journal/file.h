/* file.h - the SQLite file of a journal: found, checked, locked, opened. */
#ifndef KEEL_JOURNAL_FILE_H
#define KEEL_JOURNAL_FILE_H

#include "keel/error.h"

#include <sqlite3.h>

enum {
    KEEL_JOURNAL_PATH_SIZE = 1024,
};

struct keel_journal_file {
    sqlite3 *database;
    int lock;      /* the descriptor that holds the lock; -1: none */
    bool new_file; /* it was made just now */
    int64_t version;
    char path[KEEL_JOURNAL_PATH_SIZE];
};

/* For one writer: makes the file and its tables if there are none, and takes the lock, which is a
 * file beside it and goes with the process. On failure everything is closed again. */
KEEL_MUST_USE enum keel_status keel_journal_file_open(struct keel_journal_file *file,
                                                      const char *path, struct keel_error *error);

/* For any number of readers: changes nothing. */
KEEL_MUST_USE enum keel_status keel_journal_file_view(struct keel_journal_file *file,
                                                      const char *path, struct keel_error *error);
void keel_journal_file_close(struct keel_journal_file *file);

/* What SQLite said last, about this file. KEEL_BROKEN if the file is damaged, else KEEL_IO. */
enum keel_status keel_journal_file_fail(const struct keel_journal_file *file, const char *what,
                                        struct keel_error *error);

KEEL_MUST_USE enum keel_status keel_journal_file_execute(struct keel_journal_file *file,
                                                         const char *sql, struct keel_error *error);

#endif

/* journal.h - reads a journal: what keel wanted, what became of it, and what was executed.
 *
 * A journal is one SQLite file that the process which trades writes. It may be read while it is
 * written, by as many as like; reading changes nothing. Rows come as text, oldest first. */
#ifndef KEEL_JOURNAL_H
#define KEEL_JOURNAL_H

#include "keel/error.h"

enum {
    KEEL_JOURNAL_COLUMNS_MAX = 40,
};

/* What outlasts what. A process that dies loses nothing either way. */
enum keel_durability {
    KEEL_DURABILITY_NORMAL, /* a power cut may take the last moments: the venue is asked for them */
    KEEL_DURABILITY_POWER,  /* each intent is synced before its bytes leave */
};

enum keel_journal_list {
    KEEL_JOURNAL_ORDERS,    /* every write: orders, cancels, settings, transfers, withdrawals */
    KEEL_JOURNAL_UNSETTLED, /* of these the ones whose fate is not known */
    KEEL_JOURNAL_TRANSFERS, /* of these the transfers and withdrawals */
    KEEL_JOURNAL_EXECUTIONS,
    KEEL_JOURNAL_FUNDING,
    KEEL_JOURNAL_DIFFERENCES,
    KEEL_JOURNAL_LISTS,
};

/* Good until the next row. NULL is absent. */
struct keel_journal_row {
    int32_t count;
    const char *names[KEEL_JOURNAL_COLUMNS_MAX];
    const char *values[KEEL_JOURNAL_COLUMNS_MAX];
    bool integers[KEEL_JOURNAL_COLUMNS_MAX]; /* times and counts; decimals are text */
};

struct keel_journal_reader;

/* What happened at that time or later, by the venue's clock. NULL: KEEL_NOT_FOUND (no such file),
 * KEEL_CONFIG (not a journal, or a newer one), KEEL_IO. */
KEEL_API struct keel_journal_reader *keel_journal_read(const char *path,
                                                       enum keel_journal_list list,
                                                       int64_t since_ms, struct keel_error *error);
KEEL_API void keel_journal_reader_free(struct keel_journal_reader *reader); /* NULL is fine */

/* The columns of every row. */
KEEL_API void keel_journal_columns(const struct keel_journal_reader *reader,
                                   struct keel_journal_row *row);

/* KEEL_NOT_FOUND after the last row, KEEL_IO. */
KEEL_API KEEL_MUST_USE enum keel_status keel_journal_next(struct keel_journal_reader *reader,
                                                          struct keel_journal_row *row,
                                                          struct keel_error *error);

#endif

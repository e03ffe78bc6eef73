/* journal.h - carries out records, durably, in one SQLite file.
 *
 * I/O; no clock. One owner, one thread. The first record of a turn begins a transaction; whoever
 * drives the exchange commits it before a write leaves, and at the latest at the turn's end:
 *
 *     keel_journal_append(journal, effect.record, &error);
 *     ...
 *     if (keel_journal_commit(journal, &error) == KEEL_OK)
 *         let the requests leave;
 *
 * What SQLite refuses once is refused from then on: a journal with a hole in it must not grow. The
 * file is whole up to the last commit, and opening it again goes on from there.
 *
 * Write-ahead log: with KEEL_DURABILITY_NORMAL a commit is a few writes and no sync, and outlasts
 * the process; a power cut may take the last transactions, never earlier ones. */
#ifndef KEEL_JOURNAL_JOURNAL_H
#define KEEL_JOURNAL_JOURNAL_H

#include "keel/journal.h"
#include "session/effect.h"

enum {
    KEEL_JOURNAL_NUMBERS = 10000, /* reserved at once */
    KEEL_JOURNAL_UNSETTLED_MAX = 256,
    KEEL_JOURNAL_SYMBOLS_MAX = 1024,
};

struct keel_journal;

/* Borrowed for the call of open. */
struct keel_journal_config {
    const char *path;
    const char *venue, *account; /* whose journal it is: another's is refused */
    enum keel_durability durability;
    uint64_t number_first; /* a new number is never below it */
};

/* What the journal tells whoever starts. */
struct keel_journal_start {
    uint64_t number_first, numbers_end; /* reserved: used by nobody before */
    bool new_file;
    bool unclean;        /* the last owner did not close it */
    bool unclean_boot;   /* nor did its machine: the last moments may be missing */
    int64_t complete_ms; /* all that happened before it is in here; 0: nothing was ever recorded */
    int64_t first_intent_ms;             /* 0: none */
    const struct keel_intent *unsettled; /* open or unknown, oldest first */
    int32_t unsettled_count;
    const char (*symbols)[KEEL_SYMBOL_SIZE]; /* of all that was ever wanted or executed */
    int32_t symbol_count;
};

/* Makes the file if there is none. NULL: KEEL_CONFIG (not a journal, a newer one, another
 * account's, in use by another process), KEEL_BROKEN (damaged), KEEL_IO; each names the file. */
struct keel_journal *keel_journal_open(const struct keel_journal_config *config,
                                       struct keel_error *error);
/* Commits, and marks the file as closed in good order. NULL is fine. */
void keel_journal_close(struct keel_journal *journal);

/* For tests: as when the process dies. What was not committed is lost, nothing is moved out of the
 * log, and the file stays marked as open. NULL is fine. */
void keel_journal_abandon(struct keel_journal *journal);

/* Good until the journal is closed. */
const struct keel_journal_start *keel_journal_start(const struct keel_journal *journal);

/* KEEL_IO, KEEL_BROKEN; then and ever after. */
KEEL_MUST_USE enum keel_status keel_journal_append(struct keel_journal *journal,
                                                   const struct keel_record *record,
                                                   struct keel_error *error);
KEEL_MUST_USE enum keel_status keel_journal_commit(struct keel_journal *journal,
                                                   struct keel_error *error);

/* Moves what was committed from the log into the file, when the log is long: when `idle`, early;
 * else only when it has to be. */
KEEL_MUST_USE enum keel_status keel_journal_tend(struct keel_journal *journal, bool idle,
                                                 struct keel_error *error);

/* For tests: the file grows no further than to so many pages, as on a full disk. */
void keel_journal_set_page_max(struct keel_journal *journal, int32_t pages);

#endif

/* row.h - the values of one row, bound in order and read in order. */
#ifndef KEEL_JOURNAL_ROW_H
#define KEEL_JOURNAL_ROW_H

#include "keel/decimal.h"

#include <sqlite3.h>

enum {
    KEEL_ROW_DECIMALS_MAX = 8,
};

/* Binding. What is bound must stay where it is until the row was written; decimals stay here. The
 * first refusal is kept and the rest is skipped. */
struct keel_row {
    sqlite3_stmt *statement;
    int column;
    int code; /* SQLITE_OK, or why not */
    int decimal_count;
    char decimals[KEEL_ROW_DECIMALS_MAX][KEEL_DECIMAL_TEXT_SIZE];
};

void keel_row_begin(struct keel_row *row, sqlite3_stmt *statement);
void keel_row_put_text(struct keel_row *row, const char *text); /* NULL or "": absent */
void keel_row_put_decimal(struct keel_row *row, keel_decimal value);
void keel_row_put_int(struct keel_row *row, int64_t value);
void keel_row_put_nothing(struct keel_row *row);

/* Runs the statement, which answers no row, and makes it ready for the next. */
int keel_row_end(struct keel_row *row);

/* Reading. */
struct keel_row_view {
    sqlite3_stmt *statement;
    int column;
    bool malformed; /* a value was not what the journal writes */
};

keel_str keel_row_take(struct keel_row_view *view); /* absent: empty */
void keel_row_take_text(struct keel_row_view *view, char *buffer, size_t buffer_size);
keel_decimal keel_row_take_decimal(struct keel_row_view *view);
int64_t keel_row_take_int(struct keel_row_view *view); /* absent: 0 */

#endif

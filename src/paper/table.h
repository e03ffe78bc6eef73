/* table.h - rows that are added and stay where they are until all of them go.
 *
 * A row's address is good until the table is cleared. Without memory the assertion handler ends the
 * process: a paper venue has nothing to save. */
#ifndef PAPER_TABLE_H
#define PAPER_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* All zeroes is empty. */
struct paper_table {
    void **rows;
    int64_t count, capacity;
};

/* A new row of zeroes at the end. */
void *paper_table_add(struct paper_table *table, size_t row_size);
void paper_table_clear(struct paper_table *table);

#endif

#include "paper/table.h"

#include "keel/error.h"

#include <stdlib.h>

enum {
    FIRST_CAPACITY = 64,
};

static void grow(struct paper_table *table)
{
    int64_t capacity = table->capacity == 0 ? FIRST_CAPACITY : table->capacity * 2;
    void **rows = realloc(table->rows, (size_t)capacity * sizeof(*rows));
    KEEL_ASSERT(rows != NULL);
    table->rows = rows;
    table->capacity = capacity;
}

void *paper_table_add(struct paper_table *table, size_t row_size)
{
    if (table->count == table->capacity)
        grow(table);
    void *row = calloc(1, row_size);
    KEEL_ASSERT(row != NULL);
    table->rows[table->count++] = row;
    return row;
}

void paper_table_clear(struct paper_table *table)
{
    for (int64_t i = 0; i < table->count; i++)
        free(table->rows[i]);
    free(table->rows);
    *table = (struct paper_table){0};
}

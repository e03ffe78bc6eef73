/* table.h - a list of records for whoever asked: JSON, an object a line, or aligned columns. */
#ifndef APP_TABLE_H
#define APP_TABLE_H

#include "app/record.h"

enum { APP_COLUMNS_MAX = 24 };

struct app_column {
    const char *field; /* of the record */
    const char *heading;
    int digits; /* decimals to show at most; 0: all there are. JSON has them all */
};

struct app_columns {
    const struct app_column *at;
    int count;
    const char *nothing; /* said to people when there are no rows: "no positions" */
    /* Fields whose column is left out when no row has it or says yes, then NULL; or NULL: none. */
    const char *const *seldom;
};

struct app_table {
    bool json;
    struct app_columns columns;
    char **cells; /* row by row; the table's own */
    int cell_count, cell_capacity;
};

void app_table_init(struct app_table *table, bool json, const struct app_columns *columns);

/* With JSON it is printed at once; else kept until the widths are known. */
void app_table_add(struct app_table *table, const struct app_record *record);

/* Prints what was kept, if it is `good` to print, and releases it. */
void app_table_finish(struct app_table *table, bool good);

#endif

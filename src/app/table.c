#include "app/table.h"

#include <stdlib.h>
#include <string.h>

static char *copy_text(const char *text, size_t size)
{
    char *copy = malloc(size + 1);
    KEEL_ASSERT(copy != NULL);
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

static char *round_decimal(keel_str text, int digits)
{
    char rounded[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal value;
    enum keel_status status = keel_decimal_parse(text, KEEL_ROUND_HALF_EVEN, &value, NULL);
    KEEL_ASSERT(status == KEEL_OK);
    value = keel_decimal_round_to_digits(value, digits, KEEL_ROUND_HALF_EVEN);
    size_t size = keel_decimal_format(value, rounded);
    return copy_text(rounded, size);
}

static char *format_cell(const struct app_field *field, int digits)
{
    char time[APP_TIME_SIZE];
    if (field == NULL)
        return copy_text("-", 1);
    if (field->kind == APP_FIELD_BOOL)
        return keel_str_equals(field->value, KEEL_STR("true")) ? copy_text("yes", 3)
                                                               : copy_text("no", 2);
    if (field->kind == APP_FIELD_DECIMAL && digits > 0)
        return round_decimal(field->value, digits);
    if (field->kind != APP_FIELD_TIME)
        return copy_text(field->value.data, field->value.size);
    app_format_time(field->time_ms, time);
    return copy_text(time, strlen(time));
}

static void add_cell(struct app_table *table, char *cell)
{
    if (table->cell_count == table->cell_capacity) {
        table->cell_capacity = table->cell_capacity == 0 ? 256 : 2 * table->cell_capacity;
        table->cells = realloc(table->cells, (size_t)table->cell_capacity * sizeof(char *));
        KEEL_ASSERT(table->cells != NULL);
    }
    table->cells[table->cell_count++] = cell;
}

static int find_width(const struct app_table *table, int column)
{
    size_t width = strlen(table->columns.at[column].heading);
    for (int i = column; i < table->cell_count; i += table->columns.count) {
        size_t cell = strlen(table->cells[i]);
        width = cell > width ? cell : width;
    }
    return (int)width;
}

/* Numbers stand at the right, so that their points line up as well as they can. */
static bool is_number(const char *cell)
{
    return cell[0] == '-' || (cell[0] >= '0' && cell[0] <= '9');
}

static bool is_right_aligned(const struct app_table *table, int column)
{
    for (int i = column; i < table->cell_count; i += table->columns.count)
        if (!is_number(table->cells[i]))
            return false;
    return table->cell_count > 0;
}

static void print_cell(const char *cell, int width, bool right, bool last)
{
    if (right)
        printf("%*s%s", width, cell, last ? "\n" : "  ");
    else if (last)
        printf("%s\n", cell);
    else
        printf("%-*s  ", width, cell);
}

static bool is_seldom(const struct app_table *table, int column)
{
    for (const char *const *at = table->columns.seldom; at != NULL && *at != NULL; at++)
        if (strcmp(table->columns.at[column].field, *at) == 0)
            return true;
    return false;
}

static bool is_shown(const struct app_table *table, int column)
{
    for (int i = column; i < table->cell_count; i += table->columns.count)
        if (strcmp(table->cells[i], "-") != 0 && strcmp(table->cells[i], "no") != 0)
            return true;
    return !is_seldom(table, column);
}

static void print_rows(const struct app_table *table)
{
    int widths[APP_COLUMNS_MAX] = {0};
    bool right[APP_COLUMNS_MAX] = {0}, shown[APP_COLUMNS_MAX] = {0};
    int count = table->columns.count;
    for (int i = 0; i < count; i++) {
        shown[i] = is_shown(table, i);
        widths[i] = find_width(table, i);
        right[i] = is_right_aligned(table, i);
    }
    for (int i = 0; i < count; i++)
        if (shown[i])
            print_cell(table->columns.at[i].heading, widths[i], right[i], i == count - 1);
    for (int i = 0; i < table->cell_count; i++)
        if (shown[i % count])
            print_cell(table->cells[i], widths[i % count], right[i % count],
                       i % count == count - 1);
}

void app_table_init(struct app_table *table, bool json, const struct app_columns *columns)
{
    KEEL_ASSERT(columns->count <= APP_COLUMNS_MAX);
    *table = (struct app_table){.json = json, .columns = *columns};
}

void app_table_add(struct app_table *table, const struct app_record *record)
{
    if (table->json) {
        app_record_print_json(record, stdout);
        return;
    }
    for (int i = 0; i < table->columns.count; i++) {
        const struct app_column *column = &table->columns.at[i];
        add_cell(table, format_cell(app_record_find(record, column->field), column->digits));
    }
}

void app_table_finish(struct app_table *table, bool good)
{
    if (good && !table->json && table->cell_count > 0)
        print_rows(table);
    else if (good && !table->json)
        printf("%s\n", table->columns.nothing);
    fflush(stdout);
    for (int i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    table->cells = NULL;
    table->cell_count = table->cell_capacity = 0;
}

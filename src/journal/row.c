#include "journal/row.h"

static void keep(struct keel_row *row, int code)
{
    if (row->code == SQLITE_OK)
        row->code = code;
}

void keel_row_begin(struct keel_row *row, sqlite3_stmt *statement)
{
    row->statement = statement;
    row->column = 0;
    row->code = SQLITE_OK;
    row->decimal_count = 0;
}

void keel_row_put_nothing(struct keel_row *row)
{
    keep(row, sqlite3_bind_null(row->statement, ++row->column));
}

void keel_row_put_text(struct keel_row *row, const char *text)
{
    if (text == NULL || text[0] == '\0')
        keel_row_put_nothing(row);
    else
        keep(row, sqlite3_bind_text(row->statement, ++row->column, text, -1, SQLITE_STATIC));
}

void keel_row_put_decimal(struct keel_row *row, keel_decimal value)
{
    if (!keel_decimal_is_valid(value)) {
        keel_row_put_nothing(row);
        return;
    }
    KEEL_ASSERT(row->decimal_count < KEEL_ROW_DECIMALS_MAX);
    char *text = row->decimals[row->decimal_count++];
    int size = (int)keel_decimal_format(value, text);
    keep(row, sqlite3_bind_text(row->statement, ++row->column, text, size, SQLITE_STATIC));
}

void keel_row_put_int(struct keel_row *row, int64_t value)
{
    keep(row, sqlite3_bind_int64(row->statement, ++row->column, value));
}

int keel_row_end(struct keel_row *row)
{
    int code = row->code == SQLITE_OK ? sqlite3_step(row->statement) : row->code;

    /* Tells once more what the step said. */
    sqlite3_reset(row->statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

keel_str keel_row_take(struct keel_row_view *view)
{
    int column = view->column++;
    const unsigned char *text = sqlite3_column_text(view->statement, column);

    if (text == NULL)
        return KEEL_STR("");
    return (keel_str){(const char *)text, (size_t)sqlite3_column_bytes(view->statement, column)};
}

void keel_row_take_text(struct keel_row_view *view, char *buffer, size_t buffer_size)
{
    if (!keel_str_copy(keel_row_take(view), buffer, buffer_size))
        view->malformed = true;
}

keel_decimal keel_row_take_decimal(struct keel_row_view *view)
{
    keel_decimal value = KEEL_DECIMAL_ABSENT;
    keel_str text = keel_row_take(view);

    if (text.size > 0 && keel_decimal_parse(text, KEEL_ROUND_DOWN, &value, NULL) != KEEL_OK)
        view->malformed = true;
    return value;
}

int64_t keel_row_take_int(struct keel_row_view *view)
{
    return sqlite3_column_int64(view->statement, view->column++);
}

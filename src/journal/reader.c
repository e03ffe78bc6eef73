#include "journal/file.h"
#include "keel/journal.h"

#include <stdlib.h>
#include <string.h>

struct keel_journal_reader {
    struct keel_journal_file file;
    sqlite3_stmt *statement;
};

/* Version 1 had no money to move. */
#define WALLET "quote_quantity, wallet_from, wallet_to, asset, network, address, memo, "

#define INTENTS(wallet)                                                                            \
    "SELECT number, time_ms, command, symbol, state, side, type, quantity, price, trigger_price, " \
    "callback_percent, time_in_force, position_side, reduce_only, close_position, "                \
    "client_id AS client_order_id, "                                                               \
    "order_id, family, leverage, margin_mode, amount, enable, " wallet                             \
    "outcome, venue_code, message, settled_ms FROM intents WHERE time_ms >= ?1 "

#define TRANSFERS(wallet)                                                                          \
    "SELECT number, time_ms, command, state, amount, " wallet                                      \
    "client_id AS client_order_id, order_id, outcome, venue_code, message, settled_ms "            \
    "FROM intents WHERE time_ms >= ?1 AND command IN ('transfer', 'withdraw') ORDER BY number"

static const char *const texts[KEEL_JOURNAL_LISTS] = {
    [KEEL_JOURNAL_ORDERS] = INTENTS(WALLET) "ORDER BY number",
    [KEEL_JOURNAL_UNSETTLED] =
        INTENTS(WALLET) "AND state IN ('open', 'unknown') AND settled_ms IS NULL "
                        "ORDER BY number",
    [KEEL_JOURNAL_TRANSFERS] = TRANSFERS(WALLET),
    [KEEL_JOURNAL_EXECUTIONS] =
        "SELECT time_ms, symbol, trade_id, order_id, client_id AS client_order_id, side, "
        "position_side, cause, maker, "
        "price, quantity, fee, fee_asset, realized_pnl FROM executions WHERE time_ms >= ?1 "
        "ORDER BY time_ms, sequence",
    [KEEL_JOURNAL_FUNDING] = "SELECT time_ms, symbol, asset, amount, id FROM incomes "
                             "WHERE time_ms >= ?1 AND kind = 'funding' ORDER BY time_ms, sequence",
    [KEEL_JOURNAL_DIFFERENCES] =
        "SELECT time_ms, kind, symbol, side, asset, id, ours, venues FROM differences "
        "WHERE time_ms >= ?1 ORDER BY time_ms, sequence",
};

static const char *text_of(enum keel_journal_list list, int64_t version)
{
    if (version > 1)
        return texts[list];
    if (list == KEEL_JOURNAL_ORDERS)
        return INTENTS("") "ORDER BY number";
    if (list == KEEL_JOURNAL_UNSETTLED)
        return INTENTS("") "AND state IN ('open', 'unknown') AND settled_ms IS NULL "
                           "ORDER BY number";
    if (list == KEEL_JOURNAL_TRANSFERS)
        return TRANSFERS("");
    return texts[list];
}

struct keel_journal_reader *keel_journal_read(const char *path, enum keel_journal_list list,
                                              int64_t since_ms, struct keel_error *error)
{
    struct keel_journal_reader *reader = calloc(1, sizeof(*reader));

    if (reader == NULL) {
        (void)keel_fail(error, KEEL_IO, "no memory to read a journal");
        return NULL;
    }
    if (keel_journal_file_view(&reader->file, path, error) != KEEL_OK) {
        free(reader);
        return NULL;
    }
    if (sqlite3_prepare_v2(reader->file.database, text_of(list, reader->file.version), -1,
                           &reader->statement, NULL) != SQLITE_OK ||
        sqlite3_bind_int64(reader->statement, 1, since_ms) != SQLITE_OK) {
        (void)keel_journal_file_fail(&reader->file, "cannot read", error);
        keel_journal_reader_free(reader);
        return NULL;
    }
    return reader;
}

void keel_journal_reader_free(struct keel_journal_reader *reader)
{
    if (reader == NULL)
        return;
    sqlite3_finalize(reader->statement);
    keel_journal_file_close(&reader->file);
    free(reader);
}

void keel_journal_columns(const struct keel_journal_reader *reader, struct keel_journal_row *row)
{
    *row = (struct keel_journal_row){.count = sqlite3_column_count(reader->statement)};
    KEEL_ASSERT(row->count <= KEEL_JOURNAL_COLUMNS_MAX);
    for (int i = 0; i < row->count; i++)
        row->names[i] = sqlite3_column_name(reader->statement, i);
}

enum keel_status keel_journal_next(struct keel_journal_reader *reader, struct keel_journal_row *row,
                                   struct keel_error *error)
{
    int code = sqlite3_step(reader->statement);

    if (code == SQLITE_DONE)
        return KEEL_NOT_FOUND;
    if (code != SQLITE_ROW)
        return keel_journal_file_fail(&reader->file, "cannot read", error);
    keel_journal_columns(reader, row);
    for (int i = 0; i < row->count; i++) {
        row->integers[i] = sqlite3_column_type(reader->statement, i) == SQLITE_INTEGER;
        row->values[i] = (const char *)sqlite3_column_text(reader->statement, i);
    }
    return KEEL_OK;
}

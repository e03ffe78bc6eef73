#include "journal/journal.h"

#include "journal/file.h"
#include "journal/intent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOG_PAGES_IDLE = 1000, /* of 4 kB: moved into the file when there is nothing else to do */
    LOG_PAGES_MAX = 16000, /* moved whatever else there is to do */
    BOOT_ID_SIZE = 64,
};

enum statement {
    INSERT_INTENT,
    END_INTENT,
    INSERT_EXECUTION,
    INSERT_BALANCE,
    COMPLETE_INCOME,
    INSERT_INCOME,
    INSERT_DIFFERENCE,
    INSERT_SYMBOL,
    SET_NUMBERS,
    SET_COMPLETE,
    STATEMENTS,
};

static const char *const texts[STATEMENTS] = {
    [INSERT_INTENT] =
        "INSERT INTO intents (" KEEL_INTENT_COLUMNS ") VALUES (" KEEL_INTENT_PLACES ")",
    [END_INTENT] = "UPDATE intents SET state = ?2, settled_ms = ?3,"
                   " order_id = COALESCE(?4, order_id), outcome = ?5, venue_code = ?6, message = ?7"
                   " WHERE number = ?1",
    [INSERT_EXECUTION] =
        "INSERT INTO executions (symbol, trade_id, time_ms, order_id, client_id, side,"
        " position_side, cause, maker, price, quantity, fee, fee_asset, realized_pnl)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
        " ON CONFLICT (symbol, trade_id, side) DO UPDATE SET cause = excluded.cause"
        "  WHERE cause = 'user'",
    [INSERT_BALANCE] = "INSERT INTO balances (time_ms, asset, wallet, cross_wallet)"
                       " VALUES (?1, ?2, ?3, ?4)",
    /* What a stream tells without an id, a history tells again, and another stream may, too. */
    [COMPLETE_INCOME] =
        "UPDATE incomes SET symbol = COALESCE(?4, symbol), id = ?7, trade_id = ?8"
        " WHERE sequence = (SELECT sequence FROM incomes WHERE id IS NULL AND time_ms = ?1"
        "  AND kind = ?2 AND name IS ?3 AND asset = ?5 AND amount = ?6"
        "  AND (symbol IS NULL OR symbol IS ?4) LIMIT 1)"
        " AND NOT EXISTS (SELECT 1 FROM incomes WHERE id = ?7 AND kind = ?2 AND symbol IS ?4)",
    [INSERT_INCOME] =
        "INSERT INTO incomes (time_ms, kind, name, symbol, asset, amount, id, trade_id)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
        " WHERE NOT EXISTS (SELECT 1 FROM incomes WHERE id = ?7 AND kind = ?2 AND symbol IS ?4)"
        " AND (?7 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM incomes WHERE time_ms = ?1"
        "  AND kind = ?2 AND asset = ?5 AND amount = ?6"
        "  AND (symbol IS NULL OR ?4 IS NULL OR symbol = ?4)))",
    [INSERT_DIFFERENCE] =
        "INSERT INTO differences (time_ms, kind, symbol, side, asset, id, ours, venues)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [INSERT_SYMBOL] = "INSERT INTO symbols (symbol) VALUES (?1) ON CONFLICT DO NOTHING",
    [SET_NUMBERS] = "UPDATE journal SET numbers_end = ?1",
    [SET_COMPLETE] = "UPDATE journal SET complete_ms = ?1 WHERE complete_ms < ?1",
};

struct keel_journal {
    struct keel_journal_file file;
    enum keel_durability durability;
    sqlite3_stmt *begin, *commit;
    sqlite3_stmt *statements[STATEMENTS];
    bool in_transaction;
    int log_pages;             /* in the write-ahead log after the last commit */
    struct keel_error failure; /* the first; status KEEL_OK: none */
    struct keel_journal_start start;
    struct keel_intent *unsettled;
    char (*symbols)[KEEL_SYMBOL_SIZE];
    int32_t symbol_count;
};

/* Failing: once is for ever, and what was not committed is given up with it. */

static enum keel_status tell_failure(const struct keel_journal *journal, struct keel_error *error)
{
    if (error != NULL)
        *error = journal->failure;
    return journal->failure.status;
}

static enum keel_status fail_for_ever(struct keel_journal *journal, const char *what,
                                      struct keel_error *error)
{
    if (journal->failure.status == KEEL_OK)
        (void)keel_journal_file_fail(&journal->file, what, &journal->failure);
    if (journal->in_transaction)
        (void)sqlite3_exec(journal->file.database, "ROLLBACK", NULL, NULL, NULL);
    journal->in_transaction = false;
    return tell_failure(journal, error);
}

/* Opening. */

static int on_log_grown(void *user, sqlite3 *database, const char *name, int pages)
{
    struct keel_journal *journal = user;

    (void)database;
    (void)name;
    journal->log_pages = pages;
    return SQLITE_OK;
}

static bool prepare(struct keel_journal *journal, const char *text, sqlite3_stmt **statement)
{
    return sqlite3_prepare_v3(journal->file.database, text, -1, SQLITE_PREPARE_PERSISTENT,
                              statement, NULL) == SQLITE_OK;
}

static enum keel_status prepare_all(struct keel_journal *journal, struct keel_error *error)
{
    bool prepared = prepare(journal, "BEGIN IMMEDIATE", &journal->begin) &&
                    prepare(journal, "COMMIT", &journal->commit);

    for (int i = 0; i < STATEMENTS && prepared; i++)
        prepared = prepare(journal, texts[i], &journal->statements[i]);
    return prepared ? KEEL_OK : keel_journal_file_fail(&journal->file, "cannot read", error);
}

static void read_boot_id(char buffer[BOOT_ID_SIZE])
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    /* Without one, every boot is taken for another: the venue is asked for more than need be. */
    if (file == NULL || fgets(buffer, BOOT_ID_SIZE, file) == NULL)
        snprintf(buffer, BOOT_ID_SIZE, "unknown");
    buffer[strcspn(buffer, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
}

static enum keel_status write_owner(struct keel_journal *journal,
                                    const struct keel_journal_config *config,
                                    struct keel_error *error)
{
    sqlite3_stmt *statement = NULL;
    struct keel_row row;

    if (!prepare(journal,
                 "INSERT INTO journal (one, venue, account, numbers_end, complete_ms)"
                 " VALUES (1, ?1, ?2, 0, 0) ON CONFLICT DO NOTHING",
                 &statement))
        return keel_journal_file_fail(&journal->file, "cannot write", error);
    keel_row_begin(&row, statement);
    (void)sqlite3_bind_text(statement, 1, config->venue, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 2, config->account, -1, SQLITE_STATIC);
    enum keel_status status = keel_row_end(&row) == SQLITE_OK
                                  ? KEEL_OK
                                  : keel_journal_file_fail(&journal->file, "cannot write", error);
    sqlite3_finalize(statement);
    return status;
}

static enum keel_status judge_owner(struct keel_journal *journal, sqlite3_stmt *statement,
                                    const struct keel_journal_config *config,
                                    struct keel_error *error)
{
    struct keel_row_view view = {.statement = statement};
    struct keel_journal_start *start = &journal->start;
    char boot[BOOT_ID_SIZE];

    keel_str venue = keel_row_take(&view), account = keel_row_take(&view);
    if (!keel_str_equals(venue, keel_str_from(config->venue)) ||
        !keel_str_equals(account, keel_str_from(config->account)))
        return keel_fail(error, KEEL_CONFIG, "journal %s is of %.*s %.*s, not of %s %s",
                         journal->file.path, KEEL_STR_ARGS(venue), KEEL_STR_ARGS(account),
                         config->venue, config->account);
    start->number_first = (uint64_t)keel_row_take_int(&view);
    start->complete_ms = keel_row_take_int(&view);
    keel_str last_boot = keel_row_take(&view);
    read_boot_id(boot);
    start->unclean = last_boot.size > 0;
    start->unclean_boot = start->unclean && (!keel_str_equals(last_boot, keel_str_from(boot)) ||
                                             strcmp(boot, "unknown") == 0);
    if (start->number_first < config->number_first)
        start->number_first = config->number_first;
    start->numbers_end = start->number_first + KEEL_JOURNAL_NUMBERS;
    return KEEL_OK;
}

static enum keel_status read_owner(struct keel_journal *journal,
                                   const struct keel_journal_config *config,
                                   struct keel_error *error)
{
    sqlite3_stmt *statement = NULL;
    enum keel_status status;

    if (!prepare(journal, "SELECT venue, account, numbers_end, complete_ms, boot FROM journal",
                 &statement) ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = keel_journal_file_fail(&journal->file, "cannot read", error);
    else
        status = judge_owner(journal, statement, config, error);
    sqlite3_finalize(statement);
    return status;
}

/* Numbers first: they are ours when this is on the disk, and never given out again. */
static enum keel_status take_ownership(struct keel_journal *journal, struct keel_error *error)
{
    char boot[BOOT_ID_SIZE], sql[160];

    read_boot_id(boot);
    snprintf(sql, sizeof(sql), "UPDATE journal SET numbers_end = %llu, boot = '%s'",
             (unsigned long long)journal->start.numbers_end, boot);
    return keel_journal_file_execute(&journal->file, sql, error);
}

static enum keel_status read_unsettled(struct keel_journal *journal, struct keel_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_ERROR;
    enum keel_status status = KEEL_OK;

    if (prepare(journal,
                "SELECT " KEEL_INTENT_COLUMNS " FROM intents WHERE state IN ('open', 'unknown')"
                " AND settled_ms IS NULL ORDER BY number",
                &statement)) {
        while (status == KEEL_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
            struct keel_row_view view = {.statement = statement};
            int32_t at = journal->start.unsettled_count;
            if (at == KEEL_JOURNAL_UNSETTLED_MAX)
                status =
                    keel_fail(error, KEEL_FULL, "journal %s: more than %d orders are unsettled",
                              journal->file.path, KEEL_JOURNAL_UNSETTLED_MAX);
            else if (!keel_intent_take(&view, &journal->unsettled[at]))
                status = keel_fail(error, KEEL_BROKEN, "journal %s is damaged: intent %llu",
                                   journal->file.path,
                                   (unsigned long long)journal->unsettled[at].number);
            else
                journal->start.unsettled_count++;
        }
    }
    if (status == KEEL_OK && code != SQLITE_DONE)
        status = keel_journal_file_fail(&journal->file, "cannot read", error);
    sqlite3_finalize(statement);
    return status;
}

/* What was accepted after it had left, of the same kind about the same thing; and transfers, which
 * their times alone tell apart, shortly before it, too. */
static const char overtakers[] =
    "SELECT COALESCE(sum(o.command = i.command), 0),"
    " COALESCE(sum(o.command = i.command AND o.quantity IS i.quantity AND o.price IS i.price"
    " AND o.leverage IS i.leverage AND o.margin_mode IS i.margin_mode AND o.amount IS i.amount"
    " AND o.enable IS i.enable), 0), COALESCE(sum(o.command <> i.command), 0)"
    " FROM intents i JOIN intents o ON (o.command = i.command"
    " OR o.command IN ('set_leverage', 'set_margin_mode')"
    " AND i.command IN ('set_leverage', 'set_margin_mode'))"
    " AND o.symbol IS i.symbol AND o.position_side IS i.position_side"
    " AND o.wallet_from IS i.wallet_from AND o.wallet_to IS i.wallet_to AND o.asset IS i.asset"
    " WHERE i.number = ?1 AND o.number <> i.number AND o.state = 'accepted'"
    " AND o.settled_ms >= i.time_ms - CASE i.command WHEN 'transfer' THEN 4000 ELSE 0 END"
    " AND o.expires_ms > i.time_ms"
    " AND (i.client_id IS NULL AND i.order_id IS NULL OR o.client_id = i.client_id"
    " OR o.order_id = i.order_id)";

static bool has_overtakers(enum keel_command_kind kind)
{
    return kind == KEEL_AMEND_ORDER || kind == KEEL_SET_LEVERAGE || kind == KEEL_SET_MARGIN_MODE ||
           kind == KEEL_ADJUST_MARGIN || kind == KEEL_SET_HEDGE_MODE ||
           kind == KEEL_SET_MULTI_ASSET || kind == KEEL_TRANSFER;
}

static enum keel_status read_overtakers(struct keel_journal *journal, struct keel_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_ROW;

    if (!prepare(journal, overtakers, &statement))
        return keel_journal_file_fail(&journal->file, "cannot read", error);
    for (int32_t i = 0; i < journal->start.unsettled_count && code == SQLITE_ROW; i++) {
        struct keel_intent *intent = &journal->unsettled[i];
        if (!has_overtakers(intent->command.kind))
            continue;
        sqlite3_bind_int64(statement, 1, (int64_t)intent->number);
        code = sqlite3_step(statement);
        intent->rivals = sqlite3_column_int(statement, 1);
        intent->overtaken = sqlite3_column_int(statement, 0) > intent->rivals;
        intent->crossed = sqlite3_column_int(statement, 2) > 0;
        sqlite3_reset(statement);
    }
    enum keel_status status =
        code == SQLITE_ROW ? KEEL_OK : keel_journal_file_fail(&journal->file, "cannot read", error);
    sqlite3_finalize(statement);
    return status;
}

static enum keel_status read_symbols(struct keel_journal *journal, struct keel_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_ERROR;

    if (prepare(journal, "SELECT symbol FROM symbols LIMIT 1024", &statement)) {
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            struct keel_row_view view = {.statement = statement};
            keel_row_take_text(&view, journal->symbols[journal->symbol_count++], KEEL_SYMBOL_SIZE);
        }
    }
    enum keel_status status = code == SQLITE_DONE
                                  ? KEEL_OK
                                  : keel_journal_file_fail(&journal->file, "cannot read", error);
    sqlite3_finalize(statement);
    journal->start.symbol_count = journal->symbol_count;
    return status;
}

static enum keel_status read_first_intent(struct keel_journal *journal, struct keel_error *error)
{
    sqlite3_stmt *statement = NULL;
    bool read = prepare(journal,
                        "SELECT coalesce((SELECT time_ms FROM intents ORDER BY number LIMIT 1), 0)",
                        &statement) &&
                sqlite3_step(statement) == SQLITE_ROW;

    if (read)
        journal->start.first_intent_ms = sqlite3_column_int64(statement, 0);
    enum keel_status status =
        read ? KEEL_OK : keel_journal_file_fail(&journal->file, "cannot read", error);
    sqlite3_finalize(statement);
    return status;
}

/* A machine that went down in the middle may have left more behind than a short log. */
static enum keel_status check_pages(struct keel_journal *journal, struct keel_error *error)
{
    sqlite3_stmt *statement = NULL;
    enum keel_status status = KEEL_OK;

    if (!prepare(journal, "PRAGMA quick_check(1)", &statement) ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = keel_journal_file_fail(&journal->file, "cannot read", error);
    else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
        status = keel_fail(error, KEEL_BROKEN, "journal %s is damaged: %s", journal->file.path,
                           sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return status;
}

static enum keel_status set_durability(struct keel_journal *journal,
                                       enum keel_durability durability, struct keel_error *error)
{
    return keel_journal_file_execute(&journal->file,
                                     durability == KEEL_DURABILITY_POWER
                                         ? "PRAGMA synchronous = FULL"
                                         : "PRAGMA synchronous = NORMAL",
                                     error);
}

static enum keel_status read_start(struct keel_journal *journal,
                                   const struct keel_journal_config *config,
                                   struct keel_error *error)
{
    /* Not in a new file alone: who made it may have died before this. One that is there stays. */
    enum keel_status status = write_owner(journal, config, error);

    if (status == KEEL_OK)
        status = read_owner(journal, config, error);
    if (status == KEEL_OK && journal->start.unclean_boot)
        status = check_pages(journal, error);
    if (status == KEEL_OK)
        status = read_unsettled(journal, error);
    if (status == KEEL_OK)
        status = read_overtakers(journal, error);
    if (status == KEEL_OK)
        status = read_symbols(journal, error);
    if (status == KEEL_OK)
        status = read_first_intent(journal, error);
    return status;
}

static enum keel_status open_all(struct keel_journal *journal,
                                 const struct keel_journal_config *config, struct keel_error *error)
{
    enum keel_status status = keel_journal_file_open(&journal->file, config->path, error);

    if (status != KEEL_OK)
        return status;
    (void)sqlite3_wal_hook(journal->file.database, on_log_grown, journal);
    status = prepare_all(journal, error);
    if (status == KEEL_OK)
        status = read_start(journal, config, error);
    if (status == KEEL_OK)
        status = take_ownership(journal, error);
    if (status == KEEL_OK)
        status = set_durability(journal, config->durability, error);
    return status;
}

static void release(struct keel_journal *journal)
{
    sqlite3_finalize(journal->begin);
    sqlite3_finalize(journal->commit);
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(journal->statements[i]);
    if (journal->file.database != NULL)
        keel_journal_file_close(&journal->file);
    free(journal->unsettled);
    free(journal->symbols);
    free(journal);
}

struct keel_journal *keel_journal_open(const struct keel_journal_config *config,
                                       struct keel_error *error)
{
    struct keel_journal *journal = calloc(1, sizeof(*journal));

    if (journal == NULL) {
        (void)keel_fail(error, KEEL_IO, "no memory for a journal");
        return NULL;
    }
    journal->durability = config->durability;
    journal->unsettled = calloc(KEEL_JOURNAL_UNSETTLED_MAX, sizeof(*journal->unsettled));
    journal->symbols = calloc(KEEL_JOURNAL_SYMBOLS_MAX, sizeof(*journal->symbols));
    enum keel_status status = journal->unsettled != NULL && journal->symbols != NULL
                                  ? open_all(journal, config, error)
                                  : keel_fail(error, KEEL_IO, "no memory for a journal");
    if (status != KEEL_OK) {
        release(journal);
        return NULL;
    }
    journal->start.new_file = journal->file.new_file;
    journal->start.unsettled = journal->unsettled;
    journal->start.symbols = (const char(*)[KEEL_SYMBOL_SIZE])journal->symbols;
    return journal;
}

void keel_journal_close(struct keel_journal *journal)
{
    if (journal == NULL)
        return;
    /* One that failed stays marked as open: whoever opens it next asks the venue. */
    if (keel_journal_commit(journal, NULL) == KEEL_OK)
        (void)sqlite3_exec(journal->file.database, "UPDATE journal SET boot = NULL", NULL, NULL,
                           NULL);
    release(journal);
}

void keel_journal_abandon(struct keel_journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->in_transaction)
        (void)sqlite3_exec(journal->file.database, "ROLLBACK", NULL, NULL, NULL);
    (void)sqlite3_db_config(journal->file.database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    release(journal);
}

const struct keel_journal_start *keel_journal_start(const struct keel_journal *journal)
{
    return &journal->start;
}

/* Records. */

static enum keel_status begin(struct keel_journal *journal, struct keel_error *error)
{
    if (journal->in_transaction)
        return KEEL_OK;
    int code = sqlite3_step(journal->begin);
    sqlite3_reset(journal->begin);
    if (code != SQLITE_DONE)
        return fail_for_ever(journal, "cannot begin to write", error);
    journal->in_transaction = true;
    return KEEL_OK;
}

/* Which markets were ever meant: after a crash they are looked at again. */
static int note_symbol(struct keel_journal *journal, const char *symbol)
{
    struct keel_row row;

    if (symbol[0] == '\0')
        return SQLITE_OK;
    for (int32_t i = 0; i < journal->symbol_count; i++) {
        if (strcmp(journal->symbols[i], symbol) == 0)
            return SQLITE_OK;
    }
    if (journal->symbol_count < KEEL_JOURNAL_SYMBOLS_MAX)
        memcpy(journal->symbols[journal->symbol_count++], symbol, KEEL_SYMBOL_SIZE);
    keel_row_begin(&row, journal->statements[INSERT_SYMBOL]);
    keel_row_put_text(&row, symbol);
    return keel_row_end(&row);
}

static int write_intent(struct keel_journal *journal, const struct keel_intent *intent)
{
    struct keel_row row;
    int code = note_symbol(journal, intent->symbol);

    if (code != SQLITE_OK)
        return code;
    keel_row_begin(&row, journal->statements[INSERT_INTENT]);
    keel_intent_bind(&row, intent);
    return keel_row_end(&row);
}

static int write_verdict(struct keel_journal *journal, const struct keel_verdict *verdict)
{
    struct keel_row row;

    keel_row_begin(&row, journal->statements[END_INTENT]);
    keel_row_put_int(&row, (int64_t)verdict->number);
    keel_row_put_text(&row, keel_fate_name(verdict->fate));
    if (verdict->fate == KEEL_FATE_UNKNOWN && !verdict->closed)
        keel_row_put_nothing(&row);
    else
        keel_row_put_int(&row, verdict->time_ms);
    keel_row_put_text(&row, verdict->order_id);
    keel_row_put_text(&row, keel_status_name(verdict->error.status));
    keel_row_put_int(&row, verdict->error.venue_code);
    keel_row_put_text(&row, verdict->error.status != KEEL_OK ? verdict->error.message : NULL);
    return keel_row_end(&row);
}

static int write_execution(struct keel_journal *journal, const char *symbol,
                           const struct keel_execution *execution)
{
    struct keel_row row;
    int code = note_symbol(journal, symbol);

    if (code != SQLITE_OK)
        return code;
    keel_row_begin(&row, journal->statements[INSERT_EXECUTION]);
    keel_row_put_text(&row, symbol);
    keel_row_put_text(&row, execution->trade_id);
    keel_row_put_int(&row, execution->time_ms);
    keel_row_put_text(&row, execution->order_id);
    keel_row_put_text(&row, execution->client_id);
    keel_row_put_text(&row, keel_side_name(execution->side));
    keel_row_put_text(&row, execution->position_side != KEEL_POSITION_SIDE_NONE
                                ? keel_position_side_name(execution->position_side)
                                : NULL);
    keel_row_put_text(&row, keel_cause_name(execution->cause));
    keel_row_put_int(&row, execution->maker ? 1 : 0);
    keel_row_put_decimal(&row, execution->price);
    keel_row_put_decimal(&row, execution->quantity);
    keel_row_put_decimal(&row, execution->fee);
    keel_row_put_text(&row, execution->fee_asset);
    keel_row_put_decimal(&row, execution->realized_pnl);
    return keel_row_end(&row);
}

static int write_balance(struct keel_journal *journal, const struct keel_balance *balance)
{
    struct keel_row row;

    keel_row_begin(&row, journal->statements[INSERT_BALANCE]);
    keel_row_put_int(&row, balance->update_time_ms);
    keel_row_put_text(&row, balance->asset);
    keel_row_put_decimal(&row, balance->wallet);
    keel_row_put_decimal(&row, balance->cross_wallet);
    return keel_row_end(&row);
}

static int run_income(struct keel_journal *journal, enum statement statement, const char *symbol,
                      const struct keel_income *income)
{
    struct keel_row row;

    keel_row_begin(&row, journal->statements[statement]);
    keel_row_put_int(&row, income->time_ms);
    keel_row_put_text(&row, keel_income_kind_name(income->kind));
    keel_row_put_text(&row, income->name);
    keel_row_put_text(&row, symbol);
    keel_row_put_text(&row, income->asset);
    keel_row_put_decimal(&row, income->amount);
    keel_row_put_text(&row, income->id);
    keel_row_put_text(&row, income->trade_id);
    return keel_row_end(&row);
}

static int write_income(struct keel_journal *journal, const char *symbol,
                        const struct keel_income *income)
{
    if (income->id[0] != '\0') {
        int code = run_income(journal, COMPLETE_INCOME, symbol, income);
        if (code != SQLITE_OK || sqlite3_changes(journal->file.database) > 0)
            return code;
    }
    return run_income(journal, INSERT_INCOME, symbol, income);
}

static int write_difference(struct keel_journal *journal, const char *symbol,
                            const struct keel_difference *difference)
{
    struct keel_row row;

    keel_row_begin(&row, journal->statements[INSERT_DIFFERENCE]);
    keel_row_put_int(&row, difference->time_ms);
    keel_row_put_text(&row, keel_difference_kind_name(difference->kind));
    keel_row_put_text(&row, symbol);
    keel_row_put_text(&row, difference->side != KEEL_POSITION_SIDE_NONE
                                ? keel_position_side_name(difference->side)
                                : NULL);
    keel_row_put_text(&row, difference->asset);
    keel_row_put_text(&row, difference->id);
    keel_row_put_decimal(&row, difference->ours);
    keel_row_put_decimal(&row, difference->venues);
    return keel_row_end(&row);
}

static int write_number(struct keel_journal *journal, enum statement statement, int64_t number)
{
    struct keel_row row;

    keel_row_begin(&row, journal->statements[statement]);
    keel_row_put_int(&row, number);
    return keel_row_end(&row);
}

static int write_record(struct keel_journal *journal, const struct keel_record *record)
{
    switch (record->kind) {
    case KEEL_RECORD_INTENT: return write_intent(journal, &record->intent);
    case KEEL_RECORD_OUTCOME: return write_verdict(journal, &record->verdict);
    case KEEL_RECORD_EXECUTION: return write_execution(journal, record->symbol, &record->execution);
    case KEEL_RECORD_BALANCE: return write_balance(journal, &record->balance);
    case KEEL_RECORD_INCOME: return write_income(journal, record->symbol, &record->income);
    case KEEL_RECORD_DIFFERENCE:
        return write_difference(journal, record->symbol, &record->difference);
    case KEEL_RECORD_NUMBERS:
        return write_number(journal, SET_NUMBERS, (int64_t)record->numbers_end);
    case KEEL_RECORD_COMPLETE: return write_number(journal, SET_COMPLETE, record->complete_ms);
    case KEEL_RECORD_NONE: break;
    }
    return SQLITE_OK;
}

static enum keel_status append(struct keel_journal *journal, const struct keel_record *record,
                               struct keel_error *error)
{
    enum keel_status status = begin(journal, error);

    if (status == KEEL_OK && write_record(journal, record) != SQLITE_OK)
        status = fail_for_ever(journal, "cannot write", error);
    return status;
}

/* Alone and synced: a number that a power cut gave back would be given out twice. */
static enum keel_status append_synced(struct keel_journal *journal,
                                      const struct keel_record *record, struct keel_error *error)
{
    enum keel_status status = keel_journal_commit(journal, error);

    if (status == KEEL_OK && set_durability(journal, KEEL_DURABILITY_POWER, error) != KEEL_OK)
        status = fail_for_ever(journal, "cannot sync", error);
    if (status == KEEL_OK)
        status = append(journal, record, error);
    if (status == KEEL_OK)
        status = keel_journal_commit(journal, error);
    if (status == KEEL_OK && set_durability(journal, journal->durability, error) != KEEL_OK)
        status = fail_for_ever(journal, "cannot sync", error);
    return status;
}

enum keel_status keel_journal_append(struct keel_journal *journal, const struct keel_record *record,
                                     struct keel_error *error)
{
    if (journal->failure.status != KEEL_OK)
        return tell_failure(journal, error);
    if (record->kind == KEEL_RECORD_NUMBERS)
        return append_synced(journal, record, error);
    return append(journal, record, error);
}

enum keel_status keel_journal_commit(struct keel_journal *journal, struct keel_error *error)
{
    if (journal->failure.status != KEEL_OK)
        return tell_failure(journal, error);
    if (!journal->in_transaction)
        return KEEL_OK;
    int code = sqlite3_step(journal->commit);
    sqlite3_reset(journal->commit);
    if (code != SQLITE_DONE)
        return fail_for_ever(journal, "cannot commit", error);
    journal->in_transaction = false;
    return KEEL_OK;
}

enum keel_status keel_journal_tend(struct keel_journal *journal, bool idle,
                                   struct keel_error *error)
{
    if (journal->failure.status != KEEL_OK)
        return tell_failure(journal, error);
    if (journal->in_transaction || journal->log_pages < (idle ? LOG_PAGES_IDLE : LOG_PAGES_MAX))
        return KEEL_OK;
    int code = sqlite3_wal_checkpoint_v2(journal->file.database, NULL, SQLITE_CHECKPOINT_PASSIVE,
                                         NULL, NULL);
    journal->log_pages = 0;
    /* A reader may hold the log: the rest is moved another time. */
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
        return fail_for_ever(journal, "cannot move the log into the file", error);
    return KEEL_OK;
}

void keel_journal_set_page_max(struct keel_journal *journal, int32_t pages)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %d", (int)pages);
    (void)sqlite3_exec(journal->file.database, sql, NULL, NULL, NULL);
}

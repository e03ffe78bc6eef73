#include "journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    APPLICATION_ID = 0x6b65656c, /* "keel" */
    VERSION = 3,
    BUSY_MS =
        250, /* somebody else's hand in the file: not another keel, which the lock keeps out */
};

/* Both sides of a trade with oneself have one id. */
#define EXECUTIONS                                                                                 \
    "CREATE TABLE executions ("                                                                    \
    " sequence INTEGER PRIMARY KEY, symbol TEXT NOT NULL, trade_id TEXT NOT NULL,"                 \
    " time_ms INTEGER NOT NULL, order_id TEXT, client_id TEXT, side TEXT, position_side TEXT,"     \
    " cause TEXT, maker INTEGER, price TEXT, quantity TEXT, fee TEXT, fee_asset TEXT,"             \
    " realized_pnl TEXT, UNIQUE (symbol, trade_id, side)"                                          \
    ") STRICT;"                                                                                    \
    "CREATE INDEX executions_time ON executions (time_ms);"

/* Money is text: SQLite has no number that holds it. Intents are in the order of their numbers, and
 * so nearly of their times: an index of times would cost each of them another page. */
static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE journal ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " venue TEXT NOT NULL, account TEXT NOT NULL,"
    " numbers_end INTEGER NOT NULL," /* every number below may have been used */
    " complete_ms INTEGER NOT NULL," /* all that happened before is in here */
    " boot TEXT"                     /* of the machine, while somebody writes; NULL: closed */
    ") STRICT;"
    "CREATE TABLE intents ("
    " number INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " command TEXT NOT NULL, symbol TEXT, family TEXT, client_id TEXT, order_id TEXT, side TEXT,"
    " position_side TEXT, type TEXT, time_in_force TEXT, trigger_source TEXT, price_match TEXT,"
    " reduce_only INTEGER, close_position INTEGER, forced INTEGER, quantity TEXT, price TEXT,"
    " trigger_price TEXT, callback_percent TEXT, leverage INTEGER, margin_mode TEXT, amount TEXT,"
    " enable INTEGER, quote_quantity TEXT, wallet_from TEXT, wallet_to TEXT, asset TEXT,"
    " network TEXT, address TEXT, memo TEXT, quantity_before TEXT, wallet_before TEXT,"
    " state TEXT NOT NULL DEFAULT 'open'"
    "  CHECK (state IN ('open', 'accepted', 'rejected', 'failed', 'unknown')),"
    " outcome TEXT, venue_code INTEGER, message TEXT, settled_ms INTEGER"
    ") STRICT;"
    "CREATE INDEX intents_unsettled ON intents (number) WHERE state IN ('open', "
    "'unknown');" EXECUTIONS "CREATE TABLE balances ("
    " sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, asset TEXT NOT NULL, wallet TEXT,"
    " cross_wallet TEXT"
    ") STRICT;"
    "CREATE TABLE incomes ("
    " sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT,"
    " symbol TEXT, asset TEXT NOT NULL, amount TEXT, id TEXT, trade_id TEXT"
    ") STRICT;"
    "CREATE INDEX incomes_time ON incomes (time_ms);"
    "CREATE INDEX incomes_id ON incomes (id, kind) WHERE id IS NOT NULL;"
    "CREATE TABLE differences ("
    " sequence INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, kind TEXT NOT NULL, symbol TEXT,"
    " side TEXT, asset TEXT, id TEXT, ours TEXT, venues TEXT"
    ") STRICT;"
    "CREATE TABLE symbols (symbol TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = 1801807212;"
    "PRAGMA user_version = 3;"
    "COMMIT;";

/* What was added to a file of each version. */
static const char *const additions[VERSION] = {
    [1] = "BEGIN IMMEDIATE;"
          "ALTER TABLE intents ADD COLUMN quote_quantity TEXT;"
          "ALTER TABLE intents ADD COLUMN wallet_from TEXT;"
          "ALTER TABLE intents ADD COLUMN wallet_to TEXT;"
          "ALTER TABLE intents ADD COLUMN asset TEXT;"
          "ALTER TABLE intents ADD COLUMN network TEXT;"
          "ALTER TABLE intents ADD COLUMN address TEXT;"
          "ALTER TABLE intents ADD COLUMN memo TEXT;"
          "ALTER TABLE executions RENAME TO executions_1;"
          "DROP INDEX executions_time;" EXECUTIONS
          "INSERT INTO executions SELECT * FROM executions_1;"
          "DROP TABLE executions_1;"
          "PRAGMA user_version = 2;"
          "COMMIT;",
    [2] = "BEGIN IMMEDIATE;"
          "ALTER TABLE intents ADD COLUMN quantity_before TEXT;"
          "ALTER TABLE intents ADD COLUMN wallet_before TEXT;"
          "PRAGMA user_version = 3;"
          "COMMIT;",
};

enum keel_status keel_journal_file_fail(const struct keel_journal_file *file, const char *what,
                                        struct keel_error *error)
{
    int code = sqlite3_errcode(file->database) & 0xff;
    const char *words = sqlite3_errmsg(file->database);

    if (code == SQLITE_NOTADB)
        return keel_fail(error, KEEL_CONFIG, "journal %s: the file is not a journal", file->path);
    if (code == SQLITE_CORRUPT)
        return keel_fail(error, KEEL_BROKEN, "journal %s is damaged: %s: %s", file->path, what,
                         words);
    return keel_fail(error, KEEL_IO, "journal %s: %s: %s", file->path, what, words);
}

enum keel_status keel_journal_file_execute(struct keel_journal_file *file, const char *sql,
                                           struct keel_error *error)
{
    if (sqlite3_exec(file->database, sql, NULL, NULL, NULL) == SQLITE_OK)
        return KEEL_OK;
    return keel_journal_file_fail(file, "cannot write", error);
}

static enum keel_status read_int(struct keel_journal_file *file, const char *sql, int64_t *value,
                                 struct keel_error *error)
{
    sqlite3_stmt *statement = NULL;
    bool done = sqlite3_prepare_v2(file->database, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;

    if (done)
        *value = sqlite3_column_int64(statement, 0);
    enum keel_status status = done ? KEEL_OK : keel_journal_file_fail(file, "cannot read", error);
    sqlite3_finalize(statement);
    return status;
}

/* Is it a journal, and one that this version can read? An empty file will be one. */
static enum keel_status check_kind(struct keel_journal_file *file, struct keel_error *error)
{
    int64_t id = 0, version = 0, tables = 0;
    enum keel_status status = read_int(file, "PRAGMA application_id", &id, error);

    if (status == KEEL_OK)
        status = read_int(file, "PRAGMA user_version", &version, error);
    if (status == KEEL_OK)
        status = read_int(file, "SELECT count(*) FROM sqlite_schema", &tables, error);
    if (status != KEEL_OK)
        return status;
    file->new_file = tables == 0 && id == 0;
    file->version = version;
    if (file->new_file)
        return KEEL_OK;
    if (id != APPLICATION_ID)
        return keel_fail(error, KEEL_CONFIG, "journal %s: the file is another program's",
                         file->path);
    if (version > VERSION)
        return keel_fail(error, KEEL_CONFIG,
                         "journal %s: its version is %lld; this keel reads up to %d", file->path,
                         (long long)version, VERSION);
    return KEEL_OK;
}

static enum keel_status take_path(struct keel_journal_file *file, const char *path,
                                  struct keel_error *error)
{
    *file = (struct keel_journal_file){.lock = -1};
    if (path[0] == '\0' || strlen(path) + sizeof("-lock") > sizeof(file->path))
        return keel_fail(error, KEEL_CONFIG, "a journal's path has 1 to %zu characters",
                         sizeof(file->path) - sizeof("-lock"));
    memcpy(file->path, path, strlen(path) + 1);
    return KEEL_OK;
}

/* Beside the file and not on it: closing any descriptor of a file gives up this process's POSIX
 * locks on it, and those are SQLite's. */
static enum keel_status take_lock(struct keel_journal_file *file, struct keel_error *error)
{
    char path[KEEL_JOURNAL_PATH_SIZE + sizeof("-lock")];

    snprintf(path, sizeof(path), "%s-lock", file->path);
    file->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file->lock < 0)
        return keel_fail(error, KEEL_IO, "journal %s: cannot open %s: %s", file->path, path,
                         strerror(errno));
    if (flock(file->lock, LOCK_EX | LOCK_NB) == 0)
        return KEEL_OK;
    if (errno == EWOULDBLOCK)
        return keel_fail(error, KEEL_CONFIG, "journal %s is in use by another process", file->path);
    return keel_fail(error, KEEL_IO, "journal %s: cannot lock %s: %s", file->path, path,
                     strerror(errno));
}

/* Only its owner may read what an account does. */
static enum keel_status make_file(struct keel_journal_file *file, struct keel_error *error)
{
    int descriptor = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (descriptor < 0)
        return keel_fail(error, KEEL_IO, "journal %s: cannot open: %s", file->path,
                         strerror(errno));
    close(descriptor);
    return KEEL_OK;
}

static enum keel_status open_database(struct keel_journal_file *file, int flags,
                                      struct keel_error *error)
{
    int code = sqlite3_open_v2(file->path, &file->database, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (file->database == NULL)
        return keel_fail(error, KEEL_IO, "journal %s: no memory", file->path);
    if (code != SQLITE_OK)
        return keel_journal_file_fail(file, "cannot open", error);
    sqlite3_extended_result_codes(file->database, 1);
    sqlite3_busy_timeout(file->database, BUSY_MS);
    return KEEL_OK;
}

/* The mode is in the file and outlasts us; the rest is of this connection. */
static enum keel_status prepare_writing(struct keel_journal_file *file, struct keel_error *error)
{
    enum keel_status status = keel_journal_file_execute(
        file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF",
        error);

    if (status == KEEL_OK && file->new_file)
        status = keel_journal_file_execute(file, schema, error);
    for (; status == KEEL_OK && !file->new_file && file->version < VERSION; file->version++)
        status = keel_journal_file_execute(file, additions[file->version], error);
    return status;
}

enum keel_status keel_journal_file_open(struct keel_journal_file *file, const char *path,
                                        struct keel_error *error)
{
    enum keel_status status = take_path(file, path, error);

    if (status == KEEL_OK)
        status = take_lock(file, error);
    if (status == KEEL_OK)
        status = make_file(file, error);
    if (status == KEEL_OK)
        status = open_database(file, SQLITE_OPEN_READWRITE, error);
    if (status == KEEL_OK)
        status = check_kind(file, error);
    if (status == KEEL_OK)
        status = prepare_writing(file, error);
    if (status != KEEL_OK)
        keel_journal_file_close(file);
    return status;
}

enum keel_status keel_journal_file_view(struct keel_journal_file *file, const char *path,
                                        struct keel_error *error)
{
    enum keel_status status = take_path(file, path, error);

    if (status == KEEL_OK && access(path, R_OK) != 0)
        status = keel_fail(error, errno == ENOENT ? KEEL_NOT_FOUND : KEEL_IO,
                           "journal %s: cannot open: %s", path, strerror(errno));
    if (status == KEEL_OK)
        status = open_database(file, SQLITE_OPEN_READONLY, error);
    if (status == KEEL_OK)
        status = check_kind(file, error);
    if (status == KEEL_OK && file->new_file)
        status = keel_fail(error, KEEL_CONFIG, "journal %s is empty", path);
    if (status != KEEL_OK)
        keel_journal_file_close(file);
    return status;
}

/* The lock last: nobody may come in while the file is being closed. */
void keel_journal_file_close(struct keel_journal_file *file)
{
    sqlite3_close(file->database);
    if (file->lock >= 0)
        close(file->lock);
    file->database = NULL;
    file->lock = -1;
}

/* cmd_journal.c - what the journal of an account holds, also while another process writes it. */
#include "app/account.h"
#include "app/commands.h"
#include "app/journal_path.h"
#include "keel/journal.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct {
    const char *word;
    enum keel_journal_list list;
} lists[] = {
    {"orders",      KEEL_JOURNAL_ORDERS     },
    {"transfers",   KEEL_JOURNAL_TRANSFERS  },
    {"executions",  KEEL_JOURNAL_EXECUTIONS },
    {"funding",     KEEL_JOURNAL_FUNDING    },
    {"differences", KEEL_JOURNAL_DIFFERENCES},
};

/* A value that a comma, a quote or a line's end would break is quoted. */
static void print_csv_value(const char *value)
{
    if (strpbrk(value, ",\"\r\n") == NULL) {
        fputs(value, stdout);
        return;
    }
    putchar('"');
    for (; *value != '\0'; value++) {
        if (*value == '"')
            putchar('"');
        putchar(*value);
    }
    putchar('"');
}

static void print_csv(const struct keel_journal_row *row, const char *const *values)
{
    for (int32_t i = 0; i < row->count; i++) {
        if (i > 0)
            putchar(',');
        if (values[i] != NULL)
            print_csv_value(values[i]);
    }
    putchar('\n');
}

static bool is_time(const char *name)
{
    size_t size = strlen(name);
    return size > 3 && strcmp(name + size - 3, "_ms") == 0;
}

static bool is_flag(const char *name)
{
    static const char *const flags[] = {"reduce_only", "close_position", "maker", "enable"};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (strcmp(flags[i], name) == 0)
            return true;
    return false;
}

static void fill_record(struct app_record *record, const struct keel_journal_row *row)
{
    app_record_init(record);
    for (int32_t i = 0; i < row->count; i++) {
        if (row->values[i] == NULL)
            continue;
        int64_t number = row->integers[i] ? strtoll(row->values[i], NULL, 10) : 0;
        if (row->integers[i] && is_time(row->names[i]))
            app_record_put_time(record, row->names[i], number);
        else if (row->integers[i] && is_flag(row->names[i]))
            app_record_put_bool(record, row->names[i], number != 0);
        else if (row->integers[i])
            app_record_put_int(record, row->names[i], number);
        else
            app_record_put_text(record, row->names[i], row->values[i]);
    }
}

/* Columns for people; JSON and CSV have all. */
static const struct app_column order_columns[] = {
    {"time_ms",         "time (UTC)",    0},
    {"command",         "command",       0},
    {"symbol",          "symbol",        0},
    {"side",            "side",          0},
    {"type",            "type",          0},
    {"quantity",        "quantity",      0},
    {"quote_quantity",  "of quote",      0},
    {"asset",           "asset",         0},
    {"amount",          "amount",        0},
    {"address",         "address",       0},
    {"price",           "price",         0},
    {"trigger_price",   "trigger price", 0},
    {"client_order_id", "client id",     0},
    {"order_id",        "order id",      0},
    {"state",           "state",         0},
    {"message",         "message",       0},
};
static const struct app_column transfer_columns[] = {
    {"time_ms",         "time (UTC)", 0},
    {"command",         "command",    0},
    {"asset",           "asset",      0},
    {"amount",          "amount",     0},
    {"wallet_from",     "from",       0},
    {"wallet_to",       "to",         0},
    {"network",         "network",    0},
    {"address",         "address",    0},
    {"memo",            "memo",       0},
    {"client_order_id", "client id",  0},
    {"order_id",        "id",         0},
    {"state",           "state",      0},
    {"message",         "message",    0},
};
static const struct app_column execution_columns[] = {
    {"time_ms",      "time (UTC)",   0},
    {"symbol",       "symbol",       0},
    {"side",         "side",         0},
    {"quantity",     "quantity",     0},
    {"price",        "price",        0},
    {"fee",          "fee",          0},
    {"fee_asset",    "fee asset",    0},
    {"realized_pnl", "realized pnl", 0},
    {"order_id",     "order id",     0},
    {"trade_id",     "trade id",     0},
};
static const struct app_column funding_columns[] = {
    {"time_ms", "time (UTC)", 0},
    {"symbol",  "symbol",     0},
    {"amount",  "amount",     0},
    {"asset",   "asset",      0},
};
static const struct app_column difference_columns[] = {
    {"time_ms", "time (UTC)",  0},
    {"kind",    "kind",        0},
    {"symbol",  "symbol",      0},
    {"side",    "side",        0},
    {"asset",   "asset",       0},
    {"id",      "id",          0},
    {"ours",    "ours",        0},
    {"venues",  "the venue's", 0},
};

/* Of an order's row, and of a transfer's, what only some commands have. */
static const char *const seldom[] = {"quote_quantity", "asset",       "amount",  "address",
                                     "trigger_price",  "wallet_from", "network", "memo",
                                     "wallet_to",      NULL};

#define COLUMNS(columns, nothing)                                                                  \
    {                                                                                              \
        columns, (int)(sizeof(columns) / sizeof((columns)[0])), nothing, seldom                    \
    }

static const struct app_columns columns_of[KEEL_JOURNAL_LISTS] = {
    [KEEL_JOURNAL_ORDERS] = COLUMNS(order_columns, "no orders"),
    [KEEL_JOURNAL_UNSETTLED] = COLUMNS(order_columns, "nothing is unsettled"),
    [KEEL_JOURNAL_TRANSFERS] = COLUMNS(transfer_columns, "no transfers or withdrawals"),
    [KEEL_JOURNAL_EXECUTIONS] = COLUMNS(execution_columns, "no executions"),
    [KEEL_JOURNAL_FUNDING] = COLUMNS(funding_columns, "no funding"),
    [KEEL_JOURNAL_DIFFERENCES] = COLUMNS(difference_columns, "no differences"),
};

static enum keel_status print_rows(struct keel_journal_reader *reader, enum keel_journal_list list,
                                   const struct app_options *options, struct keel_error *error)
{
    struct keel_journal_row row;
    struct app_record record;
    struct app_table table;
    enum keel_status status;
    app_table_init(&table, options->json, &columns_of[list]);
    keel_journal_columns(reader, &row);
    if (options->csv)
        print_csv(&row, row.names);
    while ((status = keel_journal_next(reader, &row, error)) == KEEL_OK) {
        if (options->csv) {
            print_csv(&row, row.values);
            continue;
        }
        fill_record(&record, &row);
        app_table_add(&table, &record);
    }
    app_table_finish(&table, status == KEEL_NOT_FOUND && !options->csv);
    return status == KEEL_NOT_FOUND ? KEEL_OK : status;
}

static enum keel_status find_path(const struct app_options *options, char *path,
                                  struct keel_error *error)
{
    static struct app_config config; /* static: locked memory is the process's, not a frame's */
    enum keel_status status = KEEL_OK;
    if (options->journal == NULL)
        status = app_config_load(&config, options, true, error);
    if (status == KEEL_OK)
        status = app_journal_path(&config, options, path, error);
    if (options->journal == NULL)
        app_config_wipe(&config);
    if (status == KEEL_OK && path[0] == '\0')
        status = keel_fail(error, KEEL_CONFIG, "the account has no journal: name one (--journal)");
    return status;
}

/* A file that is not there is the mistake of whoever named it. */
static enum app_exit fail_reading(const struct app_options *options, struct keel_error *error)
{
    if (error->status == KEEL_NOT_FOUND)
        error->status = options->journal != NULL ? KEEL_INVALID : KEEL_CONFIG;
    return app_fail(options->json, error);
}

enum app_exit app_show_journal(const struct app_options *options, enum keel_journal_list list)
{
    char path[APP_JOURNAL_PATH_SIZE];
    struct keel_error error;
    int64_t since_ms = 0;
    enum keel_status status =
        app_parse_int("--since", options->since, 0, INT64_MAX, &since_ms, &error);
    if (status == KEEL_OK && options->csv && options->json)
        status = keel_fail(&error, KEEL_INVALID, "--csv and --json exclude each other");
    if (status == KEEL_OK)
        status = find_path(options, path, &error);
    if (status != KEEL_OK)
        return app_fail(options->json, &error);
    struct keel_journal_reader *reader = keel_journal_read(path, list, since_ms, &error);
    if (reader == NULL)
        return fail_reading(options, &error);
    status = print_rows(reader, list, options, &error);
    keel_journal_reader_free(reader);
    return status == KEEL_OK ? APP_DONE : app_fail(options->json, &error);
}

static enum app_exit run_journal(const struct app_options *options)
{
    struct keel_error error;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(options->arguments[0], lists[i].word) == 0)
            return app_show_journal(options, lists[i].list);
    (void)keel_fail(&error, KEEL_INVALID,
                    "a journal lists orders, transfers, executions, funding or differences, not %s",
                    options->arguments[0]);
    return app_fail(options->json, &error);
}

static const char *const journal_options[] = {"since", "csv", "journal", NULL};

const struct app_command app_journal = {
    .name = "journal",
    .arguments = "orders|transfers|executions|funding|differences",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "what an account's journal holds",
    .details =
        "Orders are all that was wanted; transfers of these the transfers and withdrawals.\n"
        "Reads the file alone, also while another process writes it. Commands that trade\n"
        "keep one: --journal FILE, or `journal` in the account's section, or for an account\n"
        "of the configuration file ~/.local/state/keel/ACCOUNT.db; `none` is none.",
    .example = "  keel journal orders --since 1678320000000\n"
               "  keel journal executions --csv > executions.csv",
    .options = journal_options,
    .has_account = true,
    .run = run_journal,
};

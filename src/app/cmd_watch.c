/* cmd_watch.c - what happens to the account, a line each, until Ctrl-C. */
#include "app/account.h"
#include "app/commands.h"

#include <time.h>

struct watch {
    struct app_account account;
    bool json;
};

static void print_people(const struct app_record *record)
{
    char now[APP_TIME_SIZE];
    app_format_time((int64_t)time(NULL) * 1000, now);
    printf("%s  %-10.*s", now, KEEL_STR_ARGS(record->fields[0].value));
    for (int i = 1; i < record->field_count; i++) {
        const struct app_field *field = &record->fields[i];
        bool is_noise = field->kind == APP_FIELD_TIME ||
                        (field->kind == APP_FIELD_BOOL && field->value.data[0] == 'f');
        if (is_noise)
            continue;
        if (field->kind == APP_FIELD_TEXT)
            printf(" %.*s", KEEL_STR_ARGS(field->value));
        else
            printf(" %s=%.*s", field->name, KEEL_STR_ARGS(field->value));
    }
    printf("\n");
    fflush(stdout);
}

static void show(const struct watch *watch, const struct app_record *record)
{
    if (watch->json)
        app_record_print_json(record, stdout);
    else
        print_people(record);
    if (ferror(stdout))
        keel_client_interrupt(watch->account.client); /* nobody can read on */
}

static void begin(struct app_record *record, const char *name)
{
    app_record_init(record);
    app_record_put_text(record, "event", name);
}

static void on_order(void *user, const struct keel_order *order)
{
    struct watch *watch = user;
    struct app_record record;
    begin(&record, "order");
    app_render_order(&record, app_account_markets(&watch->account), order);
    app_render_reading(&record, order->source, order->age_ms);
    show(watch, &record);
}

static void on_execution(void *user, const struct keel_execution *execution)
{
    struct watch *watch = user;
    struct app_record record;
    begin(&record, "execution");
    app_render_execution(&record, app_account_markets(&watch->account), execution);
    show(watch, &record);
}

static void on_balance(void *user, const struct keel_balance *balance)
{
    struct app_record record;
    begin(&record, "balance");
    app_render_balance(&record, balance, KEEL_DECIMAL_ABSENT);
    app_render_reading(&record, balance->source, balance->age_ms);
    show(user, &record);
}

/* With its figures if they can be had; as the venue told it otherwise. */
static void on_position(void *user, const struct keel_position *position)
{
    struct watch *watch = user;
    const struct keel_markets *markets = app_account_markets(&watch->account);
    struct app_record record;
    struct keel_risk risk;
    begin(&record, "position");
    if (keel_futures_risk(app_account_futures(&watch->account), position->market, position->side,
                          false, &risk, NULL) == KEEL_OK) {
        app_render_live_position(&record, markets, &risk);
    } else {
        app_render_position(&record, markets, position, NULL);
        app_render_reading(&record, position->source, position->age_ms);
    }
    show(watch, &record);
}

static void on_risk(void *user, const struct keel_risk_event *event)
{
    struct watch *watch = user;
    struct app_record record;
    begin(&record, "risk");
    app_render_risk_event(&record, app_account_markets(&watch->account), event);
    show(watch, &record);
}

static void on_funding(void *user, const struct keel_income *funding)
{
    struct watch *watch = user;
    struct app_record record;
    begin(&record, "funding");
    app_render_income(&record, app_account_markets(&watch->account), funding);
    show(watch, &record);
}

static void on_mark(void *user, const struct keel_mark *mark)
{
    struct watch *watch = user;
    struct app_record record;
    begin(&record, "mark");
    app_render_mark(&record, app_account_markets(&watch->account), mark);
    show(watch, &record);
}

static void on_connection(void *user, const struct keel_connection *connection)
{
    struct app_record record;
    begin(&record, "connection");
    app_render_connection(&record, connection);
    show(user, &record);
}

static void on_difference(void *user, const struct keel_difference *difference)
{
    struct watch *watch = user;
    struct app_record record;
    begin(&record, "difference");
    app_render_difference(&record, app_account_markets(&watch->account), difference);
    show(watch, &record);
}

static void on_unknown(void *user, keel_str word, keel_str message)
{
    struct app_record record;
    (void)message;
    begin(&record, "unknown");
    app_record_put_str(&record, "word", word);
    show(user, &record);
}

static enum app_exit run_watch(const struct app_options *options)
{
    struct watch watch = {.json = options->json};
    struct keel_error error;
    struct keel_handlers handlers = {
        .user = &watch,
        .on_order = on_order,
        .on_execution = on_execution,
        .on_balance = on_balance,
        .on_position = on_position,
        .on_risk = on_risk,
        .on_funding = on_funding,
        .on_mark = options->marks ? on_mark : NULL,
        .on_connection = on_connection,
        .on_difference = on_difference,
        .on_unknown = on_unknown,
    };
    if (app_account_open(&watch.account, options, options->arguments, options->argument_count,
                         &handlers, &error) != KEEL_OK)
        return ferror(stdout) ? APP_DONE : app_fail(options->json, &error);
    enum keel_status status = app_account_run(&watch.account, &error);
    return app_account_finish(&watch.account, NULL, &error, status);
}

static const char *const watch_options[] = {"marks", NULL};

const struct app_command app_watch = {
    .name = "watch",
    .arguments = "[SYMBOLS…]",
    .arguments_max = APP_ARGUMENTS_MAX,
    .summary = "what happens to the account, a line each, until Ctrl-C",
    .details = "Orders, executions, balances, positions, risk warnings, funding, the connection; "
               "with\n--marks the mark prices of active markets, too.",
    .example = "  keel watch --json | jq -c 'select(.event == \"execution\")'",
    .options = watch_options,
    .has_account = true,
    .run = run_watch,
};

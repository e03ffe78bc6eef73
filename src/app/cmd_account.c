/* cmd_account.c - the commands that read: balances, positions, risk, orders, executions, stats. */
#include "app/account.h"
#include "app/commands.h"

#include <stdlib.h>

enum {
    BALANCES_MAX = 256,
    POSITIONS_MAX = KEEL_MARKETS_MAX,
    ORDERS_MAX = 4096,
};

/* Profit that is not realised, of the positions that settle in one asset. Absent if one of them is
 * not known. */
static keel_decimal sum_unrealized(const struct app_account *account, const char *asset,
                                   const struct keel_position *positions, size_t count)
{
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (size_t i = 0; i < count; i++) {
        const struct keel_market *market =
            keel_markets_get(app_account_markets(account), positions[i].market);
        struct keel_risk risk;
        if (strcmp(market->settle, asset) != 0)
            continue;
        if (keel_futures_risk(app_account_futures(account), positions[i].market, positions[i].side,
                              false, &risk, NULL) != KEEL_OK)
            return KEEL_DECIMAL_ABSENT;
        sum = keel_decimal_add(sum, risk.unrealized_pnl);
    }
    return sum;
}

/* All positions, in memory that the caller frees. */
static enum keel_status list_positions(const struct app_account *account,
                                       struct keel_position **positions, size_t *count,
                                       struct keel_error *error)
{
    enum keel_status status;
    *count = 0;
    *positions = calloc(POSITIONS_MAX, sizeof(**positions));
    KEEL_ASSERT(*positions != NULL);
    if (app_account_futures(account) == NULL)
        return KEEL_OK;
    *count = keel_futures_positions(app_account_futures(account), false, *positions, POSITIONS_MAX,
                                    &status);
    if (status != KEEL_OK)
        return keel_fail(error, status, "positions: what is known of them may be old");
    return KEEL_OK;
}

static enum keel_status list_balances(const struct app_account *account, struct app_table *table,
                                      struct keel_error *error)
{
    struct keel_balance balances[BALANCES_MAX];
    struct keel_position *positions;
    struct app_record record;
    enum keel_status status;
    size_t position_count;
    if (list_positions(account, &positions, &position_count, error) != KEEL_OK) {
        free(positions);
        return error->status;
    }
    size_t count =
        keel_private_balances(app_account_base(account), false, balances, BALANCES_MAX, &status);
    for (size_t i = 0; i < count && status == KEEL_OK; i++) {
        app_record_init(&record);
        app_render_balance(
            &record, &balances[i],
            app_account_futures(account) == NULL
                ? KEEL_DECIMAL_ABSENT
                : sum_unrealized(account, balances[i].asset, positions, position_count));
        app_render_reading(&record, balances[i].source, balances[i].age_ms);
        app_table_add(table, &record);
    }
    free(positions);
    return status == KEEL_OK
               ? KEEL_OK
               : keel_fail(error, status, "balances: what is known of them may be old");
}

static enum app_exit run_balances(const struct app_options *options)
{
    struct app_account account;
    struct app_table table;
    struct keel_error error;
    if (app_account_open(&account, options, NULL, 0, NULL, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    app_table_init(&table, options->json,
                   app_account_futures(&account) == NULL ? &app_spot_balance_columns
                                                         : &app_balance_columns);
    enum keel_status status = list_balances(&account, &table, &error);
    return app_account_finish(&account, &table, &error, status);
}

typedef void (*render_risk)(struct app_record *record, const struct keel_markets *markets,
                            const struct keel_risk *risk);

static enum keel_status list_risks(const struct app_account *account, keel_market_id market,
                                   render_risk render, struct app_table *table, int *shown,
                                   struct keel_error *error)
{
    struct keel_position *positions;
    struct app_record record;
    size_t count;
    enum keel_status status = app_account_check_futures(account, "positions", error);
    if (status != KEEL_OK)
        return status;
    status = list_positions(account, &positions, &count, error);
    for (size_t i = 0; i < count && status == KEEL_OK; i++) {
        struct keel_risk risk;
        if (market != KEEL_NO_MARKET && positions[i].market != market)
            continue;
        status = keel_futures_risk(app_account_futures(account), positions[i].market,
                                   positions[i].side, false, &risk, error);
        if (status != KEEL_OK)
            break;
        app_record_init(&record);
        render(&record, app_account_markets(account), &risk);
        app_table_add(table, &record);
        ++*shown;
    }
    free(positions);
    return status;
}

static enum app_exit show_risks(const struct app_options *options, render_risk render,
                                const struct app_columns *columns)
{
    struct app_account account;
    struct app_table table;
    struct keel_error error;
    keel_market_id market = KEEL_NO_MARKET;
    int shown = 0;
    if (app_account_open(&account, options, options->arguments, options->argument_count, NULL,
                         &error) != KEEL_OK)
        return app_fail(options->json, &error);
    enum keel_status status = KEEL_OK;
    if (options->argument_count > 0)
        status = app_account_find(&account, options->arguments[0], &market, &error);
    app_table_init(&table, options->json, columns);
    if (status == KEEL_OK)
        status = list_risks(&account, market, render, &table, &shown, &error);
    if (status == KEEL_OK && market != KEEL_NO_MARKET && shown == 0)
        status = keel_fail(&error, KEEL_NO_POSITION, "%s: there is no position",
                           app_symbol(app_account_markets(&account), market));
    return app_account_finish(&account, &table, &error, status);
}

static enum app_exit run_positions(const struct app_options *options)
{
    return show_risks(options, app_render_live_position, &app_position_columns);
}

static enum app_exit run_risk(const struct app_options *options)
{
    return show_risks(options, app_render_risk, &app_risk_columns);
}

/* What a load brings, shown as it comes. */
struct listing {
    const struct app_account *account;
    struct app_table table;
    bool only_done; /* orders: leave out what is still open */
};

/* `read`: out of the account, which says how old it is, and not out of an answer. */
static void add_order(struct listing *listing, const struct keel_order *order, bool read)
{
    struct app_record record;
    if (listing->only_done && keel_order_is_open(order))
        return;
    app_record_init(&record);
    app_render_order(&record, app_account_markets(listing->account), order);
    if (read)
        app_render_reading(&record, order->source, order->age_ms);
    app_table_add(&listing->table, &record);
}

static void on_order_event(void *user, const struct keel_event *event)
{
    if (event->kind == KEEL_EVENT_ORDER)
        add_order(user, &event->order, false);
}

static void on_execution_event(void *user, const struct keel_event *event)
{
    struct listing *listing = user;
    struct app_record record;
    if (event->kind != KEEL_EVENT_EXECUTION)
        return;
    app_record_init(&record);
    app_render_execution(&record, app_account_markets(listing->account), &event->execution);
    app_table_add(&listing->table, &record);
}

static enum keel_status load(struct app_account *account, const struct keel_command *command,
                             struct listing *listing,
                             void (*on_event)(void *user, const struct keel_event *event),
                             struct keel_error *error)
{
    struct app_answer answer = {.on_event = on_event, .user = listing};
    enum keel_status status =
        keel_private_load(app_account_base(account), command, app_on_result, &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(account, &answer, error);
    return status;
}

static enum keel_status read_page(const struct app_options *options, struct keel_page *page,
                                  struct keel_error *error)
{
    int64_t limit = 0;
    enum keel_status status =
        app_parse_int("--since", options->since, 0, INT64_MAX, &page->start_time_ms, error);
    if (status == KEEL_OK)
        status = app_parse_int("--limit", options->limit, 1, 1000, &limit, error);
    page->limit = (int32_t)limit;
    return status;
}

/* Oldest first; of one moment by id, which venues count up. */
static int compare_orders(const void *left, const void *right)
{
    const struct keel_order *a = left, *b = right;
    if (a->create_time_ms != b->create_time_ms)
        return a->create_time_ms < b->create_time_ms ? -1 : 1;
    return strcmp(a->order_id, b->order_id);
}

/* Leaves those of the list that were asked for, in order. */
static size_t choose_orders(const struct app_options *options, const struct keel_page *page,
                            struct keel_order *orders, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool conditional = keel_order_type_is_conditional(orders[i].type);
        if (orders[i].create_time_ms >= page->start_time_ms &&
            (conditional || !options->conditional))
            orders[kept++] = orders[i];
    }
    qsort(orders, kept, sizeof(*orders), compare_orders);
    return kept;
}

static enum keel_status list_open_orders(const struct app_account *account,
                                         const struct app_options *options, keel_market_id market,
                                         struct listing *listing, struct keel_error *error)
{
    struct keel_page page = {0};
    enum keel_status status = read_page(options, &page, error);
    if (status != KEEL_OK)
        return status;
    struct keel_order *orders = calloc(ORDERS_MAX, sizeof(*orders));
    KEEL_ASSERT(orders != NULL);
    size_t count = keel_private_open_orders(app_account_base(account), market, false, orders,
                                            ORDERS_MAX, &status);
    count = choose_orders(options, &page, orders, count < ORDERS_MAX ? count : ORDERS_MAX);
    size_t limit = page.limit > 0 ? (size_t)page.limit : count;
    for (size_t i = count > limit ? count - limit : 0; i < count && status == KEEL_OK; i++)
        add_order(listing, &orders[i], true);
    free(orders);
    return status == KEEL_OK ? KEEL_OK
                             : keel_fail(error, status, "orders: what is known may be old");
}

static enum keel_status list_completed_orders(struct app_account *account,
                                              const struct app_options *options,
                                              keel_market_id market, struct listing *listing,
                                              struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_LOAD_ORDERS};
    command.page.market = market;
    if (options->conditional)
        command.page.family = KEEL_FAMILY_CONDITIONAL;
    listing->only_done = true;
    enum keel_status status = read_page(options, &command.page, error);
    if (status == KEEL_OK)
        status = load(account, &command, listing, on_order_event, error);
    return status;
}

static enum keel_status list_one_order(struct app_account *account,
                                       const struct app_options *options, keel_market_id market,
                                       struct listing *listing, struct keel_error *error)
{
    struct app_answer answer = {0};
    struct keel_order_ref ref = {.market = market};
    if (options->conditional)
        ref.family = KEEL_FAMILY_CONDITIONAL;
    if ((options->id != NULL &&
         !keel_str_copy(keel_str_from(options->id), ref.order_id, sizeof(ref.order_id))) ||
        (options->client_id != NULL &&
         !keel_str_copy(keel_str_from(options->client_id), ref.client_id, sizeof(ref.client_id))))
        return keel_fail(error, KEEL_INVALID, "the order's id is too long");
    enum keel_status status =
        keel_private_get_order(app_account_base(account), &ref, app_on_result, &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(account, &answer, error);
    if (status == KEEL_OK && answer.has_order)
        add_order(listing, &answer.order, false);
    return status;
}

static enum keel_status list_orders(struct app_account *account, const struct app_options *options,
                                    struct listing *listing, struct keel_error *error)
{
    keel_market_id market = KEEL_NO_MARKET;
    if (options->argument_count > 0 &&
        app_account_find(account, options->arguments[0], &market, error) != KEEL_OK)
        return error->status;
    if (options->id != NULL || options->client_id != NULL)
        return list_one_order(account, options, market, listing, error);
    if (options->completed)
        return list_completed_orders(account, options, market, listing, error);
    return list_open_orders(account, options, market, listing, error);
}

/* Settles what can be settled, unless a program that trades is at it, and shows the rest. */
static enum app_exit show_unknown(const struct app_options *options)
{
    struct app_account account;
    struct keel_error error;
    enum keel_status status = app_account_open_to_trade(&account, options, NULL, 0, &error);
    if (status == KEEL_OK)
        app_account_close(&account);
    else if (!options->json)
        fprintf(stderr, "keel: nothing was settled now: %s\n", error.message);
    return app_show_journal(options, KEEL_JOURNAL_UNSETTLED);
}

/* What is wrong with the command line is said before anything connects. */
static enum keel_status check_orders_options(const struct app_options *options, bool wants_one,
                                             struct keel_error *error)
{
    struct keel_page page = {0};
    if (options->completed && wants_one)
        return keel_fail(error, KEEL_INVALID, "--completed and one order's id exclude each other");
    return read_page(options, &page, error);
}

static enum app_exit run_orders(const struct app_options *options)
{
    if (options->unknown)
        return show_unknown(options);

    struct app_account account;
    struct listing listing = {.account = &account};
    struct keel_error error;
    bool wants_one = options->id != NULL || options->client_id != NULL;
    bool wants_history = options->completed || wants_one;
    if (check_orders_options(options, wants_one, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    if (wants_history && options->argument_count == 0) {
        (void)keel_fail(&error, KEEL_INVALID,
                        "the venue keeps orders by market: name one, as in keel orders BTC/USDT");
        return app_fail(options->json, &error);
    }
    if (app_account_open(&account, options, options->arguments, options->argument_count, NULL,
                         &error) != KEEL_OK)
        return app_fail(options->json, &error);
    app_table_init(&listing.table, options->json, &app_order_columns);
    enum keel_status status = list_orders(&account, options, &listing, &error);
    return app_account_finish(&account, &listing.table, &error, status);
}

/* The markets that took a fee: those with executions. */
struct traded {
    keel_market_id markets[KEEL_MARKETS_MAX];
    int count;
};

static void on_income_event(void *user, const struct keel_event *event)
{
    struct traded *traded = user;
    if (event->kind != KEEL_EVENT_INCOME || event->income.market == KEEL_NO_MARKET)
        return;
    for (int i = 0; i < traded->count; i++)
        if (traded->markets[i] == event->income.market)
            return;
    if (traded->count < KEEL_MARKETS_MAX)
        traded->markets[traded->count++] = event->income.market;
}

static enum keel_status find_traded(struct app_account *account, const struct app_options *options,
                                    struct traded *traded, struct keel_error *error)
{
    struct app_answer answer = {.on_event = on_income_event, .user = traded};
    struct keel_command command = {.kind = KEEL_LOAD_INCOME};
    command.page.income_kind = KEEL_INCOME_COMMISSION;
    command.page.limit = 1000;
    enum keel_status status =
        app_parse_int("--since", options->since, 0, INT64_MAX, &command.page.start_time_ms, error);
    if (status == KEEL_OK)
        status =
            keel_private_load(app_account_base(account), &command, app_on_result, &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(account, &answer, error);
    return status;
}

static enum keel_status list_executions(struct app_account *account,
                                        const struct app_options *options, struct listing *listing,
                                        struct keel_error *error)
{
    static struct traded traded;
    enum keel_status status;
    if (options->argument_count > 0) {
        traded.count = 1;
        status = app_account_find(account, options->arguments[0], &traded.markets[0], error);
    } else if (app_account_futures(account) == NULL) {
        status = keel_fail(error, KEEL_INVALID,
                           "a spot venue keeps executions by market: name one, as in keel "
                           "executions BTC/USDT");
    } else {
        status = find_traded(account, options, &traded, error);
    }
    for (int i = 0; i < traded.count && status == KEEL_OK; i++) {
        struct keel_command command = {.kind = KEEL_LOAD_EXECUTIONS};
        command.page.market = traded.markets[i];
        status = read_page(options, &command.page, error);
        if (status == KEEL_OK)
            status = load(account, &command, listing, on_execution_event, error);
    }
    return status;
}

static enum app_exit run_executions(const struct app_options *options)
{
    struct app_account account;
    struct listing listing = {.account = &account};
    struct keel_error error;
    if (app_account_open(&account, options, options->arguments, options->argument_count, NULL,
                         &error) != KEEL_OK)
        return app_fail(options->json, &error);
    app_table_init(&listing.table, options->json, &app_execution_columns);
    enum keel_status status = list_executions(&account, options, &listing, &error);
    return app_account_finish(&account, &listing.table, &error, status);
}

static void render_counts(struct app_record *record, const struct keel_statistics *base)
{
    app_record_put_bool(record, "has_credentials", base->has_credentials);
    app_record_put_int(record, "balances", base->balances);
    app_record_put_int(record, "open_orders", base->open_orders);
    app_record_put_int(record, "completed_orders", base->completed_orders);
    app_record_put_int(record, "executions", base->executions);
    app_record_put_int(record, "unsettled", base->unsettled);
    app_record_put_int(record, "messages", (int64_t)base->messages);
    app_record_put_int(record, "events", (int64_t)base->events);
    app_record_put_int(record, "unknown_events", (int64_t)base->unknown_events);
    app_record_put_int(record, "differences", (int64_t)base->differences);
}

static void render_margin(struct app_record *record, const struct keel_margin_info *margin)
{
    app_record_put_decimal(record, "wallet", margin->wallet);
    app_record_put_decimal(record, "available", margin->available);
    app_record_put_decimal(record, "margin_balance", margin->margin_balance);
    app_record_put_decimal(record, "initial_margin", margin->initial_margin);
    app_record_put_decimal(record, "maintenance_margin", margin->maintenance_margin);
    app_record_put_decimal(record, "margin_ratio", margin->margin_ratio);
    app_record_put_int(record, "age_ms", margin->age_ms);
    app_record_put_bool(record, "stale", margin->stale);
}

static void render_stats(struct app_record *record, const struct app_account *account)
{
    struct keel_futures_statistics statistics;
    struct keel_margin_info margin;
    if (app_account_futures(account) == NULL) {
        keel_private_statistics(app_account_base(account), &statistics.base);
        app_render_connection(record, &statistics.base.connection);
        render_counts(record, &statistics.base);
        return;
    }
    keel_futures_statistics(app_account_futures(account), &statistics);
    app_render_connection(record, &statistics.base.connection);
    render_counts(record, &statistics.base);
    app_record_put_int(record, "positions", statistics.positions);
    app_record_put_int(record, "high_risk_positions", statistics.high_risk_positions);
    app_record_put_decimal(record, "unrealized_pnl", statistics.unrealized_pnl);
    app_record_put_decimal(record, "margin_used", statistics.margin_used);
    app_record_put_text(record, "missing_symbol", statistics.missing_symbol);
    if (keel_futures_margin(app_account_futures(account), KEEL_NO_MARKET, false, &margin, NULL) ==
        KEEL_OK)
        render_margin(record, &margin);
}

static enum app_exit run_stats(const struct app_options *options)
{
    struct app_account account;
    struct app_record record;
    struct keel_error error;
    if (app_account_open(&account, options, NULL, 0, NULL, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    app_record_init(&record);
    render_stats(&record, &account);
    if (options->json)
        app_record_print_json(&record, stdout);
    else
        app_record_print_lines(&record, stdout);
    app_account_close(&account);
    return APP_DONE;
}

static enum keel_status list_fees(const struct app_account *account, const char *symbol,
                                  struct app_table *table, struct keel_error *error)
{
    struct app_record record;
    struct keel_fees fees;
    keel_market_id market;
    enum keel_status status = app_account_find(account, symbol, &market, error);
    if (status == KEEL_OK)
        status = keel_private_fees(app_account_base(account), market, &fees, error);
    if (status != KEEL_OK)
        return status;
    app_record_init(&record);
    app_record_put_text(&record, "symbol", app_symbol(app_account_markets(account), market));
    app_record_put_decimal(&record, "maker", fees.maker);
    app_record_put_decimal(&record, "taker", fees.taker);
    app_table_add(table, &record);
    return KEEL_OK;
}

static enum app_exit run_fees(const struct app_options *options)
{
    struct app_account account;
    struct app_table table;
    struct keel_error error;
    if (app_account_open(&account, options, options->arguments, options->argument_count, NULL,
                         &error) != KEEL_OK)
        return app_fail(options->json, &error);
    app_table_init(&table, options->json, &app_fees_columns);
    enum keel_status status = KEEL_OK;
    for (int i = 0; i < options->argument_count && status == KEEL_OK; i++)
        status = list_fees(&account, options->arguments[i], &table, &error);
    return app_account_finish(&account, &table, &error, status);
}

static const char *const no_options[] = {NULL};
static const char *const order_options[] = {
    "completed", "unknown", "id", "client-id", "conditional", "since", "limit", "journal", NULL};
static const char *const execution_options[] = {"since", "limit", NULL};

static const struct app_wording order_wording[] = {
    {"client-id",   "one order, by the client order id"                    },
    {"conditional", "stops and take-profits alone; of one order: it is one"},
    {"limit",       "rows at most, the newest"                             },
    {"journal",     "with --unknown: the file, in place of the account's"  },
    {NULL,          NULL                                                   },
};
static const struct app_wording execution_wording[] = {
    {"limit", "rows at most, of each market"},
    {NULL,    NULL                          },
};

const struct app_command app_balances = {
    .name = "balances",
    .arguments = "",
    .summary = "what the account holds",
    .details = "total is the wallet with the profit that is not realised yet; locked is what spot "
               "orders hold.",
    .example = "  keel balances",
    .options = no_options,
    .has_account = true,
    .run = run_balances,
};

const struct app_command app_positions = {
    .name = "positions",
    .arguments = "[SYMBOL]",
    .arguments_max = 1,
    .summary = "open positions, with profit, margin and liquidation price",
    .details = "Figures are computed now, from the newest position, mark price and wallet.",
    .example = "  keel positions\n  keel positions BTC/USDT --json",
    .options = no_options,
    .has_account = true,
    .run = run_positions,
};

const struct app_command app_risk = {
    .name = "risk",
    .arguments = "[SYMBOL]",
    .arguments_max = 1,
    .summary = "how far each position is from liquidation",
    .details = "margin_ratio reaches 1 at liquidation; liquidation_distance is a fraction of the "
               "mark price.",
    .example = "  keel risk BTC/USDT",
    .options = no_options,
    .has_account = true,
    .run = run_risk,
};

const struct app_command app_orders = {
    .name = "orders",
    .arguments = "[SYMBOL]",
    .arguments_max = 1,
    .summary = "open orders; with --completed those that are done",
    .details = "Without a symbol: the open orders of all markets, oldest first. --completed, --id "
               "and --client-id\nneed a symbol. --unknown: of the journal, those that were sent "
               "and whose fate is not known; asks\nthe venue first.",
    .example = "  keel orders\n  keel orders BTC/USDT --completed --limit 20\n"
               "  keel orders BTC/USDT --id 283194212",
    .options = order_options,
    .wording = order_wording,
    .has_account = true,
    .run = run_orders,
};

const struct app_command app_executions = {
    .name = "executions",
    .arguments = "[SYMBOL]",
    .arguments_max = 1,
    .summary = "what was filled, with fees and realised profit",
    .details = "Without a symbol: of every market that took a fee since then (by default in the "
               "days that the venue\nlooks back). A spot venue needs one.",
    .example = "  keel executions BTC/USDT --since 1678320000000",
    .options = execution_options,
    .wording = execution_wording,
    .has_account = true,
    .run = run_executions,
};

const struct app_command app_fees = {
    .name = "fees",
    .arguments = "SYMBOL...",
    .arguments_min = 1,
    .arguments_max = APP_ARGUMENTS_MAX,
    .summary = "what trading costs the account",
    .details = "Fractions: 0.0005 is five basis points. A negative one is paid to you.",
    .example = "  keel fees BTC/USDT ETH/USDT",
    .options = no_options,
    .has_account = true,
    .run = run_fees,
};

const struct app_command app_stats = {
    .name = "stats",
    .arguments = "",
    .summary = "the account and its connection in figures",
    .details = "",
    .example = "  keel stats --json",
    .options = no_options,
    .has_account = true,
    .run = run_stats,
};

/* cmd_setting.c - the commands about how a futures account trades: leverage, margin-mode, margin,
 * hedge-mode, countdown.
 *
 * What is wrong with the command line is said before anything connects. What is shown in the end is
 * what the venue says, not what was asked for. */
#include "app/account.h"
#include "app/commands.h"

#include <stdio.h>
#include <string.h>

enum { COUNTDOWN_S_MAX = 24 * 60 * 60 };

/* --- leverage and margin mode --- */

static enum keel_status show_leverage(const struct app_account *account, keel_market_id market,
                                      struct app_table *table, struct keel_error *error)
{
    struct app_record record;
    struct keel_leverage leverage;
    enum keel_status status =
        keel_futures_leverage(app_account_futures(account), market, &leverage, error);
    if (status != KEEL_OK)
        return status;
    app_record_init(&record);
    app_render_leverage(&record, app_account_markets(account), &leverage);
    app_record_put_int(&record, "age_ms", leverage.age_ms);
    app_table_add(table, &record);
    return KEEL_OK;
}

/* Sends the setting that the command names (none: it only reads), then shows what holds. */
static enum app_exit change_setting(const struct app_options *options, struct keel_command *command)
{
    struct app_account account;
    struct app_answer answer = {0};
    struct app_table table;
    struct keel_error error;
    keel_market_id market;
    enum keel_status status = KEEL_OK;
    if (app_account_open_market(&account, options, options->arguments[0], &market, &error) !=
        KEEL_OK)
        return app_fail(options->json, &error);
    if (app_account_check_futures(&account, "leverage or margin mode", &error) != KEEL_OK)
        return app_account_finish(&account, NULL, &error, error.status);
    struct keel_futures *futures = app_account_futures(&account);
    bool sets_leverage = command->kind == KEEL_SET_LEVERAGE;
    bool writes = sets_leverage || command->kind == KEEL_SET_MARGIN_MODE;
    if (sets_leverage)
        command->leverage.market = market;
    else
        command->margin_mode.market = market;
    if (writes && options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, command, &error));
    app_table_init(&table, options->json, &app_leverage_columns);
    if (sets_leverage)
        status = keel_futures_set_leverage(futures, market, command->leverage.leverage,
                                           app_on_result, &answer, &error);
    else if (writes)
        status = keel_futures_set_margin_mode(futures, market, command->margin_mode.mode,
                                              app_on_result, &answer, &error);
    if (status == KEEL_OK && writes)
        status = app_account_wait(&account, &answer, &error);
    if (status == KEEL_OK)
        status = show_leverage(&account, market, &table, &error);
    return app_account_finish(&account, &table, &error, status);
}

static enum app_exit run_leverage(const struct app_options *options)
{
    struct keel_command command = {.kind = KEEL_COMMAND_NONE};
    struct keel_error error;
    int64_t leverage = 0;
    if (options->argument_count == 2) {
        if (app_parse_int("leverage", options->arguments[1], 1, 1000, &leverage, &error) != KEEL_OK)
            return app_fail(options->json, &error);
        command.kind = KEEL_SET_LEVERAGE;
        command.leverage.leverage = (int32_t)leverage;
    }
    return change_setting(options, &command);
}

static enum app_exit run_margin_mode(const struct app_options *options)
{
    struct keel_command command = {.kind = KEEL_COMMAND_NONE};
    struct keel_error error;
    if (options->argument_count == 2) {
        command.kind = KEEL_SET_MARGIN_MODE;
        command.margin_mode.mode = keel_margin_mode_parse(keel_str_from(options->arguments[1]));
        if (command.margin_mode.mode == KEEL_MARGIN_MODE_NONE) {
            (void)keel_fail(&error, KEEL_INVALID, "'%s' is neither cross nor isolated",
                            options->arguments[1]);
            return app_fail(options->json, &error);
        }
    }
    return change_setting(options, &command);
}

/* --- margin --- */

/* AMOUNT is positive; which way it goes is a word, because a sign looks like an option. */
static enum keel_status read_adjustment(const struct app_options *options,
                                        struct keel_margin_adjustment *margin,
                                        struct keel_error *error)
{
    const char *way = options->arguments[1], *amount = options->arguments[2];
    bool takes = strcmp(way, "take") == 0;
    margin->side = KEEL_NET;
    if (!takes && strcmp(way, "add") != 0)
        return keel_fail(error, KEEL_INVALID, "'%s' is neither add nor take", way);
    enum keel_status status = app_parse_decimal("amount", amount, &margin->amount, error);
    if (status != KEEL_OK)
        return status;
    if (takes)
        margin->amount = keel_decimal_neg(margin->amount);
    return app_parse_position_side(options, &margin->side, error);
}

/* As the venue says now: its stream may still be on the way. */
static enum keel_status show_position(struct app_account *account,
                                      const struct keel_margin_adjustment *margin,
                                      struct app_table *table, struct keel_error *error)
{
    const struct keel_command command = {.kind = KEEL_LOAD_POSITIONS};
    struct app_answer answer = {0};
    struct app_record record;
    struct keel_risk risk;
    enum keel_status status =
        keel_private_load(app_account_base(account), &command, app_on_result, &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(account, &answer, error);
    if (status == KEEL_OK)
        status = keel_futures_risk(app_account_futures(account), margin->market, margin->side,
                                   false, &risk, error);
    if (status != KEEL_OK)
        return status;
    app_record_init(&record);
    app_render_live_position(&record, app_account_markets(account), &risk);
    app_table_add(table, &record);
    return KEEL_OK;
}

static enum app_exit run_margin(const struct app_options *options)
{
    struct keel_command command = {.kind = KEEL_ADJUST_MARGIN};
    struct keel_margin_adjustment *margin = &command.margin;
    struct app_account account;
    struct app_answer answer = {0};
    struct app_table table;
    struct keel_error error;
    if (read_adjustment(options, margin, &error) != KEEL_OK ||
        app_account_open_market(&account, options, options->arguments[0], &margin->market,
                                &error) != KEEL_OK)
        return app_fail(options->json, &error);
    if (app_account_check_futures(&account, "margin", &error) != KEEL_OK)
        return app_account_finish(&account, NULL, &error, error.status);
    if (options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    app_table_init(&table, options->json, &app_position_columns);
    enum keel_status status =
        keel_futures_adjust_margin(app_account_futures(&account), margin->market, margin->side,
                                   margin->amount, app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = app_account_wait(&account, &answer, &error);
    if (status == KEEL_OK)
        status = show_position(&account, margin, &table, &error);
    return app_account_finish(&account, &table, &error, status);
}

/* --- hedge mode --- */

static void take_modes(void *user, const struct keel_event *event)
{
    if (event->kind == KEEL_EVENT_MODES)
        *(struct keel_modes *)user = event->modes;
}

static enum keel_status show_modes(struct app_account *account, struct app_table *table,
                                   struct keel_error *error)
{
    const struct keel_command command = {.kind = KEEL_LOAD_MODES};
    struct keel_modes modes = {0};
    struct app_answer answer = {.on_event = take_modes, .user = &modes};
    struct app_record record;
    enum keel_status status =
        keel_private_load(app_account_base(account), &command, app_on_result, &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(account, &answer, error);
    if (status != KEEL_OK)
        return status;
    app_record_init(&record);
    app_render_modes(&record, &modes);
    app_table_add(table, &record);
    return KEEL_OK;
}

/* NULL: only look. */
static enum keel_status read_switch(const char *word, bool *on, struct keel_error *error)
{
    *on = word != NULL && strcmp(word, "on") == 0;
    if (word == NULL || *on || strcmp(word, "off") == 0)
        return KEEL_OK;
    return keel_fail(error, KEEL_INVALID, "'%s' is neither on nor off", word);
}

static enum app_exit run_hedge_mode(const struct app_options *options)
{
    struct keel_command command = {.kind = KEEL_SET_HEDGE_MODE};
    struct app_account account;
    struct app_answer answer = {0};
    struct app_table table;
    struct keel_error error;
    bool writes = options->argument_count == 1;
    enum keel_status status = KEEL_OK;
    if (read_switch(writes ? options->arguments[0] : NULL, &command.enable, &error) != KEEL_OK ||
        app_account_open_to_trade(&account, options, NULL, 0, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    if (app_account_check_futures(&account, "hedge mode", &error) != KEEL_OK)
        return app_account_finish(&account, NULL, &error, error.status);
    if (writes && options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    app_table_init(&table, options->json, &app_modes_columns);
    if (writes)
        status = keel_futures_set_hedge_mode(app_account_futures(&account), command.enable,
                                             app_on_result, &answer, &error);
    if (status == KEEL_OK && writes)
        status = app_account_wait(&account, &answer, &error);
    if (status == KEEL_OK)
        status = show_modes(&account, &table, &error);
    return app_account_finish(&account, &table, &error, status);
}

/* --- countdown --- */

static void print_countdown(const struct app_account *account, keel_market_id market,
                            int32_t timeout_s)
{
    const char *symbol = app_symbol(app_account_markets(account), market);
    struct app_record record;
    app_record_init(&record);
    app_record_put_text(&record, "symbol", symbol);
    app_record_put_int(&record, "timeout_s", timeout_s);
    if (account->json)
        app_record_print_json(&record, stdout);
    else if (timeout_s > 0)
        printf("%s: its orders are cancelled in %d s, unless this is said again\n", symbol,
               (int)timeout_s);
    else
        printf("%s: no countdown\n", symbol);
}

static enum app_exit run_countdown(const struct app_options *options)
{
    struct keel_command command = {.kind = KEEL_SET_COUNTDOWN};
    struct app_account account;
    struct app_answer answer = {0};
    struct keel_error error;
    int64_t timeout_s = 0;
    keel_market_id market;
    if (app_parse_int("seconds", options->arguments[1], 0, COUNTDOWN_S_MAX, &timeout_s, &error) !=
            KEEL_OK ||
        app_account_open_market(&account, options, options->arguments[0], &market, &error) !=
            KEEL_OK)
        return app_fail(options->json, &error);
    command.countdown.market = market;
    command.countdown.timeout_s = (int32_t)timeout_s;
    if (options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    enum keel_status status = keel_private_set_countdown(
        app_account_base(&account), market, (int32_t)timeout_s, app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = app_account_wait(&account, &answer, &error);
    if (status == KEEL_OK)
        print_countdown(&account, market, (int32_t)timeout_s);
    return app_account_finish(&account, NULL, &error, status);
}

static const char *const write_options[] = {"dry-run", NULL};
static const char *const margin_options[] = {"position-side", "dry-run", NULL};

const struct app_command app_leverage = {
    .name = "leverage",
    .arguments = "SYMBOL [N]",
    .arguments_min = 1,
    .arguments_max = 2,
    .summary = "read or set the leverage of a market",
    .details = "The leverage must be within the bracket of the position's present notional.",
    .example = "  keel leverage BTC/USDT\n  keel leverage BTC/USDT 10",
    .options = write_options,
    .has_account = true,
    .trades = true,
    .run = run_leverage,
};

const struct app_command app_margin_mode = {
    .name = "margin-mode",
    .arguments = "SYMBOL [cross|isolated]",
    .arguments_min = 1,
    .arguments_max = 2,
    .summary = "read or set the margin mode of a market",
    .details = "",
    .example = "  keel margin-mode BTC/USDT isolated",
    .options = write_options,
    .has_account = true,
    .trades = true,
    .run = run_margin_mode,
};

const struct app_command app_margin = {
    .name = "margin",
    .arguments = "SYMBOL add|take AMOUNT",
    .arguments_min = 3,
    .arguments_max = 3,
    .summary = "move margin to or from an isolated position",
    .details = "AMOUNT is in the settlement asset. What is taken leaves the initial margin that\n"
               "the position needs at its mark price.",
    .example = "  keel margin BTC/USDT add 25\n  keel margin BTC/USDT take 10 --position-side "
               "short",
    .options = margin_options,
    .has_account = true,
    .trades = true,
    .run = run_margin,
};

const struct app_command app_hedge_mode = {
    .name = "hedge-mode",
    .arguments = "[on|off]",
    .arguments_min = 0,
    .arguments_max = 1,
    .summary = "read or set whether a market may have a long and a short position at once",
    .details = "It is a setting of the whole account, which the venue changes only while there\n"
               "are neither positions nor open orders.",
    .example = "  keel hedge-mode\n  keel hedge-mode on",
    .options = write_options,
    .has_account = true,
    .trades = true,
    .run = run_hedge_mode,
};

const struct app_command app_countdown = {
    .name = "countdown",
    .arguments = "SYMBOL SECONDS",
    .arguments_min = 2,
    .arguments_max = 2,
    .summary = "have the venue cancel a market's orders unless it is told so again in time",
    .details = "A switch for a host that dies: run it again and again, each time well before the\n"
               "seconds are over; 0 ends it. Gate.io takes 5 seconds at least, and Binance's spot\n"
               "side has no such thing.",
    .example = "  keel countdown BTC/USDT 60\n  keel countdown BTC/USDT 0",
    .options = write_options,
    .has_account = true,
    .trades = true,
    .run = run_countdown,
};

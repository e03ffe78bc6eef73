/* main.c - the keel program: finds the command and runs it. */
#include "app/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct app_command *const commands[] = {
    &app_demo,
    &app_paper,
    &app_balances,
    &app_positions,
    &app_risk,
    &app_orders,
    &app_executions,
    &app_fees,
    &app_stats,
    &app_watch,
    &app_order,
    &app_amend,
    &app_close,
    &app_cancel,
    &app_cancel_all,
    &app_leverage,
    &app_margin_mode,
    &app_margin,
    &app_hedge_mode,
    &app_countdown,
    &app_transfer,
    &app_withdraw,
    &app_cancel_withdrawal,
    &app_withdrawals,
    &app_deposits,
    &app_networks,
    &app_journal,
    &app_encode,
    &app_decode,
    &app_version,
};
enum {
    COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]),
    WORDS_MAX = 256,
};

static const struct app_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void print_help(FILE *file)
{
    fprintf(file, "keel - trade on a private account, futures or spot, and know what you hold\n\n"
                  "Usage: keel COMMAND [options]\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(file, "  %-17s  %s\n", commands[i]->name, commands[i]->summary);
    fprintf(file,
            "\nkeel COMMAND --help tells more of each. A symbol is BTC/USDT:USDT, BTC/USDT or "
            "BTCUSDT.\n"
            "Credentials come from BINANCE_API_KEY and BINANCE_API_SECRET (GATEIO_… at Gate.io), "
            "or from a "
            "file:\n"
            "~/.config/keel/keel.conf, mode 600, a section an account:\n\n"
            "  [main]\n  venue = binance\n  api_key = …\n  api_secret = …\n\n%s",
            app_exit_help);
}

static bool asks_for_json(int count, const char *const *words)
{
    for (int i = 0; i < count; i++)
        if (strcmp(words[i], "--json") == 0)
            return true;
    return false;
}

static enum app_exit fail_command(const char *name, bool json)
{
    const char *names[COMMAND_COUNT + 1];
    struct keel_error error;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i]->name;
    names[COMMAND_COUNT] = NULL;
    const char *nearest = app_find_nearest(name, names);
    if (nearest != NULL)
        (void)keel_fail(&error, KEEL_INVALID, "there is no command %s; did you mean %s?", name,
                        nearest);
    else
        (void)keel_fail(&error, KEEL_INVALID, "there is no command %s; see keel --help", name);
    return app_fail(json, &error);
}

static enum app_exit run_command(const struct app_command *command, int count,
                                 const char *const *words)
{
    struct app_options options;
    struct keel_error error;
    if (app_options_parse(&options, command, count, words, &error) != KEEL_OK)
        return app_fail(asks_for_json(count, words), &error);
    if (options.help) {
        app_options_print_help(command);
        return APP_DONE;
    }
    return command->run(&options);
}

/* `keel --account spot balances` is `keel balances --account spot`. */
static enum app_exit run_words(int count, const char *const *words)
{
    const char *ordered[WORDS_MAX];
    struct keel_error error;
    int before = app_options_skip(count, words);
    if (before == count || count > WORDS_MAX) {
        (void)keel_fail(&error, KEEL_INVALID, "no command after %s; see keel --help", words[0]);
        return app_fail(asks_for_json(count, words), &error);
    }
    const struct app_command *command = find_command(words[before]);
    if (command == NULL)
        return fail_command(words[before], asks_for_json(count, words));
    memcpy(ordered, words, (size_t)before * sizeof(words[0]));
    memcpy(ordered + before, words + before + 1, (size_t)(count - before - 1) * sizeof(words[0]));
    return run_command(command, count - 1, ordered);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static bool is_version(const char *word)
{
    return strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0;
}

static enum app_exit run_program(int count, const char *const *words)
{
    if (count < 2) {
        print_help(stderr);
        return APP_USAGE;
    }
    if (is_help(words[1]) && count == 2) {
        print_help(stdout);
        return APP_DONE;
    }
    if (is_version(words[1]))
        return run_command(&app_version, count - 2, words + 2);
    if (!is_help(words[1]))
        return run_words(count - 1, words + 1);
    const struct app_command *command = find_command(words[2]);
    if (command == NULL)
        return fail_command(words[2], asks_for_json(count, words));
    app_options_print_help(command);
    return APP_DONE;
}

/* A standard stream that was closed would give its number to the next file or socket, which would
 * then be written to or closed as if it were the terminal. In its place stands one on which every
 * use fails. */
static void occupy_closed_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* An answer that nobody could read is no success. What the command itself says goes first. */
static enum app_exit check_output(enum app_exit code, bool json)
{
    struct keel_error error;
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || code != APP_DONE)
        return code;
    (void)keel_fail(&error, KEEL_IO, "done, but standard output could not be written");
    return app_fail(json, &error);
}

int main(int argc, char **argv)
{
    const char *const *words = (const char *const *)argv;
    occupy_closed_streams();
    return (int)check_output(run_program(argc, words), asks_for_json(argc, words));
}

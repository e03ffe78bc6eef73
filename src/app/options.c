#include "app/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FLAG(name, member, help)                                                                   \
    {                                                                                              \
        name, NULL, help, offsetof(struct app_options, member)                                     \
    }
#define VALUE(name, word, member, help)                                                            \
    {                                                                                              \
        name, word, help, offsetof(struct app_options, member)                                     \
    }

struct option {
    const char *name;
    const char *word; /* what stands for its value in help; NULL for a flag */
    const char *help;
    size_t offset;
};

/* Of every command. */
static const char *const general_names[] = {"json", "help", NULL};
/* Of commands that log in. */
static const char *const account_names[] = {"venue",      "account", "config",  "url",
                                            "demo-venue", "symbol",  "verbose", NULL};
/* Of those that write, and taken by all that log in: so one set of words serves every command. */
static const char *const trading_names[] = {"journal", "order-entry", NULL};

static const struct option all[] = {
    FLAG("help", help, "this text (also -h)"),
    FLAG("json", json, "JSON, one object a line; money as strings, what is unknown left out"),
    VALUE("venue", "NAME", venue, "binance, gateio, binance-spot or gateio-spot (binance)"),
    VALUE("account", "NAME", account, "a section of the configuration file"),
    VALUE("config", "FILE", config, "the configuration file (~/.config/keel/keel.conf)"),
    VALUE("url", "URL", url, "in place of all of the venue's hosts (KEEL_URL)"),
    FLAG("demo-venue", demo_venue, "the venue's own demo hosts"),
    VALUE("symbol", "LIST", symbol, "further symbols to be active, with commas"),
    VALUE("journal", "FILE", journal,
          "the file that keeps what is wanted and what came of it; none: no file"),
    VALUE("order-entry", "HOW", order_entry,
          "how orders leave: requests, or stream, a connection of their own (requests)"),
    FLAG("verbose", verbose, "tell on standard error what is going on"),
    VALUE("type", "TYPE", type,
          "limit, market, stop_limit, stop_market, take_profit_limit, take_profit_market, "
          "trailing_stop"),
    VALUE("price", "P", price, "limit price"),
    VALUE("trigger", "P", trigger, "price that sets a conditional order off"),
    VALUE("trigger-source", "WHICH", trigger_source, "the price it watches: last or mark"),
    VALUE("callback", "PERCENT", callback, "trailing stop: the distance that sets it off"),
    VALUE("tif", "T", tif, "time in force: gtc, ioc, fok, or gtx, which is post only (gtc)"),
    VALUE("position-side", "SIDE", position_side, "the leg in hedge mode: long or short; else net"),
    VALUE("client-id", "ID", client_id,
          "the client order id; at Gate.io t- and up to 28 of a-z, 0-9, _, - and ."),
    VALUE("quantity", "Q", quantity, "a part of it, in base units"),
    FLAG("reduce-only", reduce_only, "may only shrink a position"),
    FLAG("close-position", close_position, "closes whatever is there when it is set off"),
    FLAG("all", all, "the whole position"),
    FLAG("quote", quote, "spot: QUANTITY is in the quote asset, of a market order"),
    VALUE("from", "WALLET", from, "the wallet that it leaves: spot, futures or funding"),
    VALUE("to", "WALLET", to, "the wallet that it enters"),
    VALUE("address", "ADDRESS", address, "where it goes: one of the account's withdraw_to"),
    VALUE("network", "NAME", network, "the chain that it takes, in the venue's word"),
    VALUE("memo", "TEXT", memo, "what some chains need besides the address"),
    VALUE("asset", "NAME", asset, "of this asset alone"),
    FLAG("yes", yes, "do not ask"),
    FLAG("conditional", conditional, "the id is that of a stop or take-profit order"),
    FLAG("dry-run", dry_run, "check it and show the request; send nothing"),
    FLAG("completed", completed, "orders that are done, from the venue's history"),
    FLAG("unknown", unknown, "orders of the journal whose fate is not known"),
    FLAG("csv", csv, "comma-separated, with a line of names"),
    VALUE("id", "ID", id, "one order, by the venue's id"),
    VALUE("since", "MS", since, "from this time on, milliseconds since 1970"),
    VALUE("limit", "N", limit, "rows at most"),
    FLAG("marks", marks, "mark prices, too"),
    VALUE("as", "KIND", as,
          "stream, orders, executions, balances, positions, leverage, brackets, symbols, income "
          "or error"),
    VALUE("http-status", "N", http_status, "the status that came with an error (400)"),
    VALUE("time", "MS", time, "the timestamp to send (now)"),
    VALUE("receive-window", "MS", receive_window, "the receive window to send (none)"),
    VALUE("listen", "ADDR:PORT", listen, "where to listen; port 0 picks a free one (127.0.0.1:0)"),
    VALUE("prices", "FILE", prices, "recorded candles, CSV: open_time_ms,open,high,low,close,…"),
    VALUE("prices-of", "SYMBOL", prices_of, "whose candles they are (by the file's name)"),
    VALUE("start", "MS", start, "market time to begin at (the first candle's)"),
    VALUE("speed", "N", speed, "market seconds a second, or max, or manual (1)"),
    VALUE("seed", "N", seed, "what keys, walks and chance follow from (1)"),
    VALUE("accounts", "N", accounts, "how many accounts (1)"),
    VALUE("balance", "USDT", balance, "what each begins with (10000)"),
    VALUE("spot-balance", "USDT", spot_balance, "and what on the spot side (10000)"),
    VALUE("faults", "FILE", faults, "what shall go wrong, a JSON object a line"),
    VALUE("ready", "FILE", ready, "write the ready line there, too"),
};
enum {
    ALL_COUNT = sizeof(all) / sizeof(all[0]),
    TEXT_COLUMN = 26, /* where help says what an option does */
    TEXT_WIDTH = 74,
};

static bool contains(const char *const *names, const char *name)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static bool is_taken(const struct app_command *command, const char *name)
{
    return contains(general_names, name) || contains(command->options, name) ||
           (command->has_account &&
            (contains(account_names, name) || contains(trading_names, name)));
}

static const struct option *find_option(keel_str name)
{
    for (size_t i = 0; i < ALL_COUNT; i++)
        if (keel_str_equals(keel_str_from(all[i].name), name))
            return &all[i];
    return NULL;
}

/* Levenshtein's distance, one row at a time; long words are far from everything. */
static size_t measure_distance(const char *a, const char *b)
{
    size_t row[64];
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > 60 || b_size > 60)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            size_t shorter = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            diagonal = row[j];
            row[j] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[b_size];
}

static enum keel_status fail_unknown(const struct app_command *command, const char *name,
                                     struct keel_error *error)
{
    const char *names[ALL_COUNT + 1];
    size_t count = 0;
    for (size_t i = 0; i < ALL_COUNT; i++)
        if (is_taken(command, all[i].name))
            names[count++] = all[i].name;
    names[count] = NULL;
    const char *nearest = app_find_nearest(name, names);
    if (nearest != NULL)
        return keel_fail(error, KEEL_INVALID, "%s has no option --%s; did you mean --%s?",
                         command->name, name, nearest);
    return keel_fail(error, KEEL_INVALID, "%s has no option --%s; see keel %s --help",
                     command->name, name, command->name);
}

/* One option word, `--name` or `--name=value`; a value may be the next word. */
static enum keel_status take_option(struct app_options *options, const struct app_command *command,
                                    const char *word, const char *next, bool *took_next,
                                    struct keel_error *error)
{
    const char *equals = strchr(word, '=');
    keel_str name = {word, equals == NULL ? strlen(word) : (size_t)(equals - word)};
    const struct option *option = find_option(name);
    char copy[64];
    if (option == NULL || !is_taken(command, option->name)) {
        bool fits = keel_str_copy(name, copy, sizeof(copy));
        return fail_unknown(command, fits ? copy : "…", error);
    }
    void *member = (char *)options + option->offset;
    if (option->word == NULL && equals != NULL)
        return keel_fail(error, KEEL_INVALID, "--%s takes no value", option->name);
    if (option->word == NULL) {
        *(bool *)member = true;
        return KEEL_OK;
    }
    *took_next = equals == NULL;
    const char *value = equals != NULL ? equals + 1 : next;
    if (value == NULL || value[0] == '\0' || (*took_next && strncmp(value, "--", 2) == 0))
        return keel_fail(error, KEEL_INVALID, "--%s needs a value: --%s %s", option->name,
                         option->name, option->word);
    if (*(const char **)member != NULL)
        return keel_fail(error, KEEL_INVALID, "--%s is given twice", option->name);
    *(const char **)member = value;
    return KEEL_OK;
}

static enum keel_status add_argument(struct app_options *options, const struct app_command *command,
                                     const char *word, struct keel_error *error)
{
    if (options->argument_count >= command->arguments_max)
        return keel_fail(error, KEEL_INVALID, "%s does not take '%s'; usage: keel %s%s%s",
                         command->name, word, command->name,
                         command->arguments[0] == '\0' ? "" : " ", command->arguments);
    options->arguments[options->argument_count++] = word;
    return KEEL_OK;
}

/* "-" is standard input, and "-5" a number that somebody else will refuse better. */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !(word[1] >= '0' && word[1] <= '9');
}

static enum keel_status take_word(struct app_options *options, const struct app_command *command,
                                  const char *word, const char *next, bool *took_next,
                                  struct keel_error *error)
{
    if (!is_option(word))
        return add_argument(options, command, word, error);
    if (strcmp(word, "-h") == 0) {
        options->help = true;
        return KEEL_OK;
    }
    if (word[1] != '-')
        return keel_fail(error, KEEL_INVALID, "%s has no option %s: options are long, as in --help",
                         command->name, word);
    return take_option(options, command, word + 2, next, took_next, error);
}

enum keel_status app_options_parse(struct app_options *options, const struct app_command *command,
                                   int count, const char *const *words, struct keel_error *error)
{
    bool only_arguments = false;
    *options = (struct app_options){0};
    for (int i = 0; i < count; i++) {
        bool took_next = false;
        enum keel_status status;
        if (!only_arguments && strcmp(words[i], "--") == 0) {
            only_arguments = true;
            continue;
        }
        const char *next = i + 1 < count ? words[i + 1] : NULL;
        status = only_arguments ? add_argument(options, command, words[i], error)
                                : take_word(options, command, words[i], next, &took_next, error);
        if (status != KEEL_OK)
            return status;
        i += took_next;
    }
    if (!options->help && options->argument_count < command->arguments_min)
        return keel_fail(error, KEEL_INVALID, "%s needs more; usage: keel %s %s", command->name,
                         command->name, command->arguments);
    return KEEL_OK;
}

int app_options_skip(int count, const char *const *words)
{
    int at = 0;
    while (at < count && strncmp(words[at], "--", 2) == 0) {
        const struct option *option = find_option(keel_str_from(words[at] + 2));
        at += option != NULL && option->word != NULL ? 2 : 1;
    }
    return at < count ? at : count;
}

static const char *find_text(const struct app_command *command, const struct option *option)
{
    const struct app_wording *at = command->wording;
    for (; at != NULL && at->option != NULL; at++)
        if (strcmp(at->option, option->name) == 0)
            return at->text;
    return option->help;
}

/* Breaks the text at the last space that fits, and keeps its column. */
static void print_text(const char *text)
{
    while (strlen(text) > TEXT_WIDTH) {
        size_t size = TEXT_WIDTH;
        while (size > 0 && text[size] != ' ')
            size--;
        if (size == 0)
            break;
        printf("%.*s\n%*s", (int)size, text, TEXT_COLUMN, "");
        text += size + 1;
    }
    printf("%s\n", text);
}

static void print_options(const struct app_command *command, const char *const *names)
{
    for (; *names != NULL; names++) {
        const struct option *option = find_option(keel_str_from(*names));
        char left[40];
        KEEL_ASSERT(option != NULL);
        snprintf(left, sizeof(left), "--%s%s%s", option->name, option->word == NULL ? "" : " ",
                 option->word == NULL ? "" : option->word);
        printf("  %-22s  ", left);
        print_text(find_text(command, option));
    }
}

void app_options_print_help(const struct app_command *command)
{
    printf("keel %s - %s\n\nUsage: keel %s%s%s [options]\n", command->name, command->summary,
           command->name, command->arguments[0] == '\0' ? "" : " ", command->arguments);
    if (command->details[0] != '\0')
        printf("\n%s\n", command->details);
    printf("\nOptions:\n");
    print_options(command, command->options);
    if (command->has_account)
        print_options(command, account_names);
    if (command->trades)
        print_options(command, trading_names);
    print_options(command, general_names);
    printf("\nExample:\n%s\n\n%s", command->example, app_exit_help);
}

const char *app_find_nearest(const char *word, const char *const *words)
{
    const char *nearest = NULL;
    size_t nearest_distance = strlen(word) / 3 + 2;
    for (; *words != NULL; words++) {
        size_t distance = measure_distance(word, *words);
        if (distance < nearest_distance) {
            nearest = *words;
            nearest_distance = distance;
        }
    }
    return nearest;
}

enum keel_status app_parse_decimal(const char *name, const char *text, keel_decimal *value,
                                   struct keel_error *error)
{
    bool inexact = false;
    keel_decimal parsed;
    if (text == NULL)
        return KEEL_OK;
    enum keel_status status =
        keel_decimal_parse(keel_str_from(text), KEEL_ROUND_DOWN, &parsed, &inexact);
    if (status == KEEL_OVERFLOW)
        return keel_fail(error, KEEL_INVALID, "%s: %s is too large", name, text);
    if (status != KEEL_OK)
        return keel_fail(error, KEEL_INVALID, "%s: '%s' is not a number, as 0.5 or 20000 is", name,
                         text);
    if (inexact)
        return keel_fail(error, KEEL_INVALID, "%s: %s has more than %d decimals", name, text,
                         KEEL_DECIMAL_DIGITS);
    if (!keel_decimal_is_positive(parsed))
        return keel_fail(error, KEEL_INVALID, "%s: %s is not above zero", name, text);
    *value = parsed;
    return KEEL_OK;
}

static enum keel_status fail_int(const char *name, const char *text, int64_t min, int64_t max,
                                 struct keel_error *error)
{
    if (max == INT64_MAX)
        return keel_fail(error, KEEL_INVALID, "%s: '%s' is not a whole number from %" PRId64 " on",
                         name, text, min);
    return keel_fail(error, KEEL_INVALID,
                     "%s: '%s' is not a whole number from %" PRId64 " to %" PRId64, name, text, min,
                     max);
}

enum keel_status app_parse_int(const char *name, const char *text, int64_t min, int64_t max,
                               int64_t *value, struct keel_error *error)
{
    char *end;
    if (text == NULL)
        return KEEL_OK;
    errno = 0;
    long long parsed = strtoll(text, &end, 10);
    bool begins = text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
    if (!begins || errno != 0 || end == text || *end != '\0' || parsed < min || parsed > max)
        return fail_int(name, text, min, max, error);
    *value = parsed;
    return KEEL_OK;
}

enum keel_status app_parse_position_side(const struct app_options *options,
                                         enum keel_position_side *side, struct keel_error *error)
{
    if (options->position_side == NULL)
        return KEEL_OK;
    *side = keel_position_side_parse(keel_str_from(options->position_side));
    if (*side == KEEL_POSITION_SIDE_NONE)
        return keel_fail(error, KEEL_INVALID, "--position-side: '%s' is none of long, short, net",
                         options->position_side);
    return KEEL_OK;
}

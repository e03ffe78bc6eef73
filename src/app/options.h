/* options.h - the command line: what each command takes, and what was given.
 *
 * Long options only, `--price 20000` or `--price=20000`; `--` ends them. Values stay text: what
 * they mean is the command's to say. Nothing secret is ever an option. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/exit.h"
#include "keel/decimal.h"
#include "keel/order.h"

enum { APP_ARGUMENTS_MAX = 64 };

struct app_options {
    const char *arguments[APP_ARGUMENTS_MAX];
    int argument_count;

    bool help, json;

    /* which account, and where */
    const char *venue, *account, *config, *url, *symbol, *journal, *order_entry;
    bool demo_venue, verbose;

    /* orders */
    const char *type, *price, *trigger, *trigger_source, *tif, *position_side, *client_id,
        *quantity, *callback;
    bool reduce_only, close_position, all, dry_run, conditional, quote;

    /* money */
    const char *from, *to, *address, *network, *memo, *asset;
    bool yes;

    /* reads */
    const char *id, *since, *limit;
    bool completed, unknown, marks, csv;

    /* codec */
    const char *as, *http_status, *time, *receive_window;

    /* paper and demo */
    const char *listen, *prices, *prices_of, *start, *speed, *seed, *accounts, *balance,
        *spot_balance, *ready, *faults;
};

/* What an option means to one command, where the general words would mislead. */
struct app_wording {
    const char *option, *text;
};

struct app_command {
    const char *name;
    const char *arguments; /* "SIDE QUANTITY SYMBOL"; "" if it takes none */
    int arguments_min, arguments_max;
    const char *summary;
    const char *details;               /* more for --help; "" if there is no more */
    const char *example;               /* one or more lines */
    const char *const *options;        /* names of its own options; closed by NULL */
    const struct app_wording *wording; /* closed by an option NULL; or NULL: as for all */
    bool has_account;                  /* takes the options of the account, too */
    bool trades; /* and has a use for those of commands that write, which reads only put up with */
    enum app_exit (*run)(const struct app_options *options);
};

/* Fills *options. KEEL_INVALID with what is wrong and the nearest right word. */
KEEL_MUST_USE enum keel_status app_options_parse(struct app_options *options,
                                                 const struct app_command *command, int count,
                                                 const char *const *words,
                                                 struct keel_error *error);
/* How many of the words in front are options and their values: the next one is the command. */
int app_options_skip(int count, const char *const *words);
void app_options_print_help(const struct app_command *command);

/* The word among `words` (closed by NULL) that was probably meant; NULL if none is near. */
const char *app_find_nearest(const char *word, const char *const *words);

/* Values. An option that was not given leaves *value as it is. KEEL_INVALID names the option. */
KEEL_MUST_USE enum keel_status app_parse_decimal(const char *name, const char *text,
                                                 keel_decimal *value, struct keel_error *error);
KEEL_MUST_USE enum keel_status app_parse_position_side(const struct app_options *options,
                                                       enum keel_position_side *side,
                                                       struct keel_error *error);
KEEL_MUST_USE enum keel_status app_parse_int(const char *name, const char *text, int64_t min,
                                             int64_t max, int64_t *value, struct keel_error *error);

#endif

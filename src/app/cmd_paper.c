/* cmd_paper.c - the paper venue as a server, until Ctrl-C or SIGTERM. */
#include "app/commands.h"
#include "keel/keel.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    VENUES_MAX = 8,
};

static enum keel_status read_speed(const char *text, int64_t *speed, struct keel_error *error)
{
    if (text == NULL)
        return KEEL_OK;
    if (strcmp(text, "max") == 0)
        *speed = KEEL_PAPER_SPEED_MAX;
    else if (strcmp(text, "manual") == 0)
        *speed = KEEL_PAPER_SPEED_MANUAL;
    else if (app_parse_int("--speed", text, 1, 1000000000, speed, NULL) != KEEL_OK)
        return keel_fail(error, KEEL_INVALID,
                         "--speed: '%s' is neither a whole number above 0, nor max, nor manual",
                         text);
    return KEEL_OK;
}

/* Names with commas between them, cut apart in a copy; a NULL behind the last. */
struct venue_names {
    char text[128];
    const char *at[VENUES_MAX + 1];
};

static enum keel_status read_venues(const char *list, struct venue_names *names,
                                    struct keel_paper_config *config, struct keel_error *error)
{
    int count = 0;
    if (list == NULL)
        return KEEL_OK;
    if (!keel_str_copy(keel_str_from(list), names->text, sizeof(names->text)))
        return keel_fail(error, KEEL_INVALID, "--venue: the list is too long");
    char *rest = names->text;
    for (char *name; (name = strsep(&rest, ",")) != NULL && count < VENUES_MAX;)
        names->at[count++] = name;
    names->at[count] = NULL;
    config->venues = names->at;
    return KEEL_OK;
}

/* Before its name is taken for a symbol. */
static enum keel_status check_readable(const char *option, const char *path,
                                       struct keel_error *error)
{
    if (path == NULL || access(path, R_OK) == 0)
        return KEEL_OK;
    return keel_fail(error, KEEL_INVALID, "%s: %s: %s", option, path, strerror(errno));
}

static enum keel_status read_config(const struct app_options *options, struct venue_names *names,
                                    struct keel_paper_config *config, struct keel_error *error)
{
    int64_t seed = (int64_t)config->seed, accounts = config->accounts;
    enum keel_status status = read_speed(options->speed, &config->speed, error);
    if (options->listen != NULL)
        config->listen = options->listen;
    config->prices = options->prices;
    config->faults = options->faults;
    config->symbol = options->prices_of;
    if (status == KEEL_OK)
        status = check_readable("--prices", options->prices, error);
    if (status == KEEL_OK)
        status = read_venues(options->venue, names, config, error);
    if (status == KEEL_OK)
        status = app_parse_int("--seed", options->seed, 0, INT64_MAX, &seed, error);
    if (status == KEEL_OK)
        status = app_parse_int("--accounts", options->accounts, 1, 1000, &accounts, error);
    if (status == KEEL_OK)
        status = app_parse_int("--start", options->start, 0, INT64_MAX, &config->start_ms, error);
    if (status == KEEL_OK)
        status = app_parse_decimal("--balance", options->balance, &config->balance, error);
    if (status == KEEL_OK)
        status = app_parse_decimal("--spot-balance", options->spot_balance, &config->spot_balance,
                                   error);
    config->seed = (uint64_t)seed;
    config->accounts = (int32_t)accounts;
    return status;
}

static bool write_line(const char *path, const char *line)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return false;
    bool written = fprintf(file, "%s\n", line) > 0;
    return fclose(file) == 0 && written;
}

/* Under another name first: whoever waits for the file finds it whole. */
static enum keel_status write_ready(const char *path, const char *line, struct keel_error *error)
{
    char draft[1024];
    int size = snprintf(draft, sizeof(draft), "%s.%ld", path, (long)getpid());
    if (size < 0 || (size_t)size >= sizeof(draft))
        return keel_fail(error, KEEL_INVALID, "--ready: the path is too long");
    if (write_line(draft, line) && rename(draft, path) == 0)
        return KEEL_OK;
    enum keel_status status =
        keel_fail(error, KEEL_INVALID, "--ready: %s: %s", path, strerror(errno));
    unlink(draft);
    return status;
}

/* Whoever waits for the line would wait for ever if it went nowhere. */
static enum keel_status print_ready(const struct keel_paper *paper, struct keel_error *error)
{
    printf("%s\n", keel_paper_ready_line(paper));
    if (fflush(stdout) == 0)
        return KEEL_OK;
    return keel_fail(error, KEEL_IO, "the ready line could not be written: %s", strerror(errno));
}

static enum app_exit run_paper(const struct app_options *options)
{
    struct keel_paper_config config = keel_paper_config_init();
    struct venue_names names = {.at = {NULL}};
    struct keel_error error;
    sigset_t signals;
    int signal;
    if (read_config(options, &names, &config, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    /* Blocked before the venue's thread begins, so that they come to sigwait alone. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    struct keel_paper *paper = keel_paper_open(&config, &error);
    if (paper == NULL) {
        error.status = KEEL_INVALID; /* whatever it was, an option named it */
        return app_fail(options->json, &error);
    }
    enum keel_status status = KEEL_OK;
    if (options->ready != NULL)
        status = write_ready(options->ready, keel_paper_ready_line(paper), &error);
    if (status == KEEL_OK)
        status = print_ready(paper, &error);
    if (status == KEEL_OK)
        sigwait(&signals, &signal);
    keel_paper_close(paper);
    return status == KEEL_OK ? APP_DONE : app_fail(options->json, &error);
}

static const char *const paper_options[] = {
    "listen",   "venue",   "prices",       "prices-of", "start", "speed", "seed",
    "accounts", "balance", "spot-balance", "faults",    "ready", NULL};

static const struct app_wording paper_wording[] = {
    {"venue", "serve only these, with commas: binance, gateio; each with its spot side (both)"},
    {NULL,    NULL                                                                            },
};

const struct app_command app_paper = {
    .name = "paper",
    .arguments = "",
    .summary = "the paper venues: a server that speaks each venue's own protocol",
    .details = "Prints one line of JSON when it is ready: where it listens, the venues and the\n"
               "accounts' keys. All venues share the port, prices and keys.\n"
               "Without --prices every symbol walks from the seed; with --speed manual it stands\n"
               "still until POST /paper/price and /paper/advance move it. Ctrl-C ends it.\n"
               "--faults names what shall go wrong: one JSON object a line, as POST /paper/fault\n"
               "takes it; see docs/paper.md.",
    .example = "  keel paper --listen 127.0.0.1:8080 --prices btcusdt.csv --speed 60\n"
               "  KEEL_URL=http://127.0.0.1:8080 keel balances",
    .options = paper_options,
    .wording = paper_wording,
    .run = run_paper,
};

#include "app/account.h"

#include "app/journal_path.h"
#include "app/request.h"

#include <signal.h>
#include <stdlib.h>

enum { START_TIMEOUT_MS = 15000 }; /* somebody sits and waits */

/* The client that a signal stops. One a process: a program has one terminal. */
static struct keel_client *interrupted_client;

static void on_signal(int signal)
{
    (void)signal;
    keel_client_interrupt(interrupted_client);
}

static void set_signals(struct keel_client *client)
{
    struct sigaction action = {0};
    interrupted_client = client;
    action.sa_handler = client == NULL ? SIG_DFL : on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void print_log(void *user, enum keel_log_level level, const char *tag, const char *message)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    (void)user;
    fprintf(stderr, "%s %s: %s\n", names[level], tag, message);
}

static void configure(struct keel_config *out, const struct app_config *config,
                      const struct app_options *options, const struct keel_handlers *handlers)
{
    *out = keel_config_init();
    out->venue = config->account.venue;
    out->url = config->account.url;
    out->demo_venue = config->demo_venue;
    out->api_key = config->account.api_key;
    out->api_secret = config->account.api_secret;
    out->symbols = config->symbols;
    out->symbol_count = (size_t)config->symbol_count;
    out->withdrawal_addresses = config->addresses;
    out->withdrawal_address_count = (size_t)config->address_count;
    out->start_timeout_ms = START_TIMEOUT_MS;
    if (handlers != NULL)
        out->handlers = *handlers;
    if (options->verbose)
        out->handlers.on_log = print_log;
}

/* The option goes before the file, whose word has been checked. */
static enum keel_status choose_entry(struct keel_config *out, const struct app_config *config,
                                     const struct app_options *options, struct keel_error *error)
{
    const char *word =
        options->order_entry != NULL ? options->order_entry : config->account.order_entry;
    if (word == NULL || strcmp(word, "requests") == 0)
        out->order_entry = KEEL_ENTRY_REQUESTS;
    else if (strcmp(word, "stream") == 0)
        out->order_entry = KEEL_ENTRY_STREAM;
    else
        return keel_fail(error, KEEL_INVALID, "--order-entry: '%s' is neither requests nor stream",
                         word);
    return KEEL_OK;
}

/* A journal that is in use is that of a program that trades: the way around it is told. */
static enum keel_status choose_journal(struct keel_config *out, const struct app_config *config,
                                       const struct app_options *options, char *path,
                                       struct keel_error *error)
{
    enum keel_status status = app_journal_path(config, options, path, error);
    if (status != KEEL_OK || path[0] == '\0')
        return status;
    if (options->journal == NULL && config->account.journal == NULL)
        app_journal_make_folders(path);
    out->journal_path = path;
    out->journal_account = config->account.name;
    return KEEL_OK;
}

static enum keel_status create_client(struct app_account *account,
                                      const struct app_options *options, const char *const *symbols,
                                      int symbol_count, const struct keel_handlers *handlers,
                                      bool trades, struct keel_error *error)
{
    static struct app_config config; /* static: locked memory is the process's, not a frame's */
    struct keel_config client_config;
    char journal[APP_JOURNAL_PATH_SIZE];
    enum keel_status status = app_config_load(&config, options, false, error);
    for (int i = 0; i < symbol_count && status == KEEL_OK; i++)
        status = app_config_add_symbol(&config, symbols[i], error);
    if (status == KEEL_OK) {
        configure(&client_config, &config, options, handlers);
        if (trades)
            status = choose_entry(&client_config, &config, options, error);
        if (trades && status == KEEL_OK)
            status = choose_journal(&client_config, &config, options, journal, error);
    }
    if (status == KEEL_OK) {
        account->client = keel_client_new(&client_config, error);
        status = account->client == NULL ? error->status : KEEL_OK;
    }
    app_config_wipe(&config);
    return status;
}

void app_account_close(struct app_account *account)
{
    keel_client_free(account->client);
    account->client = NULL;
}

struct keel_futures *app_account_futures(const struct app_account *account)
{
    return keel_client_futures(account->client);
}

enum keel_status app_account_check_futures(const struct app_account *account, const char *what,
                                           struct keel_error *error)
{
    if (app_account_futures(account) != NULL)
        return KEEL_OK;
    return keel_fail(error, KEEL_UNSUPPORTED, "a spot account has no %s", what);
}

struct keel_private *app_account_base(const struct app_account *account)
{
    return keel_client_private(account->client);
}

const struct keel_markets *app_account_markets(const struct app_account *account)
{
    return keel_private_markets(app_account_base(account));
}

enum keel_status app_account_find(const struct app_account *account, const char *symbol,
                                  keel_market_id *market, struct keel_error *error)
{
    *market = keel_markets_find(app_account_markets(account), keel_str_from(symbol));
    if (*market == KEEL_NO_MARKET)
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "%s: the venue has no such market", symbol);
    return KEEL_OK;
}

static enum keel_status open_account(struct app_account *account, const struct app_options *options,
                                     const char *const *symbols, int symbol_count,
                                     const struct keel_handlers *handlers, bool trades,
                                     struct keel_error *error)
{
    *account = (struct app_account){.json = options->json};
    enum keel_status status =
        create_client(account, options, symbols, symbol_count, handlers, trades, error);
    if (status != KEEL_OK)
        return status;
    status = keel_client_start(account->client, error);
    if (status != KEEL_OK)
        app_account_close(account);
    return status;
}

enum keel_status app_account_open(struct app_account *account, const struct app_options *options,
                                  const char *const *symbols, int symbol_count,
                                  const struct keel_handlers *handlers, struct keel_error *error)
{
    return open_account(account, options, symbols, symbol_count, handlers, false, error);
}

enum keel_status app_account_open_to_trade(struct app_account *account,
                                           const struct app_options *options,
                                           const char *const *symbols, int symbol_count,
                                           struct keel_error *error)
{
    return open_account(account, options, symbols, symbol_count, NULL, !options->dry_run, error);
}

enum keel_status app_account_open_market(struct app_account *account,
                                         const struct app_options *options, const char *symbol,
                                         keel_market_id *market, struct keel_error *error)
{
    enum keel_status status = app_account_open_to_trade(account, options, &symbol, 1, error);
    if (status != KEEL_OK)
        return status;
    status = app_account_find(account, symbol, market, error);
    if (status != KEEL_OK)
        app_account_close(account);
    return status;
}

void app_on_result(void *user, const struct keel_result *result)
{
    struct app_answer *answer = user;
    answer->done = true;
    answer->fate = result->fate;
    answer->error = result->error;
    if (result->order != NULL) {
        answer->has_order = true;
        answer->order = *result->order;
    }
    if (result->leverage != NULL) {
        answer->has_leverage = true;
        answer->leverage = *result->leverage;
    }
    if (result->transfer != NULL) {
        answer->has_transfer = true;
        answer->transfer = *result->transfer;
    }
    if (result->withdrawal != NULL) {
        answer->has_withdrawal = true;
        answer->withdrawal = *result->withdrawal;
    }
    if (answer->on_event == NULL || result->events == NULL)
        return;
    for (int32_t i = 0; i < result->events->count; i++)
        answer->on_event(answer->user, &result->events->at[i]);
}

/* An error without a status of its own gets the fate's. */
static enum keel_status judge(const struct app_answer *answer, struct keel_error *error)
{
    *error = answer->error;
    switch (answer->fate) {
    case KEEL_ACCEPTED: return KEEL_OK;
    case KEEL_FATE_REJECTED:
        if (error->status != KEEL_NOT_FOUND)
            error->status = KEEL_REJECTED;
        return error->status;
    case KEEL_FATE_FAILED:
        if (error->status == KEEL_OK)
            error->status = KEEL_FAILED;
        return error->status;
    case KEEL_FATE_UNKNOWN:
    case KEEL_FATE_NONE: break;
    }
    return error->status = KEEL_UNKNOWN;
}

enum keel_status app_account_wait(struct app_account *account, struct app_answer *answer,
                                  struct keel_error *error)
{
    set_signals(account->client);
    enum keel_status status = keel_client_run(account->client, &answer->done, -1);
    set_signals(NULL);
    if (answer->done)
        return judge(answer, error);
    if (status == KEEL_FAILED)
        return keel_fail(error, KEEL_UNKNOWN,
                         "interrupted before the venue answered: look before you repeat it");
    return keel_fail(error, KEEL_UNKNOWN, "no answer came: look before you repeat it");
}

enum keel_status app_account_wait_read(struct app_account *account, struct app_answer *answer,
                                       struct keel_error *error)
{
    enum keel_status status = keel_client_run(account->client, &answer->done, -1);
    if (answer->done)
        status = judge(answer, error);
    else
        (void)keel_fail(error, status, "no answer came: %s", keel_status_name(status));
    return status == KEEL_UNKNOWN ? error->status = KEEL_FAILED : status;
}

enum keel_status app_account_run(struct app_account *account, struct keel_error *error)
{
    bool never = false;
    set_signals(account->client);
    enum keel_status status = keel_client_run(account->client, &never, -1);
    set_signals(NULL);
    if (status == KEEL_FAILED || status == KEEL_OK)
        return KEEL_OK;
    return keel_fail(error, status, "the connection's loop ended: %s", keel_status_name(status));
}

enum keel_status app_account_dry_run(const struct app_account *account,
                                     const struct keel_command *command, struct keel_error *error)
{
    struct keel_encoded encoded;
    enum keel_status status =
        keel_private_dry_run(app_account_base(account), command, &encoded, error);
    if (status == KEEL_OK)
        app_request_print(account->json, &encoded, true);
    return status;
}

enum app_exit app_account_finish(struct app_account *account, struct app_table *table,
                                 const struct keel_error *error, enum keel_status status)
{
    if (table != NULL)
        app_table_finish(table, status == KEEL_OK);
    app_account_close(account);
    return status == KEEL_OK ? APP_DONE : app_fail(account->json, error);
}

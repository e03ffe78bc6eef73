/* cmd_wallet.c - the commands that move money: transfer, withdraw, cancel-withdrawal; and what
 * moved: withdrawals, deposits, networks.
 *
 * A withdrawal cannot be taken back: it goes only where the account's configuration allows, and is
 * shown and asked about on a terminal before it leaves. */
#include "app/account.h"
#include "app/commands.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { LISTEN_MS = 100 }; /* to the venue, between two looks at the keyboard */

/* Copies an option into the vocabulary's buffer; "" where it was not given. */
static enum keel_status take_text(const char *name, const char *value, char *buffer, size_t size,
                                  struct keel_error *error)
{
    if (keel_str_copy(keel_str_from(value == NULL ? "" : value), buffer, size))
        return KEEL_OK;
    return keel_fail(error, KEEL_INVALID, "%s is too long", name);
}

/* What came, into a table. */
struct listing {
    struct app_table table;
};

static bool render_row(struct app_record *record, const struct keel_event *event)
{
    switch ((int)event->kind) {
    case KEEL_EVENT_WITHDRAWAL: app_render_withdrawal(record, &event->withdrawal); return true;
    case KEEL_EVENT_DEPOSIT: app_render_deposit(record, &event->deposit); return true;
    case KEEL_EVENT_TRANSFER: app_render_transfer(record, &event->transfer); return true;
    case KEEL_EVENT_NETWORK: app_render_network(record, &event->network); return true;
    }
    return false;
}

static void add_row(void *user, const struct keel_event *event)
{
    struct listing *listing = user;
    struct app_record record;
    app_record_init(&record);
    if (render_row(&record, event))
        app_table_add(&listing->table, &record);
}

/* --- transfer --- */

static enum keel_status take_wallet(const char *name, const char *word, enum keel_wallet *wallet,
                                    struct keel_error *error)
{
    if (word == NULL)
        return keel_fail(error, KEEL_INVALID, "%s is missing: spot, futures or funding", name);
    *wallet = keel_wallet_parse(keel_str_from(word));
    if (*wallet == KEEL_WALLET_NONE)
        return keel_fail(error, KEEL_INVALID, "%s: '%s' is none of spot, futures, funding", name,
                         word);
    return KEEL_OK;
}

static enum keel_status read_transfer(const struct app_options *options,
                                      struct keel_transfer_request *transfer,
                                      struct keel_error *error)
{
    enum keel_status status =
        take_text("asset", options->arguments[0], transfer->asset, sizeof(transfer->asset), error);
    if (status == KEEL_OK)
        status = app_parse_decimal("amount", options->arguments[1], &transfer->amount, error);
    if (status == KEEL_OK)
        status = take_wallet("--from", options->from, &transfer->from, error);
    return status == KEEL_OK ? take_wallet("--to", options->to, &transfer->to, error) : status;
}

static enum app_exit run_transfer(const struct app_options *options)
{
    struct keel_command command = {.kind = KEEL_TRANSFER};
    struct app_account account;
    struct app_answer answer = {0};
    struct app_record record;
    struct app_table table;
    struct keel_error error;
    if (read_transfer(options, &command.transfer, &error) != KEEL_OK ||
        app_account_open_to_trade(&account, options, NULL, 0, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    if (options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    app_table_init(&table, options->json, &app_transfer_columns);
    enum keel_status status = keel_private_transfer(app_account_base(&account), &command.transfer,
                                                    app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = app_account_wait(&account, &answer, &error);
    if (status == KEEL_OK && answer.has_transfer) {
        app_record_init(&record);
        app_render_transfer(&record, &answer.transfer);
        app_table_add(&table, &record);
    }
    return app_account_finish(&account, &table, &error, status);
}

/* --- withdraw --- */

static enum keel_status read_withdrawal(const struct app_options *options,
                                        struct keel_withdrawal_request *withdrawal,
                                        struct keel_error *error)
{
    if (options->address == NULL || options->network == NULL)
        return keel_fail(error, KEEL_INVALID, "where to? Give --address and --network");
    enum keel_status status = take_text("asset", options->arguments[0], withdrawal->asset,
                                        sizeof(withdrawal->asset), error);
    if (status == KEEL_OK)
        status = app_parse_decimal("amount", options->arguments[1], &withdrawal->amount, error);
    if (status == KEEL_OK)
        status = take_text("--address", options->address, withdrawal->address,
                           sizeof(withdrawal->address), error);
    if (status == KEEL_OK)
        status = take_text("--network", options->network, withdrawal->network,
                           sizeof(withdrawal->network), error);
    if (status == KEEL_OK)
        status =
            take_text("--memo", options->memo, withdrawal->memo, sizeof(withdrawal->memo), error);
    if (status == KEEL_OK)
        status = take_text("--client-id", options->client_id, withdrawal->client_id,
                           sizeof(withdrawal->client_id), error);
    return status;
}

/* People think longer than a connection lives unheeded: it goes on until they have answered. */
static void listen_until_answered(struct app_account *account)
{
    static const bool never = false;
    struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(&keyboard, 1, 0) == 0)
        (void)!keel_client_run(account->client, &never, LISTEN_MS);
}

static void ask(const struct app_account *account, const struct keel_withdrawal_request *withdrawal,
                keel_decimal fee)
{
    const struct keel_venue *venue = keel_private_venue(app_account_base(account));
    char amount[KEEL_DECIMAL_TEXT_SIZE], fee_text[KEEL_DECIMAL_TEXT_SIZE];
    (void)keel_decimal_format(withdrawal->amount, amount);
    (void)keel_decimal_format(fee, fee_text);
    fprintf(stderr, "Withdraw %s %s from %s by %s", amount, withdrawal->asset,
            keel_venue_name(venue), withdrawal->network);
    if (keel_decimal_is_valid(fee))
        fprintf(stderr, " (its fee of %s included)", fee_text);
    fprintf(stderr, " to\n  %s%s%s\nIt cannot be taken back. Type yes: ", withdrawal->address,
            withdrawal->memo[0] != '\0' ? "\n  memo " : "", withdrawal->memo);
}

/* Without a terminal there is nobody to ask: then it must have been said. */
static enum keel_status confirm(const struct app_options *options, struct app_account *account,
                                const struct keel_withdrawal_request *withdrawal, keel_decimal fee,
                                struct keel_error *error)
{
    char line[16];
    if (options->yes)
        return KEEL_OK;
    if (!isatty(STDIN_FILENO))
        return keel_fail(error, KEEL_INVALID,
                         "a withdrawal is confirmed on a terminal, or with --yes");
    ask(account, withdrawal, fee);
    listen_until_answered(account);
    if (fgets(line, sizeof(line), stdin) == NULL || strcmp(line, "yes\n") != 0)
        return keel_fail(error, KEEL_INVALID, "not confirmed: nothing was sent");
    return KEEL_OK;
}

/* The chain of a withdrawal, and what it costs. */
struct chain {
    const char *network;
    keel_decimal fee; /* absent: not told */
};

static void take_fee(void *user, const struct keel_event *event)
{
    struct chain *chain = user;
    if (event->kind == KEEL_EVENT_NETWORK && strcmp(event->network.network, chain->network) == 0)
        chain->fee = event->network.withdrawal_fee;
}

/* What the venue says of the chain is checked before anything leaves by it. */
static enum keel_status load_chain(struct app_account *account,
                                   const struct keel_withdrawal_request *withdrawal,
                                   struct chain *chain, struct keel_error *error)
{
    struct app_answer answer = {.on_event = take_fee, .user = chain};
    *chain = (struct chain){.network = withdrawal->network, .fee = KEEL_DECIMAL_ABSENT};
    enum keel_status status = keel_private_networks(
        app_account_base(account), keel_str_from(withdrawal->asset), app_on_result, &answer, error);
    return status == KEEL_OK ? app_account_wait_read(account, &answer, error) : status;
}

static enum app_exit run_withdraw(const struct app_options *options)
{
    struct keel_command command = {.kind = KEEL_WITHDRAW};
    struct keel_withdrawal_request *withdrawal = &command.withdrawal;
    struct chain chain;
    struct app_account account;
    struct app_answer answer = {0};
    struct app_record record;
    struct app_table table;
    struct keel_error error;
    if (read_withdrawal(options, withdrawal, &error) != KEEL_OK ||
        app_account_open_to_trade(&account, options, NULL, 0, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    enum keel_status status = load_chain(&account, withdrawal, &chain, &error);
    if (status == KEEL_OK && options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    if (status == KEEL_OK)
        status = confirm(options, &account, withdrawal, chain.fee, &error);
    app_table_init(&table, options->json, &app_withdrawal_columns);
    if (status == KEEL_OK)
        status = keel_private_withdraw(app_account_base(&account), withdrawal, app_on_result,
                                       &answer, &error);
    if (status == KEEL_OK)
        status = app_account_wait(&account, &answer, &error);
    if (status == KEEL_OK && answer.has_withdrawal) {
        app_record_init(&record);
        app_render_withdrawal(&record, &answer.withdrawal);
        app_table_add(&table, &record);
    }
    return app_account_finish(&account, &table, &error, status);
}

/* --- lists --- */

typedef enum keel_status (*load_list)(struct keel_private *exchange, const struct keel_page *page,
                                      keel_on_result on_result, void *user,
                                      struct keel_error *error);

static enum keel_status load_all_networks(struct keel_private *exchange,
                                          const struct keel_page *page, keel_on_result on_result,
                                          void *user, struct keel_error *error)
{
    return keel_private_networks(exchange, keel_str_from(page->asset), on_result, user, error);
}

static enum app_exit show_list(const struct app_options *options, load_list load,
                               const struct app_columns *columns)
{
    struct keel_page page = {0};
    struct app_account account;
    struct listing listing;
    struct app_answer answer = {.on_event = add_row, .user = &listing};
    struct keel_error error;
    int64_t limit = 0;
    if (take_text("asset", options->argument_count > 0 ? options->arguments[0] : NULL, page.asset,
                  sizeof(page.asset), &error) != KEEL_OK ||
        app_parse_int("--since", options->since, 0, INT64_MAX, &page.start_time_ms, &error) !=
            KEEL_OK ||
        app_parse_int("--limit", options->limit, 1, 1000, &limit, &error) != KEEL_OK ||
        app_account_open(&account, options, NULL, 0, NULL, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    page.limit = (int32_t)limit;
    app_table_init(&listing.table, options->json, columns);
    enum keel_status status =
        load(app_account_base(&account), &page, app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = app_account_wait_read(&account, &answer, &error);
    return app_account_finish(&account, &listing.table, &error, status);
}

static enum app_exit run_cancel_withdrawal(const struct app_options *options)
{
    struct keel_command command = {.kind = KEEL_CANCEL_WITHDRAWAL};
    struct app_account account;
    struct app_answer answer = {0};
    struct app_record record;
    struct app_table table;
    struct keel_error error;
    if (take_text("id", options->arguments[0], command.withdrawal_id, sizeof(command.withdrawal_id),
                  &error) != KEEL_OK ||
        app_account_open_to_trade(&account, options, NULL, 0, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    if (options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    app_table_init(&table, options->json, &app_withdrawal_columns);
    enum keel_status status = keel_private_cancel_withdrawal(
        app_account_base(&account), command.withdrawal_id, app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = app_account_wait(&account, &answer, &error);
    if (status == KEEL_OK && answer.has_withdrawal) {
        app_record_init(&record);
        app_render_withdrawal(&record, &answer.withdrawal);
        app_table_add(&table, &record);
    }
    return app_account_finish(&account, &table, &error, status);
}

static enum app_exit run_withdrawals(const struct app_options *options)
{
    return show_list(options, keel_private_withdrawals, &app_withdrawal_columns);
}

static enum app_exit run_deposits(const struct app_options *options)
{
    return show_list(options, keel_private_deposits, &app_deposit_columns);
}

static enum app_exit run_networks(const struct app_options *options)
{
    return show_list(options, load_all_networks, &app_network_columns);
}

static const char *const transfer_options[] = {"from", "to", "dry-run", NULL};
static const char *const withdraw_options[] = {"address", "network", "memo", "client-id",
                                               "dry-run", "yes",     NULL};
static const char *const cancel_withdrawal_options[] = {"dry-run", NULL};
static const char *const list_options[] = {"since", "limit", NULL};
static const char *const no_options[] = {NULL};

static const struct app_wording withdraw_wording[] = {
    {"client-id", "your own id for it, which the venue takes once (keel makes one)"},
    {NULL,        NULL                                                             },
};

const struct app_command app_transfer = {
    .name = "transfer",
    .arguments = "ASSET AMOUNT",
    .arguments_min = 2,
    .arguments_max = 2,
    .summary = "move money between the wallets of one account",
    .details = "Of a spot account: between its spot wallet and the futures wallet of the same key.",
    .example = "  keel transfer USDT 100 --from spot --to futures --venue binance-spot",
    .options = transfer_options,
    .has_account = true,
    .trades = true,
    .run = run_transfer,
};

const struct app_command app_withdraw = {
    .name = "withdraw",
    .arguments = "ASSET AMOUNT",
    .arguments_min = 2,
    .arguments_max = 2,
    .summary = "send money out, to an address that the configuration allows",
    .details = "Only to an address that stands in the account's withdraw_to, to the letter:\n\n"
               "  withdraw_to = USDT TRX TXyz…, XRP XRP rAbc… 12345\n\n"
               "AMOUNT is what leaves the wallet, the network's fee included. It asks before it\n"
               "sends; --yes says so beforehand. What came of it: keel withdrawals.",
    .example = "  keel withdraw USDT 100 --network TRX --address TXyz… --account spot",
    .options = withdraw_options,
    .wording = withdraw_wording,
    .has_account = true,
    .trades = true,
    .run = run_withdraw,
};

const struct app_command app_cancel_withdrawal = {
    .name = "cancel-withdrawal",
    .arguments = "WITHDRAWAL_ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "take back a withdrawal that has not left yet (Gate.io alone)",
    .details = "The id is the venue's: keel withdrawals shows it.",
    .example = "  keel cancel-withdrawal w1879219868 --venue gateio-spot",
    .options = cancel_withdrawal_options,
    .has_account = true,
    .trades = true,
    .run = run_cancel_withdrawal,
};

const struct app_command app_withdrawals = {
    .name = "withdrawals",
    .arguments = "[ASSET]",
    .arguments_max = 1,
    .summary = "what was sent out, and how far it has come",
    .details = "The amount is the venue's: at Binance what arrives, at Gate.io with the fee in it.",
    .example = "  keel withdrawals USDT --since 1700000000000",
    .options = list_options,
    .has_account = true,
    .run = run_withdrawals,
};

const struct app_command app_deposits = {
    .name = "deposits",
    .arguments = "[ASSET]",
    .arguments_max = 1,
    .summary = "what came in",
    .details = "",
    .example = "  keel deposits USDT",
    .options = list_options,
    .has_account = true,
    .run = run_deposits,
};

const struct app_command app_networks = {
    .name = "networks",
    .arguments = "[ASSET]",
    .arguments_max = 1,
    .summary = "the chains that an asset travels by, with fees and limits",
    .details = "",
    .example = "  keel networks USDT",
    .options = no_options,
    .has_account = true,
    .run = run_networks,
};

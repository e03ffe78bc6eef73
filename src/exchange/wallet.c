#include "exchange/wallet.h"

#include "exchange/private_internal.h"

#include <stdlib.h>

/* The list. */

static bool copy_place(const struct keel_withdrawal_address *place, struct keel_allowed *allowed)
{
    if (place->asset == NULL || place->network == NULL || place->address == NULL ||
        place->asset[0] == '\0' || place->network[0] == '\0' || place->address[0] == '\0')
        return false;
    return keel_str_copy(keel_str_from(place->asset), allowed->asset, sizeof(allowed->asset)) &&
           keel_str_copy(keel_str_from(place->network), allowed->network,
                         sizeof(allowed->network)) &&
           keel_str_copy(keel_str_from(place->address), allowed->address,
                         sizeof(allowed->address)) &&
           keel_str_copy(keel_str_from(place->memo != NULL ? place->memo : ""), allowed->memo,
                         sizeof(allowed->memo));
}

enum keel_status keel_wallet_init(struct keel_allowance *allowance,
                                  const struct keel_exchange_config *config,
                                  struct keel_error *error)
{
    size_t count = config->withdrawal_address_count;

    allowance->at = calloc(count + 1, sizeof(*allowance->at));
    if (allowance->at == NULL)
        return keel_fail(error, KEEL_FULL, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (!copy_place(&config->withdrawal_addresses[i], &allowance->at[i]))
            return keel_fail(error, KEEL_CONFIG,
                             "withdrawal address %zu names no asset, network and address, or one "
                             "that is too long",
                             i + 1);
    }
    allowance->count = (int32_t)count;
    return KEEL_OK;
}

void keel_wallet_deinit(struct keel_allowance *allowance)
{
    free(allowance->at);
}

void keel_wallet_learn(struct keel_allowance *allowance, const struct keel_network *network)
{
    for (int32_t i = 0; i < allowance->count; i++) {
        struct keel_allowed *allowed = &allowance->at[i];
        if (strcmp(allowed->asset, network->asset) != 0 ||
            strcmp(allowed->network, network->network) != 0)
            continue;
        allowed->facts = *network;
        allowed->told = true;
    }
}

/* Checks. */

static enum keel_status check_range(const struct keel_network *network, keel_decimal amount,
                                    struct keel_error *error)
{
    char text[KEEL_DECIMAL_TEXT_SIZE], bound[KEEL_DECIMAL_TEXT_SIZE];
    bool low = keel_decimal_is_positive(network->withdrawal_min) &&
               keel_decimal_compare(amount, network->withdrawal_min) < 0;
    bool high = keel_decimal_is_positive(network->withdrawal_max) &&
                keel_decimal_compare(amount, network->withdrawal_max) > 0;

    if (!low && !high)
        return KEEL_OK;
    keel_decimal_format(amount, text);
    keel_decimal_format(low ? network->withdrawal_min : network->withdrawal_max, bound);
    return keel_fail(error, KEEL_WITHDRAWAL_NETWORK, "%s by %s: %s is %s %s", network->asset,
                     network->network, text, low ? "below the minimum" : "above the maximum",
                     bound);
}

static enum keel_status check_step(const struct keel_network *network, keel_decimal amount,
                                   struct keel_error *error)
{
    char text[KEEL_DECIMAL_TEXT_SIZE], low[KEEL_DECIMAL_TEXT_SIZE], high[KEEL_DECIMAL_TEXT_SIZE];
    char step[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal below, above;

    if (!keel_decimal_is_positive(network->withdrawal_step) ||
        keel_decimal_is_multiple(amount, network->withdrawal_step))
        return KEEL_OK;
    keel_gate_nearest(amount, KEEL_DECIMAL_ZERO, network->withdrawal_step, &below, &above);
    keel_decimal_format(amount, text);
    keel_decimal_format(network->withdrawal_step, step);
    keel_decimal_format(below, low);
    keel_decimal_format(above, high);
    return keel_fail(error, KEEL_WITHDRAWAL_NETWORK,
                     "%s by %s: %s is not a multiple of %s; nearest %s and %s", network->asset,
                     network->network, text, step, low, high);
}

static enum keel_status check_network(const struct keel_allowed *allowed, keel_decimal amount,
                                      struct keel_error *error)
{
    const struct keel_network *network = &allowed->facts;
    char fee[KEEL_DECIMAL_TEXT_SIZE], text[KEEL_DECIMAL_TEXT_SIZE];

    if (!network->can_withdraw)
        return keel_fail(error, KEEL_WITHDRAWAL_NETWORK,
                         "%s by %s: the venue takes no withdrawals now", network->asset,
                         network->network);
    if (network->needs_memo && allowed->memo[0] == '\0')
        return keel_fail(error, KEEL_WITHDRAWAL_NETWORK,
                         "%s by %s: the network needs a memo, and the address has none",
                         network->asset, network->network);
    if (keel_decimal_is_valid(network->withdrawal_fee) &&
        keel_decimal_compare(amount, network->withdrawal_fee) <= 0) {
        keel_decimal_format(amount, text);
        keel_decimal_format(network->withdrawal_fee, fee);
        return keel_fail(error, KEEL_WITHDRAWAL_NETWORK,
                         "%s by %s: of %s nothing is left, the fee "
                         "is %s",
                         network->asset, network->network, text, fee);
    }
    enum keel_status status = check_range(network, amount, error);
    return status == KEEL_OK ? check_step(network, amount, error) : status;
}

static bool is_place(const struct keel_allowed *allowed,
                     const struct keel_withdrawal_request *request)
{
    return strcmp(allowed->asset, request->asset) == 0 &&
           strcmp(allowed->network, request->network) == 0 &&
           strcmp(allowed->address, request->address) == 0 &&
           strcmp(allowed->memo, request->memo) == 0;
}

enum keel_status keel_wallet_check_withdrawal(const struct keel_allowance *allowance,
                                              const struct keel_withdrawal_request *request,
                                              struct keel_error *error)
{
    for (int32_t i = 0; i < allowance->count; i++) {
        const struct keel_allowed *allowed = &allowance->at[i];
        if (is_place(allowed, request))
            return allowed->told ? check_network(allowed, request->amount, error) : KEEL_OK;
    }
    return keel_fail(error, KEEL_WITHDRAWAL_ADDRESS,
                     "%s by %s to %.60s is not among the %d withdrawal addresses of the "
                     "configuration: asset, network, address and memo must be one of them, to the "
                     "letter",
                     request->asset, request->network, request->address, allowance->count);
}

enum keel_status keel_wallet_check_load(const struct keel_private *exchange,
                                        enum keel_command_kind kind, struct keel_error *error)
{
    bool of_wallet = kind == KEEL_LOAD_NETWORKS || kind == KEEL_LOAD_WITHDRAWALS ||
                     kind == KEEL_LOAD_DEPOSITS || kind == KEEL_LOAD_TRANSFERS;

    if (!of_wallet || exchange->venue->product == KEEL_PRODUCT_SPOT)
        return KEEL_OK;
    return keel_fail(error, KEEL_UNSUPPORTED,
                     "a futures account has no deposits, withdrawals and transfers of its own: the "
                     "spot account lists them, and transfers from and to futures");
}

enum keel_status keel_wallet_prepare(struct keel_private *exchange,
                                     const struct keel_withdrawal_request *request,
                                     struct keel_command *command, struct keel_error *error)
{
    struct keel_withdrawal_request *withdrawal = &command->withdrawal;

    command->kind = KEEL_WITHDRAW;
    *withdrawal = *request;
    if (withdrawal->client_id[0] == '\0')
        exchange->venue->make_client_id(keel_numbers_take(&exchange->numbers),
                                        withdrawal->client_id);
    else if (!exchange->venue->client_id_is_valid(keel_str_from(withdrawal->client_id)))
        return keel_private_refuse_client_id(exchange, withdrawal->client_id, error);
    return KEEL_OK;
}

/* Commands. */

enum keel_status keel_private_transfer(struct keel_private *exchange,
                                       const struct keel_transfer_request *request,
                                       keel_on_result on_result, void *user,
                                       struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_TRANSFER, .transfer = *request};

    return keel_private_submit(exchange, &command, KEEL_CALL_COMMAND, on_result, user, NULL, error);
}

enum keel_status keel_private_withdraw(struct keel_private *exchange,
                                       const struct keel_withdrawal_request *request,
                                       keel_on_result on_result, void *user,
                                       struct keel_error *error)
{
    struct keel_command command;
    enum keel_status status = keel_wallet_prepare(exchange, request, &command, error);

    if (status != KEEL_OK)
        return status;
    return keel_private_submit(exchange, &command, KEEL_CALL_COMMAND, on_result, user, NULL, error);
}

enum keel_status keel_private_cancel_withdrawal(struct keel_private *exchange,
                                                const char *withdrawal_id, keel_on_result on_result,
                                                void *user, struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_CANCEL_WITHDRAWAL};

    if (!keel_str_copy(keel_str_from(withdrawal_id), command.withdrawal_id,
                       sizeof(command.withdrawal_id)))
        return keel_fail(error, KEEL_INVALID, "%.60s is no withdrawal's id", withdrawal_id);
    return keel_private_submit(exchange, &command, KEEL_CALL_COMMAND, on_result, user, NULL, error);
}

/* Lists. */

static enum keel_status load_page(struct keel_private *exchange, enum keel_command_kind kind,
                                  const struct keel_page *page, keel_on_result on_result,
                                  void *user, struct keel_error *error)
{
    struct keel_command command = {.kind = kind, .page = *page};

    return keel_private_load(exchange, &command, on_result, user, error);
}

enum keel_status keel_private_networks(struct keel_private *exchange, keel_str asset,
                                       keel_on_result on_result, void *user,
                                       struct keel_error *error)
{
    struct keel_page page = {0};

    if (!keel_str_copy(asset, page.asset, sizeof(page.asset)))
        return keel_fail(error, KEEL_INVALID, "%.*s is no asset", KEEL_STR_ARGS(asset));
    return load_page(exchange, KEEL_LOAD_NETWORKS, &page, on_result, user, error);
}

enum keel_status keel_private_withdrawals(struct keel_private *exchange,
                                          const struct keel_page *page, keel_on_result on_result,
                                          void *user, struct keel_error *error)
{
    return load_page(exchange, KEEL_LOAD_WITHDRAWALS, page, on_result, user, error);
}

enum keel_status keel_private_deposits(struct keel_private *exchange, const struct keel_page *page,
                                       keel_on_result on_result, void *user,
                                       struct keel_error *error)
{
    return load_page(exchange, KEEL_LOAD_DEPOSITS, page, on_result, user, error);
}

enum keel_status keel_private_transfers(struct keel_private *exchange, const struct keel_page *page,
                                        keel_on_result on_result, void *user,
                                        struct keel_error *error)
{
    return load_page(exchange, KEEL_LOAD_TRANSFERS, page, on_result, user, error);
}

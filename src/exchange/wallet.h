/* wallet.h - where money may go, and what is known of the networks that carry it there.
 *
 * Pure. A withdrawal goes to an address of the list that the configuration gave, and nowhere else:
 * no call of this library adds to it. */
#ifndef KEEL_EXCHANGE_WALLET_H
#define KEEL_EXCHANGE_WALLET_H

#include "keel/private.h"

struct keel_exchange_config;

/* One place, and its network as the venue last told of it. */
struct keel_allowed {
    char asset[KEEL_ASSET_SIZE];
    char network[KEEL_NETWORK_SIZE];
    char address[KEEL_ADDRESS_SIZE];
    char memo[KEEL_MEMO_SIZE];
    bool told;
    struct keel_network facts;
};

struct keel_allowance {
    struct keel_allowed *at;
    int32_t count;
};

/* KEEL_FULL: out of memory. KEEL_CONFIG: an entry that is incomplete, or does not fit. */
KEEL_MUST_USE enum keel_status keel_wallet_init(struct keel_allowance *allowance,
                                                const struct keel_exchange_config *config,
                                                struct keel_error *error);
void keel_wallet_deinit(struct keel_allowance *allowance);

/* What the venue tells of a network: of those on the list, it is kept. */
void keel_wallet_learn(struct keel_allowance *allowance, const struct keel_network *network);

/* KEEL_WITHDRAWAL_ADDRESS; KEEL_WITHDRAWAL_NETWORK, where the network was told of. */
KEEL_MUST_USE enum keel_status
keel_wallet_check_withdrawal(const struct keel_allowance *allowance,
                             const struct keel_withdrawal_request *request,
                             struct keel_error *error);

/* The command that a request asks for, with an id. KEEL_CLIENT_ID: not one of the venue's. */
KEEL_MUST_USE enum keel_status keel_wallet_prepare(struct keel_private *exchange,
                                                   const struct keel_withdrawal_request *request,
                                                   struct keel_command *command,
                                                   struct keel_error *error);

/* Lists of the wallet are a spot account's: KEEL_UNSUPPORTED. Other reads pass. */
KEEL_MUST_USE enum keel_status keel_wallet_check_load(const struct keel_private *exchange,
                                                      enum keel_command_kind kind,
                                                      struct keel_error *error);

#endif

/* wallet.h - money that enters, leaves or changes its wallet: deposits, withdrawals, transfers.
 *
 * Values: text is copied into them, and they may be copied and kept. Amounts in units of the asset,
 * times the venue's wall clock in milliseconds. What moves money is in private.h, and the rules of
 * it in docs/spot.md. */
#ifndef KEEL_WALLET_H
#define KEEL_WALLET_H

#include "keel/order.h"

enum {
    KEEL_NETWORK_SIZE = 32,  /* "ERC20", "BSC"; the venue's word */
    KEEL_ADDRESS_SIZE = 160, /* of a chain */
    KEEL_MEMO_SIZE = 128,    /* tag, payment id: what some chains need besides the address */
    KEEL_TXID_SIZE = 160,
};

/* The wallets that one account has at a venue. */
enum keel_wallet {
    KEEL_WALLET_NONE,
    KEEL_WALLET_SPOT,
    KEEL_WALLET_FUTURES,
    KEEL_WALLET_FUNDING,
};

/* The venue takes no id of ours for it. Both ends must be wallets that it moves between: on Binance
 * any two (POST /sapi/v1/asset/transfer), on Gate.io spot and futures (POST /wallet/transfers). */
struct keel_transfer_request {
    enum keel_wallet from, to;
    char asset[KEEL_ASSET_SIZE];
    keel_decimal amount;
};

/* Binance: GET /sapi/v1/asset/transfer. Gate.io lists no transfers: they are entries of the
 * account's book (GET /spot/account_book). */
struct keel_wallet_transfer {
    char id[KEEL_ORDER_ID_SIZE]; /* the venue's; "" if not told */
    enum keel_wallet from, to;
    char asset[KEEL_ASSET_SIZE];
    keel_decimal amount;
    bool done; /* false: under way, or failed */
    int64_t time_ms;
};

/* Binance: POST /sapi/v1/capital/withdraw/apply. Gate.io: POST /withdrawals. */
struct keel_withdrawal_request {
    char asset[KEEL_ASSET_SIZE];
    char network[KEEL_NETWORK_SIZE];
    char address[KEEL_ADDRESS_SIZE];
    char memo[KEEL_MEMO_SIZE]; /* "" if the chain has none */
    keel_decimal amount;       /* that leaves the wallet, the network's fee included */
    /* Ours, which the venue takes once: withdrawOrderId, withdraw_order_id. "": keel makes one. */
    char client_id[KEEL_CLIENT_ID_SIZE];
};

/* Where a withdrawal may go: asset, network, address and memo must be these, to the letter. The
 * text is the caller's; who is given a list copies it. */
struct keel_withdrawal_address {
    const char *asset, *network, *address;
    const char *memo; /* NULL: none */
};

enum keel_withdrawal_status {
    KEEL_WITHDRAWAL_STATUS_NONE, /* a word that keel does not know */
    KEEL_WITHDRAWAL_PENDING,     /* asked for, reviewed, under way: the money is locked */
    KEEL_WITHDRAWAL_DONE,
    KEEL_WITHDRAWAL_CANCELED, /* the money is back */
    KEEL_WITHDRAWAL_REJECTED, /* refused, or failed on the chain: the money is back */
};

/* Binance: GET /sapi/v1/capital/withdraw/history. Gate.io: GET /wallet/withdrawals. */
struct keel_withdrawal {
    char id[KEEL_ORDER_ID_SIZE]; /* the venue's */
    char client_id[KEEL_CLIENT_ID_SIZE];
    enum keel_withdrawal_status status;
    char word[32]; /* the venue's own word for the status */
    char asset[KEEL_ASSET_SIZE];
    char network[KEEL_NETWORK_SIZE];
    char address[KEEL_ADDRESS_SIZE];
    char memo[KEEL_MEMO_SIZE];
    char txid[KEEL_TXID_SIZE]; /* "" until it is on the chain */
    keel_decimal amount;       /* that arrives, or is to */
    keel_decimal fee;          /* absent if not told */
    int64_t time_ms;           /* asked for */
    int64_t done_ms;           /* 0 while it is under way, and where it is not told */
};

/* Binance: GET /sapi/v1/capital/deposit/hisrec. Gate.io: GET /wallet/deposits. */
struct keel_deposit {
    char id[KEEL_ORDER_ID_SIZE]; /* "" if the venue gives none */
    char asset[KEEL_ASSET_SIZE];
    char network[KEEL_NETWORK_SIZE];
    char address[KEEL_ADDRESS_SIZE];
    char txid[KEEL_TXID_SIZE];
    char word[32]; /* the venue's own word for where it stands */
    keel_decimal amount;
    bool credited; /* it is in the wallet; that it may leave again is not said */
    int64_t time_ms;
};

/* A chain on which an asset travels. Binance: GET /sapi/v1/capital/config/getall. Gate.io: GET
 * /wallet/withdraw_status, which tells of no step. */
struct keel_network {
    char asset[KEEL_ASSET_SIZE];
    char network[KEEL_NETWORK_SIZE];
    bool can_deposit, can_withdraw;
    bool needs_memo;
    keel_decimal withdrawal_fee;                 /* in units of the asset; absent if not told */
    keel_decimal withdrawal_min, withdrawal_max; /* absent: no limit, or not told */
    keel_decimal withdrawal_step;                /* amounts are multiples of it; absent: of any */
};

/* "spot", "futures", "funding"; "pending", "done", …: text that is never freed. Parsing answers the
 * zero value for an unknown word. */
KEEL_API const char *keel_wallet_name(enum keel_wallet wallet);
KEEL_API enum keel_wallet keel_wallet_parse(keel_str word);
KEEL_API const char *keel_withdrawal_status_name(enum keel_withdrawal_status status);

#endif

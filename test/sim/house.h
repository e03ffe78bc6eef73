/* house.h - what the paper venue holds of one client, in one form for futures and for coins.
 *
 * Looked up in its engines, not asked for over any wire: the truth against which everything is
 * held. Clients are numbered from 0. */
#ifndef TEST_SIM_HOUSE_H
#define TEST_SIM_HOUSE_H

#include "world.h"

/* All zeroes is before the first. */
struct house_order {
    const void *row;
    bool conditional; /* waits in a list of its own, and opens another when its price comes */
    bool child;       /* the order that a conditional one opened, and that bears its name */
    bool open, canceled, reduce_only;
    int64_t id;
    keel_market_id market; /* the venue's number */
    char client_id[KEEL_CLIENT_ID_SIZE];
    keel_decimal price, quantity, filled_quantity;
    int amendments;
};

struct house_trade {
    const void *row;
    int64_t id, order_id;
    keel_market_id market;
    enum keel_side side;
    keel_decimal price, quantity, fee;
    keel_decimal realized_pnl; /* zero for coins */
    const char *fee_asset;
};

/* The venue's own number of a market, by the symbol that intents bear; and its name. */
keel_market_id house_market(struct world *world, const char *symbol);
const char *house_symbol(struct world *world, keel_market_id market);
keel_decimal house_price(struct world *world, keel_market_id market);

/* Whether a market has a long and a short position there. */
bool house_is_hedged(struct world *world, int client);

/* What the insurance fund took from the account, or gave it. */
keel_decimal house_cleared(struct world *world, int client);

/* The next one, oldest first: regular orders and then conditional ones. False at the end. */
bool house_next_order(struct world *world, int client, struct house_order *order);
bool house_next_open_order(struct world *world, int client, struct house_order *order);
bool house_next_trade(struct world *world, int client, struct house_trade *trade);

/* By the venue's id, or by ours: the newest of that name. False: there is none. */
bool house_find_order(struct world *world, int client, const struct keel_order_ref *ref,
                      struct house_order *order);

/* Has the order ever been amended to this? */
bool house_was_amended(struct world *world, int client, int64_t order_id, keel_decimal price,
                       keel_decimal quantity);

/* --- Coins -------------------------------------------------------------------------------------
 */

enum {
    HOUSE_COINS = 3,
};

/* Those that the runs trade: "USDT", "BTC", "ETH". */
extern const char *const house_coins[HOUSE_COINS];

/* What the client has of a coin, as the venue tells it; and what deposits, withdrawals and
 * transfers have brought of that. */
struct house_balance {
    keel_decimal free, locked;
};
struct house_balance house_balance(struct world *world, int client, int coin);
keel_decimal house_moved(struct world *world, int client, int coin);

/* How many there were that are as this one. */
int house_count_transfers(struct world *world, int client,
                          const struct keel_transfer_request *transfer);
int house_count_withdrawals(struct world *world, int client, const char *client_id);

/* All that the client has asked for; and the one of that id, as far as it has come. NONE: there is
 * no such. */
int house_count_all_withdrawals(struct world *world, int client);
enum keel_withdrawal_status house_withdrawal_status(struct world *world, int client,
                                                    const char *id);

bool house_gave_back(struct world *world, int client, const char *client_id);

/* One that is under way fails, without anybody's wish. False: none is. */
bool house_fail_withdrawal(struct world *world, int client);

/* What the transfers of all clients have brought into the futures wallets. */
keel_decimal house_sent_to_futures(struct world *world);

#endif

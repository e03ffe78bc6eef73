/* trade.h - random legal commands of one client: orders, their changes, and whatever else its kind
 * of account can do. */
#ifndef TEST_SIM_TRADE_H
#define TEST_SIM_TRADE_H

#include "judge.h"

/* What is chosen before anything is traded. */
void trade_begin(struct run *run);

/* In a rough market, now and then, a price jumps. */
void trade_stir(struct run *run);

/* One command, or none where nothing is there to be changed. */
void trade_act(struct run *run, int client);

/* The same for an account that holds coins: coins.c. */
void coins_act(struct run *run, int client);

/* Each withdrawal is listed, as far as it has come. */
void coins_compare_withdrawals(struct run *run, int client);

/* What both kinds share. A quantity is worth 100 to 1,500 quote units, and on the grid. */
keel_decimal trade_scaled(keel_decimal value, uint64_t permyriad);
keel_decimal trade_quantity(struct world *world, const struct keel_market *market,
                            keel_decimal mark);
struct keel_order_request trade_order(struct world *world, const struct keel_market *market,
                                      keel_market_id id, keel_decimal mark);
bool trade_pick_order(struct run *run, int client, struct keel_order *order);
struct keel_order_ref trade_ref_to(const struct keel_order *order);
void trade_on_result(void *user, const struct keel_result *result);

/* Whatever is refused must be so for a good reason. */
void trade_count_refusal(struct run *run, int client, enum keel_status status,
                         const struct keel_error *error);

#endif

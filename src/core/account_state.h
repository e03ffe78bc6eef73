/* account_state.h - what an account is made of, for the modules that read it as a whole: account,
 * risk, gate. Others use account.h. */
#ifndef KEEL_CORE_ACCOUNT_STATE_H
#define KEEL_CORE_ACCOUNT_STATE_H

#include "core/account.h"
#include "core/balances.h"
#include "core/executions.h"
#include "core/orders.h"
#include "core/positions.h"
#include "core/terms.h"

/* Money that is to leave the wallet, and that the venue's balance still shows. */
struct keel_wallet_hold {
    struct keel_command command; /* a transfer or a withdrawal */
    int32_t asset;
    keel_decimal amount;
    uint32_t changes; /* of the balance, when it was held */
    bool accepted;
};

struct keel_account {
    struct keel_account_config config; /* defaults filled in */
    struct keel_orders orders;
    struct keel_executions executions;
    struct keel_positions positions;
    struct keel_balances balances;
    struct keel_terms *terms; /* by market id */

    /* Markets with a position, an open order or an unsettled fill, without a gap. */
    keel_market_id *live;
    int32_t *live_at; /* by market id: its place in live, counted from 1 */
    int32_t live_count;

    struct keel_modes modes, modes_expected;
    bool modes_changed;
    enum keel_account_state state;
    bool fresh;
    int64_t stale_since_ns; /* INT64_MAX: never was fresh */

    struct keel_snapshot snapshot; /* kind NONE: none is being read */
    int64_t snapshot_time_ms;
    /* By family: the time for which the open orders of all markets were last listed. */
    int64_t listed_ms[KEEL_FAMILY_CONDITIONAL + 1];
    uint32_t generation; /* of the newest snapshot */

    struct keel_position *gone; /* of the newest snapshot */
    int32_t gone_count;
    struct keel_order_ref *missing;
    int32_t missing_count;

    struct keel_wallet_hold wallet_holds[KEEL_WALLET_HOLDS_MAX];
    int32_t wallet_hold_count;

    struct keel_account_counters counters;
};

/* account_wallet.c: what transfers and withdrawals hold. */
KEEL_MUST_USE enum keel_status keel_account_hold_wallet(struct keel_account *account,
                                                        const struct keel_command *command,
                                                        struct keel_error *error);
void keel_account_release_wallet(struct keel_account *account, const struct keel_command *command);
bool keel_account_holds_wallet(const struct keel_account *account,
                               const struct keel_command *command);

/* A balance of the asset came: it counts what was accepted before. */
void keel_account_drop_counted_holds(struct keel_account *account, int32_t asset);

/* What is held of the asset for transfers and withdrawals. */
keel_decimal keel_account_wallet_held(const struct keel_account *account, int32_t asset);

/* Spot: what may be spent of an asset. The venue's free balance, less what orders hold that it has
 * not told of yet, less what its locked balance does not cover of those it has told of, less what
 * transfers and withdrawals hold; never negative. 0 for an asset that the venue did not mention;
 * absent if its free balance was not told. */
keel_decimal keel_account_spendable(const struct keel_account *account, int32_t asset);

static inline bool keel_account_knows_market(const struct keel_account *account,
                                             keel_market_id market)
{
    return market != KEEL_NO_MARKET && market <= keel_markets_count(account->config.markets);
}
static inline const char *keel_account_symbol(const struct keel_account *account,
                                              keel_market_id market)
{
    const struct keel_market *rules = keel_markets_get(account->config.markets, market);
    return rules ? rules->symbol : "?";
}

/* Which family an order of that type belongs to. */
static inline enum keel_order_family keel_account_family(const struct keel_account *account,
                                                         enum keel_order_type type)
{
    return keel_order_type_is_conditional(type) && !account->config.one_family
               ? KEEL_FAMILY_CONDITIONAL
               : KEEL_FAMILY_REGULAR;
}

static inline struct keel_order_ref keel_order_ref_of(const struct keel_order *order)
{
    struct keel_order_ref ref = {.market = order->market, .family = order->family};
    memcpy(ref.order_id, order->order_id, sizeof(ref.order_id));
    memcpy(ref.client_id, order->client_id, sizeof(ref.client_id));
    return ref;
}

/* NULL: neither open nor among the completed that are kept. */
struct keel_order_slot *keel_account_find_slot(const struct keel_account *account,
                                               const struct keel_order_ref *ref);

/* A fact is about that market, which must be in the table: KEEL_SYMBOL_UNKNOWN, KEEL_FULL. Its
 * assets get their numbers with the first fact. */
KEEL_MUST_USE enum keel_status keel_account_check_market(struct keel_account *account,
                                                         keel_market_id market,
                                                         struct keel_error *error);

/* After whatever may have changed that the market has a position, an open order or a fill. */
void keel_account_update_live(struct keel_account *account, keel_market_id market);

/* After the market's mark price, its brackets or one of its positions changed. */
void keel_account_value_positions(struct keel_account *account, keel_market_id market);

/* What the account reserves margin at, for an order of that price; absent: a market order, and then
 * the result is absent without a mark price or a book. */
keel_decimal keel_account_reserve_price(const struct keel_account *account, keel_market_id market,
                                        enum keel_side side, keel_decimal price);

/* What one leg is worth at the mark price, and the most that its open orders and unsettled fills
 * can make of it. A leg in one-way mode can grow either way: the larger side counts, as the venue
 * has it (bidNotional, askNotional). */
struct keel_exposure {
    keel_decimal held;                  /* |position| */
    keel_decimal expected, buys, sells; /* signed position with unsettled fills; open orders */
    keel_decimal worst;
};

/* A sell is valued at no less than the mark price. Without a mark price all is absent, unless
 * nothing is there. */
struct keel_exposure keel_account_exposure(const struct keel_account *account,
                                           keel_market_id market, enum keel_position_side leg);

/* The worst that the exposure would be with so much more notional on one side. */
keel_decimal keel_exposure_worst_with(const struct keel_exposure *exposure,
                                      enum keel_position_side leg, enum keel_side side,
                                      keel_decimal notional);

/* What may still be spent of an asset: cross wallet and cross profit, less the initial margin of
 * cross positions and of all open orders; never negative. Absent, with *missing the market whose
 * input it is, or KEEL_NO_MARKET if it is the wallet (or the account is in multi-asset mode, where
 * the venue counts other assets too). */
keel_decimal keel_account_available(const struct keel_account *account, int32_t asset,
                                    keel_market_id *missing);

/* The wallet behind all cross positions of the asset; absent if it was never told. */
keel_decimal keel_account_cross_wallet(const struct keel_account *account, int32_t asset);

/* By an open or pending order of either family. */
bool keel_account_client_id_is_taken(const struct keel_account *account, keel_market_id market,
                                     const char *client_id);

#endif

#include "paper/spot/spot.h"
#include "trade.h"

#include <stdlib.h>

/* Of every network that writes its addresses in this form. */
static const char address[] = "0x52908400098527886E0F7030069857D2E4169EE7";

static const struct {
    const char *asset, *network;
    int64_t least, most; /* thousandths */
} withdrawals[] = {
    {"USDT", "ETH", 12000, 40000},
    {"BTC",  "BSC", 1,     5    },
    {"ETH",  "ETH", 12,    50   },
};

static const int64_t WITHDRAWALS_APART_NS = INT64_C(11000000000);

/* The streams give no names to them: two of one amount at one time would be one told twice. */
static const int64_t PAYMENTS_APART_NS = INT64_C(1000000000);

enum {
    WITHDRAWALS = sizeof(withdrawals) / sizeof(withdrawals[0]),
};

static keel_decimal thousandths(struct world *world, int64_t least, int64_t most)
{
    int64_t count = least + (int64_t)world_random(world, (uint64_t)(most - least + 1));
    return keel_decimal_div(keel_decimal_from_int(count), keel_decimal_from_int(1000),
                            KEEL_ROUND_DOWN);
}

/* By base or by quote, where the venue leaves the choice. */
static bool goes_by_quote(struct world *world, enum keel_side side)
{
    bool either = world_random(world, 2) == 0;
    return world_is_gateio(world) ? side == KEEL_BUY : either;
}

static void make_market_order(struct world *world, keel_decimal price,
                              struct keel_order_request *request)
{
    request->type = KEEL_MARKET;
    request->time_in_force = KEEL_TIME_IN_FORCE_NONE;
    request->price = KEEL_DECIMAL_ABSENT;
    if (!goes_by_quote(world, request->side))
        return;
    request->quote_quantity = keel_decimal_round_to_digits(
        keel_decimal_mul(request->quantity, price, KEEL_ROUND_DOWN), 2, KEEL_ROUND_DOWN);
    request->quantity = KEEL_DECIMAL_ABSENT;
}

/* Waits on the side of the price on which it does not trigger at once, and may then rest. */
static void make_stop_limit(struct world *world, const struct keel_market *market,
                            keel_decimal price, struct keel_order_request *request)
{
    uint64_t away = 5 + world_random(world, 60);
    uint64_t permyriad = request->side == KEEL_BUY ? 10000 + away : 10000 - away;
    request->type = KEEL_STOP_LIMIT;
    request->time_in_force = KEEL_GTC;
    request->trigger_price = keel_decimal_round_to_step(trade_scaled(price, permyriad),
                                                        market->price_tick, KEEL_ROUND_DOWN);
    request->price = request->trigger_price;
}

static void place_something(struct run *run, int client, keel_market_id market, keel_decimal price,
                            uint64_t choice)
{
    struct keel_error error;
    struct keel_private *base = world_base(run->world, client);
    const struct keel_market *rules = keel_markets_get(keel_private_markets(base), market);
    struct keel_order_request request = trade_order(run->world, rules, market, price);
    if (choice < 16)
        make_market_order(run->world, price, &request);
    else if (choice < 24)
        make_stop_limit(run->world, rules, price, &request);
    struct intent *intent = judge_add_intent(run, client, &request);
    enum keel_status status =
        keel_private_place_order(base, &request, judge_on_fate, intent, &error);
    if (status != KEEL_OK)
        run->judges[client].intent_count--;
    trade_count_refusal(run, client, status, &error);
}

static enum keel_status cancel_something(struct run *run, int client, struct keel_error *error)
{
    struct keel_order order;
    if (!trade_pick_order(run, client, &order))
        return KEEL_OK;
    struct keel_order_ref ref = trade_ref_to(&order);
    return keel_private_cancel_order(world_base(run->world, client), &ref, trade_on_result,
                                     &run->judges[client], error);
}

/* To a little less, which every venue can. */
static enum keel_status amend_something(struct run *run, int client, struct keel_error *error)
{
    struct keel_private *base = world_base(run->world, client);
    struct keel_order order;
    if (!trade_pick_order(run, client, &order) || order.type != KEEL_LIMIT)
        return KEEL_OK;
    struct keel_order_ref ref = trade_ref_to(&order);
    keel_decimal step = keel_markets_get(keel_private_markets(base), order.market)->quantity_step;
    return keel_private_amend_order(base, &ref, keel_decimal_sub(order.quantity, step), order.price,
                                    trade_on_result, &run->judges[client], error);
}

static void choose_wallets(struct world *world, struct keel_transfer_request *request)
{
    static const enum keel_wallet others[] = {KEEL_WALLET_FUTURES, KEEL_WALLET_FUNDING};
    enum keel_wallet other = others[world_is_gateio(world) ? 0 : world_random(world, 2)];
    bool leaves = world_random(world, 2) == 0;
    request->from = leaves ? KEEL_WALLET_SPOT : other;
    request->to = leaves ? other : KEEL_WALLET_SPOT;
}

static enum keel_status move_something(struct run *run, int client, struct keel_error *error)
{
    struct keel_transfer_request request = {
        .asset = "USDT",
        .amount = thousandths(run->world, 1000, 60000),
    };
    choose_wallets(run->world, &request);
    return keel_private_transfer(world_base(run->world, client), &request, trade_on_result,
                                 &run->judges[client], error);
}

static void on_withdrawal(void *user, const struct keel_result *result)
{
    struct judge *judge = user;
    if (result->withdrawal)
        strcpy(judge->withdrawal_id, result->withdrawal->id);
    trade_on_result(user, result);
}

static enum keel_status withdraw_something(struct run *run, int client, struct keel_error *error)
{
    int which = (int)world_random(run->world, WITHDRAWALS);
    int64_t *last_ns = &run->judges[client].withdrew_ns, now_ns = world_now_ns(run->world);
    if (world_is_gateio(run->world) && now_ns - *last_ns < WITHDRAWALS_APART_NS)
        return KEEL_OK;
    *last_ns = now_ns;
    struct keel_withdrawal_request request = {
        .amount = thousandths(run->world, withdrawals[which].least, withdrawals[which].most),
    };
    strcpy(request.asset, withdrawals[which].asset);
    strcpy(request.network, withdrawals[which].network);
    strcpy(request.address, address);
    return keel_private_withdraw(world_base(run->world, client), &request, on_withdrawal,
                                 &run->judges[client], error);
}

/* While it is not yet sent off: else the venue refuses. */
static enum keel_status cancel_withdrawal(struct run *run, int client, struct keel_error *error)
{
    struct judge *judge = &run->judges[client];
    if (judge->withdrawal_id[0] == '\0' || !world_is_gateio(run->world))
        return KEEL_OK;
    return keel_private_cancel_withdrawal(world_base(run->world, client), judge->withdrawal_id,
                                          trade_on_result, judge, error);
}

static bool may_be_paid(struct run *run, int client)
{
    int64_t *last_ns = &run->judges[client].paid_ns, now_ns = world_now_ns(run->world);
    if (now_ns - *last_ns < PAYMENTS_APART_NS)
        return false;
    *last_ns = now_ns;
    return true;
}

/* Somebody sends coins, which no command of ours has asked for. */
static void deposit_something(struct run *run, int client)
{
    int which = (int)world_random(run->world, WITHDRAWALS);
    if (may_be_paid(run, client))
        world_deposit(run->world, client, withdrawals[which].asset,
                      thousandths(run->world, withdrawals[which].least, withdrawals[which].most));
}

static void change_something(struct run *run, int client, keel_market_id market, uint64_t choice)
{
    struct keel_error error;
    enum keel_status status = KEEL_OK;
    if (choice < 10)
        status = cancel_something(run, client, &error);
    else if (choice < 15)
        status = amend_something(run, client, &error);
    else if (choice < 17)
        status = keel_private_cancel_all(world_base(run->world, client), market, trade_on_result,
                                         &run->judges[client], &error);
    else if (choice < 23)
        status = move_something(run, client, &error);
    else if (choice < 27)
        status = withdraw_something(run, client, &error);
    else if (choice < 30)
        status = cancel_withdrawal(run, client, &error);
    else if (choice < 31 && may_be_paid(run, client))
        (void)house_fail_withdrawal(run->world, client);
    else
        deposit_something(run, client);
    trade_count_refusal(run, client, status, &error);
}

void coins_act(struct run *run, int client)
{
    const char *symbol = world_random(run->world, 2) ? "BTC/USDT" : "ETH/USDT";
    keel_market_id market = keel_markets_find(keel_private_markets(world_base(run->world, client)),
                                              keel_str_from(symbol));
    if (market == KEEL_NO_MARKET)
        return; /* a new life that has loaded nothing yet */
    keel_decimal price = house_price(run->world, house_market(run->world, symbol));
    uint64_t choice = world_random(run->world, 114);
    if (choice < 80)
        place_something(run, client, market, price, choice);
    else
        change_something(run, client, market, choice - 80);
}

/* --- At the end --------------------------------------------------------------------------------
 */

struct listing {
    struct run *run;
    int client;
    bool done;
};

static void compare_withdrawal(struct listing *listing, const struct keel_withdrawal *ours)
{
    enum keel_withdrawal_status theirs =
        house_withdrawal_status(listing->run->world, listing->client, ours->id);
    if (ours->status != theirs)
        judge_report(listing->run, "the withdrawal %s is listed as %s, and is %s", ours->id,
                     keel_withdrawal_status_name(ours->status),
                     keel_withdrawal_status_name(theirs));
}

static void on_listed(void *user, const struct keel_result *result)
{
    struct listing *listing = user;
    int count = 0;
    listing->done = true;
    if (result->fate != KEEL_ACCEPTED || !result->events) {
        judge_report(listing->run, "the withdrawals cannot be listed: %s", result->error.message);
        return;
    }
    for (int32_t i = 0; i < result->events->count; i++) {
        if (result->events->at[i].kind != KEEL_EVENT_WITHDRAWAL)
            continue;
        compare_withdrawal(listing, &result->events->at[i].withdrawal);
        count++;
    }
    int venues = house_count_all_withdrawals(listing->run->world, listing->client);
    if (count != venues)
        judge_report(listing->run, "%d withdrawals are listed, the venue has %d", count, venues);
}

void coins_compare_withdrawals(struct run *run, int client)
{
    static struct listing listing; /* for an answer that comes too late has to go somewhere */
    struct keel_error error;
    struct keel_page page = {.limit = 100};
    listing = (struct listing){.run = run, .client = client};
    if (keel_private_withdrawals(world_base(run->world, client), &page, on_listed, &listing,
                                 &error) != KEEL_OK)
        judge_report(run, "the withdrawals cannot be asked for: %s", error.message);
    else if (!world_run_until(run->world, &listing.done, 60000))
        judge_report(run, "the list of withdrawals was never answered");
}

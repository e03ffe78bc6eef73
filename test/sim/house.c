#include "house.h"

#include "paper/spot/spot.h"

#include <stdio.h>
#include <stdlib.h>

/* "BTC_USDT" is "BTCUSDT". */
static bool is_named(const char *name, const char *plain)
{
    for (; *name; name++) {
        if (*name != '_' && *name != *plain++)
            return false;
    }
    return *plain == '\0';
}

const char *house_symbol(struct world *world, keel_market_id market)
{
    const struct paper_spot *spot = world_spot(world);
    return spot ? paper_spot_market(spot, market)->symbol
                : paper_engine_instrument(world_engine(world), market)->symbol;
}

static int count_markets(struct world *world)
{
    const struct paper_spot *spot = world_spot(world);
    return spot ? paper_spot_market_count(spot) : paper_engine_market_count(world_engine(world));
}

keel_market_id house_market(struct world *world, const char *symbol)
{
    char name[KEEL_SYMBOL_SIZE * 2];
    int base = (int)strcspn(symbol, "/");
    const char *quote = symbol[base] ? symbol + base + 1 : "";
    snprintf(name, sizeof(name), "%.*s%.*s", base, symbol, (int)strcspn(quote, ":"), quote);
    for (int i = 1; i <= count_markets(world); i++) {
        if (is_named(house_symbol(world, (keel_market_id)i), name))
            return (keel_market_id)i;
    }
    return KEEL_NO_MARKET;
}

keel_decimal house_price(struct world *world, keel_market_id market)
{
    const struct paper_spot *spot = world_spot(world);
    struct paper_ticker ticker;
    if (spot)
        paper_spot_get_ticker(spot, market, &ticker);
    else
        paper_engine_get_ticker(world_engine(world), market, &ticker);
    return spot ? ticker.last_price : ticker.mark_price;
}

static bool is_open(enum paper_order_status status)
{
    return status == PAPER_ORDER_NEW || status == PAPER_ORDER_PARTIALLY_FILLED;
}

/* --- Futures -----------------------------------------------------------------------------------
 */

bool house_is_hedged(struct world *world, int client)
{
    struct paper_account account;
    paper_engine_get_account(world_engine(world), client + 1, &account);
    return account.hedge_mode;
}

keel_decimal house_cleared(struct world *world, int client)
{
    const struct paper_query query = {.account = client + 1};
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (const struct paper_income *income = NULL;
         (income = paper_engine_next_income(world_engine(world), &query, income));) {
        if (income->kind == KEEL_INCOME_INSURANCE_CLEAR)
            sum = keel_decimal_add(sum, income->amount);
    }
    return sum;
}

static bool show_order(const struct paper_order *row, struct house_order *order)
{
    if (!row)
        return false;
    *order = (struct house_order){
        .row = row,
        .child = row->conditional_id != 0,
        .open = is_open(row->status),
        .canceled = row->status == PAPER_ORDER_CANCELED,
        .reduce_only = row->reduce_only,
        .id = row->id,
        .market = row->market,
        .price = row->price,
        .quantity = row->quantity,
        .filled_quantity = row->filled_quantity,
        .amendments = row->amendments,
    };
    strcpy(order->client_id, row->client_id);
    return true;
}

static bool show_conditional(const struct paper_conditional *row, struct house_order *order)
{
    if (!row)
        return false;
    *order = (struct house_order){
        .row = row,
        .conditional = true,
        .open = row->status == PAPER_CONDITIONAL_NEW,
        .canceled = row->status == PAPER_CONDITIONAL_CANCELED,
        .reduce_only = row->reduce_only,
        .id = row->id,
        .market = row->market,
        .price = row->price,
        .quantity = row->quantity,
        .filled_quantity = row->child_filled_quantity,
    };
    strcpy(order->client_id, row->client_id);
    return true;
}

static bool next_of_futures(const struct paper_engine *engine, int client,
                            struct house_order *order)
{
    const struct paper_query query = {.account = client + 1};
    const void *after = order->row;
    if (!order->conditional && show_order(paper_engine_next_order(engine, &query, after), order))
        return true;
    after = order->conditional ? after : NULL;
    return show_conditional(paper_engine_next_conditional(engine, &query, after), order);
}

static bool next_open_of_futures(const struct paper_engine *engine, int client,
                                 struct house_order *order)
{
    const void *after = order->row;
    if (!order->conditional &&
        show_order(paper_engine_next_open_order(engine, client + 1, 0, after), order))
        return true;
    after = order->conditional ? after : NULL;
    return show_conditional(paper_engine_next_open_conditional(engine, client + 1, 0, after),
                            order);
}

static bool find_of_futures(const struct paper_engine *engine, int client,
                            const struct keel_order_ref *ref, struct house_order *order)
{
    int64_t id = strtoll(ref->order_id, NULL, 10);
    keel_str client_id = keel_str_from(ref->client_id);
    if (ref->family == KEEL_FAMILY_CONDITIONAL)
        return show_conditional(paper_engine_find_conditional(engine, client + 1, id, client_id),
                                order);
    return show_order(paper_engine_find_order(engine, client + 1, 0, id, client_id), order);
}

static bool next_trade_of_futures(const struct paper_engine *engine, int client,
                                  struct house_trade *trade)
{
    const struct paper_query query = {.account = client + 1};
    const struct paper_trade *row = paper_engine_next_trade(engine, &query, trade->row);
    if (!row)
        return false;
    *trade = (struct house_trade){
        .row = row,
        .id = row->id,
        .order_id = row->order_id,
        .market = row->market,
        .side = row->side,
        .price = row->price,
        .quantity = row->quantity,
        .fee = row->fee,
        .realized_pnl = row->realized_pnl,
        .fee_asset = "USDT",
    };
    return true;
}

static bool was_amended_of_futures(const struct paper_engine *engine, int client, int64_t order_id,
                                   keel_decimal price, keel_decimal quantity)
{
    const struct paper_query query = {.account = client + 1, .order_id = order_id};
    for (const struct paper_amendment *row = NULL;
         (row = paper_engine_next_amendment(engine, &query, row));) {
        if (keel_decimal_equals(row->price_after, price) &&
            keel_decimal_equals(row->quantity_after, quantity))
            return true;
    }
    return false;
}

/* --- Coins -------------------------------------------------------------------------------------
 */

static bool show_coins(const struct paper_spot_order *row, struct house_order *order)
{
    if (!row)
        return false;
    *order = (struct house_order){
        .row = row,
        .conditional = row->waiting && row->unfunded,
        .open = is_open(row->status),
        .canceled = row->status == PAPER_ORDER_CANCELED,
        .id = row->id,
        .market = row->market,
        .price = row->price,
        .quantity = row->quantity,
        .filled_quantity = row->filled_quantity,
        .amendments = row->amendments,
    };
    strcpy(order->client_id, row->client_id);
    return true;
}

const char *const house_coins[HOUSE_COINS] = {"USDT", "BTC", "ETH"};

struct house_balance house_balance(struct world *world, int client, int coin)
{
    struct paper_spot_balance balance;
    paper_spot_get_balance(world_spot(world), client + 1,
                           paper_asset_find(keel_str_from(house_coins[coin])), &balance);
    if (world_is_gateio(world))
        balance.locked = keel_decimal_add(balance.locked, balance.withdrawing);
    return (struct house_balance){balance.free, balance.locked};
}

static bool is_moved(enum paper_spot_reason reason)
{
    return reason == PAPER_SPOT_REASON_DEPOSIT || reason == PAPER_SPOT_REASON_WITHDRAWAL ||
           reason == PAPER_SPOT_REASON_WITHDRAWAL_DONE ||
           reason == PAPER_SPOT_REASON_WITHDRAWAL_RETURNED || reason == PAPER_SPOT_REASON_TRANSFER;
}

keel_decimal house_moved(struct world *world, int client, int coin)
{
    const struct paper_spot_query query = {
        .account = client + 1, .asset = paper_asset_find(keel_str_from(house_coins[coin]))};
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (const struct paper_spot_change *row = NULL;
         (row = paper_spot_next_change(world_spot(world), &query, row));) {
        if (!is_moved(row->reason))
            continue;
        sum = keel_decimal_add(sum, keel_decimal_add(row->free_change, row->locked_change));
        if (world_is_gateio(world))
            sum = keel_decimal_add(sum, row->withdrawing_change);
    }
    return sum;
}

static enum paper_wallet wallet_of(enum keel_wallet wallet)
{
    switch (wallet) {
    case KEEL_WALLET_NONE: break;
    case KEEL_WALLET_SPOT: return PAPER_WALLET_SPOT;
    case KEEL_WALLET_FUTURES: return PAPER_WALLET_FUTURES;
    case KEEL_WALLET_FUNDING: return PAPER_WALLET_FUNDING;
    }
    return PAPER_WALLET_NONE;
}

int house_count_transfers(struct world *world, int client,
                          const struct keel_transfer_request *transfer)
{
    const struct paper_spot_query query = {
        .account = client + 1, .asset = paper_asset_find(keel_str_from(transfer->asset))};
    int count = 0;
    for (const struct paper_transfer *row = NULL;
         (row = paper_spot_next_transfer(world_spot(world), &query, row));)
        count += row->from == wallet_of(transfer->from) && row->to == wallet_of(transfer->to) &&
                 keel_decimal_equals(row->amount, transfer->amount);
    return count;
}

int house_count_withdrawals(struct world *world, int client, const char *client_id)
{
    const struct paper_spot_query query = {.account = client + 1};
    int count = 0;
    for (const struct paper_withdrawal *row = NULL;
         (row = paper_spot_next_withdrawal(world_spot(world), &query, row));)
        count += strcmp(row->reference, client_id) == 0;
    return count;
}

int house_count_all_withdrawals(struct world *world, int client)
{
    const struct paper_spot_query query = {.account = client + 1};
    int count = 0;
    for (const struct paper_withdrawal *row = NULL;
         (row = paper_spot_next_withdrawal(world_spot(world), &query, row));)
        count++;
    return count;
}

static enum keel_withdrawal_status status_of(enum paper_withdrawal_status status)
{
    switch (status) {
    case PAPER_WITHDRAWAL_NONE: break;
    case PAPER_WITHDRAWAL_REQUESTED:
    case PAPER_WITHDRAWAL_REVIEWING:
    case PAPER_WITHDRAWAL_PROCESSING: return KEEL_WITHDRAWAL_PENDING;
    case PAPER_WITHDRAWAL_DONE: return KEEL_WITHDRAWAL_DONE;
    case PAPER_WITHDRAWAL_FAILED:
    case PAPER_WITHDRAWAL_REJECTED: return KEEL_WITHDRAWAL_REJECTED;
    case PAPER_WITHDRAWAL_CANCELED: return KEEL_WITHDRAWAL_CANCELED;
    }
    return KEEL_WITHDRAWAL_STATUS_NONE;
}

/* One venue's ids are a letter and a number, the other's an opaque text that ends in it. */
enum keel_withdrawal_status house_withdrawal_status(struct world *world, int client, const char *id)
{
    const char *digits = id + strcspn(id, "0123456789");
    const struct paper_withdrawal *row = paper_spot_find_withdrawal(
        world_spot(world), client + 1, strtoll(digits, NULL, 10), (keel_str){0});
    return row && digits[0] ? status_of(row->status) : KEEL_WITHDRAWAL_STATUS_NONE;
}

bool house_gave_back(struct world *world, int client, const char *client_id)
{
    const struct paper_withdrawal *row =
        paper_spot_find_withdrawal(world_spot(world), client + 1, 0, keel_str_from(client_id));
    return row && status_of(row->status) == KEEL_WITHDRAWAL_REJECTED;
}

bool house_fail_withdrawal(struct world *world, int client)
{
    const struct paper_spot_query query = {.account = client + 1};
    for (const struct paper_withdrawal *row = NULL;
         (row = paper_spot_next_withdrawal(world_spot(world), &query, row));) {
        enum paper_withdrawal_status end =
            world_random(world, 2) ? PAPER_WITHDRAWAL_FAILED : PAPER_WITHDRAWAL_REJECTED;
        if (row->status < PAPER_WITHDRAWAL_DONE)
            return paper_spot_force_withdrawal(world_spot(world), world_clock_ms(world), row->id,
                                               end) == PAPER_SPOT_OK;
    }
    return false;
}

keel_decimal house_sent_to_futures(struct world *world)
{
    const struct paper_spot_query query = {0};
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (const struct paper_transfer *row = NULL;
         (row = paper_spot_next_transfer(world_spot(world), &query, row));) {
        if (row->to == PAPER_WALLET_FUTURES)
            sum = keel_decimal_add(sum, row->amount);
        else if (row->from == PAPER_WALLET_FUTURES)
            sum = keel_decimal_sub(sum, row->amount);
    }
    return sum;
}

static bool next_trade_of_coins(const struct paper_spot *spot, int client,
                                struct house_trade *trade)
{
    const struct paper_spot_query query = {.account = client + 1};
    const struct paper_spot_trade *row = paper_spot_next_trade(spot, &query, trade->row);
    if (!row)
        return false;
    *trade = (struct house_trade){
        .row = row,
        .id = row->id,
        .order_id = row->order_id,
        .market = row->market,
        .side = row->side,
        .price = row->price,
        .quantity = row->quantity,
        .fee = row->fee,
        .realized_pnl = KEEL_DECIMAL_ZERO,
        .fee_asset = paper_asset_get(row->fee_asset)->code,
    };
    return true;
}

static bool was_amended_of_coins(const struct paper_spot *spot, int client, int64_t order_id,
                                 keel_decimal price, keel_decimal quantity)
{
    const struct paper_spot_query query = {.account = client + 1, .order_id = order_id};
    for (const struct paper_spot_amendment *row = NULL;
         (row = paper_spot_next_amendment(spot, &query, row));) {
        if (keel_decimal_equals(row->price_after, price) &&
            keel_decimal_equals(row->quantity_after, quantity))
            return true;
    }
    return false;
}

/* --- Either ------------------------------------------------------------------------------------
 */

bool house_next_order(struct world *world, int client, struct house_order *order)
{
    const struct paper_spot *spot = world_spot(world);
    const struct paper_spot_query query = {.account = client + 1};
    return spot ? show_coins(paper_spot_next_order(spot, &query, order->row), order)
                : next_of_futures(world_engine(world), client, order);
}

bool house_next_open_order(struct world *world, int client, struct house_order *order)
{
    const struct paper_spot *spot = world_spot(world);
    return spot ? show_coins(paper_spot_next_open_order(spot, client + 1, 0, order->row), order)
                : next_open_of_futures(world_engine(world), client, order);
}

bool house_next_trade(struct world *world, int client, struct house_trade *trade)
{
    const struct paper_spot *spot = world_spot(world);
    return spot ? next_trade_of_coins(spot, client, trade)
                : next_trade_of_futures(world_engine(world), client, trade);
}

/* A conditional order of coins has an id of the dialect's: its name is the engine's, too. */
static bool find_of_coins(const struct paper_spot *spot, int client,
                          const struct keel_order_ref *ref, struct house_order *order)
{
    int64_t id = ref->family == KEEL_FAMILY_CONDITIONAL ? 0 : strtoll(ref->order_id, NULL, 10);
    return show_coins(paper_spot_find_order(spot, client + 1, 0, id, keel_str_from(ref->client_id)),
                      order);
}

bool house_find_order(struct world *world, int client, const struct keel_order_ref *ref,
                      struct house_order *order)
{
    const struct paper_spot *spot = world_spot(world);
    *order = (struct house_order){0};
    return spot ? find_of_coins(spot, client, ref, order)
                : find_of_futures(world_engine(world), client, ref, order);
}

bool house_was_amended(struct world *world, int client, int64_t order_id, keel_decimal price,
                       keel_decimal quantity)
{
    const struct paper_spot *spot = world_spot(world);
    return spot ? was_amended_of_coins(spot, client, order_id, price, quantity)
                : was_amended_of_futures(world_engine(world), client, order_id, price, quantity);
}

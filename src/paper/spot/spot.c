#include "paper/spot/spot.h"

#include "paper/spot/book.h"
#include "paper/spot/entry.h"
#include "paper/spot/events.h"
#include "paper/spot/ledger.h"
#include "paper/spot/match.h"
#include "paper/spot/orders.h"
#include "paper/spot/wallet.h"
#include "paper/walk.h"

#include <stdlib.h>

enum {
    TRADE_ID_FIRST = 1000000,
};

/* --- Life --------------------------------------------------------------------------------------
 */

/* On the market's grid, out of the path's units. */
static keel_decimal price_of(const struct paper_spot_market *market, keel_decimal walked)
{
    const struct paper_spot_instrument *instrument = market->instrument;
    keel_decimal price = keel_decimal_round_to_step(
        keel_decimal_div(walked, keel_decimal_from_int(instrument->unit), KEEL_ROUND_HALF_EVEN),
        instrument->price_tick, KEEL_ROUND_HALF_EVEN);
    return keel_decimal_min(keel_decimal_max(price, instrument->price_min), instrument->price_max);
}

static keel_decimal first_price(const struct paper_spot *spot,
                                const struct paper_spot_market *market)
{
    if (market->path.count == 0)
        return paper_spot_times(market->instrument->start_price,
                                keel_decimal_from_int(market->instrument->unit));
    keel_decimal price = paper_path_price(&market->path, spot->market_time_ms);
    return keel_decimal_is_valid(price) ? price : market->path.candles[0].open;
}

static void start_market(struct paper_spot *spot, struct paper_spot_market *market)
{
    market->walked = first_price(spot, market);
    market->last = price_of(market, market->walked);
    paper_background_move(&market->background, market->last);
    market->change_time_ms = spot->now_ms;
}

/* Market time begins with the first candle of all; the prices are there. */
static void start_prices(struct paper_spot *spot)
{
    int64_t begin = 0;
    for (int id = 1; id <= spot->market_count; id++) {
        const struct paper_path *path = &spot->markets[id].path;
        if (path->count > 0 && (begin == 0 || paper_path_begin_ms(path) < begin))
            begin = paper_path_begin_ms(path);
    }
    spot->market_time_ms = begin == 0 ? spot->config.market_time_ms : begin;
    for (int id = 1; id <= spot->market_count; id++)
        start_market(spot, &spot->markets[id]);
}

static void init_market(struct paper_spot *spot, keel_market_id id)
{
    struct paper_path path = spot->markets[id].path;
    const struct paper_spot_instrument *instrument = &spot->config.instruments.at[id - 1];
    spot->markets[id] = (struct paper_spot_market){
        .id = id,
        .instrument = instrument,
        .path = path,
        .background = {.seed = spot->config.seed,
                       .market = id,
                       .price_tick = instrument->price_tick,
                       .quantity_step = instrument->quantity_step,
                       .quantity_min = instrument->quantity_min},
        .trade_id = TRADE_ID_FIRST,
        .update_id = TRADE_ID_FIRST,
    };
}

static void init_trader(struct paper_spot *spot, int number)
{
    spot->traders[number].number = number;
    spot->traders[number].update_time_ms = spot->now_ms;
    if (!keel_decimal_is_valid(spot->config.quote_balance))
        return;
    paper_spot_ledger_move(spot, PAPER_USDT, spot->config.quote_balance,
                           paper_pool_of(PAPER_POOL_OUTSIDE),
                           paper_part_of(number, PAPER_PART_FREE));
    paper_spot_events_flush(spot, number, PAPER_SPOT_REASON_DEPOSIT, 0);
}

static void init(struct paper_spot *spot, int64_t now_ms)
{
    spot->now_ms = now_ms;
    spot->random = (struct paper_random){spot->config.seed ^ UINT64_C(0x73706f74)};
    spot->next_order_id = PAPER_SPOT_ORDER_ID_FIRST;
    spot->next_withdrawal_id = PAPER_SPOT_WITHDRAWAL_ID_FIRST;
    spot->next_deposit_id = PAPER_SPOT_DEPOSIT_ID_FIRST;
    spot->next_transfer_id = PAPER_SPOT_TRANSFER_ID_FIRST;
    spot->conserved = true;
    spot->market_count = spot->config.instruments.count;
    for (int id = 1; id <= spot->market_count; id++)
        init_market(spot, (keel_market_id)id);
    start_prices(spot);
    for (int i = 1; i <= spot->config.accounts; i++)
        init_trader(spot, i);
    paper_spot_ledger_check(spot);
    paper_spot_events_clear(&spot->events);
}

static void clear(struct paper_spot *spot)
{
    struct paper_table *tables[] = {&spot->orders,   &spot->trades,   &spot->amendments,
                                    &spot->changes,  &spot->deposits, &spot->withdrawals,
                                    &spot->transfers};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        paper_table_clear(tables[i]);
    paper_spot_events_clear(&spot->events);
    memset(spot->pools, 0, sizeof(spot->pools));
    spot->withdrawals_open_row = spot->deposits_open_row = 0;
    spot->money_moved = 0;
    spot->broken[0] = '\0';
    spot->checks = 0;
}

static bool is_config(const struct paper_spot_config *config)
{
    keel_decimal balance = config->quote_balance;
    return config->accounts >= 1 && config->instruments.count <= PAPER_SPOT_MARKETS_MAX &&
           (!keel_decimal_is_valid(balance) ||
            (!keel_decimal_is_negative(balance) && keel_decimal_digits(balance) <= 8 &&
             keel_decimal_compare(balance, keel_decimal_from_int(PAPER_DEPOSIT_MAX)) <= 0));
}

struct paper_spot *paper_spot_new(const struct paper_spot_config *config, int64_t now_ms)
{
    struct paper_spot *spot = is_config(config) ? calloc(1, sizeof(*spot)) : NULL;
    if (spot == NULL)
        return NULL;
    spot->config = *config;
    spot->config.market_time_ms = config->market_time_ms / PAPER_STEP_MS * PAPER_STEP_MS;
    if (config->instruments.count == 0)
        spot->config.instruments = paper_spot_instruments();
    spot->traders = calloc((size_t)config->accounts + 1, sizeof(*spot->traders));
    if (spot->traders == NULL) {
        free(spot);
        return NULL;
    }
    init(spot, now_ms);
    return spot;
}

void paper_spot_free(struct paper_spot *spot)
{
    if (spot == NULL)
        return;
    clear(spot);
    for (int id = 1; id <= spot->market_count; id++)
        paper_path_free(&spot->markets[id].path);
    free(spot->traders);
    free(spot);
}

bool paper_spot_reset(struct paper_spot *spot, int64_t now_ms)
{
    struct paper_spot_trader *traders = calloc((size_t)spot->config.accounts + 1, sizeof(*traders));
    if (traders == NULL)
        return false;
    free(spot->traders);
    spot->traders = traders;
    clear(spot);
    init(spot, now_ms);
    return true;
}

/* --- What follows from each call ---------------------------------------------------------------
 */

/* Triggered orders trade, which may trigger more. */
static void settle(struct paper_spot *spot)
{
    bool again;
    do {
        again = false;
        for (int id = 1; id <= spot->market_count; id++) {
            struct paper_spot_market *market = &spot->markets[id];
            if (!market->price_moved)
                continue;
            market->price_moved = false;
            again |= paper_spot_entry_trigger(spot, market);
        }
    } while (again);
}

/* The background's own trade along the path, told once a call. */
static void print_trade(struct paper_spot *spot, struct paper_spot_market *market)
{
    struct paper_level level;
    market->printed = false;
    if (!paper_background_level(&market->background, KEEL_SELL, 0, &level))
        return;
    struct paper_spot_event *event =
        paper_spot_events_push(spot, PAPER_SPOT_EVENT_TRADE, 0, market->id);
    event->as.trade = (struct paper_public_trade){.id = ++market->trade_id,
                                                  .price = market->last,
                                                  .quantity = level.quantity,
                                                  .buyer_is_maker = market->trade_id % 2 == 0};
}

static void finish(struct paper_spot *spot)
{
    settle(spot);
    for (int id = 1; id <= spot->market_count; id++)
        if (spot->markets[id].printed)
            print_trade(spot, &spot->markets[id]);
    paper_spot_events_flush_tickers(spot);
}

/* --- Prices ------------------------------------------------------------------------------------
 */

enum keel_status paper_spot_load_candles(struct paper_spot *spot, keel_market_id market,
                                         keel_str csv, struct keel_error *error)
{
    struct paper_path path;
    if (market == KEEL_NO_MARKET || market > spot->market_count)
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no market %d", market);
    enum keel_status status = paper_path_load(&path, csv, error);
    if (status != KEEL_OK)
        return status;
    paper_path_free(&spot->markets[market].path);
    spot->markets[market].path = path;
    start_prices(spot);
    return KEEL_OK;
}

void paper_spot_begin_at(struct paper_spot *spot, int64_t market_time_ms)
{
    spot->config.market_time_ms = market_time_ms / PAPER_STEP_MS * PAPER_STEP_MS;
    start_prices(spot);
}

static void move_price(struct paper_spot *spot, struct paper_spot_market *market,
                       keel_decimal price)
{
    paper_background_move(&market->background, price);
    paper_spot_match_sweep(spot, market);
    market->last = price;
    market->price_moved = market->changed = market->printed = true;
}

static void move_walked(struct paper_spot *spot, struct paper_spot_market *market,
                        keel_decimal walked)
{
    market->walked = walked;
    keel_decimal price = price_of(market, walked);
    if (!keel_decimal_equals(price, market->background.centre))
        move_price(spot, market, price);
}

static void step(struct paper_spot *spot)
{
    bool walks = !spot->config.manual && spot->market_time_ms % PAPER_WALK_MS == 0;
    for (int id = 1; id <= spot->market_count; id++) {
        struct paper_spot_market *market = &spot->markets[id];
        if (market->path.count > 0) {
            keel_decimal price = paper_path_price(&market->path, spot->market_time_ms);
            if (keel_decimal_is_valid(price))
                move_walked(spot, market, price);
        } else if (walks) {
            move_walked(spot, market,
                        paper_walk(spot->config.seed, spot->market_time_ms / PAPER_WALK_MS,
                                   market->instrument->walk_name, market->walked));
        }
    }
    settle(spot);
}

void paper_spot_advance(struct paper_spot *spot, int64_t now_ms, int64_t market_ms)
{
    spot->now_ms = now_ms;
    if (market_ms < 0)
        return;
    int64_t end = spot->market_time_ms + market_ms;
    int64_t next = (spot->market_time_ms / PAPER_STEP_MS + 1) * PAPER_STEP_MS;
    for (; next <= end; next += PAPER_STEP_MS) {
        spot->market_time_ms = next;
        step(spot);
    }
    spot->market_time_ms = end;
    finish(spot);
}

enum paper_spot_error paper_spot_set_price(struct paper_spot *spot, int64_t now_ms,
                                           keel_market_id market, keel_decimal price)
{
    if (market == KEEL_NO_MARKET || market > spot->market_count)
        return PAPER_SPOT_ERROR_MARKET;
    struct paper_spot_market *at = paper_spot_market_at(spot, market);
    if (!keel_decimal_is_positive(price))
        return PAPER_SPOT_ERROR_PRICE_RANGE;
    spot->now_ms = now_ms;
    at->walked = paper_spot_times(price, keel_decimal_from_int(at->instrument->unit));
    move_price(spot, at, price_of(at, at->walked));
    finish(spot);
    return PAPER_SPOT_OK;
}

void paper_spot_tick(struct paper_spot *spot, int64_t now_ms)
{
    spot->now_ms = now_ms;
    paper_spot_entry_expire(spot);
    paper_spot_wallet_run(spot);
    for (int id = 1; id <= spot->market_count; id++) {
        struct paper_spot_market *market = &spot->markets[id];
        if (!paper_background_refill(&market->background))
            continue;
        market->background.book_number++;
        market->changed = true;
        paper_spot_match_sweep(spot, market);
    }
    finish(spot);
}

/* --- Orders ------------------------------------------------------------------------------------
 */

struct paper_spot_request paper_spot_request_init(void)
{
    return (struct paper_spot_request){
        .client_id = {"", 0},
        .quantity = KEEL_DECIMAL_ABSENT,
        .quote_quantity = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .trigger_price = KEEL_DECIMAL_ABSENT,
    };
}

enum paper_spot_error paper_spot_place_order(struct paper_spot *spot, int64_t now_ms, int account,
                                             const struct paper_spot_request *request, bool test,
                                             const struct paper_spot_order **order)
{
    struct paper_spot_order draft;
    keel_decimal lock;
    spot->now_ms = now_ms;
    if (order != NULL)
        *order = NULL;
    enum paper_spot_error error = paper_spot_entry_check(spot, account, request, &draft, &lock);
    if (error != PAPER_SPOT_OK || test)
        return error;
    struct paper_spot_order *placed = paper_spot_orders_accept(spot, &draft, lock);
    if (paper_spot_is_conditional(placed->type))
        paper_spot_orders_wait(spot, placed);
    else
        paper_spot_entry_work(spot, placed);
    finish(spot);
    if (order != NULL)
        *order = placed;
    return PAPER_SPOT_OK;
}

struct paper_spot_order paper_spot_as_accepted(const struct paper_spot_order *order)
{
    struct paper_spot_order accepted = *order;
    accepted.status = PAPER_ORDER_NEW;
    accepted.end = PAPER_SPOT_END_NONE;
    accepted.waiting = paper_spot_is_conditional(order->type);
    accepted.filled_quantity = accepted.filled_quote = KEEL_DECIMAL_ZERO;
    accepted.fee = accepted.prevented = KEEL_DECIMAL_ZERO;
    accepted.update_time_ms = order->create_time_ms;
    if (paper_spot_is_by_quote(order))
        accepted.quantity = KEEL_DECIMAL_ZERO;
    return accepted;
}

/* A place in the queue is lost by a new price and by more quantity. */
static bool keeps_place(const struct paper_spot_order *order, const struct paper_spot_order *draft)
{
    return keel_decimal_equals(order->price, draft->price) &&
           keel_decimal_compare(draft->quantity, order->quantity) <= 0;
}

static enum paper_spot_error check_amended(struct paper_spot *spot,
                                           const struct paper_spot_order *order,
                                           const struct paper_spot_order *draft)
{
    const struct paper_spot_market *market = &spot->markets[order->market];
    enum paper_spot_error error = paper_spot_entry_check_price(market, draft->price);
    if (error == PAPER_SPOT_OK)
        error = paper_spot_entry_check_quantity(market, draft->quantity);
    if (error == PAPER_SPOT_OK)
        error = paper_spot_entry_check_notional(market,
                                                paper_spot_times(draft->price, draft->quantity));
    if (error != PAPER_SPOT_OK)
        return error;
    if (keel_decimal_compare(draft->quantity, order->filled_quantity) <= 0)
        return PAPER_SPOT_ERROR_AMEND_QUANTITY;
    if (order->unfunded && order->waiting)
        return PAPER_SPOT_OK;
    paper_asset_id asset = paper_spot_paid(market->instrument, order->side);
    keel_decimal free = paper_spot_trader_at(spot, order->account)->parts[asset][PAPER_PART_FREE];
    return keel_decimal_compare(keel_decimal_add(free, order->locked),
                                paper_spot_orders_lock(draft)) < 0
               ? PAPER_SPOT_ERROR_BALANCE
               : PAPER_SPOT_OK;
}

static enum paper_spot_error draft_amendment(struct paper_spot *spot,
                                             const struct paper_spot_order *order,
                                             const struct paper_spot_amend *amend,
                                             struct paper_spot_order *draft)
{
    if (!paper_spot_is_limit(order->type))
        return PAPER_SPOT_ERROR_AMEND_TYPE;
    if (order->amendments >= PAPER_SPOT_AMENDMENTS_MAX)
        return PAPER_SPOT_ERROR_AMEND_COUNT;
    *draft = *order;
    if (keel_decimal_is_valid(amend->quantity))
        draft->quantity = amend->quantity;
    if (keel_decimal_is_valid(amend->price))
        draft->price = amend->price;
    if (keel_decimal_equals(draft->quantity, order->quantity) &&
        keel_decimal_equals(draft->price, order->price))
        return PAPER_SPOT_ERROR_AMEND_NOTHING;
    if (amend->new_client_id.size >= KEEL_CLIENT_ID_SIZE)
        return PAPER_SPOT_ERROR_CLIENT_ID;
    const struct paper_spot_order *namesake =
        amend->new_client_id.size == 0
            ? NULL
            : paper_spot_orders_find_open(spot, order->account, KEEL_NO_MARKET, 0,
                                          amend->new_client_id);
    if (namesake != NULL && namesake != order)
        return PAPER_SPOT_ERROR_CLIENT_ID_DUPLICATE;
    return check_amended(spot, order, draft);
}

static void record_amendment(struct paper_spot *spot, const struct paper_spot_order *order,
                             keel_decimal price, keel_decimal quantity)
{
    struct paper_spot_amendment *row = paper_table_add(&spot->amendments, sizeof(*row));
    *row = (struct paper_spot_amendment){.row = spot->amendments.count,
                                         .order_id = order->id,
                                         .account = order->account,
                                         .market = order->market,
                                         .price_before = price,
                                         .price_after = order->price,
                                         .quantity_before = quantity,
                                         .quantity_after = order->quantity,
                                         .time_ms = spot->now_ms};
    memcpy(row->client_id_before, order->former_id, sizeof(row->client_id_before));
    memcpy(row->client_id_after, order->client_id, sizeof(row->client_id_after));
}

static void apply_amendment(struct paper_spot *spot, struct paper_spot_order *order,
                            const struct paper_spot_order *draft, keel_str new_client_id)
{
    keel_decimal price = order->price, quantity = order->quantity;
    order->price = draft->price;
    order->quantity = draft->quantity;
    order->amendments++;
    order->update_time_ms = spot->now_ms;
    memcpy(order->former_id, order->client_id, sizeof(order->former_id));
    if (new_client_id.size > 0)
        (void)keel_str_copy(new_client_id, order->client_id, sizeof(order->client_id));
    if (!order->unfunded || !order->waiting)
        paper_spot_orders_relock(spot, order, paper_spot_orders_lock(order));
    record_amendment(spot, order, price, quantity);
    paper_spot_market_at(spot, order->market)->changed = true;
    paper_spot_ledger_check(spot);
    paper_spot_events_push_order(spot, PAPER_SPOT_AMENDED, order, NULL);
    paper_spot_events_flush(spot, order->account, PAPER_SPOT_REASON_ORDER_AMENDED, order->id);
}

/* It left the book: it takes what it now can, and rests again. */
static void rework(struct paper_spot *spot, struct paper_spot_order *order)
{
    if (order->time_in_force == KEEL_GTX && paper_spot_match_would_take(spot, order))
        paper_spot_orders_end(spot, order, PAPER_ORDER_EXPIRED, PAPER_SPOT_END_POST_ONLY);
    else
        paper_spot_entry_work(spot, order);
}

enum paper_spot_error paper_spot_amend_order(struct paper_spot *spot, int64_t now_ms, int account,
                                             const struct paper_spot_amend *amend,
                                             const struct paper_spot_order **order)
{
    struct paper_spot_order draft;
    spot->now_ms = now_ms;
    struct paper_spot_order *found = paper_spot_orders_find_open(spot, account, amend->market,
                                                                 amend->order_id, amend->client_id);
    if (found == NULL)
        return PAPER_SPOT_ERROR_ORDER_UNKNOWN;
    enum paper_spot_error error = draft_amendment(spot, found, amend, &draft);
    if (error != PAPER_SPOT_OK)
        return error;
    bool moves = found->in_book && !keeps_place(found, &draft);
    if (moves)
        paper_spot_book_remove(spot, found);
    apply_amendment(spot, found, &draft, amend->new_client_id);
    if (moves)
        rework(spot, found);
    finish(spot);
    *order = found;
    return PAPER_SPOT_OK;
}

static void cancel(struct paper_spot *spot, struct paper_spot_order *order, keel_str cancel_id)
{
    (void)keel_str_copy(cancel_id, order->cancel_id, sizeof(order->cancel_id));
    paper_spot_orders_end(spot, order, PAPER_ORDER_CANCELED, PAPER_SPOT_END_NONE);
}

enum paper_spot_error paper_spot_cancel_order(struct paper_spot *spot, int64_t now_ms, int account,
                                              keel_market_id market, int64_t id, keel_str client_id,
                                              keel_str cancel_id,
                                              const struct paper_spot_order **order)
{
    spot->now_ms = now_ms;
    struct paper_spot_order *found =
        paper_spot_orders_find_open(spot, account, market, id, client_id);
    if (found == NULL)
        return PAPER_SPOT_ERROR_ORDER_UNKNOWN;
    if (cancel_id.size >= KEEL_CLIENT_ID_SIZE)
        return PAPER_SPOT_ERROR_CLIENT_ID;
    cancel(spot, found, cancel_id);
    finish(spot);
    *order = found;
    return PAPER_SPOT_OK;
}

int paper_spot_cancel_all(struct paper_spot *spot, int64_t now_ms, int account,
                          keel_market_id market, enum keel_side side)
{
    int count = 0;
    spot->now_ms = now_ms;
    struct paper_spot_order *order = paper_spot_trader_at(spot, account)->open_first;
    while (order != NULL) {
        struct paper_spot_order *next = order->open_next;
        if ((market == KEEL_NO_MARKET || order->market == market) &&
            (side == KEEL_SIDE_NONE || order->side == side)) {
            cancel(spot, order, (keel_str){"", 0});
            count++;
        }
        order = next;
    }
    finish(spot);
    return count;
}

/* --- Wallets -----------------------------------------------------------------------------------
 */

enum paper_spot_error paper_spot_withdraw(struct paper_spot *spot, int64_t now_ms, int account,
                                          const struct paper_withdraw_request *request,
                                          const struct paper_withdrawal **withdrawal)
{
    spot->now_ms = now_ms;
    return paper_spot_wallet_withdraw(spot, account, request, withdrawal);
}

enum paper_spot_error paper_spot_cancel_withdrawal(struct paper_spot *spot, int64_t now_ms,
                                                   int account, int64_t id,
                                                   const struct paper_withdrawal **withdrawal)
{
    spot->now_ms = now_ms;
    struct paper_withdrawal *found =
        id == 0 ? NULL : paper_spot_wallet_find(spot, account, id, (keel_str){"", 0});
    if (found == NULL)
        return PAPER_SPOT_ERROR_WITHDRAWAL_UNKNOWN;
    if (found->status >= PAPER_WITHDRAWAL_PROCESSING)
        return PAPER_SPOT_ERROR_WITHDRAWAL_STATE;
    paper_spot_wallet_set(spot, found, PAPER_WITHDRAWAL_CANCELED);
    *withdrawal = found;
    return PAPER_SPOT_OK;
}

enum paper_spot_error paper_spot_force_withdrawal(struct paper_spot *spot, int64_t now_ms,
                                                  int64_t id, enum paper_withdrawal_status status)
{
    spot->now_ms = now_ms;
    struct paper_withdrawal *found =
        id == 0 ? NULL : paper_spot_wallet_find(spot, 0, id, (keel_str){"", 0});
    if (found == NULL)
        return PAPER_SPOT_ERROR_WITHDRAWAL_UNKNOWN;
    if (paper_spot_wallet_is_over(found) || status == PAPER_WITHDRAWAL_NONE)
        return PAPER_SPOT_ERROR_WITHDRAWAL_STATE;
    paper_spot_wallet_set(spot, found, status);
    return PAPER_SPOT_OK;
}

enum paper_spot_error paper_spot_deposit(struct paper_spot *spot, int64_t now_ms, int account,
                                         paper_asset_id asset, keel_str network,
                                         keel_decimal amount, const struct paper_deposit **deposit)
{
    spot->now_ms = now_ms;
    return paper_spot_wallet_deposit(spot, account, asset, network, amount, deposit);
}

/* An account has one address a form, whatever the network that reads it. */
void paper_spot_deposit_address(const struct paper_spot *spot, int account, paper_asset_id asset,
                                int network, char address[PAPER_ADDRESS_SIZE])
{
    const struct paper_network *at = &paper_asset_get(asset)->networks[network];
    uint64_t form = (unsigned char)at->address_prefix[0];
    paper_network_make_address(at, paper_random_hash(spot->config.seed, (uint64_t)account, form),
                               address);
}

enum paper_spot_error paper_spot_transfer(struct paper_spot *spot, int64_t now_ms, int account,
                                          paper_asset_id asset, enum paper_wallet from,
                                          enum paper_wallet to, keel_decimal amount,
                                          const struct paper_transfer **transfer)
{
    spot->now_ms = now_ms;
    return paper_spot_wallet_transfer(spot, account, asset, from, to, amount, transfer);
}

/* --- Events and audit ---------------------------------------------------------------------------
 */

bool paper_spot_next_event(struct paper_spot *spot, struct paper_spot_event *event)
{
    return paper_spot_events_pop(&spot->events, event);
}

void paper_spot_audit(const struct paper_spot *spot, struct paper_spot_audit *audit)
{
    paper_spot_ledger_audit(spot, audit);
}

#include "paper/engine.h"

#include "paper/background.h"
#include "paper/entry.h"
#include "paper/events.h"
#include "paper/funding.h"
#include "paper/ledger.h"
#include "paper/liquidation.h"
#include "paper/match.h"
#include "paper/orders.h"
#include "paper/settings.h"
#include "paper/trigger.h"
#include "paper/walk.h"

#include <stdlib.h>

enum {
    TRADE_ID_FIRST = 1000000,
};

/* Like the live venue's in size, and exact in a double, which is what many clients read them into.
 */
#define ORDER_ID_FIRST       INT64_C(4000000001)
#define CONDITIONAL_ID_FIRST INT64_C(1000000000000001)
#define INCOME_ID_FIRST      INT64_C(9000000001)

/* --- Life --------------------------------------------------------------------------------------
 */

/* Where a market's price is at the present market time. */
static keel_decimal first_price(struct paper_engine *engine, struct paper_market *market)
{
    if (market->path.count == 0)
        return market->instrument->start_price;
    keel_decimal price = paper_path_price(&market->path, engine->market_time_ms);
    return keel_decimal_is_valid(price) ? price : market->path.candles[0].open;
}

static void start_market(struct paper_engine *engine, struct paper_market *market)
{
    keel_decimal price = first_price(engine, market);
    market->walked = price;
    market->mark =
        keel_decimal_round_to_step(price, market->instrument->price_tick, KEEL_ROUND_HALF_EVEN);
    paper_background_move(&market->background, market->mark);
    market->last = market->background.centre;
    market->change_time_ms = engine->now_ms;
}

/* Market time begins with the first candle of all; the marks are there. */
static void start_prices(struct paper_engine *engine)
{
    int64_t begin = 0;
    engine->market_end_ms = 0;
    for (int id = 1; id <= engine->market_count; id++) {
        const struct paper_path *path = &engine->markets[id].path;
        if (path->count == 0)
            continue;
        if (begin == 0 || paper_path_begin_ms(path) < begin)
            begin = paper_path_begin_ms(path);
        if (paper_path_end_ms(path) > engine->market_end_ms)
            engine->market_end_ms = paper_path_end_ms(path);
    }
    engine->market_time_ms = begin == 0 ? engine->config.market_time_ms : begin;
    for (int id = 1; id <= engine->market_count; id++)
        start_market(engine, &engine->markets[id]);
}

static void init_markets(struct paper_engine *engine)
{
    const struct paper_instruments *set = engine->config.rules.instruments;
    engine->market_count = (keel_market_id)set->count;
    for (keel_market_id id = 1; id <= engine->market_count; id++) {
        struct paper_path path = engine->markets[id].path;
        const struct paper_instrument *instrument = &set->at[id - 1];
        engine->markets[id] = (struct paper_market){
            .id = id,
            .instrument = instrument,
            .path = path,
            .background = {.seed = engine->config.seed,
                           .market = id,
                           .price_tick = instrument->price_tick,
                           .quantity_step = instrument->quantity_step,
                           .quantity_min = instrument->quantity_min},
            .trade_id = TRADE_ID_FIRST,
            .update_id = TRADE_ID_FIRST
        };
    }
}

static void init_trader(struct paper_engine *engine, int number)
{
    struct paper_trader *trader = &engine->traders[number];
    trader->number = number;
    trader->update_time_ms = engine->now_ms;
    for (int id = 0; id <= PAPER_MARKETS_MAX; id++)
        trader->settings[id] = (struct paper_setting){
            .leverage = engine->config.rules.leverage_default, .margin_mode = KEEL_CROSS};
    paper_ledger_deposit(engine, number, engine->config.deposit);
    (void)paper_ledger_add_income(engine, number, KEEL_NO_MARKET, KEEL_INCOME_TRANSFER,
                                  engine->config.deposit, 0);
}

static void init(struct paper_engine *engine, int64_t now_ms)
{
    engine->now_ms = now_ms;
    engine->random = (struct paper_random){engine->config.seed};
    engine->next_order_id = engine->first_order_id = engine->config.rules.first_order_id;
    engine->next_conditional_id = engine->first_conditional_id =
        engine->config.rules.first_conditional_id;
    engine->next_income_id = INCOME_ID_FIRST;
    engine->next_priority = 1;
    engine->conserved = true;
    engine->broken[0] = '\0';
    engine->checks = 0;
    init_markets(engine);
    start_prices(engine);
    if (keel_decimal_is_valid(engine->config.insurance))
        paper_ledger_deposit(engine, PAPER_FUND, engine->config.insurance);
    for (int i = 1; i <= engine->config.accounts; i++)
        init_trader(engine, i);
    paper_ledger_check(engine);
    paper_events_clear(&engine->events);
}

static void clear(struct paper_engine *engine)
{
    paper_table_clear(&engine->orders);
    paper_table_clear(&engine->conditionals);
    paper_table_clear(&engine->trades);
    paper_table_clear(&engine->incomes);
    paper_table_clear(&engine->amendments);
    paper_table_clear(&engine->margin_changes);
    paper_events_clear(&engine->events);
    engine->background = engine->fund = (struct paper_purse){0};
    engine->deposits = engine->fees = KEEL_DECIMAL_ZERO;
    engine->funding = engine->rounding = KEEL_DECIMAL_ZERO;
    engine->money_moved = false;
}

static struct paper_trader *new_traders(const struct paper_engine *engine)
{
    return calloc((size_t)engine->config.accounts + 1, sizeof(struct paper_trader));
}

/* Within a bound that leaves room for the sum of many, and on the wallets' grid. */
static bool is_deposit(keel_decimal amount)
{
    return keel_decimal_is_valid(amount) && !keel_decimal_is_negative(amount) &&
           keel_decimal_compare(amount, keel_decimal_from_int(PAPER_DEPOSIT_MAX)) <= 0 &&
           keel_decimal_digits(amount) <= 8;
}

static void complete_rules(struct paper_rules *rules)
{
    if (rules->instruments == NULL)
        rules->instruments = paper_instruments_usdm();
    if (rules->first_order_id == 0)
        rules->first_order_id = ORDER_ID_FIRST;
    if (rules->leverage_default == 0)
        rules->leverage_default = PAPER_LEVERAGE_DEFAULT;
    if (rules->money_digits == 0)
        rules->money_digits = PAPER_MONEY_DIGITS;
    if (rules->first_conditional_id == 0)
        rules->first_conditional_id = CONDITIONAL_ID_FIRST;
}

struct paper_engine *paper_engine_new(const struct paper_config *config, int64_t now_ms)
{
    if (config->accounts < 1 || !is_deposit(config->deposit) ||
        (keel_decimal_is_valid(config->insurance) && !is_deposit(config->insurance)))
        return NULL;
    struct paper_engine *engine = calloc(1, sizeof(*engine));
    if (engine == NULL)
        return NULL;
    engine->config = *config;
    complete_rules(&engine->config.rules);
    KEEL_ASSERT(engine->config.rules.instruments->count <= PAPER_MARKETS_MAX);
    engine->config.market_time_ms = config->market_time_ms / PAPER_STEP_MS * PAPER_STEP_MS;
    engine->traders = new_traders(engine);
    if (engine->traders == NULL) {
        free(engine);
        return NULL;
    }
    init(engine, now_ms);
    return engine;
}

void paper_engine_free(struct paper_engine *engine)
{
    if (engine == NULL)
        return;
    clear(engine);
    for (int id = 1; id <= engine->market_count; id++)
        paper_path_free(&engine->markets[id].path);
    free(engine->traders);
    free(engine);
}

bool paper_engine_reset(struct paper_engine *engine, int64_t now_ms)
{
    struct paper_trader *traders = new_traders(engine);
    if (traders == NULL)
        return false;
    free(engine->traders);
    engine->traders = traders;
    clear(engine);
    init(engine, now_ms);
    return true;
}

/* --- What follows from each call ---------------------------------------------------------------
 */

/* Triggers and liquidations move prices and positions, which may trigger and liquidate more. */
static void settle(struct paper_engine *engine)
{
    bool again;
    do {
        again = false;
        for (int id = 1; id <= engine->market_count; id++) {
            struct paper_market *market = &engine->markets[id];
            if (!market->price_moved)
                continue;
            market->price_moved = false;
            again |= paper_trigger_run(engine, market);
        }
        again |= paper_liquidation_run(engine);
    } while (again);
    paper_events_flush_accounts(engine);
}

/* The background's own trade along the path, told once a call: its size is chance. */
static void print_trade(struct paper_engine *engine, struct paper_market *market)
{
    struct paper_level level;
    market->printed = false;
    if (!paper_background_level(&market->background, KEEL_SELL, 0, &level))
        return;
    struct paper_event *event = paper_events_push(engine, PAPER_EVENT_TRADE, 0, market->id);
    event->as.trade = (struct paper_public_trade){.id = ++market->trade_id,
                                                  .price = market->last,
                                                  .quantity = level.quantity,
                                                  .buyer_is_maker = market->trade_id % 2 == 0};
}

static void finish(struct paper_engine *engine)
{
    settle(engine);
    for (int id = 1; id <= engine->market_count; id++)
        if (engine->markets[id].printed)
            print_trade(engine, &engine->markets[id]);
    paper_events_flush_tickers(engine);
}

/* --- Prices ------------------------------------------------------------------------------------
 */

enum keel_status paper_engine_load_candles(struct paper_engine *engine, keel_market_id market,
                                           keel_str csv, struct keel_error *error)
{
    struct paper_path path;
    if (market == KEEL_NO_MARKET || market > engine->market_count)
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no market %d", market);
    enum keel_status status = paper_path_load(&path, csv, error);
    if (status != KEEL_OK)
        return status;
    paper_path_free(&engine->markets[market].path);
    engine->markets[market].path = path;
    start_prices(engine);
    return KEEL_OK;
}

void paper_engine_begin_at(struct paper_engine *engine, int64_t market_time_ms)
{
    engine->config.market_time_ms = market_time_ms / PAPER_STEP_MS * PAPER_STEP_MS;
    start_prices(engine);
}

static void move_price(struct paper_engine *engine, struct paper_market *market, keel_decimal price)
{
    market->mark = price;
    paper_background_move(&market->background, market->mark);
    paper_match_sweep(engine, market);
    market->last = market->background.centre;
    market->price_moved = market->changed = market->printed = true;
}

/* A point of the path where the price stays is no event. */
static void move_price_if_other(struct paper_engine *engine, struct paper_market *market,
                                keel_decimal price)
{
    if (!keel_decimal_equals(price, market->mark))
        move_price(engine, market, price);
}

static void walk(struct paper_engine *engine, struct paper_market *market)
{
    const struct paper_instrument *instrument = market->instrument;
    market->walked = paper_walk(engine->config.seed, engine->market_time_ms / PAPER_WALK_MS,
                                instrument->base, market->walked);
    keel_decimal price =
        keel_decimal_round_to_step(market->walked, instrument->price_tick, KEEL_ROUND_HALF_EVEN);
    price = keel_decimal_max(price, instrument->price_min);
    move_price_if_other(engine, market, keel_decimal_min(price, instrument->price_max));
}

static void follow_path(struct paper_engine *engine, struct paper_market *market)
{
    keel_decimal price = paper_path_price(&market->path, engine->market_time_ms);
    if (!keel_decimal_is_valid(price))
        return;
    price = keel_decimal_round_to_step(price, market->instrument->price_tick, KEEL_ROUND_HALF_EVEN);
    move_price_if_other(engine, market, keel_decimal_max(price, market->instrument->price_tick));
}

static void step(struct paper_engine *engine)
{
    bool walks = !engine->config.manual && engine->market_time_ms % PAPER_WALK_MS == 0;
    for (int id = 1; id <= engine->market_count; id++) {
        struct paper_market *market = &engine->markets[id];
        if (market->path.count > 0)
            follow_path(engine, market);
        else if (walks)
            walk(engine, market);
    }
    paper_liquidation_unwind_fund(engine);
    settle(engine);
    if (engine->market_time_ms % PAPER_FUNDING_MS == 0) {
        paper_funding_settle(engine);
        settle(engine);
    }
}

void paper_engine_advance(struct paper_engine *engine, int64_t now_ms, int64_t market_ms)
{
    engine->now_ms = now_ms;
    if (market_ms < 0)
        return;
    int64_t end = engine->market_time_ms + market_ms;
    int64_t next = (engine->market_time_ms / PAPER_STEP_MS + 1) * PAPER_STEP_MS;
    for (; next <= end; next += PAPER_STEP_MS) {
        engine->market_time_ms = next;
        step(engine);
    }
    engine->market_time_ms = end;
    finish(engine);
}

enum paper_error paper_engine_check_price(const struct paper_engine *engine, keel_market_id market,
                                          keel_decimal price)
{
    if (market == KEEL_NO_MARKET || market > engine->market_count)
        return PAPER_ERROR_SYMBOL;
    if (!keel_decimal_is_positive(price))
        return PAPER_ERROR_PRICE_NOT_POSITIVE;
    if (keel_decimal_compare(price, engine->markets[market].instrument->price_max) > 0)
        return PAPER_ERROR_PRICE_MAX;
    return keel_decimal_digits(price) > 8 ? PAPER_ERROR_PRICE_PRECISION : PAPER_OK;
}

enum paper_error paper_engine_set_price(struct paper_engine *engine, int64_t now_ms,
                                        keel_market_id market, keel_decimal price)
{
    enum paper_error error = paper_engine_check_price(engine, market, price);
    if (error != PAPER_OK)
        return error;
    struct paper_market *at = paper_market_of(engine, market);
    engine->now_ms = now_ms;
    at->walked = price;
    move_price(engine, at, price);
    paper_liquidation_unwind_fund(engine);
    finish(engine);
    return PAPER_OK;
}

static void expire_orders(struct paper_engine *engine, struct paper_trader *trader)
{
    struct paper_order *order = trader->open_first;
    while (order != NULL) {
        struct paper_order *next = order->open_next;
        if (order->good_till_ms != 0 && engine->now_ms >= order->good_till_ms)
            paper_orders_end(engine, order, PAPER_ORDER_EXPIRED, PAPER_EXPIRY_NONE);
        order = next;
    }
}

static void run_countdowns(struct paper_engine *engine, struct paper_trader *trader)
{
    for (keel_market_id id = 1; id <= engine->market_count; id++) {
        struct paper_setting *setting = &trader->settings[id];
        if (setting->countdown_ms == 0 || engine->now_ms < setting->countdown_ms)
            continue;
        setting->countdown_ms = 0;
        (void)paper_orders_end_all(engine, trader->number, id, PAPER_ORDER_CANCELED,
                                   PAPER_EXPIRY_NONE);
    }
}

void paper_engine_tick(struct paper_engine *engine, int64_t now_ms)
{
    engine->now_ms = now_ms;
    paper_trigger_expire(engine);
    for (int i = 1; i <= engine->config.accounts; i++) {
        expire_orders(engine, &engine->traders[i]);
        run_countdowns(engine, &engine->traders[i]);
    }
    for (int id = 1; id <= engine->market_count; id++) {
        struct paper_market *market = &engine->markets[id];
        if (paper_background_refill(&market->background)) {
            market->background.book_number++;
            market->changed = true;
            paper_match_sweep(engine, market);
        }
    }
    finish(engine);
}

/* --- Orders ------------------------------------------------------------------------------------
 */

struct paper_order_request paper_order_request_init(void)
{
    return (struct paper_order_request){
        .client_id = {"", 0},
        .quantity = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .activation_price = KEEL_DECIMAL_ABSENT,
        .callback_rate = KEEL_DECIMAL_ABSENT,
    };
}

enum paper_error paper_engine_place_order(struct paper_engine *engine, int64_t now_ms, int account,
                                          const struct paper_order_request *request, bool test,
                                          const struct paper_order **order)
{
    struct paper_order draft;
    engine->now_ms = now_ms;
    if (order != NULL)
        *order = NULL;
    enum paper_error error = paper_entry_check(engine, account, request, &draft);
    if (error != PAPER_OK || test)
        return error;
    struct paper_order *placed = paper_orders_accept(engine, &draft);
    paper_entry_work(engine, placed);
    finish(engine);
    if (order != NULL)
        *order = placed;
    return PAPER_OK;
}

struct paper_order paper_order_as_accepted(const struct paper_order *order)
{
    struct paper_order accepted = *order;
    accepted.status = PAPER_ORDER_NEW;
    accepted.expiry = PAPER_EXPIRY_NONE;
    accepted.filled_quantity = accepted.filled_quote = KEEL_DECIMAL_ZERO;
    accepted.update_time_ms = order->create_time_ms;
    accepted.book_previous = accepted.book_next = NULL;
    accepted.open_previous = accepted.open_next = NULL;
    return accepted;
}

static struct paper_order *find_open_order(const struct paper_engine *engine, int account,
                                           keel_market_id market, int64_t id, keel_str client_id)
{
    struct paper_order *order = paper_orders_find(engine, account, market, id, client_id);
    return order != NULL && paper_order_is_open(order) ? order : NULL;
}

enum paper_error paper_engine_amend_order(struct paper_engine *engine, int64_t now_ms, int account,
                                          const struct paper_amend_request *request,
                                          const struct paper_order **order)
{
    if (request->market == KEEL_NO_MARKET || request->market > engine->market_count)
        return PAPER_ERROR_SYMBOL;
    struct paper_order *found =
        find_open_order(engine, account, request->market, request->order_id, request->client_id);
    if (found == NULL)
        return PAPER_ERROR_ORDER_UNKNOWN;
    engine->now_ms = now_ms;
    enum paper_error error = paper_entry_amend(engine, request, found);
    if (error != PAPER_OK)
        return error;
    finish(engine);
    if (order != NULL)
        *order = found;
    return PAPER_OK;
}

enum paper_error paper_engine_cancel_order(struct paper_engine *engine, int64_t now_ms, int account,
                                           keel_market_id market, int64_t id, keel_str client_id,
                                           const struct paper_order **order)
{
    struct paper_order *found = find_open_order(engine, account, market, id, client_id);
    if (found == NULL)
        return PAPER_ERROR_ORDER_UNKNOWN;
    engine->now_ms = now_ms;
    paper_orders_end(engine, found, PAPER_ORDER_CANCELED, PAPER_EXPIRY_NONE);
    finish(engine);
    if (order != NULL)
        *order = found;
    return PAPER_OK;
}

int paper_engine_cancel_all(struct paper_engine *engine, int64_t now_ms, int account,
                            keel_market_id market)
{
    engine->now_ms = now_ms;
    int count =
        paper_orders_end_all(engine, account, market, PAPER_ORDER_CANCELED, PAPER_EXPIRY_NONE);
    finish(engine);
    return count;
}

void paper_engine_set_countdown(struct paper_engine *engine, int64_t now_ms, int account,
                                keel_market_id market, int64_t countdown_ms)
{
    paper_trader_of(engine, account)->settings[market].countdown_ms =
        countdown_ms <= 0 ? 0 : now_ms + countdown_ms;
}

enum paper_error paper_engine_place_conditional(struct paper_engine *engine, int64_t now_ms,
                                                int account,
                                                const struct paper_order_request *request,
                                                const struct paper_conditional **conditional)
{
    const struct paper_conditional *placed = NULL;
    engine->now_ms = now_ms;
    enum paper_error error = paper_trigger_place(engine, account, request, &placed);
    if (error != PAPER_OK)
        return error;
    finish(engine);
    if (conditional != NULL)
        *conditional = placed;
    return PAPER_OK;
}

enum paper_error paper_engine_amend_conditional(struct paper_engine *engine, int64_t now_ms,
                                                int account, int64_t id,
                                                const struct paper_order_request *request)
{
    struct paper_conditional *found = paper_trigger_find(engine, account, id, (keel_str){0});
    if (found == NULL || found->status != PAPER_CONDITIONAL_NEW)
        return PAPER_ERROR_ORDER_UNKNOWN;
    if (found->type == KEEL_TRAILING_STOP || request->market != found->market)
        return PAPER_ERROR_AMEND_TYPE;
    if (request->side != found->side)
        return PAPER_ERROR_AMEND_SIDE;
    engine->now_ms = now_ms;
    enum paper_error error = paper_trigger_amend(engine, found, request);
    if (error == PAPER_OK)
        finish(engine);
    return error;
}

enum paper_error paper_engine_cancel_conditional(struct paper_engine *engine, int64_t now_ms,
                                                 int account, int64_t id, keel_str client_id,
                                                 const struct paper_conditional **conditional)
{
    struct paper_conditional *found = paper_trigger_find(engine, account, id, client_id);
    if (found == NULL || found->status != PAPER_CONDITIONAL_NEW)
        return PAPER_ERROR_ORDER_UNKNOWN;
    engine->now_ms = now_ms;
    paper_trigger_end(engine, found, PAPER_CONDITIONAL_CANCELED);
    finish(engine);
    if (conditional != NULL)
        *conditional = found;
    return PAPER_OK;
}

int paper_engine_cancel_all_conditionals(struct paper_engine *engine, int64_t now_ms, int account,
                                         keel_market_id market)
{
    engine->now_ms = now_ms;
    int count = paper_trigger_end_all(engine, account, market, PAPER_CONDITIONAL_CANCELED);
    finish(engine);
    return count;
}

/* --- Settings ----------------------------------------------------------------------------------
 */

enum paper_error paper_engine_set_leverage(struct paper_engine *engine, int64_t now_ms, int account,
                                           keel_market_id market, int leverage)
{
    if (market == KEEL_NO_MARKET || market > engine->market_count)
        return PAPER_ERROR_SYMBOL;
    engine->now_ms = now_ms;
    enum paper_error error = paper_settings_set_leverage(engine, account, market, leverage);
    if (error == PAPER_OK)
        finish(engine);
    return error;
}

enum paper_error paper_engine_set_margin_mode(struct paper_engine *engine, int64_t now_ms,
                                              int account, keel_market_id market,
                                              enum keel_margin_mode mode)
{
    if (market == KEEL_NO_MARKET || market > engine->market_count)
        return PAPER_ERROR_SYMBOL;
    engine->now_ms = now_ms;
    enum paper_error error = paper_settings_set_margin_mode(engine, account, market, mode);
    if (error == PAPER_OK)
        finish(engine);
    return error;
}

enum paper_error paper_engine_set_leverage_and_mode(struct paper_engine *engine, int64_t now_ms,
                                                    int account, keel_market_id market,
                                                    enum keel_margin_mode mode, int leverage)
{
    if (market == KEEL_NO_MARKET || market > engine->market_count)
        return PAPER_ERROR_SYMBOL;
    engine->now_ms = now_ms;
    enum paper_error error = PAPER_OK;
    if (paper_trader_of(engine, account)->settings[market].margin_mode != mode)
        error = paper_settings_set_margin_mode(engine, account, market, mode);
    if (error == PAPER_OK)
        error = paper_settings_set_leverage(engine, account, market, leverage);
    finish(engine);
    return error;
}

enum paper_error paper_engine_move_margin(struct paper_engine *engine, int64_t now_ms, int account,
                                          keel_market_id market, keel_decimal amount)
{
    return paper_engine_move_margin_of_leg(engine, now_ms, account, market, KEEL_NET, amount);
}

enum paper_error paper_engine_move_margin_of_leg(struct paper_engine *engine, int64_t now_ms,
                                                 int account, keel_market_id market,
                                                 enum keel_position_side side, keel_decimal amount)
{
    if (market == KEEL_NO_MARKET || market > engine->market_count)
        return PAPER_ERROR_SYMBOL;
    if ((side == KEEL_NET) == paper_trader_of(engine, account)->hedge_mode)
        return PAPER_ERROR_POSITION_SIDE;
    engine->now_ms = now_ms;
    enum paper_error error = paper_settings_move_margin(engine, account, market, side, amount);
    if (error == PAPER_OK)
        finish(engine);
    return error;
}

enum paper_error paper_engine_set_hedge_mode(struct paper_engine *engine, int account,
                                             bool hedge_mode)
{
    return paper_settings_set_hedge_mode(engine, account, hedge_mode);
}

enum paper_error paper_engine_set_multi_assets(struct paper_engine *engine, int account,
                                               bool multi_assets)
{
    (void)engine;
    (void)account;
    return multi_assets ? PAPER_ERROR_MULTI_ASSETS_MODE : PAPER_ERROR_ASSETS_MODE_SAME;
}

/* --- Money --------------------------------------------------------------------------------------
 */

enum paper_error paper_engine_transfer(struct paper_engine *engine, int64_t now_ms, int account,
                                       keel_decimal amount)
{
    struct paper_trader *trader = paper_trader_of(engine, account);
    struct paper_account view;
    engine->now_ms = now_ms;
    paper_engine_get_account(engine, account, &view);
    if (keel_decimal_is_negative(amount) &&
        keel_decimal_compare(keel_decimal_neg(amount), view.withdrawable) > 0)
        return PAPER_ERROR_MARGIN;
    paper_events_flush_account(engine, trader);
    paper_ledger_deposit(engine, account, amount);
    paper_ledger_check(engine);
    (void)paper_ledger_add_income(engine, account, KEEL_NO_MARKET, KEEL_INCOME_TRANSFER, amount, 0);
    paper_events_note(engine, trader,
                      keel_decimal_is_negative(amount) ? PAPER_REASON_WITHDRAWAL
                                                       : PAPER_REASON_DEPOSIT,
                      KEEL_NO_MARKET);
    trader->balance_change = keel_decimal_add(trader->balance_change, amount);
    finish(engine);
    return PAPER_OK;
}

/* --- Events and the audit ----------------------------------------------------------------------
 */

bool paper_engine_next_event(struct paper_engine *engine, struct paper_event *event)
{
    return paper_events_pop(&engine->events, event);
}

void paper_engine_audit(const struct paper_engine *engine, struct paper_audit *audit)
{
    paper_ledger_audit(engine, audit);
}

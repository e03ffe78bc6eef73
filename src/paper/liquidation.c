#include "paper/liquidation.h"

#include "paper/book.h"
#include "paper/entry.h"
#include "paper/events.h"
#include "paper/ledger.h"
#include "paper/margin.h"
#include "paper/match.h"
#include "paper/orders.h"
#include "paper/trigger.h"

#include <stdio.h>

static const enum keel_position_side all_sides[] = {KEEL_NET, KEEL_LONG, KEEL_SHORT};

static const struct paper_holding *holding_at(const struct paper_engine *engine, int account,
                                              keel_market_id market, enum keel_position_side side)
{
    return &engine->traders[account].holdings[market][side - KEEL_NET];
}

static bool is_isolated(const struct paper_engine *engine, int account, keel_market_id market)
{
    return engine->traders[account].settings[market].margin_mode == KEEL_ISOLATED;
}

/* On the grid, towards the account: it must not owe anything when the venue gets this price. */
static keel_decimal closing_price(const struct paper_engine *engine, int account,
                                  const struct paper_market *market, enum keel_position_side side)
{
    const struct paper_instrument *instrument = market->instrument;
    keel_decimal price = paper_margin_bankruptcy_price(engine, account, market->id, side);
    bool is_long =
        keel_decimal_is_positive(holding_at(engine, account, market->id, side)->quantity);
    price = keel_decimal_round_to_step(price, instrument->price_tick,
                                       is_long ? KEEL_ROUND_CEILING : KEEL_ROUND_FLOOR);
    return keel_decimal_max(price, instrument->price_tick);
}

/* An order of the venue's own that closes so much of an account's position. */
static struct paper_order *open_venue_order(struct paper_engine *engine, int account,
                                            const struct paper_market *market,
                                            enum keel_position_side side, enum keel_cause cause,
                                            keel_decimal price, keel_decimal quantity)
{
    bool is_long =
        keel_decimal_is_positive(holding_at(engine, account, market->id, side)->quantity);
    struct paper_order draft = {
        .account = account,
        .market = market->id,
        .side = is_long ? KEEL_SELL : KEEL_BUY,
        .position_side = side,
        .type = KEEL_LIMIT,
        .original_type = KEEL_LIMIT,
        .time_in_force = KEEL_IOC,
        .cause = cause,
        .trigger_source = KEEL_TRIGGER_LAST,
        .self_trade = PAPER_SELF_TRADE_NONE,
        .reduce_only = true,
        .price = price,
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .quantity = quantity,
    };
    if (cause == KEEL_CAUSE_DELEVERAGING)
        (void)snprintf(draft.client_id, sizeof(draft.client_id), "adl_autoclose-%lld",
                       (long long)engine->next_order_id);
    else
        (void)snprintf(draft.client_id, sizeof(draft.client_id), "autoclose-%lld",
                       (long long)engine->next_order_id);
    return paper_orders_accept(engine, &draft);
}

static void tell_forced(struct paper_engine *engine, const struct paper_order *order)
{
    struct paper_event *event =
        paper_events_push(engine, PAPER_EVENT_FORCE_ORDER, 0, order->market);
    event->as.order =
        (struct paper_order_event){.kind = PAPER_EXECUTION_CALCULATED, .order = *order};
}

/* What the fund has, its positions at the mark. */
static keel_decimal fund_equity(const struct paper_engine *engine)
{
    struct paper_audit audit;
    paper_ledger_audit(engine, &audit);
    return audit.insurance;
}

/* True if the fund still has money after taking so much over at this price. */
static bool fund_can_bear(const struct paper_engine *engine, const struct paper_market *market,
                          const struct paper_order *order, keel_decimal quantity)
{
    keel_decimal gain = keel_decimal_sub(market->mark, order->price);
    if (order->side == KEEL_BUY)
        gain = keel_decimal_neg(gain);
    keel_decimal after = keel_decimal_add(fund_equity(engine), paper_times(quantity, gain));
    return !keel_decimal_is_negative(after);
}

static void settle_off_book(struct paper_engine *engine, struct paper_market *market,
                            struct paper_order *order, struct paper_order *other,
                            keel_decimal quantity)
{
    struct paper_fill fill = {.market = market,
                              .taker = order,
                              .maker = other,
                              .side = order->side,
                              .price = order->price,
                              .quantity = quantity,
                              .off_book = true};
    paper_match_fill(engine, &fill);
}

static void take_over(struct paper_engine *engine, struct paper_market *market,
                      struct paper_order *order)
{
    keel_decimal quantity = paper_order_remaining(order);
    struct paper_order fund = {.account = PAPER_FUND,
                               .market = market->id,
                               .side = paper_opposite(order->side),
                               .cause = KEEL_CAUSE_INSURANCE,
                               .quantity = quantity};
    settle_off_book(engine, market, order, &fund, quantity);
}

struct counterparty {
    int account; /* 0: there is none */
    enum keel_position_side side;
    keel_decimal score;
};

static void consider(const struct paper_engine *engine, const struct paper_order *order,
                     int account, enum keel_position_side side, struct counterparty *best)
{
    keel_decimal held = holding_at(engine, account, order->market, side)->quantity;
    bool opposite =
        order->side == KEEL_SELL ? keel_decimal_is_negative(held) : keel_decimal_is_positive(held);
    if (!opposite)
        return;
    keel_decimal score = paper_margin_deleveraging_score(engine, account, order->market, side);
    if (keel_decimal_compare(score, best->score) > 0)
        *best = (struct counterparty){account, side, score};
}

/* The best ranked position of the other direction, of another account. */
static struct counterparty find_counterparty(const struct paper_engine *engine,
                                             const struct paper_order *order)
{
    struct counterparty best = {.side = KEEL_NET};
    for (int account = 1; account <= engine->config.accounts; account++)
        for (int i = 0; i < PAPER_SIDES && account != order->account; i++)
            consider(engine, order, account, all_sides[i], &best);
    return best;
}

static void deleverage(struct paper_engine *engine, struct paper_market *market,
                       struct paper_order *order)
{
    while (paper_order_is_open(order)) {
        struct counterparty found = find_counterparty(engine, order);
        keel_decimal quantity = paper_order_remaining(order);
        if (found.account == 0) {
            settle_off_book(engine, market, order, NULL, quantity);
            return;
        }
        keel_decimal held =
            keel_decimal_abs(holding_at(engine, found.account, market->id, found.side)->quantity);
        quantity = keel_decimal_min(quantity, held);
        if (engine->config.rules.deleveraging_ends_orders)
            (void)paper_orders_end_all(engine, found.account, market->id, PAPER_ORDER_EXPIRED,
                                       PAPER_EXPIRY_DELEVERAGING);
        struct paper_order *other =
            open_venue_order(engine, found.account, market, found.side, KEEL_CAUSE_DELEVERAGING,
                             order->price, quantity);
        settle_off_book(engine, market, order, other, quantity);
        tell_forced(engine, other);
    }
}

/* What is left of what backed the position pays the liquidation fee, as far as it goes. */
static void charge_liquidation_fee(struct paper_engine *engine, const struct paper_order *order,
                                   keel_decimal left)
{
    const struct paper_instrument *instrument = engine->markets[order->market].instrument;
    keel_decimal fee =
        paper_cut(engine, paper_times(order->filled_quote, instrument->liquidation_fee));
    fee = keel_decimal_min(fee, paper_cut(engine, left));
    if (!keel_decimal_is_positive(fee))
        return;
    paper_ledger_clear(engine, order->account, keel_decimal_neg(fee));
    paper_ledger_check(engine);
    (void)paper_ledger_add_income(engine, order->account, order->market,
                                  KEEL_INCOME_INSURANCE_CLEAR, keel_decimal_neg(fee), 0);
    struct paper_trader *trader = paper_trader_of(engine, order->account);
    paper_events_note(engine, trader, PAPER_REASON_INSURANCE_CLEAR, KEEL_NO_MARKET);
    trader->reason_market = order->market;
    trader->balance_change = keel_decimal_sub(trader->balance_change, fee);
}

static keel_decimal cross_balance(const struct paper_engine *engine, int account)
{
    return keel_decimal_add(engine->traders[account].cross_wallet,
                            paper_margin_cross(engine, account).unrealized);
}

static void close_position(struct paper_engine *engine, int account, struct paper_market *market,
                           enum keel_position_side side)
{
    bool isolated = is_isolated(engine, account, market->id);
    keel_decimal wallet_before = engine->traders[account].cross_wallet;
    keel_decimal price = closing_price(engine, account, market, side);
    keel_decimal quantity =
        keel_decimal_abs(holding_at(engine, account, market->id, side)->quantity);
    struct paper_order *order =
        open_venue_order(engine, account, market, side, KEEL_CAUSE_LIQUIDATION, price, quantity);
    paper_match_take(engine, order);
    if (paper_order_is_open(order)) {
        if (fund_can_bear(engine, market, order, paper_order_remaining(order)))
            take_over(engine, market, order);
        else
            deleverage(engine, market, order);
    }
    keel_decimal left = isolated
                            ? keel_decimal_sub(engine->traders[account].cross_wallet, wallet_before)
                            : cross_balance(engine, account);
    charge_liquidation_fee(engine, order, left);
    tell_forced(engine, order);
}

static void end_orders(struct paper_engine *engine, int account, keel_market_id market)
{
    (void)paper_orders_end_all(engine, account, market, PAPER_ORDER_EXPIRED,
                               PAPER_EXPIRY_LIQUIDATION);
    (void)paper_trigger_end_all(engine, account, market, PAPER_CONDITIONAL_EXPIRED);
}

static bool is_due(keel_decimal maintenance, keel_decimal balance)
{
    return keel_decimal_compare(maintenance, balance) >= 0;
}

/* Four fifths of the way: a margin call; and again only after it has recovered to three quarters.
 */
static bool call_is_due(keel_decimal maintenance, keel_decimal balance, bool *called)
{
    keel_decimal high = paper_times(balance, keel_decimal_from_text("0.8"));
    keel_decimal low = paper_times(balance, keel_decimal_from_text("0.75"));
    if (*called) {
        *called = keel_decimal_compare(maintenance, low) > 0;
        return false;
    }
    *called = keel_decimal_compare(maintenance, high) > 0;
    return *called;
}

static void call_isolated(struct paper_engine *engine, int account, keel_market_id market,
                          enum keel_position_side side)
{
    struct paper_event *event = paper_events_push(engine, PAPER_EVENT_MARGIN_CALL, account, market);
    event->as.margin_call.cross_wallet = KEEL_DECIMAL_ABSENT;
    event->as.margin_call.position_count = 1;
    paper_margin_view_position(engine, account, market, side, &event->as.margin_call.positions[0]);
}

static void call_cross(struct paper_engine *engine, int account)
{
    struct paper_event *event =
        paper_events_push(engine, PAPER_EVENT_MARGIN_CALL, account, KEEL_NO_MARKET);
    struct paper_margin_call *call = &event->as.margin_call;
    call->cross_wallet = engine->traders[account].cross_wallet;
    for (keel_market_id id = 1; id <= engine->market_count; id++)
        for (int i = 0; i < PAPER_SIDES && call->position_count < PAPER_EVENT_POSITIONS; i++)
            if (!is_isolated(engine, account, id) &&
                !keel_decimal_is_zero(holding_at(engine, account, id, all_sides[i])->quantity))
                paper_margin_view_position(engine, account, id, all_sides[i],
                                           &call->positions[call->position_count++]);
}

static bool run_isolated(struct paper_engine *engine, int account, struct paper_market *market,
                         enum keel_position_side side)
{
    struct paper_holding *holding =
        paper_holding_of(paper_trader_of(engine, account), market->id, side);
    if (keel_decimal_is_zero(holding->quantity) || !is_isolated(engine, account, market->id))
        return false;
    keel_decimal balance = keel_decimal_add(
        holding->isolated_wallet, paper_margin_unrealized(engine, account, market->id, side));
    keel_decimal maintenance = paper_margin_maintenance(engine, account, market->id, side);
    if (call_is_due(maintenance, balance, &holding->called))
        call_isolated(engine, account, market->id, side);
    if (!is_due(maintenance, balance))
        return false;
    end_orders(engine, account, market->id);
    close_position(engine, account, market, side);
    return true;
}

/* The cross position that requires most: closing it helps most. NULL: there is none. */
static struct paper_market *heaviest(struct paper_engine *engine, int account,
                                     enum keel_position_side *side)
{
    struct paper_market *found = NULL;
    keel_decimal most = KEEL_DECIMAL_ZERO;
    for (int row = 0; row < engine->market_count * PAPER_SIDES; row++) {
        keel_market_id id = (keel_market_id)(row / PAPER_SIDES + 1);
        enum keel_position_side at = all_sides[row % PAPER_SIDES];
        if (is_isolated(engine, account, id) ||
            keel_decimal_is_zero(holding_at(engine, account, id, at)->quantity))
            continue;
        keel_decimal maintenance = paper_margin_maintenance(engine, account, id, at);
        if (found != NULL && keel_decimal_compare(maintenance, most) <= 0)
            continue;
        found = &engine->markets[id];
        *side = at;
        most = maintenance;
    }
    return found;
}

/* Without cross positions nothing backs a negative wallet: slippage and fees went beyond it. The
 * fund pays such dust even when it has nothing: the audit then shows what it owes. */
static void clear_debt(struct paper_engine *engine, struct paper_trader *trader)
{
    keel_decimal debt = keel_decimal_neg(trader->cross_wallet);
    if (!keel_decimal_is_positive(debt))
        return;
    paper_ledger_clear(engine, trader->number, debt);
    paper_ledger_check(engine);
    (void)paper_ledger_add_income(engine, trader->number, KEEL_NO_MARKET,
                                  KEEL_INCOME_INSURANCE_CLEAR, debt, 0);
    paper_events_note(engine, trader, PAPER_REASON_INSURANCE_CLEAR, KEEL_NO_MARKET);
    trader->balance_change = keel_decimal_add(trader->balance_change, debt);
}

static bool cross_is_due(const struct paper_engine *engine, int account)
{
    struct paper_cross cross = paper_margin_cross(engine, account);
    keel_decimal balance =
        keel_decimal_add(engine->traders[account].cross_wallet, cross.unrealized);
    return cross.positions > 0 && is_due(cross.maintenance, balance);
}

static bool run_cross(struct paper_engine *engine, int account)
{
    struct paper_trader *trader = paper_trader_of(engine, account);
    struct paper_cross cross = paper_margin_cross(engine, account);
    keel_decimal balance = keel_decimal_add(trader->cross_wallet, cross.unrealized);
    if (cross.positions == 0) {
        clear_debt(engine, trader);
        trader->called = false;
        return false;
    }
    if (call_is_due(cross.maintenance, balance, &trader->called))
        call_cross(engine, account);
    if (!is_due(cross.maintenance, balance))
        return false;
    end_orders(engine, account, KEEL_NO_MARKET);
    while (cross_is_due(engine, account)) {
        enum keel_position_side side = KEEL_NET;
        struct paper_market *market = heaviest(engine, account, &side);
        close_position(engine, account, market, side);
    }
    return true;
}

bool paper_liquidation_run(struct paper_engine *engine)
{
    bool any = false;
    for (int account = 1; account <= engine->config.accounts; account++) {
        for (int id = 1; id <= engine->market_count; id++)
            for (int i = 0; i < PAPER_SIDES; i++)
                any |= run_isolated(engine, account, &engine->markets[id], all_sides[i]);
        any |= run_cross(engine, account);
    }
    return any;
}

void paper_liquidation_unwind_fund(struct paper_engine *engine)
{
    for (int id = 1; id <= engine->market_count; id++) {
        keel_decimal held = engine->fund.quantity[id];
        if (keel_decimal_is_zero(held))
            continue;
        struct paper_order order = {
            .account = PAPER_FUND,
            .market = (keel_market_id)id,
            .side = keel_decimal_is_positive(held) ? KEEL_SELL : KEEL_BUY,
            .type = KEEL_MARKET,
            .time_in_force = KEEL_IOC,
            .status = PAPER_ORDER_NEW,
            .cause = KEEL_CAUSE_INSURANCE,
            .self_trade = PAPER_SELF_TRADE_NONE,
            .price = KEEL_DECIMAL_ABSENT,
            .quantity = keel_decimal_abs(held),
        };
        paper_match_take(engine, &order);
    }
}

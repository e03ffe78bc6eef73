#include "paper/margin.h"

#include "paper/book.h"

enum {
    BRACKET_PASSES_MAX = 2 * KEEL_BRACKETS_MAX,
    ADL_RANKS = 5,
};

struct sides {
    keel_decimal bids, asks;
};

/* The rows of a market; those of the other mode are flat. */
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

static keel_decimal signed_notional(const struct paper_engine *engine, int account,
                                    keel_market_id market, enum keel_position_side side)
{
    return paper_times(holding_at(engine, account, market, side)->quantity,
                       engine->markets[market].mark);
}

keel_decimal paper_margin_initial(const struct paper_engine *engine, keel_market_id market,
                                  keel_decimal notional, int leverage)
{
    keel_decimal share = paper_cut(
        engine, keel_decimal_div(notional, keel_decimal_from_int(leverage), KEEL_ROUND_DOWN));
    keel_decimal fee = paper_times(notional, engine->markets[market].instrument->closing_fee);
    return keel_decimal_add(share, paper_cut(engine, fee));
}

/* A position's own: of its entry or of its mark, as the venue has it. */
static keel_decimal position_margin(const struct paper_engine *engine, int account,
                                    keel_market_id market, enum keel_position_side side)
{
    const struct paper_holding *holding = holding_at(engine, account, market, side);
    keel_decimal value = engine->config.rules.margin_at_entry
                             ? holding->cost
                             : signed_notional(engine, account, market, side);
    return paper_margin_initial(engine, market, keel_decimal_abs(value),
                                engine->traders[account].settings[market].leverage);
}

keel_decimal paper_margin_wallet(const struct paper_engine *engine, int account)
{
    keel_decimal wallet = engine->traders[account].cross_wallet;
    for (keel_market_id id = 1; id <= engine->market_count; id++)
        for (int i = 0; i < PAPER_SIDES; i++)
            wallet = keel_decimal_add(
                wallet, holding_at(engine, account, id, all_sides[i])->isolated_wallet);
    return wallet;
}

keel_decimal paper_margin_unrealized(const struct paper_engine *engine, int account,
                                     keel_market_id market, enum keel_position_side side)
{
    return keel_decimal_sub(signed_notional(engine, account, market, side),
                            holding_at(engine, account, market, side)->cost);
}

keel_decimal paper_margin_maintenance(const struct paper_engine *engine, int account,
                                      keel_market_id market, enum keel_position_side side)
{
    const struct paper_instrument *instrument = engine->markets[market].instrument;
    keel_decimal notional = keel_decimal_abs(signed_notional(engine, account, market, side));
    keel_decimal fee = paper_cut(engine, paper_times(notional, instrument->closing_fee));
    keel_decimal share = paper_cut(engine, paper_instrument_maintenance(instrument, notional));
    return keel_decimal_add(share, fee);
}

static void add_cross(const struct paper_engine *engine, int account, keel_market_id market,
                      enum keel_position_side side, struct paper_cross *cross)
{
    if (keel_decimal_is_zero(holding_at(engine, account, market, side)->quantity))
        return;
    cross->positions++;
    cross->unrealized =
        keel_decimal_add(cross->unrealized, paper_margin_unrealized(engine, account, market, side));
    cross->maintenance = keel_decimal_add(cross->maintenance,
                                          paper_margin_maintenance(engine, account, market, side));
}

struct paper_cross paper_margin_cross(const struct paper_engine *engine, int account)
{
    struct paper_cross cross = {0};
    for (keel_market_id id = 1; id <= engine->market_count; id++) {
        if (is_isolated(engine, account, id))
            continue;
        for (int i = 0; i < PAPER_SIDES; i++)
            add_cross(engine, account, id, all_sides[i], &cross);
    }
    return cross;
}

static struct sides open_sides(const struct paper_engine *engine, int account,
                               keel_market_id market, enum keel_position_side leg,
                               const struct paper_order *without)
{
    struct sides sides = {0};
    if (account <= PAPER_BACKGROUND)
        return sides;
    const struct paper_order *order = engine->traders[account].open_first;
    for (; order != NULL; order = order->open_next) {
        if (order->market != market || order->position_side != leg || order == without ||
            order->reduce_only || !keel_decimal_is_valid(order->price))
            continue;
        keel_decimal notional = paper_times(order->price, paper_order_remaining(order));
        keel_decimal *sum = order->side == KEEL_BUY ? &sides.bids : &sides.asks;
        *sum = keel_decimal_add(*sum, notional);
    }
    return sides;
}

void paper_margin_open_notional(const struct paper_engine *engine, int account,
                                keel_market_id market, keel_decimal *bids, keel_decimal *asks)
{
    *bids = *asks = KEEL_DECIMAL_ZERO;
    for (int i = 0; i < PAPER_SIDES; i++) {
        struct sides sides = open_sides(engine, account, market, all_sides[i], NULL);
        *bids = keel_decimal_add(*bids, sides.bids);
        *asks = keel_decimal_add(*asks, sides.asks);
    }
}

/* Only one side's orders can fill against the other, so the larger counts. A leg's orders that may
 * open are of one side alone. */
static keel_decimal exposure_of(keel_decimal position, struct sides sides)
{
    return keel_decimal_max(keel_decimal_abs(keel_decimal_add(position, sides.bids)),
                            keel_decimal_abs(keel_decimal_sub(position, sides.asks)));
}

static keel_decimal order_margin(const struct paper_engine *engine, keel_market_id market,
                                 keel_decimal position, struct sides sides, int leverage)
{
    keel_decimal beyond =
        keel_decimal_sub(exposure_of(position, sides), keel_decimal_abs(position));
    return paper_margin_initial(engine, market, beyond, leverage);
}

keel_decimal paper_margin_exposure(const struct paper_engine *engine, int account,
                                   keel_market_id market)
{
    keel_decimal most = KEEL_DECIMAL_ZERO;
    for (int i = 0; i < PAPER_SIDES; i++)
        most = keel_decimal_max(
            most, exposure_of(signed_notional(engine, account, market, all_sides[i]),
                              open_sides(engine, account, market, all_sides[i], NULL)));
    return most;
}

/* What stands or falls together: an isolated row alone, the rows of a market in cross margin. */
struct group {
    int count;
    enum keel_position_side sides[PAPER_SIDES];
};

static struct group group_of(const struct paper_engine *engine, int account, keel_market_id market,
                             enum keel_position_side side)
{
    struct group group = {.count = 1, .sides = {side}};
    if (is_isolated(engine, account, market))
        return group;
    group.count = 0;
    for (int i = 0; i < PAPER_SIDES; i++)
        if (!keel_decimal_is_zero(holding_at(engine, account, market, all_sides[i])->quantity))
            group.sides[group.count++] = all_sides[i];
    return group;
}

/* What backs a group besides its own profit: WB - TMM + UPNL of the documentation's formula. */
static keel_decimal backing(const struct paper_engine *engine, int account, keel_market_id market,
                            enum keel_position_side side, bool less_maintenance)
{
    if (is_isolated(engine, account, market))
        return holding_at(engine, account, market, side)->isolated_wallet;
    struct paper_cross cross = paper_margin_cross(engine, account);
    struct group group = group_of(engine, account, market, side);
    keel_decimal sum = keel_decimal_add(engine->traders[account].cross_wallet, cross.unrealized);
    keel_decimal others = cross.maintenance;
    for (int i = 0; i < group.count; i++) {
        sum =
            keel_decimal_sub(sum, paper_margin_unrealized(engine, account, market, group.sides[i]));
        others = keel_decimal_sub(
            others, paper_margin_maintenance(engine, account, market, group.sides[i]));
    }
    return less_maintenance ? keel_decimal_sub(sum, others) : sum;
}

/* The sums over a group of the formula below, with each row's bracket at this price. */
struct slope {
    keel_decimal costs, amounts, quantities, rates;
};

static struct slope slope_at(const struct paper_engine *engine, int account, keel_market_id market,
                             const struct group *group, keel_decimal price)
{
    const struct paper_instrument *instrument = engine->markets[market].instrument;
    struct slope sum = {0};
    for (int i = 0; i < group->count; i++) {
        const struct paper_holding *row = holding_at(engine, account, market, group->sides[i]);
        keel_decimal size = keel_decimal_abs(row->quantity);
        const struct keel_bracket *bracket =
            paper_instrument_bracket(instrument, paper_times(size, price));
        keel_decimal rate = keel_decimal_add(bracket->maintenance_ratio, instrument->closing_fee);
        sum.costs = keel_decimal_add(sum.costs, row->cost);
        sum.amounts = keel_decimal_add(sum.amounts, bracket->maintenance_amount);
        sum.quantities = keel_decimal_add(sum.quantities, row->quantity);
        sum.rates = keel_decimal_add(sum.rates, paper_times(size, rate));
    }
    return sum;
}

/* (backing + cum - s*q*EP) / (q*mmr - s*q), summed over a group; s*q*EP is the cost. The rate and
 * cum must be those of the bracket at the answer, so it is asked again until it stays. */
static keel_decimal liquidation_price(const struct paper_engine *engine, int account,
                                      keel_market_id market, enum keel_position_side side)
{
    struct group group = group_of(engine, account, market, side);
    keel_decimal behind = backing(engine, account, market, side, true);
    keel_decimal price = engine->markets[market].mark;
    for (int pass = 0; pass < BRACKET_PASSES_MAX; pass++) {
        struct slope sum = slope_at(engine, account, market, &group, price);
        keel_decimal rest = keel_decimal_add(keel_decimal_sub(behind, sum.costs), sum.amounts);
        keel_decimal before = price;
        price = keel_decimal_div(rest, keel_decimal_sub(sum.rates, sum.quantities),
                                 KEEL_ROUND_HALF_EVEN);
        if (!keel_decimal_is_positive(price))
            return KEEL_DECIMAL_ABSENT;
        if (keel_decimal_equals(price, before))
            break;
    }
    return price;
}

keel_decimal paper_margin_bankruptcy_price(const struct paper_engine *engine, int account,
                                           keel_market_id market, enum keel_position_side side)
{
    const struct paper_holding *holding = holding_at(engine, account, market, side);
    struct group group = group_of(engine, account, market, side);
    keel_decimal behind = backing(engine, account, market, side, false);
    /* The other row of the group at its mark: it is closed after this one. */
    for (int i = 0; i < group.count; i++)
        if (group.sides[i] != side)
            behind = keel_decimal_add(
                behind, paper_margin_unrealized(engine, account, market, group.sides[i]));
    keel_decimal rest = keel_decimal_sub(holding->cost, behind);
    /* Towards the account: a long sells a little dearer, a short buys a little cheaper. */
    enum keel_round round =
        keel_decimal_is_negative(holding->quantity) ? KEEL_ROUND_FLOOR : KEEL_ROUND_CEILING;
    keel_decimal fee = paper_times(keel_decimal_abs(holding->quantity),
                                   engine->markets[market].instrument->closing_fee);
    return keel_decimal_div(rest, keel_decimal_sub(holding->quantity, fee), round);
}

/* Closing everything there would bring back what the position cost, with fees, less what it already
 * earned. */
static keel_decimal break_even(const struct paper_holding *holding)
{
    keel_decimal spent = keel_decimal_add(holding->cost, holding->fees);
    keel_decimal earned = keel_decimal_add(holding->realized, holding->funding);
    return keel_decimal_div(keel_decimal_sub(spent, earned), holding->quantity,
                            KEEL_ROUND_HALF_EVEN);
}

keel_decimal paper_margin_deleveraging_score(const struct paper_engine *engine, int account,
                                             keel_market_id market, enum keel_position_side side)
{
    keel_decimal profit = paper_margin_unrealized(engine, account, market, side);
    keel_decimal wallet = is_isolated(engine, account, market)
                              ? holding_at(engine, account, market, side)->isolated_wallet
                              : engine->traders[account].cross_wallet;
    keel_decimal balance = keel_decimal_add(wallet, profit);
    if (!keel_decimal_is_positive(profit) || !keel_decimal_is_positive(balance))
        return KEEL_DECIMAL_ZERO;
    keel_decimal gain =
        keel_decimal_div(profit, keel_decimal_max(wallet, KEEL_DECIMAL_ONE), KEEL_ROUND_HALF_EVEN);
    return keel_decimal_mul_div(gain, paper_margin_maintenance(engine, account, market, side),
                                balance, KEEL_ROUND_HALF_EVEN);
}

/* Counts one account's rows of this direction among the others. */
static void count_scores(const struct paper_engine *engine, int account, keel_market_id market,
                         bool shorts, keel_decimal score, int *below, int *count)
{
    for (int i = 0; i < PAPER_SIDES; i++) {
        keel_decimal quantity = holding_at(engine, account, market, all_sides[i])->quantity;
        if (keel_decimal_is_zero(quantity) || keel_decimal_is_negative(quantity) != shorts)
            continue;
        keel_decimal theirs =
            paper_margin_deleveraging_score(engine, account, market, all_sides[i]);
        *below += keel_decimal_compare(theirs, score) <= 0;
        ++*count;
    }
}

/* Fifths of all positions of this direction, by score; without profit nobody is deleveraged. */
static int adl_rank(const struct paper_engine *engine, int account, keel_market_id market,
                    enum keel_position_side side)
{
    keel_decimal score = paper_margin_deleveraging_score(engine, account, market, side);
    bool shorts = keel_decimal_is_negative(holding_at(engine, account, market, side)->quantity);
    int below = 1, count = 1;
    if (!keel_decimal_is_positive(score))
        return 0;
    for (int other = 1; other <= engine->config.accounts; other++)
        if (other != account)
            count_scores(engine, other, market, shorts, score, &below, &count);
    int rank = below * ADL_RANKS / count - 1;
    return rank < 0 ? 0 : rank;
}

static void view_holding(const struct paper_engine *engine, struct paper_position *view)
{
    const struct paper_holding *holding =
        holding_at(engine, view->account, view->market, view->side);
    keel_decimal unrealized =
        paper_margin_unrealized(engine, view->account, view->market, view->side);
    view->quantity = holding->quantity;
    view->entry_price = keel_decimal_div(holding->cost, holding->quantity, KEEL_ROUND_HALF_EVEN);
    view->break_even_price = break_even(holding);
    view->notional = signed_notional(engine, view->account, view->market, view->side);
    view->unrealized_pnl = paper_cut(engine, unrealized);
    view->liquidation_price = liquidation_price(engine, view->account, view->market, view->side);
    view->cost = holding->cost;
    view->backing = backing(engine, view->account, view->market, view->side, true);
    view->position_margin = position_margin(engine, view->account, view->market, view->side);
    view->maintenance_margin =
        paper_margin_maintenance(engine, view->account, view->market, view->side);
    view->adl_rank = adl_rank(engine, view->account, view->market, view->side);
    if (view->margin_mode != KEEL_ISOLATED)
        return;
    view->isolated_wallet = holding->isolated_wallet;
    view->isolated_margin =
        paper_cut(engine, keel_decimal_add(holding->isolated_wallet, unrealized));
}

void paper_margin_view_position(const struct paper_engine *engine, int account,
                                keel_market_id market, enum keel_position_side side,
                                struct paper_position *view)
{
    const struct paper_setting *setting = &engine->traders[account].settings[market];
    const struct paper_holding *holding = holding_at(engine, account, market, side);
    struct sides sides = open_sides(engine, account, market, side, NULL);
    *view = (struct paper_position){
        .account = account,
        .market = market,
        .side = side,
        .margin_mode = setting->margin_mode,
        .leverage = setting->leverage,
        .notional_max =
            paper_instrument_notional_max(engine->markets[market].instrument, setting->leverage),
        .mark_price = engine->markets[market].mark,
        .liquidation_price = KEEL_DECIMAL_ABSENT,
        .realized_pnl = holding->realized,
        .fees = holding->fees,
        .funding = holding->funding,
        .bid_notional = sides.bids,
        .ask_notional = sides.asks,
        .open_orders = setting->open_orders,
        .update_time_ms = holding->update_time_ms,
    };
    if (!keel_decimal_is_zero(holding->quantity))
        view_holding(engine, view);
    view->order_margin = order_margin(engine, market, view->notional, sides, view->leverage);
    view->initial_margin = keel_decimal_add(view->position_margin, view->order_margin);
}

/* Only rows that require something are computed whole. */
static bool is_idle(const struct paper_engine *engine, int account, keel_market_id market,
                    enum keel_position_side side)
{
    return keel_decimal_is_zero(holding_at(engine, account, market, side)->quantity) &&
           engine->traders[account].settings[market].open_orders == 0;
}

static void add_margins(const struct paper_engine *engine, keel_market_id market,
                        enum keel_position_side side, keel_decimal *cross_position_margin,
                        struct paper_account *view)
{
    int leverage = engine->traders[view->account].settings[market].leverage;
    keel_decimal notional = signed_notional(engine, view->account, market, side);
    keel_decimal position = position_margin(engine, view->account, market, side);
    keel_decimal orders = order_margin(
        engine, market, notional, open_sides(engine, view->account, market, side, NULL), leverage);
    keel_decimal unrealized = paper_margin_unrealized(engine, view->account, market, side);
    keel_decimal maintenance = paper_margin_maintenance(engine, view->account, market, side);
    view->position_margin = keel_decimal_add(view->position_margin, position);
    view->order_margin = keel_decimal_add(view->order_margin, orders);
    view->unrealized_pnl = keel_decimal_add(view->unrealized_pnl, unrealized);
    view->maintenance_margin = keel_decimal_add(view->maintenance_margin, maintenance);
    if (is_isolated(engine, view->account, market))
        return;
    *cross_position_margin = keel_decimal_add(*cross_position_margin, position);
    view->cross_unrealized = keel_decimal_add(view->cross_unrealized, unrealized);
    view->cross_maintenance = keel_decimal_add(view->cross_maintenance, maintenance);
}

/* Losses of cross positions lower what is available and profits raise it; profits cannot be
 * withdrawn. */
static void add_free(const struct paper_engine *engine, keel_decimal cross_position_margin,
                     struct paper_account *view)
{
    keel_decimal used = keel_decimal_add(cross_position_margin, view->order_margin);
    keel_decimal balance = keel_decimal_add(view->cross_wallet, view->cross_unrealized);
    keel_decimal available = keel_decimal_sub(balance, used);
    keel_decimal profit = keel_decimal_max(view->cross_unrealized, KEEL_DECIMAL_ZERO);
    keel_decimal withdrawable = keel_decimal_sub(available, profit);
    view->available = paper_cut(engine, keel_decimal_max(available, KEEL_DECIMAL_ZERO));
    view->withdrawable =
        paper_cut(engine, keel_decimal_max(keel_decimal_min(withdrawable, view->cross_wallet),
                                           KEEL_DECIMAL_ZERO));
}

void paper_margin_view_account(const struct paper_engine *engine, int account,
                               struct paper_account *view)
{
    const struct paper_trader *trader = &engine->traders[account];
    keel_decimal cross_position_margin = KEEL_DECIMAL_ZERO;
    *view = (struct paper_account){.account = account,
                                   .wallet = paper_margin_wallet(engine, account),
                                   .cross_wallet = trader->cross_wallet,
                                   .hedge_mode = trader->hedge_mode,
                                   .update_time_ms = trader->update_time_ms};
    for (keel_market_id id = 1; id <= engine->market_count; id++)
        for (int i = 0; i < PAPER_SIDES; i++)
            if (!is_idle(engine, account, id, all_sides[i]))
                add_margins(engine, id, all_sides[i], &cross_position_margin, view);
    view->initial_margin = keel_decimal_add(view->position_margin, view->order_margin);
    add_free(engine, cross_position_margin, view);
    view->unrealized_pnl = paper_cut(engine, view->unrealized_pnl);
    view->cross_unrealized = paper_cut(engine, view->cross_unrealized);
    view->margin_balance = keel_decimal_add(view->wallet, view->unrealized_pnl);
}

keel_decimal paper_margin_available(const struct paper_engine *engine, int account)
{
    struct paper_account view;
    paper_margin_view_account(engine, account, &view);
    return view.available;
}

/* What the venue assumes that the order will trade at. "How to calculate cost required to open a
 * position": a limit buy at its price; a limit sell at the highest of last * (1 + 0.15 %), mark and
 * its price; a market order at the best opposite price and a slip of 0.05 %. */
static keel_decimal assumed_price(const struct paper_engine *engine,
                                  const struct paper_order *order)
{
    const struct paper_market *market = &engine->markets[order->market];
    if (order->type == KEEL_MARKET) {
        keel_decimal best = paper_book_best_opposite(market, order->side);
        if (!keel_decimal_is_valid(best))
            best = market->mark;
        return engine->config.rules.plain_cost
                   ? best
                   : paper_times(best, keel_decimal_from_text("1.0005"));
    }
    if (order->side == KEEL_BUY || engine->config.rules.plain_cost)
        return order->price;
    keel_decimal last = paper_times(market->last, keel_decimal_from_text("1.0015"));
    return keel_decimal_max(keel_decimal_max(last, market->mark), order->price);
}

/* The part of the order that no position of the other side stands against, of which resting orders
 * of the same side have taken theirs. */
static keel_decimal opening_quantity(const struct paper_engine *engine,
                                     const struct paper_order *order,
                                     const struct paper_order *instead, keel_decimal quantity)
{
    keel_decimal held =
        holding_at(engine, order->account, order->market, order->position_side)->quantity;
    keel_decimal room = order->side == KEEL_BUY ? keel_decimal_neg(held) : held;
    const struct paper_order *other = engine->traders[order->account].open_first;
    for (; other != NULL; other = other->open_next)
        if (other->market == order->market && other->position_side == order->position_side &&
            other->side == order->side && other != instead && !other->reduce_only)
            room = keel_decimal_sub(room, paper_order_remaining(other));
    room = keel_decimal_max(room, KEEL_DECIMAL_ZERO);
    return keel_decimal_max(keel_decimal_sub(quantity, room), KEEL_DECIMAL_ZERO);
}

static keel_decimal open_loss(const struct paper_engine *engine, const struct paper_order *order,
                              keel_decimal price, keel_decimal opening)
{
    keel_decimal gain = keel_decimal_sub(engine->markets[order->market].mark, price);
    if (order->side == KEEL_SELL)
        gain = keel_decimal_neg(gain);
    keel_decimal loss = keel_decimal_neg(keel_decimal_min(gain, KEEL_DECIMAL_ZERO));
    return paper_times(opening, loss);
}

static void add_side(struct sides *sides, enum keel_side side, keel_decimal notional)
{
    keel_decimal *sum = side == KEEL_BUY ? &sides->bids : &sides->asks;
    *sum = keel_decimal_add(*sum, notional);
}

/* An order may not bring the exposure above the leverage's cap; one that does not raise it may. */
static enum paper_error check_cap(const struct paper_engine *engine,
                                  const struct paper_order *order,
                                  const struct paper_order *instead, keel_decimal price)
{
    const struct paper_instrument *instrument = engine->markets[order->market].instrument;
    int leverage = engine->traders[order->account].settings[order->market].leverage;
    keel_decimal position =
        signed_notional(engine, order->account, order->market, order->position_side);
    struct sides then =
        open_sides(engine, order->account, order->market, order->position_side, instead);
    add_side(&then, order->side, paper_times(price, paper_order_remaining(order)));
    keel_decimal exposure = exposure_of(position, then);
    keel_decimal before = exposure_of(
        position, open_sides(engine, order->account, order->market, order->position_side, NULL));
    keel_decimal cap = paper_instrument_notional_max(instrument, leverage);
    if (keel_decimal_compare(exposure, before) <= 0 || keel_decimal_compare(exposure, cap) <= 0)
        return PAPER_OK;
    return PAPER_ERROR_NOTIONAL_CAP;
}

/* What the order adds to the market's margin, and the loss with which it would open. */
static enum paper_error check_cost(const struct paper_engine *engine,
                                   const struct paper_order *order,
                                   const struct paper_order *instead, keel_decimal price,
                                   keel_decimal assumed)
{
    int leverage = engine->traders[order->account].settings[order->market].leverage;
    keel_decimal position =
        signed_notional(engine, order->account, order->market, order->position_side);
    keel_decimal quantity = paper_order_remaining(order);
    keel_decimal opening = opening_quantity(engine, order, instead, quantity);
    if (keel_decimal_is_zero(opening))
        return PAPER_OK;
    struct sides now =
        open_sides(engine, order->account, order->market, order->position_side, NULL);
    struct sides then =
        open_sides(engine, order->account, order->market, order->position_side, instead);
    add_side(&then, order->side, paper_times(assumed, quantity));
    keel_decimal cost =
        keel_decimal_sub(order_margin(engine, order->market, position, then, leverage),
                         order_margin(engine, order->market, position, now, leverage));
    if (!engine->config.rules.plain_cost)
        cost = keel_decimal_add(cost, open_loss(engine, order, price, opening));
    return keel_decimal_compare(cost, paper_margin_available(engine, order->account)) > 0
               ? PAPER_ERROR_MARGIN
               : PAPER_OK;
}

enum paper_error paper_margin_check_order(const struct paper_engine *engine,
                                          const struct paper_order *order,
                                          const struct paper_order *instead)
{
    if (order->reduce_only || order->close_position)
        return PAPER_OK;
    keel_decimal assumed = assumed_price(engine, order);
    keel_decimal price = keel_decimal_is_valid(order->price) ? order->price : assumed;
    enum paper_error error = check_cap(engine, order, instead, price);
    return error == PAPER_OK ? check_cost(engine, order, instead, price, assumed) : error;
}

#include "paper/ledger.h"

#include "paper/margin.h"

#include <stdio.h>

static void add_to(keel_decimal *sum, keel_decimal amount)
{
    *sum = keel_decimal_add(*sum, amount);
}

static void take_from(keel_decimal *sum, keel_decimal amount)
{
    *sum = keel_decimal_sub(*sum, amount);
}

static struct paper_purse *purse_of(struct paper_engine *engine, int account)
{
    return account == PAPER_FUND ? &engine->fund : &engine->background;
}

static void add_margin_change(struct paper_engine *engine, int account, keel_market_id market,
                              enum keel_position_side leg, keel_decimal amount, bool by_user)
{
    struct paper_margin_change *change =
        paper_table_add(&engine->margin_changes, sizeof(struct paper_margin_change));
    *change = (struct paper_margin_change){.row = engine->margin_changes.count,
                                           .account = account,
                                           .market = market,
                                           .side = leg,
                                           .by_user = by_user,
                                           .amount = amount,
                                           .time_ms = engine->now_ms};
}

void paper_ledger_deposit(struct paper_engine *engine, int account, keel_decimal amount)
{
    if (account == PAPER_FUND)
        add_to(&engine->fund.cash, amount);
    else
        add_to(&paper_trader_of(engine, account)->cross_wallet, amount);
    add_to(&engine->deposits, amount);
    engine->money_moved = true;
}

/* The part of `whole` that closing so much of the position sets free. */
static keel_decimal share_of(keel_decimal whole, keel_decimal closing, keel_decimal held)
{
    if (keel_decimal_equals(closing, held))
        return whole;
    return keel_decimal_mul_div(whole, closing, held, KEEL_ROUND_HALF_EVEN);
}

/* What was got for it less what it had cost, as the venue books it: each fill's profit is cut, and
 * what is cut off is the venue's. So a profit is never further from the exact one than a unit of
 * the eighth decimal, however often a position is reduced. */
static keel_decimal realize(struct paper_engine *engine, keel_decimal signed_closing,
                            keel_decimal price, keel_decimal cost)
{
    keel_decimal exact =
        keel_decimal_neg(keel_decimal_add(paper_times(signed_closing, price), cost));
    keel_decimal realized = paper_cut(engine, exact);
    add_to(&engine->rounding, keel_decimal_sub(exact, realized));
    return realized;
}

/* The isolated wallet's share goes back with the profit, or pays the loss. */
static keel_decimal close_part(struct paper_engine *engine, struct paper_trader *trader,
                               keel_market_id market, enum keel_position_side leg,
                               keel_decimal price, keel_decimal closing)
{
    struct paper_holding *holding = paper_holding_of(trader, market, leg);
    keel_decimal held = keel_decimal_abs(holding->quantity);
    keel_decimal share = share_of(holding->cost, closing, held);
    keel_decimal released = paper_cut(engine, share_of(holding->isolated_wallet, closing, held));
    keel_decimal signed_closing =
        keel_decimal_is_negative(holding->quantity) ? closing : keel_decimal_neg(closing);
    keel_decimal realized = realize(engine, signed_closing, price, share);

    take_from(&holding->cost, share);
    take_from(&holding->isolated_wallet, released);
    add_to(&holding->quantity, signed_closing);
    add_to(&holding->realized, realized);
    add_to(&trader->cross_wallet, keel_decimal_add(released, realized));
    if (!keel_decimal_is_zero(released))
        add_margin_change(engine, trader->number, market, leg, keel_decimal_neg(released), false);
    return realized;
}

static void open_part(struct paper_engine *engine, struct paper_trader *trader,
                      keel_market_id market, enum keel_position_side leg, keel_decimal price,
                      keel_decimal signed_quantity)
{
    struct paper_holding *holding = paper_holding_of(trader, market, leg);
    const struct paper_setting *setting = &trader->settings[market];
    keel_decimal value = paper_times(signed_quantity, price);
    if (keel_decimal_is_zero(holding->quantity)) {
        holding->realized = holding->fees = holding->funding = KEEL_DECIMAL_ZERO;
        holding->called = false;
    }
    add_to(&holding->quantity, signed_quantity);
    add_to(&holding->cost, value);
    if (setting->margin_mode != KEEL_ISOLATED)
        return;
    /* Never more than the cross wallet has: a position whose margin was used up meanwhile starts
     * thin, and the account does not go into debt. */
    keel_decimal margin =
        paper_margin_initial(engine, market, keel_decimal_abs(value), setting->leverage);
    margin = keel_decimal_min(margin, keel_decimal_max(trader->cross_wallet, KEEL_DECIMAL_ZERO));
    paper_ledger_move_margin(engine, trader->number, market, leg, margin, false);
}

static void charge_fee(struct paper_engine *engine, struct paper_trader *trader,
                       struct paper_holding *holding, keel_decimal fee, keel_decimal opening,
                       keel_decimal quantity)
{
    take_from(&trader->cross_wallet, fee);
    add_to(&engine->fees, fee);
    if (!keel_decimal_is_zero(opening) && keel_decimal_compare(opening, quantity) < 0)
        fee = paper_cut(engine, keel_decimal_mul_div(fee, opening, quantity, KEEL_ROUND_DOWN));
    add_to(&holding->fees, fee);
}

static struct paper_outcome fill_trader(struct paper_engine *engine, struct paper_trader *trader,
                                        struct paper_market *market, enum keel_position_side leg,
                                        enum keel_side side, keel_decimal price,
                                        keel_decimal quantity, keel_decimal fee_rate)
{
    struct paper_outcome outcome = {0};
    struct paper_holding *holding = paper_holding_of(trader, market->id, leg);
    bool opposite = side == KEEL_BUY ? keel_decimal_is_negative(holding->quantity)
                                     : keel_decimal_is_positive(holding->quantity);
    keel_decimal closing = KEEL_DECIMAL_ZERO;
    if (opposite) {
        closing = keel_decimal_min(quantity, keel_decimal_abs(holding->quantity));
        outcome.closed = true;
        outcome.realized = close_part(engine, trader, market->id, leg, price, closing);
    }
    keel_decimal opening = keel_decimal_sub(quantity, closing);
    if (keel_decimal_is_positive(opening))
        open_part(engine, trader, market->id, leg, price, paper_signed(side, opening));
    outcome.closed_quantity = closing;
    outcome.fee = paper_cut(engine, paper_times(paper_times(price, quantity), fee_rate));
    charge_fee(engine, trader, holding, outcome.fee, opening, quantity);
    holding->update_time_ms = engine->now_ms;
    return outcome;
}

struct paper_outcome paper_ledger_fill(struct paper_engine *engine, int account,
                                       struct paper_market *market, enum keel_position_side leg,
                                       enum keel_side side, keel_decimal price,
                                       keel_decimal quantity, keel_decimal fee_rate)
{
    engine->money_moved = true;
    if (account > PAPER_BACKGROUND)
        return fill_trader(engine, paper_trader_of(engine, account), market, leg, side, price,
                           quantity, fee_rate);
    struct paper_purse *purse = purse_of(engine, account);
    keel_decimal signed_quantity = paper_signed(side, quantity);
    add_to(&purse->quantity[market->id], signed_quantity);
    take_from(&purse->cash, paper_times(signed_quantity, price));
    return (struct paper_outcome){0};
}

void paper_ledger_clear(struct paper_engine *engine, int account, keel_decimal amount)
{
    add_to(&paper_trader_of(engine, account)->cross_wallet, amount);
    take_from(&engine->fund.cash, amount);
    engine->money_moved = true;
}

void paper_ledger_fund(struct paper_engine *engine, int account, keel_market_id market,
                       enum keel_position_side leg, keel_decimal amount)
{
    take_from(&engine->funding, amount);
    engine->money_moved = true;
    if (account <= PAPER_BACKGROUND) {
        add_to(&purse_of(engine, account)->cash, amount);
        return;
    }
    struct paper_trader *trader = paper_trader_of(engine, account);
    struct paper_holding *holding = paper_holding_of(trader, market, leg);
    bool isolated = trader->settings[market].margin_mode == KEEL_ISOLATED;
    add_to(isolated ? &holding->isolated_wallet : &trader->cross_wallet, amount);
    add_to(&holding->funding, amount);
}

void paper_ledger_move_margin(struct paper_engine *engine, int account, keel_market_id market,
                              enum keel_position_side leg, keel_decimal amount, bool by_user)
{
    struct paper_trader *trader = paper_trader_of(engine, account);
    struct paper_holding *holding = paper_holding_of(trader, market, leg);
    take_from(&trader->cross_wallet, amount);
    add_to(&holding->isolated_wallet, amount);
    engine->money_moved = true;
    if (!keel_decimal_is_zero(amount))
        add_margin_change(engine, account, market, leg, amount, by_user);
}

struct paper_income *paper_ledger_add_income(struct paper_engine *engine, int account,
                                             keel_market_id market, enum keel_income_kind kind,
                                             keel_decimal amount, int64_t trade_id)
{
    struct paper_income *income = paper_table_add(&engine->incomes, sizeof(struct paper_income));
    *income = (struct paper_income){.row = engine->incomes.count,
                                    .id = engine->next_income_id++,
                                    .account = account,
                                    .market = market,
                                    .kind = kind,
                                    .amount = amount,
                                    .trade_id = trade_id,
                                    .time_ms = engine->now_ms};
    struct paper_trader *trader = paper_trader_of(engine, account);
    add_to(&trader->income_sum, amount);
    income->balance = trader->income_sum;
    return income;
}

static void break_books(struct paper_engine *engine, const char *what, const char *symbol,
                        keel_decimal difference)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    if (!engine->conserved)
        return;
    engine->conserved = false;
    (void)keel_decimal_format(difference, text);
    (void)snprintf(engine->broken, sizeof(engine->broken), "%s %s: off by %s", what, symbol, text);
}

/* Wallets less the cost of positions: what an account would have if each position were undone at
 * its entry. */
static keel_decimal cash_of(const struct paper_engine *engine, const struct paper_trader *trader)
{
    keel_decimal cash = trader->cross_wallet;
    for (int id = 1; id <= engine->market_count; id++)
        for (int side = 0; side < PAPER_SIDES; side++) {
            const struct paper_holding *holding = &trader->holdings[id][side];
            add_to(&cash, keel_decimal_sub(holding->isolated_wallet, holding->cost));
        }
    return cash;
}

static void check_money(struct paper_engine *engine)
{
    keel_decimal sum = keel_decimal_add(engine->fees, engine->funding);
    add_to(&sum, engine->rounding);
    add_to(&sum, keel_decimal_add(engine->background.cash, engine->fund.cash));
    for (int i = 1; i <= engine->config.accounts; i++)
        add_to(&sum, cash_of(engine, &engine->traders[i]));
    keel_decimal difference = keel_decimal_sub(sum, engine->deposits);
    if (!keel_decimal_is_zero(difference))
        break_books(engine, "money", "USDT", difference);
}

static void check_market(struct paper_engine *engine, int id)
{
    keel_decimal sum = keel_decimal_add(engine->background.quantity[id], engine->fund.quantity[id]);
    for (int i = 1; i <= engine->config.accounts; i++)
        for (int side = 0; side < PAPER_SIDES; side++)
            add_to(&sum, engine->traders[i].holdings[id][side].quantity);
    if (!keel_decimal_is_zero(sum))
        break_books(engine, "positions of", engine->markets[id].instrument->symbol, sum);
}

void paper_ledger_check(struct paper_engine *engine)
{
    if (!engine->money_moved)
        return;
    engine->money_moved = false;
    engine->checks++;
    check_money(engine);
    for (int id = 1; id <= engine->market_count; id++)
        check_market(engine, id);
}

static keel_decimal purse_worth(const struct paper_engine *engine, const struct paper_purse *purse)
{
    keel_decimal worth = purse->cash;
    for (int id = 1; id <= engine->market_count; id++)
        add_to(&worth, paper_times(purse->quantity[id], engine->markets[id].mark));
    return worth;
}

static void add_trader(const struct paper_engine *engine, const struct paper_trader *trader,
                       struct paper_audit *audit)
{
    add_to(&audit->wallets, trader->cross_wallet);
    for (int id = 1; id <= engine->market_count; id++)
        for (int side = 0; side < PAPER_SIDES; side++) {
            const struct paper_holding *holding = &trader->holdings[id][side];
            add_to(&audit->wallets, holding->isolated_wallet);
            keel_decimal worth = paper_times(holding->quantity, engine->markets[id].mark);
            add_to(&audit->unrealized, keel_decimal_sub(worth, holding->cost));
        }
}

void paper_ledger_audit(const struct paper_engine *engine, struct paper_audit *audit)
{
    *audit = (struct paper_audit){.deposits = engine->deposits,
                                  .background = purse_worth(engine, &engine->background),
                                  .insurance = purse_worth(engine, &engine->fund),
                                  .fees = engine->fees,
                                  .funding = engine->funding,
                                  .rounding = engine->rounding,
                                  .checks = engine->checks};
    for (int i = 1; i <= engine->config.accounts; i++)
        add_trader(engine, &engine->traders[i], audit);
    const keel_decimal parts[] = {audit->wallets,   audit->unrealized, audit->background,
                                  audit->insurance, audit->fees,       audit->funding,
                                  audit->rounding};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        add_to(&audit->difference, parts[i]);
    take_from(&audit->difference, audit->deposits);
    audit->conserved = engine->conserved && keel_decimal_is_zero(audit->difference);
    (void)keel_str_copy(keel_str_from(engine->broken), audit->broken, sizeof(audit->broken));
}

#include "paper/settings.h"

#include "paper/events.h"
#include "paper/ledger.h"
#include "paper/margin.h"

static const enum keel_position_side all_sides[] = {KEEL_NET, KEEL_LONG, KEEL_SHORT};

static bool is_flat(const struct paper_engine *engine, int account, keel_market_id market)
{
    for (int i = 0; i < PAPER_SIDES; i++)
        if (!keel_decimal_is_zero(engine->traders[account].holdings[market][i].quantity))
            return false;
    return true;
}

/* What the market takes from the cross balance: an isolated position has its margin already. */
static keel_decimal required(const struct paper_engine *engine, int account, keel_market_id market)
{
    struct paper_position view;
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (int i = 0; i < PAPER_SIDES; i++) {
        paper_margin_view_position(engine, account, market, all_sides[i], &view);
        sum = keel_decimal_add(sum, view.margin_mode == KEEL_ISOLATED ? view.order_margin
                                                                      : view.initial_margin);
    }
    return sum;
}

/* By how much an isolated position's margin changes with the leverage; zero where it stays. */
static keel_decimal margin_change(const struct paper_engine *engine, int account,
                                  keel_market_id market, enum keel_position_side side, int leverage)
{
    const struct paper_trader *trader = &engine->traders[account];
    const struct paper_setting *setting = &trader->settings[market];
    keel_decimal cost = keel_decimal_abs(trader->holdings[market][side - KEEL_NET].cost);
    if (!engine->config.rules.leverage_moves_margin || setting->margin_mode != KEEL_ISOLATED)
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_sub(paper_margin_initial(engine, market, cost, leverage),
                            paper_margin_initial(engine, market, cost, setting->leverage));
}

/* Would the position still be covered with its margin of that leverage? */
static bool is_covered(const struct paper_engine *engine, int account, keel_market_id market,
                       enum keel_position_side side, int leverage)
{
    keel_decimal change = margin_change(engine, account, market, side, leverage);
    keel_decimal wallet =
        engine->traders[account].holdings[market][side - KEEL_NET].isolated_wallet;
    keel_decimal balance =
        keel_decimal_add(wallet, paper_margin_unrealized(engine, account, market, side));
    if (!keel_decimal_is_negative(change))
        return true;
    return keel_decimal_compare(keel_decimal_add(balance, change),
                                paper_margin_maintenance(engine, account, market, side)) > 0;
}

/* Would the margin at the other leverage still be there? The setting is put back afterwards. */
static bool can_afford(struct paper_engine *engine, int account, keel_market_id market,
                       int leverage)
{
    struct paper_setting *setting = &paper_trader_of(engine, account)->settings[market];
    int present = setting->leverage;
    keel_decimal available = paper_margin_available(engine, account);
    keel_decimal before = required(engine, account, market);
    setting->leverage = leverage;
    keel_decimal more = keel_decimal_sub(required(engine, account, market), before);
    setting->leverage = present;
    for (int i = 0; i < PAPER_SIDES; i++)
        more =
            keel_decimal_add(more, margin_change(engine, account, market, all_sides[i], leverage));
    return !keel_decimal_is_positive(more) || keel_decimal_compare(more, available) <= 0;
}

static enum paper_error check_leverage(struct paper_engine *engine, int account,
                                       keel_market_id market, int leverage)
{
    const struct paper_instrument *instrument = engine->markets[market].instrument;
    const struct paper_setting *setting = &engine->traders[account].settings[market];
    if (leverage < 1 || leverage > instrument->brackets.at[0].leverage_max)
        return PAPER_ERROR_LEVERAGE_RANGE;
    if (!engine->config.rules.leverage_moves_margin && leverage < setting->leverage &&
        setting->margin_mode == KEEL_ISOLATED && !is_flat(engine, account, market))
        return PAPER_ERROR_LEVERAGE_ISOLATED;
    if (keel_decimal_compare(paper_margin_exposure(engine, account, market),
                             paper_instrument_notional_max(instrument, leverage)) > 0)
        return PAPER_ERROR_NOTIONAL_CAP;
    for (int i = 0; i < PAPER_SIDES; i++)
        if (!is_covered(engine, account, market, all_sides[i], leverage))
            return PAPER_ERROR_LIQUIDATES;
    return can_afford(engine, account, market, leverage) ? PAPER_OK : PAPER_ERROR_LEVERAGE_MARGIN;
}

enum paper_error paper_settings_set_leverage(struct paper_engine *engine, int account,
                                             keel_market_id market, int leverage)
{
    struct paper_setting *setting = &paper_trader_of(engine, account)->settings[market];
    if (leverage == setting->leverage)
        return PAPER_OK;
    enum paper_error error = check_leverage(engine, account, market, leverage);
    if (error != PAPER_OK)
        return error;
    for (int i = 0; i < PAPER_SIDES; i++) {
        keel_decimal change = margin_change(engine, account, market, all_sides[i], leverage);
        if (keel_decimal_is_zero(change))
            continue;
        paper_ledger_move_margin(engine, account, market, all_sides[i], change, true);
        paper_ledger_check(engine);
        paper_events_note(engine, paper_trader_of(engine, account), PAPER_REASON_MARGIN_TRANSFER,
                          market);
    }
    setting->leverage = leverage;
    struct paper_event *event = paper_events_push(engine, PAPER_EVENT_LEVERAGE, account, market);
    event->as.leverage = leverage;
    return PAPER_OK;
}

static bool has_conditionals(const struct paper_engine *engine, int account, keel_market_id market)
{
    const struct paper_conditional *at = engine->markets[market].conditionals_first;
    while (at != NULL && at->account != account)
        at = at->open_next;
    return at != NULL;
}

enum paper_error paper_settings_set_margin_mode(struct paper_engine *engine, int account,
                                                keel_market_id market, enum keel_margin_mode mode)
{
    struct paper_trader *trader = paper_trader_of(engine, account);
    struct paper_setting *setting = &trader->settings[market];
    if (mode == setting->margin_mode)
        return PAPER_ERROR_MARGIN_MODE_SAME;
    if (setting->open_orders > 0 || has_conditionals(engine, account, market))
        return PAPER_ERROR_MARGIN_MODE_ORDERS;
    if (!is_flat(engine, account, market))
        return PAPER_ERROR_MARGIN_MODE_POSITION;
    setting->margin_mode = mode;
    paper_events_note(engine, trader, PAPER_REASON_MARGIN_MODE, market);
    return PAPER_OK;
}

static enum paper_error check_added(const struct paper_engine *engine, int account,
                                    keel_decimal amount)
{
    keel_decimal most = keel_decimal_min(paper_margin_available(engine, account),
                                         engine->traders[account].cross_wallet);
    return keel_decimal_compare(amount, most) > 0 ? PAPER_ERROR_POSITION_MARGIN_FUNDS : PAPER_OK;
}

/* The initial margin stays, and so does what covers a loss. */
static enum paper_error check_taken(const struct paper_engine *engine,
                                    const struct paper_position *view, keel_decimal amount)
{
    keel_decimal loss =
        keel_decimal_min(paper_margin_unrealized(engine, view->account, view->market, view->side),
                         KEEL_DECIMAL_ZERO);
    keel_decimal left = keel_decimal_sub(keel_decimal_add(view->isolated_wallet, loss), amount);
    return keel_decimal_compare(left, view->position_margin) < 0
               ? PAPER_ERROR_POSITION_MARGIN_EXCESS
               : PAPER_OK;
}

enum paper_error paper_settings_move_margin(struct paper_engine *engine, int account,
                                            keel_market_id market, enum keel_position_side side,
                                            keel_decimal amount)
{
    struct paper_position view;
    paper_margin_view_position(engine, account, market, side, &view);
    if (view.margin_mode != KEEL_ISOLATED)
        return PAPER_ERROR_POSITION_MARGIN_CROSS;
    if (keel_decimal_is_zero(view.quantity))
        return PAPER_ERROR_POSITION_MARGIN_NONE;
    if (!keel_decimal_is_valid(amount) || keel_decimal_is_zero(amount) ||
        keel_decimal_digits(amount) > 8)
        return PAPER_ERROR_POSITION_MARGIN_AMOUNT;
    enum paper_error error = keel_decimal_is_positive(amount)
                                 ? check_added(engine, account, amount)
                                 : check_taken(engine, &view, keel_decimal_neg(amount));
    if (error != PAPER_OK)
        return error;
    paper_ledger_move_margin(engine, account, market, side, amount, true);
    paper_ledger_check(engine);
    paper_events_note(engine, paper_trader_of(engine, account), PAPER_REASON_MARGIN_TRANSFER,
                      market);
    return PAPER_OK;
}

enum paper_error paper_settings_set_hedge_mode(struct paper_engine *engine, int account,
                                               bool hedge_mode)
{
    struct paper_trader *trader = paper_trader_of(engine, account);
    if (trader->hedge_mode == hedge_mode)
        return PAPER_ERROR_POSITION_MODE_SAME;
    if (trader->open_first != NULL || trader->open_conditionals > 0)
        return PAPER_ERROR_POSITION_MODE_ORDERS;
    for (keel_market_id id = 1; id <= engine->market_count; id++)
        if (!is_flat(engine, account, id))
            return PAPER_ERROR_POSITION_MODE_POSITION;
    trader->hedge_mode = hedge_mode;
    return PAPER_OK;
}

#include "paper/gateio/render.h"

/* --- Reading -----------------------------------------------------------------------------------
 */

static struct gateio_account *account_of(struct gateio_call *call)
{
    return &call->gateio->accounts[call->account];
}

static void put_side(struct gateio_call *call, keel_market_id market, enum keel_position_side side)
{
    struct paper_position position;
    paper_engine_get_leg(call->engine, call->account, market, side, &position);
    gateio_put_position(call->out, NULL, call->gateio, &position, gateio_form_of(call));
}

static void put_position(struct gateio_call *call, keel_market_id market)
{
    if (!gateio_refused(call))
        put_side(call, market, KEEL_NET);
}

static void put_both(struct gateio_call *call, keel_market_id market)
{
    if (gateio_refused(call))
        return;
    keel_json_open_array(call->out, NULL);
    put_side(call, market, KEEL_LONG);
    put_side(call, market, KEEL_SHORT);
    keel_json_close_array(call->out);
}

/* The calls for one position a contract, and those for two, are of their mode alone. */
static void need_mode(struct gateio_call *call, bool dual)
{
    if (!gateio_refused(call) && gateio_is_dual(call) != dual)
        gateio_refuse(call, "POSITION_DUAL_MODE",
                      dual ? "account is not in dual mode" : "account is in dual mode");
}

/* A contract has a row from the first order or setting on. */
static bool is_touched(struct gateio_call *call, const struct paper_position *position)
{
    return position->update_time_ms != 0 || position->open_orders > 0 ||
           account_of(call)->touched[position->market];
}

static void list_side(struct gateio_call *call, keel_market_id market, enum keel_position_side side,
                      bool holding, int *seen)
{
    struct paper_position position;
    paper_engine_get_leg(call->engine, call->account, market, side, &position);
    bool wanted = holding ? !keel_decimal_is_zero(position.quantity) : is_touched(call, &position);
    if (!wanted)
        return;
    int place = (*seen)++;
    if (place >= call->list_offset && place < call->list_offset + call->list_limit)
        put_side(call, market, side);
}

void gateio_list_positions(struct gateio_call *call)
{
    bool holding = gateio_read_bool(call, "holding", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    bool dual = gateio_is_dual(call);
    int seen = 0;
    keel_json_open_array(call->out, NULL);
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_CONTRACTS; id++) {
        if (!dual)
            list_side(call, id, KEEL_NET, holding, &seen);
        for (enum keel_position_side side = KEEL_LONG; dual && side <= KEEL_SHORT; side++)
            list_side(call, id, side, holding, &seen);
    }
    keel_json_close_array(call->out);
    call->list_total = seen;
}

void gateio_get_position(struct gateio_call *call)
{
    struct paper_position position;
    keel_market_id market = gateio_subject_contract(call);
    need_mode(call, false);
    if (gateio_refused(call))
        return;
    paper_engine_get_position(call->engine, call->account, market, &position);
    if (!is_touched(call, &position))
        gateio_refuse(call, "POSITION_NOT_FOUND", "position not found");
    put_position(call, market);
}

static enum keel_margin_mode read_margin_mode(struct gateio_call *call, const char *name)
{
    keel_str mode = gateio_read_text(call, name, GATEIO_MANDATORY);
    if (keel_str_equals(mode, KEEL_STR("cross")) || keel_str_equals(mode, KEEL_STR("CROSS")))
        return KEEL_CROSS;
    if (keel_str_equals(mode, KEEL_STR("isolated")) || keel_str_equals(mode, KEEL_STR("ISOLATED")))
        return KEEL_ISOLATED;
    gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid %s: %.*s", name, KEEL_STR_ARGS(mode));
    return KEEL_CROSS;
}

/* Long unless it is named: one setting is of both sides. */
static enum keel_position_side read_dual_side(struct gateio_call *call, enum gateio_need need)
{
    keel_str word = gateio_read_text(call, "dual_side", need);
    if (keel_str_equals(word, KEEL_STR("dual_short")))
        return KEEL_SHORT;
    if (word.size > 0 && !keel_str_equals(word, KEEL_STR("dual_long")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid dual_side: %.*s", KEEL_STR_ARGS(word));
    return KEEL_LONG;
}

void gateio_get_leverage(struct gateio_call *call)
{
    struct paper_position position;
    char digits[KEEL_DECIMAL_TEXT_SIZE];
    keel_market_id market = gateio_subject_contract(call);
    (void)read_margin_mode(call, "pos_margin_mode");
    (void)read_dual_side(call, GATEIO_MANDATORY);
    if (gateio_refused(call))
        return;
    paper_engine_get_position(call->engine, call->account, market, &position);
    (void)keel_decimal_format(keel_decimal_from_int(position.leverage), digits);
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "Lever", digits);
    keel_json_close_object(call->out);
}

/* --- Margin and leverage -----------------------------------------------------------------------
 */

void gateio_change_margin(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    keel_decimal change = gateio_read_decimal(call, "change", GATEIO_MANDATORY);
    need_mode(call, false);
    if (gateio_refused(call))
        return;
    enum paper_error error =
        paper_engine_move_margin(call->engine, call->now_ms, call->account, market, change);
    gateio_refuse_engine(call, error, market);
    put_position(call, market);
}

/* A whole number from 0 to the contract's maximum. */
static int read_leverage(struct gateio_call *call, const char *name, enum gateio_need need,
                         keel_market_id market)
{
    keel_decimal leverage = gateio_read_decimal(call, name, need);
    if (gateio_refused(call) || !keel_decimal_is_valid(leverage))
        return 0;
    const struct gateio_contract *contract = gateio_contract_get(market);
    if (keel_decimal_compare(leverage, contract->leverage_max) > 0)
        gateio_refuse(call, "LEVERAGE_TOO_HIGH", "leverage is above leverage_max");
    else if (keel_decimal_is_negative(leverage) ||
             (!keel_decimal_is_zero(leverage) &&
              keel_decimal_compare(leverage, KEEL_DECIMAL_ONE) < 0))
        gateio_refuse(call, "LEVERAGE_TOO_LOW", "leverage is below leverage_min");
    else if (keel_decimal_digits(leverage) > 0)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "%s must be a whole number", name);
    if (gateio_refused(call))
        return 0;
    return (int)(keel_decimal_raw(leverage) / keel_decimal_raw(KEEL_DECIMAL_ONE));
}

static void set_leverage(struct gateio_call *call, keel_market_id market,
                         enum keel_margin_mode mode, int leverage)
{
    enum paper_error error = paper_engine_set_leverage_and_mode(
        call->engine, call->now_ms, call->account, market, mode, leverage);
    gateio_refuse_engine(call, error, market);
    if (!gateio_refused(call))
        account_of(call)->touched[market] = true;
}

static void set_cross(struct gateio_call *call, keel_market_id market, int limit)
{
    struct paper_position position;
    const struct gateio_contract *contract = gateio_contract_get(market);
    int leverage = limit;
    if (limit == 0)
        leverage =
            (int)(keel_decimal_raw(contract->leverage_max) / keel_decimal_raw(KEEL_DECIMAL_ONE));
    paper_engine_get_position(call->engine, call->account, market, &position);
    set_leverage(call, market, KEEL_CROSS, leverage);
    if (gateio_refused(call))
        return;
    account_of(call)->cross_limit[market] = limit;
    if (position.margin_mode == KEEL_ISOLATED)
        account_of(call)->isolated_leverage[market] = position.leverage;
}

/* Leverage 0 is cross, with a limit of its own; 0 of that is the contract's maximum. */
static void set_leverage_by_number(struct gateio_call *call, keel_market_id market)
{
    int leverage = read_leverage(call, "leverage", GATEIO_MANDATORY, market);
    int limit = read_leverage(call, "cross_leverage_limit", GATEIO_OPTIONAL, market);
    if (gateio_refused(call))
        return;
    if (leverage == 0)
        set_cross(call, market, limit);
    else
        set_leverage(call, market, KEEL_ISOLATED, leverage);
}

void gateio_set_leverage(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    need_mode(call, false);
    set_leverage_by_number(call, market);
    put_position(call, market);
}

void gateio_set_leverage_and_mode(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    int leverage = read_leverage(call, "leverage", GATEIO_MANDATORY, market);
    enum keel_margin_mode mode = read_margin_mode(call, "margin_mode");
    enum keel_position_side side = read_dual_side(call, GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    if (!gateio_is_dual(call))
        side = KEEL_NET;
    if (leverage == 0)
        gateio_refuse(call, "LEVERAGE_TOO_LOW", "leverage is below leverage_min");
    else if (mode == KEEL_CROSS)
        set_cross(call, market, leverage);
    else
        set_leverage(call, market, KEEL_ISOLATED, leverage);
    if (!gateio_refused(call))
        put_side(call, market, side);
}

static keel_decimal largest_value(const struct gateio_call *call, keel_market_id market)
{
    keel_decimal most = KEEL_DECIMAL_ZERO;
    for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++) {
        struct paper_position position;
        paper_engine_get_leg(call->engine, call->account, market, side, &position);
        most = keel_decimal_max(most, keel_decimal_abs(position.notional));
    }
    return most;
}

/* The limit follows the leverage: a limit of another tier brings the leverage down to what that
 * tier allows. */
static void set_risk_limit(struct gateio_call *call, keel_market_id market)
{
    struct paper_position position;
    keel_decimal limit = gateio_read_decimal(call, "risk_limit", GATEIO_MANDATORY);
    if (gateio_refused(call))
        return;
    const struct paper_instrument *instrument = paper_engine_instrument(call->engine, market);
    const struct keel_brackets *tiers = &instrument->brackets;
    paper_engine_get_position(call->engine, call->account, market, &position);
    if (keel_decimal_compare(limit, tiers->at[tiers->count - 1].notional_cap) > 0)
        gateio_refuse(call, "RISK_LIMIT_TOO_HIGH", "limit is above risk_limit_max");
    else if (!keel_decimal_is_positive(limit) ||
             keel_decimal_compare(limit, largest_value(call, market)) < 0)
        gateio_refuse(call, "RISK_LIMIT_TOO_LOW", "limit is below the position's value");
    if (gateio_refused(call))
        return;
    const struct keel_bracket *tier = paper_instrument_bracket(instrument, limit);
    if (tier->leverage_max < position.leverage)
        set_leverage(call, market, position.margin_mode, tier->leverage_max);
    if (!gateio_refused(call) && position.margin_mode == KEEL_CROSS &&
        tier->leverage_max < position.leverage)
        account_of(call)->cross_limit[market] = tier->leverage_max;
}

void gateio_set_risk_limit(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    need_mode(call, false);
    set_risk_limit(call, market);
    put_position(call, market);
}

/* --- Modes -------------------------------------------------------------------------------------
 */

static keel_market_id set_cross_mode(struct gateio_call *call)
{
    enum keel_margin_mode mode = read_margin_mode(call, "mode");
    keel_market_id market = gateio_read_contract(call, GATEIO_MANDATORY);
    if (gateio_refused(call))
        return market;
    int limit = account_of(call)->cross_limit[market];
    int isolated = account_of(call)->isolated_leverage[market];
    struct paper_position position;
    paper_engine_get_position(call->engine, call->account, market, &position);
    if (position.margin_mode == mode)
        gateio_refuse(call, "NO_CHANGE", "No change is made");
    else if (mode == KEEL_CROSS)
        set_cross(call, market, limit);
    else
        set_leverage(call, market, KEEL_ISOLATED, isolated > 0 ? isolated : position.leverage);
    return market;
}

void gateio_set_cross_mode(struct gateio_call *call)
{
    need_mode(call, false);
    put_position(call, set_cross_mode(call));
}

static void set_hedge_mode(struct gateio_call *call, bool hedge_mode)
{
    if (gateio_refused(call))
        return;
    enum paper_error error = paper_engine_set_hedge_mode(call->engine, call->account, hedge_mode);
    gateio_refuse_engine(call, error, KEEL_NO_MARKET);
    if (!gateio_refused(call))
        gateio_put_account(call->out, call->gateio, call->account);
}

void gateio_set_dual_mode(struct gateio_call *call)
{
    set_hedge_mode(call, gateio_read_bool(call, "dual_mode", GATEIO_MANDATORY));
}

void gateio_set_position_mode(struct gateio_call *call)
{
    keel_str mode = gateio_read_text(call, "position_mode", GATEIO_MANDATORY);
    bool single = keel_str_equals(mode, KEEL_STR("single"));
    if (!single && !keel_str_equals(mode, KEEL_STR("dual")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "position_mode %.*s is not offered",
                      KEEL_STR_ARGS(mode));
    set_hedge_mode(call, !single);
}

/* --- Both sides of a contract ------------------------------------------------------------------
 */

void gateio_get_both_positions(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    need_mode(call, true);
    put_both(call, market);
}

void gateio_change_margin_of_side(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    keel_decimal change = gateio_read_decimal(call, "change", GATEIO_MANDATORY);
    enum keel_position_side side = read_dual_side(call, GATEIO_MANDATORY);
    need_mode(call, true);
    if (gateio_refused(call))
        return;
    enum paper_error error = paper_engine_move_margin_of_leg(call->engine, call->now_ms,
                                                             call->account, market, side, change);
    gateio_refuse_engine(call, error, market);
    put_both(call, market);
}

void gateio_set_leverage_of_both(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    need_mode(call, true);
    set_leverage_by_number(call, market);
    put_both(call, market);
}

void gateio_set_risk_limit_of_both(struct gateio_call *call)
{
    keel_market_id market = gateio_subject_contract(call);
    need_mode(call, true);
    set_risk_limit(call, market);
    put_both(call, market);
}

void gateio_set_cross_mode_of_both(struct gateio_call *call)
{
    need_mode(call, true);
    put_both(call, set_cross_mode(call));
}

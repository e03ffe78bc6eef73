#include "paper/binance/endpoints.h"
#include "paper/binance/render.h"
#include "paper/binance/words.h"

static const char *symbol_of(keel_market_id market)
{
    return paper_instrument_get(market)->symbol;
}

void binance_set_leverage(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    int64_t leverage = binance_read_int(call, "leverage", BINANCE_MANDATORY);
    if (!binance_refused(call) && (leverage < 1 || leverage > 125))
        binance_refuse(call, -4028, "Leverage %lld is not valid", (long long)leverage);
    if (binance_refused(call))
        return;
    enum paper_error error =
        paper_engine_set_leverage(call->engine, call->now_ms, call->account, market, (int)leverage);
    binance_refuse_engine(call, error, market, 0);
    if (binance_refused(call))
        return;

    struct paper_position position;
    paper_engine_get_position(call->engine, call->account, market, &position);
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "symbol", symbol_of(market));
    keel_json_put_int(call->out, "leverage", position.leverage);
    keel_json_put_decimal(call->out, "maxNotionalValue", position.notional_max);
    keel_json_close_object(call->out);
}

void binance_set_margin_type(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    keel_str word = binance_read_text(call, "marginType", BINANCE_MANDATORY);
    bool isolated = keel_str_equals(word, KEEL_STR("ISOLATED"));
    if (!isolated && !keel_str_equals(word, KEEL_STR("CROSSED")))
        binance_refuse(call, -1130, "Data sent for parameter 'marginType' is not valid.");
    if (binance_refused(call))
        return;
    enum paper_error error = paper_engine_set_margin_mode(
        call->engine, call->now_ms, call->account, market, isolated ? KEEL_ISOLATED : KEEL_CROSS);
    binance_refuse_engine(call, error, market, 0);
    if (!binance_refused(call))
        binance_put_success(call->out, "success");
}

static enum keel_position_side read_leg(struct binance_call *call)
{
    keel_str word = binance_read_text(call, "positionSide", BINANCE_OPTIONAL);
    if (word.size == 0)
        return KEEL_NET;
    enum keel_position_side side = binance_read_position_side(word);
    if (side == KEEL_POSITION_SIDE_NONE)
        binance_refuse(call, -4060, "Invalid position side.");
    return side;
}

void binance_move_margin(struct binance_call *call)
{
    keel_market_id market = binance_read_market(call, BINANCE_MANDATORY);
    keel_decimal amount = binance_read_decimal(call, "amount", BINANCE_MANDATORY);
    int64_t type = binance_read_int(call, "type", BINANCE_MANDATORY);
    if (!binance_refused(call) && type != 1 && type != 2)
        binance_refuse(call, -1130, "Data sent for parameter 'type' is not valid.");
    enum keel_position_side side = read_leg(call);
    if (!binance_refused(call) && !keel_decimal_is_positive(amount))
        binance_refuse_engine(call, PAPER_ERROR_POSITION_MARGIN_AMOUNT, market, 0);
    if (binance_refused(call))
        return;

    enum paper_error error =
        paper_engine_move_margin_of_leg(call->engine, call->now_ms, call->account, market, side,
                                        type == 1 ? amount : keel_decimal_neg(amount));
    binance_refuse_engine(call, error, market, 0);
    if (binance_refused(call))
        return;
    keel_json_open_object(call->out, NULL);
    binance_put_number(call->out, "amount", amount);
    keel_json_put_int(call->out, "code", 200);
    keel_json_put_text(call->out, "msg", "Successfully modify position margin.");
    keel_json_put_int(call->out, "type", type);
    keel_json_close_object(call->out);
}

/* --- Modes -------------------------------------------------------------------------------------
 */

static void put_switch(struct binance_call *call, const char *key, bool on)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_bool(call->out, key, on);
    keel_json_close_object(call->out);
}

void binance_get_position_mode(struct binance_call *call)
{
    struct paper_account account;
    paper_engine_get_account(call->engine, call->account, &account);
    put_switch(call, "dualSidePosition", account.hedge_mode);
}

void binance_set_position_mode(struct binance_call *call)
{
    bool hedge = binance_read_bool(call, "dualSidePosition", BINANCE_MANDATORY);
    if (binance_refused(call))
        return;
    binance_refuse_engine(call, paper_engine_set_hedge_mode(call->engine, call->account, hedge), 0,
                          0);
    if (!binance_refused(call))
        binance_put_success(call->out, "success");
}

void binance_get_assets_mode(struct binance_call *call)
{
    struct paper_account account;
    paper_engine_get_account(call->engine, call->account, &account);
    put_switch(call, "multiAssetsMargin", account.multi_assets);
}

void binance_set_assets_mode(struct binance_call *call)
{
    bool multi = binance_read_bool(call, "multiAssetsMargin", BINANCE_MANDATORY);
    if (binance_refused(call))
        return;
    binance_refuse_engine(call, paper_engine_set_multi_assets(call->engine, call->account, multi),
                          0, 0);
    if (!binance_refused(call))
        binance_put_success(call->out, "success");
}

/* Fees are paid in USDT: there is no BNB to burn. */
void binance_get_fee_burn(struct binance_call *call)
{
    put_switch(call, "feeBurn", false);
}

void binance_set_fee_burn(struct binance_call *call)
{
    bool burn = binance_read_bool(call, "feeBurn", BINANCE_MANDATORY);
    if (burn)
        binance_refuse(call, -4084, "Method is not allowed currently. Upcoming soon.");
    if (!binance_refused(call))
        binance_put_success(call->out, "success");
}

/* --- Listen keys -------------------------------------------------------------------------------
 */

static void put_listen_key(struct binance_call *call, const char *name)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "listenKey", name);
    keel_json_close_object(call->out);
}

void binance_start_listen_key(struct binance_call *call)
{
    put_listen_key(call, binance_extend_listen_key(call->binance, call->account, call->now_ms));
}

void binance_keep_listen_key(struct binance_call *call)
{
    const struct binance_listen_key *key = &call->binance->listen_keys[call->account];
    if (key->expires_ms <= call->now_ms) {
        binance_refuse(call, -1125, "This listenKey does not exist.");
        return;
    }
    put_listen_key(call, binance_extend_listen_key(call->binance, call->account, call->now_ms));
}

void binance_stop_listen_key(struct binance_call *call)
{
    call->binance->listen_keys[call->account].expires_ms = 0;
    keel_json_open_object(call->out, NULL);
    keel_json_close_object(call->out);
}

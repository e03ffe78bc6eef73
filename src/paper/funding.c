#include "paper/funding.h"

#include "paper/events.h"
#include "paper/ledger.h"

keel_decimal paper_funding_rate(const struct paper_market *market, int64_t market_time_ms)
{
    keel_decimal rate = paper_path_funding_rate(&market->path, market_time_ms);
    return keel_decimal_is_valid(rate) ? rate : keel_decimal_from_text("0.0001");
}

int64_t paper_funding_next_ms(int64_t market_time_ms)
{
    return (market_time_ms / PAPER_FUNDING_MS + 1) * PAPER_FUNDING_MS;
}

/* -quantity * mark * rate: long pays when the rate is positive. */
static keel_decimal payment_of(const struct paper_engine *engine, const struct paper_market *market,
                               keel_decimal quantity, keel_decimal rate)
{
    keel_decimal notional = paper_times(quantity, market->mark);
    return keel_decimal_neg(paper_cut(engine, paper_times(notional, rate)));
}

static void settle_leg(struct paper_engine *engine, struct paper_trader *trader,
                       const struct paper_market *market, enum keel_position_side leg,
                       keel_decimal rate)
{
    keel_decimal quantity = paper_holding_of(trader, market->id, leg)->quantity;
    keel_decimal payment = payment_of(engine, market, quantity, rate);
    if (keel_decimal_is_zero(quantity))
        return;
    bool isolated = trader->settings[market->id].margin_mode == KEEL_ISOLATED;
    paper_ledger_fund(engine, trader->number, market->id, leg, payment);
    (void)paper_ledger_add_income(engine, trader->number, market->id, KEEL_INCOME_FUNDING, payment,
                                  0);
    paper_events_note(engine, trader, PAPER_REASON_FUNDING, isolated ? market->id : KEEL_NO_MARKET);
    trader->reason_market = market->id;
    trader->balance_change = payment;
    paper_events_flush_account(engine, trader);
}

static void settle_trader(struct paper_engine *engine, struct paper_trader *trader,
                          const struct paper_market *market, keel_decimal rate)
{
    settle_leg(engine, trader, market, KEEL_NET, rate);
    settle_leg(engine, trader, market, KEEL_LONG, rate);
    settle_leg(engine, trader, market, KEEL_SHORT, rate);
}

static void settle_market(struct paper_engine *engine, struct paper_market *market)
{
    keel_decimal rate = paper_funding_rate(market, engine->market_time_ms);
    for (int i = 1; i <= engine->config.accounts; i++)
        settle_trader(engine, &engine->traders[i], market, rate);
    const struct {
        int account;
        keel_decimal quantity;
    } purses[] = {
        {PAPER_BACKGROUND, engine->background.quantity[market->id]},
        {PAPER_FUND,       engine->fund.quantity[market->id]      },
    };
    for (size_t i = 0; i < 2; i++)
        paper_ledger_fund(engine, purses[i].account, market->id, KEEL_NET,
                          payment_of(engine, market, purses[i].quantity, rate));
}

void paper_funding_settle(struct paper_engine *engine)
{
    paper_events_flush_accounts(engine);
    for (int id = 1; id <= engine->market_count; id++) {
        settle_market(engine, &engine->markets[id]);
        paper_ledger_check(engine);
    }
}

/* render_public.c - rows of contracts, tickers and public trades. */
#include "paper/gateio/render.h"

int64_t gateio_funding_time(const struct paper_gateio *gateio, const struct paper_ticker *ticker,
                            int64_t now_ms)
{
    int64_t speed = gateio->speed > 0 ? gateio->speed : 1;
    return now_ms + ticker->funding_ms / speed;
}

static void put_contract_rules(struct keel_writer *json, const struct gateio_contract *contract,
                               const struct paper_instrument *instrument, struct gateio_form form)
{
    const struct keel_brackets *tiers = &instrument->brackets;
    keel_json_put_decimal(json, "quanto_multiplier", contract->quanto);
    gateio_put_contracts(json, "order_size_min", contract->size_min, form);
    gateio_put_contracts(json, "order_size_max", contract->size_max, form);
    keel_json_put_decimal(json, "market_order_size_max", contract->market_size_max);
    keel_json_put_bool(json, "enable_decimal", contract->enable_decimal);
    keel_json_put_decimal(json, "order_price_round", contract->price_round);
    keel_json_put_decimal(json, "mark_price_round", contract->mark_round);
    keel_json_put_decimal(json, "order_price_deviate", contract->price_deviate);
    keel_json_put_decimal(json, "market_order_slip_ratio", contract->slip_ratio);
    keel_json_put_text(json, "leverage_min", "1");
    keel_json_put_decimal(json, "leverage_max", contract->leverage_max);
    keel_json_put_text(json, "cross_leverage_default", "10");
    keel_json_put_decimal(json, "maintenance_rate", tiers->at[0].maintenance_ratio);
    keel_json_put_decimal(json, "risk_limit_base", tiers->at[0].notional_cap);
    keel_json_put_decimal(
        json, "risk_limit_step",
        keel_decimal_sub(tiers->at[tiers->count - 1].notional_cap, tiers->at[0].notional_cap));
    keel_json_put_decimal(json, "risk_limit_max", tiers->at[tiers->count - 1].notional_cap);
    keel_json_put_decimal(json, "maker_fee_rate", contract->maker_fee);
    keel_json_put_decimal(json, "taker_fee_rate", contract->taker_fee);
    keel_json_put_int(json, "orders_limit", GATEIO_ORDERS_LIMIT);
}

static void put_contract_funding(struct keel_writer *json, const struct paper_gateio *gateio,
                                 const struct paper_ticker *ticker, int64_t now_ms)
{
    int64_t speed = gateio->speed > 0 ? gateio->speed : 1;
    keel_json_put_decimal(json, "funding_rate", ticker->funding_rate);
    keel_json_put_decimal(json, "funding_rate_indicative", ticker->funding_rate);
    keel_json_put_int(json, "funding_interval", PAPER_FUNDING_MS / 1000 / speed);
    keel_json_put_int(json, "funding_offset", 0);
    keel_json_put_int(json, "funding_next_apply",
                      gateio_funding_time(gateio, ticker, now_ms) / 1000);
    keel_json_put_text(json, "funding_cap_ratio", "0.75");
    keel_json_put_text(json, "funding_rate_limit", "0.003");
    keel_json_put_text(json, "funding_impact_value", "30000");
    keel_json_put_text(json, "interest_rate", "0.0003");
}

static void put_contract_state(struct keel_writer *json, const struct gateio_contract *contract,
                               const struct paper_ticker *ticker, struct gateio_form form)
{
    keel_json_put_decimal(json, "last_price", ticker->last_price);
    keel_json_put_decimal(json, "mark_price", ticker->mark_price);
    keel_json_put_decimal(json, "index_price", ticker->mark_price);
    keel_json_put_int(json, "orderbook_id", ticker->update_id);
    keel_json_put_int(json, "trade_id", ticker->last_trade_id);
    gateio_put_contracts(json, "trade_size", KEEL_DECIMAL_ZERO, form);
    gateio_put_contracts(json, "position_size", KEEL_DECIMAL_ZERO, form);
    keel_json_put_int(json, "short_users", 0);
    keel_json_put_int(json, "long_users", 0);
    keel_json_put_bool(json, "in_delisting", false);
    keel_json_put_text(json, "status", "trading");
    keel_json_put_int(json, "create_time", contract->create_time_s);
    keel_json_put_int(json, "launch_time", contract->create_time_s);
    keel_json_put_int(json, "config_change_time", contract->create_time_s);
    keel_json_put_int(json, "delisting_time", 0);
    keel_json_put_int(json, "delisted_time", 0);
}

void gateio_put_contract(struct keel_writer *json, const struct paper_gateio *gateio,
                         keel_market_id market, int64_t now_ms, struct gateio_form form)
{
    const struct gateio_contract *contract = gateio_contract_get(market);
    struct paper_ticker ticker;
    paper_engine_get_ticker(gateio->engine, market, &ticker);
    keel_json_open_object(json, NULL);
    keel_json_put_string(json, "name", contract->name);
    keel_json_put_text(json, "type", "direct");
    put_contract_rules(json, contract, paper_engine_instrument(gateio->engine, market), form);
    keel_json_put_text(json, "mark_type", "index");
    put_contract_funding(json, gateio, &ticker, now_ms);
    put_contract_state(json, contract, &ticker, form);
    keel_json_put_text(json, "ref_discount_rate", "0");
    keel_json_put_text(json, "ref_rebate_rate", "0.2");
    keel_json_put_bool(json, "enable_bonus", false);
    keel_json_put_bool(json, "enable_credit", false);
    keel_json_put_bool(json, "enable_circuit_breaker", false);
    keel_json_put_bool(json, "is_pre_market", false);
    keel_json_put_text(json, "voucher_leverage", "0");
    keel_json_put_text(json, "contract_type", "");
    keel_json_close_object(json);
}

static void put_day(struct keel_writer *json, const struct paper_bar *day, keel_market_id market,
                    const struct paper_ticker *ticker, struct gateio_form form)
{
    keel_decimal change = keel_decimal_sub(ticker->last_price, day->open);
    keel_decimal percent =
        keel_decimal_mul_div(change, keel_decimal_from_int(100), day->open, KEEL_ROUND_HALF_EVEN);
    char digits[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal size = gateio_contracts_of(market, day->volume);
    (void)form;
    (void)keel_decimal_format(keel_decimal_round_to_digits(percent, 4, KEEL_ROUND_HALF_EVEN),
                              digits);
    keel_json_put_text(json, "change_percentage", keel_decimal_is_valid(percent) ? digits : "0");
    keel_json_put_decimal(json, "low_24h", day->low);
    keel_json_put_decimal(json, "high_24h", day->high);
    keel_json_put_decimal(json, "volume_24h",
                          keel_decimal_round_to_digits(size, 0, KEEL_ROUND_DOWN));
    keel_json_put_decimal(json, "volume_24h_base", day->volume);
    keel_json_put_decimal(json, "volume_24h_quote", day->quote_volume);
    keel_json_put_decimal(json, "volume_24h_settle", day->quote_volume);
}

static void put_best(struct keel_writer *json, keel_market_id market,
                     const struct paper_ticker *ticker)
{
    const struct gateio_form text = {.decimal_sizes = true};
    keel_json_put_decimal(json, "highest_bid", gateio_or_zero(ticker->bid_price));
    gateio_put_size(json, "highest_size", market, ticker->bid_quantity, text);
    keel_json_put_decimal(json, "lowest_ask", gateio_or_zero(ticker->ask_price));
    gateio_put_size(json, "lowest_size", market, ticker->ask_quantity, text);
}

void gateio_put_ticker(struct keel_writer *json, const struct paper_gateio *gateio,
                       keel_market_id market, int64_t now_ms, struct gateio_form form)
{
    struct paper_ticker ticker;
    struct paper_bar day = {0};
    paper_engine_get_ticker(gateio->engine, market, &ticker);
    paper_tape_day(&gateio->tapes[market], now_ms, &day);
    keel_json_open_object(json, NULL);
    gateio_put_contract_name(json, market);
    keel_json_put_decimal(json, "last", ticker.last_price);
    put_day(json, &day, market, &ticker, form);
    keel_json_put_text(json, "total_size", "0");
    keel_json_put_decimal(json, "mark_price", ticker.mark_price);
    keel_json_put_decimal(json, "index_price", ticker.mark_price);
    keel_json_put_decimal(json, "funding_rate", ticker.funding_rate);
    keel_json_put_decimal(json, "funding_rate_indicative", ticker.funding_rate);
    keel_json_put_text(json, "quanto_base_rate", "");
    put_best(json, market, &ticker);
    keel_json_close_object(json);
}

void gateio_put_public_trade(struct keel_writer *json, keel_market_id market,
                             const struct paper_public_trade *trade, int64_t time_ms,
                             struct gateio_form form)
{
    keel_decimal size = trade->buyer_is_maker ? keel_decimal_neg(trade->quantity) : trade->quantity;
    keel_json_open_object(json, NULL);
    keel_json_put_int(json, "id", trade->id);
    if (form.stream)
        keel_json_put_int(json, "create_time", time_ms / 1000);
    else
        gateio_put_seconds(json, "create_time", time_ms);
    if (form.stream)
        keel_json_put_int(json, "create_time_ms", time_ms);
    else
        gateio_put_seconds(json, "create_time_ms", time_ms);
    gateio_put_contract_name(json, market);
    gateio_put_size(json, "size", market, size, form);
    keel_json_put_decimal(json, "price", trade->price);
    keel_json_close_object(json);
}

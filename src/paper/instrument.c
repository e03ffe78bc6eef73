#include "paper/instrument.h"

#include "paper/instrument_table.h"

#include <threads.h>

static struct paper_instrument instruments[PAPER_INSTRUMENTS];
static once_flag read_once = ONCE_FLAG_INIT;

static void read_brackets(const struct paper_bracket_text *texts, struct keel_brackets *brackets)
{
    while (brackets->count < KEEL_BRACKETS_MAX && texts[brackets->count].notional_floor != NULL) {
        const struct paper_bracket_text *text = &texts[brackets->count];
        brackets->at[brackets->count] = (struct keel_bracket){
            .notional_floor = keel_decimal_from_text(text->notional_floor),
            .notional_cap = keel_decimal_from_text(text->notional_cap),
            .maintenance_ratio = keel_decimal_from_text(text->maintenance_ratio),
            .maintenance_amount = keel_decimal_from_text(text->maintenance_amount),
            .leverage_max = text->leverage_max,
        };
        brackets->count++;
    }
}

static void read_instrument(const struct paper_instrument_text *text,
                            struct paper_instrument *instrument)
{
    *instrument = (struct paper_instrument){
        .quote = "USDT",
        .price_precision = text->price_precision,
        .quantity_precision = text->quantity_precision,
        .onboard_time_ms = text->onboard_time_ms,
        .price_tick = keel_decimal_from_text(text->price_tick),
        .price_min = keel_decimal_from_text(text->price_min),
        .price_max = keel_decimal_from_text(text->price_max),
        .quantity_step = keel_decimal_from_text(text->quantity_step),
        .quantity_min = keel_decimal_from_text(text->quantity_step),
        .quantity_max = keel_decimal_from_text(text->quantity_max),
        .market_quantity_max = keel_decimal_from_text(text->market_quantity_max),
        .notional_min = keel_decimal_from_text(text->notional_min),
        .price_up_ratio = keel_decimal_from_text(text->price_up_ratio),
        .price_down_ratio = keel_decimal_from_text(text->price_down_ratio),
        .trigger_protect = keel_decimal_from_text(text->trigger_protect),
        .market_take_bound = keel_decimal_from_text(text->market_take_bound),
        .liquidation_fee = keel_decimal_from_text(text->liquidation_fee),
        .closing_fee = KEEL_DECIMAL_ZERO,
        .maker_fee = keel_decimal_from_text("0.0002"),
        .taker_fee = keel_decimal_from_text("0.0005"),
        .start_price = keel_decimal_from_text(text->start_price),
        .open_orders_max = 200,
        .conditional_max = 200,
    };
    (void)keel_str_copy(keel_str_from(text->symbol), instrument->symbol, KEEL_SYMBOL_SIZE);
    (void)keel_str_copy(keel_str_from(text->base), instrument->base, KEEL_ASSET_SIZE);
    instrument->price_digits = keel_decimal_digits(instrument->price_tick);
    instrument->quantity_digits = keel_decimal_digits(instrument->quantity_step);
    read_brackets(text->brackets, &instrument->brackets);
}

static void read_all(void)
{
    for (int i = 0; i < PAPER_INSTRUMENTS; i++)
        read_instrument(&paper_instrument_table[i], &instruments[i]);
}

const struct paper_instruments *paper_instruments_usdm(void)
{
    static const struct paper_instruments set = {instruments, PAPER_INSTRUMENTS};
    call_once(&read_once, read_all);
    return &set;
}

int paper_instrument_count(void)
{
    return PAPER_INSTRUMENTS;
}

const struct paper_instrument *paper_instrument_get(keel_market_id market)
{
    if (market == KEEL_NO_MARKET || market > PAPER_INSTRUMENTS)
        return NULL;
    call_once(&read_once, read_all);
    return &instruments[market - 1];
}

keel_market_id paper_instrument_find(keel_str symbol)
{
    for (int i = 0; i < PAPER_INSTRUMENTS; i++)
        if (keel_str_equals(symbol, keel_str_from(paper_instrument_table[i].symbol)))
            return (keel_market_id)(i + 1);
    return KEEL_NO_MARKET;
}

const struct keel_bracket *paper_instrument_bracket(const struct paper_instrument *instrument,
                                                    keel_decimal notional)
{
    const struct keel_brackets *brackets = &instrument->brackets;
    int32_t i = 0;
    while (i < brackets->count - 1 &&
           keel_decimal_compare(notional, brackets->at[i].notional_cap) > 0)
        i++;
    return &brackets->at[i];
}

keel_decimal paper_instrument_notional_max(const struct paper_instrument *instrument, int leverage)
{
    const struct keel_brackets *brackets = &instrument->brackets;
    int32_t i = 0;
    while (i < brackets->count - 1 && brackets->at[i + 1].leverage_max >= leverage)
        i++;
    return brackets->at[i].notional_cap;
}

keel_decimal paper_instrument_maintenance(const struct paper_instrument *instrument,
                                          keel_decimal notional)
{
    const struct keel_bracket *bracket = paper_instrument_bracket(instrument, notional);
    keel_decimal part = keel_decimal_mul(notional, bracket->maintenance_ratio, KEEL_ROUND_DOWN);
    return keel_decimal_sub(part, bracket->maintenance_amount);
}

#include "paper/gateio/contracts.h"

#include <threads.h>

enum {
    TIERS_MAX = 12,
};

struct tier_text {
    const char *risk_limit; /* NULL past the last */
    const char *maintenance_rate;
    int leverage_max;
};

struct contract_text {
    const char *name, *base;
    const char *quanto, *price_round, *mark_round, *deviate, *slip_ratio, *start_price;
    bool enable_decimal;
    int64_t size_max, market_size_max, create_time_s;
    const struct tier_text *tiers;
};

/* The first five are the live venue's of BTC_USDT, and so is the last one's limit. */
static const struct tier_text largest[] = {
    {"500000",     "0.003",  200},
    {"1000000",    "0.0035", 150},
    {"1500000",    "0.004",  125},
    {"2000000",    "0.0045", 110},
    {"3000000",    "0.005",  100},
    {"10000000",   "0.008",  60 },
    {"40000000",   "0.015",  30 },
    {"100000000",  "0.03",   15 },
    {"300000000",  "0.08",   6  },
    {"1500000000", "0.25",   2  },
    {NULL,         NULL,     0  },
};

static const struct tier_text large[] = {
    {"300000",    "0.005", 100},
    {"600000",    "0.008", 60 },
    {"1500000",   "0.01",  50 },
    {"5000000",   "0.02",  25 },
    {"20000000",  "0.05",  10 },
    {"50000000",  "0.15",  3  },
    {"100000000", "0.3",   2  },
    {NULL,        NULL,    0  },
};

/* As the live venue gave it for a small contract. */
static const struct tier_text small[] = {
    {"20000",   "0.01",  50},
    {"30000",   "0.013", 40},
    {"50000",   "0.015", 35},
    {"70000",   "0.02",  30},
    {"100000",  "0.025", 25},
    {"500000",  "0.05",  10},
    {"2500000", "0.2",   3 },
    {NULL,      NULL,    0 },
};

static const struct contract_text texts[GATEIO_CONTRACTS] = {
    {"BTC_USDT",  "BTC",  "0.0001", "0.1",     "0.01",     "0.5",  "0.01", "60000", false, 12000000, 10000000,
     1574035200,                                                                                                           largest},
    {"ETH_USDT",  "ETH",  "0.01",   "0.01",    "0.01",     "0.5",  "0.01", "3000",  true,  10000000, 10000000,
     1574035200,                                                                                                           largest},
    {"BNB_USDT",  "BNB",  "0.001",  "0.01",    "0.01",     "0.15", "0.03", "550",   false, 1000000,  500000,
     1612137600,                                                                                                           large  },
    {"SOL_USDT",  "SOL",  "1",      "0.01",    "0.001",    "0.15", "0.02", "150",   true,  1000000,  500000,
     1612137600,                                                                                                           large  },
    {"XRP_USDT",  "XRP",  "10",     "0.0001",  "0.00001",  "0.15", "0.02", "0.55",  true,  1000000,  500000,
     1574035200,                                                                                                           large  },
    {"DOGE_USDT", "DOGE", "10",     "0.00001", "0.000001", "0.15", "0.03", "0.12",  false, 5000000,
     2500000,                                                                                                  1612137600, large  },
    {"ADA_USDT",  "ADA",  "10",     "0.0001",  "0.00001",  "0.15", "0.03", "0.45",  false, 1000000,  500000,
     1612137600,                                                                                                           large  },
    {"LTC_USDT",  "LTC",  "0.1",    "0.01",    "0.001",    "0.15", "0.03", "80",    false, 1000000,  500000,
     1574035200,                                                                                                           small  },
    {"LINK_USDT", "LINK", "1",      "0.001",   "0.0001",   "0.15", "0.03", "14",    false, 1000000,  500000,
     1612137600,                                                                                                           small  },
    {"AVAX_USDT", "AVAX", "1",      "0.001",   "0.0001",   "0.15", "0.03", "30",    false, 1000000,  500000,
     1612137600,                                                                                                           small  },
    {"TRX_USDT",  "TRX",  "100",    "0.00001", "0.000001", "0.15", "0.03", "0.12",  false, 1000000,
     500000,                                                                                                   1612137600, small  },
    {"DOT_USDT",  "DOT",  "1",      "0.001",   "0.0001",   "0.15", "0.03", "6.5",   false, 1000000,  500000,
     1612137600,                                                                                                           small  },
};

static struct paper_instrument instruments[GATEIO_CONTRACTS];
static struct gateio_contract contracts[GATEIO_CONTRACTS];
static once_flag read_once = ONCE_FLAG_INIT;

/* deduction_k = deduction_(k-1) + risk_limit_(k-1) * (rate_k - rate_(k-1)): each slice is charged
 * at its own rate. */
static void read_tiers(const struct tier_text *text, struct keel_brackets *brackets)
{
    keel_decimal floor = KEEL_DECIMAL_ZERO, deduction = KEEL_DECIMAL_ZERO, rate = KEEL_DECIMAL_ZERO;
    for (; text->risk_limit; text++) {
        keel_decimal next = keel_decimal_from_text(text->maintenance_rate);
        keel_decimal more = keel_decimal_mul(floor, keel_decimal_sub(next, rate), KEEL_ROUND_DOWN);
        rate = next;
        deduction = keel_decimal_add(deduction, more);
        keel_decimal limit = keel_decimal_from_text(text->risk_limit);
        brackets->at[brackets->count++] = (struct keel_bracket){
            .notional_floor = floor,
            .notional_cap = limit,
            .maintenance_ratio = rate,
            .maintenance_amount = deduction,
            .leverage_max = text->leverage_max,
        };
        floor = limit;
    }
}

static void read_contract(const struct contract_text *text, keel_market_id market,
                          struct gateio_contract *contract)
{
    *contract = (struct gateio_contract){
        .market = market,
        .name = keel_str_from(text->name),
        .quanto = keel_decimal_from_text(text->quanto),
        .size_step = keel_decimal_from_text(text->enable_decimal ? "0.1" : "1"),
        .size_max = keel_decimal_from_int(text->size_max),
        .market_size_max = keel_decimal_from_int(text->market_size_max),
        .enable_decimal = text->enable_decimal,
        .price_round = keel_decimal_from_text(text->price_round),
        .mark_round = keel_decimal_from_text(text->mark_round),
        .price_deviate = keel_decimal_from_text(text->deviate),
        .slip_ratio = keel_decimal_from_text(text->slip_ratio),
        .maker_fee = keel_decimal_from_text("-0.0001"),
        .taker_fee = keel_decimal_from_text("0.00075"),
        .leverage_max = keel_decimal_from_int(text->tiers[0].leverage_max),
        .create_time_s = text->create_time_s,
    };
    contract->size_min = contract->size_step;
}

static keel_decimal base_of(const struct gateio_contract *contract, keel_decimal size)
{
    return keel_decimal_mul(size, contract->quanto, KEEL_ROUND_DOWN);
}

/* There is no least notional, and the band is as wide as the contract's price deviation. */
static void read_instrument(const struct contract_text *text,
                            const struct gateio_contract *contract,
                            struct paper_instrument *instrument)
{
    *instrument = (struct paper_instrument){
        .quote = "USDT",
        .price_precision = KEEL_DECIMAL_DIGITS,
        .quantity_precision = KEEL_DECIMAL_DIGITS,
        .onboard_time_ms = text->create_time_s * 1000,
        .price_tick = contract->price_round,
        .price_min = contract->price_round,
        .price_max = keel_decimal_from_int(1000000000),
        .quantity_step = base_of(contract, contract->size_step),
        .quantity_min = base_of(contract, contract->size_min),
        .quantity_max = base_of(contract, contract->size_max),
        .market_quantity_max = base_of(contract, contract->market_size_max),
        .price_up_ratio = keel_decimal_add(KEEL_DECIMAL_ONE, contract->price_deviate),
        .price_down_ratio = keel_decimal_sub(KEEL_DECIMAL_ONE, contract->price_deviate),
        .trigger_protect = KEEL_DECIMAL_ONE,
        .market_take_bound = contract->slip_ratio,
        .closing_fee = contract->taker_fee,
        .maker_fee = keel_decimal_from_text("0.0002"),
        .taker_fee = keel_decimal_from_text("0.0005"),
        .start_price = keel_decimal_from_text(text->start_price),
        .open_orders_max = GATEIO_ORDERS_LIMIT,
        .conditional_max = GATEIO_ORDERS_LIMIT,
    };
    (void)keel_str_copy(keel_str_from(text->name), instrument->symbol, KEEL_SYMBOL_SIZE);
    (void)keel_str_copy(keel_str_from(text->base), instrument->base, KEEL_ASSET_SIZE);
    instrument->price_digits = keel_decimal_digits(instrument->price_tick);
    instrument->quantity_digits = keel_decimal_digits(instrument->quantity_step);
    read_tiers(text->tiers, &instrument->brackets);
}

static void read_all(void)
{
    for (int i = 0; i < GATEIO_CONTRACTS; i++) {
        read_contract(&texts[i], (keel_market_id)(i + 1), &contracts[i]);
        read_instrument(&texts[i], &contracts[i], &instruments[i]);
    }
}

const struct paper_instruments *gateio_instruments(void)
{
    static const struct paper_instruments set = {instruments, GATEIO_CONTRACTS};
    call_once(&read_once, read_all);
    return &set;
}

const struct gateio_contract *gateio_contract_get(keel_market_id market)
{
    call_once(&read_once, read_all);
    if (market == KEEL_NO_MARKET || market > GATEIO_CONTRACTS)
        return NULL;
    return &contracts[market - 1];
}

keel_market_id gateio_contract_find(keel_str name)
{
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_CONTRACTS; id++) {
        if (keel_str_equals(name, gateio_contract_get(id)->name))
            return id;
    }
    return KEEL_NO_MARKET;
}

keel_decimal gateio_contracts_of(keel_market_id market, keel_decimal quantity)
{
    return keel_decimal_div(quantity, gateio_contract_get(market)->quanto, KEEL_ROUND_DOWN);
}

keel_decimal gateio_quantity_of(keel_market_id market, keel_decimal size)
{
    return base_of(gateio_contract_get(market), size);
}

keel_decimal gateio_risk_limit(keel_market_id market, int leverage)
{
    return paper_instrument_notional_max(&gateio_instruments()->at[market - 1], leverage);
}

int gateio_tier_of(keel_market_id market, keel_decimal value)
{
    const struct paper_instrument *instrument = &gateio_instruments()->at[market - 1];
    return (int)(paper_instrument_bracket(instrument, value) - instrument->brackets.at);
}

void gateio_table_name(keel_market_id market, char buffer[KEEL_SYMBOL_SIZE])
{
    /* Longer names do not fit the table above. */
    (void)keel_str_copy(gateio_contract_get(market)->name, buffer, KEEL_SYMBOL_SIZE);
}

#include "paper/spot/instrument.h"

#include <threads.h>

enum {
    INSTRUMENTS = 20,
};

static const struct {
    const char *symbol, *base;
    const char *tick, *step, *quantity_max, *market_quantity_max, *notional_min, *start_price;
    const char *walk_name;
    int unit;
} table[INSTRUMENTS] = {
    {"BTCUSDT",  "BTC",  "0.01",       "0.00001", "9000",        "120",        "5", "60000",   "BTC",      1},
    {"ETHUSDT",  "ETH",  "0.01",       "0.0001",  "9000",        "2000",       "5", "3000",    "ETH",      1},
    {"BNBUSDT",  "BNB",  "0.01",       "0.001",   "900000",      "4000",       "5", "550",     "BNB",      1},
    {"SOLUSDT",  "SOL",  "0.01",       "0.001",   "90000",       "20000",      "5", "150",     "SOL",      1},
    {"XRPUSDT",  "XRP",  "0.0001",     "0.1",     "9222449",     "2000000",    "5", "0.55",    "XRP",      1},
    {"DOGEUSDT", "DOGE", "0.00001",    "1",       "9000000",     "7000000",    "1", "0.12",    "DOGE",     1},
    {"ADAUSDT",  "ADA",  "0.0001",     "0.1",     "900000",      "900000",     "5", "0.45",    "ADA",      1},
    {"LTCUSDT",  "LTC",  "0.01",       "0.001",   "90000",       "9000",       "5", "80",      "LTC",      1},
    {"LINKUSDT", "LINK", "0.01",       "0.01",    "90000",       "40000",      "5", "14",      "LINK",     1},
    {"AVAXUSDT", "AVAX", "0.01",       "0.01",    "90222",       "40000",      "5", "30",      "AVAX",     1},
    {"PEPEUSDT", "PEPE", "0.00000001", "1",       "92141578000", "9000000000", "1", "0.00001", "1000PEPE",
     1000                                                                                                   },
    {"SHIBUSDT", "SHIB", "0.00000001", "1",       "46116860414", "9000000000", "1", "0.00002", "1000SHIB",
     1000                                                                                                   },
    {"TRXUSDT",  "TRX",  "0.0001",     "0.1",     "9000000",     "4000000",    "5", "0.12",    "TRX",      1},
    {"DOTUSDT",  "DOT",  "0.001",      "0.01",    "90000",       "90000",      "5", "6.5",     "DOT",      1},
    {"BCHUSDT",  "BCH",  "0.1",        "0.001",   "90000",       "2000",       "5", "400",     "BCH",      1},
    {"UNIUSDT",  "UNI",  "0.001",      "0.01",    "90000",       "70000",      "5", "8",       "UNI",      1},
    {"ARBUSDT",  "ARB",  "0.0001",     "0.1",     "9222449",     "900000",     "5", "0.75",    "ARB",      1},
    {"OPUSDT",   "OP",   "0.001",      "0.01",    "922327",      "300000",     "5", "1.7",     "OP",       1},
    {"SUIUSDT",  "SUI",  "0.0001",     "0.1",     "9222449",     "900000",     "5", "1.1",     "SUI",      1},
    {"WLDUSDT",  "WLD",  "0.001",      "0.1",     "9222449",     "300000",     "5", "2",       "WLD",      1},
};

static struct paper_spot_instrument instruments[INSTRUMENTS];
static once_flag read_once = ONCE_FLAG_INIT;

static void read_instrument(int i, struct paper_spot_instrument *instrument)
{
    *instrument = (struct paper_spot_instrument){
        .base = paper_asset_find(keel_str_from(table[i].base)),
        .quote = PAPER_USDT,
        .price_tick = keel_decimal_from_text(table[i].tick),
        .price_min = keel_decimal_from_text(table[i].tick),
        .price_max = keel_decimal_from_int(1000000),
        .quantity_step = keel_decimal_from_text(table[i].step),
        .quantity_min = keel_decimal_from_text(table[i].step),
        .quantity_max = keel_decimal_from_text(table[i].quantity_max),
        .market_quantity_max = keel_decimal_from_text(table[i].market_quantity_max),
        .notional_min = keel_decimal_from_text(table[i].notional_min),
        .notional_max = keel_decimal_from_int(9000000),
        .price_up_ratio = keel_decimal_from_text("5"),
        .price_down_ratio = keel_decimal_from_text("0.2"),
        .maker_fee = keel_decimal_from_text("0.001"),
        .taker_fee = keel_decimal_from_text("0.001"),
        .start_price = keel_decimal_from_text(table[i].start_price),
        .unit = table[i].unit,
        .open_orders_max = 200,
        .waiting_max = 5,
        .walk_name = table[i].walk_name,
    };
    (void)keel_str_copy(keel_str_from(table[i].symbol), instrument->symbol, KEEL_SYMBOL_SIZE);
    instrument->price_digits = keel_decimal_digits(instrument->price_tick);
    instrument->quantity_digits = keel_decimal_digits(instrument->quantity_step);
}

static void read_all(void)
{
    for (int i = 0; i < INSTRUMENTS; i++)
        read_instrument(i, &instruments[i]);
}

struct paper_spot_instruments paper_spot_instruments(void)
{
    call_once(&read_once, read_all);
    return (struct paper_spot_instruments){instruments, INSTRUMENTS};
}

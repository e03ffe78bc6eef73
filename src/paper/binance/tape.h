/* tape.h - what one market did, as the venue's history endpoints tell it.
 *
 * Pure. Fed by the engine's public events; times are the wall clock's, so a market that runs faster
 * than the clock gives taller bars, not more of them. Bounded: the oldest rows make room. */
#ifndef PAPER_BINANCE_TAPE_H
#define PAPER_BINANCE_TAPE_H

#include "paper/engine.h"

enum {
    BINANCE_TAPE_TRADES = 1000,
    BINANCE_TAPE_BARS = 1500, /* of one minute: a day and an hour */
    BINANCE_TAPE_FUNDINGS = 100,
};

struct binance_tape_trade {
    struct paper_public_trade trade;
    int64_t time_ms;
};

struct binance_bar {
    int64_t open_ms, close_ms; /* the last millisecond that belongs to it */
    keel_decimal open, high, low, close;
    keel_decimal volume, quote_volume, taker_volume, taker_quote_volume;
    int64_t trades, first_trade_id, last_trade_id;
};

struct binance_funding {
    int64_t time_ms;
    keel_decimal rate, mark_price;
};

/* The counts are of all rows ever; row i is at i modulo the bound. */
struct binance_tape {
    struct paper_ticker ticker; /* the newest */
    keel_decimal coming_rate;   /* of the next settlement */
    int64_t trade_count, bar_count, funding_count;
    struct binance_tape_trade trades[BINANCE_TAPE_TRADES];
    struct binance_bar bars[BINANCE_TAPE_BARS];
    struct binance_funding fundings[BINANCE_TAPE_FUNDINGS];
};

enum binance_interval {
    BINANCE_INTERVAL_NONE,
    BINANCE_INTERVAL_1M,
    BINANCE_INTERVAL_3M,
    BINANCE_INTERVAL_5M,
    BINANCE_INTERVAL_15M,
    BINANCE_INTERVAL_30M,
    BINANCE_INTERVAL_1H,
    BINANCE_INTERVAL_2H,
    BINANCE_INTERVAL_4H,
    BINANCE_INTERVAL_6H,
    BINANCE_INTERVAL_8H,
    BINANCE_INTERVAL_12H,
    BINANCE_INTERVAL_1D,
    BINANCE_INTERVAL_3D,
    BINANCE_INTERVAL_1W,
    BINANCE_INTERVAL_1MONTH,
    BINANCE_INTERVAL_COUNT,
};

enum binance_interval binance_read_interval(keel_str word); /* "1m", "1M" */
const char *binance_interval_word(enum binance_interval interval);

void binance_tape_add_trade(struct binance_tape *tape, const struct paper_public_trade *trade,
                            int64_t time_ms);
void binance_tape_set_ticker(struct binance_tape *tape, const struct paper_ticker *ticker,
                             int64_t time_ms);

/* A settlement has gone by, at the rate that was coming. */
void binance_tape_add_funding(struct binance_tape *tape, keel_decimal mark_price, int64_t time_ms);

/* Begins the minute's bar if it has none. */
void binance_tape_roll(struct binance_tape *tape, int64_t now_ms);

/* The bar of an interval that ends with the newest minute of index *minute (counted as bar_count
 * does), built backwards; *minute is then that before it. False when no minute is left. */
bool binance_tape_previous_bar(const struct binance_tape *tape, enum binance_interval interval,
                               int64_t *minute, struct binance_bar *bar);

/* One bar over the last 24 hours of the wall clock; false before the first price. */
bool binance_tape_day(const struct binance_tape *tape, int64_t now_ms, struct binance_bar *bar);

#endif

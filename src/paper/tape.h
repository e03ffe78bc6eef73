/* tape.h - what one market did, as the venue's history endpoints tell it.
 *
 * Pure. Fed by the engine's public events; times are the wall clock's, so a market that runs faster
 * than the clock gives taller bars, not more of them. Bounded: the oldest rows make room. */
#ifndef PAPER_TAPE_H
#define PAPER_TAPE_H

#include "paper/engine.h"

enum {
    PAPER_TAPE_TRADES = 1000,
    PAPER_TAPE_BARS = 1500, /* of one minute: a day and an hour */
    PAPER_TAPE_FUNDINGS = 100,
};

struct paper_tape_trade {
    struct paper_public_trade trade;
    int64_t time_ms;
};

struct paper_bar {
    int64_t open_ms, close_ms; /* the last millisecond that belongs to it */
    keel_decimal open, high, low, close;
    keel_decimal volume, quote_volume, taker_volume, taker_quote_volume;
    int64_t trades, first_trade_id, last_trade_id;
};

struct paper_tape_funding {
    int64_t time_ms;
    keel_decimal rate, mark_price;
};

/* The counts are of all rows ever; row i is at i modulo the bound. */
struct paper_tape {
    struct paper_ticker ticker; /* the newest */
    keel_decimal coming_rate;   /* of the next settlement */
    int64_t trade_count, bar_count, funding_count;
    struct paper_tape_trade trades[PAPER_TAPE_TRADES];
    struct paper_bar bars[PAPER_TAPE_BARS];
    struct paper_tape_funding fundings[PAPER_TAPE_FUNDINGS];
};

enum paper_interval {
    PAPER_INTERVAL_NONE,
    PAPER_INTERVAL_1M,
    PAPER_INTERVAL_3M,
    PAPER_INTERVAL_5M,
    PAPER_INTERVAL_15M,
    PAPER_INTERVAL_30M,
    PAPER_INTERVAL_1H,
    PAPER_INTERVAL_2H,
    PAPER_INTERVAL_4H,
    PAPER_INTERVAL_6H,
    PAPER_INTERVAL_8H,
    PAPER_INTERVAL_12H,
    PAPER_INTERVAL_1D,
    PAPER_INTERVAL_3D,
    PAPER_INTERVAL_1W,
    PAPER_INTERVAL_1MONTH,
    PAPER_INTERVAL_COUNT,
};

enum paper_interval paper_interval_read(keel_str word); /* "1m", "1M" */
const char *paper_interval_word(enum paper_interval interval);

void paper_tape_add_trade(struct paper_tape *tape, const struct paper_public_trade *trade,
                          int64_t time_ms);
void paper_tape_set_ticker(struct paper_tape *tape, const struct paper_ticker *ticker,
                           int64_t time_ms);

/* A settlement has gone by, at the rate that was coming. */
void paper_tape_add_funding(struct paper_tape *tape, keel_decimal mark_price, int64_t time_ms);

/* Begins the minute's bar if it has none. */
void paper_tape_roll(struct paper_tape *tape, int64_t now_ms);

/* The bar of an interval that ends with the newest minute of index *minute (counted as bar_count
 * does), built backwards; *minute is then that before it. False when no minute is left. */
bool paper_tape_previous_bar(const struct paper_tape *tape, enum paper_interval interval,
                             int64_t *minute, struct paper_bar *bar);

/* The bars that open between two times (0: without an end), newest first, at most so many. */
int paper_tape_collect_bars(const struct paper_tape *tape, enum paper_interval interval,
                            int64_t start_ms, int64_t end_ms, struct paper_bar *bars, int max);

/* One bar over the last 24 hours of the wall clock; false before the first price. */
bool paper_tape_day(const struct paper_tape *tape, int64_t now_ms, struct paper_bar *bar);

#endif

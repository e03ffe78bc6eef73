#include "paper/tape.h"

static const int64_t minute_ms = INT64_C(60) * 1000;
static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static const struct {
    const char *word;
    int64_t minutes; /* 0: a calendar month */
} intervals[PAPER_INTERVAL_COUNT] = {
    [PAPER_INTERVAL_NONE] = {"",    0    },
      [PAPER_INTERVAL_1M] = {"1m",  1    },
    [PAPER_INTERVAL_3M] = {"3m",  3    },
      [PAPER_INTERVAL_5M] = {"5m",  5    },
    [PAPER_INTERVAL_15M] = {"15m", 15   },
      [PAPER_INTERVAL_30M] = {"30m", 30   },
    [PAPER_INTERVAL_1H] = {"1h",  60   },
      [PAPER_INTERVAL_2H] = {"2h",  120  },
    [PAPER_INTERVAL_4H] = {"4h",  240  },
      [PAPER_INTERVAL_6H] = {"6h",  360  },
    [PAPER_INTERVAL_8H] = {"8h",  480  },
      [PAPER_INTERVAL_12H] = {"12h", 720  },
    [PAPER_INTERVAL_1D] = {"1d",  1440 },
      [PAPER_INTERVAL_3D] = {"3d",  4320 },
    [PAPER_INTERVAL_1W] = {"1w",  10080},
      [PAPER_INTERVAL_1MONTH] = {"1M",  0    },
};

enum paper_interval paper_interval_read(keel_str word)
{
    for (int i = 1; i < PAPER_INTERVAL_COUNT; i++) {
        if (keel_str_equals(word, keel_str_from(intervals[i].word)))
            return (enum paper_interval)i;
    }
    return PAPER_INTERVAL_NONE;
}

const char *paper_interval_word(enum paper_interval interval)
{
    return intervals[interval].word;
}

static struct paper_bar *newest_bar(struct paper_tape *tape)
{
    return &tape->bars[(tape->bar_count - 1) % PAPER_TAPE_BARS];
}

static void begin_bar(struct paper_tape *tape, int64_t now_ms, keel_decimal price)
{
    tape->bar_count++;
    int64_t open_ms = now_ms / minute_ms * minute_ms;
    *newest_bar(tape) = (struct paper_bar){
        .open_ms = open_ms,
        .close_ms = open_ms + minute_ms - 1,
        .open = price,
        .high = price,
        .low = price,
        .close = price,
    };
}

void paper_tape_roll(struct paper_tape *tape, int64_t now_ms)
{
    if (!keel_decimal_is_positive(tape->ticker.last_price))
        return;
    if (tape->bar_count == 0 || now_ms > newest_bar(tape)->close_ms)
        begin_bar(tape, now_ms, tape->ticker.last_price);
}

static void touch(struct paper_bar *bar, keel_decimal price)
{
    bar->high = keel_decimal_max(bar->high, price);
    bar->low = keel_decimal_min(bar->low, price);
    bar->close = price;
}

void paper_tape_add_trade(struct paper_tape *tape, const struct paper_public_trade *trade,
                          int64_t time_ms)
{
    tape->trades[tape->trade_count++ % PAPER_TAPE_TRADES] =
        (struct paper_tape_trade){*trade, time_ms};

    tape->ticker.last_price = trade->price;
    paper_tape_roll(tape, time_ms);
    struct paper_bar *bar = newest_bar(tape);
    keel_decimal quote = keel_decimal_mul(trade->price, trade->quantity, KEEL_ROUND_DOWN);
    touch(bar, trade->price);
    if (bar->trades++ == 0)
        bar->first_trade_id = trade->id;
    bar->last_trade_id = trade->id;
    bar->volume = keel_decimal_add(bar->volume, trade->quantity);
    bar->quote_volume = keel_decimal_add(bar->quote_volume, quote);
    if (trade->buyer_is_maker)
        return;
    bar->taker_volume = keel_decimal_add(bar->taker_volume, trade->quantity);
    bar->taker_quote_volume = keel_decimal_add(bar->taker_quote_volume, quote);
}

void paper_tape_add_funding(struct paper_tape *tape, keel_decimal mark_price, int64_t time_ms)
{
    tape->fundings[tape->funding_count++ % PAPER_TAPE_FUNDINGS] =
        (struct paper_tape_funding){time_ms, tape->coming_rate, mark_price};
}

void paper_tape_set_ticker(struct paper_tape *tape, const struct paper_ticker *ticker,
                           int64_t time_ms)
{
    tape->ticker = *ticker;
    paper_tape_roll(tape, time_ms);
    if (tape->bar_count > 0 && keel_decimal_is_positive(ticker->last_price))
        touch(newest_bar(tape), ticker->last_price);
}

/* Day of the month, from 0, of a day since 1970 (days_from_civil turned round). */
static int64_t day_of_month(int64_t day)
{
    int64_t shifted = day + 719468; /* days since 1 March of the year 0 */
    int64_t of_era = shifted % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    return of_year - (153 * month + 2) / 5;
}

/* Weeks begin on Monday; the first of 1970 was the fifth of January. */
static int64_t interval_begin(enum paper_interval interval, int64_t time_ms)
{
    int64_t day = time_ms / day_ms;
    if (interval == PAPER_INTERVAL_1MONTH)
        return (day - day_of_month(day)) * day_ms;
    int64_t length_ms = intervals[interval].minutes * minute_ms;
    int64_t offset_ms = interval == PAPER_INTERVAL_1W ? 4 * day_ms : 0;
    return (time_ms - offset_ms) / length_ms * length_ms + offset_ms;
}

static int64_t interval_end(enum paper_interval interval, int64_t begin_ms)
{
    if (interval != PAPER_INTERVAL_1MONTH)
        return begin_ms + intervals[interval].minutes * minute_ms - 1;
    int64_t day = begin_ms / day_ms + 27;
    while (day_of_month(day + 1) != 0)
        day++;
    return (day + 1) * day_ms - 1;
}

/* Puts an older bar in front. */
static void prepend(struct paper_bar *bar, const struct paper_bar *older)
{
    bar->open = older->open;
    bar->high = keel_decimal_max(bar->high, older->high);
    bar->low = keel_decimal_min(bar->low, older->low);
    bar->volume = keel_decimal_add(bar->volume, older->volume);
    bar->quote_volume = keel_decimal_add(bar->quote_volume, older->quote_volume);
    bar->taker_volume = keel_decimal_add(bar->taker_volume, older->taker_volume);
    bar->taker_quote_volume = keel_decimal_add(bar->taker_quote_volume, older->taker_quote_volume);
    if (bar->trades == 0)
        bar->last_trade_id = older->last_trade_id;
    if (older->trades > 0)
        bar->first_trade_id = older->first_trade_id;
    bar->trades += older->trades;
}

static const struct paper_bar *minute_at(const struct paper_tape *tape, int64_t minute)
{
    if (minute < 0 || minute >= tape->bar_count || minute < tape->bar_count - PAPER_TAPE_BARS)
        return NULL;
    return &tape->bars[minute % PAPER_TAPE_BARS];
}

bool paper_tape_previous_bar(const struct paper_tape *tape, enum paper_interval interval,
                             int64_t *minute, struct paper_bar *bar)
{
    const struct paper_bar *at = minute_at(tape, *minute);
    if (!at)
        return false;
    int64_t begin_ms = interval_begin(interval, at->open_ms);
    *bar = *at;
    for (--*minute; (at = minute_at(tape, *minute)) && at->open_ms >= begin_ms; --*minute)
        prepend(bar, at);
    bar->open_ms = begin_ms;
    bar->close_ms = interval_end(interval, begin_ms);
    return true;
}

int paper_tape_collect_bars(const struct paper_tape *tape, enum paper_interval interval,
                            int64_t start_ms, int64_t end_ms, struct paper_bar *bars, int max)
{
    int64_t minute = tape->bar_count - 1;
    int count = 0;
    struct paper_bar bar;
    while (count < max && paper_tape_previous_bar(tape, interval, &minute, &bar)) {
        if (bar.open_ms < start_ms)
            break;
        if (end_ms == 0 || bar.open_ms <= end_ms)
            bars[count++] = bar;
    }
    return count;
}

bool paper_tape_day(const struct paper_tape *tape, int64_t now_ms, struct paper_bar *bar)
{
    int64_t minute = tape->bar_count - 1;
    const struct paper_bar *at = minute_at(tape, minute);
    if (!at)
        return false;
    *bar = *at;
    for (minute--; (at = minute_at(tape, minute)) && at->open_ms > now_ms - day_ms; minute--)
        prepend(bar, at);
    bar->open_ms = now_ms - day_ms;
    bar->close_ms = now_ms;
    return true;
}

/* path.h - the price path of one symbol: recorded candles, followed point by point.
 *
 * Pure. Within a candle the path goes from the open to the nearer extreme of its colour (low first
 * when it closes up, high first when it closes down), to the other extreme, to the close: every
 * extreme is touched, at a point of the path. A candle too short for four points gives its close
 * alone. Between candles and after the last, the close stays.
 */
#ifndef PAPER_PATH_H
#define PAPER_PATH_H

#include "keel/decimal.h"

struct paper_candle {
    int64_t open_time_ms;
    keel_decimal open, high, low, close;
    keel_decimal funding_rate; /* absent: the file gives none */
};

/* All zeroes is no path. */
struct paper_path {
    struct paper_candle *candles;
    int64_t count, capacity;
    int64_t interval_ms;
};

/* Reads a CSV whose header names at least open_time_ms, open, high, low, close. On error *path is
 * empty. KEEL_MALFORMED names the line. */
KEEL_MUST_USE enum keel_status paper_path_load(struct paper_path *path, keel_str csv,
                                               struct keel_error *error);
void paper_path_free(struct paper_path *path);

int64_t paper_path_begin_ms(const struct paper_path *path);
int64_t paper_path_end_ms(const struct paper_path *path); /* when its last candle closes */

/* Absent before the first candle. */
keel_decimal paper_path_price(const struct paper_path *path, int64_t time_ms);

/* The rate that a settlement at time_ms uses; absent if the file gives none for it. */
keel_decimal paper_path_funding_rate(const struct paper_path *path, int64_t time_ms);

#endif

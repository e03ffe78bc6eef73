/* limits.h - request weights of an address, orders of an account, and the bans that follow.
 *
 * Pure. Windows are those of the wall clock: they begin at whole minutes and whole ten seconds.
 * Rules: docs of the venue, "LIMITS" and "IP Limits". */
#ifndef PAPER_BINANCE_LIMITS_H
#define PAPER_BINANCE_LIMITS_H

#include "keel/str.h"

#include <stdint.h>

enum {
    BINANCE_WEIGHT_PER_MINUTE = 2400, /* an address */
    BINANCE_ORDERS_PER_10_S = 300,    /* an account */
    BINANCE_ORDERS_PER_MINUTE = 1200,
    BINANCE_ADDRESSES_MAX = 64, /* the one that was quiet for longest makes room */
    BINANCE_IGNORED_MAX = 60,   /* so many requests after the first 429 bring a ban */
    BINANCE_ADDRESS_SIZE = 48,
};

struct binance_address {
    char name[BINANCE_ADDRESS_SIZE];
    int64_t minute; /* which one the counts are of */
    int64_t last_ms;
    int64_t banned_until_ms;
    int weight;
    int ignored; /* requests since the limit was passed in this minute */
    int bans;    /* each doubles the next */
};

struct binance_order_count {
    int64_t ten_seconds, minute; /* which ones the counts are of */
    int in_ten_seconds, in_minute;
};

struct binance_limits {
    int weight_max, orders_ten_seconds_max, orders_minute_max;
    struct binance_address addresses[BINANCE_ADDRESSES_MAX];
    int address_count;
};

enum binance_verdict {
    BINANCE_WITHIN_LIMITS,
    BINANCE_LIMITED, /* 429 */
    BINANCE_BANNED,  /* 418 */
};

void binance_limits_init(struct binance_limits *limits, int factor);

/* Counts a request. *used is the minute's weight with it. */
enum binance_verdict binance_limits_charge(struct binance_limits *limits, keel_str address,
                                           int weight, int64_t now_ms, int *used);

/* When the address may come again: the end of its ban, or of this minute. */
int64_t binance_limits_retry_ms(struct binance_limits *limits, keel_str address, int64_t now_ms);

/* The counts of now, those of a window that is over being forgotten. */
void binance_order_count_roll(struct binance_order_count *count, int64_t now_ms);
bool binance_order_count_allows(const struct binance_limits *limits,
                                const struct binance_order_count *count, int in_ten_seconds,
                                int in_minute);

#endif

/* binance_spot.h - the dialect's own state, and a call while it is being answered.
 *
 * Pure; inside this folder only. What both of Binance's dialects do alike, reading parameters and
 * counting weights, is paper/binance's. */
#ifndef PAPER_BINANCE_SPOT_BINANCE_SPOT_H
#define PAPER_BINANCE_SPOT_BINANCE_SPOT_H

#include "paper/binance/binance.h"
#include "paper/binance_spot/dialect.h"
#include "paper/spot/spot.h"
#include "paper/tape.h"

enum {
    BINANCE_SPOT_WEIGHT_PER_MINUTE = 6000,   /* an address */
    BINANCE_SPOT_SAPI_PER_MINUTE = 12000,    /* an address, on /sapi */
    BINANCE_SPOT_WALLET_PER_MINUTE = 180000, /* an account, on /sapi */
    BINANCE_SPOT_ORDERS_PER_10_S = 100,      /* unfilled orders of an account */
    BINANCE_SPOT_ORDERS_PER_DAY = 200000,
};

struct binance_spot_stream;

/* Of one account. */
struct binance_spot_counts {
    int64_t ten_seconds, day, minute; /* which ones the counts are of */
    int in_ten_seconds, in_day;       /* orders that are not filled */
    int wallet_weight;                /* of the minute */
};

struct paper_binance_spot {
    struct paper_dialect base;
    struct paper_spot *spot;
    const struct paper_keys *keys;
    int factor;
    struct binance_limits limits, wallet_limits; /* of /api and the WebSocket API; of /sapi */
    struct binance_spot_counts *counts;          /* by account; 0 is not used */
    struct paper_tape *tapes;                    /* by market; 0 is not used */
    struct binance_connections connections;
    int64_t rolled_minute;
    int64_t execution_id; /* of the last execution report */
    struct keel_arena arena;
    char *arena_memory;
    char *scratch; /* a frame being written */
    char *result;  /* of a call of the WebSocket API */
};

/* One call, whichever way it came; the readers of paper/binance take its base, whose `binance` and
 * `engine` are NULL. */
struct binance_spot_call {
    struct binance_call base;
    struct paper_binance_spot *dialect;
    struct paper_spot *spot;
    struct binance_spot_stream *stream; /* of the WebSocket API, else NULL */
    keel_str data;                      /* what a refusal tells besides; JSON, or empty */
    bool order_placed;                  /* one that counts among the unfilled */
};

/* The venue's path, without the "/spot" that may stand before it. */
keel_str binance_spot_own_path(keel_str path);

int binance_spot_status_of(int code);

/* The engine's reason in the venue's words; `unknown_order` is the code for an order that is not
 * there. */
void binance_spot_refuse_engine(struct binance_spot_call *call, enum paper_spot_error error,
                                int unknown_order);

keel_market_id binance_spot_read_market(struct binance_spot_call *call, enum binance_need need);

/* A decimal of at most eight decimals: finer is -1111. */
keel_decimal binance_spot_read_amount(struct binance_spot_call *call, const char *name,
                                      enum binance_need need);

/* startTime and endTime; further apart than so many hours is -1127. 0: as far as they like. */
void binance_spot_read_times(struct binance_spot_call *call, struct paper_spot_query *query,
                             int hours);

/* A client order id is letters, digits, '-' and '_', at most 36. */
keel_str binance_spot_read_client_id(struct binance_spot_call *call, const char *name);

/* auth.c: key, timestamp, signature, in this order. */
const struct paper_key *binance_spot_check_key(struct binance_spot_call *call, keel_str api_key);
void binance_spot_check_form(struct binance_spot_call *call, const struct paper_key *key,
                             keel_str query, keel_str body);
void binance_spot_check_params(struct binance_spot_call *call, const struct paper_key *key);

/* The account's counts of now. */
struct binance_spot_counts *binance_spot_counts_of(struct paper_binance_spot *dialect, int account,
                                                   int64_t now_ms);

/* An order that trades is not unfilled any more. */
void binance_spot_uncount(struct paper_binance_spot *dialect, int account);
bool binance_spot_may_place(const struct paper_binance_spot *dialect,
                            const struct binance_spot_counts *counts, const char **interval,
                            int *limit);

#endif

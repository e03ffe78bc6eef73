/* paper.h - the paper venue: a server that speaks each venue's real protocol on a local port.
 *
 * Deterministic from a seed; driven by recorded prices, by a random walk or by hand. Runs on the
 * caller's libuv loop, or on a thread of its own. */
#ifndef KEEL_PAPER_H
#define KEEL_PAPER_H

#include "keel/decimal.h"

struct uv_loop_s;
struct keel_paper;

enum { KEEL_PAPER_SPEED_MANUAL = 0, KEEL_PAPER_SPEED_MAX = -1 };

struct keel_paper_config {
    const char *listen; /* "127.0.0.1:0": port 0 picks a free one */
    const char *prices; /* candles, CSV; NULL: every symbol walks (or stands still in manual) */
    const char *symbol; /* of the prices: "BTCUSDT"; NULL: from the file's name */
    const char
        *faults;      /* what shall go wrong: a JSON object a line (docs/paper.md); NULL: nothing */
    int64_t start_ms; /* market time to start at; 0: the first candle's */
    int64_t speed;    /* market seconds a wall second; or MANUAL or MAX */
    uint64_t seed;
    int32_t accounts;          /* 1 */
    keel_decimal balance;      /* USDT each: 10000 */
    keel_decimal spot_balance; /* USDT each beside it, on the spot side; above 0: 10000 */
    struct uv_loop_s *loop;    /* NULL: a thread of its own */
    /* The venue's rate limits times this, in what it enforces and in what it tells: 1. For load
     * that one address and one account alone may not make. */
    int32_t rate_limit_factor;
    /* Which venues are served, side by side on the one port: "binance", "gateio", and NULL behind
     * the last. NULL: all. Account by account they have the same keys, each venue its own books. */
    const char *const *venues;
};

KEEL_API struct keel_paper_config keel_paper_config_init(void);

/* Listens when it returns. NULL with *error filled: an address in use, a file that cannot be read
 * (with the line that is wrong). */
KEEL_API struct keel_paper *keel_paper_open(const struct keel_paper_config *config,
                                            struct keel_error *error);
KEEL_API void keel_paper_close(struct keel_paper *paper);

/* One line of JSON: where it listens, which venues, the accounts' keys. Good until close. */
KEEL_API const char *keel_paper_ready_line(const struct keel_paper *paper);
KEEL_API const char *keel_paper_url(const struct keel_paper *paper); /* "http://127.0.0.1:43121" */
KEEL_API const char *keel_paper_api_key(const struct keel_paper *paper, int32_t account);
KEEL_API const char *keel_paper_api_secret(const struct keel_paper *paper, int32_t account);

/* Market time: which candle plays, and when funding falls due. Milliseconds. */
KEEL_API int64_t keel_paper_market_time_ms(struct keel_paper *paper);

/* Moves market time on by hand, at any speed: candles play, triggers and liquidations fire, funding
 * falls due; what that tells the accounts is on its way when this returns. With a thread of the
 * venue's own, from any other thread; with the caller's loop, from the loop's. */
KEEL_API KEEL_MUST_USE enum keel_status keel_paper_advance(struct keel_paper *paper, int64_t ms,
                                                           struct keel_error *error);

/* The audit of each venue: wallets, positions, fees, funding and the insurance fund are the
 * deposits, to the last digit. Threads as above. */
KEEL_API bool keel_paper_is_conserved(struct keel_paper *paper);

#endif

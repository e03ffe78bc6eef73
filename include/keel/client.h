/* client.h - an exchange with a life, futures or spot: connections, streams and time.
 *
 *     struct keel_config config = keel_config_init();
 *     config.venue = "binance";
 *     config.url = "http://127.0.0.1:8080"; // a paper venue; leave out for the real one
 *     ...
 *     struct keel_client *client = keel_client_new(&config, &error);
 *     if (client == NULL || keel_client_start(client, &error) != KEEL_OK) ...
 *
 * Runs on the caller's libuv loop, or on its own. One thread owns a client, the loop's; no other
 * calls anything here but keel_client_interrupt. Times of the configuration are milliseconds,
 * ratios and distances fractions: 0.05 is five percent. */
#ifndef KEEL_CLIENT_H
#define KEEL_CLIENT_H

#include "keel/futures.h"
#include "keel/journal.h"

struct uv_loop_s;
struct keel_client;

/* Everything is copied by keel_client_new. */
struct keel_config {
    const char *venue;                /* "binance", "binance-spot", "gateio-spot", ... */
    const char *url;                  /* replaces all of the venue's hosts; NULL: the venue's own */
    bool demo_venue;                  /* the venue's own demo hosts; not with url */
    const char *api_key, *api_secret; /* wiped from keel's memory when the client is freed */
    const char *ca_file;              /* certificates to trust instead of the system's; or NULL */

    /* The file that keeps what keel wants, before it leaves, and what came of it; made if it is not
     * there. NULL: none, and what a killed process had under way is found in the venue's lists
     * alone. One client at a time has it. */
    const char *journal_path;
    const char *journal_account; /* a name: a journal of another one is refused; NULL: "main" */
    enum keel_durability durability;

    const char *const *symbols; /* to be active, any spelling; none: those with positions, orders */
    size_t symbol_count;
    const struct keel_market *markets; /* rules that the caller has: not loaded again */
    size_t market_count;
    bool book_tops; /* also stream the best bid and ask of active symbols */
    enum keel_order_entry order_entry;

    /* Where money may be withdrawn to; none: no withdrawal leaves. */
    const struct keel_withdrawal_address *withdrawal_addresses;
    size_t withdrawal_address_count;

    struct keel_handlers handlers;
    struct uv_loop_s *loop; /* NULL: a loop of the client's own */

    keel_decimal margin_ratio_warning;         /* 0.8 */
    keel_decimal liquidation_distance_warning; /* 0.05 */
    keel_decimal high_risk_ratio;              /* 0.7 */
    keel_decimal warning_hysteresis;           /* 0.02: to warn again, go back so far first */
    keel_decimal liquidation_price_warning;    /* 0.01: further from the venue's; 0: never */
    int32_t adl_rank_warning;                  /* 4: from this rank on, of 0 to 4; 0: never */
    int64_t funding_warning_ms;                /* 300000: before we pay; 0: never */

    /* How often what the streams tell is held against the venue's lists: 60000; 0: never. */
    int64_t check_period_ms;
    int64_t receive_window_ms;    /* of orders: 2000. It bounds how long an unknown can last */
    int64_t request_timeout_ms;   /* 10000 */
    int64_t start_timeout_ms;     /* 30000 */
    int64_t mark_age_max_ms;      /* 10000: an older mark makes a risk stale */
    int64_t silence_max_ms;       /* 0: the venue's own bound */
    int32_t completed_orders_max; /* a symbol: 1000 */
    /* The first number of our client ids, of which none may come twice. 0: the milliseconds since
     * 1970 times 1,000, so that a client started later has later numbers as long as the wall clock
     * does not go back and an earlier one placed fewer than 1,000 orders a millisecond. With a
     * journal it is the least: numbers that the journal has given out do not come again, whatever
     * the clock. */
    uint64_t client_id_first;
};

/* The figures above; no venue, no credentials, no journal, and keel's own loop. */
KEEL_API struct keel_config keel_config_init(void);

/* The caller's, to be freed by keel_client_free. NULL: KEEL_CONFIG for a venue, symbol list, URL or
 * bound that cannot be right, or a journal that is not this account's or in use; KEEL_IO,
 * KEEL_BROKEN for a journal that cannot be read. Does no I/O but to open the journal. */
KEEL_API struct keel_client *keel_client_new(const struct keel_config *config,
                                             struct keel_error *error);
/* Closes what is open without asking the venue for anything more. Commands that have no answer yet
 * get it from inside this call: failed if they never left, else unknown. NULL is fine. Not from
 * inside a handler. With the caller's loop, run it once more afterwards. */
KEEL_API void keel_client_free(struct keel_client *client);

/* Starts and waits until the account is loaded and the streams are live, running the loop. On
 * failure each load that failed is named; there is no half-started account, and what is left to do
 * with the client is to free it. Interrupted: KEEL_FAILED. */
KEEL_API KEEL_MUST_USE enum keel_status keel_client_start(struct keel_client *client,
                                                          struct keel_error *error);

/* Only begins: on_connection tells the rest. For the caller's own loop, which has something to wait
 * for until the client is closed or freed. */
KEEL_API KEEL_MUST_USE enum keel_status keel_client_begin(struct keel_client *client,
                                                          struct keel_error *error);

/* The exchange, its clock set to now: take it anew each time rather than keeping it. Futures is
 * NULL where the venue trades spot. */
KEEL_API struct keel_private *keel_client_private(struct keel_client *client);
KEEL_API struct keel_futures *keel_client_futures(struct keel_client *client);

/* Runs the loop until *done is true (done may be NULL), or the time is over (KEEL_UNKNOWN: what was
 * waited for has not come; a negative timeout waits for ever), or keel_client_interrupt was called
 * (KEEL_FAILED), before this call or during it. Not from inside a handler. */
KEEL_API KEEL_MUST_USE enum keel_status keel_client_run(struct keel_client *client,
                                                        const bool *done, int64_t timeout_ms);
/* Makes keel_client_run and keel_client_start return. The one function that a signal handler or
 * another thread may call. */
KEEL_API void keel_client_interrupt(struct keel_client *client);

/* The caller's, or the client's own, which lives as long as the client. */
KEEL_API struct uv_loop_s *keel_client_loop(struct keel_client *client);

/* The venue's wall clock now, in milliseconds, by the measured offset. */
KEEL_API int64_t keel_client_venue_time_ms(struct keel_client *client);

#endif

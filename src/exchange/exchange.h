/* exchange.h - makes an exchange, and gives it a life from outside: time and inputs in, effects
 * out.
 *
 * Pure: whoever drives it (a loop with sockets, a simulation) tells it the time first and then what
 * happened, drains the effects, and calls keel_private_tick when the deadline is reached:
 *
 *     keel_private_set_time(exchange, now_ns, wall_ms);
 *     keel_private_on_stream_message(exchange, number, bytes);
 *     while (keel_private_next_effect(exchange, &effect))
 *         carry_out(&effect);
 *     arm_timer(keel_private_deadline_ns(exchange));
 *
 * Handlers and callbacks run inside the inputs and inside keel_private_tick, never inside
 * keel_private_next_effect or a command. They may issue commands; they may not call an input. */
#ifndef KEEL_EXCHANGE_EXCHANGE_H
#define KEEL_EXCHANGE_EXCHANGE_H

#include "keel/futures.h"
#include "session/effect.h"

/* What a journal knows of an earlier life. All zeroes: there is no journal, and nothing is
 * recorded.
 */
struct keel_recovery {
    uint64_t numbers_end; /* reserved from client_id_first on; not 0 with a journal */
    int64_t complete_ms;  /* what happened before it is recorded; 0: nothing is */
    const struct keel_intent *unsettled; /* to be asked for first; copied */
    int32_t unsettled_count;
    const char (*symbols)[KEEL_SYMBOL_SIZE]; /* whose executions are listed; copied */
    int32_t symbol_count;
};

/* Borrowed for the call of keel_futures_new or keel_private_new, but for the venue and what the
 * handlers point to. */
struct keel_exchange_config {
    const struct keel_venue *venue;
    keel_str api_key, secret; /* both empty: marks alone, every read of the account is not loaded */

    const char *const *symbols; /* to be active, any spelling; none: those with positions, orders */
    size_t symbol_count;
    const struct keel_market *markets; /* rules that the caller has: not loaded again */
    size_t market_count;
    bool book_tops;
    enum keel_order_entry order_entry;
    const struct keel_withdrawal_address *withdrawal_addresses; /* none: no withdrawal leaves */
    size_t withdrawal_address_count;

    struct keel_handlers handlers;

    keel_decimal margin_ratio_warning;
    keel_decimal liquidation_distance_warning;
    keel_decimal high_risk_ratio;
    keel_decimal warning_hysteresis;
    keel_decimal liquidation_price_warning; /* 0: never */
    int32_t adl_rank_warning;               /* 0: never */
    int64_t funding_warning_ms;             /* 0: never */

    /* How often what the streams tell is held against the venue's lists; 0: never. */
    int64_t check_period_ms;
    int64_t receive_window_ms;
    int64_t request_timeout_ms;
    int64_t start_timeout_ms;
    int64_t mark_age_max_ms;
    int64_t silence_max_ms; /* 0: the venue's own bounds */
    int32_t completed_orders_max;
    uint64_t client_id_first; /* 0: from the wall clock at the start */
    uint64_t seed;            /* of the back-off's jitter */
    struct keel_recovery recovery;
};

/* The defaults that keel/client.h names. */
struct keel_exchange_config keel_exchange_config_init(void);

/* KEEL_CONFIG for a bound that cannot be right, or a venue that trades spot; KEEL_FULL out of
 * memory; NULL then. */
struct keel_futures *keel_futures_new(const struct keel_exchange_config *config,
                                      struct keel_error *error);
void keel_futures_free(struct keel_futures *futures); /* NULL is fine; calls nobody back */

/* The same for a venue that trades spot. */
struct keel_private *keel_private_new(const struct keel_exchange_config *config,
                                      struct keel_error *error);
void keel_private_free(struct keel_private *exchange);

/* The clocks, before each input or command of a turn: monotonic, and our wall clock. */
void keel_private_set_time(struct keel_private *exchange, int64_t now_ns, int64_t wall_ms);

/* Begins to load and connect; on_connection tells the rest. How it ends: LIVE, or CLOSED with each
 * failed load named in keel_connection.last_error. KEEL_CONFIG for a second start. */
KEEL_MUST_USE enum keel_status keel_private_start(struct keel_private *exchange,
                                                  struct keel_error *error);
/* Closes the streams; commands not yet sent are failed, those in flight unknown. */
void keel_private_stop(struct keel_private *exchange);

/* What became of a request effect. An id that is not in flight is counted and ignored. */
void keel_private_on_transport(struct keel_private *exchange, uint64_t id,
                               const struct keel_transport *transport);

/* A stream by the number of its effect. Numbers that are no longer open are counted and ignored. */
void keel_private_on_stream_opened(struct keel_private *exchange, uint32_t number);
void keel_private_on_stream_message(struct keel_private *exchange, uint32_t number, keel_str bytes);
void keel_private_on_stream_ping(struct keel_private *exchange, uint32_t number); /* or a pong */
void keel_private_on_stream_closed(struct keel_private *exchange, uint32_t number,
                                   const char *reason);

/* False when there is nothing more to do now. Requests are encoded and signed here, so that their
 * timestamps are those of the moment in which they leave. */
bool keel_private_next_effect(struct keel_private *exchange, struct keel_effect *effect);

/* A record could not be kept: no further command leaves, and the host is told. The requests that
 * were to leave behind it are answered as not sent. */
void keel_private_halt(struct keel_private *exchange, const struct keel_error *error);

/* When keel_private_tick is due, on the monotonic clock; INT64_MAX: never. */
int64_t keel_private_deadline_ns(const struct keel_private *exchange);
void keel_private_tick(struct keel_private *exchange);

/* The venue's wall clock now, by the measured offset. */
int64_t keel_private_venue_time_ms(const struct keel_private *exchange);

#endif

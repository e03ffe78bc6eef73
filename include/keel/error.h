/* error.h - what a call can answer, and what it tells a person.
 *
 * Pure. Every function that can fail returns a status; one that has something to say takes a
 * `struct keel_error *` last, which may be NULL. On error the state is as it was before the call.
 */
#ifndef KEEL_ERROR_H
#define KEEL_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__GNUC__)
#if defined(__cplusplus)
#define KEEL_API extern "C" __attribute__((visibility("default")))
#else
#define KEEL_API __attribute__((visibility("default")))
#endif
#define KEEL_MUST_USE          __attribute__((warn_unused_result))
#define KEEL_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#error "keel needs gcc or clang: its decimals are 128-bit integers"
#endif

enum keel_status {
    KEEL_OK = 0,

    KEEL_MALFORMED,   /* not what the venue documents */
    KEEL_OVERFLOW,    /* a number does not fit */
    KEEL_FULL,        /* a fixed bound is reached */
    KEEL_STALE,       /* what is known may be old: reconcile first */
    KEEL_REJECTED,    /* the venue said no: nothing changed there */
    KEEL_FAILED,      /* it never left: nothing changed there */
    KEEL_UNKNOWN,     /* it may have happened: ask, do not assume */
    KEEL_BROKEN,      /* an invariant of the books does not hold: halted */
    KEEL_UNSUPPORTED, /* this venue, or this version of keel, cannot do it */
    KEEL_NOT_FOUND,   /* no such order, asset, account, file */
    KEEL_NOT_LOADED,  /* a fact that was never loaded is unknown, not a default */
    KEEL_NO_POSITION, /* the symbol is flat */
    KEEL_INVALID,     /* an argument that can never be right */
    KEEL_CONFIG,      /* the configuration or the environment is wrong */
    KEEL_IO,          /* the operating system said no */

    /* The gate refused: one code a reason. Nothing left this machine. */
    KEEL_REFUSALS_BEGIN = 100,
    KEEL_SYMBOL_UNKNOWN = 100, /* no such market */
    KEEL_MARKET_CLOSED,        /* the market does not take this order now */
    KEEL_ACCOUNT_HALTED,       /* halted: no command leaves */
    KEEL_ACCOUNT_REDUCING,     /* reducing: only orders that shrink a position pass */
    KEEL_MODE_CHANGED,         /* the account's modes changed from outside: entries stop */
    KEEL_CLIENT_ID,            /* malformed, or that of an order still open or unsettled */
    KEEL_ORDER_SHAPE,          /* fields that contradict each other for this order type */
    KEEL_POSITION_SIDE,        /* net in hedge mode, or a leg in one-way mode */
    KEEL_PRICE_TICK,           /* off the grid */
    KEEL_PRICE_RANGE,          /* outside the market's limits */
    KEEL_PRICE_BAND,           /* too far from the mark price */
    KEEL_TRIGGER_PRICE,        /* off the grid, outside the limits, or it would trigger at once */
    KEEL_QUANTITY_STEP,        /* off the grid */
    KEEL_QUANTITY_RANGE,       /* below the minimum or above the maximum */
    KEEL_NOTIONAL_MIN,         /* below the market's minimum notional */
    KEEL_LEVERAGE,             /* outside what the bracket for the notional allows */
    KEEL_NOTIONAL_CAP,         /* the notional that would result is above the leverage's cap */
    KEEL_MARGIN,               /* not enough available margin */
    KEEL_REDUCE_ONLY,          /* no position of the other side, or smaller than the order */
    KEEL_CLOSE,                /* nothing to close, more than the position, or a close in flight */
    KEEL_OPEN_ORDERS,          /* the venue's or keel's bound on open orders is reached */
    KEEL_MARGIN_MODE,          /* the margin mode cannot be changed now */
    KEEL_POSITION_MARGIN,      /* isolated margin cannot be moved like this */
    KEEL_BALANCE,              /* spot: more than the free balance */
    KEEL_WITHDRAWAL_ADDRESS,   /* not on the list of addresses that may be withdrawn to */
    KEEL_WITHDRAWAL_NETWORK,   /* the network is closed, or does not take this amount */
    KEEL_TRANSFER_ENDS, /* no two wallets of this account, or the same transfer is under way */
    KEEL_REFUSALS_END,
};

struct keel_error {
    enum keel_status status;
    int32_t venue_code; /* as the venue sent it; 0 if none */
    char message[256];  /* for a person: the thing, and the two values that disagree; no keys */
};

/* The status's own word, "price_tick" or "stale": what the command line and logs print. */
KEEL_API const char *keel_status_name(enum keel_status status);

/* True for the gate's codes. */
static inline bool keel_status_is_refusal(enum keel_status status)
{
    return status >= KEEL_REFUSALS_BEGIN && status < KEEL_REFUSALS_END;
}

/* Fills *error (which may be NULL) and returns the status, so that a guard is one statement. A
 * message that does not fit is cut at the end. */
KEEL_API KEEL_PRINTF(3, 4) enum keel_status
    keel_fail(struct keel_error *error, enum keel_status status, const char *format, ...);

/* A programming error. Calls the process's handler, which does not return; stays on in release. */
#define KEEL_ASSERT(condition)                                                                     \
    ((condition) ? (void)0 : keel_assertion_failed(#condition, __FILE__, __LINE__))

typedef void (*keel_assertion_handler)(const char *condition, const char *file, int line);

/* NULL restores the default: print one line to standard error and abort. One for the process; set
 * it before the first client is opened. */
KEEL_API void keel_set_assertion_handler(keel_assertion_handler handler);
KEEL_API __attribute__((noreturn)) void keel_assertion_failed(const char *condition,
                                                              const char *file, int line);

#endif

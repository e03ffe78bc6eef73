#include "keel/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static keel_assertion_handler assertion_handler;

const char *keel_status_name(enum keel_status status)
{
    switch (status) {
    case KEEL_OK: return "ok";
    case KEEL_MALFORMED: return "malformed";
    case KEEL_OVERFLOW: return "overflow";
    case KEEL_FULL: return "full";
    case KEEL_STALE: return "stale";
    case KEEL_REJECTED: return "rejected";
    case KEEL_FAILED: return "failed";
    case KEEL_UNKNOWN: return "unknown";
    case KEEL_BROKEN: return "broken";
    case KEEL_UNSUPPORTED: return "unsupported";
    case KEEL_NOT_FOUND: return "not_found";
    case KEEL_NOT_LOADED: return "not_loaded";
    case KEEL_NO_POSITION: return "no_position";
    case KEEL_INVALID: return "invalid";
    case KEEL_CONFIG: return "config";
    case KEEL_IO: return "io";
    case KEEL_SYMBOL_UNKNOWN: return "symbol_unknown";
    case KEEL_MARKET_CLOSED: return "market_closed";
    case KEEL_ACCOUNT_HALTED: return "account_halted";
    case KEEL_ACCOUNT_REDUCING: return "account_reducing";
    case KEEL_MODE_CHANGED: return "mode_changed";
    case KEEL_CLIENT_ID: return "client_id";
    case KEEL_ORDER_SHAPE: return "order_shape";
    case KEEL_POSITION_SIDE: return "position_side";
    case KEEL_PRICE_TICK: return "price_tick";
    case KEEL_PRICE_RANGE: return "price_range";
    case KEEL_PRICE_BAND: return "price_band";
    case KEEL_TRIGGER_PRICE: return "trigger_price";
    case KEEL_QUANTITY_STEP: return "quantity_step";
    case KEEL_QUANTITY_RANGE: return "quantity_range";
    case KEEL_NOTIONAL_MIN: return "notional_min";
    case KEEL_LEVERAGE: return "leverage";
    case KEEL_NOTIONAL_CAP: return "notional_cap";
    case KEEL_MARGIN: return "margin";
    case KEEL_REDUCE_ONLY: return "reduce_only";
    case KEEL_CLOSE: return "close";
    case KEEL_OPEN_ORDERS: return "open_orders";
    case KEEL_MARGIN_MODE: return "margin_mode";
    case KEEL_POSITION_MARGIN: return "position_margin";
    case KEEL_BALANCE: return "balance";
    case KEEL_WITHDRAWAL_ADDRESS: return "withdrawal_address";
    case KEEL_WITHDRAWAL_NETWORK: return "withdrawal_network";
    case KEEL_TRANSFER_ENDS: return "transfer_ends";
    case KEEL_REFUSALS_END: break;
    }
    return "no_such_status";
}

enum keel_status keel_fail(struct keel_error *error, enum keel_status status, const char *format,
                           ...)
{
    if (!error)
        return status;

    /* Written aside first: an argument may be the very message that this one replaces. */
    char message[sizeof(error->message)];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(message, sizeof(message), format, arguments) < 0)
        message[0] = '\0';
    va_end(arguments);

    error->status = status;
    error->venue_code = 0;
    memcpy(error->message, message, sizeof(message));
    return status;
}

void keel_set_assertion_handler(keel_assertion_handler handler)
{
    assertion_handler = handler;
}

void keel_assertion_failed(const char *condition, const char *file, int line)
{
    if (assertion_handler)
        assertion_handler(condition, file, line);
    else
        fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    abort(); /* a handler that returns must not let a broken program go on */
}

/* values.h - how the venue writes a value, over REST and on the streams.
 *
 * Pure. Over REST money is text and sizes are whole numbers, or text with their fractions when the
 * client asks for it; on private channels money is numbers. */
#ifndef PAPER_GATEIO_VALUES_H
#define PAPER_GATEIO_VALUES_H

#include "paper/gateio/gateio_internal.h"

enum {
    GATEIO_ENTRY_DIGITS = 12, /* of average prices */
};

/* How a row is written. All false is a REST answer to a client that asked for nothing. */
struct gateio_form {
    bool decimal_sizes; /* X-Gate-Size-Decimal: 1 */
    bool stream;        /* a private channel's push */
    bool spot;          /* sizes are base units, as text */
};

static inline struct gateio_form gateio_form_of(const struct gateio_call *call)
{
    return (struct gateio_form){.decimal_sizes = call->decimal_sizes};
}

/* In contracts, signed. Whole numbers are cut towards zero. `quantity` is in base units. */
void gateio_put_size(struct keel_writer *json, const char *key, keel_market_id market,
                     keel_decimal quantity, struct gateio_form form);
void gateio_put_contracts(struct keel_writer *json, const char *key, keel_decimal contracts,
                          struct gateio_form form);

/* Text over REST, a number on a private channel; an absent value is 0. A number below a millionth
 * has an exponent, as the venue writes it: -1.25e-8. */
void gateio_put_money(struct keel_writer *json, const char *key, keel_decimal value,
                      struct gateio_form form);
void gateio_put_number(struct keel_writer *json, const char *key, keel_decimal value);
/* Seconds with a fraction, as a number: 1.25 for 1250. */
void gateio_put_seconds(struct keel_writer *json, const char *key, int64_t time_ms);
void gateio_put_int_text(struct keel_writer *json, const char *key, int64_t value);
void gateio_put_contract_name(struct keel_writer *json, keel_market_id market);

/* A number over REST, text on private channels. */
void gateio_put_user(struct keel_writer *json, int account, struct gateio_form form);

/* Whole seconds and, on private channels, milliseconds beside them. */
void gateio_put_time(struct keel_writer *json, int64_t time_ms, struct gateio_form form);

/* What is absent is written as 0. */
keel_decimal gateio_or_zero(keel_decimal value);

/* 0 where b is 0. */
keel_decimal gateio_ratio(keel_decimal a, keel_decimal b, int digits);

#endif

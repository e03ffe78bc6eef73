/* render.h - the venue's rows: one writer each, for REST and for the streams.
 *
 * Pure. Over REST money is text and sizes are whole numbers, or text with their fractions when the
 * client asks for it; on private channels money is numbers. Rules: docs of the venue, the tables of
 * "List Futures Orders", "Query user account", "Position", "Orders Notification", ... */
#ifndef PAPER_GATEIO_RENDER_H
#define PAPER_GATEIO_RENDER_H

#include "paper/gateio/gateio_internal.h"

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

/* The words of an order. `text` is "api" and the like where the client gave none. */
const char *gateio_finish_as(const struct paper_order *order); /* "" while open */
const char *gateio_tif(const struct paper_order *order);
void gateio_order_text(const struct paper_gateio *gateio, const struct paper_order *order,
                       char buffer[KEEL_CLIENT_ID_SIZE]);

/* An Order: an object with `key` (NULL in lists); the members alone for those who add some. */
void gateio_put_order(struct keel_writer *json, const char *key, const struct paper_gateio *gateio,
                      const struct paper_order *order, struct gateio_form form);
void gateio_put_order_members(struct keel_writer *json, const struct paper_gateio *gateio,
                              const struct paper_order *order, struct gateio_form form);

/* `by_range`: trade_id as text in place of id. A push (usertrades) has another shape of its own. */
void gateio_put_trade(struct keel_writer *json, const struct paper_gateio *gateio,
                      const struct paper_trade *trade, bool by_range, struct gateio_form form);

/* "single", "dual_long", "dual_short". */
const char *gateio_mode_of(const struct paper_position *position);

/* `account`, `market` and `side` choose the row. */
void gateio_put_position(struct keel_writer *json, const char *key,
                         const struct paper_gateio *gateio, const struct paper_position *position,
                         struct gateio_form form);
void gateio_put_account(struct keel_writer *json, const struct paper_gateio *gateio, int account);

/* One row of account_book, or of futures.balances: `balance` is the wallet after it. */
void gateio_put_ledger(struct keel_writer *json, const struct paper_gateio *gateio,
                       const struct paper_income *income, keel_decimal balance,
                       struct gateio_form form);
const char *gateio_ledger_type(enum keel_income_kind kind);

void gateio_put_trigger(struct keel_writer *json, const char *key,
                        const struct paper_gateio *gateio,
                        const struct paper_conditional *conditional, struct gateio_form form);
void gateio_put_position_close(struct keel_writer *json, const struct paper_gateio *gateio,
                               const struct gateio_position_close *close, struct gateio_form form);
void gateio_put_liquidation(struct keel_writer *json, const struct gateio_forced *forced,
                            struct gateio_form form);
void gateio_put_deleveraging(struct keel_writer *json, const struct gateio_forced *forced,
                             struct gateio_form form);

void gateio_put_contract(struct keel_writer *json, const struct paper_gateio *gateio,
                         keel_market_id market, int64_t now_ms, struct gateio_form form);
/* Public: text everywhere, sizes as `form` says. */
void gateio_put_ticker(struct keel_writer *json, const struct paper_gateio *gateio,
                       keel_market_id market, int64_t now_ms, struct gateio_form form);
void gateio_put_public_trade(struct keel_writer *json, keel_market_id market,
                             const struct paper_public_trade *trade, int64_t time_ms,
                             struct gateio_form form);

#endif
